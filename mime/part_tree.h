/* mime/part_tree.h - building a tree of parts
 *
 * Private to mime: mime_structure_parse and mime_scan fill the same tree. All of it is one arena.
 */
#ifndef MIME_PART_TREE_H
#define MIME_PART_TREE_H

#include "mime/header.h"

struct part_tree {
    struct mime_part root;
    struct arena arena;
    size_t count;
};

/* NULL: no memory. Free by mime_structure_free(&tree->root). */
struct part_tree *part_tree_create(void);

/* A new last child of `parent`, whose last child so far is `last` (NULL: none). Fails with
 * MAPI_E_TOO_COMPLEX beyond MIME_PARTS_MAX, MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT part_tree_add(struct part_tree *tree, struct mime_part *parent, struct mime_part *last,
                      struct mime_part **ret_part);

/* Fill what these fields say. False: no memory. */
bool part_set_type(struct part_tree *tree, struct mime_part *part, const char *type,
                   const char *subtype, const struct mime_param *params, size_t count);
bool part_set_encoding(struct part_tree *tree, struct mime_part *part, const char *name,
                       size_t size);
bool part_set_id(struct part_tree *tree, struct mime_part *part, const char *id, size_t size);
void part_set_disposition(struct mime_part *part, const char *disposition, size_t size,
                          const struct mime_param *params, size_t count);

/* A message whose content stands as it is, so that its parts can be seen (RFC 2046, 5.2.1). */
bool part_is_message(const struct mime_part *part);

/* Sets section and header_section everywhere, when the tree is whole. */
bool part_tree_number(struct part_tree *tree);

#endif
