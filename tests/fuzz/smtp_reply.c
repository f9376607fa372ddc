/* tests/fuzz/smtp_reply.c - what an SMTP server says, any bytes
 *
 * The first byte of the input is the size of the pieces that the rest, the server's bytes, comes
 * in (0: all at once). Each reply is read as a reply, as EHLO's capabilities, as a challenge of
 * AUTH, and as words for others. Beside the sanitizers these must hold: the limits of reply.h;
 * words for others are valid UTF-8 without control characters; however the bytes are cut, the same
 * replies come out. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "mapi/text.h"
#include "net/secret.h"
#include "providers/smtp/client/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_words(const char *words, size_t space)
{
    size_t length = strnlen(words, space);

    assert(length < space && utf8_is_valid(words, length));
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)words[i], next = (unsigned char)words[i + 1];

        assert(byte >= ' ' && byte != 0x7F && !(byte == 0xC2 && next < 0xA0));
    }
}

static void check_reply(struct smtp_session *session, FILE *log)
{
    const struct reply *reply = &session->wire.reply;
    struct secret *challenge = NULL;
    struct error_info error = {0};
    struct smtp_reply told;

    assert(reply->code >= 200 && reply->code <= 599);
    assert(reply->text_size <= REPLY_TEXT_MAX && strlen(reply->text) == reply->text_size);
    reply_tell(reply, &told);
    check_words(told.words, sizeof(told.words));
    check_words(told.status, sizeof(told.status));
    assert(smtp_wire_refusal(&session->wire, MAPI_E_CALL_FAILED, &error) == MAPI_E_CALL_FAILED);
    check_words(error.text, sizeof(error.text));

    smtp_session_learn(session);
    assert(strnlen(session->mechanisms, sizeof(session->mechanisms)) < sizeof(session->mechanisms));
    if (SUCCEEDED(secret_from_base64(reply->text, reply->text_size, &challenge)))
        secret_unref(challenge);
    fprintf(log, "%u %s \"%s\" %x %llu %s\n%s\n", told.code, told.status, told.words,
            (unsigned)session->capabilities, (unsigned long long)session->size_limit,
            session->mechanisms, reply->text);
}

static char *read_all(const char *bytes, size_t size, size_t piece)
{
    struct smtp_session *session = calloc(1, sizeof(*session));
    struct reply *reply = &session->wire.reply;
    enum reply_event event = REPLY_MORE;
    size_t at = 0, text_size = 0, used;
    char *text = NULL;
    FILE *log = open_memstream(&text, &text_size);

    assert(session && log);
    session->wire.server = "fuzz";
    reply_begin(reply);
    while (at < size && event != REPLY_FAULT) {
        size_t step = piece && piece < size - at ? piece : size - at;

        event = reply_feed(reply, bytes + at, step, &used);
        assert(used <= step && used > 0);
        at += used;
        if (event == REPLY_DONE) {
            check_reply(session, log);
            reply_begin(reply);
        }
    }
    if (event == REPLY_FAULT)
        fprintf(log, "fault: %s\n", reply->fault);
    fclose(log);
    free(session);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *log, *again;

    if (size == 0)
        return 0;
    log = read_all((const char *)data + 1, size - 1, data[0]);
    again = read_all((const char *)data + 1, size - 1, data[0] == 1 ? 0 : 1);
    assert(strcmp(log, again) == 0);
    free(log);
    free(again);
    return 0;
}
