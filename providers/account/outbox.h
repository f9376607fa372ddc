/* providers/account/outbox.h - handing messages to the submit queue
 *
 * SubmitMessage adds a row to the queue in the side store; the account's runner sends it, with or
 * without a spooler, now or after a restart (docs/mail.md, "Sending": never lost; sent twice only
 * if we die between the server's 250 and our journal). Fiber of the account's engine. */
#ifndef MG_ACCOUNT_OUTBOX_H
#define MG_ACCOUNT_OUTBOX_H

#include "providers/account/account.h"

struct outgoing_recipient {
    const char *address;                 /* local@domain, UTF-8 */
    bool notify_success, notify_failure; /* DSN wishes (RFC 3461) */
};

struct outgoing {
    uint64_t folder;    /* where the message is */
    uint64_t message;   /* saved already */
    const char *sender; /* envelope sender; NULL: the account's address */
    const struct outgoing_recipient *recipients;
    size_t recipient_count;
    uint64_t sent_folder; /* where it goes afterwards; 0: stays */
    bool delete_after;    /* PR_DELETE_AFTER_SUBMIT */
    int64_t not_before;   /* seconds since 1970 (PR_DEFERRED_SEND_TIME); 0: now */
};

/* MAPI_E_NO_RECIPIENTS, MAPI_E_NO_SUPPORT (no SMTP server configured), MAPI_E_COLLISION (already
 * submitted). After S_OK the message will be sent, also after a crash. */
WAITS HRESULT account_submit(struct account *account, const struct outgoing *outgoing,
                             struct error_info *error);

/* Takes it back: MAPI_E_NOT_IN_QUEUE, MAPI_E_UNABLE_TO_ABORT (its DATA is on the wire). */
WAITS HRESULT account_abort_submit(struct account *account, uint64_t message,
                                   struct error_info *error);

enum queue_stage {
    QUEUE_WAITING,
    QUEUE_DEFERRED, /* until not_before, or the next attempt */
    QUEUE_SENDING,
    QUEUE_UNCERTAIN, /* we died between DATA and the server's answer */
    QUEUE_FAILED,    /* all recipients refused for good; the words are the server's */
};
struct queue_item {
    uint64_t folder, message;
    enum queue_stage stage;
    unsigned attempts;
    int64_t next_attempt; /* seconds since 1970 */
    char words[256];
};
/* The queue in its order; *ret_items is the caller's to free(). */
WAITS HRESULT account_queue(struct account *account, struct error_info *error,
                            struct queue_item **ret_items, size_t *ret_count);

/* FLUSH_UPLOAD: send all that waits now, and wait for the outcome; FLUSH_DOWNLOAD: poll every
 * watched folder now. The flush bits are set meanwhile. */
WAITS HRESULT account_flush_out(struct account *account, uint64_t deadline,
                                struct error_info *error);
WAITS HRESULT account_flush_in(struct account *account, uint64_t deadline,
                               struct error_info *error);

#endif
