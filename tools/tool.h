/* tool.h - what the verbs of the command line share
 *
 * Each verb is a file with one function that takes its words (argv[0] is the verb) and returns the
 * exit code. All of it uses the public interfaces of MAPI only, as any other program would.
 * Strings are UTF-8 inside and on the terminal, UTF-16 at MAPI's edge. Functions that can fail in a
 * way that a person must read about say it on stderr themselves and return the exit code. */
#ifndef TOOL_H
#define TOOL_H

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "mapi/mapidefs.h"
#include "mapi/mapigate.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"

/* Exit codes; mapigate(1) documents them. */
enum exit_code {
    CODE_DONE = 0,
    CODE_FAILED = 1,      /* for a reason that has no number of its own */
    CODE_USAGE = 2,       /* the words on the command line make no sense */
    CODE_NOT_FOUND = 3,   /* no such profile, folder or message */
    CODE_REFUSED = 4,     /* password, certificate, address or settings refused */
    CODE_UNREACHABLE = 5, /* a server does not answer: try again later */
};

int verb_profile(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_stores(int argc, char **argv);
int verb_ls(int argc, char **argv);
int verb_read(int argc, char **argv);
int verb_send(int argc, char **argv);
int verb_doctor(int argc, char **argv);

/* --- text.c: strings -------------------------------------------------------------------------- */

/* To free(). NULL becomes "". They end the program when memory is used up. */
char *text_utf8(const WCHAR *text);
WCHAR *text_utf16(const char *text);
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *text_alloc(size_t size); /* zeroed */

/* Prints `text` cut or filled to `width` columns (0: as it is). What a stranger's text could do to
 * a terminal (control characters) is replaced. */
void text_print(FILE *out, const char *text, int width);
/* The same, but line ends and tabs stay. */
void text_print_body(FILE *out, const char *text, size_t size);
/* A time as people here write it, "" for none. */
char *text_time(const FILETIME *time);

/* Prints a JSON value to stdout as one line or laid out, and gives it back. */
void json_print(json_t *value, bool one_line);

/* --- errors.c: who refused what, and what to do ----------------------------------------------- */

/* "mapigate: WHAT: the words of whoever refused", then a hint. `object` is the MAPI object that
 * failed, or NULL: it is asked for its last error. Returns the exit code that fits `hr`. */
int fail_hr(void *object, HRESULT hr, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for our own refusals. */
int fail(enum exit_code code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says how to get help with `verb`. Returns CODE_USAGE. */
int fail_usage(const char *verb);
/* The words of the object's last error, to free(), NULL when it has none. */
char *last_words(void *object, HRESULT hr);
int code_of(HRESULT hr);

/* --- session.c: logging on -------------------------------------------------------------------- */

struct tool_session {
    IMAPISession *session;
    char *profile; /* its name */
};

/* Starts MAPI, logs on to `profile` (NULL: the default one). What failed is said; a session that
 * lacks a store is a session nevertheless (*ret_partial, may be NULL). */
int session_open(const char *profile, struct tool_session *ret_session, bool *ret_partial);
void session_close(struct tool_session *session); /* half-open ones too */

/* MAPIInitialize with a thread for notifications. */
int mapi_begin(void);

/* The default store, for reading and writing. */
int store_open(struct tool_session *session, IMsgStore **ret_store);

/* The row of a table whose column `tag` (PT_LONG) is `value`: to FreeProws(), NULL if none. */
SRowSet *table_find_long(IMAPITable *table, const SPropTagArray *columns, ULONG tag, LONG value);
/* The status object of the first provider of `type` (MAPI_TRANSPORT_PROVIDER, ...). */
HRESULT status_open(struct tool_session *session, ULONG type, IMAPIStatus **ret_status);

/* A column's value, NULL when the row has none. */
const SPropValue *row_value(const SRow *row, ULONG tag);
char *row_text(const SRow *row, ULONG tag); /* a PT_UNICODE column, to free(); "" for none */
LONG row_long(const SRow *row, ULONG tag);  /* 0 for none */

/* --- folders.c: folders by name, messages by id ----------------------------------------------- */

struct tool_folder {
    char *path; /* "Work/Projects" */
    unsigned depth;
    LONG messages, unread;
    uint64_t number;
    SBinary id;
};

struct tool_folders {
    struct tool_folder *items;
    size_t count;
};

int folders_load(IMsgStore *store, struct tool_folders *ret_folders);
void folders_clear(struct tool_folders *folders);
/* By path; upper and lower case are the same when nothing fits exactly. NULL: none. */
const struct tool_folder *folders_find(const struct tool_folders *folders, const char *path);
int folder_open(IMsgStore *store, const struct tool_folder *folder, IMAPIFolder **ret_folder);

/* The id that `ls` shows and `read` takes: FOLDER.MESSAGE, both in hexadecimal. To free(). */
char *message_id(const SRow *row); /* has PR_MG_MID and PR_MG_PARENT_FID */
/* Opens it; a MAPI entry id in hexadecimal is taken too. */
int message_open_by_id(IMsgStore *store, const char *id, IMessage **ret_message);

/* --- props.c: properties of any size ---------------------------------------------------------- */

/* The bytes of a property through a stream, to free(); two zero bytes follow them. */
HRESULT prop_stream(IMAPIProp *object, ULONG tag, char **ret_bytes, size_t *ret_size);
/* A PT_UNICODE property in UTF-8, to free(); "" when there is none. */
HRESULT prop_text(IMAPIProp *object, ULONG tag, char **ret_text);

/* --- profiles: profile.c, profile_create.c, profile_service.c --------------------------------- */

int profile_create(int argc, char **argv);
int profiles_open(IProfAdmin **ret_admin); /* starts MAPI too; mapi_end() afterwards */
void mapi_end(void);

struct profile_service {
    IMsgServiceAdmin *admin;
    MAPIUID uid;
};

/* The message service of the profile. */
int profile_service_open(IProfAdmin *admin, const char *profile, struct profile_service *ret);
void profile_service_close(struct profile_service *service);
/* The service's settings by tag; to MAPIFreeBuffer() after the password, if asked for, is wiped. */
int profile_service_settings(struct profile_service *service, const SPropTagArray *tags,
                             SPropValue **ret_values);
/* The name of the default profile, to free(); NULL: none. */
char *profile_default_name(IProfAdmin *admin);
/* CODE_NOT_FOUND, said, when there is no such profile. */
int profile_check(IProfAdmin *admin, const char *profile);

#endif
