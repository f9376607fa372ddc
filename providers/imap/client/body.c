/* providers/imap/client/body.c - sections of a message in windows
 *
 * A window is one command of its own (BODY.PEEK[n]<off.size>), so that no session waits for who
 * reads the body (docs/engine.md, "Connections"). */
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/client_private.h"
#include "providers/imap/client/message.h"

#define WINDOW_MAX (1024u * 1024u)

/* --- One window ------------------------------------------------------------------------------- */

struct window_fetch {
    uint32_t uid;
    char *buffer;
    size_t space;
    size_t size;       /* bytes that have come */
    unsigned literals; /* of the response that is under way */
    bool answered;     /* the message is there: what comes now is not for us */
    bool missing;      /* but not this section */
};

static void take_piece(void *arg, const struct wire_body_piece *piece)
{
    struct window_fetch *fetch = arg;

    /* Whose message it is shows at the response's end only. */
    fetch->literals += piece->offset == 0;
    if (fetch->answered || fetch->literals != 1)
        return;
    if (piece->offset > fetch->space || piece->size > fetch->space - piece->offset)
        return; /* more than asked for; the guard refuses it as well */
    memcpy(fetch->buffer + piece->offset, piece->bytes, piece->size);
    if (piece->offset + piece->size > fetch->size)
        fetch->size = (size_t)piece->offset + piece->size;
}

static void observe_window(void *arg, const struct wire_response *response)
{
    struct window_fetch *fetch = arg;
    const struct wire_section *section;

    fetch->literals = 0;
    if (fetch->answered)
        return;
    if (response->kind != WIRE_FETCH || response->fetch->uid != fetch->uid ||
        response->fetch->section_count == 0) {
        fetch->size = 0; /* another message's text, which nobody asked for */
        return;
    }
    section = &response->fetch->sections[0];
    fetch->answered = true;
    if (section->streamed)
        return;
    fetch->missing = !section->bytes.data;
    if (section->bytes.data && section->bytes.size <= fetch->space) {
        memcpy(fetch->buffer, section->bytes.data, section->bytes.size);
        fetch->size = section->bytes.size;
    }
}

static bool section_is_valid(const char *section)
{
    for (; *section; section++) {
        if ((unsigned char)*section < ' ' || (unsigned char)*section >= 127 ||
            strchr("[]<>{}\"%*\\", *section))
            return false;
    }
    return true;
}

HRESULT imap_fetch_body(struct imap_lease *lease, uint32_t uid, const char *section,
                        uint64_t offset, void *buffer, size_t size, struct error_info *error,
                        size_t *ret_size)
{
    struct window_fetch fetch = {.uid = uid, .buffer = buffer, .space = size};
    struct command_text text;
    struct imap_session_command command = {.text = &text,
                                           .what = "FETCH",
                                           .fetching = true,
                                           .observe = observe_window,
                                           .piece = take_piece,
                                           .arg = &fetch,
                                           .literal_max = size,
                                           .repeatable = true};
    HRESULT hr;

    if (size == 0 || size > WINDOW_MAX || offset > UINT32_MAX || !section_is_valid(section))
        return error_set(error, MAPI_E_INVALID_PARAMETER, lease->client->server,
                         "no such window of a message");
    command_text_init(&text);
    command_text_add(&text, "UID FETCH %u (UID BODY.PEEK[%s]<%llu.%zu>)", uid, section,
                     (unsigned long long)offset, size);
    hr = lease_command(lease, &command, error);
    command_text_clear(&text);
    if (FAILED(hr))
        return hr;
    if (!fetch.answered || fetch.missing)
        return error_set(error, MAPI_E_NOT_FOUND, lease->client->server,
                         fetch.answered ? "the message has no such part" : "the message is gone");
    *ret_size = fetch.size;
    return S_OK;
}

/* --- Reader ----------------------------------------------------------------------------------- */

enum window_state {
    WINDOW_EMPTY,
    WINDOW_LOADING,
    WINDOW_READY,
};

struct window {
    struct imap_body_reader *reader;
    enum window_state state;
    uint64_t offset;
    size_t asked;
    char *bytes;
    size_t space;
    size_t size; /* below `asked`: the section ends in it */
    uint64_t used;
    struct engine_event loaded;
};

struct imap_body_reader {
    unsigned refs; /* the reader's owner, and a task that fetches ahead */
    struct imap_client *client;
    char *mailbox, *section;
    uint32_t uidvalidity, uid;
    struct window windows[2];
    uint64_t next; /* where the window begins that reading in order wants next */
    uint64_t clock;
    bool closed;
};

HRESULT imap_body_reader_create(struct imap_client *client, const char *mailbox,
                                uint32_t uidvalidity, uint32_t uid, const char *section,
                                struct imap_body_reader **ret_reader)
{
    struct imap_body_reader *reader = calloc(1, sizeof(*reader));

    if (!reader)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    reader->refs = 1;
    reader->client = client;
    reader->uidvalidity = uidvalidity;
    reader->uid = uid;
    reader->mailbox = strdup(mailbox);
    reader->section = strdup(section);
    for (int i = 0; i < 2; i++) {
        reader->windows[i].reader = reader;
        engine_event_init(&reader->windows[i].loaded);
    }
    if (!reader->mailbox || !reader->section) {
        imap_body_reader_free(reader);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    *ret_reader = reader;
    return S_OK;
}

static void reader_unref(struct imap_body_reader *reader)
{
    if (--reader->refs > 0)
        return;
    for (int i = 0; i < 2; i++) {
        engine_event_clear(&reader->windows[i].loaded);
        free(reader->windows[i].bytes);
    }
    free(reader->mailbox);
    free(reader->section);
    free(reader);
}

void imap_body_reader_free(struct imap_body_reader *reader)
{
    if (!reader)
        return;
    reader->closed = true;
    reader_unref(reader);
}

static bool window_reserve(struct window *window)
{
    char *bytes;

    if (window->space >= window->asked)
        return true;
    free(window->bytes);
    bytes = window->bytes = malloc(window->asked);
    window->space = bytes ? window->asked : 0;
    return bytes;
}

/* Fills a window that the caller has marked LOADING. */
static WAITS HRESULT window_load(struct window *window, uint64_t deadline, struct error_info *error)
{
    struct imap_body_reader *reader = window->reader;
    struct imap_lease *lease = NULL;
    size_t size = 0;
    HRESULT hr;

    if (!window_reserve(window))
        hr = error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, reader->client->server, "out of memory");
    else
        hr = imap_lease_begin(reader->client, reader->mailbox, IMAP_LEASE_READ_ONLY, deadline,
                              error, &lease);
    if (SUCCEEDED(hr) && imap_lease_selected(lease)->uidvalidity != reader->uidvalidity) {
        hr = error_set(error, MAPI_E_OBJECT_DELETED, reader->client->server,
                       "the mailbox has been replaced by another");
    } else if (SUCCEEDED(hr)) {
        if (deadline != NO_DEADLINE)
            imap_lease_set_deadline(lease, deadline);
        hr = imap_fetch_body(lease, reader->uid, reader->section, window->offset, window->bytes,
                             window->asked, error, &size);
        if (hr == MAPI_E_NOT_FOUND) {
            hr = MAPI_E_OBJECT_DELETED;
            if (error)
                error->hr = hr;
        }
    }
    imap_lease_end(lease);
    window->size = size;
    window->state = SUCCEEDED(hr) ? WINDOW_READY : WINDOW_EMPTY;
    engine_event_set(&window->loaded);
    return hr;
}

static void window_mark_loading(struct window *window, uint64_t offset, size_t size)
{
    window->state = WINDOW_LOADING;
    window->offset = offset;
    window->asked = size;
    engine_event_reset(&window->loaded);
}

static bool window_has(const struct window *window, uint64_t offset)
{
    return window->state != WINDOW_EMPTY && offset >= window->offset &&
           offset - window->offset < window->asked;
}

static void ahead_run(void *arg)
{
    struct window *window = arg;
    struct imap_body_reader *reader = window->reader;

    if (reader->closed) {
        window->state = WINDOW_EMPTY;
        engine_event_set(&window->loaded);
    } else {
        window_load(window, NO_DEADLINE, NULL);
    }
    reader_unref(reader);
}

/* While `current` is being read in order, the next one comes, twice as large: each is a command of
 * its own, which costs the server as much as many bytes do. */
static void fetch_ahead(struct imap_body_reader *reader, struct window *current)
{
    struct window *other = &reader->windows[current == &reader->windows[0]];
    uint64_t next = current->offset + current->asked;
    size_t size = current->asked < WINDOW_MAX / 2 ? current->asked * 2 : WINDOW_MAX;

    if (current->size < current->asked || other->state == WINDOW_LOADING || window_has(other, next))
        return;
    window_mark_loading(other, next, size);
    reader->refs++;
    if (FAILED(imap_client_spawn(reader->client, ahead_run, other))) {
        reader->refs--;
        other->state = WINDOW_EMPTY;
        engine_event_set(&other->loaded);
    }
}

/* The window that has `offset`, loaded. */
static WAITS HRESULT reader_window(struct imap_body_reader *reader, uint64_t offset,
                                   uint64_t deadline, struct error_info *error,
                                   struct window **ret_window)
{
    for (;;) {
        struct window *a = &reader->windows[0], *b = &reader->windows[1], *window;
        HRESULT hr;

        if (window_has(a, offset))
            window = a;
        else if (window_has(b, offset))
            window = b;
        else /* the one not used for longer; one that loads is in nobody's use */
            window = a->state == WINDOW_LOADING   ? b
                     : b->state == WINDOW_LOADING ? a
                     : a->used <= b->used         ? a
                                                  : b;
        if (window->state == WINDOW_READY && window_has(window, offset)) {
            window->used = ++reader->clock;
            *ret_window = window;
            return S_OK;
        }
        if (window->state == WINDOW_LOADING) {
            hr = engine_event_wait(&window->loaded, deadline);
            if (FAILED(hr))
                return error_set(error, hr, reader->client->server,
                                 "the message did not come in time");
            if (window->state != WINDOW_EMPTY)
                continue; /* ready; or it failed, and we try ourselves, for the words */
        }
        window_mark_loading(window, offset - offset % IMAP_BODY_WINDOW, IMAP_BODY_WINDOW);
        hr = window_load(window, deadline, error);
        if (FAILED(hr))
            return hr;
    }
}

HRESULT imap_body_reader_read(struct imap_body_reader *reader, uint64_t offset, void *buffer,
                              size_t size, uint64_t deadline, struct error_info *error,
                              size_t *ret_size)
{
    struct window *window = NULL;
    HRESULT hr = reader_window(reader, offset, deadline, error, &window);
    size_t within;

    if (FAILED(hr))
        return hr;
    if (window->offset == reader->next || window->offset == 0)
        fetch_ahead(reader, window);
    reader->next = window->offset + window->asked;
    within = (size_t)(offset - window->offset);
    if (within >= window->size) {
        *ret_size = 0;
        return S_OK;
    }
    *ret_size = window->size - within < size ? window->size - within : size;
    memcpy(buffer, window->bytes + within, *ret_size);
    return S_OK;
}
