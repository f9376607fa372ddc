/* session/address_settings.c - personal address book, default directory, search path
 *
 * Kept in a section of the profile under the MAPIUID that Windows' address book uses for the same,
 * so that a program which edits them there finds them. A setting is looked up against the
 * containers that there are each time it is asked for. Behaviour: ABK-014 to ABK-022, STA-099. */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "session/address_book.h"
#include "session/open_entry.h"

static const MAPIUID section_uid = {{0x92, 0x07, 0xF3, 0xE0, 0xA3, 0xB1, 0x10, 0x19, 0x90, 0x8B,
                                     0x08, 0x00, 0x2B, 0x2A, 0x56, 0xC2}};

/* --- The section ------------------------------------------------------------------------------ */

/* The setting, to free(); NULL: it is not set. */
static WAITS HRESULT read_setting(struct session *session, ULONG tag, SPropValue **ret_value)
{
    SPropValue *values = NULL;
    size_t count = 0;
    HRESULT hr =
        session_profile_get_props(session->profile, &section_uid, &tag, 1, NULL, &values, &count);

    *ret_value = NULL;
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    if (FAILED(hr))
        return hr;
    if (count == 1 && values[0].ulPropTag == tag)
        *ret_value = values;
    else
        free(values);
    return S_OK;
}

/* value NULL: the setting goes. */
static WAITS HRESULT write_setting(struct session *session, ULONG tag, SPropValue *value)
{
    SizedSPropTagArray(1, tags) = {1, {tag}};
    SPropProblemArray *problems = NULL;
    struct error_info error = {0};
    IProfSect *section;
    HRESULT hr = session_profile_open_section(session->profile, NULL, &section_uid,
                                              MAPI_MODIFY | MAPI_FORCE_ACCESS, SECTION_OF_PROVIDER,
                                              &error, &section);

    if (FAILED(hr))
        return hr;
    hr = value ? IProfSect_SetProps(section, 1, value, &problems)
               : IProfSect_DeleteProps(section, (SPropTagArray *)&tags, &problems);
    if (SUCCEEDED(hr) && value && problems)
        hr = problems->aProblem[0].scode;
    mapi_free(problems);
    IProfSect_Release(section);
    return hr;
}

/* --- Containers ------------------------------------------------------------------------------- */

static const SBinary *id_of(const SRow *row)
{
    return &row->lpProps[CONTAINER_ENTRYID].Value.bin;
}

static ULONG number_of(const SRow *row, int column, ULONG tag)
{
    return row->lpProps[column].ulPropTag == tag ? (ULONG)row->lpProps[column].Value.l : 0;
}

/* The row of that container; NULL: it is not there any more. */
static WAITS const SRow *find_row(struct session *session, const SRowSet *rows, ULONG size,
                                  const BYTE *id)
{
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SBinary *own = id_of(&rows->aRow[i]);
        ULONG same = FALSE;

        if (SUCCEEDED(session_compare_entryids(session, own->cb, (ENTRYID *)own->lpb, size,
                                               (const ENTRYID *)id, 0, &same)) &&
            same)
            return &rows->aRow[i];
    }
    return NULL;
}

/* The row that a PT_BINARY setting names; NULL. */
static WAITS HRESULT find_set(struct session *session, ULONG tag, const SRowSet *rows,
                              const SRow **ret_row)
{
    SPropValue *value;
    HRESULT hr = read_setting(session, tag, &value);

    *ret_row = NULL;
    if (SUCCEEDED(hr) && value)
        *ret_row = find_row(session, rows, value->Value.bin.cb, value->Value.bin.lpb);
    free(value);
    return hr;
}

static const SRow *first_with_flag(const SRowSet *rows, ULONG flag, const SRow *but)
{
    for (ULONG i = 0; i < rows->cRows; i++)
        if (number_of(&rows->aRow[i], CONTAINER_FLAGS, PR_CONTAINER_FLAGS) & flag &&
            &rows->aRow[i] != but)
            return &rows->aRow[i];
    return NULL;
}

static WAITS HRESULT find_pab(struct session *session, const SRowSet *rows, const SRow **ret_row)
{
    HRESULT hr = find_set(session, PR_AB_DEFAULT_PAB, rows, ret_row);

    if (SUCCEEDED(hr) && !*ret_row)
        *ret_row = first_with_flag(rows, AB_MODIFIABLE, NULL);
    return hr;
}

static WAITS HRESULT find_default_dir(struct session *session, const SRowSet *rows,
                                      const SRow **ret_row)
{
    const SRow *pab;
    HRESULT hr = find_set(session, PR_AB_DEFAULT_DIR, rows, ret_row);

    if (FAILED(hr) || *ret_row)
        return hr;
    hr = find_pab(session, rows, &pab);
    if (FAILED(hr))
        return hr;
    *ret_row = first_with_flag(rows, AB_RECIPIENTS, pab);
    if (!*ret_row)
        *ret_row = pab;
    return S_OK;
}

/* --- One container ---------------------------------------------------------------------------- */

typedef WAITS HRESULT find_fn(struct session *session, const SRowSet *rows, const SRow **ret_row);

static WAITS HRESULT get_container(struct session *session, find_fn *find, ULONG *ret_size,
                                   ENTRYID **ret_id)
{
    const SRow *row = NULL;
    ENTRYID *id = NULL;
    ULONG size = 0;
    SRowSet *rows;
    HRESULT hr = address_containers(session, true, &rows);

    if (FAILED(hr))
        return hr;
    hr = find(session, rows, &row);
    if (SUCCEEDED(hr) && row) {
        size = id_of(row)->cb;
        id = mapi_memdup(NULL, id_of(row)->lpb, size);
        hr = id ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    FreeProws(rows);
    if (FAILED(hr))
        return hr;
    *ret_size = size;
    *ret_id = id;
    return S_OK;
}

static WAITS HRESULT set_container(struct session *session, ULONG tag, ULONG size,
                                   const ENTRYID *id)
{
    SPropValue value = propval_binary(tag, id, size);
    const SRow *row;
    SRowSet *rows;
    HRESULT hr;

    if (!id || !size)
        return MAPI_E_INVALID_PARAMETER; /* ABK-015 */
    hr = address_containers(session, true, &rows);
    if (FAILED(hr))
        return hr;
    row = find_row(session, rows, size, (const BYTE *)id);
    if (row && tag == PR_AB_DEFAULT_PAB &&
        !(number_of(row, CONTAINER_FLAGS, PR_CONTAINER_FLAGS) & AB_MODIFIABLE))
        hr = MAPI_E_NO_ACCESS;
    else
        hr = row ? write_setting(session, tag, &value) : MAPI_E_UNKNOWN_ENTRYID;
    FreeProws(rows);
    return hr;
}

HRESULT address_get_pab(struct session *session, ULONG *ret_size, ENTRYID **ret_id)
{
    return get_container(session, find_pab, ret_size, ret_id);
}

HRESULT address_set_pab(struct session *session, ULONG size, const ENTRYID *id)
{
    return set_container(session, PR_AB_DEFAULT_PAB, size, id);
}

HRESULT address_get_default_dir(struct session *session, ULONG *ret_size, ENTRYID **ret_id)
{
    return get_container(session, find_default_dir, ret_size, ret_id);
}

HRESULT address_set_default_dir(struct session *session, ULONG size, const ENTRYID *id)
{
    return set_container(session, PR_AB_DEFAULT_DIR, size, id);
}

/* --- The search path -------------------------------------------------------------------------- */

/* A path under way: rows of the containers' row set, each once. */
struct path {
    const SRow **rows;
    size_t count;
};

static void add_to_path(struct path *path, const SRow *row)
{
    for (size_t i = 0; i < path->count; i++)
        if (path->rows[i] == row)
            return;
    path->rows[path->count++] = row;
}

/* What was set and is still there (ABK-019). */
static WAITS HRESULT take_stored(struct session *session, const SRowSet *rows, struct path *path)
{
    SPropValue *value;
    HRESULT hr = read_setting(session, PR_AB_SEARCH_PATH, &value);

    if (FAILED(hr) || !value)
        return hr;
    for (ULONG i = 0; i < value->Value.MVbin.cValues; i++) {
        const SBinary *id = &value->Value.MVbin.lpbin[i];
        const SRow *row = find_row(session, rows, id->cb, id->lpb);

        if (row)
            add_to_path(path, row);
    }
    free(value);
    return S_OK;
}

/* ABK-018 */
static WAITS HRESULT take_default(struct session *session, const SRowSet *rows, struct path *path)
{
    const SRow *row = first_with_flag(rows, AB_MODIFIABLE, NULL);
    HRESULT hr = S_OK;

    if (row)
        add_to_path(path, row);
    for (ULONG i = 0; i < rows->cRows; i++)
        if (number_of(&rows->aRow[i], CONTAINER_DISPLAY_TYPE, PR_DISPLAY_TYPE) == DT_GLOBAL)
            add_to_path(path, &rows->aRow[i]);
    if (path->count > 0)
        return S_OK;
    hr = find_default_dir(session, rows, &row);
    if (SUCCEEDED(hr) && row)
        add_to_path(path, row);
    return hr;
}

static HRESULT copy_row(const SRow *row, ULONG flags, SRow *ret_row)
{
    SPropValue *values;
    HRESULT hr = propval_dup(row->lpProps, row->cValues, &values);

    if (SUCCEEDED(hr) && !(flags & MAPI_UNICODE)) {
        hr = propval_set_width(values, &values[CONTAINER_NAME], PT_STRING8);
        if (FAILED(hr))
            mapi_free(values);
    }
    if (SUCCEEDED(hr))
        *ret_row = (SRow){.cValues = row->cValues, .lpProps = values};
    return hr;
}

static HRESULT copy_path(const struct path *path, ULONG flags, SRowSet **ret_path)
{
    SRowSet *set = mapi_alloc(NULL, CbNewSRowSet(path->count + 1));
    HRESULT hr = set ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    for (size_t i = 0; i < path->count && SUCCEEDED(hr); i++) {
        hr = copy_row(path->rows[i], flags, &set->aRow[i]);
        if (SUCCEEDED(hr))
            set->cRows++;
    }
    if (SUCCEEDED(hr))
        *ret_path = set;
    else
        FreeProws(set);
    return hr;
}

HRESULT address_get_search_path(struct session *session, ULONG flags, SRowSet **ret_path)
{
    struct path path = {0};
    SRowSet *rows;
    HRESULT hr = address_containers(session, true, &rows);

    if (FAILED(hr))
        return hr;
    path.rows = calloc((size_t)rows->cRows + 1, sizeof(*path.rows));
    hr = path.rows ? take_stored(session, rows, &path) : MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr) && path.count == 0)
        hr = take_default(session, rows, &path);
    if (SUCCEEDED(hr))
        hr = copy_path(&path, flags, ret_path);
    free(path.rows);
    FreeProws(rows);
    return hr;
}

HRESULT address_set_search_path(struct session *session, const SRowSet *path)
{
    SPropValue value = {.ulPropTag = PR_AB_SEARCH_PATH};
    SBinary *ids;
    HRESULT hr;

    for (ULONG i = 0; i < path->cRows; i++) {
        const SRow *row = &path->aRow[i];

        if (row->cValues == 0 || row->lpProps[0].ulPropTag != PR_ENTRYID)
            return MAPI_E_MISSING_REQUIRED_COLUMN; /* ABK-021 */
        if (propval_is_bad(&row->lpProps[0]))
            return MAPI_E_INVALID_PARAMETER;
    }
    if (path->cRows == 0) /* back to the default */
        return write_setting(session, PR_AB_SEARCH_PATH, NULL);
    ids = malloc(path->cRows * sizeof(*ids));
    if (!ids)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; i < path->cRows; i++)
        ids[i] = path->aRow[i].lpProps[0].Value.bin;
    value.Value.MVbin.cValues = path->cRows;
    value.Value.MVbin.lpbin = ids;
    hr = write_setting(session, PR_AB_SEARCH_PATH, &value);
    free(ids);
    return hr;
}

/* --- Validation ------------------------------------------------------------------------------- */

static WAITS HRESULT check_ids(struct session *session, const SRowSet *rows, const SBinary *ids,
                               ULONG count, const char *what, struct error_info *error)
{
    for (ULONG i = 0; i < count; i++)
        if (!find_row(session, rows, ids[i].cb, ids[i].lpb))
            return error_set(error, MAPI_E_NOT_FOUND, "address book",
                             "the %s names a container that is not there", what);
    return S_OK;
}

static WAITS HRESULT check_setting(struct session *session, const SRowSet *rows, ULONG tag,
                                   const char *what, struct error_info *error)
{
    SPropValue *value;
    HRESULT hr = read_setting(session, tag, &value);

    if (FAILED(hr) || !value)
        return hr;
    if (PROP_TYPE(tag) == PT_MV_BINARY)
        hr = check_ids(session, rows, value->Value.MVbin.lpbin, value->Value.MVbin.cValues, what,
                       error);
    else
        hr = check_ids(session, rows, &value->Value.bin, 1, what, error);
    free(value);
    return hr;
}

HRESULT address_settings_check(struct session *session, struct error_info *error)
{
    SRowSet *rows;
    bool partial;
    HRESULT hr;

    session_begin_address_books(session, 0, error, &partial);
    hr = address_containers(session, true, &rows);
    if (FAILED(hr))
        return hr;
    hr = check_setting(session, rows, PR_AB_DEFAULT_PAB, "personal address book", error);
    if (SUCCEEDED(hr))
        hr = check_setting(session, rows, PR_AB_DEFAULT_DIR, "default directory", error);
    if (SUCCEEDED(hr))
        hr = check_setting(session, rows, PR_AB_SEARCH_PATH, "search path", error);
    FreeProws(rows);
    return hr;
}
