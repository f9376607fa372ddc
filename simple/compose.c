/* simple/compose.c - a caller's letter written into a message: properties and recipients */
#include "simple/compose.h"

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/memory.h"
#include "mapi/text.h"
#include "simple/compose_files.h"
#include "simple/recipient.h"
#include "simple/result.h"

/* --- Properties ------------------------------------------------------------------------------- */

static void put_text(SPropValue *value, ULONG tag, const WCHAR *text)
{
    value->ulPropTag = tag;
    value->Value.lpszW = (WCHAR *)text;
}

/* A text stands for itself only: what the message had of HTML and RTF goes. */
static HRESULT set_properties(const struct letter *letter, IMessage *message)
{
    static const SizedSPropTagArray(4, bodies) = {
        4, {PR_BODY_W, PR_HTML, PR_RTF_COMPRESSED, PR_RTF_IN_SYNC}};
    SPropValue values[4];
    HRESULT hr = IMessage_DeleteProps(message, (SPropTagArray *)&bodies, NULL);

    put_text(&values[0], PR_MESSAGE_CLASS_W,
             letter->message_class ? letter->message_class : u"IPM.Note"); /* SMP-072 */
    put_text(&values[1], PR_SUBJECT_W, letter->subject ? letter->subject : u"");
    values[2].ulPropTag = PR_READ_RECEIPT_REQUESTED; /* SMP-081 */
    values[2].Value.b = (letter->flags & MAPI_RECEIPT_REQUESTED) != 0;
    put_text(&values[3], PR_BODY_W, letter->text);
    return SUCCEEDED(hr) ? IMessage_SetProps(message, letter->text ? 4 : 3, values, NULL) : hr;
}

/* --- Recipients ------------------------------------------------------------------------------- */

/* SMP-073 to SMP-075. */
static ULONG find_recipient(IMAPISession *session, void *root, const struct letter_recipient *from,
                            struct recipient *to)
{
    if (from->id.cb)
        return recipient_of_id(session, root, &from->id, to);
    if (from->address)
        return recipient_of_address(root, from->name, from->address, to);
    if (from->name)
        return recipient_of_name(session, root, from->name, to);
    return MAPI_E_INVALID_RECIPS;
}

/* A row of the recipient table; its block is the list's. */
static ULONG fill_entry(IMAPISession *session, const struct letter_recipient *from, ADRENTRY *entry)
{
    enum { TYPE, NAME, ADDRTYPE, ADDRESS, ID, COUNT };
    SPropValue *values = mapi_alloc_array(NULL, COUNT, sizeof(*values));
    struct recipient to;
    ULONG result;
    HRESULT hr;

    if (!values)
        return MAPI_E_INSUFFICIENT_MEMORY;
    *entry = (ADRENTRY){.cValues = COUNT, .rgPropVals = values};
    result = find_recipient(session, values, from, &to);
    if (result != SUCCESS_SUCCESS)
        return result;
    values[TYPE].ulPropTag = PR_RECIPIENT_TYPE;
    values[TYPE].Value.l = (LONG)from->class;
    values[NAME].ulPropTag = PR_DISPLAY_NAME_W;
    values[ADDRTYPE].ulPropTag = PR_ADDRTYPE_W;
    values[ADDRESS].ulPropTag = PR_EMAIL_ADDRESS_W;
    values[ID].ulPropTag = PR_ENTRYID;
    values[ID].Value.bin = to.id;
    hr = text_utf8_to_utf16(values, to.name, &values[NAME].Value.lpszW);
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(values, to.type, &values[ADDRTYPE].Value.lpszW);
    if (SUCCEEDED(hr))
        hr = text_utf8_to_utf16(values, to.address, &values[ADDRESS].Value.lpszW);
    return simple_result(hr);
}

static ULONG set_recipients(IMAPISession *session, const struct letter *letter, IMessage *message)
{
    ADRLIST *list = mapi_alloc(NULL, CbNewADRLIST(letter->recipient_count));
    ULONG result = SUCCESS_SUCCESS;

    if (!list)
        return MAPI_E_INSUFFICIENT_MEMORY;
    for (size_t i = 0; i < letter->recipient_count && result == SUCCESS_SUCCESS; i++)
        result = fill_entry(session, &letter->recipients[i], &list->aEntries[list->cEntries++]);
    if (result == SUCCESS_SUCCESS)
        result = simple_result(IMessage_ModifyRecipients(message, 0, list)); /* replaces all */
    FreePadrlist(list);
    return result;
}

ULONG compose(struct simple_session *session, const struct letter *letter, IMessage *message)
{
    ULONG result = set_recipients(session->session, letter, message);

    if (result == SUCCESS_SUCCESS)
        result = compose_files(letter, message);
    if (result == SUCCESS_SUCCESS)
        result = simple_result(set_properties(letter, message));
    return result;
}
