/* simple/compose_files.h - files that become a message's attachments
 *
 * Plain system calls on the caller's thread: the files are the program's own. */
#ifndef MG_SIMPLE_COMPOSE_FILES_H
#define MG_SIMPLE_COMPOSE_FILES_H

#include "mapi/mapidefs.h"
#include "simple/letter.h"

#define ATTACHMENT_MAX (128u << 20) /* bytes of a file */

/* A descriptor to read a regular file. Fails with MAPI_E_ATTACHMENT_NOT_FOUND,
 * MAPI_E_ATTACHMENT_OPEN_FAILURE (also what is no file: a folder, a pipe),
 * MAPI_E_ATTACHMENT_TOO_LARGE (SMP-078). */
ULONG compose_open_file(const char *path, int *ret_fd);

/* Takes the message's attachments away and attaches the letter's files, read to their end
 * (SMP-077). Fails as compose_open_file and simple_result. */
ULONG compose_files(const struct letter *letter, IMessage *message);

#endif
