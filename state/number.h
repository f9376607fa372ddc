/* state/number.h - the 48-bit number that names a folder or message for ever
 *
 * Arithmetic only. The high 16 bits tell the kind and are frozen; entry ids, source keys and record
 * keys derive from (ReplGuid, number). Source: docs/mail.md "Identity". */
#ifndef MG_STATE_NUMBER_H
#define MG_STATE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#define NUMBER_MAX UINT64_C(0xFFFFFFFFFFFF)

#define GENERATION_MIN      0x0001u
#define GENERATION_MAX      0xBFFFu
#define NUMBER_CLIENT_FIRST (UINT64_C(0xC000) << 32)
#define NUMBER_CLIENT_LAST  ((UINT64_C(0xFFFE) << 32) | 0xFFFFFFFFu)

enum number_kind {
    NUMBER_INVALID, /* 0, beyond 48 bits, in 0xFFFF, or with UID 0, which no message has */
    NUMBER_SIDE,    /* a folder, FAI or another side-stored object */
    NUMBER_MESSAGE, /* generation and UID */
    NUMBER_CLIENT,  /* handed to a client, which names objects by it; needs an alias row */
};

static inline enum number_kind number_kind(uint64_t number)
{
    uint64_t high = number >> 32;

    if (number == 0 || number > NUMBER_CLIENT_LAST)
        return NUMBER_INVALID;
    if (high == 0)
        return NUMBER_SIDE;
    if (high > GENERATION_MAX)
        return NUMBER_CLIENT;
    return (uint32_t)number ? NUMBER_MESSAGE : NUMBER_INVALID; /* RFC 9051, 2.3.1.1 */
}

static inline uint64_t number_from_uid(uint16_t generation, uint32_t uid)
{
    return ((uint64_t)generation << 32) | uid;
}

/* Of a NUMBER_MESSAGE. */
static inline uint16_t number_generation(uint64_t number)
{
    return (uint16_t)(number >> 32);
}

static inline uint32_t number_uid(uint64_t number)
{
    return (uint32_t)number;
}

#endif
