/* send.c - mapigate send: writes a message, submits it, waits until it has left */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "tools/letter.h"

#define BODY_MAX     (16u << 20)
#define WAIT_STEP_MS 100
#define WAIT_STEPS   300 /* 30 s */

static const char help[] =
    "usage: mapigate send --to ADDRESS ... [options] [--profile NAME] < text\n"
    "\n"
    "Sends a message; the text (UTF-8) comes from standard input unless --body is given.\n"
    "\n"
    "  --to, --cc, --bcc ADDRESS   who gets it; each may be given many times\n"
    "  --subject TEXT\n"
    "  --body TEXT                 the text\n"
    "  --attach FILE               may be given many times\n"
    "  --no-wait                   leave when the message is safely queued\n"
    "\n"
    "It waits until the server has taken the message. When that cannot be reached (exit code 5) "
    "the\n"
    "message stays queued; the next session of any program on this profile sends it.\n";

static char *read_body(void)
{
    size_t size = 0;
    char *text = text_alloc(BODY_MAX + 1);

    if (isatty(STDIN_FILENO))
        fputs("The text, then Ctrl-D on a line of its own:\n", stderr);
    size = fread(text, 1, BODY_MAX + 1, stdin);
    if (size > BODY_MAX) {
        free(text);
        return NULL;
    }
    text[size] = '\0';
    return text;
}

/* --- Sending ---------------------------------------------------------------------------------- */

/* Is the message in the store's queue? */
static HRESULT still_queued(IMsgStore *store, const SBinary *id, bool *ret_queued)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    IMAPITable *table;
    SRowSet *rows = NULL;
    HRESULT hr = IMsgStore_GetOutgoingQueue(store, 0, &table);

    if (FAILED(hr))
        return hr;
    hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    *ret_queued = false;
    for (ULONG i = 0; SUCCEEDED(hr) && i < rows->cRows; i++) {
        const SPropValue *value = row_value(&rows->aRow[i], PR_ENTRYID);

        if (value && value->Value.bin.cb == id->cb &&
            memcmp(value->Value.bin.lpb, id->lpb, id->cb) == 0)
            *ret_queued = true;
    }
    FreeProws(rows);
    IMAPITable_Release(table);
    return hr;
}

/* Whether the transport can send; if not, *ret_words, to free(), say why. */
static bool can_send(IMAPIStatus *transport, char **ret_words)
{
    static const SizedSPropTagArray(2, tags) = {2, {PR_STATUS_CODE, PR_STATUS_STRING_W}};
    SRow row = {0};
    bool can = true;

    if (FAILED(
            IMAPIStatus_GetProps(transport, (SPropTagArray *)&tags, 0, &row.cValues, &row.lpProps)))
        return true;
    if (row_long(&row, PR_STATUS_CODE) & (STATUS_OFFLINE | STATUS_FAILURE)) {
        *ret_words = row_text(&row, PR_STATUS_STRING_W);
        can = false;
    }
    MAPIFreeBuffer(row.lpProps);
    return can;
}

static int wait_until_sent(struct tool_session *session, IMsgStore *store, const SBinary *id)
{
    const struct timespec step = {.tv_nsec = WAIT_STEP_MS * 1000000L};
    IMAPIStatus *transport = NULL;
    char *words = NULL;
    bool queued = true;
    int code = CODE_DONE;
    HRESULT hr = status_open(session, MAPI_TRANSPORT_PROVIDER, &transport);

    /* It returns when the transport has been told; what comes of it the queue and the row say. */
    if (SUCCEEDED(hr))
        hr = IMAPIStatus_FlushQueues(transport, 0, 0, NULL, FLUSH_UPLOAD | FLUSH_NO_UI);
    if (FAILED(hr))
        code = fail_hr(transport, hr, "the message is queued; the transport does not send");
    for (int i = 0; !code && queued && i < WAIT_STEPS; i++) {
        hr = still_queued(store, id, &queued);
        if (FAILED(hr))
            code = fail_hr(store, hr, "the message is queued, but the queue cannot be read");
        else if (queued && !can_send(transport, &words))
            break;
        else if (queued)
            nanosleep(&step, NULL);
    }
    if (!code && queued)
        code = fail(CODE_UNREACHABLE,
                    "the message is queued, but not sent yet: %s\n  the next session on this "
                    "profile sends it, for example mapigate status --watch",
                    words ? words : "the server has not taken it in time");
    free(words);
    if (transport)
        IMAPIStatus_Release(transport);
    return code;
}

static int submit(struct tool_session *session, IMsgStore *store, IMessage *message, bool no_wait)
{
    SPropValue *id = NULL;
    int code = CODE_DONE;
    HRESULT hr = IMessage_SaveChanges(message, KEEP_OPEN_READWRITE);

    if (SUCCEEDED(hr))
        hr = HrGetOneProp((IMAPIProp *)message, PR_ENTRYID, &id);
    if (SUCCEEDED(hr))
        hr = IMessage_SubmitMessage(message, 0);
    if (FAILED(hr))
        code = fail_hr(message, hr, "cannot submit the message");
    else if (!no_wait)
        code = wait_until_sent(session, store, &id->Value.bin);
    if (!code)
        puts(no_wait ? "queued" : "sent");
    MAPIFreeBuffer(id);
    return code;
}

static HRESULT open_outbox(IMsgStore *store, IMAPIFolder **ret_folder)
{
    SPropValue *id;
    ULONG type;
    HRESULT hr = HrGetOneProp((IMAPIProp *)store, PR_IPM_OUTBOX_ENTRYID, &id);

    if (FAILED(hr))
        return hr;
    hr = IMsgStore_OpenEntry(store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL,
                             MAPI_MODIFY, &type, (IUnknown **)ret_folder);
    MAPIFreeBuffer(id);
    return hr;
}

static int compose(struct tool_session *session, IMsgStore *store, const struct letter *letter,
                   const char *body)
{
    IMAPIFolder *outbox = NULL;
    IMessage *message = NULL;
    SPropValue *sent = NULL;
    int code = CODE_DONE;
    HRESULT hr = open_outbox(store, &outbox);

    if (FAILED(hr))
        return fail_hr(store, hr, "cannot open the Outbox");
    HrGetOneProp((IMAPIProp *)store, PR_IPM_SENTMAIL_ENTRYID, &sent); /* NULL: it stays */
    hr = IMAPIFolder_CreateMessage(outbox, NULL, 0, &message);
    if (FAILED(hr))
        code = fail_hr(outbox, hr, "cannot make a message");
    if (!code)
        code = letter_write(letter, body, sent, message);
    if (!code)
        code = submit(session, store, message, letter->no_wait);
    if (message)
        IMessage_Release(message);
    IMAPIFolder_Release(outbox);
    MAPIFreeBuffer(sent);
    return code;
}

static int parse(int argc, char **argv, struct letter *letter, const char **ret_profile)
{
    static const struct option options[] = {
        {"to", required_argument, NULL, 't'},   {"cc", required_argument, NULL, 'c'},
        {"bcc", required_argument, NULL, 'b'},  {"subject", required_argument, NULL, 's'},
        {"body", required_argument, NULL, 'm'}, {"attach", required_argument, NULL, 'a'},
        {"no-wait", no_argument, NULL, 'n'},    {"profile", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},       {0}};
    int option;

    while ((option = getopt_long(argc, argv, "s:a:p:h", options, NULL)) != -1)
        if (option == 't' || option == 'c' || option == 'b') {
            if (letter->to_count == RECIPIENTS_MAX)
                return fail(CODE_USAGE, "more than %d recipients", RECIPIENTS_MAX);
            letter->to[letter->to_count].type = option == 't'   ? MAPI_TO
                                                : option == 'c' ? MAPI_CC
                                                                : MAPI_BCC;
            letter->to[letter->to_count++].address = optarg;
        } else if (option == 's')
            letter->subject = optarg;
        else if (option == 'm')
            letter->body = optarg;
        else if (option == 'a') {
            if (letter->file_count == ATTACHMENTS_MAX)
                return fail(CODE_USAGE, "more than %d attachments", ATTACHMENTS_MAX);
            letter->files[letter->file_count++] = optarg;
        } else if (option == 'n')
            letter->no_wait = true;
        else if (option == 'p')
            *ret_profile = optarg;
        else if (option == 'h') {
            fputs(help, stdout);
            exit(CODE_DONE);
        } else
            return fail_usage("send");
    if (optind < argc || letter->to_count == 0) {
        fail(CODE_USAGE,
             optind < argc ? "send takes no word \"%s\"; recipients are given by --to"
                           : "send needs --to ADDRESS%s",
             optind < argc ? argv[optind] : "");
        return fail_usage("send");
    }
    return CODE_DONE;
}

int verb_send(int argc, char **argv)
{
    struct letter *letter = text_alloc(sizeof(*letter));
    const char *profile = NULL;
    struct tool_session session;
    IMsgStore *store = NULL;
    char *body = NULL;
    int code;

    letter->subject = "";
    code = parse(argc, argv, letter, &profile);
    if (!code && !letter->body && !(body = read_body()))
        code = fail(CODE_USAGE, "the text is longer than 16 MB: attach it");
    if (!code) {
        code = session_open(profile, &session, NULL);
        if (!code) {
            code = store_open(&session, &store);
            if (!code)
                code = compose(&session, store, letter, letter->body ? letter->body : body);
            if (store)
                IMsgStore_Release(store);
            session_close(&session);
        }
    }
    free(body);
    free(letter);
    return code;
}
