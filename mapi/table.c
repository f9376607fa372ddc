/* mapi/table.c - IMAPITable over a row source: the object, and keeping its view up to date */
#include "mapi/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "mapi/restriction.h"
#include "mapi/sort.h"
#include "mapi/table_private.h"

/* Rows from which building a view leaves the caller's fiber (docs/engine.md). */
#define HEAVY_ROWS 2000

/* Attempts before a source that changes all the time wins. */
#define BUILD_TRIES 4

static void table_destroy(struct mapi_object *object)
{
    struct table *table = container_of(object, struct table, object);

    row_watch_cancel(table->watch);
    advise_list_clear(&table->advises);
    view_stack_destroy(table->stack);
    view_definition_unref(table->definition);
    marks_clear(&table->marks);
    view_toggles_clear(&table->toggles);
    if (table->columns != table->default_columns)
        mapi_free(table->columns);
    mapi_free(table->default_columns);
    mapi_free(table->default_sort);
    notify_hold_unref(table->hold);
    dispatcher_unref(table->dispatcher);
    row_source_unref(table->source);
    pthread_mutex_destroy(&table->lock);
    if (table->options.closed)
        table->options.closed(table->options.context);
    mapi_object_clear(&table->object);
    free(table);
}

size_t table_count(const struct table *table)
{
    return table->stack->top->ops->count(table->stack->top);
}

/* ---- Lock ---- */

void table_unlock(struct table *table)
{
    do {
        if (table->stack && advise_list_wants(&table->advises, fnevTableModified))
            table_follow(table);
        pthread_mutex_unlock(&table->lock);
        /* The source may have looked in vain for the lock between the last two lines. */
    } while (atomic_load(&table->stale) && advise_list_wants(&table->advises, fnevTableModified) &&
             pthread_mutex_trylock(&table->lock) == 0);
}

/* The source has changed. On any thread, with the source's watch lock held: does not wait. */
static void table_source_changed(void *context)
{
    struct table *table = context;

    atomic_store(&table->stale, true);
    if (!advise_list_wants(&table->advises, fnevTableModified))
        return; /* seen at the next call */
    if (pthread_mutex_trylock(&table->lock) == 0)
        table_unlock(table);
}

/* ---- Building ---- */

struct build_job {
    struct row_snapshot *snapshot;
    struct view_definition *definition;
    struct view_hints hints;
    struct view_stack *stack;
};

static HRESULT run_build(void *arg)
{
    struct build_job *job = arg;

    return view_stack_create(job->snapshot, job->definition, &job->hints, &job->stack);
}

static HRESULT build_here_or_there(struct table *table, struct build_job *job)
{
    if (!view_definition_is_plain(job->definition) && table->options.run_heavy &&
        job->snapshot->ops->count(job->snapshot) > HEAVY_ROWS)
        return table->options.run_heavy(run_build, job);
    return run_build(job);
}

/* What the server does exactly it is asked for first. */
static HRESULT ask_source(struct table *table, struct build_job *job)
{
    const struct row_source_ops *ops = table->source->ops;
    struct error_info error = {0};
    HRESULT hr = S_OK;

    if (job->definition->instance_count) /* its rows are not the server's */
        return S_OK;
    if (job->definition->restriction && ops->search)
        hr = ops->search(table->source, job->definition->restriction, &job->hints.matching,
                         &job->hints.matching_count, &error);
    if (SUCCEEDED(hr) || hr == MAPI_E_NO_SUPPORT) {
        hr = S_OK;
        if (job->definition->sort->cSorts && ops->order)
            hr = ops->order(table->source, job->definition->order, &job->hints.ordered,
                            &job->hints.ordered_count, &error);
    }
    if (FAILED(hr) && hr != MAPI_E_NO_SUPPORT) {
        error.hr = hr;
        return mapi_object_fail(&table->object, &error);
    }
    return S_OK;
}

HRESULT table_prepare(struct table *table, const uint64_t *ids, size_t count, const ULONG *tags,
                      size_t tag_count)
{
    struct row_request request = {ids, count, tags, tag_count};
    struct error_info error = {0};
    HRESULT hr;

    if (!table->source->ops->prepare)
        return MAPI_E_TOO_COMPLEX; /* the source says "not yet" and has no way to get there */
    hr = table->source->ops->prepare(table->source, &request, &error);
    atomic_store(&table->stale, true);
    if (FAILED(hr)) {
        error.hr = hr;
        mapi_object_fail(&table->object, &error);
    }
    return hr;
}

static HRESULT prepare_all(struct table *table, const struct view_definition *definition)
{
    ULONG *tags;
    size_t count;
    HRESULT hr;

    hr = view_definition_tags(definition, &tags, &count);
    if (FAILED(hr))
        return hr;
    hr = table_prepare(table, NULL, 0, tags, count);
    free(tags);
    return hr;
}

/* Has the source bring its first `rows` rows; all of them where a definition looks at all. */
static HRESULT await_rows(struct table *table, const struct view_definition *definition,
                          size_t rows)
{
    struct error_info error = {0};
    HRESULT hr;

    if (!table->source->ops->await)
        return S_OK;
    if (!view_definition_is_plain(definition))
        rows = SIZE_MAX;
    hr = table->source->ops->await(table->source, rows, &error);
    if (FAILED(hr)) {
        error.hr = hr;
        mapi_object_fail(&table->object, &error);
    }
    return hr;
}

/* A stack for `definition` on the newest snapshot. Lock not held; may wait. */
static HRESULT build_stack(struct table *table, struct view_definition *definition,
                           struct view_stack **ret_stack)
{
    struct build_job job = {.definition = definition};
    HRESULT hr;
    int i;

    hr = ask_source(table, &job);
    for (i = 0; SUCCEEDED(hr) && i < BUILD_TRIES; i++) {
        hr = table->source->ops->snapshot(table->source, &job.snapshot);
        if (FAILED(hr))
            break;
        hr = build_here_or_there(table, &job);
        row_snapshot_unref(job.snapshot);
        if (hr != ROW_NOT_PREPARED)
            break;
        hr = prepare_all(table, definition);
        if (SUCCEEDED(hr) && i == BUILD_TRIES - 1)
            hr = MAPI_E_BUSY;
    }
    free(job.hints.matching);
    free(job.hints.ordered);
    if (SUCCEEDED(hr))
        *ret_stack = job.stack;
    return hr;
}

/* Lock held. The new stack may be older than what was announced since: `stale` stays set then. */
static void adopt_stack(struct table *table, struct view_stack *stack)
{
    struct view_stack *old = table->stack;

    table->broken = FAILED(view_stack_toggle(stack, &table->toggles, NULL));
    if (old && old->definition == stack->definition && !table->reloaded)
        view_stack_carry_marks(old, stack, &table->marks);
    else
        marks_reset(&table->marks);
    table->reloaded = false;
    table->stack = stack;
    view_stack_destroy(old);
}

HRESULT table_begin(struct table *table)
{
    return table_begin_rows(table, SIZE_MAX);
}

/* Whether rows are missing that are still to come; lock held. */
static bool is_short(const struct table *table, size_t rows)
{
    const struct view_stack *stack = table->stack;

    return stack->snapshot->partial &&
           (!view_definition_is_plain(stack->definition) || table_count(table) < rows);
}

/* The stack for `definition`, put in place unless somebody redefined the table meanwhile. Lock not
 * held, but on S_OK it is; may wait. */
static HRESULT build_for(struct table *table, struct view_definition *definition)
{
    struct view_stack *stack;
    HRESULT hr = build_stack(table, definition, &stack);

    if (FAILED(hr)) {
        atomic_store(&table->stale, true);
        return hr;
    }
    pthread_mutex_lock(&table->lock);
    if (table->definition == definition) {
        adopt_stack(table, stack);
        return S_OK;
    }
    view_stack_destroy(stack);
    return S_OK;
}

HRESULT table_begin_rows(struct table *table, size_t rows)
{
    struct view_definition *definition;
    HRESULT hr;
    bool built;
    int i;

    for (i = 0; i <= BUILD_TRIES; i++) {
        pthread_mutex_lock(&table->lock);
        if (table->stack)
            table_follow(table);
        built = table->stack && !table->broken;
        if (built && !is_short(table, rows))
            return S_OK;
        definition = view_definition_ref(table->definition);
        if (!built)
            atomic_store(&table->stale, false); /* the snapshot is taken after this */
        pthread_mutex_unlock(&table->lock);

        hr = await_rows(table, definition, rows);
        if (SUCCEEDED(hr) && !built)
            hr = build_for(table, definition);
        view_definition_unref(definition);
        if (FAILED(hr))
            return hr;
        if (built)
            continue;
        if (table->stack && !table->broken && !is_short(table, rows))
            return S_OK;
        pthread_mutex_unlock(&table->lock);
    }
    return MAPI_E_BUSY;
}

HRESULT table_redefine(struct table *table, struct view_definition *definition, ULONG failed_status)
{
    struct view_definition *old;
    struct view_stack *stack;
    HRESULT hr;

    hr = await_rows(table, definition, 0);
    if (SUCCEEDED(hr))
        hr = build_stack(table, definition, &stack);
    pthread_mutex_lock(&table->lock);
    if (FAILED(hr)) {
        table->status = failed_status;
        table_unlock(table);
        view_definition_unref(definition);
        return hr;
    }
    old = table->definition;
    table->definition = definition;
    table->status = TBLSTAT_COMPLETE;
    if (failed_status == TBLSTAT_SORT_ERROR) /* a new order begins as its cExpanded says */
        view_toggles_clear(&table->toggles);
    adopt_stack(table, stack);
    /* The snapshot may be older than the last announcement: look again at the next call. */
    atomic_store(&table->stale, true);
    table_unlock(table);
    view_definition_unref(old);
    return S_OK;
}

/* ---- The small slots ---- */

static HRESULT table_GetStatus(struct table *table, ULONG *ret_status, ULONG *ret_type)
{
    if (!ret_status || !ret_type)
        return MAPI_E_INVALID_PARAMETER;
    pthread_mutex_lock(&table->lock);
    *ret_status = table->status;
    table_unlock(table);
    *ret_type = table->options.type;
    return S_OK;
}

static HRESULT table_Abort(struct table *table)
{
    return MAPI_E_UNABLE_TO_ABORT; /* all operations end before their call does (TBL-115) */
}

static HRESULT table_WaitForCompletion(struct table *table, ULONG flags, ULONG timeout,
                                       ULONG *ret_status)
{
    if (flags)
        return MAPI_E_UNKNOWN_FLAGS;
    if (ret_status)
        *ret_status = TBLSTAT_COMPLETE;
    return S_OK;
}

/* @thunks IMAPITable table table */
#include "mapi/table_thunks.inc"

static const struct mapi_face table_faces[] = {
    MAPI_FACE(struct table, IID_IMAPITable, IMAPITable_iface),
};

static const struct mapi_class table_class = {
    .name = "table",
    .destroy = table_destroy,
    .faces = table_faces,
    .face_count = sizeof(table_faces) / sizeof(table_faces[0]),
};

/* ---- Creation ---- */

static HRESULT copy_default_columns(struct table *table, const SPropTagArray *columns, ULONG flags)
{
    SPropTagArray *copy = mapi_memdup(NULL, columns, CbSPropTagArray(columns));
    ULONG width = flags & MAPI_UNICODE ? PT_UNICODE : PT_STRING8, i, type;

    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < copy->cValues; i++) {
        type = PROP_TYPE(copy->aulPropTag[i]);
        if (propval_type_is_string(type))
            copy->aulPropTag[i] =
                CHANGE_PROP_TYPE(copy->aulPropTag[i], width | (type & MV_FLAG)); /* TBL-016 */
    }
    table->default_columns = table->columns = copy;
    return S_OK;
}

static HRESULT fill_table(struct table *table, const struct table_options *options)
{
    HRESULT hr;

    hr = marks_init(&table->marks);
    if (SUCCEEDED(hr))
        hr = copy_default_columns(table, options->columns, options->flags);
    if (SUCCEEDED(hr))
        hr = sort_copy(options->sort, &table->default_sort);
    if (SUCCEEDED(hr))
        hr = view_definition_create(NULL, options->sort, NULL, &table->definition);
    if (SUCCEEDED(hr))
        hr = row_source_watch(table->source, table_source_changed, table, &table->watch);
    return hr;
}

HRESULT table_create(const struct table_options *options, IMAPITable **ret_table)
{
    struct table *table;
    HRESULT hr;

    if (!options->source || !options->columns || options->columns->cValues == 0)
        return MAPI_E_INVALID_PARAMETER;
    if (options->sort && FAILED(hr = sort_check(options->sort)))
        return hr;
    table = calloc(1, sizeof(*table));
    if (!table)
        return MAPI_E_NOT_ENOUGH_MEMORY;

    table->IMAPITable_iface.lpVtbl = &table_vtbl;
    mapi_object_init(&table->object, &table_class, options->owner);
    table->source = row_source_ref(options->source);
    table->dispatcher = options->dispatcher ? dispatcher_ref(options->dispatcher) : NULL;
    table->hold = options->hold ? notify_hold_ref(options->hold) : NULL;
    table->options = *options;
    table->options.closed = NULL; /* not before the caller has the table */
    if (!table->options.type && !table->options.is_snapshot)
        table->options.type = TBLTYPE_DYNAMIC;
    if (!table->options.index_tag)
        table->options.index_tag = PR_INSTANCE_KEY;
    if (!table->options.event_limit)
        table->options.event_limit = TABLE_EVENT_LIMIT;
    table->status = TBLSTAT_COMPLETE;
    advise_list_init(&table->advises);
    atomic_init(&table->stale, false);
    pthread_mutex_init(&table->lock, NULL);

    hr = fill_table(table, options);
    if (FAILED(hr)) {
        mapi_object_unref(&table->object);
        return hr;
    }
    table->options.closed = options->closed;
    *ret_table = &table->IMAPITable_iface;
    return S_OK;
}
