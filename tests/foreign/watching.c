/* watching.c - the status table: its rows, and each change as it is told */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "stranger.h"

static const SizedSPropTagArray(4, columns) = {
    4, {PR_RESOURCE_TYPE, PR_STATUS_CODE, PR_STATUS_STRING_W, PR_ENTRYID}};
static pthread_mutex_t printing = PTHREAD_MUTEX_INITIALIZER;

static void print_row(const char *what, const SPropValue *row)
{
    char *text = PROP_TYPE(row[2].ulPropTag) == PT_UNICODE ? to_utf8(row[2].Value.lpszW) : NULL;

    pthread_mutex_lock(&printing);
    printf("%s\t%ld\t%08lx\t%s\n", what, (long)row[0].Value.l, (unsigned long)row[1].Value.l,
           text ? text : "");
    fflush(stdout);
    pthread_mutex_unlock(&printing);
    free(text);
}

static void print_events(ULONG count, const NOTIFICATION *events)
{
    for (ULONG i = 0; i < count; i++) {
        const TABLE_NOTIFICATION *event = &events[i].info.tab;

        if (events[i].ulEventType == fnevTableModified &&
            event->ulTableEvent == TABLE_ROW_MODIFIED && event->row.cValues >= 3)
            print_row("modified", event->row.lpProps);
    }
}

/* --- A sink, as each language makes one ------------------------------------------------------- */

#ifdef __cplusplus
class Sink : public IMAPIAdviseSink
{
  public:
    STDMETHODIMP QueryInterface(REFIID iid, LPVOID *object) override
    {
        *object = NULL;
        if (iid != IID_IUnknown && iid != IID_IMAPIAdviseSink)
            return MAPI_E_INTERFACE_NOT_SUPPORTED;
        *object = this;
        AddRef();
        return S_OK;
    }
    STDMETHODIMP_(ULONG) AddRef() override
    {
        return __atomic_add_fetch(&references_, 1, __ATOMIC_SEQ_CST);
    }
    STDMETHODIMP_(ULONG) Release() override
    {
        ULONG left = __atomic_sub_fetch(&references_, 1, __ATOMIC_SEQ_CST);

        if (left == 0)
            delete this;
        return left;
    }
    STDMETHODIMP_(ULONG) OnNotify(ULONG count, LPNOTIFICATION events) override
    {
        print_events(count, events);
        return S_OK;
    }
    virtual ~Sink()
    {
    }

  private:
    ULONG references_ = 1;
};

static IMAPIAdviseSink *make_sink(void)
{
    return new Sink();
}
#else
struct sink {
    const IMAPIAdviseSinkVtbl *lpVtbl;
    ULONG references;
};

static HRESULT STDMETHODCALLTYPE sink_query(IMAPIAdviseSink *self, REFIID iid, LPVOID *object)
{
    *object = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IMAPIAdviseSink))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    *object = self;
    CALL(self, AddRef);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_add(IMAPIAdviseSink *self)
{
    return __atomic_add_fetch(&((struct sink *)self)->references, 1, __ATOMIC_SEQ_CST);
}

static ULONG STDMETHODCALLTYPE sink_release(IMAPIAdviseSink *self)
{
    ULONG left = __atomic_sub_fetch(&((struct sink *)self)->references, 1, __ATOMIC_SEQ_CST);

    if (left == 0)
        free(self);
    return left;
}

static ULONG STDMETHODCALLTYPE sink_notify(IMAPIAdviseSink *self, ULONG count,
                                           LPNOTIFICATION events)
{
    (void)self;
    print_events(count, events);
    return S_OK;
}

static IMAPIAdviseSink *make_sink(void)
{
    static const IMAPIAdviseSinkVtbl vtbl = {sink_query, sink_add, sink_release, sink_notify};
    struct sink *sink = (struct sink *)malloc(sizeof(*sink));

    sink->lpVtbl = &vtbl;
    sink->references = 1;
    return (IMAPIAdviseSink *)sink;
}
#endif

/* --- The table -------------------------------------------------------------------------------- */

static void validate(IMAPITable *table, ULONG resource_type)
{
    IMAPIStatus *status;
    SRowSet *rows;
    ULONG type = 0;

    MUST(CALL(table, SeekRow, BOOKMARK_BEGINNING, 0, NULL));
    MUST(CALL(table, QueryRows, 100, 0, &rows));
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;

        if ((ULONG)row[0].Value.l != resource_type)
            continue;
        MUST(CALL(session, OpenEntry, row[3].Value.bin.cb, (LPENTRYID)row[3].Value.bin.lpb, NULL, 0,
                  &type, (LPUNKNOWN *)&status));
        if (type != MAPI_STATUS)
            exit(1);
        printf("validated\t%08lx\n",
               (unsigned long)(ULONG)CALL(status, ValidateState, 0, SUPPRESS_UI));
        fflush(stdout);
        RELEASE(status);
    }
    FreeProws(rows);
}

void watch(void)
{
    IMAPIAdviseSink *sink = make_sink();
    IMAPITable *table;
    SRowSet *rows;
    ULONG_PTR connection;
    char line[100];

    MUST(CALL(session, GetStatusTable, 0, &table));
    MUST(CALL(table, SetColumns, (SPropTagArray *)&columns, 0));
    MUST(CALL(table, Advise, fnevTableModified, sink, &connection));
    MUST(CALL(table, QueryRows, 100, 0, &rows));
    for (ULONG i = 0; i < rows->cRows; i++)
        print_row("row", rows->aRow[i].lpProps);
    FreeProws(rows);
    puts("watching");
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin))
        validate(table, (ULONG)strtoul(line, NULL, 10));
    MUST(CALL(table, Unadvise, connection));
    RELEASE(table);
    if (CALL(sink, Release) != 0) {
        fprintf(stderr, "somebody still holds the sink\n");
        exit(1);
    }
}
