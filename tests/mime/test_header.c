/* tests/mime/test_header.c - fields, encoded words, parameters, addresses, dates, properties */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/oneoff.h"
#include "mapi/text.h"
#include "mime/charset.h"
#include "mime/header.h"
#include "mime/header_props.h"
#include "mime/header_text.h"
#include "support/com.h"

static struct arena arena;

static void clear(void)
{
    arena_clear(&arena);
}

TestSuite(header, .fini = clear);

/* --- Fields ----------------------------------------------------------------------------------- */

Test(header, reads_fields_and_passes_over_the_rest)
{
    static const char block[] = "From a@b Mon Jan 1\r\nA: 1\r\nnonsense\nB : two\r\n  more \r\n"
                                ": no name\r\nC:\r\n\r\nD: body\r\n";
    const char *at = block, *end = block + sizeof(block) - 1;
    struct header_field field;

    cr_assert(header_next(&at, end, &field));
    cr_expect(header_field_is(&field, "a") && field.value_size == 1);
    cr_assert(header_next(&at, end, &field));
    cr_expect(header_field_is(&field, "B"));
    cr_expect_eq(strncmp(field.value, "two\r\n  more", field.value_size), 0);
    cr_assert(header_next(&at, end, &field));
    cr_expect(header_field_is(&field, "C") && field.value_size == 0);
    cr_expect_not(header_next(&at, end, &field));
    cr_expect_str_eq(at, "D: body\r\n");
}

/* --- Encoded words ---------------------------------------------------------------------------- */

static void expect_text(const char *raw, const char *expected)
{
    cr_expect_str_eq(header_text_decode(&arena, raw, strlen(raw)), expected);
}

Test(header, decodes_encoded_words_of_many_charsets)
{
    expect_text("=?iso-8859-1?Q?Gr=FC=DFe_aus?= Berlin", "Grüße aus Berlin");
    expect_text("=?utf-8?B?w6Q=?=\r\n =?utf-8?b?w7Y=?=", "äö");
    expect_text("=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=", "ä"); /* a character split between words */
    expect_text("=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "日本");
    expect_text("=?koi8-r?Q?=F0=D2=C9=D7=C5=D4?=", "Привет");
    expect_text("=?gb2312?B?xOO6ww==?=", "你好");
    expect_text("=?utf-8*en?Q?a?=b", "ab");
}

Test(header, leaves_broken_words_readable)
{
    expect_text("=?utf-8?X?abc?=", "=?utf-8?X?abc?=");
    expect_text("=?utf-8?Q?abc", "=?utf-8?Q?abc");
    expect_text("a = b", "a = b");
    expect_text("=?no-such-charset?Q?caf=E9?=", "café"); /* taken for windows-1252 */
    expect_text("=?utf-8?Q?=FF?=", "\xEF\xBF\xBD");
}

Test(header, raw_8_bit_text_is_utf8_or_the_fallback)
{
    expect_text("caf\xC3\xA9", "café");
    expect_text("caf\xE9", "café");
    cr_expect_str_eq(header_text_decode_in(&arena, "koi8-r", "\xF0\xD2", 2), "Пр");
    cr_expect_str_eq(header_text_decode_in(&arena, "koi8-r", "\xC3\xA9", 2), "é");
}

/* --- Charsets --------------------------------------------------------------------------------- */

Test(charset, knows_code_pages_by_all_their_names)
{
    cr_expect_eq(charset_codepage("UTF-8"), 65001u);
    cr_expect_eq(charset_codepage("iso-8859-1"), 28591u);
    cr_expect_eq(charset_codepage("windows-1251"), 1251u);
    cr_expect_eq(charset_codepage("cp1251"), 1251u);
    cr_expect_eq(charset_codepage("ibm850"), 850u);
    cr_expect_eq(charset_codepage("windows-12x"), 0u);
    cr_expect_eq(charset_codepage("klingon"), 0u);
    cr_expect_str_eq(charset_of_codepage(28591), "iso-8859-1");
    cr_expect_null(charset_of_codepage(1));
}

/* --- Parameters ------------------------------------------------------------------------------- */

static const char *param(const char *field, const char *name)
{
    struct mime_param *params;
    const char *value;
    size_t count;

    cr_assert(header_value_parse(&arena, field, strlen(field), &value, &params, &count));
    return header_param_find(params, count, name);
}

Test(header, reads_parameters_as_programs_write_them)
{
    cr_expect_str_eq(param("text/plain; charset=UTF-8", "charset"), "UTF-8");
    cr_expect_str_eq(param("text/plain (x;y); Charset = \"a b\" ; q=1", "charset"), "a b");
    cr_expect_str_eq(param("a/b; name=\"C:\\dir\\x \\\"y\\\"\"", "name"), "C:\\dir\\x \"y\"");
    cr_expect_str_eq(param("a/b; name=two words.txt", "name"), "two words.txt");
    cr_expect_str_eq(param("a/b; name=\"=?utf-8?Q?=C3=BC?=\"", "name"), "ü");
    cr_expect_str_eq(param("a/b;;;name=\"open", "name"), "open");
    cr_expect_null(param("a/b; name", "name"));
}

Test(header, joins_and_decodes_continued_parameters)
{
    cr_expect_str_eq(param("a; filename*=utf-8'de'%C3%BC.txt", "filename"), "ü.txt");
    cr_expect_str_eq(param("a; filename*=iso-8859-1''%FC", "filename"), "ü");
    cr_expect_str_eq(param("a; f*1=\"b c\"; f*0*=utf-8''%C3%A4; f*2*=%C3%B6", "f"), "äb cö");
    cr_expect_str_eq(param("a; f*0*=utf-8''%C3; f*1*=%A4", "f"), "ä"); /* split within */
    cr_expect_str_eq(param("a; f=plain; f*=utf-8''better", "f"), "better");
    cr_expect_str_eq(param("a; f*0=one; f*2=lost", "f"), "one");
    cr_expect_str_eq(param("a; f*=nonsense", "f"), "nonsense");
}

Test(header, drops_parameters_beyond_the_limit)
{
    char field[4096] = "a/b";
    size_t size = 3;

    for (int i = 0; i < 200; i++)
        size += (size_t)sprintf(field + size, "; p%d=%d", i, i);
    cr_expect_str_eq(param(field, "p63"), "63");
    cr_expect_null(param(field, "p64"));
}

/* --- Addresses -------------------------------------------------------------------------------- */

/* "name<address>" joined by "|". */
static const char *addresses(const char *field)
{
    static char text[1024];
    struct header_address *list;
    size_t count, size = 0;

    text[0] = '\0';
    cr_assert(header_addresses_parse(&arena, NULL, field, strlen(field), &list, &count));
    for (; list; list = list->next)
        size +=
            (size_t)sprintf(text + size, "%s%s<%s>", size ? "|" : "", list->name, list->address);
    return text;
}

Test(header, reads_addresses_as_programs_write_them)
{
    cr_expect_str_eq(addresses("a@b.c"), "<a@b.c>");
    cr_expect_str_eq(addresses("Ann Lee <a@b.c>, b@c.d"), "Ann Lee<a@b.c>|<b@c.d>");
    cr_expect_str_eq(addresses("\"Doe, John \\\"J\\\"\" <j@d.e>"), "Doe, John \"J\"<j@d.e>");
    cr_expect_str_eq(addresses("a@b.c (Ann (A.) Lee)"), "Ann (A.) Lee<a@b.c>");
    cr_expect_str_eq(addresses("=?utf-8?Q?J=C3=B6rg?=\r\n =?utf-8?Q?_M?= <j@d.e>"),
                     "Jörg M<j@d.e>");
    cr_expect_str_eq(addresses("\"=?utf-8?Q?=C3=BC?=\" <j@d.e>"), "ü<j@d.e>");
    cr_expect_str_eq(addresses("<@a,@b:c@d.e>"), "<c@d.e>");
    cr_expect_str_eq(addresses("\"john doe\"@d.e"), "<\"john doe\"@d.e>");
    cr_expect_str_eq(addresses("John Doe j@d.e"), "John Doe<j@d.e>");
    cr_expect_str_eq(addresses("a@b.c; d@e.f"), "<a@b.c>|<d@e.f>");
}

Test(header, flattens_groups)
{
    cr_expect_str_eq(addresses("undisclosed-recipients:;"), "");
    cr_expect_str_eq(addresses("Team: a@b.c, Bob <b@c.d>;, x@y.z"), "<a@b.c>|Bob<b@c.d>|<x@y.z>");
}

Test(header, survives_broken_address_lists)
{
    cr_expect_str_eq(addresses(""), "");
    cr_expect_str_eq(addresses(",,; ,"), "");
    cr_expect_str_eq(addresses("<>"), "");
    cr_expect_str_eq(addresses("Name <>"), "Name<>");
    cr_expect_str_eq(addresses("Just A Name"), "Just A Name<Just A Name>");
    cr_expect_str_eq(addresses("\"open <a@b.c>"), "open<a@b.c>");
    cr_expect_str_eq(addresses("Ann <a@b.c"), "Ann<a@b.c>");
    cr_expect_str_eq(addresses("(open"), "");
}

/* --- Dates and subjects ----------------------------------------------------------------------- */

Test(header, reads_dates_in_all_their_forms)
{
    cr_expect_eq(header_date_parse("Mon, 2 Nov 2020 10:00:00 +0100"), 1604307600);
    cr_expect_eq(header_date_parse("2 Nov 2020 09:00 GMT"), 1604307600);
    cr_expect_eq(header_date_parse("Mon, 02-Nov-20 04:00:00 EST (comment)"), 1604307600);
    cr_expect_eq(header_date_parse("yesterday"), INT64_MIN);
    cr_expect_eq(header_date_parse(""), INT64_MIN);
    cr_expect_eq(header_date_parse("40 Nov 2020 09:00:00"), INT64_MIN);
}

Test(header, takes_prefixes_off_subjects)
{
    cr_expect_eq(subject_prefix_length("Re: x"), 4u);
    cr_expect_eq(subject_prefix_length("Re: AW: x"), 8u);
    cr_expect_eq(subject_prefix_length("Topic: x"), 0u);
    cr_expect_eq(subject_prefix_length("12: x"), 0u);
    cr_expect_eq(subject_prefix_length(""), 0u);
}

/* --- Properties ------------------------------------------------------------------------------- */

static const SPropValue *get(const SPropValue *values, ULONG count, ULONG tag)
{
    for (ULONG i = 0; i < count; i++)
        if (values[i].ulPropTag == tag)
            return &values[i];
    return NULL;
}

static void expect_string(const SPropValue *values, ULONG count, ULONG tag, const char *expected)
{
    const SPropValue *value = get(values, count, tag);
    char *text;

    cr_assert_not_null(value, "%08x is missing", tag);
    assert_hr(text_utf16_to_utf8(NULL, value->Value.lpszW, &text), S_OK);
    cr_expect_str_eq(text, expected, "%08x", tag);
    mapi_free(text);
}

static const char sample[] = "Received: from x; Mon, 2 Nov 2020 10:00:05 +0100\r\n"
                             "From: =?utf-8?Q?J=C3=B6rg?= <joerg@example.org>\r\n"
                             "Sender: Office <office@example.org>\r\n"
                             "To: Ann <ann@example.org>, bob@example.org\r\n"
                             "Cc: Carl <carl@example.org>\r\n"
                             "Bcc: dora@example.org\r\n"
                             "Reply-To: Desk <desk@example.org>, two@example.org\r\n"
                             "Subject: Re: Plan\r\n"
                             "Date: Mon, 2 Nov 2020 10:00:00 +0100\r\n"
                             "Message-ID: <1@example.org>\r\n"
                             "In-Reply-To: <0@example.org>\r\n"
                             "References: <a@example.org>\r\n <0@example.org>\r\n"
                             "Thread-Topic: Plan\r\n"
                             "Thread-Index: AQHXAAAAAAAAAAAAAAAAAAAAAAAAAA==\r\n"
                             "X-Priority: 1 (Highest)\r\n"
                             "Sensitivity: Private\r\n"
                             "Disposition-Notification-To: joerg@example.org\r\n"
                             "X-Auto-Response-Suppress: DR, OOF\r\n"
                             "\r\n";

Test(header, maps_fields_to_properties)
{
    SPropValue *values;
    ULONG count;

    assert_hr(mime_header_props(sample, strlen(sample), NULL, &values, &count), S_OK);
    expect_string(values, count, PR_SUBJECT_W, "Re: Plan");
    expect_string(values, count, PR_SUBJECT_PREFIX_W, "Re: ");
    expect_string(values, count, PR_NORMALIZED_SUBJECT_W, "Plan");
    expect_string(values, count, PR_CONVERSATION_TOPIC_W, "Plan");
    expect_string(values, count, PR_DISPLAY_TO_W, "Ann; bob@example.org");
    expect_string(values, count, PR_DISPLAY_CC_W, "Carl");
    expect_string(values, count, PR_DISPLAY_BCC_W, "dora@example.org");
    expect_string(values, count, PR_REPLY_RECIPIENT_NAMES_W, "Desk; two@example.org");
    expect_string(values, count, PR_INTERNET_MESSAGE_ID_W, "<1@example.org>");
    expect_string(values, count, PR_IN_REPLY_TO_ID_W, "<0@example.org>");
    expect_string(values, count, PR_INTERNET_REFERENCES_W, "<a@example.org> <0@example.org>");
    expect_string(values, count, PR_TRANSPORT_MESSAGE_HEADERS_W, sample);
    cr_expect_eq(get(values, count, PR_IMPORTANCE)->Value.l, 2);
    cr_expect_eq(get(values, count, PR_SENSITIVITY)->Value.l, 2);
    cr_expect(get(values, count, PR_READ_RECEIPT_REQUESTED)->Value.b);
    cr_expect_eq(get(values, count, PR_CONVERSATION_INDEX)->Value.bin.cb, 22u);
    cr_expect_eq(get(values, count, PROP_TAG(PT_LONG, 0x3FDF))->Value.l, 0x11);
    mapi_free(values);
}

Test(header, from_is_representing_and_sender_is_sender) /* CNV-085 */
{
    SPropValue *values;
    ULONG count;

    assert_hr(mime_header_props(sample, strlen(sample), NULL, &values, &count), S_OK);
    expect_string(values, count, PR_SENT_REPRESENTING_NAME_W, "Jörg");
    expect_string(values, count, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, "joerg@example.org");
    expect_string(values, count, PR_SENDER_NAME_W, "Office");
    expect_string(values, count, PR_SENDER_ADDRTYPE_W, "SMTP");
    mapi_free(values);
}

Test(header, each_sender_stands_in_for_the_other) /* CNV-086 */
{
    static const char *const blocks[] = {"From: A <a@b.c>\r\n", "Sender: A <a@b.c>\r\n"};

    for (size_t i = 0; i < 2; i++) {
        SPropValue *values;
        ULONG count;

        assert_hr(mime_header_props(blocks[i], strlen(blocks[i]), NULL, &values, &count), S_OK);
        expect_string(values, count, PR_SENT_REPRESENTING_NAME_W, "A");
        expect_string(values, count, PR_SENDER_EMAIL_ADDRESS_W, "a@b.c");
        mapi_free(values);
    }
}

Test(header, an_empty_block_has_the_properties_that_are_always_there)
{
    SPropValue *values;
    ULONG count;

    assert_hr(mime_header_props("", 0, NULL, &values, &count), S_OK);
    expect_string(values, count, PR_SUBJECT_W, "");
    expect_string(values, count, PR_DISPLAY_TO_W, "");
    cr_expect_eq(get(values, count, PR_IMPORTANCE)->Value.l, 1);
    cr_expect_null(get(values, count, PR_SENDER_NAME_W));
    cr_expect_null(get(values, count, PR_CLIENT_SUBMIT_TIME));
    mapi_free(values);
}

Test(header, results_hang_off_the_root_that_is_given) /* MEM-010 */
{
    void *root = mapi_alloc(NULL, 1);
    SPropValue *values;
    SRow *rows;
    ULONG count;

    assert_hr(mime_header_props(sample, strlen(sample), root, &values, &count), S_OK);
    assert_hr(mime_header_recipients(sample, strlen(sample), root, &rows, &count), S_OK);
    cr_expect_eq(count, 4u);
    mapi_free(root); /* the leak check says whether this was all */
}

Test(header, recipients_are_rows_with_one_off_ids) /* ABK-030 */
{
    static const LONG types[] = {MAPI_TO, MAPI_TO, MAPI_CC, MAPI_BCC};
    SRow *rows;
    ULONG count;

    assert_hr(mime_header_recipients(sample, strlen(sample), NULL, &rows, &count), S_OK);
    cr_assert_eq(count, 4u);
    for (ULONG i = 0; i < count; i++) {
        const SPropValue *id = get(rows[i].lpProps, rows[i].cValues, PR_ENTRYID);
        struct oneoff oneoff;

        cr_expect_eq(get(rows[i].lpProps, rows[i].cValues, PR_RECIPIENT_TYPE)->Value.l, types[i]);
        cr_expect_eq(get(rows[i].lpProps, rows[i].cValues, PR_ROWID)->Value.l, (LONG)i);
        assert_hr(oneoff_parse(rows, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, &oneoff),
                  S_OK);
        expect_string(rows[i].lpProps, rows[i].cValues, PR_EMAIL_ADDRESS_W, oneoff.address);
        expect_string(rows[i].lpProps, rows[i].cValues, PR_DISPLAY_NAME_W, oneoff.name);
        cr_expect_str_eq(oneoff.type, "SMTP");
    }
    cr_expect_str_eq((char *)get(rows[0].lpProps, rows[0].cValues, PR_SEARCH_KEY)->Value.bin.lpb,
                     "SMTP:ANN@EXAMPLE.ORG");
    mapi_free(rows);
}

Test(header, recipients_beyond_the_limit_are_dropped)
{
    size_t size = 4, number = MIME_RECIPIENTS_MAX + 100;
    char *block = malloc(number * 12 + 8);
    SRow *rows;
    ULONG count;

    strcpy(block, "To: ");
    for (size_t i = 0; i < number; i++)
        size += (size_t)sprintf(block + size, "u%zu@b.c,", i);
    assert_hr(mime_header_recipients(block, size, NULL, &rows, &count), S_OK);
    cr_expect_eq(count, (ULONG)MIME_RECIPIENTS_MAX);
    mapi_free(rows);
    free(block);
}
