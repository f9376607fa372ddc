/* bench/program.h - a MAPI program's beginning: a profile of its own, a session, its store
 *
 * What a benchmark measures is a program like anybody's. Failures end it, with words on stderr. */
#ifndef BENCH_PROGRAM_H
#define BENCH_PROGRAM_H

#include "bench/clock.h"
#include "mapi/mapix.h"

struct program {
    IMAPISession *session;
    IMsgStore *store;
    double begun; /* now() before MAPILogonEx */
};

/* Makes the profile in MAPIGATE_STATE, logs on and opens the store. `words`: IMAP URL, SMTP URL,
 * user, password, file of certificates. */
void program_begin(struct program *program, char **words);
/* The same in two steps: what is not measured, and from MAPILogonEx on. */
void program_prepare(char **words);
void program_logon(struct program *program);
void program_end(struct program *program);

/* The contents table of the inbox; the caller's. */
IMAPITable *program_open_inbox(IMsgStore *store);

/* Ends the program unless hr is a success. */
void must(HRESULT hr, const char *what);

#endif
