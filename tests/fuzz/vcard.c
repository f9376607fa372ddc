/* tests/fuzz/vcard.c - a contacts file of any bytes
 *
 * Beside the sanitizers these must hold: what comes out is UTF-8 in one line and not empty, and
 * there is an address; a card written out again is read as the same. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/text.h"
#include "providers/contacts/vcard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    if (!text)
        return;
    assert(text[0] && utf8_is_valid(text, strlen(text)));
    for (const char *at = text; *at; at++)
        assert((unsigned char)*at >= ' ' && *at != 0x7F);
}

static void write_quoted(FILE *out, const char *name, const char *text)
{
    fprintf(out, "%s:", name);
    for (; *text; text++)
        fprintf(out, strchr("\\;,", *text) ? "\\%c" : "%c", *text);
    fprintf(out, "\n");
}

static HRESULT is_same(void *context, const struct vcard *card)
{
    const struct vcard *first = context;

    assert(strcmp(card->name, first->name) == 0 && card->email_count == first->email_count);
    for (size_t i = 0; i < card->email_count; i++)
        assert(strcmp(card->emails[i], first->emails[i]) == 0);
    return MAPI_E_CANCEL; /* seen */
}

static void check_again(const struct vcard *card)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert(out);
    fprintf(out, "BEGIN:VCARD\n");
    write_quoted(out, "FN", card->name);
    for (size_t i = 0; i < card->email_count; i++)
        write_quoted(out, "EMAIL:mailto", card->emails[i]);
    fprintf(out, "END:VCARD\n");
    fclose(out);
    if (size < VCARD_LINE_MAX) /* a quoted line may have become too long */
        assert(vcards_read(text, size, is_same, (void *)card) == MAPI_E_CANCEL);
    free(text);
}

static HRESULT check_card(void *context, const struct vcard *card)
{
    (void)context;
    check_text(card->uid);
    check_text(card->given);
    check_text(card->surname);
    check_text(card->company);
    check_text(card->title);
    check_text(card->nickname);
    assert(card->name && card->email_count > 0 && card->email_count <= VCARD_EMAILS_MAX);
    check_text(card->name);
    for (size_t i = 0; i < card->email_count; i++) {
        check_text(card->emails[i]);
        assert(strchr(card->emails[i], '@'));
    }
    check_again(card);
    return S_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes; /* a block of exactly that size, to see what reads beyond it */
    HRESULT hr;

    if (size > 100000)
        return 0;
    bytes = malloc(size ? size : 1);
    assert(bytes);
    memcpy(bytes, data, size);
    hr = vcards_read(bytes, size, check_card, NULL);
    assert(hr == S_OK);
    free(bytes);
    return 0;
}
