/* session/logon.c - MAPILogonEx: which profile, which session, what is refused
 *
 * All logons queue at one gate (SES-055). The profile comes from the name, the default or the
 * shared session; on a machine without a screen nobody is asked. Behaviour: SES-034 to SES-103. */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiaux.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "session/client.h"
#include "session/spooler.h"

#define TIMEOUT_SHORT_MS 5000 /* "a few seconds" (SES-056) */
#define UI_FLAGS         (MAPI_LOGON_UI | MAPI_PASSWORD_UI)
#define LOGON_FLAGS                                                                                \
    (UI_FLAGS | MAPI_NEW_SESSION | MAPI_ALLOW_OTHERS | MAPI_EXPLICIT_PROFILE | MAPI_EXTENDED |     \
     MAPI_FORCE_DOWNLOAD | MAPI_SERVICE_UI_ALWAYS | MAPI_NO_MAIL | MAPI_NT_SERVICE |               \
     MAPI_TIMEOUT_SHORT | MAPI_USE_DEFAULT | MAPI_UNICODE | MAPI_SIMPLE_DEFAULT |                  \
     MAPI_SIMPLE_EXPLICIT | MAPI_BG_SESSION)

static HRESULT check_flags(ULONG flags)
{
    ULONG ui = flags & UI_FLAGS;

    if (flags & ~(ULONG)LOGON_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (ui & (ui - 1))
        return MAPI_E_LOGON_FAILED; /* SES-054, SES-088 */
    return S_OK;
}

/* The shared session, when there is one and it may be used (SES-040 to SES-045). */
static struct session *find_shared(struct mapi_subsystem *subsystem, ULONG flags)
{
    struct session *session = NULL;

    if (flags & MAPI_NEW_SESSION)
        return NULL;
    pthread_mutex_lock(&subsystem->lock);
    if (subsystem->shared)
        session = session_ref(subsystem->shared);
    pthread_mutex_unlock(&subsystem->lock);
    return session;
}

/* The name of the profile to log on to, UTF-8, to free(). */
static WAITS HRESULT choose_profile(struct mapi_subsystem *subsystem, const char *name, ULONG flags,
                                    struct error_info *error, char **ret_name)
{
    HRESULT hr;

    if (name && name[0]) {
        *ret_name = strdup(name);
        return *ret_name ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    if (!(flags & MAPI_USE_DEFAULT)) /* SES-047, SES-080, SES-082 */
        return error_set(error, MAPI_E_LOGON_FAILED, "MAPILogonEx",
                         "no profile was named and the default one was not asked for");
    hr = profiles_default(subsystem->profiles, error, ret_name);
    if (hr == MAPI_E_NOT_FOUND) /* SES-084 */
        return error_set(error, MAPI_E_LOGON_FAILED, "MAPILogonEx", "there is no default profile");
    return hr;
}

static WAITS HRESULT begin_new(struct mapi_subsystem *subsystem, const char *name, ULONG flags,
                               ULONG_PTR ui_param, struct error_info *error, bool *ret_partial,
                               struct session **ret_session)
{
    struct session_profile *profile = NULL;
    char *chosen = NULL;
    HRESULT hr = choose_profile(subsystem, name, flags, error, &chosen);

    if (SUCCEEDED(hr))
        hr = session_profile_open(subsystem->profiles, chosen, error, &profile);
    if (hr == MAPI_E_NOT_FOUND || (hr == MAPI_E_INVALID_PARAMETER && chosen)) /* SES-089 */
        hr = error_set(error, MAPI_E_LOGON_FAILED, "MAPILogonEx", "there is no profile \"%s\"",
                       chosen);
    if (SUCCEEDED(hr))
        hr = session_begin(subsystem, profile, flags & MAPI_NO_MAIL, ui_param, error, ret_partial,
                           ret_session);
    session_profile_unref(profile);
    free(chosen);
    return hr;
}

/* It takes itself out with its last client (SES-042, SES-085); the library's end may have made that
 * happen already. */
static void share(struct mapi_subsystem *subsystem, struct session *session)
{
    pthread_mutex_lock(&subsystem->lock);
    pthread_mutex_lock(&session->lock);
    if (!session->ended)
        subsystem->shared = session;
    pthread_mutex_unlock(&session->lock);
    pthread_mutex_unlock(&subsystem->lock);
}

/* SES-058: a try; what does not arrive now arrives in the background. */
static WAITS void download(struct session *session)
{
    struct spooler *spooler = session_spooler(session);

    spooler_wait_started(spooler);
    spooler_flush(spooler, NULL, FLUSH_DOWNLOAD);
    spooler_unref(spooler);
}

/* MAPI_E_END_OF_SESSION: there is none, or its last client has just left it. */
static HRESULT join_shared(struct mapi_subsystem *subsystem, ULONG flags,
                           IMAPISession **ret_session)
{
    struct session *session = find_shared(subsystem, flags);
    HRESULT hr = session ? client_create(session, ret_session) : MAPI_E_END_OF_SESSION;

    session_unref(session);
    return hr;
}

static WAITS HRESULT logon_locked(struct mapi_subsystem *subsystem, const char *name, ULONG flags,
                                  ULONG_PTR ui_param, IMAPISession **ret_session)
{
    struct error_info error = {0};
    struct session *session;
    bool partial = false;
    HRESULT hr = join_shared(subsystem, flags, ret_session);

    if (hr != MAPI_E_END_OF_SESSION)
        return hr;
    hr = begin_new(subsystem, name, flags, ui_param, &error, &partial, &session);
    if (FAILED(hr))
        return hr;
    hr = client_create(session, ret_session);
    if (FAILED(hr))
        session_end(session);
    else if (flags & MAPI_ALLOW_OTHERS)
        share(subsystem, session);
    if (SUCCEEDED(hr) && flags & MAPI_FORCE_DOWNLOAD)
        download(session);
    session_unref(session);
    if (FAILED(hr) || !partial)
        return hr;
    error.hr = MAPI_W_ERRORS_RETURNED; /* GetLastError is asked with what the client got */
    client_keep_error(*ret_session, &error);
    return MAPI_W_ERRORS_RETURNED;
}

MAPI_API HRESULT STDAPICALLTYPE MAPILogonEx(ULONG_PTR ui_param, LPTSTR profile_name,
                                            LPTSTR password, ULONG flags,
                                            LPMAPISESSION *ret_session)
{
    uint64_t deadline = flags & MAPI_TIMEOUT_SHORT ? engine_now() + TIMEOUT_SHORT_MS : NO_DEADLINE;
    struct mapi_subsystem *subsystem;
    char *name = NULL;
    HRESULT hr;

    if (ret_session)
        *ret_session = NULL; /* SES-090 */
    subsystem = subsystem_get();
    if (!subsystem)
        return MAPI_E_NOT_INITIALIZED;                           /* SES-003 */
    hr = ret_session ? check_flags(flags) : MAPI_E_LOGON_FAILED; /* SES-054 */
    if (SUCCEEDED(hr) && password && *(const char *)password)
        hr = MAPI_E_LOGON_FAILED; /* SES-036 */
    if (SUCCEEDED(hr))
        hr = text_from_argument(NULL, profile_name, flags, &name);
    if (SUCCEEDED(hr))
        hr = engine_mutex_lock(&subsystem->logon_gate, deadline); /* SES-056: MAPI_E_TIMEOUT */
    if (SUCCEEDED(hr)) {
        hr = logon_locked(subsystem, name, flags, ui_param, ret_session);
        engine_mutex_unlock(&subsystem->logon_gate);
    }
    mapi_free(name);
    subsystem_unref(subsystem);
    return hr;
}
