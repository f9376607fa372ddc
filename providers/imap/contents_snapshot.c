/* providers/imap/contents_snapshot.c - the rows of a contents table at one moment
 *
 * A snapshot of the index, the numbers of its UIDs, and what the side store has: read on any
 * thread, nothing a row. */
#include <stdlib.h>

#include "providers/account/message_columns.h"
#include "providers/account/rights.h"
#include "providers/imap/contents_private.h"

static const struct contents_snapshot *from_snapshot(const struct row_snapshot *snapshot)
{
    return container_of(snapshot, struct contents_snapshot, base);
}

static size_t snapshot_count(const struct row_snapshot *base)
{
    const struct contents_snapshot *snapshot = from_snapshot(base);

    return snapshot->mail ? imap_snapshot_count(snapshot->mail) - snapshot->hidden_count : 0;
}

/* Hidden rows are few (a message that is just being replaced): step over them one by one. */
static size_t mail_position(const struct contents_snapshot *snapshot, size_t position)
{
    for (size_t i = 0; i < snapshot->hidden_count && snapshot->hidden[i] <= position; i++)
        position++;
    return position;
}

static uint64_t snapshot_id(const struct row_snapshot *base, size_t position)
{
    const struct contents_snapshot *snapshot = from_snapshot(base);
    uint32_t uid = imap_snapshot_uid(snapshot->mail, mail_position(snapshot, position));

    return folder_numbers_of_uid(snapshot->numbers, uid);
}

static bool snapshot_find(const struct row_snapshot *base, uint64_t id, size_t *ret_position)
{
    const struct contents_snapshot *snapshot = from_snapshot(base);
    size_t position, before = 0;
    uint32_t uid;

    if (!snapshot->mail || !folder_numbers_uid(snapshot->numbers, id, &uid) ||
        !imap_snapshot_find(snapshot->mail, uid, &position))
        return false;
    while (before < snapshot->hidden_count && snapshot->hidden[before] < position)
        before++;
    *ret_position = position - before;
    return true;
}

static HRESULT snapshot_row(const struct row_snapshot *base, size_t position, const ULONG *tags,
                            size_t count, struct arena *scratch, SPropValue *values)
{
    const struct contents_snapshot *snapshot = from_snapshot(base);
    const struct account *account = imap_link_account(snapshot->source->link);
    uint64_t folder = snapshot->source->folder;
    struct imap_row row;
    struct message_view view = {
        .guids = imap_link_guids(snapshot->source->link),
        .folder = folder,
        .row = &row,
        .rights = message_tells_rights(tags, count) ? account_rights_now(account, folder) : 0,
        .store = &snapshot->source->store};

    imap_snapshot_row(snapshot->mail, mail_position(snapshot, position), &row);
    view.number = folder_numbers_of_uid(snapshot->numbers, row.uid);
    return message_row(&view, snapshot->side, tags, count, scratch, values);
}

static HRESULT snapshot_changes(const struct row_snapshot *base, uint64_t since,
                                struct row_change *changes, size_t capacity, size_t *ret_count)
{
    struct contents_source *source = from_snapshot(base)->source;
    HRESULT hr;

    pthread_mutex_lock(&source->lock);
    hr = change_log_read(&source->log, since, base->version, changes, capacity, ret_count);
    pthread_mutex_unlock(&source->lock);
    return hr;
}

static bool snapshot_extends(const struct row_snapshot *base, uint64_t since)
{
    return since >= from_snapshot(base)->grown_from;
}

static void snapshot_destroy(struct row_snapshot *base)
{
    struct contents_snapshot *snapshot = container_of(base, struct contents_snapshot, base);

    imap_snapshot_unref(snapshot->mail);
    folder_numbers_unref(snapshot->numbers);
    side_columns_unref(snapshot->side);
    row_source_unref(&snapshot->source->source);
    free(snapshot);
}

static const struct row_snapshot_ops snapshot_ops = {
    .destroy = snapshot_destroy,
    .count = snapshot_count,
    .id = snapshot_id,
    .find = snapshot_find,
    .row = snapshot_row,
    .changes = snapshot_changes,
    .extends = snapshot_extends,
};

static int compare_positions(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;

    return left < right ? -1 : left > right;
}

static void find_hidden(struct contents_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->numbers->alias_count; i++) {
        const struct folder_alias *alias = &snapshot->numbers->aliases[i];
        size_t position;

        if (alias->number == 0 && imap_snapshot_find(snapshot->mail, alias->uid, &position))
            snapshot->hidden[snapshot->hidden_count++] = position;
    }
    qsort(snapshot->hidden, snapshot->hidden_count, sizeof(snapshot->hidden[0]), compare_positions);
}

HRESULT contents_snapshot(struct row_source *base, struct row_snapshot **ret_snapshot)
{
    struct contents_source *source = contents_from_source(base);
    struct contents_snapshot *snapshot;
    size_t aliases;

    pthread_mutex_lock(&source->lock);
    aliases = source->numbers ? source->numbers->alias_count : 0;
    snapshot = calloc(1, sizeof(*snapshot) + aliases * sizeof(snapshot->hidden[0]));
    if (snapshot) {
        row_snapshot_init(&snapshot->base, &snapshot_ops, source->version);
        snapshot->mail = source->mail ? imap_snapshot_ref(source->mail) : NULL;
        snapshot->base.partial = snapshot->mail && !imap_snapshot_complete(snapshot->mail);
        snapshot->grown_from = source->grown_from;
        snapshot->numbers = source->numbers ? folder_numbers_ref(source->numbers) : NULL;
        snapshot->side = source->side ? side_columns_ref(source->side) : NULL;
    }
    pthread_mutex_unlock(&source->lock);
    if (!snapshot)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    snapshot->source = contents_from_source(row_source_ref(base));
    if (snapshot->mail && snapshot->numbers)
        find_hidden(snapshot);
    *ret_snapshot = &snapshot->base;
    return S_OK;
}
