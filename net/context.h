/* net/context.h - stacks and the switch between them
 *
 * Private to the engine: fiber.c decides who runs, this file makes it run. It alone switches
 * stacks and tells the sanitizers and valgrind. Engine thread only. On x86-64 a few lines of
 * assembly switch; elsewhere, or with -Dfiber_context=ucontext, glibc's ucontext does. */
#ifndef MG_CONTEXT_H
#define MG_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(FIBER_UCONTEXT) && defined(__x86_64__) && defined(__LP64__) &&                        \
    !(defined(__CET__) && (__CET__ & 2)) /* a shadow stack needs glibc's help */
#define CONTEXT_ASSEMBLY 1
#else
#define CONTEXT_ASSEMBLY 0
#include <ucontext.h>
#endif

/* A mapping with a guard page at its low end. */
struct stack {
    struct stack *next;
    char *base;  /* lowest usable byte */
    size_t size; /* usable bytes */
    bool trimmed;
    unsigned valgrind_id;
};

struct context {
#if CONTEXT_ASSEMBLY
    void *sp; /* the callee-saved registers are on the stack */
#else
    ucontext_t uc;
#endif
    struct stack *stack; /* NULL: the thread's own stack */
    char *parked_sp;     /* about where the stack ends while the context is suspended */
    void (*entry)(void *arg);
    void *arg;
    void *tsan;            /* __tsan fiber */
    void *asan_fake;       /* fake stack of the suspended context */
    const void *asan_base; /* bounds of the stack, for ASan */
    size_t asan_size;
};

/* NULL without memory. */
struct stack *stack_map(size_t size);
void stack_unmap(struct stack *stack);
/* Gives the pages of a stack nobody runs on back to the kernel, but for its top 16 KiB. */
void stack_trim(struct stack *stack);

/* The calling thread, so that others can switch back to it. */
void context_init_thread(struct context *context);

/* A context that will run entry(arg) on `stack`; entry must not return but leave by
 * context_switch_for_good. Clear it from another context. */
void context_init(struct context *context, struct stack *stack, void (*entry)(void *arg),
                  void *arg);
void context_clear(struct context *context);

void context_switch(struct context *from, struct context *to);
void context_switch_for_good(struct context *from, struct context *to) __attribute__((noreturn));

/* Gives back what lies more than 16 KiB below the stack pointer of a suspended context. */
void context_trim(struct context *context);

/* The default size of a stack; frames are larger under sanitizers. */
size_t context_default_stack_size(void);

#endif
