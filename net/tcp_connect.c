/* net/tcp_connect.c - a TCP connection to the first of several addresses that answers
 *
 * A race of attempts (RFC 8305, section 5). The race lives on the stack of the fiber that runs it;
 * loop callbacks report to it while it waits. */
#include "net/tcp_connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "net/engine-private.h"
#include "net/errno_error.h"
#include "net/fd_watch.h"

#define NEXT_ATTEMPT_AFTER 250 /* ms */

/* An idle connection is probed after 25 s, then every 10 s; the kernel gives it up when 55 s have
 * passed without an answer, be it to a probe or to data. */
#define KEEPALIVE_IDLE     25    /* s */
#define KEEPALIVE_INTERVAL 10    /* s */
#define USER_TIMEOUT       55000 /* ms */

struct attempt {
    struct race *race;
    struct fd_watch *watch; /* NULL: not, or no longer, under way */
    int fd;
};

struct race {
    struct attempt attempts[RESOLVER_ADDRESSES_MAX];
    const struct sockaddr_storage *order[RESOLVER_ADDRESSES_MAX];
    size_t count, started, under_way;
    int winner; /* a connected socket, or -1 */
    int error;  /* errno of the most telling failure */
    struct fiber_wait *wait;
};

/* The resolver's order, the families taking turns (RFC 8305, section 4). */
static void race_order(struct race *race, const struct resolved *addresses)
{
    bool taken[RESOLVER_ADDRESSES_MAX] = {false};
    int last = AF_UNSPEC;

    race->count = addresses->count;
    for (size_t i = 0; i < addresses->count; i++) {
        size_t next = addresses->count;

        for (size_t j = addresses->count; j-- > 0;) {
            if (!taken[j] && addresses->addresses[j].ss_family != last)
                next = j;
        }
        for (size_t j = 0; next == addresses->count; j++) {
            if (!taken[j])
                next = j;
        }
        taken[next] = true;
        race->order[i] = &addresses->addresses[next];
        last = race->order[i]->ss_family;
    }
}

static int option_set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof(value));
}

static int socket_create(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

    if (fd < 0)
        return -1;
    /* None of these fails on a TCP socket of Linux. */
    option_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    option_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    option_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE);
    option_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL);
    option_set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT);
    return fd;
}

/* A host without IPv6 fails at once for each IPv6 address: that never is the reason. */
static bool is_no_route(int number)
{
    return number == ENETUNREACH || number == EHOSTUNREACH || number == EADDRNOTAVAIL ||
           number == EAFNOSUPPORT;
}

static void race_note_error(struct race *race, int number)
{
    if (race->error == 0 || is_no_route(race->error))
        race->error = number;
}

static void attempt_end(struct attempt *attempt)
{
    if (!attempt->watch)
        return;
    fd_watch_close(attempt->watch);
    attempt->watch = NULL;
    attempt->race->under_way--;
}

static void attempt_ready(void *arg, unsigned events)
{
    struct attempt *attempt = arg;
    struct race *race = attempt->race;
    socklen_t size = sizeof(int);
    int number = 0;

    if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0)
        number = errno;
    attempt_end(attempt);

    if (number == 0 && race->winner < 0) {
        race->winner = attempt->fd;
    } else {
        close(attempt->fd);
        if (number != 0)
            race_note_error(race, number);
    }
    if (race->wait)
        fiber_wake(race->wait, S_OK);
}

static socklen_t address_size(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                          : sizeof(struct sockaddr_in);
}

/* Starts the next attempt; one that fails at once is only noted. */
static void race_start_next(struct race *race)
{
    const struct sockaddr_storage *address = race->order[race->started];
    struct attempt *attempt = &race->attempts[race->started++];
    HRESULT hr;

    attempt->race = race;
    attempt->fd = socket_create(address->ss_family);
    if (attempt->fd < 0) {
        race_note_error(race, errno);
        return;
    }
    if (connect(attempt->fd, (const struct sockaddr *)address, address_size(address)) != 0 &&
        errno != EINPROGRESS) {
        race_note_error(race, errno);
        close(attempt->fd);
        return;
    }

    hr = fd_watch_create(engine_current(), attempt->fd, attempt_ready, attempt, &attempt->watch);
    if (FAILED(hr)) {
        race_note_error(race, hr == MAPI_E_NOT_ENOUGH_MEMORY ? ENOMEM : EMFILE);
        close(attempt->fd);
        return;
    }
    race->under_way++;
    fd_watch_want(attempt->watch, FD_WRITABLE);
}

static HRESULT race_wait(struct race *race, uint64_t deadline)
{
    struct fiber_wait wait = {0};
    HRESULT hr;

    race->wait = &wait;
    hr = fiber_wait(&wait, deadline);
    race->wait = NULL;
    return hr;
}

/* Until an attempt has won (S_OK), all have failed (race->error), or the wait is over. */
static HRESULT race_run(struct race *race, uint64_t deadline)
{
    uint64_t next_start = 0;

    for (;;) {
        uint64_t now = engine_now();
        HRESULT hr;

        if (race->winner >= 0)
            return S_OK;
        if (now >= deadline)
            return MAPI_E_TIMEOUT;

        if (race->started < race->count && (race->under_way == 0 || now >= next_start)) {
            race_start_next(race);
            next_start = now + NEXT_ATTEMPT_AFTER;
            continue;
        }
        if (race->under_way == 0)
            return MAPI_E_NETWORK_ERROR;

        hr = race_wait(race, race->started < race->count && next_start < deadline ? next_start
                                                                                  : deadline);
        if (FAILED(hr) && hr != MAPI_E_TIMEOUT)
            return hr;
    }
}

HRESULT tcp_connect(const struct resolved *addresses, const char *component, uint64_t deadline,
                    struct error_info *error, int *ret_fd)
{
    struct race race = {.winner = -1};
    HRESULT hr;

    race_order(&race, addresses);
    hr = race_run(&race, deadline);

    for (size_t i = 0; i < race.started; i++) {
        struct attempt *attempt = &race.attempts[i];

        if (attempt->watch) {
            attempt_end(attempt);
            close(attempt->fd);
        }
    }

    if (SUCCEEDED(hr)) {
        *ret_fd = race.winner;
        return S_OK;
    }
    if (race.winner >= 0)
        close(race.winner);
    if (hr == MAPI_E_NETWORK_ERROR)
        return errno_error(error, component, NULL, race.error);
    if (hr == MAPI_E_TIMEOUT)
        return error_set(error, hr, component, "no answer to the attempt to connect");
    return error_set(error, hr, component, "cancelled while connecting");
}
