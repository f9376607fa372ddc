/* docs/requirements/simple_mapi.md: files that are sent, and "MAPISendDocuments" */
#include "tests/simple/sending.h"

#include <sys/stat.h>
#include <unistd.h>

TestSuite(simple_files, .init = sending_begin, .fini = simple_end);
TestSuite(simple_files_alone, .init = sending_begin_alone, .fini = simple_end);

static ULONG send_file(MapiFileDesc file)
{
    return send_message(
        (MapiMessage){.lpszSubject = sent_subject, .nFileCount = 1, .lpFiles = &file});
}

Test(simple_files_alone, files_are_copied_before_the_call_returns) /* SMP-077 */
{
    const char *path = new_file("gone.txt", "its content");

    test_server_kill(mail.servers, TEST_SERVER_SMTP);
    expect_result(send_file((MapiFileDesc){.lpszPathName = (LPSTR)path}), SUCCESS_SUCCESS);
    cr_expect_eq(unlink(path), 0);
    test_server_start(mail.servers, TEST_SERVER_SMTP);
    expect_sent_with("aXRzIGNvbnRlbnQ="); /* its content, in base64 */
}

Test(simple_files, files_that_cannot_be_had_are_told) /* SMP-078, SMP-089 */
{
    const char *path = new_file("large", "");
    char pipe[256], folder[256];

    snprintf(pipe, sizeof(pipe), "%s/pipe", mail.state);
    snprintf(folder, sizeof(folder), "%s/folder", mail.state);
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    cr_assert_eq(mkdir(folder, 0700), 0);
    expect_result(send_file((MapiFileDesc){.lpszPathName = "/nonexistent"}),
                  MAPI_E_ATTACHMENT_NOT_FOUND);
    expect_result(send_file((MapiFileDesc){.lpszPathName = NULL}), MAPI_E_ATTACHMENT_NOT_FOUND);
    expect_result(send_file((MapiFileDesc){.lpszPathName = pipe}), MAPI_E_ATTACHMENT_OPEN_FAILURE);
    expect_result(send_file((MapiFileDesc){.lpszPathName = folder}),
                  MAPI_E_ATTACHMENT_OPEN_FAILURE);
    cr_assert_eq(truncate(path, (128 << 20) + 1), 0);
    expect_result(send_file((MapiFileDesc){.lpszPathName = (LPSTR)path}),
                  MAPI_E_ATTACHMENT_TOO_LARGE);
    expect_nothing_sent();
}

Test(simple_files, a_file_has_its_own_name_or_the_path_s) /* SMP-096 */
{
    const char *path = new_file("from the path.txt", "content");

    expect_result(send_file((MapiFileDesc){.lpszPathName = (LPSTR)path, .lpszFileName = ""}),
                  SUCCESS_SUCCESS);
    expect_sent_with("filename=\"from the path.txt\"");
    snprintf(sent_subject, sizeof(sent_subject), "Named to %s", mail.user);
    expect_result(
        send_file((MapiFileDesc){.lpszPathName = (LPSTR)path, .lpszFileName = "given.txt"}),
        SUCCESS_SUCCESS);
    expect_sent_with("filename=given.txt");
    expect_sent_without("from the path");
}

/* Saves a message with that file; it, opened by the other session, and its first attachment. */
static IAttach *saved_attachment(MapiFileDesc file, IMessage **ret_message)
{
    MapiMessage message = {.lpszSubject = "attached", .lpszNoteText = "text", .nFileCount = 1};
    char id[512] = "";
    IAttach *attach;

    message.lpFiles = &file;
    assert_result(MAPISaveMail(simple, 0, &message, MAPI_LONG_MSGID, 0, id), SUCCESS_SUCCESS);
    *ret_message = open_by_id(id, 0);
    assert_hr(IMessage_OpenAttach(*ret_message, 0, NULL, 0, &attach), S_OK);
    return attach;
}

Test(simple_files, attachments_are_data_files) /* SMP-097, SMP-098 */
{
    MapiFileDesc file = {.lpszPathName = (LPSTR)new_file("x.bin", "data"), .nPosition = (ULONG)-1};
    IMessage *message;
    IAttach *attach = saved_attachment(file, &message);

    cr_expect_eq(number_of(attach, PR_ATTACH_METHOD), ATTACH_BY_VALUE);
    IAttach_Release(attach);
    IMessage_Release(message);
    file.flFlags = MAPI_OLE;
    expect_result(send_file(file), MAPI_E_NOT_SUPPORTED);
    file.flFlags = MAPI_OLE | MAPI_OLE_STATIC;
    expect_result(send_file(file), MAPI_E_NOT_SUPPORTED);
    expect_nothing_sent();
}

/* The store is MIME, which has neither: both are taken, and the whole file arrives behind the text.
 */
Test(simple_files, a_place_and_a_type_do_no_harm)
{
    static BYTE tag[] = {0x2A, 0x86, 0x48}, encoding[] = {0x2A, 0x86};
    MapiFileTagExt type = {.cbTag = 3, .lpTag = tag, .cbEncoding = 2, .lpEncoding = encoding};
    MapiFileDesc file = {
        .lpszPathName = (LPSTR)new_file("x.bin", "data"), .nPosition = 2, .lpFileType = &type};
    IMessage *message;
    IAttach *attach = saved_attachment(file, &message);
    MapiMessage *read;
    char id[512];

    cr_expect_str_eq(text_of(message, PR_BODY_W), "text");
    IAttach_Release(attach);
    IMessage_Release(message);
    strcpy(id, find_id("attached"));
    assert_result(MAPIReadMail(simple, 0, id, 0, 0, &read), SUCCESS_SUCCESS);
    cr_expect_eq(read->lpFiles[0].nPosition, (ULONG)-1);
    cr_expect_null(read->lpFiles[0].lpFileType);
    cr_expect_eq(unlink(read->lpFiles[0].lpszPathName), 0);
    MAPIFreeBuffer(read);
}

/* --- MAPISendDocuments ------------------------------------------------------------------------ */

static ULONG send_documents(const char *delimiter, const char *paths)
{
    return MAPISendDocuments(0, (LPSTR)delimiter, (LPSTR)paths, NULL, 0);
}

Test(simple_files, documents_that_cannot_be_opened_are_told) /* SMP-114 */
{
    char paths[512];

    snprintf(paths, sizeof(paths), "%s;/nonexistent", new_file("one", "1"));
    expect_result(send_documents(";", paths), MAPI_E_ATTACHMENT_OPEN_FAILURE);
    expect_result(send_documents("|", paths), MAPI_E_ATTACHMENT_OPEN_FAILURE); /* one odd name */
    snprintf(paths, sizeof(paths), "%s|%s", new_file("one", "1"), new_file("two", "2"));
    expect_result(send_documents(";", paths), MAPI_E_ATTACHMENT_OPEN_FAILURE);
    expect_result(send_documents("|", paths), MAPI_E_FAILURE); /* no screen */
    expect_nothing_sent();
}

Test(simple_files, documents_need_a_session_for_a_moment) /* SMP-115 */
{
    LHANDLE handle;

    expect_result(send_documents(NULL, new_file("one", "1")), MAPI_E_FAILURE);
    expect_result(logon_result(NULL, NULL, 0), MAPI_E_LOGIN_FAILURE); /* it has ended */
    assert_result(MAPILogon(0, NULL, NULL, MAPI_LOGON_UI, 0, &handle), SUCCESS_SUCCESS);
    set_default_profile(false);
    expect_result(send_documents(NULL, new_file("one", "1")), MAPI_E_FAILURE); /* the shared one */
    assert_result(MAPILogoff(handle, 0, 0, 0), SUCCESS_SUCCESS);
    expect_result(send_documents(NULL, new_file("one", "1")), MAPI_E_LOGIN_FAILURE);
}

Test(simple_files, documents_stay_where_they_are) /* SMP-117, SMP-118 */
{
    const char *path = new_file("one", "1");

    expect_result(send_documents(";", path), MAPI_E_FAILURE);
    cr_expect_eq(access(path, R_OK), 0);
}
