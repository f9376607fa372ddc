/* state/profile_sections.c - the sections of profiles and their properties */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "state/profile_rows.h"
#include "state/profiles.h"
#include "state/room.h"
#include "state/value.h"

/* A key and a uid, as query arguments. */
#define KEY_UID(call)                                                                              \
    (const void *)(call)->key, sizeof(MAPIUID), (const void *)(call)->uid, sizeof(MAPIUID)

struct section_call {
    const MAPIUID *key, *uid, *parent;
    struct profile_section section;
    enum profile_section_kind kind;
    const MAPIUID *uids;
    const ULONG *tags;
    const SPropValue *values;
    struct value_bytes *encoded;
    size_t count;
    struct block *result;
};

static bool uid_is_zero(const MAPIUID *uid)
{
    static const MAPIUID zero;

    return memcmp(uid, &zero, sizeof(zero)) == 0;
}

/* --- Sections --------------------------------------------------------------------------------- */

static HRESULT add_job(struct tx *tx, void *arg)
{
    struct section_call *call = arg;
    const struct profile_section *section = &call->section;
    const MAPIUID *parent = uid_is_zero(&section->parent) ? NULL : &section->parent;
    HRESULT hr = profile_check(tx, call->key);
    int64_t one;

    if (SUCCEEDED(hr) && parent)
        hr = query_one(tx, &one, "SELECT 1 FROM sections WHERE key=?1 AND uid=?2 AND kind=2", "bb",
                       (const void *)call->key, sizeof(*call->key), (const void *)parent,
                       sizeof(*parent));
    if (FAILED(hr))
        return hr;
    return query_run(tx, NULL,
                     "INSERT INTO sections (key, uid, parent, kind, position) VALUES (?1, ?2, ?3, "
                     "?4, (SELECT COALESCE(MAX(position)+1, 0) FROM sections WHERE key=?1 AND "
                     "kind=?4))",
                     "bbbi", KEY_UID(call), (const void *)parent,
                     parent ? sizeof(*parent) : (size_t)0, (int64_t)section->kind);
}

HRESULT profile_section_add(struct profile_store *store, const MAPIUID *key,
                            const struct profile_section *section, struct error_info *error)
{
    struct section_call call = {.key = key, .uid = &section->uid, .section = *section};

    if (section->kind < PROFILE_SECTION_OTHER || section->kind > PROFILE_SECTION_PROVIDER ||
        (section->kind == PROFILE_SECTION_PROVIDER) == uid_is_zero(&section->parent))
        return MAPI_E_INVALID_PARAMETER;
    return db_write(profile_db(store), add_job, &call, error);
}

/* Positions of a kind are 0, 1, 2... whatever was removed. */
static HRESULT close_gaps(struct tx *tx, const MAPIUID *key)
{
    return query_run(tx, NULL,
                     "UPDATE sections SET position=(SELECT COUNT(*) FROM sections AS before WHERE "
                     "before.key=sections.key AND before.kind=sections.kind AND "
                     "before.position<sections.position) WHERE key=?1",
                     "b", (const void *)key, sizeof(*key));
}

static HRESULT remove_job(struct tx *tx, void *arg)
{
    struct section_call *call = arg;
    int64_t changed = 0;
    HRESULT hr = query_run(tx, &changed, "DELETE FROM sections WHERE key=?1 AND uid=?2", "bb",
                           KEY_UID(call));

    if (SUCCEEDED(hr) && !changed)
        return MAPI_E_NOT_FOUND;
    return SUCCEEDED(hr) ? close_gaps(tx, call->key) : hr;
}

HRESULT profile_section_remove(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                               struct error_info *error)
{
    struct section_call call = {.key = key, .uid = uid};

    return db_write(profile_db(store), remove_job, &call, error);
}

static HRESULT read_section(struct query *q, struct profile_section *section)
{
    size_t uid_size, parent_size;
    const void *uid = query_bytes(q, 0, &uid_size), *parent = query_bytes(q, 1, &parent_size);

    if (uid_size != sizeof(MAPIUID) || (parent_size && parent_size != sizeof(MAPIUID)))
        return MAPI_E_CORRUPT_STORE;
    memcpy(&section->uid, uid, uid_size);
    if (parent_size)
        memcpy(&section->parent, parent, parent_size);
    section->kind = (enum profile_section_kind)query_int(q, 2);
    section->order = (uint32_t)query_int(q, 3);
    return S_OK;
}

static HRESULT list_job(struct tx *tx, void *arg)
{
    struct section_call *call = arg;
    HRESULT hr = profile_check(tx, call->key), ended;
    struct query q;

    if (FAILED(hr))
        return hr;
    query_start(&q, tx,
                "SELECT uid, parent, kind, position FROM sections WHERE key=?1 AND "
                "(?2=0 OR kind=?2) AND (?3 IS NULL OR parent=?3) AND (?4 IS NULL OR uid=?4) "
                "ORDER BY kind, position",
                "bibb", (const void *)call->key, sizeof(*call->key), (int64_t)call->kind,
                (const void *)call->parent, call->parent ? sizeof(MAPIUID) : (size_t)0,
                (const void *)call->uid, call->uid ? sizeof(MAPIUID) : (size_t)0);
    while (SUCCEEDED(hr) && query_row(&q)) {
        struct profile_section *row = block_add_row(call->result);

        hr = row ? read_section(&q, row) : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    ended = query_end(&q);
    return FAILED(hr) ? hr : ended;
}

static HRESULT list(struct profile_store *store, struct section_call *call,
                    struct error_info *error, struct profile_section **ret_sections,
                    size_t *ret_count)
{
    struct block block;
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct profile_section));
    call->result = &block;
    hr = db_read(profile_db(store), list_job, call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_sections = rows;
    block_clear(&block);
    return hr;
}

HRESULT profile_section_find(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                             struct error_info *error, struct profile_section *ret_section)
{
    struct section_call call = {.key = key, .uid = uid};
    struct profile_section *rows = NULL;
    size_t count = 0;
    HRESULT hr = list(store, &call, error, &rows, &count);

    if (SUCCEEDED(hr) && count == 0)
        hr = MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr))
        *ret_section = rows[0];
    free(rows);
    return hr;
}

HRESULT profile_sections_list(struct profile_store *store, const MAPIUID *key,
                              enum profile_section_kind kind, const MAPIUID *parent,
                              struct error_info *error, struct profile_section **ret_sections,
                              size_t *ret_count)
{
    struct section_call call = {.key = key, .kind = kind, .parent = parent};

    return list(store, &call, error, ret_sections, ret_count);
}

static HRESULT order_job(struct tx *tx, void *arg)
{
    struct section_call *call = arg;
    int64_t count = 0, placed = 0;
    HRESULT hr = profile_check(tx, call->key);

    if (SUCCEEDED(hr))
        hr = query_one(tx, &count, "SELECT COUNT(*) FROM sections WHERE key=?1 AND kind=?2", "bi",
                       (const void *)call->key, sizeof(*call->key), (int64_t)call->kind);
    if (SUCCEEDED(hr) && (size_t)count != call->count)
        return MAPI_E_INVALID_PARAMETER;
    /* Negative places first: a uid named twice leaves another one without a place. */
    for (size_t i = 0; SUCCEEDED(hr) && i < call->count; i++)
        hr = query_run(
            tx, NULL, "UPDATE sections SET position=?4 WHERE key=?1 AND uid=?2 AND kind=?3", "bbii",
            (const void *)call->key, sizeof(*call->key), (const void *)&call->uids[i],
            sizeof(MAPIUID), (int64_t)call->kind, -1 - (int64_t)i);
    if (SUCCEEDED(hr))
        hr = query_run(tx, &placed,
                       "UPDATE sections SET position=-1-position WHERE key=?1 AND kind=?2 AND "
                       "position<0",
                       "bi", (const void *)call->key, sizeof(*call->key), (int64_t)call->kind);
    return SUCCEEDED(hr) && placed != count ? MAPI_E_INVALID_PARAMETER : hr;
}

HRESULT profile_sections_order(struct profile_store *store, const MAPIUID *key,
                               enum profile_section_kind kind, const MAPIUID *uids, size_t count,
                               struct error_info *error)
{
    struct section_call call = {.key = key, .kind = kind, .uids = uids, .count = count};

    return db_write(profile_db(store), order_job, &call, error);
}

/* --- Properties ------------------------------------------------------------------------------- */

static bool is_secure(ULONG tag)
{
    return PROP_ID(tag) >= PROFILE_SECURE_FIRST && PROP_ID(tag) <= PROFILE_SECURE_LAST;
}

static HRESULT check_section(struct tx *tx, const struct section_call *call)
{
    int64_t one;

    return query_one(tx, &one, "SELECT 1 FROM sections WHERE key=?1 AND uid=?2", "bb",
                     KEY_UID(call));
}

static HRESULT set_job(struct tx *tx, void *arg)
{
    struct section_call *call = arg;
    HRESULT hr = check_section(tx, call);

    for (size_t i = 0; SUCCEEDED(hr) && i < call->count; i++) {
        ULONG tag = call->values[i].ulPropTag;

        hr = query_run(tx, NULL,
                       "INSERT INTO section_props (key, uid, prop, type, secure, value) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (key, uid, prop) DO UPDATE "
                       "SET type=excluded.type, value=excluded.value",
                       "bbiiib", KEY_UID(call), (int64_t)PROP_ID(tag), (int64_t)PROP_TYPE(tag),
                       (int64_t)is_secure(tag), (const void *)call->encoded[i].bytes,
                       call->encoded[i].size);
    }
    return hr;
}

HRESULT profile_props_set(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                          const SPropValue *values, size_t count, struct error_info *error)
{
    struct section_call call = {.key = key, .uid = uid, .values = values, .count = count};
    HRESULT hr = S_OK;
    size_t done = 0;

    call.encoded = calloc(count + 1, sizeof(*call.encoded));
    if (!call.encoded)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    while (SUCCEEDED(hr) && done < count) {
        hr = value_encode(&values[done], &call.encoded[done]);
        if (SUCCEEDED(hr))
            done++;
    }
    if (SUCCEEDED(hr))
        hr = db_write(profile_db(store), set_job, &call, error);
    else
        error_set(error, hr, "profile", "property %08X cannot be stored",
                  (unsigned)values[done].ulPropTag);
    while (done) {
        struct value_bytes *value = &call.encoded[--done];

        explicit_bzero(value->bytes, value->size); /* it may be a password */
        free(value->bytes);
    }
    free(call.encoded);
    return hr;
}

static HRESULT get_job(struct tx *tx, void *arg)
{
    struct section_call *call = arg;
    HRESULT hr = check_section(tx, call), ended;
    struct query q;

    if (FAILED(hr))
        return hr;
    query_start(&q, tx,
                "SELECT prop, type, value FROM section_props WHERE key=?1 AND uid=?2 AND "
                "(?3<>0 OR secure=0) ORDER BY prop",
                "bbi", KEY_UID(call), (int64_t)(call->tags != NULL));
    while (SUCCEEDED(hr) && query_row(&q)) {
        if (tags_name(call->tags, call->count, (uint32_t)query_int(&q, 0)))
            hr = read_value_row(&q, 0, call->result);
    }
    ended = query_end(&q);
    return FAILED(hr) ? hr : ended;
}

HRESULT profile_props_get(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                          const ULONG *tags, size_t count, struct error_info *error,
                          SPropValue **ret_values, size_t *ret_count)
{
    struct block block;
    struct section_call call = {
        .key = key, .uid = uid, .tags = tags, .count = count, .result = &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(SPropValue));
    hr = db_read(profile_db(store), get_job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_values = rows;
    block_clear(&block);
    return hr;
}

static HRESULT delete_job(struct tx *tx, void *arg)
{
    struct section_call *call = arg;
    HRESULT hr = check_section(tx, call);

    if (SUCCEEDED(hr) && !call->tags)
        return query_run(tx, NULL, "DELETE FROM section_props WHERE key=?1 AND uid=?2", "bb",
                         KEY_UID(call));
    for (size_t i = 0; SUCCEEDED(hr) && i < call->count; i++)
        hr = query_run(tx, NULL, "DELETE FROM section_props WHERE key=?1 AND uid=?2 AND prop=?3",
                       "bbi", KEY_UID(call), (int64_t)PROP_ID(call->tags[i]));
    return hr;
}

HRESULT profile_props_delete(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                             const ULONG *tags, size_t count, struct error_info *error)
{
    struct section_call call = {.key = key, .uid = uid, .tags = tags, .count = count};

    return db_write(profile_db(store), delete_job, &call, error);
}

/* --- Copying ---------------------------------------------------------------------------------- */

struct props_copy {
    const MAPIUID *from_key, *from_uid, *to_key, *to_uid;
};

static HRESULT copy_job(struct tx *tx, void *arg)
{
    struct props_copy *copy = arg;

    return query_run(tx, NULL,
                     "INSERT OR REPLACE INTO section_props (key, uid, prop, type, secure, value) "
                     "SELECT ?3, ?4, prop, type, secure, value FROM section_props "
                     "WHERE key=?1 AND uid=?2",
                     "bbbb", (const void *)copy->from_key, sizeof(MAPIUID),
                     (const void *)copy->from_uid, sizeof(MAPIUID), (const void *)copy->to_key,
                     sizeof(MAPIUID), (const void *)copy->to_uid, sizeof(MAPIUID));
}

HRESULT profile_props_copy(struct profile_store *store, const MAPIUID *from_key,
                           const MAPIUID *from_uid, const MAPIUID *to_key, const MAPIUID *to_uid,
                           struct error_info *error)
{
    struct props_copy copy = {from_key, from_uid, to_key, to_uid};

    return db_write(profile_db(store), copy_job, &copy, error);
}
