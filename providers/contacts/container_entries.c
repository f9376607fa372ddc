/* providers/contacts/container_entries.c - what changes the personal address book
 *
 * New entries come from our own template or are copies of an entry of any address book (ABK-109,
 * ABK-110). */
#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "providers/contacts/container.h"
#include "providers/contacts/logon.h"
#include "providers/contacts/people.h"
#include "providers/contacts/user.h"
#include "state/objects.h"

/* What a copy has of its own. */
static const SizedSPropTagArray(7, own_tags) = {7,
                                                {PR_ENTRYID, PR_RECORD_KEY, PR_INSTANCE_KEY,
                                                 PR_SEARCH_KEY, PR_OBJECT_TYPE, PR_DISPLAY_TYPE,
                                                 PR_TEMPLATEID}};

static HRESULT copy_props(IMAPIProp *source, IMAPIProp *dest)
{
    SPropProblemArray *problems = NULL;
    const struct prop_copy copy = {
        .source = source,
        .dest = dest,
        .iid = &IID_IMAPIProp,
        .exclude = (const SPropTagArray *)&own_tags,
        .no_objects = true,
    };
    HRESULT hr = prop_copy(&copy, &problems);

    mapi_free(problems);
    return hr;
}

HRESULT contacts_create_entry(struct mapi_object *logon, ULONG size, const ENTRYID *template,
                              ULONG flags, IMAPIProp **ret_entry)
{
    struct contacts_ref ref = {.kind = CONTACTS_PERSON};
    IMAPIProp *source = NULL, *entry;
    HRESULT hr;

    if (!size || !template)
        return MAPI_E_INVALID_ENTRYID;
    hr = contacts_parse_entryid(book_uid(contacts_logon_book(logon)), size, template, &ref);
    if (hr == MAPI_E_UNKNOWN_ENTRYID)
        return hr;
    if (ref.kind != CONTACTS_TEMPLATE) {
        hr = contacts_logon_open_any(logon, size, template, &source);
        if (FAILED(hr))
            return hr;
    }
    hr = contacts_user_create(logon, flags, &entry);
    if (SUCCEEDED(hr) && source) {
        hr = copy_props(source, entry);
        if (FAILED(hr))
            IMAPIProp_Release(entry);
    }
    unknown_release(source);
    if (SUCCEEDED(hr))
        *ret_entry = entry;
    return FAILED(hr) ? hr : S_OK;
}

/* S_OK also for one that is there already and is not to be replaced (ABK-089). */
static WAITS HRESULT copy_entry(struct mapi_object *logon, const SBinary *id, ULONG flags)
{
    IMAPIProp *entry;
    HRESULT hr = contacts_create_entry(logon, id->cb, (ENTRYID *)id->lpb, flags, &entry);

    if (FAILED(hr))
        return hr;
    hr = IMAPIProp_SaveChanges(entry, 0);
    IMAPIProp_Release(entry);
    return hr == MAPI_E_COLLISION ? S_OK : hr;
}

HRESULT contacts_copy_entries(struct mapi_object *logon, const ENTRYLIST *entries, ULONG flags)
{
    bool failed = false;

    for (ULONG i = 0; i < entries->cValues; i++)
        failed |= FAILED(copy_entry(logon, &entries->lpbin[i], flags));
    return failed ? MAPI_W_PARTIAL_COMPLETION : S_OK;
}

static WAITS HRESULT delete_entry(struct book *book, const SBinary *id)
{
    struct contacts_ref ref;
    struct state_object object;
    uint64_t number;
    HRESULT hr = contacts_parse_entryid(book_uid(book), id->cb, (ENTRYID *)id->lpb, &ref);

    if (FAILED(hr))
        return hr;
    if (ref.kind != CONTACTS_PERSON || ref.shelf != SHELF_PERSONAL)
        return MAPI_E_NO_ACCESS;
    number = person_number(&ref.key);
    hr = state_object_find(book_mailbox(book), number, NULL, &object);
    if (SUCCEEDED(hr) && object.kind != STATE_OBJECT_PERSON) /* an id that we never gave out */
        hr = MAPI_E_NOT_FOUND;
    return SUCCEEDED(hr) ? state_object_delete(book_mailbox(book), number, NULL) : hr;
}

HRESULT contacts_delete_entries(struct mapi_object *logon, const ENTRYLIST *entries)
{
    struct book *book = contacts_logon_book(logon);
    bool failed = false;

    for (ULONG i = 0; i < entries->cValues; i++) /* ABK-090 */
        failed |= FAILED(delete_entry(book, &entries->lpbin[i]));
    book_changed(book, SHELF_PERSONAL); /* ABK-105 */
    return failed ? MAPI_W_PARTIAL_COMPLETION : S_OK;
}
