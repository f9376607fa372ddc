/* mime/header.c - header blocks, field by field */
#include "mime/header.h"

#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Behind the line that begins at `at`. */
static const char *line_end(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));

    return newline ? newline + 1 : end;
}

static bool is_empty_line(const char *at, const char *end)
{
    return *at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n');
}

static void trim(struct header_field *field)
{
    while (field->value_size > 0 && is_space(field->value[0])) {
        field->value++;
        field->value_size--;
    }
    while (field->value_size > 0 && is_space(field->value[field->value_size - 1]))
        field->value_size--;
}

/* A field line is a name of printable characters, perhaps blanks, a colon. */
static bool parse_name(const char *at, const char *end, struct header_field *field)
{
    const char *c = at;

    while (c<end && * c> ' ' && *c < 127 && *c != ':')
        c++;
    field->name = at;
    field->name_size = (size_t)(c - at);
    while (c < end && (*c == ' ' || *c == '\t'))
        c++;
    if (field->name_size == 0 || c == end || *c != ':')
        return false;
    field->value = c + 1;
    return true;
}

bool header_next(const char **at, const char *end, struct header_field *ret_field)
{
    while (*at < end) {
        const char *line = *at, *stop;

        if (is_empty_line(line, end)) {
            *at = line_end(line, end);
            return false;
        }
        for (stop = line_end(line, end); stop < end && (*stop == ' ' || *stop == '\t');)
            stop = line_end(stop, end);
        *at = stop;
        if (parse_name(line, stop, ret_field)) {
            ret_field->value_size = (size_t)(stop - ret_field->value);
            trim(ret_field);
            return true;
        }
    }
    return false;
}

bool header_field_is(const struct header_field *field, const char *name)
{
    return strlen(name) == field->name_size &&
           strncasecmp(field->name, name, field->name_size) == 0;
}

bool header_find(const char *header, size_t size, const char *name, struct header_field *ret_field)
{
    const char *at = header;
    struct header_field field;

    while (header_next(&at, header + size, &field)) {
        if (header_field_is(&field, name)) {
            *ret_field = field;
            return true;
        }
    }
    return false;
}
