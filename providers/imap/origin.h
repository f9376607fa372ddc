/* providers/imap/origin.h - where an opened message comes from, and reading its parts
 *
 * Private to providers/imap. The message on the server and the tree of its parts, shared by the
 * message object, the objects of messages embedded in it, its attachments and their streams. A
 * small message is here whole: its tree is of its own bytes, and nothing of it is fetched again.
 * Reference-counted, immutable, any thread; part readers belong to the engine, those of a message
 * that is here to nobody. */
#ifndef IMAP_ORIGIN_H
#define IMAP_ORIGIN_H

#include <stdatomic.h>

#include "mime/structure.h"
#include "providers/account/read.h"
#include "providers/imap/link.h"

struct message_origin {
    atomic_uint refs;
    struct imap_link *link; /* our reference */
    struct message_source source;
    struct mime_part *root;
};

/* Takes `source` over, also on failure. Fails with MAPI_E_CORRUPT_DATA, MAPI_E_TOO_COMPLEX,
 * MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT message_origin_create(struct imap_link *link, struct message_source *source,
                              struct message_origin **ret_origin);
struct message_origin *message_origin_ref(struct message_origin *origin);
void message_origin_unref(struct message_origin *origin); /* NULL is accepted; never waits */

/* Runs fn(call), which reads parts: in place when the message is here, else on the engine, as
 * imap_link_call and imap_link_run do. */
WAITS HRESULT message_origin_call(const struct message_origin *origin, engine_fn *fn,
                                  struct link_call *call);
WAITS HRESULT message_origin_run(const struct message_origin *origin, struct mapi_object *object,
                                 engine_fn *fn, struct link_call *call);

/* --- The content of one part, decoded, front to back; what message_origin_run runs --- */

struct part_reader;
/* `section` is BODY[...]'s; `raw` leaves the transfer encoding as it is. */
WAITS HRESULT part_reader_open(struct account *account, const struct message_origin *origin,
                               const char *section, enum transfer_encoding encoding,
                               struct part_reader **ret_reader);
/* *ret_size 0: the end. */
WAITS HRESULT part_reader_read(struct part_reader *reader, void *buffer, size_t size,
                               struct error_info *error, size_t *ret_size);
/* From the front again. */
void part_reader_rewind(struct part_reader *reader);
WAITS void part_reader_close(struct part_reader *reader); /* NULL is accepted */

/* All of it, at most `limit` bytes (MAPI_E_TOO_BIG); free(). Zero-terminated. */
WAITS HRESULT part_read_all(struct account *account, const struct message_origin *origin,
                            const char *section, enum transfer_encoding encoding, size_t limit,
                            struct error_info *error, char **ret_bytes, size_t *ret_size);

#endif
