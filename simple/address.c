/* simple/address.c - MAPIResolveName, MAPIAddress, MAPIDetails
 *
 * The last two are dialogs, which a machine without a screen has not: what is wrong with their
 * arguments is told, and then that they are not supported. Requirements: SMP-102 to SMP-111. */
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "simple/recipient.h"
#include "simple/result.h"
#include "simple/session.h"

#define LOGON_FLAGS   (MAPI_LOGON_UI | MAPI_PASSWORD_UI | MAPI_NEW_SESSION)
#define RESOLVE_FLAGS (LOGON_FLAGS | MAPI_DIALOG | MAPI_AB_NOMODIFY)
#define EDIT_FIELDS   4

/* --- MAPIResolveName -------------------------------------------------------------------------- */

/* The block's root is the structure (SMP-102). */
static ULONG resolve(IMAPISession *session, const char *name, lpMapiRecipDesc *ret_description)
{
    MapiRecipDesc *description = mapi_alloc(NULL, sizeof(*description));
    struct recipient recipient;
    char *text = NULL;
    ULONG result;

    if (!description)
        return MAPI_E_INSUFFICIENT_MEMORY;
    result = simple_result(text_8bit_to_utf8(description, name, &text));
    if (result == SUCCESS_SUCCESS)
        result = recipient_of_name(session, description, text, &recipient);
    if (result == SUCCESS_SUCCESS)
        result = recipient_describe(description, MAPI_TO, &recipient, description);
    if (result == SUCCESS_SUCCESS)
        *ret_description = description;
    else
        mapi_free(description);
    return result;
}

MAPI_API ULONG STDAPICALLTYPE MAPIResolveName(LHANDLE handle, ULONG_PTR ui_param, LPSTR name,
                                              FLAGS flags, ULONG reserved,
                                              lpMapiRecipDesc *ret_description)
{
    struct simple_session *session;
    ULONG result;

    if (!ret_description)
        return MAPI_E_FAILURE;
    *ret_description = NULL; /* SMP-105 */
    if (reserved || flags & ~(ULONG)RESOLVE_FLAGS || !name || !name[0])
        return MAPI_E_FAILURE;
    result = simple_session_use(handle, ui_param, flags, &session);
    if (result != SUCCESS_SUCCESS)
        return result;
    result = resolve(session->session, name, ret_description);
    simple_session_unref(session);
    return result;
}

/* --- Dialogs ---------------------------------------------------------------------------------- */

MAPI_API ULONG STDAPICALLTYPE MAPIAddress(LHANDLE handle, ULONG_PTR ui_param, LPSTR caption,
                                          ULONG edit_fields, LPSTR labels, ULONG count,
                                          lpMapiRecipDesc recipients, FLAGS flags, ULONG reserved,
                                          LPULONG ret_count, lpMapiRecipDesc *ret_recipients)
{
    struct simple_session *session;
    ULONG result = SUCCESS_SUCCESS;

    if (ret_count)
        *ret_count = 0;
    if (ret_recipients)
        *ret_recipients = NULL;
    if (reserved || flags & ~(ULONG)LOGON_FLAGS || !ret_count || !ret_recipients ||
        (count && !recipients))
        return MAPI_E_FAILURE;
    if (edit_fields > EDIT_FIELDS) /* SMP-106 */
        return MAPI_E_INVALID_EDITFIELDS;
    if (handle != lhSessionNull)
        result = simple_session_find(handle, &session);
    if (result != SUCCESS_SUCCESS)
        return result;
    if (handle != lhSessionNull)
        simple_session_unref(session);
    return MAPI_E_NOT_SUPPORTED; /* SMP-108 */
}

/* SMP-109, SMP-110: whom, of the entry id alone. */
static ULONG find_entry(IMAPISession *session, const MapiRecipDesc *description)
{
    const SBinary id = {.cb = description->ulEIDSize, .lpb = description->lpEntryID};
    struct recipient recipient;
    void *root = mapi_alloc(NULL, 1);
    ULONG result;

    if (!root)
        return MAPI_E_INSUFFICIENT_MEMORY;
    result = recipient_of_id(session, root, &id, &recipient);
    mapi_free(root);
    return result;
}

MAPI_API ULONG STDAPICALLTYPE MAPIDetails(LHANDLE handle, ULONG_PTR ui_param,
                                          lpMapiRecipDesc description, FLAGS flags, ULONG reserved)
{
    struct simple_session *session;
    ULONG result;

    if (reserved || flags & ~(ULONG)(LOGON_FLAGS | MAPI_AB_NOMODIFY) || !description)
        return MAPI_E_FAILURE;
    result = simple_session_use(handle, ui_param, flags, &session);
    if (result != SUCCESS_SUCCESS)
        return result;
    if (description->ulEIDSize == 0)
        result = MAPI_E_AMBIGUOUS_RECIPIENT;
    else if (!description->lpEntryID)
        result = MAPI_E_INVALID_RECIPS;
    else
        result = find_entry(session->session, description);
    simple_session_unref(session);
    return result == SUCCESS_SUCCESS ? MAPI_E_NOT_SUPPORTED : result; /* SMP-111 */
}
