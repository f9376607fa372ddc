/* providers/imap/folder.c - folders of a store: IMAPIFolder
 *
 * Behaviour: STO, "Folders". Its messages are in folder_messages.c, its folders in
 * folder_children.c, what only search folders have in search_folder.c. */
#include "providers/imap/folder_private.h"

#include <stdlib.h>

#include "mapi/edkguid.h"
#include "mapi/edkmdb.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "providers/account/kept.h"
#include "providers/account/rights.h"
#include "providers/account/search.h"
#include "providers/imap/associated.h"
#include "providers/imap/contents.h"
#include "providers/imap/entry.h"
#include "providers/imap/folder_columns.h"
#include "providers/imap/hierarchy.h"
#include "providers/imap/kept.h"
#include "providers/imap/modify_table.h"
#include "providers/imap/names.h"
#include "providers/imap/search_contents.h"
#include "providers/imap/store.h"

HRESULT folder_run(struct imap_folder *folder, engine_fn *fn, struct folder_call *call)
{
    call->folder = folder->number;
    call->search = folder->search;
    return imap_link_run(folder->link, &folder->object, fn, &call->base);
}

/* --- Tables and entries ----------------------------------------------------------------------- */

static HRESULT folder_GetContentsTable(struct imap_folder *folder, ULONG flags,
                                       LPMAPITABLE *ret_table)
{
    struct error_info error = {0};
    HRESULT hr;

    if (flags & ~(ULONG)(MAPI_UNICODE | MAPI_DEFERRED_ERRORS | MAPI_ASSOCIATED | SHOW_SOFT_DELETES))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    if (flags & SHOW_SOFT_DELETES)
        return MAPI_E_NO_SUPPORT;
    if (flags & MAPI_ASSOCIATED)
        return associated_table_open(folder->link, &folder->object, folder->number, flags,
                                     ret_table);
    if (folder->search)
        hr = search_contents_open(folder->link, &folder->object, folder->number, flags, &error,
                                  ret_table);
    else
        hr = contents_open(folder->link, &folder->object, folder->number, flags, &error, ret_table);
    return FAILED(hr) && error.hr == hr ? mapi_object_fail(&folder->object, &error) : hr;
}

static HRESULT folder_GetHierarchyTable(struct imap_folder *folder, ULONG flags,
                                        LPMAPITABLE *ret_table)
{
    if (flags &
        ~(ULONG)(MAPI_UNICODE | MAPI_DEFERRED_ERRORS | CONVENIENT_DEPTH | SHOW_SOFT_DELETES))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    if (flags & SHOW_SOFT_DELETES)
        return MAPI_E_NO_SUPPORT;
    return hierarchy_open(folder->link, &folder->object, folder->number, flags, ret_table);
}

static HRESULT folder_OpenEntry(struct imap_folder *folder, ULONG size, LPENTRYID id, LPCIID iid,
                                ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_unknown)
{
    if (!folder->writable && flags & MAPI_MODIFY)
        return MAPI_E_NO_ACCESS;
    return entry_open(folder->link, &folder->object, size, id, iid, flags, ret_type, ret_unknown);
}

/* @thunks IMAPIFolder imap_folder folder props=props none=SaveContentsSort */
#include "providers/imap/folder_thunks.inc"

/* Whose logon the other folder is of: the same store may be open a second time, for reading. */
static const struct imap_link *link_of(struct imap_folder *folder, LPVOID other)
{
    IMAPIFolder *iface = other;

    return iface->lpVtbl == &folder_vtbl ? folder_from_IMAPIFolder(iface)->link : folder->link;
}

bool folder_own(struct imap_folder *folder, LPVOID other, uint64_t *ret_number, bool *ret_readonly)
{
    const SizedSPropTagArray(1, tags) = {1, {PR_ENTRYID}};
    SPropValue *value = NULL;
    struct entry_ref ref;
    ULONG count;
    bool own;

    own = SUCCEEDED(
              IMAPIProp_GetProps((IMAPIProp *)other, (SPropTagArray *)&tags, 0, &count, &value)) &&
          value->ulPropTag == PR_ENTRYID &&
          SUCCEEDED(ids_parse_entryid(imap_link_guids(folder->link), value->Value.bin.cb,
                                      (ENTRYID *)value->Value.bin.lpb, &ref)) &&
          ref.kind == ENTRY_FOLDER;
    if (own) {
        *ret_number = ref.folder;
        *ret_readonly = imap_link_is_readonly(link_of(folder, other));
    }
    mapi_free(value);
    return own;
}

/* --- Properties ------------------------------------------------------------------------------- */

static bool is_rows_own(ULONG tag)
{
    return tag == PR_DEPTH || tag == PR_INSTANCE_KEY || tag == PR_ROW_TYPE;
}

static bool is_kept_column(ULONG tag)
{
    for (size_t i = 0; i < kept_column_count; i++)
        if (PROP_ID(kept_columns[i]) == PROP_ID(tag))
            return true;
    return false;
}

/* Looked up at each read: counts and names change under us. Memory only. */
static HRESULT load_computed(struct imap_folder *folder)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(folder->link));
    struct folder_view view = {
        .guids = imap_link_guids(folder->link),
        .tree = tree,
        .folder = folder_tree_find(tree, folder->number),
        .rights = account_rights_now(imap_link_account(folder->link), folder->number),
        .readonly = !folder->writable,
        .kept = account_kept_values(imap_link_account(folder->link))};
    struct arena scratch = {0};
    HRESULT hr = view.folder ? S_OK : MAPI_E_OBJECT_DELETED;

    for (size_t i = 0; i < folder_column_count && SUCCEEDED(hr); i++) {
        SPropValue value;

        if (is_rows_own(folder_column_tags[i]) || is_kept_column(folder_column_tags[i]))
            continue;
        hr = folder_column(&view, folder_column_tags[i], &scratch, &value);
        if (SUCCEEDED(hr))
            hr = prop_load_value(&folder->props, &value, PROP_READONLY);
        else if (hr == MAPI_E_NOT_FOUND)
            hr = S_OK;
    }
    if (SUCCEEDED(hr))
        hr = store_load_shared(&folder->props, folder->link);
    arena_clear(&scratch);
    kept_values_unref(view.kept);
    folder_tree_unref(tree);
    return hr;
}

/* The tables are listed, and opened by OpenProperty alone (STO-103, STO-104, STO-121). */
static HRESULT load_tables(struct imap_folder *folder)
{
    static const ULONG tags[] = {PR_CONTAINER_CONTENTS, PR_CONTAINER_HIERARCHY,
                                 PR_FOLDER_ASSOCIATED_CONTENTS, PR_RULES_TABLE, PR_ACL_TABLE};
    HRESULT hr = S_OK;

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]) && SUCCEEDED(hr); i++)
        hr = prop_load_value(&folder->props, &(SPropValue){.ulPropTag = tags[i]}, PROP_OBJECT);
    return hr;
}

/* What a folder has until a program sets it. */
static HRESULT load_defaults(struct imap_folder *folder)
{
    static WCHAR mail[] = u"IPF.Note";
    SPropValue value = {.ulPropTag = PR_CONTAINER_CLASS_W, .Value.lpszW = mail}, *own;
    HRESULT hr = prop_dup_value(&folder->props, PR_CONTAINER_CLASS_W, &own);

    if (SUCCEEDED(hr))
        mapi_free(own);
    else if (hr == MAPI_E_NOT_FOUND && folder->number != ROLE_ROOT &&
             folder->number != ROLE_IPM_SUBTREE)
        return prop_load_value(&folder->props, &value, 0);
    return hr == MAPI_E_NOT_FOUND ? S_OK : hr;
}

struct rights_call {
    struct link_call base;
    uint64_t folder;
};

static HRESULT rights_on_engine(void *arg)
{
    struct rights_call *call = arg;

    account_rights_ask(call->base.account, call->folder);
    return S_OK;
}

/* What may be done is worked out when somebody asks (STO-337). */
static HRESULT ask_rights(struct imap_folder *folder)
{
    struct rights_call call = {.folder = folder->number};

    return imap_link_run(folder->link, &folder->object, rights_on_engine, &call.base);
}

static bool tells_access(const SPropTagArray *tags)
{
    for (ULONG i = 0; tags && i < tags->cValues; i++)
        if (tags->aulPropTag[i] == PR_ACCESS || tags->aulPropTag[i] == PR_RIGHTS)
            return true;
    return !tags;
}

static HRESULT load(struct mapi_prop *prop, const SPropTagArray *tags)
{
    struct imap_folder *folder = container_of(prop, struct imap_folder, props);
    HRESULT hr = tells_access(tags) ? ask_rights(folder) : S_OK;

    if (SUCCEEDED(hr))
        hr = load_computed(folder);
    if (SUCCEEDED(hr))
        hr = load_tables(folder);
    if (SUCCEEDED(hr))
        hr = kept_load(prop, folder->link, folder->number, tags);
    return SUCCEEDED(hr) ? load_defaults(folder) : hr;
}

/* OpenProperty of the three tables, as GetContentsTable and GetHierarchyTable give them, and of
 * those that are changed through IExchangeModifyTable. */
static HRESULT open_table(struct mapi_prop *prop, ULONG tag, const IID *iid, ULONG options,
                          ULONG flags, IUnknown **ret_unknown)
{
    struct imap_folder *folder = container_of(prop, struct imap_folder, props);

    (void)flags;
    if (guid_equal(iid, &IID_IExchangeModifyTable))
        return modify_table_open(folder->link, &folder->object, folder->number, tag,
                                 folder->writable, (IExchangeModifyTable **)ret_unknown);
    if (PROP_ID(tag) != PROP_ID(PR_CONTAINER_CONTENTS) &&
        PROP_ID(tag) != PROP_ID(PR_CONTAINER_HIERARCHY) &&
        PROP_ID(tag) != PROP_ID(PR_FOLDER_ASSOCIATED_CONTENTS))
        return MAPI_E_NO_SUPPORT;
    if (!guid_equal(iid, &IID_IMAPITable))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (PROP_ID(tag) == PROP_ID(PR_CONTAINER_HIERARCHY))
        return folder_GetHierarchyTable(folder, options, (LPMAPITABLE *)ret_unknown);
    if (PROP_ID(tag) == PROP_ID(PR_FOLDER_ASSOCIATED_CONTENTS))
        options |= MAPI_ASSOCIATED;
    return folder_GetContentsTable(folder, options, (LPMAPITABLE *)ret_unknown);
}

struct rename_call {
    struct link_call base;
    uint64_t folder;
    const char *name;
};

static HRESULT rename_on_engine(void *arg)
{
    struct rename_call *call = arg;
    const struct folder_tree *tree = account_folder_tree(call->base.account);
    const struct folder *folder = folder_tree_find(tree, call->folder);
    uint64_t parent = folder ? folder->parent : 0;

    folder_tree_unref(tree);
    if (!parent)
        return MAPI_E_OBJECT_DELETED;
    return account_folder_move(call->base.account, call->folder, parent, call->name,
                               &call->base.error);
}

static HRESULT rename_folder(struct imap_folder *folder, ULONG tag, const SPropValue *value)
{
    struct rename_call call = {.folder = folder->number};
    char *name;
    HRESULT hr;

    if (PROP_TYPE(tag) != PT_UNICODE && PROP_TYPE(tag) != PT_STRING8)
        return MAPI_E_INVALID_TYPE;
    hr = text_from_argument(NULL, value->Value.lpszW,
                            PROP_TYPE(tag) == PT_UNICODE ? MAPI_UNICODE : 0, &name);
    if (FAILED(hr))
        return hr;
    call.name = name;
    hr = imap_link_run(folder->link, &folder->object, rename_on_engine, &call.base);
    mapi_free(name);
    return FAILED(hr) ? hr : S_FALSE;
}

/* PR_FOLDER_TYPE may be written (STO-100), but no folder becomes one of another kind. */
static HRESULT set_type(struct imap_folder *folder, LONG type)
{
    SPropValue *now;
    HRESULT hr = load_computed(folder);

    if (SUCCEEDED(hr))
        hr = prop_dup_value(&folder->props, PR_FOLDER_TYPE, &now);
    if (FAILED(hr))
        return hr;
    hr = now->Value.l == type ? S_FALSE : MAPI_E_NO_ACCESS;
    mapi_free(now);
    return hr;
}

/* PR_DISPLAY_NAME renames; what else is not computed goes to the side store. */
static HRESULT change(struct mapi_prop *prop, ULONG tag, SPropValue *value)
{
    struct imap_folder *folder = container_of(prop, struct imap_folder, props);

    if (PROP_ID(tag) == PROP_ID(PR_DISPLAY_NAME) && value)
        return rename_folder(folder, tag, value);
    if (tag == PR_FOLDER_TYPE && value)
        return set_type(folder, value->Value.l);
    return load_computed(folder); /* the bag tells what is computed */
}

static HRESULT changed(struct mapi_prop *prop)
{
    struct imap_folder *folder = container_of(prop, struct imap_folder, props);

    return kept_write(prop, folder->link, folder->number);
}

static HRESULT save_nothing(struct mapi_prop *prop, ULONG flags)
{
    (void)prop;
    (void)flags; /* folders are not transacted: all is done at once */
    return S_OK;
}

static HRESULT copy_table(struct mapi_prop *prop, ULONG tag, const IID *iid, void *dest,
                          ULONG flags)
{
    (void)iid;
    return folder_copy_table(container_of(prop, struct imap_folder, props), tag, dest, flags);
}

static const struct prop_ops folder_prop_ops = {
    .load = load,
    .open = open_table,
    .copy_object = copy_table,
    .change = change,
    .changed = changed,
    .save = save_nothing,
    .names_from_ids = names_from_ids,
    .ids_from_names = names_to_ids,
};

/* --- The object ------------------------------------------------------------------------------- */

static const struct mapi_face folder_faces[] = {
    MAPI_FACE(struct imap_folder, IID_IMAPIFolder, IMAPIFolder_iface),
    MAPI_FACE(struct imap_folder, IID_IMAPIContainer, IMAPIFolder_iface),
    MAPI_FACE(struct imap_folder, IID_IMAPIProp, IMAPIFolder_iface),
};

static void folder_destroy(struct mapi_object *object)
{
    struct imap_folder *folder = container_of(object, struct imap_folder, object);

    prop_clear(&folder->props);
    imap_link_unref(folder->link);
    mapi_object_clear(object);
    free(folder);
}

static const struct mapi_class folder_class = {
    .name = "imap_folder",
    .destroy = folder_destroy,
    .faces = folder_faces,
    .face_count = sizeof(folder_faces) / sizeof(folder_faces[0]),
};

static bool find(struct imap_link *link, uint64_t number, bool *ret_search)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(link));
    const struct folder *found = folder_tree_find(tree, number);

    *ret_search = found && found->search;
    folder_tree_unref(tree);
    return found != NULL;
}

bool folder_is_search(struct imap_folder *folder, uint64_t number)
{
    bool search;

    return find(folder->link, number, &search) && search;
}

struct begin_call {
    struct link_call base;
    uint64_t number;
};

static HRESULT begin_on_engine(void *arg)
{
    struct begin_call *call = arg;

    return account_search_begin(call->base.account, call->number);
}

/* Whoever opens a search folder looks at what it finds. That it cannot run now is no reason not to
 * open it. */
static void begin_search(struct imap_link *link, uint64_t number)
{
    struct begin_call call = {.number = number};

    imap_link_call(link, begin_on_engine, &call.base);
}

HRESULT folder_open(struct imap_link *link, struct mapi_object *owner, uint64_t number,
                    const IID *iid, ULONG flags, IMAPIFolder **ret_folder)
{
    struct imap_folder *folder;
    bool search;
    HRESULT hr;

    if (!find(link, number, &search))
        return MAPI_E_NOT_FOUND;
    if (search)
        begin_search(link, number);
    folder = calloc(1, sizeof(*folder));
    if (!folder)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    folder->IMAPIFolder_iface.lpVtbl = &folder_vtbl;
    folder->link = imap_link_ref(link);
    folder->number = number;
    folder->writable = flags & (MAPI_MODIFY | MAPI_BEST_ACCESS);
    folder->search = search;
    mapi_object_init(&folder->object, &folder_class, owner);
    prop_init(&folder->props, &folder->object, &folder->IMAPIFolder_iface, &IID_IMAPIFolder,
              &folder_prop_ops, NULL, 0, folder->link);
    folder->props.writable = folder->writable;
    if (!iid) {
        *ret_folder = &folder->IMAPIFolder_iface;
        return S_OK;
    }
    hr = mapi_object_query(&folder->object, iid, (void **)ret_folder);
    mapi_object_unref(&folder->object);
    return hr;
}
