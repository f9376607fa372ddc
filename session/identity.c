/* session/identity.c - who am I? QueryIdentity (SES-187 to SES-191)
 *
 * The answer is in the status table: the row flagged STATUS_PRIMARY_IDENTITY, else the first that
 * has an identity, else a fixed "unknown" with a warning. */
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/text.h"
#include "session/session.h"

static const SPropValue *find_value(const SPropValue *values, ULONG count, ULONG tag)
{
    for (ULONG i = 0; i < count; i++)
        if (values[i].ulPropTag == tag)
            return &values[i];
    return NULL;
}

static HRESULT copy_id(const SBinary *id, ULONG *ret_size, ENTRYID **ret_id)
{
    *ret_id = mapi_memdup(NULL, id->lpb, id->cb);
    if (!*ret_id)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_size = id->cb;
    return S_OK;
}

/* A one-off out of the row's search key ("SMTP:ANN@EXAMPLE.ORG") and display name (SES-188). */
static HRESULT make_id(const SPropValue *key, const SPropValue *display, ULONG *ret_size,
                       ENTRYID **ret_id)
{
    struct oneoff oneoff = {.no_rich_info = true};
    char *type, *colon, *name = NULL;
    HRESULT hr;

    type = mapi_alloc(NULL, (size_t)key->Value.bin.cb + 1);
    if (!type)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(type, key->Value.bin.lpb, key->Value.bin.cb);
    colon = strchr(type, ':');
    hr = colon ? S_OK : MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr) && display)
        hr = text_utf16_to_utf8(type, display->Value.lpszW, &name);
    if (SUCCEEDED(hr)) {
        *colon = '\0';
        oneoff.type = type;
        oneoff.address = colon + 1;
        oneoff.name = name ? name : oneoff.address;
        hr = oneoff_create(NULL, &oneoff, ret_size, ret_id);
    }
    mapi_free(type);
    return hr;
}

/* The identity of one row; MAPI_E_NOT_FOUND: it has none, or not the primary one when that is asked
 * for. */
static HRESULT identity_of(const SPropValue *values, ULONG count, bool primary, ULONG *ret_size,
                           ENTRYID **ret_id)
{
    const SPropValue *flags = find_value(values, count, PR_RESOURCE_FLAGS);
    const SPropValue *id = find_value(values, count, PR_IDENTITY_ENTRYID);
    const SPropValue *key = find_value(values, count, PR_IDENTITY_SEARCH_KEY);

    if (primary && (!flags || !(flags->Value.l & STATUS_PRIMARY_IDENTITY)))
        return MAPI_E_NOT_FOUND;
    if (id)
        return copy_id(&id->Value.bin, ret_size, ret_id);
    if (primary && key)
        return make_id(key, find_value(values, count, PR_IDENTITY_DISPLAY_W), ret_size, ret_id);
    return MAPI_E_NOT_FOUND;
}

static HRESULT look_for(struct session *session, bool primary, ULONG *ret_size, ENTRYID **ret_id)
{
    HRESULT hr = MAPI_E_NOT_FOUND;
    SPropValue *values;
    ULONG count;

    for (size_t at = 0; hr == MAPI_E_NOT_FOUND &&
                        SUCCEEDED(status_table_row_at(session->status, at, &values, &count));
         at++) {
        hr = identity_of(values, count, primary, ret_size, ret_id);
        mapi_free(values);
    }
    return hr;
}

HRESULT session_query_identity(struct session *session, ULONG *ret_size, ENTRYID **ret_id)
{
    static const struct oneoff unknown = {
        .name = "Unknown", .type = "UNKNOWN", .address = "Unknown"};
    HRESULT hr = look_for(session, true, ret_size, ret_id);

    if (hr == MAPI_E_NOT_FOUND)
        hr = look_for(session, false, ret_size, ret_id); /* SES-189 */
    if (hr != MAPI_E_NOT_FOUND)
        return hr;
    hr = oneoff_create(NULL, &unknown, ret_size, ret_id); /* SES-190 */
    return FAILED(hr) ? hr : MAPI_W_NO_SERVICE;
}
