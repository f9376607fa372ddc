/* lib/modules.c - the providers that are linked into the library
 *
 * Here, because nobody else may see both the session and the providers. */
#include "session/module.h"

#include "providers/account/service_entry.h"
#include "providers/contacts/provider.h"
#include "providers/imap/provider.h"
#include "providers/smtp/provider.h"

static const struct module modules[] = {
    {
        .dll_name = "mapigate",
        .store_init = imap_provider_init,
        .transport_init = smtp_provider_init,
        .address_init = contacts_provider_init,
        .service_entry = imapsmtp_service_entry,
    },
};

const struct module *const linked_modules = modules;
const size_t linked_module_count = sizeof(modules) / sizeof(modules[0]);
