/* providers/account/identity.c - who the account is, as its providers' status rows say it */
#include "providers/account/identity.h"

#include "mapi/mapitags.h"
#include "mapi/oneoff.h"
#include "mapi/text.h"

HRESULT account_identity(const struct account *account, void *root,
                         SPropValue ret_values[IDENTITY_PROPS])
{
    struct oneoff oneoff = {
        .name = account_display_name(account),
        .type = "SMTP",
        .address = account_email(account),
        .no_rich_info = true,
    };
    SPropValue *display = &ret_values[0], *id = &ret_values[1], *key = &ret_values[2];
    HRESULT hr;

    display->ulPropTag = PR_IDENTITY_DISPLAY_W;
    id->ulPropTag = PR_IDENTITY_ENTRYID;
    key->ulPropTag = PR_IDENTITY_SEARCH_KEY;
    hr = text_utf8_to_utf16(root, oneoff.name, &display->Value.lpszW);
    if (SUCCEEDED(hr))
        hr = oneoff_create(root, &oneoff, &id->Value.bin.cb, (ENTRYID **)&id->Value.bin.lpb);
    if (SUCCEEDED(hr))
        hr = oneoff_search_key(root, oneoff.type, oneoff.address, &key->Value.bin);
    return hr;
}
