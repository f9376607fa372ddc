/* docs/requirements/addressbook.md, "Provider side" and "Container contents in practice":
 * containers, their tables, and people */
#include "tests/conformance/addressbook_rig.h"

TestSuite(addressbook_entries, .init = ab_begin, .fini = ab_end);

static const char *const shelves[] = {PERSONAL, CONTACTS, USED};

Test(addressbook_entries, containers_say_what_they_are) /* ABK-076 */
{
    for (int i = 0; i < 3; i++) {
        IABContainer *shelf = ab_container(shelves[i]);
        SPropValue *id = ab_container_id(shelves[i]), *own = value_of(shelf, PR_ENTRYID);
        ULONG flags = (ULONG)number_of(shelf, PR_CONTAINER_FLAGS);

        expect_full_vtable(shelf);
        cr_expect_str_eq(text_of(shelf, PR_DISPLAY_NAME_W), shelves[i]);
        cr_expect_eq(number_of(shelf, PR_OBJECT_TYPE), MAPI_ABCONT);
        cr_expect_eq(flags, AB_RECIPIENTS | (i ? AB_UNMODIFIABLE : AB_MODIFIABLE));
        cr_expect(same_bytes(&id->Value.bin, &own->Value.bin));
        cr_expect_eq(state_of(shelf, PR_RECORD_KEY), S_OK);
        MAPIFreeBuffer(own);
        MAPIFreeBuffer(id);
        IABContainer_Release(shelf);
    }
}

Test(addressbook_entries, only_the_root_has_a_hierarchy) /* ABK-077 */
{
    IABContainer *root = NULL;
    IMAPITable *table = NULL;
    ULONG type;

    for (int i = 0; i < 3; i++) {
        IABContainer *shelf = ab_container(shelves[i]);

        expect_hr(IABContainer_GetHierarchyTable(shelf, 0, &table), MAPI_E_NO_SUPPORT);
        cr_expect_null(table);
        IABContainer_Release(shelf);
    }
    assert_hr(IAddrBook_OpenEntry(book, 0, NULL, NULL, 0, &type, (IUnknown **)&root), S_OK);
    expect_hr(IABContainer_GetContentsTable(root, 0, &table), MAPI_E_NO_SUPPORT);
    assert_hr(IABContainer_GetHierarchyTable(root, CONVENIENT_DEPTH, &table), S_OK);
    IMAPITable_Release(table);
    IABContainer_Release(root);
}

Test(addressbook_entries, contents_tables_have_the_columns) /* ABK-078 */
{
    static const SizedSPropTagArray(7, columns) = {7,
                                                   {PR_ADDRTYPE_W, PR_DISPLAY_NAME_W,
                                                    PR_DISPLAY_TYPE, PR_ENTRYID, PR_INSTANCE_KEY,
                                                    PR_OBJECT_TYPE, PR_RECORD_KEY}};
    static const char *const to[] = {"used@example.test"};

    MAPIFreeBuffer(ab_add("Carol", "carol@example.org"));
    mail_send("hello", "words", to, 1);
    for (int i = 0; i < 3; i++) {
        IMAPITable *table = ab_contents_of(shelves[i]);
        SRowSet *rows;

        expect_columns(table, &columns);
        rows = rows_of(table, &columns);
        cr_assert_gt(rows->cRows, 0);
        for (ULONG j = 0; j < columns.cValues; j++)
            cr_expect_eq(rows->aRow[0].lpProps[j].ulPropTag, columns.aulPropTag[j]);
        FreeProws(rows);
        IMAPITable_Release(table);
    }
}

static SPropValue *first_value(IMAPITable *table, ULONG tag)
{
    SPropTagArray columns = {1, {tag}};
    SPropValue *value = NULL;
    SRowSet *rows = NULL;

    assert_hr(IMAPITable_SetColumns(table, &columns, 0), S_OK);
    assert_hr(IMAPITable_QueryRows(table, 1, 0, &rows), S_OK);
    cr_assert_eq(rows->cRows, 1);
    assert_hr(MAPIAllocateBuffer(sizeof(*value), (void **)&value), S_OK);
    assert_hr(PropCopyMore(value, rows->aRow[0].lpProps, MAPIAllocateMore, value), S_OK);
    FreeProws(rows);
    return value;
}

Test(addressbook_entries, hierarchy_tables_can_be_searched) /* ABK-079 */
{
    static const SizedSPropTagArray(6, columns) = {6,
                                                   {PR_CONTAINER_FLAGS, PR_DISPLAY_NAME_W,
                                                    PR_DISPLAY_TYPE, PR_ENTRYID, PR_DEPTH,
                                                    PR_OBJECT_TYPE}};
    SPropValue name = {.ulPropTag = PR_DISPLAY_NAME_W}, *found;
    SRestriction restriction = {.rt = RES_PROPERTY};
    IABContainer *root = NULL;
    IMAPITable *table = NULL;
    BOOKMARK place;
    ULONG type;

    assert_hr(IAddrBook_OpenEntry(book, 0, NULL, NULL, 0, &type, (IUnknown **)&root), S_OK);
    assert_hr(IABContainer_GetHierarchyTable(root, MAPI_UNICODE, &table), S_OK);
    expect_columns(table, &columns);
    name.Value.lpszW = mail_wide(USED);
    restriction.res.resProperty.relop = RELOP_EQ;
    restriction.res.resProperty.ulPropTag = PR_DISPLAY_NAME_W;
    restriction.res.resProperty.lpProp = &name;
    assert_hr(IMAPITable_FindRow(table, &restriction, BOOKMARK_BEGINNING, 0), S_OK);
    assert_hr(IMAPITable_CreateBookmark(table, &place), S_OK);
    assert_hr(IMAPITable_SeekRow(table, BOOKMARK_BEGINNING, 0, NULL), S_OK);
    assert_hr(IMAPITable_SeekRow(table, place, 0, NULL), S_OK);
    found = first_value(table, PR_DISPLAY_NAME_W);
    cr_expect_str_eq(mail_text(found), USED);
    MAPIFreeBuffer(found);
    assert_hr(IMAPITable_FreeBookmark(table, place), S_OK);
    assert_hr(IMAPITable_Restrict(table, &restriction, 0), S_OK);
    cr_expect_eq(count_of(table), 1);
    IMAPITable_Release(table);
    IABContainer_Release(root);
}

static ULONG count_with(IMAPITable *table, SRestriction *restriction)
{
    assert_hr(IMAPITable_Restrict(table, restriction, 0), S_OK);
    return count_of(table);
}

static ULONG count_named(IMAPITable *table, const char *name, bool is_wide)
{
    SPropValue value = {.ulPropTag = is_wide ? PR_ANR_W : PR_ANR_A};
    SRestriction restriction = {.rt = RES_PROPERTY};

    if (is_wide)
        value.Value.lpszW = mail_wide(name);
    else
        value.Value.lpszA = (char *)name;
    restriction.res.resProperty.relop = RELOP_EQ;
    restriction.res.resProperty.ulPropTag = value.ulPropTag;
    restriction.res.resProperty.lpProp = &value;
    return count_with(table, &restriction);
}

Test(addressbook_entries, names_are_looked_for_by_words) /* ABK-081, ABK-094, ABK-096 */
{
    for (int is_wide = 0; is_wide < 2; is_wide++) {
        IMAPITable *table = ab_contents_of(CONTACTS);

        cr_expect_eq(count_named(table, "ann", is_wide), 2);
        cr_expect_eq(count_named(table, "ANN oth", is_wide), 1);
        cr_expect_eq(count_named(table, "nn", is_wide), 0);
        cr_expect_eq(count_named(table, "ann bob", is_wide), 0);
        cr_expect_eq(count_named(table, "bob", is_wide), 2);
        cr_expect_eq(count_named(table, "bob@home", is_wide), 1);
        IMAPITable_Release(table);
    }
    MAPIFreeBuffer(ab_add("Carol", "carol@example.org"));
    for (int i = 0; i < 3; i++) {
        IMAPITable *table = ab_contents_of(shelves[i]);

        cr_expect_eq(count_named(table, "carol", true), i == 0);
        IMAPITable_Release(table);
    }
}

Test(addressbook_entries, contents_tables_take_the_three_restrictions) /* ABK-080 */
{
    SPropValue name = {.ulPropTag = PR_DISPLAY_NAME_W}, *key;
    SRestriction prefix = {.rt = RES_CONTENT}, instance = {.rt = RES_PROPERTY};
    IMAPITable *table = ab_contents_of(CONTACTS);

    cr_expect_eq(count_named(table, "zest", true), 1);
    name.Value.lpszW = mail_wide("bob b");
    prefix.res.resContent.ulFuzzyLevel = FL_PREFIX | FL_IGNORECASE;
    prefix.res.resContent.ulPropTag = PR_DISPLAY_NAME_W;
    prefix.res.resContent.lpProp = &name;
    cr_expect_eq(count_with(table, &prefix), 2);
    key = first_value(table, PR_INSTANCE_KEY);
    instance.res.resProperty.relop = RELOP_EQ;
    instance.res.resProperty.ulPropTag = PR_INSTANCE_KEY;
    instance.res.resProperty.lpProp = key;
    cr_expect_eq(count_with(table, &instance), 1);
    MAPIFreeBuffer(key);
    IMAPITable_Release(table);
}

Test(addressbook_entries, there_are_no_searches) /* ABK-097 */
{
    IABContainer *shelf = ab_container(CONTACTS);

    expect_hr(IABContainer_SetSearchCriteria(shelf, NULL, NULL, 0), MAPI_E_NO_SUPPORT);
    expect_hr(IABContainer_GetSearchCriteria(shelf, 0, NULL, NULL, NULL), MAPI_E_NO_SUPPORT);
    IABContainer_Release(shelf);
}

/* --- ResolveNames ----------------------------------------------------------------------------- */

static FlagList *marks_for(const ADRLIST *list)
{
    static union {
        FlagList list;
        BYTE room[256];
    } marks;

    memset(&marks, 0, sizeof(marks));
    marks.list.cFlags = list->cEntries;
    return &marks.list;
}

Test(addressbook_entries, names_are_resolved_in_place) /* ABK-082, ABK-084, ABK-092, ABK-093 */
{
    static const SizedSPropTagArray(2, tags) = {2, {PR_EMAIL_ADDRESS_W, PR_TITLE_W}};
    ADRLIST *list = ab_names(MAPI_UNICODE, "zest", "nobody", "ann", "gone", "zest", NULL);
    IABContainer *shelf = ab_container(CONTACTS);
    FlagList *marks = marks_for(list);
    const ADRENTRY *first = &list->aEntries[0];
    SPropValue *ambiguous = list->aEntries[2].rgPropVals;

    MAPIFreeBuffer(list->aEntries[3].rgPropVals);
    list->aEntries[3] = (ADRENTRY){0};
    marks->ulFlag[4] = MAPI_RESOLVED;
    assert_hr(IABContainer_ResolveNames(shelf, (SPropTagArray *)&tags, MAPI_UNICODE, list, marks),
              S_OK);
    cr_expect_eq(marks->ulFlag[0], MAPI_RESOLVED);
    cr_expect_eq(marks->ulFlag[1], MAPI_UNRESOLVED);
    cr_expect_eq(marks->ulFlag[2], MAPI_AMBIGUOUS);
    cr_expect_eq(list->aEntries[2].rgPropVals, ambiguous);
    cr_expect_eq(list->aEntries[3].cValues, 0);
    cr_expect_null(entry_value(&list->aEntries[4], PR_ENTRYID));
    cr_expect_not_null(entry_value(first, PR_ENTRYID));
    cr_expect_str_eq(mail_text(entry_value(first, PR_EMAIL_ADDRESS_W)), "zoe@example.org");
    cr_expect_not_null(entry_value(first, PROP_TAG(PT_ERROR, PROP_ID(PR_TITLE_W))));
    cr_expect_not_null(entry_value(first, PR_DISPLAY_NAME_W));
    cr_expect_not_null(entry_value(first, PR_RECIPIENT_TYPE));
    marks->cFlags = 1;
    expect_hr(IABContainer_ResolveNames(shelf, NULL, 0, list, marks), MAPI_E_INVALID_PARAMETER);
    IABContainer_Release(shelf);
    FreePadrlist(list);
}

/* --- People ----------------------------------------------------------------------------------- */

Test(addressbook_entries, a_person_has_all_that_a_recipient_needs) /* ABK-086, ABK-104 */
{
    static const ULONG needed[] = {PR_ADDRTYPE_W,      PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE,
                                   PR_EMAIL_ADDRESS_W, PR_ENTRYID,        PR_OBJECT_TYPE,
                                   PR_RECORD_KEY,      PR_SEARCH_KEY};
    static const char *const to[] = {"used@example.test"};

    MAPIFreeBuffer(ab_add("Carol", "carol@example.org"));
    mail_send("hello", "words", to, 1);
    for (int i = 0; i < 3; i++) {
        IMAPITable *table = ab_contents_of(shelves[i]);
        SPropValue *id = first_value(table, PR_ENTRYID);
        IMAPIProp *person = ab_open(id, 0);

        expect_full_vtable(person);
        expect_interface(person, &IID_IMailUser);
        for (size_t j = 0; j < sizeof(needed) / sizeof(needed[0]); j++) {
            expect_hr(state_of(person, needed[j]), S_OK);
            cr_expect(lists(person, needed[j]));
        }
        cr_expect_str_eq(text_of(person, PR_ADDRTYPE_W), "SMTP");
        cr_expect_eq(number_of(person, PR_OBJECT_TYPE), MAPI_MAILUSER);
        IMAPIProp_Release(person);
        MAPIFreeBuffer(id);
        IMAPITable_Release(table);
    }
}

Test(addressbook_entries, a_card_of_the_file_keeps_its_id_while_it_is_edited)
{
    IMAPITable *table = ab_contents_of(CONTACTS);
    SPropValue *id = first_value(table, PR_ENTRYID);
    IMAPIProp *ann = ab_open(id, 0);

    cr_expect_str_eq(text_of(ann, PR_DISPLAY_NAME_W), "Ann Example");
    cr_expect_str_eq(text_of(ann, PR_GIVEN_NAME_W), "Ann");
    cr_expect_str_eq(text_of(ann, PR_SURNAME_W), "Example");
    cr_expect_str_eq(text_of(ann, PR_COMPANY_NAME_W), "Example Inc.");
    IMAPIProp_Release(ann);
    ab_write_contacts("BEGIN:VCARD\nUID:1\nFN:Ann Married\nEMAIL:ann@example.org\nEND:VCARD\n");
    ann = ab_open(id, 0);
    cr_expect_str_eq(text_of(ann, PR_DISPLAY_NAME_W), "Ann Married");
    IMAPIProp_Release(ann);
    MAPIFreeBuffer(id);
    IMAPITable_Release(table);
}
