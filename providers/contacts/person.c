/* providers/contacts/person.c - how MAPI sees a person */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/anr.h"
#include "mapi/mapitags.h"
#include "mapi/oneoff.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "providers/contacts/book.h"
#include "providers/contacts/people.h"

static HRESULT add_text(void *root, SPropValue *values, ULONG *count, ULONG tag, const char *text)
{
    HRESULT hr;

    if (!text)
        return S_OK;
    values[*count].ulPropTag = tag;
    hr = text_utf8_to_utf16(root, text, &values[*count].Value.lpszW);
    if (SUCCEEDED(hr))
        ++*count;
    return hr;
}

static HRESULT add_ids(const struct book *book, enum shelf shelf, const struct person *person,
                       void *root, SPropValue *values, ULONG *count)
{
    const struct contacts_ref ref = {.kind = CONTACTS_PERSON, .shelf = shelf, .key = person->key};
    BYTE *id = mapi_alloc(root, CONTACTS_ID_MAX);
    ULONG size;

    if (!id)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    size = contacts_entryid(book_uid(book), &ref, id);
    values[(*count)++] = propval_binary(PR_ENTRYID, id, size);
    values[(*count)++] = propval_binary(PR_RECORD_KEY, id, size);
    values[(*count)++] = propval_binary(PR_INSTANCE_KEY, id, size);
    values[*count].ulPropTag = PR_SEARCH_KEY;
    return oneoff_search_key(root, person->type, person->address, &values[(*count)++].Value.bin);
}

HRESULT person_values(const struct book *book, enum shelf shelf, const struct person *person,
                      void *root, SPropValue ret_values[PERSON_VALUES], ULONG *ret_count)
{
    bool is_smtp = strcasecmp(person->type, "SMTP") == 0;
    const struct {
        ULONG tag;
        const char *text;
    } texts[] = {
        {PR_DISPLAY_NAME_W, person->name},
        {PR_TRANSMITABLE_DISPLAY_NAME_W, person->name},
        {PR_ADDRTYPE_W, person->type},
        {PR_EMAIL_ADDRESS_W, person->address},
        {PR_SMTP_ADDRESS_W, is_smtp ? person->address : NULL},
        {PR_GIVEN_NAME_W, person->given},
        {PR_SURNAME_W, person->surname},
        {PR_COMPANY_NAME_W, person->company},
        {PR_TITLE_W, person->title},
        {PR_NICKNAME_W, person->nickname},
    };
    ULONG count = 0;
    HRESULT hr = add_ids(book, shelf, person, root, ret_values, &count);

    ret_values[count++] = propval_long(PR_OBJECT_TYPE, MAPI_MAILUSER);
    ret_values[count++] = propval_long(PR_DISPLAY_TYPE, DT_MAILUSER);
    ret_values[count++] = propval_bool(PR_SEND_RICH_INFO, !is_smtp);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && SUCCEEDED(hr); i++)
        hr = add_text(root, ret_values, &count, texts[i].tag, texts[i].text);
    *ret_count = count;
    return hr;
}

static const char *or_nothing(const char *text)
{
    return text ? text : "";
}

WCHAR *person_words(const struct person *person, struct arena *arena)
{
    WCHAR *wide;
    char *words;
    int length =
        asprintf(&words, "%s %s %s %s %s", person->name, person->address, or_nothing(person->given),
                 or_nothing(person->surname), or_nothing(person->nickname));

    if (length < 0)
        return NULL;
    wide = arena_utf16(arena, words, (size_t)length);
    free(words);
    return wide;
}

bool person_matches(const struct person *person, const WCHAR *name, struct arena *scratch)
{
    const WCHAR *words;

    arena_reset(scratch);
    words = person_words(person, scratch);
    return words && anr_matches(words, name);
}

static bool is_text(const char *text, const WCHAR *name, struct arena *scratch)
{
    const WCHAR *wide = arena_utf16(scratch, text, strlen(text));

    return wide && text_compare(wide, name, FL_IGNORECASE) == 0;
}

bool person_is(const struct person *person, const WCHAR *name, struct arena *scratch)
{
    arena_reset(scratch);
    return is_text(person->name, name, scratch) || is_text(person->address, name, scratch);
}
