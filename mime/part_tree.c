/* mime/part_tree.c - building a tree of parts */
#include "mime/part_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "mime/header_text.h"

#define SECTION_MAX (MIME_DEPTH_MAX * 6 + 16)

static void part_init(struct mime_part *part)
{
    *part = (struct mime_part){
        .type = "text",
        .subtype = "plain",
        .section = "",
        .header_section = "",
        .created = INT64_MIN,
        .modified = INT64_MIN,
    };
}

struct part_tree *part_tree_create(void)
{
    struct part_tree *tree = calloc(1, sizeof(*tree));

    if (tree) {
        part_init(&tree->root);
        tree->count = 1;
    }
    return tree;
}

void mime_structure_free(struct mime_part *root)
{
    struct part_tree *tree;

    if (!root)
        return;
    tree = container_of(root, struct part_tree, root);
    arena_clear(&tree->arena);
    free(tree);
}

HRESULT part_tree_add(struct part_tree *tree, struct mime_part *parent, struct mime_part *last,
                      struct mime_part **ret_part)
{
    struct mime_part *part;

    if (tree->count >= MIME_PARTS_MAX)
        return MAPI_E_TOO_COMPLEX;
    part = arena_alloc(&tree->arena, sizeof(*part));
    if (!part)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    part_init(part);
    part->parent = parent;
    if (last)
        last->next = part;
    else
        parent->children = part;
    parent->child_count++;
    tree->count++;
    *ret_part = part;
    return S_OK;
}

static const char *copy(struct part_tree *tree, const char *bytes, size_t size)
{
    char *text = arena_alloc(&tree->arena, size + 1);

    if (text) {
        memcpy(text, bytes, size);
        text[size] = '\0';
    }
    return text;
}

bool part_set_type(struct part_tree *tree, struct mime_part *part, const char *type,
                   const char *subtype, const struct mime_param *params, size_t count)
{
    part->type = copy(tree, type, strlen(type));
    part->subtype = copy(tree, subtype, strlen(subtype));
    part->params = params;
    part->param_count = count;
    part->charset = header_param_find(params, count, "charset");
    part->name = header_param_find(params, count, "name");
    return part->type && part->subtype;
}

bool part_set_encoding(struct part_tree *tree, struct mime_part *part, const char *name,
                       size_t size)
{
    part->encoding = transfer_encoding_find(name, size);
    part->encoding_name = copy(tree, name, size);
    return part->encoding_name;
}

bool part_set_id(struct part_tree *tree, struct mime_part *part, const char *id, size_t size)
{
    while (size > 0 && (*id == '<' || *id == ' ')) {
        id++;
        size--;
    }
    while (size > 0 && (id[size - 1] == '>' || id[size - 1] == ' '))
        size--;
    part->content_id = size ? copy(tree, id, size) : NULL;
    return size == 0 || part->content_id;
}

static int64_t date_param(const struct mime_param *params, size_t count, const char *name)
{
    const char *value = header_param_find(params, count, name);

    return value ? header_date_parse(value) : INT64_MIN;
}

void part_set_disposition(struct mime_part *part, const char *disposition, size_t size,
                          const struct mime_param *params, size_t count)
{
    if (size == 6 && strncasecmp(disposition, "inline", size) == 0)
        part->disposition = MIME_DISPOSITION_INLINE;
    else if (size > 0)
        part->disposition = MIME_DISPOSITION_ATTACHMENT;
    part->filename = header_param_find(params, count, "filename");
    part->created = date_param(params, count, "creation-date");
    part->modified = date_param(params, count, "modification-date");
}

bool mime_part_is(const struct mime_part *part, const char *type, const char *subtype)
{
    return strcasecmp(part->type, type) == 0 &&
           (!subtype || strcasecmp(part->subtype, subtype) == 0);
}

bool part_is_message(const struct mime_part *part)
{
    return part->encoding == TRANSFER_IDENTITY && strcmp(part->type, "message") == 0 &&
           (strcmp(part->subtype, "rfc822") == 0 || strcmp(part->subtype, "global") == 0);
}

const char *mime_part_param(const struct mime_part *part, const char *name)
{
    for (size_t i = 0; i < part->param_count; i++)
        if (strcasecmp(part->params[i].name, name) == 0)
            return part->params[i].value;
    return NULL;
}

const struct mime_part *mime_part_next(const struct mime_part *part)
{
    if (part->children)
        return part->children;
    while (part && !part->next)
        part = part->parent;
    return part ? part->next : NULL;
}

/* --- Sections --------------------------------------------------------------------------------- */

static bool is_multipart(const struct mime_part *part)
{
    return part->child_count > 0 && strcmp(part->type, "multipart") == 0;
}

/* `number` is the part's path, "" for the root of the whole message. The root of a message has no
 * number of its own; if it is no multipart it counts as part 1 of it (RFC 3501, 6.4.5). */
static bool set_sections(struct part_tree *tree, struct mime_part *part, const char *number)
{
    bool message_root = !part->parent || !is_multipart(part->parent);
    const char *dot = number[0] ? "." : "";
    char text[SECTION_MAX];

    if (message_root)
        snprintf(text, sizeof(text), "%s%s%s", number, dot, is_multipart(part) ? "TEXT" : "1");
    else
        snprintf(text, sizeof(text), "%s", number);
    part->section = copy(tree, text, strlen(text));
    if (message_root)
        snprintf(text, sizeof(text), "%s%sHEADER", number, dot);
    else
        snprintf(text, sizeof(text), "%s.MIME", number);
    part->header_section = copy(tree, text, strlen(text));
    return part->section && part->header_section;
}

static bool number_part(struct part_tree *tree, struct mime_part *part, const char *number)
{
    char path[SECTION_MAX];
    size_t index = 0;

    if (!set_sections(tree, part, number))
        return false;
    for (struct mime_part *child = part->children; child; child = child->next) {
        if (!is_multipart(part)) /* the message within keeps the number of the part */
            snprintf(path, sizeof(path), "%s", part->section);
        else
            snprintf(path, sizeof(path), "%s%s%zu", number, number[0] ? "." : "", ++index);
        if (!number_part(tree, child, path))
            return false;
    }
    return true;
}

bool part_tree_number(struct part_tree *tree)
{
    return number_part(tree, &tree->root, "");
}
