/* What a store may hold, on a Dovecot with quotas (RFC 9208) */
#include "tests/conformance/store_rig.h"

#include "mapi/edkmdb.h"

#define LIMIT_KB 200

static void begin(void)
{
    mail_prepare_servers("--quota 200");
    mail_open(0);
}

TestSuite(store_quota, .init = begin, .fini = mail_close);

/* A message with a body of `size` bytes, not saved. */
static IMessage *big_message(IMAPIFolder *folder, size_t size)
{
    IMessage *message = new_message(folder, "big");
    char *text = calloc(1, size + 1);
    SPropValue body = {.ulPropTag = PR_BODY_A, .Value.lpszA = text};

    for (size_t i = 0; i < size; i++)
        text[i] = i % 70 == 69 ? '\n' : 'x';
    assert_hr(set_value(message, body), S_OK);
    free(text);
    return message;
}

Test(store_quota, the_store_tells_its_limit_and_what_it_holds)
{
    IMAPIFolder *folder = new_folder(NULL, "Full");
    IMessage *message = big_message(folder, 100 * 1024);
    SPropValue *size;

    cr_expect_eq(number_of(mail.store, PR_STORAGE_QUOTA_LIMIT), LIMIT_KB);
    cr_expect_eq(number_of(mail.store, PR_PROHIBIT_RECEIVE_QUOTA), LIMIT_KB);
    cr_expect_lt(number_of(mail.store, PR_MESSAGE_SIZE), 50 * 1024);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    cr_expect_geq(number_of(mail.store, PR_MESSAGE_SIZE), 99 * 1024);
    size = value_of(mail.store, PR_MESSAGE_SIZE_EXTENDED);
    cr_expect_eq(size->Value.li.QuadPart, number_of(mail.store, PR_MESSAGE_SIZE));
    MAPIFreeBuffer(size);
    cr_expect(lists(mail.store, PR_STORAGE_QUOTA_LIMIT));
    expect_hr(state_of(mail.store, PR_PROHIBIT_SEND_QUOTA), MAPI_E_NOT_FOUND);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}

Test(store_quota, a_limit_is_not_set_by_programs)
{
    expect_hr(set_number(mail.store, PR_STORAGE_QUOTA_LIMIT, 1), MAPI_E_COMPUTED);
    expect_hr(set_number(mail.store, PR_MESSAGE_SIZE, 1), MAPI_E_COMPUTED);
    cr_expect_eq(number_of(mail.store, PR_STORAGE_QUOTA_LIMIT), LIMIT_KB);
}

Test(store_quota, a_save_that_does_not_fit_says_that_the_store_is_full)
{
    IMAPIFolder *folder = new_folder(NULL, "Full");
    IMessage *message = big_message(folder, 300 * 1024);
    MAPIERROR *words = NULL;
    HRESULT hr = IMessage_SaveChanges(message, 0);

    expect_hr(hr, MAPI_E_STORE_FULL);
    assert_hr(IMessage_GetLastError(message, hr, MAPI_UNICODE, &words), S_OK);
    cr_assert_not_null(words);
    MAPIFreeBuffer(words);
    cr_expect_null(find_message(folder, "big"));
    IMessage_Release(message);

    message = big_message(folder, 1024);
    assert_hr(IMessage_SaveChanges(message, 0), S_OK);
    IMessage_Release(message);
    IMAPIFolder_Release(folder);
}
