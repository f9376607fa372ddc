/* docs/requirements/store.md, "Submission", and what "Finding, posting, replying" says of it */
#include "tests/conformance/store_rig.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

TestSuite(store_submission, .init = store_begin, .fini = mail_close);

static IMessage *draft(const char *subject)
{
    IMAPIFolder *outbox = mail_folder("Outbox");
    IMessage *message = new_message(outbox, subject);

    IMAPIFolder_Release(outbox);
    return message;
}

/* The queue's row of that message; false: none. */
static bool queued(const SPropValue *id)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    IMAPITable *queue;
    SRowSet *rows;
    bool found = false;

    assert_hr(IMsgStore_GetOutgoingQueue(mail.store, 0, &queue), S_OK);
    rows = rows_of(queue, &columns);
    for (ULONG i = 0; i < rows->cRows; i++)
        found = found || same_bytes(&rows->aRow[i].lpProps[0].Value.bin, &id->Value.bin);
    FreeProws(rows);
    IMAPITable_Release(queue);
    return found;
}

static void expect_dead(void *object)
{
    SPropValue value = {.ulPropTag = PR_SUBJECT_W, .Value.lpszW = mail_wide("dead")},
               *values = NULL;
    IUnknown *again = NULL;
    ULONG count;

    expect_hr(IMAPIProp_GetProps((IMAPIProp *)object, NULL, 0, &count, &values),
              MAPI_E_INVALID_OBJECT);
    expect_hr(IMAPIProp_SetProps((IMAPIProp *)object, 1, &value, NULL), MAPI_E_INVALID_OBJECT);
    expect_hr(IMAPIProp_SaveChanges((IMAPIProp *)object, 0), MAPI_E_INVALID_OBJECT);
    expect_hr(IMAPIProp_QueryInterface((IMAPIProp *)object, &IID_IUnknown, (void **)&again), S_OK);
    if (again)
        IUnknown_Release(again);
}

Test(store_submission, without_recipients_nothing_is_submitted) /* STO-227 */
{
    IMessage *message = draft("to nobody");

    expect_hr(IMessage_SubmitMessage(message, 0), MAPI_E_NO_RECIPIENTS);
    IMessage_Release(message);
}

Test(store_submission, submitting_saves_first) /* STO-228 */
{
    IMAPIFolder *folder = new_folder(NULL, "Saved by submitting");
    SPropValue *id = saved_message(folder, "old");
    IMessage *message = open_message(id, MAPI_MODIFY);

    assert_hr(set_text(message, PR_SUBJECT_W, "new"), S_OK);
    submit_later(message);
    message = open_message(id, 0);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "new");
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* STO-229 STO-329 STO-341: the message, its attachments and tables answer Release and IUnknown. */
Test(store_submission, afterwards_only_release_is_left) /* STO-229 STO-329 */
{
    IMessage *message = draft("dies");
    IAttach *attach, *other;
    IMAPITable *table;
    ULONG number, rows;

    assert_hr(IMessage_CreateAttach(message, NULL, 0, &number, &attach), S_OK);
    assert_hr(set_text(attach, PR_ATTACH_LONG_FILENAME_W, "a.txt"), S_OK);
    assert_hr(IAttach_SaveChanges(attach, KEEP_OPEN_READWRITE), S_OK);
    assert_hr(IMessage_GetAttachmentTable(message, 0, &table), S_OK);
    IMessage_AddRef(message);
    submit_later(message);
    expect_dead(message);
    expect_dead(attach);
    expect_hr(IMessage_OpenAttach(message, number, NULL, 0, &other), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_SubmitMessage(message, 0), MAPI_E_INVALID_OBJECT);
    expect_hr(IMessage_SetReadFlag(message, 0), MAPI_E_INVALID_OBJECT);
    expect_hr(IMAPITable_GetRowCount(table, 0, &rows), MAPI_E_INVALID_OBJECT);
    IMAPITable_Release(table);
    IAttach_Release(attach);
    cr_expect_eq(IMessage_Release(message), 0);
}

Test(store_submission, after_a_failure_the_message_is_usable) /* STO-230 */
{
    IMessage *message = draft("incomplete");

    expect_hr(IMessage_SubmitMessage(message, 0), MAPI_E_NO_RECIPIENTS);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "incomplete");
    assert_hr(set_text(message, PR_SUBJECT_W, "complete"), S_OK);
    submit_later(message); /* with a recipient */
}

Test(store_submission, submitting_marks_message_and_recipients) /* STO-231 STO-326 */
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_RESPONSIBILITY}};
    IMAPIFolder *folder = new_folder(NULL, "Marked");
    SPropValue *id = saved_message(folder, "marked");
    IMessage *message = open_message(id, MAPI_MODIFY);
    IMAPITable *table;
    SRowSet *rows;

    submit_later(message);
    cr_expect(queued(id));
    message = open_message(id, 0);
    cr_expect(number_of(message, PR_MESSAGE_FLAGS) & MSGFLAG_SUBMIT);
    expect_hr(state_of(message, PR_CLIENT_SUBMIT_TIME), S_OK);
    assert_hr(IMessage_GetRecipientTable(message, 0, &table), S_OK);
    rows = rows_of(table, &columns);
    cr_assert_eq(rows->cRows, 1);
    cr_expect_eq(rows->aRow[0].lpProps[0].ulPropTag, PR_RESPONSIBILITY);
    cr_expect_eq(rows->aRow[0].lpProps[0].Value.b, FALSE);
    FreeProws(rows);
    IMAPITable_Release(table);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* The place in the SMTP server's list of the message with this subject; 0: not there. */
static unsigned place_of(const char *subject)
{
    for (unsigned number = 1; number <= test_servers_accepted(mail.servers); number++) {
        unsigned long size;
        char *bytes = test_servers_read_accepted(mail.servers, number, &size);
        bool found = bytes && strstr(bytes, subject);

        free(bytes);
        if (found)
            return number;
    }
    return 0;
}

Test(store_submission, messages_leave_in_the_order_of_the_calls) /* STO-235 */
{
    unsigned places[5] = {0};
    char subjects[5][64];

    for (int i = 0; i < 5; i++)
        snprintf(subjects[i], sizeof(subjects[i]), "%s is number %d", mail.user, i);
    for (int i = 0; i < 5; i++)
        mail_send(subjects[i], "hello", mail_to_bob, 1);
    for (int tries = 0; tries < 3000 && !places[4]; tries++) {
        places[4] = place_of(subjects[4]);
        usleep(10000);
    }
    for (int i = 0; i < 5; i++) {
        places[i] = place_of(subjects[i]);
        cr_expect(places[i] > 0, "%s", subjects[i]);
        cr_expect(i == 0 || places[i] > places[i - 1], "%s", subjects[i]);
    }
}

Test(store_submission, a_message_is_taken_back_while_the_queue_has_it) /* STO-327 */
{
    IMAPIFolder *folder = new_folder(NULL, "Back");
    SPropValue *id = saved_message(folder, "comes back");

    submit_later(open_message(id, MAPI_MODIFY));
    cr_expect(queued(id));
    assert_hr(IMsgStore_AbortSubmit(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0),
              S_OK);
    cr_expect(!queued(id));
    expect_hr(IMsgStore_AbortSubmit(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0),
              MAPI_E_NOT_IN_QUEUE);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* --- What follows sending --------------------------------------------------------------------- */

/* Sends a message from a folder of its own, with either property, and waits until all is done. */
static void send_from(IMAPIFolder *folder, const char *subject, bool to_sent, bool delete_after)
{
    IMessage *message = new_message(folder, subject);
    SPropValue *sent = value_of(mail.store, PR_IPM_SENTMAIL_ENTRYID), *id;

    sent->ulPropTag = PR_SENTMAIL_ENTRYID;
    if (to_sent)
        assert_hr(set_value(message, *sent), S_OK);
    if (delete_after)
        assert_hr(set_number(message, PR_DELETE_AFTER_SUBMIT, TRUE), S_OK);
    MAPIFreeBuffer(sent);
    mail_add_recipients(message, mail_to_bob, 1);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    id = value_of(message, PR_ENTRYID);
    assert_hr(IMessage_SubmitMessage(message, 0), S_OK);
    IMessage_Release(message);
    for (int tries = 0; tries < 3000 && queued(id); tries++)
        usleep(10000);
    cr_assert(!queued(id));
    cr_expect(place_of(subject) > 0);
    MAPIFreeBuffer(id);
}

static bool is_in(IMAPIFolder *folder, const char *subject)
{
    SPropValue *id = find_message(folder, subject);
    bool found = id != NULL;

    if (found) {
        IMessage *message = open_message(id, 0);

        cr_expect_eq(number_of(message, PR_MESSAGE_FLAGS) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT), 0);
        IMessage_Release(message);
    }
    MAPIFreeBuffer(id);
    return found;
}

/* Where it is afterwards: neither, one, or both of the two. */
static void expect_after(bool to_sent, bool delete_after)
{
    IMAPIFolder *folder = new_folder(NULL, "From here"), *sent = mail_folder("Sent");
    char subject[64];

    snprintf(subject, sizeof(subject), "after %s", mail.user);
    send_from(folder, subject, to_sent, delete_after);
    cr_expect_eq(is_in(folder, subject), !to_sent && !delete_after);
    cr_expect_eq(is_in(sent, subject), to_sent && !delete_after);
    IMAPIFolder_Release(sent);
    IMAPIFolder_Release(folder);
}

Test(store_submission, a_sent_message_stays_where_it_was) /* STO-073 */
{
    expect_after(false, false);
}

Test(store_submission, a_sent_message_moves_where_it_is_to_go) /* STO-074 */
{
    expect_after(true, false);
}

Test(store_submission, a_sent_message_is_deleted_where_that_is_wished) /* STO-075 */
{
    expect_after(false, true);
}

Test(store_submission, with_both_it_is_deleted_in_the_end) /* STO-076 */
{
    expect_after(true, true);
}
