/* status.c - mapigate status: the session's status table, once or live */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "tools/tool.h"

static const char help[] =
    "usage: mapigate status [--watch] [--json] [--profile NAME]\n"
    "\n"
    "  --watch   go on, a line for each change, until interrupted\n"
    "  --json    a list of rows; with --watch one object a line\n"
    "\n"
    "Exit code 5 when a server cannot be reached, 4 when one refused the login.\n";

static const SizedSPropTagArray(5, columns) = {
    5, {PR_DISPLAY_NAME_W, PR_STATUS_CODE, PR_STATUS_STRING_W, PR_RESOURCE_TYPE, PR_INSTANCE_KEY}};

static const char *type_name(LONG type)
{
    switch (type) {
    case MAPI_SUBSYSTEM:
        return "session";
    case MAPI_SPOOLER:
        return "spooler";
    case MAPI_AB:
        return "address book";
    case MAPI_STORE_PROVIDER:
        return "store";
    case MAPI_TRANSPORT_PROVIDER:
        return "transport";
    case MAPI_AB_PROVIDER:
        return "address book provider";
    default:
        return "other";
    }
}

/* The worst bit is the word for it. */
static const char *code_name(LONG code)
{
    if (code & STATUS_FAILURE)
        return "failure";
    if (code & STATUS_OFFLINE)
        return "offline";
    if (code & (STATUS_INBOUND_FLUSH | STATUS_OUTBOUND_FLUSH))
        return "flushing";
    if (code & STATUS_OUTBOUND_ACTIVE)
        return "sending";
    return code & STATUS_AVAILABLE ? "available" : "unknown";
}

static json_t *row_json(const SRow *row, const char *event)
{
    char *name = row_text(row, PR_DISPLAY_NAME_W), *words = row_text(row, PR_STATUS_STRING_W);
    LONG code = row_long(row, PR_STATUS_CODE);
    json_t *json = json_pack("{s:s, s:s, s:s, s:i, s:s}", "resource",
                             type_name(row_long(row, PR_RESOURCE_TYPE)), "name", name, "status",
                             code_name(code), "code", (int)code, "text", words);

    if (event)
        json_object_set_new(json, "event", json_string(event));
    free(name);
    free(words);
    return json;
}

static void print_row(const SRow *row)
{
    char *name = row_text(row, PR_DISPLAY_NAME_W), *words = row_text(row, PR_STATUS_STRING_W);

    text_print(stdout, type_name(row_long(row, PR_RESOURCE_TYPE)), 14);
    text_print(stdout, name, 26);
    putchar(' ');
    text_print(stdout, code_name(row_long(row, PR_STATUS_CODE)), words[0] ? 11 : 0);
    text_print(stdout, words, 0);
    putchar('\n');
    free(name);
    free(words);
}

static int print_table(IMAPITable *table, bool json, bool one_line)
{
    json_t *list = json && !one_line ? json_array() : NULL;
    SRowSet *rows = NULL;
    LONG all = 0;
    HRESULT hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);

    if (FAILED(hr))
        return fail_hr(table, hr, "cannot read the status table");
    for (ULONG i = 0; i < rows->cRows; i++) {
        LONG type = row_long(&rows->aRow[i], PR_RESOURCE_TYPE);

        if (type == MAPI_STORE_PROVIDER || type == MAPI_TRANSPORT_PROVIDER)
            all |= row_long(&rows->aRow[i], PR_STATUS_CODE);
        if (list)
            json_array_append_new(list, row_json(&rows->aRow[i], NULL));
        else if (json)
            json_print(row_json(&rows->aRow[i], "row"), true);
        else
            print_row(&rows->aRow[i]);
    }
    FreeProws(rows);
    if (list)
        json_print(list, false);
    fflush(stdout);
    return all & STATUS_FAILURE ? CODE_REFUSED : all & STATUS_OFFLINE ? CODE_UNREACHABLE : 0;
}

/* --- Live ------------------------------------------------------------------------------------- */

static const char *event_name(ULONG event)
{
    switch (event) {
    case TABLE_ROW_ADDED:
        return "added";
    case TABLE_ROW_DELETED:
        return "deleted";
    case TABLE_ROW_MODIFIED:
        return "modified";
    default:
        return NULL;
    }
}

/* On MAPI's notification thread, one call at a time. */
static LONG STDAPICALLTYPE on_change(LPVOID context, ULONG count, LPNOTIFICATION events)
{
    const bool *json = context;

    for (ULONG i = 0; i < count; i++) {
        const TABLE_NOTIFICATION *change = &events[i].info.tab;
        const char *name =
            events[i].ulEventType == fnevTableModified ? event_name(change->ulTableEvent) : NULL;
        struct timespec now;
        struct tm parts;
        char clock[16];

        if (!name || change->ulTableEvent == TABLE_ROW_DELETED) /* carries no columns */
            continue;
        clock_gettime(CLOCK_REALTIME, &now);
        localtime_r(&now.tv_sec, &parts);
        strftime(clock, sizeof(clock), "%H:%M:%S", &parts);
        if (*json) {
            json_t *line = row_json(&change->row, name);

            json_object_set_new(line, "time",
                                json_real((double)now.tv_sec + (double)now.tv_nsec / 1e9));
            json_print(line, true);
        } else {
            printf("%s.%03ld  ", clock, now.tv_nsec / 1000000);
            print_row(&change->row);
        }
    }
    fflush(stdout);
    return 0;
}

static void block_end_signals(sigset_t *ret_signals)
{
    sigemptyset(ret_signals);
    sigaddset(ret_signals, SIGINT);
    sigaddset(ret_signals, SIGTERM);
    sigaddset(ret_signals, SIGHUP);
    sigaddset(ret_signals, SIGPIPE); /* the reader has gone */
    pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
}

static int watch(IMAPITable *table, bool json, const sigset_t *signals)
{
    IMAPIAdviseSink *sink = NULL;
    ULONG_PTR connection = 0;
    int number, code;
    HRESULT hr = IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0);

    if (SUCCEEDED(hr))
        hr = HrAllocAdviseSink(on_change, &json, &sink);
    if (SUCCEEDED(hr))
        hr = IMAPITable_Advise(table, fnevTableModified, sink, &connection);
    if (FAILED(hr))
        code = fail_hr(table, hr, "cannot watch the status table");
    else {
        code = print_table(table, json, true);
        if (code == CODE_DONE || code == CODE_REFUSED || code == CODE_UNREACHABLE) {
            code = CODE_DONE; /* what is watched may come and go */
            sigwait(signals, &number);
        }
        IMAPITable_Unadvise(table, connection);
    }
    if (sink)
        IMAPIAdviseSink_Release(sink);
    return code;
}

int verb_status(int argc, char **argv)
{
    static const struct option options[] = {{"watch", no_argument, NULL, 'w'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"profile", required_argument, NULL, 'p'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    bool live = false, json = false, partial = false;
    const char *profile = NULL;
    struct tool_session session;
    IMAPITable *table;
    sigset_t signals;
    int option, code;
    HRESULT hr;

    while ((option = getopt_long(argc, argv, "wp:h", options, NULL)) != -1)
        switch (option) {
        case 'w':
            live = true;
            break;
        case 'j':
            json = true;
            break;
        case 'p':
            profile = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return CODE_DONE;
        default:
            return fail_usage("status");
        }
    if (live)
        block_end_signals(&signals); /* before there are other threads */
    code = session_open(profile, &session, &partial);
    if (code)
        return code;
    if (partial) {
        char *words = last_words(session.session, MAPI_W_ERRORS_RETURNED);

        fail(CODE_REFUSED, "the mail store is not open: %s", words ? words : "mapigate doctor");
        free(words);
    }
    hr = IMAPISession_GetStatusTable(session.session, 0, &table);
    if (FAILED(hr))
        code = fail_hr(session.session, hr, "cannot open the status table");
    else {
        code = live ? watch(table, json, &signals) : print_table(table, json, false);
        IMAPITable_Release(table);
    }
    session_close(&session);
    return partial && code == CODE_DONE && !live ? CODE_REFUSED : code;
}
