/* simple/read_files.c - a message's attachments as files, for MAPIReadMail */
#include "simple/read_files.h"

#include <string.h>

#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "mapi/mapigate.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/stream.h"
#include "mapi/text.h"
#include "simple/letter.h"
#include "simple/result.h"

#define NOWHERE ((ULONG)-1) /* nPosition (SMP-095) */

/* --- One file --------------------------------------------------------------------------------- */

/* Makes the file and its description; the stream is the caller's to write and release. */
static ULONG add_file(MapiMessage *message, struct temp_files *files, const char *name,
                      IStream **ret_stream, MapiFileDesc **ret_description)
{
    MapiFileDesc *description = &message->lpFiles[message->nFileCount];
    const char *path;
    ULONG result = temp_files_create(files, name, ret_stream, &path);

    if (result != SUCCESS_SUCCESS)
        return result;
    description->nPosition = NOWHERE;
    description->lpszPathName = mapi_memdup(message, path, strlen(path) + 1);
    description->lpszFileName = mapi_memdup(message, name, strlen(name) + 1);
    if (!description->lpszPathName || !description->lpszFileName) {
        IStream_Release(*ret_stream);
        return MAPI_E_INSUFFICIENT_MEMORY;
    }
    message->nFileCount++;
    *ret_description = description;
    return SUCCESS_SUCCESS;
}

static ULONG write_text(const char *text, struct temp_files *files, MapiMessage *message)
{
    MapiFileDesc *description;
    IStream *stream;
    ULONG result = add_file(message, files, "message.txt", &stream, &description);

    if (result != SUCCESS_SUCCESS)
        return result;
    result = temp_files_result(stream_write_all(stream, text, strlen(text)));
    IStream_Release(stream);
    return result;
}

/* --- One attachment --------------------------------------------------------------------------- */

enum { METHOD, LONG_NAME, SHORT_NAME, DISPLAY_NAME, POSITION, PROPERTIES };

static bool has(const SPropValue *values, int which, ULONG tag)
{
    return values[which].ulPropTag == tag;
}

/* What the recipient saw as its name, in one part of a path. */
static ULONG name_of(void *root, const SPropValue *values, bool is_message, char **ret_name)
{
    const WCHAR *name =
        has(values, LONG_NAME, PR_ATTACH_LONG_FILENAME_W) ? values[LONG_NAME].Value.lpszW
        : has(values, SHORT_NAME, PR_ATTACH_FILENAME_W)   ? values[SHORT_NAME].Value.lpszW
        : has(values, DISPLAY_NAME, PR_DISPLAY_NAME_W)    ? values[DISPLAY_NAME].Value.lpszW
                                                          : u"attachment";
    char *text, *whole;
    size_t length;
    HRESULT hr = text_utf16_to_8bit(root, name, &text);

    if (FAILED(hr))
        return simple_result(hr);
    for (char *c = text; *c; c++)
        if (*c == '/' || *c == '\\' || (unsigned char)*c < ' ')
            *c = '_';
    if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        text[0] = '_';
    *ret_name = text;
    length = strlen(text);
    if (!is_message || (length >= 4 && strcasecmp(text + length - 4, ".msg") == 0))
        return SUCCESS_SUCCESS;
    whole = mapi_alloc(root, length + sizeof(".MSG"));
    if (!whole)
        return MAPI_E_INSUFFICIENT_MEMORY;
    memcpy(whole, text, length);
    memcpy(whole + length, ".MSG", sizeof(".MSG"));
    *ret_name = whole;
    return SUCCESS_SUCCESS;
}

static HRESULT write_data(IAttach *attach, IStream *to)
{
    const ULARGE_INTEGER all = {.QuadPart = UINT64_MAX};
    IStream *from;
    HRESULT hr = IAttach_OpenProperty(attach, PR_ATTACH_DATA_BIN, &IID_IStream, STGM_READ, 0,
                                      (IUnknown **)&from);

    if (hr == MAPI_E_NOT_FOUND)
        return S_OK; /* an attachment without data is an empty file */
    if (FAILED(hr))
        return hr;
    hr = stream_copy_to((ISequentialStream *)from, to, all, NULL, NULL);
    IStream_Release(from);
    return hr;
}

static HRESULT write_message(IAttach *attach, IStream *to)
{
    IConverterSession *converter;
    IMessage *inner;
    HRESULT hr =
        IAttach_OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, (IUnknown **)&inner);

    if (FAILED(hr))
        return hr;
    hr = MGCreateConverterSession(&converter);
    if (SUCCEEDED(hr)) {
        hr = IConverterSession_MAPIToMIMEStm(converter, inner, to, CCSF_SMTP);
        IConverterSession_Release(converter);
    }
    IMessage_Release(inner);
    return hr;
}

static ULONG write_attachment(IAttach *attach, const SPropValue *values, struct temp_files *files,
                              MapiMessage *message)
{
    bool is_message =
        has(values, METHOD, PR_ATTACH_METHOD) && values[METHOD].Value.l == ATTACH_EMBEDDED_MSG;
    MapiFileDesc *description;
    IStream *stream;
    char *name = NULL;
    ULONG result = name_of(message, values, is_message, &name);

    if (result == SUCCESS_SUCCESS)
        result = add_file(message, files, name, &stream, &description);
    if (result != SUCCESS_SUCCESS)
        return result;
    if (has(values, POSITION, PR_RENDERING_POSITION))
        description->nPosition = (ULONG)values[POSITION].Value.l;
    result =
        temp_files_result(is_message ? write_message(attach, stream) : write_data(attach, stream));
    IStream_Release(stream);
    return result;
}

static ULONG read_attachment(IMessage *from, ULONG number, struct temp_files *files,
                             MapiMessage *message)
{
    static const SizedSPropTagArray(PROPERTIES, tags) = {
        PROPERTIES,
        {PR_ATTACH_METHOD, PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_FILENAME_W, PR_DISPLAY_NAME_W,
         PR_RENDERING_POSITION}};
    SPropValue *values = NULL;
    IAttach *attach;
    ULONG result, count;
    HRESULT hr = IMessage_OpenAttach(from, number, NULL, 0, &attach);

    if (FAILED(hr))
        return simple_result(hr);
    hr = IAttach_GetProps(attach, (SPropTagArray *)&tags, 0, &count, &values);
    result = SUCCEEDED(hr) ? write_attachment(attach, values, files, message) : simple_result(hr);
    MAPIFreeBuffer(values);
    IAttach_Release(attach);
    return result;
}

/* --- All of them ------------------------------------------------------------------------------ */

/* The attachments' numbers, in their order, FreeProws; NULL when they are not wanted. */
static HRESULT list_attachments(IMessage *from, SRowSet **ret_rows)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ATTACH_NUM}};
    IMAPITable *table;
    HRESULT hr = IMessage_GetAttachmentTable(from, 0, &table);

    if (FAILED(hr))
        return hr;
    hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, ret_rows);
    IMAPITable_Release(table);
    return hr;
}

ULONG read_files(IMessage *from, const char *text, bool attachments, struct temp_files *files,
                 MapiMessage *message)
{
    SRowSet *rows = NULL;
    ULONG result = attachments ? simple_result(list_attachments(from, &rows)) : SUCCESS_SUCCESS;
    size_t count = (rows ? rows->cRows : 0) + (text ? 1 : 0);

    if (result == SUCCESS_SUCCESS && count > FILES_MAX)
        result = MAPI_E_TOO_MANY_FILES; /* SMP-051 */
    if (result == SUCCESS_SUCCESS && count) {
        message->lpFiles = mapi_alloc_array(message, count, sizeof(*message->lpFiles));
        result = message->lpFiles ? SUCCESS_SUCCESS : MAPI_E_INSUFFICIENT_MEMORY;
    }
    if (result == SUCCESS_SUCCESS && text)
        result = write_text(text, files, message);
    for (ULONG i = 0; rows && i < rows->cRows && result == SUCCESS_SUCCESS; i++)
        result = read_attachment(from, (ULONG)rows->aRow[i].lpProps[0].Value.l, files, message);
    FreeProws(rows);
    return result;
}
