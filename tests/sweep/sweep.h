/* tests/sweep/sweep.h - every method that a client reaches, called with bad arguments
 *
 * make_sweep.py makes the calls (sweep_interfaces, sweep_exports) from the interface table and the
 * public headers; sweep.c makes objects and good arguments for them; test_sweep.c spoils the
 * arguments, one kind of badness a test, and judges the answers. */
#ifndef TESTS_SWEEP_H
#define TESTS_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/mapi.h"
#include "tests/integration/mail_rig.h"

/* What a parameter is. */
enum sweep_kind {
    SWEEP_NUMBER, /* by value */
    SWEEP_COUNT,  /* of what the next or the last pointer points at */
    SWEEP_FLAGS,
    SWEEP_WIDE, /* 64 bits by value */
    SWEEP_FLAGS_POINTER,
    SWEEP_TAGS, /* from here on pointers to inputs */
    SWEEP_TAGS_POINTER,
    SWEEP_VALUES,
    SWEEP_IID,
    SWEEP_IID_STREAM,
    SWEEP_IID_PROP,
    SWEEP_TEXT,
    SWEEP_TEXTS,
    SWEEP_ENTRYID,
    SWEEP_ENTRYLIST,
    SWEEP_SINK,
    SWEEP_PROGRESS,
    SWEEP_RESTRICTION,
    SWEEP_SORT,
    SWEEP_UID,
    SWEEP_MESSAGE,
    SWEEP_STORE,
    SWEEP_FOLDER,
    SWEEP_TABLE,
    SWEEP_SESSION,
    SWEEP_STREAM,
    SWEEP_ADRLIST,
    SWEEP_MARKS, /* of the names in an address list */
    SWEEP_NAMES,
    SWEEP_NAME,
    SWEEP_NOTIFICATION,
    SWEEP_BYTES,
    SWEEP_BUFFER,
    SWEEP_ROWS,
    SWEEP_ROW,
    SWEEP_ALLOCATE,
    SWEEP_MORE,
    SWEEP_FREE,
    SWEEP_CALLBACK,
    SWEEP_OUT, /* from here on room for outputs */
    SWEEP_OUT_OBJECT,
    SWEEP_OUT_MEMORY,
    SWEEP_OUT_ROWS,
};
#define SWEEP_IS_POINTER(kind) ((kind) >= SWEEP_FLAGS_POINTER)

union sweep_value {
    uint64_t number;
    void *pointer;
};

#define SWEEP_PARAMS    12
#define SWEEP_NO_RESULT ((HRESULT)0x20000000) /* the function tells nothing of success */

struct sweep_param {
    const char *name;
    enum sweep_kind kind;
    ULONG documented; /* flags: the bits that are known */
};

struct sweep_method {
    const char *owner; /* the interface that brings it in, "-" for exports */
    const char *name;
    HRESULT (*call)(void *object, const union sweep_value *values);
    bool is_unknown; /* IUnknown's: works on dead objects too */
    size_t count;
    struct sweep_param params[SWEEP_PARAMS];
};

struct sweep_interface {
    const char *name;
    const struct sweep_method *methods;
    size_t count;
};
extern const struct sweep_interface sweep_interfaces[];
extern const size_t sweep_interface_count;
extern const struct sweep_interface sweep_exports;

/* An object that is swept. */
struct sweep_target {
    const char *name;
    const struct sweep_interface *interface;
    void *object;  /* our reference; NULL: the exports */
    bool logs_off; /* ends with the session */
};
#define SWEEP_TARGETS 64

enum {
    SWEEP_STORE_ID,
    SWEEP_FOLDER_ID,
    SWEEP_CHILD_ID,
    SWEEP_MESSAGE_ID,
    SWEEP_MARKED_ID, /* a message beside it */
    SWEEP_KEPT_ID,   /* a message of another folder */
    SWEEP_STATUS_ID,
    SWEEP_ONEOFF_ID,
    SWEEP_BOOK_ID,   /* the personal address book */
    SWEEP_PERSON_ID, /* somebody in it */
    SWEEP_IDS,
};

struct sweep_rig {
    struct sweep_target targets[SWEEP_TARGETS];
    size_t target_count;
    SBinary ids[SWEEP_IDS]; /* of what exists; folder, child and message are expendable */
    MAPIUID section, service;
    LHANDLE simple; /* a session of Simple MAPI */
};
extern struct sweep_rig sweep;

/* Servers, a session on them, and an object of every kind; and all of it given back. */
void sweep_open(void);
void sweep_release_targets(void);
void sweep_close(void);
void sweep_end_simple(void); /* its session, which holds the library */

/* What the rig holds, without logging off: after the session's end. */
void sweep_release_mail(void);

/* The good entry id of a method that takes one. */
const SBinary *sweep_good_id(const struct sweep_method *method);

/* Fills in good arguments; good until the next call of it. */
void sweep_good_values(const struct sweep_method *method, union sweep_value *values);

/* Calls, checks that a failure has left no output that needs cleaning and a success has given all,
 * and cleans. */
HRESULT sweep_call(const struct sweep_target *target, const struct sweep_method *method,
                   const union sweep_value *values);

/* Writes a finding down; sweep_judge fails the test when there are any. */
void sweep_find(const struct sweep_target *target, const struct sweep_method *method, HRESULT hr,
                const char *format, ...) __attribute__((format(printf, 4, 5)));
void sweep_judge(void);

/* The session still works: the Inbox opens and gives its row. */
void sweep_expect_working(void);

#endif
