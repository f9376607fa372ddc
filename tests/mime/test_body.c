/* tests/mime/test_body.c - bodies in the forms that clients ask for */
#include <criterion/criterion.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mapi/text.h"
#include "mime/body.h"
#include "support/com.h"

static void expect_wide(WCHAR *wide, const char *expected)
{
    char *text;

    assert_hr(text_utf16_to_utf8(NULL, wide, &text), S_OK);
    cr_expect_str_eq(text, expected);
    mapi_free(text);
    mapi_free(wide);
}

static void expect_text(struct mime_part *part, const char *bytes, const char *expected)
{
    WCHAR *wide;

    assert_hr(mime_body_text(part, bytes, strlen(bytes), NULL, &wide), S_OK);
    expect_wide(wide, expected);
}

static struct mime_part text_part(const char *charset)
{
    return (struct mime_part){.type = "text", .subtype = "plain", .charset = charset};
}

Test(body, undoes_the_charset_and_makes_crlf)
{
    struct mime_part latin = text_part("iso-8859-1"), none = text_part(NULL);
    struct mime_part japanese = text_part("shift_jis"), odd = text_part("x-nonsense");

    expect_text(&latin, "caf\xE9\nx\r\n", "café\r\nx\r\n");
    expect_text(&none, "caf\xC3\xA9", "café");
    expect_text(&none, "caf\xE9", "café");
    expect_text(&japanese, "\x93\xFA\x96\x7B", "日本");
    expect_text(&odd, "caf\xE9", "café");
    expect_text(&none, "", "");
}

Test(body, joins_flowed_lines) /* RFC 3676 */
{
    static const struct mime_param flowed[] = {{"format", "flowed"}, {"delsp", "no"}};
    static const struct mime_param delsp[] = {{"format", "flowed"}, {"delsp", "yes"}};
    struct mime_part part = text_part("utf-8");

    part.params = flowed;
    part.param_count = 2;
    expect_text(&part, "one \r\ntwo\r\nthree", "one two\r\nthree");
    expect_text(&part, " From\r\n> quoted \r\n> more\r\n", "From\r\n> quoted more\r\n");
    expect_text(&part, "> deep \r\nout\r\n", "> deep \r\nout\r\n");
    expect_text(&part, "text \r\n-- \r\nname\r\n", "text \r\n-- \r\nname\r\n");
    part.params = delsp;
    expect_text(&part, "wo \r\nrd\r\n", "word\r\n");
}

Test(body, says_the_code_page_of_html)
{
    struct mime_part part = {.type = "text", .subtype = "html", .charset = "iso-8859-2"};
    static const char meta[] = "<meta http-equiv=x content=\"text/html; charset=koi8-r\">\xF0";

    cr_expect_eq(mime_body_codepage(&part, "a", 1), 28592u);
    part.charset = "x-nonsense";
    cr_expect_eq(mime_body_codepage(&part, "a", 1), 0u);
    part.charset = NULL;
    cr_expect_eq(mime_body_codepage(&part, meta, strlen(meta)), 20866u);
    cr_expect_eq(mime_body_codepage(&part, "abc", 3), 20127u);
    cr_expect_eq(mime_body_codepage(&part, "\xC3\xA9", 2), 65001u);
    cr_expect_eq(mime_body_codepage(&part, "\xE9!", 2), 1252u);
    part.charset = "us-ascii";
    cr_expect_eq(mime_body_codepage(&part, "\xC3\xA9", 2), 65001u);
}

static void expect_stripped(const char *html, const char *expected)
{
    WCHAR *wide;

    assert_hr(mime_html_to_text(html, strlen(html), NULL, &wide), S_OK);
    expect_wide(wide, expected);
}

Test(body, reads_html_as_text)
{
    expect_stripped(
        "<html><head><title>no</title><style>p{}</style></head><body>"
        "<p>Hello  <b>World</b></p><p>a&amp;b &lt;c&gt; &uuml;&#228;&#x20AC;</p></body>",
        "Hello World\r\n\r\na&b <c> üä€\r\n");
    expect_stripped("a<br>b<br/>c<div>d</div>e", "a\r\nb\r\nc\r\nd\r\ne");
    expect_stripped("<ul><li>one</li><li>two</li></ul>", "* one\r\n* two\r\n");
    expect_stripped("<pre>a  b\r\n c</pre>", "a  b\r\n c\r\n");
    expect_stripped("1 < 2 & 3", "1 < 2 & 3");
    expect_stripped("<!-- a > b -->x<script>if (a<b) {}</script>y", "xy");
    expect_stripped("<a title=\"a>b\">x</a>", "x");
    expect_stripped("<!-- open", "");
    expect_stripped("<p", "");
    expect_stripped("<script>open", "");
    expect_stripped("&", "&");
    expect_stripped("", "");
}

Test(body, makes_html_of_text)
{
    size_t size;
    char *html;

    assert_hr(mime_text_to_html(u"a <b> & \"c\"\r\n  d\u00FC", NULL, &html, &size), S_OK);
    cr_expect_eq(size, strlen(html));
    cr_expect_not_null(strstr(html, "a &lt;b&gt; &amp; &quot;c&quot;<br>\r\n&nbsp;&nbsp;dü"));
    mapi_free(html);
}

Test(body, text_comes_back_through_html)
{
    static const char text[] = "one\r\ntwo & three\r\n\r\n  indented <x>";
    struct mime_part part = text_part("utf-8");
    WCHAR *wide, *back;
    size_t size;
    char *html;

    assert_hr(mime_body_text(&part, text, strlen(text), NULL, &wide), S_OK);
    assert_hr(mime_text_to_html(wide, NULL, &html, &size), S_OK);
    assert_hr(mime_html_to_text(html, size, NULL, &back), S_OK);
    expect_wide(back, text);
    mapi_free(html);
    mapi_free(wide);
}
