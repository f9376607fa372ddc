/* net/post.c - nodes that other threads hand to an engine */
#include <errno.h>
#include <unistd.h>

#include "net/engine-struct.h"

/* engine->posted when nothing can be posted any more. */
struct engine_node posting_over;

/* After the end there is no loop to run nodes. Whoever posts runs them, one at a time over all
 * threads and in order, as the loop would have. */
static void run_late(struct engine *engine, struct engine_node *node)
{
    pthread_mutex_lock(&engine->late_lock);
    node->next = NULL;
    if (engine->late_tail)
        engine->late_tail->next = node;
    else
        engine->late_head = node;
    engine->late_tail = node;
    if (engine->late_running) {
        pthread_mutex_unlock(&engine->late_lock);
        return;
    }
    engine->late_running = true;
    while ((node = engine->late_head)) {
        engine->late_head = node->next;
        if (!engine->late_head)
            engine->late_tail = NULL;
        pthread_mutex_unlock(&engine->late_lock);
        node->run(node);
        pthread_mutex_lock(&engine->late_lock);
    }
    engine->late_running = false;
    pthread_mutex_unlock(&engine->late_lock);
}

void engine_post(struct engine *engine, struct engine_node *node,
                 void (*run)(struct engine_node *node))
{
    struct engine_node *newest;
    uint64_t one = 1;

    if (engine_is_forked(engine))
        return;
    /* The caller's own reference may be given back by run, before this function has returned. */
    engine_ref(engine);
    node->run = run;
    newest = atomic_load(&engine->posted);
    do {
        if (newest == &posting_over) {
            run_late(engine, node);
            break;
        }
        node->next = newest;
    } while (!atomic_compare_exchange_weak(&engine->posted, &newest, node));
    /* An eventfd can only refuse when its counter is full, and then the loop is awake. */
    if (!newest)
        while (write(engine->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
            ;
    engine_unref(engine);
}

void posts_run(struct engine *engine)
{
    struct engine_node *node = atomic_exchange(&engine->posted, NULL), *next, *oldest = NULL;

    for (; node; node = next) {
        next = node->next;
        node->next = oldest;
        oldest = node;
    }
    for (; oldest; oldest = next) {
        next = oldest->next;
        oldest->run(oldest);
    }
}

bool posts_end(struct engine *engine)
{
    struct engine_node *none = NULL;

    return atomic_compare_exchange_strong(&engine->posted, &none, &posting_over);
}
