/* docs/requirements/store.md, "Read state and receipts" */
#include "tests/conformance/store_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

TestSuite(store_read_state, .init = store_begin, .fini = mail_close);

/* A message that asks for a receipt arrives; its id. */
static SPropValue *asking(const char *subject)
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *table = mail_contents(inbox);
    char message[512];
    SPropValue *id;

    snprintf(message, sizeof(message),
             "From: Bob <bob@example.test>\r\nTo: %s@example.test\r\nSubject: %s\r\n"
             "Message-ID: <%s.%s@example.test>\r\nDate: Tue, 1 Oct 2024 10:00:00 +0000\r\n"
             "Disposition-Notification-To: Bob <bob@example.test>\r\n\r\nhello\r\n",
             mail.user, subject, subject, mail.user);
    mail_deliver_raw(message);
    mail_await_row(table, subject, true);
    id = find_message(inbox, subject);
    IMAPITable_Release(table);
    IMAPIFolder_Release(inbox);
    return id;
}

/* How many receipts the SMTP server has taken for that subject of ours. */
static unsigned receipts(const char *subject)
{
    unsigned found = 0, count = test_servers_accepted(mail.servers);
    char wanted[128];

    snprintf(wanted, sizeof(wanted), "Original-Message-ID: <%s.%s@example.test>", subject,
             mail.user);
    for (unsigned number = 1; number <= count; number++) {
        unsigned long size;
        char *bytes = test_servers_read_accepted(mail.servers, number, &size);

        if (bytes && strstr(bytes, wanted)) {
            cr_expect(strstr(bytes, "report-type=disposition-notification"));
            cr_expect(strstr(bytes, "displayed"));
            cr_expect(strstr(bytes, "bob@example.test"));
            found++;
        }
        free(bytes);
    }
    return found;
}

static bool accepted(const char *words)
{
    bool found = false;

    for (unsigned number = test_servers_accepted(mail.servers); number > 0 && !found; number--) {
        unsigned long size;
        char *bytes = test_servers_read_accepted(mail.servers, number, &size);

        found = bytes && strstr(bytes, words);
        free(bytes);
    }
    return found;
}

/* What was queued before has left when a message that is queued now has. */
static void await_queue(void)
{
    static unsigned count;
    char marker[64];
    bool there = false;

    snprintf(marker, sizeof(marker), "marker %u of %s", count++, mail.user);
    mail_send(marker, "hello", mail_to_bob, 1);
    for (int tries = 0; tries < 3000 && !there; tries++) {
        there = accepted(marker);
        if (!there)
            usleep(10000);
    }
    cr_assert(there);
}

static LONG flags_of(const SPropValue *id, LONG mask)
{
    IMessage *message = open_message(id, 0);
    LONG flags = number_of(message, PR_MESSAGE_FLAGS) & mask;

    IMessage_Release(message);
    return flags;
}

#define READ_AND_PENDING (MSGFLAG_READ | MSGFLAG_RN_PENDING)

static HRESULT set_flag(const SPropValue *id, ULONG flags)
{
    IMessage *message = open_message(id, MAPI_BEST_ACCESS);
    HRESULT hr = IMessage_SetReadFlag(message, flags);
    LONG now = number_of(message, PR_MESSAGE_FLAGS) & READ_AND_PENDING;

    IMessage_Release(message);
    cr_expect_eq(now, flags_of(id, READ_AND_PENDING)); /* both see the same */
    return hr;
}

Test(store_read_state, with_no_flag_it_is_read_and_the_report_goes) /* STO-214 */
{
    SPropValue *id = asking("plain");

    cr_expect_eq(flags_of(id, READ_AND_PENDING), MSGFLAG_RN_PENDING);
    assert_hr(set_flag(id, 0), S_OK);
    cr_expect_eq(flags_of(id, READ_AND_PENDING), MSGFLAG_READ);
    assert_hr(set_flag(id, 0), S_OK); /* nothing on a read one */
    await_queue();
    cr_expect_eq(receipts("plain"), 1);
    MAPIFreeBuffer(id);
}

Test(store_read_state, a_suppressed_report_is_cancelled) /* STO-215 */
{
    SPropValue *id = asking("suppressed");

    assert_hr(set_flag(id, SUPPRESS_RECEIPT), S_OK);
    cr_expect_eq(flags_of(id, READ_AND_PENDING), MSGFLAG_READ);
    assert_hr(set_flag(id, CLEAR_READ_FLAG), S_OK);
    assert_hr(set_flag(id, 0), S_OK); /* it was pending no more */
    await_queue();
    cr_expect_eq(receipts("suppressed"), 0);
    MAPIFreeBuffer(id);
}

Test(store_read_state, clearing_sends_nothing) /* STO-216 */
{
    SPropValue *id = asking("cleared");
    IMAPIFolder *inbox = mail_folder("Inbox");
    SPropValue *plain = delivered_message("no wish");

    assert_hr(set_flag(plain, 0), S_OK);
    cr_expect_eq(flags_of(plain, MSGFLAG_READ), MSGFLAG_READ);
    assert_hr(set_flag(plain, CLEAR_READ_FLAG), S_OK);
    cr_expect_eq(flags_of(plain, MSGFLAG_READ), 0);
    assert_hr(set_flag(id, CLEAR_READ_FLAG), S_OK);
    cr_expect_eq(flags_of(id, READ_AND_PENDING), MSGFLAG_RN_PENDING);
    await_queue();
    cr_expect_eq(receipts("cleared"), 0);
    MAPIFreeBuffer(plain);
    IMAPIFolder_Release(inbox);
    MAPIFreeBuffer(id);
}

Test(store_read_state, a_report_alone_leaves_the_flag) /* STO-217 */
{
    SPropValue *id = asking("report");

    assert_hr(set_flag(id, GENERATE_RECEIPT_ONLY), S_OK);
    cr_expect_eq(flags_of(id, READ_AND_PENDING), 0);
    await_queue();
    cr_expect_eq(receipts("report"), 1);
    MAPIFreeBuffer(id);
}

Test(store_read_state, the_wish_for_a_report_is_taken_away) /* STO-218 */
{
    SPropValue *id = asking("withdrawn");
    IMessage *message = open_message(id, 0);

    cr_expect_eq(number_of(message, PR_READ_RECEIPT_REQUESTED), TRUE);
    IMessage_Release(message);
    assert_hr(set_flag(id, SUPPRESS_RECEIPT | GENERATE_RECEIPT_ONLY), S_OK);
    cr_expect_eq(flags_of(id, READ_AND_PENDING), 0);
    message = open_message(id, 0);
    if (state_of(message, PR_READ_RECEIPT_REQUESTED) == S_OK)
        cr_expect_eq(number_of(message, PR_READ_RECEIPT_REQUESTED), FALSE);
    IMessage_Release(message);
    assert_hr(set_flag(id, 0), S_OK);
    await_queue();
    cr_expect_eq(receipts("withdrawn"), 0);
    MAPIFreeBuffer(id);
}

Test(store_read_state, flags_that_contradict_are_refused) /* STO-219 */
{
    static const ULONG bad[] = {SUPPRESS_RECEIPT | CLEAR_READ_FLAG,
                                CLEAR_READ_FLAG | GENERATE_RECEIPT_ONLY,
                                SUPPRESS_RECEIPT | CLEAR_READ_FLAG | GENERATE_RECEIPT_ONLY};
    IMAPIFolder *inbox = mail_folder("Inbox");
    SPropValue *id = asking("contradiction");
    SBinary entry;

    for (size_t i = 0; i < 3; i++) {
        expect_hr(set_flag(id, bad[i]), MAPI_E_INVALID_PARAMETER);
        expect_hr(IMAPIFolder_SetReadFlags(inbox, entry_list(&entry, id), 0, NULL, bad[i]),
                  MAPI_E_INVALID_PARAMETER);
    }
    cr_expect_eq(flags_of(id, READ_AND_PENDING), MSGFLAG_RN_PENDING);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(inbox);
}

Test(store_read_state, what_is_pending_is_cleared_for_good) /* STO-220 */
{
    SPropValue *id = asking("pending");

    assert_hr(set_flag(id, CLEAR_NRN_PENDING), S_OK);
    cr_expect_eq(flags_of(id, READ_AND_PENDING | MSGFLAG_NRN_PENDING), MSGFLAG_RN_PENDING);
    assert_hr(set_flag(id, CLEAR_RN_PENDING), S_OK);
    cr_expect_eq(flags_of(id, READ_AND_PENDING | MSGFLAG_NRN_PENDING), 0);
    assert_hr(set_flag(id, 0), S_OK);
    await_queue();
    cr_expect_eq(receipts("pending"), 0);
    MAPIFreeBuffer(id);
}

Test(store_read_state, a_copy_causes_no_report) /* STO-226 */
{
    SPropValue *id = asking("original"), *copy_id;
    IMAPIFolder *inbox = mail_folder("Inbox"), *folder = new_folder(NULL, "Copies");
    SBinary entry;

    assert_hr(IMAPIFolder_CopyMessages(inbox, entry_list(&entry, id), NULL, folder, 0, NULL, 0),
              S_OK);
    copy_id = find_message(folder, "original");
    cr_assert(copy_id);
    cr_expect_eq(flags_of(copy_id, READ_AND_PENDING), 0);
    assert_hr(set_flag(copy_id, 0), S_OK);
    await_queue();
    cr_expect_eq(receipts("original"), 0);
    cr_expect_eq(flags_of(id, READ_AND_PENDING), MSGFLAG_RN_PENDING);
    assert_hr(set_flag(id, 0), S_OK);
    await_queue();
    cr_expect_eq(receipts("original"), 1);
    MAPIFreeBuffer(copy_id);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
    IMAPIFolder_Release(inbox);
}

/* --- SetReadFlags ----------------------------------------------------------------------------- */

static SPropValue *unread_message(IMAPIFolder *folder, const char *subject)
{
    IMessage *message = new_message(folder, subject);
    SPropValue *id;

    assert_hr(set_number(message, PR_MESSAGE_FLAGS, MSGFLAG_UNSENT), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    return id;
}

Test(store_read_state, no_list_means_all_messages) /* STO-222 */
{
    IMAPIFolder *folder = new_folder(NULL, "All");
    SPropValue *ids[3];

    for (int i = 0; i < 3; i++)
        ids[i] = unread_message(folder, "one of all");
    assert_hr(IMAPIFolder_SetReadFlags(folder, NULL, 0, NULL, 0), S_OK);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(flags_of(ids[i], MSGFLAG_READ), MSGFLAG_READ);
        MAPIFreeBuffer(ids[i]);
    }
    IMAPIFolder_Release(folder);
}

Test(store_read_state, what_cannot_be_marked_is_left_and_told) /* STO-223 STO-224 */
{
    IMAPIFolder *folder = new_folder(NULL, "Some"), *other = new_folder(NULL, "Other");
    SPropValue *there = unread_message(folder, "there"), *gone = unread_message(folder, "gone"),
               *moved = unread_message(folder, "moved"), *open = unread_message(folder, "open"),
               *later = unread_message(folder, "submitted"), *after;
    SBinary entries[5] = {gone->Value.bin, moved->Value.bin, open->Value.bin, later->Value.bin,
                          there->Value.bin};
    ENTRYLIST list = {.cValues = 5, .lpbin = entries};
    IMessage *writing;
    SBinary entry;

    assert_hr(IMAPIFolder_DeleteMessages(folder, entry_list(&entry, gone), 0, NULL, 0), S_OK);
    assert_hr(IMAPIFolder_CopyMessages(folder, entry_list(&entry, moved), NULL, other, 0, NULL,
                                       MESSAGE_MOVE),
              S_OK);
    after = find_message(other, "moved");
    submit_later(open_message(later, MAPI_MODIFY));
    writing = open_message(open, MAPI_MODIFY);
    expect_hr(IMAPIFolder_SetReadFlags(folder, &list, 0, NULL, 0), MAPI_W_PARTIAL_COMPLETION);
    cr_expect_eq(flags_of(there, MSGFLAG_READ), MSGFLAG_READ);
    cr_expect_eq(flags_of(after, MSGFLAG_READ), 0);
    cr_expect_eq(flags_of(open, MSGFLAG_READ), 0);
    cr_expect_eq(flags_of(later, MSGFLAG_READ), 0);
    IMessage_Release(writing);
    assert_hr(IMAPIFolder_SetReadFlags(folder, entry_list(&entry, open), 0, NULL, 0), S_OK);
    cr_expect_eq(flags_of(open, MSGFLAG_READ), MSGFLAG_READ);
    MAPIFreeBuffer(after);
    MAPIFreeBuffer(there);
    MAPIFreeBuffer(gone);
    MAPIFreeBuffer(moved);
    MAPIFreeBuffer(open);
    MAPIFreeBuffer(later);
    IMAPIFolder_Release(other);
    IMAPIFolder_Release(folder);
}

Test(store_read_state, reports_of_a_list_go_once_each) /* STO-214 */
{
    SPropValue *one = asking("list-one"), *two = asking("list-two"), *read = asking("list-read");
    IMAPIFolder *inbox = mail_folder("Inbox");

    assert_hr(set_flag(read, SUPPRESS_RECEIPT), S_OK);
    assert_hr(IMAPIFolder_SetReadFlags(inbox, NULL, 0, NULL, 0), S_OK);
    assert_hr(IMAPIFolder_SetReadFlags(inbox, NULL, 0, NULL, 0), S_OK);
    await_queue();
    cr_expect_eq(receipts("list-one"), 1);
    cr_expect_eq(receipts("list-two"), 1);
    cr_expect_eq(receipts("list-read"), 0);
    MAPIFreeBuffer(read);
    MAPIFreeBuffer(two);
    MAPIFreeBuffer(one);
    IMAPIFolder_Release(inbox);
}
