/* mapi/filetime.h - FILETIME, 100 ns since 1601, and the system's own times */
#ifndef MG_FILETIME_H
#define MG_FILETIME_H

#include <stdint.h>
#include <time.h>

#include "mapi/mapidefs.h"

#define FILETIME_SECOND UINT64_C(10000000)   /* ticks */
#define FILETIME_1970   INT64_C(11644473600) /* seconds */

static inline uint64_t filetime_ticks(FILETIME time)
{
    return (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static inline FILETIME filetime_from_ticks(uint64_t ticks)
{
    return (FILETIME){.dwLowDateTime = (DWORD)ticks, .dwHighDateTime = (DWORD)(ticks >> 32)};
}

/* From seconds since 1970; what is before 1601 becomes that. */
static inline FILETIME filetime_from_unix(int64_t seconds)
{
    return filetime_from_ticks(
        seconds <= -FILETIME_1970 ? 0 : (uint64_t)(seconds + FILETIME_1970) * FILETIME_SECOND);
}

static inline int64_t filetime_to_unix(FILETIME time)
{
    return (int64_t)(filetime_ticks(time) / FILETIME_SECOND) - FILETIME_1970;
}

static inline FILETIME filetime_from_timespec(struct timespec time)
{
    return filetime_from_ticks(filetime_ticks(filetime_from_unix(time.tv_sec)) +
                               (uint64_t)time.tv_nsec / 100);
}

static inline FILETIME filetime_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return filetime_from_timespec(now);
}

#endif
