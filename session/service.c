/* session/service.c - message services: what they are made of */
#include "session/service.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/ini_file.h"
#include "mapi/memory.h"
#include "session/directories.h"
#include "session/service_file.h"

#define FILES_MAX 256 /* of a directory */

/* What comes with the library, in the words of the others. */
static const char own_services[] = "[Services]\n"
                                   "IMAPSMTP=Internet mail\n"
                                   "[IMAPSMTP]\n"
                                   "Providers=IMAPSMTP-BOOK, IMAPSMTP-IMAP, IMAPSMTP-SMTP\n"
                                   "PR_SERVICE_DLL_NAME=mapigate\n"
                                   "PR_SERVICE_ENTRY_NAME=ServiceEntry\n"
                                   "[IMAPSMTP-BOOK]\n"
                                   "PR_PROVIDER_DLL_NAME=mapigate\n"
                                   "PR_PROVIDER_DISPLAY=Address book\n"
                                   "PR_RESOURCE_TYPE=MAPI_AB_PROVIDER\n"
                                   "PR_RESOURCE_FLAGS=0\n"
                                   "[IMAPSMTP-IMAP]\n"
                                   "PR_PROVIDER_DLL_NAME=mapigate\n"
                                   "PR_PROVIDER_DISPLAY=Internet mail (IMAP)\n"
                                   "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\n"
                                   "PR_RESOURCE_FLAGS=0\n"
                                   "[IMAPSMTP-SMTP]\n"
                                   "PR_PROVIDER_DLL_NAME=mapigate\n"
                                   "PR_PROVIDER_DISPLAY=Internet mail (SMTP)\n"
                                   "PR_RESOURCE_TYPE=MAPI_TRANSPORT_PROVIDER\n"
                                   "PR_RESOURCE_FLAGS=STATUS_OWN_STORE\n";

static HRESULT take_own(struct services *services)
{
    struct ini_file file;
    int line;
    HRESULT hr = ini_file_parse(own_services, &file, &line);

    if (FAILED(hr))
        return hr;
    hr = service_file_take(&file, services, NULL);
    ini_file_clear(&file);
    return hr;
}

/* --- Files ------------------------------------------------------------------------------------ */

/* Keeps the first problem; memory is a failure of the whole. */
static HRESULT leave_out(struct services *services, const char *path, struct error_info *why)
{
    if (why->hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return why->hr;
    if (SUCCEEDED(services->problem.hr))
        error_set(&services->problem, MAPI_E_CORRUPT_DATA, "profile", "%s: %s", path, why->text);
    return S_OK;
}

static HRESULT take_file(struct services *services, const char *directory, const char *name)
{
    struct error_info why = {0};
    struct ini_file file;
    char path[4096];
    int line;
    HRESULT hr;

    if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
        return S_OK;
    hr = ini_file_read(path, &file, &line);
    if (FAILED(hr)) {
        error_set(&why, hr, NULL, hr == MAPI_E_NOT_FOUND ? "it cannot be read" : "line %d", line);
        return leave_out(services, path, &why);
    }
    hr = service_file_take(&file, services, &why);
    ini_file_clear(&file);
    return FAILED(hr) ? leave_out(services, path, &why) : hr;
}

static int is_description(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > 5 &&
           strcmp(entry->d_name + length - 5, ".conf") == 0;
}

static HRESULT take_directory(struct services *services, const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_description, alphasort);
    HRESULT hr = S_OK;

    if (count < 0) /* most machines have none */
        return S_OK;
    for (int i = 0; i < count; i++) {
        if (i < FILES_MAX && SUCCEEDED(hr))
            hr = take_file(services, directory, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return hr;
}

/* --- All of them ------------------------------------------------------------------------------ */

HRESULT services_read(struct services **ret_services)
{
    const char *directory = secure_getenv("MAPIGATE_SERVICES");
    struct services *services = mapi_alloc(NULL, sizeof(*services));
    HRESULT hr = services ? take_own(services) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = take_directory(services, directory && *directory ? directory : MAPIGATE_SERVICES_DIR);
    if (FAILED(hr)) {
        services_free(services);
        return hr;
    }
    *ret_services = services;
    return S_OK;
}

void services_free(struct services *services)
{
    mapi_free(services);
}

HRESULT services_find(const struct services *services, const char *name, struct error_info *error,
                      const struct service_description **ret_service)
{
    const struct error_info *problem = &services->problem;

    for (size_t i = 0; i < services->count; i++)
        if (strcasecmp(services->list[i].name, name) == 0) {
            *ret_service = &services->list[i];
            return S_OK;
        }
    return error_set(error, MAPI_E_NOT_FOUND, "profile", "there is no message service \"%s\"%s%s%s",
                     name, FAILED(problem->hr) ? " (" : "", problem->text,
                     FAILED(problem->hr) ? ")" : "");
}
