/* tests/integration/mail_rig.c - a program that uses MAPI, on real servers */
#include "tests/integration/mail_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mapi/text.h"

#define GUARD_MS 30000

struct mail_rig mail;

/* --- Words ------------------------------------------------------------------------------------ */

static size_t wide_length(const WCHAR *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

static const char *narrow(const WCHAR *text)
{
    static char buffers[16][1024];
    static unsigned next;
    char *buffer = buffers[next++ % 16];

    buffer[0] = '\0';
    if (text)
        utf16_to_utf8(text, wide_length(text), buffer, sizeof(buffers[0]));
    return buffer;
}

const char *mail_text(const SPropValue *value)
{
    return PROP_TYPE(value->ulPropTag) == PT_UNICODE ? narrow(value->Value.lpszW) : "";
}

WCHAR *mail_wide(const char *utf8)
{
    static WCHAR buffers[16][512];
    static unsigned next;
    WCHAR *buffer = buffers[next++ % 16], *wide = NULL;

    assert_hr(text_utf8_to_utf16(NULL, utf8, &wide), S_OK);
    cr_assert(wide_length(wide) < 512);
    memcpy(buffer, wide, (wide_length(wide) + 1) * sizeof(*wide));
    MAPIFreeBuffer(wide);
    return buffer;
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static void make_state(void)
{
    strcpy(mail.state, "/tmp/mapigate-state-XXXXXX");
    cr_assert(mkdtemp(mail.state) != NULL);
    setenv("MAPIGATE_STATE", mail.state, 1);
}

static const char *address(void)
{
    static char text[64];

    snprintf(text, sizeof(text), "%s@example.test", mail.user);
    return text;
}

void mail_prepare_servers(const char *options)
{
    mail = (struct mail_rig){.servers = test_servers_start(options), .user = "alice"};
    make_state();
}

void mail_prepare(bool fill)
{
    mail = (struct mail_rig){.servers = test_servers_start(NULL), .user = "alice"};
    if (fill)
        test_servers_fill(mail.servers, "alice");
    make_state();
}

void mail_prepare_shared(void)
{
    unsigned user;

    mail = (struct mail_rig){.servers = test_servers_share(&user)};
    snprintf(mail.user, sizeof(mail.user), "user%u", user);
    make_state();
}

static void configure(IMsgServiceAdmin *services, const char *password)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_SERVICE_UID}};
    SPropValue values[] = {
        {.ulPropTag = PR_MG_IMAP_URL},      {.ulPropTag = PR_MG_SMTP_URL},
        {.ulPropTag = PR_MG_USER},          {.ulPropTag = PR_MG_PASSWORD},
        {.ulPropTag = PR_MG_EMAIL},         {.ulPropTag = PR_MG_TLS_CA_FILE},
        {.ulPropTag = PR_MG_CONTACTS_FILE},
    };
    IMAPITable *table;
    SRowSet *rows;

    values[0].Value.lpszW =
        mail_wide(mail.imap_url ? mail.imap_url : test_servers_get(mail.servers, "MG_IMAP_URL"));
    values[1].Value.lpszW =
        mail_wide(mail.smtp_url ? mail.smtp_url : test_servers_get(mail.servers, "MG_SMTP_URL"));
    values[2].Value.lpszW = mail_wide(mail.user);
    values[3].Value.lpszW = mail_wide(password);
    values[4].Value.lpszW = mail_wide(address());
    values[5].Value.lpszW = mail_wide(test_servers_get(mail.servers, "MG_CA_FILE"));
    values[6].Value.lpszW = mail_wide(mail.contacts_file ? mail.contacts_file : "");
    assert_hr(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), S_OK);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    cr_assert(rows->cRows == 1);
    assert_hr(IMsgServiceAdmin_ConfigureMsgService(
                  services, (MAPIUID *)rows->aRow[0].lpProps[0].Value.bin.lpb, 0, MAPI_UNICODE,
                  sizeof(values) / sizeof(values[0]), values),
              S_OK);
    FreeProws(rows);
    IMAPITable_Release(table);
}

void mail_begin(const char *password)
{
    MAPIINIT_0 init = {MAPI_INIT_VERSION, MAPI_MULTITHREAD_NOTIFICATIONS};
    IMsgServiceAdmin *services;
    IProfAdmin *profiles;
    HRESULT hr;

    assert_hr(MAPIInitialize(&init), S_OK);
    assert_hr(MAPIAdminProfiles(0, &profiles), S_OK);
    hr = IProfAdmin_CreateProfile(profiles, (LPTSTR)PROFILE, NULL, 0, 0);
    cr_assert(hr == S_OK || hr == MAPI_E_NO_ACCESS, "0x%08X", (unsigned)hr);
    assert_hr(IProfAdmin_AdminServices(profiles, (LPTSTR)PROFILE, NULL, 0, 0, &services), S_OK);
    if (hr == S_OK) /* else an earlier process of the test has made it */
        assert_hr(
            IMsgServiceAdmin_CreateMsgService(services, (LPTSTR)MG_SERVICE_NAME_A, NULL, 0, 0),
            S_OK);
    configure(services, password);
    IMsgServiceAdmin_Release(services);
    IProfAdmin_Release(profiles);
}

HRESULT mail_logon(ULONG flags)
{
    return MAPILogonEx(0, (LPTSTR)PROFILE, NULL, MAPI_EXTENDED | MAPI_NEW_SESSION | flags,
                       &mail.session);
}

void mail_open_status(void)
{
    static const SizedSPropTagArray(5, columns) = {
        5,
        {PR_RESOURCE_TYPE, PR_STATUS_CODE, PR_STATUS_STRING_W, PR_ENTRYID, PR_PROVIDER_DISPLAY_W}};
    ULONG_PTR connection;

    assert_hr(IMAPISession_GetStatusTable(mail.session, 0, &mail.status), S_OK);
    assert_hr(IMAPITable_SetColumns(mail.status, (SPropTagArray *)&columns, 0), S_OK);
    mail.sink = test_sink_create();
    assert_hr(IMAPITable_Advise(mail.status, fnevTableModified, &mail.sink->IMAPIAdviseSink_iface,
                                &connection),
              S_OK);
}

HRESULT mail_open_store(IMsgStore **ret_store)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    IMAPITable *stores;
    SRowSet *rows;
    HRESULT hr;

    assert_hr(IMAPISession_GetMsgStoresTable(mail.session, 0, &stores), S_OK);
    assert_hr(HrQueryAllRows(stores, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    cr_assert(rows->cRows == 1, "%u stores", (unsigned)rows->cRows);
    hr = IMAPISession_OpenMsgStore(mail.session, 0, rows->aRow[0].lpProps[0].Value.bin.cb,
                                   (ENTRYID *)rows->aRow[0].lpProps[0].Value.bin.lpb, NULL,
                                   MDB_WRITE, ret_store);
    FreeProws(rows);
    IMAPITable_Release(stores);
    return hr;
}

void mail_open(ULONG logon_flags)
{
    mail_begin("secret");
    assert_hr(mail_logon(logon_flags), S_OK);
    mail_open_status();
    assert_hr(mail_open_store(&mail.store), S_OK);
}

void mail_logoff(void)
{
    if (mail.store)
        IMsgStore_Release(mail.store);
    if (mail.status)
        IMAPITable_Release(mail.status);
    if (mail.sink)
        test_sink_release(mail.sink);
    if (mail.session) {
        expect_hr(IMAPISession_Logoff(mail.session, 0, 0, 0), S_OK);
        IMAPISession_Release(mail.session);
    }
    mail.store = NULL;
    mail.status = NULL;
    mail.sink = NULL;
    mail.session = NULL;
}

void mail_close(void)
{
    char command[128];

    mail_logoff();
    MAPIUninitialize();
    test_servers_stop(mail.servers);
    snprintf(command, sizeof(command), "rm -r '%s'", mail.state);
    cr_expect(system(command) == 0);
}

const char *mail_words(HRESULT hr)
{
    MAPIERROR *error = NULL;
    const char *words = "";

    if (SUCCEEDED(IMAPISession_GetLastError(mail.session, hr, MAPI_UNICODE, &error)) && error)
        words = narrow((WCHAR *)error->lpszError);
    MAPIFreeBuffer(error);
    return words;
}

/* --- Waiting ---------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_a_little(int64_t since)
{
    usleep(5000);
    return now_ms() - since < (mail.guard_ms ? mail.guard_ms : GUARD_MS);
}

static SRowSet *status_rows(void)
{
    SRowSet *rows;

    assert_hr(IMAPITable_SeekRow(mail.status, BOOKMARK_BEGINNING, 0, NULL), S_OK);
    assert_hr(IMAPITable_QueryRows(mail.status, 50, 0, &rows), S_OK);
    return rows;
}

int64_t mail_status(ULONG resource_type)
{
    SRowSet *rows = status_rows();
    int64_t code = -1;

    for (ULONG i = 0; i < rows->cRows; i++)
        if ((ULONG)rows->aRow[i].lpProps[0].Value.l == resource_type)
            code = (ULONG)rows->aRow[i].lpProps[1].Value.l;
    FreeProws(rows);
    return code;
}

const char *mail_status_text(ULONG resource_type)
{
    SRowSet *rows = status_rows();
    const char *text = "";

    for (ULONG i = 0; i < rows->cRows; i++)
        if ((ULONG)rows->aRow[i].lpProps[0].Value.l == resource_type)
            text = mail_text(&rows->aRow[i].lpProps[2]);
    FreeProws(rows);
    return text;
}

void mail_await_status(ULONG resource_type, ULONG mask, ULONG value)
{
    int64_t since = now_ms(), code;

    do {
        code = mail_status(resource_type);
        if (code >= 0 && ((ULONG)code & mask) == value)
            return;
    } while (wait_a_little(since));
    cr_assert_fail("status row %u is 0x%llX", (unsigned)resource_type, (long long)code);
}

const NOTIFICATION *mail_await_event(struct test_sink *sink, ULONG type,
                                     bool (*wanted)(const NOTIFICATION *, const void *),
                                     const void *context)
{
    int64_t since = now_ms();
    size_t at = 0;

    do {
        const NOTIFICATION *notification;

        while ((notification = test_sink_at(sink, at))) {
            at++;
            if (notification->ulEventType == type && (!wanted || wanted(notification, context)))
                return notification;
        }
    } while (wait_a_little(since));
    cr_assert_fail("no such event among %zu", at);
    return NULL;
}

bool mail_is_table_event(const NOTIFICATION *notification, const void *context)
{
    return notification->info.tab.ulTableEvent == *(const ULONG *)context;
}

struct row_wanted {
    ULONG resource_type, mask, value;
};

static bool is_row_event(const NOTIFICATION *notification, const void *context)
{
    const TABLE_NOTIFICATION *event = &notification->info.tab;
    const struct row_wanted *wanted = context;

    return event->ulTableEvent == TABLE_ROW_MODIFIED && event->row.cValues >= 2 &&
           (ULONG)event->row.lpProps[0].Value.l == wanted->resource_type &&
           ((ULONG)event->row.lpProps[1].Value.l & wanted->mask) == wanted->value;
}

void mail_await_row_event(ULONG resource_type, ULONG mask, ULONG value)
{
    struct row_wanted wanted = {resource_type, mask, value};

    mail_await_event(mail.sink, fnevTableModified, is_row_event, &wanted);
}

IMAPIStatus *mail_status_object(ULONG resource_type)
{
    SRowSet *rows = status_rows();
    IMAPIStatus *object = NULL;

    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;
        ULONG type;

        if ((ULONG)row[0].Value.l == resource_type)
            assert_hr(IMAPISession_OpenEntry(mail.session, row[3].Value.bin.cb,
                                             (ENTRYID *)row[3].Value.bin.lpb, NULL, 0, &type,
                                             (IUnknown **)&object),
                      S_OK);
    }
    FreeProws(rows);
    cr_assert(object);
    return object;
}

/* --- Folders and rows ------------------------------------------------------------------------- */

static HRESULT open_child(IMAPIFolder *parent, const char *name, size_t length,
                          IMAPIFolder **ret_folder)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_DISPLAY_NAME_W, PR_ENTRYID}};
    IMAPITable *table;
    SRowSet *rows;
    ULONG type;
    HRESULT hr = MAPI_E_NOT_FOUND;

    assert_hr(IMAPIFolder_GetHierarchyTable(parent, 0, &table), S_OK);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;
        const char *text = mail_text(&row[0]);

        if (strlen(text) == length && memcmp(text, name, length) == 0)
            hr = IMsgStore_OpenEntry(mail.store, row[1].Value.bin.cb,
                                     (ENTRYID *)row[1].Value.bin.lpb, NULL, MAPI_MODIFY, &type,
                                     (IUnknown **)ret_folder);
    }
    FreeProws(rows);
    IMAPITable_Release(table);
    return hr;
}

HRESULT mail_find_folder(const char *path, IMAPIFolder **ret_folder)
{
    IMAPIFolder *folder, *child;
    SPropValue *subtree;
    HRESULT hr = S_OK;
    ULONG type;

    assert_hr(HrGetOneProp((IMAPIProp *)mail.store, PR_IPM_SUBTREE_ENTRYID, &subtree), S_OK);
    assert_hr(IMsgStore_OpenEntry(mail.store, subtree->Value.bin.cb,
                                  (ENTRYID *)subtree->Value.bin.lpb, NULL, MAPI_MODIFY, &type,
                                  (IUnknown **)&folder),
              S_OK);
    cr_assert(type == MAPI_FOLDER);
    MAPIFreeBuffer(subtree);
    while (*path && SUCCEEDED(hr)) {
        size_t length = strcspn(path, "/");

        hr = open_child(folder, path, length, &child);
        IMAPIFolder_Release(folder);
        folder = child;
        path += length + (path[length] == '/');
    }
    if (SUCCEEDED(hr))
        *ret_folder = folder;
    return hr;
}

IMAPIFolder *mail_folder(const char *path)
{
    IMAPIFolder *folder = NULL;
    HRESULT hr = mail_find_folder(path, &folder);

    cr_assert(hr == S_OK, "folder \"%s\": 0x%08X", path, (unsigned)hr);
    return folder;
}

IMAPITable *mail_contents(IMAPIFolder *folder)
{
    static const SizedSPropTagArray(ROW_COLUMNS, columns) = {
        ROW_COLUMNS,
        {PR_SUBJECT_W, PR_ENTRYID, PR_MESSAGE_SIZE, PR_MESSAGE_FLAGS, PR_MESSAGE_DELIVERY_TIME,
         PR_SENDER_NAME_W}};
    IMAPITable *table;

    assert_hr(IMAPIFolder_GetContentsTable(folder, 0, &table), S_OK);
    assert_hr(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), S_OK);
    return table;
}

SRowSet *mail_rows(IMAPITable *contents)
{
    SRowSet *rows;

    assert_hr(IMAPITable_SeekRow(contents, BOOKMARK_BEGINNING, 0, NULL), S_OK);
    assert_hr(IMAPITable_QueryRows(contents, 1000, 0, &rows), S_OK);
    return rows;
}

int mail_find_row(const SRowSet *rows, const char *subject)
{
    for (ULONG i = 0; i < rows->cRows; i++)
        if (strcmp(mail_text(&rows->aRow[i].lpProps[ROW_SUBJECT]), subject) == 0)
            return (int)i;
    return -1;
}

void mail_await_row(IMAPITable *contents, const char *subject, bool there)
{
    int64_t since = now_ms();

    do {
        SRowSet *rows = mail_rows(contents);
        bool found = mail_find_row(rows, subject) >= 0;

        FreeProws(rows);
        if (found == there)
            return;
    } while (wait_a_little(since));
    cr_assert_fail("\"%s\" is %s", subject, there ? "not there" : "still there");
}

void mail_deliver(const char *subject)
{
    char message[512];

    snprintf(
        message, sizeof(message),
        "From: Bob <bob@example.test>\r\nTo: %s\r\nSubject: %s\r\n"
        "Message-ID: <%s@example.test>\r\nDate: Tue, 1 Oct 2024 10:00:00 +0000\r\n\r\nhello\r\n",
        address(), subject, subject);
    mail_deliver_raw(message);
}

void mail_deliver_raw(const char *message)
{
    test_servers_deliver(mail.servers, mail.user, message);
}
