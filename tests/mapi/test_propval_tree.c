/* tests/mapi/test_propval_tree.c - restrictions and rule actions as values of rows */
#include <criterion/criterion.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/propval_tree.h"
#include "mapi/wire.h"
#include "support/com.h"

static SPropValue subject, number, recipient[2];
static SRestriction leaf, parts[9], all;
static BYTE id[] = {1, 2, 3, 4, 5};
static SizedADRLIST(2, list);
static ACTION action[12];
static ACTIONS actions;

static void setup(void)
{
    subject = propval_unicode(PR_SUBJECT_W, u"words");
    number = propval_long(PR_MESSAGE_SIZE, 5);
    leaf = (SRestriction){.rt = RES_CONTENT, .res.resContent = {0, PR_SUBJECT_W, &subject}};
    parts[0] = leaf;
    parts[1] = (SRestriction){.rt = RES_NOT, .res.resNot = {0, &leaf}};
    parts[2] =
        (SRestriction){.rt = RES_PROPERTY, .res.resProperty = {RELOP_GT, PR_MESSAGE_SIZE, &number}};
    parts[3] =
        (SRestriction){.rt = RES_SUBRESTRICTION, .res.resSub = {PR_MESSAGE_RECIPIENTS, &leaf}};
    parts[4] = (SRestriction){.rt = RES_COMMENT, .res.resComment = {1, &leaf, &number}};
    parts[5] = (SRestriction){.rt = RES_COMMENT, .res.resComment = {1, NULL, &subject}};
    parts[6] = (SRestriction){.rt = RES_COUNT, .res.resCount = {3, &leaf}};
    parts[7] = (SRestriction){.rt = RES_OR, .res.resOr = {1, &leaf}};
    parts[8] = (SRestriction){.rt = RES_EXIST, .res.resExist = {0, PR_SUBJECT_W, 0}};
    all = (SRestriction){.rt = RES_AND, .res.resAnd = {9, parts}};

    recipient[0] = propval_unicode(PR_DISPLAY_NAME_W, u"Bob");
    recipient[1] = propval_binary(PR_ENTRYID, id, sizeof(id));
    list.cEntries = 2;
    list.aEntries[0] = (ADRENTRY){.cValues = 2, .rgPropVals = recipient};
    list.aEntries[1] = (ADRENTRY){.cValues = 0};
    memset(action, 0, sizeof(action));
    for (int i = 0; i < 11; i++)
        action[i].acttype = (ACTTYPE)(OP_MOVE + i);
    action[0].actMoveCopy.cbStoreEntryId = action[1].actMoveCopy.cbFldEntryId = sizeof(id);
    action[0].actMoveCopy.lpStoreEntryId = action[1].actMoveCopy.lpFldEntryId = (ENTRYID *)id;
    action[2].actReply.cbEntryId = action[3].actReply.cbEntryId = 3;
    action[2].actReply.lpEntryId = action[3].actReply.lpEntryId = (ENTRYID *)id;
    action[4].actDeferAction.cbData = sizeof(id);
    action[4].actDeferAction.pbData = id;
    action[5].scBounceCode = BOUNCE_ACCESS_DENIED;
    action[6].lpadrlist = action[7].lpadrlist = (ADRLIST *)&list;
    action[8].propTag = subject;
    actions = (ACTIONS){EDK_RULES_VERSION, 11, action};
}

TestSuite(propval_tree, .init = setup);

static void pack(const SPropValue *value, BYTE **ret_bytes, ULONG *ret_size)
{
    if (PROP_TYPE(value->ulPropTag) == PT_SRESTRICTION)
        assert_hr(wire_pack_restriction(value->Value.lpv, ret_bytes, ret_size), S_OK);
    else
        assert_hr(wire_pack_actions(value->Value.lpv, ret_bytes, ret_size), S_OK);
}

static void expect_bytes(const SPropValue *value, const BYTE *bytes, ULONG size)
{
    BYTE *own;
    ULONG own_size;

    pack(value, &own, &own_size);
    cr_assert_eq(own_size, size);
    cr_expect_arr_eq(own, bytes, size);
    mapi_free(own);
}

/* The copies need nothing of what they were made from. */
static void expect_own_copy(SPropValue value)
{
    SPropValue *copy, again, *root = mapi_alloc(NULL, 1);
    size_t packed = propval_packed_size(&value);
    BYTE *bytes;
    ULONG size;

    pack(&value, &bytes, &size);
    assert_hr(propval_dup(&value, 1, &copy), S_OK);
    cr_expect(propval_equal(copy, &value));
    cr_expect_eq(propval_packed_size(copy), packed);
    memset(id, 0xEE, sizeof(id));
    memset(&subject, 0xEE, sizeof(subject));
    memset(&number, 0xEE, sizeof(number));
    memset(recipient, 0xEE, sizeof(recipient));
    memset(&leaf, 0xEE, sizeof(leaf));
    memset(parts, 0xEE, sizeof(parts));
    memset(action, 0xEE, sizeof(action));
    memset(&list, 0xEE, sizeof(list));
    expect_bytes(copy, bytes, size);
    assert_hr(propval_copy(root, &again, copy), S_OK);
    mapi_free(copy);
    expect_bytes(&again, bytes, size);
    mapi_free(root);
    mapi_free(bytes);
}

Test(propval_tree, a_restriction_is_copied_to_its_leaves)
{
    expect_own_copy(propval_restriction(PR_RULE_CONDITION, &all));
}

Test(propval_tree, every_action_is_copied_with_its_data)
{
    expect_own_copy(propval_actions(PR_RULE_ACTIONS, &actions));
}

Test(propval_tree, trees_differ_by_their_leaves)
{
    SPropValue value = propval_restriction(PR_RULE_CONDITION, &all), *copy;

    assert_hr(propval_dup(&value, 1, &copy), S_OK);
    number.Value.l = 6;
    cr_expect(!propval_equal(copy, &value));
    number.Value.l = 5;
    cr_expect(propval_equal(copy, &value));
    value.ulPropTag = PROP_TAG(PT_SRESTRICTION, 0x6600);
    cr_expect(!propval_equal(copy, &value));
    mapi_free(copy);
}

/* They are columns of tables, no properties that can be set. */
Test(propval_tree, a_tree_is_no_known_property_type)
{
    SPropValue value = propval_restriction(PR_RULE_CONDITION, &all);

    cr_expect(!propval_type_is_known(PT_SRESTRICTION) && !propval_type_is_known(PT_ACTIONS));
    cr_expect(propval_is_bad(&value));
    cr_expect_eq(propval_size(&value), 0u);
}
