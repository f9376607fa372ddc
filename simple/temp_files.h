/* simple/temp_files.h - the files that MAPIReadMail writes for its caller
 *
 * In $TMPDIR, else /tmp, readable by the user alone, under names that nobody can guess. They are
 * the caller's to delete; those of a call that fails are removed. Plain system calls on the
 * caller's thread. Requirements: SMP-049, SMP-050. */
#ifndef MG_SIMPLE_TEMP_FILES_H
#define MG_SIMPLE_TEMP_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/mapidefs.h"

struct temp_files {
    char **paths; /* each to free(), like the array */
    size_t count;
};

/* Makes an empty file whose extension is that of `name` (8-bit; may be NULL) and opens it as a
 * stream to write; *ret_path lives as long as `files`. Fails with MAPI_E_ATTACHMENT_WRITE_FAILURE,
 * MAPI_E_DISK_FULL, MAPI_E_INSUFFICIENT_MEMORY. */
ULONG temp_files_create(struct temp_files *files, const char *name, IStream **ret_stream,
                        const char **ret_path);

/* What a failed write to such a stream means: the codes above; the rest as simple_result. */
ULONG temp_files_result(HRESULT hr);

/* Forgets the files; with `remove` they go. */
void temp_files_clear(struct temp_files *files, bool remove);

#endif
