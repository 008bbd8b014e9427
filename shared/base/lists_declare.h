/* How a closed list's X-macro becomes an enum, whose 0 is "not given", and the two functions that
 * lists_define.h writes out. For lists.h and family_lists.h. */
#pragma once

#define ENUM_ENTRY(name, number, text) name = number,

/* The list's text, or NULL where the number isn't on the list; and back, 0 where it isn't. */
#define DECLARE_ENTRIES(name, none, entries)                                                       \
    enum name { none = 0, entries };                                                               \
    const char *name##_text(enum name value);                                                      \
    enum name name##_parse(const char *text);
#define DECLARE_LIST(name, LIST, none) DECLARE_ENTRIES(name, none, LIST(ENUM_ENTRY))
