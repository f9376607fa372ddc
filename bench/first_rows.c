/* bench/first_rows.c - the newest rows of a folder that nothing is known of, and the same by IMAP
 *
 *   first_rows IMAP-URL SMTP-URL USER PASSWORD CA-FILE PORT ROWS
 *
 * First the floor: connect, log in, SELECT, UID SORT by date, UID FETCH of the first ROWS. Then a
 * program with an empty state folder: MAPILogonEx, OpenMsgStore, GetContentsTable, SortTable by
 * delivery time, the newest first, and one QueryRows. Ends with 1 unless both have ROWS rows.
 * Prints raw=, mapi= (seconds from the first to the last of it) and table= (from
 * GetContentsTable). */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/program.h"
#include "bench/raw_peer.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"

#define ROWS_MAX 500
#define ITEMS    "UID FLAGS RFC822.SIZE INTERNALDATE ENVELOPE"

/* --- The floor -------------------------------------------------------------------------------- */

/* The first numbers of "* SORT 5 3 ..." as a set. */
struct sort_reader {
    int rows, taken;
    bool sorting, ended;
    char set[ROWS_MAX * 11];
    size_t size;
};

static void take_uids(void *arg, const char *bytes, size_t count)
{
    static const char start[] = "* SORT ";
    struct sort_reader *reader = arg;

    if (!reader->sorting) { /* its line is the first of the answer */
        if (count < sizeof(start) || memcmp(bytes, start, sizeof(start) - 1) != 0)
            must(MAPI_E_CALL_FAILED, "no SORT");
        bytes += sizeof(start) - 1;
        count -= sizeof(start) - 1;
        reader->sorting = true;
    }
    for (size_t i = 0; i < count && !reader->ended; i++) {
        bool digit = bytes[i] >= '0' && bytes[i] <= '9';

        if (!digit)
            reader->taken++;
        reader->ended = reader->taken == reader->rows || bytes[i] == '\r';
        if (!reader->ended)
            reader->set[reader->size++] = digit ? bytes[i] : ',';
    }
}

/* Rows are counted by the lines that begin with a star. */
struct row_counter {
    bool inside;
    int rows;
};

static void count_rows(void *arg, const char *bytes, size_t count)
{
    struct row_counter *counter = arg;

    for (size_t i = 0; i < count; i++) {
        counter->rows += !counter->inside && bytes[i] == '*';
        counter->inside = bytes[i] != '\n';
    }
}

static double raw_seconds(char **words, int rows)
{
    static struct raw_peer peer;
    struct sort_reader reader = {.rows = rows};
    struct row_counter counter = {0};
    double begun = now(), seconds;
    char fetch[sizeof(reader.set) + 100];

    raw_open(&peer, atoi(words[5]), words[4], words[2], words[3]);
    raw_command(&peer, "SELECT INBOX", NULL, NULL);
    raw_command(&peer, "UID SORT (REVERSE DATE) UTF-8 ALL", take_uids, &reader);
    snprintf(fetch, sizeof(fetch), "UID FETCH %s (" ITEMS ")", reader.set);
    raw_command(&peer, fetch, count_rows, &counter);
    seconds = now() - begun;
    raw_close(&peer);
    if (counter.rows != rows)
        must(MAPI_E_CALL_FAILED, "the floor's rows");
    return seconds;
}

/* --- The same by MAPI ------------------------------------------------------------------------- */

static void read_newest(IMAPITable *table, int count)
{
    static SizedSPropTagArray(6,
                              columns) = {6,
                                          {PR_SUBJECT_W, PR_SENDER_NAME_W, PR_MESSAGE_DELIVERY_TIME,
                                           PR_MESSAGE_SIZE, PR_MESSAGE_FLAGS, PR_ENTRYID}};
    static SizedSSortOrderSet(1,
                              order) = {1, 0, 0, {{PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND}}};
    SRowSet *rows;

    must(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, TBL_BATCH), "SetColumns");
    must(IMAPITable_SortTable(table, (SSortOrderSet *)&order, TBL_BATCH), "SortTable");
    must(IMAPITable_QueryRows(table, count, 0, &rows), "QueryRows");
    if (rows->cRows != (ULONG)count)
        must(MAPI_E_CALL_FAILED, "the table's rows");
    for (ULONG i = 1; i < rows->cRows; i++) {
        FILETIME newer = rows->aRow[i - 1].lpProps[2].Value.ft,
                 older = rows->aRow[i].lpProps[2].Value.ft;

        if (newer.dwHighDateTime < older.dwHighDateTime ||
            (newer.dwHighDateTime == older.dwHighDateTime &&
             newer.dwLowDateTime < older.dwLowDateTime))
            must(MAPI_E_CALL_FAILED, "the order");
    }
    FreeProws(rows);
}

int main(int argc, char **argv)
{
    struct program program;
    IMAPITable *table;
    double raw, opened, done;
    int rows = argc == 8 ? atoi(argv[7]) : 0;

    if (rows < 1 || rows > ROWS_MAX) {
        fprintf(stderr, "usage: first_rows IMAP-URL SMTP-URL USER PASSWORD CA-FILE PORT ROWS\n");
        return 2;
    }
    program_prepare(argv + 1);
    raw = raw_seconds(argv + 1, rows);
    program_logon(&program);
    opened = now();
    table = program_open_inbox(program.store);
    read_newest(table, rows);
    done = now();
    printf("raw=%.4f mapi=%.4f table=%.4f\n", raw, done - program.begun, done - opened);
    IMAPITable_Release(table);
    program_end(&program);
    return 0;
}
