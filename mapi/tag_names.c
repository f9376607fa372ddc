/* mapi/tag_names.c - property tags by their names */
#include "mapi/tag_names.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"

struct tag_name {
    const char *name;
    ULONG tag;
};

static const struct tag_name tag_names[] = {
#include "mapi/tag_names.inc"
};

static int compare_name(const void *name, const void *entry)
{
    return strcmp(name, ((const struct tag_name *)entry)->name);
}

ULONG tag_by_name(const char *name)
{
    const struct tag_name *found =
        bsearch(name, tag_names, sizeof(tag_names) / sizeof(tag_names[0]), sizeof(tag_names[0]),
                compare_name);

    return found ? found->tag : 0;
}
