/* docs/requirements/simple_mapi.md, "MAPISaveMail and MAPIDeleteMail" */
#include "tests/simple/simple_rig.h"

TestSuite(simple_save, .init = simple_begin, .fini = simple_end);

/* The identifier of a new message, in one of 16 buffers. */
static char *save(MapiMessage *message)
{
    static char ids[16][512];
    static unsigned next;
    char *id = ids[next++ % 16];

    id[0] = '\0';
    assert_result(MAPISaveMail(simple, 0, message, MAPI_LONG_MSGID, 0, id), SUCCESS_SUCCESS);
    cr_assert(id[0]);
    return id;
}

static MapiMessage *read_mail(const char *id)
{
    MapiMessage *message;

    assert_result(MAPIReadMail(simple, 0, (LPSTR)id, MAPI_PEEK | MAPI_SUPPRESS_ATTACH, 0, &message),
                  SUCCESS_SUCCESS);
    return message;
}

static ULONG attachments_of(IMessage *message)
{
    IMAPITable *table;
    ULONG count;

    assert_hr(IMessage_GetAttachmentTable(message, 0, &table), S_OK);
    count = count_of(table);
    IMAPITable_Release(table);
    return count;
}

/* How many messages the Simple MAPI session finds. */
static unsigned message_count(void)
{
    char id[512] = "";
    unsigned count = 0;

    while (MAPIFindNext(simple, 0, NULL, id, MAPI_LONG_MSGID, 0, id) == SUCCESS_SUCCESS)
        count++;
    return count;
}

/* --- New ones --------------------------------------------------------------------------------- */

Test(simple_save, a_new_message_goes_to_the_receive_folder_of_its_class) /* SMP-057 */
{
    IMAPIFolder *inbox = mail_folder("Inbox"), *forms = new_folder(NULL, "Forms");
    SPropValue *id = value_of(forms, PR_ENTRYID);
    MapiMessage note = {.lpszSubject = "a note"},
                form = {.lpszSubject = "a form", .lpszMessageType = "IPM.Form"};
    char small[64] = "";
    IMessage *message;

    assert_hr(IMsgStore_SetReceiveFolder(mail.store, (LPTSTR) "IPM.Form", 0, id->Value.bin.cb,
                                         (ENTRYID *)id->Value.bin.lpb),
              S_OK);
    message = open_by_id(save(&note), 0);
    cr_expect(same_property(message, inbox, PR_PARENT_ENTRYID) == false);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "a note");
    cr_expect_str_eq(text_of(message, PR_MESSAGE_CLASS_W), "IPM.Note");
    IMessage_Release(message);
    await_inbox("a note", true);
    message = open_by_id(save(&form), 0);
    MAPIFreeBuffer(id);
    id = value_of(message, PR_PARENT_ENTRYID);
    {
        SPropValue *parent = value_of(forms, PR_ENTRYID);

        cr_expect(same_bytes(&id->Value.bin, &parent->Value.bin));
        MAPIFreeBuffer(parent);
    }
    IMessage_Release(message);
    assert_result(MAPISaveMail(simple, 0, &note, 0, 0, small), SUCCESS_SUCCESS);
    cr_expect_lt(strlen(small), sizeof(small));
    MAPIFreeBuffer(read_mail(small));
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(forms);
    IMAPIFolder_Release(inbox);
}

Test(simple_save, the_first_save_takes_the_flags) /* SMP-061 */
{
    static const struct {
        FLAGS given;
        LONG flags;
    } rows[] = {{0, MSGFLAG_READ | MSGFLAG_UNSENT},
                {MAPI_SENT, MSGFLAG_READ},
                {MAPI_UNREAD, MSGFLAG_UNSENT},
                {MAPI_UNREAD | MAPI_SENT, 0}};

    for (size_t i = 0; i < 4; i++) {
        MapiMessage note = {.lpszSubject = "flags", .flFlags = rows[i].given};
        const char *id = save(&note);
        IMessage *message = open_by_id(id, 0);
        MapiMessage *read;

        cr_expect_eq(number_of(message, PR_MESSAGE_FLAGS) & (MSGFLAG_READ | MSGFLAG_UNSENT),
                     rows[i].flags, "flags %u", (unsigned)rows[i].given);
        IMessage_Release(message);
        read = read_mail(id);
        cr_expect_eq(read->flFlags, rows[i].given);
        MAPIFreeBuffer(read);
    }
}

Test(simple_save, the_originator_is_not_the_caller_s_to_set) /* SMP-060 */
{
    MapiRecipDesc stranger = {.lpszName = "Stranger", .lpszAddress = "SMTP:stranger@example.org"};
    MapiMessage note = {.lpszSubject = "by whom?", .lpOriginator = &stranger};
    MapiMessage *read = read_mail(save(&note));

    cr_expect(!read->lpOriginator->lpszAddress ||
              !strstr(read->lpOriginator->lpszAddress, "stranger"));
    MAPIFreeBuffer(read);
}

Test(simple_save, without_a_session_a_new_message_is_saved_all_the_same) /* SMP-064 */
{
    static const FLAGS flags[] = {0, MAPI_LOGON_UI};

    for (int i = 0; i < 2; i++) {
        char subject[32], id[512] = "";
        MapiMessage note = {.lpszSubject = subject};

        snprintf(subject, sizeof(subject), "without %d", i);
        assert_result(MAPISaveMail(0, 0, &note, flags[i] | MAPI_LONG_MSGID, 0, id),
                      SUCCESS_SUCCESS);
        await_inbox(subject, true);
        set_default_profile(false);
        id[0] = '\0';
        expect_result(MAPISaveMail(0, 0, &note, flags[i] | MAPI_LONG_MSGID, 0, id),
                      MAPI_E_LOGIN_FAILURE);
        set_default_profile(true);
    }
}

/* --- Old ones --------------------------------------------------------------------------------- */

Test(simple_save, an_identifier_replaces_the_message_s_elements) /* SMP-058 */
{
    MapiRecipDesc bob = TO_BOB,
                  ann = {.ulRecipClass = MAPI_CC, .lpszAddress = "SMTP:ann@example.test"};
    MapiFileDesc files[2] = {{.nPosition = (ULONG)-1}, {.nPosition = (ULONG)-1}};
    MapiMessage first = {.lpszSubject = "first",
                         .lpszNoteText = "old words",
                         .nRecipCount = 1,
                         .lpRecips = &bob,
                         .nFileCount = 2,
                         .lpFiles = files},
                second = {.lpszSubject = "second",
                          .lpszNoteText = "new words",
                          .nRecipCount = 1,
                          .lpRecips = &ann,
                          .nFileCount = 1,
                          .lpFiles = files},
                third = {.lpszSubject = "third"};
    MapiMessage *read;
    IMessage *message;
    char *id;

    files[0].lpszPathName = (LPSTR)new_file("a.txt", "a");
    files[1].lpszPathName = (LPSTR)new_file("b.txt", "b");
    id = save(&first);
    message = open_by_id(id, 0);
    cr_expect_eq(attachments_of(message), 2);
    IMessage_Release(message);
    expect_result(MAPISaveMail(0, 0, &second, MAPI_LONG_MSGID, 0, id), MAPI_E_INVALID_SESSION);
    assert_result(MAPISaveMail(simple, 0, &second, MAPI_LONG_MSGID, 0, id), SUCCESS_SUCCESS);
    read = read_mail(id);
    cr_expect_str_eq(read->lpszSubject, "second");
    cr_expect(strstr(read->lpszNoteText, "new words"), "%s", read->lpszNoteText);
    cr_assert_eq(read->nRecipCount, 1);
    cr_expect_eq(read->lpRecips[0].ulRecipClass, MAPI_CC);
    cr_expect_str_eq(read->lpRecips[0].lpszAddress, "SMTP:ann@example.test");
    MAPIFreeBuffer(read);
    message = open_by_id(id, 0);
    cr_expect_eq(attachments_of(message), 1);
    IMessage_Release(message);
    assert_result(MAPISaveMail(simple, 0, &third, MAPI_LONG_MSGID, 0, id), SUCCESS_SUCCESS);
    read = read_mail(id);
    cr_expect_str_eq(read->lpszSubject, "third");
    cr_expect_str_eq(read->lpszNoteText, "");
    cr_expect_eq(read->nRecipCount, 0);
    MAPIFreeBuffer(read);
    cr_expect_eq(message_count(), 1);
}

Test(simple_save, an_invalid_identifier_saves_nothing) /* SMP-059 */
{
    MapiMessage note = {.lpszSubject = "nowhere"};
    char id[512], *gone;

    strcpy(id, "no identifier");
    expect_result(MAPISaveMail(simple, 0, &note, MAPI_LONG_MSGID, 0, id), MAPI_E_INVALID_MESSAGE);
    cr_expect_str_eq(id, "no identifier");
    gone = save(&note);
    assert_result(MAPIDeleteMail(simple, 0, gone, 0, 0), SUCCESS_SUCCESS);
    expect_result(MAPISaveMail(simple, 0, &note, MAPI_LONG_MSGID, 0, gone), MAPI_E_INVALID_MESSAGE);
    cr_expect_eq(message_count(), 0);
}

Test(simple_save, what_is_wrong_with_it_is_told) /* SMP-062 */
{
    MapiRecipDesc recipient = TO_BOB;
    MapiFileDesc file = {.lpszPathName = "/nonexistent/file"};
    MapiMessage note = {.nRecipCount = 1, .lpRecips = &recipient};
    char id[512] = "";

    recipient.ulRecipClass = 4;
    expect_result(MAPISaveMail(simple, 0, &note, MAPI_LONG_MSGID, 0, id), MAPI_E_BAD_RECIPTYPE);
    recipient = (MapiRecipDesc){.ulRecipClass = MAPI_TO, .lpszName = "Nobody that is known"};
    expect_result(MAPISaveMail(simple, 0, &note, MAPI_LONG_MSGID, 0, id), MAPI_E_INVALID_RECIPS);
    note = (MapiMessage){.nFileCount = 1, .lpFiles = &file};
    expect_result(MAPISaveMail(simple, 0, &note, MAPI_LONG_MSGID, 0, id),
                  MAPI_E_ATTACHMENT_NOT_FOUND);
    cr_expect_str_empty(id);
    cr_expect_eq(message_count(), 0);
}

/* --- Deleting --------------------------------------------------------------------------------- */

Test(simple_save, a_deleted_message_has_gone) /* SMP-065 */
{
    char *id = strdup(delivered_id("goes"));
    MapiMessage *message = NULL;

    delivered_id("stays");
    assert_result(MAPIDeleteMail(simple, 0, id, 0, 0), SUCCESS_SUCCESS);
    expect_result(MAPIReadMail(simple, 0, id, 0, 0, &message), MAPI_E_INVALID_MESSAGE);
    expect_result(MAPIDeleteMail(simple, 0, id, 0, 0), MAPI_E_INVALID_MESSAGE);
    await_inbox("goes", false);
    await_inbox("stays", true);
    free(id);
}

Test(simple_save, nothing_is_deleted_by_mistake) /* SMP-066 */
{
    const char *id = delivered_id("stays");

    expect_result(MAPIDeleteMail(0, 0, (LPSTR)id, 0, 0), MAPI_E_INVALID_SESSION);
    expect_result(MAPIDeleteMail(simple + 1, 0, (LPSTR)id, 0, 0), MAPI_E_INVALID_SESSION);
    expect_result(MAPIDeleteMail(simple, 0, NULL, 0, 0), MAPI_E_INVALID_MESSAGE);
    expect_result(MAPIDeleteMail(simple, 0, "", 0, 0), MAPI_E_INVALID_MESSAGE);
    expect_result(MAPIDeleteMail(simple, 0, "L0", 0, 0), MAPI_E_INVALID_MESSAGE);
    cr_expect_eq(message_count(), 1);
}

Test(simple_save, deleting_takes_no_flags) /* SMP-067 */
{
    const char *id = delivered_id("stays");

    expect_result(MAPIDeleteMail(simple, 0, (LPSTR)id, 1, 0), MAPI_E_FAILURE);
    expect_result(MAPIDeleteMail(simple, 0, (LPSTR)id, MAPI_NEW_SESSION, 0), MAPI_E_FAILURE);
    cr_expect_eq(message_count(), 1);
}
