/* tests/conformance/store_things.h - the store's objects, each beside its model
 *
 * Messages of our own, one that somebody else sent, an associated one, folders, and an object of a
 * program between them. Of the many properties that the store has of its own only `thing_ids` are
 * compared. Checks in here abort the test. */
#ifndef TESTS_STORE_THINGS_H
#define TESTS_STORE_THINGS_H

#include "tests/conformance/store_rig.h"
#include "tests/mapi/copy_model.h"
#include "tests/support/soak.h"

enum thing_kind { THING_DATA, THING_MESSAGE, THING_FOLDER, THING_ASSOCIATED };

struct thing {
    enum thing_kind kind;
    IMAPIProp *real;
    struct model_object *model;
    struct model_object *saved; /* of a message: what the store has */
    SPropValue *id;
};

#define THINGS 7
extern struct thing things[THINGS];

#define THING_IDS 20
extern ULONG thing_ids[THING_IDS]; /* 12 plain ones and the named ones that things_begin made */
bool thing_id_counts(ULONG id);

void things_begin(void);
void thing_make(unsigned number, IMAPIFolder *folder); /* things[number], in that folder */
void things_delete(const char *name); /* all, from the store as well; the folder's name */
void thing_open(struct thing *thing); /* by its id, for writing */
const IID *thing_iid(const struct thing *thing);

/* The real one has what the model has. */
void thing_expect_same(const struct thing *thing);
/* The rows of a message's attachment table, PR_ATTACH_NUM alone. FreeProws. */
SRowSet *thing_attachments(const struct thing *thing);

#endif
