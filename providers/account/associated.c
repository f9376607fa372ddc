/* providers/account/associated.c - folder associated messages */
#include "providers/account/associated.h"

#include <stdlib.h>

#include "providers/account/account-private.h"

/* Counts are part of the snapshot that tables show; a folder row follows it. */
static WAITS HRESULT tell(struct account *account, enum account_event_kind kind, uint64_t folder,
                          const uint64_t *numbers, size_t count, struct error_info *error)
{
    struct account_event event = {
        .kind = kind, .folder = folder, .numbers = numbers, .count = count};
    struct account_event folder_event = {.kind = ACCOUNT_FOLDER_CHANGED, .folder = folder};
    HRESULT hr = S_OK;

    if (kind != ACCOUNT_ASSOCIATED_CHANGED)
        hr = account_kept_load(account, error);
    account_emit(account, &event);
    if (kind != ACCOUNT_ASSOCIATED_CHANGED)
        account_emit(account, &folder_event);
    return hr;
}

static WAITS HRESULT find(struct account *account, uint64_t folder, uint64_t number,
                          struct error_info *error)
{
    struct state_object object;
    HRESULT hr = state_object_find(account->mailbox, number, error, &object);

    if (SUCCEEDED(hr) && (object.folder != folder || object.kind != STATE_OBJECT_FAI))
        hr = MAPI_E_NOT_FOUND;
    return hr;
}

HRESULT account_associated_save(struct account *account, uint64_t folder, uint64_t *number,
                                const struct kept_change *change, const SPropValue *unchanged,
                                struct error_info *error)
{
    const struct state_object fresh = {.folder = folder, .kind = STATE_OBJECT_FAI};
    struct state_change step = {.number = *number,
                                .set = change->set,
                                .set_count = change->set_count,
                                .deleted = change->deleted,
                                .deleted_count = change->deleted_count,
                                .unchanged = unchanged};
    bool is_new = *number == 0;
    HRESULT hr = S_OK;

    if (is_new)
        step.object = &fresh;
    else
        hr = find(account, folder, *number, error);
    if (hr == MAPI_E_NOT_FOUND)
        return error_set(error, MAPI_E_OBJECT_DELETED, account->key, "the message was deleted");
    if (SUCCEEDED(hr))
        hr = state_props_change(account->mailbox, &step, error, number);
    if (FAILED(hr))
        return hr;
    return tell(account, is_new ? ACCOUNT_ASSOCIATED_ADDED : ACCOUNT_ASSOCIATED_CHANGED, folder,
                number, 1, error);
}

HRESULT account_associated_delete(struct account *account, uint64_t folder, const uint64_t *numbers,
                                  size_t count, struct error_info *error, size_t *missing)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = find(account, folder, numbers[i], error);
        if (SUCCEEDED(hr))
            hr = state_object_delete(account->mailbox, numbers[i], error);
        if (SUCCEEDED(hr)) {
            hr = tell(account, ACCOUNT_ASSOCIATED_REMOVED, folder, &numbers[i], 1, error);
        } else if (hr == MAPI_E_NOT_FOUND) {
            ++*missing;
            hr = S_OK;
        }
    }
    return hr;
}

HRESULT account_associated_empty(struct account *account, uint64_t folder, struct error_info *error)
{
    struct state_object *objects;
    size_t count, missing = 0;
    HRESULT hr =
        state_objects_list(account->mailbox, folder, STATE_OBJECT_FAI, error, &objects, &count);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = account_associated_delete(account, folder, &objects[i].number, 1, error, &missing);
    free(objects);
    return hr;
}
