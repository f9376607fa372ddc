/* simple/read.c - MAPIReadMail
 *
 * The message that the caller gets is one block, the structure its root (SMP-043). Requirements:
 * SMP-042 to SMP-056. */
#include <stdio.h>
#include <time.h>

#include "mapi/filetime.h"
#include "mapi/mapicode.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/stream.h"
#include "mapi/text.h"
#include "simple/letter.h"
#include "simple/read_files.h"
#include "simple/recipient.h"
#include "simple/result.h"
#include "simple/session.h"

#define READ_FLAGS                                                                                 \
    (MAPI_PEEK | MAPI_ENVELOPE_ONLY | MAPI_SUPPRESS_ATTACH | MAPI_BODY_AS_FILE | MAPI_LOGON_UI |   \
     MAPI_PASSWORD_UI | MAPI_NEW_SESSION)
#define BODY_MAX (64u << 20) /* bytes of UTF-16 */

/* --- The envelope ----------------------------------------------------------------------------- */

enum {
    SUBJECT,
    CLASS,
    DELIVERED,
    FLAGS_,
    RECEIPT,
    SENDER_NAME,
    SENDER_TYPE,
    SENDER_ADDRESS,
    SENDER_ID,
    ENVELOPE
};

static const SizedSPropTagArray(ENVELOPE, envelope_tags) = {
    ENVELOPE,
    {PR_SUBJECT_W, PR_MESSAGE_CLASS_W, PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS,
     PR_READ_RECEIPT_REQUESTED, PR_SENDER_NAME_W, PR_SENDER_ADDRTYPE_W, PR_SENDER_EMAIL_ADDRESS_W,
     PR_SENDER_ENTRYID}};

/* "" where there is none. */
static HRESULT take_text(void *root, const SPropValue *value, char **ret_text)
{
    bool there = PROP_TYPE(value->ulPropTag) == PT_UNICODE;

    return text_utf16_to_8bit(root, there ? value->Value.lpszW : u"", ret_text);
}

/* YYYY/MM/DD HH:MM, in the caller's time zone (SMP-053). */
static HRESULT take_date(void *root, const SPropValue *value, char **ret_text)
{
    char text[64] = "";
    struct tm local;
    time_t time;

    if (value->ulPropTag == PR_MESSAGE_DELIVERY_TIME) {
        time = (time_t)filetime_to_unix(value->Value.ft);
        if (localtime_r(&time, &local))
            strftime(text, sizeof(text), "%Y/%m/%d %H:%M", &local);
    }
    *ret_text = mapi_memdup(root, text, sizeof(text));
    return *ret_text ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* As it was before this call read it (SMP-054). */
static FLAGS flags_of(const SPropValue *values)
{
    FLAGS flags = 0;

    if (values[FLAGS_].ulPropTag == PR_MESSAGE_FLAGS) {
        if (!(values[FLAGS_].Value.l & MSGFLAG_READ))
            flags |= MAPI_UNREAD;
        if (!(values[FLAGS_].Value.l & MSGFLAG_UNSENT))
            flags |= MAPI_SENT;
    }
    if (values[RECEIPT].ulPropTag == PR_READ_RECEIPT_REQUESTED && values[RECEIPT].Value.b)
        flags |= MAPI_RECEIPT_REQUESTED;
    return flags;
}

static ULONG read_originator(const SPropValue *values, MapiMessage *message)
{
    struct recipient sender;
    ULONG result;

    message->lpOriginator = mapi_alloc(message, sizeof(*message->lpOriginator));
    if (!message->lpOriginator)
        return MAPI_E_INSUFFICIENT_MEMORY;
    result = recipient_of_values(message, &values[SENDER_NAME], &values[SENDER_TYPE],
                                 &values[SENDER_ADDRESS], &values[SENDER_ID], &sender);
    if (result != SUCCESS_SUCCESS)
        return result;
    return recipient_describe(message, MAPI_ORIG, &sender, message->lpOriginator);
}

static ULONG read_envelope(IMessage *from, MapiMessage *message)
{
    SPropValue *values = NULL;
    ULONG count, result;
    HRESULT hr = IMessage_GetProps(from, (SPropTagArray *)&envelope_tags, 0, &count, &values);

    if (SUCCEEDED(hr))
        hr = take_text(message, &values[SUBJECT], &message->lpszSubject);
    if (SUCCEEDED(hr))
        hr = take_text(message, &values[CLASS], &message->lpszMessageType);
    if (SUCCEEDED(hr))
        hr = take_date(message, &values[DELIVERED], &message->lpszDateReceived);
    if (SUCCEEDED(hr)) {
        message->flFlags = flags_of(values);
        result = read_originator(values, message);
    } else {
        result = simple_result(hr);
    }
    MAPIFreeBuffer(values);
    return result;
}

/* --- Recipients ------------------------------------------------------------------------------- */

static ULONG read_recipient(SRow *row, MapiMessage *message)
{
    SPropValue *values = row->lpProps;
    struct recipient recipient;
    ULONG class = values[0].ulPropTag == PR_RECIPIENT_TYPE ? (ULONG)values[0].Value.l : MAPI_TO,
          result;

    class &= ~(ULONG)(MAPI_SUBMITTED | MAPI_P1);
    if (class == MAPI_ORIG)
        return SUCCESS_SUCCESS;
    result =
        recipient_of_values(message, &values[1], &values[2], &values[3], &values[4], &recipient);
    if (result != SUCCESS_SUCCESS)
        return result;
    return recipient_describe(message, class, &recipient,
                              &message->lpRecips[message->nRecipCount++]);
}

static ULONG read_recipients(IMessage *from, MapiMessage *message)
{
    static const SizedSPropTagArray(5, columns) = {
        5, {PR_RECIPIENT_TYPE, PR_DISPLAY_NAME_W, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W, PR_ENTRYID}};
    IMAPITable *table;
    SRowSet *rows = NULL;
    ULONG result;
    HRESULT hr = IMessage_GetRecipientTable(from, 0, &table);

    if (FAILED(hr))
        return simple_result(hr);
    result = simple_result(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows));
    IMAPITable_Release(table);
    if (result == SUCCESS_SUCCESS && rows->cRows > RECIPIENTS_MAX)
        result = MAPI_E_TOO_MANY_RECIPIENTS; /* SMP-051 */
    if (result == SUCCESS_SUCCESS && rows->cRows) {
        message->lpRecips = mapi_alloc_array(message, rows->cRows, sizeof(*message->lpRecips));
        result = message->lpRecips ? SUCCESS_SUCCESS : MAPI_E_INSUFFICIENT_MEMORY;
    }
    for (ULONG i = 0; result == SUCCESS_SUCCESS && i < rows->cRows; i++)
        result = read_recipient(&rows->aRow[i], message);
    FreeProws(rows);
    return result;
}

/* --- The text --------------------------------------------------------------------------------- */

/* Off `root`; "" for a message without. */
static HRESULT read_text(IMessage *from, void *root, char **ret_text)
{
    uint8_t *units = NULL;
    IStream *stream;
    size_t size;
    HRESULT hr =
        IMessage_OpenProperty(from, PR_BODY_W, &IID_IStream, STGM_READ, 0, (IUnknown **)&stream);

    if (hr == MAPI_E_NOT_FOUND)
        return text_utf16_to_8bit(root, u"", ret_text);
    if (FAILED(hr))
        return hr;
    hr = stream_read_all(stream, BODY_MAX, &units, &size);
    IStream_Release(stream);
    if (SUCCEEDED(hr))
        hr = text_utf16_to_8bit(root, (WCHAR *)units, ret_text);
    mapi_free(units);
    return hr;
}

static ULONG read_content(IMessage *from, FLAGS flags, struct temp_files *files,
                          MapiMessage *message)
{
    char *text;
    HRESULT hr = read_text(from, message, &text);

    if (FAILED(hr))
        return hr == MAPI_E_TOO_BIG ? MAPI_E_TEXT_TOO_LARGE : simple_result(hr);
    if (!(flags & MAPI_BODY_AS_FILE))
        message->lpszNoteText = text;
    return read_files(from, flags & MAPI_BODY_AS_FILE ? text : NULL,
                      !(flags & MAPI_SUPPRESS_ATTACH), files, message);
}

/* --- MAPIReadMail ----------------------------------------------------------------------------- */

/* Read, with the receipt that the sender asks for (SMP-044); a store that may not be changed stays
 * as it is. */
static ULONG mark_as_read(IMessage *from)
{
    HRESULT hr = IMessage_SetReadFlag(from, 0);

    return hr == MAPI_E_NO_ACCESS ? SUCCESS_SUCCESS : simple_result(hr);
}

static ULONG read_message(IMessage *from, FLAGS flags, lpMapiMessage *ret_message)
{
    struct temp_files files = {0};
    MapiMessage *message = mapi_alloc(NULL, sizeof(*message));
    ULONG result;

    if (!message)
        return MAPI_E_INSUFFICIENT_MEMORY;
    result = read_envelope(from, message);
    if (result == SUCCESS_SUCCESS)
        result = read_recipients(from, message);
    if (result == SUCCESS_SUCCESS && !(flags & MAPI_ENVELOPE_ONLY))
        result = read_content(from, flags, &files, message);
    if (result == SUCCESS_SUCCESS && !(flags & MAPI_PEEK)) /* the last: SMP-045 */
        result = mark_as_read(from);
    temp_files_clear(&files, result != SUCCESS_SUCCESS);
    if (result == SUCCESS_SUCCESS)
        *ret_message = message;
    else
        mapi_free(message);
    return result;
}

MAPI_API ULONG STDAPICALLTYPE MAPIReadMail(LHANDLE handle, ULONG_PTR ui_param, LPSTR message_id,
                                           FLAGS flags, ULONG reserved, lpMapiMessage *ret_message)
{
    struct simple_session *session;
    IMessage *message;
    ULONG result;

    (void)ui_param;
    if (ret_message)
        *ret_message = NULL;
    result = simple_session_find(handle, &session);
    if (result != SUCCESS_SUCCESS)
        return result;
    if (reserved || flags & ~(ULONG)READ_FLAGS || !ret_message)
        result = MAPI_E_FAILURE;
    else
        result = simple_session_open_message(session, message_id, &message);
    if (result == SUCCESS_SUCCESS) {
        result = read_message(message, flags, ret_message);
        IMessage_Release(message);
    }
    simple_session_unref(session);
    return result;
}
