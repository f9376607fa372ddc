/* providers/account/folder_roles.c - which mailbox is the Sent folder?
 *
 * The folders that every MAPI store has (docs/mail.md), and how a server's mailboxes come to be
 * them: by special use (RFC 6154), else by the names that mail programs have used over the years.
 */
#include "providers/account/folder_tree.h"

#include <string.h>
#include <strings.h>

const struct folder_role_info folder_roles[] = {
    {FOLDER_ROOT, FOLDER_ROOT, "Root", NULL, IMAP_USE_NONE},
    {FOLDER_DEFERRED_ACTION, FOLDER_ROOT, "Deferred Action", NULL, IMAP_USE_NONE},
    {FOLDER_SPOOLER_QUEUE, FOLDER_ROOT, "Spooler Queue", NULL, IMAP_USE_NONE},
    {FOLDER_SHORTCUTS, FOLDER_ROOT, "Shortcuts", NULL, IMAP_USE_NONE},
    {FOLDER_FINDER, FOLDER_ROOT, "Finder", NULL, IMAP_USE_NONE},
    {FOLDER_VIEWS, FOLDER_ROOT, "Views", NULL, IMAP_USE_NONE},
    {FOLDER_COMMON_VIEWS, FOLDER_ROOT, "Common Views", NULL, IMAP_USE_NONE},
    {FOLDER_SCHEDULE, FOLDER_ROOT, "Schedule", NULL, IMAP_USE_NONE},
    {FOLDER_IPM_SUBTREE, FOLDER_ROOT, "Top of Information Store", NULL, IMAP_USE_NONE},
    {FOLDER_INBOX, FOLDER_IPM_SUBTREE, "Inbox", "INBOX", IMAP_USE_INBOX},
    {FOLDER_OUTBOX, FOLDER_IPM_SUBTREE, "Outbox", "Outbox", IMAP_USE_NONE},
    {FOLDER_SENT, FOLDER_IPM_SUBTREE, "Sent Items", "Sent", IMAP_USE_SENT},
    {FOLDER_DELETED, FOLDER_IPM_SUBTREE, "Deleted Items", "Trash", IMAP_USE_TRASH},
    {FOLDER_DRAFTS, FOLDER_IPM_SUBTREE, "Drafts", "Drafts", IMAP_USE_DRAFTS},
};
const size_t folder_role_count = sizeof(folder_roles) / sizeof(folder_roles[0]);

/* Roles that only exist where the server has a mailbox for them come from special uses alone. */
static const struct {
    enum imap_special_use use;
    enum folder_role role;
} roles_by_use[] = {
    {IMAP_USE_INBOX, FOLDER_INBOX},   {IMAP_USE_SENT, FOLDER_SENT},
    {IMAP_USE_TRASH, FOLDER_DELETED}, {IMAP_USE_DRAFTS, FOLDER_DRAFTS},
    {IMAP_USE_JUNK, FOLDER_JUNK},     {IMAP_USE_ARCHIVE, FOLDER_ARCHIVE},
};

static const struct {
    const char *name;
    enum folder_role role;
} roles_by_name[] = {
    {"Outbox", FOLDER_OUTBOX},         {"Sent", FOLDER_SENT},
    {"Sent Items", FOLDER_SENT},       {"Sent Messages", FOLDER_SENT},
    {"Sent Mail", FOLDER_SENT},        {"Trash", FOLDER_DELETED},
    {"Deleted Items", FOLDER_DELETED}, {"Deleted Messages", FOLDER_DELETED},
    {"Drafts", FOLDER_DRAFTS},         {"Junk", FOLDER_JUNK},
    {"Junk E-mail", FOLDER_JUNK},      {"Spam", FOLDER_JUNK},
    {"Archive", FOLDER_ARCHIVE},
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
                role = FOLDER_INBOX;
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
