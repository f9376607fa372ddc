/* providers/imap/store_private.h - what the files of a store object share */
#ifndef IMAP_STORE_PRIVATE_H
#define IMAP_STORE_PRIVATE_H

#include "mapi/edkmdb.h"
#include "mapi/prop.h"
#include "providers/imap/store.h"

struct imap_store {
    IMsgStore IMsgStore_iface;
    IExchangeManageStore IExchangeManageStore_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct imap_link *link; /* our reference */
    bool writable;
};

/* Runs `fn` on the engine; its words become the object's last error. */
WAITS HRESULT store_run(struct imap_store *store, engine_fn *fn, struct link_call *call);

/* --- store_manage.c --- */

/* Gives the object its IExchangeManageStore. */
void store_manage_init(struct imap_store *store);

/* --- store_receive.c --- */

HRESULT store_SetReceiveFolder(struct imap_store *store, LPTSTR message_class, ULONG flags,
                               ULONG size, LPENTRYID id);
HRESULT store_GetReceiveFolder(struct imap_store *store, LPTSTR message_class, ULONG flags,
                               ULONG *ret_size, LPENTRYID *ret_id, LPTSTR *ret_class);
HRESULT store_GetReceiveFolderTable(struct imap_store *store, ULONG flags, LPMAPITABLE *ret_table);

/* --- store_quota.c --- */

/* Brings in what the server's quota says, where `tags` asks for it. */
WAITS HRESULT store_load_quota(struct imap_store *store, const SPropTagArray *tags);

bool store_is_quota(ULONG tag); /* one of those: no program sets it */

/* --- store_queue.c --- */

HRESULT store_AbortSubmit(struct imap_store *store, ULONG size, LPENTRYID id, ULONG flags);
HRESULT store_SetLockState(struct imap_store *store, LPMESSAGE iface, ULONG lock_state);
HRESULT store_GetOutgoingQueue(struct imap_store *store, ULONG flags, LPMAPITABLE *ret_table);

#endif
