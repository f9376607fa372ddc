/* providers/imap/search_folder.c - SetSearchCriteria and GetSearchCriteria of a folder
 *
 * What a search looks for is the account's (providers/account/search.h); here are MAPI's arguments
 * and results. STO-163 to STO-173. */
#include <stdlib.h>

#include "mapi/mapiextra.h"
#include "mapi/memory.h"
#include "providers/account/search.h"
#include "providers/imap/folder_private.h"

#define SET_FLAGS                                                                                  \
    (STOP_SEARCH | RESTART_SEARCH | RECURSIVE_SEARCH | SHALLOW_SEARCH | FOREGROUND_SEARCH |        \
     BACKGROUND_SEARCH | NON_CONTENT_INDEXED_SEARCH)

static bool has_both(ULONG flags, ULONG one, ULONG other)
{
    return flags & one && flags & other;
}

static HRESULT check_flags(ULONG flags)
{
    if (flags & ~(ULONG)SET_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (has_both(flags, BACKGROUND_SEARCH, FOREGROUND_SEARCH) ||
        has_both(flags, RECURSIVE_SEARCH, SHALLOW_SEARCH) ||
        has_both(flags, RESTART_SEARCH, STOP_SEARCH)) /* STO-165 */
        return MAPI_E_INVALID_PARAMETER;
    return S_OK;
}

/* --- Setting ---------------------------------------------------------------------------------- */

struct set_call {
    struct link_call base;
    uint64_t number;
    struct search_request request;
};

static HRESULT set_on_engine(void *arg)
{
    struct set_call *call = arg;

    return account_search_set(call->base.account, call->number, &call->request, &call->base.error);
}

/* The numbers of the listed folders, mapi_free. */
static HRESULT take_folders(struct imap_folder *folder, const ENTRYLIST *list,
                            uint64_t **ret_numbers)
{
    if (list->cValues > SEARCH_FOLDERS_MAX)
        return MAPI_E_INVALID_PARAMETER;
    return ids_numbers_of(imap_link_guids(folder->link), list, ENTRY_FOLDER, ret_numbers);
}

HRESULT folder_SetSearchCriteria(struct imap_folder *folder, LPSRestriction restriction,
                                 LPENTRYLIST list, ULONG flags)
{
    struct set_call call = {.number = folder->number,
                            .request = {.restriction = restriction, .flags = flags}};
    uint64_t *folders = NULL;
    HRESULT hr = check_flags(flags);

    if (FAILED(hr))
        return hr;
    if (!folder->search)
        return MAPI_E_NO_SUPPORT;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    if (list)
        hr = take_folders(folder, list, &folders);
    if (FAILED(hr))
        return hr;
    call.request.folders = folders;
    call.request.folder_count = list ? list->cValues : 0;
    hr = imap_link_run(folder->link, &folder->object, set_on_engine, &call.base);
    mapi_free(folders);
    return hr;
}

/* --- Getting ---------------------------------------------------------------------------------- */

struct get_call {
    struct link_call base;
    uint64_t number;
    struct search_answer_request request;
};

static HRESULT get_on_engine(void *arg)
{
    struct get_call *call = arg;

    return account_search_get(call->base.account, call->number, &call->request);
}

static HRESULT make_list(struct imap_folder *folder, const uint64_t *numbers, size_t count,
                         ENTRYLIST **ret_list)
{
    ENTRYLIST *list = mapi_alloc(NULL, sizeof(*list));
    BYTE *ids = NULL;

    if (list) {
        list->lpbin = mapi_alloc_array(list, count, sizeof(*list->lpbin));
        ids = mapi_alloc_array(list, count, FOLDER_ENTRYID_SIZE);
    }
    if (!list || !list->lpbin || !ids) {
        mapi_free(list);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    list->cValues = (ULONG)count;
    for (size_t i = 0; i < count; i++) {
        list->lpbin[i].cb = FOLDER_ENTRYID_SIZE;
        list->lpbin[i].lpb = ids + i * FOLDER_ENTRYID_SIZE;
        ids_folder_entryid(imap_link_guids(folder->link), numbers[i], list->lpbin[i].lpb);
    }
    *ret_list = list;
    return S_OK;
}

HRESULT folder_GetSearchCriteria(struct imap_folder *folder, ULONG flags,
                                 LPSRestriction *ret_restriction, LPENTRYLIST *ret_list,
                                 ULONG *ret_state)
{
    SRestriction *restriction = NULL;
    ENTRYLIST *list = NULL;
    uint64_t *numbers = NULL;
    size_t count = 0;
    ULONG state = 0;
    struct get_call call = {.number = folder->number};
    HRESULT hr;

    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!folder->search)
        return MAPI_E_NO_SUPPORT;
    call.request = (struct search_answer_request){
        .width = flags & MAPI_UNICODE ? PT_UNICODE : PT_STRING8,
        .ret_restriction = ret_restriction ? &restriction : NULL,
        .ret_folders = ret_list ? &numbers : NULL,
        .ret_folder_count = &count,
        .ret_state = &state,
    };
    hr = imap_link_run(folder->link, &folder->object, get_on_engine, &call.base);
    if (SUCCEEDED(hr) && ret_list)
        hr = make_list(folder, numbers, count, &list);
    free(numbers);
    if (FAILED(hr)) {
        mapi_free(restriction);
        return hr;
    }
    if (ret_restriction)
        *ret_restriction = restriction;
    if (ret_list)
        *ret_list = list;
    if (ret_state)
        *ret_state = state;
    return S_OK;
}

/* --- Its messages are elsewhere --------------------------------------------------------------- */

struct results_call {
    struct link_call base;
    uint64_t number;
    const struct search_results *results;
};

static HRESULT results_on_engine(void *arg)
{
    struct results_call *call = arg;

    call->results = account_search_results(call->base.account, call->number);
    return call->results ? S_OK : MAPI_E_OBJECT_DELETED;
}

HRESULT folder_take_found(struct imap_folder *folder, uint64_t **ret_numbers, size_t *ret_count)
{
    struct results_call call = {.number = folder->number};
    HRESULT hr = imap_link_run(folder->link, &folder->object, results_on_engine, &call.base);
    uint64_t *numbers;

    if (FAILED(hr))
        return hr;
    numbers = mapi_alloc_array(NULL, call.results->count + 1, sizeof(*numbers));
    for (size_t i = 0; numbers && i < call.results->count; i++)
        numbers[i] = call.results->hits[i].number;
    *ret_count = call.results->count;
    search_results_unref(call.results);
    if (!numbers)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_numbers = numbers;
    return S_OK;
}
