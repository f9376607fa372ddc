/* mapi/stream.h - IStream on memory
 *
 * For string and binary properties opened by OpenProperty, and for CreateStreamOnHGlobal's place in
 * programs that need a scratch stream. Free-threaded: one lock, one position. Clones share the
 * bytes and have a position of their own. */
#ifndef MG_STREAM_H
#define MG_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/mapidefs.h"
#include "mapi/object.h"

/* Called by Commit (and, when the stream was written to, by the last Release) with the whole
 * content; without the stream's lock held. `context` is the caller's; dropped is called once when
 * the stream goes and may be NULL. */
struct memory_stream_hooks {
    HRESULT (*commit)(void *context, const void *data, size_t size, bool last);
    void (*dropped)(void *context);
    void *context;
};

struct memory_stream_options {
    const void *data; /* first content, copied */
    size_t size;
    bool writable;             /* else Write and SetSize answer STG_E_ACCESSDENIED */
    bool dirty;                /* the last Release commits even if nothing was written */
    size_t max_size;           /* 0: 2 GiB; beyond: STG_E_MEDIUMFULL */
    struct mapi_object *owner; /* referenced; NULL: none */
    struct memory_stream_hooks hooks;
};
HRESULT memory_stream_create(const struct memory_stream_options *options, IStream **ret_stream);

/* Reads from the present position to the end, at most `limit` bytes (MAPI_E_TOO_BIG), into one
 * root with a zero WCHAR behind the last byte. Any IStream, so it may call foreign code. */
HRESULT stream_read_all(IStream *stream, size_t limit, uint8_t **ret_data, size_t *ret_size);
/* IStream::CopyTo over Read and Write of any two streams, each of which may be foreign code. */
HRESULT stream_copy_to(ISequentialStream *stream, IStream *dest, ULARGE_INTEGER size,
                       ULARGE_INTEGER *ret_read, ULARGE_INTEGER *ret_written);
/* Writes all, or fails. */
HRESULT stream_write_all(IStream *stream, const void *data, size_t size);

#endif
