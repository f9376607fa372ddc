/* tests/providers/imap/client/test_utf7.c - mailbox names on the wire */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "providers/imap/client/utf7.h"

static const struct {
    const char *utf8, *wire;
} names[] = {
    {"", ""},
    {"INBOX", "INBOX"},
    {"Entw\xc3\xbcrfe", "Entw&APw-rfe"},
    {"R&D", "R&-D"},
    {"&", "&-"},
    {"~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
     "~peter/mail/&U,BTFw-/&ZeVnLIqe-"}, /* RFC 3501 5.1.3 */
    {"\xf0\x9f\x93\xa7", "&2D3c5w-"},
    {"\xc3\xa4\xc3\xb6\xc3\xbc", "&AOQA9gD8-"},
    {"\xc3\xa4&\xc3\xb6", "&AOQ-&-&APY-"},
    {"a\xe2\x82\xac-b", "a&IKw--b"},
};

Test(utf7, encodes_and_decodes)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *text;

        cr_assert_eq(utf7_from_utf8(names[i].utf8, &text), S_OK);
        cr_expect_str_eq(text, names[i].wire);
        free(text);
        cr_assert_eq(utf7_to_utf8(names[i].wire, strlen(names[i].wire), &text), S_OK);
        cr_expect_str_eq(text, names[i].utf8);
        free(text);
    }
}

/* Every character there is, alone and in company. */
Test(utf7, every_character_comes_back)
{
    for (uint32_t c = 0x20; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 37) {
        char utf8[16], *wire, *again;
        int n = 0;

        if ((c >= 0xD800 && c <= 0xDFFF) || c == 0x7F)
            continue;
        utf8[n++] = 'x';
        if (c < 0x80) {
            utf8[n++] = (char)c;
        } else if (c < 0x800) {
            utf8[n++] = (char)(0xC0 | c >> 6);
            utf8[n++] = (char)(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            utf8[n++] = (char)(0xE0 | c >> 12);
            utf8[n++] = (char)(0x80 | (c >> 6 & 0x3F));
            utf8[n++] = (char)(0x80 | (c & 0x3F));
        } else {
            utf8[n++] = (char)(0xF0 | c >> 18);
            utf8[n++] = (char)(0x80 | (c >> 12 & 0x3F));
            utf8[n++] = (char)(0x80 | (c >> 6 & 0x3F));
            utf8[n++] = (char)(0x80 | (c & 0x3F));
        }
        strcpy(utf8 + n, "\xc3\xa4");
        cr_assert_eq(utf7_from_utf8(utf8, &wire), S_OK);
        cr_assert_eq(utf7_to_utf8(wire, strlen(wire), &again), S_OK);
        cr_assert_str_eq(again, utf8, "U+%04X %s", c, wire);
        free(wire);
        free(again);
    }
}

Test(utf7, refuses_what_is_not_utf8)
{
    static const char *const bad[] = {
        "\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\x80", "\x80"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char *text = NULL;

        cr_expect_eq(utf7_from_utf8(bad[i], &text), MAPI_E_INVALID_PARAMETER);
    }
}

Test(utf7, wild_names_can_be_listed)
{
    static const struct {
        const char *wire, *utf8;
    } wild[] = {
        {"Entw\xc3\xbcrfe", "Entw\xc3\xbcrfe"}, /* never encoded */
        {"Entw\xfcrfe", "Entw\xef\xbf\xbdrfe"}, /* Latin-1 */
        {"a&b", "a&b"},                         /* a lone & */
        {"&AOQ", "&AOQ"},                       /* not closed */
        {"&AO!-", "&AO!-"},                     /* no base64 */
        {"&2D0-", "&2D0-"},                     /* half a surrogate pair */
        {"&3Oc-", "&3Oc-"},
        {"&AOR-", "&AOR-"}, /* bits behind the last character */
        {"a\x01"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"&AAA-", "\xef\xbf\xbd"}, /* NUL */
        {"&2D3cAA-", "\xf0\x9f\x90\x80"},
    };

    for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
        char *text;

        cr_assert_eq(utf7_to_utf8(wild[i].wire, strlen(wild[i].wire), &text), S_OK);
        cr_expect_str_eq(text, wild[i].utf8, "%s", wild[i].wire);
        free(text);
    }
}
