/* providers/imap/message_save.c - IMessage::SaveChanges
 *
 * A property goes to the first home that fits (docs/mail.md, "Saving"): the message's MIME when it
 * is new, a draft of ours, or its content changed; the side store otherwise, for what somebody else
 * made is never rewritten for a property. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mapi/array.h"
#include "mapi/edkmdb.h"
#include "mapi/filetime.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "providers/account/kept.h"
#include "providers/account/messages.h"
#include "providers/imap/message_build.h"

#define SAVE_FLAGS (KEEP_OPEN_READONLY | KEEP_OPEN_READWRITE | FORCE_SAVE | MAPI_DEFERRED_ERRORS)

/* --- What MIME holds -------------------------------------------------------------------------- */

/* Written by mime_encode and read back by mime_header_props (mime/README.md). */
static const ULONG mime_ids[] = {
    PROP_ID(PR_SUBJECT),
    PROP_ID(PR_SUBJECT_PREFIX),
    PROP_ID(PR_NORMALIZED_SUBJECT),
    PROP_ID(PR_CONVERSATION_TOPIC),
    PROP_ID(PR_CONVERSATION_INDEX),
    PROP_ID(PR_BODY),
    PROP_ID(PR_HTML),
    PROP_ID(PR_INTERNET_CPID),
    PROP_ID(PR_IMPORTANCE),
    PROP_ID(PR_PRIORITY),
    PROP_ID(PR_SENSITIVITY),
    PROP_ID(PR_INTERNET_MESSAGE_ID),
    PROP_ID(PR_IN_REPLY_TO_ID),
    PROP_ID(PR_INTERNET_REFERENCES),
    PROP_ID(PR_SENDER_NAME),
    PROP_ID(PR_SENDER_EMAIL_ADDRESS),
    PROP_ID(PR_SENDER_ADDRTYPE),
    PROP_ID(PR_SENDER_ENTRYID),
    PROP_ID(PR_SENDER_SEARCH_KEY),
    PROP_ID(PR_SENT_REPRESENTING_NAME),
    PROP_ID(PR_SENT_REPRESENTING_EMAIL_ADDRESS),
    PROP_ID(PR_SENT_REPRESENTING_ADDRTYPE),
    PROP_ID(PR_SENT_REPRESENTING_ENTRYID),
    PROP_ID(PR_SENT_REPRESENTING_SEARCH_KEY),
    PROP_ID(PR_CLIENT_SUBMIT_TIME),
    PROP_ID(PR_READ_RECEIPT_REQUESTED),
    PROP_ID(PR_REPLY_RECIPIENT_ENTRIES),
    PROP_ID(PR_REPLY_RECIPIENT_NAMES),
    PROP_ID(PR_TRANSPORT_MESSAGE_HEADERS),
    PROP_ID(PR_MESSAGE_FLAGS),         /* IMAP's flags */
    PROP_ID(PR_MESSAGE_DELIVERY_TIME), /* INTERNALDATE */
};

static bool is_mime(ULONG tag)
{
    for (size_t i = 0; i < sizeof(mime_ids) / sizeof(mime_ids[0]); i++)
        if (mime_ids[i] == PROP_ID(tag))
            return true;
    return false;
}

static bool is_note(const SPropValue *value) /* the class that a message has without our help */
{
    static const WCHAR note[] = u"IPM.Note";

    return value->ulPropTag == PR_MESSAGE_CLASS_W &&
           memcmp(value->Value.lpszW, note, sizeof(note)) == 0;
}

/* --- Deciding --------------------------------------------------------------------------------- */

struct saving {
    struct link_call base;
    ULONG how;       /* SaveChanges' flags */
    LONG kept_flags; /* of PR_MESSAGE_FLAGS what IMAP does not know, from now on */
    FILETIME saved;  /* the time of this save, when it is not the first */
    struct imap_message *message;
    struct propbag snapshot;     /* what is saved */
    struct message_build *build; /* NULL: only properties */
    struct message_source fresh; /* the message as it is on the server afterwards */
    uint64_t number;
    uint32_t flags;
    int64_t internaldate;
    bool overtaken; /* FORCE_SAVE over somebody else's */
};

static bool dirty_in_mime(const struct propbag *bag)
{
    const struct propbag_item *item;

    for (size_t at = 0; (item = propbag_dirty(bag, at)); at++)
        if (is_mime(item->value->ulPropTag) &&
            PROP_ID(item->value->ulPropTag) != PROP_ID(PR_MESSAGE_FLAGS))
            return true;
    return false;
}

static bool dirty_body(const struct propbag *bag)
{
    const struct propbag_item *item;

    for (size_t at = 0; (item = propbag_dirty(bag, at)); at++)
        if (PROP_ID(item->value->ulPropTag) == PROP_ID(PR_BODY) ||
            PROP_ID(item->value->ulPropTag) == PROP_ID(PR_HTML))
            return true;
    return false;
}

static bool must_write(struct imap_message *message, const struct propbag *bag)
{
    bool content, draft = message->flags & IMAP_FLAG_DRAFT;

    pthread_mutex_lock(&message->lock);
    content = message->content_changed;
    pthread_mutex_unlock(&message->lock);
    return message->number == 0 || content || dirty_body(bag) || (draft && dirty_in_mime(bag));
}

static uint32_t flags_to_save(struct imap_message *message, const struct propbag *bag)
{
    const SPropValue *value = propbag_find(bag, PR_MESSAGE_FLAGS);
    uint32_t flags =
        message->flags & ~(uint32_t)(IMAP_FLAG_SEEN | IMAP_FLAG_DRAFT | IMAP_FLAG_RECENT);

    if (value && value->Value.l & MSGFLAG_READ)
        flags |= IMAP_FLAG_SEEN;
    if (value && value->Value.l & MSGFLAG_UNSENT)
        flags |= IMAP_FLAG_DRAFT;
    return flags;
}

static int64_t date_to_save(struct imap_message *message, const struct propbag *bag)
{
    const SPropValue *value = propbag_find(bag, PR_MESSAGE_DELIVERY_TIME);

    if (message->origin)
        return message->origin->source.internaldate;
    if (!value || value->ulPropTag != PR_MESSAGE_DELIVERY_TIME)
        return INT64_MIN;
    return filetime_to_unix(value->Value.ft);
}

/* --- On the engine ---------------------------------------------------------------------------- */

/* What has no home in the MIME; arrays that point into `saving`. Deleted ones go from the side
 * store. side_clear in any case. */
struct side {
    struct kept_change change;
    SPropValue *set;
    ULONG *deleted;
};

static void side_clear(struct side *side)
{
    free(side->set);
    free(side->deleted);
}

static HRESULT side_collect(const struct saving *saving, struct side *side)
{
    SPropValue flags = {.ulPropTag = PR_MESSAGE_FLAGS},
               time = {.ulPropTag = PR_LAST_MODIFICATION_TIME};
    struct kept_change *change = &side->change;
    const struct propbag_item *item;
    bool kept = true;

    *side = (struct side){0};
    flags.Value.l = saving->kept_flags;
    time.Value.ft = saving->saved;
    if (saving->kept_flags != saving->message->kept_flags)
        kept = array_append(&side->set, &change->set_count, &flags);
    if (saving->message->number)
        kept = kept && array_append(&side->set, &change->set_count, &time);
    for (size_t at = 0; kept && (item = propbag_dirty(&saving->snapshot, at)); at++) {
        if (is_mime(item->value->ulPropTag) && saving->build)
            continue;
        if (PROP_ID(item->value->ulPropTag) == PROP_ID(PR_MESSAGE_FLAGS))
            continue;
        if (item->attributes & PROP_DELETED)
            kept = array_append(&side->deleted, &change->deleted_count, &item->value->ulPropTag);
        else if (!is_note(item->value))
            kept = array_append(&side->set, &change->set_count, item->value);
    }
    change->set = side->set;
    change->deleted = side->deleted;
    return kept ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static WAITS HRESULT write_message(struct saving *saving, const struct kept_change *side)
{
    struct account *account = saving->base.account;
    struct message_save save = {
        .folder = saving->message->folder,
        .number = saving->message->number,
        .flags = saving->flags,
        .internaldate = saving->internaldate,
        .read = mime_spool_read,
        .side = side->set_count + side->deleted_count ? side : NULL,
    };
    struct mime_spool *spool;
    HRESULT hr = message_build_encode(saving->build, account, &saving->base.error, &spool);

    if (FAILED(hr))
        return hr;
    save.size = mime_spool_size(spool);
    save.arg = spool;
    hr = account_message_save(account, &save, &saving->base.error, &saving->number);
    mime_spool_free(spool);
    return hr;
}

static WAITS HRESULT write_flags(struct saving *saving)
{
    uint32_t changed = saving->flags ^ saving->message->flags;
    uint32_t both = IMAP_FLAG_SEEN | IMAP_FLAG_DRAFT;
    HRESULT hr = S_OK;

    if (changed & both & saving->flags)
        hr = account_messages_flag(saving->base.account, saving->message->folder, &saving->number,
                                   1, IMAP_STORE_ADD, changed & both & saving->flags,
                                   &saving->base.error, NULL);
    if (SUCCEEDED(hr) && changed & both & ~saving->flags)
        hr = account_messages_flag(saving->base.account, saving->message->folder, &saving->number,
                                   1, IMAP_STORE_REMOVE, changed & both & ~saving->flags,
                                   &saving->base.error, NULL);
    return hr;
}

/* Has somebody saved or deleted the message since we read it (STO-258, STO-259)? A server that
 * cannot be asked is no reason to refuse: what has to reach it will fail by itself. With FORCE_SAVE
 * the message as it is now is read anew, for what we have not changed of it is written again. */
static HRESULT check_on_engine(void *arg)
{
    struct saving *saving = arg;
    static const ULONG tag = PR_LAST_MODIFICATION_TIME;
    const struct imap_message *message = saving->message;
    struct error_info *error = &saving->base.error;
    FILETIME saved = {0};
    SPropValue *values;
    size_t count;
    bool there;
    HRESULT hr = account_message_exists(saving->base.account, message->folder, message->number,
                                        NULL, &there);

    if (SUCCEEDED(hr) && !there)
        return error_set(error, MAPI_E_OBJECT_DELETED, "mapigate", "the message is gone");
    hr = state_props_get(account_state(saving->base.account), message->number, &tag, 1, error,
                         &values, &count);
    if (FAILED(hr))
        return hr;
    if (count > 0)
        saved = values[0].Value.ft;
    free(values);
    if (filetime_ticks(saved) == filetime_ticks(message->saved))
        return S_OK;
    if (!(saving->how & FORCE_SAVE))
        return error_set(error, MAPI_E_OBJECT_CHANGED, "mapigate",
                         "the message has been saved by somebody else meanwhile");
    saving->overtaken = true;
    return account_message_read(saving->base.account, message->number, error, &saving->fresh);
}

static WAITS HRESULT check_unchanged(struct imap_message *message, struct saving *saving)
{
    HRESULT hr = imap_link_call(message->link, check_on_engine, &saving->base);

    if (SUCCEEDED(hr) && saving->overtaken) {
        hr = message_adopt(message, &saving->fresh);
        saving->fresh = (struct message_source){0};
        pthread_mutex_lock(&message->lock);
        message->bodies_loaded = false; /* what was read is the former one's */
        pthread_mutex_unlock(&message->lock);
    }
    return hr;
}

static HRESULT save_on_engine(void *arg)
{
    struct saving *saving = arg;
    struct side side;
    HRESULT hr = side_collect(saving, &side);

    saving->number = saving->message->number;
    if (SUCCEEDED(hr))
        hr = saving->build ? write_message(saving, &side.change) : write_flags(saving);
    if (SUCCEEDED(hr) && !saving->build)
        hr = account_kept_change_message(saving->base.account, saving->message->folder,
                                         saving->number, &side.change, &saving->base.error);
    side_clear(&side);
    if (SUCCEEDED(hr) && saving->build)
        hr = account_message_read(saving->base.account, saving->number, &saving->base.error,
                                  &saving->fresh);
    return hr;
}

/* --- Afterwards ------------------------------------------------------------------------------- */

/* The parts that the object points at lie in a new message now; entries that IAttach objects hold
 * on to keep the old tree alive through their message, which never lets go of one. */
static HRESULT take_fresh(struct imap_message *message, struct saving *saving)
{
    uint32_t size = saving->fresh.size;
    int64_t date = saving->fresh.internaldate;
    bool has_attachment;
    HRESULT hr = S_OK;

    pthread_mutex_lock(&message->lock);
    message->number = saving->number;
    message->flags = saving->fresh.flags;
    message->content_changed = false;
    has_attachment = message->entries != NULL;
    pthread_mutex_unlock(&message->lock);
    if (message->origin) { /* else new: all that was written is here */
        hr = message_adopt(message, &saving->fresh);
        saving->fresh = (struct message_source){0};
    }
    return SUCCEEDED(hr) ? message_load_identity(message, size, date, has_attachment) : hr;
}

/* What a save adds and takes away by itself: the class of a message without (STO-177), and a
 * formatted text that was not kept in step (STO-289). The bag's lock is held. */
static HRESULT set_defaults(struct imap_message *message, struct propbag *bag)
{
    static WCHAR ipm[] = u"IPM";
    SPropValue value = {.ulPropTag = PR_MESSAGE_CLASS_W, .Value.lpszW = ipm};
    const struct propbag_item *item;
    bool body = false, formatted = false;

    for (size_t at = 0; (item = propbag_dirty(bag, at)); at++) {
        body = body || PROP_ID(item->value->ulPropTag) == PROP_ID(PR_BODY);
        formatted = formatted || PROP_ID(item->value->ulPropTag) == PROP_ID(PR_RTF_COMPRESSED);
    }
    if (body && !formatted && propbag_find(bag, PR_RTF_IN_SYNC))
        propbag_delete(bag, PR_RTF_IN_SYNC);
    return message->number || propbag_find(bag, PR_MESSAGE_CLASS_W) ? S_OK
                                                                    : propbag_set(bag, &value);
}

static HRESULT prepare(struct imap_message *message, struct saving *saving)
{
    HRESULT hr = message_display_lists(message);

    if (SUCCEEDED(hr))
        hr = message_subject_parts(message);
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&message->props.lock);
        hr = set_defaults(message, &message->props.bag);
        if (SUCCEEDED(hr))
            hr = propbag_snapshot(&message->props.bag, &saving->snapshot);
        pthread_mutex_unlock(&message->props.lock);
    }
    if (FAILED(hr))
        return hr;
    saving->flags = flags_to_save(message, &saving->snapshot);
    saving->kept_flags = message_flags_kept(message, &saving->snapshot);
    saving->saved = filetime_now();
    saving->internaldate = date_to_save(message, &saving->snapshot);
    if (!must_write(message, &saving->snapshot))
        return S_OK;
    hr = message_load_bodies(message); /* a rewrite takes the body along */
    return SUCCEEDED(hr) ? message_build_create(message, &saving->build) : hr;
}

/* Before the rest of the object is brought up to date. */
static void note_save(struct imap_message *message, const struct saving *saving, bool again)
{
    SPropValue time = {.ulPropTag = PR_LAST_MODIFICATION_TIME};

    message->kept_flags = saving->kept_flags;
    if (!again)
        return;
    time.Value.ft = message->saved = saving->saved;
    prop_load_value(&message->props, &time, PROP_READONLY);
}

static void make_readonly(struct imap_message *message)
{
    SPropValue level = {.ulPropTag = PR_ACCESS_LEVEL};

    message->writable = message->props.writable = false;
    prop_load_value(&message->props, &level, PROP_READONLY);
}

HRESULT message_save(struct imap_message *message, ULONG flags)
{
    struct saving saving = {.message = message, .how = flags};
    bool again = message->number != 0;
    HRESULT hr;

    if (flags & ~(ULONG)SAVE_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!message->writable)
        return MAPI_E_NO_ACCESS;
    if (message->embedded) /* it is written with the message that it is in */
        return S_OK;
    hr = again ? check_unchanged(message, &saving) : S_OK;
    if (SUCCEEDED(hr))
        hr = prepare(message, &saving);
    if (SUCCEEDED(hr))
        hr = imap_link_call(message->link, save_on_engine, &saving.base);
    if (SUCCEEDED(hr))
        note_save(message, &saving, again);
    if (SUCCEEDED(hr) && saving.build)
        hr = take_fresh(message, &saving);
    else if (SUCCEEDED(hr)) {
        message->flags = saving.flags;
        hr = message_load_flags(message, message->entries != NULL);
    }
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&message->props.lock);
        propbag_commit(&message->props.bag, &saving.snapshot);
        pthread_mutex_unlock(&message->props.lock);
    }
    message_source_clear(&saving.fresh); /* read in part, or of no use */
    message_build_free(saving.build);
    propbag_clear(&saving.snapshot);
    if (FAILED(hr) && saving.base.error.hr == hr)
        return mapi_object_fail(&message->object, &saving.base.error);
    if (SUCCEEDED(hr) && !(flags & KEEP_OPEN_READWRITE))
        message_unregister(message);
    if (SUCCEEDED(hr) && flags & KEEP_OPEN_READONLY)
        make_readonly(message);
    return hr;
}
