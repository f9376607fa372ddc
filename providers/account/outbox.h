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
    uint64_t folder;         /* where the message is */
    uint64_t message;        /* saved already */
    const char *sender;      /* envelope sender; NULL: the account's address */
    const char *message_id;  /* its Message-ID with <>, or NULL */
    const char *envelope_id; /* for DSNs (RFC 3461 ENVID), or NULL */
    const struct outgoing_recipient *recipients;
    size_t recipient_count;
    uint64_t sent_folder; /* where it goes afterwards; 0: stays */
    bool delete_after;    /* PR_DELETE_AFTER_SUBMIT */
    int64_t not_before;   /* seconds since 1970 (PR_DEFERRED_SEND_TIME); 0: now */
};

/* In state_submission.flags: the message stays in its folder. */
#define OUTGOING_STAYS 1u

/* MAPI_E_NO_RECIPIENTS, MAPI_E_NO_SUPPORT (no SMTP server configured), MAPI_E_SUBMITTED
 * (in the queue already). After S_OK the message will be sent, also after a crash. */
WAITS HRESULT account_submit(struct account *account, const struct outgoing *outgoing,
                             struct error_info *error);

/* Takes it back: MAPI_E_NOT_IN_QUEUE, MAPI_E_UNABLE_TO_ABORT (its DATA is on the wire). */
WAITS HRESULT account_abort_submit(struct account *account, uint64_t message,
                                   struct error_info *error);

/* SetLockState: a locked message is not taken back. MAPI_E_NOT_IN_QUEUE. */
WAITS HRESULT account_lock_submit(struct account *account, uint64_t message, bool locked,
                                  struct error_info *error);

/* The queue itself is read through state/queue.h on account_state(). */

/* FLUSH_UPLOAD: send all that waits now, and wait for the outcome; FLUSH_DOWNLOAD: poll every
 * watched folder now. The flush bits are set meanwhile. */
WAITS HRESULT account_flush_out(struct account *account, uint64_t deadline,
                                struct error_info *error);
WAITS HRESULT account_flush_in(struct account *account, uint64_t deadline,
                               struct error_info *error);

#endif
