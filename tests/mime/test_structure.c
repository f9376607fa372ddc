/* tests/mime/test_structure.c - BODYSTRUCTURE texts, as servers send them and as none should */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mime/structure.h"
#include "support/com.h"

#define PLAIN "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"7BIT\" 12 1 NIL NIL NIL NIL)"
#define HTML  "(\"TEXT\" \"HTML\" NIL NIL NIL \"QUOTED-PRINTABLE\" 17 1 NIL NIL NIL NIL)"

static struct mime_part *parse(const char *text)
{
    struct mime_part *root = NULL;

    assert_hr(mime_structure_parse(text, &root), S_OK);
    return root;
}

/* All sections in reading order, parted by spaces. */
static const char *sections(const struct mime_part *root)
{
    static char text[512];
    size_t size = 0;

    for (const struct mime_part *part = root; part; part = mime_part_next(part))
        size += (size_t)sprintf(text + size, "%s%s", size ? " " : "", part->section);
    return text;
}

Test(structure, a_single_part_is_part_1)
{
    struct mime_part *root = parse(PLAIN);

    cr_expect(mime_part_is(root, "Text", "PLAIN"));
    cr_expect_str_eq(root->charset, "utf-8");
    cr_expect_eq(root->size, 12u);
    cr_expect_str_eq(root->section, "1");
    cr_expect_str_eq(root->header_section, "HEADER");
    cr_expect_null(mime_part_next(root));
    mime_structure_free(root);
}

Test(structure, sections_are_those_of_fetch)
{
    struct mime_part *root =
        parse("((" PLAIN HTML " \"ALTERNATIVE\" (\"BOUNDARY\" \"c\") NIL NIL NIL)"
              "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 99 (NIL \"=?utf-8?Q?=C3=BC?=\" NIL NIL "
              "NIL NIL "
              "NIL NIL NIL NIL) (" PLAIN
              "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 9 (NIL NIL NIL NIL "
              "NIL NIL NIL NIL NIL NIL) " HTML " 3) \"MIXED\") 5 NIL NIL NIL NIL)"
              " \"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL NIL)");
    const struct mime_part *message = root->children->next;

    cr_expect_str_eq(sections(root), "TEXT 1 1.1 1.2 2 2.TEXT 2.1 2.2 2.2.1");
    cr_expect_str_eq(message->subject, "ü");
    cr_expect_str_eq(message->header_section, "2.MIME");
    cr_expect_str_eq(message->children->header_section, "2.HEADER");
    cr_expect_str_eq(message->children->children->header_section, "2.1.MIME");
    cr_expect_eq(root->child_count, 2u);
    mime_structure_free(root);
}

Test(structure, reads_disposition_names_id_and_location)
{
    struct mime_part *root = parse(
        "(\"IMAGE\" \"PNG\" (\"NAME\" \"=?utf-8?Q?=C3=A4.png?=\") \"<id@x>\" \"a \\\"b\\\"\" "
        "\"BASE64\" 400 NIL (\"INLINE\" (\"FILENAME*0*\" \"utf-8''%C3%BC\" \"FILENAME*1\" \".png\" "
        "\"CREATION-DATE\" \"Mon, 2 Nov 2020 10:00:00 +0100\")) (\"en\" \"de\") \"http://x/y\" 1 "
        "(2))");

    cr_expect_str_eq(root->name, "ä.png");
    cr_expect_str_eq(root->filename, "ü.png");
    cr_expect_str_eq(root->content_id, "id@x");
    cr_expect_str_eq(root->description, "a \"b\"");
    cr_expect_str_eq(root->location, "http://x/y");
    cr_expect_eq(root->disposition, MIME_DISPOSITION_INLINE);
    cr_expect_eq(root->encoding, TRANSFER_BASE64);
    cr_expect_eq(root->created, 1604307600);
    cr_expect_eq(root->modified, INT64_MIN);
    mime_structure_free(root);
}

Test(structure, literals_are_read)
{
    struct mime_part *root =
        parse("(\"APPLICATION\" \"PDF\" (\"NAME\" {5}\r\n(a).x) NIL NIL \"BASE64\" 4)");

    cr_expect_str_eq(root->name, "(a).x");
    mime_structure_free(root);
}

Test(structure, missing_and_odd_fields_are_empty)
{
    static const char *const texts[] = {
        "(",
        "()",
        "(NIL NIL NIL NIL NIL NIL NIL)",
        "(\"TEXT\" \"PLAIN\"",
        "(\"TEXT\" (\"a\" \"b\") NIL)",
        "((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1))",
        "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 9)",
        "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 9 () () 1)",
        "(\"TEXT\" \"PLAIN\" (\"CHARSET\") NIL NIL \"7BIT\" -1 1)",
        "(\"TEXT\" \"PLAIN\" (\"CHARSET\" {99999}\r\nx) NIL NIL \"7BIT\" 1 1)",
        "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 99999999999999999999999 1)",
        "(\"TEXT\" \"a\\",
        "(\"open",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct mime_part *root = parse(texts[i]);

        for (const struct mime_part *part = root; part; part = mime_part_next(part))
            cr_expect(part->type && part->subtype && part->section && part->header_section);
        mime_structure_free(root);
    }
}

Test(structure, what_is_no_list_is_refused)
{
    struct mime_part *root;

    assert_hr(mime_structure_parse("", &root), MAPI_E_CORRUPT_DATA);
    assert_hr(mime_structure_parse("NIL", &root), MAPI_E_CORRUPT_DATA);
    mime_structure_free(NULL);
}

/* `depth` multiparts around one part. */
static char *nested(size_t depth)
{
    char *text = malloc(depth * 12 + 200), *at = text;

    memset(at, '(', depth);
    at = stpcpy(at + depth, PLAIN);
    for (size_t i = 0; i < depth; i++)
        at = stpcpy(at, " \"MIXED\")");
    return text;
}

Test(structure, depth_has_a_limit)
{
    char *fits = nested(MIME_DEPTH_MAX - 1), *deep = nested(MIME_DEPTH_MAX),
         *hostile = nested(200000);
    struct mime_part *root = parse(fits);

    mime_structure_free(root);
    assert_hr(mime_structure_parse(deep, &root), MAPI_E_TOO_COMPLEX);
    assert_hr(mime_structure_parse(hostile, &root), MAPI_E_TOO_COMPLEX);
    free(fits);
    free(deep);
    free(hostile);
}

Test(structure, part_count_has_a_limit)
{
    size_t size = sizeof(PLAIN) - 1, number = MIME_PARTS_MAX;
    char *text = malloc(size * number + 20), *at = text;
    struct mime_part *root;

    *at++ = '(';
    for (size_t i = 0; i + 1 < number; i++)
        at = stpcpy(at, PLAIN);
    strcpy(at, " \"MIXED\")");
    root = parse(text);
    cr_expect_eq(root->child_count, number - 1);
    mime_structure_free(root);
    strcpy(stpcpy(at, PLAIN), " \"MIXED\")");
    assert_hr(mime_structure_parse(text, &root), MAPI_E_TOO_COMPLEX);
    free(text);
}
