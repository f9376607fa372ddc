/* tests/servers/servers.c - a real Dovecot and a real SMTP server for one test
 *
 * Everything but signals goes through run.py; signals are sent from here, so that a test which
 * measures what follows a kill does not measure the start of an interpreter. */
#include "servers/servers.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_VALUES   64
#define SHARED_USERS 999

struct test_servers {
    char folder[64];
    bool shared;
    struct {
        char *key;
        char *value;
    } values[MAX_VALUES];
    unsigned value_count;
};

static const char *const server_names[] = {
    [TEST_SERVER_IMAP] = "imap",
    [TEST_SERVER_SMTP] = "smtp",
    [TEST_SERVER_POSTFIX] = "postfix",
};

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...)
{
    va_list words;

    va_start(words, format);
    fputs("test servers: ", stderr);
    vfprintf(stderr, format, words);
    fputc('\n', stderr);
    va_end(words);
    abort();
}

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
    char command[1024];
    va_list words;
    int used, status;

    va_start(words, format);
    used = vsnprintf(command, sizeof(command), format, words);
    va_end(words);
    if (used < 0 || (size_t)used >= sizeof(command))
        fail("command too long");
    status = system(command);
    if (status != 0)
        fail("\"%s\" ended with status %d", command, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void read_env(struct test_servers *servers)
{
    char path[96], line[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/env", servers->folder);
    file = fopen(path, "re");
    if (file == NULL)
        fail("%s: %s", path, strerror(errno));
    while (servers->value_count < MAX_VALUES && fgets(line, sizeof(line), file) != NULL) {
        char *equals = strchr(line, '=');

        if (equals == NULL)
            continue;
        *equals = '\0';
        equals[1 + strcspn(equals + 1, "\n")] = '\0';
        servers->values[servers->value_count].key = strdup(line);
        servers->values[servers->value_count].value = strdup(equals + 1);
        servers->value_count++;
    }
    fclose(file);
}

struct test_servers *test_servers_start(const char *options)
{
    struct test_servers *servers = calloc(1, sizeof(*servers));

    if (servers == NULL)
        fail("out of memory");
    strcpy(servers->folder, "/tmp/mapigate-test-XXXXXX");
    if (mkdtemp(servers->folder) == NULL)
        fail("mkdtemp: %s", strerror(errno));
    run(TEST_SERVERS_SOURCE "/run.py up %s --guard %d %s", servers->folder, (int)getpid(),
        options == NULL ? "" : options);
    read_env(servers);
    return servers;
}

/* Counts in a file; the caller has the lock. */
static unsigned next_user(const struct test_servers *servers)
{
    char path[256];
    unsigned user = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/dovecot/next-user", test_servers_get(servers, "MG_BASE"));
    file = fopen(path, "r+e");
    if (file == NULL)
        file = fopen(path, "w+e");
    if (file == NULL)
        fail("%s: %s", path, strerror(errno));
    if (fscanf(file, "%u", &user) != 1)
        user = 0;
    rewind(file);
    fprintf(file, "%u\n", ++user);
    if (fclose(file) != 0 || user > SHARED_USERS)
        fail("%s: no user left", path);
    return user;
}

struct test_servers *test_servers_share(unsigned *ret_user)
{
    struct test_servers *servers = calloc(1, sizeof(*servers));
    char env[80];
    int folder;

    if (servers == NULL)
        fail("out of memory");
    servers->shared = true;
    /* Tests are children of the runner, also where each is a program of its own. */
    snprintf(servers->folder, sizeof(servers->folder), "/tmp/mapigate-test-of-%d", (int)getppid());
    if (mkdir(servers->folder, 0700) != 0 && errno != EEXIST)
        fail("%s: %s", servers->folder, strerror(errno));
    folder = open(servers->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || flock(folder, LOCK_EX) != 0)
        fail("%s: %s", servers->folder, strerror(errno));
    snprintf(env, sizeof(env), "%s/env", servers->folder);
    if (access(env, R_OK) != 0)
        run(TEST_SERVERS_SOURCE "/run.py up %s --guard %d --more-users %d", servers->folder,
            (int)getppid(), SHARED_USERS);
    read_env(servers);
    *ret_user = next_user(servers);
    close(folder);
    return servers;
}

void test_servers_stop(struct test_servers *servers)
{
    if (servers == NULL)
        return;
    if (!servers->shared)
        run(TEST_SERVERS_SOURCE "/run.py down %s", servers->folder);
    for (unsigned i = 0; i < servers->value_count; i++) {
        free(servers->values[i].key);
        free(servers->values[i].value);
    }
    free(servers);
}

const char *test_servers_get(const struct test_servers *servers, const char *key)
{
    for (unsigned i = 0; i < servers->value_count; i++)
        if (strcmp(servers->values[i].key, key) == 0)
            return servers->values[i].value;
    fail("no value %s in %s/env", key, servers->folder);
}

uint16_t test_servers_port(const struct test_servers *servers, const char *name)
{
    char key[32];

    snprintf(key, sizeof(key), "MG_%s_PORT", name);
    return (uint16_t)atoi(test_servers_get(servers, key));
}

/* The leader of the server's process group. */
static pid_t server_group(const struct test_servers *servers, enum test_server which)
{
    char path[256];
    FILE *file;
    int pid = 0;

    snprintf(path, sizeof(path), "%s/%s.pid", test_servers_get(servers, "MG_BASE"),
             server_names[which]);
    file = fopen(path, "re");
    if (file == NULL || fscanf(file, "%d", &pid) != 1 || pid <= 1)
        fail("the %s server does not run", server_names[which]);
    fclose(file);
    return pid;
}

static void signal_group(const struct test_servers *servers, enum test_server which, int number)
{
    if (kill(-server_group(servers, which), number) != 0)
        fail("kill: %s", strerror(errno));
}

void test_server_kill(struct test_servers *servers, enum test_server which)
{
    signal_group(servers, which, SIGKILL);
    /* Waits for the last of them and removes the note; it finds nobody left to kill, or some. */
    run(TEST_SERVERS_SOURCE "/run.py kill-%s %s --if-running", server_names[which],
        servers->folder);
}

void test_server_start(struct test_servers *servers, enum test_server which)
{
    run(TEST_SERVERS_SOURCE "/run.py start-%s %s", server_names[which], servers->folder);
}

void test_server_freeze(struct test_servers *servers, enum test_server which)
{
    signal_group(servers, which, SIGSTOP);
}

void test_server_thaw(struct test_servers *servers, enum test_server which)
{
    signal_group(servers, which, SIGCONT);
}

void test_servers_set_password(struct test_servers *servers, const char *user, const char *password)
{
    run(TEST_SERVERS_SOURCE "/run.py password %s '%s' '%s'", servers->folder, user, password);
}

void test_servers_fill(struct test_servers *servers, const char *user)
{
    run(TEST_SERVERS_SOURCE "/sample_mailbox.py %s '%s'", servers->folder, user);
}

void test_servers_doveadm(struct test_servers *servers, const char *words)
{
    run(TEST_SERVERS_SOURCE "/run.py doveadm %s %s", servers->folder, words);
}

/* Sends `command` and reads one reply, which must begin with `expected`. */
static void lmtp_say(FILE *peer, const char *command, const char *expected)
{
    char line[512];

    if (command != NULL)
        fputs(command, peer);
    fflush(peer);
    do {
        if (fgets(line, sizeof(line), peer) == NULL)
            fail("LMTP: connection lost");
    } while (strlen(line) > 3 && line[3] == '-');
    if (strncmp(line, expected, strlen(expected)) != 0)
        fail("LMTP: %s", line);
}

static FILE *lmtp_open(const struct test_servers *servers)
{
    struct sockaddr_in where = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons(test_servers_port(servers, "LMTP")),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FILE *peer;

    if (fd < 0 || connect(fd, (struct sockaddr *)&where, sizeof(where)) != 0)
        fail("LMTP: %s", strerror(errno));
    peer = fdopen(fd, "r+");
    if (peer == NULL)
        fail("fdopen: %s", strerror(errno));
    setvbuf(peer, NULL, _IOLBF, 0);
    return peer;
}

void test_servers_deliver(struct test_servers *servers, const char *user, const char *message)
{
    FILE *peer = lmtp_open(servers);
    char command[256];

    lmtp_say(peer, NULL, "220");
    lmtp_say(peer, "LHLO localhost\r\n", "250");
    lmtp_say(peer, "MAIL FROM:<sender@example.org>\r\n", "250");
    snprintf(command, sizeof(command), "RCPT TO:<%s@example.test>\r\n", user);
    lmtp_say(peer, command, "250");
    lmtp_say(peer, "DATA\r\n", "354");
    for (const char *line = message; *line != '\0';) {
        size_t length = strcspn(line, "\n");

        length += line[length] == '\n';
        if (*line == '.')
            fputc('.', peer);
        fwrite(line, 1, length, peer);
        line += length;
    }
    lmtp_say(peer, ".\r\n", "250");
    lmtp_say(peer, "QUIT\r\n", "221");
    fclose(peer);
}

unsigned test_servers_accepted(const struct test_servers *servers)
{
    const char *path = test_servers_get(servers, "MG_ACCEPTED");
    DIR *folder = opendir(path);
    unsigned count = 0;

    if (folder == NULL)
        fail("%s: %s", path, strerror(errno));
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *dot = strrchr(entry->d_name, '.');

        count += dot != NULL && strcmp(dot, ".eml") == 0;
    }
    closedir(folder);
    return count;
}

char *test_servers_read_accepted(const struct test_servers *servers, unsigned number,
                                 unsigned long *ret_size)
{
    char path[256], *bytes;
    long size;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%06u.eml", test_servers_get(servers, "MG_ACCEPTED"), number);
    file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
        fail("%s: %s", path, strerror(errno));
    rewind(file);
    bytes = malloc((size_t)size + 1);
    if (bytes == NULL || fread(bytes, 1, (size_t)size, file) != (size_t)size)
        fail("%s: cannot be read", path);
    bytes[size] = '\0';
    fclose(file);
    *ret_size = (unsigned long)size;
    return bytes;
}

void test_servers_say(struct test_servers *servers, const char *verb, const char *reply)
{
    const char *path = test_servers_get(servers, "MG_SMTP_SAY");
    FILE *file;

    if (reply == NULL) {
        if (unlink(path) != 0 && errno != ENOENT)
            fail("%s: %s", path, strerror(errno));
        return;
    }
    file = fopen(path, "ae");
    if (file == NULL || fprintf(file, "%s %s\n", verb, reply) < 0 || fclose(file) != 0)
        fail("%s: %s", path, strerror(errno));
}
