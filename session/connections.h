/* session/connections.h - Advise calls that a session handed on to providers
 *
 * Private to session/. A provider's connection number means something to its logon only, so the
 * session gives numbers of its own, from 2^30 on: those of session events count from 1. */
#ifndef SESSION_CONNECTIONS_H
#define SESSION_CONNECTIONS_H

#include <pthread.h>

#include "mapi/mapispi.h"

struct connection {
    IMSLogon *logon;   /* our reference; NULL: it is an address book's */
    IABLogon *address; /* our reference; NULL: it is a store's */
    ULONG_PTR theirs, ours;
};
struct connections {
    pthread_mutex_t lock;
    struct connection *items;
    size_t count;
    ULONG_PTR last;
};
void connections_init(struct connections *connections);
/* Unadvises all that are left. */
void connections_clear(struct connections *connections);

/* Keeps the connection *connection of one of the logons (the other is NULL) and replaces it by
 * ours. Without memory it is unadvised. */
HRESULT connections_add(struct connections *connections, IMSLogon *logon, IABLogon *address,
                        ULONG_PTR *connection);
/* Unadvises. MAPI_E_NOT_FOUND: it is none of these. */
HRESULT connections_remove(struct connections *connections, ULONG_PTR connection);

#endif
