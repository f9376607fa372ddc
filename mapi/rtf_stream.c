/* mapi/rtf_stream.c - WrapCompressedRTFStream: RTF as text on a stream of compressed RTF
 *
 * A reader decodes as it is read; what is damaged fails the Read that comes upon it, a wrong sum
 * the one that reaches the end. A writer encodes as it is written to, after a header that it fills
 * in when it is committed or released; then the text is whole and nothing more can be written.
 * Neither holds more than the codec's window and a buffer.
 *
 * The compressed stream is foreign code, called on the caller's thread and with no lock held: a
 * second call at the same time on the same stream answers MAPI_E_BUSY.
 *
 * Requirements: UTL-052 to UTL-057; MS-OXRTFCP. */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapiutil.h"
#include "mapi/object.h"
#include "mapi/rtf_codec.h"
#include "mapi/stream.h"

#define BUFFER_SIZE 4096

struct rtf_reader {
    IStream IStream_iface;
    struct mapi_object object;
    IStream *compressed; /* our reference */
    atomic_flag busy;
    bool at_end; /* the compressed stream gives no more */
    struct rtf_decoder decoder;
    size_t at, size; /* of the buffer */
    uint8_t buffer[BUFFER_SIZE];
};

struct rtf_writer {
    IStream IStream_iface;
    struct mapi_object object;
    IStream *compressed; /* our reference */
    atomic_flag busy;
    bool begun, finished;
    HRESULT failure; /* the first one: what stands there is no text any more */
    ULARGE_INTEGER start;
    struct rtf_encoder encoder;
    size_t size; /* of what waits in the buffer */
    uint8_t buffer[BUFFER_SIZE];
};

/* ---- Reading ---- */

/* Looks for more data when there is none. */
static HRESULT fill(struct rtf_reader *reader)
{
    ULONG got = 0, wanted = BUFFER_SIZE;
    HRESULT hr;

    if (reader->at < reader->size || reader->at_end)
        return S_OK;
    if (reader->decoder.left < wanted)
        wanted = reader->decoder.left;
    reader->at = reader->size = 0;
    hr = wanted ? IStream_Read(reader->compressed, reader->buffer, wanted, &got) : S_OK;
    if (FAILED(hr))
        return hr;
    reader->size = got < wanted ? got : wanted;
    reader->at_end = got == 0;
    return S_OK;
}

static HRESULT read_text(struct rtf_reader *reader, uint8_t *text, ULONG size, ULONG *made)
{
    size_t used, out;
    HRESULT hr;

    for (;;) {
        hr = fill(reader);
        if (FAILED(hr))
            return hr;
        rtf_decode(&reader->decoder, reader->buffer + reader->at, reader->size - reader->at,
                   text + *made, size - *made, &used, &out);
        reader->at += used;
        *made += (ULONG)out;
        if (reader->at_end && reader->decoder.length == 0)
            return rtf_decoder_finish(&reader->decoder);
        if (*made == size)
            return S_OK;
    }
}

static HRESULT reader_Read(struct rtf_reader *reader, void *text, ULONG size, ULONG *ret_read)
{
    ULONG made = 0;
    HRESULT hr;

    if (ret_read)
        *ret_read = 0;
    if (!text && size)
        return STG_E_INVALIDPOINTER;
    if (size == 0)
        return S_OK;
    if (atomic_flag_test_and_set(&reader->busy))
        return MAPI_E_BUSY;
    hr = read_text(reader, text, size, &made);
    atomic_flag_clear(&reader->busy);
    if (ret_read)
        *ret_read = made;
    return hr;
}

static HRESULT reader_Write(struct rtf_reader *reader, const void *text, ULONG size,
                            ULONG *ret_written)
{
    if (ret_written)
        *ret_written = 0;
    return STG_E_ACCESSDENIED;
}

static HRESULT reader_CopyTo(struct rtf_reader *reader, IStream *dest, ULARGE_INTEGER size,
                             ULARGE_INTEGER *ret_read, ULARGE_INTEGER *ret_written)
{
    return stream_copy_to((ISequentialStream *)&reader->IStream_iface, dest, size, ret_read,
                          ret_written);
}

static HRESULT reader_Commit(struct rtf_reader *reader, DWORD flags)
{
    return S_OK;
}

static void rtf_reader_destroy(struct mapi_object *object)
{
    struct rtf_reader *reader = container_of(object, struct rtf_reader, object);

    unknown_release(reader->compressed);
    mapi_object_clear(&reader->object);
    free(reader);
}

/* ---- Writing ---- */

static HRESULT flush(struct rtf_writer *writer)
{
    HRESULT hr = stream_write_all(writer->compressed, writer->buffer, writer->size);

    writer->size = 0;
    return hr;
}

static HRESULT buffer_data(void *context, const uint8_t *data, size_t size)
{
    struct rtf_writer *writer = context;
    HRESULT hr = S_OK;

    if (size > BUFFER_SIZE - writer->size)
        hr = flush(writer);
    if (SUCCEEDED(hr) && size > BUFFER_SIZE)
        return stream_write_all(writer->compressed, data, size);
    if (SUCCEEDED(hr)) {
        memcpy(writer->buffer + writer->size, data, size);
        writer->size += size;
    }
    return hr;
}

/* Where the text begins, with room for the header. */
static HRESULT begin(struct rtf_writer *writer)
{
    const LARGE_INTEGER nowhere = {.QuadPart = 0};
    HRESULT hr;

    if (writer->begun)
        return S_OK;
    writer->begun = true;
    hr = IStream_Seek(writer->compressed, nowhere, STREAM_SEEK_CUR, &writer->start);
    if (SUCCEEDED(hr)) {
        memset(writer->buffer, 0, RTF_HEADER_SIZE);
        writer->size = RTF_HEADER_SIZE;
    }
    return hr;
}

static HRESULT write_header(struct rtf_writer *writer, const struct rtf_header *header)
{
    const LARGE_INTEGER start = {.QuadPart = (int64_t)writer->start.QuadPart};
    ULARGE_INTEGER end = {.QuadPart = writer->start.QuadPart + header->size + 4};
    uint8_t bytes[RTF_HEADER_SIZE];
    HRESULT hr;

    rtf_header_write(header, bytes);
    hr = IStream_SetSize(writer->compressed, end); /* an older text may have been longer */
    if (SUCCEEDED(hr))
        hr = IStream_Seek(writer->compressed, start, STREAM_SEEK_SET, NULL);
    if (SUCCEEDED(hr))
        hr = stream_write_all(writer->compressed, bytes, sizeof(bytes));
    return hr;
}

static HRESULT finish(struct rtf_writer *writer)
{
    struct rtf_header header;
    HRESULT hr;

    hr = begin(writer);
    if (SUCCEEDED(hr))
        hr = rtf_encoder_finish(&writer->encoder, &header);
    if (SUCCEEDED(hr))
        hr = flush(writer);
    if (SUCCEEDED(hr))
        hr = write_header(writer, &header);
    writer->finished = true;
    writer->failure = hr;
    return hr;
}

static HRESULT writer_Read(struct rtf_writer *writer, void *text, ULONG size, ULONG *ret_read)
{
    if (ret_read)
        *ret_read = 0;
    return STG_E_ACCESSDENIED;
}

static HRESULT writer_Write(struct rtf_writer *writer, const void *text, ULONG size,
                            ULONG *ret_written)
{
    HRESULT hr;

    if (ret_written)
        *ret_written = 0;
    if (!text && size)
        return STG_E_INVALIDPOINTER;
    if (atomic_flag_test_and_set(&writer->busy))
        return MAPI_E_BUSY;
    hr = writer->finished ? STG_E_INVALIDFUNCTION : writer->failure;
    if (SUCCEEDED(hr))
        hr = begin(writer);
    if (SUCCEEDED(hr))
        hr = rtf_encode(&writer->encoder, text, size);
    if (!writer->finished)
        writer->failure = hr;
    atomic_flag_clear(&writer->busy);
    if (SUCCEEDED(hr) && ret_written)
        *ret_written = size;
    return hr;
}

/* The text is whole. The compressed stream is its owner's to commit. */
static HRESULT writer_Commit(struct rtf_writer *writer, DWORD flags)
{
    HRESULT hr;

    if (atomic_flag_test_and_set(&writer->busy))
        return MAPI_E_BUSY;
    hr = writer->finished || FAILED(writer->failure) ? writer->failure : finish(writer);
    atomic_flag_clear(&writer->busy);
    return hr;
}

/* A program that forgot to commit still leaves a whole text behind, not half of one. */
static void rtf_writer_destroy(struct mapi_object *object)
{
    struct rtf_writer *writer = container_of(object, struct rtf_writer, object);

    if (writer->begun && !writer->finished && SUCCEEDED(writer->failure))
        finish(writer);
    unknown_release(writer->compressed);
    mapi_object_clear(&writer->object);
    free(writer);
}

/* ---- Creation ---- */

/* @thunks IStream rtf_reader reader none=Seek,SetSize,Revert,LockRegion,UnlockRegion,Stat,Clone */
/* @thunks IStream rtf_writer writer
 *         none=CopyTo,Seek,SetSize,Revert,LockRegion,UnlockRegion,Stat,Clone */
#include "mapi/rtf_stream_thunks.inc"

static HRESULT read_header(struct rtf_reader *reader)
{
    uint8_t bytes[RTF_HEADER_SIZE];
    struct rtf_header header = {.size = RTF_HEADER_SIZE - 4, .type = RTF_UNCOMPRESSED};
    size_t size = 0;
    ULONG got;
    HRESULT hr;

    do {
        got = 0;
        hr = IStream_Read(reader->compressed, bytes + size, (ULONG)(sizeof(bytes) - size), &got);
        size += got;
    } while (SUCCEEDED(hr) && got > 0 && size < sizeof(bytes));
    if (SUCCEEDED(hr) && size > 0) /* a property without any bytes is a text without any */
        hr = size == sizeof(bytes) ? rtf_header_read(bytes, &header) : MAPI_E_CORRUPT_DATA;
    if (SUCCEEDED(hr))
        rtf_decoder_init(&reader->decoder, &header);
    return hr;
}

static HRESULT create_reader(IStream *compressed, IStream **ret_stream)
{
    static const struct mapi_face faces[] = {
        MAPI_FACE(struct rtf_reader, IID_IStream, IStream_iface),
        MAPI_FACE(struct rtf_reader, IID_ISequentialStream, IStream_iface),
    };
    static const struct mapi_class type = {"rtf_reader", rtf_reader_destroy, faces, 2};
    struct rtf_reader *reader = calloc(1, sizeof(*reader));
    HRESULT hr;

    if (!reader)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    reader->IStream_iface.lpVtbl = &reader_vtbl;
    mapi_object_init(&reader->object, &type, NULL);
    atomic_flag_clear(&reader->busy);
    unknown_addref(compressed);
    reader->compressed = compressed;
    hr = read_header(reader);
    if (FAILED(hr)) {
        mapi_object_unref(&reader->object);
        return hr;
    }
    *ret_stream = &reader->IStream_iface;
    return S_OK;
}

static HRESULT create_writer(IStream *compressed, bool compress, IStream **ret_stream)
{
    static const struct mapi_face faces[] = {
        MAPI_FACE(struct rtf_writer, IID_IStream, IStream_iface),
        MAPI_FACE(struct rtf_writer, IID_ISequentialStream, IStream_iface),
    };
    static const struct mapi_class type = {"rtf_writer", rtf_writer_destroy, faces, 2};
    struct rtf_writer *writer = calloc(1, sizeof(*writer));

    if (!writer)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    writer->IStream_iface.lpVtbl = &writer_vtbl;
    mapi_object_init(&writer->object, &type, NULL);
    atomic_flag_clear(&writer->busy);
    rtf_encoder_init(&writer->encoder, compress, buffer_data, writer);
    unknown_addref(compressed);
    writer->compressed = compressed;
    *ret_stream = &writer->IStream_iface;
    return S_OK;
}

HRESULT STDAPICALLTYPE WrapCompressedRTFStream(LPSTREAM compressed, ULONG flags,
                                               LPSTREAM *ret_stream)
{
    if (!ret_stream)
        return MAPI_E_INVALID_PARAMETER;
    *ret_stream = NULL;
    if (!compressed)
        return MAPI_E_INVALID_PARAMETER;
    if (flags & ~(ULONG)(MAPI_MODIFY | STORE_UNCOMPRESSED_RTF))
        return MAPI_E_UNKNOWN_FLAGS;
    if (flags & MAPI_MODIFY)
        return create_writer(compressed, !(flags & STORE_UNCOMPRESSED_RTF), ret_stream);
    return create_reader(compressed, ret_stream);
}
