/* mapi/view_toggles.c - the categories that somebody expanded or collapsed */
#include <stdlib.h>
#include <string.h>

#include "mapi/view.h"

static size_t find_place(const struct view_toggles *toggles, uint64_t id)
{
    size_t low = 0, high = toggles->count, middle;

    while (low < high) {
        middle = low + (high - low) / 2;
        if (toggles->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool view_toggles_have(const struct view_toggles *toggles, uint64_t id)
{
    size_t place = find_place(toggles, id);

    return place < toggles->count && toggles->ids[place] == id;
}

static HRESULT reserve(struct view_toggles *toggles, size_t count)
{
    size_t capacity = toggles->capacity ? 2 * toggles->capacity : 16;
    uint64_t *ids;

    if (count <= toggles->capacity)
        return S_OK;
    if (count > VIEW_TOGGLES_MAX)
        return MAPI_E_TOO_BIG;
    ids = realloc(toggles->ids, capacity * sizeof(*ids));
    if (!ids)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    toggles->ids = ids;
    toggles->capacity = capacity;
    return S_OK;
}

HRESULT view_toggles_flip(struct view_toggles *toggles, uint64_t id)
{
    size_t place = find_place(toggles, id);
    HRESULT hr;

    if (place < toggles->count && toggles->ids[place] == id) {
        toggles->count--;
        memmove(&toggles->ids[place], &toggles->ids[place + 1],
                (toggles->count - place) * sizeof(id));
        return S_OK;
    }
    hr = reserve(toggles, toggles->count + 1);
    if (FAILED(hr))
        return hr;
    memmove(&toggles->ids[place + 1], &toggles->ids[place], (toggles->count - place) * sizeof(id));
    toggles->ids[place] = id;
    toggles->count++;
    return S_OK;
}

void view_toggles_clear(struct view_toggles *toggles)
{
    free(toggles->ids);
    *toggles = (struct view_toggles){0};
}
