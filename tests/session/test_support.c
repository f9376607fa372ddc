/* tests/session/test_support.c - what a provider asks of IMAPISupport */
#include <string.h>

#include "mapi/mapigate.h"
#include "mapi/mapispi.h"
#include "session/fixture.h"

static IMAPISession *session;
static struct test_sink *one, *other;

static void set_up(void)
{
    fixture_set_up();
    make_profile_of("Ann", "ann");
    session = logon("Ann", 0);
    one = test_sink_create();
    other = test_sink_create();
}

static void tear_down(void)
{
    logoff(session);
    cr_expect(sink_is_free(one) && sink_is_free(other));
    test_sink_release(one);
    test_sink_release(other);
    fixture_tear_down();
}

TestSuite(support, .init = set_up, .fini = tear_down);

/* --- Memory and ids --------------------------------------------------------------------------- */

Test(support, it_gives_the_routines_that_the_entry_point_got) /* MEM-019 */
{
    LPALLOCATEBUFFER allocate_buffer = NULL;
    LPALLOCATEMORE allocate_more = NULL;
    LPFREEBUFFER free_buffer = NULL;

    assert_hr(IMAPISupport_GetMemAllocRoutines(fake.store_support, &allocate_buffer, &allocate_more,
                                               &free_buffer),
              S_OK);
    cr_assert(fake.allocate_buffer && fake.allocate_more && fake.free_buffer);
    cr_expect(allocate_buffer == fake.allocate_buffer);
    cr_expect(allocate_more == fake.allocate_more);
    cr_expect(free_buffer == fake.free_buffer);
}

Test(support, every_new_uid_is_another) /* MEM-040 */
{
    MAPIUID uids[64];

    memset(uids, 0, sizeof(uids));
    for (size_t i = 0; i < 64; i++) {
        assert_hr(IMAPISupport_NewUID(fake.store_support, &uids[i]), S_OK);
        for (size_t j = 0; j < i; j++)
            cr_expect(memcmp(&uids[i], &uids[j], sizeof(MAPIUID)) != 0);
    }
    expect_hr(IMAPISupport_NewUID(fake.store_support, NULL), MAPI_E_INVALID_PARAMETER);
}

static HRESULT open_of(const MAPIUID *uid)
{
    BYTE id[FAKE_ID_SIZE];
    IUnknown *folder = NULL;
    ULONG type;
    HRESULT hr;

    fake_folder_id("ann", "F1", id);
    memcpy(id + 4, uid, sizeof(*uid));
    hr = IMAPISession_OpenEntry(session, sizeof(id), (ENTRYID *)id, NULL, 0, &type, &folder);
    UlRelease(folder);
    return hr;
}

Test(support, provider_uids_add_up) /* MEM-039 */
{
    MAPIUID first, second, third;

    fake_store_uid("ann", &first);
    memset(&second, 2, sizeof(second));
    memset(&third, 3, sizeof(third));
    expect_hr(open_of(&first), S_OK);
    expect_hr(open_of(&second), MAPI_E_UNKNOWN_ENTRYID);
    assert_hr(IMAPISupport_SetProviderUID(fake.store_support, &second, 0), S_OK);
    expect_hr(open_of(&second), S_OK);
    expect_hr(open_of(&third), MAPI_E_UNKNOWN_ENTRYID);
    assert_hr(IMAPISupport_SetProviderUID(fake.store_support, &third, 0), S_OK);
    assert_hr(IMAPISupport_SetProviderUID(fake.store_support, &third, 0), S_OK);
    expect_hr(open_of(&first), S_OK);
    expect_hr(open_of(&second), S_OK);
    expect_hr(open_of(&third), S_OK);
}

/* --- Profile sections ------------------------------------------------------------------------- */

Test(support, without_a_uid_the_own_section_opens) /* MEM-037 */
{
    IProfSect *section = NULL;
    SPropValue *user;

    assert_hr(IMAPISupport_OpenProfileSection(fake.store_support, NULL, 0, &section), S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)section, PR_MG_USER, &user), S_OK);
    cr_expect(text_is(user, "ann"));
    MAPIFreeBuffer(user);
    expect_last_release(section);
}

Test(support, sections_that_are_not_there_and_flags) /* MEM-038 */
{
    IProfSect *section = (IProfSect *)&section;
    MAPIUID uid;

    memset(&uid, 7, sizeof(uid));
    expect_hr(IMAPISupport_OpenProfileSection(fake.store_support, NULL, 0x40000000, &section),
              MAPI_E_UNKNOWN_FLAGS);
    cr_expect_null(section);
    expect_hr(IMAPISupport_OpenProfileSection(fake.store_support, &uid, 0, &section),
              MAPI_E_NOT_FOUND);
    cr_expect_null(section);
    assert_hr(IMAPISupport_OpenProfileSection(fake.store_support, &uid, MAPI_MODIFY, &section),
              S_OK);
    expect_last_release(section);
    assert_hr(IMAPISupport_OpenProfileSection(fake.store_support, &uid, 0, &section), S_OK);
    expect_last_release(section);
}

/* --- MakeInvalid ------------------------------------------------------------------------------ */

struct provider_object {
    IMAPIAdviseSink IMAPIAdviseSink_iface;
    void *what_it_counts_by_itself;
};

static ULONG STDMETHODCALLTYPE not_counted(IMAPIAdviseSink *iface)
{
    (void)iface;
    return 77;
}

static ULONG STDMETHODCALLTYPE answer_well(IMAPIAdviseSink *iface, ULONG count,
                                           NOTIFICATION *notifications)
{
    (void)iface, (void)count, (void)notifications;
    return S_OK;
}

static IMAPIAdviseSink *provider_object(size_t size)
{
    static const IMAPIAdviseSinkVtbl vtbl = {
        .AddRef = not_counted, .Release = not_counted, .OnNotify = answer_well};
    struct provider_object *object;

    assert_hr(MAPIAllocateBuffer((ULONG)size, (void **)&object), S_OK);
    object->IMAPIAdviseSink_iface.lpVtbl = &vtbl;
    return &object->IMAPIAdviseSink_iface;
}

Test(support, what_was_made_invalid_counts_and_answers_nothing_else) /* MEM-033, MEM-035 */
{
    IMAPIAdviseSink *object = provider_object(sizeof(struct provider_object));
    NOTIFICATION news = {.ulEventType = fnevExtended};
    void *ret = object, *chained;

    assert_hr(MAPIAllocateMore(64, object, &chained), S_OK);
    expect_hr(IMAPIAdviseSink_OnNotify(object, 1, &news), S_OK);
    assert_hr(IMAPISupport_MakeInvalid(fake.store_support, 0, object, 2, 4), S_OK);
    expect_hr(IMAPIAdviseSink_OnNotify(object, 1, &news), MAPI_E_INVALID_OBJECT);
    expect_hr(IMAPIAdviseSink_QueryInterface(object, &IID_IUnknown, &ret), MAPI_E_INVALID_OBJECT);
    cr_expect_null(ret);
    cr_expect_eq(IMAPIAdviseSink_AddRef(object), 3);
    cr_expect_eq(IMAPIAdviseSink_Release(object), 2);
    cr_expect_eq(IMAPIAdviseSink_Release(object), 1);
    expect_hr(IMAPIAdviseSink_OnNotify(object, 1, &news), MAPI_E_INVALID_OBJECT);
    /* Nobody else frees the two blocks: a leak check would see them. */
    cr_expect_eq(IMAPIAdviseSink_Release(object), 0);
}

Test(support, make_invalid_needs_an_object_of_some_size) /* MEM-034 */
{
    IMAPIAdviseSink *small = provider_object(15), *large = provider_object(16);
    NOTIFICATION news = {.ulEventType = fnevExtended};

    expect_hr(IMAPISupport_MakeInvalid(fake.store_support, 0, NULL, 1, 4),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(IMAPISupport_MakeInvalid(fake.store_support, 0, small, 1, 4),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(IMAPISupport_MakeInvalid(fake.store_support, 0, large, 1, 2),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(IMAPISupport_MakeInvalid(fake.store_support, 1, large, 1, 4), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(IMAPIAdviseSink_OnNotify(large, 1, &news), S_OK); /* it is as it was */
    MAPIFreeBuffer(small);
    assert_hr(IMAPISupport_MakeInvalid(fake.store_support, 0, large, 1, 3), S_OK);
    cr_expect_eq(IMAPIAdviseSink_Release(large), 0);
}

/* --- Notifications ---------------------------------------------------------------------------- */

struct key {
    ULONG cb;
    BYTE ab[8];
};

static const struct key ann_key = {8, {1, 0, 2, 0, 0, 0xFF, 'n', 0}};

static ULONG_PTR subscribe(const struct key *key, ULONG mask, ULONG flags, IMAPIAdviseSink *sink)
{
    ULONG_PTR connection = 0;

    assert_hr(
        IMAPISupport_Subscribe(fake.store_support, (NOTIFKEY *)key, mask, flags, sink, &connection),
        S_OK);
    cr_expect_neq(connection, 0);
    return connection;
}

static ULONG tell(const struct key *key, ULONG event)
{
    BYTE words[] = {9, 0, 7};
    NOTIFICATION news = {.ulEventType = event};
    ULONG flags = 0;

    if (event == fnevExtended)
        news.info.ext = (EXTENDED_NOTIFICATION){42, sizeof(words), words};
    assert_hr(IMAPISupport_Notify(fake.store_support, (NOTIFKEY *)key, 1, &news, &flags), S_OK);
    return flags;
}

static void unsubscribe(ULONG_PTR connection)
{
    expect_hr(IMAPISupport_Unsubscribe(fake.store_support, connection), S_OK);
}

Test(support, keys_are_compared_as_bytes) /* MEM-066, MEM-067, MEM-078 */
{
    struct key equal = ann_key, unequal = ann_key, shorter = ann_key;
    ULONG_PTR connection;

    tell(&ann_key, fnevObjectModified); /* nobody listens: nothing happens */
    connection = subscribe(&ann_key, fnevObjectModified, NOTIFY_SYNC, &one->IMAPIAdviseSink_iface);
    unequal.ab[7] = 1;
    shorter.cb = 7;
    tell(&unequal, fnevObjectModified);
    tell(&shorter, fnevObjectModified);
    cr_expect_eq(one->count, 0);
    tell(&equal, fnevObjectModified); /* nothing but the bytes counts, not where they lie */
    cr_expect_eq(one->count, 1);
    unsubscribe(connection);
}

Test(support, a_synchronous_sink_has_run_when_notify_returns) /* MEM-069, MEM-071 */
{
    ULONG_PTR first =
        subscribe(&ann_key, fnevObjectModified, NOTIFY_SYNC, &one->IMAPIAdviseSink_iface);
    ULONG_PTR second =
        subscribe(&ann_key, fnevObjectModified, NOTIFY_SYNC, &other->IMAPIAdviseSink_iface);

    cr_expect_eq(tell(&ann_key, fnevObjectModified), 0);
    cr_expect_eq(one->count, 1);
    cr_expect_eq(other->count, 1);
    cr_expect(pthread_equal(one->thread, pthread_self()));
    cr_expect_eq(test_sink_refs(one), 2);
    unsubscribe(first);
    cr_expect_eq(test_sink_refs(one), 1);
    cr_expect_eq(tell(&ann_key, fnevObjectModified), 0);
    cr_expect_eq(one->count, 1);
    cr_expect_eq(other->count, 2);
    unsubscribe(second);
}

static LONG STDAPICALLTYPE had_enough(LPVOID context, ULONG count, LPNOTIFICATION notifications)
{
    (void)notifications;
    *(ULONG *)context += count;
    return (LONG)CALLBACK_DISCONTINUE;
}

Test(support, a_callback_may_end_a_synchronous_notification) /* MEM-070 */
{
    IMAPIAdviseSink *last_word;
    ULONG_PTR first, second;
    ULONG heard = 0;

    assert_hr(HrAllocAdviseSink(had_enough, &heard, &last_word), S_OK);
    first = subscribe(&ann_key, fnevObjectModified, NOTIFY_SYNC, last_word);
    second = subscribe(&ann_key, fnevObjectModified | fnevObjectMoved, NOTIFY_SYNC,
                       &one->IMAPIAdviseSink_iface);
    cr_expect_eq(tell(&ann_key, fnevObjectModified), NOTIFY_CANCELED);
    cr_expect_eq(heard, 1);
    cr_expect_eq(one->count, 0);
    cr_expect_eq(tell(&ann_key, fnevObjectMoved), 0);
    cr_expect_eq(heard, 1);
    cr_expect_eq(one->count, 1);
    unsubscribe(first);
    unsubscribe(second);
    expect_last_release(last_word);
}

static void unsubscribe_inside(struct test_sink *of)
{
    unsubscribe(*(ULONG_PTR *)of->context);
    cr_expect_eq(test_sink_refs(of), 2); /* it is running */
}

Test(support, a_synchronous_sink_may_end_its_subscription) /* MEM-073 */
{
    ULONG_PTR connection =
        subscribe(&ann_key, fnevObjectModified, NOTIFY_SYNC, &one->IMAPIAdviseSink_iface);

    one->context = &connection;
    one->during = unsubscribe_inside;
    tell(&ann_key, fnevObjectModified);
    cr_expect_eq(test_sink_refs(one), 1);
    tell(&ann_key, fnevObjectModified);
    cr_expect_eq(one->count, 1);
}

Test(support, wrapped_sinks_are_not_called_synchronously) /* MEM-071 */
{
    IMAPIAdviseSink *wrapped;
    ULONG_PTR connection = 0;

    assert_hr(HrThisThreadAdviseSink(&one->IMAPIAdviseSink_iface, &wrapped), S_OK);
    expect_hr(IMAPISupport_Subscribe(fake.store_support, (NOTIFKEY *)&ann_key, fnevObjectModified,
                                     NOTIFY_SYNC, wrapped, &connection),
              MAPI_E_INVALID_PARAMETER);
    connection = subscribe(&ann_key, fnevObjectModified, 0, wrapped);
    unsubscribe(connection);
    expect_last_release(wrapped);
}

Test(support, extended_events_are_for_those_who_know_them) /* MEM-082 */
{
    ULONG_PTR knows = subscribe(&ann_key, fnevExtended, 0, &one->IMAPIAdviseSink_iface);
    ULONG_PTR others =
        subscribe(&ann_key, 0xFFFFFFFF & ~fnevExtended, 0, &other->IMAPIAdviseSink_iface);
    const NOTIFICATION *heard;

    tell(&ann_key, fnevExtended);
    tell(&ann_key, fnevObjectModified);
    cr_assert(test_sink_wait(one, 1) && test_sink_wait(other, 1));
    heard = test_sink_at(one, 0);
    cr_expect_eq(heard->ulEventType, fnevExtended);
    cr_expect_eq(heard->info.ext.ulEvent, 42); /* untouched: only the provider knows its meaning */
    cr_expect_eq(heard->info.ext.cb, 3);
    cr_expect_arr_eq(heard->info.ext.pbEventParameters, ((BYTE[]){9, 0, 7}), 3);
    cr_expect_eq(test_sink_at(other, 0)->ulEventType, fnevObjectModified);
    unsubscribe(knows);
    unsubscribe(others);
}
