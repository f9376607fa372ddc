/* net/tls_context.c - OpenSSL's contexts of an engine, and its way to the socket
 *
 * Reading a bundle of authorities costs milliseconds of CPU, so contexts are kept per CA file and
 * made on a worker thread. Owned by the engine's TLS slot. */
#include "net/conn-private.h"

#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "mapi/mapicode.h"
#include "mapi/memory.h"
#include "net/openssl_init.h"

#define CONTEXTS_MAX 16

struct tls_context {
    char *ca_file; /* NULL: the system's */
    struct stat file;
    SSL_CTX *context; /* our reference; NULL: a free place */
};

struct tls_contexts {
    struct engine *engine; /* who owns us */
    struct engine_hook hook;
    struct tls_context contexts[CONTEXTS_MAX];
    size_t next_victim;
};

/* ---- The socket as a BIO ---- */

static int bio_read(BIO *bio, char *buffer, int size)
{
    struct conn *conn = BIO_get_data(bio);
    ssize_t got;

    BIO_clear_retry_flags(bio);
    do
        got = recv(conn->fd, buffer, (size_t)size, 0);
    while (got < 0 && errno == EINTR);

    if (got < 0) {
        conn->io_errno = errno;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            BIO_set_retry_read(bio);
    } else if (got == 0) {
        conn->peer_eof = true;
    }
    return (int)got;
}

static int bio_write(BIO *bio, const char *bytes, int size)
{
    struct conn *conn = BIO_get_data(bio);
    ssize_t sent;

    BIO_clear_retry_flags(bio);
    do
        sent = send(conn->fd, bytes, (size_t)size, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);

    if (sent < 0) {
        conn->io_errno = errno;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            BIO_set_retry_write(bio);
    }
    return (int)sent;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    struct conn *conn = BIO_get_data(bio);

    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_EOF:
        return conn->peer_eof;
    default:
        return 0;
    }
}

/* Made once and never freed: a connection may outlive its engine as a husk. */
static BIO_METHOD *bio_method;

static void bio_method_create(void)
{
    bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "mapigate socket");
    if (!bio_method)
        return;
    BIO_meth_set_read(bio_method, bio_read);
    BIO_meth_set_write(bio_method, bio_write);
    BIO_meth_set_ctrl(bio_method, bio_ctrl);
}

BIO *conn_bio_create(struct conn *conn)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    BIO *bio;

    pthread_once(&once, bio_method_create);
    bio = bio_method ? BIO_new(bio_method) : NULL;
    if (!bio)
        return NULL;
    BIO_set_data(bio, conn);
    BIO_set_init(bio, 1);
    return bio;
}

/* ---- Making a context ---- */

struct context_job {
    const char *ca_file;
    const char *component;
    struct error_info *error;
    SSL_CTX *context;
};

static bool context_load(SSL_CTX *context, const char *ca_file)
{
    if (!ca_file)
        return SSL_CTX_set_default_verify_paths(context) == 1;

    /* Who names a file trusts what is in it, also a certificate that is no authority's. */
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    return SSL_CTX_load_verify_file(context, ca_file) == 1;
}

static HRESULT context_make(void *arg)
{
    struct context_job *job = arg;
    SSL_CTX *context;

    ERR_clear_error();
    context = SSL_CTX_new(TLS_client_method());
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
        SSL_CTX_free(context);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);

    if (!context_load(context, job->ca_file)) {
        const char *reason = ERR_reason_error_string(ERR_peek_last_error());

        error_set(job->error, MAPI_E_LOGON_FAILED, job->component,
                  "cannot read the trusted certificates in %s: %s",
                  job->ca_file ? job->ca_file : "the system's folder",
                  reason ? reason : "unknown error");
        SSL_CTX_free(context);
        ERR_clear_error();
        return MAPI_E_LOGON_FAILED;
    }

    job->context = context;
    return S_OK;
}

/* ---- The engine's slot ---- */

static void contexts_clear(struct engine_hook *hook)
{
    struct tls_contexts *all = container_of(hook, struct tls_contexts, hook);

    *engine_slot(all->engine, ENGINE_SLOT_TLS) = NULL;
    for (size_t i = 0; i < CONTEXTS_MAX; i++) {
        free(all->contexts[i].ca_file);
        SSL_CTX_free(all->contexts[i].context);
    }
    free(all);
}

/* NULL without memory: then nothing is kept. */
static struct tls_contexts *contexts_get(void)
{
    struct engine *engine = engine_current();
    void **slot = engine_slot(engine, ENGINE_SLOT_TLS);
    struct tls_contexts *all = *slot;

    if (all)
        return all;
    all = calloc(1, sizeof(*all));
    if (!all)
        return NULL;
    all->engine = engine;
    engine_hook_add(engine, &all->hook, contexts_clear);
    *slot = all;
    return all;
}

static bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static struct tls_context *contexts_find(struct tls_contexts *all, const char *ca_file)
{
    for (size_t i = 0; i < CONTEXTS_MAX; i++) {
        if (all->contexts[i].context && same_name(all->contexts[i].ca_file, ca_file))
            return &all->contexts[i];
    }
    return NULL;
}

static void contexts_keep(struct tls_contexts *all, const char *ca_file, const struct stat *file,
                          SSL_CTX *context)
{
    struct tls_context *place = contexts_find(all, ca_file);
    char *name = ca_file ? strdup(ca_file) : NULL;

    if (ca_file && !name)
        return;
    if (!place)
        place = &all->contexts[all->next_victim++ % CONTEXTS_MAX];

    free(place->ca_file);
    SSL_CTX_free(place->context);
    SSL_CTX_up_ref(context);
    *place = (struct tls_context){.ca_file = name, .file = *file, .context = context};
}

HRESULT tls_context_get(const char *ca_file, const char *component, struct error_info *error,
                        SSL_CTX **ret_context)
{
    struct context_job job = {.ca_file = ca_file, .component = component, .error = error};
    struct stat file = {0};
    struct tls_contexts *all = contexts_get();
    struct tls_context *kept = all ? contexts_find(all, ca_file) : NULL;
    HRESULT hr;

    if (ca_file && stat(ca_file, &file) != 0) {
        error_set(error, MAPI_E_LOGON_FAILED, component,
                  "cannot read the trusted certificates in %s: %s", ca_file,
                  strerrordesc_np(errno));
        return MAPI_E_LOGON_FAILED;
    }
    if (kept && same_file(&kept->file, &file)) {
        SSL_CTX_up_ref(kept->context);
        *ret_context = kept->context;
        return S_OK;
    }

    openssl_init_once();
    hr = engine_work(context_make, &job);
    if (FAILED(hr))
        return hr;

    all = contexts_get(); /* others may have been here while we waited */
    if (all)
        contexts_keep(all, ca_file, &file, job.context);
    *ret_context = job.context;
    return S_OK;
}
