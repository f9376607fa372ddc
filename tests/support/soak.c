/* tests/support/soak.c - random tests that can be long, and come again */
#include "support/soak.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned asked(const char *name, unsigned otherwise)
{
    const char *wanted = getenv(name);

    return wanted ? (unsigned)strtoul(wanted, NULL, 10) : otherwise;
}

unsigned soak_first(void)
{
    return asked("MG_SOAK_FIRST", 1);
}

unsigned soak_cases(unsigned cases)
{
    return asked("MG_SOAK_CASES", cases);
}

static unsigned long long state;

void soak_begin(unsigned number)
{
    state = number;
    if (number % 1000 == 0 && getenv("MG_SOAK_CASES"))
        fprintf(stderr, "case %u\n", number);
}

unsigned chance(unsigned below)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(state >> 33) % below;
}

char doing[200];

void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(doing, sizeof(doing), format, args);
    va_end(args);
    if (getenv("MG_SOAK_TRACE"))
        fprintf(stderr, "%s\n", doing);
}
