/* state/queue.h - the submit queue: messages on their way out
 *
 * A row is added when a message is submitted and removed when all that follows sending is done. The
 * row is the only lock: a runner claims it by a lease, so that of all processes on this store one
 * sends. What a runner does, and what a row's stage is when it dies between two steps:
 *
 *     claim    QUEUED -> CLAIMED      died: claimed again once the lease has ended
 *     awaiting CLAIMED -> AWAITING    before the final dot; died: UNCERTAIN, the 250 may have come
 *     outcome  AWAITING -> SENT, FAILED or QUEUED (some recipients to be tried again)
 *     release  CLAIMED -> QUEUED      the attempt ended before the final dot
 *     finish   SENT, FAILED -> gone   after the move to Sent or the delivery report
 *
 * SENT and FAILED rows are claimed as well (stage kept), so that what follows sending is finished
 * after a crash, without sending again. An UNCERTAIN row is shown, and sent again only by
 * state_queue_retry. Promise: never lost; sent twice only if we die between the server's 250 and
 * our journal, and then with the same Message-ID. A lease lasts 60 s and is renewed; that of a
 * process on this host which is seen to be dead has ended. Conventions: state/state.h.
 * Source: docs/mail.md "Sending". */
#ifndef MG_STATE_QUEUE_H
#define MG_STATE_QUEUE_H

#include "state/mailbox.h"

#define QUEUE_LEASE_MS       60000
#define QUEUE_RECIPIENTS_MAX 10000
#define QUEUE_BLOB_MAX       4096 /* an entry id */

enum state_queue_stage {
    QUEUE_QUEUED = 1,
    QUEUE_CLAIMED = 2,
    QUEUE_AWAITING = 3,  /* DATA sent, awaiting 250 */
    QUEUE_SENT = 4,      /* the server took it for at least one recipient and none is pending */
    QUEUE_UNCERTAIN = 5, /* its runner died while awaiting */
    QUEUE_FAILED = 6,    /* refused for good for every recipient */
};
const char *state_queue_stage_name(enum state_queue_stage stage);

enum state_recipient_stage {
    RECIPIENT_PENDING = 1,
    RECIPIENT_SENT = 2,
    RECIPIENT_REFUSED = 3, /* for good */
};

struct state_recipient {
    uint32_t row_id;     /* PR_ROWID in the message's recipient table */
    const char *address; /* of the envelope */
    bool responsible;    /* PR_RESPONSIBILITY: somebody else has taken care of this one */
    uint32_t notify;     /* DSN NOTIFY and others: the SMTP client's flags, kept as they are */
    enum state_recipient_stage stage;
    uint32_t reply_code; /* of the last answer about this recipient; 0: none */
    const char *words;   /* the server's, or NULL */
};

struct state_bytes {
    const void *bytes; /* NULL: none */
    size_t size;
};

struct state_submission {
    int64_t id; /* the order of submission */
    uint64_t number;
    uint64_t folder;
    enum state_queue_stage stage;
    bool locked;                     /* SetLockState: not to be aborted */
    bool by_spooler;                 /* the spooler sends it; claim passes over it */
    bool delete_after;               /* PR_DELETE_AFTER_SUBMIT */
    uint32_t flags;                  /* the account's own, kept as they are */
    const char *sender;              /* MAIL FROM; "" for the null sender */
    const char *envelope_id;         /* DSN ENVID, or NULL */
    const char *message_id;          /* Message-ID, the same at each try */
    struct state_bytes sent_mail_id; /* PR_SENTMAIL_ENTRYID */
    struct state_bytes target_id;    /* PR_TARGET_ENTRYID */
    int64_t submitted_at;
    int64_t deferred_until; /* PR_DEFERRED_SEND_TIME; 0: at once */
    int64_t next_try;       /* not before; 0: at once */
    uint32_t attempts;
    const char *words; /* why the last attempt failed, or NULL */
    size_t recipient_count;
    struct state_recipient *recipients;
};

/* Adds a row. Of `submission`, what the queue decides is ignored: id, stage, attempts, next_try,
 * words, and the recipients' results. submitted_at 0: now. Fails with MAPI_E_SUBMITTED (in the
 * queue already), MAPI_E_NO_RECIPIENTS, MAPI_E_TOO_BIG. */
WAITS HRESULT state_queue_add(struct state_mailbox *mailbox,
                              const struct state_submission *submission, struct error_info *error,
                              int64_t *ret_id);

/* All rows in order of submission: GetOutgoingQueue. One block. */
WAITS HRESULT state_queue_list(struct state_mailbox *mailbox, struct error_info *error,
                               struct state_submission **ret_rows, size_t *ret_count);

/* How many rows are QUEUED. */
WAITS HRESULT state_queue_count(struct state_mailbox *mailbox, struct error_info *error,
                                size_t *ret_waiting);

/* The row of a message. Fails with MAPI_E_NOT_IN_QUEUE. */
WAITS HRESULT state_queue_find(struct state_mailbox *mailbox, uint64_t number,
                               struct error_info *error, struct state_submission **ret_row);

/* Claims the first row that is due, or row `id` alone when that is not 0, for this opened store
 * (each has an owner name of its own). MAPI_E_NOT_FOUND: none is due; *ret_wait is then the
 * milliseconds until one may be (UINT64_MAX: nothing is waiting). Also turns dead AWAITING rows to
 * UNCERTAIN. */
WAITS HRESULT state_queue_claim(struct state_mailbox *mailbox, int64_t id, struct error_info *error,
                                struct state_submission **ret_row, uint64_t *ret_wait);

/* The following need our lease on the row; MAPI_E_OBJECT_CHANGED says that it was lost, and the
 * caller must then stop working on the row. */

/* Makes the lease last 60 s from now. */
WAITS HRESULT state_queue_renew(struct state_mailbox *mailbox, int64_t id,
                                struct error_info *error);

/* Journal: the final dot is about to go. Also renews. */
WAITS HRESULT state_queue_awaiting(struct state_mailbox *mailbox, int64_t id,
                                   struct error_info *error);

/* Journal: what the server said, for each recipient named by row_id (stage, reply_code, words; only
 * those that changed). The row becomes QUEUED again, not before `next_try`, if any is PENDING; else
 * SENT or FAILED, keeping our lease for what follows. From CLAIMED too: all recipients were refused
 * before DATA. */
WAITS HRESULT state_queue_outcome(struct state_mailbox *mailbox, int64_t id,
                                  const struct state_recipient *results, size_t count,
                                  int64_t next_try, const char *words, struct error_info *error,
                                  enum state_queue_stage *ret_stage);

/* The attempt ended before the final dot, or after it with an answer that says the server did not
 * take the message: gives the row back, not before `next_try`. A SENT or FAILED row keeps its
 * stage: what follows sending is to be tried again. */
WAITS HRESULT state_queue_release(struct state_mailbox *mailbox, int64_t id, int64_t next_try,
                                  const char *words, struct error_info *error);

/* The final dot went out and the answer will not come: QUEUE_UNCERTAIN. */
WAITS HRESULT state_queue_uncertain(struct state_mailbox *mailbox, int64_t id, const char *words,
                                    struct error_info *error);

/* All that follows sending is done (SENT, FAILED), or there is nothing to send any more (CLAIMED:
 * the message was deleted): removes the row. */
WAITS HRESULT state_queue_finish(struct state_mailbox *mailbox, int64_t id,
                                 struct error_info *error);

/* Without a lease. */

/* AbortSubmit: removes a row that nobody works on. Fails with MAPI_E_NOT_IN_QUEUE, and
 * MAPI_E_UNABLE_TO_ABORT when it is locked, claimed, or on its way (STO-066, STO-070, STO-071). An
 * UNCERTAIN row is removed: the message may have gone, it will not go again. */
WAITS HRESULT state_queue_abort(struct state_mailbox *mailbox, uint64_t number,
                                struct error_info *error);

/* SetLockState. Fails with MAPI_E_NOT_IN_QUEUE. */
WAITS HRESULT state_queue_lock(struct state_mailbox *mailbox, uint64_t number, bool locked,
                               struct error_info *error);

/* A person decided: an UNCERTAIN or FAILED row is queued again, at once. Of a FAILED row the
 * refused recipients become pending. Fails with MAPI_E_NOT_FOUND. */
WAITS HRESULT state_queue_retry(struct state_mailbox *mailbox, int64_t id,
                                struct error_info *error);

/* A person decided: an UNCERTAIN row counts as sent (`sent`) or as failed. Fails with
 * MAPI_E_NOT_FOUND. */
WAITS HRESULT state_queue_decide(struct state_mailbox *mailbox, int64_t id, bool sent,
                                 struct error_info *error);

/* The spooler finished a by_spooler message, or its store did: removes the row whatever its stage
 * unless a runner has it (MAPI_E_BUSY). Fails with MAPI_E_NOT_IN_QUEUE. */
WAITS HRESULT state_queue_remove(struct state_mailbox *mailbox, uint64_t number,
                                 struct error_info *error);

#endif
