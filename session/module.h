/* session/builtin.h - providers that come with the library
 *
 * The session knows providers by entry points alone; those that are linked in stand in this table,
 * which lib/ fills, for it sees both sides. Others come from shared objects by the same names. */
#ifndef SESSION_BUILTIN_H
#define SESSION_BUILTIN_H

#include "mapi/mapispi.h"

struct builtin_provider {
    const char *dll_name;           /* PR_PROVIDER_DLL_NAME */
    MSPROVIDERINIT *store_init;     /* MSProviderInit; NULL: no store provider */
    XPPROVIDERINIT *transport_init; /* XPProviderInit */
    ABPROVIDERINIT *address_init;   /* ABProviderInit */
    MSGSERVICEENTRY *service_entry; /* the message service's entry point; NULL: none */
};

extern const struct builtin_provider *const builtin_providers;
extern const size_t builtin_provider_count;

/* The provider of that name (compared without case), or NULL. */
const struct builtin_provider *builtin_provider_find(const char *dll_name);

#endif
