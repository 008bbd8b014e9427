#include "node/shell/family_request.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/consent/consent.h"
#include "shared/crypto/secret.h"
#include "shared/places/languages.h"

static const char NOTICE_VERSION[] = "vangnet-1";

struct family_request *family_request_new(void) {
    struct family_request *request = secret_new(sizeof(*request));
    if (request != NULL) {
        memset(request, 0, sizeof(*request));
    }
    return request;
}

void family_request_free(struct family_request *request) {
    secret_free(request);
}

/* In the words of who reads it: {0} is the member's name. */
static void fault_text(struct family_reading *reading, enum text_id id, const char *name) {
    char reason[REQUEST_REASON_SIZE];
    text_format(reading->lang, id, TEXT_ARGS(name), reason, sizeof(reason));
    json_fail(reading->reader, reason);
}

/* As above; {1} is what it may be at most. */
static void fault_most(struct family_reading *reading, enum text_id id, const char *name,
                       size_t most) {
    char reason[REQUEST_REASON_SIZE];
    char number[24];
    (void)snprintf(number, sizeof(number), "%zu", most);
    text_format(reading->lang, id, TEXT_ARGS(name, number), reason, sizeof(reason));
    json_fail(reading->reader, reason);
}

static void fault_list(struct family_reading *reading, const char *name) {
    fault_text(reading, TEXT_FAMILY_WRONG_LIST, name);
}

/* -- single values -- */

/* The text of an optional member; "" where it's missing. */
static const char *text_at(struct family_reading *reading, const struct json_value *from,
                           const char *name) {
    return json_find(from, name) == NULL ? "" : json_need_text(reading->reader, from, name);
}

static void copy_text(struct family_reading *reading, const struct json_value *from,
                      const char *name, struct buf *to) {
    const char *text = text_at(reading, from, name);
    const size_t length = strlen(text);
    if (length >= to->size) {
        fault_most(reading, TEXT_FAMILY_WRONG_LONG, name, to->size - 1);
        return;
    }
    memset(to->data, 0, to->size);
    memcpy(to->data, text, length);
}
#define COPY_TEXT(reading, from, name, to)                                                         \
    copy_text(reading, from, name, &(struct buf){.data = (uint8_t *)(to), .size = sizeof(to)})

static bool flag_at(struct family_reading *reading, const struct json_value *from,
                    const char *name) {
    return json_find(from, name) != NULL && json_need_bool(reading->reader, from, name);
}

static uint32_t number_at(struct family_reading *reading, const struct json_value *from,
                          const char *name) {
    if (json_find(from, name) == NULL) {
        return 0;
    }
    const int64_t number = json_need_int(reading->reader, from, name);
    if (number < 1 || number > UINT32_MAX) {
        fault_list(reading, name);
        return 0;
    }
    return (uint32_t)number;
}

static int32_t day_at(struct family_reading *reading, const struct json_value *from,
                      const char *name, int32_t otherwise) {
    int32_t day = otherwise;
    if (json_find(from, name) != NULL &&
        date_parse(json_need_text(reading->reader, from, name), &day) < 0) {
        fault_text(reading, TEXT_FAMILY_WRONG_DATE, name);
    }
    return day;
}

static struct org_id org_at(struct family_reading *reading, const struct json_value *from,
                            const char *name) {
    struct org_id org = {0};
    const char *text = text_at(reading, from, name);
    if (text[0] != '\0' && org_id_parse(text, &org) < 0) {
        fault_text(reading, TEXT_FAMILY_WRONG_ORG, name);
    }
    return org;
}

static struct language language_at(struct family_reading *reading, const struct json_value *from,
                                   const char *name) {
    const char *text = text_at(reading, from, name);
    const struct language_entry *found = language_find(text);
    if (found == NULL) {
        fault_list(reading, name);
        return (struct language){0};
    }
    return found->language;
}

/* A value of a closed list: must, where it isn't optional. */
#define LIST_AT(list)                                                                              \
    static enum list list##_at(struct family_reading *reading, const struct json_value *from,      \
                               const char *name, bool must) {                                      \
        const char *text = text_at(reading, from, name);                                           \
        const enum list value = text[0] == '\0' ? (enum list)0 : list##_parse(text);               \
        char reason[REQUEST_REASON_SIZE];                                                          \
        text_format(reading->lang, TEXT_FAMILY_WRONG_ONE_OF, TEXT_ARGS(name), reason,              \
                    sizeof(reason));                                                               \
        int length = (int)strlen(reason);                                                          \
        for (int i = 1; list##_text((enum list)i) != NULL && length < (int)sizeof(reason); i++) {  \
            length += snprintf(reason + length, sizeof(reason) - (size_t)length, " %s",            \
                               list##_text((enum list)i));                                         \
        }                                                                                          \
        if (value == 0 && (must || text[0] != '\0')) {                                             \
            json_fail(reading->reader, reason);                                                    \
        }                                                                                          \
        return value;                                                                              \
    }
LIST_AT(legal_ground)
LIST_AT(interpreter)
LIST_AT(support_kind)
LIST_AT(support_distance)
LIST_AT(end_reason)
LIST_AT(ask_state)
LIST_AT(ask_reason)
LIST_AT(concern_by)
LIST_AT(concern_reason)
LIST_AT(concern_urgency)
LIST_AT(flag_reason)
LIST_AT(new_card_reason)

/* -- who is meant -- */

unsigned card_group(const char *text, size_t place) {
    unsigned before = 0;
    for (size_t i = 0; place > 0 && text[i] != '\0' && i + 1 < place; i++) {
        before += strchr("- \t\r\n", text[i]) == NULL ? 1 : 0;
    }
    return place == 0 || before >= 28 ? 0 : before / 4 + 1;
}

void family_request_card(struct family_reading *reading, const struct json_value *from,
                         const char *name, struct card *ret, bool *ret_has) {
    size_t place;
    const char *text = text_at(reading, from, name);
    *ret_has = false;
    if (text[0] == '\0') {
        return;
    }
    const enum refusal refusal = card_parse(text, ret, &place);
    if (refusal != REFUSAL_NONE) {
        reading->refusal = refusal;
        reading->group = card_group(text, place);
        return;
    }
    *ret_has = true;
}

static void read_who(struct family_reading *reading, const struct json_value *from,
                     struct family_who *ret) {
    struct family_request *request = reading->request;
    family_request_card(reading, from, "card", &request->card, &request->has_card);
    *ret = (struct family_who){
        .card = request->has_card ? &request->card : NULL,
        .family = number_at(reading, from, "family"),
        .item = number_at(reading, from, "item"),
    };
}

/* -- consent -- */

static struct scopes scopes_at(struct family_reading *reading, const struct json_value *from) {
    struct scopes scopes = {0};
    const struct json_value *list = json_need_array(reading->reader, from, "scopes");
    for (size_t i = 0; i < json_count(list); i++) {
        const enum scope scope = scope_parse(json_need_text(reading->reader, json_at(list, i), ""));
        if (scope == SCOPE_NONE) {
            fault_list(reading, "scopes");
            break;
        }
        scopes.bits |= scope_bit(scope);
    }
    return scopes;
}

/* In whole months, and never beyond the day that the family named. */
static uint32_t end_month_at(struct family_reading *reading, const struct json_value *from) {
    if (json_find(from, "until") == NULL) {
        return consent_end_month_max(reading->today);
    }
    const int32_t day = day_at(reading, from, "until", reading->today);
    return month_of_day(day + 1);
}

static void read_conference(struct family_reading *reading, const struct json_value *from,
                            struct consent_record *record) {
    const struct json_value *list = json_find(from, "conference");
    if (json_count(list) > CONSENT_CONFERENCE_MAX) {
        fault_most(reading, TEXT_FAMILY_WRONG_MANY, "conference", CONSENT_CONFERENCE_MAX);
        return;
    }
    for (size_t i = 0; i < json_count(list); i++) {
        struct org_id *org = &record->conference[record->conference_count++];
        if (org_id_parse(json_need_text(reading->reader, json_at(list, i), ""), org) < 0) {
            fault_text(reading, TEXT_FAMILY_WRONG_ORG, "conference");
        }
    }
}

static void read_record(struct family_reading *reading, const struct json_value *from) {
    struct consent_record *record = &reading->request->record;
    *record = (struct consent_record){
        .language = language_at(reading, from, "language"),
        .ground = json_find(from, "ground") == NULL
                      ? LEGAL_GROUND_CONSENT
                      : legal_ground_at(reading, from, "ground", true),
        .explained_aloud = flag_at(reading, from, "explained_aloud"),
        .interpreter = interpreter_at(reading, from, "interpreter", true),
        .fallback_first = org_at(reading, from, "fallback_first"),
        .fallback_second = org_at(reading, from, "fallback_second"),
        .show_hidden = flag_at(reading, from, "show_hidden"),
    };
    (void)snprintf(record->notice_version, sizeof(record->notice_version), "%s", NOTICE_VERSION);
    COPY_TEXT(reading, from, "interpreter_desk", record->interpreter_desk);
    COPY_TEXT(reading, from, "teach_back", record->teach_back);
    COPY_TEXT(reading, from, "present", record->present);
    read_conference(reading, from, record);
}

/* The same words for both that the family chose, unless they're given apart. */
static void read_contacts(struct family_reading *reading, const struct json_value *from,
                          const char **ret_first, const char **ret_second) {
    struct family_request *request = reading->request;
    const bool apart = json_find(from, "contact_second") != NULL;
    COPY_TEXT(reading, from, "contact", request->contact_first);
    COPY_TEXT(reading, from, apart ? "contact_second" : "contact", request->contact_second);
    const bool first = request->record.fallback_first.text[0] != '\0';
    const bool second = request->record.fallback_second.text[0] != '\0';
    *ret_first = first && request->contact_first[0] != '\0' ? request->contact_first : NULL;
    *ret_second = second && request->contact_second[0] != '\0' ? request->contact_second : NULL;
}

static void read_words(struct family_reading *reading, const struct json_value *from,
                       struct support_words *ret) {
    struct family_request *request = reading->request;
    COPY_TEXT(reading, from, "case", request->case_id);
    *ret = (struct support_words){
        .kind = support_kind_at(reading, from, "kind", true),
        .distance = support_distance_at(reading, from, "distance", true),
        .case_id = request->case_id[0] == '\0' ? NULL : request->case_id,
        .named = flag_at(reading, from, "named"),
    };
}

static void read_give(struct family_reading *reading, const struct json_value *from,
                      struct consent_give_arguments *ret) {
    struct family_request *request = reading->request;
    read_record(reading, from);
    COPY_TEXT(reading, from, "telephone", request->telephone);
    *ret = (struct consent_give_arguments){
        .card = &request->card,
        .record = &request->record,
        .scopes = scopes_at(reading, from),
        .end_month = end_month_at(reading, from),
        .with_support = json_find(from, "support") != NULL,
    };
    read_contacts(reading, from, &ret->contact_first, &ret->contact_second);
    if (ret->with_support) {
        read_words(reading, json_need_object(reading->reader, from, "support"), &ret->support);
    }
}

static void read_new_card(struct family_reading *reading, const struct json_value *from) {
    struct family_request *request = reading->request;
    struct new_card_arguments *arguments = &request->arguments.new_card;
    const struct json_value *tell = json_find(from, "tell");
    read_give(reading, from, &arguments->give);
    family_request_card(reading, from, "old_card", &request->old_card, &request->has_old_card);
    arguments->old = (struct family_who){
        .card = request->has_old_card ? &request->old_card : NULL,
        .family = number_at(reading, from, "family"),
    };
    arguments->reason = new_card_reason_at(reading, from, "reason", true);
    arguments->tell = request->tell;
    if (json_count(tell) > FAMILY_SUPPORTS_MAX) {
        fault_most(reading, TEXT_FAMILY_WRONG_MANY, "tell", FAMILY_SUPPORTS_MAX);
        return;
    }
    for (size_t i = 0; i < json_count(tell); i++) {
        struct org_id *org = &request->tell[arguments->tell_count++];
        if (org_id_parse(json_need_text(reading->reader, json_at(tell, i), ""), org) < 0) {
            fault_text(reading, TEXT_FAMILY_WRONG_ORG, "tell");
        }
    }
}

static void need_card(struct family_reading *reading, const struct json_value *from) {
    struct family_request *request = reading->request;
    family_request_card(reading, from, "card", &request->card, &request->has_card);
    if (!request->has_card && reading->refusal == REFUSAL_NONE) {
        fault_text(reading, TEXT_FAMILY_WRONG_MISSING, "card");
    }
}

static void read_change(struct family_reading *reading, const struct json_value *from) {
    struct family_request *request = reading->request;
    struct consent_change_arguments *arguments = &request->arguments.change;
    const bool widens = json_find(from, "teach_back") != NULL;
    need_card(reading, from);
    if (widens) {
        read_record(reading, from);
    }
    *arguments = (struct consent_change_arguments){
        .card = &request->card,
        .scopes = scopes_at(reading, from),
        .end_month = json_find(from, "until") == NULL ? 0 : end_month_at(reading, from),
        .record = widens ? &request->record : NULL,
    };
    read_contacts(reading, from, &arguments->contact_first, &arguments->contact_second);
}

static void read_withdraw(struct family_reading *reading, const struct json_value *from) {
    struct family_request *request = reading->request;
    struct withdraw_arguments *arguments = &request->arguments.withdraw;
    read_who(reading, from, &arguments->who);
    COPY_TEXT(reading, from, "note", request->note);
    arguments->basis = arguments->who.card != NULL ? WITHDRAWAL_CARD : WITHDRAWAL_PAPER;
    arguments->note = request->note[0] == '\0' ? NULL : request->note;
}

/* -- support, questions, concerns -- */

static void read_support(struct family_reading *reading, const struct json_value *from) {
    struct support_start_arguments *arguments = &reading->request->arguments.start;
    read_who(reading, from, &arguments->who);
    read_words(reading, from, &arguments->words);
}

static struct nis nis_at(struct family_reading *reading, const struct json_value *from,
                         const char *name) {
    struct nis nis = {0};
    const char *text = text_at(reading, from, name);
    if (text[0] != '\0' && nis_parse(text, &nis) < 0) {
        fault_text(reading, TEXT_FAMILY_WRONG_NIS, name);
    }
    return nis;
}

static void read_end(struct family_reading *reading, const struct json_value *from) {
    struct support_end_arguments *arguments = &reading->request->arguments.end;
    read_who(reading, from, &arguments->who);
    arguments->why = end_reason_at(reading, from, "why", true);
    arguments->end_day = day_at(reading, from, "on", reading->today);
    arguments->moving_to = nis_at(reading, from, "moving_to");
    arguments->successor = org_at(reading, from, "successor");
}

static void read_ask(struct family_reading *reading, const struct json_value *from) {
    struct family_request *request = reading->request;
    struct ask_arguments *arguments = &request->arguments.ask;
    read_who(reading, from, &arguments->who);
    COPY_TEXT(reading, from, "contact", request->contact_first);
    arguments->to = org_at(reading, from, "to");
    arguments->asked_day = day_at(reading, from, "asked", reading->today);
    arguments->contact = request->contact_first[0] == '\0' ? NULL : request->contact_first;
    arguments->with_presence = flag_at(reading, from, "with_presence");
    if (service_id_parse(json_need_text(reading->reader, from, "service"), &arguments->service) <
        0) {
        fault_list(reading, "service");
    }
    if (arguments->to.text[0] == '\0') {
        fault_text(reading, TEXT_FAMILY_WRONG_MISSING, "to");
    }
}

static void read_answer(struct family_reading *reading, const struct json_value *from) {
    struct ask_answer_arguments *arguments = &reading->request->arguments.answer;
    arguments->item = number_at(reading, from, "item");
    arguments->state = ask_state_at(reading, from, "state", true);
    arguments->reason = ask_reason_at(reading, from, "reason", false);
    arguments->passed_to = org_at(reading, from, "passed_to");
}

static void read_concern(struct family_reading *reading, const struct json_value *from) {
    struct concern_arguments *arguments = &reading->request->arguments.concern;
    need_card(reading, from);
    arguments->card = &reading->request->card;
    arguments->by = concern_by_at(reading, from, "by", true);
    arguments->reason = concern_reason_at(reading, from, "reason", true);
    arguments->urgency = concern_urgency_at(reading, from, "urgency", true);
    if (json_find(from, "raised_ms") != NULL) {
        arguments->at_ms = json_need_int(reading->reader, from, "raised_ms");
    }
}

static void read_call_back(struct family_reading *reading, const struct json_value *from) {
    struct family_request *request = reading->request;
    struct call_back_arguments *arguments = &request->arguments.call_back;
    COPY_TEXT(reading, from, "contact", request->contact_first);
    arguments->nis = nis_at(reading, from, "municipality");
    arguments->language = language_at(reading, from, "language");
    arguments->contact = request->contact_first;
    if (request->contact_first[0] == '\0' || arguments->nis.code == 0) {
        fault_text(reading, TEXT_FAMILY_WRONG_MISSING, "contact, municipality");
    }
}

static void read_informal(struct family_reading *reading, const struct json_value *from) {
    struct family_request *request = reading->request;
    COPY_TEXT(reading, from, "name", request->informal_name);
    COPY_TEXT(reading, from, "what", request->informal_what);
    request->arguments.informal = (struct informal_arguments){
        .family = number_at(reading, from, "family"),
        .name = request->informal_name,
        .what = request->informal_what,
        .remove = flag_at(reading, from, "remove"),
    };
    if (request->informal_name[0] == '\0') {
        fault_text(reading, TEXT_FAMILY_WRONG_MISSING, "name");
    }
}

void family_request_script(struct family_reading *reading, const struct json_value *from) {
    struct family_request *request = reading->request;
    struct consent_record *record = &request->record;
    record->language = language_at(reading, from, "language");
    record->fallback_first = org_at(reading, from, "fallback_first");
    record->fallback_second = org_at(reading, from, "fallback_second");
    read_conference(reading, from, record);
    COPY_TEXT(reading, from, "telephone", request->telephone);
    request->arguments.give.scopes = scopes_at(reading, from);
    request->arguments.give.end_month = end_month_at(reading, from);
    const bool fallback = (request->arguments.give.scopes.bits & scope_bit(SCOPE_FALLBACK)) != 0;
    if (fallback && record->fallback_first.text[0] == '\0') {
        fault_text(reading, TEXT_FAMILY_WRONG_MISSING, "fallback_first");
    }
}

void family_request_pack(struct family_reading *reading, const struct json_value *from) {
    struct family_request *request = reading->request;
    request->record.language = language_at(reading, from, "language");
    request->count = number_at(reading, from, "count");
    COPY_TEXT(reading, from, "telephone", request->telephone);
    if (request->count == 0 || request->count > PACK_CARDS_MAX) {
        fault_most(reading, TEXT_FAMILY_WRONG_COUNT, "count", PACK_CARDS_MAX);
    }
}

void family_request_flag(struct family_reading *reading, const struct json_value *from,
                         enum flag_action action) {
    reading->request->arguments.flag = (struct flag_answer_arguments){
        .item = number_at(reading, from, "item"),
        .action = action,
        .reason = flag_reason_at(reading, from, "reason", action == FLAG_CLOSE),
    };
}

void family_request_read(struct family_reading *reading, const struct json_value *from,
                         enum node_command kind) {
    struct family_request *request = reading->request;
    switch ((int)kind) {
    case NODE_COMMAND_CONSENT_GIVE:
        if (request->page == FAMILY_PAGE_NONE) {
            need_card(reading, from);
        }
        read_give(reading, from, &request->arguments.give);
        return;
    case NODE_COMMAND_CONSENT_CHANGE:
        read_change(reading, from);
        return;
    case NODE_COMMAND_WITHDRAW:
        read_withdraw(reading, from);
        return;
    case NODE_COMMAND_SUPPORT_START:
        read_support(reading, from);
        return;
    case NODE_COMMAND_SUPPORT_ENDING:
    case NODE_COMMAND_SUPPORT_END:
        read_end(reading, from);
        return;
    case NODE_COMMAND_ASK:
        read_ask(reading, from);
        return;
    case NODE_COMMAND_ASK_REVOKE:
        request->arguments.revoke.item = number_at(reading, from, "item");
        return;
    case NODE_COMMAND_ASK_ANSWER:
        read_answer(reading, from);
        return;
    case NODE_COMMAND_CONCERN:
        read_concern(reading, from);
        return;
    case NODE_COMMAND_CALL_BACK:
        read_call_back(reading, from);
        return;
    case NODE_COMMAND_CALLED_BACK:
    case NODE_COMMAND_ITEM_DONE:
        request->arguments.item.item = number_at(reading, from, "item");
        return;
    case NODE_COMMAND_NEW_CARD:
        read_new_card(reading, from);
        return;
    case NODE_COMMAND_INFORMAL:
        read_informal(reading, from);
        return;
    case NODE_COMMAND_LOOK:
        need_card(reading, from);
        request->arguments.look.card = &request->card;
        return;
    default:
        json_fail(reading->reader, "no such command");
    }
}
