/* mapi/oneoff.h - one-off entry ids: an address that stands for itself
 *
 * The byte form of MS-OXCDATA 2.2.5.1, which programs keep and compare: flags, muidOOP, version,
 * bits, then display name, address type and address, in UTF-16 or 8-bit. Pure, any thread.
 * Requirements: ABK-034 to ABK-047. */
#ifndef MG_ONEOFF_H
#define MG_ONEOFF_H

#include <stdbool.h>

#include "mapi/mapidefs.h"

#define ONEOFF_SIZE_MAX 65536 /* of an id that is read */

struct oneoff {
    const char *name, *type, *address; /* UTF-8 */
    bool no_rich_info;                 /* MAPI_SEND_NO_RICH_INFO: the recipient gets plain MIME */
    bool is_8bit;                      /* the id's strings are in the locale's code page */
};

/* The id in the form that is_8bit names; hangs off `root`, or is a root of its own when that is
 * NULL. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT oneoff_create(void *root, const struct oneoff *oneoff, ULONG *ret_size, ENTRYID **ret_id);

/* CreateOneOff, IAddrBook's and IMAPISupport's (ABK-034 to ABK-041): strings and id in the width of
 * `flags` (MAPI_UNICODE), which also has MAPI_SEND_NO_RICH_INFO. Without a name the address is the
 * name. *ret_id is a root. MAPI_E_UNKNOWN_FLAGS, MAPI_E_INVALID_PARAMETER (type, address or an
 * output is missing), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT oneoff_from_arguments(LPTSTR name, LPTSTR type, LPTSTR address, ULONG flags,
                              ULONG *ret_size, ENTRYID **ret_id);

/* What PR_SEND_RICH_INFO of such a recipient is (ABK-036): Internet mail has no rich text. */
bool oneoff_takes_rich_info(const struct oneoff *oneoff);

/* Reads either form; the strings hang off `root`. Fails with MAPI_E_UNKNOWN_ENTRYID (no one-off),
 * MAPI_E_INVALID_ENTRYID (malformed), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT oneoff_parse(void *root, ULONG size, const ENTRYID *id, struct oneoff *ret_oneoff);

/* PR_SEARCH_KEY of an address: "TYPE:ADDRESS" in upper case with its zero byte
 * (docs/requirements/README.md). Hangs off `root` like the id. */
HRESULT oneoff_search_key(void *root, const char *type, const char *address, SBinary *ret_key);

/* What a person typed for a recipient, when it names an address by itself: "local@domain.tld", or
 * "name[TYPE:address]" with a backslash before characters that stand for themselves and \\xHH for a
 * byte (ABK-024, ABK-025, ABK-045 to ABK-047). The strings hang off `root`. MAPI_E_NOT_FOUND: it is
 * a name to look for; MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT oneoff_from_text(void *root, const char *text, struct oneoff *ret_oneoff);

#endif
