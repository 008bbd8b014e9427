#include "tests/unit/node/core/desk.h"

#include <stdlib.h>

#include "shared/post/outbox.h"
#include "tests/unit/shared/members/region.h"

static const struct {
    const char *org;
    enum org_kind kind;
    uint32_t onthaal;
    uint32_t catchment;
} orgs[DESK_ORGS] = {
    [ORG_OURS] = {"ocmw-kortrijk", ORG_KIND_OCMW, 0, 34022},
    [ORG_GENT] = {"ocmw-gent", ORG_KIND_OCMW, 0, 44021},
    [ORG_CAW] = {"caw-west", ORG_KIND_CAW, 34040, 34027},
    [ORG_SCHOOL] = {"school-menen", ORG_KIND_SCHOOL, 34040, 0},
    [ORG_GROUP] = {"buren-voor-buren", ORG_KIND_VOLUNTEERS, 0, 0},
};

/* -- keys -- */

static int give_key(void *context, uint64_t id, struct record_key *ret) {
    (void)context;
    if (id == 0) {
        return ERR_NOT_FOUND;
    }
    *ret = (struct record_key){.id = id};
    memset(ret->key.bytes, (int)(id % 251), sizeof(ret->key.bytes));
    return 0;
}

static struct curve_public contact_keys(int number, struct curve_secret *ret) {
    struct curve_public public_key;
    uint8_t seed[32];
    memset(seed, 100 + number, sizeof(seed));
    curve_keys_from_seed(seed, "box/v1", &public_key, ret);
    return public_key;
}

static int give_secret(void *context, const uint8_t public_key[static 32],
                       struct curve_secret *ret) {
    struct desk *desk = context;
    struct curve_secret secret;
    const struct curve_public ours = contact_keys(ORG_OURS, &secret);
    (void)desk;
    if (memcmp(ours.bytes, public_key, sizeof(ours.bytes)) != 0) {
        return ERR_NOT_FOUND;
    }
    *ret = secret;
    return 0;
}

/* -- a directory -- */

static void join_org(struct desk *desk, int number) {
    struct catchment catchment = {.nis = {orgs[number].catchment}};
    struct nis onthaal = {orgs[number].onthaal};
    struct member member = member_of(desk->region, 10 + 3 * number);
    const struct curve_public contact = contact_keys(number, &desk->contacts[number]);
    member.kind = orgs[number].kind;
    memcpy(member.contact.bytes, contact.bytes, sizeof(contact.bytes));
    member.catchment = &catchment;
    member.catchment_count = catchment.nis.code == 0 ? 0 : 1;
    member.onthaal = &onthaal;
    member.onthaal_count = onthaal.code == 0 ? 0 : 1;
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, orgs[number].org, &member);
    take(desk->region, make(desk->region, &op, 1, two_directors));
    desk->orgs[number] = org_of(orgs[number].org);
    desk->signs[number] = desk->region->secrets[10 + 3 * number];
}

static void make_node(struct desk *desk) {
    static const struct disclosure_key disclosure;
    static const struct vault_index_key index = {{7}};
    struct node *node = &desk->node;
    node->params.own.org = desk->orgs[ORG_OURS];
    assert_int_equal(hub_id_parse("kortrijk", &node->params.own.hub), 0);
    node->hub = (struct address){.org = HUB_ORG, .hub = node->params.own.hub};
    node->params.keys = (struct node_keys){
        .sign_secret = &desk->signs[ORG_OURS],
        .disclosure = &disclosure,
        .index = &index,
        .records = {.get = give_key, .context = desk},
        .sealing = {.get = give_secret, .context = desk},
    };
    node_offer_keys(node, 1000, 1000);
}

struct desk *desk_new(void) {
    static const uint8_t seed[32] = {3};
    struct desk *desk = calloc(1, sizeof(*desk));
    assert_non_null(desk);
    desk->region = begin();
    desk->txn = desk->region->txn;
    desk->arena = desk->region->arena;
    rng_init(&desk->rng, seed);
    found(desk->region, 2);
    for (int i = 0; i < DESK_ORGS; i++) {
        join_org(desk, i);
    }
    make_node(desk);
    desk->now_ms = region_start_ms + (int64_t)DAY_MS;
    desk->today = brussels_day(desk->now_ms);
    memset(desk->card.secret, 0x5a, sizeof(desk->card.secret));
    desk->handle = card_handle(&desk->card, &desk->node.params.own.hub);
    uint32_t all = 0;
#define X(name, number, text) all |= scope_bit(name);
    SCOPE_LIST(X)
#undef X
    desk->token = desk_token(desk, 1, all);
    return desk;
}

void desk_free(struct desk *desk) {
    end(desk->region);
    free(desk);
}

void desk_pass(struct desk *desk, int32_t days) {
    desk->now_ms += (int64_t)days * DAY_MS;
    desk->today = brussels_day(desk->now_ms);
}

/* -- decide and apply -- */

static struct turn_view view_of(struct desk *desk) {
    return (struct turn_view){
        .txn = desk->txn, .now_ms = desk->now_ms, .rng = &desk->rng, .arena = desk->arena};
}

static struct decision *decision_of(struct desk *desk) {
    struct decision *decision = ARENA_NEW(desk->arena, struct decision);
    assert_non_null(decision);
    decision->arena = desk->arena;
    return decision;
}

static void keep_sent(struct desk *desk, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    struct envelope envelope;
    if (read_u8(&reader) != 1) {
        return; /* a note that's dropped */
    }
    (void)read_u8(&reader);  /* lane */
    (void)read_u64(&reader); /* the key that it's sealed under, */
    (void)read_u8(&reader);  /* and whether alone */
    assert_true(desk->sent_count < DESK_SENT_MAX);
    struct desk_sent *sent = &desk->sent[desk->sent_count++];
    sent->envelope = read_run(&reader);
    assert_int_equal(envelope_decode(sent->envelope, desk->arena, &envelope), REFUSAL_NONE);
    sent->body = envelope.body;
    assert_int_equal(sent_find(desk->txn, &envelope.id, &sent->note), 0);
    assert_int_equal(sent->note.kind, envelope.kind);
}

static void apply_all(struct desk *desk, const struct decision *decision) {
    const struct turn_view view = view_of(desk);
    for (size_t i = 0; i < decision->fact_count; i++) {
        const struct fact *fact = &decision->facts[i];
        bool family = fact->type >= NODE_FACT_FAMILY;
        assert_int_equal(
            family ? families_apply(&desk->node, &view, fact) : register_apply(&view, fact), 0);
        if (fact->type == NODE_FACT_SENT) {
            keep_sent(desk, fact);
        }
    }
    assert_int_equal(store_txn_error(desk->txn), 0);
}

enum refusal desk_command_by(struct desk *desk, enum role role, const char *user,
                             enum node_command kind, const void *arguments) {
    struct command command = {.actor = {.role = role}, .kind = kind, .arguments = arguments};
    struct decision *decision = decision_of(desk);
    const struct turn_view view = view_of(desk);
    assert_int_equal(user_id_parse(user, &command.actor.user), 0);
    assert_int_equal(team_id_parse("intake", &command.actor.team), 0);
    bool family = kind >= NODE_COMMAND_CONSENT_GIVE;
    assert_int_equal(family ? families_decide(&desk->node, &view, &command, decision)
                            : register_decide(&desk->node, &view, &command, decision),
                     0);
    if (decision->refusal != REFUSAL_NONE) {
        assert_int_equal(decision->fact_count, 0); /* nothing is stored of what is refused */
    }
    apply_all(desk, decision);
    memset(desk->result, 0, sizeof(desk->result));
    assert_true(decision->result.length < sizeof(desk->result));
    if (decision->result.length > 0) {
        memcpy(desk->result, decision->result.data, decision->result.length);
    }
    return decision->refusal;
}

enum refusal desk_command(struct desk *desk, enum node_command kind, const void *arguments) {
    return desk_command_by(desk, ROLE_CASEWORKER, "els", kind, arguments);
}

void desk_due(struct desk *desk) {
    size_t facts = 1;
    for (int tick = 0; facts > 0; tick++) {
        struct decision *decision = decision_of(desk);
        const struct turn_view view = view_of(desk);
        assert_true(tick < 100);
        assert_int_equal(work_decide_due(&desk->node, &view, decision), 0);
        apply_all(desk, decision);
        facts = decision->fact_count;
    }
}

void desk_settle(struct desk *desk, size_t at, enum refusal refusal) {
    struct decision *decision = decision_of(desk);
    const struct turn_view view = view_of(desk);
    assert_true(at < desk->sent_count);
    struct sent_note note = desk->sent[at].note;
    note.settled = true;
    note.refusal = refusal;
    assert_int_equal(work_sent_settled(&desk->node, &view, &note, decision), 0);
    apply_all(desk, decision);
}

const struct desk_sent *desk_last(const struct desk *desk, enum message_kind kind) {
    for (size_t i = desk->sent_count; i > 0; i--) {
        if (desk->sent[i - 1].note.kind == kind) {
            return &desk->sent[i - 1];
        }
    }
    fail_msg("nothing of kind %d was sent", (int)kind);
    abort();
}

size_t desk_count(const struct desk *desk, enum message_kind kind) {
    size_t count = 0;
    for (size_t i = 0; i < desk->sent_count; i++) {
        count += desk->sent[i].note.kind == kind ? 1 : 0;
    }
    return count;
}

/* -- the register -- */

void desk_import(struct desk *desk, const struct register_case *cases, size_t count) {
    struct import_begin_arguments begin_it = {.record_key = 1 + desk->file};
    struct register_generation staged;
    be64_write(begin_it.file.bytes, ++desk->file);
    assert_int_equal(desk_command(desk, NODE_COMMAND_IMPORT_BEGIN, &begin_it), REFUSAL_NONE);
    assert_int_equal(register_staged(desk->txn, &staged), 0);
    const struct import_rows_arguments rows = {
        .generation = staged.generation, .cases = cases, .count = count};
    assert_int_equal(desk_command(desk, NODE_COMMAND_IMPORT_ROWS, &rows), REFUSAL_NONE);
    const struct import_end_arguments end_it = {.generation = staged.generation};
    assert_int_equal(desk_command(desk, NODE_COMMAND_IMPORT_SWITCH, &end_it), REFUSAL_NONE);
}

struct register_case desk_case(const struct desk *desk, const char *id) {
    struct register_case one = {
        .nis = {34022},
        .service = desk_service("budget"),
        .asked_day = desk->today - 100,
        .first_appointment_day = REGISTER_DAY_NONE,
        .last_contact_day = REGISTER_DAY_NONE,
        .closed_day = REGISTER_DAY_NONE,
    };
    memcpy(one.id, id, strlen(id));
    return one;
}

/* -- notices -- */

struct notice desk_notice(struct desk *desk, enum notice_kind kind) {
    return (struct notice){.kind = kind,
                           .purpose = PURPOSE_SUPPORT,
                           .id = desk_id((uint8_t)rng_u64(&desk->rng)),
                           .handle = desk->handle,
                           .token = desk->token};
}

enum refusal desk_hear(struct desk *desk, const struct notice *notice,
                       const struct envelope *origin) {
    struct decision *decision = decision_of(desk);
    const struct turn_view view = view_of(desk);
    struct consent_token token;
    struct notice_news news = {.notice = notice, .said_ms = desk->now_ms, .origin = origin};
    if (notice->token.token.length > 0) {
        assert_int_equal(consent_token_decode(notice->token.token, desk->arena, &token),
                         REFUSAL_NONE);
        news.token = &token;
    }
    assert_int_equal(items_take_notice(&desk->node, &view, &news, decision), 0);
    if (decision->refusal == REFUSAL_NONE) {
        apply_all(desk, decision);
    }
    return decision->refusal;
}

struct envelope desk_origin(const struct desk *desk, enum desk_org from, enum message_kind kind,
                            struct bytes body) {
    return (struct envelope){
        .version = WIRE_VERSION,
        .sender = {.org = desk->orgs[from], .hub = desk->node.params.own.hub},
        .recipient = desk->node.hub,
        .kind = kind,
        .body = body,
    };
}

struct signed_token desk_token(struct desk *desk, uint32_t number, uint32_t scopes) {
    struct sign_public family;
    struct sign_secret family_secret;
    struct sign_public presence;
    struct sign_secret presence_secret;
    const struct presence_seed seed = card_presence_seed(&desk->card, &desk->node.params.own.hub);
    struct consent_token token = {
        .version = FAMILY_VERSION,
        .hub = desk->node.params.own.hub,
        .handle = desk->handle,
        .number = number,
        .scopes = {scopes},
        .end_month = month_of_day(desk->today) + 6,
        .issuer = desk->orgs[ORG_OURS],
    };
    struct signed_token made;
    if ((scopes & scope_bit(SCOPE_FALLBACK)) != 0) {
        token.fallback_first = desk->orgs[ORG_GENT];
    }
    card_family_keys(&desk->card, &desk->node.params.own.hub, &family, &family_secret);
    presence_keys(&seed, &presence, &presence_secret);
    memcpy(token.family_key, family.bytes, sizeof(family.bytes));
    memcpy(token.presence_key, presence.bytes, sizeof(presence.bytes));
    const struct consent_signers signers = {.family = &family_secret,
                                            .organisation = &desk->signs[ORG_OURS]};
    assert_int_equal(consent_token_sign(&token, &signers, desk->arena, &made), 0);
    return made;
}

/* -- looking -- */

struct item *desk_item(struct desk *desk, uint32_t number) {
    const struct family_vault vault = node_family_vault(&desk->node);
    struct item *item;
    assert_int_equal(item_get(desk->txn, &vault, number, desk->arena, &item), 0);
    return item;
}

static int count_one(void *context, const struct item *item) {
    size_t *count = context;
    (void)item;
    (*count)++;
    return 0;
}

size_t desk_items(struct desk *desk) {
    const struct family_vault vault = node_family_vault(&desk->node);
    size_t count = 0;
    assert_int_equal(item_each(desk->txn, &vault, desk->arena, count_one, &count), 0);
    return count;
}

struct family_row *desk_row(struct desk *desk, uint32_t number) {
    const struct family_vault vault = node_family_vault(&desk->node);
    struct family_row *row;
    assert_int_equal(family_by_number(desk->txn, &vault, number, desk->arena, &row), 0);
    return row;
}

struct contact desk_open(const struct desk *desk, enum desk_org org, const struct sealed *sealed) {
    struct contact contact;
    assert_int_equal(contact_open(sealed, &desk->contacts[org], &contact), 0);
    return contact;
}

struct sealed desk_seal(struct desk *desk, enum desk_org org, const char *text, bool presence) {
    struct contact contact = {.has_presence = presence};
    struct curve_secret secret;
    const struct curve_public to = contact_keys(org, &secret);
    uint8_t seed[32];
    struct sealed sealed;
    memcpy(contact.text, text, strlen(text));
    if (presence) {
        contact.presence = card_presence_seed(&desk->card, &desk->node.params.own.hub);
    }
    rng_fill(&desk->rng, seed, sizeof(seed));
    assert_int_equal(contact_seal(&contact, &to, seed, desk->arena, &sealed), 0);
    return sealed;
}

struct items_waiting desk_waiting(struct desk *desk, const char *team) {
    const struct family_vault vault = node_family_vault(&desk->node);
    struct items_question question = {.now_ms = desk->now_ms};
    struct items_waiting waiting;
    if (team != NULL) {
        assert_int_equal(team_id_parse(team, &question.team), 0);
    }
    assert_int_equal(items_waiting(desk->txn, &vault, &question, desk->arena, &waiting), 0);
    return waiting;
}

struct message_id desk_id(uint8_t number) {
    struct message_id id;
    memset(id.bytes, number, sizeof(id.bytes));
    return id;
}

struct service_id desk_service(const char *text) {
    struct service_id service;
    assert_int_equal(service_id_parse(text, &service), 0);
    return service;
}

uint32_t desk_support(struct desk *desk, const char *case_id) {
    const struct support_start_arguments start = {
        .who = {.card = &desk->card},
        .words = {.kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR, .case_id = case_id}};
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NONE);
    return desk_last(desk, MESSAGE_KIND_SUPPORT)->note.family;
}

struct support desk_said(struct desk *desk) {
    const struct presence_seed seed = card_presence_seed(&desk->card, &desk->node.params.own.hub);
    struct sign_public presence;
    struct sign_secret secret;
    struct proven proven;
    struct support said;
    const struct bytes body = desk_last(desk, MESSAGE_KIND_SUPPORT)->body;
    presence_keys(&seed, &presence, &secret);
    assert_int_equal(proven_decode(body, desk->arena, &proven), REFUSAL_NONE);
    assert_true(consent_proved(&proven, SUPPORT_DOMAIN, &presence));
    assert_int_equal(support_decode(proven.statement, desk->arena, &said), REFUSAL_NONE);
    assert_true(family_handle_equal(&said.handle, &desk->handle));
    assert_true(org_id_equal(&said.org, &desk->orgs[ORG_OURS]));
    assert_int_equal(said.purpose, PURPOSE_SUPPORT);
    return said;
}
