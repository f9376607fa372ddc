/* providers/imap/client/rows.c - FETCH of index rows
 *
 * From the wire's FETCH to the index's row: texts clipped, addresses packed, BODYSTRUCTURE reduced
 * to "has an attachment". Runs once per message of a mailbox: nothing here allocates per row. */
#include "providers/imap/client/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/client_private.h"
#include "providers/imap/client/flags.h"

#define ADDRESS_LISTS 6

struct row_reader {
    const struct rows_sink *sink;
    struct imap_lease *lease;
    bool whole; /* ENVELOPE and kin must be there */
    HRESULT hr;
    char keywords[FLAGS_KEYWORDS_MAX];
    char addresses[ADDRESS_LISTS][ROWS_ADDRESSES_MAX];
};

static struct imap_text clipped(const struct wire_text *text)
{
    struct imap_text clip = {text->data ? text->data : "", text->data ? text->size : 0};

    if (clip.size > ROWS_TEXT_MAX) {
        clip.size = ROWS_TEXT_MAX;
        while (clip.size > 0 && (clip.bytes[clip.size] & 0xc0) == 0x80)
            clip.size--; /* at a UTF-8 boundary */
    }
    return clip;
}

static char *put(char *at, struct wire_text text)
{
    for (uint32_t i = 0; i < text.size; i++)
        *at++ = text.data[i] ? text.data[i] : ' ';
    return at;
}

/* name, 0, local@host, 0 for each address; group marks and what does not fit are left out. */
static struct imap_text packed(const struct wire_address_list *list, char *buffer)
{
    char *at = buffer;

    for (size_t i = 0; i < list->count; i++) {
        const struct wire_address *address = &list->items[i];
        size_t need = (size_t)address->name.size + address->mailbox.size + address->host.size + 3;

        if (!address->mailbox.data || !address->host.data)
            continue;
        if (need > ROWS_ADDRESSES_MAX - (size_t)(at - buffer))
            break;
        at = put(at, address->name);
        *at++ = '\0';
        at = put(at, address->mailbox);
        if (address->host.size > 0) {
            *at++ = '@';
            at = put(at, address->host);
        }
        *at++ = '\0';
    }
    return (struct imap_text){buffer, (uint32_t)(at - buffer)};
}

/* --- Attachments ----------------------------------------------------------------------------- */

/* What people call an attachment: said to be one, or neither text, nor a picture that the HTML
 * beside it shows, nor a signature. */
static bool leaf_is_attachment(const struct wire_part *part, const struct wire_part *parent)
{
    bool related = parent && wire_text_is(parent->subtype, "related");

    if (wire_text_is(part->disposition, "attachment"))
        return true;
    if (wire_text_is(part->type, "text"))
        return wire_text_is(part->subtype, "calendar") == false &&
               wire_parameter_find(&part->disposition_parameters, "filename").data != NULL;
    if (wire_text_is(part->type, "message"))
        return wire_text_is(part->subtype, "rfc822") || wire_text_is(part->subtype, "global");
    if (related && part->id.data)
        return false;
    return !wire_text_is(part->subtype, "pkcs7-signature") &&
           !wire_text_is(part->subtype, "x-pkcs7-signature") &&
           !wire_text_is(part->subtype, "pgp-signature") &&
           !wire_text_is(part->subtype, "pgp-encrypted");
}

/* Depth is limited by the wire (WIRE_DEPTH_MAX). */
static bool part_has_attachment(const struct wire_part *part, const struct wire_part *parent)
{
    if (!wire_text_is(part->type, "multipart"))
        return leaf_is_attachment(part, parent);
    for (size_t i = 0; i < part->part_count; i++) {
        if (part_has_attachment(&part->parts[i], part))
            return true;
    }
    return false;
}

/* --- Responses -------------------------------------------------------------------------------- */

static void read_row(struct row_reader *reader, const struct wire_fetch *fetch,
                     struct imap_row *row)
{
    const struct wire_envelope *envelope = &fetch->envelope;

    *row = (struct imap_row){
        .uid = fetch->uid,
        .size = fetch->size > UINT32_MAX ? UINT32_MAX : (uint32_t)fetch->size,
        .modseq = fetch->present & WIRE_FETCH_MODSEQ ? fetch->modseq : 0,
        .internaldate = fetch->present & WIRE_FETCH_INTERNALDATE ? fetch->internaldate : INT64_MIN,
        .has_attachment = fetch->structure && part_has_attachment(fetch->structure, NULL),
        .keywords.bytes = reader->keywords,
        .subject = clipped(&envelope->subject),
        .date = clipped(&envelope->date),
        .message_id = clipped(&envelope->message_id),
        .in_reply_to = clipped(&envelope->in_reply_to),
        .from = packed(&envelope->from, reader->addresses[0]),
        .sender = packed(&envelope->sender, reader->addresses[1]),
        .reply_to = packed(&envelope->reply_to, reader->addresses[2]),
        .to = packed(&envelope->to, reader->addresses[3]),
        .cc = packed(&envelope->cc, reader->addresses[4]),
        .bcc = packed(&envelope->bcc, reader->addresses[5]),
    };
    row->flags = flags_from_wire(&fetch->flags, reader->keywords, &row->keywords.size);
}

static void observe_rows(void *arg, const struct wire_response *response)
{
    struct row_reader *reader = arg;
    uint32_t need = WIRE_FETCH_UID | WIRE_FETCH_FLAGS;
    struct imap_row row;

    if (FAILED(reader->hr))
        return;
    if (response->kind == WIRE_VANISHED && reader->sink->vanished) {
        reader->hr = reader->sink->vanished(reader->sink->arg, &response->vanished.uids);
        return;
    }
    if (reader->whole)
        need |= WIRE_FETCH_ENVELOPE;
    if (response->kind != WIRE_FETCH)
        return;
    if ((response->fetch->present & need) != need || response->fetch->uid == 0) {
        /* Somebody changed a flag meanwhile: no row, but news. */
        if (reader->lease->session)
            reader->lease->session->news++;
        return;
    }
    read_row(reader, response->fetch, &row);
    reader->hr = reader->sink->row(reader->sink->arg, &row);
}

static WAITS HRESULT rows_command(struct imap_lease *lease, struct command_text *text, bool whole,
                                  const struct rows_sink *sink, struct error_info *error)
{
    struct row_reader *reader = malloc(sizeof(*reader));
    struct imap_session_command command = {.text = text,
                                           .what = "FETCH",
                                           .fetching = true,
                                           .observe = observe_rows,
                                           .arg = reader,
                                           .repeatable = true};
    HRESULT hr;

    if (!reader)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, lease->client->server, "out of memory");
    reader->sink = sink;
    reader->lease = lease;
    reader->whole = whole;
    reader->hr = S_OK;
    hr = lease_command(lease, &command, error);
    if (SUCCEEDED(hr) && FAILED(reader->hr))
        hr = error_set(error, reader->hr, lease->client->server, "the rows cannot be kept");
    free(reader);
    return hr;
}

HRESULT rows_fetch(struct imap_lease *lease, const char *set, const struct rows_sink *sink,
                   struct error_info *error)
{
    bool condstore = imap_lease_capabilities(lease) & IMAP_CAP_CONDSTORE &&
                     imap_lease_selected(lease)->highestmodseq;
    struct command_text text;
    HRESULT hr;

    command_text_init(&text);
    command_text_add(&text,
                     "UID FETCH %s (UID FLAGS RFC822.SIZE INTERNALDATE ENVELOPE BODYSTRUCTURE%s)",
                     set, condstore ? " MODSEQ" : "");
    hr = rows_command(lease, &text, true, sink, error);
    command_text_clear(&text);
    return hr;
}

HRESULT rows_fetch_states(struct imap_lease *lease, const char *set, uint64_t changed_since,
                          const struct rows_sink *sink, struct error_info *error)
{
    bool qresync = imap_lease_capabilities(lease) & IMAP_CAP_QRESYNC;
    struct command_text text;
    HRESULT hr;

    command_text_init(&text);
    command_text_add(&text, "UID FETCH %s (UID FLAGS)", set);
    if (changed_since)
        command_text_add(&text, " (CHANGEDSINCE %llu%s)", (unsigned long long)changed_since,
                         qresync ? " VANISHED" : "");
    hr = rows_command(lease, &text, false, sink, error);
    command_text_clear(&text);
    return hr;
}

/* --- One row --------------------------------------------------------------------------------- */

struct one_row {
    uint32_t uid;
    void (*row)(void *arg, const struct imap_row *row);
    void *arg;
    bool found;
};

static HRESULT take_one(void *arg, const struct imap_row *row)
{
    struct one_row *one = arg;

    if (row->uid == one->uid) {
        one->found = true;
        one->row(one->arg, row);
    }
    return S_OK;
}

HRESULT imap_fetch_row(struct imap_lease *lease, uint32_t uid,
                       void (*row)(void *arg, const struct imap_row *row), void *arg,
                       struct error_info *error)
{
    struct one_row one = {.uid = uid, .row = row, .arg = arg};
    const struct rows_sink sink = {.row = take_one, .arg = &one};
    char set[16];
    HRESULT hr;

    snprintf(set, sizeof(set), "%u", uid);
    hr = rows_fetch(lease, set, &sink, error);
    if (SUCCEEDED(hr) && !one.found)
        hr = error_set(error, MAPI_E_NOT_FOUND, lease->client->server, "the message is gone");
    return hr;
}
