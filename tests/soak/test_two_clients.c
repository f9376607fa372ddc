/* Two clients change the same mailboxes at random: both end with the same view, and every change
 * has reached our tables by notification.
 *
 * `./dev soak two_clients` runs it for longer. */
#include "tests/integration/mail_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/soak/mirror.h"
#include "tests/soak/two_clients_change.h"
#include "tests/soak/view.h"

#define SETTLE_MS 90000 /* folders that nobody looks at are asked for once in 60 s */

static struct mirror *contents[FIXED_FOLDERS], *hierarchy;

static void prepare(void)
{
    mail_prepare(false);
    test_servers_doveadm(mail.servers, "mailbox create -u alice Soak Soak/A Soak/B Soak/C");
}

TestSuite(two_clients, .init = prepare);

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- The mirrors ------------------------------------------------------------------------------ */

static char *folder_line(const char *path, const SPropValue *row)
{
    char *line;

    cr_assert(asprintf(&line, "%s/%s/", path, mail_text(&row[0])) > 0);
    return line;
}

static void open_mirrors(void)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_DISPLAY_NAME_W, PR_INSTANCE_KEY}};
    IMAPIFolder *base = mail_folder(VIEW_BASE);
    IMAPITable *table;

    assert_hr(IMAPIFolder_GetHierarchyTable(base, 0, &table), S_OK);
    assert_hr(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), S_OK);
    hierarchy = mirror_open(table, 1, VIEW_BASE, folder_line);
    IMAPIFolder_Release(base);
    for (int i = 0; i < FIXED_FOLDERS; i++) {
        IMAPIFolder *folder = mail_folder(fixed_mapi_names[i]);

        assert_hr(IMAPIFolder_GetContentsTable(folder, 0, &table), S_OK);
        assert_hr(IMAPITable_SetColumns(table, (SPropTagArray *)view_columns, 0), S_OK);
        contents[i] =
            mirror_open(table, view_columns->cValues - 1, fixed_imap_names[i], view_row_line);
        IMAPIFolder_Release(folder);
    }
}

static void close_mirrors(void)
{
    for (int i = 0; i < FIXED_FOLDERS; i++)
        mirror_close(contents[i]);
    mirror_close(hierarchy);
}

/* --- Quiet points ----------------------------------------------------------------------------- */

/* All that the mirrors have, in the words of plain.py. */
static char *view_of_mirrors(void)
{
    struct view_lines lines = {0};

    view_add(&lines, strdup("INBOX/"));
    view_add(&lines, strdup(VIEW_BASE "/"));
    mirror_add_lines(hierarchy, &lines);
    for (int i = 0; i < FIXED_FOLDERS; i++)
        mirror_add_lines(contents[i], &lines);
    return view_text(&lines);
}

/* Is what it was told what the table has? *ret_words: what is not. */
static bool is_as_told(struct mirror *mirror, char *ret_words, size_t size)
{
    char *told, *has;
    bool same;

    mirror_follow(mirror);
    told = mirror_text(mirror);
    has = mirror_table_text(mirror);
    same = strcmp(told, has) == 0;
    if (!same)
        snprintf(ret_words, size, "told was %s of what the table has", view_difference(told, has));
    free(told);
    free(has);
    return same;
}

static bool all_see_the_same(struct plain *plain, char *ret_words, size_t size)
{
    char *server, *told;
    bool same = is_as_told(hierarchy, ret_words, size);

    for (int i = 0; i < FIXED_FOLDERS; i++)
        same = same && is_as_told(contents[i], ret_words, size);
    if (!same)
        return false;
    server = view_of_plain(plain);
    told = view_of_mirrors();
    same = strcmp(server, told) == 0;
    if (!same)
        snprintf(ret_words, size, "the server has %s of what was told",
                 view_difference(server, told));
    free(server);
    free(told);
    return same;
}

/* The account looks at what it does not watch. */
static void look_at_all(void)
{
    IMAPIStatus *status = mail_status_object(TRANSPORT_ROW);

    IMAPIStatus_FlushQueues(status, 0, 0, NULL, FLUSH_DOWNLOAD);
    IMAPIStatus_Release(status);
}

static void settle(struct plain *plain)
{
    int64_t since = now_ms();
    char words[1024] = "";

    for (unsigned tries = 0; !all_see_the_same(plain, words, sizeof(words)); tries++) {
        cr_assert(now_ms() - since < SETTLE_MS, "%s", words);
        if (tries % 20 == 0)
            look_at_all();
        usleep(50000);
    }
    for (int i = 0; i <= FIXED_FOLDERS; i++) {
        struct mirror *mirror = i < FIXED_FOLDERS ? contents[i] : hierarchy;

        cr_assert_str_empty(mirror_failure(mirror));
        mirror_settled(mirror);
    }
}

/* --- The test --------------------------------------------------------------------------------- */

static void report(unsigned quiet, unsigned seed, const unsigned plain[2],
                   const struct change_tally *ours)
{
    struct mirror_tally told = {0};

    for (int i = 0; i < FIXED_FOLDERS; i++)
        mirror_count(contents[i], &told);
    mirror_count(hierarchy, &told);
    cr_log_warn(
        "seed %u: %u changes by the plain client (%u more refused), %u by ours (%u refused)", seed,
        plain[0], plain[1], ours->done, ours->refused);
    cr_log_warn("told: %u rows added, %u modified, %u deleted; %u times a table was to be read "
                "again",
                told.added, told.modified, told.deleted, told.read_again);
    cr_log_warn("at %u quiet points both saw the same", quiet);
}

Test(two_clients, end_with_the_same_view_by_notifications_alone, .timeout = 36000)
{
    const char *wanted = getenv("MG_SOAK_SECONDS"), *given = getenv("MG_SOAK_SEED");
    int64_t seconds = wanted ? atoi(wanted) : 5, since;
    unsigned seed = given ? (unsigned)atoi(given) : wanted ? (unsigned)time(NULL) : 1;
    unsigned quiet = 0, theirs[2] = {0}, took, refused;
    struct change_tally ours = {0};
    struct plain *plain = plain_start();
    char command[64], *answer;

    mail_open(0);
    open_mirrors();
    change_begin(seed);
    settle(plain);
    for (since = now_ms(); now_ms() - since < seconds * 1000; quiet++) {
        snprintf(command, sizeof(command), "change %d %u", wanted ? 5000 : 2000, seed + quiet);
        plain_tell(plain, command);
        while (!plain_has_answered(plain)) {
            change_one(&ours);
            for (int i = 0; i < FIXED_FOLDERS; i++)
                mirror_follow(contents[i]);
            mirror_follow(hierarchy);
        }
        answer = plain_answer(plain);
        cr_assert(sscanf(answer, "%u %u", &took, &refused) == 2);
        free(answer);
        theirs[0] += took;
        theirs[1] += refused;
        settle(plain);
    }
    cr_expect(theirs[0] > 0 && ours.done > 0);
    if (wanted)
        report(quiet, seed, theirs, &ours);
    change_end();
    close_mirrors();
    mail_close();
    plain_stop(plain);
}
