/* tests/soak/kills_open.c - the folders and messages of the model, opened */
#include "tests/soak/kills_open.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/integration/mail_rig.h"
#include "tests/soak/kills_model.h"

static bool learn(struct kills_id *id, const SBinary *found, const char *what, unsigned slot)
{
    if (id->size == 0) {
        kills_need(found->cb <= KILLS_ID_MAX);
        memcpy(id->bytes, found->lpb, found->cb);
        id->size = found->cb;
    }
    return (id->size == found->cb && memcmp(id->bytes, found->lpb, found->cb) == 0) ||
           kills_fail("%s %u has another id", what, slot);
}

static bool learn_object(struct kills_id *id, IMAPIProp *object, const char *what, unsigned slot)
{
    SPropValue *value;
    bool same;

    kills_must(HrGetOneProp(object, PR_ENTRYID, &value), S_OK);
    same = learn(id, &value->Value.bin, what, slot);
    MAPIFreeBuffer(value);
    return same;
}

bool kills_learn_folder(unsigned slot, IMAPIFolder *folder)
{
    return learn_object(&kills->folders[slot].id, (IMAPIProp *)folder, "folder", slot);
}

bool kills_learn_message(unsigned slot, IMessage *message)
{
    return learn_object(&kills->messages[slot].id, (IMAPIProp *)message, "message",
                        kills->messages[slot].key);
}

static void *open_id(const struct kills_id *id, const char *what, unsigned number)
{
    IUnknown *object = NULL;
    ULONG type;
    HRESULT hr = IMsgStore_OpenEntry(mail.store, id->size, (ENTRYID *)id->bytes, NULL, MAPI_MODIFY,
                                     &type, &object);

    if (FAILED(hr))
        kills_fail("%s %u does not open by its id: 0x%08X", what, number, (unsigned)hr);
    return object;
}

IMAPIFolder *kills_open_folder(unsigned slot)
{
    struct kills_folder *folder = &kills->folders[slot];
    IMAPIFolder *opened = NULL;
    char path[128];
    HRESULT hr;

    if (folder->id.size > 0)
        return open_id(&folder->id, "folder", slot);
    kills_path(slot, false, path, sizeof(path));
    hr = mail_find_folder(slot == FOLDER_INBOX ? "Inbox" : path, &opened);
    if (FAILED(hr)) {
        kills_fail("folder \"%s\" does not open: 0x%08X", path, (unsigned)hr);
        return NULL;
    }
    kills_learn_folder(slot, opened);
    return opened;
}

static bool find_message(unsigned slot)
{
    struct kills_message *message = &kills->messages[slot];
    IMAPIFolder *folder = kills_open_folder(message->now.folder);
    IMAPITable *table;
    char subject[16];
    SRowSet *rows;
    int at;

    if (!folder)
        return false;
    snprintf(subject, sizeof(subject), "k%u", message->key);
    table = mail_contents(folder);
    rows = mail_rows(table);
    at = mail_find_row(rows, subject);
    for (int tries = 0; at < 0 && tries < 400; tries++) { /* it may have been moved here just now */
        usleep(25000);
        FreeProws(rows);
        rows = mail_rows(table);
        at = mail_find_row(rows, subject);
    }
    if (at >= 0)
        learn(&message->id, &rows->aRow[at].lpProps[ROW_ENTRYID].Value.bin, "message",
              message->key);
    else
        kills_fail("no \"%s\" in folder %u", subject, message->now.folder);
    FreeProws(rows);
    IMAPITable_Release(table);
    IMAPIFolder_Release(folder);
    return at >= 0;
}

IMessage *kills_open_message(unsigned slot)
{
    struct kills_message *message = &kills->messages[slot];

    if (message->id.size == 0 && !find_message(slot))
        return NULL;
    return open_id(&message->id, "message", message->key);
}

ENTRYLIST *kills_list_of(unsigned slot)
{
    const struct kills_id *id = &kills->messages[slot].id;
    ENTRYLIST *list;

    if (id->size == 0 && !find_message(slot))
        return NULL;
    kills_must(MAPIAllocateBuffer(sizeof(*list), (void **)&list), S_OK);
    kills_must(MAPIAllocateMore(sizeof(SBinary), list, (void **)&list->lpbin), S_OK);
    kills_must(MAPIAllocateMore(id->size, list, (void **)&list->lpbin->lpb), S_OK);
    list->cValues = 1;
    list->lpbin->cb = id->size;
    memcpy(list->lpbin->lpb, id->bytes, id->size);
    return list;
}
