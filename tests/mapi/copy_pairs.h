/* tests/mapi/copy_pairs.h - real objects, each beside its model, and whether they are the same
 *
 * Objects of a program (CreateIProp), objects with names and computed properties, messages with
 * recipients, attachments and messages in those. One thread. Checks in here abort the test and name
 * what it was doing. */
#ifndef MG_TEST_COPY_PAIRS_H
#define MG_TEST_COPY_PAIRS_H

#include "mapi/copy_model.h"
#include "mapi/prop_object.h"
#include "support/com.h"
#include "support/soak.h"

enum pair_kind { KIND_DATA, KIND_NAMED, KIND_MESSAGE, KIND_ATTACH };

struct pair {
    enum pair_kind kind;
    IMAPIProp *real;
    struct model_object *model;
    struct prop_object *named; /* KIND_NAMED */
};

#define PAIRS 7
extern struct pair pairs[PAIRS]; /* the last two are messages */

void pair_make(unsigned number);
void pair_drop(unsigned number); /* its last reference */
/* pairs[number], or one somewhere in it; to be released. */
struct pair pair_pick_within(unsigned number);
const IID *pair_iid(const struct pair *pair);

/* The real one has what its model has, in both widths, by value and by stream. */
void pair_expect_same(const struct pair *pair);

ULONG chance_id(void);  /* few enough that objects have some in common */
ULONG chance_tag(void); /* of any type that has values */

#endif
