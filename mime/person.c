/* mime/person.c - an address as MAPI properties */
#include "mime/person.h"

#include "mapi/mapicode.h"
#include "mapi/oneoff.h"

const char *person_shown(const struct header_address *address)
{
    return address->name[0] ? address->name : address->address;
}

HRESULT person_entryid(void *root, const struct header_address *address, SBinary *ret_id)
{
    struct oneoff oneoff = {.name = person_shown(address),
                            .type = "SMTP",
                            .address = address->address,
                            .no_rich_info = true};
    ENTRYID *id;
    HRESULT hr = oneoff_create(root, &oneoff, &ret_id->cb, &id);

    if (SUCCEEDED(hr))
        ret_id->lpb = (BYTE *)id;
    return hr;
}

void person_add(struct props *props, const struct person_tags *tags,
                const struct header_address *address)
{
    SPropValue id = {.ulPropTag = tags->entryid}, key = {.ulPropTag = tags->search_key};

    props_add_utf8(props, tags->name, person_shown(address));
    props_add_utf8(props, tags->addrtype, "SMTP");
    props_add_utf8(props, tags->address, address->address);
    if (tags->smtp)
        props_add_utf8(props, tags->smtp, address->address);
    if (SUCCEEDED(props->hr))
        props->hr = person_entryid(props->root, address, &id.Value.bin);
    props_add(props, &id);
    if (SUCCEEDED(props->hr))
        props->hr = oneoff_search_key(props->root, "SMTP", address->address, &key.Value.bin);
    props_add(props, &key);
}
