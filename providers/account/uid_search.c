/* providers/account/uid_search.c - which of these messages are there, or have words in their body?
 */
#include "providers/account/uid_search.h"

#include <stdlib.h>

#include "mapi/array.h"
#include "providers/imap/client/uidset.h"

#define SET_TEXT_MAX 4000 /* bytes of a UID set in one command */

HRESULT account_search_uids(struct imap_lease *lease, const uint32_t *wanted, size_t count,
                            const char *words, struct error_info *error,
                            struct imap_uids *ret_present)
{
    struct imap_uids present = {0};
    struct uidset set = UIDSET_INIT;
    char text[SET_TEXT_MAX] = "UID ";
    size_t range = 0;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        if (wanted[i])
            hr = uidset_add(&set, wanted[i]);
    while (SUCCEEDED(hr) && uidset_format(&set, &range, text + 4, sizeof(text) - 4) > 0) {
        struct imap_uids found = {0};
        struct imap_query query;

        imap_query_init(&query);
        imap_query_add(&query, text);
        if (words) {
            imap_query_add(&query, "BODY");
            imap_query_add_string(&query, words);
        }
        hr = imap_search(lease, &query, error, &found);
        imap_query_clear(&query);
        for (size_t i = 0; i < found.count && SUCCEEDED(hr); i++)
            if (!array_append(&present.uids, &present.count, &found.uids[i]))
                hr = error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, NULL, "out of memory");
        free(found.uids);
    }
    uidset_clear(&set);
    if (FAILED(hr)) {
        free(present.uids);
        return hr;
    }
    *ret_present = present;
    return S_OK;
}
