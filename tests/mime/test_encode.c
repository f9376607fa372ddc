/* tests/mime/test_encode.c - the way out, and that everything comes back byte for byte */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"
#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/oneoff.h"
#include "mapi/text.h"
#include "mime/header_props.h"
#include "support/com.h"

#define W(tag, text)                                                                               \
    {                                                                                              \
        .ulPropTag = (tag), .Value.lpszW = (WCHAR *)(text)                                         \
    }

/* Lines of at most 78 columns (998 in bodies), CRLF only, seven bits. */
static void expect_wire(const char *bytes, size_t size, bool seven_bits)
{
    size_t column = 0;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n')
            cr_assert(i > 0 && bytes[i - 1] == '\r');
        if (bytes[i] == '\r')
            cr_assert(i + 1 < size && bytes[i + 1] == '\n');
        column = bytes[i] == '\n' ? 0 : column + 1;
        cr_assert_leq(column, 999u);
        if (seven_bits)
            cr_assert((unsigned char)bytes[i] < 128);
    }
    cr_expect(size >= 2 && bytes[size - 1] == '\n');
}

static void decode(const char *bytes, size_t size, struct mime_message *message)
{
    assert_hr(mime_decode(bytes, size, message), S_OK);
}

/* --- Bodies ----------------------------------------------------------------------------------- */

static void expect_body(const struct mime_message *message, const char *text)
{
    made_expect_string(message->props, message->prop_count, PR_BODY_W, text);
}

static void expect_html(const struct mime_message *message, const char *html, size_t size)
{
    const SPropValue *value = made_prop(message->props, message->prop_count, PR_HTML);

    cr_assert_not_null(value);
    cr_assert_eq(value->Value.bin.cb, size);
    cr_assert(memcmp(value->Value.bin.lpb, html, size) == 0);
}

Test(encode, bodies_come_back_byte_for_byte)
{
    static char text[4096], html[4096];

    for (unsigned seed = 0; seed < 80; seed++) {
        struct mime_outgoing outgoing = made_outgoing();
        struct mime_message message;
        size_t size;
        char *bytes;

        outgoing.flags = seed % 5 == 4 ? MIME_ENCODE_8BIT : 0;
        if (seed % 4 != 1) {
            outgoing.text = text;
            outgoing.text_size = made_text(seed, text, sizeof(text));
        }
        if (seed % 4 != 0) {
            outgoing.html = html;
            outgoing.html_size = made_text(seed + 1000, html, sizeof(html));
        }
        bytes = made_encode(&outgoing, &size);
        expect_wire(bytes, size, !outgoing.flags);
        decode(bytes, size, &message);
        if (outgoing.text)
            expect_body(&message, text);
        if (outgoing.html)
            expect_html(&message, html, outgoing.html_size);
        cr_expect_eq(message.layout.attachment_count, 0u);
        mime_message_clear(&message);
        free(bytes);
    }
}

Test(encode, line_ends_of_plain_text_become_crlf)
{
    struct mime_outgoing outgoing = made_outgoing();
    struct mime_message message;
    size_t size;
    char *bytes;

    outgoing.text = "a\nb\r\nc\n";
    outgoing.text_size = strlen(outgoing.text);
    bytes = made_encode(&outgoing, &size);
    decode(bytes, size, &message);
    expect_body(&message, "a\r\nb\r\nc\r\n");
    mime_message_clear(&message);
    free(bytes);
}

Test(encode, html_keeps_its_own_charset)
{
    static const char html[] = "<p>caf\xE9\n\r\x01</p>";
    struct mime_outgoing outgoing = made_outgoing();
    struct mime_message message;
    size_t size;
    char *bytes;

    outgoing.html = html;
    outgoing.html_size = sizeof(html) - 1;
    outgoing.html_charset = "iso-8859-1";
    bytes = made_encode(&outgoing, &size);
    expect_wire(bytes, size, true);
    decode(bytes, size, &message);
    expect_html(&message, html, sizeof(html) - 1);
    cr_expect_eq(made_prop(message.props, message.prop_count, PROP_TAG(PT_LONG, 0x3FDE))->Value.l,
                 28591);
    mime_message_clear(&message);
    free(bytes);
}

/* --- Attachments ------------------------------------------------------------------------------ */

static const char *const names[] = {
    "plain.txt",
    "two words.pdf",
    "quo\"te\\back.bin",
    "Grüße aus 日本 😀.docx",
    "semi;colon=equal.txt",
    "=?utf-8?Q?trick?=.txt",
    "a name that is so long that it fits on no line of seventy-six columns, whatever one does.html",
    "Name mit Umlauten wie Ä, Ö und Ü, der mehrere Stücke braucht, so lang ist er.pdf",
};

static void expect_data(const char *bytes, const struct mime_attachment *attachment,
                        const char *data, size_t size)
{
    size_t got_size;
    BYTE *got;

    assert_hr(mime_attachment_data(bytes, attachment, NULL, &got, &got_size), S_OK);
    cr_assert_eq(got_size, size);
    cr_assert(memcmp(got, data, size) == 0);
    mapi_free(got);
}

Test(encode, attachments_and_their_names_come_back)
{
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    static char data[COUNT][20000];
    struct mime_outgoing_attachment attachments[COUNT] = {0};
    struct mime_bytes sources[COUNT];
    struct mime_outgoing outgoing = made_outgoing();
    struct mime_message message;
    size_t size;
    char *bytes;

    outgoing.text = "see below";
    outgoing.text_size = strlen(outgoing.text);
    outgoing.attachments = attachments;
    outgoing.attachment_count = COUNT;
    for (size_t i = 0; i < COUNT; i++) {
        sources[i] = (struct mime_bytes){.bytes = data[i], .size = i * 2777};
        made_bytes((unsigned)i, data[i], sources[i].size);
        attachments[i].name = names[i];
        attachments[i].mime_type = i % 2 ? "application/x-thing" : NULL;
        attachments[i].content = mime_source_bytes(&sources[i]);
        attachments[i].modified = 1604307600;
    }
    bytes = made_encode(&outgoing, &size);
    expect_wire(bytes, size, true);
    decode(bytes, size, &message);
    expect_body(&message, "see below");
    cr_assert_eq(message.layout.attachment_count, (size_t)COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const struct mime_attachment *attachment = &message.layout.attachments[i];
        const char *shown = i == 2 ? "back.bin" : names[i]; /* a backslash parts folders */

        cr_expect_str_eq(attachment->name, shown);
        cr_expect_str_eq(attachment->part->filename, names[i]);
        cr_expect_str_eq(attachment->part->name, names[i]);
        cr_expect_str_eq(attachment->mime_type,
                         i % 2 ? "application/x-thing" : "application/octet-stream");
        cr_expect_eq(attachment->part->modified, 1604307600);
        cr_expect_not(attachment->hidden);
        expect_data(bytes, attachment, data[i], sources[i].size);
    }
    mime_message_clear(&message);
    free(bytes);
}

Test(encode, inline_pictures_go_beside_the_html)
{
    struct mime_bytes picture = {.bytes = "\x89PNG", .size = 4}, file = {.bytes = "x", .size = 1};
    struct mime_outgoing_attachment attachments[] = {
        {.name = "file.bin", .content = mime_source_bytes(&file)},
        {.name = "p.png",
         .mime_type = "image/png",
         .content_id = "p@x",
         .inline_in_html = true,
         .content = mime_source_bytes(&picture)},
    };
    struct mime_outgoing outgoing = made_outgoing();
    struct mime_message message;
    size_t size;
    char *bytes;

    outgoing.text = "t";
    outgoing.text_size = 1;
    outgoing.html = "<img src=cid:p@x>";
    outgoing.html_size = strlen(outgoing.html);
    outgoing.attachments = attachments;
    outgoing.attachment_count = 2;
    bytes = made_encode(&outgoing, &size);
    decode(bytes, size, &message);
    cr_expect_str_eq(message.layout.plain->section, "1.1");
    cr_expect_str_eq(message.layout.html->section, "1.2.1");
    cr_assert_eq(message.layout.attachment_count, 2u);
    cr_expect(message.layout.attachments[0].hidden);
    cr_expect_str_eq(message.layout.attachments[0].part->content_id, "p@x");
    cr_expect_not(message.layout.attachments[1].hidden);
    mime_message_clear(&message);
    free(bytes);
}

Test(encode, embedded_messages_come_back)
{
    static const char raw[] = "Subject: raw \xC3\xBC\r\n\r\nraw text\r\n";
    struct mime_bytes source = {.bytes = raw, .size = sizeof(raw) - 1};
    struct mime_bytes inner_file = {.bytes = "data", .size = 4};
    SPropValue inner_props[] = {W(PR_SUBJECT_W, u"inn\u00E9r")};
    struct mime_outgoing_attachment inner_attachment = {.name = "in.bin",
                                                        .content = mime_source_bytes(&inner_file)};
    struct mime_outgoing inner = {.props = inner_props,
                                  .prop_count = 1,
                                  .text = "in",
                                  .text_size = 2,
                                  .attachments = &inner_attachment,
                                  .attachment_count = 1};
    struct mime_outgoing_attachment attachments[] = {
        {.message = &inner},
        {.raw_message = true, .content = mime_source_bytes(&source)},
    };
    struct mime_outgoing outgoing = made_outgoing();
    struct mime_message message, within;
    size_t size, within_size;
    BYTE *within_bytes;
    char *bytes;

    outgoing.attachments = attachments;
    outgoing.attachment_count = 2;
    bytes = made_encode(&outgoing, &size);
    expect_wire(bytes, size, false);
    decode(bytes, size, &message);
    cr_assert_eq(message.layout.attachment_count, 2u);
    cr_expect_eq(message.layout.attachments[0].kind, MIME_ATTACHMENT_MESSAGE);
    cr_expect_str_eq(message.layout.attachments[0].part->subject, "innér");
    expect_data(bytes, &message.layout.attachments[1], raw, sizeof(raw) - 1);
    assert_hr(mime_attachment_data(bytes, &message.layout.attachments[0], NULL, &within_bytes,
                                   &within_size),
              S_OK);
    decode((char *)within_bytes, within_size, &within);
    expect_body(&within, "in");
    cr_assert_eq(within.layout.attachment_count, 1u);
    expect_data((char *)within_bytes, &within.layout.attachments[0], "data", 4);
    mime_message_clear(&within);
    mime_message_clear(&message);
    mapi_free(within_bytes);
    free(bytes);
}

Test(encode, messages_without_end_are_refused)
{
    struct mime_outgoing outgoing = made_outgoing();
    struct mime_outgoing_attachment self = {.message = &outgoing};
    uint64_t size;

    outgoing.attachments = &self;
    outgoing.attachment_count = 1;
    assert_hr(mime_encode_size(&outgoing, &size), MAPI_E_TOO_COMPLEX);
}

static HRESULT broken_read(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    (void)arg, (void)buffer, (void)size, (void)ret_size;
    return MAPI_E_NETWORK_ERROR;
}

static HRESULT full_disk(void *arg, const void *bytes, size_t size)
{
    (void)arg, (void)bytes, (void)size;
    return MAPI_E_NOT_ENOUGH_DISK;
}

Test(encode, failures_of_sources_and_targets_come_out)
{
    struct mime_outgoing outgoing = made_outgoing();
    struct mime_outgoing_attachment broken = {.content = {.read = broken_read}};
    uint64_t size;

    assert_hr(mime_encode(&outgoing, full_disk, NULL), MAPI_E_NOT_ENOUGH_DISK);
    outgoing.attachments = &broken;
    outgoing.attachment_count = 1;
    assert_hr(mime_encode_size(&outgoing, &size), MAPI_E_NETWORK_ERROR);
}

/* --- Header fields ---------------------------------------------------------------------------- */

static char *encode_props(const SPropValue *props, ULONG count, size_t *ret_size)
{
    struct mime_outgoing outgoing = made_outgoing();

    outgoing.props = props;
    outgoing.prop_count = count;
    return made_encode(&outgoing, ret_size);
}

Test(encode, subjects_come_back_whatever_is_in_them)
{
    static const char *const subjects[] = {
        "plain",
        "Grüße",
        "日本語の件名はとても長くて一行には入りませんから、いくつかの語に分けて符号化されるのです",
        "a long subject of plain words that has to be folded somewhere because it has more than "
        "one line",
        "two  spaces",
        " in front",
        "behind ",
        "=?utf-8?Q?looks_like?= one",
        "=?",
        "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
        "wordwithoutanyspacewordwithoutanyspacewordwithoutanyspacewordwithoutanyspacewordwithoutany"
        "space",
    };

    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        struct mime_message message;
        SPropValue prop = {.ulPropTag = PR_SUBJECT_W};
        size_t size;
        char *bytes;

        assert_hr(text_utf8_to_utf16(NULL, subjects[i], &prop.Value.lpszW), S_OK);
        bytes = encode_props(&prop, 1, &size);
        expect_wire(bytes, size, true);
        decode(bytes, size, &message);
        made_expect_string(message.props, message.prop_count, PR_SUBJECT_W, subjects[i]);
        mime_message_clear(&message);
        mapi_free(prop.Value.lpszW);
        free(bytes);
    }
}

Test(encode, properties_come_back)
{
    static BYTE index[27] = {1, 2, 3, 4, 5};
    SPropValue props[] = {
        W(PR_SENT_REPRESENTING_NAME_W, u"Doe, J\u00F6rg"),
        W(PR_SENT_REPRESENTING_ADDRTYPE_W, u"SMTP"),
        W(PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, u"joerg@example.org"),
        W(PR_SENDER_NAME_W, u"The \"Office\""),
        W(PR_SENDER_EMAIL_ADDRESS_W, u"office@example.org"),
        W(PR_IN_REPLY_TO_ID_W, u"<0@example.org>"),
        W(PR_INTERNET_REFERENCES_W, u"<a@example.org> <0@example.org>"),
        W(PR_CONVERSATION_TOPIC_W, u"Pl\u00E4ne"),
        {.ulPropTag = PR_CONVERSATION_INDEX, .Value.bin = {sizeof(index), index}},
        {.ulPropTag = PR_IMPORTANCE, .Value.l = 2},
        {.ulPropTag = PR_PRIORITY, .Value.l = -1},
        {.ulPropTag = PR_SENSITIVITY, .Value.l = 3},
        {.ulPropTag = PR_READ_RECEIPT_REQUESTED, .Value.b = 1},
    };
    struct mime_message message;
    const SPropValue *got;
    ULONG count;
    size_t size;
    char *bytes;

    bytes = encode_props(props, sizeof(props) / sizeof(props[0]), &size);
    decode(bytes, size, &message);
    count = message.prop_count;
    made_expect_string(message.props, count, PR_SENT_REPRESENTING_NAME_W, "Doe, Jörg");
    made_expect_string(message.props, count, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
                       "joerg@example.org");
    made_expect_string(message.props, count, PR_SENDER_NAME_W, "The \"Office\"");
    made_expect_string(message.props, count, PR_IN_REPLY_TO_ID_W, "<0@example.org>");
    made_expect_string(message.props, count, PR_INTERNET_REFERENCES_W,
                       "<a@example.org> <0@example.org>");
    made_expect_string(message.props, count, PR_CONVERSATION_TOPIC_W, "Pläne");
    made_expect_string(message.props, count, PR_INTERNET_MESSAGE_ID_W, "<made@example.org>");
    got = made_prop(message.props, count, PR_CONVERSATION_INDEX);
    cr_assert_not_null(got);
    cr_expect(got->Value.bin.cb == sizeof(index) &&
              memcmp(got->Value.bin.lpb, index, sizeof(index)) == 0);
    cr_expect_eq(made_prop(message.props, count, PR_IMPORTANCE)->Value.l, 2);
    cr_expect_eq(made_prop(message.props, count, PR_PRIORITY)->Value.l, -1);
    cr_expect_eq(made_prop(message.props, count, PR_SENSITIVITY)->Value.l, 3);
    cr_expect(made_prop(message.props, count, PR_READ_RECEIPT_REQUESTED)->Value.b);
    mime_message_clear(&message);
    free(bytes);
}

Test(encode, importance_and_priority_come_back_each_for_itself)
{
    for (LONG importance = IMPORTANCE_LOW; importance <= IMPORTANCE_HIGH; importance++)
        for (LONG priority = PRIO_NONURGENT; priority <= PRIO_URGENT; priority++) {
            SPropValue props[] = {{.ulPropTag = PR_IMPORTANCE, .Value.l = importance},
                                  {.ulPropTag = PR_PRIORITY, .Value.l = priority}};
            struct mime_message message;
            size_t size;
            char *bytes = encode_props(props, 2, &size);

            decode(bytes, size, &message);
            cr_expect_eq(made_prop(message.props, message.prop_count, PR_IMPORTANCE)->Value.l,
                         importance, "%d and %d", importance, priority);
            cr_expect_eq(made_prop(message.props, message.prop_count, PR_PRIORITY)->Value.l,
                         priority, "%d and %d", importance, priority);
            mime_message_clear(&message);
            free(bytes);
        }
}

Test(encode, a_sender_who_is_the_author_is_not_said_twice)
{
    SPropValue props[] = {
        W(PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, u"a@b.c"),
        W(PR_SENDER_EMAIL_ADDRESS_W, u"A@b.c"),
    };
    size_t size;
    char *bytes = encode_props(props, 2, &size);

    cr_expect_not_null(strstr(bytes, "From: a@b.c\r\n"));
    cr_expect_null(strstr(bytes, "Sender:"));
    free(bytes);
}

static const char recipients_header[] = "To: \"Doe, Ann\" <ann@example.org>, =?utf-8?Q?J=C3=B6rg?= "
                                        "<joerg@example.org>\r\nCc: c@example.org\r\n"
                                        "Bcc: Blind <blind@example.org>\r\n";

static void expect_recipients(unsigned flags, ULONG expected)
{
    struct mime_outgoing outgoing = made_outgoing();
    struct mime_message message;
    SRow *rows;
    ULONG count;
    size_t size;
    char *bytes;

    assert_hr(
        mime_header_recipients(recipients_header, strlen(recipients_header), NULL, &rows, &count),
        S_OK);
    outgoing.recipients = rows;
    outgoing.recipient_count = count;
    outgoing.flags = flags;
    bytes = made_encode(&outgoing, &size);
    decode(bytes, size, &message);
    cr_assert_eq(message.recipient_count, expected);
    for (ULONG i = 0; i < expected; i++)
        for (ULONG k = 0; k < rows[i].cValues; k++)
            if (PROP_TYPE(rows[i].lpProps[k].ulPropTag) == PT_UNICODE)
                cr_expect(utf16_compare(rows[i].lpProps[k].Value.lpszW,
                                        message.recipients[i].lpProps[k].Value.lpszW) == 0);
    cr_expect((strstr(bytes, "blind") != NULL) == (expected == 4));
    mime_message_clear(&message);
    mapi_free(rows);
    free(bytes);
}

Test(encode, recipients_come_back_but_for_bcc) /* CNV-060 */
{
    expect_recipients(0, 3);
    expect_recipients(MIME_ENCODE_BCC, 4);
}

Test(encode, an_entry_id_says_what_the_row_does_not) /* ABK-030 */
{
    struct oneoff oneoff = {.name = "Ann", .type = "SMTP", .address = "ann@example.org"};
    struct mime_outgoing outgoing = made_outgoing();
    SPropValue prop = {.ulPropTag = PR_ENTRYID};
    SRow row = {.cValues = 1, .lpProps = &prop};
    ENTRYID *id;
    size_t size;
    char *bytes;

    assert_hr(oneoff_create(NULL, &oneoff, &prop.Value.bin.cb, &id), S_OK);
    prop.Value.bin.lpb = (BYTE *)id;
    outgoing.recipients = &row;
    outgoing.recipient_count = 1;
    bytes = made_encode(&outgoing, &size);
    cr_expect_not_null(strstr(bytes, "To: Ann <ann@example.org>\r\n"));
    mapi_free(id);
    free(bytes);
}

Test(encode, no_value_breaks_out_of_its_field)
{
    SPropValue props[] = {
        W(PR_SUBJECT_W, u"a\r\nEvil: 1"),
        W(PR_SENT_REPRESENTING_NAME_W, u"x\r\nEvil: 2"),
        W(PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, u"a@b.c\r\nEvil: 3"),
        W(PR_IN_REPLY_TO_ID_W, u"<1>\r\nEvil: 4"),
    };
    struct mime_bytes empty = {0};
    struct mime_outgoing_attachment attachment = {.name = "n\r\nEvil: 5",
                                                  .content_id = "i\r\nEvil: 6",
                                                  .mime_type = "a/b\r\nEvil: 7",
                                                  .content = mime_source_bytes(&empty)};
    struct mime_outgoing outgoing = made_outgoing();
    size_t size;
    char *bytes;

    outgoing.props = props;
    outgoing.prop_count = 4;
    outgoing.attachments = &attachment;
    outgoing.attachment_count = 1;
    bytes = made_encode(&outgoing, &size);
    expect_wire(bytes, size, true);
    cr_expect_null(strstr(bytes, "\nEvil"));
    free(bytes);
}

Test(encode, a_signed_message_keeps_its_bytes)
{
    static const char entity[] =
        "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; "
        "boundary=s\r\n\r\n"
        "--s\r\n\r\nsigned  text \r\n--s\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n"
        "--s--\r\n";
    struct mime_bytes source = {.bytes = entity, .size = sizeof(entity) - 1};
    struct mime_outgoing_attachment attachment = {.name = "smime.p7m",
                                                  .content = mime_source_bytes(&source)};
    SPropValue class = W(PR_MESSAGE_CLASS_W, u"IPM.Note.SMIME.MultipartSigned");
    struct mime_outgoing outgoing = made_outgoing();
    struct mime_message message;
    size_t size;
    char *bytes;

    outgoing.props = &class;
    outgoing.prop_count = 1;
    outgoing.attachments = &attachment;
    outgoing.attachment_count = 1;
    bytes = made_encode(&outgoing, &size);
    decode(bytes, size, &message);
    made_expect_string(message.props, message.prop_count, PR_MESSAGE_CLASS_W,
                       "IPM.Note.SMIME.MultipartSigned");
    cr_assert_eq(message.layout.attachment_count, 1u);
    expect_data(bytes, &message.layout.attachments[0], entity, sizeof(entity) - 1);
    mime_message_clear(&message);
    free(bytes);
}

Test(encode, trace_fields_are_kept_and_the_rest_made_anew)
{
    SPropValue prop =
        W(PR_TRANSPORT_MESSAGE_HEADERS_W,
          u"Received: by x\r\nSubject: old\r\nX-Thing: y\r\nBcc: b@c.d\r\n"
          u"Content-Type: text/x\r\nX-Mapigate-Token: t\r\nDKIM-Signature: s\r\n\r\n");
    size_t size;
    char *bytes = encode_props(&prop, 1, &size);

    cr_expect_not_null(strstr(bytes, "Received: by x\r\n"));
    cr_expect_not_null(strstr(bytes, "X-Thing: y\r\n"));
    cr_expect_null(strstr(bytes, "old"));
    cr_expect_null(strstr(bytes, "Bcc"));
    cr_expect_null(strstr(bytes, "text/x"));
    cr_expect_null(strstr(bytes, "Mapigate"));
    cr_expect_null(strstr(bytes, "DKIM"));
    free(bytes);
}

/* --- Preparing -------------------------------------------------------------------------------- */

Test(encode, prepare_makes_what_is_missing_and_keeps_the_rest)
{
    SPropValue props[] = {
        W(PR_INTERNET_MESSAGE_ID_W, u"<kept@example.org>"),
        W(PR_SENDER_EMAIL_ADDRESS_W, u"a@sender.example"),
    };
    struct mime_outgoing kept = {.props = props, .prop_count = 2};
    struct mime_outgoing made = {.props = props + 1, .prop_count = 1}, other = made;
    struct mime_outgoing bare = {0};

    assert_hr(mime_outgoing_prepare(&kept, NULL), S_OK);
    cr_expect_str_eq(kept.message_id, "<kept@example.org>");
    assert_hr(mime_outgoing_prepare(&made, "other.example"), S_OK);
    assert_hr(mime_outgoing_prepare(&other, "other.example"), S_OK);
    cr_expect_not_null(strstr(made.message_id, "@sender.example>"));
    cr_expect_str_neq(made.message_id, other.message_id);
    cr_expect_str_neq(made.seed, other.seed);
    cr_expect_eq(strlen(made.seed), 32u);
    cr_expect_gt(made.date, 0);
    assert_hr(mime_outgoing_prepare(&bare, "evil\r\n.example"), S_OK);
    cr_expect_null(strpbrk(bare.message_id, "\r\n"));
}
