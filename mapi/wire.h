/* mapi/wire.h - property values as MS-OXCDATA writes them, for rules kept in messages
 *
 * The extended form (MS-OXORULE 2.2.4): all counts have four bytes, and what is written names the
 * named properties that it uses, so that it can be read in another store. Little-endian. A writer
 * that has failed stays failed, a reader too: callers look at the end only.
 *
 * Readers trust no length: the bytes come from messages. */
#ifndef MG_WIRE_H
#define MG_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/edkmdb.h"

#define WIRE_NAMES_MAX 1024

struct wire_writer {
    uint8_t *bytes; /* heap */
    size_t size, capacity;
    HRESULT hr;    /* the first failure */
    USHORT *named; /* heap: ids of named properties, each once */
    size_t named_count;
};
void wire_writer_clear(struct wire_writer *writer);
void wire_put(struct wire_writer *writer, uint64_t number, size_t size);
void wire_put_bytes(struct wire_writer *writer, const void *data, size_t size);
void wire_put_counted(struct wire_writer *writer, const void *data, size_t size);
void wire_put_tag(struct wire_writer *writer, ULONG tag);
void wire_put_guid(struct wire_writer *writer, const GUID *guid);
void wire_put_value(struct wire_writer *writer, const SPropValue *value); /* tag and value */

/* Puts the names (MS-OXORULE 2.2.4.2) in front of what `body` has: a root of its own. `prop`, which
 * knows them, may be NULL when there are none, else MAPI_E_INVALID_PARAMETER. Foreign code. */
HRESULT wire_writer_finish(struct wire_writer *body, IMAPIProp *prop, BYTE **ret_bytes,
                           ULONG *ret_size);

struct wire_reader {
    const uint8_t *bytes;
    size_t left;
    void *root;          /* what is read hangs off this */
    HRESULT hr;          /* the first failure */
    SPropTagArray *here; /* the names' ids in this store, by number; NULL: none */
    USHORT *there;       /* heap: their ids where it was written */
    size_t named_count;
};
uint64_t wire_get(struct wire_reader *reader, size_t size);
const uint8_t *wire_get_bytes(struct wire_reader *reader, size_t size); /* borrowed; NULL: failed */
/* A count of things of at least `smallest` bytes each. */
ULONG wire_get_count(struct wire_reader *reader, size_t smallest);
void *wire_get_counted(struct wire_reader *reader, ULONG *ret_size); /* a copy */
ULONG wire_get_tag(struct wire_reader *reader);
void wire_get_guid(struct wire_reader *reader, GUID *ret_guid);
void wire_get_value(struct wire_reader *reader, SPropValue *ret_value);
void *wire_alloc(struct wire_reader *reader, size_t count, size_t size); /* NULL: failed */
void wire_fail(struct wire_reader *reader, HRESULT hr);

/* Reads the names and asks `prop` (foreign code; NULL: there are none) for the ids that they have
 * in its store, new ones if need be; then `get` fills a zeroed root of `root_size` bytes. The
 * result is the caller's, mapi_free. MAPI_E_INVALID_PARAMETER (no bytes, or names and no `prop`),
 * MAPI_E_CORRUPT_DATA (also: something is left over), MAPI_E_TOO_COMPLEX, MAPI_E_VERSION,
 * MAPI_E_NOT_ENOUGH_MEMORY, or what `prop` answers. */
HRESULT wire_decode(const BYTE *bytes, ULONG size, IMAPIProp *prop, size_t root_size,
                    void (*get)(struct wire_reader *reader, void *root), void **ret_root);

/* wire_restriction.c, wire_actions.c */
void wire_put_restriction(struct wire_writer *writer, const SRestriction *restriction);
void wire_put_actions(struct wire_writer *writer, const ACTIONS *actions);
void wire_get_restriction(struct wire_reader *reader, SRestriction *ret_restriction);

/* The same bytes without names, for who keeps them where the ids of named properties never change:
 * a root of its own. HrDeserializeSRestriction and HrDeserializeActions read them, without a
 * `prop`. Fails as HrSerializeSRestriction and HrSerializeActions. */
HRESULT wire_pack_restriction(const SRestriction *restriction, BYTE **ret_bytes, ULONG *ret_size);
HRESULT wire_pack_actions(const ACTIONS *actions, BYTE **ret_bytes, ULONG *ret_size);

#endif
