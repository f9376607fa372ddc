/* net/secret.h - bytes that must not be read by anybody else
 *
 * A secret lives in pages that are locked, left out of core dumps and of forked children, and
 * cleared before they are given back. Reference-counted, immutable once made, any thread. Nothing
 * prints one. */
#ifndef MG_SECRET_H
#define MG_SECRET_H

#include <stddef.h>

#include "mapi/mapidefs.h"

struct secret;

/* Copies `size` bytes (a zero byte is added behind them; at most 64 KiB). Fails with
 * MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_TOO_BIG. */
HRESULT secret_create(const void *bytes, size_t size, struct secret **ret_secret);

/* A secret of `size` zero bytes that its maker fills through secret_fill before anyone else sees
 * it. Errors as secret_create. */
HRESULT secret_create_empty(size_t size, struct secret **ret_secret);
char *secret_fill(struct secret *secret);

struct secret *secret_ref(struct secret *secret);
void secret_unref(struct secret *secret); /* NULL is accepted */

/* The bytes, zero-terminated, and their number without the terminator; the secret's own. */
const char *secret_bytes(const struct secret *secret);
size_t secret_size(const struct secret *secret);

/* Clears memory in a way that the compiler may not leave out. */
void secret_wipe(void *bytes, size_t size);

#endif
