/* session/builtin.c - finding a built-in provider */
#include "session/builtin.h"

#include <strings.h>

const struct builtin_provider *builtin_provider_find(const char *dll_name)
{
    for (size_t i = 0; i < builtin_provider_count; i++)
        if (strcasecmp(builtin_providers[i].dll_name, dll_name) == 0)
            return &builtin_providers[i];
    return NULL;
}
