#include "hub/shell/zap_policy.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/crypto/hash.h"
#include "shared/io/log.h"
#include "shared/members/members.h"

enum { STRANGER_NAME_BYTES = 15 };

static int member_of(struct store *store, const uint8_t key[ZAP_KEY_SIZE],
                     char ret_user_id[ZAP_USER_ID_SIZE]) {
    struct store_txn *view;
    struct public_key wanted;
    struct org_id org;
    memcpy(wanted.bytes, key, sizeof(wanted.bytes));
    int r = store_begin_read(store, &view);
    if (r < 0) {
        return r;
    }
    r = member_by_curve_key(view, &wanted, &org);
    store_abort(view);
    if (r == 0) {
        snprintf(ret_user_id, ZAP_USER_ID_SIZE, "%s", org.text);
    }
    return r;
}

/* A stranger's name is only there so that libzmq hands one out. */
static void name_stranger(const uint8_t key[ZAP_KEY_SIZE], char ret_user_id[ZAP_USER_ID_SIZE]) {
    struct digest digest = hash_of("stranger/v1", (struct bytes){key, ZAP_KEY_SIZE});
    hex_encode((struct bytes){digest.bytes, STRANGER_NAME_BYTES}, ret_user_id);
}

static int decide(void *ctx, const char *domain, const uint8_t key[ZAP_KEY_SIZE],
                  char ret_user_id[ZAP_USER_ID_SIZE]) {
    if (strcmp(domain, DOMAIN_MEMBERS) == 0) {
        return member_of(ctx, key, ret_user_id);
    }
    if (strcmp(domain, DOMAIN_ENROL) == 0) {
        name_stranger(key, ret_user_id);
        return 0;
    }
    return ERR_DENIED;
}

static void on_end(void *ctx, int error) {
    (void)ctx;
    log_line(LOG_LEVEL_ERROR, "doorman_ended", "error", err_text(error), "next",
             "the hub stops: nobody could come in any more", NULL);
    _exit(1);
}

struct zap_policy zap_policy_of(struct store *store) {
    return (struct zap_policy){.decide = decide, .on_end = on_end, .ctx = store};
}
