/* providers/account/rights.c - what the user may do with a folder */
#include "providers/account/rights.h"

#include <stdlib.h>

#include "providers/account/account-private.h"

#define RIGHTS_FRESH_MS 60000
#define RIGHTS_AGAIN_MS 1000 /* a refusal that is older is asked for again */

/* --- What is known ---------------------------------------------------------------------------- */

/* tree_lock held. */
static struct known_rights *find(const struct account *account, uint64_t folder)
{
    for (size_t i = 0; i < KNOWN_RIGHTS_MAX; i++)
        if (account->rights[i].folder == folder)
            return (struct known_rights *)&account->rights[i];
    return NULL;
}

static bool look(const struct account *account, uint64_t folder, struct known_rights *ret_known)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)&account->tree_lock;
    const struct known_rights *known;

    pthread_mutex_lock(lock);
    known = find(account, folder);
    *ret_known =
        known ? *known : (struct known_rights){.folder = folder, .rights = IMAP_RIGHTS_ALL};
    pthread_mutex_unlock(lock);
    return known != NULL;
}

/* In the place of the one that was asked for longest ago, when there is no other. */
static void remember(struct account *account, const struct known_rights *heard)
{
    struct known_rights *place;

    pthread_mutex_lock(&account->tree_lock);
    place = find(account, heard->folder);
    if (!place) {
        place = account->rights;
        for (size_t i = 1; i < KNOWN_RIGHTS_MAX; i++)
            if (account->rights[i].asked_at < place->asked_at)
                place = &account->rights[i];
    }
    *place = *heard;
    pthread_mutex_unlock(&account->tree_lock);
}

uint32_t account_rights_now(const struct account *account, uint64_t folder)
{
    struct known_rights known;

    look(account, folder, &known);
    return known.rights;
}

void account_rights_forget(struct account *account, uint64_t folder)
{
    struct known_rights *known;

    pthread_mutex_lock(&account->tree_lock);
    known = find(account, folder);
    if (known)
        known->asked_at = 0;
    pthread_mutex_unlock(&account->tree_lock);
}

/* --- Asking ----------------------------------------------------------------------------------- */

bool account_may_ask(const struct account *account, uint32_t capability)
{
    struct imap_status_report report;

    imap_client_status(account->imap, &report);
    return report.state == IMAP_READY && imap_client_capabilities(account->imap) & capability;
}

static WAITS HRESULT ask(struct account *account, uint64_t folder, uint32_t *ret_rights)
{
    const struct folder_tree *tree = account_folder_tree(account);
    const struct folder *found = folder_tree_find(tree, folder);
    uint64_t deadline = engine_now() + ACCOUNT_ASK_MS;
    struct imap_lease *lease;
    HRESULT hr = found && found->mailbox ? S_OK : MAPI_E_NO_SUPPORT;

    if (SUCCEEDED(hr))
        hr = imap_lease_begin(account->imap, NULL, 0, deadline, NULL, &lease);
    if (SUCCEEDED(hr)) {
        imap_lease_set_deadline(lease, deadline);
        hr = imap_acl_mine(lease, found->mailbox, NULL, ret_rights);
        imap_lease_end(lease);
    }
    folder_tree_unref(tree);
    return hr;
}

static WAITS struct known_rights ask_older(struct account *account, uint64_t folder,
                                           uint64_t age_ms)
{
    struct account_event event = {.kind = ACCOUNT_FOLDER_CHANGED, .folder = folder};
    struct known_rights known, heard = {.folder = folder, .asked_at = engine_now()};
    bool is_known = look(account, folder, &known);

    if (is_known && known.asked_at && heard.asked_at < known.asked_at + age_ms)
        return known;
    if (!account_may_ask(account, IMAP_CAP_ACL))
        return known;
    if (FAILED(ask(account, folder, &heard.rights)))
        return known;
    remember(account, &heard);
    if (heard.rights != known.rights)
        account_emit(account, &event);
    return heard;
}

uint32_t account_rights_ask(struct account *account, uint64_t folder)
{
    return ask_older(account, folder, RIGHTS_FRESH_MS).rights;
}

HRESULT account_rights_need(struct account *account, uint64_t folder, uint32_t needed,
                            struct error_info *error)
{
    struct known_rights known = ask_older(account, folder, RIGHTS_FRESH_MS);

    if ((known.rights & needed) != needed)
        known = ask_older(account, folder, RIGHTS_AGAIN_MS);
    if ((known.rights & needed) == needed)
        return S_OK;
    return error_set(error, MAPI_E_NO_ACCESS, account->key,
                     "the server does not give you the right to do this with the folder");
}
