/* lib/builtin.c - the providers that are linked into the library
 *
 * Here, because nobody else may see both the session and the providers. */
#include "session/builtin.h"

#include "providers/imap/provider.h"
#include "providers/smtp/provider.h"

static const struct builtin_provider providers[] = {
    {
        .dll_name = "mapigate",
        .store_init = imap_provider_init,
        .transport_init = smtp_provider_init,
    },
};

const struct builtin_provider *const builtin_providers = providers;
const size_t builtin_provider_count = sizeof(providers) / sizeof(providers[0]);
