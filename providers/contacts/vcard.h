/* providers/contacts/vcard.h - reads vCards
 *
 * What an address book needs of RFC 6350 (vCard 4) and RFC 2426 (vCard 3): who it is and where mail
 * goes. Pure, any thread. Every size is limited: a line that is longer than VCARD_LINE_MAX (a
 * picture) is passed over, as is what stands in an encoding of vCard 2.1, and a card inside a card.
 * The bytes may be anything; what is no UTF-8 becomes '?'. */
#ifndef CONTACTS_VCARD_H
#define CONTACTS_VCARD_H

#include <stddef.h>

#include "mapi/mapidefs.h"

#define VCARD_LINE_MAX   8192
#define VCARD_EMAILS_MAX 16

/* One card; the strings are UTF-8 in one line, never empty, NULL where the card says nothing, and
 * good during the call. */
struct vcard {
    const char *uid;
    const char *name; /* FN, else made of N, ORG or the first address */
    const char *given, *surname, *company, *title, *nickname;
    const char *emails[VCARD_EMAILS_MAX];
    size_t email_count;
};

/* Calls fn for each card that has an address, in the order of the text. A failure of fn ends it and
 * is the answer; else S_OK, or MAPI_E_NOT_ENOUGH_MEMORY. */
typedef HRESULT vcard_fn(void *context, const struct vcard *card);
HRESULT vcards_read(const char *bytes, size_t size, vcard_fn *fn, void *context);

#endif
