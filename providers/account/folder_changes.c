/* providers/account/folder_changes.c - making, moving and deleting folders
 *
 * Each changes the server's mailboxes and then lists them anew: the tree says what the server made
 * of it. Both on one session: one of Dovecot's that has made a mailbox and not listed since does
 * not mark the index of mailboxes as out of date again, and what it makes next is not listed by
 * others. One listing or change runs at a time (folders_gate). */
#include <stdlib.h>
#include <string.h>

#include "providers/account/account-private.h"
#include "providers/account/associated.h"
#include "providers/account/rights.h"
#include "providers/account/rules.h"
#include "providers/account/search.h"
#include "state/folders.h"

/* The full mailbox name of `name` below `parent`; NULL without memory. */
static char *mailbox_below(struct account *account, const struct folder *parent, const char *name,
                           char *ret_delimiter)
{
    struct imap_namespace personal;
    size_t above;
    char *mailbox;

    if (parent->mailbox) {
        above = strlen(parent->mailbox);
        mailbox = malloc(above + 1 + strlen(name) + 1);
        if (mailbox) {
            memcpy(mailbox, parent->mailbox, above);
            mailbox[above] = parent->delimiter;
            strcpy(mailbox + above + 1, name);
        }
        *ret_delimiter = parent->delimiter;
        return mailbox;
    }
    imap_client_namespace(account->imap, &personal);
    above = personal.prefix ? strlen(personal.prefix) : 0;
    mailbox = malloc(above + strlen(name) + 1);
    if (mailbox) {
        memcpy(mailbox, personal.prefix ? personal.prefix : "", above);
        strcpy(mailbox + above, name);
    }
    *ret_delimiter = personal.delimiter;
    return mailbox;
}

/* Checks that a folder called `name` may be made below `parent`, and gives its mailbox name. */
static HRESULT name_new(struct account *account, const struct folder_tree *tree, uint64_t parent,
                        const char *name, struct error_info *error, char **ret_mailbox)
{
    const struct folder *above = folder_tree_find(tree, parent);
    char delimiter;
    char *mailbox;

    if (!above)
        return error_set(error, MAPI_E_NOT_FOUND, account->key, "the parent folder is gone");
    if (!above->mailbox && above->role != ROLE_IPM_SUBTREE)
        return error_set(error, MAPI_E_NO_SUPPORT, account->key,
                         "the server cannot hold folders below \"%s\"", above->name);
    if (above->mailbox && (!above->delimiter || (above->attributes & IMAP_MAILBOX_NOINFERIORS)))
        return error_set(error, MAPI_E_NO_SUPPORT, account->key,
                         "\"%s\" cannot have folders below it", above->name);
    mailbox = mailbox_below(account, above, name, &delimiter);
    if (!mailbox)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    if (!name[0] || (delimiter && strchr(name, delimiter))) {
        free(mailbox);
        return error_set(error, MAPI_E_INVALID_PARAMETER, account->key,
                         "a folder name must not be empty nor contain '%c'", delimiter);
    }
    *ret_mailbox = mailbox;
    return S_OK;
}

static const struct folder *find_mailbox(const struct folder_tree *tree, const char *mailbox)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->folders[i].mailbox && strcmp(tree->folders[i].mailbox, mailbox) == 0)
            return &tree->folders[i];
    return NULL;
}

/* CREATE (and SUBSCRIBE), then list anew; *ret_number is the number of what was made. */
static WAITS HRESULT create_mailbox(struct account *account, const char *mailbox,
                                    enum imap_special_use use, struct error_info *error,
                                    uint64_t *ret_number)
{
    const struct folder *folder;
    struct imap_lease *lease;
    HRESULT hr;

    hr = imap_lease_begin(account->imap, NULL, 0, NO_DEADLINE, error, &lease);
    if (FAILED(hr))
        return hr;
    hr = imap_mailbox_create(lease, mailbox, use, error);
    if (SUCCEEDED(hr)) /* other programs show only what is subscribed; it is no failure of ours */
        imap_mailbox_subscribe(lease, mailbox, true, NULL);
    if (SUCCEEDED(hr))
        hr = account_folders_list(account, lease, NO_DEADLINE, error);
    imap_lease_end(lease);
    if (FAILED(hr))
        return hr;
    folder = find_mailbox(account->tree, mailbox);
    if (!folder)
        return error_set(error, MAPI_E_CALL_FAILED, account_imap_host(account),
                         "the server made \"%s\" but does not list it", mailbox);
    *ret_number = folder->number;
    return S_OK;
}

HRESULT account_folder_ensure(struct account *account, uint64_t number, struct error_info *error)
{
    const struct folder_role_info *info;
    const struct folder_tree *tree;
    const struct folder *folder;
    char *mailbox = NULL;
    uint64_t made;
    HRESULT hr = engine_mutex_lock(&account->folders_gate, NO_DEADLINE);

    if (FAILED(hr))
        return error_set(error, hr, account->key, "given up waiting for the list of folders");
    if (!account->listed) /* what looks missing may only not have been seen */
        hr = account_folders_list(account, NULL, NO_DEADLINE, error);
    tree = account_folder_tree(account);
    folder = SUCCEEDED(hr) ? folder_tree_find(tree, number) : NULL;
    info = folder ? folder_role_info(folder->role) : NULL;
    if (SUCCEEDED(hr) && !folder) {
        hr = error_set(error, MAPI_E_NOT_FOUND, account->key, "the folder is gone");
    } else if (SUCCEEDED(hr) && !folder->mailbox) {
        if (!info || !info->mailbox)
            hr = error_set(error, MAPI_E_NO_SUPPORT, account->key, "\"%s\" holds no mail",
                           folder->name);
        else
            hr = name_new(account, tree, ROLE_IPM_SUBTREE, info->mailbox, error, &mailbox);
        if (SUCCEEDED(hr))
            hr = create_mailbox(account, mailbox, info->use, error, &made);
    }
    free(mailbox);
    folder_tree_unref(tree);
    engine_mutex_unlock(&account->folders_gate);
    return hr;
}

HRESULT account_folder_create(struct account *account, uint64_t parent, const char *name,
                              struct error_info *error, uint64_t *ret_number)
{
    const struct folder_tree *tree;
    char *mailbox = NULL;
    HRESULT hr;

    if (parent != ROLE_IPM_SUBTREE) {
        hr = account_folder_ensure(account, parent, error);
        if (FAILED(hr))
            return hr;
    }
    hr = engine_mutex_lock(&account->folders_gate, NO_DEADLINE);
    if (FAILED(hr))
        return error_set(error, hr, account->key, "given up waiting for the list of folders");
    tree = account_folder_tree(account);
    hr = account_rights_need(account, parent, IMAP_RIGHT_CREATE, error);
    if (SUCCEEDED(hr))
        hr = name_new(account, tree, parent, name, error, &mailbox);
    if (SUCCEEDED(hr) && find_mailbox(tree, mailbox))
        hr = error_set(error, MAPI_E_COLLISION, account->key, "\"%s\" exists already", name);
    if (SUCCEEDED(hr))
        hr = create_mailbox(account, mailbox, IMAP_USE_NONE, error, ret_number);
    free(mailbox);
    folder_tree_unref(tree);
    engine_mutex_unlock(&account->folders_gate);
    return hr;
}

bool folder_is_below(const struct folder_tree *tree, uint64_t number, uint64_t above)
{
    while (number != ROLE_ROOT) {
        const struct folder *folder = folder_tree_find(tree, number);

        if (number == above)
            return true;
        if (!folder)
            return false;
        number = folder->parent;
    }
    return above == ROLE_ROOT;
}

/* Tells the side store the new names of the folder and of all below it, so that their numbers stay
 * on a server that gives mailboxes no ids. */
static WAITS HRESULT tell_renamed(struct account *account, const struct folder_tree *tree,
                                  const struct folder *folder, const char *mailbox,
                                  struct error_info *error)
{
    size_t old_size = strlen(folder->mailbox);
    HRESULT hr = S_OK;

    for (size_t i = 0; i < tree->count && SUCCEEDED(hr); i++) {
        const struct folder *each = &tree->folders[i];
        char *name;

        if (!each->mailbox || !folder_is_below(tree, each->number, folder->number))
            continue;
        name = account_stored_name(mailbox, each->mailbox + old_size, each->delimiter);
        if (!name)
            return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
        hr = state_folder_renamed(account->mailbox, each->number, name, error);
        free(name);
    }
    return hr;
}

static WAITS HRESULT rename_mailbox(struct account *account, const struct folder_tree *tree,
                                    const struct folder *folder, const char *mailbox,
                                    struct error_info *error)
{
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(account->imap, NULL, 0, NO_DEADLINE, error, &lease);

    if (FAILED(hr))
        return hr;
    hr = imap_mailbox_rename(lease, folder->mailbox, mailbox, error);
    if (SUCCEEDED(hr))
        hr = tell_renamed(account, tree, folder, mailbox, error);
    if (SUCCEEDED(hr))
        hr = account_folders_list(account, lease, NO_DEADLINE, error);
    imap_lease_end(lease);
    return hr;
}

static bool is_search(const struct account *account, uint64_t number)
{
    const struct folder *folder = folder_tree_find(account->tree, number);

    return folder && folder->search;
}

HRESULT account_folder_move(struct account *account, uint64_t number, uint64_t parent,
                            const char *name, struct error_info *error)
{
    const struct folder_tree *tree;
    const struct folder *folder;
    char *mailbox = NULL;
    HRESULT hr;

    if (is_search(account, number))
        return parent == ROLE_FINDER ? account_search_rename(account, number, name, error)
                                     : error_set(error, MAPI_E_NO_SUPPORT, account->key,
                                                 "search folders are below the Finder root alone");
    hr = engine_mutex_lock(&account->folders_gate, NO_DEADLINE);

    if (FAILED(hr))
        return error_set(error, hr, account->key, "given up waiting for the list of folders");
    tree = account_folder_tree(account);
    folder = folder_tree_find(tree, number);
    if (!folder)
        hr = error_set(error, MAPI_E_NOT_FOUND, account->key, "the folder is gone");
    else if (folder->role || !folder->mailbox)
        hr = error_set(error, MAPI_E_NO_ACCESS, account->key, "\"%s\" has its place", folder->name);
    else if (folder_is_below(tree, parent, number))
        hr = error_set(error, MAPI_E_FOLDER_CYCLE, account->key,
                       "\"%s\" cannot be moved below itself", folder->name);
    if (SUCCEEDED(hr))
        hr = account_rights_need(account, number, IMAP_RIGHT_DELETE_MAILBOX, error);
    if (SUCCEEDED(hr))
        hr = account_rights_need(account, parent, IMAP_RIGHT_CREATE, error);
    if (SUCCEEDED(hr))
        hr = name_new(account, tree, parent, name, error, &mailbox);
    if (SUCCEEDED(hr) && find_mailbox(tree, mailbox) && strcmp(mailbox, folder->mailbox) != 0)
        hr = error_set(error, MAPI_E_COLLISION, account->key, "\"%s\" exists already", name);
    if (SUCCEEDED(hr) && strcmp(mailbox, folder->mailbox) != 0)
        hr = rename_mailbox(account, tree, folder, mailbox, error);
    free(mailbox);
    folder_tree_unref(tree);
    engine_mutex_unlock(&account->folders_gate);
    return hr;
}

/* DELETE, the deepest first. */
static WAITS HRESULT delete_mailboxes(struct account *account, struct imap_lease *lease,
                                      const struct folder_tree *tree, const struct folder *folder,
                                      struct error_info *error)
{
    HRESULT hr = S_OK;

    for (size_t i = tree->count; i-- > 0 && SUCCEEDED(hr);) {
        const struct folder *each = &tree->folders[i];

        if (!each->mailbox || !folder_is_below(tree, each->number, folder->number))
            continue;
        if (!(each->attributes & IMAP_MAILBOX_NONEXISTENT))
            hr = imap_mailbox_delete(lease, each->mailbox, error);
        if (SUCCEEDED(hr))
            hr = state_folder_retire(account->mailbox, each->number, error);
    }
    return hr;
}

/* What the side store alone had of the folder and those below it. */
static WAITS HRESULT forget_side(struct account *account, const struct folder_tree *tree,
                                 const struct folder *top, struct error_info *error)
{
    const struct folder *folder = top, *end = tree->folders + tree->count;
    HRESULT hr = S_OK;

    do {
        hr = account_associated_empty(account, folder->number, error);
        if (SUCCEEDED(hr))
            hr = account_rules_empty(account, folder->number, error);
        if (SUCCEEDED(hr))
            hr = state_props_delete(account->mailbox, folder->number, NULL, 0, error);
        folder++;
    } while (SUCCEEDED(hr) && folder < end && folder->depth > top->depth);
    return hr;
}

/* Also when only some could be deleted, what is left is listed. */
static WAITS HRESULT delete_and_list(struct account *account, const struct folder_tree *tree,
                                     const struct folder *folder, struct error_info *error)
{
    struct imap_lease *lease;
    HRESULT listed, hr = imap_lease_begin(account->imap, NULL, 0, NO_DEADLINE, error, &lease);

    if (FAILED(hr))
        return hr;
    hr = delete_mailboxes(account, lease, tree, folder, error);
    if (SUCCEEDED(hr))
        hr = forget_side(account, tree, folder, error);
    listed = account_folders_list(account, lease, NO_DEADLINE, SUCCEEDED(hr) ? error : NULL);
    imap_lease_end(lease);
    return SUCCEEDED(hr) ? listed : hr;
}

/* STATUS of all that would go. */
static WAITS HRESULT check_no_messages(struct account *account, const struct folder_tree *tree,
                                       const struct folder *folder, struct error_info *error)
{
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(account->imap, NULL, 0, NO_DEADLINE, error, &lease);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < tree->count && SUCCEEDED(hr); i++) {
        const struct folder *each = &tree->folders[i];
        struct imap_mailbox_status status;

        if (!each->mailbox || !folder_is_below(tree, each->number, folder->number) ||
            each->attributes & (IMAP_MAILBOX_NOSELECT | IMAP_MAILBOX_NONEXISTENT))
            continue;
        hr = imap_mailbox_status(lease, each->mailbox, error, &status);
        if (SUCCEEDED(hr) && status.messages > 0)
            hr = error_set(error, MAPI_E_HAS_MESSAGES, account->key, "\"%s\" has messages",
                           each->name);
    }
    imap_lease_end(lease);
    return hr;
}

HRESULT account_folder_delete(struct account *account, uint64_t number, unsigned with,
                              struct error_info *error)
{
    const struct folder_tree *tree;
    const struct folder *folder;
    HRESULT hr;

    if (is_search(account, number)) /* what it shows is elsewhere, and stays (STO-170) */
        return account_search_delete(account, number, error);
    hr = engine_mutex_lock(&account->folders_gate, NO_DEADLINE);

    if (FAILED(hr))
        return error_set(error, hr, account->key, "given up waiting for the list of folders");
    tree = account_folder_tree(account);
    folder = folder_tree_find(tree, number);
    if (!folder)
        hr = error_set(error, MAPI_E_NOT_FOUND, account->key, "the folder is gone");
    else if (folder->role || !folder->mailbox)
        hr = error_set(error, MAPI_E_NO_ACCESS, account->key, "\"%s\" cannot be deleted",
                       folder->name);
    else if (folder->children > 0 && !(with & FOLDER_DELETE_FOLDERS))
        hr = error_set(error, MAPI_E_HAS_FOLDERS, account->key, "\"%s\" has folders below it",
                       folder->name);
    if (SUCCEEDED(hr))
        hr = account_rights_need(account, number, IMAP_RIGHT_DELETE_MAILBOX, error);
    if (SUCCEEDED(hr) && !(with & FOLDER_DELETE_MESSAGES))
        hr = check_no_messages(account, tree, folder, error);
    if (SUCCEEDED(hr))
        hr = delete_and_list(account, tree, folder, error);
    folder_tree_unref(tree);
    engine_mutex_unlock(&account->folders_gate);
    return hr;
}
