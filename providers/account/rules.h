/* providers/account/rules.h - the rules of a folder
 *
 * Kept in the side store alone: nobody executes them yet. A rule's number is one of the side
 * store's, which no other object ever gets; its properties are those of MS-OXORULE 2.2.1.3.1 as the
 * side store can hold them, condition and actions as PT_BINARY. Fiber of the account's engine. */
#ifndef MG_ACCOUNT_RULES_H
#define MG_ACCOUNT_RULES_H

#include "providers/account/account.h"
#include "state/objects.h"

#define RULES_MAX 1024 /* of one folder */

struct account_rule {
    uint64_t number;
    const SPropValue *values;
    size_t count;
};
struct account_rules {
    struct account_rule *rules; /* by number */
    size_t count;
};

/* The folder's rules; account_rules_clear in any case. */
WAITS HRESULT account_rules_list(struct account *account, uint64_t folder, struct error_info *error,
                                 struct account_rules *ret_rules);
void account_rules_clear(struct account_rules *rules);

struct rule_change {
    uint64_t number;       /* the rule to change or remove; 0: a new one */
    bool remove;           /* else: */
    const SPropValue *set; /* what is not named stays */
    size_t set_count;
};

/* Does all of it or, on failure, nothing; `replace` removes the rules that there are first, so that
 * no change may name one. Observers hear ACCOUNT_RULES_CHANGED. Fails with
 * MAPI_E_OBJECT_DELETED (the folder is gone), MAPI_E_NOT_FOUND (no such rule in it) and
 * MAPI_E_TOO_BIG (beyond RULES_MAX). */
WAITS HRESULT account_rules_change(struct account *account, uint64_t folder, bool replace,
                                   const struct rule_change *changes, size_t count,
                                   struct error_info *error);

/* Removes all rules of a folder, which may be gone already. */
WAITS HRESULT account_rules_empty(struct account *account, uint64_t folder,
                                  struct error_info *error);

#endif
