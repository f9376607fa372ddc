/* bench/contents.c - reads the inbox of an account as a program would, and says what it took
 *
 *   contents IMAP-URL SMTP-URL USER PASSWORD CA-FILE ROWS
 *
 * Cold: a profile of its own in MAPIGATE_STATE, nothing cached. From MAPILogonEx to the last row:
 * QueryRows in pages of 1,000, each freed as it is read. Prints one line of key=value: seconds,
 * seconds to the first page, rows, the process's peak RSS in MB, CPU seconds, and the engine's
 * longest turn in milliseconds of CPU (it is linked with the static core only for that). Ends with
 * 1 unless every row came whole. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench/program.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "net/process_engine.h"

#define PAGE 1000

/* All columns but the subject and the sender's name, which mail may lack, must be there. */
static void check_row(const SRow *row)
{
    for (ULONG i = 0; i < row->cValues; i++)
        if (PROP_TYPE(row->lpProps[i].ulPropTag) == PT_ERROR)
            must(row->lpProps[i].Value.err, "a column of a row");
}

static size_t read_all(IMAPITable *table, double *ret_first)
{
    static SizedSPropTagArray(6,
                              columns) = {6,
                                          {PR_SUBJECT_W, PR_SENDER_NAME_W, PR_MESSAGE_DELIVERY_TIME,
                                           PR_MESSAGE_SIZE, PR_MESSAGE_FLAGS, PR_ENTRYID}};
    size_t count = 0;
    SRowSet *rows;

    must(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), "SetColumns");
    for (;;) {
        ULONG read;

        must(IMAPITable_QueryRows(table, PAGE, 0, &rows), "QueryRows");
        if (count == 0)
            *ret_first = now();
        read = rows->cRows;
        for (ULONG i = 0; i < read; i++)
            check_row(&rows->aRow[i]);
        FreeProws(rows);
        count += read;
        if (read == 0)
            return count;
    }
}

static void report(size_t count, double seconds, double first)
{
    struct engine *engine = process_engine_get();
    struct engine_stats stats = {0};
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    if (!engine)
        must(MAPI_E_NOT_INITIALIZED, "the engine");
    engine_stats(engine, &stats);
    engine_unref(engine);
    printf("seconds=%.3f first=%.3f rows=%zu rss_mb=%.1f cpu=%.2f turn_ms=%.2f\n", seconds, first,
           count, (double)usage.ru_maxrss / 1024,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
           (double)stats.longest_cpu_ns / 1e6);
}

int main(int argc, char **argv)
{
    struct program program;
    IMAPITable *table;
    double first = 0;
    size_t count;

    if (argc != 7) {
        fprintf(stderr, "usage: contents IMAP-URL SMTP-URL USER PASSWORD CA-FILE ROWS\n");
        return 2;
    }
    program_begin(&program, argv + 1);
    table = program_open_inbox(program.store);
    count = read_all(table, &first);
    report(count, now() - program.begun, first - program.begun);
    IMAPITable_Release(table);
    program_end(&program);
    if (count != (size_t)atol(argv[6])) {
        fprintf(stderr, "contents: %zu rows, not %s\n", count, argv[6]);
        return 1;
    }
    return 0;
}
