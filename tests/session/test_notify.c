/* tests/session/test_notify.c - Advise through the session, and where sinks run */
#include <string.h>
#include <unistd.h>

#include "mapi/mapiaux.h"
#include "session/fixture.h"

static IMAPISession *session;
static struct test_sink *sink;

static void set_up(void)
{
    fixture_directory();
    session = NULL;
    sink = test_sink_create();
}

TestSuite(notify, .init = set_up, .fini = fixture_tear_down);

static void begin(ULONG init_flags)
{
    initialize(init_flags);
    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
}

static HRESULT advise_folder(const char *user, ULONG_PTR *ret_connection)
{
    BYTE id[FAKE_ID_SIZE];

    fake_folder_id(user, "F1", id);
    return IMAPISession_Advise(session, sizeof(id), (ENTRYID *)id, fnevObjectModified,
                               &sink->IMAPIAdviseSink_iface, ret_connection);
}

static void end(void)
{
    logoff(session);
    cr_expect(sink_is_free(sink));
    test_sink_release(sink);
}

Test(notify, advise_goes_to_the_owner) /* SES-202, SES-203, SES-206, SES-208, MEM-055 */
{
    ULONG_PTR connection = 0;

    begin(MAPI_MULTITHREAD_NOTIFICATIONS);
    assert_hr(advise_folder("ann", &connection), S_OK);
    cr_expect_neq(connection, 0);
    cr_expect_eq(test_sink_refs(sink), 2);
    fake_touch_folder("ann", "F2"); /* another one */
    fake_touch_folder("ann", "F1");
    cr_assert(test_sink_wait(sink, 1));
    cr_expect_eq(test_sink_at(sink, 0)->ulEventType, fnevObjectModified);
    cr_expect_eq(((BYTE *)test_sink_at(sink, 0)->info.obj.lpEntryID)[21], '1');
    cr_expect(!pthread_equal(sink->thread, pthread_self())); /* SES-015 */
    expect_hr(IMAPISession_Unadvise(session, connection), S_OK);
    expect_hr(IMAPISession_Unadvise(session, connection), MAPI_E_NOT_FOUND);
    cr_expect(sink_is_free(sink));
    end();
}

Test(notify, a_stores_own_id_is_taken) /* SES-202 */
{
    ULONG_PTR connection = 0;
    SBinary *id;

    begin(MAPI_MULTITHREAD_NOTIFICATIONS);
    id = store_id(session, "ann");
    assert_hr(IMAPISession_Advise(session, id->cb, (ENTRYID *)id->lpb, fnevObjectModified,
                                  &sink->IMAPIAdviseSink_iface, &connection),
              S_OK);
    cr_expect_eq(fake_count("advise ann"), 1);
    MAPIFreeBuffer(id);
    expect_hr(IMAPISession_Unadvise(session, connection), S_OK);
    end();
}

Test(notify, wrong_ids) /* SES-204 */
{
    ULONG_PTR connection;
    BYTE bytes[4] = {0};

    begin(MAPI_MULTITHREAD_NOTIFICATIONS);
    expect_hr(advise_folder("carl", &connection), MAPI_E_UNKNOWN_ENTRYID);
    expect_hr(IMAPISession_Advise(session, 4, (ENTRYID *)bytes, fnevObjectModified,
                                  &sink->IMAPIAdviseSink_iface, &connection),
              MAPI_E_INVALID_ENTRYID);
    expect_hr(IMAPISession_Advise(session, 0, NULL, fnevExtended, NULL, &connection),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(
        IMAPISession_Advise(session, 0, NULL, fnevExtended, &sink->IMAPIAdviseSink_iface, NULL),
        MAPI_E_INVALID_PARAMETER);
    expect_hr(IMAPISession_Unadvise(session, 12345), MAPI_E_NOT_FOUND);
    end();
}

Test(notify, connections_of_both_kinds_do_not_collide) /* SES-200, SES-203 */
{
    ULONG_PTR events, folder;

    begin(MAPI_MULTITHREAD_NOTIFICATIONS);
    assert_hr(
        IMAPISession_Advise(session, 0, NULL, fnevExtended, &sink->IMAPIAdviseSink_iface, &events),
        S_OK);
    assert_hr(advise_folder("ann", &folder), S_OK);
    cr_expect_neq(events, folder);
    expect_hr(IMAPISession_Unadvise(session, events), S_OK);
    fake_touch_folder("ann", "F1");
    cr_assert(test_sink_wait(sink, 1));
    expect_hr(IMAPISession_Unadvise(session, folder), S_OK);
    end();
}

Test(notify, logoff_gives_every_sink_back) /* SES-114, SES-208 */
{
    ULONG_PTR connection;

    begin(MAPI_MULTITHREAD_NOTIFICATIONS);
    assert_hr(advise_folder("ann", &connection), S_OK);
    assert_hr(IMAPISession_Advise(session, 0, NULL, fnevExtended, &sink->IMAPIAdviseSink_iface,
                                  &connection),
              S_OK);
    expect_hr(IMAPISession_Logoff(session, 0, 0, 0), S_OK);
    cr_expect(sink_is_free(sink)); /* before the session's last release */
    expect_last_release(session);
    test_sink_release(sink);
}

Test(notify, the_library_s_end_gives_every_sink_back) /* SES-025 */
{
    ULONG_PTR connection;

    expect_hr(MAPIInitialize(NULL), S_OK);
    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
    assert_hr(advise_folder("ann", &connection), S_OK);
    MAPIUninitialize();
    cr_expect(sink_is_free(sink));
    expect_last_release(session);
    test_sink_release(sink);
}

Test(notify, without_a_thread_they_wait_for_the_initialising_one) /* SES-016, SES-020 */
{
    ULONG_PTR connection;

    begin(0);
    initialize(MAPI_MULTITHREAD_NOTIFICATIONS); /* only the first call decides */
    assert_hr(advise_folder("ann", &connection), S_OK);
    fake_touch_folder("ann", "F1"); /* a provider's call: its end delivers on this thread */
    HrDispatchNotifications(0);
    cr_assert_eq(sink->count, 1);
    cr_expect(pthread_equal(sink->thread, pthread_self()));
    expect_hr(IMAPISession_Unadvise(session, connection), S_OK);
    end();
}

static void *touch(void *arg)
{
    (void)arg;
    fake_touch_folder("ann", "F1");
    return NULL;
}

Test(notify, dispatching_needs_the_library) /* MEM-060 */
{
    expect_hr(HrDispatchNotifications(0), MAPI_E_NOT_INITIALIZED);
    begin(0);
    expect_hr(HrDispatchNotifications(1), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(HrDispatchNotifications(0), S_OK);
    end();
}

Test(notify,
     another_threads_events_wait_for_dispatch) /* SES-016, SES-023, MEM-056, MEM-059, MEM-085 */
{
    ULONG_PTR connection;
    pthread_t thread;

    begin(0);
    assert_hr(advise_folder("ann", &connection), S_OK);
    cr_assert_eq(pthread_create(&thread, NULL, touch, NULL), 0);
    pthread_join(thread, NULL);
    cr_expect_eq(sink->count, 0);
    HrDispatchNotifications(0);
    cr_expect_eq(sink->count, 1);
    cr_expect(pthread_equal(sink->thread, pthread_self()));
    expect_hr(IMAPISession_Unadvise(session, connection), S_OK);
    end();
}

static void log_off_inside(struct test_sink *of)
{
    *(HRESULT *)of->context = IMAPISession_Logoff(session, 0, 0, 0);
}

Test(notify, a_sink_may_log_off) /* SES-207, docs/engine.md */
{
    HRESULT hr = E_FAIL;
    ULONG_PTR connection;

    begin(MAPI_MULTITHREAD_NOTIFICATIONS);
    sink->context = &hr;
    sink->during = log_off_inside;
    assert_hr(advise_folder("ann", &connection), S_OK);
    fake_touch_folder("ann", "F1");
    cr_assert(test_sink_wait(sink, 1));
    cr_expect(sink_is_free(sink));
    cr_expect_eq(hr, S_OK);
    expect_hr(IMAPISession_Logoff(session, 0, 0, 0), MAPI_E_INVALID_OBJECT);
    cr_expect(sink_is_free(sink));
    IMAPISession_Release(session);
    test_sink_release(sink);
}

static void uninitialize_inside(struct test_sink *of)
{
    MAPIUninitialize();
    atomic_store((atomic_bool *)of->context, true);
}

Test(notify, a_sink_may_uninitialise) /* docs/engine.md, "A guest in somebody's process" */
{
    MAPIINIT_0 options = {MAPI_INIT_VERSION, MAPI_MULTITHREAD_NOTIFICATIONS};
    atomic_bool done = false;
    ULONG_PTR connection;
    IMAPITable *table;

    expect_hr(MAPIInitialize(&options), S_OK);
    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
    sink->context = &done;
    sink->during = uninitialize_inside;
    assert_hr(advise_folder("ann", &connection), S_OK);
    fake_touch_folder("ann", "F1");
    for (int i = 0; i < 30000 && (!done || test_sink_refs(sink) > 1); i++)
        usleep(1000);
    cr_expect(done);
    expect_hr(IMAPISession_GetStatusTable(session, 0, &table), MAPI_E_NOT_INITIALIZED);
    cr_expect(sink_is_free(sink));
    expect_last_release(session);
    test_sink_release(sink);
    expect_hr(MAPIInitialize(&options), S_OK);
    MAPIUninitialize();
}

/* A table of CreateTable has no session: MAPIInitialize said where its sinks run. */
static IMAPITable *own_table(ITableData **ret_data)
{
    static SizedSPropTagArray(1, columns) = {1, {PR_ROWID}};
    IMAPITable *view;

    assert_hr(CreateTable(NULL, MAPIAllocateBuffer, MAPIAllocateMore, MAPIFreeBuffer, NULL,
                          TBLTYPE_DYNAMIC, PR_ROWID, (SPropTagArray *)&columns, ret_data),
              S_OK);
    assert_hr(ITableData_HrGetView(*ret_data, NULL, NULL, 0, &view), S_OK);
    return view;
}

Test(notify, a_programs_own_table_delivers_as_was_asked_for) /* TBL-137 */
{
    SPropValue key = {.ulPropTag = PR_ROWID, .Value.l = 1};
    SRow row = {.cValues = 1, .lpProps = &key};
    ULONG_PTR connection;
    ITableData *data;
    IMAPITable *view;

    initialize(0);
    view = own_table(&data);
    assert_hr(IMAPITable_Advise(view, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
              S_OK);
    assert_hr(ITableData_HrModifyRow(data, &row), S_OK);
    assert_hr(HrDispatchNotifications(0), S_OK);
    cr_expect_eq(sink->count, 1);
    cr_expect(pthread_equal(sink->thread, pthread_self()));
    expect_last_release(view);
    expect_last_release(data);
    cr_expect(sink_is_free(sink));
    test_sink_release(sink);
}

static BOOL STDAPICALLTYPE count_idle(LPVOID param)
{
    ++*(int *)param;
    return FALSE;
}

Test(notify, dispatching_is_an_idle_moment) /* UTL-105 */
{
    int calls = 0;

    initialize(0);
    cr_assert_eq(MAPIInitIdle(NULL), 0);
    cr_assert_not_null(FtgRegisterIdleRoutine(count_idle, &calls, 1, 0, 0));
    assert_hr(HrDispatchNotifications(0), S_OK);
    cr_expect_eq(calls, 1);
    MAPIDeinitIdle();
    assert_hr(HrDispatchNotifications(0), S_OK);
    cr_expect_eq(calls, 1);
    test_sink_release(sink);
}
