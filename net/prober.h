/* net/prober.h - is a lost server back?
 *
 * One prober per (host, port) per engine, shared by all that use the server. While it is marked
 * lost the prober connects and closes at 0.25 s, 0.5 s, then every second for two minutes, then up
 * to every 30 s with jitter, and tells its users when the server answers. Calls that want an
 * answer now ask prober_now, at most once a second. Engine thread only. */
#ifndef MG_PROBER_H
#define MG_PROBER_H

#include "mapi/error.h"
#include "net/engine.h"

struct prober;
struct prober_user {
    struct prober_user *next; /* the prober's, as is `state` */
    enum { PROBER_IDLE, PROBER_WAITING, PROBER_ADMITTED } state;
    /* On the loop: the server accepted a connection. Called once for each prober_lost; users are
     * let through at most 200 a second. It may call any function of this header. */
    void (*reachable)(struct prober_user *user);
};

/* Finds or makes the prober of (host, port) on the current engine and joins `user` to it; leave
 * before the user's memory goes. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT prober_join(const char *host, uint16_t port, struct prober_user *user,
                    struct prober **ret_prober);
void prober_leave(struct prober *prober, struct prober_user *user);

/* The user found the server unreachable: start (or go on) probing for it. A server that is lost
 * again within 10 s of an answer is probed as rarely as before it. */
void prober_lost(struct prober *prober, struct prober_user *user);

/* Try at once, unless a try was made within the last second or nobody waits. */
void prober_now(struct prober *prober);

/* Milliseconds until the next try, for PR_STATUS_STRING. 0: one is under way; UINT64_MAX: nobody
 * waits, so none will be made. */
uint64_t prober_next_try_in(const struct prober *prober);

#endif
