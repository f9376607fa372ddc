/* convert/header_filter.h - of a message's header only what says how to read its content
 *
 * CCSF_NOHEADERS: MIME-Version and the Content fields stay, all others go (PRP-055). Bytes come in
 * pieces and go to a stream; the header itself is kept until its end. */
#ifndef MG_HEADER_FILTER_H
#define MG_HEADER_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/mapidefs.h"

struct header_filter {
    IStream *stream; /* the caller's */
    bool active;     /* false: everything goes through */
    char *header;    /* what has come of it so far */
    size_t size;
};

/* Fails with MAPI_E_NOT_ENOUGH_MEMORY and as the stream's Write. */
HRESULT header_filter_write(struct header_filter *filter, const void *bytes, size_t size);
void header_filter_clear(struct header_filter *filter);

#endif
