/* mapi/progress.c - a progress object that shows nothing */
#include "mapi/progress.h"

#include <stdlib.h>

#include "mapi/mapiguid.h"

#define FIRST_MIN 1    /* UTL-123 */
#define FIRST_MAX 1000 /* UTL-124 */

struct limits {
    ULONG min, max;
};

struct progress {
    IMAPIProgress IMAPIProgress_iface;
    struct mapi_object object;
    pthread_mutex_t lock; /* leaf; guards what follows */
    struct limits global; /* what values are reported in */
    struct limits local;  /* of the present object of several */
    ULONG flags;
};

/* Counts of 0 are no counts: only the value matters then (UTL-128). */
static HRESULT progress_Progress(struct progress *progress, ULONG value, ULONG count, ULONG total)
{
    HRESULT hr;

    pthread_mutex_lock(&progress->lock);
    hr = value < progress->global.min || value > progress->global.max || count > total
             ? MAPI_E_INVALID_PARAMETER
             : S_OK;
    pthread_mutex_unlock(&progress->lock);
    return hr;
}

static HRESULT read_number(struct progress *progress, const ULONG *number, ULONG *ret_number)
{
    if (!ret_number)
        return MAPI_E_INVALID_PARAMETER;
    pthread_mutex_lock(&progress->lock);
    *ret_number = *number;
    pthread_mutex_unlock(&progress->lock);
    return S_OK;
}

static HRESULT progress_GetFlags(struct progress *progress, ULONG *ret_flags)
{
    return read_number(progress, &progress->flags, ret_flags);
}

static HRESULT progress_GetMax(struct progress *progress, ULONG *ret_max)
{
    return read_number(progress, &progress->local.max, ret_max);
}

static HRESULT progress_GetMin(struct progress *progress, ULONG *ret_min)
{
    return read_number(progress, &progress->local.min, ret_min);
}

/* Each argument may be NULL (UTL-126). The top level's limits are those of the whole (UTL-125). */
static HRESULT progress_SetLimits(struct progress *progress, LPULONG min, LPULONG max,
                                  LPULONG flags)
{
    struct limits wanted;
    HRESULT hr = S_OK;

    if (flags && *flags & ~(ULONG)MAPI_TOP_LEVEL)
        return MAPI_E_UNKNOWN_FLAGS;
    pthread_mutex_lock(&progress->lock);
    wanted.min = min ? *min : progress->local.min;
    wanted.max = max ? *max : progress->local.max;
    if (wanted.min > wanted.max) {
        hr = MAPI_E_INVALID_PARAMETER;
    } else {
        progress->local = wanted;
        if (flags)
            progress->flags = *flags;
        if (progress->flags & MAPI_TOP_LEVEL)
            progress->global = wanted;
    }
    pthread_mutex_unlock(&progress->lock);
    return hr;
}

/* @thunks IMAPIProgress progress progress */
#include "mapi/progress_thunks.inc"

static const struct mapi_face progress_faces[] = {
    MAPI_FACE(struct progress, IID_IMAPIProgress, IMAPIProgress_iface),
};

static void progress_destroy(struct mapi_object *object)
{
    struct progress *progress = container_of(object, struct progress, object);

    pthread_mutex_destroy(&progress->lock);
    mapi_object_clear(object);
    free(progress);
}

static const struct mapi_class progress_class = {
    .name = "progress",
    .destroy = progress_destroy,
    .faces = progress_faces,
    .face_count = sizeof(progress_faces) / sizeof(progress_faces[0]),
};

HRESULT progress_create(struct mapi_object *owner, IMAPIProgress **ret_progress)
{
    struct progress *progress = calloc(1, sizeof(*progress));

    if (!progress)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    progress->IMAPIProgress_iface.lpVtbl = &progress_vtbl;
    mapi_object_init(&progress->object, &progress_class, owner);
    pthread_mutex_init(&progress->lock, NULL);
    progress->global = progress->local = (struct limits){FIRST_MIN, FIRST_MAX};
    progress->flags = MAPI_TOP_LEVEL; /* UTL-122 */
    *ret_progress = &progress->IMAPIProgress_iface;
    return S_OK;
}
