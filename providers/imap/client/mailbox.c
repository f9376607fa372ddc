/* providers/imap/client/mailbox.c - LIST, STATUS, CREATE, DELETE, RENAME, SUBSCRIBE
 *
 * RFC 3501, 5258 (LIST-EXTENDED), 6154 (SPECIAL-USE), 5819 (LIST-STATUS), 8438 (STATUS=SIZE), 8474
 * (OBJECTID); XLIST where nothing better is offered. */
#include "providers/imap/client/mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/client_private.h"
#include "providers/imap/client/utf7.h"

#define MAILBOXES_MAX 100000u

/* --- What LIST and STATUS say ---------------------------------------------------------------- */

static const struct {
    uint32_t wire;
    enum imap_special_use use;
} uses[] = {
    {WIRE_LIST_ALL, IMAP_USE_ALL},       {WIRE_LIST_ARCHIVE, IMAP_USE_ARCHIVE},
    {WIRE_LIST_DRAFTS, IMAP_USE_DRAFTS}, {WIRE_LIST_FLAGGED, IMAP_USE_FLAGGED},
    {WIRE_LIST_JUNK, IMAP_USE_JUNK},     {WIRE_LIST_SENT, IMAP_USE_SENT},
    {WIRE_LIST_TRASH, IMAP_USE_TRASH},   {WIRE_LIST_IMPORTANT, IMAP_USE_IMPORTANT},
    {WIRE_LIST_INBOX, IMAP_USE_INBOX},
};

static const struct {
    uint32_t wire, ours;
} attributes[] = {
    {WIRE_LIST_NOSELECT, IMAP_MAILBOX_NOSELECT},
    {WIRE_LIST_NOINFERIORS, IMAP_MAILBOX_NOINFERIORS},
    {WIRE_LIST_NONEXISTENT, IMAP_MAILBOX_NONEXISTENT | IMAP_MAILBOX_NOSELECT},
    {WIRE_LIST_HASCHILDREN, IMAP_MAILBOX_HAS_CHILDREN},
    {WIRE_LIST_HASNOCHILDREN, IMAP_MAILBOX_HAS_NO_CHILDREN},
    {WIRE_LIST_SUBSCRIBED, IMAP_MAILBOX_SUBSCRIBED},
};

struct lister {
    const struct imap_client *client;
    struct imap_mailbox *mailboxes;
    size_t count, space;
    HRESULT hr;
};

static struct imap_mailbox *lister_find(struct lister *lister, const char *name)
{
    /* STATUS follows its LIST: from the back it is found at once. */
    for (size_t i = lister->count; i-- > 0;) {
        if (strcmp(lister->mailboxes[i].name, name) == 0)
            return &lister->mailboxes[i];
    }
    return NULL;
}

static struct imap_mailbox *lister_add(struct lister *lister, char *name)
{
    if (lister->count == lister->space) {
        size_t space = lister->space ? lister->space * 2 : 64;
        struct imap_mailbox *mailboxes = reallocarray(lister->mailboxes, space, sizeof(*mailboxes));

        if (!mailboxes || lister->count >= MAILBOXES_MAX) {
            if (mailboxes)
                lister->mailboxes = mailboxes;
            lister->hr = mailboxes ? MAPI_E_TOO_BIG : MAPI_E_NOT_ENOUGH_MEMORY;
            free(name);
            return NULL;
        }
        lister->mailboxes = mailboxes;
        lister->space = space;
    }
    lister->mailboxes[lister->count] = (struct imap_mailbox){.name = name};
    lister->mailboxes[lister->count].status.size = UINT64_MAX;
    return &lister->mailboxes[lister->count++];
}

static char *decoded_name(struct lister *lister, struct wire_text text)
{
    char *name = NULL;

    if (FAILED(utf7_to_utf8(text.data ? text.data : "", text.size, &name))) {
        lister->hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return NULL;
    }
    if (strcasecmp(name, "INBOX") == 0)
        memcpy(name, "INBOX", 5);
    return name;
}

static bool below(const char *name, const char *prefix)
{
    return prefix && *prefix && strncmp(name, prefix, strlen(prefix)) == 0;
}

static void take_list(struct lister *lister, const struct wire_list *list)
{
    char *name = decoded_name(lister, list->name);
    struct imap_mailbox *mailbox;

    if (!name)
        return;
    mailbox = lister_find(lister, name);
    if (mailbox)
        free(name);
    else
        mailbox = lister_add(lister, name);
    if (!mailbox)
        return;
    mailbox->delimiter = list->delimiter;
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (list->attributes & attributes[i].wire)
            mailbox->attributes |= attributes[i].ours;
    }
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        if (list->attributes & uses[i].wire)
            mailbox->use = uses[i].use;
    }
    if (strcmp(mailbox->name, "INBOX") == 0)
        mailbox->use = IMAP_USE_INBOX;
    if (below(mailbox->name, lister->client->others_prefix))
        mailbox->attributes |= IMAP_MAILBOX_OTHER_USERS;
    if (below(mailbox->name, lister->client->shared_prefix))
        mailbox->attributes |= IMAP_MAILBOX_SHARED;
}

static void take_status(struct imap_mailbox_status *status, const struct wire_mailbox_status *wire)
{
    status->known = true;
    status->messages = wire->messages;
    status->unseen = wire->unseen;
    status->uidnext = wire->uidnext;
    status->uidvalidity = wire->uidvalidity;
    status->highestmodseq = wire->present & WIRE_MAILBOX_HIGHESTMODSEQ ? wire->highestmodseq : 0;
    status->size = wire->present & WIRE_MAILBOX_SIZE ? wire->size : UINT64_MAX;
    status->id[0] = '\0';
    /* An id that does not fit would not be an id any more. */
    if (wire->present & WIRE_MAILBOX_MAILBOXID && wire->mailboxid.size < IMAP_MAILBOX_ID_MAX - 1)
        snprintf(status->id, sizeof(status->id), "M%.*s", (int)wire->mailboxid.size,
                 wire->mailboxid.data);
    else if (wire->present & WIRE_MAILBOX_GUID && wire->guid.size < IMAP_MAILBOX_ID_MAX - 1)
        snprintf(status->id, sizeof(status->id), "G%.*s", (int)wire->guid.size, wire->guid.data);
}

static void observe_list(void *arg, const struct wire_response *response)
{
    struct lister *lister = arg;

    if (FAILED(lister->hr))
        return;
    if (response->kind == WIRE_LIST) {
        take_list(lister, &response->list);
    } else if (response->kind == WIRE_MAILBOX_STATUS) {
        char *name = decoded_name(lister, response->mailbox_status.name);
        struct imap_mailbox *mailbox = name ? lister_find(lister, name) : NULL;

        if (mailbox)
            take_status(&mailbox->status, &response->mailbox_status);
        free(name);
    } else if (response->kind == WIRE_LSUB) {
        char *name = decoded_name(lister, response->list.name);
        struct imap_mailbox *mailbox = name ? lister_find(lister, name) : NULL;

        if (mailbox)
            mailbox->attributes |= IMAP_MAILBOX_SUBSCRIBED;
        free(name);
    }
}

/* --- Asking ----------------------------------------------------------------------------------- */

static void add_status_items(struct command_text *text, uint32_t capabilities)
{
    command_text_add(text, "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY%s%s%s)",
                     capabilities & IMAP_CAP_CONDSTORE ? " HIGHESTMODSEQ" : "",
                     capabilities & IMAP_CAP_STATUS_SIZE ? " SIZE" : "",
                     capabilities & IMAP_CAP_OBJECTID  ? " MAILBOXID"
                     : capabilities & IMAP_CAP_DOVECOT ? " X-GUID"
                                                       : "");
}

static WAITS HRESULT list_command(struct imap_lease *lease, struct lister *lister,
                                  struct command_text *text, const char *what,
                                  struct error_info *error)
{
    struct imap_session_command command = {
        .text = text, .what = what, .observe = observe_list, .arg = lister, .repeatable = true};
    HRESULT hr = lease_command(lease, &command, error);

    if (SUCCEEDED(hr) && FAILED(lister->hr))
        hr = error_set(error, lister->hr, lease->client->server,
                       "the list of mailboxes is too long");
    return hr;
}

/* Everything below `prefix`. */
static WAITS HRESULT list_below(struct imap_lease *lease, struct lister *lister, const char *prefix,
                                bool with_status, struct error_info *error)
{
    uint32_t capabilities = imap_lease_capabilities(lease);
    bool plus = capabilities & IMAP_CAP_LITERAL_PLUS;
    bool extended = capabilities & IMAP_CAP_LIST_EXTENDED;
    bool xlist = (capabilities & IMAP_CAP_XLIST) && !(capabilities & IMAP_CAP_SPECIAL_USE);
    size_t size = strlen(prefix) + 2;
    char *pattern = malloc(size), *wire = NULL;
    struct command_text text;
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    command_text_init(&text);
    if (pattern) {
        snprintf(pattern, size, "%s*", prefix);
        hr = utf7_from_utf8(pattern, &wire);
    }
    if (SUCCEEDED(hr)) {
        command_text_add(&text, "%s \"\" ", xlist ? "XLIST" : "LIST");
        command_text_string(&text, wire, strlen(wire), plus);
        if (extended) {
            command_text_add(&text, " RETURN (SUBSCRIBED CHILDREN%s",
                             capabilities & IMAP_CAP_SPECIAL_USE ? " SPECIAL-USE" : "");
            if (with_status && (capabilities & IMAP_CAP_LIST_STATUS)) {
                command_text_add(&text, " STATUS ");
                add_status_items(&text, capabilities);
            }
            command_text_add(&text, ")");
        }
        hr = list_command(lease, lister, &text, "LIST", error);
    }
    if (SUCCEEDED(hr) && !extended) {
        command_text_clear(&text);
        command_text_add(&text, "LSUB \"\" ");
        command_text_string(&text, wire, strlen(wire), plus);
        hr = list_command(lease, lister, &text, "LSUB", error);
    }
    command_text_clear(&text);
    free(pattern);
    free(wire);
    return hr;
}

static int compare_mailboxes(const void *a, const void *b)
{
    const struct imap_mailbox *left = a, *right = b;
    bool left_inbox = strcmp(left->name, "INBOX") == 0;
    bool right_inbox = strcmp(right->name, "INBOX") == 0;

    if (left_inbox != right_inbox)
        return left_inbox ? -1 : 1;
    return strcmp(left->name, right->name);
}

/* STATUS of those that LIST did not tell. A mailbox that refuses is left unknown. */
static WAITS HRESULT status_of_rest(struct imap_lease *lease, struct lister *lister,
                                    struct error_info *error)
{
    for (size_t i = 0; i < lister->count; i++) {
        struct imap_mailbox *mailbox = &lister->mailboxes[i];
        HRESULT hr;

        if (mailbox->status.known || (mailbox->attributes & IMAP_MAILBOX_NOSELECT))
            continue;
        hr = imap_mailbox_status(lease, mailbox->name, error, &mailbox->status);
        if (FAILED(hr) && !lease->session)
            return hr;
    }
    return S_OK;
}

HRESULT imap_mailbox_list(struct imap_lease *lease, bool with_status, struct error_info *error,
                          struct imap_mailbox_list **ret_list)
{
    const struct imap_client *client = lease->client;
    struct lister lister = {.client = client};
    struct imap_mailbox_list *list = calloc(1, sizeof(*list));
    HRESULT hr =
        list ? S_OK : error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, client->server, "out of memory");

    if (SUCCEEDED(hr))
        hr = list_below(lease, &lister, "", with_status, error);
    /* Others' namespaces are often left out of "*". */
    if (SUCCEEDED(hr) && client->others_prefix && *client->others_prefix)
        hr = list_below(lease, &lister, client->others_prefix, with_status, error);
    if (SUCCEEDED(hr) && client->shared_prefix && *client->shared_prefix)
        hr = list_below(lease, &lister, client->shared_prefix, with_status, error);
    if (SUCCEEDED(hr) && with_status)
        hr = status_of_rest(lease, &lister, error);
    if (list) {
        list->mailboxes = lister.mailboxes;
        list->count = lister.count;
    }
    if (FAILED(hr)) {
        imap_mailbox_list_free(list);
        return hr;
    }
    if (list->count > 1)
        qsort(list->mailboxes, list->count, sizeof(*list->mailboxes), compare_mailboxes);
    *ret_list = list;
    return S_OK;
}

void imap_mailbox_list_free(struct imap_mailbox_list *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        free(list->mailboxes[i].name);
    free(list->mailboxes);
    free(list);
}

/* --- STATUS ----------------------------------------------------------------------------------- */

static void observe_status(void *arg, const struct wire_response *response)
{
    if (response->kind == WIRE_MAILBOX_STATUS)
        take_status(arg, &response->mailbox_status);
}

HRESULT imap_mailbox_status(struct imap_lease *lease, const char *mailbox, struct error_info *error,
                            struct imap_mailbox_status *ret_status)
{
    uint32_t capabilities = imap_lease_capabilities(lease);
    struct imap_mailbox_status status = {.size = UINT64_MAX};
    struct command_text text;
    struct imap_session_command command = {.text = &text,
                                           .what = "STATUS",
                                           .observe = observe_status,
                                           .arg = &status,
                                           .repeatable = true};
    HRESULT hr;

    command_text_init(&text);
    command_text_add(&text, "STATUS ");
    command_text_mailbox(&text, mailbox, capabilities & IMAP_CAP_LITERAL_PLUS);
    command_text_add(&text, " ");
    add_status_items(&text, capabilities);
    hr = lease_command(lease, &command, error);
    command_text_clear(&text);
    /* RFC 3501 has no code for a mailbox that is not there: NO is all that some say. */
    if (hr == MAPI_E_CALL_FAILED)
        hr = MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr) && !status.known)
        hr = error_set(error, MAPI_E_CALL_FAILED, lease->client->server,
                       "the server did not tell the mailbox's status");
    if (SUCCEEDED(hr))
        *ret_status = status;
    return hr;
}

/* --- Changes ---------------------------------------------------------------------------------- */

static const char *const use_names[] = {
    [IMAP_USE_ALL] = "\\All",       [IMAP_USE_ARCHIVE] = "\\Archive",
    [IMAP_USE_DRAFTS] = "\\Drafts", [IMAP_USE_FLAGGED] = "\\Flagged",
    [IMAP_USE_JUNK] = "\\Junk",     [IMAP_USE_SENT] = "\\Sent",
    [IMAP_USE_TRASH] = "\\Trash",   [IMAP_USE_IMPORTANT] = "\\Important",
};

static int etpan_create(mailimap *imap, const char *name, const char *second)
{
    (void)second;
    return mailimap_create(imap, name);
}

static int etpan_delete(mailimap *imap, const char *name, const char *second)
{
    (void)second;
    return mailimap_delete(imap, name);
}

static int etpan_rename(mailimap *imap, const char *name, const char *second)
{
    return mailimap_rename(imap, name, second);
}

static int etpan_subscribe(mailimap *imap, const char *name, const char *second)
{
    (void)second;
    return mailimap_subscribe(imap, name);
}

static int etpan_unsubscribe(mailimap *imap, const char *name, const char *second)
{
    (void)second;
    return mailimap_unsubscribe(imap, name);
}

static WAITS HRESULT name_command(struct imap_lease *lease, const char *what,
                                  int (*etpan)(mailimap *imap, const char *name,
                                               const char *second),
                                  const char *mailbox, const char *second, struct error_info *error)
{
    char *name = NULL, *second_name = NULL;
    struct imap_session_command command = {.what = what, .etpan = etpan};
    HRESULT hr = utf7_from_utf8(mailbox, &name);

    if (SUCCEEDED(hr) && second)
        hr = utf7_from_utf8(second, &second_name);
    if (SUCCEEDED(hr)) {
        command.argument = name;
        command.second = second_name;
        hr = lease_command(lease, &command, error);
    } else {
        error_set(error, hr, lease->client->server, "no such name can be sent");
    }
    free(name);
    free(second_name);
    return hr;
}

static WAITS HRESULT create_with_use(struct imap_lease *lease, const char *mailbox,
                                     enum imap_special_use use, struct error_info *error)
{
    bool plus = imap_lease_capabilities(lease) & IMAP_CAP_LITERAL_PLUS;
    struct command_text text;
    struct imap_session_command command = {.text = &text, .what = "CREATE"};
    HRESULT hr;

    command_text_init(&text);
    command_text_add(&text, "CREATE ");
    command_text_mailbox(&text, mailbox, plus);
    command_text_add(&text, " (USE (%s))", use_names[use]);
    hr = lease_command(lease, &command, error);
    command_text_clear(&text);
    return hr;
}

HRESULT imap_mailbox_create(struct imap_lease *lease, const char *mailbox,
                            enum imap_special_use use, struct error_info *error)
{
    if ((imap_lease_capabilities(lease) & IMAP_CAP_CREATE_SPECIAL_USE) && use != IMAP_USE_NONE &&
        use != IMAP_USE_INBOX)
        return create_with_use(lease, mailbox, use, error);
    return name_command(lease, "CREATE", etpan_create, mailbox, NULL, error);
}

HRESULT imap_mailbox_delete(struct imap_lease *lease, const char *mailbox, struct error_info *error)
{
    HRESULT hr = pool_forget_mailbox(lease, mailbox, error);

    return FAILED(hr) ? hr : name_command(lease, "DELETE", etpan_delete, mailbox, NULL, error);
}

HRESULT imap_mailbox_rename(struct imap_lease *lease, const char *from, const char *to,
                            struct error_info *error)
{
    HRESULT hr = pool_forget_mailbox(lease, from, error);

    return FAILED(hr) ? hr : name_command(lease, "RENAME", etpan_rename, from, to, error);
}

HRESULT imap_mailbox_subscribe(struct imap_lease *lease, const char *mailbox, bool subscribe,
                               struct error_info *error)
{
    return name_command(lease, subscribe ? "SUBSCRIBE" : "UNSUBSCRIBE",
                        subscribe ? etpan_subscribe : etpan_unsubscribe, mailbox, NULL, error);
}
