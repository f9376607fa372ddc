#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/net/engines.h"

static struct engine *engine, *other;
static struct engine_mutex mutex;
static struct engine_event event;
static struct engine_queue queue;

static void setup(void)
{
    engine = engine_make("one");
    other = engine_make("two");
    engine_mutex_init(&mutex);
    engine_event_init(&event);
    engine_queue_init(&queue);
}

static void teardown(void)
{
    engine_end(engine);
    engine_end(other);
    engine_mutex_clear(&mutex);
    engine_event_clear(&event);
    engine_queue_clear(&queue);
}

TestSuite(wait, .init = setup, .fini = teardown);

/* ---- Mutex ---- */

static char order[32];

static HRESULT lock_and_sign(void *arg)
{
    assert_hr(engine_mutex_lock(&mutex, GUARD), S_OK);
    strcat(order, arg);
    fiber_yield(); /* held over a wait */
    engine_mutex_unlock(&mutex);
    return S_OK;
}

/* A waiter starts with its `next`. */
static size_t count_waiters(pthread_mutex_t *lock, const struct waiter_list *list)
{
    size_t count = 0;
    void **waiter;

    pthread_mutex_lock(lock);
    for (waiter = (void **)list->first; waiter; waiter = *waiter)
        count++;
    pthread_mutex_unlock(lock);
    return count;
}

static void await_waiters_of(pthread_mutex_t *lock, const struct waiter_list *list, size_t count)
{
    uint64_t guard = GUARD;

    while (count_waiters(lock, list) != count && engine_now() < guard)
        fiber_sleep_until(engine_now() + 1);
    cr_assert_eq(count_waiters(lock, list), count);
}

static void await_waiters(size_t count)
{
    await_waiters_of(&mutex.lock, &mutex.waiters, count);
}

static void *thread_lock(void *arg)
{
    lock_and_sign(arg);
    return NULL;
}

Test(wait, mutex_is_fair_among_threads_and_fibers)
{
    struct thread_call first = {engine, lock_and_sign, "a", 0, 0};
    struct thread_call third = {other, lock_and_sign, "c", 0, 0};
    struct thread_call fourth = {engine, lock_and_sign, "d", 0, 0};
    pthread_t second;

    assert_hr(engine_mutex_lock(&mutex, NO_DEADLINE), S_OK);
    thread_call_start(&first);
    await_waiters(1);
    second = thread_start(thread_lock, "b");
    await_waiters(2);
    thread_call_start(&third);
    await_waiters(3);
    thread_call_start(&fourth);
    await_waiters(4);
    engine_mutex_unlock(&mutex);
    cr_expect(!engine_mutex_try_lock(&mutex)); /* no overtaking */
    thread_call_end(&first);
    pthread_join(second, NULL);
    thread_call_end(&third);
    thread_call_end(&fourth);
    cr_expect_str_eq(order, "abcd");
    cr_expect(engine_mutex_try_lock(&mutex));
    engine_mutex_unlock(&mutex);
}

static unsigned shared_count;

static HRESULT count_under_mutex(void *arg)
{
    unsigned i, before;

    for (i = 0; i < 100; i++) {
        assert_hr(engine_mutex_lock(&mutex, GUARD), S_OK);
        before = shared_count;
        if (i % 10 == 0)
            fiber_yield();
        shared_count = before + 1;
        engine_mutex_unlock(&mutex);
    }
    return S_OK;
}

static void *count_outside(void *arg)
{
    count_under_mutex(NULL);
    return NULL;
}

Test(wait, mutex_excludes)
{
    struct thread_call calls[6];
    pthread_t threads[3];
    unsigned i;

    for (i = 0; i < 6; i++) {
        calls[i] = (struct thread_call){i % 2 ? engine : other, count_under_mutex, NULL, 0, 0};
        thread_call_start(&calls[i]);
    }
    for (i = 0; i < 3; i++)
        threads[i] = thread_start(count_outside, NULL);
    for (i = 0; i < 6; i++)
        thread_call_end(&calls[i]);
    for (i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(shared_count, 900);
}

static HRESULT lock_until(void *arg)
{
    uint64_t deadline = engine_now() + 20;
    HRESULT hr = engine_mutex_lock(&mutex, deadline);

    cr_expect(engine_now() >= deadline);
    return hr;
}

static HRESULT try_hopeless(void *arg)
{
    return engine_mutex_lock(&mutex, 0);
}

Test(wait, mutex_ends_at_the_deadline)
{
    assert_hr(engine_mutex_lock(&mutex, NO_DEADLINE), S_OK);
    assert_hr(lock_until(NULL), MAPI_E_TIMEOUT);
    assert_hr(try_hopeless(NULL), MAPI_E_TIMEOUT);
    assert_hr(engine_call(engine, lock_until, NULL), MAPI_E_TIMEOUT);
    assert_hr(engine_call(engine, try_hopeless, NULL), MAPI_E_TIMEOUT);
    await_waiters(0);
    engine_mutex_unlock(&mutex);
    assert_hr(engine_call(engine, try_hopeless, NULL), S_OK); /* free: no wait */
    engine_mutex_unlock(&mutex);
}

static HRESULT lock_for_ever(void *arg)
{
    return engine_mutex_lock(&mutex, NO_DEADLINE);
}

static HRESULT cancel_a_waiter(void *arg)
{
    struct fiber *gone, *next;

    assert_hr(engine_spawn(engine, lock_for_ever, NULL, &gone), S_OK);
    assert_hr(engine_spawn(engine, lock_for_ever, NULL, &next), S_OK);
    await_waiters(2);
    fiber_cancel(gone);
    assert_hr(fiber_join(gone), MAPI_E_USER_CANCEL);
    engine_mutex_unlock(&mutex);
    assert_hr(fiber_join(next), S_OK); /* the lock went to who still waits */
    engine_mutex_unlock(&mutex);
    return S_OK;
}

Test(wait, cancelled_waiter_leaves_the_mutex)
{
    assert_hr(engine_mutex_lock(&mutex, NO_DEADLINE), S_OK);
    assert_hr(engine_call(engine, cancel_a_waiter, NULL), S_OK);
}

static HRESULT grant_then_cancel(void *arg)
{
    struct fiber *fiber;

    assert_hr(engine_spawn(engine, lock_for_ever, NULL, &fiber), S_OK);
    await_waiters(1);
    engine_mutex_unlock(&mutex);
    fiber_cancel(fiber); /* too late: it has the lock */
    return fiber_join(fiber);
}

Test(wait, cancel_after_the_grant_does_not_lose_the_lock)
{
    assert_hr(engine_mutex_lock(&mutex, NO_DEADLINE), S_OK);
    assert_hr(engine_call(engine, grant_then_cancel, NULL), S_OK);
    cr_expect(!engine_mutex_try_lock(&mutex));
    engine_mutex_unlock(&mutex);
}

static atomic_bool loop_is_held, has_granted;
static uint64_t late_deadline;

static HRESULT lock_until_late(void *arg)
{
    return engine_mutex_lock(&mutex, late_deadline);
}

static void hold_loop(struct engine_node *node)
{
    uint64_t guard = GUARD;

    atomic_store(&loop_is_held, true);
    while ((!atomic_load(&has_granted) || engine_now() <= late_deadline) && engine_now() < guard)
        usleep(1000);
}

Test(wait, grant_before_a_late_deadline_is_not_lost)
{
    struct thread_call call = {engine, lock_until_late, NULL, 0, 0};
    static struct engine_node node;

    assert_hr(engine_mutex_lock(&mutex, NO_DEADLINE), S_OK);
    late_deadline = engine_now() + 1000;
    thread_call_start(&call);
    await_waiters(1);
    engine_post(engine, &node, hold_loop);
    while (!atomic_load(&loop_is_held))
        usleep(1000);
    /* The loop will see the deadline before it sees the grant, which came first. */
    engine_mutex_unlock(&mutex);
    atomic_store(&has_granted, true);
    assert_hr(thread_call_end(&call), S_OK);
    cr_expect(!engine_mutex_try_lock(&mutex));
    engine_mutex_unlock(&mutex);
}

/* Deadlines and grants from another thread that fall together: the lock is never lost. */
static HRESULT lock_briefly(void *arg)
{
    unsigned i, got = 0;

    for (i = 0; i < 200; i++)
        if (engine_mutex_lock(&mutex, engine_now() + i % 3) == S_OK) {
            got++;
            engine_mutex_unlock(&mutex);
        }
    return (HRESULT)got;
}

static void *hold_briefly(void *arg)
{
    unsigned i;

    for (i = 0; i < 200; i++) {
        assert_hr(engine_mutex_lock(&mutex, GUARD), S_OK);
        fiber_sleep_until(engine_now() + 1);
        engine_mutex_unlock(&mutex);
    }
    return NULL;
}

Test(wait, deadline_and_grant_at_once_lose_nothing)
{
    struct thread_call one = {engine, lock_briefly, NULL, 0, 0};
    struct thread_call two = {other, lock_briefly, NULL, 0, 0};
    pthread_t holder = thread_start(hold_briefly, NULL);

    thread_call_start(&one);
    thread_call_start(&two);
    pthread_join(holder, NULL);
    thread_call_end(&one);
    thread_call_end(&two);
    cr_expect(engine_mutex_try_lock(&mutex));
    engine_mutex_unlock(&mutex);
}

/* ---- Event ---- */

static HRESULT await_event(void *arg)
{
    return engine_event_wait(&event, GUARD);
}

static HRESULT await_event_out(void *arg)
{
    engine_event_wait_out(&event);
    return S_OK;
}

static void *await_event_outside(void *arg)
{
    assert_hr(await_event(NULL), S_OK);
    return NULL;
}

Test(wait, event_wakes_all_and_stays_set)
{
    struct thread_call one = {engine, await_event, NULL, 0, 0};
    struct thread_call two = {other, await_event_out, NULL, 0, 0};
    pthread_t thread = thread_start(await_event_outside, NULL);

    thread_call_start(&one);
    thread_call_start(&two);
    await_waiters_of(&event.lock, &event.waiters, 3);
    engine_event_set(&event);
    assert_hr(thread_call_end(&one), S_OK);
    assert_hr(thread_call_end(&two), S_OK);
    pthread_join(thread, NULL);
    cr_expect(engine_event_is_set(&event));
    assert_hr(engine_event_wait(&event, 0), S_OK);
    engine_event_reset(&event);
    cr_expect(!engine_event_is_set(&event));
    assert_hr(engine_event_wait(&event, engine_now() + 5), MAPI_E_TIMEOUT);
}

static HRESULT wait_out_and_tell(void *arg)
{
    engine_event_wait_out(&event);
    return fiber_cancelled() ? MAPI_E_BUSY : S_OK;
}

static HRESULT cancel_wait_out(void *arg)
{
    struct fiber *fiber;

    assert_hr(engine_spawn(engine, wait_out_and_tell, NULL, &fiber), S_OK);
    fiber_yield();
    fiber_yield();
    fiber_cancel(fiber);
    fiber_yield();
    fiber_yield();
    engine_event_set(&event);
    return fiber_join(fiber);
}

Test(wait, wait_out_is_not_ended_by_a_cancel)
{
    assert_hr(engine_call(engine, cancel_wait_out, NULL), MAPI_E_BUSY);
}

/* ---- Queue ---- */

struct item {
    struct engine_queue_node node;
    unsigned number;
};

static HRESULT pop_number(void *arg)
{
    struct engine_queue_node *node;
    HRESULT hr = engine_queue_pop(&queue, GUARD, &node);

    return SUCCEEDED(hr) ? (HRESULT)((struct item *)node)->number : hr;
}

Test(wait, queue_is_first_in_first_out)
{
    struct item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    struct engine_queue_node *node;
    unsigned i;

    for (i = 0; i < 3; i++)
        cr_expect(engine_queue_push(&queue, &items[i].node));
    cr_expect_eq(queue.length, 3);
    assert_hr(pop_number(NULL), 1);
    assert_hr(engine_call(engine, pop_number, NULL), 2);
    assert_hr(pop_number(NULL), 3);
    cr_expect_eq(queue.length, 0);
    assert_hr(engine_queue_pop(&queue, engine_now() + 5, &node), MAPI_E_TIMEOUT);
}

Test(wait, queue_hands_over_to_who_waited_first)
{
    struct thread_call first = {engine, pop_number, NULL, 0, 0};
    struct thread_call second = {other, pop_number, NULL, 0, 0};
    struct item items[2] = {{.number = 1}, {.number = 2}};

    thread_call_start(&first);
    await_waiters_of(&queue.lock, &queue.waiters, 1);
    thread_call_start(&second);
    await_waiters_of(&queue.lock, &queue.waiters, 2);
    engine_queue_push(&queue, &items[0].node);
    engine_queue_push(&queue, &items[1].node);
    assert_hr(thread_call_end(&first), 1);
    assert_hr(thread_call_end(&second), 2);
}

Test(wait, closed_queue_drains_and_then_ends)
{
    struct thread_call waiting = {engine, pop_number, NULL, 0, 0};
    struct item items[2] = {{.number = 1}, {.number = 2}};

    thread_call_start(&waiting);
    await_waiters_of(&queue.lock, &queue.waiters, 1);
    engine_queue_close(&queue);
    assert_hr(thread_call_end(&waiting), MAPI_E_CANCEL);
    cr_expect(!engine_queue_push(&queue, &items[0].node));

    engine_queue_clear(&queue);
    engine_queue_init(&queue);
    engine_queue_push(&queue, &items[0].node);
    engine_queue_push(&queue, &items[1].node);
    engine_queue_close(&queue);
    assert_hr(pop_number(NULL), 1);
    assert_hr(engine_call(engine, pop_number, NULL), 2);
    assert_hr(pop_number(NULL), MAPI_E_CANCEL);
    assert_hr(engine_call(engine, pop_number, NULL), MAPI_E_CANCEL);
}

#define ITEMS 3000
static struct item many[ITEMS];

static HRESULT push_many(void *arg)
{
    unsigned i;

    for (i = 0; i < ITEMS; i++) {
        many[i].number = i;
        cr_assert(engine_queue_push(&queue, &many[i].node));
        if (i % 64 == 0)
            fiber_yield();
    }
    return S_OK;
}

Test(wait, queue_between_a_fiber_and_a_thread_keeps_order)
{
    struct thread_call pusher = {engine, push_many, NULL, 0, 0};
    unsigned i;

    thread_call_start(&pusher);
    for (i = 0; i < ITEMS; i++)
        assert_hr(pop_number(NULL), (HRESULT)i);
    assert_hr(thread_call_end(&pusher), S_OK);
}
