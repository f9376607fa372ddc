/* A process that is killed at a given point of a save: the old or the new version opens, whole.
 *
 * `./dev soak kills` does it at random points, with everything that changes a mailbox. */
#include "tests/integration/mail_rig.h"
#include "tests/integration/mail_send.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/proxy.h"

#define PR_OWN_COUNT PROP_TAG(PT_LONG, 0x6682)

static struct proxy *proxy;
static char url[64];

static void prepare(void)
{
    mail_prepare(false);
    proxy = proxy_start(test_servers_port(mail.servers, "IMAP"));
    snprintf(url, sizeof(url), "imap://127.0.0.1:%u?tls=none", proxy_port(proxy));
    mail.imap_url = url;
}

static void finish(void)
{
    proxy_stop(proxy);
}

TestSuite(saving_killed, .init = prepare, .fini = finish);

/* Text and a property that IMAP has no place for, of the same version. */
static void save_version(IMessage *message, LONG version)
{
    SPropValue count = {.ulPropTag = PR_OWN_COUNT, .Value.l = version};
    char text[16];

    snprintf(text, sizeof(text), "version %d", version);
    mail_set_text(message, PR_BODY_W, text);
    assert_hr(IMessage_SetProps(message, 1, &count, NULL), S_OK);
    IMessage_SaveChanges(message, KEEP_OPEN_READWRITE);
}

static void save_twice(int saved)
{
    IMAPIFolder *inbox;
    IMessage *message;

    mail_open(0);
    inbox = mail_folder("Inbox");
    assert_hr(IMAPIFolder_CreateMessage(inbox, NULL, 0, &message), S_OK);
    mail_set_text(message, PR_SUBJECT_W, "Saved");
    save_version(message, 1);
    if (write(saved, "", 1) != 1 || read(saved, &(char){0}, 1) != 1)
        _exit(1);
    save_version(message, 2);
    _exit(1); /* it was to be killed */
}

/* Waits until there is one row, and gives the version that it opens with. */
static LONG version_that_opens(void)
{
    static const SizedSPropTagArray(2, tags) = {2, {PR_BODY_W, PR_OWN_COUNT}};
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *contents = mail_contents(inbox);
    IMessage *message = NULL;
    SPropValue *values;
    ULONG count, type;
    SRowSet *rows = mail_rows(contents);
    char text[16];
    LONG version;

    for (int tries = 0; rows->cRows != 1 && tries < 600; tries++) {
        FreeProws(rows);
        usleep(50000);
        rows = mail_rows(contents);
    }
    cr_assert_eq(rows->cRows, 1);
    assert_hr(IMsgStore_OpenEntry(mail.store, rows->aRow[0].lpProps[ROW_ENTRYID].Value.bin.cb,
                                  (ENTRYID *)rows->aRow[0].lpProps[ROW_ENTRYID].Value.bin.lpb, NULL,
                                  0, &type, (IUnknown **)&message),
              S_OK);
    assert_hr(IMessage_GetProps(message, (SPropTagArray *)&tags, 0, &count, &values), S_OK);
    version = values[1].Value.l;
    snprintf(text, sizeof(text), "version %d", version);
    cr_expect(strncmp(mail_text(&values[0]), text, strlen(text)) == 0,
              "\"%s\" with the properties of %s", mail_text(&values[0]), text);
    MAPIFreeBuffer(values);
    FreeProws(rows);
    IMessage_Release(message);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
    return version;
}

/* The server never sees that command of the second save, nor what would have come after it. */
static void kill_at(const char *command, LONG expected)
{
    const struct proxy_lie silence = {.pattern = command, .answer = ""};
    int saved[2];
    pid_t child;

    cr_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, saved) == 0);
    child = fork();
    cr_assert(child >= 0);
    if (child == 0)
        save_twice(saved[1]);
    cr_assert(read(saved[0], &(char){0}, 1) == 1, "it cannot save");
    proxy_lie(proxy, &silence);
    cr_assert(write(saved[0], "", 1) == 1);
    for (int tries = 0; proxy_told(proxy) == 0 && tries < 3000; tries++)
        usleep(10000);
    cr_expect_eq(proxy_told(proxy), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    proxy_lie(proxy, NULL);
    close(saved[0]);
    close(saved[1]);

    mail_open(0);
    cr_expect_eq(version_that_opens(), expected);
    mail_close();
}

Test(saving_killed, before_the_new_version_has_left_the_old_one_opens)
{
    kill_at("APPEND *", 1);
}

Test(saving_killed, once_the_server_has_the_new_version_it_opens_with_its_properties)
{
    kill_at("UID STORE *", 2);
}

Test(saving_killed, an_old_version_that_is_only_marked_deleted_goes)
{
    kill_at("UID EXPUNGE *", 2);
}
