/* tests/fuzz/rules.c - conditions and actions of rules, as messages keep them, of any bytes
 *
 * The first byte chooses: bit 0 actions, else a condition. What was read can be written, and that
 * read again. Nobody is there to ask for names. */
#include <assert.h>
#include <stdint.h>

#include "mapi/edkmdb.h"
#include "mapi/mapix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_condition(BYTE *data, ULONG size)
{
    SRestriction *restriction, *again;
    BYTE *bytes;

    if (HrDeserializeSRestriction(NULL, data, size, &restriction) != S_OK)
        return;
    if (HrSerializeSRestriction(NULL, restriction, &bytes, &size) == S_OK) {
        assert(HrDeserializeSRestriction(NULL, bytes, size, &again) == S_OK);
        MAPIFreeBuffer(again);
        MAPIFreeBuffer(bytes);
    }
    MAPIFreeBuffer(restriction);
}

static void check_actions(BYTE *data, ULONG size)
{
    ACTIONS *actions, *again;
    BYTE *bytes;

    if (HrDeserializeActions(NULL, data, size, &actions) != S_OK)
        return;
    if (HrSerializeActions(NULL, actions, &bytes, &size) == S_OK) {
        assert(HrDeserializeActions(NULL, bytes, size, &again) == S_OK);
        MAPIFreeBuffer(again);
        MAPIFreeBuffer(bytes);
    }
    MAPIFreeBuffer(actions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    if (data[0] & 1)
        check_actions((BYTE *)data + 1, (ULONG)size - 1);
    else
        check_condition((BYTE *)data + 1, (ULONG)size - 1);
    return 0;
}
