/* providers/account/permissions.c - who may do what with a folder */
#include "providers/account/permissions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "providers/account/account-private.h"
#include "providers/account/rights.h"

#define ANYONE    "anyone"
#define ANONYMOUS "anonymous"
#define OWNER     "owner"

/* --- Members ---------------------------------------------------------------------------------- */

int64_t permission_member(const char *identifier)
{
    SPropValue name = propval_binary(PR_NULL, identifier, strlen(identifier));
    uint64_t hash;

    if (strcmp(identifier, ANYONE) == 0)
        return MEMBER_DEFAULT;
    if (strcmp(identifier, ANONYMOUS) == 0)
        return MEMBER_ANONYMOUS;
    name.ulPropTag = PROP_TAG(PT_BINARY, 0);
    hash = propval_hash(&name) & INT64_MAX;
    return hash ? (int64_t)hash : 1;
}

/* RFC 4314 2: "-" takes away; what begins otherwise than a name does is a group or a role. */
static bool is_user(const char *identifier)
{
    static const char *const others[] = {ANYONE, ANONYMOUS, OWNER, "authenticated"};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcmp(identifier, others[i]) == 0)
            return false;
    return *identifier && !strchr("-!$#&", *identifier) && !strchr(identifier, '=');
}

char *account_permission_address(const struct account *account, const char *identifier)
{
    const char *domain = strchr(account->email, '@');
    char *address;

    if (!is_user(identifier))
        return NULL;
    if (strchr(identifier, '@') || !domain)
        return strdup(identifier);
    return asprintf(&address, "%s%s", identifier, domain) < 0 ? NULL : address;
}

char *account_permission_identifier(const struct account *account, const char *address)
{
    const char *domain = strchr(account->email, '@'), *at = strchr(address, '@');

    if (at && domain && strcasecmp(at, domain) == 0 && !strchr(account->user, '@'))
        return strndup(address, (size_t)(at - address));
    return strdup(address);
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* A lease and the mailbox's name (free). */
static WAITS HRESULT begin(struct account *account, uint64_t folder, struct error_info *error,
                           struct imap_lease **ret_lease, char **ret_mailbox)
{
    const struct folder_tree *tree = account_folder_tree(account);
    const struct folder *found = folder_tree_find(tree, folder);
    HRESULT hr = S_OK;

    *ret_mailbox = found && found->mailbox ? strdup(found->mailbox) : NULL;
    if (!found)
        hr = error_set(error, MAPI_E_OBJECT_DELETED, account->key, "the folder is gone");
    else if (!found->mailbox)
        hr = error_set(error, MAPI_E_NO_SUPPORT, account->key, "\"%s\" is not on the server",
                       found->name);
    else if (!*ret_mailbox)
        hr = error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    folder_tree_unref(tree);
    if (SUCCEEDED(hr))
        hr = imap_lease_begin(account->imap, NULL, 0, NO_DEADLINE, error, ret_lease);
    if (FAILED(hr)) {
        free(*ret_mailbox);
        *ret_mailbox = NULL;
    }
    return hr;
}

/* Those of the members, in the order of the header; the others go. */
static HRESULT take_members(struct imap_acl *acl)
{
    struct imap_acl_entry *members = calloc(acl->count + 2, sizeof(*members));
    size_t count = 2;

    if (!members)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < acl->count; i++) {
        struct imap_acl_entry *entry = &acl->entries[i];
        int64_t member = permission_member(entry->identifier);
        struct imap_acl_entry *place = member == MEMBER_DEFAULT     ? &members[0]
                                       : member == MEMBER_ANONYMOUS ? &members[1]
                                                                    : &members[count];

        if (entry->identifier[0] == '-' || place->identifier) {
            free(entry->identifier);
            continue;
        }
        *place = *entry;
        count += place == &members[count];
    }
    free(acl->entries);
    acl->entries = members;
    acl->count = count;
    if (!members[0].identifier)
        members[0].identifier = strdup(ANYONE);
    if (!members[1].identifier)
        members[1].identifier = strdup(ANONYMOUS);
    return members[0].identifier && members[1].identifier ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static WAITS HRESULT read_members(struct account *account, struct imap_lease *lease,
                                  const char *mailbox, struct error_info *error,
                                  struct imap_acl **ret_acl)
{
    struct imap_acl *acl;
    HRESULT hr = imap_acl_get(lease, mailbox, error, &acl);

    if (FAILED(hr))
        return hr;
    hr = take_members(acl);
    if (FAILED(hr)) {
        imap_acl_free(acl);
        return error_set(error, hr, account->key, "out of memory");
    }
    *ret_acl = acl;
    return S_OK;
}

HRESULT account_permissions_list(struct account *account, uint64_t folder, struct error_info *error,
                                 struct imap_acl **ret_acl)
{
    struct imap_lease *lease;
    char *mailbox;
    HRESULT hr = begin(account, folder, error, &lease, &mailbox);

    if (FAILED(hr))
        return hr;
    hr = read_members(account, lease, mailbox, error, ret_acl);
    imap_lease_end(lease);
    free(mailbox);
    return hr;
}

/* --- Changing --------------------------------------------------------------------------------- */

/* The identifier that a change is about: its own, or the list's. */
static HRESULT find_name(struct account *account, const struct imap_acl *acl,
                         const struct permission_change *change, struct error_info *error,
                         const char **ret_name)
{
    const char *name = change->name;

    for (size_t i = 0; !change->name && i < acl->count; i++) {
        if (permission_member(acl->entries[i].identifier) != change->member)
            continue;
        if (name)
            return error_set(error, MAPI_E_COLLISION, account->key,
                             "\"%s\" and \"%s\" cannot be told apart", name,
                             acl->entries[i].identifier);
        name = acl->entries[i].identifier;
    }
    if (!name)
        return error_set(error, MAPI_E_NOT_FOUND, account->key, "the folder has no such member");
    *ret_name = name;
    return S_OK;
}

/* However the server writes us. */
static bool is_ours(const struct account *account, const char *identifier)
{
    char *address = account_permission_address(account, identifier);
    bool ours = strcmp(identifier, account->user) == 0 || strcmp(identifier, OWNER) == 0 ||
                (address && strcasecmp(address, account->email) == 0);

    free(address);
    return ours;
}

static bool is_given(const char *name, const struct imap_acl *acl,
                     const struct permission_change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *given = NULL;

        if (!changes[i].remove && SUCCEEDED(find_name(NULL, acl, &changes[i], NULL, &given)) &&
            strcmp(given, name) == 0)
            return true;
    }
    return false;
}

static WAITS HRESULT remove_others(struct account *account, struct imap_lease *lease,
                                   const char *mailbox, const struct imap_acl *acl,
                                   const struct permission_change *changes, size_t count,
                                   struct error_info *error)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < acl->count; i++) {
        const char *name = acl->entries[i].identifier;

        if (acl->entries[i].rights && !is_ours(account, name) &&
            !is_given(name, acl, changes, count))
            hr = imap_acl_delete(lease, mailbox, name, error);
    }
    return hr;
}

HRESULT account_permissions_change(struct account *account, uint64_t folder, bool replace,
                                   const struct permission_change *changes, size_t count,
                                   struct error_info *error)
{
    struct account_event event = {.kind = ACCOUNT_PERMISSIONS_CHANGED, .folder = folder};
    struct imap_acl *acl = NULL;
    struct imap_lease *lease;
    const char *name;
    char *mailbox;
    HRESULT hr = begin(account, folder, error, &lease, &mailbox);

    if (FAILED(hr))
        return hr;
    hr = read_members(account, lease, mailbox, error, &acl);
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = find_name(account, acl, &changes[i], error, &name);
        if (SUCCEEDED(hr))
            hr = changes[i].remove ? imap_acl_delete(lease, mailbox, name, error)
                                   : imap_acl_set(lease, mailbox, name, changes[i].rights, error);
    }
    if (SUCCEEDED(hr) && replace)
        hr = remove_others(account, lease, mailbox, acl, changes, count, error);
    imap_acl_free(acl);
    imap_lease_end(lease);
    free(mailbox);
    account_rights_forget(account, folder);
    account_emit(account, &event); /* also of what a failure has left half done */
    return hr;
}
