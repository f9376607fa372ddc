/* providers/imap/message_submit.c - IMessage::SubmitMessage
 *
 * Checks and fill-ins, a last save, then a row in the account's queue: from there it is sent, now
 * or after a restart (docs/mail.md, "Sending"). */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mapi/edkmdb.h"
#include "mapi/filetime.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/text.h"
#include "providers/account/identity.h"
#include "providers/account/outbox.h"
#include "providers/imap/message_private.h"
#include "state/used_addresses.h"

/* --- Recipients ------------------------------------------------------------------------------- */

static const SPropValue *find(const SRow *row, ULONG id)
{
    for (ULONG i = 0; i < row->cValues; i++)
        if (PROP_ID(row->lpProps[i].ulPropTag) == id)
            return &row->lpProps[i];
    return NULL;
}

static bool is_smtp(const SRow *row)
{
    const SPropValue *type = find(row, PROP_ID(PR_ADDRTYPE));
    static const WCHAR smtp[] = u"SMTP";

    return type && type->ulPropTag == PR_ADDRTYPE_W && utf16_compare(type->Value.lpszW, smtp) == 0;
}

/* PR_SMTP_ADDRESS, else the address of an SMTP recipient, else its one-off. */
static HRESULT address_of(void *root, const SRow *row, const char **ret_address)
{
    const SPropValue *smtp = find(row, PROP_ID(PR_SMTP_ADDRESS));
    const SPropValue *address = find(row, PROP_ID(PR_EMAIL_ADDRESS));
    const SPropValue *id = find(row, PROP_ID(PR_ENTRYID));
    struct oneoff oneoff;

    if (smtp && smtp->ulPropTag == PR_SMTP_ADDRESS_W)
        return text_utf16_to_utf8(root, smtp->Value.lpszW, (char **)ret_address);
    if (address && address->ulPropTag == PR_EMAIL_ADDRESS_W && is_smtp(row))
        return text_utf16_to_utf8(root, address->Value.lpszW, (char **)ret_address);
    if (id && PROP_TYPE(id->ulPropTag) == PT_BINARY &&
        SUCCEEDED(oneoff_parse(root, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, &oneoff)) &&
        strcmp(oneoff.type, "SMTP") == 0) {
        *ret_address = oneoff.address;
        return S_OK;
    }
    return MAPI_E_AMBIGUOUS_RECIP;
}

/* PR_DISPLAY_NAME, for those who look at the addresses used before; NULL: none. */
static HRESULT name_of(void *root, const SRow *row, const char **ret_name)
{
    const SPropValue *name = find(row, PROP_ID(PR_DISPLAY_NAME));

    *ret_name = NULL;
    if (!name || name->ulPropTag != PR_DISPLAY_NAME_W)
        return S_OK;
    return text_utf16_to_utf8(root, name->Value.lpszW, (char **)ret_name);
}

struct envelope {
    void *root;
    SRow *rows;
    ULONG row_count;
    struct outgoing_recipient *recipients;
    struct state_used_address *used; /* the same people */
    size_t count;
};

static void envelope_clear(struct envelope *envelope)
{
    message_rows_free(envelope->rows, envelope->row_count);
    mapi_free(envelope->root);
}

static HRESULT take_envelope(struct imap_message *message, struct envelope *envelope)
{
    HRESULT hr = message_recipients_take(message, &envelope->rows, &envelope->row_count);

    envelope->root = SUCCEEDED(hr) ? mapi_alloc(NULL, 1) : NULL;
    if (SUCCEEDED(hr) && envelope->root) {
        envelope->recipients = mapi_alloc_array(envelope->root, (size_t)envelope->row_count + 1,
                                                sizeof(*envelope->recipients));
        envelope->used = mapi_alloc_array(envelope->root, (size_t)envelope->row_count + 1,
                                          sizeof(*envelope->used));
    }
    if (SUCCEEDED(hr) && (!envelope->recipients || !envelope->used))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; i < envelope->row_count && SUCCEEDED(hr); i++) {
        hr = address_of(envelope->root, &envelope->rows[i],
                        &envelope->recipients[envelope->count].address);
        if (hr == MAPI_E_AMBIGUOUS_RECIP)
            return mapi_object_error(&message->object, hr, "mapigate",
                                     "a recipient has no Internet address");
        envelope->used[envelope->count].address = envelope->recipients[envelope->count].address;
        if (SUCCEEDED(hr))
            hr = name_of(envelope->root, &envelope->rows[i], &envelope->used[envelope->count].name);
        envelope->count++;
    }
    if (SUCCEEDED(hr) && envelope->count == 0)
        return mapi_object_error(&message->object, MAPI_E_NO_RECIPIENTS, "mapigate",
                                 "the message has no recipient");
    return hr;
}

/* --- Fill-ins --------------------------------------------------------------------------------- */

static HRESULT put(struct imap_message *message, const SPropValue *value)
{
    HRESULT hr;

    pthread_mutex_lock(&message->props.lock);
    hr = propbag_set(&message->props.bag, value);
    pthread_mutex_unlock(&message->props.lock);
    return hr;
}

static HRESULT put_text(struct imap_message *message, ULONG tag, const char *text)
{
    SPropValue value = {.ulPropTag = tag};
    HRESULT hr = text_utf8_to_utf16(NULL, text, &value.Value.lpszW);

    if (SUCCEEDED(hr))
        hr = put(message, &value);
    mapi_free(value.Value.lpszW);
    return hr;
}

static bool has(struct imap_message *message, ULONG tag)
{
    SPropValue *there;
    bool found = SUCCEEDED(prop_dup_value(&message->props, tag, &there));

    if (found)
        mapi_free(there);
    return found;
}

/* Whoever the message says has sent it: it is the account that does (PRP-037). */
static HRESULT put_sender(struct imap_message *message, const struct account *account)
{
    SPropValue identity[IDENTITY_PROPS];
    void *root = mapi_alloc(NULL, 1);
    HRESULT hr = root ? account_identity(account, root, identity) : MAPI_E_NOT_ENOUGH_MEMORY;

    for (size_t i = 0; SUCCEEDED(hr) && i < IDENTITY_PROPS; i++) {
        if (identity[i].ulPropTag == PR_IDENTITY_ENTRYID)
            identity[i].ulPropTag = PR_SENDER_ENTRYID;
        else if (identity[i].ulPropTag == PR_IDENTITY_SEARCH_KEY)
            identity[i].ulPropTag = PR_SENDER_SEARCH_KEY;
        else
            continue; /* the name */
        hr = put(message, &identity[i]);
    }
    mapi_free(root);
    if (SUCCEEDED(hr))
        hr = put_text(message, PR_SENDER_NAME_W, account_display_name(account));
    if (SUCCEEDED(hr))
        hr = put_text(message, PR_SENDER_EMAIL_ADDRESS_W, account_email(account));
    return SUCCEEDED(hr) ? put_text(message, PR_SENDER_ADDRTYPE_W, "SMTP") : hr;
}

/* For whom, is the program's to say (PRP-039); else it is for the sender. */
static HRESULT put_represented(struct imap_message *message, const struct account *account)
{
    HRESULT hr = S_OK;

    if (!has(message, PR_SENT_REPRESENTING_NAME_W))
        hr = put_text(message, PR_SENT_REPRESENTING_NAME_W, account_display_name(account));
    if (SUCCEEDED(hr) && !has(message, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W))
        hr = put_text(message, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, account_email(account));
    if (SUCCEEDED(hr) && !has(message, PR_SENT_REPRESENTING_ADDRTYPE_W))
        hr = put_text(message, PR_SENT_REPRESENTING_ADDRTYPE_W, "SMTP");
    return hr;
}

static HRESULT fill_in(struct imap_message *message)
{
    const struct account *account = imap_link_account(message->link);
    SPropValue when = {.ulPropTag = PR_CLIENT_SUBMIT_TIME};
    HRESULT hr = put_sender(message, account);

    if (SUCCEEDED(hr))
        hr = put_represented(message, account);
    when.Value.ft = filetime_from_unix(time(NULL));
    return SUCCEEDED(hr) ? put(message, &when) : hr;
}

/* --- The queue -------------------------------------------------------------------------------- */

struct submit_call {
    struct link_call base;
    struct outgoing outgoing;
    const struct state_used_address *used; /* as many as there are recipients */
};

static HRESULT submit_on_engine(void *arg)
{
    struct submit_call *call = arg;
    struct account *account = call->base.account;
    HRESULT hr = account_submit(account, &call->outgoing, &call->base.error);

    if (SUCCEEDED(hr)) /* the address book proposes them; that it cannot stops no mail */
        state_used_addresses_add(account_state(account), call->used, call->outgoing.recipient_count,
                                 NULL);
    return hr;
}

/* Where the message goes afterwards: PR_SENTMAIL_ENTRYID, PR_DELETE_AFTER_SUBMIT, or it stays. */
static void take_afterwards(struct imap_message *message, struct outgoing *outgoing)
{
    SPropValue *value;
    struct entry_ref ref;

    if (SUCCEEDED(prop_dup_value(&message->props, PR_DELETE_AFTER_SUBMIT, &value))) {
        outgoing->delete_after = PROP_TYPE(value->ulPropTag) == PT_BOOLEAN && value->Value.b != 0;
        mapi_free(value);
    }
    if (SUCCEEDED(prop_dup_value(&message->props, PR_SENTMAIL_ENTRYID, &value))) {
        if (PROP_TYPE(value->ulPropTag) == PT_BINARY &&
            SUCCEEDED(ids_parse_entryid(imap_link_guids(message->link), value->Value.bin.cb,
                                        (ENTRYID *)value->Value.bin.lpb, &ref)) &&
            ref.kind == ENTRY_FOLDER)
            outgoing->sent_folder = ref.folder;
        mapi_free(value);
    }
}

static int64_t take_deferral(struct imap_message *message)
{
    SPropValue *value;
    int64_t seconds = 0;

    if (FAILED(prop_dup_value(&message->props, PR_DEFERRED_SEND_TIME, &value)))
        return 0;
    if (PROP_TYPE(value->ulPropTag) == PT_SYSTIME)
        seconds = filetime_to_unix(value->Value.ft);
    mapi_free(value);
    return seconds > time(NULL) ? seconds : 0;
}

static char *take_message_id(struct imap_message *message, void *root)
{
    SPropValue *value;
    char *id = NULL;

    if (FAILED(prop_dup_value(&message->props, PR_INTERNET_MESSAGE_ID_W, &value)))
        return NULL;
    if (value->ulPropTag == PR_INTERNET_MESSAGE_ID_W)
        text_utf16_to_utf8(root, value->Value.lpszW, &id);
    mapi_free(value);
    return id;
}

HRESULT message_submit(struct imap_message *message, ULONG flags)
{
    struct envelope envelope = {0};
    struct submit_call call = {0};
    HRESULT hr;

    (void)flags; /* FORCE_SUBMIT: there is no other way here */
    if (message->flags & IMAP_FLAG_SUBMITTED)
        return MAPI_E_NO_ACCESS;
    hr = take_envelope(message, &envelope);
    if (SUCCEEDED(hr))
        hr = fill_in(message);
    if (SUCCEEDED(hr))
        hr = message_save(message, KEEP_OPEN_READWRITE);
    if (SUCCEEDED(hr)) {
        call.outgoing.folder = message->folder;
        call.outgoing.message = message->number;
        call.outgoing.recipients = envelope.recipients;
        call.outgoing.recipient_count = envelope.count;
        call.used = envelope.used;
        call.outgoing.message_id = take_message_id(message, envelope.root);
        call.outgoing.not_before = take_deferral(message);
        take_afterwards(message, &call.outgoing);
        hr = imap_link_run(message->link, &message->object, submit_on_engine, &call.base);
    }
    envelope_clear(&envelope);
    if (SUCCEEDED(hr)) /* the message is the queue's now (STO) */
        message_unregister(message);
    if (SUCCEEDED(hr))
        mapi_object_invalidate(&message->object);
    return hr;
}
