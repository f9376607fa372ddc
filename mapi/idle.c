/* mapi/idle.c - the idle engine: MAPIInitIdle and what goes with it
 *
 * A tag is a number that is never used again, so that a stale one is harmless. Priorities: zero is
 * refused, larger numbers go first, negative ones after all positive (docs/requirements/README.md).
 * FIROWAIT counts from the registration, for nobody here sees a user act. FIROPERBLOCK and
 * FIROONCEONLY are obsolete and without effect. Time that the machine sleeps does not count.
 *
 * Requirements: UTL-096 to UTL-111. */
#include "mapi/idle.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "mapi/array.h"
#include "mapi/mapiutil.h"

#define KNOWN_OPTIONS (FIROWAIT | FIROINTERVAL | FIROPERBLOCK | FIRODISABLED | FIROONCEONLY)
#define ROUTINES_MAX  1024

struct routine {
    uintptr_t tag;
    PFNIDLE call;
    void *param;
    short priority;
    USHORT options;
    uint64_t centiseconds;
    uint64_t since; /* when it was registered, enabled or last called */
    bool called;
};

static struct {
    pthread_mutex_t lock;
    unsigned count;   /* MAPIInitIdle minus MAPIDeinitIdle */
    pthread_t thread; /* the first one's, while count > 0 */
    uintptr_t last_tag;
    struct routine *routines;
    size_t routine_count;
    bool running;
} engine = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t now_in_centiseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 100 + (uint64_t)now.tv_nsec / 10000000;
}

LONG STDAPICALLTYPE MAPIInitIdle(LPVOID reserved)
{
    LONG result = 0;

    pthread_mutex_lock(&engine.lock);
    if (engine.count == 0)
        engine.thread = pthread_self();
    if (engine.count == UINT32_MAX)
        result = 1; /* UTL-096 */
    else
        engine.count++;
    pthread_mutex_unlock(&engine.lock);
    return result;
}

void STDAPICALLTYPE MAPIDeinitIdle(void)
{
    pthread_mutex_lock(&engine.lock);
    if (engine.count > 0 && --engine.count == 0) {
        free(engine.routines);
        engine.routines = NULL;
        engine.routine_count = 0;
    }
    pthread_mutex_unlock(&engine.lock);
}

/* Lock held; NULL: there is none (any more). */
static struct routine *find(uintptr_t tag)
{
    size_t i;

    for (i = 0; i < engine.routine_count; i++)
        if (engine.routines[i].tag == tag)
            return &engine.routines[i];
    return NULL;
}

FTG STDAPICALLTYPE FtgRegisterIdleRoutine(PFNIDLE call, LPVOID param, short priority,
                                          ULONG centiseconds, USHORT options)
{
    struct routine routine = {
        .call = call,
        .param = param,
        .priority = priority,
        .options = options,
        .centiseconds = centiseconds,
        .since = now_in_centiseconds(),
    };

    if (!call || priority == 0 || options & ~KNOWN_OPTIONS)
        return NULL;
    pthread_mutex_lock(&engine.lock);
    if (engine.count > 0 && engine.routine_count < ROUTINES_MAX) { /* UTL-098 */
        routine.tag = ++engine.last_tag;
        if (!array_append(&engine.routines, &engine.routine_count, &routine))
            routine.tag = 0;
    }
    pthread_mutex_unlock(&engine.lock);
    return (FTG)routine.tag;
}

void STDAPICALLTYPE DeregisterIdleRoutine(FTG tag)
{
    struct routine *routine;

    pthread_mutex_lock(&engine.lock);
    routine = find((uintptr_t)tag);
    if (routine)
        *routine = engine.routines[--engine.routine_count];
    pthread_mutex_unlock(&engine.lock);
}

void STDAPICALLTYPE EnableIdleRoutine(FTG tag, BOOL enable)
{
    struct routine *routine;

    pthread_mutex_lock(&engine.lock);
    routine = find((uintptr_t)tag);
    if (routine && enable && routine->options & FIRODISABLED)
        routine->since = now_in_centiseconds();
    if (routine && enable)
        routine->options &= (USHORT)~FIRODISABLED;
    else if (routine)
        routine->options |= FIRODISABLED;
    pthread_mutex_unlock(&engine.lock);
}

void STDAPICALLTYPE ChangeIdleRoutine(FTG tag, PFNIDLE call, LPVOID param, short priority,
                                      ULONG centiseconds, USHORT options, USHORT changes)
{
    struct routine *routine;

    pthread_mutex_lock(&engine.lock);
    routine = find((uintptr_t)tag);
    if (routine) {
        if (changes & FIRCPFN && call)
            routine->call = call;
        if (changes & FIRCPV)
            routine->param = param;
        if (changes & FIRCPRI && priority != 0)
            routine->priority = priority;
        if (changes & FIRCCSEC)
            routine->centiseconds = centiseconds;
        if (changes & FIRCIRO && !(options & ~KNOWN_OPTIONS))
            routine->options = options;
    }
    pthread_mutex_unlock(&engine.lock);
}

/* ---- Idle moments ---- */

static bool is_due(const struct routine *routine, uint64_t now)
{
    if (routine->options & FIRODISABLED)
        return false;
    if (routine->options & FIROINTERVAL && routine->called)
        return now - routine->since >= routine->centiseconds;
    if (routine->options & FIROWAIT && !routine->called)
        return now - routine->since >= routine->centiseconds;
    return true;
}

static int compare_priority(const void *a, const void *b)
{
    const struct routine *left = a, *right = b;

    return (right->priority > left->priority) - (right->priority < left->priority);
}

/* The routines that are due now, by priority. Lock held. */
static size_t collect(struct routine **ret_due)
{
    uint64_t now = now_in_centiseconds();
    struct routine *due = NULL;
    size_t count = 0, i;

    for (i = 0; i < engine.routine_count; i++)
        if (is_due(&engine.routines[i], now) && !array_append(&due, &count, &engine.routines[i]))
            break; /* the others next time */
    if (count)
        qsort(due, count, sizeof(*due), compare_priority);
    *ret_due = due;
    return count;
}

/* Takes what to call, unless an earlier routine has changed its mind. */
static bool take(uintptr_t tag, PFNIDLE *ret_call, void **ret_param)
{
    struct routine *routine;
    bool found;

    pthread_mutex_lock(&engine.lock);
    routine = find(tag);
    found = routine && !(routine->options & FIRODISABLED);
    if (found) {
        *ret_call = routine->call;
        *ret_param = routine->param;
        routine->called = true;
        routine->since = now_in_centiseconds();
    }
    pthread_mutex_unlock(&engine.lock);
    return found;
}

void idle_run(void)
{
    struct routine *due = NULL;
    size_t count = 0, i;
    PFNIDLE call;
    void *param;
    bool mine;

    pthread_mutex_lock(&engine.lock);
    mine = engine.count > 0 && !engine.running && pthread_equal(engine.thread, pthread_self());
    if (mine) {
        count = collect(&due);
        engine.running = true;
    }
    pthread_mutex_unlock(&engine.lock);
    if (!mine)
        return;
    for (i = 0; i < count; i++)
        if (take(due[i].tag, &call, &param))
            call(param); /* what it says means nothing (UTL-107) */
    free(due);
    pthread_mutex_lock(&engine.lock);
    engine.running = false;
    pthread_mutex_unlock(&engine.lock);
}
