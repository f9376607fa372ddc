/* simple/find.c - MAPIFindNext
 *
 * Requirements: SMP-028 to SMP-041. */
#include "mapi/memory.h"
#include "simple/result.h"
#include "simple/session.h"

/* What logs on elsewhere is taken here too, and does nothing: the session is there. */
#define FIND_FLAGS                                                                                 \
    (MAPI_UNREAD_ONLY | MAPI_GUARANTEE_FIFO | MAPI_LONG_MSGID | MAPI_LOGON_UI | MAPI_PASSWORD_UI | \
     MAPI_NEW_SESSION)

static ULONG find_next(struct simple_session *session, const char *type, const char *seed,
                       FLAGS flags, char *ret_id)
{
    struct walk_step step = {
        .message_class = type && type[0] ? type : "IPM", /* SMP-031 */
        .unread_only = flags & MAPI_UNREAD_ONLY,
        .fifo = flags & MAPI_GUARANTEE_FIFO,
    };
    SBinary after = {0}, found;
    ULONG result = SUCCESS_SUCCESS;

    if (seed && seed[0]) {
        result = message_id_read(&session->ids, seed, &after);
        step.after = &after;
    }
    if (result == SUCCESS_SUCCESS)
        result = walk_next(&session->walk, session->store, &step, &found);
    mapi_free(after.lpb);
    if (result != SUCCESS_SUCCESS)
        return result;
    result = message_id_write(&session->ids, &found, flags & MAPI_LONG_MSGID, ret_id);
    mapi_free(found.lpb);
    return result;
}

MAPI_API ULONG STDAPICALLTYPE MAPIFindNext(LHANDLE handle, ULONG_PTR ui_param, LPSTR type,
                                           LPSTR seed, FLAGS flags, ULONG reserved, LPSTR ret_id)
{
    struct simple_session *session;
    ULONG result = simple_session_find(handle, &session);

    (void)ui_param;
    if (result != SUCCESS_SUCCESS)
        return result;
    if (reserved || flags & ~(ULONG)FIND_FLAGS || !ret_id)
        result = MAPI_E_FAILURE;
    else
        result = find_next(session, type, seed, flags, ret_id);
    simple_session_unref(session);
    return result;
}
