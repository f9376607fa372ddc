#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "net/subscription.h"

struct test_event {
    struct subscription_event event;
    unsigned number;
};

static atomic_int alive; /* events */
static atomic_uint readied;

static void free_event(struct subscription_event *event)
{
    atomic_fetch_sub(&alive, 1);
    free(event);
}

static void ready(void *arg)
{
    cr_expect_eq(arg, &readied);
    atomic_fetch_add(&readied, 1);
}

static const struct subscription_ops ops = {.free_event = free_event, .ready = ready};

static bool push(struct subscription *subscription, unsigned number)
{
    struct test_event *event = calloc(1, sizeof(*event));

    atomic_fetch_add(&alive, 1);
    event->number = number;
    return subscription_push(subscription, &event->event);
}

/* The number of the next event, or -news. */
static int pop(struct subscription *subscription)
{
    struct subscription_event *event;
    enum subscription_news news = subscription_pop(subscription, &event);
    int number;

    if (news != SUBSCRIPTION_EVENT)
        return -(int)news;
    number = (int)((struct test_event *)event)->number;
    free_event(event);
    return number;
}

Test(subscription, delivers_in_order_and_says_once_that_there_is_news)
{
    struct subscription *subscription = subscription_create(&ops, &readied);

    cr_expect_eq(pop(subscription), -SUBSCRIPTION_NOTHING);
    cr_expect(push(subscription, 1));
    cr_expect(push(subscription, 2));
    cr_expect_eq(readied, 1);
    cr_expect_eq(pop(subscription), 1);
    cr_expect_eq(pop(subscription), 2);
    cr_expect_eq(pop(subscription), -SUBSCRIPTION_NOTHING);
    cr_expect(push(subscription, 3));
    cr_expect_eq(readied, 2);
    subscription_unref(subscription);
    cr_expect_eq(alive, 0);
}

Test(subscription, overflow_becomes_one_reload)
{
    struct subscription *subscription = subscription_create(&ops, &readied);
    unsigned i;

    for (i = 0; i < SUBSCRIPTION_EVENTS_MAX; i++)
        push(subscription, i);
    cr_expect_eq(alive, SUBSCRIPTION_EVENTS_MAX);
    push(subscription, 999); /* one too many: none is worth keeping */
    cr_expect_eq(alive, 0);
    push(subscription, 1000);
    cr_expect_eq(pop(subscription), -SUBSCRIPTION_RELOAD);
    cr_expect_eq(pop(subscription), 1000);
    cr_expect_eq(pop(subscription), -SUBSCRIPTION_NOTHING);
    cr_expect(subscription_push_reload(subscription));
    cr_expect_eq(pop(subscription), -SUBSCRIPTION_RELOAD);
    cr_expect_eq(readied, 2);
    subscription_unref(subscription);
}

Test(subscription, end_drops_what_is_queued)
{
    struct subscription *subscription = subscription_create(&ops, &readied);

    subscription_ref(subscription);
    push(subscription, 1);
    cr_expect(!subscription_ended(subscription));
    subscription_end(subscription);
    cr_expect(subscription_ended(subscription));
    cr_expect_eq(alive, 0);
    cr_expect_eq(pop(subscription), -SUBSCRIPTION_ENDED);
    cr_expect(!push(subscription, 2));
    cr_expect(!subscription_push_reload(subscription));
    cr_expect_eq(alive, 0);
    cr_expect_eq(readied, 1);
    subscription_unref(subscription);
    subscription_unref(subscription);
    subscription_unref(NULL);
}

static void *push_until_ended(void *arg)
{
    unsigned i = 0;

    while (push(arg, i++))
        ;
    subscription_unref(arg);
    return NULL;
}

Test(subscription, nothing_comes_after_the_end)
{
    struct subscription *subscription = subscription_create(&ops, &readied);
    pthread_t thread;
    unsigned seen = 0, count;

    subscription_ref(subscription);
    cr_assert(pthread_create(&thread, NULL, push_until_ended, subscription) == 0);
    while (seen < 1000)
        seen += pop(subscription) > 0;
    subscription_end(subscription);
    count = readied;
    pthread_join(thread, NULL);
    cr_expect_eq(readied, count);
    cr_expect_eq(alive, 0);
    subscription_unref(subscription);
}
