/* tests/conformance/store_search_rig.h - search folders for the tests of them */
#ifndef TESTS_STORE_SEARCH_RIG_H
#define TESTS_STORE_SEARCH_RIG_H

#include "mapi/mapiextra.h"
#include "tests/conformance/store_rig.h"

/* A folder of the store, by its property (PR_FINDER_ENTRYID), to be written. */
IMAPIFolder *special_folder(ULONG tag);

/* A search folder with a sink on it that hears fnevSearchComplete. */
struct search {
    IMAPIFolder *folder;
    SPropValue *id;
    struct test_sink *sink;
    ULONG_PTR connection;
};
struct search new_search(const char *name);
/* The one of that name once more, after a restart. */
struct search open_search(const char *name);
void close_search(struct search *search);

/* Restrictions that last as long as a test; texts are UTF-8. */
SRestriction *has_words(ULONG tag, const char *words); /* a substring, in any case */
SRestriction *is_unread(void);
SRestriction *within(ULONG sub_object, SRestriction *inner);
SRestriction *both(SRestriction *one, SRestriction *other);

/* SetSearchCriteria over one folder (NULL: no list). */
HRESULT set_criteria(const struct search *search, SRestriction *restriction, IMAPIFolder *where,
                     ULONG flags);
/* The same, and waits for fnevSearchComplete. */
void search_for(const struct search *search, SRestriction *restriction, IMAPIFolder *where,
                ULONG flags);
/* Waits for one that comes after what has been heard by now was forgotten. */
void await_complete(const struct search *search);
ULONG search_state(const struct search *search);

/* What the search folder shows now. */
bool shows(const struct search *search, const char *subject);
ULONG shows_count(const struct search *search);
/* Waits until it does (not). */
void await_shown(const struct search *search, const char *subject, bool there);

#endif
