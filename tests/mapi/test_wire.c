/* tests/mapi/test_wire.c - restrictions and rule actions as bytes */
#include <stdlib.h>
#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/prop_object.h"
#include "mapi/propval.h"
#include "support/com.h"

static SPropValue subject, size_value;

static void setup(void)
{
    subject = propval_unicode(PR_SUBJECT_W, u"ab");
    size_value = propval_long(PR_MESSAGE_SIZE, 5);
}

TestSuite(wire, .init = setup);

/* Serialised twice with reading in between, a restriction is the same bytes. */
static void expect_round(SRestriction *restriction)
{
    ULONG size, again_size;
    SRestriction *back;
    BYTE *bytes, *again;

    assert_hr(HrSerializeSRestriction(NULL, restriction, &bytes, &size), S_OK);
    assert_hr(HrDeserializeSRestriction(NULL, bytes, size, &back), S_OK);
    cr_expect_eq(back->rt, restriction->rt);
    assert_hr(HrSerializeSRestriction(NULL, back, &again, &again_size), S_OK);
    cr_assert_eq(size, again_size);
    cr_expect_arr_eq(bytes, again, size);
    MAPIFreeBuffer(again);
    MAPIFreeBuffer(back);
    for (ULONG cut = 1; cut < size; cut++) { /* no part of it is one */
        BYTE *part = memcpy(malloc(cut), bytes, cut);

        expect_hr(HrDeserializeSRestriction(NULL, part, cut, &back), MAPI_E_CORRUPT_DATA);
        cr_expect_null(back);
        free(part);
    }
    MAPIFreeBuffer(bytes);
}

Test(wire, a_restriction_has_the_bytes_of_the_specification)
{
    static const BYTE expected[] = {
        0,    0,                                                     /* no names */
        0,    2, 0,    0, 0,                                         /* and, two */
        4,    4, 3,    0, 8,   0x0E, 3,   0,    8, 0x0E, 5, 0, 0, 0, /* PR_MESSAGE_SIZE == 5 */
        3,    1, 0,    1, 0,   0x1F, 0,   0x37, 0, /* PR_SUBJECT, substring, any case */
        0x1F, 0, 0x37, 0, 'a', 0,    'b', 0,    0, 0,
    };
    SRestriction parts[2] = {
        {.rt = RES_PROPERTY, .res.resProperty = {RELOP_EQ, PR_MESSAGE_SIZE, &size_value}},
        {.rt = RES_CONTENT,
         .res.resContent = {FL_SUBSTRING | FL_IGNORECASE, PR_SUBJECT_W, &subject}},
    };
    SRestriction both = {.rt = RES_AND, .res.resAnd = {2, parts}};
    BYTE *bytes;
    ULONG size;

    assert_hr(HrSerializeSRestriction(NULL, &both, &bytes, &size), S_OK);
    cr_assert_eq(size, sizeof(expected));
    cr_expect_arr_eq(bytes, expected, size);
    MAPIFreeBuffer(bytes);
    expect_round(&both);
}

Test(wire, every_kind_of_restriction_comes_back)
{
    SRestriction exist = {.rt = RES_EXIST, .res.resExist = {0, PR_SUBJECT_W, 0}};
    SRestriction kinds[] = {
        {.rt = RES_NOT, .res.resNot = {0, &exist}},
        {.rt = RES_COMPAREPROPS, .res.resCompareProps = {RELOP_LT, PR_MESSAGE_SIZE, PR_IMPORTANCE}},
        {.rt = RES_BITMASK, .res.resBitMask = {BMR_NEZ, PR_MESSAGE_FLAGS, MSGFLAG_READ}},
        {.rt = RES_SIZE, .res.resSize = {RELOP_GT, PR_SUBJECT_W, 10}},
        {.rt = RES_SUBRESTRICTION, .res.resSub = {PR_MESSAGE_RECIPIENTS, &exist}},
        {.rt = RES_COMMENT, .res.resComment = {1, &exist, &size_value}},
        {.rt = RES_COMMENT, .res.resComment = {1, NULL, &size_value}},
        {.rt = RES_COUNT, .res.resCount = {3, &exist}},
        {.rt = RES_OR, .res.resOr = {1, &exist}},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        expect_round(&kinds[i]);
}

Test(wire, every_type_of_value_comes_back)
{
    static GUID guid = {0x01020304, 0x0506, 0x0708, {9, 10, 11, 12, 13, 14, 15, 16}};
    LONG longs[] = {1, -2};
    SBinary bins[] = {{1, (BYTE *)"x"}, {0, (BYTE *)""}};
    char *texts[] = {"one", ""};
    SPropValue values[] = {
        {.ulPropTag = PROP_TAG(PT_I2, 0x6601), .Value.i = -3},
        {.ulPropTag = PROP_TAG(PT_BOOLEAN, 0x6601), .Value.b = TRUE},
        {.ulPropTag = PROP_TAG(PT_DOUBLE, 0x6601), .Value.dbl = 1.5},
        {.ulPropTag = PROP_TAG(PT_SYSTIME, 0x6601), .Value.ft = {1, 2}},
        {.ulPropTag = PROP_TAG(PT_STRING8, 0x6601), .Value.lpszA = "narrow"},
        {.ulPropTag = PROP_TAG(PT_BINARY, 0x6601), .Value.bin = {3, (BYTE *)"bin"}},
        {.ulPropTag = PROP_TAG(PT_CLSID, 0x6601), .Value.lpguid = &guid},
        {.ulPropTag = PROP_TAG(PT_MV_LONG, 0x6601), .Value.MVl = {2, longs}},
        {.ulPropTag = PROP_TAG(PT_MV_BINARY, 0x6601), .Value.MVbin = {2, bins}},
        {.ulPropTag = PROP_TAG(PT_MV_STRING8, 0x6601), .Value.MVszA = {2, texts}},
        {.ulPropTag = PROP_TAG(PT_MV_CLSID, 0x6601), .Value.MVguid = {1, &guid}},
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        SRestriction restriction = {.rt = RES_PROPERTY,
                                    .res.resProperty = {RELOP_NE, values[i].ulPropTag, &values[i]}};
        SRestriction *back;
        BYTE *bytes;
        ULONG size;

        expect_round(&restriction);
        assert_hr(HrSerializeSRestriction(NULL, &restriction, &bytes, &size), S_OK);
        assert_hr(HrDeserializeSRestriction(NULL, bytes, size, &back), S_OK);
        cr_expect(propval_equal(back->res.resProperty.lpProp, &values[i]), "value %zu", i);
        MAPIFreeBuffer(back);
        MAPIFreeBuffer(bytes);
    }
}

Test(wire, limits_hold)
{
    SRestriction deep[100], *back;
    BYTE bytes[300] = {0}, *out;
    ULONG size;

    for (int i = 0; i < 99; i++)
        deep[i] = (SRestriction){.rt = RES_NOT, .res.resNot = {0, &deep[i + 1]}};
    deep[99] = (SRestriction){.rt = RES_EXIST, .res.resExist = {0, PR_SUBJECT_W, 0}};
    expect_hr(HrSerializeSRestriction(NULL, deep, &out, &size), MAPI_E_TOO_COMPLEX);
    expect_round(&deep[50]);
    memset(bytes + 2, RES_NOT, sizeof(bytes) - 2);
    expect_hr(HrDeserializeSRestriction(NULL, bytes, sizeof(bytes), &back), MAPI_E_TOO_COMPLEX);
    expect_hr(HrDeserializeSRestriction(NULL, NULL, 4, &back), MAPI_E_INVALID_PARAMETER);
    expect_hr(HrSerializeSRestriction(NULL, NULL, &out, &size), MAPI_E_INVALID_PARAMETER);
    deep[0].rt = 0x77;
    expect_hr(HrSerializeSRestriction(NULL, deep, &out, &size), MAPI_E_TOO_COMPLEX);
}

/* The test's object names the id base + n by the number n. */
Test(wire, named_properties_move_to_another_store)
{
    struct prop_object *here = prop_object_create(true), *there = prop_object_create(true);
    SPropValue value = propval_long(PROP_TAG(PT_LONG, 0x8005), 7);
    SRestriction restriction = {.rt = RES_PROPERTY,
                                .res.resProperty = {RELOP_EQ, value.ulPropTag, &value}},
                 *back;
    BYTE *bytes;
    ULONG size;

    there->name_base = 0x9000;
    expect_hr(HrSerializeSRestriction(NULL, &restriction, &bytes, &size),
              MAPI_E_INVALID_PARAMETER); /* nobody to ask for the name */
    assert_hr(HrSerializeSRestriction(&here->IMAPIProp_iface, &restriction, &bytes, &size), S_OK);
    cr_expect_eq(bytes[0], 1);
    assert_hr(HrDeserializeSRestriction(&there->IMAPIProp_iface, bytes, size, &back), S_OK);
    cr_expect_eq(back->res.resProperty.ulPropTag, PROP_TAG(PT_LONG, 0x9005));
    cr_expect_eq(back->res.resProperty.lpProp->ulPropTag, PROP_TAG(PT_LONG, 0x9005));
    cr_expect_eq(back->res.resProperty.lpProp->Value.l, 7);
    MAPIFreeBuffer(back);
    expect_hr(HrDeserializeSRestriction(NULL, bytes, size, &back), MAPI_E_INVALID_PARAMETER);
    for (ULONG cut = 1; cut < size; cut++)
        expect_hr(HrDeserializeSRestriction(&there->IMAPIProp_iface, bytes, cut, &back),
                  MAPI_E_CORRUPT_DATA);
    bytes[4]++; /* the names' size, and with it where the condition begins */
    expect_hr(HrDeserializeSRestriction(&there->IMAPIProp_iface, bytes, size, &back),
              MAPI_E_CORRUPT_DATA);
    MAPIFreeBuffer(bytes);
    expect_last_release(&here->IMAPIProp_iface);
    expect_last_release(&there->IMAPIProp_iface);
}

static ADRLIST *make_list(SPropValue *value)
{
    static struct {
        ULONG count;
        ADRENTRY entries[1];
    } list;

    list.count = 1;
    list.entries[0] = (ADRENTRY){.cValues = 1, .rgPropVals = value};
    return (ADRLIST *)(void *)&list;
}

Test(wire, every_kind_of_action_comes_back)
{
    ACTION kinds[] = {
        {.acttype = OP_MOVE, .actMoveCopy = {2, (ENTRYID *)"st", 3, (ENTRYID *)"fld"}},
        {.acttype = OP_COPY, .actMoveCopy = {0, NULL, 3, (ENTRYID *)"fld"}},
        {.acttype = OP_REPLY, .actReply = {3, (ENTRYID *)"msg", {1, 2, 3, {4}}}},
        {.acttype = OP_OOF_REPLY, .ulActionFlavor = 2, .actReply = {0, NULL, {0, 0, 0, {0}}}},
        {.acttype = OP_DEFER_ACTION, .actDeferAction = {4, (BYTE *)"data"}},
        {.acttype = OP_BOUNCE, .scBounceCode = 0x26},
        {.acttype = OP_FORWARD, .ulActionFlavor = FWD_PRESERVE_SENDER},
        {.acttype = OP_DELEGATE},
        {.acttype = OP_TAG, .ulFlags = 9},
        {.acttype = OP_DELETE},
        {.acttype = OP_MARK_AS_READ},
    };
    const UINT count = sizeof(kinds) / sizeof(kinds[0]);
    ACTIONS actions = {.ulVersion = 1, .cActions = count, .lpAction = kinds}, *back;
    ULONG size, again_size;
    BYTE *bytes, *again;

    kinds[6].lpadrlist = kinds[7].lpadrlist = make_list(&subject);
    kinds[8].propTag = size_value;
    assert_hr(HrSerializeActions(NULL, &actions, &bytes, &size), S_OK);
    assert_hr(HrDeserializeActions(NULL, bytes, size, &back), S_OK);
    cr_assert_eq(back->cActions, count);
    for (UINT i = 0; i < count; i++) {
        cr_expect_eq(back->lpAction[i].acttype, kinds[i].acttype);
        cr_expect_eq(back->lpAction[i].ulActionFlavor, kinds[i].ulActionFlavor);
        cr_expect_eq(back->lpAction[i].ulFlags, kinds[i].ulFlags);
    }
    cr_expect_arr_eq(back->lpAction[0].actMoveCopy.lpFldEntryId, "fld", 3);
    cr_expect_arr_eq(back->lpAction[4].actDeferAction.pbData, "data", 4);
    cr_expect(propval_equal(&back->lpAction[7].lpadrlist->aEntries[0].rgPropVals[0], &subject));
    cr_expect(propval_equal(&back->lpAction[8].propTag, &size_value));
    assert_hr(HrSerializeActions(NULL, back, &again, &again_size), S_OK);
    cr_assert_eq(size, again_size);
    cr_expect_arr_eq(bytes, again, size);
    MAPIFreeBuffer(again);
    MAPIFreeBuffer(back);
    for (ULONG cut = 1; cut < size; cut++)
        expect_hr(HrDeserializeActions(NULL, bytes, cut, &back), MAPI_E_CORRUPT_DATA);
    MAPIFreeBuffer(bytes);
}

Test(wire, an_action_has_the_bytes_of_the_specification)
{
    static const BYTE expected[] = {0,    0,                   /* no names */
                                    1,    0, 0, 0, 1, 0, 0, 0, /* version, one action */
                                    13,   0, 0, 0, 6,          /* its length; bounce */
                                    0,    0, 0, 0, 0, 0, 0, 0, /* flavour, flags */
                                    0x26, 0, 0, 0};
    ACTION bounce = {.acttype = OP_BOUNCE, .scBounceCode = 0x26};
    ACTIONS actions = {.ulVersion = 1, .cActions = 1, .lpAction = &bounce}, *back;
    BYTE longer[sizeof(expected) + 1] = {0};
    BYTE *bytes;
    ULONG size;

    assert_hr(HrSerializeActions(NULL, &actions, &bytes, &size), S_OK);
    cr_assert_eq(size, sizeof(expected));
    cr_expect_arr_eq(bytes, expected, size);
    bytes[2] = 2;
    expect_hr(HrDeserializeActions(NULL, bytes, size, &back), MAPI_E_VERSION);
    bytes[2] = 1;
    bytes[10] = 12; /* shorter than what it holds */
    expect_hr(HrDeserializeActions(NULL, bytes, size, &back), MAPI_E_CORRUPT_DATA);
    memcpy(longer, bytes, size);
    longer[10] = 14; /* longer */
    expect_hr(HrDeserializeActions(NULL, longer, size + 1, &back), MAPI_E_CORRUPT_DATA);
    MAPIFreeBuffer(bytes);
    bounce.acttype = (ACTTYPE)99;
    expect_hr(HrSerializeActions(NULL, &actions, &bytes, &size), MAPI_E_INVALID_PARAMETER);
}
