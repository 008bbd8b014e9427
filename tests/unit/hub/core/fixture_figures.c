#include "tests/unit/hub/core/fixture.h"

struct bytes signal_body(struct fixture *fixture, const struct signal *signal) {
    struct bytes body;
    assert_int_equal(signal_encode(signal, fixture->arena, &body), 0);
    return body;
}

struct bytes status_body(struct fixture *fixture, const struct status *status) {
    struct bytes body;
    assert_int_equal(status_encode(status, fixture->arena, &body), 0);
    return body;
}

struct signal signal_plain(int32_t as_of_day) {
    return (struct signal){
        .as_of_day = as_of_day,
        .period_days = 7,
        .origin = FIGURES_ORIGIN_REGISTER,
        .start_event = START_EVENT_ASKED,
        .open = count_value(100),
        .waiting = count_value(40),
    };
}

struct answer fixture_publish(struct fixture *fixture, struct party *party,
                              const struct signal *signal) {
    struct mail mail = mail_next(fixture, party, MESSAGE_KIND_SIGNAL, signal_body(fixture, signal));
    return fixture_post(fixture, party, &mail);
}

struct answer fixture_set_status(struct fixture *fixture, struct party *party,
                                 const struct status *status) {
    struct mail mail = mail_next(fixture, party, MESSAGE_KIND_STATUS, status_body(fixture, status));
    return fixture_post(fixture, party, &mail);
}
