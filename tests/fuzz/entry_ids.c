/* tests/fuzz/entry_ids.c - identifiers and server addresses that others hand in, any bytes
 *
 * The first byte of the input chooses what the rest is read as: an entry id of a mailbox, a store's
 * wrapped id, a one-off id, a key of a row, a server's URL, an entry id of an address book, a name
 * that somebody typed. Beside the sanitizers these must hold: what was read can be written again
 * and is read as the same; the identifiers of the mailbox have one form only but for flags and
 * padding. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/server_url.h"
#include "mapi/mapicode.h"
#include "mapi/memory.h"
#include "mapi/oneoff.h"
#include "mapi/text.h"
#include "providers/account/ids.h"
#include "providers/contacts/entry_id.h"
#include "session/store_entryid.h"

#define PAD_SIZE 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mailbox_guids guids = {
    .mailbox = {"MMMMMMMMMMMMMMMM"},
    .replica = {"RRRRRRRRRRRRRRRR"},
};

static void check_entryid(BYTE *bytes, ULONG size)
{
    BYTE again[MESSAGE_ENTRYID_SIZE];
    struct entry_ref ref;
    HRESULT hr = ids_parse_entryid(&guids, size, (const ENTRYID *)bytes, &ref);

    assert(hr == S_OK || hr == MAPI_E_INVALID_ENTRYID || hr == MAPI_E_UNKNOWN_ENTRYID);
    if (FAILED(hr) || ref.kind == ENTRY_STORE)
        return;
    if (ref.kind == ENTRY_FOLDER)
        ids_folder_entryid(&guids, ref.folder, again);
    else
        ids_message_entryid(&guids, ref.folder, ref.message, again);
    memset(bytes, 0, sizeof(((ENTRYID *)0)->abFlags));
    memset(bytes + FOLDER_ENTRYID_SIZE - PAD_SIZE, 0, PAD_SIZE); /* behind each counter */
    memset(bytes + size - PAD_SIZE, 0, PAD_SIZE);
    assert(size == (ref.kind == ENTRY_FOLDER ? FOLDER_ENTRYID_SIZE : MESSAGE_ENTRYID_SIZE));
    assert(memcmp(bytes, again, size) == 0);
}

static void check_wrapped(const BYTE *bytes, ULONG size)
{
    ULONG inner_size, again_size, size2;
    const char *name, *name2;
    const ENTRYID *inner, *inner2;
    ENTRYID *again;

    if (FAILED(store_entryid_unwrap(size, (const ENTRYID *)bytes, &name, &inner_size, &inner)))
        return;
    assert((const BYTE *)inner + inner_size == bytes + size && inner_size > 0);
    assert(store_entryid_wrap(name, inner_size, inner, &again_size, &again) == S_OK);
    assert(store_entryid_unwrap(again_size, again, &name2, &size2, &inner2) == S_OK);
    assert(strcmp(name, name2) == 0 && size2 == inner_size &&
           memcmp(inner, inner2, inner_size) == 0);
    mapi_free(again);
}

static void check_oneoff(const BYTE *bytes, ULONG size)
{
    void *root = mapi_alloc(NULL, 1);
    struct oneoff oneoff, same;
    ENTRYID *again;
    ULONG again_size;
    SBinary key;

    assert(root);
    if (SUCCEEDED(oneoff_parse(root, size, (const ENTRYID *)bytes, &oneoff))) {
        assert(utf8_is_valid(oneoff.name, strlen(oneoff.name)));
        assert(oneoff_search_key(root, oneoff.type, oneoff.address, &key) == S_OK);
        if (SUCCEEDED(oneoff_create(root, &oneoff, &again_size, &again))) {
            assert(oneoff_parse(root, again_size, again, &same) == S_OK);
            assert(strcmp(oneoff.name, same.name) == 0 && strcmp(oneoff.type, same.type) == 0 &&
                   strcmp(oneoff.address, same.address) == 0 &&
                   oneoff.no_rich_info == same.no_rich_info);
        }
    }
    mapi_free(root);
}

static void check_contacts(BYTE *bytes, ULONG size)
{
    BYTE again[CONTACTS_ID_MAX];
    struct contacts_ref ref;
    HRESULT hr = contacts_parse_entryid(&guids.mailbox, size, (const ENTRYID *)bytes, &ref);

    assert(hr == S_OK || hr == MAPI_E_INVALID_ENTRYID || hr == MAPI_E_UNKNOWN_ENTRYID);
    if (FAILED(hr))
        return;
    memset(bytes, 0, sizeof(((ENTRYID *)0)->abFlags));
    assert(contacts_entryid(&guids.mailbox, &ref, again) == size);
    assert(memcmp(bytes, again, size) == 0);
}

/* What was typed may be no UTF-8: quoted bytes come out as they are. */
static void check_typed(const BYTE *bytes, size_t size)
{
    char *text = strndup((const char *)bytes, size);
    void *root = mapi_alloc(NULL, 1);
    struct oneoff oneoff, same;
    ENTRYID *id;
    ULONG id_size;
    HRESULT hr;

    assert(root && text);
    hr = oneoff_from_text(root, text, &oneoff);
    assert(hr == S_OK || hr == MAPI_E_NOT_FOUND);
    if (hr == S_OK) {
        assert(*oneoff.name && *oneoff.type && *oneoff.address);
        if (SUCCEEDED(oneoff_create(root, &oneoff, &id_size, &id)))
            assert(oneoff_parse(root, id_size, id, &same) == S_OK);
    }
    mapi_free(root);
    free(text);
}

static void check_keys(BYTE *bytes, ULONG size)
{
    BYTE again[SOURCE_KEY_SIZE];
    SBinary key = {.cb = size, .lpb = bytes};
    uint32_t instance;
    uint64_t number;
    int64_t id = 0;

    if (ids_parse_instance_key(&key, &number, &instance)) {
        ids_instance_key(number, instance, again);
        assert(memcmp(bytes, again, INSTANCE_KEY_SIZE) == 0);
    }
    if (ids_parse_source_key(&guids, &key, &number)) {
        ids_source_key(&guids, number, again);
        assert(memcmp(bytes, again, SOURCE_KEY_SIZE) == 0);
    }
    memcpy(&id, bytes, size < sizeof(id) ? size : sizeof(id));
    if (ids_parse_short_id(id, &number))
        assert(ids_short_id(number) == id);
}

static void check_url(const BYTE *bytes, size_t size, enum server_protocol protocol)
{
    char *text = strndup((const char *)bytes, size), canonical[SERVER_URL_MAX];
    struct server_url url, same;
    const char *problem = NULL;
    HRESULT hr = server_url_parse(text, protocol, &url, &problem);

    assert(hr == S_OK || (hr == MAPI_E_INVALID_PARAMETER && problem && *problem));
    if (SUCCEEDED(hr)) {
        server_url_format(&url, canonical);
        assert(server_url_parse(canonical, protocol, &same, NULL) == S_OK);
        assert(strcmp(url.host, same.host) == 0 && url.port == same.port && url.tls == same.tls);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BYTE *bytes; /* a block of exactly that size, to see what reads beyond it */

    if (size < 2 || size > 70000)
        return 0;
    size--;
    bytes = malloc(size);
    assert(bytes);
    memcpy(bytes, data + 1, size);
    switch (data[0] % 8) {
    case 0:
        check_entryid(bytes, (ULONG)size);
        break;
    case 1:
        check_wrapped(bytes, (ULONG)size);
        break;
    case 2:
        check_oneoff(bytes, (ULONG)size);
        break;
    case 3:
        check_keys(bytes, (ULONG)size);
        break;
    case 6:
        check_contacts(bytes, (ULONG)size);
        break;
    case 7:
        check_typed(bytes, size);
        break;
    default:
        check_url(bytes, size, data[0] % 8 == 4 ? SERVER_IMAP : SERVER_SMTP);
        break;
    }
    free(bytes);
    return 0;
}
