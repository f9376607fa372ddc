/* mapi/notification.c - NOTIFICATION structures: measure and copy
 *
 * A copy is one block: the array, then everything it points to, pieces aligned to 8. Measuring and
 * copying are one walk, so that they cannot disagree: without a block it only counts. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/notify.h"
#include "mapi/propval_tree.h"
#include "mapi/propval_types.h"
#include "mapi/text.h"

struct layout {
    uint8_t *cursor; /* NULL: only count */
    size_t size;
};

/* Room for `size` bytes; NULL when only counting. */
static void *take(struct layout *layout, size_t size)
{
    uint8_t *place = layout->cursor;

    layout->size += align8(size);
    if (place)
        layout->cursor += align8(size);
    return place;
}

static void *lay(struct layout *layout, const void *data, size_t size)
{
    void *place;

    if (!data || size == 0)
        return NULL;
    place = take(layout, size);
    if (place)
        memcpy(place, data, size);
    return place;
}

static void *lay_text(struct layout *layout, const void *text, ULONG flags)
{
    if (!text)
        return NULL;
    return lay(layout, text,
               flags & MAPI_UNICODE ? (utf16_length(text) + 1) * sizeof(WCHAR) : strlen(text) + 1);
}

static HRESULT lay_values(struct layout *layout, SPropValue **values, ULONG count)
{
    const SPropValue *from = *values;
    SPropValue *to;
    HRESULT hr = S_OK;
    ULONG i;

    if (count == 0) {
        *values = NULL;
        return S_OK;
    }
    if (!from)
        return MAPI_E_INVALID_PARAMETER;
    to = take(layout, count * sizeof(*to));
    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        if (!propval_is_copied(&from[i]))
            return MAPI_E_INVALID_PARAMETER;
        if (to)
            hr = propval_pack(&to[i], &from[i], &layout->cursor);
        layout->size += propval_packed_size(&from[i]);
    }
    *values = to;
    return hr;
}

static HRESULT lay_error(struct layout *layout, ERROR_NOTIFICATION *err)
{
    MAPIERROR error, *place;

    err->lpEntryID = lay(layout, err->lpEntryID, err->cbEntryID);
    if (!err->lpMAPIError)
        return S_OK;
    error = *err->lpMAPIError;
    place = take(layout, sizeof(*place));
    error.lpszError = lay_text(layout, error.lpszError, err->ulFlags);
    error.lpszComponent = lay_text(layout, error.lpszComponent, err->ulFlags);
    if (place)
        *place = error;
    err->lpMAPIError = place;
    return S_OK;
}

static HRESULT lay_object(struct layout *layout, OBJECT_NOTIFICATION *obj)
{
    obj->lpEntryID = lay(layout, obj->lpEntryID, obj->cbEntryID);
    obj->lpParentID = lay(layout, obj->lpParentID, obj->cbParentID);
    obj->lpOldID = lay(layout, obj->lpOldID, obj->cbOldID);
    obj->lpOldParentID = lay(layout, obj->lpOldParentID, obj->cbOldParentID);
    if (obj->lpPropTagArray)
        obj->lpPropTagArray =
            lay(layout, obj->lpPropTagArray, CbSPropTagArray(obj->lpPropTagArray));
    return S_OK;
}

static HRESULT lay_single(struct layout *layout, SPropValue *value)
{
    SPropValue from = *value;

    if (from.ulPropTag == 0) /* never filled in */
        return S_OK;
    if (!propval_type_is_known(prop_base_type(from.ulPropTag)))
        return MAPI_E_INVALID_PARAMETER;
    layout->size += propval_packed_size(&from);
    return layout->cursor ? propval_pack(value, &from, &layout->cursor) : S_OK;
}

static HRESULT lay_table(struct layout *layout, TABLE_NOTIFICATION *tab)
{
    HRESULT hr;

    hr = lay_single(layout, &tab->propIndex);
    if (SUCCEEDED(hr))
        hr = lay_single(layout, &tab->propPrior);
    if (SUCCEEDED(hr))
        hr = lay_values(layout, &tab->row.lpProps, tab->row.cValues);
    return hr;
}

/* Replaces what `notification` (a bitwise copy) points to. */
static HRESULT lay_one(struct layout *layout, NOTIFICATION *notification)
{
    switch (notification->ulEventType) {
    case fnevCriticalError:
        return lay_error(layout, &notification->info.err);
    case fnevNewMail: {
        NEWMAIL_NOTIFICATION *newmail = &notification->info.newmail;

        newmail->lpEntryID = lay(layout, newmail->lpEntryID, newmail->cbEntryID);
        newmail->lpParentID = lay(layout, newmail->lpParentID, newmail->cbParentID);
        newmail->lpszMessageClass = lay_text(layout, newmail->lpszMessageClass, newmail->ulFlags);
        return S_OK;
    }
    case fnevObjectCreated:
    case fnevObjectDeleted:
    case fnevObjectModified:
    case fnevObjectMoved:
    case fnevObjectCopied:
    case fnevSearchComplete:
        return lay_object(layout, &notification->info.obj);
    case fnevTableModified:
        return lay_table(layout, &notification->info.tab);
    case fnevStatusObjectModified: {
        STATUS_OBJECT_NOTIFICATION *statobj = &notification->info.statobj;

        statobj->lpEntryID = lay(layout, statobj->lpEntryID, statobj->cbEntryID);
        return lay_values(layout, &statobj->lpPropVals, statobj->cValues);
    }
    case fnevExtended:
        notification->info.ext.pbEventParameters =
            lay(layout, notification->info.ext.pbEventParameters, notification->info.ext.cb);
        return S_OK;
    default:
        return MAPI_E_INVALID_PARAMETER;
    }
}

static HRESULT lay_all(struct layout *layout, const NOTIFICATION *notifications, size_t count)
{
    NOTIFICATION *places = take(layout, count * sizeof(*places));
    NOTIFICATION one;
    HRESULT hr;
    size_t i;

    for (i = 0; i < count; i++) {
        one = notifications[i];
        hr = lay_one(layout, &one);
        if (FAILED(hr))
            return hr;
        if (places)
            places[i] = one;
    }
    return S_OK;
}

HRESULT notification_size(const NOTIFICATION *notifications, size_t count, size_t *ret_size)
{
    struct layout layout = {0};
    HRESULT hr;

    if (count == 0 || !notifications || count > 1u << 20)
        return MAPI_E_INVALID_PARAMETER;
    hr = lay_all(&layout, notifications, count);
    if (SUCCEEDED(hr))
        *ret_size = layout.size;
    return hr;
}

HRESULT notification_copy(NOTIFICATION *dest, const NOTIFICATION *notifications, size_t count)
{
    struct layout layout = {.cursor = (uint8_t *)dest};

    return lay_all(&layout, notifications, count);
}

/* ---- Notices ---- */

struct notice {
    atomic_uint refs;
    NOTIFICATION notification[];
};

HRESULT notice_create(const NOTIFICATION *notification, struct notice **ret_notice)
{
    struct notice *notice;
    size_t size;
    HRESULT hr;

    hr = notification_size(notification, 1, &size);
    if (FAILED(hr))
        return hr;
    notice = calloc(1, offsetof(struct notice, notification) + size);
    if (!notice)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&notice->refs, 1);
    notification_copy(notice->notification, notification, 1);
    *ret_notice = notice;
    return S_OK;
}

struct notice *notice_ref(struct notice *notice)
{
    atomic_fetch_add_explicit(&notice->refs, 1, memory_order_relaxed);
    return notice;
}

void notice_unref(struct notice *notice)
{
    if (notice && atomic_fetch_sub_explicit(&notice->refs, 1, memory_order_acq_rel) == 1)
        free(notice);
}

const NOTIFICATION *notice_get(const struct notice *notice)
{
    return notice->notification;
}
