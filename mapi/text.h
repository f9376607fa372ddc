/* mapi/text.h - strings in the three forms that MAPI meets
 *
 * Inside, text is UTF-8. At the edges it is UTF-16 (WCHAR, always 16 bits) or 8-bit in the code
 * page of the caller's locale (LC_CTYPE; the C locale counts as UTF-8, so that a program which
 * never called setlocale loses nothing). Conversion never fails on bad input: what is no character
 * becomes U+FFFD, what the code page lacks becomes '?'.
 *
 * Results hang off `root` (a MAPIAllocateBuffer root) or, with root NULL, are roots of their own.
 * They are zero-terminated. NULL in gives NULL out and S_OK. Errors: MAPI_E_NOT_ENOUGH_MEMORY. */
#ifndef MG_TEXT_H
#define MG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/mapidefs.h"
#include "mapi/memory.h"

size_t utf16_length(const WCHAR *text);            /* units before the terminator */
int utf16_compare(const WCHAR *a, const WCHAR *b); /* by code unit */
bool utf8_is_valid(const char *text, size_t length);

/* Makes foreign words fit to be shown, in place and never longer: valid UTF-8 in one line without
 * control characters (C0, DEL, C1), which become spaces. Bytes that are no UTF-8 become '?'.
 * `was_cut`: a sequence that is not whole at the end goes. */
void text_make_presentable(char *text, bool was_cut);

HRESULT text_utf8_to_utf16(void *root, const char *text, WCHAR **ret_text);
HRESULT text_utf16_to_utf8(void *root, const WCHAR *text, char **ret_text);
HRESULT text_utf8_to_8bit(void *root, const char *text, char **ret_text);
HRESULT text_8bit_to_utf8(void *root, const char *text, char **ret_text);
HRESULT text_utf16_to_8bit(void *root, const WCHAR *text, char **ret_text);
HRESULT text_8bit_to_utf16(void *root, const char *text, WCHAR **ret_text);

/* Into a caller's buffer. Returns the units (bytes) the whole result takes without terminator;
 * writes at most `capacity` including the terminator, cut at a character. */
size_t utf8_to_utf16(const char *text, size_t length, WCHAR *out, size_t capacity);
size_t utf16_to_utf8(const WCHAR *text, size_t length, char *out, size_t capacity);

/* For computed values: UTF-8 to UTF-16 in an arena. NULL: no memory. */
WCHAR *arena_utf16(struct arena *arena, const char *text, size_t length);

/* A string argument as methods get it: UTF-16 when `flags` has MAPI_UNICODE, else 8-bit; and the
 * way back. */
HRESULT text_from_argument(void *root, const void *text, ULONG flags, char **ret_utf8);
HRESULT text_to_result(void *root, const char *utf8, ULONG flags, LPTSTR *ret_text);

/* How loosely two strings match: FL_IGNORECASE folds case (all scripts), FL_IGNORENONSPACE drops
 * accents, FL_LOOSE does both and takes full-width and other compatibility forms as equal. */
int text_compare(const WCHAR *a, const WCHAR *b, ULONG fuzzy);

/* The form in which loose matching looks at a string, in `arena`. NULL: no memory. */
const WCHAR *text_fold(struct arena *arena, const WCHAR *text, ULONG fuzzy);

/* The form in which text_compare with FL_IGNORECASE compares, for those who compare one string
 * often: in `arena`, compared by utf16_compare. Letters count before accents, so that "Ä" stands
 * between "A" and "Ab". NULL: no memory. */
const WCHAR *text_sort_key(struct arena *arena, const WCHAR *text);

#endif
