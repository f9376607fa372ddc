/* docs/requirements/store.md, "Messages": the message itself, its class and its flags */
#include "tests/conformance/store_rig.h"

TestSuite(store_messages, .init = store_begin, .fini = mail_close);

static const ULONG saved_properties[] = {
    PR_CREATION_TIME, PR_DISPLAY_BCC_W,          PR_DISPLAY_CC_W,     PR_DISPLAY_TO_W,
    PR_ENTRYID,       PR_LAST_MODIFICATION_TIME, PR_MESSAGE_CLASS_W,  PR_MESSAGE_FLAGS,
    PR_MESSAGE_SIZE,  PR_NORMALIZED_SUBJECT_W,   PR_PARENT_ENTRYID,   PR_RECORD_KEY,
    PR_SEARCH_KEY,    PR_STORE_ENTRYID,          PR_STORE_RECORD_KEY,
};
#define SAVED_COUNT (sizeof(saved_properties) / sizeof(saved_properties[0]))

static IMAPIFolder *drafts(void)
{
    return new_folder(NULL, "Messages");
}

static LONG flags_of(void *message)
{
    return number_of(message, PR_MESSAGE_FLAGS);
}

static uint64_t time_of(void *message, ULONG tag)
{
    SPropValue *value = value_of(message, tag);
    uint64_t ticks = (uint64_t)value->Value.ft.dwHighDateTime << 32 | value->Value.ft.dwLowDateTime;

    MAPIFreeBuffer(value);
    return ticks;
}

static void attach_text(IMessage *message, const char *name)
{
    SPropValue data = {.ulPropTag = PR_ATTACH_DATA_BIN, .Value.bin = {4, (BYTE *)"text"}};
    IAttach *attach;
    ULONG number;

    assert_hr(IMessage_CreateAttach(message, NULL, 0, &number, &attach), S_OK);
    assert_hr(set_number(attach, PR_ATTACH_METHOD, ATTACH_BY_VALUE), S_OK);
    assert_hr(set_text(attach, PR_ATTACH_LONG_FILENAME_W, name), S_OK);
    assert_hr(set_value(attach, data), S_OK);
    assert_hr(IAttach_SaveChanges(attach, 0), S_OK);
    IAttach_Release(attach);
}

Test(store_messages, a_saved_message_has_its_properties) /* STO-175 */
{
    IMAPIFolder *folder = drafts();
    SPropValue *id = saved_message(folder, "Re: properties");
    IMessage *message = open_message(id, 0);

    for (size_t i = 0; i < SAVED_COUNT; i++)
        expect_hr(state_of(message, saved_properties[i]), S_OK);
    cr_expect(lists(message, PR_MESSAGE_RECIPIENTS));
    cr_expect(lists(message, PR_MESSAGE_ATTACHMENTS));
    cr_expect_str_eq(text_of(message, PR_NORMALIZED_SUBJECT_W), "properties");
    cr_expect(same_property(message, mail.store, PR_STORE_ENTRYID));
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

/* Before the first save, after it, and opened again. */
static void expect_computed(IMessage *message)
{
    for (size_t i = 0; i < SAVED_COUNT; i++) {
        SPropValue value = {.ulPropTag = saved_properties[i]};
        bool ours = value.ulPropTag != PR_MESSAGE_CLASS_W && value.ulPropTag != PR_MESSAGE_FLAGS;

        if (PROP_TYPE(value.ulPropTag) == PT_UNICODE)
            value.Value.lpszW = mail_wide("IPM.Ours");
        if (PROP_TYPE(value.ulPropTag) == PT_BINARY)
            value.Value.bin = (SBinary){4, (BYTE *)"ours"};
        if (ours)
            expect_hr(set_value(message, value), MAPI_E_COMPUTED);
    }
    expect_hr(set_text(message, PR_MESSAGE_CLASS_W, "IPM.Ours"), S_OK);
}

Test(store_messages, of_those_only_class_and_flags_are_the_programs) /* STO-176 */
{
    IMAPIFolder *folder = drafts();
    IMessage *message = new_message(folder, "whose");
    SPropValue *id;

    expect_computed(message);
    expect_hr(set_number(message, PR_MESSAGE_FLAGS, MSGFLAG_UNSENT), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    expect_computed(message);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    message = open_message(id, MAPI_MODIFY);
    expect_computed(message);
    cr_expect_str_eq(text_of(message, PR_MESSAGE_CLASS_W), "IPM.Ours");
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_messages, without_a_class_it_is_saved_as_ipm) /* STO-177 */
{
    IMAPIFolder *folder = drafts();
    IMessage *message = new_message(folder, "classless");
    SPropValue *id;

    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    cr_expect_str_eq(text_of(message, PR_MESSAGE_CLASS_W), "IPM");
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    store_restart();
    message = open_message(id, 0);
    cr_expect_str_eq(text_of(message, PR_MESSAGE_CLASS_W), "IPM");
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_messages, what_arrives_is_a_note) /* STO-178 */
{
    SPropValue *id = delivered_message("arrives");
    IMessage *message = open_message(id, 0);

    cr_expect_str_eq(text_of(message, PR_MESSAGE_CLASS_W), "IPM.Note");
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

static void add_recipient(IMessage *message, const char *name, LONG type)
{
    SPropValue values[3] = {
        {.ulPropTag = PR_DISPLAY_NAME_W},
        {.ulPropTag = PR_EMAIL_ADDRESS_W},
        {.ulPropTag = PR_RECIPIENT_TYPE, .Value.l = type},
    };
    struct {
        ULONG cEntries, unused;
        ADRENTRY entry;
    } list = {.cEntries = 1, .entry = {.cValues = 3, .rgPropVals = values}};

    values[0].Value.lpszW = mail_wide(name);
    values[1].Value.lpszW = mail_wide("someone@example.test");
    assert_hr(IMessage_ModifyRecipients(message, MODRECIP_ADD, (ADRLIST *)&list), S_OK);
}

Test(store_messages, a_save_brings_lists_times_and_sizes_up_to_date) /* STO-179 */
{
    IMAPIFolder *folder = drafts();
    IMessage *message = new_message(folder, "grows");
    uint64_t before;
    LONG size;

    add_recipient(message, "Ann", MAPI_TO);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    before = time_of(message, PR_LAST_MODIFICATION_TIME);
    size = number_of(message, PR_MESSAGE_SIZE);
    cr_expect_eq(flags_of(message) & MSGFLAG_HASATTACH, 0);

    add_recipient(message, "Bert", MAPI_CC);
    add_recipient(message, "Cleo", MAPI_BCC);
    attach_text(message, "more.txt");
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect_str_eq(text_of(message, PR_DISPLAY_TO_W), "Ann");
    cr_expect_str_eq(text_of(message, PR_DISPLAY_CC_W), "Bert");
    cr_expect_str_eq(text_of(message, PR_DISPLAY_BCC_W), "Cleo");
    cr_expect(time_of(message, PR_LAST_MODIFICATION_TIME) > before);
    cr_expect(number_of(message, PR_MESSAGE_SIZE) > size);
    cr_expect(flags_of(message) & MSGFLAG_HASATTACH);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_messages, display_to_is_what_the_last_save_made_of_the_recipients) /* STO-180 */
{
    IMAPIFolder *folder = drafts();
    IMessage *message = new_message(folder, "To whom");
    SPropValue *id;

    add_recipient(message, "Carol", MAPI_CC);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect_str_eq(text_of(message, PR_DISPLAY_TO_W), "");
    add_recipient(message, "Ann", MAPI_TO);
    add_recipient(message, "Bert", MAPI_TO);
    cr_expect_str_eq(text_of(message, PR_DISPLAY_TO_W), "");
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect_str_eq(text_of(message, PR_DISPLAY_TO_W), "Ann; Bert");
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    message = open_message(id, 0);
    cr_expect_str_eq(text_of(message, PR_DISPLAY_TO_W), "Ann; Bert");
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_messages, it_starts_unsent_and_unmodified_until_saved_again) /* STO-181 */
{
    const LONG both = MSGFLAG_UNSENT | MSGFLAG_UNMODIFIED;
    IMAPIFolder *folder = drafts();
    IMessage *message = new_message(folder, "first"), *other;
    SPropValue *id;

    cr_expect_eq(flags_of(message) & both, both);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect_eq(flags_of(message) & both, both);
    id = value_of(message, PR_ENTRYID);
    other = open_message(id, 0);
    cr_expect_eq(flags_of(other) & both, both);
    IMessage_Release(other);

    assert_hr(set_text(message, PR_SUBJECT_W, "second"), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect_eq(flags_of(message) & both, MSGFLAG_UNSENT);
    other = open_message(id, 0);
    cr_expect_eq(flags_of(other) & both, MSGFLAG_UNSENT);
    IMessage_Release(other);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_messages, some_flags_are_writable_before_the_first_save) /* STO-182 */
{
    const LONG three = MSGFLAG_UNSENT | MSGFLAG_FROMME | MSGFLAG_RESEND;
    IMAPIFolder *folder = drafts();
    IMessage *message = new_message(folder, "flags");
    SPropValue *id;

    assert_hr(set_number(message, PR_MESSAGE_FLAGS, 0), S_OK);
    cr_expect_eq(flags_of(message) & three, 0);
    assert_hr(set_number(message, PR_MESSAGE_FLAGS, three), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect_eq(flags_of(message) & three, three);
    cr_expect(FAILED(set_number(message, PR_MESSAGE_FLAGS, 0)));
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    message = open_message(id, MAPI_MODIFY);
    cr_expect(FAILED(set_number(message, PR_MESSAGE_FLAGS, 0)));
    cr_expect_eq(flags_of(message) & three, three);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_messages, after_the_first_save_reading_is_marked_by_its_methods_alone) /* STO-183 */
{
    IMAPIFolder *folder = drafts();
    IMessage *message = new_message(folder, "read");

    assert_hr(set_number(message, PR_MESSAGE_FLAGS, MSGFLAG_UNSENT), S_OK);
    cr_expect_eq(flags_of(message) & MSGFLAG_READ, 0);
    assert_hr(set_number(message, PR_MESSAGE_FLAGS, MSGFLAG_UNSENT | MSGFLAG_READ), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect(flags_of(message) & MSGFLAG_READ);
    cr_expect(FAILED(set_number(message, PR_MESSAGE_FLAGS, MSGFLAG_UNSENT)));
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect(flags_of(message) & MSGFLAG_READ);
    assert_hr(IMessage_SetReadFlag(message, CLEAR_READ_FLAG), S_OK);
    cr_expect_eq(flags_of(message) & MSGFLAG_READ, 0);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_messages, the_attachment_bit_follows_saved_attachments) /* STO-184, PRP-028 */
{
    IMAPIFolder *folder = drafts();
    IMessage *message = new_message(folder, "attached");

    attach_text(message, "one.txt");
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect(flags_of(message) & MSGFLAG_HASATTACH);
    cr_expect_eq(number_of(message, PR_HASATTACH), TRUE);
    assert_hr(IMessage_DeleteAttach(message, 0, 0, NULL, 0), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect_eq(flags_of(message) & MSGFLAG_HASATTACH, 0);
    cr_expect_eq(number_of(message, PR_HASATTACH), FALSE);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_messages, the_stores_own_flags_are_not_set_by_clients) /* STO-185 */
{
    const LONG own = MSGFLAG_SUBMIT | MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING |
                     MSGFLAG_ASSOCIATED | MSGFLAG_HASATTACH;
    IMAPIFolder *folder = drafts();
    IMessage *message = new_message(folder, "own");
    SPropValue *id;

    assert_hr(set_number(message, PR_MESSAGE_FLAGS, own | MSGFLAG_UNSENT), S_OK);
    cr_expect_eq(flags_of(message) & own, 0);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    cr_expect_eq(flags_of(message) & own, 0);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    message = open_message(id, 0);
    cr_expect_eq(flags_of(message) & own, 0);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_messages, what_arrives_is_unread_and_unmodified) /* STO-186 */
{
    SPropValue *id = delivered_message("fresh");
    IMessage *message = open_message(id, 0);

    cr_expect_eq(flags_of(message) & (MSGFLAG_READ | MSGFLAG_UNMODIFIED), MSGFLAG_UNMODIFIED);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
}

Test(store_messages, a_post_is_saved_with_its_senders_and_times) /* STO-336 */
{
    static const ULONG texts[] = {PR_SENDER_NAME_W, PR_SENDER_EMAIL_ADDRESS_W,
                                  PR_SENT_REPRESENTING_NAME_W,
                                  PR_SENT_REPRESENTING_EMAIL_ADDRESS_W};
    SPropValue time = {.ulPropTag = PR_MESSAGE_DELIVERY_TIME, .Value.ft = {0x80, 0x1D00000}}, *id;
    IMAPIFolder *folder = drafts();
    IMessage *message = new_message(folder, "posted");
    uint64_t before;

    time.Value.ft.dwLowDateTime -= time.Value.ft.dwLowDateTime % 10000000;
    assert_hr(set_number(message, PR_MESSAGE_FLAGS, MSGFLAG_READ), S_OK);
    for (size_t i = 0; i < 4; i++)
        assert_hr(set_text(message, texts[i], i % 2 ? "ann@example.test" : "Ann"), S_OK);
    assert_hr(set_value(message, time), S_OK);
    assert_hr(set_text(message, PR_BODY_W, "for all"), S_OK);
    assert_hr(set_text(message, PR_MESSAGE_CLASS_W, "IPM.Post"), S_OK);
    before = time_of(message, PR_MESSAGE_DELIVERY_TIME);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    message = open_message(id, 0);
    cr_expect_eq(flags_of(message) & (MSGFLAG_READ | MSGFLAG_UNSENT), MSGFLAG_READ);
    for (size_t i = 0; i < 4; i++)
        cr_expect_str_eq(text_of(message, texts[i]), i % 2 ? "ann@example.test" : "Ann");
    cr_expect_eq(time_of(message, PR_MESSAGE_DELIVERY_TIME) / 10000000, before / 10000000);
    cr_expect_str_eq(text_of(message, PR_BODY_W), "for all");
    cr_expect_str_eq(text_of(message, PR_MESSAGE_CLASS_W), "IPM.Post");
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}

Test(store_messages, submitting_is_shown_and_taken_back) /* STO-187 */
{
    IMAPIFolder *folder = drafts();
    IMessage *message = new_message(folder, "leaves");
    SPropValue *id;

    assert_hr(set_number(message, PR_MESSAGE_FLAGS, 0), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    id = value_of(message, PR_ENTRYID);
    submit_later(message);
    message = open_message(id, 0);
    cr_expect_eq(flags_of(message) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT),
                 MSGFLAG_SUBMIT | MSGFLAG_UNSENT);
    IMessage_Release(message);
    assert_hr(IMsgStore_AbortSubmit(mail.store, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0),
              S_OK);
    message = open_message(id, 0);
    cr_expect_eq(flags_of(message) & MSGFLAG_SUBMIT, 0);
    IMessage_Release(message);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(folder);
}
