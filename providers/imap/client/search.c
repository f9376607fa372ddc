/* providers/imap/client/search.c - UID SEARCH, UID SORT, and arrays of UIDs */
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/client_private.h"
#include "providers/imap/client/message.h"
#include "providers/imap/client/uids.h"

/* --- Arrays ----------------------------------------------------------------------------------- */

/* Space is always the next power of two, so it need not be kept. */
static HRESULT uids_reserve(struct imap_uids *uids, size_t more)
{
    size_t count = uids->count + more, space = 16;
    uint32_t *numbers;

    if (count > UIDS_MAX)
        return MAPI_E_TOO_BIG;
    if (uids->uids && uids->count > 0 && (uids->count & (uids->count - 1)) != 0 && more == 1)
        return S_OK;
    while (space < count)
        space *= 2;
    numbers = reallocarray(uids->uids, space, sizeof(*numbers));
    if (!numbers)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    uids->uids = numbers;
    return S_OK;
}

HRESULT uids_add(struct imap_uids *uids, uint32_t uid)
{
    HRESULT hr = uids_reserve(uids, 1);

    if (SUCCEEDED(hr))
        uids->uids[uids->count++] = uid;
    return hr;
}

HRESULT uids_add_ranges(struct imap_uids *uids, const struct wire_ranges *ranges)
{
    uint64_t total = wire_ranges_size(ranges);
    HRESULT hr;

    if (total > UIDS_MAX)
        return MAPI_E_TOO_BIG;
    if (total == 0)
        return S_OK;
    hr = uids_reserve(uids, (size_t)total + 1);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < ranges->count; i++) {
        for (uint64_t uid = ranges->ranges[i].first; uid <= ranges->ranges[i].last; uid++)
            uids->uids[uids->count++] = (uint32_t)uid;
    }
    return S_OK;
}

static int compare_uids(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

void uids_sort(struct imap_uids *uids)
{
    if (uids->count > 1)
        qsort(uids->uids, uids->count, sizeof(*uids->uids), compare_uids);
}

/* --- Queries ---------------------------------------------------------------------------------- */

struct imap_query_item {
    bool string; /* an argument: quoted, or a literal */
    char *text;
};

void imap_query_init(struct imap_query *query)
{
    *query = (struct imap_query){.hr = S_OK};
}

void imap_query_clear(struct imap_query *query)
{
    for (size_t i = 0; i < query->count; i++)
        free(query->items[i].text);
    free(query->items);
    imap_query_init(query);
}

static void query_push(struct imap_query *query, const char *text, bool string)
{
    struct imap_query_item *items;
    char *copy;

    if (FAILED(query->hr))
        return;
    if (query->count == query->space) {
        items = reallocarray(query->items, query->space * 2 + 8, sizeof(*items));
        if (!items) {
            query->hr = MAPI_E_NOT_ENOUGH_MEMORY;
            return;
        }
        query->items = items;
        query->space = query->space * 2 + 8;
    }
    copy = strdup(text);
    if (!copy) {
        query->hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return;
    }
    query->items[query->count++] = (struct imap_query_item){string, copy};
}

void imap_query_add(struct imap_query *query, const char *keys)
{
    if (strpbrk(keys, "\r\n")) {
        query->hr = MAPI_E_INVALID_PARAMETER;
        return;
    }
    query_push(query, keys, false);
}

void imap_query_add_string(struct imap_query *query, const char *utf8)
{
    query_push(query, utf8, true);
}

static bool is_ascii(const char *text)
{
    for (; *text; text++) {
        if (*text & 0x80)
            return false;
    }
    return true;
}

static bool query_is_ascii(const struct imap_query *query)
{
    for (size_t i = 0; i < query->count; i++) {
        if (query->items[i].string && !is_ascii(query->items[i].text))
            return false;
    }
    return true;
}

static void query_write(const struct imap_query *query, struct command_text *text, bool plus)
{
    if (FAILED(query->hr)) {
        text->hr = query->hr;
        return;
    }
    if (query->count == 0)
        command_text_add(text, " ALL");
    for (size_t i = 0; i < query->count; i++) {
        const struct imap_query_item *item = &query->items[i];

        command_text_add(text, " ");
        if (item->string)
            command_text_string(text, item->text, strlen(item->text), plus);
        else
            command_text_add(text, "%s", item->text);
    }
}

/* --- SEARCH and SORT ------------------------------------------------------------------------- */

struct found {
    struct imap_uids uids;
    enum wire_kind kind;
    HRESULT hr;
};

static void observe_found(void *arg, const struct wire_response *response)
{
    struct found *found = arg;
    const struct wire_ranges *ranges = NULL;

    if (response->kind == found->kind)
        ranges = &response->search.numbers;
    else if (response->kind == WIRE_ESEARCH && response->esearch.uid && response->esearch.has_all)
        ranges = &response->esearch.all;
    if (ranges && SUCCEEDED(found->hr))
        found->hr = uids_add_ranges(&found->uids, ranges);
}

static WAITS HRESULT find_uids(struct imap_lease *lease, struct command_text *text,
                               const char *what, enum wire_kind kind, struct error_info *error,
                               struct imap_uids *ret_uids)
{
    struct found found = {.kind = kind};
    struct imap_session_command command = {
        .text = text, .what = what, .observe = observe_found, .arg = &found, .repeatable = true};
    HRESULT hr = lease_command(lease, &command, error);

    if (SUCCEEDED(hr) && FAILED(found.hr))
        hr =
            error_set(error, found.hr, lease->client->server, "the answer to %s is too long", what);
    if (FAILED(hr)) {
        free(found.uids.uids);
        return hr;
    }
    if (kind == WIRE_SEARCH)
        uids_sort(&found.uids);
    *ret_uids = found.uids;
    return S_OK;
}

HRESULT imap_search(struct imap_lease *lease, const struct imap_query *query,
                    struct error_info *error, struct imap_uids *ret_uids)
{
    uint32_t capabilities = imap_lease_capabilities(lease);
    struct command_text text;
    HRESULT hr;

    command_text_init(&text);
    /* ESEARCH tells long results as ranges: a tenth of the bytes, and no limit of one line. */
    command_text_add(&text, "UID SEARCH%s%s",
                     capabilities & IMAP_CAP_ESEARCH ? " RETURN (ALL)" : "",
                     query_is_ascii(query) ? "" : " CHARSET UTF-8");
    query_write(query, &text, capabilities & IMAP_CAP_LITERAL_PLUS);
    hr = find_uids(lease, &text, "SEARCH", WIRE_SEARCH, error, ret_uids);
    command_text_clear(&text);
    return hr;
}

HRESULT imap_sort(struct imap_lease *lease, const char *keys, const struct imap_query *query,
                  struct error_info *error, struct imap_uids *ret_uids)
{
    uint32_t capabilities = imap_lease_capabilities(lease);
    struct command_text text;
    HRESULT hr;

    if (!(capabilities & IMAP_CAP_SORT))
        return error_set(error, MAPI_E_NO_SUPPORT, lease->client->server, "the server has no SORT");
    command_text_init(&text);
    command_text_add(&text, "UID SORT (%s) UTF-8", keys);
    query_write(query, &text, capabilities & IMAP_CAP_LITERAL_PLUS);
    hr = find_uids(lease, &text, "SORT", WIRE_SORT, error, ret_uids);
    command_text_clear(&text);
    return hr;
}
