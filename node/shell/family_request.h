/* What a person asks about a family: a request's JSON, read into a core's arguments.
 *
 * Cards and the words of contacts live in one piece of secret memory per request, which the job
 * owns and wipes. What is wrong is the reader's failure with its reason, or a refusal (a mistyped
 * card); nothing of a card ever stands in either. Pure but for its memory. */
#pragma once

#include "node/core/commands.h"
#include "node/core/family_commands.h"
#include "shared/io/json.h"
#include "shared/io/text.h"

enum {
    PACK_CARDS_MAX = 50, /* of one printing */
    REQUEST_LINE_SIZE = 121,
    REQUEST_REASON_SIZE = 192,
};

/* What is answered besides the core's result. */
enum family_page {
    FAMILY_PAGE_NONE,
    FAMILY_PAGE_CARD, /* the new card, to be printed */
};

struct family_request {
    struct card card;     /* on the table; or the one just drawn */
    struct card old_card; /* of NEW_CARD */
    bool has_card;
    bool has_old_card;
    struct consent_record record;
    char contact_first[CONTACT_TEXT_BYTES_MAX + 1];
    char contact_second[CONTACT_TEXT_BYTES_MAX + 1];
    char case_id[CASE_ID_BYTES_MAX + 1];
    char note[CONSENT_TEXT_MAX + 1];
    char informal_name[INFORMAL_TEXT_MAX + 1];
    char informal_what[INFORMAL_TEXT_MAX + 1];
    struct org_id tell[FAMILY_SUPPORTS_MAX];
    enum family_page page;
    uint32_t count;                    /* of a pack */
    char telephone[REQUEST_LINE_SIZE]; /* for the page; "": the organisation's own */
    union {
        struct consent_give_arguments give;
        struct consent_change_arguments change;
        struct withdraw_arguments withdraw;
        struct support_start_arguments start;
        struct support_end_arguments end;
        struct ask_arguments ask;
        struct ask_revoke_arguments revoke;
        struct ask_answer_arguments answer;
        struct concern_arguments concern;
        struct flag_answer_arguments flag;
        struct call_back_arguments call_back;
        struct item_arguments item;
        struct new_card_arguments new_card;
        struct informal_arguments informal;
        struct look_arguments look;
    } arguments;
};

/* Zeroed, in secret memory; NULL without. */
struct family_request *family_request_new(void);
void family_request_free(struct family_request *request); /* wipes; takes NULL */

struct family_reading {
    struct json_reader *reader;
    struct family_request *request;
    int32_t today;
    enum lang lang;       /* of the reader's reason */
    enum refusal refusal; /* of a card */
    unsigned group;       /* 1..7: the group of the card to read again; 0: it can't be told */
};

/* By kind of command; `from` is the body's root. A card that's to be drawn (cards/new, NEW_CARD's
 * new one) stands in request->card already. */
void family_request_read(struct family_reading *reading, const struct json_value *from,
                         enum node_command kind);
/* The flag's action isn't in the body but in the address. */
void family_request_flag(struct family_reading *reading, const struct json_value *from,
                         enum flag_action action);
/* What a script asks for (an end, scopes, who is proposed), and a pack of blank cards. */
void family_request_script(struct family_reading *reading, const struct json_value *from);
void family_request_pack(struct family_reading *reading, const struct json_value *from);
/* A card as typed; "" where the member isn't there. */
void family_request_card(struct family_reading *reading, const struct json_value *from,
                         const char *name, struct card *ret, bool *ret_has);
/* Which of the seven groups holds the character at that place (from 1) of a card as typed. */
unsigned card_group(const char *text, size_t place);
