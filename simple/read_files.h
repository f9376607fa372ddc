/* simple/read_files.h - a message's attachments as files, for MAPIReadMail */
#ifndef MG_SIMPLE_READ_FILES_H
#define MG_SIMPLE_READ_FILES_H

#include "mapi/mapi.h"
#include "simple/temp_files.h"

/* Writes every attachment to a file, and before them the text (8-bit; NULL: not), and describes
 * them in the message, all hanging off it (SMP-048, SMP-049). Messages in messages are written as
 * MIME under a name that ends in .MSG (SMP-101). Fails with MAPI_E_TOO_MANY_FILES, as
 * temp_files_create, and as simple_result; the files made so far are in `files` then too. */
ULONG read_files(IMessage *from, const char *text, bool attachments, struct temp_files *files,
                 MapiMessage *message);

#endif
