/* docs/requirements/properties.md: who sends, and what becomes of a message on its way; with
 * servers of its own, for they count what was sent */
#include <stdlib.h>

#include "mapi/mapiextra.h"
#include "tests/conformance/store_rig.h"

static void begin(void)
{
    mail_prepare(false);
    mail_open(0);
}

TestSuite(properties_sending, .init = begin, .fini = mail_close);

static const char *const to_self[] = {"alice@example.test"};

/* Waits for the row of that subject; the message opened. */
static IMessage *await_message(const char *path, const char *subject)
{
    IMAPIFolder *folder = mail_folder(path);
    IMAPITable *contents = mail_contents(folder);
    IMessage *message;
    SPropValue *id;

    mail_await_row(contents, subject, true);
    id = find_message(folder, subject);
    message = open_message(id, 0);
    MAPIFreeBuffer(id);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(folder);
    return message;
}

static void submit(IMessage *message)
{
    SPropValue *sent = value_of(mail.store, PR_IPM_SENTMAIL_ENTRYID);

    sent->ulPropTag = PR_SENTMAIL_ENTRYID;
    assert_hr(set_value(message, *sent), S_OK);
    MAPIFreeBuffer(sent);
    mail_add_recipients(message, to_self, 1);
    assert_hr(IMessage_SubmitMessage(message, 0), S_OK);
    IMessage_Release(message);
}

static IMessage *draft(const char *subject)
{
    IMAPIFolder *outbox = mail_folder("Outbox");
    IMessage *message = new_message(outbox, subject);

    IMAPIFolder_Release(outbox);
    return message;
}

/* What the server took first, free(). */
static char *accepted(void)
{
    unsigned long size;
    char *bytes;

    bytes = test_servers_read_accepted(mail.servers, 1, &size);
    cr_assert(bytes);
    return bytes;
}

Test(properties_sending, the_sender_is_the_account_whoever_the_message_says) /* PRP-037 */
{
    IMessage *message = draft("who sends");
    SPropValue id = {.ulPropTag = PR_SENDER_ENTRYID, .Value.bin = {7, (BYTE *)"mallory"}};
    SPropValue key = {.ulPropTag = PR_SENDER_SEARCH_KEY, .Value.bin = {8, (BYTE *)"MALLORY"}}, *now;
    char *bytes;

    assert_hr(set_text(message, PR_SENDER_NAME_W, "Mallory"), S_OK);
    assert_hr(set_text(message, PR_SENDER_EMAIL_ADDRESS_W, "mallory@elsewhere.test"), S_OK);
    assert_hr(set_text(message, PR_SENDER_ADDRTYPE_W, "SMTP"), S_OK);
    assert_hr(set_value(message, id), S_OK);
    assert_hr(set_value(message, key), S_OK);
    submit(message);
    message = await_message("Inbox", "who sends");
    bytes = accepted();
    cr_expect(!strcasestr(bytes, "mallory"), "%s", bytes);
    free(bytes);
    cr_expect_str_eq(text_of(message, PR_SENDER_EMAIL_ADDRESS_W), "alice@example.test");
    cr_expect_str_eq(text_of(message, PR_SENDER_ADDRTYPE_W), "SMTP");
    IMessage_Release(message);
    message = await_message("Sent", "who sends");
    cr_expect_str_eq(text_of(message, PR_SENDER_EMAIL_ADDRESS_W), "alice@example.test");
    now = value_of(message, PR_SENDER_SEARCH_KEY);
    cr_expect_str_eq((char *)now->Value.bin.lpb, "SMTP:ALICE@EXAMPLE.TEST");
    MAPIFreeBuffer(now);
    IMessage_Release(message);
}

static void expect_represented(const char *path)
{
    IMessage *message = await_message(path, "for the boss");

    cr_expect_str_eq(text_of(message, PR_SENT_REPRESENTING_NAME_W), "The Boss");
    cr_expect_str_eq(text_of(message, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W), "boss@example.test");
    cr_expect_str_eq(text_of(message, PR_SENT_REPRESENTING_ADDRTYPE_W), "SMTP");
    cr_expect_str_eq(text_of(message, PR_SENDER_EMAIL_ADDRESS_W), "alice@example.test");
    IMessage_Release(message);
}

Test(properties_sending, for_whom_is_the_programs_to_say) /* PRP-039 */
{
    IMessage *message = draft("for the boss");

    assert_hr(set_text(message, PR_SENT_REPRESENTING_NAME_W, "The Boss"), S_OK);
    assert_hr(set_text(message, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, "boss@example.test"), S_OK);
    assert_hr(set_text(message, PR_SENT_REPRESENTING_ADDRTYPE_W, "SMTP"), S_OK);
    submit(message);
    expect_represented("Inbox");
    expect_represented("Sent");
}

/* --- The whole way out and in ----------------------------------------------------------------- */

static const char body[] = "Grüße aus Zürich\r\n.mit einem Punkt\r\n日本";
static const char html[] = "<html><body><p>Gr\xC3\xBC\xC3\x9F"
                           "e</p></body></html>";

static void expect_file(IMessage *message, ULONG number, const char *name, const void *bytes,
                        size_t size)
{
    IAttach *attachment;
    SPropValue *data;

    assert_hr(IMessage_OpenAttach(message, number, NULL, 0, &attachment), S_OK);
    cr_expect_str_eq(text_of(attachment, PR_ATTACH_LONG_FILENAME_W), name);
    data = value_of(attachment, PR_ATTACH_DATA_BIN);
    cr_assert_eq(data->Value.bin.cb, size);
    cr_expect(memcmp(data->Value.bin.lpb, bytes, size) == 0);
    MAPIFreeBuffer(data);
    IAttach_Release(attachment);
}

static void expect_inner(IMessage *message, ULONG number)
{
    IAttach *attachment;
    IMessage *inner;

    assert_hr(IMessage_OpenAttach(message, number, NULL, 0, &attachment), S_OK);
    assert_hr(IAttach_OpenProperty(attachment, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0,
                                   (IUnknown **)&inner),
              S_OK);
    cr_expect_str_eq(text_of(inner, PR_SUBJECT_W), "Äußerung within");
    cr_expect_str_eq(text_of(inner, PR_BODY_W), "inner words");
    IMessage_Release(inner);
    IAttach_Release(attachment);
}

static void expect_recipient(IMessage *message)
{
    static const SizedSPropTagArray(3, columns) = {
        3, {PR_EMAIL_ADDRESS_W, PR_RECIPIENT_TYPE, PR_ADDRTYPE_W}};
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMessage_GetRecipientTable(message, 0, &table), S_OK);
    rows = rows_of(table, &columns);
    cr_assert_eq(rows->cRows, 1);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[0]), to_self[0]);
    cr_expect_eq(rows->aRow[0].lpProps[1].Value.l, MAPI_TO);
    cr_expect_str_eq(mail_text(&rows->aRow[0].lpProps[2]), "SMTP");
    FreeProws(rows);
    IMAPITable_Release(table);
}

Test(properties_sending, all_of_a_message_goes_out_and_comes_in) /* PRP-058 */
{
    SPropValue page = {.ulPropTag = PR_HTML}, *got;
    IMessage *message = draft("Re: Überall dabei");
    static BYTE bytes[3000];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (BYTE)(i * 7);
    page.Value.bin = (SBinary){sizeof(html) - 1, (BYTE *)html};
    assert_hr(set_text(message, PR_BODY_W, body), S_OK);
    assert_hr(set_value(message, page), S_OK);
    assert_hr(set_number(message, PR_INTERNET_CPID, 65001), S_OK);
    assert_hr(set_number(message, PR_IMPORTANCE, IMPORTANCE_HIGH), S_OK);
    assert_hr(set_number(message, PR_SENSITIVITY, SENSITIVITY_PRIVATE), S_OK);
    assert_hr(set_text(message, PR_IN_REPLY_TO_ID_W, "<before@example.test>"), S_OK);
    attach_file(message, "Übersicht.bin", bytes, sizeof(bytes));
    attach_message(message, "Äußerung within");
    submit(message);

    message = await_message("Inbox", "Re: Überall dabei");
    cr_expect_str_eq(text_of(message, PR_BODY_W), body);
    got = value_of(message, PR_HTML);
    cr_expect(same_bytes(&got->Value.bin, &page.Value.bin));
    MAPIFreeBuffer(got);
    cr_expect_eq(number_of(message, PR_IMPORTANCE), IMPORTANCE_HIGH);
    cr_expect_eq(number_of(message, PR_SENSITIVITY), SENSITIVITY_PRIVATE);
    cr_expect_str_eq(text_of(message, PR_IN_REPLY_TO_ID_W), "<before@example.test>");
    cr_expect_str_eq(text_of(message, PR_NORMALIZED_SUBJECT_W), "Überall dabei");
    expect_recipient(message);
    expect_file(message, 0, "Übersicht.bin", bytes, sizeof(bytes));
    expect_inner(message, 1);
    IMessage_Release(message);
}
