/* tests/conf/test_ini_file.c - [sections] with NAME=VALUE lines */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/ini_file.h"
#include "mapi/mapicode.h"

TestSuite(ini_file);

static void expect_entry(const struct ini_file *file, size_t at, const char *section,
                         const char *name, const char *value)
{
    cr_assert_lt(at, file->count);
    cr_expect_str_eq(file->entries[at].section, section);
    cr_expect_str_eq(file->entries[at].name, name);
    cr_expect_str_eq(file->entries[at].value, value);
}

Test(ini_file, entries_come_in_their_order)
{
    struct ini_file file;
    int line;

    cr_assert_eq(ini_file_parse("; a comment\n[One]\na = 1 ; behind it\n b\n\n[Two]\na=2\nempty=",
                                &file, &line),
                 S_OK);
    cr_assert_eq(file.count, 4);
    expect_entry(&file, 0, "One", "a", "1");
    expect_entry(&file, 1, "One", "a", "b"); /* the line before goes on */
    expect_entry(&file, 2, "Two", "a", "2");
    expect_entry(&file, 3, "Two", "empty", "");
    ini_file_clear(&file);
    cr_expect_eq(file.count, 0);
}

static void expect_wrong(const char *text, int expected)
{
    struct ini_file file;
    int line;

    cr_expect_eq(ini_file_parse(text, &file, &line), MAPI_E_CORRUPT_DATA);
    cr_expect_eq(line, expected, "%d instead of %d", line, expected);
}

Test(ini_file, a_wrong_line_is_named)
{
    char text[400] = "[One]\na=";

    expect_wrong("[One]\nno value\n", 2);
    expect_wrong("[One\n", 1);
    memset(text + 8, 'x', 200);
    strcpy(text + 208, "\nb=1\n");
    expect_wrong(text, 2); /* and its rest is no line of its own */
}

Test(ini_file, sizes_have_limits)
{
    size_t size = (INI_ENTRIES_MAX + 1) * 4;
    char *text = malloc(size + 1);

    for (size_t i = 0; i < size; i += 4)
        memcpy(text + i, "a=1\n", 4);
    text[size] = '\0';
    expect_wrong(text, INI_ENTRIES_MAX + 1);
    free(text);
}

static HRESULT read_bytes(const void *bytes, size_t size, struct ini_file *file, int *line)
{
    char path[] = "/tmp/mapigate-ini-XXXXXX";
    int fd = mkstemp(path);
    HRESULT hr;

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
    close(fd);
    hr = ini_file_read(path, file, line);
    unlink(path);
    return hr;
}

Test(ini_file, files_are_read_whole_or_not_at_all)
{
    struct ini_file file;
    char *large = calloc(1, INI_FILE_MAX + 1);
    int line = 7;

    memset(large, '\n', INI_FILE_MAX + 1);
    cr_expect_eq(ini_file_read("/nonexistent/file", &file, &line), MAPI_E_NOT_FOUND);
    cr_expect_eq(read_bytes("[A]\nb=\0c\n", 9, &file, &line), MAPI_E_CORRUPT_DATA);
    cr_expect_eq(line, 0);
    cr_expect_eq(read_bytes(large, INI_FILE_MAX + 1, &file, &line), MAPI_E_CORRUPT_DATA);
    cr_assert_eq(read_bytes("[A]\nb=c\n", 8, &file, &line), S_OK);
    expect_entry(&file, 0, "A", "b", "c");
    ini_file_clear(&file);
    free(large);
}
