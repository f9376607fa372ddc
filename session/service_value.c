/* session/service_value.c - property lines of service descriptions */
#include "session/service_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/tag_names.h"
#include "mapi/text.h"
#include "state/profiles.h"

/* --- Tags ------------------------------------------------------------------------------------- */

ULONG service_value_tag(const char *name)
{
    ULONG tag = tag_by_name(name);
    char *end;

    if (tag)
        return tag;
    if (strlen(name) != 8 || strspn(name, "0123456789abcdefABCDEF") != 8)
        return 0;
    tag = (ULONG)strtoul(name, &end, 16);
    return PROP_ID(tag) == 0 ? 0 : tag;
}

bool service_value_is_computed(ULONG tag)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_SERVICE_UID):
    case PROP_ID(PR_PROVIDER_UID):
    case PROP_ID(PR_PROVIDER_ORDINAL):
    case PROP_ID(PR_INSTANCE_KEY):
    case PROP_ID(PR_SERVICE_NAME):
    case PROP_ID(PR_PROFILE_NAME):
    case PROP_ID(PR_OBJECT_TYPE):
        return true;
    default:
        return false;
    }
}

/* --- Numbers ---------------------------------------------------------------------------------- */

struct named_number {
    const char *name;
    ULONG value;
};

#define NAMED(name)                                                                                \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct named_number named_numbers[] = {
    NAMED(MAPI_STORE_PROVIDER),
    NAMED(MAPI_TRANSPORT_PROVIDER),
    NAMED(MAPI_AB_PROVIDER),
    NAMED(MAPI_HOOK_PROVIDER),
    NAMED(SERVICE_DEFAULT_STORE),
    NAMED(SERVICE_SINGLE_COPY),
    NAMED(SERVICE_CREATE_WITH_STORE),
    NAMED(SERVICE_PRIMARY_IDENTITY),
    NAMED(SERVICE_NO_PRIMARY_IDENTITY),
    NAMED(STATUS_DEFAULT_STORE),
    NAMED(STATUS_PRIMARY_IDENTITY),
    NAMED(STATUS_SIMPLE_STORE),
    NAMED(STATUS_XP_PREFER_LAST),
    NAMED(STATUS_NO_PRIMARY_IDENTITY),
    NAMED(STATUS_NO_DEFAULT_STORE),
    NAMED(STATUS_TEMP_SECTION),
    NAMED(STATUS_OWN_STORE),
    NAMED(STATUS_NEED_IPM_TREE),
    NAMED(STATUS_PRIMARY_STORE),
    NAMED(STATUS_SECONDARY_STORE),
    NAMED(STATUS_AVAILABLE),
    NAMED(STATUS_OFFLINE),
    NAMED(STATUS_FAILURE),
};

static bool read_number(const char *word, size_t length, ULONG *ret_number)
{
    char digits[32], *end;
    unsigned long long number;

    for (size_t i = 0; i < sizeof(named_numbers) / sizeof(named_numbers[0]); i++)
        if (strlen(named_numbers[i].name) == length &&
            memcmp(named_numbers[i].name, word, length) == 0) {
            *ret_number = named_numbers[i].value;
            return true;
        }
    if (length == 0 || length >= sizeof(digits) || !isdigit((unsigned char)word[0]))
        return false;
    memcpy(digits, word, length);
    digits[length] = '\0';
    errno = 0;
    number = strtoull(digits, &end, strncasecmp(digits, "0x", 2) == 0 ? 16 : 10);
    if (*end || errno || number > UINT32_MAX)
        return false;
    *ret_number = (ULONG)number;
    return true;
}

/* Words with '|' between them, joined. */
static bool read_flags(const char *text, ULONG *ret_flags)
{
    *ret_flags = 0;
    for (;;) {
        size_t space = strspn(text, " \t"), word = strcspn(text + space, "|"), length = word;
        ULONG number;

        while (length && strchr(" \t", text[space + length - 1]))
            length--;
        if (!read_number(text + space, length, &number))
            return false;
        *ret_flags |= number;
        text += space + word;
        if (!*text)
            return true;
        text++;
    }
}

static bool read_boolean(const char *text, unsigned short *ret_value)
{
    bool yes = strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;

    *ret_value = yes;
    return yes || strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0;
}

/* --- Bytes ------------------------------------------------------------------------------------ */

bool service_value_hex(const char *text, void *bytes, size_t size)
{
    return strlen(text) == 2 * size &&
           SUCCEEDED(ScBinFromHexBounded((LPTSTR)text, bytes, (ULONG)size));
}

static HRESULT read_binary(void *root, const char *text, SBinary *ret_bin)
{
    size_t size = strlen(text) / 2;

    ret_bin->cb = (ULONG)size;
    ret_bin->lpb = mapi_alloc(root, size + 1);
    if (!ret_bin->lpb)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return service_value_hex(text, ret_bin->lpb, size) ? S_OK : MAPI_E_INVALID_PARAMETER;
}

/* --- Texts ------------------------------------------------------------------------------------ */

/* Several texts with commas between them, space around each goes. */
static HRESULT read_texts(void *root, const char *text, SWStringArray *ret_texts)
{
    size_t count = 1;
    HRESULT hr = S_OK;

    for (const char *at = text; (at = strchr(at, ',')); at++)
        count++;
    ret_texts->cValues = 0;
    ret_texts->lppszW = mapi_alloc_array(root, count, sizeof(*ret_texts->lppszW));
    if (!ret_texts->lppszW)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    while (ret_texts->cValues < count && SUCCEEDED(hr)) {
        size_t space = strspn(text, " \t"), length = strcspn(text + space, ",");
        char *one = strndup(text + space, length);

        while (length && one && strchr(" \t", one[length - 1]))
            one[--length] = '\0';
        hr = one ? text_utf8_to_utf16(root, one, &ret_texts->lppszW[ret_texts->cValues++])
                 : MAPI_E_NOT_ENOUGH_MEMORY;
        free(one);
        text += strcspn(text, ",") + 1; /* past the last one nothing is read any more */
    }
    return hr;
}

/* --- Values ----------------------------------------------------------------------------------- */

HRESULT service_value_read(void *root, ULONG tag, const char *text, struct error_info *error,
                           SPropValue *ret_value)
{
    HRESULT hr = S_OK;
    ULONG number;

    if (PROP_ID(tag) >= PROFILE_SECURE_FIRST && PROP_ID(tag) <= PROFILE_SECURE_LAST)
        return error_set(error, MAPI_E_NO_SUPPORT, NULL, "a description holds no secrets");
    *ret_value = (SPropValue){.ulPropTag = tag};
    switch (PROP_TYPE(tag)) {
    case PT_UNICODE:
        hr = text_utf8_to_utf16(root, text, &ret_value->Value.lpszW);
        break;
    case PT_MV_UNICODE:
        hr = read_texts(root, text, &ret_value->Value.MVszW);
        break;
    case PT_STRING8:
        hr = text_utf8_to_8bit(root, text, &ret_value->Value.lpszA);
        break;
    case PT_LONG:
        hr = read_flags(text, &number) ? S_OK : MAPI_E_INVALID_PARAMETER;
        ret_value->Value.l = (LONG)number;
        break;
    case PT_BOOLEAN:
        hr = read_boolean(text, &ret_value->Value.b) ? S_OK : MAPI_E_INVALID_PARAMETER;
        break;
    case PT_BINARY:
        hr = read_binary(root, text, &ret_value->Value.bin);
        break;
    default:
        return error_set(error, MAPI_E_NO_SUPPORT, NULL,
                         "a description has no properties of type %04X", PROP_TYPE(tag));
    }
    if (hr == MAPI_E_INVALID_PARAMETER)
        error_set(error, hr, NULL, "that is no value of type %04X", PROP_TYPE(tag));
    return FAILED(hr) && hr != MAPI_E_INVALID_PARAMETER
               ? error_set(error, hr, NULL, "out of memory")
               : hr;
}
