/* simple/walk.c - from message to message of a folder, as MAPIFindNext goes */
#include "simple/walk.h"

#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "simple/result.h"

#define BATCH 16 /* rows that a step looks at together */

enum { COLUMN_ENTRYID, COLUMN_FLAGS, COLUMNS };

void walk_init(struct walk *walk)
{
    *walk = (struct walk){0};
    pthread_mutex_init(&walk->lock, NULL);
}

static void forget(struct walk *walk)
{
    if (walk->table)
        IMAPITable_Release(walk->table);
    walk->table = NULL;
    mapi_free(walk->folder.lpb);
    walk->folder = (SBinary){0};
}

void walk_clear(struct walk *walk)
{
    forget(walk);
    pthread_mutex_destroy(&walk->lock);
}

static bool same_id(const SBinary *one, const SBinary *other)
{
    return one->cb == other->cb && memcmp(one->lpb, other->lpb, one->cb) == 0;
}

/* --- The table -------------------------------------------------------------------------------- */

static HRESULT prepare_table(IMAPITable *table, bool fifo)
{
    static const SizedSPropTagArray(COLUMNS, columns) = {COLUMNS, {PR_ENTRYID, PR_MESSAGE_FLAGS}};
    static const SizedSSortOrderSet(1, by_time) = {
        1, 0, 0, {{PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_ASCEND}}};
    HRESULT hr = IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0);

    if (SUCCEEDED(hr) && fifo) /* SMP-035 */
        hr = IMAPITable_SortTable(table, (SSortOrderSet *)&by_time, 0);
    return hr;
}

static HRESULT open_table(IMsgStore *store, const SBinary *folder_id, bool fifo,
                          IMAPITable **ret_table)
{
    IMAPITable *table;
    IMAPIFolder *folder;
    ULONG type;
    HRESULT hr = IMsgStore_OpenEntry(store, folder_id->cb, (ENTRYID *)folder_id->lpb, NULL, 0,
                                     &type, (IUnknown **)&folder);

    if (FAILED(hr))
        return hr;
    hr = IMAPIFolder_GetContentsTable(folder, 0, &table);
    IMAPIFolder_Release(folder);
    if (FAILED(hr))
        return hr;
    hr = prepare_table(table, fifo);
    if (FAILED(hr))
        IMAPITable_Release(table);
    else
        *ret_table = table;
    return hr;
}

/* Makes the walk that of the class's receive folder (SMP-033), if it is not already. */
static HRESULT enter_folder(struct walk *walk, IMsgStore *store, const struct walk_step *step)
{
    SBinary folder = {0};
    HRESULT hr = IMsgStore_GetReceiveFolder(store, (LPTSTR)step->message_class, 0, &folder.cb,
                                            (ENTRYID **)&folder.lpb, NULL);

    if (FAILED(hr))
        return hr;
    if (walk->table && walk->fifo == step->fifo && same_id(&walk->folder, &folder)) {
        mapi_free(folder.lpb);
        return S_OK;
    }
    forget(walk);
    hr = open_table(store, &folder, step->fifo, &walk->table);
    if (FAILED(hr)) {
        mapi_free(folder.lpb);
        return hr;
    }
    walk->folder = folder;
    walk->fifo = step->fifo;
    return S_OK;
}

/* --- The seed --------------------------------------------------------------------------------- */

/* Is the table already where the last step left it, just behind this message? */
static bool is_behind(IMAPITable *table, const SBinary *entry_id)
{
    SRowSet *rows = NULL;
    LONG moved = 0;
    bool behind = SUCCEEDED(IMAPITable_SeekRow(table, BOOKMARK_CURRENT, -1, &moved)) &&
                  moved == -1 && SUCCEEDED(IMAPITable_QueryRows(table, 1, 0, &rows)) &&
                  rows->cRows == 1 && rows->aRow[0].lpProps[COLUMN_ENTRYID].ulPropTag == PR_ENTRYID;

    behind = behind && same_id(&rows->aRow[0].lpProps[COLUMN_ENTRYID].Value.bin, entry_id);
    FreeProws(rows);
    return behind;
}

/* Puts the table behind the seed, or to its beginning. MAPI_E_NOT_FOUND: there is no such row. */
static HRESULT seek(IMAPITable *table, const SBinary *after)
{
    SPropValue id = {.ulPropTag = PR_ENTRYID};
    SRestriction is_seed = {.rt = RES_PROPERTY};
    HRESULT hr;

    if (!after)
        return IMAPITable_SeekRow(table, BOOKMARK_BEGINNING, 0, NULL);
    if (is_behind(table, after))
        return S_OK;
    id.Value.bin = *after;
    is_seed.res.resProperty =
        (SPropertyRestriction){.relop = RELOP_EQ, .ulPropTag = PR_ENTRYID, .lpProp = &id};
    hr = IMAPITable_FindRow(table, &is_seed, BOOKMARK_BEGINNING, 0);
    return SUCCEEDED(hr) ? IMAPITable_SeekRow(table, BOOKMARK_CURRENT, 1, NULL) : hr;
}

/* --- The next one ----------------------------------------------------------------------------- */

/* The message knows its class; contents tables need not (docs/limits.md). One that has gone
 * meanwhile matches nothing. */
static bool has_class(IMsgStore *store, const SBinary *entry_id, const char *message_class)
{
    SPropValue *value = NULL;
    IMessage *message;
    ULONG type;
    bool has;

    if (FAILED(IMsgStore_OpenEntry(store, entry_id->cb, (ENTRYID *)entry_id->lpb, NULL, 0, &type,
                                   (IUnknown **)&message)))
        return false;
    has = SUCCEEDED(HrGetOneProp((IMAPIProp *)message, PR_MESSAGE_CLASS_A, &value)) &&
          strncasecmp(value->Value.lpszA, message_class, strlen(message_class)) == 0;
    MAPIFreeBuffer(value);
    IMessage_Release(message);
    return has;
}

static bool matches(IMsgStore *store, const SRow *row, const struct walk_step *step)
{
    const SPropValue *id = &row->lpProps[COLUMN_ENTRYID], *flags = &row->lpProps[COLUMN_FLAGS];

    if (id->ulPropTag != PR_ENTRYID)
        return false;
    if (step->unread_only && flags->ulPropTag == PR_MESSAGE_FLAGS && flags->Value.l & MSGFLAG_READ)
        return false;
    return has_class(store, &id->Value.bin, step->message_class);
}

/* Looks through the rows from here on and stops behind the first that matches. MAPI_E_NOT_FOUND. */
static HRESULT look_on(IMAPITable *table, IMsgStore *store, const struct walk_step *step,
                       SBinary *ret_entry_id)
{
    SRowSet *rows;
    HRESULT hr = MAPI_E_NOT_FOUND;
    bool more = true;

    while (hr == MAPI_E_NOT_FOUND && more) {
        ULONG at = 0;

        hr = IMAPITable_QueryRows(table, BATCH, 0, &rows);
        if (FAILED(hr))
            return hr;
        while (at < rows->cRows && !matches(store, &rows->aRow[at], step))
            at++;
        more = rows->cRows > 0;
        hr = MAPI_E_NOT_FOUND;
        if (at < rows->cRows) {
            const SBinary *id = &rows->aRow[at].lpProps[COLUMN_ENTRYID].Value.bin;

            ret_entry_id->cb = id->cb;
            ret_entry_id->lpb = mapi_memdup(NULL, id->lpb, id->cb);
            hr = ret_entry_id->lpb ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
            IMAPITable_SeekRow(table, BOOKMARK_CURRENT, (LONG)(at + 1) - (LONG)rows->cRows, NULL);
        }
        FreeProws(rows);
    }
    return hr;
}

ULONG walk_next(struct walk *walk, IMsgStore *store, const struct walk_step *step,
                SBinary *ret_entry_id)
{
    ULONG result;
    HRESULT hr;

    pthread_mutex_lock(&walk->lock);
    hr = enter_folder(walk, store, step);
    result = simple_result(hr);
    if (SUCCEEDED(hr)) {
        hr = seek(walk->table, step->after);
        result = hr == MAPI_E_NOT_FOUND ? MAPI_E_INVALID_MESSAGE : simple_result(hr);
    }
    if (SUCCEEDED(hr)) {
        hr = look_on(walk->table, store, step, ret_entry_id);
        result = hr == MAPI_E_NOT_FOUND ? MAPI_E_NO_MESSAGES : simple_result(hr);
    }
    pthread_mutex_unlock(&walk->lock);
    return result;
}
