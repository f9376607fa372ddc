/* session.c - logging on, and the objects that most verbs begin with */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "tools/tool.h"

int mapi_begin(void)
{
    MAPIINIT_0 init = {MAPI_INIT_VERSION, MAPI_MULTITHREAD_NOTIFICATIONS};
    HRESULT hr = MAPIInitialize(&init);

    return FAILED(hr) ? fail_hr(NULL, hr, "cannot start MAPI") : CODE_DONE;
}

void mapi_end(void)
{
    MAPIUninitialize();
}

/* Which profile: the one that is named, else the default one. Says what is wrong if there is none,
 * so that the logon need not guess. */
static int choose_profile(const char *wanted, char **ret_name)
{
    IProfAdmin *admin = NULL;
    HRESULT hr = MAPIAdminProfiles(0, &admin);
    int code = CODE_DONE;

    if (FAILED(hr))
        return fail_hr(NULL, hr, "cannot read the profiles");
    if (wanted)
        code = profile_check(admin, wanted);
    if (!code)
        *ret_name = wanted ? text_format("%s", wanted) : profile_default_name(admin);
    IProfAdmin_Release(admin);
    if (code || *ret_name)
        return code;
    return fail(CODE_NOT_FOUND,
                "no profile is the default one\n"
                "  make one: mapigate profile create NAME --imap imaps://HOST --smtp smtps://HOST "
                "--user USER\n  or choose one: mapigate profile default NAME, or --profile NAME");
}

static int logon(struct tool_session *session, bool *ret_partial)
{
    WCHAR *name = text_utf16(session->profile);
    HRESULT hr = MAPILogonEx(
        0, (LPTSTR)name, NULL,
        MAPI_EXTENDED | MAPI_NEW_SESSION | MAPI_EXPLICIT_PROFILE | MAPI_UNICODE, &session->session);

    free(name);
    if (FAILED(hr))
        return fail_hr(NULL, hr, "cannot log on to profile \"%s\"", session->profile);
    *ret_partial = hr == MAPI_W_ERRORS_RETURNED;
    return CODE_DONE;
}

int session_open(const char *profile, struct tool_session *ret_session, bool *ret_partial)
{
    bool partial = false;
    int code;

    memset(ret_session, 0, sizeof(*ret_session));
    code = mapi_begin();
    if (code)
        return code;
    code = choose_profile(profile, &ret_session->profile);
    if (!code)
        code = logon(ret_session, &partial);
    if (code) {
        session_close(ret_session);
        return code;
    }
    if (ret_partial)
        *ret_partial = partial;
    return CODE_DONE;
}

void session_close(struct tool_session *session)
{
    if (session->session) {
        IMAPISession_Logoff(session->session, 0, 0, 0);
        IMAPISession_Release(session->session);
    }
    free(session->profile);
    memset(session, 0, sizeof(*session));
    MAPIUninitialize();
}

/* --- Rows ------------------------------------------------------------------------------------- */

const SPropValue *row_value(const SRow *row, ULONG tag)
{
    for (ULONG i = 0; i < row->cValues; i++)
        if (row->lpProps[i].ulPropTag == tag)
            return &row->lpProps[i];
    return NULL;
}

char *row_text(const SRow *row, ULONG tag)
{
    const SPropValue *value = row_value(row, tag);

    return text_utf8(value ? value->Value.lpszW : NULL);
}

LONG row_long(const SRow *row, ULONG tag)
{
    const SPropValue *value = row_value(row, tag);

    return value ? value->Value.l : 0;
}

/* --- Stores and status objects ---------------------------------------------------------------- */

int store_open(struct tool_session *session, IMsgStore **ret_store)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_DEFAULT_STORE}};
    IMAPITable *table = NULL;
    SRowSet *rows = NULL;
    const SRow *chosen = NULL;
    const SPropValue *id = NULL;
    HRESULT hr = IMAPISession_GetMsgStoresTable(session->session, 0, &table);

    if (SUCCEEDED(hr))
        hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    for (ULONG i = 0; SUCCEEDED(hr) && i < rows->cRows; i++) {
        const SPropValue *is_default = row_value(&rows->aRow[i], PR_DEFAULT_STORE);

        if (!chosen || (is_default && is_default->Value.b))
            chosen = &rows->aRow[i];
    }
    if (chosen)
        id = row_value(chosen, PR_ENTRYID);
    if (SUCCEEDED(hr))
        hr = id ? IMAPISession_OpenMsgStore(session->session, 0, id->Value.bin.cb,
                                            (ENTRYID *)id->Value.bin.lpb, NULL,
                                            MDB_WRITE | MDB_NO_DIALOG, ret_store)
                : MAPI_E_NOT_FOUND;
    FreeProws(rows);
    if (table)
        IMAPITable_Release(table);
    if (FAILED(hr))
        return fail_hr(session->session, hr, "cannot open the mail store of profile \"%s\"",
                       session->profile);
    return CODE_DONE;
}

SRowSet *table_find_long(IMAPITable *table, const SPropTagArray *columns, ULONG tag, LONG value)
{
    SPropValue wanted = {.ulPropTag = tag};
    SRestriction restriction = {.rt = RES_PROPERTY};
    SRowSet *rows = NULL;

    wanted.Value.l = value;
    restriction.res.resProperty.relop = RELOP_EQ;
    restriction.res.resProperty.ulPropTag = tag;
    restriction.res.resProperty.lpProp = &wanted;
    if (FAILED(HrQueryAllRows(table, (SPropTagArray *)columns, &restriction, NULL, 1, &rows)))
        return NULL;
    if (rows->cRows > 0)
        return rows;
    FreeProws(rows);
    return NULL;
}

HRESULT status_open(struct tool_session *session, ULONG type, IMAPIStatus **ret_status)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_RESOURCE_TYPE}};
    IMAPITable *table = NULL;
    SRowSet *rows = NULL;
    const SPropValue *id = NULL;
    ULONG object_type;
    HRESULT hr = IMAPISession_GetStatusTable(session->session, 0, &table);

    if (FAILED(hr))
        return hr;
    rows = table_find_long(table, (const SPropTagArray *)&columns, PR_RESOURCE_TYPE, (LONG)type);
    if (rows)
        id = row_value(&rows->aRow[0], PR_ENTRYID);
    hr = id ? IMAPISession_OpenEntry(session->session, id->Value.bin.cb,
                                     (ENTRYID *)id->Value.bin.lpb, NULL, MAPI_MODIFY, &object_type,
                                     (IUnknown **)ret_status)
            : MAPI_E_NOT_FOUND;
    FreeProws(rows);
    IMAPITable_Release(table);
    return hr;
}
