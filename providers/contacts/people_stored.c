/* providers/contacts/people_stored.c - the shelves that are in the side store
 *
 * The personal address book is objects of the mailbox (STATE_OBJECT_PERSON) with what SetProps gave
 * them as property rows; addresses used before have a table of their own. */
#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "providers/contacts/book.h"
#include "providers/contacts/people.h"
#include "state/objects.h"
#include "state/props.h"
#include "state/used_addresses.h"

/* --- The personal address book ---------------------------------------------------------------- */

static const ULONG person_tags[] = {
    PR_DISPLAY_NAME_W, PR_ADDRTYPE_W,     PR_EMAIL_ADDRESS_W, PR_GIVEN_NAME_W,
    PR_SURNAME_W,      PR_COMPANY_NAME_W, PR_TITLE_W,         PR_NICKNAME_W,
};
#define PERSON_TAGS (sizeof(person_tags) / sizeof(person_tags[0]))

/* The row as a person; what it points at is in `root`. */
static HRESULT take_person(void *root, const struct state_object_props *row,
                           struct person *ret_person)
{
    const char *texts[PERSON_TAGS] = {0};
    HRESULT hr = S_OK;

    for (size_t i = 0; i < PERSON_TAGS && SUCCEEDED(hr); i++) {
        const SPropValue *value = propval_find(row->values, row->count, person_tags[i]);

        if (value && value->Value.lpszW[0])
            hr = text_utf16_to_utf8(root, value->Value.lpszW, (char **)&texts[i]);
    }
    *ret_person = (struct person){
        .key = person_key_of_number(row->number),
        .name = texts[0] ? texts[0] : texts[2],
        .type = texts[1] ? texts[1] : "SMTP",
        .address = texts[2],
        .given = texts[3],
        .surname = texts[4],
        .company = texts[5],
        .title = texts[6],
        .nickname = texts[7],
    };
    return hr;
}

static HRESULT add_row(struct people *people, const struct state_object_props *row)
{
    void *root = mapi_alloc(NULL, 1);
    struct person person;
    HRESULT hr = root ? take_person(root, row, &person) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr) && person.address)
        hr = people_add(people, &person);
    mapi_free(root);
    return hr;
}

/* Both lists are by number. */
static HRESULT add_objects(struct people *people, const struct state_object *objects, size_t count,
                           const struct state_object_props *rows, size_t row_count)
{
    HRESULT hr = S_OK;
    size_t at = 0;

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        while (at < row_count && rows[at].number < objects[i].number)
            at++;
        if (at < row_count && rows[at].number == objects[i].number)
            hr = add_row(people, &rows[at]);
    }
    return hr;
}

HRESULT people_read_personal(struct book *book, struct error_info *error, struct people *people)
{
    struct state_object_props *rows = NULL;
    struct state_object *objects = NULL;
    size_t count = 0, row_count = 0;
    HRESULT hr = state_objects_list(book_mailbox(book), STATE_NO_FOLDER, STATE_OBJECT_PERSON, error,
                                    &objects, &count);

    if (SUCCEEDED(hr) && count > 0)
        hr = state_props_range(book_mailbox(book), objects[0].number, objects[count - 1].number,
                               person_tags, PERSON_TAGS, error, &rows, &row_count);
    if (SUCCEEDED(hr))
        hr = add_objects(people, objects, count, rows, row_count);
    free(rows);
    free(objects);
    return hr;
}

/* --- Addresses used before -------------------------------------------------------------------- */

HRESULT people_read_used(struct book *book, struct error_info *error, struct people *people)
{
    struct state_used_address *used = NULL;
    size_t count = 0;
    HRESULT hr = state_used_addresses_list(book_mailbox(book), error, &used, &count);

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        const struct person person = {
            .key = person_key_of_number(used[i].number),
            .name = used[i].name ? used[i].name : used[i].address,
            .type = "SMTP",
            .address = used[i].address,
        };

        hr = people_add(people, &person);
    }
    free(used);
    return hr;
}
