/* The index: filling, three ways of keeping up, listeners, watches. */
#include "tests/providers/imap/client/client_rig.h"

static struct rig rig;
static struct imap_index *idx;
static struct error_info error;

/* What the listener heard: "filled added 4 removed 1,2 changed 3;" */
static char heard[4096];

static void note(const char *word, const uint32_t *uids, size_t count)
{
    if (count == 0)
        return;
    snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard), "%s ", word);
    for (size_t i = 0; i < count; i++)
        snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard), "%u%s", uids[i],
                 i + 1 < count ? "," : " ");
}

static void on_change(struct imap_index_listener *listener, const struct imap_index_change *change)
{
    (void)listener;
    pthread_mutex_lock(&rig.lock);
    if (change->events & IMAP_INDEX_RESET)
        strcat(heard, "reset ");
    if (change->events & IMAP_INDEX_FILLED)
        strcat(heard, "filled ");
    if (change->events & IMAP_INDEX_GONE)
        strcat(heard, "gone ");
    note("added", change->added, change->added_count);
    note("removed", change->removed, change->removed_count);
    note("changed", change->changed, change->changed_count);
    strcat(heard, ";");
    pthread_cond_broadcast(&rig.changed);
    pthread_mutex_unlock(&rig.lock);
}

static struct imap_index_listener listener = {.changed = on_change};

static void await_heard(const char *words)
{
    struct timespec until;
    int rc = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 30;
    pthread_mutex_lock(&rig.lock);
    while (rc == 0 && !strstr(heard, words))
        rc = pthread_cond_timedwait(&rig.changed, &rig.lock, &until);
    cr_expect(strstr(heard, words), "\"%s\" was not heard, but \"%s\"", words, heard);
    pthread_mutex_unlock(&rig.lock);
}

static HRESULT open_index(void *arg)
{
    HRESULT hr = imap_index_create(rig.client, arg, &idx);

    if (SUCCEEDED(hr))
        imap_index_listen(idx, &listener);
    return hr;
}

static HRESULT refresh(void *arg)
{
    (void)arg;
    error_clear(&error);
    return imap_index_refresh(idx, NO_DEADLINE, &error);
}

static HRESULT close_index(void *arg)
{
    (void)arg;
    imap_index_close(idx);
    imap_index_unlisten(idx, &listener);
    return S_OK;
}

static void start(const char *const *scripts, size_t count)
{
    rig_start(&rig, scripts, count);
    rig_client(&rig);
    cr_assert_eq(rig_call(&rig, open_index, "INBOX"), S_OK);
}

static void stop(void)
{
    expect_hr(rig_call(&rig, close_index, NULL), S_OK);
    imap_index_unref(idx);
    rig_stop(&rig);
}

static void expect_uids(const char *want)
{
    struct imap_snapshot *snapshot = imap_index_snapshot(idx);
    char got[256] = "";

    for (size_t i = 0; i < imap_snapshot_count(snapshot); i++)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u", i ? "," : "",
                 imap_snapshot_uid(snapshot, i));
    cr_expect_str_eq(got, want);
    imap_snapshot_unref(snapshot);
}

#define ROW(seq, uid, flags, subject)                                                              \
    "S: * " seq " FETCH (UID " uid " FLAGS (" flags                                                \
    ") RFC822.SIZE 100 INTERNALDATE \"14-Nov-2023 22:13:20 +0000\" "                               \
    "ENVELOPE (\"d\" \"" subject "\" ((\"Ann\" NIL \"ann\" \"x.test\")) NIL NIL "                  \
    "((NIL NIL \"bob\" \"x.test\")) NIL NIL NIL \"<1@x>\") "                                       \
    "BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1)"                                 \
    "(\"application\" \"pdf\" NIL NIL NIL \"base64\" 50) \"mixed\"))\n"
#define ROWS_OF(set) "C: %t UID FETCH " set " (UID FLAGS RFC822.SIZE INTERNALDATE ENVELOPE *\n"
#define DONE         "S: %t OK x\n"
#define NOOP         "C: %t NOOP\n" DONE

/* --- Filling --------------------------------------------------------------------------------- */

#define FILL                                                                                       \
    SELECT("INBOX", "9", "4", "3")                                                                 \
    ROWS_OF("1:[*]")                                                                               \
    ROW("1", "1", "", "one")                                                                       \
    ROW("2", "2", "\\\\Seen", "two") ROW("3", "3", "\\\\Seen $Work $Forwarded", "three") DONE

Test(imap_index, a_fill_brings_every_row)
{
    static const char *const scripts[] = {LOGIN FILL "E:\n"};
    struct imap_snapshot *snapshot;
    const char *name, *address;
    struct imap_row row;

    start(scripts, 1);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    snapshot = imap_index_snapshot(idx);
    cr_assert_eq(imap_snapshot_count(snapshot), 3u);
    cr_expect(imap_snapshot_complete(snapshot));
    cr_expect_eq(imap_snapshot_uidvalidity(snapshot), 9u);
    cr_expect_eq(imap_snapshot_uidnext(snapshot), 4u);
    cr_expect_eq(imap_snapshot_unseen(snapshot), 1u);
    imap_snapshot_row(snapshot, 2, &row);
    cr_expect_eq(row.uid, 3u);
    cr_expect_eq(row.flags, (uint32_t)(IMAP_FLAG_SEEN | IMAP_FLAG_FORWARDED));
    cr_expect_str_eq(row.keywords.bytes, "$Work");
    cr_expect_str_eq(row.subject.bytes, "three");
    cr_expect_eq(row.internaldate, 1700000000);
    cr_expect(row.has_attachment);
    cr_assert(imap_addresses_next(&row.from, &name, &address));
    cr_expect_str_eq(name, "Ann");
    cr_expect_str_eq(address, "ann@x.test");
    cr_assert(imap_addresses_next(&row.to, &name, &address));
    cr_expect_str_eq(address, "bob@x.test");
    cr_expect_str_eq(heard, "filled ;");
    imap_snapshot_unref(snapshot);
    stop();
}

Test(imap_index, an_empty_mailbox_is_filled_without_a_fetch)
{
    static const char *const scripts[] = {LOGIN SELECT("INBOX", "9", "4", "0") "E:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_uids("");
    cr_expect_str_eq(heard, "filled ;");
    stop();
}

static HRESULT start_refresh(void *arg)
{
    (void)arg;
    return imap_index_refresh_later(idx);
}

Test(imap_index, rows_can_be_used_while_they_arrive)
{
    static const char *const scripts[] = {
        LOGIN SELECT("INBOX", "9", "8001", "8000") ROWS_OF("1:2001") ROW("1", "1", "", "one")
            ROW("2", "2", "", "two") DONE
        "C: %t UID FETCH 2002:[*] *\nH: rest\n" ROW("3", "3000", "", "three") DONE "E:\n"};
    struct imap_snapshot *snapshot;

    /* 8,000 messages are promised, so it is asked for in ranges; few come, so the next is wider. */
    start(scripts, 1);
    (void)snapshot;
    expect_hr(rig_call(&rig, start_refresh, NULL), S_OK);
    expect_hr(imap_index_wait_rows(idx, 0, NO_DEADLINE, &error, &snapshot), S_OK);
    cr_expect_eq(imap_snapshot_count(snapshot), 2u);
    cr_expect_not(imap_snapshot_complete(snapshot));
    imap_snapshot_unref(snapshot);
    scripted_server_release(rig.server, "rest");
    expect_hr(imap_index_wait_rows(idx, 100, NO_DEADLINE, &error, &snapshot), S_OK);
    cr_expect_eq(imap_snapshot_count(snapshot), 3u);
    cr_expect(imap_snapshot_complete(snapshot));
    imap_snapshot_unref(snapshot);
    stop();
}

Test(imap_index, who_waits_for_rows_hears_why_none_come)
{
    static const char *const scripts[] = {LOGIN
                                          "C: %t SELECT INBOX\nS: %t NO [NONEXISTENT] gone\nE:\n"};
    struct imap_snapshot *snapshot;

    start(scripts, 1);
    expect_hr(rig_call(&rig, start_refresh, NULL), S_OK);
    expect_hr(imap_index_wait_rows(idx, 0, NO_DEADLINE, &error, &snapshot), MAPI_E_NOT_FOUND);
    cr_expect_str_eq(error.text, "NONEXISTENT: gone");
    imap_snapshot_unref(snapshot);
    await_heard("gone ;");
    stop();
}

Test(imap_index, an_interrupted_fill_goes_on_where_it_stopped)
{
    static const char *const scripts[] = {
        LOGIN SELECT("INBOX", "9", "8001", "8000") ROWS_OF("1:2001") ROW("1", "1", "", "one")
            ROW("2", "2000", "", "two") DONE "C: %t UID FETCH 2002:*\nX:\n",
        LOGIN SELECT("INBOX", "9", "8001", "2") "C: %t UID FETCH 2001:*\n" DONE "E:\n"};

    start(scripts, 2);
    expect_hr(rig_call(&rig, refresh, NULL), MAPI_E_NETWORK_ERROR);
    expect_uids("1,2000");
    rig_await_state(&rig, IMAP_READY);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_uids("1,2000");
    stop();
}

/* --- Keeping up ------------------------------------------------------------------------------ */

Test(imap_index, without_extensions_everything_is_compared)
{
    static const char *const scripts[] = {LOGIN FILL
                                          "C: %t NOOP\nS: * 2 EXPUNGE\nS: * 3 EXISTS\n" DONE
                                          "C: %t UID FETCH 1:[*] (UID FLAGS)\n"
                                          "S: * 1 FETCH (UID 1 FLAGS (\\\\Seen))\n"
                                          "S: * 2 FETCH (UID 3 FLAGS (\\\\Seen $Work $Forwarded))\n"
                                          "S: * 3 FETCH (UID 4 FLAGS ())\n" DONE ROWS_OF("4:[*]")
                                              ROW("3", "4", "", "four") DONE "E:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_uids("1,3,4");
    cr_expect_str_eq(heard, "filled ;removed 2 changed 1 ;added 4 ;");
    stop();
}

Test(imap_index, news_in_the_middle_of_an_answer_is_asked_for_again)
{
    static const char *const scripts[] = {
        LOGIN FILL NOOP "C: %t UID FETCH 1:[*] (UID FLAGS)\n"
                        "S: * 1 FETCH (UID 1 FLAGS ())\n"
                        "S: * 2 FETCH (UID 2 FLAGS (\\\\Seen))\n"
                        "S: * 3 FETCH (UID 3 FLAGS (\\\\Seen $Work $Forwarded))\n"
                        "S: * 2 EXPUNGE\n" DONE "C: %t UID FETCH 1:[*] (UID FLAGS)\n"
                        "S: * 1 FETCH (UID 1 FLAGS ())\n"
                        "S: * 2 FETCH (UID 3 FLAGS (\\\\Seen $Work $Forwarded))\n" DONE "E:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_uids("1,3");
    cr_expect_str_eq(heard, "filled ;removed 2 ;");
    stop();
}

#define SELECT_MODSEQ                                                                              \
    "C: %t SELECT INBOX\nS: * 3 EXISTS\nS: * OK [UIDVALIDITY 9] x\nS: * OK [UIDNEXT 4] x\n"        \
    "S: * OK [HIGHESTMODSEQ 70] x\nS: %t OK [READ-WRITE] x\n"
#define FILL_MODSEQ                                                                                \
    SELECT_MODSEQ ROWS_OF("1:[*]") ROW("1", "1", "", "one") ROW("2", "2", "", "two")               \
        ROW("3", "3", "", "three") DONE

Test(imap_index, qresync_tells_changes_and_removals_in_one_answer)
{
    static const char *const scripts[] = {LOGIN_AS(
        "ENABLE QRESYNC") "C: %t ENABLE QRESYNC\n" DONE FILL_MODSEQ NOOP
                          "C: %t UID FETCH 1:[*] (UID FLAGS) (CHANGEDSINCE 70 VANISHED)\n"
                          "S: * VANISHED (EARLIER) 1,3:1000\n"
                          "S: * 1 FETCH (UID 2 FLAGS (\\\\Flagged) MODSEQ (71))\n" DONE NOOP
                          "C: %t UID FETCH 1:[*] (UID FLAGS) (CHANGEDSINCE 71 VANISHED)\n" DONE
                          "E:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_uids("2");
    cr_expect_str_eq(heard, "filled ;removed 1,3 changed 2 ;");
    /* The next one asks from the new mod-sequence, and nothing is told when nothing happened. */
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    cr_expect_str_eq(heard, "filled ;removed 1,3 changed 2 ;");
    stop();
}

/* The message is told by its count alone; the mod-sequences that come with it are beyond its own.
 */
Test(imap_index, a_message_that_arrives_in_the_middle_of_an_answer_is_not_skipped)
{
    static const char *const scripts[] = {LOGIN_AS(
        "ENABLE QRESYNC") "C: %t ENABLE QRESYNC\n" DONE FILL_MODSEQ NOOP
                          "C: %t UID FETCH 1:[*] (UID FLAGS) (CHANGEDSINCE 70 VANISHED)\n"
                          "S: * 4 EXISTS\n"
                          "S: * 1 FETCH (UID 1 FLAGS (\\\\Seen) MODSEQ (72))\n"
                          "S: %t OK [HIGHESTMODSEQ 72] x\n"
                          "C: %t UID FETCH 1:[*] (UID FLAGS) (CHANGEDSINCE 70 VANISHED)\n"
                          "S: * 1 FETCH (UID 1 FLAGS (\\\\Seen) MODSEQ (72))\n"
                          "S: * 4 FETCH (UID 4 FLAGS () MODSEQ (71))\n" DONE ROWS_OF("4:[*]")
                                              ROW("4", "4", "", "four") DONE "E:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_uids("1,2,3,4");
    stop();
}

Test(imap_index, condstore_asks_for_all_uids_only_when_the_count_is_wrong)
{
    static const char *const scripts[] = {
        LOGIN_AS("ENABLE CONDSTORE") "C: %t ENABLE CONDSTORE\n" DONE FILL_MODSEQ NOOP
                                     "C: %t UID FETCH 1:[*] (UID FLAGS) (CHANGEDSINCE 70)\n" DONE
                                     "C: %t NOOP\nS: * 1 EXPUNGE\n" DONE
                                     "C: %t UID FETCH 1:[*] (UID FLAGS) (CHANGEDSINCE 70)\n" DONE
                                     "C: %t UID SEARCH ALL\nS: * SEARCH 2 3\n" DONE "E:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    cr_expect_str_eq(heard, "filled ;");
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_uids("2,3");
    cr_expect_str_eq(heard, "filled ;removed 1 ;");
    stop();
}

Test(imap_index, another_uidvalidity_begins_again)
{
    static const char *const scripts[] = {LOGIN FILL "C: %t NOOP\nX:\n",
                                          LOGIN SELECT("INBOX", "10", "2", "1") ROWS_OF("1:[*]")
                                              ROW("1", "1", "", "new") DONE "E:\n"};

    start(scripts, 2);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_hr(rig_call(&rig, refresh, NULL), MAPI_E_NETWORK_ERROR);
    rig_await_state(&rig, IMAP_READY);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_uids("1");
    cr_expect_str_eq(heard, "filled ;reset ;filled ;");
    stop();
}

static HRESULT tell_own_doings(void *arg)
{
    static const uint32_t stored[] = {3, 1}, removed[] = {2, 99};

    (void)arg;
    imap_index_flags_stored(idx, stored, 2, IMAP_STORE_ADD, IMAP_FLAG_FLAGGED);
    imap_index_removed(idx, removed, 2);
    return S_OK;
}

Test(imap_index, our_own_commands_show_at_once)
{
    static const char *const scripts[] = {LOGIN FILL "E:\n"};
    struct imap_snapshot *snapshot;

    start(scripts, 1);
    expect_hr(rig_call(&rig, refresh, NULL), S_OK);
    expect_hr(rig_call(&rig, tell_own_doings, NULL), S_OK);
    expect_uids("1,3");
    cr_expect_str_eq(heard, "filled ;changed 1,3 ;removed 2 ;");
    snapshot = imap_index_snapshot(idx);
    cr_expect_eq(imap_snapshot_flags(snapshot, 1),
                 (uint32_t)(IMAP_FLAG_SEEN | IMAP_FLAG_FORWARDED | IMAP_FLAG_FLAGGED));
    imap_snapshot_unref(snapshot);
    stop();
}

/* --- Watches --------------------------------------------------------------------------------- */

static struct imap_watch *watch;

static HRESULT watch_start(void *arg)
{
    (void)arg;
    return imap_watch_start(idx, &watch);
}

static HRESULT watch_stop(void *arg)
{
    (void)arg;
    imap_watch_stop(watch);
    return S_OK;
}

Test(imap_watch, idle_brings_news_into_the_index)
{
    static const char *const scripts[] = {
        LOGIN_AS("IDLE") FILL
        "C: %t IDLE\nS: + idling\nH: news\nS: * OK still here\n"
        "S: * 4 EXISTS\nC: DONE\n" DONE NOOP "C: %t UID FETCH 1:[*] (UID FLAGS)\n"
        "S: * 1 FETCH (UID 1 FLAGS ())\nS: * 2 FETCH (UID 2 FLAGS (\\\\Seen))\n"
        "S: * 3 FETCH (UID 3 FLAGS (\\\\Seen $Work $Forwarded))\n"
        "S: * 4 FETCH (UID 4 FLAGS ())\n" DONE ROWS_OF("4:[*]") ROW("4", "4", "", "four") DONE
        "C: %t IDLE\nS: + idling\nP: again\nC: DONE\n" DONE "E:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, watch_start, NULL), S_OK);
    await_heard("filled ;");
    scripted_server_release(rig.server, "news");
    await_heard("added 4 ;");
    cr_assert_eq(scripted_server_await(rig.server, "again"), 0);
    expect_hr(rig_call(&rig, watch_stop, NULL), S_OK);
    stop();
}

Test(imap_watch, news_before_the_continuation_is_not_lost)
{
    static const char *const scripts[] = {
        LOGIN_AS("IDLE") FILL "C: %t IDLE\ns: * 2 EXPUNGE\\r\\n+ idling\\r\\n\nC: DONE\n" DONE NOOP
                              "C: %t UID FETCH 1:[*] (UID FLAGS)\n"
                              "S: * 1 FETCH (UID 1 FLAGS ())\n"
                              "S: * 3 FETCH (UID 3 FLAGS (\\\\Seen $Work $Forwarded))\n" DONE
                              "C: %t IDLE\nS: + idling\nP: again\nC: DONE\n" DONE "E:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, watch_start, NULL), S_OK);
    await_heard("removed 2 ;");
    cr_assert_eq(scripted_server_await(rig.server, "again"), 0);
    expect_hr(rig_call(&rig, watch_stop, NULL), S_OK);
    stop();
}

Test(imap_watch, without_idle_it_polls)
{
    static const char *const scripts[] = {
        LOGIN "C: %t STATUS \"INBOX\" *\n"
              "S: * STATUS INBOX (MESSAGES 3 UNSEEN 1 UIDNEXT 4 UIDVALIDITY 9)\n" DONE FILL
              "C: %t STATUS \"INBOX\" *\n"
              "S: * STATUS INBOX (MESSAGES 2 UNSEEN 1 UIDNEXT 4 UIDVALIDITY 9)\n" DONE NOOP
              "C: %t UID FETCH 1:[*] (UID FLAGS)\n"
              "S: * 1 FETCH (UID 1 FLAGS ())\nS: * 2 FETCH (UID 2 FLAGS (\\\\Seen))\n" DONE
              "*: %t STATUS * => * STATUS INBOX (MESSAGES 2 UNSEEN 1 UIDNEXT 4 UIDVALIDITY "
              "9)\\r\\n%t OK x\n"
              "E:\n"};

    rig_start(&rig, scripts, 1);
    rig.options.poll_interval = 100;
    rig_client(&rig);
    cr_assert_eq(rig_call(&rig, open_index, "INBOX"), S_OK);
    expect_hr(rig_call(&rig, watch_start, NULL), S_OK);
    await_heard("removed 3 ;");
    expect_hr(rig_call(&rig, watch_stop, NULL), S_OK);
    stop();
}

Test(imap_watch, after_an_outage_it_catches_up)
{
    static const char *const scripts[] = {
        LOGIN_AS("IDLE") FILL "C: %t IDLE\nS: + idling\nP: idle\nH: die\nR:\n",
        LOGIN_AS("IDLE") SELECT("INBOX", "9", "4",
                                "2") "C: %t UID FETCH 1:[*] (UID FLAGS)\n"
                                     "S: * 1 FETCH (UID 2 FLAGS (\\\\Seen))\n"
                                     "S: * 2 FETCH (UID 3 FLAGS (\\\\Seen $Work $Forwarded))\n" DONE
                                     "C: %t IDLE\nS: + idling\nP: again\nC: DONE\n" DONE "E:\n"};

    start(scripts, 2);
    expect_hr(rig_call(&rig, watch_start, NULL), S_OK);
    cr_assert_eq(scripted_server_await(rig.server, "idle"), 0);
    scripted_server_release(rig.server, "die");
    await_heard("removed 1 ;");
    cr_assert_eq(scripted_server_await(rig.server, "again"), 0);
    expect_hr(rig_call(&rig, watch_stop, NULL), S_OK);
    stop();
}

Test(imap_watch, can_be_stopped_in_the_middle_of_a_refresh)
{
    static const char *const scripts[] = {
        LOGIN_AS("IDLE") SELECT("INBOX", "9", "4", "3") "C: %t UID FETCH *\nP: fetching\nU:\n",
        LOGIN "E:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, watch_start, NULL), S_OK);
    cr_assert_eq(scripted_server_await(rig.server, "fetching"), 0);
    expect_hr(rig_call(&rig, watch_stop, NULL), S_OK);
    stop();
}

/* The server's answer is on its way, and nobody has read it. */
static HRESULT answer_and_stop(void *arg)
{
    (void)arg;
    scripted_server_release(rig.server, "go");
    imap_watch_stop(watch);
    return S_OK;
}

Test(imap_watch, stopped_on_its_way_into_idle_it_gives_its_session_back)
{
    static const char *const scripts[] = {LOGIN_AS(
        "IDLE") FILL "C: %t IDLE\nP: entering\nH: go\nS: + idling\nC: DONE\n" DONE NOOP "E:\n"};

    start(scripts, 1);
    expect_hr(rig_call(&rig, watch_start, NULL), S_OK);
    cr_assert_eq(scripted_server_await(rig.server, "entering"), 0);
    expect_hr(rig_call(&rig, answer_and_stop, NULL), S_OK);
    expect_hr(rig_noop(&rig, NULL, &error), S_OK);
    stop();
}
