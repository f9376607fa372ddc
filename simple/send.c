/* simple/send.c - MAPISendMail, MAPISendMailW, MAPISendDocuments
 *
 * On a machine without a screen: what would show a dialog fails, and sends nothing. Requirements:
 * SMP-068 to SMP-091, SMP-112 to SMP-118. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapi/mapiaux.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "simple/compose.h"
#include "simple/compose_files.h"
#include "simple/result.h"

#define LOGON_FLAGS (MAPI_LOGON_UI | MAPI_PASSWORD_UI | MAPI_NEW_SESSION)
#define SEND_FLAGS  (LOGON_FLAGS | MAPI_DIALOG_MODELESS | MAPI_FORCE_UNICODE)
#define MODELESS    (MAPI_DIALOG_MODELESS & ~MAPI_DIALOG) /* its own bit */

/* --- Submitting ------------------------------------------------------------------------------- */

static HRESULT keep_in_sent(struct simple_session *session, IMessage *message)
{
    SPropValue *sent;
    HRESULT hr = HrGetOneProp((IMAPIProp *)session->store, PR_IPM_SENTMAIL_ENTRYID, &sent);

    if (FAILED(hr))
        return S_OK; /* a store without: it is where it was submitted */
    sent->ulPropTag = PR_SENTMAIL_ENTRYID;
    hr = IMessage_SetProps(message, 1, sent, NULL);
    MAPIFreeBuffer(sent);
    return hr;
}

static void remember(struct simple_session *session, const SBinary *entry_id)
{
    BYTE *copy = mapi_memdup(NULL, entry_id->lpb, entry_id->cb);

    if (!copy)
        return; /* it is not waited for */
    pthread_mutex_lock(&session->lock);
    mapi_free(session->submitted.lpb);
    session->submitted = (SBinary){.cb = entry_id->cb, .lpb = copy};
    pthread_mutex_unlock(&session->lock);
}

/* The message has its id and is submitted; or, when that fails, it is nowhere (SMP-089). */
static HRESULT submit(struct simple_session *session, IMAPIFolder *outbox, IMessage *message)
{
    SPropValue *id = NULL;
    HRESULT hr = keep_in_sent(session, message);

    if (SUCCEEDED(hr))
        hr = IMessage_SaveChanges(message, KEEP_OPEN_READWRITE);
    if (FAILED(hr))
        return hr;
    hr = HrGetOneProp((IMAPIProp *)message, PR_ENTRYID, &id);
    if (SUCCEEDED(hr))
        hr = IMessage_SubmitMessage(message, 0);
    if (SUCCEEDED(hr)) {
        remember(session, &id->Value.bin);
    } else if (id) {
        ENTRYLIST list = {.cValues = 1, .lpbin = &id->Value.bin};

        IMAPIFolder_DeleteMessages(outbox, &list, 0, NULL, 0);
    }
    MAPIFreeBuffer(id);
    return hr;
}

static ULONG send_letter(struct simple_session *session, const struct letter *letter)
{
    IMAPIFolder *outbox;
    IMessage *message;
    ULONG result = simple_session_open_folder(session, PR_IPM_OUTBOX_ENTRYID, &outbox);
    HRESULT hr;

    if (result != SUCCESS_SUCCESS)
        return result;
    hr = IMAPIFolder_CreateMessage(outbox, NULL, 0, &message);
    if (SUCCEEDED(hr)) {
        result = compose(session, letter, message);
        if (result == SUCCESS_SUCCESS)
            result = simple_result(submit(session, outbox, message));
        IMessage_Release(message);
    } else {
        result = simple_result(hr);
    }
    IMAPIFolder_Release(outbox);
    return result;
}

/* SMP-083: MAPI_FORCE_UNICODE is for stores that keep UTF-16. */
static bool lacks_unicode(struct simple_session *session)
{
    SPropValue *mask;
    bool lacks = true;

    if (SUCCEEDED(HrGetOneProp((IMAPIProp *)session->store, PR_STORE_SUPPORT_MASK, &mask))) {
        lacks = !(mask->Value.l & STORE_UNICODE_OK);
        MAPIFreeBuffer(mask);
    }
    return lacks;
}

/* --- MAPISendMail ----------------------------------------------------------------------------- */

static ULONG check_call(LHANDLE handle, FLAGS flags, ULONG known, ULONG reserved)
{
    if (reserved || flags & ~known)
        return MAPI_E_FAILURE;
    if (flags & MODELESS && handle != lhSessionNull) /* SMP-082 */
        return MAPI_E_INVALID_SESSION;
    return SUCCESS_SUCCESS;
}

/* A handle that is none is told before anything else; a session of this call's own begins when all
 * that can be told without it is well. */
static ULONG check_handle(LHANDLE handle)
{
    struct simple_session *session;
    ULONG result;

    if (handle == lhSessionNull)
        return SUCCESS_SUCCESS;
    result = simple_session_find(handle, &session);
    if (result == SUCCESS_SUCCESS)
        simple_session_unref(session);
    return result;
}

static ULONG send_checked(LHANDLE handle, ULONG_PTR ui_param, FLAGS flags,
                          const struct letter *letter)
{
    struct simple_session *session;
    ULONG result;

    if (flags & MAPI_DIALOG_MODELESS) /* there is nobody to show it to */
        return MAPI_E_FAILURE;
    if (letter->recipient_count == 0) /* SMP-068 */
        return MAPI_E_INVALID_RECIPS;
    result = simple_session_use(handle, ui_param, flags, &session);
    if (result != SUCCESS_SUCCESS)
        return result;
    if (flags & MAPI_FORCE_UNICODE && lacks_unicode(session))
        result = MAPI_E_UNICODE_NOT_SUPPORTED;
    else
        result = send_letter(session, letter);
    simple_session_unref(session);
    return result;
}

static ULONG send_either(LHANDLE handle, ULONG_PTR ui_param, const MapiMessage *narrow,
                         const MapiMessageW *wide, FLAGS flags)
{
    void *root = mapi_alloc(NULL, 1);
    struct letter letter;
    ULONG result = root ? check_handle(handle) : MAPI_E_INSUFFICIENT_MEMORY;

    if (result == SUCCESS_SUCCESS)
        result = wide ? letter_read_wide(root, wide, &letter) : letter_read(root, narrow, &letter);
    if (result == SUCCESS_SUCCESS)
        result = send_checked(handle, ui_param, flags, &letter);
    mapi_free(root);
    return result;
}

MAPI_API ULONG STDAPICALLTYPE MAPISendMail(LHANDLE handle, ULONG_PTR ui_param,
                                           lpMapiMessage message, FLAGS flags, ULONG reserved)
{
    ULONG result = check_call(handle, flags, SEND_FLAGS & ~(ULONG)MAPI_FORCE_UNICODE, reserved);

    return result == SUCCESS_SUCCESS ? send_either(handle, ui_param, message, NULL, flags) : result;
}

MAPI_API ULONG STDAPICALLTYPE MAPISendMailW(LHANDLE handle, ULONG_PTR ui_param,
                                            lpMapiMessageW message, FLAGS flags, ULONG reserved)
{
    ULONG result = check_call(handle, flags, SEND_FLAGS, reserved);

    return result == SUCCESS_SUCCESS ? send_either(handle, ui_param, NULL, message, flags) : result;
}

/* --- MAPISendDocuments ------------------------------------------------------------------------ */

/* The files of the list, which is taken apart in place, can be attached (SMP-112, SMP-114). */
static ULONG check_paths(char *paths, const char *delimiter, size_t *ret_count)
{
    char *path, *rest = paths;
    ULONG result = SUCCESS_SUCCESS;
    int fd;

    *ret_count = 0;
    while (result == SUCCESS_SUCCESS && (path = strsep(&rest, delimiter)) != NULL) {
        if (++*ret_count > FILES_MAX)
            return MAPI_E_FAILURE;
        result = compose_open_file(path, &fd);
        if (result == SUCCESS_SUCCESS)
            close(fd);
    }
    return result == SUCCESS_SUCCESS ? result : MAPI_E_ATTACHMENT_OPEN_FAILURE;
}

/* There is always a cover note to be filled in, by somebody in front of a screen: after all that
 * can go wrong before it would be shown, the call fails (SMP-117). */
MAPI_API ULONG STDAPICALLTYPE MAPISendDocuments(ULONG_PTR ui_param, LPSTR delimiter, LPSTR paths,
                                                LPSTR names, ULONG reserved)
{
    const char one_delimiter[2] = {delimiter ? delimiter[0] : ';'};
    struct simple_session *session;
    ULONG result = SUCCESS_SUCCESS;
    size_t count;
    char *copy;

    (void)names;
    if (reserved)
        return MAPI_E_FAILURE;
    if (paths && paths[0]) {
        copy = strdup(paths);
        if (!copy)
            return MAPI_E_INSUFFICIENT_MEMORY;
        result = check_paths(copy, one_delimiter, &count);
        free(copy);
    }
    if (result != SUCCESS_SUCCESS)
        return result;
    result = simple_session_use(lhSessionNull, ui_param, 0, &session); /* SMP-115 */
    if (result != SUCCESS_SUCCESS)
        return result;
    simple_session_unref(session);
    return MAPI_E_FAILURE;
}
