/* docs/requirements/store.md, "Messages": attachments and recipients */
#include "tests/conformance/store_rig.h"

TestSuite(store_recipients_attachments, .init = store_begin, .fini = mail_close);

/* --- Attachments ------------------------------------------------------------------------------ */

static IAttach *new_attachment(IMessage *message, const char *name, ULONG *ret_number)
{
    SPropValue data = {.ulPropTag = PR_ATTACH_DATA_BIN, .Value.bin = {4, (BYTE *)"text"}};
    IAttach *attach;

    assert_hr(IMessage_CreateAttach(message, NULL, 0, ret_number, &attach), S_OK);
    assert_hr(set_number(attach, PR_ATTACH_METHOD, ATTACH_BY_VALUE), S_OK);
    assert_hr(set_text(attach, PR_ATTACH_LONG_FILENAME_W, name), S_OK);
    assert_hr(set_value(attach, data), S_OK);
    return attach;
}

static ULONG add_attachment(IMessage *message, const char *name)
{
    ULONG number;
    IAttach *attach = new_attachment(message, name, &number);

    assert_hr(IAttach_SaveChanges(attach, 0), S_OK);
    IAttach_Release(attach);
    return number;
}

static IMAPITable *attachments_of(IMessage *message)
{
    IMAPITable *table;

    assert_hr(IMessage_GetAttachmentTable(message, MAPI_UNICODE, &table), S_OK);
    return table;
}

static ULONG count_attachments(IMessage *message)
{
    IMAPITable *table = attachments_of(message);
    ULONG count = count_of(table);

    IMAPITable_Release(table);
    return count;
}

/* PR_ATTACH_NUM of the row of that name; -1: none. */
static LONG number_named(IMAPITable *table, const char *name)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_NUM}};
    SRowSet *rows = rows_of(table, &columns);
    LONG number = -1;

    for (ULONG i = 0; i < rows->cRows; i++)
        if (strcmp(mail_text(&rows->aRow[i].lpProps[0]), name) == 0)
            number = rows->aRow[i].lpProps[1].Value.l;
    FreeProws(rows);
    return number;
}

/* A message in a folder of its own with two attachments, one.txt and two.txt; its id. */
static SPropValue *with_two(void)
{
    IMAPIFolder *folder = new_folder(NULL, "Attachments");
    IMessage *message = new_message(folder, "with two");
    SPropValue *id;

    add_attachment(message, "one.txt");
    add_attachment(message, "two.txt");
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
    return id;
}

Test(store_recipients_attachments,
     a_row_an_attachment_that_was_saved_with_its_message) /* STO-190 */
{
    SPropValue *id = with_two();
    IMessage *message = open_message(id, 0);
    IMAPITable *table = attachments_of(message);

    cr_expect_eq(count_of(table), 2);
    cr_expect(number_named(table, "one.txt") >= 0);
    cr_expect(number_named(table, "two.txt") >= 0);
    IMAPITable_Release(table);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_recipients_attachments, attachment_rows_have_number_keys_and_position) /* STO-191 */
{
    static const SizedSPropTagArray(4, columns) = {
        4, {PR_ATTACH_NUM, PR_INSTANCE_KEY, PR_RECORD_KEY, PR_RENDERING_POSITION}};
    SPropValue *id = with_two();
    IMessage *message = open_message(id, 0);
    IMAPITable *table = attachments_of(message);
    SRowSet *rows;

    expect_columns(table, &columns);
    rows = rows_of(table, &columns);
    cr_assert_eq(rows->cRows, 2);
    for (ULONG i = 0; i < 2; i++)
        for (ULONG c = 0; c < 4; c++)
            cr_expect_eq(rows->aRow[i].lpProps[c].ulPropTag, columns.aulPropTag[c], "0x%08X",
                         (unsigned)columns.aulPropTag[c]);
    for (ULONG i = 1; i < 2; i++)
        cr_expect(
            !same_bytes(&rows->aRow[0].lpProps[1].Value.bin, &rows->aRow[i].lpProps[1].Value.bin));
    FreeProws(rows);
    IMAPITable_Release(table);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_recipients_attachments, the_table_follows_and_numbers_stay) /* STO-194 */
{
    SPropValue *id = with_two();
    IMessage *message = open_message(id, MAPI_MODIFY);
    IMAPITable *table = attachments_of(message);
    LONG one = number_named(table, "one.txt"), two = number_named(table, "two.txt"), three;

    three = (LONG)add_attachment(message, "three.txt");
    cr_expect_eq(count_of(table), 3);
    cr_expect_eq(number_named(table, "three.txt"), three);
    assert_hr(IMessage_DeleteAttach(message, (ULONG)one, 0, NULL, 0), S_OK);
    cr_expect_eq(count_of(table), 2);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect_eq(number_named(table, "one.txt"), -1);
    cr_expect_eq(number_named(table, "two.txt"), two);
    cr_expect_eq(number_named(table, "three.txt"), three);
    IMAPITable_Release(table);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_recipients_attachments, attachment_tables_are_restricted_too) /* STO-193 */
{
    SPropValue *id = with_two(), name = {.ulPropTag = PR_ATTACH_LONG_FILENAME_W};
    IMessage *message = open_message(id, 0);
    IMAPITable *table = attachments_of(message);
    SRestriction is = {.rt = RES_PROPERTY,
                       .res.resProperty = {RELOP_EQ, PR_ATTACH_LONG_FILENAME_W, &name}};

    name.Value.lpszW = mail_wide("two.txt");
    assert_hr(IMAPITable_Restrict(table, &is, 0), S_OK);
    cr_expect_eq(count_of(table), 1);
    IMAPITable_Release(table);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_recipients_attachments, what_is_known_of_a_file_is_a_column) /* STO-195 */
{
    static const SizedSPropTagArray(8, columns) = {
        8,
        {PR_ATTACH_FILENAME_W, PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_EXTENSION_W, PR_ATTACH_METHOD,
         PR_ATTACH_ENCODING, PR_ATTACH_TAG, PR_CREATION_TIME, PR_LAST_MODIFICATION_TIME}};
    IMAPIFolder *folder = new_folder(NULL, "Columns");
    IMessage *message = new_message(folder, "columns");
    ULONG number;
    IAttach *attach = new_attachment(message, "long name.txt", &number);
    SPropValue value = {.ulPropTag = PR_ATTACH_ENCODING, .Value.bin = {3, (BYTE *)"\1\2\3"}};
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(set_text(attach, PR_ATTACH_FILENAME_W, "LONGNA~1.TXT"), S_OK);
    assert_hr(set_text(attach, PR_ATTACH_EXTENSION_W, ".txt"), S_OK);
    assert_hr(set_value(attach, value), S_OK);
    value.ulPropTag = PR_ATTACH_TAG;
    assert_hr(set_value(attach, value), S_OK);
    value = (SPropValue){.ulPropTag = PR_CREATION_TIME, .Value.ft = {1, 0x1D00000}};
    assert_hr(set_value(attach, value), S_OK);
    value.ulPropTag = PR_LAST_MODIFICATION_TIME;
    assert_hr(set_value(attach, value), S_OK);
    assert_hr(IAttach_SaveChanges(attach, 0), S_OK);
    IAttach_Release(attach);
    table = attachments_of(message);
    rows = rows_of(table, &columns);
    cr_assert_eq(rows->cRows, 1);
    for (ULONG c = 0; c < columns.cValues; c++)
        cr_expect_eq(rows->aRow[0].lpProps[c].ulPropTag, columns.aulPropTag[c], "0x%08X",
                     (unsigned)columns.aulPropTag[c]);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[1]), "long name.txt");
    FreeProws(rows);
    IMAPITable_Release(table);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_recipients_attachments,
     a_new_attachment_is_there_for_others_after_both_saves) /* STO-196 */
{
    SPropValue *id = with_two();
    IMessage *message = open_message(id, MAPI_MODIFY), *other;
    ULONG numbers[2];
    IAttach *attach = new_attachment(message, "three.txt", &numbers[0]),
            *another = new_attachment(message, "four.txt", &numbers[1]);
    IMAPITable *table = attachments_of(message);

    cr_expect_neq(numbers[0], numbers[1]);
    cr_expect_neq((LONG)numbers[0], number_named(table, "one.txt"));
    cr_expect_neq((LONG)numbers[0], number_named(table, "two.txt"));
    IMAPITable_Release(table);
    other = open_message(id, 0);
    cr_expect_eq(count_attachments(other), 2);
    IMessage_Release(other);
    assert_hr(IAttach_SaveChanges(attach, 0), S_OK);
    other = open_message(id, 0);
    cr_expect_eq(count_attachments(other), 2);
    IMessage_Release(other);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    other = open_message(id, 0);
    cr_expect_eq(count_attachments(other), 3);
    IMessage_Release(other);
    IAttach_Release(another);
    IAttach_Release(attach);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_recipients_attachments, a_deletion_is_permanent_with_the_save) /* STO-197 */
{
    SPropValue *id = with_two();
    IMessage *message = open_message(id, MAPI_MODIFY);

    assert_hr(IMessage_DeleteAttach(message, 0, 0, NULL, 0), S_OK);
    cr_expect_eq(count_attachments(message), 1);
    IMessage_Release(message); /* not saved */
    message = open_message(id, MAPI_MODIFY);
    cr_expect_eq(count_attachments(message), 2);
    assert_hr(IMessage_DeleteAttach(message, 0, 0, NULL, 0), S_OK);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    message = open_message(id, 0);
    cr_expect_eq(count_attachments(message), 1);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_recipients_attachments, an_attachment_is_opened_by_number_and_readonly) /* STO-198 */
{
    SPropValue *id = with_two();
    IMessage *message = open_message(id, MAPI_MODIFY);
    IAttach *attach = NULL;

    assert_hr(IMessage_OpenAttach(message, 1, NULL, 0, &attach), S_OK);
    expect_interface(attach, &IID_IAttachment);
    cr_expect_eq(number_of(attach, PR_ATTACH_NUM), 1);
    expect_hr(set_text(attach, PR_DISPLAY_NAME_W, "no"), MAPI_E_NO_ACCESS);
    IAttach_Release(attach);
    assert_hr(IMessage_OpenAttach(message, 1, NULL, MAPI_MODIFY, &attach), S_OK);
    expect_hr(set_text(attach, PR_DISPLAY_NAME_W, "yes"), S_OK);
    IAttach_Release(attach);
    assert_hr(IMessage_OpenAttach(message, 1, NULL, MAPI_BEST_ACCESS, &attach), S_OK);
    expect_hr(set_text(attach, PR_DISPLAY_NAME_W, "yes"), S_OK);
    IAttach_Release(attach);
    expect_hr(IMessage_OpenAttach(message, 77, NULL, 0, &attach), MAPI_E_NOT_FOUND);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_recipients_attachments, an_attachment_is_transacted) /* STO-200 */
{
    static const ULONG tags[] = {PR_OBJECT_TYPE, PR_ATTACH_METHOD, PR_RENDERING_POSITION};
    SPropValue *id = with_two();
    IMessage *message = open_message(id, MAPI_MODIFY);
    IMAPITable *table = attachments_of(message);
    IAttach *attach;
    ULONG number;

    for (ULONG n = 0; n < 2; n++) {
        assert_hr(IMessage_OpenAttach(message, n, NULL, 0, &attach), S_OK);
        for (size_t i = 0; i < 3; i++)
            expect_hr(state_of(attach, tags[i]), S_OK);
        cr_expect_eq(number_of(attach, PR_OBJECT_TYPE), MAPI_ATTACH);
        cr_expect_eq(number_of(attach, PR_ATTACH_METHOD), ATTACH_BY_VALUE);
        IAttach_Release(attach);
    }
    attach = new_attachment(message, "three.txt", &number);
    for (size_t i = 0; i < 3; i++)
        expect_hr(state_of(attach, tags[i]), S_OK);
    cr_expect_eq(number_named(table, "three.txt"), -1);
    assert_hr(IAttach_SaveChanges(attach, KEEP_OPEN_READWRITE), S_OK);
    cr_expect_eq(number_named(table, "three.txt"), (LONG)number);
    assert_hr(set_text(attach, PR_ATTACH_LONG_FILENAME_W, "renamed.txt"), S_OK);
    cr_expect_eq(number_named(table, "renamed.txt"), -1);
    assert_hr(IAttach_SaveChanges(attach, 0), S_OK);
    cr_expect_eq(number_named(table, "renamed.txt"), (LONG)number);
    IAttach_Release(attach);
    IMAPITable_Release(table);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_recipients_attachments, an_attachment_not_saved_before_its_message_is_lost) /* STO-201 */
{
    SPropValue *id = with_two();
    IMessage *message = open_message(id, MAPI_MODIFY);
    ULONG number;
    IAttach *attach = new_attachment(message, "lost.txt", &number);

    assert_hr(set_text(message, PR_BODY_W, "another body"), S_OK);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IAttach_Release(attach);
    IMessage_Release(message);
    message = open_message(id, 0);
    cr_expect_eq(count_attachments(message), 2);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

/* --- Recipients ------------------------------------------------------------------------------- */

#define ROW_MAX 8
struct recipients {
    ULONG cEntries, unused;
    ADRENTRY aEntries[3];
    SPropValue values[3][ROW_MAX];
};

static SPropValue text_value(ULONG tag, const char *text)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.lpszW = mail_wide(text);
    return value;
}

static SPropValue number_value(ULONG tag, LONG number)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.l = number;
    return value;
}

static SPropValue *put(struct recipients *list, ULONG row, SPropValue value)
{
    ADRENTRY *entry = &list->aEntries[row];

    entry->rgPropVals = list->values[row];
    list->cEntries = row + 1 > list->cEntries ? row + 1 : list->cEntries;
    entry->rgPropVals[entry->cValues] = value;
    return &entry->rgPropVals[entry->cValues++];
}

static void put_person(struct recipients *list, ULONG row, const char *name, const char *address)
{
    put(list, row, text_value(PR_DISPLAY_NAME_W, name));
    put(list, row, text_value(PR_EMAIL_ADDRESS_W, address));
    put(list, row, text_value(PR_ADDRTYPE_W, "SMTP"));
    put(list, row, number_value(PR_RECIPIENT_TYPE, MAPI_TO));
}

static HRESULT modify(IMessage *message, ULONG flags, struct recipients *list)
{
    return IMessage_ModifyRecipients(message, flags, (ADRLIST *)list);
}

enum {
    R_NAME,
    R_TYPE,
    R_ROWID,
    R_OWN,
    R_ADDRTYPE,
    R_DISPLAY_TYPE,
    R_ENTRYID,
    R_OBJECT_TYPE,
    R_RESPONSIBILITY,
    R_COUNT
};
#define PR_OWN PROP_TAG(PT_LONG, 0x6690)
static const SizedSPropTagArray(R_COUNT, recipient_columns) = {
    R_COUNT,
    {PR_DISPLAY_NAME_W, PR_RECIPIENT_TYPE, PR_ROWID, PR_OWN, PR_ADDRTYPE_W, PR_DISPLAY_TYPE,
     PR_ENTRYID, PR_OBJECT_TYPE, PR_RESPONSIBILITY}};

static SRowSet *recipients_of(IMessage *message)
{
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMessage_GetRecipientTable(message, MAPI_UNICODE, &table), S_OK);
    rows = rows_of(table, &recipient_columns);
    IMAPITable_Release(table);
    return rows;
}

static const SPropValue *person(const SRowSet *rows, const char *name)
{
    for (ULONG i = 0; i < rows->cRows; i++)
        if (strcmp(mail_text(&rows->aRow[i].lpProps[R_NAME]), name) == 0)
            return rows->aRow[i].lpProps;
    return NULL;
}

static IMessage *message_to_two(IMAPIFolder *folder)
{
    IMessage *message = new_message(folder, "To two");
    struct recipients list = {0};

    put_person(&list, 0, "Ann", "ann@example.test");
    put_person(&list, 1, "Bert", "bert@example.test");
    assert_hr(modify(message, MODRECIP_ADD, &list), S_OK);
    return message;
}

Test(store_recipients_attachments, a_row_a_recipient_with_name_type_and_number) /* STO-202 */
{
    IMAPIFolder *folder = new_folder(NULL, "Recipients");
    IMessage *message = message_to_two(folder);
    SPropValue *id;

    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    id = value_of(message, PR_ENTRYID);
    for (int again = 0; again < 2; again++) {
        SRowSet *rows = recipients_of(message);

        cr_assert_eq(rows->cRows, 2);
        cr_expect(person(rows, "Ann") && person(rows, "Bert"));
        for (ULONG i = 0; i < 2; i++)
            for (ULONG c = R_NAME; c <= R_ROWID; c++)
                cr_expect_eq(rows->aRow[i].lpProps[c].ulPropTag, recipient_columns.aulPropTag[c]);
        FreeProws(rows);
        IMessage_Release(message);
        if (!again)
            message = open_message(id, 0);
    }
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_recipients_attachments, of_submitted_messages_responsibility_is_told) /* STO-203 */
{
    IMAPIFolder *folder = new_folder(NULL, "Submitted");
    SPropValue *id = saved_message(folder, "submitted");
    IMessage *message = open_message(id, MAPI_MODIFY);
    SRowSet *rows;

    submit_later(message);
    message = open_message(id, 0);
    rows = recipients_of(message);
    cr_assert_eq(rows->cRows, 1);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[R_ADDRTYPE]), "SMTP");
    cr_expect_eq(rows->aRow[0].lpProps[R_RESPONSIBILITY].ulPropTag, PR_RESPONSIBILITY);
    cr_expect_eq(rows->aRow[0].lpProps[R_RESPONSIBILITY].Value.b, FALSE);
    FreeProws(rows);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

static ULONG count_matching(IMessage *message, SRestriction *restriction)
{
    IMAPITable *table;
    ULONG count;

    assert_hr(IMessage_GetRecipientTable(message, MAPI_UNICODE, &table), S_OK);
    assert_hr(IMAPITable_Restrict(table, restriction, 0), S_OK);
    count = count_of(table);
    IMAPITable_Release(table);
    return count;
}

Test(store_recipients_attachments, recipient_tables_are_restricted) /* STO-204 */
{
    IMAPIFolder *folder = new_folder(NULL, "Restricted");
    IMessage *message = new_message(folder, "To three");
    struct recipients list = {0};
    SPropValue wanted[] = {text_value(PR_ADDRTYPE_W, "SMTP"),
                           text_value(PR_EMAIL_ADDRESS_W, "ann@example.test"),
                           number_value(PR_RECIPIENT_TYPE, MAPI_TO),
                           {.ulPropTag = PR_RESPONSIBILITY, .Value.b = TRUE},
                           number_value(PR_SPOOLER_STATUS, 7)};
    static const ULONG equal[] = {3, 1, 3, 1, 1};

    put_person(&list, 0, "Ann", "ann@example.test");
    put(&list, 0, wanted[3]);
    put(&list, 0, wanted[4]);
    for (ULONG i = 1; i < 3; i++) {
        put_person(&list, i, i == 1 ? "Bert" : "Cleo",
                   i == 1 ? "b@example.test" : "c@example.test");
        put(&list, i, (SPropValue){.ulPropTag = PR_RESPONSIBILITY});
        put(&list, i, number_value(PR_SPOOLER_STATUS, 8));
    }
    assert_hr(modify(message, MODRECIP_ADD, &list), S_OK);
    for (size_t i = 0; i < 5; i++) {
        SRestriction is = {.rt = RES_PROPERTY,
                           .res.resProperty = {RELOP_EQ, wanted[i].ulPropTag, &wanted[i]}};
        SRestriction is_not = {.rt = RES_PROPERTY,
                               .res.resProperty = {RELOP_NE, wanted[i].ulPropTag, &wanted[i]}};
        SRestriction exists = {.rt = RES_EXIST, .res.resExist = {0, wanted[i].ulPropTag, 0}};
        SRestriction pair[2] = {is, exists}, either[2] = {is, is_not};
        SRestriction both = {.rt = RES_AND, .res.resAnd = {2, pair}},
                     any = {.rt = RES_OR, .res.resOr = {2, either}};

        cr_expect_eq(count_matching(message, &is), equal[i], "%zu", i);
        cr_expect_eq(count_matching(message, &is_not), 3 - equal[i], "%zu", i);
        cr_expect_eq(count_matching(message, &exists), 3, "%zu", i);
        cr_expect_eq(count_matching(message, &both), equal[i], "%zu", i);
        cr_expect_eq(count_matching(message, &any), 3, "%zu", i);
    }
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_recipients_attachments, with_no_flag_the_list_is_replaced) /* STO-205 */
{
    IMAPIFolder *folder = new_folder(NULL, "Replaced");
    IMessage *message = message_to_two(folder);
    struct recipients list = {0};
    SRowSet *rows;

    put_person(&list, 0, "Cleo", "cleo@example.test");
    assert_hr(modify(message, 0, &list), S_OK);
    rows = recipients_of(message);
    cr_expect_eq(rows->cRows, 1);
    cr_expect(person(rows, "Cleo"));
    FreeProws(rows);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_recipients_attachments, rows_are_added_and_numbered) /* STO-206 */
{
    IMAPIFolder *folder = new_folder(NULL, "Added");
    IMessage *message = message_to_two(folder);
    struct recipients list = {0};
    SRowSet *rows;

    put_person(&list, 0, "Cleo", "cleo@example.test");
    assert_hr(modify(message, MODRECIP_ADD, &list), S_OK);
    rows = recipients_of(message);
    cr_assert_eq(rows->cRows, 3);
    for (ULONG i = 0; i < 3; i++)
        for (ULONG j = i + 1; j < 3; j++)
            cr_expect_neq(rows->aRow[i].lpProps[R_ROWID].Value.l,
                          rows->aRow[j].lpProps[R_ROWID].Value.l);
    FreeProws(rows);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_recipients_attachments, a_row_is_replaced_whole) /* STO-207 */
{
    IMAPIFolder *folder = new_folder(NULL, "Modified");
    IMessage *message = new_message(folder, "To one");
    struct recipients list = {0}, changed = {0};
    SRowSet *rows;

    put_person(&list, 0, "Ann", "ann@example.test");
    put(&list, 0, number_value(PR_OWN, 5));
    assert_hr(modify(message, MODRECIP_ADD, &list), S_OK);
    rows = recipients_of(message);
    cr_expect_eq(rows->aRow[0].lpProps[R_OWN].Value.l, 5);
    put_person(&changed, 0, "Anna", "ann@example.test");
    put(&changed, 0, rows->aRow[0].lpProps[R_ROWID]);
    FreeProws(rows);
    assert_hr(modify(message, MODRECIP_MODIFY, &changed), S_OK);
    rows = recipients_of(message);
    cr_assert_eq(rows->cRows, 1);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[R_NAME]), "Anna");
    cr_expect_eq(PROP_TYPE(rows->aRow[0].lpProps[R_OWN].ulPropTag), PT_ERROR);
    FreeProws(rows);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_recipients_attachments, a_row_is_removed_by_its_number) /* STO-208 */
{
    IMAPIFolder *folder = new_folder(NULL, "Removed");
    IMessage *message = message_to_two(folder);
    struct recipients list = {0};
    SRowSet *rows = recipients_of(message);

    put(&list, 0, person(rows, "Ann")[R_ROWID]);
    FreeProws(rows);
    assert_hr(modify(message, MODRECIP_REMOVE, &list), S_OK);
    rows = recipients_of(message);
    cr_expect_eq(rows->cRows, 1);
    cr_expect(person(rows, "Bert"));
    FreeProws(rows);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_recipients_attachments,
     a_null_property_is_an_error_and_an_error_is_ignored) /* STO-209 */
{
    IMAPIFolder *folder = new_folder(NULL, "Odd");
    IMessage *message = new_message(folder, "Odd rows");
    struct recipients with_error = {0}, with_null = {0};
    SRowSet *rows;

    put_person(&with_error, 0, "Ann", "ann@example.test");
    put(&with_error, 0, (SPropValue){.ulPropTag = CHANGE_PROP_TYPE(PR_OWN, PT_ERROR)});
    assert_hr(modify(message, MODRECIP_ADD, &with_error), S_OK);
    put_person(&with_null, 0, "Bert", "bert@example.test");
    put(&with_null, 0, (SPropValue){.ulPropTag = CHANGE_PROP_TYPE(PR_OWN, PT_NULL)});
    expect_hr(modify(message, MODRECIP_ADD, &with_null), MAPI_E_INVALID_PARAMETER);
    rows = recipients_of(message);
    cr_expect_eq(rows->cRows, 1);
    cr_expect_eq(rows->aRow[0].lpProps[R_OWN].Value.err, MAPI_E_NOT_FOUND);
    FreeProws(rows);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

/* An ADRLIST as MAPI allocates it: freed twice, the sanitizer says so. */
Test(store_recipients_attachments, the_list_stays_the_callers) /* STO-211 */
{
    IMAPIFolder *folder = new_folder(NULL, "Lists");
    IMessage *message = new_message(folder, "Lists");
    SPropValue *values;
    ADRLIST *list;

    assert_hr(MAPIAllocateBuffer(CbNewADRLIST(1), (void **)&list), S_OK);
    assert_hr(MAPIAllocateBuffer(2 * sizeof(SPropValue), (void **)&values), S_OK);
    values[0] = text_value(PR_DISPLAY_NAME_W, "Ann");
    values[1] = text_value(PR_EMAIL_ADDRESS_W, "ann@example.test");
    list->cEntries = 1;
    list->aEntries[0] = (ADRENTRY){.cValues = 2, .rgPropVals = values};
    assert_hr(IMessage_ModifyRecipients(message, MODRECIP_ADD, list), S_OK);
    assert_hr(IMessage_ModifyRecipients(message, 0, list), S_OK);
    cr_expect_eq(list->cEntries, 1);
    cr_expect_eq(list->aEntries[0].rgPropVals, values);
    cr_expect_str_eq(mail_text(&values[0]), "Ann");
    FreePadrlist(list);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_recipients_attachments, row_numbers_are_the_objects) /* STO-212 */
{
    IMAPIFolder *folder = new_folder(NULL, "Numbers");
    IMessage *message = message_to_two(folder);
    struct recipients removed = {0}, again = {0};
    SRowSet *rows = recipients_of(message);
    LONG bert = person(rows, "Bert")[R_ROWID].Value.l;
    SPropValue *id;

    put(&removed, 0, person(rows, "Ann")[R_ROWID]);
    FreeProws(rows);
    assert_hr(modify(message, MODRECIP_REMOVE, &removed), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    rows = recipients_of(message);
    cr_expect_eq(person(rows, "Bert")[R_ROWID].Value.l, bert); /* as long as the object lives */
    FreeProws(rows);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    message = open_message(id, MAPI_MODIFY);
    rows = recipients_of(message); /* another object has numbers of its own, by which it is asked */
    put(&again, 0, person(rows, "Bert")[R_ROWID]);
    FreeProws(rows);
    assert_hr(modify(message, MODRECIP_REMOVE, &again), S_OK);
    rows = recipients_of(message);
    cr_expect_eq(rows->cRows, 0);
    FreeProws(rows);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_recipients_attachments, a_resolved_recipient_is_complete) /* STO-213 */
{
    static const int columns[] = {R_ADDRTYPE, R_NAME, R_DISPLAY_TYPE, R_ENTRYID, R_OBJECT_TYPE};
    IMAPIFolder *folder = new_folder(NULL, "Resolved");
    IMessage *message = message_to_two(folder);
    SPropValue *id;

    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    id = value_of(message, PR_ENTRYID);
    for (int again = 0; again < 2; again++) {
        SRowSet *rows = recipients_of(message);

        cr_assert_eq(rows->cRows, 2);
        for (size_t c = 0; c < 5; c++)
            cr_expect_eq(rows->aRow[0].lpProps[columns[c]].ulPropTag,
                         recipient_columns.aulPropTag[columns[c]]);
        cr_expect_eq(rows->aRow[0].lpProps[R_OBJECT_TYPE].Value.l, MAPI_MAILUSER);
        cr_expect_eq(rows->aRow[0].lpProps[R_DISPLAY_TYPE].Value.l, DT_MAILUSER);
        FreeProws(rows);
        IMessage_Release(message);
        if (!again)
            message = open_message(id, 0);
    }
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}
