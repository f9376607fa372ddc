/* mime/layout.h - which part of a message is what to a MAPI client
 *
 * The bodies, the attachments in their order, the message class. multipart/alternative offers its
 * parts as one body in several forms, multipart/related its root (and the rest as hidden
 * attachments that the HTML names), multipart/mixed and all others their first text as body and
 * everything else as attachments; S/MIME is one attachment, kept byte for byte. Pure, any thread.
 */
#ifndef MIME_LAYOUT_H
#define MIME_LAYOUT_H

#include "mime/structure.h"

enum mime_attachment_kind {
    MIME_ATTACHMENT_VALUE,   /* the decoded content of `part` */
    MIME_ATTACHMENT_MESSAGE, /* message/rfc822: part->children is the root of the message */
    MIME_ATTACHMENT_ENTITY,  /* multipart/signed: a "Content-Type: ..." field (from the header
                                section), an empty line, and the undecoded content of `part` */
};

/* Strings belong to the layout or to the tree. */
struct mime_attachment {
    enum mime_attachment_kind kind;
    const struct mime_part *part;
    const char *name;      /* UTF-8, never empty: made up from the type where the message has none;
                              no path, no control characters */
    const char *extension; /* ".pdf", or "" */
    const char *mime_type; /* "application/pdf" */
    bool hidden;           /* shown within the HTML body */
};

enum mime_native_body { /* PR_NATIVE_BODY */
                        MIME_NATIVE_NONE = 0,
                        MIME_NATIVE_PLAIN = 1,
                        MIME_NATIVE_HTML = 3,
                        MIME_NATIVE_CLEAR_SIGNED = 4,
};

struct mime_layout {
    const struct mime_part *plain, *html; /* NULL: none */
    const struct mime_part *calendar;     /* text/calendar beside them, an attachment too */
    enum mime_native_body native_body;
    struct mime_attachment *attachments;
    size_t attachment_count;
    bool has_attachments;      /* PR_HASATTACH: one that is not hidden */
    const char *message_class; /* "IPM.Note"; reports: see mime_report_class */
    struct arena arena;
};

/* `root` must outlive the layout. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT mime_layout(const struct mime_part *root, struct mime_layout *ret_layout);
void mime_layout_clear(struct mime_layout *layout); /* a zeroed one is accepted */

/* The properties of an attachment but for its data: PR_ATTACH_NUM, _METHOD, _LONG_FILENAME_W,
 * _FILENAME_W (8.3), _EXTENSION_W, PR_DISPLAY_NAME_W, PR_ATTACH_MIME_TAG_W, _CONTENT_ID_W,
 * _CONTENT_LOCATION_W, _FLAGS, PR_ATTACHMENT_HIDDEN, PR_ATTACH_SIZE (an estimate from the encoded
 * size), PR_RENDERING_POSITION, PR_CREATION_TIME, PR_LAST_MODIFICATION_TIME where known,
 * PR_OBJECT_TYPE. Hangs off `root`, or is a root itself. */
HRESULT mime_attachment_props(const struct mime_attachment *attachment, ULONG number, void *root,
                              SPropValue **ret_props, ULONG *ret_count);

/* PR_MESSAGE_CLASS of a multipart/report from the decoded content of its second part
 * (message/delivery-status or disposition-notification): "REPORT.IPM.Note.NDR". */
const char *mime_report_class(const struct mime_part *report, const void *content, size_t size);

#endif
