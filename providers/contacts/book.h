/* providers/contacts/book.h - an account's address book: its shelves and their tables
 *
 * What a logon and all its objects stand on: the mailbox in the side store, the path of the
 * contacts file, and one list of rows a shelf, which all contents tables of the logon share, so
 * that a change in one place is told in all. Reference-counted, any thread. */
#ifndef CONTACTS_BOOK_H
#define CONTACTS_BOOK_H

#include <stdbool.h>

#include "mapi/error.h"
#include "mapi/mapispi.h"
#include "mapi/object.h"
#include "net/engine.h"
#include "providers/contacts/entry_id.h"

struct book;
struct state_mailbox;

/* Opens the book of the account that the provider's section names; connects to nothing. One
 * reference. MAPI_E_UNCONFIGURED, MAPI_E_INVALID_PARAMETER (bad settings), what the section and the
 * side store fail with. */
WAITS HRESULT book_open(IMAPISupport *support, struct error_info *error, struct book **ret_book);
struct book *book_ref(struct book *book);
void book_unref(struct book *book); /* NULL is accepted */

/* The MAPIUID in all its entry ids: derived from the MailboxGuid, so for ever (docs/mail.md). */
const MAPIUID *book_uid(const struct book *book);
const char *book_email(const struct book *book);
const char *book_file(const struct book *book); /* of the contacts; NULL: there is none */
struct state_mailbox *book_mailbox(const struct book *book);

/* A shelf as a container: whether this book has it, what it is called (UTF-8), its
 * PR_CONTAINER_FLAGS and PR_DISPLAY_TYPE. */
struct shelf_info {
    const char *name;
    ULONG flags, display_type;
};
bool book_shelf(const struct book *book, enum shelf shelf, struct shelf_info *ret_info);
static inline bool shelf_is_writable(enum shelf shelf)
{
    return shelf == SHELF_PERSONAL;
}

/* A table of the shelf's people as they are now, owned by `owner`; it hears of changes made through
 * this book. */
WAITS HRESULT book_contents(struct book *book, enum shelf shelf, struct mapi_object *owner,
                            ULONG flags, struct error_info *error, IMAPITable **ret_table);

/* The shelves as a table. */
HRESULT book_hierarchy(struct book *book, struct mapi_object *owner, ULONG flags,
                       IMAPITable **ret_table);

/* Something on the shelf has changed: tells the open tables. */
WAITS void book_changed(struct book *book, enum shelf shelf);

#endif
