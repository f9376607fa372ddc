/* providers/imap/client/acl.c - MYRIGHTS, GETACL, SETACL, DELETEACL */
#include "providers/imap/client/acl.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/text.h"
#include "providers/imap/client/client_private.h"
#include "providers/imap/client/utf7.h"

static const struct {
    char letter;
    uint32_t right;
} letters[] = {
    {'l', IMAP_RIGHT_LOOKUP}, {'r', IMAP_RIGHT_READ},    {'s', IMAP_RIGHT_SEEN},
    {'w', IMAP_RIGHT_WRITE},  {'i', IMAP_RIGHT_INSERT},  {'p', IMAP_RIGHT_POST},
    {'k', IMAP_RIGHT_CREATE}, {'t', IMAP_RIGHT_DELETE},  {'x', IMAP_RIGHT_DELETE_MAILBOX},
    {'a', IMAP_RIGHT_ADMIN},  {'e', IMAP_RIGHT_EXPUNGE},
};
#define LETTER_COUNT (sizeof(letters) / sizeof(letters[0]))

#define OLD_CREATE (IMAP_RIGHT_CREATE | IMAP_RIGHT_DELETE_MAILBOX)
#define OLD_DELETE (IMAP_RIGHT_DELETE | IMAP_RIGHT_EXPUNGE)

/* --- Letters ---------------------------------------------------------------------------------- */

/* A server of RFC 4314 says c and d for old clients' sake, beside what they stand for. */
static uint32_t rights_from(struct wire_text text, bool old)
{
    uint32_t rights = 0;

    for (uint32_t i = 0; i < text.size; i++) {
        for (size_t k = 0; k < LETTER_COUNT; k++)
            if (text.data[i] == letters[k].letter)
                rights |= letters[k].right;
        if (old && text.data[i] == 'c')
            rights |= OLD_CREATE;
        if (old && text.data[i] == 'd')
            rights |= OLD_DELETE;
    }
    return rights;
}

/* Half of what an old letter stands for is not given by it. */
static void add_rights(struct command_text *text, uint32_t rights, bool old)
{
    char spelled[LETTER_COUNT + 3];
    size_t size = 0;

    for (size_t k = 0; k < LETTER_COUNT; k++)
        if (rights & letters[k].right && !(old && letters[k].right & (OLD_CREATE | OLD_DELETE)))
            spelled[size++] = letters[k].letter;
    if (old && (rights & OLD_CREATE) == OLD_CREATE)
        spelled[size++] = 'c';
    if (old && (rights & OLD_DELETE) == OLD_DELETE)
        spelled[size++] = 'd';
    spelled[size] = '\0';
    command_text_add(text, " \"%s\"", spelled);
}

/* --- Asking ----------------------------------------------------------------------------------- */

struct asking {
    const char *mailbox; /* modified UTF-7 */
    enum wire_kind kind;
    bool old;
    bool answered;
    HRESULT hr;
    uint32_t mine;
    struct imap_acl *acl;
};

static bool same_mailbox(const char *mailbox, struct wire_text name)
{
    if (strcasecmp(mailbox, "INBOX") == 0)
        return wire_text_is(name, "INBOX");
    return name.size == strlen(mailbox) && memcmp(name.data, mailbox, name.size) == 0;
}

static HRESULT take_entry(struct asking *asking, const struct wire_acl_entry *entry)
{
    struct imap_acl *acl = asking->acl;
    struct imap_acl_entry *entries;
    char *identifier;

    if (entry->identifier.size == 0 || entry->identifier.size > IMAP_IDENTIFIER_MAX ||
        !utf8_is_valid(entry->identifier.data, entry->identifier.size))
        return S_OK;
    if (acl->count == IMAP_ACL_MAX)
        return MAPI_E_TOO_BIG;
    entries = reallocarray(acl->entries, acl->count + 1, sizeof(*entries));
    if (!entries)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    acl->entries = entries;
    identifier = strndup(entry->identifier.data, entry->identifier.size);
    if (!identifier)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    entries[acl->count++] =
        (struct imap_acl_entry){identifier, rights_from(entry->rights, asking->old)};
    return S_OK;
}

static void observe(void *arg, const struct wire_response *response)
{
    struct asking *asking = arg;
    const struct wire_acl *said = &response->acl;

    if (response->kind != asking->kind || !same_mailbox(asking->mailbox, said->mailbox) ||
        asking->answered)
        return;
    asking->answered = true;
    if (asking->kind == WIRE_MYRIGHTS)
        asking->mine = rights_from(said->entries[0].rights, asking->old);
    for (size_t i = 0; asking->acl && i < said->count && SUCCEEDED(asking->hr); i++)
        asking->hr = take_entry(asking, &said->entries[i]);
}

static HRESULT check_offered(const struct imap_lease *lease, struct error_info *error)
{
    if (imap_lease_capabilities(lease) & IMAP_CAP_ACL)
        return S_OK;
    return error_set(error, MAPI_E_NO_SUPPORT, lease->client->server,
                     "the server does not offer ACL");
}

/* Runs "VERB mailbox", whose answer `asking` takes. */
static WAITS HRESULT ask(struct imap_lease *lease, const char *verb, const char *mailbox,
                         struct asking *asking, struct error_info *error)
{
    uint32_t capabilities = imap_lease_capabilities(lease);
    struct command_text text;
    struct imap_session_command command = {
        .text = &text, .what = verb, .observe = observe, .arg = asking, .repeatable = true};
    char *name = NULL;
    HRESULT hr = check_offered(lease, error);

    if (FAILED(hr))
        return hr;
    hr = utf7_from_utf8(mailbox, &name);
    if (FAILED(hr))
        return error_set(error, hr, lease->client->server, "no such name can be sent");
    asking->mailbox = name;
    asking->old = !(capabilities & IMAP_CAP_RIGHTS);
    command_text_init(&text);
    command_text_add(&text, "%s ", verb);
    command_text_mailbox(&text, mailbox, capabilities & IMAP_CAP_LITERAL_PLUS);
    hr = lease_command(lease, &command, error);
    command_text_clear(&text);
    free(name);
    if (SUCCEEDED(hr) && FAILED(asking->hr))
        hr = error_set(error, asking->hr, lease->client->server, "the list of rights is too long");
    else if (SUCCEEDED(hr) && !asking->answered)
        hr = error_set(error, MAPI_E_CALL_FAILED, lease->client->server,
                       "the server did not tell the mailbox's rights");
    return hr;
}

HRESULT imap_acl_mine(struct imap_lease *lease, const char *mailbox, struct error_info *error,
                      uint32_t *ret_rights)
{
    struct asking asking = {.kind = WIRE_MYRIGHTS};
    HRESULT hr = ask(lease, "MYRIGHTS", mailbox, &asking, error);

    if (SUCCEEDED(hr))
        *ret_rights = asking.mine;
    return hr;
}

HRESULT imap_acl_get(struct imap_lease *lease, const char *mailbox, struct error_info *error,
                     struct imap_acl **ret_acl)
{
    struct asking asking = {.kind = WIRE_ACL, .acl = calloc(1, sizeof(*asking.acl))};
    HRESULT hr = asking.acl ? ask(lease, "GETACL", mailbox, &asking, error)
                            : error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, lease->client->server,
                                        "out of memory");

    if (SUCCEEDED(hr))
        *ret_acl = asking.acl;
    else
        imap_acl_free(asking.acl);
    return hr;
}

void imap_acl_free(struct imap_acl *acl)
{
    if (!acl)
        return;
    for (size_t i = 0; i < acl->count; i++)
        free(acl->entries[i].identifier);
    free(acl->entries);
    free(acl);
}

/* --- Changing --------------------------------------------------------------------------------- */

/* `rights` NULL: DELETEACL. */
static WAITS HRESULT change(struct imap_lease *lease, const char *verb, const char *mailbox,
                            const char *identifier, const uint32_t *rights,
                            struct error_info *error)
{
    uint32_t capabilities = imap_lease_capabilities(lease);
    bool plus = capabilities & IMAP_CAP_LITERAL_PLUS;
    struct command_text text;
    struct imap_session_command command = {.text = &text, .what = verb};
    HRESULT hr = check_offered(lease, error);

    if (SUCCEEDED(hr) && !*identifier)
        hr = error_set(error, MAPI_E_INVALID_PARAMETER, lease->client->server,
                       "nobody has an empty name");
    if (FAILED(hr))
        return hr;
    command_text_init(&text);
    command_text_add(&text, "%s ", verb);
    command_text_mailbox(&text, mailbox, plus);
    command_text_add(&text, " ");
    command_text_string(&text, identifier, strlen(identifier), plus);
    if (rights)
        add_rights(&text, *rights, !(capabilities & IMAP_CAP_RIGHTS));
    hr = lease_command(lease, &command, error);
    command_text_clear(&text);
    return hr;
}

HRESULT imap_acl_set(struct imap_lease *lease, const char *mailbox, const char *identifier,
                     uint32_t rights, struct error_info *error)
{
    return change(lease, "SETACL", mailbox, identifier, &rights, error);
}

HRESULT imap_acl_delete(struct imap_lease *lease, const char *mailbox, const char *identifier,
                        struct error_info *error)
{
    return change(lease, "DELETEACL", mailbox, identifier, NULL, error);
}
