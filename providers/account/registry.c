/* providers/account/registry.c - the accounts of an engine, and the side store they share */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "providers/account/account-private.h"
#include "state/paths.h"

static const char registry_key; /* its address names our place on the engine */

static void registry_free(void *arg)
{
    struct account_registry *registry = arg;

    state_unref(registry->state);
    engine_mutex_clear(&registry->gate);
    free(registry);
}

static HRESULT registry_get(struct engine *engine, struct account_registry **ret_registry)
{
    struct account_registry *registry = engine_local(engine, &registry_key);
    HRESULT hr;

    if (!registry) {
        registry = calloc(1, sizeof(*registry));
        if (!registry)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        engine_mutex_init(&registry->gate);
        hr = engine_set_local(engine, &registry_key, registry, registry_free);
        if (FAILED(hr)) {
            registry_free(registry);
            return hr;
        }
    }
    *ret_registry = registry;
    return S_OK;
}

static WAITS HRESULT open_state(struct account_registry *registry, struct error_info *error)
{
    struct state_options options = {0};
    char *directory;
    HRESULT hr;

    if (registry->state)
        return S_OK;
    hr = state_directory_find(NULL, false, error, &directory);
    if (FAILED(hr))
        return hr;
    options.directory = directory;
    hr = state_open(&options, error, &registry->state);
    free(directory);
    return hr;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_url(const struct server_url *a, const struct server_url *b)
{
    return a->tls == b->tls && a->port == b->port && strcmp(a->host, b->host) == 0;
}

static bool same_credential(const struct account *a, const struct account *b)
{
    if (a->password_command || b->password_command)
        return same_text(a->password_command, b->password_command);
    return secret_size(a->password) == secret_size(b->password) &&
           CRYPTO_memcmp(secret_bytes(a->password), secret_bytes(b->password),
                         secret_size(a->password)) == 0;
}

static struct account *find_same(struct account_registry *registry, const struct account *wanted)
{
    for (struct account *account = registry->accounts; account; account = account->next)
        if (strcmp(account->key, wanted->key) == 0 && strcmp(account->user, wanted->user) == 0 &&
            same_url(&account->imap_url, &wanted->imap_url) &&
            account->has_smtp == wanted->has_smtp &&
            (!account->has_smtp || same_url(&account->smtp_url, &wanted->smtp_url)) &&
            same_text(account->auth, wanted->auth) &&
            same_text(account->ca_file, wanted->ca_file) && same_credential(account, wanted))
            return account;
    return NULL;
}

static WAITS HRESULT open_locked(struct account_registry *registry,
                                 const struct account_config *config, struct error_info *error,
                                 struct account **ret_account)
{
    struct account *account, *same;
    HRESULT hr = open_state(registry, error);

    if (SUCCEEDED(hr))
        hr = account_create(engine_current(), registry->state, config, error, &account);
    if (FAILED(hr))
        return hr;
    same = find_same(registry, account);
    if (same) {
        account_unref(account); /* never connected: it goes as it came */
        *ret_account = account_ref(same);
        return S_OK;
    }
    account->registry = registry;
    account->next = registry->accounts;
    registry->accounts = account;
    *ret_account = account;
    return S_OK;
}

HRESULT account_open(const struct account_config *config, struct error_info *error,
                     struct account **ret_account)
{
    struct account_registry *registry;
    HRESULT hr = registry_get(engine_current(), &registry);

    if (SUCCEEDED(hr))
        hr = engine_mutex_lock(&registry->gate, NO_DEADLINE);
    if (FAILED(hr))
        return error_set(error, hr, config->key, "the account cannot be opened now");
    hr = open_locked(registry, config, error, ret_account);
    engine_mutex_unlock(&registry->gate);
    return hr;
}

void account_registry_remove(struct account *account)
{
    struct account **link;

    if (!account->registry)
        return;
    link = &account->registry->accounts;
    while (*link != account)
        link = &(*link)->next;
    *link = account->next;
    account->registry = NULL;
}
