/* tests/mapi/test_rtf.c - compressed RTF: the codec, and the streams around it
 *
 * The two examples are those of MS-OXRTFCP 3.1 and 3.2. */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/rtf_codec.h"
#include "mapi/stream.h"
#include "support/com.h"

struct example {
    const char *text;
    uint8_t data[64];
    size_t size;
};

static const struct example examples[] = {
    {"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
     {0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xf1,
      0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32,
      0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62,
      0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0},
     49},
    {"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
     {0x1a, 0x00, 0x00, 0x00, 0x1c, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xe2, 0xd4, 0x4b,
      0x51, 0x41, 0x00, 0x04, 0x20, 0x57, 0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 0x01, 0x0e, 0xb0},
     30},
};

static IStream *make_stream(const void *data, size_t size)
{
    struct memory_stream_options options = {.data = data, .size = size, .writable = true};
    IStream *stream;

    assert_hr(memory_stream_create(&options, &stream), S_OK);
    return stream;
}

static void rewind_stream(IStream *stream)
{
    LARGE_INTEGER start = {.QuadPart = 0};

    assert_hr(IStream_Seek(stream, start, STREAM_SEEK_SET, NULL), S_OK);
}

/* Reads all of a wrapped stream in pieces of `piece` bytes. */
static HRESULT unwrap(IStream *compressed, ULONG piece, char *text, size_t room, size_t *ret_size)
{
    IStream *plain;
    size_t size = 0;
    ULONG got;
    HRESULT hr;

    hr = WrapCompressedRTFStream(compressed, 0, &plain);
    if (FAILED(hr))
        return hr;
    do {
        if (piece > room - size)
            piece = (ULONG)(room - size);
        got = 0;
        hr = IStream_Read(plain, text + size, piece, &got);
        size += got;
    } while (hr == S_OK && got > 0 && size < room);
    expect_last_release(plain);
    *ret_size = size;
    return hr;
}

/* Decompresses bytes into a text of its own buffer; the result of the last Read. */
static HRESULT decode(const void *data, size_t size, ULONG piece, char text[256])
{
    IStream *compressed = make_stream(data, size);
    size_t length = 0;
    HRESULT hr = unwrap(compressed, piece, text, 255, &length);

    text[length] = '\0';
    expect_last_release(compressed);
    return hr;
}

static void compress_to(IStream *compressed, ULONG flags, const void *text, size_t size,
                        size_t piece)
{
    IStream *plain;

    assert_hr(WrapCompressedRTFStream(compressed, MAPI_MODIFY | flags, &plain), S_OK);
    for (size_t at = 0; at < size; at += piece) {
        ULONG part = (ULONG)(piece < size - at ? piece : size - at), put;

        assert_hr(IStream_Write(plain, (const char *)text + at, part, &put), S_OK);
        cr_assert_eq(put, part);
    }
    assert_hr(IStream_Commit(plain, 0), S_OK);
    expect_last_release(plain);
}

static void read_back(IStream *compressed, uint8_t **ret_data, size_t *ret_size)
{
    rewind_stream(compressed);
    assert_hr(stream_read_all(compressed, 1u << 26, ret_data, ret_size), S_OK);
    rewind_stream(compressed);
}

Test(rtf, the_examples_are_read) /* UTL-052 UTL-055 */
{
    char text[256];

    for (size_t i = 0; i < 2; i++)
        for (ULONG piece = 1; piece < 60; piece += 7) {
            expect_hr(decode(examples[i].data, examples[i].size, piece, text), S_OK);
            cr_expect_str_eq(text, examples[i].text);
        }
}

Test(rtf, the_examples_are_written) /* UTL-053 */
{
    for (size_t i = 0; i < 2; i++) {
        IStream *compressed = make_stream(NULL, 0);
        uint8_t *data;
        size_t size;

        compress_to(compressed, 0, examples[i].text, strlen(examples[i].text), i ? 3 : 100);
        read_back(compressed, &data, &size);
        cr_assert_eq(size, examples[i].size);
        cr_expect_arr_eq(data, examples[i].data, size);
        MAPIFreeBuffer(data);
        expect_last_release(compressed);
    }
}

Test(rtf, stored_text_is_read_and_written) /* UTL-056 */
{
    static const uint8_t expected[] = {15,  0,   0, 0, 3, 0, 0,   0,   'M', 'E',
                                       'L', 'A', 0, 0, 0, 0, 'a', 'b', 'c'};
    IStream *compressed = make_stream(NULL, 0);
    char text[256];
    uint8_t *data;
    size_t size;

    compress_to(compressed, STORE_UNCOMPRESSED_RTF, "abc", 3, 2);
    read_back(compressed, &data, &size);
    cr_assert_eq(size, sizeof(expected));
    cr_expect_arr_eq(data, expected, size);
    expect_hr(decode(data, size, 2, text), S_OK);
    cr_expect_str_eq(text, "abc");
    MAPIFreeBuffer(data);
    expect_last_release(compressed);
}

Test(rtf, damage_is_told)
{
    uint8_t data[64];
    char text[256];
    size_t size = examples[0].size;

    for (size_t i = 0; i < size; i++) { /* each byte but the text's size counts */
        memcpy(data, examples[0].data, size);
        data[i] ^= 0x40;
        if (i >= 4 && i < 8)
            continue;
        expect_hr(decode(data, size, 100, text), MAPI_E_CORRUPT_DATA);
    }
    for (size_t cut = 1; cut < size; cut++)
        expect_hr(decode(examples[0].data, cut, 100, text), MAPI_E_CORRUPT_DATA);
    expect_hr(decode(examples[0].data, 0, 100, text), S_OK);
    cr_expect_str_eq(text, "");
    memcpy(data, examples[0].data, size);
    memcpy(data, "\x0b\0\0\0", 4);
    expect_hr(decode(data, size, 100, text), MAPI_E_CORRUPT_DATA);
    memcpy(data, "\xff\xff\xff\xff", 4);
    expect_hr(decode(data, size, 100, text), MAPI_E_CORRUPT_DATA);
}

/* Kinds of text that find each path of the encoder: noise, few letters, long repetitions. */
static void fill_text(uint8_t *text, size_t size, unsigned kind)
{
    static const char words[] = "\\par \\pard\\plain the quick brown fox {\\b jumps} over";
    uint32_t noise = 12345 + kind;

    for (size_t i = 0; i < size; i++) {
        noise = noise * 1664525 + 1013904223;
        switch (kind % 4) {
        case 0:
            text[i] = (uint8_t)(noise >> 24);
            break;
        case 1:
            text[i] = (uint8_t)('a' + (noise >> 24) % 3);
            break;
        case 2:
            text[i] = (uint8_t)words[(i + (noise >> 30)) % (sizeof(words) - 1)];
            break;
        default:
            text[i] = (uint8_t)(i / 5000);
        }
    }
}

Test(rtf, what_was_written_is_read) /* UTL-052 UTL-053 */
{
    static const size_t sizes[] = {0, 1, 2, 16, 17, 18, 4095, 4096, 4097, 100000};
    char *text = malloc(100000), *back = malloc(100001);
    size_t length;

    for (unsigned kind = 0; kind < 4; kind++)
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            IStream *compressed = make_stream(NULL, 0);

            fill_text((uint8_t *)text, sizes[i], kind);
            compress_to(compressed, 0, text, sizes[i], 1 + 700 * kind);
            rewind_stream(compressed);
            assert_hr(unwrap(compressed, 1 + 3000 * kind, back, sizes[i] + 1, &length), S_OK);
            cr_assert_eq(length, sizes[i], "kind %u size %zu: %zu", kind, sizes[i], length);
            cr_assert(length == 0 || memcmp(text, back, length) == 0, "kind %u size %zu", kind,
                      sizes[i]);
            expect_last_release(compressed);
        }
    free(text);
    free(back);
}

Test(rtf, repetition_becomes_small)
{
    IStream *compressed = make_stream(NULL, 0);
    char *text = malloc(100000);
    uint8_t *data;
    size_t size;

    fill_text((uint8_t *)text, 100000, 3);
    compress_to(compressed, 0, text, 100000, 5000);
    read_back(compressed, &data, &size);
    cr_expect_lt(size, 14000); /* 17 bytes in 2 and an eighth */
    MAPIFreeBuffer(data);
    free(text);
    expect_last_release(compressed);
}

Test(rtf, a_new_text_replaces_the_old) /* UTL-053 */
{
    char old[500], text[256];
    IStream *compressed;
    uint8_t *data;
    size_t size;

    memset(old, 'x', sizeof(old));
    compressed = make_stream(old, sizeof(old));
    compress_to(compressed, 0, examples[1].text, strlen(examples[1].text), 100);
    read_back(compressed, &data, &size);
    cr_expect_eq(size, examples[1].size);
    MAPIFreeBuffer(data);
    expect_hr(unwrap(compressed, 100, text, 255, &size), S_OK);
    expect_last_release(compressed);
}

Test(rtf, a_text_is_written_once)
{
    IStream *compressed = make_stream(NULL, 0), *plain;
    uint8_t *data;
    size_t size;

    assert_hr(WrapCompressedRTFStream(compressed, MAPI_MODIFY, &plain), S_OK);
    assert_hr(IStream_Write(plain, examples[1].text, 28, NULL), S_OK);
    assert_hr(IStream_Commit(plain, 0), S_OK);
    expect_hr(IStream_Write(plain, "more", 4, NULL), STG_E_INVALIDFUNCTION);
    expect_hr(IStream_Commit(plain, 0), S_OK);
    expect_last_release(plain);
    read_back(compressed, &data, &size);
    cr_expect_eq(size, examples[1].size);
    MAPIFreeBuffer(data);
    expect_last_release(compressed);
}

Test(rtf, a_release_leaves_a_whole_text)
{
    IStream *compressed = make_stream(NULL, 0), *plain;
    char text[256];
    size_t size;

    assert_hr(WrapCompressedRTFStream(compressed, MAPI_MODIFY, &plain), S_OK);
    assert_hr(IStream_Write(plain, "abc", 3, NULL), S_OK);
    expect_last_release(plain);
    rewind_stream(compressed);
    expect_hr(unwrap(compressed, 100, text, 255, &size), S_OK);
    cr_expect_eq(size, 3);
    /* one that nothing was written to leaves the old one */
    rewind_stream(compressed);
    assert_hr(WrapCompressedRTFStream(compressed, MAPI_MODIFY, &plain), S_OK);
    expect_last_release(plain);
    expect_hr(unwrap(compressed, 100, text, 255, &size), S_OK);
    cr_expect_eq(size, 3);
    expect_last_release(compressed);
}

static void expect_sequential(IStream *plain)
{
    LARGE_INTEGER nowhere = {.QuadPart = 0};
    ULARGE_INTEGER none = {.QuadPart = 0};
    IStream *clone;
    STATSTG stat;

    expect_full_vtable(plain);
    expect_interface(plain, &IID_IStream);
    expect_no_interface(plain, &IID_IMAPIProp);
    expect_hr(IStream_Seek(plain, nowhere, STREAM_SEEK_SET, NULL), MAPI_E_NO_SUPPORT);
    expect_hr(IStream_SetSize(plain, none), MAPI_E_NO_SUPPORT);
    expect_hr(IStream_Revert(plain), MAPI_E_NO_SUPPORT);
    expect_hr(IStream_LockRegion(plain, none, none, 0), MAPI_E_NO_SUPPORT);
    expect_hr(IStream_UnlockRegion(plain, none, none, 0), MAPI_E_NO_SUPPORT);
    expect_hr(IStream_Stat(plain, &stat, 0), MAPI_E_NO_SUPPORT);
    expect_hr(IStream_Clone(plain, &clone), MAPI_E_NO_SUPPORT);
}

Test(rtf, the_plain_stream_goes_one_way) /* UTL-054 */
{
    IStream *compressed = make_stream(examples[0].data, examples[0].size), *plain;
    char byte;

    assert_hr(WrapCompressedRTFStream(compressed, 0, &plain), S_OK);
    expect_sequential(plain);
    expect_hr(IStream_Write(plain, "x", 1, NULL), STG_E_ACCESSDENIED);
    expect_last_release(plain);
    assert_hr(WrapCompressedRTFStream(compressed, MAPI_MODIFY, &plain), S_OK);
    expect_sequential(plain);
    expect_hr(IStream_Read(plain, &byte, 1, NULL), STG_E_ACCESSDENIED);
    expect_last_release(plain);
    expect_last_release(compressed);
}

Test(rtf, a_stream_that_cannot_be_written_says_so)
{
    struct memory_stream_options options = {0};
    IStream *compressed, *plain;

    assert_hr(memory_stream_create(&options, &compressed), S_OK);
    assert_hr(WrapCompressedRTFStream(compressed, MAPI_MODIFY, &plain), S_OK);
    assert_hr(IStream_Write(plain, "abc", 3, NULL), S_OK); /* still in the buffer */
    expect_hr(IStream_Commit(plain, 0), STG_E_ACCESSDENIED);
    expect_hr(IStream_Commit(plain, 0), STG_E_ACCESSDENIED);
    expect_last_release(plain);
    expect_last_release(compressed);
}

Test(rtf, arguments_are_checked) /* UTL-057 */
{
    IStream *compressed = make_stream(examples[0].data, examples[0].size), *plain = compressed;
    RTF_WCSINFO info = {.size = sizeof(info), .ulFlags = MAPI_NATIVE_BODY | MAPI_MODIFY};
    RTF_WCSRETINFO result = {.size = sizeof(result)};

    expect_hr(WrapCompressedRTFStream(NULL, 0, &plain), MAPI_E_INVALID_PARAMETER);
    cr_expect_null(plain);
    expect_hr(WrapCompressedRTFStream(compressed, 0, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(WrapCompressedRTFStream(compressed, 8, &plain), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(WrapCompressedRTFStreamEx(compressed, &info, &plain, &result),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(WrapCompressedRTFStreamEx(compressed, NULL, &plain, &result),
              MAPI_E_INVALID_PARAMETER);
    info.ulFlags = 0;
    expect_hr(WrapCompressedRTFStreamEx(compressed, &info, &plain, &result), S_OK);
    cr_expect_eq(result.ulStreamFlags, MAPI_NATIVE_BODY_TYPE_RTF);
    expect_last_release(plain);
    expect_last_release(compressed);
}
