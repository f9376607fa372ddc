/* providers/account/search_kept.c - what the side store has of a search folder
 *
 * An object below the Finder root, and property rows of it: name, restriction, folders, flags. */
#include <stdlib.h>
#include <string.h>

#include "mapi/memory.h"
#include "mapi/text.h"
#include "providers/account/kept.h"
#include "providers/account/search_private.h"

/* Bits of KEPT_SEARCH_FLAGS: frozen. */
enum {
    KEPT_RECURSIVE = 1u << 0,
    KEPT_FOREGROUND = 1u << 1,
    KEPT_STOPPED = 1u << 2,
};

HRESULT search_kept_create(struct account *account, const char *name, struct error_info *error,
                           uint64_t *ret_number)
{
    const struct state_object object = {.folder = ROLE_FINDER, .kind = STATE_OBJECT_SEARCH_FOLDER};
    SPropValue value = {.ulPropTag = KEPT_SEARCH_NAME};
    const struct state_change change = {.object = &object, .set = &value, .set_count = 1};
    HRESULT hr = text_utf8_to_utf16(NULL, name, &value.Value.lpszW);

    if (FAILED(hr))
        return error_set(error, hr, account->key, "the name cannot be kept");
    hr = state_props_change(account->mailbox, &change, error, ret_number);
    mapi_free(value.Value.lpszW);
    return hr;
}

HRESULT search_kept_rename(struct search *search, const char *name, struct error_info *error)
{
    SPropValue value = {.ulPropTag = KEPT_SEARCH_NAME};
    HRESULT hr = text_utf8_to_utf16(NULL, name, &value.Value.lpszW);

    if (FAILED(hr))
        return error_set(error, hr, search->account->key, "the name cannot be kept");
    hr = state_props_set(search->account->mailbox, search->number, &value, 1, error);
    mapi_free(value.Value.lpszW);
    return hr;
}

HRESULT search_kept_write(struct search *search, const struct search_kept *kept,
                          struct error_info *error)
{
    SPropValue values[3] = {{.ulPropTag = KEPT_SEARCH_RESTRICTION},
                            {.ulPropTag = KEPT_SEARCH_FOLDERS},
                            {.ulPropTag = KEPT_SEARCH_FLAGS}};

    values[0].Value.bin.cb = (ULONG)kept->restriction->size;
    values[0].Value.bin.lpb = kept->restriction->bytes;
    values[1].Value.MVli.cValues = (ULONG)kept->folder_count;
    values[1].Value.MVli.lpli = (LARGE_INTEGER *)kept->folders;
    values[2].Value.l = (kept->recursive ? KEPT_RECURSIVE : 0) |
                        (kept->foreground ? KEPT_FOREGROUND : 0) |
                        (kept->stopped ? KEPT_STOPPED : 0);
    return state_props_set(search->account->mailbox, search->number, values, 3, error);
}

static HRESULT take_name(struct search *search, const SPropValue *value)
{
    char *name;
    HRESULT hr = text_utf16_to_utf8(NULL, value->Value.lpszW, &name);

    if (FAILED(hr))
        return hr;
    free(search->name);
    search->name = strdup(name);
    mapi_free(name);
    return search->name ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT take_folders(struct search *search, const SPropValue *value)
{
    size_t count = value->Value.MVli.cValues;

    search->folders = count ? calloc(count, sizeof(*search->folders)) : NULL;
    if (!search->folders)
        return count ? MAPI_E_NOT_ENOUGH_MEMORY : S_OK;
    search->folder_count = count;
    for (size_t i = 0; i < count; i++)
        search->folders[i] = (uint64_t)value->Value.MVli.lpli[i].QuadPart;
    return S_OK;
}

static HRESULT take_value(struct search *search, const SPropValue *value)
{
    HRESULT hr;

    switch (value->ulPropTag) {
    case KEPT_SEARCH_NAME:
        return take_name(search, value);
    case KEPT_SEARCH_RESTRICTION:
        hr = search_restriction_read(value->Value.bin.lpb, value->Value.bin.cb,
                                     &search->restriction);
        return hr == MAPI_E_NOT_ENOUGH_MEMORY ? hr : S_OK;
    case KEPT_SEARCH_FOLDERS:
        return take_folders(search, value);
    case KEPT_SEARCH_FLAGS:
        search->recursive = value->Value.l & KEPT_RECURSIVE;
        search->foreground = value->Value.l & KEPT_FOREGROUND;
        search->stopped = value->Value.l & KEPT_STOPPED;
        return S_OK;
    default:
        return S_OK;
    }
}

HRESULT search_kept_read(struct search *search, struct error_info *error)
{
    static const ULONG tags[] = {KEPT_SEARCH_NAME, KEPT_SEARCH_RESTRICTION, KEPT_SEARCH_FOLDERS,
                                 KEPT_SEARCH_FLAGS};
    SPropValue *values = NULL;
    size_t count = 0;
    HRESULT hr = state_props_get(search->account->mailbox, search->number, tags,
                                 sizeof(tags) / sizeof(tags[0]), error, &values, &count);

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = take_value(search, &values[i]);
    free(values);
    if (FAILED(hr))
        return hr;
    search->resumed = search->restriction && search->folder_count;
    return S_OK;
}
