/* mime/writer.c - header fields on the way out */
#include "mime/writer.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mime/transfer.h"

#define LINE       76
#define WORD_MAX   75 /* RFC 2047, 2: an encoded word as a whole */
#define WORD_TEXT  63 /* of it between "=?utf-8?Q?" and "?=" */
#define WORD_FRAME 12 /* these two */

void writer_init(struct writer *writer, mime_write_fn write, void *arg)
{
    writer->write = write;
    writer->arg = arg;
    writer->hr = S_OK;
    writer->size = writer->column = 0;
}

void writer_flush(struct writer *writer)
{
    if (SUCCEEDED(writer->hr) && writer->size)
        writer->hr = writer->write(writer->arg, writer->block, writer->size);
    writer->size = 0;
}

void writer_put(struct writer *writer, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0 && SUCCEEDED(writer->hr)) {
        size_t room = WRITER_BLOCK - writer->size, count = size < room ? size : room;

        memcpy(writer->block + writer->size, at, count);
        writer->size += count;
        at += count;
        size -= count;
        if (writer->size == WRITER_BLOCK)
            writer_flush(writer);
    }
}

void writer_string(struct writer *writer, const char *text)
{
    writer_put(writer, text, strlen(text));
}

/* --- Open fields ------------------------------------------------------------------------------ */

void writer_begin(struct writer *writer, const char *name)
{
    writer_string(writer, name);
    writer_put(writer, ":", 1);
    writer->column = strlen(name) + 1;
    writer->fresh = true;
}

/* The first piece stays on the line of the name: some programs take the fold before it for text. */
static void put_piece(struct writer *writer, const char *text, size_t size)
{
    if (!writer->fresh && writer->column && writer->column + 1 + size > LINE) {
        writer_put(writer, "\r\n", 2);
        writer->column = 0;
    }
    writer_put(writer, " ", 1);
    writer_put(writer, text, size);
    writer->column += size + 1;
    writer->fresh = false;
}

void writer_piece(struct writer *writer, const char *text)
{
    put_piece(writer, text, strlen(text));
}

void writer_end(struct writer *writer)
{
    writer_put(writer, "\r\n", 2);
    writer->column = 0;
}

void writer_token_field(struct writer *writer, const char *name, const char *text)
{
    char token[998];

    writer_begin(writer, name);
    while (*text) {
        size_t size = 0;

        while (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n')
            text++;
        while (*text && !strchr(" \t\r\n", *text) && size < sizeof(token) - 80) {
            token[size++] = *text > ' ' && *text < 127 ? *text : '?';
            text++;
        }
        if (size)
            put_piece(writer, token, size);
    }
    writer_end(writer);
}

/* --- Encoded words ---------------------------------------------------------------------------- */

static bool is_word_char(unsigned char c)
{
    return isalnum(c) || strchr("!*+-/", c); /* RFC 2047, 5, (3): what phrases may have too */
}

static size_t q_size(const char *text, size_t size)
{
    size_t count = 0;

    for (size_t i = 0; i < size; i++)
        count += text[i] == ' ' || (text[i] && is_word_char((unsigned char)text[i])) ? 1 : 3;
    return count;
}

/* Bytes of the character at `text`, which are not parted; broken UTF-8 goes byte by byte. */
static size_t character(const char *text, size_t size)
{
    size_t count = 1;

    while (count < size && count < 4 && ((unsigned char)text[count] & 0xC0) == 0x80)
        count++;
    return count;
}

static void put_word_q(struct writer *writer, const char *text, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    char word[WORD_MAX + 1];
    size_t count = 0;

    memcpy(word, "=?utf-8?Q?", 10);
    count = 10;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == ' ') {
            word[count++] = '_';
        } else if (c && is_word_char(c)) {
            word[count++] = (char)c;
        } else {
            word[count++] = '=';
            word[count++] = digits[c >> 4];
            word[count++] = digits[c & 15];
        }
    }
    memcpy(word + count, "?=", 2);
    put_piece(writer, word, count + 2);
}

static void put_word_b(struct writer *writer, const char *text, size_t size)
{
    struct transfer_encoder encoder;
    char word[WORD_MAX + 1];
    size_t used, made;

    memcpy(word, "=?utf-8?B?", 10);
    transfer_encoder_init(&encoder, TRANSFER_BASE64);
    transfer_encode(&encoder, text, size, true, word + 10, sizeof(word) - 10, &used, &made);
    memcpy(word + 10 + made, "?=", 2);
    put_piece(writer, word, made + 12);
}

/* What the next word may hold: behind the field's name the rest of that line. */
static size_t word_room(const struct writer *writer, bool q)
{
    size_t room = WORD_TEXT;

    if (writer->fresh && writer->column + WORD_FRAME + 1 + WORD_TEXT > LINE)
        room = writer->column + WORD_FRAME + 1 + 16 > LINE ? 16
                                                           : LINE - writer->column - WORD_FRAME - 1;
    return q ? room : room / 4 * 3;
}

/* All of the text as encoded words; adjacent ones are read without the space between them. */
static void put_words(struct writer *writer, const char *text, size_t size)
{
    bool q = q_size(text, size) <= (size + 2) / 3 * 4;

    while (size > 0) {
        size_t count = 0, width = 0, limit = word_room(writer, q);

        while (count < size) {
            size_t length = character(text + count, size - count);
            size_t more = q ? q_size(text + count, length) : length;

            if (count && width + more > limit)
                break;
            width += more;
            count += length;
        }
        if (q)
            put_word_q(writer, text, count);
        else
            put_word_b(writer, text, count);
        text += count;
        size -= count;
    }
}

/* Plain text that comes back as it is when it is folded and unfolded. */
static bool is_plain(const char *text)
{
    size_t word = 0;

    if (text[0] == ' ' || strstr(text, "=?"))
        return false;
    for (const char *at = text; *at; at++) {
        if (*at < ' ' || *at > 126 || (*at == ' ' && (at[1] == ' ' || !at[1])))
            return false;
        word = *at == ' ' ? 0 : word + 1;
        if (word > 500) /* could not be folded */
            return false;
    }
    return true;
}

void writer_text_field(struct writer *writer, const char *name, const char *text)
{
    writer_begin(writer, name);
    if (!is_plain(text)) {
        put_words(writer, text, strlen(text));
    } else {
        while (*text) {
            size_t size = strcspn(text, " ");

            put_piece(writer, text, size);
            text += size;
            text += *text == ' ';
        }
    }
    writer_end(writer);
}

/* --- Mailboxes -------------------------------------------------------------------------------- */

static bool is_atoms(const char *text)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("!#$%&'*+-/=?^_`{|}~ ", *text))
            return false;
    return true;
}

static void put_phrase(struct writer *writer, const char *name)
{
    char quoted[160];
    size_t size = 0;

    if (!is_plain(name) || strlen(name) > 70) {
        put_words(writer, name, strlen(name));
        return;
    }
    if (is_atoms(name)) {
        writer_piece(writer, name);
        return;
    }
    quoted[size++] = '"';
    for (; *name; name++) {
        if (*name == '"' || *name == '\\')
            quoted[size++] = '\\';
        quoted[size++] = *name;
    }
    quoted[size++] = '"';
    put_piece(writer, quoted, size);
}

/* The address as it is, without what could end the field or the brackets. */
static void put_address(struct writer *writer, const char *address, bool brackets, bool more)
{
    char text[1024];
    size_t size = 0;

    if (brackets)
        text[size++] = '<';
    for (; *address && size < sizeof(text) - 4; address++)
        if ((unsigned char)*address > ' ' && *address != 127 && *address != '<' && *address != '>')
            text[size++] = *address;
    if (brackets)
        text[size++] = '>';
    if (more)
        text[size++] = ',';
    put_piece(writer, text, size);
}

void writer_mailbox(struct writer *writer, const char *name, const char *address, bool more)
{
    bool has_name = name && name[0] && strcmp(name, address) != 0;

    if (has_name)
        put_phrase(writer, name);
    if (address[0] && strchr(address, '@')) {
        put_address(writer, address, has_name, more);
        return;
    }
    /* A name that was not resolved yet (in drafts): no address to write. */
    if (!has_name)
        put_phrase(writer, address[0] ? address : "unknown");
    if (more)
        writer_put(writer, ",", 1);
}

/* --- Parameters ------------------------------------------------------------------------------- */

static bool is_token(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("!#$&+-.^_`{|}~", *at))
            return false;
    return text[0];
}

static void put_short_param(struct writer *writer, const char *name, const char *value)
{
    char text[200];
    size_t size = (size_t)snprintf(text, sizeof(text), "%s=", name);
    bool token = is_token(value);

    if (!token)
        text[size++] = '"';
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            text[size++] = '\\';
        text[size++] = *value;
    }
    if (!token)
        text[size++] = '"';
    put_piece(writer, text, size);
}

static bool is_attribute_char(unsigned char c) /* RFC 2231, attribute-char */
{
    return isalnum(c) || (c && strchr("-._~!#$&+^`{|}", c));
}

static size_t encoded_size(const char *value)
{
    size_t size = 0;

    for (; *value; value++)
        size += is_attribute_char((unsigned char)*value) ? 1 : 3;
    return size;
}

/* RFC 2231, in as many pieces as it takes; one alone has no number, which more programs read. */
static void put_long_param(struct writer *writer, const char *name, const char *value)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t left = strlen(value);
    bool single = encoded_size(value) + strlen(name) + strlen("*=utf-8''") <= 64;

    for (unsigned piece = 0; piece == 0 || left > 0; piece++) {
        char text[120];
        size_t size = single ? (size_t)snprintf(text, sizeof(text), "%s*=utf-8''", name)
                             : (size_t)snprintf(text, sizeof(text), "%s*%u*=%s", name, piece,
                                                piece == 0 ? "utf-8''" : "");

        while (left > 0 && size < 64) {
            unsigned char c = (unsigned char)*value++;

            left--;
            if (is_attribute_char(c)) {
                text[size++] = (char)c;
            } else {
                text[size++] = '%';
                text[size++] = digits[c >> 4];
                text[size++] = digits[c & 15];
            }
        }
        if (left > 0)
            text[size++] = ';';
        put_piece(writer, text, size);
    }
}

void writer_param(struct writer *writer, const char *name, const char *value)
{
    bool simple = strlen(value) <= 60;

    for (const char *at = value; simple && *at; at++)
        simple = *at >= ' ' && *at < 127;
    simple = simple && !strstr(value, "=?");
    writer_put(writer, ";", 1);
    writer->column++;
    if (simple) {
        put_short_param(writer, name, value);
        return;
    }
    put_long_param(writer, name, value);
}
