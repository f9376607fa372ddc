/* providers/imap/message_rules.c - what of a message is a program's to set, and what follows
 *
 * Most properties are the program's. Identity, times, counts and lists are the store's, and
 * PR_MESSAGE_FLAGS is the program's until the first save (STO-176, STO-181 to STO-187). Flags that
 * IMAP does not know are kept beside the message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "mime/header_text.h"
#include "providers/account/message_columns.h"
#include "providers/imap/message_private.h"

/* --- Setting ---------------------------------------------------------------------------------- */

static bool is_computed(ULONG id)
{
    switch (id) {
    case PROP_ID(PR_ACCESS):
    case PROP_ID(PR_ACCESS_LEVEL):
    case PROP_ID(PR_CREATION_TIME):
    case PROP_ID(PR_DISPLAY_BCC):
    case PROP_ID(PR_DISPLAY_CC):
    case PROP_ID(PR_DISPLAY_TO):
    case PROP_ID(PR_ENTRYID):
    case PROP_ID(PR_HASATTACH):
    case PROP_ID(PR_LAST_MODIFICATION_TIME):
    case PROP_ID(PR_MESSAGE_ATTACHMENTS):
    case PROP_ID(PR_MESSAGE_RECIPIENTS):
    case PROP_ID(PR_MESSAGE_SIZE):
    case PROP_ID(PR_NORMALIZED_SUBJECT):
    case PROP_ID(PR_OBJECT_TYPE):
    case PROP_ID(PR_PARENT_ENTRYID):
    case PROP_ID(PR_RECORD_KEY):
    case PROP_ID(PR_SEARCH_KEY):
    case PROP_ID(PR_STORE_ENTRYID):
    case PROP_ID(PR_STORE_RECORD_KEY):
        return true;
    }
    return false;
}

#define FLAGS_SETTABLE (MSGFLAG_READ | MSGFLAG_UNSENT | MSGFLAG_FROMME | MSGFLAG_RESEND)
#define FLAGS_KEPT     (MSGFLAG_UNMODIFIED | MSGFLAG_FROMME | MSGFLAG_RESEND)

HRESULT message_change(struct mapi_prop *prop, ULONG tag, SPropValue *value)
{
    struct imap_message *message = message_from_prop(prop);

    if (is_computed(PROP_ID(tag)))
        return MAPI_E_COMPUTED;
    if (PROP_ID(tag) != PROP_ID(PR_MESSAGE_FLAGS))
        return S_OK;
    if (message->number || !value) /* SetReadFlag and SubmitMessage change it from now on */
        return MAPI_E_COMPUTED;
    if (tag != PR_MESSAGE_FLAGS)
        return MAPI_E_INVALID_TYPE;
    value->Value.l = (value->Value.l & FLAGS_SETTABLE) | MSGFLAG_UNMODIFIED;
    return S_OK;
}

/* --- Flags ------------------------------------------------------------------------------------ */

LONG message_flags_kept(const struct imap_message *message, const struct propbag *bag)
{
    const SPropValue *value = propbag_find(bag, PR_MESSAGE_FLAGS);

    if (message->number) /* saved again */
        return message->kept_flags & ~(LONG)MSGFLAG_UNMODIFIED;
    return value ? value->Value.l & FLAGS_KEPT : MSGFLAG_UNMODIFIED;
}

static bool asks_for_receipt(struct imap_message *message)
{
    SPropValue *value;
    bool asks;

    if (FAILED(prop_dup_value(&message->props, PR_READ_RECEIPT_REQUESTED, &value)))
        return false;
    asks = PROP_TYPE(value->ulPropTag) == PT_BOOLEAN && value->Value.b;
    mapi_free(value);
    return asks;
}

HRESULT message_load_flags(struct imap_message *message, bool has_attachment)
{
    SPropValue value = {.ulPropTag = PR_MESSAGE_FLAGS};

    value.Value.l =
        (LONG)message_flags_of(message->flags, has_attachment) | (message->kept_flags & FLAGS_KEPT);
    if (asks_for_receipt(message) && !(message->flags & (IMAP_FLAG_MDNSENT | IMAP_FLAG_DRAFT)))
        value.Value.l |= MSGFLAG_RN_PENDING;
    return prop_load_value(&message->props, &value, 0);
}

/* --- What follows from others ----------------------------------------------------------------- */

static HRESULT load_text(struct imap_message *message, ULONG tag, const char *text)
{
    SPropValue value = {.ulPropTag = tag};
    HRESULT hr = text_utf8_to_utf16(NULL, text, &value.Value.lpszW);

    if (SUCCEEDED(hr))
        hr = prop_load_value(&message->props, &value, 0);
    mapi_free(value.Value.lpszW);
    return hr;
}

static HRESULT take_text(struct imap_message *message, ULONG tag, char **ret_text)
{
    SPropValue *value;
    HRESULT hr = prop_dup_value(&message->props, tag, &value);

    *ret_text = NULL;
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    if (FAILED(hr))
        return hr;
    if (value->ulPropTag == tag)
        hr = text_utf16_to_utf8(NULL, value->Value.lpszW, ret_text);
    mapi_free(value);
    return hr;
}

/* A prefix that a program has set counts where the subject begins with it (STO-332). */
HRESULT message_subject_parts(struct imap_message *message)
{
    char *subject, *prefix = NULL;
    size_t length;
    HRESULT hr = take_text(message, PR_SUBJECT_W, &subject);

    if (FAILED(hr) || !subject)
        return hr;
    hr = take_text(message, PR_SUBJECT_PREFIX_W, &prefix);
    length = prefix && strncmp(subject, prefix, strlen(prefix)) == 0
                 ? strlen(prefix)
                 : subject_prefix_length(subject);
    if (SUCCEEDED(hr))
        hr = load_text(message, PR_NORMALIZED_SUBJECT_W, subject + length);
    mapi_free(prefix);
    mapi_free(subject);
    return hr;
}

/* PR_SEARCH_KEY: the same for a message and its copies (STO-300), which share the Message-ID, or
 * else what no copy changes. A new message has it at once (PRP-019). */
HRESULT message_load_search_key(struct imap_message *message, uint32_t size, int64_t internaldate)
{
    SPropValue value = {.ulPropTag = PR_SEARCH_KEY};
    char *id, other[64];
    HRESULT hr = take_text(message, PR_INTERNET_MESSAGE_ID_W, &id);

    if (SUCCEEDED(hr) && !id && message->number && message->made_id[0]) /* it is written */
        hr = load_text(message, PR_INTERNET_MESSAGE_ID_W, message->made_id);
    if (FAILED(hr))
        return hr;
    snprintf(other, sizeof(other), "%lld.%u", (long long)internaldate, size);
    value.Value.bin.lpb = (BYTE *)(id && *id ? id : message->made_id[0] ? message->made_id : other);
    value.Value.bin.cb = (ULONG)strlen((char *)value.Value.bin.lpb);
    hr = prop_load_value(&message->props, &value, PROP_READONLY);
    mapi_free(id);
    return hr;
}

/* Its tables are listed, and opened by OpenProperty and their methods. */
HRESULT message_load_tables(struct imap_message *message)
{
    static const ULONG tags[] = {PR_MESSAGE_RECIPIENTS, PR_MESSAGE_ATTACHMENTS};
    HRESULT hr = S_OK;

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]) && SUCCEEDED(hr); i++)
        hr = prop_load_value(&message->props, &(SPropValue){.ulPropTag = tags[i]}, PROP_OBJECT);
    return hr;
}
