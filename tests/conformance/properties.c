/* docs/requirements/properties.md: what holds for the objects of a store */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "tests/conformance/store_rig.h"

TestSuite(properties, .init = store_begin, .fini = mail_close);

/* --- Types and names -------------------------------------------------------------------------- */

static void expect_no_empty_types(void *object)
{
    SPropTagArray *tags;

    assert_hr(IMAPIProp_GetPropList((IMAPIProp *)object, MAPI_UNICODE, &tags), S_OK);
    for (ULONG i = 0; i < tags->cValues; i++)
        cr_expect(PROP_TYPE(tags->aulPropTag[i]) != PT_UNSPECIFIED &&
                      PROP_TYPE(tags->aulPropTag[i]) != PT_NULL,
                  "0x%08X", (unsigned)tags->aulPropTag[i]);
    MAPIFreeBuffer(tags);
}

Test(properties, unspecified_and_null_are_for_calls_alone) /* PRP-005 */
{
    static const ULONG ids[] = {0x6680, PROP_ID(PR_SUBJECT), PROP_ID(PR_BODY)};
    IMAPIFolder *folder = new_folder(NULL, "Types");
    IMessage *message = new_message(folder, "typed");
    SPropValue *id, *subject;

    for (size_t i = 0; i < 3; i++) {
        cr_expect(FAILED(set_value(message, (SPropValue){.ulPropTag = PROP_TAG(PT_NULL, ids[i])})));
        cr_expect(FAILED(
            set_value(message, (SPropValue){.ulPropTag = PROP_TAG(PT_UNSPECIFIED, ids[i])})));
    }
    cr_expect(FAILED(set_value(folder, (SPropValue){.ulPropTag = PROP_TAG(PT_NULL, 0x6680)})));
    expect_no_empty_types(message);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    id = find_message(folder, "typed");
    message = open_message(id, 0);
    expect_no_empty_types(message);
    expect_no_empty_types(folder);
    expect_no_empty_types(mail.store);
    subject = value_of(message, CHANGE_PROP_TYPE(PR_SUBJECT_W, PT_UNSPECIFIED)); /* in a call */
    cr_expect(PROP_TYPE(subject->ulPropTag) == PT_UNICODE ||
              PROP_TYPE(subject->ulPropTag) == PT_STRING8);
    MAPIFreeBuffer(subject);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(properties, a_request_of_too_many_names_is_too_big) /* PRP-011 */
{
    enum { COUNT = 32769 }; /* there are not as many named properties */
    MAPINAMEID name = {.lpguid = (GUID *)&PS_PUBLIC_STRINGS, .ulKind = MNID_ID};
    MAPINAMEID **names = malloc(COUNT * sizeof(MAPINAMEID *)), **found = NULL;
    SPropTagArray *tags = NULL, *asked = malloc(CbNewSPropTagArray(COUNT));
    ULONG count = 0;

    asked->cValues = COUNT;
    for (ULONG i = 0; i < COUNT; i++) {
        names[i] = &name;
        asked->aulPropTag[i] = PROP_TAG(PT_UNSPECIFIED, 0x8000 + i % 0x7FFF);
    }
    expect_hr(IMsgStore_GetIDsFromNames(mail.store, COUNT, names, 0, &tags), MAPI_E_TOO_BIG);
    cr_expect_null(tags);
    tags = asked;
    expect_hr(IMsgStore_GetNamesFromIDs(mail.store, &tags, NULL, 0, &count, &found),
              MAPI_E_TOO_BIG);
    cr_expect(tags == asked && !found);
    free(names);
    free(asked);
}

/* --- Keys ------------------------------------------------------------------------------------- */

Test(properties, a_messages_search_key_is_there_at_once_and_for_good) /* PRP-019 */
{
    IMAPIFolder *from = new_folder(NULL, "From"), *to = new_folder(NULL, "To");
    IMessage *message = new_message(from, "found again"), *other = new_message(from, "other"),
             *copy;
    SPropValue *key = value_of(message, PR_SEARCH_KEY), *id, *now;
    SBinary entry;

    cr_expect(key->Value.bin.cb > 0);
    cr_expect(!same_property(message, other, PR_SEARCH_KEY));
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    now = value_of(message, PR_SEARCH_KEY);
    cr_expect(same_bytes(&key->Value.bin, &now->Value.bin));
    MAPIFreeBuffer(now);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    assert_hr(IMAPIFolder_CopyMessages(from, entry_list(&entry, id), NULL, to, 0, NULL, 0), S_OK);
    MAPIFreeBuffer(id);
    store_restart();
    IMAPIFolder_Release(to);
    to = mail_folder("To");
    id = find_message(to, "found again");
    copy = open_message(id, 0);
    now = value_of(copy, PR_SEARCH_KEY);
    cr_expect(same_bytes(&key->Value.bin, &now->Value.bin));
    MAPIFreeBuffer(now);
    MAPIFreeBuffer(key);
    MAPIFreeBuffer(id);
    IMessage_Release(copy);
    IMessage_Release(other);
    IMAPIFolder_Release(to);
    IMAPIFolder_Release(from);
}

static void expect_recipient_key(IMessage *message)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_SEARCH_KEY}};
    static const char key[] = "SMTP:MIXED.CASE@EXAMPLE.TEST"; /* with the zero */
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMessage_GetRecipientTable(message, 0, &table), S_OK);
    rows = rows_of(table, &columns);
    cr_assert_eq(rows->cRows, 1);
    cr_assert_eq(rows->aRow[0].lpProps[0].ulPropTag, PR_SEARCH_KEY);
    cr_assert_eq(rows->aRow[0].lpProps[0].Value.bin.cb, sizeof(key));
    cr_expect_arr_eq(rows->aRow[0].lpProps[0].Value.bin.lpb, key, sizeof(key));
    FreeProws(rows);
    IMAPITable_Release(table);
}

Test(properties, recipients_have_the_key_of_their_address) /* PRP-020 */
{
    static const char *const address[] = {"Mixed.Case@Example.test"};
    IMAPIFolder *folder = new_folder(NULL, "Recipients");
    IMessage *message = new_message(folder, "to somebody");
    SPropValue *id;

    mail_add_recipients(message, address, 1);
    expect_recipient_key(message);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    message = open_message(id, 0);
    expect_recipient_key(message);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

static ULONG attach(IMessage *message, const char *text)
{
    SPropValue data = {.ulPropTag = PR_ATTACH_DATA_BIN};
    IAttach *attachment;
    ULONG number;

    data.Value.bin = (SBinary){(ULONG)strlen(text), (BYTE *)text};
    assert_hr(IMessage_CreateAttach(message, NULL, 0, &number, &attachment), S_OK);
    cr_expect_eq((ULONG)number_of(attachment, PR_ATTACH_NUM), number);
    assert_hr(set_number(attachment, PR_ATTACH_METHOD, ATTACH_BY_VALUE), S_OK);
    assert_hr(set_text(attachment, PR_ATTACH_LONG_FILENAME_W, text), S_OK);
    assert_hr(set_value(attachment, data), S_OK);
    assert_hr(IAttach_SaveChanges(attachment, 0), S_OK);
    IAttach_Release(attachment);
    return number;
}

static IAttach *open_attachment(IMessage *message, ULONG number)
{
    IAttach *attachment = NULL;

    assert_hr(IMessage_OpenAttach(message, number, NULL, 0, &attachment), S_OK);
    return attachment;
}

static SPropValue *attachment_key(const SPropValue *message_id, ULONG number)
{
    IMessage *message = open_message(message_id, 0);
    IAttach *attachment = open_attachment(message, number);
    SPropValue *key = value_of(attachment, PR_RECORD_KEY);

    IAttach_Release(attachment);
    IMessage_Release(message);
    return key;
}

Test(properties, an_attachments_record_key_stays) /* PRP-022 */
{
    IMAPIFolder *folder = new_folder(NULL, "Keys");
    IMessage *message = new_message(folder, "two files");
    SPropValue *id, *first, *second, *again;

    attach(message, "first.txt");
    attach(message, "second.txt");
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    first = attachment_key(id, 0);
    second = attachment_key(id, 1);
    cr_expect(!same_bytes(&first->Value.bin, &second->Value.bin));
    again = attachment_key(id, 0);
    cr_expect(same_bytes(&first->Value.bin, &again->Value.bin));
    MAPIFreeBuffer(again);
    IMAPIFolder_Release(folder);
    store_restart();
    again = attachment_key(id, 0);
    cr_expect(same_bytes(&first->Value.bin, &again->Value.bin));
    MAPIFreeBuffer(again);
    again = attachment_key(id, 1);
    cr_expect(same_bytes(&second->Value.bin, &again->Value.bin));
    MAPIFreeBuffer(again);
    MAPIFreeBuffer(second);
    MAPIFreeBuffer(first);
    MAPIFreeBuffer(id);
}

Test(properties, who_is_opened_has_an_id_and_who_is_told_apart_a_key) /* PRP-023 */
{
    IMAPIFolder *folder = new_folder(NULL, "Required");
    IMAPIStatus *status = mail_status_object(STORE_ROW);
    IMessage *message = new_message(folder, "file");
    IAttach *attachment;

    expect_hr(state_of(mail.store, PR_ENTRYID), S_OK);
    expect_hr(state_of(mail.store, PR_RECORD_KEY), S_OK);
    expect_hr(state_of(folder, PR_ENTRYID), S_OK);
    expect_hr(state_of(folder, PR_RECORD_KEY), S_OK);
    expect_hr(state_of(status, PR_ENTRYID), S_OK);
    attach(message, "file.txt");
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    attachment = open_attachment(message, 0);
    expect_hr(state_of(attachment, PR_RECORD_KEY), S_OK);
    IAttach_Release(attachment);
    IMessage_Release(message);
    IMAPIStatus_Release(status);
    IMAPIFolder_Release(folder);
}

/* --- Folders ---------------------------------------------------------------------------------- */

static IMAPIFolder *root_folder(void)
{
    IMAPIFolder *root = NULL;
    ULONG type;

    assert_hr(
        IMsgStore_OpenEntry(mail.store, 0, NULL, NULL, MAPI_BEST_ACCESS, &type, (IUnknown **)&root),
        S_OK);
    return root;
}

Test(properties, the_root_is_its_own_parent) /* PRP-024 */
{
    IMAPIFolder *root = root_folder();
    SPropValue *id = value_of(root, PR_ENTRYID), *parent = value_of(root, PR_PARENT_ENTRYID);

    cr_expect(same_bytes(&id->Value.bin, &parent->Value.bin));
    MAPIFreeBuffer(parent);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(root);
}

Test(properties, one_folder_is_the_root_and_each_tells_of_subfolders) /* PRP-025, PRP-026 */
{
    static const SizedSPropTagArray(4, columns) = {
        4, {PR_FOLDER_TYPE, PR_SUBFOLDERS, PR_ENTRYID, PR_DISPLAY_NAME_W}};
    IMAPIFolder *above = new_folder(NULL, "Above"), *below = new_folder(above, "Below"),
                *root = root_folder();
    IMAPITable *table;
    SRowSet *rows;

    cr_expect_eq(number_of(root, PR_FOLDER_TYPE), FOLDER_ROOT);
    cr_expect_eq(number_of(root, PR_SUBFOLDERS), TRUE);
    cr_expect_eq(number_of(above, PR_SUBFOLDERS), TRUE);
    cr_expect_eq(number_of(below, PR_SUBFOLDERS), FALSE);
    assert_hr(IMAPIFolder_GetHierarchyTable(root, CONVENIENT_DEPTH | MAPI_UNICODE, &table), S_OK);
    rows = rows_of(table, &columns);
    cr_expect(rows->cRows > 5); /* without the root */
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *values = rows->aRow[i].lpProps;
        IMAPIFolder *folder = NULL;
        IMAPITable *children;

        cr_expect(values[0].Value.l == FOLDER_GENERIC || values[0].Value.l == FOLDER_SEARCH, "%s",
                  mail_text(&values[3]));
        cr_assert_eq(values[1].ulPropTag, PR_SUBFOLDERS);
        assert_hr(open_entry(&values[2], 0, &folder), S_OK);
        assert_hr(IMAPIFolder_GetHierarchyTable(folder, 0, &children), S_OK);
        cr_expect_eq(values[1].Value.b != 0, count_of(children) > 0, "%s", mail_text(&values[3]));
        cr_expect_eq(number_of(folder, PR_SUBFOLDERS), values[1].Value.b);
        IMAPITable_Release(children);
        IMAPIFolder_Release(folder);
    }
    FreeProws(rows);
    IMAPITable_Release(table);
    IMAPIFolder_Release(root);
    IMAPIFolder_Release(below);
    IMAPIFolder_Release(above);
}

Test(properties, associated_messages_do_not_count) /* PRP-027 */
{
    IMAPIFolder *folder = new_folder(NULL, "Counted");
    IMAPITable *contents = mail_contents(folder); /* it is looked at: counts are up to date */
    IMessage *message;

    MAPIFreeBuffer(saved_message(folder, "one"));
    MAPIFreeBuffer(saved_message(folder, "two"));
    mail_await_row(contents, "one", true);
    mail_await_row(contents, "two", true);
    for (int i = 0; i < 3; i++) {
        assert_hr(IMAPIFolder_CreateMessage(folder, NULL, MAPI_ASSOCIATED, &message), S_OK);
        assert_hr(IMessage_SaveChanges(message, 0), S_OK);
        IMessage_Release(message);
    }
    cr_expect_eq(number_of(folder, PR_CONTENT_COUNT), 2);
    expect_hr(set_number(folder, PR_CONTENT_COUNT, 7), MAPI_E_COMPUTED);
    cr_expect_eq(number_of(folder, PR_CONTENT_COUNT), 2);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(folder);
}

static const struct {
    ULONG bit, tag;
} special[] = {
    {FOLDER_IPM_SUBTREE_VALID, PR_IPM_SUBTREE_ENTRYID},
    {FOLDER_IPM_OUTBOX_VALID, PR_IPM_OUTBOX_ENTRYID},
    {FOLDER_IPM_WASTEBASKET_VALID, PR_IPM_WASTEBASKET_ENTRYID},
    {FOLDER_IPM_SENTMAIL_VALID, PR_IPM_SENTMAIL_ENTRYID},
    {FOLDER_VIEWS_VALID, PR_VIEWS_ENTRYID},
    {FOLDER_COMMON_VIEWS_VALID, PR_COMMON_VIEWS_ENTRYID},
    {FOLDER_FINDER_VALID, PR_FINDER_ENTRYID},
};
#define SPECIAL_COUNT (sizeof(special) / sizeof(special[0]))

Test(properties, the_mask_says_which_special_folders_are_valid) /* PRP-031 */
{
    SPropValue *ids[SPECIAL_COUNT] = {NULL};
    ULONG mask = (ULONG)number_of(mail.store, PR_VALID_FOLDER_MASK);

    for (size_t i = 0; i < SPECIAL_COUNT; i++) {
        cr_expect_eq((mask & special[i].bit) != 0, state_of(mail.store, special[i].tag) == S_OK);
        if (!(mask & special[i].bit))
            continue;
        ids[i] = value_of(mail.store, special[i].tag);
        for (size_t byte = 0; byte < 4; byte++) /* none of the marks of a short-term one */
            cr_expect_eq(ids[i]->Value.bin.lpb[byte], 0);
    }
    store_restart();
    for (size_t i = 0; i < SPECIAL_COUNT; i++) {
        IMAPIFolder *folder = NULL;

        if (!ids[i])
            continue;
        assert_hr(open_entry(ids[i], 0, &folder), S_OK);
        cr_expect_eq(number_of(folder, PR_OBJECT_TYPE), MAPI_FOLDER);
        IMAPIFolder_Release(folder);
        MAPIFreeBuffer(ids[i]);
    }
}

/* --- Messages --------------------------------------------------------------------------------- */

Test(properties, the_first_of_two_saves_wins) /* PRP-035, PRP-036 */
{
    IMAPIFolder *folder = new_folder(NULL, "Conflict");
    SPropValue *id = saved_message(folder, "both want it");
    IMessage *first = open_message(id, MAPI_MODIFY), *second = open_message(id, MAPI_MODIFY), *now;

    assert_hr(set_text(first, PR_SUBJECT_W, "first"), S_OK);
    assert_hr(set_text(second, PR_SUBJECT_W, "second"), S_OK);
    assert_hr(IMessage_SaveChanges(first, KEEP_OPEN_READWRITE), S_OK);
    expect_hr(IMessage_SaveChanges(second, KEEP_OPEN_READWRITE), MAPI_E_OBJECT_CHANGED);
    now = open_message(id, 0);
    cr_expect_str_eq(text_of(now, PR_SUBJECT_W), "first");
    IMessage_Release(now);
    assert_hr(IMessage_SaveChanges(second, KEEP_OPEN_READWRITE | FORCE_SAVE), S_OK);
    now = open_message(id, 0);
    cr_expect_str_eq(text_of(now, PR_SUBJECT_W), "second");
    IMessage_Release(now);
    IMessage_Release(second);
    IMessage_Release(first);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(properties, so_it_is_with_associated_messages) /* PRP-035, PRP-036, STO-258, STO-259 */
{
    IMAPIFolder *folder = new_folder(NULL, "Associated");
    IMessage *first, *second, *now;
    SPropValue *id;

    assert_hr(IMAPIFolder_CreateMessage(folder, NULL, MAPI_ASSOCIATED, &first), S_OK);
    assert_hr(set_text(first, PR_SUBJECT_W, "both want it"), S_OK);
    assert_hr(IMessage_SaveChanges(first, KEEP_OPEN_READWRITE), S_OK);
    id = value_of(first, PR_ENTRYID);
    second = open_message(id, MAPI_MODIFY);
    assert_hr(set_text(first, PR_SUBJECT_W, "first"), S_OK);
    assert_hr(IMessage_SaveChanges(first, KEEP_OPEN_READWRITE), S_OK);
    assert_hr(IMessage_SaveChanges(first, KEEP_OPEN_READWRITE),
              S_OK); /* one's own is no conflict */
    assert_hr(set_text(second, PR_SUBJECT_W, "second"), S_OK);
    expect_hr(IMessage_SaveChanges(second, KEEP_OPEN_READWRITE), MAPI_E_OBJECT_CHANGED);
    now = open_message(id, 0);
    cr_expect_str_eq(text_of(now, PR_SUBJECT_W), "first");
    IMessage_Release(now);
    assert_hr(IMessage_SaveChanges(second, KEEP_OPEN_READWRITE | FORCE_SAVE), S_OK);
    now = open_message(id, 0);
    cr_expect_str_eq(text_of(now, PR_SUBJECT_W), "second");
    IMessage_Release(now);
    expect_hr(IMessage_SaveChanges(first, 0), MAPI_E_OBJECT_CHANGED);
    IMessage_Release(second);
    IMessage_Release(first);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* A Maildir with one message, written in 2001 and stored in 2010, in `path`. */
static void make_old_maildir(const char *path)
{
    static const char message[] = "Date: Mon, 1 Jan 2001 12:00:00 +0000\r\nSubject: old\r\n"
                                  "From: a@example.test\r\n\r\nhello\r\n";
    static const char *const folders[] = {"", "/new", "/cur", "/tmp"};
    struct timespec times[2] = {{.tv_sec = 1262606400}, {.tv_sec = 1262606400}};
    char name[128];
    int file;

    for (size_t i = 0; i < 4; i++) {
        snprintf(name, sizeof(name), "%s%s", path, folders[i]);
        mkdir(name, 0777);
        chmod(name, 0777);
    }
    snprintf(name, sizeof(name), "%s/cur/1262606400.1.host:2,", path);
    file = open(name, O_WRONLY | O_CREAT, 0666);
    cr_assert(write(file, message, sizeof(message) - 1) == sizeof(message) - 1);
    cr_assert(fchmod(file, 0666) == 0 && futimens(file, times) == 0);
    close(file);
}

Test(properties, delivery_time_is_when_the_server_stored_it) /* PRP-041 */
{
    const uint64_t stored = (UINT64_C(1262606400) + UINT64_C(11644473600)) * 10000000;
    IMAPIFolder *folder = new_folder(NULL, "Old");
    IMAPITable *contents;
    char path[80], words[192];
    SPropValue *id, *time;
    IMessage *opened;

    snprintf(path, sizeof(path), "%s/old", mail.state);
    chmod(mail.state, 0755);
    make_old_maildir(path);
    snprintf(words, sizeof(words), "import -u %s maildir:%s Import all", mail.user, path);
    test_servers_doveadm(mail.servers, words);
    snprintf(words, sizeof(words), "move -u %s Old mailbox Import/INBOX all", mail.user);
    test_servers_doveadm(mail.servers, words);
    contents = mail_contents(folder);
    mail_await_row(contents, "old", true);
    id = find_message(folder, "old");
    opened = open_message(id, 0);
    time = value_of(opened, PR_MESSAGE_DELIVERY_TIME);
    cr_expect_eq((uint64_t)time->Value.ft.dwHighDateTime << 32 | time->Value.ft.dwLowDateTime,
                 stored);
    MAPIFreeBuffer(time);
    IMessage_Release(opened);
    MAPIFreeBuffer(id);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(folder);
}

Test(properties, the_conversations_topic_is_the_normalized_subject) /* PRP-050 */
{
    static const char *const subjects[] = {"Re: The plan", "The plan", "FW: The plan"};
    IMAPIFolder *folder = new_folder(NULL, "Topics");
    SPropValue *id;
    IMessage *message;

    for (size_t i = 0; i < 3; i++) {
        id = saved_message(folder, subjects[i]);
        message = open_message(id, 0);
        cr_expect_str_eq(text_of(message, PR_CONVERSATION_TOPIC_W), "The plan");
        cr_expect_str_eq(text_of(message, PR_NORMALIZED_SUBJECT_W), "The plan");
        IMessage_Release(message);
        MAPIFreeBuffer(id);
    }
    id = delivered_message("Re: From afar");
    message = open_message(id, 0);
    cr_expect_str_eq(text_of(message, PR_CONVERSATION_TOPIC_W), "From afar");
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(properties, without_raw_access_programs_fall_back) /* PRP-060 */
{
    SPropValue *id = delivered_message("raw");
    IMessage *message = (IMessage *)&message;
    ULONG type;

    expect_hr(IMsgStore_OpenEntry(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                  &IID_IMessageRaw, 0, &type, (IUnknown **)&message),
              MAPI_E_INTERFACE_NOT_SUPPORTED);
    cr_expect_null(message);
    assert_hr(IMsgStore_OpenEntry(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb,
                                  &IID_IMessage, 0, &type, (IUnknown **)&message),
              S_OK);
    cr_expect_eq(type, MAPI_MESSAGE);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(properties, a_message_known_by_its_header_opens_whole) /* PRP-061 */
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *contents = mail_contents(inbox);
    SPropValue *id, *data;
    IMessage *message;
    IAttach *attachment;

    mail_deliver_raw("From: a@example.test\r\nSubject: header first\r\nMIME-Version: 1.0\r\n"
                     "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nthe body\r\n"
                     "--x\r\nContent-Type: application/octet-stream\r\n"
                     "Content-Disposition: attachment; filename=a.bin\r\n"
                     "Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--x--\r\n");
    mail_await_row(contents, "header first", true); /* nothing but its header has been fetched */
    id = find_message(inbox, "header first");
    message = open_message(id, 0);
    cr_expect_str_eq(text_of(message, PR_BODY_W), "the body");
    attachment = open_attachment(message, 0);
    data = value_of(attachment, PR_ATTACH_DATA_BIN);
    cr_expect_eq(data->Value.bin.cb, 3);
    cr_expect_arr_eq(data->Value.bin.lpb, "\0\1\2", 3);
    MAPIFreeBuffer(data);
    IAttach_Release(attachment);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
}

/* --- Attachments ------------------------------------------------------------------------------ */

static void expect_attachment(IMessage *message, ULONG number, const char *text)
{
    IAttach *attachment = open_attachment(message, number);

    cr_expect_str_eq(text_of(attachment, PR_ATTACH_LONG_FILENAME_W), text);
    IAttach_Release(attachment);
}

Test(properties, attachment_numbers_hold_while_the_message_is_open) /* PRP-044 */
{
    IMAPIFolder *folder = new_folder(NULL, "Numbers");
    IMessage *message = new_message(folder, "numbered");
    ULONG a = attach(message, "a.txt"), b = attach(message, "b.txt"), c = attach(message, "c.txt"),
          d;

    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    assert_hr(IMessage_DeleteAttach(message, b, 0, NULL, 0), S_OK);
    d = attach(message, "d.txt");
    cr_expect(a != b && a != c && b != c && d != a && d != b && d != c);
    expect_attachment(message, a, "a.txt");
    expect_attachment(message, c, "c.txt");
    expect_attachment(message, d, "d.txt");
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    expect_attachment(message, a, "a.txt");
    expect_attachment(message, c, "c.txt");
    expect_attachment(message, d, "d.txt");
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

/* A link or an OLE object has no place in MIME: it is refused before it could turn into a file. */
static void expect_refused(IMessage *message, LONG method)
{
    IAttach *attachment;
    ULONG number;

    assert_hr(IMessage_CreateAttach(message, NULL, 0, &number, &attachment), S_OK);
    assert_hr(set_number(attachment, PR_ATTACH_METHOD, method), S_OK);
    assert_hr(set_text(attachment, PR_ATTACH_LONG_PATHNAME_W, "/srv/file.txt"), S_OK);
    cr_expect_eq(number_of(attachment, PR_ATTACH_METHOD), method);
    expect_hr(IAttach_SaveChanges(attachment, 0), MAPI_E_NO_SUPPORT);
    IAttach_Release(attachment);
}

Test(properties, the_method_tells_kinds_of_attachments_apart) /* PRP-046 */
{
    IMAPIFolder *folder = new_folder(NULL, "Methods");
    IMessage *message = new_message(folder, "kinds"), *inner = NULL;
    SPropValue *id, *data;
    IAttach *attachment;
    ULONG number;

    attach(message, "data.txt");
    assert_hr(IMessage_CreateAttach(message, NULL, 0, &number, &attachment), S_OK);
    assert_hr(set_number(attachment, PR_ATTACH_METHOD, ATTACH_EMBEDDED_MSG), S_OK);
    assert_hr(IAttach_OpenProperty(attachment, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
                                   MAPI_CREATE | MAPI_MODIFY, (IUnknown **)&inner),
              S_OK);
    assert_hr(set_text(inner, PR_SUBJECT_W, "within"), S_OK);
    assert_hr(IMessage_SaveChanges(inner, 0), S_OK);
    IMessage_Release(inner);
    assert_hr(IAttach_SaveChanges(attachment, 0), S_OK);
    IAttach_Release(attachment);
    expect_refused(message, ATTACH_BY_REFERENCE);
    expect_refused(message, ATTACH_BY_REF_ONLY);
    expect_refused(message, ATTACH_BY_REF_RESOLVE);
    expect_refused(message, ATTACH_OLE);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);

    message = open_message(id, 0);
    attachment = open_attachment(message, 0);
    cr_expect_eq(number_of(attachment, PR_ATTACH_METHOD), ATTACH_BY_VALUE);
    data = value_of(attachment, PR_ATTACH_DATA_BIN);
    cr_expect_eq(data->Value.bin.cb, strlen("data.txt"));
    cr_expect_arr_eq(data->Value.bin.lpb, "data.txt", strlen("data.txt"));
    MAPIFreeBuffer(data);
    IAttach_Release(attachment);
    attachment = open_attachment(message, 1);
    cr_expect_eq(number_of(attachment, PR_ATTACH_METHOD), ATTACH_EMBEDDED_MSG);
    assert_hr(IAttach_OpenProperty(attachment, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0,
                                   (IUnknown **)&inner),
              S_OK);
    cr_expect_str_eq(text_of(inner, PR_SUBJECT_W), "within");
    IMessage_Release(inner);
    IAttach_Release(attachment);
    expect_hr(IMessage_OpenAttach(message, 2, NULL, 0, &attachment), MAPI_E_NOT_FOUND);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}
