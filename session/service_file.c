/* session/service_file.c - one description file
 *
 * [Services] and [Default Services], then a section for each service, whose Providers (and
 * Sections) line names the sections of its providers (and further ones). Behaviour: PRF-133 to
 * PRF-145. */
#include "session/service_file.h"

#include <string.h>
#include <strings.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "session/service_value.h"

#define LIST_MAX 32 /* providers or further sections of one service */

struct taking {
    const struct ini_file *file;
    struct services *services; /* the root, too */
    struct error_info *error;
};

static HRESULT wrong(struct taking *taking, const char *section, const char *problem,
                     const char *name)
{
    return error_set(taking->error, MAPI_E_CORRUPT_DATA, NULL, "[%s]: %s%s%s", section, problem,
                     name ? " " : "", name ? name : "");
}

static HRESULT no_memory(struct taking *taking)
{
    return error_set(taking->error, MAPI_E_NOT_ENOUGH_MEMORY, NULL, "out of memory");
}

static char *copy(struct taking *taking, const char *text)
{
    return mapi_memdup(taking->services, text, strlen(text) + 1);
}

static bool is_in(const struct ini_entry *entry, const char *section)
{
    return strcasecmp(entry->section, section) == 0;
}

static bool is_link(const struct ini_entry *entry)
{
    return strcasecmp(entry->name, "Providers") == 0 || strcasecmp(entry->name, "Sections") == 0;
}

/* --- Sections --------------------------------------------------------------------------------- */

static HRESULT take_value(struct taking *taking, const struct ini_entry *entry,
                          struct service_section *section)
{
    struct error_info why = {0};
    ULONG tag = service_value_tag(entry->name);
    HRESULT hr;

    if (!tag)
        return wrong(taking, entry->section, "there is no property", entry->name);
    if (service_value_is_computed(tag))
        return S_OK;
    hr = service_value_read(taking->services, tag, entry->value, &why,
                            &section->values[section->value_count]);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return no_memory(taking);
    if (FAILED(hr))
        return error_set(taking->error, MAPI_E_CORRUPT_DATA, NULL, "[%s] %s: %s", entry->section,
                         entry->name, why.text);
    section->value_count++;
    return S_OK;
}

/* The section's property lines; `is_top`: it is a service's, which has links, too. */
static HRESULT take_section(struct taking *taking, const char *name, bool is_top, bool has_uid,
                            struct service_section *ret_section)
{
    size_t count = 0;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < taking->file->count; i++)
        count += is_in(&taking->file->entries[i], name);
    if (count == 0)
        return wrong(taking, name, "there is no such section", NULL);
    ret_section->name = copy(taking, name);
    ret_section->values = mapi_alloc_array(taking->services, count, sizeof(SPropValue));
    if (!ret_section->name || !ret_section->values)
        return no_memory(taking);
    for (size_t i = 0; i < taking->file->count && SUCCEEDED(hr); i++) {
        const struct ini_entry *entry = &taking->file->entries[i];

        if (!is_in(entry, name))
            continue;
        if (has_uid && strcasecmp(entry->name, "UID") == 0) {
            if (!service_value_hex(entry->value, &ret_section->uid, sizeof(ret_section->uid)))
                hr = wrong(taking, name, "the UID must have 32 hexadecimal digits", NULL);
        } else if (!is_link(entry)) {
            hr = take_value(taking, entry, ret_section);
        } else if (!is_top) { /* PRF-141 */
            hr = wrong(taking, name, "only a service's section may have", entry->name);
        }
    }
    return hr;
}

static HRESULT need(struct taking *taking, const struct service_section *section, ULONG tag,
                    const char *name)
{
    return propval_find(section->values, section->value_count, tag)
               ? S_OK
               : wrong(taking, section->name, "a provider's section must have", name);
}

/* PRF-140. Without PR_DISPLAY_NAME a provider is called as its service is. */
static HRESULT check_provider(struct taking *taking, const struct service_section *section)
{
    HRESULT hr = need(taking, section, PR_PROVIDER_DISPLAY_W, "PR_PROVIDER_DISPLAY");

    if (SUCCEEDED(hr))
        hr = need(taking, section, PR_PROVIDER_DLL_NAME_W, "PR_PROVIDER_DLL_NAME");
    if (SUCCEEDED(hr))
        hr = need(taking, section, PR_RESOURCE_TYPE, "PR_RESOURCE_TYPE");
    if (SUCCEEDED(hr))
        hr = need(taking, section, PR_RESOURCE_FLAGS, "PR_RESOURCE_FLAGS");
    return hr;
}

static HRESULT check_extra(struct taking *taking, const struct service_section *section)
{
    static const MAPIUID none;

    return memcmp(&section->uid, &none, sizeof(none)) == 0
               ? wrong(taking, section->name, "the section must have a UID line", NULL)
               : S_OK;
}

/* --- Services --------------------------------------------------------------------------------- */

/* One name of a list with commas, without space around it; moves on behind it. */
static bool next_name(const char **list, char *name, size_t size)
{
    const char *at = *list + strspn(*list, " \t,");
    size_t length = strcspn(at, ",");

    *list = at + length;
    while (length && strchr(" \t", at[length - 1]))
        length--;
    if (length == 0 || length >= size)
        return false;
    memcpy(name, at, length);
    name[length] = '\0';
    return true;
}

/* The sections that a Providers or Sections line of the service names, in its order. */
static HRESULT take_list(struct taking *taking, const char *service, const char *line, bool extras,
                         struct service_section **ret_list, size_t *ret_count)
{
    struct service_section *list =
        mapi_alloc_array(taking->services, LIST_MAX, sizeof(struct service_section));
    char name[128];
    size_t count = 0;
    HRESULT hr = list ? S_OK : no_memory(taking);

    for (size_t i = 0; i < taking->file->count && SUCCEEDED(hr); i++) {
        const struct ini_entry *entry = &taking->file->entries[i];
        const char *names = entry->value;

        if (!is_in(entry, service) || strcasecmp(entry->name, line) != 0)
            continue;
        while (SUCCEEDED(hr) && next_name(&names, name, sizeof(name))) {
            if (count == LIST_MAX)
                return wrong(taking, service, "there are too many names in", line);
            hr = take_section(taking, name, false, extras, &list[count]);
            if (SUCCEEDED(hr))
                hr = extras ? check_extra(taking, &list[count])
                            : check_provider(taking, &list[count]);
            count++;
        }
    }
    *ret_list = list;
    *ret_count = count;
    return hr;
}

static HRESULT take_service(struct taking *taking, const struct ini_entry *entry,
                            struct service_description *service)
{
    HRESULT hr;

    service->name = copy(taking, entry->name);
    service->display = copy(taking, *entry->value ? entry->value : entry->name);
    if (!service->name || !service->display)
        return no_memory(taking);
    hr = take_section(taking, entry->name, true, false, &service->own);
    if (SUCCEEDED(hr))
        hr = take_list(taking, entry->name, "Providers", false, &service->providers,
                       &service->provider_count);
    if (SUCCEEDED(hr) && service->provider_count == 0) /* PRF-136 */
        hr = wrong(taking, entry->name, "a service must have a Providers line", NULL);
    if (SUCCEEDED(hr))
        hr = take_list(taking, entry->name, "Sections", true, &service->extras,
                       &service->extra_count);
    return hr;
}

static struct service_description *find(struct service_description *list, size_t count,
                                        const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

static HRESULT take_defaults(struct taking *taking, struct service_description *list, size_t count)
{
    for (size_t i = 0; i < taking->file->count; i++) {
        const struct ini_entry *entry = &taking->file->entries[i];
        struct service_description *service;

        if (!is_in(entry, "Default Services"))
            continue;
        service = find(list, count, entry->name);
        if (!service) /* PRF-135 */
            return wrong(taking, entry->section, "[Services] does not list", entry->name);
        service->is_default = true;
    }
    return S_OK;
}

HRESULT service_file_take(const struct ini_file *file, struct services *services,
                          struct error_info *error)
{
    struct taking taking = {file, services, error};
    size_t count = services->count, listed = 0;
    struct service_description *list;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < file->count; i++)
        listed += is_in(&file->entries[i], "Services");
    list = mapi_alloc_array(services, count + listed + 1, sizeof(*list));
    if (!list)
        return no_memory(&taking);
    if (count)
        memcpy(list, services->list, count * sizeof(*list));
    for (size_t i = 0; i < file->count && SUCCEEDED(hr); i++) {
        const struct ini_entry *entry = &file->entries[i];

        if (!is_in(entry, "Services"))
            continue;
        hr = find(list, count, entry->name)
                 ? wrong(&taking, entry->section, "there is another service", entry->name)
                 : take_service(&taking, entry, &list[count++]);
    }
    if (SUCCEEDED(hr))
        hr = take_defaults(&taking, list, count);
    if (FAILED(hr))
        return hr;
    services->list = list;
    services->count = count;
    return S_OK;
}
