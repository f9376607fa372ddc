/* tests/conf/test_server_url.c - server URLs (docs/architecture.md, "Names") */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "conf/server_url.h"
#include "mapi/mapicode.h"

TestSuite(server_url);

static void expect_url(const char *text, enum server_protocol protocol, const char *canonical,
                       enum server_tls tls)
{
    char formatted[SERVER_URL_MAX];
    const char *problem = "";
    struct server_url url = {0}, again = {0};
    HRESULT hr = server_url_parse(text, protocol, &url, &problem);

    cr_assert_eq(hr, S_OK, "%s: %s", text, problem);
    server_url_format(&url, formatted);
    cr_expect_str_eq(formatted, canonical);
    cr_expect_eq(url.tls, tls, "%s", text);
    cr_assert_eq(server_url_parse(formatted, protocol, &again, NULL), S_OK);
    cr_expect_eq(memcmp(&url, &again, sizeof(url)), 0, "%s", text);
}

Test(server_url, each_form_has_its_port_and_security)
{
    expect_url("imaps://imap.example.org", SERVER_IMAP, "imaps://imap.example.org:993",
               SERVER_TLS_FIRST);
    expect_url("imap://imap.example.org", SERVER_IMAP, "imap://imap.example.org:143",
               SERVER_TLS_REQUIRED);
    expect_url("imap://h:10143?tls=none", SERVER_IMAP, "imap://h:10143?tls=none", SERVER_TLS_NONE);
    expect_url("smtps://Mail.Example.ORG:4465/", SERVER_SMTP, "smtps://mail.example.org:4465",
               SERVER_TLS_FIRST);
    expect_url("SMTP://mail/?tls=required", SERVER_SMTP, "smtp://mail:587", SERVER_TLS_REQUIRED);
    expect_url("smtp://127.0.0.1:25?tls=none", SERVER_SMTP, "smtp://127.0.0.1:25?tls=none",
               SERVER_TLS_NONE);
    expect_url("imap://[::1]:143", SERVER_IMAP, "imap://[::1]:143", SERVER_TLS_REQUIRED);
    expect_url("imaps://[2001:DB8::1]", SERVER_IMAP, "imaps://[2001:db8::1]:993", SERVER_TLS_FIRST);
}

Test(server_url, what_is_wrong_is_said)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"", "begin with imaps://"},
        {NULL, "begin with imaps://"},
        {"imap.example.org", "begin with imaps://"},
        {"smtp://h", "begin with imaps://"},
        {"http://h", "begin with imaps://"},
        {"imaps://", "host is missing"},
        {"imaps://:993", "host is missing"},
        {"imaps://h:", "port"},
        {"imaps://h:0", "port"},
        {"imaps://h:65536", "port"},
        {"imaps://h:99x", "port"},
        {"imaps://h:123456", "port"},
        {"imaps://user@h", "user does not belong"},
        {"imaps://a b", "no host's name"},
        {"imaps://a..b", "no host's name"},
        {"imaps://-a", "no host's name"},
        {"imaps://a\r\nb", "no host's name"},
        {"imaps://[::1", "IPv6"},
        {"imaps://[foo]", "IPv6"},
        {"imaps://[::1]x", "only a port"},
        {"imaps://::1", "host is missing"}, /* an empty host and a port */
        {"imaps://h?tls=none", "contradicts"},
        {"imap://h?tls=maybe", "only ?tls"},
        {"imap://h?tls=none&x=1", "only ?tls"},
        {"imap://h/INBOX", "only ?tls"},
        {"imap://h#x", "only ?tls"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct server_url url = {.port = 7};
        const char *problem = "";

        cr_expect_eq(server_url_parse(rows[i].text, SERVER_IMAP, &url, &problem),
                     MAPI_E_INVALID_PARAMETER, "%s", rows[i].text);

        cr_expect(strstr(problem, rows[i].words), "%s: %s", rows[i].text, problem);
        cr_expect_eq(url.port, 7);
    }
}

Test(server_url, long_names_are_refused_not_cut)
{
    char text[600] = "imaps://";
    struct server_url url;

    for (int i = 0; i < 8; i++)
        strcat(text, "a2345678901234567890123456789012345678901234567890.");
    strcat(text, "org");
    cr_expect_eq(server_url_parse(text, SERVER_IMAP, &url, NULL), MAPI_E_INVALID_PARAMETER);
}
