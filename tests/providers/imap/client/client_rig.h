/* tests/providers/imap/client/client_rig.h - a client on an engine, beside a scripted server
 *
 * Tests run outside the engine and send functions to it. */
#ifndef TESTS_CLIENT_RIG_H
#define TESTS_CLIENT_RIG_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "mapi/mapicode.h"
#include "mapi/mapidefs.h"
#include "net/fiber.h"
#include "net/secret.h"
#include "net/wait.h"
#include "providers/imap/client/client.h"
#include "providers/imap/client/index.h"
#include "providers/imap/client/lease.h"
#include "providers/imap/client/mailbox.h"
#include "providers/imap/client/message.h"
#include "providers/imap/client/watch.h"
#include "tests/support/scripted_server.h"

#define PROBE    "E:\n" /* the prober connects and closes */
#define GREETING "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\n"
#define LOGIN_AS(caps)                                                                             \
    GREETING "C: %t AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\n"                                     \
             "S: %t OK [CAPABILITY IMAP4rev1 " caps "] in\n"
#define LOGIN LOGIN_AS("UIDPLUS")
#define SELECT(name, uidvalidity, uidnext, exists)                                                 \
    "C: %t SELECT " name "\n"                                                                      \
    "S: * " exists " EXISTS\n"                                                                     \
    "S: * OK [UIDVALIDITY " uidvalidity "] x\n"                                                    \
    "S: * OK [UIDNEXT " uidnext "] x\n"                                                            \
    "S: * OK [PERMANENTFLAGS (\\\\Seen \\\\Deleted \\\\*)] x\n"                                    \
    "S: %t OK [READ-WRITE] x\n"

struct rig {
    struct scripted_server *server;
    struct engine *engine;
    struct imap_client *client;
    struct imap_client_options options; /* change before rig_client */
    const char *password, *next_password;
    unsigned asked; /* for the credential */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    char states[1024]; /* "connecting,logging in,ready," */
    enum imap_state state;
    struct error_info error;
    char trace[65536];
};

/* Starts server and engine; rig_client makes the client. */
void rig_start(struct rig *rig, const char *const *scripts, size_t count);
/* The same for a server of the test's own; set options.port. */
void rig_start_without_script(struct rig *rig);
void rig_client(struct rig *rig);
/* Closes the client, stops the engine, and fails the test if the server is not content. */
void rig_stop(struct rig *rig);

/* Runs fn in a fiber of the engine. */
HRESULT rig_call(struct rig *rig, engine_fn *fn, void *arg);
/* There: a lease on `mailbox` (NULL: on none) and a NOOP in it. */
HRESULT rig_noop(struct rig *rig, const char *mailbox, struct error_info *ret_error);
/* Waits (30 s) until the client is in that state. */
void rig_await_state(struct rig *rig, enum imap_state state);

#define expect_hr(expression, expected)                                                            \
    do {                                                                                           \
        HRESULT got_ = (expression), want_ = (expected);                                           \
        cr_expect(got_ == want_, "%s: 0x%08x, expected 0x%08x", #expression, (unsigned)got_,       \
                  (unsigned)want_);                                                                \
    } while (0)

#endif
