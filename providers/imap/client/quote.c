/* providers/imap/client/quote.c - strings for commands */
#include "providers/imap/client/quote.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "providers/imap/client/utf7.h"

#define QUOTED_MAX 1000u /* RFC 2683 3.2.1.5: servers have short lines */

void command_text_init(struct command_text *command)
{
    memset(command, 0, sizeof(*command));
    command->hr = S_OK;
}

void command_text_clear(struct command_text *command)
{
    free(command->text);
    free(command->waits);
    command_text_init(command);
}

static bool reserve(struct command_text *command, size_t more)
{
    size_t space = command->space ? command->space : 128;
    char *text;

    if (FAILED(command->hr))
        return false;
    while (space - command->size <= more)
        space *= 2;
    if (space == command->space)
        return true;
    text = realloc(command->text, space);
    if (!text) {
        command->hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return false;
    }
    command->text = text;
    command->space = space;
    return true;
}

static void add_bytes(struct command_text *command, const char *bytes, size_t size)
{
    if (!reserve(command, size))
        return;
    memcpy(command->text + command->size, bytes, size);
    command->size += size;
    command->text[command->size] = '\0';
}

void command_text_add(struct command_text *command, const char *format, ...)
{
    va_list args;
    int size;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(size >= 0);
    if (!reserve(command, (size_t)size))
        return;
    va_start(args, format);
    vsnprintf(command->text + command->size, (size_t)size + 1, format, args);
    va_end(args);
    assert(!strpbrk(command->text + command->size, "\r\n"));
    command->size += (size_t)size;
}

static bool can_be_quoted(const char *bytes, size_t size)
{
    if (size > QUOTED_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        if ((bytes[i] & 0x80) || bytes[i] == '\r' || bytes[i] == '\n')
            return false;
    }
    return true;
}

static void add_quoted(struct command_text *command, const char *bytes, size_t size)
{
    add_bytes(command, "\"", 1);
    while (size > 0) {
        size_t plain = 0;

        while (plain < size && bytes[plain] != '"' && bytes[plain] != '\\')
            plain++;
        add_bytes(command, bytes, plain);
        bytes += plain;
        size -= plain;
        if (size > 0) {
            add_bytes(command, "\\", 1);
            add_bytes(command, bytes++, 1);
            size--;
        }
    }
    add_bytes(command, "\"", 1);
}

/* Remembers that the sender has to wait here. */
static void add_wait(struct command_text *command)
{
    size_t *waits;

    if (FAILED(command->hr))
        return;
    waits = realloc(command->waits, (command->wait_count + 1) * sizeof(*waits));
    if (!waits) {
        command->hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return;
    }
    waits[command->wait_count++] = command->size;
    command->waits = waits;
}

void command_text_string(struct command_text *command, const char *bytes, size_t size,
                         bool literal_plus)
{
    char header[32];
    int length;

    if (size > 0 && memchr(bytes, '\0', size)) {
        if (SUCCEEDED(command->hr))
            command->hr = MAPI_E_INVALID_PARAMETER;
        return;
    }
    if (can_be_quoted(bytes, size)) {
        add_quoted(command, bytes, size);
        return;
    }
    length = snprintf(header, sizeof(header), "{%zu%s}\r\n", size, literal_plus ? "+" : "");
    add_bytes(command, header, (size_t)length);
    if (!literal_plus)
        add_wait(command);
    add_bytes(command, bytes, size);
}

void command_text_mailbox(struct command_text *command, const char *utf8, bool literal_plus)
{
    char *name;
    HRESULT hr;

    if (strcasecmp(utf8, "INBOX") == 0) {
        command_text_string(command, "INBOX", 5, literal_plus);
        return;
    }
    hr = utf7_from_utf8(utf8, &name);
    if (FAILED(hr)) {
        if (SUCCEEDED(command->hr))
            command->hr = hr;
        return;
    }
    command_text_string(command, name, strlen(name), literal_plus);
    free(name);
}

bool command_text_piece(const struct command_text *command, size_t *offset, const char **ret_bytes,
                        size_t *ret_size, bool *ret_waits)
{
    size_t end = command->size;

    if (*offset >= command->size)
        return false;
    *ret_waits = false;
    for (size_t i = 0; i < command->wait_count; i++) {
        if (command->waits[i] > *offset) {
            end = command->waits[i];
            *ret_waits = true;
            break;
        }
    }
    *ret_bytes = command->text + *offset;
    *ret_size = end - *offset;
    *offset = end;
    return true;
}
