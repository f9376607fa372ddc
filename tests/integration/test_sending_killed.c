/* Processes that are killed while they submit: what was accepted by MAPI is sent or in the queue.
 *
 * `./dev soak submit` runs it for longer. */
#include "tests/integration/mail_rig.h"
#include "tests/integration/mail_send.h"

#include <limits.h>
#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE                                                                                   \
    400 /* looks without any change, four in a second: leases of the dead last 60 s                \
         */

static void prepare(void)
{
    mail_prepare(false);
}

TestSuite(sending_killed, .init = prepare);

/* A message that somebody submitted, and what has come of it. */
struct submission {
    char subject[48]; /* the key of `submissions` */
    bool noted;       /* SubmitMessage had returned */
    bool queued;
    unsigned accepted;
    char message_id[256];
    bool has_other_id;
};

static void *submissions; /* tsearch(3) */

static struct {
    unsigned noted, accepted, lost, away, doubled, other_ids;
} tally;

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static struct submission *submission_of(const char *subject, size_t size)
{
    struct submission *submission = calloc(1, sizeof(*submission));
    struct submission **found;

    snprintf(submission->subject, sizeof(submission->subject), "%.*s", (int)size, subject);
    found = tsearch(submission, &submissions, compare);
    cr_assert(found);
    if (*found != submission)
        free(submission);
    return *found;
}

/* --- Submitting and dying --------------------------------------------------------------------- */

static FILE *open_notes(const char *mode)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/noted", mail.state);
    return fopen(path, mode);
}

/* Each message is noted once it is in the queue. */
static void submit_until_killed(unsigned round)
{
    char subject[48];
    FILE *noted;

    mail_open(round % 2 ? MAPI_NT_SERVICE | MAPI_NO_MAIL : 0);
    noted = open_notes("a");
    for (unsigned i = 0;; i++) {
        snprintf(subject, sizeof(subject), "round %u message %u", round, i);
        mail_send(subject, "hello", mail_to_bob, 1);
        fprintf(noted, "%s\n", subject);
        fflush(noted);
    }
}

static void kill_at_a_random_point(unsigned round)
{
    struct timespec pause = {.tv_nsec = 300000000 + rand() % 600000000};
    pid_t child = fork();
    int ended;

    cr_assert(child >= 0);
    if (child == 0)
        submit_until_killed(round);
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
    waitpid(child, &ended, 0);
    cr_assert(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL, "it ended by itself: 0x%X",
              (unsigned)ended);
}

/* --- Looking what became of them -------------------------------------------------------------- */

static void look_at_notes(void)
{
    FILE *noted = open_notes("r");
    char line[128];

    while (noted && fgets(line, sizeof(line), noted))
        submission_of(line, strcspn(line, "\n"))->noted = true;
    if (noted)
        fclose(noted);
}

static void take_accepted(const char *bytes)
{
    const char *subject = strstr(bytes, "\nSubject: "), *id = strcasestr(bytes, "\nMessage-ID:");
    struct submission *submission;
    char line[256] = "";

    cr_assert(subject && id, "accepted without Subject or Message-ID:\n%s", bytes);
    subject += strlen("\nSubject: ");
    submission = submission_of(subject, strcspn(subject, "\r\n"));
    snprintf(line, sizeof(line), "%.*s", (int)strcspn(id + 1, "\r\n"), id + 1);
    if (submission->accepted++ == 0)
        strcpy(submission->message_id, line);
    else if (strcmp(submission->message_id, line) != 0)
        submission->has_other_id = true;
}

/* Those that have come since the last look. */
static void look_at_server(void)
{
    char *bytes;

    while ((bytes = test_servers_read_accepted(mail.servers, tally.accepted + 1,
                                               &(unsigned long){0}))) {
        take_accepted(bytes);
        free(bytes);
        tally.accepted++;
    }
}

static void forget_queued(const void *node, VISIT visit, int depth)
{
    (void)depth;
    if (visit == preorder || visit == leaf)
        (*(struct submission *const *)node)->queued = false;
}

/* A process that died between the final dot and the server's answer left its row as uncertain, and
 * only a person may send that again (docs/mail.md, "Sending"). */
static void look_at_queue(void)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    IMAPITable *queue;
    SRowSet *rows;

    twalk(submissions, forget_queued);
    assert_hr(IMsgStore_GetOutgoingQueue(mail.store, 0, &queue), S_OK);
    assert_hr(HrQueryAllRows(queue, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SBinary *id = &rows->aRow[i].lpProps[0].Value.bin;
        SPropValue *value = NULL;
        IMessage *message;
        ULONG type;

        if (IMsgStore_OpenEntry(mail.store, id->cb, (ENTRYID *)id->lpb, NULL, 0, &type,
                                (IUnknown **)&message) != S_OK)
            continue; /* it has left just now */
        if (HrGetOneProp((IMAPIProp *)message, PR_SUBJECT_W, &value) == S_OK)
            submission_of(mail_text(value), INT_MAX)->queued = true;
        MAPIFreeBuffer(value);
        IMessage_Release(message);
    }
    FreeProws(rows);
    IMAPITable_Release(queue);
}

static void count(const void *node, VISIT visit, int depth)
{
    const struct submission *submission = *(struct submission *const *)node;

    (void)depth;
    if (visit != preorder && visit != leaf)
        return;
    tally.doubled += submission->accepted > 1;
    tally.other_ids += submission->has_other_id;
    if (!submission->noted)
        return;
    tally.noted++;
    tally.away += submission->accepted == 0;
    tally.lost += submission->accepted == 0 && !submission->queued;
}

static void look(void)
{
    look_at_notes();
    look_at_server();
    look_at_queue();
    tally.noted = tally.lost = tally.away = tally.doubled = tally.other_ids = 0;
    twalk(submissions, count);
}

Test(sending_killed, nothing_submitted_is_lost, .timeout = 3600)
{
    const char *wanted = getenv("MG_SOAK_ROUNDS");
    unsigned rounds = wanted ? (unsigned)atoi(wanted) : 4, seed = wanted ? (unsigned)time(NULL) : 1;
    IMAPIStatus *status;

    srand(seed);
    for (unsigned round = 0; round < rounds; round++)
        kill_at_a_random_point(round);

    mail_open(0); /* the next start sends what is left */
    status = mail_status_object(TRANSPORT_ROW);
    for (unsigned idle = 0, accepted = 0; idle < PATIENCE; idle++) {
        look();
        if (tally.lost == 0 && tally.away <= rounds)
            break; /* one may be uncertain for each death, the rest has left */
        if (tally.accepted != accepted)
            idle = 0;
        accepted = tally.accepted;
        IMAPIStatus_FlushQueues(status, 0, 0, NULL, FLUSH_UPLOAD);
        usleep(250000);
    }
    cr_expect(tally.noted > 0, "nothing was submitted");
    cr_expect_eq(tally.lost, 0, "%u of %u are neither sent nor queued (seed %u)", tally.lost,
                 tally.noted, seed);
    cr_expect(tally.away <= rounds, "%u of %u stay in the queue", tally.away, tally.noted);
    cr_expect(tally.doubled <= rounds, "%u doubled in %u rounds", tally.doubled, rounds);
    cr_expect_eq(tally.other_ids, 0, "%u sent twice with different Message-IDs", tally.other_ids);
    if (wanted)
        cr_log_warn(
            "%u kills, %u submitted, %u accepted by the server; %u await a decision, %u were "
            "doubled, %u lost",
            rounds, tally.noted, tally.accepted, tally.away, tally.doubled, tally.lost);
    IMAPIStatus_Release(status);
    tdestroy(submissions, free);
    mail_close();
}
