/* tests/mapi/test_table_threads.c - tables under many hands at once */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"
#include "mapi/sink.h"
#include "mapi/table.h"
#include "support/com.h"

#define WRITERS 3
#define ROUNDS  400
#define KEYS    20

static struct row_list *list;
static IMAPITable *table;
static unsigned rounds = ROUNDS;

static void *write_rows(void *arg)
{
    unsigned writer = (unsigned)(uintptr_t)arg, i, key;

    for (i = 0; i < rounds; i++) {
        key = writer * KEYS + i % KEYS + 1;
        SPropValue values[] = {propval_binary(PR_INSTANCE_KEY, &key, sizeof(key)),
                               propval_long(PR_MESSAGE_SIZE, (LONG)((i * 37 + writer) % 100))};

        if (i % 7 == 6)
            row_list_remove(list, &values[0]);
        else
            row_list_set(list, values, 2);
    }
    return NULL;
}

static void *read_rows(void *arg)
{
    SRowSet *rows;
    ULONG count;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL);
        if (table->lpVtbl->QueryRows(table, 10, 0, &rows) == S_OK)
            FreeProws(rows);
        table->lpVtbl->GetRowCount(table, 0, &count);
    }
    return NULL;
}

static void *redefine(void *arg)
{
    SizedSSortOrderSet(1, sort) = {1, 0, 0, {{PR_MESSAGE_SIZE, TABLE_SORT_ASCEND}}};
    SPropValue limit = propval_long(PR_MESSAGE_SIZE, 50);
    SRestriction below = {.rt = RES_PROPERTY,
                          .res.resProperty = {RELOP_LT, PR_MESSAGE_SIZE, &limit}};
    int i;

    for (i = 0; i < ROUNDS / 10; i++) {
        table->lpVtbl->Restrict(table, i % 2 ? &below : NULL, 0);
        sort.aSort[0].ulOrder = i % 3 ? TABLE_SORT_ASCEND : TABLE_SORT_DESCEND;
        table->lpVtbl->SortTable(table, (SSortOrderSet *)&sort, 0);
    }
    return NULL;
}

static void make_table(struct dispatcher *dispatcher)
{
    SizedSPropTagArray(2, columns) = {2, {PR_INSTANCE_KEY, PR_MESSAGE_SIZE}};
    struct table_options options = {.columns = (SPropTagArray *)&columns};

    assert_hr(row_list_create(PR_INSTANCE_KEY, &list), S_OK);
    options.source = row_list_source(list);
    options.dispatcher = dispatcher;
    options.event_limit = NOTIFY_QUEUE_MAX;
    assert_hr(table_create(&options, &table), S_OK);
}

Test(table_threads, readers_writers_and_definers_get_along) /* MEM-048 MEM-053 */
{
    struct dispatcher *dispatcher;
    struct test_sink *sink = test_sink_create();
    pthread_t threads[WRITERS + 3];
    ULONG_PTR connection;
    size_t i, n = 0;

    assert_hr(notify_thread_create(&dispatcher), S_OK);
    make_table(dispatcher);
    assert_hr(
        table->lpVtbl->Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    for (i = 0; i < WRITERS; i++)
        pthread_create(&threads[n++], NULL, write_rows, (void *)(uintptr_t)i);
    pthread_create(&threads[n++], NULL, read_rows, NULL);
    pthread_create(&threads[n++], NULL, read_rows, NULL);
    pthread_create(&threads[n++], NULL, redefine, NULL);
    for (i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    assert_hr(table->lpVtbl->Unadvise(table, connection), S_OK);
    notify_thread_stop(dispatcher);
    cr_expect_eq(test_sink_refs(sink), 1);
    expect_last_release(table);
    row_source_unref(row_list_source(list));
    dispatcher_unref(dispatcher);
    test_sink_release(sink);
}

/* Applies an event to a copy of the view kept by keys alone. */
static void follow(unsigned *keys, size_t *count, const TABLE_NOTIFICATION *tab)
{
    unsigned key = 0, prior = 0;
    size_t i;

    memcpy(&key, tab->propIndex.Value.bin.lpb, sizeof(key));
    if (tab->ulTableEvent != TABLE_ROW_ADDED) {
        for (i = 0; i < *count && keys[i] != key; i++)
            ;
        cr_assert(i < *count, "row %u is unknown", key);
        memmove(&keys[i], &keys[i + 1], (--*count - i) * sizeof(*keys));
    }
    if (tab->ulTableEvent == TABLE_ROW_DELETED)
        return;
    if (tab->propPrior.ulPropTag != PR_NULL)
        memcpy(&prior, tab->propPrior.Value.bin.lpb, sizeof(prior));
    for (i = 0; prior && i < *count && keys[i] != prior; i++)
        ;
    cr_assert(!prior || i < *count, "row %u is unknown", prior);
    i += prior != 0;
    memmove(&keys[i + 1], &keys[i], (*count - i) * sizeof(*keys));
    keys[i] = key;
    ++*count;
}

Test(table_threads, no_change_of_any_thread_goes_unheard) /* TBL-121 MEM-062 */
{
    struct dispatcher *queue;
    struct test_sink *sink = test_sink_create();
    unsigned keys[WRITERS * KEYS + 1];
    pthread_t threads[WRITERS + 1];
    ULONG_PTR connection;
    SRowSet *rows;
    size_t count = 0, i;

    assert_hr(notify_queue_create(&queue), S_OK);
    make_table(queue);
    rounds = NOTIFY_QUEUE_MAX / WRITERS; /* all events find room */
    assert_hr(
        table->lpVtbl->Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    for (i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, write_rows, (void *)(uintptr_t)i);
    pthread_create(&threads[WRITERS], NULL, read_rows, NULL);
    for (i = 0; i < WRITERS + 1; i++)
        pthread_join(threads[i], NULL);
    notify_queue_drain(queue);

    for (i = 0; i < sink->count; i++) {
        const TABLE_NOTIFICATION *tab = &test_sink_at(sink, i)->info.tab;

        cr_assert_neq(tab->ulTableEvent, TABLE_CHANGED);
        follow(keys, &count, tab);
    }
    assert_hr(HrQueryAllRows(table, NULL, NULL, NULL, 0, &rows), S_OK);
    cr_assert_eq(rows->cRows, count);
    for (i = 0; i < count; i++)
        cr_expect(memcmp(rows->aRow[i].lpProps[0].Value.bin.lpb, &keys[i], 4) == 0);
    FreeProws(rows);
    expect_last_release(table);
    row_source_unref(row_list_source(list));
    test_sink_release(sink);
    dispatcher_unref(queue);
}
