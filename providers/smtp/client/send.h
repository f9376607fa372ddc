/* providers/smtp/client/send.h - one message to its recipients
 *
 * MAIL, RCPT and DATA are pipelined where the server can; the message is read from a callback while
 * it is sent and dot-stuffed on the way; bare LF and CR become CRLF. Each recipient has its own
 * result. Fiber of the client's engine. RFC 5321, 2920 (PIPELINING), 1870 (SIZE), 6152 (8BITMIME),
 * 6531 (SMTPUTF8), 3461 (DSN), 2034 (enhanced status codes). */
#ifndef SMTP_SEND_H
#define SMTP_SEND_H

#include "providers/smtp/client/client.h"

#define SMTP_WORDS_MAX   512
#define SMTP_ADDRESS_MAX 320 /* 64 + @ + 255 */

enum smtp_notify {
    SMTP_NOTIFY_NEVER = 1u << 0, /* alone */
    SMTP_NOTIFY_SUCCESS = 1u << 1,
    SMTP_NOTIFY_FAILURE = 1u << 2,
    SMTP_NOTIFY_DELAY = 1u << 3,
};

enum smtp_return {
    SMTP_RETURN_DEFAULT,
    SMTP_RETURN_HEADERS,
    SMTP_RETURN_FULL,
};

/* A server's answer about one thing. */
struct smtp_reply {
    unsigned code;              /* 250, 550, ...; 0: none came */
    char status[12];            /* "5.1.1", or "" */
    char words[SMTP_WORDS_MAX]; /* the lines joined by spaces, without code and status; UTF-8 */
};

enum smtp_outcome {
    SMTP_NOT_TRIED, /* the connection failed before the server said anything about it */
    SMTP_ACCEPTED,
    SMTP_TEMPORARY, /* 4xx: try again later */
    SMTP_PERMANENT, /* 5xx: never */
    SMTP_UNCERTAIN, /* the final dot went out and no answer came */
};

struct smtp_recipient {
    const char *address;      /* without <>; UTF-8 needs SMTPUTF8 */
    unsigned notify;          /* enum smtp_notify; 0: not asked */
    const char *original;     /* ORCPT, "rfc822;..." is put before it; NULL: not asked */
    enum smtp_outcome result; /* out */
    struct smtp_reply reply;  /* out: what decided `result` */
};

struct smtp_message {
    const char *sender;      /* without <>; "" for the null sender */
    const char *envelope_id; /* ENVID; NULL: not asked */
    enum smtp_return ret;
    uint64_t size;  /* bytes after CRLF, for SIZE; 0: unknown */
    bool eight_bit; /* the content has bytes above 127: declared where the server offers 8BITMIME,
                     * sent as it is all the same where it does not */
    bool utf8;      /* header fields have UTF-8: SMTPUTF8 is needed */

    size_t recipient_count;
    struct smtp_recipient *recipients;

    void *arg; /* for the callbacks */

    /* Gives 1 to `size` bytes of the message; *ret_size 0 at its end. A failure ends the connection
     * before the final dot: the server takes nothing. May wait. */
    WAITS HRESULT (*read)(void *arg, void *buffer, size_t size, size_t *ret_size);

    /* All bytes but the final dot are out: journal "DATA sent, awaiting 250" now. A failure ends
     * the connection instead of sending the dot. May wait, may be NULL. */
    WAITS HRESULT (*before_final_dot)(void *arg);
};

/* Sends. S_OK: the server answered everything. Each recipient's result is then ACCEPTED, TEMPORARY
 * or PERMANENT, as its RCPT or, where that was accepted, MAIL or the message itself was answered
 * (all may be refused). What EHLO told is an answer too: a message above the server's SIZE and
 * UTF-8 without SMTPUTF8 are PERMANENT, in our words; so is a malformed address. A failure before
 * the final dot leaves `result` NOT_TRIED or what the server refused by then, and the message may
 * be sent again. A failure after it makes the rest UNCERTAIN: the caller's journal knows. A
 * connection that turns out dead before MAIL is answered is replaced once, unseen. */
WAITS HRESULT smtp_client_send(struct smtp_client *client, struct smtp_message *message,
                               uint64_t deadline, struct error_info *error);

#endif
