/* providers/imap/permissions_table.c - PR_ACL_TABLE: who may do what with a folder, as rows
 *
 * MS-OXCPERM says what a member has. A member is an entry of the mailbox's access control list; its
 * entry id is a one-off of its mail address, or of type "IMAP" where it is no user but a name that
 * the server gives a meaning ("$group"). */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "providers/account/access.h"
#include "providers/account/permissions.h"
#include "providers/imap/live_rows.h"
#include "providers/imap/modify_table.h"

#define TYPE_USER  "SMTP"
#define TYPE_OTHER "IMAP"

/* --- Rows ------------------------------------------------------------------------------------- */

enum { COLUMN_KEY, COLUMN_MEMBER, COLUMN_NAME, COLUMN_RIGHTS, COLUMN_ENTRYID, COLUMN_COUNT };

static const SizedSPropTagArray(COLUMN_COUNT, columns) = {
    COLUMN_COUNT, {PR_INSTANCE_KEY, PR_MEMBER_ID, PR_MEMBER_NAME_W, PR_MEMBER_RIGHTS, PR_ENTRYID}};

/* The two that are no users have no entry id to be told apart by. */
static HRESULT show_identity(const struct account *account, const char *identifier, void *root,
                             SPropValue *ret_value)
{
    char *address = account_permission_address(account, identifier);
    struct oneoff oneoff = {.name = identifier,
                            .type = address ? TYPE_USER : TYPE_OTHER,
                            .address = address ? address : identifier};
    HRESULT hr;

    ret_value->ulPropTag = PR_ENTRYID;
    hr = oneoff_create(root, &oneoff, &ret_value->Value.bin.cb,
                       (ENTRYID **)&ret_value->Value.bin.lpb);
    free(address);
    return hr;
}

static HRESULT show_member(const struct account *account, const struct imap_acl_entry *entry,
                           void *root, SRow *row)
{
    int64_t member = permission_member(entry->identifier);
    bool named = member != MEMBER_DEFAULT && member != MEMBER_ANONYMOUS;
    SPropValue *values = mapi_alloc_array(root, COLUMN_COUNT, sizeof(*values));
    void *key = values ? mapi_memdup(root, entry->identifier, strlen(entry->identifier)) : NULL;
    HRESULT hr;

    if (!key)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    row->lpProps = values;
    row->cValues = named ? COLUMN_COUNT : COLUMN_ENTRYID;
    values[COLUMN_KEY] = propval_binary(PR_INSTANCE_KEY, key, strlen(entry->identifier));
    values[COLUMN_MEMBER] = (SPropValue){.ulPropTag = PR_MEMBER_ID, .Value.li.QuadPart = member};
    values[COLUMN_RIGHTS] = propval_long(PR_MEMBER_RIGHTS, (LONG)frights_of(entry->rights));
    values[COLUMN_NAME].ulPropTag = PR_MEMBER_NAME_W;
    /* Nobody has a name for everybody, and clients have one of their own (MS-OXCPERM 2.2.6). */
    hr = text_utf8_to_utf16(root,
                            named                        ? entry->identifier
                            : member == MEMBER_ANONYMOUS ? "Anonymous"
                                                         : "",
                            &values[COLUMN_NAME].Value.lpszW);
    if (SUCCEEDED(hr) && named)
        hr = show_identity(account, entry->identifier, root, &values[COLUMN_ENTRYID]);
    return hr;
}

static HRESULT fill(const struct live_rows *rows, struct account *account, struct error_info *error,
                    struct live_filling *filling)
{
    struct imap_acl *acl;
    HRESULT hr = account_permissions_list(account, rows->folder, error, &acl);

    if (FAILED(hr))
        return hr;
    hr = live_filling_reserve(filling, acl->count);
    for (size_t i = 0; SUCCEEDED(hr) && i < acl->count; i++)
        hr =
            show_member(account, &acl->entries[i], filling->root, &filling->rows[filling->count++]);
    imap_acl_free(acl);
    return hr;
}

static bool wants(const struct live_rows *rows, const struct account_event *event)
{
    return event->kind == ACCOUNT_PERMISSIONS_CHANGED && event->folder == rows->folder;
}

static const struct live_rows_ops rows_ops = {
    .columns = (const SPropTagArray *)&columns, .wants = wants, .fill = fill};

static HRESULT open_permissions(struct imap_link *link, struct mapi_object *object, uint64_t folder,
                                ULONG flags, IMAPITable **ret_table)
{
    return live_rows_open(link, object, folder, &rows_ops, flags, ret_table);
}

/* --- Changes ---------------------------------------------------------------------------------- */

struct modify_call {
    struct link_call base;
    uint64_t folder;
    bool replace, whole;
    struct permission_change *changes;
    size_t count;
    void *root; /* of the names */
};

static HRESULT modify_on_engine(void *arg)
{
    struct modify_call *call = arg;

    return account_permissions_change(call->base.account, call->folder, call->replace,
                                      call->changes, call->count, &call->base.error);
}

/* Who is meant by the entry id of a new member. */
static HRESULT take_name(struct modify_call *call, const struct account *account,
                         const ROWENTRY *row, const char **ret_name)
{
    const SPropValue *id = row_entry_find(row, PR_ENTRYID);
    struct oneoff oneoff;
    char *identifier;
    HRESULT hr;

    if (!id || id->ulPropTag != PR_ENTRYID)
        return MAPI_E_INVALID_PARAMETER;
    hr = oneoff_parse(call->root, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, &oneoff);
    if (FAILED(hr))
        return hr;
    if (strcmp(oneoff.type, TYPE_OTHER) == 0) {
        *ret_name = oneoff.address;
    } else {
        if (strcasecmp(oneoff.type, TYPE_USER) != 0)
            return MAPI_E_NO_SUPPORT;
        identifier = account_permission_identifier(account, oneoff.address);
        *ret_name = identifier ? mapi_memdup(call->root, identifier, strlen(identifier) + 1) : NULL;
        free(identifier);
        if (!*ret_name)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    /* A name that would take rights away gives none. */
    return **ret_name && **ret_name != '-' && strlen(*ret_name) <= IMAP_IDENTIFIER_MAX
               ? S_OK
               : MAPI_E_INVALID_PARAMETER;
}

static HRESULT take_row(struct modify_call *call, const struct account *account,
                        const ROWENTRY *row)
{
    const SPropValue *member = row_entry_find(row, PR_MEMBER_ID),
                     *rights = row_entry_find(row, PR_MEMBER_RIGHTS);
    struct permission_change *change = &call->changes[call->count++];

    change->remove = row->ulRowFlags == ROW_REMOVE;
    if (!change->remove && (!rights || rights->ulPropTag != PR_MEMBER_RIGHTS))
        return MAPI_E_INVALID_PARAMETER;
    if (!change->remove) {
        change->rights = rights_of_frights((ULONG)rights->Value.l);
        call->whole &= frights_are_whole((ULONG)rights->Value.l);
    }
    /* A list that replaces the others may name the two that are always there. */
    if (row->ulRowFlags == ROW_ADD && !row_entry_find(row, PR_ENTRYID) && call->replace && member)
        change->member = member->Value.li.QuadPart;
    else if (row->ulRowFlags == ROW_ADD)
        return take_name(call, account, row, &change->name);
    else if (!member)
        return MAPI_E_INVALID_PARAMETER;
    else
        change->member = member->Value.li.QuadPart;
    return member->ulPropTag == PR_MEMBER_ID ? S_OK : MAPI_E_INVALID_PARAMETER;
}

static HRESULT modify_permissions(struct imap_link *link, struct mapi_object *object,
                                  uint64_t folder, ULONG flags, const ROWLIST *list)
{
    struct modify_call call = {.folder = folder,
                               .replace = flags & ROWLIST_REPLACE,
                               .whole = true,
                               .root = mapi_alloc(NULL, 1)};
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (call.root)
        call.changes = mapi_alloc_array(call.root, list->cEntries + 1u, sizeof(*call.changes));
    if (call.changes)
        hr = S_OK;
    for (ULONG i = 0; SUCCEEDED(hr) && i < list->cEntries; i++)
        if (list->aEntries[i].ulRowFlags != ROW_EMPTY)
            hr = take_row(&call, imap_link_account(link), &list->aEntries[i]);
    if (SUCCEEDED(hr))
        hr = imap_link_run(link, object, modify_on_engine, &call.base);
    mapi_free(call.root);
    return SUCCEEDED(hr) && !call.whole ? MAPI_W_PARTIAL_COMPLETION : hr;
}

const struct modify_table_ops permissions_table_ops = {.tag = PR_ACL_TABLE,
                                                       .flags = ACLTABLE_FREEBUSY,
                                                       .open = open_permissions,
                                                       .modify = modify_permissions};
