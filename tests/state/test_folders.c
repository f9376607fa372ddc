/* tests/state/test_folders.c - folder numbers and generations (docs/mail.md, "Identity") */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "state/aliases.h"
#include "state/folders.h"
#include "state/props.h"

TestSuite(folders, .init = fixture_set_up, .fini = fixture_tear_down);

static struct state_folder see(const char *name, const char *id, const char *guid,
                               uint32_t validity)
{
    struct state_sighting sighting = {
        .name = name, .mailbox_id = id, .x_guid = guid, .uid_validity = validity};
    struct state_folder *found = NULL, copy;

    assert_ok(state_folder_see(mailbox, &sighting, NULL, &found));
    copy = *found;
    free(found);
    copy.name = copy.mailbox_id = copy.x_guid = NULL;
    return copy;
}

static struct state_folder by_number(uint64_t number)
{
    struct state_folder *found = NULL, copy;

    assert_ok(state_folder_by_number(mailbox, number, NULL, &found));
    copy = *found;
    free(found);
    return copy;
}

Test(folders, a_folder_keeps_its_number_and_generation)
{
    struct state_folder first = see("INBOX", NULL, NULL, 7), again;

    cr_expect_eq(number_kind(first.number), NUMBER_SIDE);
    cr_expect_geq(first.generation, GENERATION_MIN);
    fixture_reopen();
    again = see("INBOX", NULL, NULL, 7);
    cr_expect_eq(again.number, first.number);
    cr_expect_eq(again.generation, first.generation);
}

Test(folders, a_role_gets_its_number_once)
{
    struct state_sighting sighting = {.name = "Sent", .uid_validity = 1, .number_if_new = 0x0A};
    struct state_folder *found = NULL;

    assert_ok(state_folder_see(mailbox, &sighting, NULL, &found));
    cr_expect_eq(found->number, 0x0A);
    free(found);
    assert_ok(state_folder_retire(mailbox, 0x0A, NULL));
    sighting.name = "Other";
    assert_ok(state_folder_see(mailbox, &sighting, NULL, &found));
    cr_expect_geq(found->number, STATE_FIRST_FOLDER);
    free(found);
}

Test(folders, another_uidvalidity_is_another_generation_of_the_same_folder)
{
    struct state_folder first = see("INBOX", NULL, NULL, 7), second = see("INBOX", NULL, NULL, 8),
                        back = see("INBOX", NULL, NULL, 7);

    cr_expect_eq(second.number, first.number);
    cr_expect_neq(second.generation, first.generation);
    cr_expect_eq(second.uid_validity, 8);
    cr_expect_eq(back.generation, first.generation);
}

Test(folders, an_id_follows_its_folder_through_a_rename)
{
    struct state_folder before = see("Old", "M1", NULL, 7), after = see("New", "M1", NULL, 7);

    cr_expect_eq(after.number, before.number);
    cr_expect_eq(after.generation, before.generation);
}

Test(folders, an_x_guid_serves_where_there_is_no_mailboxid)
{
    struct state_folder before = see("Old", NULL, "g1", 7), after = see("New", NULL, "g1", 7);

    cr_expect_eq(after.number, before.number);
}

Test(folders, the_same_name_with_another_id_is_another_folder)
{
    struct state_folder old = see("Work", NULL, "g1", 7), new = see("Work", NULL, "g2", 9);

    cr_expect_neq(new.number, old.number);
    cr_expect(by_number(old.number).retired);
}

Test(folders, an_id_learned_later_does_not_change_the_number)
{
    struct state_folder first = see("Work", NULL, NULL, 7), second = see("Work", NULL, "g1", 7),
                        third = see("Work", "M1", "g1", 7), fourth = see("Renamed", "M1", NULL, 7);

    cr_expect_eq(second.number, first.number);
    cr_expect_eq(third.number, first.number);
    cr_expect_eq(fourth.number, first.number);
}

Test(folders, what_a_list_lacks_retires)
{
    struct state_sighting both[] = {{.name = "A", .uid_validity = 1},
                                    {.name = "B", .uid_validity = 2}};
    struct state_folder *found = NULL;
    uint64_t number;

    assert_ok(state_folders_see_all(mailbox, both, 2, NULL, &found));
    number = found[1].number;
    free(found);
    assert_ok(state_folders_see_all(mailbox, both, 1, NULL, &found));
    free(found);
    cr_expect(by_number(number).retired);
    /* By name alone it cannot be told to be the same one that comes back. */
    cr_expect_neq(see("B", NULL, NULL, 2).number, number);
}

Test(folders, an_id_that_comes_back_brings_its_number_back)
{
    struct state_sighting other = {.name = "Other", .mailbox_id = "M2", .uid_validity = 1};
    struct state_folder first = see("A", "M1", NULL, 1), *found = NULL;

    assert_ok(state_folders_see_all(mailbox, &other, 1, NULL, &found));
    free(found);
    cr_expect(by_number(first.number).retired);
    cr_expect_eq(see("B", "M1", NULL, 1).number, first.number);
    cr_expect_not(by_number(first.number).retired);
}

Test(folders, two_that_swapped_names_keep_their_numbers)
{
    struct state_sighting before[] = {{.name = "A", .mailbox_id = "M1", .uid_validity = 1},
                                      {.name = "B", .mailbox_id = "M2", .uid_validity = 1}};
    struct state_sighting after[] = {{.name = "B", .mailbox_id = "M1", .uid_validity = 1},
                                     {.name = "A", .mailbox_id = "M2", .uid_validity = 1}};
    struct state_folder *first = NULL, *second = NULL;

    assert_ok(state_folders_see_all(mailbox, before, 2, NULL, &first));
    assert_ok(state_folders_see_all(mailbox, after, 2, NULL, &second));
    cr_expect_eq(first[0].number, second[0].number);
    cr_expect_eq(first[1].number, second[1].number);
    cr_expect_str_eq(second[0].name, "B");
    cr_expect_eq(first[0].generation, second[0].generation);
    free(first);
    free(second);
}

Test(folders, an_own_rename_keeps_the_number_without_ids)
{
    struct state_folder first = see("A", NULL, NULL, 1);

    assert_ok(state_folder_renamed(mailbox, first.number, "B", NULL));
    cr_expect_eq(see("B", NULL, NULL, 1).number, first.number);
}

Test(folders, no_number_is_used_twice)
{
    uint64_t last = 0;

    for (int i = 0; i < 50; i++) {
        struct state_folder folder = see("Again", NULL, NULL, (uint32_t)i + 1);

        cr_expect_gt(folder.number, last);
        last = folder.number;
        assert_ok(state_folder_retire(mailbox, folder.number, NULL));
    }
}

Test(folders, a_generation_leads_to_its_folder)
{
    struct state_folder first = see("A", NULL, NULL, 1), second = see("A", NULL, NULL, 2),
                        *found = NULL;

    assert_ok(state_folder_by_generation(mailbox, first.generation, NULL, &found));
    cr_expect_eq(found->number, first.number);
    cr_expect_eq(found->generation, second.generation);
    free(found);
    expect_hr(state_folder_by_generation(mailbox, 999, NULL, &found), MAPI_E_NOT_FOUND);
}

Test(folders, list_gives_the_living_by_name)
{
    struct state_folder *found = NULL;
    size_t count = 0;

    see("b", NULL, NULL, 1);
    see("a", NULL, NULL, 1);
    assert_ok(state_folder_retire(mailbox, see("c", NULL, NULL, 1).number, NULL));
    assert_ok(state_folders_list(mailbox, NULL, &found, &count));
    cr_assert_eq(count, 2);
    cr_expect_str_eq(found[0].name, "a");
    cr_expect_str_eq(found[1].name, "b");
    free(found);
}

/* Makes the next generation the last but `left`. */
static void use_up_generations(int left)
{
    char path[128], sql[128];
    sqlite3 *db = NULL;

    snprintf(path, sizeof(path), "%s/state.db", fixture_directory);
    snprintf(sql, sizeof(sql), "UPDATE mailboxes SET next_generation=%d",
             (int)GENERATION_MAX + 1 - left);
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static const SPropValue one_value = {.ulPropTag = 0x66010003, .Value.l = 42};

static size_t count_props(uint64_t number)
{
    SPropValue *values = NULL;
    size_t count = 0;

    assert_ok(state_props_get(mailbox, number, NULL, 0, NULL, &values, &count));
    free(values);
    return count;
}

Test(folders, used_up_generations_make_a_new_replguid_and_carry_the_living_over)
{
    struct state_sighting sighting = {.name = "C", .uid_validity = 3};
    struct state_folder gone, kept, *found = NULL;
    MAPIUID before = state_mailbox_repl_guid(mailbox), after;
    struct state_alias alias;
    uint64_t new_number;

    gone = see("Gone", NULL, NULL, 9);
    kept = see("Kept", NULL, NULL, 1);
    see("Kept", NULL, NULL, 2); /* so that its present generation is not the lowest */
    kept = by_number(kept.number);
    assert_ok(state_folder_retire(mailbox, gone.number, NULL));
    assert_ok(state_props_set(mailbox, number_from_uid(gone.generation, 1), &one_value, 1, NULL));
    assert_ok(state_props_set(mailbox, number_from_uid(kept.generation, 5), &one_value, 1, NULL));
    assert_ok(state_props_set(mailbox, NUMBER_CLIENT_FIRST, &one_value, 1, NULL));
    alias = (struct state_alias){NUMBER_CLIENT_FIRST, kept.generation, 6};
    assert_ok(state_alias_set(mailbox, &alias, NULL));
    use_up_generations(0);

    expect_hr(state_folder_see(mailbox, &sighting, NULL, &found), MAPI_W_ERRORS_RETURNED);
    free(found);
    after = state_mailbox_repl_guid(mailbox);
    cr_expect_neq(memcmp(&before, &after, sizeof(before)), 0);

    kept = by_number(kept.number);
    cr_expect_eq(kept.generation, GENERATION_MIN);
    new_number = number_from_uid(kept.generation, 5);
    cr_expect_eq(count_props(new_number), 1);
    cr_expect_eq(count_props(NUMBER_CLIENT_FIRST), 1);
    assert_ok(state_number_resolve(mailbox, NUMBER_CLIENT_FIRST, NULL, &alias));
    cr_expect_eq(alias.generation, kept.generation);
    cr_expect_eq(alias.uid, 6);

    /* The new generation of C is 2, which "Gone" or an old one of "Kept" had: nothing is left. */
    cr_expect_eq(count_props(number_from_uid(2, 1)), 0);
    fixture_reopen();
    before = state_mailbox_repl_guid(mailbox);
    cr_expect_eq(memcmp(&before, &after, sizeof(before)), 0);
}

Test(folders, bad_sightings_are_refused)
{
    struct state_sighting sighting = {.name = ""};
    struct state_folder *found = NULL;

    expect_hr(state_folder_see(mailbox, &sighting, NULL, &found), MAPI_E_INVALID_PARAMETER);
    cr_expect_null(found);
}
