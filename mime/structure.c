/* mime/structure.c - a BODYSTRUCTURE text as a tree of parts
 *
 * Values are read by position, and lists that stand where a value should (or the other way round)
 * are passed over: servers differ in what they leave out. */
#include "mime/structure.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mime/charset.h"
#include "mime/header_text.h"
#include "mime/part_tree.h"

struct reader {
    struct part_tree *tree;
    const char *at, *end;
};

struct value {
    const char *bytes; /* NULL: NIL, a list, or nothing there */
    size_t size;
};

static char peek(struct reader *reader)
{
    while (reader->at < reader->end && isspace((unsigned char)*reader->at))
        reader->at++;
    return reader->at < reader->end ? *reader->at : '\0';
}

/* --- Values ----------------------------------------------------------------------------------- */

static HRESULT read_quoted(struct reader *reader, struct value *value)
{
    const char *stop = reader->at + 1;
    size_t size = 0;
    char *text;

    while (stop < reader->end && *stop != '"')
        stop += *stop == '\\' ? 2 : 1;
    if (stop > reader->end)
        stop = reader->end;
    text = arena_alloc(&reader->tree->arena, (size_t)(stop - reader->at) + 1);
    if (!text)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (const char *at = reader->at + 1; at < stop; at++) {
        if (*at == '\\' && at + 1 < stop)
            at++;
        text[size++] = *at;
    }
    *value = (struct value){text, size};
    reader->at = stop < reader->end ? stop + 1 : stop;
    return S_OK;
}

/* "{12}" CRLF and the bytes. False: it is no literal. */
static bool read_literal(struct reader *reader, struct value *value)
{
    char *stop;
    unsigned long size = strtoul(reader->at + 1, &stop, 10);

    if (*stop == '+')
        stop++;
    if (*stop != '}')
        return false;
    stop++;
    if (*stop == '\r')
        stop++;
    if (*stop != '\n' || size > (size_t)(reader->end - stop - 1))
        return false;
    *value = (struct value){stop + 1, size};
    reader->at = stop + 1 + size;
    return true;
}

static void read_atom(struct reader *reader, struct value *value)
{
    const char *start = reader->at;

    while (reader->at < reader->end && !isspace((unsigned char)*reader->at) &&
           !strchr("()\"", *reader->at))
        reader->at++;
    if (reader->at == start && reader->at < reader->end)
        reader->at++;
    *value = (struct value){start, (size_t)(reader->at - start)};
    if (value->size == 3 && strncasecmp(start, "NIL", 3) == 0)
        *value = (struct value){0};
}

static HRESULT skip_list(struct reader *reader)
{
    struct value value;
    size_t depth = 0;
    HRESULT hr;

    do {
        switch (peek(reader)) {
        case '\0':
            return S_OK;
        case '(':
            depth++;
            reader->at++;
            break;
        case ')':
            depth--;
            reader->at++;
            break;
        case '"':
            hr = read_quoted(reader, &value);
            if (FAILED(hr))
                return hr;
            break;
        case '{':
            if (read_literal(reader, &value))
                break;
            /* fall through */
        default:
            read_atom(reader, &value);
        }
    } while (depth > 0);
    return S_OK;
}

/* Nothing at the end of a list, which stays where it is. */
static HRESULT read_value(struct reader *reader, struct value *value)
{
    *value = (struct value){0};
    switch (peek(reader)) {
    case '\0':
    case ')':
        return S_OK;
    case '(':
        return skip_list(reader);
    case '"':
        return read_quoted(reader, value);
    case '{':
        if (read_literal(reader, value))
            return S_OK;
        break;
    }
    read_atom(reader, value);
    return S_OK;
}

static HRESULT skip_value(struct reader *reader)
{
    struct value value;

    return read_value(reader, &value);
}

/* To behind the end of the list that is being read. */
static HRESULT close_list(struct reader *reader)
{
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && peek(reader) != ')' && peek(reader))
        hr = skip_value(reader);
    if (reader->at < reader->end)
        reader->at++;
    return hr;
}

static const char *lower(struct reader *reader, struct value value, const char *otherwise)
{
    char *text;

    if (!value.bytes || value.size == 0)
        return otherwise;
    text = arena_alloc(&reader->tree->arena, value.size + 1);
    for (size_t i = 0; text && i < value.size; i++)
        text[i] = (char)tolower((unsigned char)value.bytes[i]);
    if (text)
        text[value.size] = '\0';
    return text;
}

/* "(name value ...)" or NIL. */
static HRESULT read_params(struct reader *reader, struct mime_param **ret_params, size_t *ret_count)
{
    struct header_raw_param raw[MIME_PARAMS_MAX];
    struct value name, value;
    size_t count = 0;
    HRESULT hr = S_OK;

    *ret_params = NULL;
    *ret_count = 0;
    if (peek(reader) != '(')
        return skip_value(reader);
    reader->at++;
    while (count < MIME_PARAMS_MAX && peek(reader) != ')' && peek(reader)) {
        hr = read_value(reader, &name);
        if (SUCCEEDED(hr))
            hr = read_value(reader, &value);
        if (FAILED(hr))
            return hr;
        if (name.bytes && value.bytes)
            raw[count++] =
                (struct header_raw_param){name.bytes, name.size, value.bytes, value.size};
    }
    hr = close_list(reader);
    if (SUCCEEDED(hr) &&
        !header_params_decode(&reader->tree->arena, raw, count, ret_params, ret_count))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    return hr;
}

/* --- Parts ------------------------------------------------------------------------------------ */

static HRESULT read_part(struct reader *reader, struct mime_part *part, unsigned depth);

/* Only the subject, the second field, is of use. */
static HRESULT read_envelope(struct reader *reader, struct mime_part *part)
{
    struct value subject;
    HRESULT hr;

    reader->at++;
    hr = skip_value(reader);
    if (SUCCEEDED(hr))
        hr = read_value(reader, &subject);
    if (SUCCEEDED(hr) && subject.bytes) {
        part->subject = header_text_decode(&reader->tree->arena, subject.bytes, subject.size);
        if (!part->subject)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return SUCCEEDED(hr) ? close_list(reader) : hr;
}

static HRESULT read_disposition(struct reader *reader, struct mime_part *part)
{
    struct mime_param *params;
    struct value value;
    size_t count;
    HRESULT hr;

    if (peek(reader) != '(')
        return skip_value(reader);
    reader->at++;
    hr = read_value(reader, &value);
    if (SUCCEEDED(hr))
        hr = read_params(reader, &params, &count);
    if (FAILED(hr))
        return hr;
    if (value.bytes)
        part_set_disposition(part, value.bytes, value.size, params, count);
    return close_list(reader);
}

/* Disposition, language, location, and what RFC 3501 may get later. */
static HRESULT read_extension(struct reader *reader, struct mime_part *part)
{
    struct value value;
    HRESULT hr = read_disposition(reader, part);

    if (SUCCEEDED(hr))
        hr = skip_value(reader);
    if (SUCCEEDED(hr))
        hr = read_value(reader, &value);
    if (FAILED(hr))
        return hr;
    if (value.bytes && value.size) {
        part->location = charset_to_utf8(&reader->tree->arena, NULL, value.bytes, value.size, NULL);
        if (!part->location)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return close_list(reader);
}

static HRESULT set_type(struct reader *reader, struct mime_part *part, struct value type,
                        struct value subtype)
{
    const char *type_text = lower(reader, type, "application");
    const char *subtype_text = lower(reader, subtype, "octet-stream");
    struct mime_param *params;
    size_t count;
    HRESULT hr = read_params(reader, &params, &count);

    if (FAILED(hr))
        return hr;
    return type_text && subtype_text &&
                   part_set_type(reader->tree, part, type_text, subtype_text, params, count)
               ? S_OK
               : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT read_multipart(struct reader *reader, struct mime_part *part, unsigned depth)
{
    struct mime_part *child = NULL;
    struct value subtype;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && peek(reader) == '(') {
        hr = part_tree_add(reader->tree, part, child, &child);
        if (SUCCEEDED(hr))
            hr = read_part(reader, child, depth + 1);
    }
    if (SUCCEEDED(hr))
        hr = read_value(reader, &subtype);
    if (SUCCEEDED(hr) && !subtype.bytes)
        subtype = (struct value){"mixed", 5};
    if (SUCCEEDED(hr))
        hr = set_type(reader, part, (struct value){"multipart", 9}, subtype);
    return SUCCEEDED(hr) ? read_extension(reader, part) : hr;
}

/* Id, description, encoding, size: the fields that every single part has. */
static HRESULT read_fields(struct reader *reader, struct mime_part *part)
{
    struct value values[4];
    HRESULT hr;
    bool ok = true;

    for (size_t i = 0; i < 4; i++) {
        hr = read_value(reader, &values[i]);
        if (FAILED(hr))
            return hr;
    }
    if (values[0].bytes)
        ok = part_set_id(reader->tree, part, values[0].bytes, values[0].size);
    if (values[1].bytes)
        ok = ok && (part->description =
                        header_text_decode(&reader->tree->arena, values[1].bytes, values[1].size));
    if (values[2].bytes)
        ok = ok && part_set_encoding(reader->tree, part, values[2].bytes, values[2].size);
    for (size_t i = 0; i < values[3].size && i < 18; i++)
        if (isdigit((unsigned char)values[3].bytes[i]))
            part->size = part->size * 10 + (uint64_t)(values[3].bytes[i] - '0');
    return ok ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* The envelope and structure of the message within; servers leave them out where they could not
 * look into it. */
static HRESULT read_message(struct reader *reader, struct mime_part *part, unsigned depth)
{
    struct mime_part *child;
    HRESULT hr;

    if (peek(reader) != '(') /* digest, and so on: a single part after all */
        return S_OK;
    hr = read_envelope(reader, part);
    if (SUCCEEDED(hr) && peek(reader) == '(') {
        hr = part_tree_add(reader->tree, part, NULL, &child);
        if (SUCCEEDED(hr))
            hr = read_part(reader, child, depth + 1);
    } else if (SUCCEEDED(hr)) {
        hr = skip_value(reader);
    }
    return SUCCEEDED(hr) ? skip_value(reader) : hr; /* lines */
}

static HRESULT read_single(struct reader *reader, struct mime_part *part, unsigned depth)
{
    struct value type, subtype;
    HRESULT hr = read_value(reader, &type);

    if (SUCCEEDED(hr))
        hr = read_value(reader, &subtype);
    if (SUCCEEDED(hr))
        hr = set_type(reader, part, type, subtype);
    if (SUCCEEDED(hr))
        hr = read_fields(reader, part);
    if (SUCCEEDED(hr) && strcmp(part->type, "message") == 0 &&
        (strcmp(part->subtype, "rfc822") == 0 || strcmp(part->subtype, "global") == 0))
        hr = read_message(reader, part, depth);
    else if (SUCCEEDED(hr) && strcmp(part->type, "text") == 0)
        hr = skip_value(reader); /* lines */
    if (SUCCEEDED(hr))
        hr = skip_value(reader); /* MD5 */
    return SUCCEEDED(hr) ? read_extension(reader, part) : hr;
}

static HRESULT read_part(struct reader *reader, struct mime_part *part, unsigned depth)
{
    if (depth > MIME_DEPTH_MAX)
        return MAPI_E_TOO_COMPLEX;
    reader->at++; /* "(" */
    if (peek(reader) == '(')
        return read_multipart(reader, part, depth);
    return read_single(reader, part, depth);
}

HRESULT mime_structure_parse(const char *text, struct mime_part **ret_root)
{
    struct reader reader = {.at = text, .end = text + strlen(text)};
    HRESULT hr;

    if (peek(&reader) != '(')
        return MAPI_E_CORRUPT_DATA;
    reader.tree = part_tree_create();
    if (!reader.tree)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = read_part(&reader, &reader.tree->root, 1);
    if (SUCCEEDED(hr) && !part_tree_number(reader.tree))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (FAILED(hr)) {
        mime_structure_free(&reader.tree->root);
        return hr;
    }
    *ret_root = &reader.tree->root;
    return S_OK;
}
