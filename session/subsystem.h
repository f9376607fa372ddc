/* session/subsystem.h - what MAPIInitialize makes
 *
 * A subsystem holds the engine, the notification delivery, the profile store, the shared session
 * and the lock that logons queue at. The library has one, counted by MAPIInitialize and
 * MAPIUninitialize; the daemon makes one per account (docs/mail.md). Reference-counted: sessions
 * hold it, and it owns all that the room hands out, so that every call answers
 * MAPI_E_NOT_INITIALIZED once it is shut (mapi/object.h). Any thread. */
#ifndef SESSION_SUBSYSTEM_H
#define SESSION_SUBSYSTEM_H

#include <stdatomic.h>

#include "mapi/notify.h"
#include "mapi/object.h"
#include "net/engine.h"
#include "net/wait.h"

struct session;
struct profiles;

struct mapi_subsystem {
    struct mapi_object object;     /* the owner of everything; nobody gets an interface of it */
    struct engine *engine;         /* our reference */
    struct dispatcher *dispatcher; /* our reference; where sinks run */
    bool notifies_thread;          /* the dispatcher is the notification thread, not a queue */
    pthread_t initializer;         /* whose queue it is otherwise */
    bool is_service;               /* MAPI_NT_SERVICE at MAPIInitialize */
    struct profiles *profiles;     /* our reference */

    struct engine_mutex logon_gate; /* one logon at a time (SES-055); held over waits */
    pthread_mutex_t lock;           /* guards what follows; taken before a session's lock */
    struct session *shared;         /* no reference: it takes itself out (SES-042) */
    struct session *sessions;       /* all that have clients; no references */
    bool closed;                    /* the last MAPIUninitialize has been */

    /* In a forked child: what we hold belongs to threads that are not here. Nothing is given back
     * and no lock is taken. */
    atomic_bool left_behind;
};

/* The library's subsystem, a reference for the caller; NULL before MAPIInitialize, after the last
 * MAPIUninitialize and in a forked child: the caller answers MAPI_E_NOT_INITIALIZED (SES-003). */
struct mapi_subsystem *subsystem_get(void);
struct mapi_subsystem *subsystem_ref(struct mapi_subsystem *subsystem);
void subsystem_unref(struct mapi_subsystem *subsystem); /* NULL is accepted */

#endif
