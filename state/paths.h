/* state/paths.h - where the side store lives, and whether it may live there
 *
 * Any thread; file system calls only, so not on an engine's loop. */
#ifndef MG_STATE_PATHS_H
#define MG_STATE_PATHS_H

#include <stdbool.h>

#include "mapi/error.h"

/* Finds the state directory: the environment's MAPIGATE_STATE, else `configured` (may be NULL),
 * else /var/lib/mapigate when `system`, else $XDG_STATE_HOME/mapigate, else
 * ~/.local/state/mapigate. It is made (0700, its parents too) when missing. *ret_directory is an
 * absolute path, the caller's to free. Fails with MAPI_E_UNCONFIGURED (no home directory, or a
 * relative path), MAPI_E_NO_ACCESS (cannot be made), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT state_directory_find(const char *configured, bool system, struct error_info *error,
                             char **ret_directory);

/* Refuses what a database must not stand on: a directory that is missing, not ours, open to group
 * or others (it is narrowed to 0700 where we may), or on a network file system, where SQLite's
 * locks and shared memory do not hold (NFS, CIFS, sshfs and the like). Fails with MAPI_E_NO_ACCESS,
 * MAPI_E_NOT_FOUND or MAPI_E_NO_SUPPORT (network); the words name the directory and the mend. */
HRESULT state_directory_check(const char *directory, struct error_info *error);

/* The decision of the above by statfs's magic number and, for FUSE (which is either), the mount's
 * type as /proc/self/mountinfo writes it (NULL: unknown). */
bool state_filesystem_is_network(unsigned long magic, const char *mount_type);

#endif
