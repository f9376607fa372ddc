/* providers/imap/client/append.c - APPEND, streaming; NOOP
 *
 * libetpan's own wants the whole message in memory and rewrites bare CR and LF. Here the bytes go
 * from the caller's buffer to the connection as they are, 64 KiB at a time, behind a literal that
 * waits for the server's "+" only where LITERAL+ is not offered (RFC 7888). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "providers/imap/client/client_private.h"
#include "providers/imap/client/flags.h"
#include "providers/imap/client/message.h"

#define APPEND_PIECE      65536u
#define APPEND_SLOWEST    4096u /* bytes a second that a line must carry */
#define LITERAL_MINUS_MAX 4096u

static void add_date(struct command_text *text, int64_t seconds)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t when = (time_t)seconds;
    struct tm tm;

    if (seconds == INT64_MIN || !gmtime_r(&when, &tm) || tm.tm_year < 0 || tm.tm_year > 8099)
        return;
    command_text_add(text, " \"%02d-%s-%04d %02d:%02d:%02d +0000\"", tm.tm_mday, months[tm.tm_mon],
                     tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* The command up to its literal's header. */
static HRESULT append_front(const struct imap_session *session, const struct imap_append *append,
                            struct command_text *text, bool *ret_waits)
{
    uint32_t flags = append->flags & ~(uint32_t)IMAP_FLAG_RECENT;
    bool plus = session->capabilities & IMAP_CAP_LITERAL_PLUS;

    command_text_add(text, "APPEND ");
    command_text_mailbox(text, append->mailbox, plus);
    if (flags || append->keywords) {
        command_text_add(text, " ");
        flags_add(text, flags, append->keywords);
    }
    add_date(text, append->internaldate);
    if ((session->capabilities & IMAP_CAP_LITERAL_MINUS) && append->size <= LITERAL_MINUS_MAX)
        plus = true;
    *ret_waits = !plus;
    command_text_add(text, " {%llu%s}", (unsigned long long)append->size, plus ? "+" : "");
    return text->hr;
}

static WAITS HRESULT append_body(struct imap_session *session, const struct imap_append *append,
                                 HRESULT *ret_source)
{
    char *piece = malloc(APPEND_PIECE);
    uint64_t left = append->size;
    HRESULT hr = piece ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    while (SUCCEEDED(hr) && left > 0) {
        size_t want = left < APPEND_PIECE ? (size_t)left : APPEND_PIECE, size = 0;

        *ret_source = append->read(append->arg, piece, want, &size);
        if (SUCCEEDED(*ret_source) && (size == 0 || size > want))
            *ret_source = MAPI_E_CORRUPT_DATA; /* shorter than it said, or longer */
        if (FAILED(*ret_source)) {
            hr = *ret_source;
            break;
        }
        hr = imap_session_write(session, piece, size, true);
        left -= size;
    }
    free(piece);
    return hr;
}

static WAITS HRESULT append_talk(struct imap_session *session, const struct imap_append *append,
                                 const struct command_text *text, bool waits,
                                 struct error_info *error, uint32_t *ret_uidvalidity,
                                 uint32_t *ret_uid)
{
    const struct wire_response *response = NULL;
    HRESULT source = S_OK, hr;
    bool done;
    char tag[16];

    imap_session_next_tag(session, tag);
    hr = imap_session_write_text(session, tag, text, "\r\n", &response);
    done = SUCCEEDED(hr) && response && response->kind == WIRE_TAGGED;
    if (SUCCEEDED(hr) && !done && waits) {
        hr = imap_session_read(session, tag, &response);
        done = SUCCEEDED(hr) && response->kind == WIRE_TAGGED;
    }
    if (SUCCEEDED(hr) && !done) {
        hr = append_body(session, append, &source);
        if (SUCCEEDED(hr))
            hr = imap_session_write(session, "\r\n", 2, false);
        if (SUCCEEDED(hr))
            hr = imap_session_read(session, tag, &response);
    }
    if (FAILED(source)) {
        struct error_info why = {0};

        /* Half a literal cannot be taken back: the session ends, and nothing is appended. */
        error_set(&why, MAPI_E_USER_CANCEL, session->client->server,
                  "the message could not be read");
        imap_session_break(session, &why);
        if (error)
            *error = why;
        return source;
    }
    if (SUCCEEDED(hr) && response->kind != WIRE_TAGGED)
        hr = MAPI_E_CORRUPT_DATA;
    if (FAILED(hr))
        return imap_session_failed(session, hr, error);
    if (response->status.condition != WIRE_OK)
        return imap_session_refusal(session, &response->status, "APPEND", error);
    if (response->status.code == WIRE_CODE_APPENDUID && response->status.to.count == 1) {
        *ret_uidvalidity = response->status.uidvalidity;
        *ret_uid = response->status.to.ranges[0].first;
    }
    return S_OK;
}

HRESULT imap_append(struct imap_lease *lease, const struct imap_append *append,
                    struct error_info *error, uint32_t *ret_uidvalidity, uint32_t *ret_uid)
{
    struct imap_session_command command = {.what = "APPEND"};
    struct imap_session *session;
    struct command_text text;
    uint32_t uidvalidity = 0, uid = 0;
    bool waits;
    HRESULT hr = lease_session(lease, error, &session);

    if (FAILED(hr))
        return hr;
    command_text_init(&text);
    hr = append_front(session, append, &text, &waits);
    if (FAILED(hr)) {
        command_text_clear(&text);
        return error_set(error, hr, lease->client->server, "a name or keyword is not valid");
    }
    imap_session_begin(session, &command,
                       lease_take_deadline(lease, append->size / (APPEND_SLOWEST / 1000) + 1));
    hr = append_talk(session, append, &text, waits, error, &uidvalidity, &uid);
    imap_session_end(session);
    command_text_clear(&text);
    lease->reused = false;
    if (session->broken)
        lease_lose(lease, &session->error);
    if (FAILED(hr))
        return hr;
    lease->client->news++;
    if (ret_uidvalidity)
        *ret_uidvalidity = uidvalidity;
    if (ret_uid)
        *ret_uid = uid;
    return S_OK;
}

HRESULT imap_noop(struct imap_lease *lease, struct error_info *error)
{
    return lease_command(lease, &imap_session_noop, error);
}
