/* providers/smtp/client/send.c - one message to its recipients
 *
 * MAIL, the RCPTs and DATA go out in windows of a few commands where the server can PIPELINING
 * (RFC 2920: small enough that neither side's buffers fill while both write), else one by one. Up
 * to the final dot nothing has been sent, whatever fails; behind it nobody but the server knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "providers/smtp/client/private.h"

#define WINDOW             32      /* commands under way */
#define FINAL_TIMEOUT      600000u /* ms for the answer to the final dot (RFC 5321, 4.5.3.2.6) */
#define LAST_WORDS_TIMEOUT 1000u   /* ms to hear why a server closed within a message */
#define COMMAND_MAX        1500    /* two addresses in xtext and the keywords fit */

struct transaction {
    struct smtp_client *client;
    struct smtp_session *session;
    struct smtp_message *message;
    size_t *order; /* the recipients that are asked for, by their index */
    size_t asked;
    bool mail_answered;
    bool mail_ok;
    size_t accepted;
    bool dot_sent;
};

/* --- What the commands look like -------------------------------------------------------------- */

static bool is_ascii(const char *text)
{
    for (; *text; text++) {
        if (*text & 0x80)
            return false;
    }
    return true;
}

/* Nothing in an address may end it, or the line. */
static bool address_is_sound(const char *address, bool may_be_empty)
{
    size_t length = strlen(address);

    if (length > SMTP_ADDRESS_MAX || (length == 0 && !may_be_empty))
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)address[i];

        if (c <= ' ' || c == 0x7F || c == '<' || c == '>')
            return false;
    }
    return true;
}

/* xtext (RFC 3461, 4): what is not plain becomes +XX. */
static void append_xtext(char *line, size_t room, const char *text)
{
    size_t used = strlen(line);

    for (; *text && used + 4 < room; text++) {
        unsigned char c = (unsigned char)*text;

        if (c > ' ' && c < 0x7F && c != '+' && c != '=')
            line[used++] = (char)c;
        else
            used += (size_t)sprintf(line + used, "+%02X", c);
    }
    line[used] = '\0';
}

static void append(char *line, size_t room, const char *text)
{
    size_t used = strlen(line);

    snprintf(line + used, room - used, "%s", text);
}

static void make_mail(const struct transaction *t, char line[COMMAND_MAX])
{
    const struct smtp_message *m = t->message;
    uint32_t caps = t->session->capabilities;

    snprintf(line, COMMAND_MAX, "MAIL FROM:<%s>", m->sender);
    if ((caps & SMTP_CAP_SIZE) && m->size)
        snprintf(line + strlen(line), COMMAND_MAX - strlen(line), " SIZE=%llu",
                 (unsigned long long)m->size);
    if ((caps & SMTP_CAP_8BITMIME) && m->eight_bit)
        append(line, COMMAND_MAX, " BODY=8BITMIME");
    if ((caps & SMTP_CAP_SMTPUTF8) && m->utf8)
        append(line, COMMAND_MAX, " SMTPUTF8");
    if (!(caps & SMTP_CAP_DSN))
        return;
    if (m->ret != SMTP_RETURN_DEFAULT)
        append(line, COMMAND_MAX, m->ret == SMTP_RETURN_FULL ? " RET=FULL" : " RET=HDRS");
    if (m->envelope_id && strlen(m->envelope_id) <= 100) { /* RFC 3461, 4.4 */
        append(line, COMMAND_MAX, " ENVID=");
        append_xtext(line, COMMAND_MAX, m->envelope_id);
    }
}

static void make_notify(unsigned notify, char *line)
{
    const char *before = " NOTIFY=";
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {
        {SMTP_NOTIFY_SUCCESS, "SUCCESS"},
        {SMTP_NOTIFY_FAILURE, "FAILURE"},
        {SMTP_NOTIFY_DELAY, "DELAY"},
    };

    if (notify & SMTP_NOTIFY_NEVER) {
        append(line, COMMAND_MAX, " NOTIFY=NEVER");
        return;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (notify & words[i].bit) {
            append(line, COMMAND_MAX, before);
            append(line, COMMAND_MAX, words[i].word);
            before = ",";
        }
    }
}

static void make_rcpt(const struct transaction *t, size_t which, char line[COMMAND_MAX])
{
    const struct smtp_recipient *r = &t->message->recipients[which];

    snprintf(line, COMMAND_MAX, "RCPT TO:<%s>", r->address);
    if (!(t->session->capabilities & SMTP_CAP_DSN))
        return;
    make_notify(r->notify, line);
    if (r->original && strlen(r->original) <= SMTP_ADDRESS_MAX && is_ascii(r->original)) {
        append(line, COMMAND_MAX, " ORCPT=rfc822;");
        append_xtext(line, COMMAND_MAX, r->original);
    }
}

static void make_command(const struct transaction *t, size_t place, char line[COMMAND_MAX])
{
    if (place == 0)
        make_mail(t, line);
    else if (place <= t->asked)
        make_rcpt(t, t->order[place - 1], line);
    else
        strcpy(line, "DATA");
    append(line, COMMAND_MAX, "\r\n");
}

/* --- What EHLO, or reason, already answers ---------------------------------------------------- */

static void refuse_recipient(struct smtp_recipient *r, unsigned code, const char *status,
                             const char *words)
{
    r->result = SMTP_PERMANENT;
    r->reply.code = code;
    snprintf(r->reply.status, sizeof(r->reply.status), "%s", status);
    snprintf(r->reply.words, sizeof(r->reply.words), "%s", words);
}

/* True, and every recipient refused, when the server cannot take the message at all. */
static bool refuse_message(struct transaction *t)
{
    const struct smtp_message *m = t->message;
    const struct smtp_session *session = t->session;
    unsigned code = 0;
    const char *status = "", *words = "";

    if (!address_is_sound(m->sender, true)) {
        code = 553, status = "5.1.7", words = "the sender's address is malformed";
    } else if (session->size_limit && m->size > session->size_limit) {
        code = 552, status = "5.3.4", words = "the message is larger than the server takes";
    } else if ((m->utf8 || !is_ascii(m->sender)) && !(session->capabilities & SMTP_CAP_SMTPUTF8)) {
        code = 550, status = "5.6.7", words = "the server takes no UTF-8 in addresses and headers";
    }
    for (size_t i = 0; code && i < m->recipient_count; i++)
        refuse_recipient(&m->recipients[i], code, status, words);
    return code != 0;
}

static void choose_recipients(struct transaction *t)
{
    struct smtp_message *m = t->message;
    bool utf8 = (t->session->capabilities & SMTP_CAP_SMTPUTF8) && m->utf8;

    t->asked = 0;
    for (size_t i = 0; i < m->recipient_count; i++) {
        struct smtp_recipient *r = &m->recipients[i];

        r->result = SMTP_NOT_TRIED;
        memset(&r->reply, 0, sizeof(r->reply));
        if (!address_is_sound(r->address, false))
            refuse_recipient(r, 553, "5.1.3", "the recipient's address is malformed");
        else if (!utf8 && !is_ascii(r->address))
            refuse_recipient(r, 553, "5.6.7", "the server takes no addresses in UTF-8");
        else
            t->order[t->asked++] = i;
    }
}

/* --- What the answers mean -------------------------------------------------------------------- */

static enum smtp_outcome outcome_of(unsigned code)
{
    if (code < 400)
        return SMTP_ACCEPTED;
    return code < 500 ? SMTP_TEMPORARY : SMTP_PERMANENT;
}

/* The answer to the message as a whole becomes that of each recipient accepted so far. */
static void conclude(struct transaction *t, enum smtp_outcome result)
{
    for (size_t i = 0; i < t->asked; i++) {
        struct smtp_recipient *r = &t->message->recipients[t->order[i]];

        if (r->result != SMTP_NOT_TRIED)
            continue;
        r->result = result;
        if (result != SMTP_UNCERTAIN)
            reply_tell(&t->session->wire.reply, &r->reply);
    }
}

/* Answers that concern the session, not the message: it closes, or wants a login. */
static bool concerns_session(unsigned code)
{
    return code == 421 || code == 530 || code == 534 || code == 535 || code == 538;
}

static HRESULT smtp_session_ends(struct transaction *t)
{
    struct smtp_wire *wire = &t->session->wire;
    HRESULT hr = smtp_session_refused(t->session, &wire->error);

    wire->broken = true; /* of no use any more */
    return hr;
}

static HRESULT mail_answered(struct transaction *t)
{
    unsigned code = t->session->wire.reply.code;

    if (concerns_session(code))
        return smtp_session_ends(t);
    t->mail_answered = true;
    t->mail_ok = code / 100 == 2;
    if (code / 100 == 3)
        return smtp_wire_break_protocol(&t->session->wire, "3xx to MAIL");
    if (!t->mail_ok)
        conclude(t, outcome_of(code));
    return S_OK;
}

static HRESULT rcpt_answered(struct transaction *t, size_t which)
{
    struct smtp_recipient *r = &t->message->recipients[t->order[which]];
    unsigned code = t->session->wire.reply.code;

    if (!t->mail_ok)
        return S_OK; /* "bad sequence": MAIL's answer counts */
    if (concerns_session(code))
        return smtp_session_ends(t);
    if (code / 100 == 3)
        return smtp_wire_break_protocol(&t->session->wire, "3xx to RCPT");
    reply_tell(&t->session->wire.reply, &r->reply);
    if (code / 100 == 2) {
        t->accepted++; /* result stays open: the message itself is still to be answered */
        return S_OK;
    }
    /* 552 to RCPT is "too many recipients" of servers from before RFC 5321 (4.5.3.1.10). */
    r->result = code == 552 ? SMTP_TEMPORARY : outcome_of(code);
    return S_OK;
}

/* --- The envelope ----------------------------------------------------------------------------- */

static WAITS HRESULT write_window(struct transaction *t, size_t from, size_t to)
{
    size_t used = 0, room = (to - from) * COMMAND_MAX;
    char *lines = malloc(room + 1);
    HRESULT hr;

    if (!lines)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = from; i < to; i++) {
        make_command(t, i, lines + used);
        used += strlen(lines + used);
    }
    hr = smtp_wire_write(&t->session->wire, lines, used, lines);
    free(lines);
    return hr;
}

static WAITS HRESULT read_answer(struct transaction *t, size_t place)
{
    HRESULT hr = smtp_wire_read(&t->session->wire);

    if (FAILED(hr))
        return hr;
    if (place == 0)
        return mail_answered(t);
    return place <= t->asked ? rcpt_answered(t, place - 1) : S_OK; /* DATA's: the caller looks */
}

/* MAIL, RCPT and DATA: *ret_data tells whether DATA was said (its answer is the wire's last). */
static WAITS HRESULT send_envelope(struct transaction *t, bool *ret_data)
{
    bool pipelining = t->session->capabilities & SMTP_CAP_PIPELINING;
    size_t end = t->asked + 2, place = 0;
    HRESULT hr = S_OK;

    *ret_data = false;
    while (SUCCEEDED(hr) && place < end) {
        size_t to = pipelining ? place + WINDOW : place + 1;

        to = to < end ? to : end;
        if (place > 0 && !t->mail_ok)
            return S_OK;
        if (to == end && place == end - 1 && !t->accepted)
            return S_OK; /* DATA alone: not if it is known to be for nobody */
        hr = write_window(t, place, to);
        for (; SUCCEEDED(hr) && place < to; place++)
            hr = read_answer(t, place);
        *ret_data = SUCCEEDED(hr) && place == end;
    }
    return hr;
}

/* --- The content ------------------------------------------------------------------------------ */

/* The server may have refused the message before it closed: that is better than "broken pipe".
 * True if it did. */
static WAITS bool hear_last_words(struct transaction *t)
{
    struct smtp_wire *wire = &t->session->wire;
    struct error_info kept = wire->error;
    bool refused;

    wire->broken = false;
    wire->timeout = LAST_WORDS_TIMEOUT;
    refused = SUCCEEDED(smtp_wire_read(wire)) && wire->reply.code >= 400 && wire->reply.code != 421;
    if (refused)
        conclude(t, outcome_of(wire->reply.code));
    wire->error = kept;
    wire->broken = true;
    return refused;
}

static WAITS HRESULT send_dot(struct transaction *t)
{
    struct smtp_wire *wire = &t->session->wire;
    uint64_t timeout = wire->timeout;
    HRESULT hr;

    t->dot_sent = true; /* from here on part of it may have gone out */
    wire->timeout = FINAL_TIMEOUT > timeout ? FINAL_TIMEOUT : timeout;
    hr = smtp_wire_write(wire, ".\r\n", 3, ".");
    if (SUCCEEDED(hr))
        hr = smtp_wire_read(wire);
    wire->timeout = timeout;
    if (SUCCEEDED(hr) && wire->reply.code / 100 == 3)
        hr = smtp_wire_break_protocol(wire, "3xx to the message");
    return hr;
}

static WAITS HRESULT send_content(struct transaction *t, bool *ret_source)
{
    struct smtp_message *m = t->message;
    struct smtp_wire *wire = &t->session->wire;
    HRESULT hr = smtp_data_send(wire, m, ret_source);

    if (FAILED(hr)) {
        if (!*ret_source && hr == MAPI_E_NETWORK_ERROR && hear_last_words(t))
            return S_OK;
        return hr;
    }
    if (m->before_final_dot) {
        hr = m->before_final_dot(m->arg);
        if (FAILED(hr)) {
            *ret_source = true;
            return hr;
        }
    }
    hr = send_dot(t);
    if (FAILED(hr)) {
        conclude(t, SMTP_UNCERTAIN);
        return hr;
    }
    conclude(t, outcome_of(wire->reply.code));
    if (wire->reply.code == 421)
        wire->broken = true;
    return S_OK;
}

/* After the answer to DATA. */
static WAITS HRESULT data_answered(struct transaction *t, bool *ret_source)
{
    struct smtp_wire *wire = &t->session->wire;

    if (wire->reply.code == 354 && t->accepted)
        return send_content(t, ret_source);
    if (wire->reply.code ==
        354) { /* pipelined, and nobody was accepted: an empty message, for nobody */
        HRESULT hr = send_dot(t);

        t->dot_sent = false;
        return hr;
    }
    if (!t->accepted) /* 503 or 554, as it should be; what counts was said before */
        return S_OK;
    if (concerns_session(wire->reply.code))
        return smtp_session_ends(t);
    if (wire->reply.code < 400)
        return smtp_wire_break_protocol(wire, "no 354 to DATA");
    conclude(t, outcome_of(wire->reply.code));
    return S_OK;
}

static WAITS HRESULT run_transaction(struct transaction *t, bool *ret_source)
{
    bool data = false, clean;
    HRESULT hr;

    if (refuse_message(t))
        return S_OK;
    choose_recipients(t);
    if (t->asked == 0)
        return S_OK;
    hr = send_envelope(t, &data);
    if (SUCCEEDED(hr) && data)
        hr = data_answered(t, ret_source);
    if (FAILED(hr) || t->session->wire.broken)
        return hr;
    clean = t->dot_sent && t->session->wire.reply.code / 100 == 2;
    if (!clean && (FAILED(smtp_wire_command(&t->session->wire, "RSET")) ||
                   t->session->wire.reply.code / 100 != 2))
        t->session->wire.broken = true; /* the message has its answers all the same */
    return S_OK;
}

/* --- On a connection -------------------------------------------------------------------------- */

/* A connection that was idle may have died unnoticed: nothing has been said yet then. */
static bool died_before_use(const struct transaction *t, HRESULT hr)
{
    return hr == MAPI_E_NETWORK_ERROR && t->session->used && !t->mail_answered &&
           !t->client->closing && t->client->state != SMTP_OFFLINE;
}

static WAITS HRESULT send_once(struct smtp_client *client, struct transaction *t, uint64_t deadline,
                               struct error_info *error, bool *ret_again)
{
    bool source = false;
    struct smtp_wire *wire;
    HRESULT hr = smtp_connection_take(client, deadline, error);

    *ret_again = false;
    if (FAILED(hr))
        return hr;
    t->session = client->session;
    t->mail_answered = t->mail_ok = t->dot_sent = false;
    t->accepted = 0;
    wire = &t->session->wire;
    wire->deadline = deadline;
    smtp_connection_set_state(client, SMTP_SENDING, NULL);
    hr = run_transaction(t, &source);
    wire->deadline = NO_DEADLINE;

    if (SUCCEEDED(hr) && !wire->broken) {
        smtp_connection_rest(client);
        return hr;
    }
    *ret_again = FAILED(hr) && !source && died_before_use(t, hr);
    if (FAILED(hr) && error) {
        if (wire->broken && !source)
            *error = wire->error;
        else if (error->hr == S_OK)
            error_set(error, hr, client->server, "the message could not be read");
        error->hr = hr;
    }
    if (*ret_again) {
        smtp_connection_drop(client);
        return hr;
    }
    if (FAILED(hr) && !source) {
        struct error_info why = wire->error;

        smtp_connection_drop(client);
        /* A server that says 421 is there; any other loss is for the prober to look into. */
        smtp_connection_failed(client, hr, &why, why.low_level == 421);
    } else { /* nothing is wrong with the server */
        smtp_connection_drop(client);
        if (client->state == SMTP_SENDING)
            smtp_connection_set_state(client, SMTP_UNCONNECTED, NULL);
    }
    return hr;
}

HRESULT smtp_client_send(struct smtp_client *client, struct smtp_message *message,
                         uint64_t deadline, struct error_info *error)
{
    struct transaction t = {.client = client, .message = message};
    bool again = false;
    HRESULT hr;

    if (!message->sender || !message->recipient_count || !message->read)
        return MAPI_E_INVALID_PARAMETER;
    t.order = calloc(message->recipient_count, sizeof(*t.order));
    if (!t.order)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < message->recipient_count; i++)
        message->recipients[i].result = SMTP_NOT_TRIED;

    hr = engine_mutex_lock(&client->turn, deadline);
    if (FAILED(hr)) {
        error_set(error, hr, client->server, "waiting for the connection");
    } else {
        hr = client->session ? S_OK : smtp_connection_may_try(client, error);
        if (SUCCEEDED(hr))
            hr = send_once(client, &t, deadline, error, &again);
        if (again)
            hr = send_once(client, &t, deadline, error, &again);
        engine_mutex_unlock(&client->turn);
    }
    free(t.order);
    return hr;
}
