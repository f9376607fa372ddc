/* providers/imap/client/router.c - what of a response libetpan gets to see */
#include "providers/imap/client/router.h"

#include <stdio.h>
#include <string.h>

/* The first word of a command. */
static void note_tag(struct router *router, const char *bytes, size_t size)
{
    size_t n = 0;

    while (n < size && n < ROUTER_TAG_MAX && bytes[n] != ' ' && bytes[n] != '\r') {
        router->tag[n] = bytes[n];
        n++;
    }
    router->tag[n] = '\0';
    router->in_command = true;
}

/* "...{12}CRLF": libetpan waits for "+". It never sends "{12+}". */
static bool ends_in_literal_header(const char *bytes, size_t size)
{
    size_t n = size;

    if (n < 5 || memcmp(bytes + n - 3, "}\r\n", 3) != 0)
        return false;
    n -= 3;
    while (n > 0 && bytes[n - 1] >= '0' && bytes[n - 1] <= '9')
        n--;
    return n > 0 && bytes[n - 1] == '{' && bytes[n] != '}';
}

void router_written(struct router *router, const char *bytes, size_t size)
{
    if (size == 0)
        return;
    if (!router->in_command)
        note_tag(router, bytes, size);
    router->wants_continuation = ends_in_literal_header(bytes, size);
}

static enum router_verdict show_completion(struct router *router,
                                           const struct wire_response *response, char *line,
                                           size_t *ret_size)
{
    static const char *const conditions[] = {
        [WIRE_OK] = "OK",
        [WIRE_NO] = "NO",
        [WIRE_BAD] = "BAD",
    };

    if (!router->in_command || strlen(router->tag) != response->tag.size ||
        memcmp(router->tag, response->tag.data, response->tag.size) != 0)
        return ROUTER_WRONG;
    *ret_size = (size_t)snprintf(line, ROUTER_LINE_MAX, "%s %s done\r\n", router->tag,
                                 conditions[response->status.condition]);
    router->in_command = false;
    router->wants_continuation = false;
    return ROUTER_SHOW;
}

static enum router_verdict show(const char *text, char *line, size_t *ret_size)
{
    *ret_size = strlen(text);
    memcpy(line, text, *ret_size);
    return ROUTER_SHOW;
}

enum router_verdict router_route(struct router *router, const struct wire_response *response,
                                 char line[ROUTER_LINE_MAX], size_t *ret_size)
{
    switch (response->kind) {
    case WIRE_GREETING:
        if (response->status.condition == WIRE_COND_BYE)
            return ROUTER_END;
        /* With a capability, for mailimap_capability follows a null pointer if it never saw one. */
        if (response->status.condition == WIRE_PREAUTH)
            return show("* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n", line, ret_size);
        return show("* OK [CAPABILITY IMAP4rev1] ready\r\n", line, ret_size);
    case WIRE_CONTINUATION:
        /* One for each literal: libetpan would store what a server sends beyond that. */
        if (!router->wants_continuation)
            return ROUTER_HIDE;
        router->wants_continuation = false;
        return show("+ ready\r\n", line, ret_size);
    case WIRE_TAGGED:
        return show_completion(router, response, line, ret_size);
    default:
        return ROUTER_HIDE;
    }
}
