/* mime/body.c - text parts as bodies */
#include "mime/body.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "mime/charset.h"

#define SNIFF_MAX   2048 /* where an HTML document names its charset */
#define CHARSET_MAX 40

#define CODEPAGE_ASCII 20127
#define CODEPAGE_UTF8  65001
#define CODEPAGE_LATIN 1252

/* --- Charsets --------------------------------------------------------------------------------- */

static bool is_ascii(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] > 127)
            return false;
    return true;
}

/* What <meta charset=...> or <meta ... content="text/html; charset=..."> says. */
static bool sniff_charset(const char *html, size_t size, char ret_charset[CHARSET_MAX])
{
    static const char key[] = "charset=";
    size_t length = 0;

    if (size > SNIFF_MAX)
        size = SNIFF_MAX;
    for (size_t i = 0; i + sizeof(key) < size; i++) {
        if (strncasecmp(html + i, key, sizeof(key) - 1) != 0)
            continue;
        i += sizeof(key) - 1;
        if (html[i] == '"' || html[i] == '\'')
            i++;
        while (i < size && length + 1 < CHARSET_MAX &&
               (isalnum((unsigned char)html[i]) || strchr("-_.:", html[i])) && html[i])
            ret_charset[length++] = html[i++];
        ret_charset[length] = '\0';
        return length > 0;
    }
    return false;
}

/* The charset the bytes are read in; NULL: UTF-8 or windows-1252, as they are. */
static const char *charset_of(const struct mime_part *part, const void *bytes, size_t size,
                              char scratch[CHARSET_MAX])
{
    if (part->charset && part->charset[0])
        return part->charset;
    if (mime_part_is(part, "text", "html") && sniff_charset(bytes, size, scratch))
        return scratch;
    return NULL;
}

uint32_t mime_body_codepage(const struct mime_part *part, const void *bytes, size_t size)
{
    char scratch[CHARSET_MAX];
    const char *charset = charset_of(part, bytes, size, scratch);
    uint32_t codepage = charset ? charset_codepage(charset) : CODEPAGE_ASCII;

    if (codepage == CODEPAGE_ASCII && !is_ascii(bytes, size))
        codepage = utf8_is_valid(bytes, size) ? CODEPAGE_UTF8 : CODEPAGE_LATIN;
    return codepage;
}

HRESULT mime_body_utf8(const struct mime_part *part, const void *bytes, size_t size, void *root,
                       char **ret_text, size_t *ret_size)
{
    char scratch[CHARSET_MAX];
    struct arena arena = {0};
    const char *text;
    char *copy = NULL;
    size_t length = 0;

    text = charset_to_utf8(&arena, charset_of(part, bytes, size, scratch), bytes, size, &length);
    if (text)
        copy = mapi_memdup(root, text, length + 1);
    arena_clear(&arena);
    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_text = copy;
    *ret_size = length;
    return S_OK;
}

/* --- Plain text ------------------------------------------------------------------------------- */

/* Lines without their ends, in and out. Out has room for CRLF after each line. */
struct flow {
    char *out;
    size_t size;
    bool flowed, delsp;
    bool open; /* the line before wants to be continued */
    size_t open_depth;
};

static size_t quote_depth(const char *line, size_t size)
{
    size_t depth = 0;

    while (depth < size && line[depth] == '>')
        depth++;
    return depth;
}

static void put(struct flow *flow, const char *bytes, size_t size)
{
    memcpy(flow->out + flow->size, bytes, size);
    flow->size += size;
}

/* RFC 3676, 4.2 to 4.5. */
static void put_flowed(struct flow *flow, const char *line, size_t size)
{
    size_t depth = quote_depth(line, size), start = depth;
    bool signature, soft;

    if (start < size && line[start] == ' ')
        start++; /* space-stuffed */
    signature = size - start == 3 && memcmp(line + start, "-- ", 3) == 0;
    soft = size > start && line[size - 1] == ' ' && !signature;
    if (flow->open && (depth != flow->open_depth || signature)) {
        put(flow, "\r\n", 2);
        flow->open = false;
    }
    if (!flow->open) {
        put(flow, line, depth);
        if (depth && start < size)
            put(flow, " ", 1);
    }
    put(flow, line + start, size - start - (soft && flow->delsp ? 1 : 0));
    if (!soft)
        put(flow, "\r\n", 2);
    flow->open = soft;
    flow->open_depth = depth;
}

static void put_lines(struct flow *flow, const char *text, size_t size)
{
    const char *at = text, *end = text + size;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline ? newline : end) - at);

        if (newline && length > 0 && at[length - 1] == '\r')
            length--;
        if (flow->flowed) {
            put_flowed(flow, at, length);
            if (!newline && !flow->open)
                flow->size -= 2; /* the last line had no end */
        } else {
            put(flow, at, length);
            if (newline)
                put(flow, "\r\n", 2);
        }
        at = newline ? newline + 1 : end;
    }
}

static size_t count_lines(const char *text, size_t size)
{
    size_t count = 1;

    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n';
    return count;
}

HRESULT mime_body_text(const struct mime_part *part, const void *bytes, size_t size, void *root,
                       WCHAR **ret_text)
{
    const char *format = mime_part_param(part, "format"), *delsp = mime_part_param(part, "delsp");
    struct flow flow = {.flowed = format && strcasecmp(format, "flowed") == 0,
                        .delsp = delsp && strcasecmp(delsp, "yes") == 0};
    char scratch[CHARSET_MAX];
    struct arena arena = {0};
    const char *text;
    WCHAR *wide = NULL;
    size_t length, units;

    text = charset_to_utf8(&arena, charset_of(part, bytes, size, scratch), bytes, size, &length);
    if (text)
        flow.out = arena_alloc(&arena, length + 5 * count_lines(text, length));
    if (flow.out) {
        put_lines(&flow, text, length);
        units = utf8_to_utf16(flow.out, flow.size, NULL, 0) + 1;
        wide = mapi_alloc(root, units * sizeof(WCHAR));
        if (wide)
            utf8_to_utf16(flow.out, flow.size, wide, units);
    }
    arena_clear(&arena);
    if (!wide)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *ret_text = wide;
    return S_OK;
}
