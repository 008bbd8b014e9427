#include "node/core/family_mail.h"

#include <string.h>

#include "node/core/families.h"
#include "node/core/stones.h"
#include "shared/members/directory.h"

/* What the hub tells us about families, opened and checked before anybody acts on it. The hub's
 * signature and number were judged by the office. */

/* -- keys as they were -- */

/* The signing key that an entry gives to the organisation, in join or rotate-sign. */
static bool entry_signs(struct bytes bytes, const struct org_id *org, struct arena *arena,
                        struct sign_public *ret) {
    static const struct public_key none;
    struct signed_entry entry;
    struct directory_entry read;
    if (signed_entry_decode(bytes, arena, &entry) != REFUSAL_NONE ||
        directory_entry_decode(entry.entry, arena, &read) != REFUSAL_NONE) {
        return false;
    }
    for (size_t i = 0; i < read.op_count; i++) {
        const struct directory_op *op = &read.ops[i];
        if (op->member != NULL && org_id_equal(&op->organisation, org) &&
            memcmp(&op->member->sign, &none, sizeof(none)) != 0) {
            memcpy(ret->bytes, op->member->sign.bytes, sizeof(ret->bytes));
            return true;
        }
    }
    return false;
}

/* A token stands longer than a signing key may: where today's key didn't sign it, one that the
 * directory gave its issuer before did. */
static int read_by_former_key(const struct turn_view *view, const struct signed_token *from,
                              const struct org_id *issuer, struct consent_token *ret,
                              enum refusal *ret_refusal) {
    struct directory_head head;
    int r = directory_head(view->txn, &head);
    *ret_refusal = REFUSAL_BAD_SIGNATURE;
    for (uint64_t sequence = 1; r == 0 && sequence <= head.sequence; sequence++) {
        struct sign_public key;
        struct bytes bytes;
        const struct arena_mark mark = arena_mark(view->arena);
        r = directory_entry_at(view->txn, sequence, &bytes);
        if (r < 0) {
            return r;
        }
        bool signs = entry_signs(bytes, issuer, view->arena, &key);
        arena_rewind(view->arena, &mark);
        if (signs) {
            *ret_refusal = consent_token_read(from, &key, view->arena, ret);
        }
        if (*ret_refusal == REFUSAL_NONE) {
            return 0;
        }
    }
    return r;
}

int family_token_read(const struct node *node, const struct turn_view *view,
                      const struct signed_token *from, struct consent_token *ret,
                      enum refusal *ret_refusal) {
    struct consent_token token;
    struct member_standing issuer;
    struct sign_public key;
    *ret_refusal = consent_token_decode(from->token, view->arena, &token);
    if (*ret_refusal != REFUSAL_NONE) {
        return 0;
    }
    if (!hub_id_equal(&token.hub, &node->params.own.hub)) {
        *ret_refusal = REFUSAL_UNKNOWN_RECIPIENT;
        return 0;
    }
    int r = member_standing(view->txn, &token.issuer, &issuer);
    if (r == ERR_NOT_FOUND) {
        *ret_refusal = REFUSAL_NOT_YET; /* our directory is behind */
        return 0;
    }
    if (r < 0) {
        return r;
    }
    memcpy(key.bytes, issuer.sign.bytes, sizeof(key.bytes));
    *ret_refusal = consent_token_read(from, &key, view->arena, ret);
    return *ret_refusal == REFUSAL_BAD_SIGNATURE
               ? read_by_former_key(view, from, &token.issuer, ret, ret_refusal)
               : 0;
}

/* -- notices -- */

/* One under way. */
struct told {
    struct node *node;
    const struct turn_view *view;
    const struct office_mail *mail;
    struct notice notice;
    struct consent_token token;
    struct envelope origin;
};

static bool about_family(const struct notice *notice) {
    static const struct family_handle nobody;
    return !family_handle_equal(&notice->handle, &nobody);
}

/* An answer to a concern names its own purpose; what follows from it is support. */
static uint32_t purpose_asked(const struct notice *notice) {
    const bool answer = notice->kind == NOTICE_ANSWER && notice->purpose == PURPOSE_CONCERN;
    return answer ? PURPOSE_SUPPORT : notice->purpose;
}

static int check_consent(struct told *told, enum refusal *ret) {
    const struct notice *notice = &told->notice;
    const struct consent_question question = {
        .kind = MESSAGE_KIND_NOTICE,
        .purpose = purpose_asked(notice),
        .now_ms = told->view->now_ms,
        .clock_off = told->node->clock_halted,
    };
    int r = family_token_read(told->node, told->view, &notice->token, &told->token, ret);
    if (r < 0 || *ret != REFUSAL_NONE) {
        return r;
    }
    if (!family_handle_equal(&told->token.handle, &notice->handle)) {
        *ret = REFUSAL_BAD_SIGNATURE;
        return 0;
    }
    *ret = consent_covers(&told->token, CONSENT_GIVEN, &question);
    return 0;
}

/* What each kind carries of another's: NONE: nothing. */
static enum message_kind carried(enum notice_kind kind) {
    switch ((int)kind) {
    case NOTICE_ASK:
        return MESSAGE_KIND_ASK;
    case NOTICE_ASK_NEWS:
        return MESSAGE_KIND_ASK_ANSWER;
    case NOTICE_CALL_BACK:
        return MESSAGE_KIND_CALL_BACK;
    case NOTICE_NEW_CARD:
        return MESSAGE_KIND_NEW_CARD;
    default:
        return MESSAGE_KIND_NONE;
    }
}

/* A question that was passed on is carried by the answer that passes it; one that was taken back,
 * by the question itself. */
static bool may_carry(enum notice_kind notice, uint32_t kind) {
    const bool ask = notice == NOTICE_ASK || notice == NOTICE_ASK_NEWS;
    return kind == (uint32_t)carried(notice) ||
           (ask && (kind == MESSAGE_KIND_ASK || kind == MESSAGE_KIND_ASK_ANSWER));
}

static int check_origin(struct told *told, enum refusal *ret) {
    const struct posting *posting = &told->notice.origin;
    const struct turn_view *view = told->view;
    struct member_standing sender;
    struct sign_public key;
    struct signature signature;
    *ret = envelope_decode(posting->envelope, view->arena, &told->origin);
    if (*ret != REFUSAL_NONE) {
        return 0;
    }
    if (!may_carry(told->notice.kind, told->origin.kind) ||
        posting->signature.length != sizeof(signature.bytes)) {
        *ret = REFUSAL_MALFORMED;
        return 0;
    }
    int r = member_standing(view->txn, &told->origin.sender.org, &sender);
    if (r < 0) {
        *ret = REFUSAL_NOT_YET; /* our directory is behind */
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    memcpy(key.bytes, sender.sign.bytes, sizeof(key.bytes));
    memcpy(signature.bytes, posting->signature.data, sizeof(signature.bytes));
    const bool good = sign_check(&key, ENVELOPE_DOMAIN, posting->envelope, &signature);
    *ret = good ? REFUSAL_NONE : REFUSAL_BAD_SIGNATURE;
    return 0;
}

/* What may come without a token says nothing that a family would have to agree to. */
static bool may_lack_token(const struct notice *notice) {
    return notice->kind == NOTICE_FLAG_OVER || notice->kind == NOTICE_ANSWER ||
           notice->kind == NOTICE_SUPPORT_OVER;
}

static int check_notice(struct told *told, enum refusal *ret) {
    const struct notice *notice = &told->notice;
    int r = 0;
    if (!about_family(notice)) {
        const enum message_kind kind =
            notice->kind == NOTICE_NEW_CARD ? MESSAGE_KIND_NEW_CARD : MESSAGE_KIND_CALL_BACK;
        *ret = consent_purpose_check(kind, notice->purpose);
    } else if (notice->token.token.length > 0) {
        r = check_consent(told, ret);
    } else {
        *ret = may_lack_token(notice)
                   ? consent_purpose_check(MESSAGE_KIND_NOTICE, purpose_asked(notice))
                   : REFUSAL_NO_CONSENT;
    }
    if (r == 0 && *ret == REFUSAL_NONE && notice->origin.envelope.length > 0) {
        r = check_origin(told, ret);
    }
    return r;
}

static int take_notice(struct told *told, struct decision *ret) {
    const struct notice *notice = &told->notice;
    const struct notice_news news = {
        .notice = notice,
        .token = about_family(notice) && notice->token.token.length > 0 ? &told->token : NULL,
        .origin = notice->origin.envelope.length > 0 ? &told->origin : NULL,
        .said_ms = told->mail->envelope.created_ms,
    };
    return notice->kind == NOTICE_NEW_CARD
               ? new_card_take_notice(told->node, told->view, &news, ret)
               : items_take_notice(told->node, told->view, &news, ret);
}

static int decide_notice(struct told *told, struct bytes plain, struct decision *ret) {
    bool stoned = false;
    ret->refusal = notice_decode(plain, told->view->arena, &told->notice);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    int r = about_family(&told->notice)
                ? stone_stands(told->node, told->view->txn, &told->notice.handle, &stoned)
                : 0;
    if (r < 0 || stoned) {
        return r; /* it's settled, and nothing is kept of it */
    }
    r = check_notice(told, &ret->refusal);
    return r < 0 || ret->refusal != REFUSAL_NONE ? r : take_notice(told, ret);
}

static int decide_tombstone(struct told *told, struct bytes plain, struct decision *ret) {
    struct tombstone tombstone;
    ret->refusal = tombstone_decode(plain, told->view->arena, &tombstone);
    return ret->refusal != REFUSAL_NONE ? 0 : stones_take(told->node, told->view, &tombstone, ret);
}

/* What no key of ours opens: sealed for another, or so late that the key is gone. */
static int open_mail(struct told *told, struct bytes *ret, enum refusal *ret_refusal) {
    struct sealed sealed;
    *ret_refusal = sealed_decode(told->mail->envelope.body, told->view->arena, &sealed);
    if (*ret_refusal != REFUSAL_NONE) {
        return 0;
    }
    int r = node_unseal(told->node, told->view, &sealed, ret);
    if (r == ERR_NOT_FOUND || r == ERR_CRYPTO) {
        *ret_refusal = r == ERR_NOT_FOUND ? REFUSAL_NOT_FOUND : REFUSAL_MALFORMED;
        return 0;
    }
    return r;
}

int family_mail_decide(struct node *node, const struct turn_view *view,
                       const struct office_mail *mail, struct decision *ret) {
    struct told *told = ARENA_NEW(view->arena, struct told);
    struct bytes plain = {0};
    if (told == NULL) {
        return ERR_NO_MEMORY;
    }
    *told = (struct told){.node = node, .view = view, .mail = mail};
    const bool tombstone = mail->kind->kind == MESSAGE_KIND_TOMBSTONE;
    if (view->short_of_room && !tombstone) {
        ret->refusal = REFUSAL_NO_ROOM;
        return 0;
    }
    int r = open_mail(told, &plain, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = tombstone ? decide_tombstone(told, plain, ret) : decide_notice(told, plain, ret);
    if (r == ERR_AGAIN || r == ERR_TOO_LARGE) {
        ret->refusal = REFUSAL_BUSY;
        r = 0;
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        ret->fact_count = 0;
        return r;
    }
    struct buf buf = decision_buf(view, 256);
    stamp_write(&buf, &mail->stamp);
    return decision_add(ret, NODE_FACT_TAKEN, &buf);
}
