#include "node/import/reasons.h"

const char *row_reason_text(enum row_reason reason, enum row_tongue tongue) {
#define X(name, nl, en, fr) {nl, en, fr},
    static const char *const texts[][3] = {{NULL, NULL, NULL}, ROW_REASON_LIST(X)};
#undef X
    if (reason <= ROW_REASON_NONE || reason >= ROW_REASON_COUNT || tongue > ROW_TONGUE_FR) {
        return NULL;
    }
    return texts[reason][tongue];
}

const char *column_note_text(enum column_note note, enum row_tongue tongue) {
    static const char *const texts[][3] = {
        {NULL, NULL, NULL},
        {"niet bewaard (identiteit)", "not stored (identity)", "non conservé (identité)"},
        {"niet bewaard", "not stored", "non conservé"},
    };
    if (note < COLUMN_NOTE_IDENTITY || note > COLUMN_NOTE_IGNORED || tongue > ROW_TONGUE_FR) {
        return NULL;
    }
    return texts[note][tongue];
}

enum row_reason row_reason_of_fault(enum csv_fault fault) {
    switch (fault) {
    case CSV_FAULT_NUL:
        return ROW_REASON_NUL;
    case CSV_FAULT_TOO_LONG:
        return ROW_REASON_TOO_LONG;
    case CSV_FAULT_TOO_MANY_COLUMNS:
        return ROW_REASON_TOO_MANY_COLUMNS;
    case CSV_FAULT_AFTER_QUOTE:
        return ROW_REASON_AFTER_QUOTE;
    case CSV_FAULT_OPEN_QUOTE:
        return ROW_REASON_OPEN_QUOTE;
    case CSV_FAULT_UTF16:
        return ROW_REASON_UTF16;
    case CSV_FAULT_NONE:
        break;
    }
    return ROW_REASON_NONE;
}
