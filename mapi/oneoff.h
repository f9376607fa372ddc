/* mapi/oneoff.h - one-off entry ids: an address that stands for itself
 *
 * The byte form of MS-OXCDATA 2.2.5.1, which programs keep and compare: flags, muidOOP, version,
 * bits, then display name, address type and address, in UTF-16 or 8-bit. Pure, any thread.
 * Requirements: ABK-030 ff. */
#ifndef MG_ONEOFF_H
#define MG_ONEOFF_H

#include <stdbool.h>

#include "mapi/mapidefs.h"

#define ONEOFF_SIZE_MAX 65536 /* of an id that is read */

struct oneoff {
    const char *name, *type, *address; /* UTF-8 */
    bool no_rich_info;                 /* MAPI_SEND_NO_RICH_INFO: the recipient gets plain MIME */
};

/* The UTF-16 form; hangs off `root`, or is a root of its own when that is NULL. Fails with
 * MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT oneoff_create(void *root, const struct oneoff *oneoff, ULONG *ret_size, ENTRYID **ret_id);

/* Reads either form; the strings hang off `root`. Fails with MAPI_E_UNKNOWN_ENTRYID (no one-off),
 * MAPI_E_INVALID_ENTRYID (malformed), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT oneoff_parse(void *root, ULONG size, const ENTRYID *id, struct oneoff *ret_oneoff);

/* PR_SEARCH_KEY of an address: "TYPE:ADDRESS" in upper case with its zero byte
 * (docs/requirements/README.md). Hangs off `root` like the id. */
HRESULT oneoff_search_key(void *root, const char *type, const char *address, SBinary *ret_key);

#endif
