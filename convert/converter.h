/* convert/converter.h - IConverterSession: any IMessage to a MIME stream and back
 *
 * Both call foreign interfaces, on the caller's thread. Flags have been checked. Requirements:
 * PRP-053 to PRP-058. */
#ifndef MG_CONVERTER_H
#define MG_CONVERTER_H

#include "mapi/mapiextra.h"
#include "net/engine.h"

#define CONVERT_SIZE_MAX (256u * 1024 * 1024) /* of a MIME stream, and of a body */
#define CONVERT_DEPTH    16                   /* messages in messages */

/* Fails with MAPI_E_NO_SUPPORT (attachments that MIME cannot hold), MAPI_E_TOO_COMPLEX, and as the
 * message and the stream do. */
WAITS HRESULT convert_to_mime(IMessage *message, IStream *stream, ULONG flags);

/* Fills the message, whose SaveChanges is the caller's. Fails with MAPI_E_TOO_BIG and as
 * mime_decode, the stream and the message do. */
HRESULT convert_from_mime(IStream *stream, IMessage *message, ULONG flags);

#endif
