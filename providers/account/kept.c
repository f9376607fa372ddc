/* providers/account/kept.c - properties of folders and of the store that the side store keeps */
#include "providers/account/kept.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "providers/account/account-private.h"

const ULONG kept_columns[] = {
    PR_CONTAINER_CLASS_W, PR_COMMENT_W, PR_ATTR_HIDDEN, PR_ATTR_READONLY, PR_DEF_POST_MSGCLASS,
};
const size_t kept_column_count = sizeof(kept_columns) / sizeof(kept_columns[0]);

struct kept_values {
    atomic_uint refs;
    struct state_object_props *folders; /* by number; one block */
    size_t count;
    struct state_object_count *associated; /* by folder */
    size_t associated_count;
};

/* --- The snapshot ----------------------------------------------------------------------------- */

const struct kept_values *account_kept_values(const struct account *account)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)&account->tree_lock;
    struct kept_values *kept;

    pthread_mutex_lock(lock);
    kept = account->kept;
    if (kept)
        atomic_fetch_add(&kept->refs, 1);
    pthread_mutex_unlock(lock);
    return kept;
}

void kept_values_unref(const struct kept_values *kept)
{
    struct kept_values *mine = (struct kept_values *)kept;

    if (!mine || atomic_fetch_sub(&mine->refs, 1) > 1)
        return;
    free(mine->folders);
    free(mine->associated);
    free(mine);
}

static int compare_number(const void *key, const void *element)
{
    uint64_t number = *(const uint64_t *)key;
    const struct state_object_props *folder = element;

    return (number > folder->number) - (number < folder->number);
}

const SPropValue *kept_value(const struct kept_values *kept, uint64_t folder, ULONG tag)
{
    const struct state_object_props *found = NULL;

    if (kept && kept->count > 0)
        found =
            bsearch(&folder, kept->folders, kept->count, sizeof(*kept->folders), compare_number);
    for (size_t i = 0; found && i < found->count; i++)
        if (found->values[i].ulPropTag == tag)
            return &found->values[i];
    return NULL;
}

size_t kept_associated_count(const struct kept_values *kept, uint64_t folder)
{
    for (size_t i = 0; kept && i < kept->associated_count; i++)
        if (kept->associated[i].folder == folder)
            return kept->associated[i].count;
    return 0;
}

static void publish(struct account *account, struct kept_values *kept)
{
    struct kept_values *old;

    pthread_mutex_lock(&account->tree_lock);
    old = account->kept;
    account->kept = kept;
    pthread_mutex_unlock(&account->tree_lock);
    kept_values_unref(old);
}

HRESULT account_kept_load(struct account *account, struct error_info *error)
{
    struct kept_values *kept = calloc(1, sizeof(*kept));
    HRESULT hr;

    if (!kept)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    atomic_init(&kept->refs, 1);
    hr = state_props_range(account->mailbox, 1, UINT32_MAX, kept_columns, kept_column_count, error,
                           &kept->folders, &kept->count);
    if (SUCCEEDED(hr))
        hr = state_objects_count(account->mailbox, STATE_OBJECT_FAI, error, &kept->associated,
                                 &kept->associated_count);
    if (FAILED(hr)) {
        kept_values_unref(kept);
        return hr;
    }
    publish(account, kept);
    return S_OK;
}

/* --- Changes ---------------------------------------------------------------------------------- */

HRESULT account_kept_write(struct state_mailbox *mailbox, uint64_t number,
                           const struct kept_change *change, struct error_info *error)
{
    const struct state_change step = {.number = number,
                                      .set = change->set,
                                      .set_count = change->set_count,
                                      .deleted = change->deleted,
                                      .deleted_count = change->deleted_count};

    return state_props_change(mailbox, &step, error, NULL);
}

HRESULT account_kept_change(struct account *account, uint64_t number,
                            const struct kept_change *change, struct error_info *error)
{
    struct account_event event = {.kind = ACCOUNT_FOLDER_CHANGED, .folder = number};
    HRESULT hr = account_kept_write(account->mailbox, number, change, error);

    if (FAILED(hr) || number == STATE_STORE_NUMBER)
        return hr;
    hr = account_kept_load(account, error);
    account_emit(account, &event);
    return hr;
}

HRESULT account_kept_change_message(struct account *account, uint64_t folder, uint64_t number,
                                    const struct kept_change *change, struct error_info *error)
{
    struct account_event event = {
        .kind = ACCOUNT_MESSAGES_PROPS, .folder = folder, .numbers = &number, .count = 1};
    HRESULT hr;

    if (!change->set_count && !change->deleted_count)
        return S_OK;
    hr = account_kept_write(account->mailbox, number, change, error);
    if (SUCCEEDED(hr))
        account_emit(account, &event);
    return hr;
}
