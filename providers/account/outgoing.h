/* providers/account/outgoing.h - a stored message as the bytes that go to the SMTP server
 *
 * Private to providers/account. The stored message minus the header fields that are for us alone
 * (Bcc and our own), its body straight from the IMAP server in windows. Fiber of the account's
 * engine. */
#ifndef MG_ACCOUNT_OUTGOING_H
#define MG_ACCOUNT_OUTGOING_H

#include "providers/account/messages.h"

struct outgoing_stream;

/* Fetches the header block (at most 1 MiB, otherwise MAPI_E_TOO_BIG). Fails as the IMAP client
 * does; MAPI_E_OBJECT_DELETED: the message is gone. */
WAITS HRESULT outgoing_open(struct account *account, const struct message_place *place,
                            struct error_info *error, struct outgoing_stream **ret_stream);
WAITS void outgoing_close(struct outgoing_stream *stream); /* NULL is accepted */

/* The filtered header, CRLF line ends, with the empty line; the stream's. */
const char *outgoing_header(const struct outgoing_stream *stream, size_t *ret_size);
/* Bytes of header and body together, for SMTP's SIZE (RFC 1870); 0: the server did not tell. */
uint64_t outgoing_size(const struct outgoing_stream *stream);
/* Some header field has bytes above 127. */
bool outgoing_header_is_utf8(const struct outgoing_stream *stream);

/* Header, then body, front to back; *ret_size 0 at the end. */
WAITS HRESULT outgoing_read(struct outgoing_stream *stream, void *buffer, size_t size,
                            struct error_info *error, size_t *ret_size);

/* Drops the fields that must not leave from a header block, in place; returns its new size. Pure.
 */
size_t outgoing_filter_header(char *header, size_t size);

#endif
