/* tests/mime/test_decode.c - whole messages, and the spool */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"
#include "mapi/mapicode.h"
#include "mapi/mapitags.h"
#include "mime/spool.h"
#include "support/com.h"

Test(decode, html_in_an_unknown_charset_becomes_utf8)
{
    static const char bytes[] = "Content-Type: text/html; charset=x-nonsense\r\n\r\ncaf\xE9";
    struct mime_message message;
    const SPropValue *html;

    assert_hr(mime_decode(bytes, sizeof(bytes) - 1, &message), S_OK);
    html = made_prop(message.props, message.prop_count, PR_HTML);
    cr_expect(html->Value.bin.cb == 5 && memcmp(html->Value.bin.lpb, "caf\xC3\xA9", 5) == 0);
    cr_expect_eq(made_prop(message.props, message.prop_count, PROP_TAG(PT_LONG, 0x3FDE))->Value.l,
                 65001);
    mime_message_clear(&message);
}

Test(decode, a_report_has_the_class_of_its_status)
{
    static const char bytes[] =
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\ntext\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; x\r\n\r\nAction: delayed\r\n--b--\r\n";
    struct mime_message message;

    assert_hr(mime_decode(bytes, sizeof(bytes) - 1, &message), S_OK);
    made_expect_string(message.props, message.prop_count, PR_MESSAGE_CLASS_W,
                       "REPORT.IPM.Note.Delayed.DR");
    mime_message_clear(&message);
}

Test(decode, anything_is_some_message)
{
    static const char *const texts[] = {"", "\r\n", ":", "no header at all", "\xFF\xFE", "a:b"};
    struct mime_message message;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_hr(mime_decode(texts[i], strlen(texts[i]), &message), S_OK);
        made_expect_string(message.props, message.prop_count, PR_MESSAGE_CLASS_W, "IPM.Note");
        mime_message_clear(&message);
    }
    mime_message_clear(&message);
}

Test(spool, gives_back_what_it_took_in_memory_and_on_disk)
{
    enum { SIZE = 3 * 1024 * 1024 + 17 };
    char *bytes = malloc(SIZE), *back = malloc(SIZE);
    struct mime_spool *spool;
    size_t at = 0, size;

    made_bytes(7, bytes, SIZE);
    assert_hr(mime_spool_create(&spool), S_OK);
    for (size_t piece = 1; at < SIZE; at += size, piece = piece * 3 % 100003) {
        size = SIZE - at < piece ? SIZE - at : piece;
        assert_hr(mime_spool_write(spool, bytes + at, size), S_OK);
    }
    cr_assert_eq(mime_spool_size(spool), (uint64_t)SIZE);
    for (int round = 0; round < 2; round++) {
        memset(back, 0, SIZE);
        for (at = 0; at < SIZE; at += size) {
            assert_hr(
                mime_spool_read(spool, back + at, SIZE - at < 70001 ? SIZE - at : 70001, &size),
                S_OK);
            cr_assert_gt(size, 0u);
        }
        cr_assert(memcmp(bytes, back, SIZE) == 0);
        assert_hr(mime_spool_read(spool, back, 1, &size), S_OK);
        cr_expect_eq(size, 0u);
        assert_hr(mime_spool_rewind(spool), S_OK);
    }
    assert_hr(mime_spool_read_at(spool, SIZE - 3, back, 10, &size), S_OK);
    cr_expect(size == 3 && memcmp(back, bytes + SIZE - 3, 3) == 0);
    mime_spool_free(spool);
    mime_spool_free(NULL);
    free(bytes);
    free(back);
}

Test(spool, an_empty_one_ends_at_once)
{
    struct mime_spool *spool;
    char byte;
    size_t size;

    assert_hr(mime_spool_create(&spool), S_OK);
    assert_hr(mime_spool_read(spool, &byte, 1, &size), S_OK);
    cr_expect_eq(size, 0u);
    mime_spool_free(spool);
}
