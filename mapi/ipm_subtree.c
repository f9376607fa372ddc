/* mapi/ipm_subtree.c - HrValidateIPMSubtree: the folders that every store should have
 *
 * Works on any store through its public methods, on the caller's thread. What the store says is
 * there is believed, or with MAPI_FORCE_CREATE opened; what is missing is made, and the store told.
 * A store that will not be told fails the call: the next program would make the folders again.
 *
 * Requirements: PRP-032 to PRP-034. */
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/object.h"
#include "mapi/propval.h"

#define INBOX_TAG PROP_TAG(PT_BINARY, PROP_ID_NULL)

/* In the order in which they are made: the tree before what hangs in it. */
static const struct standard_folder {
    ULONG mask, tag;
    const char *name;
    bool in_subtree; /* else directly below the root */
    bool always;     /* else with MAPI_FULL_IPM_TREE only */
} folders[] = {
    {FOLDER_IPM_SUBTREE_VALID, PR_IPM_SUBTREE_ENTRYID, "IPM_SUBTREE", false, true},
    {FOLDER_FINDER_VALID, PR_FINDER_ENTRYID, "Search Root", false, true},
    {FOLDER_IPM_WASTEBASKET_VALID, PR_IPM_WASTEBASKET_ENTRYID, "Deleted Items", true, true},
    {FOLDER_IPM_INBOX_VALID, INBOX_TAG, "Inbox", true, false},
    {FOLDER_IPM_OUTBOX_VALID, PR_IPM_OUTBOX_ENTRYID, "Outbox", true, false},
    {FOLDER_IPM_SENTMAIL_VALID, PR_IPM_SENTMAIL_ENTRYID, "Sent Items", true, false},
    {FOLDER_VIEWS_VALID, PR_VIEWS_ENTRYID, "Views", false, false},
    {FOLDER_COMMON_VIEWS_VALID, PR_COMMON_VIEWS_ENTRYID, "Common Views", false, false},
};

#define FOLDER_COUNT (sizeof(folders) / sizeof(folders[0]))

struct validation {
    IMsgStore *store;
    ULONG flags;
    LONG mask, old_mask;
    SBinary ids[FOLDER_COUNT]; /* chained to `root`; empty: not known */
    bool made[FOLDER_COUNT];
    void *root;
};

static HRESULT keep_id(struct validation *validation, size_t index, const void *id, ULONG size)
{
    BYTE *copy = mapi_memdup(validation->root, id, size);

    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    validation->ids[index] = (SBinary){.cb = size, .lpb = copy};
    return S_OK;
}

/* ---- What there is ---- */

static HRESULT read_inbox(struct validation *validation, size_t index)
{
    IMsgStore *store = validation->store;
    ENTRYID *id = NULL;
    ULONG size = 0;
    HRESULT hr;

    hr = store->lpVtbl->GetReceiveFolder(store, NULL, 0, &size, &id, NULL);
    if (hr == MAPI_E_NOT_FOUND || hr == MAPI_E_NO_SUPPORT)
        return S_OK;
    if (SUCCEEDED(hr) && size)
        hr = keep_id(validation, index, id, size);
    MAPIFreeBuffer(id);
    return hr;
}

static HRESULT read_ids(struct validation *validation)
{
    SPropValue *value;
    HRESULT hr;
    size_t i;

    hr = HrGetOneProp((IMAPIProp *)validation->store, PR_VALID_FOLDER_MASK, &value);
    if (SUCCEEDED(hr)) {
        validation->mask = validation->old_mask = value->Value.l;
        MAPIFreeBuffer(value);
    }
    for (i = 0, hr = S_OK; SUCCEEDED(hr) && i < FOLDER_COUNT; i++) {
        if (folders[i].tag == INBOX_TAG) {
            hr = read_inbox(validation, i);
            continue;
        }
        if (FAILED(HrGetOneProp((IMAPIProp *)validation->store, folders[i].tag, &value)))
            continue;
        hr = keep_id(validation, i, value->Value.bin.lpb, value->Value.bin.cb);
        MAPIFreeBuffer(value);
    }
    return hr;
}

static HRESULT open_folder(struct validation *validation, const SBinary *id,
                           IMAPIFolder **ret_folder)
{
    IMsgStore *store = validation->store;
    IUnknown *object = NULL;
    ULONG type = 0;
    HRESULT hr;

    hr = store->lpVtbl->OpenEntry(store, id->cb, (ENTRYID *)id->lpb, NULL, MAPI_MODIFY, &type,
                                  &object);
    if (SUCCEEDED(hr) && type != MAPI_FOLDER) {
        unknown_release(object);
        return MAPI_E_INVALID_TYPE;
    }
    if (SUCCEEDED(hr))
        *ret_folder = (IMAPIFolder *)object;
    return hr;
}

static bool is_there(struct validation *validation, size_t index)
{
    IMAPIFolder *folder;

    if (!(validation->mask & (LONG)folders[index].mask) || validation->ids[index].cb == 0)
        return false;
    if (!(validation->flags & MAPI_FORCE_CREATE))
        return true;
    if (FAILED(open_folder(validation, &validation->ids[index], &folder)))
        return false; /* PRP-033 */
    unknown_release(folder);
    return true;
}

/* ---- What is made ---- */

static HRESULT make_folder(struct validation *validation, size_t index)
{
    static const SBinary root = {0};
    const SBinary *parent_id = folders[index].in_subtree ? &validation->ids[0] : &root;
    IMAPIFolder *parent, *folder = NULL;
    SPropValue *id = NULL;
    HRESULT hr;

    hr = open_folder(validation, parent_id, &parent);
    if (FAILED(hr))
        return hr;
    hr = parent->lpVtbl->CreateFolder(parent, FOLDER_GENERIC, (LPTSTR)folders[index].name, NULL,
                                      NULL, OPEN_IF_EXISTS, &folder);
    unknown_release(parent);
    if (SUCCEEDED(hr))
        hr = HrGetOneProp((IMAPIProp *)folder, PR_ENTRYID, &id);
    if (SUCCEEDED(hr))
        hr = keep_id(validation, index, id->Value.bin.lpb, id->Value.bin.cb);
    MAPIFreeBuffer(id);
    unknown_release(folder);
    if (SUCCEEDED(hr)) {
        validation->mask |= (LONG)folders[index].mask;
        validation->made[index] = true;
    }
    return hr;
}

static HRESULT tell_store(struct validation *validation)
{
    IMsgStore *store = validation->store;
    SPropValue value;
    HRESULT hr = S_OK;
    size_t i;

    for (i = 0; SUCCEEDED(hr) && i < FOLDER_COUNT; i++) {
        const SBinary *id = &validation->ids[i];

        if (!validation->made[i])
            continue;
        value = propval_binary(folders[i].tag, id->lpb, id->cb);
        if (folders[i].tag == INBOX_TAG)
            hr = store->lpVtbl->SetReceiveFolder(store, NULL, 0, id->cb, (ENTRYID *)id->lpb);
        else
            hr = HrSetOneProp((IMAPIProp *)store, &value);
    }
    if (FAILED(hr) || validation->mask == validation->old_mask)
        return hr;
    value = propval_long(PR_VALID_FOLDER_MASK, validation->mask);
    return HrSetOneProp((IMAPIProp *)store, &value);
}

static HRESULT validate(struct validation *validation)
{
    HRESULT hr;
    size_t i;

    hr = read_ids(validation);
    for (i = 0; SUCCEEDED(hr) && i < FOLDER_COUNT; i++) {
        bool wanted = folders[i].always || validation->flags & MAPI_FULL_IPM_TREE;

        if (wanted && !is_there(validation, i))
            hr = make_folder(validation, i);
    }
    return SUCCEEDED(hr) ? tell_store(validation) : hr;
}

/* ---- The call ---- */

/* The mask, then the ids of the valid folders. */
static HRESULT hand_out(const struct validation *validation, ULONG *ret_count,
                        SPropValue **ret_values)
{
    SPropValue values[1 + FOLDER_COUNT];
    ULONG count = 0;
    HRESULT hr;
    size_t i;

    values[count++] = propval_long(PR_VALID_FOLDER_MASK, validation->mask);
    for (i = 0; i < FOLDER_COUNT; i++)
        if (validation->mask & (LONG)folders[i].mask && validation->ids[i].cb)
            values[count++] =
                propval_binary(folders[i].tag, validation->ids[i].lpb, validation->ids[i].cb);
    hr = propval_dup(values, count, ret_values);
    if (SUCCEEDED(hr))
        *ret_count = count;
    return hr;
}

HRESULT STDAPICALLTYPE HrValidateIPMSubtree(LPMDB store, ULONG flags, ULONG *ret_count,
                                            LPSPropValue *ret_values, LPMAPIERROR *ret_error)
{
    struct validation validation = {.store = store, .flags = flags};
    HRESULT hr;

    if (!ret_count || !ret_values)
        return MAPI_E_INVALID_PARAMETER;
    *ret_count = 0;
    *ret_values = NULL;
    if (ret_error)
        *ret_error = NULL;
    if (!store)
        return MAPI_E_INVALID_PARAMETER;
    if (flags & ~(ULONG)(MAPI_FORCE_CREATE | MAPI_FULL_IPM_TREE))
        return MAPI_E_UNKNOWN_FLAGS;
    validation.root = mapi_alloc(NULL, 1);
    if (!validation.root)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = validate(&validation);
    if (FAILED(hr) && ret_error)
        store->lpVtbl->GetLastError(store, hr, 0, ret_error);
    if (SUCCEEDED(hr))
        hr = hand_out(&validation, ret_count, ret_values);
    mapi_free(validation.root);
    return hr;
}
