/* tests/state/test_queue.c - the submit queue (docs/mail.md, "Sending") */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "state/queue.h"

TestSuite(queue, .init = fixture_set_up, .fini = fixture_tear_down);

static int64_t add(uint64_t number, int64_t deferred_until)
{
    struct state_recipient recipients[] = {
        {.row_id = 1, .address = "bob@example.org", .notify = 2},
        {.row_id = 2, .address = "carol@example.org"},
    };
    struct state_submission submission = {
        .number = number,
        .folder = 0x0C,
        .sender = "anna@example.org",
        .message_id = "<1@example.org>",
        .sent_mail_id = {"sent", 4},
        .deferred_until = deferred_until,
        .recipient_count = 2,
        .recipients = recipients,
    };
    int64_t id = 0;

    assert_ok(state_queue_add(mailbox, &submission, NULL, &id));
    return id;
}

static enum state_queue_stage stage_of(uint64_t number)
{
    struct state_submission *row = NULL;
    enum state_queue_stage stage;

    assert_ok(state_queue_find(mailbox, number, NULL, &row));
    stage = row->stage;
    free(row);
    return stage;
}

/* Claims and tells which row; 0: none is due. */
static int64_t claim(struct state_mailbox *of, uint64_t *ret_wait)
{
    struct state_submission *row = NULL;
    HRESULT hr = state_queue_claim(of, 0, NULL, &row, ret_wait);
    int64_t id = SUCCEEDED(hr) ? row->id : 0;

    cr_expect(hr == S_OK || hr == MAPI_E_NOT_FOUND, "%08X", (unsigned)hr);
    free(row);
    return id;
}

Test(queue, a_row_keeps_what_it_was_given)
{
    struct state_submission *row = NULL;
    int64_t id = add(100, 0);

    fixture_reopen();
    assert_ok(state_queue_find(mailbox, 100, NULL, &row));
    cr_expect_eq(row->id, id);
    cr_expect_eq(row->folder, 0x0C);
    cr_expect_eq(row->stage, QUEUE_QUEUED);
    cr_expect_str_eq(row->sender, "anna@example.org");
    cr_expect_str_eq(row->message_id, "<1@example.org>");
    cr_expect_null(row->envelope_id);
    cr_expect_eq(row->sent_mail_id.size, 4);
    cr_expect_eq(memcmp(row->sent_mail_id.bytes, "sent", 4), 0);
    cr_expect_null(row->target_id.bytes);
    cr_expect_eq(row->submitted_at, fixture_now);
    cr_assert_eq(row->recipient_count, 2);
    cr_expect_str_eq(row->recipients[0].address, "bob@example.org");
    cr_expect_eq(row->recipients[0].notify, 2);
    cr_expect_eq(row->recipients[1].stage, RECIPIENT_PENDING);
    free(row);
}

Test(queue, bad_submissions_are_refused)
{
    struct state_submission submission = {.number = 100, .sender = "a@example.org"};
    int64_t id;

    expect_hr(state_queue_add(mailbox, &submission, NULL, &id), MAPI_E_NO_RECIPIENTS);
    add(100, 0);
    submission.recipients = &(struct state_recipient){.address = "b@example.org"};
    submission.recipient_count = 1;
    expect_hr(state_queue_add(mailbox, &submission, NULL, &id), MAPI_E_SUBMITTED);
}

Test(queue, rows_are_claimed_in_order_and_by_one_only)
{
    struct state *second = fixture_open();
    struct state_mailbox *other = fixture_open_mailbox(second);
    int64_t first = add(100, 0), next = add(101, 0);
    uint64_t wait = 0;

    cr_expect_eq(claim(mailbox, &wait), first);
    cr_expect_eq(claim(other, &wait), next);
    cr_expect_eq(claim(mailbox, &wait), 0);
    cr_expect_eq(wait, QUEUE_LEASE_MS);
    expect_hr(state_queue_renew(mailbox, next, NULL), MAPI_E_OBJECT_CHANGED);
    expect_hr(state_queue_awaiting(mailbox, next, NULL), MAPI_E_OBJECT_CHANGED);
    state_mailbox_unref(other);
    state_unref(second);
}

Test(queue, deferred_rows_wait_for_their_time)
{
    uint64_t wait = 0;
    int64_t id = add(100, fixture_now + 5000);

    cr_expect_eq(claim(mailbox, &wait), 0);
    cr_expect_eq(wait, 5000);
    fixture_now += 5000;
    cr_expect_eq(claim(mailbox, &wait), id);
}

Test(queue, an_empty_queue_waits_for_ever)
{
    uint64_t wait = 0;

    cr_expect_eq(claim(mailbox, &wait), 0);
    cr_expect_eq(wait, UINT64_MAX);
}

Test(queue, the_spoolers_rows_are_passed_over)
{
    struct state_recipient recipient = {.address = "b@example.org"};
    struct state_submission submission = {.number = 100,
                                          .sender = "a@example.org",
                                          .by_spooler = true,
                                          .recipients = &recipient,
                                          .recipient_count = 1};
    uint64_t wait = 0;
    int64_t id;

    assert_ok(state_queue_add(mailbox, &submission, NULL, &id));
    cr_expect_eq(claim(mailbox, &wait), 0);
    cr_expect_eq(wait, UINT64_MAX);
    assert_ok(state_queue_remove(mailbox, 100, NULL));
    expect_hr(state_queue_remove(mailbox, 100, NULL), MAPI_E_NOT_IN_QUEUE);
}

Test(queue, a_lease_lasts_sixty_seconds_unless_renewed)
{
    struct state *second = fixture_open();
    struct state_mailbox *other = fixture_open_mailbox(second);
    int64_t id = add(100, 0);

    cr_expect_eq(claim(mailbox, NULL), id);
    fixture_now += QUEUE_LEASE_MS - 1;
    cr_expect_eq(claim(other, NULL), 0);
    assert_ok(state_queue_renew(mailbox, id, NULL));
    fixture_now += QUEUE_LEASE_MS - 1;
    cr_expect_eq(claim(other, NULL), 0);
    fixture_now += 1;
    cr_expect_eq(claim(other, NULL), id);
    expect_hr(state_queue_renew(mailbox, id, NULL), MAPI_E_OBJECT_CHANGED);
    state_mailbox_unref(other);
    state_unref(second);
}

static const struct state_recipient sent_to_both[] = {
    {.row_id = 1, .stage = RECIPIENT_SENT, .reply_code = 250, .words = "ok"},
    {.row_id = 2, .stage = RECIPIENT_SENT, .reply_code = 250, .words = "ok"},
};

Test(queue, a_message_goes_through_its_stages)
{
    int64_t id = add(100, 0);
    enum state_queue_stage stage = 0;

    claim(mailbox, NULL);
    cr_expect_eq(stage_of(100), QUEUE_CLAIMED);
    assert_ok(state_queue_awaiting(mailbox, id, NULL));
    cr_expect_eq(stage_of(100), QUEUE_AWAITING);
    expect_hr(state_queue_finish(mailbox, id, NULL), MAPI_E_OBJECT_CHANGED);
    assert_ok(state_queue_outcome(mailbox, id, sent_to_both, 2, 0, NULL, NULL, &stage));
    cr_expect_eq(stage, QUEUE_SENT);
    assert_ok(state_queue_finish(mailbox, id, NULL));
    expect_hr(state_queue_abort(mailbox, 100, NULL), MAPI_E_NOT_IN_QUEUE); /* STO-071 */
}

Test(queue, a_sent_row_is_claimed_again_to_be_finished_never_to_be_sent)
{
    struct state_submission *row = NULL;
    int64_t id = add(100, 0);

    claim(mailbox, NULL);
    assert_ok(state_queue_awaiting(mailbox, id, NULL));
    assert_ok(state_queue_outcome(mailbox, id, sent_to_both, 2, 0, NULL, NULL, NULL));
    cr_expect_eq(claim(mailbox, NULL), 0); /* ours still */
    fixture_now += QUEUE_LEASE_MS;
    assert_ok(state_queue_claim(mailbox, 0, NULL, &row, NULL));
    cr_expect_eq(row->stage, QUEUE_SENT);
    free(row);
    expect_hr(state_queue_awaiting(mailbox, id, NULL), MAPI_E_OBJECT_CHANGED);
    assert_ok(state_queue_release(mailbox, id, fixture_now + 1000, "no Sent folder", NULL));
    cr_expect_eq(stage_of(100), QUEUE_SENT);
    cr_expect_eq(claim(mailbox, NULL), 0);
    fixture_now += 1000;
    cr_expect_eq(claim(mailbox, NULL), id);
    assert_ok(state_queue_finish(mailbox, id, NULL));
}

Test(queue, only_pending_recipients_are_left_for_the_next_try)
{
    const struct state_recipient results[] = {
        {.row_id = 1, .stage = RECIPIENT_SENT, .reply_code = 250},
        {.row_id = 2, .stage = RECIPIENT_PENDING, .reply_code = 450, .words = "greylisted"},
    };
    struct state_submission *row = NULL;
    enum state_queue_stage stage = 0;
    int64_t id = add(100, 0);

    claim(mailbox, NULL);
    assert_ok(state_queue_awaiting(mailbox, id, NULL));
    assert_ok(state_queue_outcome(mailbox, id, results, 2, fixture_now + 1000, "greylisted", NULL,
                                  &stage));
    cr_expect_eq(stage, QUEUE_QUEUED);
    cr_expect_eq(claim(mailbox, NULL), 0);
    fixture_now += 1000;
    assert_ok(state_queue_claim(mailbox, 0, NULL, &row, NULL));
    cr_expect_eq(row->attempts, 1);
    cr_expect_str_eq(row->words, "greylisted");
    cr_expect_eq(row->recipients[0].stage, RECIPIENT_SENT);
    cr_expect_eq(row->recipients[1].stage, RECIPIENT_PENDING);
    cr_expect_str_eq(row->recipients[1].words, "greylisted");
    cr_expect_eq(row->recipients[1].reply_code, 450);
    free(row);
}

Test(queue, refused_by_all_is_failed_and_may_be_tried_again_by_a_person)
{
    const struct state_recipient results[] = {
        {.row_id = 1, .stage = RECIPIENT_REFUSED, .reply_code = 550},
        {.row_id = 2, .stage = RECIPIENT_REFUSED, .reply_code = 550},
    };
    enum state_queue_stage stage = 0;
    int64_t id = add(100, 0);

    expect_hr(state_queue_retry(mailbox, id, NULL), MAPI_E_NOT_FOUND);
    claim(mailbox, NULL);
    assert_ok(state_queue_outcome(mailbox, id, results, 2, 0, "no", NULL, &stage));
    cr_expect_eq(stage, QUEUE_FAILED);
    assert_ok(state_queue_retry(mailbox, id, NULL));
    cr_expect_eq(stage_of(100), QUEUE_QUEUED);
}

Test(queue, a_claimed_row_without_a_message_is_finished)
{
    int64_t id = add(100, 0);
    struct state_submission *row = NULL;

    expect_hr(state_queue_finish(mailbox, id, NULL), MAPI_E_OBJECT_CHANGED); /* not ours */
    claim(mailbox, NULL);
    assert_ok(state_queue_finish(mailbox, id, NULL));
    expect_hr(state_queue_find(mailbox, 100, NULL, &row), MAPI_E_NOT_IN_QUEUE);
}

Test(queue, a_failed_attempt_gives_the_row_back)
{
    int64_t id = add(100, 0);
    uint64_t wait = 0;

    claim(mailbox, NULL);
    assert_ok(state_queue_release(mailbox, id, fixture_now + 2000, "connection refused", NULL));
    cr_expect_eq(claim(mailbox, &wait), 0);
    cr_expect_eq(wait, 2000);
}

Test(queue, who_dies_while_awaiting_leaves_an_uncertain_row)
{
    int64_t id = add(100, 0);
    uint64_t wait = 0;

    claim(mailbox, NULL);
    assert_ok(state_queue_awaiting(mailbox, id, NULL));
    fixture_now += QUEUE_LEASE_MS;
    cr_expect_eq(claim(mailbox, &wait), 0);
    cr_expect_eq(wait, UINT64_MAX);
    cr_expect_eq(stage_of(100), QUEUE_UNCERTAIN);

    assert_ok(state_queue_retry(mailbox, id, NULL));
    cr_expect_eq(claim(mailbox, NULL), id);
    assert_ok(state_queue_awaiting(mailbox, id, NULL));
    assert_ok(state_queue_uncertain(mailbox, id, "connection lost", NULL));
    assert_ok(state_queue_decide(mailbox, id, true, NULL));
    cr_expect_eq(stage_of(100), QUEUE_SENT);
}

Test(queue, abort_takes_what_nobody_works_on) /* STO-066 STO-070 */
{
    struct state_submission *rows = NULL;
    size_t count = 9;

    add(100, 0);
    assert_ok(state_queue_lock(mailbox, 100, true, NULL));
    expect_hr(state_queue_abort(mailbox, 100, NULL), MAPI_E_UNABLE_TO_ABORT);
    assert_ok(state_queue_lock(mailbox, 100, false, NULL));
    claim(mailbox, NULL);
    expect_hr(state_queue_abort(mailbox, 100, NULL), MAPI_E_UNABLE_TO_ABORT);
    fixture_now += QUEUE_LEASE_MS;
    assert_ok(state_queue_abort(mailbox, 100, NULL));
    assert_ok(state_queue_list(mailbox, NULL, &rows, &count));
    cr_expect_eq(count, 0);
    expect_hr(state_queue_lock(mailbox, 100, true, NULL), MAPI_E_NOT_IN_QUEUE);
}

Test(queue, the_list_is_in_order_of_submission) /* STO-062 */
{
    struct state_submission *rows = NULL;
    size_t count = 0;

    add(103, 0);
    add(101, 0);
    add(102, 0);
    assert_ok(state_queue_list(mailbox, NULL, &rows, &count));
    cr_assert_eq(count, 3);
    cr_expect_eq(rows[0].number, 103);
    cr_expect_eq(rows[1].number, 101);
    cr_expect_eq(rows[2].number, 102);
    cr_expect_str_eq(rows[2].recipients[1].address, "carol@example.org");
    free(rows);
    assert_ok(state_queue_count(mailbox, NULL, &count));
    cr_expect_eq(count, 3);
    claim(mailbox, NULL);
    assert_ok(state_queue_count(mailbox, NULL, &count));
    cr_expect_eq(count, 2);
}

/* A process of its own claims the row and dies at once. */
static void die_with_a_claim(bool awaiting)
{
    pid_t child = fork();
    int status = 0;

    cr_assert_geq(child, 0);
    if (child == 0) {
        struct state_mailbox *own = fixture_open_mailbox(fixture_open());
        int64_t id = claim(own, NULL);

        if (awaiting)
            state_queue_awaiting(own, id, NULL);
        kill(getpid(), SIGKILL);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status));
}

/* Claims until nothing is left, says on the pipe what it got, and lives on until the parent has
 * counted: the leases of the dead are free. */
static void claim_in_a_process(int report, int hold)
{
    struct state_mailbox *own = fixture_open_mailbox(fixture_open());
    int64_t id;
    char end;

    do {
        id = claim(own, NULL);
        if (write(report, &id, sizeof(id)) != sizeof(id))
            _exit(2);
    } while (id);
    _exit(read(hold, &end, 1) == 0 ? 0 : 3);
}

Test(queue, of_many_processes_one_gets_each_row)
{
    enum { ROWS = 60, PROCESSES = 4 };
    int got[ROWS] = {0}, report[2], hold[2], status, ended = 0;
    int64_t id, first = 0;
    pid_t children[PROCESSES];

    for (int i = 0; i < ROWS; i++) {
        id = add(100 + (uint64_t)i, 0);
        first = first ? first : id;
    }
    state_mailbox_unref(mailbox); /* no thread of ours in the children */
    state_unref(state);
    cr_assert(pipe(report) == 0 && pipe(hold) == 0);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            close(hold[1]);
            claim_in_a_process(report[1], hold[0]);
        }
    }
    close(report[1]); /* so that a child's end is seen */
    while (ended < PROCESSES) {
        cr_assert_eq(read(report[0], &id, sizeof(id)), (ssize_t)sizeof(id));
        if (id)
            got[id - first]++;
        else
            ended++;
    }
    close(hold[1]);
    for (int i = 0; i < PROCESSES; i++) {
        cr_assert_eq(waitpid(children[i], &status, 0), children[i]);
        cr_expect_eq(status, 0);
    }
    for (int i = 0; i < ROWS; i++)
        cr_expect_eq(got[i], 1, "row %d: %d times", i, got[i]);
    state = fixture_open();
    mailbox = fixture_open_mailbox(state);
}

Test(queue, the_lease_of_a_dead_process_ends_at_once)
{
    int64_t id = add(100, 0);

    state_mailbox_unref(mailbox); /* no thread of ours in the child */
    state_unref(state);
    die_with_a_claim(false);
    state = fixture_open();
    mailbox = fixture_open_mailbox(state);
    cr_expect_eq(stage_of(100), QUEUE_CLAIMED);
    cr_expect_eq(claim(mailbox, NULL), id);
    assert_ok(state_queue_release(mailbox, id, 0, NULL, NULL));

    state_mailbox_unref(mailbox);
    state_unref(state);
    die_with_a_claim(true);
    state = fixture_open();
    mailbox = fixture_open_mailbox(state);
    cr_expect_eq(claim(mailbox, NULL), 0);
    cr_expect_eq(stage_of(100), QUEUE_UNCERTAIN);
    assert_ok(state_queue_abort(mailbox, 100, NULL)); /* a person takes it back */
    expect_hr(state_queue_abort(mailbox, 100, NULL), MAPI_E_NOT_IN_QUEUE);
}
