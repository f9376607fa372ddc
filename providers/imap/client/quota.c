/* providers/imap/client/quota.c - GETQUOTAROOT */
#include "providers/imap/client/quota.h"

#include "providers/imap/client/client_private.h"

struct asking {
    struct imap_quota quota;
    unsigned heard;
};

/* Negative when more is used than may be. */
static int64_t room(const struct imap_quota *quota)
{
    return (int64_t)quota->limit - (int64_t)quota->used; /* both have 63 bits */
}

/* GETQUOTAROOT is answered by the roots of the mailbox alone, so all are taken. */
static void observe(void *arg, const struct wire_response *response)
{
    struct asking *asking = arg;

    if (response->kind != WIRE_QUOTA || asking->heard++ >= IMAP_QUOTA_ROOTS_MAX)
        return;
    for (size_t i = 0; i < response->quota.count; i++) {
        const struct wire_quota_resource *resource = &response->quota.resources[i];
        struct imap_quota said = {true, resource->usage, resource->limit};

        if (wire_text_is(resource->name, "STORAGE") &&
            (!asking->quota.has_storage || room(&said) < room(&asking->quota)))
            asking->quota = said;
    }
}

HRESULT imap_quota_get(struct imap_lease *lease, const char *mailbox, struct error_info *error,
                       struct imap_quota *ret_quota)
{
    uint32_t capabilities = imap_lease_capabilities(lease);
    struct command_text text;
    struct asking asking = {0};
    struct imap_session_command command = {.text = &text,
                                           .what = "GETQUOTAROOT",
                                           .observe = observe,
                                           .arg = &asking,
                                           .repeatable = true};
    HRESULT hr;

    if (!(capabilities & IMAP_CAP_QUOTA))
        return error_set(error, MAPI_E_NO_SUPPORT, lease->client->server,
                         "the server does not offer QUOTA");
    command_text_init(&text);
    command_text_add(&text, "GETQUOTAROOT ");
    command_text_mailbox(&text, mailbox, capabilities & IMAP_CAP_LITERAL_PLUS);
    hr = lease_command(lease, &command, error);
    command_text_clear(&text);
    if (SUCCEEDED(hr))
        *ret_quota = asking.quota;
    return hr;
}
