/* mapi/tag_names.h - property tags by their names
 *
 * For files that people write. Constant data, any thread. */
#ifndef MG_TAG_NAMES_H
#define MG_TAG_NAMES_H

#include "mapi/mapidefs.h"

/* The tag of that name as mapitags.h, mapiextra.h and edkmdb.h have it ("PR_DISPLAY_NAME": the wide
 * one); 0: there is none. */
ULONG tag_by_name(const char *name);

#endif
