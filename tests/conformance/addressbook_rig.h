/* tests/conformance/addressbook_rig.h - what the tests of the address book's requirements share
 *
 * A session of a user whose service has a file of contacts: Ann Example (ann@example.org), Anna
 * Other (anna@other.example), Bob Builder (bob@example.org and bob@home.example), Zoë Zest
 * (zoe@example.org). Checks in here abort the test. Texts are UTF-8. */
#ifndef TESTS_ADDRESSBOOK_RIG_H
#define TESTS_ADDRESSBOOK_RIG_H

#include "tests/conformance/store_rig.h"

#define PERSONAL "Personal address book"
#define CONTACTS "Contacts"
#define USED     "Addresses used before"

extern IAddrBook *book; /* of the session */

/* .init and .fini of every suite. */
void ab_begin(void);
void ab_end(void);
/* The program ends and starts again. */
void ab_restart(void);
/* The same with what `text` says as the file of contacts; NULL: without a file. */
void ab_restart_with(const char *text);
/* Replaces the file under the running session. */
void ab_write_contacts(const char *text);

/* The container of that name, with best access; its id to free with MAPIFreeBuffer. */
IABContainer *ab_container(const char *name);
SPropValue *ab_container_id(const char *name);
IMAPITable *ab_contents_of(const char *name);

/* A new entry of the personal address book, saved; its id to free. */
SPropValue *ab_add(const char *name, const char *address);
/* A new one, with name and address but not saved. */
IMAPIProp *ab_new(const char *name, const char *address, ULONG create_flags);

/* Opens the entry of that id through the address book. */
IMAPIProp *ab_open(const SPropValue *id, ULONG flags);

/* A one-off's id, MAPIFreeBuffer; wide. */
ENTRYID *ab_oneoff(const char *name, const char *type, const char *address, ULONG *ret_size);

/* A list of typed names, up to the NULL, in the width of `flags`; FreePadrlist. */
ADRLIST *ab_names(ULONG flags, const char *name, ...) __attribute__((sentinel));
/* The value of an entry; NULL: none, or PT_ERROR. */
const SPropValue *entry_value(const ADRENTRY *entry, ULONG tag);

/* How many rows have that name. */
ULONG ab_rows_named(const char *container, const char *name);

#endif
