/* providers/account/folders.c - keeping the folder tree true to the server
 *
 * A listing becomes sightings (for numbers), seeds, a tree, and events for what differs from the
 * tree before. The side store keeps a folder's name as its delimiter and its mailbox name in one
 * string ("/Archive/2024"), so that a tree can be built while the server is away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "providers/account/account-private.h"
#include "state/folders.h"

#define FLAT '\x01' /* stands for "no delimiter" in stored names; never in a mailbox name */

/* --- Publishing ------------------------------------------------------------------------------- */

const struct folder_tree *account_folder_tree(const struct account *account)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)&account->tree_lock;
    const struct folder_tree *tree;

    pthread_mutex_lock(lock);
    tree = folder_tree_ref(account->tree);
    pthread_mutex_unlock(lock);
    return tree;
}

static void emit_folder(struct account *account, enum account_event_kind kind, uint64_t folder,
                        uint64_t old_parent)
{
    struct account_event event = {.kind = kind, .folder = folder, .old_parent = old_parent};

    account_emit(account, &event);
}

static void emit_differences(struct account *account, const struct folder_tree *old,
                             const struct folder_tree *new)
{
    for (size_t i = 0; i < new->count; i++) {
        const struct folder *now = &new->folders[i];
        const struct folder *before = folder_tree_find(old, now->number);

        if (!before)
            emit_folder(account, ACCOUNT_FOLDER_ADDED, now->number, 0);
        else if (before->parent != now->parent)
            emit_folder(account, ACCOUNT_FOLDER_MOVED, now->number, before->parent);
        else if (strcmp(before->name, now->name) != 0 || !before->mailbox != !now->mailbox ||
                 before->messages != now->messages || before->unseen != now->unseen ||
                 before->children != now->children)
            emit_folder(account, ACCOUNT_FOLDER_CHANGED, now->number, 0);
    }
    for (size_t i = 0; i < old->count; i++)
        if (!folder_tree_find(new, old->folders[i].number))
            emit_folder(account, ACCOUNT_FOLDER_REMOVED, old->folders[i].number,
                        old->folders[i].parent);
}

void account_tree_publish(struct account *account, const struct folder_tree *tree)
{
    const struct folder_tree *old = account->tree;

    tree = account_searches_in_tree(account, tree);
    pthread_mutex_lock(&account->tree_lock);
    account->tree = tree;
    pthread_mutex_unlock(&account->tree_lock);
    if (old)
        emit_differences(account, old, tree);
    folder_tree_unref(old);
}

void account_tree_set_counts(struct account *account, uint64_t number, uint32_t messages,
                             uint32_t unseen)
{
    const struct folder *folder = folder_tree_find(account->tree, number);
    const struct folder_tree *tree;

    if (!folder || (folder->messages == messages && folder->unseen == unseen))
        return;
    /* Without memory the counts stay as they are until the next listing. */
    if (SUCCEEDED(folder_tree_with_counts(account->tree, number, messages, unseen, &tree)))
        account_tree_publish(account, tree);
}

/* --- From the side store, while the server is away ------------------------------------------- */

static const char *stored_mailbox(const char *name)
{
    return name[0] ? name + 1 : name;
}

static char stored_delimiter(const char *name)
{
    return name[0] == FLAT ? '\0' : name[0];
}

/* A server like Courier keeps all below "INBOX."; the namespace itself is only told online. */
static const char *guess_prefix(const struct state_folder *folders, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *mailbox = stored_mailbox(folders[i].name);

        if (strcmp(mailbox, "INBOX") != 0 && strncmp(mailbox, "INBOX.", 6) != 0)
            return "";
    }
    return count > 1 ? "INBOX." : "";
}

HRESULT account_folders_load(struct account *account, struct error_info *error, bool *ret_known)
{
    const struct folder_tree *tree;
    struct state_folder *folders;
    struct folder_seed *seeds;
    size_t count;
    HRESULT hr;

    hr = state_folders_list(account->mailbox, error, &folders, &count);
    if (FAILED(hr))
        return hr;
    seeds = calloc(count + 1, sizeof(*seeds));
    if (!seeds) {
        free(folders);
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    }
    for (size_t i = 0; i < count; i++)
        seeds[i] = (struct folder_seed){
            .number = folders[i].number,
            .role = folders[i].number < FOLDER_NUMBER_FIRST_USER
                        ? (enum folder_role)folders[i].number
                        : 0,
            .mailbox = stored_mailbox(folders[i].name),
            .delimiter = stored_delimiter(folders[i].name),
            .generation = folders[i].generation,
            .uidvalidity = folders[i].uid_validity,
        };
    hr = folder_tree_build(seeds, count, guess_prefix(folders, count), 1, &tree);
    free(seeds);
    free(folders);
    if (FAILED(hr))
        return error_set(error, hr, account->key, "out of memory");
    account_tree_publish(account, tree);
    *ret_known = count > 0;
    return S_OK;
}

/* --- From the server -------------------------------------------------------------------------- */

/* A listing on its way to a tree. */
struct listing {
    struct imap_mailbox_list *list;
    struct imap_mailbox *mailboxes; /* the list's, and parents that the server left out */
    size_t count;
    char **made; /* names of such parents */
    size_t made_count;
    enum folder_role *roles;
    struct state_folder *folders; /* by the same index */
    struct folder_seed *seeds;
    const char *prefix;
};

static void listing_clear(struct listing *listing)
{
    for (size_t i = 0; i < listing->made_count; i++)
        free(listing->made[i]);
    free(listing->made);
    free(listing->mailboxes);
    free(listing->roles);
    free(listing->folders);
    free(listing->seeds);
    imap_mailbox_list_free(listing->list);
}

static bool listing_has(const struct listing *listing, const char *name, size_t size)
{
    for (size_t i = listing->count; i-- > 0;)
        if (strncmp(listing->mailboxes[i].name, name, size) == 0 &&
            listing->mailboxes[i].name[size] == '\0')
            return true;
    return false;
}

/* "a/b/c" without "a/b" and "a": adds them as \NonExistent. Parents sort before their children and
 * are looked for among what has been taken so far, so most are found at once. */
static HRESULT add_with_parents(struct listing *listing, const struct imap_mailbox *mailbox)
{
    size_t parent = mailbox_parent_size(mailbox->name, mailbox->delimiter, listing->prefix);

    if (parent > 0 && !listing_has(listing, mailbox->name, parent)) {
        struct imap_mailbox missing = {
            .name = strndup(mailbox->name, parent),
            .delimiter = mailbox->delimiter,
            .attributes = IMAP_MAILBOX_NOSELECT | IMAP_MAILBOX_NONEXISTENT,
        };
        HRESULT hr;

        if (!missing.name)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        if (!array_append(&listing->made, &listing->made_count, &missing.name)) {
            free(missing.name);
            return MAPI_E_NOT_ENOUGH_MEMORY;
        }
        hr = add_with_parents(listing, &missing);
        if (FAILED(hr))
            return hr;
    }
    return array_append(&listing->mailboxes, &listing->count, mailbox) ? S_OK
                                                                       : MAPI_E_NOT_ENOUGH_MEMORY;
}

static WAITS HRESULT listing_fetch(struct account *account, struct imap_lease *lease,
                                   struct listing *listing, uint64_t deadline,
                                   struct error_info *error)
{
    struct imap_namespace personal;
    struct imap_lease *own = NULL;
    HRESULT hr = S_OK;

    if (!lease)
        hr = imap_lease_begin(account->imap, NULL, 0, deadline, error, &own);
    if (SUCCEEDED(hr))
        hr = imap_mailbox_list(lease ? lease : own, true, error, &listing->list);
    imap_lease_end(own);
    if (FAILED(hr))
        return hr;

    imap_client_namespace(account->imap, &personal);
    listing->prefix = personal.prefix ? personal.prefix : "";
    for (size_t i = 0; i < listing->list->count && SUCCEEDED(hr); i++)
        hr = add_with_parents(listing, &listing->list->mailboxes[i]);
    return hr;
}

char *account_stored_name(const char *mailbox, const char *below, char delimiter)
{
    char *name;

    return asprintf(&name, "%c%s%s", delimiter ? delimiter : FLAT, mailbox, below) < 0 ? NULL
                                                                                       : name;
}

/* Asks the side store for the numbers. */
static HRESULT listing_number(struct account *account, struct listing *listing,
                              struct error_info *error)
{
    struct state_sighting *sightings = calloc(listing->count + 1, sizeof(*sightings));
    HRESULT hr = sightings ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    listing->roles = calloc(listing->count + 1, sizeof(*listing->roles));
    if (!listing->roles)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr))
        folder_roles_assign(listing->mailboxes, listing->count, listing->prefix, listing->roles);

    for (size_t i = 0; i < listing->count && SUCCEEDED(hr); i++) {
        const struct imap_mailbox *mailbox = &listing->mailboxes[i];
        const char *id = mailbox->status.id;

        sightings[i] = (struct state_sighting){
            .name = account_stored_name(mailbox->name, "", mailbox->delimiter),
            .mailbox_id = id[0] == 'M' ? id + 1 : NULL,
            .x_guid = id[0] == 'G' ? id + 1 : NULL,
            .uid_validity = mailbox->status.known ? mailbox->status.uidvalidity : 0,
            .number_if_new = listing->roles[i],
        };
        if (!sightings[i].name)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    if (SUCCEEDED(hr))
        hr = state_folders_see_all(account->mailbox, sightings, listing->count, error,
                                   &listing->folders);
    if (hr == MAPI_W_ERRORS_RETURNED) /* the generations are used up: all ids are new */
        account->guids.replica = state_mailbox_repl_guid(account->mailbox);

    for (size_t i = 0; sightings && i < listing->count; i++)
        free((char *)sightings[i].name);
    free(sightings);
    return hr;
}

static HRESULT listing_publish(struct account *account, struct listing *listing)
{
    const struct folder_tree *tree;
    HRESULT hr;

    listing->seeds = calloc(listing->count + 1, sizeof(*listing->seeds));
    if (!listing->seeds)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < listing->count; i++) {
        const struct imap_mailbox *mailbox = &listing->mailboxes[i];

        listing->seeds[i] = (struct folder_seed){
            .number = listing->folders[i].number,
            .role = listing->roles[i],
            .mailbox = mailbox->name,
            .delimiter = mailbox->delimiter,
            .attributes = mailbox->attributes,
            .generation = listing->folders[i].generation,
            .uidvalidity = listing->folders[i].uid_validity,
            .messages = mailbox->status.messages,
            .unseen = mailbox->status.unseen,
        };
    }
    hr = folder_tree_build(listing->seeds, listing->count, listing->prefix,
                           account->tree->version + 1, &tree);
    if (SUCCEEDED(hr))
        account_tree_publish(account, tree);
    return hr;
}

HRESULT account_folders_list(struct account *account, struct imap_lease *lease, uint64_t deadline,
                             struct error_info *error)
{
    struct listing listing = {0};
    HRESULT hr = listing_fetch(account, lease, &listing, deadline, error);

    if (SUCCEEDED(hr))
        hr = listing_number(account, &listing, error);
    if (SUCCEEDED(hr))
        hr = listing_publish(account, &listing);
    listing_clear(&listing);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return error_set(error, hr, account->key, "out of memory");
    if (SUCCEEDED(hr))
        account->listed = true;
    return FAILED(hr) ? hr : S_OK;
}

HRESULT account_folders_refresh(struct account *account, uint64_t deadline,
                                struct error_info *error)
{
    HRESULT hr = engine_mutex_lock(&account->folders_gate, deadline);

    if (FAILED(hr))
        return error_set(error, hr, account->key, "given up waiting for the list of folders");
    hr = account_folders_list(account, NULL, deadline, error);
    engine_mutex_unlock(&account->folders_gate);
    return hr;
}
