/* mime/attachment_props.c - an attachment's properties, and the class of a report */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapiaux.h"
#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mime/file_name.h"
#include "mime/header.h"
#include "mime/layout.h"
#include "mime/props.h"

#define OVERHEAD         256 /* PR_ATTACH_SIZE counts the properties too */
#define RENDERED_IN_BODY 4   /* PR_ATTACH_FLAGS: ATT_MHTML_REF */
#define CAPACITY         24

static LONG size_estimate(const struct mime_attachment *attachment)
{
    const struct mime_part *part = attachment->part;
    uint64_t size = part->size;

    if (attachment->kind == MIME_ATTACHMENT_VALUE && part->encoding == TRANSFER_BASE64)
        size = size / 78 * 57 + size % 78 * 3 / 4; /* 57 bytes on a line of 76 and CRLF */
    size += OVERHEAD;
    return size > INT32_MAX ? INT32_MAX : (LONG)size;
}

HRESULT mime_attachment_props(const struct mime_attachment *attachment, ULONG number, void *root,
                              SPropValue **ret_props, ULONG *ret_count)
{
    const struct mime_part *part = attachment->part;
    bool message = attachment->kind == MIME_ATTACHMENT_MESSAGE;
    bool entity = attachment->kind == MIME_ATTACHMENT_ENTITY;
    const char *shown = message && part->subject && part->subject[0] ? part->subject : NULL;
    char short_name[13];
    struct props props;

    file_name_short(attachment->name, short_name);
    props_begin(&props, root, CAPACITY);
    props_add_long(&props, PR_ATTACH_NUM, (LONG)number);
    props_add_long(&props, PR_OBJECT_TYPE, MAPI_ATTACH);
    props_add_long(&props, PR_ATTACH_METHOD, message ? ATTACH_EMBEDDED_MSG : ATTACH_BY_VALUE);
    props_add_utf8(&props, PR_DISPLAY_NAME_W, shown ? shown : attachment->name);
    props_add_utf8(&props, PR_ATTACH_LONG_FILENAME_W, attachment->name);
    props_add_utf8(&props, PR_ATTACH_FILENAME_W, short_name);
    props_add_utf8(&props, PR_ATTACH_EXTENSION_W, attachment->extension);
    props_add_utf8(&props, PR_ATTACH_MIME_TAG_W, attachment->mime_type);
    props_add_long(&props, PR_ATTACH_SIZE, size_estimate(attachment));
    props_add_long(&props, PR_RENDERING_POSITION, -1);
    props_add_long(&props, PR_ATTACH_FLAGS, attachment->hidden ? RENDERED_IN_BODY : 0);
    props_add_bool(&props, PR_ATTACHMENT_HIDDEN, attachment->hidden);
    if (!entity) {
        props_add_utf8(&props, PR_ATTACH_CONTENT_ID_W, part->content_id);
        props_add_utf8(&props, PR_ATTACH_CONTENT_LOCATION_W, part->location);
        props_add_time(&props, PR_CREATION_TIME, part->created);
        props_add_time(&props, PR_LAST_MODIFICATION_TIME, part->modified);
    }
    return props_finish(&props, ret_props, ret_count);
}

/* --- Reports ---------------------------------------------------------------------------------- */

static bool value_has(const struct header_field *field, const char *word)
{
    size_t size = strlen(word);

    for (size_t i = 0; i + size <= field->value_size; i++)
        if (strncasecmp(field->value + i, word, size) == 0)
            return true;
    return false;
}

/* RFC 3464: a group of fields for the message, then one for each recipient. One that failed makes
 * it a non-delivery report. */
static const char *delivery_class(const char *content, size_t size)
{
    static const struct {
        const char *action, *message_class;
    } actions[] = {
        {"failed", "REPORT.IPM.Note.NDR"},           {"delayed", "REPORT.IPM.Note.Delayed.DR"},
        {"delivered", "REPORT.IPM.Note.DR"},         {"relayed", "REPORT.IPM.Note.Relayed.DR"},
        {"expanded", "REPORT.IPM.Note.Expanded.DR"},
    };
    size_t count = sizeof(actions) / sizeof(actions[0]), best = count;
    const char *at = content, *end = content + size;
    struct header_field field;

    while (at < end) {
        if (!header_next(&at, end, &field) || !header_field_is(&field, "Action"))
            continue;
        for (size_t i = 0; i < best; i++)
            if (value_has(&field, actions[i].action))
                best = i;
    }
    return best < count ? actions[best].message_class : "REPORT.IPM.Note.NDR";
}

/* RFC 8098. */
static const char *disposition_class(const char *content, size_t size)
{
    struct header_field field;

    if (header_find(content, size, "Disposition", &field) &&
        (value_has(&field, "deleted") || value_has(&field, "denied") ||
         value_has(&field, "failed")))
        return "REPORT.IPM.Note.IPNNRN";
    return "REPORT.IPM.Note.IPNRN";
}

const char *mime_report_class(const struct mime_part *report, const void *content, size_t size)
{
    const char *type = mime_part_param(report, "report-type");

    if (type && strcasecmp(type, "disposition-notification") == 0)
        return disposition_class(content, size);
    return delivery_class(content, size);
}
