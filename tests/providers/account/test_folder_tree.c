/* tests/providers/account/test_folder_tree.c - from mailboxes to folders */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/account/folder_tree.h"

static struct imap_mailbox mailbox(const char *name, enum imap_special_use use)
{
    return (struct imap_mailbox){.name = (char *)name, .delimiter = '/', .use = use};
}

static struct folder_seed seed(uint64_t number, enum folder_role role, const char *name)
{
    return (struct folder_seed){.number = number, .role = role, .mailbox = name, .delimiter = '/'};
}

static const char *names(const struct folder_tree *tree, uint64_t parent)
{
    static char text[1000];

    text[0] = '\0';
    for (size_t i = 0; i < tree->count; i++)
        if (tree->folders[i].parent == parent && tree->folders[i].number != parent) {
            strcat(text, tree->folders[i].name);
            strcat(text, ";");
        }
    return text;
}

Test(account_folder_roles, special_uses_go_before_names_and_inbox_is_always_itself)
{
    struct imap_mailbox boxes[] = {
        mailbox("INBOX", IMAP_USE_NONE),      mailbox("Sent", IMAP_USE_NONE),
        mailbox("Verschickt", IMAP_USE_SENT), mailbox("deleted items", IMAP_USE_NONE),
        mailbox("Work/Trash", IMAP_USE_NONE), mailbox("Outbox", IMAP_USE_NONE),
        mailbox("Spam", IMAP_USE_JUNK),
    };
    enum folder_role roles[7];

    folder_roles_assign(boxes, 7, "", roles);
    cr_expect_eq(roles[0], ROLE_INBOX);
    cr_expect_eq(roles[1], 0, "the special use took the role");
    cr_expect_eq(roles[2], ROLE_SENT);
    cr_expect_eq(roles[3], ROLE_DELETED);
    cr_expect_eq(roles[4], 0, "names count at the top level only");
    cr_expect_eq(roles[5], ROLE_OUTBOX);
    cr_expect_eq(roles[6], ROLE_JUNK);
}

Test(account_folder_roles, what_cannot_be_selected_has_no_role)
{
    struct imap_mailbox boxes[] = {mailbox("Sent", IMAP_USE_SENT), mailbox("Trash", IMAP_USE_NONE)};
    enum folder_role roles[2];

    boxes[0].attributes = IMAP_MAILBOX_NOSELECT;
    boxes[1].attributes = IMAP_MAILBOX_SHARED;
    folder_roles_assign(boxes, 2, "", roles);
    cr_expect_eq(roles[0], 0);
    cr_expect_eq(roles[1], 0);
}

Test(account_folder_tree, folders_nest_by_the_delimiter_and_roles_are_always_there)
{
    struct folder_seed seeds[] = {
        seed(0x0D, ROLE_INBOX, "INBOX"), seed(0x100, 0, "Work"),        seed(0x101, 0, "Work/B"),
        seed(0x102, 0, "Work/A"),        seed(0x103, 0, "Work/A/deep"),
    };
    const struct folder_tree *tree;
    const struct folder *deep;

    cr_assert_eq(folder_tree_build(seeds, 5, "", 7, &tree), S_OK);
    cr_expect_eq(tree->version, 7);
    cr_expect_str_eq(names(tree, ROLE_IPM_SUBTREE),
                     "Deleted Items;Drafts;Inbox;Outbox;Sent Items;Work;");
    cr_expect_str_eq(names(tree, 0x100), "A;B;");
    deep = folder_tree_find(tree, 0x103);
    cr_assert_not_null(deep);
    cr_expect_str_eq(deep->name, "deep");
    cr_expect_eq(deep->parent, 0x102);
    cr_expect_eq(deep->depth, 4, "root, top, Work, A, deep");
    cr_expect_eq(folder_tree_find(tree, 0x100)->children, 2);
    cr_expect_null(folder_tree_role(tree, ROLE_SENT)->mailbox);
    cr_expect_eq(folder_tree_role(tree, ROLE_ROOT)->parent, ROLE_ROOT);
    for (size_t i = 1; i < tree->count; i++) { /* parents come first */
        const struct folder *parent = folder_tree_find(tree, tree->folders[i].parent);

        cr_expect(parent && parent < &tree->folders[i], "%s", tree->folders[i].name);
    }
    folder_tree_unref(tree);
}

Test(account_folder_tree, the_namespace_prefix_is_no_level)
{
    struct folder_seed seeds[] = {
        seed(0x0D, ROLE_INBOX, "INBOX"),
        seed(0x0A, ROLE_SENT, "INBOX.Sent"),
        seed(0x100, 0, "INBOX.Work"),
        seed(0x101, 0, "INBOX.Work.A"),
    };
    const struct folder_tree *tree;

    for (int i = 0; i < 4; i++)
        seeds[i].delimiter = '.';
    cr_assert_eq(folder_tree_build(seeds, 4, "INBOX.", 1, &tree), S_OK);
    cr_expect_eq(folder_tree_find(tree, 0x100)->parent, ROLE_IPM_SUBTREE);
    cr_expect_str_eq(folder_tree_find(tree, 0x100)->name, "Work");
    cr_expect_eq(folder_tree_find(tree, 0x101)->parent, 0x100);
    cr_expect_eq(folder_tree_role(tree, ROLE_SENT)->parent, ROLE_IPM_SUBTREE);
    folder_tree_unref(tree);
}

Test(account_folder_tree, a_thousand_flat_folders_keep_their_order)
{
    enum { COUNT = 1000 };
    struct folder_seed *seeds = calloc(COUNT, sizeof(*seeds));
    char(*texts)[16] = calloc(COUNT, sizeof(*texts));
    const struct folder_tree *tree, *copy;
    const char *last = "";

    for (int i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof(texts[i]), "f%03d", (i * 7919) % COUNT);
        seeds[i] = seed(0x100 + i, 0, texts[i]);
    }
    cr_assert_eq(folder_tree_build(seeds, COUNT, "", 1, &tree), S_OK);
    for (size_t i = 0; i < tree->count; i++)
        if (tree->folders[i].parent == ROLE_IPM_SUBTREE) {
            cr_expect(strcmp(last, tree->folders[i].name) < 0);
            last = tree->folders[i].name;
        }
    cr_assert_eq(folder_tree_with_counts(tree, 0x105, 9, 4, &copy), S_OK);
    folder_tree_unref(tree);
    cr_expect_eq(folder_tree_find(copy, 0x105)->messages, 9);
    cr_expect_str_eq(folder_tree_find(copy, 0x100)->name, texts[0]);
    folder_tree_unref(copy);
    free(seeds);
    free(texts);
}

Test(account_folder_tree, search_folders_hang_below_the_finder_root)
{
    const struct folder searches[] = {
        {.number = 0x201, .name = "Zulu", .messages = 3, .unseen = 1},
        {.number = 0x200, .name = "Alpha"},
    };
    struct folder_seed seeds[] = {seed(0x100, 0, "Work")};
    const struct folder_tree *tree, *with, *without;
    const struct folder *folder;

    cr_assert_eq(folder_tree_build(seeds, 1, "", 7, &tree), S_OK);
    cr_assert_eq(folder_tree_with_searches(tree, searches, 2, &with), S_OK);
    cr_expect_str_eq(names(with, ROLE_FINDER), "Alpha;Zulu;");
    cr_expect_eq(folder_tree_role(with, ROLE_FINDER)->children, 2);
    folder = folder_tree_find(with, 0x201);
    cr_assert(folder && folder->search);
    cr_expect_null(folder->mailbox);
    cr_expect_eq(folder->messages, 3);
    cr_expect_eq(folder->depth, 2);
    cr_expect(!folder_tree_find(with, 0x100)->search);
    cr_expect_gt(with->version, tree->version);
    cr_assert_eq(folder_tree_with_searches(with, NULL, 0, &without), S_OK);
    cr_expect_eq(without->count, tree->count);
    cr_expect_eq(folder_tree_role(without, ROLE_FINDER)->children, 0);
    folder_tree_unref(without);
    folder_tree_unref(with);
    folder_tree_unref(tree);
}
