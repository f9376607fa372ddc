/* tests/providers/sample/sample.h - what the sample providers are set up by
 *
 * They are a stranger's: public headers only, objects of their own. Properties of their profile
 * sections (the description in tests/conformance/third_party.c sets them). */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "mapi/mapispi.h"
#include "mapi/mapitags.h"
#include "mapi/mapix.h"

#define PR_SAMPLE_DELAY PROP_TAG(PT_LONG, 0x6651) /* milliseconds that a logon takes */
#define PR_SAMPLE_SEEN                                                                             \
    PROP_TAG(PT_LONG, 0x6652) /* the entry point's: contexts it was told, as bits */

#endif
