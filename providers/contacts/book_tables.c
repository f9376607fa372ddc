/* providers/contacts/book_tables.c - the tables of an address book
 *
 * A shelf is read anew when a table of it is opened and when something has changed; the list of
 * rows tells the open tables what differs. */
#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "mapi/text.h"
#include "providers/contacts/book_private.h"
#include "providers/contacts/people.h"

/* --- Rows of people --------------------------------------------------------------------------- */

static HRESULT make_row(const struct book *book, enum shelf shelf, const struct person *person,
                        struct arena *words, SRow *ret_row)
{
    SPropValue *values = mapi_alloc_array(NULL, PERSON_VALUES + 1, sizeof(*values));
    HRESULT hr = values ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    ULONG count = 0;

    if (SUCCEEDED(hr))
        hr = person_values(book, shelf, person, values, values, &count);
    if (SUCCEEDED(hr)) {
        values[count] = propval_unicode(PR_ANR_W, person_words(person, words));
        hr = values[count++].Value.lpszW ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    if (FAILED(hr)) {
        mapi_free(values);
        return hr;
    }
    *ret_row = (SRow){.cValues = count, .lpProps = values};
    return S_OK;
}

static HRESULT show(struct book *book, enum shelf shelf, const struct people *people)
{
    SRow *rows = calloc(people->count + 1, sizeof(*rows));
    struct arena words = {0};
    HRESULT hr = rows ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    size_t count = 0;

    while (count < people->count && SUCCEEDED(hr)) {
        hr = make_row(book, shelf, &people->list[count], &words, &rows[count]);
        if (SUCCEEDED(hr))
            count++;
    }
    if (SUCCEEDED(hr))
        hr = row_list_replace(book->rows[shelf], rows, count);
    for (size_t i = 0; i < count; i++)
        mapi_free(rows[i].lpProps);
    arena_clear(&words);
    free(rows);
    return hr;
}

static WAITS HRESULT refresh(struct book *book, enum shelf shelf, struct error_info *error)
{
    struct people people;
    HRESULT hr = engine_mutex_lock(&book->gate, NO_DEADLINE);

    if (FAILED(hr))
        return hr;
    atomic_store(&book->shown[shelf], true);
    hr = people_read(book, shelf, error, &people);
    if (SUCCEEDED(hr)) {
        hr = show(book, shelf, &people);
        people_clear(&people);
    }
    engine_mutex_unlock(&book->gate);
    return hr;
}

void book_changed(struct book *book, enum shelf shelf)
{
    if (atomic_load(&book->shown[shelf]))
        refresh(book, shelf, NULL); /* without memory the tables are late: the next change tells */
}

static const SizedSPropTagArray(18, people_columns) = {
    18,
    {PR_DISPLAY_NAME_W, PR_ENTRYID, PR_INSTANCE_KEY, PR_RECORD_KEY, PR_SEARCH_KEY, PR_OBJECT_TYPE,
     PR_DISPLAY_TYPE, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W, PR_SMTP_ADDRESS_W, PR_SEND_RICH_INFO,
     PR_TRANSMITABLE_DISPLAY_NAME_W, PR_GIVEN_NAME_W, PR_SURNAME_W, PR_COMPANY_NAME_W, PR_TITLE_W,
     PR_NICKNAME_W, PR_ANR_W}};
static const SizedSSortOrderSet(1, by_name) = {1, 0, 0, {{PR_DISPLAY_NAME_W, TABLE_SORT_ASCEND}}};

HRESULT book_contents(struct book *book, enum shelf shelf, struct mapi_object *owner, ULONG flags,
                      struct error_info *error, IMAPITable **ret_table)
{
    const struct table_options options = {
        .source = row_list_source(book->rows[shelf]),
        .owner = owner,
        .dispatcher = book->dispatcher,
        .columns = (const SPropTagArray *)&people_columns,
        .sort = (const SSortOrderSet *)&by_name,
        .flags = flags & MAPI_UNICODE,
    };
    HRESULT hr = refresh(book, shelf, error);

    return SUCCEEDED(hr) ? table_create(&options, ret_table) : hr;
}

/* --- Rows of shelves -------------------------------------------------------------------------- */

#define SHELF_VALUES 10

static HRESULT make_shelf_row(const struct book *book, enum shelf shelf,
                              const struct shelf_info *info, SRow *ret_row)
{
    const struct contacts_ref ref = {.kind = CONTACTS_SHELF, .shelf = shelf};
    SPropValue *values = mapi_alloc_array(NULL, SHELF_VALUES, sizeof(*values));
    BYTE *id = values ? mapi_alloc(values, CONTACTS_ID_SIZE) : NULL;
    ULONG size;
    HRESULT hr;

    if (!id) {
        mapi_free(values);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    size = contacts_entryid(&book->uid, &ref, id);
    values[0] = propval_binary(PR_ENTRYID, id, size);
    values[1] = propval_binary(PR_INSTANCE_KEY, id, size);
    values[2] = propval_binary(PR_RECORD_KEY, id, size);
    values[3] = propval_long(PR_OBJECT_TYPE, MAPI_ABCONT);
    values[4] = propval_long(PR_DISPLAY_TYPE, (LONG)info->display_type);
    values[5] = propval_long(PR_CONTAINER_FLAGS, (LONG)info->flags);
    values[6] = propval_long(PR_DEPTH, 0);
    values[7] = propval_binary(PR_AB_PROVIDER_ID, &book->uid, sizeof(book->uid));
    values[8] = propval_long(PR_ROW_TYPE, TBL_LEAF_ROW);
    values[9].ulPropTag = PR_DISPLAY_NAME_W;
    hr = text_utf8_to_utf16(values, info->name, &values[9].Value.lpszW);
    if (FAILED(hr)) {
        mapi_free(values);
        return hr;
    }
    *ret_row = (SRow){.cValues = SHELF_VALUES, .lpProps = values};
    return S_OK;
}

static HRESULT show_shelves(struct book *book)
{
    SRow rows[SHELF_END];
    struct shelf_info info;
    HRESULT hr = S_OK;
    size_t count = 0;

    for (enum shelf shelf = SHELF_PERSONAL; shelf < SHELF_END && SUCCEEDED(hr); shelf++) {
        if (!book_shelf(book, shelf, &info))
            continue;
        hr = make_shelf_row(book, shelf, &info, &rows[count]);
        if (SUCCEEDED(hr))
            count++;
    }
    if (SUCCEEDED(hr))
        hr = row_list_replace(book->rows[SHELF_NONE], rows, count);
    while (count > 0)
        mapi_free(rows[--count].lpProps);
    return hr;
}

static const SizedSPropTagArray(10, shelf_columns) = {
    10,
    {PR_DISPLAY_NAME_W, PR_ENTRYID, PR_INSTANCE_KEY, PR_RECORD_KEY, PR_OBJECT_TYPE, PR_DISPLAY_TYPE,
     PR_CONTAINER_FLAGS, PR_DEPTH, PR_AB_PROVIDER_ID, PR_ROW_TYPE}};

HRESULT book_hierarchy(struct book *book, struct mapi_object *owner, ULONG flags,
                       IMAPITable **ret_table)
{
    const struct table_options options = {
        .source = row_list_source(book->rows[SHELF_NONE]),
        .owner = owner,
        .dispatcher = book->dispatcher,
        .columns = (const SPropTagArray *)&shelf_columns,
        .flags = flags & MAPI_UNICODE,
    };
    HRESULT hr = show_shelves(book);

    return SUCCEEDED(hr) ? table_create(&options, ret_table) : hr;
}
