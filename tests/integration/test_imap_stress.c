/* The IMAP client in rough weather: many fibers, watches, and a server that comes and goes. */
#include "tests/providers/imap/client/client_rig.h"
#include "tests/servers/servers.h"

#include <stdatomic.h>
#include <unistd.h>

#define FIBERS 8
#define BOXES  3

static struct rig rig;
static struct test_servers *servers;
static struct imap_index *indexes[BOXES];
static struct imap_watch *watches[BOXES];
static struct fiber *fibers[FIBERS];
static const char *const boxes[BOXES] = {"INBOX", "Work", "Archiv/2024"};
static atomic_bool over;
static atomic_uint done, failed;

static HRESULT read_one(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    static const char message[] = "Subject: rough\r\n\r\nweather\r\n";
    size_t *at = arg;

    *ret_size = sizeof(message) - 1 - *at < size ? sizeof(message) - 1 - *at : size;
    memcpy(buffer, message + *at, *ret_size);
    *at += *ret_size;
    return S_OK;
}

/* One operation on a mailbox; any of them may fail, none may crash or hang. */
static HRESULT operate(unsigned seed)
{
    const char *box = boxes[seed % BOXES];
    struct imap_lease *lease;
    struct imap_snapshot *snapshot;
    struct imap_uids uids = {0};
    struct imap_query query;
    size_t at = 0;
    struct imap_append append = {
        .mailbox = box, .internaldate = INT64_MIN, .size = 27, .read = read_one, .arg = &at};
    HRESULT hr = imap_lease_begin(rig.client, box, 0, engine_now() + 5000, NULL, &lease);
    uint32_t uid = 1;

    if (FAILED(hr))
        return hr;
    snapshot = imap_index_snapshot(indexes[seed % BOXES]);
    if (imap_snapshot_count(snapshot) > 0)
        uid = imap_snapshot_uid(snapshot, seed / 7 % imap_snapshot_count(snapshot));
    imap_snapshot_unref(snapshot);
    if (seed % 11 == 0)
        imap_lease_set_deadline(lease, engine_now() + 1);
    switch (seed / 3 % 6) {
    case 0:
    case 1:
        hr = imap_append(lease, &append, NULL, NULL, NULL);
        break;
    case 2:
        hr = imap_flags_store(lease, &uid, 1, IMAP_STORE_ADD, IMAP_FLAG_SEEN, NULL, 0, NULL, NULL);
        break;
    case 3:
        imap_query_init(&query);
        imap_query_add(&query, "SEEN");
        hr = imap_search(lease, &query, NULL, &uids);
        imap_query_clear(&query);
        free(uids.uids);
        break;
    case 4:
        hr = imap_move(lease, &uid, 1, boxes[(seed + 1) % BOXES], NULL, NULL);
        break;
    default:
        hr = imap_expunge(lease, &uid, 1, NULL);
        break;
    }
    imap_lease_end(lease);
    return hr;
}

static HRESULT work(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg * 7919;

    while (!over) {
        seed = seed * 1103515245 + 12345;
        if (SUCCEEDED(operate(seed >> 8)))
            done++;
        else
            failed++;
        if (FAILED(fiber_sleep_until(engine_now() + seed % 5)))
            break;
    }
    return S_OK;
}

static HRESULT begin(void *arg)
{
    struct imap_lease *lease;

    (void)arg;
    cr_assert_eq(imap_lease_begin(rig.client, NULL, 0, NO_DEADLINE, NULL, &lease), S_OK);
    for (int i = 1; i < BOXES; i++)
        expect_hr(imap_mailbox_create(lease, boxes[i], IMAP_USE_NONE, NULL), S_OK);
    imap_lease_end(lease);
    for (int i = 0; i < BOXES; i++) {
        cr_assert_eq(imap_index_create(rig.client, boxes[i], &indexes[i]), S_OK);
        cr_assert_eq(imap_watch_start(indexes[i], &watches[i]), S_OK);
    }
    for (int i = 0; i < FIBERS; i++)
        cr_assert_eq(engine_spawn(rig.engine, work, (void *)(uintptr_t)(i + 1), &fibers[i]), S_OK);
    return S_OK;
}

static HRESULT finish(void *arg)
{
    (void)arg;
    for (int i = 0; i < FIBERS; i++)
        fiber_join(fibers[i]);
    return S_OK;
}

static bool same(const struct imap_snapshot *a, const struct imap_snapshot *b)
{
    if (imap_snapshot_count(a) != imap_snapshot_count(b) ||
        imap_snapshot_unseen(a) != imap_snapshot_unseen(b))
        return false;
    for (size_t n = 0; n < imap_snapshot_count(a); n++) {
        uint32_t differs = imap_snapshot_flags(a, n) ^ imap_snapshot_flags(b, n);

        if (imap_snapshot_uid(a, n) != imap_snapshot_uid(b, n) || differs & ~IMAP_FLAG_RECENT)
            return false;
    }
    return true;
}

/* Whether the index, refreshed, holds what a new one does. */
static bool holds_what_a_new_one_does(struct imap_index *index, const char *box)
{
    struct imap_index *fresh;
    struct imap_snapshot *kept, *read;
    bool is_same;

    if (FAILED(imap_index_create(rig.client, box, &fresh)))
        return false;
    expect_hr(imap_index_refresh(index, NO_DEADLINE, NULL), S_OK);
    expect_hr(imap_index_refresh(fresh, NO_DEADLINE, NULL), S_OK);
    kept = imap_index_snapshot(index);
    read = imap_index_snapshot(fresh);
    is_same = same(kept, read);
    imap_snapshot_unref(kept);
    imap_snapshot_unref(read);
    imap_index_close(fresh);
    imap_index_unref(fresh);
    return is_same;
}

/* The server may still be at what it was told before a connection was dropped, so there are some
 * tries. An index that missed something stays wrong: it asks for what changed since. */
static HRESULT compare(void *arg)
{
    (void)arg;
    for (int i = 0; i < BOXES; i++) {
        bool is_same = false;

        imap_watch_stop(watches[i]);
        for (int tries = 0; !is_same && tries < 10; tries++) {
            if (tries > 0)
                expect_hr(fiber_sleep_until(engine_now() + 200), S_OK);
            is_same = holds_what_a_new_one_does(indexes[i], boxes[i]);
        }
        cr_expect(is_same, "%s: the index is wrong", boxes[i]);
        imap_index_close(indexes[i]);
        imap_index_unref(indexes[i]);
    }
    return S_OK;
}

Test(imap_dovecot, rough_weather_is_survived_and_indexes_are_right_afterwards)
{
    servers = test_servers_start(NULL);
    rig_start_without_script(&rig);
    rig.options.port = test_servers_port(servers, "IMAPS");
    rig.options.tls = CONN_TLS_FIRST;
    rig.options.ca_file = test_servers_get(servers, "MG_CA_FILE");
    rig.options.ping_interval = 500;
    rig.options.silence_timeout = 1000;
    rig.options.trace = NULL;
    rig_client(&rig);
    cr_assert_eq(rig_call(&rig, begin, NULL), S_OK);
    for (int i = 0; i < 4; i++) {
        usleep(700000);
        if (i % 2) {
            test_server_freeze(servers, TEST_SERVER_IMAP);
            usleep(1500000);
            test_server_thaw(servers, TEST_SERVER_IMAP);
        } else {
            test_server_kill(servers, TEST_SERVER_IMAP);
            usleep(300000);
            test_server_start(servers, TEST_SERVER_IMAP);
        }
        rig_await_state(&rig, IMAP_READY);
    }
    over = true;
    expect_hr(rig_call(&rig, finish, NULL), S_OK);
    rig_await_state(&rig, IMAP_READY);
    expect_hr(rig_call(&rig, compare, NULL), S_OK);
    cr_expect_gt(done, 50u, "%u done, %u failed", done, failed);
    rig_stop(&rig);
    test_servers_stop(servers);
}
