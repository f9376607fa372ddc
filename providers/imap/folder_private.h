/* providers/imap/folder_private.h - what the files of a folder object share
 *
 * A folder object is a number and a way to the account; everything else is looked up when it is
 * asked for, so that it is never stale. */
#ifndef IMAP_FOLDER_PRIVATE_H
#define IMAP_FOLDER_PRIVATE_H

#include "mapi/prop.h"
#include "providers/account/messages.h"
#include "providers/imap/folder.h"

struct imap_folder {
    IMAPIFolder IMAPIFolder_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct imap_link *link; /* our reference */
    uint64_t number;
    bool writable;
    bool search; /* a search folder */
};

struct read_flag;

/* A call on the engine about this folder. */
struct folder_call {
    struct link_call base;
    uint64_t folder, target;
    uint64_t *numbers; /* messages; those that are left alone are taken out */
    size_t count, missing, busy;
    uint64_t made;
    const char *name;
    bool move, recursive;
    bool search;                  /* `folder` is a search folder */
    const struct read_flag *flag; /* SetReadFlags */
    unsigned with;                /* enum folder_delete */
};

/* Runs `fn` on the engine about this folder. Its words become the object's last error. */
HRESULT folder_run(struct imap_folder *folder, engine_fn *fn, struct folder_call *call);

/* The number of a folder object of this store, and whether it is of a logon for reading; false: it
 * is somebody else's. */
bool folder_own(struct imap_folder *folder, LPVOID other, uint64_t *ret_number, bool *ret_readonly);

/* Is it a search folder? Memory only. */
bool folder_is_search(struct imap_folder *folder, uint64_t number);

/* --- search_folder.c, search_messages.c --- */

HRESULT folder_SetSearchCriteria(struct imap_folder *folder, LPSRestriction restriction,
                                 LPENTRYLIST list, ULONG flags);
HRESULT folder_GetSearchCriteria(struct imap_folder *folder, ULONG flags,
                                 LPSRestriction *ret_restriction, LPENTRYLIST *ret_list,
                                 ULONG *ret_state);
/* The messages that a search folder shows. mapi_free. */
HRESULT folder_take_found(struct imap_folder *folder, uint64_t **ret_numbers, size_t *ret_count);
/* On the engine: runs `fn` for call->numbers; of a search folder once for each folder that some of
 * them really are in, counting those that are in none as missing. */
WAITS HRESULT folder_run_real(struct folder_call *call, engine_fn *fn);

/* --- folder_messages.c --- */

HRESULT folder_CreateMessage(struct imap_folder *folder, LPCIID iid, ULONG flags,
                             LPMESSAGE *ret_message);
HRESULT folder_CopyMessages(struct imap_folder *folder, LPENTRYLIST list, LPCIID iid, LPVOID dest,
                            ULONG_PTR ui_param, LPMAPIPROGRESS progress, ULONG flags);
HRESULT folder_DeleteMessages(struct imap_folder *folder, LPENTRYLIST list, ULONG_PTR ui_param,
                              LPMAPIPROGRESS progress, ULONG flags);
HRESULT folder_SetReadFlags(struct imap_folder *folder, LPENTRYLIST list, ULONG_PTR ui_param,
                            LPMAPIPROGRESS progress, ULONG flags);

HRESULT folder_GetMessageStatus(struct imap_folder *folder, ULONG size, LPENTRYID id, ULONG flags,
                                ULONG *ret_status);
HRESULT folder_SetMessageStatus(struct imap_folder *folder, ULONG size, LPENTRYID id, ULONG status,
                                ULONG mask, ULONG *ret_former);

/* All messages of the folder, as its index has them. mapi_free. */
HRESULT folder_take_all(struct imap_folder *folder, uint64_t **ret_numbers, size_t *ret_count);
/* Deletes those of `numbers` that may be: neither queued nor open for writing (STO-146). */
HRESULT folder_delete_numbers(struct imap_folder *folder, uint64_t *numbers, size_t count);

/* --- folder_children.c --- */

HRESULT folder_CreateFolder(struct imap_folder *folder, ULONG type, LPTSTR name, LPTSTR comment,
                            LPCIID iid, ULONG flags, LPMAPIFOLDER *ret_folder);
HRESULT folder_CopyFolder(struct imap_folder *folder, ULONG size, LPENTRYID id, LPCIID iid,
                          LPVOID dest, LPTSTR new_name, ULONG_PTR ui_param, LPMAPIPROGRESS progress,
                          ULONG flags);
HRESULT folder_DeleteFolder(struct imap_folder *folder, ULONG size, LPENTRYID id,
                            ULONG_PTR ui_param, LPMAPIPROGRESS progress, ULONG flags);
/* CopyTo's PR_CONTAINER_CONTENTS and PR_CONTAINER_HIERARCHY: all messages, all folders below. */
HRESULT folder_copy_table(struct imap_folder *folder, ULONG tag, void *dest, ULONG flags);
HRESULT folder_EmptyFolder(struct imap_folder *folder, ULONG_PTR ui_param, LPMAPIPROGRESS progress,
                           ULONG flags);

#endif
