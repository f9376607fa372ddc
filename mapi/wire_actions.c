/* mapi/wire_actions.c - rule actions as bytes: HrSerializeActions and its way back
 *
 * The form of PidTagExtendedRuleMessageActions (MS-OXORULE 2.2.4.1.9): the names that are used, the
 * version, then the actions of 2.2.5 in their extended forms. What is read is one block. */
#include <string.h>

#include "mapi/edkmdb.h"
#include "mapi/mapix.h"
#include "mapi/memory.h"
#include "mapi/wire.h"

#define RULE_VERSION 1
#define ACTIONS_MAX  1024
#define ACTION_HEAD  9 /* type, flavour, flags */

/* ---- Writing ---- */

static void put_id(struct wire_writer *writer, const void *id, ULONG size)
{
    if (size && !id)
        writer->hr = MAPI_E_INVALID_PARAMETER;
    else
        wire_put_counted(writer, id, size);
}

static void put_recipients(struct wire_writer *writer, const ADRLIST *list)
{
    if (!list) {
        writer->hr = MAPI_E_INVALID_PARAMETER;
        return;
    }
    wire_put(writer, list->cEntries, 4);
    for (ULONG i = 0; i < list->cEntries && SUCCEEDED(writer->hr); i++) {
        const ADRENTRY *entry = &list->aEntries[i];

        if (entry->cValues && !entry->rgPropVals)
            writer->hr = MAPI_E_INVALID_PARAMETER;
        wire_put(writer, 1, 1); /* reserved */
        wire_put(writer, entry->cValues, 4);
        for (ULONG j = 0; j < entry->cValues && SUCCEEDED(writer->hr); j++)
            wire_put_value(writer, &entry->rgPropVals[j]);
    }
}

static void put_data(struct wire_writer *writer, const ACTION *action)
{
    switch (action->acttype) {
    case OP_MOVE:
    case OP_COPY:
        put_id(writer, action->actMoveCopy.lpStoreEntryId, action->actMoveCopy.cbStoreEntryId);
        put_id(writer, action->actMoveCopy.lpFldEntryId, action->actMoveCopy.cbFldEntryId);
        break;
    case OP_REPLY:
    case OP_OOF_REPLY:
        put_id(writer, action->actReply.lpEntryId, action->actReply.cbEntryId);
        wire_put_guid(writer, &action->actReply.guidReplyTemplate);
        break;
    case OP_DEFER_ACTION:
        if (action->actDeferAction.cbData && !action->actDeferAction.pbData)
            writer->hr = MAPI_E_INVALID_PARAMETER;
        else
            wire_put_bytes(writer, action->actDeferAction.pbData, action->actDeferAction.cbData);
        break;
    case OP_BOUNCE:
        wire_put(writer, (uint32_t)action->scBounceCode, 4);
        break;
    case OP_FORWARD:
    case OP_DELEGATE:
        put_recipients(writer, action->lpadrlist);
        break;
    case OP_TAG:
        wire_put_value(writer, &action->propTag);
        break;
    case OP_DELETE:
    case OP_MARK_AS_READ:
        break;
    default:
        writer->hr = MAPI_E_INVALID_PARAMETER;
    }
}

static void put_action(struct wire_writer *writer, const ACTION *action)
{
    size_t start = writer->size, length;

    wire_put(writer, 0, 4); /* the length, once it is known */
    wire_put(writer, (uint32_t)action->acttype, 1);
    wire_put(writer, action->ulActionFlavor, 4);
    wire_put(writer, action->ulFlags, 4);
    put_data(writer, action);
    if (FAILED(writer->hr))
        return;
    length = writer->size - start - 4;
    for (int i = 0; i < 4; i++)
        writer->bytes[start + (size_t)i] = (uint8_t)(length >> 8 * i);
}

void wire_put_actions(struct wire_writer *writer, const ACTIONS *actions)
{
    if (actions->cActions > ACTIONS_MAX || (actions->cActions && !actions->lpAction))
        writer->hr = MAPI_E_INVALID_PARAMETER;
    wire_put(writer, RULE_VERSION, 4);
    wire_put(writer, actions->cActions, 4);
    for (UINT i = 0; i < actions->cActions && SUCCEEDED(writer->hr); i++)
        put_action(writer, &actions->lpAction[i]);
}

HRESULT wire_pack_actions(const ACTIONS *actions, BYTE **ret_bytes, ULONG *ret_size)
{
    struct wire_writer writer = {0};
    HRESULT hr;

    wire_put_actions(&writer, actions);
    writer.named_count = 0;
    hr = wire_writer_finish(&writer, NULL, ret_bytes, ret_size);
    wire_writer_clear(&writer);
    return hr;
}

HRESULT STDAPICALLTYPE HrSerializeActions(IMAPIProp *prop, ACTIONS *actions, BYTE **ret_bytes,
                                          ULONG *ret_size)
{
    struct wire_writer writer = {0};
    HRESULT hr;

    if (!actions || !ret_bytes || !ret_size)
        return MAPI_E_INVALID_PARAMETER;
    *ret_bytes = NULL;
    *ret_size = 0;
    wire_put_actions(&writer, actions);
    hr = wire_writer_finish(&writer, prop, ret_bytes, ret_size);
    wire_writer_clear(&writer);
    return hr;
}

/* ---- Reading ---- */

static void get_recipients(struct wire_reader *reader, ADRLIST **ret_list)
{
    ULONG count = wire_get_count(reader, 5);
    ADRLIST *list = wire_alloc(reader, 1, CbNewADRLIST(count));

    for (ULONG i = 0; list && i < count && SUCCEEDED(reader->hr); i++) {
        ADRENTRY *entry = &list->aEntries[i];

        wire_get(reader, 1); /* reserved */
        entry->cValues = wire_get_count(reader, 4);
        entry->rgPropVals = wire_alloc(reader, entry->cValues, sizeof(SPropValue));
        for (ULONG j = 0; j < entry->cValues && SUCCEEDED(reader->hr); j++)
            wire_get_value(reader, &entry->rgPropVals[j]);
    }
    if (list)
        list->cEntries = count;
    *ret_list = list;
}

static void get_rest(struct wire_reader *reader, ULONG *ret_size, BYTE **ret_data)
{
    ULONG size = (ULONG)reader->left;
    const uint8_t *bytes = wire_get_bytes(reader, size);
    BYTE *copy = wire_alloc(reader, size, 1);

    if (!bytes || !copy)
        return;
    if (size)
        memcpy(copy, bytes, size);
    *ret_size = size;
    *ret_data = copy;
}

static void get_data(struct wire_reader *reader, ACTION *action)
{
    switch (action->acttype) {
    case OP_MOVE:
    case OP_COPY:
        action->actMoveCopy.lpStoreEntryId =
            wire_get_counted(reader, &action->actMoveCopy.cbStoreEntryId);
        action->actMoveCopy.lpFldEntryId =
            wire_get_counted(reader, &action->actMoveCopy.cbFldEntryId);
        break;
    case OP_REPLY:
    case OP_OOF_REPLY:
        action->actReply.lpEntryId = wire_get_counted(reader, &action->actReply.cbEntryId);
        wire_get_guid(reader, &action->actReply.guidReplyTemplate);
        break;
    case OP_DEFER_ACTION:
        get_rest(reader, &action->actDeferAction.cbData, &action->actDeferAction.pbData);
        break;
    case OP_BOUNCE:
        action->scBounceCode = (SCODE)wire_get(reader, 4);
        break;
    case OP_FORWARD:
    case OP_DELEGATE:
        get_recipients(reader, &action->lpadrlist);
        break;
    case OP_TAG:
        wire_get_value(reader, &action->propTag);
        break;
    case OP_DELETE:
    case OP_MARK_AS_READ:
        break;
    default:
        wire_fail(reader, MAPI_E_CORRUPT_DATA);
    }
}

/* The action reads its own bytes and has to read all of them. */
static void get_action(struct wire_reader *reader, ACTION *action)
{
    size_t length = (size_t)wire_get(reader, 4), behind;

    if (length > reader->left || length < ACTION_HEAD)
        wire_fail(reader, MAPI_E_CORRUPT_DATA);
    if (FAILED(reader->hr))
        return;
    behind = reader->left - length;
    reader->left = length;
    action->acttype = (ACTTYPE)wire_get(reader, 1);
    action->ulActionFlavor = (ULONG)wire_get(reader, 4);
    action->ulFlags = (ULONG)wire_get(reader, 4);
    get_data(reader, action);
    if (reader->left)
        wire_fail(reader, MAPI_E_CORRUPT_DATA);
    reader->left += behind;
}

static void get_actions(struct wire_reader *reader, void *root)
{
    ACTIONS *actions = root;
    ULONG count;

    actions->ulVersion = (ULONG)wire_get(reader, 4);
    if (SUCCEEDED(reader->hr) && actions->ulVersion != RULE_VERSION)
        wire_fail(reader, MAPI_E_VERSION);
    count = wire_get_count(reader, 4 + ACTION_HEAD);
    if (count > ACTIONS_MAX)
        wire_fail(reader, MAPI_E_TOO_COMPLEX);
    actions->lpAction = wire_alloc(reader, count, sizeof(ACTION));
    actions->cActions = actions->lpAction ? count : 0;
    for (ULONG i = 0; i < actions->cActions && SUCCEEDED(reader->hr); i++)
        get_action(reader, &actions->lpAction[i]);
}

HRESULT STDAPICALLTYPE HrDeserializeActions(IMAPIProp *prop, BYTE *bytes, ULONG size,
                                            ACTIONS **ret_actions)
{
    void *root = NULL;
    HRESULT hr;

    if (!ret_actions)
        return MAPI_E_INVALID_PARAMETER;
    hr = wire_decode(bytes, size, prop, sizeof(ACTIONS), get_actions, &root);
    *ret_actions = root;
    return hr;
}
