/* tests/mapi/test_nls.c - MNLS_*: code pages and comparison */
#include <string.h>

#include "mapi/mapinls.h"
#include "mapi/text.h"
#include "support/com.h"

Test(nls, the_c_locale_counts_as_utf8)
{
    cr_expect_eq(MNLS_GetACP(), 65001);
    cr_expect_eq(MNLS_GetUserDefaultLCID(), 0x0409);
}

Test(nls, bytes_become_text)
{
    WCHAR out[16];

    cr_expect_eq(MNLS_MultiByteToWideChar(1252, 0, "\x80\xFC", -1, out, 16), 3);
    cr_expect_eq(utf16_compare(out, u"\u20AC\u00FC"), 0);
    cr_expect_eq(MNLS_MultiByteToWideChar(65001, 0, "\xF0\x9F\x98\x80", 4, out, 16), 2);
    cr_expect_eq(out[0], 0xD83D);
    cr_expect_eq(MNLS_MultiByteToWideChar(932, 0, "\x82\xA0", 2, out, 16), 1);
    cr_expect_eq(out[0], 0x3042);
    cr_expect_eq(MNLS_MultiByteToWideChar(0, 0, "abc", 2, out, 16), 2); /* the locale's */
}

Test(nls, a_size_can_be_asked_for)
{
    WCHAR out[2] = {7, 7};
    char bytes[2];

    cr_expect_eq(MNLS_MultiByteToWideChar(1252, 0, "abc", -1, NULL, 0), 4);
    cr_expect_eq(MNLS_MultiByteToWideChar(1252, 0, "abc", -1, out, 2), 0);
    cr_expect_eq(out[0], 7);
    cr_expect_eq(MNLS_WideCharToMultiByte(1252, 0, u"abc", 3, NULL, 0, NULL, NULL), 3);
    cr_expect_eq(MNLS_WideCharToMultiByte(1252, 0, u"abc", 3, bytes, 2, NULL, NULL), 0);
}

Test(nls, what_is_no_character_is_replaced_or_refused)
{
    WCHAR out[16];

    cr_expect_eq(MNLS_MultiByteToWideChar(65001, 0, "a\xFFz", 3, out, 16), 3);
    cr_expect_eq(out[1], 0xFFFD);
    cr_expect_eq(out[2], 'z');
    cr_expect_eq(MNLS_MultiByteToWideChar(65001, 8, "a\xFFz", 3, out, 16), 0);
    cr_expect_eq(MNLS_MultiByteToWideChar(4711, 0, "a", 1, out, 16), 0);
    cr_expect_eq(MNLS_MultiByteToWideChar(1200, 0, "a", 1, out, 16), 0);
    cr_expect_eq(MNLS_MultiByteToWideChar(1252, 0, NULL, 1, out, 16), 0);
    cr_expect_eq(MNLS_MultiByteToWideChar(1252, 0, "a", 0, out, 16), 0);
}

Test(nls, text_becomes_bytes)
{
    char out[16];
    BOOL used = TRUE;

    cr_expect_eq(MNLS_WideCharToMultiByte(1252, 0, u"\u20AC\u00FC", -1, out, 16, NULL, &used), 3);
    cr_expect_str_eq(out, "\x80\xFC");
    cr_expect_eq(used, FALSE);
    cr_expect_eq(
        MNLS_WideCharToMultiByte(1252, 0, u"a\u3042\xD83D\xDE00z", -1, out, 16, "*", &used), 5);
    cr_expect_str_eq(out, "a**z");
    cr_expect_eq(used, TRUE);
    cr_expect_eq(MNLS_WideCharToMultiByte(65001, 0, u"\u3042", 1, out, 16, NULL, NULL), 3);
    cr_expect_eq(MNLS_WideCharToMultiByte(65001, 0, u"\u3042", 1, out, 16, "*", NULL), 0);
}

Test(nls, strings_are_compared)
{
    cr_expect_eq(MNLS_CompareStringW(0x409, 0, u"a", -1, u"b", -1), 1);
    cr_expect_eq(MNLS_CompareStringW(0x409, 0, u"Ab", -1, u"Abc", 2), 2);
    cr_expect_eq(MNLS_CompareStringW(0x409, NORM_IGNORECASE, u"B", -1, u"a", -1), 3);
    cr_expect_eq(MNLS_CompareStringW(0x409, NORM_IGNORECASE, u"ABC", -1, u"abc", -1), 2);
    cr_expect_neq(MNLS_CompareStringW(0x409, 0, u"ABC", -1, u"abc", -1), 2);
    cr_expect_eq(MNLS_CompareStringW(0x409, NORM_IGNORENONSPACE, u"\u00FC", -1, u"u", -1), 2);
    cr_expect_eq(MNLS_CompareStringW(0x409, NORM_IGNORESYMBOLS, u"a-b", -1, u"ab", -1), 2);
    cr_expect_eq(MNLS_CompareStringW(0x409, 0x80, u"a", -1, u"a", -1), 0);
    cr_expect_eq(MNLS_CompareStringW(0x409, 0, NULL, -1, u"a", -1), 0);
    cr_expect_eq(MNLS_CompareStringA(0x409, NORM_IGNORECASE, "\xC3\x9C", -1, "\xC3\xBC", -1), 2);
    cr_expect_lt(MNLS_lstrcmpW(u"a", u"b"), 0);
    cr_expect_eq(MNLS_lstrcmpW(u"a", u"a"), 0);
    cr_expect_gt(MNLS_lstrcmpW(u"a", NULL), 0);
}

Test(nls, strings_are_measured_and_copied)
{
    WCHAR out[4];

    cr_expect_eq(MNLS_lstrlenW(u"abc"), 3);
    cr_expect_eq(MNLS_lstrlenW(NULL), 0);
    cr_expect_eq(MNLS_lstrcpyW(out, u"abc"), out);
    cr_expect_eq(utf16_compare(out, u"abc"), 0);
    cr_expect_null(MNLS_lstrcpyW(NULL, out));
    cr_expect(!MNLS_IsBadStringPtrW(out, 4) && MNLS_IsBadStringPtrW(NULL, 4));
}
