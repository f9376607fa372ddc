/* providers/imap/store_quota.c - what the server's quota says of the store
 *
 * One limit, beyond which nothing can be saved or received. Nothing is kept from being sent by it:
 * there is no PR_PROHIBIT_SEND_QUOTA. Without a quota the properties are not there. */
#include "mapi/edkmdb.h"
#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "providers/account/quota.h"
#include "providers/imap/store_private.h"

/* In units of 1024 bytes, as IMAP counts. */
static const ULONG limits[] = {PR_STORAGE_QUOTA_LIMIT, PR_PROHIBIT_RECEIVE_QUOTA};
#define LIMIT_COUNT (sizeof(limits) / sizeof(limits[0]))

static bool asks_for(const SPropTagArray *tags, ULONG tag)
{
    for (ULONG i = 0; tags && i < tags->cValues; i++)
        if (tags->aulPropTag[i] == tag)
            return true;
    return false;
}

bool store_is_quota(ULONG tag)
{
    bool is = PROP_ID(tag) == PROP_ID(PR_MESSAGE_SIZE);

    for (size_t i = 0; i < LIMIT_COUNT; i++)
        is |= PROP_ID(tag) == PROP_ID(limits[i]);
    return is;
}

static bool asks_for_quota(const SPropTagArray *tags)
{
    bool asks = !tags;

    for (ULONG i = 0; !asks && i < tags->cValues; i++)
        asks = store_is_quota(tags->aulPropTag[i]);
    return asks;
}

struct quota_call {
    struct link_call base;
    struct imap_quota quota;
};

static HRESULT quota_on_engine(void *arg)
{
    struct quota_call *call = arg;

    account_quota_ask(call->base.account, &call->quota);
    return S_OK;
}

static LONG clamped(uint64_t number)
{
    return number < INT32_MAX ? (LONG)number : INT32_MAX;
}

/* PR_MESSAGE_SIZE and PR_MESSAGE_SIZE_EXTENDED are one property: there is that which is asked for.
 */
static HRESULT load_size(struct mapi_prop *prop, uint64_t size, bool is_short)
{
    SPropValue value = {.ulPropTag = PR_MESSAGE_SIZE_EXTENDED};

    value.Value.li.QuadPart = (int64_t)size;
    if (is_short)
        value = propval_long(PR_MESSAGE_SIZE, clamped(size));
    return prop_load_value(prop, &value, PROP_READONLY);
}

HRESULT store_load_quota(struct imap_store *store, const SPropTagArray *tags)
{
    struct mapi_prop *prop = &store->props;
    struct quota_call call = {0};
    uint64_t used;
    HRESULT hr;

    if (!asks_for_quota(tags))
        return S_OK;
    hr = store_run(store, quota_on_engine, &call.base);
    if (FAILED(hr) || !call.quota.has_storage)
        return hr;
    used = call.quota.used < INT64_MAX / 1024 ? call.quota.used * 1024 : INT64_MAX;
    hr = load_size(prop, used, asks_for(tags, PR_MESSAGE_SIZE));
    for (size_t i = 0; SUCCEEDED(hr) && i < LIMIT_COUNT; i++) {
        SPropValue limit = propval_long(limits[i], clamped(call.quota.limit));

        hr = prop_load_value(prop, &limit, PROP_READONLY);
    }
    return hr;
}
