/* tests/mapi/test_memory.c - blocks that clients free */
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "mapi/mapi.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "support/com.h"

Test(memory, blocks_are_as_large_as_asked_and_aligned) /* MEM-001 MEM-002 */
{
    ULONG size;
    LPVOID block;

    for (size = 0; size < 100; size++) {
        assert_hr(MAPIAllocateBuffer(size, &block), S_OK);
        cr_expect_eq((uintptr_t)block % 16, 0);
        memset(block, 0xA5, size);
        cr_expect_eq(MAPIFreeBuffer(block), 0);
    }
}

Test(memory, chained_blocks_go_with_their_root) /* MEM-003 MEM-004 */
{
    LPVOID root, more, deeper;

    assert_hr(MAPIAllocateBuffer(10, &root), S_OK);
    assert_hr(MAPIAllocateMore(10, root, &more), S_OK);
    assert_hr(MAPIAllocateMore(10, more, &deeper), S_OK); /* a chained block stands for its root */
    memset(more, 1, 10);
    memset(deeper, 1, 10);
    MAPIFreeBuffer(root); /* the leak checker tells what is left */
}

Test(memory, null_is_freed_with_success) /* MEM-005 */
{
    cr_expect_eq(MAPIFreeBuffer(NULL), 0);
}

Test(memory, reallocation_keeps_bytes_and_chain) /* MEM-018 */
{
    LPVOID root, more, bigger;

    assert_hr(MAPIAllocateBuffer(4, &root), S_OK);
    memcpy(root, "abcd", 4);
    assert_hr(MAPIAllocateMore(4, root, &more), S_OK);
    assert_hr(MAPIReallocateBuffer(root, 4000, &bigger), S_OK);
    cr_expect_arr_eq(bigger, "abcd", 4);
    memset(more, 0, 4);
    assert_hr(MAPIAllocateMore(4, bigger, &more), S_OK);
    assert_hr(MAPIReallocateBuffer(NULL, 4, &root), S_OK);
    MAPIFreeBuffer(root);
    MAPIFreeBuffer(bigger);
}

Test(memory, bad_arguments_are_refused)
{
    LPVOID block = &block;

    expect_hr(MAPIAllocateBuffer(1, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(MAPIAllocateMore(1, NULL, &block), MAPI_E_INVALID_PARAMETER);
    cr_expect_null(mapi_alloc(NULL, SIZE_MAX));
    cr_expect_null(mapi_alloc_array(NULL, SIZE_MAX / 2, 3));
}

/* Only the call itself may end the process: _exit leaves the leak checker, which ends it in the
 * same way, no say. */
Test(memory, a_chained_block_must_not_be_freed, .signal = SIGABRT) /* MEM-006 */
{
    LPVOID root, more;

    MAPIAllocateBuffer(1, &root);
    MAPIAllocateMore(1, root, &more);
    MAPIFreeBuffer(more);
    _exit(0);
}

Test(memory, a_freed_block_is_none_any_more, .signal = SIGABRT) /* MEM-007 */
{
    LPVOID block;

    MAPIAllocateBuffer(1, &block);
    MAPIFreeBuffer(block);
    MAPIFreeBuffer(block);
    _exit(0);
}

static void *chain_many(void *root)
{
    int i;

    for (i = 0; i < 1000; i++)
        memset(mapi_alloc(root, 16), 1, 16);
    return NULL;
}

Test(memory, threads_may_chain_to_one_root)
{
    pthread_t threads[4];
    LPVOID root;
    int i;

    MAPIAllocateBuffer(1, &root);
    for (i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, chain_many, root);
    for (i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    MAPIFreeBuffer(root);
}

Test(memory, arena_pieces_stay_until_reset)
{
    struct arena arena = {0};
    char *pieces[1000];
    int round, i;

    for (round = 0; round < 3; round++) {
        for (i = 0; i < 1000; i++) {
            pieces[i] = arena_alloc(&arena, (size_t)i);
            cr_assert_eq((uintptr_t)pieces[i] % 8, 0);
            memset(pieces[i], i & 0xFF, (size_t)i);
        }
        for (i = 1; i < 1000; i++)
            cr_assert_eq((unsigned char)pieces[i][i - 1], i & 0xFF);
        arena_reset(&arena);
    }
    arena_clear(&arena);
}
