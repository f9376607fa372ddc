/* providers/imap/hierarchy.c - the hierarchy table of a folder
 *
 * A row list that is filled from the folder tree again whenever the account reports a folder event;
 * the list tells its tables only what differs. */
#include "providers/imap/hierarchy.h"

#include <stdlib.h>

#include "mapi/edkmdb.h"
#include "mapi/mapigate.h"
#include "mapi/mapitags.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "providers/account/rights.h"
#include "providers/imap/folder_columns.h"

struct hierarchy {
    struct engine_node node; /* posted when the table goes */
    struct imap_link *link;  /* our reference */
    struct link_listener listener;
    struct row_list *rows; /* our reference on its source */
    uint64_t folder;
    bool deep;
};

/* --- Rows ------------------------------------------------------------------------------------- */

struct filling {
    SRow *rows;
    size_t count;
    void *root;
    struct arena scratch;
};

static HRESULT make_row(struct filling *filling, const struct folder_view *view)
{
    SRow *row = &filling->rows[filling->count];
    HRESULT hr;

    row->lpProps = mapi_alloc_array(filling->root, folder_column_count, sizeof(SPropValue));
    if (!row->lpProps)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < folder_column_count; i++) {
        hr = folder_column(view, folder_column_tags[i], &filling->scratch,
                           &row->lpProps[row->cValues]);
        if (SUCCEEDED(hr))
            row->cValues++;
        else if (hr != MAPI_E_NOT_FOUND)
            return hr;
    }
    filling->count++;
    return S_OK;
}

static HRESULT make_rows(struct hierarchy *hierarchy, const struct folder_tree *tree,
                         const struct kept_values *kept, struct filling *filling)
{
    const struct account *account = imap_link_account(hierarchy->link);
    const struct folder *top = folder_tree_find(tree, hierarchy->folder);
    size_t top_at = top ? (size_t)(top - tree->folders) : tree->count;
    HRESULT hr = S_OK;

    filling->root = mapi_alloc(NULL, 1);
    filling->rows =
        filling->root ? mapi_alloc_array(filling->root, tree->count + 1, sizeof(SRow)) : NULL;
    if (!filling->rows)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    /* In tree order all that is below a folder follows it, deeper than it is. */
    for (size_t i = top_at + 1; i < tree->count && SUCCEEDED(hr); i++) {
        const struct folder *folder = &tree->folders[i];
        struct folder_view view = {.guids = imap_link_guids(hierarchy->link),
                                   .tree = tree,
                                   .folder = folder,
                                   .rights = account_rights_now(account, folder->number),
                                   .kept = kept};

        if (folder->depth <= top->depth)
            break;
        if (!hierarchy->deep && folder->depth != top->depth + 1)
            continue;
        view.depth = (ULONG)(folder->depth - top->depth - 1);
        hr = make_row(filling, &view);
    }
    return hr;
}

static HRESULT fill(struct hierarchy *hierarchy)
{
    const struct account *account = imap_link_account(hierarchy->link);
    const struct folder_tree *tree = account_folder_tree(account);
    const struct kept_values *kept = account_kept_values(account);
    struct filling filling = {0};
    HRESULT hr = make_rows(hierarchy, tree, kept, &filling);

    if (SUCCEEDED(hr))
        hr = row_list_replace(hierarchy->rows, filling.rows, filling.count);
    arena_clear(&filling.scratch);
    mapi_free(filling.root);
    kept_values_unref(kept);
    folder_tree_unref(tree);
    return hr;
}

static void told(struct link_listener *listener, const struct account_event *event)
{
    struct hierarchy *hierarchy = container_of(listener, struct hierarchy, listener);

    switch (event->kind) {
    case ACCOUNT_FOLDER_ADDED:
    case ACCOUNT_FOLDER_REMOVED:
    case ACCOUNT_FOLDER_CHANGED:
    case ACCOUNT_FOLDER_MOVED:
        fill(hierarchy); /* without memory the rows are late */
        break;
    default:
        break;
    }
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static void hierarchy_free(struct hierarchy *hierarchy)
{
    if (hierarchy->rows)
        row_source_unref(row_list_source(hierarchy->rows));
    imap_link_unref(hierarchy->link);
    free(hierarchy);
}

static void stop_on_loop(struct engine_node *node)
{
    struct hierarchy *hierarchy = container_of(node, struct hierarchy, node);

    imap_link_unlisten(hierarchy->link, &hierarchy->listener);
    hierarchy_free(hierarchy);
}

static void table_closed(void *context)
{
    struct hierarchy *hierarchy = context;

    engine_post(imap_link_engine(hierarchy->link), &hierarchy->node, stop_on_loop);
}

struct listen_call {
    struct link_call base;
    struct hierarchy *hierarchy;
};

static HRESULT listen_on_engine(void *arg)
{
    struct listen_call *call = arg;
    HRESULT hr = fill(call->hierarchy);

    if (SUCCEEDED(hr))
        imap_link_listen(call->base.link, &call->hierarchy->listener);
    return hr;
}

static const SizedSPropTagArray(22, default_columns) = {22,
                                                        {PR_DISPLAY_NAME_W,
                                                         PR_ENTRYID,
                                                         PR_INSTANCE_KEY,
                                                         PR_RECORD_KEY,
                                                         PR_OBJECT_TYPE,
                                                         PR_FOLDER_TYPE,
                                                         PR_DISPLAY_TYPE,
                                                         PR_CONTENT_COUNT,
                                                         PR_CONTENT_UNREAD,
                                                         PR_SUBFOLDERS,
                                                         PR_DEPTH,
                                                         PR_PARENT_ENTRYID,
                                                         PR_STORE_RECORD_KEY,
                                                         PR_ACCESS,
                                                         PR_ACCESS_LEVEL,
                                                         PR_CONTAINER_CLASS_W,
                                                         PR_ASSOC_CONTENT_COUNT,
                                                         PR_SOURCE_KEY,
                                                         PR_PARENT_SOURCE_KEY,
                                                         PR_MG_FID,
                                                         PR_ROW_TYPE,
                                                         PR_STATUS}};

HRESULT hierarchy_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                       ULONG flags, IMAPITable **ret_table)
{
    struct hierarchy *hierarchy = calloc(1, sizeof(*hierarchy));
    struct listen_call call = {.hierarchy = hierarchy};
    struct table_options options = {
        .owner = owner,
        .dispatcher = imap_link_dispatcher(link),
        .columns = (const SPropTagArray *)&default_columns,
        .flags = flags & MAPI_UNICODE,
        .closed = table_closed,
        .context = hierarchy,
    };
    HRESULT hr;

    if (!hierarchy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hierarchy->link = imap_link_ref(link);
    hierarchy->folder = folder;
    hierarchy->deep = flags & CONVENIENT_DEPTH;
    hierarchy->listener.event = told;
    hr = row_list_create(PR_INSTANCE_KEY, &hierarchy->rows);
    if (SUCCEEDED(hr))
        hr = imap_link_call(link, listen_on_engine, &call.base);
    if (FAILED(hr)) {
        hierarchy_free(hierarchy);
        return hr;
    }
    options.source = row_list_source(hierarchy->rows);
    hr = table_create(&options, ret_table);
    if (FAILED(hr))
        table_closed(hierarchy);
    return hr;
}
