/* providers/imap/client/watch.h - keeps an index current
 *
 * A watch follows one mailbox: by IDLE (RFC 2177) on a session of its own while the client's
 * budget allows (half of max_sessions), otherwise by STATUS every poll_interval; where IDLE is not
 * offered it polls. No fiber waits for the server: the socket is watched by the loop. What it sees
 * it brings into the index by imap_index_refresh, whose listeners then hear of it. While the
 * connection is lost it rests; when it is back it refreshes at once. Engine thread. */
#ifndef IMAP_WATCH_H
#define IMAP_WATCH_H

#include "providers/imap/client/index.h"

struct imap_watch;

/* Starts to follow the mailbox of `index` (referenced). The first refresh starts at once. Several
 * watches of one mailbox are allowed but wasteful: the account shares one. */
HRESULT imap_watch_start(struct imap_index *index, struct imap_watch **ret_watch);

/* True while IDLE holds a session of its own: news comes at once. */
bool imap_watch_is_live(const struct imap_watch *watch);

/* Ends it; NULL is accepted. Waits for its fiber. */
WAITS void imap_watch_stop(struct imap_watch *watch);

#endif
