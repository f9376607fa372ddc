/* tests/mapi/test_rtf_sync.c - RTF as text and back, and messages that have both */
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/prop_object.h"
#include "mapi/propval.h"
#include "mapi/rtf_text.h"
#include "mapi/stream.h"
#include "mapi/text.h"
#include "support/com.h"

static void expect_text(const char *rtf, const WCHAR *expected)
{
    WCHAR *text;
    char *shown;

    assert_hr(rtf_to_text(rtf, strlen(rtf), &text), S_OK);
    assert_hr(text_utf16_to_utf8(NULL, text, &shown), S_OK);
    cr_expect_eq(utf16_compare(text, expected), 0, "%s: \"%s\"", rtf, shown);
    MAPIFreeBuffer(shown);
    MAPIFreeBuffer(text);
}

Test(rtf_text, words_and_groups_leave_the_text)
{
    expect_text("{\\rtf1\\ansi Hello {\\b bold} world}", u"Hello bold world");
    expect_text("{\\rtf1 one\\par two\\line three\\tab four}", u"one\r\ntwo\r\nthree\tfour");
    expect_text("{\\rtf1 a\\{b\\}c\\\\d\\~e\\-f}", u"a{b}c\\d\u00A0ef");
    expect_text("{\\rtf1 split\r\nline}", u"splitline");
    expect_text("{\\rtf1\\b0 x\\fs20y}", u"xy");
}

Test(rtf_text, what_is_no_text_is_hidden)
{
    expect_text("{\\rtf1{\\fonttbl{\\f0 Arial;}}{\\colortbl;\\red0;}{\\*\\generator x;}"
                "{\\info{\\title t}}{\\pict\\bin4 }}{{x}a}",
                u"a");
    expect_text("{\\rtf1\\fromhtml1{\\*\\htmltag64 <p>}a{\\*\\htmltag72 </p>}}", u"a");
    expect_text("{\\rtf1{\\stylesheet{s}}{\\header h}b}", u"b");
}

Test(rtf_text, characters_of_all_sets)
{
    expect_text("{\\rtf1\\ansi\\ansicpg1252 \\'fc\\'80}", u"\u00FC\u20AC");
    expect_text("{\\rtf1\\ansicpg1251 \\'cf}", u"\u041F");
    expect_text("{\\rtf1\\ansi{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset128 B;}}"
                "\\f1\\'82\\'a0\\f0\\'e9}",
                u"\u3042\u00E9");
    expect_text("{\\rtf1\\uc1 \\u228?x\\u-10179?\\u-8704?\\u8364\\'80y}",
                u"\u00E4x\U0001F600\u20ACy");
    expect_text("{\\rtf1\\uc0 \\u228x{\\uc2\\u229ab}c}", u"\u00E4x\u00E5c");
    expect_text("{\\rtf1 \\ldblquote a\\rdblquote\\emdash b}", u"\u201Ca\u201D\u2014b");
}

Test(rtf_text, a_long_run_of_double_bytes_stays_whole)
{
    enum { COUNT = 200 };
    char rtf[64 + COUNT * 8] = "{\\rtf1\\ansicpg932 a";
    WCHAR expected[COUNT + 2] = u"a";

    for (int i = 0; i < COUNT; i++) {
        strcat(rtf, "\\'82\\'a0");
        expected[i + 1] = u'\u3042';
    }
    strcat(rtf, "}");
    expect_text(rtf, expected);
}

Test(rtf_text, broken_rtf_gives_what_there_is)
{
    char deep[2000];
    WCHAR *text;

    expect_text("{\\rtf1 a}}}b", u"ab");
    expect_text("{\\rtf1 {{{a", u"a");
    expect_text("{\\rtf1 a\\'", u"a");
    expect_text("{\\rtf1 a\\", u"a");
    expect_text("{\\rtf1 a\\u", u"a\x0001");
    expect_text("{\\rtf1\\bin99999999 a}", u"a");
    expect_hr(rtf_to_text("hello", 5, &text), MAPI_E_CORRUPT_DATA);
    expect_hr(rtf_to_text("", 0, &text), MAPI_E_CORRUPT_DATA);
    memset(deep, '{', sizeof(deep));
    memcpy(deep, "{\\rtf1", 6);
    expect_hr(rtf_to_text(deep, sizeof(deep), &text), MAPI_E_TOO_COMPLEX);
}

Test(rtf_text, text_comes_back)
{
    static const WCHAR text[] = u"a\tb {c} \\d\r\n\r\n\u00FC \U0001F600 \u3042\r\nend";
    WCHAR *back;
    size_t size;
    char *rtf;

    assert_hr(rtf_from_text(text, &rtf, &size), S_OK);
    cr_expect_eq(size, strlen(rtf));
    cr_expect_not_null(strstr(rtf, "\\fromtext"));
    assert_hr(rtf_to_text(rtf, size, &back), S_OK);
    cr_expect_eq(utf16_compare(back, text), 0);
    MAPIFreeBuffer(back);
    MAPIFreeBuffer(rtf);
}

/* ---- The body from which it was made ---- */

static void expect_native(const char *rtf, UINT code_page, ULONG expected_type,
                          const char *expected)
{
    struct memory_stream_options options = {.writable = true};
    RTF_WCSINFO info = {
        .size = sizeof(info), .ulFlags = MAPI_NATIVE_BODY, .ulOutCodePage = code_page};
    RTF_WCSRETINFO result = {.size = sizeof(result)};
    LARGE_INTEGER start = {.QuadPart = 0};
    IStream *compressed, *plain;
    uint8_t *bytes;
    size_t size;

    assert_hr(memory_stream_create(&options, &compressed), S_OK);
    assert_hr(WrapCompressedRTFStream(compressed, MAPI_MODIFY, &plain), S_OK);
    assert_hr(stream_write_all(plain, rtf, strlen(rtf)), S_OK);
    expect_last_release(plain);
    assert_hr(IStream_Seek(compressed, start, STREAM_SEEK_SET, NULL), S_OK);
    assert_hr(WrapCompressedRTFStreamEx(compressed, &info, &plain, &result), S_OK);
    cr_expect_eq(result.ulStreamFlags, expected_type);
    assert_hr(stream_read_all(plain, 4096, &bytes, &size), S_OK);
    cr_expect(size == strlen(expected) && memcmp(bytes, expected, size) == 0, "\"%.*s\"", (int)size,
              bytes);
    MAPIFreeBuffer(bytes);
    expect_last_release(plain);
    expect_last_release(compressed);
}

Test(rtf_native, html_comes_out_of_its_wrapping) /* UTL-058 */
{
    static const char rtf[] =
        "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0 Arial;}}"
        "{\\*\\htmltag64 <p>}\\htmlrtf {\\b hidden \\htmlrtf0 a &amp; \\'fc"
        "{\\*\\htmltag84 &lt;}\\htmlrtf <\\htmlrtf0 b\\htmlrtf }\\htmlrtf0"
        "{\\*\\mhtmltag1 <x>}\\par {\\*\\htmltag72 </p>}}";

    expect_native(rtf, 65001, MAPI_NATIVE_BODY_TYPE_HTML, "<p>a &amp; \xC3\xBC&lt;b\r\n</p>");
    expect_native(rtf, 1252, MAPI_NATIVE_BODY_TYPE_HTML, "<p>a &amp; \xFC&lt;b\r\n</p>");
}

Test(rtf_native, text_comes_out_and_rtf_stays) /* UTL-058 */
{
    size_t size;
    char *rtf;

    assert_hr(rtf_from_text(u"one\r\ntwo", &rtf, &size), S_OK);
    expect_native(rtf, 65001, MAPI_NATIVE_BODY_TYPE_PLAINTEXT, "one\r\ntwo");
    MAPIFreeBuffer(rtf);
    expect_native("{\\rtf1 {\\b x}}", 65001, MAPI_NATIVE_BODY_TYPE_RTF, "{\\rtf1 {\\b x}}");
    /* too late to be meant */
    expect_native("{\\rtf1 {a}\\fromtext}", 65001, MAPI_NATIVE_BODY_TYPE_RTF,
                  "{\\rtf1 {a}\\fromtext}");
}

/* ---- Messages ---- */

static struct prop_object *object;
static IMessage *message; /* has IMAPIProp's slots only */

static void setup(void)
{
    object = prop_object_create(true);
    message = (IMessage *)(void *)&object->IMAPIProp_iface;
}

static void teardown(void)
{
    UlRelease(&object->IMAPIProp_iface);
}

TestSuite(rtf_sync, .init = setup, .fini = teardown);

static void set_body(const WCHAR *text)
{
    SPropValue value = propval_unicode(PR_BODY_W, text);

    assert_hr(HrSetOneProp(&object->IMAPIProp_iface, &value), S_OK);
}

static void set_rtf(const char *rtf)
{
    IStream *compressed, *plain;

    assert_hr(object->IMAPIProp_iface.lpVtbl->OpenProperty(
                  &object->IMAPIProp_iface, PR_RTF_COMPRESSED, &IID_IStream, 0,
                  MAPI_CREATE | MAPI_MODIFY, (IUnknown **)&compressed),
              S_OK);
    assert_hr(WrapCompressedRTFStream(compressed, MAPI_MODIFY, &plain), S_OK);
    assert_hr(stream_write_all(plain, rtf, strlen(rtf)), S_OK);
    assert_hr(IStream_Commit(plain, 0), S_OK);
    UlRelease(plain);
    assert_hr(IStream_Commit(compressed, 0), S_OK);
    UlRelease(compressed);
}

static void expect_body(const WCHAR *expected)
{
    SPropValue *value;

    assert_hr(HrGetOneProp(&object->IMAPIProp_iface, PR_BODY_W, &value), S_OK);
    cr_expect_eq(utf16_compare(value->Value.lpszW, expected), 0);
    MAPIFreeBuffer(value);
}

static void expect_rtf_shows(const WCHAR *expected, const char *part)
{
    IStream *compressed, *plain;
    uint8_t *rtf;
    size_t size;

    assert_hr(object->IMAPIProp_iface.lpVtbl->OpenProperty(&object->IMAPIProp_iface,
                                                           PR_RTF_COMPRESSED, &IID_IStream, 0, 0,
                                                           (IUnknown **)&compressed),
              S_OK);
    assert_hr(WrapCompressedRTFStream(compressed, 0, &plain), S_OK);
    assert_hr(stream_read_all(plain, 1u << 20, &rtf, &size), S_OK);
    cr_expect_not_null(memmem(rtf, size, part, strlen(part)), "%.*s", (int)size, rtf);
    expect_text((const char *)rtf, expected);
    MAPIFreeBuffer(rtf);
    UlRelease(plain);
    UlRelease(compressed);
}

static void run(ULONG flags, bool expected)
{
    BOOL updated = !expected;

    assert_hr(RTFSync(message, flags, &updated), S_OK);
    cr_expect_eq(updated, expected);
}

Test(rtf_sync, changed_rtf_gives_the_body) /* UTL-048 UTL-049 */
{
    SPropValue *in_sync;

    set_body(u"old");
    set_rtf("{\\rtf1 new {\\b text}}");
    run(RTF_SYNC_RTF_CHANGED, true);
    expect_body(u"new text");
    assert_hr(HrGetOneProp(&object->IMAPIProp_iface, PR_RTF_IN_SYNC, &in_sync), S_OK);
    cr_expect(in_sync->Value.b);
    MAPIFreeBuffer(in_sync);
    run(RTF_SYNC_RTF_CHANGED, false);
}

Test(rtf_sync, a_changed_body_gives_the_rtf) /* UTL-048 UTL-049 UTL-050 */
{
    set_body(u"new\r\ntext \u00FC");
    run(RTF_SYNC_BODY_CHANGED, true);
    expect_rtf_shows(u"new\r\ntext \u00FC", "\\fromtext");
    set_body(u"other");
    run(RTF_SYNC_BODY_CHANGED, true);
    expect_rtf_shows(u"other", "\\fromtext");
}

Test(rtf_sync, formatting_stays_while_the_text_does) /* UTL-049 */
{
    set_rtf("{\\rtf1 same {\\b text}\\par}");
    set_body(u"same text");
    run(RTF_SYNC_BODY_CHANGED, false);
    expect_rtf_shows(u"same text\r\n", "\\b text");
}

Test(rtf_sync, of_both_the_rtf_counts) /* UTL-048 */
{
    set_rtf("{\\rtf1 from rtf}");
    set_body(u"from body");
    run(RTF_SYNC_RTF_CHANGED | RTF_SYNC_BODY_CHANGED, true);
    expect_body(u"from rtf");
}

Test(rtf_sync, without_either_nothing_happens) /* UTL-049 */
{
    BOOL updated = TRUE;

    run(RTF_SYNC_RTF_CHANGED | RTF_SYNC_BODY_CHANGED, false);
    set_body(u"body");
    run(RTF_SYNC_RTF_CHANGED, false);
    expect_hr(RTFSync(message, 0, &updated), MAPI_E_INVALID_PARAMETER);
    expect_hr(RTFSync(message, 4, &updated), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(RTFSync(NULL, RTF_SYNC_RTF_CHANGED, &updated), MAPI_E_INVALID_PARAMETER);
    cr_expect_eq(updated, FALSE);
}
