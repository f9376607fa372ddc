/* simple/letter.h - what a caller's MapiMessage or MapiMessageW says, in one form
 *
 * The structures of both widths differ in their strings only. Reading one checks everything that
 * can be told without a session: reserved members, counts and arrays that do not fit, recipient
 * classes, sizes. Nothing is opened and nobody resolved. Strings that the caller left NULL or empty
 * are NULL here. Requirements: SMP-069 to SMP-072, SMP-076, SMP-079, SMP-090, SMP-091, SMP-095 to
 * SMP-099. */
#ifndef MG_SIMPLE_LETTER_H
#define MG_SIMPLE_LETTER_H

#include <stddef.h>

#include "mapi/mapi.h"

#define RECIPIENTS_MAX 4096
#define FILES_MAX      1024
#define TEXT_MAX       (16u << 20) /* units of the caller's text */

struct letter_recipient {
    ULONG class;                /* MAPI_TO, MAPI_CC, MAPI_BCC */
    const char *name, *address; /* UTF-8 */
    SBinary id;                 /* the caller's own; cb 0: none */
};

struct letter_file {
    const char *path; /* as the file system has it */
    const WCHAR *name;
    ULONG position;        /* (ULONG)-1: nowhere in the text */
    SBinary tag, encoding; /* the caller's own object identifiers; cb 0: none */
};

struct letter {
    const WCHAR *subject, *text, *message_class; /* the text with CR LF at each line's end */
    FLAGS flags; /* MAPI_UNREAD, MAPI_RECEIPT_REQUESTED, MAPI_SENT */
    struct letter_recipient *recipients;
    size_t recipient_count;
    struct letter_file *files;
    size_t file_count;
};

/* What it gives hangs off `root`. Fails with MAPI_E_FAILURE (NULL; a structure that cannot be
 * meant), MAPI_E_BAD_RECIPTYPE, MAPI_E_TOO_MANY_RECIPIENTS, MAPI_E_TOO_MANY_FILES,
 * MAPI_E_TEXT_TOO_LARGE, MAPI_E_NOT_SUPPORTED (OLE objects), MAPI_E_INSUFFICIENT_MEMORY. */
ULONG letter_read(void *root, const MapiMessage *message, struct letter *ret_letter);
ULONG letter_read_wide(void *root, const MapiMessageW *message, struct letter *ret_letter);

#endif
