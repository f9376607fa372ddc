/* mime/encode_header.c - properties as header fields */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/edkmdb.h"
#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "mime/encode_private.h"
#include "mime/header.h"

#define INDEX_MAX 4096 /* bytes of a conversation index */

static void text_field(struct encoder *encoder, const struct mime_outgoing *outgoing,
                       const char *name, ULONG tag)
{
    const char *text = outgoing_string(&encoder->arena, outgoing->props, outgoing->prop_count, tag);

    if (text)
        writer_text_field(&encoder->writer, name, text);
}

static void token_field(struct encoder *encoder, const struct mime_outgoing *outgoing,
                        const char *name, ULONG tag)
{
    const char *text = outgoing_string(&encoder->arena, outgoing->props, outgoing->prop_count, tag);

    if (text)
        writer_token_field(&encoder->writer, name, text);
}

static void date_field(struct encoder *encoder, const char *name, int64_t seconds)
{
    char text[DATE_SIZE];

    if (seconds == INT64_MIN)
        return;
    outgoing_date(seconds, text);
    writer_token_field(&encoder->writer, name, text);
}

static void mailbox_field(struct encoder *encoder, const char *name,
                          const struct outgoing_mailbox *mailbox)
{
    if (!mailbox->name[0] && !mailbox->address[0])
        return;
    writer_begin(&encoder->writer, name);
    writer_mailbox(&encoder->writer, mailbox->name, mailbox->address, false);
    writer_end(&encoder->writer);
}

/* --- People ----------------------------------------------------------------------------------- */

static void write_senders(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    struct outgoing_mailbox from = outgoing_from(&encoder->arena, outgoing);
    struct outgoing_mailbox sender = outgoing_sender(&encoder->arena, outgoing);

    mailbox_field(encoder, "From", &from);
    if (sender.address[0] && strcasecmp(sender.address, from.address) != 0)
        mailbox_field(encoder, "Sender", &sender);
}

/* PR_REPLY_RECIPIENT_ENTRIES: a FLATENTRYLIST of one-off ids. */
static void write_reply_to(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    static const struct mailbox_tags tags = {.entryid = PR_ENTRYID};
    const SBinary *list =
        outgoing_binary(outgoing->props, outgoing->prop_count, PR_REPLY_RECIPIENT_ENTRIES);
    struct outgoing_mailbox last = {0};
    ULONG count, size;

    if (!list || list->cb < 2 * sizeof(ULONG))
        return;
    memcpy(&count, list->lpb, sizeof(count));
    for (size_t at = 2 * sizeof(ULONG); count > 0 && at + sizeof(ULONG) <= list->cb; count--) {
        SPropValue id = {.ulPropTag = PR_ENTRYID};
        struct outgoing_mailbox mailbox;

        memcpy(&size, list->lpb + at, sizeof(size));
        at += sizeof(ULONG);
        if (size > list->cb - at)
            break;
        id.Value.bin = (SBinary){.cb = size, .lpb = list->lpb + at};
        at += ((size_t)size + 3) / 4 * 4;
        mailbox = outgoing_mailbox(&encoder->arena, &id, 1, &tags);
        if (!mailbox.address[0])
            continue;
        if (!last.address)
            writer_begin(&encoder->writer, "Reply-To");
        else
            writer_mailbox(&encoder->writer, last.name, last.address, true);
        last = mailbox;
    }
    if (last.address) {
        writer_mailbox(&encoder->writer, last.name, last.address, false);
        writer_end(&encoder->writer);
    }
}

/* False: there are none of that type. */
static bool write_recipients(struct encoder *encoder, const struct mime_outgoing *outgoing,
                             LONG type, const char *name)
{
    static const struct mailbox_tags tags = {PR_DISPLAY_NAME_W, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W,
                                             PR_SMTP_ADDRESS_W, PR_ENTRYID};
    struct outgoing_mailbox last = {0};

    for (ULONG i = 0; i < outgoing->recipient_count; i++) {
        const SRow *row = &outgoing->recipients[i];
        struct outgoing_mailbox mailbox;

        /* The high bits say what has been done with it (MAPI_SUBMITTED, MAPI_P1). */
        if ((outgoing_long(row->lpProps, row->cValues, PR_RECIPIENT_TYPE, MAPI_TO) & 0xF) != type)
            continue;
        mailbox = outgoing_mailbox(&encoder->arena, row->lpProps, row->cValues, &tags);
        if (!mailbox.name[0] && !mailbox.address[0])
            continue;
        if (!last.address)
            writer_begin(&encoder->writer, name);
        else
            writer_mailbox(&encoder->writer, last.name, last.address, true);
        last = mailbox;
    }
    if (last.address) {
        writer_mailbox(&encoder->writer, last.name, last.address, false);
        writer_end(&encoder->writer);
    }
    return last.address;
}

static void write_people(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    bool any;

    write_senders(encoder, outgoing);
    write_reply_to(encoder, outgoing);
    any = write_recipients(encoder, outgoing, MAPI_TO, "To");
    any |= write_recipients(encoder, outgoing, MAPI_CC, "Cc");
    if (outgoing->flags & MIME_ENCODE_BCC)
        write_recipients(encoder, outgoing, MAPI_BCC, "Bcc");
    else if (!any && outgoing->recipient_count) /* all of them blind */
        writer_string(&encoder->writer, "To: undisclosed-recipients:;\r\n");
}

/* --- Wishes ----------------------------------------------------------------------------------- */

/* Readers take one for the other where only one stands (header_wishes.c): what is normal is said
 * when the other is not. */
static void write_importance(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    enum { UNSET = -99 };
    LONG importance = outgoing_long(outgoing->props, outgoing->prop_count, PR_IMPORTANCE, UNSET);
    LONG priority = outgoing_long(outgoing->props, outgoing->prop_count, PR_PRIORITY, UNSET);

    if (importance == IMPORTANCE_HIGH)
        writer_string(&encoder->writer, "Importance: high\r\nX-Priority: 1\r\n");
    else if (importance == IMPORTANCE_LOW)
        writer_string(&encoder->writer, "Importance: low\r\nX-Priority: 5\r\n");
    else if (importance == IMPORTANCE_NORMAL && priority != PRIO_NORMAL && priority != UNSET)
        writer_string(&encoder->writer, "Importance: normal\r\n");
    if (priority == PRIO_URGENT)
        writer_string(&encoder->writer, "Priority: urgent\r\n");
    else if (priority == PRIO_NONURGENT)
        writer_string(&encoder->writer, "Priority: non-urgent\r\n");
    else if (priority == PRIO_NORMAL && importance != IMPORTANCE_NORMAL && importance != UNSET)
        writer_string(&encoder->writer, "Priority: normal\r\n");
}

static void write_sensitivity(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    static const char *const names[] = {"Personal", "Private", "Company-Confidential"};
    LONG value = outgoing_long(outgoing->props, outgoing->prop_count, PR_SENSITIVITY, 0);

    if (value >= 1 && value <= 3)
        writer_token_field(&encoder->writer, "Sensitivity", names[value - 1]);
}

static void write_receipt(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    static const struct mailbox_tags tags = {.entryid = PR_READ_RECEIPT_ENTRYID};
    struct outgoing_mailbox mailbox;

    if (!outgoing_bool(outgoing->props, outgoing->prop_count, PR_READ_RECEIPT_REQUESTED))
        return;
    mailbox = outgoing_mailbox(&encoder->arena, outgoing->props, outgoing->prop_count, &tags);
    if (!mailbox.address[0])
        mailbox = outgoing_from(&encoder->arena, outgoing);
    mailbox_field(encoder, "Disposition-Notification-To", &mailbox);
}

static void write_thread_index(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    const SBinary *index =
        outgoing_binary(outgoing->props, outgoing->prop_count, PR_CONVERSATION_INDEX);
    struct transfer_encoder transfer;
    size_t used, made;
    char text[128];

    if (!index || index->cb > INDEX_MAX)
        return;
    writer_begin(&encoder->writer, "Thread-Index");
    transfer_encoder_init(&transfer, TRANSFER_BASE64);
    for (size_t at = 0; at < index->cb;
         at += used) { /* 45 bytes at a time: 60 digits, no line end */
        size_t size = index->cb - at < 45 ? index->cb - at : 45;

        transfer_encoder_init(&transfer, TRANSFER_BASE64);
        transfer_encode(&transfer, index->lpb + at, size, true, text, sizeof(text) - 1, &used,
                        &made);
        text[made] = '\0';
        writer_piece(&encoder->writer, text);
    }
    writer_end(&encoder->writer);
}

static void write_auto_response(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    static const struct {
        LONG bit;
        const char *word;
    } words[] = {{1, "DR"}, {2, "NDR"}, {4, "RN"}, {8, "NRN"}, {0x10, "OOF"}, {0x20, "AutoReply"}};
    LONG bits = outgoing_long(outgoing->props, outgoing->prop_count, PR_AUTO_RESPONSE_SUPPRESS, 0);
    char text[64] = "";

    if (bits == 0)
        return;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (bits & words[i].bit) {
            if (text[0])
                strcat(text, ", ");
            strcat(text, words[i].word);
        }
    }
    writer_token_field(&encoder->writer, "X-Auto-Response-Suppress", bits == -1 ? "All" : text);
}

/* --- Fields that have no property of their own ------------------------------------------------ */

/* What is written from properties, belongs to the content, signs the old one, or is for us alone.
 */
static bool is_ours(const struct header_field *field)
{
    static const char *const names[] = {
        "From",
        "Sender",
        "Reply-To",
        "To",
        "Cc",
        "Bcc",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Thread-Topic",
        "Thread-Index",
        "Importance",
        "Priority",
        "X-Priority",
        "X-MSMail-Priority",
        "Sensitivity",
        "Disposition-Notification-To",
        "Reply-By",
        "Expires",
        "Expiry-Date",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "DKIM-Signature",
        "DomainKey-Signature",
        "Return-Path",
        "Return-Receipt-To",
    };
    static const char *const prefixes[] = {"Content-", "ARC-", "X-Mapigate-"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (header_field_is(field, names[i]))
            return true;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t size = strlen(prefixes[i]);

        if (field->name_size >= size && strncasecmp(field->name, prefixes[i], size) == 0)
            return true;
    }
    return false;
}

static void write_kept_field(struct encoder *encoder, const struct header_field *field)
{
    char *name = arena_alloc(&encoder->arena, field->name_size + 1);
    char *text = arena_alloc(&encoder->arena, field->value_size + 1);
    bool ascii = true;
    size_t size = 0;

    if (!name || !text) {
        encoder->writer.hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return;
    }
    memcpy(name, field->name, field->name_size);
    name[field->name_size] = '\0';
    for (size_t i = 0; i < field->value_size; i++) {
        unsigned char c = (unsigned char)field->value[i];

        ascii &= c < 128;
        if (c == '\t')
            c = ' ';
        if (c >= ' ' && c != 127)
            text[size++] = (char)c;
    }
    text[size] = '\0';
    if (ascii)
        writer_token_field(&encoder->writer, name, text);
    else
        writer_text_field(&encoder->writer, name, text);
}

static void write_kept(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    const char *text = outgoing_string(&encoder->arena, outgoing->props, outgoing->prop_count,
                                       PR_TRANSPORT_MESSAGE_HEADERS_W);
    const char *at = text;
    struct header_field field;

    while (text && header_next(&at, text + strlen(text), &field))
        if (!is_ours(&field))
            write_kept_field(encoder, &field);
}

/* --- All -------------------------------------------------------------------------------------- */

void encode_header(struct encoder *encoder, const struct mime_outgoing *outgoing)
{
    const SPropValue *props = outgoing->props;
    ULONG count = outgoing->prop_count;

    if (outgoing->extra_fields)
        writer_string(&encoder->writer, outgoing->extra_fields);
    write_kept(encoder, outgoing);
    if (outgoing->date)
        date_field(encoder, "Date", outgoing->date);
    write_people(encoder, outgoing);
    text_field(encoder, outgoing, "Subject", PR_SUBJECT_W);
    if (outgoing->message_id[0])
        writer_token_field(&encoder->writer, "Message-ID", outgoing->message_id);
    token_field(encoder, outgoing, "In-Reply-To", PR_IN_REPLY_TO_ID_W);
    token_field(encoder, outgoing, "References", PR_INTERNET_REFERENCES_W);
    text_field(encoder, outgoing, "Thread-Topic", PR_CONVERSATION_TOPIC_W);
    write_thread_index(encoder, outgoing);
    write_importance(encoder, outgoing);
    write_sensitivity(encoder, outgoing);
    write_receipt(encoder, outgoing);
    date_field(encoder, "Reply-By", outgoing_time(props, count, PR_REPLY_TIME));
    date_field(encoder, "Expires", outgoing_time(props, count, PR_EXPIRY_TIME));
    write_auto_response(encoder, outgoing);
    writer_string(&encoder->writer, "MIME-Version: 1.0\r\n");
}
