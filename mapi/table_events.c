/* mapi/table_events.c - following the source, and telling the listeners
 *
 * Events are made under the table's lock and posted there, so that they are in the order of the
 * changes. Deleted rows come first, then added and modified ones from top to bottom: a client that
 * does as it is told, event by event, ends with the view as it is (TBL-130). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/propval.h"
#include "mapi/table_private.h"

/* More changes than this and building the view anew is cheaper. */
#define FOLLOW_MAX 256

static void post_simple(struct table *table, ULONG event)
{
    NOTIFICATION notification = {.ulEventType = fnevTableModified, .info.tab.ulTableEvent = event};

    advise_list_post(&table->advises, &notification, NULL, 0);
}

/* The instance key of a row; PR_NULL for none (TBL-122). */
static HRESULT read_index(struct table *table, const struct row_snapshot *snapshot,
                          struct row_ref ref, struct arena *arena, SPropValue *ret_value)
{
    SizedSPropTagArray(1, column) = {1, {table->options.index_tag}};
    bool complete;

    if (ref.id == 0) {
        *ret_value = (SPropValue){.ulPropTag = PR_NULL};
        return S_OK;
    }
    return table_read_row(table, snapshot, ref, (SPropTagArray *)&column, arena, ret_value,
                          &complete);
}

static HRESULT post_deleted(struct table *table, const struct row_snapshot *old,
                            const struct view_change *change, struct arena *arena)
{
    NOTIFICATION notification = {.ulEventType = fnevTableModified,
                                 .info.tab.ulTableEvent = TABLE_ROW_DELETED};
    TABLE_NOTIFICATION *tab = &notification.info.tab;
    HRESULT hr;

    hr = read_index(table, old, change->ref, arena, &tab->propIndex);
    if (SUCCEEDED(hr))
        hr = read_index(table, old, change->prior, arena, &tab->propPrior);
    if (SUCCEEDED(hr))
        advise_list_post(&table->advises, &notification, NULL, 0);
    return hr;
}

static HRESULT post_shown(struct table *table, const struct view_change *change,
                          struct arena *arena)
{
    const struct view *top = table->stack->top;
    const struct row_snapshot *snapshot = table->stack->snapshot;
    NOTIFICATION notification = {.ulEventType = fnevTableModified};
    TABLE_NOTIFICATION *tab = &notification.info.tab;
    struct row_ref prior = {0};
    bool complete;
    HRESULT hr;

    tab->ulTableEvent = change->kind == VIEW_ADDED ? TABLE_ROW_ADDED : TABLE_ROW_MODIFIED;
    if (change->index > 0)
        prior = top->ops->at(top, change->index - 1);
    hr = read_index(table, snapshot, change->ref, arena, &tab->propIndex);
    if (SUCCEEDED(hr))
        hr = read_index(table, snapshot, prior, arena, &tab->propPrior);
    if (FAILED(hr))
        return hr;
    tab->row.lpProps = arena_alloc(arena, table->columns->cValues * sizeof(SPropValue));
    if (!tab->row.lpProps)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    tab->row.cValues = table->columns->cValues;
    hr = table_read_row(table, snapshot, change->ref, table->columns, arena, tab->row.lpProps,
                        &complete);
    if (SUCCEEDED(hr) && !complete)
        hr = ROW_NOT_PREPARED; /* the row cannot be told without waiting */
    if (SUCCEEDED(hr))
        advise_list_post(&table->advises, &notification, NULL, 0);
    return hr;
}

static int compare_changes(const void *a, const void *b)
{
    const struct view_change *left = a, *right = b;
    bool left_gone = left->kind == VIEW_DELETED, right_gone = right->kind == VIEW_DELETED;

    if (left_gone != right_gone)
        return left_gone ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static void post_changes(struct table *table, const struct row_snapshot *old,
                         struct view_changes *list)
{
    struct view_change *changes = list->items;
    struct arena arena = {0};
    HRESULT hr = S_OK;
    size_t kept = 0, i;

    for (i = 0; i < list->count; i++)
        if (changes[i].kind != VIEW_NONE)
            changes[kept++] = changes[i];
    if (kept > table->options.event_limit) {
        post_simple(table, TABLE_CHANGED);
        return;
    }
    qsort(changes, kept, sizeof(*changes), compare_changes);
    for (i = 0; SUCCEEDED(hr) && i < kept; i++) {
        arena_reset(&arena);
        hr = changes[i].kind == VIEW_DELETED ? post_deleted(table, old, &changes[i], &arena)
                                             : post_shown(table, &changes[i], &arena);
    }
    arena_clear(&arena);
    if (FAILED(hr))
        post_simple(table, TABLE_CHANGED);
}

/* The view must be built anew; the listeners hear of it once. */
static void give_up(struct table *table, ULONG event)
{
    if (!table->broken)
        post_simple(table, event);
    table->broken = true;
    table->reloaded |= event == TABLE_RELOAD;
}

/* Rows that came in while the source is being filled are no event, and no mark moves. */
static bool grow(struct table *table, struct row_snapshot *now)
{
    const struct row_snapshot *old = table->stack->snapshot;
    struct view_changes none = {0};

    if (!old->partial || !view_definition_is_plain(table->stack->definition) ||
        !now->ops->extends || !now->ops->extends(now, old->version))
        return false;
    if (FAILED(view_stack_follow(table->stack, now, &none, &table->marks)))
        give_up(table, TABLE_CHANGED);
    return true;
}

/* What the source says has changed, as changes of the lowest view. */
static HRESULT read_changes(const struct row_snapshot *now, uint64_t since,
                            struct view_changes *changes)
{
    struct row_change told[FOLLOW_MAX];
    size_t count, i;
    HRESULT hr;

    hr = now->ops->changes(now, since, told, FOLLOW_MAX, &count);
    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        struct view_change change = {.ref.id = told[i].id};

        change.kind = told[i].kind == ROW_ADDED      ? VIEW_ADDED
                      : told[i].kind == ROW_MODIFIED ? VIEW_MODIFIED
                                                     : VIEW_DELETED;
        hr = view_changes_add(changes, change);
    }
    return hr;
}

/* From the stack's snapshot to `now`, whose reference is taken over. */
static void follow_to(struct table *table, struct row_snapshot *now)
{
    struct row_snapshot *old = row_snapshot_ref(table->stack->snapshot);
    struct view_changes changes = {0};
    HRESULT hr = read_changes(now, old->version, &changes);

    if (FAILED(hr)) {
        row_snapshot_unref(now);
        give_up(table, hr == MAPI_E_OBJECT_CHANGED ? TABLE_RELOAD : TABLE_CHANGED);
    } else if (FAILED(view_stack_follow(table->stack, now, &changes, &table->marks))) {
        give_up(table, TABLE_CHANGED);
    } else if (changes.count > 0 && advise_list_wants(&table->advises, fnevTableModified)) {
        post_changes(table, old, &changes);
    }
    view_changes_clear(&changes);
    row_snapshot_unref(old);
}

void table_follow(struct table *table)
{
    struct row_snapshot *now;

    if (!atomic_exchange(&table->stale, false) || table->broken)
        return;
    if (FAILED(table->source->ops->snapshot(table->source, &now))) {
        give_up(table, TABLE_CHANGED);
        return;
    }
    if (grow(table, now))
        return;
    if (now->version > table->stack->snapshot->version)
        follow_to(table, now);
    else
        row_snapshot_unref(now);
}

HRESULT table_Advise(struct table *table, ULONG events, LPMAPIADVISESINK sink,
                     ULONG_PTR *ret_connection)
{
    struct listener *listener;
    HRESULT hr;

    if (!sink || !ret_connection || !(events & fnevTableModified))
        return MAPI_E_INVALID_PARAMETER;
    *ret_connection = 0;
    if (!table->dispatcher)
        return MAPI_E_NO_SUPPORT; /* TBL-119 */

    hr = listener_create(table->dispatcher, table->hold, sink, NULL, &listener);
    if (FAILED(hr))
        return hr;
    hr = table_begin(table); /* what has changed until now is no news */
    if (SUCCEEDED(hr)) {
        hr = advise_list_add(&table->advises, listener, events, NULL, 0, ret_connection);
        table_unlock(table);
    }
    if (FAILED(hr))
        listener_cancel(listener);
    listener_unref(listener);
    return hr;
}

HRESULT table_Unadvise(struct table *table, ULONG_PTR connection)
{
    return advise_list_remove(&table->advises, connection) == S_OK ? S_OK
                                                                   : MAPI_E_INVALID_PARAMETER;
}
