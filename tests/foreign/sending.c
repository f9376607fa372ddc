/* sending.c - one message with text, HTML and attachments */
#include <stdlib.h>
#include <string.h>

#include "stranger.h"

static char *read_file(const char *folder, const char *name, size_t *ret_size)
{
    char *path = path_join(folder, name), *bytes;
    FILE *file = fopen(path, "r");
    long size;

    if (!file) {
        free(path);
        return NULL;
    }
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    bytes = (char *)malloc((size_t)size + 1);
    *ret_size = fread(bytes, 1, (size_t)size, file);
    bytes[*ret_size] = '\0';
    fclose(file);
    free(path);
    return bytes;
}

static void set_text(IMAPIProp *object, ULONG tag, const char *utf8)
{
    SPropValue value;

    value.ulPropTag = tag;
    value.Value.lpszW = to_wide(utf8);
    MUST(CALL(object, SetProps, 1, &value, NULL));
    free(value.Value.lpszW);
}

static void write_stream(IMAPIProp *object, ULONG tag, const char *bytes, size_t size)
{
    IStream *stream;

    MUST(CALL(object, OpenProperty, tag, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY,
              (LPUNKNOWN *)&stream));
    while (size > 0) { /* in pieces of an odd size */
        ULONG piece = size > 3001 ? 3001 : (ULONG)size, wrote = 0;

        MUST(CALL(stream, Write, bytes, piece, &wrote));
        if (wrote != piece)
            exit(1);
        bytes += piece;
        size -= piece;
    }
    MUST(CALL(stream, Commit, 0));
    RELEASE(stream);
}

static void attach(IMessage *message, const char *in, int number)
{
    char file[40], *name, *bytes;
    size_t size;
    SPropValue value;
    IAttach *attachment;
    ULONG at;

    sprintf(file, "attachment-%d.name", number);
    name = read_file(in, file, &size);
    sprintf(file, "attachment-%d.data", number);
    bytes = read_file(in, file, &size);
    MUST(CALL(message, CreateAttach, NULL, 0, &at, &attachment));
    value.ulPropTag = PR_ATTACH_METHOD;
    value.Value.l = ATTACH_BY_VALUE;
    MUST(CALL(attachment, SetProps, 1, &value, NULL));
    set_text((IMAPIProp *)attachment, PR_ATTACH_LONG_FILENAME_W, name);
    write_stream((IMAPIProp *)attachment, PR_ATTACH_DATA_BIN, bytes, size);
    MUST(CALL(attachment, SaveChanges, 0));
    RELEASE(attachment);
    free(bytes);
    free(name);
}

/* "to:bob@example.test" on a line each. */
static void address(IMessage *message, char *lines)
{
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
        char *colon = strchr(line, ':');
        WCHAR *wide = to_wide(colon + 1);
        ADRLIST *list;
        SPropValue *values;

        MUST(MAPIAllocateBuffer(CbNewADRLIST(1), (LPVOID *)&list));
        MUST(MAPIAllocateBuffer(4 * sizeof(SPropValue), (LPVOID *)&values));
        values[0].ulPropTag = PR_RECIPIENT_TYPE;
        values[0].Value.l = strncmp(line, "to", 2) == 0   ? MAPI_TO
                            : strncmp(line, "cc", 2) == 0 ? MAPI_CC
                                                          : MAPI_BCC;
        values[1].ulPropTag = PR_ADDRTYPE_A;
        values[1].Value.lpszA = (LPSTR) "SMTP";
        values[2].ulPropTag = PR_EMAIL_ADDRESS_W;
        values[2].Value.lpszW = wide;
        values[3].ulPropTag = PR_DISPLAY_NAME_W;
        values[3].Value.lpszW = wide;
        list->cEntries = 1;
        list->aEntries[0].ulReserved1 = 0;
        list->aEntries[0].cValues = 4;
        list->aEntries[0].rgPropVals = values;
        MUST(CALL(message, ModifyRecipients, MODRECIP_ADD, list));
        FreePadrlist(list);
        free(wide);
    }
}

static IMAPIFolder *open_outbox(void)
{
    IMAPIFolder *outbox;
    SPropValue *id;
    ULONG type;

    MUST(HrGetOneProp((IMAPIProp *)store, PR_IPM_OUTBOX_ENTRYID, &id));
    MUST(CALL(store, OpenEntry, id->Value.bin.cb, (LPENTRYID)id->Value.bin.lpb, NULL, MAPI_MODIFY,
              &type, (LPUNKNOWN *)&outbox));
    MAPIFreeBuffer(id);
    return outbox;
}

static void go_to_sent(IMessage *message)
{
    SPropValue *sent, value;

    MUST(HrGetOneProp((IMAPIProp *)store, PR_IPM_SENTMAIL_ENTRYID, &sent));
    value.ulPropTag = PR_SENTMAIL_ENTRYID;
    value.Value.bin = sent->Value.bin;
    MUST(CALL(message, SetProps, 1, &value, NULL));
    MAPIFreeBuffer(sent);
}

void send_one(const char *in)
{
    IMAPIFolder *outbox = open_outbox();
    IMessage *message;
    size_t size;
    char *text;

    MUST(CALL(outbox, CreateMessage, NULL, 0, &message));
    set_text((IMAPIProp *)message, PR_MESSAGE_CLASS_W, "IPM.Note");
    text = read_file(in, "subject", &size);
    set_text((IMAPIProp *)message, PR_SUBJECT_W, text);
    free(text);
    text = read_file(in, "body", &size);
    set_text((IMAPIProp *)message, PR_BODY_W, text);
    free(text);
    text = read_file(in, "html", &size);
    write_stream((IMAPIProp *)message, PR_HTML, text, size);
    free(text);
    text = read_file(in, "recipients", &size);
    address(message, text);
    free(text);
    for (int i = 0; i < 3; i++)
        attach(message, in, i);
    go_to_sent(message);
    MUST(CALL(message, SubmitMessage, 0));
    RELEASE(message);
    RELEASE(outbox);
    puts("submitted");
    fflush(stdout);
    getchar(); /* until the other side has seen it arrive */
}
