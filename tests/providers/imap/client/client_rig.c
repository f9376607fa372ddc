/* tests/providers/imap/client/client_rig.c - see client_rig.h */
#include "tests/providers/imap/client/client_rig.h"

#include <time.h>

static WAITS HRESULT rig_credential(void *arg, bool again, struct error_info *error,
                                    struct secret **ret_secret)
{
    struct rig *rig = arg;
    const char *password = again && rig->next_password ? rig->next_password : rig->password;

    (void)error;
    rig->asked++;
    return secret_create(password, strlen(password), ret_secret);
}

static void rig_state(void *arg, const struct imap_status_report *report)
{
    struct rig *rig = arg;
    const char *name = imap_state_name(report->state);

    pthread_mutex_lock(&rig->lock);
    if (rig->states[0] == '\0' || rig->state != report->state)
        snprintf(rig->states + strlen(rig->states), sizeof(rig->states) - strlen(rig->states),
                 "%s,", name);
    rig->state = report->state;
    rig->error = *report->error;
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
}

static void rig_trace(void *arg, enum imap_trace direction, unsigned session, const char *line,
                      size_t size)
{
    struct rig *rig = arg;
    size_t used = strlen(rig->trace);

    (void)session;
    if (used + size + 8 < sizeof(rig->trace))
        snprintf(rig->trace + used, sizeof(rig->trace) - used, "%s %.*s\n",
                 direction == IMAP_TRACE_SENT ? ">" : "<", (int)size, line);
}

void rig_start_without_script(struct rig *rig)
{
    struct engine_options options = {.name = "test"};

    memset(rig, 0, sizeof(*rig));
    pthread_mutex_init(&rig->lock, NULL);
    pthread_cond_init(&rig->changed, NULL);
    cr_assert_eq(engine_create(&options, &rig->engine), S_OK);
    rig->password = "secret";
    rig->options = (struct imap_client_options){
        .host = "127.0.0.1",
        .tls = CONN_TLS_NONE,
        .user = "alice",
        .ping_interval = 3600000, /* no NOOPs in between, unless a test asks for them */
        .poll_interval = 3600000,
        .arg = rig,
        .credential = rig_credential,
        .state = rig_state,
        .trace = rig_trace,
    };
}

void rig_start(struct rig *rig, const char *const *scripts, size_t count)
{
    rig_start_without_script(rig);
    rig->server = scripted_server_start(scripts, count);
    rig->options.port = scripted_server_port(rig->server);
}

static HRESULT client_in_engine(void *arg)
{
    struct rig *rig = arg;

    return imap_client_create(&rig->options, &rig->client);
}

void rig_client(struct rig *rig)
{
    cr_assert_eq(rig_call(rig, client_in_engine, rig), S_OK);
}

static HRESULT close_in_engine(void *arg)
{
    struct rig *rig = arg;

    imap_client_close(rig->client);
    return S_OK;
}

void rig_stop(struct rig *rig)
{
    if (rig->client)
        expect_hr(rig_call(rig, close_in_engine, rig), S_OK);
    engine_stop(rig->engine);
    engine_unref(rig->engine);
    if (rig->server)
        scripted_server_finish(rig->server);
    pthread_cond_destroy(&rig->changed);
    pthread_mutex_destroy(&rig->lock);
}

HRESULT rig_call(struct rig *rig, engine_fn *fn, void *arg)
{
    return engine_call(rig->engine, fn, arg);
}

struct noop {
    struct rig *rig;
    const char *mailbox;
    struct error_info *error;
};

static HRESULT noop_once(void *arg)
{
    struct noop *noop = arg;
    struct imap_lease *lease;
    HRESULT hr =
        imap_lease_begin(noop->rig->client, noop->mailbox, 0, NO_DEADLINE, noop->error, &lease);

    if (FAILED(hr))
        return hr;
    hr = imap_noop(lease, noop->error);
    imap_lease_end(lease);
    return hr;
}

HRESULT rig_noop(struct rig *rig, const char *mailbox, struct error_info *ret_error)
{
    struct noop noop = {rig, mailbox, ret_error};

    error_clear(ret_error);
    return rig_call(rig, noop_once, &noop);
}

void rig_await_state(struct rig *rig, enum imap_state state)
{
    struct timespec until;
    int rc = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 30;
    pthread_mutex_lock(&rig->lock);
    while (rc == 0 && rig->state != state)
        rc = pthread_cond_timedwait(&rig->changed, &rig->lock, &until);
    cr_expect(rig->state == state, "state is %s, not %s (%s)", imap_state_name(rig->state),
              imap_state_name(state), rig->error.text);
    pthread_mutex_unlock(&rig->lock);
}
