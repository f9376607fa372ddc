/* tests/conformance/store_search_rig.c - search folders for the tests of them */
#include "tests/conformance/store_search_rig.h"

#include <stdlib.h>

IMAPIFolder *special_folder(ULONG tag)
{
    SPropValue *id = value_of(mail.store, tag);
    IMAPIFolder *folder = NULL;

    assert_hr(open_entry(id, MAPI_MODIFY, &folder), S_OK);
    MAPIFreeBuffer(id);
    return folder;
}

static struct search listen_on(IMAPIFolder *folder)
{
    struct search search = {.folder = folder, .id = value_of(folder, PR_ENTRYID)};

    search.sink = test_sink_create();
    assert_hr(IMsgStore_Advise(mail.store, search.id->Value.bin.cb,
                               (ENTRYID *)search.id->Value.bin.lpb, fnevSearchComplete,
                               &search.sink->IMAPIAdviseSink_iface, &search.connection),
              S_OK);
    return search;
}

static struct search make(const char *name, ULONG flags)
{
    IMAPIFolder *finder = special_folder(PR_FINDER_ENTRYID), *folder;

    assert_hr(IMAPIFolder_CreateFolder(finder, FOLDER_SEARCH, (LPTSTR)mail_wide(name), NULL, NULL,
                                       MAPI_UNICODE | flags, &folder),
              S_OK);
    IMAPIFolder_Release(finder);
    return listen_on(folder);
}

struct search new_search(const char *name)
{
    return make(name, 0);
}

struct search open_search(const char *name)
{
    return make(name, OPEN_IF_EXISTS);
}

void close_search(struct search *search)
{
    IMsgStore_Unadvise(mail.store, search->connection);
    test_sink_release(search->sink);
    MAPIFreeBuffer(search->id);
    IMAPIFolder_Release(search->folder);
}

/* --- Restrictions ----------------------------------------------------------------------------- */

/* They are kept until the test's process ends. */
static void *lasting(size_t size)
{
    static void *kept[256];
    static size_t count;

    cr_assert(count < 256);
    kept[count] = calloc(1, size);
    cr_assert(kept[count]);
    return kept[count++];
}

SRestriction *has_words(ULONG tag, const char *words)
{
    SRestriction *restriction = lasting(sizeof(*restriction));
    SPropValue *value = lasting(sizeof(*value));
    const WCHAR *wide = mail_wide(words);
    size_t size = 0;

    while (wide[size])
        size++;
    value->ulPropTag = tag;
    value->Value.lpszW = lasting((size + 1) * sizeof(WCHAR));
    memcpy(value->Value.lpszW, wide, size * sizeof(WCHAR));
    restriction->rt = RES_CONTENT;
    restriction->res.resContent.ulFuzzyLevel = FL_SUBSTRING | FL_IGNORECASE;
    restriction->res.resContent.ulPropTag = tag;
    restriction->res.resContent.lpProp = value;
    return restriction;
}

SRestriction *is_unread(void)
{
    SRestriction *restriction = lasting(sizeof(*restriction));

    restriction->rt = RES_BITMASK;
    restriction->res.resBitMask.relBMR = BMR_EQZ;
    restriction->res.resBitMask.ulPropTag = PR_MESSAGE_FLAGS;
    restriction->res.resBitMask.ulMask = MSGFLAG_READ;
    return restriction;
}

SRestriction *within(ULONG sub_object, SRestriction *inner)
{
    SRestriction *restriction = lasting(sizeof(*restriction));

    restriction->rt = RES_SUBRESTRICTION;
    restriction->res.resSub.ulSubObject = sub_object;
    restriction->res.resSub.lpRes = inner;
    return restriction;
}

SRestriction *both(SRestriction *one, SRestriction *other)
{
    SRestriction *restriction = lasting(sizeof(*restriction));
    SRestriction *parts = lasting(2 * sizeof(*parts));

    parts[0] = *one;
    parts[1] = *other;
    restriction->rt = RES_AND;
    restriction->res.resAnd.cRes = 2;
    restriction->res.resAnd.lpRes = parts;
    return restriction;
}

/* --- Searching -------------------------------------------------------------------------------- */

HRESULT set_criteria(const struct search *search, SRestriction *restriction, IMAPIFolder *where,
                     ULONG flags)
{
    SPropValue *id = where ? value_of(where, PR_ENTRYID) : NULL;
    SBinary entry;
    HRESULT hr = IMAPIFolder_SetSearchCriteria(search->folder, restriction,
                                               id ? entry_list(&entry, id) : NULL, flags);

    MAPIFreeBuffer(id);
    return hr;
}

void await_complete(const struct search *search)
{
    mail_await_event(search->sink, fnevSearchComplete, NULL, NULL);
}

void search_for(const struct search *search, SRestriction *restriction, IMAPIFolder *where,
                ULONG flags)
{
    test_sink_forget(search->sink);
    assert_hr(set_criteria(search, restriction, where, flags), S_OK);
    await_complete(search);
}

ULONG search_state(const struct search *search)
{
    ULONG state = 0;

    assert_hr(IMAPIFolder_GetSearchCriteria(search->folder, 0, NULL, NULL, &state), S_OK);
    return state;
}

bool shows(const struct search *search, const char *subject)
{
    SPropValue *id = find_message(search->folder, subject);
    bool there = id != NULL;

    MAPIFreeBuffer(id);
    return there;
}

ULONG shows_count(const struct search *search)
{
    IMAPITable *table = contents_of(search->folder);
    ULONG count = count_of(table);

    IMAPITable_Release(table);
    return count;
}

void await_shown(const struct search *search, const char *subject, bool there)
{
    IMAPITable *table = mail_contents(search->folder);

    mail_await_row(table, subject, there);
    IMAPITable_Release(table);
}
