/* session/open_entry.h - from an entry id to the provider that owns it
 *
 * Private to session/. Behaviour: SES-118 to SES-137. */
#ifndef SESSION_OPEN_ENTRY_H
#define SESSION_OPEN_ENTRY_H

#include "session/session.h"

/* Opens what the id names: a status row or a one-off (objects owned by `owner`), a store, or what
 * the logon that registered its MAPIUID, a store's or an address book's, makes of it. */
WAITS HRESULT session_open_entry(struct session *session, struct mapi_object *owner, ULONG size,
                                 const ENTRYID *id, LPCIID iid, ULONG flags,
                                 struct error_info *error, ULONG *ret_type, IUnknown **ret_unknown);

WAITS HRESULT session_compare_entryids(struct session *session, ULONG size1, const ENTRYID *id1,
                                       ULONG size2, const ENTRYID *id2, ULONG flags,
                                       ULONG *ret_result);

/* OpenMsgStore: SES-143 to SES-157. */
WAITS HRESULT session_open_store(struct session *session, ULONG_PTR ui_param, ULONG size,
                                 const ENTRYID *id, LPCIID iid, ULONG flags,
                                 struct error_info *error, IMsgStore **ret_store);

/* Advise on an entry goes to the same place, and is kept in `connections`. MAPI_E_NO_SUPPORT,
 * MAPI_E_INVALID_ENTRYID, MAPI_E_UNKNOWN_ENTRYID. */
struct connections;
WAITS HRESULT session_advise_entry(struct session *session, struct connections *connections,
                                   ULONG size, const ENTRYID *id, ULONG mask, IMAPIAdviseSink *sink,
                                   ULONG_PTR *ret_connection);

#endif
