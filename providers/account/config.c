/* providers/account/config.c - an account's configuration out of a profile section */
#include "providers/account/config.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapi.h"
#include "mapi/mapigate.h"
#include "mapi/text.h"

struct account_settings {
    struct account_config config;
    char *texts[8]; /* MAPI buffers, in the order of text_settings */
    struct secret *password;
};

static const struct {
    ULONG tag;
    size_t member; /* offset in account_config */
} text_settings[] = {
    {PR_MG_IMAP_URL, offsetof(struct account_config, imap_url)},
    {PR_MG_SMTP_URL, offsetof(struct account_config, smtp_url)},
    {PR_MG_USER, offsetof(struct account_config, user)},
    {PR_MG_PASSWORD_COMMAND, offsetof(struct account_config, password_command)},
    {PR_MG_TLS_CA_FILE, offsetof(struct account_config, ca_file)},
    {PR_MG_EMAIL, offsetof(struct account_config, email)},
    {PR_MG_DISPLAY_NAME, offsetof(struct account_config, display_name)},
    {PR_MG_AUTH, offsetof(struct account_config, auth)},
};
#define TEXT_COUNT (sizeof(text_settings) / sizeof(text_settings[0]))

void account_settings_free(struct account_settings *settings)
{
    if (!settings)
        return;
    for (size_t i = 0; i < TEXT_COUNT; i++)
        MAPIFreeBuffer(settings->texts[i]);
    secret_unref(settings->password);
    free(settings);
}

const struct account_config *account_settings_config(const struct account_settings *settings)
{
    return &settings->config;
}

/* The value as UTF-8, NULL when it is absent or empty. */
static HRESULT take_text(struct account_settings *settings, size_t at, const SPropValue *value)
{
    HRESULT hr;

    if (value->ulPropTag != text_settings[at].tag || !value->Value.lpszW[0])
        return S_OK;
    hr = text_utf16_to_utf8(NULL, value->Value.lpszW, &settings->texts[at]);
    if (SUCCEEDED(hr))
        *(const char **)((char *)&settings->config + text_settings[at].member) =
            settings->texts[at];
    return hr;
}

static HRESULT take_password(struct account_settings *settings, const SPropValue *value)
{
    const char *environment = getenv("MAPIGATE_PASSWORD");
    char *utf8;
    HRESULT hr;

    if (settings->config.password_command)
        return S_OK;
    if (value->ulPropTag != PR_MG_PASSWORD) {
        if (!environment)
            return S_OK;
        return secret_create(environment, strlen(environment), &settings->password);
    }
    hr = text_utf16_to_utf8(NULL, value->Value.lpszW, &utf8);
    if (FAILED(hr))
        return hr;
    hr = secret_create(utf8, strlen(utf8), &settings->password);
    secret_wipe(utf8, strlen(utf8));
    MAPIFreeBuffer(utf8);
    return hr;
}

/* The section's answer holds the password: it is wiped before it goes back. */
static void wipe_password(SPropValue *value)
{
    size_t size;

    if (value->ulPropTag != PR_MG_PASSWORD)
        return;
    size = utf16_length(value->Value.lpszW);
    secret_wipe(value->Value.lpszW, size * sizeof(WCHAR));
}

HRESULT account_settings_load(IMAPIProp *section, struct account_settings **ret_settings)
{
    SizedSPropTagArray(TEXT_COUNT + 1, tags) = {.cValues = TEXT_COUNT + 1};
    struct account_settings *settings;
    SPropValue *values = NULL;
    ULONG count = 0;
    HRESULT hr;

    for (size_t i = 0; i < TEXT_COUNT; i++)
        tags.aulPropTag[i] = text_settings[i].tag;
    tags.aulPropTag[TEXT_COUNT] = PR_MG_PASSWORD;
    hr = IMAPIProp_GetProps(section, (SPropTagArray *)&tags, MAPI_UNICODE, &count, &values);
    if (FAILED(hr))
        return hr;

    settings = calloc(1, sizeof(*settings));
    hr = settings ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < TEXT_COUNT && SUCCEEDED(hr); i++)
        hr = take_text(settings, i, &values[i]);
    if (SUCCEEDED(hr))
        hr = take_password(settings, &values[TEXT_COUNT]);
    wipe_password(&values[TEXT_COUNT]);
    MAPIFreeBuffer(values);
    if (FAILED(hr)) {
        account_settings_free(settings);
        return hr;
    }
    settings->config.password = settings->password;
    *ret_settings = settings;
    return S_OK;
}
