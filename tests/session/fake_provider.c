/* tests/session/fake_provider.c - a store and a transport that live in memory */
#include "session/fake_provider.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapi/mapiaux.h"
#include "mapi/mapigate.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/object.h"
#include "mapi/oneoff.h"
#include "mapi/prop.h"
#include "mapi/text.h"
#include "session/fake_address_book.h"
#include "session/module.h"

struct fake fake = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- The book --------------------------------------------------------------------------------- */

void fake_note(const char *call, const char *user)
{
    pthread_mutex_lock(&fake.lock);
    if (fake.call_count < FAKE_CALLS_MAX)
        snprintf(fake.calls[fake.call_count++], sizeof(fake.calls[0]), "%s %s", call, user);
    pthread_mutex_unlock(&fake.lock);
}

size_t fake_count(const char *call)
{
    size_t count = 0;

    pthread_mutex_lock(&fake.lock);
    for (size_t i = 0; i < fake.call_count; i++)
        count += strncmp(fake.calls[i], call, strlen(call)) == 0;
    pthread_mutex_unlock(&fake.lock);
    return count;
}

int fake_position(const char *call)
{
    int position = -1;

    pthread_mutex_lock(&fake.lock);
    for (size_t i = 0; i < fake.call_count; i++)
        if (strncmp(fake.calls[i], call, strlen(call)) == 0)
            position = (int)i;
    pthread_mutex_unlock(&fake.lock);
    cr_assert_geq(position, 0, "%s never came", call);
    return position;
}

void fake_store_uid(const char *user, MAPIUID *ret_uid)
{
    memset(ret_uid, 0xFA, sizeof(*ret_uid));
    for (size_t i = 0; user[i] && i < sizeof(ret_uid->ab) - 4; i++)
        ret_uid->ab[i] = (BYTE)user[i];
}

void fake_folder_id(const char *user, const char number[2], BYTE id[FAKE_ID_SIZE])
{
    memset(id, 0, 4);
    fake_store_uid(user, (MAPIUID *)(id + 4));
    memcpy(id + 20, number, 2);
}

/* --- Objects ---------------------------------------------------------------------------------- */

struct fake_store_provider {
    IMSProvider IMSProvider_iface;
    struct mapi_object object;
};
struct fake_transport_provider {
    IXPProvider IXPProvider_iface;
    struct mapi_object object;
};
struct fake_logon {
    IMSLogon IMSLogon_iface;
    struct mapi_object object;
    IMAPISupport *support; /* our reference, until the logoff */
    char user[32];
};
struct fake_transport {
    IXPLogon IXPLogon_iface;
    struct mapi_object object;
    IMAPISupport *support;
    char user[32];
    WCHAR types[3][16];
    LPTSTR type_list[3];
};
/* A folder or a status object. */
struct fake_item {
    IMAPIStatus IMAPIStatus_iface;
    struct mapi_object object;
    struct mapi_prop props;
    bool is_status, is_transport;
};
struct fake_store {
    IMsgStore IMsgStore_iface;
    struct mapi_object object;
    struct mapi_prop props;
};

static void born(struct mapi_object *object, const struct mapi_class *type,
                 struct mapi_object *owner)
{
    atomic_fetch_add(&fake.alive, 1);
    mapi_object_init(object, type, owner);
}

static void gone(struct mapi_object *object)
{
    atomic_fetch_sub(&fake.alive, 1);
    mapi_object_clear(object);
}

static void load_text(struct mapi_prop *props, ULONG tag, const char *text)
{
    SPropValue value = {.ulPropTag = tag};

    text_utf8_to_utf16(NULL, text, &value.Value.lpszW);
    prop_load_value(props, &value, 0);
    mapi_free(value.Value.lpszW);
}

static void load_long(struct mapi_prop *props, ULONG tag, ULONG number)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.l = (LONG)number;
    prop_load_value(props, &value, 0);
}

static void load_binary(struct mapi_prop *props, ULONG tag, const void *bytes, ULONG size)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.bin.cb = size;
    value.Value.bin.lpb = (BYTE *)bytes;
    prop_load_value(props, &value, 0);
}

/* --- Items: folders and status objects --- */

static HRESULT item_ValidateState(struct fake_item *item, ULONG_PTR ui_param, ULONG flags)
{
    if (!item->is_status)
        return MAPI_E_NO_SUPPORT;
    fake_note(item->is_transport ? "transport_validate" : "store_validate", "");
    return S_OK;
}

static HRESULT item_FlushQueues(struct fake_item *item, ULONG_PTR ui_param, ULONG size,
                                LPENTRYID target, ULONG flags)
{
    if (!item->is_transport)
        return MAPI_E_NO_SUPPORT;
    fake_note("status_flush", "");
    return S_OK;
}

/* @thunks IMAPIStatus fake_item item props=props none=SettingsDialog,ChangePassword */
/* @thunks IMsgStore fake_store store props=props
 * none=Advise,Unadvise,CompareEntryIDs,OpenEntry,SetReceiveFolder,GetReceiveFolder,
 * GetReceiveFolderTable,AbortSubmit,GetOutgoingQueue,SetLockState,FinishedMsg,NotifyNewMail */
/* @thunks IMSLogon fake_logon logon */
/* @thunks IXPLogon fake_transport transport
 * none=RegisterOptions,Idle,SubmitMessage,EndMessage,Poll,StartMessage */
/* @thunks IMSProvider fake_store_provider store_provider none=SpoolerLogon */
/* @thunks IXPProvider fake_transport_provider transport_provider */

static HRESULT store_StoreLogoff(struct fake_store *store, ULONG *flags)
{
    mapi_object_invalidate(&store->object);
    return S_OK;
}

static HRESULT store_SaveChanges(struct fake_store *store, ULONG flags)
{
    return S_OK;
}

static HRESULT item_SaveChanges(struct fake_item *item, ULONG flags)
{
    return S_OK;
}

/* --- Store logon --- */

static HRESULT item_create(struct mapi_object *owner, bool is_status, bool is_transport,
                           void *ret_item);
static void give_support_up(IMAPISupport **support)
{
    IMAPISupport *given = *support;

    *support = NULL;
    if (given)
        IMAPISupport_Release(given);
}

static HRESULT logon_GetLastError(struct fake_logon *logon, HRESULT hr, ULONG flags,
                                  LPMAPIERROR *ret_error)
{
    struct error_info error = {0};

    error_set(&error, hr, "fake", "the fake store says no");
    return mapi_error_create(&error, flags, ret_error);
}

static HRESULT logon_Logoff(struct fake_logon *logon, ULONG *flags)
{
    fake_note("store_logoff", logon->user);
    mapi_object_invalidate(&logon->object);
    give_support_up(&logon->support);
    return S_OK;
}

static HRESULT logon_OpenEntry(struct fake_logon *logon, ULONG size, LPENTRYID id, LPCIID iid,
                               ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_unknown)
{
    const BYTE *bytes = (const BYTE *)id;

    if (size != FAKE_ID_SIZE || !isdigit(bytes[21]))
        return MAPI_E_NOT_FOUND;
    if (ret_type)
        *ret_type = MAPI_FOLDER;
    return item_create(&logon->object, false, false, ret_unknown);
}

static HRESULT logon_CompareEntryIDs(struct fake_logon *logon, ULONG size1, LPENTRYID id1,
                                     ULONG size2, LPENTRYID id2, ULONG flags, ULONG *ret_result)
{
    *ret_result = size1 == FAKE_ID_SIZE && size2 == FAKE_ID_SIZE &&
                  strncasecmp((char *)id1 + 20, (char *)id2 + 20, 2) == 0;
    return S_OK;
}

/* The key of an advise is the folder's id. */
static HRESULT logon_Advise(struct fake_logon *logon, ULONG size, LPENTRYID id, ULONG mask,
                            LPMAPIADVISESINK sink, ULONG_PTR *ret_connection)
{
    NOTIFKEY *key = mapi_alloc(NULL, sizeof(*key) + FAKE_ID_SIZE);
    HRESULT hr;

    if (size > FAKE_ID_SIZE) {
        mapi_free(key);
        return MAPI_E_INVALID_ENTRYID;
    }
    fake_note("advise", logon->user);
    key->cb = size;
    memcpy(key->ab, id, size);
    hr = IMAPISupport_Subscribe(logon->support, key, mask, 0, sink, ret_connection);
    mapi_free(key);
    return hr;
}

static HRESULT logon_Unadvise(struct fake_logon *logon, ULONG_PTR connection)
{
    return IMAPISupport_Unsubscribe(logon->support, connection);
}

static HRESULT logon_OpenStatusEntry(struct fake_logon *logon, LPCIID iid, ULONG flags,
                                     ULONG *ret_type, LPVOID *ret_entry)
{
    return item_create(&logon->object, true, false, ret_entry);
}

/* --- Transport logon --- */

static HRESULT transport_AddressTypes(struct fake_transport *transport, ULONG *flags,
                                      ULONG *ret_count, LPTSTR **ret_types, ULONG *ret_uid_count,
                                      LPMAPIUID **ret_uids)
{
    ULONG count = 0;

    fake_note("types", transport->user);
    if (strcmp(transport->user, "deaf") == 0)
        return MAPI_E_CALL_FAILED;
    for (; count < 3 && fake.types[count]; count++) {
        utf8_to_utf16(fake.types[count], strlen(fake.types[count]), transport->types[count], 16);
        transport->type_list[count] = (LPTSTR)transport->types[count];
    }
    *ret_count = count;
    *ret_types = transport->type_list;
    *ret_uid_count = 0;
    *ret_uids = NULL;
    return S_OK;
}

static HRESULT transport_TransportNotify(struct fake_transport *transport, ULONG *flags,
                                         LPVOID *data)
{
    if (*flags & NOTIFY_BEGIN_OUTBOUND)
        fake_note("begin_outbound", transport->user);
    if (*flags & NOTIFY_END_OUTBOUND_FLUSH)
        fake_note("end_outbound_flush", transport->user);
    if (*flags & NOTIFY_END_INBOUND_FLUSH)
        fake_note("end_inbound_flush", transport->user);
    return S_OK;
}

static HRESULT transport_TransportLogoff(struct fake_transport *transport, ULONG flags)
{
    fake_note("transport_logoff", transport->user);
    mapi_object_invalidate(&transport->object);
    give_support_up(&transport->support);
    return S_OK;
}

static HRESULT transport_OpenStatusEntry(struct fake_transport *transport, LPCIID iid, ULONG flags,
                                         ULONG *ret_type, LPMAPISTATUS *ret_entry)
{
    return item_create(&transport->object, true, true, ret_entry);
}

static HRESULT transport_ValidateState(struct fake_transport *transport, ULONG_PTR ui_param,
                                       ULONG flags)
{
    fake_note("xp_validate", transport->user);
    atomic_store(&fake.validate_flags, (int)flags);
    return (HRESULT)atomic_load(&fake.validate_answer);
}

static HRESULT transport_FlushQueues(struct fake_transport *transport, ULONG_PTR ui_param,
                                     ULONG size, LPENTRYID target, ULONG flags)
{
    char call[32];

    snprintf(call, sizeof(call), "xp_flush %x", (unsigned)flags);
    fake_note(call, transport->user);
    return S_OK;
}

/* --- Providers: logging on --- */

static HRESULT store_provider_Shutdown(struct fake_store_provider *provider, ULONG *flags)
{
    fake_note("store_shutdown", "");
    return S_OK;
}

static HRESULT transport_provider_Shutdown(struct fake_transport_provider *provider, ULONG *flags)
{
    fake_note("transport_shutdown", "");
    return S_OK;
}

static HRESULT store_provider_CompareStoreIDs(struct fake_store_provider *provider, ULONG size1,
                                              LPENTRYID id1, ULONG size2, LPENTRYID id2,
                                              ULONG flags, ULONG *ret_result)
{
    *ret_result = size1 == size2 && memcmp((BYTE *)id1 + 4, (BYTE *)id2 + 4, size1 - 4) == 0;
    return S_OK;
}

void fake_read_user(IMAPISupport *support, char user[32])
{
    SizedSPropTagArray(1, tags) = {1, {PR_MG_USER}};
    SPropValue *values = NULL;
    IProfSect *section;
    ULONG count;

    strcpy(user, "?");
    if (FAILED(IMAPISupport_OpenProfileSection(support, NULL, 0, &section)))
        return;
    if (IProfSect_GetProps(section, (SPropTagArray *)&tags, MAPI_UNICODE, &count, &values) == S_OK)
        utf16_to_utf8(values[0].Value.lpszW, utf16_length(values[0].Value.lpszW), user, 32);
    mapi_free(values);
    IProfSect_Release(section);
}

static HRESULT publish_row(IMAPISupport *support, const char *user, bool is_transport)
{
    SPropValue values[8] = {{.ulPropTag = PR_DISPLAY_NAME_W},
                            {.ulPropTag = PR_STATUS_CODE},
                            {.ulPropTag = PR_RESOURCE_METHODS}};
    void *root = mapi_alloc(NULL, 1);
    struct oneoff me = {.name = user, .type = "SMTP", .address = user};
    ULONG count = 3;
    HRESULT hr;

    text_utf8_to_utf16(root, user, &values[0].Value.lpszW);
    values[1].Value.l = STATUS_AVAILABLE;
    values[2].Value.l = STATUS_VALIDATE_STATE | (is_transport ? STATUS_FLUSH_QUEUES : 0);
    if (is_transport && fake.transport_strings) {
        values[count].ulPropTag = PR_STATUS_STRING_W;
        text_utf8_to_utf16(root, "as the fake says", &values[count++].Value.lpszW);
    }
    if (fake.identity) {
        values[count].ulPropTag = PR_IDENTITY_DISPLAY_W;
        values[count++].Value.lpszW = values[0].Value.lpszW;
        values[count].ulPropTag = PR_IDENTITY_SEARCH_KEY;
        oneoff_search_key(root, me.type, me.address, &values[count++].Value.bin);
    }
    if (fake.identity == 1) {
        values[count].ulPropTag = PR_IDENTITY_ENTRYID;
        oneoff_create(root, &me, &values[count].Value.bin.cb,
                      (ENTRYID **)&values[count].Value.bin.lpb);
        count++;
    }
    hr = IMAPISupport_ModifyStatusRow(support, count, values, 0);
    mapi_free(root);
    return hr;
}

static HRESULT refuse(const char *user)
{
    if (strcmp(user, "offline") == 0)
        return MAPI_E_NETWORK_ERROR;
    if (strcmp(user, "wrong") == 0 && !fake.password_is_right)
        return MAPI_E_LOGON_FAILED;
    if (strcmp(user, "broken") == 0)
        return MAPI_E_CORRUPT_STORE;
    if (strcmp(user, "unconfigured") == 0 && !fake.configured)
        return MAPI_E_UNCONFIGURED;
    return S_OK;
}

static HRESULT store_create(struct fake_logon *logon, IMsgStore **ret_store);
static const struct mapi_class logon_class, transport_class;
static const IMSLogonVtbl logon_vtbl;
static const IXPLogonVtbl transport_vtbl;

static HRESULT store_provider_Logon(struct fake_store_provider *provider, LPMAPISUP support,
                                    ULONG_PTR ui_param, LPTSTR profile_name, ULONG id_size,
                                    LPENTRYID id, ULONG flags, LPCIID iid, ULONG *ret_size,
                                    LPBYTE *ret_security, LPMAPIERROR *ret_error,
                                    LPMSLOGON *ret_logon, LPMDB *ret_store)
{
    struct fake_logon *logon;
    struct error_info error = {0};
    char user[32];
    MAPIUID uid;
    HRESULT hr;

    atomic_store(&fake.store_flags, flags);
    fake_read_user(support, user);
    fake_note("store_logon", user);
    hr = refuse(user);
    if (FAILED(hr)) {
        error_set(&error, hr, "fake", "no logon for %s", user);
        error.low_level = (ULONG)hr;
        mapi_error_create(&error, flags & MAPI_UNICODE, ret_error);
        return hr == MAPI_E_NETWORK_ERROR || hr == MAPI_E_LOGON_FAILED ? MAPI_E_FAILONEPROVIDER
                                                                       : hr;
    }
    logon = calloc(1, sizeof(*logon));
    logon->IMSLogon_iface.lpVtbl = &logon_vtbl;
    born(&logon->object, &logon_class, &provider->object);
    strcpy(logon->user, user);
    IMAPISupport_AddRef(support);
    logon->support = support;
    pthread_mutex_lock(&fake.lock);
    fake.store_support = support;
    pthread_mutex_unlock(&fake.lock);
    fake_store_uid(user, &uid);
    IMAPISupport_SetProviderUID(support, &uid, 0);
    publish_row(support, user, false);
    store_create(logon, ret_store);
    *ret_logon = &logon->IMSLogon_iface;
    return S_OK;
}

static HRESULT transport_provider_TransportLogon(struct fake_transport_provider *provider,
                                                 LPMAPISUP support, ULONG_PTR ui_param,
                                                 LPTSTR profile_name, ULONG *flags,
                                                 LPMAPIERROR *ret_error, LPXPLOGON *ret_logon)
{
    struct fake_transport *transport;
    char user[32];

    fake_read_user(support, user);
    fake_note("transport_logon", user);
    while (fake.hold_transport)
        usleep(1000);
    transport = calloc(1, sizeof(*transport));
    transport->IXPLogon_iface.lpVtbl = &transport_vtbl;
    born(&transport->object, &transport_class, &provider->object);
    strcpy(transport->user, user);
    IMAPISupport_AddRef(support);
    transport->support = support;
    publish_row(support, user, true);
    *flags = 0;
    *ret_logon = &transport->IXPLogon_iface;
    return S_OK;
}

#include "session/fake_provider_thunks.inc"

/* --- Making and unmaking --- */

static void item_destroy(struct mapi_object *object)
{
    struct fake_item *item = container_of(object, struct fake_item, object);

    prop_clear(&item->props);
    gone(object);
    free(item);
}

static void store_destroy(struct mapi_object *object)
{
    struct fake_store *store = container_of(object, struct fake_store, object);

    prop_clear(&store->props);
    gone(object);
    free(store);
}

static void logon_destroy(struct mapi_object *object)
{
    struct fake_logon *logon = container_of(object, struct fake_logon, object);

    give_support_up(&logon->support);
    gone(object);
    free(logon);
}

static void transport_destroy(struct mapi_object *object)
{
    struct fake_transport *transport = container_of(object, struct fake_transport, object);

    give_support_up(&transport->support);
    gone(object);
    free(transport);
}

static void store_provider_destroy(struct mapi_object *object)
{
    struct fake_store_provider *provider = container_of(object, struct fake_store_provider, object);

    gone(object);
    free(provider);
}

static void transport_provider_destroy(struct mapi_object *object)
{
    struct fake_transport_provider *provider =
        container_of(object, struct fake_transport_provider, object);

    gone(object);
    free(provider);
}

static const struct mapi_face item_faces[] = {
    MAPI_FACE(struct fake_item, IID_IMAPIStatus, IMAPIStatus_iface),
    MAPI_FACE(struct fake_item, IID_IMAPIProp, IMAPIStatus_iface),
};
static const struct mapi_class item_class = {"fake_item", item_destroy, item_faces, 2};
static const struct mapi_face store_faces[] = {
    MAPI_FACE(struct fake_store, IID_IMsgStore, IMsgStore_iface),
    MAPI_FACE(struct fake_store, IID_IMAPIProp, IMsgStore_iface),
};
static const struct mapi_class store_class = {"fake_store", store_destroy, store_faces, 2};
static const struct mapi_face logon_faces[] = {
    MAPI_FACE(struct fake_logon, IID_IMSLogon, IMSLogon_iface)};
static const struct mapi_class logon_class = {"fake_logon", logon_destroy, logon_faces, 1};
static const struct mapi_face transport_faces[] = {
    MAPI_FACE(struct fake_transport, IID_IXPLogon, IXPLogon_iface)};
static const struct mapi_class transport_class = {"fake_transport", transport_destroy,
                                                  transport_faces, 1};
static const struct mapi_face store_provider_faces[] = {
    MAPI_FACE(struct fake_store_provider, IID_IMSProvider, IMSProvider_iface)};
static const struct mapi_class store_provider_class = {
    "fake_store_provider", store_provider_destroy, store_provider_faces, 1};
static const struct mapi_face transport_provider_faces[] = {
    MAPI_FACE(struct fake_transport_provider, IID_IXPProvider, IXPProvider_iface)};
static const struct mapi_class transport_provider_class = {
    "fake_transport_provider", transport_provider_destroy, transport_provider_faces, 1};

static const struct prop_ops no_ops;

static HRESULT item_create(struct mapi_object *owner, bool is_status, bool is_transport,
                           void *ret_item)
{
    struct fake_item *item = calloc(1, sizeof(*item));

    item->IMAPIStatus_iface.lpVtbl = &item_vtbl;
    item->is_status = is_status;
    item->is_transport = is_transport;
    born(&item->object, &item_class, owner);
    prop_init(&item->props, &item->object, &item->IMAPIStatus_iface, &IID_IMAPIStatus, &no_ops,
              NULL, 0, item);
    load_long(&item->props, PR_OBJECT_TYPE, is_status ? MAPI_STATUS : MAPI_FOLDER);
    *(void **)ret_item = &item->IMAPIStatus_iface;
    return S_OK;
}

static HRESULT store_create(struct fake_logon *logon, IMsgStore **ret_store)
{
    struct fake_store *store = calloc(1, sizeof(*store));
    ULONG mask = STORE_SUBMIT_OK | STORE_CREATE_OK | STORE_MODIFY_OK, size;
    BYTE id[4 + sizeof(MAPIUID)] = {0};
    ENTRYID *wrapped = NULL; /* it stays so when the library has gone meanwhile */

    if (strcmp(logon->user, "poor") == 0)
        mask = STORE_ENTRYID_UNIQUE;
    store->IMsgStore_iface.lpVtbl = &store_vtbl;
    born(&store->object, &store_class, &logon->object);
    prop_init(&store->props, &store->object, &store->IMsgStore_iface, &IID_IMsgStore, &no_ops, NULL,
              0, store);
    fake_store_uid(logon->user, (MAPIUID *)(id + 4));
    IMAPISupport_WrapStoreEntryID(logon->support, sizeof(id), (ENTRYID *)id, &size, &wrapped);
    if (wrapped)
        load_binary(&store->props, PR_ENTRYID, wrapped, size);
    mapi_free(wrapped);
    load_binary(&store->props, PR_RECORD_KEY, id + 4, sizeof(MAPIUID));
    load_text(&store->props, PR_DISPLAY_NAME_W, logon->user);
    load_long(&store->props, PR_STORE_SUPPORT_MASK, mask);
    load_long(&store->props, PR_OBJECT_TYPE, MAPI_STORE);
    *ret_store = &store->IMsgStore_iface;
    return S_OK;
}

void fake_touch_folder(const char *user, const char number[2])
{
    BYTE id[FAKE_ID_SIZE];
    NOTIFICATION news = {.ulEventType = fnevObjectModified};
    NOTIFKEY *key = mapi_alloc(NULL, sizeof(*key) + FAKE_ID_SIZE);
    ULONG flags = 0;

    fake_folder_id(user, number, id);
    key->cb = sizeof(id);
    memcpy(key->ab, id, sizeof(id));
    news.info.obj.cbEntryID = sizeof(id);
    news.info.obj.lpEntryID = (ENTRYID *)id;
    news.info.obj.ulObjType = MAPI_FOLDER;
    IMAPISupport_Notify(fake.store_support, key, 1, &news, &flags);
    mapi_free(key);
}

/* --- Entry points ----------------------------------------------------------------------------- */

static ULONG version(void)
{
    return fake.old_version ? 0x00010001 : CURRENT_SPI_VERSION;
}

static HRESULT STDMAPIINITCALLTYPE store_init(HINSTANCE instance, LPMALLOC allocator,
                                              LPALLOCATEBUFFER allocate_buffer,
                                              LPALLOCATEMORE allocate_more,
                                              LPFREEBUFFER free_buffer, ULONG flags,
                                              ULONG mapi_version, ULONG *ret_version,
                                              LPMSPROVIDER *ret_provider)
{
    struct fake_store_provider *provider = calloc(1, sizeof(*provider));

    fake_note("store_init", flags & MAPI_NT_SERVICE ? "service" : "");
    fake.allocate_buffer = allocate_buffer;
    fake.allocate_more = allocate_more;
    fake.free_buffer = free_buffer;
    fake.mapi_version = mapi_version;
    provider->IMSProvider_iface.lpVtbl = &store_provider_vtbl;
    born(&provider->object, &store_provider_class, NULL);
    *ret_version = version();
    *ret_provider = &provider->IMSProvider_iface;
    return S_OK;
}

static HRESULT STDMAPIINITCALLTYPE transport_init(HINSTANCE instance, LPMALLOC allocator,
                                                  LPALLOCATEBUFFER allocate_buffer,
                                                  LPALLOCATEMORE allocate_more,
                                                  LPFREEBUFFER free_buffer, ULONG flags,
                                                  ULONG mapi_version, ULONG *ret_version,
                                                  LPXPPROVIDER *ret_provider)
{
    struct fake_transport_provider *provider = calloc(1, sizeof(*provider));

    fake_note("transport_init", flags & MAPI_NT_SERVICE ? "service" : "");
    provider->IXPProvider_iface.lpVtbl = &transport_provider_vtbl;
    born(&provider->object, &transport_provider_class, NULL);
    *ret_version = version();
    *ret_provider = &provider->IXPProvider_iface;
    return S_OK;
}

static void note_context(ULONG context)
{
    pthread_mutex_lock(&fake.lock);
    if (fake.context_count < FAKE_CALLS_MAX)
        fake.contexts[fake.context_count++] = context;
    pthread_mutex_unlock(&fake.lock);
}

static bool is_gopher(const SPropValue *value)
{
    return value->ulPropTag == PR_MG_IMAP_URL && value->Value.lpszW[0] == u'g';
}

static HRESULT keep_values(IProviderAdmin *admin, ULONG count, SPropValue *values)
{
    IProfSect *section;
    HRESULT hr = IProviderAdmin_OpenProfileSection(admin, NULL, NULL, MAPI_MODIFY, &section);

    if (FAILED(hr))
        return hr;
    hr = IProfSect_SetProps(section, count, values, NULL);
    IProfSect_Release(section);
    return hr;
}

/* Mends nothing but what "unconfigured" lacks; values it keeps, gopher it refuses. */
static HRESULT STDAPICALLTYPE service_entry(HINSTANCE instance, LPMALLOC allocator,
                                            LPMAPISUP support, ULONG_PTR ui_param, ULONG flags,
                                            ULONG context, ULONG count, LPSPropValue values,
                                            LPPROVIDERADMIN admin, LPMAPIERROR *ret_error)
{
    const struct error_info gopher = {MAPI_E_INVALID_PARAMETER, 0, "fake", "no gopher here"};

    note_context(context);
    atomic_store(&fake.service_ui, ui_param);
    if (FAILED(fake.refuse_service) && context == fake.refuse_context)
        return fake.refuse_service;
    if (context != MSG_SERVICE_CONFIGURE)
        return S_OK;
    if (count == 0) {
        atomic_fetch_add(&fake.configure_calls, 1);
        atomic_fetch_add(&fake.with_admin, admin && support);
        atomic_store(&fake.configured, true);
    }
    if (count && is_gopher(values)) {
        mapi_error_create(&gopher, MAPI_UNICODE, ret_error);
        return gopher.hr;
    }
    return count ? keep_values(admin, count, values) : S_OK;
}

static const struct module providers[] = {
    {
        .dll_name = "mapigate",
        .store_init = store_init,
        .transport_init = transport_init,
        .address_init = fake_book_init,
        .service_entry = service_entry,
    },
};
const struct module *const linked_modules = providers;
const size_t linked_module_count = 1;
