/* providers/contacts/recipients.h - entries of address lists and the people they mean
 *
 * Private to providers/contacts. */
#ifndef CONTACTS_RECIPIENTS_H
#define CONTACTS_RECIPIENTS_H

#include "providers/contacts/book.h"

/* IABContainer::ResolveNames on one shelf; arguments checked. Names that were resolved before a
 * failure stay so. */
WAITS HRESULT contacts_resolve(struct book *book, enum shelf shelf, const SPropTagArray *tags,
                               ULONG flags, ADRLIST *list, FlagList *marks,
                               struct error_info *error);

/* IABLogon::PrepareRecips: the entries that are this book's; others are left alone (ABK-056). */
WAITS HRESULT contacts_prepare(struct book *book, const SPropTagArray *tags, ADRLIST *list);

#endif
