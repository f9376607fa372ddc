/* docs/requirements/store.md, "Search folders": what is searched for, and what the folder is */
#include "tests/conformance/store_search_rig.h"

#include "mapi/mapiaux.h"

TestSuite(store_search_folders, .init = store_begin, .fini = mail_close);

/* --- The folder ------------------------------------------------------------------------------- */

static SRestriction *row_is(const SPropValue *value)
{
    static SRestriction restriction;

    restriction.rt = RES_PROPERTY;
    restriction.res.resProperty.relop = RELOP_EQ;
    restriction.res.resProperty.ulPropTag = value->ulPropTag;
    restriction.res.resProperty.lpProp = (SPropValue *)value;
    return &restriction;
}

Test(store_search_folders, one_is_made_below_the_finder_root_with_name_and_comment) /* STO-127 */
{
    static const SizedSPropTagArray(4, columns) = {
        4, {PR_FOLDER_TYPE, PR_DISPLAY_TYPE, PR_DISPLAY_NAME_W, PR_ACCESS}};
    IMAPIFolder *finder = special_folder(PR_FINDER_ENTRYID), *made, *again;
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMAPIFolder_GetHierarchyTable(finder, MAPI_UNICODE, &table), S_OK);
    assert_hr(IMAPIFolder_CreateFolder(finder, FOLDER_SEARCH, (LPTSTR) "Found", (LPTSTR) "things",
                                       NULL, 0, &made),
              S_OK);
    cr_expect_eq(number_of(made, PR_FOLDER_TYPE), FOLDER_SEARCH);
    cr_expect_str_eq(text_of(made, PR_DISPLAY_NAME_W), "Found");
    cr_expect_str_eq(text_of(made, PR_COMMENT_W), "things");
    cr_expect(same_property(made, finder, PR_PARENT_ENTRYID) == false);
    cr_expect_eq(number_of(mail.store, PR_STORE_STATE), STORE_HAS_SEARCHES);
    rows = rows_of(table, &columns);
    cr_assert_eq(rows->cRows, 1);
    cr_expect_eq(rows->aRow[0].lpProps[0].Value.l, FOLDER_SEARCH);
    cr_expect_eq(rows->aRow[0].lpProps[1].Value.l, DT_FOLDER_LINK);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[2]), "Found");
    cr_expect_eq(rows->aRow[0].lpProps[3].Value.l &
                     (MAPI_ACCESS_CREATE_CONTENTS | MAPI_ACCESS_CREATE_HIERARCHY),
                 0);
    FreeProws(rows);
    expect_hr(
        IMAPIFolder_CreateFolder(finder, FOLDER_SEARCH, (LPTSTR) "Found", NULL, NULL, 0, &again),
        MAPI_E_COLLISION);
    assert_hr(IMAPIFolder_CreateFolder(finder, FOLDER_SEARCH, (LPTSTR) "Found", NULL, NULL,
                                       OPEN_IF_EXISTS, &again),
              S_OK);
    cr_expect(same_property(made, again, PR_ENTRYID));
    IMAPIFolder_Release(again);
    IMAPIFolder_Release(made);
    IMAPITable_Release(table);
    IMAPIFolder_Release(finder);
}

Test(store_search_folders, one_is_made_nowhere_else)
{
    IMAPIFolder *ipm = mail_folder(""), *inbox = mail_folder("Inbox"), *made;

    expect_hr(IMAPIFolder_CreateFolder(ipm, FOLDER_SEARCH, (LPTSTR) "x", NULL, NULL, 0, &made),
              MAPI_E_NO_SUPPORT);
    expect_hr(IMAPIFolder_CreateFolder(inbox, FOLDER_SEARCH, (LPTSTR) "x", NULL, NULL, 0, &made),
              MAPI_E_NO_SUPPORT);
    expect_hr(IMAPIFolder_SetSearchCriteria(inbox, is_unread(), NULL, 0), MAPI_E_NO_SUPPORT);
    expect_hr(IMAPIFolder_GetSearchCriteria(inbox, 0, NULL, NULL, NULL), MAPI_E_NO_SUPPORT);
    IMAPIFolder_Release(inbox);
    IMAPIFolder_Release(ipm);
}

Test(store_search_folders, it_has_no_subfolders_and_is_never_searched) /* STO-169 */
{
    IMAPIFolder *work = new_folder(NULL, "Work"), *root, *made;
    struct search first = new_search("First"), second = new_search("Second");
    IMAPITable *table;

    MAPIFreeBuffer(saved_message(work, "once"));
    search_for(&first, has_words(PR_SUBJECT_W, "once"), work, 0);
    expect_hr(
        IMAPIFolder_CreateFolder(first.folder, FOLDER_GENERIC, (LPTSTR) "x", NULL, NULL, 0, &made),
        MAPI_E_NO_SUPPORT);
    expect_hr(
        IMAPIFolder_CreateFolder(first.folder, FOLDER_SEARCH, (LPTSTR) "x", NULL, NULL, 0, &made),
        MAPI_E_NO_SUPPORT);
    assert_hr(IMAPIFolder_GetHierarchyTable(first.folder, 0, &table), S_OK);
    cr_expect_eq(count_of(table), 0);
    IMAPITable_Release(table);

    expect_hr(set_criteria(&second, has_words(PR_SUBJECT_W, "once"), first.folder, 0),
              MAPI_E_INVALID_PARAMETER);
    assert_hr(IMsgStore_OpenEntry(mail.store, 0, NULL, NULL, 0, &(ULONG){0}, (IUnknown **)&root),
              S_OK);
    search_for(&second, has_words(PR_SUBJECT_W, "once"), root, RECURSIVE_SEARCH);
    cr_expect_eq(shows_count(&second), 1); /* the message, not the link to it */
    IMAPIFolder_Release(root);
    close_search(&second);
    close_search(&first);
    IMAPIFolder_Release(work);
}

Test(store_search_folders, it_is_renamed_and_stays_where_it_is)
{
    IMAPIFolder *finder = special_folder(PR_FINDER_ENTRYID), *ipm = mail_folder("");
    struct search search = new_search("Old"), other = new_search("Other");

    assert_hr(set_text(search.folder, PR_DISPLAY_NAME_W, "New"), S_OK);
    cr_expect_str_eq(text_of(search.folder, PR_DISPLAY_NAME_W), "New");
    expect_hr(set_text(search.folder, PR_DISPLAY_NAME_W, "Other"), MAPI_E_COLLISION);
    expect_hr(IMAPIFolder_CopyFolder(finder, search.id->Value.bin.cb,
                                     (ENTRYID *)search.id->Value.bin.lpb, NULL, ipm, NULL, 0, NULL,
                                     FOLDER_MOVE),
              MAPI_E_NO_SUPPORT);
    expect_hr(IMAPIFolder_CopyFolder(finder, search.id->Value.bin.cb,
                                     (ENTRYID *)search.id->Value.bin.lpb, NULL, ipm, NULL, 0, NULL,
                                     0),
              MAPI_E_NO_SUPPORT);
    close_search(&other);
    close_search(&search);
    IMAPIFolder_Release(ipm);
    IMAPIFolder_Release(finder);
}

/* --- Criteria --------------------------------------------------------------------------------- */

Test(store_search_folders, nothing_is_told_before_something_was_set) /* STO-171 */
{
    struct search search = new_search("Empty");
    SRestriction *restriction;
    ENTRYLIST *list;
    ULONG state;

    expect_hr(IMAPIFolder_GetSearchCriteria(search.folder, 0, &restriction, &list, &state),
              MAPI_E_NOT_INITIALIZED);
    cr_expect_eq(shows_count(&search), 0);
    close_search(&search);
}

static void expect_criteria(const struct search *search, IMAPIFolder *where, const char *words,
                            ULONG state)
{
    SPropValue *id = value_of(where, PR_ENTRYID);
    SRestriction *restriction;
    ENTRYLIST *list;
    ULONG told;

    assert_hr(
        IMAPIFolder_GetSearchCriteria(search->folder, MAPI_UNICODE, &restriction, &list, &told),
        S_OK);
    cr_assert_eq(restriction->rt, RES_CONTENT);
    cr_expect_eq(restriction->res.resContent.ulFuzzyLevel, FL_SUBSTRING | FL_IGNORECASE);
    cr_expect_eq(restriction->res.resContent.ulPropTag, PR_SUBJECT_W);
    cr_expect_str_eq(mail_text(restriction->res.resContent.lpProp), words);
    cr_assert_eq(list->cValues, 1);
    cr_expect(same_bytes(&list->lpbin[0], &id->Value.bin));
    cr_expect_eq(told, state, "0x%X", (unsigned)told);
    MAPIFreeBuffer(list);
    MAPIFreeBuffer(restriction);
    MAPIFreeBuffer(id);
}

Test(store_search_folders, criteria_are_restriction_folders_and_flags) /* STO-163 */
{
    IMAPIFolder *work = new_folder(NULL, "Work");
    struct search search = new_search("Set");

    MAPIFreeBuffer(saved_message(work, "yes, wanted"));
    MAPIFreeBuffer(saved_message(work, "no"));
    search_for(&search, has_words(PR_SUBJECT_W, "Wanted"), work,
               RECURSIVE_SEARCH | FOREGROUND_SEARCH);
    expect_criteria(&search, work, "Wanted", SEARCH_RUNNING | SEARCH_RECURSIVE | SEARCH_FOREGROUND);
    cr_expect(shows(&search, "yes, wanted"));
    cr_expect_eq(shows_count(&search), 1);
    search_for(&search, has_words(PR_SUBJECT_W, "no"), work, SHALLOW_SEARCH | BACKGROUND_SEARCH);
    expect_criteria(&search, work, "no", SEARCH_RUNNING);
    cr_expect(shows(&search, "no"));
    close_search(&search);
    IMAPIFolder_Release(work);
}

Test(store_search_folders, what_is_not_given_stays_but_not_at_first) /* STO-164 STO-323 */
{
    IMAPIFolder *one = new_folder(NULL, "One"), *two = new_folder(NULL, "Two");
    struct search search = new_search("Reused");

    MAPIFreeBuffer(saved_message(one, "red"));
    MAPIFreeBuffer(saved_message(one, "blue"));
    MAPIFreeBuffer(saved_message(two, "red too"));
    expect_hr(set_criteria(&search, NULL, NULL, 0), MAPI_E_NOT_INITIALIZED);
    expect_hr(set_criteria(&search, has_words(PR_SUBJECT_W, "red"), NULL, 0),
              MAPI_E_NOT_INITIALIZED);
    expect_hr(set_criteria(&search, NULL, one, 0), MAPI_E_NOT_INITIALIZED);

    search_for(&search, has_words(PR_SUBJECT_W, "red"), one, 0);
    cr_expect(shows(&search, "red"));
    search_for(&search, has_words(PR_SUBJECT_W, "blue"), NULL, 0); /* the same folder */
    expect_criteria(&search, one, "blue", SEARCH_RUNNING);
    cr_expect(shows(&search, "blue"));
    cr_expect_eq(shows_count(&search), 1);
    search_for(&search, has_words(PR_SUBJECT_W, "red"), NULL, 0);
    search_for(&search, NULL, two, 0); /* the same words */
    expect_criteria(&search, two, "red", SEARCH_RUNNING);
    cr_expect(shows(&search, "red too"));
    cr_expect_eq(shows_count(&search), 1);
    close_search(&search);
    IMAPIFolder_Release(two);
    IMAPIFolder_Release(one);
}

Test(store_search_folders, flags_that_exclude_each_other_are_refused) /* STO-165 */
{
    static const ULONG pairs[] = {BACKGROUND_SEARCH | FOREGROUND_SEARCH,
                                  RECURSIVE_SEARCH | SHALLOW_SEARCH, RESTART_SEARCH | STOP_SEARCH};
    IMAPIFolder *work = new_folder(NULL, "Work");
    struct search search = new_search("Flags");

    for (size_t i = 0; i < 3; i++)
        expect_hr(set_criteria(&search, is_unread(), work, pairs[i]), MAPI_E_INVALID_PARAMETER);
    expect_hr(set_criteria(&search, is_unread(), work, 0x80000000), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(IMAPIFolder_GetSearchCriteria(search.folder, 0, NULL, NULL, NULL),
              MAPI_E_NOT_INITIALIZED);
    close_search(&search);
    IMAPIFolder_Release(work);
}

/* What rows of contents tables do not have would look as if messages lacked it. */
Test(store_search_folders, what_cannot_be_looked_at_exactly_is_too_complex) /* STO-166 */
{
    SPropValue size = {.ulPropTag = PR_MESSAGE_SIZE}, high = {.ulPropTag = PR_IMPORTANCE};
    SRestriction importance = *row_is(&high);
    SRestriction *exact = has_words(PR_BODY_W, "words"), *prefix = has_words(PR_BODY_W, "words");
    SRestriction exists = {.rt = RES_EXIST, .res.resExist.ulPropTag = PR_BODY_W};
    SRestriction html = {.rt = RES_EXIST, .res.resExist.ulPropTag = PR_HTML};
    IMAPIFolder *work = new_folder(NULL, "Work");
    struct search search = new_search("Complex");
    SRestriction *refused[] = {
        has_words(PR_TRANSPORT_MESSAGE_HEADERS_W, "x"),
        &html,
        &importance,
        within(PR_MESSAGE_RECIPIENTS, has_words(PR_BODY_W, "x")),
        within(PR_MESSAGE_RECIPIENTS, within(PR_MESSAGE_RECIPIENTS, is_unread())),
        within(PR_CONTAINER_CONTENTS, is_unread()),
        exact,
        prefix,
        &exists,
    };

    exact->res.resContent.ulFuzzyLevel = FL_SUBSTRING; /* upper and lower case told apart */
    prefix->res.resContent.ulFuzzyLevel = FL_PREFIX | FL_IGNORECASE;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        cr_expect_eq(set_criteria(&search, refused[i], work, 0), MAPI_E_TOO_COMPLEX, "%zu", i);
    expect_hr(set_criteria(&search, row_is(&size), work, 0), S_OK);
    close_search(&search);
    IMAPIFolder_Release(work);
}

Test(store_search_folders, each_output_is_optional_and_one_block) /* STO-172 */
{
    SPropValue narrow = {.ulPropTag = PR_SUBJECT_A, .Value.lpszA = (char *)"words"};
    IMAPIFolder *work = new_folder(NULL, "Work");
    struct search search = new_search("Outputs");
    SRestriction *restriction;
    ENTRYLIST *list;
    ULONG state;

    search_for(&search, both(row_is(&narrow), has_words(PR_SUBJECT_W, "w\303\266rds")), work, 0);
    assert_hr(IMAPIFolder_GetSearchCriteria(search.folder, 0, NULL, NULL, NULL), S_OK);
    assert_hr(IMAPIFolder_GetSearchCriteria(search.folder, 0, NULL, NULL, &state), S_OK);
    assert_hr(IMAPIFolder_GetSearchCriteria(search.folder, 0, NULL, &list, NULL), S_OK);
    cr_expect_eq(list->cValues, 1);
    MAPIFreeBuffer(list);
    for (int wide = 0; wide < 2; wide++) {
        const SRestriction *parts;

        assert_hr(IMAPIFolder_GetSearchCriteria(search.folder, wide ? MAPI_UNICODE : 0,
                                                &restriction, NULL, NULL),
                  S_OK);
        cr_assert_eq(restriction->res.resAnd.cRes, 2);
        parts = restriction->res.resAnd.lpRes;
        for (int i = 0; i < 2; i++) /* the same place in both kinds */
            cr_expect_eq(PROP_TYPE(parts[i].res.resContent.ulPropTag),
                         wide ? PT_UNICODE : PT_STRING8);
        if (!wide)
            cr_expect_str_eq(parts[0].res.resProperty.lpProp->Value.lpszA, "words");
        else
            cr_expect_str_eq(mail_text(parts[1].res.resContent.lpProp), "w\303\266rds");
        MAPIFreeBuffer(restriction); /* with all within: the leak checker sees the rest */
    }
    expect_hr(IMAPIFolder_GetSearchCriteria(search.folder, 1, NULL, NULL, NULL),
              MAPI_E_UNKNOWN_FLAGS);
    close_search(&search);
    IMAPIFolder_Release(work);
}

Test(store_search_folders, criteria_outlive_the_program)
{
    IMAPIFolder *work = new_folder(NULL, "Work");
    struct search search = new_search("Kept");
    SPropValue *id;

    MAPIFreeBuffer(saved_message(work, "kept words"));
    search_for(&search, has_words(PR_SUBJECT_W, "others"), work,
               RECURSIVE_SEARCH | FOREGROUND_SEARCH);
    search_for(&search, has_words(PR_SUBJECT_W, "Kept"), NULL, 0);
    id = value_of(search.folder, PR_ENTRYID);
    close_search(&search);
    IMAPIFolder_Release(work);
    store_restart();
    work = mail_folder("Work");
    search = open_search("Kept");
    cr_expect(same_bytes(&search.id->Value.bin, &id->Value.bin));
    cr_expect(shows(&search, "kept words")); /* the table waits for a search that goes on */
    expect_criteria(&search, work, "Kept", SEARCH_RUNNING | SEARCH_RECURSIVE | SEARCH_FOREGROUND);
    MAPIFreeBuffer(saved_message(work, "kept and new"));
    await_shown(&search, "kept and new", true);
    MAPIFreeBuffer(id);
    close_search(&search);
    IMAPIFolder_Release(work);
}
