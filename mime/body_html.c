/* mime/body_html.c - plain text from HTML, and HTML from plain text
 *
 * A reader of tags, not a renderer: enough to read a mail by. Linear in the input. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "mime/body.h"

#define TAG_MAX    16
#define ENTITY_MAX 10

struct text {
    char *bytes;
    size_t size, space;
    bool failed;
};

static void put(struct text *text, const char *bytes, size_t size)
{
    if (text->failed)
        return;
    if (text->size + size > text->space) {
        size_t space = (text->size + size) * 2 + 256;
        char *grown = realloc(text->bytes, space);

        if (!grown) {
            text->failed = true;
            return;
        }
        text->bytes = grown;
        text->space = space;
    }
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
}

static void put_string(struct text *text, const char *string)
{
    put(text, string, strlen(string));
}

/* --- Entities --------------------------------------------------------------------------------- */

static const struct {
    const char *name, *text;
} entities[] = {
    {"amp", "&"},    {"lt", "<"},     {"gt", ">"},     {"quot", "\""},  {"apos", "'"},
    {"nbsp", " "},   {"copy", "©"},   {"reg", "®"},    {"euro", "€"},   {"pound", "£"},
    {"auml", "ä"},   {"ouml", "ö"},   {"uuml", "ü"},   {"Auml", "Ä"},   {"Ouml", "Ö"},
    {"Uuml", "Ü"},   {"szlig", "ß"},  {"eacute", "é"}, {"egrave", "è"}, {"ecirc", "ê"},
    {"agrave", "à"}, {"aacute", "á"}, {"acirc", "â"},  {"aring", "å"},  {"Aring", "Å"},
    {"aelig", "æ"},  {"oslash", "ø"}, {"ccedil", "ç"}, {"ntilde", "ñ"}, {"oacute", "ó"},
    {"ocirc", "ô"},  {"uacute", "ú"}, {"ugrave", "ù"}, {"ucirc", "û"},  {"iacute", "í"},
    {"icirc", "î"},  {"ndash", "–"},  {"mdash", "—"},  {"hellip", "…"}, {"bull", "•"},
    {"lsquo", "‘"},  {"rsquo", "’"},  {"ldquo", "“"},  {"rdquo", "”"},  {"bdquo", "„"},
    {"laquo", "«"},  {"raquo", "»"},  {"middot", "·"}, {"times", "×"},  {"trade", "™"},
    {"sect", "§"},   {"deg", "°"},    {"para", "¶"},   {"zwnj", ""},    {"shy", ""},
};

static size_t put_code_point(struct text *text, unsigned long code)
{
    char bytes[4];
    size_t size;

    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        code = 0xFFFD;
    if (code < 0x80) {
        bytes[0] = (char)code;
        size = 1;
    } else if (code < 0x800) {
        bytes[0] = (char)(0xC0 | code >> 6);
        bytes[1] = (char)(0x80 | (code & 63));
        size = 2;
    } else if (code < 0x10000) {
        bytes[0] = (char)(0xE0 | code >> 12);
        bytes[1] = (char)(0x80 | (code >> 6 & 63));
        bytes[2] = (char)(0x80 | (code & 63));
        size = 3;
    } else {
        bytes[0] = (char)(0xF0 | code >> 18);
        bytes[1] = (char)(0x80 | (code >> 12 & 63));
        bytes[2] = (char)(0x80 | (code >> 6 & 63));
        bytes[3] = (char)(0x80 | (code & 63));
        size = 4;
    }
    put(text, code == 0xA0 ? " " : bytes, code == 0xA0 ? 1 : size);
    return size;
}

/* At "&"; behind what was read. */
static const char *put_entity(struct text *text, const char *at, const char *end)
{
    char name[ENTITY_MAX + 1];
    size_t size = 0;
    const char *stop = at + 1;

    while (stop < end && size < ENTITY_MAX && (isalnum((unsigned char)*stop) || *stop == '#'))
        name[size++] = *stop++;
    name[size] = '\0';
    if (stop < end && *stop == ';')
        stop++;
    if (name[0] == '#' && size > 1) {
        bool hex = name[1] == 'x' || name[1] == 'X';

        put_code_point(text, strtoul(name + (hex ? 2 : 1), NULL, hex ? 16 : 10));
        return stop;
    }
    for (size_t i = 0; size && i < sizeof(entities) / sizeof(entities[0]); i++) {
        if (strcmp(entities[i].name, name) == 0) {
            put_string(text, entities[i].text);
            return stop;
        }
    }
    put(text, "&", 1);
    return at + 1;
}

/* --- Tags ------------------------------------------------------------------------------------- */

struct html {
    struct text text;
    unsigned breaks; /* line ends since the last text */
    bool blank;      /* white space is due before the next text */
    unsigned pre;    /* depth of <pre> */
};

static void line_break(struct html *html, unsigned count)
{
    if (html->text.size == 0)
        return;
    while (html->breaks < count) {
        put(&html->text, "\r\n", 2);
        html->breaks++;
    }
    html->blank = false;
}

static bool is_one_of(const char *tag, const char *const *tags)
{
    for (; *tags; tags++)
        if (strcmp(*tags, tag) == 0)
            return true;
    return false;
}

static const char *const hidden_tags[] = {"script", "style", "head", "title", NULL};
static const char *const paragraph_tags[] = {"p",  "h1", "h2",         "h3", "h4",  "h5",
                                             "h6", "ul", "blockquote", "ol", "pre", NULL};
static const char *const line_tags[] = {"div",    "tr",      "table",   "li",     "dt",   "dd",
                                        "center", "section", "article", "header", "form", NULL};

/* Behind "</name ...>", or the end: nothing that stands before it is text. */
static const char *skip_element(const char *at, const char *end, const char *name)
{
    size_t size = strlen(name);

    for (; at < end; at++) {
        at = memchr(at, '<', (size_t)(end - at));
        if (!at)
            return end;
        if ((size_t)(end - at) > size + 2 && at[1] == '/' && strncasecmp(at + 2, name, size) == 0) {
            const char *close = memchr(at, '>', (size_t)(end - at));

            return close ? close + 1 : end;
        }
    }
    return end;
}

/* Behind ">", quoted attribute values passed over. */
static const char *tag_end(const char *at, const char *end)
{
    char quote = '\0';

    for (; at < end; at++) {
        if (quote)
            quote = *at == quote ? '\0' : quote;
        else if ((*at == '"' || *at == '\'') && at[-1] == '=')
            quote = *at;
        else if (*at == '>')
            return at + 1;
    }
    return end;
}

static const char *skip_comment(const char *at, const char *end)
{
    for (at += 4; at + 2 < end; at++)
        if (at[0] == '-' && at[1] == '-' && at[2] == '>')
            return at + 3;
    return end;
}

static void apply_tag(struct html *html, const char *name, bool closing)
{
    if (strcmp(name, "br") == 0) {
        if (html->text.size) {
            put(&html->text, "\r\n", 2);
            html->breaks++;
        }
        html->blank = false;
    } else if (is_one_of(name, paragraph_tags)) {
        line_break(html, 2);
    } else if (is_one_of(name, line_tags)) {
        line_break(html, 1);
    } else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0) {
        html->blank = true;
    }
    if (strcmp(name, "pre") == 0)
        html->pre = closing ? (html->pre ? html->pre - 1 : 0) : html->pre + 1;
    if (strcmp(name, "li") == 0 && !closing) {
        put(&html->text, "* ", 2);
        html->breaks = 0;
    }
    if (strcmp(name, "hr") == 0) {
        line_break(html, 1);
        put_string(&html->text, "----------------------------------------");
        html->breaks = 0;
        line_break(html, 1);
    }
}

/* At "<"; behind what was read. */
static const char *read_tag(struct html *html, const char *at, const char *end)
{
    char name[TAG_MAX + 1];
    size_t size = 0;
    bool closing;
    const char *stop = at + 1;

    if (end - at >= 4 && memcmp(at, "<!--", 4) == 0)
        return skip_comment(at, end);
    closing = stop < end && *stop == '/';
    if (closing)
        stop++;
    while (stop < end && size < TAG_MAX && isalnum((unsigned char)*stop))
        name[size++] = (char)tolower((unsigned char)*stop++);
    name[size] = '\0';
    if (size == 0 && (stop == end || (*stop != '!' && *stop != '?')))
        return NULL; /* "a < b" */
    stop = tag_end(stop, end);
    if (!closing && is_one_of(name, hidden_tags))
        return skip_element(stop, end, name);
    apply_tag(html, name, closing);
    return stop;
}

static const char *read_text(struct html *html, const char *at, const char *end)
{
    if (isspace((unsigned char)*at) && !html->pre) {
        html->blank = true;
        return at + 1;
    }
    if (*at == '\r' && html->pre)
        return at + 1;
    if (*at == '\n' && html->pre) {
        put(&html->text, "\r\n", 2);
        return at + 1;
    }
    if (html->blank && html->breaks == 0 && html->text.size)
        put(&html->text, " ", 1);
    html->blank = false;
    html->breaks = 0;
    if (*at == '&')
        return put_entity(&html->text, at, end);
    put(&html->text, at, 1);
    return at + 1;
}

/* Takes over the bytes as UTF-16 under `root`. */
static HRESULT finish_wide(struct text *text, void *root, WCHAR **ret_text)
{
    size_t units = utf8_to_utf16(text->bytes ? text->bytes : "", text->size, NULL, 0) + 1;
    WCHAR *wide = text->failed ? NULL : mapi_alloc(root, units * sizeof(WCHAR));

    if (wide)
        utf8_to_utf16(text->bytes ? text->bytes : "", text->size, wide, units);
    free(text->bytes);
    if (!wide)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_text = wide;
    return S_OK;
}

HRESULT mime_html_to_text(const char *bytes, size_t size, void *root, WCHAR **ret_text)
{
    const char *at = bytes, *end = bytes + size;
    struct html html = {0};

    while (at < end) {
        const char *next = *at == '<' ? read_tag(&html, at, end) : NULL;

        at = next ? next : read_text(&html, at, end);
    }
    while (html.breaks > 1 && html.text.size >= 2) {
        html.text.size -= 2;
        html.breaks--;
    }
    return finish_wide(&html.text, root, ret_text);
}

/* --- The other way ---------------------------------------------------------------------------- */

/* A space at the beginning of a line, or after a space, would not be shown. */
static void put_escaped(struct text *html, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char before = i > 0 ? text[i - 1] : '\n';

        switch (text[i]) {
        case '&':
            put_string(html, "&amp;");
            break;
        case '<':
            put_string(html, "&lt;");
            break;
        case '>':
            put_string(html, "&gt;");
            break;
        case '"':
            put_string(html, "&quot;");
            break;
        case '\r':
            break;
        case '\n':
            put_string(html, "<br>\r\n");
            break;
        case '\t':
            put_string(html, "&nbsp;&nbsp;&nbsp; ");
            break;
        case ' ':
            put_string(html, before == ' ' || before == '\n' ? "&nbsp;" : " ");
            break;
        default:
            put(html, text + i, 1);
        }
    }
}

HRESULT mime_text_to_html(const WCHAR *wide, void *root, char **ret_html, size_t *ret_size)
{
    struct text html = {0};
    char *text, *copy = NULL;
    HRESULT hr = text_utf16_to_utf8(NULL, wide, &text);

    if (FAILED(hr))
        return hr;
    put_string(&html, "<html>\r\n<head><meta http-equiv=\"Content-Type\" "
                      "content=\"text/html; charset=utf-8\"></head>\r\n<body>\r\n");
    put_escaped(&html, text, strlen(text));
    put_string(&html, "\r\n</body>\r\n</html>\r\n");
    put(&html, "", 1);
    mapi_free(text);
    if (!html.failed)
        copy = mapi_memdup(root, html.bytes, html.size);
    if (copy) {
        *ret_html = copy;
        *ret_size = html.size - 1;
    }
    free(html.bytes);
    return copy ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}
