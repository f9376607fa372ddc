/* providers/account/account.c - an account: found or opened, started, closed
 *
 * One object per (key, credential) and engine; it closes itself in a fiber when the last view on it
 * has gone. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/account/account-private.h"
#include "providers/account/kept.h"

/* --- Configuration ---------------------------------------------------------------------------- */

static char *copy_or_null(const char *text)
{
    return text ? strdup(text) : NULL;
}

static HRESULT check_config(const struct account_config *config, struct server_url *ret_imap,
                            struct server_url *ret_smtp, struct error_info *error)
{
    const char *problem;

    if (!config->imap_url || !config->imap_url[0])
        return error_set(error, MAPI_E_UNCONFIGURED, config->key, "no IMAP server is configured");
    if (!config->user || !config->user[0])
        return error_set(error, MAPI_E_UNCONFIGURED, config->key, "no user is configured");
    if (!config->password && !config->password_command)
        return error_set(error, MAPI_E_UNCONFIGURED, config->key, "no password is configured");
    if (FAILED(server_url_parse(config->imap_url, SERVER_IMAP, ret_imap, &problem)))
        return error_set(error, MAPI_E_INVALID_PARAMETER, config->imap_url, "%s", problem);
    if (config->smtp_url &&
        FAILED(server_url_parse(config->smtp_url, SERVER_SMTP, ret_smtp, &problem)))
        return error_set(error, MAPI_E_INVALID_PARAMETER, config->smtp_url, "%s", problem);
    return S_OK;
}

/* user@imap-host in lower case, unless one is configured. */
static char *make_key(const struct account_config *config, const struct server_url *imap)
{
    char *key = NULL;

    if (config->key)
        return strdup(config->key);
    if (asprintf(&key, "%s@%s", config->user, imap->host) < 0)
        return NULL;
    for (char *at = key; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return key;
}

static char *make_email(const struct account_config *config, const struct server_url *imap)
{
    char *email = NULL;

    if (config->email)
        return strdup(config->email);
    if (strchr(config->user, '@'))
        return strdup(config->user);
    return asprintf(&email, "%s@%s", config->user, imap->host) < 0 ? NULL : email;
}

static HRESULT copy_config(struct account *account, const struct account_config *config)
{
    account->key = make_key(config, &account->imap_url);
    account->user = strdup(config->user);
    account->email = make_email(config, &account->imap_url);
    account->display_name = copy_or_null(config->display_name);
    account->auth = copy_or_null(config->auth);
    account->ca_file = copy_or_null(config->ca_file);
    account->password_command = copy_or_null(config->password_command);
    if (!account->display_name && account->email)
        account->display_name = strdup(account->email);
    if (!account->key || !account->user || !account->email || !account->display_name ||
        (config->auth && !account->auth) || (config->ca_file && !account->ca_file) ||
        (config->password_command && !account->password_command))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (!account->password_command)
        account->password = secret_ref(config->password);
    return S_OK;
}

/* --- Closing ---------------------------------------------------------------------------------- */

static WAITS void account_free(struct account *account)
{
    account_poller_stop(account);
    account_runner_stop(account);
    if (account->imap)
        imap_client_abort(account->imap);
    account_searches_close(account);
    account_contents_close(account);
    imap_client_close(account->imap);
    smtp_client_close(account->smtp);
    state_mailbox_unref(account->mailbox);
    folder_tree_unref(account->tree);
    kept_values_unref(account->kept);
    secret_unref(account->password);
    engine_event_clear(&account->runner.wake);
    engine_event_clear(&account->runner.round_ended);
    engine_event_clear(&account->poller.wake);
    engine_mutex_clear(&account->password_gate);
    engine_mutex_clear(&account->folders_gate);
    engine_mutex_clear(&account->searches_gate);
    pthread_mutex_destroy(&account->tree_lock);
    free(account->key);
    free(account->user);
    free(account->email);
    free(account->display_name);
    free(account->auth);
    free(account->ca_file);
    free(account->password_command);
    engine_unref(account->engine);
    free(account);
}

static HRESULT close_fiber(void *arg)
{
    account_free(arg);
    return S_OK;
}

struct account *account_ref(struct account *account)
{
    account->refs++;
    return account;
}

void account_unref(struct account *account)
{
    if (!account || --account->refs > 0)
        return;
    account_registry_remove(account);
    /* Without a fiber (the engine is stopping) nothing waits any more: close on the spot. */
    if (FAILED(engine_spawn_closing(account->engine, close_fiber, account)))
        account_free(account);
}

/* --- Opening ---------------------------------------------------------------------------------- */

static enum conn_tls conn_tls_of(const struct server_url *url)
{
    switch (url->tls) {
    case SERVER_TLS_FIRST:
        return CONN_TLS_FIRST;
    case SERVER_TLS_REQUIRED:
        return CONN_TLS_LATER;
    case SERVER_TLS_NONE:
        break;
    }
    return CONN_TLS_NONE;
}

static HRESULT create_clients(struct account *account)
{
    struct imap_client_options imap = {
        .host = account->imap_url.host,
        .port = account->imap_url.port,
        .tls = conn_tls_of(&account->imap_url),
        .ca_file = account->ca_file,
        .user = account->user,
        .auth = account->auth,
        .arg = account,
        .credential = account_credential,
        .state = account_imap_state,
    };
    struct smtp_client_options smtp = {
        .host = account->smtp_url.host,
        .port = account->smtp_url.port,
        .tls = conn_tls_of(&account->smtp_url),
        .ca_file = account->ca_file,
        .user = account->user,
        .auth = account->auth,
        .arg = account,
        .credential = account_credential,
        .state = account_smtp_state,
    };
    HRESULT hr = imap_client_create(&imap, &account->imap);

    if (SUCCEEDED(hr) && account->has_smtp)
        hr = smtp_client_create(&smtp, &account->smtp);
    return hr;
}

static struct account *account_new(struct engine *engine)
{
    struct account *account = calloc(1, sizeof(*account));

    if (!account)
        return NULL;
    account->refs = 1;
    account->engine = engine_ref(engine);
    engine_mutex_init(&account->password_gate);
    engine_mutex_init(&account->folders_gate);
    engine_mutex_init(&account->searches_gate);
    engine_event_init(&account->runner.wake);
    engine_event_init(&account->runner.round_ended);
    engine_event_init(&account->poller.wake);
    pthread_mutex_init(&account->tree_lock, NULL);
    return account;
}

HRESULT account_create(struct engine *engine, struct state *state,
                       const struct account_config *config, struct error_info *error,
                       struct account **ret_account)
{
    struct account *account;
    HRESULT hr;

    account = account_new(engine);
    if (!account)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, config->key, "out of memory");
    account->has_smtp = config->smtp_url != NULL;
    hr = check_config(config, &account->imap_url, &account->smtp_url, error);
    if (SUCCEEDED(hr) && FAILED(hr = copy_config(account, config)))
        error_set(error, hr, config->key, "out of memory");
    if (SUCCEEDED(hr))
        hr = state_mailbox_open(state, account->key, true, error, &account->mailbox, NULL);
    if (SUCCEEDED(hr)) {
        account->guids.mailbox = *state_mailbox_guid(account->mailbox);
        account->guids.replica = state_mailbox_repl_guid(account->mailbox);
        hr = account_searches_load(account, error);
        if (SUCCEEDED(hr))
            hr = account_folders_load(account, error, &account->known);
        if (SUCCEEDED(hr))
            hr = account_kept_load(account, error);
    }
    if (SUCCEEDED(hr) && FAILED(hr = create_clients(account)))
        error_set(error, hr, account->key, "out of memory");
    if (FAILED(hr)) {
        account_free(account);
        return hr;
    }
    *ret_account = account;
    return S_OK;
}

HRESULT account_start(struct account *account, uint64_t deadline, struct error_info *error,
                      bool *ret_known)
{
    struct imap_status_report report;
    HRESULT hr;

    *ret_known = account->known;
    hr = account_runner_start(account);
    if (SUCCEEDED(hr))
        hr = account_poller_start(account);
    if (FAILED(hr))
        return error_set(error, hr, account->key, "the engine has no fiber left");
    if (account->listed) /* another logon has been here */
        return S_OK;
    imap_client_status(account->imap, &report);
    if (report.state == IMAP_REFUSED) /* the transport kept the account; the user may have been let
                                         in meanwhile */
        hr = imap_client_try_now(account->imap, deadline, error);
    if (SUCCEEDED(hr))
        hr = account_folders_refresh(account, deadline, error);
    if (SUCCEEDED(hr)) {
        *ret_known = true;
        account_rewrites_recover(account, NULL); /* what fails is tried again by the poller */
    }
    return hr;
}

HRESULT account_transport_start(struct account *account)
{
    if (account->smtp)
        smtp_client_start_probing(account->smtp);
    return account_runner_start(account);
}

/* --- Immutable -------------------------------------------------------------------------------- */

const char *account_key(const struct account *account)
{
    return account->key;
}

const char *account_email(const struct account *account)
{
    return account->email;
}

const char *account_display_name(const struct account *account)
{
    return account->display_name;
}

const char *account_imap_host(const struct account *account)
{
    return account->imap_url.host;
}

const struct mailbox_guids *account_guids(const struct account *account)
{
    return &account->guids;
}

struct engine *account_engine(const struct account *account)
{
    return account->engine;
}

struct imap_client *account_imap(const struct account *account)
{
    return account->imap;
}

struct smtp_client *account_smtp(const struct account *account)
{
    return account->smtp;
}

struct state_mailbox *account_state(const struct account *account)
{
    return account->mailbox;
}
