/* session/module.h - the code of providers
 *
 * The session knows providers by the documented entry points alone. Those that are linked in stand
 * in a table, which lib/ fills, for it sees both sides; others are shared objects: NAME.so in the
 * directory of the environment's MAPIGATE_PROVIDERS, else LIBDIR/mapigate, or an absolute path
 * (PRF-144). A module stays loaded until the process ends. Any thread but an engine's; what a
 * shared object does when it is loaded, it does on the caller's. */
#ifndef SESSION_MODULE_H
#define SESSION_MODULE_H

#include "mapi/error.h"
#include "mapi/mapispi.h"

struct module {
    const char *dll_name;           /* PR_PROVIDER_DLL_NAME, PR_SERVICE_DLL_NAME */
    MSPROVIDERINIT *store_init;     /* MSProviderInit; NULL: no store provider */
    XPPROVIDERINIT *transport_init; /* XPProviderInit */
    ABPROVIDERINIT *address_init;   /* ABProviderInit */
    MSGSERVICEENTRY *service_entry; /* of a linked one, whatever its name; NULL: none */
    void *handle;                   /* dlopen's; NULL: linked */
};

extern const struct module *const linked_modules;
extern const size_t linked_module_count;

/* The module of that name, compared without case if it is linked in. Fails with MAPI_E_NOT_FOUND
 * (there is none, or it cannot be loaded; the loader's words), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT module_find(const char *dll_name, struct error_info *error,
                    const struct module **ret_module);

/* The module's message service entry point of that name (PR_SERVICE_ENTRY_NAME), or NULL. */
MSGSERVICEENTRY *module_service_entry(const struct module *module, const char *name);

#endif
