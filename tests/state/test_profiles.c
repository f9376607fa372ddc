/* tests/state/test_profiles.c - named profiles, their sections and properties */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "state/profiles.h"

static struct profile_store *store;
static const struct state_options in_memory = {.directory = NULL};

static struct profile_store *open_store(void)
{
    struct state_options options = {.directory = fixture_directory};
    struct profile_store *opened = NULL;

    assert_ok(profile_store_open(&options, NULL, &opened));
    return opened;
}

static void set_up(void)
{
    fixture_make_directory();
    store = open_store();
}

static void tear_down(void)
{
    profile_store_unref(store);
    fixture_tear_down();
}

TestSuite(profiles, .init = set_up, .fini = tear_down);

static MAPIUID create(const char *name)
{
    MAPIUID key = {0};

    assert_ok(profile_create(store, name, NULL, &key));
    return key;
}

static size_t count_profiles(void)
{
    struct profile *rows = NULL;
    size_t count = 0;

    assert_ok(profiles_list(store, NULL, &rows, &count));
    free(rows);
    return count;
}

static bool exists(const char *name)
{
    struct profile *found = NULL;
    HRESULT hr = profile_find(store, name, NULL, &found);

    free(found);
    cr_expect(hr == S_OK || hr == MAPI_E_NOT_FOUND);
    return hr == S_OK;
}

Test(profiles, names_have_rules) /* PRF-002 PRF-003 */
{
    cr_expect(profile_name_is_valid("Work 2"));
    cr_expect(profile_name_is_valid("B\xC3\xBCro_1"));
    cr_expect_not(profile_name_is_valid(""));
    cr_expect_not(profile_name_is_valid(" Work"));
    cr_expect_not(profile_name_is_valid("Work "));
    cr_expect_not(profile_name_is_valid("a/b"));
    cr_expect_not(profile_name_is_valid("a\nb"));
    cr_expect_not(profile_name_is_valid("\xFF"));
    cr_expect_not(profile_name_is_valid("\xC3"));
    cr_expect_not(profile_name_is_valid("\xE0\x80\x80"));
    cr_expect_not(profile_name_is_valid("\xED\xA0\x80"));
    cr_expect_not(
        profile_name_is_valid("12345678901234567890123456789012345678901234567890123456789012345"));
}

Test(profiles, a_profile_is_there_until_it_is_deleted) /* PRF-004 PRF-005 PRF-010 */
{
    struct profile *found = NULL;
    MAPIUID key = create("Work"), other;

    expect_hr(profile_create(store, "work", NULL, &other), MAPI_E_NO_ACCESS);
    profile_store_unref(store);
    store = open_store();
    assert_ok(profile_find(store, "WORK", NULL, &found));
    cr_expect_str_eq(found->name, "Work");
    cr_expect_eq(memcmp(&found->key, &key, sizeof(key)), 0);
    free(found);
    assert_ok(profile_delete(store, &key, NULL));
    cr_expect_not(exists("Work"));
    expect_hr(profile_delete(store, &key, NULL), MAPI_E_NOT_FOUND);
    other = create("Work"); /* PRF-045 */
    cr_expect_neq(memcmp(&other, &key, sizeof(key)), 0);
}

Test(profiles, one_at_most_is_the_default) /* PRF-019 PRF-020 PRF-021 */
{
    MAPIUID a = create("a"), b = create("b"), unknown = {{1}};
    struct profile *rows = NULL;
    size_t count = 0;

    assert_ok(profile_set_default(store, &a, NULL));
    assert_ok(profile_set_default(store, &b, NULL));
    expect_hr(profile_set_default(store, &unknown, NULL), MAPI_E_NOT_FOUND);
    assert_ok(profiles_list(store, NULL, &rows, &count));
    cr_assert_eq(count, 2);
    cr_expect_not(rows[0].is_default);
    cr_expect(rows[1].is_default);
    free(rows);
    assert_ok(profile_set_default(store, NULL, NULL));
    assert_ok(profiles_list(store, NULL, &rows, &count));
    cr_expect_not(rows[1].is_default);
    free(rows);
}

Test(profiles,
     one_in_use_is_deleted_when_its_last_user_leaves) /* PRF-011 PRF-014 PRF-025 PRF-153 */
{
    MAPIUID key = create("Work"), other;
    struct profile_section section = {.uid = {{7}}, .kind = PROFILE_SECTION_OTHER}, found;

    assert_ok(profile_section_add(store, &key, &section, NULL));
    assert_ok(profile_use(store, &key, NULL));
    assert_ok(profile_use(store, &key, NULL));
    assert_ok(profile_delete(store, &key, NULL));
    cr_expect_not(exists("Work"));
    cr_expect_eq(count_profiles(), 0);
    assert_ok(profile_section_find(store, &key, &section.uid, NULL, &found));
    other = create("Work"); /* the name is free */
    assert_ok(profile_unuse(store, &key, NULL));
    assert_ok(profile_section_find(store, &key, &section.uid, NULL, &found));
    assert_ok(profile_unuse(store, &key, NULL));
    expect_hr(profile_section_find(store, &key, &section.uid, NULL, &found), MAPI_E_NOT_FOUND);
    cr_expect(exists("Work"));
    (void)other;
}

Test(profiles, one_in_use_is_renamed_when_its_last_user_leaves) /* PRF-018 */
{
    MAPIUID key = create("Old"), other;

    assert_ok(profile_use(store, &key, NULL));
    assert_ok(profile_rename(store, &key, "New", NULL));
    cr_expect(exists("Old"));
    cr_expect_not(exists("New"));
    expect_hr(profile_create(store, "New", NULL, &other), MAPI_E_NO_ACCESS);
    assert_ok(profile_unuse(store, &key, NULL));
    cr_expect(exists("New"));
    cr_expect_not(exists("Old"));
    assert_ok(profile_rename(store, &key, "new", NULL)); /* only its own name is in the way */
    create("Other");
    expect_hr(profile_rename(store, &key, "Other", NULL), MAPI_E_NO_ACCESS);
}

Test(profiles, a_dead_process_uses_nothing)
{
    MAPIUID key = create("Work");
    int status = 0;
    pid_t child;

    profile_store_unref(store);
    child = fork();
    if (child == 0) {
        profile_use(open_store(), &key, NULL);
        kill(getpid(), SIGKILL);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    store = open_store();
    assert_ok(profile_delete(store, &key, NULL));
    expect_hr(profile_use(store, &key, NULL), MAPI_E_NOT_FOUND);
}

/* --- Sections --------------------------------------------------------------------------------- */

static const MAPIUID service_a = {{1}}, service_b = {{2}}, provider = {{3}}, provider_b = {{4}};

static void add_section(const MAPIUID *key, MAPIUID uid, enum profile_section_kind kind,
                        const MAPIUID *parent)
{
    struct profile_section section = {.uid = uid, .kind = kind};

    if (parent)
        section.parent = *parent;
    assert_ok(profile_section_add(store, key, &section, NULL));
}

static void add_services(const MAPIUID *key)
{
    add_section(key, service_a, PROFILE_SECTION_SERVICE, NULL);
    add_section(key, service_b, PROFILE_SECTION_SERVICE, NULL);
    add_section(key, provider, PROFILE_SECTION_PROVIDER, &service_a);
    add_section(key, provider_b, PROFILE_SECTION_PROVIDER, &service_b);
}

static size_t list_sections(const MAPIUID *key, enum profile_section_kind kind,
                            const MAPIUID *parent, struct profile_section *ret, size_t room)
{
    struct profile_section *rows = NULL;
    size_t count = 0;

    assert_ok(profile_sections_list(store, key, kind, parent, NULL, &rows, &count));
    cr_assert_leq(count, room);
    if (count)
        memcpy(ret, rows, count * sizeof(*rows));
    free(rows);
    return count;
}

Test(profiles, sections_are_a_tree_in_order) /* PRF-063 */
{
    MAPIUID key = create("Work"), swapped[] = {service_b, service_a},
            bad[] = {service_b, service_b};
    struct profile_section rows[4],
        orphan = {.uid = {{9}}, .parent = {{8}}, .kind = PROFILE_SECTION_PROVIDER};

    add_services(&key);
    expect_hr(profile_section_add(store, &key, &orphan, NULL), MAPI_E_NOT_FOUND);
    orphan.parent = (MAPIUID){0};
    expect_hr(profile_section_add(store, &key, &orphan, NULL), MAPI_E_INVALID_PARAMETER);
    cr_assert_eq(list_sections(&key, PROFILE_SECTION_SERVICE, NULL, rows, 4), 2);
    cr_expect_eq(rows[1].uid.ab[0], 2);
    cr_expect_eq(rows[1].order, 1);
    cr_assert_eq(list_sections(&key, PROFILE_SECTION_PROVIDER, &service_b, rows, 4), 1);
    cr_expect_eq(rows[0].uid.ab[0], 4);
    cr_expect_eq(rows[0].parent.ab[0], 2);

    expect_hr(profile_sections_order(store, &key, PROFILE_SECTION_SERVICE, bad, 2, NULL),
              MAPI_E_INVALID_PARAMETER);
    assert_ok(profile_sections_order(store, &key, PROFILE_SECTION_SERVICE, swapped, 2, NULL));
    list_sections(&key, PROFILE_SECTION_SERVICE, NULL, rows, 4);
    cr_expect_eq(rows[0].uid.ab[0], 2);

    assert_ok(profile_section_remove(store, &key, &service_b, NULL));
    cr_assert_eq(list_sections(&key, 0, NULL, rows, 4), 2);
    cr_expect_eq(rows[0].uid.ab[0], 1);
    cr_expect_eq(rows[0].order, 0);
    cr_expect_eq(rows[1].uid.ab[0], 3);
    expect_hr(profile_section_remove(store, &key, &service_b, NULL), MAPI_E_NOT_FOUND);
}

#define TAG_NAME     PROP_TAG(PT_STRING8, 0x3001)
#define TAG_PASSWORD PROP_TAG(PT_STRING8, 0x67F0)

static size_t count_props(const MAPIUID *key, const ULONG *tags, size_t count)
{
    SPropValue *values = NULL;
    size_t got = 0;

    assert_ok(profile_props_get(store, key, &service_a, tags, count, NULL, &values, &got));
    free(values);
    return got;
}

Test(profiles, secure_properties_are_given_only_by_tag) /* PRF-041 PRF-042 */
{
    SPropValue values[] = {{.ulPropTag = TAG_NAME, .Value.lpszA = (char *)"name"},
                           {.ulPropTag = TAG_PASSWORD, .Value.lpszA = (char *)"secret"}};
    ULONG tags[] = {TAG_PASSWORD};
    MAPIUID key = create("Work");

    expect_hr(profile_props_set(store, &key, &service_a, values, 2, NULL), MAPI_E_NOT_FOUND);
    add_services(&key);
    assert_ok(profile_props_set(store, &key, &service_a, values, 2, NULL));
    cr_expect_eq(count_props(&key, NULL, 0), 1);
    cr_expect_eq(count_props(&key, tags, 1), 1);
    assert_ok(profile_props_delete(store, &key, &service_a, tags, 1, NULL));
    cr_expect_eq(count_props(&key, tags, 1), 0);
    cr_expect_eq(count_props(&key, NULL, 0), 1);
}

static bool file_holds(const char *name, const char *text)
{
    char path[128], *all;
    bool found = false;
    size_t size;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", fixture_directory, name);
    file = fopen(path, "rb");
    if (!file)
        return false;
    all = malloc(1 << 20);
    size = fread(all, 1, 1 << 20, file);
    found = memmem(all, size, text, strlen(text)) != NULL;
    free(all);
    fclose(file);
    return found;
}

Test(profiles, a_deleted_password_is_wiped_from_the_file)
{
    SPropValue value = {.ulPropTag = TAG_PASSWORD, .Value.lpszA = (char *)"correct-horse"};
    MAPIUID key = create("Work");

    add_services(&key);
    assert_ok(profile_props_set(store, &key, &service_a, &value, 1, NULL));
    profile_store_unref(store);
    cr_assert(file_holds("profiles.db", "correct-horse"));
    store = open_store();
    assert_ok(profile_delete(store, &key, NULL));
    profile_store_unref(store);
    cr_expect_not(file_holds("profiles.db", "correct-horse"));
    cr_expect_not(file_holds("profiles.db-wal", "correct-horse"));
    store = open_store();
}

Test(profiles, a_copy_has_the_same_content) /* PRF-015 PRF-016 PRF-017 */
{
    SPropValue value = {.ulPropTag = TAG_PASSWORD, .Value.lpszA = (char *)"secret"};
    ULONG tags[] = {TAG_PASSWORD};
    MAPIUID key = create("Work"), copy, unknown = {{9}};
    struct profile_section rows[4];

    add_services(&key);
    assert_ok(profile_props_set(store, &key, &service_a, &value, 1, NULL));
    expect_hr(profile_copy(store, &key, "work", NULL, &copy), MAPI_E_NO_ACCESS);
    expect_hr(profile_copy(store, &unknown, "Copy", NULL, &copy), MAPI_E_NOT_FOUND);
    assert_ok(profile_copy(store, &key, "Copy", NULL, &copy));
    assert_ok(profile_delete(store, &key, NULL));
    cr_expect_eq(list_sections(&copy, 0, NULL, rows, 4), 4);
    cr_expect_eq(count_props(&copy, tags, 1), 1);
}

Test(profiles, a_store_in_memory_stands_alone)
{
    struct profile_store *own = NULL, *other = NULL;
    struct profile *rows = NULL;
    size_t count = 9;
    MAPIUID key;

    assert_ok(profile_store_open(&in_memory, NULL, &own));
    assert_ok(profile_store_open(&in_memory, NULL, &other));
    assert_ok(profile_create(own, "Gateway", NULL, &key));
    assert_ok(profiles_list(other, NULL, &rows, &count));
    cr_expect_eq(count, 0);
    assert_ok(profiles_list(own, NULL, &rows, &count));
    cr_expect_eq(count, 1);
    free(rows);
    profile_store_unref(own);
    profile_store_unref(other);
}
