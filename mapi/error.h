/* mapi/error.h - what went wrong, for a program and for a person
 *
 * An HRESULT alone says little. Every room below the session fills an `error_info` where it
 * returns a failure, so that IMAPISession::GetLastError and the command line can say who refused
 * what, in the server's own words. Plain data: copy it, no ownership, any thread. */
#ifndef MG_ERROR_H
#define MG_ERROR_H

#include <stdint.h>

#include "mapi/mapidefs.h"

#define ERROR_TEXT_MAX 512

struct error_info {
    HRESULT hr;                /* S_OK: nothing to report */
    uint32_t low_level;        /* errno, TLS alert or SMTP reply code; 0: none */
    char component[64];        /* who refused: "imap.example.org:993" */
    char text[ERROR_TEXT_MAX]; /* UTF-8, one sentence, the server's own words where there are any */
};

/* Fills `error` (may be NULL: then nothing is kept) and returns `hr`, so that a failing function
 * ends in `return error_set(error, MAPI_E_NETWORK_ERROR, host, "connection refused")`. Text that
 * does not fit is cut at a UTF-8 boundary; control characters become spaces. */
HRESULT error_set(struct error_info *error, HRESULT hr, const char *component, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));

/* Forgets what `error` holds. */
void error_clear(struct error_info *error);

#endif
