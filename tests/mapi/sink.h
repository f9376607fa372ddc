/* tests/mapi/sink.h - an advise sink that writes down what it hears */
#ifndef MG_TEST_SINK_H
#define MG_TEST_SINK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "mapi/mapidefs.h"
#include "mapi/notify.h"

#define SINK_MAX 4096

struct test_sink {
    IMAPIAdviseSink IMAPIAdviseSink_iface;
    unsigned refs;
    pthread_mutex_t lock;
    pthread_cond_t heard;
    struct notice *notices[SINK_MAX];
    size_t count, calls;
    pthread_t thread;                       /* of the last OnNotify */
    void (*during)(struct test_sink *sink); /* called inside OnNotify */
    void *context;
};

struct test_sink *test_sink_create(void);
/* Waits, 30 s at the most, until `count` notifications have come. */
bool test_sink_wait(struct test_sink *sink, size_t count);
const NOTIFICATION *test_sink_at(struct test_sink *sink, size_t index);
void test_sink_forget(struct test_sink *sink); /* what was heard */
void test_sink_release(struct test_sink *sink);
unsigned test_sink_refs(struct test_sink *sink);

#endif
