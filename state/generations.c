/* state/generations.c - the 16 bits that a (folder, UIDVALIDITY) gets */
#include "state/generations.h"

#include <stdlib.h>

#include "mapi/mapicode.h"
#include "state/room.h"

HRESULT generation_find_or_make(struct tx *tx, int64_t mailbox, uint64_t folder,
                                uint32_t uid_validity, uint16_t *ret_generation)
{
    uint64_t made;
    int64_t found;
    HRESULT hr = query_one(tx, &found,
                           "SELECT generation FROM generations WHERE mailbox=?1 AND folder=?2 AND "
                           "uid_validity=?3",
                           "iii", mailbox, (int64_t)folder, (int64_t)uid_validity);

    if (SUCCEEDED(hr)) {
        *ret_generation = (uint16_t)found;
        return S_OK;
    }
    if (hr != MAPI_E_NOT_FOUND)
        return hr;

    hr = counter_take(tx, mailbox, COUNTER_GENERATION, 1, &made);
    if (SUCCEEDED(hr))
        hr = query_run(tx, NULL,
                       "INSERT INTO generations (mailbox, generation, folder, uid_validity) "
                       "VALUES (?1, ?2, ?3, ?4)",
                       "iiii", mailbox, (int64_t)made, (int64_t)folder, (int64_t)uid_validity);
    if (SUCCEEDED(hr))
        *ret_generation = (uint16_t)made;
    return hr;
}

/* Numbers that hang on a message: each table's column, with ?2 the generation to leave and ?3
 * what is added. Only arithmetic numbers change; a client's are for ever. */
static const char *const move_numbers[] = {
    "UPDATE aliases SET number=number+?3 WHERE mailbox=?1 AND (number>>32)=?2",
    "UPDATE props SET number=number+?3 WHERE mailbox=?1 AND (number>>32)=?2",
    "UPDATE match_keys SET number=number+?3 WHERE mailbox=?1 AND (number>>32)=?2",
    "UPDATE rewrites SET number=number+?3 WHERE mailbox=?1 AND (number>>32)=?2",
    "UPDATE queue SET number=number+?3 WHERE mailbox=?1 AND (number>>32)=?2",
};

static const char *const move_generations[] = {
    "UPDATE aliases SET generation=?3 WHERE mailbox=?1 AND generation=?2",
    "UPDATE rewrites SET old_generation=?3 WHERE mailbox=?1 AND old_generation=?2",
    "UPDATE rewrites SET new_generation=?3 WHERE mailbox=?1 AND new_generation=?2",
    "UPDATE generations SET generation=?3 WHERE mailbox=?1 AND generation=?2",
    "UPDATE folders SET generation=?3 WHERE mailbox=?1 AND generation=?2",
};

/* What belongs to generations that are no folder's present one. */
#define PRESENT "(SELECT generation FROM folders WHERE mailbox=?1 AND retired=0)"
#define IS_PAST(column)                                                                            \
    "((" column ">>32) BETWEEN 1 AND 49151 AND (" column ">>32) NOT IN " PRESENT ")"
static const char *const drop_past[] = {
    ("DELETE FROM aliases WHERE mailbox=?1 AND (generation NOT IN " PRESENT
     " OR " IS_PAST("number") ")"),
    "DELETE FROM props WHERE mailbox=?1 AND " IS_PAST("number"),
    "DELETE FROM match_keys WHERE mailbox=?1 AND " IS_PAST("number"),
    "DELETE FROM rewrites WHERE mailbox=?1 AND " IS_PAST("number"),
    "UPDATE folders SET generation=0, uid_validity=0 WHERE mailbox=?1 AND retired<>0",
    "DELETE FROM generations WHERE mailbox=?1 AND generation NOT IN " PRESENT,
};

static HRESULT move_generation(struct tx *tx, int64_t mailbox, int64_t from, int64_t to)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < sizeof(move_numbers) / sizeof(*move_numbers); i++)
        hr = query_run(tx, NULL, move_numbers[i], "iii", mailbox, from,
                       (to - from) * (INT64_C(1) << 32));
    for (size_t i = 0; SUCCEEDED(hr) && i < sizeof(move_generations) / sizeof(*move_generations);
         i++)
        hr = query_run(tx, NULL, move_generations[i], "iii", mailbox, from, to);
    return hr;
}

/* The lowest present generation above `after`; MAPI_E_NOT_FOUND: none. */
static HRESULT next_generation(struct tx *tx, int64_t mailbox, int64_t after, int64_t *ret_next)
{
    return query_one(tx, ret_next,
                     "SELECT generation FROM generations WHERE mailbox=?1 AND generation>?2 "
                     "ORDER BY generation LIMIT 1",
                     "ii", mailbox, after);
}

HRESULT generations_begin_anew(struct tx *tx, int64_t mailbox, MAPIUID *ret_repl_guid)
{
    MAPIUID guid = random_uid();
    int64_t from = 0, to = 0;
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < sizeof(drop_past) / sizeof(*drop_past); i++)
        hr = query_run(tx, NULL, drop_past[i], "i", mailbox);
    /* From the lowest up each moves to a place that is free already: nothing collides. */
    while (SUCCEEDED(hr) && SUCCEEDED(hr = next_generation(tx, mailbox, from, &from))) {
        if (++to != from)
            hr = move_generation(tx, mailbox, from, to);
    }
    if (hr == MAPI_E_NOT_FOUND)
        hr =
            query_run(tx, NULL, "UPDATE mailboxes SET repl_guid=?2, next_generation=?3 WHERE id=?1",
                      "ibi", mailbox, &guid, sizeof(guid), to + 1);
    if (SUCCEEDED(hr))
        *ret_repl_guid = guid;
    return hr;
}
