/* conf/ini_file.h - a file of [sections] with NAME=VALUE lines
 *
 * The syntax is inih's (libinih): ';' and '#' begin comments, space around names and values goes,
 * an indented line goes on with the value before it. What names mean is the caller's. Memory and
 * file system calls only; any thread but an engine's loop. */
#ifndef MG_CONF_INI_FILE_H
#define MG_CONF_INI_FILE_H

#include <stddef.h>

#include "mapi/mapidefs.h"

#define INI_FILE_MAX    0x40000 /* bytes */
#define INI_ENTRIES_MAX 4096

struct ini_entry {
    const char *section, *name, *value; /* UTF-8; the file's */
};

struct ini_file {
    struct ini_entry
        *entries; /* in the order of the file; a value that goes on comes once a line */
    size_t count;
};

/* Reads the file at `path`, or `text`. Fails with MAPI_E_NOT_FOUND (it cannot be read),
 * MAPI_E_CORRUPT_DATA (a line that is nothing of the above or has more than 198 bytes; *ret_line is
 * its number, 0: the file as a whole is too large or holds a zero byte), MAPI_E_NOT_ENOUGH_MEMORY.
 * On success ini_file_clear gives it back. */
HRESULT ini_file_read(const char *path, struct ini_file *ret_file, int *ret_line);
HRESULT ini_file_parse(const char *text, struct ini_file *ret_file, int *ret_line);
void ini_file_clear(struct ini_file *file);

#endif
