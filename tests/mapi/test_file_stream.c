/* tests/mapi/test_file_stream.c - OpenStreamOnFile, and the allocator as an object */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapi/mapiguid.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/text.h"
#include "support/com.h"

static char directory[64], path[128];

static void setup(void)
{
    strcpy(directory, "/tmp/mapigate-test-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/file", directory);
}

static void teardown(void)
{
    unlink(path);
    rmdir(directory);
}

TestSuite(file_stream, .init = setup, .fini = teardown);

static HRESULT open_at(const char *name, const char *prefix, ULONG flags, IStream **ret_stream)
{
    return OpenStreamOnFile(MAPIAllocateBuffer, MAPIFreeBuffer, flags, (LPCTSTR)name,
                            (LPCTSTR)prefix, ret_stream);
}

static IStream *create(void)
{
    IStream *stream;

    assert_hr(open_at(path, NULL, STGM_CREATE | STGM_READWRITE, &stream), S_OK);
    return stream;
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");

    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static void expect_file(const char *expected)
{
    FILE *file = fopen(path, "r");
    char text[64] = "";

    cr_assert_not_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    cr_expect_str_eq(text, expected);
}

static void seek(IStream *stream, int64_t move, DWORD origin)
{
    LARGE_INTEGER by = {.QuadPart = move};

    assert_hr(IStream_Seek(stream, by, origin, NULL), S_OK);
}

static void expect_text(IStream *stream, const char *expected)
{
    char text[64] = "";
    ULONG got;

    assert_hr(IStream_Read(stream, text, sizeof(text) - 1, &got), S_OK);
    cr_expect_str_eq(text, expected);
}

static unsigned files_in_directory(void)
{
    DIR *dir = opendir(directory);
    struct dirent *entry;
    unsigned count = 0;

    while ((entry = readdir(dir)))
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

Test(file_stream, is_a_whole_com_object)
{
    IStream *stream = create();

    expect_full_vtable(stream);
    expect_interface(stream, &IID_IStream);
    expect_interface(stream, &IID_ISequentialStream);
    expect_no_interface(stream, &IID_IMAPIProp);
    expect_last_release(stream);
}

Test(file_stream, reads_writes_seeks_and_grows)
{
    ULARGE_INTEGER size = {.QuadPart = 3};
    LARGE_INTEGER back = {.QuadPart = -10};
    IStream *stream = create();

    assert_hr(IStream_Write(stream, "hello you", 9, NULL), S_OK);
    seek(stream, 6, STREAM_SEEK_SET);
    expect_text(stream, "you");
    seek(stream, -3, STREAM_SEEK_END);
    assert_hr(IStream_Write(stream, "all", 3, NULL), S_OK);
    assert_hr(IStream_Commit(stream, STGC_DEFAULT), S_OK);
    expect_file("hello all");
    assert_hr(IStream_SetSize(stream, size), S_OK);
    expect_file("hel");
    expect_text(stream, ""); /* beyond the end */
    expect_hr(IStream_Seek(stream, back, STREAM_SEEK_SET, NULL), STG_E_INVALIDFUNCTION);
    expect_hr(IStream_Seek(stream, back, 7, NULL), STG_E_INVALIDFUNCTION);
    expect_last_release(stream);
    expect_file("hel");
}

Test(file_stream, is_its_owners_alone)
{
    IStream *stream = create();
    struct stat stat_of;

    cr_assert_eq(stat(path, &stat_of), 0);
    cr_expect_eq(stat_of.st_mode & 0777, 0600);
    expect_last_release(stream);
}

Test(file_stream, is_opened_as_was_asked_for)
{
    IStream *stream;

    write_file("old");
    assert_hr(open_at(path, NULL, STGM_READ, &stream), S_OK);
    expect_hr(IStream_Write(stream, "x", 1, NULL), STG_E_ACCESSDENIED);
    expect_text(stream, "old");
    expect_last_release(stream);
    assert_hr(open_at(path, NULL, STGM_WRITE, &stream), S_OK);
    assert_hr(IStream_Write(stream, "O", 1, NULL), S_OK);
    seek(stream, 0, STREAM_SEEK_SET);
    expect_hr(IStream_Read(stream, directory, 1, NULL), STG_E_ACCESSDENIED);
    expect_last_release(stream);
    expect_file("Old");
    stream = create(); /* begins anew */
    expect_last_release(stream);
    expect_file("");
}

Test(file_stream, flags_must_fit) /* UTL-059 UTL-060 UTL-062 */
{
    IStream *stream = NULL;

    expect_hr(open_at(path, NULL, STGM_CREATE | STGM_WRITE, &stream), MAPI_E_INVALID_PARAMETER);
    expect_hr(open_at(path, NULL, STGM_CREATE, &stream), MAPI_E_INVALID_PARAMETER);
    expect_hr(open_at(path, NULL, SOF_UNIQUEFILENAME, &stream), MAPI_E_INVALID_PARAMETER);
    expect_hr(open_at(path, NULL, 3, &stream), MAPI_E_INVALID_PARAMETER);
    expect_hr(open_at(NULL, NULL, STGM_READ, &stream), MAPI_E_INVALID_PARAMETER);
    expect_hr(open_at(NULL, NULL, STGM_CREATE | STGM_READWRITE, &stream), MAPI_E_INVALID_PARAMETER);
    expect_hr(open_at(directory, "long",
                      STGM_CREATE | STGM_READWRITE | SOF_UNIQUEFILENAME | STGM_DELETEONRELEASE,
                      &stream),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(open_at(path, NULL, STGM_READWRITE | STGM_TRANSACTED, &stream), MAPI_E_UNKNOWN_FLAGS);
    cr_expect_null(stream);
    cr_expect_eq(files_in_directory(), 0);
}

Test(file_stream, a_nameless_file_leaves_nothing) /* UTL-060 */
{
    STATSTG stat_of;
    IStream *stream;

    cr_assert_eq(setenv("TMPDIR", directory, 1), 0);
    assert_hr(open_at(NULL, NULL, STGM_CREATE | STGM_READWRITE | STGM_DELETEONRELEASE, &stream),
              S_OK);
    assert_hr(IStream_Write(stream, "text", 4, NULL), S_OK);
    seek(stream, 0, STREAM_SEEK_SET);
    expect_text(stream, "text");
    assert_hr(IStream_Stat(stream, &stat_of, STATFLAG_DEFAULT), S_OK);
    cr_expect_null(stat_of.pwcsName);
    cr_expect_eq(stat_of.cbSize.QuadPart, 4);
    cr_expect_eq(files_in_directory(), 0);
    expect_last_release(stream);
}

Test(file_stream, unique_names_have_the_prefix) /* UTL-061 UTL-062 */
{
    static const char *const prefixes[] = {NULL, "abc"}, *const shown[] = {"SOF", "abc"};
    IStream *stream;
    STATSTG stat_of;
    char *name;

    for (int i = 0; i < 2; i++) {
        assert_hr(open_at(directory, prefixes[i], STGM_CREATE | STGM_READWRITE | SOF_UNIQUEFILENAME,
                          &stream),
                  S_OK);
        assert_hr(IStream_Stat(stream, &stat_of, STATFLAG_DEFAULT), S_OK);
        assert_hr(text_utf16_to_utf8(NULL, stat_of.pwcsName, &name), S_OK);
        cr_expect_eq(strncmp(name, directory, strlen(directory)), 0, "%s", name);
        cr_expect_eq(strncmp(name + strlen(directory) + 1, shown[i], 3), 0, "%s", name);
        free(stat_of.pwcsName);
        expect_last_release(stream);
        cr_expect_eq(unlink(name), 0); /* it was kept */
        MAPIFreeBuffer(name);
    }
}

Test(file_stream, the_file_goes_with_the_last_stream) /* UTL-063 */
{
    IStream *stream, *clone;

    assert_hr(open_at(path, NULL, STGM_CREATE | STGM_READWRITE | STGM_DELETEONRELEASE, &stream),
              S_OK);
    assert_hr(IStream_Write(stream, "ab", 2, NULL), S_OK);
    seek(stream, 1, STREAM_SEEK_SET);
    assert_hr(IStream_Clone(stream, &clone), S_OK);
    expect_text(stream, "b");
    expect_last_release(stream);
    cr_expect_eq(files_in_directory(), 1);
    expect_text(clone, "b"); /* a position of its own */
    expect_last_release(clone);
    cr_expect_eq(files_in_directory(), 0);
}

Test(file_stream, what_cannot_be_opened_says_why) /* UTL-064 */
{
    IStream *stream;

    expect_hr(open_at(path, NULL, STGM_READ, &stream), MAPI_E_NOT_FOUND);
    cr_expect_null(stream);
    expect_hr(open_at(directory, NULL, STGM_READ, &stream), MAPI_E_NO_ACCESS);
    expect_hr(open_at(directory, NULL, STGM_READWRITE, &stream), MAPI_E_NO_ACCESS);
    expect_hr(open_at("/nowhere/at/all", NULL, STGM_CREATE | STGM_READWRITE, &stream),
              MAPI_E_NOT_FOUND);
    cr_assert_eq(mkfifo(path, 0600), 0);
    expect_hr(open_at(path, NULL, STGM_READ, &stream), MAPI_E_NO_ACCESS); /* does not wait */
    if (geteuid() != 0) {
        write_file("secret");
        chmod(path, 0);
        expect_hr(open_at(path, NULL, STGM_READ, &stream), MAPI_E_NO_ACCESS);
    }
}

Test(file_stream, takes_wide_names) /* UTL-065 */
{
    WCHAR wide[128];
    IStream *stream;

    snprintf(path, sizeof(path), "%s/f\xC3\xBCr", directory);
    utf8_to_utf16(path, strlen(path), wide, 128);
    assert_hr(OpenStreamOnFileW(MAPIAllocateBuffer, MAPIFreeBuffer, STGM_CREATE | STGM_READWRITE,
                                wide, NULL, &stream),
              S_OK);
    assert_hr(IStream_Write(stream, "wide", 4, NULL), S_OK);
    expect_last_release(stream);
    expect_file("wide");
    expect_hr(OpenStreamOnFileW(NULL, NULL, 0, wide, NULL, &stream), MAPI_E_INVALID_PARAMETER);
}

Test(file_stream, copies_to_another)
{
    ULARGE_INTEGER all = {.QuadPart = UINT64_MAX}, read, written;
    IStream *stream, *dest;

    write_file("content");
    assert_hr(open_at(path, NULL, STGM_READ, &stream), S_OK);
    assert_hr(open_at(NULL, NULL, STGM_CREATE | STGM_READWRITE | STGM_DELETEONRELEASE, &dest),
              S_OK);
    assert_hr(IStream_CopyTo(stream, dest, all, &read, &written), S_OK);
    cr_expect_eq(read.QuadPart, 7);
    cr_expect_eq(written.QuadPart, 7);
    seek(dest, 0, STREAM_SEEK_SET);
    expect_text(dest, "content");
    expect_last_release(dest);
    expect_last_release(stream);
}

Test(default_malloc, allocates_and_reallocates) /* MEM-020 */
{
    IMalloc *allocator = MAPIGetDefaultMalloc();
    char *block;

    cr_assert_not_null(allocator);
    expect_full_vtable(allocator);
    expect_interface(allocator, &IID_IMalloc);
    expect_no_interface(allocator, &IID_IStream);
    block = allocator->lpVtbl->Alloc(allocator, 5);
    strcpy(block, "five");
    cr_expect_eq(allocator->lpVtbl->GetSize(allocator, block), 5);
    block = allocator->lpVtbl->Realloc(allocator, block, 5000);
    cr_expect_str_eq(block, "five");
    cr_expect_eq(allocator->lpVtbl->GetSize(allocator, block), 5000);
    cr_expect_null(allocator->lpVtbl->Realloc(allocator, block, 0));
    block = allocator->lpVtbl->Realloc(allocator, NULL, 3);
    MAPIFreeBuffer(block); /* the same allocator */
    allocator->lpVtbl->Free(allocator, NULL);
    cr_expect_null(allocator->lpVtbl->Alloc(allocator, (SIZE_T)-1));
    allocator->lpVtbl->HeapMinimize(allocator);
}
