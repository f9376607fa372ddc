/* tests/soak/mirror.c - a table's rows as its notifications tell them */
#include "tests/soak/mirror.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/object.h"
#include "tests/integration/mail_rig.h"

#define KEY_MAX 16

struct mirror_row {
    BYTE key[KEY_MAX];
    ULONG key_size;
    char *line;
};

struct mirror {
    IMAPIAdviseSink IMAPIAdviseSink_iface;
    atomic_uint refs;
    IMAPITable *table;
    ULONG_PTR connection;
    unsigned key;
    const char *path;
    mirror_line_fn *line;

    pthread_mutex_t lock; /* of what follows */
    struct mirror_row *rows;
    size_t count;
    bool stale; /* the table said that it has changed */
    bool loose; /* what was read just now may be told as well */
    struct mirror_tally tally;
    char failure[256];
};

/* MG_SOAK_TRACE: all that is told, on stderr. */
__attribute__((format(printf, 1, 2))) static void trace(const char *format, ...)
{
    static int wanted = -1;
    va_list words;

    if (wanted < 0)
        wanted = getenv("MG_SOAK_TRACE") != NULL;
    if (!wanted)
        return;
    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fputc('\n', stderr);
}

/* --- Rows; the lock is held ------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void fail(struct mirror *mirror, const char *format,
                                                       ...)
{
    va_list words;

    if (*mirror->failure)
        return;
    va_start(words, format);
    vsnprintf(mirror->failure, sizeof(mirror->failure), format, words);
    va_end(words);
}

static void forget_all(struct mirror *mirror)
{
    for (size_t i = 0; i < mirror->count; i++)
        free(mirror->rows[i].line);
    free(mirror->rows);
    mirror->rows = NULL;
    mirror->count = 0;
}

/* Its place, or count. */
static size_t find(const struct mirror *mirror, const SPropValue *key)
{
    size_t i;

    for (i = 0; i < mirror->count; i++)
        if (key->Value.bin.cb == mirror->rows[i].key_size &&
            memcmp(key->Value.bin.lpb, mirror->rows[i].key, key->Value.bin.cb) == 0)
            break;
    return i;
}

static void take_out(struct mirror *mirror, size_t at)
{
    free(mirror->rows[at].line);
    mirror->count--;
    memmove(mirror->rows + at, mirror->rows + at + 1, (mirror->count - at) * sizeof(*mirror->rows));
}

static void put_in(struct mirror *mirror, size_t at, const SPropValue *row)
{
    const SBinary *key = &row[mirror->key].Value.bin;
    struct mirror_row *rows = realloc(mirror->rows, (mirror->count + 1) * sizeof(*rows));

    cr_assert(rows && key->cb <= KEY_MAX);
    mirror->rows = rows;
    memmove(rows + at + 1, rows + at, (mirror->count - at) * sizeof(*rows));
    mirror->count++;
    memcpy(rows[at].key, key->lpb, key->cb);
    rows[at].key_size = key->cb;
    rows[at].line = mirror->line(mirror->path, row);
}

/* --- What is told ----------------------------------------------------------------------------- */

static void row_gone(struct mirror *mirror, const TABLE_NOTIFICATION *event)
{
    size_t at = find(mirror, &event->propIndex);

    mirror->tally.deleted++;
    trace("- %s", at < mirror->count ? mirror->rows[at].line : "?");
    if (at < mirror->count)
        take_out(mirror, at);
    else if (!mirror->loose)
        fail(mirror, "a row is deleted that was not there");
}

static void row_shown(struct mirror *mirror, const TABLE_NOTIFICATION *event)
{
    bool added = event->ulTableEvent == TABLE_ROW_ADDED;
    size_t at = find(mirror, &event->propIndex), after = 0;
    char *line = mirror->line(mirror->path, event->row.lpProps);

    if (added)
        mirror->tally.added++;
    else
        mirror->tally.modified++;
    trace("%c %s", added ? '+' : '=', line);
    if (added == (at < mirror->count) && !mirror->loose)
        fail(mirror, "\"%s\" is %s", line, added ? "added twice" : "changed and was not there");
    if (at < mirror->count)
        take_out(mirror, at);
    if (PROP_TYPE(event->propPrior.ulPropTag) == PT_BINARY) {
        after = find(mirror, &event->propPrior) + 1;
        trace("  behind %s", after <= mirror->count ? mirror->rows[after - 1].line : "?");
    }
    if (after <= mirror->count)
        put_in(mirror, after, event->row.lpProps);
    else if (mirror->loose)
        mirror->stale = true; /* where it stands cannot be told */
    else
        fail(mirror, "\"%s\" is behind a row that was not there", line);
    free(line);
}

static void take(struct mirror *mirror, const TABLE_NOTIFICATION *event)
{
    if (mirror->stale)
        return;
    switch (event->ulTableEvent) {
    case TABLE_ROW_ADDED:
    case TABLE_ROW_MODIFIED:
        row_shown(mirror, event);
        break;
    case TABLE_ROW_DELETED:
        row_gone(mirror, event);
        break;
    case TABLE_CHANGED:
    case TABLE_RELOAD:
        trace("! %s", mirror->path);
        mirror->stale = true;
        break;
    default:
        fail(mirror, "event %u", (unsigned)event->ulTableEvent);
    }
}

/* --- The sink --------------------------------------------------------------------------------- */

static struct mirror *from_iface(IMAPIAdviseSink *iface)
{
    return container_of(iface, struct mirror, IMAPIAdviseSink_iface);
}

static HRESULT STDMETHODCALLTYPE mirror_QueryInterface(IMAPIAdviseSink *iface, REFIID iid,
                                                       void **ret)
{
    *ret = NULL;
    if (!guid_equal(iid, &IID_IUnknown) && !guid_equal(iid, &IID_IMAPIAdviseSink))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    *ret = iface;
    iface->lpVtbl->AddRef(iface);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE mirror_AddRef(IMAPIAdviseSink *iface)
{
    return atomic_fetch_add(&from_iface(iface)->refs, 1) + 1;
}

static ULONG STDMETHODCALLTYPE mirror_Release(IMAPIAdviseSink *iface)
{
    struct mirror *mirror = from_iface(iface);
    unsigned refs = atomic_fetch_sub(&mirror->refs, 1) - 1;

    if (refs == 0) {
        forget_all(mirror);
        pthread_mutex_destroy(&mirror->lock);
        free(mirror);
    }
    return refs;
}

static ULONG STDMETHODCALLTYPE mirror_OnNotify(IMAPIAdviseSink *iface, ULONG count,
                                               NOTIFICATION *notifications)
{
    struct mirror *mirror = from_iface(iface);

    pthread_mutex_lock(&mirror->lock);
    for (ULONG i = 0; i < count; i++)
        if (notifications[i].ulEventType == fnevTableModified)
            take(mirror, &notifications[i].info.tab);
    pthread_mutex_unlock(&mirror->lock);
    return 0;
}

static const IMAPIAdviseSinkVtbl mirror_vtbl = {
    .QueryInterface = mirror_QueryInterface,
    .AddRef = mirror_AddRef,
    .Release = mirror_Release,
    .OnNotify = mirror_OnNotify,
};

/* --- Reading ---------------------------------------------------------------------------------- */

static SRowSet *read_table(struct mirror *mirror)
{
    SRowSet *rows;

    assert_hr(IMAPITable_SeekRow(mirror->table, BOOKMARK_BEGINNING, 0, NULL), S_OK);
    assert_hr(IMAPITable_QueryRows(mirror->table, 10000, 0, &rows), S_OK);
    return rows;
}

/* What is told while it reads waits; some of it will be in what is read. */
void mirror_follow(struct mirror *mirror)
{
    SRowSet *rows;

    pthread_mutex_lock(&mirror->lock);
    if (mirror->stale) {
        rows = read_table(mirror);
        forget_all(mirror);
        for (ULONG i = 0; i < rows->cRows; i++)
            put_in(mirror, mirror->count, rows->aRow[i].lpProps);
        FreeProws(rows);
        mirror->stale = false;
        mirror->loose = true;
        mirror->tally.read_again++;
    }
    pthread_mutex_unlock(&mirror->lock);
}

struct mirror *mirror_open(IMAPITable *table, unsigned key, const char *path, mirror_line_fn *line)
{
    struct mirror *mirror = calloc(1, sizeof(*mirror));

    cr_assert(mirror);
    mirror->IMAPIAdviseSink_iface.lpVtbl = &mirror_vtbl;
    atomic_init(&mirror->refs, 1);
    pthread_mutex_init(&mirror->lock, NULL);
    mirror->table = table;
    mirror->key = key;
    mirror->path = path;
    mirror->line = line;
    mirror->stale = true;
    assert_hr(IMAPITable_Advise(table, fnevTableModified, &mirror->IMAPIAdviseSink_iface,
                                &mirror->connection),
              S_OK);
    mirror_follow(mirror);
    mirror->tally.read_again = 0;
    return mirror;
}

void mirror_close(struct mirror *mirror)
{
    IMAPITable_Unadvise(mirror->table, mirror->connection);
    IMAPITable_Release(mirror->table);
    mirror_Release(&mirror->IMAPIAdviseSink_iface);
}

void mirror_settled(struct mirror *mirror)
{
    pthread_mutex_lock(&mirror->lock);
    mirror->loose = false;
    pthread_mutex_unlock(&mirror->lock);
}

void mirror_add_lines(struct mirror *mirror, struct view_lines *lines)
{
    pthread_mutex_lock(&mirror->lock);
    for (size_t i = 0; i < mirror->count; i++)
        view_add(lines, strdup(mirror->rows[i].line));
    pthread_mutex_unlock(&mirror->lock);
}

char *mirror_text(struct mirror *mirror)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    pthread_mutex_lock(&mirror->lock);
    for (size_t i = 0; i < mirror->count; i++)
        fprintf(out, "%s\n", mirror->rows[i].line);
    pthread_mutex_unlock(&mirror->lock);
    fclose(out);
    return text;
}

char *mirror_table_text(struct mirror *mirror)
{
    SRowSet *rows = read_table(mirror);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    for (ULONG i = 0; i < rows->cRows; i++) {
        char *line = mirror->line(mirror->path, rows->aRow[i].lpProps);

        fprintf(out, "%s\n", line);
        free(line);
    }
    fclose(out);
    FreeProws(rows);
    return text;
}

const char *mirror_failure(struct mirror *mirror)
{
    return mirror->failure; /* written once */
}

void mirror_count(struct mirror *mirror, struct mirror_tally *tally)
{
    pthread_mutex_lock(&mirror->lock);
    tally->added += mirror->tally.added;
    tally->modified += mirror->tally.modified;
    tally->deleted += mirror->tally.deleted;
    tally->read_again += mirror->tally.read_again;
    pthread_mutex_unlock(&mirror->lock);
}
