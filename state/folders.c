/* state/folders.c - folder numbers and generations
 *
 * Sightings are matched to folders in two passes: by id first, so that two folders that swapped
 * names swap them here too, then by name. The same code runs first in a reading job that stops at
 * the first change it would have to make, so that an unchanged LIST costs no commit. */
#include "state/folders.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "state/generations.h"
#include "state/room.h"

/* The reading pass's way to say that there is something to write. */
#define NEEDS_WRITE MAPI_E_OBJECT_CHANGED

#define COLUMNS "number, name, mailbox_id, x_guid, uid_validity, generation, retired"

struct see_call {
    struct state_mailbox *mailbox;
    const struct state_sighting *sightings;
    size_t count;
    bool whole; /* what is not among them retires */
    bool write;
    uint64_t *numbers; /* what each was matched to; 0: not yet */
    size_t claimed_count;
    uint64_t *claimed; /* sorted copy */
    bool renumbered;   /* a new ReplGuid was begun */
    MAPIUID repl_guid;
    struct block *result;
};

/* What the matching asks of a row. */
struct folder_row {
    uint64_t number;
    uint16_t generation;
    uint32_t uid_validity;
    bool retired, has_mailbox_id, has_x_guid;
    bool same_name, same_mailbox_id, same_x_guid; /* as the sighting's */
};

/* --- Reading ---------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static void read_row(struct query *q, const struct state_sighting *sighting, struct folder_row *row)
{
    const char *mailbox_id = query_text(q, 2), *x_guid = query_text(q, 3);

    row->number = (uint64_t)query_int(q, 0);
    row->uid_validity = (uint32_t)query_int(q, 4);
    row->generation = (uint16_t)query_int(q, 5);
    row->retired = query_int(q, 6) != 0;
    row->has_mailbox_id = mailbox_id;
    row->has_x_guid = x_guid;
    row->same_name = same_text(query_text(q, 1), sighting->name);
    row->same_mailbox_id = same_text(mailbox_id, sighting->mailbox_id);
    row->same_x_guid = same_text(x_guid, sighting->x_guid);
}

static HRESULT read_first(struct query *q, const struct state_sighting *sighting,
                          struct folder_row *row, bool *ret_found)
{
    *ret_found = query_row(q);
    if (*ret_found)
        read_row(q, sighting, row);
    return query_end(q);
}

static HRESULT find_by_mailbox_id(struct tx *tx, struct see_call *call,
                                  const struct state_sighting *sighting, struct folder_row *row,
                                  bool *ret_found)
{
    struct query q;

    *ret_found = false;
    if (!sighting->mailbox_id)
        return S_OK;
    query_start(&q, tx,
                "SELECT " COLUMNS " FROM folders WHERE mailbox=?1 AND mailbox_id=?2 "
                "ORDER BY retired LIMIT 1",
                "is", mailbox_id(call->mailbox), sighting->mailbox_id);
    return read_first(&q, sighting, row, ret_found);
}

static HRESULT find_by_x_guid(struct tx *tx, struct see_call *call,
                              const struct state_sighting *sighting, struct folder_row *row,
                              bool *ret_found)
{
    struct query q;
    HRESULT hr;

    *ret_found = false;
    if (!sighting->x_guid)
        return S_OK;
    query_start(&q, tx,
                "SELECT " COLUMNS " FROM folders WHERE mailbox=?1 AND x_guid=?2 "
                "ORDER BY retired LIMIT 1",
                "is", mailbox_id(call->mailbox), sighting->x_guid);
    hr = read_first(&q, sighting, row, ret_found);
    /* A MAILBOXID that differs outweighs an X-GUID that does not. */
    if (SUCCEEDED(hr) && *ret_found && row->has_mailbox_id && sighting->mailbox_id)
        *ret_found = false;
    return hr;
}

static HRESULT find_by_name(struct tx *tx, struct see_call *call,
                            const struct state_sighting *sighting, struct folder_row *row,
                            bool *ret_found)
{
    struct query q;

    query_start(&q, tx,
                "SELECT " COLUMNS " FROM folders WHERE mailbox=?1 AND name=?2 AND retired=0 "
                "ORDER BY number LIMIT 1",
                "is", mailbox_id(call->mailbox), sighting->name);
    return read_first(&q, sighting, row, ret_found);
}

static HRESULT find_by_number(struct tx *tx, struct see_call *call,
                              const struct state_sighting *sighting, uint64_t number,
                              struct folder_row *row)
{
    struct query q;
    bool found;
    HRESULT hr;

    query_start(&q, tx, "SELECT " COLUMNS " FROM folders WHERE mailbox=?1 AND number=?2", "ii",
                mailbox_id(call->mailbox), (int64_t)number);
    hr = read_first(&q, sighting, row, &found);
    return SUCCEEDED(hr) && !found ? MAPI_E_NOT_FOUND : hr;
}

/* --- Matching --------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void sort_claimed(struct see_call *call)
{
    call->claimed_count = 0;
    for (size_t i = 0; i < call->count; i++) {
        if (call->numbers[i])
            call->claimed[call->claimed_count++] = call->numbers[i];
    }
    qsort(call->claimed, call->claimed_count, sizeof(*call->claimed), compare_numbers);
}

static bool is_claimed(const struct see_call *call, uint64_t number)
{
    return bsearch(&number, call->claimed, call->claimed_count, sizeof(number), compare_numbers) !=
           NULL;
}

static HRESULT match_by_ids(struct tx *tx, struct see_call *call)
{
    for (size_t i = 0; i < call->count; i++) {
        struct folder_row row = {0};
        bool found;
        HRESULT hr = find_by_mailbox_id(tx, call, &call->sightings[i], &row, &found);

        if (SUCCEEDED(hr) && !found)
            hr = find_by_x_guid(tx, call, &call->sightings[i], &row, &found);
        if (FAILED(hr))
            return hr;
        if (found)
            call->numbers[i] = row.number;
    }
    sort_claimed(call);
    return S_OK;
}

/* A row of that name is the folder seen unless both have an id of one kind and the ids differ. */
static bool may_be_same(const struct folder_row *row, const struct state_sighting *sighting)
{
    if (row->has_mailbox_id && sighting->mailbox_id)
        return row->same_mailbox_id;
    if (row->has_x_guid && sighting->x_guid)
        return row->same_x_guid;
    return true;
}

/* A role's number for a new folder if none ever had it; else the next one. */
static HRESULT choose_number(struct tx *tx, int64_t mailbox, uint64_t prefer, uint64_t *ret_number)
{
    int64_t taken;

    if (prefer && prefer < STATE_FIRST_FOLDER) {
        HRESULT hr =
            query_one(tx, &taken, "SELECT COUNT(*) FROM folders WHERE mailbox=?1 AND number=?2",
                      "ii", mailbox, (int64_t)prefer);

        if (FAILED(hr))
            return hr;
        if (!taken) {
            *ret_number = prefer;
            return S_OK;
        }
    }
    return counter_take(tx, mailbox, COUNTER_SIDE, 1, ret_number);
}

static HRESULT make_folder(struct tx *tx, struct see_call *call,
                           const struct state_sighting *sighting, uint64_t *ret_number)
{
    uint64_t number;
    HRESULT hr;

    if (!call->write)
        return NEEDS_WRITE;
    hr = choose_number(tx, mailbox_id(call->mailbox), sighting->number_if_new, &number);
    if (SUCCEEDED(hr))
        hr = query_run(tx, NULL,
                       "INSERT INTO folders (mailbox, number, name, mailbox_id, x_guid, "
                       "uid_validity, generation, retired) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0)",
                       "iisss", mailbox_id(call->mailbox), (int64_t)number, sighting->name,
                       sighting->mailbox_id, sighting->x_guid);
    if (SUCCEEDED(hr))
        *ret_number = number;
    return hr;
}

static HRESULT match_by_names(struct tx *tx, struct see_call *call)
{
    for (size_t i = 0; i < call->count; i++) {
        struct folder_row row = {0};
        bool found = false;
        HRESULT hr = S_OK;

        if (call->numbers[i])
            continue;
        hr = find_by_name(tx, call, &call->sightings[i], &row, &found);
        if (FAILED(hr))
            return hr;
        if (found && !is_claimed(call, row.number) && may_be_same(&row, &call->sightings[i]))
            call->numbers[i] = row.number;
        else
            hr = make_folder(tx, call, &call->sightings[i], &call->numbers[i]);
        if (FAILED(hr))
            return hr;
    }
    sort_claimed(call);
    return S_OK;
}

/* --- Learning --------------------------------------------------------------------------------- */

static HRESULT learn_generation(struct tx *tx, struct see_call *call, uint64_t number,
                                uint32_t uid_validity)
{
    int64_t mailbox = mailbox_id(call->mailbox);
    uint16_t generation;
    HRESULT hr = generation_find_or_make(tx, mailbox, number, uid_validity, &generation);

    if (hr == MAPI_E_NOT_ENOUGH_RESOURCES) {
        hr = generations_begin_anew(tx, mailbox, &call->repl_guid);
        if (SUCCEEDED(hr))
            hr = generation_find_or_make(tx, mailbox, number, uid_validity, &generation);
        call->renumbered = SUCCEEDED(hr);
    }
    if (FAILED(hr))
        return hr;
    return query_run(tx, NULL,
                     "UPDATE folders SET uid_validity=?3, generation=?4 "
                     "WHERE mailbox=?1 AND number=?2",
                     "iiii", mailbox, (int64_t)number, (int64_t)uid_validity, (int64_t)generation);
}

static HRESULT learn(struct tx *tx, struct see_call *call, size_t i)
{
    const struct state_sighting *sighting = &call->sightings[i];
    struct folder_row row = {0};
    bool new_ids, new_validity;
    HRESULT hr = find_by_number(tx, call, sighting, call->numbers[i], &row);

    if (FAILED(hr))
        return hr;
    new_ids =
        (sighting->mailbox_id && !row.same_mailbox_id) || (sighting->x_guid && !row.same_x_guid);
    new_validity = sighting->uid_validity && sighting->uid_validity != row.uid_validity;
    if (!call->write)
        return new_ids || new_validity || row.retired || !row.same_name ? NEEDS_WRITE : S_OK;

    if (new_ids || row.retired || !row.same_name)
        hr = query_run(tx, NULL,
                       "UPDATE folders SET name=?3, mailbox_id=COALESCE(?4, mailbox_id), "
                       "x_guid=COALESCE(?5, x_guid), retired=0 WHERE mailbox=?1 AND number=?2",
                       "iisss", mailbox_id(call->mailbox), (int64_t)call->numbers[i],
                       sighting->name, sighting->mailbox_id, sighting->x_guid);
    if (SUCCEEDED(hr) && new_validity)
        hr = learn_generation(tx, call, call->numbers[i], sighting->uid_validity);
    return hr;
}

static HRESULT retire_number(struct tx *tx, int64_t mailbox, uint64_t number, int64_t *ret_changed)
{
    return query_run(tx, ret_changed, "UPDATE folders SET retired=1 WHERE mailbox=?1 AND number=?2",
                     "ii", mailbox, (int64_t)number);
}

/* Of a whole LIST: what nobody saw. Of one sighting: another folder that still has this name; it is
 * not there any more, and if it was renamed its id will bring it back. */
static HRESULT retire_unseen(struct tx *tx, struct see_call *call)
{
    size_t count = 0, capacity = 0;
    uint64_t *gone = NULL, *grown;
    struct query q;
    HRESULT hr;

    if (call->whole)
        query_start(&q, tx, "SELECT number FROM folders WHERE mailbox=?1 AND retired=0", "i",
                    mailbox_id(call->mailbox));
    else
        query_start(&q, tx, "SELECT number FROM folders WHERE mailbox=?1 AND name=?2 AND retired=0",
                    "is", mailbox_id(call->mailbox), call->sightings[0].name);
    while (query_row(&q)) {
        if (is_claimed(call, (uint64_t)query_int(&q, 0)))
            continue;
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 16;
            grown = realloc(gone, capacity * sizeof(*gone));
            if (!grown) {
                query_end(&q);
                free(gone);
                return MAPI_E_NOT_ENOUGH_MEMORY;
            }
            gone = grown;
        }
        gone[count++] = (uint64_t)query_int(&q, 0);
    }
    hr = query_end(&q);
    if (SUCCEEDED(hr) && count && !call->write)
        hr = NEEDS_WRITE;
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = retire_number(tx, mailbox_id(call->mailbox), gone[i], NULL);
    free(gone);
    return hr;
}

/* --- Results ---------------------------------------------------------------------------------- */

static void add_result(struct query *q, struct block *block)
{
    struct state_folder *folder = block_add_row(block);

    if (!folder)
        return;
    folder->number = (uint64_t)query_int(q, 0);
    folder->uid_validity = (uint32_t)query_int(q, 4);
    folder->generation = (uint16_t)query_int(q, 5);
    folder->retired = query_int(q, 6) != 0;
    block_row_string(block, offsetof(struct state_folder, name), query_text(q, 1));
    block_row_string(block, offsetof(struct state_folder, mailbox_id), query_text(q, 2));
    block_row_string(block, offsetof(struct state_folder, x_guid), query_text(q, 3));
}

static HRESULT add_result_of(struct tx *tx, int64_t mailbox, uint64_t number, struct block *block)
{
    struct query q;
    bool found;
    HRESULT hr;

    query_start(&q, tx, "SELECT " COLUMNS " FROM folders WHERE mailbox=?1 AND number=?2", "ii",
                mailbox, (int64_t)number);
    found = query_row(&q);
    if (found)
        add_result(&q, block);
    hr = query_end(&q);
    return SUCCEEDED(hr) && !found ? MAPI_E_NOT_FOUND : hr;
}

static HRESULT see_job(struct tx *tx, void *arg)
{
    struct see_call *call = arg;
    HRESULT hr;

    memset(call->numbers, 0, call->count * sizeof(*call->numbers));
    hr = match_by_ids(tx, call);
    if (SUCCEEDED(hr))
        hr = match_by_names(tx, call);
    for (size_t i = 0; SUCCEEDED(hr) && i < call->count; i++)
        hr = learn(tx, call, i);
    if (SUCCEEDED(hr))
        hr = retire_unseen(tx, call);
    for (size_t i = 0; SUCCEEDED(hr) && i < call->count; i++)
        hr = add_result_of(tx, mailbox_id(call->mailbox), call->numbers[i], call->result);
    return hr;
}

static HRESULT check_sightings(const struct state_sighting *sightings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct state_sighting *s = &sightings[i];

        if (!s->name || !*s->name || strlen(s->name) > FOLDER_NAME_MAX ||
            (s->mailbox_id && strlen(s->mailbox_id) > FOLDER_ID_MAX) ||
            (s->x_guid && strlen(s->x_guid) > FOLDER_ID_MAX))
            return MAPI_E_INVALID_PARAMETER;
    }
    return S_OK;
}

static HRESULT see(struct see_call *call, struct error_info *error,
                   struct state_folder **ret_folders)
{
    struct block block;
    HRESULT hr = check_sightings(call->sightings, call->count);
    void *rows;

    if (FAILED(hr))
        return error_set(error, hr, "state", "a folder's name or id is empty or too long");
    block_init(&block, sizeof(struct state_folder));
    call->result = &block;
    call->numbers = calloc(call->count + 1, sizeof(*call->numbers));
    call->claimed = calloc(call->count + 1, sizeof(*call->claimed));
    if (!call->numbers || !call->claimed) {
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
        goto out;
    }

    hr = db_read(mailbox_db(call->mailbox), see_job, call, error);
    if (hr == NEEDS_WRITE) {
        error_clear(error);
        call->write = true;
        block_clear(&block);
        hr = db_write(mailbox_db(call->mailbox), see_job, call, error);
    }
    if (SUCCEEDED(hr) && call->renumbered)
        mailbox_set_repl_guid(call->mailbox, &call->repl_guid);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, NULL);
    if (SUCCEEDED(hr)) {
        *ret_folders = rows;
        if (call->renumbered)
            hr = MAPI_W_ERRORS_RETURNED;
    }
out:
    block_clear(&block);
    free(call->numbers);
    free(call->claimed);
    return hr;
}

HRESULT state_folder_see(struct state_mailbox *mailbox, const struct state_sighting *sighting,
                         struct error_info *error, struct state_folder **ret_folder)
{
    struct see_call call = {.mailbox = mailbox, .sightings = sighting, .count = 1};

    return see(&call, error, ret_folder);
}

HRESULT state_folders_see_all(struct state_mailbox *mailbox, const struct state_sighting *sightings,
                              size_t count, struct error_info *error,
                              struct state_folder **ret_folders)
{
    struct see_call call = {
        .mailbox = mailbox, .sightings = sightings, .count = count, .whole = true};

    return see(&call, error, ret_folders);
}

/* --- The rest --------------------------------------------------------------------------------- */

struct folder_call {
    int64_t mailbox;
    uint64_t number; /* or the generation */
    const char *name;
    struct block *result;
};

static HRESULT rename_job(struct tx *tx, void *arg)
{
    struct folder_call *call = arg;
    int64_t changed = 0;
    HRESULT hr =
        query_run(tx, &changed, "UPDATE folders SET name=?3 WHERE mailbox=?1 AND number=?2", "iis",
                  call->mailbox, (int64_t)call->number, call->name);

    return SUCCEEDED(hr) && !changed ? MAPI_E_NOT_FOUND : hr;
}

HRESULT state_folder_renamed(struct state_mailbox *mailbox, uint64_t number, const char *name,
                             struct error_info *error)
{
    struct folder_call call = {.mailbox = mailbox_id(mailbox), .number = number, .name = name};

    if (!*name || strlen(name) > FOLDER_NAME_MAX)
        return MAPI_E_INVALID_PARAMETER;
    return db_write(mailbox_db(mailbox), rename_job, &call, error);
}

static HRESULT retire_job(struct tx *tx, void *arg)
{
    struct folder_call *call = arg;
    int64_t changed = 0;
    HRESULT hr = retire_number(tx, call->mailbox, call->number, &changed);

    return SUCCEEDED(hr) && !changed ? MAPI_E_NOT_FOUND : hr;
}

HRESULT state_folder_retire(struct state_mailbox *mailbox, uint64_t number,
                            struct error_info *error)
{
    struct folder_call call = {.mailbox = mailbox_id(mailbox), .number = number};

    return db_write(mailbox_db(mailbox), retire_job, &call, error);
}

static HRESULT by_number_job(struct tx *tx, void *arg)
{
    struct folder_call *call = arg;

    return add_result_of(tx, call->mailbox, call->number, call->result);
}

static HRESULT by_generation_job(struct tx *tx, void *arg)
{
    struct folder_call *call = arg;
    int64_t folder;
    HRESULT hr =
        query_one(tx, &folder, "SELECT folder FROM generations WHERE mailbox=?1 AND generation=?2",
                  "ii", call->mailbox, (int64_t)call->number);

    return SUCCEEDED(hr) ? add_result_of(tx, call->mailbox, (uint64_t)folder, call->result) : hr;
}

static HRESULT list_job(struct tx *tx, void *arg)
{
    struct folder_call *call = arg;
    struct query q;

    query_start(&q, tx,
                "SELECT " COLUMNS " FROM folders WHERE mailbox=?1 AND retired=0 ORDER BY name", "i",
                call->mailbox);
    while (query_row(&q))
        add_result(&q, call->result);
    return query_end(&q);
}

static HRESULT read_folders(struct state_mailbox *mailbox, uint64_t number, db_fn *job,
                            struct error_info *error, struct state_folder **ret_folders,
                            size_t *ret_count)
{
    struct block block;
    struct folder_call call = {.mailbox = mailbox_id(mailbox), .number = number, .result = &block};
    HRESULT hr;
    void *rows;

    block_init(&block, sizeof(struct state_folder));
    hr = db_read(mailbox_db(mailbox), job, &call, error);
    if (SUCCEEDED(hr))
        hr = block_finish(&block, &rows, ret_count);
    if (SUCCEEDED(hr))
        *ret_folders = rows;
    block_clear(&block);
    return hr;
}

HRESULT state_folder_by_number(struct state_mailbox *mailbox, uint64_t number,
                               struct error_info *error, struct state_folder **ret_folder)
{
    return read_folders(mailbox, number, by_number_job, error, ret_folder, NULL);
}

HRESULT state_folder_by_generation(struct state_mailbox *mailbox, uint16_t generation,
                                   struct error_info *error, struct state_folder **ret_folder)
{
    return read_folders(mailbox, generation, by_generation_job, error, ret_folder, NULL);
}

HRESULT state_folders_list(struct state_mailbox *mailbox, struct error_info *error,
                           struct state_folder **ret_folders, size_t *ret_count)
{
    return read_folders(mailbox, 0, list_job, error, ret_folders, ret_count);
}
