/* bench/reopen.c - a folder opened again after few changes, and the same by QRESYNC
 *
 *   reopen IMAP-URL SMTP-URL USER PASSWORD CA-FILE PORT ROUNDS
 *
 * A program reads the inbox whole once and closes its table. Then, each round: another client turns
 * \Seen of CHANGES messages over; the floor, logged in, sends one SELECT with QRESYNC and drains
 * the answer; the program opens the table again, reads the first page, and looks until all changes
 * show. Prints a line a round: raw=, rows= (from GetContentsTable to the first page) and shown= (to
 * the last change), in seconds. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/program.h"
#include "bench/raw_peer.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"

#define CHANGES    10
#define PAGE       50
#define LOOK_EVERY 200   /* microseconds */
#define REST       50000 /* for a table to settle, and for a closed one to be given back */
#define GUARD      30

/* --- The floor -------------------------------------------------------------------------------- */

struct raw_side {
    struct raw_peer changer, peer;
    char uidvalidity[24], modseq[24]; /* of the last SELECT */
};

static void take_number(const char *line, const char *code, char *number, size_t space)
{
    const char *at = strstr(line, code);

    if (at)
        snprintf(number, space, "%.*s", (int)strspn(at + strlen(code), "0123456789"),
                 at + strlen(code));
}

/* Response codes stand in one piece with their line: an answer to SELECT is short. */
static void take_codes(void *arg, const char *bytes, size_t size)
{
    struct raw_side *side = arg;
    char text[8192];

    snprintf(text, sizeof(text), "%.*s", (int)size, bytes);
    take_number(text, "[UIDVALIDITY ", side->uidvalidity, sizeof(side->uidvalidity));
    take_number(text, "[HIGHESTMODSEQ ", side->modseq, sizeof(side->modseq));
}

static void raw_prepare(struct raw_side *side, char **words)
{
    raw_open(&side->changer, atoi(words[5]), words[4], words[2], words[3]);
    raw_command(&side->changer, "SELECT INBOX", NULL, NULL);
    raw_open(&side->peer, atoi(words[5]), words[4], words[2], words[3]);
    raw_command(&side->peer, "ENABLE QRESYNC", NULL, NULL);
    raw_command(&side->peer, "SELECT INBOX", take_codes, side);
    raw_command(&side->peer, "UNSELECT", NULL, NULL);
}

/* Messages that lie as far apart as they can; false: \Seen is taken away. */
static void change(struct raw_side *side, ULONG count, bool seen)
{
    for (ULONG i = 0; i < CHANGES; i++) {
        char words[80];

        snprintf(words, sizeof(words), "STORE %u %cFLAGS.SILENT (\\Seen)",
                 (unsigned)(i * (count / CHANGES) + 1), seen ? '+' : '-');
        raw_command(&side->changer, words, NULL, NULL);
    }
}

static double raw_seconds(struct raw_side *side)
{
    double begun, seconds;
    char words[120];

    snprintf(words, sizeof(words), "SELECT INBOX (QRESYNC (%s %s))", side->uidvalidity,
             side->modseq);
    begun = now();
    raw_command(&side->peer, words, take_codes, side);
    seconds = now() - begun;
    raw_command(&side->peer, "UNSELECT", NULL, NULL);
    return seconds;
}

/* --- The same by MAPI ------------------------------------------------------------------------- */

static IMAPITable *open_table(struct program *program)
{
    static SizedSPropTagArray(4, columns) = {
        4, {PR_MESSAGE_FLAGS, PR_SUBJECT_W, PR_MESSAGE_DELIVERY_TIME, PR_ENTRYID}};
    IMAPITable *table = program_open_inbox(program->store);

    must(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, TBL_BATCH), "SetColumns");
    return table;
}

static ULONG read_whole(struct program *program)
{
    IMAPITable *table = open_table(program);
    ULONG count;

    must(IMAPITable_GetRowCount(table, 0, &count), "GetRowCount");
    IMAPITable_Release(table);
    if (count < CHANGES || count < PAGE)
        must(MAPI_E_NOT_FOUND, "enough messages");
    return count;
}

static bool row_is(IMAPITable *table, ULONG position, bool seen)
{
    SRowSet *rows;
    bool is;

    must(IMAPITable_SeekRow(table, BOOKMARK_BEGINNING, (LONG)position, NULL), "SeekRow");
    must(IMAPITable_QueryRows(table, 1, 0, &rows), "QueryRows");
    is = rows->cRows == 1 && !(rows->aRow[0].lpProps[0].Value.l & MSGFLAG_READ) == !seen;
    FreeProws(rows);
    return is;
}

static void await_changes(IMAPITable *table, ULONG count, bool seen)
{
    double guard = now() + GUARD;

    for (ULONG i = 0; i < CHANGES; i++)
        while (!row_is(table, i * (count / CHANGES), seen)) {
            if (now() > guard)
                must(MAPI_E_TIMEOUT, "the changes");
            usleep(LOOK_EVERY);
        }
}

static void measure(struct program *program, struct raw_side *side, ULONG count, bool seen)
{
    double raw, begun, first, shown;
    IMAPITable *table;
    SRowSet *rows;

    change(side, count, seen);
    raw = raw_seconds(side);
    begun = now();
    table = open_table(program);
    must(IMAPITable_QueryRows(table, PAGE, 0, &rows), "QueryRows");
    first = now();
    FreeProws(rows);
    await_changes(table, count, seen);
    shown = now();
    usleep(REST);
    IMAPITable_Release(table);
    printf("raw=%.6f rows=%.6f shown=%.6f\n", raw, first - begun, shown - begun);
    usleep(REST);
}

int main(int argc, char **argv)
{
    static struct raw_side side;
    struct program program;
    ULONG count;

    if (argc != 8) {
        fprintf(stderr, "usage: reopen IMAP-URL SMTP-URL USER PASSWORD CA-FILE PORT ROUNDS\n");
        return 2;
    }
    program_begin(&program, argv + 1);
    raw_prepare(&side, argv + 1);
    change(&side, read_whole(&program), false);
    count = read_whole(&program);
    usleep(REST);
    for (int i = 0; i < atoi(argv[7]); i++)
        measure(&program, &side, count, i % 2 == 0);
    raw_close(&side.changer);
    raw_close(&side.peer);
    program_end(&program);
    return 0;
}
