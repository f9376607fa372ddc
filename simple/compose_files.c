/* simple/compose_files.c - files that become a message's attachments */
#include "simple/compose_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "simple/result.h"

#define CHUNK_SIZE 16384

/* --- Taking away ------------------------------------------------------------------------------ */

static HRESULT delete_attachments(IMessage *message)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ATTACH_NUM}};
    IMAPITable *table;
    SRowSet *rows = NULL;
    HRESULT hr = IMessage_GetAttachmentTable(message, 0, &table);

    if (FAILED(hr))
        return hr;
    hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    for (ULONG i = 0; SUCCEEDED(hr) && i < rows->cRows; i++)
        hr = IMessage_DeleteAttach(message, (ULONG)rows->aRow[i].lpProps[0].Value.l, 0, NULL, 0);
    FreeProws(rows);
    IMAPITable_Release(table);
    return hr;
}

/* --- Attaching -------------------------------------------------------------------------------- */

ULONG compose_open_file(const char *path, int *ret_fd)
{
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a pipe must not hold us */

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? MAPI_E_ATTACHMENT_NOT_FOUND
                                                   : MAPI_E_ATTACHMENT_OPEN_FAILURE;
    if (fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode)) {
        close(fd);
        return MAPI_E_ATTACHMENT_OPEN_FAILURE;
    }
    if (stat.st_size > (off_t)ATTACHMENT_MAX) {
        close(fd);
        return MAPI_E_ATTACHMENT_TOO_LARGE;
    }
    *ret_fd = fd;
    return SUCCESS_SUCCESS;
}

static ULONG copy_bytes(int fd, IStream *stream)
{
    BYTE bytes[CHUNK_SIZE];
    size_t total = 0;
    ULONG result = SUCCESS_SUCCESS;

    while (result == SUCCESS_SUCCESS) {
        ssize_t size = read(fd, bytes, sizeof(bytes));

        if (size == 0)
            return simple_result(IStream_Commit(stream, STGC_DEFAULT));
        if (size < 0 && errno == EINTR)
            continue;
        total += size > 0 ? (size_t)size : 0;
        if (size < 0)
            result = MAPI_E_ATTACHMENT_OPEN_FAILURE;
        else if (total > ATTACHMENT_MAX) /* it has grown */
            result = MAPI_E_ATTACHMENT_TOO_LARGE;
        else
            result = simple_result(IStream_Write(stream, bytes, (ULONG)size, NULL));
    }
    return result;
}

static ULONG copy_file(int fd, IAttach *attach)
{
    IStream *stream;
    ULONG result;
    HRESULT hr = IAttach_OpenProperty(attach, PR_ATTACH_DATA_BIN, &IID_IStream, STGM_READWRITE,
                                      MAPI_CREATE | MAPI_MODIFY, (IUnknown **)&stream);

    if (FAILED(hr))
        return simple_result(hr);
    result = copy_bytes(fd, stream);
    IStream_Release(stream);
    return result;
}

/* The name that the recipient sees: the given one, else the path's last part (SMP-096). */
static HRESULT name_of(void *root, const struct letter_file *file, WCHAR **ret_name)
{
    const char *slash = strrchr(file->path, '/');

    if (file->name) {
        *ret_name = (WCHAR *)file->name;
        return S_OK;
    }
    return text_8bit_to_utf16(root, slash ? slash + 1 : file->path, ret_name);
}

static HRESULT describe_file(const struct letter_file *file, IAttach *attach)
{
    void *root = mapi_alloc(NULL, 1);
    SPropValue values[6] = {{.ulPropTag = PR_ATTACH_METHOD},
                            {.ulPropTag = PR_RENDERING_POSITION},
                            {.ulPropTag = PR_ATTACH_LONG_FILENAME_W},
                            {.ulPropTag = PR_DISPLAY_NAME_W}};
    ULONG count = 4;
    WCHAR *name;
    HRESULT hr = root ? name_of(root, file, &name) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr)) {
        values[0].Value.l = ATTACH_BY_VALUE; /* SMP-097 */
        values[1].Value.l = (LONG)file->position;
        values[2].Value.lpszW = values[3].Value.lpszW = name;
        if (file->tag.cb) {
            values[count].ulPropTag = PR_ATTACH_TAG;
            values[count++].Value.bin = file->tag;
        }
        if (file->encoding.cb) {
            values[count].ulPropTag = PR_ATTACH_ENCODING;
            values[count++].Value.bin = file->encoding;
        }
        hr = IAttach_SetProps(attach, count, values, NULL);
    }
    mapi_free(root);
    return hr;
}

static ULONG attach_file(IMessage *message, const struct letter_file *file)
{
    IAttach *attach;
    ULONG number, result;
    HRESULT hr;
    int fd;

    result = compose_open_file(file->path, &fd);
    if (result != SUCCESS_SUCCESS)
        return result;
    hr = IMessage_CreateAttach(message, NULL, 0, &number, &attach);
    if (SUCCEEDED(hr)) {
        hr = describe_file(file, attach);
        result = SUCCEEDED(hr) ? copy_file(fd, attach) : simple_result(hr);
        if (result == SUCCESS_SUCCESS)
            result = simple_result(IAttach_SaveChanges(attach, 0));
        IAttach_Release(attach);
    } else {
        result = simple_result(hr);
    }
    close(fd);
    return result;
}

ULONG compose_files(const struct letter *letter, IMessage *message)
{
    ULONG result = simple_result(delete_attachments(message));

    for (size_t i = 0; i < letter->file_count && result == SUCCESS_SUCCESS; i++)
        result = attach_file(message, &letter->files[i]);
    return result;
}
