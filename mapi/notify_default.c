/* mapi/notify_default.c - how sinks of objects without a session are called */
#include <stdatomic.h>

#include "mapi/notify.h"

static _Atomic(struct dispatcher *(*)(void)) source;

void notify_default_from(struct dispatcher *(*get)(void))
{
    atomic_store(&source, get);
}

struct dispatcher *notify_default(void)
{
    struct dispatcher *(*get)(void) = atomic_load(&source);

    return get ? get() : NULL;
}
