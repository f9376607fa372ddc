/* state/folders.h - folder numbers and generations
 *
 * A folder has a number for life; a generation is one (folder, UIDVALIDITY). A folder is known by
 * its MAILBOXID (RFC 8474), else Dovecot's X-GUID, else its name: where neither id is offered, a
 * name whose UIDVALIDITY changed keeps its number and gets a new generation. A folder that is seen
 * to be gone retires; a retired number never names another folder, but an id that comes back (a
 * rename seen in two steps) brings its number back. Conventions: state/state.h.
 * Source: docs/mail.md "Identity". */
#ifndef MG_STATE_FOLDERS_H
#define MG_STATE_FOLDERS_H

#include "state/mailbox.h"

#define FOLDER_NAME_MAX 4096
#define FOLDER_ID_MAX   255

/* Numbers below are for folders with a role (Inbox, Sent, ...); others count from here. */
#define STATE_FIRST_FOLDER 0x100u

/* What a LIST and STATUS said about one folder. */
struct state_sighting {
    const char *name;       /* opaque bytes, compared as such: use one form everywhere */
    const char *mailbox_id; /* MAILBOXID, or NULL: not offered, not asked */
    const char *x_guid;     /* X-GUID, or NULL */
    uint32_t uid_validity;  /* 0: not known (or \Noselect) */
    uint64_t number_if_new; /* the number of a new folder, below STATE_FIRST_FOLDER, if no folder
                             * ever had it; 0: the next free one */
};

struct state_folder {
    uint64_t number;
    uint16_t generation; /* of uid_validity; 0: no UIDVALIDITY seen yet */
    uint32_t uid_validity;
    bool retired;
    const char *name;
    const char *mailbox_id; /* or NULL */
    const char *x_guid;     /* or NULL */
};

/* Takes one sighting: finds or makes the folder and its generation, and learns its ids and name.
 * When nothing is new this is a read. Returns MAPI_W_ERRORS_RETURNED when the mailbox got a new
 * ReplGuid in the act (generations used up): everything known about numbers must be read again. */
WAITS HRESULT state_folder_see(struct state_mailbox *mailbox, const struct state_sighting *sighting,
                               struct error_info *error, struct state_folder **ret_folder);

/* Takes the sightings of a whole LIST: as above for each, and each living folder that is not among
 * them retires. ret_folders[i] belongs to sightings[i]; one block. A read when nothing is new. */
WAITS HRESULT state_folders_see_all(struct state_mailbox *mailbox,
                                    const struct state_sighting *sightings, size_t count,
                                    struct error_info *error, struct state_folder **ret_folders);

/* Tells that we renamed the folder ourselves; those below it in the hierarchy are the caller's to
 * tell as well. */
WAITS HRESULT state_folder_renamed(struct state_mailbox *mailbox, uint64_t number, const char *name,
                                   struct error_info *error);

/* Tells that the folder is gone (we deleted it, or saw it missing). */
WAITS HRESULT state_folder_retire(struct state_mailbox *mailbox, uint64_t number,
                                  struct error_info *error);

/* Fails with MAPI_E_NOT_FOUND. A retired folder is found, with `retired` set. */
WAITS HRESULT state_folder_by_number(struct state_mailbox *mailbox, uint64_t number,
                                     struct error_info *error, struct state_folder **ret_folder);

/* The folder of a generation. If it is not the folder's present one, uid_validity and generation
 * still tell the present one. Fails with MAPI_E_NOT_FOUND. */
WAITS HRESULT state_folder_by_generation(struct state_mailbox *mailbox, uint16_t generation,
                                         struct error_info *error,
                                         struct state_folder **ret_folder);

/* All that have not retired, by name. */
WAITS HRESULT state_folders_list(struct state_mailbox *mailbox, struct error_info *error,
                                 struct state_folder **ret_folders, size_t *ret_count);

#endif
