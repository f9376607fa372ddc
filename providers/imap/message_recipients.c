/* providers/imap/message_recipients.c - the recipients of a message
 *
 * Rows keyed by PR_ROWID; each has at least a type, a name, an address and what is made of them.
 * Behaviour: STO, "ModifyRecipients". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/table.h"
#include "mapi/text.h"
#include "providers/imap/message_private.h"
#include "state/queue.h"

static const SizedSPropTagArray(11, default_columns) = {
    11,
    {PR_ROWID, PR_RECIPIENT_TYPE, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_ADDRTYPE_W, PR_ENTRYID,
     PR_SEARCH_KEY, PR_OBJECT_TYPE, PR_DISPLAY_TYPE, PR_RESPONSIBILITY, PR_RECORD_KEY}};

HRESULT message_recipients_table(struct imap_message *message, ULONG flags, IMAPITable **ret_table)
{
    const struct table_options options = {
        .source = row_list_source(message->recipients),
        .owner = &message->object,
        .dispatcher = imap_link_dispatcher(message->link),
        .columns = (const SPropTagArray *)&default_columns,
        .flags = flags & MAPI_UNICODE,
        .index_tag = PR_ROWID,
    };

    return table_create(&options, ret_table);
}

/* --- One row, completed ----------------------------------------------------------------------- */

static const SPropValue *find(const SPropValue *values, ULONG count, ULONG id)
{
    for (ULONG i = 0; i < count; i++)
        if (PROP_ID(values[i].ulPropTag) == id && PROP_TYPE(values[i].ulPropTag) != PT_ERROR)
            return &values[i];
    return NULL;
}

static HRESULT text_of(void *root, const SPropValue *value, char **ret_text)
{
    *ret_text = NULL;
    if (!value)
        return S_OK;
    if (PROP_TYPE(value->ulPropTag) == PT_UNICODE)
        return text_utf16_to_utf8(root, value->Value.lpszW, ret_text);
    if (PROP_TYPE(value->ulPropTag) == PT_STRING8)
        return text_8bit_to_utf8(root, value->Value.lpszA, ret_text);
    return MAPI_E_INVALID_PARAMETER;
}

struct completion {
    void *root;
    SPropValue *values;
    ULONG count;
};

static void add_number(struct completion *completion, ULONG tag, ULONG number)
{
    if (find(completion->values, completion->count, PROP_ID(tag)))
        return;
    completion->values[completion->count].ulPropTag = tag;
    completion->values[completion->count++].Value.l = (LONG)number;
}

static HRESULT add_text(struct completion *completion, ULONG tag, const char *text)
{
    SPropValue *value = &completion->values[completion->count];
    HRESULT hr;

    if (find(completion->values, completion->count, PROP_ID(tag)))
        return S_OK;
    value->ulPropTag = tag;
    hr = text_utf8_to_utf16(completion->root, text, &value->Value.lpszW);
    if (SUCCEEDED(hr))
        completion->count++;
    return hr;
}

/* Name, type and address out of each other and of the entry id; then id and search key of them. */
static HRESULT complete_address(struct completion *completion)
{
    const SPropValue *id = find(completion->values, completion->count, PROP_ID(PR_ENTRYID));
    struct oneoff oneoff = {0};
    char *name, *type, *address;
    SPropValue *value;
    HRESULT hr;

    if (id && PROP_TYPE(id->ulPropTag) == PT_BINARY)
        oneoff_parse(completion->root, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, &oneoff);
    hr = text_of(completion->root,
                 find(completion->values, completion->count, PROP_ID(PR_DISPLAY_NAME)), &name);
    if (SUCCEEDED(hr))
        hr = text_of(completion->root,
                     find(completion->values, completion->count, PROP_ID(PR_ADDRTYPE)), &type);
    if (SUCCEEDED(hr))
        hr = text_of(completion->root,
                     find(completion->values, completion->count, PROP_ID(PR_EMAIL_ADDRESS)),
                     &address);
    if (FAILED(hr))
        return hr;
    oneoff.address = address ? address : oneoff.address;
    oneoff.type = type ? type : oneoff.type ? oneoff.type : "SMTP";
    oneoff.name = name ? name : oneoff.name ? oneoff.name : oneoff.address;
    oneoff.no_rich_info = true;
    if (!oneoff.name)
        return MAPI_E_INVALID_PARAMETER;
    hr = add_text(completion, PR_DISPLAY_NAME_W, oneoff.name);
    if (FAILED(hr) || !oneoff.address)
        return hr; /* an unresolved name: kept, and refused when it is sent */
    hr = add_text(completion, PR_ADDRTYPE_W, oneoff.type);
    if (SUCCEEDED(hr))
        hr = add_text(completion, PR_EMAIL_ADDRESS_W, oneoff.address);
    value = &completion->values[completion->count];
    if (SUCCEEDED(hr) && !id) {
        value->ulPropTag = PR_ENTRYID;
        hr = oneoff_create(completion->root, &oneoff, &value->Value.bin.cb,
                           (ENTRYID **)&value->Value.bin.lpb);
        if (SUCCEEDED(hr))
            completion->count++;
    }
    value = &completion->values[completion->count];
    if (SUCCEEDED(hr) && !find(completion->values, completion->count, PROP_ID(PR_SEARCH_KEY))) {
        value->ulPropTag = PR_SEARCH_KEY;
        hr = oneoff_search_key(completion->root, oneoff.type, oneoff.address, &value->Value.bin);
        if (SUCCEEDED(hr))
            completion->count++;
    }
    return hr;
}

/* `number` 0: the row keeps its own PR_ROWID. */
static HRESULT put_row(struct imap_message *message, const ADRENTRY *entry, ULONG number)
{
    struct completion completion = {.root = mapi_alloc(NULL, 1)};
    HRESULT hr = completion.root ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        completion.values =
            mapi_alloc_array(completion.root, (size_t)entry->cValues + 12, sizeof(SPropValue));
    if (SUCCEEDED(hr) && !completion.values)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; i < entry->cValues && SUCCEEDED(hr); i++)
        if (PROP_TYPE(entry->rgPropVals[i].ulPropTag) != PT_ERROR &&
            (!number || PROP_ID(entry->rgPropVals[i].ulPropTag) != PROP_ID(PR_ROWID)))
            completion.values[completion.count++] = entry->rgPropVals[i];
    if (SUCCEEDED(hr)) {
        add_number(&completion, PR_ROWID, number);
        add_number(&completion, PR_RECIPIENT_TYPE, MAPI_TO);
        add_number(&completion, PR_OBJECT_TYPE, MAPI_MAILUSER);
        add_number(&completion, PR_DISPLAY_TYPE, DT_MAILUSER);
        hr = complete_address(&completion);
    }
    if (SUCCEEDED(hr))
        hr = row_list_set(message->recipients, completion.values, completion.count);
    mapi_free(completion.root);
    return hr;
}

/* --- ModifyRecipients ------------------------------------------------------------------------- */

static HRESULT add_all(struct imap_message *message, const ADRLIST *list)
{
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < list->cEntries && SUCCEEDED(hr); i++)
        hr = put_row(message, &list->aEntries[i], ++message->last_recipient);
    return hr;
}

/* MODRECIP_MODIFY and MODRECIP_REMOVE name rows by PR_ROWID. */
static HRESULT change_one(struct imap_message *message, const ADRENTRY *entry, ULONG flags)
{
    const SPropValue *number = find(entry->rgPropVals, entry->cValues, PROP_ID(PR_ROWID));

    if (!number)
        return MAPI_E_INVALID_PARAMETER;
    return flags & MODRECIP_REMOVE ? row_list_remove(message->recipients, number)
                                   : put_row(message, entry, 0);
}

static bool has_null(const ADRLIST *list)
{
    for (ULONG i = 0; list && i < list->cEntries; i++)
        for (ULONG v = 0; v < list->aEntries[i].cValues; v++)
            if (PROP_TYPE(list->aEntries[i].rgPropVals[v].ulPropTag) == PT_NULL)
                return true;
    return false;
}

HRESULT message_recipients_modify(struct imap_message *message, ULONG flags, const ADRLIST *list)
{
    HRESULT hr = S_OK;

    if (flags & (flags - 1) || (!list && flags) || has_null(list)) /* STO-209 */
        return MAPI_E_INVALID_PARAMETER;
    if (!flags) { /* replaces all */
        row_list_remove_all(message->recipients);
        hr = list ? add_all(message, list) : S_OK;
    } else if (flags & MODRECIP_ADD) {
        hr = add_all(message, list);
    } else {
        for (ULONG i = 0; i < list->cEntries && SUCCEEDED(hr); i++)
            hr = change_one(message, &list->aEntries[i], flags);
    }
    pthread_mutex_lock(&message->lock);
    message->content_changed = true;
    pthread_mutex_unlock(&message->lock);
    return hr;
}

/* --- In the queue --- */

/* Has the transport, or somebody before it, taken care of the one with this address? */
static bool is_responsible(const struct state_submission *submission, const char *address)
{
    for (size_t i = 0; address && i < submission->recipient_count; i++)
        if (strcasecmp(submission->recipients[i].address, address) == 0)
            return submission->recipients[i].responsible ||
                   submission->recipients[i].stage == RECIPIENT_SENT;
    return false;
}

static HRESULT set_responsibility(struct imap_message *message, SPropValue *values, ULONG count,
                                  const struct state_submission *submission)
{
    const SPropValue *smtp = find(values, count, PROP_ID(PR_EMAIL_ADDRESS));
    SPropValue *row = mapi_alloc_array(NULL, (size_t)count + 1, sizeof(*row));
    ULONG kept = 0;
    char *address = NULL;
    HRESULT hr = row ? text_of(NULL, smtp, &address) : MAPI_E_NOT_ENOUGH_MEMORY;

    for (ULONG i = 0; SUCCEEDED(hr) && i < count; i++)
        if (PROP_ID(values[i].ulPropTag) != PROP_ID(PR_RESPONSIBILITY))
            row[kept++] = values[i];
    if (SUCCEEDED(hr)) {
        row[kept] = (SPropValue){.ulPropTag = PR_RESPONSIBILITY};
        row[kept++].Value.b = is_responsible(submission, address);
        hr = row_list_set(message->recipients, row, kept);
    }
    mapi_free(address);
    mapi_free(row);
    return hr;
}

HRESULT message_recipients_queued(struct imap_message *message,
                                  const struct state_submission *submission)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < row_list_count(message->recipients); i++) {
        SPropValue *values;
        ULONG count;

        hr = row_list_get_at(message->recipients, i, &values, &count);
        if (FAILED(hr))
            break;
        hr = set_responsibility(message, values, count, submission);
        mapi_free(values);
    }
    return hr;
}

/* --- For saving and sending ------------------------------------------------------------------- */

HRESULT message_recipients_take(struct imap_message *message, SRow **ret_rows, ULONG *ret_count)
{
    size_t count = row_list_count(message->recipients);
    SRow *rows = mapi_alloc_array(NULL, count + 1, sizeof(*rows));
    ULONG taken = 0;

    if (!rows)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < count; i++) {
        SPropValue *values, *copy;
        ULONG value_count;
        HRESULT hr = row_list_get_at(message->recipients, i, &values, &value_count);

        if (hr == MAPI_E_NOT_FOUND)
            break; /* somebody took one away meanwhile */
        if (SUCCEEDED(hr)) {
            hr = ScDupPropset((int)value_count, values, MAPIAllocateBuffer, &copy);
            mapi_free(values);
        }
        if (FAILED(hr)) {
            message_rows_free(rows, taken);
            return hr;
        }
        rows[taken].cValues = value_count;
        rows[taken++].lpProps = copy;
    }
    *ret_rows = rows;
    *ret_count = taken;
    return S_OK;
}

void message_rows_free(SRow *rows, ULONG count)
{
    for (ULONG i = 0; i < count; i++)
        mapi_free(rows[i].lpProps);
    mapi_free(rows);
}

static HRESULT join_names(const SRow *rows, ULONG count, ULONG type, char **ret_text)
{
    size_t size = 0;
    FILE *out = open_memstream(ret_text, &size);
    bool first = true;
    HRESULT hr = S_OK;

    if (!out)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++) {
        const SPropValue *kind = find(rows[i].lpProps, rows[i].cValues, PROP_ID(PR_RECIPIENT_TYPE));
        char *name;

        if (!kind || (ULONG)kind->Value.l != type)
            continue;
        hr = text_of(NULL, find(rows[i].lpProps, rows[i].cValues, PROP_ID(PR_DISPLAY_NAME)), &name);
        if (SUCCEEDED(hr) && name)
            fprintf(out, "%s%s", first ? "" : "; ", name);
        first = false;
        mapi_free(name);
    }
    return fclose(out) == 0 ? hr : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* PR_DISPLAY_TO, _CC and _BCC follow the recipients with each save (STO). */
HRESULT message_display_lists(struct imap_message *message)
{
    static const struct {
        ULONG tag, type;
    } lists[] = {
        {PR_DISPLAY_TO_W, MAPI_TO}, {PR_DISPLAY_CC_W, MAPI_CC}, {PR_DISPLAY_BCC_W, MAPI_BCC}};
    SRow *rows;
    ULONG count;
    HRESULT hr = message_recipients_take(message, &rows, &count);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < 3 && SUCCEEDED(hr); i++) {
        SPropValue value = {.ulPropTag = lists[i].tag};
        char *text = NULL;

        hr = join_names(rows, count, lists[i].type, &text);
        if (SUCCEEDED(hr))
            hr = text_utf8_to_utf16(NULL, text, &value.Value.lpszW);
        if (SUCCEEDED(hr))
            hr = prop_load_value(&message->props, &value, PROP_READONLY);
        free(text);
        mapi_free(value.Value.lpszW);
    }
    message_rows_free(rows, count);
    return hr;
}
