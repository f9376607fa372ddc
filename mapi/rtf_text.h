/* mapi/rtf_text.h - RTF as plain text, and plain text as RTF
 *
 * What RTFSync needs (the RTF specification 1.9.1; MS-OXRTFEX for \fromtext). Reading gives what a
 * person would see: pictures, headers, fields' instructions and what else is no text is left out,
 * the HTML that may be hidden in it too. Broken RTF gives what could be read. Pure. */
#ifndef MG_RTF_TEXT_H
#define MG_RTF_TEXT_H

#include <stddef.h>

#include "mapi/mapidefs.h"

#define RTF_DEPTH_MAX 512 /* groups in groups: MAPI_E_TOO_COMPLEX */

/* The text, lines ended by CR LF: a root of its own. MAPI_E_CORRUPT_DATA: no RTF at all. */
HRESULT rtf_to_text(const char *rtf, size_t size, WCHAR **ret_text);

/* RTF that says of itself that it was made from text: a root of its own, and its size without the
 * zero byte behind it. */
HRESULT rtf_from_text(const WCHAR *text, char **ret_rtf, size_t *ret_size);

#endif
