/* How the closed lists' functions are written out of their X-macros. Private to lists.c and
 * family_lists.c. */
#pragma once

#include <stddef.h>
#include <string.h>

#define TEXT_CASE(name, number, text)                                                              \
    case name:                                                                                     \
        return text;
#define PARSE_CASE(name, number, text)                                                             \
    if (strcmp(given, text) == 0) {                                                                \
        return name;                                                                               \
    }

#define DEFINE_ENTRIES(name, none, texts, parses)                                                  \
    const char *name##_text(enum name value) {                                                     \
        switch (value) { texts case none : default : return NULL; }                                \
    }                                                                                              \
    enum name name##_parse(const char *given) {                                                    \
        parses return none;                                                                        \
    }
#define DEFINE_LIST(name, LIST, none) DEFINE_ENTRIES(name, none, LIST(TEXT_CASE), LIST(PARSE_CASE))
