/* tests/session/test_threads.c - several threads use the library, and sinks that nobody holds */
#include <string.h>

#include "mapi/mapiaux.h"
#include "session/fixture.h"

static IMAPISession *session;

TestSuite(threads, .init = fixture_directory, .fini = fixture_tear_down);

static void begin(ULONG flags)
{
    initialize(flags);
    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
}

static void on_thread(void *(*function)(void *), void *arg)
{
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, function, arg), 0);
    pthread_join(thread, NULL);
}

static HRESULT use(void)
{
    IMAPITable *table = NULL;
    HRESULT hr = IMAPISession_GetStatusTable(session, 0, &table);

    if (table)
        IMAPITable_Release(table);
    return hr;
}

static void *pair(void *arg)
{
    MAPIINIT_0 options = {MAPI_INIT_VERSION, MAPI_MULTITHREAD_NOTIFICATIONS};

    (void)arg;
    expect_hr(MAPIInitialize(&options), S_OK);
    expect_hr(use(), S_OK);
    MAPIUninitialize();
    return NULL;
}

Test(threads, each_thread_has_its_own_initialize_and_uninitialize) /* MEM-051 */
{
    begin(MAPI_MULTITHREAD_NOTIFICATIONS);
    on_thread(pair, NULL);
    expect_hr(use(), S_OK); /* the other one's end is not ours */
    on_thread(pair, NULL);
    expect_hr(use(), S_OK);
    logoff(session);
}

static void *validate(void *arg)
{
    IMAPIStatus *status = open_status(session, MAPI_TRANSPORT_PROVIDER, NULL);

    (void)arg;
    expect_hr(IMAPIStatus_ValidateState(status, 0, 0), S_OK);
    IMAPIStatus_Release(status);
    return NULL;
}

Test(threads, a_transports_status_object_works_where_it_was_opened) /* MEM-049 */
{
    begin(MAPI_MULTITHREAD_NOTIFICATIONS);
    on_thread(validate, NULL); /* not the thread that logged on */
    cr_expect_eq(fake_count("transport_validate") + fake_count("xp_validate"), 1);
    logoff(session);
}

/* --- Sinks ------------------------------------------------------------------------------------ */

static ULONG_PTR advise(const char number[2], IMAPIAdviseSink *sink)
{
    BYTE id[FAKE_ID_SIZE];
    ULONG_PTR connection = 0;

    fake_folder_id("ann", number, id);
    assert_hr(IMAPISession_Advise(session, sizeof(id), (ENTRYID *)id, fnevObjectModified, sink,
                                  &connection),
              S_OK);
    return connection;
}

static void *touch_all(void *arg)
{
    (void)arg;
    for (int i = 0; i < 5; i++)
        fake_touch_folder("ann", "F1");
    fake_touch_folder("ann", "F2");
    return NULL;
}

Test(threads, dispatching_delivers_all_that_waits_in_the_process) /* MEM-059, MEM-084 */
{
    struct test_sink *sinks[3] = {test_sink_create(), test_sink_create(), test_sink_create()};
    ULONG_PTR connections[3];

    begin(0);
    for (int i = 0; i < 3; i++)
        connections[i] = advise(i < 2 ? "F1" : "F2", &sinks[i]->IMAPIAdviseSink_iface);
    on_thread(touch_all, NULL);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(sinks[i]->count, 0);
    assert_hr(HrDispatchNotifications(0), S_OK);
    cr_expect_eq(sinks[0]->count, 5);
    cr_expect_eq(sinks[1]->count, 5);
    cr_expect_eq(sinks[2]->count, 1);
    for (int i = 0; i < 3; i++) {
        expect_hr(IMAPISession_Unadvise(session, connections[i]), S_OK);
        test_sink_release(sinks[i]);
    }
    logoff(session);
}

static LONG STDAPICALLTYPE count_events(LPVOID context, ULONG count, LPNOTIFICATION notifications)
{
    (void)notifications;
    *(ULONG *)context += count;
    return S_OK;
}

Test(threads, the_source_keeps_a_sink_that_its_maker_gave_up) /* MEM-031, MEM-089 */
{
    IMAPIAdviseSink *sink;
    ULONG_PTR connection;
    ULONG heard = 0;

    begin(0);
    assert_hr(HrAllocAdviseSink(count_events, &heard, &sink), S_OK);
    connection = advise("F1", sink);
    cr_expect_neq(IMAPIAdviseSink_Release(sink), 0); /* the source has a reference of its own */
    fake_touch_folder("ann", "F1");
    HrDispatchNotifications(0);
    cr_expect_eq(heard, 1);
    expect_hr(IMAPISession_Unadvise(session, connection), S_OK); /* and frees it */
    logoff(session);
}

Test(threads, entry_ids_are_compared_by_their_provider) /* MEM-080, SES-136 */
{
    BYTE upper[FAKE_ID_SIZE], lower[FAKE_ID_SIZE], another[FAKE_ID_SIZE];
    ULONG equal = FALSE;

    begin(0);
    fake_folder_id("ann", "F1", upper);
    fake_folder_id("ann", "f1", lower);
    fake_folder_id("ann", "F2", another);
    cr_assert(memcmp(upper, lower, FAKE_ID_SIZE) != 0);
    assert_hr(IMAPISession_CompareEntryIDs(session, FAKE_ID_SIZE, (ENTRYID *)upper, FAKE_ID_SIZE,
                                           (ENTRYID *)lower, 0, &equal),
              S_OK);
    cr_expect(equal); /* their bytes say otherwise */
    assert_hr(IMAPISession_CompareEntryIDs(session, FAKE_ID_SIZE, (ENTRYID *)upper, FAKE_ID_SIZE,
                                           (ENTRYID *)another, 0, &equal),
              S_OK);
    cr_expect(!equal);
    logoff(session);
}
