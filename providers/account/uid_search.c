/* providers/account/uid_search.c - which of these messages are there, or have words in their body?
 */
#include "providers/account/uid_search.h"

#include <stdlib.h>

#include "mapi/array.h"

#define SET_TEXT_MAX 4000 /* bytes of a UID set in one command */

HRESULT account_search_uidset(struct imap_lease *lease, const struct uidset *set,
                              uid_search_fn *refine, const void *arg, struct error_info *error,
                              struct imap_uids *ret_found)
{
    struct imap_uids all = {0};
    char text[SET_TEXT_MAX] = "UID ";
    size_t range = 0;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && uidset_format(set, &range, text + 4, sizeof(text) - 4) > 0) {
        struct imap_uids found = {0};
        struct imap_query query;

        imap_query_init(&query);
        imap_query_add(&query, text);
        if (refine)
            refine(&query, arg);
        hr = imap_search(lease, &query, error, &found);
        imap_query_clear(&query);
        for (size_t i = 0; i < found.count && SUCCEEDED(hr); i++)
            if (!array_append(&all.uids, &all.count, &found.uids[i]))
                hr = error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, NULL, "out of memory");
        free(found.uids);
    }
    if (FAILED(hr)) {
        free(all.uids);
        return hr;
    }
    *ret_found = all;
    return S_OK;
}

static void ask_for_words(struct imap_query *query, const void *words)
{
    imap_query_add(query, "BODY");
    imap_query_add_string(query, words);
}

HRESULT account_search_uids(struct imap_lease *lease, const uint32_t *wanted, size_t count,
                            const char *words, struct error_info *error,
                            struct imap_uids *ret_present)
{
    struct uidset set = UIDSET_INIT;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        if (wanted[i])
            hr = uidset_add(&set, wanted[i]);
    if (SUCCEEDED(hr))
        hr = account_search_uidset(lease, &set, words ? ask_for_words : NULL, words, error,
                                   ret_present);
    uidset_clear(&set);
    return hr;
}
