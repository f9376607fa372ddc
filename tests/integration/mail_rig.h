/* tests/integration/mail_rig.h - a program that uses MAPI, on real servers
 *
 * What a test needs around the public API: servers and a state folder of its own, a profile, a
 * session, a store; waiting for a status row or a notification (30 s at the most, or as the test
 * says). Everything a test does goes through MAPI's own interfaces. Checks in here abort the test.
 */
#ifndef TESTS_MAIL_RIG_H
#define TESTS_MAIL_RIG_H

#include <stdbool.h>

#include "mapi/mapigate.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "tests/mapi/sink.h"
#include "tests/servers/servers.h"
#include "tests/support/com.h"

#define PROFILE "work"

struct mail_rig {
    struct test_servers *servers;
    char state[64]; /* folder of profiles and state */
    char user[16];  /* "alice"; address at example.test */
    IMAPISession *session;
    IMsgStore *store;
    IMAPITable *status;
    struct test_sink *sink; /* on the status table */
    int guard_ms;           /* of waits; 0: 30 s */
    /* Of the profile; NULL: the servers' own. Set after mail_prepare. */
    const char *imap_url, *smtp_url;
    const char *contacts_file; /* of vCards; NULL: none */
};
extern struct mail_rig mail;

/* Servers and an empty state folder; `fill` puts the sample mailbox in. No library yet. */
void mail_prepare(bool fill);
/* The same on servers that the whole run shares, as a user of its own with an empty mailbox. */
void mail_prepare_shared(void);
/* The same, empty, with options of tests/servers/run.py. */
void mail_prepare_servers(const char *options);
/* MAPIInitialize, and profile PROFILE for that user with `password`. */
void mail_begin(const char *password);
/* The whole way: the above, logon, status table with sink, default store. */
void mail_open(ULONG logon_flags);
/* Gives all back in order and removes what mail_prepare made. */
void mail_close(void);

/* Parts of mail_open and mail_close. */
HRESULT mail_logon(ULONG flags);
void mail_open_status(void);
HRESULT mail_open_store(IMsgStore **ret_store);
void mail_logoff(void); /* store, status, session */

/* What GetLastError of the session says of `hr`, UTF-8; good until the next call. */
const char *mail_words(HRESULT hr);

/* PR_STATUS_CODE of the row of that PR_RESOURCE_TYPE: -1 without one. */
int64_t mail_status(ULONG resource_type);
/* Its PR_STATUS_STRING, UTF-8; good until the next few calls. */
const char *mail_status_text(ULONG resource_type);
/* Waits until (code & mask) == value. */
void mail_await_status(ULONG resource_type, ULONG mask, ULONG value);
/* Waits until the sink has heard TABLE_ROW_MODIFIED with such a row. */
void mail_await_row_event(ULONG resource_type, ULONG mask, ULONG value);
/* The status object of that row. */
IMAPIStatus *mail_status_object(ULONG resource_type);
#define STORE_ROW     MAPI_STORE_PROVIDER
#define TRANSPORT_ROW MAPI_TRANSPORT_PROVIDER

/* Waits until `sink` has heard an event of this type that `wanted` (NULL: any) accepts. */
const NOTIFICATION *mail_await_event(struct test_sink *sink, ULONG type,
                                     bool (*wanted)(const NOTIFICATION *, const void *),
                                     const void *context);
/* For mail_await_event: a table event of kind *(ULONG *)context. */
bool mail_is_table_event(const NOTIFICATION *notification, const void *context);

/* Folders by their path below the IPM subtree, "" itself, in UTF-8 with '/'. */
IMAPIFolder *mail_folder(const char *path);
HRESULT mail_find_folder(const char *path, IMAPIFolder **ret_folder);
IMAPITable *mail_contents(IMAPIFolder *folder);

/* The rows of a contents table, its columns the enum's. FreeProws. */
enum { ROW_SUBJECT, ROW_ENTRYID, ROW_SIZE, ROW_FLAGS, ROW_TIME, ROW_SENDER, ROW_COLUMNS };
SRowSet *mail_rows(IMAPITable *contents);
const char *mail_text(const SPropValue *value); /* UTF-8, "" if it is none; one of 16 buffers */
/* Row of that subject; -1. */
int mail_find_row(const SRowSet *rows, const char *subject);
/* Waits until the table has (or has not) a row of that subject. */
void mail_await_row(IMAPITable *contents, const char *subject, bool there);

/* A wide string of a few words, one of 16 buffers. */
WCHAR *mail_wide(const char *utf8);

/* Delivers a message to the user by LMTP; the second takes it as it is, with CRLF line ends. */
void mail_deliver(const char *subject);
void mail_deliver_raw(const char *message);

#endif
