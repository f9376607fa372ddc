/* session/oneoff_entry.c - one-off entry ids as entries of the address book */
#include "session/oneoff_entry.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "mapi/propval.h"
#include "mapi/text.h"

struct oneoff_entry {
    IMailUser IMailUser_iface;
    struct mapi_object object;
    struct mapi_prop props;
};

#define OPEN_FLAGS                                                                                 \
    (MAPI_MODIFY | MAPI_BEST_ACCESS | MAPI_DEFERRED_ERRORS | MAPI_CACHE_ONLY | MAPI_NO_CACHE |     \
     MAPI_GAL_ONLY)

/* @thunks IMailUser oneoff_entry entry props=props */
#include "session/oneoff_entry_thunks.inc"

bool oneoff_entryid(ULONG size, const ENTRYID *id)
{
    static const MAPIUID uid = {MAPI_ONE_OFF_UID};

    return id && size >= 4 + sizeof(uid) && memcmp((const BYTE *)id + 4, &uid, sizeof(uid)) == 0;
}

HRESULT oneoff_values(void *root, const struct oneoff *oneoff, ULONG size, const ENTRYID *id,
                      SPropValue ret_values[ONEOFF_VALUES])
{
    SPropValue values[ONEOFF_VALUES] = {
        propval_binary(PR_ENTRYID, id, size),
        propval_binary(PR_RECORD_KEY, id, size), /* ABK-042 */
        propval_binary(PR_INSTANCE_KEY, id, size),
        propval_long(PR_OBJECT_TYPE, MAPI_MAILUSER),
        propval_long(PR_DISPLAY_TYPE, DT_MAILUSER),
        propval_bool(PR_SEND_RICH_INFO, oneoff_takes_rich_info(oneoff)),
        {.ulPropTag = PR_DISPLAY_NAME_W},
        {.ulPropTag = PR_TRANSMITABLE_DISPLAY_NAME_W},
        {.ulPropTag = PR_ADDRTYPE_W},
        {.ulPropTag = PR_EMAIL_ADDRESS_W},
        {.ulPropTag = PR_SEARCH_KEY},
    };
    HRESULT hr = text_utf8_to_utf16(root, oneoff->name, &values[6].Value.lpszW);

    values[7].Value.lpszW = values[6].Value.lpszW;
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(root, oneoff->type, &values[8].Value.lpszW);
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(root, oneoff->address, &values[9].Value.lpszW);
    if (SUCCEEDED(hr))
        hr = oneoff_search_key(root, oneoff->type, oneoff->address, &values[10].Value.bin);
    if (SUCCEEDED(hr))
        memcpy(ret_values, values, sizeof(values));
    return hr;
}

/* --- The object ------------------------------------------------------------------------------- */

static const struct mapi_face entry_faces[] = {
    MAPI_FACE(struct oneoff_entry, IID_IMailUser, IMailUser_iface),
    MAPI_FACE(struct oneoff_entry, IID_IMAPIProp, IMailUser_iface),
};

static void entry_destroy(struct mapi_object *object)
{
    struct oneoff_entry *entry = container_of(object, struct oneoff_entry, object);

    prop_clear(&entry->props);
    mapi_object_clear(object);
    free(entry);
}

static const struct mapi_class entry_class = {
    .name = "oneoff_entry",
    .destroy = entry_destroy,
    .faces = entry_faces,
    .face_count = sizeof(entry_faces) / sizeof(entry_faces[0]),
};

static HRESULT load(struct oneoff_entry *entry, ULONG size, const ENTRYID *id)
{
    SPropValue values[ONEOFF_VALUES];
    void *root = mapi_alloc(NULL, 1);
    struct oneoff oneoff;
    HRESULT hr = root ? oneoff_parse(root, size, id, &oneoff) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = oneoff_values(root, &oneoff, size, id, values);
    for (size_t i = 0; i < ONEOFF_VALUES && SUCCEEDED(hr); i++)
        hr = prop_load_value(&entry->props, &values[i], PROP_READONLY);
    mapi_free(root);
    return hr;
}

HRESULT oneoff_entry_open(struct mapi_object *owner, ULONG size, const ENTRYID *id, LPCIID iid,
                          ULONG flags, ULONG *ret_type, IUnknown **ret_unknown)
{
    struct oneoff_entry *entry;
    HRESULT hr;

    if (!oneoff_entryid(size, id))
        return MAPI_E_UNKNOWN_ENTRYID;
    if (flags & ~(ULONG)OPEN_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (flags & MAPI_MODIFY) /* the id is all there is */
        return MAPI_E_NO_ACCESS;
    entry = calloc(1, sizeof(*entry));
    if (!entry)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    entry->IMailUser_iface.lpVtbl = &entry_vtbl;
    mapi_object_init(&entry->object, &entry_class, owner);
    prop_init(&entry->props, &entry->object, &entry->IMailUser_iface, &IID_IMailUser, NULL, NULL, 0,
              entry);
    hr = mapi_object_gives(&entry->object, iid) ? load(entry, size, id)
                                                : MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (hr == MAPI_E_UNKNOWN_ENTRYID) /* too short for one */
        hr = MAPI_E_INVALID_ENTRYID;
    if (FAILED(hr)) {
        mapi_object_unref(&entry->object);
        return hr;
    }
    if (ret_type)
        *ret_type = MAPI_MAILUSER;
    *ret_unknown = (IUnknown *)&entry->IMailUser_iface;
    return S_OK;
}

/* --- Comparing -------------------------------------------------------------------------------- */

static HRESULT compare(void *root, ULONG size1, const ENTRYID *id1, ULONG size2, const ENTRYID *id2,
                       ULONG *ret_same)
{
    SBinary key1 = {0}, key2 = {0};
    struct oneoff one, two;
    HRESULT hr = oneoff_parse(root, size1, id1, &one);

    if (SUCCEEDED(hr))
        hr = oneoff_parse(root, size2, id2, &two);
    if (SUCCEEDED(hr))
        hr = oneoff_search_key(root, one.type, one.address, &key1);
    if (SUCCEEDED(hr))
        hr = oneoff_search_key(root, two.type, two.address, &key2);
    if (FAILED(hr))
        return hr == MAPI_E_UNKNOWN_ENTRYID ? MAPI_E_INVALID_ENTRYID : hr;
    *ret_same = key1.cb == key2.cb && memcmp(key1.lpb, key2.lpb, key1.cb) == 0 &&
                strcmp(one.name, two.name) == 0;
    return S_OK;
}

HRESULT oneoff_entries_compare(ULONG size1, const ENTRYID *id1, ULONG size2, const ENTRYID *id2,
                               ULONG *ret_same)
{
    void *root;
    HRESULT hr;

    if (!oneoff_entryid(size1, id1) || !oneoff_entryid(size2, id2))
        return MAPI_E_UNKNOWN_ENTRYID;
    root = mapi_alloc(NULL, 1);
    hr = root ? compare(root, size1, id1, size2, id2, ret_same) : MAPI_E_NOT_ENOUGH_MEMORY;
    mapi_free(root);
    return hr;
}
