/* tests/providers/smtp/client/smtp_rig.h - a client on an engine, beside a scripted server
 *
 * Tests run outside the engine and send their work to it. */
#ifndef TESTS_SMTP_RIG_H
#define TESTS_SMTP_RIG_H

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "net/fiber.h"
#include "net/secret.h"
#include "providers/smtp/client/client.h"
#include "providers/smtp/client/send.h"
#include "tests/support/scripted_server.h"

/* Greeting and EHLO with more capabilities ("" or "S: 250-SIZE 10\n..."). */
#define HELLO_WITH(capabilities)                                                                   \
    "S: 220 hello\nC: EHLO *\nS: 250-server\n" capabilities "S: 250 ENHANCEDSTATUSCODES\n"
#define HELLO      HELLO_WITH("")
#define PIPELINING "S: 250-PIPELINING\n"
#define QUIT       "C: QUIT\nS: 221 bye\n"

#define SENT                                                                                       \
    "C: MAIL *\nS: 250 ok\nC: RCPT *\nS: 250 ok\nC: DATA\nS: 354 go\nC: Subject: x\nC: \n"         \
    "C: hi\nC: .\nS: 250 ok\n"

struct rig {
    struct scripted_server *server; /* or NULL */
    struct engine *engine;
    struct smtp_client *client;
    struct smtp_client_options options; /* change before rig_client */
    const char *password, *next_password;
    unsigned asked; /* for the credential */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    char states[1024]; /* "connecting,logging in,ready," */
    enum smtp_state state;
    struct error_info error;
    char trace[65536]; /* "C: ...\nS: ...\n" */
};

void rig_start(struct rig *rig, const char *const *scripts, size_t count);
void rig_client(struct rig *rig);
/* Closes the client, stops the engine, and fails the test if the server is not content. */
void rig_stop(struct rig *rig);

/* Waits for a state, 30 s at most; false: it did not come. */
bool rig_await(struct rig *rig, enum smtp_state state);

/* What the callbacks noted so far. */
enum smtp_state rig_state(struct rig *rig);
HRESULT rig_error(struct rig *rig);
const char *rig_states(struct rig *rig); /* until the next call */

/* Functions of the client from the test's thread. */
HRESULT rig_try_now(struct rig *rig, struct error_info *error);
void rig_do(struct rig *rig, void (*fn)(struct smtp_client *client));

/* One message. Zeroed, with what is asked for filled in. */
struct sending {
    struct rig *rig;
    const char *content;               /* NULL: "Subject: x\n\nhi\n" */
    size_t at, step;                   /* bytes a read gives; 0: all it wants */
    HRESULT read_failure, dot_failure; /* what the callbacks answer in the end; 0: fine */
    unsigned dots;                     /* before_final_dot was called */
    struct smtp_message message;
    struct smtp_recipient recipients[64];
    HRESULT hr;
    struct error_info error;
};
void rig_to(struct sending *sending, const char *address); /* adds a recipient */
void rig_send(struct rig *rig, struct sending *sending);

/* Sends against `script`, expects NETWORK_ERROR with `words` and nothing sent; then finds an honest
 * server and sends again. `logged_in`: the server fails after its login. */
void rig_expect_refused(const char *script, bool logged_in, const char *words);

#define expect_hr(got, wanted)                                                                     \
    do {                                                                                           \
        HRESULT hr_ = (got);                                                                       \
        cr_expect_eq(hr_, (HRESULT)(wanted), "%s gave %08X", #got, (unsigned)hr_);                 \
    } while (0)

#endif
