/* tests/mapi/test_oneoff.c - one-off entry ids, byte for byte, and what people type for one */
#include <string.h>

#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "support/com.h"

#define HEAD "\0\0\0\0\x81\x2B\x1F\xA4\xBE\xA3\x10\x19\x9D\x6E\x00\xDD\x01\x0F\x54\x02"

static void expect_id(LPTSTR name, LPTSTR type, LPTSTR address, ULONG flags, const void *expected,
                      ULONG expected_size)
{
    ENTRYID *id = NULL;
    ULONG size = 0;

    assert_hr(oneoff_from_arguments(name, type, address, flags, &size, &id), S_OK);
    cr_assert_eq(size, expected_size, "%u bytes", (unsigned)size);
    cr_expect_eq(memcmp(id, expected, size), 0);
    mapi_free(id); /* ABK-035 */
}

Test(oneoff, both_widths_byte_for_byte) /* ABK-037, ABK-038, ABK-039, ABK-040, ABK-041 */
{
    static const char narrow[] = HEAD "\0\0\0\0A B\0X\0a@b";
    static const char narrow_no_rich[] = HEAD "\0\0\x01\0A B\0X\0a@b";
    static const char wide[] = HEAD "\0\0\0\x80"
                                    "\xC4\0\0\0"
                                    "X\0\0\0a\0@\0b\0\0";
    static const char wide_no_rich[] = HEAD "\0\0\x01\x80"
                                            "\xC4\0\0\0"
                                            "X\0\0\0a\0@\0b\0\0";

    expect_id((LPTSTR) "A B", (LPTSTR) "X", (LPTSTR) "a@b", 0, narrow, sizeof(narrow));
    expect_id((LPTSTR) "A B", (LPTSTR) "X", (LPTSTR) "a@b", MAPI_SEND_NO_RICH_INFO, narrow_no_rich,
              sizeof(narrow_no_rich));
    expect_id((LPTSTR)u"Ä", (LPTSTR)u"X", (LPTSTR)u"a@b", MAPI_UNICODE, wide, sizeof(wide));
    expect_id((LPTSTR)u"Ä", (LPTSTR)u"X", (LPTSTR)u"a@b", MAPI_UNICODE | MAPI_SEND_NO_RICH_INFO,
              wide_no_rich, sizeof(wide_no_rich));
}

Test(oneoff, type_and_address_must_be_there_and_the_name_need_not) /* ABK-034 */
{
    static const char nameless[] = HEAD "\0\0\0\0a@b\0X\0a@b";
    ENTRYID *id = NULL;
    ULONG size = 0;

    expect_hr(oneoff_from_arguments((LPTSTR) "A", NULL, (LPTSTR) "a", 0, &size, &id),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(oneoff_from_arguments((LPTSTR) "A", (LPTSTR) "X", NULL, 0, &size, &id),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(oneoff_from_arguments((LPTSTR) "A", (LPTSTR) "X", (LPTSTR) "a", 0x10, &size, &id),
              MAPI_E_UNKNOWN_FLAGS);
    cr_expect_null(id);
    expect_id(NULL, (LPTSTR) "X", (LPTSTR) "a@b", 0, nameless, sizeof(nameless));
}

Test(oneoff, both_forms_read_as_the_same)
{
    void *root = mapi_alloc(NULL, 1);
    struct oneoff oneoff = {.name = "Jörg", .type = "SMTP", .address = "j@example.org"}, read;
    ENTRYID *id;
    ULONG size;

    for (int form = 0; form < 2; form++) {
        oneoff.is_8bit = form;
        oneoff.no_rich_info = form;
        assert_hr(oneoff_create(root, &oneoff, &size, &id), S_OK);
        assert_hr(oneoff_parse(root, size, id, &read), S_OK);
        cr_expect_str_eq(read.name, oneoff.name);
        cr_expect_str_eq(read.type, oneoff.type);
        cr_expect_str_eq(read.address, oneoff.address);
        cr_expect_eq(read.is_8bit, oneoff.is_8bit);
        cr_expect_eq(read.no_rich_info, oneoff.no_rich_info);
        for (ULONG cut = 0; cut < size; cut++)
            cr_expect(FAILED(oneoff_parse(root, cut, id, &read)), "%u bytes", (unsigned)cut);
    }
    mapi_free(root);
}

Test(oneoff, internet_mail_has_no_rich_text) /* ABK-036 */
{
    struct oneoff oneoff = {.type = "FAX"};

    cr_expect(oneoff_takes_rich_info(&oneoff));
    oneoff.no_rich_info = true;
    cr_expect_not(oneoff_takes_rich_info(&oneoff));
    oneoff = (struct oneoff){.type = "smtp"};
    cr_expect_not(oneoff_takes_rich_info(&oneoff));
}

Test(oneoff, a_search_key_is_upper_case_with_its_zero) /* ABK-043 */
{
    static const char expected[] = "SMTP:ANN@EXAMPLE.ORG";
    SBinary key;

    assert_hr(oneoff_search_key(NULL, "smtp", "Ann@Example.org", &key), S_OK);
    cr_assert_eq(key.cb, sizeof(expected));
    cr_expect_eq(memcmp(key.lpb, expected, sizeof(expected)), 0);
    mapi_free(key.lpb);
}

/* --- What people type ------------------------------------------------------------------------- */

/* NULL: it is a name to look for. */
static void expect_text(const char *text, const char *name, const char *type, const char *address)
{
    void *root = mapi_alloc(NULL, 1);
    struct oneoff oneoff = {0};
    HRESULT hr = oneoff_from_text(root, text, &oneoff);

    cr_expect_eq(hr, name ? S_OK : MAPI_E_NOT_FOUND, "%s: %08X", text, (unsigned)hr);
    if (hr == S_OK && name) {
        cr_expect_str_eq(oneoff.name, name);
        cr_expect_str_eq(oneoff.type, type);
        cr_expect_str_eq(oneoff.address, address);
    }
    mapi_free(root);
}

Test(oneoff, an_internet_address_stands_for_itself) /* ABK-024 */
{
    expect_text("ann@example.org", "ann@example.org", "SMTP", "ann@example.org");
    expect_text("  ann.o'neil+x@mail.example.org ", "ann.o'neil+x@mail.example.org", "SMTP",
                "ann.o'neil+x@mail.example.org");
    expect_text("jörg@bücher.example", "jörg@bücher.example", "SMTP", "jörg@bücher.example");
    expect_text("ann@localhost", NULL, NULL, NULL);
    expect_text("ann@@example.org", NULL, NULL, NULL);
    expect_text("@example.org", NULL, NULL, NULL);
    expect_text("ann@example..org", NULL, NULL, NULL);
    expect_text("ann@-example.org", NULL, NULL, NULL);
    expect_text("ann@example.org.", NULL, NULL, NULL);
    expect_text("Ann Example", NULL, NULL, NULL);
    expect_text("two words@example.org", NULL, NULL, NULL);
    expect_text("", NULL, NULL, NULL);
}

Test(oneoff, a_bracketed_address_has_its_type) /* ABK-025, ABK-045, ABK-047 */
{
    expect_text("Ann Example[FAX:+49 30 1]", "Ann Example", "FAX", "+49 30 1");
    expect_text("Ann [smtp:ann@localhost] \t", "Ann", "SMTP", "ann@localhost");
    expect_text("[SMTP:ann@localhost]", "ann@localhost", "SMTP", "ann@localhost");
    expect_text("Ann[SMTP:ann@localhost] x", NULL, NULL, NULL);
    expect_text("Ann[SMTP:ann@localhost", NULL, NULL, NULL);
    expect_text("Ann[ann@localhost]", NULL, NULL, NULL);
    expect_text("Ann[:ann@localhost]", NULL, NULL, NULL);
    expect_text("Ann[SMTP:]", NULL, NULL, NULL);
    expect_text("Ann SMTP:ann@localhost]", NULL, NULL, NULL);
}

Test(oneoff, a_backslash_quotes) /* ABK-046 */
{
    expect_text("A\\[b\\][X:a\\]b\\:c]", "A[b]", "X", "a]b:c");
    expect_text("A[X:\\x41\\x7a\\\\]", "A", "X", "Az\\");
    expect_text("A[X:\\xZ]", "A", "X", "xZ");
    expect_text("A[X:\\x00]", NULL, NULL, NULL);
    expect_text("A[X:a\\", NULL, NULL, NULL);
    expect_text("A[X:a\\]", NULL, NULL, NULL);
}
