/* ls.c - mapigate ls: the folders, or the messages of one */
#include <stdlib.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "tools/tool.h"

#define NEWEST 25 /* messages shown if nobody says how many */

static const char help[] =
    "usage: mapigate ls [--json] [--profile NAME]\n"
    "       mapigate ls FOLDER [-n COUNT | --all] [--json] [--profile NAME]\n"
    "\n"
    "Without FOLDER the folders, with unread and all messages. With FOLDER (Inbox, Work/Projects)\n"
    "its newest messages, the newest first: the id for mapigate read, N for unread, A for\n"
    "attachments, time, sender, subject.\n"
    "\n"
    "  -n COUNT   how many (25)\n"
    "  --all      all of them\n";

static void list_folders(const struct tool_folders *folders, bool as_json)
{
    json_t *json = as_json ? json_array() : NULL;

    for (size_t i = 0; i < folders->count; i++) {
        const struct tool_folder *folder = &folders->items[i];

        if (json)
            json_array_append_new(json,
                                  json_pack("{s:s, s:i, s:i}", "path", folder->path, "messages",
                                            (int)folder->messages, "unread", (int)folder->unread));
        else {
            printf("%6d %6d  ", (int)folder->unread, (int)folder->messages);
            text_print(stdout, folder->path, 0);
            putchar('\n');
        }
    }
    if (json)
        json_print(json, false);
}

/* --- Messages --------------------------------------------------------------------------------- */

static const SizedSPropTagArray(9, columns) = {
    9,
    {PR_MG_PARENT_FID, PR_MG_MID, PR_SUBJECT_W, PR_SENDER_NAME_W, PR_SENDER_EMAIL_ADDRESS_W,
     PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_SIZE, PR_MESSAGE_FLAGS, PR_HASATTACH}};
static const SizedSSortOrderSet(1, newest_first) = {
    1, 0, 0, {{PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND}}};

static void print_message(const SRow *row, json_t *json)
{
    const SPropValue *time = row_value(row, PR_MESSAGE_DELIVERY_TIME);
    const SPropValue *attached = row_value(row, PR_HASATTACH);
    LONG flags = row_long(row, PR_MESSAGE_FLAGS);
    char *id = message_id(row), *when = text_time(time ? &time->Value.ft : NULL);
    char *sender = row_text(row, PR_SENDER_NAME_W), *subject = row_text(row, PR_SUBJECT_W);
    char *address = row_text(row, PR_SENDER_EMAIL_ADDRESS_W);
    bool has_attachment = attached && attached->Value.b;

    if (json)
        json_array_append_new(
            json, json_pack("{s:s, s:b, s:b, s:s, s:s, s:s, s:s, s:i}", "id", id, "read",
                            (int)((flags & MSGFLAG_READ) != 0), "attachments", (int)has_attachment,
                            "time", when, "sender", sender, "address", address, "subject", subject,
                            "size", (int)row_long(row, PR_MESSAGE_SIZE)));
    else {
        printf("%-13s %c%c %-16s  ", id, flags & MSGFLAG_READ ? ' ' : 'N',
               has_attachment ? 'A' : ' ', when);
        text_print(stdout, sender, 22);
        fputs("  ", stdout);
        text_print(stdout, subject, 0);
        putchar('\n');
    }
    free(address);
    free(subject);
    free(sender);
    free(when);
    free(id);
}

static HRESULT print_messages(IMAPITable *table, ULONG most, bool as_json)
{
    json_t *json = as_json ? json_array() : NULL;
    SRowSet *rows = NULL;
    ULONG shown = 0;
    HRESULT hr = IMAPITable_SetColumns(table, (SPropTagArray *)&columns, TBL_BATCH);

    if (SUCCEEDED(hr))
        hr = IMAPITable_SortTable(table, (SSortOrderSet *)&newest_first, TBL_BATCH);
    while (SUCCEEDED(hr) && shown < most) {
        ULONG page = most - shown < 500 ? most - shown : 500;

        hr = IMAPITable_QueryRows(table, (LONG)page, 0, &rows);
        if (FAILED(hr) || rows->cRows == 0)
            break;
        for (ULONG i = 0; i < rows->cRows; i++)
            print_message(&rows->aRow[i], json);
        shown += rows->cRows;
        FreeProws(rows);
        rows = NULL;
    }
    FreeProws(rows);
    if (FAILED(hr))
        json_decref(json);
    else if (json)
        json_print(json, false);
    return hr;
}

static int list_messages(IMsgStore *store, const struct tool_folders *folders, const char *path,
                         ULONG most, bool json)
{
    const struct tool_folder *folder = folders_find(folders, path);
    IMAPIFolder *object;
    IMAPITable *table = NULL;
    ULONG count = 0;
    int code;
    HRESULT hr;

    if (!folder)
        return fail(CODE_NOT_FOUND, "there is no folder \"%s\"; mapigate ls shows those there are",
                    path);
    code = folder_open(store, folder, &object);
    if (code)
        return code;
    hr = IMAPIFolder_GetContentsTable(object, 0, &table);
    if (SUCCEEDED(hr))
        hr = print_messages(table, most, json);
    if (FAILED(hr))
        code =
            fail_hr(table ? (void *)table : (void *)object, hr, "cannot list folder \"%s\"", path);
    else if (!json && SUCCEEDED(IMAPITable_GetRowCount(table, 0, &count)) && count > most &&
             isatty(STDOUT_FILENO))
        printf("... %u more: --all, or -n COUNT\n", (unsigned)(count - most));
    if (table)
        IMAPITable_Release(table);
    IMAPIFolder_Release(object);
    return code;
}

int verb_ls(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"all", no_argument, NULL, 'a'},
                                            {"profile", required_argument, NULL, 'p'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct tool_folders folders = {0};
    const char *profile = NULL;
    struct tool_session session;
    IMsgStore *store = NULL;
    ULONG most = NEWEST;
    bool json = false;
    int option, code;

    while ((option = getopt_long(argc, argv, "n:p:h", options, NULL)) != -1)
        if (option == 'j')
            json = true;
        else if (option == 'a')
            most = UINT32_MAX;
        else if (option == 'n' && atol(optarg) > 0)
            most = (ULONG)atol(optarg);
        else if (option == 'p')
            profile = optarg;
        else if (option == 'h') {
            fputs(help, stdout);
            return CODE_DONE;
        } else
            return fail_usage("ls");
    if (argc - optind > 1) {
        fail(CODE_USAGE, "ls takes one FOLDER; quote names with spaces");
        return fail_usage("ls");
    }
    code = session_open(profile, &session, NULL);
    if (code)
        return code;
    code = store_open(&session, &store);
    if (!code)
        code = folders_load(store, &folders);
    if (!code && optind < argc)
        code = list_messages(store, &folders, argv[optind], most, json);
    else if (!code)
        list_folders(&folders, json);
    folders_clear(&folders);
    if (store)
        IMsgStore_Release(store);
    session_close(&session);
    return code;
}
