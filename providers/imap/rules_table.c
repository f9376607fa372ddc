/* providers/imap/rules_table.c - PR_RULES_TABLE: the rules of a folder as rows
 *
 * MS-OXORULE 2.2.1.3.1 says what a rule has. Condition and actions are trees in MAPI and bytes in
 * the side store, where named properties keep their ids. */
#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/propval_tree.h"
#include "mapi/text.h"
#include "mapi/wire.h"
#include "providers/account/rules.h"
#include "providers/imap/live_rows.h"
#include "providers/imap/modify_table.h"

#define RULE_SIZE_MAX (256u * 1024) /* bytes of one value */

/* Every property of a rule but its id. */
static const struct {
    ULONG tag;
    bool needed; /* in a new rule */
    bool zero;   /* what a new rule has without it */
} rule_values[] = {
    {PR_RULE_SEQUENCE, .zero = true},
    {PR_RULE_STATE, .zero = true},
    {PR_RULE_USER_FLAGS, .zero = true},
    {PR_RULE_LEVEL, .zero = true},
    {PR_RULE_CONDITION, .needed = true},
    {PR_RULE_ACTIONS, .needed = true},
    {PR_RULE_PROVIDER_W, .needed = true},
    {PR_RULE_NAME_W},
    {PR_RULE_PROVIDER_DATA},
};
#define RULE_VALUES (sizeof(rule_values) / sizeof(rule_values[0]))

/* --- Rows ------------------------------------------------------------------------------------- */

static const SizedSPropTagArray(11, columns) = {
    11,
    {PR_RULE_ID, PR_RULE_SEQUENCE, PR_RULE_STATE, PR_RULE_USER_FLAGS, PR_RULE_CONDITION,
     PR_RULE_ACTIONS, PR_RULE_PROVIDER_W, PR_RULE_NAME_W, PR_RULE_LEVEL, PR_RULE_PROVIDER_DATA,
     PR_INSTANCE_KEY}};
static const SizedSSortOrderSet(2, order) = {
    2, 0, 0, {{PR_RULE_SEQUENCE, TABLE_SORT_ASCEND}, {PR_RULE_ID, TABLE_SORT_ASCEND}}};

/* A kept value as the table shows it, hanging off `root`. */
static HRESULT show_value(const SPropValue *kept, void *root, SPropValue *ret_value)
{
    SRestriction *condition;
    ACTIONS *actions;
    SPropValue value = *kept;
    HRESULT hr;

    if (kept->ulPropTag == CHANGE_PROP_TYPE(PR_RULE_CONDITION, PT_BINARY)) {
        hr = HrDeserializeSRestriction(NULL, kept->Value.bin.lpb, kept->Value.bin.cb, &condition);
        if (FAILED(hr))
            return hr;
        value = propval_restriction(PR_RULE_CONDITION, condition);
        hr = propval_copy(root, ret_value, &value);
        mapi_free(condition);
        return hr;
    }
    if (kept->ulPropTag == CHANGE_PROP_TYPE(PR_RULE_ACTIONS, PT_BINARY)) {
        hr = HrDeserializeActions(NULL, kept->Value.bin.lpb, kept->Value.bin.cb, &actions);
        if (FAILED(hr))
            return hr;
        value = propval_actions(PR_RULE_ACTIONS, actions);
        hr = propval_copy(root, ret_value, &value);
        mapi_free(actions);
        return hr;
    }
    return propval_copy(root, ret_value, kept);
}

static HRESULT show_rule(const struct account_rule *rule, void *root, SRow *row)
{
    BYTE key[INSTANCE_KEY_SIZE];
    SPropValue instance = propval_binary(PR_INSTANCE_KEY, key, sizeof(key));
    HRESULT hr;

    row->lpProps = mapi_alloc_array(root, rule->count + 2, sizeof(SPropValue));
    if (!row->lpProps)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    ids_instance_key(rule->number, 0, key);
    row->lpProps[0] =
        (SPropValue){.ulPropTag = PR_RULE_ID, .Value.li.QuadPart = ids_short_id(rule->number)};
    hr = propval_copy(root, &row->lpProps[1], &instance);
    row->cValues = 2;
    for (size_t i = 0; SUCCEEDED(hr) && i < rule->count; i++)
        hr = show_value(&rule->values[i], root, &row->lpProps[row->cValues++]);
    return hr;
}

static HRESULT fill(const struct live_rows *rows, struct account *account, struct error_info *error,
                    struct live_filling *filling)
{
    struct account_rules rules;
    HRESULT hr = account_rules_list(account, rows->folder, error, &rules);

    if (SUCCEEDED(hr))
        hr = live_filling_reserve(filling, rules.count);
    for (size_t i = 0; SUCCEEDED(hr) && i < rules.count; i++)
        hr = show_rule(&rules.rules[i], filling->root, &filling->rows[filling->count++]);
    account_rules_clear(&rules);
    return hr;
}

static bool wants(const struct live_rows *rows, const struct account_event *event)
{
    return event->kind == ACCOUNT_RULES_CHANGED && event->folder == rows->folder;
}

static const struct live_rows_ops rows_ops = {.columns = (const SPropTagArray *)&columns,
                                              .sort = (const SSortOrderSet *)&order,
                                              .wants = wants,
                                              .fill = fill};

static HRESULT open_rules(struct imap_link *link, struct mapi_object *object, uint64_t folder,
                          ULONG flags, IMAPITable **ret_table)
{
    return live_rows_open(link, object, folder, &rows_ops, flags, ret_table);
}

/* --- Changes ---------------------------------------------------------------------------------- */

struct modify_call {
    struct link_call base;
    uint64_t folder;
    bool replace;
    struct rule_change *changes;
    size_t count;
    void *root; /* of their values */
};

static HRESULT modify_on_engine(void *arg)
{
    struct modify_call *call = arg;

    return account_rules_change(call->base.account, call->folder, call->replace, call->changes,
                                call->count, &call->base.error);
}

static HRESULT keep_bytes(HRESULT packed, void *root, BYTE *bytes, ULONG size, ULONG tag,
                          SPropValue *ret_kept)
{
    SPropValue value = propval_binary(CHANGE_PROP_TYPE(tag, PT_BINARY), bytes, size);
    HRESULT hr = packed;

    if (SUCCEEDED(hr) && size > RULE_SIZE_MAX)
        hr = MAPI_E_TOO_BIG;
    if (SUCCEEDED(hr))
        hr = propval_copy(root, ret_kept, &value);
    mapi_free(bytes);
    return hr;
}

/* The value of a row as the side store keeps it. `tag` is what it is to be. */
static HRESULT keep_value(void *root, const SPropValue *given, ULONG tag, SPropValue *ret_kept)
{
    ULONG type = PROP_TYPE(given->ulPropTag), size = 0;
    BYTE *bytes = NULL;
    HRESULT hr;

    if (type != PROP_TYPE(tag) && !(PROP_TYPE(tag) == PT_UNICODE && type == PT_STRING8))
        return MAPI_E_INVALID_TYPE;
    if (propval_is_tree(given) ? !given->Value.lpv : propval_is_bad(given))
        return MAPI_E_INVALID_PARAMETER;
    if (type == PT_SRESTRICTION) {
        hr = wire_pack_restriction(given->Value.lpv, &bytes, &size);
        return keep_bytes(hr, root, bytes, size, tag, ret_kept);
    }
    if (type == PT_ACTIONS) {
        hr = wire_pack_actions(given->Value.lpv, &bytes, &size);
        return keep_bytes(hr, root, bytes, size, tag, ret_kept);
    }
    if (propval_size(given) > RULE_SIZE_MAX)
        return MAPI_E_TOO_BIG;
    hr = propval_copy(root, ret_kept, given);
    return SUCCEEDED(hr) ? propval_set_width(root, ret_kept, PT_UNICODE) : hr;
}

static HRESULT keep_values(void *root, const ROWENTRY *row, bool is_new, struct rule_change *change)
{
    SPropValue *set = mapi_alloc_array(root, RULE_VALUES, sizeof(*set));
    HRESULT hr = set ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    for (size_t i = 0; SUCCEEDED(hr) && i < RULE_VALUES; i++) {
        const SPropValue *given = row_entry_find(row, rule_values[i].tag);

        if (given)
            hr = keep_value(root, given, rule_values[i].tag, &set[change->set_count++]);
        else if (is_new && rule_values[i].needed)
            hr = MAPI_E_INVALID_PARAMETER;
        else if (is_new && rule_values[i].zero)
            set[change->set_count++] = propval_long(rule_values[i].tag, 0);
    }
    change->set = set;
    return hr;
}

/* A new rule gets its id here, whatever id the row has. */
static HRESULT take_row(void *root, const ROWENTRY *row, bool replace, struct rule_change *change)
{
    const SPropValue *id = row_entry_find(row, PR_RULE_ID);

    if (row->ulRowFlags == ROW_ADD)
        return keep_values(root, row, true, change);
    if (replace || !id || id->ulPropTag != PR_RULE_ID)
        return MAPI_E_INVALID_PARAMETER;
    if (!ids_parse_short_id(id->Value.li.QuadPart, &change->number) || !change->number)
        return MAPI_E_NOT_FOUND;
    change->remove = row->ulRowFlags == ROW_REMOVE;
    return change->remove ? S_OK : keep_values(root, row, false, change);
}

static HRESULT modify_rules(struct imap_link *link, struct mapi_object *object, uint64_t folder,
                            ULONG flags, const ROWLIST *list)
{
    struct modify_call call = {
        .folder = folder, .replace = flags & ROWLIST_REPLACE, .root = mapi_alloc(NULL, 1)};
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (call.root)
        call.changes = mapi_alloc_array(call.root, list->cEntries + 1u, sizeof(*call.changes));
    if (call.changes)
        hr = S_OK;
    for (ULONG i = 0; SUCCEEDED(hr) && i < list->cEntries; i++)
        if (list->aEntries[i].ulRowFlags != ROW_EMPTY)
            hr = take_row(call.root, &list->aEntries[i], call.replace, &call.changes[call.count++]);
    if (SUCCEEDED(hr))
        hr = imap_link_run(link, object, modify_on_engine, &call.base);
    mapi_free(call.root);
    return hr;
}

const struct modify_table_ops rules_table_ops = {
    .tag = PR_RULES_TABLE, .open = open_rules, .modify = modify_rules};
