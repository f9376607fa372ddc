/* providers/imap/part_stream.c - the content of a part of an opened message, as an IStream
 *
 * One operation at a time, in the order of asking (the gate). The reader lives on the engine (that
 * of a message that is here, nowhere) and is given back there; small reads are served from what it
 * read ahead, for the way there is long. How long the decoded content is nobody knows before its
 * end: Stat and seeking from the end read it through once. */
#include "providers/imap/part_stream.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/memory.h"
#include "net/wait.h"

#define SKIP_SIZE (64u * 1024u)
#define AHEAD_SIZE                                                                                 \
    (96u * 1024u) /* what half of the first window decodes to (imap/client/body.c)                 \
                   */

struct part_stream {
    IStream IStream_iface;
    struct mapi_object object;
    struct engine_node node;       /* posted when the stream goes */
    struct message_origin *origin; /* our reference */
    char *section;
    enum transfer_encoding encoding;
    struct engine_mutex gate;

    /* Under the gate. */
    struct part_reader *reader; /* the engine's */
    uint64_t read_at;           /* where the reader is */
    uint64_t position;          /* where the client is */
    char *ahead;                /* NULL: nothing read so far */
    uint64_t ahead_at;
    size_t ahead_size;
    uint64_t size;
    bool size_known;
};

/* --- Where the reader lives ------------------------------------------------------------------- */

struct stream_call {
    struct link_call base;
    struct part_stream *stream;
    uint64_t from;
    void *buffer;
    size_t size, done;
};

static WAITS HRESULT ensure_reader(struct stream_call *call)
{
    struct part_stream *stream = call->stream;

    if (stream->reader)
        return S_OK;
    stream->read_at = 0;
    return part_reader_open(call->base.account, stream->origin, stream->section, stream->encoding,
                            &stream->reader);
}

static void end_is_here(struct part_stream *stream)
{
    stream->size = stream->read_at;
    stream->size_known = true;
}

/* Moves the reader to `target`, or to the end when that comes first. */
static WAITS HRESULT move_reader(struct stream_call *call, uint64_t target)
{
    struct part_stream *stream = call->stream;
    char *scratch;
    HRESULT hr = S_OK;

    if (target < stream->read_at) {
        part_reader_rewind(stream->reader);
        stream->read_at = 0;
    }
    if (target == stream->read_at)
        return S_OK;
    scratch = malloc(SKIP_SIZE);
    if (!scratch)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    while (SUCCEEDED(hr) && stream->read_at < target) {
        uint64_t left = target - stream->read_at;
        size_t got = 0;

        hr = part_reader_read(stream->reader, scratch, left < SKIP_SIZE ? (size_t)left : SKIP_SIZE,
                              &call->base.error, &got);
        if (SUCCEEDED(hr) && got == 0) {
            end_is_here(stream);
            break;
        }
        stream->read_at += got;
    }
    free(scratch);
    return hr;
}

static HRESULT read_window(void *arg)
{
    struct stream_call *call = arg;
    struct part_stream *stream = call->stream;
    HRESULT hr = ensure_reader(call);

    if (SUCCEEDED(hr))
        hr = move_reader(call, call->from);
    while (SUCCEEDED(hr) && call->done < call->size && stream->read_at == call->from + call->done) {
        size_t got = 0;

        hr = part_reader_read(stream->reader, (char *)call->buffer + call->done,
                              call->size - call->done, &call->base.error, &got);
        if (SUCCEEDED(hr) && got == 0)
            end_is_here(stream);
        if (FAILED(hr) || got == 0)
            break;
        call->done += got;
        stream->read_at += got;
    }
    return hr;
}

static HRESULT measure_content(void *arg)
{
    struct stream_call *call = arg;
    HRESULT hr = ensure_reader(call);

    return SUCCEEDED(hr) ? move_reader(call, UINT64_MAX) : hr;
}

static HRESULT close_fiber(void *arg)
{
    struct part_stream *stream = arg;

    part_reader_close(stream->reader);
    message_origin_unref(stream->origin);
    engine_mutex_clear(&stream->gate);
    free(stream->ahead);
    free(stream->section);
    free(stream);
    return S_OK;
}

static void close_on_loop(struct engine_node *node)
{
    struct part_stream *stream = container_of(node, struct part_stream, node);

    if (FAILED(engine_spawn(imap_link_engine(stream->origin->link), close_fiber, stream, NULL)))
        close_fiber(stream);
}

/* --- Methods ---------------------------------------------------------------------------------- */

static HRESULT run(struct part_stream *stream, engine_fn *fn, struct stream_call *call)
{
    call->stream = stream;
    return message_origin_run(stream->origin, &stream->object, fn, &call->base);
}

static size_t take_ahead(struct part_stream *stream, char *buffer, size_t size)
{
    uint64_t within = stream->position - stream->ahead_at;
    size_t count;

    if (stream->position < stream->ahead_at || within >= stream->ahead_size)
        return 0;
    count = stream->ahead_size - (size_t)within;
    count = count < size ? count : size;
    memcpy(buffer, stream->ahead + within, count);
    stream->position += count;
    return count;
}

/* What is large goes straight into the client's buffer. *ret_size: what that got. */
static WAITS HRESULT read_more(struct part_stream *stream, char *buffer, size_t size,
                               size_t *ret_size)
{
    struct stream_call call = {.from = stream->position, .buffer = buffer, .size = size};
    HRESULT hr;

    *ret_size = 0;
    if (size < AHEAD_SIZE) {
        if (!stream->ahead && !(stream->ahead = malloc(AHEAD_SIZE)))
            return MAPI_E_NOT_ENOUGH_MEMORY;
        call.buffer = stream->ahead;
        call.size = AHEAD_SIZE;
        stream->ahead_size = 0;
    }
    hr = run(stream, read_window, &call);
    if (size < AHEAD_SIZE) {
        stream->ahead_at = stream->position;
        stream->ahead_size = call.done;
        *ret_size = take_ahead(stream, buffer, size);
        if (*ret_size > 0) /* what failed behind it is tried again when it is wanted */
            hr = S_OK;
    } else {
        stream->position += call.done;
        *ret_size = call.done;
    }
    return hr;
}

static WAITS HRESULT read_locked(struct part_stream *stream, char *buffer, size_t size,
                                 size_t *ret_size)
{
    size_t done = take_ahead(stream, buffer, size), got = 0;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && done < size &&
           !(stream->size_known && stream->position >= stream->size)) {
        hr = read_more(stream, buffer + done, size - done, &got);
        done += got;
        if (got == 0)
            break;
    }
    *ret_size = done;
    return hr;
}

static HRESULT stream_Read(struct part_stream *stream, void *buffer, ULONG size, ULONG *ret_size)
{
    size_t done = 0;
    HRESULT hr;

    if (!buffer)
        return STG_E_INVALIDPOINTER;
    hr = engine_mutex_lock(&stream->gate, NO_DEADLINE);
    if (FAILED(hr))
        return hr;
    hr = read_locked(stream, buffer, size, &done);
    engine_mutex_unlock(&stream->gate);
    if (ret_size)
        *ret_size = (ULONG)done;
    return hr;
}

static HRESULT stream_Write(struct part_stream *stream, const void *bytes, ULONG size,
                            ULONG *ret_size)
{
    (void)stream;
    (void)bytes;
    (void)size;
    if (ret_size)
        *ret_size = 0;
    return STG_E_ACCESSDENIED;
}

static HRESULT measure(struct part_stream *stream)
{
    struct stream_call call = {0};

    return stream->size_known ? S_OK : run(stream, measure_content, &call);
}

static HRESULT seek_locked(struct part_stream *stream, int64_t move, DWORD origin)
{
    int64_t from = 0;
    HRESULT hr = S_OK;

    if (origin == STREAM_SEEK_CUR) {
        from = (int64_t)stream->position;
    } else if (origin == STREAM_SEEK_END) {
        hr = measure(stream);
        from = (int64_t)stream->size;
    } else if (origin != STREAM_SEEK_SET) {
        return STG_E_INVALIDFUNCTION;
    }
    if (FAILED(hr))
        return hr;
    if (__builtin_add_overflow(from, move, &from) || from < 0)
        return STG_E_INVALIDFUNCTION;
    stream->position = (uint64_t)from;
    return S_OK;
}

static HRESULT stream_Seek(struct part_stream *stream, LARGE_INTEGER move, DWORD origin,
                           ULARGE_INTEGER *ret_position)
{
    HRESULT hr = engine_mutex_lock(&stream->gate, NO_DEADLINE);

    if (FAILED(hr))
        return hr;
    hr = seek_locked(stream, move.QuadPart, origin);
    if (SUCCEEDED(hr) && ret_position)
        ret_position->QuadPart = stream->position;
    engine_mutex_unlock(&stream->gate);
    return hr;
}

static HRESULT stream_SetSize(struct part_stream *stream, ULARGE_INTEGER size)
{
    (void)stream;
    (void)size;
    return STG_E_ACCESSDENIED;
}

/* The gate is not held: the other stream is foreign code. */
static HRESULT stream_CopyTo(struct part_stream *stream, IStream *other, ULARGE_INTEGER size,
                             ULARGE_INTEGER *ret_read, ULARGE_INTEGER *ret_written)
{
    uint64_t copied = 0;
    char *buffer;
    HRESULT hr = S_OK;

    if (!other)
        return STG_E_INVALIDPOINTER;
    buffer = malloc(SKIP_SIZE);
    if (!buffer)
        return E_OUTOFMEMORY;
    while (SUCCEEDED(hr) && copied < size.QuadPart) {
        uint64_t left = size.QuadPart - copied;
        ULONG got = 0;

        hr = stream_Read(stream, buffer, left < SKIP_SIZE ? (ULONG)left : SKIP_SIZE, &got);
        if (FAILED(hr) || got == 0)
            break;
        hr = IStream_Write(other, buffer, got, NULL);
        copied += got;
    }
    free(buffer);
    if (ret_read)
        ret_read->QuadPart = copied;
    if (ret_written)
        ret_written->QuadPart = copied;
    return hr;
}

static HRESULT stream_Commit(struct part_stream *stream, DWORD flags)
{
    (void)stream;
    (void)flags;
    return S_OK;
}

static HRESULT stream_Revert(struct part_stream *stream)
{
    (void)stream;
    return S_OK;
}

static HRESULT stream_Stat(struct part_stream *stream, STATSTG *ret_stat, DWORD flags)
{
    HRESULT hr;

    (void)flags;
    if (!ret_stat)
        return STG_E_INVALIDPOINTER;
    hr = engine_mutex_lock(&stream->gate, NO_DEADLINE);
    if (FAILED(hr))
        return hr;
    hr = measure(stream);
    if (SUCCEEDED(hr)) {
        memset(ret_stat, 0, sizeof(*ret_stat));
        ret_stat->type = STGTY_STREAM;
        ret_stat->cbSize.QuadPart = stream->size;
    }
    engine_mutex_unlock(&stream->gate);
    return hr;
}

static HRESULT stream_Clone(struct part_stream *stream, IStream **ret_stream)
{
    if (!ret_stream)
        return STG_E_INVALIDPOINTER;
    return part_stream_create(stream->origin, stream->object.owner, stream->section,
                              stream->encoding, ret_stream);
}

/* @thunks IStream part_stream stream none=LockRegion,UnlockRegion */
#include "providers/imap/part_stream_thunks.inc"

static const struct mapi_face stream_faces[] = {
    MAPI_FACE(struct part_stream, IID_IStream, IStream_iface),
    MAPI_FACE(struct part_stream, IID_ISequentialStream, IStream_iface),
};

static void stream_destroy(struct mapi_object *object)
{
    struct part_stream *stream = container_of(object, struct part_stream, object);

    mapi_object_clear(object);
    engine_post(imap_link_engine(stream->origin->link), &stream->node, close_on_loop);
}

static const struct mapi_class stream_class = {
    .name = "part_stream",
    .destroy = stream_destroy,
    .faces = stream_faces,
    .face_count = sizeof(stream_faces) / sizeof(stream_faces[0]),
};

HRESULT part_stream_create(struct message_origin *origin, struct mapi_object *owner,
                           const char *section, enum transfer_encoding encoding,
                           IStream **ret_stream)
{
    struct part_stream *stream = calloc(1, sizeof(*stream));

    if (stream)
        stream->section = strdup(section);
    if (!stream || !stream->section) {
        free(stream);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    stream->IStream_iface.lpVtbl = &stream_vtbl;
    stream->origin = message_origin_ref(origin);
    stream->encoding = encoding;
    engine_mutex_init(&stream->gate);
    mapi_object_init(&stream->object, &stream_class, owner);
    *ret_stream = &stream->IStream_iface;
    return S_OK;
}
