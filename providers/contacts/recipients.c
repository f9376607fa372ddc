/* providers/contacts/recipients.c - entries of address lists and the people they mean */
#include "providers/contacts/recipients.h"

#include "mapi/adrlist.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "providers/contacts/people.h"

/* --- Names ------------------------------------------------------------------------------------ */

/* Who is meant: the one whose name or address it is exactly, else the one it fits. */
static ULONG find_person(const struct people *people, const WCHAR *name,
                         const struct person **ret_person)
{
    const struct person *fits = NULL, *is = NULL;
    size_t fitting = 0, exact = 0;
    struct arena scratch = {0};

    for (size_t i = 0; i < people->count; i++) {
        const struct person *person = &people->list[i];

        if (person_matches(person, name, &scratch) && ++fitting)
            fits = person;
        if (person_is(person, name, &scratch) && ++exact)
            is = person;
    }
    arena_clear(&scratch);
    *ret_person = exact == 1 ? is : fits;
    if (exact == 1 || fitting == 1)
        return MAPI_RESOLVED;
    return exact + fitting > 0 ? MAPI_AMBIGUOUS : MAPI_UNRESOLVED;
}

/* PR_DISPLAY_NAME in UTF-16, a root; NULL with S_OK: there is none. */
static HRESULT name_of(const ADRENTRY *entry, WCHAR **ret_name)
{
    const SPropValue *name = adrentry_find(entry, PR_DISPLAY_NAME);

    *ret_name = NULL;
    if (name && PROP_TYPE(name->ulPropTag) == PT_STRING8)
        return text_8bit_to_utf16(NULL, name->Value.lpszA, ret_name);
    if (!name || PROP_TYPE(name->ulPropTag) != PT_UNICODE)
        return S_OK;
    *ret_name =
        mapi_memdup(NULL, name->Value.lpszW, (utf16_length(name->Value.lpszW) + 1) * sizeof(WCHAR));
    return *ret_name ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT take_person(const struct book *book, enum shelf shelf, const struct person *person,
                           const SPropTagArray *tags, ULONG flags, ADRENTRY *entry)
{
    SPropValue values[PERSON_VALUES];
    void *root = mapi_alloc(NULL, 1);
    ULONG count;
    HRESULT hr =
        root ? person_values(book, shelf, person, root, values, &count) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = adrentry_resolve(entry, tags, values, count,
                              flags & MAPI_UNICODE ? PT_UNICODE : PT_STRING8);
    mapi_free(root);
    return hr;
}

static HRESULT resolve_one(struct book *book, enum shelf shelf, const struct people *people,
                           const SPropTagArray *tags, ULONG flags, ADRENTRY *entry, ULONG *mark)
{
    const struct person *person = NULL;
    WCHAR *name;
    HRESULT hr;

    if (entry->cValues == 0 || *mark == MAPI_RESOLVED) /* ABK-092, ABK-082 */
        return S_OK;
    if (adrentry_find(entry, PR_ENTRYID)) {
        *mark = MAPI_RESOLVED;
        return S_OK;
    }
    hr = name_of(entry, &name);
    if (FAILED(hr))
        return hr;
    *mark = name ? find_person(people, name, &person) : MAPI_UNRESOLVED;
    mapi_free(name);
    if (*mark != MAPI_RESOLVED)
        return S_OK;
    hr = take_person(book, shelf, person, tags, flags, entry);
    if (FAILED(hr))
        *mark = MAPI_UNRESOLVED;
    return hr;
}

HRESULT contacts_resolve(struct book *book, enum shelf shelf, const SPropTagArray *tags,
                         ULONG flags, ADRLIST *list, FlagList *marks, struct error_info *error)
{
    struct people people;
    HRESULT hr = people_read(book, shelf, error, &people);

    if (FAILED(hr))
        return hr;
    for (ULONG i = 0; i < list->cEntries && SUCCEEDED(hr); i++)
        hr = resolve_one(book, shelf, &people, tags, flags, &list->aEntries[i], &marks->ulFlag[i]);
    people_clear(&people);
    return hr;
}

/* --- Recipients ------------------------------------------------------------------------------- */

/* Whether an entry's id names somebody on this shelf of this book. */
static bool is_of(const struct book *book, enum shelf shelf, const ADRENTRY *entry,
                  struct contacts_ref *ret_ref)
{
    const SPropValue *id = adrentry_find(entry, PR_ENTRYID);

    return id && PROP_TYPE(id->ulPropTag) == PT_BINARY &&
           SUCCEEDED(contacts_parse_entryid(book_uid(book), id->Value.bin.cb,
                                            (ENTRYID *)id->Value.bin.lpb, ret_ref)) &&
           ret_ref->kind == CONTACTS_PERSON && ret_ref->shelf == shelf;
}

static HRESULT prepare_one(const struct book *book, enum shelf shelf, const struct person *person,
                           const SPropTagArray *tags, ADRENTRY *entry)
{
    SPropValue values[PERSON_VALUES];
    void *root = mapi_alloc(NULL, 1);
    ULONG count;
    HRESULT hr =
        root ? person_values(book, shelf, person, root, values, &count) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = adrentry_prepare(entry, tags, values, count);
    mapi_free(root);
    return hr;
}

static WAITS HRESULT prepare_shelf(struct book *book, enum shelf shelf, const SPropTagArray *tags,
                                   ADRLIST *list)
{
    struct contacts_ref ref;
    struct people people;
    HRESULT hr = people_read(book, shelf, NULL, &people);

    if (FAILED(hr))
        return hr;
    for (ULONG i = 0; i < list->cEntries && SUCCEEDED(hr); i++) {
        ADRENTRY *entry = &list->aEntries[i];
        const struct person *person =
            is_of(book, shelf, entry, &ref) ? people_find(&people, &ref.key) : NULL;

        if (person)
            hr = prepare_one(book, shelf, person, tags, entry);
    }
    people_clear(&people);
    return hr;
}

static bool has_entry_of(const struct book *book, enum shelf shelf, const ADRLIST *list)
{
    struct contacts_ref ref;

    for (ULONG i = 0; i < list->cEntries; i++)
        if (is_of(book, shelf, &list->aEntries[i], &ref))
            return true;
    return false;
}

HRESULT contacts_prepare(struct book *book, const SPropTagArray *tags, ADRLIST *list)
{
    struct shelf_info info;
    HRESULT hr = S_OK;

    for (enum shelf shelf = SHELF_PERSONAL; shelf < SHELF_END && SUCCEEDED(hr); shelf++)
        if (book_shelf(book, shelf, &info) && has_entry_of(book, shelf, list))
            hr = prepare_shelf(book, shelf, tags, list);
    return hr;
}
