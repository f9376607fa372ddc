/* session/service.c - message services: what they are made of */
#include "session/service.h"

#include <strings.h>

#include "conf/server_url.h"
#include "mapi/mapigate.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"

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

static HRESULT check_imapsmtp(const SPropValue *values, size_t count, struct error_info *error)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        if (values[i].ulPropTag == PR_MG_IMAP_URL)
            hr = check_url(&values[i], SERVER_IMAP, error);
        else if (values[i].ulPropTag == PR_MG_SMTP_URL)
            hr = check_url(&values[i], SERVER_SMTP, error);
    }
    return hr;
}

static const struct service_provider imapsmtp_providers[] = {
    {"mapigate", "Internet mail (IMAP)", MAPI_STORE_PROVIDER, 0},
    {"mapigate", "Internet mail (SMTP)", MAPI_TRANSPORT_PROVIDER, STATUS_OWN_STORE},
};

static const struct service_description services[] = {
    {
        .name = "IMAPSMTP",
        .display = "Internet mail",
        .providers = imapsmtp_providers,
        .provider_count = sizeof(imapsmtp_providers) / sizeof(imapsmtp_providers[0]),
        .check = check_imapsmtp,
    },
};

const struct service_description *service_find(const char *name)
{
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
        if (strcasecmp(services[i].name, name) == 0)
            return &services[i];
    return NULL;
}
