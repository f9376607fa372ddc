/* simple/recipient.c - who gets a message: from and to what callers know of a recipient */
#include "simple/recipient.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/text.h"
#include "simple/result.h"

#define TYPE_MAX 32 /* characters of an address type */

/* --- Addresses -------------------------------------------------------------------------------- */

/* The characters of an address type that stand before a colon; 0: there is none. */
static size_t type_length(const char *text)
{
    size_t length = 0;

    while (length < TYPE_MAX && ((text[length] >= 'A' && text[length] <= 'Z') ||
                                 (text[length] >= 'a' && text[length] <= 'z') ||
                                 (text[length] >= '0' && text[length] <= '9')))
        length++;
    return text[length] == ':' ? length : 0;
}

/* Something on both sides of the last @, and nothing that could end a line or an address. */
static bool is_internet_address(const char *text)
{
    const char *at = strrchr(text, '@');

    if (!at || at == text || !at[1])
        return false;
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7F || *text == '<' || *text == '>')
            return false;
    return true;
}

/* Of other types nothing is known but that it is one line. */
static bool is_foreign_address(const char *text)
{
    if (!*text)
        return false;
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    return true;
}

static ULONG make_id(void *root, struct recipient *recipient)
{
    const struct oneoff oneoff = {.name = recipient->name,
                                  .type = recipient->type,
                                  .address = recipient->address,
                                  .no_rich_info = true};

    return simple_result(
        oneoff_create(root, &oneoff, &recipient->id.cb, (ENTRYID **)&recipient->id.lpb));
}

ULONG recipient_of_address(void *root, const char *name, const char *address,
                           struct recipient *ret_recipient)
{
    size_t length = type_length(address);
    bool foreign = length && strncasecmp(address, "SMTP:", 5) != 0;
    struct recipient recipient = {.type = "SMTP", .address = address + (length ? length + 1 : 0)};
    char *type;

    if (foreign ? !is_foreign_address(recipient.address) : !is_internet_address(recipient.address))
        return MAPI_E_INVALID_RECIPS;
    if (foreign) {
        type = mapi_memdup(root, address, length + 1);
        if (!type)
            return MAPI_E_INSUFFICIENT_MEMORY;
        type[length] = '\0';
        recipient.type = type;
    }
    recipient.name = name ? name : recipient.address; /* SMP-074 */
    *ret_recipient = recipient;
    return make_id(root, ret_recipient);
}

/* --- Names that are addresses ----------------------------------------------------------------- */

/* `text` without blanks at its ends, and without the quotes around it. */
static char *trim(char *text)
{
    size_t length;

    text += strspn(text, " \t");
    length = strlen(text);
    while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    if (length >= 2 && text[0] == '"' && text[length - 1] == '"') {
        text++;
        length -= 2;
    }
    text[length] = '\0';
    return text;
}

/* "Ann <ann@example.org>" and "[SMTP:ann@example.org]" are taken apart, in place. */
static void split_name(char *text, const char **ret_name, const char **ret_address)
{
    char *open = strrchr(text, '<');
    size_t length;

    *ret_name = NULL;
    *ret_address = text = trim(text);
    length = strlen(text);
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text[length - 1] = '\0';
        *ret_address = trim(text + 1);
    } else if (open && length && text[length - 1] == '>') {
        text[length - 1] = '\0';
        *open = '\0';
        *ret_address = trim(open + 1);
        text = trim(text);
        *ret_name = text[0] ? text : NULL;
    }
}

static ULONG one_off_of_name(void *root, const char *name, struct recipient *ret_recipient)
{
    char *copy = mapi_memdup(root, name, strlen(name) + 1);
    const char *shown, *address;
    ULONG result;

    if (!copy)
        return MAPI_E_INSUFFICIENT_MEMORY;
    split_name(copy, &shown, &address);
    if (strncasecmp(address, "SMTP:", 5) != 0 && !is_internet_address(address))
        return MAPI_E_UNKNOWN_RECIPIENT; /* a name with a colon is no address of a strange type */
    result = recipient_of_address(root, shown, address, ret_recipient);
    return result == MAPI_E_INVALID_RECIPS ? MAPI_E_UNKNOWN_RECIPIENT : result;
}

/* --- The address book ------------------------------------------------------------------------- */

static HRESULT open_book(IMAPISession *session, IAddrBook **ret_book)
{
    return IMAPISession_OpenAddressBook(session, 0, NULL, AB_NO_DIALOG, ret_book);
}

static HRESULT take_text(void *root, const SPropValue *value, const char **ret_text)
{
    char *text = NULL;
    HRESULT hr = S_OK;

    if (value && PROP_TYPE(value->ulPropTag) == PT_UNICODE)
        hr = text_utf16_to_utf8(root, value->Value.lpszW, &text);
    else if (value && PROP_TYPE(value->ulPropTag) == PT_STRING8)
        hr = text_8bit_to_utf8(root, value->Value.lpszA, &text);
    *ret_text = text;
    return hr;
}

ULONG recipient_of_values(void *root, const SPropValue *name, const SPropValue *type,
                          const SPropValue *address, const SPropValue *id,
                          struct recipient *ret_recipient)
{
    struct recipient recipient = {0};
    HRESULT hr = take_text(root, name, &recipient.name);

    if (SUCCEEDED(hr))
        hr = take_text(root, type, &recipient.type);
    if (SUCCEEDED(hr))
        hr = take_text(root, address, &recipient.address);
    if (FAILED(hr))
        return simple_result(hr);
    if (!recipient.type)
        recipient.type = "SMTP";
    if (!recipient.address)
        recipient.address = "";
    if (!recipient.name)
        recipient.name = recipient.address;
    *ret_recipient = recipient;
    if (!id || PROP_TYPE(id->ulPropTag) != PT_BINARY || id->Value.bin.cb == 0)
        return make_id(root, ret_recipient);
    ret_recipient->id = id->Value.bin;
    ret_recipient->id.lpb = mapi_memdup(root, id->Value.bin.lpb, id->Value.bin.cb);
    return ret_recipient->id.lpb ? SUCCESS_SUCCESS : MAPI_E_INSUFFICIENT_MEMORY;
}

static ULONG recipient_of_row(void *root, SPropValue *values, ULONG count,
                              struct recipient *ret_recipient)
{
    return recipient_of_values(root, PpropFindProp(values, count, PR_DISPLAY_NAME_W),
                               PpropFindProp(values, count, PR_ADDRTYPE_W),
                               PpropFindProp(values, count, PR_EMAIL_ADDRESS_W),
                               PpropFindProp(values, count, PR_ENTRYID), ret_recipient);
}

/* A list of one name that ResolveName may replace; FreePadrlist. */
static HRESULT list_of_name(const char *name, ADRLIST **ret_list)
{
    ADRLIST *list = mapi_alloc(NULL, CbNewADRLIST(1));
    SPropValue *values = mapi_alloc_array(NULL, 2, sizeof(*values));
    HRESULT hr = list && values ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr)) {
        values[0].ulPropTag = PR_DISPLAY_NAME_W;
        values[1].ulPropTag = PR_RECIPIENT_TYPE;
        values[1].Value.l = MAPI_TO;
        hr = text_utf8_to_utf16(values, name, &values[0].Value.lpszW);
    }
    if (FAILED(hr)) {
        mapi_free(values);
        mapi_free(list);
        return hr;
    }
    list->cEntries = 1;
    list->aEntries[0] = (ADRENTRY){.cValues = 2, .rgPropVals = values};
    *ret_list = list;
    return S_OK;
}

/* MAPI_E_UNKNOWN_RECIPIENT: there is no book, or the name is not in it. */
static ULONG ask_book(IMAPISession *session, void *root, const char *name,
                      struct recipient *ret_recipient)
{
    ULONG result = MAPI_E_UNKNOWN_RECIPIENT;
    ADRLIST *list;
    IAddrBook *book;
    HRESULT hr;

    if (FAILED(open_book(session, &book)))
        return result;
    hr = list_of_name(name, &list);
    if (SUCCEEDED(hr)) {
        hr = IAddrBook_ResolveName(book, 0, MAPI_UNICODE, NULL, list);
        if (SUCCEEDED(hr))
            result = recipient_of_row(root, list->aEntries[0].rgPropVals, list->aEntries[0].cValues,
                                      ret_recipient);
        else if (hr != MAPI_E_NOT_FOUND)
            result = simple_result(hr);
        FreePadrlist(list);
    } else {
        result = simple_result(hr);
    }
    IAddrBook_Release(book);
    return result;
}

ULONG recipient_of_name(IMAPISession *session, void *root, const char *name,
                        struct recipient *ret_recipient)
{
    ULONG result = ask_book(session, root, name, ret_recipient);

    return result == MAPI_E_UNKNOWN_RECIPIENT ? one_off_of_name(root, name, ret_recipient) : result;
}

/* What the book's object of an entry id says of itself. */
static ULONG ask_entry(IMAPISession *session, void *root, const SBinary *id,
                       struct recipient *ret_recipient)
{
    static const SizedSPropTagArray(4, tags) = {
        4, {PR_DISPLAY_NAME_W, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W, PR_ENTRYID}};
    ULONG result = MAPI_E_INVALID_RECIPS, type, count;
    SPropValue *values = NULL;
    IMAPIProp *entry;
    IAddrBook *book;

    if (FAILED(open_book(session, &book)))
        return result;
    if (SUCCEEDED(IAddrBook_OpenEntry(book, id->cb, (ENTRYID *)id->lpb, NULL, 0, &type,
                                      (IUnknown **)&entry))) {
        if (SUCCEEDED(IMAPIProp_GetProps(entry, (SPropTagArray *)&tags, 0, &count, &values)))
            result = recipient_of_row(root, values, count, ret_recipient);
        MAPIFreeBuffer(values);
        IMAPIProp_Release(entry);
    }
    IAddrBook_Release(book);
    return result;
}

ULONG recipient_of_id(IMAPISession *session, void *root, const SBinary *id,
                      struct recipient *ret_recipient)
{
    struct oneoff oneoff;
    HRESULT hr = oneoff_parse(root, id->cb, (const ENTRYID *)id->lpb, &oneoff);

    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return simple_result(hr);
    if (hr == MAPI_E_INVALID_ENTRYID)
        return MAPI_E_INVALID_RECIPS;
    if (FAILED(hr))
        return ask_entry(session, root, id, ret_recipient);
    *ret_recipient = (struct recipient){
        .name = oneoff.name[0] ? oneoff.name : oneoff.address,
        .type = oneoff.type,
        .address = oneoff.address,
        .id = {.cb = id->cb, .lpb = mapi_memdup(root, id->lpb, id->cb)},
    };
    return ret_recipient->id.lpb ? SUCCESS_SUCCESS : MAPI_E_INSUFFICIENT_MEMORY;
}

/* --- For the caller --------------------------------------------------------------------------- */

ULONG recipient_describe(void *root, ULONG class, const struct recipient *recipient,
                         MapiRecipDesc *ret_description)
{
    char *address;
    HRESULT hr;

    *ret_description = (MapiRecipDesc){
        .ulRecipClass = class, .ulEIDSize = recipient->id.cb, .lpEntryID = recipient->id.lpb};
    hr = text_utf8_to_8bit(root, recipient->name, &ret_description->lpszName);
    if (FAILED(hr) || !recipient->address[0])
        return simple_result(hr);
    if (asprintf(&address, "%s:%s", recipient->type, recipient->address) < 0)
        return MAPI_E_INSUFFICIENT_MEMORY;
    hr = text_utf8_to_8bit(root, address, &ret_description->lpszAddress);
    free(address);
    return simple_result(hr);
}
