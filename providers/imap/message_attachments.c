/* providers/imap/message_attachments.c - the attachments of a message, as the message has them
 *
 * One entry an attachment, shared with the IAttach objects that are open on it, and one row of the
 * attachment table. Behaviour: STO, "Attachments". */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/table.h"
#include "providers/imap/attach.h"
#include "providers/imap/message_private.h"

struct attachment_entry *attachment_entry_ref(struct attachment_entry *entry)
{
    atomic_fetch_add(&entry->refs, 1);
    return entry;
}

void attachment_entry_unref(struct attachment_entry *entry)
{
    if (!entry || atomic_fetch_sub(&entry->refs, 1) != 1)
        return;
    propbag_clear(&entry->bag);
    if (entry->embedded)
        IMessage_Release(entry->embedded);
    free(entry);
}

static const SizedSPropTagArray(10, default_columns) = {
    10,
    {PR_ATTACH_NUM, PR_INSTANCE_KEY, PR_ATTACH_METHOD, PR_ATTACH_LONG_FILENAME_W,
     PR_ATTACH_FILENAME_W, PR_ATTACH_SIZE, PR_ATTACH_MIME_TAG_W, PR_RENDERING_POSITION,
     PR_RECORD_KEY, PR_DISPLAY_NAME_W}};

HRESULT message_attachments_table(struct imap_message *message, ULONG flags, IMAPITable **ret_table)
{
    const struct table_options options = {
        .source = row_list_source(message->attachments),
        .owner = &message->object,
        .dispatcher = imap_link_dispatcher(message->link),
        .columns = (const SPropTagArray *)&default_columns,
        .flags = flags & MAPI_UNICODE,
        .index_tag = PR_ATTACH_NUM,
        .no_bookmarks = true,
    };

    return table_create(&options, ret_table);
}

/* --- Entries and rows ------------------------------------------------------------------------- */

static SPropValue key_value(ULONG tag, const ULONG *number)
{
    SPropValue key = {.ulPropTag = tag};

    key.Value.bin.cb = sizeof(*number);
    key.Value.bin.lpb = (BYTE *)number;
    return key;
}

size_t message_attachment_key(const struct imap_message *message,
                              const struct mime_attachment *on_server, ULONG number,
                              BYTE ret_key[ATTACHMENT_KEY_MAX])
{
    size_t section;

    if (!on_server) {
        memcpy(ret_key, &number, sizeof(number));
        return sizeof(number);
    }
    section = strlen(on_server->part->section);
    if (section > ATTACHMENT_KEY_MAX - SOURCE_KEY_SIZE)
        section = ATTACHMENT_KEY_MAX - SOURCE_KEY_SIZE;
    ids_source_key(imap_link_guids(message->link), message->number, ret_key);
    memcpy(ret_key + SOURCE_KEY_SIZE, on_server->part->section, section);
    return SOURCE_KEY_SIZE + section;
}

static HRESULT set_row(struct imap_message *message, const struct mime_attachment *on_server,
                       ULONG number, const SPropValue *values, ULONG count)
{
    SPropValue *row = mapi_alloc_array(NULL, (size_t)count + 3, sizeof(*row));
    BYTE record[ATTACHMENT_KEY_MAX];
    ULONG kept = 0;
    HRESULT hr;

    if (!row)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; i < count; i++)
        if (PROP_ID(values[i].ulPropTag) != PROP_ID(PR_ATTACH_DATA_BIN) &&
            PROP_ID(values[i].ulPropTag) != PROP_ID(PR_ATTACH_NUM) &&
            PROP_ID(values[i].ulPropTag) != PROP_ID(PR_RECORD_KEY) &&
            PROP_TYPE(values[i].ulPropTag) != PT_ERROR)
            row[kept++] = values[i];
    row[kept].ulPropTag = PR_ATTACH_NUM;
    row[kept++].Value.l = (LONG)number;
    row[kept++] = key_value(PR_INSTANCE_KEY, &number);
    row[kept].ulPropTag = PR_RECORD_KEY;
    row[kept].Value.bin.cb = (ULONG)message_attachment_key(message, on_server, number, record);
    row[kept++].Value.bin.lpb = record;
    hr = row_list_set(message->attachments, row, kept);
    mapi_free(row);
    return hr;
}

static void link_entry(struct imap_message *message, struct attachment_entry *entry)
{
    struct attachment_entry **link = &message->entries;

    while (*link)
        link = &(*link)->next;
    *link = entry;
}

static struct attachment_entry *unlink_entry(struct imap_message *message, ULONG number)
{
    struct attachment_entry **link = &message->entries, *entry;

    while (*link && (*link)->number != number)
        link = &(*link)->next;
    entry = *link;
    if (entry)
        *link = entry->next;
    return entry;
}

static HRESULT load_one(struct imap_message *message, const struct mime_attachment *attachment,
                        ULONG number)
{
    struct attachment_entry *entry = calloc(1, sizeof(*entry));
    SPropValue *values;
    ULONG count;
    HRESULT hr;

    if (!entry)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&entry->refs, 1);
    entry->number = number;
    entry->on_server = attachment;
    link_entry(message, entry);
    if (message->last_attachment <= number)
        message->last_attachment = number + 1;
    hr = mime_attachment_props(attachment, number, NULL, &values, &count);
    if (SUCCEEDED(hr)) {
        hr = set_row(message, attachment, number, values, count);
        mapi_free(values);
    }
    return hr;
}

HRESULT message_attachments_load(struct imap_message *message)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < message->layout.attachment_count && SUCCEEDED(hr); i++)
        hr = load_one(message, &message->layout.attachments[i], (ULONG)i);
    return hr;
}

static bool is_inline(const struct attachment_entry *entry)
{
    const SPropValue *flags;

    if (entry->on_server)
        return entry->on_server->hidden;
    flags = propbag_find(&entry->bag, PR_ATTACH_FLAGS);
    return flags && PROP_TYPE(flags->ulPropTag) == PT_LONG && flags->Value.l & 4; /* in the HTML */
}

/* Their numbers in the order in which they were written: those in the HTML stand before others. */
static ULONG *numbers_written(struct imap_message *message, size_t *ret_count)
{
    ULONG *numbers;
    size_t count = 0;

    for (struct attachment_entry *entry = message->entries; entry; entry = entry->next)
        count++;
    numbers = calloc(count + 1, sizeof(*numbers));
    *ret_count = 0;
    for (int after = 0; numbers && after < 2; after++)
        for (struct attachment_entry *entry = message->entries; entry; entry = entry->next)
            if (is_inline(entry) == !after)
                numbers[(*ret_count)++] = entry->number;
    return numbers;
}

HRESULT message_attachments_reload(struct imap_message *message)
{
    HRESULT hr = S_OK;
    ULONG *numbers;
    size_t count;
    bool known;

    pthread_mutex_lock(&message->lock);
    numbers = numbers_written(message, &count);
    message_attachments_clear(message);
    pthread_mutex_unlock(&message->lock);
    row_list_remove_all(message->attachments);
    if (!numbers)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    known = count == message->layout.attachment_count; /* or else they are others' */
    for (size_t i = 0; i < message->layout.attachment_count && SUCCEEDED(hr); i++)
        hr = load_one(message, &message->layout.attachments[i], known ? numbers[i] : (ULONG)i);
    free(numbers);
    return hr;
}

void message_attachments_clear(struct imap_message *message)
{
    while (message->entries) {
        struct attachment_entry *entry = message->entries;

        message->entries = entry->next;
        attachment_entry_unref(entry);
    }
}

static void changed(struct imap_message *message)
{
    message->content_changed = true;
}

HRESULT message_attachment_put(struct imap_message *message, struct attachment_entry *entry)
{
    struct attachment_entry *old;
    SPropValue *values;
    ULONG count;
    HRESULT hr = propbag_get_props(&entry->bag, NULL, MAPI_UNICODE, 0, &count, &values);

    if (FAILED(hr))
        return hr;
    hr = set_row(message, NULL, entry->number, values, count);
    mapi_free(values);
    if (FAILED(hr))
        return hr;
    pthread_mutex_lock(&message->lock);
    old = unlink_entry(message, entry->number);
    link_entry(message, attachment_entry_ref(entry));
    changed(message);
    pthread_mutex_unlock(&message->lock);
    attachment_entry_unref(old);
    return S_OK;
}

HRESULT message_attachment_delete(struct imap_message *message, ULONG number)
{
    SPropValue key = {.ulPropTag = PR_ATTACH_NUM};
    struct attachment_entry *entry;

    pthread_mutex_lock(&message->lock);
    entry = unlink_entry(message, number);
    if (entry)
        changed(message);
    pthread_mutex_unlock(&message->lock);
    if (!entry)
        return MAPI_E_NOT_FOUND;
    key.Value.l = (LONG)number;
    row_list_remove(message->attachments, &key);
    attachment_entry_unref(entry);
    return S_OK;
}

HRESULT message_attachment_open(struct imap_message *message, ULONG number, ULONG flags,
                                IAttach **ret_attach)
{
    struct attachment_entry *entry;
    HRESULT hr;

    pthread_mutex_lock(&message->lock);
    entry = message->entries;
    while (entry && entry->number != number)
        entry = entry->next;
    if (entry)
        attachment_entry_ref(entry);
    pthread_mutex_unlock(&message->lock);
    if (!entry)
        return MAPI_E_NOT_FOUND;
    hr = attach_open(message, entry, flags & (MAPI_MODIFY | MAPI_BEST_ACCESS) && message->writable,
                     ret_attach);
    attachment_entry_unref(entry);
    return hr;
}

HRESULT message_attachment_create(struct imap_message *message, ULONG *ret_number,
                                  IAttach **ret_attach)
{
    ULONG number;
    HRESULT hr;

    pthread_mutex_lock(&message->lock);
    number = message->last_attachment++;
    pthread_mutex_unlock(&message->lock);
    hr = attach_create(message, number, ret_attach);
    if (SUCCEEDED(hr))
        *ret_number = number;
    return hr;
}
