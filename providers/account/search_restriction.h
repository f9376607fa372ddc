/* providers/account/search_restriction.h - what a search folder looks for
 *
 * A restriction, made ready for looking at the rows of contents tables. What an index row does not
 * hold becomes a *probe*: words in the body, and restrictions on attachments. A probe is a question
 * to the server with yes or no as the answer for each message, asked only where it decides.
 * Pure functions; what they make is immutable, any thread. STO-166, STO-167. */
#ifndef MG_ACCOUNT_SEARCH_RESTRICTION_H
#define MG_ACCOUNT_SEARCH_RESTRICTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/mapidefs.h"

#define SEARCH_PROBES_MAX      16             /* of one restriction */
#define SEARCH_RESTRICTION_MAX (256u * 1024u) /* bytes, as it is kept */

struct search_probe {
    char *words;               /* the body has these, UTF-8; or NULL, and */
    SRestriction *attachments; /* one of the attachments matches this. Both the restriction's */
};

struct search_restriction {
    SRestriction *match; /* compiled; probes are RES_PROPERTY of their tags. A root */
    struct search_probe probes[SEARCH_PROBES_MAX];
    size_t probe_count;
    ULONG *tags; /* columns of the side store that it reads; free() */
    size_t tag_count;
    uint8_t *bytes; /* as the side store keeps it; free() */
    size_t size;
};

/* Fails with MAPI_E_INVALID_PARAMETER (malformed), MAPI_E_TOO_COMPLEX (not to be evaluated exactly
 * here; too large), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT search_restriction_create(const SRestriction *restriction,
                                  struct search_restriction **ret_restriction);
void search_restriction_free(struct search_restriction *restriction); /* NULL is accepted */

/* Back from kept bytes; also MAPI_E_CORRUPT_DATA. */
HRESULT search_restriction_read(const uint8_t *bytes, size_t size,
                                struct search_restriction **ret_restriction);

/* As it was given, one root; strings in PT_UNICODE or PT_STRING8. */
HRESULT search_restriction_copy(const struct search_restriction *restriction, ULONG width,
                                SRestriction **ret_restriction);

/* The probe whose answer the tag stands for (kept.h: no program's); false: it is a property. */
bool search_probe_of(ULONG tag, size_t *ret_probe);

#endif
