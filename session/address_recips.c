/* session/address_recips.c - PrepareRecips: recipients on their way to a message
 *
 * Each address book prepares the entries that are its own; one-offs are the library's. Behaviour:
 * ABK-053 to ABK-058, ABK-124. */
#include "mapi/adrlist.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "session/address_book.h"
#include "session/oneoff_entry.h"

static HRESULT prepare_oneoff(const SBinary *id, const SPropTagArray *tags, ADRENTRY *entry)
{
    SPropValue values[ONEOFF_VALUES];
    void *root = mapi_alloc(NULL, 1);
    struct oneoff oneoff;
    HRESULT hr =
        root ? oneoff_parse(root, id->cb, (ENTRYID *)id->lpb, &oneoff) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = oneoff_values(root, &oneoff, id->cb, (ENTRYID *)id->lpb, values);
    if (SUCCEEDED(hr))
        hr = adrentry_prepare(entry, tags, values, ONEOFF_VALUES);
    mapi_free(root);
    return hr == MAPI_E_NOT_ENOUGH_MEMORY ? hr : S_OK; /* a malformed one is nobody's */
}

static HRESULT prepare_oneoffs(const SPropTagArray *tags, ADRLIST *list)
{
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < list->cEntries && SUCCEEDED(hr); i++) {
        const SPropValue *id = adrentry_find(&list->aEntries[i], PR_ENTRYID);

        if (id && PROP_TYPE(id->ulPropTag) == PT_BINARY &&
            oneoff_entryid(id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb))
            hr = prepare_oneoff(&id->Value.bin, tags, &list->aEntries[i]);
    }
    return hr;
}

HRESULT address_prepare(struct session *session, ULONG flags, const SPropTagArray *tags,
                        ADRLIST *list)
{
    struct provider_objects **books;
    size_t count;
    HRESULT hr = prepare_oneoffs(tags, list);

    if (FAILED(hr))
        return hr;
    hr = session_address_books(session, &books, &count);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = IABLogon_PrepareRecips(books[i]->address, flags, (SPropTagArray *)tags, list);
    address_books_free(books, count);
    return hr;
}
