#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/post/office.h"
#include "shared/post/outbox.h"
#include "shared/post/pump.h"
#include "tests/unit/shared/post/post_fixture.h"

/* Messages that lie sealed under record keys: what the disk tells, what goes out, and what becomes
 * of them when a key is destroyed. Keys are numbers of the fixture's keyring. */

static const int64_t now_ms = 1800000000000;
static const char secret[] = "of P-17 and nobody else";

static const struct outbox_seal shared_key = {.record_key = 3};
static const struct outbox_seal own_key = {.record_key = 5, .alone = true};

static struct posting compose(struct post_fixture *f, uint64_t id, enum message_kind kind,
                              const char *body) {
    const struct outbox_draft draft = {
        .kind = kind, .id = post_id(id), .created_ms = now_ms, .body = bytes_from_text(body)};
    struct posting posting;
    assert_int_equal(outbox_compose(f->txn, &f->stream, &draft, f->arena, &posting.envelope), 0);
    const struct signature signature = sign_bytes(&f->node_secret, "envelope/v1", posting.envelope);
    posting.signature = arena_copy(f->arena, BYTES_OF(signature));
    return posting;
}

static struct posting push_kind(struct post_fixture *f, uint64_t id, enum message_kind kind,
                                const struct outbox_seal *seal) {
    const struct posting posting = compose(f, id, kind, secret);
    assert_int_equal(outbox_push_sealed(f->txn, &posting, &f->keys, seal, f->arena), 0);
    return posting;
}

static struct posting push(struct post_fixture *f, uint64_t id, const struct outbox_seal *seal) {
    return push_kind(f, id, MESSAGE_KIND_SUPPORT, seal);
}

static void settle_but(struct post_fixture *f, uint64_t to, uint64_t refused_number) {
    const struct outbox_keep keep = {.at = 10, .now_ms = now_ms};
    struct refused refused = {.number = refused_number, .refusal = REFUSAL_NO_CONSENT};
    const struct receipt receipt = {.incarnation = 1,
                                    .contiguous = to,
                                    .refused = &refused,
                                    .refused_count = refused_number == 0 ? 0 : 1};
    const struct outbox_receipt from = {
        .stream = &f->stream, .receipt = &receipt, .keep = &keep, .keys = &f->keys};
    struct outbox_settled settled;
    assert_int_equal(outbox_settle(f->txn, &from, f->arena, &settled), 0);
}

static void settle(struct post_fixture *f, uint64_t to) {
    settle_but(f, to, 0);
}

static uint64_t rows(struct post_fixture *f, enum table table) {
    uint64_t count;
    assert_int_equal(store_count(f->txn, table, &count), 0);
    return count;
}

static bool store_tells(struct post_fixture *f, const char *text) {
    bool found = false;
    for (int table = 0; table < TABLE_COUNT; table++) {
        struct store_cursor cursor;
        for (int r = store_first(f->txn, (enum table)table, &cursor); r == 0;
             r = store_next(&cursor)) {
            found = found ||
                    memmem(cursor.value.data, cursor.value.length, text, strlen(text)) != NULL ||
                    memmem(cursor.key.data, cursor.key.length, text, strlen(text)) != NULL;
        }
    }
    return found;
}

static struct outbox_item item_at(struct post_fixture *f, uint64_t number) {
    struct outbox_item item;
    assert_int_equal(outbox_find(f->txn, &f->stream, number, &item), 0);
    assert_true(item.number == number);
    return item;
}

/* As the hub gets it: its own keys open nothing of it. */
static struct posting sent(struct post_fixture *f, uint64_t number, struct envelope *ret) {
    const struct outbox_end end = {
        .view = f->txn, .stream = &f->stream, .keys = &f->keys, .arena = f->arena};
    const struct outbox_item item = item_at(f, number);
    struct bytes bytes;
    struct packet packet;
    assert_int_equal(outbox_packet(&end, &item, &bytes), 0);
    assert_int_equal(packet_decode(bytes, f->arena, &packet), REFUSAL_NONE);
    assert_int_equal(packet.content, PACKET_POSTING);
    assert_int_equal(envelope_decode(packet.posting.envelope, f->arena, ret), REFUSAL_NONE);
    return packet.posting;
}

/* What the hub says of it. */
static struct office_verdict hub_verdict(struct post_fixture *f, const struct posting *posting) {
    const struct office_peer node = {
        .own = f->hub, .peer = f->node, .role = MEMBER_ROLE_NODE, .sign = f->node_public};
    const struct office_desk desk = {
        .view = f->txn, .peer = &node, .now_ms = now_ms, .arena = f->arena};
    struct office_mail mail;
    struct office_verdict verdict;
    assert_int_equal(office_open(&desk, posting, &mail, &verdict), 0);
    return verdict;
}

/* -- as long as the key is there -- */

static void neither_what_waits_nor_its_copy_lies_in_the_open(void **state) {
    struct post_fixture *f = post_begin();
    push(f, 1, &shared_key);
    push(f, 2, &own_key);
    assert_false(store_tells(f, "P-17"));
    settle(f, 1);
    assert_int_equal(rows(f, TABLE_OUTBOX_KEPT), 1);
    assert_false(store_tells(f, "P-17"));
    const struct posting posting = compose(f, 3, MESSAGE_KIND_SUPPORT, secret);
    assert_int_equal(outbox_push(f->txn, posting.envelope, posting.signature, f->arena), 0);
    assert_true(store_tells(f, "P-17")); /* the test would see it */
    post_end(f);
}

static void it_goes_out_as_it_was_composed(void **state) {
    struct post_fixture *f = post_begin();
    struct envelope envelope;
    const struct posting posting = push(f, 1, &shared_key);
    const struct posting out = sent(f, 1, &envelope);
    assert_true(bytes_equal(out.envelope, posting.envelope));
    assert_true(bytes_equal(out.signature, posting.signature));
    assert_int_equal(hub_verdict(f, &out).refusal, REFUSAL_NONE);
    const struct outbox_item item = item_at(f, 1);
    const struct message_id id = post_id(1);
    assert_true(message_id_equal(&item.id, &id));
    assert_int_equal(item.kind, MESSAGE_KIND_SUPPORT);
    assert_true(item.created_ms == now_ms);
    post_end(f);
}

static void no_key_no_message(void **state) {
    struct post_fixture *f = post_begin();
    const struct posting posting = compose(f, 1, MESSAGE_KIND_SUPPORT, secret);
    f->destroyed[3] = true;
    assert_int_equal(outbox_push_sealed(f->txn, &posting, &f->keys, &shared_key, f->arena),
                     ERR_CRYPTO);
    assert_int_equal(rows(f, TABLE_OUTBOX), 0);
    post_end(f);
}

static void beginning_anew_signs_and_seals_again(void **state) {
    struct post_fixture *f = post_begin();
    struct envelope envelope;
    push(f, 1, &shared_key);
    push(f, 2, &own_key);
    const struct bytes before = arena_copy(f->arena, item_at(f, 2).packet);
    settle(f, 1);
    assert_int_equal(outbox_restart(f->txn, &f->stream, 4, &f->keys), 0);
    const struct posting posting = sent(f, 1, &envelope);
    assert_true(envelope.incarnation == 4 && envelope.number == 1);
    assert_true(bytes_equal(envelope.body, bytes_from_text(secret)));
    assert_int_equal(hub_verdict(f, &posting).refusal, REFUSAL_NONE);
    assert_false(store_tells(f, "P-17"));
    const struct outbox_item item = item_at(f, 1);
    assert_true(item.seal.record_key == 5 && item.seal.alone);
    /* Another number is another plaintext: version and key id are the same, the nonce isn't. */
    assert_memory_equal(item.packet.data, before.data, 1 + 8);
    assert_memory_not_equal(item.packet.data + 9, before.data + 9, 24);
    post_end(f);
}

static void a_hub_put_back_from_its_backup_gets_what_is_sealed_again(void **state) {
    struct post_fixture *f = post_begin();
    struct envelope envelope;
    uint64_t count;
    const struct receipt older = {.incarnation = 1, .contiguous = 1};
    push(f, 1, &shared_key);
    const struct posting posting = push(f, 2, &own_key);
    settle(f, 2);
    assert_int_equal(outbox_put_back(f->txn, &f->stream, &older, &f->keys, &count), 0);
    assert_int_equal(count, 1);
    const struct posting out = sent(f, 2, &envelope);
    assert_true(bytes_equal(out.envelope, posting.envelope));
    assert_false(f->spent[5]);
    /* One that knows nothing of this incarnation gets it under another number. */
    settle(f, 2);
    assert_int_equal(outbox_restart(f->txn, &f->stream, 2, &f->keys), 0);
    assert_int_equal(outbox_put_back(f->txn, &f->stream, &older, &f->keys, &count), 0);
    (void)sent(f, 1, &envelope);
    assert_true(envelope.incarnation == 3);
    assert_true(bytes_equal(envelope.body, bytes_from_text(secret)));
    assert_false(store_tells(f, "P-17"));
    post_end(f);
}

/* -- once the key is destroyed -- */

static void what_nobody_can_open_goes_out_without_a_body_and_uses_its_number(void **state) {
    struct post_fixture *f = post_begin();
    struct envelope envelope;
    const struct message_id id = post_id(1);
    push(f, 1, &shared_key);
    f->destroyed[3] = true;
    const struct posting posting = sent(f, 1, &envelope);
    assert_true(envelope.number == 1 && envelope.incarnation == 1);
    assert_true(message_id_equal(&envelope.id, &id));
    assert_int_equal(envelope.kind, MESSAGE_KIND_SUPPORT);
    assert_int_equal(envelope.lane, LANE_ORDINARY);
    assert_int_equal(envelope.body.length, 0);
    const struct office_verdict verdict = hub_verdict(f, &posting);
    assert_int_equal(verdict.refusal, REFUSAL_EXPIRED);
    assert_true(verdict.numbered);
    /* Where the hub had it before, it's the same message. */
    const struct stamp stamp = {
        .stream = f->stream, .incarnation = 1, .number = 1, .id = post_id(1)};
    inbox_settle(f->txn, &stamp, REFUSAL_NONE);
    assert_true(hub_verdict(f, &posting).duplicate);
    post_end(f);
}

/* A keyring put back from a backup gives numbers out again. */
static void another_key_of_that_number_opens_nothing_and_stops_nothing(void **state) {
    struct post_fixture *f = post_begin();
    struct envelope envelope;
    push(f, 1, &shared_key);
    const struct stream_key key = stream_key(&f->stream, STREAM_OUT);
    const struct stream_message_key at = stream_message_key(&key, 1);
    struct bytes value;
    uint8_t copy[1024];
    assert_int_equal(store_get(f->txn, TABLE_OUTBOX, BYTES_OF(at), &value), 0);
    assert_true(value.length < sizeof(copy));
    memcpy(copy, value.data, value.length);
    copy[value.length - 1] ^= 1; /* as if sealed under another one */
    store_put(f->txn, TABLE_OUTBOX, BYTES_OF(at),
              (struct bytes){.data = copy, .length = value.length});
    (void)sent(f, 1, &envelope);
    assert_int_equal(envelope.body.length, 0);
    post_end(f);
}

static void beginning_anew_leaves_no_hole_where_a_key_is_gone(void **state) {
    struct post_fixture *f = post_begin();
    struct envelope envelope;
    push(f, 1, &shared_key);
    push(f, 2, &own_key);
    f->destroyed[3] = true;
    assert_int_equal(outbox_restart(f->txn, &f->stream, 2, &f->keys), 0);
    const struct posting first = sent(f, 1, &envelope);
    assert_int_equal(envelope.body.length, 0);
    assert_true(envelope.incarnation == 2 && envelope.number == 1);
    assert_int_equal(hub_verdict(f, &first).refusal, REFUSAL_EXPIRED);
    (void)sent(f, 2, &envelope);
    assert_true(bytes_equal(envelope.body, bytes_from_text(secret)));
    post_end(f);
}

/* Takes what the pump gives it. */
struct line {
    struct post_fixture *f;
    uint64_t bodies;
    uint64_t emptied;
};

static int take(void *context, const struct address *peer, struct bytes bytes) {
    struct line *line = context;
    struct packet packet;
    struct envelope envelope;
    (void)peer;
    assert_int_equal(packet_decode(bytes, line->f->arena, &packet), REFUSAL_NONE);
    assert_int_equal(envelope_decode(packet.posting.envelope, line->f->arena, &envelope),
                     REFUSAL_NONE);
    line->bodies += bytes_equal(envelope.body, bytes_from_text(secret)) ? 1 : 0;
    line->emptied += envelope.body.length == 0 ? 1 : 0;
    return 0;
}

static void the_pump_opens_what_it_sends(void **state) {
    struct post_fixture *f = post_begin();
    struct line line = {.f = f};
    struct pump pump;
    const struct pump_link link = {.own = &f->node,
                                   .peer = &f->hub,
                                   .send = take,
                                   .context = &line,
                                   .keys = &f->keys,
                                   .arena = f->arena};
    push(f, 1, &shared_key);
    push(f, 2, &own_key);
    push(f, 3, &(struct outbox_seal){.record_key = 0});
    f->destroyed[3] = true;
    pump_reset(&pump);
    assert_int_equal(pump_run(&pump, f->txn, &link, now_ms), 0);
    assert_int_equal(line.bodies, 2);
    assert_int_equal(line.emptied, 1);
    post_end(f);
}

/* -- keys of which a message has its own -- */

static void a_key_of_its_own_is_spent_with_the_last_copy(void **state) {
    struct post_fixture *f = post_begin();
    push(f, 1, &shared_key);
    push(f, 2, &own_key);
    settle(f, 2);
    assert_false(f->spent[5]);
    assert_int_equal(outbox_trim(f->txn, &f->keys, 9, now_ms, UINT64_MAX), 0);
    assert_false(f->spent[5]);
    assert_int_equal(outbox_trim(f->txn, &f->keys, 10, now_ms, UINT64_MAX), 0);
    assert_true(f->spent[5]);
    assert_false(f->spent[3]); /* others lie under it */
    post_end(f);
}

static void a_refused_message_spends_its_key_at_once(void **state) {
    struct post_fixture *f = post_begin();
    push(f, 1, &own_key);
    push(f, 2, &shared_key);
    settle_but(f, 2, 1);
    assert_true(f->spent[5]);
    assert_int_equal(rows(f, TABLE_OUTBOX_KEPT), 1);
    post_end(f);
}

static void forgetting_looks_into_what_is_sealed(void **state) {
    struct post_fixture *f = post_begin();
    const struct outbox_seal another = {.record_key = 6, .alone = true};
    push(f, 1, &shared_key);
    push(f, 2, &own_key);
    push_kind(f, 3, MESSAGE_KIND_WITHDRAWAL, &another);
    settle(f, 3);
    assert_int_equal(
        outbox_forget(f->txn, &f->keys, bytes_from_text("P-18"), MESSAGE_KIND_WITHDRAWAL, f->arena),
        0);
    assert_int_equal(rows(f, TABLE_OUTBOX_KEPT), 3);
    assert_int_equal(
        outbox_forget(f->txn, &f->keys, bytes_from_text("P-17"), MESSAGE_KIND_WITHDRAWAL, f->arena),
        0);
    assert_int_equal(rows(f, TABLE_OUTBOX_KEPT), 1);
    assert_true(f->spent[5]);
    assert_false(f->spent[6]);
    assert_false(f->spent[3]);
    post_end(f);
}

static void forgetting_spends_the_key_of_what_waits_alone(void **state) {
    struct post_fixture *f = post_begin();
    const struct outbox_seal another = {.record_key = 6, .alone = true};
    push(f, 1, &shared_key);
    push(f, 2, &own_key);
    push_kind(f, 3, MESSAGE_KIND_WITHDRAWAL, &another);
    assert_int_equal(
        outbox_forget(f->txn, &f->keys, bytes_from_text("P-17"), MESSAGE_KIND_WITHDRAWAL, f->arena),
        0);
    assert_int_equal(rows(f, TABLE_OUTBOX), 3); /* each has its number */
    assert_true(f->spent[5]);
    assert_false(f->spent[6]);
    assert_false(f->spent[3]);
    post_end(f);
}

static void copies_that_nobody_can_open_go_at_the_next_forgetting(void **state) {
    struct post_fixture *f = post_begin();
    push(f, 1, &shared_key);
    push(f, 2, &own_key);
    settle(f, 2);
    f->destroyed[3] = true;
    assert_int_equal(
        outbox_forget(f->txn, &f->keys, bytes_from_text("P-18"), MESSAGE_KIND_WITHDRAWAL, f->arena),
        0);
    assert_int_equal(rows(f, TABLE_OUTBOX_KEPT), 1);
    post_end(f);
}

static void the_keys_in_use_are_those_of_what_waits_and_of_copies(void **state) {
    struct post_fixture *f = post_begin();
    const uint64_t *keys = NULL;
    size_t count;
    assert_int_equal(outbox_record_keys(f->txn, f->arena, &keys, &count), 0);
    assert_int_equal(count, 0);
    push(f, 1, &shared_key);
    push(f, 2, &(struct outbox_seal){.record_key = 0});
    push(f, 3, &own_key);
    settle(f, 2);
    assert_int_equal(outbox_record_keys(f->txn, f->arena, &keys, &count), 0);
    assert_int_equal(count, 2);
    assert_true(keys[0] == 5 && keys[1] == 3);
    post_end(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neither_what_waits_nor_its_copy_lies_in_the_open),
        cmocka_unit_test(it_goes_out_as_it_was_composed),
        cmocka_unit_test(no_key_no_message),
        cmocka_unit_test(beginning_anew_signs_and_seals_again),
        cmocka_unit_test(a_hub_put_back_from_its_backup_gets_what_is_sealed_again),
        cmocka_unit_test(what_nobody_can_open_goes_out_without_a_body_and_uses_its_number),
        cmocka_unit_test(another_key_of_that_number_opens_nothing_and_stops_nothing),
        cmocka_unit_test(beginning_anew_leaves_no_hole_where_a_key_is_gone),
        cmocka_unit_test(the_pump_opens_what_it_sends),
        cmocka_unit_test(a_key_of_its_own_is_spent_with_the_last_copy),
        cmocka_unit_test(a_refused_message_spends_its_key_at_once),
        cmocka_unit_test(forgetting_looks_into_what_is_sealed),
        cmocka_unit_test(forgetting_spends_the_key_of_what_waits_alone),
        cmocka_unit_test(copies_that_nobody_can_open_go_at_the_next_forgetting),
        cmocka_unit_test(the_keys_in_use_are_those_of_what_waits_and_of_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
