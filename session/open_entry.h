/* session/open_entry.h - from an entry id to the provider that owns it
 *
 * Private to session/. Behaviour: SES-118 to SES-137. */
#ifndef SESSION_OPEN_ENTRY_H
#define SESSION_OPEN_ENTRY_H

#include "session/session.h"

/* Opens what the id names: a status row (its object is owned by `owner`), a store, or what the
 * store logon that registered its MAPIUID makes of it. */
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

/* Advise with an entry id goes to the same place: the store logon that registered the id's MAPIUID,
 * or that of the store which a wrapped id names; then *ret_inner is the provider's own id. Pinned:
 * provider_objects_unref. */
WAITS HRESULT session_find_logon(struct session *session, ULONG size, const ENTRYID *id,
                                 struct provider_objects **ret_logon, ULONG *ret_inner_size,
                                 const ENTRYID **ret_inner);

#endif
