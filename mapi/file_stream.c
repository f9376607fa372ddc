/* mapi/file_stream.c - IStream on a file */
#include "mapi/file_stream.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapi/filetime.h"
#include "mapi/mapiguid.h"
#include "mapi/object.h"
#include "mapi/stream.h"
#include "mapi/text.h"

/* What clones share. */
struct stream_file {
    atomic_uint refs;
    int fd;
    char *path;
    bool read, write, remove;
};

struct file_stream {
    IStream IStream_iface;
    struct mapi_object object;
    struct stream_file *file; /* our reference */
    pthread_mutex_t lock;
    int64_t position; /* under lock */
};

static void stream_file_unref(struct stream_file *file)
{
    if (!file || atomic_fetch_sub(&file->refs, 1) > 1)
        return;
    if (file->remove && file->path)
        unlink(file->path); /* UTL-063 */
    close(file->fd);
    free(file->path);
    free(file);
}

static void file_stream_destroy(struct mapi_object *object)
{
    struct file_stream *stream = container_of(object, struct file_stream, object);

    stream_file_unref(stream->file);
    pthread_mutex_destroy(&stream->lock);
    mapi_object_clear(&stream->object);
    free(stream);
}

static HRESULT write_error(void)
{
    switch (errno) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return STG_E_MEDIUMFULL;
    default:
        return STG_E_WRITEFAULT;
    }
}

static HRESULT stream_Read(struct file_stream *stream, void *data, ULONG size, ULONG *ret_read)
{
    ULONG total = 0;
    HRESULT hr = S_OK;

    if (ret_read)
        *ret_read = 0;
    if (!data && size)
        return STG_E_INVALIDPOINTER;
    if (!stream->file->read)
        return STG_E_ACCESSDENIED;
    pthread_mutex_lock(&stream->lock);
    while (total < size) {
        ssize_t got =
            pread(stream->file->fd, (char *)data + total, size - total, stream->position + total);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && total == 0)
            hr = STG_E_READFAULT;
        if (got <= 0)
            break;
        total += (ULONG)got;
    }
    stream->position += total;
    pthread_mutex_unlock(&stream->lock);
    if (ret_read)
        *ret_read = total;
    return hr;
}

static HRESULT stream_Write(struct file_stream *stream, const void *data, ULONG size,
                            ULONG *ret_written)
{
    ULONG total = 0;
    HRESULT hr = S_OK;

    if (ret_written)
        *ret_written = 0;
    if (!data && size)
        return STG_E_INVALIDPOINTER;
    if (!stream->file->write)
        return STG_E_ACCESSDENIED;
    pthread_mutex_lock(&stream->lock);
    while (total < size && SUCCEEDED(hr)) {
        ssize_t put = pwrite(stream->file->fd, (const char *)data + total, size - total,
                             stream->position + total);

        if (put < 0 && errno != EINTR)
            hr = write_error();
        if (put > 0)
            total += (ULONG)put;
    }
    stream->position += total;
    pthread_mutex_unlock(&stream->lock);
    if (ret_written)
        *ret_written = total;
    return hr;
}

static HRESULT stream_Seek(struct file_stream *stream, LARGE_INTEGER move, DWORD origin,
                           ULARGE_INTEGER *ret_position)
{
    struct stat stat = {0};
    int64_t target = 0;
    HRESULT hr = S_OK;

    pthread_mutex_lock(&stream->lock);
    if (origin == STREAM_SEEK_CUR)
        target = stream->position;
    else if (origin == STREAM_SEEK_END)
        hr = fstat(stream->file->fd, &stat) == 0 ? S_OK : STG_E_SEEKERROR;
    else if (origin != STREAM_SEEK_SET)
        hr = STG_E_INVALIDFUNCTION;
    if (origin == STREAM_SEEK_END)
        target = stat.st_size;
    if (SUCCEEDED(hr) && (__builtin_add_overflow(target, move.QuadPart, &target) || target < 0))
        hr = STG_E_INVALIDFUNCTION;
    if (SUCCEEDED(hr))
        stream->position = target;
    if (ret_position)
        ret_position->QuadPart = (uint64_t)stream->position;
    pthread_mutex_unlock(&stream->lock);
    return hr;
}

static HRESULT stream_SetSize(struct file_stream *stream, ULARGE_INTEGER size)
{
    if (!stream->file->write)
        return STG_E_ACCESSDENIED;
    if (size.QuadPart > INT64_MAX)
        return STG_E_MEDIUMFULL;
    return ftruncate(stream->file->fd, (off_t)size.QuadPart) == 0 ? S_OK : write_error();
}

static HRESULT stream_CopyTo(struct file_stream *stream, IStream *dest, ULARGE_INTEGER size,
                             ULARGE_INTEGER *ret_read, ULARGE_INTEGER *ret_written)
{
    return stream_copy_to((ISequentialStream *)&stream->IStream_iface, dest, size, ret_read,
                          ret_written);
}

static HRESULT stream_Commit(struct file_stream *stream, DWORD flags)
{
    if (!stream->file->write || flags & STGC_DANGEROUSLYCOMMITMERELYTODISKCACHE)
        return S_OK;
    return fdatasync(stream->file->fd) == 0 ? S_OK : write_error();
}

static HRESULT stream_Revert(struct file_stream *stream)
{
    return S_OK; /* not transacted */
}

static HRESULT stream_LockRegion(struct file_stream *stream, ULARGE_INTEGER offset,
                                 ULARGE_INTEGER size, DWORD type)
{
    return STG_E_INVALIDFUNCTION;
}

static HRESULT stream_UnlockRegion(struct file_stream *stream, ULARGE_INTEGER offset,
                                   ULARGE_INTEGER size, DWORD type)
{
    return STG_E_INVALIDFUNCTION;
}

/* The name as the task allocator's: malloc (mapitypes.h). */
static WCHAR *make_name(const char *path)
{
    size_t length = utf8_to_utf16(path, strlen(path), NULL, 0);
    WCHAR *name = malloc((length + 1) * sizeof(*name));

    if (name)
        utf8_to_utf16(path, strlen(path), name, length + 1);
    return name;
}

static HRESULT stream_Stat(struct file_stream *stream, STATSTG *ret_stat, DWORD flags)
{
    const struct stream_file *file = stream->file;
    struct stat stat;

    if (!ret_stat)
        return STG_E_INVALIDPOINTER;
    memset(ret_stat, 0, sizeof(*ret_stat));
    if (flags & ~(DWORD)STATFLAG_NONAME)
        return STG_E_INVALIDFLAG;
    if (fstat(file->fd, &stat) != 0)
        return STG_E_READFAULT;
    if (!(flags & STATFLAG_NONAME) && file->path) {
        ret_stat->pwcsName = make_name(file->path);
        if (!ret_stat->pwcsName)
            return STG_E_INSUFFICIENTMEMORY;
    }
    ret_stat->type = STGTY_STREAM;
    ret_stat->cbSize.QuadPart = (uint64_t)stat.st_size;
    ret_stat->mtime = filetime_from_timespec(stat.st_mtim);
    ret_stat->ctime = filetime_from_timespec(stat.st_ctim);
    ret_stat->atime = filetime_from_timespec(stat.st_atim);
    ret_stat->grfMode = !file->write ? STGM_READ : file->read ? STGM_READWRITE : STGM_WRITE;
    return S_OK;
}

static HRESULT create_on(struct stream_file *file, int64_t position, IStream **ret_stream);

static HRESULT stream_Clone(struct file_stream *stream, IStream **ret_stream)
{
    int64_t position;

    if (!ret_stream)
        return STG_E_INVALIDPOINTER;
    *ret_stream = NULL;
    pthread_mutex_lock(&stream->lock);
    position = stream->position;
    pthread_mutex_unlock(&stream->lock);
    return create_on(stream->file, position, ret_stream);
}

/* @thunks IStream file_stream stream */
#include "mapi/file_stream_thunks.inc"

static const struct mapi_face file_stream_faces[] = {
    MAPI_FACE(struct file_stream, IID_IStream, IStream_iface),
    MAPI_FACE(struct file_stream, IID_ISequentialStream, IStream_iface),
};

static const struct mapi_class file_stream_class = {
    .name = "file_stream",
    .destroy = file_stream_destroy,
    .faces = file_stream_faces,
    .face_count = 2,
};

static HRESULT create_on(struct stream_file *file, int64_t position, IStream **ret_stream)
{
    struct file_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    stream->IStream_iface.lpVtbl = &stream_vtbl;
    mapi_object_init(&stream->object, &file_stream_class, NULL);
    pthread_mutex_init(&stream->lock, NULL);
    stream->position = position;
    atomic_fetch_add(&file->refs, 1);
    stream->file = file;
    *ret_stream = &stream->IStream_iface;
    return S_OK;
}

HRESULT file_stream_create(const struct file_stream_options *options, IStream **ret_stream)
{
    struct stream_file *file = calloc(1, sizeof(*file));
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (!file)
        return hr;
    atomic_init(&file->refs, 0);
    file->fd = options->fd;
    file->read = options->read;
    file->write = options->write;
    file->remove = options->remove;
    if (options->path)
        file->path = strdup(options->path);
    if (file->path || !options->path)
        hr = create_on(file, 0, ret_stream);
    if (FAILED(hr)) {
        free(file->path);
        free(file);
    }
    return hr;
}
