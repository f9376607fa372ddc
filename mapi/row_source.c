/* mapi/row_source.c - snapshots, sources and those who watch them */
#include "mapi/row_source.h"

#include <assert.h>
#include <stdlib.h>

void row_snapshot_init(struct row_snapshot *snapshot, const struct row_snapshot_ops *ops,
                       uint64_t version)
{
    snapshot->ops = ops;
    atomic_init(&snapshot->refs, 1);
    snapshot->version = version;
}

struct row_snapshot *row_snapshot_ref(struct row_snapshot *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    return snapshot;
}

void row_snapshot_unref(struct row_snapshot *snapshot)
{
    if (snapshot && atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) == 1)
        snapshot->ops->destroy(snapshot);
}

void row_source_init(struct row_source *source, const struct row_source_ops *ops)
{
    source->ops = ops;
    atomic_init(&source->refs, 1);
    pthread_mutex_init(&source->watch_lock, NULL);
    source->watches = NULL;
}

void row_source_clear(struct row_source *source)
{
    assert(!source->watches); /* a watching table holds a reference */
    pthread_mutex_destroy(&source->watch_lock);
}

struct row_source *row_source_ref(struct row_source *source)
{
    atomic_fetch_add_explicit(&source->refs, 1, memory_order_relaxed);
    return source;
}

void row_source_unref(struct row_source *source)
{
    if (source && atomic_fetch_sub_explicit(&source->refs, 1, memory_order_acq_rel) == 1)
        source->ops->destroy(source);
}

/* The list and each watch in it are covered by the source's watch_lock, which is held while watches
 * are called: that is what makes cancel final. */
struct row_watch {
    struct row_watch *next;
    struct row_source *source;
    row_changed_fn *changed;
    void *context;
};

void row_source_announce(struct row_source *source)
{
    struct row_watch *watch;

    pthread_mutex_lock(&source->watch_lock);
    for (watch = source->watches; watch; watch = watch->next)
        watch->changed(watch->context);
    pthread_mutex_unlock(&source->watch_lock);
}

HRESULT row_source_watch(struct row_source *source, row_changed_fn *changed, void *context,
                         struct row_watch **ret_watch)
{
    struct row_watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    watch->source = source;
    watch->changed = changed;
    watch->context = context;
    pthread_mutex_lock(&source->watch_lock);
    watch->next = source->watches;
    source->watches = watch;
    pthread_mutex_unlock(&source->watch_lock);
    *ret_watch = watch;
    return S_OK;
}

void row_watch_cancel(struct row_watch *watch)
{
    struct row_watch **link;

    if (!watch)
        return;
    pthread_mutex_lock(&watch->source->watch_lock);
    for (link = &watch->source->watches; *link != watch; link = &(*link)->next)
        ;
    *link = watch->next;
    pthread_mutex_unlock(&watch->source->watch_lock);
    free(watch);
}

/* ---- Recent changes ---- */

void change_log_add(struct change_log *log, uint64_t version, enum row_change_kind kind,
                    uint64_t id)
{
    size_t place = log->count % CHANGE_LOG_SIZE;

    if (log->count >= CHANGE_LOG_SIZE)
        log->lost = log->entries[place].version;
    log->entries[place].version = version;
    log->entries[place].change = (struct row_change){.kind = kind, .id = id};
    log->count++;
}

void change_log_break(struct change_log *log, uint64_t version)
{
    log->lost = version;
}

void change_log_reload(struct change_log *log, uint64_t version)
{
    log->lost = log->reloaded = version;
}

/* Adds one change to the net of those before it. False: no room. */
static bool fold_change(const struct row_change *change, struct row_change *net, size_t capacity,
                        size_t *count)
{
    size_t i;

    for (i = 0; i < *count && net[i].id != change->id; i++)
        ;
    if (i == *count) {
        if (*count == capacity)
            return false;
        net[(*count)++] = *change;
    } else if (change->kind == ROW_DELETED && net[i].kind == ROW_ADDED) {
        net[i] = net[--*count]; /* came and went */
    } else if (change->kind == ROW_DELETED) {
        net[i].kind = ROW_DELETED;
    } else if (net[i].kind == ROW_DELETED) {
        net[i].kind = ROW_MODIFIED; /* went and came back */
    }
    /* modified after added is added, modified after modified is modified */
    return true;
}

HRESULT change_log_read(const struct change_log *log, uint64_t since, uint64_t upto,
                        struct row_change *changes, size_t capacity, size_t *ret_count)
{
    size_t kept = log->count < CHANGE_LOG_SIZE ? log->count : CHANGE_LOG_SIZE;
    size_t count = 0, i, place;

    if (since < log->reloaded && log->reloaded <= upto)
        return MAPI_E_OBJECT_CHANGED;
    if (since < log->lost)
        return MAPI_E_TOO_BIG;
    for (i = 0; i < kept; i++) {
        place = (log->count - kept + i) % CHANGE_LOG_SIZE;
        if (log->entries[place].version <= since || log->entries[place].version > upto)
            continue;
        if (!fold_change(&log->entries[place].change, changes, capacity, &count))
            return MAPI_E_TOO_BIG;
    }
    *ret_count = count;
    return S_OK;
}
