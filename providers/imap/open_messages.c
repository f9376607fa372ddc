/* providers/imap/open_messages.c - the messages that clients have open for writing */
#include "providers/imap/open_messages.h"

#include <stdlib.h>

#include "mapi/array.h"

void open_messages_init(struct open_messages *open)
{
    *open = (struct open_messages){0};
    pthread_mutex_init(&open->lock, NULL);
}

void open_messages_clear(struct open_messages *open)
{
    free(open->numbers);
    pthread_mutex_destroy(&open->lock);
}

HRESULT open_messages_add(struct open_messages *open, uint64_t number)
{
    bool added;

    pthread_mutex_lock(&open->lock);
    added = array_append(&open->numbers, &open->count, &number);
    pthread_mutex_unlock(&open->lock);
    return added ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static bool find(const struct open_messages *open, uint64_t number, size_t *ret_at)
{
    for (size_t i = 0; i < open->count; i++)
        if (open->numbers[i] == number) {
            *ret_at = i;
            return true;
        }
    return false;
}

void open_messages_remove(struct open_messages *open, uint64_t number)
{
    size_t at;

    pthread_mutex_lock(&open->lock);
    if (find(open, number, &at))
        open->numbers[at] = open->numbers[--open->count];
    pthread_mutex_unlock(&open->lock);
}

size_t open_messages_leave(struct open_messages *open, uint64_t *numbers, size_t count)
{
    size_t left = 0, at;

    pthread_mutex_lock(&open->lock);
    for (size_t i = 0; i < count; i++)
        if (!find(open, numbers[i], &at))
            numbers[left++] = numbers[i];
    pthread_mutex_unlock(&open->lock);
    return left;
}
