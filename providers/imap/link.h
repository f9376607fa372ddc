/* providers/imap/link.h - a store logon's side on the engine: the account, the status row, the news
 *
 * Private to providers/imap. A link watches the account: it writes the logon's status row (its only
 * writer) and hands folder and message events to the session's subscribers and to the logon's
 * tables. Objects of the logon hold references; what they do on the engine they do through
 * link_call. */
#ifndef IMAP_LINK_H
#define IMAP_LINK_H

#include "mapi/mapispi.h"
#include "mapi/notify.h"
#include "mapi/object.h"
#include "providers/account/account.h"
#include "providers/account/config.h"
#include "providers/account/folders.h"
#include "providers/imap/open_messages.h"

struct imap_link;

#define STORE_ROW_LIVE   2
#define STORE_ROW_STATIC 6

/* Opens and starts the account of `settings` and publishes the row. Unreachable but known mailbox:
 * S_OK, the row says OFFLINE. Otherwise MAPI_E_FAILONEPROVIDER with the server's words in `error`
 * and the reason (an HRESULT) as its low-level error, and no row (docs/mail.md).
 * MAPI_E_UNCONFIGURED as account_open. References are taken on `support`. One reference for the
 * caller. */
WAITS HRESULT imap_link_create(const struct account_settings *settings, IMAPISupport *support,
                               struct error_info *error, struct imap_link **ret_link);

/* Any thread. The last unref is posted: it never waits. NULL is accepted. */
struct imap_link *imap_link_ref(struct imap_link *link);
void imap_link_unref(struct imap_link *link);

/* Logoff: lets go of the account and of the support object, which takes the row away. Calls that
 * follow fail with MAPI_E_INVALID_OBJECT. */
WAITS void imap_link_close(struct imap_link *link);

/* Runs fn(arg) on the engine with the account in `call.account`. `arg` begins with a link_call. */
struct link_call {
    struct imap_link *link;
    struct account *account;
    struct error_info error;
};
WAITS HRESULT imap_link_call(struct imap_link *link, engine_fn *fn, struct link_call *call);

/* The same; the words of a failure become the last error of `object`. */
WAITS HRESULT imap_link_run(struct imap_link *link, struct mapi_object *object, engine_fn *fn,
                            struct link_call *call);

/* Immutable: any thread. The account is for reading what may be read anywhere. */
const struct mailbox_guids *imap_link_guids(const struct imap_link *link);
const struct account *imap_link_account(const struct imap_link *link);
struct engine *imap_link_engine(const struct imap_link *link);
struct dispatcher *imap_link_dispatcher(const struct imap_link *link); /* the link's; may be NULL */
IMAPISupport *imap_link_support(const struct imap_link *link);         /* the link's */

/* The row's columns now; hang off `root`. */
WAITS HRESULT imap_link_live(struct imap_link *link, void *root,
                             SPropValue ret_values[STORE_ROW_LIVE]);
HRESULT imap_link_static(struct imap_link *link, void *root,
                         SPropValue ret_values[STORE_ROW_STATIC], ULONG *ret_count);

/* A logon without MDB_WRITE: said before its store is handed out. */
void imap_link_set_readonly(struct imap_link *link);
bool imap_link_is_readonly(const struct imap_link *link);

/* The store's own id, wrapped as clients hold it; mapi_free. */
HRESULT imap_link_store_entryid(struct imap_link *link, ULONG *ret_size, ENTRYID **ret_id);

/* The messages that the logon's client has open for writing; the link's. */
struct open_messages *imap_link_open_messages(struct imap_link *link);

/* Somebody wants to hear of new mail: the Inbox is watched until the logon ends. Waits a moment for
 * what is there already, which is not new; without the server it is watched when that is back. */
WAITS void imap_link_watch_mail(struct imap_link *link);

/* Tables of the logon that want to hear of the account's events; engine thread or any for the list
 * itself. `event` is called on the engine and must not wait. */
struct link_listener {
    struct link_listener *next;
    void (*event)(struct link_listener *listener, const struct account_event *event);
};
void imap_link_listen(struct imap_link *link, struct link_listener *listener);   /* engine */
void imap_link_unlisten(struct imap_link *link, struct link_listener *listener); /* engine */

#endif
