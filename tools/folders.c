/* folders.c - folders by name, messages by id
 *
 * A message's short id is made of two numbers that never change while it stays in its folder:
 * PR_MG_FID of the folder and PR_MG_MID of the message, both 48-bit counters in network order above
 * a 16-bit replica id (MS-OXCDATA 2.2.1.1 and 2.2.1.2). */
#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "tools/tool.h"

#define DEPTH_MAX 64

static uint64_t counter_of(int64_t id)
{
    return be64toh(htole64((uint64_t)id >> 16)) >> 16;
}

static int64_t id_of(uint64_t counter)
{
    return (int64_t)(le64toh(htobe64(counter << 16)) << 16 | 1);
}

/* --- The tree --------------------------------------------------------------------------------- */

static const SizedSPropTagArray(6, columns) = {
    6, {PR_DISPLAY_NAME_W, PR_DEPTH, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_ENTRYID, PR_MG_FID}};

static HRESULT open_subtree(IMsgStore *store, IMAPIFolder **ret_folder)
{
    SPropValue *id;
    ULONG type;
    HRESULT hr = HrGetOneProp((IMAPIProp *)store, PR_IPM_SUBTREE_ENTRYID, &id);

    if (FAILED(hr))
        return hr;
    hr = IMsgStore_OpenEntry(store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL, 0, &type,
                             (IUnknown **)ret_folder);
    MAPIFreeBuffer(id);
    return hr;
}

/* Rows come in the order of the tree, so that the path of each level is known. */
static void take_row(struct tool_folders *folders, const SRow *row, const char *above[DEPTH_MAX])
{
    struct tool_folder *folder = &folders->items[folders->count++];
    const SPropValue *id = row_value(row, PR_ENTRYID), *number = row_value(row, PR_MG_FID);
    char *name = row_text(row, PR_DISPLAY_NAME_W);

    folder->depth = (unsigned)row_long(row, PR_DEPTH);
    if (folder->depth >= DEPTH_MAX)
        folder->depth = DEPTH_MAX - 1;
    if (folder->depth > 0 && above[folder->depth - 1])
        folder->path = text_format("%s/%s", above[folder->depth - 1], name);
    else
        folder->path = text_format("%s", name);
    above[folder->depth] = folder->path;
    folder->messages = row_long(row, PR_CONTENT_COUNT);
    folder->unread = row_long(row, PR_CONTENT_UNREAD);
    folder->number = number ? counter_of(number->Value.li.QuadPart) : 0;
    if (id) {
        folder->id.cb = id->Value.bin.cb;
        folder->id.lpb = text_alloc(id->Value.bin.cb);
        memcpy(folder->id.lpb, id->Value.bin.lpb, id->Value.bin.cb);
    }
    free(name);
}

int folders_load(IMsgStore *store, struct tool_folders *ret_folders)
{
    const char *above[DEPTH_MAX] = {0};
    IMAPIFolder *top = NULL;
    IMAPITable *table = NULL;
    SRowSet *rows = NULL;
    int code = CODE_DONE;
    HRESULT hr = open_subtree(store, &top);

    memset(ret_folders, 0, sizeof(*ret_folders));
    if (SUCCEEDED(hr))
        hr = IMAPIFolder_GetHierarchyTable(top, CONVENIENT_DEPTH, &table);
    if (SUCCEEDED(hr))
        hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    if (FAILED(hr))
        code = fail_hr(table ? (void *)table
                       : top ? (void *)top
                             : (void *)store,
                       hr, "cannot read the folders");
    if (rows) {
        ret_folders->items = text_alloc(rows->cRows * sizeof(*ret_folders->items));
        for (ULONG i = 0; i < rows->cRows; i++)
            take_row(ret_folders, &rows->aRow[i], above);
    }
    FreeProws(rows);
    if (table)
        IMAPITable_Release(table);
    if (top)
        IMAPIFolder_Release(top);
    return code;
}

void folders_clear(struct tool_folders *folders)
{
    for (size_t i = 0; i < folders->count; i++) {
        free(folders->items[i].path);
        free(folders->items[i].id.lpb);
    }
    free(folders->items);
    memset(folders, 0, sizeof(*folders));
}

const struct tool_folder *folders_find(const struct tool_folders *folders, const char *path)
{
    for (size_t i = 0; i < folders->count; i++)
        if (strcmp(folders->items[i].path, path) == 0)
            return &folders->items[i];
    for (size_t i = 0; i < folders->count; i++)
        if (strcasecmp(folders->items[i].path, path) == 0)
            return &folders->items[i];
    return NULL;
}

int folder_open(IMsgStore *store, const struct tool_folder *folder, IMAPIFolder **ret_folder)
{
    ULONG type;
    HRESULT hr = IMsgStore_OpenEntry(store, folder->id.cb, (ENTRYID *)folder->id.lpb, NULL,
                                     MAPI_MODIFY, &type, (IUnknown **)ret_folder);

    return FAILED(hr) ? fail_hr(store, hr, "cannot open folder \"%s\"", folder->path) : CODE_DONE;
}

/* --- Messages --------------------------------------------------------------------------------- */

char *message_id(const SRow *row)
{
    const SPropValue *folder = row_value(row, PR_MG_PARENT_FID);
    const SPropValue *message = row_value(row, PR_MG_MID);

    if (!folder || !message)
        return text_format("-");
    return text_format("%" PRIx64 ".%" PRIx64, counter_of(folder->Value.li.QuadPart),
                       counter_of(message->Value.li.QuadPart));
}

static int open_entry(IMsgStore *store, const char *id, const SBinary *entry,
                      IMessage **ret_message)
{
    IUnknown *object;
    ULONG type;
    HRESULT hr = IMsgStore_OpenEntry(store, entry->cb, (ENTRYID *)entry->lpb, NULL,
                                     MAPI_BEST_ACCESS, &type, &object);

    if (FAILED(hr))
        return fail_hr(store, hr, "cannot open message %s", id);
    if (type != MAPI_MESSAGE) {
        IUnknown_Release(object);
        return fail(CODE_NOT_FOUND, "%s is not a message", id);
    }
    *ret_message = (IMessage *)object;
    return CODE_DONE;
}

static int open_hexadecimal(IMsgStore *store, const char *id, IMessage **ret_message)
{
    SBinary entry = {.cb = (ULONG)strlen(id) / 2};
    int code;

    entry.lpb = text_alloc(entry.cb);
    for (ULONG i = 0; i < entry.cb; i++) {
        unsigned byte = 0;

        sscanf(id + 2 * (size_t)i, "%2x", &byte);
        entry.lpb[i] = (BYTE)byte;
    }
    code = open_entry(store, id, &entry, ret_message);
    free(entry.lpb);
    return code;
}

/* The row of the message in its folder. */
static int find_in_folder(IMsgStore *store, const struct tool_folder *folder, const char *id,
                          uint64_t number, IMessage **ret_message)
{
    static const SizedSPropTagArray(2, wanted) = {2, {PR_ENTRYID, PR_MG_MID}};
    SPropValue mid = {.ulPropTag = PR_MG_MID};
    SRestriction restriction = {.rt = RES_PROPERTY};
    IMAPIFolder *object;
    IMAPITable *table = NULL;
    SRowSet *rows = NULL;
    int code = folder_open(store, folder, &object);
    HRESULT hr;

    if (code)
        return code;
    mid.Value.li.QuadPart = id_of(number);
    restriction.res.resProperty.relop = RELOP_EQ;
    restriction.res.resProperty.ulPropTag = PR_MG_MID;
    restriction.res.resProperty.lpProp = &mid;
    hr = IMAPIFolder_GetContentsTable(object, 0, &table);
    if (SUCCEEDED(hr))
        hr = HrQueryAllRows(table, (SPropTagArray *)&wanted, &restriction, NULL, 1, &rows);
    if (FAILED(hr))
        code =
            fail_hr(table ? (void *)table : (void *)object, hr, "cannot look for message %s", id);
    else if (rows->cRows == 0 || !row_value(&rows->aRow[0], PR_ENTRYID))
        code = fail(CODE_NOT_FOUND, "there is no message %s in \"%s\"", id, folder->path);
    else
        code =
            open_entry(store, id, &row_value(&rows->aRow[0], PR_ENTRYID)->Value.bin, ret_message);
    FreeProws(rows);
    if (table)
        IMAPITable_Release(table);
    IMAPIFolder_Release(object);
    return code;
}

int message_open_by_id(IMsgStore *store, const char *id, IMessage **ret_message)
{
    struct tool_folders folders;
    uint64_t folder, message;
    int code, end = 0;

    if (sscanf(id, "%" SCNx64 ".%" SCNx64 "%n", &folder, &message, &end) != 2 || id[end] != '\0') {
        size_t length = strlen(id);

        if (length >= 8 && length % 2 == 0 && strspn(id, "0123456789abcdefABCDEF") == length)
            return open_hexadecimal(store, id, ret_message);
        return fail(CODE_USAGE, "\"%s\" is no message id; mapigate ls FOLDER shows them", id);
    }
    code = folders_load(store, &folders);
    if (code)
        return code;
    code = -1;
    for (size_t i = 0; i < folders.count && code < 0; i++)
        if (folders.items[i].number == folder)
            code = find_in_folder(store, &folders.items[i], id, message, ret_message);
    if (code < 0)
        code = fail(CODE_NOT_FOUND, "the folder of message %s is not there", id);
    folders_clear(&folders);
    return code;
}
