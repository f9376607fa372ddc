/* tests/conformance/store_rig.h - what the tests of the store's requirements have in common
 *
 * Around tests/integration/mail_rig.h: objects to look at in one line, their properties in another.
 * An `object` is any interface that begins with IMAPIProp's slots. Checks in here abort the test,
 * but for those called expect_. Texts are UTF-8. */
#ifndef TESTS_STORE_RIG_H
#define TESTS_STORE_RIG_H

#include <string.h>

#include "mapi/mapiguid.h"
#include "tests/integration/mail_rig.h"
#include "tests/integration/mail_send.h"

/* .init and .fini (mail_close) of every suite: a session and the store of a user with no mail. */
void store_begin(void);
/* The program ends and starts again. */
void store_restart(void);

/* --- Properties --- */

/* One property of an object, MAPIFreeBuffer. */
SPropValue *value_of(void *object, ULONG tag);
/* Whether it is there: S_OK, or why not. */
HRESULT state_of(void *object, ULONG tag);
LONG number_of(void *object, ULONG tag);      /* PT_LONG or PT_BOOLEAN */
const char *text_of(void *object, ULONG tag); /* PT_UNICODE; one of mail_text's buffers */
bool same_bytes(const SBinary *one, const SBinary *other);
bool same_property(void *one, void *other, ULONG tag); /* of PT_BINARY */
bool lists(void *object, ULONG tag);                   /* GetPropList has the tag */

/* SetProps with that one value: its result, or the problem's. */
HRESULT set_value(void *object, SPropValue value);
HRESULT set_number(void *object, ULONG tag, LONG number);
HRESULT set_text(void *object, ULONG tag, const char *text);

/* --- Folders and messages --- */

/* A new folder below `parent` (NULL: the IPM subtree). */
IMAPIFolder *new_folder(IMAPIFolder *parent, const char *name);
HRESULT open_entry(const SPropValue *id, ULONG flags, void *ret_object);
IMessage *open_message(const SPropValue *id, ULONG flags);
/* A new message in `folder` with that subject, not saved; and saved, with its id to free. */
IMessage *new_message(IMAPIFolder *folder, const char *subject);
SPropValue *saved_message(IMAPIFolder *folder, const char *subject);
/* A message of one entry, for the folder's methods; it borrows from the id. */
ENTRYLIST *entry_list(SBinary *entry, const SPropValue *id);
/* Delivers a message into the Inbox and waits for its row; its id. */
SPropValue *delivered_message(const char *subject);

/* An attachment by value, and one that is a message ("inner words"), saved; their numbers. */
ULONG attach_file(IMessage *message, const char *name, const void *bytes, size_t size);
ULONG attach_message(IMessage *message, const char *subject);

/* Gives the message a recipient and submits it for tomorrow: it stays in the queue. Released. */
void submit_later(IMessage *message);

/* --- Tables --- */

IMAPITable *contents_of(IMAPIFolder *folder);
/* All rows of the table with these columns, FreeProws. */
SRowSet *rows_of(IMAPITable *table, const void *tags);
ULONG count_of(IMAPITable *table);
/* The id of the row of that subject in a folder; NULL: none. MAPIFreeBuffer. */
SPropValue *find_message(IMAPIFolder *folder, const char *subject);
/* Every one of the tags is an available column. */
void expect_columns(IMAPITable *table, const void *tags);

#endif
