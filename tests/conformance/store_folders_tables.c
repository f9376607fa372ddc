/* docs/requirements/store.md, "Folders: contents and hierarchy" */
#include "tests/conformance/store_rig.h"

TestSuite(store_folders_tables, .init = store_begin, .fini = mail_close);

static const GUID foreign_provider = {
    0x1C0FFEE1, 0x2B2B, 0x4C4C, {0x95, 0x5D, 0x6E, 0x6E, 0x7F, 0x7F, 0x80, 0x81}};

static IMAPITable *hierarchy_of(IMAPIFolder *folder, ULONG flags)
{
    IMAPITable *table;

    assert_hr(IMAPIFolder_GetHierarchyTable(folder, MAPI_UNICODE | flags, &table), S_OK);
    return table;
}

static IMAPITable *opened_table(IMAPIFolder *folder, ULONG tag)
{
    IMAPITable *table = NULL;

    assert_hr(IMAPIFolder_OpenProperty(folder, tag, &IID_IMAPITable, MAPI_UNICODE, 0,
                                       (IUnknown **)&table),
              S_OK);
    return table;
}

/* Top/Middle/Bottom; Top is returned. */
static IMAPIFolder *three_levels(void)
{
    IMAPIFolder *top = new_folder(NULL, "Top"), *middle = new_folder(top, "Middle"),
                *bottom = new_folder(middle, "Bottom");

    IMAPIFolder_Release(middle);
    IMAPIFolder_Release(bottom);
    return top;
}

Test(store_folders_tables, a_folder_has_its_properties_and_guards_its_identity) /* STO-100 */
{
    static const ULONG readonly[] = {PR_ENTRYID,    PR_OBJECT_TYPE,   PR_PARENT_ENTRYID,
                                     PR_RECORD_KEY, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY};
    IMAPIFolder *folder = new_folder(NULL, "Before");

    for (size_t i = 0; i < sizeof(readonly) / sizeof(readonly[0]); i++) {
        SPropValue *value = value_of(folder, readonly[i]);
        HRESULT hr = set_value(folder, *value);

        cr_expect(FAILED(hr), "0x%08X: 0x%08X", (unsigned)readonly[i], (unsigned)hr);
        MAPIFreeBuffer(value);
    }
    cr_expect_eq(number_of(folder, PR_OBJECT_TYPE), MAPI_FOLDER);
    cr_expect_eq(number_of(folder, PR_FOLDER_TYPE), FOLDER_GENERIC);
    expect_hr(set_number(folder, PR_FOLDER_TYPE, FOLDER_GENERIC), S_OK);
    cr_expect(FAILED(set_number(folder, PR_FOLDER_TYPE, FOLDER_ROOT)), "no folder changes kind");
    expect_hr(set_text(folder, PR_DISPLAY_NAME_W, "After"), S_OK);
    cr_expect_str_eq(text_of(folder, PR_DISPLAY_NAME_W), "After");
    IMAPIFolder_Release(folder);
}

Test(store_folders_tables, a_changed_folder_property_holds_without_a_save) /* STO-101 */
{
    IMAPIFolder *folder = new_folder(NULL, "Unsaved"), *other;

    assert_hr(set_text(folder, PR_COMMENT_W, "at once"), S_OK);
    other = mail_folder("Unsaved");
    cr_expect_str_eq(text_of(other, PR_COMMENT_W), "at once");
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(folder);
}

Test(store_folders_tables, the_contents_table_is_opened_as_a_property_too) /* STO-103 STO-105 */
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_SUBJECT_W}};
    IMAPIFolder *folder = new_folder(NULL, "Contents");
    IMAPITable *tables[2];

    MAPIFreeBuffer(saved_message(folder, "in both"));
    cr_expect(lists(folder, PR_CONTAINER_CONTENTS));
    tables[0] = contents_of(folder);
    tables[1] = opened_table(folder, PR_CONTAINER_CONTENTS);
    for (int i = 0; i < 2; i++) {
        SRowSet *rows = rows_of(tables[i], &columns);

        cr_assert_eq(rows->cRows, 1);
        cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[0]), "in both");
        FreeProws(rows);
        IMAPITable_Release(tables[i]);
    }
    IMAPIFolder_Release(folder);
}

Test(store_folders_tables, tables_are_listed_and_not_read_as_values) /* STO-104 */
{
    IMAPIFolder *folder = new_folder(NULL, "Listed");
    static const ULONG tags[] = {PR_CONTAINER_CONTENTS, PR_FOLDER_ASSOCIATED_CONTENTS};

    for (size_t i = 0; i < 2; i++) {
        cr_expect(lists(folder, tags[i]), "0x%08X is not listed", (unsigned)tags[i]);
        cr_expect(FAILED(state_of(folder, tags[i])));
    }
    IMAPIFolder_Release(folder);
}

static const SizedSPropTagArray(16, contents_columns) = {
    16,
    {PR_DISPLAY_CC_W, PR_DISPLAY_TO_W, PR_ENTRYID, PR_HASATTACH, PR_INSTANCE_KEY,
     PR_LAST_MODIFICATION_TIME, PR_MAPPING_SIGNATURE, PR_MESSAGE_CLASS_W, PR_MESSAGE_FLAGS,
     PR_MESSAGE_SIZE, PR_MSG_STATUS, PR_OBJECT_TYPE, PR_PARENT_ENTRYID, PR_RECORD_KEY,
     PR_STORE_ENTRYID, PR_STORE_RECORD_KEY}};

Test(store_folders_tables, the_contents_table_has_its_columns) /* STO-106 */
{
    IMAPIFolder *folder = new_folder(NULL, "Columns");
    SPropValue *id = saved_message(folder, "one");
    IMAPITable *table = contents_of(folder);
    IMessage *message = open_message(id, 0);
    SRowSet *rows;

    expect_columns(table, &contents_columns);
    rows = rows_of(table, &contents_columns);
    cr_assert_eq(rows->cRows, 1);
    for (ULONG i = 0; i < contents_columns.cValues; i++) {
        const SPropValue *value = &rows->aRow[0].lpProps[i];
        ULONG tag = contents_columns.aulPropTag[i];

        cr_expect_eq(value->ulPropTag, tag, "0x%08X", (unsigned)tag);
        if (PROP_TYPE(tag) == PT_BINARY && tag != PR_INSTANCE_KEY) {
            SPropValue *own = value_of(message, tag);

            cr_expect(same_bytes(&own->Value.bin, &value->Value.bin), "0x%08X", (unsigned)tag);
            MAPIFreeBuffer(own);
        }
    }
    FreeProws(rows);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPITable_Release(table);
    IMAPIFolder_Release(folder);
}

Test(store_folders_tables, columns_of_other_classes_are_accepted) /* STO-110 */
{
    static const SizedSPropTagArray(3, columns) = {
        3, {PR_REPORT_TEXT_W, PROP_TAG(PT_LONG, 0x6801), PR_SUBJECT_W}};
    IMAPIFolder *folder = new_folder(NULL, "Any class");
    IMAPITable *table;
    SRowSet *rows;

    MAPIFreeBuffer(saved_message(folder, "note"));
    table = contents_of(folder);
    assert_hr(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), S_OK);
    assert_hr(IMAPITable_QueryRows(table, 10, 0, &rows), S_OK);
    cr_assert_eq(rows->cRows, 1);
    for (int i = 0; i < 2; i++) { /* this message has none */
        cr_expect_eq(rows->aRow[0].lpProps[i].ulPropTag,
                     CHANGE_PROP_TYPE(columns.aulPropTag[i], PT_ERROR));
        cr_expect_eq(rows->aRow[0].lpProps[i].Value.err, MAPI_E_NOT_FOUND);
    }
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[2]), "note");
    FreeProws(rows);
    IMAPITable_Release(table);
    IMAPIFolder_Release(folder);
}

Test(store_folders_tables, the_hierarchy_table_lists_one_level_or_all) /* STO-115 */
{
    IMAPIFolder *top = three_levels();
    IMAPITable *flat = hierarchy_of(top, 0), *deep = hierarchy_of(top, CONVENIENT_DEPTH);

    cr_expect_eq(count_of(flat), 1);
    cr_expect_eq(count_of(deep), 2);
    IMAPITable_Release(flat);
    IMAPITable_Release(deep);
    IMAPIFolder_Release(top);
}

Test(store_folders_tables, depth_counts_from_zero) /* STO-116 */
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_DISPLAY_NAME_W, PR_DEPTH}};
    IMAPIFolder *top = three_levels();
    IMAPITable *table = hierarchy_of(top, CONVENIENT_DEPTH);
    SRowSet *rows = rows_of(table, &columns);

    cr_assert_eq(rows->cRows, 2);
    for (ULONG i = 0; i < 2; i++) {
        cr_expect_str_eq(mail_text(&rows->aRow[i].lpProps[0]), i ? "Bottom" : "Middle");
        cr_expect_eq(rows->aRow[i].lpProps[1].Value.l, (LONG)i);
    }
    FreeProws(rows);
    IMAPITable_Release(table);
    IMAPIFolder_Release(top);
}

static const SizedSPropTagArray(12, hierarchy_columns) = {
    12,
    {PR_COMMENT_W, PR_DEPTH, PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE, PR_ENTRYID, PR_INSTANCE_KEY,
     PR_OBJECT_TYPE, PR_STATUS, PR_FOLDER_TYPE, PR_SUBFOLDERS, PR_CONTENT_COUNT,
     PR_CONTENT_UNREAD}};

Test(store_folders_tables, hierarchy_rows_have_their_columns) /* STO-117 */
{
    IMAPIFolder *root = new_folder(NULL, "Root"), *folder = new_folder(root, "Row");
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(set_text(folder, PR_COMMENT_W, "said"), S_OK);
    MAPIFreeBuffer(saved_message(folder, "unread?"));
    table = hierarchy_of(root, 0);
    expect_columns(table, &hierarchy_columns);
    rows = rows_of(table, &hierarchy_columns);
    cr_assert_eq(rows->cRows, 1);
    for (ULONG i = 0; i < hierarchy_columns.cValues; i++)
        cr_expect_eq(rows->aRow[0].lpProps[i].ulPropTag, hierarchy_columns.aulPropTag[i], "0x%08X",
                     (unsigned)hierarchy_columns.aulPropTag[i]);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[0]), "said");
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[2]), "Row");
    cr_expect_eq(rows->aRow[0].lpProps[8].Value.l, FOLDER_GENERIC);
    FreeProws(rows);
    IMAPITable_Release(table);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(root);
}

Test(store_folders_tables, hierarchy_rows_name_folders_for_long) /* STO-118 */
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_OBJECT_TYPE}};
    IMAPIFolder *top = three_levels(), *again;
    IMAPITable *table = hierarchy_of(top, CONVENIENT_DEPTH);
    SRowSet *rows = rows_of(table, &columns);

    cr_assert_eq(rows->cRows, 2);
    IMAPITable_Release(table);
    IMAPIFolder_Release(top);
    store_restart(); /* what is long-term opens in another session */
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;

        cr_expect_eq(memcmp(row[0].Value.bin.lpb, "\0\0\0\0", 4), 0);
        cr_expect_eq(row[1].Value.l, MAPI_FOLDER);
        assert_hr(open_entry(&row[0], 0, &again), S_OK);
        IMAPIFolder_Release(again);
    }
    FreeProws(rows);
}

Test(store_folders_tables, folders_are_shown_as_folders) /* STO-119 */
{
    IMAPIFolder *folder = new_folder(NULL, "Plain"), *root = mail_folder("");
    static const SizedSPropTagArray(2, columns) = {2, {PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE}};
    IMAPITable *table = hierarchy_of(root, 0);
    SRowSet *rows = rows_of(table, &columns);

    cr_assert(rows->cRows > 4);
    for (ULONG i = 0; i < rows->cRows; i++) {
        cr_expect_eq(rows->aRow[i].lpProps[1].ulPropTag, PR_DISPLAY_TYPE);
        cr_expect_eq(rows->aRow[i].lpProps[1].Value.l, DT_FOLDER);
    }
    cr_expect_eq(number_of(folder, PR_DISPLAY_TYPE), DT_FOLDER);
    FreeProws(rows);
    IMAPITable_Release(table);
    IMAPIFolder_Release(root);
    IMAPIFolder_Release(folder);
}

Test(store_folders_tables, a_hierarchy_table_can_be_sorted) /* STO-120 */
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_DISPLAY_NAME_W}};
    static const SizedSSortOrderSet(1,
                                    by_name) = {1, 0, 0, {{PR_DISPLAY_NAME_W, TABLE_SORT_DESCEND}}};
    IMAPIFolder *top = new_folder(NULL, "Sorted"), *a = new_folder(top, "a"),
                *c = new_folder(top, "c"), *b = new_folder(top, "b");
    IMAPITable *table = hierarchy_of(top, 0);
    SRowSet *rows;

    assert_hr(
        HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, (SSortOrderSet *)&by_name, 0, &rows),
        S_OK);
    cr_assert_eq(rows->cRows, 3);
    for (ULONG i = 0; i < 3; i++)
        cr_expect_eq(mail_text(&rows->aRow[i].lpProps[0])[0], "cba"[i]);
    FreeProws(rows);
    IMAPITable_Release(table);
    IMAPIFolder_Release(a);
    IMAPIFolder_Release(b);
    IMAPIFolder_Release(c);
    IMAPIFolder_Release(top);
}

Test(store_folders_tables, the_hierarchy_is_opened_as_a_property_too) /* STO-121 */
{
    IMAPIFolder *top = three_levels();
    IMAPITable *table;

    cr_expect(lists(top, PR_CONTAINER_HIERARCHY));
    table = opened_table(top, PR_CONTAINER_HIERARCHY);
    cr_expect_eq(count_of(table), 1);
    IMAPITable_Release(table);
    IMAPIFolder_Release(top);
}

Test(store_folders_tables, a_folder_without_folders_has_an_empty_hierarchy) /* STO-122 */
{
    IMAPIFolder *folder = new_folder(NULL, "Leaf");
    IMAPITable *table = hierarchy_of(folder, 0);

    cr_expect_eq(count_of(table), 0);
    IMAPITable_Release(table);
    IMAPIFolder_Release(folder);
}

Test(store_folders_tables, a_container_opens_its_messages_and_its_top) /* STO-123 */
{
    IMAPIFolder *folder = new_folder(NULL, "Opens"), *top = NULL;
    SPropValue *id = saved_message(folder, "mine");
    IMessage *message = NULL;
    ULONG type = 0;

    assert_hr(IMAPIFolder_OpenEntry(folder, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL, 0,
                                    &type, (IUnknown **)&message),
              S_OK);
    cr_expect_eq(type, MAPI_MESSAGE);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "mine");
    assert_hr(IMAPIFolder_OpenEntry(folder, 0, NULL, NULL, 0, &type, (IUnknown **)&top), S_OK);
    cr_expect_eq(type, MAPI_FOLDER);
    cr_expect_eq(number_of(top, PR_FOLDER_TYPE), FOLDER_ROOT);
    IMAPIFolder_Release(top);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_folders_tables, ids_of_rows_open_through_the_folder) /* STO-111 */
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    IMAPIFolder *folder = new_folder(NULL, "Rows");
    IMessage *message = NULL;
    IMAPITable *table;
    SRowSet *rows;
    ULONG type;

    MAPIFreeBuffer(saved_message(folder, "row"));
    table = contents_of(folder);
    rows = rows_of(table, &columns);
    assert_hr(IMAPIFolder_OpenEntry(folder, rows->aRow[0].lpProps[0].Value.bin.cb,
                                    (ENTRYID *)rows->aRow[0].lpProps[0].Value.bin.lpb, NULL, 0,
                                    &type, (IUnknown **)&message),
              S_OK);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "row");
    IMessage_Release(message);
    FreeProws(rows);
    IMAPITable_Release(table);
    IMAPIFolder_Release(folder);
}

static HRESULT open_in(IMAPIFolder *folder, const SPropValue *id, ULONG flags)
{
    IUnknown *object = NULL;
    ULONG type;
    HRESULT hr = IMAPIFolder_OpenEntry(folder, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL,
                                       flags, &type, &object);

    if (object)
        IUnknown_Release(object);
    return hr;
}

Test(store_folders_tables, opening_fails_with_what_fits) /* STO-124 */
{
    IMAPIFolder *folder = new_folder(NULL, "Fails"), *readonly;
    SPropValue *id = saved_message(folder, "mine"), *folder_id = value_of(folder, PR_ENTRYID);
    SBinary entry;

    assert_hr(open_entry(folder_id, 0, &readonly), S_OK);
    expect_hr(open_in(readonly, id, 0), S_OK);
    expect_hr(open_in(readonly, id, MAPI_MODIFY), MAPI_E_NO_ACCESS);
    assert_hr(IMAPIFolder_DeleteMessages(folder, entry_list(&entry, id), 0, NULL, 0), S_OK);
    expect_hr(open_in(folder, id, 0), MAPI_E_NOT_FOUND);
    memcpy(id->Value.bin.lpb + 4, &foreign_provider, sizeof(foreign_provider));
    expect_hr(open_in(folder, id, 0), MAPI_E_UNKNOWN_ENTRYID);
    MAPIFreeBuffer(id);
    MAPIFreeBuffer(folder_id);
    IMAPIFolder_Release(readonly);
    IMAPIFolder_Release(folder);
}
