/* tests/mapi/test_copy_message.c - recipients, attachments and embedded messages are copied
 *
 * Messages of the test: just enough of IMessage and IAttach for one to be copied to another. */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/prop.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"
#include "mapi/table.h"
#include "support/com.h"

#define ATTACHMENTS_MAX 4

struct test_attach;

struct test_message {
    IMessage IMessage_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct row_list *recipients;
    struct test_attach *attachments[ATTACHMENTS_MAX]; /* references */
    ULONG attachment_count;
    int saves;
};

struct test_attach {
    IAttach IAttach_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct test_message *embedded; /* reference, or NULL */
    ULONG number;
    int saves;
};

static struct test_message *message_create(void);
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
    if (!attach->embedded && (flags & MAPI_CREATE)) {
        attach->embedded = message_create();
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
    struct test_attach *attach = attach_create(message->attachment_count + 7);

    message->attachments[message->attachment_count++] = attach;
    *ret_number = attach->number;
    mapi_object_ref(&attach->object);
    *ret_attach = &attach->IAttach_iface;
    return S_OK;
}

/* @thunks IAttach test_attach attach props=props */
/* @thunks IMessage test_message message props=props
 *   none=DeleteAttach,SubmitMessage,SetReadFlag */
#include "mapi/test_copy_message_thunks.inc"

static struct test_attach *attach_create(ULONG number)
{
    static const struct mapi_face faces[] = {
        MAPI_FACE(struct test_attach, IID_IAttachment, IAttach_iface),
    };
    static const struct mapi_class type = {"attach", attach_destroy, faces, 1};
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

static struct test_message *message_create(void)
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

static void set_subject(struct test_message *message, const WCHAR *text)
{
    SPropValue value = propval_unicode(PR_SUBJECT_W, text);

    assert_hr(HrSetOneProp((IMAPIProp *)&message->IMessage_iface, &value), S_OK);
}

static void expect_text(void *object, ULONG tag, const char *expected)
{
    SPropValue *value;

    assert_hr(HrGetOneProp(object, tag, &value), S_OK);
    cr_expect_str_eq(value->Value.lpszA, expected);
    MAPIFreeBuffer(value);
}

static void add_recipient(struct test_message *message, LONG row, const WCHAR *name)
{
    SPropValue values[] = {propval_long(PR_ROWID, row), propval_unicode(PR_DISPLAY_NAME_W, name),
                           propval_long(PR_RECIPIENT_TYPE, MAPI_TO)};

    assert_hr(row_list_set(message->recipients, values, 3), S_OK);
}

static void add_attachment(struct test_message *message, const WCHAR *name, bool embedded)
{
    SPropValue value = propval_unicode(PR_ATTACH_FILENAME_W, name);
    IMessage *inner = NULL;
    IAttach *attach;
    ULONG number;

    assert_hr(message_CreateAttach(message, NULL, 0, &number, &attach), S_OK);
    assert_hr(HrSetOneProp((IMAPIProp *)attach, &value), S_OK);
    if (embedded) {
        assert_hr(attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
                                               MAPI_CREATE | MAPI_MODIFY, (IUnknown **)&inner),
                  S_OK);
        value = propval_unicode(PR_SUBJECT_W, u"inner");
        assert_hr(HrSetOneProp((IMAPIProp *)inner, &value), S_OK);
        inner->lpVtbl->Release(inner);
    }
    attach->lpVtbl->Release(attach);
}

static struct test_message *from, *to;

static void setup(void)
{
    from = message_create();
    to = message_create();
    set_subject(from, u"outer");
    add_recipient(from, 1, u"Anna");
    add_recipient(from, 2, u"Bert");
    add_recipient(to, 9, u"Old");
    add_attachment(from, u"plain.txt", false);
    add_attachment(from, u"mail.eml", true);
}

static void teardown(void)
{
    mapi_object_unref(&from->object);
    mapi_object_unref(&to->object);
}

TestSuite(copy_message, .init = setup, .fini = teardown);

static void copy_to(ULONG exclude_count, const IID *exclude)
{
    IMessage *source = &from->IMessage_iface;

    assert_hr(source->lpVtbl->CopyTo(source, exclude_count, exclude, NULL, 0, NULL, &IID_IMessage,
                                     &to->IMessage_iface, 0, NULL),
              S_OK);
}

Test(copy_message, takes_all_of_it_along) /* STO-268 STO-275 PRP-045 PRP-047 */
{
    SPropValue *row;
    ULONG count;

    copy_to(0, NULL);
    expect_text(&to->IMessage_iface, PR_SUBJECT_A, "outer");
    cr_assert_eq(row_list_count(to->recipients), 2); /* replaced, not added to */
    assert_hr(row_list_get_at(to->recipients, 1, &row, &count), S_OK);
    cr_expect_eq(propval_find(row, count, PR_ROWID)->Value.l, 101); /* numbers are the target's */
    cr_expect_eq(propval_find(row, count, PR_DISPLAY_NAME_W)->Value.lpszW[0], 'B');
    MAPIFreeBuffer(row);

    cr_assert_eq(to->attachment_count, 2);
    expect_text(&to->attachments[0]->IAttach_iface, PR_ATTACH_FILENAME_A, "plain.txt");
    cr_expect_eq(to->attachments[0]->saves, 1);
    cr_assert_not_null(to->attachments[1]->embedded);
    expect_text(&to->attachments[1]->embedded->IMessage_iface, PR_SUBJECT_A, "inner");
    cr_expect_eq(to->attachments[1]->embedded->saves, 1);
}

Test(copy_message, excluding_its_interface_leaves_subobjects_out) /* STO-270 */
{
    copy_to(1, &IID_IMessage);
    expect_text(&to->IMessage_iface, PR_SUBJECT_A, "outer");
    cr_expect_eq(row_list_count(to->recipients), 1);
    cr_expect_eq(to->attachment_count, 0);
}

Test(copy_message, copies_only_the_tables_listed) /* STO-275 */
{
    SizedSPropTagArray(1, include) = {1, {PR_MESSAGE_RECIPIENTS}};
    IMessage *source = &from->IMessage_iface;
    SPropProblemArray *problems;

    assert_hr(source->lpVtbl->CopyProps(source, (SPropTagArray *)&include, 0, NULL, &IID_IMessage,
                                        &to->IMessage_iface, 0, &problems),
              S_OK);
    cr_expect_null(problems);
    cr_expect_eq(row_list_count(to->recipients), 2);
    cr_expect_eq(to->attachment_count, 0);
    cr_expect(!FPropExists((IMAPIProp *)&to->IMessage_iface, PR_SUBJECT_W));
}
