/* providers/account/folder_roles.c - which mailbox is the Sent folder?
 *
 * The folders that every MAPI store has (docs/mail.md), and how a server's mailboxes come to be
 * them: by special use (RFC 6154), else by the names that mail programs have used over the years.
 */
#include "providers/account/folder_tree.h"

#include <string.h>
#include <strings.h>

const struct folder_role_info folder_roles[] = {
    {ROLE_ROOT, ROLE_ROOT, "Root", NULL, IMAP_USE_NONE},
    {ROLE_DEFERRED_ACTION, ROLE_ROOT, "Deferred Action", NULL, IMAP_USE_NONE},
    {ROLE_SPOOLER_QUEUE, ROLE_ROOT, "Spooler Queue", NULL, IMAP_USE_NONE},
    {ROLE_SHORTCUTS, ROLE_ROOT, "Shortcuts", NULL, IMAP_USE_NONE},
    {ROLE_FINDER, ROLE_ROOT, "Finder", NULL, IMAP_USE_NONE},
    {ROLE_VIEWS, ROLE_ROOT, "Views", NULL, IMAP_USE_NONE},
    {ROLE_COMMON_VIEWS, ROLE_ROOT, "Common Views", NULL, IMAP_USE_NONE},
    {ROLE_SCHEDULE, ROLE_ROOT, "Schedule", NULL, IMAP_USE_NONE},
    {ROLE_IPM_SUBTREE, ROLE_ROOT, "Top of Information Store", NULL, IMAP_USE_NONE},
    {ROLE_INBOX, ROLE_IPM_SUBTREE, "Inbox", "INBOX", IMAP_USE_INBOX},
    {ROLE_OUTBOX, ROLE_IPM_SUBTREE, "Outbox", "Outbox", IMAP_USE_NONE},
    {ROLE_SENT, ROLE_IPM_SUBTREE, "Sent Items", "Sent", IMAP_USE_SENT},
    {ROLE_DELETED, ROLE_IPM_SUBTREE, "Deleted Items", "Trash", IMAP_USE_TRASH},
    {ROLE_DRAFTS, ROLE_IPM_SUBTREE, "Drafts", "Drafts", IMAP_USE_DRAFTS},
};
const size_t folder_role_count = sizeof(folder_roles) / sizeof(folder_roles[0]);

/* Roles that only exist where the server has a mailbox for them come from special uses alone. */
static const struct {
    enum imap_special_use use;
    enum folder_role role;
} roles_by_use[] = {
    {IMAP_USE_INBOX, ROLE_INBOX},   {IMAP_USE_SENT, ROLE_SENT}, {IMAP_USE_TRASH, ROLE_DELETED},
    {IMAP_USE_DRAFTS, ROLE_DRAFTS}, {IMAP_USE_JUNK, ROLE_JUNK}, {IMAP_USE_ARCHIVE, ROLE_ARCHIVE},
};

static const struct {
    const char *name;
    enum folder_role role;
} roles_by_name[] = {
    {"Outbox", ROLE_OUTBOX},         {"Sent", ROLE_SENT},
    {"Sent Items", ROLE_SENT},       {"Sent Messages", ROLE_SENT},
    {"Sent Mail", ROLE_SENT},        {"Trash", ROLE_DELETED},
    {"Deleted Items", ROLE_DELETED}, {"Deleted Messages", ROLE_DELETED},
    {"Drafts", ROLE_DRAFTS},         {"Junk", ROLE_JUNK},
    {"Junk E-mail", ROLE_JUNK},      {"Spam", ROLE_JUNK},
    {"Archive", ROLE_ARCHIVE},
};

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

const struct folder_role_info *folder_role_info(enum folder_role role)
{
    for (size_t i = 0; i < folder_role_count; i++)
        if (folder_roles[i].role == role)
            return &folder_roles[i];
    return NULL;
}

static bool role_taken(const enum folder_role *roles, size_t count, enum folder_role role)
{
    for (size_t i = 0; i < count; i++)
        if (roles[i] == role)
            return true;
    return false;
}

static enum folder_role role_of_use(enum imap_special_use use)
{
    for (size_t i = 0; i < ARRAY_SIZE(roles_by_use); i++)
        if (roles_by_use[i].use == use)
            return roles_by_use[i].role;
    return 0;
}

static enum folder_role role_of_name(const struct imap_mailbox *mailbox, const char *prefix)
{
    const char *leaf = mailbox->name;

    if (mailbox_parent_size(mailbox->name, mailbox->delimiter, prefix) != 0)
        return 0;
    if (strncmp(leaf, prefix, strlen(prefix)) == 0)
        leaf += strlen(prefix);
    for (size_t i = 0; i < ARRAY_SIZE(roles_by_name); i++)
        if (strcasecmp(leaf, roles_by_name[i].name) == 0)
            return roles_by_name[i].role;
    return 0;
}

void folder_roles_assign(const struct imap_mailbox *mailboxes, size_t count, const char *prefix,
                         enum folder_role *roles)
{
    const uint32_t unusable = IMAP_MAILBOX_NOSELECT | IMAP_MAILBOX_NONEXISTENT |
                              IMAP_MAILBOX_OTHER_USERS | IMAP_MAILBOX_SHARED;

    memset(roles, 0, count * sizeof(*roles));
    for (int by_name = 0; by_name <= 1; by_name++) {
        for (size_t i = 0; i < count; i++) {
            enum folder_role role;

            if (roles[i] || (mailboxes[i].attributes & unusable))
                continue;
            if (strcmp(mailboxes[i].name, "INBOX") == 0)
                role = ROLE_INBOX;
            else
                role =
                    by_name ? role_of_name(&mailboxes[i], prefix) : role_of_use(mailboxes[i].use);
            if (role && !role_taken(roles, count, role))
                roles[i] = role;
        }
    }
}

size_t mailbox_parent_size(const char *mailbox, char delimiter, const char *prefix)
{
    size_t prefix_size = strlen(prefix);
    const char *last;

    if (!delimiter)
        return 0;
    last = strrchr(mailbox, delimiter);
    if (!last)
        return 0;
    if (prefix_size > 0 && strncmp(mailbox, prefix, prefix_size) == 0 &&
        last < mailbox + prefix_size)
        return 0;
    return (size_t)(last - mailbox);
}
