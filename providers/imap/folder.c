/* providers/imap/folder.c - folders of a store: IMAPIFolder
 *
 * A folder object is a number and a way to the account; everything else is looked up when it is
 * asked for, so that it is never stale. Behaviour: STO, "Folders". */
#include "providers/imap/folder.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "mapi/text.h"
#include "providers/account/messages.h"
#include "providers/imap/contents.h"
#include "providers/imap/entry.h"
#include "providers/imap/folder_columns.h"
#include "providers/imap/hierarchy.h"
#include "providers/imap/message.h"

struct imap_folder {
    IMAPIFolder IMAPIFolder_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct imap_link *link; /* our reference */
    uint64_t number;
    bool writable;
};

/* A call on the engine about this folder. */
struct folder_call {
    struct link_call base;
    uint64_t folder, target;
    const uint64_t *numbers;
    size_t count, missing;
    uint64_t made;
    const char *name;
    enum imap_store_how how;
    uint32_t flags;
    bool move, recursive;
};

static HRESULT run(struct imap_folder *folder, engine_fn *fn, struct folder_call *call)
{
    HRESULT hr;

    call->folder = folder->number;
    hr = imap_link_call(folder->link, fn, &call->base);
    if (FAILED(hr) && call->base.error.hr == hr)
        return mapi_object_fail(&folder->object, &call->base.error);
    return hr;
}

/* --- Tables and entries
 * --------------------------------------------------------------------------- */

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
    if (flags & (MAPI_ASSOCIATED | SHOW_SOFT_DELETES))
        return MAPI_E_NO_SUPPORT;
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

/* --- Messages
 * -------------------------------------------------------------------------------------- */

/* The numbers of messages of this folder; ids of other folders make MAPI_E_INVALID_ENTRYID. `list`
 * NULL: all messages of the folder. mapi_free. */
static HRESULT take_numbers(struct imap_folder *folder, const ENTRYLIST *list,
                            uint64_t **ret_numbers)
{
    uint64_t *numbers;

    if (!list)
        return MAPI_E_INVALID_PARAMETER;
    numbers = mapi_alloc_array(NULL, (size_t)list->cValues + 1, sizeof(*numbers));
    if (!numbers)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; i < list->cValues; i++) {
        struct entry_ref ref;
        HRESULT hr = ids_parse_entryid(imap_link_guids(folder->link), list->lpbin[i].cb,
                                       (const ENTRYID *)list->lpbin[i].lpb, &ref);

        if (SUCCEEDED(hr) && ref.kind != ENTRY_MESSAGE)
            hr = MAPI_E_INVALID_ENTRYID;
        if (FAILED(hr)) {
            mapi_free(numbers);
            return hr;
        }
        numbers[i] = ref.message;
    }
    *ret_numbers = numbers;
    return S_OK;
}

/* What a call on many says: some were gone (MAPI_W_PARTIAL_COMPLETION). */
static HRESULT partial(HRESULT hr, const struct folder_call *call)
{
    return SUCCEEDED(hr) && call->missing > 0 ? MAPI_W_PARTIAL_COMPLETION : hr;
}

static HRESULT folder_CreateMessage(struct imap_folder *folder, LPCIID iid, ULONG flags,
                                    LPMESSAGE *ret_message)
{
    if (flags & ~(ULONG)(MAPI_ASSOCIATED | MAPI_DEFERRED_ERRORS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_message)
        return MAPI_E_INVALID_PARAMETER;
    *ret_message = NULL;
    if (iid && !guid_equal(iid, &IID_IMessage) && !guid_equal(iid, &IID_IMAPIProp) &&
        !guid_equal(iid, &IID_IUnknown))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (flags & MAPI_ASSOCIATED)
        return MAPI_E_NO_SUPPORT;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    return message_create(folder->link, &folder->object, folder->number, ret_message);
}

static HRESULT copy_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_messages_copy(call->base.account, call->folder, call->numbers, call->count,
                                 call->target, call->move, &call->base.error, NULL, &call->missing);
}

/* The number of a folder object of this store; false: it is somebody else's. */
static bool own_folder(struct imap_folder *folder, LPVOID dest, uint64_t *ret_number)
{
    const SizedSPropTagArray(1, tags) = {1, {PR_ENTRYID}};
    SPropValue *value = NULL;
    struct entry_ref ref;
    ULONG count;
    bool own;

    own = SUCCEEDED(
              IMAPIProp_GetProps((IMAPIProp *)dest, (SPropTagArray *)&tags, 0, &count, &value)) &&
          value->ulPropTag == PR_ENTRYID &&
          SUCCEEDED(ids_parse_entryid(imap_link_guids(folder->link), value->Value.bin.cb,
                                      (ENTRYID *)value->Value.bin.lpb, &ref)) &&
          ref.kind == ENTRY_FOLDER;
    if (own)
        *ret_number = ref.folder;
    mapi_free(value);
    return own;
}

static HRESULT folder_CopyMessages(struct imap_folder *folder, LPENTRYLIST list, LPCIID iid,
                                   LPVOID dest, ULONG_PTR ui_param, LPMAPIPROGRESS progress,
                                   ULONG flags)
{
    struct folder_call call = {.move = flags & MESSAGE_MOVE};
    uint64_t *numbers;
    HRESULT hr;

    if (flags & ~(ULONG)(MESSAGE_MOVE | MESSAGE_DIALOG | MAPI_DECLINE_OK))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!dest)
        return MAPI_E_INVALID_PARAMETER;
    if (!folder->writable && call.move)
        return MAPI_E_NO_ACCESS;
    if (!own_folder(folder, dest, &call.target)) { /* into another store: message by message */
        if (flags & MAPI_DECLINE_OK)
            return MAPI_E_DECLINE_COPY;
        return IMAPISupport_CopyMessages(imap_link_support(folder->link), &IID_IMAPIFolder,
                                         &folder->IMAPIFolder_iface, list, iid, dest, ui_param,
                                         progress, flags);
    }
    hr = take_numbers(folder, list, &numbers);
    if (FAILED(hr))
        return hr;
    call.numbers = numbers;
    call.count = list->cValues;
    hr = partial(run(folder, copy_on_engine, &call), &call);
    mapi_free(numbers);
    return hr;
}

static HRESULT delete_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_messages_delete(call->base.account, call->folder, call->numbers, call->count,
                                   &call->base.error, &call->missing);
}

static HRESULT folder_DeleteMessages(struct imap_folder *folder, LPENTRYLIST list,
                                     ULONG_PTR ui_param, LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder_call call = {0};
    uint64_t *numbers;
    HRESULT hr;

    (void)ui_param;
    (void)progress; /* one command: nothing to show */
    if (flags & ~(ULONG)(MESSAGE_DIALOG | DELETE_HARD_DELETE))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = take_numbers(folder, list, &numbers);
    if (FAILED(hr))
        return hr;
    call.numbers = numbers;
    call.count = list->cValues;
    hr = partial(run(folder, delete_on_engine, &call), &call);
    mapi_free(numbers);
    return hr;
}

static HRESULT flag_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_messages_flag(call->base.account, call->folder, call->numbers, call->count,
                                 call->how, call->flags, &call->base.error, &call->missing);
}

/* All messages of the folder, as its index has them. mapi_free. */
struct all_call {
    struct link_call base;
    uint64_t folder;
    uint64_t *numbers;
    size_t count;
};

static HRESULT all_on_engine(void *arg)
{
    struct all_call *call = arg;
    const struct folder_numbers *numbers = NULL;
    struct imap_snapshot *snapshot = NULL;
    struct imap_index *index;
    HRESULT hr = account_folder_watch(call->base.account, call->folder, &call->base.error, &index);

    if (FAILED(hr))
        return hr == MAPI_E_NO_SUPPORT ? S_OK : hr; /* no mail, no messages */
    hr = imap_index_wait_rows(index, SIZE_MAX, NO_DEADLINE, &call->base.error, &snapshot);
    if (SUCCEEDED(hr))
        hr = account_folder_numbers(call->base.account, call->folder, &call->base.error, &numbers);
    if (SUCCEEDED(hr)) {
        size_t count = imap_snapshot_count(snapshot);

        call->numbers = mapi_alloc_array(NULL, count + 1, sizeof(*call->numbers));
        for (size_t i = 0; call->numbers && i < count; i++) {
            uint64_t number = folder_numbers_of_uid(numbers, imap_snapshot_uid(snapshot, i));

            if (number)
                call->numbers[call->count++] = number;
        }
        if (!call->numbers)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    imap_snapshot_unref(snapshot);
    folder_numbers_unref(numbers);
    imap_index_unref(index);
    account_folder_unwatch(call->base.account, call->folder);
    return hr;
}

static HRESULT take_all(struct imap_folder *folder, uint64_t **ret_numbers, size_t *ret_count)
{
    struct all_call call = {.folder = folder->number};
    HRESULT hr = imap_link_call(folder->link, all_on_engine, &call.base);

    if (FAILED(hr) && call.base.error.hr == hr)
        return mapi_object_fail(&folder->object, &call.base.error);
    *ret_numbers = call.numbers;
    *ret_count = call.count;
    return hr;
}

static HRESULT folder_SetReadFlags(struct imap_folder *folder, LPENTRYLIST list, ULONG_PTR ui_param,
                                   LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder_call call = {
        .how = flags & CLEAR_READ_FLAG ? IMAP_STORE_REMOVE : IMAP_STORE_ADD,
        .flags = IMAP_FLAG_SEEN,
    };
    uint64_t *numbers = NULL;
    HRESULT hr;

    (void)ui_param;
    (void)progress;
    if (flags &
        ~(ULONG)(SUPPRESS_RECEIPT | CLEAR_READ_FLAG | GENERATE_RECEIPT_ONLY | MAPI_DEFERRED_ERRORS |
                 MESSAGE_DIALOG | CLEAR_RN_PENDING | CLEAR_NRN_PENDING))
        return MAPI_E_UNKNOWN_FLAGS;
    if (flags & (GENERATE_RECEIPT_ONLY | CLEAR_RN_PENDING | CLEAR_NRN_PENDING))
        return MAPI_E_NO_SUPPORT;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = list ? take_numbers(folder, list, &numbers) : take_all(folder, &numbers, &call.count);
    if (FAILED(hr))
        return hr;
    if (list)
        call.count = list->cValues;
    call.numbers = numbers;
    hr = call.count ? partial(run(folder, flag_on_engine, &call), &call) : S_OK;
    mapi_free(numbers);
    return hr;
}

/* --- Folders
 * ---------------------------------------------------------------------------------------- */

static HRESULT create_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_folder_create(call->base.account, call->folder, call->name, &call->base.error,
                                 &call->made);
}

static HRESULT find_child(struct imap_folder *folder, const char *name, uint64_t *ret_number)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(folder->link));
    HRESULT hr = MAPI_E_NOT_FOUND;

    for (size_t i = 0; i < tree->count; i++)
        if (tree->folders[i].parent == folder->number &&
            tree->folders[i].number != folder->number && strcmp(tree->folders[i].name, name) == 0) {
            *ret_number = tree->folders[i].number;
            hr = S_OK;
        }
    folder_tree_unref(tree);
    return hr;
}

static HRESULT folder_CreateFolder(struct imap_folder *folder, ULONG type, LPTSTR name,
                                   LPTSTR comment, LPCIID iid, ULONG flags,
                                   LPMAPIFOLDER *ret_folder)
{
    struct folder_call call = {0};
    char *utf8;
    HRESULT hr;

    (void)comment; /* IMAP has no place for it: docs/limits.md */
    if (flags & ~(ULONG)(MAPI_UNICODE | MAPI_DEFERRED_ERRORS | OPEN_IF_EXISTS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!name || !ret_folder || type != FOLDER_GENERIC)
        return type == FOLDER_SEARCH ? MAPI_E_NO_SUPPORT : MAPI_E_INVALID_PARAMETER;
    *ret_folder = NULL;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = text_from_argument(NULL, name, flags, &utf8);
    if (FAILED(hr))
        return hr;
    call.name = utf8;
    hr = run(folder, create_on_engine, &call);
    if (hr == MAPI_E_COLLISION && flags & OPEN_IF_EXISTS)
        hr = find_child(folder, utf8, &call.made);
    mapi_free(utf8);
    if (FAILED(hr))
        return hr;
    return folder_open(folder->link, &folder->object, call.made, iid, MAPI_MODIFY, ret_folder);
}

static HRESULT take_folder(struct imap_folder *folder, ULONG size, const ENTRYID *id,
                           uint64_t *ret_number)
{
    struct entry_ref ref;
    HRESULT hr = ids_parse_entryid(imap_link_guids(folder->link), size, id, &ref);

    if (SUCCEEDED(hr) && ref.kind != ENTRY_FOLDER)
        hr = MAPI_E_INVALID_ENTRYID;
    if (SUCCEEDED(hr))
        *ret_number = ref.folder;
    return hr;
}

static HRESULT move_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_folder_move(call->base.account, call->made, call->target, call->name,
                               &call->base.error);
}

/* Moving and renaming; copying a folder with all in it is not there yet. */
static HRESULT folder_CopyFolder(struct imap_folder *folder, ULONG size, LPENTRYID id, LPCIID iid,
                                 LPVOID dest, LPTSTR new_name, ULONG_PTR ui_param,
                                 LPMAPIPROGRESS progress, ULONG flags)
{
    const struct folder_tree *tree;
    const struct folder *moved;
    struct folder_call call = {0};
    char *name = NULL;
    HRESULT hr;

    (void)iid;
    (void)ui_param;
    (void)progress;
    if (flags &
        ~(ULONG)(FOLDER_MOVE | FOLDER_DIALOG | COPY_SUBFOLDERS | MAPI_UNICODE | MAPI_DECLINE_OK))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!dest)
        return MAPI_E_INVALID_PARAMETER;
    if (!(flags & FOLDER_MOVE) || !own_folder(folder, dest, &call.target))
        return flags & MAPI_DECLINE_OK ? MAPI_E_DECLINE_COPY : MAPI_E_NO_SUPPORT;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = take_folder(folder, size, id, &call.made);
    if (SUCCEEDED(hr) && new_name)
        hr = text_from_argument(NULL, new_name, flags, &name);
    if (FAILED(hr))
        return hr;
    tree = account_folder_tree(imap_link_account(folder->link));
    moved = folder_tree_find(tree, call.made);
    call.name = name ? name : moved ? moved->name : "";
    hr = moved ? run(folder, move_on_engine, &call) : MAPI_E_NOT_FOUND;
    folder_tree_unref(tree);
    mapi_free(name);
    return hr;
}

static HRESULT drop_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_folder_delete(call->base.account, call->target, call->recursive,
                                 &call->base.error);
}

static uint32_t message_count(struct imap_folder *folder, uint64_t number)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(folder->link));
    const struct folder *found = folder_tree_find(tree, number);
    uint32_t count = found ? found->messages : 0;

    folder_tree_unref(tree);
    return count;
}

static HRESULT folder_DeleteFolder(struct imap_folder *folder, ULONG size, LPENTRYID id,
                                   ULONG_PTR ui_param, LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder_call call = {.recursive = flags & DEL_FOLDERS};
    HRESULT hr;

    (void)ui_param;
    (void)progress;
    if (flags & ~(ULONG)(DEL_MESSAGES | DEL_FOLDERS | FOLDER_DIALOG | DELETE_HARD_DELETE))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = take_folder(folder, size, id, &call.target);
    if (FAILED(hr))
        return hr;
    if (!(flags & DEL_MESSAGES) && message_count(folder, call.target) > 0)
        return mapi_object_error(&folder->object, MAPI_E_HAS_MESSAGES, "mapigate",
                                 "the folder has messages");
    return run(folder, drop_on_engine, &call);
}

static HRESULT folder_EmptyFolder(struct imap_folder *folder, ULONG_PTR ui_param,
                                  LPMAPIPROGRESS progress, ULONG flags)
{
    const struct folder_tree *tree;
    struct folder_call call = {.recursive = true};
    uint64_t *numbers = NULL;
    HRESULT hr;

    (void)ui_param;
    (void)progress;
    if (flags & ~(ULONG)(DEL_ASSOCIATED | FOLDER_DIALOG | DELETE_HARD_DELETE))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = take_all(folder, &numbers, &call.count);
    call.numbers = numbers;
    if (SUCCEEDED(hr) && call.count)
        hr = run(folder, delete_on_engine, &call);
    mapi_free(numbers);
    tree = account_folder_tree(imap_link_account(folder->link));
    for (size_t i = 0; i < tree->count && SUCCEEDED(hr); i++)
        if (tree->folders[i].parent == folder->number &&
            tree->folders[i].number != folder->number) {
            call.target = tree->folders[i].number;
            hr = run(folder, drop_on_engine, &call);
        }
    folder_tree_unref(tree);
    return hr;
}

/* @thunks IMAPIFolder imap_folder folder props=props none=SetSearchCriteria,GetSearchCriteria,
 * GetMessageStatus,SetMessageStatus,SaveContentsSort */
#include "providers/imap/folder_thunks.inc"

/* --- Properties
 * -------------------------------------------------------------------------------------- */

/* Looked up at each read: counts and names change under us. */
static HRESULT load_columns(struct mapi_prop *prop, const SPropTagArray *tags)
{
    struct imap_folder *folder = container_of(prop, struct imap_folder, props);
    const struct folder_tree *tree = account_folder_tree(imap_link_account(folder->link));
    struct folder_view view = {.guids = imap_link_guids(folder->link),
                               .tree = tree,
                               .folder = folder_tree_find(tree, folder->number)};
    struct arena scratch = {0};
    HRESULT hr = view.folder ? S_OK : MAPI_E_OBJECT_DELETED;

    (void)tags;
    for (size_t i = 0; i < folder_column_count && SUCCEEDED(hr); i++) {
        SPropValue value;

        if (folder_column_tags[i] == PR_DEPTH || folder_column_tags[i] == PR_INSTANCE_KEY ||
            folder_column_tags[i] == PR_ROW_TYPE)
            continue; /* a row's, not an object's */
        hr = folder_column(&view, folder_column_tags[i], &scratch, &value);
        if (SUCCEEDED(hr))
            hr = prop_load_value(prop, &value, PROP_READONLY);
        else if (hr == MAPI_E_NOT_FOUND)
            hr = S_OK;
    }
    arena_clear(&scratch);
    folder_tree_unref(tree);
    return hr;
}

/* OpenProperty of the two tables, as GetContentsTable and GetHierarchyTable give them. */
static HRESULT open_table(struct mapi_prop *prop, ULONG tag, const IID *iid, ULONG options,
                          ULONG flags, IUnknown **ret_unknown)
{
    struct imap_folder *folder = container_of(prop, struct imap_folder, props);

    (void)flags;
    if (PROP_ID(tag) != PROP_ID(PR_CONTAINER_CONTENTS) &&
        PROP_ID(tag) != PROP_ID(PR_CONTAINER_HIERARCHY))
        return MAPI_E_NO_SUPPORT;
    if (!guid_equal(iid, &IID_IMAPITable))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    return PROP_ID(tag) == PROP_ID(PR_CONTAINER_CONTENTS)
               ? folder_GetContentsTable(folder, options, (LPMAPITABLE *)ret_unknown)
               : folder_GetHierarchyTable(folder, options, (LPMAPITABLE *)ret_unknown);
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

/* PR_DISPLAY_NAME renames; what else a program sets on a folder has no home yet. */
static HRESULT change_property(struct mapi_prop *prop, ULONG tag, SPropValue *value)
{
    struct imap_folder *folder = container_of(prop, struct imap_folder, props);
    struct rename_call call = {.folder = folder->number};
    char *name;
    HRESULT hr;

    if (PROP_ID(tag) != PROP_ID(PR_DISPLAY_NAME) || !value)
        return MAPI_E_NO_SUPPORT;
    if (PROP_TYPE(tag) != PT_UNICODE && PROP_TYPE(tag) != PT_STRING8)
        return MAPI_E_INVALID_TYPE;
    hr = text_from_argument(NULL, value->Value.lpszW,
                            PROP_TYPE(tag) == PT_UNICODE ? MAPI_UNICODE : 0, &name);
    if (FAILED(hr))
        return hr;
    call.name = name;
    hr = imap_link_call(folder->link, rename_on_engine, &call.base);
    mapi_free(name);
    if (FAILED(hr) && call.base.error.hr == hr)
        return mapi_object_fail(&folder->object, &call.base.error);
    return FAILED(hr) ? hr : S_FALSE;
}

static HRESULT save_nothing(struct mapi_prop *prop, ULONG flags)
{
    (void)prop;
    (void)flags; /* folders are not transacted: all is done at once */
    return S_OK;
}

static const struct prop_ops folder_prop_ops = {
    .load = load_columns,
    .open = open_table,
    .change = change_property,
    .save = save_nothing,
};

/* --- The object
 * --------------------------------------------------------------------------------------- */

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

static bool exists(struct imap_link *link, uint64_t number)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(link));
    bool found = folder_tree_find(tree, number) != NULL;

    folder_tree_unref(tree);
    return found;
}

HRESULT folder_open(struct imap_link *link, struct mapi_object *owner, uint64_t number,
                    const IID *iid, ULONG flags, IMAPIFolder **ret_folder)
{
    struct imap_folder *folder;
    HRESULT hr;

    if (!exists(link, number))
        return MAPI_E_NOT_FOUND;
    folder = calloc(1, sizeof(*folder));
    if (!folder)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    folder->IMAPIFolder_iface.lpVtbl = &folder_vtbl;
    folder->link = imap_link_ref(link);
    folder->number = number;
    folder->writable = flags & (MAPI_MODIFY | MAPI_BEST_ACCESS);
    mapi_object_init(&folder->object, &folder_class, owner);
    prop_init(&folder->props, &folder->object, &folder->IMAPIFolder_iface, &IID_IMAPIFolder,
              &folder_prop_ops, NULL, 0, folder);
    folder->props.writable = folder->writable;
    if (!iid) {
        *ret_folder = &folder->IMAPIFolder_iface;
        return S_OK;
    }
    hr = mapi_object_query(&folder->object, iid, (void **)ret_folder);
    mapi_object_unref(&folder->object);
    return hr;
}
