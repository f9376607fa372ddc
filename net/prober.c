/* net/prober.c - is a lost server back?
 *
 * The engine's slot holds the probers and the gate that lets users through one by one. A try is a
 * fiber that looks the name up, connects and closes; at most one per prober. A prober goes with
 * its last user; one that goes during a try leaves the try an orphan, which frees it at its end. */
#include "net/prober.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "mapi/memory.h"
#include "net/engine-private.h"
#include "net/tcp_connect.h"

#define SECOND          1000
#define BRISK_FOR       (120 * SECOND) /* how long a lost server is tried every second */
#define DELAY_MAX       (30 * SECOND)
#define RELAPSE_WITHIN  (10 * SECOND) /* lost again so soon: the same outage */
#define TRY_GAP_MIN     SECOND        /* prober_now */
#define RELEASE_SPACING 5             /* ms between users: 200 a second */

/* A try must end before the kernel's second retransmission of SYN (after 3 s), or a server that
 * comes back might be noticed only by that. Later, patience costs nothing. */
#define TRY_TIMEOUT_BRISK   (3 * SECOND)
#define TRY_TIMEOUT_PATIENT (10 * SECOND)

struct probers;

struct prober {
    struct prober *next;
    struct probers *all;       /* NULL: without users, or the engine has stopped */
    struct engine *engine;     /* our reference */
    struct prober_user *users; /* joined */
    char *host;
    uint16_t port;

    struct engine_timer timer; /* the next try */
    bool trying;
    unsigned tries;       /* in this outage */
    uint64_t outage;      /* when it began; 0: none */
    uint64_t last_try;    /* when it began; 0: never */
    uint64_t last_answer; /* 0: never */
};

struct probers {
    struct engine *engine; /* who owns us */
    struct engine_hook hook;
    struct prober *first;
    struct engine_timer release; /* the next user */
};

/* ---- Letting users through ---- */

/* A user is IDLE, WAITING after prober_lost, ADMITTED from the server's answer to its turn. */
static struct prober_user *prober_find_user(const struct prober *prober, int state)
{
    for (struct prober_user *user = prober->users; user; user = user->next) {
        if ((int)user->state == state)
            return user;
    }
    return NULL;
}

static void release_fire(struct engine_timer *timer);

static void release_soon(struct probers *all, uint64_t spacing)
{
    engine_timer_start(all->engine, &all->release, engine_now() + spacing, release_fire);
}

static void release_fire(struct engine_timer *timer)
{
    struct probers *all = container_of(timer, struct probers, release);

    for (struct prober *prober = all->first; prober; prober = prober->next) {
        struct prober_user *user = prober_find_user(prober, PROBER_ADMITTED);

        if (!user)
            continue;
        user->state = PROBER_IDLE;
        release_soon(all, RELEASE_SPACING);
        user->reachable(user); /* may change every list: touch nothing after it */
        return;
    }
}

static void prober_admit(struct prober *prober)
{
    for (struct prober_user *user = prober->users; user; user = user->next) {
        if (user->state == PROBER_WAITING)
            user->state = PROBER_ADMITTED;
    }
    if (!prober->all->release.armed)
        release_soon(prober->all, 0);
}

/* ---- Trying ---- */

static void prober_free(struct prober *prober)
{
    free(prober->host);
    engine_unref(prober->engine);
    free(prober);
}

static uint64_t outage_age(const struct prober *prober)
{
    return prober->outage ? engine_now() - prober->outage : 0;
}

/* 0.25 s, 0.5 s, every second for two minutes; then doubling to 30 s, a fifth of it by chance so
 * that many clients of one server do not come back in step. */
static uint64_t prober_delay(const struct prober *prober)
{
    uint64_t delay = SECOND, age = outage_age(prober);
    uint32_t chance = 0;

    if (prober->tries < 2)
        return prober->tries == 0 ? 250 : 500;
    if (age < BRISK_FOR)
        return SECOND;
    for (age -= BRISK_FOR; delay < DELAY_MAX && age >= delay; delay *= 2)
        age -= delay;
    if (delay > DELAY_MAX)
        delay = DELAY_MAX;
    (void)getrandom(&chance, sizeof(chance), GRND_NONBLOCK);
    return delay - delay / 5 * (chance % 1000) / 1000;
}

static void prober_try_now(struct prober *prober);

static void prober_timer_fired(struct engine_timer *timer)
{
    prober_try_now(container_of(timer, struct prober, timer));
}

/* The next try counts from the beginning of the last one. */
static void prober_schedule(struct prober *prober)
{
    uint64_t from = prober->tries > 0 ? prober->last_try : engine_now();

    engine_timer_start(prober->engine, &prober->timer, from + prober_delay(prober),
                       prober_timer_fired);
}

static HRESULT prober_connect(struct prober *prober)
{
    uint64_t deadline =
        engine_now() + (outage_age(prober) < BRISK_FOR ? TRY_TIMEOUT_BRISK : TRY_TIMEOUT_PATIENT);
    struct resolved addresses;
    HRESULT hr = resolver_lookup(prober->host, prober->port, deadline, NULL, &addresses);
    int fd;

    if (FAILED(hr))
        return hr;
    hr = tcp_connect(&addresses, prober->host, deadline, NULL, &fd);
    if (FAILED(hr))
        return hr;
    close(fd);
    return S_OK;
}

static HRESULT prober_try(void *arg)
{
    struct prober *prober = arg;
    HRESULT hr = prober_connect(prober);

    prober->trying = false;
    if (!prober->users) {
        prober_free(prober);
        return hr;
    }
    if (!prober->all)
        return hr;

    if (SUCCEEDED(hr)) {
        prober->last_answer = engine_now();
        prober_admit(prober);
    } else if (prober_find_user(prober, PROBER_WAITING)) {
        prober_schedule(prober);
    }
    return hr;
}

static void prober_try_now(struct prober *prober)
{
    engine_timer_stop(prober->engine, &prober->timer);
    prober->last_try = engine_now();
    prober->tries++;
    prober->trying = true;
    if (FAILED(engine_spawn(prober->engine, prober_try, prober, NULL))) {
        prober->trying = false;
        prober_schedule(prober);
    }
}

/* ---- The slot ---- */

static void probers_stop(struct engine_hook *hook)
{
    struct probers *all = container_of(hook, struct probers, hook);

    *engine_slot(all->engine, ENGINE_SLOT_PROBERS) = NULL;
    engine_timer_stop(all->engine, &all->release);
    for (struct prober *prober = all->first; prober; prober = prober->next) {
        engine_timer_stop(all->engine, &prober->timer);
        prober->all = NULL;
    }
    free(all);
}

static struct probers *probers_get(struct engine *engine)
{
    void **slot = engine_slot(engine, ENGINE_SLOT_PROBERS);
    struct probers *all = *slot;

    if (all)
        return all;
    all = calloc(1, sizeof(*all));
    if (!all)
        return NULL;
    all->engine = engine;
    engine_hook_add(engine, &all->hook, probers_stop);
    *slot = all;
    return all;
}

static struct prober *prober_create(struct probers *all, const char *host, uint16_t port)
{
    struct prober *prober = calloc(1, sizeof(*prober));

    if (!prober)
        return NULL;
    prober->engine = engine_ref(all->engine);
    prober->port = port;
    prober->host = strdup(host);
    if (!prober->host) {
        prober_free(prober);
        return NULL;
    }
    prober->all = all;
    prober->next = all->first;
    all->first = prober;
    return prober;
}

HRESULT prober_join(const char *host, uint16_t port, struct prober_user *user,
                    struct prober **ret_prober)
{
    struct probers *all = probers_get(engine_current());
    struct prober *prober;

    if (!all)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (prober = all->first; prober; prober = prober->next) {
        if (prober->port == port && strcasecmp(prober->host, host) == 0)
            break;
    }
    if (!prober)
        prober = prober_create(all, host, port);
    if (!prober)
        return MAPI_E_NOT_ENOUGH_MEMORY;

    user->state = PROBER_IDLE;
    user->next = prober->users;
    prober->users = user;
    *ret_prober = prober;
    return S_OK;
}

static void prober_unlink(struct prober *prober)
{
    struct prober **at;

    if (!prober->all)
        return;
    engine_timer_stop(prober->engine, &prober->timer);
    for (at = &prober->all->first; *at != prober; at = &(*at)->next)
        ;
    *at = prober->next;
    prober->all = NULL;
}

void prober_leave(struct prober *prober, struct prober_user *user)
{
    struct prober_user **at;

    for (at = &prober->users; *at && *at != user; at = &(*at)->next)
        ;
    if (*at)
        *at = user->next;
    if (prober->users)
        return;

    prober_unlink(prober);
    if (!prober->trying)
        prober_free(prober);
}

/* ---- Questions ---- */

void prober_lost(struct prober *prober, struct prober_user *user)
{
    if (user->state == PROBER_IDLE)
        user->state = PROBER_WAITING;
    if (!prober->all || prober->trying || prober->timer.armed || user->state == PROBER_ADMITTED)
        return;
    if (!prober->last_answer || engine_now() - prober->last_answer > RELAPSE_WITHIN) {
        prober->outage = engine_now();
        prober->tries = 0;
    }
    prober_schedule(prober);
}

void prober_now(struct prober *prober)
{
    if (!prober->all || prober->trying || !prober_find_user(prober, PROBER_WAITING))
        return;
    if (prober->last_try && engine_now() - prober->last_try < TRY_GAP_MIN)
        return;
    prober_try_now(prober);
}

uint64_t prober_next_try_in(const struct prober *prober)
{
    uint64_t now = engine_now();

    if (prober->trying)
        return 0;
    if (!prober->timer.armed)
        return UINT64_MAX;
    return prober->timer.deadline > now ? prober->timer.deadline - now : 0;
}
