/* Processes that are killed while they change a mailbox: nothing is lost, nothing is doubled, the
 * old or the new version opens, and tables show what the server has (docs/mail.md, "Saving").
 *
 * `./dev soak kills` runs it for longer. */
#include "tests/integration/mail_rig.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/soak/kills_check.h"
#include "tests/soak/kills_model.h"
#include "tests/soak/kills_work.h"
#include "tests/soak/view.h"

#define LIFE_MS 600 /* of a worker after its logon, at the most */

static void prepare(void)
{
    mail_prepare(false);
    test_servers_doveadm(mail.servers, "mailbox create -u alice " VIEW_BASE);
}

TestSuite(kills, .init = prepare);

/* --- The victims ------------------------------------------------------------------------------ */

/* Changes until it is killed; `ready` hears when it has logged on. */
static void work_until_killed(int ready)
{
    mail_open(0);
    cr_assert(write(ready, "", 1) == 1);
    for (;;)
        kills_change();
}

/* Only logs on, and with that finishes what the one before has left. */
static void recover_until_killed(int ready)
{
    mail_open(0);
    cr_assert(write(ready, "", 1) == 1);
    for (;;)
        pause();
}

/* One that ends says so too: its end of the pipe closes. */
static bool has_logged_on(int ready)
{
    struct pollfd said = {.fd = ready, .events = POLLIN};

    return poll(&said, 1, 30000) == 1 && read(ready, &(char){0}, 1) == 1;
}

static void kill_at_a_random_point(void (*victim)(int ready), bool before_logon)
{
    unsigned life_us = kills_dice(LIFE_MS * 1000);
    int ready[2], ended;
    pid_t child;

    cr_assert(pipe(ready) == 0);
    child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        close(ready[0]);
        victim(ready[1]);
    }
    close(ready[1]);
    if (!before_logon)
        cr_expect(has_logged_on(ready[0]), "it did not log on");
    usleep(life_us);
    kill(child, SIGKILL);
    waitpid(child, &ended, 0);
    close(ready[0]);
    cr_assert(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL, "it ended by itself: 0x%X (%s)",
              (unsigned)ended, kills->failure);
    if (kills->stage == STAGE_DONE)
        kills_conclude(true);
}

/* --- Looking ---------------------------------------------------------------------------------- */

static void look_in_a_new_process(struct plain *plain, unsigned round)
{
    pid_t child = fork();
    int ended;

    cr_assert(child >= 0);
    if (child == 0) {
        bool good;

        mail_open(0);
        good = kills_check(plain);
        mail_logoff();
        MAPIUninitialize();
        _exit(good ? 0 : 1);
    }
    waitpid(child, &ended, 0);
    cr_assert(WIFEXITED(ended) && WEXITSTATUS(ended) == 0, "round %u: %s (0x%X)", round,
              kills->failure, (unsigned)ended);
}

static void report(unsigned rounds, unsigned seed)
{
    cr_log_warn("%u rounds, seed %u: nothing lost, nothing doubled", rounds, seed);
    for (int kind = KILLS_NEW; kind < KILLS_KINDS; kind++)
        cr_log_warn("%-18s %6u done, %4u interrupted: %4u are there, %4u are not%s",
                    kills_kind_names[kind], kills->tally[kind].done, kills->tally[kind].interrupted,
                    kills->tally[kind].completed, kills->tally[kind].undone,
                    kills->tally[kind].bare ? "; some without" : "");
    cr_log_warn("without their properties: %u new, %u copied, %u moved",
                kills->tally[KILLS_NEW].bare, kills->tally[KILLS_COPY].bare,
                kills->tally[KILLS_MOVE].bare);
}

Test(kills, nothing_is_lost_or_doubled, .timeout = 36000)
{
    const char *wanted = getenv("MG_SOAK_ROUNDS"), *given = getenv("MG_SOAK_SEED");
    unsigned rounds = wanted ? (unsigned)atoi(wanted) : 10;
    unsigned seed = given ? (unsigned)atoi(given) : wanted ? (unsigned)time(NULL) : 1;
    struct plain *plain = plain_start();

    kills_model_create(seed);
    for (unsigned round = 0; round < rounds; round++) {
        kill_at_a_random_point(work_until_killed, kills_dice(16) == 0);
        while (kills_dice(4) == 0)
            kill_at_a_random_point(recover_until_killed, kills_dice(2) == 0);
        look_in_a_new_process(plain, round);
    }
    if (wanted)
        report(rounds, seed);
    plain_stop(plain);
    mail_close();
}
