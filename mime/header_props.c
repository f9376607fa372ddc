/* mime/header_props.c - a header block as MAPI properties */
#include "mime/header_props.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/edkmdb.h"
#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mime/charset.h"
#include "mime/header_text.h"
#include "mime/person.h"
#include "mime/scan.h"

#define CAPACITY           80
#define REPLY_TO_MAX       64
#define ONEOFF_ADDRESS_MAX 8000 /* bytes of a name or address; what is longer is no address */

enum field {
    FIELD_FROM,
    FIELD_SENDER,
    FIELD_TO,
    FIELD_CC,
    FIELD_BCC,
    FIELD_REPLY_TO,
    FIELD_SUBJECT,
    FIELD_DATE,
    FIELD_RECEIVED,
    FIELD_MESSAGE_ID,
    FIELD_IN_REPLY_TO,
    FIELD_REFERENCES,
    FIELD_THREAD_TOPIC,
    FIELD_THREAD_INDEX,
    FIELD_IMPORTANCE,
    FIELD_MSMAIL_PRIORITY,
    FIELD_PRIORITY,
    FIELD_X_PRIORITY,
    FIELD_SENSITIVITY,
    FIELD_RECEIPT_TO,
    FIELD_RETURN_RECEIPT_TO,
    FIELD_REPLY_BY,
    FIELD_EXPIRES,
    FIELD_EXPIRY_DATE,
    FIELD_AUTO_RESPONSE,
    FIELD_AUTO_SUBMITTED,
    FIELD_PRECEDENCE,
    FIELD_LIST_HELP,
    FIELD_LIST_SUBSCRIBE,
    FIELD_LIST_UNSUBSCRIBE,
    FIELD_CONTENT_TYPE,
    FIELD_COUNT,
};

static const char *const field_names[FIELD_COUNT] = {
    [FIELD_FROM] = "From",
    [FIELD_SENDER] = "Sender",
    [FIELD_TO] = "To",
    [FIELD_CC] = "Cc",
    [FIELD_BCC] = "Bcc",
    [FIELD_REPLY_TO] = "Reply-To",
    [FIELD_SUBJECT] = "Subject",
    [FIELD_DATE] = "Date",
    [FIELD_RECEIVED] = "Received",
    [FIELD_MESSAGE_ID] = "Message-ID",
    [FIELD_IN_REPLY_TO] = "In-Reply-To",
    [FIELD_REFERENCES] = "References",
    [FIELD_THREAD_TOPIC] = "Thread-Topic",
    [FIELD_THREAD_INDEX] = "Thread-Index",
    [FIELD_IMPORTANCE] = "Importance",
    [FIELD_MSMAIL_PRIORITY] = "X-MSMail-Priority",
    [FIELD_PRIORITY] = "Priority",
    [FIELD_X_PRIORITY] = "X-Priority",
    [FIELD_SENSITIVITY] = "Sensitivity",
    [FIELD_RECEIPT_TO] = "Disposition-Notification-To",
    [FIELD_RETURN_RECEIPT_TO] = "Return-Receipt-To",
    [FIELD_REPLY_BY] = "Reply-By",
    [FIELD_EXPIRES] = "Expires",
    [FIELD_EXPIRY_DATE] = "Expiry-Date",
    [FIELD_AUTO_RESPONSE] = "X-Auto-Response-Suppress",
    [FIELD_AUTO_SUBMITTED] = "Auto-Submitted",
    [FIELD_PRECEDENCE] = "Precedence",
    [FIELD_LIST_HELP] = "List-Help",
    [FIELD_LIST_SUBSCRIBE] = "List-Subscribe",
    [FIELD_LIST_UNSUBSCRIBE] = "List-Unsubscribe",
    [FIELD_CONTENT_TYPE] = "Content-Type",
};

struct people {
    struct header_address *first;
    size_t count;
};

struct header {
    struct arena arena;
    const char *bytes;
    size_t size;
    const char *charset;                     /* of raw 8-bit bytes; NULL: not said */
    struct header_field fields[FIELD_COUNT]; /* the first of each; value NULL: none */
};

static void read_fields(struct header *header)
{
    const char *at = header->bytes, *end = header->bytes + header->size;
    struct header_field field;

    while (header_next(&at, end, &field)) {
        for (size_t i = 0; i < FIELD_COUNT; i++) {
            if (!header->fields[i].name && header_field_is(&field, field_names[i])) {
                header->fields[i] = field;
                break;
            }
        }
    }
}

static bool read_charset(struct header *header)
{
    const struct header_field *field = &header->fields[FIELD_CONTENT_TYPE];
    struct mime_param *params;
    const char *value;
    size_t count;

    if (!field->name)
        return true;
    if (!header_value_parse(&header->arena, field->value, field->value_size, &value, &params,
                            &count))
        return false;
    header->charset = header_param_find(params, count, "charset");
    return true;
}

static HRESULT header_init(struct header *header, const char *bytes, size_t size)
{
    *header = (struct header){.bytes = bytes, .size = size};
    if (size > MIME_HEADER_MAX)
        header->size = MIME_HEADER_MAX;
    read_fields(header);
    return read_charset(header) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* Decoded, "" where there is no such field; NULL without memory. */
static const char *field_text(struct header *header, enum field field)
{
    const struct header_field *value = &header->fields[field];

    if (!value->name)
        return "";
    return header_text_decode_in(&header->arena, header->charset, value->value, value->value_size);
}

static bool field_people(struct header *header, enum field field, struct people *ret_people)
{
    const struct header_field *value = &header->fields[field];

    *ret_people = (struct people){0};
    return !value->name ||
           header_addresses_parse(&header->arena, header->charset, value->value, value->value_size,
                                  &ret_people->first, &ret_people->count);
}

/* Names that no entry id can hold are cut short rather than refused. */
static bool is_sane(const struct header_address *address)
{
    return strlen(address->name) <= ONEOFF_ADDRESS_MAX &&
           strlen(address->address) <= ONEOFF_ADDRESS_MAX;
}

/* Addresses of all fields of that name: some programs write several. */
static bool all_people(struct header *header, enum field field, struct people *ret_people)
{
    const char *at = header->bytes, *end = header->bytes + header->size;
    struct header_address **next = &ret_people->first;
    struct header_field value;

    *ret_people = (struct people){0};
    while (header_next(&at, end, &value)) {
        struct header_address *list;
        size_t count;

        if (!header_field_is(&value, field_names[field]))
            continue;
        if (!header_addresses_parse(&header->arena, header->charset, value.value, value.value_size,
                                    &list, &count))
            return false;
        for (; list && ret_people->count < MIME_RECIPIENTS_MAX; list = list->next) {
            if (!is_sane(list))
                continue;
            *next = list;
            next = &list->next;
            ret_people->count++;
        }
        *next = NULL;
    }
    return true;
}

/* --- Groups of properties --------------------------------------------------------------------- */

static void no_memory(struct props *props)
{
    props->hr = MAPI_E_NOT_ENOUGH_MEMORY;
}

static void add_subject(struct header *header, struct props *props)
{
    const char *subject = field_text(header, FIELD_SUBJECT);
    const char *topic = field_text(header, FIELD_THREAD_TOPIC);
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
static void add_senders(struct header *header, struct props *props)
{
    struct people from, sender;

    if (!field_people(header, FIELD_FROM, &from) || !field_people(header, FIELD_SENDER, &sender)) {
        no_memory(props);
        return;
    }
    if (!from.first || !is_sane(from.first))
        from = sender;
    if (!sender.first || !is_sane(sender.first))
        sender = from;
    if (from.first && is_sane(from.first)) {
        person_add(props, &from_tags, from.first);
        person_add(props, &sender_tags, sender.first);
    }
}

/* "Ann; bob@example.org" */
static const char *joined(struct header *header, const struct header_address *list)
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

static void add_display_list(struct header *header, struct props *props, enum field field,
                             ULONG tag)
{
    struct people people;
    const char *text = all_people(header, field, &people) ? joined(header, people.first) : NULL;

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

static void add_reply_to(struct header *header, struct props *props)
{
    struct people people;
    const char *text;

    if (!header->fields[FIELD_REPLY_TO].name)
        return;
    if (!all_people(header, FIELD_REPLY_TO, &people) || !(text = joined(header, people.first))) {
        no_memory(props);
    } else if (people.first) {
        props_add_utf8(props, PR_REPLY_RECIPIENT_NAMES_W, text);
        add_reply_ids(props, &people);
    }
}

static int64_t field_date(struct header *header, struct props *props, enum field field)
{
    const char *text = field_text(header, field);

    if (!text)
        no_memory(props);
    return text && text[0] ? header_date_parse(text) : INT64_MIN;
}

/* The date behind the last ";" of the newest trace line. */
static int64_t received_date(struct header *header, struct props *props)
{
    const char *text = field_text(header, FIELD_RECEIVED);
    const char *semicolon = text ? strrchr(text, ';') : NULL;

    if (!text)
        no_memory(props);
    return semicolon ? header_date_parse(semicolon + 1) : INT64_MIN;
}

static void add_dates(struct header *header, struct props *props)
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

static void add_text(struct header *header, struct props *props, enum field field, ULONG tag)
{
    const char *text = field_text(header, field);

    if (!text)
        no_memory(props);
    else if (text[0])
        props_add_utf8(props, tag, text);
}

static void add_thread_index(struct header *header, struct props *props)
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

/* --- Wishes ----------------------------------------------------------------------------------- */

static bool field_begins(const struct header *header, enum field field, const char *word)
{
    const struct header_field *value = &header->fields[field];
    size_t size = strlen(word);

    return value->name && value->value_size >= size && strncasecmp(value->value, word, size) == 0;
}

static bool field_has(const struct header *header, enum field field, const char *word)
{
    const struct header_field *value = &header->fields[field];
    size_t size = strlen(word);

    for (size_t i = 0; value->name && i + size <= value->value_size; i++)
        if (strncasecmp(value->value + i, word, size) == 0)
            return true;
    return false;
}

static LONG importance_of(const struct header *header)
{
    static const enum field named[] = {FIELD_IMPORTANCE, FIELD_MSMAIL_PRIORITY};

    for (size_t i = 0; i < 2; i++) {
        if (field_begins(header, named[i], "high"))
            return 2;
        if (field_begins(header, named[i], "low"))
            return 0;
        if (field_begins(header, named[i], "normal"))
            return 1;
    }
    if (header->fields[FIELD_X_PRIORITY].name) {
        if (field_begins(header, FIELD_X_PRIORITY, "1") ||
            field_begins(header, FIELD_X_PRIORITY, "2"))
            return 2;
        if (field_begins(header, FIELD_X_PRIORITY, "4") ||
            field_begins(header, FIELD_X_PRIORITY, "5"))
            return 0;
    }
    if (field_begins(header, FIELD_PRIORITY, "urgent"))
        return 2;
    return field_begins(header, FIELD_PRIORITY, "non-urgent") ? 0 : 1;
}

static LONG priority_of(const struct header *header)
{
    if (field_begins(header, FIELD_PRIORITY, "urgent"))
        return PRIO_URGENT;
    if (field_begins(header, FIELD_PRIORITY, "non-urgent"))
        return PRIO_NONURGENT;
    return header->fields[FIELD_PRIORITY].name ? PRIO_NORMAL : importance_of(header) - 1;
}

static LONG sensitivity_of(const struct header *header)
{
    if (field_begins(header, FIELD_SENSITIVITY, "personal"))
        return 1;
    if (field_begins(header, FIELD_SENSITIVITY, "private"))
        return 2;
    return field_begins(header, FIELD_SENSITIVITY, "company-confidential") ? 3 : 0;
}

static void add_auto_response(const struct header *header, struct props *props)
{
    static const struct {
        const char *word;
        LONG bit;
    } words[] = {{"NDR", 2}, {"NRN", 8}, {"OOF", 0x10}, {"AutoReply", 0x20}};
    LONG bits = 0;

    if (field_has(header, FIELD_AUTO_RESPONSE, "All"))
        bits = -1;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (field_has(header, FIELD_AUTO_RESPONSE, words[i].word))
            bits |= words[i].bit;
    if (field_begins(header, FIELD_AUTO_RESPONSE, "DR") ||
        field_has(header, FIELD_AUTO_RESPONSE, " DR"))
        bits |= 1;
    if (field_begins(header, FIELD_AUTO_RESPONSE, "RN") ||
        field_has(header, FIELD_AUTO_RESPONSE, " RN"))
        bits |= 4;
    if (field_begins(header, FIELD_AUTO_SUBMITTED, "auto-"))
        bits |= 0x30; /* what a machine sent is not answered by one (RFC 3834) */
    if (bits)
        props_add_long(props, PR_AUTO_RESPONSE_SUPPRESS, bits);
}

static void add_receipts(struct header *header, struct props *props)
{
    SPropValue id = {.ulPropTag = PR_READ_RECEIPT_ENTRYID};
    SPropValue key = {.ulPropTag = PR_READ_RECEIPT_SEARCH_KEY};
    struct people people;

    if (header->fields[FIELD_RETURN_RECEIPT_TO].name)
        props_add_bool(props, PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
    if (!field_people(header, FIELD_RECEIPT_TO, &people)) {
        no_memory(props);
        return;
    }
    if (!people.first || !is_sane(people.first))
        return;
    props_add_bool(props, PR_READ_RECEIPT_REQUESTED, true);
    props_add_bool(props, PR_NON_RECEIPT_NOTIFICATION_REQUESTED, true);
    if (SUCCEEDED(props->hr))
        props->hr = person_entryid(props->root, people.first, &id.Value.bin);
    props_add(props, &id);
    if (SUCCEEDED(props->hr))
        props->hr = oneoff_search_key(props->root, "SMTP", people.first->address, &key.Value.bin);
    props_add(props, &key);
}

static void add_wishes(struct header *header, struct props *props)
{
    props_add_long(props, PR_IMPORTANCE, importance_of(header));
    props_add_long(props, PR_PRIORITY, priority_of(header));
    props_add_long(props, PR_SENSITIVITY, sensitivity_of(header));
    add_receipts(header, props);
    add_auto_response(header, props);
}

/* --- The whole -------------------------------------------------------------------------------- */

static void add_raw(struct header *header, struct props *props)
{
    size_t size;
    const char *text = charset_to_utf8(&header->arena, NULL, header->bytes, header->size, &size);

    if (text)
        props_add_utf8_size(props, PR_TRANSPORT_MESSAGE_HEADERS_W, text, size);
    else
        no_memory(props);
}

static void add_all(struct header *header, struct props *props)
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
    add_wishes(header, props);
    add_raw(header, props);
}

HRESULT mime_header_props(const char *bytes, size_t size, void *root, SPropValue **ret_props,
                          ULONG *ret_count)
{
    struct header header;
    struct props props;
    HRESULT hr = header_init(&header, bytes, size);

    if (SUCCEEDED(hr)) {
        props_begin(&props, root, CAPACITY);
        add_all(&header, &props);
        hr = props_finish(&props, ret_props, ret_count);
    }
    arena_clear(&header.arena);
    return hr;
}

/* --- Recipients ------------------------------------------------------------------------------- */

static HRESULT make_row(void *root, const struct header_address *address, LONG type, ULONG index,
                        SRow *row)
{
    static const struct person_tags tags = {
        PR_DISPLAY_NAME_W, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W,
        PR_SMTP_ADDRESS_W, PR_ENTRYID,    PR_SEARCH_KEY,
    };
    SPropValue record_key = {.ulPropTag = PR_RECORD_KEY};
    struct props props;

    props_begin(&props, root, 12);
    props_add_long(&props, PR_ROWID, (LONG)index);
    props_add_long(&props, PR_RECIPIENT_TYPE, type);
    person_add(&props, &tags, address);
    for (ULONG i = 0; SUCCEEDED(props.hr) && i < props.count; i++)
        if (props.values[i].ulPropTag == PR_ENTRYID)
            record_key.Value.bin = props.values[i].Value.bin;
    props_add(&props, &record_key);
    props_add_long(&props, PR_OBJECT_TYPE, MAPI_MAILUSER);
    props_add_long(&props, PR_DISPLAY_TYPE, DT_MAILUSER);
    return props_finish(&props, &row->lpProps, &row->cValues);
}

static HRESULT make_rows(void *root, const struct people lists[3], SRow *rows, ULONG *count)
{
    static const LONG types[3] = {MAPI_TO, MAPI_CC, MAPI_BCC};
    HRESULT hr = S_OK;

    for (size_t i = 0; i < 3; i++) {
        for (const struct header_address *item = lists[i].first; item && SUCCEEDED(hr);
             item = item->next) {
            hr = make_row(root, item, types[i], *count, &rows[*count]);
            ++*count;
        }
    }
    return hr;
}

HRESULT mime_header_recipients(const char *bytes, size_t size, void *root, SRow **ret_rows,
                               ULONG *ret_count)
{
    struct people lists[3];
    struct header header;
    ULONG count = 0;
    SRow *rows = NULL;
    HRESULT hr = header_init(&header, bytes, size);

    if (SUCCEEDED(hr) &&
        !(all_people(&header, FIELD_TO, &lists[0]) && all_people(&header, FIELD_CC, &lists[1]) &&
          all_people(&header, FIELD_BCC, &lists[2])))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr)) {
        size_t total = lists[0].count + lists[1].count + lists[2].count;

        rows = mapi_alloc_array(root, total + 1, sizeof(*rows));
        hr = rows ? make_rows(root ? root : rows, lists, rows, &count) : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    arena_clear(&header.arena);
    if (FAILED(hr)) {
        if (!root)
            mapi_free(rows);
        return hr;
    }
    *ret_rows = rows;
    *ret_count = count;
    return S_OK;
}
