/* docs/requirements/session.md, "Opening objects", "Stores", "Sections" */
#include <stdlib.h>

#include "mapi/mapiextra.h"
#include "tests/conformance/store_rig.h"

TestSuite(session_access, .init = store_begin, .fini = mail_close);

static HRESULT open_by_session(const SBinary *id, ULONG flags, ULONG *ret_type, void *ret_object)
{
    return IMAPISession_OpenEntry(mail.session, id->cb, (ENTRYID *)id->lpb, NULL, flags, ret_type,
                                  (IUnknown **)ret_object);
}

/* --- OpenEntry -------------------------------------------------------------------------------- */

Test(session_access, the_object_is_of_the_type_that_is_told) /* SES-120 */
{
    IMAPIFolder *folder = new_folder(NULL, "Typed"), *opened;
    SPropValue *id = value_of(folder, PR_ENTRYID), *message = saved_message(folder, "typed");
    IMessage *mail_object;
    IMAPIFolder *as_folder;
    IMessage *as_message;
    ULONG type = 0;

    assert_hr(open_by_session(&id->Value.bin, 0, &type, &opened), S_OK);
    cr_expect_eq(type, MAPI_FOLDER);
    assert_hr(IMAPIFolder_QueryInterface(opened, &IID_IMAPIFolder, (void **)&as_folder), S_OK);
    IMAPIFolder_Release(as_folder);
    IMAPIFolder_Release(opened);
    assert_hr(open_by_session(&message->Value.bin, 0, &type, &mail_object), S_OK);
    cr_expect_eq(type, MAPI_MESSAGE);
    assert_hr(IMessage_QueryInterface(mail_object, &IID_IMessage, (void **)&as_message), S_OK);
    IMessage_Release(as_message);
    IMessage_Release(mail_object);
    MAPIFreeBuffer(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(session_access, objects_open_for_reading_unless_more_is_asked) /* SES-122 SES-123 SES-124 */
{
    IMAPIFolder *folder = new_folder(NULL, "Levels");
    SPropValue *id = saved_message(folder, "levels");
    IMessage *message;
    ULONG type;

    assert_hr(open_by_session(&id->Value.bin, 0, &type, &message), S_OK);
    cr_expect_eq(number_of(message, PR_ACCESS_LEVEL), 0);
    expect_hr(set_text(message, PR_SUBJECT_W, "not kept"), MAPI_E_NO_ACCESS);
    IMessage_Release(message);
    assert_hr(open_by_session(&id->Value.bin, MAPI_MODIFY, &type, &message), S_OK);
    cr_expect_eq(number_of(message, PR_ACCESS_LEVEL), MAPI_MODIFY);
    expect_hr(set_text(message, PR_SUBJECT_W, "kept"), S_OK);
    IMessage_Release(message);
    assert_hr(open_by_session(&id->Value.bin, MAPI_BEST_ACCESS, &type, &message), S_OK);
    cr_expect_eq(number_of(message, PR_ACCESS_LEVEL), MAPI_MODIFY);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

static IMsgStore *store_for_reading(void)
{
    SPropValue *id = value_of(mail.store, PR_ENTRYID);
    IMsgStore *store;

    assert_hr(IMAPISession_OpenMsgStore(mail.session, 0, id->Value.bin.cb,
                                        (ENTRYID *)id->Value.bin.lpb, NULL, 0, &store),
              S_OK);
    MAPIFreeBuffer(id);
    return store;
}

Test(session_access, a_store_for_reading_shows_it) /* SES-154 */
{
    IMsgStore *store = store_for_reading();
    LONG mask = number_of(store, PR_STORE_SUPPORT_MASK);

    cr_expect_eq(mask & (STORE_MODIFY_OK | STORE_CREATE_OK), 0);
    mask = number_of(mail.store, PR_STORE_SUPPORT_MASK);
    cr_expect_eq(mask & (STORE_MODIFY_OK | STORE_CREATE_OK), STORE_MODIFY_OK | STORE_CREATE_OK);
    IMsgStore_Release(store);
}

Test(session_access, nothing_in_it_opens_for_writing) /* SES-126 SES-155 */
{
    IMAPIFolder *folder = new_folder(NULL, "Read only");
    SPropValue *id = saved_message(folder, "read only"), *place = value_of(folder, PR_ENTRYID);
    IMsgStore *store = store_for_reading();
    IUnknown *object;
    ULONG type;

    expect_hr(IMsgStore_OpenEntry(store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL,
                                  MAPI_MODIFY, &type, &object),
              MAPI_E_NO_ACCESS);
    expect_hr(IMsgStore_OpenEntry(store, place->Value.bin.cb, (ENTRYID *)place->Value.bin.lpb, NULL,
                                  MAPI_MODIFY, &type, &object),
              MAPI_E_NO_ACCESS);
    assert_hr(IMsgStore_OpenEntry(store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL,
                                  MAPI_BEST_ACCESS, &type, &object),
              S_OK);
    cr_expect_eq(number_of(object, PR_ACCESS_LEVEL), 0);
    IUnknown_Release(object);
    IMsgStore_Release(store);
    MAPIFreeBuffer(place);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(session_access, nothing_in_it_is_changed) /* SES-156 SES-157 */
{
    IMAPIFolder *folder = new_folder(NULL, "Fixed"), *below = new_folder(folder, "Below"), *reading,
                *made;
    SPropValue *id = saved_message(folder, "fixed"), *place = value_of(folder, PR_ENTRYID),
               *below_id = value_of(below, PR_ENTRYID), *still;
    IMsgStore *store = store_for_reading();
    SBinary entry;
    ENTRYLIST *list = entry_list(&entry, id);
    SizedSPropTagArray(1, tags) = {1, {PR_COMMENT_W}};
    IMessage *message;
    ULONG type;

    assert_hr(IMsgStore_OpenEntry(store, place->Value.bin.cb, (ENTRYID *)place->Value.bin.lpb, NULL,
                                  0, &type, (IUnknown **)&reading),
              S_OK);
    expect_hr(IMAPIFolder_CreateMessage(reading, NULL, 0, &message), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_DeleteMessages(reading, list, 0, NULL, 0), MAPI_E_NO_ACCESS);
    expect_hr(
        IMAPIFolder_CreateFolder(reading, FOLDER_GENERIC, (LPTSTR) "No", NULL, NULL, 0, &made),
        MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_DeleteFolder(reading, below_id->Value.bin.cb,
                                       (ENTRYID *)below_id->Value.bin.lpb, 0, NULL, 0),
              MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_SetMessageStatus(reading, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                           1, 1, NULL),
              MAPI_E_NO_ACCESS);
    expect_hr(set_text(reading, PR_COMMENT_W, "no"), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_DeleteProps(reading, (SPropTagArray *)&tags, NULL), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_CopyMessages(folder, list, NULL, reading, 0, NULL, 0), MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_CopyFolder(folder, below_id->Value.bin.cb,
                                     (ENTRYID *)below_id->Value.bin.lpb, NULL, reading,
                                     (LPTSTR) "No", 0, NULL, 0),
              MAPI_E_NO_ACCESS);
    expect_hr(IMAPIFolder_CopyTo(below, 0, NULL, NULL, 0, NULL, &IID_IMAPIFolder, reading, 0, NULL),
              MAPI_E_NO_ACCESS);
    still = find_message(folder, "fixed");
    cr_expect_not_null(still);
    MAPIFreeBuffer(still);
    IMAPIFolder_Release(reading);
    IMsgStore_Release(store);
    MAPIFreeBuffer(below_id);
    MAPIFreeBuffer(place);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(below);
    IMAPIFolder_Release(folder);
}

/* --- CompareEntryIDs -------------------------------------------------------------------------- */

Test(session_access, ids_of_two_objects_differ) /* SES-133 */
{
    IMAPIFolder *folder = new_folder(NULL, "Two");
    SPropValue *one = saved_message(folder, "one"), *two = saved_message(folder, "two");
    ULONG same = 7;

    expect_hr(IMAPISession_CompareEntryIDs(mail.session, one->Value.bin.cb,
                                           (ENTRYID *)one->Value.bin.lpb, two->Value.bin.cb,
                                           (ENTRYID *)two->Value.bin.lpb, 0, &same),
              S_OK);
    cr_expect_eq(same, FALSE);
    expect_hr(IMAPISession_CompareEntryIDs(mail.session, one->Value.bin.cb,
                                           (ENTRYID *)one->Value.bin.lpb, one->Value.bin.cb,
                                           (ENTRYID *)one->Value.bin.lpb, 0, &same),
              S_OK);
    cr_expect_eq(same, TRUE);
    MAPIFreeBuffer(two);
    MAPIFreeBuffer(one);
    IMAPIFolder_Release(folder);
}

Test(session_access, ids_of_nobody_are_unknown) /* SES-135 */
{
    SPropValue *id = value_of(mail.store, PR_IPM_SUBTREE_ENTRYID);
    BYTE strange[46];
    ULONG same;

    memset(strange, 0x77, sizeof(strange));
    memset(strange, 0, 4);
    expect_hr(IMAPISession_CompareEntryIDs(mail.session, sizeof(strange), (ENTRYID *)strange,
                                           sizeof(strange), (ENTRYID *)strange, 0, &same),
              MAPI_E_UNKNOWN_ENTRYID);
    MAPIFreeBuffer(id);
}

/* --- OpenMsgStore, SetDefaultStore ------------------------------------------------------------ */

static SRowSet *store_rows(void)
{
    SizedSPropTagArray(4, columns) = {
        4, {PR_ENTRYID, PR_RESOURCE_FLAGS, PR_DEFAULT_STORE, PR_DISPLAY_NAME_W}};
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMAPISession_GetMsgStoresTable(mail.session, 0, &table), S_OK);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    IMAPITable_Release(table);
    return rows;
}

static LONG store_flags(void)
{
    SRowSet *rows = store_rows();
    LONG flags = rows->aRow[0].lpProps[1].Value.l;

    FreeProws(rows);
    return flags;
}

static LONG status_flags(void)
{
    SizedSPropTagArray(1, columns) = {1, {PR_RESOURCE_FLAGS}};
    SPropValue type = {.ulPropTag = PR_RESOURCE_TYPE};
    SRestriction stores = {.rt = RES_PROPERTY};
    IMAPITable *table;
    SRowSet *rows;
    LONG flags;

    type.Value.l = MAPI_STORE_PROVIDER;
    stores.res.resProperty = (SPropertyRestriction){RELOP_EQ, PR_RESOURCE_TYPE, &type};
    assert_hr(IMAPISession_GetStatusTable(mail.session, 0, &table), S_OK);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, &stores, NULL, 0, &rows), S_OK);
    cr_assert_eq(rows->cRows, 1);
    flags = rows->aRow[0].lpProps[0].Value.l;
    FreeProws(rows);
    IMAPITable_Release(table);
    return flags;
}

static HRESULT set_default(bool some, ULONG flags)
{
    SPropValue *id = value_of(mail.store, PR_ENTRYID);
    HRESULT hr = some ? IMAPISession_SetDefaultStore(mail.session, flags, id->Value.bin.cb,
                                                     (ENTRYID *)id->Value.bin.lpb)
                      : IMAPISession_SetDefaultStore(mail.session, flags, 0, NULL);

    MAPIFreeBuffer(id);
    return hr;
}

Test(session_access, a_second_store_and_one_for_simple_mapi_are_marked) /* SES-162 SES-163 */
{
    assert_hr(set_default(true, MAPI_SECONDARY_STORE), S_OK);
    cr_expect(store_flags() & STATUS_SECONDARY_STORE);
    assert_hr(set_default(true, MAPI_SIMPLE_STORE_PERMANENT), S_OK);
    cr_expect(store_flags() & STATUS_SIMPLE_STORE);
    cr_expect(status_flags() & STATUS_SIMPLE_STORE);
    mail_logoff();
    assert_hr(mail_logon(0), S_OK);
    cr_expect(store_flags() & STATUS_SIMPLE_STORE, "it is kept in the profile");
}

Test(session_access, no_store_may_be_the_default) /* SES-166 */
{
    SRowSet *rows;

    cr_expect(store_flags() & STATUS_DEFAULT_STORE);
    assert_hr(set_default(false, MAPI_DEFAULT_STORE), S_OK);
    rows = store_rows();
    cr_expect_eq(rows->aRow[0].lpProps[1].Value.l & STATUS_DEFAULT_STORE, 0);
    cr_expect_eq(rows->aRow[0].lpProps[2].Value.b, FALSE);
    FreeProws(rows);
}

/* --- Sections, administration, errors --------------------------------------------------------- */

static const MAPIUID own_section = {{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x90, 0xA0,
                                     0xB0, 0xC0, 0xD0, 0xE0, 0xF0, 0x01}};

static HRESULT open_section(ULONG flags, IProfSect **ret_section)
{
    return IMAPISession_OpenProfileSection(mail.session, (LPMAPIUID)&own_section, NULL, flags,
                                           ret_section);
}

Test(session_access, sections_open_for_reading_unless_more_is_asked)
/* SES-176 SES-178 PRF-038 */
{
    IProfSect *section, *second;

    assert_hr(open_section(MAPI_MODIFY, &section), S_OK);
    expect_hr(open_section(MAPI_MODIFY, &second), MAPI_E_NO_ACCESS);
    expect_hr(set_text(section, PROP_TAG(PT_UNICODE, 0x6700), "kept at once"), S_OK);
    expect_hr(IProfSect_SaveChanges(section, 0), S_OK);
    IProfSect_Release(section);
    assert_hr(open_section(0, &section), S_OK);
    cr_expect_str_eq(text_of(section, PROP_TAG(PT_UNICODE, 0x6700)), "kept at once");
    expect_hr(set_text(section, PROP_TAG(PT_UNICODE, 0x6700), "no"), MAPI_E_NO_ACCESS);
    expect_hr(open_section(MAPI_MODIFY, &second), MAPI_E_NO_ACCESS);
    IProfSect_Release(section);
}

/* Another section, with one value. */
static IProfSect *source_section(ULONG tag, const char *text)
{
    MAPIUID uid = own_section;
    IProfSect *section;

    uid.ab[15] = 0x02;
    assert_hr(IMAPISession_OpenProfileSection(mail.session, &uid, NULL, MAPI_MODIFY, &section),
              S_OK);
    assert_hr(set_text(section, tag, text), S_OK);
    return section;
}

Test(session_access, what_is_set_in_a_section_needs_no_saving) /* PRF-037 */
{
    const ULONG tags[] = {PROP_TAG(PT_UNICODE, 0x6700), PROP_TAG(PT_UNICODE, 0x6701),
                          PROP_TAG(PT_UNICODE, 0x6702)};
    SizedSPropTagArray(1, copied) = {1, {tags[1]}};
    IProfSect *section, *source;

    assert_hr(open_section(MAPI_MODIFY, &section), S_OK);
    expect_hr(set_text(section, tags[0], "set"), S_OK);
    source = source_section(tags[1], "copied as one");
    expect_hr(IProfSect_CopyProps(source, (SPropTagArray *)&copied, 0, NULL, &IID_IMAPIProp,
                                  section, 0, NULL),
              S_OK);
    IProfSect_Release(source);
    source = source_section(tags[2], "copied as all");
    expect_hr(IProfSect_CopyTo(source, 0, NULL, NULL, 0, NULL, &IID_IMAPIProp, section, 0, NULL),
              S_OK);
    IProfSect_Release(source);
    IProfSect_Release(section); /* no SaveChanges */
    assert_hr(open_section(0, &section), S_OK);
    cr_expect_str_eq(text_of(section, tags[0]), "set");
    cr_expect_str_eq(text_of(section, tags[1]), "copied as one");
    cr_expect_str_eq(text_of(section, tags[2]), "copied as all");
    IProfSect_Release(section);
}

Test(session_access, a_section_says_what_it_is) /* PRF-036 */
{
    SPropValue name = {.ulPropTag = PR_PROFILE_NAME_W};
    IProfSect *section;

    assert_hr(open_section(MAPI_MODIFY, &section), S_OK);
    cr_expect_eq(number_of(section, PR_OBJECT_TYPE), MAPI_PROFSECT);
    cr_expect_str_eq(text_of(section, PR_PROFILE_NAME_W), PROFILE);
    name.Value.lpszW = (WCHAR *)u"other";
    cr_expect_neq(set_value(section, name), S_OK);
    cr_expect_neq(set_number(section, PR_OBJECT_TYPE, MAPI_STORE), S_OK);
    cr_expect_str_eq(text_of(section, PR_PROFILE_NAME_W), PROFILE);
    IProfSect_Release(section);
}

Test(session_access, named_properties_have_no_place_in_a_section) /* PRF-040 */
{
    SPropValue value = {.ulPropTag = PROP_TAG(PT_LONG, 0x8001)};
    SPropProblemArray *problems = NULL;
    SizedSPropTagArray(1, tags) = {1, {PROP_TAG(PT_LONG, 0x8001)}};
    SPropValue *got = NULL;
    IProfSect *section;
    ULONG count;

    assert_hr(open_section(MAPI_MODIFY, &section), S_OK);
    assert_hr(IProfSect_SetProps(section, 1, &value, &problems), S_OK);
    cr_assert_not_null(problems);
    cr_expect_eq(problems->cProblem, 1);
    MAPIFreeBuffer(problems);
    IProfSect_GetProps(section, (SPropTagArray *)&tags, 0, &count, &got);
    cr_assert_not_null(got);
    cr_expect_eq(PROP_TYPE(got[0].ulPropTag), PT_ERROR);
    MAPIFreeBuffer(got);
    IProfSect_Release(section);
}

Test(session_access, services_of_the_profile_are_administered) /* SES-183 */
{
    IMsgServiceAdmin *services;
    IMAPITable *table;
    ULONG count;

    assert_hr(IMAPISession_AdminServices(mail.session, 0, &services), S_OK);
    assert_hr(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), S_OK);
    assert_hr(IMAPITable_GetRowCount(table, 0, &count), S_OK);
    cr_expect_eq(count, 1);
    IMAPITable_Release(table);
    IMsgServiceAdmin_Release(services);
}

Test(session_access, the_width_of_error_texts_follows_the_flag) /* SES-196 */
{
    MAPIERROR *wide = NULL, *narrow = NULL;
    IProfSect *section, *second;

    assert_hr(open_section(MAPI_MODIFY, &section), S_OK);
    assert_hr(open_section(MAPI_MODIFY, &second), MAPI_E_NO_ACCESS);
    assert_hr(IMAPISession_GetLastError(mail.session, MAPI_E_NO_ACCESS, MAPI_UNICODE, &wide), S_OK);
    assert_hr(IMAPISession_GetLastError(mail.session, MAPI_E_NO_ACCESS, 0, &narrow), S_OK);
    cr_assert(wide && narrow && wide->lpszError && narrow->lpszError);
    cr_expect_eq(((const WCHAR *)wide->lpszError)[0],
                 (WCHAR)(BYTE)((const char *)narrow->lpszError)[0]);
    cr_expect_neq(((const char *)narrow->lpszError)[1], 0);
    cr_expect_eq(((const char *)wide->lpszError)[1], 0);
    MAPIFreeBuffer(wide);
    MAPIFreeBuffer(narrow);
    IProfSect_Release(section);
}
