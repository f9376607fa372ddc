/* session/address_resolve.c - ResolveName without a dialog
 *
 * Addresses by themselves become one-offs, then the containers of the search path are asked one
 * after another until no name is left. Behaviour: ABK-023 to ABK-033. */
#include <stdlib.h>
#include <string.h>

#include "mapi/adrlist.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "session/address_book.h"
#include "session/oneoff_entry.h"

/* What a resolved name gets. */
static const SizedSPropTagArray(9, wanted_tags) = {
    9,
    {PR_ENTRYID, PR_DISPLAY_NAME_W, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W, PR_OBJECT_TYPE,
     PR_DISPLAY_TYPE, PR_SEARCH_KEY, PR_SEND_RICH_INFO, PR_TRANSMITABLE_DISPLAY_NAME_W}};

struct resolution {
    struct session *session;
    struct mapi_object *owner; /* of what is opened */
    ULONG flags;               /* MAPI_UNICODE */
    ADRLIST *list;
    FlagList *marks;  /* as the container that is asked sees them */
    ULONG *ambiguous; /* an earlier one did not know which */
};

static ULONG string_type(const struct resolution *resolution)
{
    return resolution->flags & MAPI_UNICODE ? PT_UNICODE : PT_STRING8;
}

/* An entry without properties has no name to look for (ABK-033). */
static bool is_open(const struct resolution *resolution, ULONG at)
{
    return resolution->list->aEntries[at].cValues > 0 &&
           resolution->marks->ulFlag[at] != MAPI_RESOLVED;
}

static bool is_done(const struct resolution *resolution)
{
    for (ULONG i = 0; i < resolution->list->cEntries; i++)
        if (is_open(resolution, i))
            return false;
    return true;
}

/* --- Addresses by themselves ------------------------------------------------------------------ */

/* PR_DISPLAY_NAME in UTF-8, chained to `root`; NULL: none. */
static HRESULT name_of(void *root, const ADRENTRY *entry, char **ret_name)
{
    const SPropValue *name = adrentry_find(entry, PR_DISPLAY_NAME);

    *ret_name = NULL;
    if (name && PROP_TYPE(name->ulPropTag) == PT_UNICODE)
        return text_utf16_to_utf8(root, name->Value.lpszW, ret_name);
    if (name && PROP_TYPE(name->ulPropTag) == PT_STRING8)
        return text_8bit_to_utf8(root, name->Value.lpszA, ret_name);
    return S_OK;
}

static HRESULT put_oneoff(const struct resolution *resolution, void *root, struct oneoff *oneoff,
                          ADRENTRY *entry)
{
    SPropValue values[ONEOFF_VALUES];
    ENTRYID *id;
    ULONG size;
    HRESULT hr;

    oneoff->is_8bit = !(resolution->flags & MAPI_UNICODE);
    hr = oneoff_create(root, oneoff, &size, &id);
    if (SUCCEEDED(hr))
        hr = oneoff_values(root, oneoff, size, id, values);
    return SUCCEEDED(hr) ? adrentry_resolve(entry, (const SPropTagArray *)&wanted_tags, values,
                                            ONEOFF_VALUES, string_type(resolution))
                         : hr;
}

/* ABK-024, ABK-025 */
static HRESULT try_oneoff(struct resolution *resolution, ULONG at)
{
    ADRENTRY *entry = &resolution->list->aEntries[at];
    void *root = mapi_alloc(NULL, 1);
    struct oneoff oneoff;
    char *name = NULL;
    HRESULT hr = root ? name_of(root, entry, &name) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = name ? oneoff_from_text(root, name, &oneoff) : MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr)) {
        hr = put_oneoff(resolution, root, &oneoff, entry);
        if (SUCCEEDED(hr))
            resolution->marks->ulFlag[at] = MAPI_RESOLVED;
    }
    mapi_free(root);
    return hr == MAPI_E_NOT_FOUND ? S_OK : hr;
}

static HRESULT try_oneoffs(struct resolution *resolution)
{
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < resolution->list->cEntries && SUCCEEDED(hr); i++) {
        if (adrentry_find(&resolution->list->aEntries[i], PR_ENTRYID)) /* ABK-023 */
            resolution->marks->ulFlag[i] = MAPI_RESOLVED;
        if (is_open(resolution, i))
            hr = try_oneoff(resolution, i);
    }
    return hr;
}

/* --- A container that cannot resolve (ABK-027) ------------------------------------------------ */

static WAITS HRESULT find_rows(IMAPITable *table, WCHAR *name, SRowSet **ret_rows)
{
    SPropValue value = propval_unicode(PR_ANR_W, name);
    SRestriction restriction = {.rt = RES_PROPERTY};
    HRESULT hr;

    restriction.res.resProperty.relop = RELOP_EQ;
    restriction.res.resProperty.ulPropTag = PR_ANR_W;
    restriction.res.resProperty.lpProp = &value;
    hr = IMAPITable_SetColumns(table, (SPropTagArray *)&wanted_tags, 0);
    if (SUCCEEDED(hr))
        hr = IMAPITable_Restrict(table, &restriction, 0);
    if (SUCCEEDED(hr))
        hr = IMAPITable_QueryRows(table, 2, 0, ret_rows);
    return hr;
}

static WAITS HRESULT search_one(struct resolution *resolution, IMAPITable *table, ULONG at)
{
    ADRENTRY *entry = &resolution->list->aEntries[at];
    SRowSet *rows = NULL;
    WCHAR *wide = NULL;
    char *name;
    void *root = mapi_alloc(NULL, 1);
    HRESULT hr = root ? name_of(root, entry, &name) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr) && name)
        hr = text_utf8_to_utf16(root, name, &wide);
    if (SUCCEEDED(hr) && wide)
        hr = find_rows(table, wide, &rows);
    if (SUCCEEDED(hr) && rows && rows->cRows == 1 &&
        rows->aRow[0].lpProps[0].ulPropTag == PR_ENTRYID) {
        hr = adrentry_resolve(entry, (const SPropTagArray *)&wanted_tags, rows->aRow[0].lpProps,
                              rows->aRow[0].cValues, string_type(resolution));
        if (SUCCEEDED(hr))
            resolution->marks->ulFlag[at] = MAPI_RESOLVED;
    } else if (SUCCEEDED(hr)) {
        resolution->marks->ulFlag[at] = rows && rows->cRows > 1 ? MAPI_AMBIGUOUS : MAPI_UNRESOLVED;
    }
    if (rows)
        FreeProws(rows);
    mapi_free(root);
    return hr;
}

static WAITS HRESULT search(struct resolution *resolution, IABContainer *container)
{
    IMAPITable *table;
    HRESULT hr = IABContainer_GetContentsTable(container, MAPI_UNICODE, &table);

    if (FAILED(hr))
        return hr;
    for (ULONG i = 0; i < resolution->list->cEntries && SUCCEEDED(hr); i++)
        if (is_open(resolution, i))
            hr = search_one(resolution, table, i);
    IMAPITable_Release(table);
    return hr;
}

/* --- The search path -------------------------------------------------------------------------- */

/* The tags in the width that is wanted: a provider takes the width of a tag for a wish. */
static void narrow_tags(SPropTagArray *tags)
{
    for (ULONG i = 0; i < tags->cValues; i++)
        if (PROP_TYPE(tags->aulPropTag[i]) == PT_UNICODE)
            tags->aulPropTag[i] = CHANGE_PROP_TYPE(tags->aulPropTag[i], PT_STRING8);
}

static WAITS HRESULT ask_container(struct resolution *resolution, const SBinary *id)
{
    SizedSPropTagArray(9, tags);
    struct error_info error = {0};
    IABContainer *container;
    HRESULT hr =
        address_entry_open(resolution->session, resolution->owner, id->cb, (ENTRYID *)id->lpb,
                           &IID_IABContainer, 0, &error, NULL, (IUnknown **)&container);

    if (FAILED(hr))
        return hr;
    memcpy(&tags, &wanted_tags, sizeof(tags));
    if (!(resolution->flags & MAPI_UNICODE))
        narrow_tags((SPropTagArray *)&tags);
    hr = IABContainer_ResolveNames(container, (SPropTagArray *)&tags, resolution->flags,
                                   resolution->list, resolution->marks);
    if (hr == MAPI_E_NO_SUPPORT)
        hr = search(resolution, container);
    IABContainer_Release(container);
    return hr;
}

static void remember_ambiguous(struct resolution *resolution)
{
    for (ULONG i = 0; i < resolution->list->cEntries; i++)
        if (resolution->marks->ulFlag[i] == MAPI_AMBIGUOUS)
            resolution->ambiguous[i] = TRUE;
}

/* A container that fails stops no other; without memory it all ends. */
static WAITS HRESULT ask_path(struct resolution *resolution)
{
    SRowSet *path;
    HRESULT hr = address_get_search_path(resolution->session, MAPI_UNICODE, &path);

    if (FAILED(hr))
        return hr;
    for (ULONG i = 0; i < path->cRows && hr != MAPI_E_NOT_ENOUGH_MEMORY && !is_done(resolution);
         i++) { /* ABK-032 */
        hr = ask_container(resolution, &path->aRow[i].lpProps[CONTAINER_ENTRYID].Value.bin);
        remember_ambiguous(resolution);
    }
    FreeProws(path);
    return hr == MAPI_E_NOT_ENOUGH_MEMORY ? hr : S_OK;
}

/* ABK-028 */
static HRESULT outcome(const struct resolution *resolution)
{
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < resolution->list->cEntries; i++) {
        if (!is_open(resolution, i))
            continue;
        if (resolution->ambiguous[i])
            return MAPI_E_AMBIGUOUS_RECIP;
        hr = MAPI_E_NOT_FOUND;
    }
    return hr;
}

HRESULT address_resolve(struct session *session, struct mapi_object *owner, ULONG flags,
                        ADRLIST *list)
{
    struct resolution resolution = {
        .session = session, .owner = owner, .flags = flags, .list = list};
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    resolution.marks = calloc(1, sizeof(FlagList) + list->cEntries * sizeof(ULONG));
    resolution.ambiguous = calloc((size_t)list->cEntries + 1, sizeof(*resolution.ambiguous));
    if (resolution.marks && resolution.ambiguous) {
        resolution.marks->cFlags = list->cEntries;
        hr = try_oneoffs(&resolution);
        if (SUCCEEDED(hr) && !is_done(&resolution))
            hr = ask_path(&resolution);
        if (SUCCEEDED(hr))
            hr = outcome(&resolution);
    }
    free(resolution.marks);
    free(resolution.ambiguous);
    return hr;
}
