/* providers/account/search.h - search folders: folders that show messages of other folders
 *
 * A search folder hangs below the Finder root, has no mailbox and lives in the side store with what
 * it looks for. While it runs it follows the account's events: its results are what the contents
 * tables of the folders in its scope would show of such a restriction. It starts when somebody
 * first looks at it; the first pass and all that follows runs in a fiber of its own. Everything
 * here runs on the account's engine; requirements: STO-162 to STO-174. */
#ifndef MG_ACCOUNT_SEARCH_H
#define MG_ACCOUNT_SEARCH_H

#include "providers/account/account.h"
#include "providers/account/search_results.h"

#define SEARCHES_MAX       100 /* search folders of an account */
#define SEARCH_FOLDERS_MAX 500 /* folders in the scope of one; what is beyond is not looked at */

/* Makes a search folder that looks for nothing yet. MAPI_E_COLLISION, MAPI_E_INVALID_PARAMETER (no
 * name), MAPI_E_NOT_ENOUGH_RESOURCES, and what the side store fails with. */
WAITS HRESULT account_search_create(struct account *account, const char *name,
                                    struct error_info *error, uint64_t *ret_number);
/* MAPI_E_COLLISION, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND. */
WAITS HRESULT account_search_rename(struct account *account, uint64_t number, const char *name,
                                    struct error_info *error);
/* Messages stay where they are. MAPI_E_NOT_FOUND. */
WAITS HRESULT account_search_delete(struct account *account, uint64_t number,
                                    struct error_info *error);

/* SetSearchCriteria: what is NULL stays as it was; flags are those of MAPI, exclusive pairs
 * excluded. Returns before anything has been looked at. MAPI_E_NOT_INITIALIZED: nothing is there to
 * stay; MAPI_E_TOO_COMPLEX; MAPI_E_NOT_FOUND: no such folder; MAPI_E_INVALID_PARAMETER: too many
 * folders, none, or a search folder among them. */
struct search_request {
    const SRestriction *restriction;
    const uint64_t *folders;
    size_t folder_count;
    ULONG flags;
};
WAITS HRESULT account_search_set(struct account *account, uint64_t number,
                                 const struct search_request *request, struct error_info *error);

/* GetSearchCriteria: what is not NULL is filled: one mapi_free root (strings of `width`), a free()
 * block, SEARCH_RUNNING and its kin. MAPI_E_NOT_INITIALIZED, MAPI_E_NOT_FOUND. */
struct search_answer_request {
    ULONG width; /* PT_UNICODE or PT_STRING8 */
    SRestriction **ret_restriction;
    uint64_t **ret_folders;
    size_t *ret_folder_count;
    ULONG *ret_state;
};
HRESULT account_search_get(struct account *account, uint64_t number,
                           const struct search_answer_request *request);

/* Somebody looks: a kept search that does not run yet begins; S_OK also when there is none to. */
WAITS HRESULT account_search_begin(struct account *account, uint64_t number);
/* Waits for the end of the first pass of a search that account_search_begin has begun. */
WAITS HRESULT account_search_await(struct account *account, uint64_t number, uint64_t deadline);

/* What it has found so far, one reference; never NULL for a search folder, else NULL. */
const struct search_results *account_search_results(const struct account *account, uint64_t number);

#endif
