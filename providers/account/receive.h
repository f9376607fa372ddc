/* providers/account/receive.h - which folder receives messages of which class
 *
 * What SetReceiveFolder says is kept; the server delivers into the Inbox all the same. Behaviour:
 * STO-051 to STO-061. Fiber of the account's engine. */
#ifndef MG_ACCOUNT_RECEIVE_H
#define MG_ACCOUNT_RECEIVE_H

#include "providers/account/folders.h"

#define RECEIVE_CLASS_MAX 255 /* characters */
#define RECEIVE_TIES_MAX  1024

/* A class and the folder it is tied to. */
struct receive_tie {
    const char *message_class; /* "": all that have no tie of their own */
    uint64_t folder;
};

/* All ties: those that every store begins with and those that were set, by class. One block, for
 * free. */
WAITS HRESULT account_receive_list(struct account *account, struct error_info *error,
                                   struct receive_tie **ret_ties, size_t *ret_count);

/* Ties a class to a folder; 0 removes the tie, and the class is received as its prefix is ("" goes
 * to the Inbox again). Fails with MAPI_E_INVALID_PARAMETER (no class name), MAPI_E_NOT_FOUND (no
 * such folder), MAPI_E_TOO_BIG. */
WAITS HRESULT account_receive_set(struct account *account, const char *message_class,
                                  uint64_t folder, struct error_info *error);

/* The tie with the longest class that is the message class or ends at one of its dots; upper and
 * lower case are the same. Never NULL: "" is always there. */
const struct receive_tie *receive_find(const struct receive_tie *ties, size_t count,
                                       const char *message_class);

#endif
