/* providers/contacts/entry_id.h - how the address book names its containers and entries
 *
 * Kept by programs for ever: four flag bytes (zero: long-term), the MAPIUID of the book, then what
 * it is, which shelf it is on, and two zero bytes; an entry has a key of 16 bytes besides. Pure,
 * any thread. */
#ifndef CONTACTS_ENTRY_ID_H
#define CONTACTS_ENTRY_ID_H

#include <stdbool.h>

#include "mapi/mapidefs.h"

/* A container: its number stands in entry ids. */
enum shelf {
    SHELF_NONE = 0,     /* the root */
    SHELF_PERSONAL = 1, /* the personal address book, in the side store */
    SHELF_FILE = 2,     /* the contacts file */
    SHELF_USED = 3,     /* addresses that mail was sent to */
    SHELF_END,
};

enum contacts_kind {
    CONTACTS_ROOT = 0,
    CONTACTS_SHELF = 1,
    CONTACTS_PERSON = 2,
    CONTACTS_TEMPLATE = 3, /* what new entries are made from (PR_DEF_CREATE_MAILUSER) */
};

struct person_key {
    BYTE bytes[16];
};

struct contacts_ref {
    enum contacts_kind kind;
    enum shelf shelf;
    struct person_key key; /* of a person */
};

#define CONTACTS_ID_SIZE 24 /* of a root, a shelf or a template */
#define CONTACTS_ID_MAX  40 /* of a person */

/* Writes the id, at most CONTACTS_ID_MAX bytes; returns its size. */
ULONG contacts_entryid(const MAPIUID *book, const struct contacts_ref *ref, BYTE *ret_id);

/* MAPI_E_INVALID_ENTRYID: too short, or another provider's (ABK-103); MAPI_E_UNKNOWN_ENTRYID: this
 * book's, but not of a size and kind that it gives out (ABK-010). The flag bytes are not looked at:
 * a short-term id names the same (ABK-009). */
HRESULT contacts_parse_entryid(const MAPIUID *book, ULONG size, const ENTRYID *id,
                               struct contacts_ref *ret_ref);

bool contacts_same(const struct contacts_ref *a, const struct contacts_ref *b);

#endif
