/* net/etpan_stream.h - libetpan's mailstream over a stream of ours
 *
 * The one file that knows libetpan's mailstream_low_driver: its blocking read and write become
 * waits of the running fiber. It reports the end of the stream as -1 and never as 0 (libetpan
 * would loop for ever). Filters (the IMAP wire guard) sit between libetpan and the connection by
 * implementing the same two operations. */
#ifndef MG_ETPAN_STREAM_H
#define MG_ETPAN_STREAM_H

#include <libetpan/libetpan.h>

#include "net/conn.h"

struct byte_stream_ops {
    WAITS HRESULT (*read)(void *stream, void *buffer, size_t size, size_t *ret_size);
    WAITS HRESULT (*write)(void *stream, const void *bytes, size_t size);
};

/* The operations of a plain connection; the stream pointer is a struct conn. */
extern const struct byte_stream_ops conn_byte_stream_ops;

/* Makes a mailstream of 8 KiB buffers that reads and writes through `ops` on `stream`.
 * mailstream_close frees it and leaves `stream` open. NULL without memory. */
mailstream *etpan_stream_create(const struct byte_stream_ops *ops, void *stream);

#endif
