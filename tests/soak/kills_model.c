/* tests/soak/kills_model.c - what the mailbox of `./dev soak kills` must hold */
#include "tests/soak/kills_model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/soak/view.h"
#include "tests/support/com.h"

struct kills_model *kills;

const char *const kills_kind_names[KILLS_KINDS] = {
    [KILLS_NONE] = "nothing",
    [KILLS_NEW] = "new message",
    [KILLS_SAVE_ALL] = "saved again",
    [KILLS_SAVE_SIDE] = "properties saved",
    [KILLS_READ] = "read flag",
    [KILLS_COPY] = "copied",
    [KILLS_MOVE] = "moved",
    [KILLS_DELETE] = "deleted",
    [KILLS_FOLDER_CREATE] = "folder created",
    [KILLS_FOLDER_RENAME] = "folder renamed",
    [KILLS_FOLDER_MOVE] = "folder moved",
    [KILLS_FOLDER_PROPS] = "folder properties",
    [KILLS_FOLDER_DELETE] = "folder deleted",
};

void kills_model_create(unsigned seed)
{
    kills = mmap(NULL, sizeof(*kills), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(kills != MAP_FAILED);
    kills->seed = seed;
    kills->folders[FOLDER_INBOX].now.there = true;
    kills->folders[FOLDER_BASE].now.there = true;
}

unsigned kills_dice(unsigned limit)
{
    return (unsigned)rand_r(&kills->seed) % limit;
}

bool kills_of_folder(enum kills_kind kind)
{
    return kind >= KILLS_FOLDER_CREATE;
}

bool kills_message_there(const struct kills_message_state *state)
{
    return state->there && kills->folders[state->folder].now.there;
}

/* --- Changes ---------------------------------------------------------------------------------- */

void kills_begin(enum kills_kind kind, unsigned slot)
{
    kills->kind = kind;
    kills->slot = slot;
    kills->stage = STAGE_BEGUN;
}

void kills_done(void)
{
    kills->stage = STAGE_DONE;
    kills->tally[kills->kind].done++;
    kills_conclude(true);
}

void kills_conclude(bool completed)
{
    if (completed && kills_of_folder(kills->kind)) {
        kills->folders[kills->slot].now = kills->folders[kills->slot].next;
    } else if (completed) {
        struct kills_message *message = &kills->messages[kills->slot];

        if (message->now.there && message->now.folder != message->next.folder)
            message->id.size = 0; /* what moves has another id */
        message->now = message->next;
    }
    for (unsigned i = 0; i < KILLS_MESSAGES; i++)
        if (!kills_message_there(&kills->messages[i].now))
            kills->messages[i].now.there = false; /* also those of a folder that went */
    kills->stage = STAGE_IDLE;
}

/* --- As a view -------------------------------------------------------------------------------- */

static const struct kills_folder_state *folder_state(unsigned slot, bool next)
{
    bool changing =
        next && kills->stage != STAGE_IDLE && kills_of_folder(kills->kind) && slot == kills->slot;

    return changing ? &kills->folders[slot].next : &kills->folders[slot].now;
}

static const struct kills_message_state *message_state(unsigned slot, bool next)
{
    bool changing =
        next && kills->stage != STAGE_IDLE && !kills_of_folder(kills->kind) && slot == kills->slot;

    return changing ? &kills->messages[slot].next : &kills->messages[slot].now;
}

void kills_path(unsigned folder, bool next, char *ret_path, size_t size)
{
    const struct kills_folder_state *state = folder_state(folder, next);
    size_t used;

    if (folder < FOLDER_FIRST) {
        snprintf(ret_path, size, "%s", folder == FOLDER_INBOX ? "INBOX" : VIEW_BASE);
        return;
    }
    kills_path(state->parent, next, ret_path, size);
    used = strlen(ret_path);
    snprintf(ret_path + used, size - used, "/f%u", state->name);
}

char *kills_expected(bool next)
{
    struct view_lines lines = {0};
    char path[128], *line;

    for (unsigned i = 0; i < KILLS_FOLDERS; i++) {
        if (!folder_state(i, next)->there)
            continue;
        kills_path(i, next, path, sizeof(path));
        cr_assert(asprintf(&line, "%s/", path) > 0);
        view_add(&lines, line);
    }
    for (unsigned i = 0; i < KILLS_MESSAGES; i++) {
        const struct kills_message_state *state = message_state(i, next);

        if (!state->there || !folder_state(state->folder, next)->there)
            continue;
        kills_path(state->folder, next, path, sizeof(path));
        cr_assert(asprintf(&line, "%s/k%u %c-", path, kills->messages[i].key,
                           state->read ? 'S' : '-') > 0);
        view_add(&lines, line);
    }
    return view_text(&lines);
}

static void note(const char *format, va_list words)
{
    if (!*kills->failure)
        vsnprintf(kills->failure, sizeof(kills->failure), format, words);
}

bool kills_fail(const char *format, ...)
{
    va_list words;

    va_start(words, format);
    note(format, words);
    va_end(words);
    return false;
}

void kills_die(const char *format, ...)
{
    va_list words;

    va_start(words, format);
    note(format, words);
    va_end(words);
    abort();
}
