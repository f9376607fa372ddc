/* tests/simple/simple_rig.h - a program that uses Simple MAPI, and one that looks at what it did
 *
 * Around tests/conformance/store_rig.h: the profile PROFILE is the default one; `simple` is a
 * session of Simple MAPI on it, mail.session and mail.store an extended one of their own. Checks in
 * here abort the test, but for those called expect_. */
#ifndef TESTS_SIMPLE_RIG_H
#define TESTS_SIMPLE_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapi.h"
#include "tests/conformance/store_rig.h"

extern LHANDLE simple;

/* .init and .fini of the suites, on servers that the whole run shares. */
void simple_begin(void);
void simple_end(void);
/* The part of simple_begin behind mail_prepare. */
void simple_open(void);

/* The call gives this very code. */
#define expect_result(call, expected)                                                              \
    do {                                                                                           \
        ULONG result_ = (call);                                                                    \
        cr_expect(result_ == (expected), "%s: %u, expected %u (%s)", #call, (unsigned)result_,     \
                  (unsigned)(expected), #expected);                                                \
    } while (0)
#define assert_result(call, expected)                                                              \
    do {                                                                                           \
        ULONG result_ = (call);                                                                    \
        cr_assert(result_ == (expected), "%s: %u, expected %u (%s)", #call, (unsigned)result_,     \
                  (unsigned)(expected), #expected);                                                \
    } while (0)

#define TO_BOB ((MapiRecipDesc){.ulRecipClass = MAPI_TO, .lpszAddress = "SMTP:bob@example.test"})

/* The code of a logon with that name and these flags; the session ends at once. */
ULONG logon_result(const char *profile, const char *password, FLAGS flags);

/* PROFILE becomes the default profile, or there is none. */
void set_default_profile(bool is_default);

/* Waits for a message with this subject line at the SMTP server: its bytes, to free(). */
char *await_sent(const char *subject);
/* Whether one has come so far. */
bool was_sent(const char *subject);

/* A file in the test's own folder, written; its path is one of 16 buffers. */
const char *new_file(const char *name, const char *content);
/* What a file has, to free(), with a zero byte behind it; NULL: no such file. */
char *file_content(const char *path);
/* TMPDIR becomes an empty folder of the test's; and how many files it has. */
void use_temp_folder(void);
unsigned temp_file_count(void);

/* Delivers a message of that subject, waits until the store has it and gives its identifier. */
const char *delivered_id(const char *subject);
/* The same of a message with these headers and body, CRLF line ends. */
const char *delivered_raw_id(const char *subject, const char *rest);
/* The identifier of the receive folder's message of that subject, in one of 16 buffers: once it is
 * there; or as it is now, "": none. */
const char *await_id(const char *subject);
const char *find_id(const char *subject);

/* The message of an identifier that MAPI_LONG_MSGID gave, by the other session. */
IMessage *open_by_id(const char *message_id, ULONG flags);

/* Waits until the other session's Inbox has (or has not) that subject. */
void await_inbox(const char *subject, bool there);

#endif
