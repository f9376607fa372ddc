/* providers/account/save.c - putting a message into a folder, anew or in the place of another
 *
 * A new message is an APPEND. Replacing one is the journalled rewrite of docs/mail.md, "Saving":
 * at each point where we may die the number opens a whole message, the old or the new one. The
 * server's answer names the new UID (UIDPLUS); where it does not, a token in the header does,
 * searched for afterwards. */
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/account/contents.h"
#include "providers/account/kept.h"
#include "providers/account/quota.h"
#include "providers/account/rights.h"
#include "state/rewrites.h"

#define TOKEN_HEADER   "X-Mapigate-Token"
#define TOKEN_SIZE     33 /* 128 bits in hex */
#define TOKEN_LINE_MAX 80

struct upload {
    const struct message_save *save;
    char line[TOKEN_LINE_MAX]; /* the token header, sent before the message */
    size_t line_size, line_sent;
};

static HRESULT upload_read(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    struct upload *upload = arg;
    size_t left = upload->line_size - upload->line_sent;

    if (left == 0)
        return upload->save->read(upload->save->arg, buffer, size, ret_size);
    if (size > left)
        size = left;
    memcpy(buffer, upload->line + upload->line_sent, size);
    upload->line_sent += size;
    *ret_size = size;
    return S_OK;
}

static HRESULT token_make(char token[TOKEN_SIZE])
{
    unsigned char bytes[(TOKEN_SIZE - 1) / 2];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return MAPI_E_NOT_ENOUGH_RESOURCES;
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(token + 2 * i, 3, "%02x", bytes[i]);
    return S_OK;
}

/* UIDs in the selected mailbox whose header has the token. */
static WAITS HRESULT token_find(struct imap_lease *lease, const char *token,
                                struct error_info *error, struct imap_uids *ret_uids)
{
    struct imap_query query;
    HRESULT hr;

    imap_query_init(&query);
    imap_query_add(&query, "HEADER " TOKEN_HEADER);
    imap_query_add_string(&query, token);
    hr = imap_search(lease, &query, error, ret_uids);
    imap_query_clear(&query);
    return hr;
}

/* APPEND; *ret_uid is the new UID, found by the token when the server does not tell. */
static WAITS HRESULT append(struct account *account, const char *mailbox,
                            const struct message_save *save, const char *token,
                            struct error_info *error, uint32_t *ret_uidvalidity, uint32_t *ret_uid)
{
    struct upload upload = {.save = save};
    struct imap_lease *lease;
    struct imap_uids found = {0};
    struct imap_append append = {
        .mailbox = mailbox,
        .flags = save->flags,
        .keywords = save->keywords,
        .internaldate = save->internaldate,
        .read = upload_read,
        .arg = &upload,
    };
    HRESULT hr = imap_lease_begin(account->imap, mailbox, 0, NO_DEADLINE, error, &lease);

    if (FAILED(hr))
        return hr;
    if (token)
        upload.line_size =
            (size_t)snprintf(upload.line, sizeof(upload.line), TOKEN_HEADER ": %s\r\n", token);
    append.size = save->size + upload.line_size;
    hr = imap_append(lease, &append, error, ret_uidvalidity, ret_uid);
    if (SUCCEEDED(hr) && *ret_uid == 0) {
        *ret_uidvalidity = imap_lease_selected(lease)->uidvalidity;
        hr = token_find(lease, token, error, &found);
        if (SUCCEEDED(hr) && found.count == 0)
            hr = error_set(error, MAPI_E_CALL_FAILED, account_imap_host(account),
                           "the server took the message but does not show it");
        if (SUCCEEDED(hr))
            *ret_uid = found.uids[found.count - 1];
        free(found.uids);
    }
    imap_lease_end(lease);
    return hr;
}

/* The mailbox of a folder and the generation of its UIDVALIDITY. */
static WAITS HRESULT find_target(struct account *account, uint64_t number, struct error_info *error,
                                 char **ret_mailbox)
{
    const struct folder_tree *tree;
    const struct folder *folder;
    HRESULT hr = account_folder_ensure(account, number, error);

    if (FAILED(hr))
        return hr;
    tree = account_folder_tree(account);
    folder = folder_tree_find(tree, number);
    *ret_mailbox = folder && folder->mailbox ? strdup(folder->mailbox) : NULL;
    folder_tree_unref(tree);
    if (!*ret_mailbox)
        return error_set(error, MAPI_E_NOT_FOUND, account->key, "the folder is gone");
    return S_OK;
}

static WAITS HRESULT find_generation(struct account *account, uint64_t number, uint32_t uidvalidity,
                                     struct error_info *error, uint16_t *ret_generation)
{
    for (int tries = 0; tries < 2; tries++) {
        const struct folder_tree *tree = account_folder_tree(account);
        const struct folder *folder = folder_tree_find(tree, number);
        uint16_t generation = folder && folder->uidvalidity == uidvalidity ? folder->generation : 0;
        HRESULT hr;

        folder_tree_unref(tree);
        if (generation) {
            *ret_generation = generation;
            return S_OK;
        }
        if (tries == 0 && FAILED(hr = account_folders_refresh(account, NO_DEADLINE, error)))
            return hr;
    }
    return error_set(error, MAPI_E_CALL_FAILED, account_imap_host(account),
                     "the mailbox was made anew while a message was saved");
}

/* The index tells the observers what it sees; of a folder that nobody looks at they hear here. */
static void tell_saved(struct account *account, enum account_event_kind kind, uint64_t folder,
                       uint64_t number)
{
    struct imap_index *index = account_contents_index(account, folder);
    struct account_event event = {.kind = kind, .folder = folder, .numbers = &number, .count = 1};

    if (index)
        imap_index_refresh_later(index);
    else
        account_emit(account, &event);
}

static WAITS HRESULT save_new(struct account *account, const struct message_save *save,
                              const char *mailbox, struct error_info *error, uint64_t *ret_number)
{
    bool needs_token = !(imap_client_capabilities(account->imap) & IMAP_CAP_UIDPLUS);
    char token[TOKEN_SIZE];
    uint32_t uidvalidity = 0, uid = 0;
    uint16_t generation;
    HRESULT hr = token_make(token);

    if (FAILED(hr))
        return error_set(error, hr, account->key, "no random numbers");
    hr = append(account, mailbox, save, needs_token ? token : NULL, error, &uidvalidity, &uid);
    if (SUCCEEDED(hr))
        hr = find_generation(account, save->folder, uidvalidity, error, &generation);
    if (FAILED(hr))
        return hr;
    *ret_number = number_from_uid(generation, uid);
    if (save->side)
        hr = account_kept_write(account->mailbox, *ret_number, save->side, error);
    tell_saved(account, ACCOUNT_MESSAGES_ADDED, save->folder, *ret_number);
    return hr;
}

static WAITS HRESULT expunge_one(struct account *account, const char *mailbox, uint32_t uidvalidity,
                                 uint32_t uid, struct error_info *error)
{
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(account->imap, mailbox, 0, NO_DEADLINE, error, &lease);

    if (FAILED(hr))
        return hr;
    if (imap_lease_selected(lease)->uidvalidity == uidvalidity) /* otherwise it is gone anyway */
        hr = imap_expunge(lease, &uid, 1, error);
    imap_lease_end(lease);
    return hr;
}

struct commit {
    struct account *account;
    const struct message_save *save;
    int64_t id; /* of the journal */
    uint16_t generation;
    uint32_t uid;
};

/* The number means the new message and has its properties, or neither. */
static HRESULT commit_job(void *arg)
{
    const struct commit *commit = arg;
    struct state_mailbox *mailbox = commit->account->mailbox;
    uint64_t change_number;
    HRESULT hr = state_rewrite_commit(mailbox, commit->id, commit->generation, commit->uid, NULL,
                                      &change_number);

    if (SUCCEEDED(hr) && commit->save->side)
        hr = account_kept_write(mailbox, commit->save->number, commit->save->side, NULL);
    return hr;
}

/* The journalled part: everything between begin and close. */
static WAITS HRESULT rewrite(struct account *account, const struct message_save *save,
                             const struct message_place *old, uint16_t old_generation,
                             struct error_info *error)
{
    char token[TOKEN_SIZE];
    struct state_rewrite journal = {
        .number = save->number,
        .old_generation = old_generation,
        .old_uid = old->uid,
        .token = token,
    };
    struct commit commit = {.account = account, .save = save};
    uint32_t uidvalidity = 0;
    HRESULT hr = token_make(token);

    if (FAILED(hr))
        return error_set(error, hr, account->key, "no random numbers");
    hr = state_rewrite_begin(account->mailbox, &journal, error, &commit.id);
    if (FAILED(hr))
        return hr;
    hr = append(account, old->mailbox, save, token, error, &uidvalidity, &commit.uid);
    if (FAILED(hr) && hr != MAPI_E_NETWORK_ERROR && hr != MAPI_E_TIMEOUT &&
        hr != MAPI_E_USER_CANCEL) {
        state_rewrite_close(account->mailbox, commit.id,
                            NULL); /* the server refused: nothing to undo */
        return hr;
    }
    if (SUCCEEDED(hr))
        hr = find_generation(account, old->folder, uidvalidity, error, &commit.generation);
    if (SUCCEEDED(hr))
        hr = state_transaction(state_mailbox_state(account->mailbox), commit_job, &commit, error);
    if (FAILED(hr)) {
        account->recovered = false; /* the journal says what is left to do */
        return hr;
    }
    /* From here on the number names the new message: what fails now is finished later. */
    if (SUCCEEDED(expunge_one(account, old->mailbox, old->uidvalidity, old->uid, NULL)))
        state_rewrite_close(account->mailbox, commit.id, NULL);
    else
        account->recovered = false;
    return S_OK;
}

static WAITS HRESULT save_over(struct account *account, const struct message_save *save,
                               struct error_info *error, uint64_t *ret_number)
{
    struct message_place old;
    uint16_t generation;
    HRESULT released, hr = account_message_locate(account, save->number, error, &old);

    if (hr == MAPI_E_NOT_FOUND)
        return error_set(error, MAPI_E_OBJECT_DELETED, account->key, "the message is gone");
    if (FAILED(hr))
        return hr;
    hr = find_generation(account, old.folder, old.uidvalidity, error, &generation);
    if (SUCCEEDED(hr)) {
        account_contents_hold(account, old.folder);
        account->rewriting++;
        hr = rewrite(account, save, &old, generation, error);
        account->rewriting--;
        released = account_contents_release(account, old.folder, NULL);
        if (SUCCEEDED(hr) && FAILED(released))
            account_poll_now(account);
    }
    if (SUCCEEDED(hr))
        tell_saved(account, ACCOUNT_MESSAGES_CHANGED, old.folder, save->number);
    if (SUCCEEDED(hr))
        *ret_number = save->number;
    message_place_clear(&old);
    return hr;
}

/* What a rewrite takes beside what a new message takes. */
#define REPLACING (IMAP_RIGHT_DELETE | IMAP_RIGHT_EXPUNGE)

HRESULT account_message_save(struct account *account, const struct message_save *save,
                             struct error_info *error, uint64_t *ret_number)
{
    struct account_event props = {
        .kind = ACCOUNT_MESSAGES_PROPS, .folder = save->folder, .numbers = ret_number, .count = 1};
    char *mailbox = NULL;
    HRESULT hr;

    account_quota_forget(account);
    hr = account_rights_need(account, save->folder,
                             IMAP_RIGHT_INSERT | (save->number ? REPLACING : 0), error);
    if (FAILED(hr))
        return hr;
    if (save->number != 0) {
        hr = save_over(account, save, error, ret_number);
    } else {
        hr = find_target(account, save->folder, error, &mailbox);
        if (SUCCEEDED(hr))
            hr = save_new(account, save, mailbox, error, ret_number);
        free(mailbox);
    }
    if (SUCCEEDED(hr) && save->side)
        account_emit(account, &props);
    return hr;
}

/* --- After a crash ---------------------------------------------------------------------------- */

/* The server may have the new message of a rewrite that never committed: then it goes, and the old
 * one stays. */
static WAITS HRESULT undo_appending(struct account *account, const struct state_rewrite *journal,
                                    const char *mailbox, struct error_info *error)
{
    struct imap_uids found = {0};
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(account->imap, mailbox, 0, NO_DEADLINE, error, &lease);

    if (FAILED(hr))
        return hr;
    hr = token_find(lease, journal->token, error, &found);
    if (SUCCEEDED(hr) && found.count > 0)
        hr = imap_expunge(lease, found.uids, found.count, error);
    free(found.uids);
    imap_lease_end(lease);
    return hr;
}

static WAITS HRESULT recover_one(struct account *account, const struct state_rewrite *journal,
                                 struct error_info *error)
{
    const struct folder_tree *tree = account_folder_tree(account);
    uint32_t uidvalidity = 0;
    char *mailbox = NULL;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < tree->count && !mailbox; i++)
        if (tree->folders[i].generation == journal->old_generation && tree->folders[i].mailbox) {
            mailbox = strdup(tree->folders[i].mailbox);
            uidvalidity = tree->folders[i].uidvalidity;
        }
    folder_tree_unref(tree);
    if (mailbox && journal->stage == REWRITE_APPENDING)
        hr = undo_appending(account, journal, mailbox, error);
    else if (mailbox)
        hr = expunge_one(account, mailbox, uidvalidity, journal->old_uid, error);
    free(mailbox); /* without one the folder is gone, and both messages with it */
    if (SUCCEEDED(hr))
        hr = state_rewrite_close(account->mailbox, journal->id, error);
    return hr;
}

HRESULT account_rewrites_recover(struct account *account, struct error_info *error)
{
    struct state_rewrite *rewrites;
    size_t count;
    HRESULT hr;

    if (account->recovered || account->rewriting > 0)
        return S_OK;
    hr = state_rewrites_list(account->mailbox, error, &rewrites, &count);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = recover_one(account, &rewrites[i], error);
    free(rewrites);
    if (SUCCEEDED(hr))
        account->recovered = true;
    return hr;
}
