/* providers/imap/client/client.c - making and ending a client, and the fibers it runs */
#include "providers/imap/client/client_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SESSIONS        4u
#define DEFAULT_COMMAND_TIMEOUT 120000u
#define DEFAULT_SILENCE_TIMEOUT 50000u
#define DEFAULT_CONNECT_TIMEOUT 30000u
#define DEFAULT_PING_INTERVAL   20000u
#define DEFAULT_POLL_INTERVAL   60000u
#define GOODBYE_TIMEOUT         100u

/* --- Tasks
 * -------------------------------------------------------------------------------------------
 *
 * A fiber cannot give back its own reference: a task that ends joins those that ended before it,
 * and closing the client joins the rest. */

static void task_remove(struct imap_client *client, struct client_task *task)
{
    struct client_task **at = &client->tasks;

    while (*at != task)
        at = &(*at)->next;
    *at = task->next;
}

static void tasks_reap(struct imap_client *client)
{
    struct client_task *task = client->tasks;

    while (task) {
        if (task->ended) {
            task_remove(client, task);
            fiber_join(task->fiber);
            free(task);
            task = client->tasks;
        } else {
            task = task->next;
        }
    }
}

static HRESULT task_main(void *arg)
{
    struct client_task *task = arg;

    task->run(task->arg);
    tasks_reap(task->client);
    task->ended = true;
    return S_OK;
}

HRESULT imap_client_spawn(struct imap_client *client, void (*run)(void *arg), void *arg)
{
    struct client_task *task;
    HRESULT hr;

    if (client->closing)
        return MAPI_E_CANCEL;
    task = calloc(1, sizeof(*task));
    if (!task)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *task = (struct client_task){.client = client, .run = run, .arg = arg};
    hr = engine_spawn(client->engine, task_main, task, &task->fiber);
    if (FAILED(hr)) {
        free(task);
        return hr;
    }
    task->next = client->tasks;
    client->tasks = task;
    return S_OK;
}

/* --- Making ---------------------------------------------------------------------------------- */

static HRESULT copy_string(const char **field)
{
    if (!*field)
        return S_OK;
    *field = strdup(*field);
    return *field ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static uint64_t or_default(uint64_t value, uint64_t fallback)
{
    return value ? value : fallback;
}

static void client_free(struct imap_client *client)
{
    if (client->prober)
        prober_leave(client->prober, &client->prober_user);
    free((char *)client->options.host);
    free((char *)client->options.ca_file);
    free((char *)client->options.user);
    free((char *)client->options.auth);
    free(client->namespace_prefix);
    free(client->others_prefix);
    free(client->shared_prefix);
    engine_unref(client->engine);
    free(client);
}

HRESULT imap_client_create(const struct imap_client_options *options,
                           struct imap_client **ret_client)
{
    struct imap_client *client = calloc(1, sizeof(*client));
    struct imap_client_options *own;
    HRESULT hr = S_OK;
    HRESULT copied[4];

    if (!client)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    client->engine = engine_ref(engine_current());
    client->options = *options;
    own = &client->options;
    if (!own->auth)
        own->auth = "auto";
    copied[0] = copy_string(&own->host);
    copied[1] = copy_string(&own->ca_file);
    copied[2] = copy_string(&own->user);
    copied[3] = copy_string(&own->auth);
    for (int i = 0; i < 4; i++)
        hr = FAILED(copied[i]) ? copied[i] : hr;
    own->max_sessions = (unsigned)or_default(own->max_sessions, DEFAULT_SESSIONS);
    own->command_timeout = or_default(own->command_timeout, DEFAULT_COMMAND_TIMEOUT);
    own->silence_timeout = or_default(own->silence_timeout, DEFAULT_SILENCE_TIMEOUT);
    own->connect_timeout = or_default(own->connect_timeout, DEFAULT_CONNECT_TIMEOUT);
    own->ping_interval = or_default(own->ping_interval, DEFAULT_PING_INTERVAL);
    own->poll_interval = or_default(own->poll_interval, DEFAULT_POLL_INTERVAL);
    client->limit = own->max_sessions;
    if (SUCCEEDED(hr)) {
        snprintf(client->server, sizeof(client->server), "%s:%u", own->host, own->port);
        hr = imap_connection_join_prober(client);
    }
    if (FAILED(hr)) {
        client_free(client);
        return hr;
    }
    *ret_client = client;
    return S_OK;
}

/* --- Ending ----------------------------------------------------------------------------------- */

void imap_client_abort(struct imap_client *client)
{
    struct error_info why = {0};

    if (client->closing)
        return;
    client->closing = true;
    error_set(&why, MAPI_E_NETWORK_ERROR, client->server, "closing");
    pool_fail_waiting(client, MAPI_E_NETWORK_ERROR);
    pool_drop_all(client, &why);
    for (struct client_task *task = client->tasks; task; task = task->next) {
        if (!task->ended)
            fiber_cancel(task->fiber);
    }
}

/* Good manners, where they cost nothing: nobody waits for the answer. */
static WAITS void say_goodbye(struct imap_client *client)
{
    static const struct imap_session_command logout = {.what = "LOGOUT"};

    for (struct imap_session *session = client->sessions, *next; session; session = next) {
        char tag[16], line[32];

        next = session->next;
        if (session->use != SESSION_FREE || session->broken)
            continue;
        conn_unwatch(session->conn);
        session->use = SESSION_LEASED;
        imap_session_begin(session, &logout, engine_now() + GOODBYE_TIMEOUT);
        imap_session_next_tag(session, tag);
        imap_session_write(session, line,
                           (size_t)snprintf(line, sizeof(line), "%s LOGOUT\r\n", tag), false);
        imap_session_end(session);
        session->use = SESSION_FREE;
        next = session->next; /* the list may have changed while we wrote */
    }
}

void imap_client_close(struct imap_client *client)
{
    if (!client)
        return;
    if (!client->closing && client->state == IMAP_READY)
        say_goodbye(client);
    imap_client_abort(client);
    while (client->tasks) {
        struct client_task *task = client->tasks;

        client->tasks = task->next;
        fiber_join(task->fiber);
        free(task);
    }
    client_free(client);
}

HRESULT imap_client_reconfigure(struct imap_client *client, const char *user, const char *auth)
{
    char *new_user = strdup(user ? user : client->options.user);
    char *new_auth = strdup(auth ? auth : client->options.auth);

    if (!new_user || !new_auth) {
        free(new_user);
        free(new_auth);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    free((char *)client->options.user);
    free((char *)client->options.auth);
    client->options.user = new_user;
    client->options.auth = new_auth;
    client->again = true;
    client->last_try = 0;
    if (client->state == IMAP_REFUSED)
        imap_connection_set_state(client, IMAP_UNCONNECTED, NULL);
    return S_OK;
}

uint32_t imap_client_capabilities(const struct imap_client *client)
{
    return client->capabilities;
}

void imap_client_namespace(const struct imap_client *client, struct imap_namespace *ret_namespace)
{
    ret_namespace->prefix = client->namespace_prefix ? client->namespace_prefix : "";
    ret_namespace->delimiter = client->namespace_delimiter;
}
