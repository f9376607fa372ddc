/* tests/mapi/test_copy_message.c - recipients, attachments and embedded messages are copied */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/message_object.h"
#include "mapi/propval.h"
#include "support/com.h"

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

    assert_hr(message->IMessage_iface.lpVtbl->CreateAttach(&message->IMessage_iface, NULL, 0,
                                                           &number, &attach),
              S_OK);
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
    from = test_message_create();
    to = test_message_create();
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
