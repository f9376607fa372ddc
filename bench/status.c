/* bench/status.c - how soon a status row says that a server has gone, and that it is back
 *
 *   status IMAP-URL SMTP-URL USER PASSWORD CA-FILE PID-FILE PORT START-COMMAND SECONDS...
 *
 * Logs on, opens the store's inbox and waits until its row is AVAILABLE. Then, for each of SECONDS:
 * kills the server's process group, waits for the row's TABLE_ROW_MODIFIED, lets that many seconds
 * pass, starts the server and waits for the row again. The server is back when a connection to its
 * port is taken. Prints a line for each: outage=S offline_ms=N available_ms=N, where negative means
 * that the row was AVAILABLE before our own trial got through. */
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/program.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"

#define LIVE        (STATUS_AVAILABLE | STATUS_OFFLINE | STATUS_FAILURE)
#define GUARD       150  /* seconds: the row never came */
#define TRIAL_EVERY 2000 /* microseconds */

/* What the sink has heard last, and when. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ULONG code;
    double at;
} heard = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static const SizedSPropTagArray(2, columns) = {2, {PR_RESOURCE_TYPE, PR_STATUS_CODE}};

static void hear(const SRow *row)
{
    double at = now();

    if (row->cValues < 2 || row->lpProps[0].Value.l != MAPI_STORE_PROVIDER)
        return;
    pthread_mutex_lock(&heard.lock);
    if ((heard.code & LIVE) != ((ULONG)row->lpProps[1].Value.l & LIVE))
        heard.at = at;
    heard.code = (ULONG)row->lpProps[1].Value.l;
    pthread_cond_broadcast(&heard.changed);
    pthread_mutex_unlock(&heard.lock);
}

static LONG STDAPICALLTYPE on_notification(LPVOID context, ULONG count, LPNOTIFICATION events)
{
    (void)context;
    for (ULONG i = 0; i < count; i++)
        if (events[i].ulEventType == fnevTableModified &&
            events[i].info.tab.ulTableEvent == TABLE_ROW_MODIFIED)
            hear(&events[i].info.tab.row);
    return 0;
}

/* When the row came to be so; ends the program if it never does. */
static double await(ULONG code)
{
    struct timespec until;
    double at;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += GUARD;
    pthread_mutex_lock(&heard.lock);
    while ((heard.code & LIVE) != code)
        if (pthread_cond_timedwait(&heard.changed, &heard.lock, &until) != 0)
            must(MAPI_E_TIMEOUT, "the status row");
    at = heard.at;
    pthread_mutex_unlock(&heard.lock);
    return at;
}

static IMAPITable *listen_to_status(IMAPISession *session)
{
    ULONG_PTR connection;
    IMAPIAdviseSink *sink;
    IMAPITable *table;
    SRowSet *rows;

    must(IMAPISession_GetStatusTable(session, 0, &table), "GetStatusTable");
    must(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), "SetColumns");
    must(HrAllocAdviseSink(on_notification, NULL, &sink), "HrAllocAdviseSink");
    must(IMAPITable_Advise(table, fnevTableModified, sink, &connection), "Advise");
    IMAPIAdviseSink_Release(sink);
    must(HrQueryAllRows(table, NULL, NULL, NULL, 0, &rows), "the status table");
    for (ULONG i = 0; i < rows->cRows; i++)
        hear(&rows->aRow[i]);
    FreeProws(rows);
    return table;
}

static pid_t server_group(const char *pid_file)
{
    FILE *file = fopen(pid_file, "re");
    int pid = 0;

    if (!file || fscanf(file, "%d", &pid) != 1 || pid <= 1)
        must(MAPI_E_NOT_FOUND, pid_file);
    fclose(file);
    return pid;
}

static bool takes_connections(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool takes = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    close(fd);
    return takes;
}

/* Starts the server; when it first took a connection. */
static double start_server(const char *command, int port)
{
    pid_t child = fork();
    double at;

    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, NULL);
        _exit(127);
    }
    while (!takes_connections(port))
        usleep(TRIAL_EVERY);
    at = now();
    waitpid(child, NULL, 0);
    return at;
}

static void measure(const char *outage, const char *pid_file, int port, const char *command)
{
    double killed, offline, back, available;

    killed = now();
    if (kill(-server_group(pid_file), SIGKILL) != 0)
        must(MAPI_E_NOT_FOUND, "the server to kill");
    offline = await(STATUS_OFFLINE);
    usleep((useconds_t)(atof(outage) * 1e6));
    back = start_server(command, port);
    available = await(STATUS_AVAILABLE);
    printf("outage=%s offline_ms=%.1f available_ms=%.1f\n", outage, (offline - killed) * 1e3,
           (available - back) * 1e3);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct program program;
    IMAPITable *status, *inbox;

    if (argc < 10) {
        fprintf(stderr, "usage: status IMAP-URL SMTP-URL USER PASSWORD CA-FILE PID-FILE PORT "
                        "START-COMMAND SECONDS...\n");
        return 2;
    }
    program_begin(&program, argv + 1);
    status = listen_to_status(program.session);
    inbox = program_open_inbox(program.store);
    await(STATUS_AVAILABLE);
    for (int i = 9; i < argc; i++)
        measure(argv[i], argv[6], atoi(argv[7]), argv[8]);
    IMAPITable_Release(inbox);
    IMAPITable_Release(status);
    program_end(&program);
    return 0;
}
