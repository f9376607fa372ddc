/* providers/contacts/entry_id.c - how the address book names its containers and entries */
#include "providers/contacts/entry_id.h"

#include <string.h>

enum {
    AT_BOOK = 4,
    AT_KIND = 20,
    AT_SHELF = 21,
    AT_ZERO = 22,
    AT_KEY = 24,
};

ULONG contacts_entryid(const MAPIUID *book, const struct contacts_ref *ref, BYTE *ret_id)
{
    memset(ret_id, 0, CONTACTS_ID_SIZE);
    memcpy(ret_id + AT_BOOK, book, sizeof(*book));
    ret_id[AT_KIND] = (BYTE)ref->kind;
    ret_id[AT_SHELF] = (BYTE)ref->shelf;
    if (ref->kind != CONTACTS_PERSON)
        return CONTACTS_ID_SIZE;
    memcpy(ret_id + AT_KEY, ref->key.bytes, sizeof(ref->key.bytes));
    return CONTACTS_ID_MAX;
}

/* The root is on no shelf, everything else on one. */
static bool is_given_out(const BYTE *bytes, ULONG size)
{
    bool on_shelf = bytes[AT_SHELF] > SHELF_NONE && bytes[AT_SHELF] < SHELF_END;

    if (bytes[AT_ZERO] || bytes[AT_ZERO + 1])
        return false;
    switch (bytes[AT_KIND]) {
    case CONTACTS_ROOT:
        return size == CONTACTS_ID_SIZE && bytes[AT_SHELF] == SHELF_NONE;
    case CONTACTS_SHELF:
        return size == CONTACTS_ID_SIZE && on_shelf;
    case CONTACTS_TEMPLATE:
        return size == CONTACTS_ID_SIZE && bytes[AT_SHELF] == SHELF_PERSONAL;
    case CONTACTS_PERSON:
        return size == CONTACTS_ID_MAX && on_shelf;
    default:
        return false;
    }
}

HRESULT contacts_parse_entryid(const MAPIUID *book, ULONG size, const ENTRYID *id,
                               struct contacts_ref *ret_ref)
{
    const BYTE *bytes = (const BYTE *)id;
    struct contacts_ref ref = {0};

    if (!bytes || size < AT_KIND || memcmp(bytes + AT_BOOK, book, sizeof(*book)) != 0)
        return MAPI_E_INVALID_ENTRYID;
    if (size < CONTACTS_ID_SIZE || !is_given_out(bytes, size))
        return MAPI_E_UNKNOWN_ENTRYID;
    ref.kind = (enum contacts_kind)bytes[AT_KIND];
    ref.shelf = (enum shelf)bytes[AT_SHELF];
    if (ref.kind == CONTACTS_PERSON)
        memcpy(ref.key.bytes, bytes + AT_KEY, sizeof(ref.key.bytes));
    *ret_ref = ref;
    return S_OK;
}

bool contacts_same(const struct contacts_ref *a, const struct contacts_ref *b)
{
    return a->kind == b->kind && a->shelf == b->shelf &&
           memcmp(&a->key, &b->key, sizeof(a->key)) == 0;
}
