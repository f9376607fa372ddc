/* Sending: through queue, runner and SMTP, to Sent; refusals come back with the server's words. */
#include "tests/integration/mail_rig.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void open_mail(void)
{
    mail_prepare(false);
    mail_open(0);
}

TestSuite(sending, .init = open_mail, .fini = mail_close);

static void set_text(IMessage *message, ULONG tag, const char *utf8)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.lpszW = mail_wide(utf8);
    assert_hr(IMessage_SetProps(message, 1, &value, NULL), S_OK);
}

static void add_recipients(IMessage *message, const char *const *addresses, ULONG count)
{
    SPropValue values[4][5];
    struct {
        ULONG cEntries, unused;
        ADRENTRY aEntries[4];
    } list = {.cEntries = count};

    cr_assert(count <= 4);
    for (ULONG i = 0; i < count; i++) {
        values[i][0] = (SPropValue){.ulPropTag = PR_DISPLAY_NAME_W};
        values[i][0].Value.lpszW = mail_wide(addresses[i]);
        values[i][1] = (SPropValue){.ulPropTag = PR_ADDRTYPE_W};
        values[i][1].Value.lpszW = mail_wide("SMTP");
        values[i][2] = (SPropValue){.ulPropTag = PR_EMAIL_ADDRESS_W};
        values[i][2].Value.lpszW = mail_wide(addresses[i]);
        values[i][3] = (SPropValue){.ulPropTag = PR_RECIPIENT_TYPE};
        values[i][3].Value.l = MAPI_TO;
        list.aEntries[i] = (ADRENTRY){.cValues = 4, .rgPropVals = values[i]};
    }
    assert_hr(IMessage_ModifyRecipients(message, MODRECIP_ADD, (ADRLIST *)&list), S_OK);
}

/* Makes a message in the Outbox, and submits it; it goes to Sent. */
static void send_mail(const char *subject, const char *body, const char *const *addresses,
                      ULONG count)
{
    IMAPIFolder *outbox = mail_folder("Outbox");
    SPropValue *sent;
    IMessage *message;

    assert_hr(IMAPIFolder_CreateMessage(outbox, NULL, 0, &message), S_OK);
    set_text(message, PR_MESSAGE_CLASS_W, "IPM.Note");
    set_text(message, PR_SUBJECT_W, subject);
    set_text(message, PR_BODY_W, body);
    add_recipients(message, addresses, count);
    assert_hr(HrGetOneProp((IMAPIProp *)mail.store, PR_IPM_SENTMAIL_ENTRYID, &sent), S_OK);
    sent->ulPropTag = PR_SENTMAIL_ENTRYID;
    assert_hr(IMessage_SetProps(message, 1, sent, NULL), S_OK);
    MAPIFreeBuffer(sent);
    assert_hr(IMessage_SubmitMessage(message, 0), S_OK);
    IMessage_Release(message);
    IMAPIFolder_Release(outbox);
}

static void await_accepted(unsigned count)
{
    for (int i = 0; i < 3000 && test_servers_accepted(mail.servers) < count; i++)
        usleep(10000);
    cr_assert_eq(test_servers_accepted(mail.servers), count);
}

/* The row of that subject comes into the folder. */
static void await_in(const char *path, const char *subject)
{
    IMAPIFolder *folder = mail_folder(path);
    IMAPITable *contents = mail_contents(folder);

    mail_await_row(contents, subject, true);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(folder);
}

static const char *const bob[] = {"bob@example.test"};

Test(sending, a_message_leaves_arrives_and_is_filed_under_sent)
{
    unsigned long size;
    IMAPIFolder *folder;
    IMAPITable *contents;
    ENTRYID *id;
    SPropValue *body;
    IMessage *message;
    SRowSet *rows;
    char *bytes;
    ULONG type;
    int at;

    send_mail("Grüße", "Zeile eins\r\n.Punkt am Anfang\r\nZürich", bob, 1);
    await_accepted(1);
    bytes = test_servers_read_accepted(mail.servers, 1, &size);
    cr_assert(bytes);
    cr_expect(strstr(bytes, "bob@example.test"));
    cr_expect(strstr(bytes, "alice@example.test"));
    cr_expect(strcasestr(bytes, "\nMessage-ID: <"));
    cr_expect(strcasestr(bytes, "\nMIME-Version: 1.0"));
    free(bytes);
    await_in("Sent", "Grüße");

    folder = mail_folder("Sent");
    contents = mail_contents(folder);
    rows = mail_rows(contents);
    at = mail_find_row(rows, "Grüße");
    cr_expect_eq(rows->aRow[at].lpProps[ROW_FLAGS].Value.l & MSGFLAG_UNSENT, 0);
    id = (ENTRYID *)rows->aRow[at].lpProps[ROW_ENTRYID].Value.bin.lpb;
    assert_hr(IMsgStore_OpenEntry(mail.store, rows->aRow[at].lpProps[ROW_ENTRYID].Value.bin.cb, id,
                                  NULL, 0, &type, (IUnknown **)&message),
              S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)message, PR_BODY_W, &body), S_OK);
    cr_expect_str_eq(mail_text(body), "Zeile eins\r\n.Punkt am Anfang\r\nZürich");
    MAPIFreeBuffer(body);
    IMessage_Release(message);
    FreeProws(rows);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(folder);
    mail_await_status(TRANSPORT_ROW, STATUS_OUTBOUND_ACTIVE, 0);
}

Test(sending, a_refused_recipient_comes_back_with_the_servers_words)
{
    static const char *const addresses[] = {"bob@example.test", "refuse550.x@example.test"};
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *contents = mail_contents(inbox);
    SPropValue *text = NULL;
    SRowSet *rows = NULL;
    IMessage *report;
    ULONG type;

    send_mail("To two", "hello", addresses, 2);
    await_accepted(1); /* for bob */
    await_in("Sent", "To two");
    for (int i = 0; i < 3000; i++) {
        rows = mail_rows(contents);
        if (rows->cRows == 1)
            break;
        FreeProws(rows);
        rows = NULL;
        usleep(10000);
    }
    cr_assert(rows, "no report came");
    assert_hr(IMsgStore_OpenEntry(mail.store, rows->aRow[0].lpProps[ROW_ENTRYID].Value.bin.cb,
                                  (ENTRYID *)rows->aRow[0].lpProps[ROW_ENTRYID].Value.bin.lpb, NULL,
                                  0, &type, (IUnknown **)&report),
              S_OK);
    FreeProws(rows);
    assert_hr(HrGetOneProp((IMAPIProp *)report, PR_BODY_W, &text), S_OK);
    cr_expect(strstr(mail_text(text), "refuse550.x@example.test"), "%s", mail_text(text));
    cr_expect(strstr(mail_text(text), "550 "), "%s", mail_text(text));
    MAPIFreeBuffer(text);
    IMessage_Release(report);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
}

Test(sending, what_is_submitted_while_the_server_is_away_leaves_when_it_is_back)
{
    IMAPIStatus *status = mail_status_object(TRANSPORT_ROW);

    test_server_kill(mail.servers, TEST_SERVER_SMTP);
    send_mail("Patience", "hello", bob, 1);
    mail_await_status(TRANSPORT_ROW, STATUS_OFFLINE | STATUS_OUTBOUND_ENABLED,
                      STATUS_OFFLINE | STATUS_OUTBOUND_ENABLED);
    test_server_start(mail.servers, TEST_SERVER_SMTP);
    mail_await_status(TRANSPORT_ROW, STATUS_OFFLINE, 0);
    /* The row may be due later: a flush does not mind. */
    expect_hr(IMAPIStatus_FlushQueues(status, 0, 0, NULL, FLUSH_UPLOAD), S_OK);
    await_accepted(1);
    await_in("Sent", "Patience");
    IMAPIStatus_Release(status);
}

Test(sending, without_recipients_nothing_is_submitted)
{
    IMAPIFolder *outbox = mail_folder("Outbox");
    IMessage *message;

    assert_hr(IMAPIFolder_CreateMessage(outbox, NULL, 0, &message), S_OK);
    set_text(message, PR_SUBJECT_W, "to nobody");
    expect_hr(IMessage_SubmitMessage(message, 0), MAPI_E_NO_RECIPIENTS);
    IMessage_Release(message);
    IMAPIFolder_Release(outbox);
}

/* --- Death -------------------------------------------------------------------------------------
 */

static void prepare(void)
{
    mail_prepare(false);
}

TestSuite(sending_killed, .init = prepare);

/* A process that submits until it is killed; each message is noted once it is in the queue. */
static void submit_until_killed(unsigned round)
{
    char path[128], subject[64];
    FILE *noted;

    snprintf(path, sizeof(path), "%s/noted", mail.state);
    mail_open(round % 2 ? MAPI_NT_SERVICE | MAPI_NO_MAIL : 0);
    noted = fopen(path, "a");
    for (unsigned i = 0;; i++) {
        snprintf(subject, sizeof(subject), "round %u message %u", round, i);
        send_mail(subject, "hello", bob, 1);
        fprintf(noted, "%s\n", subject);
        fflush(noted);
    }
}

/* How many accepted messages have that subject, and whether all of them have one Message-ID. */
static unsigned count_accepted(const char *subject, bool *ret_same_id)
{
    unsigned total = test_servers_accepted(mail.servers), count = 0;
    char header[192], first[256] = "";

    snprintf(header, sizeof(header), "\nSubject: %s\r\n", subject);
    *ret_same_id = true;
    for (unsigned i = 1; i <= total; i++) {
        unsigned long size;
        char *bytes = test_servers_read_accepted(mail.servers, i, &size);
        const char *id = bytes ? strcasestr(bytes, "\nMessage-ID:") : NULL;

        if (bytes && strstr(bytes, header)) {
            char line[256] = "";

            if (id)
                snprintf(line, sizeof(line), "%.*s", (int)strcspn(id + 1, "\r\n"), id + 1);
            if (count++ == 0)
                strcpy(first, line);
            else if (strcmp(first, line) != 0 || !line[0])
                *ret_same_id = false;
        }
        free(bytes);
    }
    return count;
}

/* What stands in the queue: a process that died between the final dot and the server's answer left
 * its row as uncertain, and only a person may send that again (docs/mail.md, "Sending"). */
static bool is_queued(const char *subject)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    IMAPITable *queue;
    bool found = false;
    SRowSet *rows;

    assert_hr(IMsgStore_GetOutgoingQueue(mail.store, 0, &queue), S_OK);
    assert_hr(HrQueryAllRows(queue, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows && !found; i++) {
        const SBinary *id = &rows->aRow[i].lpProps[0].Value.bin;
        SPropValue *value = NULL;
        IMessage *message;
        ULONG type;

        if (IMsgStore_OpenEntry(mail.store, id->cb, (ENTRYID *)id->lpb, NULL, 0, &type,
                                (IUnknown **)&message) != S_OK)
            continue;
        found = HrGetOneProp((IMAPIProp *)message, PR_SUBJECT_W, &value) == S_OK &&
                strcmp(mail_text(value), subject) == 0;
        MAPIFreeBuffer(value);
        IMessage_Release(message);
    }
    FreeProws(rows);
    IMAPITable_Release(queue);
    return found;
}

Test(sending_killed, nothing_submitted_is_lost, .timeout = 500)
{
    const char *wanted = getenv("MG_SOAK_ROUNDS");
    unsigned rounds = wanted ? (unsigned)atoi(wanted) : 4, doubled = 0, lost = 0, away = 0,
             total = 0;
    char path[128], line[128];
    struct timespec pause;
    IMAPIStatus *status;
    FILE *noted;

    srand(wanted ? (unsigned)time(NULL) : 1);
    for (unsigned round = 0; round < rounds; round++) {
        pid_t child = fork();
        int ended;

        cr_assert(child >= 0);
        if (child == 0)
            submit_until_killed(round);
        pause = (struct timespec){.tv_sec = 0, .tv_nsec = 300000000 + rand() % 600000000};
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        waitpid(child, &ended, 0);
        cr_assert(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL, "it ended by itself: 0x%X",
                  (unsigned)ended);
    }

    mail_open(0); /* the next start sends what is left */
    status = mail_status_object(TRANSPORT_ROW);
    snprintf(path, sizeof(path), "%s/noted", mail.state);
    for (int i = 0; i < 400; i++) { /* rows of the dead are claimed when their leases end (60 s) */
        noted = fopen(path, "r");
        lost = away = doubled = total = 0;
        while (noted && fgets(line, sizeof(line), noted)) {
            bool same_id;
            unsigned count;

            line[strcspn(line, "\n")] = '\0';
            count = count_accepted(line, &same_id);
            total++;
            away += count == 0;
            lost += count == 0 && !is_queued(line);
            doubled += count > 1;
            cr_expect(same_id, "\"%s\" was sent twice with different Message-IDs", line);
        }
        if (noted)
            fclose(noted);
        if (lost == 0 && away <= rounds)
            break; /* one may be uncertain for each death, the rest has left */
        IMAPIStatus_FlushQueues(status, 0, 0, NULL, FLUSH_UPLOAD);
        usleep(250000);
    }
    cr_expect(total > 0, "nothing was submitted");
    cr_expect_eq(lost, 0, "%u of %u are neither sent nor queued", lost, total);
    cr_expect(away <= rounds, "%u of %u stay in the queue", away, total);
    cr_expect(doubled <= rounds, "%u doubled in %u rounds", doubled, rounds);
    IMAPIStatus_Release(status);
    mail_close();
}
