/* mapi/anr.h - ambiguous name resolution: does a name mean this entry?
 *
 * What a restriction on PR_ANR asks (ABK-080, ABK-081, ABK-096). A row that can be found so has a
 * PR_ANR column that holds all words to look at: display name, address, account. Memory only, any
 * thread. */
#ifndef MG_ANR_H
#define MG_ANR_H

#include <stdbool.h>

#include "mapi/mapidefs.h"

/* Whether each word of `name` is the beginning of a word of `text`, without regard to case and
 * accents. Words of `name` end at white space, commas, semicolons, quotes and brackets; in `text` a
 * word also begins behind '@', '.', '-' and '_', so that a part of an address is found. A name
 * without a word means nobody. Without memory: false. */
bool anr_matches(const WCHAR *text, const WCHAR *name);

#endif
