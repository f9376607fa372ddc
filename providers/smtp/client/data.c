/* providers/smtp/client/data.c - the content of a message on its way
 *
 * Lines end in CRLF whatever the source wrote (a bare LF or CR that got through would end a line
 * here and not there: the door of SMTP smuggling), and a dot at the start of a line is doubled
 * (RFC 5321, 4.5.2). */
#include <stdlib.h>

#include "mapi/mapicode.h"
#include "providers/smtp/client/private.h"

#define BLOCK 16384

static size_t put_line_end(struct smtp_data_stuffer *stuffer, char *out)
{
    out[0] = '\r';
    out[1] = '\n';
    stuffer->line_start = true;
    stuffer->cr = false;
    return 2;
}

size_t smtp_data_stuff(struct smtp_data_stuffer *stuffer, const char *bytes, size_t size, char *out)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        char c = bytes[i];

        if (c == '\n') {
            used += put_line_end(stuffer, out + used);
            continue;
        }
        if (stuffer->cr) /* it stood alone */
            used += put_line_end(stuffer, out + used);
        if (c == '\r') {
            stuffer->cr = true;
            continue;
        }
        if (c == '.' && stuffer->line_start)
            out[used++] = '.';
        out[used++] = c;
        stuffer->line_start = false;
    }
    return used;
}

size_t smtp_data_stuff_end(struct smtp_data_stuffer *stuffer, char *out)
{
    return stuffer->cr || !stuffer->line_start ? put_line_end(stuffer, out) : 0;
}

HRESULT smtp_data_send(struct smtp_wire *wire, const struct smtp_message *message, bool *ret_source)
{
    struct smtp_data_stuffer stuffer = {.line_start = true};
    char *in = malloc(BLOCK), *out = malloc(3 * BLOCK + 2);
    HRESULT hr = in && out ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    size_t got = 1, size;

    *ret_source = FAILED(hr);
    while (SUCCEEDED(hr) && got) {
        got = 0;
        hr = message->read(message->arg, in, BLOCK, &got);
        if (FAILED(hr) || got > BLOCK) {
            *ret_source = true;
            hr = FAILED(hr) ? hr : MAPI_E_CALL_FAILED;
            break;
        }
        size = got ? smtp_data_stuff(&stuffer, in, got, out) : smtp_data_stuff_end(&stuffer, out);
        if (size)
            hr = smtp_wire_write(wire, out, size, NULL);
    }
    free(in);
    free(out);
    return hr;
}
