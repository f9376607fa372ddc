/* mime/body.h - bodies in the forms that clients ask for
 *
 * Input is the content of a text part with its transfer encoding undone (mime/transfer.h). Results
 * hang off `root`, or are a root of their own when that is NULL. Errors: MAPI_E_NOT_ENOUGH_MEMORY.
 * Pure, any thread; big bodies belong into engine_work. */
#ifndef MIME_BODY_H
#define MIME_BODY_H

#include "mime/structure.h"

/* PR_BODY_W of a text/plain part: charset undone (unknown: UTF-8 if it is, else windows-1252),
 * format=flowed joined (RFC 3676), CRLF line ends. */
HRESULT mime_body_text(const struct mime_part *part, const void *bytes, size_t size, void *root,
                       WCHAR **ret_text);

/* PR_INTERNET_CPID for a text part's own bytes. PR_HTML is these bytes as they are when the code
 * page is known; 0: convert them first, mime_body_utf8, and say 65001. */
uint32_t mime_body_codepage(const struct mime_part *part, const void *bytes, size_t size);
/* The text of a part in UTF-8, line ends as they are; zero-terminated. */
HRESULT mime_body_utf8(const struct mime_part *part, const void *bytes, size_t size, void *root,
                       char **ret_text, size_t *ret_size);

/* The missing partner: PR_BODY_W from HTML in UTF-8, and HTML in UTF-8 from PR_BODY_W. */
HRESULT mime_html_to_text(const char *html, size_t size, void *root, WCHAR **ret_text);
HRESULT mime_text_to_html(const WCHAR *text, void *root, char **ret_html, size_t *ret_size);

#endif
