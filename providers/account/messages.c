/* providers/account/messages.c - what is done to many messages of a folder at once
 *
 * Numbers become UIDs, one IMAP command does the work, and what the server says it did becomes new
 * numbers and events. UIDs that are not there are counted, not refused. */
#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/mapitags.h"
#include "providers/account/contents.h"
#include "providers/account/quota.h"
#include "providers/account/receipt.h"
#include "providers/account/rights.h"
#include "providers/account/uid_search.h"
#include "state/props.h"
#include "state/queue.h"

#define COPY_TRIES 4 /* while others expunge what is to be copied */

/* The UIDs of some messages of one folder, and a session with its mailbox selected. */
struct selection {
    struct account *account;
    uint64_t folder;
    char *mailbox;
    const struct folder_numbers *numbers;
    struct imap_lease *lease;
    uint32_t *uids; /* of those that are there */
    size_t *asked;  /* uids[i] was numbers[asked[i]] in the call */
    size_t count;
    size_t missing;
};

static void selection_end(struct selection *selection)
{
    imap_lease_end(selection->lease);
    folder_numbers_unref(selection->numbers);
    free(selection->mailbox);
    free(selection->uids);
    free(selection->asked);
}

static int compare_uids(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

/* Which of the wanted UIDs are there? The index knows when it is complete, otherwise the server. */
static WAITS HRESULT present_uids(struct selection *selection, const uint32_t *wanted, size_t count,
                                  struct error_info *error, struct imap_uids *ret_present)
{
    struct contents *contents = account_contents_find(selection->account, selection->folder);

    if (contents && contents->watch) {
        struct imap_snapshot *snapshot = imap_index_snapshot(contents->index);
        bool complete = imap_snapshot_complete(snapshot);
        size_t position, found = 0;
        uint32_t *uids = complete ? malloc((count + 1) * sizeof(*uids)) : NULL;

        for (size_t i = 0; uids && i < count; i++)
            if (imap_snapshot_find(snapshot, wanted[i], &position))
                uids[found++] = wanted[i];
        imap_snapshot_unref(snapshot);
        if (complete && !uids)
            return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, NULL, "out of memory");
        if (complete) {
            qsort(uids, found, sizeof(*uids), compare_uids);
            *ret_present = (struct imap_uids){.uids = uids, .count = found};
            return S_OK;
        }
    }
    return account_search_uids(selection->lease, wanted, count, NULL, error, ret_present);
}

static HRESULT keep_present(struct selection *selection, const uint32_t *wanted,
                            const struct imap_uids *present, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t kept = selection->count;

        if (!wanted[i] || !present->count ||
            !bsearch(&wanted[i], present->uids, present->count, sizeof(present->uids[0]),
                     compare_uids)) {
            selection->missing++;
            continue;
        }
        if (!array_append(&selection->uids, &kept, &wanted[i]) ||
            !array_append(&selection->asked, &selection->count, &i))
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return S_OK;
}

/* Selects the folder's mailbox and finds the UIDs of `numbers`. selection_end in any case. */
static WAITS HRESULT select_messages(struct account *account, uint64_t folder,
                                     const uint64_t *numbers, size_t count,
                                     struct error_info *error, struct selection *selection)
{
    const struct folder_tree *tree = account_folder_tree(account);
    const struct folder *found = folder_tree_find(tree, folder);
    uint32_t uidvalidity = found ? found->uidvalidity : 0;
    struct imap_uids present = {0};
    uint32_t *wanted;
    HRESULT hr = S_OK;

    *selection = (struct selection){.account = account, .folder = folder};
    if (found && found->mailbox)
        selection->mailbox = strdup(found->mailbox);
    folder_tree_unref(tree);
    if (!selection->mailbox)
        return error_set(error, MAPI_E_NOT_FOUND, account->key, "the folder is gone");
    wanted = calloc(count + 1, sizeof(*wanted));
    if (!wanted)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");

    hr = account_folder_numbers(account, folder, error, &selection->numbers);
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        if (!folder_numbers_uid(selection->numbers, numbers[i], &wanted[i]))
            wanted[i] = 0;
    if (SUCCEEDED(hr))
        hr = imap_lease_begin(account->imap, selection->mailbox, 0, NO_DEADLINE, error,
                              &selection->lease);
    if (SUCCEEDED(hr) && imap_lease_selected(selection->lease)->uidvalidity != uidvalidity) {
        account_poll_now(account);
        hr = error_set(error, MAPI_E_NOT_FOUND, account->key,
                       "the mailbox has been made anew (another UIDVALIDITY)");
    }
    if (SUCCEEDED(hr))
        hr = present_uids(selection, wanted, count, error, &present);
    if (SUCCEEDED(hr) && FAILED(hr = keep_present(selection, wanted, &present, count)))
        error_set(error, hr, account->key, "out of memory");
    free(present.uids);
    free(wanted);
    return hr;
}

static void emit_asked(const struct selection *selection, enum account_event_kind kind, bool told,
                       const uint64_t *numbers)
{
    struct account_event event = {.kind = kind, .folder = selection->folder, .told = told};
    uint64_t *affected = malloc((selection->count + 1) * sizeof(*affected));

    if (affected) {
        for (size_t i = 0; i < selection->count; i++)
            affected[i] = numbers[selection->asked[i]];
        event.numbers = affected;
        event.count = selection->count;
    } else {
        event.kind = ACCOUNT_MESSAGES_RELOADED;
    }
    account_emit(selection->account, &event);
    free(affected);
}

/* \Seen and \Deleted have rights of their own (RFC 4314 4). */
static uint32_t rights_of_flags(uint32_t flags)
{
    uint32_t rights = 0;

    if (flags & IMAP_FLAG_SEEN)
        rights |= IMAP_RIGHT_SEEN;
    if (flags & IMAP_FLAG_DELETED)
        rights |= IMAP_RIGHT_DELETE;
    if (flags & ~(uint32_t)(IMAP_FLAG_SEEN | IMAP_FLAG_DELETED))
        rights |= IMAP_RIGHT_WRITE;
    return rights;
}

HRESULT account_messages_flag(struct account *account, uint64_t folder, const uint64_t *numbers,
                              size_t count, enum imap_store_how how, uint32_t flags,
                              struct error_info *error, size_t *ret_missing)
{
    struct selection selection;
    HRESULT hr = account_rights_need(account, folder, rights_of_flags(flags), error);

    if (FAILED(hr))
        return hr;
    hr = select_messages(account, folder, numbers, count, error, &selection);
    if (SUCCEEDED(hr) && selection.count > 0)
        hr = imap_flags_store(selection.lease, selection.uids, selection.count, how, flags, NULL, 0,
                              error, NULL);
    if (SUCCEEDED(hr) && selection.count > 0) {
        struct imap_index *index = account_contents_index(account, folder);

        if (index) /* its listener tells the observers */
            imap_index_flags_stored(index, selection.uids, selection.count, how, flags);
        else
            emit_asked(&selection, ACCOUNT_MESSAGES_CHANGED, false, numbers);
    }
    if (SUCCEEDED(hr) && ret_missing)
        *ret_missing = selection.missing;
    selection_end(&selection);
    return hr;
}

HRESULT account_messages_leave_queued(struct account *account, uint64_t *numbers, size_t *count,
                                      struct error_info *error)
{
    struct state_submission *rows;
    size_t row_count, left = 0;
    HRESULT hr = state_queue_list(account->mailbox, error, &rows, &row_count);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < *count; i++) {
        bool queued = false;

        for (size_t r = 0; r < row_count && !queued; r++)
            queued = rows[r].number == numbers[i];
        if (!queued)
            numbers[left++] = numbers[i];
    }
    *count = left;
    free(rows);
    return S_OK;
}

HRESULT account_message_exists(struct account *account, uint64_t folder, uint64_t number,
                               struct error_info *error, bool *ret_there)
{
    struct selection selection;
    HRESULT hr = select_messages(account, folder, &number, 1, error, &selection);

    if (SUCCEEDED(hr))
        *ret_there = selection.count == 1;
    selection_end(&selection);
    return hr;
}

/* What was removed leaves the index, whose listener tells the observers; without one they are told
 * here. */
static void removed(const struct selection *selection, bool told, const uint64_t *numbers)
{
    struct imap_index *index = account_contents_index(selection->account, selection->folder);

    if (index)
        imap_index_removed(index, selection->uids, selection->count);
    else
        emit_asked(selection, ACCOUNT_MESSAGES_REMOVED, told, numbers);
}

/* The side store's rows of what is gone. Rows that stay are of no number that is used again:
 * failing is harmless. */
static WAITS void forget_side(const struct selection *selection, const uint64_t *numbers)
{
    uint64_t *gone = calloc(selection->count, sizeof(*gone));

    for (size_t i = 0; gone && i < selection->count; i++)
        gone[i] = numbers[selection->asked[i]];
    if (gone)
        state_props_forget(selection->account->mailbox, gone, selection->count, NULL);
    free(gone);
}

HRESULT account_messages_delete(struct account *account, uint64_t folder, const uint64_t *numbers,
                                size_t count, struct error_info *error, size_t *ret_missing)
{
    struct selection selection;
    HRESULT hr =
        account_rights_need(account, folder, IMAP_RIGHT_DELETE | IMAP_RIGHT_EXPUNGE, error);

    if (FAILED(hr))
        return hr;
    account_quota_forget(account);
    hr = select_messages(account, folder, numbers, count, error, &selection);
    if (SUCCEEDED(hr) && selection.count > 0)
        hr = imap_expunge(selection.lease, selection.uids, selection.count, error);
    if (SUCCEEDED(hr) && selection.count > 0) {
        removed(&selection, false, numbers);
        forget_side(&selection, numbers);
    }
    if (SUCCEEDED(hr) && ret_missing)
        *ret_missing = selection.missing;
    selection_end(&selection);
    return hr;
}

/* --- Copy and move ---------------------------------------------------------------------------- */

/* The generation of the target that `uidvalidity` belongs to, listing anew when it is not the one
 * we know; 0: it cannot be told. */
static WAITS uint16_t target_generation(struct account *account, uint64_t target,
                                        uint32_t uidvalidity)
{
    for (int tries = 0; tries < 2; tries++) {
        const struct folder_tree *tree = account_folder_tree(account);
        const struct folder *folder = folder_tree_find(tree, target);
        uint16_t generation = folder && folder->uidvalidity == uidvalidity ? folder->generation : 0;

        folder_tree_unref(tree);
        if (generation || uidvalidity == 0)
            return generation;
        if (tries == 0 && FAILED(account_folders_refresh(account, NO_DEADLINE, NULL)))
            return 0;
    }
    return 0;
}

static uint32_t copied_to(const struct imap_copied *copied, uint32_t uid)
{
    for (size_t i = 0; i < copied->count; i++)
        if (copied->pairs[i].from == uid)
            return copied->pairs[i].to;
    return 0;
}

/* Announces the moved or copied ones: old numbers, new numbers, both folders. */
static void emit_copied(const struct selection *selection, enum account_event_kind kind,
                        uint64_t target, const uint64_t *numbers, const uint64_t *new_numbers)
{
    struct account_event event = {.kind = kind, .folder = target, .old_parent = selection->folder};
    uint64_t *old = NULL, *new = NULL;
    size_t old_count = 0;

    for (size_t i = 0; i < selection->count; i++)
        if (new_numbers[selection->asked[i]] != 0) {
            size_t at = old_count;

            if (!array_append(&new, &at, &new_numbers[selection->asked[i]]) ||
                !array_append(&old, &old_count, &numbers[selection->asked[i]]))
                break;
        }
    event.numbers = old;
    event.new_numbers = new;
    event.count = old_count;
    if (old_count > 0) {
        account_contents_announce(selection->account, target, new, old_count);
        if (kind == ACCOUNT_MESSAGES_MOVED)
            account_contents_announce(selection->account, selection->folder, old, old_count);
        account_emit(selection->account, &event);
    }
    free(old);
    free(new);
}

static HRESULT target_mailbox(struct account *account, uint64_t target, struct error_info *error,
                              char **ret_mailbox)
{
    const struct folder_tree *tree = account_folder_tree(account);
    const struct folder *folder = folder_tree_find(tree, target);
    char *mailbox = folder && folder->mailbox ? strdup(folder->mailbox) : NULL;
    bool found = folder != NULL;

    folder_tree_unref(tree);
    if (!found)
        return error_set(error, MAPI_E_NOT_FOUND, account->key, "the target folder is gone");
    if (!mailbox)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    *ret_mailbox = mailbox;
    return S_OK;
}

/* After the command: the new numbers, the removed rows, the news. */
static WAITS HRESULT conclude_copy(struct selection *selection, uint64_t target, bool move,
                                   const uint64_t *numbers, size_t count,
                                   const struct imap_copied *copied, struct error_info *error,
                                   uint64_t *new_numbers)
{
    static const ULONG left[] = {PR_MSG_STATUS}; /* STO-138 */
    const struct state_transfer transfer = {.from = numbers,
                                            .to = new_numbers,
                                            .count = count,
                                            .left = left,
                                            .left_count = 1,
                                            .move = move};
    uint16_t generation = target_generation(selection->account, target, copied->uidvalidity);
    struct imap_index *index;
    HRESULT hr;

    for (size_t i = 0; i < selection->count; i++) {
        uint32_t uid = copied_to(copied, selection->uids[i]);

        if (uid && generation)
            new_numbers[selection->asked[i]] = number_from_uid(generation, uid);
    }
    hr = state_props_transfer(selection->account->mailbox, &transfer, error);
    emit_copied(selection, move ? ACCOUNT_MESSAGES_MOVED : ACCOUNT_MESSAGES_COPIED, target, numbers,
                new_numbers);
    if (move)
        removed(selection, true, numbers);
    index = account_contents_index(selection->account, target);
    if (index)
        imap_index_refresh_later(index);
    return hr;
}

/* Copies of unread messages that ask for a receipt, which is the original's to send (STO-226). What
 * fails here costs a sender no more than a second receipt. */
static WAITS void silence_copies(struct account *account, const struct selection *selection,
                                 uint64_t target, const uint64_t *numbers,
                                 const uint64_t *new_numbers)
{
    uint64_t *asked = calloc(selection->count + 1, sizeof(*asked)), *pending = NULL, *copies = NULL;
    size_t pending_count = 0, copy_count = 0;

    for (size_t i = 0; asked && i < selection->count; i++)
        asked[i] = numbers[selection->asked[i]];
    if (asked && selection->count > 0)
        account_receipts_pending(account, selection->folder, asked, selection->count, true, NULL,
                                 &pending, &pending_count);
    for (size_t p = 0; p < pending_count; p++)
        for (size_t i = 0; i < selection->count; i++)
            if (asked[i] == pending[p] && new_numbers[selection->asked[i]])
                array_append(&copies, &copy_count, &new_numbers[selection->asked[i]]);
    if (copy_count > 0)
        account_messages_flag(account, target, copies, copy_count, IMAP_STORE_ADD,
                              IMAP_FLAG_MDNSENT, NULL, NULL);
    free(copies);
    free(pending);
    free(asked);
}

/* A server copies none of the messages when one has been expunged since it was looked for
 * (EXPUNGEISSUED): then those that are left. selection_end in any case. */
static WAITS HRESULT copy_present(struct account *account, uint64_t folder, const uint64_t *numbers,
                                  size_t count, const char *mailbox, bool move,
                                  struct error_info *error, struct selection *selection,
                                  struct imap_copied *ret_copied)
{
    HRESULT hr = MAPI_E_OBJECT_DELETED;

    for (int tries = 0; hr == MAPI_E_OBJECT_DELETED && tries < COPY_TRIES; tries++) {
        selection_end(selection);
        hr = select_messages(account, folder, numbers, count, error, selection);
        if (FAILED(hr) || selection->count == 0)
            return hr;
        hr = move ? imap_move(selection->lease, selection->uids, selection->count, mailbox, error,
                              ret_copied)
                  : imap_copy(selection->lease, selection->uids, selection->count, mailbox, error,
                              ret_copied);
    }
    return hr;
}

HRESULT account_messages_copy(struct account *account, uint64_t folder, const uint64_t *numbers,
                              size_t count, uint64_t target, bool move, struct error_info *error,
                              uint64_t *ret_new_numbers, size_t *ret_missing)
{
    struct imap_copied copied = {0};
    struct selection selection = {0};
    uint64_t *new_numbers;
    char *mailbox = NULL;
    HRESULT hr = account_folder_ensure(account, target, error);

    if (SUCCEEDED(hr))
        hr = account_rights_need(account, target, IMAP_RIGHT_INSERT, error);
    if (SUCCEEDED(hr) && move)
        hr = account_rights_need(account, folder, IMAP_RIGHT_DELETE | IMAP_RIGHT_EXPUNGE, error);
    if (SUCCEEDED(hr))
        hr = target_mailbox(account, target, error, &mailbox);
    if (FAILED(hr))
        return hr;
    account_quota_forget(account);
    new_numbers = calloc(count + 1, sizeof(*new_numbers));
    account_contents_hold(account, target); /* nobody hears of the new ones before they are named */
    hr = new_numbers ? copy_present(account, folder, numbers, count, mailbox, move, error,
                                    &selection, &copied)
                     : error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    if (SUCCEEDED(hr)) {
        imap_lease_end(selection.lease);
        selection.lease = NULL;
        hr = conclude_copy(&selection, target, move, numbers, count, &copied, error, new_numbers);
        if (!move)
            silence_copies(account, &selection, target, numbers, new_numbers);
        if (ret_new_numbers)
            memcpy(ret_new_numbers, new_numbers, count * sizeof(*new_numbers));
        if (ret_missing)
            *ret_missing = selection.missing;
    }
    if (FAILED(account_contents_release(account, target, NULL)))
        account_poll_now(account);
    imap_copied_clear(&copied);
    selection_end(&selection);
    free(new_numbers);
    free(mailbox);
    return hr;
}
