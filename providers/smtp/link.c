/* providers/smtp/link.c - a transport logon's side on the engine: the account and the status row
 *
 * One function computes the live columns from the account's status and the enabled direction; it
 * runs whenever either changed. ModifyStatusRow takes the table's leaf lock and never waits.
 * Behaviour: STA-036, STA-037, STA-105 to STA-109, STA-120, XPT-037. */
#include "providers/smtp/link.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "net/process_engine.h"
#include "providers/account/identity.h"
#include "providers/account/outbox.h"

struct smtp_link {
    struct engine_node node; /* posted by drop */
    struct engine *engine;   /* our reference */
    IMAPISupport *support;   /* our reference */

    /* The engine's. */
    struct account *account; /* our reference; NULL once detached */
    struct account_observer observer;
    bool outbound;
    unsigned flushes; /* fibers that still use the link */
    bool dropped;
};

#define TRANSPORT_METHODS (STATUS_VALIDATE_STATE | STATUS_FLUSH_QUEUES)

/* --- The row ---------------------------------------------------------------------------------- */

static HRESULT live_columns(const struct smtp_link *link, void *root,
                            SPropValue values[SMTP_ROW_LIVE])
{
    struct account_status status;
    ULONG code;

    account_status(link->account, ACCOUNT_TRANSPORT, &status);
    code = account_status_code(&status, ACCOUNT_TRANSPORT);
    if (!link->outbound)
        code &= ~(ULONG)STATUS_OUTBOUND_ENABLED;
    values[0].ulPropTag = PR_STATUS_CODE;
    values[0].Value.l = (LONG)code;
    values[1].ulPropTag = PR_STATUS_STRING_W;
    return text_utf8_to_utf16(root, status.text, &values[1].Value.lpszW);
}

static HRESULT static_columns(const struct smtp_link *link, void *root,
                              SPropValue values[SMTP_ROW_STATIC], ULONG *ret_count)
{
    const struct account *account = link->account;
    BYTE id[STORE_ENTRYID_MAX];
    ULONG size = ids_store_entryid(account_guids(account), account_imap_host(account),
                                   account_key(account), id);
    ENTRYID *wrapped = NULL;
    HRESULT hr;

    values[0].ulPropTag = PR_DISPLAY_NAME_W;
    hr = text_utf8_to_utf16(root, account_email(account), &values[0].Value.lpszW);
    values[1].ulPropTag = PR_PROVIDER_DISPLAY_W;
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(root, "Internet mail (SMTP)", &values[1].Value.lpszW);
    values[2].ulPropTag = PR_RESOURCE_METHODS;
    values[2].Value.l = TRANSPORT_METHODS;
    if (SUCCEEDED(hr))
        hr = account_identity(account, root, values + 3);
    if (FAILED(hr))
        return hr;
    *ret_count = SMTP_ROW_STATIC - 1;
    if (size == 0 ||
        FAILED(IMAPISupport_WrapStoreEntryID(link->support, size, (ENTRYID *)id, &size, &wrapped)))
        return S_OK; /* no tight coupling can be shown */
    values[6].ulPropTag = PR_OWN_STORE_ENTRYID;
    values[6].Value.bin.cb = size;
    values[6].Value.bin.lpb = mapi_memdup(root, wrapped, size);
    mapi_free(wrapped);
    if (!values[6].Value.bin.lpb)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_count = SMTP_ROW_STATIC;
    return S_OK;
}

static HRESULT publish_row(struct smtp_link *link)
{
    void *root = mapi_alloc(NULL, 1);
    SPropValue values[SMTP_ROW_LIVE + SMTP_ROW_STATIC];
    ULONG count;
    HRESULT hr = root ? live_columns(link, root, values) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = static_columns(link, root, values + SMTP_ROW_LIVE, &count);
    if (SUCCEEDED(hr))
        hr = IMAPISupport_ModifyStatusRow(link->support, SMTP_ROW_LIVE + count, values, 0);
    mapi_free(root);
    return hr;
}

static HRESULT update_row(struct smtp_link *link)
{
    void *root = mapi_alloc(NULL, 1);
    SPropValue values[SMTP_ROW_LIVE];
    HRESULT hr = root ? live_columns(link, root, values) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = IMAPISupport_ModifyStatusRow(link->support, SMTP_ROW_LIVE, values, STATUSROW_UPDATE);
    mapi_free(root);
    return hr;
}

static void status_changed(struct account_observer *observer, enum account_side side)
{
    struct smtp_link *link = container_of(observer, struct smtp_link, observer);

    if (side == ACCOUNT_TRANSPORT)
        update_row(link); /* without memory the row is late, the next change brings it up to date */
}

static void ignore_event(struct account_observer *observer, const struct account_event *event)
{
    (void)observer;
    (void)event; /* folders and messages are the store's */
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static void detach(struct smtp_link *link)
{
    if (!link->account)
        return;
    account_unobserve(link->account, &link->observer);
    account_unref(link->account);
    link->account = NULL;
}

/* The support object's last release ends the session's use of the profile, which waits. */
static HRESULT link_free(void *arg)
{
    struct smtp_link *link = arg;

    IMAPISupport_Release(link->support);
    engine_unref(link->engine);
    free(link);
    return S_OK;
}

struct create_call {
    struct smtp_link *link;
    const struct account_settings *settings;
    struct error_info *error;
};

static HRESULT create_on_engine(void *arg)
{
    struct create_call *call = arg;
    struct smtp_link *link = call->link;
    HRESULT hr = account_open(account_settings_config(call->settings), call->error, &link->account);

    if (FAILED(hr))
        return hr;
    account_observe(link->account, &link->observer);
    hr = publish_row(link);
    if (SUCCEEDED(hr))
        hr = account_transport_start(link->account);
    if (FAILED(hr))
        detach(link);
    return hr;
}

HRESULT smtp_link_create(const struct account_settings *settings, IMAPISupport *support,
                         bool outbound, struct error_info *error, struct smtp_link **ret_link)
{
    struct smtp_link *link = calloc(1, sizeof(*link));
    struct create_call call = {.link = link, .settings = settings, .error = error};
    HRESULT hr;

    if (!link)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, "mapigate", "out of memory");
    IMAPISupport_AddRef(support);
    link->support = support;
    link->outbound = outbound;
    link->observer.status_changed = status_changed;
    link->observer.event = ignore_event;
    link->engine = process_engine_get();
    hr = link->engine ? engine_call(link->engine, create_on_engine, &call)
                      : error_set(error, MAPI_E_NOT_INITIALIZED, "mapigate", "no engine runs");
    if (FAILED(hr)) {
        link_free(link);
        return hr;
    }
    *ret_link = link;
    return S_OK;
}

/* A flush may still be under way: the last one out frees. */
static bool let_go(struct smtp_link *link)
{
    link->dropped = true;
    detach(link);
    return link->flushes == 0;
}

static HRESULT close_on_engine(void *arg)
{
    struct smtp_link *link = arg;
    struct account *account = account_ref(link->account);
    bool alone = let_go(link);

    account_finish_sending(account);
    account_unref(account);
    return alone ? S_OK : S_FALSE;
}

void smtp_link_close(struct smtp_link *link)
{
    HRESULT hr;

    if (!link)
        return;
    hr = engine_call(link->engine, close_on_engine, link);
    if (hr == S_OK)
        link_free(link);
    else if (FAILED(hr))
        smtp_link_drop(link); /* the engine has stopped: nobody else uses the link */
}

static void drop_on_loop(struct engine_node *node)
{
    struct smtp_link *link = container_of(node, struct smtp_link, node);

    if (let_go(link) && FAILED(engine_spawn_closing(link->engine, link_free, link)))
        link_free(link); /* nothing waits any more */
}

void smtp_link_drop(struct smtp_link *link)
{
    if (link)
        engine_post(link->engine, &link->node, drop_on_loop);
}

/* --- Questions and requests ------------------------------------------------------------------- */

struct columns_call {
    struct smtp_link *link;
    void *root;
    SPropValue *values;
    ULONG *count;
};

static HRESULT live_on_engine(void *arg)
{
    struct columns_call *call = arg;

    return call->link->account ? live_columns(call->link, call->root, call->values)
                               : MAPI_E_INVALID_OBJECT;
}

HRESULT smtp_link_live(struct smtp_link *link, void *root, SPropValue ret_values[SMTP_ROW_LIVE])
{
    struct columns_call call = {.link = link, .root = root, .values = ret_values};

    return engine_call(link->engine, live_on_engine, &call);
}

static HRESULT static_on_engine(void *arg)
{
    struct columns_call *call = arg;

    return call->link->account ? static_columns(call->link, call->root, call->values, call->count)
                               : MAPI_E_INVALID_OBJECT;
}

HRESULT smtp_link_static(struct smtp_link *link, void *root, SPropValue ret_values[SMTP_ROW_STATIC],
                         ULONG *ret_count)
{
    struct columns_call call = {
        .link = link, .root = root, .values = ret_values, .count = ret_count};

    return engine_call(link->engine, static_on_engine, &call);
}

struct request_call {
    struct smtp_link *link;
    ULONG flags;
    bool enable;
    struct error_info *error;
};

static HRESULT enable_on_engine(void *arg)
{
    struct request_call *call = arg;

    if (!call->link->account)
        return MAPI_E_INVALID_OBJECT;
    call->link->outbound = call->enable;
    return update_row(call->link);
}

HRESULT smtp_link_enable_outbound(struct smtp_link *link, bool enable)
{
    struct request_call call = {.link = link, .enable = enable};

    return engine_call(link->engine, enable_on_engine, &call);
}

static HRESULT validate_on_engine(void *arg)
{
    struct request_call *call = arg;
    struct account *account = call->link->account;
    HRESULT hr = S_OK;

    if (!account)
        return MAPI_E_INVALID_OBJECT;
    if (call->flags & FORCE_XP_DISCONNECT)
        account_go_offline(account, ACCOUNT_TRANSPORT);
    if (call->flags & FORCE_XP_CONNECT)
        account_go_online(account, ACCOUNT_TRANSPORT);
    if (!(call->flags & (FORCE_XP_CONNECT | FORCE_XP_DISCONNECT))) {
        account_ref(account); /* the logon may end meanwhile */
        hr = account_try_now(account, ACCOUNT_TRANSPORT, NO_DEADLINE, call->error);
        account_unref(account);
    }
    return hr;
}

HRESULT smtp_link_validate(struct smtp_link *link, ULONG flags, struct error_info *error)
{
    struct request_call call = {.link = link, .flags = flags, .error = error};

    return engine_call(link->engine, validate_on_engine, &call);
}

struct flush {
    struct smtp_link *link;
    struct account *account; /* our reference */
    ULONG flags;
};

static HRESULT flush_fiber(void *arg)
{
    struct flush *flush = arg;
    struct smtp_link *link = flush->link;
    HRESULT hr = S_OK;

    if (flush->flags & FLUSH_UPLOAD)
        hr = account_flush_out(flush->account, NO_DEADLINE, NULL);
    if (SUCCEEDED(hr) && (flush->flags & FLUSH_DOWNLOAD))
        hr = account_flush_in(flush->account, NO_DEADLINE, NULL);
    account_unref(flush->account);
    free(flush);
    if (--link->flushes == 0 && link->dropped)
        link_free(link);
    return hr;
}

static HRESULT flush_on_engine(void *arg)
{
    struct request_call *call = arg;
    struct smtp_link *link = call->link;
    struct flush *flush;
    HRESULT hr;

    if (!link->account)
        return MAPI_E_INVALID_OBJECT;
    if (link->flushes > 0)
        return MAPI_E_BUSY; /* STA-126 */
    flush = malloc(sizeof(*flush));
    if (!flush)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *flush =
        (struct flush){.link = link, .account = account_ref(link->account), .flags = call->flags};
    link->flushes++;
    hr = engine_spawn(link->engine, flush_fiber, flush, NULL);
    if (FAILED(hr)) {
        link->flushes--;
        account_unref(flush->account);
        free(flush);
    }
    return hr;
}

HRESULT smtp_link_flush(struct smtp_link *link, ULONG flags)
{
    struct request_call call = {.link = link, .flags = flags};

    return engine_call(link->engine, flush_on_engine, &call);
}

IMAPISupport *smtp_link_support(const struct smtp_link *link)
{
    return link->support;
}
