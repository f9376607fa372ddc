/* simple/recipient.h - who gets a message: from and to what callers know of a recipient
 *
 * An entry id says all; an address is taken as it is; a name alone is resolved, by the session's
 * address book where it has one, and else only if it is an address itself (SMP-073 to SMP-075).
 * Strings are UTF-8. Results hang off `root`. */
#ifndef MG_SIMPLE_RECIPIENT_H
#define MG_SIMPLE_RECIPIENT_H

#include "mapi/mapi.h"
#include "mapi/mapix.h"

struct recipient {
    const char *name, *type, *address;
    SBinary id;
};

/* MAPI_E_INVALID_RECIPS: no id that anybody here knows. */
ULONG recipient_of_id(IMAPISession *session, void *root, const SBinary *id,
                      struct recipient *ret_recipient);

/* `address` is "TYPE:address", or an Internet address without its type; without a name it is its
 * own. MAPI_E_INVALID_RECIPS: it is neither. */
ULONG recipient_of_address(void *root, const char *name, const char *address,
                           struct recipient *ret_recipient);

/* Names that are addresses: "ann@example.org", "SMTP:ann@example.org", "[SMTP:ann@example.org]",
 * "Ann <ann@example.org>". Fails with MAPI_E_UNKNOWN_RECIPIENT, MAPI_E_AMBIGUOUS_RECIPIENT. */
ULONG recipient_of_name(IMAPISession *session, void *root, const char *name,
                        struct recipient *ret_recipient);

/* From what a table or a message has of somebody; NULL: not known. The id may be NULL too. */
ULONG recipient_of_values(void *root, const SPropValue *name, const SPropValue *type,
                          const SPropValue *address, const SPropValue *id,
                          struct recipient *ret_recipient);

/* Fills the caller's structure, 8-bit, with an entry id (SMP-092, SMP-094). */
ULONG recipient_describe(void *root, ULONG class, const struct recipient *recipient,
                         MapiRecipDesc *ret_description);

#endif
