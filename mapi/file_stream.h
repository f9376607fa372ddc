/* mapi/file_stream.h - IStream on a file, for OpenStreamOnFile
 *
 * Plain system calls on the caller's thread: files are the program's own, and no room of ours reads
 * mail through them. Free-threaded: one lock, one position; clones share the file and have a
 * position of their own. Not transacted: Revert does nothing, Commit brings the data to the disk.
 */
#ifndef MG_FILE_STREAM_H
#define MG_FILE_STREAM_H

#include <stdbool.h>

#include "mapi/mapidefs.h"

struct file_stream_options {
    int fd;           /* a regular file; the stream closes it, on failure the caller */
    const char *path; /* copied; what Stat tells and `remove` removes; NULL: it has no name */
    bool read, write; /* what has been opened for */
    bool remove;      /* the file goes with the last of the streams on it */
};

/* MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT file_stream_create(const struct file_stream_options *options, IStream **ret_stream);

#endif
