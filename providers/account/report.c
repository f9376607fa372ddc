/* providers/account/report.c - telling the sender what a server refused
 *
 * A multipart/report: words for a person, then the same as message/delivery-status for programs.
 * mime/ recognises it on the way back in as REPORT.IPM.Note.NDR. */
#include "providers/account/report.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "providers/account/messages.h"

/* Text from a server goes into header-like lines: no control characters. */
static void print_clean(FILE *out, const char *text)
{
    for (; text && *text; text++)
        fputc(iscntrl((unsigned char)*text) ? ' ' : *text, out);
}

void report_print_date(FILE *out, int64_t seconds)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t when = (time_t)seconds;
    struct tm tm;

    gmtime_r(&when, &tm); /* not strftime: names must be English in any locale */
    fprintf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n", days + 3 * tm.tm_wday,
            tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
            tm.tm_sec);
}

static void print_words(FILE *out, const struct state_recipient *recipient)
{
    fprintf(out, "    %s\r\n        ", recipient->address);
    if (recipient->reply_code)
        fprintf(out, "%u ", recipient->reply_code);
    print_clean(out, recipient->words ? recipient->words : "refused");
    fputs("\r\n", out);
}

/* Of the enhanced status that the words begin with (RFC 3463: class.subject.detail); 0: none. */
static size_t status_length(const char *words)
{
    size_t length = strspn(words, "0123456789.");
    size_t dots = 0;

    for (size_t i = 0; i < length; i++)
        dots += words[i] == '.';
    return dots == 2 && words[1] == '.' && words[length - 1] != '.' && words[length] == ' ' ? length
                                                                                            : 0;
}

/* The class of the reply code is the status where the server gave none of its own. */
static void print_status(FILE *out, const struct state_recipient *recipient)
{
    const char *words = recipient->words ? recipient->words : "refused";
    size_t length = status_length(words);

    fprintf(out,
            "\r\nFinal-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: ", recipient->address);
    if (length)
        fprintf(out, "%.*s\r\n", (int)length, words);
    else
        fprintf(out, "%u.0.0\r\n", recipient->reply_code >= 500 ? 5 : 4);
    fprintf(out, "Diagnostic-Code: smtp; %u ", recipient->reply_code);
    print_clean(out, words);
    fputs("\r\n", out);
}

static void print_report(FILE *out, const struct state_submission *row, const char *reporter,
                         const char *email, int64_t now, const char *id)
{
    report_print_date(out, now);
    fprintf(out,
            "From: Mail Delivery System <postmaster@%s>\r\n"
            "To: <%s>\r\n"
            "Subject: Undeliverable message\r\n"
            "Message-ID: <report.%s@%s>\r\n"
            "Auto-Submitted: auto-replied\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status;\r\n"
            " boundary=\"report-%s\"\r\n",
            reporter, email, id, reporter, id);
    if (row->message_id)
        fprintf(out, "In-Reply-To: %s\r\n", row->message_id);
    fprintf(out,
            "\r\n--report-%s\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            "Your message did not reach some or all of its recipients.\r\n\r\n",
            id);
    for (size_t i = 0; i < row->recipient_count; i++)
        if (row->recipients[i].stage == RECIPIENT_REFUSED)
            print_words(out, &row->recipients[i]);
    fprintf(out,
            "\r\n--report-%s\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; %s\r\n",
            id, reporter);
    if (row->envelope_id)
        fprintf(out, "Original-Envelope-Id: %s\r\n", row->envelope_id);
    for (size_t i = 0; i < row->recipient_count; i++)
        if (row->recipients[i].stage == RECIPIENT_REFUSED)
            print_status(out, &row->recipients[i]);
    fprintf(out, "\r\n--report-%s--\r\n", id);
}

char *report_compose(const struct state_submission *row, const char *reporter, const char *email,
                     int64_t now, const char *id, size_t *ret_size)
{
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, ret_size);

    if (!out)
        return NULL;
    print_report(out, row, reporter, email, now, id);
    if (fclose(out) != 0) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

HRESULT memory_source_read(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    struct memory_source *source = arg;

    *ret_size = size < source->left ? size : source->left;
    memcpy(buffer, source->bytes, *ret_size);
    source->bytes += *ret_size;
    source->left -= *ret_size;
    return S_OK;
}

HRESULT report_non_delivery(struct account *account, const struct state_submission *row,
                            struct error_info *error)
{
    struct memory_source source;
    struct message_save save = {.folder = ROLE_INBOX,
                                .internaldate = INT64_MIN,
                                .read = memory_source_read,
                                .arg = &source};
    char id[64];
    uint64_t number;
    size_t size;
    char *bytes;
    HRESULT hr;

    snprintf(id, sizeof(id), "%" PRId64 ".%" PRIx64, row->id, (uint64_t)row->submitted_at);
    bytes = report_compose(row, account->smtp_url.host, account->email, time(NULL), id, &size);
    if (!bytes)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    source = (struct memory_source){.bytes = bytes, .left = size};
    save.size = size;
    hr = account_message_save(account, &save, error, &number);
    free(bytes);
    return hr;
}
