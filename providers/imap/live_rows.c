/* providers/imap/live_rows.c - small tables that are filled anew when the account says so */
#include "providers/imap/live_rows.h"

#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/table.h"

struct live {
    struct live_rows rows; /* its link is our reference */
    const struct live_rows_ops *ops;
    struct engine_node node; /* posted when the table goes */
    struct link_listener listener;
    struct row_list *list; /* our reference on its source */

    /* The engine's. */
    bool filling, stale, closed;
};

/* --- Filling ---------------------------------------------------------------------------------- */

HRESULT live_filling_reserve(struct live_filling *filling, size_t count)
{
    filling->rows = mapi_alloc_array(filling->root, count ? count : 1, sizeof(*filling->rows));
    return filling->rows ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static WAITS HRESULT fill(struct live *live, struct account *account, struct error_info *error)
{
    struct live_filling filling = {.root = mapi_alloc(NULL, 1)};
    HRESULT hr = filling.root ? live->ops->fill(&live->rows, account, error, &filling)
                              : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = row_list_replace(live->list, filling.rows, filling.count);
    mapi_free(filling.root);
    return hr;
}

static void live_free(struct live *live)
{
    if (live->list)
        row_source_unref(row_list_source(live->list));
    imap_link_unref(live->rows.link);
    free(live);
}

/* Until nothing has changed meanwhile. What cannot be read is read at the next change. */
static HRESULT filler_run(void *arg)
{
    struct live *live = arg;
    struct account *account = (struct account *)imap_link_account(live->rows.link);
    HRESULT hr = S_OK;

    while (live->stale && !live->closed && SUCCEEDED(hr)) {
        live->stale = false;
        hr = fill(live, account, NULL);
    }
    live->filling = false;
    if (live->closed)
        live_free(live);
    return hr;
}

static void refill(struct live *live)
{
    if (live->stale && !live->filling)
        live->filling =
            SUCCEEDED(engine_spawn(imap_link_engine(live->rows.link), filler_run, live, NULL));
}

static void told(struct link_listener *listener, const struct account_event *event)
{
    struct live *live = container_of(listener, struct live, listener);

    if (!live->ops->wants(&live->rows, event))
        return;
    live->stale = true;
    refill(live);
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static void stop_on_loop(struct engine_node *node)
{
    struct live *live = container_of(node, struct live, node);

    imap_link_unlisten(live->rows.link, &live->listener);
    live->closed = true;
    if (!live->filling)
        live_free(live);
}

static void table_closed(void *context)
{
    struct live *live = context;

    engine_post(imap_link_engine(live->rows.link), &live->node, stop_on_loop);
}

struct start_call {
    struct link_call base;
    struct live *live;
};

/* It listens before it reads: what changes meanwhile is read again. */
static HRESULT start_on_engine(void *arg)
{
    struct start_call *call = arg;
    struct live *live = call->live;
    HRESULT hr;

    imap_link_listen(call->base.link, &live->listener);
    live->filling = true;
    hr = fill(live, call->base.account, &call->base.error);
    live->filling = false;
    if (FAILED(hr))
        imap_link_unlisten(call->base.link, &live->listener);
    else
        refill(live);
    return hr;
}

HRESULT live_rows_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                       const struct live_rows_ops *ops, ULONG flags, IMAPITable **ret_table)
{
    struct live *live = calloc(1, sizeof(*live));
    struct start_call call = {.live = live};
    struct table_options options = {
        .owner = owner,
        .dispatcher = imap_link_dispatcher(link),
        .columns = ops->columns,
        .sort = ops->sort,
        .flags = flags & MAPI_UNICODE,
        .closed = table_closed,
        .context = live,
    };
    HRESULT hr;

    if (!live)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    live->rows = (struct live_rows){.link = imap_link_ref(link), .folder = folder};
    live->ops = ops;
    live->listener.event = told;
    hr = row_list_create(PR_INSTANCE_KEY, &live->list);
    if (SUCCEEDED(hr))
        hr = imap_link_call(link, start_on_engine, &call.base);
    if (FAILED(hr)) {
        live_free(live);
        return call.base.error.hr == hr ? mapi_object_fail(owner, &call.base.error) : hr;
    }
    options.source = row_list_source(live->list);
    hr = table_create(&options, ret_table);
    if (FAILED(hr))
        table_closed(live);
    return hr;
}
