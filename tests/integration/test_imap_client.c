/* The IMAP client against a real Dovecot: TLS, list, fill, watch, append, move, outage, silence. */
#include "tests/providers/imap/client/client_rig.h"
#include "tests/servers/servers.h"

#include <unistd.h>

static struct test_servers *servers;
static struct rig rig;
static struct imap_index *idx;
static struct imap_watch *watch;
static struct error_info error;

static void start(void)
{
    servers = test_servers_start(NULL);
    rig_start_without_script(&rig);
    rig.options.host = "127.0.0.1";
    rig.options.port = test_servers_port(servers, "IMAPS");
    rig.options.tls = CONN_TLS_FIRST;
    rig.options.ca_file = test_servers_get(servers, "MG_CA_FILE");
    rig.options.ping_interval = 0;
    rig.options.poll_interval = 0;
}

static void stop(void)
{
    rig_stop(&rig);
    test_servers_stop(servers);
}

/* Waits until the newest snapshot has `count` rows. */
static void await_rows(size_t count)
{
    for (int i = 0; i < 3000; i++) {
        struct imap_snapshot *snapshot = imap_index_snapshot(idx);
        size_t rows = imap_snapshot_count(snapshot);

        imap_snapshot_unref(snapshot);
        if (rows == count)
            return;
        usleep(10000);
    }
    cr_assert_fail("the index never had %zu rows:\n%s", count, rig.trace);
}

static void deliver(const char *subject)
{
    char message[512];

    snprintf(message, sizeof(message),
             "From: Bob <bob@example.test>\r\nTo: alice@example.test\r\nSubject: %s\r\n"
             "Message-ID: <%s@x>\r\n\r\nhello\r\n",
             subject, subject);
    test_servers_deliver(servers, "alice", message);
}

/* --- In the engine --------------------------------------------------------------------------- */

static HRESULT watch_inbox(void *arg)
{
    HRESULT hr = imap_index_create(rig.client, "INBOX", &idx);

    (void)arg;
    return FAILED(hr) ? hr : imap_watch_start(idx, &watch);
}

static HRESULT unwatch(void *arg)
{
    (void)arg;
    imap_watch_stop(watch);
    imap_index_close(idx);
    return S_OK;
}

static HRESULT noop(void *arg)
{
    struct imap_lease *lease;
    HRESULT hr = imap_lease_begin(rig.client, NULL, 0, NO_DEADLINE, &error, &lease);

    (void)arg;
    if (SUCCEEDED(hr)) {
        hr = imap_noop(lease, &error);
        imap_lease_end(lease);
    }
    return hr;
}

struct memory {
    const char *bytes;
    size_t left;
};

static HRESULT read_memory(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    struct memory *memory = arg;

    *ret_size = memory->left < size ? memory->left : size;
    memcpy(buffer, memory->bytes, *ret_size);
    memory->bytes += *ret_size;
    memory->left -= *ret_size;
    return S_OK;
}

/* Creates, appends 600 KiB, reads it back in windows, copies, moves, renames, deletes. */
static HRESULT life_of_a_message(void *arg)
{
    static const char head[] = "Subject: big\r\n\r\n";
    size_t size = sizeof(head) - 1 + 600000;
    char *message = malloc(size), *back = malloc(size + 100);
    struct memory memory = {message, size};
    struct imap_append append = {.mailbox = "Große Mails",
                                 .flags = IMAP_FLAG_SEEN,
                                 .internaldate = INT64_MIN,
                                 .size = size,
                                 .read = read_memory,
                                 .arg = &memory};
    uint32_t validity = 0, uid = 0;
    struct imap_body_reader *reader;
    struct imap_copied copied = {0};
    struct imap_lease *lease;
    size_t at = 0, got;

    (void)arg;
    memcpy(message, head, sizeof(head) - 1);
    for (size_t i = sizeof(head) - 1; i < size; i += 60) {
        memset(message + i, 'a' + (int)(i / 60 % 26), 58);
        memcpy(message + i + 58, "\r\n", 2);
    }
    expect_hr(imap_lease_begin(rig.client, NULL, 0, NO_DEADLINE, &error, &lease), S_OK);
    expect_hr(imap_mailbox_create(lease, "Große Mails", IMAP_USE_NONE, &error), S_OK);
    expect_hr(imap_mailbox_create(lease, "Große Mails", IMAP_USE_NONE, &error), MAPI_E_COLLISION);
    expect_hr(imap_append(lease, &append, &error, &validity, &uid), S_OK);
    cr_expect_neq(uid, 0u);
    imap_lease_end(lease);

    expect_hr(imap_body_reader_create(rig.client, "Große Mails", validity, uid, "", &reader), S_OK);
    for (;;) {
        HRESULT hr = imap_body_reader_read(reader, at, back + at, 50000, NO_DEADLINE, &error, &got);

        expect_hr(hr, S_OK);
        if (FAILED(hr) || got == 0)
            break;
        at += got;
    }
    imap_body_reader_free(reader);
    cr_expect_eq(at, size);
    cr_expect_eq(memcmp(message, back, size), 0);

    expect_hr(imap_lease_begin(rig.client, "Große Mails", 0, NO_DEADLINE, &error, &lease), S_OK);
    expect_hr(imap_copy(lease, &uid, 1, "INBOX", &error, &copied), S_OK);
    cr_expect_eq(copied.count, 1u);
    imap_copied_clear(&copied);
    expect_hr(imap_copy(lease, &uid, 1, "nowhere", &error, &copied), MAPI_E_NOT_FOUND);
    expect_hr(
        imap_flags_store(lease, &uid, 1, IMAP_STORE_ADD, IMAP_FLAG_FLAGGED, NULL, 0, &error, NULL),
        S_OK);
    expect_hr(imap_move(lease, &uid, 1, "INBOX", &error, &copied), S_OK);
    cr_expect_eq(copied.count, 1u);
    cr_expect_eq(copied.pairs[0].from, uid);
    imap_copied_clear(&copied);
    expect_hr(imap_mailbox_rename(lease, "Große Mails", "Kleine \"Mails\"", &error), S_OK);
    expect_hr(imap_mailbox_delete(lease, "Kleine \"Mails\"", &error), S_OK);
    imap_lease_end(lease);
    free(message);
    free(back);
    return S_OK;
}

static HRESULT list_all(void *arg)
{
    struct imap_mailbox_list *list;
    struct imap_lease *lease;
    bool inbox = false;
    HRESULT hr = imap_lease_begin(rig.client, NULL, 0, NO_DEADLINE, &error, &lease);

    (void)arg;
    if (FAILED(hr))
        return hr;
    hr = imap_mailbox_list(lease, true, &error, &list);
    imap_lease_end(lease);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < list->count; i++) {
        const struct imap_mailbox *mailbox = &list->mailboxes[i];

        if (!(mailbox->attributes & IMAP_MAILBOX_NOSELECT)) {
            cr_expect(mailbox->status.known, "%s", mailbox->name);
            cr_expect(mailbox->status.id[0] == 'G' || mailbox->status.id[0] == 'M', "%s has id %s",
                      mailbox->name, mailbox->status.id);
        }
        inbox |= mailbox->use == IMAP_USE_INBOX;
    }
    cr_expect(inbox);
    imap_mailbox_list_free(list);
    return S_OK;
}

/* --- Tests ----------------------------------------------------------------------------------- */

Test(imap_dovecot, list_tells_status_and_id_of_every_mailbox)
{
    start();
    test_servers_fill(servers, "alice");
    rig_client(&rig);
    expect_hr(rig_call(&rig, list_all, NULL), S_OK);
    stop();
}

Test(imap_dovecot, a_message_lives_its_life)
{
    start();
    rig_client(&rig);
    expect_hr(rig_call(&rig, life_of_a_message, NULL), S_OK);
    stop();
}

Test(imap_dovecot, a_watch_sees_mail_come_flags_change_and_messages_go)
{
    struct imap_snapshot *snapshot;

    start();
    rig_client(&rig);
    expect_hr(rig_call(&rig, watch_inbox, NULL), S_OK);
    deliver("one");
    deliver("two");
    await_rows(2);
    test_servers_doveadm(servers, "flags add -u alice \\\\Flagged mailbox INBOX subject two");
    for (int i = 0; i < 3000; i++) {
        bool flagged;

        snapshot = imap_index_snapshot(idx);
        flagged = imap_snapshot_flags(snapshot, 1) & IMAP_FLAG_FLAGGED;
        imap_snapshot_unref(snapshot);
        if (flagged)
            break;
        cr_assert(i < 2999, "the flag was never seen:\n%s", rig.trace);
        usleep(10000);
    }
    test_servers_doveadm(servers, "expunge -u alice mailbox INBOX subject one");
    await_rows(1);
    expect_hr(rig_call(&rig, unwatch, NULL), S_OK);
    imap_index_unref(idx);
    stop();
}

Test(imap_dovecot, a_killed_server_is_lost_at_once_and_found_when_it_returns)
{
    start();
    rig_client(&rig);
    expect_hr(rig_call(&rig, watch_inbox, NULL), S_OK);
    deliver("one");
    await_rows(1);
    test_server_kill(servers, TEST_SERVER_IMAP);
    rig_await_state(&rig, IMAP_LOST);
    expect_hr(rig_call(&rig, noop, NULL), MAPI_E_NETWORK_ERROR);
    test_server_start(servers, TEST_SERVER_IMAP);
    rig_await_state(&rig, IMAP_READY);
    deliver("two");
    await_rows(2);
    expect_hr(rig_call(&rig, unwatch, NULL), S_OK);
    imap_index_unref(idx);
    stop();
}

Test(imap_dovecot, a_frozen_server_is_lost_and_found)
{
    start();
    rig.options.ping_interval = 400; /* in earnest 20 s, which is too long for a test */
    rig.options.silence_timeout = 1000;
    rig_client(&rig);
    expect_hr(rig_call(&rig, watch_inbox, NULL), S_OK);
    expect_hr(rig_call(&rig, noop, NULL), S_OK);
    test_server_freeze(servers, TEST_SERVER_IMAP);
    rig_await_state(&rig, IMAP_LOST);
    test_server_thaw(servers, TEST_SERVER_IMAP);
    rig_await_state(&rig, IMAP_READY);
    deliver("one");
    await_rows(1);
    expect_hr(rig_call(&rig, unwatch, NULL), S_OK);
    imap_index_unref(idx);
    stop();
}

Test(imap_dovecot, a_wrong_password_is_refused)
{
    start();
    rig.password = "wrong";
    rig_client(&rig);
    expect_hr(rig_call(&rig, noop, NULL), MAPI_E_LOGON_FAILED);
    cr_expect(strstr(error.text, "AUTHENTICATIONFAILED"), "%s", error.text);
    cr_expect_eq(rig.state, IMAP_REFUSED);
    stop();
}

Test(imap_dovecot, starttls_works)
{
    start();
    rig.options.tls = CONN_TLS_LATER;
    rig.options.port = test_servers_port(servers, "IMAP");
    rig_client(&rig);
    expect_hr(rig_call(&rig, noop, NULL), S_OK);
    cr_expect(strstr(rig.trace, "+ (not shown)"), "%s", rig.trace); /* SCRAM's challenges */
    cr_expect_not(strstr(rig.trace, "+ c"), "%s", rig.trace);
    stop();
}
