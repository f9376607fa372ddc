/* providers/account/search_match.c - does a message match what a search looks for? */
#include "providers/account/search_match.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "mapi/restriction.h"
#include "mapi/row_source.h"
#include "mapi/text.h"
#include "mime/header_text.h"
#include "mime/layout.h"

/* --- Answers ---------------------------------------------------------------------------------- */

void search_answers_clear(struct search_answers *answers)
{
    free(answers->items);
    *answers = (struct search_answers){0};
}

static int compare_answer(const void *key, const void *element)
{
    uint32_t uid = *(const uint32_t *)key, other = ((const struct search_answer *)element)->uid;

    return (uid > other) - (uid < other);
}

static const struct search_answer *find_answer(const struct search_answers *answers, uint32_t uid)
{
    return answers->count ? bsearch(&uid, answers->items, answers->count, sizeof(*answers->items),
                                    compare_answer)
                          : NULL;
}

HRESULT search_answers_add(struct search_answers *answers, size_t probe, const uint32_t *asked,
                           size_t asked_count, const uint32_t *yes, size_t yes_count)
{
    uint16_t bit = (uint16_t)(1u << probe);
    struct search_answer *items = calloc(answers->count + asked_count + 1, sizeof(*items));
    size_t old = 0, found = 0, count = 0;

    if (!items)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < asked_count; i++) {
        while (old < answers->count && answers->items[old].uid < asked[i])
            items[count++] = answers->items[old++];
        if (old < answers->count && answers->items[old].uid == asked[i])
            items[count] = answers->items[old++];
        while (found < yes_count && yes[found] < asked[i])
            found++;
        items[count].uid = asked[i];
        items[count].known |= bit;
        if (found < yes_count && yes[found] == asked[i])
            items[count].yes |= bit;
        count++;
    }
    while (old < answers->count)
        items[count++] = answers->items[old++];
    free(answers->items);
    answers->items = items;
    answers->count = count;
    return S_OK;
}

/* --- Recipients ------------------------------------------------------------------------------- */

struct recipient {
    struct arena *scratch;
    LONG type;
    const char *name, *address;
};

static HRESULT recipient_text(struct arena *scratch, const char *utf8, SPropValue *value)
{
    if (!utf8)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    value->Value.lpszW = arena_utf16(scratch, utf8, strlen(utf8));
    return value->Value.lpszW ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT recipient_value(void *context, ULONG tag, SPropValue *ret_value)
{
    const struct recipient *recipient = context;

    ret_value->ulPropTag = tag;
    switch (tag) {
    case PR_RECIPIENT_TYPE:
        ret_value->Value.l = recipient->type;
        return S_OK;
    case PR_OBJECT_TYPE:
        ret_value->Value.l = MAPI_MAILUSER;
        return S_OK;
    case PR_DISPLAY_TYPE:
        ret_value->Value.l = DT_MAILUSER;
        return S_OK;
    case PR_ADDRTYPE_W:
        return recipient_text(recipient->scratch, "SMTP", ret_value);
    case PR_EMAIL_ADDRESS_W:
    case PR_SMTP_ADDRESS_W:
        return recipient_text(recipient->scratch, recipient->address, ret_value);
    case PR_DISPLAY_NAME_W:
        return recipient_text(
            recipient->scratch,
            recipient->name[0]
                ? header_text_decode(recipient->scratch, recipient->name, strlen(recipient->name))
                : recipient->address,
            ret_value);
    default:
        propval_set_error(ret_value, tag, MAPI_E_NOT_FOUND);
        return S_OK;
    }
}

static HRESULT match_list(const struct search_sight *sight, const struct imap_text *field,
                          LONG type, const SRestriction *restriction, bool *ret_matches)
{
    struct recipient recipient = {.scratch = sight->scratch, .type = type};
    const struct restriction_row row = {.value = recipient_value, .context = &recipient};
    struct imap_text list = *field;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && !*ret_matches &&
           imap_addresses_next(&list, &recipient.name, &recipient.address))
        hr = restriction_match(restriction, &row, ret_matches);
    return hr;
}

/* --- A message -------------------------------------------------------------------------------- */

struct matching {
    const struct search_sight *sight;
    size_t open; /* the probe that is missing */
};

static HRESULT value_of(void *context, ULONG tag, SPropValue *ret_value)
{
    struct matching *matching = context;
    const struct search_sight *sight = matching->sight;
    const struct search_answer *answer;
    size_t probe;

    if (!search_probe_of(tag, &probe))
        return message_row(&sight->view, sight->side, &tag, 1, sight->scratch, ret_value);
    answer = find_answer(sight->answers, sight->view.row->uid);
    if (answer && answer->known & 1u << probe) {
        *ret_value = (SPropValue){.ulPropTag = tag, .Value.b = (answer->yes & 1u << probe) != 0};
    } else {
        matching->open = probe;
        propval_set_error(ret_value, tag, ROW_NOT_PREPARED);
    }
    return S_OK;
}

/* Recipients alone: those on attachments have become probes. */
static HRESULT match_recipients(void *context, ULONG tag, const SRestriction *restriction,
                                bool *ret_matches)
{
    const struct search_sight *sight = ((struct matching *)context)->sight;
    const struct imap_row *row = sight->view.row;
    HRESULT hr;

    (void)tag;
    *ret_matches = false;
    hr = match_list(sight, &row->to, MAPI_TO, restriction, ret_matches);
    if (SUCCEEDED(hr))
        hr = match_list(sight, &row->cc, MAPI_CC, restriction, ret_matches);
    if (SUCCEEDED(hr))
        hr = match_list(sight, &row->bcc, MAPI_BCC, restriction, ret_matches);
    return hr;
}

HRESULT search_match(const struct search_sight *sight, bool *ret_matches, size_t *ret_probe)
{
    struct matching matching = {.sight = sight};
    const struct restriction_row row = {
        .value = value_of, .sub = match_recipients, .context = &matching};
    HRESULT hr = restriction_match(sight->restriction->match, &row, ret_matches);

    if (hr == ROW_NOT_PREPARED)
        *ret_probe = matching.open;
    return hr;
}

/* --- Attachments ------------------------------------------------------------------------------ */

struct attachment_row {
    const SPropValue *values;
    ULONG count;
};

static HRESULT attachment_value(void *context, ULONG tag, SPropValue *ret_value)
{
    const struct attachment_row *row = context;
    const SPropValue *found = propval_find(row->values, row->count, tag);

    if (found)
        *ret_value = *found;
    else
        propval_set_error(ret_value, tag, MAPI_E_NOT_FOUND);
    return S_OK;
}

HRESULT search_match_attachments(const struct search_probe *probe, const char *structure,
                                 bool *ret_matches)
{
    struct mime_layout layout = {0};
    struct mime_part *root;
    HRESULT hr = mime_structure_parse(structure, &root);

    if (FAILED(hr))
        return hr;
    *ret_matches = false;
    hr = mime_layout(root, &layout);
    for (size_t i = 0; SUCCEEDED(hr) && !*ret_matches && i < layout.attachment_count; i++) {
        struct attachment_row one;
        const struct restriction_row row = {.value = attachment_value, .context = &one};
        SPropValue *values;

        hr = mime_attachment_props(&layout.attachments[i], (ULONG)i, NULL, &values, &one.count);
        if (FAILED(hr))
            break;
        one.values = values;
        hr = restriction_match(probe->attachments, &row, ret_matches);
        mapi_free(values);
    }
    mime_layout_clear(&layout);
    mime_structure_free(root);
    return hr;
}
