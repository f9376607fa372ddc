/* mime/person.h - an address as MAPI properties
 *
 * Private to mime. All are of type SMTP, with a one-off entry id that asks for plain MIME. */
#ifndef MIME_PERSON_H
#define MIME_PERSON_H

#include "mime/header.h"
#include "mime/props.h"

/* The six properties of one role; 0: not wanted. */
struct person_tags {
    ULONG name, addrtype, address, smtp, entryid, search_key;
};
void person_add(struct props *props, const struct person_tags *tags,
                const struct header_address *address);
/* What is shown: the name, or the address. */
const char *person_shown(const struct header_address *address);
/* The one-off id alone. */
HRESULT person_entryid(void *root, const struct header_address *address, SBinary *ret_id);

#endif
