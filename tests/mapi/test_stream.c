/* tests/mapi/test_stream.c - IStream on memory */
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapiutil.h"
#include "mapi/stream.h"
#include "support/com.h"

static IStream *stream;
static int commits, drops;
static char committed[64];

static HRESULT keep(void *context, const void *data, size_t size, bool last)
{
    commits++;
    cr_assert(size < sizeof(committed));
    memcpy(committed, data, size);
    committed[size] = '\0';
    return S_OK;
}

static void drop(void *context)
{
    drops++;
}

static void setup(void)
{
    struct memory_stream_options options = {
        .data = "hello", .size = 5, .writable = true, .max_size = 40, .hooks = {keep, drop, NULL}};

    assert_hr(memory_stream_create(&options, &stream), S_OK);
}

static void teardown(void)
{
    UlRelease(stream);
}

TestSuite(stream, .init = setup, .fini = teardown);

static void seek(IStream *at, int64_t move, DWORD origin)
{
    LARGE_INTEGER by = {.QuadPart = move};

    assert_hr(at->lpVtbl->Seek(at, by, origin, NULL), S_OK);
}

static void expect_text(IStream *at, const char *expected)
{
    char text[64] = "";
    ULONG got;

    assert_hr(at->lpVtbl->Read(at, text, sizeof(text) - 1, &got), S_OK);
    cr_expect(got == strlen(expected) && memcmp(text, expected, got) == 0, "\"%s\"", text);
}

Test(stream, is_a_whole_com_object)
{
    expect_full_vtable(stream);
    expect_interface(stream, &IID_IUnknown);
    expect_interface(stream, &IID_IStream);
    expect_interface(stream, &IID_ISequentialStream);
    expect_no_interface(stream, &IID_IMAPIProp);
    expect_last_release(stream);
    cr_expect_eq(drops, 1);
    cr_expect_eq(commits, 0); /* nothing was written */
    stream = NULL;
}

Test(stream, reads_writes_and_seeks)
{
    LARGE_INTEGER back = {.QuadPart = -100};

    expect_text(stream, "hello");
    expect_text(stream, "");
    assert_hr(stream->lpVtbl->Write(stream, " you", 4, NULL), S_OK);
    seek(stream, 6, STREAM_SEEK_SET);
    expect_text(stream, "you");
    seek(stream, -3, STREAM_SEEK_END);
    assert_hr(stream->lpVtbl->Write(stream, "all", 3, NULL), S_OK);
    seek(stream, 0, STREAM_SEEK_SET);
    expect_text(stream, "hello all");
    expect_hr(stream->lpVtbl->Seek(stream, back, STREAM_SEEK_CUR, NULL), STG_E_INVALIDFUNCTION);
}

Test(stream, gaps_and_growth_read_as_zero)
{
    ULARGE_INTEGER size = {.QuadPart = 2};
    char text[8];
    ULONG got;

    assert_hr(stream->lpVtbl->SetSize(stream, size), S_OK);
    size.QuadPart = 5;
    assert_hr(stream->lpVtbl->SetSize(stream, size), S_OK);
    assert_hr(stream->lpVtbl->Read(stream, text, 8, &got), S_OK);
    cr_assert_eq(got, 5);
    cr_expect_arr_eq(text, "he\0\0\0", 5);
}

Test(stream, commits_once_and_at_the_last_release)
{
    stream->lpVtbl->Write(stream, "J", 1, NULL);
    assert_hr(stream->lpVtbl->Commit(stream, 0), S_OK);
    cr_expect_str_eq(committed, "Jello");
    stream->lpVtbl->Write(stream, "E", 1, NULL);
    expect_last_release(stream);
    stream = NULL;
    cr_expect_str_eq(committed, "JEllo");
    cr_expect_eq(commits, 2);
}

Test(stream, clones_share_bytes_not_positions)
{
    IStream *clone;

    seek(stream, 3, STREAM_SEEK_SET);
    assert_hr(stream->lpVtbl->Clone(stream, &clone), S_OK);
    expect_text(clone, "lo");
    expect_text(stream, "lo");
    seek(stream, 0, STREAM_SEEK_SET);
    stream->lpVtbl->Write(stream, "C", 1, NULL);
    seek(clone, 0, STREAM_SEEK_SET);
    expect_text(clone, "Cello");
    expect_last_release(clone);
    cr_expect_eq(drops, 0);
}

Test(stream, copies_to_another)
{
    struct memory_stream_options options = {.writable = true};
    ULARGE_INTEGER all = {.QuadPart = UINT64_MAX}, read, written;
    IStream *dest;

    assert_hr(memory_stream_create(&options, &dest), S_OK);
    assert_hr(stream->lpVtbl->CopyTo(stream, dest, all, &read, &written), S_OK);
    cr_expect_eq(read.QuadPart, 5);
    cr_expect_eq(written.QuadPart, 5);
    seek(dest, 0, STREAM_SEEK_SET);
    expect_text(dest, "hello");
    expect_last_release(dest);
}

Test(stream, has_a_limit)
{
    char much[64] = {0};
    ULARGE_INTEGER size = {.QuadPart = UINT64_MAX};

    expect_hr(stream->lpVtbl->Write(stream, much, 64, NULL), STG_E_MEDIUMFULL);
    expect_hr(stream->lpVtbl->SetSize(stream, size), STG_E_MEDIUMFULL);
    expect_text(stream, "hello");
}
