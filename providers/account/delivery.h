/* providers/account/delivery.h - one row of the queue, sent and seen to its end
 *
 * Private to providers/account; the runner's fiber. */
#ifndef MG_ACCOUNT_DELIVERY_H
#define MG_ACCOUNT_DELIVERY_H

#include "providers/account/account-private.h"
#include "state/queue.h"

/* Sends a CLAIMED row and journals what the server said; *ret_stage is the row's stage afterwards.
 * A failure has been journalled too (the row is QUEUED until `next_try`, or UNCERTAIN). */
WAITS HRESULT delivery_send(struct account *account, struct state_submission *row, int64_t next_try,
                            enum state_queue_stage *ret_stage);

/* What follows sending: the message moves to Sent (or is deleted, or stays), refusals are reported
 * into the Inbox in the server's words, and the row goes. */
WAITS HRESULT delivery_conclude(struct account *account, uint64_t number,
                                enum state_queue_stage stage);

#endif
