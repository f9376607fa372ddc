/* providers/account/message_columns.c - what MAPI calls the parts of an index row
 *
 * Sources: the sheet of contents-table columns in docs/architecture.md's journey 1: flags, size and
 * INTERNALDATE as they are, the envelope decoded. From is the represented sender, Sender the sender
 * (docs/requirements/README.md). */
#include "providers/account/message_columns.h"

#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/filetime.h"
#include "mapi/mapiextra.h"
#include "mapi/mapigate.h"
#include "mapi/mapitags.h"
#include "mapi/oneoff.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "mime/header_text.h"
#include "providers/account/access.h"
#include "providers/imap/client/message.h"

const ULONG message_column_tags[] = {
    PR_SUBJECT_W,
    PR_NORMALIZED_SUBJECT_W,
    PR_SUBJECT_PREFIX_W,
    PR_CONVERSATION_TOPIC_W,
    PR_SENDER_NAME_W,
    PR_SENDER_EMAIL_ADDRESS_W,
    PR_SENDER_ADDRTYPE_W,
    PR_SENT_REPRESENTING_NAME_W,
    PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_ADDRTYPE_W,
    PR_DISPLAY_TO_W,
    PR_DISPLAY_CC_W,
    PR_DISPLAY_BCC_W,
    PR_MESSAGE_DELIVERY_TIME,
    PR_CLIENT_SUBMIT_TIME,
    PR_CREATION_TIME,
    PR_LAST_MODIFICATION_TIME,
    PR_MESSAGE_SIZE,
    PR_MESSAGE_FLAGS,
    PR_HASATTACH,
    PR_MESSAGE_CLASS_W,
    PR_IMPORTANCE,
    PR_PRIORITY,
    PR_SENSITIVITY,
    PR_INTERNET_MESSAGE_ID_W,
    PR_IN_REPLY_TO_ID_W,
    PR_FLAG_STATUS,
    PR_ENTRYID,
    PR_INSTANCE_KEY,
    PR_RECORD_KEY,
    PR_SOURCE_KEY,
    PR_PARENT_ENTRYID,
    PR_PARENT_SOURCE_KEY,
    PR_STORE_RECORD_KEY,
    PR_STORE_ENTRYID,
    PR_MAPPING_SIGNATURE,
    PR_OBJECT_TYPE,
    PR_ROW_TYPE,
    PR_DEPTH,
    PR_ACCESS,
    PR_ACCESS_LEVEL,
    PR_MG_MID,
    PR_MG_PARENT_FID,
    PR_MG_INST_ID,
    PR_MG_INSTANCE_NUM,
};
const size_t message_column_count = sizeof(message_column_tags) / sizeof(message_column_tags[0]);

bool message_has_column(ULONG tag)
{
    for (size_t i = 0; i < message_column_count; i++)
        if (message_column_tags[i] == tag)
            return true;
    return false;
}

#define FLAG_STATUS_FLAGGED 2 /* PidTagFlagStatus: followupFlagged */

ULONG message_flags_of(uint32_t flags, bool has_attachment)
{
    ULONG result = 0;

    if (flags & IMAP_FLAG_SEEN)
        result |= MSGFLAG_READ;
    if (flags & IMAP_FLAG_DRAFT)
        result |= MSGFLAG_UNSENT;
    if (flags & IMAP_FLAG_SUBMITTED)
        result |= MSGFLAG_SUBMIT;
    if (has_attachment)
        result |= MSGFLAG_HASATTACH;
    return result;
}

/* --- Kinds of values -------------------------------------------------------------------------- */

static HRESULT set_text(const char *utf8, size_t size, struct arena *scratch, SPropValue *value)
{
    value->Value.lpszW = arena_utf16(scratch, utf8, size);
    return value->Value.lpszW ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT set_utf8(const char *utf8, struct arena *scratch, SPropValue *value)
{
    return utf8 ? set_text(utf8, strlen(utf8), scratch, value) : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT set_raw(const struct imap_text *text, struct arena *scratch, SPropValue *value)
{
    if (text->size == 0)
        return MAPI_E_NOT_FOUND;
    return set_text(text->bytes, text->size, scratch, value);
}

static HRESULT set_time(int64_t seconds, SPropValue *value)
{
    if (seconds == INT64_MIN)
        return MAPI_E_NOT_FOUND;
    value->Value.ft = filetime_from_unix(seconds);
    return S_OK;
}

static HRESULT set_bytes(struct arena *scratch, size_t size, SPropValue *value)
{
    value->Value.bin.lpb = arena_alloc(scratch, size);
    value->Value.bin.cb = (ULONG)size;
    return value->Value.bin.lpb ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* --- Subject and addresses -------------------------------------------------------------------- */

static HRESULT set_subject(const struct message_view *view, ULONG tag, struct arena *scratch,
                           SPropValue *value)
{
    const char *subject =
        header_text_decode(scratch, view->row->subject.bytes, view->row->subject.size);
    size_t prefix;

    if (!subject)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (tag == PR_SUBJECT_W)
        return set_utf8(subject, scratch, value);
    prefix = subject_prefix_length(subject);
    if (tag == PR_SUBJECT_PREFIX_W)
        return set_text(subject, prefix, scratch, value);
    return set_utf8(subject + prefix, scratch, value);
}

/* Sender falls back to From and the other way round (RFC 5322, 3.6.2). */
static struct imap_text sender_of(const struct message_view *view, bool representing)
{
    const struct imap_row *row = view->row;
    const struct imap_text *first = representing ? &row->from : &row->sender;
    const struct imap_text *second = representing ? &row->sender : &row->from;

    return first->size ? *first : *second;
}

static HRESULT set_address(const struct message_view *view, bool representing, ULONG tag,
                           struct arena *scratch, SPropValue *value)
{
    struct imap_text list = sender_of(view, representing);
    const char *name, *address;

    if (!imap_addresses_next(&list, &name, &address))
        return MAPI_E_NOT_FOUND;
    if (tag == PR_SENDER_EMAIL_ADDRESS_W || tag == PR_SENT_REPRESENTING_EMAIL_ADDRESS_W)
        return set_utf8(address, scratch, value);
    if (tag == PR_SENDER_ADDRTYPE_W || tag == PR_SENT_REPRESENTING_ADDRTYPE_W)
        return set_utf8("SMTP", scratch, value);
    if (!name[0])
        return set_utf8(address, scratch, value);
    return set_utf8(header_text_decode(scratch, name, strlen(name)), scratch, value);
}

/* "Ann; bob@example.org": display names, or addresses where there are none. */
static HRESULT set_display_list(const struct imap_text *field, struct arena *scratch,
                                SPropValue *value)
{
    struct imap_text list = *field;
    const char *name, *address;
    size_t size = 0, space = 256;
    char *text = arena_alloc(scratch, space);

    if (!text)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    while (imap_addresses_next(&list, &name, &address)) {
        const char *shown = name[0] ? header_text_decode(scratch, name, strlen(name)) : address;
        size_t length = shown ? strlen(shown) : 0;

        if (size + length + 3 > space) {
            char *grown = arena_alloc(scratch, space = (size + length + 3) * 2);

            if (!grown)
                return MAPI_E_NOT_ENOUGH_MEMORY;
            memcpy(grown, text, size);
            text = grown;
        }
        if (size) {
            memcpy(text + size, "; ", 2);
            size += 2;
        }
        memcpy(text + size, shown ? shown : "", length);
        size += length;
    }
    return set_text(text, size, scratch, value);
}

/* --- Columns ---------------------------------------------------------------------------------- */

static HRESULT id_column(const struct message_view *view, ULONG tag, struct arena *scratch,
                         SPropValue *value)
{
    HRESULT hr;

    switch (tag) {
    case PR_ENTRYID:
        hr = set_bytes(scratch, MESSAGE_ENTRYID_SIZE, value);
        if (SUCCEEDED(hr))
            ids_message_entryid(view->guids, view->folder, view->number, value->Value.bin.lpb);
        return hr;
    case PR_PARENT_ENTRYID:
        hr = set_bytes(scratch, FOLDER_ENTRYID_SIZE, value);
        if (SUCCEEDED(hr))
            ids_folder_entryid(view->guids, view->folder, value->Value.bin.lpb);
        return hr;
    case PR_INSTANCE_KEY:
        hr = set_bytes(scratch, INSTANCE_KEY_SIZE, value);
        if (SUCCEEDED(hr))
            ids_instance_key(view->number, 0, value->Value.bin.lpb);
        return hr;
    case PR_RECORD_KEY:
    case PR_SOURCE_KEY:
    case PR_PARENT_SOURCE_KEY:
        hr = set_bytes(scratch, SOURCE_KEY_SIZE, value);
        if (SUCCEEDED(hr))
            ids_source_key(view->guids, tag == PR_PARENT_SOURCE_KEY ? view->folder : view->number,
                           value->Value.bin.lpb);
        return hr;
    case PR_STORE_ENTRYID:
        if (!view->store)
            return MAPI_E_NOT_FOUND;
        value->Value.bin = *view->store;
        return S_OK;
    case PR_STORE_RECORD_KEY:
    case PR_MAPPING_SIGNATURE: /* one mapping for the whole mailbox (STO-280) */
        value->Value.bin.cb = sizeof(MAPIUID);
        value->Value.bin.lpb = (BYTE *)&view->guids->mailbox;
        return S_OK;
    case PR_MG_MID:
    case PR_MG_INST_ID:
        value->Value.li.QuadPart = ids_short_id(view->number);
        return S_OK;
    case PR_MG_PARENT_FID:
        value->Value.li.QuadPart = ids_short_id(view->folder);
        return S_OK;
    }
    return MAPI_E_NOT_FOUND;
}

static HRESULT number_column(const struct message_view *view, ULONG tag, SPropValue *value)
{
    const struct imap_row *row = view->row;

    switch (tag) {
    case PR_MESSAGE_SIZE:
        value->Value.l = row->size > INT32_MAX ? INT32_MAX : (LONG)row->size;
        return S_OK;
    case PR_MESSAGE_FLAGS:
        value->Value.l = (LONG)message_flags_of(row->flags, row->has_attachment);
        return S_OK;
    case PR_DEPTH:
    case PR_PRIORITY:
    case PR_SENSITIVITY:
    case PR_MG_INSTANCE_NUM:
        value->Value.l = 0;
        return S_OK;
    case PR_IMPORTANCE:
        value->Value.l = 1; /* normal */
        return S_OK;
    case PR_ROW_TYPE:
        value->Value.l = TBL_LEAF_ROW;
        return S_OK;
    case PR_HASATTACH:
        value->Value.b = row->has_attachment;
        return S_OK;
    case PR_OBJECT_TYPE:
        value->Value.l = MAPI_MESSAGE;
        return S_OK;
    case PR_ACCESS:
        value->Value.l = (LONG)access_of_message(view->rights);
        return S_OK;
    case PR_ACCESS_LEVEL:
        value->Value.l = view->rights & IMAP_RIGHT_WRITE ? MAPI_MODIFY : 0;
        return S_OK;
    case PR_FLAG_STATUS:
        if (!(row->flags & IMAP_FLAG_FLAGGED))
            return MAPI_E_NOT_FOUND;
        value->Value.l = FLAG_STATUS_FLAGGED;
        return S_OK;
    }
    return MAPI_E_NOT_FOUND;
}

static HRESULT text_column(const struct message_view *view, ULONG tag, struct arena *scratch,
                           SPropValue *value)
{
    const struct imap_row *row = view->row;

    switch (tag) {
    case PR_SUBJECT_W:
    case PR_NORMALIZED_SUBJECT_W:
    case PR_SUBJECT_PREFIX_W:
    case PR_CONVERSATION_TOPIC_W:
        return set_subject(view, tag, scratch, value);
    case PR_SENDER_NAME_W:
    case PR_SENDER_EMAIL_ADDRESS_W:
    case PR_SENDER_ADDRTYPE_W:
        return set_address(view, false, tag, scratch, value);
    case PR_SENT_REPRESENTING_NAME_W:
    case PR_SENT_REPRESENTING_EMAIL_ADDRESS_W:
    case PR_SENT_REPRESENTING_ADDRTYPE_W:
        return set_address(view, true, tag, scratch, value);
    case PR_DISPLAY_TO_W:
        return set_display_list(&row->to, scratch, value);
    case PR_DISPLAY_CC_W:
        return set_display_list(&row->cc, scratch, value);
    case PR_DISPLAY_BCC_W:
        return set_display_list(&row->bcc, scratch, value);
    case PR_MESSAGE_CLASS_W:
        return set_utf8("IPM.Note", scratch, value);
    case PR_INTERNET_MESSAGE_ID_W:
        return set_raw(&row->message_id, scratch, value);
    case PR_IN_REPLY_TO_ID_W:
        return set_raw(&row->in_reply_to, scratch, value);
    }
    return MAPI_E_NOT_FOUND;
}

HRESULT message_column(const struct message_view *view, ULONG tag, struct arena *scratch,
                       SPropValue *ret_value)
{
    ret_value->ulPropTag = tag;
    switch (PROP_TYPE(tag)) {
    case PT_UNICODE:
        return text_column(view, tag, scratch, ret_value);
    case PT_SYSTIME:
        if (tag == PR_CLIENT_SUBMIT_TIME)
            return set_time(header_date_parse(view->row->date.bytes), ret_value);
        if (tag == PR_MESSAGE_DELIVERY_TIME || tag == PR_CREATION_TIME ||
            tag == PR_LAST_MODIFICATION_TIME)
            return set_time(view->row->internaldate, ret_value);
        return MAPI_E_NOT_FOUND;
    case PT_BINARY:
    case PT_I8:
        return id_column(view, tag, scratch, ret_value);
    }
    return number_column(view, tag, ret_value);
}

bool message_tells_rights(const ULONG *tags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tags[i] == PR_ACCESS || tags[i] == PR_ACCESS_LEVEL)
            return true;
    return false;
}

HRESULT message_row(const struct message_view *view, const struct side_columns *side,
                    const ULONG *tags, size_t count, struct arena *scratch, SPropValue *values)
{
    for (size_t i = 0; i < count; i++) {
        ULONG tag = tags[i];
        HRESULT hr;

        if (PROP_TYPE(tag) == PT_STRING8) /* either width will do */
            tag = CHANGE_PROP_TYPE(tag, PT_UNICODE);
        hr = message_column(view, tag, scratch, &values[i]);
        if (hr == MAPI_E_NOT_FOUND && message_has_column(tag))
            propval_set_error(&values[i], tags[i], MAPI_E_NOT_FOUND);
        else if (hr == MAPI_E_NOT_FOUND)
            side_columns_value(side, view->number, tag, &values[i]);
        else if (FAILED(hr))
            return hr;
    }
    return S_OK;
}
