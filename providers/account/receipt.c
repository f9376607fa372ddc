/* providers/account/receipt.c - read receipts: telling a sender that a message was read */
#include "providers/account/receipt.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mapi/array.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "mime/header_props.h"
#include "providers/account/account-private.h"
#include "providers/account/outbox.h"
#include "providers/account/read.h"
#include "providers/account/report.h"
#include "providers/account/uid_search.h"

/* --- Which --- */

/* Those of the set, in as many commands as it takes: never the whole folder, whose headers a server
 * may have to read one by one. */
static void ask_for_pending(struct imap_query *query, const void *unread)
{
    imap_query_add(query, *(const bool *)unread ? "UNSEEN UNDRAFT" : "UNDRAFT");
    imap_query_add(query, "UNKEYWORD $MDNSent HEADER Disposition-Notification-To");
    imap_query_add_string(query, "");
}

static WAITS HRESULT search_pending(struct account *account, const char *mailbox,
                                    const struct uidset *set, bool unread, struct error_info *error,
                                    struct imap_uids *ret_uids)
{
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(account->imap, mailbox, 0, NO_DEADLINE, error, &lease);

    if (FAILED(hr))
        return hr;
    hr = account_search_uidset(lease, set, ask_for_pending, &unread, error, ret_uids);
    imap_lease_end(lease);
    return hr;
}

static HRESULT set_of(const struct folder_numbers *known, const uint64_t *numbers, size_t count,
                      struct uidset *set)
{
    HRESULT hr = S_OK;
    uint32_t uid;

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        if (folder_numbers_uid(known, numbers[i], &uid))
            hr = uidset_add(set, uid);
    return hr;
}

HRESULT account_receipts_pending(struct account *account, uint64_t folder, const uint64_t *numbers,
                                 size_t count, bool unread, struct error_info *error,
                                 uint64_t **ret_numbers, size_t *ret_count)
{
    const struct folder_tree *tree = account_folder_tree(account);
    const struct folder *found = folder_tree_find(tree, folder);
    char *mailbox = found && found->mailbox ? strdup(found->mailbox) : NULL;
    const struct folder_numbers *known = NULL;
    struct uidset set = UIDSET_INIT;
    struct imap_uids uids = {0};
    HRESULT hr;

    *ret_numbers = NULL;
    *ret_count = 0;
    folder_tree_unref(tree);
    if (!mailbox)
        return error_set(error, MAPI_E_NOT_FOUND, account->key, "the folder is gone");
    hr = account_folder_numbers(account, folder, error, &known);
    if (SUCCEEDED(hr) && FAILED(hr = set_of(known, numbers, count, &set)))
        error_set(error, hr, account->key, "out of memory");
    if (SUCCEEDED(hr))
        hr = search_pending(account, mailbox, &set, unread, error, &uids);
    for (size_t i = 0; SUCCEEDED(hr) && i < uids.count; i++) {
        uint64_t number = folder_numbers_of_uid(known, uids.uids[i]);

        if (number && !array_append(ret_numbers, ret_count, &number))
            hr = error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    }
    folder_numbers_unref(known);
    uidset_clear(&set);
    free(uids.uids);
    free(mailbox);
    return hr;
}

/* --- The receipt ------------------------------------------------------------------------------ */

/* Text of the original's sender goes into header lines: no control characters. */
static void print_clean(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc(iscntrl((unsigned char)*text) ? ' ' : *text, out);
}

char *receipt_compose(const char *email, const char *to, const char *message_id,
                      const char *subject, int64_t now, const char *id, size_t *ret_size)
{
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, ret_size);

    if (!out)
        return NULL;
    report_print_date(out, now);
    fprintf(out, "From: <%s>\r\nTo: <", email);
    print_clean(out, to);
    fprintf(out,
            ">\r\nSubject: Read receipt\r\nMessage-ID: <receipt.%s.%s>\r\n"
            "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=disposition-notification;\r\n"
            " boundary=\"receipt-%s\"\r\n",
            id, email, id);
    if (message_id) {
        fputs("In-Reply-To: ", out);
        print_clean(out, message_id);
        fputs("\r\n", out);
    }
    fprintf(out,
            "\r\n--receipt-%s\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            "Your message was displayed.\r\n",
            id);
    if (subject) {
        fputs("\r\n    ", out);
        print_clean(out, subject);
        fputs("\r\n", out);
    }
    fprintf(out,
            "\r\n--receipt-%s\r\nContent-Type: message/disposition-notification\r\n\r\n"
            "Final-Recipient: rfc822; %s\r\n",
            id, email);
    if (message_id) {
        fputs("Original-Message-ID: ", out);
        print_clean(out, message_id);
        fputs("\r\n", out);
    }
    fprintf(out,
            "Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--receipt-%s--\r\n",
            id);
    if (fclose(out) != 0) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

/* --- Sending ---------------------------------------------------------------------------------- */

static HRESULT text_of(void *root, const SPropValue *values, ULONG count, ULONG tag,
                       const char **ret_text)
{
    const SPropValue *value = propval_find(values, count, tag);

    *ret_text = NULL;
    return value ? text_utf16_to_utf8(root, value->Value.lpszW, (char **)ret_text) : S_OK;
}

static WAITS HRESULT submit(struct account *account, const char *to, const char *bytes, size_t size,
                            struct error_info *error)
{
    struct memory_source source = {.bytes = bytes, .left = size};
    struct message_save save = {.folder = ROLE_OUTBOX,
                                .flags = IMAP_FLAG_SEEN,
                                .internaldate = INT64_MIN,
                                .size = size,
                                .read = memory_source_read,
                                .arg = &source};
    struct outgoing_recipient recipient = {.address = to};
    /* The null sender: a receipt is never answered by a report (RFC 8098, section 2.1). */
    struct outgoing outgoing = {.folder = ROLE_OUTBOX,
                                .sender = "",
                                .recipients = &recipient,
                                .recipient_count = 1,
                                .delete_after = true};
    HRESULT hr = account_message_save(account, &save, error, &outgoing.message);

    if (SUCCEEDED(hr))
        hr = account_submit(account, &outgoing, error);
    return hr;
}

/* To the first of Disposition-Notification-To. */
static WAITS HRESULT send_receipt(struct account *account, uint64_t number,
                                  const struct message_source *source, struct error_info *error)
{
    void *root = mapi_alloc(NULL, 1);
    SPropValue *values = NULL;
    const SPropValue *to;
    const char *message_id = NULL, *subject = NULL;
    struct oneoff oneoff;
    ULONG count = 0;
    size_t size;
    char id[64], *bytes = NULL;
    HRESULT hr = root
                     ? mime_header_props(source->header, source->header_size, root, &values, &count)
                     : MAPI_E_NOT_ENOUGH_MEMORY;

    to = SUCCEEDED(hr) ? propval_find(values, count, PR_READ_RECEIPT_ENTRYID) : NULL;
    if (!to ||
        FAILED(oneoff_parse(root, to->Value.bin.cb, (ENTRYID *)to->Value.bin.lpb, &oneoff))) {
        mapi_free(root);
        return hr; /* nobody to tell */
    }
    if (SUCCEEDED(hr))
        hr = text_of(root, values, count, PR_INTERNET_MESSAGE_ID_W, &message_id);
    if (SUCCEEDED(hr))
        hr = text_of(root, values, count, PR_SUBJECT_W, &subject);
    snprintf(id, sizeof(id), "%" PRIx64 ".%lld", number, (long long)time(NULL));
    if (SUCCEEDED(hr)) {
        bytes = receipt_compose(account->email, oneoff.address, message_id, subject, time(NULL), id,
                                &size);
        hr = bytes ? submit(account, oneoff.address, bytes, size, error) : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    free(bytes);
    mapi_free(root);
    return hr;
}

static WAITS HRESULT settle_one(struct account *account, uint64_t folder, uint64_t number,
                                bool send, struct error_info *error)
{
    struct message_source source = {0};
    size_t missing = 0;
    HRESULT hr = S_OK;

    if (send)
        hr = account_message_read(account, number, error, &source);
    if (SUCCEEDED(hr))
        hr = account_messages_flag(account, folder, &number, 1, IMAP_STORE_ADD, IMAP_FLAG_MDNSENT,
                                   error, &missing);
    if (SUCCEEDED(hr) && send && !missing)
        hr = send_receipt(account, number, &source, error);
    message_source_clear(&source);
    return hr;
}

HRESULT account_receipts_settle(struct account *account, uint64_t folder, const uint64_t *numbers,
                                size_t count, bool send, struct error_info *error)
{
    HRESULT result = S_OK;

    for (size_t i = 0; i < count; i++) {
        HRESULT hr =
            settle_one(account, folder, numbers[i], send, SUCCEEDED(result) ? error : NULL);

        if (SUCCEEDED(result))
            result = hr;
    }
    return result;
}
