/* A closed list as it stands in journals and on other people's disks, written out by hand: a line
 * is added with every new value, and none is ever changed. */
#pragma once

struct frozen {
    int number;
    const char *text;
};

typedef const char *text_function(int number);
typedef int parse_function(const char *text);

/* A list's two functions, by plain numbers. */
#define ADAPT(name)                                                                                \
    static const char *name##_text_of(int number) {                                                \
        return name##_text((enum name)number);                                                     \
    }                                                                                              \
    static int name##_number_of(const char *text) {                                                \
        return (int)name##_parse(text);                                                            \
    }
