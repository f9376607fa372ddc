/* tests/mime/test_email_peer.c - Python's email package reads what we write, and the other way
 * round
 *
 * email_peer.py says what a message has; so does describe() here. */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "made.h"
#include "mapi/mapitags.h"
#include "mapi/text.h"
#include "mime/scan.h"
#include "support/com.h"

#define PEER  TEST_SERVERS_SOURCE "/../mime/email_peer.py"
#define SPACE (256 * 1024)

/* Runs the peer with the bytes as its input; its output for free(). */
static char *run_peer(const char *input, size_t size, size_t *ret_size, const char *format, ...)
{
    char path[] = "/tmp/mapigate-peer-XXXXXX", arguments[64], command[1024];
    char *output = malloc(SPACE);
    int file = mkstemp(path);
    va_list list;
    FILE *pipe;

    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, input, size), (ssize_t)size);
    close(file);
    va_start(list, format);
    vsnprintf(arguments, sizeof(arguments), format, list);
    va_end(list);
    snprintf(command, sizeof(command), "python3 '%s' %s < %s", PEER, arguments, path);
    pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    *ret_size = fread(output, 1, SPACE - 1, pipe);
    output[*ret_size] = '\0';
    cr_assert_eq(pclose(pipe), 0, "%s", command);
    unlink(path);
    return output;
}

/* --- What a message has, as the peer says it -------------------------------------------------- */

static char *put_digest(char *out, const void *bytes, size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length;

    cr_assert(EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL));
    for (unsigned i = 0; i < length; i++)
        out += sprintf(out, "%02x", digest[i]);
    return out;
}

static char *put_prop(char *out, const SPropValue *props, ULONG count, ULONG tag)
{
    char *text;

    assert_hr(text_utf16_to_utf8(NULL, made_prop(props, count, tag)->Value.lpszW, &text), S_OK);
    out = stpcpy(out, text);
    mapi_free(text);
    return out;
}

static char *describe(const char *bytes, size_t size)
{
    char *text = malloc(SPACE), *out = text;
    struct mime_message message;

    assert_hr(mime_decode(bytes, size, &message), S_OK);
    out = stpcpy(out, "subject ");
    out = put_prop(out, message.props, message.prop_count, PR_SUBJECT_W);
    out = stpcpy(out, "\n");
    for (ULONG i = 0; i < message.recipient_count; i++) {
        const SRow *row = &message.recipients[i];

        out =
            stpcpy(out, made_prop(row->lpProps, row->cValues, PR_RECIPIENT_TYPE)->Value.l == MAPI_TO
                            ? "to "
                            : "cc ");
        out = put_prop(out, row->lpProps, row->cValues, PR_DISPLAY_NAME_W);
        out = stpcpy(out, " ");
        out = put_prop(out, row->lpProps, row->cValues, PR_EMAIL_ADDRESS_W);
        out = stpcpy(out, "\n");
    }
    for (const struct mime_part *part = message.structure; part; part = mime_part_next(part)) {
        const char *name = part->filename ? part->filename : part->name ? part->name : "-";
        size_t content_size;
        BYTE *content;

        if (part->children)
            continue;
        assert_hr(mime_part_content(bytes, part, NULL, &content, &content_size), S_OK);
        out += sprintf(out, "part %s/%s %s ", part->type, part->subtype, name);
        out = put_digest(out, content, content_size);
        out = stpcpy(out, "\n");
        mapi_free(content);
    }
    mime_message_clear(&message);
    return text;
}

/* --- Both ways -------------------------------------------------------------------------------- */

Test(email_peer, we_read_what_python_writes)
{
    for (int seed = 0; seed < 40; seed++) {
        size_t size, expected_size;
        char *message = run_peer("", 0, &size, "make %d", seed);
        char *expected = run_peer("", 0, &expected_size, "list %d", seed);
        char *got = describe(message, size);

        cr_expect_str_eq(got, expected, "seed %d: %s, not %s", seed, got, expected);
        free(message);
        free(expected);
        free(got);
    }
}

static const WCHAR *const subjects[] = {
    u"plain", u"Gr\u00FC\u00DFe",
    u"a long one \u65E5\u672C that needs more than a single word of course",
    u"folded at its spaces because it is longer than any line should ever be in a message"};
static const WCHAR *const people[] = {u"Ann Lee", u"M\u00FCller", u"Doe, John", u"O'Neil \"x\""};
static const char *const names[] = {
    "a.bin", "zwei Wörter.pdf", "日本 😀.txt", "semi;colon \"quote\".bin",
    "ein Name, der über eine Zeile von sechsundsiebzig Spalten weit hinausgeht.bin"};

/* Random content of every kind; embedded once in a while. */
static char *make_message(unsigned seed, size_t *ret_size)
{
    static char text[4096], html[4096], data[4][9000];
    struct mime_outgoing_attachment attachments[4] = {0};
    struct mime_bytes sources[4];
    SPropValue props[] = {{.ulPropTag = PR_SUBJECT_W, .Value.lpszW = (WCHAR *)subjects[seed % 4]}};
    SPropValue person[] = {
        {.ulPropTag = PR_DISPLAY_NAME_W, .Value.lpszW = (WCHAR *)people[seed / 2 % 4]},
        {.ulPropTag = PR_EMAIL_ADDRESS_W, .Value.lpszW = (WCHAR *)u"someone@example.org"},
        {.ulPropTag = PR_RECIPIENT_TYPE, .Value.l = seed % 3 ? MAPI_TO : MAPI_CC},
    };
    SRow row = {.cValues = 3, .lpProps = person};
    struct mime_outgoing outgoing = made_outgoing(),
                         inner = {.text = "inner text\r\n", .text_size = 12};

    outgoing.props = props;
    outgoing.prop_count = 1;
    outgoing.recipients = &row;
    outgoing.recipient_count = 1;
    if (seed % 5) {
        outgoing.text = text;
        outgoing.text_size = made_text(seed, text, sizeof(text));
    }
    if (seed % 2) {
        outgoing.html = html;
        outgoing.html_size = made_text(seed + 500, html, sizeof(html));
    }
    outgoing.attachments = attachments;
    outgoing.attachment_count = seed % 4;
    for (size_t i = 0; i < 4; i++) {
        sources[i] = (struct mime_bytes){.bytes = data[i], .size = (seed * 997 + i * 331) % 9000};
        made_bytes(seed + (unsigned)i, data[i], sources[i].size);
        attachments[i].name = names[(seed + i) % 5];
        attachments[i].content = mime_source_bytes(&sources[i]);
        attachments[i].inline_in_html = i == 1;
        attachments[i].content_id = i == 1 ? "cid@x" : NULL;
    }
    if (seed % 7 == 3)
        attachments[0] = (struct mime_outgoing_attachment){.message = &inner};
    return made_encode(&outgoing, ret_size);
}

Test(email_peer, python_reads_what_we_write)
{
    for (unsigned seed = 0; seed < 40; seed++) {
        size_t size, read_size;
        char *message = make_message(seed, &size);
        char *expected = describe(message, size);
        char *got = run_peer(message, size, &read_size, "read");

        cr_expect_str_eq(got, expected, "seed %u: %s, not %s", seed, got, expected);
        free(message);
        free(expected);
        free(got);
    }
}
