/* simple/letter.c - what a caller's MapiMessage or MapiMessageW says, in one form */
#include "simple/letter.h"

#include <assert.h>
#include <string.h>

#include "mapi/memory.h"
#include "mapi/text.h"
#include "simple/result.h"

#define MESSAGE_UTF8  65001u /* CP_UTF8 in ulReserved of a MapiMessage (SMP-090) */
#define MESSAGE_FLAGS (MAPI_UNREAD | MAPI_RECEIPT_REQUESTED | MAPI_SENT)
#define FILE_FLAGS    (MAPI_OLE | MAPI_OLE_STATIC)
#define STRING_MAX    65536u /* units of a name, an address or a path */
#define OID_MAX       4096u  /* bytes of an object identifier */
#define ID_MAX        65536u /* bytes of an entry id */

static_assert(sizeof(MapiMessage) == sizeof(MapiMessageW), "they differ in their strings only");
static_assert(sizeof(MapiRecipDesc) == sizeof(MapiRecipDescW), "likewise");
static_assert(sizeof(MapiFileDesc) == sizeof(MapiFileDescW), "likewise");

enum letter_width { LETTER_8BIT, LETTER_UTF8, LETTER_WIDE };

struct reader {
    void *root;
    enum letter_width width; /* of the message's own five strings */
    struct letter *letter;
};

/* --- Strings ---------------------------------------------------------------------------------- */

static bool is_empty(const void *text, bool wide)
{
    return !text || (wide ? *(const WCHAR *)text == 0 : *(const char *)text == 0);
}

static bool is_longer(const void *text, bool wide, size_t limit)
{
    const WCHAR *units = text;
    size_t length = 0;

    if (!wide)
        return strnlen(text, limit + 1) > limit;
    while (length <= limit && units[length])
        length++;
    return length > limit;
}

/* As UTF-16, of no more than `limit` units; else it is `too_long`. */
static ULONG take_utf16(void *root, enum letter_width width, const void *text, size_t limit,
                        ULONG too_long, const WCHAR **ret_text)
{
    bool wide = width == LETTER_WIDE;
    WCHAR *taken;
    HRESULT hr;

    if (is_empty(text, wide))
        return SUCCESS_SUCCESS;
    if (is_longer(text, wide, limit))
        return too_long;
    if (wide) {
        *ret_text = text; /* the caller's, for the length of the call */
        return SUCCESS_SUCCESS;
    }
    hr = width == LETTER_UTF8 ? text_utf8_to_utf16(root, text, &taken)
                              : text_8bit_to_utf16(root, text, &taken);
    if (SUCCEEDED(hr))
        *ret_text = taken;
    return simple_result(hr);
}

/* A string of a recipient or a file: 8-bit is the code page's, whatever ulReserved says. */
static ULONG take_utf8(const struct reader *reader, const void *text, const char **ret_text)
{
    bool wide = reader->width == LETTER_WIDE;
    char *taken;
    HRESULT hr;

    if (is_empty(text, wide))
        return SUCCESS_SUCCESS;
    if (is_longer(text, wide, STRING_MAX))
        return MAPI_E_FAILURE;
    hr = wide ? text_utf16_to_utf8(reader->root, text, &taken)
              : text_8bit_to_utf8(reader->root, text, &taken);
    if (SUCCEEDED(hr))
        *ret_text = taken;
    return simple_result(hr);
}

static ULONG take_path(const struct reader *reader, const void *text, const char **ret_path)
{
    char *taken;
    HRESULT hr;

    if (reader->width != LETTER_WIDE) {
        *ret_path = text;
        return SUCCESS_SUCCESS;
    }
    hr = text_utf16_to_8bit(reader->root, text, &taken);
    if (SUCCEEDED(hr))
        *ret_path = taken;
    return simple_result(hr);
}

static ULONG take_name(const struct reader *reader, const void *text, const WCHAR **ret_name)
{
    enum letter_width width = reader->width == LETTER_WIDE ? LETTER_WIDE : LETTER_8BIT;

    return take_utf16(reader->root, width, text, STRING_MAX, MAPI_E_FAILURE, ret_name);
}

/* CR, LF and CR LF all end a line, and become CR LF (SMP-080). */
static ULONG mend_line_ends(void *root, const WCHAR **text)
{
    size_t length = utf16_length(*text), at = 0;
    WCHAR *mended = mapi_alloc_array(root, 2 * length + 1, sizeof(*mended));

    if (!mended)
        return MAPI_E_INSUFFICIENT_MEMORY;
    for (const WCHAR *in = *text; *in; in++) {
        if (*in != '\r' && *in != '\n') {
            mended[at++] = *in;
            continue;
        }
        mended[at++] = '\r';
        mended[at++] = '\n';
        if (in[0] == '\r' && in[1] == '\n')
            in++;
    }
    *text = mended;
    return SUCCESS_SUCCESS;
}

/* --- Recipients and files --------------------------------------------------------------------- */

static ULONG read_recipient(const struct reader *reader, const MapiRecipDesc *from,
                            struct letter_recipient *to)
{
    ULONG result;

    if (from->ulReserved || (from->ulEIDSize && !from->lpEntryID) || from->ulEIDSize > ID_MAX)
        return MAPI_E_FAILURE;
    if (from->ulRecipClass != MAPI_TO && from->ulRecipClass != MAPI_CC &&
        from->ulRecipClass != MAPI_BCC)
        return MAPI_E_BAD_RECIPTYPE; /* SMP-076 */
    to->class = from->ulRecipClass;
    to->id = (SBinary){.cb = from->ulEIDSize, .lpb = from->lpEntryID};
    result = take_utf8(reader, from->lpszName, &to->name);
    return result == SUCCESS_SUCCESS ? take_utf8(reader, from->lpszAddress, &to->address) : result;
}

static ULONG read_recipients(const struct reader *reader, ULONG count, const MapiRecipDesc *from)
{
    struct letter *letter = reader->letter;
    ULONG result = SUCCESS_SUCCESS;

    if ((count == 0) != (from == NULL)) /* SMP-069 */
        return MAPI_E_FAILURE;
    if (count > RECIPIENTS_MAX)
        return MAPI_E_TOO_MANY_RECIPIENTS;
    letter->recipients = mapi_alloc_array(reader->root, count, sizeof(*letter->recipients));
    if (!letter->recipients)
        return MAPI_E_INSUFFICIENT_MEMORY;
    letter->recipient_count = count;
    for (ULONG i = 0; i < count && result == SUCCESS_SUCCESS; i++)
        result = read_recipient(reader, &from[i], &letter->recipients[i]);
    return result;
}

/* SMP-099: what type of file it is, as object identifiers. */
static ULONG read_file_type(const MapiFileTagExt *from, struct letter_file *to)
{
    if (!from)
        return SUCCESS_SUCCESS;
    if (from->ulReserved || from->cbTag > OID_MAX || from->cbEncoding > OID_MAX ||
        (from->cbTag && !from->lpTag) || (from->cbEncoding && !from->lpEncoding))
        return MAPI_E_FAILURE;
    to->tag = (SBinary){.cb = from->cbTag, .lpb = from->lpTag};
    to->encoding = (SBinary){.cb = from->cbEncoding, .lpb = from->lpEncoding};
    return SUCCESS_SUCCESS;
}

static ULONG read_file(const struct reader *reader, const MapiFileDesc *from,
                       struct letter_file *to)
{
    bool wide = reader->width == LETTER_WIDE;
    ULONG result;

    if (from->ulReserved || from->flFlags & ~(ULONG)FILE_FLAGS)
        return MAPI_E_FAILURE;
    if (from->flFlags) /* SMP-098 */
        return MAPI_E_NOT_SUPPORTED;
    if (is_empty(from->lpszPathName, wide))
        return MAPI_E_ATTACHMENT_NOT_FOUND;
    if (is_longer(from->lpszPathName, wide, STRING_MAX))
        return MAPI_E_ATTACHMENT_NOT_FOUND;
    to->position = from->nPosition;
    result = read_file_type(from->lpFileType, to);
    if (result == SUCCESS_SUCCESS)
        result = take_path(reader, from->lpszPathName, &to->path);
    return result == SUCCESS_SUCCESS ? take_name(reader, from->lpszFileName, &to->name) : result;
}

static ULONG read_files(const struct reader *reader, ULONG count, const MapiFileDesc *from)
{
    struct letter *letter = reader->letter;
    ULONG result = SUCCESS_SUCCESS;

    if (count && !from)
        return MAPI_E_FAILURE;
    if (count > FILES_MAX)
        return MAPI_E_TOO_MANY_FILES;
    letter->files = mapi_alloc_array(reader->root, count, sizeof(*letter->files));
    if (!letter->files)
        return MAPI_E_INSUFFICIENT_MEMORY;
    letter->file_count = count;
    for (ULONG i = 0; i < count && result == SUCCESS_SUCCESS; i++)
        result = read_file(reader, &from[i], &letter->files[i]);
    return result;
}

/* --- The message ------------------------------------------------------------------------------ */

static ULONG read_message(const struct reader *reader, const MapiMessage *message)
{
    struct letter *letter = reader->letter;
    ULONG result;

    if (message->flFlags & ~(ULONG)MESSAGE_FLAGS)
        return MAPI_E_FAILURE;
    letter->flags = message->flFlags;
    result = take_utf16(reader->root, reader->width, message->lpszSubject, STRING_MAX,
                        MAPI_E_TEXT_TOO_LARGE, &letter->subject);
    if (result == SUCCESS_SUCCESS)
        result = take_utf16(reader->root, reader->width, message->lpszMessageType, STRING_MAX,
                            MAPI_E_FAILURE, &letter->message_class);
    if (result == SUCCESS_SUCCESS) /* SMP-079 */
        result = take_utf16(reader->root, reader->width, message->lpszNoteText, TEXT_MAX,
                            MAPI_E_TEXT_TOO_LARGE, &letter->text);
    if (result == SUCCESS_SUCCESS && letter->text)
        result = mend_line_ends(reader->root, &letter->text);
    if (result == SUCCESS_SUCCESS)
        result = read_recipients(reader, message->nRecipCount, message->lpRecips);
    if (result == SUCCESS_SUCCESS)
        result = read_files(reader, message->nFileCount, message->lpFiles);
    return result;
}

ULONG letter_read(void *root, const MapiMessage *message, struct letter *ret_letter)
{
    struct reader reader = {.root = root, .width = LETTER_8BIT, .letter = ret_letter};

    *ret_letter = (struct letter){0};
    if (!message || (message->ulReserved && message->ulReserved != MESSAGE_UTF8))
        return MAPI_E_FAILURE;
    if (message->ulReserved == MESSAGE_UTF8)
        reader.width = LETTER_UTF8;
    return read_message(&reader, message);
}

ULONG letter_read_wide(void *root, const MapiMessageW *message, struct letter *ret_letter)
{
    const struct reader reader = {.root = root, .width = LETTER_WIDE, .letter = ret_letter};

    *ret_letter = (struct letter){0};
    if (!message || message->ulReserved) /* SMP-091 */
        return MAPI_E_FAILURE;
    return read_message(&reader, (const MapiMessage *)message);
}
