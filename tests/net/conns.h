/* tests/net/conns.h - connections to a peer, for tests of conn.h */
#ifndef TEST_CONNS_H
#define TEST_CONNS_H

#include <string.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "net/conn.h"
#include "tests/net/engines.h"
#include "tests/net/peer.h"

/* What one test works with: the fiber under test gets it as its argument. */
struct scene {
    struct engine *engine;
    struct peer *peer;
    struct identity *authority, *identity;
    char *ca_file;
    struct conn *conn;
    struct error_info error;
    atomic_bool flag; /* the test's own */
};

#define expect_words(error, words)                                                                 \
    cr_expect_not_null(strstr((error).text, (words)), "%s", (error).text)

/* An authority in a CA file, and a certificate of it for `names`. */
static inline void scene_certify(struct scene *scene, const char *names)
{
    scene->authority =
        identity_create(&(struct identity_options){.common_name = "Test CA", .authority = true});
    scene->identity = identity_create(&(struct identity_options){
        .common_name = "server", .names = names, .issuer = scene->authority});
    scene->ca_file = identity_file(scene->authority);
}

static inline void scene_serve(struct scene *scene, bool tls_first, peer_fn *serve)
{
    scene->peer = peer_start(&(struct peer_options){
        .identity = scene->identity, .tls_first = tls_first, .serve = serve, .arg = scene});
}

static inline void scene_end(struct scene *scene)
{
    if (scene->peer)
        peer_stop(scene->peer);
    if (scene->engine)
        engine_end(scene->engine);
    if (scene->ca_file)
        unlink(scene->ca_file);
    free(scene->ca_file);
    identity_free(scene->identity);
    identity_free(scene->authority);
}

/* Runs the fiber under test; it must end with S_OK. */
static inline void scene_run(struct scene *scene, engine_fn *fn)
{
    if (!scene->engine)
        scene->engine = engine_make("test");
    assert_hr(engine_call(scene->engine, fn, scene), S_OK);
}

static inline HRESULT scene_open(struct scene *scene, const char *host, enum conn_tls tls)
{
    struct conn_options options = {.host = host,
                                   .port = peer_port(scene->peer),
                                   .tls = tls,
                                   .ca_file = scene->ca_file,
                                   .deadline = GUARD};
    HRESULT hr;

    scene->conn = NULL;
    hr = conn_open(&options, &scene->error, &scene->conn);
    if (SUCCEEDED(hr))
        conn_set_deadline(scene->conn, GUARD);
    return hr;
}

/* Opens, or fails the test. */
static inline struct conn *scene_connect(struct scene *scene, const char *host, enum conn_tls tls)
{
    HRESULT hr = scene_open(scene, host, tls);

    cr_assert(hr == S_OK, "0x%08x: %s", (unsigned)hr, scene->error.text);
    return scene->conn;
}

/* Reads exactly `text`. */
static inline void expect_read(struct conn *conn, const char *text)
{
    size_t size = strlen(text), at = 0, got;
    char buffer[256];

    while (at < size) {
        HRESULT hr = conn_read(conn, buffer + at, size - at, &got);

        cr_assert(hr == S_OK, "0x%08x: %s", (unsigned)hr, conn_error(conn)->text);
        at += got;
    }
    cr_expect(memcmp(buffer, text, size) == 0, "%.*s", (int)size, buffer);
}

/* ---- What peers do ---- */

/* Gives back what it gets until the client closes. */
static inline void serve_echo(struct peer_stream *stream, void *arg)
{
    char buffer[16384];
    size_t got;

    while ((got = peer_read(stream, buffer, sizeof(buffer))) > 0)
        peer_write(stream, buffer, got);
}

/* Says nothing, until the client closes. */
static inline void serve_silence(struct peer_stream *stream, void *arg)
{
    char buffer[4096];

    while (peer_read(stream, buffer, sizeof(buffer)) > 0)
        ;
}

#endif
