/* read.c - mapigate read: one message, its text, its source's header or an attachment */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "tools/tool.h"

#define CHUNK_SIZE 65536

static const char help[] =
    "usage: mapigate read ID [--html | --headers | --attachment N] [--json] [--profile NAME]\n"
    "\n"
    "Shows a message: the fields people read, the names of attachments, the text. mapigate ls "
    "FOLDER\n"
    "shows ids. The message stays unread.\n"
    "\n"
    "  --html           the HTML body as it is\n"
    "  --headers        the header as it came over the Internet\n"
    "  --attachment N   the bytes of the N-th attachment (from 1), for a file or a pipe\n";

enum part {
    PART_TEXT,
    PART_HTML,
    PART_HEADERS,
    PART_ATTACHMENT,
};

/* --- The whole -------------------------------------------------------------------------------- */

static const SizedSPropTagArray(7, fields) = {7,
                                              {PR_SENDER_NAME_W, PR_SENDER_EMAIL_ADDRESS_W,
                                               PR_DISPLAY_TO_W, PR_DISPLAY_CC_W, PR_SUBJECT_W,
                                               PR_CLIENT_SUBMIT_TIME, PR_MESSAGE_DELIVERY_TIME}};

static void field(json_t *json, const char *label, const char *key, const char *text)
{
    if (json)
        json_object_set_new(json, key, json_string(text));
    else if (text[0]) {
        printf("%-9s", label);
        text_print(stdout, text, 0);
        putchar('\n');
    }
}

static void print_fields(const SRow *row, json_t *json)
{
    const SPropValue *sent = row_value(row, PR_CLIENT_SUBMIT_TIME);
    const SPropValue *time = sent ? sent : row_value(row, PR_MESSAGE_DELIVERY_TIME);
    char *name = row_text(row, PR_SENDER_NAME_W), *from;
    char *address = row_text(row, PR_SENDER_EMAIL_ADDRESS_W), *to, *cc, *subject, *when;

    from = !name[0] || strcmp(name, address) == 0 ? text_format("%s", address)
                                                  : text_format("%s <%s>", name, address);
    to = row_text(row, PR_DISPLAY_TO_W);
    cc = row_text(row, PR_DISPLAY_CC_W);
    subject = row_text(row, PR_SUBJECT_W);
    when = text_time(time ? &time->Value.ft : NULL);
    field(json, "From", "from", from);
    field(json, "To", "to", to);
    field(json, "Cc", "cc", cc);
    field(json, "Date", "date", when);
    field(json, "Subject", "subject", subject);
    free(when);
    free(subject);
    free(cc);
    free(to);
    free(from);
    free(address);
    free(name);
}

static HRESULT print_attachments(IMessage *message, json_t *json)
{
    static const SizedSPropTagArray(4, columns) = {
        4, {PR_ATTACH_NUM, PR_ATTACH_LONG_FILENAME_W, PR_DISPLAY_NAME_W, PR_ATTACH_SIZE}};
    json_t *list = json ? json_array() : NULL;
    IMAPITable *table;
    SRowSet *rows = NULL;
    HRESULT hr = IMessage_GetAttachmentTable(message, 0, &table);

    if (SUCCEEDED(hr)) {
        hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
        IMAPITable_Release(table);
    }
    for (ULONG i = 0; SUCCEEDED(hr) && i < rows->cRows; i++) {
        char *name = row_text(&rows->aRow[i], PR_ATTACH_LONG_FILENAME_W);
        LONG size = row_long(&rows->aRow[i], PR_ATTACH_SIZE);

        if (!name[0]) {
            free(name);
            name = row_text(&rows->aRow[i], PR_DISPLAY_NAME_W);
        }
        if (list)
            json_array_append_new(list, json_pack("{s:i, s:s, s:i}", "number", (int)i + 1, "name",
                                                  name, "size", (int)size));
        else {
            printf("Attached %u: ", (unsigned)i + 1);
            text_print(stdout, name[0] ? name : "(no name)", 0);
            printf(", %d bytes\n", (int)size);
        }
        free(name);
    }
    FreeProws(rows);
    if (json)
        json_object_set_new(json, "attachments", list);
    return hr;
}

static HRESULT print_message(IMessage *message, const char *id, bool as_json)
{
    json_t *json = as_json ? json_pack("{s:s}", "id", id) : NULL;
    char *text = NULL;
    SRow row = {0};
    HRESULT hr =
        IMessage_GetProps(message, (SPropTagArray *)&fields, 0, &row.cValues, &row.lpProps);

    if (SUCCEEDED(hr)) {
        print_fields(&row, json);
        MAPIFreeBuffer(row.lpProps);
        hr = print_attachments(message, json);
    }
    if (SUCCEEDED(hr))
        hr = prop_text((IMAPIProp *)message, PR_BODY_W, &text);
    if (FAILED(hr)) {
        json_decref(json);
        return hr;
    }
    if (json) {
        json_object_set_new(json, "text", json_string(text));
        json_print(json, false);
    } else {
        putchar('\n');
        text_print_body(stdout, text, strlen(text));
    }
    free(text);
    return S_OK;
}

/* --- Parts ------------------------------------------------------------------------------------ */

static HRESULT print_attachment(IMessage *message, unsigned wanted)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ATTACH_NUM}};
    IMAPITable *table;
    SRowSet *rows = NULL;
    IAttach *attach = NULL;
    IStream *stream = NULL;
    char bytes[CHUNK_SIZE];
    ULONG got = 1;
    HRESULT hr = IMessage_GetAttachmentTable(message, 0, &table);

    if (FAILED(hr))
        return hr;
    hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    if (SUCCEEDED(hr))
        hr = wanted > rows->cRows
                 ? MAPI_E_NOT_FOUND
                 : IMessage_OpenAttach(message,
                                       (ULONG)row_long(&rows->aRow[wanted - 1], PR_ATTACH_NUM),
                                       NULL, 0, &attach);
    if (SUCCEEDED(hr))
        hr = IAttach_OpenProperty(attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0,
                                  (IUnknown **)&stream);
    while (SUCCEEDED(hr) && got > 0) {
        hr = IStream_Read(stream, bytes, sizeof(bytes), &got);
        if (SUCCEEDED(hr) && fwrite(bytes, 1, got, stdout) != got)
            hr = MAPI_E_DISK_ERROR;
    }
    if (stream)
        IStream_Release(stream);
    if (attach)
        IAttach_Release(attach);
    FreeProws(rows);
    IMAPITable_Release(table);
    return hr;
}

static HRESULT print_html(IMessage *message)
{
    char *bytes;
    size_t size;
    HRESULT hr = prop_stream((IMAPIProp *)message, PR_HTML, &bytes, &size);

    if (FAILED(hr))
        return hr;
    fwrite(bytes, 1, size, stdout);
    free(bytes);
    return S_OK;
}

static HRESULT print_headers(IMessage *message)
{
    char *text;
    HRESULT hr = prop_text((IMAPIProp *)message, PR_TRANSPORT_MESSAGE_HEADERS_W, &text);

    if (FAILED(hr))
        return hr;
    text_print_body(stdout, text, strlen(text));
    free(text);
    return S_OK;
}

static HRESULT print_part(IMessage *message, const char *id, enum part part, unsigned number,
                          bool json)
{
    switch (part) {
    case PART_HTML:
        return print_html(message);
    case PART_HEADERS:
        return print_headers(message);
    case PART_ATTACHMENT:
        return print_attachment(message, number);
    case PART_TEXT:
        break;
    }
    return print_message(message, id, json);
}

int verb_read(int argc, char **argv)
{
    static const struct option options[] = {{"html", no_argument, NULL, 'm'},
                                            {"headers", no_argument, NULL, 'e'},
                                            {"attachment", required_argument, NULL, 'a'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"profile", required_argument, NULL, 'p'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    const char *profile = NULL;
    struct tool_session session;
    enum part part = PART_TEXT;
    IMsgStore *store = NULL;
    IMessage *message = NULL;
    unsigned number = 0;
    bool json = false;
    int option, code;
    HRESULT hr;

    while ((option = getopt_long(argc, argv, "p:h", options, NULL)) != -1)
        if (option == 'm')
            part = PART_HTML;
        else if (option == 'e')
            part = PART_HEADERS;
        else if (option == 'a' && (number = (unsigned)atoi(optarg)) > 0)
            part = PART_ATTACHMENT;
        else if (option == 'j')
            json = true;
        else if (option == 'p')
            profile = optarg;
        else if (option == 'h') {
            fputs(help, stdout);
            return CODE_DONE;
        } else
            return fail_usage("read");
    if (optind != argc - 1) {
        fail(CODE_USAGE, "read takes one ID; mapigate ls FOLDER shows them");
        return fail_usage("read");
    }
    code = session_open(profile, &session, NULL);
    if (code)
        return code;
    code = store_open(&session, &store);
    if (!code)
        code = message_open_by_id(store, argv[optind], &message);
    if (!code) {
        hr = print_part(message, argv[optind], part, number, json);
        if (FAILED(hr))
            code = fail_hr(message, hr, "cannot read message %s", argv[optind]);
        IMessage_Release(message);
    }
    if (store)
        IMsgStore_Release(store);
    session_close(&session);
    return code;
}
