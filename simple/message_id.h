/* simple/message_id.h - the message identifiers that callers hold
 *
 * Strings of our making, good for the session that gave them (SMP-041): each begins with a mark of
 * that session. The long form (MAPI_LONG_MSGID, up to 512 characters) is the entry id in hex. That
 * is too long for the 64 characters of the short form, which is a number in the session's list of
 * the ids that it gave so: the list keeps the last SHORT_IDS_MAX of them, and those before are no
 * identifiers any more. Requirements: SMP-036, SMP-037, SMP-041. Any thread. */
#ifndef MG_SIMPLE_MESSAGE_ID_H
#define MG_SIMPLE_MESSAGE_ID_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "mapi/mapidefs.h"

#define SHORT_ID_SIZE 64 /* bytes, the terminator among them */
#define LONG_ID_SIZE  512
#define SHORT_IDS_MAX 65536

struct message_ids {
    pthread_mutex_t lock;
    uint32_t mark;  /* of the session */
    SBinary *given; /* short ids: number n stands in n % SHORT_IDS_MAX; array_append's */
    size_t kept;    /* in `given` */
    uint32_t count; /* of short ids given so far */
};

void message_ids_init(struct message_ids *ids);
void message_ids_clear(struct message_ids *ids);

/* Writes the identifier of a message into the caller's buffer of LONG_ID_SIZE or SHORT_ID_SIZE.
 * Fails with MAPI_E_INSUFFICIENT_MEMORY, and with MAPI_E_FAILURE for an entry id that is too long
 * for the long form (an id of a strange provider). */
ULONG message_id_write(struct message_ids *ids, const SBinary *entry_id, bool is_long,
                       char *ret_text);

/* The entry id that an identifier stands for, to free with mapi_free. Fails with
 * MAPI_E_INVALID_MESSAGE (also for NULL and ""), MAPI_E_INSUFFICIENT_MEMORY. */
ULONG message_id_read(struct message_ids *ids, const char *text, SBinary *ret_entry_id);

#endif
