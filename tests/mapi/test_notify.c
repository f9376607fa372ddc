/* tests/mapi/test_notify.c - listeners, their deliveries, and who waits for whom */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/notify.h"
#include "mapi/propval.h"
#include "mapi/sink.h"
#include "support/com.h"

static struct dispatcher *dispatcher;
static struct listener *listener;
static struct test_sink *sink;

static void begin(struct dispatcher *with, struct notify_hold *hold)
{
    dispatcher = with;
    sink = test_sink_create();
    assert_hr(listener_create(dispatcher, hold, &sink->IMAPIAdviseSink_iface, NULL, &listener),
              S_OK);
}

static void begin_queue(struct notify_hold *hold)
{
    struct dispatcher *queue;

    assert_hr(notify_queue_create(&queue), S_OK);
    begin(queue, hold);
}

static void begin_thread(void)
{
    struct dispatcher *thread;

    assert_hr(notify_thread_create(&thread), S_OK);
    begin(thread, NULL);
}

static void end(void)
{
    listener_cancel(listener);
    listener_unref(listener);
    test_sink_release(sink);
    dispatcher_unref(dispatcher);
}

/* An event that can be told from others. */
static void post_to(struct listener *to, LONG number)
{
    SPropValue value = propval_long(PR_DEPTH, number);
    NOTIFICATION notification = {.ulEventType = fnevTableModified};
    struct notice *notice;

    notification.info.tab.ulTableEvent = TABLE_ROW_MODIFIED;
    notification.info.tab.row = (SRow){.cValues = 1, .lpProps = &value};
    assert_hr(notice_create(&notification, &notice), S_OK);
    listener_post(to, notice);
    notice_unref(notice);
}

static void post(LONG number)
{
    post_to(listener, number);
}

static LONG number_at(size_t index)
{
    const NOTIFICATION *notification = test_sink_at(sink, index);

    return notification && notification->info.tab.row.cValues == 1
               ? notification->info.tab.row.lpProps[0].Value.l
               : -1;
}

Test(notify, a_queue_delivers_in_order_when_drained) /* MEM-057 MEM-062 MEM-068 */
{
    LONG i;

    begin_queue(NULL);
    for (i = 0; i < 10; i++)
        post(i);
    cr_expect_eq(sink->count, 0);
    notify_queue_drain(dispatcher);
    cr_assert_eq(sink->count, 10);
    for (i = 0; i < 10; i++)
        cr_expect_eq(number_at((size_t)i), i);
    cr_expect(sink->calls < 10); /* several in one OnNotify */
    cr_expect(pthread_equal(sink->thread, pthread_self()));
    end();
}

Test(notify, the_thread_delivers_in_order) /* MEM-055 MEM-062 */
{
    LONG i;

    begin_thread();
    for (i = 0; i < 100; i++)
        post(i);
    cr_assert(test_sink_wait(sink, 100));
    for (i = 0; i < 100; i++)
        cr_expect_eq(number_at((size_t)i), i);
    cr_expect(!pthread_equal(sink->thread, pthread_self()));
    notify_thread_stop(dispatcher);
    end();
}

Test(notify, too_many_events_become_one)
{
    LONG i;

    begin_queue(NULL);
    for (i = 0; i < NOTIFY_QUEUE_MAX + 1; i++)
        post(i);
    notify_queue_drain(dispatcher);
    cr_assert_eq(sink->count, 1);
    cr_expect_eq(test_sink_at(sink, 0)->info.tab.ulTableEvent, TABLE_CHANGED);
    end();
}

Test(notify, cancel_drops_what_waits) /* MEM-076 MEM-090 */
{
    begin_queue(NULL);
    post(1);
    listener_cancel(listener);
    cr_expect_eq(test_sink_refs(sink), 1);
    post(2);
    notify_queue_drain(dispatcher);
    cr_expect_eq(sink->count, 0);
    end();
}

static void cancel_inside(struct test_sink *from)
{
    listener_cancel(listener);
    cr_expect_eq(test_sink_refs(from), 2); /* still running */
}

Test(notify, cancel_from_inside_the_sink) /* MEM-073 */
{
    begin_queue(NULL);
    sink->during = cancel_inside;
    post(1);
    notify_queue_drain(dispatcher);
    cr_expect_eq(test_sink_refs(sink), 1);
    post(2);
    notify_queue_drain(dispatcher);
    cr_expect_eq(sink->count, 1);
    end();
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void stay_inside(struct test_sink *from)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
}

Test(notify, cancel_does_not_wait_for_a_running_sink) /* MEM-073 MEM-090 */
{
    begin_thread();
    sink->during = stay_inside;
    pthread_mutex_lock(&gate);
    post(1);
    cr_assert(test_sink_wait(sink, 1)); /* it is inside */
    listener_cancel(listener);
    cr_expect_eq(test_sink_refs(sink), 2);
    pthread_mutex_unlock(&gate);
    notify_thread_stop(dispatcher); /* waits for the thread, so for the sink */
    cr_expect_eq(test_sink_refs(sink), 1);
    end();
}

Test(notify, a_slow_sink_delays_only_itself)
{
    struct test_sink *quick = test_sink_create();
    struct listener *other;

    begin_thread();
    assert_hr(listener_create(dispatcher, NULL, &quick->IMAPIAdviseSink_iface, NULL, &other), S_OK);
    sink->during = stay_inside;
    pthread_mutex_lock(&gate);
    post(1);
    cr_assert(test_sink_wait(sink, 1));
    post_to(other, 7);
    cr_expect(test_sink_wait(quick, 1)); /* while the first is still inside */
    pthread_mutex_unlock(&gate);
    listener_cancel(other);
    listener_unref(other);
    test_sink_release(quick);
    notify_thread_stop(dispatcher);
    end();
}

static void stop_inside(struct test_sink *from)
{
    notify_thread_stop(dispatcher);
}

Test(notify, the_thread_may_be_stopped_by_a_sink)
{
    begin_thread();
    sink->during = stop_inside;
    post(1);
    cr_assert(test_sink_wait(sink, 1));
    post(2);
    notify_thread_stop(dispatcher);
    cr_expect_eq(sink->count, 1);
    end();
}

Test(notify, events_wait_until_the_causing_call_has_returned) /* MEM-065 */
{
    struct notify_hold *hold;
    uint64_t first, second;

    assert_hr(notify_hold_create(&hold), S_OK);
    begin_queue(hold);
    first = notify_hold_begin(hold);
    post(1);
    notify_queue_drain(dispatcher);
    cr_expect_eq(sink->count, 0);
    second = notify_hold_begin(hold); /* later calls do not hold the event back */
    notify_hold_end(hold, first);
    notify_queue_drain(dispatcher);
    cr_expect_eq(sink->count, 1);
    post(2);
    notify_queue_drain(dispatcher);
    cr_expect_eq(sink->count, 1);
    notify_hold_end(hold, second);
    notify_queue_drain(dispatcher);
    cr_expect_eq(sink->count, 2);
    end();
    notify_hold_unref(hold);
}

static sigset_t mask_inside;

static void read_mask(struct test_sink *from)
{
    pthread_sigmask(SIG_SETMASK, NULL, &mask_inside);
}

Test(notify, the_thread_has_all_signals_blocked)
{
    begin_thread();
    sink->during = read_mask;
    post(1);
    cr_assert(test_sink_wait(sink, 1));
    notify_thread_stop(dispatcher);
    cr_expect(sigismember(&mask_inside, SIGCHLD) && sigismember(&mask_inside, SIGTERM));
    end();
}

/* ---- Copies ---- */

Test(notify, notices_are_deep_copies_of_every_event) /* MEM-026 MEM-027 MEM-063 */
{
    BYTE id[] = {1, 2, 3, 4};
    SPropValue value = propval_unicode(PR_SUBJECT_W, u"subject");
    SizedSPropTagArray(1, tags) = {1, {PR_SUBJECT_W}};
    MAPIERROR error = {0, (LPTSTR) "what", (LPTSTR) "who", 1, 2};
    NOTIFICATION events[7] = {
        {.ulEventType = fnevCriticalError},        {.ulEventType = fnevNewMail},
        {.ulEventType = fnevObjectMoved},          {.ulEventType = fnevTableModified},
        {.ulEventType = fnevStatusObjectModified}, {.ulEventType = fnevExtended},
        {.ulEventType = fnevSearchComplete}};
    NOTIFICATION *copy;
    ULONG size, used;

    events[0].info.err = (ERROR_NOTIFICATION){4, (ENTRYID *)id, MAPI_E_BUSY, 0, &error};
    events[1].info.newmail = (NEWMAIL_NOTIFICATION){
        4, (ENTRYID *)id, 4, (ENTRYID *)id, MAPI_UNICODE, (LPTSTR)u"IPM.Note", 7};
    events[2].info.obj.cbEntryID = 4;
    events[2].info.obj.lpEntryID = (ENTRYID *)id;
    events[2].info.obj.lpPropTagArray = (SPropTagArray *)&tags;
    events[3].info.tab.propIndex = value;
    events[3].info.tab.row = (SRow){.cValues = 1, .lpProps = &value};
    events[4].info.statobj = (STATUS_OBJECT_NOTIFICATION){4, (ENTRYID *)id, 1, &value};
    events[5].info.ext = (EXTENDED_NOTIFICATION){9, 4, id};

    assert_hr(ScCountNotifications(7, events, &size), S_OK);
    copy = malloc(size);
    assert_hr(ScCopyNotifications(7, events, copy, &used), S_OK);
    cr_expect_eq(size, used);
    memset(id, 0, sizeof(id));
    error.lpszError = NULL;
    cr_expect_str_eq((char *)copy[0].info.err.lpMAPIError->lpszError, "what");
    cr_expect_eq(((BYTE *)copy[0].info.err.lpEntryID)[3], 4);
    cr_expect_eq(((WCHAR *)copy[1].info.newmail.lpszMessageClass)[7], 'e');
    cr_expect_eq(copy[2].info.obj.lpPropTagArray->aulPropTag[0], PR_SUBJECT_W);
    cr_expect_neq(copy[3].info.tab.row.lpProps, &value);
    cr_expect_eq(copy[3].info.tab.row.lpProps[0].Value.lpszW[0], 's');
    cr_expect_eq(copy[4].info.statobj.lpPropVals[0].Value.lpszW[6], 't');
    cr_expect_eq(copy[5].info.ext.pbEventParameters[1], 2);
    free(copy);
    events[0].ulEventType = 3;
    expect_hr(ScCountNotifications(7, events, &size), MAPI_E_INVALID_PARAMETER);
}

/* ---- Advise ---- */

Test(notify, advise_lists_filter_by_event_and_key) /* MEM-066 MEM-067 MEM-072 MEM-087 */
{
    struct advise_list list;
    ULONG_PTR all, one;
    NOTIFICATION created = {.ulEventType = fnevObjectCreated};

    advise_list_init(&list);
    begin_queue(NULL);
    assert_hr(advise_list_add(&list, listener, fnevObjectCreated, NULL, 0, &all), S_OK);
    cr_expect_neq(all, 0);
    advise_list_post(&list, &created, "abc", 3);
    created.ulEventType = fnevObjectDeleted;
    advise_list_post(&list, &created, "abc", 3);
    notify_queue_drain(dispatcher);
    cr_expect_eq(sink->count, 1);
    cr_expect(advise_list_wants(&list, fnevObjectCreated));
    cr_expect(!advise_list_wants(&list, fnevObjectDeleted));
    expect_hr(advise_list_remove(&list, all + 100), MAPI_E_NOT_FOUND);
    expect_hr(advise_list_remove(&list, all), S_OK);
    expect_hr(advise_list_remove(&list, all), MAPI_E_NOT_FOUND);
    listener_unref(listener);
    assert_hr(listener_create(dispatcher, NULL, &sink->IMAPIAdviseSink_iface, NULL, &listener),
              S_OK);
    assert_hr(advise_list_add(&list, listener, fnevObjectDeleted, "abc", 3, &one), S_OK);
    cr_expect_neq(one, all);
    advise_list_post(&list, &created, "abd", 3);
    advise_list_post(&list, &created, "abc", 3);
    notify_queue_drain(dispatcher);
    cr_expect_eq(sink->count, 2);
    advise_list_clear(&list);
    cr_expect_eq(test_sink_refs(sink), 1);
    end();
}

/* ---- Exports ---- */

static ULONG heard;

static LONG STDAPICALLTYPE count_events(LPVOID context, ULONG count, LPNOTIFICATION notifications)
{
    *(ULONG *)context += count;
    return 0;
}

Test(notify, function_sinks_call_their_function) /* MEM-061 */
{
    NOTIFICATION events[2] = {{.ulEventType = fnevExtended}, {.ulEventType = fnevExtended}};
    IMAPIAdviseSink *made = NULL;

    assert_hr(HrAllocAdviseSink(count_events, &heard, &made), S_OK);
    expect_full_vtable(made);
    expect_interface(made, &IID_IMAPIAdviseSink);
    made->lpVtbl->OnNotify(made, 2, events);
    cr_expect_eq(heard, 2);
    expect_last_release(made);
    expect_hr(HrAllocAdviseSink(NULL, NULL, &made), MAPI_E_INVALID_PARAMETER);
}

static void *notify_from_elsewhere(void *made)
{
    IMAPIAdviseSink *wrapper = made;
    NOTIFICATION event = {.ulEventType = fnevExtended};

    wrapper->lpVtbl->OnNotify(wrapper, 1, &event);
    return NULL;
}

Test(notify, wrapped_sinks_run_on_their_thread) /* MEM-057 MEM-058 MEM-083 */
{
    IMAPIAdviseSink *wrapper = NULL;
    pthread_t thread;

    sink = test_sink_create();
    assert_hr(HrThisThreadAdviseSink(&sink->IMAPIAdviseSink_iface, &wrapper), S_OK);
    cr_expect_eq(test_sink_refs(sink), 2);
    pthread_create(&thread, NULL, notify_from_elsewhere, wrapper);
    pthread_join(thread, NULL);
    cr_expect_eq(sink->count, 0);
    notify_queue_drain_bound();
    cr_assert_eq(sink->count, 1);
    cr_expect(pthread_equal(sink->thread, pthread_self()));
    expect_last_release(wrapper);
    cr_expect_eq(test_sink_refs(sink), 1);
    test_sink_release(sink);
    notify_queue_bind(NULL);
}
