/* tests/sweep/sweep.c - objects and good arguments for the sweep */
#include "tests/sweep/sweep.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/emsabtag.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapiguid.h"
#include "mapi/mapival.h"
#include "tests/integration/mail_send.h"

#include "tests/sweep/calls.inc"

struct sweep_rig sweep;

/* --- Objects ---------------------------------------------------------------------------------- */

static void add(const char *name, const char *interface, void *object, bool logs_off)
{
    struct sweep_target *target = &sweep.targets[sweep.target_count];

    cr_assert(object && sweep.target_count++ < SWEEP_TARGETS);
    *target = (struct sweep_target){.name = name, .object = object, .logs_off = logs_off};
    for (size_t i = 0; i < sweep_interface_count; i++)
        if (strcmp(sweep_interfaces[i].name, interface) == 0)
            target->interface = &sweep_interfaces[i];
    cr_assert(target->interface, "%s", interface);
}

static SBinary dup_binary(ULONG size, const void *bytes)
{
    SBinary copy = {size, malloc(size)};

    memcpy(copy.lpb, bytes, size);
    return copy;
}

static SBinary dup_id(void *object, ULONG tag)
{
    SPropValue *value = NULL;
    SBinary id;

    assert_hr(HrGetOneProp(object, tag, &value), S_OK);
    id = dup_binary(value->Value.bin.cb, value->Value.bin.lpb);
    MAPIFreeBuffer(value);
    return id;
}

static SBinary status_row_id(void)
{
    SPropValue *value;
    SRowSet *rows;
    SBinary id;

    assert_hr(IMAPITable_SeekRow(mail.status, BOOKMARK_BEGINNING, 0, NULL), S_OK);
    assert_hr(IMAPITable_QueryRows(mail.status, 1, 0, &rows), S_OK);
    value = PpropFindProp(rows->aRow[0].lpProps, rows->aRow[0].cValues, PR_ENTRYID);
    id = dup_binary(value->Value.bin.cb, value->Value.bin.lpb);
    FreeProws(rows);
    return id;
}

static SBinary identity(void)
{
    ENTRYID *id = NULL;
    SBinary copy;
    ULONG size;

    assert_hr(IMAPISession_QueryIdentity(mail.session, &size, &id), S_OK);
    copy = dup_binary(size, id);
    MAPIFreeBuffer(id);
    return copy;
}

static IMAPIFolder *make_folder(IMAPIFolder *parent, const char *name)
{
    IMAPIFolder *folder = NULL;

    assert_hr(IMAPIFolder_CreateFolder(parent, FOLDER_GENERIC, (LPTSTR)name, NULL, NULL,
                                       OPEN_IF_EXISTS, &folder),
              S_OK);
    return folder;
}

static void *new_message(IMAPIFolder *folder)
{
    IMessage *message = NULL;

    assert_hr(IMAPIFolder_CreateMessage(folder, NULL, 0, &message), S_OK);
    mail_set_text(message, PR_SUBJECT_W, "swept");
    return message;
}

static void *attach(IMessage *message)
{
    SPropValue values[] = {
        {.ulPropTag = PR_ATTACH_METHOD, .Value.l = ATTACH_BY_VALUE},
        {.ulPropTag = PR_ATTACH_DATA_BIN, .Value.bin = {5, (BYTE *)"bytes"}},
    };
    IAttach *attachment = NULL;
    ULONG number;

    assert_hr(IMessage_CreateAttach(message, NULL, 0, &number, &attachment), S_OK);
    assert_hr(IAttach_SetProps(attachment, 2, values, NULL), S_OK);
    assert_hr(IAttach_SaveChanges(attachment, KEEP_OPEN_READWRITE), S_OK);
    return attachment;
}

static void *stream(void *object, ULONG tag, ULONG flags)
{
    IUnknown *made = NULL;

    assert_hr(
        IMAPIProp_OpenProperty((IMAPIProp *)object, tag, &IID_IStream, STGM_READ, flags, &made),
        S_OK);
    return made;
}

/* A saved message with a recipient, a body and an attachment. */
static SBinary save_message(IMAPIFolder *folder)
{
    IMessage *message = new_message(folder);
    IAttach *attachment = attach(message);
    SBinary id;

    mail_add_recipients(message, mail_to_bob, 1);
    mail_set_text(message, PR_BODY_W, "body");
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    id = dup_id(message, PR_ENTRYID);
    IAttach_Release(attachment);
    IMessage_Release(message);
    return id;
}

/* The thing of that id. */
static void *reopen(int id, ULONG flags)
{
    IUnknown *object = NULL;
    ULONG type;

    assert_hr(IMsgStore_OpenEntry(mail.store, sweep.ids[id].cb, (ENTRYID *)sweep.ids[id].lpb, NULL,
                                  flags, &type, &object),
              S_OK);
    return object;
}

static void add_message(void)
{
    IMessage *again = reopen(SWEEP_KEPT_ID, MAPI_MODIFY);
    IAttach *attachment;
    IMAPITable *table = NULL;

    add("message", "IMessage", again, true);
    assert_hr(IMessage_OpenAttach(again, 0, NULL, MAPI_MODIFY, &attachment), S_OK);
    add("attachment", "IAttach", attachment, true);
    add("part stream", "IStream", stream(attachment, PR_ATTACH_DATA_BIN, 0), true);
    assert_hr(IMessage_GetAttachmentTable(again, 0, &table), S_OK);
    add("attachments", "IMAPITable", table, true);
    assert_hr(IMessage_GetRecipientTable(again, 0, &table), S_OK);
    add("recipients", "IMAPITable", table, true);
}

static void add_folders(void)
{
    IMAPIFolder *root = mail_folder(""), *folder = make_folder(root, "Swept"),
                *sub = make_folder(folder, "Sub"), *quiet = make_folder(root, "Quiet");
    IMAPITable *table = NULL;
    IMessage *message;

    sweep.ids[SWEEP_FOLDER_ID] = dup_id(folder, PR_ENTRYID);
    sweep.ids[SWEEP_CHILD_ID] = dup_id(sub, PR_ENTRYID);
    sweep.ids[SWEEP_MESSAGE_ID] = save_message(folder);
    sweep.ids[SWEEP_MARKED_ID] = save_message(folder);
    sweep.ids[SWEEP_KEPT_ID] = save_message(quiet);
    IMAPIFolder_Release(quiet);
    add_message();
    message = new_message(folder);
    add("new message", "IMessage", message, true);
    add("new attachment", "IAttach", attach(message), true);
    add("property stream", "IStream", stream(message, PR_BODY_W, MAPI_CREATE | MAPI_MODIFY), true);
    assert_hr(IMAPIFolder_GetContentsTable(folder, 0, &table), S_OK);
    add("contents", "IMAPITable", table, true);
    assert_hr(IMAPIFolder_GetHierarchyTable(root, 0, &table), S_OK);
    add("hierarchy", "IMAPITable", table, true);
    add("folder", "IMAPIFolder", folder, true);
    add("read-only folder", "IMAPIFolder", reopen(SWEEP_FOLDER_ID, 0), true);
    add("read-only message", "IMessage", reopen(SWEEP_KEPT_ID, 0), true);
    IMAPIFolder_Release(sub);
    IMAPIFolder_Release(root);
}

static void add_administration(void)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_SERVICE_UID}};
    static const MAPIUID held = {"a held section"}, section_of_sweep = {"sweep's section"};
    IProviderAdmin *providers = NULL;
    IMsgServiceAdmin *services = NULL;
    IProfSect *section = NULL;
    IProfAdmin *profiles = NULL;
    IMAPITable *table = NULL;
    void *second = NULL;
    SRowSet *rows;

    assert_hr(MAPIAdminProfiles(0, &profiles), S_OK);
    add("profiles", "IProfAdmin", profiles, false);
    assert_hr(IProfAdmin_GetProfileTable(profiles, 0, &table), S_OK);
    add("profile table", "IMAPITable", table, false);
    assert_hr(IMAPISession_AdminServices(mail.session, 0, &services), S_OK);
    add("services", "IMsgServiceAdmin", services, true);
    assert_hr(IMsgServiceAdmin_QueryInterface(services, &IID_IMsgServiceAdmin2, &second), S_OK);
    add("services again", "IMsgServiceAdmin2", second, true);
    assert_hr(IMsgServiceAdmin_GetProviderTable(services, 0, &table), S_OK);
    add("provider table", "IMAPITable", table, true);
    assert_hr(IMsgServiceAdmin_GetMsgServiceTable(services, 0, &table), S_OK);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    add("service table", "IMAPITable", table, true);
    assert_hr(IMsgServiceAdmin_AdminProviders(
                  services, (MAPIUID *)rows->aRow[0].lpProps[0].Value.bin.lpb, 0, &providers),
              S_OK);
    memcpy(&sweep.service, rows->aRow[0].lpProps[0].Value.bin.lpb, sizeof(sweep.service));
    FreeProws(rows);
    add("providers", "IProviderAdmin", providers, true);
    sweep.section = section_of_sweep; /* one that exists, and is not held open */
    assert_hr(
        IMAPISession_OpenProfileSection(mail.session, &sweep.section, NULL, MAPI_MODIFY, &section),
        S_OK);
    IProfSect_Release(section);
    assert_hr(IMAPISession_OpenProfileSection(mail.session, (MAPIUID *)&held, NULL, MAPI_MODIFY,
                                              &section),
              S_OK);
    add("section", "IProfSect", section, true);
}

static void add_address_book(void)
{
    IABContainer *shelf = NULL;
    IAddrBook *book = NULL;
    IMAPITable *table = NULL;
    IMAPIProp *person = NULL;
    ENTRYID *id = NULL;
    ULONG type, size;

    assert_hr(IMAPISession_OpenAddressBook(mail.session, 0, NULL, 0, &book), S_OK);
    assert_hr(IAddrBook_GetPAB(book, &size, &id), S_OK);
    assert_hr(IAddrBook_OpenEntry(book, size, id, NULL, MAPI_MODIFY, &type, (IUnknown **)&shelf),
              S_OK);
    MAPIFreeBuffer(id);
    assert_hr(IABContainer_CreateEntry(shelf, sweep.ids[SWEEP_ONEOFF_ID].cb,
                                       (ENTRYID *)sweep.ids[SWEEP_ONEOFF_ID].lpb, 0, &person),
              S_OK);
    assert_hr(IMAPIProp_SaveChanges(person, KEEP_OPEN_READWRITE), S_OK);
    sweep.ids[SWEEP_BOOK_ID] = dup_id(shelf, PR_ENTRYID);
    sweep.ids[SWEEP_PERSON_ID] = dup_id(person, PR_ENTRYID);
    assert_hr(IABContainer_GetContentsTable(shelf, 0, &table), S_OK);
    add("people", "IMAPITable", table, true);
    add("person", "IMailUser", person, true);
    add("shelf", "IABContainer", shelf, true);
    assert_hr(IAddrBook_OpenEntry(book, 0, NULL, NULL, 0, &type, (IUnknown **)&shelf), S_OK);
    assert_hr(IABContainer_GetHierarchyTable(shelf, 0, &table), S_OK);
    add("shelves", "IMAPITable", table, true);
    add("address book's root", "IABContainer", shelf, true);
    add("address book's status", "IMAPIStatus", mail_status_object(MAPI_AB_PROVIDER), true);
    add("address book", "IAddrBook", book, true);
}

void sweep_open(void)
{
    IMAPITable *table = NULL;
    IMAPIFolder *inbox;

    sweep = (struct sweep_rig){0};
    mail_prepare(false);
    mail_open(0);
    inbox = mail_folder("Inbox");
    table = mail_contents(inbox);
    mail_deliver("kept");
    mail_await_row(table, "kept", true);
    IMAPITable_Release(table);
    IMAPIFolder_Release(inbox);
    sweep.ids[SWEEP_STORE_ID] = dup_id(mail.store, PR_ENTRYID);

    IMAPISession_AddRef(mail.session);
    add("session", "IMAPISession", mail.session, true);
    IMsgStore_AddRef(mail.store);
    add("store", "IMsgStore", mail.store, true);
    add_folders();
    add("store's status", "IMAPIStatus", mail_status_object(MAPI_STORE_PROVIDER), true);
    add("transport's status", "IMAPIStatus", mail_status_object(MAPI_TRANSPORT_PROVIDER), true);
    sweep.ids[SWEEP_STATUS_ID] = status_row_id();
    sweep.ids[SWEEP_ONEOFF_ID] = identity();
    add_address_book();
    add("spooler's status", "IMAPIStatus", mail_status_object(MAPI_SPOOLER), true);
    add("subsystem's status", "IMAPIStatus", mail_status_object(MAPI_SUBSYSTEM), true);
    assert_hr(IMAPISession_GetStatusTable(mail.session, 0, &table), S_OK);
    add("status table", "IMAPITable", table, true);
    assert_hr(IMsgStore_GetReceiveFolderTable(mail.store, 0, &table), S_OK);
    add("receive folders", "IMAPITable", table, true);
    assert_hr(IMAPISession_GetMsgStoresTable(mail.session, 0, &table), S_OK);
    add("stores table", "IMAPITable", table, true);
    add_administration();
    cr_assert_eq(MAPILogon(0, PROFILE, NULL, MAPI_NEW_SESSION, 0, &sweep.simple), SUCCESS_SUCCESS);
    sweep.targets[sweep.target_count++] =
        (struct sweep_target){.name = "exports", .interface = &sweep_exports};
}

void sweep_release_targets(void)
{
    while (sweep.target_count > 0) {
        IUnknown *object = sweep.targets[--sweep.target_count].object;

        if (object)
            object->lpVtbl->Release(object);
    }
}

void sweep_release_mail(void)
{
    if (mail.store)
        IMsgStore_Release(mail.store);
    if (mail.status)
        IMAPITable_Release(mail.status);
    if (mail.sink)
        test_sink_release(mail.sink);
    if (mail.session)
        IMAPISession_Release(mail.session);
    mail.store = NULL;
    mail.status = NULL;
    mail.sink = NULL;
    mail.session = NULL;
}

void sweep_end_simple(void)
{
    if (sweep.simple)
        cr_assert_eq(MAPILogoff(sweep.simple, 0, 0, 0), SUCCESS_SUCCESS);
    sweep.simple = lhSessionNull;
}

void sweep_close(void)
{
    sweep_end_simple();
    sweep_release_targets();
    mail_close();
    for (size_t i = 0; i < SWEEP_IDS; i++)
        free(sweep.ids[i].lpb);
}

/* --- Good arguments --------------------------------------------------------------------------- */

#define ROOM   512
#define POISON 0xA5

static struct {
    _Alignas(16) BYTE room[SWEEP_PARAMS][ROOM]; /* outputs, and inputs that are written to */
    SizedSPropTagArray(2, tags);
    SPropTagArray *tags_pointer;
    SPropValue values[2], address[4];
    SBinary id_in_list;
    SBinaryArray list;
    SRestriction restriction;
    SSortOrderSet sort;
    MAPIUID uid;
    ULONG logoff_flags;
    MAPINAMEID name, *names[2];
    NOTIFICATION notification;
    SizedADRLIST(1, recipients);
    FlagList marks;
    SPropValue container; /* the personal address book's id, and a search path of it */
    SizedSRowSet(1, path);
    SRowSet rows;
    SRow row;
    LPSTR texts[1];
    struct test_sink *sink;
    void *buffer;
} good;

static LONG STDAPICALLTYPE ignore(LPVOID context, ULONG count, LPNOTIFICATION notifications)
{
    return 0;
}

static void make_inputs(void)
{
    good.tags.cValues = 2;
    good.tags.aulPropTag[0] = PR_SUBJECT_A;
    good.tags.aulPropTag[1] = PR_COMMENT_A;
    good.tags_pointer = (SPropTagArray *)&good.tags;
    good.values[0] = (SPropValue){.ulPropTag = PR_COMMENT_A, .Value.lpszA = "swept"};
    good.values[1] = (SPropValue){.ulPropTag = PR_PRIORITY, .Value.l = 1};
    good.address[0] = (SPropValue){.ulPropTag = PR_DISPLAY_NAME_A, .Value.lpszA = "Bob"};
    good.address[1] = (SPropValue){.ulPropTag = PR_ADDRTYPE_A, .Value.lpszA = "SMTP"};
    good.address[2] =
        (SPropValue){.ulPropTag = PR_EMAIL_ADDRESS_A, .Value.lpszA = "bob@example.test"};
    good.address[3] = (SPropValue){.ulPropTag = PR_RECIPIENT_TYPE, .Value.l = MAPI_TO};
    good.id_in_list = sweep.ids[SWEEP_MESSAGE_ID];
    good.list = (SBinaryArray){1, &good.id_in_list};
    good.restriction = (SRestriction){.rt = RES_EXIST};
    good.restriction.res.resExist.ulPropTag = PR_INSTANCE_KEY;
    good.sort = (SSortOrderSet){1, 0, 0, {{PR_PRIORITY, TABLE_SORT_ASCEND}}};
    good.uid = sweep.section;
    good.logoff_flags = LOGOFF_NO_WAIT;
    good.name = (MAPINAMEID){(GUID *)&PS_PUBLIC_STRINGS, MNID_ID, {.lID = 0x8001}};
    good.names[0] = good.names[1] = &good.name;
    good.notification = (NOTIFICATION){.ulEventType = fnevCriticalError};
    good.recipients.cEntries = 1;
    good.recipients.aEntries[0] = (ADRENTRY){0, 4, good.address};
    good.marks = (FlagList){.cFlags = 1};
    good.container = (SPropValue){.ulPropTag = PR_ENTRYID};
    good.container.Value.bin = sweep.ids[SWEEP_BOOK_ID];
    good.path.cRows = 1;
    good.path.aRow[0] = (SRow){0, 1, &good.container};
    good.row = (SRow){0, 2, good.values};
    good.rows.cRows = 1;
    good.rows.aRow[0] = good.row;
    good.texts[0] = "swept";
    if (!good.sink)
        good.sink = test_sink_create();
    MAPIFreeBuffer(good.buffer);
    assert_hr(MAPIAllocateBuffer(ROOM, &good.buffer), S_OK);
}

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static uint64_t good_number(const struct sweep_method *method, const struct sweep_param *param)
{
    static const char *const zero[] = {"ulUIParam",          "ulTimeout",  "ulReserved",
                                       "crowsMax",           "ulFlags",    "ulAttachmentNum",
                                       "ulInterfaceOptions", "dwOrigin",   "dwLockType",
                                       "grfCommitFlags",     "grfStatFlag"};

    if (is(param->name, "ulPropTag"))
        return is(method->name, "HrGetOneProp") ? PR_SUBJECT_A : PR_COMMENT_A;
    if (is(param->name, "ulEventMask"))
        return is(method->owner, "IMAPITable") ? fnevTableModified : fnevObjectModified;
    if (is(param->name, "hResult"))
        return (ULONG)MAPI_E_NOT_FOUND;
    if (is(param->name, "lhSimpleSession"))
        return sweep.simple;
    for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
        if (is(param->name, zero[i]))
            return 0;
    return 1;
}

static uint64_t good_flags(const struct sweep_method *method)
{
    static const struct {
        const char *method;
        ULONG flags;
    } wanted[] = {
        {"OpenProperty", MAPI_CREATE | MAPI_MODIFY},
        {"SaveChanges", KEEP_OPEN_READWRITE},
        {"SetDefaultStore", MAPI_DEFAULT_STORE},
        {"FlushQueues", FLUSH_UPLOAD},
        {"ModifyRecipients", MODRECIP_ADD},
        {"MAPILogonEx", MAPI_EXTENDED | MAPI_NEW_SESSION},
        {"RTFSync", RTF_SYNC_BODY_CHANGED},
    };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (is(method->name, wanted[i].method))
            return wanted[i].flags;
    return 0;
}

const SBinary *sweep_good_id(const struct sweep_method *method)
{
    if (is(method->name, "OpenMsgStore") || is(method->name, "SetDefaultStore"))
        return &sweep.ids[SWEEP_STORE_ID];
    if (is(method->name, "CopyFolder") || is(method->name, "DeleteFolder"))
        return &sweep.ids[SWEEP_CHILD_ID];
    if (is(method->name, "SetReceiveFolder"))
        return &sweep.ids[SWEEP_FOLDER_ID];
    if (is(method->name, "SetPAB") || is(method->name, "SetDefaultDir"))
        return &sweep.ids[SWEEP_BOOK_ID];
    if (is(method->owner, "IABContainer") || is(method->owner, "IAddrBook"))
        return &sweep.ids[SWEEP_PERSON_ID];
    if (is(method->owner, "IMAPIContainer"))
        return &sweep.ids[SWEEP_MARKED_ID];
    if (is(method->name, "GetMessageStatus") || is(method->name, "SetMessageStatus"))
        return &sweep.ids[SWEEP_MARKED_ID]; /* others delete the one below */
    return &sweep.ids[SWEEP_MESSAGE_ID];
}

static void *target_object(const char *name)
{
    for (size_t i = 0; i < sweep.target_count; i++)
        if (is(sweep.targets[i].name, name))
            return sweep.targets[i].object;
    cr_assert_fail("no %s", name);
    return NULL;
}

/* Texts that fit, in the order of the calls: a profile is copied, the copy renamed. */
static void *good_text(const struct sweep_method *method, const char *param, BYTE *room)
{
    static const struct {
        const char *method, *param, *text;
    } texts[] = {
        {"MAPILogonEx", "lpszPassword", NULL},
        {"CopyFolder", "lpszNewFolderName", "copied"},
        {"MAPILogonEx", "lpszProfileName", PROFILE},
        {"CopyFolder", "lpszNewFolderName", "copied"},
        {"CopyProfile", "lpszOldProfileName", PROFILE},
        {"CopyProfile", "lpszNewProfileName", "copied"},
        {"RenameProfile", "lpszOldProfileName", "copied"},
        {"RenameProfile", "lpszNewProfileName", "renamed"},
        {"SetDefaultProfile", "lpszProfileName", PROFILE},
        {"AdminServices", "lpszProfileName", PROFILE},
        {"HrEntryIDFromSz", "lpsz", "00000000000102030405060708090A0B0C0D0E0F"},
        {"ScBinFromHexBounded", "lpsz", "42"},
    };
    const char *text = strstr(param, "Password") ? "" : "swept";

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (is(method->name, texts[i].method) && is(param, texts[i].param))
            text = texts[i].text;
    memset(room, 0, ROOM); /* ends for wide characters too */
    return text ? strcpy((char *)room, text) : NULL;
}

static bool works_on_service(const struct sweep_method *method)
{
    return is(method->name, "AdminProviders") || is(method->name, "SetPrimaryIdentity") ||
           is(method->name, "ConfigureMsgService");
}

static void *good_pointer(const struct sweep_method *method, size_t at)
{
    BYTE *room = good.room[at];

    switch (method->params[at].kind) {
    case SWEEP_FLAGS_POINTER:
        return &good.logoff_flags;
    case SWEEP_TAGS:
        return &good.tags;
    case SWEEP_TAGS_POINTER:
        return &good.tags_pointer;
    case SWEEP_VALUES:
        return memcpy(room, good.values, sizeof(good.values));
    case SWEEP_IID:
        return is(method->name, "QueryInterface") ? (void *)&IID_IUnknown : NULL;
    case SWEEP_IID_STREAM:
        return (void *)&IID_IStream;
    case SWEEP_IID_PROP:
        return (void *)&IID_IMAPIProp;
    case SWEEP_TEXT:
        return good_text(method, method->params[at].name, room);
    case SWEEP_TEXTS:
        return good.texts;
    case SWEEP_ENTRYID:
        return sweep_good_id(method)->lpb;
    case SWEEP_ENTRYLIST:
        if (is(method->owner, "IABContainer"))
            good.id_in_list = sweep.ids[SWEEP_PERSON_ID];
        return &good.list;
    case SWEEP_SINK:
        return &good.sink->IMAPIAdviseSink_iface;
    case SWEEP_PROGRESS:
        return NULL;
    case SWEEP_RESTRICTION:
        return &good.restriction;
    case SWEEP_SORT:
        return &good.sort;
    case SWEEP_UID:
        return works_on_service(method) ? &sweep.service : &good.uid;
    case SWEEP_MESSAGE:
        return target_object("new message");
    case SWEEP_STORE:
        return mail.store;
    case SWEEP_FOLDER:
        return target_object("folder");
    case SWEEP_TABLE:
        return target_object("hierarchy");
    case SWEEP_SESSION:
        return mail.session;
    case SWEEP_STREAM:
        return target_object("property stream");
    case SWEEP_ADRLIST:
        return &good.recipients;
    case SWEEP_MARKS:
        return &good.marks;
    case SWEEP_NAMES:
        return good.names;
    case SWEEP_NAME:
        return &good.name;
    case SWEEP_NOTIFICATION:
        return &good.notification;
    case SWEEP_BYTES:
        return memset(room, 1, ROOM);
    case SWEEP_BUFFER:
        return good.buffer;
    case SWEEP_ROWS:
        return is(method->name, "SetSearchPath") ? (void *)&good.path : &good.rows;
    case SWEEP_ROW:
        return &good.row;
    case SWEEP_ALLOCATE:
        return (void *)MAPIAllocateBuffer;
    case SWEEP_MORE:
        return (void *)MAPIAllocateMore;
    case SWEEP_FREE:
        return (void *)MAPIFreeBuffer;
    case SWEEP_CALLBACK:
        return (void *)ignore;
    default:
        return memset(room, POISON, ROOM);
    }
}

static uint64_t good_count(const struct sweep_method *method, size_t at)
{
    enum sweep_kind next = at + 1 < method->count ? method->params[at + 1].kind : SWEEP_NUMBER;

    if (next == SWEEP_ENTRYID)
        return sweep_good_id(method)->cb;
    return next == SWEEP_BYTES ? 16 : 1;
}

void sweep_good_values(const struct sweep_method *method, union sweep_value *values)
{
    make_inputs();
    for (size_t i = 0; i < method->count; i++) {
        values[i].number = 0;
        switch (method->params[i].kind) {
        case SWEEP_NUMBER:
            values[i].number = good_number(method, &method->params[i]);
            break;
        case SWEEP_COUNT:
            values[i].number = good_count(method, i);
            break;
        case SWEEP_FLAGS:
            values[i].number = good_flags(method);
            break;
        case SWEEP_WIDE:
            values[i].number = 1;
            break;
        default:
            values[i].pointer = good_pointer(method, i);
            break;
        }
    }
}

/* --- Calls ------------------------------------------------------------------------------------ */

static void clean(enum sweep_kind kind, void *given)
{
    if (kind == SWEEP_OUT_OBJECT)
        UlRelease(given);
    else if (kind == SWEEP_OUT_MEMORY)
        MAPIFreeBuffer(given);
    else if (kind == SWEEP_OUT_ROWS)
        FreeProws(given);
}

static bool is_untouched(const void *given)
{
    BYTE poison[sizeof(void *)];

    memset(poison, POISON, sizeof(poison));
    return memcmp(&given, poison, sizeof(poison)) == 0;
}

HRESULT sweep_call(const struct sweep_target *target, const struct sweep_method *method,
                   const union sweep_value *values)
{
    HRESULT hr;

    if (getenv("SWEEP_TRACE"))
        fprintf(stderr, "%s %s::%s\n", target->name, method->owner, method->name);
    hr = method->call(target->object, values);
    for (size_t i = 0; i < method->count; i++) {
        const struct sweep_param *param = &method->params[i];
        void *given;

        if (param->kind == SWEEP_TAGS_POINTER && values[i].pointer) {
            if (good.tags_pointer != (SPropTagArray *)&good.tags && good.tags_pointer)
                MAPIFreeBuffer(good.tags_pointer);
            good.tags_pointer = (SPropTagArray *)&good.tags;
        }
        if (param->kind < SWEEP_OUT_OBJECT || !values[i].pointer)
            continue;
        given = *(void **)values[i].pointer;
        if (hr == SWEEP_NO_RESULT)
            continue;
        if (FAILED(hr) && given && !is_untouched(given))
            sweep_find(target, method, hr, "%s is left over", param->name);
        else if (SUCCEEDED(hr) && is_untouched(given))
            sweep_find(target, method, hr, "%s is not given", param->name);
        else if (given && !is_untouched(given))
            clean(param->kind, given);
        *(void **)values[i].pointer = NULL;
    }
    return hr;
}

/* --- Findings --------------------------------------------------------------------------------- */

static unsigned findings;

void sweep_find(const struct sweep_target *target, const struct sweep_method *method, HRESULT hr,
                const char *format, ...)
{
    char what[512];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    fprintf(stderr, "sweep: %s, %s::%s: 0x%08X: %s\n", target->name, method->owner, method->name,
            (unsigned)hr, what);
    findings++;
}

void sweep_judge(void)
{
    if (good.sink)
        test_sink_release(good.sink);
    good.sink = NULL;
    MAPIFreeBuffer(good.buffer);
    good.buffer = NULL;
    cr_expect(findings == 0, "%u findings, listed above", findings);
    findings = 0;
}

void sweep_expect_working(void)
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *table = mail_contents(inbox);
    SRowSet *rows = mail_rows(table);

    cr_expect(mail_find_row(rows, "kept") >= 0);
    FreeProws(rows);
    IMAPITable_Release(table);
    IMAPIFolder_Release(inbox);
}
