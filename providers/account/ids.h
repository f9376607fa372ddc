/* providers/account/ids.h - the numbers and identifiers of one mailbox
 *
 * Every folder and message has one 48-bit number; every identifier that MAPI knows derives from it
 * by arithmetic, the same for native programs and for the gateway (docs/mail.md, "Identity").
 * These layouts are for ever: programs and Outlook keep them in their files. Pure functions, any
 * thread. */
#ifndef MG_ACCOUNT_IDS_H
#define MG_ACCOUNT_IDS_H

#include <stdbool.h>
#include <stdint.h>

#include "mapi/mapidefs.h"
#include "state/number.h"

/* What an account's mailbox got once, for ever. */
struct mailbox_guids {
    MAPIUID mailbox; /* MailboxGuid: provider UID of entry ids, PR_STORE_RECORD_KEY */
    MAPIUID replica; /* ReplGuid: namespace of the numbers */
};

/* Sizes in bytes of the identifiers below. */
#define FOLDER_ENTRYID_SIZE  46
#define MESSAGE_ENTRYID_SIZE 70
#define SOURCE_KEY_SIZE      22
#define INSTANCE_KEY_SIZE    12
#define STORE_ENTRYID_MAX    600

void ids_folder_entryid(const struct mailbox_guids *guids, uint64_t folder,
                        BYTE ret_id[FOLDER_ENTRYID_SIZE]);
void ids_message_entryid(const struct mailbox_guids *guids, uint64_t folder, uint64_t message,
                         BYTE ret_id[MESSAGE_ENTRYID_SIZE]);

/* The store's own id, before the session wraps it: `server` is the IMAP host, `account` the account
 * key, both UTF-8. Returns its size, or 0 when the names are too long. */
ULONG ids_store_entryid(const struct mailbox_guids *guids, const char *server, const char *account,
                        BYTE ret_id[STORE_ENTRYID_MAX]);

/* PR_SOURCE_KEY and PR_RECORD_KEY: the GID of MS-OXCDATA 2.2.1.3.1. */
void ids_source_key(const struct mailbox_guids *guids, uint64_t number,
                    BYTE ret_key[SOURCE_KEY_SIZE]);

/* PR_INSTANCE_KEY of a table row: number and instance (0 but for multi-valued columns). */
void ids_instance_key(uint64_t number, uint32_t instance, BYTE ret_key[INSTANCE_KEY_SIZE]);
bool ids_parse_instance_key(const SBinary *key, uint64_t *ret_number, uint32_t *ret_instance);

/* The eight-byte FID or MID of MS-OXCDATA 2.2.1.1 and 2.2.1.2, replica id 1, as the integer that
 * PR_FID (0x6748) and PR_MID (0x674A) carry; and back (false when it is none of ours). */
int64_t ids_short_id(uint64_t number);
bool ids_parse_short_id(int64_t id, uint64_t *ret_number);

enum entry_kind {
    ENTRY_STORE,
    ENTRY_FOLDER,
    ENTRY_MESSAGE,
};

struct entry_ref {
    enum entry_kind kind;
    uint64_t folder;  /* folder, or a message's folder; else 0 */
    uint64_t message; /* message; else 0 */
};

/* Reads an entry id of this mailbox; abFlags do not count (SES-136). Fails with
 * MAPI_E_INVALID_ENTRYID (malformed) or MAPI_E_UNKNOWN_ENTRYID (another provider's, or another
 * mailbox's). */
HRESULT ids_parse_entryid(const struct mailbox_guids *guids, ULONG size, const ENTRYID *id,
                          struct entry_ref *ret_ref);

/* The number of the folder or message, as `kind` says, that the id names; MAPI_E_INVALID_ENTRYID
 * when it names something else. */
HRESULT ids_number_of(const struct mailbox_guids *guids, ULONG size, const ENTRYID *id,
                      enum entry_kind kind, uint64_t *ret_number);

/* The same for each id of a list, in its order; one block for mapi_free, never NULL on success.
 * MAPI_E_INVALID_PARAMETER: there is no list. */
HRESULT ids_numbers_of(const struct mailbox_guids *guids, const ENTRYLIST *list,
                       enum entry_kind kind, uint64_t **ret_numbers);

/* Reads a source key of this mailbox; false when it is none. */
bool ids_parse_source_key(const struct mailbox_guids *guids, const SBinary *key,
                          uint64_t *ret_number);

#endif
