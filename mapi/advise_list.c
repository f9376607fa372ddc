/* mapi/advise_list.c - the Advise side of an object */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapispi.h"
#include "mapi/notify.h"

struct advise_entry {
    ULONG_PTR connection;
    struct listener *listener; /* reference */
    ULONG mask;
    size_t key_size;
    void *key;
};

void advise_list_init(struct advise_list *list)
{
    memset(list, 0, sizeof(*list));
    pthread_mutex_init(&list->lock, NULL);
}

static void advise_entry_drop(struct advise_entry *entry)
{
    listener_cancel(entry->listener);
    listener_unref(entry->listener);
    free(entry->key);
}

void advise_list_clear(struct advise_list *list)
{
    struct advise_entry *entries;
    size_t count, i;

    pthread_mutex_lock(&list->lock);
    entries = list->entries;
    count = list->count;
    list->entries = NULL;
    list->count = list->capacity = 0;
    pthread_mutex_unlock(&list->lock);
    for (i = 0; i < count; i++)
        advise_entry_drop(&entries[i]);
    free(entries);
}

HRESULT advise_list_add(struct advise_list *list, struct listener *listener, ULONG mask,
                        const void *key, size_t key_size, ULONG_PTR *ret_connection)
{
    struct advise_entry entry = {.mask = mask, .key_size = key_size}, *bigger;
    HRESULT hr = S_OK;

    if (key_size) {
        entry.key = malloc(key_size);
        if (!entry.key)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        memcpy(entry.key, key, key_size);
    }
    pthread_mutex_lock(&list->lock);
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;

        bigger = realloc(list->entries, capacity * sizeof(*bigger));
        if (bigger) {
            list->entries = bigger;
            list->capacity = capacity;
        } else {
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
        }
    }
    if (SUCCEEDED(hr)) {
        entry.listener = listener_ref(listener);
        entry.connection = ++list->last_connection;
        list->entries[list->count++] = entry;
        *ret_connection = entry.connection;
    }
    pthread_mutex_unlock(&list->lock);
    if (FAILED(hr))
        free(entry.key);
    return hr;
}

HRESULT advise_list_remove(struct advise_list *list, ULONG_PTR connection)
{
    struct advise_entry entry = {0};
    size_t i;

    pthread_mutex_lock(&list->lock);
    for (i = 0; i < list->count && list->entries[i].connection != connection; i++)
        ;
    if (i < list->count) {
        entry = list->entries[i];
        list->count--;
        memmove(&list->entries[i], &list->entries[i + 1],
                (list->count - i) * sizeof(list->entries[0]));
    }
    pthread_mutex_unlock(&list->lock);
    if (!entry.listener)
        return MAPI_E_NOT_FOUND;
    advise_entry_drop(&entry);
    return S_OK;
}

bool advise_list_wants(struct advise_list *list, ULONG events)
{
    bool wants = false;
    size_t i;

    pthread_mutex_lock(&list->lock);
    for (i = 0; i < list->count && !wants; i++)
        wants = list->entries[i].mask & events;
    pthread_mutex_unlock(&list->lock);
    return wants;
}

static bool entry_wants(const struct advise_entry *entry, ULONG event, const void *key,
                        size_t key_size)
{
    if (!(entry->mask & event))
        return false;
    return entry->key_size == 0 ||
           (entry->key_size == key_size && memcmp(entry->key, key, key_size) == 0);
}

void advise_list_post(struct advise_list *list, const NOTIFICATION *notification, const void *key,
                      size_t key_size)
{
    struct notice *notice = NULL;
    size_t i;

    pthread_mutex_lock(&list->lock);
    for (i = 0; i < list->count; i++) {
        if (!entry_wants(&list->entries[i], notification->ulEventType, key, key_size))
            continue;
        if (!notice && FAILED(notice_create(notification, &notice)))
            break; /* no memory for news */
        listener_post(list->entries[i].listener, notice);
    }
    pthread_mutex_unlock(&list->lock);
    notice_unref(notice);
}

/* A synchronous listener that is to be called, referenced. */
struct advise_call {
    struct listener *listener;
    ULONG mask;
};

/* Those that want one of `events`, in order; NULL: none, or no memory. */
static struct advise_call *take_calls(struct advise_list *list, ULONG events, const void *key,
                                      size_t key_size, size_t *ret_count)
{
    struct advise_call *calls = NULL;
    size_t count = 0;

    pthread_mutex_lock(&list->lock);
    for (size_t i = 0; i < list->count; i++) {
        if (!listener_is_synchronous(list->entries[i].listener) ||
            !entry_wants(&list->entries[i], events, key, key_size))
            continue;
        if (!calls)
            calls = malloc(list->count * sizeof(*calls));
        if (!calls)
            break;
        calls[count++] = (struct advise_call){.listener = listener_ref(list->entries[i].listener),
                                              .mask = list->entries[i].mask};
    }
    pthread_mutex_unlock(&list->lock);
    *ret_count = count;
    return calls;
}

/* False: the sink wants to hear no more. */
static bool call_one(const struct advise_call *call, const NOTIFICATION *notifications, ULONG count)
{
    NOTIFICATION *wanted = malloc(count * sizeof(*wanted));
    ULONG taken = 0;
    bool go_on = true;

    for (ULONG i = 0; wanted && i < count; i++)
        if (notifications[i].ulEventType & call->mask)
            wanted[taken++] = notifications[i];
    if (taken)
        go_on = !(listener_call(call->listener, taken, wanted) & CALLBACK_DISCONTINUE);
    free(wanted);
    return go_on;
}

bool advise_list_call(struct advise_list *list, const NOTIFICATION *notifications, ULONG count,
                      const void *key, size_t key_size)
{
    struct advise_call *calls;
    ULONG events = 0;
    bool go_on = true;
    size_t call_count;

    for (ULONG i = 0; i < count; i++)
        events |= notifications[i].ulEventType;
    calls = take_calls(list, events, key, key_size, &call_count);
    for (size_t i = 0; i < call_count; i++) {
        go_on = go_on && call_one(&calls[i], notifications, count);
        listener_unref(calls[i].listener);
    }
    free(calls);
    return go_on;
}
