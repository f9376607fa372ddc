/* tests/providers/smtp/client/smtp_rig.c - a client on an engine, beside a scripted server */
#include "smtp_rig.h"

#include <time.h>

static HRESULT give_credential(void *arg, bool again, struct error_info *error,
                               struct secret **ret_secret)
{
    struct rig *rig = arg;
    const char *password = again && rig->next_password ? rig->next_password : rig->password;

    rig->asked++;
    if (!password)
        return error_set(error, MAPI_E_UNCONFIGURED, "rig", "no password");
    return secret_create(password, strlen(password), ret_secret);
}

static void note_state(void *arg, const struct smtp_status_report *report)
{
    struct rig *rig = arg;
    size_t used;

    pthread_mutex_lock(&rig->lock);
    rig->state = report->state;
    rig->error = *report->error;
    used = strlen(rig->states);
    snprintf(rig->states + used, sizeof(rig->states) - used, "%s,", smtp_state_name(report->state));
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
}

static void note_line(void *arg, enum smtp_trace direction, const char *line, size_t size)
{
    struct rig *rig = arg;
    size_t used = strlen(rig->trace);

    snprintf(rig->trace + used, sizeof(rig->trace) - used, "%s %.*s\n",
             direction == SMTP_TRACE_SENT ? "C:" : "S:", (int)size, line);
}

void rig_start(struct rig *rig, const char *const *scripts, size_t count)
{
    struct engine_options options = {.name = "test"};

    memset(rig, 0, sizeof(*rig));
    pthread_mutex_init(&rig->lock, NULL);
    pthread_cond_init(&rig->changed, NULL);
    if (scripts)
        rig->server = scripted_server_start(scripts, count);
    cr_assert_eq(engine_create(&options, &rig->engine), S_OK);
    rig->options = (struct smtp_client_options){
        .host = "127.0.0.1",
        .port = rig->server ? scripted_server_port(rig->server) : 0,
        .tls = CONN_TLS_NONE,
        .command_timeout = 30000,
        .probe_interval = UINT64_MAX,
        .arg = rig,
        .credential = give_credential,
        .state = note_state,
        .trace = note_line,
    };
}

static HRESULT create(void *arg)
{
    struct rig *rig = arg;

    return smtp_client_create(&rig->options, &rig->client);
}

void rig_client(struct rig *rig)
{
    cr_assert_eq(engine_call(rig->engine, create, rig), S_OK);
}

static HRESULT close_client(void *arg)
{
    struct rig *rig = arg;

    smtp_client_close(rig->client);
    rig->client = NULL;
    return S_OK;
}

void rig_stop(struct rig *rig)
{
    engine_call(rig->engine, close_client, rig);
    engine_stop(rig->engine);
    engine_unref(rig->engine);
    if (rig->server)
        scripted_server_finish(rig->server);
}

bool rig_await(struct rig *rig, enum smtp_state state)
{
    struct timespec until;
    int late = 0;
    bool there;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 30;
    pthread_mutex_lock(&rig->lock);
    while (rig->state != state && !late)
        late = pthread_cond_timedwait(&rig->changed, &rig->lock, &until);
    there = rig->state == state;
    pthread_mutex_unlock(&rig->lock);
    return there;
}

enum smtp_state rig_state(struct rig *rig)
{
    enum smtp_state state;

    pthread_mutex_lock(&rig->lock);
    state = rig->state;
    pthread_mutex_unlock(&rig->lock);
    return state;
}

HRESULT rig_error(struct rig *rig)
{
    HRESULT hr;

    pthread_mutex_lock(&rig->lock);
    hr = rig->error.hr;
    pthread_mutex_unlock(&rig->lock);
    return hr;
}

const char *rig_states(struct rig *rig)
{
    static char states[sizeof(rig->states)];

    pthread_mutex_lock(&rig->lock);
    strcpy(states, rig->states);
    pthread_mutex_unlock(&rig->lock);
    return states;
}

struct call {
    struct rig *rig;
    struct error_info *error;
    void (*fn)(struct smtp_client *client);
};

static HRESULT call_try_now(void *arg)
{
    struct call *call = arg;

    return smtp_client_try_now(call->rig->client, NO_DEADLINE, call->error);
}

HRESULT rig_try_now(struct rig *rig, struct error_info *error)
{
    struct call call = {.rig = rig, .error = error};

    return engine_call(rig->engine, call_try_now, &call);
}

static HRESULT call_fn(void *arg)
{
    struct call *call = arg;

    call->fn(call->rig->client);
    return S_OK;
}

void rig_do(struct rig *rig, void (*fn)(struct smtp_client *client))
{
    struct call call = {.rig = rig, .fn = fn};

    engine_call(rig->engine, call_fn, &call);
}

/* --- Sending ---------------------------------------------------------------------------------- */

static HRESULT read_content(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    struct sending *sending = arg;
    size_t left = strlen(sending->content) - sending->at;

    if (left == 0 && FAILED(sending->read_failure))
        return sending->read_failure;
    if (sending->step && size > sending->step)
        size = sending->step;
    if (size > left)
        size = left;
    memcpy(buffer, sending->content + sending->at, size);
    sending->at += size;
    *ret_size = size;
    return S_OK;
}

static HRESULT note_dot(void *arg)
{
    struct sending *sending = arg;

    sending->dots++;
    return fiber_yield() == S_OK ? sending->dot_failure : E_FAIL;
}

void rig_to(struct sending *sending, const char *address)
{
    sending->recipients[sending->message.recipient_count++].address = address;
}

static HRESULT call_send(void *arg)
{
    struct sending *sending = arg;

    sending->hr =
        smtp_client_send(sending->rig->client, &sending->message, NO_DEADLINE, &sending->error);
    return S_OK;
}

void rig_send(struct rig *rig, struct sending *sending)
{
    struct smtp_message *message = &sending->message;

    if (!sending->content)
        sending->content = "Subject: x\n\nhi\n";
    if (!message->sender)
        message->sender = "anna@example.org";
    if (!message->recipient_count)
        rig_to(sending, "bob@example.org");
    message->recipients = sending->recipients;
    message->arg = sending;
    message->read = read_content;
    message->before_final_dot = note_dot;
    sending->rig = rig;
    sending->at = 0;
    cr_assert_eq(engine_call(rig->engine, call_send, sending), S_OK);
}

/* A server that failed after the login is looked for by the prober, whose connection says nothing;
 * one that failed before it is asked by the client itself. */
void rig_expect_refused(const char *script, bool logged_in, const char *words)
{
    const char *scripts[] = {script, "E:\n", HELLO QUIT, HELLO SENT QUIT},
               *fewer[] = {script, HELLO QUIT, HELLO SENT QUIT};
    struct sending s = {0}, next = {0};
    static struct rig rig;

    rig_start(&rig, logged_in ? scripts : fewer, logged_in ? 4 : 3);
    rig_client(&rig);
    rig_send(&rig, &s);
    expect_hr(s.hr, MAPI_E_NETWORK_ERROR);
    cr_expect(strstr(s.error.text, words), "%s", s.error.text);
    cr_expect_eq(s.recipients[0].result, SMTP_NOT_TRIED);
    cr_expect(rig_await(&rig, SMTP_UNCONNECTED));
    rig_send(&rig, &next);
    expect_hr(next.hr, S_OK);
    rig_stop(&rig);
}
