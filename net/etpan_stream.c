/* net/etpan_stream.c - libetpan's mailstream over a stream of ours
 *
 * libetpan calls read and write as if they blocked; they wait in the running fiber. Neither ever
 * returns 0, which libetpan takes for an empty line or for "try again" without end. */
#include "net/etpan_stream.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#define STREAM_BUFFER_SIZE 8192 /* libetpan moves the whole buffer for each line it takes */

struct etpan_stream {
    const struct byte_stream_ops *ops;
    void *stream; /* not ours */
};

static HRESULT conn_stream_read(void *stream, void *buffer, size_t size, size_t *ret_size)
{
    return conn_read(stream, buffer, size, ret_size);
}

static HRESULT conn_stream_write(void *stream, const void *bytes, size_t size)
{
    return conn_write(stream, bytes, size);
}

const struct byte_stream_ops conn_byte_stream_ops = {
    .read = conn_stream_read,
    .write = conn_stream_write,
};

/* errno is set after the wait: another fiber's calls have changed it meanwhile. */
static ssize_t fail(void)
{
    errno = EIO;
    return -1;
}

static ssize_t low_read(mailstream_low *low, void *buffer, size_t size)
{
    struct etpan_stream *etpan = low->data;
    size_t got = 0;

    if (size == 0 || FAILED(etpan->ops->read(etpan->stream, buffer, size, &got)) || got == 0)
        return fail();
    return (ssize_t)got;
}

static ssize_t low_write(mailstream_low *low, const void *bytes, size_t size)
{
    struct etpan_stream *etpan = low->data;

    if (size == 0 || size > SSIZE_MAX || FAILED(etpan->ops->write(etpan->stream, bytes, size)))
        return fail();
    return (ssize_t)size;
}

static int low_close(mailstream_low *low)
{
    return 0; /* the stream is its owner's to close */
}

/* No descriptor: libetpan would call select() on it. */
static int low_get_fd(mailstream_low *low)
{
    return -1;
}

static void low_free(mailstream_low *low)
{
    free(low->data);
    free(low);
}

static void low_cancel(mailstream_low *low)
{
    /* Fibers are cancelled by their owners. */
}

static struct mailstream_cancel *low_get_cancel(mailstream_low *low)
{
    return NULL;
}

static carray *low_get_certificate_chain(mailstream_low *low)
{
    return NULL;
}

/* libetpan's type is not const, but it only reads. */
static mailstream_low_driver low_driver = {
    .mailstream_read = low_read,
    .mailstream_write = low_write,
    .mailstream_close = low_close,
    .mailstream_get_fd = low_get_fd,
    .mailstream_free = low_free,
    .mailstream_cancel = low_cancel,
    .mailstream_get_cancel = low_get_cancel,
    .mailstream_get_certificate_chain = low_get_certificate_chain,
};

mailstream *etpan_stream_create(const struct byte_stream_ops *ops, void *stream)
{
    struct etpan_stream *etpan = calloc(1, sizeof(*etpan));
    mailstream_low *low;
    mailstream *mail;

    if (!etpan)
        return NULL;
    etpan->ops = ops;
    etpan->stream = stream;

    low = mailstream_low_new(etpan, &low_driver);
    if (!low) {
        free(etpan);
        return NULL;
    }
    mail = mailstream_new(low, STREAM_BUFFER_SIZE);
    if (!mail)
        mailstream_low_free(low);
    return mail;
}
