/* providers/imap/associated_table.c - the table of a folder's associated messages
 *
 * A row list, read from the side store and again whenever the account tells that they changed; the
 * list tells its tables only what differs. Values longer than COLUMN_MAX are left to the object. */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "providers/imap/associated.h"

#define COLUMN_MAX 4096

struct associated_table {
    struct engine_node node; /* posted when the table goes */
    struct imap_link *link;  /* our reference */
    struct link_listener listener;
    struct row_list *rows; /* our reference on its source */
    uint64_t folder;

    /* The engine's. */
    bool filling, stale, closed;
};

/* --- Rows ------------------------------------------------------------------------------------- */

struct filling {
    SRow *rows;
    size_t count;
    void *root;
};

static HRESULT make_row(struct associated_table *table, uint64_t number, const SPropValue *kept,
                        size_t kept_count, struct filling *filling)
{
    const struct associated_view view = {.guids = imap_link_guids(table->link),
                                         .folder = table->folder,
                                         .number = number,
                                         .kept = kept,
                                         .kept_count = kept_count,
                                         .writable = !imap_link_is_readonly(table->link)};
    SPropValue computed[ASSOCIATED_COMPUTED_MAX];
    SRow *row = &filling->rows[filling->count];
    struct arena scratch = {0};
    ULONG count;
    HRESULT hr = associated_computed(&view, &scratch, computed, &count);

    row->lpProps =
        mapi_alloc_array(filling->root, kept_count + ASSOCIATED_COMPUTED_MAX, sizeof(SPropValue));
    if (SUCCEEDED(hr) && !row->lpProps)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = propval_copy(filling->root, &row->lpProps[row->cValues++], &computed[i]);
    for (size_t i = 0; SUCCEEDED(hr) && i < kept_count; i++)
        if (propval_size(&kept[i]) <= COLUMN_MAX)
            hr = propval_copy(filling->root, &row->lpProps[row->cValues++], &kept[i]);
    arena_clear(&scratch);
    filling->count++;
    return hr;
}

static WAITS HRESULT add_row(struct associated_table *table, struct account *account,
                             uint64_t number, struct error_info *error, struct filling *filling)
{
    SPropValue *values;
    size_t count;
    HRESULT hr = state_props_get(account_state(account), number, NULL, 0, error, &values, &count);

    if (FAILED(hr))
        return hr;
    hr = make_row(table, number, values, count, filling);
    free(values);
    return hr;
}

static WAITS HRESULT fill(struct associated_table *table, struct account *account,
                          struct error_info *error)
{
    struct filling filling = {.root = mapi_alloc(NULL, 1)};
    struct state_object *objects = NULL;
    size_t count = 0;
    HRESULT hr = filling.root ? state_objects_list(account_state(account), table->folder,
                                                   STATE_OBJECT_FAI, error, &objects, &count)
                              : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr)) {
        filling.rows = mapi_alloc_array(filling.root, count + 1, sizeof(SRow));
        hr = filling.rows ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = add_row(table, account, objects[i].number, error, &filling);
    if (SUCCEEDED(hr))
        hr = row_list_replace(table->rows, filling.rows, filling.count);
    free(objects);
    mapi_free(filling.root);
    return hr;
}

/* --- Following -------------------------------------------------------------------------------- */

static void table_free(struct associated_table *table)
{
    if (table->rows)
        row_source_unref(row_list_source(table->rows));
    imap_link_unref(table->link);
    free(table);
}

/* Fills until nothing has changed meanwhile. */
static HRESULT filler_run(void *arg)
{
    struct associated_table *table = arg;
    struct account *account = (struct account *)imap_link_account(table->link);
    HRESULT hr = S_OK;

    while (table->stale && !table->closed && SUCCEEDED(hr)) {
        table->stale = false;
        hr = fill(table, account, NULL); /* what cannot be read is read at the next change */
    }
    table->filling = false;
    if (table->closed)
        table_free(table);
    return hr;
}

static void told(struct link_listener *listener, const struct account_event *event)
{
    struct associated_table *table = container_of(listener, struct associated_table, listener);

    if (event->folder != table->folder ||
        (event->kind != ACCOUNT_ASSOCIATED_ADDED && event->kind != ACCOUNT_ASSOCIATED_REMOVED &&
         event->kind != ACCOUNT_ASSOCIATED_CHANGED))
        return;
    table->stale = true;
    if (!table->filling)
        table->filling =
            SUCCEEDED(engine_spawn(imap_link_engine(table->link), filler_run, table, NULL));
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static void stop_on_loop(struct engine_node *node)
{
    struct associated_table *table = container_of(node, struct associated_table, node);

    imap_link_unlisten(table->link, &table->listener);
    table->closed = true;
    if (!table->filling)
        table_free(table);
}

static void table_closed(void *context)
{
    struct associated_table *table = context;

    engine_post(imap_link_engine(table->link), &table->node, stop_on_loop);
}

struct start_call {
    struct link_call base;
    struct associated_table *table;
};

static HRESULT start_on_engine(void *arg)
{
    struct start_call *call = arg;
    HRESULT hr = fill(call->table, call->base.account, &call->base.error);

    if (SUCCEEDED(hr))
        imap_link_listen(call->base.link, &call->table->listener);
    return hr;
}

static const SizedSPropTagArray(12, default_columns) = {
    12,
    {PR_ENTRYID, PR_INSTANCE_KEY, PR_MESSAGE_CLASS_W, PR_SUBJECT_W, PR_MESSAGE_FLAGS,
     PR_MESSAGE_SIZE, PR_OBJECT_TYPE, PR_PARENT_ENTRYID, PR_RECORD_KEY, PR_LAST_MODIFICATION_TIME,
     PR_CREATION_TIME, PR_HASATTACH}};

HRESULT associated_table_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                              ULONG flags, IMAPITable **ret_table)
{
    struct associated_table *table = calloc(1, sizeof(*table));
    struct start_call call = {.table = table};
    struct table_options options = {
        .owner = owner,
        .dispatcher = imap_link_dispatcher(link),
        .columns = (const SPropTagArray *)&default_columns,
        .flags = flags & MAPI_UNICODE,
        .closed = table_closed,
        .context = table,
    };
    HRESULT hr;

    if (!table)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    table->link = imap_link_ref(link);
    table->folder = folder;
    table->listener.event = told;
    hr = row_list_create(PR_INSTANCE_KEY, &table->rows);
    if (SUCCEEDED(hr))
        hr = imap_link_call(link, start_on_engine, &call.base);
    if (FAILED(hr)) {
        table_free(table);
        return FAILED(hr) && call.base.error.hr == hr ? mapi_object_fail(owner, &call.base.error)
                                                      : hr;
    }
    options.source = row_list_source(table->rows);
    hr = table_create(&options, ret_table);
    if (FAILED(hr))
        table_closed(table);
    return hr;
}
