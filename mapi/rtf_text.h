/* mapi/rtf_text.h - RTF as plain text, and plain text as RTF
 *
 * What RTFSync needs (the RTF specification 1.9.1; MS-OXRTFEX for \fromtext). Reading gives what a
 * person would see: pictures, headers, fields' instructions and what else is no text is left out,
 * the HTML that may be hidden in it too. Broken RTF gives what could be read. Pure. */
#ifndef MG_RTF_TEXT_H
#define MG_RTF_TEXT_H

#include <stddef.h>

#include "mapi/mapidefs.h"

#define RTF_DEPTH_MAX 512                /* groups in groups: MAPI_E_TOO_COMPLEX */
#define RTF_TEXT_MAX  ((size_t)64 << 20) /* bytes of RTF: MAPI_E_TOO_BIG */

/* The text, lines ended by CR LF: a root of its own. MAPI_E_CORRUPT_DATA: no RTF at all. */
HRESULT rtf_to_text(const char *rtf, size_t size, WCHAR **ret_text);

/* What the RTF was made from, as it says itself (MS-OXRTFEX 2.1.3.1). */
enum rtf_kind { RTF_KIND_RTF, RTF_KIND_TEXT, RTF_KIND_HTML };
enum rtf_kind rtf_kind(const char *rtf, size_t size);

/* The HTML that RTF of that kind was made from; as rtf_to_text. */
HRESULT rtf_to_html(const char *rtf, size_t size, WCHAR **ret_html);

/* RTF that says of itself that it was made from text: a root of its own, and its size without the
 * zero byte behind it. */
HRESULT rtf_from_text(const WCHAR *text, char **ret_rtf, size_t *ret_size);

#endif
