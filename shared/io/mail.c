#include "shared/io/mail.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "shared/io/mail_message.h"

enum {
    STATUS_LATER = 400, /* RFC 5321, 4.2.1: 4yz only for now, 5yz for good */
    STATUS_NEVER = 500,
    STATUS_LOGIN_NEEDED = 530, /* RFC 4954, 6: the answer to any command but AUTH */
};

/* The last command that went out, so what a refusal is about. */
enum step {
    STEP_GREETING,
    STEP_TLS,
    STEP_LOGIN,
    STEP_SENDER,
    STEP_RECIPIENT,
    STEP_MESSAGE,
};

struct session {
    CURL *curl;
    struct curl_slist *recipients;
    char *message;
    size_t length;
    size_t taken;
    enum step step;
    unsigned recipient; /* count of RCPT commands */
    int refusal;        /* of the last command but QUIT: 400 or more, else 0 */
    char reply[MAIL_REASON_SIZE];
    struct mail_trouble refused; /* the recipients so far */
    int64_t until_ms;            /* on the monotonic clock */
    char curl_reason[CURL_ERROR_SIZE];
};

static const char *const fault_texts[] = {
#define X(name, text) [name] = text,
    MAIL_FAULT_LIST(X)
#undef X
};

const char *mail_fault_text(enum mail_fault fault) {
    return fault_texts[fault];
}

/* One line of printable ASCII, from a text that somebody else wrote. */
static void copy_line(char ret[static MAIL_REASON_SIZE], const char *text, size_t length) {
    size_t i = 0;
    while (i < length && i < MAIL_REASON_SIZE - 1 && text[i] != '\r' && text[i] != '\n') {
        ret[i] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
        i++;
    }
    ret[i] = '\0';
}

static int fail(struct mail_trouble *ret, enum mail_fault fault, int error, const char *reason) {
    ret->fault = fault;
    copy_line(ret->reason, reason, strlen(reason));
    return error;
}

static bool is_set(const char *text) {
    return text != NULL && text[0] != '\0';
}

static bool part_equals(CURLU *url, CURLUPart part, const char *wanted) {
    char *text = NULL;
    const bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    const bool equal = has ? wanted != NULL && strcmp(text, wanted) == 0 : wanted == NULL;
    curl_free(text);
    return equal;
}

/* Nothing but scheme, host, port and a name to greet with. */
static bool url_is_of_mail(CURLU *url, const char *text) {
    for (const char *at = text; *at != '\0'; at++) {
        if (*at <= ' ' || *at >= 0x7f) {
            return false;
        }
    }
    return curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER) == CURLUE_OK &&
           (part_equals(url, CURLUPART_SCHEME, "smtp") ||
            part_equals(url, CURLUPART_SCHEME, "smtps")) &&
           part_equals(url, CURLUPART_QUERY, NULL) && part_equals(url, CURLUPART_FRAGMENT, NULL) &&
           !part_equals(url, CURLUPART_HOST, "") && strchr(text, '%') == NULL;
}

static bool is_loopback(CURLU *url) {
    char *host = NULL;
    struct in_addr v4;
    if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        return false;
    }
    const bool loopback =
        strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
        (inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> IN_CLASSA_NSHIFT == 127);
    curl_free(host);
    return loopback;
}

/* The level of TLS that the settings ask for, or -1 with the reason where they're no settings. */
static long choose_tls(const struct mail_settings *settings, const char **ret_reason) {
    CURLU *url = curl_url();
    long level = -1;
    if (url == NULL) {
        *ret_reason = "out of memory";
    } else if (!is_set(settings->url) || !url_is_of_mail(url, settings->url)) {
        *ret_reason = "the address of the server is not smtp://host:port or smtps://host:port";
    } else if (!mail_address_valid(settings->from)) {
        *ret_reason = "the sender is not a mail address";
    } else if (settings->tls == MAIL_TLS_REQUIRED) {
        level = CURLUSESSL_ALL;
    } else if (settings->tls == MAIL_TLS_OPTIONAL) {
        level = CURLUSESSL_TRY;
    } else {
        level = is_loopback(url) ? CURLUSESSL_NONE : CURLUSESSL_ALL;
    }
    curl_url_cleanup(url);
    return level;
}

int mail_settings_check(const struct mail_settings *settings, struct mail_trouble *ret_trouble) {
    const char *reason = NULL;
    *ret_trouble = (struct mail_trouble){0};
    if (choose_tls(settings, &reason) < 0) {
        return fail(ret_trouble, MAIL_FAULT_SETTINGS, ERR_CONFIG, reason);
    }
    return 0;
}

static size_t on_read(char *out, size_t one, size_t count, void *ctx) {
    struct session *session = ctx;
    const size_t left = session->length - session->taken;
    const size_t length = left < one * count ? left : one * count;
    memcpy(out, session->message + session->taken, length);
    session->taken += length;
    return length;
}

static void on_command(struct session *session, const char *line, size_t length) {
    static const struct {
        const char *verb;
        enum step step;
    } verbs[] = {
        {"EHLO ", STEP_GREETING}, {"HELO ", STEP_GREETING}, {"STARTTLS\r", STEP_TLS},
        {"AUTH ", STEP_LOGIN},    {"MAIL ", STEP_SENDER},   {"RCPT ", STEP_RECIPIENT},
        {"DATA\r", STEP_MESSAGE},
    };
    if (length >= 5 && strncasecmp(line, "QUIT\r", 5) == 0) {
        session->until_ms = 0; /* the outcome is known: nothing to wait for */
        return;
    }
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        const size_t verb_length = strlen(verbs[i].verb);
        if (length >= verb_length && strncasecmp(line, verbs[i].verb, verb_length) == 0) {
            session->step = verbs[i].step;
            session->recipient += session->step == STEP_RECIPIENT ? 1 : 0;
            session->refusal = 0;
            return;
        }
    }
}

static int status_of(const char *line, size_t length) {
    int status = 0;
    for (size_t i = 0; i < 3; i++) {
        if (i >= length || line[i] < '0' || line[i] > '9') {
            return 0;
        }
        status = status * 10 + (line[i] - '0');
    }
    return status;
}

/* A recipient who may be tried again is worth more to know than one who's refused for good. */
static void recipient_refused(struct session *session) {
    struct mail_trouble *refused = &session->refused;
    refused->refused |= 1u << (session->recipient - 1);
    if (refused->smtp_status == 0 || refused->smtp_status >= STATUS_NEVER) {
        refused->fault = MAIL_FAULT_RECIPIENT;
        refused->smtp_status = session->refusal;
        memcpy(refused->reason, session->reply, sizeof(refused->reason));
    }
}

static void on_reply(struct session *session, const char *line, size_t length) {
    const int status = status_of(line, length);
    if (status < STATUS_LATER) {
        return;
    }
    session->refusal = status;
    copy_line(session->reply, line, length);
    const bool is_recipient = session->step == STEP_RECIPIENT && session->recipient > 0 &&
                              session->recipient <= MAIL_RECIPIENTS_MAX;
    if (is_recipient && (length < 4 || line[3] != '-')) {
        recipient_refused(session);
    }
}

/* The conversation as libcurl tells it: the only way to learn which recipients were refused, and
 * in which words. */
static int on_talk(CURL *curl, curl_infotype type, char *data, size_t length, void *ctx) {
    (void)curl;
    if (type == CURLINFO_HEADER_OUT) {
        on_command(ctx, data, length);
    } else if (type == CURLINFO_HEADER_IN) {
        on_reply(ctx, data, length);
    }
    return 0;
}

static int64_t monotonic_ms(void) {
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* libcurl asks once a second whether to go on while it waits, also for the answer to QUIT, on which
 * its own time limit has no hold. */
static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const struct session *session = ctx;
    (void)a, (void)b, (void)c, (void)d;
    return monotonic_ms() >= session->until_ms ? 1 : 0;
}

static void set_limits(struct session *session, const struct mail_settings *settings) {
    CURL *curl = session->curl;
    const int64_t connect_ms =
        settings->connect_timeout_ms == 0 ? MAIL_CONNECT_TIMEOUT_MS : settings->connect_timeout_ms;
    const int64_t total_ms = settings->timeout_ms == 0 ? MAIL_TIMEOUT_MS : settings->timeout_ms;
    session->until_ms = monotonic_ms() + total_ms;
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)total_ms);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, session);
    /* So that QUIT belongs to the transfer; at the handle's end nobody would be asked. */
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    /* A name server that doesn't answer is left behind instead of waited for. */
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
}

static void set_server(CURL *curl, const struct mail_settings *settings, long tls) {
    curl_easy_setopt(curl, CURLOPT_URL, settings->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* also none of the environment */
    curl_easy_setopt(curl, CURLOPT_USE_SSL, tls);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (is_set(settings->ca_file)) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    if (is_set(settings->user)) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, settings->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD,
                         settings->password == NULL ? "" : settings->password);
    }
}

static void set_message(struct session *session, const struct mail_settings *settings) {
    CURL *curl = session->curl;
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, settings->from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, session->recipients);
    /* One wrong address may not keep a flag from the others. Spelt so until libcurl 8.2, which
     * knows both. */
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)session->length);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, session);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_talk);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, session);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, session->curl_reason);
}

static int judge_refusal(const struct session *session, struct mail_trouble *ret) {
    static const enum mail_fault faults[] = {
        [STEP_GREETING] = MAIL_FAULT_REFUSED,    [STEP_TLS] = MAIL_FAULT_NO_TLS,
        [STEP_LOGIN] = MAIL_FAULT_LOGIN,         [STEP_SENDER] = MAIL_FAULT_SENDER,
        [STEP_RECIPIENT] = MAIL_FAULT_RECIPIENT, [STEP_MESSAGE] = MAIL_FAULT_REFUSED,
    };
    if (session->step == STEP_RECIPIENT && session->refused.refused != 0) {
        *ret = session->refused;
    } else {
        ret->fault =
            session->refusal == STATUS_LOGIN_NEEDED ? MAIL_FAULT_LOGIN : faults[session->step];
        ret->smtp_status = session->refusal;
        memcpy(ret->reason, session->reply, sizeof(ret->reason));
    }
    return ret->smtp_status < STATUS_NEVER ? ERR_AGAIN : ERR_DENIED;
}

static int judge(const struct session *session, CURLcode code, struct mail_trouble *ret) {
    static const struct {
        CURLcode code;
        enum mail_fault fault;
        int error;
    } known[] = {
        {CURLE_OPERATION_TIMEDOUT, MAIL_FAULT_TIMEOUT, ERR_TIMEOUT},
        {CURLE_ABORTED_BY_CALLBACK, MAIL_FAULT_TIMEOUT, ERR_TIMEOUT},
        {CURLE_USE_SSL_FAILED, MAIL_FAULT_NO_TLS, ERR_UNSUPPORTED},
        {CURLE_SSL_CONNECT_ERROR, MAIL_FAULT_NO_TLS, ERR_UNSUPPORTED},
        {CURLE_PEER_FAILED_VERIFICATION, MAIL_FAULT_CERTIFICATE, ERR_CRYPTO},
        {CURLE_SSL_ISSUER_ERROR, MAIL_FAULT_CERTIFICATE, ERR_CRYPTO},
        {CURLE_SSL_CACERT_BADFILE, MAIL_FAULT_SETTINGS, ERR_CONFIG},
        {CURLE_OUT_OF_MEMORY, MAIL_FAULT_MEMORY, ERR_NO_MEMORY},
    };
    if (code == CURLE_OK) {
        *ret = session->refused;
        return __builtin_popcount(session->refused.refused);
    }
    const char *reason =
        session->curl_reason[0] == '\0' ? curl_easy_strerror(code) : session->curl_reason;
    if (code == CURLE_ABORTED_BY_CALLBACK) {
        reason = "the server's answer didn't come within the time limit";
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].code == code) {
            return fail(ret, known[i].fault, known[i].error, reason);
        }
    }
    if (session->refusal >= STATUS_LATER) {
        return judge_refusal(session, ret);
    }
    if (code == CURLE_LOGIN_DENIED) {
        return fail(ret, MAIL_FAULT_LOGIN, ERR_DENIED, reason);
    }
    return fail(ret, MAIL_FAULT_CONNECTION, ERR_NETWORK, reason);
}

static bool add_recipients(struct session *session, const struct mail *mail) {
    for (size_t i = 0; i < mail->to_count; i++) {
        struct curl_slist *longer = curl_slist_append(session->recipients, mail->to[i]);
        if (longer == NULL) {
            return false;
        }
        session->recipients = longer;
    }
    return true;
}

static void start_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int talk(struct session *session, const struct mail_settings *settings,
                const struct mail *mail, struct mail_trouble *ret) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const char *reason = NULL;
    const long tls = choose_tls(settings, &reason);
    if (tls < 0) {
        return fail(ret, MAIL_FAULT_SETTINGS, ERR_CONFIG, reason);
    }
    const int r =
        mail_message_new(settings->from, mail, &session->message, &session->length, &reason);
    if (r == ERR_MALFORMED || r == ERR_TOO_LARGE) {
        return fail(ret, MAIL_FAULT_MESSAGE, r, reason);
    }
    pthread_once(&once, start_curl);
    session->curl = curl_easy_init();
    if (r < 0 || session->curl == NULL || !add_recipients(session, mail)) {
        return fail(ret, MAIL_FAULT_MEMORY, ERR_NO_MEMORY, "");
    }
    set_server(session->curl, settings, tls);
    set_message(session, settings);
    set_limits(session, settings);
    return judge(session, curl_easy_perform(session->curl), ret);
}

int mail_send(const struct mail_settings *settings, const struct mail *mail,
              struct mail_trouble *ret_trouble) {
    struct session session = {0};
    *ret_trouble = (struct mail_trouble){0};
    const int r = talk(&session, settings, mail, ret_trouble);
    curl_easy_cleanup(session.curl);
    curl_slist_free_all(session.recipients);
    free(session.message);
    return r;
}
