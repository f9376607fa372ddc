/* docs/requirements/memory_threads.md: what holds for the store provider's objects */
#include <unistd.h>

#include "tests/conformance/store_rig.h"

TestSuite(memory_live, .init = store_begin, .fini = mail_close);

/* --- Buffers ---------------------------------------------------------------------------------- */

Test(memory_live, buffers_outlive_session_and_library) /* MEM-008, MEM-013, MEM-021 */
{
    IMAPIFolder *folder = new_folder(NULL, "Buffers");
    SPropValue *id = saved_message(folder, "kept"), *subject;
    IMessage *message = open_message(id, 0);
    IMAPITable *contents = mail_contents(folder);
    SRowSet *rows = mail_rows(contents);
    SPropTagArray *tags;
    void *more;

    subject = value_of(message, PR_SUBJECT_W);
    assert_hr(IMessage_GetPropList(message, MAPI_UNICODE, &tags), S_OK);
    IMAPITable_Release(contents);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
    mail_logoff();
    MAPIUninitialize();
    cr_expect_str_eq(mail_text(subject), "kept");
    cr_expect_eq(mail_find_row(rows, "kept"), 0);
    cr_expect(tags->cValues > 0);
    /* They are blocks of the routines that the provider was given: these can hang more on them. */
    assert_hr(MAPIAllocateMore(64, subject, &more), S_OK);
    assert_hr(MAPIAllocateMore(64, tags, &more), S_OK);
    assert_hr(MAPIAllocateMore(64, rows->aRow[0].lpProps, &more), S_OK);
    MAPIFreeBuffer(subject);
    MAPIFreeBuffer(tags);
    FreeProws(rows);
    MAPIFreeBuffer(id);
    mail_open(0);
}

Test(memory_live, a_callee_may_replace_what_goes_in_and_out) /* MEM-011 */
{
    static WCHAR word[] = u"mapigate-memory-test";
    MAPINAMEID name = {.lpguid = (GUID *)&PS_PUBLIC_STRINGS, .ulKind = MNID_STRING};
    MAPINAMEID *asked = &name, **names = NULL;
    SPropTagArray *made, *tags = NULL, *given;
    ULONG count = 0;

    name.Kind.lpwstrName = word;
    assert_hr(IMsgStore_GetIDsFromNames(mail.store, 1, &asked, MAPI_CREATE, &made), S_OK);
    assert_hr(IMsgStore_GetNamesFromIDs(mail.store, &tags, NULL, 0, &count, &names), S_OK);
    cr_assert(tags); /* the callee's now, ours to free */
    cr_expect(count >= 1 && tags->cValues == count);
    MAPIFreeBuffer(names);
    MAPIFreeBuffer(tags);
    given = made;
    assert_hr(IMsgStore_GetNamesFromIDs(mail.store, &given, NULL, 0, &count, &names), S_OK);
    cr_expect_eq(count, 1);
    MAPIFreeBuffer(names);
    MAPIFreeBuffer(given); /* whether or not it is the one that went in */
}

/* Either as it was, or nothing that has to be given back. */
#define expect_untouched(call, output)                                                             \
    do {                                                                                           \
        (output) = marker;                                                                         \
        cr_expect(FAILED(call), #call);                                                            \
        cr_expect((void *)(output) == marker || !(output), "%s", #call);                           \
    } while (0)

Test(memory_live, a_call_that_fails_leaves_nothing_to_free) /* MEM-012 */
{
    static int place;
    void *marker = &place, *out;
    BYTE nonsense[8] = {0};
    IMAPIFolder *folder = new_folder(NULL, "Failures");
    IMessage *message = new_message(folder, "fails");
    IMAPITable *contents = contents_of(folder);
    SizedSPropTagArray(1, bad) = {1, {PROP_TAG(PT_LONG, 0xFFFF)}};
    ULONG type, count;

    expect_untouched(
        IMsgStore_OpenEntry(mail.store, 8, (ENTRYID *)nonsense, NULL, 0, &type, (IUnknown **)&out),
        out);
    expect_untouched(
        IMsgStore_OpenEntry(mail.store, 0, NULL, &IID_IMessage, 0, &type, (IUnknown **)&out), out);
    expect_untouched(IMAPISession_OpenEntry(mail.session, 8, (ENTRYID *)nonsense, NULL, 0, &type,
                                            (IUnknown **)&out),
                     out);
    expect_untouched(IMAPISession_OpenMsgStore(mail.session, 0, 8, (ENTRYID *)nonsense, NULL, 0,
                                               (IMsgStore **)&out),
                     out);
    expect_untouched(
        IMessage_GetProps(message, (SPropTagArray *)&bad, 0, &count, (SPropValue **)&out), out);
    expect_untouched(IMessage_GetPropList(message, 0x40000000, (SPropTagArray **)&out), out);
    expect_untouched(
        IMessage_OpenProperty(message, PR_BODY_W, &IID_IStream, 0, 0, (IUnknown **)&out), out);
    expect_untouched(
        IMessage_OpenProperty(message, PR_SUBJECT_W, &IID_IMAPITable, 0, 0, (IUnknown **)&out),
        out);
    expect_untouched(IMessage_OpenAttach(message, 9, NULL, 0, (IAttach **)&out), out);
    expect_untouched(IMessage_GetAttachmentTable(message, 0x40000000, (IMAPITable **)&out), out);
    expect_untouched(IMessage_QueryInterface(message, &IID_IMAPITable, &out), out);
    expect_untouched(
        IMAPIFolder_CreateFolder(folder, FOLDER_GENERIC, NULL, NULL, NULL, 0, (IMAPIFolder **)&out),
        out);
    expect_untouched(IMAPIFolder_CreateMessage(folder, NULL, 0x40000000, (IMessage **)&out), out);
    expect_untouched(IMAPIFolder_GetHierarchyTable(folder, 0x00100000, (IMAPITable **)&out), out);
    expect_untouched(IMAPITable_QueryRows(contents, 5, 0x40000000, (SRowSet **)&out), out);
    expect_untouched(IMAPITable_QueryColumns(contents, 0x40000000, (SPropTagArray **)&out), out);
    expect_untouched(HrGetOneProp((IMAPIProp *)message, PR_BODY_W, (SPropValue **)&out), out);
    IMAPITable_Release(contents);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

/* --- Notifications ---------------------------------------------------------------------------- */

static ULONG_PTR listen_by_session(const SPropValue *id, ULONG events, struct test_sink *sink)
{
    ULONG_PTR connection = 0;

    assert_hr(IMAPISession_Advise(mail.session, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                  events, &sink->IMAPIAdviseSink_iface, &connection),
              S_OK);
    cr_expect_neq(connection, 0);
    return connection;
}

/* By IMSLogon::Advise: the session asks the logon to which the entry id belongs. */
Test(memory_live, unadvise_of_the_logon_gives_the_sink_back) /* MEM-091 */
{
    IMAPIFolder *folder = new_folder(NULL, "Listened");
    SPropValue *id = value_of(folder, PR_ENTRYID);
    struct test_sink *sink = test_sink_create();
    ULONG_PTR connection = listen_by_session(id, fnevObjectModified, sink);

    cr_expect_eq(test_sink_refs(sink), 2);
    assert_hr(IMAPISession_Unadvise(mail.session, connection), S_OK);
    cr_expect_eq(test_sink_refs(sink), 1);
    test_sink_release(sink);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void stay_inside(struct test_sink *sink)
{
    (void)sink;
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
}

Test(memory_live, a_sink_that_runs_is_given_back_when_it_is_done) /* MEM-090, MEM-091 */
{
    IMAPIFolder *folder = new_folder(NULL, "Running");
    SPropValue *id = value_of(folder, PR_ENTRYID);
    struct test_sink *sink = test_sink_create();
    ULONG_PTR connection = listen_by_session(id, fnevObjectModified, sink);

    sink->during = stay_inside;
    pthread_mutex_lock(&gate);
    assert_hr(set_text(folder, PR_COMMENT_W, "changed"), S_OK);
    cr_assert(test_sink_wait(sink, 1)); /* it is inside */
    assert_hr(IMAPISession_Unadvise(mail.session, connection), S_OK);
    cr_expect_eq(test_sink_refs(sink), 2);
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < 30000 && test_sink_refs(sink) > 1; i++)
        usleep(1000);
    cr_expect_eq(test_sink_refs(sink), 1);
    test_sink_release(sink);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* The id of the object that the first such event is about, MAPIFreeBuffer. */
static SPropValue *await_id(struct test_sink *sink, ULONG event)
{
    const OBJECT_NOTIFICATION *about = &mail_await_event(sink, event, NULL, NULL)->info.obj;
    SPropValue value = {.ulPropTag = PR_ENTRYID}, *copy;

    value.Value.bin = (SBinary){about->cbEntryID, (BYTE *)about->lpEntryID};
    assert_hr(ScDupPropset(1, &value, MAPIAllocateBuffer, &copy), S_OK);
    return copy;
}

Test(memory_live, ids_in_notifications_are_long_term) /* MEM-077 */
{
    struct test_sink *sink = test_sink_create();
    IMAPIFolder *folder = new_folder(NULL, "Ids");
    SPropValue *id, *told;
    ULONG_PTR connection;
    IMessage *message;

    assert_hr(IMsgStore_Advise(mail.store, 0, NULL, fnevObjectCreated, &sink->IMAPIAdviseSink_iface,
                               &connection),
              S_OK);
    id = saved_message(folder, "made");
    told = await_id(sink, fnevObjectCreated);
    cr_expect(same_bytes(&told->Value.bin, &id->Value.bin));
    for (size_t i = 0; i < 4; i++) /* none of the marks of a short-term one */
        cr_expect_eq(told->Value.bin.lpb[i], 0);
    IMsgStore_Unadvise(mail.store, connection);
    IMAPIFolder_Release(folder);
    test_sink_release(sink);
    store_restart();
    message = open_message(told, 0); /* in another session */
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "made");
    IMessage_Release(message);
    MAPIFreeBuffer(told);
    MAPIFreeBuffer(id);
}

static bool is_about(const NOTIFICATION *notification, const void *context)
{
    const OBJECT_NOTIFICATION *object = &notification->info.obj;
    SBinary id = {.cb = object->cbEntryID, .lpb = (BYTE *)object->lpEntryID};

    return same_bytes(&id, &((const SPropValue *)context)->Value.bin);
}

Test(memory_live, a_change_is_told_with_its_save) /* MEM-079 */
{
    struct test_sink *sink = test_sink_create();
    IMAPIFolder *folder = new_folder(NULL, "Saves");
    SPropValue *waits_id = saved_message(folder, "waits"), *goes_id = saved_message(folder, "goes");
    IMessage *waits = open_message(waits_id, MAPI_MODIFY),
             *goes = open_message(goes_id, MAPI_MODIFY);
    ULONG_PTR connection;

    assert_hr(IMsgStore_Advise(mail.store, 0, NULL, fnevObjectModified,
                               &sink->IMAPIAdviseSink_iface, &connection),
              S_OK);
    assert_hr(set_number(waits, PROP_TAG(PT_LONG, 0x6680), 1), S_OK);
    assert_hr(set_number(goes, PROP_TAG(PT_LONG, 0x6680), 1), S_OK);
    assert_hr(IMessage_SaveChanges(goes, KEEP_OPEN_READWRITE), S_OK);
    mail_await_event(sink, fnevObjectModified, is_about, goes_id);
    for (size_t at = 0; test_sink_at(sink, at); at++)
        cr_expect(!is_about(test_sink_at(sink, at), waits_id));
    assert_hr(IMessage_SaveChanges(waits, KEEP_OPEN_READWRITE), S_OK);
    mail_await_event(sink, fnevObjectModified, is_about, waits_id);
    IMsgStore_Unadvise(mail.store, connection);
    IMessage_Release(goes);
    IMessage_Release(waits);
    MAPIFreeBuffer(goes_id);
    MAPIFreeBuffer(waits_id);
    IMAPIFolder_Release(folder);
    test_sink_release(sink);
}

Test(memory_live, nobody_has_to_listen) /* MEM-086 */
{
    IMAPIFolder *folder = new_folder(NULL, "Quiet"), *to = new_folder(NULL, "Elsewhere");
    SPropValue *id = saved_message(folder, "unheard");
    IMessage *message = open_message(id, MAPI_MODIFY);
    SBinary entry;

    assert_hr(set_text(message, PR_SUBJECT_W, "still unheard"), S_OK);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    assert_hr(
        IMAPIFolder_CopyMessages(folder, entry_list(&entry, id), NULL, to, 0, NULL, MESSAGE_MOVE),
        S_OK);
    MAPIFreeBuffer(id);
    id = find_message(to, "still unheard");
    cr_assert(id);
    assert_hr(IMAPIFolder_DeleteMessages(to, entry_list(&entry, id), 0, NULL, 0), S_OK);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(folder);
}
