/* convert/header_filter.c - of a message's header only what says how to read its content */
#include "convert/header_filter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/stream.h"

static bool stays(const char *line)
{
    return strncasecmp(line, "MIME-Version:", 13) == 0 || strncasecmp(line, "Content-", 8) == 0;
}

/* `header` ends with the empty line. */
static HRESULT write_header(IStream *stream, const char *header, size_t size)
{
    const char *at = header, *end = header + size;
    bool keep = false;
    HRESULT hr = S_OK;

    while (at < end && SUCCEEDED(hr)) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = newline ? (size_t)(newline + 1 - at) : (size_t)(end - at);

        if (*at == '\r' || *at == '\n')
            keep = true; /* the end of it */
        else if (*at != ' ' && *at != '\t')
            keep = stays(at);
        if (keep)
            hr = stream_write_all(stream, at, length);
        at += length;
    }
    return hr;
}

/* The size of the header with its empty line; 0: its end has not come yet. */
static size_t find_end(const char *header, size_t size)
{
    const char *found;

    if (size >= 2 && memcmp(header, "\r\n", 2) == 0)
        return 2; /* there is none */
    found = memmem(header, size, "\r\n\r\n", 4);
    return found ? (size_t)(found + 4 - header) : 0;
}

HRESULT header_filter_write(struct header_filter *filter, const void *bytes, size_t size)
{
    size_t end;
    char *more;
    HRESULT hr;

    if (!filter->active)
        return stream_write_all(filter->stream, bytes, size);
    more = realloc(filter->header, filter->size + size + 1);
    if (!more)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(more + filter->size, bytes, size);
    filter->header = more;
    filter->size += size;
    filter->header[filter->size] = '\0';
    end = find_end(filter->header, filter->size);
    if (end == 0)
        return S_OK;
    filter->active = false;
    hr = write_header(filter->stream, filter->header, end);
    return SUCCEEDED(hr)
               ? stream_write_all(filter->stream, filter->header + end, filter->size - end)
               : hr;
}

void header_filter_clear(struct header_filter *filter)
{
    free(filter->header);
    filter->header = NULL;
}
