/* tests/state/fixture.h - a store in a directory of its own, and a clock that is turned by hand */
#ifndef TESTS_STATE_FIXTURE_H
#define TESTS_STATE_FIXTURE_H

#include <criterion/criterion.h>

#include "mapi/mapicode.h"
#include "state/mailbox.h"
#include "state/state.h"

#define ACCOUNT "anna@imap.example.org"

extern char fixture_directory[64];
extern int64_t fixture_now;
extern uint32_t fixture_busy_ms;
extern struct state *state;
extern struct state_mailbox *mailbox;

/* As a suite's .init and .fini: makes the directory, opens `state` and `mailbox`. */
void fixture_set_up(void);
void fixture_tear_down(void);

/* Only the directory. */
void fixture_make_directory(void);

/* Opens the same store a second time, as another process would. */
struct state *fixture_open(void);
struct state_mailbox *fixture_open_mailbox(struct state *of);

/* Closes and opens `state` and `mailbox`. */
void fixture_reopen(void);

#define expect_hr(expression, expected)                                                            \
    do {                                                                                           \
        HRESULT hr_ = (expression);                                                                \
        cr_expect_eq(hr_, (HRESULT)(expected), "%s gave %08X", #expression, (unsigned)hr_);        \
    } while (0)
#define assert_ok(expression)                                                                      \
    do {                                                                                           \
        HRESULT hr_ = (expression);                                                                \
        cr_assert_eq(hr_, S_OK, "%s gave %08X", #expression, (unsigned)hr_);                       \
    } while (0)

#endif
