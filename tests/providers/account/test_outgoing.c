/* tests/providers/account/test_outgoing.c - what leaves, and what comes back as a report */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "providers/account/outgoing.h"
#include "providers/account/receipt.h"
#include "providers/account/report.h"

static void expect_filtered(const char *header, const char *expected)
{
    char *copy = strdup(header);
    size_t size = outgoing_filter_header(copy, strlen(copy));

    cr_expect_eq(size, strlen(expected));
    cr_expect_arr_eq(copy, expected, size);
    free(copy);
}

Test(account_outgoing, bcc_and_our_own_fields_never_leave)
{
    expect_filtered("From: a@b\r\nBcc: c@d,\r\n e@f\r\nSubject: x\r\n\r\n",
                    "From: a@b\r\nSubject: x\r\n\r\n");
    expect_filtered("X-Mapigate-Token: 12\r\nTo: a\r\n\r\n", "To: a\r\n\r\n");
    expect_filtered("bcc:\r\n\tfolded\r\n\r\n", "\r\n");
    expect_filtered("Bccc: stays\r\n\r\n", "Bccc: stays\r\n\r\n");
    expect_filtered("Subject: no end", "Subject: no end");
    expect_filtered("", "");
}

Test(account_report, has_the_servers_own_words_for_each_refused_recipient)
{
    struct state_recipient recipients[] = {
        {.address = "good@example.org", .stage = RECIPIENT_SENT},
        {.address = "bad@example.org",
         .stage = RECIPIENT_REFUSED,
         .reply_code = 550,
         .words = "No such user\r\nInjected: yes"},
    };
    struct state_submission row = {.recipient_count = 2,
                                   .recipients = recipients,
                                   .message_id = "<m@x>",
                                   .envelope_id = "env"};
    size_t size;
    char *bytes = report_compose(&row, "smtp.example.org", "ann@example.org", 0, "1", &size);

    cr_assert_not_null(bytes);
    cr_expect_not_null(strstr(bytes, "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n"));
    cr_expect_not_null(strstr(bytes, "550 No such user  Injected: yes\r\n"));
    cr_expect_not_null(strstr(bytes, "Final-Recipient: rfc822; bad@example.org\r\n"));
    cr_expect_null(strstr(bytes, "good@example.org"));
    cr_expect_not_null(strstr(bytes, "In-Reply-To: <m@x>\r\n"));
    cr_expect_eq(strlen(bytes), size);
    free(bytes);
}

Test(account_receipt, names_the_message_and_takes_no_field_from_it)
{
    size_t size;
    char *bytes = receipt_compose("alice@example.org", "bob@example.org", "<1@example.org>",
                                  "Hi\r\nBcc: all@example.org", 1727776800, "7", &size);

    cr_assert(bytes);
    cr_expect(strstr(bytes, "Date: Tue, 1 Oct 2024 10:00:00 +0000\r\n"));
    cr_expect(strstr(bytes, "\r\nTo: <bob@example.org>\r\n"));
    cr_expect(strstr(bytes, "\r\nFinal-Recipient: rfc822; alice@example.org\r\n"));
    cr_expect(strstr(bytes, "\r\nOriginal-Message-ID: <1@example.org>\r\n"));
    cr_expect(strstr(bytes, "\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"));
    cr_expect_null(strstr(bytes, "\nBcc:"));
    cr_expect_eq(strlen(bytes), size);
    free(bytes);
}
