/* tests/fuzz/imap_wire.c - guard, router, parsers and libetpan against any bytes of a server
 *
 * The first three bytes of the input choose how the rest, the server's bytes, is read: how it is
 * cut into pieces, whether sections stream, and which reader asks for it: ours, or a libetpan
 * session that goes through its commands. Beside the sanitizers these must hold: however the bytes
 * are cut, the same responses come out (for inputs of moderate size); a set, and a mailbox name,
 * survives being written and read again.
 *
 * Built against a libetpan with sanitizers (build_libetpan.sh), started by run.sh. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "net/etpan_stream.h"
#include "providers/imap/client/uidset.h"
#include "providers/imap/client/utf7.h"
#include "providers/imap/client/wire_feed.h"

#define SAME_MAX 2048u /* inputs up to here are read a second time, cut otherwise */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const char *bytes;
    size_t size;
    size_t piece;
    bool stream, libetpan, greeted;
    uint8_t commands;
};

static void check_name(struct wire_text name)
{
    char *utf8, *wire, *again;

    if (!name.data)
        return;
    assert(utf7_to_utf8(name.data, name.size, &utf8) == S_OK);
    assert(utf7_from_utf8(utf8, &wire) == S_OK);
    assert(utf7_to_utf8(wire, strlen(wire), &again) == S_OK);
    assert(strcmp(utf8, again) == 0);
    free(utf8);
    free(wire);
    free(again);
}

static void check_ranges(const struct wire_ranges *ranges)
{
    struct uidset set = UIDSET_INIT, again = UIDSET_INIT;
    size_t range = 0, size;
    char text[64];

    if (ranges->count > 256)
        return;
    for (size_t i = 0; i < ranges->count; i++)
        assert(uidset_add_range(&set, ranges->ranges[i].first, ranges->ranges[i].last) == S_OK);
    while ((size = uidset_format(&set, &range, text, sizeof(text))) > 0)
        assert(uidset_parse(&again, text, size) == S_OK);
    assert(uidset_size(&set) == uidset_size(&again) && set.count == again.count);
    uidset_clear(&set);
    uidset_clear(&again);
}

static void check_response(void *arg, const struct wire_response *response)
{
    struct wire_log *log = arg;

    if (response->kind == WIRE_LIST || response->kind == WIRE_LSUB)
        check_name(response->list.name);
    if (response->kind == WIRE_SEARCH)
        check_ranges(&response->search.numbers);
    if (response->kind == WIRE_ESEARCH)
        check_ranges(&response->esearch.all);
    if (response->kind == WIRE_VANISHED)
        check_ranges(&response->vanished.uids);
    wire_dump(log->file, response);
}

/* --- Our own reader --------------------------------------------------------------------------- */

static void read_by_wire(struct wire *wire, FILE *file)
{
    const struct wire_response *response;
    HRESULT hr;

    do
        hr = wire_next(wire, &response);
    while (hr == S_OK);
    assert(hr == MAPI_E_NETWORK_ERROR || hr == MAPI_E_CORRUPT_DATA);
    assert(wire_error(wire)->hr == hr);
    fprintf(file, "end: %s\n", wire_error(wire)->text);
}

/* --- libetpan's ------------------------------------------------------------------------------- */

static void command(mailimap *session, unsigned which)
{
    struct mailimap_capability_data *capability = NULL;
    struct mailimap_set *set = mailimap_set_new_single(7);
    clist *list = NULL;

    switch (which) {
    case 0:
        mailimap_select(session, "INBOX");
        break;
    case 1:
        mailimap_append(session, "x", NULL, NULL, "abc\r\n", 5);
        break;
    case 2:
        mailimap_create(session, "a\r\nb"); /* goes as a literal */
        break;
    case 3:
        mailimap_uid_copy(session, set, "x");
        break;
    case 4:
        if (mailimap_capability(session, &capability) == MAILIMAP_NO_ERROR)
            mailimap_capability_data_free(capability);
        break;
    case 5:
        mailimap_list(session, "", "*", &list);
        if (list) /* also given when the command failed */
            mailimap_list_result_free(list);
        break;
    case 6:
        mailimap_custom_command(session, "UID FETCH 1:* (FLAGS)");
        break;
    default:
        mailimap_noop(session);
        break;
    }
    mailimap_set_free(set);
}

static void read_by_libetpan(struct wire *wire, uint8_t commands)
{
    mailstream *stream = etpan_stream_create(&wire_byte_stream_ops, wire);
    mailimap *session = mailimap_new(0, NULL);
    int r;

    assert(stream && session);
    r = mailimap_connect(session, stream);
    if (r == MAILIMAP_NO_ERROR_AUTHENTICATED || r == MAILIMAP_NO_ERROR_NON_AUTHENTICATED) {
        for (unsigned i = 0; i < 8 && SUCCEEDED(wire_error(wire)->hr); i++)
            command(session, (commands + i) & 7);
    }
    mailimap_free(session); /* LOGOUT, as far as that goes */
}

/* ------------------------------------------------------------------------------------------------
 */

/* The log, to free(); `*ret_broken`: the server broke the protocol. */
static char *run(const struct input *input, bool *ret_broken)
{
    struct wire_feed feed = {.bytes = input->bytes, .size = input->size, .piece = input->piece};
    struct wire_handler handler;
    struct wire_log log;
    struct wire *wire;

    wire_log_open(&log, &handler);
    handler.response = check_response;
    assert(wire_create(&wire_feed_ops, &feed, "fuzz", &handler, &wire) == S_OK);
    if (input->stream)
        wire_stream_bodies(wire, wire_log_piece, &log);
    wire_begin_command(wire, 1024 * 1024, 4 * 1024 * 1024);
    if (input->libetpan)
        read_by_libetpan(wire, input->commands);
    else
        read_by_wire(wire, log.file);
    *ret_broken = wire_error(wire)->hr == MAPI_E_CORRUPT_DATA;
    wire_rest(wire);
    wire_free(wire);
    wire_log_close(&log);
    free(log.trace);
    return log.text;
}

/* Most inputs are more use with a greeting in front of them. */
static char *with_greeting(const uint8_t *data, size_t size, size_t *ret_size)
{
    static const char greeting[] = "* PREAUTH hi\r\n";
    char *bytes = malloc(sizeof(greeting) + size);

    assert(bytes);
    memcpy(bytes, greeting, sizeof(greeting) - 1);
    memcpy(bytes + sizeof(greeting) - 1, data, size);
    *ret_size = sizeof(greeting) - 1 + size;
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {0};
    char *bytes, *log;
    bool broken;

    if (size < 3)
        return 0;
    input.piece = data[0];
    input.stream = data[1] & 1;
    input.libetpan = data[1] & 2;
    input.commands = data[2];
    bytes = (data[1] & 4) ? NULL : with_greeting(data + 3, size - 3, &input.size);
    if (!bytes)
        input.size = size - 3;
    input.bytes = bytes ? bytes : (const char *)data + 3;

    log = run(&input, &broken);
    /* What streamed before a violation depends on the cut. */
    if (!input.libetpan && input.size <= SAME_MAX && !(input.stream && broken)) {
        char *again;

        input.piece = input.piece == 1 ? 0 : 1;
        again = run(&input, &broken);
        assert(strcmp(log, again) == 0);
        free(again);
    }
    free(log);
    free(bytes);
    return 0;
}
