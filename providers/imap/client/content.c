/* providers/imap/client/content.c - what opening a message needs, in one command
 *
 * Of a small message all of it, of another its structure and header. Sections are so small here
 * that they do not stream. */
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/client_private.h"
#include "providers/imap/client/flags.h"

struct content_fetch {
    uint32_t uid;
    bool whole;
    size_t window;
    struct imap_lease *lease;
    struct imap_content content;
    bool answered;
    HRESULT hr;
};

static char *copy(struct content_fetch *fetch, struct wire_text text)
{
    char *bytes = malloc((size_t)text.size + 1);

    if (!bytes) {
        fetch->hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return NULL;
    }
    memcpy(bytes, text.data, text.size);
    bytes[text.size] = '\0';
    return bytes;
}

static void take_answer(struct content_fetch *fetch, const struct wire_fetch *answer)
{
    const struct wire_section *section = &answer->sections[0];
    char keywords[FLAGS_KEYWORDS_MAX];
    uint32_t keywords_size;

    fetch->answered = true;
    fetch->content.flags = flags_from_wire(&answer->flags, keywords, &keywords_size);
    fetch->content.size = answer->size > UINT32_MAX ? UINT32_MAX : (uint32_t)answer->size;
    fetch->content.internaldate =
        answer->present & WIRE_FETCH_INTERNALDATE ? answer->internaldate : INT64_MIN;
    fetch->content.bytes = copy(fetch, section->bytes);
    fetch->content.byte_count = section->bytes.size;
    if (!fetch->whole)
        fetch->content.structure = copy(fetch, answer->structure_text);
}

static void observe_content(void *arg, const struct wire_response *response)
{
    struct content_fetch *fetch = arg;
    uint32_t need = WIRE_FETCH_UID | WIRE_FETCH_FLAGS | WIRE_FETCH_SIZE | WIRE_FETCH_SECTION;
    const struct wire_fetch *answer;

    if (!fetch->whole)
        need |= WIRE_FETCH_STRUCTURE;
    if (response->kind != WIRE_FETCH)
        return;
    answer = response->fetch;
    if (!fetch->answered && answer->uid == fetch->uid && (answer->present & need) == need &&
        answer->sections[0].bytes.data && answer->sections[0].bytes.size <= fetch->window &&
        (fetch->whole || answer->structure_text.data))
        take_answer(fetch, answer);
    else if (fetch->lease->session) /* somebody changed a flag meanwhile */
        fetch->lease->session->news++;
}

HRESULT imap_fetch_content(struct imap_lease *lease, uint32_t uid, bool whole,
                           struct error_info *error, struct imap_content *ret_content)
{
    size_t window = whole ? IMAP_WHOLE_WINDOW : IMAP_HEADER_WINDOW;
    struct content_fetch fetch = {.uid = uid, .whole = whole, .window = window, .lease = lease};
    struct command_text text;
    struct imap_session_command command = {.text = &text,
                                           .what = "FETCH",
                                           .fetching = true,
                                           .observe = observe_content,
                                           .arg = &fetch,
                                           .literal_max = IMAP_WHOLE_WINDOW,
                                           .repeatable = true};
    HRESULT hr;

    command_text_init(&text);
    command_text_add(&text, "UID FETCH %u (UID FLAGS RFC822.SIZE INTERNALDATE %s<0.%zu>)", uid,
                     whole ? "BODY.PEEK[]" : "BODYSTRUCTURE BODY.PEEK[HEADER]", window);
    hr = lease_command(lease, &command, error);
    command_text_clear(&text);
    if (SUCCEEDED(hr) && FAILED(fetch.hr))
        hr = error_set(error, fetch.hr, lease->client->server, "out of memory");
    else if (SUCCEEDED(hr) && !fetch.answered)
        hr = error_set(error, MAPI_E_NOT_FOUND, lease->client->server, "the message is gone");
    if (FAILED(hr)) {
        imap_content_clear(&fetch.content);
        return hr;
    }
    *ret_content = fetch.content;
    return S_OK;
}

void imap_content_clear(struct imap_content *content)
{
    free(content->bytes);
    free(content->structure);
    *content = (struct imap_content){0};
}
