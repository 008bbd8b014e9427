/* Sends one mail over the organisation's own SMTP server, and waits for its answer.
 *
 * For notices without content ("1 item waits, oldest 2 days", DESIGN 5): what a mail says is the
 * caller's affair, and so are queueing, trying again, times and randomness. Not a mail server:
 * nothing is received or looked up in DNS, the server that is named does the delivery. mail_send
 * blocks for up to the total time limit, so a worker thread calls it; any number of threads may, at
 * the same time. With client.h the only places that see libcurl.
 *
 * TLS (STARTTLS for smtp://, from the start for smtps://) is required unless the server is on this
 * machine's loopback or the settings say otherwise. A certificate is always verified when there is
 * TLS. Nothing of the environment counts, such as proxies. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

enum {
    MAIL_RECIPIENTS_MAX = 8,
    MAIL_ADDRESS_BYTES_MAX = 254, /* RFC 5321, 4.5.3.1.3: a path is 256, with its brackets */
    MAIL_SUBJECT_BYTES_MAX = 200,
    MAIL_BODY_BYTES_MAX = 16 << 10,
    MAIL_ID_CHARACTERS_MAX = 64,
    MAIL_CONNECT_TIMEOUT_MS = 10000, /* name, TCP and the server's greeting's TLS */
    MAIL_TIMEOUT_MS = 30000,         /* all of it, from the name to the answer */
    MAIL_REASON_SIZE = 256,
};

enum mail_tls {
    MAIL_TLS_BY_ADDRESS = 0, /* required, except on the loopback, where smtp:// goes without */
    MAIL_TLS_REQUIRED,
    MAIL_TLS_OPTIONAL, /* where offered; else everything, the password too, goes in the clear */
};

/* Borrows everything. */
struct mail_settings {
    /* "smtp://host", "smtp://host:587" or "smtps://host:465"; the default ports are 25 and 465. A
     * path is the name with which to greet the server (EHLO), else it's this machine's. */
    const char *url;
    const char *from;     /* an address: the sender, and where bounces go */
    const char *user;     /* NULL or "" to send without login */
    const char *password; /* NULL is "" */
    const char *ca_file;  /* PEM: the only authorities trusted; NULL or "" for the system's */
    enum mail_tls tls;
    int64_t connect_timeout_ms; /* zeros take the constants above */
    int64_t timeout_ms;
};

/* Borrows everything. Every recipient sees the others. */
struct mail {
    const char *to[MAIL_RECIPIENTS_MAX]; /* addresses */
    size_t to_count;
    const char *subject; /* UTF-8, one line */
    const char *body;    /* UTF-8, lines end with "\n"; an end is added to the last one */
    int64_t now_ms;      /* the Date, in UTC */
    /* The left part of the Message-ID, whose right part is the domain of `from`: random, of
     * letters, digits, '-' and '.'. The same one when the same mail is tried again. */
    const char *id;
};

/* What went wrong, in what a person can do about it. The sentence is for an administrator. */
#define MAIL_FAULT_LIST(X)                                                                         \
    X(MAIL_FAULT_NONE, "sent")                                                                     \
    X(MAIL_FAULT_SETTINGS, "the mail settings are wrong")                                          \
    X(MAIL_FAULT_MESSAGE, "the mail itself isn't one that may be sent")                            \
    X(MAIL_FAULT_CONNECTION, "the mail server can't be reached, or hung up")                       \
    X(MAIL_FAULT_TIMEOUT, "the mail server took too long")                                         \
    X(MAIL_FAULT_NO_TLS, "the mail server offers no encryption (TLS)")                             \
    X(MAIL_FAULT_CERTIFICATE, "the mail server's certificate can't be verified")                   \
    X(MAIL_FAULT_LOGIN, "the mail server refuses this user or password, or wants one")             \
    X(MAIL_FAULT_SENDER, "the mail server refuses the sender's address")                           \
    X(MAIL_FAULT_RECIPIENT, "the mail server refuses a recipient's address")                       \
    X(MAIL_FAULT_REFUSED, "the mail server refuses us, or this mail")                              \
    X(MAIL_FAULT_MEMORY, "out of memory")

enum mail_fault {
#define X(name, text) name,
    MAIL_FAULT_LIST(X)
#undef X
};

/* The list's sentence, English; for ever. */
const char *mail_fault_text(enum mail_fault fault);

struct mail_trouble {
    enum mail_fault fault;
    int smtp_status;  /* of the server's refusal, 400 to 599; 0 where there was none */
    unsigned refused; /* bit n: mail.to[n] was refused */
    /* Why: the server's own last line, or what failed on our side; one line of printable ASCII,
     * maybe empty. A server's line may repeat an address: for the administrator's screen. */
    char reason[MAIL_REASON_SIZE];
};

/* Sends to those that the server accepts, and gives how many it refused: 0 when all were accepted.
 * `ret_trouble` is written always; with a positive result it's about the recipient refused last.
 * Errors, with the faults they come with:
 *   ERR_CONFIG       SETTINGS: an address, the URL, the CA file
 *   ERR_MALFORMED    MESSAGE: a text isn't UTF-8 or holds control characters, an address or id is
 *                    none, no recipient or too many
 *   ERR_TOO_LARGE    MESSAGE: a text is larger than the constants above
 *   ERR_NETWORK      CONNECTION
 *   ERR_TIMEOUT      TIMEOUT: either limit; the server may have taken the mail all the same
 *   ERR_UNSUPPORTED  NO_TLS: required and not offered, or no TLS that both know
 *   ERR_CRYPTO       CERTIFICATE
 *   ERR_DENIED       LOGIN, SENDER, RECIPIENT (all of them), REFUSED: for good (status 5xx)
 *   ERR_AGAIN        the same four: only for now (status 4xx; RFC 5321, 4.2.1)
 *   ERR_NO_MEMORY    MEMORY */
MUST_CHECK int mail_send(const struct mail_settings *settings, const struct mail *mail,
                         struct mail_trouble *ret_trouble);

/* Whether mail_send would take these settings, apart from the CA file; the reason says what not.
 * Errors: ERR_CONFIG. */
MUST_CHECK int mail_settings_check(const struct mail_settings *settings,
                                   struct mail_trouble *ret_trouble);

/* An address that we write to: dot-string@domain in ASCII (RFC 5321, 4.1.2), without quotes,
 * comments or address literals. */
bool mail_address_valid(const char *text);
