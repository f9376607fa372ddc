/* state/objects.h - objects that live here alone: FAI, rules, messages without an IMAP home, search
 * folders
 *
 * An object has a number of its own, a folder and a kind; its content is property rows
 * (state/props.h). Conventions: state/state.h. Source: docs/mail.md "Identity". */
#ifndef MG_STATE_OBJECTS_H
#define MG_STATE_OBJECTS_H

#include "state/mailbox.h"

enum state_object_kind {
    STATE_OBJECT_FAI = 1,     /* a folder associated message */
    STATE_OBJECT_MESSAGE = 2, /* an ordinary message in a folder that the server cannot have */
    STATE_OBJECT_RULE = 3,    /* a row of the folder's rules table */
    STATE_OBJECT_SEARCH_FOLDER = 4, /* a folder of searches, which no server has */
    STATE_OBJECT_PERSON = 5,        /* an entry of the personal address book, in STATE_NO_FOLDER */
};

/* No folder has this number: where the objects are that belong to the mailbox as a whole. */
#define STATE_NO_FOLDER UINT64_C(0)

struct state_object {
    uint64_t number;
    uint64_t folder;
    enum state_object_kind kind;
};

/* Makes an object in `folder`; object->number 0 takes a new number, else that one (a client's).
 * Fails with MAPI_E_COLLISION when the number is taken. */
WAITS HRESULT state_object_create(struct state_mailbox *mailbox, const struct state_object *object,
                                  struct error_info *error, uint64_t *ret_number);

/* Deletes the object and its property rows. Fails with MAPI_E_NOT_FOUND. */
WAITS HRESULT state_object_delete(struct state_mailbox *mailbox, uint64_t number,
                                  struct error_info *error);

/* Fails with MAPI_E_NOT_FOUND. */
WAITS HRESULT state_object_find(struct state_mailbox *mailbox, uint64_t number,
                                struct error_info *error, struct state_object *ret_object);

/* The objects of one kind in a folder, by number. */
WAITS HRESULT state_objects_list(struct state_mailbox *mailbox, uint64_t folder,
                                 enum state_object_kind kind, struct error_info *error,
                                 struct state_object **ret_objects, size_t *ret_count);

/* How many objects of one kind each folder has; folders without any are left out. By folder. */
struct state_object_count {
    uint64_t folder;
    size_t count;
};
WAITS HRESULT state_objects_count(struct state_mailbox *mailbox, enum state_object_kind kind,
                                  struct error_info *error, struct state_object_count **ret_counts,
                                  size_t *ret_count);

#endif
