/* tests/conformance/store_rig.c - what the tests of the store's requirements have in common */
#include "tests/conformance/store_rig.h"

#include <time.h>

#include "mapi/mapiextra.h"

void store_begin(void)
{
    mail_prepare_shared();
    mail_open(0);
}

void store_restart(void)
{
    mail_logoff();
    MAPIUninitialize();
    mail_open(0);
}

/* --- Properties ------------------------------------------------------------------------------- */

SPropValue *value_of(void *object, ULONG tag)
{
    SPropValue *value = NULL;
    HRESULT hr = HrGetOneProp(object, tag, &value);

    cr_assert(hr == S_OK, "property 0x%08X: 0x%08X", (unsigned)tag, (unsigned)hr);
    return value;
}

HRESULT state_of(void *object, ULONG tag)
{
    SPropValue *value = NULL;
    HRESULT hr = HrGetOneProp(object, tag, &value);

    MAPIFreeBuffer(value);
    return hr;
}

LONG number_of(void *object, ULONG tag)
{
    SPropValue *value = value_of(object, tag);
    LONG number = PROP_TYPE(tag) == PT_BOOLEAN ? value->Value.b : value->Value.l;

    MAPIFreeBuffer(value);
    return number;
}

const char *text_of(void *object, ULONG tag)
{
    SPropValue *value = value_of(object, tag);
    const char *text = mail_text(value);

    MAPIFreeBuffer(value);
    return text;
}

bool same_bytes(const SBinary *one, const SBinary *other)
{
    return one->cb == other->cb && memcmp(one->lpb, other->lpb, one->cb) == 0;
}

bool same_property(void *one, void *other, ULONG tag)
{
    SPropValue *left = value_of(one, tag), *right = value_of(other, tag);
    bool same = same_bytes(&left->Value.bin, &right->Value.bin);

    MAPIFreeBuffer(left);
    MAPIFreeBuffer(right);
    return same;
}

bool lists(void *object, ULONG tag)
{
    SPropTagArray *tags;
    bool found = false;

    assert_hr(IMAPIProp_GetPropList((IMAPIProp *)object, MAPI_UNICODE, &tags), S_OK);
    for (ULONG i = 0; i < tags->cValues; i++)
        found = found || tags->aulPropTag[i] == tag;
    MAPIFreeBuffer(tags);
    return found;
}

HRESULT set_value(void *object, SPropValue value)
{
    SPropProblemArray *problems = NULL;
    HRESULT hr = IMAPIProp_SetProps((IMAPIProp *)object, 1, &value, &problems);

    if (SUCCEEDED(hr) && problems)
        hr = problems->aProblem[0].scode;
    MAPIFreeBuffer(problems);
    return hr;
}

HRESULT set_number(void *object, ULONG tag, LONG number)
{
    SPropValue value = {.ulPropTag = tag};

    if (PROP_TYPE(tag) == PT_BOOLEAN)
        value.Value.b = (unsigned short)number;
    else
        value.Value.l = number;
    return set_value(object, value);
}

HRESULT set_text(void *object, ULONG tag, const char *text)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.lpszW = mail_wide(text);
    return set_value(object, value);
}

/* --- Folders and messages --------------------------------------------------------------------- */

IMAPIFolder *new_folder(IMAPIFolder *parent, const char *name)
{
    IMAPIFolder *above = parent ? parent : mail_folder(""), *folder;

    assert_hr(IMAPIFolder_CreateFolder(above, FOLDER_GENERIC, (LPTSTR)mail_wide(name), NULL, NULL,
                                       MAPI_UNICODE, &folder),
              S_OK);
    if (!parent)
        IMAPIFolder_Release(above);
    return folder;
}

HRESULT open_entry(const SPropValue *id, ULONG flags, void *ret_object)
{
    ULONG type;

    return IMsgStore_OpenEntry(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL,
                               flags, &type, ret_object);
}

IMessage *open_message(const SPropValue *id, ULONG flags)
{
    IMessage *message = NULL;

    assert_hr(open_entry(id, flags, &message), S_OK);
    return message;
}

IMessage *new_message(IMAPIFolder *folder, const char *subject)
{
    IMessage *message;

    assert_hr(IMAPIFolder_CreateMessage(folder, NULL, 0, &message), S_OK);
    assert_hr(set_text(message, PR_SUBJECT_W, subject), S_OK);
    return message;
}

SPropValue *saved_message(IMAPIFolder *folder, const char *subject)
{
    IMessage *message = new_message(folder, subject);
    SPropValue *id;

    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    return id;
}

ENTRYLIST *entry_list(SBinary *entry, const SPropValue *id)
{
    static ENTRYLIST lists[16];
    static unsigned next;
    ENTRYLIST *list = &lists[next++ % 16];

    *entry = id->Value.bin;
    *list = (ENTRYLIST){.cValues = 1, .lpbin = entry};
    return list;
}

SPropValue *delivered_message(const char *subject)
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *contents = mail_contents(inbox);
    SPropValue *id;

    mail_deliver(subject);
    mail_await_row(contents, subject, true);
    id = find_message(inbox, subject);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
    return id;
}

ULONG attach_file(IMessage *message, const char *name, const void *bytes, size_t size)
{
    SPropValue data = {.ulPropTag = PR_ATTACH_DATA_BIN};
    IAttach *attachment;
    ULONG number;

    data.Value.bin = (SBinary){(ULONG)size, (BYTE *)bytes};
    assert_hr(IMessage_CreateAttach(message, NULL, 0, &number, &attachment), S_OK);
    assert_hr(set_number(attachment, PR_ATTACH_METHOD, ATTACH_BY_VALUE), S_OK);
    assert_hr(set_text(attachment, PR_ATTACH_LONG_FILENAME_W, name), S_OK);
    assert_hr(set_value(attachment, data), S_OK);
    assert_hr(IAttach_SaveChanges(attachment, 0), S_OK);
    IAttach_Release(attachment);
    return number;
}

ULONG attach_message(IMessage *message, const char *subject)
{
    IAttach *attachment;
    IMessage *inner;
    ULONG number;

    assert_hr(IMessage_CreateAttach(message, NULL, 0, &number, &attachment), S_OK);
    assert_hr(set_number(attachment, PR_ATTACH_METHOD, ATTACH_EMBEDDED_MSG), S_OK);
    assert_hr(IAttach_OpenProperty(attachment, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
                                   MAPI_CREATE | MAPI_MODIFY, (IUnknown **)&inner),
              S_OK);
    assert_hr(set_text(inner, PR_SUBJECT_W, subject), S_OK);
    assert_hr(set_text(inner, PR_BODY_W, "inner words"), S_OK);
    assert_hr(IMessage_SaveChanges(inner, 0), S_OK);
    IMessage_Release(inner);
    assert_hr(IAttach_SaveChanges(attachment, 0), S_OK);
    IAttach_Release(attachment);
    return number;
}

void submit_later(IMessage *message)
{
    SPropValue when = {.ulPropTag = PR_DEFERRED_SEND_TIME};
    uint64_t ticks = ((uint64_t)time(NULL) + 86400 + UINT64_C(11644473600)) * 10000000;

    when.Value.ft.dwLowDateTime = (DWORD)ticks;
    when.Value.ft.dwHighDateTime = (DWORD)(ticks >> 32);
    assert_hr(set_value(message, when), S_OK);
    mail_add_recipients(message, mail_to_bob, 1);
    assert_hr(IMessage_SubmitMessage(message, 0), S_OK);
    IMessage_Release(message);
}

/* --- Tables ----------------------------------------------------------------------------------- */

IMAPITable *contents_of(IMAPIFolder *folder)
{
    IMAPITable *table;

    assert_hr(IMAPIFolder_GetContentsTable(folder, MAPI_UNICODE, &table), S_OK);
    return table;
}

SRowSet *rows_of(IMAPITable *table, const void *tags)
{
    SRowSet *rows;

    assert_hr(HrQueryAllRows(table, (SPropTagArray *)tags, NULL, NULL, 0, &rows), S_OK);
    return rows;
}

ULONG count_of(IMAPITable *table)
{
    ULONG count;

    assert_hr(IMAPITable_GetRowCount(table, 0, &count), S_OK);
    return count;
}

SPropValue *find_message(IMAPIFolder *folder, const char *subject)
{
    IMAPITable *table = mail_contents(folder);
    SRowSet *rows = mail_rows(table);
    int at = mail_find_row(rows, subject);
    SPropValue *id = NULL;

    if (at >= 0)
        assert_hr(ScDupPropset(1, &rows->aRow[at].lpProps[ROW_ENTRYID], MAPIAllocateBuffer, &id),
                  S_OK);
    FreeProws(rows);
    IMAPITable_Release(table);
    return id;
}

void expect_columns(IMAPITable *table, const void *tags)
{
    const SPropTagArray *wanted = tags;
    SPropTagArray *columns;

    assert_hr(IMAPITable_QueryColumns(table, TBL_ALL_COLUMNS, &columns), S_OK);
    for (ULONG i = 0; i < wanted->cValues; i++) {
        bool found = false;

        for (ULONG c = 0; c < columns->cValues && !found; c++)
            found = columns->aulPropTag[c] == wanted->aulPropTag[i];
        cr_expect(found, "no column 0x%08X", (unsigned)wanted->aulPropTag[i]);
    }
    MAPIFreeBuffer(columns);
}
