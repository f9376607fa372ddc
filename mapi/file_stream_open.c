/* mapi/file_stream_open.c - OpenStreamOnFile: which file, and how it is opened
 *
 * 8-bit names are the bytes of the file system, wide ones are made UTF-8. New files are their
 * owner's alone (0600). Share modes are taken and mean nothing here: nobody is kept out of a file.
 * Requirements: UTL-059 to UTL-065. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapi/file_stream.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/text.h"

#define ACCESS_FLAGS (STGM_READ | STGM_WRITE | STGM_READWRITE)
#define SHARE_FLAGS  0x00000070u
#define KNOWN_FLAGS                                                                                \
    (ACCESS_FLAGS | SHARE_FLAGS | STGM_CREATE | STGM_DELETEONRELEASE | SOF_UNIQUEFILENAME)
#define PREFIX_MAX 3
#define PATH_LIMIT 4096

static HRESULT from_errno(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return MAPI_E_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
    case EISDIR:
    case ELOOP:
    case ETXTBSY:
        return MAPI_E_NO_ACCESS; /* UTL-064 */
    case ENOSPC:
    case EDQUOT:
        return MAPI_E_NOT_ENOUGH_DISK;
    case EMFILE:
    case ENFILE:
        return MAPI_E_NOT_ENOUGH_RESOURCES;
    case ENOMEM:
        return MAPI_E_NOT_ENOUGH_MEMORY;
    case ENAMETOOLONG:
        return MAPI_E_INVALID_PARAMETER;
    default:
        return MAPI_E_DISK_ERROR;
    }
}

static HRESULT check_flags(ULONG flags, const char *name, const char *prefix)
{
    if (flags & ~(ULONG)KNOWN_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if ((flags & ACCESS_FLAGS) == (STGM_WRITE | STGM_READWRITE))
        return MAPI_E_INVALID_PARAMETER;
    if (flags & (STGM_CREATE | SOF_UNIQUEFILENAME) && (flags & ACCESS_FLAGS) != STGM_READWRITE)
        return MAPI_E_INVALID_PARAMETER; /* UTL-059 */
    if (!name && !(flags & STGM_CREATE && flags & STGM_DELETEONRELEASE))
        return MAPI_E_INVALID_PARAMETER; /* UTL-060 */
    if (prefix && (strlen(prefix) > PREFIX_MAX || strchr(prefix, '/')))
        return MAPI_E_INVALID_PARAMETER; /* UTL-062 */
    return S_OK;
}

/* A new file in a directory; NULL: where temporary files go. */
static HRESULT open_unique(const char *directory, const char *prefix, char path[PATH_LIMIT],
                           int *ret_fd)
{
    static const char suffix[] = ".tmp";
    int length;

    if (!directory)
        directory = secure_getenv("TMPDIR");
    if (!directory || !*directory)
        directory = P_tmpdir;
    length =
        snprintf(path, PATH_LIMIT, "%s/%sXXXXXX%s", directory, prefix ? prefix : "SOF", suffix);
    if (length >= PATH_LIMIT)
        return MAPI_E_INVALID_PARAMETER;
    *ret_fd = mkostemps(path, sizeof(suffix) - 1, O_CLOEXEC);
    return *ret_fd < 0 ? from_errno() : S_OK;
}

static HRESULT open_named(const char *name, ULONG flags, char path[PATH_LIMIT], int *ret_fd)
{
    static const int access[] = {O_RDONLY, O_WRONLY, O_RDWR};
    int how =
        access[flags & ACCESS_FLAGS] | O_CLOEXEC | O_NOCTTY | O_NONBLOCK; /* no waiting pipe */

    if (strlen(name) >= PATH_LIMIT)
        return MAPI_E_INVALID_PARAMETER;
    strcpy(path, name);
    if (flags & STGM_CREATE)
        how |= O_CREAT | O_TRUNC;
    *ret_fd = open(path, how, 0600);
    return *ret_fd < 0 ? from_errno() : S_OK;
}

static HRESULT open_stream(ULONG flags, const char *name, const char *prefix, IStream **ret_stream)
{
    struct file_stream_options options = {
        .read = (flags & ACCESS_FLAGS) != STGM_WRITE,
        .write = (flags & ACCESS_FLAGS) != STGM_READ,
        .remove = flags & STGM_DELETEONRELEASE,
    };
    char path[PATH_LIMIT];
    struct stat stat;
    HRESULT hr;

    hr = check_flags(flags, name, prefix);
    if (FAILED(hr))
        return hr;
    if (!name || flags & SOF_UNIQUEFILENAME)
        hr = open_unique(name, prefix, path, &options.fd);
    else
        hr = open_named(name, flags, path, &options.fd);
    if (FAILED(hr))
        return hr;
    if (fstat(options.fd, &stat) != 0 || !S_ISREG(stat.st_mode))
        hr = MAPI_E_NO_ACCESS;
    if (!name)
        unlink(path); /* nobody asked for a name: nothing is left even by a crash */
    else
        options.path = path;
    if (SUCCEEDED(hr))
        hr = file_stream_create(&options, ret_stream);
    if (FAILED(hr))
        close(options.fd);
    return hr;
}

HRESULT STDAPICALLTYPE OpenStreamOnFile(LPALLOCATEBUFFER allocate, LPFREEBUFFER free_buffer,
                                        ULONG flags, LPCTSTR name, LPCTSTR prefix,
                                        LPSTREAM *ret_stream)
{
    if (!ret_stream)
        return MAPI_E_INVALID_PARAMETER;
    *ret_stream = NULL;
    if (!allocate || !free_buffer)
        return MAPI_E_INVALID_PARAMETER;
    return open_stream(flags, (const char *)name, (const char *)prefix, ret_stream);
}

HRESULT STDAPICALLTYPE OpenStreamOnFileW(LPALLOCATEBUFFER allocate, LPFREEBUFFER free_buffer,
                                         ULONG flags, LPCWSTR name, LPCWSTR prefix,
                                         LPSTREAM *ret_stream)
{
    char *name8 = NULL, *prefix8 = NULL;
    HRESULT hr;

    if (!ret_stream)
        return MAPI_E_INVALID_PARAMETER;
    *ret_stream = NULL;
    if (!allocate || !free_buffer)
        return MAPI_E_INVALID_PARAMETER;
    hr = text_utf16_to_utf8(NULL, name, &name8);
    if (SUCCEEDED(hr))
        hr = text_utf16_to_utf8(NULL, prefix, &prefix8);
    if (SUCCEEDED(hr))
        hr = open_stream(flags, name8, prefix8, ret_stream);
    mapi_free(name8);
    mapi_free(prefix8);
    return hr;
}
