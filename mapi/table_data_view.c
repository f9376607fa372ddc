/* mapi/table_data_view.c - the tables that ITableData gives out */
#include <stdlib.h>
#include <string.h>

#include "mapi/notify.h"
#include "mapi/table.h"
#include "mapi/table_data_private.h"

#define EVENTS_MAX 8 /* changes at once that are told row by row (TBL-147) */

struct view_closing {
    CALLERRELEASE *call;
    ULONG_PTR caller_data;
    struct table_data *data; /* the view holds it */
    IMAPITable *view;
};

static void view_closed(void *context)
{
    struct view_closing *closing = context;

    if (closing->call)
        closing->call(closing->caller_data, &closing->data->ITableData_iface, closing->view);
    free(closing);
}

/* The declared columns, then all that rows brought since (TBL-139, TBL-151). */
static HRESULT view_columns(struct table_data *data, SPropTagArray **ret_columns)
{
    struct row_source *source = row_list_source(data->list);
    SPropTagArray *seen, *columns;
    ULONG i, j, tag;
    HRESULT hr;

    hr = source->ops->columns(source, &seen);
    if (FAILED(hr))
        return hr;
    columns = mapi_alloc(NULL, CbNewSPropTagArray(data->columns->cValues + seen->cValues));
    if (!columns) {
        mapi_free(seen);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    memcpy(columns, data->columns, CbSPropTagArray(data->columns));
    pthread_mutex_lock(&data->lock);
    for (i = 0; i < seen->cValues; i++) {
        tag = seen->aulPropTag[i];
        for (j = 0; j < data->columns->cValues; j++)
            if (table_data_kept_tag(data->columns->aulPropTag[j]) == tag)
                break;
        if (j < data->columns->cValues)
            continue;
        if (table_data_is_narrow(data, tag))
            tag = CHANGE_PROP_TYPE(tag, PT_STRING8 | (PROP_TYPE(tag) & MV_FLAG));
        columns->aulPropTag[columns->cValues++] = tag;
    }
    pthread_mutex_unlock(&data->lock);
    mapi_free(seen);
    *ret_columns = columns;
    return S_OK;
}

static HRESULT create_view(struct table_data *data, const SSortOrderSet *sort,
                           const SPropTagArray *columns, struct view_closing *closing)
{
    struct dispatcher *dispatcher = notify_default(); /* TBL-156 */
    struct table_options options = {
        .source = row_list_source(data->list),
        .owner = &data->object,
        .dispatcher = dispatcher,
        .columns = columns,
        .sort = sort,
        .type = data->type,
        .is_snapshot = data->type == TBLTYPE_SNAPSHOT,
        .index_tag = data->key,
        .event_limit = EVENTS_MAX,
        .closed = view_closed,
        .context = closing,
    };
    HRESULT hr;

    hr = table_create(&options, &closing->view);
    dispatcher_unref(dispatcher);
    return hr;
}

HRESULT table_data_view(struct table_data *data, const SSortOrderSet *sort,
                        CALLERRELEASE *caller_release, ULONG_PTR caller_data, IMAPITable **ret_view)
{
    struct view_closing *closing;
    SPropTagArray *columns;
    IMAPITable *view;
    HRESULT hr;

    hr = view_columns(data, &columns);
    if (FAILED(hr))
        return hr;
    closing = calloc(1, sizeof(*closing));
    hr = closing ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr)) {
        closing->data = data;
        closing->caller_data = caller_data;
        hr = create_view(data, sort, columns, closing);
        if (FAILED(hr))
            free(closing);
    }
    if (SUCCEEDED(hr)) {
        view = closing->view;
        hr = IMAPITable_SetColumns(view, columns, TBL_BATCH); /* each in its declared width */
        closing->call = caller_release;
        if (FAILED(hr)) {
            closing->call = NULL;
            IMAPITable_Release(view);
        } else {
            *ret_view = view;
        }
    }
    mapi_free(columns);
    return hr;
}
