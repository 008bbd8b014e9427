#include "shared/base/ids.h"

#include <string.h>

#include "shared/base/err.h"

const struct org_id HUB_ORG = {.text = "hub"};

static bool is_id_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static int parse_id(const char *text, char *ret_text, size_t size) {
    size_t length = strnlen(text, size);
    if (length == 0 || length == size || text[0] == '-') {
        return ERR_MALFORMED;
    }
    for (size_t i = 0; i < length; i++) {
        if (!is_id_char(text[i])) {
            return ERR_MALFORMED;
        }
    }
    memset(ret_text, 0, size);
    memcpy(ret_text, text, length);
    return 0;
}

int org_id_parse(const char *text, struct org_id *ret) {
    return parse_id(text, ret->text, sizeof(ret->text));
}

int hub_id_parse(const char *text, struct hub_id *ret) {
    return parse_id(text, ret->text, sizeof(ret->text));
}

int service_id_parse(const char *text, struct service_id *ret) {
    return parse_id(text, ret->text, sizeof(ret->text));
}

int user_id_parse(const char *text, struct user_id *ret) {
    return parse_id(text, ret->text, sizeof(ret->text));
}

int team_id_parse(const char *text, struct team_id *ret) {
    return parse_id(text, ret->text, sizeof(ret->text));
}

int language_parse(const char *text, struct language *ret) {
    if (strnlen(text, 4) != 3) {
        return ERR_MALFORMED;
    }
    for (int i = 0; i < 3; i++) {
        if (text[i] < 'a' || text[i] > 'z') {
            return ERR_MALFORMED;
        }
    }
    *ret = (struct language){.code = {text[0], text[1], text[2], '\0'}};
    return 0;
}

int nis_parse(const char *text, struct nis *ret) {
    uint32_t code = 0;
    for (int i = 0; i < 5; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return ERR_MALFORMED;
        }
        code = code * 10 + (uint32_t)(text[i] - '0');
    }
    if (text[5] != '\0' || code < 10000) {
        return ERR_MALFORMED;
    }
    *ret = (struct nis){.code = code};
    return 0;
}

bool org_id_equal(const struct org_id *a, const struct org_id *b) {
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool hub_id_equal(const struct hub_id *a, const struct hub_id *b) {
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool service_id_equal(const struct service_id *a, const struct service_id *b) {
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool address_equal(const struct address *a, const struct address *b) {
    return org_id_equal(&a->org, &b->org) && hub_id_equal(&a->hub, &b->hub);
}

bool message_id_equal(const struct message_id *a, const struct message_id *b) {
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool family_handle_equal(const struct family_handle *a, const struct family_handle *b) {
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool digest_equal(const struct digest *a, const struct digest *b) {
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool digest_is_zero(const struct digest *digest) {
    static const struct digest zero = {0};
    return memcmp(digest, &zero, sizeof(zero)) == 0;
}
