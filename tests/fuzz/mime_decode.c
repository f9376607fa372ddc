/* tests/fuzz/mime_decode.c - a message, or a BODYSTRUCTURE text, of any bytes
 *
 * The first byte of the input chooses: bit 0 a structure text, else a message; bits 1 and up the
 * size of pieces that transfer decoders are fed with. Beside the sanitizers these must hold:
 * decoding in pieces gives the same bytes as in one go; what was decoded can be written again, and
 * the body and the attachments of that message are those of the first. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mime/body.h"
#include "mime/decode.h"
#include "mime/encode.h"
#include "mime/scan.h"
#include "mime/spool.h"

#define ATTACHMENTS_MAX 16u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_layout(const struct mime_part *root)
{
    struct mime_layout layout;
    SPropValue *props;
    ULONG count;

    assert(mime_layout(root, &layout) == S_OK);
    for (size_t i = 0; i < layout.attachment_count && i < ATTACHMENTS_MAX; i++) {
        assert(layout.attachments[i].name[0]);
        assert(mime_attachment_props(&layout.attachments[i], (ULONG)i, NULL, &props, &count) ==
               S_OK);
        mapi_free(props);
    }
    mime_layout_clear(&layout);
}

static void check_structure(const char *bytes, size_t size)
{
    char *text = malloc(size + 1);
    struct mime_part *root;

    memcpy(text, bytes, size);
    text[size] = '\0';
    if (mime_structure_parse(text, &root) == S_OK) {
        check_layout(root);
        mime_structure_free(root);
    }
    free(text);
}

/* --- Pieces ----------------------------------------------------------------------------------- */

static void check_pieces(const char *message, const struct mime_part *part, size_t piece)
{
    const char *in = message + part->body_offset;
    size_t whole_size, at = 0, total = 0, used, made;
    struct transfer_decoder decoder;
    BYTE *whole, *out;
    bool last;

    assert(mime_part_content(message, part, NULL, &whole, &whole_size) == S_OK);
    out = malloc(whole_size + piece + 1);
    transfer_decoder_init(&decoder, part->encoding);
    do {
        size_t left = part->body_size - at, step = left < piece ? left : piece;

        last = step == left;
        assert(total <= whole_size);
        transfer_decode(&decoder, in + at, step, last, out + total, piece, &used, &made);
        at += used;
        total += made;
        last = last && used == step && made < piece;
    } while (!last);
    assert(total == whole_size && memcmp(whole, out, total) == 0);
    free(out);
    mapi_free(whole);
}

/* --- Out and back ----------------------------------------------------------------------------- */

struct attached {
    BYTE *data;
    size_t size;
    struct mime_bytes source;
};

static void compare(const char *bytes, const struct mime_message *message,
                    const struct attached *attached, size_t count, const char *text)
{
    size_t size, values = 0;
    BYTE *data;

    for (size_t i = 0; i < message->layout.attachment_count; i++) {
        if (message->layout.attachments[i].kind != MIME_ATTACHMENT_VALUE)
            continue;
        assert(values < count);
        assert(mime_attachment_data(bytes, &message->layout.attachments[i], NULL, &data, &size) ==
               S_OK);
        assert(size == attached[values].size && memcmp(data, attached[values].data, size) == 0);
        mapi_free(data);
        values++;
    }
    assert(values == count);
    if (text) {
        BYTE *content;

        assert(message->layout.plain);
        assert(mime_part_content(bytes, message->layout.plain, NULL, &content, &size) == S_OK);
        assert(size == strlen(text) && memcmp(content, text, size) == 0);
        mapi_free(content);
    }
}

static size_t collect(const char *bytes, const struct mime_message *message,
                      struct attached attached[ATTACHMENTS_MAX],
                      struct mime_outgoing_attachment outgoing[ATTACHMENTS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < message->layout.attachment_count && count < ATTACHMENTS_MAX; i++) {
        const struct mime_attachment *attachment = &message->layout.attachments[i];
        struct attached *item = &attached[count];

        if (attachment->kind != MIME_ATTACHMENT_VALUE)
            continue;
        assert(mime_attachment_data(bytes, attachment, NULL, &item->data, &item->size) == S_OK);
        item->source = (struct mime_bytes){.bytes = item->data, .size = item->size};
        outgoing[count++] = (struct mime_outgoing_attachment){
            .name = attachment->name,
            .mime_type = attachment->mime_type,
            .content_id = attachment->part->content_id,
            .content = mime_source_bytes(&item->source),
        };
    }
    return count;
}

static bool is_smime(const struct mime_message *message)
{
    return strncmp(message->layout.message_class, "IPM.Note.SMIME", 14) == 0;
}

static void check_again(const struct mime_outgoing *outgoing, const struct attached *attached,
                        size_t count, const char *text)
{
    struct mime_spool *spool;
    struct mime_message again;
    size_t size, got = 0, total = 0;
    char *bytes;

    assert(mime_spool_create(&spool) == S_OK);
    assert(mime_encode(outgoing, mime_spool_write, spool) == S_OK);
    size = (size_t)mime_spool_size(spool);
    bytes = malloc(size + 1);
    while (total < size) {
        assert(mime_spool_read_at(spool, total, bytes + total, size - total, &got) == S_OK && got);
        total += got;
    }
    assert(mime_decode(bytes, size, &again) == S_OK);
    compare(bytes, &again, attached, count, text);
    mime_message_clear(&again);
    free(bytes);
    mime_spool_free(spool);
}

static void check_round(const char *bytes, const struct mime_message *message)
{
    struct mime_outgoing_attachment attachments[ATTACHMENTS_MAX];
    struct attached attached[ATTACHMENTS_MAX];
    struct mime_outgoing outgoing = {
        .props = message->props,
        .prop_count = message->prop_count,
        .recipients = message->recipients,
        .recipient_count = message->recipient_count,
        .attachments = attachments,
        .message_id = "<1@x>",
        .date = 1,
        .seed = "0123456789abcdef0123456789abcdef",
    };
    static const char text[] = "text\r\n";
    size_t count;

    if (is_smime(message))
        return;
    outgoing.attachment_count = count = collect(bytes, message, attached, attachments);
    outgoing.text = text;
    outgoing.text_size = sizeof(text) - 1;
    check_again(&outgoing, attached, count, text);
    for (size_t i = 0; i < count; i++)
        mapi_free(attached[i].data);
}

static void check_message(const char *bytes, size_t size, size_t piece)
{
    struct mime_message message;
    WCHAR *text;

    if (mime_decode(bytes, size, &message) != S_OK)
        return;
    for (const struct mime_part *part = message.structure; part; part = mime_part_next(part)) {
        assert(part->header_offset + part->header_size <= size);
        assert(part->body_offset + part->body_size <= size);
        if (!part->children)
            check_pieces(bytes, part, piece);
    }
    check_layout(message.structure);
    check_round(bytes, &message);
    assert(mime_html_to_text(bytes, size, NULL, &text) == S_OK);
    mapi_free(text);
    mime_message_clear(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] & 1)
        check_structure((const char *)data + 1, size - 1);
    else
        check_message((const char *)data + 1, size - 1, (data[0] >> 1) + 1u);
    return 0;
}
