/* mapi/view_definition.c - what a stack of views shows */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "mapi/restriction.h"
#include "mapi/view.h"

ULONG view_tag(ULONG tag)
{
    ULONG type = PROP_TYPE(tag);

    if (propval_type_is_string(prop_base_type(tag)))
        tag = CHANGE_PROP_TYPE(tag, PT_UNICODE | (type & MVI_FLAG));
    return tag;
}

ULONG view_source_tag(ULONG tag)
{
    return view_tag(tag) & ~(ULONG)MV_INSTANCE;
}

/* ---- Making ---- */

/* TABLE_SORT_COMBINE is a matter of categories; the key sorts as the one before it. */
static HRESULT make_order(struct view_definition *definition)
{
    HRESULT hr = sort_copy(definition->sort, &definition->order);
    ULONG i;

    for (i = 1; SUCCEEDED(hr) && i < definition->order->cSorts; i++)
        if (definition->order->aSort[i].ulOrder == TABLE_SORT_COMBINE)
            definition->order->aSort[i].ulOrder = definition->order->aSort[i - 1].ulOrder;
    return hr;
}

/* One level for each category column and what is combined with it (TBL-095, TBL-097). */
static void make_levels(struct view_definition *definition)
{
    const SSortOrderSet *sort = definition->sort;
    struct view_level *level = NULL;
    ULONG i;

    for (i = 0; i < sort->cSorts && sort->cCategories > 0; i++) {
        if (sort->aSort[i].ulOrder != TABLE_SORT_COMBINE) {
            if (i >= sort->cCategories)
                return;
            level = &definition->levels[definition->level_count++];
            *level = (struct view_level){.first_key = i, .expanded = i < sort->cExpanded};
        }
        level->end_key = i + 1;
    }
}

static HRESULT add_instances(struct view_definition *definition, ULONG tag)
{
    size_t i;

    if (!(tag & MV_INSTANCE) || !(tag & MV_FLAG))
        return S_OK;
    tag = view_source_tag(tag);
    for (i = 0; i < definition->instance_count; i++)
        if (definition->instances[i] == tag)
            return S_OK;
    if (definition->instance_count == INSTANCE_COLUMNS_MAX)
        return MAPI_E_TOO_COMPLEX;
    definition->instances[definition->instance_count++] = tag;
    return S_OK;
}

static HRESULT make_instances(struct view_definition *definition, const SPropTagArray *columns)
{
    HRESULT hr = S_OK;
    ULONG i;

    definition->instances = calloc(INSTANCE_COLUMNS_MAX, sizeof(ULONG));
    if (!definition->instances)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; SUCCEEDED(hr) && columns && i < columns->cValues; i++)
        hr = add_instances(definition, columns->aulPropTag[i]);
    for (i = 0; SUCCEEDED(hr) && i < definition->sort->cSorts; i++)
        hr = add_instances(definition, definition->sort->aSort[i].ulPropTag);
    return hr;
}

HRESULT view_definition_create(const SRestriction *restriction, const SSortOrderSet *sort,
                               const SPropTagArray *columns,
                               struct view_definition **ret_definition)
{
    struct view_definition *definition = calloc(1, sizeof(*definition));
    HRESULT hr = S_OK;

    if (!definition)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&definition->refs, 1);
    if (restriction)
        hr = restriction_compile(restriction, &definition->restriction);
    if (SUCCEEDED(hr))
        hr = sort_copy(sort, &definition->sort);
    if (SUCCEEDED(hr))
        hr = make_order(definition);
    if (SUCCEEDED(hr))
        hr = make_instances(definition, columns);
    if (FAILED(hr)) {
        view_definition_unref(definition);
        return hr;
    }
    make_levels(definition);
    *ret_definition = definition;
    return S_OK;
}

struct view_definition *view_definition_ref(struct view_definition *definition)
{
    atomic_fetch_add(&definition->refs, 1);
    return definition;
}

void view_definition_unref(struct view_definition *definition)
{
    if (!definition || atomic_fetch_sub(&definition->refs, 1) > 1)
        return;
    mapi_free(definition->restriction);
    mapi_free(definition->sort);
    mapi_free(definition->order);
    free(definition->instances);
    free(definition);
}

/* ---- Questions ---- */

bool view_definition_is_plain(const struct view_definition *definition)
{
    return !definition->restriction && definition->sort->cSorts == 0 &&
           definition->instance_count == 0;
}

bool view_definition_same_instances(const struct view_definition *a,
                                    const struct view_definition *b)
{
    return a->instance_count == b->instance_count &&
           memcmp(a->instances, b->instances, a->instance_count * sizeof(ULONG)) == 0;
}

HRESULT view_definition_tags(const struct view_definition *definition, ULONG **ret_tags,
                             size_t *ret_count)
{
    ULONG *tags = NULL, *all;
    size_t count = 0, i;
    HRESULT hr = S_OK;

    if (definition->restriction)
        hr = restriction_tags(definition->restriction, &tags, &count);
    if (FAILED(hr))
        return hr;
    all = realloc(tags, (count + definition->sort->cSorts + definition->instance_count + 1) *
                            sizeof(*all));
    if (!all) {
        free(tags);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    for (i = 0; i < count; i++)
        all[i] = view_source_tag(all[i]);
    for (i = 0; i < definition->sort->cSorts; i++)
        all[count++] = view_source_tag(definition->sort->aSort[i].ulPropTag);
    for (i = 0; i < definition->instance_count; i++)
        all[count++] = definition->instances[i];
    if (definition->level_count)
        all[count++] = PR_MESSAGE_FLAGS; /* PR_CONTENT_UNREAD of headings */
    *ret_tags = all;
    *ret_count = count;
    return S_OK;
}
