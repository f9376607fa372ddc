/* providers/account/ids.c - the numbers and identifiers of one mailbox
 *
 * Layouts: MS-OXCDATA 2.2.1 (numbers) and 2.2.4 (entry ids). Counters are big-endian, all else is
 * little-endian. */
#include "providers/account/ids.h"

#include <string.h>

#include "mapi/memory.h"

#define ENTRY_TYPE_STORE   0x0C /* a private mailbox */
#define ENTRY_TYPE_FOLDER  1    /* eitLTPrivateFolder */
#define ENTRY_TYPE_MESSAGE 7    /* eitLTPrivateMessage */
#define REPLICA_ID         1
#define COUNTER_SIZE       6

/* Offsets within an entry id. */
enum {
    AT_PROVIDER = 4,
    AT_TYPE = 20,
    AT_FOLDER_REPLICA = 22,
    AT_FOLDER = 38,
    AT_MESSAGE_REPLICA = 46,
    AT_MESSAGE = 62,
    AT_STORE_NAMES = 24,
};

static void put_counter(BYTE *at, uint64_t number)
{
    for (int i = 0; i < COUNTER_SIZE; i++)
        at[i] = (BYTE)(number >> 8 * (COUNTER_SIZE - 1 - i));
}

static uint64_t get_counter(const BYTE *at)
{
    uint64_t number = 0;

    for (int i = 0; i < COUNTER_SIZE; i++)
        number = number << 8 | at[i];
    return number;
}

static void put_head(BYTE *id, size_t size, const struct mailbox_guids *guids, uint16_t type)
{
    memset(id, 0, size);
    memcpy(id + AT_PROVIDER, &guids->mailbox, sizeof(guids->mailbox));
    id[AT_TYPE] = (BYTE)type;
    id[AT_TYPE + 1] = (BYTE)(type >> 8);
}

void ids_folder_entryid(const struct mailbox_guids *guids, uint64_t folder,
                        BYTE ret_id[FOLDER_ENTRYID_SIZE])
{
    put_head(ret_id, FOLDER_ENTRYID_SIZE, guids, ENTRY_TYPE_FOLDER);
    memcpy(ret_id + AT_FOLDER_REPLICA, &guids->replica, sizeof(guids->replica));
    put_counter(ret_id + AT_FOLDER, folder);
}

void ids_message_entryid(const struct mailbox_guids *guids, uint64_t folder, uint64_t message,
                         BYTE ret_id[MESSAGE_ENTRYID_SIZE])
{
    put_head(ret_id, MESSAGE_ENTRYID_SIZE, guids, ENTRY_TYPE_MESSAGE);
    memcpy(ret_id + AT_FOLDER_REPLICA, &guids->replica, sizeof(guids->replica));
    put_counter(ret_id + AT_FOLDER, folder);
    memcpy(ret_id + AT_MESSAGE_REPLICA, &guids->replica, sizeof(guids->replica));
    put_counter(ret_id + AT_MESSAGE, message);
}

ULONG ids_store_entryid(const struct mailbox_guids *guids, const char *server, const char *account,
                        BYTE ret_id[STORE_ENTRYID_MAX])
{
    size_t server_size = strlen(server) + 1;
    size_t account_size = strlen(account) + 1;

    if (AT_STORE_NAMES + server_size + account_size > STORE_ENTRYID_MAX)
        return 0;
    put_head(ret_id, AT_STORE_NAMES, guids, ENTRY_TYPE_STORE); /* a 32-bit type here */
    memcpy(ret_id + AT_STORE_NAMES, server, server_size);
    memcpy(ret_id + AT_STORE_NAMES + server_size, account, account_size);
    return (ULONG)(AT_STORE_NAMES + server_size + account_size);
}

void ids_source_key(const struct mailbox_guids *guids, uint64_t number,
                    BYTE ret_key[SOURCE_KEY_SIZE])
{
    memcpy(ret_key, &guids->replica, sizeof(guids->replica));
    put_counter(ret_key + sizeof(guids->replica), number);
}

void ids_instance_key(uint64_t number, uint32_t instance, BYTE ret_key[INSTANCE_KEY_SIZE])
{
    ret_key[0] = REPLICA_ID;
    ret_key[1] = 0;
    put_counter(ret_key + 2, number);
    for (int i = 0; i < 4; i++)
        ret_key[8 + i] = (BYTE)(instance >> 8 * i);
}

bool ids_parse_instance_key(const SBinary *key, uint64_t *ret_number, uint32_t *ret_instance)
{
    if (key->cb != INSTANCE_KEY_SIZE || key->lpb[0] != REPLICA_ID || key->lpb[1] != 0)
        return false;
    *ret_number = get_counter(key->lpb + 2);
    *ret_instance = (uint32_t)key->lpb[8] | (uint32_t)key->lpb[9] << 8 |
                    (uint32_t)key->lpb[10] << 16 | (uint32_t)key->lpb[11] << 24;
    return true;
}

int64_t ids_short_id(uint64_t number)
{
    uint64_t id = REPLICA_ID;

    for (int i = 0; i < COUNTER_SIZE; i++) /* the counter lies big-endian behind the replica id */
        id |= (number >> 8 * (COUNTER_SIZE - 1 - i) & 0xFF) << (16 + 8 * i);
    return (int64_t)id;
}

bool ids_parse_short_id(int64_t id, uint64_t *ret_number)
{
    uint64_t bits = (uint64_t)id;
    uint64_t number = 0;

    if ((bits & 0xFFFF) != REPLICA_ID)
        return false;
    for (int i = 0; i < COUNTER_SIZE; i++)
        number = number << 8 | (bits >> (16 + 8 * i) & 0xFF);
    if (number == 0)
        return false;
    *ret_number = number;
    return true;
}

static bool is_replica(const struct mailbox_guids *guids, const BYTE *at)
{
    return memcmp(at, &guids->replica, sizeof(guids->replica)) == 0;
}

/* The two zero bytes behind a number (MS-OXCDATA 2.2.4.1 and 2.2.4.2). */
static bool is_pad(const BYTE *bytes)
{
    return bytes[0] == 0 && bytes[1] == 0;
}

HRESULT ids_parse_entryid(const struct mailbox_guids *guids, ULONG size, const ENTRYID *id,
                          struct entry_ref *ret_ref)
{
    const BYTE *bytes = (const BYTE *)id;
    struct entry_ref ref = {0};
    unsigned type;

    if (!bytes || size < AT_TYPE)
        return MAPI_E_INVALID_ENTRYID;
    if (memcmp(bytes + AT_PROVIDER, &guids->mailbox, sizeof(guids->mailbox)) != 0)
        return MAPI_E_UNKNOWN_ENTRYID;
    if (size < AT_STORE_NAMES)
        return MAPI_E_INVALID_ENTRYID;

    type = bytes[AT_TYPE] | (unsigned)bytes[AT_TYPE + 1] << 8;
    if (type == ENTRY_TYPE_STORE) {
        ref.kind = ENTRY_STORE;
    } else if (type == ENTRY_TYPE_FOLDER && size == FOLDER_ENTRYID_SIZE) {
        ref.kind = ENTRY_FOLDER;
        ref.folder = get_counter(bytes + AT_FOLDER);
    } else if (type == ENTRY_TYPE_MESSAGE && size == MESSAGE_ENTRYID_SIZE) {
        ref.kind = ENTRY_MESSAGE;
        ref.folder = get_counter(bytes + AT_FOLDER);
        ref.message = get_counter(bytes + AT_MESSAGE);
    } else {
        return MAPI_E_INVALID_ENTRYID;
    }
    if (ref.kind != ENTRY_STORE && !is_replica(guids, bytes + AT_FOLDER_REPLICA))
        return MAPI_E_UNKNOWN_ENTRYID;
    if (ref.kind == ENTRY_MESSAGE && !is_replica(guids, bytes + AT_MESSAGE_REPLICA))
        return MAPI_E_UNKNOWN_ENTRYID;
    if ((ref.kind != ENTRY_STORE && ref.folder == 0) ||
        (ref.kind == ENTRY_MESSAGE && ref.message == 0))
        return MAPI_E_INVALID_ENTRYID;
    if ((ref.kind != ENTRY_STORE && !is_pad(bytes + AT_FOLDER + COUNTER_SIZE)) ||
        (ref.kind == ENTRY_MESSAGE && !is_pad(bytes + AT_MESSAGE + COUNTER_SIZE)))
        return MAPI_E_INVALID_ENTRYID;

    *ret_ref = ref;
    return S_OK;
}

HRESULT ids_number_of(const struct mailbox_guids *guids, ULONG size, const ENTRYID *id,
                      enum entry_kind kind, uint64_t *ret_number)
{
    struct entry_ref ref;
    HRESULT hr = ids_parse_entryid(guids, size, id, &ref);

    if (SUCCEEDED(hr) && ref.kind != kind)
        hr = MAPI_E_INVALID_ENTRYID;
    if (SUCCEEDED(hr))
        *ret_number = kind == ENTRY_MESSAGE ? ref.message : ref.folder;
    return hr;
}

HRESULT ids_numbers_of(const struct mailbox_guids *guids, const ENTRYLIST *list,
                       enum entry_kind kind, uint64_t **ret_numbers)
{
    uint64_t *numbers;
    HRESULT hr = S_OK;

    if (!list || (list->cValues && !list->lpbin))
        return MAPI_E_INVALID_PARAMETER;
    numbers = mapi_alloc_array(NULL, (size_t)list->cValues + 1, sizeof(*numbers));
    if (!numbers)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; i < list->cValues && SUCCEEDED(hr); i++)
        hr = ids_number_of(guids, list->lpbin[i].cb, (const ENTRYID *)list->lpbin[i].lpb, kind,
                           &numbers[i]);
    if (FAILED(hr)) {
        mapi_free(numbers);
        return hr;
    }
    *ret_numbers = numbers;
    return S_OK;
}

bool ids_parse_source_key(const struct mailbox_guids *guids, const SBinary *key,
                          uint64_t *ret_number)
{
    if (key->cb != SOURCE_KEY_SIZE || !is_replica(guids, key->lpb))
        return false;
    *ret_number = get_counter(key->lpb + sizeof(guids->replica));
    return *ret_number != 0;
}
