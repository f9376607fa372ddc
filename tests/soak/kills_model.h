/* tests/soak/kills_model.h - what the mailbox of `./dev soak kills` must hold
 *
 * In memory that all processes of the run share, so that it outlives whoever is killed. A worker
 * changes one thing at a time: it writes down what will be, says `begun`, does it, says `done`. A
 * checker decides what became of the change that a kill interrupted. */
#ifndef TESTS_KILLS_MODEL_H
#define TESTS_KILLS_MODEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "mapi/mapidefs.h"

#define KILLS_FOLDERS  12
#define KILLS_MESSAGES 40
#define KILLS_ID_MAX   70 /* bytes of an entry id */

/* Slots of folders that stay. */
enum { FOLDER_INBOX, FOLDER_BASE, FOLDER_FIRST };

struct kills_id {
    unsigned size; /* 0: not known */
    BYTE bytes[KILLS_ID_MAX];
};

struct kills_folder_state {
    bool there;
    unsigned parent;  /* a slot */
    unsigned name;    /* "f<name>" */
    unsigned version; /* of its properties; 0: none were set */
};

struct kills_message_state {
    bool there, read;
    unsigned folder;  /* a slot */
    unsigned content; /* version of what stands in the MIME */
    unsigned side;    /* version of what the side store keeps; 0: nothing */
};

struct kills_folder {
    struct kills_folder_state now, next;
    struct kills_id id;
};

struct kills_message {
    unsigned key; /* subject "k<key>", once in a folder; copies share it */
    struct kills_message_state now, next;
    struct kills_id id;
};

enum kills_kind {
    KILLS_NONE,
    KILLS_NEW,
    KILLS_SAVE_ALL,  /* another body, other attachments, other properties: a rewrite */
    KILLS_SAVE_SIDE, /* properties that IMAP has no place for */
    KILLS_READ,
    KILLS_COPY,
    KILLS_MOVE,
    KILLS_DELETE,
    KILLS_FOLDER_CREATE,
    KILLS_FOLDER_RENAME,
    KILLS_FOLDER_MOVE,
    KILLS_FOLDER_PROPS,
    KILLS_FOLDER_DELETE,
    KILLS_KINDS,
};
extern const char *const kills_kind_names[KILLS_KINDS];

enum kills_stage { STAGE_IDLE, STAGE_BEGUN, STAGE_DONE };

struct kills_model {
    unsigned seed; /* rand_r */
    unsigned next_name;
    struct kills_folder folders[KILLS_FOLDERS];
    struct kills_message messages[KILLS_MESSAGES];
    enum kills_kind kind; /* of the change under way */
    unsigned slot;        /* which folder or message it is of */
    _Atomic enum kills_stage stage;

    /* What came of the run. */
    struct {
        unsigned done, interrupted, completed, undone, bare;
    } tally[KILLS_KINDS];
    char failure[8192]; /* "": none */
};
extern struct kills_model *kills;

void kills_model_create(unsigned seed);

/* A number below `limit`. */
unsigned kills_dice(unsigned limit);

bool kills_of_folder(enum kills_kind kind);
bool kills_message_there(const struct kills_message_state *state); /* and its folder is */

/* A change from `now` to `next` of that slot; the caller has written `next`. */
void kills_begin(enum kills_kind kind, unsigned slot);
void kills_done(void);

/* Takes `next` for `now` (or drops it) and ends the change. Again after a kill: no harm. */
void kills_conclude(bool completed);

/* "Soak/f3/f7" of a folder as it is now, or as it will be. */
void kills_path(unsigned folder, bool next, char *ret_path, size_t size);

/* What a view (view.h, brief) is to be. The caller's to free. */
char *kills_expected(bool next);

/* Notes what is wrong; the first one counts. Always false. */
__attribute__((format(printf, 1, 2))) bool kills_fail(const char *format, ...);

/* For the forked processes: Criterion's own assertions do not end them. Notes what failed and
 * ends the process. */
#define kills_must(call, expected)                                                                 \
    do {                                                                                           \
        HRESULT hr_ = (call);                                                                      \
        if (hr_ != (HRESULT)(expected))                                                            \
            kills_die("%s: 0x%08X", #call, (unsigned)hr_);                                         \
    } while (0)
#define kills_need(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            kills_die("%s", #condition);                                                           \
    } while (0)
__attribute__((format(printf, 1, 2), noreturn)) void kills_die(const char *format, ...);

#endif
