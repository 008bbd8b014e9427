#include "node/shell/joining.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/node.h"
#include "node/shell/applicant.h"
#include "shared/base/civil.h"
#include "shared/store/env.h"

/* A mistake in so many last characters (one group under check symbols) may be a text cut short. */
enum { SEAL_DAYS = 31, CUT_CHARACTERS = 40 };

#define PAIR(name) ((struct text_pair){.what = TEXT_##name, .next = TEXT_##name##_NEXT})

int joining_complain(const struct joining *joining, struct text_pair pair,
                     const char *const *args) {
    cli_say(joining->call, pair, args);
    return ERR_DENIED;
}

int joining_fail(const struct joining *joining, int error, const char *detail) {
    cli_say(joining->call, text_of_error(error), NULL);
    if (detail != NULL) {
        fprintf(joining->call->err, "%s\n", detail);
    }
    return error;
}

/* -- what was given -- */

static int read_invitation(struct joining *joining) {
    char place_text[24];
    char day[24];
    size_t place = 0;
    const char *text = joining->call->arguments[0];
    const enum refusal refusal = invitation_parse(text, &joining->invitation, &place);
    if (refusal == REFUSAL_UNKNOWN_VERSION) {
        return joining_complain(joining, PAIR(NODE_INVITATION_NEW), NULL);
    }
    const size_t length = strlen(text);
    const bool is_ours = strncasecmp(text, "vangnet1:", 9) == 0;
    if (refusal != REFUSAL_NONE && is_ours && (place == 0 || place + CUT_CHARACTERS > length)) {
        (void)snprintf(place_text, sizeof(place_text), "%zu", length);
        return joining_complain(joining, PAIR(NODE_INVITATION_CUT), TEXT_ARGS(place_text));
    }
    if (refusal != REFUSAL_NONE && (place == 0 || strchr(text, ':') == NULL)) {
        return joining_complain(joining, PAIR(NODE_INVITATION_NONE), NULL);
    }
    if (refusal != REFUSAL_NONE) {
        char near[24] = "";
        const size_t from = place > 6 ? place - 6 : 0;
        (void)snprintf(near, sizeof(near), "%.12s", text + (from < strlen(text) ? from : 0));
        (void)snprintf(place_text, sizeof(place_text), "%zu", place);
        return joining_complain(joining, PAIR(NODE_INVITATION_MISTYPED),
                                TEXT_ARGS(place_text, near));
    }
    if (joining->invitation.expires_ms <= joining->now_ms) {
        const int64_t at_ms = joining->invitation.expires_ms;
        date_format(brussels_day(at_ms), day);
        return joining_complain(joining, PAIR(NODE_INVITATION_EXPIRED), TEXT_ARGS(day));
    }
    return 0;
}

static int read_member(struct joining *joining) {
    const struct cli_call *call = joining->call;
    struct applicant_fault fault;
    const struct applicant_words words = {
        .org = cli_text(call, "org", ""),
        .name = cli_text(call, "name", ""),
        .kind = cli_text(call, "kind", ""),
        .competence = cli_text(call, "competence", NULL),
        .nis = cli_text(call, "nis", NULL),
        .services = cli_text(call, "service", NULL),
        .languages = cli_text(call, "language", NULL),
        .onthaal = cli_text(call, "onthaal", NULL),
        .walk_in = cli_text(call, "walk-in", NULL),
        .sitting = cli_text(call, "sitting", NULL),
        .kbo = cli_text(call, "kbo", NULL),
        .may_take_consent = cli_text(call, "may-take-consent", NULL),
        .may_sanction = cli_flag(call, "may-sanction"),
        .hidden = cli_flag(call, "hidden"),
    };
    int r = applicant_read(&words, joining->arena, &joining->org, &joining->member, &fault);
    if (r == ERR_MALFORMED) {
        const struct text_pair pair = {.what = TEXT_NODE_JOIN_WORD,
                                       .next = fault.nearest[0] == '\0' ? TEXT_NODE_JOIN_WORD_NEXT
                                                                        : TEXT_NODE_NEAREST};
        return joining_complain(joining, pair, TEXT_ARGS(fault.option, fault.value, fault.nearest));
    }
    return r < 0 ? joining_fail(joining, r, NULL) : 0;
}

/* Another organisation or hub than the one that stands there is never overwritten. */
static int check_standing(const struct joining *joining) {
    struct settings standing;
    struct config_error error = {0};
    if (!place_has(&joining->place, PLACE_CONFIG)) {
        return 0;
    }
    int r = settings_load(&joining->place, &standing, &error);
    if (r < 0) {
        return joining_fail(joining, r, error.text);
    }
    if (!org_id_equal(&standing.own.org, &joining->org) ||
        !digest_equal(&standing.fingerprint, &joining->invitation.fingerprint)) {
        return joining_complain(
            joining, PAIR(NODE_JOIN_OTHER),
            TEXT_ARGS(joining->place.dir, standing.own.org.text, standing.own.hub.text));
    }
    if (!place_has(&joining->place, PLACE_JOINING)) {
        return joining_complain(joining, PAIR(NODE_JOINED_ALREADY),
                                TEXT_ARGS(joining->place.dir, standing.own.hub.text));
    }
    return 0;
}

int joining_read(struct joining *joining) {
    int r = read_invitation(joining);
    r = r < 0 ? r : read_member(joining);
    return r < 0 ? r : check_standing(joining);
}

/* -- the directory -- */

static int make_request(struct joining *joining) {
    struct member *member = &joining->member;
    memcpy(member->curve.bytes, joining->keys.transport.bytes, 32);
    memcpy(member->sign.bytes, joining->keys.sign.bytes, 32);
    memcpy(member->seal.bytes, joining->keys.seal.bytes, 32);
    memcpy(member->contact.bytes, joining->keys.contact.bytes, 32);
    member->contact_from_day = brussels_day(joining->now_ms);
    member->seal_until_day = member->contact_from_day + SEAL_DAYS;
    const struct join_application application = {.organisation = joining->org,
                                                 .member = *member,
                                                 .now_ms = joining->now_ms,
                                                 .hub = joining->invitation.hub};
    struct packet packet = {.content = PACKET_JOIN_REQUEST};
    struct bytes encoded;
    int r = join_application_encode(&application, joining->arena, &encoded);
    r = r < 0 ? r
              : join_compose(&joining->invitation, encoded, &joining->keys.secret->sign,
                             joining->arena, &packet.join_request);
    return r < 0 ? r : packet_encode(&packet, joining->arena, &joining->request);
}

/* The same invitation as last time: the same bytes, which the hub may have seen already. */
static int resume_request(struct joining *joining, bool *ret_same) {
    struct bytes before;
    struct packet packet;
    *ret_same = false;
    int r = place_read(&joining->place, PLACE_JOINING, PACKET_BYTES_MAX, &before);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    const struct bytes copy = arena_copy(joining->arena, before);
    free((void *)(uintptr_t)before.data);
    if (copy.data == NULL) {
        return ERR_NO_MEMORY;
    }
    if (packet_decode(copy, joining->arena, &packet) == REFUSAL_NONE &&
        packet.content == PACKET_JOIN_REQUEST &&
        memcmp(packet.join_request.invitation, joining->invitation.id.bytes, 16) == 0) {
        joining->request = copy;
        *ret_same = true;
    }
    return 0;
}

static int found(const struct joining *joining) {
    const struct place_path path = place_path(&joining->place, PLACE_STORE);
    const struct store_params params = {.path = path.text, .durability = STORE_DURABLE};
    const struct node_founding founding = {.own = joining->settings.own,
                                           .fingerprint = joining->settings.fingerprint,
                                           .now_ms = joining->now_ms};
    struct store *store;
    int r = store_open(&params, &store);
    if (r < 0) {
        return r;
    }
    r = node_found(store, &founding);
    store_close(store);
    return r == ERR_EXISTS ? 0 : r;
}

static void fill_settings(struct joining *joining) {
    const struct invitation *invitation = &joining->invitation;
    struct settings *settings = &joining->settings;
    *settings = (struct settings){
        .own = {.org = joining->org, .hub = invitation->hub},
        .fingerprint = invitation->fingerprint,
        .http_port = 8480,
        .lock_memory = !cli_flag(joining->call, "no-lock"),
    };
    memcpy(settings->hub_key, invitation->hub_curve.bytes, 32);
    (void)snprintf(settings->name, sizeof(settings->name), "%s", joining->member.name);
    (void)snprintf(settings->endpoint, sizeof(settings->endpoint), "%s", invitation->endpoint);
    (void)snprintf(settings->join_endpoint, sizeof(settings->join_endpoint), "%s",
                   invitation->join_endpoint);
}

/* Each step may stand there already, from a join that was broken off; node.ini comes last, so a
 * directory with it is whole. */
int joining_prepare(struct joining *joining) {
    bool same;
    int r = place_make(&joining->place);
    if (r == ERR_EXISTS) {
        return joining_complain(joining, PAIR(NODE_DIR_FOREIGN), TEXT_ARGS(joining->place.dir));
    }
    fill_settings(joining);
    r = r < 0 ? r : found(joining);
    r = r < 0 ? r : keys_make(&joining->place);
    r = r < 0 ? r : keys_load(&joining->place, &joining->keys);
    r = r < 0 ? r : resume_request(joining, &same);
    if (r == 0 && !same) {
        r = make_request(joining);
        r = r < 0 ? r : place_write(&joining->place, PLACE_JOINING, joining->request);
    }
    r = r < 0 ? r : settings_save(&joining->place, &joining->settings);
    return r < 0 ? joining_fail(joining, r, joining->place.dir) : 0;
}
