/* providers/imap/open_messages.h - the messages that clients have open for writing
 *
 * A logon has one list; a bulk operation leaves those that stand in it alone (STO-146, STO-224).
 * Any thread, memory only. */
#ifndef IMAP_OPEN_MESSAGES_H
#define IMAP_OPEN_MESSAGES_H

#include <pthread.h>

#include "mapi/mapidefs.h"

struct open_messages {
    pthread_mutex_t lock; /* leaf */
    uint64_t *numbers;    /* one as often as it is open */
    size_t count;
};

void open_messages_init(struct open_messages *open);
void open_messages_clear(struct open_messages *open);

/* Each add has its remove. Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT open_messages_add(struct open_messages *open, uint64_t number);
void open_messages_remove(struct open_messages *open, uint64_t number);

/* Takes those that are open out of `numbers`; how many are left. */
size_t open_messages_leave(struct open_messages *open, uint64_t *numbers, size_t count);

#endif
