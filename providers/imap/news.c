/* providers/imap/news.c - an account's events as MAPI notifications
 *
 * fnevNewMail, fnevObjectCreated, Deleted, Modified, Moved, fnevSearchComplete (STO,
 * "Notifications"). Entry ids are arithmetic, so nothing is looked up here. */
#include "providers/imap/news.h"

#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"

/* Who is told: the subscribers of one logon. */
struct audience {
    IMAPISupport *support;
    const void *logon;
    const struct mailbox_guids *guids;
};

NOTIFKEY *news_key(const void *logon, const struct mailbox_guids *guids, const void *id, ULONG size)
{
    const void *bytes = size ? id : &guids->mailbox;
    ULONG count = size ? size : (ULONG)sizeof(guids->mailbox);
    NOTIFKEY *key = mapi_alloc(NULL, sizeof(*key) + sizeof(logon) + count);

    if (!key)
        return NULL;
    key->cb = (ULONG)sizeof(logon) + count;
    memcpy(key->ab, &logon, sizeof(logon));
    memcpy(key->ab + sizeof(logon), bytes, count);
    return key;
}

static void post_under(const struct audience *audience, const void *id, ULONG size,
                       NOTIFICATION *notification)
{
    NOTIFKEY *key = news_key(audience->logon, audience->guids, id, size);

    if (key)
        IMAPISupport_Notify(audience->support, key, 1, notification, NULL);
    mapi_free(key);
}

/* Under the object's key, its folder's for a message, and the store's. */
static void post_all(const struct audience *audience, const void *id, ULONG size,
                     const void *folder_id, ULONG folder_size, NOTIFICATION *notification)
{
    post_under(audience, id, size, notification);
    if (folder_id)
        post_under(audience, folder_id, folder_size, notification);
    post_under(audience, NULL, 0, notification);
}

static void post_folder(const struct audience *audience, const struct account_event *event)
{
    BYTE id[FOLDER_ENTRYID_SIZE], parent[FOLDER_ENTRYID_SIZE];
    NOTIFICATION notification = {0};
    OBJECT_NOTIFICATION *object = &notification.info.obj;

    ids_folder_entryid(audience->guids, event->folder, id);
    object->ulObjType = MAPI_FOLDER;
    object->cbEntryID = sizeof(id);
    object->lpEntryID = (ENTRYID *)id;
    if (event->old_parent) {
        ids_folder_entryid(audience->guids, event->old_parent, parent);
        object->cbOldParentID = sizeof(parent);
        object->lpOldParentID = (ENTRYID *)parent;
    }
    switch (event->kind) {
    case ACCOUNT_FOLDER_ADDED:
        notification.ulEventType = fnevObjectCreated;
        break;
    case ACCOUNT_FOLDER_REMOVED:
        notification.ulEventType = fnevObjectDeleted;
        object->cbParentID = object->cbOldParentID;
        object->lpParentID = object->lpOldParentID;
        object->cbOldParentID = 0;
        object->lpOldParentID = NULL;
        break;
    case ACCOUNT_FOLDER_MOVED:
        notification.ulEventType = fnevObjectMoved;
        break;
    case ACCOUNT_SEARCH_COMPLETE:
        notification.ulEventType = fnevSearchComplete; /* STO-174, STO-309 */
        break;
    default:
        notification.ulEventType =
            fnevObjectModified; /* of which properties is not told (STO-313) */
        break;
    }
    post_all(audience, id, sizeof(id), NULL, 0, &notification);
}

static ULONG message_event(enum account_event_kind kind)
{
    switch (kind) {
    case ACCOUNT_MESSAGES_ADDED:
    case ACCOUNT_ASSOCIATED_ADDED:
        return fnevObjectCreated;
    case ACCOUNT_MESSAGES_REMOVED:
    case ACCOUNT_ASSOCIATED_REMOVED:
        return fnevObjectDeleted;
    case ACCOUNT_MESSAGES_MOVED:
        return fnevObjectMoved;
    case ACCOUNT_MESSAGES_COPIED:
        return fnevObjectCopied;
    default:
        return fnevObjectModified;
    }
}

static void post_message(const struct audience *audience, const struct account_event *event,
                         size_t at)
{
    bool moved = event->kind == ACCOUNT_MESSAGES_MOVED || event->kind == ACCOUNT_MESSAGES_COPIED;
    BYTE id[MESSAGE_ENTRYID_SIZE], old_id[MESSAGE_ENTRYID_SIZE];
    BYTE folder[FOLDER_ENTRYID_SIZE], old_folder[FOLDER_ENTRYID_SIZE];
    NOTIFICATION notification = {.ulEventType = message_event(event->kind)};
    OBJECT_NOTIFICATION *object = &notification.info.obj;

    ids_folder_entryid(audience->guids, event->folder, folder);
    ids_message_entryid(audience->guids, event->folder,
                        moved ? event->new_numbers[at] : event->numbers[at], id);
    object->ulObjType = MAPI_MESSAGE;
    object->cbEntryID = sizeof(id);
    object->lpEntryID = (ENTRYID *)id;
    object->cbParentID = sizeof(folder);
    object->lpParentID = (ENTRYID *)folder;
    if (moved) {
        ids_folder_entryid(audience->guids, event->old_parent, old_folder);
        ids_message_entryid(audience->guids, event->old_parent, event->numbers[at], old_id);
        object->cbOldID = sizeof(old_id);
        object->lpOldID = (ENTRYID *)old_id;
        object->cbOldParentID = sizeof(old_folder);
        object->lpOldParentID = (ENTRYID *)old_folder;
        post_under(audience, old_id, sizeof(old_id), &notification);
    }
    post_all(audience, id, sizeof(id), folder, sizeof(folder), &notification);
}

static void post_new_mail(const struct audience *audience, const struct account_event *event,
                          size_t at)
{
    static WCHAR message_class[] = u"IPM.Note";
    BYTE id[MESSAGE_ENTRYID_SIZE], folder[FOLDER_ENTRYID_SIZE];
    NOTIFICATION notification = {.ulEventType = fnevNewMail};
    NEWMAIL_NOTIFICATION *mail = &notification.info.newmail;

    ids_folder_entryid(audience->guids, event->folder, folder);
    ids_message_entryid(audience->guids, event->folder, event->numbers[at], id);
    mail->cbEntryID = sizeof(id);
    mail->lpEntryID = (ENTRYID *)id;
    mail->cbParentID = sizeof(folder);
    mail->lpParentID = (ENTRYID *)folder;
    mail->ulFlags = MAPI_UNICODE;
    mail->ulMessageFlags =
        MSGFLAG_UNMODIFIED | (event->attached && event->attached[at] ? MSGFLAG_HASATTACH : 0);
    mail->lpszMessageClass = (LPTSTR)message_class;
    post_under(audience, folder, sizeof(folder), &notification);
    post_under(audience, NULL, 0, &notification);
}

void news_post(IMAPISupport *support, const void *logon, const struct mailbox_guids *guids,
               const struct account_event *event)
{
    const struct audience to = {.support = support, .logon = logon, .guids = guids};
    const struct audience *audience = &to;

    if (event->told)
        return;
    switch (event->kind) {
    case ACCOUNT_FOLDER_ADDED:
    case ACCOUNT_FOLDER_REMOVED:
    case ACCOUNT_FOLDER_CHANGED:
    case ACCOUNT_FOLDER_MOVED:
    case ACCOUNT_SEARCH_COMPLETE:
        post_folder(audience, event);
        break;
    case ACCOUNT_MESSAGES_ADDED:
    case ACCOUNT_MESSAGES_REMOVED:
    case ACCOUNT_MESSAGES_CHANGED:
    case ACCOUNT_MESSAGES_PROPS:
    case ACCOUNT_MESSAGES_MOVED:
    case ACCOUNT_ASSOCIATED_ADDED:
    case ACCOUNT_ASSOCIATED_REMOVED:
    case ACCOUNT_ASSOCIATED_CHANGED:
    case ACCOUNT_MESSAGES_COPIED:
        for (size_t i = 0; i < event->count; i++)
            post_message(audience, event, i);
        break;
    case ACCOUNT_NEW_MAIL:
        for (size_t i = 0; i < event->count; i++)
            post_new_mail(audience, event, i);
        break;
    case ACCOUNT_QUEUE_CHANGED:
    case ACCOUNT_RULES_CHANGED:
    case ACCOUNT_PERMISSIONS_CHANGED:
    case ACCOUNT_MESSAGES_RELOADED:
    case ACCOUNT_SEARCH_RESULTS:
    case ACCOUNT_MESSAGES_SETTLED:
        break; /* tables reload; single objects have nothing to tell */
    }
}
