/* tests/soak/two_clients_change.c - what our client does in `./dev soak two_clients` */
#include "tests/soak/two_clients_change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/mail_rig.h"
#include "tests/integration/mail_send.h"
#include "tests/soak/view.h"

#define FOLDERS_MAX 8 /* of ours that come and go */

const char *const fixed_imap_names[FIXED_FOLDERS] = {"INBOX", "Soak/A", "Soak/B", "Soak/C"};
const char *const fixed_mapi_names[FIXED_FOLDERS] = {"Inbox", "Soak/A", "Soak/B", "Soak/C"};

static IMAPIFolder *folders[FIXED_FOLDERS], *base;
static IMAPITable *tables[FIXED_FOLDERS];
static unsigned dice_seed, next_name;
static const char new_folder[] = "a new folder";

static unsigned dice(unsigned limit)
{
    return (unsigned)rand_r(&dice_seed) % limit;
}

void change_begin(unsigned seed)
{
    dice_seed = seed;
    base = mail_folder(VIEW_BASE);
    for (int i = 0; i < FIXED_FOLDERS; i++) {
        folders[i] = mail_folder(fixed_mapi_names[i]);
        tables[i] = mail_contents(folders[i]);
    }
}

void change_end(void)
{
    for (int i = 0; i < FIXED_FOLDERS; i++) {
        IMAPITable_Release(tables[i]);
        IMAPIFolder_Release(folders[i]);
    }
    IMAPIFolder_Release(base);
}

static const char *words_of(void *object, HRESULT hr)
{
    MAPIERROR *error = NULL; /* which the test's end gives back */

    return IMAPIProp_GetLastError((IMAPIProp *)object, hr, 0, &error) == S_OK && error
               ? (const char *)error->lpszError
               : "";
}

/* Did it work? What the other client has taken away or was faster to do is no failure. */
static bool worked(void *object, HRESULT hr, const char *what, struct change_tally *tally)
{
    bool explained = hr == MAPI_W_PARTIAL_COMPLETION || hr == MAPI_E_NOT_FOUND ||
                     hr == MAPI_E_OBJECT_DELETED || hr == MAPI_E_COLLISION;

    /* A new folder that is deleted or renamed before it is listed. */
    explained = explained || (hr == MAPI_E_CALL_FAILED && strcmp(what, new_folder) == 0);
    if (hr != S_OK && !explained)
        cr_assert_fail("%s: 0x%08X: %s", what, (unsigned)hr, words_of(object, hr));
    tally->done += hr == S_OK;
    tally->refused += hr != S_OK;
    return hr == S_OK;
}

/* --- Messages --------------------------------------------------------------------------------- */

static void new_message(struct change_tally *tally)
{
    IMessage *message;
    char text[32];

    assert_hr(IMAPIFolder_CreateMessage(folders[dice(FIXED_FOLDERS)], NULL, 0, &message), S_OK);
    snprintf(text, sizeof(text), "ours%u", next_name++);
    mail_set_text(message, PR_SUBJECT_W, text);
    mail_set_text(message, PR_BODY_W, text);
    worked(message, IMessage_SaveChanges(message, 0), "a new message", tally);
    IMessage_Release(message);
}

/* Up to three neighbours of a folder's rows; FreeProws, NULL: there are none. */
static SRowSet *some_rows(unsigned folder, ENTRYLIST *list, SBinary *ids)
{
    SRowSet *rows = mail_rows(tables[folder]);
    ULONG first;

    list->lpbin = ids;
    list->cValues = 1 + dice(3);
    if (rows->cRows == 0) {
        FreeProws(rows);
        return NULL;
    }
    first = dice(rows->cRows);
    if (list->cValues > rows->cRows - first)
        list->cValues = rows->cRows - first;
    for (ULONG i = 0; i < list->cValues; i++)
        ids[i] = rows->aRow[first + i].lpProps[ROW_ENTRYID].Value.bin;
    return rows;
}

/* Those that we made are drafts, and are rewritten. */
static void save_again(struct change_tally *tally)
{
    IMessage *message = NULL;
    unsigned folder = dice(FIXED_FOLDERS);
    ENTRYLIST list;
    SBinary ids[3];
    SRowSet *rows = some_rows(folder, &list, ids);
    char text[32];
    ULONG type;

    if (!rows)
        return;
    snprintf(text, sizeof(text), "text %u", next_name++);
    if (worked(mail.store,
               IMsgStore_OpenEntry(mail.store, ids[0].cb, (ENTRYID *)ids[0].lpb, NULL, MAPI_MODIFY,
                                   &type, (IUnknown **)&message),
               "opening", tally)) {
        SPropValue *subject = NULL;

        if (HrGetOneProp((IMAPIProp *)message, PR_SUBJECT_W, &subject) == S_OK &&
            strncmp(mail_text(subject), "ours", 4) == 0) {
            mail_set_text(message, PR_BODY_W, text);
            worked(message, IMessage_SaveChanges(message, 0), "saving again", tally);
        }
        MAPIFreeBuffer(subject);
        IMessage_Release(message);
    }
    FreeProws(rows);
}

enum list_change { LIST_READ, LIST_UNREAD, LIST_DELETE, LIST_COPY, LIST_MOVE };
static const char *const list_change_names[] = {"reading", "unreading", "deleting", "copying",
                                                "moving"};

static void change_list(enum list_change change, struct change_tally *tally)
{
    unsigned folder = dice(FIXED_FOLDERS),
             target = (folder + 1 + dice(FIXED_FOLDERS - 1)) % FIXED_FOLDERS;
    ENTRYLIST list;
    SBinary ids[3];
    SRowSet *rows = some_rows(folder, &list, ids);
    HRESULT hr = S_OK;

    if (!rows)
        return;
    switch (change) {
    case LIST_READ:
    case LIST_UNREAD:
        hr = IMAPIFolder_SetReadFlags(folders[folder], &list, 0, NULL,
                                      change == LIST_READ ? SUPPRESS_RECEIPT : CLEAR_READ_FLAG);
        break;
    case LIST_DELETE:
        hr = IMAPIFolder_DeleteMessages(folders[folder], &list, 0, NULL, 0);
        break;
    case LIST_COPY:
    case LIST_MOVE:
        hr = IMAPIFolder_CopyMessages(folders[folder], &list, NULL, folders[target], 0, NULL,
                                      change == LIST_MOVE ? MESSAGE_MOVE : 0);
    }
    worked(folders[folder], hr, list_change_names[change], tally);
    FreeProws(rows);
}

/* --- Folders ---------------------------------------------------------------------------------- */

/* A folder below the base that is not one of the fixed ones; FreeProws, NULL: too few. */
static SRowSet *some_folder(SBinary *ret_id, unsigned *ret_count)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_DISPLAY_NAME_W}};
    unsigned places[64], count = 0;
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMAPIFolder_GetHierarchyTable(base, 0, &table), S_OK);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    IMAPITable_Release(table);
    for (ULONG i = 0; i < rows->cRows && count < 64; i++)
        if (strlen(mail_text(&rows->aRow[i].lpProps[1])) > 1)
            places[count++] = i;
    *ret_count = count;
    if (count == 0) {
        FreeProws(rows);
        return NULL;
    }
    *ret_id = rows->aRow[places[dice(count)]].lpProps[0].Value.bin;
    return rows;
}

static void create_folder(struct change_tally *tally)
{
    IMAPIFolder *made;
    char name[16];

    snprintf(name, sizeof(name), "ours%u", next_name++);
    if (worked(base,
               IMAPIFolder_CreateFolder(base, FOLDER_GENERIC, (LPTSTR)mail_wide(name), NULL, NULL,
                                        MAPI_UNICODE, &made),
               new_folder, tally))
        IMAPIFolder_Release(made);
}

static void change_folder(bool rename, struct change_tally *tally)
{
    unsigned count;
    SBinary id;
    SRowSet *rows = some_folder(&id, &count);
    char name[16];

    if (!rows || (rename && count == 0)) {
        create_folder(tally);
        return;
    }
    snprintf(name, sizeof(name), "ours%u", next_name++);
    if (rename)
        worked(base,
               IMAPIFolder_CopyFolder(base, id.cb, (ENTRYID *)id.lpb, NULL, base,
                                      (LPTSTR)mail_wide(name), 0, NULL, FOLDER_MOVE | MAPI_UNICODE),
               "renaming a folder", tally);
    else
        worked(base,
               IMAPIFolder_DeleteFolder(base, id.cb, (ENTRYID *)id.lpb, 0, NULL, DEL_MESSAGES),
               "deleting a folder", tally);
    FreeProws(rows);
    if (!rename && count < FOLDERS_MAX)
        create_folder(tally);
}

void change_one(struct change_tally *tally)
{
    static const unsigned weights[] = {4, 3, 3, 2, 3, 1, 3, 1, 1};
    unsigned kind = 0, left = dice(21);

    while (left >= weights[kind])
        left -= weights[kind++];
    switch (kind) {
    case 0:
        new_message(tally);
        break;
    case 1:
        save_again(tally);
        break;
    case 7:
    case 8:
        change_folder(kind == 7, tally);
        break;
    default:
        change_list((enum list_change)(kind - 2), tally);
    }
}
