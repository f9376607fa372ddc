/* docs/requirements/simple_mapi.md, "MAPIResolveName, MAPIAddress, MAPIDetails" */
#include "tests/simple/simple_rig.h"

TestSuite(simple_address, .init = simple_begin, .fini = simple_end);

static ULONG resolve(const char *name, FLAGS flags, MapiRecipDesc **ret_recipient)
{
    *ret_recipient = (MapiRecipDesc *)&simple;
    return MAPIResolveName(simple, 0, (LPSTR)name, flags, 0, ret_recipient);
}

static ULONG edit(ULONG fields)
{
    MapiRecipDesc *recipients = (MapiRecipDesc *)&simple;
    ULONG count = 77, result = MAPIAddress(simple, 0, "Recipients", fields, NULL, 0, NULL, 0, 0,
                                           &count, &recipients);

    cr_expect_eq(count, 0);
    cr_expect_null(recipients);
    return result;
}

/* --- Resolving -------------------------------------------------------------------------------- */

Test(simple_address, a_name_becomes_one_block_with_an_entry_id) /* SMP-102, SMP-094 */
{
    static const char *const rows[][3] = {
        {"ann@example.test", "ann@example.test", "SMTP:ann@example.test"},
        {"SMTP:ann@example.test", "ann@example.test", "SMTP:ann@example.test"},
        {"smtp:ann@example.test", "ann@example.test", "SMTP:ann@example.test"},
        {"[SMTP:ann@example.test]", "ann@example.test", "SMTP:ann@example.test"},
        {"Ann <ann@example.test>", "Ann", "SMTP:ann@example.test"},
        {" \"Ann B.\"  < ann@example.test > ", "Ann B.", "SMTP:ann@example.test"},
        {"<ann@example.test>", "ann@example.test", "SMTP:ann@example.test"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MapiRecipDesc *found;

        assert_result(resolve(rows[i][0], 0, &found), SUCCESS_SUCCESS);
        cr_expect_eq(found->ulReserved, 0);
        cr_expect_str_eq(found->lpszName, rows[i][1]);
        cr_expect_str_eq(found->lpszAddress, rows[i][2]);
        cr_expect_gt(found->ulEIDSize, 0);
        cr_expect_not_null(found->lpEntryID);
        /* What it says is what it opens: a dialog would be about it. */
        expect_result(MAPIDetails(simple, 0, found, 0, 0), MAPI_E_NOT_SUPPORTED);
        expect_result(MAPIFreeBuffer(found), SUCCESS_SUCCESS);
    }
}

Test(simple_address, an_unknown_name_is_told) /* SMP-105 */
{
    static const char *const unknown[] = {"Ann",
                                          "ann@",
                                          "@example.test",
                                          "a b@example.test",
                                          "RE: x",
                                          "SMTP:",
                                          "SMTP:ann",
                                          "<>",
                                          "[SMTP:]",
                                          "\"",
                                          "<",
                                          "Ann <ann>",
                                          " ",
                                          "FAX:+49 1234",
                                          ":@",
                                          "[]"};

    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        MapiRecipDesc *found;

        expect_result(resolve(unknown[i], 0, &found), MAPI_E_UNKNOWN_RECIPIENT);
        cr_expect_null(found, "%s", unknown[i]);
        expect_result(resolve(unknown[i], MAPI_DIALOG, &found), MAPI_E_UNKNOWN_RECIPIENT);
        cr_expect_null(found);
    }
}

Test(simple_address, read_only_entries_mean_nothing_without_a_dialog) /* SMP-104 */
{
    MapiRecipDesc *with, *without;

    assert_result(resolve("Ann <ann@example.test>", 0, &without), SUCCESS_SUCCESS);
    assert_result(resolve("Ann <ann@example.test>", MAPI_AB_NOMODIFY, &with), SUCCESS_SUCCESS);
    cr_assert_eq(with->ulEIDSize, without->ulEIDSize);
    cr_expect_arr_eq(with->lpEntryID, without->lpEntryID, with->ulEIDSize);
    MAPIFreeBuffer(with);
    MAPIFreeBuffer(without);
    expect_result(resolve("Ann", MAPI_AB_NOMODIFY, &with), MAPI_E_UNKNOWN_RECIPIENT);
}

/* --- MAPIAddress ------------------------------------------------------------------------------ */

Test(simple_address, edit_fields_are_four_at_the_most) /* SMP-106, SMP-108 */
{
    for (ULONG fields = 0; fields <= 4; fields++)
        expect_result(edit(fields), MAPI_E_NOT_SUPPORTED);
    expect_result(edit(5), MAPI_E_INVALID_EDITFIELDS);
    expect_result(edit(0xFFFFFFFF), MAPI_E_INVALID_EDITFIELDS);
}

/* --- MAPIDetails ------------------------------------------------------------------------------ */

Test(simple_address, details_are_about_an_entry_id) /* SMP-109 */
{
    BYTE unknown[40] = {0}, cut[24];
    MapiRecipDesc recipient = TO_BOB, *found;

    expect_result(MAPIDetails(simple, 0, &recipient, 0, 0), MAPI_E_AMBIGUOUS_RECIPIENT);
    recipient.lpEntryID = unknown;
    expect_result(MAPIDetails(simple, 0, &recipient, 0, 0), MAPI_E_AMBIGUOUS_RECIPIENT);
    recipient.ulEIDSize = sizeof(unknown);
    expect_result(MAPIDetails(simple, 0, &recipient, 0, 0), MAPI_E_INVALID_RECIPS);
    recipient.ulEIDSize = 1;
    expect_result(MAPIDetails(simple, 0, &recipient, 0, 0), MAPI_E_INVALID_RECIPS);
    recipient.lpEntryID = NULL;
    expect_result(MAPIDetails(simple, 0, &recipient, 0, 0), MAPI_E_INVALID_RECIPS);
    assert_result(resolve("ann@example.test", 0, &found), SUCCESS_SUCCESS);
    memcpy(cut, found->lpEntryID, sizeof(cut)); /* its head alone */
    recipient.lpEntryID = cut;
    recipient.ulEIDSize = sizeof(cut);
    expect_result(MAPIDetails(simple, 0, &recipient, 0, 0), MAPI_E_INVALID_RECIPS);
    MAPIFreeBuffer(found);
}

Test(simple_address, details_are_about_nothing_else) /* SMP-110, SMP-111 */
{
    MapiRecipDesc *found, odd;

    assert_result(resolve("ann@example.test", 0, &found), SUCCESS_SUCCESS);
    odd = (MapiRecipDesc){.ulReserved = 77,
                          .ulRecipClass = 77,
                          .lpszName = (LPSTR)1, /* nobody looks there */
                          .lpszAddress = (LPSTR)1,
                          .ulEIDSize = found->ulEIDSize,
                          .lpEntryID = found->lpEntryID};
    expect_result(MAPIDetails(simple, 0, &odd, 0, 0), MAPI_E_NOT_SUPPORTED);
    MAPIFreeBuffer(found);
}
