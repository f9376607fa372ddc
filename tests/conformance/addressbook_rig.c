/* tests/conformance/addressbook_rig.c - what the tests of the address book's requirements share */
#include "tests/conformance/addressbook_rig.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mapi/text.h"

IAddrBook *book;

static const char contacts[] = "BEGIN:VCARD\nVERSION:4.0\nUID:1\nFN:Ann Example\nN:Example;Ann\n"
                               "EMAIL:ann@example.org\nORG:Example Inc.\nEND:VCARD\n"
                               "BEGIN:VCARD\nVERSION:3.0\nUID:2\nFN:Anna Other\n"
                               "EMAIL:anna@other.example\nEND:VCARD\n"
                               "BEGIN:VCARD\nVERSION:4.0\nUID:3\nFN:Bob Builder\n"
                               "EMAIL:bob@example.org\nEMAIL:bob@home.example\nEND:VCARD\n"
                               "BEGIN:VCARD\nVERSION:4.0\nUID:4\nFN:Zoë Zest\n"
                               "EMAIL:zoe@example.org\nEND:VCARD\n";

static char file_path[96];

void ab_write_contacts(const char *text)
{
    FILE *file = fopen(file_path, "w");

    cr_assert(file && fputs(text, file) >= 0);
    fclose(file);
}

static void open_book(void)
{
    assert_hr(IMAPISession_OpenAddressBook(mail.session, 0, NULL, AB_NO_DIALOG, &book), S_OK);
}

static void close_book(void)
{
    if (book)
        IAddrBook_Release(book);
    book = NULL;
}

void ab_begin(void)
{
    mail_prepare_shared();
    snprintf(file_path, sizeof(file_path), "%s/contacts.vcf", mail.state);
    mail.contacts_file = file_path;
    ab_write_contacts(contacts);
    mail_open(0);
    open_book();
}

void ab_end(void)
{
    close_book();
    mail_close();
}

void ab_restart(void)
{
    close_book();
    store_restart();
    open_book();
}

void ab_restart_with(const char *text)
{
    mail.contacts_file = text ? file_path : NULL;
    if (text)
        ab_write_contacts(text);
    ab_restart();
}

/* --- Containers ------------------------------------------------------------------------------- */

/* The row of that name in the root's hierarchy, the id first; FreeProws. */
static SRowSet *container_rows(void)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_DISPLAY_NAME_W}};
    IABContainer *root = NULL;
    IMAPITable *table = NULL;
    SRowSet *rows;
    ULONG type;

    assert_hr(IAddrBook_OpenEntry(book, 0, NULL, NULL, 0, &type, (IUnknown **)&root), S_OK);
    assert_hr(IABContainer_GetHierarchyTable(root, MAPI_UNICODE, &table), S_OK);
    rows = rows_of(table, &columns);
    IMAPITable_Release(table);
    IABContainer_Release(root);
    return rows;
}

SPropValue *ab_container_id(const char *name)
{
    SRowSet *rows = container_rows();
    SPropValue *id = NULL;

    for (ULONG i = 0; i < rows->cRows && !id; i++)
        if (strcmp(mail_text(&rows->aRow[i].lpProps[1]), name) == 0) {
            assert_hr(MAPIAllocateBuffer(sizeof(*id), (void **)&id), S_OK);
            assert_hr(PropCopyMore(id, &rows->aRow[i].lpProps[0], MAPIAllocateMore, id), S_OK);
        }
    FreeProws(rows);
    cr_assert(id != NULL, "no container %s", name);
    return id;
}

IABContainer *ab_container(const char *name)
{
    SPropValue *id = ab_container_id(name);
    IABContainer *container = (IABContainer *)ab_open(id, MAPI_BEST_ACCESS);

    MAPIFreeBuffer(id);
    return container;
}

IMAPITable *ab_contents_of(const char *name)
{
    IABContainer *container = ab_container(name);
    IMAPITable *table = NULL;

    assert_hr(IABContainer_GetContentsTable(container, MAPI_UNICODE, &table), S_OK);
    IABContainer_Release(container);
    return table;
}

ULONG ab_rows_named(const char *container, const char *name)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_DISPLAY_NAME_W}};
    IMAPITable *table = ab_contents_of(container);
    SRowSet *rows = rows_of(table, &columns);
    ULONG count = 0;

    for (ULONG i = 0; i < rows->cRows; i++)
        count += strcmp(mail_text(&rows->aRow[i].lpProps[0]), name) == 0;
    FreeProws(rows);
    IMAPITable_Release(table);
    return count;
}

/* --- Entries ---------------------------------------------------------------------------------- */

IMAPIProp *ab_open(const SPropValue *id, ULONG flags)
{
    IUnknown *entry = NULL;
    ULONG type;

    assert_hr(IAddrBook_OpenEntry(book, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL, flags,
                                  &type, &entry),
              S_OK);
    return (IMAPIProp *)entry;
}

IMAPIProp *ab_new(const char *name, const char *address, ULONG create_flags)
{
    IABContainer *container = ab_container(PERSONAL);
    SPropValue *template = value_of(container, PR_DEF_CREATE_MAILUSER);
    IMAPIProp *entry = NULL;

    assert_hr(IABContainer_CreateEntry(container, template->Value.bin.cb,
                                       (ENTRYID *)template->Value.bin.lpb, create_flags, &entry),
              S_OK);
    MAPIFreeBuffer(template);
    IABContainer_Release(container);
    assert_hr(set_text(entry, PR_DISPLAY_NAME_W, name), S_OK);
    assert_hr(set_text(entry, PR_ADDRTYPE_W, "SMTP"), S_OK);
    assert_hr(set_text(entry, PR_EMAIL_ADDRESS_W, address), S_OK);
    return entry;
}

SPropValue *ab_add(const char *name, const char *address)
{
    IMAPIProp *entry = ab_new(name, address, 0);
    SPropValue *id;

    assert_hr(IMAPIProp_SaveChanges(entry, KEEP_OPEN_READONLY), S_OK);
    id = value_of(entry, PR_ENTRYID);
    IMAPIProp_Release(entry);
    return id;
}

ENTRYID *ab_oneoff(const char *name, const char *type, const char *address, ULONG *ret_size)
{
    ENTRYID *id = NULL;

    assert_hr(IAddrBook_CreateOneOff(book, (LPTSTR)mail_wide(name), (LPTSTR)mail_wide(type),
                                     (LPTSTR)mail_wide(address), MAPI_UNICODE, ret_size, &id),
              S_OK);
    return id;
}

/* --- Lists ------------------------------------------------------------------------------------ */

#define NAMES_MAX 8

static void put_name(ADRENTRY *entry, const char *name, ULONG flags)
{
    SPropValue *values = NULL;
    void *copy = NULL;
    size_t size = strlen(name) + 1;

    assert_hr(MAPIAllocateBuffer(2 * sizeof(*values), (void **)&values), S_OK);
    assert_hr(MAPIAllocateMore((ULONG)(4 * size), values, &copy), S_OK);
    values[0].ulPropTag = PR_RECIPIENT_TYPE;
    values[0].Value.l = MAPI_TO;
    values[1].ulPropTag = flags & MAPI_UNICODE ? PR_DISPLAY_NAME_W : PR_DISPLAY_NAME_A;
    if (flags & MAPI_UNICODE)
        utf8_to_utf16(name, size - 1, copy, 2 * size);
    else
        memcpy(copy, name, size);
    values[1].Value.lpszA = copy;
    *entry = (ADRENTRY){.cValues = 2, .rgPropVals = values};
}

ADRLIST *ab_names(ULONG flags, const char *name, ...)
{
    ADRLIST *list = NULL;
    va_list names;

    assert_hr(MAPIAllocateBuffer(CbNewADRLIST(NAMES_MAX), (void **)&list), S_OK);
    list->cEntries = 0;
    va_start(names, name);
    for (; name; name = va_arg(names, const char *)) {
        cr_assert(list->cEntries < NAMES_MAX);
        put_name(&list->aEntries[list->cEntries++], name, flags);
    }
    va_end(names);
    return list;
}

const SPropValue *entry_value(const ADRENTRY *entry, ULONG tag)
{
    for (ULONG i = 0; i < entry->cValues; i++)
        if (entry->rgPropVals[i].ulPropTag == tag)
            return &entry->rgPropVals[i];
    return NULL;
}
