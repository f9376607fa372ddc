/* mime/outgoing.c - what a message on its way out is made of */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#include "mapi/edkmdb.h"
#include "mapi/filetime.h"
#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/text.h"
#include "mime/encode_private.h"

static const SPropValue *find(const SPropValue *props, ULONG count, ULONG tag)
{
    for (ULONG i = 0; i < count; i++)
        if (PROP_ID(props[i].ulPropTag) == PROP_ID(tag) &&
            PROP_TYPE(props[i].ulPropTag) != PT_ERROR)
            return &props[i];
    return NULL;
}

static const char *copy(struct arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copied = arena_alloc(arena, size);

    return copied ? memcpy(copied, text, size) : NULL;
}

const char *outgoing_string(struct arena *arena, const SPropValue *props, ULONG count, ULONG tag)
{
    const SPropValue *value = find(props, count, tag);
    char *utf8 = NULL;
    const char *text;

    if (!value || !value->Value.lpszW)
        return NULL;
    if (PROP_TYPE(value->ulPropTag) == PT_UNICODE)
        text_utf16_to_utf8(NULL, value->Value.lpszW, &utf8);
    else if (PROP_TYPE(value->ulPropTag) == PT_STRING8)
        text_8bit_to_utf8(NULL, value->Value.lpszA, &utf8);
    text = utf8 && utf8[0] ? copy(arena, utf8) : NULL;
    mapi_free(utf8);
    return text;
}

LONG outgoing_long(const SPropValue *props, ULONG count, ULONG tag, LONG otherwise)
{
    const SPropValue *value = find(props, count, tag);

    return value && PROP_TYPE(value->ulPropTag) == PT_LONG ? value->Value.l : otherwise;
}

bool outgoing_bool(const SPropValue *props, ULONG count, ULONG tag)
{
    const SPropValue *value = find(props, count, tag);

    return value && PROP_TYPE(value->ulPropTag) == PT_BOOLEAN && value->Value.b;
}

int64_t outgoing_time(const SPropValue *props, ULONG count, ULONG tag)
{
    const SPropValue *value = find(props, count, tag);

    if (!value || PROP_TYPE(value->ulPropTag) != PT_SYSTIME || !filetime_ticks(value->Value.ft))
        return INT64_MIN;
    return filetime_to_unix(value->Value.ft);
}

const SBinary *outgoing_binary(const SPropValue *props, ULONG count, ULONG tag)
{
    const SPropValue *value = find(props, count, tag);

    return value && PROP_TYPE(value->ulPropTag) == PT_BINARY && value->Value.bin.cb
               ? &value->Value.bin
               : NULL;
}

/* --- Mailboxes -------------------------------------------------------------------------------- */

static void read_oneoff(struct arena *arena, const SBinary *id, struct outgoing_mailbox *mailbox)
{
    struct oneoff oneoff;
    void *root;

    if (!id || !(root = mapi_alloc(NULL, 1)))
        return;
    if (oneoff_parse(root, id->cb, (const ENTRYID *)id->lpb, &oneoff) == S_OK) {
        if (!mailbox->name[0] && oneoff.name)
            mailbox->name = copy(arena, oneoff.name);
        if (!mailbox->address[0] && oneoff.address && oneoff.type &&
            strcasecmp(oneoff.type, "SMTP") == 0)
            mailbox->address = copy(arena, oneoff.address);
    }
    mapi_free(root);
}

struct outgoing_mailbox outgoing_mailbox(struct arena *arena, const SPropValue *props, ULONG count,
                                         const struct mailbox_tags *tags)
{
    const char *name = outgoing_string(arena, props, count, tags->name);
    const char *type = outgoing_string(arena, props, count, tags->addrtype);
    const char *address = outgoing_string(arena, props, count, tags->address);
    const char *smtp = outgoing_string(arena, props, count, tags->smtp);
    struct outgoing_mailbox mailbox = {.name = name ? name : "", .address = ""};

    if (smtp)
        mailbox.address = smtp;
    else if (address && (!type || strcasecmp(type, "SMTP") == 0))
        mailbox.address = address;
    if (!mailbox.address[0] || !mailbox.name[0])
        read_oneoff(arena, outgoing_binary(props, count, tags->entryid), &mailbox);
    if (!mailbox.name)
        mailbox.name = "";
    if (!mailbox.address)
        mailbox.address = "";
    return mailbox;
}

struct outgoing_mailbox outgoing_from(struct arena *arena, const struct mime_outgoing *outgoing)
{
    static const struct mailbox_tags tags = {
        PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_ADDRTYPE_W,
        PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, PR_SENT_REPRESENTING_SMTP_ADDRESS_W,
        PR_SENT_REPRESENTING_ENTRYID};
    struct outgoing_mailbox from =
        outgoing_mailbox(arena, outgoing->props, outgoing->prop_count, &tags);

    return from.address[0] ? from : outgoing_sender(arena, outgoing);
}

struct outgoing_mailbox outgoing_sender(struct arena *arena, const struct mime_outgoing *outgoing)
{
    static const struct mailbox_tags tags = {PR_SENDER_NAME_W, PR_SENDER_ADDRTYPE_W,
                                             PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_SMTP_ADDRESS_W,
                                             PR_SENDER_ENTRYID};

    return outgoing_mailbox(arena, outgoing->props, outgoing->prop_count, &tags);
}

/* Not strftime: its names follow the locale of the program we are in. */
void outgoing_date(int64_t seconds, char ret_text[DATE_SIZE])
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t when = (time_t)seconds;
    struct tm tm;

    if (!gmtime_r(&when, &tm) || tm.tm_year < -900 || tm.tm_year > 8099) {
        when = 0;
        gmtime_r(&when, &tm);
    }
    snprintf(ret_text, DATE_SIZE, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[tm.tm_wday],
             tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* --- Preparing -------------------------------------------------------------------------------- */

static HRESULT random_text(char *text, size_t size)
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char bytes[64];

    if (getrandom(bytes, size, 0) != (ssize_t)size)
        return MAPI_E_CALL_FAILED;
    for (size_t i = 0; i < size; i++)
        text[i] = digits[bytes[i] & 31];
    text[size] = '\0';
    return S_OK;
}

static bool is_domain(const char *text)
{
    size_t size = strlen(text);

    for (const char *at = text; *at; at++)
        if (!strchr("-.", *at) && !(*at >= '0' && *at <= '9') && !(*at >= 'a' && *at <= 'z') &&
            !(*at >= 'A' && *at <= 'Z'))
            return false;
    return size > 0 && size < 128;
}

static HRESULT make_id(const char *address, const char *domain, char ret_id[MIME_MESSAGE_ID_SIZE])
{
    const char *at = strrchr(address, '@');
    char unique[33];
    HRESULT hr = random_text(unique, 26);

    if (FAILED(hr))
        return hr;
    if (at && is_domain(at + 1))
        domain = at + 1;
    snprintf(ret_id, MIME_MESSAGE_ID_SIZE, "<%s@%s>", unique,
             domain && is_domain(domain) ? domain : "localhost");
    return S_OK;
}

HRESULT mime_message_id_make(const char *address, char ret_id[MIME_MESSAGE_ID_SIZE])
{
    return make_id(address, NULL, ret_id);
}

static HRESULT make_message_id(struct mime_outgoing *outgoing, struct arena *arena,
                               const char *domain)
{
    const char *kept =
        outgoing_string(arena, outgoing->props, outgoing->prop_count, PR_INTERNET_MESSAGE_ID_W);

    if (kept && strlen(kept) < sizeof(outgoing->message_id)) {
        strcpy(outgoing->message_id, kept);
        return S_OK;
    }
    return make_id(outgoing_from(arena, outgoing).address, domain, outgoing->message_id);
}

HRESULT mime_outgoing_prepare(struct mime_outgoing *outgoing, const char *domain)
{
    struct arena arena = {0};
    HRESULT hr = S_OK;

    if (!outgoing->message_id[0])
        hr = make_message_id(outgoing, &arena, domain);
    if (SUCCEEDED(hr) && !outgoing->seed[0])
        hr = random_text(outgoing->seed, sizeof(outgoing->seed) - 1);
    if (!outgoing->date) {
        outgoing->date =
            outgoing_time(outgoing->props, outgoing->prop_count, PR_CLIENT_SUBMIT_TIME);
        if (outgoing->date == INT64_MIN)
            outgoing->date = time(NULL);
    }
    arena_clear(&arena);
    return hr;
}

/* --- Sources ---------------------------------------------------------------------------------- */

static HRESULT bytes_read(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    struct mime_bytes *bytes = arg;
    size_t left = bytes->size - bytes->at;

    *ret_size = size < left ? size : left;
    if (*ret_size)
        memcpy(buffer, (const char *)bytes->bytes + bytes->at, *ret_size);
    bytes->at += *ret_size;
    return S_OK;
}

static HRESULT bytes_rewind(void *arg)
{
    struct mime_bytes *bytes = arg;

    bytes->at = 0;
    return S_OK;
}

struct mime_source mime_source_bytes(struct mime_bytes *bytes)
{
    return (struct mime_source){.read = bytes_read, .rewind = bytes_rewind, .arg = bytes};
}
