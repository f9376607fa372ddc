/* docs/requirements/simple_mapi.md, "MAPIFindNext" */
#include "tests/simple/simple_rig.h"

TestSuite(simple_find, .init = simple_begin, .fini = simple_end);

/* The next message after `id`, which becomes it. */
static ULONG next(const char *type, char *id, FLAGS flags)
{
    return MAPIFindNext(simple, 0, (LPSTR)type, id, flags | MAPI_LONG_MSGID, 0, id);
}

static const char *subject_of(const char *id)
{
    static char subjects[16][64];
    static unsigned at;
    char *subject = subjects[at++ % 16];
    MapiMessage *message;

    assert_result(MAPIReadMail(simple, 0, (LPSTR)id, MAPI_PEEK | MAPI_ENVELOPE_ONLY, 0, &message),
                  SUCCESS_SUCCESS);
    snprintf(subject, sizeof(subjects[0]), "%s", message->lpszSubject);
    MAPIFreeBuffer(message);
    return subject;
}

/* Saves a message of that class in its receive folder. */
static void save(const char *subject, const char *type)
{
    MapiMessage message = {.lpszSubject = (LPSTR)subject, .lpszMessageType = (LPSTR)type};
    char id[512] = "";

    assert_result(MAPISaveMail(simple, 0, &message, MAPI_LONG_MSGID, 0, id), SUCCESS_SUCCESS);
}

/* The subjects that a walk finds, each followed by a bar, in the order of their names. */
static int by_name(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static const char *walk(const char *type, FLAGS flags)
{
    static char all[1024];
    const char *subjects[16];
    size_t count = 0;
    char id[512] = "";
    ULONG result;

    while ((result = next(type, id, flags)) == SUCCESS_SUCCESS && count < 16)
        subjects[count++] = subject_of(id);
    expect_result(result, MAPI_E_NO_MESSAGES);
    qsort(subjects, count, sizeof(subjects[0]), by_name);
    all[0] = '\0';
    for (size_t i = 0; i < count; i++)
        snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s|", subjects[i]);
    return all;
}

Test(simple_find, needs_a_session) /* SMP-028 */
{
    char id[512] = "";

    delivered_id("there");
    expect_result(MAPIFindNext(0, 0, NULL, NULL, MAPI_LONG_MSGID, 0, id), MAPI_E_INVALID_SESSION);
    expect_result(MAPIFindNext(simple + 1000, 0, NULL, NULL, MAPI_LONG_MSGID, 0, id),
                  MAPI_E_INVALID_SESSION);
    expect_result(next(NULL, id, 0), SUCCESS_SUCCESS);
}

Test(simple_find, a_seed_is_followed_by_the_next_message) /* SMP-029 */
{
    char first[512] = "", again[512], second[512];

    delivered_id("one");
    delivered_id("two");
    assert_result(next(NULL, first, 0), SUCCESS_SUCCESS);
    assert_result(MAPIFindNext(simple, 0, NULL, NULL, MAPI_LONG_MSGID, 0, again), SUCCESS_SUCCESS);
    cr_expect_str_eq(again, first);
    for (int i = 0; i < 3; i++) { /* from wherever the last step left the walk */
        strcpy(second, first);
        assert_result(next(NULL, second, 0), SUCCESS_SUCCESS);
        cr_expect_str_neq(subject_of(second), subject_of(first));
    }
}

Test(simple_find, the_last_message_has_none_behind_it) /* SMP-030 */
{
    char id[512] = "";

    expect_result(next(NULL, id, 0), MAPI_E_NO_MESSAGES);
    delivered_id("only one");
    assert_result(next(NULL, id, 0), SUCCESS_SUCCESS);
    expect_result(next(NULL, id, 0), MAPI_E_NO_MESSAGES);
    expect_result(next(NULL, id, 0), MAPI_E_NO_MESSAGES); /* again */
    delivered_id("and another");
    expect_result(next(NULL, id, 0), SUCCESS_SUCCESS);
    cr_expect_str_eq(subject_of(id), "and another");
}

Test(simple_find, without_a_type_it_finds_ipm_messages) /* SMP-031 */
{
    save("a note", "IPM.Note");
    save("a report", "REPORT.IPM.Note.NDR");
    cr_expect_str_eq(walk(NULL, 0), "a note|");
    cr_expect_str_eq(walk("", 0), "a note|");
}

Test(simple_find, classes_match_as_far_as_the_type_goes) /* SMP-032 */
{
    save("note", "IPM.Note");
    save("fax", "IPM.Note.Fax");
    save("ipmx", "IPMX.Odd");
    cr_expect_str_eq(walk("IPM.Note", 0), "fax|note|");
    cr_expect_str_eq(walk("IPM.Note.F", 0), "fax|");
    cr_expect_str_eq(walk("ipm.note.fax", 0), "fax|");
    cr_expect_str_eq(walk("IPM", 0), "fax|ipmx|note|");
    cr_expect_str_eq(walk("IPM.Note.Fax.Big", 0), "");
}

Test(simple_find, it_looks_in_the_receive_folder_of_the_type) /* SMP-033 */
{
    IMAPIFolder *forms = new_folder(NULL, "Forms");
    SPropValue *folder = value_of(forms, PR_ENTRYID), *id;
    IMessage *message = new_message(forms, "in the folder of forms");

    assert_hr(IMsgStore_SetReceiveFolder(mail.store, (LPTSTR) "IPM.Form", 0, folder->Value.bin.cb,
                                         (ENTRYID *)folder->Value.bin.lpb),
              S_OK);
    assert_hr(set_text(message, PR_MESSAGE_CLASS_W, "IPM.Form.Leave"), S_OK);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    id = saved_message(forms, "another class there");
    delivered_id("in the Inbox");
    cr_expect_str_eq(walk("IPM.Form", 0), "in the folder of forms|");
    cr_expect_str_eq(walk("IPM.Note", 0), "in the Inbox|");
    MAPIFreeBuffer(id);
    MAPIFreeBuffer(folder);
    IMAPIFolder_Release(forms);
}

Test(simple_find, what_is_read_is_left_out_on_request) /* SMP-034 */
{
    char id[512] = "";
    MapiMessage *message;

    delivered_id("read");
    delivered_id("unread");
    strcpy(id, find_id("read"));
    assert_result(MAPIReadMail(simple, 0, id, MAPI_ENVELOPE_ONLY, 0, &message), SUCCESS_SUCCESS);
    MAPIFreeBuffer(message);
    cr_expect_str_eq(walk(NULL, MAPI_UNREAD_ONLY), "unread|");
    cr_expect_str_eq(walk(NULL, 0), "read|unread|");
}

/* The way in which programs fetch their mail: each message is read, or gone, when it is the seed.
 */
Test(simple_find, a_seed_that_was_read_meanwhile_stays_one)
{
    char id[512] = "", text[128] = "";
    MapiMessage *message;

    delivered_id("1");
    delivered_id("2");
    delivered_id("3");
    while (next(NULL, id, MAPI_UNREAD_ONLY | MAPI_GUARANTEE_FIFO) == SUCCESS_SUCCESS) {
        assert_result(MAPIReadMail(simple, 0, id, 0, 0, &message), SUCCESS_SUCCESS);
        strcat(text, message->lpszSubject);
        MAPIFreeBuffer(message);
    }
    cr_expect_str_eq(text, "123");
}

Test(simple_find, in_order_of_reception) /* SMP-035 */
{
    static const char *const times[][2] = {
        {"noon", "12:00:00"}, {"morning", "08:00:00"}, {"evening", "18:00:00"}};
    IMAPIFolder *inbox = mail_folder("Inbox");
    char id[512] = "", order[128] = "";

    /* The order in the folder is another one. */
    for (int i = 0; i < 3; i++) {
        IMessage *message = new_message(inbox, times[i][0]);
        SPropValue received = {.ulPropTag = PR_MESSAGE_DELIVERY_TIME};
        SPropValue flags = {.ulPropTag = PR_MESSAGE_FLAGS};
        uint64_t hour = (uint64_t)atoi(times[i][1]);
        uint64_t ticks = (UINT64_C(1700000000) + hour * 3600 + UINT64_C(11644473600)) * 10000000;

        received.Value.ft.dwLowDateTime = (DWORD)ticks;
        received.Value.ft.dwHighDateTime = (DWORD)(ticks >> 32);
        assert_hr(set_value(message, received), S_OK);
        assert_hr(set_value(message, flags), S_OK);
        assert_hr(set_text(message, PR_MESSAGE_CLASS_W, "IPM.Note"), S_OK);
        assert_hr(IMessage_SaveChanges(message, 0), S_OK);
        IMessage_Release(message);
    }
    IMAPIFolder_Release(inbox);
    while (next(NULL, id, MAPI_GUARANTEE_FIFO) == SUCCESS_SUCCESS) {
        strcat(order, subject_of(id));
        strcat(order, " ");
    }
    cr_expect_str_eq(order, "morning noon evening ");
}

Test(simple_find, identifiers_have_a_short_and_a_long_form) /* SMP-036 */
{
    char small[64], large[512];
    MapiMessage *message;

    delivered_id("named twice");
    memset(small, '#', sizeof(small));
    memset(large, '#', sizeof(large));
    assert_result(MAPIFindNext(simple, 0, NULL, NULL, 0, 0, small), SUCCESS_SUCCESS);
    assert_result(MAPIFindNext(simple, 0, NULL, NULL, MAPI_LONG_MSGID, 0, large), SUCCESS_SUCCESS);
    cr_expect_leq(strnlen(small, sizeof(small)), sizeof(small) - 1);
    cr_expect_leq(strnlen(large, sizeof(large)), sizeof(large) - 1);
    cr_expect_str_eq(subject_of(small), "named twice");
    cr_expect_str_eq(subject_of(large), "named twice");
    expect_result(MAPIFindNext(simple, 0, NULL, small, 0, 0, small), MAPI_E_NO_MESSAGES);
    assert_result(MAPIReadMail(simple, 0, small, MAPI_PEEK, 0, &message), SUCCESS_SUCCESS);
    MAPIFreeBuffer(message);
}

Test(simple_find, an_invalid_seed_is_told) /* SMP-038 */
{
    static const char *const bad[] = {"x", "L", "S", "L00000000", "no identifier at all", "\xFF"};
    char id[512], gone[512];

    delivered_id("goes");
    delivered_id("stays");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_result(MAPIFindNext(simple, 0, NULL, (LPSTR)bad[i], MAPI_LONG_MSGID, 0, id),
                      MAPI_E_INVALID_MESSAGE);
    strcpy(gone, find_id("goes"));
    assert_result(MAPIDeleteMail(simple, 0, gone, 0, 0), SUCCESS_SUCCESS);
    expect_result(MAPIFindNext(simple, 0, NULL, gone, MAPI_LONG_MSGID, 0, id),
                  MAPI_E_INVALID_MESSAGE);
    strcpy(id, find_id("stays"));
    id[strlen(id) - 1] ^= 1; /* another message's */
    expect_result(MAPIFindNext(simple, 0, NULL, id, MAPI_LONG_MSGID, 0, id),
                  MAPI_E_INVALID_MESSAGE);
}

Test(simple_find, a_walk_finds_each_message_once) /* SMP-039 */
{
    enum { COUNT = 50 };
    unsigned seen[COUNT] = {0};
    IMAPIFolder *inbox = mail_folder("Inbox");
    char id[512] = "", subject[16];

    for (int i = 0; i < COUNT; i++) {
        IMessage *message;

        snprintf(subject, sizeof(subject), "%d", i);
        message = new_message(inbox, subject);
        assert_hr(IMessage_SaveChanges(message, 0), S_OK);
        IMessage_Release(message);
    }
    IMAPIFolder_Release(inbox);
    for (int i = 0; i < COUNT; i++) {
        assert_result(next(NULL, id, 0), SUCCESS_SUCCESS);
        seen[atoi(subject_of(id))]++;
    }
    expect_result(next(NULL, id, 0), MAPI_E_NO_MESSAGES);
    for (int i = 0; i < COUNT; i++)
        cr_expect_eq(seen[i], 1, "message %d: %u times", i, seen[i]);
}

Test(simple_find, identifiers_are_their_session_s) /* SMP-041 */
{
    char small[64], large[512];
    MapiMessage *message = NULL;
    LHANDLE other;

    delivered_id("whose?");
    assert_result(MAPIFindNext(simple, 0, NULL, NULL, 0, 0, small), SUCCESS_SUCCESS);
    assert_result(MAPIFindNext(simple, 0, NULL, NULL, MAPI_LONG_MSGID, 0, large), SUCCESS_SUCCESS);
    assert_result(MAPILogon(0, PROFILE, NULL, MAPI_NEW_SESSION, 0, &other), SUCCESS_SUCCESS);
    expect_result(MAPIReadMail(other, 0, small, MAPI_PEEK, 0, &message), MAPI_E_INVALID_MESSAGE);
    expect_result(MAPIReadMail(other, 0, large, MAPI_PEEK, 0, &message), MAPI_E_INVALID_MESSAGE);
    expect_result(MAPIDeleteMail(other, 0, small, 0, 0), MAPI_E_INVALID_MESSAGE);
    cr_expect_null(message);
    expect_result(MAPILogoff(other, 0, 0, 0), SUCCESS_SUCCESS);
}
