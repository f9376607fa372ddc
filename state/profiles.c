/* state/profiles.c - profiles: names, default, users
 *
 * Sections and their properties are in profile_sections.c. */
#include "state/profiles.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mapi/text.h"
#include "state/profile_rows.h"
#include "state/room.h"
#include "state/schema.h"

struct profile_store {
    atomic_uint refs;
    struct db *db;
};

HRESULT profile_store_open(const struct state_options *options, struct error_info *error,
                           struct profile_store **ret_store)
{
    struct profile_store *store = calloc(1, sizeof(*store));
    HRESULT hr;

    if (!store)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&store->refs, 1);
    hr = db_open(&profile_schema, options, error, &store->db);
    if (FAILED(hr)) {
        free(store);
        return hr;
    }
    *ret_store = store;
    return S_OK;
}

struct profile_store *profile_store_ref(struct profile_store *store)
{
    atomic_fetch_add(&store->refs, 1);
    return store;
}

void profile_store_unref(struct profile_store *store)
{
    if (!store || atomic_fetch_sub(&store->refs, 1) != 1)
        return;
    db_close(store->db);
    free(store);
}

struct db *profile_db(struct profile_store *store)
{
    return store->db;
}

struct transaction {
    state_fn *fn;
    void *arg;
};

static HRESULT transaction_job(struct tx *tx, void *arg)
{
    struct transaction *transaction = arg;

    (void)tx;
    return transaction->fn(transaction->arg);
}

HRESULT profile_transaction(struct profile_store *store, state_fn *fn, void *arg,
                            struct error_info *error)
{
    struct transaction transaction = {fn, arg};

    return db_write(store->db, transaction_job, &transaction, error);
}

/* --- Names ------------------------------------------------------------------------------------ */

bool profile_name_is_valid(const char *name)
{
    size_t length = strlen(name), characters = 0;

    if (!length || name[0] == ' ' || name[length - 1] == ' ' || !utf8_is_valid(name, length))
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)name[i];

        if (c < 0x80 && !isalnum(c) && !strchr(" _-.", c))
            return false;
        characters += (c & 0xC0) != 0x80;
    }
    return characters <= PROFILE_NAME_MAX;
}

/* What names compare by. `folded` holds 4 bytes for each character. */
static void fold(const char *name, char folded[4 * PROFILE_NAME_MAX + 1])
{
    size_t i;

    for (i = 0; name[i] && i < 4 * PROFILE_NAME_MAX; i++)
        folded[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 32) : name[i];
    folded[i] = '\0';
}

/* MAPI_E_NO_ACCESS when another profile than `key` (NULL: any) has the name, or is going to. */
static HRESULT check_name_free(struct tx *tx, const char *folded, const MAPIUID *key)
{
    int64_t taken = 0;
    HRESULT hr = query_one(tx, &taken,
                           "SELECT COUNT(*) FROM profiles WHERE (folded=?1 OR new_folded=?1) AND "
                           "(?2 IS NULL OR key<>?2)",
                           "sb", folded, (const void *)key, key ? sizeof(*key) : (size_t)0);

    if (SUCCEEDED(hr) && taken)
        return error_set(&tx->error, MAPI_E_NO_ACCESS, "profile",
                         "a profile of that name exists already");
    return hr;
}

struct name_call {
    const MAPIUID *key;
    const char *name;
    char folded[4 * PROFILE_NAME_MAX + 1];
    MAPIUID made;
    struct block *result;
};

static HRESULT set_name(struct name_call *call, const char *name, struct error_info *error)
{
    if (!name || !profile_name_is_valid(name))
        return error_set(error, MAPI_E_INVALID_PARAMETER, "profile",
                         "a profile's name has 1 to %d letters, digits and inner spaces",
                         PROFILE_NAME_MAX);
    call->name = name;
    fold(name, call->folded);
    return S_OK;
}

/* --- Making, finding -------------------------------------------------------------------------- */

static HRESULT insert_profile(struct tx *tx, struct name_call *call)
{
    HRESULT hr = check_name_free(tx, call->folded, NULL);

    call->made = random_uid();
    if (SUCCEEDED(hr))
        hr = query_run(tx, NULL,
                       "INSERT INTO profiles (key, name, folded, is_default) "
                       "VALUES (?1, ?2, ?3, 0)",
                       "bss", (const void *)&call->made, sizeof(call->made), call->name,
                       call->folded);
    return hr;
}

static HRESULT create_job(struct tx *tx, void *arg)
{
    return insert_profile(tx, arg);
}

HRESULT profile_create(struct profile_store *store, const char *name, struct error_info *error,
                       MAPIUID *ret_key)
{
    struct name_call call = {0};
    HRESULT hr = set_name(&call, name, error);

    if (SUCCEEDED(hr))
        hr = db_write(store->db, create_job, &call, error);
    if (SUCCEEDED(hr))
        *ret_key = call.made;
    return hr;
}

static HRESULT add_row(struct query *q, struct block *block)
{
    struct profile *row = block_add_row(block);
    size_t size;
    const void *key = query_bytes(q, 0, &size);

    if (!row)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (size != sizeof(row->key))
        return MAPI_E_CORRUPT_STORE;
    memcpy(&row->key, key, size);
    row->is_default = query_int(q, 2) != 0;
    block_row_string(block, offsetof(struct profile, name), query_text(q, 1));
    return S_OK;
}

static HRESULT list_job(struct tx *tx, void *arg)
{
    struct name_call *call = arg;
    HRESULT hr = S_OK, ended;
    struct query q;

    query_start(&q, tx,
                "SELECT key, name, is_default FROM profiles WHERE folded IS NOT NULL AND "
                "(?1 IS NULL OR folded=?1) ORDER BY folded",
                "s", call->name ? call->folded : NULL);
    while (SUCCEEDED(hr) && query_row(&q))
        hr = add_row(&q, call->result);
    ended = query_end(&q);
    return FAILED(hr) ? hr : ended;
}

HRESULT profile_find(struct profile_store *store, const char *name, struct error_info *error,
                     struct profile **ret_profile)
{
    struct name_call call = {0};
    struct block block;
    size_t count = 0;
    HRESULT hr;
    void *rows;

    if (!name || !profile_name_is_valid(name))
        return MAPI_E_NOT_FOUND;
    call.name = name;
    fold(name, call.folded);
    call.result = &block;
    block_init(&block, sizeof(struct profile));
    hr = db_read(store->db, list_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, &count);
    block_clear(&block);
    if (SUCCEEDED(hr) && count == 0)
        return error_set(error, MAPI_E_NOT_FOUND, "profile", "there is no profile \"%s\"", name);
    if (SUCCEEDED(hr))
        *ret_profile = rows;
    return hr;
}

HRESULT profiles_list(struct profile_store *store, struct error_info *error,
                      struct profile **ret_profiles, size_t *ret_count)
{
    struct block block;
    struct name_call call = {.result = &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct profile));
    hr = db_read(store->db, list_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_profiles = rows;
    block_clear(&block);
    return hr;
}

HRESULT profile_check(struct tx *tx, const MAPIUID *key)
{
    int64_t one;

    return query_one(tx, &one, "SELECT 1 FROM profiles WHERE key=?1", "b", (const void *)key,
                     sizeof(*key));
}

static HRESULT copy_job(struct tx *tx, void *arg)
{
    static const char *const steps[] = {
        /* services before the providers that point at them */
        "INSERT INTO sections (key, uid, parent, kind, position) "
        "SELECT ?2, uid, parent, kind, position FROM sections WHERE key=?1 AND parent IS NULL",
        "INSERT INTO sections (key, uid, parent, kind, position) "
        "SELECT ?2, uid, parent, kind, position FROM sections WHERE key=?1 AND parent IS NOT NULL",
        "INSERT INTO section_props (key, uid, prop, type, secure, value) "
        "SELECT ?2, uid, prop, type, secure, value FROM section_props WHERE key=?1",
    };
    struct name_call *call = arg;
    HRESULT hr = profile_check(tx, call->key);

    if (SUCCEEDED(hr))
        hr = insert_profile(tx, call);
    for (size_t i = 0; SUCCEEDED(hr) && i < sizeof(steps) / sizeof(*steps); i++)
        hr = query_run(tx, NULL, steps[i], "bb", (const void *)call->key, sizeof(*call->key),
                       (const void *)&call->made, sizeof(call->made));
    return hr;
}

HRESULT profile_copy(struct profile_store *store, const MAPIUID *key, const char *new_name,
                     struct error_info *error, MAPIUID *ret_key)
{
    struct name_call call = {.key = key};
    HRESULT hr = set_name(&call, new_name, error);

    if (SUCCEEDED(hr))
        hr = db_write(store->db, copy_job, &call, error);
    if (SUCCEEDED(hr))
        *ret_key = call.made;
    return hr;
}

/* --- Deleting, renaming, use ------------------------------------------------------------------ */

struct dead_user {
    size_t unused;
    const char *owner;
};

/* Users whose process is gone are no users. */
static HRESULT drop_dead_users(struct tx *tx, const MAPIUID *key)
{
    struct block block;
    struct query q;
    size_t count = 0;
    void *rows = NULL;
    HRESULT hr;

    block_init(&block, sizeof(struct dead_user));
    query_start(&q, tx, "SELECT owner FROM profile_users WHERE key=?1", "b", (const void *)key,
                sizeof(*key));
    while (query_row(&q)) {
        if (db_owner_is_dead(tx->db, query_text(&q, 0)) && block_add_row(&block))
            block_row_string(&block, offsetof(struct dead_user, owner), query_text(&q, 0));
    }
    hr = query_end(&q);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, &count);
    block_clear(&block);
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = query_run(tx, NULL, "DELETE FROM profile_users WHERE key=?1 AND owner=?2", "bs",
                       (const void *)key, sizeof(*key), ((struct dead_user *)rows)[i].owner);
    free(rows);
    return hr;
}

static HRESULT is_in_use(struct tx *tx, const MAPIUID *key, bool *ret_in_use)
{
    int64_t users = 0;
    HRESULT hr = drop_dead_users(tx, key);

    if (SUCCEEDED(hr))
        hr = query_one(tx, &users, "SELECT COUNT(*) FROM profile_users WHERE key=?1", "b",
                       (const void *)key, sizeof(*key));
    if (SUCCEEDED(hr))
        *ret_in_use = users > 0;
    return hr;
}

static HRESULT run_on(struct tx *tx, const char *sql, const MAPIUID *key)
{
    return query_run(tx, NULL, sql, "b", (const void *)key, sizeof(*key));
}

static HRESULT delete_job(struct tx *tx, void *arg)
{
    struct name_call *call = arg;
    bool in_use;
    HRESULT hr = profile_check(tx, call->key);

    if (SUCCEEDED(hr))
        hr = is_in_use(tx, call->key, &in_use);
    if (FAILED(hr))
        return hr;
    if (in_use)
        return run_on(tx,
                      "UPDATE profiles SET folded=NULL, new_name=NULL, new_folded=NULL, "
                      "is_default=0 WHERE key=?1",
                      call->key);
    return run_on(tx, "DELETE FROM profiles WHERE key=?1", call->key);
}

HRESULT profile_delete(struct profile_store *store, const MAPIUID *key, struct error_info *error)
{
    struct name_call call = {.key = key};

    return db_write(store->db, delete_job, &call, error);
}

static HRESULT rename_job(struct tx *tx, void *arg)
{
    struct name_call *call = arg;
    bool in_use;
    HRESULT hr = profile_check(tx, call->key);

    if (SUCCEEDED(hr))
        hr = check_name_free(tx, call->folded, call->key);
    if (SUCCEEDED(hr))
        hr = is_in_use(tx, call->key, &in_use);
    if (FAILED(hr))
        return hr;
    if (in_use)
        return query_run(tx, NULL, "UPDATE profiles SET new_name=?2, new_folded=?3 WHERE key=?1",
                         "bss", (const void *)call->key, sizeof(*call->key), call->name,
                         call->folded);
    return query_run(tx, NULL,
                     "UPDATE profiles SET name=?2, folded=?3, new_name=NULL, new_folded=NULL "
                     "WHERE key=?1",
                     "bss", (const void *)call->key, sizeof(*call->key), call->name, call->folded);
}

HRESULT profile_rename(struct profile_store *store, const MAPIUID *key, const char *new_name,
                       struct error_info *error)
{
    struct name_call call = {.key = key};
    HRESULT hr = set_name(&call, new_name, error);

    return SUCCEEDED(hr) ? db_write(store->db, rename_job, &call, error) : hr;
}

static HRESULT set_default_job(struct tx *tx, void *arg)
{
    struct name_call *call = arg;
    int64_t changed = 0;
    HRESULT hr = query_run(tx, NULL, "UPDATE profiles SET is_default=0 WHERE is_default<>0", "");

    if (FAILED(hr) || !call->key)
        return hr;
    hr = query_run(tx, &changed,
                   "UPDATE profiles SET is_default=1 WHERE key=?1 AND folded IS NOT NULL", "b",
                   (const void *)call->key, sizeof(*call->key));
    return SUCCEEDED(hr) && !changed ? MAPI_E_NOT_FOUND : hr;
}

HRESULT profile_set_default(struct profile_store *store, const MAPIUID *key,
                            struct error_info *error)
{
    struct name_call call = {.key = key};

    return db_write(store->db, set_default_job, &call, error);
}

static HRESULT use_job(struct tx *tx, void *arg)
{
    struct name_call *call = arg;
    HRESULT hr = profile_check(tx, call->key);

    if (FAILED(hr))
        return hr;
    return query_run(tx, NULL,
                     "INSERT INTO profile_users (key, owner, count) VALUES (?1, ?2, 1) "
                     "ON CONFLICT (key, owner) DO UPDATE SET count=profile_users.count+1",
                     "bs", (const void *)call->key, sizeof(*call->key), db_owner(tx->db));
}

HRESULT profile_use(struct profile_store *store, const MAPIUID *key, struct error_info *error)
{
    struct name_call call = {.key = key};

    return db_write(store->db, use_job, &call, error);
}

static HRESULT unuse_job(struct tx *tx, void *arg)
{
    static const char *const last_user_left[] = {
        "DELETE FROM profiles WHERE key=?1 AND folded IS NULL",
        "UPDATE profiles SET name=new_name, folded=new_folded, new_name=NULL, new_folded=NULL "
        "WHERE key=?1 AND new_name IS NOT NULL",
    };
    struct name_call *call = arg;
    bool in_use = false;
    HRESULT hr =
        query_run(tx, NULL, "UPDATE profile_users SET count=count-1 WHERE key=?1 AND owner=?2",
                  "bs", (const void *)call->key, sizeof(*call->key), db_owner(tx->db));

    if (SUCCEEDED(hr))
        hr = run_on(tx, "DELETE FROM profile_users WHERE key=?1 AND count<=0", call->key);
    if (SUCCEEDED(hr))
        hr = is_in_use(tx, call->key, &in_use);
    for (size_t i = 0; SUCCEEDED(hr) && !in_use && i < 2; i++)
        hr = run_on(tx, last_user_left[i], call->key);
    return hr;
}

HRESULT profile_unuse(struct profile_store *store, const MAPIUID *key, struct error_info *error)
{
    struct name_call call = {.key = key};

    return db_write(store->db, unuse_job, &call, error);
}
