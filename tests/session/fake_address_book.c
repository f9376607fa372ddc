/* tests/session/fake_address_book.c - an address book that lives in memory */
#include "session/fake_address_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/adrlist.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/object.h"
#include "mapi/prop.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "mapi/text.h"
#include "session/fake_provider.h"

struct fake_book fake_book;

struct book_provider {
    IABProvider IABProvider_iface;
    struct mapi_object object;
};
struct book_logon {
    IABLogon IABLogon_iface;
    struct mapi_object object;
    IMAPISupport *support; /* our reference, until the logoff */
    char user[32];
};
/* The root, or the one container. */
struct book_container {
    IABContainer IABContainer_iface;
    struct mapi_object object;
    struct mapi_prop props;
    char user[32];
};

static void book_uid(const char *user, MAPIUID *ret_uid)
{
    memset(ret_uid, 0xAB, sizeof(*ret_uid));
    memcpy(ret_uid, user, strlen(user) < 12 ? strlen(user) : 12);
}

#define ID_SIZE 24

/* A container's id ends in 'c', a person's in the number of its row. */
static void make_id(const char *user, char last, BYTE id[ID_SIZE])
{
    memset(id, 0, ID_SIZE);
    book_uid(user, (MAPIUID *)(id + 4));
    id[ID_SIZE - 1] = (BYTE)last;
}

/* --- Tables ----------------------------------------------------------------------------------- */

static HRESULT open_table(struct row_list *list, IMAPITable **ret_table)
{
    static const SizedSPropTagArray(8, columns) = {8,
                                                   {PR_ENTRYID, PR_DISPLAY_NAME_W, PR_OBJECT_TYPE,
                                                    PR_DISPLAY_TYPE, PR_CONTAINER_FLAGS,
                                                    PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W, PR_ANR_W}};
    const struct table_options options = {.source = row_list_source(list),
                                          .columns = (const SPropTagArray *)&columns};
    HRESULT hr = table_create(&options, ret_table);

    row_source_unref(options.source);
    return hr;
}

static HRESULT open_hierarchy(const char *user, IMAPITable **ret_table)
{
    BYTE id[ID_SIZE];
    SPropValue values[5] = {
        propval_binary(PR_ENTRYID, id, sizeof(id)),
        propval_long(PR_OBJECT_TYPE, MAPI_ABCONT),
        propval_long(PR_DISPLAY_TYPE, DT_GLOBAL),
        propval_long(PR_CONTAINER_FLAGS, AB_RECIPIENTS | AB_UNMODIFIABLE),
    };
    struct row_list *list;
    HRESULT hr = row_list_create(PR_ENTRYID, &list);

    make_id(user, 'c', id);
    values[4].ulPropTag = PR_DISPLAY_NAME_W;
    text_utf8_to_utf16(NULL, user, &values[4].Value.lpszW);
    if (SUCCEEDED(hr) && !fake_book.is_empty)
        row_list_set(list, values, 5);
    mapi_free(values[4].Value.lpszW);
    return open_table(list, ret_table);
}

static void person(const char *user, int number, void *root, SPropValue values[6])
{
    BYTE id[ID_SIZE];
    char address[64];

    make_id(user, (char)number, id);
    snprintf(address, sizeof(address), number == 2 ? "only.%s@example.org" : "sam@%s.example",
             user);
    values[0] = propval_binary(PR_ENTRYID, mapi_memdup(root, id, sizeof(id)), sizeof(id));
    values[1].ulPropTag = PR_DISPLAY_NAME_W;
    values[2].ulPropTag = PR_EMAIL_ADDRESS_W;
    values[3] = propval_unicode(PR_ADDRTYPE_W, u"SMTP");
    values[4] = propval_long(PR_OBJECT_TYPE, MAPI_MAILUSER);
    text_utf8_to_utf16(root, address, &values[2].Value.lpszW);
    snprintf(address, sizeof(address), number == 2 ? "Only %s" : "Sam Same", user);
    text_utf8_to_utf16(root, address, &values[1].Value.lpszW);
    values[5] = propval_unicode(PR_ANR_W, values[1].Value.lpszW);
}

static HRESULT open_people(const char *user, IMAPITable **ret_table)
{
    SPropValue values[6];
    struct row_list *list;
    void *root = mapi_alloc(NULL, 1);
    HRESULT hr = row_list_create(PR_ENTRYID, &list);

    for (int i = 0; i < 3 && SUCCEEDED(hr); i++) {
        person(user, i, root, values);
        hr = row_list_set(list, values, 6);
    }
    mapi_free(root);
    return open_table(list, ret_table);
}

/* --- The container ---------------------------------------------------------------------------- */

static HRESULT container_GetContentsTable(struct book_container *container, ULONG flags,
                                          LPMAPITABLE *ret_table)
{
    fake_note("contents", container->user);
    return open_people(container->user, ret_table);
}

static HRESULT container_GetHierarchyTable(struct book_container *container, ULONG flags,
                                           LPMAPITABLE *ret_table)
{
    return open_hierarchy(container->user, ret_table);
}

/* "only" is the one, "sam" is two. */
static void resolve_one(const char *user, ADRENTRY *entry, ULONG *mark)
{
    const SPropValue *name = adrentry_find(entry, PR_DISPLAY_NAME);
    SPropValue values[6];
    void *root;

    if (*mark == MAPI_RESOLVED || !name || PROP_TYPE(name->ulPropTag) != PT_UNICODE)
        return;
    *mark = name->Value.lpszW[0] == u's' ? MAPI_AMBIGUOUS : MAPI_UNRESOLVED;
    if (utf16_compare(name->Value.lpszW, u"only") != 0)
        return;
    root = mapi_alloc(NULL, 1);
    person(user, 2, root, values);
    adrentry_put(entry, values, 5, PT_UNICODE);
    mapi_free(root);
    *mark = MAPI_RESOLVED;
}

static HRESULT container_ResolveNames(struct book_container *container, LPSPropTagArray tags,
                                      ULONG flags, LPADRLIST list, LPFlagList marks)
{
    fake_note("resolve", container->user);
    if (fake_book.cannot_resolve)
        return MAPI_E_NO_SUPPORT;
    for (ULONG i = 0; i < list->cEntries; i++)
        resolve_one(container->user, &list->aEntries[i], &marks->ulFlag[i]);
    return S_OK;
}

/* @thunks IABContainer book_container container props=props none=OpenEntry,SetSearchCriteria,
 * GetSearchCriteria,CreateEntry,CopyEntries,DeleteEntries */
/* @thunks IABLogon book_logon logon
 * none=Advise,Unadvise,OpenStatusEntry,OpenTemplateID,GetOneOffTable */
/* @thunks IABProvider book_provider provider */

/* --- The logon -------------------------------------------------------------------------------- */

static HRESULT container_create(struct book_logon *logon, IUnknown **ret_container);

static HRESULT logon_OpenEntry(struct book_logon *logon, ULONG size, LPENTRYID id, LPCIID iid,
                               ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_unknown)
{
    if (ret_type)
        *ret_type = MAPI_ABCONT;
    return container_create(logon, ret_unknown);
}

static HRESULT logon_CompareEntryIDs(struct book_logon *logon, ULONG size1, LPENTRYID id1,
                                     ULONG size2, LPENTRYID id2, ULONG flags, ULONG *ret_result)
{
    *ret_result = size1 == size2 && memcmp(id1, id2, size1) == 0;
    return S_OK;
}

static HRESULT logon_PrepareRecips(struct book_logon *logon, ULONG flags, LPSPropTagArray tags,
                                   LPADRLIST list)
{
    fake_note("prepare", logon->user);
    return S_OK;
}

static HRESULT logon_Logoff(struct book_logon *logon, ULONG flags)
{
    fake_note("book_logoff", logon->user);
    mapi_object_invalidate(&logon->object);
    unknown_release(logon->support);
    logon->support = NULL;
    return S_OK;
}

static HRESULT provider_Shutdown(struct book_provider *provider, ULONG *flags)
{
    fake_note("book_shutdown", "");
    return S_OK;
}

static HRESULT provider_Logon(struct book_provider *provider, LPMAPISUP support, ULONG_PTR ui_param,
                              LPTSTR profile_name, ULONG flags, ULONG *ret_size,
                              LPBYTE *ret_security, LPMAPIERROR *ret_error, LPABLOGON *ret_logon);

#include "session/fake_address_book_thunks.inc"

static void container_destroy(struct mapi_object *object)
{
    struct book_container *container = container_of(object, struct book_container, object);

    prop_clear(&container->props);
    mapi_object_clear(object);
    free(container);
}

static void logon_destroy(struct mapi_object *object)
{
    struct book_logon *logon = container_of(object, struct book_logon, object);

    unknown_release(logon->support);
    mapi_object_clear(object);
    free(logon);
}

static void provider_destroy(struct mapi_object *object)
{
    struct book_provider *provider = container_of(object, struct book_provider, object);

    mapi_object_clear(object);
    free(provider);
}

static const struct mapi_face container_faces[] = {
    MAPI_FACE(struct book_container, IID_IABContainer, IABContainer_iface),
    MAPI_FACE(struct book_container, IID_IMAPIProp, IABContainer_iface),
};
static const struct mapi_class container_class = {"fake_book_container", container_destroy,
                                                  container_faces, 2};
static const struct mapi_face logon_faces[] = {
    MAPI_FACE(struct book_logon, IID_IABLogon, IABLogon_iface)};
static const struct mapi_class logon_class = {"fake_book_logon", logon_destroy, logon_faces, 1};
static const struct mapi_face provider_faces[] = {
    MAPI_FACE(struct book_provider, IID_IABProvider, IABProvider_iface)};
static const struct mapi_class provider_class = {"fake_book_provider", provider_destroy,
                                                 provider_faces, 1};

static HRESULT container_create(struct book_logon *logon, IUnknown **ret_container)
{
    struct book_container *container = calloc(1, sizeof(*container));

    container->IABContainer_iface.lpVtbl = &container_vtbl;
    memcpy(container->user, logon->user, sizeof(container->user));
    mapi_object_init(&container->object, &container_class, &logon->object);
    prop_init(&container->props, &container->object, &container->IABContainer_iface,
              &IID_IABContainer, NULL, NULL, 0, NULL);
    *ret_container = (IUnknown *)&container->IABContainer_iface;
    return S_OK;
}

static HRESULT provider_Logon(struct book_provider *provider, LPMAPISUP support, ULONG_PTR ui_param,
                              LPTSTR profile_name, ULONG flags, ULONG *ret_size,
                              LPBYTE *ret_security, LPMAPIERROR *ret_error, LPABLOGON *ret_logon)
{
    struct error_info error = {0};
    struct book_logon *logon;
    char user[32];
    MAPIUID uid;

    fake_read_user(support, user);
    fake_note(flags & AB_NO_DIALOG ? "book_logon" : "book_logon_with_dialog", user);
    if (strncmp(user, "offline", 7) == 0) {
        error_set(&error, MAPI_E_NETWORK_ERROR, "fake", "no book for %s", user);
        mapi_error_create(&error, flags & MAPI_UNICODE, ret_error);
        return MAPI_E_FAILONEPROVIDER;
    }
    logon = calloc(1, sizeof(*logon));
    logon->IABLogon_iface.lpVtbl = &logon_vtbl;
    memcpy(logon->user, user, sizeof(user));
    mapi_object_init(&logon->object, &logon_class, &provider->object);
    IMAPISupport_AddRef(support);
    logon->support = support;
    book_uid(user, &uid);
    IMAPISupport_SetProviderUID(support, &uid, 0);
    *ret_logon = &logon->IABLogon_iface;
    return S_OK;
}

HRESULT STDMAPIINITCALLTYPE fake_book_init(HINSTANCE instance, LPMALLOC allocator,
                                           LPALLOCATEBUFFER allocate_buffer,
                                           LPALLOCATEMORE allocate_more, LPFREEBUFFER free_buffer,
                                           ULONG flags, ULONG mapi_version, ULONG *ret_version,
                                           LPABPROVIDER *ret_provider)
{
    struct book_provider *provider = calloc(1, sizeof(*provider));

    provider->IABProvider_iface.lpVtbl = &provider_vtbl;
    mapi_object_init(&provider->object, &provider_class, NULL);
    *ret_version = CURRENT_SPI_VERSION;
    *ret_provider = &provider->IABProvider_iface;
    return S_OK;
}
