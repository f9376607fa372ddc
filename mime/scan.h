/* mime/scan.h - the parts of a message that is in memory
 *
 * One pass over the lines, whatever the depth: a line is looked up among the open boundaries, of
 * which there are at most MIME_DEPTH_MAX. The tree is that of mime/structure.h, with offsets.
 * Tolerant: a boundary that never comes ends with the message, a multipart without a boundary is
 * taken as text, LF line ends do. Pure, any thread; big messages belong into engine_work. */
#ifndef MIME_SCAN_H
#define MIME_SCAN_H

#include "mime/structure.h"

#define MIME_HEADER_MAX (1024u * 1024u) /* of one header block */

/* Fails with MAPI_E_TOO_COMPLEX (depth, part count), MAPI_E_TOO_BIG (a header block),
 * MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT mime_scan(const void *message, size_t size, struct mime_part **ret_root);

/* The content of a scanned part, decoded (transfer encoding only); hangs off `root`, or is a root
 * itself. It is followed by a zero byte that does not count. MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT mime_part_content(const void *message, const struct mime_part *part, void *root,
                          BYTE **ret_bytes, size_t *ret_size);

#endif
