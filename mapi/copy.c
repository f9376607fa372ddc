/* mapi/copy.c - CopyTo and CopyProps, between any two objects
 *
 * The source's values are read in batches, translated to the destination's named properties, and
 * set there; what is too large for GetProps goes through streams, what is an object through the
 * source's own copy_object. Problems are told by the place in the list of what was to be copied.
 * The destination is foreign code: all this runs on the caller's thread with no lock held. */
#include <stdlib.h>
#include <string.h>

#include "mapi/copy_message.h"
#include "mapi/copy_names.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/prop.h"
#include "mapi/stream.h"

#define BATCH 64

/* One property on its way. */
struct item {
    ULONG source_tag;
    ULONG dest_tag; /* with the destination's number for a named property */
    HRESULT problem;
    bool done;   /* nothing more to do */
    bool copied; /* it is at the destination */
};

struct copier {
    const struct prop_copy *copy;
    struct item *items;
    ULONG count;
    SPropTagArray *existing; /* of the destination, with MAPI_NOREPLACE */
};

/* ---- Which properties ---- */

static bool has_id(const SPropTagArray *tags, ULONG tag)
{
    ULONG i;

    for (i = 0; tags && i < tags->cValues; i++)
        if (PROP_ID(tags->aulPropTag[i]) == PROP_ID(tag))
            return true;
    return false;
}

/* The tag by which the source lists this id; 0: it does not. */
static ULONG listed_tag(const SPropTagArray *list, ULONG tag)
{
    ULONG i;

    for (i = 0; i < list->cValues; i++)
        if (PROP_ID(list->aulPropTag[i]) == PROP_ID(tag))
            return list->aulPropTag[i];
    return 0;
}

static void add_item(struct copier *copier, ULONG tag, HRESULT problem)
{
    struct item *item = &copier->items[copier->count++];

    item->source_tag = item->dest_tag = tag;
    item->problem = problem;
    item->done = FAILED(problem);
}

static void choose_included(struct copier *copier, const SPropTagArray *list)
{
    const SPropTagArray *include = copier->copy->include;
    ULONG i, tag;

    for (i = 0; i < include->cValues; i++) {
        tag = listed_tag(list, include->aulPropTag[i]);
        add_item(copier, tag ? tag : include->aulPropTag[i], tag ? S_OK : MAPI_E_NOT_FOUND);
    }
}

static void choose_all(struct copier *copier, const SPropTagArray *list)
{
    ULONG i;

    for (i = 0; i < list->cValues; i++)
        if (!has_id(copier->copy->exclude, list->aulPropTag[i]))
            add_item(copier, list->aulPropTag[i], S_OK);
}

static HRESULT choose_items(struct copier *copier)
{
    const struct prop_copy *copy = copier->copy;
    SPropTagArray *list = NULL;
    HRESULT hr;

    hr = copy->source->lpVtbl->GetPropList(copy->source, MAPI_UNICODE, &list);
    if (FAILED(hr))
        return hr;
    copier->items = calloc(list->cValues + (copy->include ? copy->include->cValues : 0) + 1,
                           sizeof(*copier->items));
    if (!copier->items) {
        mapi_free(list);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    if (copy->include)
        choose_included(copier, list);
    else
        choose_all(copier, list);
    mapi_free(list);

    if (!(copy->flags & MAPI_NOREPLACE))
        return S_OK;
    return copy->dest->lpVtbl->GetPropList(copy->dest, MAPI_UNICODE, &copier->existing);
}

/* Gives the named items the destination's numbers. */
static HRESULT map_names(struct copier *copier)
{
    const struct prop_copy *copy = copier->copy;
    SPropTagArray *tags = mapi_alloc(NULL, CbNewSPropTagArray(copier->count + 1));
    ULONG *places = calloc(copier->count + 1, sizeof(*places)),
          *ids = calloc(copier->count + 1, sizeof(*ids)), i;
    HRESULT hr = tags && places && ids ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    for (i = 0; SUCCEEDED(hr) && i < copier->count; i++) {
        if (copier->items[i].done || !copy_is_named(copier->items[i].source_tag))
            continue;
        places[tags->cValues] = i;
        tags->aulPropTag[tags->cValues++] = copier->items[i].source_tag;
    }
    if (SUCCEEDED(hr) && tags->cValues)
        hr = copy_ids_there(copy->source, copy->dest, tags, ids);
    for (i = 0; SUCCEEDED(hr) && i < tags->cValues; i++) {
        struct item *item = &copier->items[places[i]];

        item->dest_tag = PROP_TAG(PROP_TYPE(item->source_tag), ids[i]);
        if (ids[i] == 0) {
            item->problem = MAPI_E_UNEXPECTED_ID;
            item->done = true;
        }
    }
    mapi_free(tags);
    free(places);
    free(ids);
    return hr;
}

/* ---- Values ---- */

static void settle(struct item *item, HRESULT hr)
{
    item->problem = hr;
    item->done = true;
    item->copied = SUCCEEDED(hr);
}

/* A value too large for GetProps. */
static HRESULT copy_by_stream(const struct prop_copy *copy, const struct item *item)
{
    const ULARGE_INTEGER all = {.QuadPart = UINT64_MAX};
    IStream *from = NULL, *to = NULL;
    HRESULT hr;

    hr = copy->source->lpVtbl->OpenProperty(copy->source, item->source_tag, &IID_IStream, STGM_READ,
                                            0, (IUnknown **)&from);
    if (SUCCEEDED(hr))
        hr = copy->dest->lpVtbl->OpenProperty(copy->dest, item->dest_tag, &IID_IStream,
                                              STGM_READWRITE, MAPI_CREATE | MAPI_MODIFY,
                                              (IUnknown **)&to);
    if (SUCCEEDED(hr))
        hr = from->lpVtbl->CopyTo(from, to, all, NULL, NULL);
    if (SUCCEEDED(hr))
        hr = to->lpVtbl->Commit(to, STGC_DEFAULT);
    unknown_release(to);
    unknown_release(from);
    return hr;
}

/* The source's own way first, then the usual one. */
static HRESULT copy_object(const struct prop_copy *copy, ULONG tag)
{
    const struct mapi_prop *source = copy->source_prop;
    HRESULT hr = MAPI_E_NO_SUPPORT;

    if (source && source->ops->copy_object)
        hr = source->ops->copy_object(copy->source_prop, tag, copy->iid, copy->dest, copy->flags);
    return hr == MAPI_E_NO_SUPPORT ? copy_message_object(copy->source, tag, copy->iid, copy->dest)
                                   : hr;
}

/* Sets the batch at the destination and files its problems with their items. */
static HRESULT set_batch(struct copier *copier, SPropValue *values, const ULONG *places,
                         ULONG count)
{
    IMAPIProp *dest = copier->copy->dest;
    SPropProblemArray *problems = NULL;
    HRESULT hr;
    ULONG i;

    if (count == 0)
        return S_OK;
    hr = dest->lpVtbl->SetProps(dest, count, values, &problems);
    if (FAILED(hr))
        return hr;
    for (i = 0; i < count; i++)
        settle(&copier->items[places[i]], S_OK);
    for (i = 0; problems && i < problems->cProblem; i++)
        if (problems->aProblem[i].ulIndex < count)
            settle(&copier->items[places[problems->aProblem[i].ulIndex]],
                   problems->aProblem[i].scode);
    mapi_free(problems);
    return S_OK;
}

/* Decides what becomes of the value read for an item; true: it goes into the batch. */
static bool sort_out(struct copier *copier, struct item *item, const SPropValue *read,
                     SPropValue *ret_value)
{
    HRESULT hr;

    if (PROP_TYPE(read->ulPropTag) != PT_ERROR) {
        *ret_value = *read;
        ret_value->ulPropTag = PROP_TAG(PROP_TYPE(read->ulPropTag), PROP_ID(item->dest_tag));
        return true;
    }
    hr = read->Value.err;
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        hr = copy_by_stream(copier->copy, item);
    settle(item, hr);
    return false;
}

static HRESULT copy_batch(struct copier *copier, const ULONG *places, ULONG count)
{
    SizedSPropTagArray(BATCH, tags) = {.cValues = count};
    SPropValue values[BATCH], *read = NULL;
    ULONG value_places[BATCH], got = 0, kept = 0, i;
    IMAPIProp *source = copier->copy->source;
    HRESULT hr;

    for (i = 0; i < count; i++)
        tags.aulPropTag[i] = copier->items[places[i]].source_tag;
    hr = source->lpVtbl->GetProps(source, (SPropTagArray *)&tags, MAPI_UNICODE, &got, &read);
    if (FAILED(hr))
        return hr;
    for (i = 0; i < got && i < count; i++) {
        if (sort_out(copier, &copier->items[places[i]], &read[i], &values[kept]))
            value_places[kept++] = places[i];
    }
    hr = set_batch(copier, values, value_places, kept);
    mapi_free(read);
    return hr;
}

static HRESULT tell_progress(const struct prop_copy *copy, ULONG done, ULONG total)
{
    IMAPIProgress *progress = copy->progress;
    ULONG least = 0, most = 1000;

    if (!progress || total == 0)
        return S_OK;
    progress->lpVtbl->GetMin(progress, &least);
    progress->lpVtbl->GetMax(progress, &most);
    return progress->lpVtbl->Progress(
        progress, least + (ULONG)((uint64_t)(most - least) * done / total), done, total);
}

static HRESULT copy_values(struct copier *copier)
{
    ULONG places[BATCH], waiting = 0, i;
    HRESULT hr = S_OK;

    for (i = 0; SUCCEEDED(hr) && i < copier->count; i++) {
        struct item *item = &copier->items[i];

        if (!item->done && has_id(copier->existing, item->dest_tag)) {
            item->done = true; /* kept as it is (STO-272) */
            continue;
        }
        if (item->done || PROP_TYPE(item->source_tag) == PT_OBJECT)
            continue;
        places[waiting++] = i;
        if (waiting == BATCH) {
            hr = copy_batch(copier, places, waiting);
            waiting = 0;
            if (SUCCEEDED(hr) && i + 1 < copier->count) /* the most is for the end (UTL-127) */
                hr = tell_progress(copier->copy, i + 1, copier->count);
        }
    }
    if (SUCCEEDED(hr) && waiting)
        hr = copy_batch(copier, places, waiting);
    return hr;
}

static HRESULT copy_objects(struct copier *copier)
{
    ULONG i;

    for (i = 0; i < copier->count; i++) {
        struct item *item = &copier->items[i];

        if (item->done || PROP_TYPE(item->source_tag) != PT_OBJECT)
            continue;
        if (copier->copy->no_objects)
            item->done = true;
        else
            settle(item, copy_object(copier->copy, item->source_tag));
        if (item->problem == MAPI_E_FOLDER_CYCLE) /* no problem of one property (STO-355) */
            return item->problem;
    }
    return S_OK;
}

/* ---- The whole ---- */

/* What the source would not delete is there twice now: a problem of each item with that id. */
static void file_refusals(struct copier *copier, const SPropProblemArray *problems)
{
    ULONG i, j;

    for (i = 0; problems && i < problems->cProblem; i++)
        for (j = 0; j < copier->count; j++)
            if (PROP_ID(copier->items[j].source_tag) == PROP_ID(problems->aProblem[i].ulPropTag))
                copier->items[j].problem = problems->aProblem[i].scode;
}

/* MAPI_MOVE: what has arrived goes from the source. */
static HRESULT delete_moved(struct copier *copier)
{
    IMAPIProp *source = copier->copy->source;
    SPropTagArray *tags = mapi_alloc(NULL, CbNewSPropTagArray(copier->count + 1));
    SPropProblemArray *problems = NULL;
    HRESULT hr = S_OK;
    ULONG i;

    if (!tags)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < copier->count; i++)
        if (copier->items[i].copied && PROP_TYPE(copier->items[i].source_tag) != PT_OBJECT &&
            !has_id(tags, copier->items[i].source_tag)) /* listed twice, it goes once */
            tags->aulPropTag[tags->cValues++] = copier->items[i].source_tag;
    if (tags->cValues)
        hr = source->lpVtbl->DeleteProps(source, tags, &problems);
    if (SUCCEEDED(hr))
        file_refusals(copier, problems);
    mapi_free(problems);
    mapi_free(tags);
    return hr;
}

static HRESULT collect_problems(const struct copier *copier, SPropProblemArray **ret_problems)
{
    SPropProblemArray *problems = NULL;
    ULONG count = 0, i;

    for (i = 0; i < copier->count; i++)
        count += FAILED(copier->items[i].problem);
    if (!ret_problems || count == 0)
        return S_OK;
    problems = mapi_alloc(NULL, CbNewSPropProblemArray(count));
    if (!problems)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < copier->count; i++)
        if (FAILED(copier->items[i].problem))
            problems->aProblem[problems->cProblem++] =
                (SPropProblem){.ulIndex = i,
                               .ulPropTag = copier->items[i].source_tag,
                               .scode = copier->items[i].problem};
    *ret_problems = problems;
    return S_OK;
}

static bool has_interface(void *object, const IID *iid)
{
    void *face = NULL;
    HRESULT hr = ((IUnknown *)object)->lpVtbl->QueryInterface(object, iid, &face);

    if (FAILED(hr))
        return false;
    unknown_release(face);
    return true;
}

/* Two interfaces of one object have one IUnknown. */
static bool same_object(void *a, void *b)
{
    IUnknown *left = NULL, *right = NULL;
    bool same;

    if (a == b)
        return true;
    ((IUnknown *)a)->lpVtbl->QueryInterface(a, &IID_IUnknown, (void **)&left);
    ((IUnknown *)b)->lpVtbl->QueryInterface(b, &IID_IUnknown, (void **)&right);
    same = left && left == right;
    unknown_release(left);
    unknown_release(right);
    return same;
}

HRESULT prop_copy(const struct prop_copy *copy, SPropProblemArray **ret_problems)
{
    struct copier copier = {.copy = copy};
    HRESULT hr;

    if (ret_problems)
        *ret_problems = NULL;
    if (!copy->dest || !copy->iid)
        return MAPI_E_INVALID_PARAMETER; /* STO-271, STO-354 */
    if (copy->flags & ~(ULONG)(MAPI_MOVE | MAPI_NOREPLACE | MAPI_DIALOG | MAPI_DECLINE_OK))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!has_interface(copy->dest, copy->iid))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (same_object(copy->source, copy->dest))
        return MAPI_E_NO_ACCESS; /* STO-271, STO-353 */

    hr = choose_items(&copier);
    if (SUCCEEDED(hr))
        hr = tell_progress(copy, 0, copier.count);
    if (SUCCEEDED(hr))
        hr = map_names(&copier);
    if (SUCCEEDED(hr))
        hr = copy_values(&copier);
    if (SUCCEEDED(hr)) {
        hr = copy_objects(&copier);
        if (SUCCEEDED(hr) && copy->flags & MAPI_MOVE)
            hr = delete_moved(&copier);
    }
    if (SUCCEEDED(hr))
        hr = tell_progress(copy, copier.count, copier.count);
    if (SUCCEEDED(hr))
        hr = collect_problems(&copier, ret_problems);
    mapi_free(copier.existing);
    free(copier.items);
    return hr;
}

/* ---- The slots ---- */

HRESULT prop_CopyTo(struct mapi_prop *prop, ULONG exclude_count, LPCIID exclude_iids,
                    LPSPropTagArray exclude_tags, ULONG_PTR ui_param, LPMAPIPROGRESS progress,
                    LPCIID iid, LPVOID dest, ULONG flags, LPSPropProblemArray *ret_problems)
{
    struct prop_copy copy = {
        .source = prop->face,
        .source_prop = prop,
        .dest = dest,
        .iid = iid,
        .exclude = exclude_tags,
        .progress = progress,
        .ui_param = ui_param,
        .flags = flags,
    };
    ULONG i;

    if (ret_problems)
        *ret_problems = NULL;
    if ((exclude_count && !exclude_iids) || (exclude_tags && exclude_tags->cValues == 0))
        return MAPI_E_INVALID_PARAMETER; /* STO-269 */
    for (i = 0; i < exclude_count; i++) {
        if (guid_equal(&exclude_iids[i], &IID_IUnknown) ||
            guid_equal(&exclude_iids[i], &IID_IMAPIProp))
            return MAPI_E_INTERFACE_NOT_SUPPORTED; /* nothing is left (STO-270) */
        if (guid_equal(&exclude_iids[i], prop->iid))
            copy.no_objects = true; /* only what IMAPIProp knows */
    }
    return prop_copy(&copy, ret_problems);
}

HRESULT prop_CopyProps(struct mapi_prop *prop, LPSPropTagArray include_tags, ULONG_PTR ui_param,
                       LPMAPIPROGRESS progress, LPCIID iid, LPVOID dest, ULONG flags,
                       LPSPropProblemArray *ret_problems)
{
    struct prop_copy copy = {
        .source = prop->face,
        .source_prop = prop,
        .dest = dest,
        .iid = iid,
        .include = include_tags,
        .progress = progress,
        .ui_param = ui_param,
        .flags = flags,
    };

    if (ret_problems)
        *ret_problems = NULL;
    if (!include_tags || include_tags->cValues == 0 || has_id(include_tags, PR_NULL))
        return MAPI_E_INVALID_PARAMETER; /* STO-274 */
    return prop_copy(&copy, ret_problems);
}
