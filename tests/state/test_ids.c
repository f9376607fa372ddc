/* tests/state/test_ids.c - mailboxes, counters, aliases, objects, named properties, rewrites */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "state/aliases.h"
#include "state/named_props.h"
#include "state/objects.h"
#include "state/props.h"
#include "state/rewrites.h"

TestSuite(ids, .init = fixture_set_up, .fini = fixture_tear_down);

Test(ids, a_mailbox_keeps_its_guids)
{
    MAPIUID guid = *state_mailbox_guid(mailbox), repl = state_mailbox_repl_guid(mailbox),
            signature = *state_mailbox_mapping_signature(mailbox), now;

    cr_expect_neq(memcmp(&guid, &repl, sizeof(guid)), 0);
    fixture_reopen();
    cr_expect_eq(memcmp(&guid, state_mailbox_guid(mailbox), sizeof(guid)), 0);
    now = state_mailbox_repl_guid(mailbox);
    cr_expect_eq(memcmp(&repl, &now, sizeof(repl)), 0);
    cr_expect_eq(memcmp(&signature, state_mailbox_mapping_signature(mailbox), sizeof(guid)), 0);
}

Test(ids, open_tells_what_is_known)
{
    struct state_mailbox *other = NULL;
    bool created = false;

    expect_hr(state_mailbox_open(state, "new@example.org", false, NULL, &other, NULL),
              MAPI_E_NOT_FOUND);
    cr_expect_null(other);
    assert_ok(state_mailbox_open(state, "new@example.org", true, NULL, &other, &created));
    cr_expect(created);
    cr_expect_neq(memcmp(state_mailbox_guid(other), state_mailbox_guid(mailbox), 16), 0);
    state_mailbox_unref(other);
    assert_ok(state_mailbox_open(state, "new@example.org", false, NULL, &other, &created));
    cr_expect_not(created);
    state_mailbox_unref(other);
    expect_hr(state_mailbox_open(state, "", true, NULL, &other, NULL), MAPI_E_INVALID_PARAMETER);
}

Test(ids, counters_never_give_a_number_twice)
{
    struct state *second = fixture_open();
    struct state_mailbox *other = fixture_open_mailbox(second);
    uint64_t a = 0, b = 0, c = 0;

    assert_ok(state_mailbox_change_numbers(mailbox, 100, NULL, &a));
    assert_ok(state_mailbox_change_numbers(other, 1, NULL, &b));
    fixture_reopen();
    assert_ok(state_mailbox_change_numbers(mailbox, 1, NULL, &c));
    cr_expect_eq(b, a + 100);
    cr_expect_eq(c, b + 1);

    assert_ok(state_mailbox_client_numbers(mailbox, 65536, NULL, &a));
    assert_ok(state_mailbox_client_numbers(other, 1, NULL, &b));
    cr_expect_eq(a, NUMBER_CLIENT_FIRST);
    cr_expect_eq(b, a + 65536);
    cr_expect_eq(number_kind(b), NUMBER_CLIENT);
    expect_hr(state_mailbox_client_numbers(mailbox, 0, NULL, &a), MAPI_E_INVALID_PARAMETER);
    state_mailbox_unref(other);
    state_unref(second);
}

Test(ids, number_kinds_are_frozen)
{
    cr_expect_eq(number_kind(0), NUMBER_INVALID);
    cr_expect_eq(number_kind(1), NUMBER_SIDE);
    cr_expect_eq(number_kind(0xFFFFFFFF), NUMBER_SIDE);
    cr_expect_eq(number_kind(UINT64_C(0x000100000001)), NUMBER_MESSAGE);
    cr_expect_eq(number_kind(UINT64_C(0x000100000000)), NUMBER_INVALID); /* UID 0 */
    cr_expect_eq(number_kind(UINT64_C(0xBFFFFFFFFFFF)), NUMBER_MESSAGE);
    cr_expect_eq(number_kind(UINT64_C(0xC00000000000)), NUMBER_CLIENT);
    cr_expect_eq(number_kind(UINT64_C(0xFFFEFFFFFFFF)), NUMBER_CLIENT);
    cr_expect_eq(number_kind(UINT64_C(0xFFFF00000000)), NUMBER_INVALID);
    cr_expect_eq(number_kind(NUMBER_MAX + 1), NUMBER_INVALID);
    cr_expect_eq(number_from_uid(0x1234, 0x89ABCDEF), UINT64_C(0x123489ABCDEF));
}

/* --- Aliases ---------------------------------------------------------------------------------- */

Test(ids, numbers_are_arithmetic_without_a_row)
{
    struct state_alias place = {0};
    uint64_t number = 0;

    assert_ok(state_number_resolve(mailbox, number_from_uid(3, 77), NULL, &place));
    cr_expect_eq(place.generation, 3);
    cr_expect_eq(place.uid, 77);
    assert_ok(state_number_of(mailbox, 3, 77, NULL, &number));
    cr_expect_eq(number, number_from_uid(3, 77));
    expect_hr(state_number_resolve(mailbox, NUMBER_CLIENT_FIRST, NULL, &place), MAPI_E_NOT_FOUND);
    expect_hr(state_number_resolve(mailbox, number_from_uid(3, 0), NULL, &place), MAPI_E_NOT_FOUND);
}

Test(ids, an_alias_leads_there_and_back_and_hides_the_arithmetic)
{
    struct state_alias alias = {NUMBER_CLIENT_FIRST + 9, 3, 77}, place = {0}, *rows = NULL;
    uint64_t number = 0;
    size_t count = 0;

    assert_ok(state_alias_set(mailbox, &alias, NULL));
    assert_ok(state_number_resolve(mailbox, alias.number, NULL, &place));
    cr_expect_eq(place.uid, 77);
    assert_ok(state_number_of(mailbox, 3, 77, NULL, &number));
    cr_expect_eq(number, alias.number);
    expect_hr(state_number_resolve(mailbox, number_from_uid(3, 77), NULL, &place),
              MAPI_E_NOT_FOUND);
    assert_ok(state_aliases_list(mailbox, 3, NULL, &rows, &count));
    cr_assert_eq(count, 1);
    cr_expect_eq(rows[0].number, alias.number);
    free(rows);

    alias.number++;
    expect_hr(state_alias_set(mailbox, &alias, NULL), MAPI_E_COLLISION);
    assert_ok(state_alias_remove(mailbox, alias.number - 1, NULL));
    assert_ok(state_alias_set(mailbox, &alias, NULL));
    alias.number = 5;
    expect_hr(state_alias_set(mailbox, &alias, NULL), MAPI_E_INVALID_PARAMETER);
}

/* --- Rewrites --------------------------------------------------------------------------------- */

Test(ids, a_rewrite_goes_through_its_stages)
{
    struct state_rewrite rewrite = {.number = number_from_uid(3, 5),
                                    .old_generation = 3,
                                    .old_uid = 5,
                                    .token = "t-1"},
                         *open = NULL;
    struct state_alias place = {0};
    uint64_t change = 0, later = 0;
    size_t count = 0;
    int64_t id = 0;

    assert_ok(state_rewrite_begin(mailbox, &rewrite, NULL, &id));
    expect_hr(state_rewrite_begin(mailbox, &rewrite, NULL, &id), MAPI_E_COLLISION);
    fixture_reopen();
    assert_ok(state_rewrites_list(mailbox, NULL, &open, &count));
    cr_assert_eq(count, 1);
    cr_expect_eq(open[0].stage, REWRITE_APPENDING);
    cr_expect_str_eq(open[0].token, "t-1");
    cr_expect_eq(open[0].old_uid, 5);
    free(open);
    assert_ok(state_number_resolve(mailbox, rewrite.number, NULL, &place));
    cr_expect_eq(place.uid, 5);

    assert_ok(state_rewrite_commit(mailbox, id, 3, 9, NULL, &change));
    assert_ok(state_number_resolve(mailbox, rewrite.number, NULL, &place));
    cr_expect_eq(place.uid, 9);
    assert_ok(state_mailbox_change_numbers(mailbox, 1, NULL, &later));
    cr_expect_eq(later, change + 1);
    expect_hr(state_rewrite_commit(mailbox, id, 3, 10, NULL, &change), MAPI_E_NOT_FOUND);
    assert_ok(state_rewrites_list(mailbox, NULL, &open, &count));
    cr_expect_eq(open[0].stage, REWRITE_REPLACED);
    cr_expect_eq(open[0].new_uid, 9);
    free(open);

    assert_ok(state_rewrite_close(mailbox, id, NULL));
    assert_ok(state_rewrites_list(mailbox, NULL, &open, &count));
    cr_expect_eq(count, 0);
    cr_expect_null(open);
}

struct save {
    int64_t id;
    uint64_t number, change;
    HRESULT end;
};

static HRESULT save_in_transaction(void *arg)
{
    struct save *save = arg;
    SPropValue value = {.ulPropTag = 0x66010003, .Value.l = 1};
    HRESULT hr = state_rewrite_commit(mailbox, save->id, 3, 9, NULL, &save->change);

    if (SUCCEEDED(hr))
        hr = state_props_set(mailbox, save->number, &value, 1, NULL);
    return SUCCEEDED(hr) ? save->end : hr;
}

Test(ids, a_transaction_is_all_or_nothing)
{
    struct state_rewrite rewrite = {
        .number = number_from_uid(3, 5), .old_generation = 3, .old_uid = 5, .token = "t-1"};
    struct save save = {.number = rewrite.number, .end = MAPI_E_CALL_FAILED};
    struct state_alias place = {0};
    SPropValue *values = NULL;
    size_t count = 0;

    assert_ok(state_rewrite_begin(mailbox, &rewrite, NULL, &save.id));
    expect_hr(state_transaction(state, save_in_transaction, &save, NULL), MAPI_E_CALL_FAILED);
    assert_ok(state_number_resolve(mailbox, rewrite.number, NULL, &place));
    cr_expect_eq(place.uid, 5);
    assert_ok(state_props_get(mailbox, rewrite.number, NULL, 0, NULL, &values, &count));
    cr_expect_eq(count, 0);

    save.end = S_OK;
    assert_ok(state_transaction(state, save_in_transaction, &save, NULL));
    assert_ok(state_number_resolve(mailbox, rewrite.number, NULL, &place));
    cr_expect_eq(place.uid, 9);
    assert_ok(state_props_get(mailbox, rewrite.number, NULL, 0, NULL, &values, &count));
    cr_expect_eq(count, 1);
    free(values);
}

/* --- Objects ---------------------------------------------------------------------------------- */

Test(ids, objects_have_numbers_a_folder_and_a_kind)
{
    struct state_object fai = {.folder = 0x0D, .kind = STATE_OBJECT_FAI}, found = {0}, *rows = NULL;
    struct state_object message = {.folder = 0x0D, .kind = STATE_OBJECT_MESSAGE};
    SPropValue value = {.ulPropTag = 0x66010003, .Value.l = 1}, *values = NULL;
    uint64_t first = 0, second = 0;
    size_t count = 0;

    assert_ok(state_object_create(mailbox, &fai, NULL, &first));
    assert_ok(state_object_create(mailbox, &message, NULL, &second));
    cr_expect_neq(first, second);
    cr_expect_eq(number_kind(first), NUMBER_SIDE);
    assert_ok(state_props_set(mailbox, first, &value, 1, NULL));
    assert_ok(state_object_find(mailbox, first, NULL, &found));
    cr_expect_eq(found.folder, 0x0D);
    cr_expect_eq(found.kind, STATE_OBJECT_FAI);
    assert_ok(state_objects_list(mailbox, 0x0D, STATE_OBJECT_FAI, NULL, &rows, &count));
    cr_assert_eq(count, 1);
    cr_expect_eq(rows[0].number, first);
    free(rows);

    assert_ok(state_object_delete(mailbox, first, NULL));
    expect_hr(state_object_delete(mailbox, first, NULL), MAPI_E_NOT_FOUND);
    assert_ok(state_props_get(mailbox, first, NULL, 0, NULL, &values, &count));
    cr_expect_eq(count, 0);

    fai.number = NUMBER_CLIENT_FIRST + 3;
    assert_ok(state_object_create(mailbox, &fai, NULL, &first));
    cr_expect_eq(first, NUMBER_CLIENT_FIRST + 3);
    expect_hr(state_object_create(mailbox, &fai, NULL, &first), MAPI_E_COLLISION);
}

/* --- Named properties ------------------------------------------------------------------------- */

static GUID set_a = {.Data1 = 1}, set_b = {.Data1 = 2};

Test(ids, a_name_keeps_its_number)
{
    MAPINAMEID names[] = {
        {.lpguid = &set_a, .ulKind = MNID_ID, .Kind.lID = 0x8501},
        {.lpguid = &set_b, .ulKind = MNID_ID, .Kind.lID = 0x8501},
        {.lpguid = &set_a, .ulKind = MNID_STRING, .Kind.lpwstrName = (LPWSTR)u"Keywords"},
        {.lpguid = &set_a, .ulKind = MNID_STRING, .Kind.lpwstrName = (LPWSTR)u"keywords"},
        {.lpguid = &set_a, .ulKind = MNID_STRING, .Kind.lpwstrName = (LPWSTR)u""},
    };
    const MAPINAMEID *pointers[] = {&names[0], &names[1], &names[2], &names[3], &names[4]};
    struct state_named_prop *rows = NULL;
    uint16_t ids[5], again[5];
    size_t count = 0;

    expect_hr(state_named_ids(mailbox, pointers, 2, false, NULL, ids), MAPI_W_ERRORS_RETURNED);
    cr_expect_eq(ids[0], 0);
    expect_hr(state_named_ids(mailbox, pointers, 5, true, NULL, ids), MAPI_W_ERRORS_RETURNED);
    cr_expect_eq(ids[0], NAMED_PROP_FIRST);
    cr_expect_eq(ids[3], NAMED_PROP_FIRST + 3);
    cr_expect_eq(ids[4], 0);
    fixture_reopen();
    expect_hr(state_named_ids(mailbox, pointers, 4, true, NULL, again), S_OK);
    cr_expect_eq(memcmp(ids, again, 4 * sizeof(*ids)), 0);

    assert_ok(state_named_props_list(mailbox, &set_a, NULL, &rows, &count));
    cr_assert_eq(count, 3);
    cr_expect_eq(rows[0].name.Kind.lID, 0x8501);
    cr_expect_eq(memcmp(rows[1].name.Kind.lpwstrName, u"Keywords", sizeof(u"Keywords")), 0);
    cr_expect_eq(memcmp(rows[1].name.lpguid, &set_a, sizeof(GUID)), 0);
    free(rows);
    assert_ok(state_named_props_list(mailbox, NULL, NULL, &rows, &count));
    cr_expect_eq(count, 4);
    free(rows);
}

Test(ids, a_deleted_mailbox_leaves_nothing)
{
    SPropValue value = {.ulPropTag = 0x66010003, .Value.l = 1}, *values = NULL;
    MAPIUID guid = *state_mailbox_guid(mailbox);
    size_t count = 0;

    assert_ok(state_props_set(mailbox, 5, &value, 1, NULL));
    assert_ok(state_mailbox_delete(state, ACCOUNT, NULL));
    fixture_reopen();
    cr_expect_neq(memcmp(&guid, state_mailbox_guid(mailbox), sizeof(guid)), 0);
    assert_ok(state_props_get(mailbox, 5, NULL, 0, NULL, &values, &count));
    cr_expect_eq(count, 0);
}

Test(ids, search_folders_are_objects_with_rows_that_go_with_them)
{
    const SPropValue row = {.ulPropTag = PROP_TAG(PT_LONG, 0x67E4), .Value.l = 5};
    const struct state_object object = {.folder = 5, .kind = STATE_OBJECT_SEARCH_FOLDER};
    const struct state_change change = {.object = &object, .set = &row, .set_count = 1};
    struct state_object *objects;
    SPropValue *values;
    uint64_t number;
    size_t count;

    assert_ok(state_props_change(mailbox, &change, NULL, &number));
    cr_expect_eq(number_kind(number), NUMBER_SIDE);
    fixture_reopen();
    assert_ok(state_objects_list(mailbox, 5, STATE_OBJECT_SEARCH_FOLDER, NULL, &objects, &count));
    cr_assert_eq(count, 1);
    cr_expect_eq(objects[0].number, number);
    free(objects);
    assert_ok(state_objects_list(mailbox, 5, STATE_OBJECT_FAI, NULL, &objects, &count));
    cr_expect_eq(count, 0);
    free(objects);
    assert_ok(state_props_get(mailbox, number, NULL, 0, NULL, &values, &count));
    cr_assert_eq(count, 1);
    cr_expect_eq(values[0].Value.l, 5);
    free(values);
    assert_ok(state_object_delete(mailbox, number, NULL));
    assert_ok(state_props_get(mailbox, number, NULL, 0, NULL, &values, &count));
    cr_expect_eq(count, 0);
}
