/* providers/imap/client/uidset.c - sets of UIDs or sequence numbers */
#include "providers/imap/client/uidset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"

void uidset_init(struct uidset *set)
{
    memset(set, 0, sizeof(*set));
}

void uidset_clear(struct uidset *set)
{
    free(set->ranges);
    uidset_init(set);
}

static HRESULT reserve(struct uidset *set, size_t count)
{
    size_t space = set->space ? set->space : 8;
    struct uid_range *ranges;

    if (count <= set->space)
        return S_OK;
    while (space < count)
        space *= 2;
    ranges = realloc(set->ranges, space * sizeof(*ranges));
    if (!ranges)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    set->ranges = ranges;
    set->space = space;
    return S_OK;
}

/* The first range that ends at `number` or behind it; count if there is none. */
static size_t find_range(const struct uidset *set, uint32_t number)
{
    size_t low = 0, high = set->count;

    if (high > 0 && set->ranges[high - 1].last < number)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (set->ranges[middle].last < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Puts `with` ranges in place of ranges [at, at + without). */
static HRESULT replace(struct uidset *set, size_t at, size_t without, const struct uid_range *with,
                       size_t with_count)
{
    HRESULT hr = reserve(set, set->count - without + with_count);

    if (FAILED(hr))
        return hr;
    memmove(set->ranges + at + with_count, set->ranges + at + without,
            (set->count - at - without) * sizeof(*set->ranges));
    if (with_count > 0)
        memcpy(set->ranges + at, with, with_count * sizeof(*with));
    set->count = set->count - without + with_count;
    return S_OK;
}

HRESULT uidset_add_range(struct uidset *set, uint32_t first, uint32_t last)
{
    struct uid_range range = {first < last ? first : last, first < last ? last : first};
    size_t from, to;

    if (range.first == 0)
        return MAPI_E_INVALID_PARAMETER;
    /* All that overlap or touch are joined into one. */
    from = to = find_range(set, range.first - 1 ? range.first - 1 : 1);
    while (to < set->count &&
           (range.last == UINT32_MAX || set->ranges[to].first <= range.last + 1)) {
        if (set->ranges[to].first < range.first)
            range.first = set->ranges[to].first;
        if (set->ranges[to].last > range.last)
            range.last = set->ranges[to].last;
        to++;
    }
    return replace(set, from, to - from, &range, 1);
}

HRESULT uidset_add(struct uidset *set, uint32_t number)
{
    return uidset_add_range(set, number, number);
}

HRESULT uidset_remove_range(struct uidset *set, uint32_t first, uint32_t last)
{
    struct uid_range left[2];
    size_t count = 0, from, to;

    if (first > last) {
        uint32_t swap = first;

        first = last;
        last = swap;
    }
    if (first == 0)
        return MAPI_E_INVALID_PARAMETER;
    from = to = find_range(set, first);
    while (to < set->count && set->ranges[to].first <= last) {
        if (set->ranges[to].first < first) {
            left[count].first = set->ranges[to].first;
            left[count++].last = first - 1;
        }
        if (set->ranges[to].last > last) {
            left[count].first = last + 1;
            left[count++].last = set->ranges[to].last;
        }
        to++;
    }
    return to > from ? replace(set, from, to - from, left, count) : S_OK;
}

HRESULT uidset_remove(struct uidset *set, uint32_t number)
{
    return uidset_remove_range(set, number, number);
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

HRESULT uidset_add_array(struct uidset *set, const uint32_t *numbers, size_t count)
{
    struct uidset sum = UIDSET_INIT;
    uint32_t *sorted;
    HRESULT hr = S_OK;

    if (count == 0)
        return S_OK;
    sorted = malloc(count * sizeof(*sorted));
    if (!sorted)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(sorted, numbers, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), by_number);

    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = uidset_add(&sum, sorted[i]);
    free(sorted);
    if (SUCCEEDED(hr))
        hr = uidset_add_set(set, &sum);
    uidset_clear(&sum);
    return hr;
}

HRESULT uidset_add_set(struct uidset *set, const struct uidset *more)
{
    struct uidset sum = UIDSET_INIT;
    size_t i = 0, j = 0;
    HRESULT hr = reserve(&sum, set->count + more->count);

    while (SUCCEEDED(hr) && (i < set->count || j < more->count)) {
        bool ours =
            j == more->count || (i < set->count && set->ranges[i].first <= more->ranges[j].first);
        const struct uid_range *range = ours ? &set->ranges[i++] : &more->ranges[j++];

        hr = uidset_add_range(&sum, range->first, range->last);
    }
    if (FAILED(hr)) {
        uidset_clear(&sum);
        return hr;
    }
    free(set->ranges);
    *set = sum;
    return S_OK;
}

bool uidset_contains(const struct uidset *set, uint32_t number)
{
    size_t at = find_range(set, number);

    return at < set->count && set->ranges[at].first <= number;
}

uint64_t uidset_size(const struct uidset *set)
{
    uint64_t size = 0;

    for (size_t i = 0; i < set->count; i++)
        size += (uint64_t)set->ranges[i].last - set->ranges[i].first + 1;
    return size;
}

bool uidset_next(const struct uidset *set, struct uidset_walk *walk, uint32_t *ret_number)
{
    const struct uid_range *range;

    if (walk->range >= set->count)
        return false;
    range = &set->ranges[walk->range];
    *ret_number = walk->next ? walk->next : range->first;
    if (*ret_number == range->last) {
        walk->range++;
        walk->next = 0;
    } else {
        walk->next = *ret_number + 1;
    }
    return true;
}

/* Decimal, without sign, 1 to 4294967295. */
static bool parse_number(const char **at, const char *end, uint32_t *ret_number)
{
    const char *from = *at;
    uint64_t number = 0;

    while (*at < end && **at >= '0' && **at <= '9' && number <= UINT32_MAX)
        number = number * 10 + (uint64_t)(*(*at)++ - '0');
    *ret_number = (uint32_t)number;
    return *at > from && number > 0 && number <= UINT32_MAX;
}

static HRESULT parse_ranges(struct uidset *set, const char *at, const char *end)
{
    for (;;) {
        uint32_t first, last;
        HRESULT hr;

        if (!parse_number(&at, end, &first))
            return MAPI_E_INVALID_PARAMETER;
        last = first;
        if (at < end && *at == ':') {
            at++;
            if (!parse_number(&at, end, &last))
                return MAPI_E_INVALID_PARAMETER;
        }
        hr = uidset_add_range(set, first, last);
        if (FAILED(hr))
            return hr;
        if (at == end)
            return S_OK;
        if (*at++ != ',')
            return MAPI_E_INVALID_PARAMETER;
    }
}

HRESULT uidset_parse(struct uidset *set, const char *text, size_t size)
{
    struct uidset parsed = UIDSET_INIT;
    HRESULT hr = parse_ranges(&parsed, text, text + size);

    if (SUCCEEDED(hr))
        hr = uidset_add_set(set, &parsed);
    uidset_clear(&parsed);
    return hr;
}

size_t uidset_format(const struct uidset *set, size_t *range, char *text, size_t space)
{
    size_t size = 0;

    if (space > 0)
        text[0] = '\0';
    for (; *range < set->count; ++*range) {
        const struct uid_range *r = &set->ranges[*range];
        char piece[32];
        int length;

        if (r->first == r->last)
            length = snprintf(piece, sizeof(piece), "%s%u", size ? "," : "", r->first);
        else
            length = snprintf(piece, sizeof(piece), "%s%u:%u", size ? "," : "", r->first, r->last);
        if (size + (size_t)length >= space)
            break;
        memcpy(text + size, piece, (size_t)length + 1);
        size += (size_t)length;
    }
    return size;
}
