/* Simple MAPI with arguments that cannot be meant: each call answers with a code of its own, sends
 * and saves nothing, and leaves nothing to free. */
#include "tests/simple/simple_rig.h"

TestSuite(simple_hostile, .init = simple_begin, .fini = simple_end);

#define LAST_CODE MAPI_E_ATTACHMENT_TOO_LARGE

/* Not a success, and one of the small codes. */
#define expect_small(call)                                                                         \
    do {                                                                                           \
        ULONG result_ = (call);                                                                    \
        cr_expect(result_ > SUCCESS_SUCCESS && result_ <= LAST_CODE, "%s: 0x%X", #call,            \
                  (unsigned)result_);                                                              \
    } while (0)

static ULONG send(MapiMessage message)
{
    MapiRecipDesc bob = TO_BOB;

    if (!message.lpRecips && message.nRecipCount == 0) {
        message.lpRecips = &bob;
        message.nRecipCount = 1;
    }
    return MAPISendMail(simple, 0, &message, 0, 0);
}

static ULONG save(MapiMessage message)
{
    char id[512] = "";
    ULONG result = MAPISaveMail(simple, 0, &message, MAPI_LONG_MSGID, 0, id);

    cr_expect_eq(result == SUCCESS_SUCCESS, id[0] != '\0');
    return result;
}

static void expect_nothing_came_of_it(void)
{
    static const char *const folders[] = {"Inbox", "Outbox", "Sent"};

    for (size_t i = 0; i < 3; i++) {
        IMAPIFolder *folder = mail_folder(folders[i]);
        IMAPITable *contents = contents_of(folder);

        cr_expect_eq(count_of(contents), 0, "%s", folders[i]);
        IMAPITable_Release(contents);
        IMAPIFolder_Release(folder);
    }
}

Test(simple_hostile, the_codes_have_their_numbers) /* SMP-003 */
{
    static const ULONG codes[][2] = {
        {SUCCESS_SUCCESS, 0},
        {MAPI_E_USER_ABORT, 1},
        {MAPI_E_FAILURE, 2},
        {MAPI_E_LOGIN_FAILURE, 3},
        {MAPI_E_DISK_FULL, 4},
        {MAPI_E_INSUFFICIENT_MEMORY, 5},
        {MAPI_E_ACCESS_DENIED, 6},
        {MAPI_E_TOO_MANY_SESSIONS, 8},
        {MAPI_E_TOO_MANY_FILES, 9},
        {MAPI_E_TOO_MANY_RECIPIENTS, 10},
        {MAPI_E_ATTACHMENT_NOT_FOUND, 11},
        {MAPI_E_ATTACHMENT_OPEN_FAILURE, 12},
        {MAPI_E_ATTACHMENT_WRITE_FAILURE, 13},
        {MAPI_E_UNKNOWN_RECIPIENT, 14},
        {MAPI_E_BAD_RECIPTYPE, 15},
        {MAPI_E_NO_MESSAGES, 16},
        {MAPI_E_INVALID_MESSAGE, 17},
        {MAPI_E_TEXT_TOO_LARGE, 18},
        {MAPI_E_INVALID_SESSION, 19},
        {MAPI_E_TYPE_NOT_SUPPORTED, 20},
        {MAPI_E_AMBIGUOUS_RECIPIENT, 21},
        {MAPI_E_MESSAGE_IN_USE, 22},
        {MAPI_E_NETWORK_FAILURE, 23},
        {MAPI_E_INVALID_EDITFIELDS, 24},
        {MAPI_E_INVALID_RECIPS, 25},
        {MAPI_E_NOT_SUPPORTED, 26},
        {MAPI_E_UNICODE_NOT_SUPPORTED, 27},
        {MAPI_E_ATTACHMENT_TOO_LARGE, 28},
    };

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        cr_expect_eq(codes[i][0], codes[i][1]);
}

Test(simple_hostile, reserved_arguments_are_zero) /* SMP-004 */
{
    MapiRecipDesc bob = TO_BOB, *found = NULL;
    MapiRecipDescW wide_bob = {.ulRecipClass = MAPI_TO,
                               .lpszAddress = mail_wide("SMTP:bob@example.test")};
    MapiMessage message = {.nRecipCount = 1, .lpRecips = &bob}, *read = NULL;
    MapiMessageW wide = {.nRecipCount = 1, .lpRecips = &wide_bob};
    char id[512] = "";
    ULONG count;
    LHANDLE handle;

    expect_result(MAPILogon(0, PROFILE, NULL, MAPI_NEW_SESSION, 1, &handle), MAPI_E_FAILURE);
    expect_result(MAPILogoff(simple, 0, 0, 1), MAPI_E_FAILURE);
    expect_result(MAPISendMail(simple, 0, &message, 0, 1), MAPI_E_FAILURE);
    expect_result(MAPISendMailW(simple, 0, &wide, 0, 1), MAPI_E_FAILURE);
    expect_result(MAPISendDocuments(0, ";", NULL, NULL, 1), MAPI_E_FAILURE);
    expect_result(MAPIFindNext(simple, 0, NULL, NULL, MAPI_LONG_MSGID, 1, id), MAPI_E_FAILURE);
    expect_result(MAPIReadMail(simple, 0, "L", 0, 1, &read), MAPI_E_FAILURE);
    expect_result(MAPISaveMail(simple, 0, &message, MAPI_LONG_MSGID, 1, id), MAPI_E_FAILURE);
    expect_result(MAPIDeleteMail(simple, 0, "L", 0, 1), MAPI_E_FAILURE);
    expect_result(MAPIResolveName(simple, 0, "a@example.test", 0, 1, &found), MAPI_E_FAILURE);
    expect_result(MAPIAddress(simple, 0, NULL, 1, NULL, 0, NULL, 0, 1, &count, &found),
                  MAPI_E_FAILURE);
    expect_result(MAPIDetails(simple, 0, &bob, 0, 1), MAPI_E_FAILURE);
    expect_nothing_came_of_it();
}

Test(simple_hostile, unknown_flags_are_refused) /* SMP-002 */
{
    static const FLAGS unknown = 0x40000000;
    MapiRecipDesc bob = TO_BOB, *found = NULL;
    MapiMessage message = {.nRecipCount = 1, .lpRecips = &bob}, *read = NULL;
    char id[512] = "";
    ULONG count;

    expect_small(MAPISendMail(simple, 0, &message, unknown, 0));
    expect_small(MAPISendMail(simple, 0, &message, MAPI_FORCE_UNICODE, 0));
    expect_small(MAPIFindNext(simple, 0, NULL, NULL, unknown, 0, id));
    expect_small(MAPIReadMail(simple, 0, "L", unknown, 0, &read));
    expect_small(MAPISaveMail(simple, 0, &message, unknown, 0, id));
    expect_small(MAPIDeleteMail(simple, 0, "L", unknown, 0));
    expect_small(MAPIResolveName(simple, 0, "a@example.test", unknown, 0, &found));
    expect_small(MAPIAddress(simple, 0, NULL, 1, NULL, 0, NULL, unknown, 0, &count, &found));
    expect_small(MAPIDetails(simple, 0, &bob, unknown, 0));
    expect_nothing_came_of_it();
}

Test(simple_hostile, null_is_survived) /* SMP-002 */
{
    MapiRecipDesc *found = NULL;
    MapiMessage message = {0};
    ULONG count;

    expect_small(MAPILogon(0, NULL, NULL, 0, 0, NULL));
    expect_small(MAPISendMail(simple, 0, NULL, 0, 0));
    expect_small(MAPISendMailW(simple, 0, NULL, 0, 0));
    expect_small(MAPISendDocuments(0, NULL, NULL, NULL, 0));
    expect_small(MAPIFindNext(simple, 0, NULL, NULL, MAPI_LONG_MSGID, 0, NULL));
    expect_small(MAPIReadMail(simple, 0, NULL, 0, 0, NULL));
    expect_small(MAPIReadMail(simple, 0, "L", 0, 0, NULL));
    expect_small(MAPISaveMail(simple, 0, NULL, 0, 0, NULL));
    expect_small(MAPISaveMail(simple, 0, &message, 0, 0, NULL));
    expect_small(MAPIDeleteMail(simple, 0, NULL, 0, 0));
    expect_small(MAPIResolveName(simple, 0, NULL, 0, 0, &found));
    expect_small(MAPIResolveName(simple, 0, "", 0, 0, &found));
    expect_small(MAPIResolveName(simple, 0, "a@example.test", 0, 0, NULL));
    expect_small(MAPIAddress(simple, 0, NULL, 1, NULL, 0, NULL, 0, 0, NULL, &found));
    expect_small(MAPIAddress(simple, 0, NULL, 1, NULL, 0, NULL, 0, 0, &count, NULL));
    expect_small(MAPIAddress(simple, 0, NULL, 1, NULL, 7, NULL, 0, 0, &count, &found));
    expect_small(MAPIDetails(simple, 0, NULL, 0, 0));
    expect_result(MAPIFreeBuffer(NULL), SUCCESS_SUCCESS);
    expect_nothing_came_of_it();
}

Test(simple_hostile, spoiled_messages_are_refused) /* SMP-002 */
{
    MapiRecipDesc bob = TO_BOB, spoiled;
    MapiFileDesc file = {.lpszPathName = (LPSTR)new_file("x", "x")}, odd;
    MapiFileTagExt type = {.cbTag = 4};

    expect_small(send((MapiMessage){.ulReserved = 1}));
    expect_small(send((MapiMessage){.flFlags = 0x80000000}));
    expect_small(send((MapiMessage){.nFileCount = 1}));
    expect_result(send((MapiMessage){.nFileCount = 0xFFFFFFFF, .lpFiles = &file}),
                  MAPI_E_TOO_MANY_FILES);
    expect_result(send((MapiMessage){.nFileCount = 1025, .lpFiles = &file}), MAPI_E_TOO_MANY_FILES);
    expect_result(send((MapiMessage){.nRecipCount = 0xFFFFFFFF, .lpRecips = &bob}),
                  MAPI_E_TOO_MANY_RECIPIENTS);
    expect_result(send((MapiMessage){.nRecipCount = 4097, .lpRecips = &bob}),
                  MAPI_E_TOO_MANY_RECIPIENTS);
    spoiled = bob;
    spoiled.ulReserved = 1;
    expect_small(send((MapiMessage){.nRecipCount = 1, .lpRecips = &spoiled}));
    spoiled = (MapiRecipDesc){.ulRecipClass = MAPI_TO};
    expect_small(send((MapiMessage){.nRecipCount = 1, .lpRecips = &spoiled}));
    spoiled.ulEIDSize = 20; /* of nothing */
    expect_small(send((MapiMessage){.nRecipCount = 1, .lpRecips = &spoiled}));
    spoiled = bob;
    spoiled.ulEIDSize = 0xFFFFFFFF;
    spoiled.lpEntryID = &bob;
    expect_small(send((MapiMessage){.nRecipCount = 1, .lpRecips = &spoiled}));
    spoiled.ulEIDSize = sizeof(bob);
    expect_result(send((MapiMessage){.nRecipCount = 1, .lpRecips = &spoiled}),
                  MAPI_E_INVALID_RECIPS);
    odd = file;
    odd.ulReserved = 1;
    expect_small(send((MapiMessage){.nFileCount = 1, .lpFiles = &odd}));
    odd = file;
    odd.flFlags = 0x100;
    expect_small(send((MapiMessage){.nFileCount = 1, .lpFiles = &odd}));
    odd = file;
    odd.lpFileType = &type; /* a tag of four bytes, nowhere */
    expect_small(send((MapiMessage){.nFileCount = 1, .lpFiles = &odd}));
    type = (MapiFileTagExt){.cbEncoding = 0xFFFFFFFF, .lpEncoding = (LPBYTE)&type};
    expect_small(send((MapiMessage){.nFileCount = 1, .lpFiles = &odd}));
    expect_small(save((MapiMessage){.ulReserved = 1}));
    expect_small(save((MapiMessage){.nFileCount = 1}));
    expect_nothing_came_of_it();
}

Test(simple_hostile, endless_strings_are_refused) /* SMP-002 */
{
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE + 1);
    MapiRecipDesc named = {.ulRecipClass = MAPI_TO}, *found = NULL;
    MapiFileDesc file = {.lpszPathName = text};
    char id[512] = "";

    memset(text, 'x', SIZE);
    text[SIZE] = '\0';
    named.lpszName = text;
    expect_small(send((MapiMessage){.nRecipCount = 1, .lpRecips = &named}));
    named = (MapiRecipDesc){.ulRecipClass = MAPI_TO, .lpszAddress = text};
    expect_small(send((MapiMessage){.nRecipCount = 1, .lpRecips = &named}));
    expect_small(send((MapiMessage){.nFileCount = 1, .lpFiles = &file}));
    expect_small(send((MapiMessage){.lpszMessageType = text}));
    expect_small(MAPIResolveName(simple, 0, text, 0, 0, &found));
    expect_small(MAPIFindNext(simple, 0, text, NULL, MAPI_LONG_MSGID, 0, id));
    expect_small(MAPIFindNext(simple, 0, NULL, text, MAPI_LONG_MSGID, 0, id));
    expect_small(MAPIDeleteMail(simple, 0, text, 0, 0));
    memcpy(text, "L00000000", 9);
    expect_small(MAPIDeleteMail(simple, 0, text, 0, 0));
    expect_small(logon_result(text, NULL, MAPI_NEW_SESSION));
    expect_small(MAPISendDocuments(0, "x", text, NULL, 0));
    memset(text, ';', SIZE);
    expect_small(MAPISendDocuments(0, ";", text, NULL, 0));
    free(text);
    expect_nothing_came_of_it();
}

/* An identifier with each character spoiled in turn opens nothing that it did not name. */
Test(simple_hostile, spoiled_identifiers_name_no_other_message) /* SMP-002 */
{
    char id[512], spoiled[512];

    strcpy(id, delivered_id("the only one"));
    for (size_t at = 0; at <= strlen(id); at++)
        for (int how = 0; how < 3; how++) {
            MapiMessage *message = NULL;
            ULONG result;

            strcpy(spoiled, id);
            spoiled[at] = (char)(how == 0 ? '\0' : how == 1 ? spoiled[at] ^ 1 : 'Z');
            if (strcmp(spoiled, id) == 0)
                continue;
            result = MAPIReadMail(simple, 0, spoiled, MAPI_PEEK | MAPI_ENVELOPE_ONLY, 0, &message);
            if (result == SUCCESS_SUCCESS)
                cr_expect_str_eq(message->lpszSubject, "the only one");
            else
                expect_result(result, MAPI_E_INVALID_MESSAGE);
            MAPIFreeBuffer(message);
        }
}
