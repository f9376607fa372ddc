/* providers/account/contents.c - the messages of the folders that somebody looks at
 *
 * A folder that is watched has an index, kept current by one watch that all who look share, and the
 * aliases that turn its UIDs into numbers. What the index reports becomes events with numbers.
 * When the last one has looked away the index stays for a while, so that opening the folder again
 * costs only what changed. */
#include <stdlib.h>

#include "mapi/array.h"
#include "providers/account/contents.h"
#include "providers/account/messages.h"
#include "providers/imap/client/watch.h"

#define KEPT_MAX      8     /* indexes without a watch */
#define ANNOUNCED_MAX 10000 /* copies that the index has not seen yet */

struct contents *account_contents_find(struct account *account, uint64_t folder)
{
    for (struct contents *contents = account->contents; contents; contents = contents->next)
        if (contents->folder == folder)
            return contents;
    return NULL;
}

struct imap_index *account_contents_index(struct account *account, uint64_t folder)
{
    struct contents *contents = account_contents_find(account, folder);

    return contents ? contents->index : NULL;
}

/* --- From the index to events ----------------------------------------------------------------- */

void account_contents_announce(struct account *account, uint64_t folder, const uint64_t *numbers,
                               size_t count)
{
    struct contents *contents = account_contents_find(account, folder);

    if (!contents || !contents->index || count > ANNOUNCED_MAX)
        return;
    if (contents->announced_count + count > ANNOUNCED_MAX)
        contents->announced_count = 0; /* they are told twice then, which does no harm */
    for (size_t i = 0; i < count; i++)
        if (numbers[i] &&
            !array_append(&contents->announced, &contents->announced_count, &numbers[i]))
            return;
}

static bool take_announced(struct contents *contents, uint64_t number)
{
    for (size_t i = 0; i < contents->announced_count; i++)
        if (contents->announced[i] == number) {
            contents->announced[i] = contents->announced[--contents->announced_count];
            return true;
        }
    return false;
}

static void emit_numbers(struct account *account, enum account_event_kind kind, uint64_t folder,
                         const uint64_t *numbers, size_t count)
{
    struct account_event event = {
        .kind = kind, .folder = folder, .numbers = numbers, .count = count};

    if (count > 0 || kind == ACCOUNT_MESSAGES_RELOADED)
        account_emit(account, &event);
}

/* Until arrivals that wait have their numbers, the index has more than can be told. */
static void emit_settled(const struct contents *contents)
{
    struct account_event event = {.kind = ACCOUNT_MESSAGES_SETTLED, .folder = contents->folder};

    if (contents->waiting_count == 0)
        account_emit(contents->account, &event);
}

/* What came or went: that which has been told moves to the front and has an event of its own. */
static void emit_passage(struct contents *contents, enum account_event_kind kind, uint64_t *numbers,
                         size_t count)
{
    struct account_event event = {
        .kind = kind, .folder = contents->folder, .numbers = numbers, .told = true};

    for (size_t i = 0; i < count && contents->announced_count > 0; i++)
        if (take_announced(contents, numbers[i])) {
            uint64_t number = numbers[i];

            numbers[i] = numbers[event.count];
            numbers[event.count++] = number;
        }
    if (event.count > 0)
        account_emit(contents->account, &event);
    emit_numbers(contents->account, kind, contents->folder, numbers + event.count,
                 count - event.count);
}

static bool is_rewritten(const struct folder_numbers *numbers, uint32_t uid, uint64_t number)
{
    return number_kind(number) == NUMBER_MESSAGE &&
           number != number_from_uid(numbers->generation, uid);
}

static bool is_announced(const struct contents *contents, uint64_t number)
{
    for (size_t i = 0; i < contents->announced_count; i++)
        if (contents->announced[i] == number)
            return true;
    return false;
}

/* Sorts the arrived UIDs into new messages, rewritten ones (whose number stays) and new mail. */
struct arrivals {
    uint64_t *added, *changed, *mail;
    size_t added_count, changed_count, mail_count;
    bool *attached; /* of `mail` */
};

static void arrivals_clear(struct arrivals *arrivals)
{
    free(arrivals->added);
    free(arrivals->changed);
    free(arrivals->mail);
    free(arrivals->attached);
}

static bool add_mail(struct arrivals *arrivals, const struct imap_snapshot *snapshot,
                     size_t position, uint64_t number)
{
    size_t at = arrivals->mail_count;
    struct imap_row row;

    imap_snapshot_row(snapshot, position, &row);
    return array_append(&arrivals->attached, &at, &row.has_attachment) &&
           array_append(&arrivals->mail, &arrivals->mail_count, &number);
}

static bool arrivals_sort(const struct contents *contents, const struct imap_snapshot *snapshot,
                          const uint32_t *uids, size_t count, struct arrivals *arrivals)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t number = folder_numbers_of_uid(contents->numbers, uids[i]);
        size_t position;

        if (number == 0)
            continue;
        if (is_rewritten(contents->numbers, uids[i], number)) {
            if (!array_append(&arrivals->changed, &arrivals->changed_count, &number))
                return false;
            continue;
        }
        if (!array_append(&arrivals->added, &arrivals->added_count, &number))
            return false;
        if (!is_announced(contents, number) && imap_snapshot_find(snapshot, uids[i], &position) &&
            !(imap_snapshot_flags(snapshot, position) & IMAP_FLAG_SEEN) &&
            !add_mail(arrivals, snapshot, position, number))
            return false;
    }
    return true;
}

static bool numbers_of(const struct contents *contents, const uint32_t *uids, size_t count,
                       uint64_t **ret_numbers, size_t *ret_count)
{
    *ret_numbers = NULL;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = folder_numbers_of_uid(contents->numbers, uids[i]);

        if (number != 0 && !array_append(ret_numbers, ret_count, &number)) {
            free(*ret_numbers);
            return false;
        }
    }
    return true;
}

static void report_list(struct contents *contents, enum account_event_kind kind,
                        const uint32_t *uids, size_t count)
{
    uint64_t *numbers;
    size_t number_count;

    if (!numbers_of(contents, uids, count, &numbers, &number_count)) {
        emit_numbers(contents->account, ACCOUNT_MESSAGES_RELOADED, contents->folder, NULL, 0);
        return;
    }
    if (kind == ACCOUNT_MESSAGES_REMOVED)
        emit_passage(contents, kind, numbers, number_count);
    else
        emit_numbers(contents->account, kind, contents->folder, numbers, number_count);
    free(numbers);
}

static void report_arrivals(struct contents *contents, const uint32_t *uids, size_t count)
{
    struct imap_snapshot *snapshot = imap_index_snapshot(contents->index);
    struct account *account = contents->account;
    struct account_event mail = {.kind = ACCOUNT_NEW_MAIL, .folder = contents->folder};
    struct arrivals arrivals = {0};

    if (arrivals_sort(contents, snapshot, uids, count, &arrivals)) {
        emit_passage(contents, ACCOUNT_MESSAGES_ADDED, arrivals.added, arrivals.added_count);
        emit_numbers(account, ACCOUNT_MESSAGES_CHANGED, contents->folder, arrivals.changed,
                     arrivals.changed_count);
        mail.numbers = arrivals.mail;
        mail.count = arrivals.mail_count;
        mail.attached = arrivals.attached;
        if (mail.count > 0)
            account_emit(account, &mail);
    } else {
        emit_numbers(account, ACCOUNT_MESSAGES_RELOADED, contents->folder, NULL, 0);
    }
    arrivals_clear(&arrivals);
    imap_snapshot_unref(snapshot);
}

/* The counts in the tree follow the index without waiting for the next LIST. */
static void report_counts(struct contents *contents)
{
    struct imap_snapshot *snapshot = imap_index_snapshot(contents->index);

    if (imap_snapshot_complete(snapshot))
        account_tree_set_counts(contents->account, contents->folder,
                                (uint32_t)imap_snapshot_count(snapshot),
                                (uint32_t)imap_snapshot_unseen(snapshot));
    imap_snapshot_unref(snapshot);
}

static void index_changed(struct imap_index_listener *listener,
                          const struct imap_index_change *change)
{
    struct contents *contents =
        (struct contents *)((char *)listener - offsetof(struct contents, listener));

    if (change->events & (IMAP_INDEX_RESET | IMAP_INDEX_GONE)) {
        contents->stale = true; /* another generation: the poller lists anew and reloads numbers */
        account_poll_now(contents->account);
        return;
    }
    if (contents->held > 0 &&
        change->added_count > 0) { /* a rewrite is under way: wait for its alias */
        for (size_t i = 0; i < change->added_count; i++)
            if (!array_append(&contents->waiting, &contents->waiting_count, &change->added[i]))
                contents->stale = true;
    } else if (change->added_count > 0) {
        report_arrivals(contents, change->added, change->added_count);
    }
    report_list(contents, ACCOUNT_MESSAGES_CHANGED, change->changed, change->changed_count);
    report_list(contents, ACCOUNT_MESSAGES_REMOVED, change->removed, change->removed_count);
    if (change->events & IMAP_INDEX_FILLED)
        emit_numbers(contents->account, ACCOUNT_MESSAGES_RELOADED, contents->folder, NULL, 0);
    emit_settled(contents);
    report_counts(contents);
}

/* --- A rewrite: arrivals wait until the alias is known ---------------------------------------- */

void account_contents_hold(struct account *account, uint64_t folder)
{
    struct contents *contents = account_contents_find(account, folder);

    if (contents)
        contents->held++;
}

HRESULT account_contents_release(struct account *account, uint64_t folder, struct error_info *error)
{
    struct contents *contents = account_contents_find(account, folder);
    HRESULT hr = S_OK;

    if (!contents || contents->held == 0 || --contents->held > 0)
        return S_OK;
    hr = account_contents_renumber(account, contents, error);
    contents = account_contents_find(account, folder); /* it waited */
    if (contents && contents->waiting_count > 0) {
        uint32_t *waiting = contents->waiting;
        size_t count = contents->waiting_count;

        contents->waiting = NULL;
        contents->waiting_count = 0;
        report_arrivals(contents, waiting, count);
        free(waiting);
    }
    if (contents)
        emit_settled(contents);
    return hr;
}

HRESULT account_contents_renumber(struct account *account, struct contents *contents,
                                  struct error_info *error)
{
    const struct folder_numbers *numbers;
    uint64_t folder = contents->folder;
    HRESULT hr = account_numbers_load(account, folder, error, &numbers);

    if (FAILED(hr))
        return hr;
    contents = account_contents_find(account, folder);
    if (!contents) {
        folder_numbers_unref(numbers);
        return S_OK;
    }
    folder_numbers_unref(contents->numbers);
    contents->numbers = numbers;
    return S_OK;
}

HRESULT account_contents_refresh_stale(struct account *account, struct error_info *error)
{
    HRESULT hr = S_OK;

    for (struct contents *contents = account->contents; contents && SUCCEEDED(hr);) {
        uint64_t folder = contents->folder;

        if (contents->stale) {
            contents->stale = false;
            hr = account_contents_renumber(account, contents, error);
            emit_numbers(account, ACCOUNT_MESSAGES_RELOADED, folder, NULL, 0);
            contents = account_contents_find(account, folder);
        }
        contents = contents ? contents->next : NULL;
    }
    return hr;
}

/* --- Looking and looking away ----------------------------------------------------------------- */

static WAITS void contents_free(struct contents *contents)
{
    if (!contents)
        return;
    imap_watch_stop(contents->watch);
    if (contents->index) {
        imap_index_unlisten(contents->index, &contents->listener);
        imap_index_close(contents->index);
        imap_index_unref(contents->index);
    }
    folder_numbers_unref(contents->numbers);
    free(contents->waiting);
    free(contents->announced);
    free(contents);
}

static struct contents *contents_unlink(struct account *account, struct contents *contents)
{
    struct contents **link = &account->contents;

    while (*link && *link != contents)
        link = &(*link)->next;
    if (!*link)
        return NULL;
    *link = contents->next;
    return contents;
}

static WAITS HRESULT contents_create(struct account *account, const struct folder *folder,
                                     struct error_info *error, struct contents **ret_contents)
{
    struct contents *contents = calloc(1, sizeof(*contents));
    HRESULT hr;

    if (!contents)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    contents->account = account;
    contents->folder = folder->number;
    contents->listener.changed = index_changed;
    hr = account_numbers_load(account, folder->number, error, &contents->numbers);
    if (SUCCEEDED(hr))
        hr = imap_index_create(account->imap, folder->mailbox, &contents->index);
    if (FAILED(hr)) {
        contents_free(contents);
        return hr;
    }
    imap_index_listen(contents->index, &contents->listener);
    *ret_contents = contents;
    return S_OK;
}

HRESULT account_folder_watch(struct account *account, uint64_t number, struct error_info *error,
                             struct imap_index **ret_index)
{
    struct contents *contents = account_contents_find(account, number);
    HRESULT hr = S_OK;

    if (!contents) {
        const struct folder_tree *tree = account_folder_tree(account);
        const struct folder *folder = folder_tree_find(tree, number);
        struct contents *made = NULL;

        if (!folder)
            hr = error_set(error, MAPI_E_NOT_FOUND, account->key, "the folder is gone");
        else if (!folder->mailbox || (folder->attributes & IMAP_MAILBOX_NOSELECT))
            hr = error_set(error, MAPI_E_NO_SUPPORT, account->key, "\"%s\" holds no mail",
                           folder->name);
        else
            hr = contents_create(account, folder, error, &made);
        folder_tree_unref(tree);
        if (FAILED(hr))
            return hr;
        contents = account_contents_find(account, number);
        if (contents) { /* somebody else was faster while this one waited */
            contents_free(made);
        } else {
            contents = made;
            contents->next = account->contents;
            account->contents = contents;
        }
    }
    if (!contents->watch)
        hr = imap_watch_start(contents->index, &contents->watch);
    if (FAILED(hr))
        return error_set(error, hr, account->key, "the folder cannot be watched");
    contents->users++;
    *ret_index = imap_index_ref(contents->index);
    return S_OK;
}

/* Frees the index that nobody has looked at for longest, when there are too many. */
static WAITS void trim_kept(struct account *account)
{
    struct contents *oldest = NULL;
    size_t kept = 0;

    for (struct contents *contents = account->contents; contents; contents = contents->next)
        if (contents->users == 0) {
            kept++;
            if (!oldest || contents->left_at < oldest->left_at)
                oldest = contents;
        }
    if (kept > KEPT_MAX)
        contents_free(contents_unlink(account, oldest));
}

void account_folder_unwatch(struct account *account, uint64_t number)
{
    struct contents *contents = account_contents_find(account, number);
    struct imap_watch *watch;

    if (!contents || --contents->users > 0)
        return;
    contents->left_at = engine_now();
    watch = contents->watch;
    contents->watch = NULL;
    imap_watch_stop(watch);
    trim_kept(account);
}

void account_contents_close(struct account *account)
{
    while (account->contents)
        contents_free(contents_unlink(account, account->contents));
}
