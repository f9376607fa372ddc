/* mime/structure.h - the parts of a message, as a tree
 *
 * Made from a BODYSTRUCTURE text (here) or from the message itself (mime/scan.h); the same tree
 * either way. A multipart has its parts as children, a message/rfc822 part has one child, the root
 * part of the message within. Whatever a server may send is read: unknown or missing fields are
 * empty, never an error; more than the limits are MAPI_E_TOO_COMPLEX. Trees are read-only once
 * made: any thread. RFC 3501 section 7.4.2, RFC 2045, 2183, 2231. */
#ifndef MIME_STRUCTURE_H
#define MIME_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"
#include "mapi/memory.h"
#include "mime/transfer.h"

#define MIME_DEPTH_MAX  64    /* parts within parts, embedded messages counted */
#define MIME_PARTS_MAX  10000 /* of one message, all levels together */
#define MIME_PARAMS_MAX 64    /* of one part; what follows is dropped */

enum mime_disposition {
    MIME_DISPOSITION_NONE, /* no field */
    MIME_DISPOSITION_INLINE,
    MIME_DISPOSITION_ATTACHMENT, /* and everything unknown (RFC 2183, 2.8) */
};

struct mime_param {
    const char *name;  /* lower case, without the marks of RFC 2231 */
    const char *value; /* UTF-8, decoded */
};

/* Strings are UTF-8; NULL where the message says nothing. */
struct mime_part {
    const char *type, *subtype; /* lower case: "text", "plain"; never NULL */
    const char *charset;        /* of the Content-Type, as written */
    const char *name;           /* its name parameter */
    const struct mime_param *params;
    size_t param_count;
    const char *content_id; /* without <> */
    const char *description;
    const char *location;
    const char *subject;       /* message/rfc822: that of the message within */
    const char *encoding_name; /* as written */
    enum transfer_encoding encoding;
    uint64_t size; /* of the content before decoding, CRLF line ends; 0 for a multipart that a
                      server described */
    enum mime_disposition disposition;
    const char *filename;      /* of the Content-Disposition */
    int64_t created, modified; /* of the Content-Disposition, seconds since 1970; INT64_MIN: none */

    /* What BODY[...] takes for the content: "1.2"; "TEXT" for the multipart at the root of the
     * message, "3.TEXT" for the one at the root of the message in part 3. */
    const char *section;
    /* The same for its header fields: "1.2.MIME", "HEADER", "3.HEADER". */
    const char *header_section;

    struct mime_part *parent, *next;
    struct mime_part *children; /* the first, chained by `next` */
    size_t child_count;

    /* Where mime_scan found it, in bytes from the beginning of the message; 0 otherwise. The
     * content of a part ends before the line end that belongs to the boundary behind it. */
    size_t header_offset, header_size, body_offset, body_size;
};

/* Fails with MAPI_E_CORRUPT_DATA (no BODYSTRUCTURE at all), MAPI_E_TOO_COMPLEX,
 * MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT mime_structure_parse(const char *text, struct mime_part **ret_root);
void mime_structure_free(struct mime_part *root); /* the whole tree; NULL is accepted */

/* Compared without case; subtype NULL: any. */
bool mime_part_is(const struct mime_part *part, const char *type, const char *subtype);
/* NULL: no such parameter of the Content-Type. */
const char *mime_part_param(const struct mime_part *part, const char *name);
/* The part after this one in reading order, parents before children; NULL: the last. */
const struct mime_part *mime_part_next(const struct mime_part *part);

#endif
