#include "node/shell/family_words.h"

#include <stddef.h>

/* The catalogue's entry of a value has the value's own name. */
#define X(name, number, text)                                                                      \
    case name:                                                                                     \
        return TEXT_##name;
#define WORDS(list, LIST)                                                                          \
    static enum text_id list##_word(enum list value) {                                             \
        switch ((int)value) {                                                                      \
            LIST(X)                                                                                \
        default:                                                                                   \
            return TEXT_NONE;                                                                      \
        }                                                                                          \
    }                                                                                              \
    const char *word_##list(enum lang lang, const char *code) {                                    \
        const enum text_id word = code == NULL ? TEXT_NONE : list##_word(list##_parse(code));      \
        return code == NULL ? "" : word == TEXT_NONE ? code : text_get(lang, word);                \
    }
WORDS(scope, SCOPE_LIST)
WORDS(support_kind, SUPPORT_KIND_LIST)
WORDS(support_distance, SUPPORT_DISTANCE_LIST)
WORDS(support_state, SUPPORT_STATE_LIST)
WORDS(end_reason, END_REASON_LIST)
WORDS(ask_state, ASK_STATE_LIST)
WORDS(ask_reason, ASK_REASON_LIST)
WORDS(flag_kind, FLAG_KIND_LIST)
WORDS(flag_state, FLAG_STATE_LIST)
WORDS(flag_reason, FLAG_REASON_LIST)
WORDS(concern_reason, CONCERN_REASON_LIST)
WORDS(notice_kind, NOTICE_KIND_LIST)
WORDS(consent_state, CONSENT_STATE_LIST)
WORDS(concern_urgency, CONCERN_URGENCY_LIST)
WORDS(concern_by, CONCERN_BY_LIST)

enum text_id text_of_own_right(enum consent_right right) {
    switch (right) {
    case CONSENT_RIGHT_FULL:
        return TEXT_NODE_RIGHT_FULL;
    case CONSENT_RIGHT_LIMITED:
        return TEXT_NODE_RIGHT_LIMITED;
    case CONSENT_RIGHT_NO:
    case CONSENT_RIGHT_NONE:
    default:
        return TEXT_NODE_RIGHT_NO;
    }
}
