/* providers/account/messages.h - where messages are, and what is done to many at once
 *
 * A message's number is its folder's generation and its UID, unless the side store has an alias
 * row (it was rewritten, or the client named it). Everything here runs in a fiber of the account's
 * engine unless it says otherwise. */
#ifndef MG_ACCOUNT_MESSAGES_H
#define MG_ACCOUNT_MESSAGES_H

#include "providers/account/folders.h"
#include "providers/imap/client/message.h"

struct message_place {
    uint64_t folder; /* number */
    char *mailbox;   /* IMAP name; free by message_place_clear */
    uint32_t uidvalidity;
    uint32_t uid;
};
void message_place_clear(struct message_place *place);

/* Where the message of that number is now. MAPI_E_NOT_FOUND: its generation is no more, or it was
 * moved or deleted; a UID that is arithmetic is not checked against the server. */
WAITS HRESULT account_message_locate(struct account *account, uint64_t number,
                                     struct error_info *error, struct message_place *ret_place);

/* The number of a message by its place: the way from index rows to ids. An immutable snapshot, any
 * thread, taken again when the folder's events say so. */
struct folder_numbers {
    uint64_t folder;
    uint16_t generation;
    size_t alias_count;
    struct folder_alias {
        uint32_t uid;
        uint64_t number; /* 0: hide this UID (being replaced) */
    } aliases[];         /* ascending by UID */
};
WAITS HRESULT account_folder_numbers(struct account *account, uint64_t folder,
                                     struct error_info *error,
                                     const struct folder_numbers **ret_numbers);
/* The same without waiting, for a folder that is being watched: what its events are told in. One
 * reference, or NULL when it is not watched. */
const struct folder_numbers *account_folder_numbers_now(const struct account *account,
                                                        uint64_t folder);
const struct folder_numbers *folder_numbers_ref(const struct folder_numbers *numbers);
void folder_numbers_unref(const struct folder_numbers *numbers);
uint64_t folder_numbers_of_uid(const struct folder_numbers *numbers, uint32_t uid);
bool folder_numbers_uid(const struct folder_numbers *numbers, uint64_t number, uint32_t *ret_uid);

/* Changes flags (enum imap_flag), tells index and observers. Messages that are gone are left out
 * silently: *ret_missing (may be NULL) counts them. */
WAITS HRESULT account_messages_flag(struct account *account, uint64_t folder,
                                    const uint64_t *numbers, size_t count, enum imap_store_how how,
                                    uint32_t flags, struct error_info *error, size_t *ret_missing);

/* Takes those out of `numbers` that wait in the submit queue: nobody but the queue may touch them
 * (STO-146). *count becomes what is left. */
WAITS HRESULT account_messages_leave_queued(struct account *account, uint64_t *numbers,
                                            size_t *count, struct error_info *error);

/* Is it still there? */
WAITS HRESULT account_message_exists(struct account *account, uint64_t folder, uint64_t number,
                                     struct error_info *error, bool *ret_there);

/* Removes for good (\Deleted and UID EXPUNGE). */
WAITS HRESULT account_messages_delete(struct account *account, uint64_t folder,
                                      const uint64_t *numbers, size_t count,
                                      struct error_info *error, size_t *ret_missing);

/* Copies or moves into another folder. ret_new_numbers (may be NULL; `count` places) gets the new
 * number of each, 0 where the server told nothing or the message was gone. Moves are announced as
 * ACCOUNT_MESSAGES_MOVED. */
WAITS HRESULT account_messages_copy(struct account *account, uint64_t folder,
                                    const uint64_t *numbers, size_t count, uint64_t target,
                                    bool move, struct error_info *error, uint64_t *ret_new_numbers,
                                    size_t *ret_missing);

/* --- Saving: docs/mail.md, "Saving" ----------------------------------------------------------- */

struct message_save {
    uint64_t folder;
    uint64_t number;             /* the message to replace, whose number stays; 0: a new one */
    uint32_t flags;              /* enum imap_flag */
    const char *const *keywords; /* NULL-terminated, or NULL */
    int64_t internaldate;        /* seconds since 1970; INT64_MIN: now (new), kept (replaced) */
    uint64_t size;               /* of the message in bytes, CRLF line ends */
    WAITS HRESULT (*read)(void *arg, void *buffer, size_t size, size_t *ret_size);
    void *arg;
    const struct kept_change *side; /* properties that the side store keeps; NULL: none change */
};

/* Appends the message, or replaces one by the journalled rewrite, in which the number means the new
 * message and has the new properties in one step. On S_OK *ret_number is its number for ever. Fails
 * like imap_append; MAPI_E_OBJECT_DELETED: the one to replace is gone. */
WAITS HRESULT account_message_save(struct account *account, const struct message_save *save,
                                   struct error_info *error, uint64_t *ret_number);

#endif
