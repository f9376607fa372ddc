/* providers/smtp/client/private.h - what the files of this room share
 *
 * Private to this room. Everything here belongs to the engine's thread.
 *
 *   client.c      making and ending a client, its keeper
 *   connection.c  the state: who changes it, what follows; the prober
 *   session.c     one socket: greeting, EHLO, STARTTLS; login.c logs it in
 *   send.c        one message; data.c its content
 *   wire.c        commands and replies; reply.c what a server says */
#ifndef SMTP_CLIENT_PRIVATE_H
#define SMTP_CLIENT_PRIVATE_H

#include "net/fiber.h"
#include "net/prober.h"
#include "net/wait.h"
#include "providers/smtp/client/client.h"
#include "providers/smtp/client/wire.h"

#define SMTP_ANSWER_TIMEOUT 15000u /* ms for a probe, or a NOOP on an idle connection */

/* --- One socket ------------------------------------------------------------------------------- */

struct smtp_session {
    struct smtp_wire wire;
    uint32_t capabilities; /* enum smtp_capability */
    uint64_t size_limit;
    char mechanisms[256]; /* as EHLO lists them, upper case */
    bool used;            /* has carried a message, or was idle: it may have died unnoticed */
};

struct smtp_client {
    struct smtp_client_options options; /* strings are ours */
    struct engine *engine;              /* our reference */
    char server[300];                   /* "host:port" */

    /* connection.c */
    enum smtp_state state;
    struct error_info error;
    char tls[16];
    uint64_t lost_since;
    uint64_t last_try; /* engine time; 0: never */
    struct prober *prober;
    struct prober_user prober_user;

    /* Who holds it uses the connection. */
    struct engine_mutex turn;
    struct smtp_session *session; /* logged in; NULL: none */
    struct conn *opening;         /* being greeted or logged in: for those who end it */
    uint64_t idle_since;          /* NO_DEADLINE: in use, or none */
    bool stirred; /* the idle session got bytes or its end: it is of no use any more */

    uint32_t capabilities;
    uint64_t size_limit;
    bool again; /* the credential was refused: ask for another */

    /* The keeper: closes an unused connection, asks whether the server is there. */
    struct fiber *keeper; /* reference; NULL: none runs */
    struct engine_event kick;
    uint64_t probe_at;   /* engine time; NO_DEADLINE: not planned */
    bool connect_wanted; /* went online: connect, do not only probe */
    bool probing;        /* has been asked to */
    uint64_t heard_at;

    bool closing;
};

/* --- connection.c ----------------------------------------------------------------------------- */

HRESULT smtp_connection_join_prober(struct smtp_client *client);

/* The one writer of client->state. `why` for LOST and REFUSED. */
void smtp_connection_set_state(struct smtp_client *client, enum smtp_state state,
                               const struct error_info *why);

/* CONNECTING and LOGGING_IN, shown only on the way up from UNCONNECTED. */
void smtp_connection_phase(struct smtp_client *client, enum smtp_state phase);

/* May a connection be tried now? Else why not. */
HRESULT smtp_connection_may_try(struct smtp_client *client, struct error_info *error);

/* A try to connect, or a connection, has failed. `reached`: the server accepted the connection. */
void smtp_connection_failed(struct smtp_client *client, HRESULT hr, const struct error_info *why,
                            bool reached);

/* With the turn: the session, opened if there is none. */
WAITS HRESULT smtp_connection_take(struct smtp_client *client, uint64_t deadline,
                                   struct error_info *error);

/* With the turn: closes the session without a word. */
void smtp_connection_drop(struct smtp_client *client);

/* With the turn: the session is idle from now on. */
void smtp_connection_rest(struct smtp_client *client);

/* With the turn, no session open: EHLO and QUIT on a connection of its own. */
WAITS void smtp_connection_probe(struct smtp_client *client);

/* Plans the next look of the keeper and wakes it. */
void smtp_connection_plan_probe(struct smtp_client *client, uint64_t when);

/* --- client.c --------------------------------------------------------------------------------- */

/* Starts the keeper if it does not run, and lets it look what there is to do. */
void smtp_client_kick_keeper(struct smtp_client *client);

/* --- session.c, login.c ----------------------------------------------------------------------- */

/* Connects and greets; with `login`, logs in where a user is configured. *ret_reached tells whether
 * the server accepted the connection. */
WAITS HRESULT smtp_session_open(struct smtp_client *client, bool login, uint64_t deadline,
                                struct error_info *error, struct smtp_session **ret_session,
                                bool *ret_reached);
WAITS HRESULT smtp_session_login(struct smtp_client *client, struct smtp_session *session,
                                 struct error_info *error);

/* Says QUIT and waits a little for the answer. */
WAITS void smtp_session_quit(struct smtp_session *session);
void smtp_session_free(struct smtp_session *session); /* NULL is accepted */

/* EHLO's text (the wire's last reply) as capabilities. */
void smtp_session_learn(struct smtp_session *session);

/* A reply that refuses something of the session as a whole, as an error. */
HRESULT smtp_session_refused(struct smtp_session *session, struct error_info *error);

/* --- data.c ----------------------------------------------------------------------------------- */

/* Streams the content with CRLF line ends and stuffed dots, up to but without the final dot; ends
 * in CRLF. *ret_source tells a failure of message->read from one of the connection. */
WAITS HRESULT smtp_data_send(struct smtp_wire *wire, const struct smtp_message *message,
                             bool *ret_source);

/* Turns bytes into lines for the wire: the state between blocks. */
struct smtp_data_stuffer {
    bool line_start; /* the last byte written was a line's end */
    bool cr;         /* a CR was read that has not been written */
};
/* `out` has room for 3 bytes for each of `size` and 2 more; returns what was written. */
size_t smtp_data_stuff(struct smtp_data_stuffer *stuffer, const char *bytes, size_t size,
                       char *out);
size_t smtp_data_stuff_end(struct smtp_data_stuffer *stuffer, char *out);

#endif
