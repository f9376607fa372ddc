/* simple/result.h - the results of Simple MAPI
 *
 * Every function of this room that can fail returns one of mapi.h's small codes (SMP-002, SMP-003),
 * SUCCESS_SUCCESS being 0. Extended interfaces answer with an HRESULT; it is translated here, where
 * the caller knows nothing better. Pure, any thread. */
#ifndef MG_SIMPLE_RESULT_H
#define MG_SIMPLE_RESULT_H

#include "mapi/mapi.h"

/* What no code is made for becomes MAPI_E_FAILURE; warnings are successes. */
ULONG simple_result(HRESULT hr);

/* The same where an entry id was followed: one that leads nowhere is MAPI_E_INVALID_MESSAGE. */
ULONG simple_result_of_message(HRESULT hr);

/* The same where a session was asked for: what is not about memory, the user or too many sessions
 * is MAPI_E_LOGIN_FAILURE (SMP-022). */
ULONG simple_result_of_logon(HRESULT hr);

#endif
