/* tests/providers/contacts/test_entry_id.c - how the address book names its containers and entries
 */
#include <string.h>

#include "providers/contacts/entry_id.h"
#include "support/com.h"

static const MAPIUID book = {"the book's 16 by"}, other = {"another book's 1"};

static const struct contacts_ref all[] = {
    {.kind = CONTACTS_ROOT},
    {.kind = CONTACTS_SHELF, .shelf = SHELF_PERSONAL},
    {.kind = CONTACTS_SHELF, .shelf = SHELF_USED},
    {.kind = CONTACTS_TEMPLATE, .shelf = SHELF_PERSONAL},
    {.kind = CONTACTS_PERSON, .shelf = SHELF_FILE, .key = {"0123456789abcdef"}},
};
#define ALL (sizeof(all) / sizeof(all[0]))

Test(contacts_ids, the_form_is_for_ever)
{
    static const char expected[] = "\0\0\0\0the book's 16 by\x02\x02\0\0"
                                   "0123456789abcdef";
    BYTE id[CONTACTS_ID_MAX];

    cr_assert_eq(contacts_entryid(&book, &all[4], id), CONTACTS_ID_MAX);
    cr_expect_eq(memcmp(id, expected, sizeof(id)), 0);
}

Test(contacts_ids, what_is_written_is_read_again)
{
    BYTE id[CONTACTS_ID_MAX];
    struct contacts_ref ref;

    for (size_t i = 0; i < ALL; i++) {
        ULONG size = contacts_entryid(&book, &all[i], id);

        assert_hr(contacts_parse_entryid(&book, size, (ENTRYID *)id, &ref), S_OK);
        for (size_t j = 0; j < ALL; j++)
            cr_expect_eq(contacts_same(&ref, &all[j]), i == j);
        id[0] = MAPI_SHORTTERM;
        assert_hr(contacts_parse_entryid(&book, size, (ENTRYID *)id, &ref), S_OK);
        cr_expect(contacts_same(&ref, &all[i]), "a short-term id names the same");
    }
}

Test(contacts_ids, of_another_book_or_of_no_form_are_refused)
{
    BYTE id[CONTACTS_ID_MAX + 1];
    struct contacts_ref ref;

    for (size_t i = 0; i < ALL; i++) {
        ULONG size = contacts_entryid(&book, &all[i], id);

        expect_hr(contacts_parse_entryid(&other, size, (ENTRYID *)id, &ref),
                  MAPI_E_INVALID_ENTRYID);
        for (ULONG cut = 0; cut < size; cut++)
            expect_hr(contacts_parse_entryid(&book, cut, (ENTRYID *)id, &ref),
                      cut < 20 ? MAPI_E_INVALID_ENTRYID : MAPI_E_UNKNOWN_ENTRYID);
        expect_hr(contacts_parse_entryid(&book, size + 1, (ENTRYID *)id, &ref),
                  MAPI_E_UNKNOWN_ENTRYID);
        id[22] = 1;
        expect_hr(contacts_parse_entryid(&book, size, (ENTRYID *)id, &ref), MAPI_E_UNKNOWN_ENTRYID);
        id[22] = 0;
        id[21] = SHELF_END;
        expect_hr(contacts_parse_entryid(&book, size, (ENTRYID *)id, &ref), MAPI_E_UNKNOWN_ENTRYID);
    }
    expect_hr(contacts_parse_entryid(&book, 24, NULL, &ref), MAPI_E_INVALID_ENTRYID);
}
