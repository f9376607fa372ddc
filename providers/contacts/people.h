/* providers/contacts/people.h - the people of a shelf, and how MAPI sees one
 *
 * A list of plain records, read at once from where the shelf keeps them; nothing is remembered
 * between two looks, so that a file that was edited and addresses that another process used show at
 * the next. */
#ifndef CONTACTS_PEOPLE_H
#define CONTACTS_PEOPLE_H

#include "mapi/error.h"
#include "mapi/memory.h"
#include "net/engine.h"
#include "providers/contacts/entry_id.h"

struct book;

/* UTF-8; what is not known is NULL, but name, type and address are always there. */
struct person {
    struct person_key key;
    const char *name, *type, *address;
    const char *given, *surname, *company, *title, *nickname;
};

struct people {
    struct person *list;
    size_t count;
    struct arena texts; /* what the persons point at */
};

#define PEOPLE_MAX      200000             /* of one shelf; more are left out */
#define PEOPLE_FILE_MAX (64 * 1024 * 1024) /* bytes of a contacts file */

/* Reads a shelf. On failure there is nothing to clear. MAPI_E_NOT_FOUND, MAPI_E_NO_ACCESS,
 * MAPI_E_TOO_BIG, MAPI_E_DISK_ERROR of the contacts file; what the side store fails with. */
WAITS HRESULT people_read(struct book *book, enum shelf shelf, struct error_info *error,
                          struct people *ret_people);
void people_clear(struct people *people);

/* The one with that key; NULL. */
const struct person *people_find(const struct people *people, const struct person_key *key);

/* --- people_file.c, people_stored.c: the shelves' own readers --- */

WAITS HRESULT people_read_file(struct book *book, struct error_info *error, struct people *people);
WAITS HRESULT people_read_personal(struct book *book, struct error_info *error,
                                   struct people *people);
WAITS HRESULT people_read_used(struct book *book, struct error_info *error, struct people *people);

/* Appends a copy. Nothing happens beyond PEOPLE_MAX. */
HRESULT people_add(struct people *people, const struct person *person);

/* The key of something that has a number. */
struct person_key person_key_of_number(uint64_t number);
uint64_t person_number(const struct person_key *key);

/* --- person.c --- */

/* What a person's object and row have; strings wide, all chained to `root`. */
#define PERSON_VALUES 20
HRESULT person_values(const struct book *book, enum shelf shelf, const struct person *person,
                      void *root, SPropValue ret_values[PERSON_VALUES], ULONG *ret_count);

/* All words that the person is found by, PR_ANR_W of its row (ABK-095). NULL: no memory. */
WCHAR *person_words(const struct person *person, struct arena *arena);

/* Whether a name that somebody typed means the person (as mapi/anr.h), or is exactly the name or
 * the address. `scratch` is the caller's, reset by each. Without memory: false. */
bool person_matches(const struct person *person, const WCHAR *name, struct arena *scratch);
bool person_is(const struct person *person, const WCHAR *name, struct arena *scratch);

#endif
