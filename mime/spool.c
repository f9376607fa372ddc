/* mime/spool.c - bytes written once and read often, in memory or in a file without a name */
#include "mime/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapi/mapicode.h"

#define MEMORY_MAX (1024u * 1024u)

struct mime_spool {
    char *memory; /* the first MEMORY_MAX bytes */
    size_t memory_size, memory_space;
    int file; /* what follows; -1: nothing so far */
    uint64_t size, at;
};

HRESULT mime_spool_create(struct mime_spool **ret_spool)
{
    struct mime_spool *spool = calloc(1, sizeof(*spool));

    if (!spool)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    spool->file = -1;
    *ret_spool = spool;
    return S_OK;
}

void mime_spool_free(struct mime_spool *spool)
{
    if (!spool)
        return;
    if (spool->file >= 0)
        close(spool->file);
    free(spool->memory);
    free(spool);
}

static int open_nameless(void)
{
    const char *folder = getenv("TMPDIR");
    char path[512];
    int file;

    if (!folder || folder[0] != '/' || strlen(folder) > sizeof(path) - 32)
        folder = "/tmp";
    file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return file;
    strcpy(stpcpy(path, folder), "/mapigate-XXXXXX"); /* a file system without nameless files */
    file = mkostemp(path, O_CLOEXEC);
    if (file >= 0)
        unlink(path);
    return file;
}

static HRESULT write_memory(struct mime_spool *spool, const char *bytes, size_t size)
{
    if (spool->memory_size + size > spool->memory_space) {
        size_t space = (spool->memory_size + size) * 2;
        char *grown;

        if (space > MEMORY_MAX)
            space = MEMORY_MAX;
        grown = realloc(spool->memory, space);
        if (!grown)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        spool->memory = grown;
        spool->memory_space = space;
    }
    memcpy(spool->memory + spool->memory_size, bytes, size);
    spool->memory_size += size;
    spool->size += size;
    return S_OK;
}

static HRESULT write_file(struct mime_spool *spool, const char *bytes, size_t size)
{
    if (spool->file < 0)
        spool->file = open_nameless();
    if (spool->file < 0)
        return MAPI_E_NOT_ENOUGH_DISK;
    while (size > 0) {
        ssize_t count = pwrite(spool->file, bytes, size, (off_t)(spool->size - spool->memory_size));

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return MAPI_E_NOT_ENOUGH_DISK;
        bytes += count;
        size -= (size_t)count;
        spool->size += (uint64_t)count;
    }
    return S_OK;
}

HRESULT mime_spool_write(void *arg, const void *bytes, size_t size)
{
    struct mime_spool *spool = arg;
    size_t room = MEMORY_MAX - spool->memory_size, first = size < room ? size : room;
    HRESULT hr = first ? write_memory(spool, bytes, first) : S_OK;

    if (SUCCEEDED(hr) && size > first)
        hr = write_file(spool, (const char *)bytes + first, size - first);
    return hr;
}

HRESULT mime_spool_read_at(struct mime_spool *spool, uint64_t offset, void *buffer, size_t size,
                           size_t *ret_size)
{
    ssize_t count;

    if (offset >= spool->size) {
        *ret_size = 0;
        return S_OK;
    }
    if (offset < spool->memory_size) {
        size_t left = spool->memory_size - (size_t)offset;

        *ret_size = size < left ? size : left;
        memcpy(buffer, spool->memory + offset, *ret_size);
        return S_OK;
    }
    do
        count = pread(spool->file, buffer, size, (off_t)(offset - spool->memory_size));
    while (count < 0 && errno == EINTR);
    if (count <= 0)
        return MAPI_E_DISK_ERROR;
    *ret_size = (size_t)count;
    return S_OK;
}

HRESULT mime_spool_read(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    struct mime_spool *spool = arg;
    HRESULT hr = mime_spool_read_at(spool, spool->at, buffer, size, ret_size);

    if (SUCCEEDED(hr))
        spool->at += *ret_size;
    return hr;
}

HRESULT mime_spool_rewind(void *arg)
{
    struct mime_spool *spool = arg;

    spool->at = 0;
    return S_OK;
}

uint64_t mime_spool_size(const struct mime_spool *spool)
{
    return spool->size;
}
