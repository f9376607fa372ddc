/* The rules of a folder: IExchangeModifyTable on PR_RULES_TABLE (MS-OXORULE 2.2.1) */
#include "tests/conformance/store_rig.h"

#include <unistd.h>

#include "mapi/edkguid.h"
#include "mapi/edkmdb.h"
#include "mapi/mapiextra.h"
#include "mapi/propval.h"

TestSuite(store_rules, .init = store_begin, .fini = mail_close);

enum {
    RULE_ID,
    RULE_SEQUENCE,
    RULE_STATE,
    RULE_CONDITION,
    RULE_ACTIONS,
    RULE_PROVIDER,
    RULE_NAME,
    RULE_LEVEL,
    RULE_DATA,
    RULE_FLAGS,
    RULE_COLUMNS,
};
static const SizedSPropTagArray(RULE_COLUMNS, rule_tags) = {
    RULE_COLUMNS,
    {PR_RULE_ID, PR_RULE_SEQUENCE, PR_RULE_STATE, PR_RULE_CONDITION, PR_RULE_ACTIONS,
     PR_RULE_PROVIDER_W, PR_RULE_NAME_W, PR_RULE_LEVEL, PR_RULE_PROVIDER_DATA, PR_RULE_USER_FLAGS}};

/* --- Rules as programs make them -------------------------------------------------------------- */

static IExchangeModifyTable *rules_of(IMAPIFolder *folder)
{
    IExchangeModifyTable *table = NULL;

    assert_hr(IMAPIFolder_OpenProperty(folder, PR_RULES_TABLE, &IID_IExchangeModifyTable, 0,
                                       MAPI_DEFERRED_ERRORS, (IUnknown **)&table),
              S_OK);
    return table;
}

static IMAPITable *table_of(IExchangeModifyTable *rules)
{
    IMAPITable *table;

    assert_hr(IExchangeModifyTable_GetTable(rules, MAPI_UNICODE, &table), S_OK);
    return table;
}

/* "The subject has `word`, or there is a keyword": move to an id, forward, tag. */
struct rule {
    SPropValue word, keyword, tagged, recipient[2];
    SRestriction either[2], condition;
    SizedADRLIST(1, list);
    ACTION actions[3];
    ACTIONS all;
    SPropValue values[6];
    ROWENTRY row;
};

static ULONG keyword_tag(void)
{
    static GUID set = {0x00020329, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
    MAPINAMEID name = {.lpguid = &set, .ulKind = MNID_STRING}, *names = &name;
    SPropTagArray *tags;
    ULONG tag;

    name.Kind.lpwstrName = mail_wide("Keywords");
    assert_hr(IMsgStore_GetIDsFromNames(mail.store, 1, &names, MAPI_CREATE, &tags), S_OK);
    tag = CHANGE_PROP_TYPE(tags->aulPropTag[0], PT_UNICODE);
    MAPIFreeBuffer(tags);
    return tag;
}

static struct rule *fill_rule(struct rule *rule, const char *word, LONG sequence)
{
    static BYTE folder_id[46] = {9, 9, 9}, store_id[20] = {1, 2};
    ULONG named = keyword_tag();

    memset(rule, 0, sizeof(*rule));
    rule->word = propval_unicode(PR_SUBJECT_W, mail_wide(word));
    rule->keyword = propval_unicode(named, mail_wide("urgent"));
    rule->either[0] =
        (SRestriction){.rt = RES_CONTENT,
                       .res.resContent = {FL_SUBSTRING | FL_IGNORECASE, PR_SUBJECT_W, &rule->word}};
    rule->either[1] =
        (SRestriction){.rt = RES_PROPERTY, .res.resProperty = {RELOP_EQ, named, &rule->keyword}};
    rule->condition = (SRestriction){.rt = RES_OR, .res.resOr = {2, rule->either}};
    rule->recipient[0] = propval_unicode(PR_DISPLAY_NAME_W, u"Bob");
    rule->recipient[1] = propval_long(PR_RECIPIENT_TYPE, MAPI_TO);
    rule->list.cEntries = 1;
    rule->list.aEntries[0] = (ADRENTRY){.cValues = 2, .rgPropVals = rule->recipient};
    rule->actions[0] = (ACTION){.acttype = OP_MOVE,
                                .actMoveCopy = {sizeof(store_id), (ENTRYID *)store_id,
                                                sizeof(folder_id), (ENTRYID *)folder_id}};
    rule->actions[1] = (ACTION){.acttype = OP_FORWARD, .lpadrlist = (ADRLIST *)&rule->list};
    rule->tagged = propval_long(PR_IMPORTANCE, IMPORTANCE_HIGH);
    rule->actions[2] = (ACTION){.acttype = OP_TAG, .propTag = rule->tagged};
    rule->all = (ACTIONS){EDK_RULES_VERSION, 3, rule->actions};
    rule->values[0] = (SPropValue){.ulPropTag = PR_RULE_CONDITION, .Value.lpv = &rule->condition};
    rule->values[1] = (SPropValue){.ulPropTag = PR_RULE_ACTIONS, .Value.lpv = &rule->all};
    rule->values[2] = propval_unicode(PR_RULE_PROVIDER_W, mail_wide("TestRules"));
    rule->values[3] = propval_unicode(PR_RULE_NAME_W, mail_wide(word));
    rule->values[4] = propval_long(PR_RULE_SEQUENCE, sequence);
    rule->values[5] = propval_long(PR_RULE_STATE, ST_ENABLED);
    rule->row = (ROWENTRY){ROW_ADD, 6, rule->values};
    return rule;
}

static HRESULT modify(IExchangeModifyTable *rules, ULONG flags, const ROWENTRY *rows, ULONG count)
{
    SizedADRLIST(8, room) = {0}; /* a ROWLIST has the shape of an ADRLIST */
    ROWLIST *list = (ROWLIST *)&room;

    list->cEntries = count;
    for (ULONG i = 0; i < count; i++)
        list->aEntries[i] = rows[i];
    return IExchangeModifyTable_ModifyTable(rules, flags, list);
}

static HRESULT add(IExchangeModifyTable *rules, const char *word, LONG sequence)
{
    struct rule rule;

    return modify(rules, 0, &fill_rule(&rule, word, sequence)->row, 1);
}

static int64_t id_of(IExchangeModifyTable *rules, const char *word)
{
    IMAPITable *table = table_of(rules);
    SRowSet *rows = rows_of(table, &rule_tags);
    int64_t id = 0;

    for (ULONG i = 0; i < rows->cRows; i++)
        if (strcmp(mail_text(&rows->aRow[i].lpProps[RULE_NAME]), word) == 0)
            id = rows->aRow[i].lpProps[RULE_ID].Value.li.QuadPart;
    FreeProws(rows);
    IMAPITable_Release(table);
    return id;
}

static ULONG rule_count(IExchangeModifyTable *rules)
{
    IMAPITable *table = table_of(rules);
    ULONG count = count_of(table);

    IMAPITable_Release(table);
    return count;
}

/* "name name", as the table has them without being sorted. */
static const char *names_of(IMAPITable *table)
{
    SRowSet *rows = rows_of(table, &rule_tags);
    static char names[256];

    names[0] = '\0';
    for (ULONG i = 0; i < rows->cRows; i++) {
        strcat(names, i ? " " : "");
        strcat(names, mail_text(&rows->aRow[i].lpProps[RULE_NAME]));
    }
    FreeProws(rows);
    return names;
}

/* Waits for them: an open table follows when it can. */
static void expect_names(IMAPITable *table, const char *expected)
{
    for (int ms = 0; ms < 30000 && strcmp(names_of(table), expected) != 0; ms += 5)
        usleep(5000);
    cr_expect_str_eq(names_of(table), expected);
}

/* --- The object ------------------------------------------------------------------------------- */

Test(store_rules, a_folder_gives_its_rules_by_their_interface_alone)
{
    IMAPIFolder *folder = new_folder(NULL, "Ruled");
    IExchangeModifyTable *rules = rules_of(folder);
    IUnknown *unknown = NULL;
    IMAPITable *table;

    cr_expect(lists(folder, PR_RULES_TABLE));
    assert_hr(
        IExchangeModifyTable_QueryInterface(rules, &IID_IExchangeModifyTable, (void **)&unknown),
        S_OK);
    IUnknown_Release(unknown);
    expect_hr(IExchangeModifyTable_QueryInterface(rules, &IID_IMAPIFolder, (void **)&unknown),
              MAPI_E_INTERFACE_NOT_SUPPORTED);
    expect_hr(IMAPIFolder_OpenProperty(folder, PR_RULES_TABLE, &IID_IMAPITable, 0, 0, &unknown),
              MAPI_E_INTERFACE_NOT_SUPPORTED);
    expect_hr(IMAPIFolder_OpenProperty(folder, PR_CONTAINER_CONTENTS, &IID_IExchangeModifyTable, 0,
                                       0, &unknown),
              MAPI_E_INTERFACE_NOT_SUPPORTED);
    expect_hr(IExchangeModifyTable_GetTable(rules, 0x40, &table), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(IExchangeModifyTable_GetTable(rules, 0, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(IExchangeModifyTable_ModifyTable(rules, 0, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(modify(rules, 0x40, NULL, 0), MAPI_E_UNKNOWN_FLAGS);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(folder);
}

Test(store_rules, a_folder_opened_for_reading_shows_rules_and_changes_none)
{
    IMAPIFolder *folder = new_folder(NULL, "Ruled"), *reading = NULL;
    SPropValue *id = value_of(folder, PR_ENTRYID);
    IExchangeModifyTable *rules;

    assert_hr(open_entry(id, 0, &reading), S_OK);
    rules = rules_of(reading);
    cr_expect_eq(rule_count(rules), 0);
    expect_hr(add(rules, "one", 1), MAPI_E_NO_ACCESS);
    cr_expect_eq(rule_count(rules), 0);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(reading);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* --- Rows ------------------------------------------------------------------------------------- */

static void expect_whole_rule(const SPropValue *row, const char *word)
{
    const SRestriction *condition = row[RULE_CONDITION].Value.lpv;
    const ACTIONS *actions = row[RULE_ACTIONS].Value.lpv;
    struct rule rule;

    fill_rule(&rule, word, 7);
    cr_assert_eq(row[RULE_CONDITION].ulPropTag, PR_RULE_CONDITION);
    cr_assert_eq(condition->rt, RES_OR);
    cr_assert_eq(condition->res.resOr.cRes, 2);
    for (int i = 0; i < 2; i++) {
        const SRestriction *part = &condition->res.resOr.lpRes[i];

        cr_assert_eq(part->rt, rule.either[i].rt);
        cr_expect(propval_equal(part->rt == RES_CONTENT ? part->res.resContent.lpProp
                                                        : part->res.resProperty.lpProp,
                                i ? &rule.keyword : &rule.word));
    }
    cr_assert_eq(row[RULE_ACTIONS].ulPropTag, PR_RULE_ACTIONS);
    cr_assert_eq(actions->cActions, 3u);
    cr_assert_eq(actions->lpAction[0].acttype, OP_MOVE);
    cr_assert_eq(actions->lpAction[0].actMoveCopy.cbFldEntryId, 46u);
    cr_expect_arr_eq(actions->lpAction[0].actMoveCopy.lpFldEntryId,
                     rule.actions[0].actMoveCopy.lpFldEntryId, 46);
    cr_assert_eq(actions->lpAction[1].acttype, OP_FORWARD);
    cr_assert_eq(actions->lpAction[1].lpadrlist->cEntries, 1u);
    cr_expect(propval_equal(&actions->lpAction[1].lpadrlist->aEntries[0].rgPropVals[0],
                            &rule.recipient[0]));
    cr_expect(propval_equal(&actions->lpAction[2].propTag, &rule.tagged));
    cr_expect_str_eq(mail_text(&row[RULE_PROVIDER]), "TestRules");
    cr_expect_eq(row[RULE_SEQUENCE].Value.l, 7);
    cr_expect_eq(row[RULE_STATE].Value.l, ST_ENABLED);
    cr_expect_eq(row[RULE_LEVEL].Value.l, 0);
    cr_expect_eq(row[RULE_FLAGS].Value.l, 0);
    cr_expect_eq(PROP_TYPE(row[RULE_DATA].ulPropTag), PT_ERROR);
}

Test(store_rules, a_rule_comes_back_whole_and_stays_over_a_restart)
{
    IMAPIFolder *folder = new_folder(NULL, "Ruled");
    IExchangeModifyTable *rules = rules_of(folder);
    IMAPITable *table;
    SRowSet *rows;
    int64_t id;

    assert_hr(add(rules, "offer", 7), S_OK);
    id = id_of(rules, "offer");
    cr_expect_neq(id, 0);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(folder);
    store_restart();

    folder = mail_folder("Ruled");
    rules = rules_of(folder);
    table = table_of(rules);
    rows = rows_of(table, &rule_tags);
    cr_assert_eq(rows->cRows, 1);
    cr_expect_eq(rows->aRow[0].lpProps[RULE_ID].Value.li.QuadPart, id);
    expect_whole_rule(rows->aRow[0].lpProps, "offer");
    FreeProws(rows);
    IMAPITable_Release(table);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(folder);
}

Test(store_rules, rows_are_in_the_order_of_their_sequence)
{
    IMAPIFolder *folder = new_folder(NULL, "Ruled");
    IExchangeModifyTable *rules = rules_of(folder);
    IMAPITable *table;

    assert_hr(add(rules, "third", 30), S_OK);
    assert_hr(add(rules, "first", 10), S_OK);
    table = table_of(rules);
    assert_hr(add(rules, "second", 20), S_OK);
    expect_names(table, "first second third");
    IMAPITable_Release(table);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(folder);
}

Test(store_rules, a_changed_rule_keeps_what_the_row_does_not_name)
{
    IMAPIFolder *folder = new_folder(NULL, "Ruled");
    IExchangeModifyTable *rules = rules_of(folder);
    SPropValue change[3];
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(add(rules, "offer", 7), S_OK);
    change[0] = (SPropValue){.ulPropTag = PR_RULE_ID};
    change[0].Value.li.QuadPart = id_of(rules, "offer");
    change[1] = propval_long(PR_RULE_STATE, ST_DISABLED);
    change[2] = (SPropValue){.ulPropTag = PR_RULE_NAME_A, .Value.lpszA = "renamed"};
    assert_hr(modify(rules, 0, &(ROWENTRY){ROW_MODIFY, 3, change}, 1), S_OK);
    table = table_of(rules);
    rows = rows_of(table, &rule_tags);
    cr_assert_eq(rows->cRows, 1);
    cr_expect_eq(rows->aRow[0].lpProps[RULE_ID].Value.li.QuadPart, change[0].Value.li.QuadPart);
    cr_expect_eq(rows->aRow[0].lpProps[RULE_STATE].Value.l, ST_DISABLED);
    cr_expect_eq(rows->aRow[0].lpProps[RULE_SEQUENCE].Value.l, 7);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[RULE_NAME]), "renamed");
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[RULE_PROVIDER]), "TestRules");
    FreeProws(rows);
    IMAPITable_Release(table);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(folder);
}

Test(store_rules, ids_of_removed_rules_never_return)
{
    IMAPIFolder *folder = new_folder(NULL, "Ruled");
    IExchangeModifyTable *rules = rules_of(folder);
    SPropValue id = {.ulPropTag = PR_RULE_ID};
    int64_t first, second;

    assert_hr(add(rules, "one", 1), S_OK);
    first = id.Value.li.QuadPart = id_of(rules, "one");
    assert_hr(modify(rules, 0, &(ROWENTRY){ROW_REMOVE, 1, &id}, 1), S_OK);
    cr_expect_eq(rule_count(rules), 0);
    expect_hr(modify(rules, 0, &(ROWENTRY){ROW_REMOVE, 1, &id}, 1), MAPI_E_NOT_FOUND);
    assert_hr(add(rules, "one", 1), S_OK);
    second = id_of(rules, "one");
    cr_expect_neq(first, second);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(folder);

    store_restart();
    folder = mail_folder("Ruled");
    rules = rules_of(folder);
    assert_hr(add(rules, "two", 2), S_OK);
    cr_expect_eq(id_of(rules, "one"), second);
    cr_expect(id_of(rules, "two") != first && id_of(rules, "two") != second);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(folder);
}

Test(store_rules, a_list_replaces_all_rules_or_none)
{
    IMAPIFolder *folder = new_folder(NULL, "Ruled");
    IExchangeModifyTable *rules = rules_of(folder);
    struct rule one, other;
    ROWENTRY rows[3];
    IMAPITable *table;

    assert_hr(add(rules, "old", 1), S_OK);
    rows[0] = fill_rule(&one, "new", 1)->row;
    rows[1] = (ROWENTRY){ROW_EMPTY, 0, NULL};
    rows[2] = fill_rule(&other, "newer", 2)->row;
    rows[2].cValues = 1; /* the condition alone is no rule */
    expect_hr(modify(rules, ROWLIST_REPLACE, rows, 3), MAPI_E_INVALID_PARAMETER);
    table = table_of(rules);
    expect_names(table, "old");
    rows[2].cValues = 6;
    assert_hr(modify(rules, ROWLIST_REPLACE, rows, 3), S_OK);
    expect_names(table, "new newer");
    assert_hr(modify(rules, ROWLIST_REPLACE, NULL, 0), S_OK);
    expect_names(table, "");
    IMAPITable_Release(table);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(folder);
}

/* The last row names a rule that is not there, when the writer has done the first already. */
Test(store_rules, a_list_that_fails_on_its_way_changes_nothing)
{
    IMAPIFolder *folder = new_folder(NULL, "Ruled"), *other = new_folder(NULL, "Other");
    IExchangeModifyTable *rules = rules_of(folder), *others = rules_of(other);
    SPropValue id = {.ulPropTag = PR_RULE_ID};
    MAPIERROR *words = NULL;
    struct rule rule;
    ROWENTRY rows[2];
    HRESULT hr;

    assert_hr(add(others, "theirs", 1), S_OK);
    id.Value.li.QuadPart = id_of(others, "theirs");
    rows[0] = fill_rule(&rule, "ours", 1)->row;
    rows[1] = (ROWENTRY){ROW_REMOVE, 1, &id};
    hr = modify(rules, 0, rows, 2);
    expect_hr(hr, MAPI_E_NOT_FOUND);
    assert_hr(IExchangeModifyTable_GetLastError(rules, hr, MAPI_UNICODE, &words), S_OK);
    cr_assert_not_null(words);
    MAPIFreeBuffer(words);
    cr_expect_eq(rule_count(rules), 0);
    cr_expect_eq(rule_count(others), 1);
    IExchangeModifyTable_Release(others);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(folder);
}

Test(store_rules, what_is_no_rule_is_refused)
{
    IMAPIFolder *folder = new_folder(NULL, "Ruled");
    IExchangeModifyTable *rules = rules_of(folder);
    SRestriction deep[100];
    struct rule rule;

    fill_rule(&rule, "one", 1)->values[0].Value.lpv = NULL;
    expect_hr(modify(rules, 0, &rule.row, 1), MAPI_E_INVALID_PARAMETER);
    fill_rule(&rule, "one", 1)->condition.res.resOr.lpRes = NULL;
    expect_hr(modify(rules, 0, &rule.row, 1), MAPI_E_INVALID_PARAMETER);
    fill_rule(&rule, "one", 1)->actions[0].acttype = (ACTTYPE)77;
    expect_hr(modify(rules, 0, &rule.row, 1), MAPI_E_INVALID_PARAMETER);
    fill_rule(&rule, "one", 1)->values[5].ulPropTag = CHANGE_PROP_TYPE(PR_RULE_STATE, PT_I2);
    expect_hr(modify(rules, 0, &rule.row, 1), MAPI_E_INVALID_TYPE);
    fill_rule(&rule, "one", 1)->row.ulRowFlags = 8;
    expect_hr(modify(rules, 0, &rule.row, 1), MAPI_E_INVALID_PARAMETER);
    fill_rule(&rule, "one", 1)->row.ulRowFlags = ROW_MODIFY; /* without an id */
    expect_hr(modify(rules, 0, &rule.row, 1), MAPI_E_INVALID_PARAMETER);
    fill_rule(&rule, "one", 1)->values[0].Value.lpv = deep;
    for (int i = 0; i < 99; i++)
        deep[i] = (SRestriction){.rt = RES_NOT, .res.resNot = {0, &deep[i + 1]}};
    deep[99] = (SRestriction){.rt = RES_EXIST, .res.resExist = {0, PR_SUBJECT_W, 0}};
    expect_hr(modify(rules, 0, &rule.row, 1), MAPI_E_TOO_COMPLEX);
    cr_expect_eq(rule_count(rules), 0);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(folder);
}

/* --- Living ----------------------------------------------------------------------------------- */

Test(store_rules, an_open_table_hears_of_rules_that_change)
{
    IMAPIFolder *folder = new_folder(NULL, "Ruled");
    IExchangeModifyTable *rules = rules_of(folder), *same = rules_of(folder);
    IMAPITable *table = table_of(same);
    struct test_sink *sink = test_sink_create();
    ULONG added = TABLE_ROW_ADDED, deleted = TABLE_ROW_DELETED;
    ULONG_PTR connection;

    assert_hr(
        IMAPITable_Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    assert_hr(add(rules, "one", 1), S_OK);
    mail_await_event(sink, fnevTableModified, mail_is_table_event, &added);
    expect_names(table, "one");
    assert_hr(modify(rules, ROWLIST_REPLACE, NULL, 0), S_OK);
    mail_await_event(sink, fnevTableModified, mail_is_table_event, &deleted);
    IMAPITable_Unadvise(table, connection);
    test_sink_release(sink);
    IMAPITable_Release(table);
    IExchangeModifyTable_Release(same);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(folder);
}

Test(store_rules, rules_go_with_their_folder)
{
    IMAPIFolder *folder = new_folder(NULL, "Ruled"), *root = mail_folder("");
    IExchangeModifyTable *rules = rules_of(folder);
    SPropValue *id = value_of(folder, PR_ENTRYID);

    assert_hr(add(rules, "one", 1), S_OK);
    assert_hr(
        IMAPIFolder_DeleteFolder(root, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0, NULL, 0),
        S_OK);
    expect_hr(add(rules, "two", 2), MAPI_E_OBJECT_DELETED);
    cr_expect_eq(rule_count(rules), 0);
    MAPIFreeBuffer(id);
    IExchangeModifyTable_Release(rules);
    IMAPIFolder_Release(root);
    IMAPIFolder_Release(folder);
}
