/* providers/imap/client/copy.c - UID COPY, UID MOVE, UID EXPUNGE
 *
 * RFC 4315 (UIDPLUS), RFC 6851 (MOVE). What was moved is what COPYUID says: two clients that move
 * the same message at the same time can both be answered OK (docs/mail.md). */
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/client_private.h"
#include "providers/imap/client/message.h"
#include "providers/imap/client/uids.h"

void imap_copied_clear(struct imap_copied *copied)
{
    free(copied->pairs);
    *copied = (struct imap_copied){0};
}

/* --- COPYUID --------------------------------------------------------------------------------- */

struct copying {
    struct imap_copied copied;
    uint64_t asked; /* UIDs of the command: the server can have copied no more */
    HRESULT hr;
};

static void add_pairs(struct copying *copying, const struct wire_ranges *from,
                      const struct wire_ranges *to)
{
    struct imap_copied *copied = &copying->copied;
    uint64_t size = wire_ranges_size(from);
    struct imap_uid_pair *pairs;
    size_t i = 0, k = 0;
    uint32_t from_done = 0, to_done = 0;

    if (size == 0 || size > copying->asked || size != wire_ranges_size(to))
        return; /* nonsense tells us nothing */
    pairs = reallocarray(copied->pairs, copied->count + (size_t)size, sizeof(*pairs));
    if (!pairs) {
        copying->hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return;
    }
    copied->pairs = pairs;
    for (; size > 0; size--) {
        pairs[copied->count++] = (struct imap_uid_pair){from->ranges[i].first + from_done,
                                                        to->ranges[k].first + to_done};
        if (from->ranges[i].first + from_done++ == from->ranges[i].last) {
            i++;
            from_done = 0;
        }
        if (to->ranges[k].first + to_done++ == to->ranges[k].last) {
            k++;
            to_done = 0;
        }
    }
}

/* COPY answers with a tagged COPYUID, MOVE with an untagged one (RFC 6851, 4.3). */
static void observe_copied(void *arg, const struct wire_response *response)
{
    struct copying *copying = arg;
    const struct wire_status *status = &response->status;

    if ((response->kind != WIRE_TAGGED && response->kind != WIRE_STATUS) ||
        status->condition != WIRE_OK || status->code != WIRE_CODE_COPYUID)
        return;
    copying->copied.uidvalidity = status->uidvalidity;
    if (SUCCEEDED(copying->hr))
        add_pairs(copying, &status->from, &status->to);
}

static WAITS HRESULT copy_set(struct imap_lease *lease, const struct uidset *set, const char *verb,
                              const char *target, struct error_info *error,
                              struct imap_copied *ret_copied)
{
    bool plus = imap_lease_capabilities(lease) & IMAP_CAP_LITERAL_PLUS;
    struct copying copying = {.asked = uidset_size(set)};
    char part[UIDS_TEXT_MAX];
    size_t range = 0;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && uidset_format(set, &range, part, sizeof(part)) > 0) {
        struct command_text text;
        struct imap_session_command command = {
            .text = &text, .what = verb, .observe = observe_copied, .arg = &copying};

        command_text_init(&text);
        command_text_add(&text, "UID %s %s ", verb, part);
        command_text_mailbox(&text, target, plus);
        hr = lease_command(lease, &command, error);
        command_text_clear(&text);
    }
    if (SUCCEEDED(hr) && FAILED(copying.hr))
        hr = error_set(error, copying.hr, lease->client->server, "out of memory");
    if (SUCCEEDED(hr) && ret_copied)
        *ret_copied = copying.copied;
    else
        imap_copied_clear(&copying.copied);
    return hr;
}

HRESULT imap_copy(struct imap_lease *lease, const uint32_t *uids, size_t count, const char *target,
                  struct error_info *error, struct imap_copied *ret_copied)
{
    struct uidset set = UIDSET_INIT;
    HRESULT hr = uidset_add_array(&set, uids, count);

    if (FAILED(hr))
        return error_set(error, hr, lease->client->server, "not a list of UIDs");
    hr = copy_set(lease, &set, "COPY", target, error, ret_copied);
    lease->client->news++;
    uidset_clear(&set);
    return hr;
}

/* --- EXPUNGE --------------------------------------------------------------------------------- */

static WAITS HRESULT expunge_set(struct imap_lease *lease, const struct uidset *set,
                                 struct error_info *error)
{
    char part[UIDS_TEXT_MAX];
    size_t range = 0;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && uidset_format(set, &range, part, sizeof(part)) > 0) {
        struct command_text text;
        struct imap_session_command command = {
            .text = &text, .what = "EXPUNGE", .repeatable = true};

        command_text_init(&text);
        command_text_add(&text, "UID EXPUNGE %s", part);
        hr = lease_command(lease, &command, error);
        command_text_clear(&text);
    }
    return hr;
}

/* Others' \Deleted marks, in the way of a plain EXPUNGE. */
static WAITS HRESULT find_other_deleted(struct imap_lease *lease, const struct uidset *ours,
                                        struct error_info *error, struct uidset *others)
{
    struct imap_query query;
    struct imap_uids uids = {0};
    HRESULT hr;

    imap_query_init(&query);
    imap_query_add(&query, "DELETED");
    hr = imap_search(lease, &query, error, &uids);
    imap_query_clear(&query);
    for (size_t i = 0; SUCCEEDED(hr) && i < uids.count; i++) {
        if (!uidset_contains(ours, uids.uids[i]))
            hr = uidset_add(others, uids.uids[i]);
    }
    free(uids.uids);
    return hr;
}

static WAITS HRESULT expunge_without_uidplus(struct imap_lease *lease, const struct uidset *set,
                                             struct error_info *error)
{
    struct uidset others = UIDSET_INIT;
    struct command_text text;
    struct imap_session_command command = {.text = &text, .what = "EXPUNGE"};
    HRESULT hr = find_other_deleted(lease, set, error, &others);

    if (SUCCEEDED(hr) && others.count > 0)
        hr = flags_store_set(lease, &others, "-FLAGS", IMAP_FLAG_DELETED, NULL, 0, error, NULL);
    if (SUCCEEDED(hr)) {
        HRESULT back = S_OK;

        command_text_init(&text);
        command_text_add(&text, "EXPUNGE");
        hr = lease_command(lease, &command, error);
        command_text_clear(&text);
        if (others.count > 0)
            back = flags_store_set(lease, &others, "+FLAGS", IMAP_FLAG_DELETED, NULL, 0,
                                   SUCCEEDED(hr) ? error : NULL, NULL);
        hr = FAILED(hr) ? hr : back;
    }
    uidset_clear(&others);
    return hr;
}

static WAITS HRESULT delete_set(struct imap_lease *lease, const struct uidset *set,
                                struct error_info *error)
{
    HRESULT hr = flags_store_set(lease, set, "+FLAGS", IMAP_FLAG_DELETED, NULL, 0, error, NULL);

    if (FAILED(hr))
        return hr;
    if (imap_lease_capabilities(lease) & IMAP_CAP_UIDPLUS)
        return expunge_set(lease, set, error);
    return expunge_without_uidplus(lease, set, error);
}

HRESULT imap_expunge(struct imap_lease *lease, const uint32_t *uids, size_t count,
                     struct error_info *error)
{
    struct uidset set = UIDSET_INIT;
    HRESULT hr = uidset_add_array(&set, uids, count);

    if (FAILED(hr))
        return error_set(error, hr, lease->client->server, "not a list of UIDs");
    hr = delete_set(lease, &set, error);
    uidset_clear(&set);
    return hr;
}

/* --- MOVE ------------------------------------------------------------------------------------- */

/* Only what COPYUID names has a copy, and only that is removed here. */
static WAITS HRESULT move_by_copy(struct imap_lease *lease, const struct uidset *set,
                                  const char *target, struct error_info *error,
                                  struct imap_copied *ret_copied)
{
    struct uidset copied_set = UIDSET_INIT;
    struct imap_copied copied = {0};
    HRESULT hr;

    if (!(imap_lease_capabilities(lease) & IMAP_CAP_UIDPLUS))
        return error_set(error, MAPI_E_NO_SUPPORT, lease->client->server,
                         "the server has neither MOVE nor UIDPLUS");
    hr = copy_set(lease, set, "COPY", target, error, &copied);
    for (size_t i = 0; SUCCEEDED(hr) && i < copied.count; i++) {
        if (uidset_contains(set, copied.pairs[i].from))
            hr = uidset_add(&copied_set, copied.pairs[i].from);
    }
    if (SUCCEEDED(hr) && copied_set.count > 0)
        hr = delete_set(lease, &copied_set, error);
    uidset_clear(&copied_set);
    if (SUCCEEDED(hr) && ret_copied)
        *ret_copied = copied;
    else
        imap_copied_clear(&copied);
    return hr;
}

HRESULT imap_move(struct imap_lease *lease, const uint32_t *uids, size_t count, const char *target,
                  struct error_info *error, struct imap_copied *ret_copied)
{
    struct uidset set = UIDSET_INIT;
    HRESULT hr = uidset_add_array(&set, uids, count);

    if (FAILED(hr))
        return error_set(error, hr, lease->client->server, "not a list of UIDs");
    if (imap_lease_capabilities(lease) & IMAP_CAP_MOVE)
        hr = copy_set(lease, &set, "MOVE", target, error, ret_copied);
    else
        hr = move_by_copy(lease, &set, target, error, ret_copied);
    lease->client->news++;
    uidset_clear(&set);
    return hr;
}
