/* providers/account/folder_copy.c - copies of folders
 *
 * IMAP has no command for it: a mailbox is made, and the messages are copied on the server, a COPY
 * a folder. */
#include <stdlib.h>
#include <string.h>

#include "providers/account/account-private.h"
#include "providers/account/contents.h"
#include "providers/account/kept.h"
#include "providers/account/messages.h"
#include "state/props.h"

/* What is copied, known before anything is made: a copy may lie beside its source. */
struct source {
    uint64_t number;
    char *mailbox; /* NULL: none that holds messages */
    uint64_t *children;
    char **names;
    size_t child_count;
};

static void source_clear(struct source *source)
{
    for (size_t i = 0; source->names && i < source->child_count; i++)
        free(source->names[i]);
    free(source->names);
    free(source->children);
    free(source->mailbox);
}

static HRESULT source_take(struct account *account, uint64_t number, struct error_info *error,
                           struct source *source)
{
    const struct folder_tree *tree = account_folder_tree(account);
    const struct folder *folder = folder_tree_find(tree, number);
    bool has_mail = folder && folder->mailbox &&
                    !(folder->attributes & (IMAP_MAILBOX_NOSELECT | IMAP_MAILBOX_NONEXISTENT));
    bool kept = true;

    *source = (struct source){.number = number};
    if (!folder) {
        folder_tree_unref(tree);
        return error_set(error, MAPI_E_NOT_FOUND, account->key, "the folder is gone");
    }
    source->mailbox = has_mail ? strdup(folder->mailbox) : NULL;
    source->children = calloc(folder->children + 1, sizeof(*source->children));
    source->names = calloc(folder->children + 1, sizeof(*source->names));
    kept = source->children && source->names && (source->mailbox || !has_mail);
    for (size_t i = 0; kept && i < tree->count && source->child_count < folder->children; i++) {
        const struct folder *child = &tree->folders[i];

        if (child->parent != number || child->number == number)
            continue;
        source->children[source->child_count] = child->number;
        source->names[source->child_count] = strdup(child->name);
        kept = source->names[source->child_count++] != NULL;
    }
    folder_tree_unref(tree);
    if (kept)
        return S_OK;
    source_clear(source);
    return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
}

/* The numbers of all messages that the server has in the folder. */
static WAITS HRESULT list_messages(struct account *account, const struct source *source,
                                   struct error_info *error, uint64_t **ret_numbers,
                                   size_t *ret_count)
{
    const struct folder_numbers *numbers = NULL;
    struct imap_uids uids = {0};
    struct imap_query query;
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(account->imap, source->mailbox, 0, NO_DEADLINE, error, &lease);

    *ret_numbers = NULL;
    *ret_count = 0;
    if (FAILED(hr))
        return hr;
    imap_query_init(&query);
    imap_query_add(&query, "ALL");
    hr = imap_search(lease, &query, error, &uids);
    imap_query_clear(&query);
    imap_lease_end(lease);
    if (SUCCEEDED(hr))
        hr = account_folder_numbers(account, source->number, error, &numbers);
    if (SUCCEEDED(hr)) {
        *ret_numbers = malloc((uids.count + 1) * sizeof(**ret_numbers));
        if (!*ret_numbers)
            hr = error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < uids.count; i++) {
        uint64_t number = folder_numbers_of_uid(numbers, uids.uids[i]);

        if (number)
            (*ret_numbers)[(*ret_count)++] = number;
    }
    folder_numbers_unref(numbers);
    free(uids.uids);
    return hr;
}

static WAITS HRESULT copy_messages(struct account *account, const struct source *source,
                                   uint64_t target, struct error_info *error)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    HRESULT hr;

    if (!source->mailbox)
        return S_OK;
    hr = list_messages(account, source, error, &numbers, &count);
    if (SUCCEEDED(hr) && count > 0)
        hr = account_messages_copy(account, source->number, numbers, count, target, false, error,
                                   NULL, NULL);
    free(numbers);
    return hr;
}

static WAITS HRESULT copy_kept(struct account *account, uint64_t from, uint64_t to,
                               struct error_info *error)
{
    struct kept_change change = {0};
    SPropValue *values;
    size_t count;
    HRESULT hr = state_props_get(account->mailbox, from, NULL, 0, error, &values, &count);

    if (FAILED(hr))
        return hr;
    change.set = values;
    change.set_count = count;
    if (count > 0)
        hr = account_kept_change(account, to, &change, error);
    free(values);
    return hr;
}

static WAITS HRESULT copy_tree(struct account *account, uint64_t number, uint64_t parent,
                               const char *name, bool recursive, struct error_info *error,
                               uint64_t *ret_number)
{
    struct source source;
    uint64_t made = 0, below;
    HRESULT hr = source_take(account, number, error, &source);

    if (FAILED(hr))
        return hr;
    hr = account_folder_create(account, parent, name, error, &made);
    if (SUCCEEDED(hr))
        hr = copy_kept(account, number, made, error);
    if (SUCCEEDED(hr))
        hr = copy_messages(account, &source, made, error);
    for (size_t i = 0; SUCCEEDED(hr) && recursive && i < source.child_count; i++)
        hr = copy_tree(account, source.children[i], made, source.names[i], true, error, &below);
    source_clear(&source);
    if (SUCCEEDED(hr))
        *ret_number = made;
    return hr;
}

HRESULT account_folder_copy(struct account *account, uint64_t number, uint64_t parent,
                            const char *name, bool recursive, struct error_info *error,
                            uint64_t *ret_number)
{
    const struct folder_tree *tree = account_folder_tree(account);
    const struct folder *folder = folder_tree_find(tree, number);
    bool cycle = folder && folder_is_below(tree, parent, number);
    bool search = folder && folder->search;

    folder_tree_unref(tree);
    if (search)
        return error_set(error, MAPI_E_NO_SUPPORT, account->key, "search folders are not copied");
    if (cycle)
        return error_set(error, MAPI_E_FOLDER_CYCLE, account->key,
                         "a folder cannot be copied below itself");
    return copy_tree(account, number, parent, name, recursive, error, ret_number);
}
