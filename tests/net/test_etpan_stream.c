/* tests/net/test_etpan_stream.c - libetpan reads and writes through a waiting fiber */
#include <errno.h>

#include "net/etpan_stream.h"
#include "tests/net/conns.h"

static struct scene scene;

static void setup(void)
{
    memset(&scene, 0, sizeof(scene));
}

static void teardown(void)
{
    scene_end(&scene);
}

TestSuite(etpan_stream, .init = setup, .fini = teardown, .timeout = 60);

/* ---- On a connection ---- */

static void serve_lines(struct peer_stream *stream, void *arg)
{
    char line[6];

    peer_say(stream, "* OK hello\r\n* partial");
    peer_read_all(stream, line, sizeof(line));
    peer_say(stream, line[0] == 'N' ? " line\r\n" : " lies\r\n");
}

static HRESULT read_lines(void *arg)
{
    struct conn *conn = scene_connect(arg, "localhost", CONN_TLS_FIRST);
    mailstream *stream = etpan_stream_create(&conn_byte_stream_ops, conn);
    MMAPString *buffer = mmap_string_new("");

    cr_assert_not_null(stream);
    cr_expect_str_eq(mailstream_read_line(stream, buffer), "* OK hello\r\n");
    cr_assert_eq(mailstream_write(stream, "NOOP\r\n", 6), 6);
    cr_assert_eq(mailstream_flush(stream), 0);
    cr_expect_str_eq(mailstream_read_line(stream, buffer), "* partial line\r\n");

    /* The end: neither an empty line nor an endless loop. */
    cr_expect_null(mailstream_read_line(stream, buffer));
    cr_expect_str_eq(conn_error(conn)->text, "closed by peer");

    mmap_string_free(buffer);
    mailstream_close(stream);
    conn_close(conn); /* the stream left it open */
    return S_OK;
}

Test(etpan_stream, carries_lines_and_reports_the_end)
{
    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, true, serve_lines);
    scene_run(&scene, read_lines);
}

static void serve_literal(struct peer_stream *stream, void *arg)
{
    static char bytes[100000];

    memset(bytes, 'x', sizeof(bytes));
    peer_write(stream, bytes, sizeof(bytes));
    peer_say(stream, "end\r\n");
    serve_silence(stream, arg);
}

static HRESULT read_literal(void *arg)
{
    struct conn *conn = scene_connect(arg, "localhost", CONN_TLS_FIRST);
    mailstream *stream = etpan_stream_create(&conn_byte_stream_ops, conn);
    char *bytes = malloc(100000);
    MMAPString *buffer = mmap_string_new("");
    size_t at = 0;

    while (at < 100000) {
        ssize_t got = mailstream_read(stream, bytes + at, 100000 - at);

        cr_assert_gt(got, 0);
        at += (size_t)got;
    }
    cr_expect_eq(bytes[0], 'x');
    cr_expect_eq(bytes[99999], 'x');
    cr_expect_str_eq(mailstream_read_line(stream, buffer), "end\r\n");
    mmap_string_free(buffer);
    free(bytes);
    mailstream_close(stream);
    conn_close(conn);
    return S_OK;
}

Test(etpan_stream, carries_what_is_larger_than_its_buffer)
{
    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, true, serve_literal);
    scene_run(&scene, read_literal);
}

/* ---- On operations that fail, as a filter's may ---- */

struct script {
    HRESULT read_result, write_result;
    size_t read_size;
    unsigned reads;
};

static HRESULT script_read(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    struct script *script = arg;

    script->reads++;
    errno = ENOTTY; /* what another fiber may leave */
    *ret_size = script->read_size;
    return script->read_result;
}

static HRESULT script_write(void *arg, const void *bytes, size_t size)
{
    struct script *script = arg;

    errno = ENOTTY;
    return script->write_result;
}

static const struct byte_stream_ops script_ops = {.read = script_read, .write = script_write};

Test(etpan_stream, a_failing_read_is_minus_one_and_ends_at_once)
{
    struct script script = {.read_result = MAPI_E_TIMEOUT};
    mailstream *stream = etpan_stream_create(&script_ops, &script);
    MMAPString *buffer = mmap_string_new("");
    char byte;

    cr_expect_eq(mailstream_read(stream, &byte, 1), -1);
    cr_expect_eq(errno, EIO);
    cr_expect_null(mailstream_read_line(stream, buffer));
    cr_expect_eq(script.reads, 2);
    mmap_string_free(buffer);
    mailstream_close(stream);
}

Test(etpan_stream, a_read_of_nothing_is_minus_one_too)
{
    struct script script = {.read_result = S_OK, .read_size = 0};
    mailstream *stream = etpan_stream_create(&script_ops, &script);
    char byte;

    cr_expect_eq(mailstream_read(stream, &byte, 1), -1);
    cr_expect_eq(script.reads, 1);
    mailstream_close(stream);
}

Test(etpan_stream, a_failing_write_is_minus_one)
{
    struct script script = {.write_result = MAPI_E_NETWORK_ERROR};
    mailstream *stream = etpan_stream_create(&script_ops, &script);

    cr_expect_eq(mailstream_write(stream, "x", 1), 1); /* buffered */
    cr_expect_eq(mailstream_flush(stream), -1);
    cr_expect_eq(errno, EIO);
    mailstream_close(stream);
}

Test(etpan_stream, has_no_descriptor_to_select_on)
{
    struct script script = {0};
    mailstream *stream = etpan_stream_create(&script_ops, &script);

    cr_expect_eq(mailstream_low_get_fd(mailstream_get_low(stream)), -1);
    mailstream_close(stream);
}
