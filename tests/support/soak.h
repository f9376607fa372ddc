/* tests/support/soak.h - random tests that can be long, and come again
 *
 * A test runs cases; the number of a case is its seed. It says what it is doing, and each failed
 * check repeats that. One thread. */
#ifndef MG_TEST_SOAK_H
#define MG_TEST_SOAK_H

#include <criterion/criterion.h>

/* The cases to run: MG_SOAK_CASES (else `cases`) from MG_SOAK_FIRST (else 1) on. */
unsigned soak_first(void);
unsigned soak_cases(unsigned cases);

/* Case `number` begins: the seed of what follows. A long run tells how far it is. */
void soak_begin(unsigned number);

/* 0 to below - 1, always the same after the same seed. */
unsigned chance(unsigned below);

/* What the test is doing: in each failure, and on stderr as it comes with MG_SOAK_TRACE. */
extern char doing[200];
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define check(condition, format, ...)                                                              \
    cr_assert(condition, "%s: " format, doing __VA_OPT__(, ) __VA_ARGS__)
#define check_hr(got, wanted)                                                                      \
    do {                                                                                           \
        HRESULT got_ = (got), wanted_ = (wanted);                                                  \
        check(got_ == wanted_, "%s: 0x%08X, expected 0x%08X", #got, (unsigned)got_,                \
              (unsigned)wanted_);                                                                  \
    } while (0)

#endif
