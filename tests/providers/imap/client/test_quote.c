/* tests/providers/imap/client/test_quote.c - strings for commands */
#include <criterion/criterion.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "providers/imap/client/quote.h"

static struct command_text command;

static void teardown(void)
{
    command_text_clear(&command);
}

TestSuite(quote, .fini = teardown);

static void add(const char *text, bool literal_plus)
{
    command_text_string(&command, text, strlen(text), literal_plus);
}

Test(quote, quotes_what_can_be_quoted)
{
    command_text_add(&command, "%s ", "SEARCH");
    add("", false);
    add("a \"b\" \\c", false);
    add("\"", false);
    cr_expect_eq(command.hr, S_OK);
    cr_expect_str_eq(command.text, "SEARCH \"\"\"a \\\"b\\\" \\\\c\"\"\\\"\"");
}

Test(quote, sends_the_rest_as_literals)
{
    const char *bytes;
    size_t offset = 0, size;
    bool waits;

    command_text_add(&command, "1 X ");
    add("\xc3\xa4", false);
    command_text_add(&command, " ");
    add("a\r\nb", false);
    command_text_add(&command, " end");
    cr_assert(command_text_piece(&command, &offset, &bytes, &size, &waits));
    cr_expect(waits && size == 9 && memcmp(bytes, "1 X {2}\r\n", 9) == 0);
    cr_assert(command_text_piece(&command, &offset, &bytes, &size, &waits));
    cr_expect(waits && size == 8 && memcmp(bytes, "\xc3\xa4 {4}\r\n", 8) == 0);
    cr_assert(command_text_piece(&command, &offset, &bytes, &size, &waits));
    cr_expect(!waits && size == 8 && memcmp(bytes, "a\r\nb end", 8) == 0);
    cr_expect(!command_text_piece(&command, &offset, &bytes, &size, &waits));
}

Test(quote, literal_plus_does_not_wait)
{
    const char *bytes;
    size_t offset = 0, size;
    bool waits;

    add("\xc3\xa4", true);
    cr_assert(command_text_piece(&command, &offset, &bytes, &size, &waits));
    cr_expect(!waits && size == 8 && memcmp(bytes, "{2+}\r\n\xc3\xa4", 8) == 0);
    cr_expect(!command_text_piece(&command, &offset, &bytes, &size, &waits));
}

Test(quote, long_strings_are_literals)
{
    char text[1002];

    memset(text, 'a', 1001);
    text[1001] = '\0';
    add(text, true);
    cr_expect_eq(strncmp(command.text, "{1001+}\r\naaa", 12), 0);
}

Test(quote, nul_is_refused_and_sticks)
{
    command_text_string(&command, "a\0b", 3, true);
    add("x", true);
    cr_expect_eq(command.hr, MAPI_E_INVALID_PARAMETER);
}

Test(quote, mailboxes)
{
    command_text_mailbox(&command, "inbox", true);
    command_text_mailbox(&command, "Entw\xc3\xbcrfe \"x\"", true);
    cr_expect_str_eq(command.text, "\"INBOX\"\"Entw&APw-rfe \\\"x\\\"\"");
    command_text_mailbox(&command, "\xff", true);
    cr_expect_eq(command.hr, MAPI_E_INVALID_PARAMETER);
}
