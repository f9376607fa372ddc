/* docs/requirements/properties.md, "Internet messages": IConverterSession on messages of a store */
#include <stdlib.h>

#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/stream.h"
#include "tests/conformance/store_rig.h"

static IConverterSession *converter;
static IMAPIFolder *folder;

static void begin(void)
{
    store_begin();
    folder = new_folder(NULL, "Converted");
    assert_hr(MGCreateConverterSession(&converter), S_OK);
}

static void end(void)
{
    expect_last_release(converter);
    IMAPIFolder_Release(folder);
    mail_close();
}

TestSuite(properties_converter, .init = begin, .fini = end);

/* --- Messages and streams --------------------------------------------------------------------- */

static const char html[] = "<html><body><p>Gr\xC3\xBC\xC3\x9F"
                           "e in HTML</p></body></html>";

static void add_recipient(IMessage *message, const char *address, LONG type)
{
    SPropValue values[4] = {{.ulPropTag = PR_DISPLAY_NAME_W},
                            {.ulPropTag = PR_ADDRTYPE_W},
                            {.ulPropTag = PR_EMAIL_ADDRESS_W},
                            {.ulPropTag = PR_RECIPIENT_TYPE, .Value.l = type}};
    struct {
        ULONG cEntries, unused;
        ADRENTRY entry;
    } list = {.cEntries = 1, .entry = {.cValues = 4, .rgPropVals = values}};

    values[0].Value.lpszW = values[2].Value.lpszW = mail_wide(address);
    values[1].Value.lpszW = mail_wide("SMTP");
    assert_hr(IMessage_ModifyRecipients(message, MODRECIP_ADD, (ADRLIST *)&list), S_OK);
}

/* Saved, with all that there is. */
static IMessage *full_message(void)
{
    IMessage *message = new_message(folder, "Converted: Grüße");
    SPropValue page = {.ulPropTag = PR_HTML, .Value.bin = {sizeof(html) - 1, (BYTE *)html}};

    assert_hr(set_text(message, PR_BODY_W, "Grüße als Text\r\n"), S_OK);
    assert_hr(set_value(message, page), S_OK);
    assert_hr(set_number(message, PR_INTERNET_CPID, 65001), S_OK);
    assert_hr(set_number(message, PR_IMPORTANCE, IMPORTANCE_HIGH), S_OK);
    add_recipient(message, "to@example.test", MAPI_TO);
    add_recipient(message, "copy@example.test", MAPI_CC);
    add_recipient(message, "blind@example.test", MAPI_BCC);
    attach_file(message, "four.bin", "\0\1\2\3", 4);
    attach_message(message, "within");
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    return message;
}

static IStream *memory_stream(const char *text)
{
    struct memory_stream_options options = {
        .data = text, .size = text ? strlen(text) : 0, .writable = true};
    IStream *stream;

    assert_hr(memory_stream_create(&options, &stream), S_OK);
    return stream;
}

static void rewind_stream(IStream *stream)
{
    LARGE_INTEGER start = {.QuadPart = 0};

    assert_hr(IStream_Seek(stream, start, STREAM_SEEK_SET, NULL), S_OK);
}

/* The message as MIME, MAPIFreeBuffer; zero-terminated. */
static char *mime_of(IMessage *message, ULONG flags)
{
    IStream *stream = memory_stream(NULL);
    uint8_t *bytes;
    size_t size;

    assert_hr(IConverterSession_MAPIToMIMEStm(converter, message, stream, CCSF_SMTP | flags), S_OK);
    rewind_stream(stream);
    assert_hr(stream_read_all(stream, 1 << 20, &bytes, &size), S_OK);
    IStream_Release(stream);
    return (char *)bytes;
}

/* --- Arguments -------------------------------------------------------------------------------- */

Test(properties_converter, going_out_needs_smtp_and_good_arguments) /* PRP-053 */
{
    IMessage *message = full_message();
    IStream *stream = memory_stream(NULL);

    expect_hr(IConverterSession_MAPIToMIMEStm(converter, message, stream, 0), E_INVALIDARG);
    expect_hr(IConverterSession_MAPIToMIMEStm(converter, message, stream, CCSF_INCLUDE_BCC),
              E_INVALIDARG);
    expect_hr(IConverterSession_MAPIToMIMEStm(converter, NULL, stream, CCSF_SMTP), E_INVALIDARG);
    expect_hr(IConverterSession_MAPIToMIMEStm(converter, message, NULL, CCSF_SMTP), E_INVALIDARG);
    expect_hr(IConverterSession_MAPIToMIMEStm(converter, message, stream, CCSF_SMTP | 0x40000000),
              E_INVALIDARG);
    expect_hr(IConverterSession_MAPIToMIMEStm(converter, message, stream, CCSF_SMTP | 1),
              E_INVALIDARG);
    expect_hr(IConverterSession_MAPIToMIMEStm(converter, message, stream, CCSF_SMTP), S_OK);
    IStream_Release(stream);
    IMessage_Release(message);
}

/* --- Flags ------------------------------------------------------------------------------------ */

Test(properties_converter, blind_copies_stay_out_unasked) /* PRP-054 */
{
    IMessage *message = full_message();
    char *without = mime_of(message, 0), *with = mime_of(message, CCSF_INCLUDE_BCC);

    cr_expect(strstr(without, "to@example.test") && strstr(without, "copy@example.test"));
    cr_expect(!strstr(without, "blind@example.test"));
    cr_expect(strcasestr(with, "\nBcc:") && strstr(with, "blind@example.test"));
    MAPIFreeBuffer(without);
    MAPIFreeBuffer(with);
    IMessage_Release(message);
}

Test(properties_converter, what_is_not_wanted_stays_out) /* PRP-055 */
{
    IMessage *message = full_message();
    char *whole = mime_of(message, 0), *nameless = mime_of(message, CCSF_NO_MSGID),
         *headless = mime_of(message, CCSF_NOHEADERS),
         *plain = mime_of(message, CCSF_PLAIN_TEXT_ONLY);

    cr_expect(strcasestr(whole, "\nMessage-ID: <"));
    cr_expect(strstr(whole, "text/html") && strstr(whole, "four.bin"));
    cr_expect(strstr(whole, "message/rfc822"));
    /* The embedded message keeps its own. */
    cr_expect(strcasestr(nameless, "Subject:"));
    cr_expect(!strcasestr(nameless, "\nMessage-ID:") ||
              strcasestr(nameless, "\nMessage-ID:") > strstr(nameless, "message/rfc822"));
    cr_expect(!strstr(headless, "to@example.test") && !strcasestr(headless, "Importance:"));
    cr_expect_eq(strncasecmp(headless, "MIME-Version:", 13) && strncasecmp(headless, "Content-", 8),
                 0, "%s", headless);
    cr_expect(strstr(headless, "text/html") && strstr(headless, "four.bin"));
    cr_expect(strstr(plain, "text/plain") && strcasestr(plain, "\nSubject:"));
    cr_expect(!strstr(plain, "text/html") && !strstr(plain, "multipart") &&
              !strstr(plain, "four.bin") && !strstr(plain, "message/rfc822"));
    MAPIFreeBuffer(plain);
    MAPIFreeBuffer(headless);
    MAPIFreeBuffer(nameless);
    MAPIFreeBuffer(whole);
    IMessage_Release(message);
}

/* --- There and back --------------------------------------------------------------------------- */

static IMessage *message_from(char *mime, ULONG flags)
{
    IMessage *message;
    IStream *stream = memory_stream(mime);
    SPropValue *id;

    assert_hr(IMAPIFolder_CreateMessage(folder, NULL, 0, &message), S_OK);
    assert_hr(IConverterSession_MIMEToMAPI(converter, stream, message, NULL, flags), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    id = value_of(message, PR_ENTRYID);
    IMessage_Release(message);
    message = open_message(id, 0);
    MAPIFreeBuffer(id);
    IStream_Release(stream);
    return message;
}

static ULONG recipients_of(IMessage *message)
{
    IMAPITable *table;
    ULONG count;

    assert_hr(IMessage_GetRecipientTable(message, 0, &table), S_OK);
    count = count_of(table);
    IMAPITable_Release(table);
    return count;
}

static void expect_attachments(IMessage *message)
{
    IAttach *attachment;
    SPropValue *data;
    IMessage *inner;

    assert_hr(IMessage_OpenAttach(message, 0, NULL, 0, &attachment), S_OK);
    cr_expect_str_eq(text_of(attachment, PR_ATTACH_LONG_FILENAME_W), "four.bin");
    data = value_of(attachment, PR_ATTACH_DATA_BIN);
    cr_assert_eq(data->Value.bin.cb, 4);
    cr_expect_arr_eq(data->Value.bin.lpb, "\0\1\2\3", 4);
    MAPIFreeBuffer(data);
    IAttach_Release(attachment);
    assert_hr(IMessage_OpenAttach(message, 1, NULL, 0, &attachment), S_OK);
    assert_hr(IAttach_OpenProperty(attachment, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0,
                                   (IUnknown **)&inner),
              S_OK);
    cr_expect_str_eq(text_of(inner, PR_SUBJECT_W), "within");
    cr_expect_str_eq(text_of(inner, PR_BODY_W), "inner words");
    IMessage_Release(inner);
    IAttach_Release(attachment);
}

Test(properties_converter, a_message_comes_back_as_it_went) /* PRP-058 */
{
    IMessage *message = full_message(), *back;
    char *mime = mime_of(message, CCSF_INCLUDE_BCC);
    SPropValue *page;

    back = message_from(mime, CCSF_SMTP | CCSF_INCLUDE_BCC);
    cr_expect_str_eq(text_of(back, PR_SUBJECT_W), "Converted: Grüße");
    cr_expect_str_eq(text_of(back, PR_BODY_W), "Grüße als Text\r\n");
    page = value_of(back, PR_HTML);
    cr_expect_eq(page->Value.bin.cb, sizeof(html) - 1);
    cr_expect(memcmp(page->Value.bin.lpb, html, sizeof(html) - 1) == 0);
    MAPIFreeBuffer(page);
    cr_expect_eq(number_of(back, PR_IMPORTANCE), IMPORTANCE_HIGH);
    cr_expect_str_eq(text_of(back, PR_INTERNET_MESSAGE_ID_W),
                     text_of(message, PR_INTERNET_MESSAGE_ID_W));
    cr_expect_eq(recipients_of(back), 3);
    expect_attachments(back);
    IMessage_Release(back);
    MAPIFreeBuffer(mime);
    IMessage_Release(message);
}

Test(properties_converter, coming_in_fills_a_message_of_the_callers) /* PRP-057 */
{
    static char mime[] = "From: Ann <ann@example.test>\r\nTo: Bert <bert@example.test>\r\n"
                         "Bcc: cleo@example.test\r\nSubject: filled in\r\n\r\nhello\r\n";
    IStream *stream = memory_stream(mime);
    IMessage *message;

    assert_hr(IMAPIFolder_CreateMessage(folder, NULL, 0, &message), S_OK);
    expect_hr(IConverterSession_MIMEToMAPI(converter, NULL, message, NULL, 0), E_INVALIDARG);
    expect_hr(IConverterSession_MIMEToMAPI(converter, stream, NULL, NULL, 0), E_INVALIDARG);
    expect_hr(IConverterSession_MIMEToMAPI(converter, stream, message, "server", 0), E_INVALIDARG);
    expect_hr(IConverterSession_MIMEToMAPI(converter, stream, message, NULL, CCSF_NO_MSGID),
              E_INVALIDARG);
    expect_hr(IConverterSession_MIMEToMAPI(converter, stream, message, NULL, 0x40000000),
              E_INVALIDARG);
    expect_hr(state_of(message, PR_SUBJECT_W), MAPI_E_NOT_FOUND); /* nothing has happened yet */
    assert_hr(IConverterSession_MIMEToMAPI(converter, stream, message, NULL, CCSF_SMTP), S_OK);
    cr_expect_str_eq(text_of(message, PR_SUBJECT_W), "filled in");
    cr_expect_str_eq(text_of(message, PR_BODY_W), "hello\r\n");
    cr_expect_str_eq(text_of(message, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W), "ann@example.test");
    cr_expect_eq(recipients_of(message), 1); /* the blind copy was not asked for */
    IStream_Release(stream);
    IMessage_Release(message);
}
