/* simple/outgoing.c - waiting for what was sent, before a session ends */
#include "simple/outgoing.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"

#define STEP_MS 20
#define STEPS   1500 /* 30 s */

/* What cannot be told is not waited for. */
static bool is_queued(IMsgStore *store, const SBinary *entry_id)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    IMAPITable *table;
    SRowSet *rows = NULL;
    bool found = false;

    if (FAILED(IMsgStore_GetOutgoingQueue(store, 0, &table)))
        return false;
    if (SUCCEEDED(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows)))
        for (ULONG i = 0; i < rows->cRows; i++) {
            const SPropValue *id = &rows->aRow[i].lpProps[0];

            found = found || (id->ulPropTag == PR_ENTRYID && id->Value.bin.cb == entry_id->cb &&
                              memcmp(id->Value.bin.lpb, entry_id->lpb, entry_id->cb) == 0);
        }
    FreeProws(rows);
    IMAPITable_Release(table);
    return found;
}

/* The transports' rows: whether one of them can send; with `flush` each is told to. */
static bool look_at_transports(IMAPISession *session, bool flush)
{
    static const SizedSPropTagArray(3, columns) = {3,
                                                   {PR_RESOURCE_TYPE, PR_STATUS_CODE, PR_ENTRYID}};
    IMAPITable *table;
    SRowSet *rows = NULL;
    bool can_send = false;

    if (FAILED(IMAPISession_GetStatusTable(session, 0, &table)))
        return false;
    HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    for (ULONG i = 0; rows && i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;
        IMAPIStatus *status;
        ULONG type;

        if (row[0].ulPropTag != PR_RESOURCE_TYPE || row[0].Value.l != MAPI_TRANSPORT_PROVIDER ||
            row[1].ulPropTag != PR_STATUS_CODE || row[2].ulPropTag != PR_ENTRYID)
            continue;
        can_send = can_send || !(row[1].Value.l & (STATUS_OFFLINE | STATUS_FAILURE));
        if (flush && SUCCEEDED(IMAPISession_OpenEntry(session, row[2].Value.bin.cb,
                                                      (ENTRYID *)row[2].Value.bin.lpb, NULL, 0,
                                                      &type, (IUnknown **)&status))) {
            IMAPIStatus_FlushQueues(status, 0, 0, NULL, FLUSH_UPLOAD | FLUSH_NO_UI);
            IMAPIStatus_Release(status);
        }
    }
    FreeProws(rows);
    IMAPITable_Release(table);
    return can_send;
}

void outgoing_wait(IMAPISession *session, IMsgStore *store, const SBinary *entry_id)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};

    if (!is_queued(store, entry_id))
        return;
    look_at_transports(session, true);
    for (int i = 0; i < STEPS && is_queued(store, entry_id); i++) {
        if (!look_at_transports(session, false))
            return;
        nanosleep(&step, NULL);
    }
}
