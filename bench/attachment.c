/* bench/attachment.c - a large attachment by IStream, and by one FETCH
 *
 *   attachment IMAP-URL SMTP-URL USER PASSWORD CA-FILE PORT
 *
 * The first attachment of the inbox's first message, section 2. First by MAPI: OpenProperty and
 * Read in pieces of 64 KB to the end. Then the floor: BODY.PEEK[2] on a connection that has the
 * mailbox selected, decoded by OpenSSL as it comes. Ends with 1 unless both have as many bytes.
 * Prints raw= and mapi= (seconds), mb= (decoded) and grown_mb=: how far the resident memory of the
 * process rose above what it was before OpenProperty. */
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/program.h"
#include "bench/raw_peer.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"

#define PIECE 65536

/* --- By MAPI ---------------------------------------------------------------------------------- */

/* A line of /proc/self/status, in kB. */
static long status_value(const char *name)
{
    FILE *file = fopen("/proc/self/status", "re");
    size_t length = strlen(name);
    char line[256];
    long value = -1;

    while (file && value < 0 && fgets(line, sizeof(line), file))
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            value = atol(line + length + 1);
    if (file)
        fclose(file);
    if (value < 0)
        must(MAPI_E_NOT_FOUND, name);
    return value;
}

/* VmHWM begins anew at what is resident now. */
static void reset_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "we");

    if (!file || fputs("5", file) < 0 || fclose(file) != 0)
        must(MAPI_E_NO_ACCESS, "/proc/self/clear_refs");
}

static IMessage *open_first(struct program *program)
{
    static SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    IMAPITable *table = program_open_inbox(program->store);
    IMessage *message;
    SRowSet *rows;
    SBinary *id;
    ULONG type;

    must(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), "SetColumns");
    must(IMAPITable_QueryRows(table, 1, 0, &rows), "QueryRows");
    if (rows->cRows == 0)
        must(MAPI_E_NOT_FOUND, "no message");
    id = &rows->aRow[0].lpProps[0].Value.bin;
    must(IMsgStore_OpenEntry(program->store, id->cb, (ENTRYID *)id->lpb, NULL, 0, &type,
                             (IUnknown **)&message),
         "OpenEntry");
    FreeProws(rows);
    IMAPITable_Release(table);
    return message;
}

static size_t read_all(IAttach *attach)
{
    static char buffer[PIECE];
    size_t size = 0;
    IStream *stream;
    ULONG got;

    must(IAttach_OpenProperty(attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0, (IUnknown **)&stream),
         "OpenProperty");
    do {
        must(IStream_Read(stream, buffer, sizeof(buffer), &got), "Read");
        size += got;
    } while (got > 0);
    IStream_Release(stream);
    return size;
}

/* --- The floor -------------------------------------------------------------------------------- */

struct decoder {
    EVP_ENCODE_CTX *context;
    bool inside; /* of the literal */
    char header[200];
    size_t header_size;
    size_t left; /* of the literal's bytes */
    size_t size; /* decoded */
};

/* Takes the line "* 1 FETCH (... {n}" off the front. */
static void take_header(struct decoder *decoder, const char **bytes, size_t *size)
{
    const char *brace;

    while (*size > 0 && !decoder->inside) {
        if (decoder->header_size == sizeof(decoder->header) - 1)
            must(MAPI_E_CALL_FAILED, "the floor's literal");
        decoder->header[decoder->header_size++] = **bytes;
        decoder->inside = **bytes == '\n';
        ++*bytes;
        --*size;
        if (!decoder->inside)
            continue;
        brace = strrchr(decoder->header, '{');
        if (!brace)
            must(MAPI_E_CALL_FAILED, "the floor's literal");
        decoder->left = strtoul(brace + 1, NULL, 10);
    }
}

static void decode(void *arg, const char *bytes, size_t size)
{
    static unsigned char out[PIECE];
    struct decoder *decoder = arg;
    int made = 0;

    take_header(decoder, &bytes, &size);
    if (size > decoder->left)
        size = decoder->left;
    decoder->left -= size;
    if (EVP_DecodeUpdate(decoder->context, out, &made, (const unsigned char *)bytes, (int)size) < 0)
        must(MAPI_E_CALL_FAILED, "the floor's base64");
    decoder->size += (size_t)made;
}

static double raw_seconds(char **words, size_t *ret_size)
{
    static struct raw_peer peer;
    struct decoder decoder = {.context = EVP_ENCODE_CTX_new()};
    double begun, seconds;

    raw_open(&peer, atoi(words[5]), words[4], words[2], words[3]);
    raw_command(&peer, "SELECT INBOX", NULL, NULL);
    EVP_DecodeInit(decoder.context);
    begun = now();
    raw_command(&peer, "FETCH 1 BODY.PEEK[2]", decode, &decoder);
    seconds = now() - begun;
    EVP_ENCODE_CTX_free(decoder.context);
    raw_close(&peer);
    *ret_size = decoder.size;
    return seconds;
}

int main(int argc, char **argv)
{
    struct program program;
    IMessage *message;
    IAttach *attach;
    double begun, mapi, raw;
    size_t size, raw_size;
    long before, grown;

    if (argc != 7) {
        fprintf(stderr, "usage: attachment IMAP-URL SMTP-URL USER PASSWORD CA-FILE PORT\n");
        return 2;
    }
    program_begin(&program, argv + 1);
    message = open_first(&program);
    must(IMessage_OpenAttach(message, 0, NULL, 0, &attach), "OpenAttach");
    reset_peak();
    before = status_value("VmRSS");
    begun = now();
    size = read_all(attach);
    mapi = now() - begun;
    grown = status_value("VmHWM") - before;
    raw = raw_seconds(argv + 1, &raw_size);
    printf("raw=%.4f mapi=%.4f mb=%.1f grown_mb=%.2f\n", raw, mapi, (double)size / 1e6,
           (double)grown / 1024);
    IAttach_Release(attach);
    IMessage_Release(message);
    program_end(&program);
    if (size != raw_size || size == 0) {
        fprintf(stderr, "attachment: %zu bytes, not %zu\n", size, raw_size);
        return 1;
    }
    return 0;
}
