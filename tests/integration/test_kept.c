/* Properties that IMAP has no place for: set on folders, on the store and by name, they come back.
 */
#include "tests/integration/mail_rig.h"

#include <string.h>

#include "mapi/mapiguid.h"
#include "tests/integration/mail_send.h"

static void open_mail(void)
{
    mail_prepare(false);
    mail_open(0);
}

TestSuite(kept, .init = open_mail, .fini = mail_close);

/* Another process, as far as the library can tell. */
static void restart(void)
{
    mail_logoff();
    MAPIUninitialize();
    mail_open(0);
}

#define PR_OWN_BLOB  PROP_TAG(PT_BINARY, 0x6680)
#define PR_OWN_LIST  PROP_TAG(PT_MV_UNICODE, 0x6681)
#define PR_OWN_COUNT PROP_TAG(PT_LONG, 0x6682)

static IMAPIFolder *make_folder(const char *name, const char *comment)
{
    IMAPIFolder *root = mail_folder(""), *folder;

    assert_hr(IMAPIFolder_CreateFolder(root, FOLDER_GENERIC, (LPTSTR)mail_wide(name),
                                       comment ? (LPTSTR)mail_wide(comment) : NULL, NULL,
                                       MAPI_UNICODE, &folder),
              S_OK);
    IMAPIFolder_Release(root);
    return folder;
}

static void set_own(IMAPIProp *object)
{
    static WCHAR *words[] = {u"eins", u"zwei", u"日本"};
    SPropValue values[3] = {
        {.ulPropTag = PR_OWN_BLOB}, {.ulPropTag = PR_OWN_LIST}, {.ulPropTag = PR_OWN_COUNT}};
    SPropProblemArray *problems = NULL;

    values[0].Value.bin = (SBinary){.cb = 5, .lpb = (BYTE *)"a\0b\0c"};
    values[1].Value.MVszW.cValues = 3;
    values[1].Value.MVszW.lppszW = words;
    values[2].Value.l = -7;
    assert_hr(IMAPIProp_SetProps(object, 3, values, &problems), S_OK);
    cr_expect_null(problems);
}

static void expect_own(IMAPIProp *object)
{
    SizedSPropTagArray(3, tags) = {3, {PR_OWN_BLOB, PR_OWN_LIST, PR_OWN_COUNT}};
    SPropValue *values;
    ULONG count;

    assert_hr(IMAPIProp_GetProps(object, (SPropTagArray *)&tags, 0, &count, &values), S_OK);
    cr_expect_eq(values[0].Value.bin.cb, 5);
    cr_expect_eq(memcmp(values[0].Value.bin.lpb, "a\0b\0c", 5), 0);
    cr_assert_eq(values[1].Value.MVszW.cValues, 3);
    cr_expect_eq(memcmp(values[1].Value.MVszW.lppszW[2], u"日本", 6), 0);
    cr_expect_eq(values[2].Value.l, -7);
    MAPIFreeBuffer(values);
}

static HRESULT get(IMAPIProp *object, ULONG tag)
{
    SPropValue *value = NULL;
    HRESULT hr = HrGetOneProp(object, tag, &value);

    MAPIFreeBuffer(value);
    return hr;
}

static void expect_text(IMAPIProp *object, ULONG tag, const char *text)
{
    SPropValue *value;

    assert_hr(HrGetOneProp(object, tag, &value), S_OK);
    cr_expect_str_eq(mail_text(value), text);
    MAPIFreeBuffer(value);
}

static void set_text(IMAPIProp *object, ULONG tag, const char *text)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.lpszW = mail_wide(text);
    assert_hr(HrSetOneProp(object, &value), S_OK);
}

static void delete_one(IMAPIProp *object, ULONG tag)
{
    SizedSPropTagArray(1, tags) = {1, {tag}};
    SPropProblemArray *problems = NULL;

    assert_hr(IMAPIProp_DeleteProps(object, (SPropTagArray *)&tags, &problems), S_OK);
    cr_expect_null(problems);
}

static HRESULT problem_of(IMAPIProp *object, ULONG tag)
{
    SPropValue value = {.ulPropTag = tag};
    SPropProblemArray *problems = NULL;
    HRESULT hr;

    assert_hr(IMAPIProp_SetProps(object, 1, &value, &problems), S_OK);
    hr = problems ? problems->aProblem[0].scode : S_OK;
    MAPIFreeBuffer(problems);
    return hr;
}

/* --- Folders and the store -------------------------------------------------------------------- */

Test(kept, what_is_set_on_a_folder_comes_back_after_a_restart) /* STO-101 STO-252 STO-254 */
{
    IMAPIFolder *folder = make_folder("Kept", NULL), *again;

    set_own((IMAPIProp *)folder);
    set_text((IMAPIProp *)folder, PR_CONTAINER_CLASS_W, "IPF.Contact");
    again = mail_folder("Kept"); /* at once, for other objects too */
    expect_own((IMAPIProp *)again);
    expect_hr(problem_of((IMAPIProp *)folder, PR_CONTENT_COUNT), MAPI_E_COMPUTED);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(again);

    restart();
    folder = mail_folder("Kept");
    expect_own((IMAPIProp *)folder);
    expect_text((IMAPIProp *)folder, PR_CONTAINER_CLASS_W, "IPF.Contact");
    delete_one((IMAPIProp *)folder, PROP_TAG(PT_LONG, PROP_ID(PR_OWN_BLOB)));
    delete_one((IMAPIProp *)folder, PR_CONTAINER_CLASS_W);
    expect_hr(get((IMAPIProp *)folder, PR_OWN_BLOB), MAPI_E_NOT_FOUND);
    expect_text((IMAPIProp *)folder, PR_CONTAINER_CLASS_W, "IPF.Note");
    again = mail_folder("Kept");
    expect_hr(get((IMAPIProp *)again, PR_OWN_BLOB), MAPI_E_NOT_FOUND);
    expect_hr(get((IMAPIProp *)again, PR_OWN_LIST), S_OK);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(again);
}

Test(kept, the_comment_of_a_new_folder_is_in_the_hierarchy_table) /* STO-117 STO-125 STO-127 */
{
    SizedSPropTagArray(3, columns) = {3, {PR_DISPLAY_NAME_W, PR_COMMENT_W, PR_CONTAINER_CLASS_W}};
    IMAPIFolder *folder = make_folder("Commented", "Über alles"), *root = mail_folder("");
    struct test_sink *sink = test_sink_create();
    SPropValue name = {.ulPropTag = PR_DISPLAY_NAME_W};
    SRestriction is_it = {.rt = RES_PROPERTY,
                          .res.resProperty = {RELOP_EQ, PR_DISPLAY_NAME_W, &name}};
    ULONG modified = TABLE_ROW_MODIFIED;
    ULONG_PTR connection;
    IMAPITable *table;
    SRowSet *rows;

    expect_text((IMAPIProp *)folder, PR_COMMENT_W, "Über alles");
    assert_hr(IMAPIFolder_GetHierarchyTable(root, MAPI_UNICODE, &table), S_OK);
    assert_hr(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), S_OK);
    assert_hr(
        IMAPITable_Advise(table, fnevTableModified, &sink->IMAPIAdviseSink_iface, &connection),
        S_OK);
    set_text((IMAPIProp *)folder, PR_CONTAINER_CLASS_W, "IPF.Task");
    mail_await_event(sink, fnevTableModified, mail_is_table_event, &modified);

    name.Value.lpszW = mail_wide("Commented");
    assert_hr(IMAPITable_FindRow(table, &is_it, BOOKMARK_BEGINNING, 0), S_OK);
    assert_hr(IMAPITable_QueryRows(table, 1, 0, &rows), S_OK);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[1]), "Über alles");
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[2]), "IPF.Task");
    FreeProws(rows);
    IMAPITable_Unadvise(table, connection);
    IMAPITable_Release(table);
    test_sink_release(sink);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(root);
}

Test(kept, what_is_set_on_the_store_comes_back) /* STO-035 STO-037 STO-040 */
{
    IMAPIProp *store = (IMAPIProp *)mail.store;

    set_own(store);
    set_text(store, PR_DISPLAY_NAME_W, "Meine Post");
    expect_hr(problem_of(store, PR_STORE_SUPPORT_MASK), MAPI_E_COMPUTED);
    restart();
    store = (IMAPIProp *)mail.store;
    expect_own(store);
    expect_text(store, PR_DISPLAY_NAME_W, "Meine Post");
}

Test(kept, a_stream_on_a_folder_property_is_written_through) /* STO-263 STO-264 STO-265 */
{
    IMAPIFolder *folder = make_folder("Streams", NULL);
    char bytes[100000], back[sizeof(bytes)];
    IStream *stream;
    ULONG got = 0;

    memset(bytes, 'x', sizeof(bytes));
    expect_hr(
        IMAPIFolder_OpenProperty(folder, PR_OWN_BLOB, &IID_IStream, 0, 0, (IUnknown **)&stream),
        MAPI_E_NOT_FOUND);
    assert_hr(IMAPIFolder_OpenProperty(folder, PR_OWN_BLOB, &IID_IStream, STGM_WRITE,
                                       MAPI_CREATE | MAPI_MODIFY, (IUnknown **)&stream),
              S_OK);
    assert_hr(IStream_Write(stream, bytes, sizeof(bytes), NULL), S_OK);
    assert_hr(IStream_Commit(stream, 0), S_OK);
    IStream_Release(stream);
    IMAPIFolder_Release(folder);

    restart();
    folder = mail_folder("Streams");
    expect_hr(get((IMAPIProp *)folder, PR_OWN_BLOB), MAPI_E_NOT_ENOUGH_MEMORY); /* STO-244 */
    assert_hr(
        IMAPIFolder_OpenProperty(folder, PR_OWN_BLOB, &IID_IStream, 0, 0, (IUnknown **)&stream),
        S_OK);
    assert_hr(IStream_Read(stream, back, sizeof(back), &got), S_OK);
    cr_expect_eq(got, sizeof(bytes));
    cr_expect_eq(memcmp(bytes, back, sizeof(bytes)), 0);
    IStream_Release(stream);
    IMAPIFolder_Release(folder);
}

static void expect_shared(IMAPIProp *object)
{
    static const ULONG tags[] = {PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_MAPPING_SIGNATURE,
                                 PR_STORE_SUPPORT_MASK};
    SPropValue *own, *stores;

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        assert_hr(HrGetOneProp(object, tags[i], &own), S_OK);
        assert_hr(HrGetOneProp((IMAPIProp *)mail.store, tags[i], &stores), S_OK);
        if (PROP_TYPE(tags[i]) == PT_LONG)
            cr_expect_eq(own->Value.l, stores->Value.l);
        else
            cr_expect(own->Value.bin.cb == stores->Value.bin.cb &&
                          memcmp(own->Value.bin.lpb, stores->Value.bin.lpb, own->Value.bin.cb) == 0,
                      "0x%08X", tags[i]);
        MAPIFreeBuffer(own);
        MAPIFreeBuffer(stores);
    }
}

static IMessage *make_message(const char *subject)
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMessage *message;

    assert_hr(IMAPIFolder_CreateMessage(inbox, NULL, 0, &message), S_OK);
    mail_set_text(message, PR_SUBJECT_W, subject);
    IMAPIFolder_Release(inbox);
    return message;
}

Test(kept, folders_and_messages_tell_what_their_store_can) /* STO-038 STO-280 STO-344 STO-350 */
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMessage *message = make_message("Shared");

    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    expect_shared((IMAPIProp *)inbox);
    expect_shared((IMAPIProp *)message);
    IMessage_Release(message);
    IMAPIFolder_Release(inbox);
}

/* --- Named properties ------------------------------------------------------------------------- */

static const GUID own_set = {
    0x8A6E2F10, 0x3B7C, 0x4D55, {0x90, 0x11, 0x5E, 0x0C, 0x7A, 0x42, 1, 2}};

static MAPINAMEID string_name = {
    .lpguid = (GUID *)&own_set, .ulKind = MNID_STRING, .Kind.lpwstrName = (WCHAR *)u"Färbung"};
static MAPINAMEID number_name = {.lpguid = (GUID *)&own_set, .ulKind = MNID_ID, .Kind.lID = 0x8501};

static HRESULT ids(void *object, MAPINAMEID *first, MAPINAMEID *second, ULONG flags,
                   ULONG ret_tags[2])
{
    MAPINAMEID *names[] = {first, second};
    SPropTagArray *tags = NULL;
    HRESULT hr = IMAPIProp_GetIDsFromNames((IMAPIProp *)object, 2, names, flags, &tags);

    if (SUCCEEDED(hr)) {
        cr_assert_eq(tags->cValues, 2);
        ret_tags[0] = tags->aulPropTag[0];
        ret_tags[1] = tags->aulPropTag[1];
    }
    MAPIFreeBuffer(tags);
    return hr;
}

Test(kept, a_name_has_one_number_for_ever_on_all_objects) /* STO-276 STO-277 STO-278 STO-280 */
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMessage *message = make_message("Names");
    ULONG tags[2], others[2];

    expect_hr(ids(message, &string_name, &number_name, 0, tags), MAPI_W_ERRORS_RETURNED);
    cr_expect_eq(tags[0], PROP_TAG(PT_ERROR, 0));
    expect_hr(ids(message, &number_name, &string_name, MAPI_CREATE, tags), S_OK);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(PROP_TYPE(tags[i]), PT_UNSPECIFIED);
        cr_expect(PROP_ID(tags[i]) >= 0x8000 && PROP_ID(tags[i]) < 0xFFFF);
    }
    cr_expect_neq(tags[0], tags[1]);
    expect_hr(ids(inbox, &number_name, &string_name, 0, others), S_OK);
    cr_expect_eq(others[0], tags[0]);
    IMessage_Release(message);
    IMAPIFolder_Release(inbox);

    restart();
    expect_hr(ids(mail.store, &number_name, &string_name, 0, others), S_OK);
    cr_expect_eq(others[0], tags[0]);
    cr_expect_eq(others[1], tags[1]);
}

static ULONG count_names(const GUID *set, ULONG flags, HRESULT wanted)
{
    SPropTagArray *tags = NULL;
    MAPINAMEID **names = NULL;
    ULONG count = 99;

    expect_hr(IMsgStore_GetNamesFromIDs(mail.store, &tags, (GUID *)set, flags, &count, &names),
              wanted);
    cr_expect((count == 0) == (names == NULL));
    cr_expect(!tags || tags->cValues == count);
    MAPIFreeBuffer(tags);
    MAPIFreeBuffer(names);
    return count;
}

Test(kept, numbers_have_their_names) /* STO-279 STO-281 STO-282 STO-283 */
{
    static const GUID other_set = {1, 2, 3, {4}};
    SizedSPropTagArray(3, asked) = {3, {0, PROP_TAG(PT_LONG, 0xFEDC), PR_SUBJECT_W}};
    SPropTagArray *pointer = (SPropTagArray *)&asked, *all = NULL;
    MAPINAMEID **names = NULL;
    ULONG tags[2], count = 0;

    cr_expect_eq(count_names(NULL, 0, S_OK), 0);
    assert_hr(ids(mail.store, &string_name, &number_name, MAPI_CREATE, tags), S_OK);
    asked.aulPropTag[0] = tags[0];
    expect_hr(IMsgStore_GetNamesFromIDs(mail.store, &pointer, NULL, 0, &count, &names),
              MAPI_W_ERRORS_RETURNED);
    cr_assert_eq(count, 3);
    cr_expect_eq(names[0]->ulKind, MNID_STRING);
    cr_expect_eq(memcmp(names[0]->Kind.lpwstrName, u"Färbung", sizeof(u"Färbung")), 0);
    cr_expect_eq(memcmp(names[0]->lpguid, &own_set, sizeof(GUID)), 0);
    cr_expect_null(names[1]);
    cr_expect_eq(memcmp(names[2]->lpguid, &PS_MAPI, sizeof(GUID)), 0);
    cr_expect_eq(names[2]->Kind.lID, PROP_ID(PR_SUBJECT_W));
    MAPIFreeBuffer(names);

    cr_expect_eq(count_names(NULL, 0, S_OK), 2);
    cr_expect_eq(count_names(NULL, MAPI_NO_IDS, S_OK), 1);
    cr_expect_eq(count_names(NULL, MAPI_NO_STRINGS, S_OK), 1);
    cr_expect_eq(count_names(NULL, MAPI_NO_IDS | MAPI_NO_STRINGS, S_OK), 0);
    cr_expect_eq(count_names(&own_set, 0, S_OK), 2);
    cr_expect_eq(count_names(&other_set, 0, S_OK), 0);
    assert_hr(IMsgStore_GetIDsFromNames(mail.store, 0, NULL, 0, &all), S_OK);
    cr_expect_eq(all->cValues, 2);
    MAPIFreeBuffer(all);
    expect_hr(IMsgStore_GetIDsFromNames(mail.store, 0, NULL, MAPI_CREATE, &all),
              MAPI_E_INVALID_PARAMETER);
}

Test(kept, named_properties_of_a_message_come_back) /* STO-278 STO-345 */
{
    IMessage *message = make_message("Coloured");
    SPropValue value = {0}, *got, *id;
    ULONG tags[2], type;

    assert_hr(ids(message, &string_name, &number_name, MAPI_CREATE, tags), S_OK);
    value.ulPropTag = CHANGE_PROP_TYPE(tags[0], PT_UNICODE);
    value.Value.lpszW = mail_wide("blau");
    assert_hr(IMessage_SetProps(message, 1, &value, NULL), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)message, PR_ENTRYID, &id), S_OK);
    IMessage_Release(message);

    restart();
    assert_hr(IMsgStore_OpenEntry(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL,
                                  0, &type, (IUnknown **)&message),
              S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)message, value.ulPropTag, &got), S_OK);
    cr_expect_str_eq(mail_text(got), "blau");
    MAPIFreeBuffer(got);
    MAPIFreeBuffer(id);
    IMessage_Release(message);
}

/* --- What tables show of messages ------------------------------------------------------------- */

static SPropValue *save_with(IMessage *message, ULONG tag, LONG number)
{
    SPropValue value = {.ulPropTag = tag}, *id;

    value.Value.l = number;
    assert_hr(IMessage_SetProps(message, 1, &value, NULL), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)message, PR_ENTRYID, &id), S_OK);
    return id;
}

static IMAPITable *contents_with(IMAPIFolder *folder, ULONG first, ULONG second)
{
    SizedSPropTagArray(3, columns) = {3, {PR_SUBJECT_W, first, second}};
    IMAPITable *table;

    assert_hr(IMAPIFolder_GetContentsTable(folder, MAPI_UNICODE, &table), S_OK);
    assert_hr(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), S_OK);
    return table;
}

#define NONE INT32_MAX /* a column without value */

/* The two columns of the row of that subject. */
static void expect_columns(IMAPITable *table, const char *subject, LONG first, LONG second)
{
    LONG wanted[] = {first, second};
    SRowSet *rows;
    bool found = false;

    assert_hr(IMAPITable_SeekRow(table, BOOKMARK_BEGINNING, 0, NULL), S_OK);
    assert_hr(IMAPITable_QueryRows(table, 100, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *values = rows->aRow[i].lpProps;

        if (strcmp(mail_text(&values[0]), subject) != 0)
            continue;
        found = true;
        for (int j = 0; j < 2; j++)
            if (wanted[j] == NONE)
                cr_expect_eq(PROP_TYPE(values[1 + j].ulPropTag), PT_ERROR);
            else
                cr_expect(PROP_TYPE(values[1 + j].ulPropTag) == PT_LONG &&
                              values[1 + j].Value.l == wanted[j],
                          "%s: column %d is 0x%08X %d", subject, j, values[1 + j].ulPropTag,
                          values[1 + j].Value.l);
    }
    cr_expect(found, "%s", subject);
    FreeProws(rows);
}

Test(kept, properties_of_messages_are_columns) /* STO-109 STO-110 */
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMessage *first = make_message("First"), *second = make_message("Second");
    SizedSSortOrderSet(1, order) = {1, 0, 0, {{PR_OWN_COUNT, TABLE_SORT_DESCEND}}};
    ULONG tags[2], named;
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(ids(first, &string_name, &number_name, MAPI_CREATE, tags), S_OK);
    named = CHANGE_PROP_TYPE(tags[1], PT_LONG);
    MAPIFreeBuffer(save_with(first, PR_OWN_COUNT, 5));
    MAPIFreeBuffer(save_with(first, named, 50));
    MAPIFreeBuffer(save_with(second, PR_OWN_COUNT, 6));

    table = contents_with(inbox, PR_OWN_COUNT, named);
    expect_columns(table, "First", 5, 50);
    expect_columns(table, "Second", 6, NONE);
    MAPIFreeBuffer(save_with(second, named, 60)); /* the open table follows */
    expect_columns(table, "Second", 6, 60);
    assert_hr(IMAPITable_SortTable(table, (SSortOrderSet *)&order, 0), S_OK);
    assert_hr(IMAPITable_QueryRows(table, 1, 0, &rows), S_OK);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[0]), "Second");
    FreeProws(rows);
    IMAPITable_Release(table);
    IMessage_Release(first);
    IMessage_Release(second);
    IMAPIFolder_Release(inbox);
}

static ULONG status_of(IMAPIFolder *folder, const SPropValue *id)
{
    ULONG status = 99;

    assert_hr(IMAPIFolder_GetMessageStatus(folder, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                           0, &status),
              S_OK);
    return status;
}

static ULONG set_status(IMAPIFolder *folder, const SPropValue *id, ULONG status, ULONG mask)
{
    ULONG former = 99;

    assert_hr(IMAPIFolder_SetMessageStatus(folder, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                           status, mask, &former),
              S_OK);
    return former;
}

Test(kept, a_message_has_a_status_in_its_folder) /* STO-157 STO-158 STO-159 STO-160 STO-161 */
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMessage *message = make_message("Status");
    SPropValue *id = save_with(message, PR_OWN_COUNT, 1), *value;
    IMAPITable *table = contents_with(inbox, PR_MSG_STATUS, PR_OWN_COUNT);

    cr_expect_eq(status_of(inbox, id), 0);
    expect_columns(table, "Status", 0, 1);
    cr_expect_eq(set_status(inbox, id, 0xFFFFFFFF, MSGSTATUS_TAGGED | 0x00040000 | 0x00000400), 0);
    cr_expect_eq(status_of(inbox, id), MSGSTATUS_TAGGED | 0x00040000);
    cr_expect_eq(set_status(inbox, id, 0, MSGSTATUS_TAGGED), MSGSTATUS_TAGGED | 0x00040000);
    cr_expect_eq(status_of(inbox, id), 0x00040000);
    expect_columns(table, "Status", 0x00040000, 1);
    expect_hr(problem_of((IMAPIProp *)message, PR_MSG_STATUS), MAPI_E_COMPUTED);
    IMessage_Release(message);
    IMAPITable_Release(table);
    IMAPIFolder_Release(inbox);

    restart();
    inbox = mail_folder("Inbox");
    cr_expect_eq(status_of(inbox, id), 0x00040000);
    assert_hr(IMsgStore_OpenEntry(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, NULL,
                                  0, &(ULONG){0}, (IUnknown **)&message),
              S_OK);
    assert_hr(HrGetOneProp((IMAPIProp *)message, PR_MSG_STATUS, &value), S_OK);
    cr_expect_eq(value->Value.l, 0x00040000);
    MAPIFreeBuffer(value);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(inbox);
}

/* The message's properties go where it goes; its status stays behind (STO-138). */
static void copy_or_move(const char *subject, const char *to, bool move)
{
    IMAPIFolder *inbox = mail_folder("Inbox"), *target = make_folder(to, NULL);
    IMessage *message = make_message(subject);
    SPropValue *id = save_with(message, PR_OWN_COUNT, 42);
    ENTRYLIST list = {.cValues = 1, .lpbin = &id->Value.bin};
    IMAPITable *table = mail_contents(target), *open;

    IMessage_Release(message);
    assert_hr(IMAPIFolder_CreateMessage(target, NULL, 0, &message), S_OK);
    mail_set_text(message, PR_SUBJECT_W, "Before");
    MAPIFreeBuffer(save_with(message, PR_OWN_COUNT, 41));
    IMessage_Release(message);
    mail_await_row(table, "Before", true);
    open = contents_with(target, PR_OWN_COUNT, PR_MSG_STATUS);
    expect_columns(open, "Before", 41, 0);
    set_status(inbox, id, MSGSTATUS_TAGGED, MSGSTATUS_TAGGED);
    assert_hr(
        IMAPIFolder_CopyMessages(inbox, &list, NULL, target, 0, NULL, move ? MESSAGE_MOVE : 0),
        S_OK);
    mail_await_row(table, subject, true);
    IMAPITable_Release(table);
    expect_columns(open, subject, 42, 0); /* it had read the columns before */
    IMAPITable_Release(open);
    table = contents_with(target, PR_OWN_COUNT, PR_MSG_STATUS);
    expect_columns(table, subject, 42, 0);
    IMAPITable_Release(table);
    if (!move)
        cr_expect_eq(status_of(inbox, id), MSGSTATUS_TAGGED);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(target);
    IMAPIFolder_Release(inbox);
}

Test(kept, properties_go_with_a_message_and_its_status_does_not) /* STO-138 */
{
    copy_or_move("Copied", "Copies", false);
    copy_or_move("Moved", "Moves", true);
}
