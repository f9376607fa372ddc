/* tests/soak/kills_check.c - is the mailbox what the model says, and what came of the last change?
 */
#include "tests/soak/kills_check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/integration/mail_rig.h"
#include "tests/soak/kills_content.h"
#include "tests/soak/kills_model.h"
#include "tests/soak/kills_open.h"
#include "tests/soak/view.h"

#define TRIES 600 /* 20 in a second */

/* What a look found. */
struct look {
    bool as_before, as_after;
};

static bool look(struct plain *plain, bool last, struct look *ret_look)
{
    char *server = view_of_plain(plain), *shown = view_of_mapi(), *brief = view_brief(shown);
    char *before = kills_expected(false), *after = kills_expected(true);
    bool same = strcmp(server, shown) == 0;

    *ret_look = (struct look){
        .as_before = same && strcmp(brief, before) == 0,
        .as_after = same && kills->stage != STAGE_IDLE && strcmp(brief, after) == 0,
    };
    if (last && !same)
        kills_fail("the server has %s of what MAPI shows", view_difference(server, shown));
    if (last && same)
        kills_fail("%s is shown, before \"%s\" was interrupted", view_difference(brief, before),
                   kills_kind_names[kills->kind]);
    free(server);
    free(shown);
    free(brief);
    free(before);
    free(after);
    return ret_look->as_before || ret_look->as_after;
}

/* Both versions look alike: which of them opens? */
static bool opens_as_after(void)
{
    unsigned content = 0, side = 0;
    bool after = false;

    if (kills->kind == KILLS_FOLDER_PROPS) {
        IMAPIFolder *folder = kills_open_folder(kills->slot);

        after = folder && content_read_folder(folder, kills->slot, &side) &&
                side == kills->folders[kills->slot].next.version;
        if (folder)
            IMAPIFolder_Release(folder);
    } else {
        const struct kills_message *message = &kills->messages[kills->slot];
        IMessage *opened = kills_open_message(kills->slot);

        after = opened && content_read(opened, message->key, &content, &side) &&
                content == message->next.content && side == message->next.side;
        if (opened)
            IMessage_Release(opened);
    }
    return after;
}

static bool check_folder(unsigned slot)
{
    struct kills_folder *folder = &kills->folders[slot];
    IMAPIFolder *opened = kills_open_folder(slot);
    unsigned version = 0;
    bool good =
        opened && kills_learn_folder(slot, opened) && content_read_folder(opened, slot, &version);

    if (good && version != folder->now.version)
        good = kills_fail("folder %u has version %u, not %u, of its properties", slot, version,
                          folder->now.version);
    if (opened)
        IMAPIFolder_Release(opened);
    return good;
}

/* A new message is there before its properties in the side store are, and so is one in its new
 * folder (docs/limits.md): when that was interrupted, it may be without. */
static bool may_be_bare(enum kills_kind interrupted, unsigned slot)
{
    return slot == kills->slot &&
           (interrupted == KILLS_NEW || interrupted == KILLS_COPY || interrupted == KILLS_MOVE);
}

static bool check_message(unsigned slot, enum kills_kind interrupted)
{
    struct kills_message *message = &kills->messages[slot];
    IMessage *opened = kills_open_message(slot);
    unsigned content = 0, side = 0;
    bool good = opened && kills_learn_message(slot, opened) &&
                content_read(opened, message->key, &content, &side);

    if (good && side == 0 && message->now.side != 0 && may_be_bare(interrupted, slot)) {
        message->now.side = 0;
        kills->tally[interrupted].bare++;
    }
    if (good && (content != message->now.content || side != message->now.side))
        good = kills_fail("message %u in folder %u has text %u and properties %u, not %u and %u; "
                          "interrupted was \"%s\"%s",
                          message->key, message->now.folder, content, side, message->now.content,
                          message->now.side, kills_kind_names[interrupted],
                          kills->slot == slot ? " of it" : "");
    if (opened)
        IMessage_Release(opened);
    return good;
}

bool kills_check(struct plain *plain)
{
    enum kills_kind interrupted = KILLS_NONE;
    struct look found;
    bool completed, good = true;

    for (int tries = 1; !look(plain, tries == TRIES, &found); tries++) {
        if (tries == TRIES)
            return false;
        usleep(50000);
    }
    if (kills->stage != STAGE_IDLE) {
        interrupted = kills->kind;
        completed = found.as_before && found.as_after ? opens_as_after() : found.as_after;
        kills->tally[interrupted].interrupted++;
        kills->tally[interrupted].completed += completed;
        kills->tally[interrupted].undone += !completed;
        kills_conclude(completed);
    }
    for (unsigned i = 0; i < KILLS_FOLDERS && good; i++)
        if (kills->folders[i].now.there)
            good = check_folder(i);
    for (unsigned i = 0; i < KILLS_MESSAGES && good; i++)
        if (kills->messages[i].now.there)
            good = check_message(i, interrupted);
    return good && !*kills->failure;
}
