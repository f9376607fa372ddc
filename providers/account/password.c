/* providers/account/password.c - the credential both clients log in with
 *
 * A configured password, or what the password command prints: it runs once at a time, and again
 * only when a server refused what it printed before. */
#include "net/password_command.h"
#include "providers/account/account-private.h"

HRESULT account_credential(void *arg, bool again, struct error_info *error,
                           struct secret **ret_secret)
{
    struct account *account = arg;
    struct secret *seen = account->password, *fresh;
    HRESULT hr;

    if (!account->password_command) {
        *ret_secret = secret_ref(account->password);
        return S_OK;
    }

    hr = engine_mutex_lock(&account->password_gate, NO_DEADLINE);
    if (FAILED(hr))
        return error_set(error, hr, account->key, "given up waiting for the password command");
    /* Another login may have run the command while this one waited for its turn. */
    if (!account->password || (again && account->password == seen)) {
        hr = password_command_run(account->password_command, error, &fresh);
        if (SUCCEEDED(hr)) {
            secret_unref(account->password);
            account->password = fresh;
        }
    }
    if (SUCCEEDED(hr))
        *ret_secret = secret_ref(account->password);
    engine_mutex_unlock(&account->password_gate);
    return hr;
}
