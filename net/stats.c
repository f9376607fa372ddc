/* net/stats.c - how long the turns of a loop take
 *
 * A turn is what happens between two sleeps in the kernel. Its CPU time is the engine thread's
 * own; its wall time also counts what the scheduler took away. */
#include <string.h>
#include <time.h>

#include "net/engine-struct.h"

static uint64_t load(const atomic_uint_fast64_t *value)
{
    return atomic_load_explicit((atomic_uint_fast64_t *)value, memory_order_relaxed);
}

static void store(atomic_uint_fast64_t *value, uint64_t to)
{
    atomic_store_explicit(value, to, memory_order_relaxed);
}

static unsigned bucket_of(uint64_t ns)
{
    unsigned exponent;

    if (ns < 8)
        return (unsigned)ns;
    exponent = 63 - (unsigned)__builtin_clzll(ns); /* 3 to 63 */
    return (exponent - 2) * 8 + (unsigned)(ns >> (exponent - 3) & 7);
}

/* The largest value that falls into it. */
static uint64_t bucket_end(unsigned bucket)
{
    unsigned exponent = bucket / 8 + 2;

    if (bucket < 8)
        return bucket;
    return (((uint64_t)8 + bucket % 8 + 1) << (exponent - 3)) - 1;
}

void stats_turn(struct engine *engine)
{
    struct loop_stats *stats = &engine->stats;
    struct timespec ts;
    uint64_t cpu, busy, turn;
    bool first = stats->last_busy == 0;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    cpu = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
    busy = uv_hrtime() - uv_metrics_idle_time(&engine->loop);
    if (!first) {
        turn = cpu - stats->last_cpu;
        if (turn > load(&stats->longest_cpu))
            store(&stats->longest_cpu, turn);
        turn = busy - stats->last_busy;
        if (turn > load(&stats->longest_wall))
            store(&stats->longest_wall, turn);
        store(&stats->wall[bucket_of(turn)], load(&stats->wall[bucket_of(turn)]) + 1);
        store(&stats->turns, load(&stats->turns) + 1);
    }
    stats->last_cpu = cpu;
    stats->last_busy = busy;
}

static uint64_t percentile_999(const struct loop_stats *stats)
{
    uint64_t total = 0, seen = 0;
    unsigned i;

    for (i = 0; i < STATS_BUCKETS; i++)
        total += load(&stats->wall[i]);
    for (i = 0; i < STATS_BUCKETS; i++) {
        seen += load(&stats->wall[i]);
        if (total > 0 && seen >= total - total / 1000)
            return bucket_end(i);
    }
    return 0;
}

void engine_stats(const struct engine *engine, struct engine_stats *ret_stats)
{
    const struct loop_stats *stats = &engine->stats;

    memset(ret_stats, 0, sizeof(*ret_stats));
    ret_stats->turns = load(&stats->turns);
    ret_stats->longest_cpu_ns = load(&stats->longest_cpu);
    ret_stats->longest_wall_ns = load(&stats->longest_wall);
    ret_stats->wall_p999_ns = percentile_999(stats);
    ret_stats->fibers = atomic_load((atomic_size_t *)&engine->fiber_count);
    ret_stats->fibers_peak = atomic_load((atomic_size_t *)&engine->fiber_peak);
}

void engine_stats_reset(struct engine *engine)
{
    unsigned i;

    store(&engine->stats.turns, 0);
    store(&engine->stats.longest_cpu, 0);
    store(&engine->stats.longest_wall, 0);
    for (i = 0; i < STATS_BUCKETS; i++)
        store(&engine->stats.wall[i], 0);
}
