/* tests/mime/made.c - messages that tests make and take apart again */
#include "made.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/text.h"
#include "mime/spool.h"
#include "support/com.h"

static char *encode_once(const struct mime_outgoing *outgoing, size_t *ret_size)
{
    struct mime_spool *spool;
    size_t size = 1, at = 0;
    char *bytes;

    assert_hr(mime_spool_create(&spool), S_OK);
    assert_hr(mime_encode(outgoing, mime_spool_write, spool), S_OK);
    *ret_size = (size_t)mime_spool_size(spool);
    bytes = malloc(*ret_size + 1);
    while (size > 0) {
        assert_hr(mime_spool_read(spool, bytes + at, *ret_size + 1 - at, &size), S_OK);
        at += size;
    }
    cr_assert_eq(at, *ret_size);
    bytes[at] = '\0';
    mime_spool_free(spool);
    return bytes;
}

char *made_encode(const struct mime_outgoing *outgoing, size_t *ret_size)
{
    char *bytes = encode_once(outgoing, ret_size), *again;
    uint64_t counted;
    size_t size;

    again = encode_once(outgoing, &size);
    assert_hr(mime_encode_size(outgoing, &counted), S_OK);
    cr_assert_eq(size, *ret_size);
    cr_assert_eq(counted, *ret_size);
    cr_assert(memcmp(bytes, again, size) == 0);
    free(again);
    return bytes;
}

struct mime_outgoing made_outgoing(void)
{
    return (struct mime_outgoing){
        .message_id = "<made@example.org>",
        .date = 1604307600,
        .seed = "0123456789abcdef0123456789abcdef",
    };
}

void made_bytes(unsigned seed, char *bytes, size_t size)
{
    srand(seed);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)rand();
}

size_t made_text(unsigned seed, char *text, size_t space)
{
    static const char *const words[] = {"word",      " ",     "  ",    "\r\n", "From ", ".",
                                        "=",         "--=_0", "Grüße", "日本", "\t",    " \r\n",
                                        "\r\n.\r\n", "a",     "b, c",  "😀"};
    size_t size = 0, count, ascii = seed % 3 == 0;

    srand(seed);
    count = (unsigned)rand() % 400;
    for (size_t i = 0; i < count; i++) {
        const char *word = words[(unsigned)rand() % 16];

        if (ascii && (unsigned char)word[strlen(word) - 1] > 127)
            continue;
        if (ascii && strchr(word, '\xC3'))
            continue;
        if (size + strlen(word) + 1 > space)
            break;
        size = (size_t)(stpcpy(text + size, word) - text);
    }
    text[size] = '\0';
    return size;
}

const SPropValue *made_prop(const SPropValue *props, ULONG count, ULONG tag)
{
    for (ULONG i = 0; i < count; i++)
        if (props[i].ulPropTag == tag)
            return &props[i];
    return NULL;
}

void made_expect_string(const SPropValue *props, ULONG count, ULONG tag, const char *expected)
{
    const SPropValue *value = made_prop(props, count, tag);
    char *text;

    cr_assert_not_null(value, "%08x is missing", tag);
    assert_hr(text_utf16_to_utf8(NULL, value->Value.lpszW, &text), S_OK);
    cr_expect_str_eq(text, expected, "%08x", tag);
    mapi_free(text);
}
