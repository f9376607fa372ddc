/* session/connections.c - Advise calls that a session handed on to providers */
#include "session/connections.h"

#include <stdlib.h>

#include "mapi/array.h"
#include "mapi/object.h"

/* Far above the numbers that an advise list gives, which count from 1. */
#define FIRST_CONNECTION ((ULONG_PTR)1 << 30)

void connections_init(struct connections *connections)
{
    *connections = (struct connections){.last = FIRST_CONNECTION};
    pthread_mutex_init(&connections->lock, NULL);
}

static bool take(struct connections *connections, ULONG_PTR number, bool any,
                 struct connection *ret)
{
    bool found = false;

    pthread_mutex_lock(&connections->lock);
    for (size_t i = 0; i < connections->count && !found; i++)
        if (any || connections->items[i].ours == number) {
            *ret = connections->items[i];
            connections->items[i] = connections->items[connections->count - 1];
            found = true;
        }
    if (found) {
        connections->count--;
        if (connections->count == 0) { /* array_append starts from nothing */
            free(connections->items);
            connections->items = NULL;
        }
    }
    pthread_mutex_unlock(&connections->lock);
    return found;
}

static HRESULT unadvise(const struct connection *connection)
{
    HRESULT hr = connection->logon ? IMSLogon_Unadvise(connection->logon, connection->theirs)
                                   : IABLogon_Unadvise(connection->address, connection->theirs);

    unknown_release(connection->logon);
    unknown_release(connection->address);
    return hr;
}

void connections_clear(struct connections *connections)
{
    struct connection connection;

    while (take(connections, 0, true, &connection))
        unadvise(&connection);
}

HRESULT connections_add(struct connections *connections, IMSLogon *logon, IABLogon *address,
                        ULONG_PTR *connection)
{
    struct connection item = {.logon = logon, .address = address, .theirs = *connection};
    bool kept;

    unknown_addref(logon);
    unknown_addref(address);
    pthread_mutex_lock(&connections->lock);
    item.ours = ++connections->last;
    kept = array_append(&connections->items, &connections->count, &item);
    pthread_mutex_unlock(&connections->lock);
    if (!kept) {
        unadvise(&item);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    *connection = item.ours;
    return S_OK;
}

HRESULT connections_remove(struct connections *connections, ULONG_PTR number)
{
    struct connection connection;

    return take(connections, number, false, &connection) ? unadvise(&connection) : MAPI_E_NOT_FOUND;
}
