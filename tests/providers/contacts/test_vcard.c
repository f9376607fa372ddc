/* tests/providers/contacts/test_vcard.c - reading vCards */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/contacts/vcard.h"
#include "support/com.h"

static char seen[4096];

/* Cards as "name|uid|given|surname|company|title|nickname|address,address\n". */
static HRESULT write_card(void *context, const struct vcard *card)
{
    const char *texts[] = {card->name,    card->uid,   card->given,   card->surname,
                           card->company, card->title, card->nickname};
    char *at = seen + strlen(seen);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        at += sprintf(at, "%s|", texts[i] ? texts[i] : "-");
    for (size_t i = 0; i < card->email_count; i++)
        at += sprintf(at, "%s%s", i ? "," : "", card->emails[i]);
    sprintf(at, "\n");
    return context ? *(HRESULT *)context : S_OK;
}

static void expect_cards(const char *text, const char *expected)
{
    seen[0] = '\0';
    assert_hr(vcards_read(text, strlen(text), write_card, NULL), S_OK);
    cr_expect_str_eq(seen, expected);
}

Test(vcard, version_4)
{
    expect_cards("BEGIN:VCARD\r\n"
                 "VERSION:4.0\r\n"
                 "UID:urn:uuid:1\r\n"
                 "FN:Ann Example\r\n"
                 "N:Example;Ann;Marie;Dr.;\r\n"
                 "NICKNAME:Annie,Nan\r\n"
                 "ORG:Example\\, Inc.;Sales\r\n"
                 "TITLE:Chief\r\n"
                 "EMAIL;TYPE=work;PREF=1:ann@example.org\r\n"
                 "item1.EMAIL:mailto:ann@home.example\r\n"
                 "TEL;VALUE=uri:tel:+49-30-1\r\n"
                 "END:VCARD\r\n",
                 "Ann Example|urn:uuid:1|Ann|Example|Example, Inc.|Chief|Annie|"
                 "ann@example.org,ann@home.example\n");
}

Test(vcard, version_3_with_bare_line_ends_and_several_cards)
{
    expect_cards("\xEF\xBB\xBF"
                 "begin:vcard\n"
                 "version:3.0\n"
                 "fn:Bob\n"
                 "email;type=INTERNET,pref:bob@example.org\n"
                 "end:vcard\n"
                 "\n"
                 "BEGIN:VCARD\n"
                 "FN:Nobody\n"
                 "END:VCARD\n"
                 "BEGIN:VCARD\n"
                 "N:Zed\n"
                 "EMAIL:z@example.org\n"
                 "END:VCARD",
                 "Bob|-|-|-|-|-|-|bob@example.org\n"
                 "Zed|-|-|Zed|-|-|-|z@example.org\n");
}

Test(vcard, folded_lines_are_put_together_and_quotations_taken_away)
{
    expect_cards("BEGIN:VCARD\r\n"
                 "FN:Very\r\n"
                 "  Lo\r\n"
                 "\tng\\; \\\\ na\\nme\r\n"
                 "EMAIL;X=\"a:b;c\":v@example.org\r\n"
                 "END:VCARD\r\n",
                 "Very Long; \\ na me|-|-|-|-|-|-|v@example.org\n");
}

Test(vcard, a_name_is_made_of_what_there_is)
{
    expect_cards("BEGIN:VCARD\nN:Example;Ann\nEMAIL:a@b\nEND:VCARD\n"
                 "BEGIN:VCARD\nORG:Firm\nEMAIL:f@b\nEND:VCARD\n"
                 "BEGIN:VCARD\nFN: \nEMAIL:g@b\nEND:VCARD\n",
                 "Ann Example|-|Ann|Example|-|-|-|a@b\n"
                 "Firm|-|-|-|Firm|-|-|f@b\n"
                 "g@b|-|-|-|-|-|-|g@b\n");
}

Test(vcard, what_cannot_be_read_is_passed_over)
{
    static char text[3 * VCARD_LINE_MAX];
    char *at = text;

    at += sprintf(at, "EMAIL:outside@b\nEND:VCARD\nBEGIN:VCARD\nno colon\nFN:A\nPHOTO:");
    memset(at, 'x', VCARD_LINE_MAX);
    at += VCARD_LINE_MAX;
    sprintf(at, "\n FN:in the picture\n"
                "FN;ENCODING=QUOTED-PRINTABLE:=41\n"
                "BEGIN:VCARD\nFN:inner\nEMAIL:inner@b\nEND:VCARD\n"
                "EMAIL:no address\nEMAIL:\nEMAIL:a b@c\nEMAIL:a@b\n"
                "END:VCARD\n"
                "BEGIN:VCARD\nFN:never ended\nEMAIL:n@b\n");
    expect_cards(text, "A|-|-|-|-|-|-|a@b\n");
}

Test(vcard, bad_bytes_become_fit_to_be_shown)
{
    expect_cards("BEGIN:VCARD\nFN:A\xFF\x01Z\nEMAIL:a@b\nEND:VCARD\n", "A? Z|-|-|-|-|-|-|a@b\n");
}

Test(vcard, addresses_are_limited)
{
    static char text[8192];
    size_t commas = 0;
    char *at = text + sprintf(text, "BEGIN:VCARD\nFN:A\n");

    for (int i = 0; i < 2 * VCARD_EMAILS_MAX; i++)
        at += sprintf(at, "EMAIL:a%d@b\n", i);
    sprintf(at, "END:VCARD\n");
    seen[0] = '\0';
    assert_hr(vcards_read(text, strlen(text), write_card, NULL), S_OK);
    for (const char *c = seen; *c; c++)
        commas += *c == ',';
    cr_expect_eq(commas, VCARD_EMAILS_MAX - 1);
}

Test(vcard, a_reader_that_fails_ends_it)
{
    static const char two[] =
        "BEGIN:VCARD\nEMAIL:a@b\nEND:VCARD\nBEGIN:VCARD\nEMAIL:c@d\nEND:VCARD";
    HRESULT failure = MAPI_E_NOT_ENOUGH_MEMORY;

    seen[0] = '\0';
    expect_hr(vcards_read(two, strlen(two), write_card, &failure), MAPI_E_NOT_ENOUGH_MEMORY);
    cr_expect_str_eq(seen, "a@b|-|-|-|-|-|-|a@b\n");
}
