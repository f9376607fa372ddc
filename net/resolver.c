/* net/resolver.c - host names to addresses, by c-ares on the engine's loop
 *
 * One `struct name` for each name that was asked for lately: its last good answer, and the query
 * in flight with all who wait for it. A waiter that gives up leaves the query running: its answer
 * serves the next. c-ares' sockets and its one timer are driven from here; channel and names live
 * in the engine's resolver slot. */
#include "net/resolver-private.h"

#include <ares.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mapi/mapicode.h"
#include "mapi/memory.h"
#include "net/engine-private.h"
#include "net/fd_watch.h"

#define NAMES_MAX     256
#define HOST_SIZE_MAX 255     /* RFC 1035, section 2.3.4 */
#define TTL_MAX       3600    /* s: whatever the zone says, a moved server is found in an hour */
#define STALE_FOR     3600000 /* ms that a good answer serves while the resolver fails */
#define STALE_AFTER   1800    /* ms of waiting, then a stale answer will do (RFC 8767) */
#define QUERY_TIMEOUT 2000    /* ms for the first try; c-ares doubles it for each further one */
#define QUERY_TRIES   3
#define SOCKETS_MAX   16

struct name_waiter {
    struct name_waiter *next;
    struct fiber_wait wait;
};

struct name {
    struct name *next;
    struct resolver *resolver; /* who owns us */
    char host[HOST_SIZE_MAX + 1];
    uint64_t used; /* when last asked for */

    bool querying;
    int status; /* c-ares' word on the last query */
    struct name_waiter *waiters;

    struct resolved answer; /* without ports; count 0: never a good one */
    uint64_t answered;      /* when */
    uint64_t expires;
};

struct resolver_socket {
    struct resolver *resolver;
    struct fd_watch *watch; /* NULL: a free place */
    ares_socket_t fd;
};

struct resolver {
    struct engine *engine; /* who owns us */
    struct engine_hook hook;
    ares_channel channel;
    bool has_channel;
    struct stat configuration; /* /etc/resolv.conf as the channel read it */
    char *servers;             /* instead of the configuration's; NULL: none */
    unsigned timeout;          /* with `servers` */
    uint64_t aged;             /* see resolver_age */
    size_t queries;            /* in flight */
    struct resolver_socket sockets[SOCKETS_MAX];
    struct engine_timer timer;
    struct name *names;
    size_t name_count;
};

static uint64_t resolver_now(const struct resolver *resolver)
{
    return engine_now() + resolver->aged;
}

/* ---- c-ares on the loop ---- */

static void timer_update(struct resolver *resolver);

static void timer_fired(struct engine_timer *timer)
{
    struct resolver *resolver = container_of(timer, struct resolver, timer);

    ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    timer_update(resolver);
}

static void timer_update(struct resolver *resolver)
{
    struct timeval wait;

    if (resolver->queries == 0 || !ares_timeout(resolver->channel, NULL, &wait)) {
        engine_timer_stop(resolver->engine, &resolver->timer);
        return;
    }
    engine_timer_start(resolver->engine, &resolver->timer,
                       engine_now() + (uint64_t)wait.tv_sec * 1000 +
                           (uint64_t)(wait.tv_usec + 999) / 1000,
                       timer_fired);
}

static void socket_ready(void *arg, unsigned events)
{
    struct resolver_socket *place = arg;
    struct resolver *resolver = place->resolver;
    ares_socket_t fd = place->fd;

    ares_process_fd(resolver->channel, events & FD_READABLE ? fd : ARES_SOCKET_BAD,
                    events & FD_WRITABLE ? fd : ARES_SOCKET_BAD);
    timer_update(resolver);
}

static struct resolver_socket *socket_place(struct resolver *resolver, ares_socket_t fd)
{
    struct resolver_socket *free_place = NULL;

    for (size_t i = 0; i < SOCKETS_MAX; i++) {
        struct resolver_socket *place = &resolver->sockets[i];

        if (place->watch && place->fd == fd)
            return place;
        if (!place->watch)
            free_place = place;
    }
    return free_place;
}

/* c-ares opens, wants and closes a socket of its own. One that finds no place is not watched: its
 * query times out and is tried again. */
static void socket_changed(void *data, ares_socket_t fd, int readable, int writable)
{
    struct resolver *resolver = data;
    struct resolver_socket *place = socket_place(resolver, fd);
    unsigned wanted = (readable ? FD_READABLE : 0) | (writable ? FD_WRITABLE : 0);

    if (!place || (!place->watch && wanted == 0))
        return;
    if (wanted == 0) {
        fd_watch_close(place->watch);
        place->watch = NULL;
        return;
    }
    if (!place->watch) {
        place->resolver = resolver;
        place->fd = fd;
        if (FAILED(fd_watch_create(resolver->engine, fd, socket_ready, place, &place->watch)))
            return;
    }
    fd_watch_want(place->watch, wanted);
}

/* ---- The channel ---- */

static void library_init(void)
{
    ares_library_init(ARES_LIB_INIT_ALL); /* does nothing but count, on this system */
}

static int channel_create(struct resolver *resolver)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct ares_options options = {
        .timeout = resolver->servers ? (int)resolver->timeout : QUERY_TIMEOUT,
        .tries = resolver->servers ? 2 : QUERY_TRIES,
        .lookups = (char *)"fb", /* the hosts file, then the servers */
        .sock_state_cb = socket_changed,
        .sock_state_cb_data = resolver,
    };
    int status;

    pthread_once(&once, library_init);
    status = ares_init_options(&resolver->channel, &options,
                               ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                                   ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS)
        return status;
    if (resolver->servers)
        status = ares_set_servers_ports_csv(resolver->channel, resolver->servers);
    if (status != ARES_SUCCESS) {
        ares_destroy(resolver->channel);
        return status;
    }
    resolver->has_channel = true;
    return ARES_SUCCESS;
}

static void channel_destroy(struct resolver *resolver)
{
    if (!resolver->has_channel)
        return;
    ares_destroy(resolver->channel); /* ends queries with ARES_EDESTRUCTION, closes sockets */
    resolver->has_channel = false;
    engine_timer_stop(resolver->engine, &resolver->timer);
}

/* Another network has other servers: c-ares reads its configuration only once, so an idle channel
 * is made anew when the file has changed. */
static int channel_refresh(struct resolver *resolver)
{
    struct stat now = {0};

    (void)stat("/etc/resolv.conf", &now);
    if (resolver->has_channel &&
        (resolver->queries > 0 || (now.st_ino == resolver->configuration.st_ino &&
                                   now.st_mtim.tv_sec == resolver->configuration.st_mtim.tv_sec &&
                                   now.st_mtim.tv_nsec == resolver->configuration.st_mtim.tv_nsec)))
        return ARES_SUCCESS;

    channel_destroy(resolver);
    resolver->configuration = now;
    return channel_create(resolver);
}

/* ---- The slot ---- */

static void resolver_stop(struct engine_hook *hook)
{
    struct resolver *resolver = container_of(hook, struct resolver, hook);

    *engine_slot(resolver->engine, ENGINE_SLOT_RESOLVER) = NULL;
    channel_destroy(resolver);
    while (resolver->names) {
        struct name *name = resolver->names;

        resolver->names = name->next;
        free(name);
    }
    free(resolver->servers);
    free(resolver);
}

static struct resolver *resolver_get(void)
{
    struct engine *engine = engine_current();
    void **slot = engine_slot(engine, ENGINE_SLOT_RESOLVER);
    struct resolver *resolver = *slot;

    if (resolver)
        return resolver;
    resolver = calloc(1, sizeof(*resolver));
    if (!resolver)
        return NULL;
    resolver->engine = engine;
    engine_hook_add(engine, &resolver->hook, resolver_stop);
    *slot = resolver;
    return resolver;
}

HRESULT resolver_use_servers(const char *servers, unsigned timeout)
{
    struct resolver *resolver = resolver_get();
    char *copy = strdup(servers);

    if (!resolver || !copy) {
        free(copy);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    channel_destroy(resolver);
    free(resolver->servers);
    resolver->servers = copy;
    resolver->timeout = timeout;
    return S_OK;
}

void resolver_age(uint64_t ms)
{
    struct resolver *resolver = resolver_get();

    if (resolver)
        resolver->aged += ms;
}

/* ---- Names ---- */

/* Makes room when there are too many: the name that nobody has asked for the longest goes. */
static void names_evict(struct resolver *resolver)
{
    struct name **oldest = NULL;

    if (resolver->name_count < NAMES_MAX)
        return;
    for (struct name **at = &resolver->names; *at; at = &(*at)->next) {
        if (!(*at)->querying && !(*at)->waiters && (!oldest || (*at)->used < (*oldest)->used))
            oldest = at;
    }
    if (oldest) {
        struct name *name = *oldest;

        *oldest = name->next;
        resolver->name_count--;
        free(name);
    }
}

/* `host` is in lower case and fits. */
static struct name *name_get(struct resolver *resolver, const char *host)
{
    struct name *name;

    for (name = resolver->names; name; name = name->next) {
        if (strcmp(name->host, host) == 0)
            break;
    }
    if (!name) {
        names_evict(resolver);
        name = calloc(1, sizeof(*name));
        if (!name)
            return NULL;
        name->resolver = resolver;
        strcpy(name->host, host);
        name->next = resolver->names;
        resolver->names = name;
        resolver->name_count++;
    }
    name->used = resolver_now(resolver);
    return name;
}

static void name_store(struct name *name, const struct ares_addrinfo *answer)
{
    uint64_t now = resolver_now(name->resolver);
    int ttl = TTL_MAX;

    name->answer.count = 0;
    for (const struct ares_addrinfo_node *node = answer->nodes; node; node = node->ai_next) {
        if (name->answer.count == RESOLVER_ADDRESSES_MAX)
            break;
        if (node->ai_addrlen > sizeof(struct sockaddr_storage) ||
            (node->ai_family != AF_INET && node->ai_family != AF_INET6))
            continue;
        memcpy(&name->answer.addresses[name->answer.count++], node->ai_addr, node->ai_addrlen);
        if (node->ai_ttl < ttl)
            ttl = node->ai_ttl;
    }
    for (const struct ares_addrinfo_cname *cname = answer->cnames; cname; cname = cname->next) {
        if (cname->ttl < ttl)
            ttl = cname->ttl;
    }
    if (name->answer.count == 0)
        name->status = ARES_ENODATA;
    name->answered = now;
    name->expires = now + (ttl > 0 ? (uint64_t)ttl * 1000 : 0);
}

static void name_answered(void *arg, int status, int timeouts, struct ares_addrinfo *answer)
{
    struct name *name = arg;

    name->querying = false;
    name->resolver->queries--;
    name->status = status;
    if (status == ARES_SUCCESS)
        name_store(name, answer);
    else if (status == ARES_ENOTFOUND || status == ARES_ENODATA)
        name->answer.count = 0; /* the zone's own word: the old answer holds no longer */
    ares_freeaddrinfo(answer);

    for (struct name_waiter *waiter = name->waiters; waiter; waiter = waiter->next)
        fiber_wake(&waiter->wait, S_OK);
}

static void name_query(struct name *name)
{
    static const struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC,
                                                     .ai_socktype = SOCK_STREAM};
    struct resolver *resolver = name->resolver;
    int status = channel_refresh(resolver);

    if (status != ARES_SUCCESS) {
        name->status = status;
        return;
    }
    name->querying = true;
    resolver->queries++;
    /* What the hosts file has is answered before this returns. */
    ares_getaddrinfo(resolver->channel, name->host, NULL, &hints, name_answered, name);
    timer_update(resolver);
}

static HRESULT name_wait(struct name *name, uint64_t deadline)
{
    struct name_waiter waiter = {.next = name->waiters};
    struct name_waiter **at;
    HRESULT hr;

    name->waiters = &waiter;
    hr = fiber_wait(&waiter.wait, deadline);
    for (at = &name->waiters; *at != &waiter; at = &(*at)->next)
        ;
    *at = waiter.next;
    return hr;
}

/* ---- Looking up ---- */

static bool is_fresh(const struct name *name)
{
    return name->answer.count > 0 && resolver_now(name->resolver) < name->expires;
}

static bool is_usable(const struct name *name)
{
    return name->answer.count > 0 && resolver_now(name->resolver) < name->answered + STALE_FOR;
}

static HRESULT status_error(int status, const char *host, struct error_info *error)
{
    if (status == ARES_ENOMEM)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (status == ARES_ENOTFOUND)
        return error_set(error, MAPI_E_NETWORK_ERROR, host, "there is no host of this name");
    if (status == ARES_ENODATA)
        return error_set(error, MAPI_E_NETWORK_ERROR, host, "the name has no address");
    if (status == ARES_EBADNAME)
        return error_set(error, MAPI_E_NETWORK_ERROR, host, "this is not a host name");
    return error_set(error, MAPI_E_NETWORK_ERROR, host, "the name servers give no answer: %s",
                     ares_strerror(status));
}

static HRESULT name_lookup(struct name *name, const char *host, uint64_t deadline,
                           struct error_info *error)
{
    uint64_t stale_at = engine_now() + STALE_AFTER;
    HRESULT hr = S_OK;

    if (is_fresh(name))
        return S_OK;
    name->status = ARES_SUCCESS;
    if (!name->querying)
        name_query(name);

    while (name->querying && SUCCEEDED(hr)) {
        bool stale = is_usable(name) && stale_at < deadline;

        hr = name_wait(name, stale ? stale_at : deadline);
        if (hr == MAPI_E_TIMEOUT && is_usable(name))
            return S_OK;
    }

    if (hr == MAPI_E_TIMEOUT)
        return error_set(error, hr, host, "the name servers did not answer in time");
    if (FAILED(hr))
        return error_set(error, hr, host, "cancelled while looking up the name");
    if (name->status == ARES_SUCCESS || is_usable(name))
        return S_OK;
    return status_error(name->status, host, error);
}

/* A literal needs no resolver; getaddrinfo only parses here, scope identifiers too. */
static bool literal_lookup(const char *host, struct resolved *ret)
{
    static const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;

    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return false;
    memset(ret, 0, sizeof(*ret));
    memcpy(&ret->addresses[0], found->ai_addr, found->ai_addrlen);
    ret->count = 1;
    freeaddrinfo(found);
    return true;
}

static void ports_set(struct resolved *resolved, uint16_t port)
{
    for (size_t i = 0; i < resolved->count; i++) {
        struct sockaddr_storage *address = &resolved->addresses[i];

        if (address->ss_family == AF_INET6)
            ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
        else
            ((struct sockaddr_in *)address)->sin_port = htons(port);
    }
}

/* To lower case. */
static bool host_normalise(const char *host, char out[HOST_SIZE_MAX + 1])
{
    size_t size = strlen(host);

    if (size == 0 || size > HOST_SIZE_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        out[i] = (char)tolower((unsigned char)host[i]);
    out[size] = '\0';
    return true;
}

HRESULT resolver_lookup(const char *host, uint16_t port, uint64_t deadline,
                        struct error_info *error, struct resolved *ret)
{
    char normal[HOST_SIZE_MAX + 1];
    struct resolver *resolver;
    struct name *name;
    HRESULT hr;

    if (literal_lookup(host, ret)) {
        ports_set(ret, port);
        return S_OK;
    }
    if (!host_normalise(host, normal))
        return error_set(error, MAPI_E_NETWORK_ERROR, host, "this is not a host name");

    resolver = resolver_get();
    name = resolver ? name_get(resolver, normal) : NULL;
    if (!name)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, host, "not enough memory");

    hr = name_lookup(name, host, deadline, error);
    if (FAILED(hr))
        return hr;
    *ret = name->answer;
    ports_set(ret, port);
    return S_OK;
}
