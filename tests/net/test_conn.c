/* tests/net/test_conn.c - reading, writing, waiting, giving up and watching */
#include "tests/net/conns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>

#include "net/tcp_connect.h"

static struct scene scene;

static void setup(void)
{
    memset(&scene, 0, sizeof(scene));
}

static void teardown(void)
{
    scene_end(&scene);
}

TestSuite(conn, .init = setup, .fini = teardown, .timeout = 60);

/* Each promise about bytes is tried on a plain and on an encrypted connection. */
static void run_on_both(peer_fn *serve, engine_fn *fn)
{
    scene_serve(&scene, false, serve);
    scene_run(&scene, fn);
    peer_stop(scene.peer);

    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, true, serve);
    scene_run(&scene, fn);
}

static enum conn_tls scene_tls(const struct scene *here)
{
    return here->identity ? CONN_TLS_FIRST : CONN_TLS_NONE;
}

/* ---- Connecting ---- */

static HRESULT find_refused(void *arg)
{
    struct scene *here = arg;
    struct conn_options options = {.host = "127.0.0.1", .port = 1, .deadline = GUARD};

    assert_hr(conn_open(&options, &here->error, &here->conn), MAPI_E_NETWORK_ERROR);
    cr_expect_str_eq(here->error.text, "connection refused");
    cr_expect_str_eq(here->error.component, "127.0.0.1:1");
    cr_expect_eq(here->error.low_level, ECONNREFUSED);
    return S_OK;
}

Test(conn, a_refused_connection_is_told_in_words)
{
    scene_run(&scene, find_refused);
}

static void add_address(struct resolved *addresses, const char *text, uint16_t port)
{
    struct sockaddr_storage *address = &addresses->addresses[addresses->count++];
    struct sockaddr_in *four = (struct sockaddr_in *)address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;

    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
    } else {
        cr_assert_eq(inet_pton(AF_INET6, text, &six->sin6_addr), 1);
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
    }
}

static void expect_connected_to(int fd, int family, uint16_t port)
{
    struct sockaddr_storage name = {0};
    socklen_t size = sizeof(name);

    cr_assert_eq(getpeername(fd, (struct sockaddr *)&name, &size), 0);
    cr_expect_eq(name.ss_family, family);
    cr_expect_eq(ntohs(((struct sockaddr_in *)&name)->sin_port), port);
}

static HRESULT fall_back_from_refusal(void *arg)
{
    struct scene *here = arg;
    struct resolved addresses = {0};
    int fd;

    add_address(&addresses, "::1", 1); /* nobody listens */
    add_address(&addresses, "127.0.0.1", peer_port(here->peer));
    assert_hr(tcp_connect(&addresses, "test", GUARD, &here->error, &fd), S_OK);
    expect_connected_to(fd, AF_INET, peer_port(here->peer));
    close(fd);
    return S_OK;
}

Test(conn, an_address_that_refuses_gives_way_to_the_next)
{
    scene_serve(&scene, false, serve_silence);
    scene_run(&scene, fall_back_from_refusal);
}

/* A listener whose queue is full lets the kernel drop what comes: the silence of a dead host. */
struct black_hole {
    int listener, fillers[8];
    uint16_t port;
};

static void black_hole_open(struct black_hole *hole)
{
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    socklen_t size = sizeof(name);

    hole->listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(hole->listener, (struct sockaddr *)&name, size), 0);
    cr_assert_eq(listen(hole->listener, 0), 0);
    getsockname(hole->listener, (struct sockaddr *)&name, &size);
    hole->port = ntohs(name.sin6_port);
    for (size_t i = 0; i < 8; i++) {
        hole->fillers[i] = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(hole->fillers[i], (struct sockaddr *)&name, size);
    }
}

static void black_hole_close(struct black_hole *hole)
{
    for (size_t i = 0; i < 8; i++)
        close(hole->fillers[i]);
    close(hole->listener);
}

static HRESULT fall_back_from_silence(void *arg)
{
    struct scene *here = arg;
    struct resolved addresses = {0};
    struct black_hole hole;
    int fd;

    black_hole_open(&hole);
    add_address(&addresses, "::1", hole.port);
    add_address(&addresses, "127.0.0.1", peer_port(here->peer));
    assert_hr(tcp_connect(&addresses, "test", GUARD, &here->error, &fd), S_OK);
    expect_connected_to(fd, AF_INET, peer_port(here->peer));
    close(fd);

    addresses.count = 1;
    assert_hr(tcp_connect(&addresses, "test", engine_now() + 300, &here->error, &fd),
              MAPI_E_TIMEOUT);
    black_hole_close(&hole);
    return S_OK;
}

Test(conn, an_address_that_is_silent_does_not_hold_up_the_next)
{
    scene_serve(&scene, false, serve_silence);
    scene_run(&scene, fall_back_from_silence);
}

static HRESULT alternate_families(void *arg)
{
    struct scene *here = arg;
    struct resolved addresses = {0};
    struct black_hole hole;
    int fd;

    /* If all of ::1 came first, two silences of 250 ms would pass before 127.0.0.2 is refused and
     * 127.0.0.1 answers; in turns, it is refused after the first. Only the winner is asserted. */
    black_hole_open(&hole);
    add_address(&addresses, "::1", hole.port);
    add_address(&addresses, "::1", hole.port);
    add_address(&addresses, "127.0.0.1", 1);
    add_address(&addresses, "127.0.0.1", peer_port(here->peer));
    assert_hr(tcp_connect(&addresses, "test", GUARD, &here->error, &fd), S_OK);
    expect_connected_to(fd, AF_INET, peer_port(here->peer));
    close(fd);
    black_hole_close(&hole);
    return S_OK;
}

Test(conn, all_addresses_are_tried)
{
    scene_serve(&scene, false, serve_silence);
    scene_run(&scene, alternate_families);
}

static HRESULT report_the_telling_error(void *arg)
{
    struct scene *here = arg;
    struct resolved addresses = {0};
    int fd;

    add_address(&addresses, "ff00::", 1); /* ENETUNREACH or the like, at once */
    add_address(&addresses, "127.0.0.1", 1);
    assert_hr(tcp_connect(&addresses, "test", GUARD, &here->error, &fd), MAPI_E_NETWORK_ERROR);
    cr_expect_eq(here->error.low_level, ECONNREFUSED, "%s", here->error.text);
    return S_OK;
}

Test(conn, a_missing_route_is_never_the_reason_when_there_is_another)
{
    scene_run(&scene, report_the_telling_error);
}

static int option_get(int fd, int level, int option)
{
    socklen_t size = sizeof(int);
    int value = -1;

    cr_assert_eq(getsockopt(fd, level, option, &value, &size), 0);
    return value;
}

static HRESULT look_at_options(void *arg)
{
    struct scene *here = arg;
    struct resolved addresses = {0};
    int fd;

    add_address(&addresses, "127.0.0.1", peer_port(here->peer));
    assert_hr(tcp_connect(&addresses, "test", GUARD, &here->error, &fd), S_OK);
    cr_expect(option_get(fd, IPPROTO_TCP, TCP_NODELAY));
    cr_expect(option_get(fd, SOL_SOCKET, SO_KEEPALIVE));
    cr_expect_leq(option_get(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 60000);
    cr_expect_gt(option_get(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
    /* Keepalive gives up at the first probe after the user time-out. */
    cr_expect_leq(option_get(fd, IPPROTO_TCP, TCP_KEEPIDLE) +
                      3 * option_get(fd, IPPROTO_TCP, TCP_KEEPINTVL),
                  60);
    close(fd);
    return S_OK;
}

Test(conn, a_silent_peer_is_given_up_within_60_s)
{
    scene_serve(&scene, false, serve_silence);
    scene_run(&scene, look_at_options);
}

/* ---- Bytes ---- */

#define BULK ((size_t)1 << 20)

struct bulk {
    struct scene *scene;
    char *bytes;
};

static HRESULT bulk_write(void *arg)
{
    struct bulk *bulk = arg;

    return conn_write(bulk->scene->conn, bulk->bytes, BULK);
}

static HRESULT echo_bulk(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", scene_tls(here));
    struct bulk bulk = {.scene = here, .bytes = malloc(BULK)};
    struct fiber *writer;
    char *back = malloc(BULK);
    size_t at = 0, got;

    for (size_t i = 0; i < BULK; i++)
        bulk.bytes[i] = (char)(i * 2654435761u >> 13);
    assert_hr(engine_spawn(engine_current(), bulk_write, &bulk, &writer), S_OK);
    while (at < BULK) {
        assert_hr(conn_read(conn, back + at, BULK - at, &got), S_OK);
        at += got;
    }
    assert_hr(fiber_join(writer), S_OK);
    cr_expect(memcmp(bulk.bytes, back, BULK) == 0);
    free(bulk.bytes);
    free(back);
    conn_close(conn);
    return S_OK;
}

Test(conn, one_fiber_reads_while_another_writes)
{
    run_on_both(serve_echo, echo_bulk);
}

static void serve_farewell(struct peer_stream *stream, void *arg)
{
    peer_say(stream, "bye");
    if (stream->ssl)
        SSL_shutdown(stream->ssl);
}

static HRESULT read_to_the_end(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", scene_tls(here));
    char byte;
    size_t got;

    expect_read(conn, "bye");
    for (int i = 0; i < 2; i++) {
        assert_hr(conn_read(conn, &byte, 1, &got), MAPI_E_NETWORK_ERROR);
        cr_expect_str_eq(conn_error(conn)->text, "closed by peer");
    }
    conn_close(conn);
    return S_OK;
}

Test(conn, the_end_of_the_stream_is_an_error_that_stays)
{
    run_on_both(serve_farewell, read_to_the_end);
}

static void serve_truncation(struct peer_stream *stream, void *arg)
{
    peer_say(stream, "bye"); /* no close_notify: anybody could have cut it off */
}

Test(conn, a_truncated_tls_stream_is_an_error_too)
{
    run_on_both(serve_truncation, read_to_the_end);
}

static HRESULT time_out_and_go_on(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", scene_tls(here));
    char byte;
    size_t got;

    conn_set_deadline(conn, engine_now() + 20);
    assert_hr(conn_read(conn, &byte, 1, &got), MAPI_E_TIMEOUT);
    cr_expect_eq(conn_error(conn)->hr, MAPI_E_TIMEOUT);
    assert_hr(conn_read(conn, &byte, 1, &got), MAPI_E_TIMEOUT);
    conn_set_deadline(conn, GUARD);
    assert_hr(conn_write(conn, "again", 5), S_OK);
    expect_read(conn, "again");
    conn_close(conn);
    return S_OK;
}

Test(conn, a_read_that_timed_out_may_be_tried_again)
{
    run_on_both(serve_echo, time_out_and_go_on);
}

/* Sends a byte whenever one arrives. */
static void serve_drip(struct peer_stream *stream, void *arg)
{
    char byte;

    while (peer_read(stream, &byte, 1) == 1)
        peer_write(stream, "12345678", 8);
}

static HRESULT meet_deadline_while_bytes_come(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", scene_tls(here));
    HRESULT hr = S_OK;
    char byte;
    size_t got;

    conn_set_deadline(conn, engine_now() + 100);
    while (SUCCEEDED(hr)) {
        hr = conn_write(conn, "x", 1);
        if (SUCCEEDED(hr))
            hr = conn_read(conn, &byte, 1, &got);
    }
    assert_hr(hr, MAPI_E_TIMEOUT);
    conn_close(conn);
    return S_OK;
}

Test(conn, an_endless_drip_meets_the_deadline)
{
    run_on_both(serve_drip, meet_deadline_while_bytes_come);
}

static HRESULT write_until_stuck(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", scene_tls(here));
    char *bytes = calloc(1, 16 * BULK);

    conn_set_deadline(conn, engine_now() + 200);
    assert_hr(conn_write(conn, bytes, 16 * BULK), MAPI_E_TIMEOUT);
    conn_set_deadline(conn, GUARD);
    assert_hr(conn_write(conn, bytes, 1), MAPI_E_TIMEOUT); /* what would follow is out of step */
    free(bytes);
    conn_close(conn);
    atomic_store(&here->flag, true);
    return S_OK;
}

static void serve_nothing_until_flag(struct peer_stream *stream, void *arg)
{
    struct scene *here = arg;

    for (int i = 0; i < 30000 && !atomic_load(&here->flag); i++)
        usleep(1000);
    atomic_store(&here->flag, false);
}

Test(conn, a_write_that_gets_stuck_meets_the_deadline_and_is_final)
{
    run_on_both(serve_nothing_until_flag, write_until_stuck);
}

/* ---- No SIGPIPE ---- */

static void serve_reset(struct peer_stream *stream, void *arg)
{
    char byte;

    peer_read(stream, &byte, 1);
    peer_reset(stream);
}

static void serve_close(struct peer_stream *stream, void *arg)
{
    char byte;

    peer_read(stream, &byte, 1);
}

/* An engine blocks all signals: one that was raised would be pending. */
static bool sigpipe_was_raised(void)
{
    sigset_t pending;

    sigemptyset(&pending);
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
}

static HRESULT write_to_the_dead(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", scene_tls(here));
    HRESULT hr = S_OK;

    for (int i = 0; SUCCEEDED(hr) && i < 1000; i++) {
        hr = conn_write(conn, "x", 1);
        fiber_sleep_until(engine_now() + 1);
    }
    assert_hr(hr, MAPI_E_NETWORK_ERROR);
    conn_close(conn);

    /* Saying good-bye to one that has left is a write, too. */
    conn = scene_connect(here, "localhost", scene_tls(here));
    assert_hr(conn_write(conn, "x", 1), S_OK);
    fiber_sleep_until(engine_now() + 50);
    conn_close(conn);
    cr_expect_not(sigpipe_was_raised());
    return S_OK;
}

Test(conn, writing_to_a_dead_peer_raises_no_sigpipe)
{
    run_on_both(serve_reset, write_to_the_dead);
}

Test(conn, writing_to_a_closed_peer_raises_no_sigpipe)
{
    run_on_both(serve_close, write_to_the_dead);
}

static HRESULT raise_sigpipe_as_a_check(void *arg)
{
    int ends[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    close(ends[0]);
    cr_expect_eq(write(ends[1], "x", 1), -1);
    close(ends[1]);
    cr_expect(sigpipe_was_raised());
    return S_OK;
}

Test(conn, the_test_for_sigpipe_would_see_one)
{
    scene_run(&scene, raise_sigpipe_as_a_check);
}

/* ---- Giving up ---- */

static HRESULT abort_soon(void *arg)
{
    struct scene *here = arg;

    conn_abort(here->conn);
    return S_OK;
}

static HRESULT read_until_aborted(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", scene_tls(here));
    struct fiber *other;
    char byte;
    size_t got;

    assert_hr(engine_spawn(engine_current(), abort_soon, here, &other), S_OK);
    assert_hr(conn_read(conn, &byte, 1, &got), MAPI_E_NETWORK_ERROR);
    assert_hr(fiber_join(other), S_OK);
    assert_hr(conn_read(conn, &byte, 1, &got), MAPI_E_NETWORK_ERROR);
    assert_hr(conn_write(conn, "x", 1), MAPI_E_NETWORK_ERROR);
    conn_close(conn);
    return S_OK;
}

Test(conn, abort_ends_the_waits_now_and_later)
{
    run_on_both(serve_silence, read_until_aborted);
}

static HRESULT shorten_soon(void *arg)
{
    struct scene *here = arg;

    conn_set_deadline(here->conn, engine_now());
    return S_OK;
}

static HRESULT read_until_shortened(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", scene_tls(here));
    struct fiber *other;
    char byte;
    size_t got;

    conn_set_deadline(conn, NO_DEADLINE);
    assert_hr(engine_spawn(engine_current(), shorten_soon, here, &other), S_OK);
    assert_hr(conn_read(conn, &byte, 1, &got), MAPI_E_TIMEOUT);
    assert_hr(fiber_join(other), S_OK);
    conn_close(conn);
    return S_OK;
}

Test(conn, a_new_deadline_counts_for_a_wait_in_progress)
{
    run_on_both(serve_silence, read_until_shortened);
}

static HRESULT read_forever(void *arg)
{
    struct scene *here = arg;
    char byte;
    size_t got;

    return conn_read(here->conn, &byte, 1, &got);
}

static HRESULT cancel_a_reader(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", scene_tls(here));
    struct fiber *reader;

    assert_hr(engine_spawn(engine_current(), read_forever, here, &reader), S_OK);
    fiber_yield();
    fiber_yield();
    fiber_cancel(reader);
    assert_hr(fiber_join(reader), MAPI_E_USER_CANCEL);

    assert_hr(conn_write(conn, "still", 5), S_OK); /* the connection is not harmed */
    expect_read(conn, "still");
    conn_close(conn);
    return S_OK;
}

Test(conn, a_cancelled_reader_unwinds)
{
    run_on_both(serve_echo, cancel_a_reader);
}

static HRESULT open_and_leave(void *arg)
{
    struct scene *here = arg;

    scene_connect(here, "localhost", scene_tls(here));
    return S_OK;
}

static void outlive_engine(void)
{
    scene_run(&scene, open_and_leave);
    engine_stop(scene.engine);
    conn_close(scene.conn);
}

Test(conn, a_connection_may_outlive_its_engine)
{
    scene_serve(&scene, false, serve_silence);
    outlive_engine();
}

Test(conn, an_encrypted_connection_may_outlive_its_engine)
{
    scene_certify(&scene, "DNS:localhost");
    scene_serve(&scene, true, serve_silence);
    outlive_engine();
}

/* ---- Giving way ---- */

#define FLOOD (160 * 1024)

/* Sends it all into the kernel's buffers, so that the client's reads need not wait. */
static void serve_flood(struct peer_stream *stream, void *arg)
{
    struct scene *here = arg;
    static const char bytes[FLOOD];

    setsockopt(stream->fd, SOL_SOCKET, SO_SNDBUF, &(int){1 << 20}, sizeof(int));
    peer_write(stream, bytes, sizeof(bytes));
    atomic_store(&here->flag, true);
    serve_silence(stream, arg);
    atomic_store(&here->flag, false);
}

static HRESULT count_turns(void *arg)
{
    unsigned *turns = arg;

    while (SUCCEEDED(fiber_yield()))
        ++*turns;
    return S_OK;
}

static HRESULT read_flood(void *arg)
{
    struct scene *here = arg;
    struct conn *conn = scene_connect(here, "localhost", scene_tls(here));
    unsigned turns = 0, before;
    struct fiber *other;
    char buffer[4096];
    size_t at = 0, got;

    while (!atomic_load(&here->flag))
        assert_hr(fiber_sleep_until(engine_now() + 1), S_OK);
    assert_hr(engine_spawn(engine_current(), count_turns, &turns, &other), S_OK);
    before = turns;
    while (at < FLOOD) {
        assert_hr(conn_read(conn, buffer, sizeof(buffer), &got), S_OK);
        at += got;
    }
    cr_expect_geq(turns - before, 1);
    fiber_cancel(other);
    fiber_join(other);
    conn_close(conn);
    return S_OK;
}

Test(conn, a_reader_gives_way_although_it_need_not_wait)
{
    run_on_both(serve_flood, read_flood);
}

/* ---- Watching ---- */

struct watch {
    struct conn *conn;
    struct engine_event fired;
    unsigned times;
};

static void watch_fired(void *arg)
{
    struct watch *watch = arg;

    cr_expect_eq(engine_place(), ENGINE_LOOP);
    watch->times++;
    engine_event_set(&watch->fired);
}

static HRESULT watch_for_bytes(void *arg)
{
    struct scene *here = arg;
    struct watch watch = {.conn = scene_connect(here, "localhost", scene_tls(here))};

    engine_event_init(&watch.fired);
    conn_watch(watch.conn, watch_fired, &watch);
    /* Session tickets of TLS 1.3 are on their way, and are no news. */
    assert_hr(engine_event_wait(&watch.fired, engine_now() + 50), MAPI_E_TIMEOUT);

    assert_hr(conn_write(watch.conn, "ab", 2), S_OK);
    assert_hr(engine_event_wait(&watch.fired, GUARD), S_OK);
    expect_read(watch.conn, "a");

    /* One byte is in the socket, or decrypted in the connection. */
    engine_event_reset(&watch.fired);
    conn_watch(watch.conn, watch_fired, &watch);
    cr_expect_eq(watch.times, 1, "not from inside conn_watch");
    assert_hr(engine_event_wait(&watch.fired, GUARD), S_OK);
    cr_expect_eq(watch.times, 2);
    expect_read(watch.conn, "b");
    cr_expect_eq(conn_buffered(watch.conn), 0);

    engine_event_clear(&watch.fired);
    conn_close(watch.conn);
    return S_OK;
}

Test(conn, a_watch_is_called_once_for_bytes_and_not_for_tickets)
{
    run_on_both(serve_echo, watch_for_bytes);
}

static HRESULT disarm(void *arg)
{
    struct scene *here = arg;
    struct watch watch = {.conn = scene_connect(here, "localhost", scene_tls(here))};

    engine_event_init(&watch.fired);
    conn_watch(watch.conn, watch_fired, &watch);
    conn_unwatch(watch.conn);
    assert_hr(conn_write(watch.conn, "a", 1), S_OK);
    expect_read(watch.conn, "a");

    conn_watch(watch.conn, watch_fired, &watch);
    assert_hr(conn_write(watch.conn, "b", 1), S_OK);
    expect_read(watch.conn, "b"); /* disarms */
    assert_hr(conn_write(watch.conn, "c", 1), S_OK);
    assert_hr(engine_event_wait(&watch.fired, engine_now() + 50), MAPI_E_TIMEOUT);
    cr_expect_eq(watch.times, 0);

    engine_event_clear(&watch.fired);
    conn_close(watch.conn);
    return S_OK;
}

Test(conn, a_read_or_unwatch_disarms)
{
    run_on_both(serve_echo, disarm);
}

static HRESULT watch_the_end(void *arg)
{
    struct scene *here = arg;
    struct watch watch = {.conn = scene_connect(here, "localhost", scene_tls(here))};
    char byte;
    size_t got;

    engine_event_init(&watch.fired);
    conn_watch(watch.conn, watch_fired, &watch);
    assert_hr(conn_write(watch.conn, "x", 1), S_OK);
    assert_hr(engine_event_wait(&watch.fired, GUARD), S_OK);
    assert_hr(conn_read(watch.conn, &byte, 1, &got), MAPI_E_NETWORK_ERROR);
    expect_words(*conn_error(watch.conn), "closed by peer");
    engine_event_clear(&watch.fired);
    conn_close(watch.conn);
    return S_OK;
}

Test(conn, a_watch_sees_the_end_of_the_stream)
{
    run_on_both(serve_close, watch_the_end);
}

static HRESULT watch_an_abort(void *arg)
{
    struct scene *here = arg;
    struct watch watch = {.conn = scene_connect(here, "localhost", scene_tls(here))};

    engine_event_init(&watch.fired);
    conn_watch(watch.conn, watch_fired, &watch);
    conn_abort(watch.conn);
    assert_hr(engine_event_wait(&watch.fired, GUARD), S_OK);
    engine_event_clear(&watch.fired);
    conn_close(watch.conn);
    return S_OK;
}

Test(conn, a_watch_sees_an_abort)
{
    run_on_both(serve_silence, watch_an_abort);
}

static void close_when_fired(void *arg)
{
    struct watch *watch = arg;

    conn_close(watch->conn);
    engine_event_set(&watch->fired);
}

static HRESULT close_from_the_watch(void *arg)
{
    struct scene *here = arg;
    struct watch watch = {.conn = scene_connect(here, "localhost", scene_tls(here))};

    engine_event_init(&watch.fired);
    assert_hr(conn_write(watch.conn, "x", 1), S_OK);
    conn_watch(watch.conn, close_when_fired, &watch);
    assert_hr(engine_event_wait(&watch.fired, GUARD), S_OK);
    engine_event_clear(&watch.fired);
    return S_OK;
}

Test(conn, a_watch_may_close_its_connection)
{
    run_on_both(serve_echo, close_from_the_watch);
}

Test(conn, closing_nothing_is_nothing)
{
    conn_close(NULL);
}
