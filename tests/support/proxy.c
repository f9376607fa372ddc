/* tests/support/proxy.c - between a client and an honest server, to lie when told */
#include "tests/support/proxy.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

#define LINE_MAX_SIZE 65536

struct link {
    struct link *next;
    struct proxy *proxy;
    pthread_t thread;
    int client, server;
    char line[LINE_MAX_SIZE];
    size_t line_size;
};

struct proxy {
    pthread_mutex_t lock;
    pthread_t thread;
    int listener, wake[2];
    uint16_t port, server_port;
    struct proxy_lie lie; /* pattern NULL: none */
    unsigned told, accepted;
    struct link *links;
};

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

/* --- Lies ------------------------------------------------------------------------------------- */

static bool say(int fd, const char *answer, const char *tag, size_t tag_size)
{
    const char *mark;

    while ((mark = strstr(answer, "%t"))) {
        if (!write_all(fd, answer, (size_t)(mark - answer)) || !write_all(fd, tag, tag_size))
            return false;
        answer = mark + 2;
    }
    return write_all(fd, answer, strlen(answer));
}

/* One line of the client, with its line end; false: the connection is over. */
static bool pass_line(struct link *link, const char *line, size_t size)
{
    struct proxy *proxy = link->proxy;
    size_t tag_size = strcspn(line, " \r\n");
    char *rest = strndup(line + tag_size, size - tag_size);
    struct proxy_lie lie;
    bool lying;

    rest[strcspn(rest, "\r\n")] = '\0';
    pthread_mutex_lock(&proxy->lock);
    lie = proxy->lie;
    lying = lie.pattern && fnmatch(lie.pattern, rest[0] ? rest + 1 : rest, 0) == 0;
    proxy->told += lying;
    pthread_mutex_unlock(&proxy->lock);
    free(rest);
    if (!lying)
        return write_all(link->server, line, size);
    if (!say(link->client, lie.answer, line, tag_size) || lie.close)
        return false;
    return !lie.honest_too || write_all(link->server, line, size);
}

/* --- One connection --------------------------------------------------------------------------- */

static bool from_client(struct link *link)
{
    ssize_t n = recv(link->client, link->line + link->line_size,
                     sizeof(link->line) - link->line_size - 1, 0);
    char *end;

    if (n <= 0)
        return false;
    link->line_size += (size_t)n;
    link->line[link->line_size] = '\0';
    while ((end = memchr(link->line, '\n', link->line_size))) {
        size_t size = (size_t)(end - link->line) + 1;

        if (!pass_line(link, link->line, size))
            return false;
        memmove(link->line, link->line + size, link->line_size - size + 1);
        link->line_size -= size;
    }
    if (link->line_size < sizeof(link->line) - 1)
        return true;
    n = write_all(link->server, link->line, link->line_size); /* no line of a command */
    link->line_size = 0;
    return n;
}

static bool from_server(struct link *link)
{
    char bytes[16384];
    ssize_t n = recv(link->server, bytes, sizeof(bytes), 0);

    return n > 0 && write_all(link->client, bytes, (size_t)n);
}

static void *run_link(void *arg)
{
    struct link *link = arg;
    bool going = true;

    while (going) {
        struct pollfd fds[3] = {{.fd = link->client, .events = POLLIN},
                                {.fd = link->server, .events = POLLIN},
                                {.fd = link->proxy->wake[0], .events = POLLIN}};

        going = poll(fds, 3, -1) > 0 && !fds[2].revents;
        if (going && fds[0].revents)
            going = from_client(link);
        if (going && fds[1].revents)
            going = from_server(link);
    }
    shutdown(link->client, SHUT_RDWR);
    shutdown(link->server, SHUT_RDWR);
    return NULL;
}

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void open_link(struct proxy *proxy, int client)
{
    struct sockaddr_in there = loopback(proxy->server_port);
    struct link *link = calloc(1, sizeof(*link));
    int one = 1;

    link->proxy = proxy;
    link->client = client;
    link->server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(link->server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(link->server, (struct sockaddr *)&there, sizeof(there)) != 0) {
        close(link->server);
        close(client);
        free(link);
        return;
    }
    pthread_mutex_lock(&proxy->lock);
    link->next = proxy->links;
    proxy->links = link;
    proxy->accepted++;
    pthread_create(&link->thread, NULL, run_link, link);
    pthread_mutex_unlock(&proxy->lock);
}

static void *run_listener(void *arg)
{
    struct proxy *proxy = arg;

    for (;;) {
        struct pollfd fds[2] = {{.fd = proxy->listener, .events = POLLIN},
                                {.fd = proxy->wake[0], .events = POLLIN}};
        int client;

        if (poll(fds, 2, -1) <= 0 || fds[1].revents)
            return NULL;
        client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0)
            open_link(proxy, client);
    }
}

/* --- For the test ----------------------------------------------------------------------------- */

struct proxy *proxy_start(uint16_t server_port)
{
    struct sockaddr_in here = loopback(0);
    struct proxy *proxy = calloc(1, sizeof(*proxy));
    socklen_t size = sizeof(here);

    pthread_mutex_init(&proxy->lock, NULL);
    proxy->server_port = server_port;
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(bind(proxy->listener, (struct sockaddr *)&here, sizeof(here)) == 0 &&
              listen(proxy->listener, 16) == 0 &&
              getsockname(proxy->listener, (struct sockaddr *)&here, &size) == 0 &&
              pipe(proxy->wake) == 0);
    proxy->port = ntohs(here.sin_port);
    pthread_create(&proxy->thread, NULL, run_listener, proxy);
    return proxy;
}

uint16_t proxy_port(const struct proxy *proxy)
{
    return proxy->port;
}

void proxy_lie(struct proxy *proxy, const struct proxy_lie *lie)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->lie = lie ? *lie : (struct proxy_lie){0};
    proxy->told = 0;
    pthread_mutex_unlock(&proxy->lock);
}

static unsigned number(struct proxy *proxy, const unsigned *which)
{
    unsigned count;

    pthread_mutex_lock(&proxy->lock);
    count = *which;
    pthread_mutex_unlock(&proxy->lock);
    return count;
}

unsigned proxy_told(struct proxy *proxy)
{
    return number(proxy, &proxy->told);
}

unsigned proxy_accepted(struct proxy *proxy)
{
    return number(proxy, &proxy->accepted);
}

void proxy_stop(struct proxy *proxy)
{
    struct link *link, *next;

    if (!proxy)
        return;
    cr_assert(write(proxy->wake[1], "x", 1) == 1);
    pthread_join(proxy->thread, NULL);
    for (link = proxy->links; link; link = next) {
        next = link->next;
        pthread_join(link->thread, NULL);
        close(link->client);
        close(link->server);
        free(link);
    }
    close(proxy->listener);
    close(proxy->wake[0]);
    close(proxy->wake[1]);
    pthread_mutex_destroy(&proxy->lock);
    free(proxy);
}
