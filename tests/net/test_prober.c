/* tests/net/test_prober.c - is a lost server back? With a listener that goes away and returns */
#include <unistd.h>

#include "mapi/mapicode.h"
#include "mapi/memory.h"
#include "net/prober.h"
#include "tests/net/engines.h"
#include "tests/net/peer.h"

#define USERS_MAX 40

struct user {
    struct prober_user prober_user;
    struct prober *prober;
    struct engine_event reached;
    unsigned times;
    bool lose_again; /* reports a loss from inside the call */
};

static struct engine *engine;
static struct peer *peer;
static uint16_t port;
static struct user users[USERS_MAX];

static void server_start(void)
{
    peer = peer_start(&(struct peer_options){.port = port});
    port = peer_port(peer);
}

static void server_stop(void)
{
    peer_stop(peer);
    peer = NULL;
}

static void setup(void)
{
    port = 0;
    server_start();
    engine = engine_make("test");
}

static void teardown(void)
{
    engine_end(engine);
    if (peer)
        server_stop();
}

TestSuite(prober, .init = setup, .fini = teardown, .timeout = 60);

static void reached(struct prober_user *prober_user)
{
    struct user *user = container_of(prober_user, struct user, prober_user);

    cr_expect_eq(engine_place(), ENGINE_LOOP);
    user->times++;
    if (user->lose_again) {
        user->lose_again = false;
        prober_lost(user->prober, prober_user);
        return;
    }
    engine_event_set(&user->reached);
}

static void join(struct user *user)
{
    engine_event_init(&user->reached);
    user->prober_user.reachable = reached;
    assert_hr(prober_join("127.0.0.1", port, &user->prober_user, &user->prober), S_OK);
}

static void leave(struct user *user)
{
    prober_leave(user->prober, &user->prober_user);
    engine_event_clear(&user->reached);
}

static void await(struct user *user)
{
    assert_hr(engine_event_wait(&user->reached, GUARD), S_OK);
    engine_event_reset(&user->reached);
}

/* Gives the server's return to a thread that may block, and goes on. */
static HRESULT start_in_worker(void *arg)
{
    server_start();
    return S_OK;
}

static HRESULT stop_in_worker(void *arg)
{
    server_stop();
    return S_OK;
}

static HRESULT lose_and_find(void *arg)
{
    struct user *user = &users[0];

    join(user);
    cr_expect_eq(prober_next_try_in(user->prober), UINT64_MAX);
    assert_hr(engine_work(stop_in_worker, NULL), S_OK);

    for (unsigned outage = 1; outage <= 2; outage++) {
        prober_lost(user->prober, &user->prober_user);
        cr_expect_leq(prober_next_try_in(user->prober), 1000);
        assert_hr(engine_event_wait(&user->reached, engine_now() + 1000), MAPI_E_TIMEOUT);
        cr_expect_leq(prober_next_try_in(user->prober), 3000);
        assert_hr(engine_work(start_in_worker, NULL), S_OK);
        await(user);
        cr_expect_eq(user->times, outage);
        cr_expect_eq(prober_next_try_in(user->prober), UINT64_MAX);
        assert_hr(engine_work(stop_in_worker, NULL), S_OK);
    }

    /* Found once, nobody is told again. */
    assert_hr(engine_event_wait(&user->reached, engine_now() + 50), MAPI_E_TIMEOUT);
    leave(user);
    return S_OK;
}

Test(prober, tells_when_a_lost_server_is_back_each_time)
{
    assert_hr(engine_call(engine, lose_and_find, NULL), S_OK);
}

/* A connection is made before the peer's thread has counted it. */
static unsigned accepted_since(unsigned before, unsigned expected)
{
    for (int i = 0; i < 1000 && peer_accepted(peer) - before < expected; i++)
        usleep(10000);
    return peer_accepted(peer) - before;
}

static HRESULT share_one(void *arg)
{
    unsigned before = peer_accepted(peer);

    for (size_t i = 0; i < USERS_MAX; i++)
        join(&users[i]);
    for (size_t i = 0; i < USERS_MAX; i++)
        cr_expect_eq(users[i].prober, users[0].prober);
    for (size_t i = 0; i < USERS_MAX - 1; i++)
        prober_lost(users[i].prober, &users[i].prober_user);
    for (size_t i = 0; i < USERS_MAX - 1; i++) {
        await(&users[i]);
        cr_expect_eq(users[i].times, 1);
    }
    cr_expect_eq(users[USERS_MAX - 1].times, 0, "has lost nothing, and its turn is past");
    cr_expect_eq(accepted_since(before, 1), 1);
    for (size_t i = 0; i < USERS_MAX; i++)
        leave(&users[i]);
    return S_OK;
}

Test(prober, one_try_serves_all_who_lost_the_server)
{
    assert_hr(engine_call(engine, share_one, NULL), S_OK);
}

static HRESULT lose_while_others_are_let_through(void *arg)
{
    unsigned before = peer_accepted(peer);

    for (size_t i = 0; i < USERS_MAX; i++)
        join(&users[i]);
    users[USERS_MAX - 1].lose_again = true; /* the first to be let through */
    for (size_t i = 0; i < USERS_MAX; i++)
        prober_lost(users[i].prober, &users[i].prober_user);
    for (size_t i = 0; i < USERS_MAX; i++)
        await(&users[i]);
    cr_expect_eq(users[USERS_MAX - 1].times, 2);
    cr_expect_eq(accepted_since(before, 2), 2, "a new loss needs a new answer");
    for (size_t i = 0; i < USERS_MAX; i++)
        leave(&users[i]);
    return S_OK;
}

Test(prober, a_user_that_fails_again_waits_for_a_new_answer)
{
    assert_hr(engine_call(engine, lose_while_others_are_let_through, NULL), S_OK);
}

static HRESULT ask_now(void *arg)
{
    struct user *user = &users[0];
    unsigned before = peer_accepted(peer);

    join(user);
    prober_now(user->prober); /* nobody waits: nothing to find out */
    cr_expect_eq(prober_next_try_in(user->prober), UINT64_MAX);

    prober_lost(user->prober, &user->prober_user);
    cr_expect_gt(prober_next_try_in(user->prober), 0);
    prober_now(user->prober);
    cr_expect_eq(prober_next_try_in(user->prober), 0, "under way");
    prober_now(user->prober);
    await(user);
    cr_expect_eq(accepted_since(before, 1), 1);

    prober_lost(user->prober, &user->prober_user);
    prober_now(user->prober); /* within the second */
    cr_expect_gt(prober_next_try_in(user->prober), 0);
    await(user);
    leave(user);
    return S_OK;
}

Test(prober, now_means_now_but_once_a_second)
{
    assert_hr(engine_call(engine, ask_now, NULL), S_OK);
}

static HRESULT leave_in_the_middle(void *arg)
{
    join(&users[0]);
    prober_lost(users[0].prober, &users[0].prober_user);
    prober_now(users[0].prober);
    leave(&users[0]); /* the try goes on as an orphan */

    join(&users[1]);
    prober_lost(users[1].prober, &users[1].prober_user);
    leave(&users[1]); /* the next try was waited for */

    join(&users[2]);
    prober_lost(users[2].prober, &users[2].prober_user);
    await(&users[2]);
    leave(&users[2]);
    cr_expect_eq(users[0].times, 0);
    cr_expect_eq(users[1].times, 0);
    return S_OK;
}

Test(prober, a_user_may_leave_at_any_time)
{
    assert_hr(engine_call(engine, leave_in_the_middle, NULL), S_OK);
}

static void leave_when_reached(struct prober_user *prober_user)
{
    struct user *user = container_of(prober_user, struct user, prober_user);

    prober_leave(user->prober, prober_user);
    engine_event_set(&user->reached);
}

static HRESULT leave_from_the_call(void *arg)
{
    struct user *user = &users[0];

    join(user);
    user->prober_user.reachable = leave_when_reached;
    prober_lost(user->prober, &user->prober_user);
    await(user);
    engine_event_clear(&user->reached);
    return S_OK;
}

Test(prober, a_user_may_leave_from_inside_its_call)
{
    assert_hr(engine_call(engine, leave_from_the_call, NULL), S_OK);
}

static HRESULT join_and_lose(void *arg)
{
    join(&users[0]);
    prober_lost(users[0].prober, &users[0].prober_user);
    prober_now(users[0].prober);
    join(&users[1]);
    return S_OK;
}

Test(prober, may_outlive_its_engine)
{
    assert_hr(engine_call(engine, join_and_lose, NULL), S_OK);
    engine_stop(engine);
    prober_lost(users[0].prober, &users[0].prober_user);
    prober_now(users[0].prober);
    leave(&users[0]);
    leave(&users[1]);
}
