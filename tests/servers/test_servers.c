/* tests/servers/test_servers.c - do the servers of the tests do what servers.h says? */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "servers/servers.h"

static struct test_servers *servers;

static void stop_servers(void)
{
    test_servers_stop(servers);
}

static int open_port(const char *name)
{
    struct sockaddr_in where = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons(test_servers_port(servers, name)),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert(fd >= 0);
    if (connect(fd, (struct sockaddr *)&where, sizeof(where)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Reads until `text` has come or the peer closes: true if it came. Guard: 30 s. */
static bool reads(int fd, const char *text)
{
    char seen[8192];
    size_t used = 0;

    while (used < sizeof(seen) - 1) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        ssize_t size;

        if (poll(&ready, 1, 30000) != 1)
            return false;
        size = read(fd, seen + used, sizeof(seen) - 1 - used);
        if (size <= 0)
            return false;
        used += (size_t)size;
        seen[used] = '\0';
        if (strstr(seen, text) != NULL)
            return true;
    }
    return false;
}

static bool says(int fd, const char *line, const char *answer)
{
    return write(fd, line, strlen(line)) == (ssize_t)strlen(line) && reads(fd, answer);
}

Test(servers, imap_takes_the_right_password_only, .fini = stop_servers)
{
    int fd;

    servers = test_servers_start(NULL);
    fd = open_port("IMAP");
    cr_assert(reads(fd, "* OK"));
    cr_expect(says(fd, "a login alice wrong\r\n", "a NO [AUTHENTICATIONFAILED]"));
    cr_expect(says(fd, "b login alice secret\r\n", "b OK"));
    cr_expect(says(fd, "c list (special-use) \"\" *\r\n", "\\Sent"));
    close(fd);
    test_servers_set_password(servers, "alice", "other");
    fd = open_port("IMAP");
    cr_expect(says(fd, "d login alice secret\r\n", "d NO"));
    cr_expect(says(fd, "e login alice other\r\n", "e OK"));
    close(fd);
}

Test(servers, killed_imap_is_gone_and_comes_back_on_its_port, .fini = stop_servers)
{
    int idle, fd;
    uint16_t port;

    servers = test_servers_start(NULL);
    port = test_servers_port(servers, "IMAP");
    idle = open_port("IMAP");
    cr_assert(says(idle, "a login alice secret\r\nb select inbox\r\nc idle\r\n", "+ idling"));
    test_server_kill(servers, TEST_SERVER_IMAP);
    cr_expect_not(reads(idle, "never said"));
    cr_expect(open_port("IMAP") < 0);
    test_server_start(servers, TEST_SERVER_IMAP);
    cr_expect_eq(test_servers_port(servers, "IMAP"), port);
    fd = open_port("IMAP");
    cr_expect(says(fd, "a login alice secret\r\n", "a OK"));
    close(fd);
    close(idle);
}

Test(servers, frozen_imap_accepts_and_keeps_silent, .fini = stop_servers)
{
    struct pollfd silent = {.events = POLLIN};

    servers = test_servers_start(NULL);
    test_server_freeze(servers, TEST_SERVER_IMAP);
    silent.fd = open_port("IMAP"); /* the kernel accepts for it */
    cr_assert(silent.fd >= 0);
    cr_expect_eq(poll(&silent, 1, 50), 0);
    test_server_thaw(servers, TEST_SERVER_IMAP);
    cr_expect(reads(silent.fd, "* OK"));
    close(silent.fd);
}

/* Greets, logs in (alice, secret) and begins a message. */
static int open_submission_at(const char *port)
{
    int fd = open_port(port);

    cr_assert(reads(fd, "220"));
    cr_assert(says(fd, "EHLO test\r\n", "\r\n250 "));
    cr_assert(says(fd, "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n", "235"));
    return fd;
}

static int open_submission(void)
{
    return open_submission_at("SMTP");
}

Test(servers, smtp_keeps_what_it_takes_and_delivers_it, .fini = stop_servers)
{
    static const char message[] = "Subject: dots\r\n\r\n.\r\n..\xc3\xbc\r\n";
    char *kept;
    unsigned long size;
    int fd, watch;

    servers = test_servers_start(NULL);
    watch = open_port("IMAP");
    cr_assert(says(watch, "a login bob secret\r\nb select inbox\r\nc idle\r\n", "+ idling"));
    fd = open_submission();
    cr_assert(says(fd, "MAIL FROM:<alice@example.test>\r\n", "250"));
    cr_assert(says(fd, "RCPT TO:<bob@example.test>\r\n", "250"));
    cr_assert(says(fd, "RCPT TO:<refuse551@example.org>\r\n", "551"));
    cr_assert(says(fd, "RCPT TO:<refuse4xx@example.org>\r\n", "450"));
    cr_assert(says(fd, "RCPT TO:<nobody@example.test>\r\n", "550"));
    cr_assert(says(fd, "DATA\r\n", "354"));
    cr_assert(says(fd, "Subject: dots\r\n\r\n..\r\n...\xc3\xbc\r\n.\r\n", "250"));
    close(fd);
    cr_assert_eq(test_servers_accepted(servers), 1);
    kept = test_servers_read_accepted(servers, 1, &size);
    cr_assert_not_null(kept);
    cr_expect_eq(size, sizeof(message) - 1);
    cr_expect_str_eq(kept, message);
    free(kept);
    cr_expect(reads(watch, "* 1 EXISTS"));
    close(watch);
}

Test(servers, smtp_refuses_as_told, .fini = stop_servers)
{
    int fd;

    servers = test_servers_start("--size 1000");
    fd = open_submission();
    cr_expect(says(fd, "MAIL FROM:<alice@example.test> SIZE=1001\r\n", "552"));
    test_servers_say(servers, "MAIL", "451 4.3.0 not now");
    cr_expect(says(fd, "MAIL FROM:<alice@example.test>\r\n", "451 4.3.0 not now"));
    test_servers_say(servers, "MAIL", NULL);
    cr_expect(says(fd, "MAIL FROM:<alice@example.test>\r\n", "250"));
    close(fd);
}

Test(servers, sample_and_delivered_mail_are_there, .fini = stop_servers)
{
    int fd;

    servers = test_servers_start("--format maildir");
    test_servers_fill(servers, "carol");
    test_servers_deliver(servers, "carol", "Subject: late\r\n\r\n.hidden dot\r\n");
    fd = open_port("IMAP");
    cr_assert(says(fd, "a login carol secret\r\n", "a OK"));
    cr_expect(says(fd, "b select inbox\r\n", "b OK"));
    cr_expect(says(fd, "c search subject late body .hidden\r\n", "* SEARCH 44"));
    cr_expect(says(fd, "d select \"&ZeVnLIqe-/&TxqLcA-\"\r\n", "* 1 EXISTS"));
    close(fd);
}

Test(servers, postfix_delivers_and_reports, .fini = stop_servers)
{
    int fd, watch;

    if (geteuid() != 0)
        cr_skip_test("Postfix starts as root only");
    servers = test_servers_start("--postfix");
    watch = open_port("IMAP");
    cr_assert(says(watch, "a login alice secret\r\nb select inbox\r\nc idle\r\n", "+ idling"));
    fd = open_submission_at("POSTFIX");
    cr_assert(says(fd, "MAIL FROM:<alice@example.test> RET=HDRS ENVID=x1\r\n", "250"));
    cr_assert(says(fd, "RCPT TO:<bob@example.test> NOTIFY=SUCCESS\r\n", "250"));
    cr_assert(says(fd, "RCPT TO:<nobody@example.test>\r\n", "550 5.1.1"));
    cr_assert(says(fd, "RCPT TO:<away@example.org>\r\n", "550 5.4.4"));
    cr_assert(says(fd, "DATA\r\n", "354"));
    cr_assert(says(fd, "Subject: by postfix\r\n\r\nHello\r\n.\r\n", "250 2.0.0"));
    /* The report of success comes to the sender. */
    cr_expect(reads(watch, "* 1 EXISTS"));
    close(watch);
    close(fd);
    test_server_kill(servers, TEST_SERVER_POSTFIX);
    cr_expect(open_port("POSTFIX") < 0);
}
