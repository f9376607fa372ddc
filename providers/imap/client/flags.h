/* providers/imap/client/flags.h - flags between the wire and our bits
 *
 * Private to the client half. Keywords that have a bit of enum imap_flag ($Forwarded and kin) are
 * such bits here and keywords on the wire. */
#ifndef IMAP_FLAGS_H
#define IMAP_FLAGS_H

#include "providers/imap/client/message.h"
#include "providers/imap/client/quote.h"
#include "providers/imap/client/response.h"

#define FLAGS_KEYWORDS_MAX 2048 /* bytes of a message's further keywords, the rest is left out */

/* The bits; further keywords go to `keywords`, parted by spaces, *ret_size bytes. */
uint32_t flags_from_wire(const struct wire_flags *flags, char keywords[FLAGS_KEYWORDS_MAX],
                         uint32_t *ret_size);

/* "(\Seen $Forwarded other)". `keywords` is NULL-terminated or NULL. A keyword that is no atom
 * sets MAPI_E_INVALID_PARAMETER. */
void flags_add(struct command_text *command, uint32_t flags, const char *const *keywords);

#endif
