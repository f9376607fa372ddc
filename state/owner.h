/* state/owner.h - a name for this process that others can tell dead
 *
 * Private to state/. A lease carries its owner's name. When a process dies its leases end after 60
 * s of their own; one on the same host and in the same PID namespace can be seen to be dead at
 * once. */
#ifndef MG_STATE_OWNER_H
#define MG_STATE_OWNER_H

#include <stdbool.h>

#define OWNER_NAME_MAX 160

/* "boot-id/pid-namespace/pid/start-time/random". */
void owner_name_create(char ret_name[OWNER_NAME_MAX]);

/* True only for a process that lived under this kernel and PID namespace and is gone. */
bool owner_name_is_dead(const char *name);

#endif
