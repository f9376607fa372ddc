/* mime/spool.h - bytes written once and read often, in memory or in a file without a name
 *
 * Between mime_encode, which writes, and APPEND, which reads and must know the size first. Up to
 * 1 MiB stays in memory, the rest goes to an unlinked file in $TMPDIR (mode 0600). Write
 * everything, then read. One user at a time. */
#ifndef MIME_SPOOL_H
#define MIME_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"

struct mime_spool;
HRESULT mime_spool_create(struct mime_spool **ret_spool);
void mime_spool_free(struct mime_spool *spool); /* NULL is accepted */

/* A mime_write_fn. MAPI_E_NOT_ENOUGH_DISK, MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT mime_spool_write(void *spool, const void *bytes, size_t size);
/* The read and rewind of struct mime_source, of imap_append and of message_save. */
HRESULT mime_spool_read(void *spool, void *buffer, size_t size, size_t *ret_size);
HRESULT mime_spool_rewind(void *spool);
HRESULT mime_spool_read_at(struct mime_spool *spool, uint64_t offset, void *buffer, size_t size,
                           size_t *ret_size);
uint64_t mime_spool_size(const struct mime_spool *spool);

#endif
