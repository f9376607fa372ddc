/* simple/outgoing.h - waiting for what was sent, before a session ends
 *
 * Accounts send while somebody is logged on, and most programs that send by Simple MAPI log off at
 * once: without this their message would wait for the next session. Requirement: SMP-088. */
#ifndef MG_SIMPLE_OUTGOING_H
#define MG_SIMPLE_OUTGOING_H

#include "mapi/mapix.h"

/* Tells the transports to send, and waits until the message has left the store's queue: 30 s at the
 * most, and not for a transport that says it cannot. What stays goes with the next session. */
void outgoing_wait(IMAPISession *session, IMsgStore *store, const SBinary *entry_id);

#endif
