/* tests/mime/test_layout.c - bodies, attachments and message class by structure */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mime/file_name.h"
#include "mime/layout.h"
#include "support/com.h"

#define PLAIN "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 12 1 NIL NIL NIL NIL)"
#define HTML  "(\"TEXT\" \"HTML\" NIL NIL NIL \"7BIT\" 17 1 NIL NIL NIL NIL)"
#define PDF   "(\"APPLICATION\" \"PDF\" (\"NAME\" \"a.pdf\") NIL NIL \"BASE64\" 8 NIL NIL NIL NIL)"
#define IMAGE "(\"IMAGE\" \"PNG\" NIL \"<i@x>\" NIL \"BASE64\" 8 NIL (\"INLINE\" NIL) NIL NIL)"
#define NOTE                                                                                       \
    "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 12 1 NIL (\"ATTACHMENT\" (\"FILENAME\" \"n.txt\")) " \
    "NIL)"
#define MESSAGE                                                                                    \
    "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 9 (NIL \"In/ner\" NIL NIL NIL NIL NIL NIL NIL "  \
    "NIL) " PLAIN " 1 NIL NIL NIL NIL)"
#define MULTI(parts, subtype) "(" parts " \"" subtype "\" (\"BOUNDARY\" \"b\") NIL NIL NIL)"

/* "plain=1 html=2 class; name:kind[:hidden] ..." */
static const char *layout_of(const char *structure)
{
    static char text[1024];
    struct mime_layout layout;
    struct mime_part *root;
    size_t size;

    assert_hr(mime_structure_parse(structure, &root), S_OK);
    assert_hr(mime_layout(root, &layout), S_OK);
    size = (size_t)sprintf(text, "plain=%s html=%s %s;", layout.plain ? layout.plain->section : "-",
                           layout.html ? layout.html->section : "-", layout.message_class);
    for (size_t i = 0; i < layout.attachment_count; i++)
        size += (size_t)sprintf(text + size, " %s:%d%s", layout.attachments[i].name,
                                layout.attachments[i].kind,
                                layout.attachments[i].hidden ? ":hidden" : "");
    mime_layout_clear(&layout);
    mime_structure_free(root);
    return text;
}

Test(layout, a_single_text_is_the_body)
{
    cr_expect_str_eq(layout_of(PLAIN), "plain=1 html=- IPM.Note;");
    cr_expect_str_eq(layout_of(HTML), "plain=- html=1 IPM.Note;");
    cr_expect_str_eq(layout_of(NOTE), "plain=1 html=- IPM.Note;"); /* the only text there is */
    cr_expect_str_eq(layout_of(PDF), "plain=- html=- IPM.Note; a.pdf:0");
}

Test(layout, alternatives_are_one_body)
{
    cr_expect_str_eq(layout_of(MULTI(PLAIN HTML, "ALTERNATIVE")), "plain=1 html=2 IPM.Note;");
    cr_expect_str_eq(layout_of(MULTI(PLAIN MULTI(HTML IMAGE, "RELATED"), "ALTERNATIVE")),
                     "plain=1 html=2.1 IPM.Note; attachment.png:0:hidden");
    cr_expect_str_eq(layout_of(MULTI(MULTI(PLAIN HTML, "ALTERNATIVE") PDF, "MIXED")),
                     "plain=1.1 html=1.2 IPM.Note; a.pdf:0");
    cr_expect_str_eq(layout_of(MULTI(PLAIN MULTI(HTML PDF HTML, "MIXED"), "ALTERNATIVE")),
                     "plain=1 html=2.1 IPM.Note; a.pdf:0 attachment.html:0");
}

Test(layout, only_the_first_text_of_a_mixed_message_is_the_body)
{
    cr_expect_str_eq(layout_of(MULTI(PLAIN PDF PLAIN, "MIXED")),
                     "plain=1 html=- IPM.Note; a.pdf:0 attachment.txt:0");
    cr_expect_str_eq(layout_of(MULTI(NOTE PLAIN, "MIXED")), "plain=2 html=- IPM.Note; n.txt:0");
    cr_expect_str_eq(layout_of(MULTI(PLAIN MULTI(PLAIN HTML, "ALTERNATIVE"), "MIXED")),
                     "plain=1 html=- IPM.Note; attachment.txt:0 attachment.html:0");
}

Test(layout, related_parts_are_hidden_only_beside_html)
{
    cr_expect_str_eq(layout_of(MULTI(HTML IMAGE PDF, "RELATED")),
                     "plain=- html=1 IPM.Note; attachment.png:0:hidden a.pdf:0");
    cr_expect_str_eq(layout_of(MULTI(PLAIN IMAGE, "RELATED")),
                     "plain=1 html=- IPM.Note; attachment.png:0");
}

Test(layout, the_start_parameter_names_the_root_of_related)
{
    cr_expect_str_eq(
        layout_of("(" IMAGE "(\"TEXT\" \"HTML\" NIL \"<h@x>\" NIL \"7BIT\" 1 1 NIL NIL NIL NIL)"
                  " \"RELATED\" (\"BOUNDARY\" \"b\" \"START\" \"<h@x>\") NIL NIL NIL)"),
        "plain=- html=2 IPM.Note; attachment.png:0:hidden");
}

Test(layout, embedded_messages_are_attachments_named_by_subject)
{
    cr_expect_str_eq(layout_of(MULTI(PLAIN MESSAGE, "MIXED")),
                     "plain=1 html=- IPM.Note; ner.eml:1");
    cr_expect_str_eq(layout_of(MESSAGE), "plain=- html=- IPM.Note; ner.eml:1");
}

Test(layout, signed_messages_are_one_attachment)
{
    cr_expect_str_eq(
        layout_of("(" PLAIN "(\"APPLICATION\" \"PKCS7-SIGNATURE\" NIL NIL NIL \"BASE64\" 9)"
                  " \"SIGNED\" (\"PROTOCOL\" \"application/pkcs7-signature\") NIL NIL NIL)"),
        "plain=1 html=- IPM.Note.SMIME.MultipartSigned; smime.p7m:2");
    cr_expect_str_eq(layout_of("(\"APPLICATION\" \"X-PKCS7-MIME\" NIL NIL NIL \"BASE64\" 9)"),
                     "plain=- html=- IPM.Note.SMIME; smime.p7m:0");
    /* PGP is not S/MIME: the signature is an attachment. */
    cr_expect_str_eq(
        layout_of("(" PLAIN "(\"APPLICATION\" \"PGP-SIGNATURE\" NIL NIL NIL \"7BIT\" 9)"
                  " \"SIGNED\" (\"PROTOCOL\" \"application/pgp-signature\") NIL NIL NIL)"),
        "plain=1 html=- IPM.Note; attachment.asc:0");
}

Test(layout, reports_have_their_classes)
{
    static const char status[] =
        "(\"MESSAGE\" \"DELIVERY-STATUS\" NIL NIL NIL \"7BIT\" 9 NIL NIL NIL NIL)";
    char text[1024];
    struct mime_part *root;

    snprintf(text, sizeof(text),
             "(" PLAIN "%s \"REPORT\" (\"REPORT-TYPE\" \"delivery-status\") NIL NIL NIL)", status);
    cr_expect_str_eq(layout_of(text), "plain=1 html=- REPORT.IPM.Note.NDR; attachment.txt:0");
    assert_hr(mime_structure_parse(text, &root), S_OK);
#define CLASS(content) mime_report_class(root, content, strlen(content))
    cr_expect_str_eq(CLASS("Reporting-MTA: x\r\n\r\nAction: delivered\r\n"), "REPORT.IPM.Note.DR");
    cr_expect_str_eq(CLASS("X: x\n\nAction: delivered\n\nAction: Failed\n"), "REPORT.IPM.Note.NDR");
    cr_expect_str_eq(CLASS("X: x\n\nAction: delayed\n"), "REPORT.IPM.Note.Delayed.DR");
    cr_expect_str_eq(CLASS(""), "REPORT.IPM.Note.NDR");
    mime_structure_free(root);
    snprintf(text, sizeof(text),
             "(" PLAIN " \"REPORT\" (\"REPORT-TYPE\" \"disposition-notification\") NIL NIL NIL)");
    assert_hr(mime_structure_parse(text, &root), S_OK);
    cr_expect_str_eq(CLASS("Disposition: manual-action/MDN-sent-manually; displayed\r\n"),
                     "REPORT.IPM.Note.IPNRN");
    cr_expect_str_eq(CLASS("Disposition: automatic-action/MDN-sent-manually; deleted\r\n"),
                     "REPORT.IPM.Note.IPNNRN");
    mime_structure_free(root);
}

static const char *name_of(const char *name)
{
    static char text[600];
    struct mime_attachment attachment = {0};
    struct mime_part part = {.type = "application", .subtype = "pdf", .filename = name};
    struct arena arena = {0};

    attachment.part = &part;
    cr_assert(attachment_name(&arena, &attachment));
    snprintf(text, sizeof(text), "%s", attachment.name);
    arena_clear(&arena);
    return text;
}

Test(layout, names_have_no_path_and_are_never_empty)
{
    char longest[1000];

    cr_expect_str_eq(name_of("../../etc/passwd"), "passwd");
    cr_expect_str_eq(name_of("C:\\dir\\x.pdf "), "x.pdf");
    cr_expect_str_eq(name_of("a\tb\n.pdf"), "a_b_.pdf");
    cr_expect_str_eq(name_of(".."), "attachment.pdf");
    cr_expect_str_eq(name_of("dir/"), "attachment.pdf");
    cr_expect_str_eq(name_of("  "), "attachment.pdf");
    cr_expect_str_eq(name_of(NULL), "attachment.pdf");
    for (size_t i = 0; i < sizeof(longest); i += 2)
        memcpy(longest + i, "\xC3\xBC", 2);
    strcpy(longest + sizeof(longest) - 6, ".pdf");
    name_of(longest);
    cr_expect_leq(strlen(name_of(longest)), (size_t)FILE_NAME_MAX);
    cr_expect_str_eq(strrchr(name_of(longest), '.'), ".pdf");
}

static const char *short_name(const char *name)
{
    static char text[13];

    file_name_short(name, text);
    return text;
}

Test(layout, short_names_are_8_and_3)
{
    cr_expect_str_eq(short_name("report.pdf"), "REPORT.PDF");
    cr_expect_str_eq(short_name("long report 2020.html"), "LONGRE~1.HTM");
    cr_expect_str_eq(short_name("noext"), "NOEXT");
    cr_expect_str_eq(short_name("ü.txt"), "_~1.TXT");
    cr_expect_str_eq(short_name(".profile"), "PROFIL~1");
    cr_expect_str_eq(short_name("a.ü"), "A");
}

static const SPropValue *get(const SPropValue *values, ULONG count, ULONG tag)
{
    for (ULONG i = 0; i < count; i++)
        if (values[i].ulPropTag == tag)
            return &values[i];
    return NULL;
}

Test(layout, attachments_have_their_properties)
{
    struct mime_layout layout;
    struct mime_part *root;
    SPropValue *values;
    ULONG count;

    assert_hr(mime_structure_parse(MULTI(HTML IMAGE MESSAGE, "RELATED"), &root), S_OK);
    assert_hr(mime_layout(root, &layout), S_OK);
    cr_assert_eq(layout.attachment_count, 2u);
    assert_hr(mime_attachment_props(&layout.attachments[0], 0, NULL, &values, &count), S_OK);
    cr_expect_eq(get(values, count, PR_ATTACH_METHOD)->Value.l, ATTACH_BY_VALUE);
    cr_expect_eq(get(values, count, PR_ATTACH_FLAGS)->Value.l, 4);
    cr_expect(get(values, count, PR_ATTACHMENT_HIDDEN)->Value.b);
    cr_expect_eq(get(values, count, PR_RENDERING_POSITION)->Value.l, -1);
    mapi_free(values);
    assert_hr(mime_attachment_props(&layout.attachments[1], 1, NULL, &values, &count), S_OK);
    cr_expect_eq(get(values, count, PR_ATTACH_METHOD)->Value.l, ATTACH_EMBEDDED_MSG);
    cr_expect_eq(get(values, count, PR_ATTACH_NUM)->Value.l, 1);
    mapi_free(values);
    cr_expect(layout.has_attachments);
    mime_layout_clear(&layout);
    mime_structure_free(root);
}
