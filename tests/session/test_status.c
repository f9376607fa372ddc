/* tests/session/test_status.c - the status table, its rows, the library's own status objects */
#include <string.h>

#include "mapi/mapiaux.h"
#include "mapi/memory.h"
#include "net/process_engine.h"
#include "net/wait.h"
#include "session/fixture.h"

static IMAPISession *session;

static void set_up(void)
{
    fixture_set_up();
    session = NULL;
}

TestSuite(status, .init = set_up, .fini = fixture_tear_down);

static void log_on(const char *user)
{
    make_profile_of("Ann", user);
    session = logon("Ann", 0);
}

/* --- Rows ------------------------------------------------------------------------------------- */

static void expect_columns(ULONG type, ULONG methods)
{
    const SRow *row;
    SRowSet *rows = status_row(session, type, NULL, &row);
    const SPropValue *value;

    cr_expect_not_null(value_of(row, PR_DISPLAY_NAME_W));
    cr_expect(text_is(value_of(row, PR_PROVIDER_DLL_NAME_W), "mapigate"));
    cr_expect_not_null(value_of(row, PR_STATUS_CODE));
    cr_expect_not_null(value_of(row, PR_RESOURCE_FLAGS));
    value = value_of(row, PR_RESOURCE_METHODS);
    cr_expect(value && (ULONG)value->Value.l == methods, "methods of type %u", (unsigned)type);
    value = value_of(row, PR_OBJECT_TYPE);
    cr_expect(value && value->Value.l == MAPI_STATUS);
    value = value_of(row, PR_INSTANCE_KEY);
    cr_expect(value && value->Value.bin.cb);
    value = value_of(row, PR_ROWID);
    cr_expect(value && value->Value.l);
    value = value_of(row, PR_ENTRYID);
    cr_expect(value && value->Value.bin.cb);
    FreeProws(rows);
}

Test(status, a_row_for_each_resource) /* SES-185, STA-001 to STA-008, STA-024, STA-053, STA-054,
                                       * STA-056, STA-059, STA-164 */
{
    IMAPITable *table;

    log_on("ann");
    expect_columns(MAPI_SUBSYSTEM, STATUS_VALIDATE_STATE);
    expect_columns(MAPI_SPOOLER, STATUS_VALIDATE_STATE | STATUS_FLUSH_QUEUES);
    expect_columns(MAPI_AB, STATUS_VALIDATE_STATE);
    expect_columns(MAPI_STORE_PROVIDER, STATUS_VALIDATE_STATE);
    expect_columns(MAPI_TRANSPORT_PROVIDER, STATUS_VALIDATE_STATE | STATUS_FLUSH_QUEUES);
    assert_hr(IMAPISession_GetStatusTable(session, 0, &table), S_OK);
    cr_expect_eq(row_count(table), 5);
    IMAPITable_Release(table);
    expect_hr(IMAPISession_GetStatusTable(session, 0x40000000, &table), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(IMAPISession_GetStatusTable(session, 0, NULL), MAPI_E_INVALID_PARAMETER);
    logoff(session);
}

Test(status, width_of_strings_follows_the_flag) /* STA-016 */
{
    IMAPITable *table;
    SRowSet *rows;

    log_on("ann");
    assert_hr(IMAPISession_GetStatusTable(session, 0, &table), S_OK);
    rows = all_rows(table);
    cr_expect_not_null(value_of(&rows->aRow[0], PR_DISPLAY_NAME_A));
    cr_expect_null(value_of(&rows->aRow[0], PR_DISPLAY_NAME_W));
    FreeProws(rows);
    IMAPITable_Release(table);
    logoff(session);
}

Test(status, resource_flags_come_from_the_profile) /* STA-006, STA-064, STA-066, STA-067 */
{
    const SRow *row;
    SRowSet *rows;

    log_on("ann");
    rows = status_row(session, MAPI_STORE_PROVIDER, NULL, &row);
    cr_expect_eq(value_of(row, PR_RESOURCE_FLAGS)->Value.l,
                 STATUS_DEFAULT_STORE | STATUS_PRIMARY_IDENTITY);
    FreeProws(rows);
    rows = status_row(session, MAPI_TRANSPORT_PROVIDER, NULL, &row);
    cr_expect_eq(value_of(row, PR_RESOURCE_FLAGS)->Value.l,
                 STATUS_OWN_STORE | STATUS_PRIMARY_IDENTITY);
    FreeProws(rows);
    logoff(session);
}

Test(status, a_transport_without_words_gets_some) /* STA-058 */
{
    const SRow *row;
    SRowSet *rows;

    log_on("ann");
    rows = status_row(session, MAPI_TRANSPORT_PROVIDER, NULL, &row);
    cr_expect(text_is(value_of(row, PR_STATUS_STRING_W), "ready"));
    FreeProws(rows);
    rows = status_row(session, MAPI_STORE_PROVIDER, NULL, &row);
    cr_expect_null(value_of(row, PR_STATUS_STRING_W)); /* a store's is its own affair */
    FreeProws(rows);
    logoff(session);
}

Test(status, a_transports_own_words_stay) /* STA-057 */
{
    const SRow *row;
    SRowSet *rows;

    atomic_store(&fake.transport_strings, true);
    log_on("ann");
    rows = status_row(session, MAPI_TRANSPORT_PROVIDER, NULL, &row);
    cr_expect(text_is(value_of(row, PR_STATUS_STRING_W), "as the fake says"));
    FreeProws(rows);
    logoff(session);
}

/* --- ModifyStatusRow -------------------------------------------------------------------------- */

static HRESULT set_code(ULONG code, ULONG flags)
{
    SPropValue value = {.ulPropTag = PR_STATUS_CODE};

    value.Value.l = (LONG)code;
    return IMAPISupport_ModifyStatusRow(fake.store_support, 1, &value, flags);
}

Test(status, update_merges_and_is_heard) /* STA-015, STA-030, STA-034, STA-037, STA-039 */
{
    struct test_sink *sink = test_sink_create();
    const NOTIFICATION *news;
    ULONG_PTR connection;
    IMAPITable *table;
    const SRow *row;
    SRowSet *rows;

    log_on("ann");
    assert_hr(IMAPISession_GetStatusTable(session, MAPI_UNICODE, &table), S_OK);
    assert_hr(
        IMAPITable_Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    row_count(table);
    expect_hr(set_code(STATUS_OFFLINE, STATUSROW_UPDATE), S_OK);
    cr_assert(test_sink_wait(sink, 1));
    news = test_sink_at(sink, 0);
    cr_expect_eq(news->ulEventType, fnevTableModified);
    cr_expect_eq(news->info.tab.ulTableEvent, TABLE_ROW_MODIFIED);
    cr_expect_eq(value_of(&news->info.tab.row, PR_STATUS_CODE)->Value.l, STATUS_OFFLINE);
    rows = status_row(session, MAPI_STORE_PROVIDER, NULL, &row);
    cr_expect_eq(value_of(row, PR_STATUS_CODE)->Value.l, STATUS_OFFLINE);
    cr_expect(text_is(value_of(row, PR_DISPLAY_NAME_W), "ann")); /* the others are unchanged */
    FreeProws(rows);

    expect_hr(set_code(STATUS_OFFLINE, STATUSROW_UPDATE), S_OK); /* nothing new, no event */
    expect_hr(set_code(STATUS_AVAILABLE, STATUSROW_UPDATE), S_OK);
    cr_assert(test_sink_wait(sink, 2));
    cr_expect_eq(value_of(&test_sink_at(sink, 1)->info.tab.row, PR_STATUS_CODE)->Value.l,
                 STATUS_AVAILABLE);
    expect_hr(set_code(0, 0x40000000), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(IMAPISupport_ModifyStatusRow(fake.store_support, 1, NULL, STATUSROW_UPDATE),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(IMAPITable_Unadvise(table, connection), S_OK);
    IMAPITable_Release(table);
    logoff(session);
    cr_expect(sink_is_free(sink));
    test_sink_release(sink);
}

Test(status, the_librarys_columns_are_not_the_providers) /* STA-006, STA-007 */
{
    SPropValue values[3] = {{.ulPropTag = PR_RESOURCE_TYPE},
                            {.ulPropTag = PR_RESOURCE_FLAGS},
                            {.ulPropTag = PR_OBJECT_TYPE}};

    log_on("ann");
    values[0].Value.l = MAPI_AB;
    expect_hr(IMAPISupport_ModifyStatusRow(fake.store_support, 3, values, STATUSROW_UPDATE), S_OK);
    expect_columns(MAPI_STORE_PROVIDER, STATUS_VALIDATE_STATE);
    cr_expect_eq(status_rows(session, MAPI_AB), 1);
    logoff(session);
}

Test(status, a_repeated_logon_adds_no_row) /* STA-031 */
{
    IMsgStore *store;
    SBinary *id;

    log_on("ann");
    id = store_id(session, "ann");
    assert_hr(IMAPISession_OpenMsgStore(session, 0, id->cb, (ENTRYID *)id->lpb, NULL, 0, &store),
              S_OK);
    MAPIFreeBuffer(id);
    cr_expect_eq(fake_count("store_logon ann"), 2);
    cr_expect_eq(status_rows(session, MAPI_STORE_PROVIDER), 1);
    IMsgStore_Release(store);
    logoff(session);
}

static HRESULT change_in_fiber(void *arg)
{
    (void)arg;
    return set_code(STATUS_FAILURE, STATUSROW_UPDATE);
}

Test(status, a_provider_may_change_its_row_on_an_engine_thread) /* STA-037, docs/engine.md */
{
    struct engine *engine;
    const SRow *row;
    SRowSet *rows;

    log_on("ann");
    engine = process_engine_get();
    expect_hr(engine_call(engine, change_in_fiber, NULL), S_OK);
    engine_unref(engine);
    rows = status_row(session, MAPI_STORE_PROVIDER, NULL, &row);
    cr_expect_eq(value_of(row, PR_STATUS_CODE)->Value.l, STATUS_FAILURE);
    FreeProws(rows);
    logoff(session);
}

static void *storm(void *arg)
{
    IMAPISupport *support = arg;

    for (int i = 0; i < 300; i++) {
        SPropValue value = {.ulPropTag = PR_STATUS_CODE};

        value.Value.l = i & 1 ? STATUS_OFFLINE : STATUS_AVAILABLE;
        IMAPISupport_ModifyStatusRow(support, 1, &value, STATUSROW_UPDATE);
    }
    IMAPISupport_Release(support);
    return NULL;
}

Test(status, rows_change_on_many_threads_and_past_the_logoff)
{
    pthread_t threads[3];

    log_on("ann");
    for (int i = 0; i < 3; i++) {
        IMAPISupport_AddRef(fake.store_support);
        cr_assert_eq(pthread_create(&threads[i], NULL, storm, fake.store_support), 0);
    }
    cr_expect_eq(status_rows(session, MAPI_STORE_PROVIDER), 1);
    logoff(session);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(fake.alive, 0);
}

/* The last reference of a session may go on an engine's loop: nothing there may wait. */
struct late_release {
    struct engine_node node;
    IMAPISupport *support;
    struct engine_event done;
};

static void release_on_loop(struct engine_node *node)
{
    struct late_release *late = container_of(node, struct late_release, node);

    IMAPISupport_Release(late->support);
    engine_event_set(&late->done);
}

Test(status, a_support_object_outlives_the_session_on_an_engine_thread) /* PVD-013, PVD-029 */
{
    struct late_release late = {0};
    struct engine *engine;
    IProfSect *section;
    MAPIUID uid;

    log_on("ann");
    late.support = fake.store_support;
    IMAPISupport_AddRef(late.support);
    logoff(session);
    expect_hr(IMAPISupport_OpenProfileSection(late.support, NULL, 0, &section),
              MAPI_E_INVALID_OBJECT);
    expect_hr(IMAPISupport_NewUID(late.support, &uid), MAPI_E_INVALID_OBJECT);
    engine_event_init(&late.done);
    engine = process_engine_get();
    engine_post(engine, &late.node, release_on_loop);
    expect_hr(engine_event_wait(&late.done, engine_now() + 30000), S_OK);
    engine_unref(engine);
    engine_event_clear(&late.done);
}

/* --- The library's status objects ------------------------------------------------------------- */

Test(status, own_objects_are_whole_and_read_only) /* STA-009, STA-085, STA-090, STA-119 */
{
    static const ULONG types[] = {MAPI_SUBSYSTEM, MAPI_SPOOLER, MAPI_AB};

    log_on("ann");
    for (size_t i = 0; i < 3; i++) {
        IMAPIStatus *status = open_status(session, types[i], NULL);
        SPropValue value = {.ulPropTag = PR_DISPLAY_NAME_W};
        SizedSPropTagArray(2, tags) = {2, {PR_RESOURCE_TYPE, PR_STATUS_CODE}};
        SPropValue *values;
        ULONG count;

        expect_full_vtable(status);
        expect_interface(status, &IID_IMAPIStatus);
        expect_interface(status, &IID_IMAPIProp);
        assert_hr(IMAPIStatus_GetProps(status, (SPropTagArray *)&tags, 0, &count, &values), S_OK);
        cr_expect_eq((ULONG)values[0].Value.l, types[i]); /* STA-038 */
        MAPIFreeBuffer(values);
        value.Value.lpszW = (WCHAR *)u"other";
        expect_hr(IMAPIStatus_SetProps(status, 1, &value, NULL), MAPI_E_NO_ACCESS);
        expect_hr(IMAPIStatus_SettingsDialog(status, 0, 0), MAPI_E_NO_SUPPORT);
        expect_hr(IMAPIStatus_ChangePassword(status, (LPTSTR) "a", (LPTSTR) "b", 0),
                  MAPI_E_NO_SUPPORT);
        expect_hr(IMAPIStatus_ValidateState(status, 0, 0), S_OK);
        expect_hr(IMAPIStatus_ValidateState(status, 0, 0x40000000), MAPI_E_UNKNOWN_FLAGS);
        if (types[i] != MAPI_SPOOLER)
            expect_hr(IMAPIStatus_FlushQueues(status, 0, 0, NULL, FLUSH_UPLOAD), MAPI_E_NO_SUPPORT);
        expect_last_release(status);
    }
    logoff(session);
}

Test(status, subsystem_validates_all_that_is_active) /* STA-097 */
{
    IMAPIStatus *status;

    log_on("ann");
    status = open_status(session, MAPI_SUBSYSTEM, NULL);
    expect_hr(IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI), S_OK);
    cr_expect_eq(fake_count("store_validate"), 1);
    cr_expect_eq(fake_count("xp_validate"), 1);
    atomic_store(&fake.validate_answer, (int)MAPI_E_BUSY);
    expect_hr(IMAPIStatus_ValidateState(status, 0, 0), MAPI_E_BUSY);
    IMAPIStatus_Release(status);
    logoff(session);
}

Test(status, without_mail_only_stores_are_validated) /* STA-018, STA-097 */
{
    IMAPIStatus *status, *spooler;

    make_profile_of("Ann", "ann");
    session = logon("Ann", MAPI_NO_MAIL);
    status = open_status(session, MAPI_SUBSYSTEM, NULL);
    spooler = open_status(session, MAPI_SPOOLER, NULL);
    expect_hr(IMAPIStatus_ValidateState(status, 0, 0), S_OK);
    cr_expect_eq(fake_count("store_validate"), 1);
    expect_hr(IMAPIStatus_ValidateState(spooler, 0, 0), MAPI_E_NO_SUPPORT);
    expect_hr(IMAPIStatus_FlushQueues(spooler, 0, 0, NULL, FLUSH_UPLOAD), MAPI_E_NO_SUPPORT);
    IMAPIStatus_Release(status);
    IMAPIStatus_Release(spooler);
    logoff(session);
}

Test(status, spooler_validates_transports) /* STA-098, STA-100, STA-103, STA-117 */
{
    const char *users[] = {"ann", "bob"};
    IMAPIStatus *spooler;

    make_profile("Both", users, 2);
    session = logon("Both", 0);
    spooler = open_status(session, MAPI_SPOOLER, NULL);
    expect_hr(IMAPIStatus_ValidateState(spooler, 0, SUPPRESS_UI), S_OK);
    cr_expect_eq(fake_count("xp_validate ann"), 1);
    cr_expect_eq(fake_count("xp_validate bob"), 1);
    cr_expect_eq(fake.validate_flags, SUPPRESS_UI);
    cr_expect_eq(fake_count("types"), 2);
    expect_hr(IMAPIStatus_ValidateState(spooler, 0, CONFIG_CHANGED), S_OK);
    cr_expect_eq(fake_count("types"), 4);
    cr_expect_eq(fake_count("transport_logon"), 2);
    IMAPIStatus_Release(spooler);
    logoff(session);
}

Test(status, config_changed_recovers_what_was_disabled) /* STA-104 */
{
    IMAPIStatus *spooler;

    make_profile_of("Ann", "broken");
    assert_hr(try_logon("Ann", 0, &session), MAPI_W_ERRORS_RETURNED);
    spooler = open_status(session, MAPI_SPOOLER, NULL);
    expect_hr(IMAPIStatus_ValidateState(spooler, 0, 0), MAPI_E_LOGON_FAILED);
    cr_expect_eq(fake_count("transport_logon"), 0);
    expect_hr(IMAPIStatus_ValidateState(spooler, 0, CONFIG_CHANGED), S_OK);
    cr_expect_eq(fake_count("transport_logon"), 1);
    IMAPIStatus_Release(spooler);
    logoff(session);
}

Test(status, spooler_flushes_transports_in_order) /* STA-120 to STA-123, STA-127, STA-128, STA-132,
                                                   * STA-139 */
{
    const char *users[] = {"ann", "bob"};
    IMAPIStatus *spooler;
    const SRow *row;
    SRowSet *rows;
    const SBinary *id;

    make_profile("Both", users, 2);
    session = logon("Both", 0);
    spooler = open_status(session, MAPI_SPOOLER, NULL);
    expect_hr(IMAPIStatus_FlushQueues(spooler, 0, 0, NULL, FLUSH_UPLOAD | FLUSH_NO_UI), S_OK);
    cr_expect_eq(fake_count("xp_flush"), 2);
    cr_expect_eq(fake_count("end_outbound_flush"), 2);
    cr_expect_lt(fake_position("end_outbound_flush ann"), fake_position("xp_flush 12 bob"));
    cr_expect_eq(fake_count("end_inbound_flush"), 0);

    rows = status_row(session, MAPI_TRANSPORT_PROVIDER, "bob", &row);
    id = &value_of(row, PR_ENTRYID)->Value.bin;
    expect_hr(IMAPIStatus_FlushQueues(spooler, 0, id->cb, (ENTRYID *)id->lpb, FLUSH_DOWNLOAD),
              S_OK);
    cr_expect_eq(fake_count("end_inbound_flush ann"), 0);
    cr_expect_eq(fake_count("end_inbound_flush bob"), 1);
    FreeProws(rows);
    rows = status_row(session, MAPI_STORE_PROVIDER, "bob", &row);
    id = &value_of(row, PR_ENTRYID)->Value.bin;
    expect_hr(IMAPIStatus_FlushQueues(spooler, 0, id->cb, (ENTRYID *)id->lpb, FLUSH_DOWNLOAD),
              MAPI_E_NOT_FOUND); /* a store has no queue */
    FreeProws(rows);
    expect_hr(IMAPIStatus_FlushQueues(spooler, 0, 4, (ENTRYID *)"abcd", FLUSH_UPLOAD),
              MAPI_E_INVALID_ENTRYID);
    expect_hr(IMAPIStatus_FlushQueues(spooler, 0, 0, NULL, 0), MAPI_E_INVALID_PARAMETER);
    expect_hr(IMAPIStatus_FlushQueues(spooler, 0, 0, NULL, 0x40000000 | FLUSH_UPLOAD),
              MAPI_E_UNKNOWN_FLAGS);
    IMAPIStatus_Release(spooler);
    logoff(session);
}

/* The spooler's status object, by an id that an earlier session gave: the status table would wait
 * for the transports. */
Test(status, one_flush_at_a_time) /* STA-126 */
{
    IMAPIStatus *spooler = NULL;
    const SRow *row;
    SRowSet *rows;
    SBinary id;
    ULONG type;

    log_on("ann");
    rows = status_row(session, MAPI_SPOOLER, NULL, &row);
    id = value_of(row, PR_ENTRYID)->Value.bin;
    logoff(session);
    atomic_store(&fake.hold_transport, true);
    session = logon("Ann", 0);
    assert_hr(IMAPISession_OpenEntry(session, id.cb, (ENTRYID *)id.lpb, NULL, 0, &type,
                                     (IUnknown **)&spooler),
              S_OK);
    expect_hr(IMAPIStatus_FlushQueues(spooler, 0, 0, NULL, FLUSH_UPLOAD | FLUSH_ASYNC_OK), S_OK);
    expect_hr(IMAPIStatus_FlushQueues(spooler, 0, 0, NULL, FLUSH_UPLOAD), MAPI_E_BUSY);
    expect_hr(IMAPIStatus_FlushQueues(spooler, 0, 0, NULL, FLUSH_UPLOAD | FLUSH_ASYNC_OK),
              MAPI_E_BUSY);
    atomic_store(&fake.hold_transport, false);
    IMAPIStatus_Release(spooler);
    FreeProws(rows);
    logoff(session);
    cr_expect_eq(fake_count("xp_flush"), 1);
}

Test(status, an_asynchronous_flush_is_done_before_the_end) /* STA-123 */
{
    IMAPIStatus *spooler;

    log_on("ann");
    spooler = open_status(session, MAPI_SPOOLER, NULL);
    expect_hr(IMAPIStatus_FlushQueues(spooler, 0, 0, NULL, FLUSH_UPLOAD | FLUSH_ASYNC_OK), S_OK);
    IMAPIStatus_Release(spooler);
    logoff(session);
    cr_expect_eq(fake_count("xp_flush"), 1);
}

Test(status, provider_objects_are_the_providers) /* STA-080, SES-131 */
{
    IMAPIStatus *store, *transport;

    log_on("ann");
    store = open_status(session, MAPI_STORE_PROVIDER, NULL);
    transport = open_status(session, MAPI_TRANSPORT_PROVIDER, NULL);
    expect_hr(IMAPIStatus_ValidateState(store, 0, 0), S_OK);
    cr_expect_eq(fake_count("store_validate"), 1);
    expect_hr(IMAPIStatus_FlushQueues(transport, 0, 0, NULL, FLUSH_UPLOAD), S_OK);
    cr_expect_eq(fake_count("status_flush"), 1);
    IMAPIStatus_Release(store);
    IMAPIStatus_Release(transport);
    logoff(session);
}

Test(status, a_provider_tells_the_spooler_of_a_new_configuration) /* STA-102, STA-103 */
{
    log_on("ann");
    cr_expect_eq(status_rows(session, MAPI_TRANSPORT_PROVIDER), 1);
    expect_hr(IMAPISupport_SpoolerNotify(fake.store_support, NOTIFY_CONFIG_CHANGE, NULL), S_OK);
    logoff(session); /* what was asked for is done before the end */
    cr_expect_eq(fake_count("types"), 2);
}

/* --- Identity, address types ------------------------------------------------------------------ */

static HRESULT identity(ULONG *ret_size, ENTRYID **ret_id)
{
    *ret_id = NULL;
    return IMAPISession_QueryIdentity(session, ret_size, ret_id);
}

Test(status, identity_of_the_primary_row) /* SES-191, STA-149 */
{
    const char *users[] = {"ann", "bob"};
    const SPropValue *column;
    const SRow *row;
    SRowSet *rows;
    ENTRYID *id;
    ULONG size;

    atomic_store(&fake.identity, 1);
    make_profile("Both", users, 2);
    session = logon("Both", 0);
    assert_hr(identity(&size, &id), S_OK);
    rows = status_row(session, MAPI_STORE_PROVIDER, "ann", &row);
    column = value_of(row, PR_IDENTITY_ENTRYID);
    cr_assert_not_null(column);
    cr_expect(column->Value.bin.cb == size && memcmp(column->Value.bin.lpb, id, size) == 0);
    FreeProws(rows);
    MAPIFreeBuffer(id);
    expect_hr(IMAPISession_QueryIdentity(session, NULL, &id), MAPI_E_INVALID_PARAMETER);
    logoff(session);
}

Test(status, identity_is_built_where_the_row_has_no_id) /* SES-188 */
{
    ENTRYID *id;
    ULONG size;

    atomic_store(&fake.identity, 2);
    log_on("ann");
    assert_hr(identity(&size, &id), S_OK);
    cr_expect_gt(size, 24);
    MAPIFreeBuffer(id);
    logoff(session);
}

Test(status, nobody_knows_who_i_am) /* SES-190 */
{
    ENTRYID *id;
    ULONG size;

    log_on("ann");
    expect_hr(identity(&size, &id), MAPI_W_NO_SERVICE);
    cr_expect_not_null(id);
    cr_expect_gt(size, 0);
    MAPIFreeBuffer(id);
    logoff(session);
}

Test(status, address_types_of_active_transports_once_each) /* SES-193, SES-194 */
{
    const char *users[] = {"ann", "bob"};
    ULONG count = 0;
    LPTSTR *types;

    fake.types[1] = "FAX";
    make_profile("Both", users, 2);
    session = logon("Both", 0);
    assert_hr(IMAPISession_EnumAdrTypes(session, 0, &count, &types), S_OK);
    cr_assert_eq(count, 2);
    cr_expect_str_eq((char *)types[0], "SMTP");
    cr_expect_str_eq((char *)types[1], "FAX");
    MAPIFreeBuffer(types);
    assert_hr(IMAPISession_EnumAdrTypes(session, MAPI_UNICODE, &count, &types), S_OK);
    cr_expect_eq(((WCHAR *)types[1])[2], 'X');
    MAPIFreeBuffer(types);
    expect_hr(IMAPISession_EnumAdrTypes(session, 0, NULL, &types), MAPI_E_INVALID_PARAMETER);
    logoff(session);
    session = logon("Both", MAPI_NO_MAIL);
    assert_hr(IMAPISession_EnumAdrTypes(session, 0, &count, &types), S_OK);
    cr_expect_eq(count, 0);
    MAPIFreeBuffer(types);
    logoff(session);
}
