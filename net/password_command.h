/* net/password_command.h - a program that prints a password
 *
 * Runs `sh -c command` by posix_spawn with default signal mask and handlers and descriptors 0 to 2
 * only, takes the first line of what it prints, and waits on its pidfd: no SIGCHLD handler. At most
 * 30 s and 64 KiB. The command line itself holds no secret; its output is cleared. */
#ifndef MG_PASSWORD_COMMAND_H
#define MG_PASSWORD_COMMAND_H

#include "mapi/error.h"
#include "net/engine.h"
#include "net/secret.h"

/* On S_OK *ret_password is the caller's reference. Fails with MAPI_E_LOGON_FAILED (it failed, or
 * printed nothing; `error` says its exit code and the first line of its standard error),
 * MAPI_E_TIMEOUT, MAPI_E_USER_CANCEL, MAPI_E_NOT_ENOUGH_MEMORY. */
WAITS HRESULT password_command_run(const char *command, struct error_info *error,
                                   struct secret **ret_password);

#endif
