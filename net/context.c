/* net/context.c - stacks and the switch between them */
#include "net/context.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net/sanitizers.h"

#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#ifdef WITH_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#ifdef HAVE_VALGRIND
#include <valgrind/valgrind.h>
#endif

#define STACK_KEPT (16 * 1024)

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

size_t context_default_stack_size(void)
{
#if defined(WITH_ASAN) || defined(WITH_TSAN)
    return 1024 * 1024;
#else
    return 256 * 1024;
#endif
}

struct stack *stack_map(size_t size)
{
    size_t page = page_size();
    struct stack *stack = calloc(1, sizeof(*stack));
    char *map;

    if (!stack)
        return NULL;
    size = (size + page - 1) / page * page;
    /* No reservation: thousands of stacks are mapped and few pages of each are ever touched. */
    map = mmap(NULL, page + size, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (map == MAP_FAILED)
        goto out_free;
    if (mprotect(map, page, PROT_NONE) < 0)
        goto out_unmap;
    stack->base = map + page;
    stack->size = size;
#ifdef HAVE_VALGRIND
    stack->valgrind_id = VALGRIND_STACK_REGISTER(stack->base, stack->base + size - 1);
#endif
    return stack;

out_unmap:
    munmap(map, page + size);
out_free:
    free(stack);
    return NULL;
}

void stack_unmap(struct stack *stack)
{
    size_t page = page_size();

    if (!stack)
        return;
#ifdef HAVE_VALGRIND
    VALGRIND_STACK_DEREGISTER(stack->valgrind_id);
#endif
#ifdef WITH_ASAN
    /* Another mapping may get these addresses. */
    __asan_unpoison_memory_region(stack->base, stack->size);
#endif
    munmap(stack->base - page, page + stack->size);
    free(stack);
}

static void give_back_below(struct stack *stack, char *address)
{
    uintptr_t end = ((uintptr_t)address - STACK_KEPT) & ~(uintptr_t)(page_size() - 1);

    if (end > (uintptr_t)stack->base)
        madvise(stack->base, end - (uintptr_t)stack->base, MADV_DONTNEED);
}

void stack_trim(struct stack *stack)
{
    if (stack->trimmed || stack->size <= STACK_KEPT)
        return;
    give_back_below(stack, stack->base + stack->size);
    stack->trimmed = true;
}

void context_trim(struct context *context)
{
    assert(context->stack && context->parked_sp);
    if ((size_t)(context->parked_sp - context->stack->base) > STACK_KEPT)
        give_back_below(context->stack, context->parked_sp);
}

/* ---- The switch ---- */

static void context_main(struct context *context) __attribute__((noreturn));

#if CONTEXT_ASSEMBLY

/* void context_swap(void **save_sp, void *load_sp)
 *
 * The System V ABI lets a callee change everything but rbx, rbp, r12 to r15, rsp, the control bits
 * of mxcsr and the x87 control word. A fresh context starts in context_start with its struct in
 * r12. */
void context_swap(void **save_sp, void *load_sp) __attribute__((visibility("hidden")));
void context_start(void) __attribute__((visibility("hidden")));
void context_main_from_assembly(struct context *context)
    __attribute__((visibility("hidden"), used, noreturn));

__asm__(".text\n"
        ".p2align 4\n"
        ".globl context_swap\n"
        ".hidden context_swap\n"
        ".type context_swap,@function\n"
        "context_swap:\n"
        "    .cfi_startproc\n"
        "    endbr64\n"
        "    pushq %rbp\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    pushq %rbx\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    pushq %r12\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    pushq %r13\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    pushq %r14\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    pushq %r15\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    subq $8, %rsp\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    addq $8, %rsp\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    popq %r15\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    popq %r14\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    popq %r13\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    popq %r12\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    popq %rbx\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    popq %rbp\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size context_swap,.-context_swap\n"
        ".p2align 4\n"
        ".globl context_start\n"
        ".hidden context_start\n"
        ".type context_start,@function\n"
        "context_start:\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined rip\n" /* the outermost frame: unwinders stop here */
        "    endbr64\n"
        "    movq %r12, %rdi\n"
        "    xorl %ebp, %ebp\n"
        "    call context_main_from_assembly\n"
        "    ud2\n"
        "    .cfi_endproc\n"
        ".size context_start,.-context_start\n");

void context_main_from_assembly(struct context *context)
{
    context_main(context);
}

static void machine_init(struct context *context)
{
    /* What context_swap pops, from low to high: control words, r15, r14, r13, r12, rbx, rbp, the
     * return address. context_start is entered with rsp on a 16-byte boundary and calls, which
     * gives its callee the alignment the ABI promises. */
    uintptr_t top = ((uintptr_t)context->stack->base + context->stack->size) & ~(uintptr_t)15;
    uint64_t *frame = (uint64_t *)top - 8;
    uint32_t mxcsr;
    uint16_t x87;

    memset(frame, 0, 8 * sizeof(*frame));
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    __asm__ volatile("fnstcw %0" : "=m"(x87));
    frame[0] = (uint64_t)x87 << 32 | mxcsr;
    frame[4] = (uintptr_t)context;
    frame[7] = (uintptr_t)context_start;
    context->sp = frame;
}

static void machine_switch(struct context *from, struct context *to)
{
    context_swap(&from->sp, to->sp);
}

#else

static void machine_main(unsigned high, unsigned low)
{
    context_main((struct context *)(((uintptr_t)high << 16 << 16) | (uintptr_t)low));
}

static void machine_init(struct context *context)
{
    uintptr_t self = (uintptr_t)context;

    getcontext(&context->uc);
    context->uc.uc_stack.ss_sp = context->stack->base;
    context->uc.uc_stack.ss_size = context->stack->size;
    context->uc.uc_link = NULL;
    makecontext(&context->uc, (void (*)(void))machine_main, 2, (unsigned)(self >> 16 >> 16),
                (unsigned)self);
}

static void machine_switch(struct context *from, struct context *to)
{
    swapcontext(&from->uc, &to->uc);
}

#endif

/* The first thing on the stack that has just been switched to. */
static void arrived(struct context *self)
{
#ifdef WITH_ASAN
    __sanitizer_finish_switch_fiber(self->asan_fake, NULL, NULL);
    self->asan_fake = NULL;
#else
    (void)self;
#endif
}

static void switch_to(struct context *from, struct context *to, bool for_good)
{
    from->parked_sp = __builtin_frame_address(0);
    if (to->stack)
        to->stack->trimmed = false;
#ifdef WITH_ASAN
    /* NULL tells ASan that the fake stack of the departing context can go. */
    __sanitizer_start_switch_fiber(for_good ? NULL : &from->asan_fake, to->asan_base,
                                   to->asan_size);
#else
    (void)for_good;
#endif
#ifdef WITH_TSAN
    __tsan_switch_to_fiber(to->tsan, 0);
#endif
    machine_switch(from, to);
    arrived(from);
}

void context_switch(struct context *from, struct context *to)
{
    switch_to(from, to, false);
}

void context_switch_for_good(struct context *from, struct context *to)
{
    switch_to(from, to, true);
    abort(); /* nobody may switch back */
}

static void context_main(struct context *context)
{
    arrived(context);
    context->entry(context->arg);
    abort();
}

void context_init(struct context *context, struct stack *stack, void (*entry)(void *arg), void *arg)
{
    memset(context, 0, sizeof(*context));
    context->stack = stack;
    context->entry = entry;
    context->arg = arg;
    context->asan_base = stack->base;
    context->asan_size = stack->size;
#ifdef WITH_ASAN
    /* The last fiber on this stack left its outermost frame without returning from it. */
    __asan_unpoison_memory_region(stack->base, stack->size);
    /* What only a suspended fiber's stack points at is not leaked. */
    __lsan_register_root_region(stack->base, stack->size);
#endif
#ifdef WITH_TSAN
    context->tsan = __tsan_create_fiber(0);
#endif
    machine_init(context);
}

void context_clear(struct context *context)
{
    if (!context->stack)
        return;
#ifdef WITH_ASAN
    __lsan_unregister_root_region(context->stack->base, context->stack->size);
#endif
#ifdef WITH_TSAN
    __tsan_destroy_fiber(context->tsan);
#endif
    context->stack = NULL;
}

void context_init_thread(struct context *context)
{
    memset(context, 0, sizeof(*context));
#ifdef WITH_ASAN
    pthread_attr_t attr;
    void *base;

    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        pthread_attr_getstack(&attr, &base, &context->asan_size);
        context->asan_base = base;
        pthread_attr_destroy(&attr);
    }
#endif
#ifdef WITH_TSAN
    context->tsan = __tsan_get_current_fiber();
#endif
}
