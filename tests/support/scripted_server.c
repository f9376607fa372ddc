/* tests/support/scripted_server.c - see scripted_server.h */
#include "tests/support/scripted_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define GUARD_SECONDS 30
#define PLAYERS_MAX   32
#define NAMES_MAX     64

struct player {
    struct scripted_server *server;
    pthread_t thread;
    const char *script;
    unsigned number; /* counted from 1 */
    unsigned line;   /* of the script, counted from 1 */
    int fd;
    char tag[64];
    char in[65536];
    size_t in_size;
    struct {
        char pattern[256], answer[512];
    } always[4];
    unsigned always_count;
};

struct scripted_server {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    const char *const *scripts;
    size_t script_count;
    uint16_t port;
    int listener;
    int wake[2];
    bool stopping, refusing;
    unsigned accepted;
    struct player *players[PLAYERS_MAX];
    char *points[NAMES_MAX];
    unsigned point_count;
    char *released[NAMES_MAX];
    unsigned released_count;
    char *failure;
};

static void server_fail(struct scripted_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void server_fail(struct scripted_server *server, const char *format, ...)
{
    char *words = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&words, format, args) < 0)
        words = NULL;
    va_end(args);
    pthread_mutex_lock(&server->lock);
    if (!server->failure)
        server->failure = words;
    else
        free(words);
    pthread_mutex_unlock(&server->lock);
}

static struct timespec guard_time(void)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += GUARD_SECONDS;
    return at;
}

static bool name_listed(char *const *names, unsigned count, const char *name)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static void name_add(char **names, unsigned *count, const char *name)
{
    if (*count < NAMES_MAX && !name_listed(names, *count, name))
        names[(*count)++] = strdup(name);
}

/* Waits under the lock until `name` is listed, or the server stops. */
static int name_await(struct scripted_server *server, char *const *names, const unsigned *count,
                      const char *name)
{
    struct timespec until = guard_time();
    int rc = 0;

    pthread_mutex_lock(&server->lock);
    while (rc == 0 && !server->stopping && !name_listed(names, *count, name))
        rc = pthread_cond_timedwait(&server->changed, &server->lock, &until);
    rc = name_listed(names, *count, name) ? 0 : -1;
    pthread_mutex_unlock(&server->lock);
    return rc;
}

/* --- One connection -------------------------------------------------------------------------- */

static bool player_write(struct player *player, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = send(player->fd, bytes, size, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

/* Reads more; 1: got bytes, 0: the client closed (or reset), -1: guard time over, or stopping. */
static int player_fill(struct player *player)
{
    struct pollfd fds[2] = {{.fd = player->fd, .events = POLLIN},
                            {.fd = player->server->wake[0], .events = POLLIN}};
    ssize_t n;

    if (player->in_size == sizeof(player->in))
        return -1;
    if (poll(fds, 2, GUARD_SECONDS * 1000) <= 0 || !fds[0].revents)
        return -1;
    n = recv(player->fd, player->in + player->in_size, sizeof(player->in) - player->in_size, 0);
    if (n <= 0)
        return 0;
    player->in_size += (size_t)n;
    return 1;
}

static void player_consume(struct player *player, size_t size)
{
    memmove(player->in, player->in + size, player->in_size - size);
    player->in_size -= size;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* %t and the escapes of an S: line; returns the size. */
static size_t expand(const struct player *player, const char *text, char *out, size_t space)
{
    size_t size = 0;

    for (; *text && size + sizeof(player->tag) + 3 < space; text++) {
        if (text[0] == '%' && text[1] == 't') {
            size += (size_t)sprintf(out + size, "%s", player->tag);
            text++;
        } else if (text[0] == '\\' && text[1] == 'x' && text[2] && text[3]) {
            out[size++] = (char)(hex_digit(text[2]) << 4 | hex_digit(text[3]));
            text += 3;
        } else if (text[0] == '\\' && text[1]) {
            text++;
            out[size++] = *text == 'r' ? '\r' : *text == 'n' ? '\n' : *text == '0' ? '\0' : *text;
        } else {
            out[size++] = *text;
        }
    }
    return size;
}

static bool player_say(struct player *player, const char *text, bool line_end)
{
    size_t space = strlen(text) + 1024;
    char *out = malloc(space);
    size_t size = expand(player, text, out, space - 2);
    bool ok;

    if (line_end) {
        out[size++] = '\r';
        out[size++] = '\n';
    }
    ok = player_write(player, out, size);
    free(out);
    return ok;
}

/* True if `line` is what `pattern` asks for; takes the tag. */
static bool line_matches(struct player *player, const char *pattern, const char *line)
{
    if (strncmp(pattern, "%t ", 3) == 0) {
        const char *space = strchr(line, ' ');
        size_t size = space ? (size_t)(space - line) : 0;

        if (!space || size >= sizeof(player->tag))
            return false;
        if (fnmatch(pattern + 3, space + 1, 0) != 0)
            return false;
        memcpy(player->tag, line, size);
        player->tag[size] = '\0';
        return true;
    }
    return fnmatch(pattern, line, 0) == 0;
}

static bool player_answered_always(struct player *player, const char *line)
{
    for (unsigned i = 0; i < player->always_count; i++) {
        char tag[sizeof(player->tag)];
        bool matched;

        memcpy(tag, player->tag, sizeof(tag));
        matched = line_matches(player, player->always[i].pattern, line);
        if (matched)
            player_say(player, player->always[i].answer, true);
        memcpy(player->tag, tag, sizeof(tag));
        if (matched)
            return true;
    }
    return false;
}

/* Takes the next line; NULL when there is none (*ret_end as player_fill). */
static char *player_line(struct player *player, int *ret_end)
{
    for (;;) {
        char *end = memchr(player->in, '\n', player->in_size);
        char *line;
        size_t size;
        int rc;

        if (end) {
            size = (size_t)(end - player->in);
            line = strndup(player->in, size > 0 && end[-1] == '\r' ? size - 1 : size);
            player_consume(player, size + 1);
            if (!player_answered_always(player, line))
                return line;
            free(line);
            continue;
        }
        rc = player_fill(player);
        if (rc <= 0) {
            *ret_end = rc;
            return NULL;
        }
    }
}

static bool player_expect_line(struct player *player, const char *pattern)
{
    int end = 0;
    char *line = player_line(player, &end);
    bool ok;

    if (!line) {
        server_fail(player->server, "connection %u, line %u: expected \"%s\", but %s",
                    player->number, player->line, pattern,
                    end == 0 ? "the client closed" : "nothing came");
        return false;
    }
    ok = line_matches(player, pattern, line);
    if (!ok)
        server_fail(player->server, "connection %u, line %u: expected \"%s\", heard \"%s\"",
                    player->number, player->line, pattern, line);
    free(line);
    return ok;
}

static bool player_expect_bytes(struct player *player, size_t size)
{
    while (size > 0) {
        size_t take = player->in_size < size ? player->in_size : size;

        player_consume(player, take);
        size -= take;
        if (size > 0 && player_fill(player) <= 0) {
            server_fail(player->server, "connection %u, line %u: %zu bytes are missing",
                        player->number, player->line, size);
            return false;
        }
    }
    return true;
}

static bool player_flood(struct player *player, const char *text)
{
    char *rest;
    size_t count = strtoul(text, &rest, 10);
    char block[4096];

    memset(block, rest[0] ? rest[1] : 'x', sizeof(block));
    while (count > 0) {
        size_t n = count < sizeof(block) ? count : sizeof(block);

        if (!player_write(player, block, n))
            return true; /* the client had enough: the rest of the script tells */
        count -= n;
    }
    return true;
}

static bool player_expect_close(struct player *player, bool tolerant)
{
    for (;;) {
        int end = 0;
        char *line = player_line(player, &end);

        if (!line) {
            if (end != 0 && !player->server->stopping)
                server_fail(player->server, "connection %u, line %u: the client did not close",
                            player->number, player->line);
            return end == 0;
        }
        /* LOGOUT is good manners on the way out. */
        if (!tolerant && !strstr(line, "LOGOUT") && !strstr(line, "QUIT")) {
            server_fail(player->server, "connection %u, line %u: expected the end, heard \"%s\"",
                        player->number, player->line, line);
            free(line);
            return false;
        }
        if (strstr(line, " LOGOUT")) {
            char answer[160];

            snprintf(answer, sizeof(answer), "* BYE\r\n%.*s OK bye\r\n", (int)strcspn(line, " "),
                     line);
            player_write(player, answer, strlen(answer));
        }
        free(line);
    }
}

static void player_add_always(struct player *player, const char *text)
{
    const char *arrow = strstr(text, " => ");

    if (!arrow || player->always_count == 4)
        return;
    snprintf(player->always[player->always_count].pattern, 256, "%.*s", (int)(arrow - text), text);
    snprintf(player->always[player->always_count].answer, 512, "%s", arrow + 4);
    player->always_count++;
}

/* Plays one step; false ends the script. */
static bool player_step(struct player *player, char kind, const char *text)
{
    struct scripted_server *server = player->server;

    switch (kind) {
    case 'S':
        player_say(player, text, true);
        return true;
    case 's':
        player_say(player, text, false);
        return true;
    case 'C':
        return player_expect_line(player, text);
    case 'B':
        return player_expect_bytes(player, strtoul(text, NULL, 10));
    case 'F':
        return player_flood(player, text);
    case 'P':
        pthread_mutex_lock(&server->lock);
        name_add(server->points, &server->point_count, text);
        pthread_cond_broadcast(&server->changed);
        pthread_mutex_unlock(&server->lock);
        return true;
    case 'H':
        if (name_await(server, server->released, &server->released_count, text) == 0)
            return true;
        server_fail(server, "connection %u: nobody released \"%s\"", player->number, text);
        return false;
    case 'Z':
        usleep((useconds_t)strtoul(text, NULL, 10) * 1000);
        return true;
    case 'X':
        shutdown(player->fd, SHUT_RDWR);
        return false;
    case 'R': {
        struct linger linger = {.l_onoff = 1};

        setsockopt(player->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
        return false;
    }
    case 'E':
        player_expect_close(player, false);
        return false;
    case 'U':
        player_expect_close(player, true);
        return false;
    case '*':
        player_add_always(player, text);
        return true;
    default:
        server_fail(server, "connection %u, line %u: no such step", player->number, player->line);
        return false;
    }
}

static void *player_run(void *arg)
{
    struct player *player = arg;
    const char *at = player->script;
    bool going = true;

    while (going && *at) {
        size_t size = strcspn(at, "\n");
        char *line = strndup(at, size);
        char *text = line + strspn(line, " ");

        player->line++;
        at += size + (at[size] != '\0');
        if (*text && *text != '#') {
            const char *rest = text[1] == ':' ? text + 2 : text + 1;

            going = player_step(player, *text, *rest == ' ' ? rest + 1 : rest);
        }
        free(line);
    }
    if (going)
        player_expect_close(player, false);
    close(player->fd);
    return NULL;
}

/* --- The listener ---------------------------------------------------------------------------- */

static int listen_on(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t size = sizeof(address);
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 16) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        close(fd);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

/* The lock is held. */
static void server_accept(struct scripted_server *server)
{
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    struct player *player;

    if (fd < 0)
        return;
    if (server->accepted >= server->script_count || server->accepted >= PLAYERS_MAX) {
        close(fd);
        return;
    }
    player = calloc(1, sizeof(*player));
    player->server = server;
    player->script = server->scripts[server->accepted];
    player->number = server->accepted + 1;
    player->fd = fd;
    server->players[server->accepted++] = player;
    pthread_create(&player->thread, NULL, player_run, player);
    pthread_cond_broadcast(&server->changed);
}

static void *server_run(void *arg)
{
    struct scripted_server *server = arg;

    pthread_mutex_lock(&server->lock);
    while (!server->stopping) {
        struct pollfd fds[2] = {{.fd = server->listener, .events = POLLIN},
                                {.fd = server->wake[0], .events = POLLIN}};

        pthread_mutex_unlock(&server->lock);
        poll(fds, 2, 20); /* the time-out notices a listener that came or went */
        pthread_mutex_lock(&server->lock);
        if (!server->stopping && fds[0].fd == server->listener && fds[0].revents & POLLIN)
            server_accept(server);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

struct scripted_server *scripted_server_start(const char *const *scripts, size_t count)
{
    struct scripted_server *server = calloc(1, sizeof(*server));

    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    server->scripts = scripts;
    server->script_count = count;
    server->listener = listen_on(&server->port);
    if (server->listener < 0 || pipe(server->wake) < 0)
        abort();
    pthread_create(&server->thread, NULL, server_run, server);
    return server;
}

uint16_t scripted_server_port(const struct scripted_server *server)
{
    return server->port;
}

unsigned scripted_server_accepted(struct scripted_server *server)
{
    unsigned accepted;

    pthread_mutex_lock(&server->lock);
    accepted = server->accepted;
    pthread_mutex_unlock(&server->lock);
    return accepted;
}

int scripted_server_await(struct scripted_server *server, const char *name)
{
    return name_await(server, server->points, &server->point_count, name);
}

void scripted_server_release(struct scripted_server *server, const char *name)
{
    pthread_mutex_lock(&server->lock);
    name_add(server->released, &server->released_count, name);
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

void scripted_server_refuse(struct scripted_server *server)
{
    pthread_mutex_lock(&server->lock);
    if (server->listener >= 0) {
        shutdown(server->listener, SHUT_RDWR); /* a poll in progress would keep it listening */
        close(server->listener);
    }
    server->listener = -1;
    pthread_mutex_unlock(&server->lock);
}

void scripted_server_accept_again(struct scripted_server *server)
{
    pthread_mutex_lock(&server->lock);
    if (server->listener < 0)
        server->listener = listen_on(&server->port);
    if (server->listener < 0)
        abort();
    pthread_mutex_unlock(&server->lock);
}

char *scripted_server_stop(struct scripted_server *server)
{
    char *failure;

    if (scripted_server_accepted(server) < server->script_count)
        server_fail(server, "only %u of %zu scripts were begun", scripted_server_accepted(server),
                    server->script_count);
    for (unsigned i = 0; i < scripted_server_accepted(server); i++)
        pthread_join(server->players[i]->thread, NULL);

    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    pthread_mutex_unlock(&server->lock);
    if (write(server->wake[1], "", 1) < 0)
        abort();
    pthread_join(server->thread, NULL);
    for (unsigned i = 0; i < server->accepted; i++)
        free(server->players[i]);
    for (unsigned i = 0; i < server->point_count; i++)
        free(server->points[i]);
    for (unsigned i = 0; i < server->released_count; i++)
        free(server->released[i]);
    if (server->listener >= 0)
        close(server->listener);
    close(server->wake[0]);
    close(server->wake[1]);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    failure = server->failure;
    free(server);
    return failure;
}
