/* session/module.c - the code of providers */
#include "session/module.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "session/directories.h"

struct loaded {
    struct module module;
    struct loaded *next;
    char name[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* held over dlopen: one load at a time */
static struct loaded *all_loaded;

static const struct module *find_linked(const char *name)
{
    for (size_t i = 0; i < linked_module_count; i++)
        if (strcasecmp(linked_modules[i].dll_name, name) == 0)
            return &linked_modules[i];
    return NULL;
}

/* A name says where the administrator's directory is to be looked into, and leads nowhere else. */
static bool make_path(const char *name, char *path, size_t size)
{
    const char *directory = secure_getenv("MAPIGATE_PROVIDERS");
    int length;

    if (name[0] == '/')
        length = snprintf(path, size, "%s", name);
    else if (*name && !strchr(name, '/'))
        length = snprintf(path, size, "%s/%s.so",
                          directory && *directory ? directory : MAPIGATE_PROVIDERS_DIR, name);
    else
        return false;
    return length > 0 && (size_t)length < size;
}

/* Lock held. */
static HRESULT load(const char *name, struct error_info *error, const struct module **ret_module)
{
    char path[4096];
    size_t size = strlen(name) + 1;
    struct loaded *loaded;
    void *handle;

    if (!make_path(name, path, sizeof(path)))
        return error_set(error, MAPI_E_NOT_FOUND, name, "that is no name of a provider's module");
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle)
        return error_set(error, MAPI_E_NOT_FOUND, name, "%s", dlerror());
    loaded = calloc(1, sizeof(*loaded) + size);
    if (!loaded) {
        dlclose(handle);
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, name, "out of memory");
    }
    loaded->module = (struct module){
        .dll_name = memcpy(loaded->name, name, size),
        .store_init = (MSPROVIDERINIT *)dlsym(handle, "MSProviderInit"),
        .transport_init = (XPPROVIDERINIT *)dlsym(handle, "XPProviderInit"),
        .address_init = (ABPROVIDERINIT *)dlsym(handle, "ABProviderInit"),
        .handle = handle,
    };
    loaded->next = all_loaded;
    all_loaded = loaded;
    *ret_module = &loaded->module;
    return S_OK;
}

HRESULT module_find(const char *dll_name, struct error_info *error,
                    const struct module **ret_module)
{
    const struct module *module = find_linked(dll_name);
    HRESULT hr = S_OK;

    pthread_mutex_lock(&lock);
    for (struct loaded *loaded = all_loaded; loaded && !module; loaded = loaded->next)
        if (strcmp(loaded->name, dll_name) == 0)
            module = &loaded->module;
    if (!module)
        hr = load(dll_name, error, &module);
    pthread_mutex_unlock(&lock);
    *ret_module = module;
    return hr;
}

MSGSERVICEENTRY *module_service_entry(const struct module *module, const char *name)
{
    if (module->handle)
        return (MSGSERVICEENTRY *)dlsym(module->handle, name);
    return module->service_entry;
}
