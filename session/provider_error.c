/* session/provider_error.c - what a provider said, as our error record */
#include "session/provider_error.h"

#include "mapi/memory.h"
#include "mapi/text.h"

void error_from_mapi(struct error_info *error, HRESULT hr, const MAPIERROR *words)
{
    char *component = NULL, *text = NULL;

    if (!words || FAILED(text_utf16_to_utf8(NULL, (WCHAR *)words->lpszComponent, &component)) ||
        FAILED(text_utf16_to_utf8(NULL, (WCHAR *)words->lpszError, &text))) {
        error_set(error, hr, component, "the provider gave no reason");
    } else {
        error_set(error, hr, component, "%s", text ? text : "");
        if (error)
            error->low_level = words->ulLowLevelError;
    }
    mapi_free(component);
    mapi_free(text);
}
