/* tests/net/test_resolver.c - names to addresses, with a DNS server of the test's own
 *
 * Names end with a dot, so that no search domain of the machine is tried. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "net/resolver-private.h"
#include "tests/net/dns_server.h"
#include "tests/net/engines.h"

#define A 1

static struct engine *engine;
static struct dns_server *server;
static struct error_info error;

static HRESULT use_server(void *arg)
{
    return resolver_use_servers(dns_server_address(server), 200);
}

static void setup(void)
{
    server = dns_server_start();
    engine = engine_make("test");
    assert_hr(engine_call(engine, use_server, NULL), S_OK);
}

static void teardown(void)
{
    engine_end(engine);
    dns_server_stop(server);
}

TestSuite(resolver, .init = setup, .fini = teardown, .timeout = 60);

/* ---- Looking up from the test's thread ---- */

struct lookup {
    const char *host;
    uint64_t deadline;
    struct resolved found;
};

static HRESULT lookup_run(void *arg)
{
    struct lookup *lookup = arg;

    return resolver_lookup(lookup->host, 993, lookup->deadline ? lookup->deadline : GUARD, &error,
                           &lookup->found);
}

static const char *address_text(const struct sockaddr_storage *address, char text[64])
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

    if (address->ss_family == AF_INET6)
        inet_ntop(AF_INET6, &six->sin6_addr, text, 64);
    else
        inet_ntop(AF_INET, &four->sin_addr, text, 64);
    cr_expect_eq(ntohs(four->sin_port), 993); /* at the same place in both */
    return text;
}

static bool has(const struct resolved *found, const char *expected)
{
    char text[64];

    for (size_t i = 0; i < found->count; i++) {
        if (strcmp(address_text(&found->addresses[i], text), expected) == 0)
            return true;
    }
    return false;
}

static void expect_addresses(const char *host, size_t count, const char *first, const char *second)
{
    struct lookup lookup = {.host = host};
    HRESULT hr = engine_call(engine, lookup_run, &lookup);

    cr_assert(hr == S_OK, "%s: 0x%08x %s", host, (unsigned)hr, error.text);
    cr_expect_eq(lookup.found.count, count, "%s: %zu", host, lookup.found.count);
    cr_expect(has(&lookup.found, first), "%s: no %s", host, first);
    if (second)
        cr_expect(has(&lookup.found, second), "%s: no %s", host, second);
}

static void expect_failure(const char *host, const char *words)
{
    struct lookup lookup = {.host = host};

    assert_hr(engine_call(engine, lookup_run, &lookup), MAPI_E_NETWORK_ERROR);
    cr_expect_not_null(strstr(error.text, words), "%s", error.text);
    cr_expect_str_eq(error.component, host);
}

static HRESULT age(void *arg)
{
    resolver_age(*(uint64_t *)arg);
    return S_OK;
}

static void pass_seconds(uint64_t seconds)
{
    uint64_t ms = seconds * 1000;

    assert_hr(engine_call(engine, age, &ms), S_OK);
}

/* ---- Without a query ---- */

Test(resolver, literals_need_no_server)
{
    expect_addresses("192.0.2.7", 1, "192.0.2.7", NULL);
    expect_addresses("2001:db8::7", 1, "2001:db8::7", NULL);
    cr_expect_eq(dns_server_queries(server, A), 0);
}

Test(resolver, the_hosts_file_comes_before_the_server)
{
    struct lookup lookup = {.host = "localhost"};

    dns_server_set(server, "localhost", "192.0.2.99", 60);
    assert_hr(engine_call(engine, lookup_run, &lookup), S_OK);
    cr_expect(has(&lookup.found, "127.0.0.1") || has(&lookup.found, "::1"));
    cr_expect_not(has(&lookup.found, "192.0.2.99"));
    cr_expect_eq(dns_server_queries(server, A), 0);
}

Test(resolver, what_is_no_name_is_refused)
{
    char long_name[400];

    memset(long_name, 'a', sizeof(long_name));
    long_name[sizeof(long_name) - 1] = '\0';
    assert_hr(engine_call(engine, lookup_run, &(struct lookup){.host = ""}), MAPI_E_NETWORK_ERROR);
    assert_hr(engine_call(engine, lookup_run, &(struct lookup){.host = long_name}),
              MAPI_E_NETWORK_ERROR);
}

/* ---- With one ---- */

Test(resolver, gives_the_addresses_of_both_families)
{
    dns_server_set(server, "imap.test", "192.0.2.1 2001:db8::1", 60);
    expect_addresses("imap.test.", 2, "192.0.2.1", "2001:db8::1");
}

Test(resolver, gives_at_most_sixteen)
{
    char many[256] = "";

    for (int i = 0; i < 20; i++)
        sprintf(many + strlen(many), "192.0.2.%d ", i + 1);
    dns_server_set(server, "many.test", many, 60);
    expect_addresses("many.test.", RESOLVER_ADDRESSES_MAX, "192.0.2.1", "192.0.2.2");
}

Test(resolver, a_missing_name_is_told_apart_from_one_without_address)
{
    dns_server_set(server, "empty.test", "", 60);
    expect_failure("missing.test.", "no host of this name");
    expect_failure("empty.test.", "no address");
}

Test(resolver, an_answer_is_kept_for_its_ttl)
{
    dns_server_set(server, "imap.test", "192.0.2.1", 60);
    expect_addresses("imap.test.", 1, "192.0.2.1", NULL);
    dns_server_set(server, "imap.test", "192.0.2.2", 60);

    pass_seconds(55);
    expect_addresses("imap.test.", 1, "192.0.2.1", NULL);
    expect_addresses("IMAP.Test.", 1, "192.0.2.1", NULL); /* names have no case */
    cr_expect_eq(dns_server_queries(server, A), 1);

    pass_seconds(10);
    expect_addresses("imap.test.", 1, "192.0.2.2", NULL);
    cr_expect_eq(dns_server_queries(server, A), 2);
}

Test(resolver, an_answer_without_ttl_is_not_kept)
{
    dns_server_set(server, "imap.test", "192.0.2.1", 0);
    expect_addresses("imap.test.", 1, "192.0.2.1", NULL);
    dns_server_set(server, "imap.test", "192.0.2.2", 0);
    expect_addresses("imap.test.", 1, "192.0.2.2", NULL);
}

static HRESULT lookup_ten_at_once(void *arg)
{
    struct lookup lookups[10];
    struct fiber *fibers[10];

    for (size_t i = 0; i < 10; i++) {
        lookups[i] = (struct lookup){.host = "imap.test."};
        assert_hr(engine_spawn(engine, lookup_run, &lookups[i], &fibers[i]), S_OK);
    }
    for (size_t i = 0; i < 10; i++) {
        assert_hr(fiber_join(fibers[i]), S_OK);
        cr_expect(has(&lookups[i].found, "192.0.2.1"));
    }
    return S_OK;
}

Test(resolver, one_query_serves_all_who_wait_for_the_name)
{
    dns_server_set(server, "imap.test", "192.0.2.1", 0);
    assert_hr(engine_call(engine, lookup_ten_at_once, NULL), S_OK);
    cr_expect_eq(dns_server_queries(server, A), 1);
}

/* ---- When the server fails ---- */

Test(resolver, a_server_that_fails_is_told)
{
    dns_server_set(server, "imap.test", "192.0.2.1", 60);
    dns_server_mood(server, DNS_SERVFAIL);
    expect_failure("imap.test.", "name servers give no answer");
    dns_server_mood(server, DNS_SILENT);
    expect_failure("imap.test.", "name servers give no answer");
}

static HRESULT use_nobody(void *arg)
{
    return resolver_use_servers("127.0.0.1:1,127.0.0.1:2", 200);
}

Test(resolver, a_server_that_is_not_there_is_told)
{
    assert_hr(engine_call(engine, use_nobody, NULL), S_OK);
    expect_failure("imap.test.", "name servers give no answer");
}

Test(resolver, the_last_good_answer_serves_for_an_hour)
{
    dns_server_set(server, "imap.test", "192.0.2.1", 60);
    expect_addresses("imap.test.", 1, "192.0.2.1", NULL);

    dns_server_mood(server, DNS_SERVFAIL);
    pass_seconds(3500);
    expect_addresses("imap.test.", 1, "192.0.2.1", NULL);
    cr_expect_gt(dns_server_queries(server, A), 1, "asked first");
    dns_server_mood(server, DNS_SILENT);
    expect_addresses("imap.test.", 1, "192.0.2.1", NULL);

    pass_seconds(101);
    expect_failure("imap.test.", "name servers give no answer");
    dns_server_mood(server, DNS_ANSWERS);
    expect_addresses("imap.test.", 1, "192.0.2.1", NULL);
}

Test(resolver, a_name_that_was_removed_is_believed)
{
    dns_server_set(server, "imap.test", "192.0.2.1", 1);
    expect_addresses("imap.test.", 1, "192.0.2.1", NULL);
    pass_seconds(2);
    dns_server_set(server, "imap.test", "", 1);
    expect_failure("imap.test.", "no address");
    dns_server_mood(server, DNS_SERVFAIL);
    expect_failure("imap.test.", "name servers give no answer");
}

Test(resolver, the_deadline_ends_the_wait_and_the_answer_still_counts)
{
    struct lookup lookup = {.host = "imap.test.", .deadline = engine_now() + 50};

    dns_server_set(server, "imap.test", "192.0.2.1", 60);
    dns_server_mood(server, DNS_SILENT);
    assert_hr(engine_call(engine, lookup_run, &lookup), MAPI_E_TIMEOUT);
    dns_server_mood(server, DNS_ANSWERS); /* for c-ares' second try */
    expect_addresses("imap.test.", 1, "192.0.2.1", NULL);
}

static HRESULT cancel_a_lookup(void *arg)
{
    struct lookup lookup = {.host = "imap.test."};
    struct fiber *fiber;

    assert_hr(engine_spawn(engine, lookup_run, &lookup, &fiber), S_OK);
    fiber_yield();
    fiber_yield();
    fiber_cancel(fiber);
    assert_hr(fiber_join(fiber), MAPI_E_USER_CANCEL);
    return S_OK;
}

Test(resolver, a_cancelled_lookup_unwinds_and_the_engine_may_stop)
{
    dns_server_mood(server, DNS_SILENT);
    assert_hr(engine_call(engine, cancel_a_lookup, NULL), S_OK);
}

Test(resolver, knows_many_names_and_forgets_the_oldest)
{
    char host[32];

    dns_server_set(server, "first.test", "192.0.2.1", 60);
    expect_addresses("first.test.", 1, "192.0.2.1", NULL);
    for (int i = 0; i < 300; i++) {
        snprintf(host, sizeof(host), "n%d.test.", i);
        expect_failure(host, "no host");
    }
    dns_server_set(server, "first.test", "192.0.2.2", 60);
    expect_addresses("first.test.", 1, "192.0.2.2", NULL);
}
