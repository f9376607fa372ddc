/* providers/imap/associated_table.c - the table of a folder's associated messages
 *
 * Values longer than COLUMN_MAX are left to the object. */
#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "providers/imap/associated.h"
#include "providers/imap/live_rows.h"

#define COLUMN_MAX 4096

static HRESULT make_row(const struct associated_view *view, struct live_filling *filling)
{
    SPropValue computed[ASSOCIATED_COMPUTED_MAX];
    SRow *row = &filling->rows[filling->count];
    struct arena scratch = {0};
    ULONG count;
    HRESULT hr = associated_computed(view, &scratch, computed, &count);

    row->lpProps = mapi_alloc_array(filling->root, view->kept_count + ASSOCIATED_COMPUTED_MAX,
                                    sizeof(SPropValue));
    if (SUCCEEDED(hr) && !row->lpProps)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = propval_copy(filling->root, &row->lpProps[row->cValues++], &computed[i]);
    for (size_t i = 0; SUCCEEDED(hr) && i < view->kept_count; i++)
        if (propval_size(&view->kept[i]) <= COLUMN_MAX)
            hr = propval_copy(filling->root, &row->lpProps[row->cValues++], &view->kept[i]);
    arena_clear(&scratch);
    filling->count++;
    return hr;
}

static WAITS HRESULT add_row(const struct live_rows *rows, struct account *account, uint64_t number,
                             struct error_info *error, struct live_filling *filling)
{
    struct associated_view view = {.guids = imap_link_guids(rows->link),
                                   .folder = rows->folder,
                                   .number = number,
                                   .writable = !imap_link_is_readonly(rows->link)};
    SPropValue *values;
    HRESULT hr =
        state_props_get(account_state(account), number, NULL, 0, error, &values, &view.kept_count);

    if (FAILED(hr))
        return hr;
    view.kept = values;
    hr = make_row(&view, filling);
    free(values);
    return hr;
}

static HRESULT fill(const struct live_rows *rows, struct account *account, struct error_info *error,
                    struct live_filling *filling)
{
    struct state_object *objects;
    size_t count;
    HRESULT hr = state_objects_list(account_state(account), rows->folder, STATE_OBJECT_FAI, error,
                                    &objects, &count);

    if (FAILED(hr))
        return hr;
    hr = live_filling_reserve(filling, count);
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = add_row(rows, account, objects[i].number, error, filling);
    free(objects);
    return hr;
}

static bool wants(const struct live_rows *rows, const struct account_event *event)
{
    return event->folder == rows->folder &&
           (event->kind == ACCOUNT_ASSOCIATED_ADDED || event->kind == ACCOUNT_ASSOCIATED_REMOVED ||
            event->kind == ACCOUNT_ASSOCIATED_CHANGED);
}

static const SizedSPropTagArray(12, columns) = {
    12,
    {PR_ENTRYID, PR_INSTANCE_KEY, PR_MESSAGE_CLASS_W, PR_SUBJECT_W, PR_MESSAGE_FLAGS,
     PR_MESSAGE_SIZE, PR_OBJECT_TYPE, PR_PARENT_ENTRYID, PR_RECORD_KEY, PR_LAST_MODIFICATION_TIME,
     PR_CREATION_TIME, PR_HASATTACH}};

static const struct live_rows_ops ops = {
    .columns = (const SPropTagArray *)&columns, .wants = wants, .fill = fill};

HRESULT associated_table_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                              ULONG flags, IMAPITable **ret_table)
{
    return live_rows_open(link, owner, folder, &ops, flags, ret_table);
}
