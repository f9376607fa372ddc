/* mapi/validate_methods.c - checks of the arguments of a method, all at once
 *
 * HrValidateParameters and its sisters get the place of a call's arguments. What counts here as
 * that place is an array with one slot of a pointer's size for each parameter, in order: compilers
 * of this system pass arguments in registers, where the address of one says nothing about the next.
 * Only what every implementation of a method must refuse is refused.
 *
 * A method's parameters are a text, one character each:
 *
 *     .  anything              p  a pointer, not NULL      o  a pointer, or NULL
 *     n  a count or size of the pointer that follows, which may be NULL only when it is 0
 *     N  the same, which must not be 0
 *     v  values, as many as the count before says          a  property tags, or NULL
 *     r  a restriction, or NULL     R  a restriction       s  a sort order
 *     e  a list of entry ids        E  the same, or NULL */
#include <stdbool.h>
#include <stdint.h>

#include "mapi/mapival.h"
#include "mapi/mapix.h"

static const char *const methods[] = {
    [IUnknown_QueryInterface] = "pp",
    [IUnknown_AddRef] = "",
    [IUnknown_Release] = "",
    [IMAPIProp_GetLastError] = "..p",
    [IMAPIProp_SaveChanges] = ".",
    [IMAPIProp_GetProps] = "a.pp",
    [IMAPIProp_GetPropList] = ".p",
    [IMAPIProp_OpenProperty] = ".p..p",
    [IMAPIProp_SetProps] = "Nvo",
    [IMAPIProp_DeleteProps] = "po",
    [IMAPIProp_CopyTo] = "noo.opp.o",
    [IMAPIProp_CopyProps] = "p.opp.o",
    [IMAPIProp_GetNamesFromIDs] = "po.pp",
    [IMAPIProp_GetIDsFromNames] = "no.p",
    [IMAPITable_GetLastError] = "..p",
    [IMAPITable_Advise] = ".pp",
    [IMAPITable_Unadvise] = ".",
    [IMAPITable_GetStatus] = "pp",
    [IMAPITable_SetColumns] = "p.",
    [IMAPITable_QueryColumns] = ".p",
    [IMAPITable_GetRowCount] = ".p",
    [IMAPITable_SeekRow] = "..o",
    [IMAPITable_SeekRowApprox] = "..",
    [IMAPITable_QueryPosition] = "ppp",
    [IMAPITable_FindRow] = "R..",
    [IMAPITable_Restrict] = "r.",
    [IMAPITable_CreateBookmark] = "p",
    [IMAPITable_FreeBookmark] = ".",
    [IMAPITable_SortTable] = "s.",
    [IMAPITable_QuerySortOrder] = "p",
    [IMAPITable_QueryRows] = "..p",
    [IMAPITable_Abort] = "",
    [IMAPITable_ExpandRow] = "No..oo",
    [IMAPITable_CollapseRow] = "No.o",
    [IMAPITable_WaitForCompletion] = "..o",
    [IMAPITable_GetCollapseState] = ".nopp",
    [IMAPITable_SetCollapseState] = ".Nop",
    [IMAPIContainer_GetContentsTable] = ".p",
    [IMAPIContainer_GetHierarchyTable] = ".p",
    [IMAPIContainer_OpenEntry] = "noo.pp",
    [IMAPIContainer_SetSearchCriteria] = "rE.",
    [IMAPIContainer_GetSearchCriteria] = ".ooo",
    [IABContainer_CreateEntry] = "No.p",
    [IABContainer_CopyEntries] = "e.o.",
    [IABContainer_DeleteEntries] = "e.",
    [IABContainer_ResolveNames] = "o.pp",
    [IDistList_CreateEntry] = "No.p",
    [IDistList_CopyEntries] = "e.o.",
    [IDistList_DeleteEntries] = "e.",
    [IDistList_ResolveNames] = "o.pp",
    [IMAPIFolder_CreateMessage] = "o.p",
    [IMAPIFolder_CopyMessages] = "eop.o.",
    [IMAPIFolder_DeleteMessages] = "e.o.",
    [IMAPIFolder_CreateFolder] = ".poo.p",
    [IMAPIFolder_CopyFolder] = "Noopo.o.",
    [IMAPIFolder_DeleteFolder] = "No.o.",
    [IMAPIFolder_SetReadFlags] = "E.o.",
    [IMAPIFolder_GetMessageStatus] = "No.p",
    [IMAPIFolder_SetMessageStatus] = "No..o",
    [IMAPIFolder_SaveContentsSort] = "s.",
    [IMAPIFolder_EmptyFolder] = ".o.",
    [IMsgStore_Advise] = "no.pp",
    [IMsgStore_Unadvise] = ".",
    [IMsgStore_CompareEntryIDs] = "NoNo.p",
    [IMsgStore_OpenEntry] = "noo.pp",
    [IMsgStore_SetReceiveFolder] = "o.no",
    [IMsgStore_GetReceiveFolder] = "o.ppo",
    [IMsgStore_GetReceiveFolderTable] = ".p",
    [IMsgStore_StoreLogoff] = "p",
    [IMsgStore_AbortSubmit] = "No.",
    [IMsgStore_GetOutgoingQueue] = ".p",
    [IMsgStore_SetLockState] = "p.",
    [IMsgStore_FinishedMsg] = ".No",
    [IMsgStore_NotifyNewMail] = "p",
    [IMessage_GetAttachmentTable] = ".p",
    [IMessage_OpenAttach] = ".o.p",
    [IMessage_CreateAttach] = "o.pp",
    [IMessage_DeleteAttach] = "..o.",
    [IMessage_GetRecipientTable] = ".p",
    [IMessage_ModifyRecipients] = ".o",
    [IMessage_SubmitMessage] = ".",
    [IMessage_SetReadFlag] = ".",
    [IABProvider_Shutdown] = "p",
    [IABProvider_Logon] = "p.o.ooop",
    [IABLogon_GetLastError] = "..p",
    [IABLogon_Logoff] = ".",
    [IABLogon_OpenEntry] = "noo.pp",
    [IABLogon_CompareEntryIDs] = "NoNo.p",
    [IABLogon_Advise] = "no.pp",
    [IABLogon_Unadvise] = ".",
    [IABLogon_OpenStatusEntry] = "o.pp",
    [IABLogon_OpenTemplateID] = "No.popo",
    [IABLogon_GetOneOffTable] = ".p",
    [IABLogon_PrepareRecips] = ".op",
    [IXPProvider_Shutdown] = "p",
    [IXPProvider_TransportLogon] = "p.opop",
    [IXPLogon_AddressTypes] = "ppppp",
    [IXPLogon_RegisterOptions] = "ppp",
    [IXPLogon_TransportNotify] = "pp",
    [IXPLogon_Idle] = ".",
    [IXPLogon_TransportLogoff] = ".",
    [IXPLogon_SubmitMessage] = ".ppp",
    [IXPLogon_EndMessage] = ".p",
    [IXPLogon_Poll] = "p",
    [IXPLogon_StartMessage] = ".pp",
    [IXPLogon_OpenStatusEntry] = "o.pp",
    [IXPLogon_ValidateState] = "..",
    [IXPLogon_FlushQueues] = ".no.",
    [IMSProvider_Shutdown] = "p",
    [IMSProvider_Logon] = "p.ono.oooopp",
    [IMSProvider_SpoolerLogon] = "p.ono.onoopp",
    [IMSProvider_CompareStoreIDs] = "NoNo.p",
    [IMSLogon_GetLastError] = "..p",
    [IMSLogon_Logoff] = "p",
    [IMSLogon_OpenEntry] = "noo.pp",
    [IMSLogon_CompareEntryIDs] = "NoNo.p",
    [IMSLogon_Advise] = "no.pp",
    [IMSLogon_Unadvise] = ".",
    [IMSLogon_OpenStatusEntry] = "o.pp",
    [IMAPIControl_GetLastError] = "..p",
    [IMAPIControl_Activate] = "..",
    [IMAPIControl_GetState] = ".p",
    [IMAPIStatus_ValidateState] = "..",
    [IMAPIStatus_SettingsDialog] = "..",
    [IMAPIStatus_ChangePassword] = "pp.",
    [IMAPIStatus_FlushQueues] = ".no.",
    [IStream__Read] = "p.o",
    [IStream__Write] = "p.o",
    [IStream_Seek] = "..o",
    [IStream_SetSize] = ".",
    [IStream_CopyTo] = "p.oo",
    [IStream_Commit] = ".",
    [IStream_Revert] = "",
    [IStream_LockRegion] = "...",
    [IStream_UnlockRegion] = "...",
    [IStream_Stat] = "p.",
    [IStream_Clone] = "p",
    [IMAPIAdviseSink_OnNotify] = "No",
};

static bool values_are_good(ULONG count, const SPropValue *values)
{
    for (ULONG i = 0; values && i < count; i++)
        if (PROP_TYPE(values[i].ulPropTag) != PT_ERROR && FBadProp((SPropValue *)&values[i]))
            return false;
    return values != NULL;
}

static bool argument_is_good(char kind, ULONG before, LPVOID argument)
{
    switch (kind) {
    case 'p':
        return argument != NULL;
    case 'v':
        return values_are_good(before, argument);
    case 'a':
        return !argument || !FBadColumnSet(argument);
    case 'r':
        return !argument || !FBadRestriction(argument);
    case 'R':
        return !FBadRestriction(argument);
    case 's':
        return !FBadSortOrderSet(argument);
    case 'e':
        return !FBadEntryList(argument);
    case 'E':
        return !argument || !FBadEntryList(argument);
    case 'N':
        return (ULONG)(uintptr_t)argument != 0;
    default:
        return true;
    }
}

static HRESULT check(METHODS method, LPVOID const *arguments)
{
    const char *kinds;
    ULONG counted = 0; /* what a count before said of this one */

    if ((unsigned)method >= sizeof(methods) / sizeof(methods[0]) || !methods[method])
        return MAPI_E_CALL_FAILED;
    if (!arguments)
        return MAPI_E_INVALID_PARAMETER;
    for (kinds = methods[method]; *kinds; kinds++, arguments++) {
        if (!argument_is_good(*kinds, counted, *arguments) || (counted && !*arguments))
            return MAPI_E_INVALID_PARAMETER;
        counted = *kinds == 'n' || *kinds == 'N' ? (ULONG)(uintptr_t)*arguments : 0;
    }
    return S_OK;
}

HRESULT STDAPICALLTYPE HrValidateParameters(METHODS method, LPVOID *first)
{
    return check(method, first);
}

HRESULT STDAPICALLTYPE __CPPValidateParameters(METHODS method, LPVOID first)
{
    return check(method, first);
}

/* The object itself is the first of the slots. */
HRESULT STDAPICALLTYPE __ValidateParameters(METHODS method, LPVOID slots)
{
    LPVOID *object = slots;

    if (!object || !*object)
        return MAPI_E_INVALID_PARAMETER;
    return check(method, object + 1);
}
