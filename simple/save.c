/* simple/save.c - MAPISaveMail, MAPIDeleteMail
 *
 * Requirements: SMP-057 to SMP-067. */
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "simple/compose.h"
#include "simple/result.h"

#define LOGON_FLAGS (MAPI_LOGON_UI | MAPI_PASSWORD_UI | MAPI_NEW_SESSION)
#define SAVE_FLAGS  (LOGON_FLAGS | MAPI_LONG_MSGID)

/* --- Saving ----------------------------------------------------------------------------------- */

/* Names that cannot be resolved are one thing here (SMP-062). */
static ULONG result_of_compose(ULONG result)
{
    return result == MAPI_E_UNKNOWN_RECIPIENT || result == MAPI_E_AMBIGUOUS_RECIPIENT
               ? MAPI_E_INVALID_RECIPS
               : result;
}

/* SMP-057: the receive folder of the letter's class. */
static ULONG open_receive_folder(struct simple_session *session, const struct letter *letter,
                                 IMAPIFolder **ret_folder)
{
    const WCHAR *class = letter->message_class ? letter->message_class : u"IPM.Note";
    SBinary id;
    ULONG result;
    HRESULT hr = IMsgStore_GetReceiveFolder(session->store, (LPTSTR) class, MAPI_UNICODE, &id.cb,
                                            (ENTRYID **)&id.lpb, NULL);

    if (FAILED(hr))
        return simple_result(hr);
    result = simple_session_open(session, &id, MAPI_FOLDER, ret_folder);
    mapi_free(id.lpb);
    return result;
}

/* SMP-061: what only a message that was never saved can be told. */
static HRESULT set_first_flags(const struct letter *letter, IMessage *message)
{
    SPropValue flags = {.ulPropTag = PR_MESSAGE_FLAGS};

    if (!(letter->flags & MAPI_UNREAD))
        flags.Value.l |= MSGFLAG_READ;
    if (!(letter->flags & MAPI_SENT))
        flags.Value.l |= MSGFLAG_UNSENT;
    return IMessage_SetProps(message, 1, &flags, NULL);
}

static ULONG write_id(struct simple_session *session, IMessage *message, FLAGS flags,
                      LPSTR message_id)
{
    SPropValue *id;
    ULONG result;
    HRESULT hr = HrGetOneProp((IMAPIProp *)message, PR_ENTRYID, &id);

    if (FAILED(hr))
        return simple_result(hr);
    result = message_id_write(&session->ids, &id->Value.bin, flags & MAPI_LONG_MSGID, message_id);
    MAPIFreeBuffer(id);
    return result;
}

static ULONG save_new(struct simple_session *session, const struct letter *letter, FLAGS flags,
                      LPSTR message_id)
{
    IMAPIFolder *folder;
    IMessage *message;
    ULONG result = open_receive_folder(session, letter, &folder);
    HRESULT hr;

    if (result != SUCCESS_SUCCESS)
        return result;
    hr = IMAPIFolder_CreateMessage(folder, NULL, 0, &message);
    IMAPIFolder_Release(folder);
    if (FAILED(hr))
        return simple_result(hr);
    result = result_of_compose(compose(session, letter, message));
    if (result == SUCCESS_SUCCESS)
        result = simple_result(set_first_flags(letter, message));
    if (result == SUCCESS_SUCCESS)
        result = simple_result(IMessage_SaveChanges(message, KEEP_OPEN_READONLY));
    if (result == SUCCESS_SUCCESS)
        result = write_id(session, message, flags, message_id);
    IMessage_Release(message);
    return result;
}

static ULONG save_over(struct simple_session *session, const struct letter *letter,
                       const char *message_id)
{
    IMessage *message;
    ULONG result = simple_session_open_message(session, message_id, &message);

    if (result != SUCCESS_SUCCESS)
        return result;
    result = result_of_compose(compose(session, letter, message));
    if (result == SUCCESS_SUCCESS)
        result = simple_result(IMessage_SaveChanges(message, 0));
    IMessage_Release(message);
    return result;
}

MAPI_API ULONG STDAPICALLTYPE MAPISaveMail(LHANDLE handle, ULONG_PTR ui_param,
                                           lpMapiMessage message, FLAGS flags, ULONG reserved,
                                           LPSTR message_id)
{
    bool is_new = !message_id || !message_id[0];
    struct simple_session *session;
    struct letter letter;
    ULONG result = SUCCESS_SUCCESS;
    void *root;

    if (reserved || flags & ~(ULONG)SAVE_FLAGS || !message_id)
        return MAPI_E_FAILURE;
    if (!is_new && handle == lhSessionNull) /* SMP-058 */
        return MAPI_E_INVALID_SESSION;
    root = mapi_alloc(NULL, 1);
    if (!root)
        return MAPI_E_INSUFFICIENT_MEMORY;
    result = simple_session_use(handle, ui_param, is_new ? flags & ~(ULONG)MAPI_LOGON_UI : flags,
                                &session); /* SMP-064 */
    if (result == SUCCESS_SUCCESS) {
        result = letter_read(root, message, &letter);
        if (result == SUCCESS_SUCCESS)
            result = is_new ? save_new(session, &letter, flags, message_id)
                            : save_over(session, &letter, message_id);
        simple_session_unref(session);
    }
    mapi_free(root);
    return result;
}

/* --- Deleting --------------------------------------------------------------------------------- */

static ULONG delete_message(struct simple_session *session, const char *message_id)
{
    static const SizedSPropTagArray(2, tags) = {2, {PR_ENTRYID, PR_PARENT_ENTRYID}};
    SPropValue *ids = NULL;
    IMAPIFolder *folder;
    IMessage *message;
    ENTRYLIST list;
    ULONG count, result = simple_session_open_message(session, message_id, &message);
    HRESULT hr;

    if (result != SUCCESS_SUCCESS)
        return result;
    hr = IMessage_GetProps(message, (SPropTagArray *)&tags, 0, &count, &ids);
    IMessage_Release(message);
    result = hr == S_OK ? simple_session_open(session, &ids[1].Value.bin, MAPI_FOLDER, &folder)
                        : MAPI_E_FAILURE;
    if (result == SUCCESS_SUCCESS) {
        list = (ENTRYLIST){.cValues = 1, .lpbin = &ids[0].Value.bin};
        hr = IMAPIFolder_DeleteMessages(folder, &list, 0, NULL, 0);
        /* A warning means that it had gone before. */
        result = hr == MAPI_W_PARTIAL_COMPLETION ? MAPI_E_INVALID_MESSAGE : simple_result(hr);
        IMAPIFolder_Release(folder);
    }
    MAPIFreeBuffer(ids);
    return result;
}

MAPI_API ULONG STDAPICALLTYPE MAPIDeleteMail(LHANDLE handle, ULONG_PTR ui_param, LPSTR message_id,
                                             FLAGS flags, ULONG reserved)
{
    struct simple_session *session;
    ULONG result = simple_session_find(handle, &session);

    (void)ui_param;
    if (result != SUCCESS_SUCCESS)
        return result;
    result = reserved || flags ? MAPI_E_FAILURE : /* SMP-067 */
                 delete_message(session, message_id);
    simple_session_unref(session);
    return result;
}
