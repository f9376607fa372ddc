/* providers/account/service_entry.c - the entry point of the message service IMAPSMTP */
#include "providers/account/service_entry.h"

#include "conf/server_url.h"
#include "mapi/error.h"
#include "mapi/mapigate.h"
#include "mapi/memory.h"
#include "mapi/object.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "providers/account/config.h"

static HRESULT check_url(const SPropValue *value, enum server_protocol protocol,
                         struct error_info *error)
{
    struct server_url url;
    const char *problem;
    char *text;
    HRESULT hr = text_utf16_to_utf8(NULL, value->Value.lpszW, &text);

    if (FAILED(hr))
        return hr;
    hr = server_url_parse(text, protocol, &url, &problem);
    if (FAILED(hr))
        error_set(error, hr, text, "%s", problem);
    mapi_free(text);
    return hr;
}

static HRESULT check(const SPropValue *values, ULONG count, struct error_info *error)
{
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++) {
        if (values[i].ulPropTag == PR_MG_IMAP_URL)
            hr = check_url(&values[i], SERVER_IMAP, error);
        else if (values[i].ulPropTag == PR_MG_SMTP_URL)
            hr = check_url(&values[i], SERVER_SMTP, error);
    }
    return hr;
}

/* Nothing was given: what there is must do. */
static HRESULT check_complete(IProfSect *section, struct error_info *error)
{
    const struct account_config *config;
    struct account_settings *settings;
    HRESULT hr = account_settings_load((IMAPIProp *)section, &settings);

    if (FAILED(hr))
        return hr;
    config = account_settings_config(settings);
    if (!config->imap_url || !config->user || (!config->password && !config->password_command))
        hr = error_set(error, MAPI_E_UNCONFIGURED, "IMAPSMTP",
                       "an IMAP server, a user and a password must be given");
    account_settings_free(settings);
    return hr;
}

static HRESULT store(IProfSect *section, SPropValue *values, ULONG count, struct error_info *error)
{
    SPropProblemArray *problems = NULL;
    HRESULT hr = IProfSect_SetProps(section, count, values, &problems);

    if (SUCCEEDED(hr) && problems && problems->cProblem)
        hr = error_set(error, MAPI_E_INVALID_PARAMETER, "IMAPSMTP", "property %08X cannot be set",
                       (unsigned)problems->aProblem[0].ulPropTag);
    MAPIFreeBuffer(problems);
    return hr;
}

static HRESULT configure(IProviderAdmin *admin, const SPropValue *values, ULONG count,
                         struct error_info *error)
{
    SPropValue *wide = mapi_alloc_array(NULL, count + 1, sizeof(*wide));
    IProfSect *section = NULL;
    HRESULT hr = wide ? propvals_widen(wide, values, count, wide) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = check(wide, count, error);
    if (SUCCEEDED(hr))
        hr = IProviderAdmin_OpenProfileSection(admin, NULL, NULL, MAPI_MODIFY, &section);
    if (SUCCEEDED(hr))
        hr = count ? store(section, wide, count, error) : check_complete(section, error);
    if (section)
        IProfSect_Release(section);
    mapi_free(wide);
    return hr;
}

HRESULT STDAPICALLTYPE imapsmtp_service_entry(HINSTANCE instance, LPMALLOC allocator,
                                              LPMAPISUP support, ULONG_PTR ui_param, ULONG flags,
                                              ULONG context, ULONG count, LPSPropValue values,
                                              LPPROVIDERADMIN admin, LPMAPIERROR *ret_error)
{
    struct error_info error = {0};
    HRESULT hr;

    (void)instance, (void)allocator, (void)support, (void)ui_param, (void)flags;
    if (ret_error)
        *ret_error = NULL;
    switch (context) {
    case MSG_SERVICE_INSTALL:
    case MSG_SERVICE_UNINSTALL:
    case MSG_SERVICE_CREATE:
    case MSG_SERVICE_DELETE:
    case MSG_SERVICE_PROVIDER_DELETE:
        return S_OK;
    case MSG_SERVICE_CONFIGURE:
        if (!admin)
            return MAPI_E_INVALID_PARAMETER;
        hr = configure(admin, values, count, &error);
        if (FAILED(hr) && error.hr == hr && ret_error)
            mapi_error_create(&error, MAPI_UNICODE, ret_error);
        return hr;
    default:
        return MAPI_E_NO_SUPPORT;
    }
}
