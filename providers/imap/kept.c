/* providers/imap/kept.c - what a program sets on a folder or on the store */
#include "providers/imap/kept.h"

#include <stdlib.h>

#include "mapi/array.h"

/* --- Reading ---------------------------------------------------------------------------------- */

struct get_call {
    struct link_call base;
    uint64_t number;
    SPropValue *values;
    size_t count;
};

static HRESULT get_on_engine(void *arg)
{
    struct get_call *call = arg;

    return state_props_get(account_state(call->base.account), call->number, NULL, 0,
                           &call->base.error, &call->values, &call->count);
}

static const struct propbag_item *find_item(const struct propbag *bag, ULONG tag)
{
    for (size_t i = 0; i < bag->count; i++)
        if (PROP_ID(bag->items[i].value->ulPropTag) == PROP_ID(tag))
            return &bag->items[i];
    return NULL;
}

static bool is_computed(const struct propbag *bag, ULONG tag)
{
    const struct propbag_item *item = find_item(bag, tag);

    return item && item->attributes & (PROP_READONLY | PROP_OBJECT);
}

static bool all_computed(struct mapi_prop *prop, const SPropTagArray *tags)
{
    bool all = tags != NULL;

    pthread_mutex_lock(&prop->lock);
    for (ULONG i = 0; all && i < tags->cValues; i++)
        all = PROP_ID(tags->aulPropTag[i]) == PROP_ID_NULL ||
              is_computed(&prop->bag, tags->aulPropTag[i]);
    pthread_mutex_unlock(&prop->lock);
    return all;
}

/* Another object may have changed or deleted what the bag holds; lock held. */
static void forget_kept(struct propbag *bag)
{
    for (size_t i = bag->count; i-- > 0;)
        if (!(bag->items[i].attributes & (PROP_READONLY | PROP_OBJECT | PROP_DIRTY)))
            propbag_forget(bag, bag->items[i].value->ulPropTag);
}

static HRESULT take_values(struct propbag *bag, const SPropValue *values, size_t count)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++)
        if (!kept_is_ours(values[i].ulPropTag) && !find_item(bag, values[i].ulPropTag))
            hr = propbag_load(bag, &values[i], 0);
    return hr;
}

HRESULT kept_load(struct mapi_prop *prop, struct imap_link *link, uint64_t number,
                  const SPropTagArray *tags)
{
    struct get_call call = {.number = number};
    HRESULT hr;

    if (all_computed(prop, tags))
        return S_OK;
    hr = imap_link_run(link, prop->object, get_on_engine, &call.base);
    if (FAILED(hr))
        return hr;
    pthread_mutex_lock(&prop->lock);
    forget_kept(&prop->bag);
    hr = take_values(&prop->bag, call.values, call.count);
    pthread_mutex_unlock(&prop->lock);
    free(call.values);
    return hr;
}

/* --- Writing ---------------------------------------------------------------------------------- */

struct write_call {
    struct link_call base;
    uint64_t number;
    struct kept_change change;
};

static HRESULT write_on_engine(void *arg)
{
    struct write_call *call = arg;

    return account_kept_change(call->base.account, call->number, &call->change, &call->base.error);
}

HRESULT kept_change_of(const struct propbag *bag, struct kept_change *ret_change)
{
    const struct propbag_item *item;
    SPropValue *set = NULL;
    ULONG *deleted = NULL;
    bool kept = true;

    *ret_change = (struct kept_change){0};
    for (size_t at = 0; kept && (item = propbag_dirty(bag, at)); at++)
        kept = item->attributes & PROP_DELETED
                   ? array_append(&deleted, &ret_change->deleted_count, &item->value->ulPropTag)
                   : array_append(&set, &ret_change->set_count, item->value);
    ret_change->set = set;
    ret_change->deleted = deleted;
    return kept ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

void kept_change_clear(struct kept_change *change)
{
    free((void *)change->set);
    free((void *)change->deleted);
    *change = (struct kept_change){0};
}

HRESULT kept_write(struct mapi_prop *prop, struct imap_link *link, uint64_t number)
{
    struct write_call call = {.number = number};
    struct propbag snapshot;
    HRESULT hr;

    pthread_mutex_lock(&prop->lock);
    hr = propbag_snapshot(&prop->bag, &snapshot);
    pthread_mutex_unlock(&prop->lock);
    if (FAILED(hr))
        return hr;
    hr = kept_change_of(&snapshot, &call.change);
    if (SUCCEEDED(hr) && (call.change.set_count || call.change.deleted_count))
        hr = imap_link_run(link, prop->object, write_on_engine, &call.base);
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&prop->lock);
        propbag_commit(&prop->bag, &snapshot);
        pthread_mutex_unlock(&prop->lock);
    }
    kept_change_clear(&call.change);
    propbag_clear(&snapshot);
    return hr;
}
