/* providers/account/numbers.c - between UIDs and numbers
 *
 * Arithmetic, but for the few messages that the side store has alias rows for. */
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "providers/account/contents.h"
#include "state/aliases.h"
#include "state/folders.h"

struct shared_numbers {
    atomic_uint refs;
    struct folder_numbers numbers;
};

static struct shared_numbers *shared_from_numbers(const struct folder_numbers *numbers)
{
    return (struct shared_numbers *)((char *)numbers - offsetof(struct shared_numbers, numbers));
}

const struct folder_numbers *folder_numbers_ref(const struct folder_numbers *numbers)
{
    atomic_fetch_add(&shared_from_numbers(numbers)->refs, 1);
    return numbers;
}

void folder_numbers_unref(const struct folder_numbers *numbers)
{
    if (numbers && atomic_fetch_sub(&shared_from_numbers(numbers)->refs, 1) == 1)
        free(shared_from_numbers(numbers));
}

static const struct folder_alias *find_alias(const struct folder_numbers *numbers, uint32_t uid)
{
    size_t low = 0, high = numbers->alias_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (numbers->aliases[middle].uid < uid)
            low = middle + 1;
        else
            high = middle;
    }
    return low < numbers->alias_count && numbers->aliases[low].uid == uid ? &numbers->aliases[low]
                                                                          : NULL;
}

uint64_t folder_numbers_of_uid(const struct folder_numbers *numbers, uint32_t uid)
{
    const struct folder_alias *alias = find_alias(numbers, uid);

    if (alias)
        return alias->number;
    return numbers->generation ? number_from_uid(numbers->generation, uid) : 0;
}

bool folder_numbers_uid(const struct folder_numbers *numbers, uint64_t number, uint32_t *ret_uid)
{
    for (size_t i = 0; i < numbers->alias_count; i++)
        if (numbers->aliases[i].number == number && number != 0) {
            *ret_uid = numbers->aliases[i].uid;
            return true;
        }
    if (number_kind(number) != NUMBER_MESSAGE || number_generation(number) != numbers->generation)
        return false;
    if (find_alias(numbers, number_uid(number))) /* that UID has another number, or is hidden */
        return false;
    *ret_uid = number_uid(number);
    return true;
}

static int compare_aliases(const void *a, const void *b)
{
    uint32_t left = ((const struct folder_alias *)a)->uid;
    uint32_t right = ((const struct folder_alias *)b)->uid;

    return left < right ? -1 : left > right;
}

/* Each alias names a UID; one for a rewritten message also hides the UID that its number would name
 * by arithmetic, should the old message not be expunged yet. */
static HRESULT build(uint64_t folder, uint16_t generation, const struct state_alias *rows,
                     size_t count, const struct folder_numbers **ret_numbers)
{
    struct shared_numbers *shared =
        malloc(sizeof(*shared) + 2 * count * sizeof(shared->numbers.aliases[0]));
    struct folder_numbers *numbers;

    if (!shared)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&shared->refs, 1);
    numbers = &shared->numbers;
    numbers->folder = folder;
    numbers->generation = generation;
    numbers->alias_count = 0;
    for (size_t i = 0; i < count; i++)
        numbers->aliases[numbers->alias_count++] =
            (struct folder_alias){.uid = rows[i].uid, .number = rows[i].number};
    qsort(numbers->aliases, numbers->alias_count, sizeof(numbers->aliases[0]), compare_aliases);

    for (size_t i = 0, named = numbers->alias_count; i < count; i++) {
        uint64_t number = rows[i].number;

        if (number_kind(number) != NUMBER_MESSAGE || number_generation(number) != generation)
            continue;
        if (bsearch(&(struct folder_alias){.uid = number_uid(number)}, numbers->aliases, named,
                    sizeof(numbers->aliases[0]), compare_aliases))
            continue; /* another alias names that UID */
        numbers->aliases[numbers->alias_count++] =
            (struct folder_alias){.uid = number_uid(number), .number = 0};
    }
    qsort(numbers->aliases, numbers->alias_count, sizeof(numbers->aliases[0]), compare_aliases);
    *ret_numbers = numbers;
    return S_OK;
}

HRESULT account_numbers_load(struct account *account, uint64_t folder, struct error_info *error,
                             const struct folder_numbers **ret_numbers)
{
    const struct folder_tree *tree = account_folder_tree(account);
    const struct folder *found = folder_tree_find(tree, folder);
    uint16_t generation = found ? found->generation : 0;
    bool exists = found != NULL;
    struct state_alias *rows = NULL;
    size_t count = 0;
    HRESULT hr = S_OK;

    folder_tree_unref(tree);
    if (!exists)
        return error_set(error, MAPI_E_NOT_FOUND, account->key, "the folder is gone");
    if (generation != 0)
        hr = state_aliases_list(account->mailbox, generation, error, &rows, &count);
    if (FAILED(hr))
        return hr;
    hr = build(folder, generation, rows, count, ret_numbers);
    free(rows);
    if (FAILED(hr))
        return error_set(error, hr, account->key, "out of memory");
    return S_OK;
}

HRESULT account_folder_numbers(struct account *account, uint64_t folder, struct error_info *error,
                               const struct folder_numbers **ret_numbers)
{
    struct contents *contents = account_contents_find(account, folder);

    if (contents && !contents->stale) {
        *ret_numbers = folder_numbers_ref(contents->numbers);
        return S_OK;
    }
    return account_numbers_load(account, folder, error, ret_numbers);
}

const struct folder_numbers *account_folder_numbers_now(const struct account *account,
                                                        uint64_t folder)
{
    struct contents *contents = account_contents_find((struct account *)account, folder);

    return contents ? folder_numbers_ref(contents->numbers) : NULL;
}

void message_place_clear(struct message_place *place)
{
    free(place->mailbox);
    place->mailbox = NULL;
}

HRESULT account_message_locate(struct account *account, uint64_t number, struct error_info *error,
                               struct message_place *ret_place)
{
    const struct folder_tree *tree;
    struct state_alias where;
    struct message_place place = {0};
    HRESULT hr = state_number_resolve(account->mailbox, number, error, &where);

    if (FAILED(hr))
        return hr;
    tree = account_folder_tree(account);
    for (size_t i = 0; i < tree->count; i++) {
        const struct folder *folder = &tree->folders[i];

        if (folder->generation == where.generation && folder->mailbox) {
            place.folder = folder->number;
            place.uidvalidity = folder->uidvalidity;
            place.uid = where.uid;
            place.mailbox = strdup(folder->mailbox);
            break;
        }
    }
    folder_tree_unref(tree);
    if (place.folder == 0)
        return error_set(error, MAPI_E_NOT_FOUND, account->key,
                         "the message's folder is gone, or its UIDVALIDITY changed");
    if (!place.mailbox)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    *ret_place = place;
    return S_OK;
}
