/* providers/account/account-private.h - what the files of this room share of an account
 *
 * Everything here belongs to the account's engine but for what the tree's lock guards. */
#ifndef MG_ACCOUNT_PRIVATE_H
#define MG_ACCOUNT_PRIVATE_H

#include <pthread.h>

#include "conf/server_url.h"
#include "net/fiber.h"
#include "net/wait.h"
#include "providers/account/account.h"
#include "providers/account/folder_tree.h"
#include "providers/imap/client/client.h"
#include "providers/imap/client/quota.h"
#include "providers/smtp/client/client.h"
#include "state/mailbox.h"

struct account_registry;
struct kept_values;
struct contents;
struct search;

/* How the last contact with one server ended: sticky until the next good or different one, so that
 * a row stays OFFLINE while we are only trying again. */
enum account_trouble {
    TROUBLE_NONE,
    TROUBLE_LOST,
    TROUBLE_REFUSED,
};

#define KNOWN_RIGHTS_MAX 256

struct known_rights {
    uint64_t folder;   /* 0: an empty place */
    uint32_t rights;   /* enum imap_right */
    uint64_t asked_at; /* engine_now; 0: to be asked again */
};

struct account_runner {
    struct fiber *fiber;
    struct engine_event wake;
    bool stopping;
    bool flushing;        /* FLUSH_UPLOAD: do not mind when a row is due */
    bool sending;         /* a message is on its way */
    bool working;         /* a row is claimed */
    bool awaiting;        /* its final dot is out, or about to be; the answer is not here */
    unsigned sent, total; /* of the present run through the queue */
    unsigned rounds;      /* runs through the queue that have ended */
    struct engine_event round_ended;
};

struct account {
    unsigned refs;
    struct account *next; /* in the registry */
    struct account_registry *registry;
    struct engine *engine; /* our reference */

    char *key, *user, *email, *display_name, *auth, *ca_file;
    struct server_url imap_url, smtp_url;
    bool has_smtp;

    char *password_command;
    struct secret *password; /* configured, or what the command printed last */
    struct engine_mutex password_gate;

    struct imap_client *imap;
    struct smtp_client *smtp;
    struct state_mailbox *mailbox;
    struct mailbox_guids guids;

    enum account_trouble trouble[2]; /* by enum account_side */
    bool flush_in;
    struct account_observer *observers, *next_observer;

    pthread_mutex_t tree_lock; /* leaf; guards the next three */
    const struct folder_tree *tree;
    struct kept_values *kept; /* properties of folders that tables show */
    struct known_rights rights[KNOWN_RIGHTS_MAX];
    bool known;         /* the side store knew its folders before the server was asked */
    bool listed;        /* the server's list has been seen */
    bool recovered;     /* what a crash left in the journal is finished */
    unsigned rewriting; /* rewrites of ours under way: theirs are no leftovers */
    struct engine_mutex folders_gate; /* one listing or change of the tree at a time */
    struct imap_quota quota;
    uint64_t quota_at;         /* engine_now when it was asked for; 0: to be asked */
    struct contents *contents; /* folders whose messages somebody looks at */

    struct search *searches; /* search folders */
    size_t search_count;
    struct engine_mutex searches_gate; /* one change of them at a time */

    struct account_runner runner;
    struct account_poller {
        struct fiber *fiber;
        struct engine_event wake;
        bool stopping;
    } poller;
};

/* The engine's accounts and the side store they share. */
struct account_registry {
    struct account *accounts;
    struct state *state;
    struct engine_mutex gate; /* opening */
};
void account_registry_remove(struct account *account);

/* account.c: makes an account that is in no registry. */
WAITS HRESULT account_create(struct engine *engine, struct state *state,
                             const struct account_config *config, struct error_info *error,
                             struct account **ret_account);

/* status.c: the clients' state callbacks, and what tells the observers. */
void account_imap_state(void *arg, const struct imap_status_report *report);
void account_smtp_state(void *arg, const struct smtp_status_report *report);
void account_status_changed(struct account *account, enum account_side side);
void account_emit(struct account *account, const struct account_event *event);

/* password.c: both clients' credential callback. */
WAITS HRESULT account_credential(void *arg, bool again, struct error_info *error,
                                 struct secret **ret_secret);

/* folders.c */
WAITS HRESULT account_folders_load(struct account *account, struct error_info *error,
                                   bool *ret_known);
/* Lists, on that lease's session or (NULL) on any, and publishes; the caller holds folders_gate. */
WAITS HRESULT account_folders_list(struct account *account, struct imap_lease *lease,
                                   uint64_t deadline, struct error_info *error);
/* As the side store keeps it: delimiter, `mailbox` and what follows it (or ""). The caller frees
 * it; NULL without memory. */
char *account_stored_name(const char *mailbox, const char *below, char delimiter);
void account_tree_publish(struct account *account, const struct folder_tree *tree);
void account_tree_set_counts(struct account *account, uint64_t folder, uint32_t messages,
                             uint32_t unseen);

/* poller.c: what is not watched is listed every 60 s, and at once when the server is back. */
HRESULT account_poller_start(struct account *account);
void account_poll_now(struct account *account);
WAITS void account_poller_stop(struct account *account);

/* contents.c: indexes and watches; ends them all. */
WAITS void account_contents_close(struct account *account);
struct imap_index *account_contents_index(struct account *account, uint64_t folder); /* or NULL */

/* rights.c: is there a connection on which the server offers this (enum imap_capability)? What is
 * only good to know is asked then alone, and not for long: reading a property never tries to
 * connect, nor waits for a server that hangs. */
bool account_may_ask(const struct account *account, uint32_t capability);
#define ACCOUNT_ASK_MS 10000

/* search.c: what the side store has of them, before there is a tree; the end of all. */
WAITS HRESULT account_searches_load(struct account *account, struct error_info *error);
WAITS void account_searches_close(struct account *account);
/* The tree with the account's search folders in it, for the given one, whose reference it takes. */
const struct folder_tree *account_searches_in_tree(struct account *account,
                                                   const struct folder_tree *tree);

/* outbox.c */
void account_queue_changed(struct account *account);

/* runner.c */
HRESULT account_runner_start(struct account *account);
WAITS void account_runner_stop(struct account *account);

/* rewrite.c: finishes or undoes what a crash left open; once, when the server is first there. */
WAITS HRESULT account_rewrites_recover(struct account *account, struct error_info *error);

#endif
