/* docs/requirements/store.md, "Access and lifetime" */
#include "tests/conformance/store_rig.h"

TestSuite(store_access, .init = store_begin, .fini = mail_close);

static HRESULT delete_below(IMAPIFolder *parent, IMAPIFolder *folder)
{
    SPropValue *id = value_of(folder, PR_ENTRYID);
    HRESULT hr = IMAPIFolder_DeleteFolder(parent, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0,
                                          NULL, 0);

    MAPIFreeBuffer(id);
    return hr;
}

/* What PR_ACCESS says is what happens. */
Test(store_access, access_tells_what_may_be_done) /* STO-337 */
{
    IMAPIFolder *root = mail_folder(""), *inbox = mail_folder("Inbox"),
                *folder = new_folder(NULL, "Own"), *made;
    SPropValue *top_id;
    IMAPIFolder *top;
    IMessage *message;

    cr_expect_eq(number_of(inbox, PR_ACCESS) & MAPI_ACCESS_DELETE, 0);
    expect_hr(delete_below(root, inbox), MAPI_E_NO_ACCESS);
    cr_expect(number_of(folder, PR_ACCESS) & MAPI_ACCESS_CREATE_CONTENTS);
    message = new_message(folder, "may be made");
    expect_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    cr_expect(number_of(folder, PR_ACCESS) & MAPI_ACCESS_CREATE_HIERARCHY);
    made = new_folder(folder, "may be made");
    cr_expect(number_of(made, PR_ACCESS) & MAPI_ACCESS_DELETE);
    expect_hr(delete_below(folder, made), S_OK);
    IMAPIFolder_Release(made);

    /* Nothing is kept below the IPM subtree itself but folders. */
    top_id = value_of(root, PR_ENTRYID);
    assert_hr(open_entry(top_id, MAPI_MODIFY, &top), S_OK);
    cr_expect_eq(number_of(top, PR_ACCESS) & MAPI_ACCESS_DELETE, 0);
    MAPIFreeBuffer(top_id);
    IMAPIFolder_Release(top);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(inbox);
    IMAPIFolder_Release(root);
}

Test(store_access, the_access_level_of_a_folder_tells_whether_it_can_be_changed) /* STO-338 */
{
    IMAPIFolder *folder = new_folder(NULL, "Level"), *readonly;
    SPropValue *id = value_of(folder, PR_ENTRYID);
    IMessage *message = NULL;

    cr_expect_eq(number_of(folder, PR_ACCESS_LEVEL), MAPI_MODIFY);
    expect_hr(set_text(folder, PR_COMMENT_W, "yes"), S_OK);
    assert_hr(open_entry(id, 0, &readonly), S_OK);
    cr_expect_eq(number_of(readonly, PR_ACCESS_LEVEL), 0);
    expect_hr(set_text(readonly, PR_COMMENT_W, "no"), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_CreateMessage(readonly, NULL, 0, &message), MAPI_E_NO_ACCESS);
    IMAPIFolder_Release(readonly);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* Success without effect on an object that may be changed, a refusal otherwise. */
static void expect_guarded(void *object, void *readonly, ULONG tag)
{
    SPropValue *before = value_of(object, tag), changed = *before, *after;

    if (PROP_TYPE(tag) == PT_BINARY)
        changed.Value.bin = (SBinary){4, (BYTE *)"ours"};
    else
        changed.Value.l ^= 1;
    expect_hr(IMAPIProp_SetProps((IMAPIProp *)object, 1, &changed, NULL), S_OK);
    after = value_of(object, tag);
    if (PROP_TYPE(tag) == PT_BINARY)
        cr_expect(same_bytes(&before->Value.bin, &after->Value.bin), "0x%08X", (unsigned)tag);
    else
        cr_expect_eq(before->Value.l, after->Value.l, "0x%08X", (unsigned)tag);
    expect_hr(IMAPIProp_SetProps((IMAPIProp *)readonly, 1, &changed, NULL), MAPI_E_NO_ACCESS);
    MAPIFreeBuffer(after);
    MAPIFreeBuffer(before);
}

Test(store_access, readonly_properties_stay_what_they_are) /* STO-339 */
{
    static const ULONG tags[] = {
        PR_ENTRYID,      PR_RECORD_KEY,       PR_OBJECT_TYPE,       PR_ACCESS,
        PR_ACCESS_LEVEL, PR_STORE_RECORD_KEY, PR_STORE_SUPPORT_MASK};
    IMAPIFolder *folder = new_folder(NULL, "Guarded"), *readonly;
    SPropValue *id = saved_message(folder, "guarded"), *folder_id = value_of(folder, PR_ENTRYID);
    IMessage *message = open_message(id, MAPI_MODIFY), *reading = open_message(id, 0);

    assert_hr(open_entry(folder_id, 0, &readonly), S_OK);
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        expect_guarded(message, reading, tags[i]);
        expect_guarded(folder, readonly, tags[i]);
    }
    IMessage_Release(reading);
    IMessage_Release(message);
    IMAPIFolder_Release(readonly);
    MAPIFreeBuffer(folder_id);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_access, an_invalid_object_answers_its_reference_methods_alone) /* STO-341 */
{
    static const SizedSPropTagArray(1, tags) = {1, {PR_SUBJECT_W}};
    SPropTagArray *asked = (SPropTagArray *)&tags, *list = NULL;
    MAPINAMEID name = {.lpguid = (GUID *)&PS_MAPI, .ulKind = MNID_ID}, *names[] = {&name},
               **found = NULL;
    IMAPIFolder *folder = new_folder(NULL, "Invalid");
    IMessage *message = new_message(folder, "dies"), *other = new_message(folder, "other");
    ADRLIST nobody = {0};
    SPropValue value = {.ulPropTag = PR_SUBJECT_W, .Value.lpszW = mail_wide("x")}, *values = NULL;
    MAPIERROR *error = NULL;
    IUnknown *unknown = NULL, *again = NULL;
    IMAPITable *table = NULL;
    IAttach *attach = NULL;
    ULONG number = 0;

    IMessage_AddRef(message);
    submit_later(message);
    expect_hr(IMessage_GetLastError(message, MAPI_E_CALL_FAILED, 0, &error), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_SaveChanges(message, 0), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_GetProps(message, NULL, 0, &number, &values), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_GetPropList(message, 0, &list), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_OpenProperty(message, PR_BODY_W, &IID_IStream, 0, 0, &unknown),
              MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_SetProps(message, 1, &value, NULL), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_DeleteProps(message, asked, NULL), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_CopyTo(message, 0, NULL, NULL, 0, NULL, &IID_IMessage, other, 0, NULL),
              MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_CopyProps(message, asked, 0, NULL, &IID_IMessage, other, 0, NULL),
              MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_GetNamesFromIDs(message, &asked, NULL, 0, &number, &found),
              MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_GetIDsFromNames(message, 1, names, 0, &list), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_GetAttachmentTable(message, 0, &table), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_OpenAttach(message, 0, NULL, 0, &attach), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_CreateAttach(message, NULL, 0, &number, &attach), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_DeleteAttach(message, 0, 0, NULL, 0), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_GetRecipientTable(message, 0, &table), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_ModifyRecipients(message, MODRECIP_ADD, &nobody), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_SubmitMessage(message, 0), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_SetReadFlag(message, 0), MAPI_E_INVALID_OBJECT);

    /* QueryInterface tells who it is, and has no working interface to give (MEM-033). */
    assert_hr(IMessage_QueryInterface(message, &IID_IUnknown, (void **)&again), S_OK);
    cr_expect_eq(IMessage_AddRef(message), 3);
    cr_expect_eq(IMessage_Release(message), 2);
    cr_expect_eq(IUnknown_Release(again), 1);
    cr_expect_eq(IMessage_Release(message), 0);
    IMessage_Release(other);
    IMAPIFolder_Release(folder);
}

Test(store_access, message_flags_are_the_programs_before_the_first_save) /* STO-342 */
{
    IMAPIFolder *folder = new_folder(NULL, "Flags");
    IMessage *message = new_message(folder, "flags");

    expect_hr(set_number(message, PR_MESSAGE_FLAGS, MSGFLAG_READ), S_OK);
    cr_expect_eq(number_of(message, PR_MESSAGE_FLAGS) & (MSGFLAG_READ | MSGFLAG_UNSENT),
                 MSGFLAG_READ);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect(FAILED(set_number(message, PR_MESSAGE_FLAGS, MSGFLAG_UNSENT)));
    cr_expect_eq(number_of(message, PR_MESSAGE_FLAGS) & (MSGFLAG_READ | MSGFLAG_UNSENT),
                 MSGFLAG_READ);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_access, a_new_message_has_its_id_with_the_first_save) /* STO-128 STO-144 STO-343 */
{
    IMAPIFolder *folder = new_folder(NULL, "New");
    IMessage *message = new_message(folder, "new");
    SPropValue *id;

    expect_hr(state_of(folder, PR_ENTRYID), S_OK);
    expect_hr(state_of(message, PR_ENTRYID), MAPI_E_NOT_FOUND);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    message = open_message(id, 0);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "new");
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}
