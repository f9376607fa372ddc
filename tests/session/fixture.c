/* tests/session/fixture.c - a library with profiles of its own, for one test */
#include "session/fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapi/mapiaux.h"
#include "mapi/mapigate.h"
#include "mapi/memory.h"
#include "mapi/text.h"

static char directory[64];
static unsigned initialized;

void fixture_directory(void)
{
    strcpy(directory, "/tmp/mapigate-session-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    setenv("MAPIGATE_STATE", directory, 1);
    fake.types[0] = "SMTP";
}

void initialize(ULONG flags)
{
    MAPIINIT_0 options = {MAPI_INIT_VERSION, flags};

    assert_hr(MAPIInitialize(&options), S_OK);
    initialized++;
}

void fixture_set_up(void)
{
    fixture_directory();
    initialize(MAPI_MULTITHREAD_NOTIFICATIONS);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

void fixture_uninitialize(void)
{
    for (; initialized > 0; initialized--)
        MAPIUninitialize();
}

void fixture_tear_down(void)
{
    fixture_uninitialize();
    nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- Profiles --------------------------------------------------------------------------------- */

IProfAdmin *open_admin(void)
{
    IProfAdmin *admin;

    assert_hr(MAPIAdminProfiles(0, &admin), S_OK);
    return admin;
}

void add_service(IMsgServiceAdmin *services, const char *user)
{
    SPropValue value = {.ulPropTag = CHANGE_PROP_TYPE(PR_MG_USER, PT_STRING8)};
    IMsgServiceAdmin2 *two;
    MAPIUID uid;

    value.Value.lpszA = (LPSTR)user;
    assert_hr(IMsgServiceAdmin_QueryInterface(services, &IID_IMsgServiceAdmin2, (void **)&two),
              S_OK);
    assert_hr(
        IMsgServiceAdmin2_CreateMsgServiceEx(two, (LPTSTR) "IMAPSMTP", (LPTSTR)user, 0, 0, &uid),
        S_OK);
    assert_hr(IMsgServiceAdmin2_ConfigureMsgService(two, &uid, 0, 0, 1, &value), S_OK);
    IMsgServiceAdmin2_Release(two);
}

void make_profile(const char *name, const char *const *users, size_t count)
{
    IProfAdmin *admin = open_admin();
    IMsgServiceAdmin *services;

    assert_hr(IProfAdmin_CreateProfile(admin, (LPTSTR)name, NULL, 0, 0), S_OK);
    assert_hr(IProfAdmin_AdminServices(admin, (LPTSTR)name, NULL, 0, 0, &services), S_OK);
    for (size_t i = 0; i < count; i++)
        add_service(services, users[i]);
    IMsgServiceAdmin_Release(services);
    IProfAdmin_Release(admin);
}

void make_profile_of(const char *name, const char *user)
{
    make_profile(name, &user, 1);
}

void set_default_profile(const char *name)
{
    IProfAdmin *admin = open_admin();

    assert_hr(IProfAdmin_SetDefaultProfile(admin, (LPTSTR)name, 0), S_OK);
    IProfAdmin_Release(admin);
}

/* --- Sessions --------------------------------------------------------------------------------- */

HRESULT try_logon(const char *name, ULONG flags, IMAPISession **ret_session)
{
    return MAPILogonEx(0, (LPTSTR)name, NULL, flags | MAPI_EXTENDED, ret_session);
}

IMAPISession *logon(const char *name, ULONG flags)
{
    IMAPISession *session = NULL;

    assert_hr(try_logon(name, flags, &session), S_OK);
    return session;
}

void logoff(IMAPISession *session)
{
    expect_hr(IMAPISession_Logoff(session, 0, 0, 0), S_OK);
    expect_last_release(session);
}

bool sink_is_free(struct test_sink *sink)
{
    for (int i = 0; i < 30000 && test_sink_refs(sink) != 1; i++)
        usleep(1000);
    return test_sink_refs(sink) == 1;
}

/* --- Tables ----------------------------------------------------------------------------------- */

SRowSet *all_rows(IMAPITable *table)
{
    SRowSet *rows = NULL;

    assert_hr(HrQueryAllRows(table, NULL, NULL, NULL, 0, &rows), S_OK);
    return rows;
}

size_t row_count(IMAPITable *table)
{
    ULONG count = 0;

    assert_hr(IMAPITable_GetRowCount(table, 0, &count), S_OK);
    return count;
}

const SPropValue *value_of(const SRow *row, ULONG tag)
{
    for (ULONG i = 0; i < row->cValues; i++)
        if (row->lpProps[i].ulPropTag == tag)
            return &row->lpProps[i];
    return NULL;
}

bool text_is(const SPropValue *value, const char *utf8)
{
    char *text = NULL;
    bool same;

    if (!value || PROP_TYPE(value->ulPropTag) != PT_UNICODE)
        return false;
    text_utf16_to_utf8(NULL, value->Value.lpszW, &text);
    same = strcmp(text, utf8) == 0;
    mapi_free(text);
    return same;
}

static IMAPITable *status_of_type(IMAPISession *session, ULONG type)
{
    SPropValue wanted = {.ulPropTag = PR_RESOURCE_TYPE};
    SRestriction restriction = {.rt = RES_PROPERTY};
    IMAPITable *table;

    wanted.Value.l = (LONG)type;
    restriction.res.resProperty.relop = RELOP_EQ;
    restriction.res.resProperty.ulPropTag = PR_RESOURCE_TYPE;
    restriction.res.resProperty.lpProp = &wanted;
    assert_hr(IMAPISession_GetStatusTable(session, MAPI_UNICODE, &table), S_OK);
    assert_hr(IMAPITable_Restrict(table, &restriction, 0), S_OK);
    return table;
}

size_t status_rows(IMAPISession *session, ULONG type)
{
    IMAPITable *table = status_of_type(session, type);
    size_t count = row_count(table);

    IMAPITable_Release(table);
    return count;
}

SRowSet *status_row(IMAPISession *session, ULONG type, const char *display, const SRow **ret_row)
{
    IMAPITable *table = status_of_type(session, type);
    SRowSet *rows = all_rows(table);

    IMAPITable_Release(table);
    *ret_row = NULL;
    for (ULONG i = 0; i < rows->cRows && !*ret_row; i++)
        if (!display || text_is(value_of(&rows->aRow[i], PR_DISPLAY_NAME_W), display))
            *ret_row = &rows->aRow[i];
    cr_assert_not_null(*ret_row, "no status row of type %u", (unsigned)type);
    return rows;
}

IMAPIStatus *open_status(IMAPISession *session, ULONG type, const char *display)
{
    const SRow *row;
    SRowSet *rows = status_row(session, type, display, &row);
    const SBinary *id = &value_of(row, PR_ENTRYID)->Value.bin;
    IMAPIStatus *status = NULL;
    ULONG object_type = 0;

    assert_hr(IMAPISession_OpenEntry(session, id->cb, (ENTRYID *)id->lpb, NULL, 0, &object_type,
                                     (LPUNKNOWN *)&status),
              S_OK);
    cr_expect_eq(object_type, MAPI_STATUS);
    FreeProws(rows);
    return status;
}

SBinary *store_id(IMAPISession *session, const char *display)
{
    SBinary *found = NULL;
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMAPISession_GetMsgStoresTable(session, MAPI_UNICODE, &table), S_OK);
    rows = all_rows(table);
    IMAPITable_Release(table);
    for (ULONG i = 0; i < rows->cRows && !found; i++)
        if (text_is(value_of(&rows->aRow[i], PR_DISPLAY_NAME_W), display)) {
            const SBinary *id = &value_of(&rows->aRow[i], PR_ENTRYID)->Value.bin;

            found = mapi_alloc(NULL, sizeof(*found) + id->cb);
            found->cb = id->cb;
            found->lpb = (BYTE *)(found + 1);
            memcpy(found->lpb, id->lpb, id->cb);
        }
    FreeProws(rows);
    cr_assert_not_null(found, "no store %s", display);
    return found;
}
