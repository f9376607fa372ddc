/* tests/soak/kills_work.c - one random change after the other, each written down */
#include "tests/soak/kills_work.h"

#include <stdio.h>

#include "tests/integration/mail_rig.h"
#include "tests/integration/mail_send.h"
#include "tests/soak/kills_content.h"
#include "tests/soak/kills_model.h"
#include "tests/soak/kills_open.h"

#define NOBODY UINT32_MAX

/* --- Choosing --------------------------------------------------------------------------------- */

/* From a random slot on, the first that fits; NOBODY. */
static unsigned pick_folder(unsigned first, bool there)
{
    unsigned start = kills_dice(KILLS_FOLDERS);

    for (unsigned i = 0; i < KILLS_FOLDERS; i++) {
        unsigned slot = (start + i) % KILLS_FOLDERS;

        if (slot >= first && kills->folders[slot].now.there == there)
            return slot;
    }
    return NOBODY;
}

static unsigned pick_message(bool there)
{
    unsigned start = kills_dice(KILLS_MESSAGES);

    for (unsigned i = 0; i < KILLS_MESSAGES; i++) {
        unsigned slot = (start + i) % KILLS_MESSAGES;

        if (kills->messages[slot].now.there == there)
            return slot;
    }
    return NOBODY;
}

/* A folder that has no message of that key. */
static unsigned pick_target(unsigned key)
{
    unsigned folder = pick_folder(0, true);

    for (unsigned i = 0; i < KILLS_MESSAGES; i++)
        if (kills->messages[i].now.there && kills->messages[i].now.folder == folder &&
            kills->messages[i].key == key)
            return NOBODY;
    return folder;
}

static bool has_children(unsigned folder)
{
    for (unsigned i = FOLDER_FIRST; i < KILLS_FOLDERS; i++)
        if (kills->folders[i].now.there && kills->folders[i].now.parent == folder)
            return true;
    return false;
}

/* --- Messages --------------------------------------------------------------------------------- */

static void save(unsigned slot, IMessage *message, enum kills_kind kind)
{
    kills_must(IMessage_SaveChanges(message, KEEP_OPEN_READWRITE), S_OK);
    kills_done();
    if (kind == KILLS_NEW) {
        kills->messages[slot].id.size = 0;
        kills_learn_message(slot, message);
    }
}

static void new_message(void)
{
    unsigned slot = pick_message(false), folder = pick_folder(0, true);
    struct kills_message *message;
    IMAPIFolder *opened;
    IMessage *made;
    char subject[16];

    if (slot == NOBODY)
        return;
    message = &kills->messages[slot];
    message->id.size = 0;
    message->key = kills->next_name++;
    message->next = (struct kills_message_state){
        .there = true, .read = true, .folder = folder, .content = 1, .side = 1};
    opened = kills_open_folder(folder);
    kills_need(opened);
    kills_must(IMAPIFolder_CreateMessage(opened, NULL, 0, &made), S_OK);
    snprintf(subject, sizeof(subject), "k%u", message->key);
    mail_set_text(made, PR_SUBJECT_W, subject);
    content_put(made, message->key, 1);
    content_put_side(made, message->key, 1);
    kills_begin(KILLS_NEW, slot);
    save(slot, made, KILLS_NEW);
    IMessage_Release(made);
    IMAPIFolder_Release(opened);
}

static void save_again(enum kills_kind kind)
{
    unsigned slot = pick_message(true);
    struct kills_message *message;
    IMessage *opened;

    if (slot == NOBODY)
        return;
    message = &kills->messages[slot];
    opened = kills_open_message(slot);
    kills_need(opened);
    message->next = message->now;
    message->next.side++;
    content_put_side(opened, message->key, message->next.side);
    if (kind == KILLS_SAVE_ALL) {
        message->next.content++;
        content_put(opened, message->key, message->next.content);
    }
    kills_begin(kind, slot);
    save(slot, opened, kind);
    IMessage_Release(opened);
}

/* What a folder does with one of its messages. */
static void change_in_folder(enum kills_kind kind)
{
    unsigned slot = pick_message(true), copy = pick_message(false), target = 0;
    struct kills_message *message;
    IMAPIFolder *folder, *to = NULL;
    ENTRYLIST *list;

    if (slot == NOBODY || (kind == KILLS_COPY && copy == NOBODY))
        return;
    message = &kills->messages[slot];
    if (kind == KILLS_COPY || kind == KILLS_MOVE) {
        target = pick_target(message->key);
        if (target == NOBODY)
            return;
        to = kills_open_folder(target);
        kills_need(to);
    }
    folder = kills_open_folder(message->now.folder);
    list = kills_list_of(slot);
    kills_need(folder && list);
    message->next = message->now;
    if (kind == KILLS_COPY) {
        kills->messages[copy].key = message->key;
        kills->messages[copy].id.size = 0;
        kills->messages[copy].next = message->now;
        kills->messages[copy].next.folder = target;
    } else if (kind == KILLS_MOVE) {
        message->next.folder = target;
    } else if (kind == KILLS_READ) {
        message->next.read = !message->now.read;
    } else {
        message->next.there = false;
    }
    kills_begin(kind, kind == KILLS_COPY ? copy : slot);
    if (kind == KILLS_COPY || kind == KILLS_MOVE)
        kills_must(IMAPIFolder_CopyMessages(folder, list, NULL, to, 0, NULL,
                                            kind == KILLS_MOVE ? MESSAGE_MOVE : 0),
                   S_OK);
    else if (kind == KILLS_READ)
        kills_must(
            IMAPIFolder_SetReadFlags(folder, list, 0, NULL,
                                     message->next.read ? SUPPRESS_RECEIPT : CLEAR_READ_FLAG),
            S_OK);
    else
        kills_must(IMAPIFolder_DeleteMessages(folder, list, 0, NULL, 0), S_OK);
    kills_done();
    MAPIFreeBuffer(list);
    IMAPIFolder_Release(folder);
    if (to)
        IMAPIFolder_Release(to);
}

/* --- Folders ---------------------------------------------------------------------------------- */

static void create_folder(void)
{
    unsigned slot = pick_folder(FOLDER_FIRST, false), parent = pick_folder(FOLDER_BASE, true);
    struct kills_folder *folder;
    IMAPIFolder *above, *made;
    char name[16];

    if (slot == NOBODY || (parent != FOLDER_BASE &&
                           kills->folders[parent].now.parent != FOLDER_BASE)) /* two levels */
        return;
    folder = &kills->folders[slot];
    folder->id.size = 0;
    folder->next =
        (struct kills_folder_state){.there = true, .parent = parent, .name = kills->next_name++};
    snprintf(name, sizeof(name), "f%u", folder->next.name);
    above = kills_open_folder(parent);
    kills_need(above);
    kills_begin(KILLS_FOLDER_CREATE, slot);
    kills_must(IMAPIFolder_CreateFolder(above, FOLDER_GENERIC, (LPTSTR)mail_wide(name), NULL, NULL,
                                        MAPI_UNICODE, &made),
               S_OK);
    kills_done();
    kills_learn_folder(slot, made);
    IMAPIFolder_Release(made);
    IMAPIFolder_Release(above);
}

/* Renamed where it is, or moved to stand below another one. */
static void move_folder(enum kills_kind kind)
{
    unsigned slot = pick_folder(FOLDER_FIRST, true);
    struct kills_folder *folder;
    IMAPIFolder *opened, *from, *to;
    char name[16];

    if (slot == NOBODY)
        return;
    folder = &kills->folders[slot];
    folder->next = folder->now;
    if (kind == KILLS_FOLDER_RENAME)
        folder->next.name = kills->next_name++;
    else
        folder->next.parent = pick_folder(FOLDER_BASE, true);
    if (kind == KILLS_FOLDER_MOVE &&
        (folder->next.parent == slot || folder->next.parent == folder->now.parent ||
         (folder->next.parent != FOLDER_BASE &&
          (has_children(slot) || kills->folders[folder->next.parent].now.parent != FOLDER_BASE))))
        return;
    opened = kills_open_folder(slot); /* so that its id is known */
    from = kills_open_folder(folder->now.parent);
    to = kills_open_folder(folder->next.parent);
    kills_need(opened && from && to);
    snprintf(name, sizeof(name), "f%u", folder->next.name);
    kills_begin(kind, slot);
    kills_must(IMAPIFolder_CopyFolder(from, folder->id.size, (ENTRYID *)folder->id.bytes, NULL, to,
                                      (LPTSTR)mail_wide(name), 0, NULL, FOLDER_MOVE | MAPI_UNICODE),
               S_OK);
    kills_done();
    IMAPIFolder_Release(opened);
    IMAPIFolder_Release(from);
    IMAPIFolder_Release(to);
}

static void set_folder_props(void)
{
    unsigned slot = pick_folder(0, true);
    struct kills_folder *folder = &kills->folders[slot];
    IMAPIFolder *opened = kills_open_folder(slot);

    kills_need(opened);
    folder->next = folder->now;
    folder->next.version++;
    kills_begin(KILLS_FOLDER_PROPS, slot);
    content_put_folder(opened, slot, folder->next.version);
    kills_done();
    IMAPIFolder_Release(opened);
}

static void delete_folder(void)
{
    unsigned slot = pick_folder(FOLDER_FIRST, true);
    struct kills_folder *folder;
    IMAPIFolder *opened, *parent;

    if (slot == NOBODY || has_children(slot))
        return;
    folder = &kills->folders[slot];
    opened = kills_open_folder(slot);
    parent = kills_open_folder(folder->now.parent);
    kills_need(opened && parent);
    folder->next = folder->now;
    folder->next.there = false;
    kills_begin(KILLS_FOLDER_DELETE, slot);
    kills_must(IMAPIFolder_DeleteFolder(parent, folder->id.size, (ENTRYID *)folder->id.bytes, 0,
                                        NULL, DEL_MESSAGES),
               S_OK);
    kills_done();
    IMAPIFolder_Release(opened);
    IMAPIFolder_Release(parent);
}

void kills_change(void)
{
    static const enum kills_kind often[] = {
        KILLS_NEW,         KILLS_NEW,          KILLS_NEW,           KILLS_SAVE_ALL,
        KILLS_SAVE_ALL,    KILLS_SAVE_ALL,     KILLS_SAVE_ALL,      KILLS_SAVE_SIDE,
        KILLS_READ,        KILLS_COPY,         KILLS_MOVE,          KILLS_MOVE,
        KILLS_MOVE,        KILLS_DELETE,       KILLS_FOLDER_CREATE, KILLS_FOLDER_RENAME,
        KILLS_FOLDER_MOVE, KILLS_FOLDER_PROPS, KILLS_FOLDER_DELETE,
    };
    enum kills_kind kind = often[kills_dice(sizeof(often) / sizeof(often[0]))];

    switch (kind) {
    case KILLS_NEW:
        new_message();
        break;
    case KILLS_SAVE_ALL:
    case KILLS_SAVE_SIDE:
        save_again(kind);
        break;
    case KILLS_FOLDER_CREATE:
        create_folder();
        break;
    case KILLS_FOLDER_RENAME:
    case KILLS_FOLDER_MOVE:
        move_folder(kind);
        break;
    case KILLS_FOLDER_PROPS:
        set_folder_props();
        break;
    case KILLS_FOLDER_DELETE:
        delete_folder();
        break;
    default:
        change_in_folder(kind);
    }
}
