/* Folders: what other programs made is found, what we make is there, ids stay. */
#include "tests/integration/mail_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void open_mail(void)
{
    mail_prepare(false);
    mail_open(0);
}

TestSuite(folders, .init = open_mail, .fini = mail_close);

static IMAPIFolder *create(IMAPIFolder *parent, const char *name)
{
    IMAPIFolder *folder = NULL;
    HRESULT hr = IMAPIFolder_CreateFolder(parent, FOLDER_GENERIC, (LPTSTR)mail_wide(name), NULL,
                                          NULL, MAPI_UNICODE, &folder);

    cr_assert(hr == S_OK, "\"%s\": 0x%08X", name, (unsigned)hr);
    return folder;
}

static SPropValue *entryid(void *object)
{
    SPropValue *value = NULL;

    assert_hr(HrGetOneProp((IMAPIProp *)object, PR_ENTRYID, &value), S_OK);
    return value;
}

static void expect_folder(const char *path, bool there)
{
    IMAPIFolder *folder = NULL;
    HRESULT hr = mail_find_folder(path, &folder);

    cr_expect(hr == (there ? S_OK : MAPI_E_NOT_FOUND), "\"%s\": 0x%08X", path, (unsigned)hr);
    if (folder)
        IMAPIFolder_Release(folder);
}

static void expect_same_id(const SPropValue *before, const char *path)
{
    IMAPIFolder *folder = mail_folder(path);
    SPropValue *after = entryid(folder);

    cr_expect(before->Value.bin.cb == after->Value.bin.cb &&
                  memcmp(before->Value.bin.lpb, after->Value.bin.lpb, after->Value.bin.cb) == 0,
              "\"%s\" has another id", path);
    MAPIFreeBuffer(after);
    IMAPIFolder_Release(folder);
}

static HRESULT move(IMAPIFolder *from, const SPropValue *id, IMAPIFolder *to, const char *name)
{
    return IMAPIFolder_CopyFolder(from, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL, to,
                                  (LPTSTR)mail_wide(name), 0, NULL, FOLDER_MOVE | MAPI_UNICODE);
}

Test(folders, are_made_renamed_moved_and_deleted_with_their_ids)
{
    IMAPIFolder *root = mail_folder(""), *work = create(root, "Arbeit Ü"),
                *below = create(work, "会議 & more"), *other = create(root, "Other"), *again = NULL;
    SPropValue *id = entryid(work), *below_id = entryid(below);

    expect_folder("Arbeit Ü/会議 & more", true);
    expect_hr(IMAPIFolder_CreateFolder(root, FOLDER_GENERIC, (LPTSTR)mail_wide("Arbeit Ü"), NULL,
                                       NULL, MAPI_UNICODE, &again),
              MAPI_E_COLLISION);
    assert_hr(IMAPIFolder_CreateFolder(root, FOLDER_GENERIC, (LPTSTR)mail_wide("Arbeit Ü"), NULL,
                                       NULL, MAPI_UNICODE | OPEN_IF_EXISTS, &again),
              S_OK);
    IMAPIFolder_Release(again);

    assert_hr(move(root, id, root, "Renamed"), S_OK);
    expect_folder("Arbeit Ü", false);
    expect_same_id(id, "Renamed");
    expect_same_id(below_id, "Renamed/会議 & more");

    assert_hr(move(root, id, other, "Renamed"), S_OK);
    expect_folder("Renamed", false);
    expect_same_id(id, "Other/Renamed");
    expect_same_id(below_id, "Other/Renamed/会議 & more");
    expect_hr(move(other, id, below, "Renamed"), MAPI_E_FOLDER_CYCLE);

    expect_hr(IMAPIFolder_DeleteFolder(other, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0,
                                       NULL, DEL_MESSAGES),
              MAPI_E_HAS_FOLDERS);
    assert_hr(IMAPIFolder_DeleteFolder(other, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0,
                                       NULL, DEL_MESSAGES | DEL_FOLDERS),
              S_OK);
    expect_folder("Other/Renamed", false);
    expect_folder("Other", true);
    MAPIFreeBuffer(id);
    MAPIFreeBuffer(below_id);
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(below);
    IMAPIFolder_Release(work);
    IMAPIFolder_Release(root);
}

/* A session of Dovecot that has changed mailboxes and not listed since does not mark the index of
 * mailboxes as out of date again: what it makes next is listed by nobody. */
Test(folders, what_is_made_after_a_change_is_listed_whichever_session_made_it)
{
    IMAPIFolder *root = mail_folder(""), *looked_at[3], *made, *other;
    IMAPITable *contents;
    SPropValue *id;
    char name[16];

    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof(name), "Look%d", i);
        looked_at[i] = create(root, name);
    }
    for (int i = 0; i < 40; i++) {
        contents = mail_contents(looked_at[i % 3]); /* so that sessions change hands */
        IMAPITable_Release(contents);
        snprintf(name, sizeof(name), "Quick%d", i);
        made = create(root, name);
        id = entryid(made);
        for (int j = 0; j < i % 3; j++) {
            snprintf(name, sizeof(name), "Renamed%d-%d", i, j);
            assert_hr(move(root, id, root, name), S_OK);
        }
        snprintf(name, sizeof(name), "Next%d", i);
        other = create(root, name);
        IMAPIFolder_Release(other);
        IMAPIFolder_Release(made);
        MAPIFreeBuffer(id);
    }
    for (int i = 0; i < 3; i++)
        IMAPIFolder_Release(looked_at[i]);
    IMAPIFolder_Release(root);
}

Test(folders, the_inbox_stays_where_it_is)
{
    IMAPIFolder *root = mail_folder(""), *inbox = mail_folder("Inbox");
    SPropValue *id = entryid(inbox);

    expect_hr(move(root, id, root, "Elsewhere"), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_DeleteFolder(root, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0,
                                       NULL, DEL_MESSAGES | DEL_FOLDERS),
              MAPI_E_NO_ACCESS);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(inbox);
    IMAPIFolder_Release(root);
}

Test(folders, what_we_make_tells_the_hierarchy_table)
{
    static const ULONG added = TABLE_ROW_ADDED;
    IMAPIFolder *root = mail_folder(""), *made;
    struct test_sink *sink = test_sink_create();
    ULONG_PTR connection;
    IMAPITable *table;

    assert_hr(IMAPIFolder_GetHierarchyTable(root, 0, &table), S_OK);
    assert_hr(
        IMAPITable_Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    made = create(root, "News");
    mail_await_event(sink, fnevTableModified, mail_is_table_event, &added);
    IMAPITable_Release(table);
    test_sink_release(sink);
    IMAPIFolder_Release(made);
    IMAPIFolder_Release(root);
}

/* --- The sample mailbox, which other hands filled --------------------------------------------- */

static void fill_mail(void)
{
    mail_prepare(true);
}

TestSuite(sample, .init = fill_mail);

/* Runs a Python expression over the manifest and gives its lines. */
static FILE *manifest(const char *script)
{
    char command[1024];
    FILE *lines;

    snprintf(command, sizeof(command),
             "python3 -c 'import json\n"
             "m = json.load(open(\"%s/sample/manifest.json\", encoding=\"utf-8\"))\n%s'",
             test_servers_get(mail.servers, "MG_BASE"), script);
    lines = popen(command, "r");
    cr_assert(lines);
    return lines;
}

static bool next_line(FILE *lines, char *line, size_t size)
{
    if (!fgets(line, (int)size, lines))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

Test(sample, every_folder_is_found)
{
    unsigned count = 0;
    char path[512];
    FILE *lines;

    mail_open(0);
    lines = manifest("for f in m[\"folders\"]: print(f)");
    while (next_line(lines, path, sizeof(path))) {
        expect_folder(path, true);
        count++;
    }
    pclose(lines);
    cr_expect(count > 10);
    mail_close();
}

/* One message of the manifest: folder, size, flags (as MAPI has them), time, decoded subject. */
static const char messages_script[] = "from email.header import decode_header, make_header\n"
                                      "for x in m[\"messages\"]:\n"
                                      "  try: s = str(make_header(decode_header(x[\"subject\"])))\n"
                                      "  except Exception: s = \"?\"\n"
                                      "  print(x[\"folder\"], x[\"size\"], int(\"Seen\" in "
                                      "x[\"flags\"]), x[\"time\"], s, sep=\"\\t\")";

static bool row_matches(const SRow *row, long size, int seen, long long time)
{
    const SPropValue *values = row->lpProps;
    uint64_t ticks = (uint64_t)values[ROW_TIME].Value.ft.dwHighDateTime << 32 |
                     values[ROW_TIME].Value.ft.dwLowDateTime;

    return values[ROW_SIZE].Value.l == size &&
           !(values[ROW_FLAGS].Value.l & MSGFLAG_READ) == !seen &&
           (long long)(ticks / 10000000 - UINT64_C(11644473600)) == time;
}

/* Finds it in its folder, once, by size, time and flag; *ret_subject as the table has it. */
static unsigned find_message(const char *folder_name, long size, int seen, long long time,
                             const char **ret_subject)
{
    IMAPIFolder *folder = mail_folder(strcmp(folder_name, "INBOX") == 0 ? "Inbox" : folder_name);
    IMAPITable *contents = mail_contents(folder);
    SRowSet *rows = mail_rows(contents);
    unsigned found = 0;

    for (ULONG i = 0; i < rows->cRows; i++)
        if (row_matches(&rows->aRow[i], size, seen, time)) {
            *ret_subject = mail_text(&rows->aRow[i].lpProps[ROW_SUBJECT]);
            found++;
        }
    FreeProws(rows);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(folder);
    return found;
}

Test(sample, every_message_is_in_its_contents_table)
{
    unsigned count = 0, same_subject = 0;
    char line[2048];
    FILE *lines;

    mail_open(0);
    lines = manifest(messages_script);
    while (next_line(lines, line, sizeof(line))) {
        const char *folder = strtok(line, "\t"), *size = strtok(NULL, "\t"),
                   *seen = strtok(NULL, "\t"), *time = strtok(NULL, "\t"),
                   *subject = strtok(NULL, ""), *shown = "";

        cr_expect_eq(find_message(folder, atol(size), atoi(seen), atoll(time), &shown), 1,
                     "%s in %s", subject ? subject : "(none)", folder);
        same_subject += strcmp(shown, subject ? subject : "") == 0;
        count++;
    }
    pclose(lines);
    cr_expect(count > 40);
    /* Python gives up on a few that we read: unknown charsets, raw bytes, half a word. */
    cr_expect(same_subject + 6 >= count, "%u of %u subjects", same_subject, count);
    mail_close();
}

/* --- Restart ---------------------------------------------------------------------------------- */

/* Writes the ids of all folders and of the Inbox's messages, in hex. */
static void write_ids(const char *path)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_DISPLAY_NAME_W}};
    FILE *file = fopen(path, "w");
    IMAPIFolder *root = mail_folder(""), *inbox = mail_folder("Inbox");
    IMAPITable *tables[2];

    assert_hr(IMAPIFolder_GetHierarchyTable(root, CONVENIENT_DEPTH, &tables[0]), S_OK);
    assert_hr(IMAPIFolder_GetContentsTable(inbox, 0, &tables[1]), S_OK);
    for (int t = 0; t < 2; t++) {
        SRowSet *rows;

        assert_hr(HrQueryAllRows(tables[t], (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
        cr_assert(rows->cRows > 20);
        for (ULONG i = 0; i < rows->cRows; i++) {
            const SBinary *id = &rows->aRow[i].lpProps[0].Value.bin;

            for (ULONG b = 0; b < id->cb; b++)
                fprintf(file, "%02X", id->lpb[b]);
            fputc('\n', file);
        }
        FreeProws(rows);
        IMAPITable_Release(tables[t]);
    }
    IMAPIFolder_Release(inbox);
    IMAPIFolder_Release(root);
    fclose(file);
}

Test(sample, ids_are_the_same_in_another_process)
{
    char first[96], second[96], command[256];
    int status;
    pid_t child;

    snprintf(first, sizeof(first), "%s/first", mail.state);
    snprintf(second, sizeof(second), "%s/second", mail.state);
    child = fork(); /* before the library is used here: two processes, one after the other */
    cr_assert(child >= 0);
    if (child == 0) {
        mail_open(0);
        write_ids(first);
        mail_logoff();
        MAPIUninitialize();
        _exit(0);
    }
    cr_assert(waitpid(child, &status, 0) == child && status == 0, "status %d", status);
    mail_open(0);
    write_ids(second);
    snprintf(command, sizeof(command), "cmp '%s' '%s'", first, second);
    cr_expect(system(command) == 0);
    mail_close();
}
