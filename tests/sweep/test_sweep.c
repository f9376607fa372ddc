/* No bad argument crashes the library, and none is taken for a good one. */
#include "tests/sweep/sweep.h"

#include <stdlib.h>
#include <string.h>

TestSuite(sweep, .init = sweep_open, .fini = sweep_close);

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool fits(const char *pattern, const char *name)
{
    size_t length = strcspn(pattern, "*");

    return pattern[length] ? strncmp(pattern, name, length) == 0 : is(pattern, name);
}

/* Calls that end what the others need; they have tests of their own. */
static bool ends_things(const struct sweep_method *method)
{
    return is(method->name, "Logoff") || is(method->name, "StoreLogoff") ||
           is(method->name, "SubmitMessage");
}

typedef void sweep_step(const struct sweep_target *target, const struct sweep_method *method);

static void for_each_method(sweep_step *step)
{
    for (size_t i = 0; i < sweep.target_count; i++)
        for (size_t j = 0; j < sweep.targets[i].interface->count; j++)
            step(&sweep.targets[i], &sweep.targets[i].interface->methods[j]);
}

/* --- Nothing bad ------------------------------------------------------------------------------ */

/* Methods that have nothing to succeed with here. */
static const struct {
    const char *owner, *method, *reason;
} may_fail[] = {
    {"*", "Unadvise", "needs a connection"},
    {"IMAPITable", "Abort", "nothing is under way"},
    {"IMAPITable", "SetCollapseState", "needs a state"},
    {"IStream", "LockRegion", "streams have no locks"},
    {"IStream", "UnlockRegion", "streams have no locks"},
    {"IMsgStore", "AbortSubmit", "the message is not submitted"},
    {"IMsgStore", "SetLockState", "the message is not submitted"},
    {"IMsgServiceAdmin", "DeleteMsgService", "would delete the one that all work on"},
    {"IMsgServiceAdmin", "CreateMsgService*", "there is no service of that name"},
    {"IMsgServiceAdmin", "CopyMsgService", "a message takes no services"},
    {"IMsgServiceAdmin", "MsgServiceTransportOrder", "needs all transports"},
    {"IProviderAdmin", "CreateProvider", "there is no provider of that name"},
    {"IProviderAdmin", "DeleteProvider", "would delete the one that all work on"},
    {"IAddrBook", "ResolveName", "nobody has that name"},
    {"IAddrBook", "NewEntry", "both ids are those of a person"},
    {"-", "HrDecomposeMsgID", "needs an id that HrComposeMsgID made"},
    {"-", "WrapStoreEntryID", "needs a provider's name"},
    {"-", "CreateTable", "needs an index column"},
    {"-", "OpenStreamOnFile*", "there is no such file"},
    {"-", "WrapCompressedRTFStreamEx", "needs a stream of that format"},
};

static bool may_always_fail(const struct sweep_method *method)
{
    for (size_t i = 0; i < sizeof(may_fail) / sizeof(may_fail[0]); i++)
        if (fits(may_fail[i].owner, method->owner) && fits(may_fail[i].method, method->name))
            return true;
    return ends_things(method);
}

/* With good arguments each method succeeds on some target, or has no support on the last one: what
 * the tests below spoil is all that is wrong. */
static void expect_success_somewhere(const struct sweep_method *wanted)
{
    const struct sweep_target *last = NULL;
    HRESULT hr = MAPI_E_NO_SUPPORT;

    for (size_t i = 0; i < sweep.target_count && FAILED(hr); i++)
        for (size_t j = 0; j < sweep.targets[i].interface->count && FAILED(hr); j++) {
            const struct sweep_method *method = &sweep.targets[i].interface->methods[j];
            union sweep_value values[SWEEP_PARAMS];

            if (!is(method->owner, wanted->owner) || !is(method->name, wanted->name))
                continue;
            sweep_good_values(method, values);
            last = &sweep.targets[i];
            hr = sweep_call(last, method, values);
        }
    if (last && FAILED(hr) && hr != MAPI_E_NO_SUPPORT)
        sweep_find(last, wanted, hr, "with good arguments");
}

Test(sweep, good_arguments_are_good)
{
    for (size_t i = 0; i <= sweep_interface_count; i++) {
        const struct sweep_interface *interface =
            i < sweep_interface_count ? &sweep_interfaces[i] : &sweep_exports;

        for (size_t j = 0; j < interface->count; j++)
            if (!may_always_fail(&interface->methods[j]))
                expect_success_somewhere(&interface->methods[j]);
    }
    sweep_expect_working();
    sweep_judge();
}

/* --- NULL ------------------------------------------------------------------------------------- */

/* Where NULL is an answer, not a mistake. */
static const struct {
    const char *owner, *method, *param, *reason;
} may_be_null[] = {
    {"*", "*", "lpInterface", "the default interface (SES-121, SES-144, SES-175)"},
    {"*", "*", "lpProgress", "no progress is shown"},
    {"*", "*", "lppProblems", "problems are not wanted (PRP-010)"},
    {"*", "*", "lpulObjType", "the type is not wanted; programs do that"},
    {"IMAPIProp", "GetProps", "lpPropTagArray", "all properties (STO-241)"},
    {"IMAPIProp", "GetNamesFromIDs", "lpPropSetGuid", "names of all sets (STO-282)"},
    {"IMAPIProp", "GetIDsFromNames", "lppPropNames", "all names (STO-279)"},
    {"IMAPIProp", "CopyTo", "rgiidExclude", "no interface is left out (STO-269)"},
    {"IMAPIProp", "CopyTo", "lpExcludeProps", "no property is left out (STO-269)"},
    {"IMAPIContainer", "OpenEntry", "lpEntryID", "the top of the hierarchy (STO-123)"},
    {"IMsgStore", "OpenEntry", "lpEntryID", "the root folder (STO-123)"},
    {"IMsgStore", "Advise", "lpEntryID", "the whole store"},
    {"IMAPISession", "Advise", "lpEntryID", "session events (SES-200)"},
    {"IAddrBook", "Advise", "lpEntryID", "critical errors (ABK-012)"},
    {"IAddrBook", "OpenEntry", "lpEntryID", "the root (ABK-003)"},
    {"IAddrBook", "CreateOneOff", "lpszName", "the address is the name (ABK-034)"},
    {"IAddrBook", "NewEntry", "lpEIDContainer", "a one-off (ABK-059)"},
    {"IAddrBook", "ResolveName", "lpszNewEntryTitle", "of a dialog"},
    {"IAddrBook", "PrepareRecips", "*", "only the identifiers change (ABK-058)"},
    {"IABContainer", "ResolveNames", "lpPropTagArray", "the usual properties"},
    {"IMAPISession", "SetDefaultStore", "lpEntryID", "no store has the flag (SES-166)"},
    {"IMAPITable", "Restrict", "lpRestriction", "no restriction"},
    {"IMAPITable", "SeekRow", "lplRowsSought", "the number is not wanted (TBL-039)"},
    {"IMAPITable", "WaitForCompletion", "lpulTableStatus", "the status is not wanted"},
    {"IMAPIStatus", "FlushQueues", "lpTargetTransport", "all transports (STA-122)"},
    {"IMAPIFolder", "CreateFolder", "lpszFolderComment", "no comment (STO-127)"},
    {"IMAPIFolder", "SetMessageStatus", "lpulOldStatus", "the old status is not wanted"},
    {"IMAPIFolder", "SetReadFlags", "lpMsgList", "all messages (STO-222)"},
    {"IMsgStore", "GetReceiveFolder", "lpszMessageClass", "the default folder (STO-054)"},
    {"IMsgStore", "SetReceiveFolder", "lpszMessageClass", "the default folder (STO-052)"},
    {"IMsgStore", "SetReceiveFolder", "lpEntryID", "takes the tie away (STO-053)"},
    {"IMsgStore", "GetReceiveFolder", "lppszExplicitClass", "the class is not wanted"},
    {"IMsgServiceAdmin", "SetPrimaryIdentity", "lpUID", "no service gives the identity"},
    {"IProfAdmin", "*", "lpszPassword", "profiles have no password (PRF-006)"},
    {"IProfAdmin", "*", "lpszOldPassword", "profiles have no password (PRF-006)"},
    {"IProfAdmin", "ChangeProfilePassword", "*", "S_OK, and nothing is done (PRF-023)"},
    {"IProfAdmin", "SetDefaultProfile", "lpszProfileName", "no profile is the default (PRF-020)"},
    {"ISequentialStream", "*", "pcbRead", "the number is not wanted (ISequentialStream)"},
    {"ISequentialStream", "*", "pcbWritten", "the number is not wanted (ISequentialStream)"},
    {"IStream", "CopyTo", "pcbRead", "the number is not wanted (IStream)"},
    {"IStream", "CopyTo", "pcbWritten", "the number is not wanted (IStream)"},
    {"IStream", "Seek", "plibNewPosition", "the position is not wanted (IStream)"},
    {"-", "HrAddColumns", "lpAllocateBuffer", "the library's own"},
    {"-", "HrAddColumns", "lpFreeBuffer", "the library's own"},
    {"-", "HrAllocAdviseSink", "lpvContext", "the callback needs none"},
    {"-", "HrQueryAllRows", "lpPropTags", "the columns stay (TBL-134)"},
    {"-", "HrQueryAllRows", "lpRestriction", "the rows stay (TBL-134)"},
    {"-", "HrQueryAllRows", "lpSortOrderSet", "the order stays (TBL-134)"},
    {"-", "HrValidateIPMSubtree", "lpperr", "the words are not wanted"},
    {"-", "CreateIProp", "lpvReserved", "it is reserved"},
    {"-", "HrComposeEID", "lpSession", "it is not asked"},
    {"-", "HrComposeMsgID", "lpSession", "it is not asked"},
    {"-", "HrDecomposeEID", "lpSession", "a plain id names no store (UTL-044)"},
    {"-", "MAPILogonEx", "lpszPassword", "it has to be NULL (SES-036)"},
    {"-", "*", "lpcb", "the size is not wanted"},
};

/* The same where the count or flags are 0. */
static const struct {
    const char *owner, *method, *param, *reason;
} may_be_null_with_0[] = {
    {"-", "ScCreateConversationIndex", "lpbParent", "no parent: a new conversation"},
    {"ISequentialStream", "*", "pv", "0 bytes are nowhere"},
    {"IMsgServiceAdmin", "ConfigureMsgService", "lpProps", "what is set must do (PRF-078)"},
    {"IProviderAdmin", "CreateProvider", "lpProps", "the description's alone (PRF-088)"},
    {"IMessage", "ModifyRecipients", "lpMods", "the whole list is replaced by none (STO-205)"},
};

static bool null_is_allowed(const struct sweep_method *method, const struct sweep_param *param,
                            bool zero)
{
    for (size_t i = 0; zero && i < sizeof(may_be_null_with_0) / sizeof(may_be_null_with_0[0]); i++)
        if (fits(may_be_null_with_0[i].owner, method->owner) &&
            fits(may_be_null_with_0[i].method, method->name) &&
            fits(may_be_null_with_0[i].param, param->name))
            return true;

    for (size_t i = 0; i < sizeof(may_be_null) / sizeof(may_be_null[0]); i++)
        if (fits(may_be_null[i].owner, method->owner) &&
            fits(may_be_null[i].method, method->name) && fits(may_be_null[i].param, param->name))
            return true;
    return false;
}

/* Numbers as they should be, or all 0. */
static void spoil_numbers(const struct sweep_method *method, union sweep_value *values)
{
    for (size_t i = 0; i < method->count; i++)
        if (!SWEEP_IS_POINTER(method->params[i].kind))
            values[i].number = 0;
}

static void call_with_null(const struct sweep_target *target, const struct sweep_method *method,
                           size_t which, bool zero)
{
    union sweep_value values[SWEEP_PARAMS];
    const char *forbidden = NULL;
    HRESULT hr;

    sweep_good_values(method, values);
    if (zero)
        spoil_numbers(method, values);
    for (size_t i = 0; i < method->count; i++) {
        if (!SWEEP_IS_POINTER(method->params[i].kind) || (which != i && which != SIZE_MAX))
            continue;
        values[i].pointer = NULL;
        if (!null_is_allowed(method, &method->params[i], zero))
            forbidden = method->params[i].name;
    }
    hr = sweep_call(target, method, values);
    if (SUCCEEDED(hr) && hr != SWEEP_NO_RESULT && forbidden)
        sweep_find(target, method, hr, "%s NULL%s%s", forbidden, which == SIZE_MAX ? ", all" : "",
                   zero ? ", numbers 0" : "");
}

static void call_with_nulls(const struct sweep_target *target, const struct sweep_method *method)
{
    if (ends_things(method))
        return;
    for (int zero = 0; zero < 2; zero++) {
        for (size_t i = 0; i < method->count; i++)
            if (SWEEP_IS_POINTER(method->params[i].kind))
                call_with_null(target, method, i, zero);
        call_with_null(target, method, SIZE_MAX, zero);
    }
}

Test(sweep, null_is_refused_where_it_means_nothing) /* PRP-064, PRP-065 */
{
    for_each_method(call_with_nulls);
    sweep_expect_working();
    sweep_judge();
}

/* Those exports that free, count or initialise, and are not in the table. */
Test(sweep, memory_and_initialisation_take_nulls) /* PRP-065, SES-005, UTL-086 */
{
    MAPIINIT_0 unknown_version = {77, 0}, unknown_flags = {MAPI_INIT_VERSION, 0x40000000};
    void *block = NULL;

    expect_hr(MAPIAllocateBuffer(16, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(MAPIAllocateMore(16, NULL, &block), MAPI_E_INVALID_PARAMETER);
    expect_hr(MAPIReallocateBuffer(NULL, 16, NULL), MAPI_E_INVALID_PARAMETER);
    assert_hr(MAPIAllocateBuffer(16, &block), S_OK);
    expect_hr(MAPIAllocateMore(16, block, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(MAPIReallocateBuffer(block, 32, NULL), MAPI_E_INVALID_PARAMETER);
    MAPIFreeBuffer(block);
    MAPIFreeBuffer(NULL);
    FreeProws(NULL);
    FreePadrlist(NULL);
    cr_expect(UlAddRef(NULL) == 0 && UlRelease(NULL) == 0);
    expect_hr(HrAddColumnsEx(NULL, NULL, NULL, NULL, NULL), MAPI_E_INVALID_PARAMETER);
    cr_expect(FtgRegisterIdleRoutine(NULL, NULL, 0, 0, 0) == NULL);
    EnableIdleRoutine(NULL, TRUE);
    ChangeIdleRoutine(NULL, NULL, NULL, 0, 0, 0, 0xFFFF);
    DeregisterIdleRoutine(NULL);
    expect_hr(ScRelocProps(1, NULL, NULL, NULL, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(MAPIInitialize(&unknown_flags), MAPI_E_UNKNOWN_FLAGS);
    cr_expect(FAILED(MAPIInitialize(&unknown_version)));
    sweep_expect_working();
}

/* --- Flags ------------------------------------------------------------------------------------ */

/* Other answers that are as they should be. */
static bool refuses_otherwise(const struct sweep_method *method, HRESULT hr)
{
    if (is(method->name, "ScInitMapiUtil"))
        return hr == MAPI_E_INVALID_PARAMETER; /* its flags are a reserved number */
    return false;
}

/* True: refused, as it should be. */
static bool refuses_flags(const struct sweep_target *target, const struct sweep_method *method,
                          size_t at, ULONG unknown, HRESULT *ret_hr)
{
    union sweep_value values[SWEEP_PARAMS];
    HRESULT hr;

    sweep_good_values(method, values);
    if (method->params[at].kind == SWEEP_FLAGS_POINTER)
        *(ULONG *)values[at].pointer |= unknown;
    else
        values[at].number |= unknown;
    hr = sweep_call(target, method, values);
    if (hr == MAPI_E_UNKNOWN_FLAGS || hr == MAPI_E_NO_SUPPORT || refuses_otherwise(method, hr))
        return true;
    *ret_hr = hr;
    return false;
}

static void call_with_unknown_flags(const struct sweep_target *target,
                                    const struct sweep_method *method)
{
    for (size_t at = 0; at < method->count; at++) {
        const struct sweep_param *param = &method->params[at];
        ULONG taken = 0;
        HRESULT hr = S_OK;

        if (param->kind != SWEEP_FLAGS && param->kind != SWEEP_FLAGS_POINTER)
            continue;
        if (!refuses_flags(target, method, at, ~param->documented, &hr))
            sweep_find(target, method, hr, "%s has all unknown bits", param->name);
        for (unsigned bit = 0; bit < 32; bit++)
            if (!(param->documented & 1u << bit) &&
                !refuses_flags(target, method, at, 1u << bit, &hr))
                taken |= 1u << bit;
        if (taken)
            sweep_find(target, method, hr, "%s takes 0x%08X", param->name, (unsigned)taken);
    }
}

Test(sweep, unknown_flags_are_refused) /* PRP-065, STA-096, SES-005 */
{
    for_each_method(call_with_unknown_flags);
    sweep_expect_working();
    sweep_judge();
}

/* --- Dead objects ----------------------------------------------------------------------------- */

static void call_logged_off(const struct sweep_target *target, const struct sweep_method *method)
{
    union sweep_value values[SWEEP_PARAMS];
    HRESULT hr;

    if (!target->logs_off || method->is_unknown)
        return;
    sweep_good_values(method, values);
    hr = sweep_call(target, method, values);
    if (hr != MAPI_E_INVALID_OBJECT)
        sweep_find(target, method, hr, "after Logoff");
}

Test(sweep, after_logoff_every_method_says_so) /* MEM-033, MEM-036, SES-105, STA-093 */
{
    expect_hr(IMAPISession_Logoff(mail.session, 0, 0, 0), S_OK);
    for_each_method(call_logged_off);
    sweep_release_mail(); /* the rig would log off */
    sweep_judge();
}

static void call_uninitialized(const struct sweep_target *target, const struct sweep_method *method)
{
    union sweep_value values[SWEEP_PARAMS];
    HRESULT hr;

    if (!target->object || method->is_unknown)
        return;
    sweep_good_values(method, values);
    hr = sweep_call(target, method, values);
    if (hr != MAPI_E_NOT_INITIALIZED && hr != MAPI_E_INVALID_OBJECT)
        sweep_find(target, method, hr, "after MAPIUninitialize");
}

Test(sweep, after_the_last_uninitialize_every_method_fails) /* SES-003, SES-025 */
{
    IProfAdmin *profiles = NULL;
    IMAPISession *session = NULL;

    sweep_end_simple();
    MAPIUninitialize();
    for_each_method(call_uninitialized);
    expect_hr(MAPIAdminProfiles(0, &profiles), MAPI_E_NOT_INITIALIZED);
    expect_hr(MAPILogonEx(0, (LPTSTR)PROFILE, NULL, MAPI_EXTENDED, &session),
              MAPI_E_NOT_INITIALIZED);
    expect_hr(HrDispatchNotifications(0), MAPI_E_NOT_INITIALIZED);
    sweep_release_targets();
    sweep_release_mail();
    sweep_judge();
}

/* --- Entry ids -------------------------------------------------------------------------------- */

/* In a message's entry id: the numbers of its folder and of itself (docs/mail.md). */
enum {
    AT_FOLDER = 38,
    AT_FOLDER_END = 44,
    AT_MESSAGE = 62,
};

enum spoiling {
    SPOILED_NULL, /* NULL, of the good size */
    SPOILED_GONE, /* NULL, of size 0 */
    SPOILED_EMPTY,
    SPOILED_CUT,     /* to the size in `at` */
    SPOILED_FLIPPED, /* the byte in `at` */
    SPOILED_FOREIGN, /* another provider's UID */
    SPOILED_RANDOM,
};

struct spoiled {
    enum spoiling how;
    ULONG at;
    SBinary id; /* a block of just that size, so that reading beyond it is noticed */
};

static void spoil(const SBinary *good, enum spoiling how, ULONG at, struct spoiled *ret)
{
    *ret = (struct spoiled){.how = how, .at = at, .id.cb = how == SPOILED_GONE ? 0 : good->cb};
    if (how == SPOILED_CUT)
        ret->id.cb = at;
    if (how == SPOILED_EMPTY)
        ret->id.cb = 0;
    if (how == SPOILED_NULL || how == SPOILED_GONE)
        return;
    ret->id.lpb = malloc(ret->id.cb ? ret->id.cb : 1);
    memcpy(ret->id.lpb, good->lpb, ret->id.cb);
    for (ULONG i = 0; i < ret->id.cb; i++)
        if ((how == SPOILED_FLIPPED && i == at) || (how == SPOILED_FOREIGN && i >= 4 && i < 20) ||
            how == SPOILED_RANDOM)
            ret->id.lpb[i] ^= how == SPOILED_RANDOM ? (BYTE)(i * 167 + at) : 0xFF;
}

/* An address book's container goes on past what it cannot do (ABK-089, ABK-090). */
static bool goes_on(const struct sweep_method *method, HRESULT hr)
{
    return is(method->owner, "IABContainer") && hr == MAPI_W_PARTIAL_COMPLETION;
}

/* Whether the answer to a spoiled id is as it should be. */
static bool is_right_about_id(const struct sweep_method *method, const struct sweep_param *param,
                              const struct spoiled *spoiled, HRESULT hr)
{
    if (goes_on(method, hr))
        return true;
    if (is(method->name, "NewEntry") && spoiled->id.cb == 0 && hr == S_OK)
        return null_is_allowed(method, param, true);
    if (is(method->name, "NewEntry") && hr == MAPI_E_INTERFACE_NOT_SUPPORTED)
        return true; /* its container is a person */
    if (is(method->name, "CompareEntryIDs") && hr == S_OK)
        return true; /* not the same, or the same (SES-136) */
    if (spoiled->how == SPOILED_FLIPPED && spoiled->at < 4 && SUCCEEDED(hr))
        return true; /* abFlags do not count (SES-136) */
    if (is(method->name, "FlushQueues") && spoiled->id.cb == 0 &&
        (SUCCEEDED(hr) || hr == MAPI_E_BUSY))
        return true; /* all transports (STA-122) */
    if ((spoiled->how == SPOILED_NULL || spoiled->how == SPOILED_GONE) && SUCCEEDED(hr))
        return null_is_allowed(method, param, spoiled->id.cb == 0);
    if (spoiled->how == SPOILED_FLIPPED && spoiled->at >= AT_FOLDER && spoiled->at < AT_FOLDER_END)
        return true; /* a message's number names it alone; its folder's is not asked */
    if (spoiled->how == SPOILED_FLIPPED && is(method->name, "Advise") && hr == S_OK)
        return spoiled->at >= AT_MESSAGE; /* whatever will have that number */
    if (spoiled->how == SPOILED_FLIPPED && is(method->name, "OpenMsgStore") && hr == S_OK)
        return spoiled->at == 21 || (spoiled->at > 30 && spoiled->at < 36); /* the wrap's rest */
    if (is(method->name, "AbortSubmit") && hr == MAPI_E_NOT_IN_QUEUE)
        return spoiled->how == SPOILED_FLIPPED; /* a message that is not there */
    if (hr == MAPI_W_PARTIAL_COMPLETION && spoiled->how == SPOILED_FLIPPED)
        return true; /* the id of a message that is not there */
    return hr == MAPI_E_INVALID_ENTRYID || hr == MAPI_E_UNKNOWN_ENTRYID || hr == MAPI_E_NOT_FOUND ||
           hr == MAPI_E_INVALID_PARAMETER || hr == MAPI_E_NO_SUPPORT || hr == MAPI_E_NO_ACCESS;
}

static void call_with_id(const struct sweep_target *target, const struct sweep_method *method,
                         size_t at, const SBinary *good, enum spoiling how, ULONG where)
{
    static const char *const names[] = {"NULL",    "NULL and 0", "empty", "cut",
                                        "flipped", "foreign",    "random"};
    const struct sweep_param *param = &method->params[at];
    union sweep_value values[SWEEP_PARAMS];
    struct spoiled spoiled;
    SBinaryArray list;
    HRESULT hr;

    spoil(good, how, where, &spoiled);
    sweep_good_values(method, values);
    if (param->kind == SWEEP_ENTRYLIST) {
        list = (SBinaryArray){1, &spoiled.id};
        values[at].pointer = &list;
    } else {
        values[at].pointer = spoiled.id.lpb;
        values[at - 1].number = spoiled.id.cb;
    }
    hr = sweep_call(target, method, values);
    if (!is_right_about_id(method, param, &spoiled, hr))
        sweep_find(target, method, hr, "%s is %s (%u)", param->name, names[how], (unsigned)where);
    free(spoiled.id.lpb);
}

static void call_with_list(const struct sweep_target *target, const struct sweep_method *method,
                           size_t at, ULONG count)
{
    union sweep_value values[SWEEP_PARAMS];
    SBinaryArray list = {count, NULL};
    HRESULT hr;

    sweep_good_values(method, values);
    values[at].pointer = &list;
    hr = sweep_call(target, method, values);
    if (hr != MAPI_E_INVALID_PARAMETER && hr != MAPI_E_NO_SUPPORT && hr != MAPI_E_NO_ACCESS)
        sweep_find(target, method, hr, "%u entries, lpbin NULL", (unsigned)count);
}

static void call_with_spoiled_ids(const struct sweep_target *target,
                                  const struct sweep_method *method)
{
    for (size_t at = 0; at < method->count; at++) {
        enum sweep_kind kind = method->params[at].kind;
        const SBinary *good =
            kind == SWEEP_ENTRYLIST ? &sweep.ids[SWEEP_MESSAGE_ID] : sweep_good_id(method);

        if ((kind != SWEEP_ENTRYID && kind != SWEEP_ENTRYLIST) || !target->object)
            continue;
        call_with_id(target, method, at, good, SPOILED_NULL, 0);
        call_with_id(target, method, at, good, SPOILED_GONE, 0);
        call_with_id(target, method, at, good, SPOILED_EMPTY, 0);
        call_with_id(target, method, at, good, SPOILED_FOREIGN, 0);
        for (ULONG i = 0; i < 8; i++)
            call_with_id(target, method, at, good, SPOILED_RANDOM, i);
        for (ULONG i = 1; i < good->cb; i++)
            call_with_id(target, method, at, good, SPOILED_CUT, i);
        for (ULONG i = 4; i < good->cb; i++)
            call_with_id(target, method, at, good, SPOILED_FLIPPED, i);
        if (kind == SWEEP_ENTRYLIST) {
            call_with_list(target, method, at, 1);
            call_with_list(target, method, at, 0xFFFFFFFF);
        }
    }
}

/* Good ids of what the method does not work on. */
static void call_with_other_ids(const struct sweep_target *target,
                                const struct sweep_method *method)
{
    for (size_t at = 0; at < method->count; at++) {
        enum sweep_kind kind = method->params[at].kind;

        if ((kind != SWEEP_ENTRYID && kind != SWEEP_ENTRYLIST) || !target->object)
            continue;
        for (size_t i = 0; i < sizeof(sweep.ids) / sizeof(sweep.ids[0]); i++) {
            const SBinary *id = &sweep.ids[i];
            union sweep_value values[SWEEP_PARAMS];
            SBinaryArray list = {1, (SBinary *)id};
            HRESULT hr;

            sweep_good_values(method, values);
            if (id->cb == values[at - (kind == SWEEP_ENTRYID)].number && kind == SWEEP_ENTRYID &&
                memcmp(id->lpb, values[at].pointer, id->cb) == 0)
                continue;
            if (i == SWEEP_MESSAGE_ID || i == SWEEP_MARKED_ID)
                continue; /* nothing is wrong with them */
            if (is(method->owner, "IABContainer") && (i == SWEEP_ONEOFF_ID || i == SWEEP_PERSON_ID))
                continue; /* people, whom a container takes */
            values[at].pointer = kind == SWEEP_ENTRYLIST ? (void *)&list : id->lpb;
            if (kind == SWEEP_ENTRYID)
                values[at - 1].number = id->cb;
            hr = sweep_call(target, method, values);
            if (goes_on(method, hr) || is(method->name, "NewEntry"))
                continue; /* a template may be anybody's */
            if (hr == MAPI_W_PARTIAL_COMPLETION && i == SWEEP_KEPT_ID)
                continue; /* a message, but not one of this folder */
            if (SUCCEEDED(hr) && !is(method->name, "OpenEntry") && !is(method->name, "Advise") &&
                !is(method->name, "CompareEntryIDs") && !is(method->name, "SetReceiveFolder"))
                sweep_find(target, method, hr, "%s is id %zu", method->params[at].name, i);
        }
    }
}

Test(sweep, ids_of_other_things_are_refused) /* SES-118, SES-143, SES-204, STO-124 */
{
    for_each_method(call_with_other_ids);
    sweep_expect_working();
    sweep_judge();
}

Test(sweep, spoiled_entry_ids_are_refused) /* SES-118, SES-136, SES-143, SES-204, STO-123 */
{
    for_each_method(call_with_spoiled_ids);
    sweep_expect_working();
    sweep_judge();
}

/* --- Sizes ------------------------------------------------------------------------------------ */

/* Counts whose products with 4, 8, 16, 24 and 32 leave 32 bits, and the largest. */
static const ULONG absurd[] = {0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0x40000001,
                               0x20000001, 0x10000001, 0x0AAAAAAB, 0x08000001};

/* What a stream in memory can hold. */
#define STREAM_MAX (1u << 30)

/* The structures that begin with their count; all else of them is good. */
static bool begins_with_count(enum sweep_kind kind)
{
    return kind == SWEEP_TAGS || kind == SWEEP_TAGS_POINTER || kind == SWEEP_ENTRYLIST ||
           kind == SWEEP_ADRLIST || kind == SWEEP_SORT || kind == SWEEP_ROWS;
}

static void judge_size(const struct sweep_target *target, const struct sweep_method *method,
                       const char *name, ULONG size, HRESULT hr)
{
    if (hr == SWEEP_NO_RESULT || hr == MAPI_E_INVALID_PARAMETER || hr == MAPI_E_NOT_ENOUGH_MEMORY ||
        hr == MAPI_E_TOO_COMPLEX || hr == MAPI_E_INVALID_ENTRYID || hr == MAPI_E_NO_SUPPORT)
        return;
    if (is(method->name, "Read") && hr == S_OK)
        return; /* as many bytes as there are */
    if (is(method->name, "ScBinFromHexBounded"))
        return; /* room for more than the text has */
    if (is(method->name, "Write") && (hr == STG_E_MEDIUMFULL || hr == STG_E_ACCESSDENIED))
        return; /* more than a stream can hold; a stream that is read only */
    sweep_find(target, method, hr, "%s is 0x%08X", name, (unsigned)size);
}

static void call_with_size(const struct sweep_target *target, const struct sweep_method *method,
                           size_t at, ULONG size)
{
    const struct sweep_param *param = &method->params[at];
    union sweep_value values[SWEEP_PARAMS];
    ULONG *count;

    if (is(method->name, "Write") && size < STREAM_MAX)
        return; /* is believed */
    sweep_good_values(method, values);
    if (param->kind == SWEEP_COUNT) {
        values[at].number = size;
    } else {
        count = values[at].pointer;
        if (param->kind == SWEEP_TAGS_POINTER)
            count = *(ULONG **)values[at].pointer;
        *count = size;
    }
    judge_size(target, method, param->name, size, sweep_call(target, method, values));
}

static void call_with_sizes(const struct sweep_target *target, const struct sweep_method *method)
{
    if (ends_things(method))
        return;
    for (size_t at = 0; at < method->count; at++)
        for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++)
            if (method->params[at].kind == SWEEP_COUNT ||
                begins_with_count(method->params[at].kind))
                call_with_size(target, method, at, absurd[i]);
}

static void call_with_deep_restriction(const struct sweep_target *target,
                                       const struct sweep_method *method)
{
    enum { DEPTH = 10000 };
    SRestriction *deep = calloc(DEPTH, sizeof(*deep));

    for (size_t i = 0; i + 1 < DEPTH; i++) {
        deep[i].rt = RES_NOT;
        deep[i].res.resNot.lpRes = &deep[i + 1];
    }
    deep[DEPTH - 1].rt = RES_EXIST;
    deep[DEPTH - 1].res.resExist.ulPropTag = PR_PRIORITY;
    for (size_t at = 0; at < method->count; at++) {
        union sweep_value values[SWEEP_PARAMS];

        if (method->params[at].kind != SWEEP_RESTRICTION)
            continue;
        sweep_good_values(method, values);
        values[at].pointer = deep;
        judge_size(target, method, method->params[at].name, DEPTH,
                   sweep_call(target, method, values));
        deep[0] = (SRestriction){.rt = RES_AND}; /* and a broad one */
        deep[0].res.resAnd.cRes = 0xFFFFFFFF;
        deep[0].res.resAnd.lpRes = &deep[1];
        judge_size(target, method, method->params[at].name, 0xFFFFFFFF,
                   sweep_call(target, method, values));
    }
    free(deep);
}

Test(sweep, absurd_sizes_are_refused) /* PRP-064, TBL-064 */
{
    for_each_method(call_with_sizes);
    for_each_method(call_with_deep_restriction);
    sweep_expect_working();
    sweep_judge();
}

/* Numbers at the ends of their types. What they mean is each method's affair: only crashes count,
 * and outputs that are left over. */
static void call_with_extremes(const struct sweep_target *target, const struct sweep_method *method)
{
    static const uint64_t extremes[] = {0x7FFFFFFF,         0x80000000,         0xFFFFFFFF,
                                        0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF};

    if (ends_things(method))
        return;
    for (size_t at = 0; at < method->count; at++)
        for (size_t i = 0; i < sizeof(extremes) / sizeof(extremes[0]); i++) {
            union sweep_value values[SWEEP_PARAMS];

            if (method->params[at].kind != SWEEP_NUMBER && method->params[at].kind != SWEEP_WIDE)
                continue;
            sweep_good_values(method, values);
            values[at].number = extremes[i];
            sweep_call(target, method, values);
        }
}

Test(sweep, extreme_numbers_are_survived) /* PRP-064 */
{
    for_each_method(call_with_extremes);
    sweep_expect_working();
    sweep_judge();
}

/* --- Interfaces ------------------------------------------------------------------------------- */

static void call_with_unknown_interface(const struct sweep_target *target,
                                        const struct sweep_method *method)
{
    static const GUID nobody = {0x5EE9, 0, 0, {"nobody"}};

    for (size_t at = 0; at < method->count; at++) {
        const struct sweep_param *param = &method->params[at];
        union sweep_value values[SWEEP_PARAMS];
        HRESULT hr;

        if (param->kind != SWEEP_IID && param->kind != SWEEP_IID_PROP &&
            (param->kind != SWEEP_IID_STREAM || !is(param->name, "lpiid")))
            continue;
        sweep_good_values(method, values);
        values[at].pointer = (void *)&nobody;
        hr = sweep_call(target, method, values);
        if (is(target->interface->name, "IABContainer") && hr == MAPI_E_INVALID_ENTRYID)
            continue; /* the good id is a store's */
        if (hr != MAPI_E_INTERFACE_NOT_SUPPORTED && hr != MAPI_E_NO_SUPPORT &&
            hr != MAPI_E_NO_ACCESS)
            sweep_find(target, method, hr, "%s is nobody's", param->name);
    }
}

Test(sweep, unknown_interfaces_are_refused) /* MEM-029, STO-266 */
{
    for_each_method(call_with_unknown_interface);
    sweep_expect_working();
    sweep_judge();
}

/* --- Structures ------------------------------------------------------------------------------- */

/* Puts the `nth` bad structure of the kind into `room`; false: there are no more. */
static bool spoil_value(unsigned nth, SPropValue *room)
{
    static const ULONG types[] = {PT_STRING8,   PT_UNICODE,  PT_BINARY,      PT_CLSID,
                                  PT_MV_I2,     PT_MV_LONG,  PT_MV_STRING8,  PT_MV_UNICODE,
                                  PT_MV_BINARY, PT_MV_CLSID, PT_MV_SYSTIME,  PT_MV_I8,
                                  PT_OBJECT,    PT_NULL,     PT_UNSPECIFIED, PT_ERROR,
                                  0x00FE,       0x1FFE,      0x0FFF};
    static BYTE *nowhere[1];
    ULONG id = nth % 2 ? PROP_ID(PR_SUBJECT) : PROP_ID(PR_COMMENT);

    if (nth / 2 >= sizeof(types) / sizeof(types[0]))
        return false;
    *room = (SPropValue){.ulPropTag = PROP_TAG(types[nth / 2], id)};
    if (types[nth / 2] == PT_BINARY)
        room->Value.bin.cb = 7;
    if (types[nth / 2] & MV_FLAG)
        room->Value.MVszA.cValues = 1; /* of nothing */
    if (nth % 2 && (types[nth / 2] == PT_MV_STRING8 || types[nth / 2] == PT_MV_UNICODE))
        room->Value.MVszA.lppszA = (LPSTR *)nowhere;
    return true;
}

static bool spoil_restriction(unsigned nth, SRestriction *room)
{
    static const ULONG kinds[] = {
        RES_AND,          RES_OR,    RES_NOT,   RES_CONTENT,        RES_PROPERTY,
        RES_BITMASK,      RES_SIZE,  RES_EXIST, RES_SUBRESTRICTION, RES_COMMENT,
        RES_COMPAREPROPS, RES_COUNT, 77,        0xFFFFFFFF};

    if (nth / 2 >= sizeof(kinds) / sizeof(kinds[0]))
        return false;
    memset(room, 0, sizeof(*room)); /* no constant, no part, no tag */
    room->rt = kinds[nth / 2];
    if (room->rt == RES_AND || room->rt == RES_OR)
        room->res.resAnd.cRes = 1 + nth % 2;
    if (room->rt == RES_COMMENT)
        room->res.resComment.cValues = nth % 2;
    if (nth % 2 && room->rt == RES_PROPERTY)
        room->res.resProperty = (SPropertyRestriction){99, PR_COMMENT_A, NULL};
    if (nth % 2 && room->rt == RES_CONTENT)
        room->res.resContent = (SContentRestriction){0xFFFF, PR_COMMENT_A, NULL};
    return true;
}

static bool spoil_sort(unsigned nth, SSortOrderSet *room)
{
    static const SSortOrderSet bad[] = {
        {1, 2, 0, {{PR_PRIORITY, TABLE_SORT_ASCEND}}},
        {1, 1, 2, {{PR_PRIORITY, TABLE_SORT_ASCEND}}},
        {1, 0, 1, {{PR_PRIORITY, TABLE_SORT_ASCEND}}},
        {1, 0, 0, {{PR_PRIORITY, 99}}},
        {1, 0, 0, {{0xFFFF0003, TABLE_SORT_ASCEND}}},
        {1, 0, 0, {{0, TABLE_SORT_ASCEND}}},
        {1, 0, 0, {{PROP_TAG(0x00FE, 0x3000), 0}}},
    };

    if (nth >= sizeof(bad) / sizeof(bad[0]))
        return false;
    memcpy(room, &bad[nth], sizeof(bad[nth]));
    return true;
}

static bool spoil_tags(unsigned nth, SPropTagArray *room)
{
    static const ULONG bad[] = {0,          0xFFFFFFFF, 0xFFFF001F, PROP_TAG(PT_ERROR, 0x3001),
                                0x300100FE, 0x3001FFFF, 0x30013003, PROP_TAG(PT_OBJECT, 0x3001)};

    if (nth > sizeof(bad) / sizeof(bad[0]))
        return false;
    *room = (SPropTagArray){nth > 0, {nth ? bad[nth - 1] : 0}};
    return true;
}

static bool spoil_name(unsigned nth, MAPINAMEID **room)
{
    static MAPINAMEID bad[] = {
        {NULL, MNID_ID, {.lID = 0x8001}},
        {(GUID *)&IID_IUnknown, 77, {.lID = 1}},
        {(GUID *)&IID_IUnknown, MNID_STRING, {.lpwstrName = NULL}},
    };

    if (nth > sizeof(bad) / sizeof(bad[0]))
        return false;
    room[0] = room[1] = nth ? &bad[nth - 1] : NULL;
    return true;
}

static bool spoil_addresses(unsigned nth, ADRLIST *room, SPropValue *value)
{
    if (nth == 0) {
        *room = (ADRLIST){1, {{0, 1, NULL}}};
        return true;
    }
    *room = (ADRLIST){1, {{0, 1, value}}};
    return spoil_value(nth - 1, value);
}

static bool spoil_structure(enum sweep_kind kind, unsigned nth, void *room, void **pointer)
{
    *pointer = room;
    switch (kind) {
    case SWEEP_VALUES:
        return spoil_value(nth, room);
    case SWEEP_RESTRICTION:
        return spoil_restriction(nth, room);
    case SWEEP_SORT:
        return spoil_sort(nth, room);
    case SWEEP_TAGS:
        return spoil_tags(nth, room);
    case SWEEP_TAGS_POINTER:
        *pointer = (void **)room + 8;
        ((void **)room)[8] = room;
        return spoil_tags(nth, room);
    case SWEEP_NAMES:
        return spoil_name(nth, room);
    case SWEEP_ADRLIST:
        return spoil_addresses(nth, room, (SPropValue *)room + 8);
    default:
        return false;
    }
}

/* Some of these are taken, and told as problems or columns without value: only crashes count. */
static void call_with_structures(const struct sweep_target *target,
                                 const struct sweep_method *method)
{
    for (size_t at = 0; at < method->count; at++) {
        _Alignas(16) BYTE room[512];
        union sweep_value values[SWEEP_PARAMS];
        void *pointer;

        for (unsigned nth = 0;; nth++) {
            memset(room, 0, sizeof(room));
            if (!spoil_structure(method->params[at].kind, nth, room, &pointer))
                break;
            sweep_good_values(method, values);
            values[at].pointer = pointer;
            sweep_call(target, method, values);
        }
    }
}

Test(sweep, spoiled_structures_are_survived) /* PRP-064 */
{
    for_each_method(call_with_structures);
    sweep_expect_working();
    sweep_judge();
}

/* --- Texts ------------------------------------------------------------------------------------ */

#define LONG_TEXT 100000

/* Both widths of the nth bad text; false: there are no more. */
static bool spoil_text(unsigned nth, bool wide, void *room)
{
    static const char *const narrow[] = {
        "", "a\r\nA1 LOGOUT\r\nb", "\xFF\xFE\xC3", "\"\\{4}", "/", "../../x", "\x01\x7F", "%s%n",
    };
    static const WCHAR *const wides[] = {
        u"",
        u"a\r\nA1 LOGOUT\r\nb",
        u"\xD800x\xDFFF",
        u"\"\\{4}",
        u"/",
        u"../../x",
        u"\x01\x7F",
        u"%s%n",
    };
    size_t count = sizeof(narrow) / sizeof(narrow[0]);

    if (nth > count)
        return false;
    memset(room, 0, (LONG_TEXT + 1) * sizeof(WCHAR));
    if (nth == count)
        for (size_t i = 0; i < LONG_TEXT; i++)
            wide ? (void)(((WCHAR *)room)[i] = 'x') : (void)(((char *)room)[i] = 'x');
    else if (wide)
        for (size_t i = 0; wides[nth][i]; i++)
            ((WCHAR *)room)[i] = wides[nth][i];
    else
        strcpy(room, narrow[nth]);
    return true;
}

/* 0 or the flags argument's place + 1, where it knows MAPI_UNICODE. */
static size_t unicode_flags(const struct sweep_method *method)
{
    for (size_t i = 0; i < method->count; i++)
        if (method->params[i].kind == SWEEP_FLAGS && method->params[i].documented & MAPI_UNICODE)
            return i + 1;
    return 0;
}

/* Names are free, or nearly so: only crashes count, and what the servers make of them. */
static void call_with_texts(const struct sweep_target *target, const struct sweep_method *method)
{
    size_t flags = unicode_flags(method);
    void *room = malloc((LONG_TEXT + 1) * sizeof(WCHAR));

    for (size_t at = 0; at < method->count && target->object; at++)
        for (unsigned nth = 0; method->params[at].kind == SWEEP_TEXT; nth++) {
            union sweep_value values[SWEEP_PARAMS];

            sweep_good_values(method, values);
            if (flags)
                values[flags - 1].number |= MAPI_UNICODE * (nth % 2);
            if (!spoil_text(nth / 2, flags && nth % 2, room))
                break;
            values[at].pointer = room;
            sweep_call(target, method, values);
        }
    free(room);
}

Test(sweep, spoiled_texts_are_survived) /* PRP-064 */
{
    for_each_method(call_with_texts);
    sweep_expect_working();
    sweep_judge();
}
