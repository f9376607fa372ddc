/* tests/mapi/test_table_partial.c - tables over a source whose rows are still coming in */
#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "mapi/table.h"
#include "support/com.h"

#define TOTAL 100
#define STEP  7 /* rows that come at a time */

/* Rows first + 1 to first + count, by number, of which `await` brings more. */
struct filling {
    struct row_source source;
    size_t first, count;
    uint64_t version, grown_from;
    size_t awaits, most; /* calls, and the most rows asked for */
    HRESULT fail;
};

struct filling_snapshot {
    struct row_snapshot snapshot;
    size_t first, count;
    uint64_t grown_from;
};

static struct filling *filling;
static IMAPITable *table;

static struct filling_snapshot *from_snapshot(const struct row_snapshot *snapshot)
{
    return container_of((struct row_snapshot *)snapshot, struct filling_snapshot, snapshot);
}

static void snapshot_destroy(struct row_snapshot *snapshot)
{
    free(from_snapshot(snapshot));
}

static size_t snapshot_count(const struct row_snapshot *snapshot)
{
    return from_snapshot(snapshot)->count;
}

static uint64_t snapshot_id(const struct row_snapshot *snapshot, size_t position)
{
    return from_snapshot(snapshot)->first + position + 1;
}

static bool snapshot_find(const struct row_snapshot *snapshot, uint64_t id, size_t *ret_position)
{
    size_t first = from_snapshot(snapshot)->first;

    *ret_position = (size_t)id - first - 1;
    return id > first && id <= first + from_snapshot(snapshot)->count;
}

static HRESULT snapshot_row(const struct row_snapshot *snapshot, size_t position, const ULONG *tags,
                            size_t count, struct arena *scratch, SPropValue *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = propval_long(PR_MESSAGE_SIZE, (LONG)snapshot_id(snapshot, position));
    return S_OK;
}

static HRESULT snapshot_changes(const struct row_snapshot *snapshot, uint64_t since,
                                struct row_change *changes, size_t capacity, size_t *ret_count)
{
    return MAPI_E_TOO_BIG;
}

static bool snapshot_extends(const struct row_snapshot *snapshot, uint64_t since)
{
    return since >= from_snapshot(snapshot)->grown_from;
}

static const struct row_snapshot_ops snapshot_ops = {
    .destroy = snapshot_destroy,
    .count = snapshot_count,
    .id = snapshot_id,
    .find = snapshot_find,
    .row = snapshot_row,
    .changes = snapshot_changes,
    .extends = snapshot_extends,
};

static struct filling *from_source(struct row_source *source)
{
    return container_of(source, struct filling, source);
}

static void source_destroy(struct row_source *source)
{
    row_source_clear(source);
    free(from_source(source));
}

static HRESULT source_snapshot(struct row_source *source, struct row_snapshot **ret_snapshot)
{
    struct filling *self = from_source(source);
    struct filling_snapshot *snapshot = calloc(1, sizeof(*snapshot));

    row_snapshot_init(&snapshot->snapshot, &snapshot_ops, self->version);
    snapshot->first = self->first;
    snapshot->count = self->count;
    snapshot->grown_from = self->grown_from;
    snapshot->snapshot.partial = self->first + self->count < TOTAL;
    *ret_snapshot = &snapshot->snapshot;
    return S_OK;
}

static HRESULT source_await(struct row_source *source, size_t rows, struct error_info *error)
{
    struct filling *self = from_source(source);

    self->awaits++;
    self->most = rows > self->most ? rows : self->most;
    while (self->count < rows && self->first + self->count < TOTAL) {
        if (FAILED(self->fail))
            return error_set(error, self->fail, "imap.example.org", "connection lost");
        self->count += STEP;
        if (self->first + self->count > TOTAL)
            self->count = TOTAL - self->first;
        self->version++;
    }
    row_source_announce(source);
    return S_OK;
}

static const struct row_source_ops source_ops = {
    .destroy = source_destroy,
    .snapshot = source_snapshot,
    .await = source_await,
};

static void begin(void)
{
    SizedSPropTagArray(1, columns) = {1, {PR_MESSAGE_SIZE}};
    struct table_options options = {.columns = (SPropTagArray *)&columns};

    filling = calloc(1, sizeof(*filling));
    row_source_init(&filling->source, &source_ops);
    filling->version = filling->grown_from = 1;
    options.source = &filling->source;
    assert_hr(table_create(&options, &table), S_OK);
}

static void end(void)
{
    expect_last_release(table);
    row_source_unref(&filling->source);
}

static void expect_page(LONG ask, ULONG count, LONG first)
{
    SRowSet *rows;

    assert_hr(IMAPITable_QueryRows(table, ask, 0, &rows), S_OK);
    cr_expect(rows->cRows == count, "%u rows", rows->cRows);
    for (ULONG i = 0; i < rows->cRows; i++)
        cr_expect(rows->aRow[i].lpProps[0].Value.l == first + (LONG)i, "row %d",
                  rows->aRow[i].lpProps[0].Value.l);
    FreeProws(rows);
}

Test(table_partial, pages_come_whole_and_wait_for_no_more_than_they_hold)
{
    begin();
    expect_page(10, 10, 1);
    cr_expect_eq(filling->most, 10);
    expect_page(4, 4, 11); /* the cursor has been at the end of what was there */
    expect_page(-4, 4, 11);
    cr_expect_eq(filling->count, 14);
    expect_page(60, 60, 15);
    expect_page(60, 26, 75); /* all there are */
    expect_page(60, 0, 0);
    end();
}

Test(table_partial, the_cursor_at_the_end_of_what_is_there_is_not_at_the_end)
{
    begin();
    expect_page(7, 7, 1);
    cr_expect_eq(filling->count, 7);
    expect_page(7, 7, 8);
    filling->first = 3; /* three rows go meanwhile: all is built anew */
    filling->count -= 3;
    filling->grown_from = ++filling->version;
    row_source_announce(&filling->source);
    expect_page(7, 7, 15);
    end();
}

Test(table_partial, counting_and_sorting_wait_for_all)
{
    SizedSSortOrderSet(1, sort) = {1, 0, 0, {{PR_MESSAGE_SIZE, TABLE_SORT_DESCEND}}};
    ULONG count;

    begin();
    expect_page(1, 1, 1);
    assert_hr(IMAPITable_GetRowCount(table, 0, &count), S_OK);
    cr_expect_eq(count, TOTAL);
    end();

    begin();
    assert_hr(IMAPITable_SortTable(table, (SSortOrderSet *)&sort, 0), S_OK);
    expect_page(1, 1, TOTAL);
    end();
}

Test(table_partial, a_whole_table_asks_no_more)
{
    ULONG count;

    begin();
    assert_hr(IMAPITable_GetRowCount(table, 0, &count), S_OK);
    filling->awaits = 0;
    expect_page(10, 10, 1);
    assert_hr(IMAPITable_SeekRow(table, BOOKMARK_END, 0, NULL), S_OK);
    cr_expect_eq(filling->awaits, 0);
    end();
}

Test(table_partial, what_cannot_be_had_fails_and_leaves_the_cursor) /* MEM-042 */
{
    MAPIERROR *error;
    SRowSet *rows = NULL;

    begin();
    expect_page(10, 10, 1);
    filling->fail = MAPI_E_NETWORK_ERROR;
    expect_page(4, 4, 11); /* it is there */
    expect_hr(IMAPITable_QueryRows(table, 4, 0, &rows), MAPI_E_NETWORK_ERROR);
    cr_expect_null(rows);
    assert_hr(IMAPITable_GetLastError(table, MAPI_E_NETWORK_ERROR, 0, &error), S_OK);
    cr_expect_str_eq((char *)error->lpszError, "connection lost");
    MAPIFreeBuffer(error);
    filling->fail = S_OK;
    expect_page(4, 4, 15);
    end();
}

Test(table_partial, a_source_that_begins_anew_is_waited_for)
{
    ULONG count;

    begin();
    assert_hr(IMAPITable_GetRowCount(table, 0, &count), S_OK);
    filling->count = 0;
    filling->grown_from = ++filling->version;
    row_source_announce(&filling->source);
    assert_hr(IMAPITable_SeekRow(table, BOOKMARK_BEGINNING, 0, NULL), S_OK);
    expect_page(10, 10, 1);
    end();
}
