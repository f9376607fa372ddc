/* providers/imap/client/flags.c - flags between the wire and our bits; UID STORE */
#include "providers/imap/client/flags.h"

#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/client_private.h"
#include "providers/imap/client/uids.h"

static const struct {
    uint32_t bit;
    const char *name;
} flag_names[] = {
    {IMAP_FLAG_SEEN, "\\Seen"},       {IMAP_FLAG_ANSWERED, "\\Answered"},
    {IMAP_FLAG_FLAGGED, "\\Flagged"}, {IMAP_FLAG_DELETED, "\\Deleted"},
    {IMAP_FLAG_DRAFT, "\\Draft"},     {IMAP_FLAG_FORWARDED, "$Forwarded"},
    {IMAP_FLAG_MDNSENT, "$MDNSent"},  {IMAP_FLAG_JUNK, "$Junk"},
    {IMAP_FLAG_NOTJUNK, "$NotJunk"},  {IMAP_FLAG_SUBMITTED, "$MAPISubmitted"},
};
#define FLAG_COUNT (sizeof(flag_names) / sizeof(flag_names[0]))

#define WIRE_SYSTEM_FLAGS                                                                          \
    (WIRE_FLAG_SEEN | WIRE_FLAG_ANSWERED | WIRE_FLAG_FLAGGED | WIRE_FLAG_DELETED |                 \
     WIRE_FLAG_DRAFT | WIRE_FLAG_RECENT)

_Static_assert((unsigned)IMAP_FLAG_SEEN == (unsigned)WIRE_FLAG_SEEN &&
                   (unsigned)IMAP_FLAG_DRAFT == (unsigned)WIRE_FLAG_DRAFT &&
                   (unsigned)IMAP_FLAG_RECENT == (unsigned)WIRE_FLAG_RECENT,
               "the wire's bits are ours");

static uint32_t keyword_bit(struct wire_text keyword)
{
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        if (flag_names[i].name[0] == '$' && wire_text_is(keyword, flag_names[i].name))
            return flag_names[i].bit;
    }
    return 0;
}

uint32_t flags_from_wire(const struct wire_flags *flags, char keywords[FLAGS_KEYWORDS_MAX],
                         uint32_t *ret_size)
{
    uint32_t bits = flags->bits & WIRE_SYSTEM_FLAGS;
    uint32_t size = 0;

    for (size_t i = 0; i < flags->keywords.count; i++) {
        struct wire_text keyword = flags->keywords.items[i];
        uint32_t bit = keyword_bit(keyword);

        bits |= bit;
        if (bit || keyword.size == 0 || size + keyword.size + 1 > FLAGS_KEYWORDS_MAX)
            continue;
        if (size > 0)
            keywords[size++] = ' ';
        memcpy(keywords + size, keyword.data, keyword.size);
        size += keyword.size;
    }
    *ret_size = size;
    return bits;
}

static bool is_atom(const char *word)
{
    if (*word == '\0')
        return false;
    for (; *word; word++) {
        if ((unsigned char)*word <= ' ' || (unsigned char)*word >= 127 ||
            strchr("(){%*\"\\]", *word))
            return false;
    }
    return true;
}

void flags_add(struct command_text *command, uint32_t flags, const char *const *keywords)
{
    const char *space = "";

    command_text_add(command, "(");
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        if (!(flags & flag_names[i].bit))
            continue;
        command_text_add(command, "%s%s", space, flag_names[i].name);
        space = " ";
    }
    for (; keywords && *keywords; keywords++) {
        if (!is_atom(*keywords)) {
            command->hr = MAPI_E_INVALID_PARAMETER;
            return;
        }
        command_text_add(command, "%s%s", space, *keywords);
        space = " ";
    }
    command_text_add(command, ")");
}

/* --- UID STORE ------------------------------------------------------------------------------- */

struct modified {
    struct imap_uids uids;
    HRESULT hr;
};

/* [MODIFIED set] of the completion: what UNCHANGEDSINCE protected. */
static void observe_modified(void *arg, const struct wire_response *response)
{
    struct modified *modified = arg;

    if (response->kind != WIRE_TAGGED || response->status.code != WIRE_CODE_MODIFIED)
        return;
    if (SUCCEEDED(modified->hr))
        modified->hr = uids_add_ranges(&modified->uids, &response->status.from);
}

HRESULT flags_store_set(struct imap_lease *lease, const struct uidset *set, const char *how,
                        uint32_t flags, const char *const *keywords, uint64_t unchanged_since,
                        struct error_info *error, struct imap_uids *modified_uids)
{
    struct modified modified = {0};
    char part[UIDS_TEXT_MAX];
    size_t range = 0;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && uidset_format(set, &range, part, sizeof(part)) > 0) {
        struct command_text text;
        struct imap_session_command command = {.text = &text,
                                               .what = "STORE",
                                               .observe = observe_modified,
                                               .arg = &modified,
                                               .repeatable = unchanged_since == 0};

        command_text_init(&text);
        command_text_add(&text, "UID STORE %s ", part);
        if (unchanged_since)
            command_text_add(&text, "(UNCHANGEDSINCE %llu) ", (unsigned long long)unchanged_since);
        command_text_add(&text, "%s.SILENT ", how);
        flags_add(&text, flags, keywords);
        hr = lease_command(lease, &command, error);
        command_text_clear(&text);
    }
    if (SUCCEEDED(hr) && FAILED(modified.hr))
        hr = error_set(error, modified.hr, lease->client->server, "out of memory");
    if (SUCCEEDED(hr) && modified_uids)
        *modified_uids = modified.uids;
    else
        free(modified.uids.uids);
    return hr;
}

HRESULT imap_flags_store(struct imap_lease *lease, const uint32_t *uids, size_t count,
                         enum imap_store_how how, uint32_t flags, const char *const *keywords,
                         uint64_t unchanged_since, struct error_info *error,
                         struct imap_uids *ret_modified)
{
    static const char *const hows[] = {
        [IMAP_STORE_SET] = "FLAGS", [IMAP_STORE_ADD] = "+FLAGS", [IMAP_STORE_REMOVE] = "-FLAGS"};
    struct uidset set = UIDSET_INIT;
    HRESULT hr;

    if (unchanged_since && !(imap_lease_capabilities(lease) & IMAP_CAP_CONDSTORE))
        return error_set(error, MAPI_E_NO_SUPPORT, lease->client->server,
                         "the server has no CONDSTORE");
    hr = uidset_add_array(&set, uids, count);
    if (FAILED(hr))
        return error_set(error, hr, lease->client->server, "not a list of UIDs");
    hr = flags_store_set(lease, &set, hows[how], flags, keywords, unchanged_since, error,
                         ret_modified);
    uidset_clear(&set);
    return hr;
}
