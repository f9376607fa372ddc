/* letter.c - fills a message from what was given to mapigate send */
#include "tools/letter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"

#define CHUNK_SIZE 65536

/* MAPI's line end is CR LF. */
static WCHAR *with_line_ends(const char *text)
{
    char *lines = text_alloc(2 * strlen(text) + 1), *out = lines;
    WCHAR *result;

    for (const char *in = text; *in; in++) {
        if (*in == '\n' && (in == text || in[-1] != '\r'))
            *out++ = '\r';
        *out++ = *in;
    }
    result = text_utf16(lines);
    free(lines);
    return result;
}

static HRESULT set_content(IMessage *message, const struct letter *letter, const char *body,
                           const SPropValue *sent_folder)
{
    SPropValue values[4] = {{.ulPropTag = PR_MESSAGE_CLASS_W},
                            {.ulPropTag = PR_SUBJECT_W},
                            {.ulPropTag = PR_BODY_W},
                            {.ulPropTag = PR_SENTMAIL_ENTRYID}};
    WCHAR *subject = text_utf16(letter->subject), *text = with_line_ends(body);
    ULONG count = 3;
    HRESULT hr;

    values[0].Value.lpszW = (WCHAR *)u"IPM.Note";
    values[1].Value.lpszW = subject;
    values[2].Value.lpszW = text;
    if (sent_folder)
        values[count++].Value.bin = sent_folder->Value.bin;
    hr = IMessage_SetProps(message, count, values, NULL);
    free(text);
    free(subject);
    return hr;
}

static HRESULT add_recipients(IMessage *message, const struct letter *letter)
{
    ADRLIST *list;
    HRESULT hr = MAPIAllocateBuffer((ULONG)CbNewADRLIST(letter->to_count), (void **)&list);

    if (FAILED(hr))
        return hr;
    list->cEntries = 0;
    for (size_t i = 0; i < letter->to_count && SUCCEEDED(hr); i++) {
        ADRENTRY *entry = &list->aEntries[i];
        WCHAR *address = text_utf16(letter->to[i].address), *copy = NULL;
        size_t size = (2 * strlen(letter->to[i].address) + 2);

        memset(entry, 0, sizeof(*entry));
        hr = MAPIAllocateBuffer(4 * sizeof(SPropValue), (void **)&entry->rgPropVals);
        if (SUCCEEDED(hr)) {
            list->cEntries++;
            hr = MAPIAllocateMore((ULONG)size, entry->rgPropVals, (void **)&copy);
        }
        if (SUCCEEDED(hr)) {
            for (size_t at = 0; (copy[at] = address[at]); at++)
                ;
            memset(entry->rgPropVals, 0, 4 * sizeof(SPropValue));
            entry->cValues = 4;
            entry->rgPropVals[0].ulPropTag = PR_RECIPIENT_TYPE;
            entry->rgPropVals[0].Value.l = letter->to[i].type;
            entry->rgPropVals[1].ulPropTag = PR_ADDRTYPE_W;
            entry->rgPropVals[1].Value.lpszW = (WCHAR *)u"SMTP";
            entry->rgPropVals[2].ulPropTag = PR_EMAIL_ADDRESS_W;
            entry->rgPropVals[2].Value.lpszW = copy;
            entry->rgPropVals[3].ulPropTag = PR_DISPLAY_NAME_W;
            entry->rgPropVals[3].Value.lpszW = copy;
        }
        free(address);
    }
    if (SUCCEEDED(hr))
        hr = IMessage_ModifyRecipients(message, MODRECIP_ADD, list);
    FreePadrlist(list);
    return hr;
}

static HRESULT copy_file(FILE *file, IAttach *attach)
{
    IStream *stream;
    char bytes[CHUNK_SIZE];
    size_t size;
    HRESULT hr = IAttach_OpenProperty(attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0,
                                      MAPI_MODIFY | MAPI_CREATE, (IUnknown **)&stream);

    if (FAILED(hr))
        return hr;
    while (SUCCEEDED(hr) && (size = fread(bytes, 1, sizeof(bytes), file)) > 0)
        hr = IStream_Write(stream, bytes, (ULONG)size, NULL);
    if (SUCCEEDED(hr))
        hr = ferror(file) ? MAPI_E_DISK_ERROR : IStream_Commit(stream, 0);
    IStream_Release(stream);
    return hr;
}

static int attach_file(IMessage *message, const char *path)
{
    const char *slash = strrchr(path, '/');
    WCHAR *name = text_utf16(slash ? slash + 1 : path);
    SPropValue values[3] = {{.ulPropTag = PR_ATTACH_METHOD},
                            {.ulPropTag = PR_ATTACH_LONG_FILENAME_W},
                            {.ulPropTag = PR_DISPLAY_NAME_W}};
    FILE *file = fopen(path, "re");
    IAttach *attach = NULL;
    ULONG number;
    HRESULT hr;

    if (!file) {
        free(name);
        return fail(CODE_NOT_FOUND, "cannot attach %s: %s", path, strerror(errno));
    }
    values[0].Value.l = ATTACH_BY_VALUE;
    values[1].Value.lpszW = values[2].Value.lpszW = name;
    hr = IMessage_CreateAttach(message, NULL, 0, &number, &attach);
    if (SUCCEEDED(hr))
        hr = IAttach_SetProps(attach, 3, values, NULL);
    if (SUCCEEDED(hr))
        hr = copy_file(file, attach);
    if (SUCCEEDED(hr))
        hr = IAttach_SaveChanges(attach, KEEP_OPEN_READWRITE);
    fclose(file);
    free(name);
    if (FAILED(hr)) {
        int code = fail_hr(attach ? (void *)attach : (void *)message, hr, "cannot attach %s", path);

        if (attach)
            IAttach_Release(attach);
        return code;
    }
    IAttach_Release(attach);
    return CODE_DONE;
}

int letter_write(const struct letter *letter, const char *body, const SPropValue *sent_folder,
                 IMessage *message)
{
    HRESULT hr = set_content(message, letter, body, sent_folder);
    int code = CODE_DONE;

    if (SUCCEEDED(hr))
        hr = add_recipients(message, letter);
    if (FAILED(hr))
        code = fail_hr(message, hr, "cannot write the message");
    for (size_t i = 0; i < letter->file_count && !code; i++)
        code = attach_file(message, letter->files[i]);
    return code;
}
