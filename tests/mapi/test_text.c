/* tests/mapi/test_text.c - UTF-8, UTF-16, code pages and loose comparison */
#include <criterion/criterion.h>
#include <locale.h>
#include <string.h>

#include "mapi/text.h"
#include "support/com.h"

static void expect_wide(const char *utf8, const WCHAR *expected)
{
    WCHAR *wide;
    char *back;

    assert_hr(text_utf8_to_utf16(NULL, utf8, &wide), S_OK);
    cr_expect(utf16_compare(wide, expected) == 0, "%s", utf8);
    assert_hr(text_utf16_to_utf8(wide, wide, &back), S_OK);
    cr_expect(utf8_is_valid(back, strlen(back)));
    mapi_free(wide);
}

Test(text, converts_every_plane_there_and_back) /* PRP-006 */
{
    expect_wide("", u"");
    expect_wide("aé€", u"aé€");
    expect_wide("😀x", u"\xD83D\xDE00x");
    expect_wide("\xF4\x8F\xBF\xBF", u"\xDBFF\xDFFF");
}

Test(text, replaces_what_is_no_character)
{
    expect_wide("a\xFF"
                "b",
                u"a\xFFFD"
                u"b");
    expect_wide("\xC0\xAF", u"\xFFFD\xFFFD");           /* overlong */
    expect_wide("\xED\xA0\x80", u"\xFFFD\xFFFD\xFFFD"); /* a surrogate */
    expect_wide("\xE2\x82", u"\xFFFD\xFFFD");           /* cut */
}

Test(text, lone_surrogates_become_replacement)
{
    const WCHAR lone[] = {'a', 0xD800, 'b', 0xDC00, 0};
    char *utf8;

    assert_hr(text_utf16_to_utf8(NULL, lone, &utf8), S_OK);
    cr_expect_str_eq(utf8, "a\xEF\xBF\xBD"
                           "b\xEF\xBF\xBD");
    mapi_free(utf8);
}

Test(text, buffers_are_cut_at_characters)
{
    WCHAR wide[3];
    char narrow[4];

    cr_expect_eq(utf8_to_utf16("a😀", 5, wide, 3), 3);
    cr_expect_eq(wide[0], 'a');
    cr_expect_eq(wide[1], 0); /* the pair did not fit */
    cr_expect_eq(utf16_to_utf8(u"é€", 2, narrow, 4), 5);
    cr_expect_str_eq(narrow, "é");
}

Test(text, null_stays_null)
{
    WCHAR *wide = (WCHAR *)1;
    char *narrow = (char *)1;

    expect_hr(text_utf8_to_utf16(NULL, NULL, &wide), S_OK);
    cr_expect_null(wide);
    expect_hr(text_utf16_to_8bit(NULL, NULL, &narrow), S_OK);
    cr_expect_null(narrow);
}

Test(text, the_c_locale_counts_as_utf8)
{
    char *narrow;

    assert_hr(text_utf16_to_8bit(NULL, u"Zürich", &narrow), S_OK);
    cr_expect_str_eq(narrow, "Zürich");
    mapi_free(narrow);
}

Test(text, an_8bit_locale_is_obeyed)
{
    char *narrow;
    WCHAR *wide;

    if (!setlocale(LC_CTYPE, "de_DE.ISO-8859-1") && !setlocale(LC_CTYPE, "de_DE"))
        cr_skip("no 8-bit locale is installed");
    assert_hr(text_utf16_to_8bit(NULL, u"Zürich €", &narrow), S_OK);
    cr_expect_str_eq(narrow, "Z\xFCrich ?");
    assert_hr(text_8bit_to_utf16(narrow, narrow, &wide), S_OK);
    cr_expect(utf16_compare(wide, u"Zürich ?") == 0);
    mapi_free(narrow);
}

Test(text, arguments_and_results_follow_the_flag) /* PRP-006 */
{
    char *utf8;
    LPTSTR result;

    assert_hr(text_from_argument(NULL, u"ä", MAPI_UNICODE, &utf8), S_OK);
    cr_expect_str_eq(utf8, "ä");
    mapi_free(utf8);
    assert_hr(text_from_argument(NULL, "ä", 0, &utf8), S_OK);
    cr_expect_str_eq(utf8, "ä");
    assert_hr(text_to_result(utf8, utf8, MAPI_UNICODE, &result), S_OK);
    cr_expect(utf16_compare((WCHAR *)result, u"ä") == 0);
    mapi_free(utf8);
}

Test(text, compares_as_loosely_as_asked)
{
    cr_expect(text_compare(u"Straße", u"STRASSE", 0) != 0);
    cr_expect(text_compare(u"Straße", u"STRASSE", FL_IGNORECASE) == 0);
    cr_expect(text_compare(u"résumé", u"RESUME", FL_IGNORECASE) != 0);
    cr_expect(text_compare(u"résumé", u"resume", FL_IGNORENONSPACE) == 0);
    cr_expect(text_compare(u"résumé", u"RESUME", FL_IGNORENONSPACE) != 0);
    cr_expect(text_compare(u"ＡＢＣ", u"abc", FL_LOOSE) == 0);
    cr_expect(text_compare(u"Ω", u"ω", FL_IGNORECASE) == 0);
    cr_expect(text_compare(u"e\u0301", u"É", FL_IGNORECASE) == 0); /* composed or not */
}

Test(text, letters_count_before_accents)
{
    cr_expect(text_compare(u"A", u"Ä", FL_IGNORECASE) < 0);
    cr_expect(text_compare(u"ä", u"AB", FL_IGNORECASE) < 0);
    cr_expect(text_compare(u"äb", u"ac", FL_IGNORECASE) < 0);
    cr_expect(text_compare(u"abc", u"ABD", FL_IGNORECASE) < 0);
}
