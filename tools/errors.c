/* errors.c - who refused what, and what to do about it */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "tools/tool.h"

/* What a code means to the person at the keyboard. */
static const struct {
    HRESULT hr;
    const char *name, *meaning, *hint;
    enum exit_code code;
} codes[] = {
#define CODE(name, meaning, hint, code)                                                            \
    {                                                                                              \
        name, #name, meaning, hint, code                                                           \
    }
    CODE(MAPI_E_LOGON_FAILED, "the logon was refused",
         "check user and password: mapigate profile show; then mapigate doctor", CODE_REFUSED),
    CODE(MAPI_E_FAILONEPROVIDER, "the mail account could not be opened",
         "mapigate doctor finds the reason step by step", CODE_REFUSED),
    CODE(MAPI_E_UNCONFIGURED, "the profile lacks settings",
         "make it anew: mapigate profile delete NAME, then mapigate profile create NAME ...",
         CODE_REFUSED),
    CODE(MAPI_E_NETWORK_ERROR, "the server cannot be reached",
         "try again later; mapigate doctor shows how far the connection comes", CODE_UNREACHABLE),
    CODE(MAPI_E_OFFLINE, "working offline", "try again when the server is back", CODE_UNREACHABLE),
    CODE(MAPI_E_TIMEOUT, "the server took too long", "try again later", CODE_UNREACHABLE),
    CODE(MAPI_E_BUSY, "somebody else is at it", "try again in a moment", CODE_UNREACHABLE),
    CODE(MAPI_E_NO_ACCESS, "no permission, or the name is taken", NULL, CODE_REFUSED),
    CODE(MAPI_E_NOT_FOUND, "there is no such thing", NULL, CODE_NOT_FOUND),
    CODE(MAPI_E_INVALID_ENTRYID, "this is no id", "mapigate ls FOLDER shows ids", CODE_NOT_FOUND),
    CODE(MAPI_E_UNKNOWN_ENTRYID, "the id belongs to another account",
         "mapigate ls FOLDER shows ids", CODE_NOT_FOUND),
    CODE(MAPI_E_OBJECT_DELETED, "it was deleted meanwhile", NULL, CODE_NOT_FOUND),
    CODE(MAPI_E_COLLISION, "the name is taken", NULL, CODE_REFUSED),
    CODE(MAPI_E_INVALID_PARAMETER, "a setting is not valid", NULL, CODE_REFUSED),
    CODE(MAPI_E_NO_RECIPIENTS, "the message has no recipients", "give --to ADDRESS", CODE_USAGE),
    CODE(MAPI_E_NO_SUPPORT, "Mapigate cannot do this yet", NULL, CODE_FAILED),
    CODE(MAPI_E_DISK_ERROR, "the state directory cannot be used",
         "check MAPIGATE_STATE, its owner and the free space", CODE_FAILED),
    CODE(MAPI_E_NOT_ENOUGH_DISK, "the disk is full", NULL, CODE_FAILED),
    CODE(MAPI_E_NOT_ENOUGH_MEMORY, "no memory left", NULL, CODE_FAILED),
    CODE(MAPI_E_NOT_INITIALIZED, "MAPI did not start", NULL, CODE_FAILED),
    CODE(MAPI_E_CALL_FAILED, "it failed", NULL, CODE_FAILED),
#undef CODE
};
#define CODE_COUNT (sizeof(codes) / sizeof(codes[0]))

static size_t find_code(HRESULT hr)
{
    size_t i = 0;

    while (i < CODE_COUNT && codes[i].hr != hr)
        i++;
    return i;
}

int code_of(HRESULT hr)
{
    size_t i = find_code(hr);

    if (SUCCEEDED(hr))
        return CODE_DONE;
    return i < CODE_COUNT ? (int)codes[i].code : CODE_FAILED;
}

/* GetLastError is the first slot after IUnknown's in each MAPI interface that has it, so that any
 * of them can be asked as if it were an IMAPIProp. */
char *last_words(void *object, HRESULT hr)
{
    MAPIERROR *error = NULL;
    char *component, *words, *text = NULL;

    if (!object || FAILED(IMAPIProp_GetLastError((IMAPIProp *)object, hr, MAPI_UNICODE, &error)) ||
        !error)
        return NULL;
    component = text_utf8((const WCHAR *)error->lpszComponent);
    words = text_utf8((const WCHAR *)error->lpszError);
    if (words[0])
        text = text_format("%s%s%s", component, component[0] ? ": " : "", words);
    free(words);
    free(component);
    MAPIFreeBuffer(error);
    return text;
}

static void say_what(const char *format, va_list arguments, bool whole)
{
    char *what = NULL;

    fflush(stdout);
    fputs("mapigate: ", stderr);
    if (vasprintf(&what, format, arguments) >= 0 && whole)
        text_print_body(stderr, what, strlen(what)); /* it may end in a line of advice */
    else if (what)
        text_print(stderr, what, 0);
    free(what);
}

int fail_hr(void *object, HRESULT hr, const char *format, ...)
{
    size_t i = find_code(hr);
    char *words = last_words(object, hr);
    va_list arguments;

    va_start(arguments, format);
    say_what(format, arguments, false);
    va_end(arguments);
    fputs(": ", stderr);
    text_print(stderr, words ? words : i < CODE_COUNT ? codes[i].meaning : "it failed", 0);
    if (i < CODE_COUNT)
        fprintf(stderr, " (%s)\n", codes[i].name);
    else
        fprintf(stderr, " (0x%08X)\n", (unsigned)hr);
    if (i < CODE_COUNT && codes[i].hint)
        fprintf(stderr, "  %s\n", codes[i].hint);
    free(words);
    return code_of(hr);
}

int fail(enum exit_code code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_what(format, arguments, true);
    va_end(arguments);
    return (int)code;
}

int fail_usage(const char *verb)
{
    fprintf(stderr, "  mapigate %s%s--help says more\n", verb, verb[0] ? " " : "");
    return CODE_USAGE;
}
