/* providers/contacts/people.c - the people of a shelf */
#include "providers/contacts/people.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"

static HRESULT copy_text(struct arena *texts, const char **text)
{
    size_t size;
    char *copy;

    if (!*text)
        return S_OK;
    size = strlen(*text) + 1;
    copy = arena_alloc(texts, size);
    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(copy, *text, size);
    *text = copy;
    return S_OK;
}

HRESULT people_add(struct people *people, const struct person *person)
{
    struct person copy = *person;
    const char **const texts[] = {&copy.name,    &copy.type,    &copy.address, &copy.given,
                                  &copy.surname, &copy.company, &copy.title,   &copy.nickname};

    if (people->count == PEOPLE_MAX)
        return S_OK;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (FAILED(copy_text(&people->texts, texts[i])))
            return MAPI_E_NOT_ENOUGH_MEMORY;
    return array_append(&people->list, &people->count, &copy) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

HRESULT people_read(struct book *book, enum shelf shelf, struct error_info *error,
                    struct people *ret_people)
{
    struct people people = {0};
    HRESULT hr = MAPI_E_NO_SUPPORT;

    if (shelf == SHELF_PERSONAL)
        hr = people_read_personal(book, error, &people);
    else if (shelf == SHELF_FILE)
        hr = people_read_file(book, error, &people);
    else if (shelf == SHELF_USED)
        hr = people_read_used(book, error, &people);
    if (FAILED(hr)) {
        people_clear(&people);
        return hr;
    }
    *ret_people = people;
    return S_OK;
}

void people_clear(struct people *people)
{
    free(people->list);
    arena_clear(&people->texts);
    *people = (struct people){0};
}

const struct person *people_find(const struct people *people, const struct person_key *key)
{
    for (size_t i = 0; i < people->count; i++)
        if (memcmp(&people->list[i].key, key, sizeof(*key)) == 0)
            return &people->list[i];
    return NULL;
}

struct person_key person_key_of_number(uint64_t number)
{
    struct person_key key = {0};

    for (size_t i = 0; i < 8; i++)
        key.bytes[i] = (BYTE)(number >> 8 * i);
    return key;
}

uint64_t person_number(const struct person_key *key)
{
    uint64_t number = 0;

    for (size_t i = 8; i-- > 0;)
        number = number << 8 | key->bytes[i];
    return number;
}
