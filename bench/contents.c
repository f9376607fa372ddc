/* bench/contents.c - reads the inbox of an account as a program would, and says what it took
 *
 *   contents IMAP-URL SMTP-URL USER PASSWORD CA-FILE ROWS
 *
 * Cold: a profile of its own in MAPIGATE_STATE, nothing cached. From MAPILogonEx to the last row:
 * QueryRows in pages of 1,000, each freed as it is read. Prints one line of key=value: seconds,
 * seconds to the first page, rows, the process's peak RSS in MB, CPU seconds, and the engine's
 * longest turn in milliseconds of CPU (it is linked with the static core only for that). Ends with
 * 1 unless every row came whole. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "mapi/mapigate.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "net/process_engine.h"

#define PROFILE "bench"
#define PAGE    1000

static void must(HRESULT hr, const char *what)
{
    if (SUCCEEDED(hr))
        return;
    fprintf(stderr, "contents: %s: 0x%08X\n", what, (unsigned)hr);
    exit(1);
}

static double now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void configure(IMsgServiceAdmin *services, char **words)
{
    SPropTagArray columns = {1, {PR_SERVICE_UID}};
    SPropValue values[] = {
        {.ulPropTag = CHANGE_PROP_TYPE(PR_MG_IMAP_URL, PT_STRING8), .Value.lpszA = words[0]},
        {.ulPropTag = CHANGE_PROP_TYPE(PR_MG_SMTP_URL, PT_STRING8), .Value.lpszA = words[1]},
        {.ulPropTag = CHANGE_PROP_TYPE(PR_MG_USER, PT_STRING8), .Value.lpszA = words[2]},
        {.ulPropTag = CHANGE_PROP_TYPE(PR_MG_PASSWORD, PT_STRING8), .Value.lpszA = words[3]},
        {.ulPropTag = CHANGE_PROP_TYPE(PR_MG_TLS_CA_FILE, PT_STRING8), .Value.lpszA = words[4]},
    };
    IMAPITable *table;
    SRowSet *rows;

    must(IMsgServiceAdmin_CreateMsgService(services, (LPTSTR)MG_SERVICE_NAME_A, NULL, 0, 0),
         "CreateMsgService");
    must(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), "GetMsgServiceTable");
    must(HrQueryAllRows(table, &columns, NULL, NULL, 0, &rows), "the service table");
    must(IMsgServiceAdmin_ConfigureMsgService(services,
                                              (MAPIUID *)rows->aRow[0].lpProps[0].Value.bin.lpb, 0,
                                              0, sizeof(values) / sizeof(values[0]), values),
         "ConfigureMsgService");
    FreeProws(rows);
    IMAPITable_Release(table);
}

static void make_profile(char **words)
{
    IMsgServiceAdmin *services;
    IProfAdmin *profiles;

    must(MAPIAdminProfiles(0, &profiles), "MAPIAdminProfiles");
    must(IProfAdmin_CreateProfile(profiles, (LPTSTR)PROFILE, NULL, 0, 0), "CreateProfile");
    must(IProfAdmin_AdminServices(profiles, (LPTSTR)PROFILE, NULL, 0, 0, &services),
         "AdminServices");
    configure(services, words);
    IMsgServiceAdmin_Release(services);
    IProfAdmin_Release(profiles);
}

static IMsgStore *open_store(IMAPISession *session)
{
    SPropTagArray columns = {1, {PR_ENTRYID}};
    IMAPITable *table;
    IMsgStore *store;
    SRowSet *rows;
    SBinary *id;

    must(IMAPISession_GetMsgStoresTable(session, 0, &table), "GetMsgStoresTable");
    must(HrQueryAllRows(table, &columns, NULL, NULL, 0, &rows), "the stores table");
    if (rows->cRows == 0)
        must(MAPI_E_NOT_FOUND, "no store");
    id = &rows->aRow[0].lpProps[0].Value.bin;
    must(IMAPISession_OpenMsgStore(session, 0, id->cb, (ENTRYID *)id->lpb, NULL, MDB_NO_DIALOG,
                                   &store),
         "OpenMsgStore");
    FreeProws(rows);
    IMAPITable_Release(table);
    return store;
}

static IMAPITable *open_inbox(IMsgStore *store)
{
    IMAPIFolder *folder;
    IMAPITable *table;
    ENTRYID *id;
    ULONG size, type;

    must(IMsgStore_GetReceiveFolder(store, (LPTSTR) "IPM.Note", 0, &size, &id, NULL),
         "GetReceiveFolder");
    must(IMsgStore_OpenEntry(store, size, id, NULL, 0, &type, (IUnknown **)&folder), "OpenEntry");
    must(IMAPIFolder_GetContentsTable(folder, MAPI_UNICODE, &table), "GetContentsTable");
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
    return table;
}

/* All columns but the subject and the sender's name, which mail may lack, must be there. */
static void check_row(const SRow *row)
{
    for (ULONG i = 0; i < row->cValues; i++)
        if (PROP_TYPE(row->lpProps[i].ulPropTag) == PT_ERROR)
            must(row->lpProps[i].Value.err, "a column of a row");
}

static size_t read_all(IMAPITable *table, double *ret_first)
{
    static SizedSPropTagArray(6,
                              columns) = {6,
                                          {PR_SUBJECT_W, PR_SENDER_NAME_W, PR_MESSAGE_DELIVERY_TIME,
                                           PR_MESSAGE_SIZE, PR_MESSAGE_FLAGS, PR_ENTRYID}};
    size_t count = 0;
    SRowSet *rows;

    must(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), "SetColumns");
    for (;;) {
        ULONG read;

        must(IMAPITable_QueryRows(table, PAGE, 0, &rows), "QueryRows");
        if (count == 0)
            *ret_first = now();
        read = rows->cRows;
        for (ULONG i = 0; i < read; i++)
            check_row(&rows->aRow[i]);
        FreeProws(rows);
        count += read;
        if (read == 0)
            return count;
    }
}

static void report(size_t count, double seconds, double first)
{
    struct engine *engine = process_engine_get();
    struct engine_stats stats = {0};
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    if (!engine)
        must(MAPI_E_NOT_INITIALIZED, "the engine");
    engine_stats(engine, &stats);
    engine_unref(engine);
    printf("seconds=%.3f first=%.3f rows=%zu rss_mb=%.1f cpu=%.2f turn_ms=%.2f\n", seconds, first,
           count, (double)usage.ru_maxrss / 1024,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
           (double)stats.longest_cpu_ns / 1e6);
}

int main(int argc, char **argv)
{
    MAPIINIT_0 init = {MAPI_INIT_VERSION, MAPI_MULTITHREAD_NOTIFICATIONS};
    IMAPISession *session;
    IMAPITable *table;
    IMsgStore *store;
    double begun, first = 0;
    size_t count;

    if (argc != 7) {
        fprintf(stderr, "usage: contents IMAP-URL SMTP-URL USER PASSWORD CA-FILE ROWS\n");
        return 2;
    }
    must(MAPIInitialize(&init), "MAPIInitialize");
    make_profile(argv + 1);
    begun = now();
    must(MAPILogonEx(0, (LPTSTR)PROFILE, NULL,
                     MAPI_EXTENDED | MAPI_NEW_SESSION | MAPI_NO_MAIL | MAPI_EXPLICIT_PROFILE,
                     &session),
         "MAPILogonEx");
    store = open_store(session);
    table = open_inbox(store);
    count = read_all(table, &first);
    report(count, now() - begun, first - begun);
    IMAPITable_Release(table);
    IMsgStore_Release(store);
    IMAPISession_Logoff(session, 0, 0, 0);
    IMAPISession_Release(session);
    MAPIUninitialize();
    if (count != (size_t)atol(argv[6])) {
        fprintf(stderr, "contents: %zu rows, not %s\n", count, argv[6]);
        return 1;
    }
    return 0;
}
