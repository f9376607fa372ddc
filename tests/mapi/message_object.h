/* tests/mapi/message_object.h - messages and attachments of the tests
 *
 * Just enough of IMessage and IAttach for one to be copied to another: properties in a bag,
 * recipients in a row list, attachments that are there as soon as they are made. */
#ifndef MG_TEST_MESSAGE_OBJECT_H
#define MG_TEST_MESSAGE_OBJECT_H

#include "mapi/prop.h"
#include "mapi/row_list.h"

#define ATTACHMENTS_MAX 16

struct test_attach;

struct test_message {
    IMessage IMessage_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct row_list *recipients;                      /* by PR_ROWID, from 100 on */
    struct test_attach *attachments[ATTACHMENTS_MAX]; /* references */
    ULONG attachment_count;
    int saves;
};

struct test_attach {
    IAttach IAttach_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct test_message *embedded; /* reference, or NULL */
    ULONG number;                  /* PR_ATTACH_NUM: TEST_ATTACH_FIRST and on */
    int saves;
};
#define TEST_ATTACH_FIRST 7

struct test_message *test_message_create(void);

#endif
