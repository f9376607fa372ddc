/* bench/read_message.c - messages read whole by MAPI, and by one FETCH
 *
 *   read_message IMAP-URL SMTP-URL USER PASSWORD CA-FILE PORT ATTACHMENTS
 *
 * Every message of the inbox in turn, once by each: BODY.PEEK[] drained from a connection that has
 * the mailbox selected, then OpenEntry, GetProps of all, the recipient table, the attachment table,
 * each attachment's properties and its content by a stream. Ends with 1 unless each has
 * ATTACHMENTS. Prints a line raw= mapi= mb= (seconds, MB that the floor drained) a message. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/program.h"
#include "bench/raw_peer.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"

static size_t read_stream(IMAPIProp *object, ULONG tag)
{
    char buffer[65536];
    size_t size = 0;
    IStream *stream;
    ULONG got;

    must(IMAPIProp_OpenProperty(object, tag, &IID_IStream, 0, 0, (IUnknown **)&stream),
         "OpenProperty");
    do {
        must(IStream_Read(stream, buffer, sizeof(buffer), &got), "Read");
        size += got;
    } while (got > 0);
    IStream_Release(stream);
    return size;
}

/* All properties; a text that is too long for GetProps is read as a stream. */
static void read_props(IMAPIProp *object)
{
    SPropValue *values;
    ULONG count;

    must(IMAPIProp_GetProps(object, NULL, MAPI_UNICODE, &count, &values), "GetProps");
    for (ULONG i = 0; i < count; i++)
        if (values[i].ulPropTag == CHANGE_PROP_TYPE(PR_BODY, PT_ERROR) &&
            values[i].Value.err == MAPI_E_NOT_ENOUGH_MEMORY)
            read_stream(object, PR_BODY_W);
    MAPIFreeBuffer(values);
}

static void read_recipients(IMessage *message)
{
    IMAPITable *table;
    SRowSet *rows;

    must(IMessage_GetRecipientTable(message, MAPI_UNICODE, &table), "GetRecipientTable");
    must(HrQueryAllRows(table, NULL, NULL, NULL, 0, &rows), "the recipients");
    FreeProws(rows);
    IMAPITable_Release(table);
}

static void read_attachments(IMessage *message, ULONG expected)
{
    static SizedSPropTagArray(1, columns) = {1, {PR_ATTACH_NUM}};
    IMAPITable *table;
    SRowSet *rows;

    must(IMessage_GetAttachmentTable(message, MAPI_UNICODE, &table), "GetAttachmentTable");
    must(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), "the attachments");
    if (rows->cRows != expected)
        must(MAPI_E_NOT_FOUND, "an attachment");
    for (ULONG i = 0; i < rows->cRows; i++) {
        IAttach *attach;

        must(
            IMessage_OpenAttach(message, (ULONG)rows->aRow[i].lpProps[0].Value.l, NULL, 0, &attach),
            "OpenAttach");
        read_props((IMAPIProp *)attach);
        if (read_stream((IMAPIProp *)attach, PR_ATTACH_DATA_BIN) == 0)
            must(MAPI_E_NOT_FOUND, "an attachment's content");
        IAttach_Release(attach);
    }
    FreeProws(rows);
    IMAPITable_Release(table);
}

static double mapi_seconds(struct program *program, const SBinary *id, ULONG attachments)
{
    double begun = now();
    IMessage *message;
    ULONG type;

    must(IMsgStore_OpenEntry(program->store, id->cb, (ENTRYID *)id->lpb, NULL, 0, &type,
                             (IUnknown **)&message),
         "OpenEntry");
    read_props((IMAPIProp *)message);
    read_recipients(message);
    read_attachments(message, attachments);
    IMessage_Release(message);
    return now() - begun;
}

static double raw_seconds(struct raw_peer *peer, ULONG number)
{
    double begun = now();
    char fetch[64];

    snprintf(fetch, sizeof(fetch), "FETCH %u (UID BODY.PEEK[])", (unsigned)number);
    raw_command(peer, fetch, NULL, NULL);
    return now() - begun;
}

int main(int argc, char **argv)
{
    static SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    static struct raw_peer peer;
    struct program program;
    IMAPITable *table;
    SRowSet *rows;

    if (argc != 8) {
        fprintf(stderr, "usage: read_message IMAP-URL SMTP-URL USER PASSWORD CA-FILE PORT "
                        "ATTACHMENTS\n");
        return 2;
    }
    program_begin(&program, argv + 1);
    table = program_open_inbox(program.store);
    must(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), "the inbox");
    raw_open(&peer, atoi(argv[6]), argv[5], argv[3], argv[4]);
    raw_command(&peer, "SELECT INBOX", NULL, NULL);
    for (ULONG i = 0; i < rows->cRows; i++) {
        size_t before = peer.bytes;
        double raw = raw_seconds(&peer, i + 1);
        double mapi =
            mapi_seconds(&program, &rows->aRow[i].lpProps[0].Value.bin, (ULONG)atoi(argv[7]));

        printf("raw=%.6f mapi=%.6f mb=%.3f\n", raw, mapi, (double)(peer.bytes - before) / 1e6);
    }
    raw_close(&peer);
    FreeProws(rows);
    IMAPITable_Release(table);
    program_end(&program);
    return 0;
}
