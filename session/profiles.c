/* session/profiles.c - where the subsystem's profiles are kept */
#include "session/profiles.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "net/wait.h"
#include "state/paths.h"
#include "state/profiles.h"

struct profiles {
    atomic_uint refs;
    bool in_memory;
    struct engine_mutex gate; /* opening */
    struct profile_store *store;

    pthread_mutex_t lock; /* leaf; guards what follows */
    struct open_section *open;
    size_t open_count;
};

struct open_section {
    MAPIUID key, uid;
    size_t readers; /* 0: one writer has it */
};

static HRESULT create(bool in_memory, struct profiles **ret_profiles)
{
    struct profiles *profiles = calloc(1, sizeof(*profiles));

    if (!profiles)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&profiles->refs, 1);
    profiles->in_memory = in_memory;
    engine_mutex_init(&profiles->gate);
    pthread_mutex_init(&profiles->lock, NULL);
    *ret_profiles = profiles;
    return S_OK;
}

HRESULT profiles_create(struct profiles **ret_profiles)
{
    return create(false, ret_profiles);
}

HRESULT profiles_create_memory(struct profiles **ret_profiles)
{
    return create(true, ret_profiles);
}

struct profiles *profiles_ref(struct profiles *profiles)
{
    atomic_fetch_add(&profiles->refs, 1);
    return profiles;
}

void profiles_unref(struct profiles *profiles)
{
    if (!profiles || atomic_fetch_sub(&profiles->refs, 1) != 1)
        return;
    profile_store_unref(profiles->store);
    engine_mutex_clear(&profiles->gate);
    pthread_mutex_destroy(&profiles->lock);
    free(profiles->open);
    free(profiles);
}

static WAITS HRESULT open_store(struct profiles *profiles, struct error_info *error)
{
    struct state_options options = {0};
    char *directory = NULL;
    HRESULT hr = S_OK;

    if (!profiles->in_memory)
        hr = state_directory_find(NULL, false, error, &directory);
    options.directory = directory;
    if (SUCCEEDED(hr))
        hr = profile_store_open(&options, error, &profiles->store);
    free(directory);
    return hr;
}

HRESULT profiles_store(struct profiles *profiles, struct error_info *error,
                       struct profile_store **ret_store)
{
    HRESULT hr = engine_mutex_lock(&profiles->gate, NO_DEADLINE);

    if (FAILED(hr))
        return error_set(error, hr, "profiles", "given up waiting for the profile database");
    if (!profiles->store)
        hr = open_store(profiles, error);
    engine_mutex_unlock(&profiles->gate);
    if (SUCCEEDED(hr))
        *ret_store = profiles->store;
    return hr;
}

HRESULT profiles_default(struct profiles *profiles, struct error_info *error, char **ret_name)
{
    struct profile_store *store;
    struct profile *list;
    char *name = NULL;
    bool found = false;
    size_t count;
    HRESULT hr = profiles_store(profiles, error, &store);

    if (SUCCEEDED(hr))
        hr = profiles_list(store, error, &list, &count);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count && !found; i++)
        if (list[i].is_default) {
            found = true;
            name = strdup(list[i].name);
        }
    free(list);
    if (!name)
        return found ? MAPI_E_NOT_ENOUGH_MEMORY : MAPI_E_NOT_FOUND;
    *ret_name = name;
    return S_OK;
}

/* --- Open sections ---------------------------------------------------------------------------- */

/* Lock held. */
static struct open_section *find_open(struct profiles *profiles, const MAPIUID *key,
                                      const MAPIUID *uid)
{
    for (size_t i = 0; i < profiles->open_count; i++)
        if (memcmp(&profiles->open[i].key, key, sizeof(*key)) == 0 &&
            memcmp(&profiles->open[i].uid, uid, sizeof(*uid)) == 0)
            return &profiles->open[i];
    return NULL;
}

HRESULT profiles_section_enter(struct profiles *profiles, const MAPIUID *key, const MAPIUID *uid,
                               bool writes)
{
    struct open_section first = {.key = *key, .uid = *uid, .readers = writes ? 0 : 1}, *open;
    HRESULT hr = S_OK;

    pthread_mutex_lock(&profiles->lock);
    open = find_open(profiles, key, uid);
    if (!open) {
        if (!array_append(&profiles->open, &profiles->open_count, &first))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    } else if (writes || open->readers == 0) {
        hr = MAPI_E_NO_ACCESS;
    } else {
        open->readers++;
    }
    pthread_mutex_unlock(&profiles->lock);
    return hr;
}

void profiles_section_leave(struct profiles *profiles, const MAPIUID *key, const MAPIUID *uid,
                            bool writes)
{
    struct open_section *open;

    pthread_mutex_lock(&profiles->lock);
    open = find_open(profiles, key, uid);
    if (open && (writes || --open->readers == 0)) {
        *open = profiles->open[--profiles->open_count];
        if (profiles->open_count == 0) { /* array_append starts from nothing */
            free(profiles->open);
            profiles->open = NULL;
        }
    }
    pthread_mutex_unlock(&profiles->lock);
}
