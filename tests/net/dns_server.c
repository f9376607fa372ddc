/* tests/net/dns_server.c - a DNS server of the test's own, on a loopback UDP port */
#include "tests/net/dns_server.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define TYPE_A    1
#define TYPE_AAAA 28
#define NAMES_MAX 32

struct dns_name {
    char name[64];
    char addresses[256];
    int ttl;
};

struct dns_server {
    int socket;
    char address[32];
    pthread_t thread;
    pthread_mutex_t lock;
    struct dns_name names[NAMES_MAX];
    size_t name_count;
    enum dns_mood mood;
    unsigned a_queries, aaaa_queries;
    atomic_bool stopping;
};

/* One message: header, the question, answers that point back at it. */
struct message {
    unsigned char bytes[512];
    size_t size;
};

static void put16(struct message *message, unsigned value)
{
    message->bytes[message->size++] = (unsigned char)(value >> 8);
    message->bytes[message->size++] = (unsigned char)value;
}

/* The question's name in text; returns where its type is. */
static size_t question_name(const struct message *query, char name[64])
{
    size_t at = 12, out = 0;

    while (at < query->size && query->bytes[at] != 0) {
        size_t length = query->bytes[at++];

        for (size_t i = 0; i < length && out < 62; i++)
            name[out++] = (char)query->bytes[at + i];
        at += length;
        name[out++] = '.';
    }
    name[out > 0 ? out - 1 : 0] = '\0';
    return at + 1;
}

static unsigned answers_add(struct message *reply, const struct dns_name *name, int type)
{
    char addresses[256], *rest, *word;
    unsigned count = 0;

    snprintf(addresses, sizeof(addresses), "%s", name->addresses);
    for (word = strtok_r(addresses, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        unsigned char bytes[16];
        size_t size = type == TYPE_A ? 4 : 16;

        if (inet_pton(type == TYPE_A ? AF_INET : AF_INET6, word, bytes) != 1)
            continue;
        put16(reply, 0xc00c);
        put16(reply, (unsigned)type);
        put16(reply, 1);
        put16(reply, 0);
        put16(reply, (unsigned)name->ttl);
        put16(reply, (unsigned)size);
        memcpy(reply->bytes + reply->size, bytes, size);
        reply->size += size;
        count++;
    }
    return count;
}

/* False: nothing is to be sent. */
static bool reply_compose(struct dns_server *server, const struct message *query,
                          struct message *reply)
{
    const struct dns_name *found = NULL;
    char name[64];
    size_t at = question_name(query, name);
    int type = query->bytes[at] << 8 | query->bytes[at + 1];
    unsigned answers = 0, code = 0;

    if (type == TYPE_A)
        server->a_queries++;
    if (type == TYPE_AAAA)
        server->aaaa_queries++;
    if (server->mood == DNS_SILENT)
        return false;

    memcpy(reply->bytes, query->bytes, at + 4);
    reply->size = at + 4;
    for (size_t i = 0; i < server->name_count; i++) {
        if (strcasecmp(server->names[i].name, name) == 0)
            found = &server->names[i];
    }
    if (server->mood == DNS_SERVFAIL)
        code = 2;
    else if (!found)
        code = 3;
    else
        answers = answers_add(reply, found, type);

    reply->bytes[2] = 0x81; /* an answer, recursion desired */
    reply->bytes[3] = (unsigned char)(0x80 | code);
    memset(reply->bytes + 6, 0, 6);
    reply->bytes[7] = (unsigned char)answers;
    return true;
}

static void *dns_server_main(void *arg)
{
    struct dns_server *server = arg;

    for (;;) {
        struct message query = {0}, reply = {0};
        struct sockaddr_storage client;
        socklen_t client_size = sizeof(client);
        ssize_t got = recvfrom(server->socket, query.bytes, sizeof(query.bytes) - 64, 0,
                               (struct sockaddr *)&client, &client_size);
        bool send;

        if (atomic_load(&server->stopping))
            return NULL;
        if (got < 17)
            continue;
        query.size = (size_t)got;
        pthread_mutex_lock(&server->lock);
        send = reply_compose(server, &query, &reply);
        pthread_mutex_unlock(&server->lock);
        if (send)
            sendto(server->socket, reply.bytes, reply.size, 0, (struct sockaddr *)&client,
                   client_size);
    }
}

struct dns_server *dns_server_start(void)
{
    struct dns_server *server = calloc(1, sizeof(*server));
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(name);

    pthread_mutex_init(&server->lock, NULL);
    server->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(server->socket, (struct sockaddr *)&name, size), 0);
    getsockname(server->socket, (struct sockaddr *)&name, &size);
    snprintf(server->address, sizeof(server->address), "127.0.0.1:%u", ntohs(name.sin_port));
    cr_assert_eq(pthread_create(&server->thread, NULL, dns_server_main, server), 0);
    return server;
}

void dns_server_stop(struct dns_server *server)
{
    struct sockaddr_in name = {0};
    socklen_t size = sizeof(name);

    atomic_store(&server->stopping, true);
    getsockname(server->socket, (struct sockaddr *)&name, &size);
    sendto(server->socket, "", 0, 0, (struct sockaddr *)&name, size);
    pthread_join(server->thread, NULL);
    close(server->socket);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

const char *dns_server_address(const struct dns_server *server)
{
    return server->address;
}

void dns_server_set(struct dns_server *server, const char *name, const char *addresses, int ttl)
{
    struct dns_name *place = NULL;

    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->name_count; i++) {
        if (strcmp(server->names[i].name, name) == 0)
            place = &server->names[i];
    }
    if (!place) {
        cr_assert(server->name_count < NAMES_MAX);
        place = &server->names[server->name_count++];
    }
    snprintf(place->name, sizeof(place->name), "%s", name);
    snprintf(place->addresses, sizeof(place->addresses), "%s", addresses);
    place->ttl = ttl;
    pthread_mutex_unlock(&server->lock);
}

void dns_server_mood(struct dns_server *server, enum dns_mood mood)
{
    pthread_mutex_lock(&server->lock);
    server->mood = mood;
    pthread_mutex_unlock(&server->lock);
}

unsigned dns_server_queries(struct dns_server *server, int type)
{
    unsigned queries;

    pthread_mutex_lock(&server->lock);
    queries = type == TYPE_A ? server->a_queries : server->aaaa_queries;
    pthread_mutex_unlock(&server->lock);
    return queries;
}
