/* mime/header_props.c - a header block as MAPI properties */
#include "mime/header_props.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mime/charset.h"
#include "mime/header_block.h"
#include "mime/header_text.h"
#include "mime/person.h"

#define CAPACITY     80
#define REPLY_TO_MAX 64

static void no_memory(struct props *props)
{
    props->hr = MAPI_E_NOT_ENOUGH_MEMORY;
}

static void add_subject(struct header_block *header, struct props *props)
{
    const char *subject = header_block_text(header, FIELD_SUBJECT);
    const char *topic = header_block_text(header, FIELD_THREAD_TOPIC);
    size_t prefix;

    if (!subject || !topic) {
        no_memory(props);
        return;
    }
    prefix = subject_prefix_length(subject);
    props_add_utf8(props, PR_SUBJECT_W, subject);
    props_add_utf8_size(props, PR_SUBJECT_PREFIX_W, subject, prefix);
    props_add_utf8(props, PR_NORMALIZED_SUBJECT_W, subject + prefix);
    props_add_utf8(props, PR_CONVERSATION_TOPIC_W, topic[0] ? topic : subject + prefix);
}

static const struct person_tags from_tags = {
    PR_SENT_REPRESENTING_NAME_W,          PR_SENT_REPRESENTING_ADDRTYPE_W,
    PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, PR_SENT_REPRESENTING_SMTP_ADDRESS_W,
    PR_SENT_REPRESENTING_ENTRYID,         PR_SENT_REPRESENTING_SEARCH_KEY,
};
static const struct person_tags sender_tags = {
    PR_SENDER_NAME_W,         PR_SENDER_ADDRTYPE_W, PR_SENDER_EMAIL_ADDRESS_W,
    PR_SENDER_SMTP_ADDRESS_W, PR_SENDER_ENTRYID,    PR_SENDER_SEARCH_KEY,
};

/* Each stands in for the other (CNV-086). */
static void add_senders(struct header_block *header, struct props *props)
{
    struct people from, sender;

    if (!header_block_people(header, FIELD_FROM, &from) ||
        !header_block_people(header, FIELD_SENDER, &sender)) {
        no_memory(props);
        return;
    }
    if (!from.first || !header_address_fits(from.first))
        from = sender;
    if (!sender.first || !header_address_fits(sender.first))
        sender = from;
    if (from.first && header_address_fits(from.first)) {
        person_add(props, &from_tags, from.first);
        person_add(props, &sender_tags, sender.first);
    }
}

/* "Ann; bob@example.org" */
static const char *joined(struct header_block *header, const struct header_address *list)
{
    size_t size = 1;
    char *text, *at;

    for (const struct header_address *item = list; item; item = item->next)
        size += strlen(person_shown(item)) + 2;
    at = text = arena_alloc(&header->arena, size);
    for (const struct header_address *item = list; text && item; item = item->next) {
        at = stpcpy(at, person_shown(item));
        if (item->next)
            at = stpcpy(at, "; ");
    }
    if (text)
        *at = '\0';
    return text;
}

static void add_display_list(struct header_block *header, struct props *props, enum field field,
                             ULONG tag)
{
    struct people people;
    const char *text =
        header_block_all_people(header, field, &people) ? joined(header, people.first) : NULL;

    if (text)
        props_add_utf8(props, tag, text);
    else
        no_memory(props);
}

/* FLATENTRYLIST: count, bytes, then each id with its size, on multiples of four. */
static void add_reply_ids(struct props *props, const struct people *people)
{
    SBinary ids[REPLY_TO_MAX];
    size_t count = 0, size = 0;
    SPropValue value = {.ulPropTag = PR_REPLY_RECIPIENT_ENTRIES};
    BYTE *at;

    for (const struct header_address *item = people->first; item && count < REPLY_TO_MAX;
         item = item->next) {
        if (SUCCEEDED(props->hr))
            props->hr = person_entryid(props->root, item, &ids[count]);
        if (FAILED(props->hr))
            return;
        size += sizeof(ULONG) + (ids[count++].cb + 3u) / 4u * 4u;
    }
    value.Value.bin.cb = (ULONG)(2 * sizeof(ULONG) + size);
    value.Value.bin.lpb = at = mapi_alloc(props->root, value.Value.bin.cb);
    if (!at) {
        no_memory(props);
        return;
    }
    memcpy(at, &(ULONG){(ULONG)count}, sizeof(ULONG));
    memcpy(at + sizeof(ULONG), &(ULONG){(ULONG)size}, sizeof(ULONG));
    at += 2 * sizeof(ULONG);
    for (size_t i = 0; i < count; i++) {
        memcpy(at, &ids[i].cb, sizeof(ULONG));
        memcpy(at + sizeof(ULONG), ids[i].lpb, ids[i].cb);
        at += sizeof(ULONG) + (ids[i].cb + 3u) / 4u * 4u;
    }
    props_add(props, &value);
}

static void add_reply_to(struct header_block *header, struct props *props)
{
    struct people people;
    const char *text;

    if (!header->fields[FIELD_REPLY_TO].name)
        return;
    if (!header_block_all_people(header, FIELD_REPLY_TO, &people) ||
        !(text = joined(header, people.first))) {
        no_memory(props);
    } else if (people.first) {
        props_add_utf8(props, PR_REPLY_RECIPIENT_NAMES_W, text);
        add_reply_ids(props, &people);
    }
}

static int64_t field_date(struct header_block *header, struct props *props, enum field field)
{
    const char *text = header_block_text(header, field);

    if (!text)
        no_memory(props);
    return text && text[0] ? header_date_parse(text) : INT64_MIN;
}

/* The date behind the last ";" of the newest trace line. */
static int64_t received_date(struct header_block *header, struct props *props)
{
    const char *text = header_block_text(header, FIELD_RECEIVED);
    const char *semicolon = text ? strrchr(text, ';') : NULL;

    if (!text)
        no_memory(props);
    return semicolon ? header_date_parse(semicolon + 1) : INT64_MIN;
}

static void add_dates(struct header_block *header, struct props *props)
{
    int64_t date = field_date(header, props, FIELD_DATE);
    int64_t expires = field_date(header, props, FIELD_EXPIRES);

    if (date == INT64_MIN)
        date = received_date(header, props);
    if (expires == INT64_MIN)
        expires = field_date(header, props, FIELD_EXPIRY_DATE);
    props_add_time(props, PR_CLIENT_SUBMIT_TIME, date);
    props_add_time(props, PR_EXPIRY_TIME, expires);
    props_add_time(props, PR_REPLY_TIME, field_date(header, props, FIELD_REPLY_BY));
}

static void add_text(struct header_block *header, struct props *props, enum field field, ULONG tag)
{
    const char *text = header_block_text(header, field);

    if (!text)
        no_memory(props);
    else if (text[0])
        props_add_utf8(props, tag, text);
}

static void add_thread_index(struct header_block *header, struct props *props)
{
    const struct header_field *field = &header->fields[FIELD_THREAD_INDEX];
    struct transfer_decoder decoder;
    size_t used, made;
    char *bytes;

    if (!field->name || field->value_size == 0)
        return;
    bytes = arena_alloc(&header->arena, field->value_size);
    if (!bytes) {
        no_memory(props);
        return;
    }
    transfer_decoder_init(&decoder, TRANSFER_BASE64);
    transfer_decode(&decoder, field->value, field->value_size, true, bytes, field->value_size,
                    &used, &made);
    if (made >= 22) /* a header block; what is shorter is no index */
        props_add_binary(props, PR_CONVERSATION_INDEX, bytes, made);
}

static void add_raw(struct header_block *header, struct props *props)
{
    size_t size;
    const char *text = charset_to_utf8(&header->arena, NULL, header->bytes, header->size, &size);

    if (text)
        props_add_utf8_size(props, PR_TRANSPORT_MESSAGE_HEADERS_W, text, size);
    else
        no_memory(props);
}

static void add_all(struct header_block *header, struct props *props)
{
    add_subject(header, props);
    add_senders(header, props);
    add_display_list(header, props, FIELD_TO, PR_DISPLAY_TO_W);
    add_display_list(header, props, FIELD_CC, PR_DISPLAY_CC_W);
    add_display_list(header, props, FIELD_BCC, PR_DISPLAY_BCC_W);
    add_reply_to(header, props);
    add_dates(header, props);
    add_text(header, props, FIELD_MESSAGE_ID, PR_INTERNET_MESSAGE_ID_W);
    add_text(header, props, FIELD_IN_REPLY_TO, PR_IN_REPLY_TO_ID_W);
    add_text(header, props, FIELD_REFERENCES, PR_INTERNET_REFERENCES_W);
    add_text(header, props, FIELD_PRECEDENCE, PR_INTERNET_PRECEDENCE_W);
    add_text(header, props, FIELD_LIST_HELP, PR_LIST_HELP_W);
    add_text(header, props, FIELD_LIST_SUBSCRIBE, PR_LIST_SUBSCRIBE_W);
    add_text(header, props, FIELD_LIST_UNSUBSCRIBE, PR_LIST_UNSUBSCRIBE_W);
    add_thread_index(header, props);
    header_wishes_add(header, props);
    add_raw(header, props);
}

HRESULT mime_header_props(const char *bytes, size_t size, void *root, SPropValue **ret_props,
                          ULONG *ret_count)
{
    struct header_block header;
    struct props props;
    HRESULT hr = header_block_read(&header, bytes, size);

    if (SUCCEEDED(hr)) {
        props_begin(&props, root, CAPACITY);
        add_all(&header, &props);
        hr = props_finish(&props, ret_props, ret_count);
    }
    arena_clear(&header.arena);
    return hr;
}
