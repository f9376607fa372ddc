/* providers/imap/folder_children.c - the folders of a folder: making, moving, deleting */
#include "providers/imap/folder_private.h"

#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "providers/account/associated.h"
#include "providers/account/search.h"

static HRESULT create_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_folder_create(call->base.account, call->folder, call->name, &call->base.error,
                                 &call->made);
}

static HRESULT create_search_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_search_create(call->base.account, call->name, &call->base.error, &call->made);
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

/* A folder without its comment is a folder all the same. */
static void set_comment(IMAPIFolder *made, LPTSTR comment, ULONG flags)
{
    SPropValue value = {.ulPropTag = flags & MAPI_UNICODE ? PR_COMMENT_W : PR_COMMENT_A};

    value.Value.lpszW = (LPWSTR)comment; /* of either width */
    HrSetOneProp((IMAPIProp *)made, &value);
}

HRESULT folder_CreateFolder(struct imap_folder *folder, ULONG type, LPTSTR name, LPTSTR comment,
                            LPCIID iid, ULONG flags, LPMAPIFOLDER *ret_folder)
{
    struct folder_call call = {0};
    char *utf8;
    HRESULT hr;

    if (flags & ~(ULONG)(MAPI_UNICODE | MAPI_DEFERRED_ERRORS | OPEN_IF_EXISTS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!name || !ret_folder || (type != FOLDER_GENERIC && type != FOLDER_SEARCH))
        return MAPI_E_INVALID_PARAMETER;
    *ret_folder = NULL;
    if ((type == FOLDER_SEARCH) != (folder->number == ROLE_FINDER) || folder->search)
        return MAPI_E_NO_SUPPORT; /* these and no others below the root of searches (STO-169) */
    if (!mapi_object_gives(&folder->object, iid))
        return MAPI_E_INTERFACE_NOT_SUPPORTED; /* before there is a folder */
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = text_from_argument(NULL, name, flags, &utf8);
    if (FAILED(hr))
        return hr;
    call.name = utf8;
    hr = folder_run(folder, type == FOLDER_SEARCH ? create_search_on_engine : create_on_engine,
                    &call);
    if (hr == MAPI_E_COLLISION && flags & OPEN_IF_EXISTS)
        hr = find_child(folder, utf8, &call.made);
    mapi_free(utf8);
    if (FAILED(hr))
        return hr;
    hr = folder_open(folder->link, &folder->object, call.made, iid, MAPI_MODIFY, ret_folder);
    if (SUCCEEDED(hr) && comment)
        set_comment(*ret_folder, comment, flags);
    return hr;
}

static HRESULT take_folder(struct imap_folder *folder, ULONG size, const ENTRYID *id,
                           uint64_t *ret_number)
{
    return ids_number_of(imap_link_guids(folder->link), size, id, ENTRY_FOLDER, ret_number);
}

static HRESULT move_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_folder_move(call->base.account, call->made, call->target, call->name,
                               &call->base.error);
}

static HRESULT copy_on_engine(void *arg)
{
    struct folder_call *call = arg;
    uint64_t copy;

    return account_folder_copy(call->base.account, call->made, call->target, call->name,
                               call->recursive, &call->base.error, &copy);
}

/* The name of a folder, in UTF-8; mapi_free. */
static HRESULT take_name(struct imap_folder *folder, uint64_t number, char **ret_name)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(folder->link));
    const struct folder *found = folder_tree_find(tree, number);
    HRESULT hr = MAPI_E_NOT_FOUND;

    if (found) {
        *ret_name = mapi_memdup(NULL, found->name, strlen(found->name) + 1);
        hr = *ret_name ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    folder_tree_unref(tree);
    return hr;
}

HRESULT folder_CopyFolder(struct imap_folder *folder, ULONG size, LPENTRYID id, LPCIID iid,
                          LPVOID dest, LPTSTR new_name, ULONG_PTR ui_param, LPMAPIPROGRESS progress,
                          ULONG flags)
{
    struct folder_call call = {.recursive = flags & COPY_SUBFOLDERS};
    char *name = NULL;
    bool readonly;
    HRESULT hr;

    (void)ui_param;
    (void)progress; /* the server works: there are no steps to show */
    if (flags &
        ~(ULONG)(FOLDER_MOVE | FOLDER_DIALOG | COPY_SUBFOLDERS | MAPI_UNICODE | MAPI_DECLINE_OK))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!dest)
        return MAPI_E_INVALID_PARAMETER;
    if (!folder_own(folder, dest, &call.target, &readonly)) /* into another store (STO-135) */
        return flags & MAPI_DECLINE_OK ? MAPI_E_DECLINE_COPY : MAPI_E_NO_SUPPORT;
    if (!mapi_object_gives(&folder->object, iid))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (readonly || (!folder->writable && flags & FOLDER_MOVE))
        return MAPI_E_NO_ACCESS;
    hr = take_folder(folder, size, id, &call.made);
    if (SUCCEEDED(hr))
        hr = new_name ? text_from_argument(NULL, new_name, flags, &name)
                      : take_name(folder, call.made, &name);
    if (FAILED(hr))
        return hr;
    call.name = name;
    hr = folder_run(folder, flags & FOLDER_MOVE ? move_on_engine : copy_on_engine, &call);
    mapi_free(name);
    return hr;
}

static HRESULT copy_contents_there(void *arg)
{
    struct folder_call *call = arg;

    return account_messages_copy(call->base.account, call->folder, call->numbers, call->count,
                                 call->target, call->move, &call->base.error, NULL, &call->missing);
}

static HRESULT copy_contents_on_engine(void *arg)
{
    return folder_run_real(arg, copy_contents_there);
}

static HRESULT copy_contents(struct imap_folder *folder, struct folder_call *call)
{
    HRESULT hr = folder_take_all(folder, &call->numbers, &call->count);

    if (SUCCEEDED(hr) && call->count)
        hr = folder_run(folder, copy_contents_on_engine, call);
    mapi_free(call->numbers);
    return hr;
}

static HRESULT copy_children(struct imap_folder *folder, struct folder_call *call)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(folder->link));
    HRESULT hr = folder_is_below(tree, call->target, folder->number) ? MAPI_E_FOLDER_CYCLE : S_OK;

    call->recursive = true; /* whatever the list of properties says (STO-357) */
    for (size_t i = 0; i < tree->count && SUCCEEDED(hr); i++) {
        if (tree->folders[i].parent != folder->number || tree->folders[i].number == folder->number)
            continue;
        call->made = tree->folders[i].number;
        call->name = tree->folders[i].name;
        hr = folder_run(folder, call->move ? move_on_engine : copy_on_engine, call);
    }
    folder_tree_unref(tree);
    return hr;
}

HRESULT folder_copy_table(struct imap_folder *folder, ULONG tag, void *dest, ULONG flags)
{
    struct folder_call call = {.move = flags & MAPI_MOVE};
    bool readonly;

    if (!folder_own(folder, dest, &call.target, &readonly))
        return MAPI_E_NO_SUPPORT;
    if (readonly || (call.move && !folder->writable))
        return MAPI_E_NO_ACCESS;
    switch (tag) {
    case PR_CONTAINER_CONTENTS:
        return copy_contents(folder, &call);
    case PR_CONTAINER_HIERARCHY:
        return copy_children(folder, &call);
    }
    return MAPI_E_NO_SUPPORT;
}

static HRESULT drop_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_folder_delete(call->base.account, call->target, call->with, &call->base.error);
}

HRESULT folder_DeleteFolder(struct imap_folder *folder, ULONG size, LPENTRYID id,
                            ULONG_PTR ui_param, LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder_call call = {.with = (flags & DEL_FOLDERS ? FOLDER_DELETE_FOLDERS : 0u) |
                                       (flags & DEL_MESSAGES ? FOLDER_DELETE_MESSAGES : 0u)};
    HRESULT hr;

    (void)ui_param;
    (void)progress;
    if (flags & ~(ULONG)(DEL_MESSAGES | DEL_FOLDERS | FOLDER_DIALOG | DELETE_HARD_DELETE))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = take_folder(folder, size, id, &call.target);
    return SUCCEEDED(hr) ? folder_run(folder, drop_on_engine, &call) : hr;
}

/* Those that cannot go (a special folder below, say) are left, and the others go (STO-153). */
static HRESULT drop_children(struct imap_folder *folder)
{
    const struct folder_tree *tree = account_folder_tree(imap_link_account(folder->link));
    struct folder_call call = {.with = FOLDER_DELETE_FOLDERS | FOLDER_DELETE_MESSAGES};
    HRESULT hr = S_OK;

    for (size_t i = 0; i < tree->count; i++)
        if (tree->folders[i].parent == folder->number &&
            tree->folders[i].number != folder->number) {
            call.target = tree->folders[i].number;
            if (FAILED(folder_run(folder, drop_on_engine, &call)))
                hr = MAPI_W_PARTIAL_COMPLETION;
        }
    folder_tree_unref(tree);
    return hr;
}

static HRESULT empty_associated_on_engine(void *arg)
{
    struct folder_call *call = arg;

    return account_associated_empty(call->base.account, call->folder, &call->base.error);
}

HRESULT folder_EmptyFolder(struct imap_folder *folder, ULONG_PTR ui_param, LPMAPIPROGRESS progress,
                           ULONG flags)
{
    struct folder_call call = {0};
    uint64_t *numbers = NULL;
    size_t count = 0;
    HRESULT hr;

    (void)ui_param;
    (void)progress;
    if (flags & ~(ULONG)(DEL_ASSOCIATED | FOLDER_DIALOG | DELETE_HARD_DELETE))
        return MAPI_E_UNKNOWN_FLAGS;
    if (folder->search) /* what it shows belongs to other folders */
        return MAPI_E_NO_SUPPORT;
    if (!folder->writable)
        return MAPI_E_NO_ACCESS;
    hr = folder_take_all(folder, &numbers, &count);
    if (SUCCEEDED(hr))
        hr = folder_delete_numbers(folder, numbers, count);
    mapi_free(numbers);
    if (SUCCEEDED(hr) && flags & DEL_ASSOCIATED) { /* of the top folder alone (STO-152) */
        HRESULT emptied = folder_run(folder, empty_associated_on_engine, &call);

        hr = FAILED(emptied) ? emptied : hr;
    }
    if (SUCCEEDED(hr) && drop_children(folder) != S_OK)
        hr = MAPI_W_PARTIAL_COMPLETION;
    return hr;
}
