/* tests/mime/test_scan.c - parts found in the message itself */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mime/scan.h"
#include "support/com.h"

static struct mime_part *scan(const char *message)
{
    struct mime_part *root = NULL;

    assert_hr(mime_scan(message, strlen(message), &root), S_OK);
    return root;
}

static void expect_content(const char *message, const struct mime_part *part, const char *expected)
{
    BYTE *bytes;
    size_t size;

    cr_assert_not_null(part);
    assert_hr(mime_part_content(message, part, NULL, &bytes, &size), S_OK);
    cr_expect_str_eq((char *)bytes, expected);
    cr_expect_eq(size, strlen(expected));
    mapi_free(bytes);
}

Test(scan, finds_content_to_the_byte)
{
    static const char message[] =
        "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\npreamble\r\n--b\r\n\r\none\r\n\r\n"
        "--b  \r\nContent-Transfer-Encoding: "
        "base64\r\n\r\ndHdv\r\n--b\r\n\r\n\r\n--b--\r\nepilogue\r\n";
    struct mime_part *root = scan(message);

    cr_assert_eq(root->child_count, 3u);
    expect_content(message, root->children, "one\r\n");
    expect_content(message, root->children->next, "two");
    expect_content(message, root->children->next->next, "");
    cr_expect_str_eq(root->children->next->section, "2");
    mime_structure_free(root);
}

Test(scan, line_ends_may_be_lf)
{
    static const char message[] =
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n";
    struct mime_part *root = scan(message);

    cr_assert_eq(root->child_count, 2u);
    expect_content(message, root->children, "one");
    expect_content(message, root->children->next, "two");
    mime_structure_free(root);
}

Test(scan, goes_into_embedded_messages_and_back)
{
    static const char message[] = "Content-Type: multipart/mixed; "
                                  "boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
                                  "Subject: =?utf-8?Q?=C3=BC?=\r\nContent-Type: multipart/mixed; "
                                  "boundary=bb\r\n\r\n--bb\r\n\r\n"
                                  "in\r\n--bb--\r\n\r\n--b\r\n\r\nout\r\n--b--\r\n";
    struct mime_part *root = scan(message);
    const struct mime_part *inner = root->children;

    cr_assert_eq(root->child_count, 2u);
    cr_expect_str_eq(inner->subject, "ü");
    cr_expect_str_eq(inner->children->section, "1.TEXT");
    cr_expect_str_eq(inner->children->header_section, "1.HEADER");
    cr_expect_str_eq(inner->children->children->section, "1.1");
    expect_content(message, inner->children->children, "in");
    expect_content(message, inner->next, "out");
    mime_structure_free(root);
}

Test(scan, a_boundary_that_never_ends_ends_with_the_message)
{
    static const char message[] =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Ty";
    struct mime_part *root = scan(message);

    cr_assert_eq(root->child_count, 2u);
    expect_content(message, root->children, "one");
    expect_content(message, root->children->next, "");
    mime_structure_free(root);
}

Test(scan, an_outer_boundary_closes_what_is_open_within)
{
    static const char message[] = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                                  "Content-Type: multipart/alternative; "
                                  "boundary=c\r\n\r\n--c\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--";
    struct mime_part *root = scan(message);

    cr_assert_eq(root->child_count, 2u);
    expect_content(message, root->children->children, "one");
    expect_content(message, root->children->next, "two");
    mime_structure_free(root);
}

Test(scan, one_boundary_may_begin_with_another)
{
    static const char message[] =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: multipart/mixed; boundary=bc\r\n\r\n--bc\r\n\r\none\r\n--bc--\r\n--b--\r\n";
    struct mime_part *root = scan(message);

    cr_assert_eq(root->child_count, 1u);
    expect_content(message, root->children->children, "one");
    mime_structure_free(root);
}

Test(scan, a_multipart_without_boundary_is_text)
{
    struct mime_part *root = scan("Content-Type: multipart/mixed\r\n\r\nx");

    cr_expect(mime_part_is(root, "text", "plain"));
    mime_structure_free(root);
    root = scan("Content-Type: nonsense\r\n\r\nx");
    cr_expect(mime_part_is(root, "text", "plain"));
    mime_structure_free(root);
    root = scan("");
    cr_expect(mime_part_is(root, "text", "plain"));
    mime_structure_free(root);
}

Test(scan, a_digest_holds_messages)
{
    static const char message[] = "Content-Type: multipart/digest; boundary=b\r\n\r\n"
                                  "--b\r\n\r\nSubject: one\r\n\r\ntext\r\n--b--\r\n";
    struct mime_part *root = scan(message);

    cr_expect(mime_part_is(root->children, "message", "rfc822"));
    cr_expect_str_eq(root->children->subject, "one");
    expect_content(message, root->children->children, "text");
    mime_structure_free(root);
}

Test(scan, uuencoded_lines_may_have_lost_their_zeros)
{
    static const char message[] = "Content-Transfer-Encoding: x-uuencode\r\n\r\n"
                                  "begin 644 a\r\nM\r\nM\r\nM\r\nM\r\nend\r\n";
    struct mime_part *root = scan(message);
    BYTE *bytes;
    size_t size;

    assert_hr(mime_part_content(message, root, NULL, &bytes, &size), S_OK);
    cr_expect_eq(size, 4 * 45u);
    for (size_t i = 0; i <= size; i++)
        cr_expect_eq(bytes[i], 0);
    mapi_free(bytes);
    mime_structure_free(root);
}

static char *nested(size_t depth)
{
    char *message = malloc(depth * 80 + 100), *at = message;

    for (size_t i = 0; i < depth; i++)
        at += sprintf(at, "Content-Type: multipart/mixed; boundary=b%zu\r\n\r\n--b%zu\r\n", i, i);
    strcpy(at, "\r\nin the middle\r\n");
    return message;
}

Test(scan, depth_has_a_limit)
{
    char *fits = nested(MIME_DEPTH_MAX - 1), *deep = nested(MIME_DEPTH_MAX),
         *hostile = nested(10000);
    struct mime_part *root = scan(fits);

    mime_structure_free(root);
    assert_hr(mime_scan(deep, strlen(deep), &root), MAPI_E_TOO_COMPLEX);
    assert_hr(mime_scan(hostile, strlen(hostile), &root), MAPI_E_TOO_COMPLEX);
    free(fits);
    free(deep);
    free(hostile);
}

Test(scan, messages_in_messages_count_as_depth)
{
    char message[MIME_DEPTH_MAX * 40 + 100], *at = message;
    struct mime_part *root;

    for (int i = 0; i < MIME_DEPTH_MAX; i++)
        at = stpcpy(at, "Content-Type: message/rfc822\r\n\r\n");
    assert_hr(mime_scan(message, strlen(message), &root), MAPI_E_TOO_COMPLEX);
    strcpy(message + (MIME_DEPTH_MAX - 1) * 32, "\r\n");
    mime_structure_free(scan(message));
}

Test(scan, part_count_has_a_limit)
{
    char *message = malloc(MIME_PARTS_MAX * 8 + 100), *at = message;
    struct mime_part *root;

    at = stpcpy(at, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    for (int i = 1; i < MIME_PARTS_MAX; i++)
        at = stpcpy(at, "--b\r\n\r\n");
    root = scan(message);
    cr_expect_eq(root->child_count, MIME_PARTS_MAX - 1u);
    mime_structure_free(root);
    strcpy(at, "--b\r\n\r\n");
    assert_hr(mime_scan(message, strlen(message), &root), MAPI_E_TOO_COMPLEX);
    free(message);
}

Test(scan, a_header_block_has_a_limit)
{
    size_t size = MIME_HEADER_MAX + 100;
    char *message = malloc(size);
    struct mime_part *root;

    memset(message, 'a', size);
    for (size_t i = 99; i < size; i += 100)
        message[i] = '\n';
    assert_hr(mime_scan(message, size, &root), MAPI_E_TOO_BIG);
    assert_hr(mime_scan(message, MIME_HEADER_MAX / 2, &root), S_OK);
    mime_structure_free(root);
    free(message);
}
