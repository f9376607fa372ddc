/* session/profiles.c - where the subsystem's profiles are kept */
#include "session/profiles.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "net/wait.h"
#include "state/paths.h"
#include "state/profiles.h"

struct profiles {
    atomic_uint refs;
    bool in_memory;
    struct engine_mutex gate; /* opening */
    struct profile_store *store;
};

static HRESULT create(bool in_memory, struct profiles **ret_profiles)
{
    struct profiles *profiles = calloc(1, sizeof(*profiles));

    if (!profiles)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&profiles->refs, 1);
    profiles->in_memory = in_memory;
    engine_mutex_init(&profiles->gate);
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
