/* providers/imap/folder_columns.c - what MAPI calls the parts of a folder (STO, "Folders") */
#include "providers/imap/folder_columns.h"

#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapiextra.h"
#include "mapi/mapigate.h"
#include "mapi/mapitags.h"
#include "mapi/text.h"
#include "providers/account/access.h"

const ULONG folder_column_tags[] = {
    PR_DISPLAY_NAME_W,
    PR_ENTRYID,
    PR_INSTANCE_KEY,
    PR_RECORD_KEY,
    PR_OBJECT_TYPE,
    PR_FOLDER_TYPE,
    PR_DISPLAY_TYPE,
    PR_CONTENT_COUNT,
    PR_CONTENT_UNREAD,
    PR_SUBFOLDERS,
    PR_DEPTH,
    PR_PARENT_ENTRYID,
    PR_STORE_RECORD_KEY,
    PR_ACCESS,
    PR_ACCESS_LEVEL,
    PR_RIGHTS,
    PR_CONTAINER_CLASS_W,
    PR_ASSOC_CONTENT_COUNT,
    PR_SOURCE_KEY,
    PR_PARENT_SOURCE_KEY,
    PR_MG_FID,
    PR_MAPPING_SIGNATURE,
    PR_ROW_TYPE,
    PR_STATUS,
    PR_COMMENT_W,
    PR_ATTR_HIDDEN,
    PR_ATTR_READONLY,
    PR_DEF_POST_MSGCLASS,
};
const size_t folder_column_count = sizeof(folder_column_tags) / sizeof(folder_column_tags[0]);

static HRESULT bytes(SPropValue *value, struct arena *scratch, size_t size, BYTE **ret_bytes)
{
    *ret_bytes = arena_alloc(scratch, size);
    if (!*ret_bytes)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    value->Value.bin.cb = (ULONG)size;
    value->Value.bin.lpb = *ret_bytes;
    return S_OK;
}

static HRESULT entryid(const struct folder_view *view, uint64_t number, struct arena *scratch,
                       SPropValue *value)
{
    BYTE *id;
    HRESULT hr = bytes(value, scratch, FOLDER_ENTRYID_SIZE, &id);

    if (SUCCEEDED(hr))
        ids_folder_entryid(view->guids, number, id);
    return hr;
}

static HRESULT source_key(const struct folder_view *view, uint64_t number, struct arena *scratch,
                          SPropValue *value)
{
    BYTE *key;
    HRESULT hr = bytes(value, scratch, SOURCE_KEY_SIZE, &key);

    if (SUCCEEDED(hr))
        ids_source_key(view->guids, number, key);
    return hr;
}

static HRESULT text(const char *utf8, struct arena *scratch, SPropValue *value)
{
    value->Value.lpszW = arena_utf16(scratch, utf8, strlen(utf8));
    return value->Value.lpszW ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

HRESULT folder_column(const struct folder_view *view, ULONG tag, struct arena *scratch,
                      SPropValue *ret_value)
{
    const struct folder *folder = view->folder;
    const SPropValue *kept;
    BYTE *key;
    HRESULT hr;

    ret_value->ulPropTag = tag;
    kept = kept_value(view->kept, folder->number, tag);
    if (kept) {
        *ret_value = *kept;
        return S_OK;
    }
    switch (tag) {
    case PR_DISPLAY_NAME_W:
        return text(folder->name, scratch, ret_value);
    case PR_ENTRYID:
        return entryid(view, folder->number, scratch, ret_value);
    case PR_PARENT_ENTRYID:
        return entryid(view, folder->parent, scratch, ret_value);
    case PR_RECORD_KEY:
    case PR_SOURCE_KEY:
        return source_key(view, folder->number, scratch, ret_value);
    case PR_PARENT_SOURCE_KEY:
        return source_key(view, folder->parent, scratch, ret_value);
    case PR_INSTANCE_KEY:
        hr = bytes(ret_value, scratch, INSTANCE_KEY_SIZE, &key);
        if (SUCCEEDED(hr))
            ids_instance_key(folder->number, 0, key);
        return hr;
    case PR_STORE_RECORD_KEY:
    case PR_MAPPING_SIGNATURE: /* one mapping for the whole mailbox (STO-280) */
        ret_value->Value.bin.cb = sizeof(MAPIUID);
        ret_value->Value.bin.lpb = (BYTE *)&view->guids->mailbox;
        return S_OK;
    case PR_MG_FID:
        ret_value->Value.li.QuadPart = ids_short_id(folder->number);
        return S_OK;
    case PR_OBJECT_TYPE:
        ret_value->Value.l = MAPI_FOLDER;
        return S_OK;
    case PR_FOLDER_TYPE:
        ret_value->Value.l = folder->role == ROLE_ROOT ? FOLDER_ROOT
                             : folder->search          ? FOLDER_SEARCH
                                                       : FOLDER_GENERIC;
        return S_OK;
    case PR_DISPLAY_TYPE:
        ret_value->Value.l = folder->search ? DT_FOLDER_LINK : DT_FOLDER;
        return S_OK;
    case PR_CONTENT_COUNT:
        ret_value->Value.l = (LONG)folder->messages;
        return S_OK;
    case PR_CONTENT_UNREAD:
        ret_value->Value.l = (LONG)folder->unseen;
        return S_OK;
    case PR_ASSOC_CONTENT_COUNT:
        ret_value->Value.l = (LONG)kept_associated_count(view->kept, folder->number);
        return S_OK;
    case PR_STATUS:
        ret_value->Value.l = 0;
        return S_OK;
    case PR_ROW_TYPE:
        ret_value->Value.l = TBL_LEAF_ROW;
        return S_OK;
    case PR_SUBFOLDERS:
        ret_value->Value.b = folder->children > 0;
        return S_OK;
    case PR_DEPTH:
        ret_value->Value.l = (LONG)view->depth;
        return S_OK;
    case PR_ACCESS:
        ret_value->Value.l = (LONG)access_of_folder(folder, view->rights);
        return S_OK;
    case PR_RIGHTS:
        ret_value->Value.l = (LONG)frights_of(view->rights);
        return S_OK;
    case PR_ACCESS_LEVEL:
        ret_value->Value.l = view->readonly ? 0 : MAPI_MODIFY;
        return S_OK;
    case PR_CONTAINER_CLASS_W:
        if (folder->role == ROLE_ROOT || folder->role == ROLE_IPM_SUBTREE)
            return MAPI_E_NOT_FOUND;
        return text("IPF.Note", scratch, ret_value);
    }
    return MAPI_E_NOT_FOUND;
}
