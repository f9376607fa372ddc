/* mime/header_recipients.c - the addresses of a header block as recipient rows */
#include "mime/header_props.h"

#include "mapi/mapicode.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mime/header_block.h"
#include "mime/person.h"

static HRESULT make_row(void *root, const struct header_address *address, LONG type, ULONG index,
                        SRow *row)
{
    static const struct person_tags tags = {
        PR_DISPLAY_NAME_W, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W,
        PR_SMTP_ADDRESS_W, PR_ENTRYID,    PR_SEARCH_KEY,
    };
    SPropValue record_key = {.ulPropTag = PR_RECORD_KEY};
    struct props props;

    props_begin(&props, root, 12);
    props_add_long(&props, PR_ROWID, (LONG)index);
    props_add_long(&props, PR_RECIPIENT_TYPE, type);
    person_add(&props, &tags, address);
    for (ULONG i = 0; SUCCEEDED(props.hr) && i < props.count; i++)
        if (props.values[i].ulPropTag == PR_ENTRYID)
            record_key.Value.bin = props.values[i].Value.bin;
    props_add(&props, &record_key);
    props_add_long(&props, PR_OBJECT_TYPE, MAPI_MAILUSER);
    props_add_long(&props, PR_DISPLAY_TYPE, DT_MAILUSER);
    return props_finish(&props, &row->lpProps, &row->cValues);
}

static HRESULT make_rows(void *root, const struct people lists[3], SRow *rows, ULONG *count)
{
    static const LONG types[3] = {MAPI_TO, MAPI_CC, MAPI_BCC};
    HRESULT hr = S_OK;

    for (size_t i = 0; i < 3; i++) {
        for (const struct header_address *item = lists[i].first; item && SUCCEEDED(hr);
             item = item->next) {
            hr = make_row(root, item, types[i], *count, &rows[*count]);
            ++*count;
        }
    }
    return hr;
}

HRESULT mime_header_recipients(const char *bytes, size_t size, void *root, SRow **ret_rows,
                               ULONG *ret_count)
{
    struct people lists[3];
    struct header_block header;
    ULONG count = 0;
    SRow *rows = NULL;
    HRESULT hr = header_block_read(&header, bytes, size);

    if (SUCCEEDED(hr) && !(header_block_all_people(&header, FIELD_TO, &lists[0]) &&
                           header_block_all_people(&header, FIELD_CC, &lists[1]) &&
                           header_block_all_people(&header, FIELD_BCC, &lists[2])))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr)) {
        size_t total = lists[0].count + lists[1].count + lists[2].count;

        rows = mapi_alloc_array(root, total + 1, sizeof(*rows));
        hr = rows ? make_rows(root ? root : rows, lists, rows, &count) : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    arena_clear(&header.arena);
    if (FAILED(hr)) {
        if (!root)
            mapi_free(rows);
        return hr;
    }
    *ret_rows = rows;
    *ret_count = count;
    return S_OK;
}
