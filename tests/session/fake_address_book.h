/* tests/session/fake_address_book.h - an address book that lives in memory
 *
 * The address book of the fake service (fake_provider.h), with one container for each user of a
 * service. What it does is decided here; what it was asked stands in fake.calls: "book_logon ann",
 * "resolve ann", "contents ann", "book_logoff ann". A PR_MG_USER of "offline" fails softly. */
#ifndef MG_TEST_FAKE_ADDRESS_BOOK_H
#define MG_TEST_FAKE_ADDRESS_BOOK_H

#include <stdatomic.h>

#include "mapi/mapispi.h"

struct fake_book {
    atomic_bool cannot_resolve; /* ResolveNames is MAPI_E_NO_SUPPORT */
    atomic_bool is_empty;       /* there is no container */
};
extern struct fake_book fake_book;

/* Each container has these people: "Sam Same" twice, and "Only USER" (only.USER@example.org). */
ABPROVIDERINIT fake_book_init;

#endif
