/* bench/program.c - a MAPI program's beginning: a profile of its own, a session, its store */
#include "bench/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "mapi/mapigate.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"

#define PROFILE "bench"

void must(HRESULT hr, const char *what)
{
    if (SUCCEEDED(hr))
        return;
    fprintf(stderr, "%s: %s: 0x%08X\n", program_invocation_short_name, what, (unsigned)hr);
    exit(1);
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

IMAPITable *program_open_inbox(IMsgStore *store)
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

void program_prepare(char **words)
{
    MAPIINIT_0 init = {MAPI_INIT_VERSION, MAPI_MULTITHREAD_NOTIFICATIONS};

    must(MAPIInitialize(&init), "MAPIInitialize");
    make_profile(words);
}

void program_logon(struct program *program)
{
    program->begun = now();
    must(MAPILogonEx(0, (LPTSTR)PROFILE, NULL,
                     MAPI_EXTENDED | MAPI_NEW_SESSION | MAPI_NO_MAIL | MAPI_EXPLICIT_PROFILE,
                     &program->session),
         "MAPILogonEx");
    program->store = open_store(program->session);
}

void program_begin(struct program *program, char **words)
{
    program_prepare(words);
    program_logon(program);
}

void program_end(struct program *program)
{
    IMsgStore_Release(program->store);
    IMAPISession_Logoff(program->session, 0, 0, 0);
    IMAPISession_Release(program->session);
    MAPIUninitialize();
}
