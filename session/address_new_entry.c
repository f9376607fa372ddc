/* session/address_new_entry.c - NewEntry: entries and one-offs that are made without asking anybody
 *
 * A template that has all a recipient needs, that is an entry of an address book or a one-off,
 * needs no dialog. Behaviour: ABK-059 to ABK-061, ABK-117. */
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/text.h"
#include "session/address_book.h"

/* The entry's id, a root. */
static WAITS HRESULT id_of(IMAPIProp *entry, ULONG *ret_size, ENTRYID **ret_id)
{
    SPropValue *value;
    HRESULT hr = HrGetOneProp(entry, PR_ENTRYID, &value);

    if (FAILED(hr))
        return hr;
    *ret_size = value->Value.bin.cb;
    *ret_id = mapi_memdup(NULL, value->Value.bin.lpb, value->Value.bin.cb);
    mapi_free(value);
    return *ret_id ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static WAITS HRESULT add_to(IABContainer *container, ULONG size, const ENTRYID *template,
                            ULONG *ret_size, ENTRYID **ret_id)
{
    IMAPIProp *entry;
    HRESULT hr = IABContainer_CreateEntry(container, size, (ENTRYID *)template, 0, &entry);

    if (FAILED(hr))
        return hr;
    hr = IMAPIProp_SaveChanges(entry, KEEP_OPEN_READONLY);
    if (hr == MAPI_E_MISSING_REQUIRED_COLUMN) /* a template that somebody has to fill in */
        hr = MAPI_E_NO_SUPPORT;
    if (SUCCEEDED(hr))
        hr = id_of(entry, ret_size, ret_id);
    IMAPIProp_Release(entry);
    return hr;
}

static WAITS HRESULT make_entry(struct session *session, struct mapi_object *owner,
                                ULONG container_size, const ENTRYID *container, ULONG template_size,
                                const ENTRYID *template, ULONG *ret_size, ENTRYID **ret_id)
{
    struct error_info error = {0};
    IABContainer *opened;
    HRESULT hr = address_entry_open(session, owner, container_size, container, &IID_IABContainer,
                                    MAPI_BEST_ACCESS, &error, NULL, (IUnknown **)&opened);

    if (FAILED(hr))
        return hr;
    hr = add_to(opened, template_size, template, ret_size, ret_id);
    IABContainer_Release(opened);
    return hr;
}

static HRESULT make_oneoff(const SPropValue *values, ULONG flags, ULONG *ret_size, ENTRYID **ret_id)
{
    struct oneoff oneoff = {.is_8bit = !(flags & MAPI_UNICODE)};
    void *root;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < 3; i++)
        if (PROP_TYPE(values[i].ulPropTag) != PT_UNICODE)
            return MAPI_E_NO_SUPPORT; /* somebody has to fill it in */
    root = mapi_alloc(NULL, 1);
    if (!root)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = text_utf16_to_utf8(root, values[0].Value.lpszW, (char **)&oneoff.name);
    if (SUCCEEDED(hr))
        hr = text_utf16_to_utf8(root, values[1].Value.lpszW, (char **)&oneoff.type);
    if (SUCCEEDED(hr))
        hr = text_utf16_to_utf8(root, values[2].Value.lpszW, (char **)&oneoff.address);
    oneoff.no_rich_info = values[3].ulPropTag == PR_SEND_RICH_INFO && !values[3].Value.b;
    if (SUCCEEDED(hr))
        hr = oneoff_create(NULL, &oneoff, ret_size, ret_id);
    mapi_free(root);
    return hr;
}

static WAITS HRESULT make_recipient(struct session *session, struct mapi_object *owner, ULONG flags,
                                    ULONG size, const ENTRYID *template, ULONG *ret_size,
                                    ENTRYID **ret_id)
{
    static const SizedSPropTagArray(4, tags) = {
        4, {PR_DISPLAY_NAME_W, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W, PR_SEND_RICH_INFO}};
    struct error_info error = {0};
    SPropValue *values = NULL;
    IMAPIProp *entry;
    ULONG count;
    HRESULT hr = address_entry_open(session, owner, size, template, NULL, 0, &error, NULL,
                                    (IUnknown **)&entry);

    if (FAILED(hr))
        return hr;
    hr = IMAPIProp_GetProps(entry, (SPropTagArray *)&tags, MAPI_UNICODE, &count, &values);
    IMAPIProp_Release(entry);
    if (SUCCEEDED(hr))
        hr = make_oneoff(values, flags, ret_size, ret_id);
    mapi_free(values);
    return hr;
}

HRESULT session_new_entry(struct session *session, struct mapi_object *owner, ULONG flags,
                          ULONG container_size, const ENTRYID *container, ULONG template_size,
                          const ENTRYID *template, ULONG *ret_size, ENTRYID **ret_id)
{
    if (!ret_size || !ret_id)
        return MAPI_E_INVALID_PARAMETER;
    *ret_size = 0;
    *ret_id = NULL;
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!template || !template_size)
        return MAPI_E_NO_SUPPORT; /* ABK-060 */
    if (container && container_size)
        return make_entry(session, owner, container_size, container, template_size, template,
                          ret_size, ret_id);
    return make_recipient(session, owner, flags, template_size, template, ret_size, ret_id);
}
