/* stranger.h - a mail program that knows MAPI and nothing of the library that provides it
 *
 * Compiled as C and as C++, against the installed headers and what pkg-config says, by foreign.sh.
 * Whatever it gets it writes to files; compare.py knows what should be in them. */
#ifndef STRANGER_H
#define STRANGER_H

#include <stdio.h>

#include <mapigate.h>
#include <mapiutil.h>
#include <mapix.h>

/* One spelling of a method call for both languages. */
#ifdef __cplusplus
#define CALL(object, method, ...) (object)->method(__VA_ARGS__)
#else
#define CALL(object, method, ...) (object)->lpVtbl->method((object), ##__VA_ARGS__)
#endif
#define RELEASE(object) ((void)CALL(object, Release))

/* Ends the program with the text of the call, its code and what GetLastError says. */
#define MUST(call) must((call), #call, __LINE__)
void must(HRESULT hr, const char *call, int line);

extern IMAPISession *session;
extern IMsgStore *store;

/* --- Texts; the caller frees ------------------------------------------------------------------ */
char *to_utf8(const WCHAR *text);
WCHAR *to_wide(const char *utf8);
char *to_hex(const SBinary *bytes);
SBinary from_hex(const char *hex);

/* --- Files ------------------------------------------------------------------------------------ */
FILE *create_file(const char *folder, const char *name);
void write_file(const char *folder, const char *name, const void *bytes, size_t size);
void write_text(const char *folder, const char *name, const WCHAR *text);
char *path_join(const char *folder, const char *name);
void make_folder(const char *path);

/* --- What it can do --------------------------------------------------------------------------- */

/* Every folder and message of the store, to `out`. */
void read_all(const char *out);
/* Opens each entry id that an earlier read_all left in `out`, by the session alone. */
void read_again(const char *out);
/* Sends one message, with what lies in `in`: subject, text, html and attachments. */
void send_one(const char *in);
/* Prints the status rows and each change of them until its standard input ends. */
void watch(void);

#endif
