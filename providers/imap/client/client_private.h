/* providers/imap/client/client_private.h - what the files of the client half share
 *
 * Private to this room. Everything here belongs to the engine's thread.
 *
 *   client.c      making and ending a client, its fibers (tasks)
 *   connection.c  the state of the connection: who changes it, what follows; prober, pings
 *   pool.c        who gets which session, in which order
 *   session.c     one socket and its commands; session_open.c opens it, login.c logs it in
 *   lease.c       a session lent, mailbox selected; lease_command */
#ifndef IMAP_CLIENT_PRIVATE_H
#define IMAP_CLIENT_PRIVATE_H

#include "mapi/mapidefs.h" /* before libetpan: <fcntl.h> has another LOCK_WRITE */

#include <libetpan/libetpan.h>

#include "net/conn.h"
#include "net/fiber.h"
#include "net/prober.h"
#include "net/wait.h"
#include "providers/imap/client/client.h"
#include "providers/imap/client/lease.h"
#include "providers/imap/client/mailbox.h"
#include "providers/imap/client/quote.h"
#include "providers/imap/client/wire.h"

#define SESSION_PING_AFTER   10000u  /* ms unused: ask before lending it */
#define SESSION_PING_TIMEOUT 15000u  /* ms a NOOP may take */
#define SESSION_CLOSE_AFTER  300000u /* ms unused: close it, but for the last */
#define LOST_FUSE            80u     /* ms to connect again before we call it lost */

/* --- Tasks: fibers that belong to a client --------------------------------------------------- */

struct client_task {
    struct client_task *next;
    struct imap_client *client;
    struct fiber *fiber; /* reference, for fiber_join */
    bool ended;
    void (*run)(void *arg);
    void *arg;
};

/* Runs run(arg) in a fiber that imap_client_close cancels and awaits. Loop or fiber. Fails when
 * the client is closing (MAPI_E_CANCEL) or no fiber can be had: then run is not called. */
HRESULT imap_client_spawn(struct imap_client *client, void (*run)(void *arg), void *arg);

/* --- One socket ------------------------------------------------------------------------------ */

enum session_use {
    SESSION_FREE,   /* in the pool; the loop watches its socket */
    SESSION_LEASED, /* lent, or being opened or checked */
};

struct imap_session {
    struct imap_session *next;
    struct imap_client *client;
    unsigned number;
    enum session_use use;
    bool ready; /* logged in; counted in client->ready */

    struct conn *conn;
    struct wire *wire;
    mailimap *imap;

    uint32_t capabilities; /* enum imap_capability */
    bool capabilities_known;
    char mechanisms[256]; /* "PLAIN SCRAM-SHA-256" */
    bool preauth;
    bool hush;     /* AUTHENTICATE runs: challenges are not traced */
    char *mailbox; /* selected; NULL: none */
    bool examined; /* by EXAMINE: writing needs a SELECT */
    struct imap_selected selected;
    /* Counts what the server told of the mailbox beside the answers: whoever brings an index up to
     * date looks whether it has grown meanwhile. */
    uint64_t news;
    bool fetching; /* FETCH responses are an answer */

    /* The command that runs. */
    void (*observe)(void *arg, const struct wire_response *response);
    void *observe_arg;
    uint64_t deadline;
    uint64_t open_deadline; /* while it is being opened: of every command */
    bool heard;             /* something came since it began */

    bool broken;
    struct error_info error; /* why */
    HRESULT stream_hr;       /* last failure of the connection itself */
    uint64_t used_at;
    unsigned synced; /* client->news when it last looked at its mailbox */
};

/* Connects, reads the greeting, TLS, login, capabilities, ENABLE. *ret_session is LEASED and
 * counted by nobody. Errors as client.h; `ret_refused` tells a refusal of login or certificate
 * from a lost server. */
WAITS HRESULT imap_session_open(struct imap_client *client, uint64_t deadline,
                                struct error_info *error, struct imap_session **ret_session);
/* Its parts: an empty session; wire, libetpan and the greeting over session->conn. */
HRESULT imap_session_create(struct imap_client *client, struct imap_session **ret_session);
WAITS HRESULT imap_session_greet(struct imap_session *session, struct error_info *error);
/* Closes without a word; never waits. NULL is accepted. */
void imap_session_free(struct imap_session *session);
/* Makes its waits fail; loop or fiber. Keeps the first reason. */
void imap_session_break(struct imap_session *session, const struct error_info *why);

struct imap_session_command {
    const struct command_text *text; /* without tag and CRLF; or: */
    int (*etpan)(mailimap *imap, const char *argument, const char *second); /* libetpan sends it */
    const char *argument, *second;
    void (*observe)(void *arg, const struct wire_response *response); /* may be NULL */
    void *arg;
    void (*piece)(void *arg, const struct wire_body_piece *piece); /* sections stream to it */
    uint64_t literal_max, command_max;                             /* 0: the guard's defaults */
    bool fetching;    /* its answer is FETCH responses */
    const char *what; /* "SELECT", for errors */
    bool repeatable;  /* may be sent again on another session when this one was dead */
};

/* Sends and reads to the completion: S_OK for OK; a NO or BAD by imap_session_refusal. Every other
 * failure breaks the session. */
WAITS HRESULT imap_session_command(struct imap_session *session,
                                   const struct imap_session_command *command, uint64_t deadline,
                                   struct error_info *error);

extern const struct imap_session_command imap_session_noop;

/* For commands that talk (AUTHENTICATE, APPEND, IDLE): begin, then wire_write with the tag, then
 * imap_session_read to a continuation or the completion; end. */
void imap_session_begin(struct imap_session *session, const struct imap_session_command *command,
                        uint64_t deadline);
void imap_session_end(struct imap_session *session);
void imap_session_next_tag(struct imap_session *session, char tag[16]);
WAITS HRESULT imap_session_write(struct imap_session *session, const void *bytes, size_t size,
                                 bool secret);
/* Writes tag, text and `end`, waiting where the text's literals do; *ret_response is what the
 * server said last (left alone if nothing): its completion means that it wants no more. */
WAITS HRESULT imap_session_write_text(struct imap_session *session, const char *tag,
                                      const struct command_text *text, const char *end,
                                      const struct wire_response **ret_response);
WAITS HRESULT imap_session_read(struct imap_session *session, const char *tag,
                                const struct wire_response **ret_response);
/* Marks the session broken after `hr` of wire or stream and fills `error`; returns the HRESULT. */
HRESULT imap_session_failed(struct imap_session *session, HRESULT hr, struct error_info *error);
/* NO and BAD to HRESULT, in the server's words. */
HRESULT imap_session_refusal(const struct imap_session *session, const struct wire_status *status,
                             const char *what, struct error_info *error);

/* AUTHENTICATE or LOGIN (login.c). */
WAITS HRESULT imap_session_login(struct imap_session *session, struct error_info *error);

/* --- The client ------------------------------------------------------------------------------ */

/* A fiber in the queue for a session. */
struct pool_request {
    struct pool_request *next;
    const char *mailbox; /* preferred selection; NULL: any */
    struct engine_event answered;
    bool done;
    HRESULT hr; /* S_OK with session NULL: open one, a place is kept */
    struct imap_session *session;
};

struct imap_watch;

struct imap_client {
    struct engine *engine;
    struct imap_client_options options; /* strings are ours */
    char server[300];

    enum imap_state state;
    struct error_info error;
    char tls[16];
    uint64_t lost_since;
    uint64_t last_try; /* when the last try to log in ended; 0: never */
    uint64_t retry_at; /* LOST while the server accepts but does not let us in; 0: prober's */
    bool retrying;     /* a task tries, or waits to */
    bool probed;       /* ... because the prober found the server */
    bool unreachable;  /* the last try did not even get a connection */
    struct error_info last_death; /* of a session that was ready */
    uint64_t opened_at;           /* the last session that became ready */
    unsigned short_lives;         /* sessions in a row that died young */
    bool again;                   /* the last credential was refused */
    struct prober *prober;
    struct prober_user prober_user;
    bool closing;
    bool keeper_runs;
    uint64_t heard_at; /* any byte of the server */

    struct imap_session *sessions; /* all that are logged in or being opened */
    unsigned places;               /* sessions and promises of one */
    unsigned ready;                /* logged in and not broken */
    unsigned opening;              /* promises that are being kept */
    unsigned limit;                /* of places; lowered by the server */
    uint64_t limited_at;
    unsigned session_number;
    struct pool_request *queue;

    uint32_t capabilities;
    bool knows_server; /* ID and NAMESPACE were asked */
    unsigned news;     /* grows when a session learns of messages that others may not see yet */
    char *namespace_prefix;
    char namespace_delimiter;
    char *others_prefix, *shared_prefix; /* UTF-8; NULL: none */

    struct client_task *tasks;

    struct imap_watch *watches;
    unsigned watching, live;
};

/* --- connection.c ---------------------------------------------------------------------------- */

/* The one function that changes the state: logs old -> new and tells the owner. */
void imap_connection_set_state(struct imap_client *client, enum imap_state state,
                               const struct error_info *why);
/* What a try to open a session came to. `connected` sessions count as proof of life. */
void imap_connection_opened(struct imap_client *client, const struct imap_session *session);
void imap_connection_open_failed(struct imap_client *client, HRESULT hr,
                                 const struct error_info *why);
/* A session that was ready has died. */
void imap_connection_session_died(struct imap_client *client, HRESULT hr,
                                  const struct error_info *why);
/* A phase of imap_session_open, for the state while nothing is ready. */
void imap_connection_phase(struct imap_client *client, enum imap_state phase);
/* The server's words that mean: you have enough connections. That passes; it refuses nobody. */
bool imap_connection_says_too_many(const struct error_info *why);
/* Tells the owner that numbers have changed (sessions, watching). */
void imap_connection_report(struct imap_client *client);
HRESULT imap_connection_join_prober(struct imap_client *client);
/* May somebody try now? S_OK, or why not. */
HRESULT imap_connection_may_try(struct imap_client *client, struct error_info *error);

/* --- pool.c ---------------------------------------------------------------------------------- */

#define POOL_FORCE (1u << 16) /* try although the connection is lost or refused */

/* *ret_session is LEASED; *ret_reused tells a session that was in the pool. */
WAITS HRESULT pool_take(struct imap_client *client, const char *mailbox, unsigned flags,
                        uint64_t deadline, struct error_info *error,
                        struct imap_session **ret_session, bool *ret_reused);
/* Gives back, or drops it if it is broken. Never waits. */
void pool_give(struct imap_session *session);
/* Drops every session: free ones at once, lent ones when they come back. */
void pool_drop_all(struct imap_client *client, const struct error_info *why);
/* Answers all that wait with a failure. */
void pool_fail_waiting(struct imap_client *client, HRESULT hr);
/* Serves who waits with what there is. */
void pool_dispatch(struct imap_client *client);

/* Lets go of a mailbox that is about to be deleted or renamed: sessions that have it (or one below
 * it) selected would otherwise be thrown out by the server. */
WAITS HRESULT pool_forget_mailbox(struct imap_lease *lease, const char *mailbox,
                                  struct error_info *error);

/* --- lease.c ---------------------------------------------------------------------------------- */

struct imap_lease {
    struct imap_client *client;
    struct imap_session *session; /* NULL: lost it */
    char *mailbox;                /* what was asked for; NULL: none */
    unsigned flags;
    uint64_t deadline;       /* of the next command; NO_DEADLINE: by the client's time-out */
    bool reused;             /* taken from the pool and not yet proved alive */
    bool current;            /* selected or asked by NOOP just now: it shows what there is */
    struct error_info error; /* why it is lost */
};

/* Runs one command on the lease. A repeatable one is sent again, once, on a new session when the
 * pooled one turns out dead before it said anything. */
WAITS HRESULT lease_command(struct imap_lease *lease, const struct imap_session_command *command,
                            struct error_info *error);
/* The session for a command that talks, or why there is none. */
HRESULT lease_session(struct imap_lease *lease, struct error_info *error,
                      struct imap_session **ret_session);
/* Deadline of the command that starts now; `least` milliseconds at least. Clears set_deadline's. */
uint64_t lease_take_deadline(struct imap_lease *lease, uint64_t least);
/* The lease's session died in a command. */
void lease_lose(struct imap_lease *lease, const struct error_info *why);

/* --- watch.c ---------------------------------------------------------------------------------- */

/* The connection is ready again: watches go on. */
void watches_resume(struct imap_client *client);
/* Sessions have been broken off, perhaps under an idling watch. */
void watches_dropped(struct imap_client *client);
/* The keeper's turn: polls that are due, IDLE that is old. */
void watches_tick(struct imap_client *client);

#endif
