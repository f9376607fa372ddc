/* providers/smtp/client/reply.c - what an SMTP server says, read byte by byte */
#include "providers/smtp/client/reply.h"

#include <stdbool.h>
#include <string.h>

#include "mapi/text.h"

void reply_begin(struct reply *reply)
{
    reply->code = 0;
    reply->text_size = 0;
    reply->text[0] = '\0';
    reply->line_size = 0;
    reply->fault = NULL;
    reply->lines = 0;
    reply->line_ended = false;
}

static enum reply_event refuse(struct reply *reply, const char *fault)
{
    reply->fault = fault;
    return REPLY_FAULT;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "250-text" or "250 text" or "250"; 0: neither. */
static unsigned line_code(const char *line, size_t size)
{
    unsigned code;

    if (size < 3 || !is_digit(line[0]) || !is_digit(line[1]) || !is_digit(line[2]) ||
        (size > 3 && line[3] != ' ' && line[3] != '-'))
        return 0;
    code = (unsigned)(line[0] - '0') * 100 + (unsigned)(line[1] - '0') * 10 +
           (unsigned)(line[2] - '0');
    return code >= 200 && code <= 599 ? code : 0;
}

static enum reply_event end_line(struct reply *reply)
{
    size_t size = reply->line_size, skip;
    unsigned code;

    if (size && reply->line[size - 1] == '\r')
        size--;
    reply->line[size] = '\0';
    reply->line_size = size;
    reply->line_ended = true;

    code = line_code(reply->line, size);
    if (!code || (reply->code && code != reply->code))
        return refuse(reply, "a reply without its code");
    skip = size > 3 ? 4 : 3;
    if (++reply->lines > REPLY_LINES_MAX || reply->text_size + (size - skip) + 1 > REPLY_TEXT_MAX)
        return refuse(reply, "a reply without end");
    if (reply->code)
        reply->text[reply->text_size++] = '\n';
    reply->code = code;
    memcpy(reply->text + reply->text_size, reply->line + skip, size - skip);
    reply->text_size += size - skip;
    reply->text[reply->text_size] = '\0';
    return size > 3 && reply->line[3] == '-' ? REPLY_LINE : REPLY_DONE;
}

enum reply_event reply_feed(struct reply *reply, const char *bytes, size_t size, size_t *ret_used)
{
    *ret_used = 0;
    if (reply->fault)
        return REPLY_FAULT;
    if (reply->line_ended) {
        reply->line_size = 0;
        reply->line_ended = false;
    }
    while (*ret_used < size) {
        char c = bytes[(*ret_used)++];

        if (c == '\n')
            return end_line(reply);
        if (c == '\0')
            return refuse(reply, "a zero byte");
        if (reply->line_size == REPLY_LINE_MAX)
            return refuse(reply, "a line above 2 KB");
        reply->line[reply->line_size++] = c;
    }
    return REPLY_MORE;
}

/* --- Telling ---------------------------------------------------------------------------------- */

static size_t digits(const char *text, size_t size, size_t most)
{
    size_t count = 0;

    while (count < size && count < most && is_digit(text[count]))
        count++;
    return count;
}

/* The length of an enhanced status code of class 2, 4 or 5 that ends at a space or the line's end
 * (RFC 2034, RFC 3463); 0: none. Never looks beyond the line. */
static size_t status_length(const char *line, size_t size)
{
    size_t at = 1;

    if (size < 5 || (line[0] != '2' && line[0] != '4' && line[0] != '5'))
        return 0;
    for (int part = 0; part < 2; part++) {
        size_t count =
            at + 1 < size && line[at] == '.' ? digits(line + at + 1, size - at - 1, 3) : 0;

        if (!count)
            return 0;
        at += 1 + count;
    }
    return at == size || line[at] == ' ' ? at : 0;
}

void reply_tell(const struct reply *reply, struct smtp_reply *ret_reply)
{
    const char *line = reply->text;
    size_t used = 0, room, size, skip;
    bool cut = false;

    *ret_reply = (struct smtp_reply){.code = reply->code};
    for (;;) {
        size = strcspn(line, "\n");
        skip = status_length(line, size);
        if (skip && !ret_reply->status[0])
            memcpy(ret_reply->status, line, skip); /* 9 at the most */
        skip += skip && skip < size;
        room = sizeof(ret_reply->words) - 1 - used;
        if (used && room) {
            ret_reply->words[used++] = ' ';
            room--;
        }
        cut |= size - skip > room;
        if (size - skip < room)
            room = size - skip;
        memcpy(ret_reply->words + used, line + skip, room);
        used += room;
        if (!line[size])
            break;
        line += size + 1;
    }
    text_make_presentable(ret_reply->words, cut);
}
