/* mime/layout.c - which part of a message is what to a MAPI client */
#include "mime/layout.h"

#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "mime/file_name.h"

/* Where a part stands: what becomes of it depends on what is around it. */
enum place {
    PLACE_MIXED,       /* a body as long as there is none yet */
    PLACE_ALTERNATIVE, /* one form of the body */
    PLACE_RELATED,     /* beside the HTML that names it */
};

struct walk {
    struct mime_layout *layout;
    bool has_body; /* the text of the message has been found, whatever its form */
    HRESULT hr;
};

static void visit(struct walk *walk, const struct mime_part *part, enum place place);

/* --- Attachments ------------------------------------------------------------------------------ */

static void attach(struct walk *walk, const struct mime_part *part, enum mime_attachment_kind kind,
                   bool hidden)
{
    struct mime_attachment attachment = {.kind = kind, .part = part, .hidden = hidden};
    struct mime_layout *layout = walk->layout;
    size_t count = layout->attachment_count;

    if (FAILED(walk->hr))
        return;
    if ((count & (count - 1)) == 0) { /* full: 0, 1, 2, 4, ... */
        struct mime_attachment *grown =
            arena_alloc(&layout->arena, (count ? count * 2 : 1) * sizeof(*grown));

        if (!grown) {
            walk->hr = MAPI_E_NOT_ENOUGH_MEMORY;
            return;
        }
        if (count)
            memcpy(grown, layout->attachments, count * sizeof(*grown));
        layout->attachments = grown;
    }
    if (!attachment_name(&layout->arena, &attachment)) {
        walk->hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return;
    }
    layout->attachments[layout->attachment_count++] = attachment;
    layout->has_attachments |= !hidden;
}

static void attach_part(struct walk *walk, const struct mime_part *part, bool hidden)
{
    attach(walk, part, part->children ? MIME_ATTACHMENT_MESSAGE : MIME_ATTACHMENT_VALUE, hidden);
}

/* Shown by the HTML: it can be named, and is not offered as a file only. */
static bool is_hidden(const struct mime_part *part)
{
    if (!part->content_id && !part->location)
        return false;
    return part->disposition != MIME_DISPOSITION_ATTACHMENT || mime_part_is(part, "image", NULL);
}

/* --- Leaves ----------------------------------------------------------------------------------- */

static bool is_file(const struct mime_part *part)
{
    return part->disposition == MIME_DISPOSITION_ATTACHMENT || part->filename || part->name;
}

/* Takes the part as a body, if it is one and the place is free. */
static bool take_body(struct walk *walk, const struct mime_part *part, enum place place)
{
    struct mime_layout *layout = walk->layout;

    if (!mime_part_is(part, "text", NULL) || (part->parent && is_file(part)))
        return false;
    if (walk->has_body && place != PLACE_ALTERNATIVE)
        return false;
    if (mime_part_is(part, "text", "html") && !layout->html)
        layout->html = part;
    else if (mime_part_is(part, "text", "plain") && !layout->plain)
        layout->plain = part;
    else
        return false;
    if (place != PLACE_ALTERNATIVE)
        walk->has_body = true;
    return true;
}

static void visit_leaf(struct walk *walk, const struct mime_part *part, enum place place)
{
    if (mime_part_is(part, "text", "calendar") && !walk->layout->calendar)
        walk->layout->calendar = part;
    if (!take_body(walk, part, place))
        attach_part(walk, part, place == PLACE_RELATED && is_hidden(part));
}

/* --- Multiparts ------------------------------------------------------------------------------- */

static void visit_alternative(struct walk *walk, const struct mime_part *part)
{
    bool first = !walk->has_body;

    for (const struct mime_part *child = part->children; child; child = child->next)
        visit(walk, child, first ? PLACE_ALTERNATIVE : PLACE_MIXED);
    walk->has_body = walk->has_body || walk->layout->plain || walk->layout->html;
}

/* RFC 2387: the root is the part of the start parameter, or the first. */
static const struct mime_part *related_root(const struct mime_part *part)
{
    const char *start = mime_part_param(part, "start");
    size_t size = start ? strlen(start) : 0;

    if (size > 2 && start[0] == '<') {
        start++;
        size -= 2;
    }
    for (const struct mime_part *child = part->children; size && child; child = child->next)
        if (child->content_id && strlen(child->content_id) == size &&
            memcmp(child->content_id, start, size) == 0)
            return child;
    return part->children;
}

static void visit_related(struct walk *walk, const struct mime_part *part, enum place place)
{
    const struct mime_part *root = related_root(part);

    visit(walk, root, place);
    for (const struct mime_part *child = part->children; child; child = child->next)
        if (child != root)
            visit(walk, child, walk->layout->html ? PLACE_RELATED : PLACE_MIXED);
}

/* Within an alternative the first text of a mixed part is the form it stands for, and the others
 * are attachments. */
static void visit_mixed(struct walk *walk, const struct mime_part *part, enum place place)
{
    const struct mime_layout *layout = walk->layout;
    bool found = false;

    for (const struct mime_part *child = part->children; child; child = child->next) {
        bool had = layout->plain && layout->html;
        const struct mime_part *plain = layout->plain, *html = layout->html;

        visit(walk, child, found || had ? (place == PLACE_RELATED ? place : PLACE_MIXED) : place);
        found |= layout->plain != plain || layout->html != html;
        if (found && place == PLACE_ALTERNATIVE)
            walk->has_body = true;
    }
}

static void visit(struct walk *walk, const struct mime_part *part, enum place place)
{
    if (FAILED(walk->hr))
        return;
    if (!part->children || !mime_part_is(part, "multipart", NULL))
        visit_leaf(walk, part, place);
    else if (mime_part_is(part, "multipart", "alternative"))
        visit_alternative(walk, part);
    else if (mime_part_is(part, "multipart", "related"))
        visit_related(walk, part, place);
    else
        visit_mixed(walk, part, place);
}

/* --- The whole -------------------------------------------------------------------------------- */

static bool is_pkcs7(const char *subtype, const char *what)
{
    if (strncasecmp(subtype, "x-", 2) == 0)
        subtype += 2;
    return strcasecmp(subtype, what) == 0;
}

static bool is_smime_signed(const struct mime_part *root)
{
    const char *protocol = mime_part_param(root, "protocol");
    const char *slash = protocol ? strchr(protocol, '/') : NULL;

    return mime_part_is(root, "multipart", "signed") && root->children && slash &&
           strncasecmp(protocol, "application/", 12) == 0 && is_pkcs7(slash + 1, "pkcs7-signature");
}

/* MS-OXOSMIME: one attachment, whose bytes are the signed entity. The bodies are for show. */
static void layout_signed(struct walk *walk, const struct mime_part *root)
{
    struct mime_layout *layout = walk->layout;

    visit(walk, root->children, PLACE_MIXED);
    layout->attachment_count = 0;
    layout->attachments = NULL;
    layout->message_class = "IPM.Note.SMIME.MultipartSigned";
    layout->native_body = MIME_NATIVE_CLEAR_SIGNED;
    attach(walk, root, MIME_ATTACHMENT_ENTITY, false);
}

static const char *report_class(const struct mime_part *root)
{
    const char *type = mime_part_param(root, "report-type");

    if (!mime_part_is(root, "multipart", "report") || !type)
        return "IPM.Note";
    if (strcasecmp(type, "delivery-status") == 0)
        return "REPORT.IPM.Note.NDR"; /* until mime_report_class knows more */
    if (strcasecmp(type, "disposition-notification") == 0)
        return "REPORT.IPM.Note.IPNRN";
    return "IPM.Note";
}

HRESULT mime_layout(const struct mime_part *root, struct mime_layout *ret_layout)
{
    struct walk walk = {.layout = ret_layout};

    *ret_layout = (struct mime_layout){.message_class = "IPM.Note"};
    if (is_smime_signed(root)) {
        layout_signed(&walk, root);
    } else {
        visit(&walk, root, PLACE_MIXED);
        if (mime_part_is(root, "application", NULL) && is_pkcs7(root->subtype, "pkcs7-mime"))
            ret_layout->message_class = "IPM.Note.SMIME";
        else
            ret_layout->message_class = report_class(root);
        ret_layout->native_body = ret_layout->html    ? MIME_NATIVE_HTML
                                  : ret_layout->plain ? MIME_NATIVE_PLAIN
                                                      : MIME_NATIVE_NONE;
    }
    if (FAILED(walk.hr))
        mime_layout_clear(ret_layout);
    return walk.hr;
}

void mime_layout_clear(struct mime_layout *layout)
{
    arena_clear(&layout->arena);
    *layout = (struct mime_layout){0};
}
