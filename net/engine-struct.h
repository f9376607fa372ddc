/* net/engine-struct.h - what an engine consists of
 *
 * For the files that make up the engine (engine, call, fiber, timer, work, stats); the rest of
 * net/ uses engine-private.h. Fields belong to the engine's thread unless they say otherwise. */
#ifndef MG_ENGINE_STRUCT_H
#define MG_ENGINE_STRUCT_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/context.h"
#include "net/engine-private.h"

enum engine_state {
    ENGINE_RUNNING,
    ENGINE_STOPPING, /* no new calls and fibers; the old ones have been, or will be, cancelled */
    ENGINE_STOPPED,  /* the loop is gone */
};

enum fiber_state {
    FIBER_READY,
    FIBER_RUNNING,
    FIBER_PARKED,
    FIBER_ENDED,
};

struct fiber {
    struct engine *engine; /* no reference: the engine awaits its fibers */
    struct context context;
    struct stack *stack;
    engine_fn *fn;
    void *arg;
    HRESULT result;
    unsigned refs; /* one of the engine until it has ended, one of engine_spawn's caller */
    enum fiber_state state;
    bool cancelled;
    struct fiber_wait *wait;   /* the wait that a cancel would end, or NULL */
    struct fiber_wait *joiner; /* who waits for the end, or NULL */
    struct fiber *next_ready;
    struct fiber *next, *previous;           /* engine->fibers */
    struct fiber *next_idle, *previous_idle; /* engine->idle_fibers */
    bool is_idle;
    uint64_t parked_at;
};

/* Jobs of engine_work and their threads. */
struct workers {
    pthread_mutex_t lock; /* guards all below; leaf */
    pthread_cond_t wanted;
    struct job *head, *tail; /* bounded: each job is a fiber that waits */
    size_t jobs;             /* queued or running */
    unsigned max, count;
    bool ending;
    pthread_t threads[4];
};

#define STATS_BUCKETS 512         /* 8 for each power of two */
struct loop_stats {               /* written by the engine's thread, read by any */
    uint64_t last_cpu, last_busy; /* at the end of the last turn */
    atomic_uint_fast64_t turns, longest_cpu, longest_wall;
    atomic_uint_fast64_t wall[STATS_BUCKETS];
};

struct engine {
    atomic_uint refs;
    _Atomic(enum engine_state) state;
    unsigned fork_generation; /* of the process that made it */
    char name[16];
    unsigned stop_after;
    pthread_t thread;
    uv_loop_t loop;

    /* Posted nodes, newest first; any thread pushes. Who finds it empty wakes the loop. Ends as
     * &posting_over, and then nodes go to `late`. */
    _Atomic(struct engine_node *) posted;
    int wake_fd;
    uv_poll_t wake;
    pthread_mutex_t late_lock; /* guards the next three; leaf */
    struct engine_node *late_head, *late_tail;
    bool late_running;

    struct context thread_context;
    struct fiber *running; /* NULL: a loop callback */
    struct fiber *ready_head, *ready_tail;
    uv_idle_t ready_turn; /* active while somebody is ready */

    struct fiber *fibers;
    atomic_size_t fiber_count, fiber_peak;
    size_t max_fibers, stack_size;
    struct stack *pool;
    size_t pool_size;
    /* Parked, with their stack not yet given back, in the order of parking. */
    struct fiber *idle_fibers, *last_idle_fiber;
    struct engine_timer trim_timer;

    struct engine_timer *timers;
    uint64_t timer_sequence;
    uv_timer_t timer;

    struct call *calls; /* sent here and not yet answered */
    struct workers workers;
    struct engine_hook *hooks;
    void *slots[ENGINE_SLOTS];
    struct engine_local *locals;

    struct engine_node stop_node;
    bool stop_begun;   /* fibers have been cancelled */
    bool winding_down; /* the loop only closes what is left; fibers run no more */
    struct engine_timer stop_timer;
    struct engine_event stopped; /* any thread */
    bool abandoned;              /* fibers that never ended: leak what they may point at */

    uv_prepare_t turn_end;
    struct loop_stats stats;
};

/* engine.c */
bool engine_is_forked(const struct engine *engine);
void engine_enter_worker(struct engine *engine); /* the calling thread is one of its workers */
void engine_fiber_ended(struct engine *engine);

/* local.c */
void engine_locals_release(struct engine *engine);

/* fiber.c */
HRESULT fiber_create(struct engine *engine, engine_fn *fn, void *arg, struct fiber **ret_fiber);
void fibers_cancel_all(struct engine *engine);
void fibers_clear(struct engine *engine);

/* post.c */
extern struct engine_node posting_over;
void posts_run(struct engine *engine);
bool posts_end(struct engine *engine); /* false: something was posted meanwhile */

/* call.c */
void calls_fail(struct engine *engine);

/* timer.c */
int timers_init(struct engine *engine);
void timers_clear(struct engine *engine);

/* work.c */
int workers_init(struct workers *workers, unsigned max);
void workers_clear(struct workers *workers);
bool workers_busy(struct workers *workers);
void workers_end(struct workers *workers); /* joins them */

/* stats.c */
void stats_turn(struct engine *engine);

#endif
