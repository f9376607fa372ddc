/* providers/imap/search_contents.c - the contents table of a search folder
 *
 * A row source over the search's results: links, each to a row of another folder's index. What came
 * and what went is told from the difference of two results. Requirements: STO-108, STO-162. */
#include "providers/imap/search_contents.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "mapi/row_source.h"
#include "mapi/table.h"
#include "mapi/text.h"
#include "providers/account/message_columns.h"
#include "providers/account/rights.h"
#include "providers/account/search.h"

#define RESUME_TIMEOUT_MS 30000

/* Columns of the side store of all folders of some results. */
struct side_set {
    atomic_uint refs;
    struct side_set_item {
        uint64_t folder;
        struct side_columns *columns;
    } * items;
    size_t count;
};

struct search_source {
    struct row_source source;
    struct engine_node node; /* posted at the last unref */
    struct imap_link *link;  /* our reference */
    struct link_listener listener;
    uint64_t folder;
    SBinary store; /* PR_STORE_ENTRYID; mapi_free */

    pthread_mutex_t lock; /* leaf; guards what follows */
    const struct search_results *results;
    struct side_set *side; /* reference; NULL: none asked for, or out of date */
    uint64_t version;
    struct change_log log;
};

struct search_snapshot {
    struct row_snapshot base;
    struct search_source *source; /* our reference */
    const struct search_results *results;
    struct side_set *side;
};

static struct search_source *from_source(struct row_source *source)
{
    return container_of(source, struct search_source, source);
}

static const struct search_snapshot *from_snapshot(const struct row_snapshot *snapshot)
{
    return container_of(snapshot, struct search_snapshot, base);
}

/* --- Columns of the side store ---------------------------------------------------------------- */

static struct side_set *side_set_ref(struct side_set *set)
{
    atomic_fetch_add(&set->refs, 1);
    return set;
}

static void side_set_unref(struct side_set *set)
{
    if (!set || atomic_fetch_sub(&set->refs, 1) > 1)
        return;
    for (size_t i = 0; i < set->count; i++)
        side_columns_unref(set->items[i].columns);
    free(set->items);
    free(set);
}

static struct side_columns *side_set_find(const struct side_set *set, uint64_t folder)
{
    for (size_t i = 0; set && i < set->count; i++)
        if (set->items[i].folder == folder)
            return set->items[i].columns;
    return NULL;
}

static WAITS HRESULT side_set_load(struct account *account, const struct search_results *results,
                                   const struct side_set *before, const struct row_request *request,
                                   struct error_info *error, struct side_set **ret_set)
{
    struct side_set *set = calloc(1, sizeof(*set));
    HRESULT hr = S_OK;

    if (!set)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&set->refs, 1);
    set->items = calloc(results->folder_count + 1, sizeof(*set->items));
    if (!set->items)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < results->folder_count && SUCCEEDED(hr); i++) {
        const struct search_folder *folder = &results->folders[i];

        set->items[i].folder = folder->folder;
        hr = side_columns_load(account, folder->numbers, side_set_find(before, folder->folder),
                               request->tags, request->tag_count, error, &set->items[i].columns);
        set->count = i + 1;
    }
    if (FAILED(hr)) {
        side_set_unref(set);
        return hr;
    }
    *ret_set = set;
    return S_OK;
}

/* --- Snapshots -------------------------------------------------------------------------------- */

static size_t snapshot_count(const struct row_snapshot *base)
{
    return from_snapshot(base)->results->count;
}

static uint64_t snapshot_id(const struct row_snapshot *base, size_t position)
{
    return from_snapshot(base)->results->hits[position].number;
}

static bool snapshot_find(const struct row_snapshot *base, uint64_t id, size_t *ret_position)
{
    return search_results_find(from_snapshot(base)->results, id, ret_position);
}

/* The name of the message's folder as it is now (STO-108). */
static HRESULT parent_display(const struct search_snapshot *snapshot, uint64_t number,
                              struct arena *scratch, SPropValue *value)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(snapshot->source->link));
    const struct folder *folder = folder_tree_find(tree, number);
    const char *name = folder ? folder->name : "";

    value->ulPropTag = PR_PARENT_DISPLAY_W;
    value->Value.lpszW = arena_utf16(scratch, name, strlen(name));
    folder_tree_unref(tree);
    return value->Value.lpszW ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT snapshot_row(const struct row_snapshot *base, size_t position, const ULONG *tags,
                            size_t count, struct arena *scratch, SPropValue *values)
{
    const struct search_snapshot *snapshot = from_snapshot(base);
    const struct search_hit *hit = &snapshot->results->hits[position];
    const struct account *account = imap_link_account(snapshot->source->link);
    uint64_t folder = snapshot->results->folders[hit->at].folder;
    struct imap_row row;
    const struct message_view view = {
        .guids = imap_link_guids(snapshot->source->link),
        .folder = folder,
        .number = hit->number,
        .row = &row,
        .rights = message_tells_rights(tags, count) ? account_rights_now(account, folder) : 0,
        .store = &snapshot->source->store};
    HRESULT hr;

    search_results_row(snapshot->results, position, &row);
    hr = message_row(&view, side_set_find(snapshot->side, view.folder), tags, count, scratch,
                     values);
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        if (PROP_ID(tags[i]) == PROP_ID(PR_PARENT_DISPLAY))
            hr = parent_display(snapshot, view.folder, scratch, &values[i]);
    return hr;
}

static HRESULT snapshot_changes(const struct row_snapshot *base, uint64_t since,
                                struct row_change *changes, size_t capacity, size_t *ret_count)
{
    struct search_source *source = from_snapshot(base)->source;
    HRESULT hr;

    pthread_mutex_lock(&source->lock);
    hr = change_log_read(&source->log, since, base->version, changes, capacity, ret_count);
    pthread_mutex_unlock(&source->lock);
    return hr;
}

static void snapshot_destroy(struct row_snapshot *base)
{
    struct search_snapshot *snapshot = container_of(base, struct search_snapshot, base);

    search_results_unref(snapshot->results);
    side_set_unref(snapshot->side);
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
};

static HRESULT source_snapshot(struct row_source *base, struct row_snapshot **ret_snapshot)
{
    struct search_source *source = from_source(base);
    struct search_snapshot *snapshot = calloc(1, sizeof(*snapshot));

    if (!snapshot)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    pthread_mutex_lock(&source->lock);
    row_snapshot_init(&snapshot->base, &snapshot_ops, source->version);
    snapshot->results = search_results_ref(source->results);
    snapshot->side = source->side ? side_set_ref(source->side) : NULL;
    pthread_mutex_unlock(&source->lock);
    snapshot->source = from_source(row_source_ref(base));
    *ret_snapshot = &snapshot->base;
    return S_OK;
}

/* --- The source ------------------------------------------------------------------------------- */

/* Those of a contents table, and where each message really is; with `more` also PR_MSG_STATUS,
 * which is read from the side store. */
static HRESULT make_columns(bool more, SPropTagArray **ret_tags)
{
    size_t count = message_column_count;
    SPropTagArray *tags = mapi_alloc(NULL, CbNewSPropTagArray(count + 2));

    if (!tags)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(tags->aulPropTag, message_column_tags, count * sizeof(message_column_tags[0]));
    tags->aulPropTag[count++] = PR_PARENT_DISPLAY_W;
    if (more)
        tags->aulPropTag[count++] = PR_MSG_STATUS;
    tags->cValues = (ULONG)count;
    *ret_tags = tags;
    return S_OK;
}

static HRESULT source_columns(struct row_source *base, SPropTagArray **ret_tags)
{
    (void)base;
    return make_columns(true, ret_tags);
}

struct prepare_call {
    struct link_call base;
    struct search_source *source;
    const struct row_request *request;
};

/* *ret_again: the results became others while the columns were read. */
static WAITS HRESULT load_side(struct prepare_call *call, bool *ret_again)
{
    struct search_source *source = call->source;
    const struct search_results *results;
    struct side_set *before, *set;
    HRESULT hr;

    pthread_mutex_lock(&source->lock);
    results = search_results_ref(source->results);
    before = source->side ? side_set_ref(source->side) : NULL;
    pthread_mutex_unlock(&source->lock);
    hr = side_set_load(call->base.account, results, before, call->request, &call->base.error, &set);
    side_set_unref(before);
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&source->lock);
        *ret_again = source->results != results;
        before = *ret_again ? set : source->side;
        if (!*ret_again) {
            source->side = set;
            source->version++; /* prepared values alone are no change */
        }
        pthread_mutex_unlock(&source->lock);
        side_set_unref(before);
    }
    search_results_unref(results);
    return hr;
}

static HRESULT prepare_on_engine(void *arg)
{
    bool again = false;
    HRESULT hr;

    do
        hr = load_side(arg, &again);
    while (SUCCEEDED(hr) && again);
    return hr;
}

static HRESULT source_prepare(struct row_source *base, const struct row_request *request,
                              struct error_info *error)
{
    struct prepare_call call = {.source = from_source(base), .request = request};
    HRESULT hr = imap_link_call(call.source->link, prepare_on_engine, &call.base);

    if (FAILED(hr))
        *error = call.base.error;
    return hr;
}

/* --- Following -------------------------------------------------------------------------------- */

/* The lock is held. */
static void log_difference(struct search_source *source, const struct search_results *old,
                           const struct search_results *now)
{
    size_t a = 0, b = 0;

    while (a < old->count || b < now->count) {
        uint64_t gone = a < old->count ? old->hits[a].number : UINT64_MAX;
        uint64_t there = b < now->count ? now->hits[b].number : UINT64_MAX;

        if (gone < there)
            change_log_add(&source->log, source->version, ROW_DELETED, gone);
        else if (there < gone)
            change_log_add(&source->log, source->version, ROW_ADDED, there);
        a += gone <= there;
        b += there <= gone;
    }
}

/* Takes what the search has now as the next version; `event` (may be NULL) names rows that are to
 * be read again. */
static void advance(struct search_source *source, const struct search_results *results,
                    const struct account_event *event)
{
    const struct search_results *old;
    struct side_set *side;
    size_t position;

    pthread_mutex_lock(&source->lock);
    old = source->results;
    side = source->side;
    source->results = results;
    source->side = NULL;
    source->version++;
    log_difference(source, old, results);
    for (size_t i = 0; event && i < event->count; i++)
        if (search_results_find(results, event->numbers[i], &position) &&
            search_results_find(old, event->numbers[i], &position))
            change_log_add(&source->log, source->version, ROW_MODIFIED, event->numbers[i]);
    pthread_mutex_unlock(&source->lock);
    search_results_unref(old);
    side_set_unref(side);
    row_source_announce(&source->source);
}

static void told(struct link_listener *listener, const struct account_event *event)
{
    struct search_source *source = container_of(listener, struct search_source, listener);
    const struct search_results *results;

    if (event->kind != ACCOUNT_SEARCH_RESULTS || event->folder != source->folder)
        return;
    results = account_search_results(imap_link_account(source->link), source->folder);
    if (results)
        advance(source, results, event);
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static void source_free(struct search_source *source)
{
    row_source_clear(&source->source);
    search_results_unref(source->results);
    side_set_unref(source->side);
    imap_link_unref(source->link);
    mapi_free(source->store.lpb);
    pthread_mutex_destroy(&source->lock);
    free(source);
}

static void stop_on_loop(struct engine_node *node)
{
    struct search_source *source = container_of(node, struct search_source, node);

    imap_link_unlisten(source->link, &source->listener);
    source_free(source);
}

/* Until the engine has taken the listener out, it may be told of changes: nothing goes before. */
static void source_destroy(struct row_source *base)
{
    struct search_source *source = from_source(base);

    engine_post(imap_link_engine(source->link), &source->node, stop_on_loop);
}

static const struct row_source_ops source_ops = {
    .destroy = source_destroy,
    .snapshot = source_snapshot,
    .columns = source_columns,
    .prepare = source_prepare,
};

struct start_call {
    struct link_call base;
    struct search_source *source;
};

/* That the first pass takes longer is no failure: the table follows it. */
static HRESULT start_on_engine(void *arg)
{
    struct start_call *call = arg;
    struct search_source *source = call->source;
    HRESULT hr =
        account_search_await(call->base.account, source->folder, engine_now() + RESUME_TIMEOUT_MS);

    if (FAILED(hr) && hr != MAPI_E_TIMEOUT)
        return hr;
    source->results = account_search_results(call->base.account, source->folder);
    if (!source->results)
        return MAPI_E_OBJECT_DELETED;
    imap_link_listen(call->base.link, &source->listener);
    return S_OK;
}

static HRESULT heavy(HRESULT (*fn)(void *arg), void *arg)
{
    return engine_work(fn, arg);
}

HRESULT search_contents_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                             ULONG flags, struct error_info *error, IMAPITable **ret_table)
{
    struct search_source *source = calloc(1, sizeof(*source));
    struct start_call call = {.source = source};
    struct table_options options = {
        .owner = owner,
        .dispatcher = imap_link_dispatcher(link),
        .flags = flags & MAPI_UNICODE,
        .run_heavy = heavy,
    };
    SPropTagArray *columns = NULL;
    HRESULT hr;

    if (!source)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    row_source_init(&source->source, &source_ops);
    pthread_mutex_init(&source->lock, NULL);
    source->link = imap_link_ref(link);
    source->folder = folder;
    source->listener.event = told;
    hr = imap_link_store_entryid(link, &source->store.cb, (ENTRYID **)&source->store.lpb);
    if (SUCCEEDED(hr))
        hr = imap_link_call(link, start_on_engine, &call.base);
    if (FAILED(hr) && call.base.error.hr == hr)
        *error = call.base.error;
    if (SUCCEEDED(hr))
        hr = make_columns(false, &columns);
    options.source = &source->source;
    options.columns = columns;
    if (SUCCEEDED(hr))
        hr = table_create(&options, ret_table);
    mapi_free(columns);
    row_source_unref(&source->source); /* the table has its own */
    return hr;
}
