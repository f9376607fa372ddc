/* simple/temp_files.c - the files that MAPIReadMail writes for its caller */
#include "simple/temp_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapi/array.h"
#include "mapi/file_stream.h"
#include "mapi/mapicode.h"
#include "simple/result.h"

#define EXTENSION_MAX 16 /* characters, the dot among them */

/* The extension, dot included, where it is harmless; else "". */
static const char *extension_of(const char *name)
{
    const char *dot = name ? strrchr(name, '.') : NULL;
    size_t length = dot ? strlen(dot) : 0;

    if (length < 2 || length > EXTENSION_MAX)
        return "";
    for (const char *c = dot + 1; *c; c++)
        if (!((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z')))
            return "";
    return dot;
}

static ULONG from_errno(int error)
{
    return error == ENOSPC || error == EDQUOT ? MAPI_E_DISK_FULL : MAPI_E_ATTACHMENT_WRITE_FAILURE;
}

/* A new file; *ret_path is to free(). */
static ULONG make_file(const char *name, int *ret_fd, char **ret_path)
{
    const char *folder = secure_getenv("TMPDIR"), *extension = extension_of(name);
    char *path;
    int fd;

    if (!folder || folder[0] != '/')
        folder = "/tmp";
    if (asprintf(&path, "%s/mapi-XXXXXX%s", folder, extension) < 0)
        return MAPI_E_INSUFFICIENT_MEMORY;
    fd = mkostemps(path, (int)strlen(extension), O_CLOEXEC); /* 0600 */
    if (fd < 0) {
        free(path);
        return from_errno(errno);
    }
    *ret_fd = fd;
    *ret_path = path;
    return SUCCESS_SUCCESS;
}

ULONG temp_files_create(struct temp_files *files, const char *name, IStream **ret_stream,
                        const char **ret_path)
{
    struct file_stream_options options = {.write = true};
    char *path;
    ULONG result = make_file(name, &options.fd, &path);
    HRESULT hr;

    if (result != SUCCESS_SUCCESS)
        return result;
    options.path = path;
    hr = file_stream_create(&options, ret_stream);
    if (SUCCEEDED(hr) && !array_append(&files->paths, &files->count, &path)) {
        IStream_Release(*ret_stream);
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    } else if (FAILED(hr)) {
        close(options.fd);
    }
    if (FAILED(hr)) {
        unlink(path);
        free(path);
        return simple_result(hr);
    }
    *ret_path = path;
    return SUCCESS_SUCCESS;
}

ULONG temp_files_result(HRESULT hr)
{
    return hr == STG_E_WRITEFAULT ? MAPI_E_ATTACHMENT_WRITE_FAILURE : simple_result(hr);
}

void temp_files_clear(struct temp_files *files, bool remove)
{
    for (size_t i = 0; i < files->count; i++) {
        if (remove)
            unlink(files->paths[i]);
        free(files->paths[i]);
    }
    free(files->paths);
    *files = (struct temp_files){0};
}
