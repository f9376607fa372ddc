/* providers/account/folder_tree.c - the folder tree as one immutable block
 *
 * A tree is one allocation: a reference count, the folders in tree order, their strings behind
 * them. It is built on the engine and read anywhere. */
#include "providers/account/folder_tree.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct shared_tree {
    atomic_uint refs;
    size_t size; /* bytes of the whole block */
    struct folder_tree tree;
};

static struct shared_tree *shared_from_tree(const struct folder_tree *tree)
{
    return (struct shared_tree *)((char *)tree - offsetof(struct shared_tree, tree));
}

const struct folder_tree *folder_tree_ref(const struct folder_tree *tree)
{
    atomic_fetch_add(&shared_from_tree(tree)->refs, 1);
    return tree;
}

void folder_tree_unref(const struct folder_tree *tree)
{
    if (tree && atomic_fetch_sub(&shared_from_tree(tree)->refs, 1) == 1)
        free(shared_from_tree(tree));
}

const struct folder *folder_tree_find(const struct folder_tree *tree, uint64_t number)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->folders[i].number == number)
            return &tree->folders[i];
    return NULL;
}

const struct folder *folder_tree_role(const struct folder_tree *tree, enum folder_role role)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->folders[i].role == role)
            return &tree->folders[i];
    return NULL;
}

/* --- Building ---------------------------------------------------------------------------------
 *
 * Nodes are linked as parent, first child and next sibling by index; siblings are kept in order of
 * their names while they are linked. */

#define NO_NODE SIZE_MAX

struct node {
    struct folder folder; /* names borrowed from the seeds or from folder_roles */
    size_t parent, child, sibling;
};

struct builder {
    struct node *nodes;
    size_t count;
    const char *prefix;
};

static size_t find_role(const struct builder *builder, enum folder_role role)
{
    for (size_t i = 0; i < builder->count; i++)
        if (builder->nodes[i].folder.role == role)
            return i;
    return NO_NODE;
}

static int compare_by_mailbox(const void *a, const void *b)
{
    return strcmp(((const struct node *)a)->folder.mailbox,
                  ((const struct node *)b)->folder.mailbox);
}

static const char *leaf_name(const struct folder_seed *seed, const char *prefix)
{
    size_t parent = mailbox_parent_size(seed->mailbox, seed->delimiter, prefix);
    size_t prefix_size = strlen(prefix);

    if (seed->role == ROLE_INBOX)
        return folder_role_info(ROLE_INBOX)->name;
    if (parent > 0)
        return seed->mailbox + parent + 1;
    if (strncmp(seed->mailbox, prefix, prefix_size) == 0 && seed->mailbox[prefix_size])
        return seed->mailbox + prefix_size;
    return seed->mailbox;
}

static void add_seed(struct builder *builder, const struct folder_seed *seed)
{
    struct node *node = &builder->nodes[builder->count++];

    node->folder = (struct folder){
        .number = seed->number,
        .role = seed->role,
        .name = leaf_name(seed, builder->prefix),
        .mailbox = seed->mailbox,
        .delimiter = seed->delimiter,
        .attributes = seed->attributes,
        .generation = seed->generation,
        .uidvalidity = seed->uidvalidity,
        .messages = seed->messages,
        .unseen = seed->unseen,
    };
}

static void add_missing_roles(struct builder *builder)
{
    for (size_t i = 0; i < folder_role_count; i++)
        if (find_role(builder, folder_roles[i].role) == NO_NODE)
            builder->nodes[builder->count++].folder = (struct folder){
                .number = folder_roles[i].role,
                .role = folder_roles[i].role,
                .name = folder_roles[i].name,
            };
}

/* The mailbox that lies above node's; the seeds come first and are sorted by mailbox. */
static size_t find_parent_mailbox(const struct builder *builder, size_t seeds, size_t at)
{
    const struct folder *folder = &builder->nodes[at].folder;
    size_t size = mailbox_parent_size(folder->mailbox, folder->delimiter, builder->prefix);
    size_t low = 0, high = seeds;

    while (size > 0 && low < high) {
        size_t middle = low + (high - low) / 2;
        const char *name = builder->nodes[middle].folder.mailbox;
        int order = strncmp(name, folder->mailbox, size);

        if (order == 0 && name[size] == '\0')
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NO_NODE;
}

static void link_node(struct builder *builder, size_t at, size_t parent)
{
    struct node *node = &builder->nodes[at];
    size_t *link = &builder->nodes[parent].child;

    while (*link != NO_NODE && strcmp(builder->nodes[*link].folder.name, node->folder.name) <= 0)
        link = &builder->nodes[*link].sibling;
    node->sibling = *link;
    node->parent = parent;
    *link = at;
    node->folder.parent = builder->nodes[parent].folder.number;
    builder->nodes[parent].folder.children++;
}

static void link_all(struct builder *builder, size_t seeds)
{
    size_t top = find_role(builder, ROLE_IPM_SUBTREE);
    size_t root = find_role(builder, ROLE_ROOT);

    for (size_t i = 0; i < builder->count; i++)
        builder->nodes[i].parent = builder->nodes[i].child = builder->nodes[i].sibling = NO_NODE;
    builder->nodes[root].folder.parent = ROLE_ROOT;

    for (size_t i = builder->count; i-- > 0;) {
        size_t parent = i < seeds ? find_parent_mailbox(builder, seeds, i) : NO_NODE;

        if (i == root)
            continue;
        if (parent == NO_NODE && i >= seeds)
            parent = find_role(builder, folder_role_info(builder->nodes[i].folder.role)->parent);
        link_node(builder, i, parent == NO_NODE ? top : parent);
    }
}

static size_t next_in_tree(const struct builder *builder, size_t at)
{
    if (builder->nodes[at].child != NO_NODE)
        return builder->nodes[at].child;
    while (at != NO_NODE && builder->nodes[at].sibling == NO_NODE)
        at = builder->nodes[at].parent;
    return at == NO_NODE ? NO_NODE : builder->nodes[at].sibling;
}

static const char *copy_string(char **end, const char *text)
{
    size_t size;
    char *copy = *end;

    if (!text)
        return NULL;
    size = strlen(text) + 1;
    memcpy(copy, text, size);
    *end += size;
    return copy;
}

/* One block of the folders, which are in tree order, and their strings. */
static struct shared_tree *pack(const struct folder *folders, size_t count)
{
    size_t strings = 0, size = count * sizeof(*folders);
    struct shared_tree *shared;
    char *end;

    for (size_t i = 0; i < count; i++)
        strings +=
            strlen(folders[i].name) + 1 + (folders[i].mailbox ? strlen(folders[i].mailbox) + 1 : 0);
    shared = malloc(sizeof(*shared) + size + strings);
    if (!shared)
        return NULL;

    atomic_init(&shared->refs, 1);
    shared->size = sizeof(*shared) + size + strings;
    shared->tree.count = count;
    end = (char *)shared->tree.folders + size;
    for (size_t i = 0; i < count; i++) {
        struct folder *folder = &shared->tree.folders[i];

        *folder = folders[i];
        folder->name = copy_string(&end, folder->name);
        folder->mailbox = copy_string(&end, folder->mailbox);
    }
    return shared;
}

static struct shared_tree *flatten(const struct builder *builder)
{
    struct folder *folders = calloc(builder->count + 1, sizeof(*folders));
    struct shared_tree *shared;
    size_t count = 0;

    if (!folders)
        return NULL;
    for (size_t at = find_role(builder, ROLE_ROOT); at != NO_NODE; at = next_in_tree(builder, at)) {
        struct folder *folder = &folders[count++];

        *folder = builder->nodes[at].folder;
        folder->depth = 0;
        for (size_t up = builder->nodes[at].parent; up != NO_NODE; up = builder->nodes[up].parent)
            folder->depth++;
    }
    shared = pack(folders, count);
    free(folders);
    return shared;
}

HRESULT folder_tree_build(const struct folder_seed *seeds, size_t count, const char *prefix,
                          uint64_t version, const struct folder_tree **ret_tree)
{
    struct builder builder = {.prefix = prefix};
    struct shared_tree *shared;

    builder.nodes = calloc(count + folder_role_count, sizeof(*builder.nodes));
    if (!builder.nodes)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < count; i++)
        add_seed(&builder, &seeds[i]);
    qsort(builder.nodes, count, sizeof(*builder.nodes), compare_by_mailbox);
    add_missing_roles(&builder);
    link_all(&builder, count);

    shared = flatten(&builder);
    free(builder.nodes);
    if (!shared)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    shared->tree.version = version;
    *ret_tree = &shared->tree;
    return S_OK;
}

HRESULT folder_tree_with_counts(const struct folder_tree *tree, uint64_t number, uint32_t messages,
                                uint32_t unseen, const struct folder_tree **ret_tree)
{
    const struct shared_tree *old = shared_from_tree(tree);
    struct shared_tree *shared = malloc(old->size);
    ptrdiff_t moved;

    if (!shared)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(shared, old, old->size);
    atomic_init(&shared->refs, 1);
    shared->tree.version++;
    moved = (char *)shared - (const char *)old;
    for (size_t i = 0; i < shared->tree.count; i++) {
        struct folder *folder = &shared->tree.folders[i];

        folder->name += moved;
        if (folder->mailbox)
            folder->mailbox += moved;
        if (folder->number == number) {
            folder->messages = messages;
            folder->unseen = unseen;
        }
    }
    *ret_tree = &shared->tree;
    return S_OK;
}

static int compare_by_name(const void *a, const void *b)
{
    return strcmp(((const struct folder *)a)->name, ((const struct folder *)b)->name);
}

/* The Finder root has no other children: no mailbox can be below it. */
static size_t put_searches(struct folder *finder, const struct folder *searches, size_t count)
{
    for (size_t i = 0; i < count; i++)
        finder[1 + i] = (struct folder){.number = searches[i].number,
                                        .parent = finder->number,
                                        .name = searches[i].name,
                                        .search = true,
                                        .messages = searches[i].messages,
                                        .unseen = searches[i].unseen,
                                        .depth = finder->depth + 1};
    qsort(finder + 1, count, sizeof(*finder), compare_by_name);
    finder->children = count;
    return count;
}

HRESULT folder_tree_with_searches(const struct folder_tree *tree, const struct folder *searches,
                                  size_t count, const struct folder_tree **ret_tree)
{
    struct folder *folders = calloc(tree->count + count + 1, sizeof(*folders));
    struct shared_tree *shared;
    size_t used = 0;

    if (!folders)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->folders[i].search)
            continue;
        folders[used++] = tree->folders[i];
        if (tree->folders[i].role == ROLE_FINDER)
            used += put_searches(&folders[used - 1], searches, count);
    }
    shared = pack(folders, used);
    free(folders);
    if (!shared)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    shared->tree.version = tree->version + 1;
    *ret_tree = &shared->tree;
    return S_OK;
}
