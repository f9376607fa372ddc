/* tests/servers/servers.h - a real Dovecot and a real SMTP server for one test
 *
 * A thin hand on tests/servers/run.py. Each set of servers has a folder, ports and process groups
 * of its own, so tests may run side by side; a set goes away with the process that started it,
 * even if that crashes. Every function aborts the test (with run.py's own words on stderr) when
 * the servers do not do what they are told: a test never runs against half a server.
 *
 * Users alice, bob, carol, dave; password "secret"; addresses at example.test. */
#ifndef TESTS_SERVERS_H
#define TESTS_SERVERS_H

#include <stdbool.h>
#include <stdint.h>

struct test_servers;

enum test_server {
    TEST_SERVER_IMAP, /* Dovecot with its LMTP: one process group */
    TEST_SERVER_SMTP,
    TEST_SERVER_POSTFIX, /* only with --postfix, which takes root */
};

/* Starts both, in about a third of a second. `options` are words for `run.py up`, for example
 * "--format maildir --need-tls", or NULL. The caller's to stop. */
struct test_servers *test_servers_start(const char *options);

/* The one set of servers that all tests of this program's run share: the first to come starts it,
 * and it goes away with the runner. *ret_user is a user that no other test has, "user1" and so on.
 * The caller's to stop, which only gives up the handle. For tests that leave the servers, and what
 * belongs to other users, alone. */
struct test_servers *test_servers_share(unsigned *ret_user);

/* Stops both and removes their folder. NULL is allowed. */
void test_servers_stop(struct test_servers *servers);

/* A value of DIR/env, for example "MG_IMAP_URL", "MG_CA_FILE", "MG_ACCEPTED"; the servers' until
 * they are stopped. */
const char *test_servers_get(const struct test_servers *servers, const char *key);

/* A port: "IMAP", "IMAPS", "LMTP", "SMTP", "SMTPS", "POSTFIX", "POSTFIX_TLS". The same after a
 * restart. */
uint16_t test_servers_port(const struct test_servers *servers, const char *name);

/* SIGKILL to the whole process group, at once; returns when every process of it is gone. */
void test_server_kill(struct test_servers *servers, enum test_server which);

/* Starts it again on its old ports; returns when it greets. */
void test_server_start(struct test_servers *servers, enum test_server which);

/* SIGSTOP and SIGCONT to the whole group: connections stay open and nobody answers. */
void test_server_freeze(struct test_servers *servers, enum test_server which);
void test_server_thaw(struct test_servers *servers, enum test_server which);

/* Gives `user` another password, or makes that user. */
void test_servers_set_password(struct test_servers *servers, const char *user,
                               const char *password);

/* Fills `user`'s mailbox with the sample (tests/servers/sample_mailbox.py); BASE/sample then holds
 * manifest.json and each message as it was put in. */
void test_servers_fill(struct test_servers *servers, const char *user);

/* Runs doveadm with `words`, for example "mailbox create -u alice Work". */
void test_servers_doveadm(struct test_servers *servers, const char *words);

/* Puts one message in by LMTP, as if it had come by mail. `message` has CRLF line ends. */
void test_servers_deliver(struct test_servers *servers, const char *user, const char *message);

/* How many messages the SMTP server has accepted so far. */
unsigned test_servers_accepted(const struct test_servers *servers);

/* Message `number` (from 1) byte for byte as the SMTP server took it, the caller's to free, with
 * its length; NULL if there is none yet. */
char *test_servers_read_accepted(const struct test_servers *servers, unsigned number,
                                 unsigned long *ret_size);

/* A reply the SMTP server shall give to each `verb` from now on ("DATA", "451 4.3.0 later");
 * NULL as `reply` takes all such orders back. */
void test_servers_say(struct test_servers *servers, const char *verb, const char *reply);

#endif
