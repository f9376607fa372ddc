/* providers/imap/client/utf7.h - mailbox names: UTF-8 here, modified UTF-7 on the wire
 *
 * RFC 3501, 5.1.3. Any thread. */
#ifndef IMAP_UTF7_H
#define IMAP_UTF7_H

#include <stddef.h>

#include "mapi/mapidefs.h"

/* Encodes a UTF-8 name for the wire; *ret_name is zero-terminated, the caller's to free. Fails with
 * MAPI_E_INVALID_PARAMETER (not UTF-8), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT utf7_from_utf8(const char *utf8, char **ret_name);

/* Decodes a name from the wire. A name that is no modified UTF-7 is taken as it is when it is UTF-8
 * (servers that never encoded), and its stray bytes above 127 become U+FFFD otherwise: such a
 * mailbox can be listed, but utf7_from_utf8 does not find it again. NUL and other control
 * characters become U+FFFD. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT utf7_to_utf8(const char *name, size_t size, char **ret_utf8);

#endif
