/* tests/soak/plain.c - a plain IMAP client beside ours: a thin hand on plain.py */
#include "tests/soak/plain.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/mail_rig.h"

#define ANSWER_TIMEOUT_MS 60000

struct plain {
    pid_t pid;
    int words, answers;
};

static void become_plain(int words, int answers)
{
    char port[8];

    snprintf(port, sizeof(port), "%u", (unsigned)test_servers_port(mail.servers, "IMAP"));
    dup2(words, STDIN_FILENO);
    dup2(answers, STDOUT_FILENO);
    closefrom(STDERR_FILENO + 1);
    execl(TEST_SERVERS_SOURCE "/../soak/plain.py", "plain.py", port, mail.user, "secret", NULL);
    _exit(127);
}

struct plain *plain_start(void)
{
    struct plain *plain = calloc(1, sizeof(*plain));
    int words[2], answers[2];

    cr_assert(plain && pipe(words) == 0 && pipe(answers) == 0);
    plain->pid = fork();
    cr_assert(plain->pid >= 0);
    if (plain->pid == 0)
        become_plain(words[0], answers[1]);
    close(words[0]);
    close(answers[1]);
    plain->words = words[1];
    plain->answers = answers[0];
    return plain;
}

void plain_stop(struct plain *plain)
{
    int ended;

    if (!plain)
        return;
    close(plain->words); /* it has read everything */
    close(plain->answers);
    cr_assert(waitpid(plain->pid, &ended, 0) == plain->pid && ended == 0, "plain.py: 0x%X",
              (unsigned)ended);
    free(plain);
}

void plain_tell(struct plain *plain, const char *command)
{
    char line[128];
    int size = snprintf(line, sizeof(line), "%s\n", command);

    cr_assert(write(plain->words, line, (size_t)size) == size, "plain.py does not listen");
}

static bool readable(struct plain *plain, int timeout_ms)
{
    struct pollfd answers = {.fd = plain->answers, .events = POLLIN};

    return poll(&answers, 1, timeout_ms) == 1;
}

bool plain_has_answered(struct plain *plain)
{
    return readable(plain, 0);
}

char *plain_answer(struct plain *plain)
{
    char *text = NULL;
    size_t size = 0, room = 0;

    do {
        ssize_t got;

        if (room - size < 4096) {
            room = 2 * room + 8192;
            text = realloc(text, room);
            cr_assert(text);
        }
        cr_assert(readable(plain, ANSWER_TIMEOUT_MS), "plain.py does not answer");
        got = read(plain->answers, text + size, room - size - 1);
        cr_assert(got > 0, "plain.py has ended");
        size += (size_t)got;
        text[size] = '\0';
    } while (strcmp(text, ".\n") != 0 && (size < 3 || strcmp(text + size - 3, "\n.\n") != 0));
    text[size - 2] = '\0';
    return text;
}
