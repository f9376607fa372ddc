/* tests/providers/imap/client/wire_feed.c - a server that is a text in memory */
#include <criterion/criterion.h>
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
    cr_assert(log->file && log->trace_file);
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

static char *read_once(struct wire_feed *feed, bool stream_bodies)
{
    const struct wire_response *response;
    struct wire_handler handler;
    struct wire_log log;
    struct wire *wire;
    HRESULT hr;

    wire_log_open(&log, &handler);
    cr_assert_eq(wire_create(&wire_feed_ops, feed, "imap.example.org:143", &handler, &wire), S_OK);
    if (stream_bodies)
        wire_stream_bodies(wire, wire_log_piece, &log);
    do
        hr = wire_next(wire, &response);
    while (hr == S_OK);
    fprintf(log.file, "end: %08x %s\n", (unsigned)hr, wire_error(wire)->text);
    wire_free(wire);
    wire_log_close(&log);
    free(log.trace);
    return log.text;
}

char *wire_read_all(const char *bytes, size_t size, bool stream_bodies)
{
    struct wire_feed feed = {.bytes = bytes, .size = size};
    char *log = read_once(&feed, stream_bodies);
    size_t splits = size < 4096 ? size : 4096;

    for (size_t split = 1; split < splits; split++) {
        struct wire_feed again = {.bytes = bytes, .size = size, .split = split};
        char *other = read_once(&again, stream_bodies);

        cr_assert_str_eq(other, log, "split at %zu", split);
        free(other);
    }
    if (size < 65536) {
        struct wire_feed again = {.bytes = bytes, .size = size, .piece = 1};
        char *other = read_once(&again, stream_bodies);

        cr_assert_str_eq(other, log, "single bytes");
        free(other);
    }
    return log;
}

static const char greeting[] = "* OK hi\r\n";
static const char greeting_dump[] = "greeting OK \"hi\"\n";

void expect_read(const char *bytes, const char *expected)
{
    char *input, *log, *end;

    cr_assert(asprintf(&input, "%s%s", greeting, bytes) > 0);
    log = wire_read_all(input, strlen(input), false);
    cr_assert_eq(strncmp(log, greeting_dump, strlen(greeting_dump)), 0, "%s", log);
    end = strstr(log, "end: ");
    cr_assert(end && strstr(end, "80040115"), "%s", log);
    *end = '\0';
    cr_expect_str_eq(log + strlen(greeting_dump), expected);
    free(log);
    free(input);
}

void expect_refused(const char *bytes, size_t size, const char *words)
{
    size_t length = strlen(greeting);
    char *input = malloc(length + size), *log, *end;

    cr_assert(input);
    memcpy(input, greeting, length);
    memcpy(input + length, bytes, size);
    log = wire_read_all(input, length + size, false);
    end = strstr(log, "end: 8004011b");
    cr_assert(end, "%.2000s", log);
    cr_expect(strstr(end, words), "%s", end);
    free(log);
    free(input);
}
