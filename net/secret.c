/* net/secret.c - bytes that must not be read by anybody else
 *
 * The bytes have pages of their own (mmap), so that locking, MADV_DONTDUMP and MADV_WIPEONFORK hit
 * nothing else; the counter lives in ordinary memory, so that a forked child can still drop its
 * references. Locking is best effort: RLIMIT_MEMLOCK is the host's, and a password that may be
 * swapped out is better than none. */
#include "net/secret.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mapi/mapicode.h"

#define SECRET_SIZE_MAX ((size_t)64 * 1024)

struct secret {
    atomic_uint refs;
    size_t size;   /* without the terminator */
    size_t mapped; /* whole pages */
    char *bytes;
};

static size_t round_to_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

static char *private_pages_map(size_t mapped)
{
    char *bytes = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (bytes == MAP_FAILED)
        return NULL;

    (void)mlock(bytes, mapped);
    (void)madvise(bytes, mapped, MADV_DONTDUMP);
    if (madvise(bytes, mapped, MADV_WIPEONFORK) != 0)
        (void)madvise(bytes, mapped, MADV_DONTFORK);
    return bytes;
}

HRESULT secret_create_empty(size_t size, struct secret **ret_secret)
{
    struct secret *secret;

    if (size > SECRET_SIZE_MAX)
        return MAPI_E_TOO_BIG;

    secret = calloc(1, sizeof(*secret));
    if (!secret)
        return MAPI_E_NOT_ENOUGH_MEMORY;

    atomic_init(&secret->refs, 1);
    secret->size = size;
    secret->mapped = round_to_pages(size + 1);
    secret->bytes = private_pages_map(secret->mapped);
    if (!secret->bytes) {
        free(secret);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }

    *ret_secret = secret;
    return S_OK;
}

HRESULT secret_create(const void *bytes, size_t size, struct secret **ret_secret)
{
    struct secret *secret;
    HRESULT hr = secret_create_empty(size, &secret);

    if (FAILED(hr))
        return hr;
    if (size > 0)
        memcpy(secret->bytes, bytes, size);
    *ret_secret = secret;
    return S_OK;
}

char *secret_fill(struct secret *secret)
{
    return secret->bytes;
}

struct secret *secret_ref(struct secret *secret)
{
    atomic_fetch_add_explicit(&secret->refs, 1, memory_order_relaxed);
    return secret;
}

void secret_unref(struct secret *secret)
{
    if (!secret)
        return;

    unsigned before = atomic_fetch_sub_explicit(&secret->refs, 1, memory_order_acq_rel);

    assert(before > 0);
    if (before > 1)
        return;

    secret_wipe(secret->bytes, secret->mapped);
    munmap(secret->bytes, secret->mapped);
    free(secret);
}

const char *secret_bytes(const struct secret *secret)
{
    return secret->bytes;
}

size_t secret_size(const struct secret *secret)
{
    return secret->size;
}

void secret_wipe(void *bytes, size_t size)
{
    if (size > 0)
        explicit_bzero(bytes, size);
}
