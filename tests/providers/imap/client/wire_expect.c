/* tests/providers/imap/client/wire_expect.c - what a text reads as, however it is cut */
#include "wire_expect.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

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
