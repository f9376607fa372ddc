/* tests/mapi/test_table_source.c - tables over a source that has to fetch, and over a large one */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "mapi/sink.h"
#include "mapi/table.h"
#include "support/com.h"

/* Rows are numbered 1 to `count`; PR_MESSAGE_SIZE is in memory, PR_SUBJECT_W must be prepared. */
struct slow_source {
    struct row_source source;
    size_t count;
    uint64_t version;
    bool *prepared;
    size_t row_calls, prepares, prepared_rows, searches, orders;
    HRESULT fail;   /* what prepare answers */
    bool knows_all; /* the server searches and sorts */
};

struct slow_snapshot {
    struct row_snapshot snapshot;
    struct slow_source *slow;
    size_t count;
};

static struct slow_source *slow;
static IMAPITable *table;

static struct slow_snapshot *from_snapshot(const struct row_snapshot *snapshot)
{
    return container_of((struct row_snapshot *)snapshot, struct slow_snapshot, snapshot);
}

static void snapshot_destroy(struct row_snapshot *snapshot)
{
    row_source_unref(&from_snapshot(snapshot)->slow->source);
    free(from_snapshot(snapshot));
}

static size_t snapshot_count(const struct row_snapshot *snapshot)
{
    return from_snapshot(snapshot)->count;
}

static uint64_t snapshot_id(const struct row_snapshot *snapshot, size_t position)
{
    return position + 1;
}

static bool snapshot_find(const struct row_snapshot *snapshot, uint64_t id, size_t *ret_position)
{
    *ret_position = (size_t)id - 1;
    return id > 0 && id <= from_snapshot(snapshot)->count;
}

static HRESULT snapshot_row(const struct row_snapshot *snapshot, size_t position, const ULONG *tags,
                            size_t count, struct arena *scratch, SPropValue *values)
{
    struct slow_source *source = from_snapshot(snapshot)->slow;
    size_t i;

    source->row_calls++;
    for (i = 0; i < count; i++) {
        if (tags[i] == PR_MESSAGE_SIZE)
            values[i] = propval_long(PR_MESSAGE_SIZE, (LONG)(position + 1));
        else if (tags[i] == PR_SUBJECT_W && source->prepared[position])
            values[i] = propval_unicode(PR_SUBJECT_W, position % 2 ? u"odd" : u"even");
        else
            propval_set_error(&values[i], tags[i],
                              tags[i] == PR_SUBJECT_W ? ROW_NOT_PREPARED : MAPI_E_NOT_FOUND);
    }
    return S_OK;
}

static HRESULT snapshot_changes(const struct row_snapshot *snapshot, uint64_t since,
                                struct row_change *changes, size_t capacity, size_t *ret_count)
{
    *ret_count = 0; /* prepared values are no change */
    return S_OK;
}

static const struct row_snapshot_ops snapshot_ops = {
    snapshot_destroy, snapshot_count, snapshot_id, snapshot_find, snapshot_row, snapshot_changes,
};

static struct slow_source *from_source(struct row_source *source)
{
    return container_of(source, struct slow_source, source);
}

static void source_destroy(struct row_source *source)
{
    row_source_clear(source);
    free(from_source(source)->prepared);
    free(from_source(source));
}

static HRESULT source_snapshot(struct row_source *source, struct row_snapshot **ret_snapshot)
{
    struct slow_snapshot *snapshot = calloc(1, sizeof(*snapshot));

    row_source_ref(source);
    snapshot->slow = from_source(source);
    snapshot->count = snapshot->slow->count;
    row_snapshot_init(&snapshot->snapshot, &snapshot_ops, snapshot->slow->version);
    *ret_snapshot = &snapshot->snapshot;
    return S_OK;
}

static HRESULT source_prepare(struct row_source *source, const struct row_request *request,
                              struct error_info *error)
{
    struct slow_source *self = from_source(source);
    size_t i;

    self->prepares++;
    if (FAILED(self->fail))
        return error_set(error, self->fail, "imap.example.org", "connection lost");
    for (i = 0; i < (request->ids ? request->count : self->count); i++) {
        size_t at = request->ids ? (size_t)request->ids[i] - 1 : i;

        self->prepared_rows += !self->prepared[at];
        self->prepared[at] = true;
    }
    self->version++;
    return S_OK;
}

static HRESULT source_search(struct row_source *source, const SRestriction *restriction,
                             uint64_t **ret_ids, size_t *ret_count, struct error_info *error)
{
    struct slow_source *self = from_source(source);

    self->searches++;
    if (!self->knows_all)
        return MAPI_E_NO_SUPPORT;
    *ret_ids = malloc(3 * sizeof(uint64_t));
    (*ret_ids)[0] = 7;
    (*ret_ids)[1] = 2;
    (*ret_ids)[2] = 1000000; /* newer than the snapshot */
    *ret_count = 3;
    return S_OK;
}

static HRESULT source_order(struct row_source *source, const SSortOrderSet *sort,
                            uint64_t **ret_ids, size_t *ret_count, struct error_info *error)
{
    struct slow_source *self = from_source(source);
    size_t i;

    self->orders++;
    if (!self->knows_all)
        return MAPI_E_NO_SUPPORT;
    *ret_ids = malloc(self->count * sizeof(uint64_t));
    for (i = 0; i < self->count; i++)
        (*ret_ids)[i] = self->count - i;
    *ret_count = self->count;
    return S_OK;
}

static const struct row_source_ops source_ops = {
    .destroy = source_destroy,
    .snapshot = source_snapshot,
    .prepare = source_prepare,
    .search = source_search,
    .order = source_order,
};

static void begin(size_t count)
{
    SizedSPropTagArray(2, columns) = {2, {PR_MESSAGE_SIZE, PR_SUBJECT_W}};
    struct table_options options = {.columns = (SPropTagArray *)&columns, .flags = MAPI_UNICODE};

    slow = calloc(1, sizeof(*slow));
    row_source_init(&slow->source, &source_ops);
    slow->count = count;
    slow->version = 1;
    slow->prepared = calloc(count + 1, 1);
    options.source = &slow->source;
    assert_hr(table_create(&options, &table), S_OK);
}

static void end(void)
{
    expect_last_release(table);
    row_source_unref(&slow->source);
}

static void expect_page(LONG ask, ULONG count, LONG first)
{
    SRowSet *rows;

    assert_hr(table->lpVtbl->QueryRows(table, ask, 0, &rows), S_OK);
    cr_expect(rows->cRows == count, "%u rows", rows->cRows);
    if (rows->cRows)
        cr_expect(rows->aRow[0].lpProps[0].Value.l == first, "row %d",
                  rows->aRow[0].lpProps[0].Value.l);
    FreeProws(rows);
}

Test(table_source, a_page_touches_its_rows_only)
{
    begin(100000);
    expect_page(1000, 1000, 1);
    cr_expect_eq(slow->prepared_rows, 1000);
    cr_expect_eq(slow->prepares, 1);
    cr_expect(slow->row_calls <= 2000, "%zu", slow->row_calls); /* before and after preparing */
    slow->row_calls = 0;
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL);
    expect_page(1000, 1000, 1);
    cr_expect_eq(slow->row_calls, 1000);
    cr_expect_eq(slow->prepares, 1);
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 50000, NULL);
    cr_expect_eq(slow->row_calls, 1000); /* moving reads nothing */
    end();
}

Test(table_source, prepared_values_come_in_the_same_call)
{
    SRowSet *rows;

    begin(10);
    assert_hr(table->lpVtbl->QueryRows(table, 2, 0, &rows), S_OK);
    cr_expect_eq(rows->aRow[0].lpProps[1].ulPropTag, PR_SUBJECT_W);
    FreeProws(rows);
    end();
}

Test(table_source, failures_are_told_and_leave_the_cursor) /* MEM-042 MEM-043 */
{
    MAPIERROR *error;
    SRowSet *rows = NULL;

    begin(10);
    expect_page(3, 3, 1);
    slow->fail = MAPI_E_NETWORK_ERROR;
    expect_hr(table->lpVtbl->QueryRows(table, 3, 0, &rows), MAPI_E_NETWORK_ERROR);
    cr_expect_null(rows);
    assert_hr(table->lpVtbl->GetLastError(table, MAPI_E_NETWORK_ERROR, 0, &error), S_OK);
    cr_assert_not_null(error);
    cr_expect_str_eq((char *)error->lpszError, "connection lost");
    MAPIFreeBuffer(error);
    slow->fail = S_OK;
    expect_page(3, 3, 4);
    end();
}

Test(table_source, restrictions_prepare_what_they_read)
{
    SPropValue odd = propval_unicode(PR_SUBJECT_W, u"odd");
    SRestriction restriction = {.rt = RES_CONTENT,
                                .res.resContent = {FL_FULLSTRING, PR_SUBJECT_W, &odd}};
    ULONG count;

    begin(100);
    assert_hr(table->lpVtbl->Restrict(table, &restriction, 0), S_OK);
    cr_expect_eq(slow->searches, 1);
    cr_expect_eq(slow->prepares, 1);
    assert_hr(table->lpVtbl->GetRowCount(table, 0, &count), S_OK);
    cr_expect_eq(count, 50);
    expect_hr(table->lpVtbl->FindRow(table, &restriction, BOOKMARK_BEGINNING, 0), S_OK);
    expect_page(1, 1, 2);
    end();
}

Test(table_source, a_failed_restriction_leaves_the_old_view)
{
    SPropValue odd = propval_unicode(PR_SUBJECT_W, u"odd");
    SRestriction restriction = {.rt = RES_CONTENT,
                                .res.resContent = {FL_FULLSTRING, PR_SUBJECT_W, &odd}};
    ULONG count, status, type;

    begin(100);
    slow->fail = MAPI_E_NETWORK_ERROR;
    expect_hr(table->lpVtbl->Restrict(table, &restriction, 0), MAPI_E_NETWORK_ERROR);
    assert_hr(table->lpVtbl->GetStatus(table, &status, &type), S_OK);
    cr_expect_eq(status, TBLSTAT_RESTRICT_ERROR);
    assert_hr(table->lpVtbl->GetRowCount(table, 0, &count), S_OK);
    cr_expect_eq(count, 100);
    end();
}

Test(table_source, the_server_is_asked_first)
{
    SPropValue any = propval_unicode(PR_SUBJECT_W, u"any");
    SRestriction restriction = {.rt = RES_CONTENT,
                                .res.resContent = {FL_SUBSTRING, PR_SUBJECT_W, &any}};
    SizedSSortOrderSet(1, sort) = {1, 0, 0, {{PR_SUBJECT_W, TABLE_SORT_ASCEND}}};

    begin(10);
    slow->knows_all = true;
    assert_hr(table->lpVtbl->Restrict(table, &restriction, 0), S_OK);
    expect_page(10, 2, 2);
    assert_hr(table->lpVtbl->SortTable(table, (SSortOrderSet *)&sort, 0), S_OK);
    expect_page(10, 2, 7);
    cr_expect_eq(slow->orders, 1);
    end();
}

static int heavy_runs;

static HRESULT run_heavy(HRESULT (*fn)(void *arg), void *arg)
{
    heavy_runs++;
    return fn(arg);
}

Test(table_source, long_work_is_handed_over)
{
    SizedSPropTagArray(1, columns) = {1, {PR_MESSAGE_SIZE}};
    SizedSSortOrderSet(1, sort) = {1, 0, 0, {{PR_MESSAGE_SIZE, TABLE_SORT_DESCEND}}};
    struct table_options options = {.columns = (SPropTagArray *)&columns, .run_heavy = run_heavy};
    IMAPITable *other;

    begin(5000);
    options.source = &slow->source;
    assert_hr(table_create(&options, &other), S_OK);
    assert_hr(other->lpVtbl->SortTable(other, (SSortOrderSet *)&sort, 0), S_OK);
    cr_expect_eq(heavy_runs, 1);
    expect_last_release(other);
    end();
}

Test(table_source, a_row_that_went_and_came_back_has_changed)
{
    struct change_log *log = calloc(1, sizeof(*log));
    struct row_change changes[4];
    size_t count = 0;

    cr_assert(log);
    change_log_add(log, 1, ROW_DELETED, 7);
    change_log_add(log, 2, ROW_ADDED, 7);
    change_log_add(log, 2, ROW_ADDED, 8);
    change_log_add(log, 3, ROW_DELETED, 8);
    assert_hr(change_log_read(log, 0, 3, changes, 4, &count), S_OK);
    cr_assert_eq(count, 1);
    cr_expect_eq(changes[0].id, 7);
    cr_expect_eq(changes[0].kind, ROW_MODIFIED);
    free(log);
}
