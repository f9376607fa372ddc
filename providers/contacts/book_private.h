/* providers/contacts/book_private.h - what the files of the book share
 *
 * Private to book.c and book_tables.c. */
#ifndef CONTACTS_BOOK_PRIVATE_H
#define CONTACTS_BOOK_PRIVATE_H

#include <stdatomic.h>

#include "mapi/notify.h"
#include "net/wait.h"
#include "providers/contacts/book.h"

struct row_list;

struct book {
    atomic_uint refs;
    MAPIUID uid;
    char *email, *file;
    struct state_mailbox *mailbox; /* our reference */
    struct dispatcher *dispatcher; /* our reference; NULL: tables do not notify */

    struct engine_mutex gate;         /* one reading of shelves at a time: rows never go back */
    struct row_list *rows[SHELF_END]; /* the shelves of SHELF_NONE, the people of the others */
    atomic_bool shown[SHELF_END];     /* somebody has looked at the rows */
};

#endif
