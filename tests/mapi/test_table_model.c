/* tests/mapi/test_table_model.c - random tables against a slow, obvious model
 *
 * The model is a list of rows, filtered, sorted and put into categories anew for every look. Beside
 * it a client keeps a copy of the view by nothing but the table's events. support/soak.h says how
 * to have other cases, or one again.
 *
 * A row of the view is named by a number: a leaf by its key, a heading by HEADING and its place
 * among the names and sizes that a category can have. */
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
#include "support/soak.h"

#define ROWS_MAX 200
#define VIEW_MAX 600
#define HEADING  0x10000u
#define STEPS    150
#define CASES    40

struct row {
    unsigned key;
    int size; /* -1: the row has none */
    int name; /* number in `names` */
};

struct model {
    struct row rows[ROWS_MAX];
    size_t count;
    unsigned last_key;
    int limit; /* rows with size < limit; INT32_MAX: no restriction */
    int sort;  /* 0: none, 1: size up, 2: size down, 3: name up then size down */
    unsigned categories, expanded; /* of sort 3 */
    bool toggled[2][100];          /* headings by level and number */
    unsigned view[VIEW_MAX];
    size_t view_count;
};

static const WCHAR *names[] = {u"alpha", u"Alpha", u"beta", u"Gamma", u"delta"};
static const int name_rank[] = {0, 0, 1, 3, 2}; /* case does not count */

/* ---- The model ---- */

static int compare_missing_last(int a, int b, bool down)
{
    if (a == b)
        return 0;
    if (a < 0 || b < 0)
        return a < 0 ? 1 : -1;
    return (a < b ? -1 : 1) * (down ? -1 : 1);
}

static int compare(const struct model *model, const struct row *a, const struct row *b)
{
    int order;

    switch (model->sort) {
    case 1:
        return compare_missing_last(a->size, b->size, false);
    case 2:
        return compare_missing_last(a->size, b->size, true);
    case 3:
        order = name_rank[a->name] - name_rank[b->name];
        return order ? order : compare_missing_last(a->size, b->size, true);
    default:
        return 0;
    }
}

/* The number of the heading at a level that the row stands under. */
static unsigned heading_number(const struct row *row, unsigned level)
{
    return (unsigned)name_rank[row->name] * 20 + (level ? (unsigned)row->size + 1 : 0);
}

static void show(struct model *model, unsigned name)
{
    model->view[model->view_count++] = name;
}

/* The headings before a row that are new with it; true if the row itself shows. */
static bool show_headings(struct model *model, const struct row *row, const struct row *before)
{
    bool open = true, fresh = !before;
    unsigned level, number;

    for (level = 0; level < model->categories; level++) {
        number = heading_number(row, level);
        fresh = fresh || heading_number(before, level) != number;
        if (open && fresh)
            show(model, HEADING + level * 0x1000 + number);
        open = open && (level < model->expanded) != model->toggled[level][number];
    }
    return open;
}

static void look(struct model *model)
{
    struct row shown[ROWS_MAX], row;
    size_t count = 0, i, j;

    for (i = 0; i < model->count; i++) {
        row = model->rows[i];
        if (model->limit != INT32_MAX && !(row.size >= 0 && row.size < model->limit))
            continue;
        for (j = count++; j > 0 && compare(model, &shown[j - 1], &row) > 0; j--)
            shown[j] = shown[j - 1];
        shown[j] = row;
    }
    model->view_count = 0;
    for (i = 0; i < count; i++)
        if (show_headings(model, &shown[i], i ? &shown[i - 1] : NULL))
            show(model, shown[i].key);
}

/* ---- The table ---- */

static void put(struct row_list *list, const struct row *rows, size_t count)
{
    SPropValue values[ROWS_MAX][3];
    SRow set[ROWS_MAX];
    size_t i;

    for (i = 0; i < count; i++) {
        values[i][0] = propval_binary(PR_INSTANCE_KEY, &rows[i].key, sizeof(rows[i].key));
        values[i][1] = propval_unicode(PR_DISPLAY_NAME_W, names[rows[i].name]);
        values[i][2] = propval_long(PR_MESSAGE_SIZE, rows[i].size);
        set[i] = (SRow){.cValues = rows[i].size < 0 ? 2 : 3, .lpProps = values[i]};
    }
    assert_hr(row_list_set_many(list, set, count), S_OK);
}

static void define(IMAPITable *table, const struct model *model)
{
    SPropValue limit = propval_long(PR_MESSAGE_SIZE, model->limit);
    SRestriction below = {.rt = RES_PROPERTY,
                          .res.resProperty = {RELOP_LT, PR_MESSAGE_SIZE, &limit}};
    SizedSSortOrderSet(2, sort) = {
        0, model->categories, model->expanded, {{PR_MESSAGE_SIZE, TABLE_SORT_ASCEND}}};

    assert_hr(table->lpVtbl->Restrict(table, model->limit == INT32_MAX ? NULL : &below, 0), S_OK);
    sort.cSorts = model->sort ? 1 : 0;
    if (model->sort == 2)
        sort.aSort[0].ulOrder = TABLE_SORT_DESCEND;
    if (model->sort == 3) {
        sort.cSorts = 2;
        sort.aSort[0] = (SSortOrder){PR_DISPLAY_NAME_A, TABLE_SORT_ASCEND};
        sort.aSort[1] = (SSortOrder){PR_MESSAGE_SIZE, TABLE_SORT_DESCEND};
    }
    assert_hr(table->lpVtbl->SortTable(table, (SSortOrderSet *)&sort, 0), S_OK);
}

/* Headings have longer keys than leaves; which one that is, the columns say. The keys of headings
 * that were ever read are kept, for events name rows by nothing else. */
static struct {
    BYTE key[24];
    unsigned name;
} headings[400];
static size_t heading_count;

static unsigned known_heading(const SBinary *key)
{
    size_t i;

    for (i = 0; i < heading_count; i++)
        if (memcmp(headings[i].key, key->lpb, sizeof(headings[i].key)) == 0)
            return headings[i].name;
    return 0;
}

static unsigned key_of(const SPropValue *value)
{
    unsigned key = 0;

    if (PROP_TYPE(value->ulPropTag) != PT_BINARY)
        return 0;
    if (value->Value.bin.cb == sizeof(headings[0].key))
        return known_heading(&value->Value.bin);
    memcpy(&key, value->Value.bin.lpb, sizeof(key));
    return key;
}

static unsigned rank_of(const WCHAR *name)
{
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (memcmp(names[i], name, 2 * sizeof(WCHAR)) == 0)
            return (unsigned)name_rank[i];
    return 0;
}

/* Learns the key of a heading from its row. */
static void learn(const SRow *row)
{
    const SPropValue *values = row->lpProps;
    unsigned level, size;

    if (values[0].Value.bin.cb != sizeof(headings[0].key) || known_heading(&values[0].Value.bin))
        return;
    level = (unsigned)values[3].Value.l;
    size = PROP_TYPE(values[1].ulPropTag) == PT_LONG ? (unsigned)values[1].Value.l + 1 : 0;
    memcpy(headings[heading_count].key, values[0].Value.bin.lpb, sizeof(headings[0].key));
    headings[heading_count++].name =
        HEADING + level * 0x1000 + rank_of(values[2].Value.lpszW) * 20 + (level ? size : 0);
}

/* The rows that a page gives, without moving the cursor. */
static size_t peek(IMAPITable *table, unsigned *keys)
{
    SRowSet *rows;
    size_t count;
    ULONG i;

    assert_hr(table->lpVtbl->QueryRows(table, VIEW_MAX, TBL_NOADVANCE, &rows), S_OK);
    for (i = 0; i < rows->cRows; i++) {
        learn(&rows->aRow[i]);
        keys[i] = key_of(&rows->aRow[i].lpProps[0]);
    }
    count = rows->cRows;
    FreeProws(rows);
    return count;
}

static void expect_view(IMAPITable *table, const struct model *model)
{
    unsigned keys[VIEW_MAX];
    ULONG row, numerator, denominator;
    size_t count, i;

    table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator);
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL);
    count = peek(table, keys);
    check(count == model->view_count, "%zu rows, expected %zu", count, model->view_count);
    for (i = 0; i < count; i++)
        check(keys[i] == model->view[i], "row %zu is %u, expected %u", i, keys[i], model->view[i]);
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, (LONG)row, NULL);
}

/* ---- The client that believes events ---- */

struct client {
    unsigned keys[VIEW_MAX];
    size_t count;
};

/* Reads the view anew. */
static void read_view(struct client *client, const struct model *model)
{
    memcpy(client->keys, model->view, sizeof(model->view));
    client->count = model->view_count;
}

static void client_remove(struct client *client, unsigned key)
{
    size_t i;

    for (i = 0; i < client->count && client->keys[i] != key; i++)
        ;
    check(i < client->count, "an event about an unknown row %u", key);
    client->count--;
    memmove(&client->keys[i], &client->keys[i + 1], (client->count - i) * sizeof(client->keys[0]));
}

static void client_insert(struct client *client, unsigned key, unsigned prior)
{
    size_t i = 0;

    if (prior) {
        for (i = 0; i < client->count && client->keys[i] != prior; i++)
            ;
        check(i < client->count, "row %u comes after an unknown row %u", key, prior);
        i++;
    }
    memmove(&client->keys[i + 1], &client->keys[i], (client->count - i) * sizeof(client->keys[0]));
    client->keys[i] = key;
    client->count++;
}

static void client_hear(struct client *client, struct test_sink *sink, const struct model *model)
{
    size_t i;

    for (i = 0; i < sink->count; i++) {
        const TABLE_NOTIFICATION *tab = &test_sink_at(sink, i)->info.tab;
        unsigned key, prior;

        if (tab->row.cValues)
            learn(&tab->row);
        key = key_of(&tab->propIndex);
        prior = key_of(&tab->propPrior);

        switch (tab->ulTableEvent) {
        case TABLE_ROW_ADDED:
            client_insert(client, key, prior);
            break;
        case TABLE_ROW_MODIFIED:
            client_remove(client, key);
            client_insert(client, key, prior);
            break;
        case TABLE_ROW_DELETED:
            client_remove(client, key);
            break;
        default: /* changed: read again */
            read_view(client, model);
            break;
        }
    }
    test_sink_forget(sink);
}

static void expect_client(const struct client *client, const struct model *model)
{
    size_t i;

    check(client->count == model->view_count, "the client has %zu rows, not %zu", client->count,
          model->view_count);
    for (i = 0; i < client->count; i++)
        check(client->keys[i] == model->view[i], "the client's row %zu is %u, not %u", i,
              client->keys[i], model->view[i]);
}

/* ---- One case ---- */

static struct row random_row(unsigned key)
{
    return (struct row){.key = key, .size = (int)chance(12) - 1, .name = (int)chance(5)};
}

static void change(struct model *model, struct row_list *list)
{
    struct row changed[8];
    size_t count = chance(5) == 0 ? 1 + chance(8) : 1, i, at;
    SPropValue key;

    switch (chance(3)) {
    case 0: /* add */
        if (model->count + count > ROWS_MAX)
            return;
        for (i = 0; i < count; i++) {
            changed[i] = random_row(++model->last_key);
            model->rows[model->count++] = changed[i];
        }
        put(list, changed, count);
        break;
    case 1: /* modify, perhaps the same row twice */
        for (i = 0; i < count && model->count; i++) {
            at = chance((unsigned)model->count);
            changed[i] = random_row(model->rows[at].key);
            model->rows[at] = changed[i];
        }
        put(list, changed, i);
        break;
    default:
        if (model->count == 0)
            return;
        at = chance((unsigned)model->count);
        key = propval_binary(PR_INSTANCE_KEY, &model->rows[at].key, sizeof(unsigned));
        assert_hr(row_list_remove(list, &key), S_OK);
        model->count--;
        memmove(&model->rows[at], &model->rows[at + 1],
                (model->count - at) * sizeof(model->rows[0]));
        break;
    }
}

static void redefine(struct model *model)
{
    model->limit = chance(2) ? INT32_MAX : (int)chance(11);
    model->sort = (int)chance(6);
    model->categories = model->expanded = 0;
    memset(model->toggled, 0, sizeof(model->toggled));
    if (model->sort >= 3) {
        model->categories = (unsigned)model->sort - 3;
        model->expanded = chance(model->categories + 1);
        model->sort = 3;
    }
}

/* Expands or collapses a heading that shows, if there is one. */
static bool toggle(IMAPITable *table, struct model *model)
{
    unsigned name, level, number;
    size_t i;
    bool expanded;

    if (!model->categories || !model->view_count)
        return false;
    name = model->view[chance((unsigned)model->view_count)];
    if (name < HEADING)
        return false;
    level = (name - HEADING) / 0x1000;
    number = (name - HEADING) % 0x1000;
    for (i = 0; i < heading_count && headings[i].name != name; i++)
        ;
    check(i < heading_count, "heading %u was never read", name);
    expanded = (level < model->expanded) != model->toggled[level][number];
    if (expanded)
        assert_hr(table->lpVtbl->CollapseRow(table, 24, headings[i].key, 0, NULL), S_OK);
    else
        assert_hr(table->lpVtbl->ExpandRow(table, 24, headings[i].key, 0, 0, NULL, NULL), S_OK);
    model->toggled[level][number] = !model->toggled[level][number];
    return true;
}

/* The cursor's row, 0 at the end. */
static unsigned cursor_row(IMAPITable *table)
{
    SRowSet *rows;
    unsigned key = 0;

    assert_hr(table->lpVtbl->QueryRows(table, 1, TBL_NOADVANCE, &rows), S_OK);
    if (rows->cRows)
        key = key_of(&rows->aRow[0].lpProps[0]);
    FreeProws(rows);
    return key;
}

static void expect_cursor_kept(IMAPITable *table, const struct model *model, unsigned before)
{
    size_t i;

    for (i = 0; before && i < model->view_count; i++)
        if (model->view[i] == before)
            check(cursor_row(table) == before, "the cursor left row %u", before);
}

static void run_case(unsigned number)
{
    SizedSPropTagArray(4, columns) = {
        4, {PR_INSTANCE_KEY, PR_MESSAGE_SIZE, PR_DISPLAY_NAME_W, PR_DEPTH}};
    struct table_options options = {.columns = (SPropTagArray *)&columns, .flags = MAPI_UNICODE};
    struct model model = {.limit = INT32_MAX};
    struct client client = {0};
    struct dispatcher *queue;
    struct row_list *list;
    struct test_sink *sink = test_sink_create();
    IMAPITable *table;
    ULONG_PTR connection;
    unsigned step, before;

    soak_begin(number);
    assert_hr(row_list_create(PR_INSTANCE_KEY, &list), S_OK);
    assert_hr(notify_queue_create(&queue), S_OK);
    options.source = row_list_source(list);
    options.dispatcher = queue;
    options.event_limit = number % 2 ? 3 : 0;
    assert_hr(table_create(&options, &table), S_OK);
    assert_hr(
        table->lpVtbl->Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);

    for (step = 0; step < STEPS; step++) {
        say("case %u, step %u", number, step);
        if (chance(20) == 0) {
            redefine(&model);
            define(table, &model);
            look(&model);
            expect_view(table, &model);
            read_view(&client, &model);
            if (model.view_count)
                table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING,
                                       (LONG)chance((unsigned)model.view_count), NULL);
        }
        if (chance(4) == 0 && toggle(table, &model)) {
            look(&model);
            expect_view(table, &model);
            read_view(&client, &model);
        }
        before = cursor_row(table);
        change(&model, list);
        look(&model);
        notify_queue_drain(queue);
        client_hear(&client, sink, &model);
        expect_client(&client, &model);
        expect_cursor_kept(table, &model, before);
        expect_view(table, &model);
    }
    expect_last_release(table);
    test_sink_release(sink);
    row_source_unref(row_list_source(list));
    dispatcher_unref(queue);
}

Test(table_model, random_tables_equal_the_model) /* TBL-030 TBL-061 TBL-089 TBL-098 TBL-100 TBL-121
                                                    TBL-128 TBL-130 */
{
    unsigned number, end = soak_first() + soak_cases(CASES);

    for (number = soak_first(); number < end; number++)
        run_case(number);
}
