/* providers/imap/link.c - a store logon's side on the engine: the account, the status row, the news
 *
 * One function computes the live columns from the account's status and runs whenever that changed;
 * ModifyStatusRow takes the table's leaf lock and never waits. Behaviour: STA-034 to STA-039,
 * docs/mail.md "Status rows are the connection". */
#include "providers/imap/link.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/dispatch_source.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "net/process_engine.h"
#include "providers/account/identity.h"
#include "providers/imap/news.h"

#define START_TIMEOUT_MS 30000
#define MAIL_WAIT_MS     2000

struct imap_link {
    struct engine_node node; /* posted by the last unref */
    atomic_uint refs;
    struct engine *engine; /* our references */
    IMAPISupport *support;
    struct dispatcher *dispatcher; /* NULL: tables do not notify */
    struct account *account;       /* given up at the last unref; the engine's */
    atomic_bool readonly;
    struct open_messages open;

    /* The engine's. */
    bool attached; /* observing, with a row */
    bool watching; /* the Inbox, for new mail */
    struct account_observer observer;
    struct link_listener *listeners, *next_listener;
};

/* --- The row ---------------------------------------------------------------------------------- */

static HRESULT live_columns(const struct imap_link *link, void *root,
                            SPropValue values[STORE_ROW_LIVE])
{
    struct account_status status;

    account_status(link->account, ACCOUNT_STORE, &status);
    values[0].ulPropTag = PR_STATUS_CODE;
    values[0].Value.l = (LONG)account_status_code(&status, ACCOUNT_STORE);
    values[1].ulPropTag = PR_STATUS_STRING_W;
    return text_utf8_to_utf16(root, status.text, &values[1].Value.lpszW);
}

HRESULT imap_link_static(struct imap_link *link, void *root, SPropValue values[STORE_ROW_STATIC],
                         ULONG *ret_count)
{
    const struct account *account = link->account;
    HRESULT hr;

    values[0].ulPropTag = PR_DISPLAY_NAME_W;
    hr = text_utf8_to_utf16(root, account_email(account), &values[0].Value.lpszW);
    values[1].ulPropTag = PR_PROVIDER_DISPLAY_W;
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(root, "Internet mail (IMAP)", &values[1].Value.lpszW);
    values[2].ulPropTag = PR_RESOURCE_METHODS;
    values[2].Value.l = STATUS_VALIDATE_STATE;
    if (SUCCEEDED(hr))
        hr = account_identity(account, root, values + 3);
    *ret_count = STORE_ROW_STATIC;
    return hr;
}

static HRESULT publish_row(struct imap_link *link)
{
    SPropValue values[STORE_ROW_LIVE + STORE_ROW_STATIC + 1];
    void *root = mapi_alloc(NULL, 1);
    ULONG count = 0;
    HRESULT hr = root ? live_columns(link, root, values) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = imap_link_static(link, root, values + STORE_ROW_LIVE, &count);
    count += STORE_ROW_LIVE;
    values[count].ulPropTag = PR_STORE_RECORD_KEY; /* STA-011 */
    values[count].Value.bin.cb = sizeof(MAPIUID);
    values[count++].Value.bin.lpb = (BYTE *)&account_guids(link->account)->mailbox;
    if (SUCCEEDED(hr))
        hr = IMAPISupport_ModifyStatusRow(link->support, count, values, 0);
    mapi_free(root);
    return hr;
}

static void status_changed(struct account_observer *observer, enum account_side side)
{
    struct imap_link *link = container_of(observer, struct imap_link, observer);
    SPropValue values[STORE_ROW_LIVE];
    void *root;

    if (side != ACCOUNT_STORE)
        return;
    root = mapi_alloc(NULL, 1);
    /* Without memory the row is late; the next change brings it up to date. */
    if (root && SUCCEEDED(live_columns(link, root, values)))
        IMAPISupport_ModifyStatusRow(link->support, STORE_ROW_LIVE, values, STATUSROW_UPDATE);
    mapi_free(root);
}

/* --- News ------------------------------------------------------------------------------------- */

void imap_link_listen(struct imap_link *link, struct link_listener *listener)
{
    listener->next = link->listeners;
    link->listeners = listener;
}

void imap_link_unlisten(struct imap_link *link, struct link_listener *listener)
{
    struct link_listener **at = &link->listeners;

    while (*at && *at != listener)
        at = &(*at)->next;
    if (*at)
        *at = listener->next;
    if (link->next_listener == listener)
        link->next_listener = listener->next;
}

static void account_told(struct account_observer *observer, const struct account_event *event)
{
    struct imap_link *link = container_of(observer, struct imap_link, observer);
    struct link_listener *listener;

    link->next_listener = link->listeners;
    while ((listener = link->next_listener)) {
        link->next_listener = listener->next;
        listener->event(listener, event);
    }
    news_post(link->support, link, account_guids(link->account), event);
}

/* --- Beginning and end ------------------------------------------------------------------------ */

/* Why a logon fails, in the form that the session passes on (docs/mail.md, last paragraph). */
static HRESULT fail_one_provider(struct error_info *error, HRESULT hr)
{
    error->low_level = (uint32_t)hr;
    error->hr = MAPI_E_FAILONEPROVIDER;
    return MAPI_E_FAILONEPROVIDER;
}

static HRESULT start(struct imap_link *link, struct error_info *error)
{
    bool known = false;
    HRESULT hr = account_start(link->account, engine_now() + START_TIMEOUT_MS, error, &known);

    if (SUCCEEDED(hr))
        return S_OK;
    if (hr != MAPI_E_LOGON_FAILED && known)
        return S_OK; /* it can be used offline */
    return fail_one_provider(error, hr);
}

struct create_call {
    struct imap_link *link;
    const struct account_settings *settings;
    struct error_info *error;
};

static HRESULT create_on_engine(void *arg)
{
    struct create_call *call = arg;
    struct imap_link *link = call->link;
    HRESULT hr = account_open(account_settings_config(call->settings), call->error, &link->account);

    if (hr == MAPI_E_INVALID_PARAMETER) /* a bad URL */
        return fail_one_provider(call->error, hr);
    if (SUCCEEDED(hr))
        hr = start(link, call->error);
    if (FAILED(hr))
        return hr;
    hr = IMAPISupport_SetProviderUID(link->support,
                                     (MAPIUID *)&account_guids(link->account)->mailbox, 0);
    if (SUCCEEDED(hr))
        hr = publish_row(link);
    if (FAILED(hr))
        return error_set(call->error, hr, account_key(link->account),
                         "the session has no row left");
    account_observe(link->account, &link->observer);
    link->attached = true;
    status_changed(&link->observer, ACCOUNT_STORE); /* what changed since the row was computed */
    return S_OK;
}

static void detach(struct imap_link *link)
{
    if (!link->attached)
        return;
    link->attached = false;
    account_unobserve(link->account, &link->observer);
}

/* The support object's last release ends the session's use of the profile, which waits. */
static HRESULT link_free(void *arg)
{
    struct imap_link *link = arg;

    if (link->support)
        IMAPISupport_Release(link->support);
    dispatcher_unref(link->dispatcher);
    open_messages_clear(&link->open);
    engine_unref(link->engine);
    free(link);
    return S_OK;
}

static void free_on_loop(struct engine_node *node)
{
    struct imap_link *link = container_of(node, struct imap_link, node);

    detach(link);
    account_unref(link->account);
    if (FAILED(engine_spawn_closing(link->engine, link_free, link)))
        link_free(link); /* nothing waits any more */
}

struct imap_link *imap_link_ref(struct imap_link *link)
{
    atomic_fetch_add(&link->refs, 1);
    return link;
}

void imap_link_unref(struct imap_link *link)
{
    if (link && atomic_fetch_sub(&link->refs, 1) == 1)
        engine_post(link->engine, &link->node, free_on_loop);
}

HRESULT imap_link_create(const struct account_settings *settings, IMAPISupport *support,
                         struct error_info *error, struct imap_link **ret_link)
{
    struct imap_link *link = calloc(1, sizeof(*link));
    struct create_call call = {.link = link, .settings = settings, .error = error};
    HRESULT hr;

    if (!link)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, "mapigate", "out of memory");
    atomic_init(&link->refs, 1);
    link->engine = process_engine_get();
    if (!link->engine) {
        free(link);
        return error_set(error, MAPI_E_NOT_INITIALIZED, "mapigate", "no engine runs");
    }
    open_messages_init(&link->open);
    IMAPISupport_AddRef(support);
    link->support = support;
    link->dispatcher = dispatcher_of((IUnknown *)support);
    link->observer.status_changed = status_changed;
    link->observer.event = account_told;
    hr = engine_call(link->engine, create_on_engine, &call);
    if (FAILED(hr)) {
        imap_link_unref(link);
        return hr;
    }
    *ret_link = link;
    return S_OK;
}

static HRESULT close_on_engine(void *arg)
{
    struct imap_link *link = arg;

    detach(link);
    if (link->watching)
        account_folder_unwatch(link->account, ROLE_INBOX);
    link->watching = false;
    account_finish_sending(link->account);
    return S_OK;
}

void imap_link_close(struct imap_link *link)
{
    engine_call(link->engine, close_on_engine, link);
}

/* --- Calls ------------------------------------------------------------------------------------ */

struct hop {
    engine_fn *fn;
    struct link_call *call;
};

static HRESULT hop_on_engine(void *arg)
{
    struct hop *hop = arg;
    struct imap_link *link = hop->call->link;
    HRESULT hr;

    if (!link->attached)
        return MAPI_E_INVALID_OBJECT;
    hop->call->account = account_ref(link->account); /* a logoff may come while we wait */
    hr = hop->fn(hop->call);
    account_unref(hop->call->account);
    return hr;
}

HRESULT imap_link_call(struct imap_link *link, engine_fn *fn, struct link_call *call)
{
    struct hop hop = {.fn = fn, .call = call};

    call->link = link;
    return engine_call(link->engine, hop_on_engine, &hop);
}

HRESULT imap_link_run(struct imap_link *link, struct mapi_object *object, engine_fn *fn,
                      struct link_call *call)
{
    HRESULT hr = imap_link_call(link, fn, call);

    return FAILED(hr) && call->error.hr == hr ? mapi_object_fail(object, &call->error) : hr;
}

static HRESULT watch_on_engine(void *arg)
{
    struct link_call *call = arg;
    struct imap_snapshot *snapshot = NULL;
    struct imap_index *index;
    HRESULT hr;

    if (call->link->watching)
        return S_OK;
    hr = account_folder_watch(call->account, ROLE_INBOX, &call->error, &index);
    if (FAILED(hr))
        return hr;
    if (call->link->watching || !call->link->attached) /* meanwhile */
        account_folder_unwatch(call->account, ROLE_INBOX);
    else
        call->link->watching = true;
    imap_index_wait_rows(index, SIZE_MAX, engine_now() + MAIL_WAIT_MS, NULL, &snapshot);
    imap_snapshot_unref(snapshot);
    imap_index_unref(index);
    return S_OK;
}

void imap_link_watch_mail(struct imap_link *link)
{
    struct link_call call = {0};

    imap_link_call(link, watch_on_engine, &call);
}

struct live_call {
    struct link_call base;
    void *root;
    SPropValue *values;
};

static HRESULT live_on_engine(void *arg)
{
    struct live_call *call = arg;

    return live_columns(call->base.link, call->root, call->values);
}

HRESULT imap_link_live(struct imap_link *link, void *root, SPropValue ret_values[STORE_ROW_LIVE])
{
    struct live_call call = {.root = root, .values = ret_values};

    return imap_link_call(link, live_on_engine, &call.base);
}

/* --- Immutable -------------------------------------------------------------------------------- */

const struct mailbox_guids *imap_link_guids(const struct imap_link *link)
{
    return account_guids(link->account);
}

const struct account *imap_link_account(const struct imap_link *link)
{
    return link->account;
}

struct engine *imap_link_engine(const struct imap_link *link)
{
    return link->engine;
}

struct dispatcher *imap_link_dispatcher(const struct imap_link *link)
{
    return link->dispatcher;
}

void imap_link_set_readonly(struct imap_link *link)
{
    atomic_store(&link->readonly, true);
}

bool imap_link_is_readonly(const struct imap_link *link)
{
    return atomic_load(&link->readonly);
}

struct open_messages *imap_link_open_messages(struct imap_link *link)
{
    return &link->open;
}

IMAPISupport *imap_link_support(const struct imap_link *link)
{
    return link->support;
}

HRESULT imap_link_store_entryid(struct imap_link *link, ULONG *ret_size, ENTRYID **ret_id)
{
    const struct account *account = link->account;
    BYTE id[STORE_ENTRYID_MAX];
    ULONG size = ids_store_entryid(account_guids(account), account_imap_host(account),
                                   account_key(account), id);

    if (size == 0)
        return MAPI_E_TOO_BIG;
    return IMAPISupport_WrapStoreEntryID(link->support, size, (ENTRYID *)id, ret_size, ret_id);
}
