/* mime/header_wishes.c - how a message wants to be handled: importance, receipts, no answers */
#include "mime/header_block.h"

#include <string.h>
#include <strings.h>

#include "mapi/edkmdb.h"
#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/oneoff.h"
#include "mime/person.h"

static bool field_begins(const struct header_block *header, enum field field, const char *word)
{
    const struct header_field *value = &header->fields[field];
    size_t size = strlen(word);

    return value->name && value->value_size >= size && strncasecmp(value->value, word, size) == 0;
}

static bool field_has(const struct header_block *header, enum field field, const char *word)
{
    const struct header_field *value = &header->fields[field];
    size_t size = strlen(word);

    for (size_t i = 0; value->name && i + size <= value->value_size; i++)
        if (strncasecmp(value->value + i, word, size) == 0)
            return true;
    return false;
}

static LONG importance_of(const struct header_block *header)
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

static LONG priority_of(const struct header_block *header)
{
    if (field_begins(header, FIELD_PRIORITY, "urgent"))
        return PRIO_URGENT;
    if (field_begins(header, FIELD_PRIORITY, "non-urgent"))
        return PRIO_NONURGENT;
    return header->fields[FIELD_PRIORITY].name ? PRIO_NORMAL : importance_of(header) - 1;
}

static LONG sensitivity_of(const struct header_block *header)
{
    if (field_begins(header, FIELD_SENSITIVITY, "personal"))
        return 1;
    if (field_begins(header, FIELD_SENSITIVITY, "private"))
        return 2;
    return field_begins(header, FIELD_SENSITIVITY, "company-confidential") ? 3 : 0;
}

static void add_auto_response(const struct header_block *header, struct props *props)
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

static void add_receipts(struct header_block *header, struct props *props)
{
    SPropValue id = {.ulPropTag = PR_READ_RECEIPT_ENTRYID};
    SPropValue key = {.ulPropTag = PR_READ_RECEIPT_SEARCH_KEY};
    struct people people;

    if (header->fields[FIELD_RETURN_RECEIPT_TO].name)
        props_add_bool(props, PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
    if (!header_block_people(header, FIELD_RECEIPT_TO, &people)) {
        props->hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return;
    }
    if (!people.first || !header_address_fits(people.first))
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

void header_wishes_add(struct header_block *header, struct props *props)
{
    props_add_long(props, PR_IMPORTANCE, importance_of(header));
    props_add_long(props, PR_PRIORITY, priority_of(header));
    props_add_long(props, PR_SENSITIVITY, sensitivity_of(header));
    add_receipts(header, props);
    add_auto_response(header, props);
}
