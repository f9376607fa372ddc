/* mapi/copy_message.h - subobjects of messages on their way to another object
 *
 * For copy.c: PR_MESSAGE_RECIPIENTS (replaced), PR_MESSAGE_ATTACHMENTS (added), PR_ATTACH_DATA_OBJ
 * (an embedded message). `dest` has interface `iid`. MAPI_E_NO_SUPPORT for other properties. May
 * wait: both sides are called through their interfaces. */
#ifndef MG_COPY_MESSAGE_H
#define MG_COPY_MESSAGE_H

#include "mapi/mapidefs.h"

HRESULT copy_message_object(IMAPIProp *source, ULONG tag, const IID *iid, void *dest);

#endif
