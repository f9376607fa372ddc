/* tests/mapi/message_object.c - messages and attachments of the tests */
#include "mapi/message_object.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "mapi/table.h"
#include "support/com.h"

static struct test_attach *attach_create(ULONG number);

/* ---- The attachment ---- */

static HRESULT attach_save(struct mapi_prop *props, ULONG flags)
{
    ((struct test_attach *)props->context)->saves++;
    return S_OK;
}

static HRESULT attach_open(struct mapi_prop *props, ULONG tag, const IID *iid, ULONG options,
                           ULONG flags, IUnknown **ret_unknown)
{
    struct test_attach *attach = props->context;

    if (tag != PR_ATTACH_DATA_OBJ)
        return MAPI_E_NO_SUPPORT;
    if (flags & MAPI_CREATE) { /* what was there goes (STO-265) */
        if (attach->embedded)
            mapi_object_unref(&attach->embedded->object);
        attach->embedded = test_message_create();
        prop_load_value(props, &(SPropValue){.ulPropTag = PR_ATTACH_DATA_OBJ}, PROP_OBJECT);
    }
    if (!attach->embedded)
        return MAPI_E_NOT_FOUND;
    mapi_object_ref(&attach->embedded->object);
    *ret_unknown = (IUnknown *)&attach->embedded->IMessage_iface;
    return S_OK;
}

static const struct prop_ops attach_ops = {.save = attach_save, .open = attach_open};

static void attach_destroy(struct mapi_object *object)
{
    struct test_attach *attach = container_of(object, struct test_attach, object);

    if (attach->embedded)
        mapi_object_unref(&attach->embedded->object);
    prop_clear(&attach->props);
    mapi_object_clear(&attach->object);
    free(attach);
}

/* ---- The message ---- */

static HRESULT message_save(struct mapi_prop *props, ULONG flags)
{
    ((struct test_message *)props->context)->saves++;
    return S_OK;
}

static const struct prop_ops message_ops = {.save = message_save};

static void message_destroy(struct mapi_object *object)
{
    struct test_message *message = container_of(object, struct test_message, object);
    ULONG i;

    for (i = 0; i < message->attachment_count; i++)
        mapi_object_unref(&message->attachments[i]->object);
    row_source_unref(row_list_source(message->recipients));
    prop_clear(&message->props);
    mapi_object_clear(&message->object);
    free(message);
}

static HRESULT message_GetRecipientTable(struct test_message *message, ULONG flags,
                                         LPMAPITABLE *ret_table)
{
    SizedSPropTagArray(1, columns) = {1, {PR_ROWID}};
    struct table_options options = {.source = row_list_source(message->recipients),
                                    .columns = (SPropTagArray *)&columns,
                                    .flags = flags};

    return table_create(&options, ret_table);
}

static HRESULT message_ModifyRecipients(struct test_message *message, ULONG flags, LPADRLIST list)
{
    ULONG i;

    cr_expect_eq(flags, 0);
    row_list_remove_all(message->recipients);
    for (i = 0; i < list->cEntries; i++) {
        SPropValue values[16] = {propval_long(PR_ROWID, (LONG)i + 100)};

        memcpy(&values[1], list->aEntries[i].rgPropVals,
               list->aEntries[i].cValues * sizeof(*values));
        assert_hr(row_list_set(message->recipients, values, list->aEntries[i].cValues + 1), S_OK);
    }
    return S_OK;
}

static HRESULT message_GetAttachmentTable(struct test_message *message, ULONG flags,
                                          LPMAPITABLE *ret_table)
{
    SizedSPropTagArray(1, columns) = {1, {PR_ATTACH_NUM}};
    struct table_options options = {.columns = (SPropTagArray *)&columns};
    struct row_list *list;
    HRESULT hr;
    ULONG i;

    assert_hr(row_list_create(PR_ATTACH_NUM, &list), S_OK);
    for (i = 0; i < message->attachment_count; i++) {
        SPropValue number = propval_long(PR_ATTACH_NUM, (LONG)message->attachments[i]->number);

        assert_hr(row_list_set(list, &number, 1), S_OK);
    }
    options.source = row_list_source(list);
    hr = table_create(&options, ret_table);
    row_source_unref(row_list_source(list));
    return hr;
}

static HRESULT message_OpenAttach(struct test_message *message, ULONG number, LPCIID iid,
                                  ULONG flags, LPATTACH *ret_attach)
{
    ULONG i;

    for (i = 0; i < message->attachment_count; i++) {
        if (message->attachments[i]->number != number)
            continue;
        mapi_object_ref(&message->attachments[i]->object);
        *ret_attach = &message->attachments[i]->IAttach_iface;
        return S_OK;
    }
    return MAPI_E_NOT_FOUND;
}

static HRESULT message_CreateAttach(struct test_message *message, LPCIID iid, ULONG flags,
                                    ULONG *ret_number, LPATTACH *ret_attach)
{
    struct test_attach *attach = attach_create(message->attachment_count + TEST_ATTACH_FIRST);

    cr_assert(message->attachment_count < ATTACHMENTS_MAX);
    message->attachments[message->attachment_count++] = attach;
    *ret_number = attach->number;
    mapi_object_ref(&attach->object);
    *ret_attach = &attach->IAttach_iface;
    return S_OK;
}

/* @thunks IAttach test_attach attach props=props */
/* @thunks IMessage test_message message props=props
 *   none=DeleteAttach,SubmitMessage,SetReadFlag */
#include "mapi/message_object_thunks.inc"

static struct test_attach *attach_create(ULONG number)
{
    static const struct mapi_face faces[] = {
        MAPI_FACE(struct test_attach, IID_IAttachment, IAttach_iface),
        MAPI_FACE(struct test_attach, IID_IMAPIProp, IAttach_iface),
    };
    static const struct mapi_class type = {"attach", attach_destroy, faces, 2};
    struct test_attach *attach = calloc(1, sizeof(*attach));
    SPropValue own_number = propval_long(PR_ATTACH_NUM, (LONG)number);

    attach->IAttach_iface.lpVtbl = &attach_vtbl;
    mapi_object_init(&attach->object, &type, NULL);
    prop_init(&attach->props, &attach->object, &attach->IAttach_iface, &IID_IAttachment,
              &attach_ops, NULL, 0, attach);
    attach->props.writable = true;
    attach->number = number;
    prop_load_value(&attach->props, &own_number, PROP_READONLY);
    return attach;
}

struct test_message *test_message_create(void)
{
    static const struct mapi_face faces[] = {
        MAPI_FACE(struct test_message, IID_IMessage, IMessage_iface),
        MAPI_FACE(struct test_message, IID_IMAPIProp, IMessage_iface),
    };
    static const struct mapi_class type = {"message", message_destroy, faces, 2};
    struct test_message *message = calloc(1, sizeof(*message));

    message->IMessage_iface.lpVtbl = &message_vtbl;
    mapi_object_init(&message->object, &type, NULL);
    prop_init(&message->props, &message->object, &message->IMessage_iface, &IID_IMessage,
              &message_ops, NULL, 0, message);
    message->props.writable = true;
    assert_hr(row_list_create(PR_ROWID, &message->recipients), S_OK);
    prop_load_value(&message->props, &(SPropValue){.ulPropTag = PR_MESSAGE_RECIPIENTS},
                    PROP_OBJECT);
    prop_load_value(&message->props, &(SPropValue){.ulPropTag = PR_MESSAGE_ATTACHMENTS},
                    PROP_OBJECT);
    return message;
}
