/* providers/smtp/client/client.h - one user's connection to one SMTP submission server
 *
 * An smtp_client owns one connection at most, sends one message at a time over it (callers queue in
 * fair order), keeps it for 60 s after use, and tells its owner the state of the connection, from
 * which the transport's status row is made (docs/mail.md, "Status rows are the connection"). It
 * knows no MAPI beyond HRESULT and error_info, and shares its vocabulary with
 * providers/imap/client/client.h.
 *
 * A client belongs to the engine it was created on; unless said otherwise its functions run in a
 * fiber of that engine. Errors: MAPI_E_NETWORK_ERROR (unreachable, lost, offline, out of protocol),
 * MAPI_E_TIMEOUT, MAPI_E_USER_CANCEL (both drop the connection), MAPI_E_LOGON_FAILED (login or
 * certificate refused), MAPI_E_NO_SUPPORT (the server lacks STARTTLS or a mechanism),
 * MAPI_E_UNCONFIGURED, MAPI_E_CALL_FAILED (any other refusal), MAPI_E_NOT_ENOUGH_MEMORY. `error`
 * (may be NULL) has the server's own words, its reply code as low_level. */
#ifndef SMTP_CLIENT_H
#define SMTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "mapi/error.h"
#include "net/conn.h"
#include "net/engine.h"
#include "net/secret.h"

struct smtp_client;

enum smtp_state {
    SMTP_UNCONNECTED, /* never tried, or closed for lack of use; the last contact was good */
    SMTP_CONNECTING,  /* looking the name up, connecting */
    SMTP_LOGGING_IN,  /* greeting, EHLO, TLS, login */
    SMTP_READY,       /* logged in, idle */
    SMTP_SENDING,     /* a message is on its way */
    SMTP_LOST,        /* unreachable; the prober tries, UNCONNECTED follows when it answers */
    SMTP_REFUSED,     /* login or certificate refused: only smtp_client_try_now tries again */
    SMTP_OFFLINE,     /* by request, until smtp_client_go_online */
};

/* "ready" and so on, for logs. */
const char *smtp_state_name(enum smtp_state state);

/* What the state callback gets; valid during the call and from smtp_client_status until the next
 * wait. */
struct smtp_status_report {
    enum smtp_state state;
    const char *server;             /* "smtp.example.org:465" */
    const char *tls;                /* "TLSv1.3", or NULL: plain or unknown */
    const struct error_info *error; /* LOST, REFUSED: why; otherwise hr is S_OK */
    uint64_t next_try_in;           /* LOST: milliseconds until the next try, 0: under way */
};

enum smtp_trace {
    SMTP_TRACE_SENT,
    SMTP_TRACE_RECEIVED,
};

struct smtp_client_options {
    const char *host;
    uint16_t port;
    enum conn_tls tls;
    const char *ca_file;      /* PEM; NULL: the system's */
    const char *user;         /* UTF-8; NULL: no login */
    const char *auth;         /* "auto" (NULL too) or one SASL mechanism's name */
    const char *helo;         /* name to greet with; NULL: "[127.0.0.1]", which tells nothing */
    uint64_t command_timeout; /* milliseconds for an answer; 0: 120,000. The final dot's: 600,000 */
    uint64_t connect_timeout; /* milliseconds to be logged in; 0: 30,000 */
    uint64_t keep_alive;      /* milliseconds an unused connection lives; 0: 60,000 */
    /* EHLO and QUIT when idle that long, NOOP on an idle connection; 0: 40,000, UINT64_MAX: never
     */
    uint64_t probe_interval;

    void *arg; /* for the callbacks */

    /* As imap_client_options' four. */
    WAITS HRESULT (*credential)(void *arg, bool again, struct error_info *error,
                                struct secret **ret_secret);
    void (*state)(void *arg, const struct smtp_status_report *report);
    void (*trace)(void *arg, enum smtp_trace direction, const char *line, size_t size);
    void (*log)(void *arg, const char *line);
};

/* Makes an unconnected client; strings are copied. Nothing is connected before the first send,
 * try_now or start_probing. Engine thread (loop or fiber). Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT smtp_client_create(const struct smtp_client_options *options,
                           struct smtp_client **ret_client);

/* Says QUIT where it does not wait, ends the rest and frees; NULL is accepted. Nobody may be inside
 * another function of the client. */
WAITS void smtp_client_close(struct smtp_client *client);

/* Makes running and coming calls fail with MAPI_E_NETWORK_ERROR. Loop or fiber. */
void smtp_client_abort(struct smtp_client *client);

/* The present state; loop or fiber. */
void smtp_client_status(const struct smtp_client *client, struct smtp_status_report *report);

/* FORCE_XP_DISCONNECT and FORCE_XP_CONNECT. Going online connects at once, without waiting for the
 * outcome. Loop or fiber. */
void smtp_client_go_offline(struct smtp_client *client);
void smtp_client_go_online(struct smtp_client *client);

/* Is the server there, and does it let us in (ValidateState)? READY: a NOOP; otherwise one try to
 * connect and log in now, also from REFUSED; OFFLINE stays and fails with
 * MAPI_E_NETWORK_ERROR. A login refused less than a second ago is not repeated, its outcome is
 * returned; so is that of another's try that ended while this one waited for its turn. */
WAITS HRESULT smtp_client_try_now(struct smtp_client *client, uint64_t deadline,
                                  struct error_info *error);

/* From now on probes (EHLO, QUIT; no login) at once and whenever nothing was heard for
 * probe_interval, so that an idle transport's row is true (docs/mail.md). Loop or fiber. */
void smtp_client_start_probing(struct smtp_client *client);

/* Takes a changed user, mechanism, or credential (asked for with `again`): leaves REFUSED for
 * UNCONNECTED. NULL keeps what there is. Loop or fiber. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT smtp_client_reconfigure(struct smtp_client *client, const char *user, const char *auth);

/* What the server offered at the last EHLO; 0 before the first one. */
enum smtp_capability {
    SMTP_CAP_STARTTLS = 1u << 0,
    SMTP_CAP_AUTH = 1u << 1,
    SMTP_CAP_SIZE = 1u << 2,
    SMTP_CAP_8BITMIME = 1u << 3,
    SMTP_CAP_SMTPUTF8 = 1u << 4,
    SMTP_CAP_PIPELINING = 1u << 5,
    SMTP_CAP_DSN = 1u << 6,
    SMTP_CAP_ENHANCEDSTATUSCODES = 1u << 7,
};
uint32_t smtp_client_capabilities(const struct smtp_client *client);
uint64_t smtp_client_size_limit(const struct smtp_client *client); /* 0: none told */

#endif
