/* net/errno_error.c - errno to HRESULT and words */
#include "net/errno_error.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "mapi/mapicode.h"

HRESULT errno_to_hresult(int number)
{
    switch (number) {
    case ENOMEM:
        return MAPI_E_NOT_ENOUGH_MEMORY;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case EAGAIN:
        return MAPI_E_NOT_ENOUGH_RESOURCES;
    default:
        return MAPI_E_NETWORK_ERROR;
    }
}

HRESULT errno_error(struct error_info *error, const char *component, const char *what, int number)
{
    /* Not strerror: its words follow the host's locale. They begin a sentence, ours do not. */
    const char *words = strerrordesc_np(number);
    HRESULT hr = errno_to_hresult(number);
    char first[2] = {0};

    if (!words)
        words = "unknown error";
    first[0] = (char)tolower((unsigned char)words[0]);
    if (isupper((unsigned char)words[1])) /* an abbreviation */
        first[0] = words[0];
    if (number == ETIMEDOUT)
        error_set(error, hr, component, "%s%sthe server gave no sign of life", what ? what : "",
                  what ? ": " : "");
    else
        error_set(error, hr, component, "%s%s%s%s", what ? what : "", what ? ": " : "", first,
                  words + 1);
    if (error)
        error->low_level = (uint32_t)number;
    return hr;
}
