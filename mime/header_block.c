/* mime/header_block.c - the fields of a header that have a meaning in MAPI, found in one pass */
#include "mime/header_block.h"

#include <string.h>

#include "mapi/mapicode.h"
#include "mime/header_props.h"
#include "mime/header_text.h"
#include "mime/scan.h"

#define ONEOFF_ADDRESS_MAX 8000 /* bytes of a name or address; what is longer is no address */

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

static void read_fields(struct header_block *header)
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

static bool read_charset(struct header_block *header)
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

HRESULT header_block_read(struct header_block *header, const char *bytes, size_t size)
{
    *header = (struct header_block){.bytes = bytes, .size = size};
    if (size > MIME_HEADER_MAX)
        header->size = MIME_HEADER_MAX;
    read_fields(header);
    return read_charset(header) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

const char *header_block_text(struct header_block *header, enum field field)
{
    const struct header_field *value = &header->fields[field];

    if (!value->name)
        return "";
    return header_text_decode_in(&header->arena, header->charset, value->value, value->value_size);
}

bool header_block_people(struct header_block *header, enum field field, struct people *ret_people)
{
    const struct header_field *value = &header->fields[field];

    *ret_people = (struct people){0};
    return !value->name ||
           header_addresses_parse(&header->arena, header->charset, value->value, value->value_size,
                                  &ret_people->first, &ret_people->count);
}

bool header_address_fits(const struct header_address *address)
{
    return strlen(address->name) <= ONEOFF_ADDRESS_MAX &&
           strlen(address->address) <= ONEOFF_ADDRESS_MAX;
}

bool header_block_all_people(struct header_block *header, enum field field,
                             struct people *ret_people)
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
            if (!header_address_fits(list))
                continue;
            *next = list;
            next = &list->next;
            ret_people->count++;
        }
        *next = NULL;
    }
    return true;
}
