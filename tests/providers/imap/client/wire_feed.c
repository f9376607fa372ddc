/* tests/providers/imap/client/wire_feed.c - a server that is a text in memory */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "wire_feed.h"

static HRESULT feed_read(void *stream, void *buffer, size_t size, size_t *ret_size)
{
    struct wire_feed *feed = stream;
    size_t left;

    if (feed->at == feed->size && feed->repeat > 0) {
        feed->at = feed->repeat_from;
        feed->repeat--;
    }
    left = feed->size - feed->at;
    if (feed->piece > 0 && left > feed->piece)
        left = feed->piece;
    if (feed->at < feed->split && feed->at + left > feed->split)
        left = feed->split - feed->at;
    if (feed->stop > 0 && feed->at + left > feed->stop)
        left = feed->stop - feed->at;
    if (left > size)
        left = size;
    if (left == 0)
        return MAPI_E_NETWORK_ERROR;
    memcpy(buffer, feed->bytes + feed->at, left);
    feed->at += left;
    feed->given += left;
    *ret_size = left;
    return S_OK;
}

static HRESULT feed_write(void *stream, const void *bytes, size_t size)
{
    struct wire_feed *feed = stream;

    if (size > sizeof(feed->written) - feed->written_size)
        size = sizeof(feed->written) - feed->written_size;
    memcpy(feed->written + feed->written_size, bytes, size);
    feed->written_size += size;
    return S_OK;
}

const struct byte_stream_ops wire_feed_ops = {.read = feed_read, .write = feed_write};

static void log_response(void *arg, const struct wire_response *response)
{
    struct wire_log *log = arg;

    wire_dump(log->file, response);
}

static void log_trace(void *arg, enum wire_direction direction, const char *line, size_t size)
{
    struct wire_log *log = arg;

    fprintf(log->trace_file, "%c %.*s\n", direction == WIRE_SENT ? '>' : '<', (int)size, line);
}

void wire_log_open(struct wire_log *log, struct wire_handler *ret_handler)
{
    memset(log, 0, sizeof(*log));
    log->file = open_memstream(&log->text, &log->size);
    log->trace_file = open_memstream(&log->trace, &log->trace_size);
    assert(log->file && log->trace_file);
    ret_handler->response = log_response;
    ret_handler->trace = log_trace;
    ret_handler->arg = log;
}

void wire_log_close(struct wire_log *log)
{
    if (log->file)
        fclose(log->file);
    if (log->trace_file)
        fclose(log->trace_file);
    log->file = log->trace_file = NULL;
}

void wire_log_free(struct wire_log *log)
{
    wire_log_close(log);
    free(log->text);
    free(log->trace);
    log->text = log->trace = NULL;
}

void wire_log_piece(void *arg, const struct wire_body_piece *piece)
{
    struct wire_log *log = arg;

    if (piece->offset == 0)
        fprintf(log->file, "piece %u %.*s %llu: ", piece->sequence, (int)piece->item.size,
                piece->item.data, (unsigned long long)piece->total);
    fwrite(piece->bytes, 1, piece->size, log->file);
    if (piece->offset + piece->size == piece->total)
        fputc('\n', log->file);
}
