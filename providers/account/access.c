/* providers/account/access.c - IMAP's rights as MAPI says them */
#include "providers/account/access.h"

#include "mapi/edkmdb.h"

#define CLEAR (IMAP_RIGHT_DELETE | IMAP_RIGHT_EXPUNGE)

/* A row holds when all of its IMAP rights are there; `given` are those that granting it gives. */
static const struct {
    ULONG frights;
    uint32_t rights, given;
} table[] = {
    {frightsVisible, IMAP_RIGHT_LOOKUP, IMAP_RIGHT_LOOKUP},
    {frightsReadAny, IMAP_RIGHT_READ, IMAP_RIGHT_READ | IMAP_RIGHT_SEEN},
    {frightsCreate, IMAP_RIGHT_INSERT, IMAP_RIGHT_INSERT | IMAP_RIGHT_POST},
    {frightsEditAny, IMAP_RIGHT_WRITE, IMAP_RIGHT_WRITE},
    {frightsEditOwned, IMAP_RIGHT_WRITE, 0},
    {frightsDeleteAny, CLEAR, CLEAR},
    {frightsDeleteOwned, CLEAR, 0},
    {frightsCreateSubfolder, IMAP_RIGHT_CREATE, IMAP_RIGHT_CREATE},
    {frightsOwner, IMAP_RIGHT_ADMIN, IMAP_RIGHT_ADMIN | IMAP_RIGHT_DELETE_MAILBOX},
};
#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

/* What says nothing of the folder's messages, and is not kept. */
#define ELSEWHERE (frightsContact | frightsFreeBusySimple | frightsFreeBusyDetailed)

ULONG frights_of(uint32_t rights)
{
    ULONG frights = 0;

    for (size_t i = 0; i < TABLE_COUNT; i++)
        if ((rights & table[i].rights) == table[i].rights)
            frights |= table[i].frights;
    return frights & frightsOwner ? frights | frightsContact : frights;
}

uint32_t rights_of_frights(ULONG frights)
{
    uint32_t rights = 0;

    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (frights & table[i].frights)
            rights |= table[i].given;
    return rights;
}

bool frights_are_whole(ULONG frights)
{
    return !(frights & ~(frights_of(rights_of_frights(frights)) | (ULONG)ELSEWHERE));
}

ULONG access_of_folder(const struct folder *folder, uint32_t rights)
{
    ULONG access = MAPI_ACCESS_CREATE_ASSOCIATED; /* they are in the side store */

    if (folder->search) /* no server has it, and nothing is put there */
        return MAPI_ACCESS_MODIFY | MAPI_ACCESS_READ | MAPI_ACCESS_DELETE;
    if (rights & IMAP_RIGHT_READ)
        access |= MAPI_ACCESS_READ;
    if (rights & IMAP_RIGHT_WRITE)
        access |= MAPI_ACCESS_MODIFY;
    /* What has its place stays there. */
    if (rights & IMAP_RIGHT_DELETE_MAILBOX && !folder->role && folder->mailbox)
        access |= MAPI_ACCESS_DELETE;
    if (rights & IMAP_RIGHT_INSERT &&
        !(folder->attributes & (IMAP_MAILBOX_NOSELECT | IMAP_MAILBOX_NONEXISTENT)))
        access |= MAPI_ACCESS_CREATE_CONTENTS;
    if (rights & IMAP_RIGHT_CREATE && !(folder->attributes & IMAP_MAILBOX_NOINFERIORS))
        access |= MAPI_ACCESS_CREATE_HIERARCHY;
    return access;
}

ULONG access_of_message(uint32_t rights)
{
    ULONG access = 0;

    if (rights & IMAP_RIGHT_READ)
        access |= MAPI_ACCESS_READ;
    if (rights & IMAP_RIGHT_WRITE)
        access |= MAPI_ACCESS_MODIFY;
    if ((rights & CLEAR) == CLEAR)
        access |= MAPI_ACCESS_DELETE;
    return access;
}
