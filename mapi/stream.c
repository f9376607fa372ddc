/* mapi/stream.c - IStream on memory
 *
 * Clones share `struct stream_bytes`. Nothing is transacted: Revert does nothing, Commit hands the
 * content to the hook. Regions cannot be locked. */
#include "mapi/stream.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_MAX ((uint64_t)INT32_MAX)

struct stream_bytes {
    atomic_uint refs;
    pthread_mutex_t lock;
    uint8_t *data;
    size_t size, capacity, max;
    bool writable, dirty;
    struct memory_stream_hooks hooks;
};

struct memory_stream {
    IStream IStream_iface;
    struct mapi_object object;
    struct stream_bytes *bytes; /* our reference */
    uint64_t position;          /* under the bytes' lock */
};

static HRESULT bytes_commit(struct stream_bytes *bytes, bool last)
{
    uint8_t *copy = NULL;
    size_t size;
    HRESULT hr;

    if (!bytes->hooks.commit)
        return S_OK;
    pthread_mutex_lock(&bytes->lock);
    size = bytes->size;
    copy = malloc(size ? size : 1);
    if (copy) {
        if (size)
            memcpy(copy, bytes->data, size);
        bytes->dirty = false;
    }
    pthread_mutex_unlock(&bytes->lock);
    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = bytes->hooks.commit(bytes->hooks.context, copy, size, last);
    free(copy);
    return hr;
}

static void bytes_unref(struct stream_bytes *bytes)
{
    if (!bytes || atomic_fetch_sub(&bytes->refs, 1) > 1)
        return;
    if (bytes->dirty)
        bytes_commit(bytes, true); /* nobody is left to hear of a failure */
    if (bytes->hooks.dropped)
        bytes->hooks.dropped(bytes->hooks.context);
    pthread_mutex_destroy(&bytes->lock);
    free(bytes->data);
    free(bytes);
}

static void memory_stream_destroy(struct mapi_object *object)
{
    struct memory_stream *stream = container_of(object, struct memory_stream, object);

    bytes_unref(stream->bytes);
    mapi_object_clear(&stream->object);
    free(stream);
}

/* Makes room for `size` bytes; lock held. */
static HRESULT bytes_reserve(struct stream_bytes *bytes, uint64_t size)
{
    size_t capacity;
    uint8_t *data;

    if (size > bytes->max)
        return STG_E_MEDIUMFULL;
    if (size <= bytes->capacity)
        return S_OK;
    capacity = bytes->capacity * 2;
    if (capacity < size)
        capacity = (size_t)size;
    if (capacity < 256)
        capacity = 256;
    if (capacity > bytes->max)
        capacity = bytes->max;
    data = realloc(bytes->data, capacity);
    if (!data)
        return STG_E_MEDIUMFULL;
    memset(data + bytes->capacity, 0, capacity - bytes->capacity);
    bytes->data = data;
    bytes->capacity = capacity;
    return S_OK;
}

static HRESULT stream_Read(struct memory_stream *stream, void *data, ULONG size, ULONG *ret_read)
{
    struct stream_bytes *bytes = stream->bytes;
    uint64_t left;

    if (ret_read)
        *ret_read = 0;
    if (!data && size)
        return STG_E_INVALIDPOINTER;
    pthread_mutex_lock(&bytes->lock);
    left = stream->position < bytes->size ? bytes->size - stream->position : 0;
    if (size > left)
        size = (ULONG)left;
    if (size)
        memcpy(data, bytes->data + stream->position, size);
    stream->position += size;
    pthread_mutex_unlock(&bytes->lock);
    if (ret_read)
        *ret_read = size;
    return S_OK;
}

static HRESULT stream_Write(struct memory_stream *stream, const void *data, ULONG size,
                            ULONG *ret_written)
{
    struct stream_bytes *bytes = stream->bytes;
    HRESULT hr = S_OK;

    if (ret_written)
        *ret_written = 0;
    if (!bytes->writable)
        return STG_E_ACCESSDENIED;
    if (!data && size)
        return STG_E_INVALIDPOINTER;
    if (size == 0)
        return S_OK;
    pthread_mutex_lock(&bytes->lock);
    hr = bytes_reserve(bytes, stream->position + size);
    if (SUCCEEDED(hr)) {
        memcpy(bytes->data + stream->position, data, size);
        stream->position += size;
        if (stream->position > bytes->size)
            bytes->size = (size_t)stream->position;
        bytes->dirty = true;
    }
    pthread_mutex_unlock(&bytes->lock);
    if (SUCCEEDED(hr) && ret_written)
        *ret_written = size;
    return hr;
}

static HRESULT stream_Seek(struct memory_stream *stream, LARGE_INTEGER move, DWORD origin,
                           ULARGE_INTEGER *ret_position)
{
    struct stream_bytes *bytes = stream->bytes;
    int64_t target;
    HRESULT hr = S_OK;

    pthread_mutex_lock(&bytes->lock);
    switch (origin) {
    case STREAM_SEEK_SET:
        target = 0;
        break;
    case STREAM_SEEK_CUR:
        target = (int64_t)stream->position;
        break;
    case STREAM_SEEK_END:
        target = (int64_t)bytes->size;
        break;
    default:
        hr = STG_E_INVALIDFUNCTION;
        target = 0;
        break;
    }
    if (SUCCEEDED(hr) && (__builtin_add_overflow(target, move.QuadPart, &target) || target < 0))
        hr = STG_E_INVALIDFUNCTION;
    if (SUCCEEDED(hr))
        stream->position = (uint64_t)target;
    if (ret_position)
        ret_position->QuadPart = stream->position;
    pthread_mutex_unlock(&bytes->lock);
    return hr;
}

static HRESULT stream_SetSize(struct memory_stream *stream, ULARGE_INTEGER size)
{
    struct stream_bytes *bytes = stream->bytes;
    HRESULT hr;

    if (!bytes->writable)
        return STG_E_ACCESSDENIED;
    pthread_mutex_lock(&bytes->lock);
    hr = bytes_reserve(bytes, size.QuadPart);
    if (SUCCEEDED(hr)) {
        if (size.QuadPart < bytes->size) /* what grows again reads as zero */
            memset(bytes->data + size.QuadPart, 0, bytes->size - size.QuadPart);
        bytes->size = (size_t)size.QuadPart;
        bytes->dirty = true;
    }
    pthread_mutex_unlock(&bytes->lock);
    return hr;
}

static HRESULT stream_CopyTo(struct memory_stream *stream, IStream *dest, ULARGE_INTEGER size,
                             ULARGE_INTEGER *ret_read, ULARGE_INTEGER *ret_written)
{
    return stream_copy_to((ISequentialStream *)&stream->IStream_iface, dest, size, ret_read,
                          ret_written);
}

static HRESULT stream_Commit(struct memory_stream *stream, DWORD flags)
{
    return stream->bytes->writable ? bytes_commit(stream->bytes, false) : S_OK;
}

static HRESULT stream_Revert(struct memory_stream *stream)
{
    return S_OK; /* not transacted */
}

static HRESULT stream_LockRegion(struct memory_stream *stream, ULARGE_INTEGER offset,
                                 ULARGE_INTEGER size, DWORD type)
{
    return STG_E_INVALIDFUNCTION;
}

static HRESULT stream_UnlockRegion(struct memory_stream *stream, ULARGE_INTEGER offset,
                                   ULARGE_INTEGER size, DWORD type)
{
    return STG_E_INVALIDFUNCTION;
}

static HRESULT stream_Stat(struct memory_stream *stream, STATSTG *ret_stat, DWORD flags)
{
    struct stream_bytes *bytes = stream->bytes;

    if (!ret_stat)
        return STG_E_INVALIDPOINTER;
    memset(ret_stat, 0, sizeof(*ret_stat));
    ret_stat->type = STGTY_STREAM;
    ret_stat->grfMode = bytes->writable ? STGM_READWRITE : STGM_READ;
    pthread_mutex_lock(&bytes->lock);
    ret_stat->cbSize.QuadPart = bytes->size;
    pthread_mutex_unlock(&bytes->lock);
    return S_OK;
}

static HRESULT stream_create_on(struct stream_bytes *bytes, struct mapi_object *owner,
                                uint64_t position, IStream **ret_stream);

static HRESULT stream_Clone(struct memory_stream *stream, IStream **ret_stream)
{
    uint64_t position;

    if (!ret_stream)
        return STG_E_INVALIDPOINTER;
    *ret_stream = NULL;
    pthread_mutex_lock(&stream->bytes->lock);
    position = stream->position;
    pthread_mutex_unlock(&stream->bytes->lock);
    return stream_create_on(stream->bytes, stream->object.owner, position, ret_stream);
}

/* @thunks IStream memory_stream stream */
#include "mapi/mapiguid.h"
#include "mapi/stream_thunks.inc"

static const struct mapi_face memory_stream_faces[] = {
    MAPI_FACE(struct memory_stream, IID_IStream, IStream_iface),
    MAPI_FACE(struct memory_stream, IID_ISequentialStream, IStream_iface),
};

static const struct mapi_class memory_stream_class = {
    .name = "memory_stream",
    .destroy = memory_stream_destroy,
    .faces = memory_stream_faces,
    .face_count = sizeof(memory_stream_faces) / sizeof(memory_stream_faces[0]),
};

static HRESULT stream_create_on(struct stream_bytes *bytes, struct mapi_object *owner,
                                uint64_t position, IStream **ret_stream)
{
    struct memory_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    stream->IStream_iface.lpVtbl = &stream_vtbl;
    mapi_object_init(&stream->object, &memory_stream_class, owner);
    atomic_fetch_add(&bytes->refs, 1);
    stream->bytes = bytes;
    stream->position = position;
    *ret_stream = &stream->IStream_iface;
    return S_OK;
}

HRESULT memory_stream_create(const struct memory_stream_options *options, IStream **ret_stream)
{
    struct stream_bytes *bytes = calloc(1, sizeof(*bytes));
    HRESULT hr;

    if (!bytes)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&bytes->refs, 1);
    pthread_mutex_init(&bytes->lock, NULL);
    bytes->max = options->max_size ? options->max_size : DEFAULT_MAX;
    bytes->writable = options->writable;

    hr = bytes_reserve(bytes, options->size);
    if (SUCCEEDED(hr)) {
        if (options->size)
            memcpy(bytes->data, options->data, options->size);
        bytes->size = options->size;
        hr = stream_create_on(bytes, options->owner, 0, ret_stream);
    }
    if (SUCCEEDED(hr)) { /* on failure the hooks stay the caller's */
        bytes->hooks = options->hooks;
        bytes->dirty = options->dirty && options->writable;
    }
    bytes_unref(bytes);
    return hr == STG_E_MEDIUMFULL ? MAPI_E_NOT_ENOUGH_MEMORY : hr;
}

HRESULT stream_copy_to(ISequentialStream *stream, IStream *dest, ULARGE_INTEGER size,
                       ULARGE_INTEGER *ret_read, ULARGE_INTEGER *ret_written)
{
    uint64_t total_read = 0, total_written = 0;
    uint8_t piece[16384];
    ULONG part, got, put;
    HRESULT hr = S_OK;

    if (!dest)
        return STG_E_INVALIDPOINTER;
    while (SUCCEEDED(hr) && size.QuadPart > 0) {
        part = size.QuadPart < sizeof(piece) ? (ULONG)size.QuadPart : (ULONG)sizeof(piece);
        got = 0;
        hr = stream->lpVtbl->Read(stream, piece, part, &got);
        if (FAILED(hr) || got == 0)
            break;
        total_read += got;
        size.QuadPart -= got;
        put = 0;
        hr = dest->lpVtbl->Write(dest, piece, got, &put);
        total_written += put;
        if (SUCCEEDED(hr) && put < got)
            hr = STG_E_MEDIUMFULL;
    }
    if (ret_read)
        ret_read->QuadPart = total_read;
    if (ret_written)
        ret_written->QuadPart = total_written;
    return FAILED(hr) ? hr : S_OK;
}

HRESULT stream_read_all(IStream *stream, size_t limit, uint8_t **ret_data, size_t *ret_size)
{
    size_t size = 0, capacity = 4096;
    uint8_t *data = malloc(capacity), *bigger, *result;
    ULONG got;
    HRESULT hr;

    if (!data)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (;;) {
        if (size == capacity) {
            capacity *= 2;
            bigger = realloc(data, capacity);
            if (!bigger) {
                hr = MAPI_E_NOT_ENOUGH_MEMORY;
                break;
            }
            data = bigger;
        }
        got = 0;
        hr = stream->lpVtbl->Read(stream, data + size,
                                  (ULONG)(capacity - size > 1u << 20 ? 1u << 20 : capacity - size),
                                  &got);
        if (FAILED(hr) || got == 0)
            break;
        size += got;
        if (size > limit) {
            hr = MAPI_E_TOO_BIG;
            break;
        }
    }
    if (SUCCEEDED(hr)) {
        result = mapi_alloc(NULL, size + sizeof(WCHAR));
        if (result) {
            memcpy(result, data, size);
            *ret_data = result;
            *ret_size = size;
            hr = S_OK;
        } else {
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
        }
    }
    free(data);
    return hr;
}

HRESULT stream_write_all(IStream *stream, const void *data, size_t size)
{
    const uint8_t *at = data;
    ULONG part, put;
    HRESULT hr;

    while (size > 0) {
        part = size > 1u << 20 ? 1u << 20 : (ULONG)size;
        put = 0;
        hr = stream->lpVtbl->Write(stream, at, part, &put);
        if (FAILED(hr))
            return hr;
        if (put == 0)
            return STG_E_MEDIUMFULL;
        at += put;
        size -= put;
    }
    return S_OK;
}
