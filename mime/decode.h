/* mime/decode.h - a whole message in memory as properties, recipients, bodies and attachments
 *
 * Embedded messages, imported files: what does not lie on an IMAP server part by part. Pure, any
 * thread; belongs into engine_work. */
#ifndef MIME_DECODE_H
#define MIME_DECODE_H

#include "mime/layout.h"

struct mime_message {
    struct mime_part *structure;
    struct mime_layout layout;
    SPropValue *props; /* header, message class, PR_HASATTACH, PR_BODY_W, PR_HTML, PR_INTERNET_CPID,
                          PR_NATIVE_BODY */
    ULONG prop_count;
    SRow *recipients;
    ULONG recipient_count;
    void *root; /* what props and recipients hang off */
};

/* Fails like mime_scan. */
HRESULT mime_decode(const void *bytes, size_t size, struct mime_message *ret_message);
void mime_message_clear(struct mime_message *message); /* a zeroed one is accepted */

/* PR_ATTACH_DATA_BIN of an attachment: the decoded content, the signed entity, or the bytes of the
 * embedded message. `bytes` are those of mime_decode. */
HRESULT mime_attachment_data(const void *bytes, const struct mime_attachment *attachment,
                             void *root, BYTE **ret_data, size_t *ret_size);

#endif
