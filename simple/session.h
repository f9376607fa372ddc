/* simple/session.h - a session of Simple MAPI: an IMAPISession, its store, and a handle
 *
 * Made by MAPILogon, or by a call without a handle for as long as that call lasts (SMP-005). Each
 * holds one MAPIInitialize of its own, for a program that knows Simple MAPI only knows nothing of
 * that. Handles are numbers that are never given twice, so that one which was logged off stays
 * invalid (SMP-027). References keep a session while another thread logs it off; the last one ends
 * it, which may wait. Any thread. */
#ifndef MG_SIMPLE_SESSION_H
#define MG_SIMPLE_SESSION_H

#include <stdatomic.h>

#include "mapi/mapi.h"
#include "mapi/mapix.h"
#include "simple/message_id.h"
#include "simple/walk.h"

#define SESSIONS_MAX 256 /* handles at one time (SMP-023) */

struct simple_session {
    atomic_uint refs;
    IMAPISession *session; /* our reference, logged on */
    IMsgStore *store;      /* our reference: the one that Simple MAPI works on (SMP-011) */
    struct message_ids ids;
    struct walk walk; /* where MAPIFindNext is */
    pthread_mutex_t lock;
    SBinary submitted; /* lock held: the last message that was sent, mapi_free */
};

/* How a session is asked for. */
struct simple_logon {
    const char *profile, *password; /* 8-bit; NULL or empty: none */
    FLAGS flags;                    /* MAPI_LOGON_UI, MAPI_PASSWORD_UI, MAPI_NEW_SESSION */
    ULONG_PTR ui_param;
    bool may_use_default; /* without a name and a shared session: the default profile */
};

/* Logs on and opens the store (SMP-012, SMP-013, SMP-015). One reference, the caller's. Fails with
 * MAPI_E_LOGIN_FAILURE, MAPI_E_TOO_MANY_SESSIONS, MAPI_E_INSUFFICIENT_MEMORY. */
ULONG simple_session_begin(const struct simple_logon *logon, struct simple_session **ret_session);

/* Gives the session a handle, which takes over the caller's reference on success. Fails with
 * MAPI_E_TOO_MANY_SESSIONS. */
ULONG simple_session_publish(struct simple_session *session, LHANDLE *ret_handle);

/* The handle's reference becomes the caller's, and the handle invalid: MAPI_E_INVALID_SESSION when
 * it is already. */
ULONG simple_session_withdraw(LHANDLE handle, struct simple_session **ret_session);

/* A reference on the handle's session. MAPI_E_INVALID_SESSION, for 0 too. */
ULONG simple_session_find(LHANDLE handle, struct simple_session **ret_session);

/* The same, but with handle 0 a session for this call: the shared one or one on the default
 * profile, and with MAPI_NEW_SESSION the latter only (SMP-005 to SMP-008). Fails as both do. */
ULONG simple_session_use(LHANDLE handle, ULONG_PTR ui_param, FLAGS flags,
                         struct simple_session **ret_session);

/* NULL is accepted. */
void simple_session_unref(struct simple_session *session);

/* Opens an object of the store for changes if may be. Fails as simple_result_of_message. */
ULONG simple_session_open(struct simple_session *session, const SBinary *entry_id,
                          ULONG wanted_type, void *ret_object);

/* One of the store's own folders, by the store's property that has its id. */
ULONG simple_session_open_folder(struct simple_session *session, ULONG id_tag,
                                 IMAPIFolder **ret_folder);

/* The message of an identifier: MAPI_E_INVALID_MESSAGE, and as above. */
ULONG simple_session_open_message(struct simple_session *session, const char *message_id,
                                  IMessage **ret_message);

#endif
