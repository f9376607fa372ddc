/* tests/mapi/test_adrlist.c - entries of address lists, and ambiguous name resolution */
#include <stddef.h>
#include <string.h>

#include "mapi/adrlist.h"
#include "mapi/anr.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "support/com.h"

Test(adrlist, lists_and_row_sets_are_laid_out_alike) /* ABK-051 */
{
    cr_expect_eq(sizeof(ADRENTRY), sizeof(SRow));
    cr_expect_eq(offsetof(ADRENTRY, cValues), offsetof(SRow, cValues));
    cr_expect_eq(offsetof(ADRENTRY, rgPropVals), offsetof(SRow, lpProps));
    cr_expect_eq(offsetof(ADRLIST, cEntries), offsetof(SRowSet, cRows));
    cr_expect_eq(offsetof(ADRLIST, aEntries), offsetof(SRowSet, aRow));
}

static const BYTE id_bytes[] = "an entry id";
static SPropValue known[3];

static void set_up(void)
{
    known[0] = propval_binary(PR_ENTRYID, id_bytes, sizeof(id_bytes));
    known[1] = propval_unicode(PR_DISPLAY_NAME_W, u"Ann Example");
    known[2] = propval_unicode(PR_ADDRTYPE_W, u"SMTP");
}

TestSuite(adrlist, .init = set_up);

static ADRENTRY typed(const char *name)
{
    SPropValue values[2] = {{.ulPropTag = PR_DISPLAY_NAME_A},
                            propval_long(PR_RECIPIENT_TYPE, MAPI_CC)};
    ADRENTRY entry = {0};

    values[0].Value.lpszA = (char *)name;
    assert_hr(adrentry_set(&entry, values, 2, 0), S_OK);
    return entry;
}

Test(adrlist, a_resolved_entry_keeps_what_it_had)
{
    static const SizedSPropTagArray(2, tags) = {2, {PR_DISPLAY_NAME_A, PR_EMAIL_ADDRESS_A}};
    ADRENTRY entry = typed("ann");

    assert_hr(adrentry_resolve(&entry, (const SPropTagArray *)&tags, known, 3, PT_STRING8), S_OK);
    cr_assert_eq(entry.cValues, 4);
    cr_expect_eq(entry.rgPropVals[0].ulPropTag, PR_ENTRYID);
    cr_expect_eq(entry.rgPropVals[1].ulPropTag, PR_DISPLAY_NAME_A);
    cr_expect_str_eq(entry.rgPropVals[1].Value.lpszA, "Ann Example");
    cr_expect_eq(entry.rgPropVals[2].ulPropTag, PROP_TAG(PT_ERROR, PROP_ID(PR_EMAIL_ADDRESS_A)));
    cr_expect_eq(entry.rgPropVals[2].Value.err, MAPI_E_NOT_FOUND);
    cr_expect_eq(adrentry_find(&entry, PR_RECIPIENT_TYPE)->Value.l, MAPI_CC);
    mapi_free(entry.rgPropVals); /* ABK-052 */
}

Test(adrlist, a_prepared_entry_has_the_wanted_ones_first_and_its_own_win)
{
    static const SizedSPropTagArray(3, tags) = {
        3, {PR_ADDRTYPE_A, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W}};
    ADRENTRY entry = typed("ann");

    assert_hr(adrentry_prepare(&entry, (const SPropTagArray *)&tags, known, 3), S_OK);
    cr_assert_eq(entry.cValues, 5);
    cr_expect_eq(entry.rgPropVals[0].ulPropTag, PR_ADDRTYPE_A);
    cr_expect_str_eq(entry.rgPropVals[0].Value.lpszA, "SMTP");
    cr_expect_eq(entry.rgPropVals[1].ulPropTag, PR_DISPLAY_NAME_W);
    cr_expect_eq(utf16_compare(entry.rgPropVals[1].Value.lpszW, u"ann"), 0);
    cr_expect_eq(entry.rgPropVals[2].Value.err, MAPI_E_NOT_FOUND);
    cr_expect_eq(entry.rgPropVals[3].ulPropTag, PR_ENTRYID);
    cr_expect_eq(entry.rgPropVals[4].ulPropTag, PR_RECIPIENT_TYPE);
    mapi_free(entry.rgPropVals);
}

Test(adrlist, the_seven_bit_name_stays) /* ABK-030 */
{
    SPropValue seven = {.ulPropTag = PR_7BIT_DISPLAY_NAME_A};
    ADRENTRY entry = typed("ann");

    seven.Value.lpszA = (char *)"ann";
    assert_hr(adrentry_put(&entry, &seven, 1, PT_UNICODE), S_OK);
    cr_expect_eq(entry.rgPropVals[0].ulPropTag, PR_7BIT_DISPLAY_NAME_A);
    cr_expect_eq(entry.rgPropVals[1].ulPropTag, PR_DISPLAY_NAME_W);
    mapi_free(entry.rgPropVals);
}

Test(adrlist, a_malformed_value_is_noticed)
{
    SPropValue values[2] = {propval_long(PR_OBJECT_TYPE, 1), propval_unicode(PR_ADDRTYPE_W, NULL)};
    ADRLIST list = {.cEntries = 1, .aEntries = {{.cValues = 1, .rgPropVals = values}}};

    cr_expect_not(adrlist_is_bad(&list));
    list.aEntries[0].cValues = 2;
    cr_expect(adrlist_is_bad(&list));
}

Test(anr, every_word_begins_a_word) /* ABK-096 */
{
    static const WCHAR text[] = u"Ann Marie O'Example ann.m@mail.example.org Émile";

    cr_expect(anr_matches(text, u"ann"));
    cr_expect(anr_matches(text, u"EXAM, mar"));
    cr_expect(anr_matches(text, u"ann.m@mail"));
    cr_expect(anr_matches(text, u"m@"));
    cr_expect(anr_matches(text, u"\"ann\" <mail>"));
    cr_expect(anr_matches(text, u"emile"));
    cr_expect_not(anr_matches(text, u"nn"));
    cr_expect_not(anr_matches(text, u"ann bob"));
    cr_expect_not(anr_matches(text, u"ann examples"));
    cr_expect_not(anr_matches(text, u""));
    cr_expect_not(anr_matches(text, u" ,;"));
    cr_expect_not(anr_matches(u"", u"a"));
}
