/* docs/requirements/store.md, "Properties": what the store adds to mapi/prop.c, which has the tests
 * of the rest */
#include "mapi/edkmdb.h"
#include "tests/conformance/store_rig.h"

TestSuite(store_properties, .init = store_begin, .fini = mail_close);

/* A saved message in a folder of its own. */
static SPropValue *some_message(const char *subject)
{
    IMAPIFolder *folder = new_folder(NULL, "Properties");
    SPropValue *id = saved_message(folder, subject);

    IMAPIFolder_Release(folder);
    return id;
}

static void expect_subject(const SPropValue *id, const char *subject)
{
    IMessage *message = open_message(id, 0);

    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), subject);
    IMessage_Release(message);
}

Test(store_properties, problems_come_with_success_and_are_the_callers) /* STO-252 STO-253 */
{
    SPropValue *id = some_message("problems");
    IMessage *message = open_message(id, MAPI_MODIFY);
    SPropValue values[2] = {{.ulPropTag = PR_SUBJECT_W}, {.ulPropTag = PR_MESSAGE_SIZE}};
    SPropProblemArray *problems = NULL;

    values[0].Value.lpszW = mail_wide("kept");
    assert_hr(IMessage_SetProps(message, 2, values, &problems), S_OK);
    cr_assert(problems);
    cr_expect_eq(problems->cProblem, 1);
    cr_expect_eq(problems->aProblem[0].ulIndex, 1);
    cr_expect_eq(problems->aProblem[0].ulPropTag, PR_MESSAGE_SIZE);
    cr_expect_eq(problems->aProblem[0].scode, MAPI_E_COMPUTED);
    cr_expect_eq(MAPIFreeBuffer(problems), 0);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "kept");

    problems = NULL;
    values[1].ulPropTag = PROP_TAG(PT_OBJECT, 0x6700); /* the whole call fails */
    expect_hr(IMessage_SetProps(message, 2, values, &problems), MAPI_E_INVALID_PARAMETER);
    cr_expect_null(problems);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_properties, nothing_is_permanent_before_the_save) /* STO-256 */
{
    SPropValue *id = some_message("before");
    IMessage *message = open_message(id, MAPI_MODIFY);

    assert_hr(set_text(message, PR_SUBJECT_W, "dropped"), S_OK);
    IMessage_Release(message);
    expect_subject(id, "before");
    message = open_message(id, MAPI_MODIFY);
    assert_hr(set_text(message, PR_SUBJECT_W, "after"), S_OK);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    store_restart();
    expect_subject(id, "after");
    MAPIFreeBuffer(id);
}

Test(store_properties, what_is_kept_open_stays_as_it_was_asked_for) /* STO-257 */
{
    SPropValue *id = some_message("first");
    IMessage *message = open_message(id, MAPI_MODIFY);

    assert_hr(set_text(message, PR_SUBJECT_W, "second"), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    assert_hr(set_text(message, PR_SUBJECT_W, "third"), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "third");
    expect_hr(set_text(message, PR_SUBJECT_W, "fourth"), MAPI_E_NO_ACCESS);
    IMessage_Release(message);
    expect_subject(id, "third");
    MAPIFreeBuffer(id);
}

static void delete_it(const SPropValue *id)
{
    IMAPIFolder *folder = mail_folder("Properties");
    SBinary entry;

    assert_hr(IMAPIFolder_DeleteMessages(folder, entry_list(&entry, id), 0, NULL, 0), S_OK);
    IMAPIFolder_Release(folder);
}

Test(store_properties, a_save_notices_another_and_a_deletion) /* STO-258 STO-260 */
{
    SPropValue *id = some_message("shared");
    IMessage *first = open_message(id, MAPI_BEST_ACCESS),
             *second = open_message(id, MAPI_BEST_ACCESS);

    assert_hr(set_text(first, PR_SUBJECT_W, "of the first"), S_OK);
    assert_hr(set_text(second, PR_SUBJECT_W, "of the second"), S_OK);
    assert_hr(IMessage_SaveChanges(first, KEEP_OPEN_READWRITE), S_OK);
    expect_hr(IMessage_SaveChanges(second, KEEP_OPEN_READWRITE), MAPI_E_OBJECT_CHANGED);
    cr_expect_str_eq(text_of(second, PR_SUBJECT_W), "of the second"); /* pending as before */
    expect_hr(set_text(second, PR_COMMENT_W, "and open"), S_OK);
    expect_subject(id, "of the first");

    /* A property that only the side store has counts as well. */
    IMessage_Release(second);
    second = open_message(id, MAPI_BEST_ACCESS);
    assert_hr(set_text(first, PR_COMMENT_W, "mine"), S_OK);
    assert_hr(IMessage_SaveChanges(first, KEEP_OPEN_READWRITE), S_OK);
    assert_hr(set_text(second, PR_COMMENT_W, "mine too"), S_OK);
    expect_hr(IMessage_SaveChanges(second, KEEP_OPEN_READWRITE), MAPI_E_OBJECT_CHANGED);

    delete_it(id);
    assert_hr(set_text(first, PR_SUBJECT_W, "too late"), S_OK);
    expect_hr(IMessage_SaveChanges(first, KEEP_OPEN_READWRITE), MAPI_E_OBJECT_DELETED);
    cr_expect_str_eq(text_of(first, PR_SUBJECT_W), "too late");
    IMessage_Release(first);
    IMessage_Release(second);
    MAPIFreeBuffer(id);
}

Test(store_properties, force_overwrites_a_change_but_not_a_deletion) /* STO-259 */
{
    SPropValue *id = some_message("forced");
    IMessage *first = open_message(id, MAPI_BEST_ACCESS),
             *second = open_message(id, MAPI_BEST_ACCESS),
             *third = open_message(id, MAPI_BEST_ACCESS);

    assert_hr(set_text(first, PR_SUBJECT_W, "of the first"), S_OK);
    assert_hr(IMessage_SaveChanges(first, 0), S_OK);
    assert_hr(set_text(second, PR_SUBJECT_W, "of the second"), S_OK);
    expect_hr(IMessage_SaveChanges(second, 0), MAPI_E_OBJECT_CHANGED);
    expect_hr(IMessage_SaveChanges(second, FORCE_SAVE), S_OK);
    expect_subject(id, "of the second");
    delete_it(id);
    assert_hr(set_text(third, PR_SUBJECT_W, "of the third"), S_OK);
    expect_hr(IMessage_SaveChanges(third, FORCE_SAVE), MAPI_E_OBJECT_DELETED);
    IMessage_Release(first);
    IMessage_Release(second);
    IMessage_Release(third);
    MAPIFreeBuffer(id);
}

Test(store_properties, without_access_a_save_commits_nothing) /* STO-261 */
{
    SPropValue *id = some_message("kept");
    IMessage *message = open_message(id, MAPI_MODIFY);

    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    expect_hr(set_text(message, PR_SUBJECT_W, "refused"), MAPI_E_NO_ACCESS);
    expect_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), MAPI_E_NO_ACCESS);
    IMessage_Release(message);
    message = open_message(id, 0);
    expect_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), MAPI_E_NO_ACCESS);
    IMessage_Release(message);
    expect_subject(id, "kept");
    MAPIFreeBuffer(id);
}

Test(store_properties, deferred_errors_are_not_waited_for) /* STO-262 */
{
    SPropValue *id = some_message("deferred");
    IMessage *message = open_message(id, MAPI_BEST_ACCESS | MAPI_DEFERRED_ERRORS);

    assert_hr(set_text(message, PR_SUBJECT_W, "saved"), S_OK);
    expect_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE | MAPI_DEFERRED_ERRORS), S_OK);
    expect_subject(id, "saved");
    delete_it(id);
    assert_hr(set_text(message, PR_SUBJECT_W, "lost"), S_OK);
    expect_hr(IMessage_SaveChanges(message, MAPI_DEFERRED_ERRORS), MAPI_E_OBJECT_DELETED);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_properties, copying_takes_properties_and_subobjects_along) /* STO-268 STO-275 */
{
    SPropValue *id = some_message("copied"), data = {.ulPropTag = PR_ATTACH_DATA_BIN};
    IMAPIFolder *folder = mail_folder("Properties");
    IMessage *from = open_message(id, MAPI_MODIFY), *to;
    IMAPITable *table;
    IAttach *attach;
    ULONG number;

    assert_hr(set_text(from, PR_BODY_W, "the body"), S_OK);
    assert_hr(set_text(from, PR_COMMENT_W, "beside"), S_OK);
    mail_add_recipients(from, mail_to_bob, 1);
    assert_hr(IMessage_CreateAttach(from, NULL, 0, &number, &attach), S_OK);
    data.Value.bin = (SBinary){4, (BYTE *)"text"};
    assert_hr(set_value(attach, data), S_OK);
    assert_hr(set_text(attach, PR_ATTACH_LONG_FILENAME_W, "a.txt"), S_OK);
    assert_hr(IAttach_SaveChanges(attach, 0), S_OK);
    IAttach_Release(attach);
    assert_hr(IMessage_SaveChanges(from, KEEP_OPEN_READWRITE), S_OK);

    assert_hr(IMAPIFolder_CreateMessage(folder, NULL, 0, &to), S_OK);
    assert_hr(IMessage_CopyTo(from, 0, NULL, NULL, 0, NULL, &IID_IMessage, to, 0, NULL), S_OK);
    assert_hr(IMessage_SaveChanges(to, KEEP_OPEN_READONLY), S_OK);
    MAPIFreeBuffer(id);
    id = value_of(to, PR_ENTRYID);
    IMessage_Release(to);
    to = open_message(id, 0);
    cr_expect_str_eq(text_of(to, PR_SUBJECT_W), "copied");
    cr_expect_str_eq(text_of(to, PR_BODY_W), "the body");
    cr_expect_str_eq(text_of(to, PR_COMMENT_W), "beside");
    assert_hr(IMessage_GetRecipientTable(to, 0, &table), S_OK);
    cr_expect_eq(count_of(table), 1);
    IMAPITable_Release(table);
    assert_hr(IMessage_GetAttachmentTable(to, 0, &table), S_OK);
    cr_expect_eq(count_of(table), 1);
    IMAPITable_Release(table);
    IMessage_Release(to);
    IMessage_Release(from);
    IMAPIFolder_Release(folder);
    MAPIFreeBuffer(id);
}

Test(store_properties, lists_of_values_are_kept) /* STO-352 */
{
    static WCHAR *words[] = {u"eins", u"zwei", u"drei"};
    SPropValue *id = some_message("lists"), value = {.ulPropTag = PROP_TAG(PT_MV_UNICODE, 0x6691)},
               *kept;
    IMessage *message = open_message(id, MAPI_MODIFY);

    value.Value.MVszW.cValues = 3;
    value.Value.MVszW.lppszW = words;
    assert_hr(set_value(message, value), S_OK);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    store_restart();
    message = open_message(id, 0);
    kept = value_of(message, value.ulPropTag);
    cr_assert_eq(kept->Value.MVszW.cValues, 3);
    cr_expect_eq(memcmp(kept->Value.MVszW.lppszW[2], words[2], 5 * sizeof(WCHAR)), 0);
    MAPIFreeBuffer(kept);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

/* What is wrong with one property does not end the copy. */
Test(store_properties, problems_of_a_copy_are_listed) /* STO-273 STO-358 */
{
    SPropValue *id = some_message("listed");
    IMAPIFolder *folder = mail_folder("Properties");
    IMessage *from = open_message(id, 0), *to = new_message(folder, "before");
    SPropProblemArray *problems = NULL;
    bool size = false;

    assert_hr(IMessage_CopyTo(from, 0, NULL, NULL, 0, NULL, &IID_IMessage, to, 0, &problems), S_OK);
    cr_assert(problems);
    for (ULONG i = 0; i < problems->cProblem; i++) {
        cr_expect_eq(problems->aProblem[i].scode, MAPI_E_COMPUTED, "0x%08X",
                     (unsigned)problems->aProblem[i].ulPropTag);
        size = size || problems->aProblem[i].ulPropTag == PR_MESSAGE_SIZE;
    }
    cr_expect(size);
    cr_expect_str_eq(text_of(to, PR_SUBJECT_W), "listed");
    MAPIFreeBuffer(problems);
    IMessage_Release(to);
    IMessage_Release(from);
    IMAPIFolder_Release(folder);
    MAPIFreeBuffer(id);
}

#define ALL_ACCESS                                                                                 \
    (MAPI_ACCESS_MODIFY | MAPI_ACCESS_READ | MAPI_ACCESS_DELETE | MAPI_ACCESS_CREATE_HIERARCHY |   \
     MAPI_ACCESS_CREATE_CONTENTS | MAPI_ACCESS_CREATE_ASSOCIATED)
#define CREATE_ACCESS                                                                              \
    (MAPI_ACCESS_CREATE_HIERARCHY | MAPI_ACCESS_CREATE_CONTENTS | MAPI_ACCESS_CREATE_ASSOCIATED)

Test(store_properties, access_is_a_set_of_bits_and_creating_is_of_folders) /* STO-286 */
{
    SPropValue *id = some_message("access");
    IMAPIFolder *folder = mail_folder("Properties");
    IMessage *message = open_message(id, 0);
    LONG of_folder = number_of(folder, PR_ACCESS), of_message = number_of(message, PR_ACCESS);

    cr_expect_eq(of_folder & ~(LONG)ALL_ACCESS, 0);
    cr_expect(of_folder & MAPI_ACCESS_READ);
    cr_expect(of_folder & MAPI_ACCESS_CREATE_CONTENTS);
    cr_expect(of_folder & MAPI_ACCESS_CREATE_HIERARCHY);
    cr_expect_eq(of_message & ~(LONG)ALL_ACCESS, 0);
    cr_expect(of_message & MAPI_ACCESS_READ);
    cr_expect_eq(of_message & CREATE_ACCESS, 0);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
    MAPIFreeBuffer(id);
}

Test(store_properties, the_access_level_is_that_of_the_open_object) /* STO-287 */
{
    SPropValue *id = some_message("level"), *folder_id;
    IMAPIFolder *folder = mail_folder("Properties");
    IMessage *message = open_message(id, 0);

    cr_expect_eq(number_of(message, PR_ACCESS_LEVEL), 0);
    IMessage_Release(message);
    message = open_message(id, MAPI_MODIFY);
    cr_expect_eq(number_of(message, PR_ACCESS_LEVEL), 1);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    cr_expect_eq(number_of(message, PR_ACCESS_LEVEL), 0);
    IMessage_Release(message);
    cr_expect_eq(number_of(folder, PR_ACCESS_LEVEL), 1);
    folder_id = value_of(folder, PR_ENTRYID);
    IMAPIFolder_Release(folder);
    assert_hr(open_entry(folder_id, 0, &folder), S_OK);
    cr_expect_eq(number_of(folder, PR_ACCESS_LEVEL), 0);
    IMAPIFolder_Release(folder);
    MAPIFreeBuffer(folder_id);
    MAPIFreeBuffer(id);
}

Test(store_properties, a_changed_body_drops_the_mark_of_formatted_text) /* STO-289 */
{
    SPropValue *id = some_message("formatted");
    IMessage *message = open_message(id, MAPI_MODIFY);

    assert_hr(set_number(message, PR_RTF_IN_SYNC, TRUE), S_OK);
    assert_hr(set_text(message, PR_COMMENT_W, "no body"), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect_eq(number_of(message, PR_RTF_IN_SYNC), TRUE);
    assert_hr(set_text(message, PR_BODY_W, "another"), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    expect_hr(state_of(message, PR_RTF_IN_SYNC), MAPI_E_NOT_FOUND);
    IMessage_Release(message);
    message = open_message(id, 0);
    expect_hr(state_of(message, PR_RTF_IN_SYNC), MAPI_E_NOT_FOUND);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}
