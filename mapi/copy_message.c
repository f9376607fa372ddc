/* mapi/copy_message.c - recipients, attachments and embedded messages on their way to another
 * object
 *
 * The usual way for PT_OBJECT properties, through nothing but the public interfaces of both sides,
 * so that any two messages will do. Foreign code runs here: caller's thread, no lock. */
#include <stdlib.h>
#include <string.h>

#include "mapi/copy_message.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/object.h"

/* Recipients are replaced: rows as they are, without row numbers and errors (STO-275). */
static void tidy_recipient(SRow *row)
{
    ULONG kept = 0, i;

    for (i = 0; i < row->cValues; i++) {
        ULONG tag = row->lpProps[i].ulPropTag;

        if (PROP_TYPE(tag) == PT_ERROR || PROP_TYPE(tag) == PT_NULL ||
            PROP_ID(tag) == PROP_ID(PR_ROWID) || PROP_ID(tag) == PROP_ID(PR_INSTANCE_KEY))
            continue;
        row->lpProps[kept++] = row->lpProps[i];
    }
    row->cValues = kept;
}

static HRESULT read_recipients(IMessage *source, SRowSet **ret_rows)
{
    SPropTagArray *columns = NULL;
    IMAPITable *table = NULL;
    HRESULT hr;

    hr = source->lpVtbl->GetRecipientTable(source, MAPI_UNICODE, &table);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &columns);
    if (SUCCEEDED(hr))
        hr = HrQueryAllRows(table, columns, NULL, NULL, 0, ret_rows);
    MAPIFreeBuffer(columns);
    unknown_release(table);
    return hr;
}

static HRESULT copy_recipients(IMessage *source, IMessage *dest)
{
    SRowSet *rows = NULL;
    HRESULT hr;
    ULONG i;

    hr = read_recipients(source, &rows);
    if (FAILED(hr))
        return hr;
    for (i = 0; i < rows->cRows; i++)
        tidy_recipient(&rows->aRow[i]);
    /* A row set and an address list are laid out alike, and both as MEM-014 says. */
    hr = dest->lpVtbl->ModifyRecipients(dest, 0, (ADRLIST *)rows);
    FreeProws(rows);
    return hr;
}

static HRESULT copy_attachment(IMessage *source, IMessage *dest, ULONG number)
{
    SizedSPropTagArray(1, exclude) = {1, {PR_ATTACH_NUM}};
    IAttach *from = NULL, *to = NULL;
    ULONG made;
    HRESULT hr;

    hr = source->lpVtbl->OpenAttach(source, number, NULL, 0, &from);
    if (SUCCEEDED(hr))
        hr = dest->lpVtbl->CreateAttach(dest, NULL, 0, &made, &to);
    if (SUCCEEDED(hr))
        hr = from->lpVtbl->CopyTo(from, 0, NULL, (SPropTagArray *)&exclude, 0, NULL,
                                  &IID_IAttachment, to, 0, NULL);
    if (SUCCEEDED(hr))
        hr = to->lpVtbl->SaveChanges(to, 0);
    unknown_release(to);
    unknown_release(from);
    return hr;
}

static HRESULT copy_attachments(IMessage *source, IMessage *dest)
{
    SizedSPropTagArray(1, columns) = {1, {PR_ATTACH_NUM}};
    IMAPITable *table = NULL;
    SRowSet *rows = NULL;
    HRESULT hr;
    ULONG i;

    hr = source->lpVtbl->GetAttachmentTable(source, MAPI_UNICODE, &table);
    if (SUCCEEDED(hr))
        hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    for (i = 0; SUCCEEDED(hr) && i < rows->cRows; i++)
        if (rows->aRow[i].lpProps[0].ulPropTag == PR_ATTACH_NUM)
            hr = copy_attachment(source, dest, rows->aRow[i].lpProps[0].Value.ul);
    FreeProws(rows);
    unknown_release(table);
    return hr;
}

/* A message within an attachment. How deep they nest is limited where messages are parsed
 * (mime). */
static HRESULT copy_embedded(IMAPIProp *source, IMAPIProp *dest)
{
    IMessage *from = NULL, *to = NULL;
    HRESULT hr;

    hr = source->lpVtbl->OpenProperty(source, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0,
                                      (IUnknown **)&from);
    if (SUCCEEDED(hr))
        hr = dest->lpVtbl->OpenProperty(dest, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
                                        MAPI_CREATE | MAPI_MODIFY, (IUnknown **)&to);
    if (SUCCEEDED(hr))
        hr = from->lpVtbl->CopyTo(from, 0, NULL, NULL, 0, NULL, &IID_IMessage, to, 0, NULL);
    if (SUCCEEDED(hr))
        hr = to->lpVtbl->SaveChanges(to, 0);
    unknown_release(to);
    unknown_release(from);
    return hr;
}

HRESULT copy_message_object(IMAPIProp *source, ULONG tag, const IID *iid, void *dest)
{
    IMessage *from = NULL;
    HRESULT hr;

    if (PROP_ID(tag) == PROP_ID(PR_ATTACH_DATA_OBJ))
        return copy_embedded(source, dest);
    if (PROP_ID(tag) != PROP_ID(PR_MESSAGE_RECIPIENTS) &&
        PROP_ID(tag) != PROP_ID(PR_MESSAGE_ATTACHMENTS))
        return MAPI_E_NO_SUPPORT;
    if (!guid_equal(iid, &IID_IMessage))
        return MAPI_E_INTERFACE_NOT_SUPPORTED; /* the destination has no such tables */
    hr = source->lpVtbl->QueryInterface(source, &IID_IMessage, (void **)&from);
    if (FAILED(hr))
        return hr;
    hr = PROP_ID(tag) == PROP_ID(PR_MESSAGE_RECIPIENTS) ? copy_recipients(from, dest)
                                                        : copy_attachments(from, dest);
    unknown_release(from);
    return hr;
}
