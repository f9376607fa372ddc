/* net/local.c - what rooms above keep per engine
 *
 * A short list by key; released with the engine itself, when nobody can ask for it any more. */
#include <assert.h>
#include <stdlib.h>

#include "net/engine-private.h"
#include "net/engine-struct.h"

struct engine_local {
    struct engine_local *next;
    const void *key;
    void *value;
    void (*release)(void *value);
};

void *engine_local(struct engine *engine, const void *key)
{
    assert(engine_is_here(engine));
    for (const struct engine_local *local = engine->locals; local; local = local->next)
        if (local->key == key)
            return local->value;
    return NULL;
}

HRESULT engine_set_local(struct engine *engine, const void *key, void *value,
                         void (*release)(void *value))
{
    struct engine_local *local;

    assert(!engine_local(engine, key));
    local = malloc(sizeof(*local));
    if (!local)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *local = (struct engine_local){
        .next = engine->locals, .key = key, .value = value, .release = release};
    engine->locals = local;
    return S_OK;
}

void engine_locals_release(struct engine *engine)
{
    struct engine_local *local;

    while ((local = engine->locals)) {
        engine->locals = local->next;
        local->release(local->value);
        free(local);
    }
}
