/* providers/account/account.h - an account: one user on one IMAP and one SMTP server
 *
 * Owns the two clients, the folder tree with its indexes and watches, the numbers of folders and
 * messages, the submit queue and its runner. Session logons, of the store and of the transport,
 * are views on it: whoever opens the same account with the same credential gets the same object
 * (docs/mail.md, "The account").
 *
 * It is a core (docs/engine.md): all functions run on its engine, in a fiber where they wait, and
 * references are plain; what may be read on any thread says so. Failures come with the server's
 * words in `error` (may be NULL); those of the clients pass through unchanged. */
#ifndef MG_ACCOUNT_H
#define MG_ACCOUNT_H

#include "mapi/error.h"
#include "net/engine.h"
#include "net/secret.h"
#include "providers/account/ids.h"

struct account;
struct imap_client;
struct smtp_client;
struct state_mailbox;

struct account_config {
    const char *key;          /* the configured id; NULL: user@imap-host in lower case */
    const char *imap_url;     /* conf/server_url.h */
    const char *smtp_url;     /* NULL: an account that only reads */
    const char *user;         /* login name; UTF-8 like all strings here */
    const char *email;        /* own address; NULL: the user, made an address by the IMAP host */
    const char *display_name; /* NULL: the address */
    const char *auth;         /* "auto" (NULL too) or a SASL mechanism */
    const char *ca_file;      /* NULL: the system's certificate authorities */
    const char *password_command; /* one of these two */
    struct secret *password;
};

/* Finds the open account of (key, credential) on this engine, or opens it: claims its mailbox in
 * the side store, and starts nothing. On S_OK *ret_account is the caller's reference. Fails with
 * MAPI_E_UNCONFIGURED (URL, user or credential missing), MAPI_E_INVALID_PARAMETER (bad URL; the
 * words say where), and what the side store fails with. */
WAITS HRESULT account_open(const struct account_config *config, struct error_info *error,
                           struct account **ret_account);

struct account *account_ref(struct account *account);
/* The last one lets the runner and the watches end and closes the connections, in a fiber of its
 * own. NULL is accepted. */
void account_unref(struct account *account);

/* First contact: loads what the side store knows of the folders, connects, logs in, lists. Fails
 * as the server does; *ret_known says whether the mailbox was known before, so that the account
 * can be used (offline) all the same. */
WAITS HRESULT account_start(struct account *account, uint64_t deadline, struct error_info *error,
                            bool *ret_known);

/* A transport logon is there: from now on the SMTP server is probed while idle, and the queue runs.
 * Connects nothing by itself before the first probe. */
HRESULT account_transport_start(struct account *account);

/* Immutable from account_open on; any thread. Strings are the account's. */
const char *account_key(const struct account *account);
const char *account_email(const struct account *account);
const char *account_display_name(const struct account *account);
const char *account_imap_host(const struct account *account);
const struct mailbox_guids *account_guids(const struct account *account);
struct engine *account_engine(const struct account *account);
struct imap_client *account_imap(const struct account *account);
struct smtp_client *account_smtp(const struct account *account); /* NULL: it only reads */
struct state_mailbox *account_state(const struct account *account);

/* --- Status: docs/mail.md, "Status rows are the connection" ----------------------------------- */

enum account_side {
    ACCOUNT_STORE,
    ACCOUNT_TRANSPORT,
};

enum account_link {
    ACCOUNT_LINK_NONE,       /* never tried, or lazily unconnected */
    ACCOUNT_LINK_CONNECTING, /* first connecting, TLS, login */
    ACCOUNT_LINK_READY,
    ACCOUNT_LINK_LOST,    /* until logged in again */
    ACCOUNT_LINK_OFFLINE, /* by request */
    ACCOUNT_LINK_REFUSED, /* login or certificate refused, bad settings */
};

struct account_status {
    enum account_link link;
    bool sending;            /* transport: a message is on its way */
    bool flush_out;          /* transport: the queue is being uploaded */
    bool flush_in;           /* transport: the store is being polled on request */
    char text[256];          /* for PR_STATUS_STRING, UTF-8 */
    struct error_info error; /* LOST, REFUSED: why */
};
void account_status(const struct account *account, enum account_side side,
                    struct account_status *ret_status);

/* PR_STATUS_CODE of that state, STATUS_INBOUND_* and STATUS_OUTBOUND_* included for the transport
 * (docs/mail.md, the table). Pure. */
ULONG account_status_code(const struct account_status *status, enum account_side side);

/* ValidateState and the calls behind FORCE_XP_CONNECT and FORCE_XP_DISCONNECT. */
WAITS HRESULT account_try_now(struct account *account, enum account_side side, uint64_t deadline,
                              struct error_info *error);
void account_go_offline(struct account *account, enum account_side side);
void account_go_online(struct account *account, enum account_side side);

/* --- Observers ------------------------------------------------------------------------------- */

enum account_event_kind {
    ACCOUNT_FOLDER_ADDED,
    ACCOUNT_FOLDER_REMOVED,
    ACCOUNT_FOLDER_CHANGED, /* name, parent or counts */
    ACCOUNT_FOLDER_MOVED,
    ACCOUNT_MESSAGES_ADDED, /* not while a folder is first filled */
    ACCOUNT_MESSAGES_REMOVED,
    ACCOUNT_MESSAGES_CHANGED,  /* flags */
    ACCOUNT_MESSAGES_PROPS,    /* properties in the side store */
    ACCOUNT_MESSAGES_MOVED,    /* numbers[i] became new_numbers[i] in `folder` */
    ACCOUNT_MESSAGES_COPIED,   /* new_numbers[i] in `folder` is a copy of numbers[i] */
    ACCOUNT_MESSAGES_RELOADED, /* too many to name, or another UIDVALIDITY */
    ACCOUNT_MESSAGES_SETTLED,  /* of what an index saw at once all has been told: tables show it */
    ACCOUNT_NEW_MAIL,          /* numbers arrived in a watched folder, unseen */
    ACCOUNT_ASSOCIATED_ADDED,
    ACCOUNT_ASSOCIATED_REMOVED,
    ACCOUNT_ASSOCIATED_CHANGED,
    ACCOUNT_QUEUE_CHANGED,       /* the submit queue, by this process */
    ACCOUNT_RULES_CHANGED,       /* of `folder`, by this process */
    ACCOUNT_PERMISSIONS_CHANGED, /* the same */
    ACCOUNT_SEARCH_RESULTS,  /* of the search folder: others, and `numbers` are to be read again */
    ACCOUNT_SEARCH_COMPLETE, /* its first pass has ended */
};

struct account_event {
    enum account_event_kind kind;
    uint64_t folder;
    uint64_t old_parent;     /* FOLDER_MOVED; MESSAGES_MOVED, _COPIED: the folder they came from */
    const uint64_t *numbers; /* MESSAGES_*, ASSOCIATED_*, NEW_MAIL; valid during the call */
    const uint64_t *new_numbers;
    size_t count;
    const bool *attached; /* NEW_MAIL: has numbers[i] attachments? */
    bool told; /* MESSAGES_ADDED, _REMOVED: _MOVED or _COPIED has told it, only tables need this */
};

/* Called on the engine, in the loop or a fiber; must not wait nor call the account back. A caller
 * embeds it and joins; leaving inside a call is allowed. */
struct account_observer {
    struct account_observer *next;
    void (*status_changed)(struct account_observer *observer, enum account_side side);
    void (*event)(struct account_observer *observer, const struct account_event *event);
};
void account_observe(struct account *account, struct account_observer *observer);
void account_unobserve(struct account *account, struct account_observer *observer);

/* What a logoff calls when its observer has left. If that was the last: waits until the message
 * that is on its way has been sent and put away, 5 s at most, or 30 s when only the server's answer
 * to it is missing; no other is begun. */
WAITS void account_finish_sending(struct account *account);

#endif
