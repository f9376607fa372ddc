/* providers/account/rules.c - the rules of a folder */
#include "providers/account/rules.h"

#include <stdlib.h>

#include "providers/account/account-private.h"
#include "state/props.h"

/* --- Reading ---------------------------------------------------------------------------------- */

HRESULT account_rules_list(struct account *account, uint64_t folder, struct error_info *error,
                           struct account_rules *ret_rules)
{
    struct state_object *objects;
    size_t count;
    HRESULT hr;

    *ret_rules = (struct account_rules){0};
    hr = state_objects_list(account->mailbox, folder, STATE_OBJECT_RULE, error, &objects, &count);
    if (FAILED(hr))
        return hr;
    ret_rules->rules = calloc(count + 1, sizeof(*ret_rules->rules));
    if (!ret_rules->rules)
        hr = error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, account->key, "out of memory");
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        struct account_rule *rule = &ret_rules->rules[ret_rules->count];
        SPropValue *values = NULL;

        rule->number = objects[i].number;
        hr = state_props_get(account->mailbox, rule->number, NULL, 0, error, &values, &rule->count);
        if (FAILED(hr) || rule->count == 0)
            continue; /* it was removed meanwhile */
        rule->values = values;
        ret_rules->count++;
    }
    free(objects);
    return hr;
}

void account_rules_clear(struct account_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        free((void *)rules->rules[i].values);
    free(rules->rules);
    *rules = (struct account_rules){0};
}

/* --- Changing --------------------------------------------------------------------------------- */

struct change_call {
    struct state_mailbox *mailbox;
    uint64_t folder;
    bool replace;
    const struct rule_change *changes;
    size_t count;
    size_t left; /* rules of the folder */
};

/* Counts, and with `replace` removes. */
static WAITS HRESULT begin(struct change_call *call)
{
    struct state_object *objects;
    size_t count;
    HRESULT hr =
        state_objects_list(call->mailbox, call->folder, STATE_OBJECT_RULE, NULL, &objects, &count);

    if (FAILED(hr))
        return hr;
    call->left = count;
    for (size_t i = 0; SUCCEEDED(hr) && call->replace && i < count; i++) {
        hr = state_object_delete(call->mailbox, objects[i].number, NULL);
        call->left--;
    }
    free(objects);
    return hr;
}

static WAITS HRESULT change_one(struct change_call *call, const struct rule_change *change)
{
    const struct state_object fresh = {.folder = call->folder, .kind = STATE_OBJECT_RULE};
    struct state_change step = {
        .number = change->number, .set = change->set, .set_count = change->set_count};
    struct state_object known;
    HRESULT hr;

    if (change->number == 0) {
        step.object = &fresh;
        if (++call->left > RULES_MAX)
            return MAPI_E_TOO_BIG;
        return state_props_change(call->mailbox, &step, NULL, NULL);
    }
    hr = state_object_find(call->mailbox, change->number, NULL, &known);
    if (SUCCEEDED(hr) && (known.folder != call->folder || known.kind != STATE_OBJECT_RULE))
        hr = MAPI_E_NOT_FOUND;
    if (FAILED(hr))
        return hr;
    if (!change->remove)
        return state_props_change(call->mailbox, &step, NULL, NULL);
    call->left--;
    return state_object_delete(call->mailbox, change->number, NULL);
}

/* The writer's thread; may run again. */
static HRESULT change_all(void *arg)
{
    struct change_call *call = arg;
    HRESULT hr = begin(call);

    for (size_t i = 0; SUCCEEDED(hr) && i < call->count; i++)
        hr = change_one(call, &call->changes[i]);
    return hr;
}

static WAITS HRESULT change(struct account *account, struct change_call *call,
                            struct error_info *error)
{
    struct account_event event = {.kind = ACCOUNT_RULES_CHANGED, .folder = call->folder};
    HRESULT hr;

    call->mailbox = account->mailbox;
    hr = state_transaction(state_mailbox_state(account->mailbox), change_all, call, error);
    if (hr == MAPI_E_NOT_FOUND)
        return error_set(error, hr, account->key, "the folder has no such rule");
    if (hr == MAPI_E_TOO_BIG)
        return error_set(error, hr, account->key, "a folder has at most %d rules", RULES_MAX);
    if (SUCCEEDED(hr))
        account_emit(account, &event);
    return hr;
}

HRESULT account_rules_change(struct account *account, uint64_t folder, bool replace,
                             const struct rule_change *changes, size_t count,
                             struct error_info *error)
{
    struct change_call call = {
        .folder = folder, .replace = replace, .changes = changes, .count = count};
    const struct folder_tree *tree = account_folder_tree(account);
    bool exists = folder_tree_find(tree, folder) != NULL;

    folder_tree_unref(tree);
    if (!exists)
        return error_set(error, MAPI_E_OBJECT_DELETED, account->key, "the folder is gone");
    return change(account, &call, error);
}

HRESULT account_rules_empty(struct account *account, uint64_t folder, struct error_info *error)
{
    struct change_call call = {.folder = folder, .replace = true};

    return change(account, &call, error);
}
