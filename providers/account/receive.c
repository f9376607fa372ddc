/* providers/account/receive.c - which folder receives messages of which class
 *
 * One property of the store keeps what was set: a string "<folder, hex> <class>" for each tie, the
 * folder 0 for one that was removed. */
#include "providers/account/receive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/memory.h"
#include "mapi/text.h"
#include "providers/account/account-private.h"
#include "providers/account/kept.h"

/* STO-058, STO-059. */
static const struct receive_tie first_ties[] = {
    {"", ROLE_INBOX},
    {"IPM", ROLE_INBOX},
    {"REPORT.IPM", ROLE_INBOX},
    {"IPC", ROLE_ROOT},
};

/* --- The list --------------------------------------------------------------------------------- */

struct list {
    struct receive_tie ties[RECEIVE_TIES_MAX];
    size_t count;
    void *root; /* of the class names */
};

static struct receive_tie *find_exactly(struct list *list, const char *message_class)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcasecmp(list->ties[i].message_class, message_class) == 0)
            return &list->ties[i];
    return NULL;
}

static HRESULT set_tie(struct list *list, const char *message_class, uint64_t folder)
{
    struct receive_tie *tie = find_exactly(list, message_class);
    char *copy;

    if (tie) {
        tie->folder = folder;
        return S_OK;
    }
    if (list->count == RECEIVE_TIES_MAX)
        return MAPI_E_TOO_BIG;
    copy = mapi_memdup(list->root, message_class, strlen(message_class) + 1);
    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    list->ties[list->count++] = (struct receive_tie){copy, folder};
    return S_OK;
}

static HRESULT take_kept(struct list *list, const SPropValue *kept)
{
    HRESULT hr = S_OK;
    char *line, *end;
    uint64_t folder;

    for (ULONG i = 0; SUCCEEDED(hr) && i < kept->Value.MVszW.cValues; i++) {
        hr = text_utf16_to_utf8(list->root, kept->Value.MVszW.lppszW[i], &line);
        if (FAILED(hr))
            return hr;
        folder = strtoull(line, &end, 16);
        if (*end == ' ')
            hr = set_tie(list, end + 1, folder);
    }
    return hr;
}

static WAITS HRESULT read_list(struct account *account, struct error_info *error,
                               struct list **ret_list)
{
    const ULONG tag = KEPT_RECEIVE_FOLDERS;
    struct list *list = calloc(1, sizeof(*list));
    SPropValue *kept = NULL;
    size_t count = 0;
    HRESULT hr;

    if (!list)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    list->root = mapi_alloc(NULL, 1);
    hr = list->root ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; SUCCEEDED(hr) && i < sizeof(first_ties) / sizeof(first_ties[0]); i++)
        hr = set_tie(list, first_ties[i].message_class, first_ties[i].folder);
    if (SUCCEEDED(hr))
        hr = state_props_get(account->mailbox, STATE_STORE_NUMBER, &tag, 1, error, &kept, &count);
    if (SUCCEEDED(hr) && count)
        hr = take_kept(list, kept);
    free(kept);
    *ret_list = list;
    return hr;
}

static void list_free(struct list *list)
{
    if (list)
        mapi_free(list->root);
    free(list);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static bool exists(const struct folder_tree *tree, uint64_t folder)
{
    return folder && folder_tree_find(tree, folder) != NULL;
}

/* Those in force: not removed, and to a folder that is there. */
static HRESULT pack_ties(struct account *account, const struct list *list,
                         struct receive_tie **ret_ties, size_t *ret_count)
{
    const struct folder_tree *tree = account_folder_tree(account);
    size_t bytes = 0, count = 0;
    struct receive_tie *ties;
    char *at;

    for (size_t i = 0; i < list->count; i++)
        bytes += sizeof(*ties) + strlen(list->ties[i].message_class) + 1;
    ties = malloc(bytes);
    at = (char *)(ties + list->count);
    for (size_t i = 0; ties && i < list->count; i++) {
        const struct receive_tie *tie = &list->ties[i];

        if (!exists(tree, tie->folder) && tie->message_class[0])
            continue;
        ties[count++] = (struct receive_tie){
            .message_class = at,
            .folder = exists(tree, tie->folder) ? tie->folder : ROLE_INBOX,
        };
        at = stpcpy(at, tie->message_class) + 1;
    }
    folder_tree_unref(tree);
    *ret_ties = ties;
    *ret_count = count;
    return ties ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

HRESULT account_receive_list(struct account *account, struct error_info *error,
                             struct receive_tie **ret_ties, size_t *ret_count)
{
    struct list *list = NULL;
    HRESULT hr = read_list(account, error, &list);

    if (SUCCEEDED(hr))
        hr = pack_ties(account, list, ret_ties, ret_count);
    list_free(list);
    return hr;
}

const struct receive_tie *receive_find(const struct receive_tie *ties, size_t count,
                                       const char *message_class)
{
    const struct receive_tie *best = NULL;
    size_t best_length = 0;

    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(ties[i].message_class);

        if (strncasecmp(ties[i].message_class, message_class, length) != 0 ||
            (length && message_class[length] && message_class[length] != '.'))
            continue;
        if (!best || length >= best_length) {
            best = &ties[i];
            best_length = length;
        }
    }
    return best;
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* Printable ASCII in parts that are not empty. */
static bool is_class(const char *message_class)
{
    size_t length = strlen(message_class);

    if (length > RECEIVE_CLASS_MAX || strstr(message_class, "..") || message_class[0] == '.' ||
        (length && message_class[length - 1] == '.'))
        return false;
    for (size_t i = 0; i < length; i++)
        if (message_class[i] < ' ' || message_class[i] > '~')
            return false;
    return true;
}

static WAITS HRESULT write_list(struct account *account, const struct list *list,
                                struct error_info *error)
{
    SPropValue value = {.ulPropTag = KEPT_RECEIVE_FOLDERS};
    WCHAR **lines = mapi_alloc_array(list->root, list->count, sizeof(*lines));
    char line[RECEIVE_CLASS_MAX + 20];
    HRESULT hr = lines ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    for (size_t i = 0; SUCCEEDED(hr) && i < list->count; i++) {
        snprintf(line, sizeof(line), "%llx %s", (unsigned long long)list->ties[i].folder,
                 list->ties[i].message_class);
        hr = text_utf8_to_utf16(list->root, line, &lines[i]);
    }
    value.Value.MVszW.cValues = (ULONG)list->count;
    value.Value.MVszW.lppszW = lines;
    return SUCCEEDED(hr) ? state_props_set(account->mailbox, STATE_STORE_NUMBER, &value, 1, error)
                         : hr;
}

HRESULT account_receive_set(struct account *account, const char *message_class, uint64_t folder,
                            struct error_info *error)
{
    const struct folder_tree *tree = account_folder_tree(account);
    bool known = folder == 0 || exists(tree, folder);
    struct list *list = NULL;
    HRESULT hr;

    folder_tree_unref(tree);
    if (!is_class(message_class))
        return error_set(error, MAPI_E_INVALID_PARAMETER, account->key,
                         "\"%s\" is no message class", message_class);
    if (!known)
        return error_set(error, MAPI_E_NOT_FOUND, account->key, "the folder is gone");
    hr = read_list(account, error, &list);
    if (SUCCEEDED(hr) && (folder || find_exactly(list, message_class)))
        hr = set_tie(list, message_class, folder);
    if (SUCCEEDED(hr))
        hr = write_list(account, list, error);
    list_free(list);
    return hr;
}
