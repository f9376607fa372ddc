/* tests/mapi/test_error.c - error records */
#include <string.h>

#include "mapi/error.h"
#include "mapi/text.h"
#include "support/com.h"

Test(error, keeps_code_component_and_sentence)
{
    struct error_info error = {0};

    expect_hr(error_set(&error, MAPI_E_NETWORK_ERROR, "imap.example.org:993", "refused: %d", 61),
              MAPI_E_NETWORK_ERROR);
    cr_expect_str_eq(error.component, "imap.example.org:993");
    cr_expect_str_eq(error.text, "refused: 61");
    error_clear(&error);
    cr_expect_eq(error.hr, S_OK);
    expect_hr(error_set(NULL, MAPI_E_BUSY, NULL, "nobody listens"), MAPI_E_BUSY);
}

Test(error, cuts_at_a_character_and_takes_controls_out)
{
    struct error_info error;
    char text[2 * ERROR_TEXT_MAX];
    size_t i;

    for (i = 0; i + 3 < sizeof(text); i += 3)
        memcpy(text + i, "\xE2\x82\xAC", 4); /* euro signs */
    error_set(&error, MAPI_E_BUSY, NULL, "x%s", text);
    cr_expect(strlen(error.text) < ERROR_TEXT_MAX);
    cr_expect(utf8_is_valid(error.text, strlen(error.text)));
    cr_expect_eq((strlen(error.text) - 1) % 3, 0);
    error_set(&error, MAPI_E_BUSY, NULL,
              "a\r\nb\x7F"
              "c\xFF");
    cr_expect_str_eq(error.text, "a  b c?");
    error_set(&error, MAPI_E_BUSY, NULL,
              "\x1B[2J \xC2\x9B"
              "2J \xC2\xA0\xC3\xA4"); /* CSI, twice */
    cr_expect_str_eq(error.text, " [2J   2J \xC2\xA0\xC3\xA4");
}

Test(error, may_be_made_from_itself)
{
    struct error_info error;

    error_set(&error, MAPI_E_BUSY, "a", "inner");
    error_set(&error, MAPI_E_CANCEL, error.component, "outer: %s", error.text);
    cr_expect_str_eq(error.text, "outer: inner");
}
