/* providers/imap/entry.c - opening and comparing by entry id, for every object of a store */
#include "providers/imap/entry.h"

#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/memory.h"
#include "providers/imap/associated.h"
#include "providers/imap/folder.h"
#include "providers/imap/message.h"
#include "providers/imap/news.h"

#define OPEN_FLAGS                                                                                 \
    (MAPI_MODIFY | MAPI_BEST_ACCESS | MAPI_DEFERRED_ERRORS | MAPI_CACHE_ONLY | MAPI_NO_CACHE |     \
     SHOW_SOFT_DELETES)

static HRESULT open_ref(struct imap_link *link, struct mapi_object *owner,
                        const struct entry_ref *ref, const IID *iid, ULONG flags, ULONG *ret_type,
                        IUnknown **ret_unknown)
{
    struct error_info error = {0};
    HRESULT hr;

    if (ref->kind == ENTRY_FOLDER) {
        if (ret_type)
            *ret_type = MAPI_FOLDER;
        return folder_open(link, owner, ref->folder, iid, flags, (IMAPIFolder **)ret_unknown);
    }
    if (ref->kind == ENTRY_STORE)
        return MAPI_E_NO_SUPPORT; /* stores are opened through the session */
    if (ret_type)
        *ret_type = MAPI_MESSAGE;
    if (number_kind(ref->message) == NUMBER_SIDE)
        hr = associated_open(link, owner, ref->folder, ref->message, iid, flags, &error,
                             (IMessage **)ret_unknown);
    else
        hr = message_open(link, owner, ref->folder, ref->message, iid, flags, &error,
                          (IMessage **)ret_unknown);
    return FAILED(hr) && error.hr == hr ? mapi_object_fail(owner, &error) : hr;
}

HRESULT entry_open(struct imap_link *link, struct mapi_object *owner, ULONG size, const ENTRYID *id,
                   const IID *iid, ULONG flags, ULONG *ret_type, IUnknown **ret_unknown)
{
    struct entry_ref ref = {.kind = ENTRY_FOLDER, .folder = ROLE_ROOT};
    HRESULT hr = S_OK;

    if (!ret_unknown)
        return MAPI_E_INVALID_PARAMETER;
    *ret_unknown = NULL;
    if (flags & ~(ULONG)OPEN_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (id || size)
        hr = ids_parse_entryid(imap_link_guids(link), size, id, &ref);
    return FAILED(hr) ? hr : open_ref(link, owner, &ref, iid, flags, ret_type, ret_unknown);
}

HRESULT entry_compare(struct imap_link *link, ULONG size1, const ENTRYID *id1, ULONG size2,
                      const ENTRYID *id2, ULONG flags, ULONG *ret_result)
{
    struct entry_ref ref1, ref2;
    HRESULT hr;

    if (!ret_result)
        return MAPI_E_INVALID_PARAMETER;
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    *ret_result = FALSE;
    hr = ids_parse_entryid(imap_link_guids(link), size1, id1, &ref1);
    if (SUCCEEDED(hr))
        hr = ids_parse_entryid(imap_link_guids(link), size2, id2, &ref2);
    if (SUCCEEDED(hr))
        *ret_result =
            ref1.kind == ref2.kind && ref1.folder == ref2.folder && ref1.message == ref2.message;
    return hr;
}

HRESULT entry_advise(struct imap_link *link, ULONG size, const ENTRYID *id, ULONG mask,
                     IMAPIAdviseSink *sink, ULONG_PTR *ret_connection)
{
    struct entry_ref ref;
    NOTIFKEY *key;
    HRESULT hr;

    if (!sink || !ret_connection)
        return MAPI_E_INVALID_PARAMETER;
    if (id || size) {
        hr = ids_parse_entryid(imap_link_guids(link), size, id, &ref);
        if (FAILED(hr))
            return hr;
        if (ref.kind == ENTRY_STORE)
            size = 0;
    }
    key = news_key(link, imap_link_guids(link), id, size);
    if (!key)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = IMAPISupport_Subscribe(imap_link_support(link), key, mask, 0, sink, ret_connection);
    if (SUCCEEDED(hr) && mask & fnevNewMail)
        imap_link_watch_mail(link);
    mapi_free(key);
    return hr;
}
