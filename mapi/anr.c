/* mapi/anr.c - ambiguous name resolution: does a name mean this entry? */
#include "mapi/anr.h"

#include <stddef.h>
#include <string.h>

#include "mapi/memory.h"
#include "mapi/text.h"

static bool is_one_of(WCHAR unit, const WCHAR *units)
{
    while (*units && *units != unit)
        units++;
    return *units;
}

static bool ends_word(WCHAR unit)
{
    return is_one_of(unit, u" \t\r\n\u00A0\u3000,;\"'()<>[]");
}

static bool begins_word(const WCHAR *text, size_t at)
{
    return at == 0 || ends_word(text[at - 1]) || is_one_of(text[at - 1], u"@.-_");
}

static bool has_word(const WCHAR *text, const WCHAR *word, size_t length)
{
    size_t size = utf16_length(text);

    for (size_t at = 0; at + length <= size; at++)
        if (begins_word(text, at) && memcmp(text + at, word, length * sizeof(*word)) == 0)
            return true;
    return false;
}

static bool has_every_word(const WCHAR *text, const WCHAR *name)
{
    bool any = false;

    while (*name) {
        size_t length = 0;

        while (name[length] && !ends_word(name[length]))
            length++;
        if (length > 0 && !has_word(text, name, length))
            return false;
        any |= length > 0;
        name += length;
        while (ends_word(*name))
            name++;
    }
    return any;
}

bool anr_matches(const WCHAR *text, const WCHAR *name)
{
    const ULONG fuzzy = FL_IGNORECASE | FL_IGNORENONSPACE;
    struct arena arena = {0};
    const WCHAR *folded_text = text_fold(&arena, text, fuzzy);
    const WCHAR *folded_name = text_fold(&arena, name, fuzzy);
    bool matches = folded_text && folded_name && has_every_word(folded_text, folded_name);

    arena_clear(&arena);
    return matches;
}
