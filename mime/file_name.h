/* mime/file_name.h - names for attachments
 *
 * Private to mime. A sender's name is a suggestion: no path, no control characters, never empty. */
#ifndef MIME_FILE_NAME_H
#define MIME_FILE_NAME_H

#include "mime/layout.h"

#define FILE_NAME_MAX 255 /* bytes */

/* Fills name, extension and mime_type of the attachment. False: no memory. */
bool attachment_name(struct arena *arena, struct mime_attachment *attachment);

/* The name in the 8.3 form of PR_ATTACH_FILENAME. */
void file_name_short(const char *name, char ret_short[13]);

#endif
