/* mapi/oneoff_text.c - what a person typed for a recipient, when it names an address by itself */
#include <ctype.h>
#include <string.h>

#include "mapi/memory.h"
#include "mapi/oneoff.h"

/* --- local@domain.tld ------------------------------------------------------------------------- */

static bool is_local_part(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7F || strchr("()<>[]:;,\\\"@", text[i]))
            return false;
    return length > 0;
}

/* Labels of letters, digits, hyphens and what is beyond ASCII; two at least. */
static bool is_domain(const char *text)
{
    size_t labels = 0;

    for (;;) {
        size_t length = 0;

        while (isalnum((unsigned char)text[length]) || text[length] == '-' ||
               (unsigned char)text[length] >= 0x80)
            length++;
        if (length == 0 || text[0] == '-' || text[length - 1] == '-')
            return false;
        labels++;
        if (text[length] == '\0')
            return labels > 1;
        if (text[length] != '.')
            return false;
        text += length + 1;
    }
}

static bool is_internet_address(const char *text)
{
    const char *at = strchr(text, '@');

    return at && is_local_part(text, (size_t)(at - text)) && is_domain(at + 1);
}

/* --- name[TYPE:address] ----------------------------------------------------------------------- */

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit = (char)tolower((unsigned char)digit);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The characters up to the first of `ends` that is not quoted, which *text then points at, into
 * `out`. False: no such end comes, or a quotation is no character. */
static bool take_part(const char **text, char end, char *out)
{
    const char *at = *text;

    while (*at && *at != end) {
        if (*at != '\\') {
            *out++ = *at++;
            continue;
        }
        if (at[1] == 'x' && hex_digit(at[2]) >= 0 && hex_digit(at[3]) >= 0) {
            *out = (char)(hex_digit(at[2]) << 4 | hex_digit(at[3]));
            at += 4;
        } else {
            *out = at[1];
            at += at[1] ? 2 : 1;
        }
        if (!*out++)
            return false;
    }
    *out = '\0';
    *text = at;
    return *at == end;
}

static void trim(char *text)
{
    size_t length, blank = strspn(text, " \t\r\n");

    memmove(text, text + blank, strlen(text + blank) + 1);
    length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]))
        text[--length] = '\0';
}

/* The parts have room for the whole text each. */
static bool split(const char *text, char *name, char *type, char *address)
{
    if (!take_part(&text, '[', name))
        return false;
    text++;
    if (!take_part(&text, ':', type))
        return false;
    text++;
    if (!take_part(&text, ']', address))
        return false;
    trim(name);
    trim(type);
    trim(address);
    return text[1 + strspn(text + 1, " \t\r\n")] == '\0' && *type && *address;
}

HRESULT oneoff_from_text(void *root, const char *text, struct oneoff *ret_oneoff)
{
    size_t size = strlen(text) + 1;
    char *name, *type, *address;

    if (size > ONEOFF_SIZE_MAX)
        return MAPI_E_NOT_FOUND;
    name = mapi_alloc(root, size);
    type = mapi_alloc(root, size);
    address = mapi_alloc(root, size);
    if (!name || !type || !address)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(address, text, size);
    trim(address);
    if (is_internet_address(address)) {
        *ret_oneoff = (struct oneoff){
            .name = address, .type = "SMTP", .address = address, .no_rich_info = true};
        return S_OK;
    }
    if (!split(text, name, type, address))
        return MAPI_E_NOT_FOUND;
    for (char *letter = type; *letter; letter++)
        *letter = (char)toupper((unsigned char)*letter);
    *ret_oneoff = (struct oneoff){.name = *name ? name : address, .type = type, .address = address};
    ret_oneoff->no_rich_info = !oneoff_takes_rich_info(ret_oneoff);
    return S_OK;
}
