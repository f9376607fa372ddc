/* providers/imap/client/client.h - one user's connections to one IMAP server
 *
 * An imap_client owns up to `max_sessions` logged-in sessions (sockets), lends them out for one
 * command at a time (lease.h) and tells one thing to its owner: the state of the connection, from
 * which the status rows are made (docs/mail.md, "Status rows are the connection"). It knows no
 * MAPI beyond HRESULT and error_info.
 *
 * A client belongs to the engine it was created on; unless said otherwise every function of this
 * room runs in a fiber of that engine. Errors of all commands: MAPI_E_NETWORK_ERROR (lost,
 * offline, or the server broke the protocol: its session is dropped), MAPI_E_TIMEOUT (deadline; the
 * session is dropped), MAPI_E_USER_CANCEL (fiber cancelled; the session is dropped),
 * MAPI_E_LOGON_FAILED (login or certificate refused), MAPI_E_NOT_FOUND, MAPI_E_NO_ACCESS,
 * MAPI_E_COLLISION, MAPI_E_BUSY, MAPI_E_STORE_FULL by the server's response code,
 * MAPI_E_NO_SUPPORT (the server lacks it), MAPI_E_CALL_FAILED (any other NO or BAD),
 * MAPI_E_NOT_ENOUGH_MEMORY; `error` (may be NULL) says it in the server's words. */
#ifndef IMAP_CLIENT_H
#define IMAP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "mapi/error.h"
#include "net/conn.h"
#include "net/engine.h"
#include "net/secret.h"

struct imap_client;

enum imap_state {
    IMAP_UNCONNECTED, /* never tried, or closed for lack of use */
    IMAP_CONNECTING,  /* looking the name up, connecting */
    IMAP_LOGGING_IN,  /* greeting, TLS, login */
    IMAP_READY,       /* at least one session is logged in */
    IMAP_LOST,        /* unreachable; the prober tries, READY follows without anybody's doing */
    IMAP_REFUSED,     /* login or certificate refused: only imap_client_try_now tries again */
    IMAP_OFFLINE,     /* by request, until imap_client_go_online */
};

/* "ready" and so on, for logs. */
const char *imap_state_name(enum imap_state state);

/* What the state callback gets; valid during the call and from imap_client_status until the next
 * wait. */
struct imap_status_report {
    enum imap_state state;
    const char *server;             /* "imap.example.org:993" */
    const char *tls;                /* "TLSv1.3", or NULL: plain or unknown */
    const struct error_info *error; /* LOST, REFUSED: why; otherwise hr is S_OK */
    uint64_t next_try_in;           /* LOST: milliseconds until the next try, 0: under way */
    unsigned sessions;              /* logged in now */
    unsigned watching;              /* mailboxes followed, by IDLE or by polling */
};

enum imap_trace {
    IMAP_TRACE_SENT,
    IMAP_TRACE_RECEIVED,
};

struct imap_client_options {
    const char *host;
    uint16_t port;
    enum conn_tls tls;
    const char *ca_file;      /* PEM; NULL: the system's */
    const char *user;         /* UTF-8 */
    const char *auth;         /* "auto" (NULL too) or one SASL mechanism's name */
    unsigned max_sessions;    /* 0: 4 */
    uint64_t command_timeout; /* milliseconds a command may take; 0: 120,000 */
    uint64_t connect_timeout; /* milliseconds to be logged in; 0: 30,000 */
    uint64_t silence_timeout; /* milliseconds a server may say nothing to a command; 0: 50,000 */
    uint64_t ping_interval;   /* NOOP when nothing was heard that long; 0: 20,000 */
    uint64_t poll_interval;   /* STATUS of watched mailboxes without IDLE; 0: 60,000 */

    void *arg; /* for the callbacks */

    /* Gives the password or token for one login, the client's reference from then on. `again` says
     * that the server refused the one given before: do not answer from a cache. May wait. */
    WAITS HRESULT (*credential)(void *arg, bool again, struct error_info *error,
                                struct secret **ret_secret);

    /* On the engine, loop or fiber, after each change of what imap_status_report holds (not as
     * next_try_in counts down). Must not wait, nor call this client. May be NULL. */
    void (*state)(void *arg, const struct imap_status_report *report);

    /* One line of the wire without its CRLF, secrets and message contents left out ("{1234}"
     * stays). On the engine; must not wait. `session` numbers the sockets. May be NULL. */
    void (*trace)(void *arg, enum imap_trace direction, unsigned session, const char *line,
                  size_t size);

    /* One line for the log, "imap.example.org:993: ready -> lost: connection refused". On the
     * engine; must not wait. May be NULL. */
    void (*log)(void *arg, const char *line);
};

/* Makes an unconnected client; strings are copied. Engine thread (loop or fiber). Fails with
 * MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT imap_client_create(const struct imap_client_options *options,
                           struct imap_client **ret_client);

/* Ends everything the client runs, closes its sessions and frees it; NULL is accepted. All leases
 * must have ended, all watches been stopped and all indexes been closed. */
WAITS void imap_client_close(struct imap_client *client);

/* Like imap_client_close's ending of what waits, without freeing: running and coming commands fail
 * with MAPI_E_NETWORK_ERROR, so that their fibers unwind. Loop or fiber. */
void imap_client_abort(struct imap_client *client);

/* The present state; loop or fiber. `report` points into the client. */
void imap_client_status(const struct imap_client *client, struct imap_status_report *report);

/* FORCE_XP_DISCONNECT and FORCE_XP_CONNECT: drops all sessions and stays offline; comes back and
 * connects at once, without waiting for the outcome. Loop or fiber. */
void imap_client_go_offline(struct imap_client *client);
void imap_client_go_online(struct imap_client *client);

/* Is the server there, and does it let us in (ValidateState)? READY: a NOOP; otherwise one try to
 * connect and log in now, also from REFUSED; OFFLINE stays and fails with MAPI_E_NETWORK_ERROR. A
 * login refused less than a second ago is not repeated, its outcome is returned. */
WAITS HRESULT imap_client_try_now(struct imap_client *client, uint64_t deadline,
                                  struct error_info *error);

/* Takes a changed user, mechanism, or credential (asked for with `again`): leaves REFUSED for
 * UNCONNECTED. NULL keeps what there is. Loop or fiber. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT imap_client_reconfigure(struct imap_client *client, const char *user, const char *auth);

/* What the server offers after login; 0 before the first one. */
enum imap_capability {
    IMAP_CAP_SASL_IR = 1u << 0,
    IMAP_CAP_LITERAL_PLUS = 1u << 1,
    IMAP_CAP_LITERAL_MINUS = 1u << 2,
    IMAP_CAP_IDLE = 1u << 3,
    IMAP_CAP_NAMESPACE = 1u << 4,
    IMAP_CAP_ID = 1u << 5,
    IMAP_CAP_ENABLE = 1u << 6,
    IMAP_CAP_CONDSTORE = 1u << 7,
    IMAP_CAP_QRESYNC = 1u << 8,
    IMAP_CAP_UIDPLUS = 1u << 9,
    IMAP_CAP_MOVE = 1u << 10,
    IMAP_CAP_SORT = 1u << 11,
    IMAP_CAP_ESEARCH = 1u << 12,
    IMAP_CAP_SPECIAL_USE = 1u << 13,
    IMAP_CAP_XLIST = 1u << 14,
    IMAP_CAP_LIST_EXTENDED = 1u << 15,
    IMAP_CAP_LIST_STATUS = 1u << 16,
    IMAP_CAP_CHILDREN = 1u << 17,
    IMAP_CAP_STATUS_SIZE = 1u << 18,
    IMAP_CAP_OBJECTID = 1u << 19,
    IMAP_CAP_CREATE_SPECIAL_USE = 1u << 20,
    IMAP_CAP_UNSELECT = 1u << 21,
    IMAP_CAP_DOVECOT = 1u << 22, /* STATUS X-GUID works (ID says Dovecot) */
    IMAP_CAP_STARTTLS = 1u << 23,
    IMAP_CAP_LOGINDISABLED = 1u << 24,
    IMAP_CAP_ACL = 1u << 25,
    IMAP_CAP_RIGHTS = 1u << 26, /* the rights of RFC 4314, not those of RFC 2086 alone */
    IMAP_CAP_QUOTA = 1u << 27,
};
uint32_t imap_client_capabilities(const struct imap_client *client);

#endif
