/* session/address_logon.c - logging on to address books
 *
 * Each provider gets one logon a session, when the address book is first needed (ABK-067) and again
 * when one that failed is asked for. Behaviour: SES-170 to SES-174, ABK-065 to ABK-067. */
#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/mapiaux.h"
#include "mapi/memory.h"
#include "session/provider_error.h"
#include "session/session.h"

static WAITS HRESULT logon_address_book(struct session_provider *provider,
                                        struct provider_objects *logon, ULONG_PTR ui_param,
                                        struct error_info *error)
{
    MAPIERROR *words = NULL;
    BYTE *security = NULL;
    ULONG security_size = 0;
    WCHAR *name;
    HRESULT hr = provider_profile_name(provider, &name);

    if (FAILED(hr))
        return error_set(error, hr, "session", "out of memory");
    hr = IABProvider_Logon(provider->entry->addresses, logon->support, ui_param, (LPTSTR)name,
                           AB_NO_DIALOG | MAPI_UNICODE, &security_size, &security, &words,
                           &logon->address); /* SES-173: no dialog for anybody */
    if (FAILED(hr))
        error_from_mapi(error, hr, words);
    mapi_free(words);
    mapi_free(security);
    mapi_free(name);
    return hr;
}

/* Under the gate, the entry point called. */
static WAITS HRESULT add_logon(struct session_provider *provider, ULONG_PTR ui_param,
                               struct error_info *error)
{
    struct provider_objects *logon = provider_objects_create();
    HRESULT hr = logon ? support_create(provider, &logon->support) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (FAILED(hr))
        error_set(error, hr, "session", "out of memory");
    else
        hr = logon_address_book(provider, logon, ui_param, error);
    if (FAILED(hr)) {
        if (logon && logon->support)
            support_invalidate(logon->support);
        provider_objects_unref(logon);
        return hr;
    }
    provider_keep_logon(provider, logon);
    return hr;
}

static WAITS HRESULT begin_locked(struct session_provider *provider, ULONG_PTR ui_param,
                                  struct error_info *error)
{
    HRESULT hr;

    if (provider->logons) /* only the gate's holder adds one */
        return S_OK;
    hr = provider_check_enabled(provider, error);
    if (FAILED(hr))
        return hr;
    hr = provider_init(provider, error);
    if (SUCCEEDED(hr))
        hr = add_logon(provider, ui_param, error);
    if (hr == MAPI_E_UNCONFIGURED && SUCCEEDED(provider_configure(provider)))
        hr = add_logon(provider, ui_param, error);
    if (FAILED(hr))
        provider_failed(provider, hr, error);
    return hr;
}

static WAITS HRESULT begin(struct session_provider *provider, ULONG_PTR ui_param,
                           struct error_info *error)
{
    HRESULT hr = engine_mutex_lock(&provider->gate, NO_DEADLINE);

    if (FAILED(hr))
        return error_set(error, hr, "session", "given up waiting for another logon");
    hr = begin_locked(provider, ui_param, error);
    engine_mutex_unlock(&provider->gate);
    return hr;
}

/* One record covers all that failed (SES-172): the words one behind another, the code and component
 * of the first. */
static void add_words(struct error_info *error, const struct error_info *more, bool is_first)
{
    struct error_info before = *error;

    if (is_first)
        *error = *more;
    else
        error_set(error, before.hr, before.component, "%s; %s: %s", before.text, more->component,
                  more->text);
}

void session_begin_address_books(struct session *session, ULONG_PTR ui_param,
                                 struct error_info *error, bool *ret_partial)
{
    *ret_partial = false;
    for (size_t i = 0; i < session->provider_count; i++) {
        struct session_provider *provider = &session->providers[i];
        struct error_info own = {0};

        if (provider->profile->resource_type != MAPI_AB_PROVIDER ||
            SUCCEEDED(begin(provider, ui_param, &own)))
            continue;
        if (error)
            add_words(error, &own, !*ret_partial);
        *ret_partial = true;
    }
}

HRESULT session_address_books(struct session *session, struct provider_objects ***ret_books,
                              size_t *ret_count)
{
    struct provider_objects **books = NULL;
    size_t count = 0;

    for (size_t i = 0; i < session->provider_count; i++) {
        struct provider_objects *logon;

        if (session->providers[i].profile->resource_type != MAPI_AB_PROVIDER)
            continue;
        logon = provider_get_logon(&session->providers[i]);
        if (logon && !array_append(&books, &count, &logon)) {
            provider_objects_unref(logon);
            address_books_free(books, count);
            return MAPI_E_NOT_ENOUGH_MEMORY;
        }
    }
    *ret_books = books;
    *ret_count = count;
    return S_OK;
}

void address_books_free(struct provider_objects **books, size_t count)
{
    for (size_t i = 0; i < count; i++)
        provider_objects_unref(books[i]);
    free(books);
}
