/* providers/account/search.c - the search folders of an account: made, named, deleted, set
 *
 * The list belongs to the engine; one change runs at a time (searches_gate). What runs is in
 * search_run.c, what is kept in search_kept.c. */
#include "providers/account/search.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapidefs.h"
#include "providers/account/search_private.h"
#include "state/objects.h"

/* --- The list --------------------------------------------------------------------------------- */

struct search *account_search_find(const struct account *account, uint64_t number)
{
    struct search *search = account->searches;

    while (search && search->number != number)
        search = search->next;
    return search;
}

static void search_unref(struct search *search)
{
    if (--search->refs > 0)
        return;
    search_restriction_free(search->restriction);
    search_results_unref(search->results);
    engine_event_clear(&search->settled);
    engine_event_clear(&search->wake);
    free(search->folders);
    free(search->name);
    free(search);
}

static HRESULT search_new(struct account *account, uint64_t number, const char *name,
                          struct search **ret_search)
{
    struct search *search = calloc(1, sizeof(*search));

    if (!search)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    search->account = account;
    search->refs = 1;
    search->number = number;
    engine_event_init(&search->settled);
    engine_event_init(&search->wake);
    engine_event_set(&search->settled);
    search->name = strdup(name);
    if (!search->name || FAILED(search_results_create(NULL, 0, &search->results))) {
        search_unref(search);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    *ret_search = search;
    return S_OK;
}

static void list_add(struct account *account, struct search *search)
{
    search->next = account->searches;
    account->searches = search;
    account->search_count++;
}

/* Takes it out and gives the list's reference back; its fiber has ended. */
static void list_remove(struct account *account, struct search *search)
{
    struct search **link = &account->searches;

    while (*link != search)
        link = &(*link)->next;
    *link = search->next;
    account->search_count--;
    search_unref(search);
}

static WAITS HRESULT load_one(struct account *account, uint64_t number, struct error_info *error)
{
    struct search *search;
    HRESULT hr = search_new(account, number, "Search", &search);

    if (FAILED(hr))
        return hr;
    hr = search_kept_read(search, error);
    if (FAILED(hr)) {
        search_unref(search);
        return hr;
    }
    list_add(account, search);
    return S_OK;
}

HRESULT account_searches_load(struct account *account, struct error_info *error)
{
    struct state_object *objects;
    size_t count;
    HRESULT hr = state_objects_list(account->mailbox, ROLE_FINDER, STATE_OBJECT_SEARCH_FOLDER,
                                    error, &objects, &count);

    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < count && i < SEARCHES_MAX && SUCCEEDED(hr); i++)
        hr = load_one(account, objects[i].number, error);
    free(objects);
    return FAILED(hr) ? error_set(error, hr, account->key, "the search folders cannot be read")
                      : S_OK;
}

void account_searches_close(struct account *account)
{
    while (account->searches) {
        search_run_stop(account->searches);
        list_remove(account, account->searches);
    }
}

const struct folder_tree *account_searches_in_tree(struct account *account,
                                                   const struct folder_tree *tree)
{
    struct folder folders[SEARCHES_MAX];
    const struct folder_tree *with;
    size_t count = 0;

    for (const struct search *search = account->searches; search && count < SEARCHES_MAX;
         search = search->next)
        folders[count++] = (struct folder){.number = search->number,
                                           .name = search->name,
                                           .messages = (uint32_t)search->results->count,
                                           .unseen = (uint32_t)search->results->unseen};
    if (count == 0 && folder_tree_role(tree, ROLE_FINDER) &&
        folder_tree_role(tree, ROLE_FINDER)->children == 0)
        return tree;
    /* Without memory it is as it was until the next listing. */
    if (FAILED(folder_tree_with_searches(tree, folders, count, &with)))
        return tree;
    folder_tree_unref(tree);
    return with;
}

static void tell_tree(struct account *account)
{
    account_tree_publish(account, folder_tree_ref(account->tree));
}

/* --- Making, naming, deleting ----------------------------------------------------------------- */

static WAITS HRESULT enter(struct account *account, struct error_info *error)
{
    HRESULT hr = engine_mutex_lock(&account->searches_gate, NO_DEADLINE);

    return FAILED(hr) ? error_set(error, hr, account->key, "given up waiting for search folders")
                      : S_OK;
}

static HRESULT check_name(const struct account *account, const struct search *own, const char *name,
                          struct error_info *error)
{
    if (!name[0])
        return error_set(error, MAPI_E_INVALID_PARAMETER, account->key,
                         "a folder name must not be empty");
    for (const struct search *each = account->searches; each; each = each->next)
        if (each != own && strcmp(each->name, name) == 0)
            return error_set(error, MAPI_E_COLLISION, account->key, "\"%s\" exists already", name);
    return S_OK;
}

static HRESULT find(const struct account *account, uint64_t number, struct error_info *error,
                    struct search **ret_search)
{
    *ret_search = account_search_find(account, number);
    return *ret_search
               ? S_OK
               : error_set(error, MAPI_E_NOT_FOUND, account->key, "there is no such search folder");
}

static WAITS HRESULT create(struct account *account, const char *name, struct error_info *error,
                            uint64_t *ret_number)
{
    struct search *search;
    HRESULT hr = check_name(account, NULL, name, error);

    if (SUCCEEDED(hr) && account->search_count >= SEARCHES_MAX)
        hr = error_set(error, MAPI_E_NOT_ENOUGH_RESOURCES, account->key,
                       "there are %d search folders already", SEARCHES_MAX);
    if (SUCCEEDED(hr))
        hr = search_kept_create(account, name, error, ret_number);
    if (FAILED(hr))
        return hr;
    hr = search_new(account, *ret_number, name, &search);
    if (FAILED(hr)) {
        state_object_delete(account->mailbox, *ret_number, NULL);
        return error_set(error, hr, account->key, "out of memory");
    }
    list_add(account, search);
    tell_tree(account);
    return S_OK;
}

HRESULT account_search_create(struct account *account, const char *name, struct error_info *error,
                              uint64_t *ret_number)
{
    HRESULT hr = enter(account, error);

    if (FAILED(hr))
        return hr;
    hr = create(account, name, error, ret_number);
    engine_mutex_unlock(&account->searches_gate);
    return hr;
}

static WAITS HRESULT rename_to(struct search *search, const char *name, struct error_info *error)
{
    HRESULT hr = check_name(search->account, search, name, error);
    char *copy;

    if (FAILED(hr))
        return hr;
    copy = strdup(name);
    hr = copy ? search_kept_rename(search, name, error) : MAPI_E_NOT_ENOUGH_MEMORY;
    if (FAILED(hr)) {
        free(copy);
        return hr;
    }
    free(search->name);
    search->name = copy;
    tell_tree(search->account);
    return S_OK;
}

HRESULT account_search_rename(struct account *account, uint64_t number, const char *name,
                              struct error_info *error)
{
    struct search *search;
    HRESULT hr = enter(account, error);

    if (FAILED(hr))
        return hr;
    hr = find(account, number, error, &search);
    if (SUCCEEDED(hr))
        hr = rename_to(search, name, error);
    engine_mutex_unlock(&account->searches_gate);
    return hr;
}

HRESULT account_search_delete(struct account *account, uint64_t number, struct error_info *error)
{
    struct search *search;
    HRESULT hr = enter(account, error);

    if (FAILED(hr))
        return hr;
    hr = find(account, number, error, &search);
    if (SUCCEEDED(hr))
        hr = state_object_delete(account->mailbox, number, error);
    if (SUCCEEDED(hr)) {
        search_run_stop(search);
        list_remove(account, search);
        tell_tree(account);
    }
    engine_mutex_unlock(&account->searches_gate);
    return hr;
}

/* --- Criteria --------------------------------------------------------------------------------- */

static HRESULT check_folders(const struct account *account, const uint64_t *folders, size_t count,
                             struct error_info *error)
{
    const struct folder_tree *tree = account_folder_tree(account);
    HRESULT hr = S_OK;

    if (count == 0 || count > SEARCH_FOLDERS_MAX)
        hr = error_set(error, MAPI_E_INVALID_PARAMETER, account->key,
                       "a search takes 1 to %d folders", SEARCH_FOLDERS_MAX);
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        const struct folder *folder = folder_tree_find(tree, folders[i]);

        if (!folder)
            hr = error_set(error, MAPI_E_NOT_FOUND, account->key,
                           "a folder that is to be searched is gone");
        else if (folder->search)
            hr = error_set(error, MAPI_E_INVALID_PARAMETER, account->key,
                           "\"%s\" is a search folder itself", folder->name);
    }
    folder_tree_unref(tree);
    return hr;
}

/* What the search looks for after the request; the caller frees what is not the search's own. */
struct plan {
    struct search_restriction *restriction; /* NULL: as it is */
    uint64_t *folders;                      /* NULL: as they are */
    size_t folder_count;
    bool recursive, foreground, stopped;
    bool anew; /* it is to run from the beginning */
};

static HRESULT plan_make(const struct search *search, const struct search_request *request,
                         struct error_info *error, struct plan *plan)
{
    const char *key = search->account->key;
    HRESULT hr = S_OK;

    plan->recursive = request->flags & RECURSIVE_SEARCH || (!(request->flags & SHALLOW_SEARCH) &&
                                                            search->recursive && !request->folders);
    plan->foreground = request->flags & FOREGROUND_SEARCH ||
                       (!(request->flags & BACKGROUND_SEARCH) && search->foreground);
    plan->stopped = request->flags & STOP_SEARCH;
    if ((!request->restriction && !search->restriction) ||
        (!request->folders && search->folder_count == 0))
        return error_set(error, MAPI_E_NOT_INITIALIZED, key,
                         "a first search needs a restriction and folders");
    if (request->restriction) {
        hr = search_restriction_create(request->restriction, &plan->restriction);
        if (FAILED(hr))
            return error_set(error, hr, key, "such a restriction cannot be searched for");
    }
    if (request->folders) {
        hr = check_folders(search->account, request->folders, request->folder_count, error);
        if (FAILED(hr))
            return hr;
        plan->folders = calloc(request->folder_count, sizeof(*plan->folders));
        if (!plan->folders)
            return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, key, "out of memory");
        memcpy(plan->folders, request->folders, request->folder_count * sizeof(*plan->folders));
        plan->folder_count = request->folder_count;
    }
    plan->anew = request->restriction || request->folders || request->flags & RESTART_SEARCH ||
                 plan->recursive != search->recursive || !search->fiber;
    return S_OK;
}

static void plan_clear(struct plan *plan)
{
    search_restriction_free(plan->restriction);
    free(plan->folders);
}

/* Takes what is new out of the plan. */
static void plan_apply(struct search *search, struct plan *plan)
{
    if (plan->restriction) {
        search_restriction_free(search->restriction);
        search->restriction = plan->restriction;
        plan->restriction = NULL;
    }
    if (plan->folders) {
        free(search->folders);
        search->folders = plan->folders;
        search->folder_count = plan->folder_count;
        plan->folders = NULL;
    }
    search->recursive = plan->recursive;
    search->foreground = plan->foreground;
    search->stopped = plan->stopped;
    search->resumed = false;
}

static WAITS HRESULT carry_out(struct search *search, struct plan *plan, struct error_info *error)
{
    const struct search_kept kept = {
        .restriction = plan->restriction ? plan->restriction : search->restriction,
        .folders = plan->folders ? plan->folders : search->folders,
        .folder_count = plan->folders ? plan->folder_count : search->folder_count,
        .recursive = plan->recursive,
        .foreground = plan->foreground,
        .stopped = plan->stopped,
    };
    HRESULT hr = search_kept_write(search, &kept, error);

    if (FAILED(hr))
        return hr;
    if (plan->anew || plan->stopped)
        search_run_stop(search);
    plan_apply(search, plan);
    if (!search->stopped && !search->fiber)
        hr = search_run_start(search);
    return FAILED(hr) ? error_set(error, hr, search->account->key, "the search cannot begin")
                      : S_OK;
}

HRESULT account_search_set(struct account *account, uint64_t number,
                           const struct search_request *request, struct error_info *error)
{
    struct plan plan = {0};
    struct search *search;
    HRESULT hr = enter(account, error);

    if (FAILED(hr))
        return hr;
    hr = find(account, number, error, &search);
    if (SUCCEEDED(hr))
        hr = plan_make(search, request, error, &plan);
    if (SUCCEEDED(hr))
        hr = carry_out(search, &plan, error);
    plan_clear(&plan);
    engine_mutex_unlock(&account->searches_gate);
    return hr;
}

static ULONG state_of(const struct search *search)
{
    ULONG state = 0;

    if (search->fiber)
        state |= SEARCH_RUNNING;
    if (search->rebuilding)
        state |= SEARCH_REBUILD;
    if (search->recursive)
        state |= SEARCH_RECURSIVE;
    if (search->foreground)
        state |= SEARCH_FOREGROUND;
    return state;
}

HRESULT account_search_get(struct account *account, uint64_t number,
                           const struct search_answer_request *request)
{
    const struct search *search = account_search_find(account, number);
    uint64_t *folders = NULL;
    HRESULT hr = S_OK;

    if (!search)
        return MAPI_E_NOT_FOUND;
    if (!search->restriction || search->folder_count == 0)
        return MAPI_E_NOT_INITIALIZED;
    if (request->ret_folders) {
        folders = calloc(search->folder_count, sizeof(*folders));
        if (!folders)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        memcpy(folders, search->folders, search->folder_count * sizeof(*folders));
    }
    if (request->ret_restriction)
        hr = search_restriction_copy(search->restriction, request->width, request->ret_restriction);
    if (FAILED(hr)) {
        free(folders);
        return hr;
    }
    if (request->ret_folders) {
        *request->ret_folders = folders;
        *request->ret_folder_count = search->folder_count;
    }
    if (request->ret_state)
        *request->ret_state = state_of(search);
    return S_OK;
}

/* --- Looking ---------------------------------------------------------------------------------- */

HRESULT account_search_begin(struct account *account, uint64_t number)
{
    const struct search *search = account_search_find(account, number);
    struct search *mine;
    HRESULT hr;

    if (!search || !search->resumed || search->stopped || search->fiber)
        return S_OK;
    hr = enter(account, NULL);
    if (FAILED(hr))
        return hr;
    mine = account_search_find(account, number); /* it waited */
    if (mine && mine->resumed && !mine->stopped && !mine->fiber)
        hr = search_run_start(mine);
    engine_mutex_unlock(&account->searches_gate);
    return hr;
}

HRESULT account_search_await(struct account *account, uint64_t number, uint64_t deadline)
{
    struct search *search = account_search_find(account, number);
    HRESULT hr;

    if (!search || !search->resumed)
        return S_OK;
    search->refs++;
    hr = engine_event_wait(&search->settled, deadline);
    search_unref(search);
    return hr;
}

const struct search_results *account_search_results(const struct account *account, uint64_t number)
{
    const struct search *search = account_search_find(account, number);

    return search ? search_results_ref(search->results) : NULL;
}
