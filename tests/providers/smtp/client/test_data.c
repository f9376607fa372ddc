/* tests/providers/smtp/client/test_data.c - line ends and dots (RFC 5321, 4.5.2) */
#include "smtp_rig.h"

#include "providers/smtp/client/private.h"

TestSuite(data);

/* Feeds `text` in pieces of `step` bytes. */
static void expect_stuffed(const char *text, const char *expected)
{
    for (size_t step = 1; step <= strlen(text) + 1; step++) {
        struct smtp_data_stuffer stuffer = {.line_start = true};
        char out[512];
        size_t used = 0;

        for (size_t at = 0; at < strlen(text); at += step) {
            size_t size = strlen(text) - at < step ? strlen(text) - at : step;

            used += smtp_data_stuff(&stuffer, text + at, size, out + used);
        }
        used += smtp_data_stuff_end(&stuffer, out + used);
        out[used] = '\0';
        cr_expect_str_eq(out, expected, "step %zu of %s", step, text);
    }
}

Test(data, dots_at_line_starts_are_doubled)
{
    expect_stuffed(".\r\n..\r\na.b\r\n", "..\r\n...\r\na.b\r\n");
    expect_stuffed(".", "..\r\n");
}

Test(data, every_line_end_becomes_crlf)
{
    expect_stuffed("a\nb\rc\r\nd", "a\r\nb\r\nc\r\nd\r\n");
    expect_stuffed("a\r\r\nb\n\n", "a\r\n\r\nb\r\n\r\n");
    expect_stuffed("a\r", "a\r\n");
    expect_stuffed("", "");
}

Test(data, no_trick_with_line_ends_ends_the_message_early)
{
    expect_stuffed("a\n.\nMAIL", "a\r\n..\r\nMAIL\r\n");
    expect_stuffed("a\r.\rMAIL", "a\r\n..\r\nMAIL\r\n");
    expect_stuffed("a\r\n.\rMAIL", "a\r\n..\r\nMAIL\r\n");
    expect_stuffed("a\n.\r\nMAIL", "a\r\n..\r\nMAIL\r\n");
}
