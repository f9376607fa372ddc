/* tests/mapi/test_util_ids.c - compound identifiers, and notifications that were moved */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "support/com.h"

static BYTE key[] = "record key", id[] = {0, 0, 0, 0, 1, 2, 3};

Test(compound_ids, without_a_key_it_is_a_copy) /* UTL-042 UTL-044 UTL-047 */
{
    LPENTRYID copy, store = (LPENTRYID)id, object;
    ULONG size, store_size = 9, object_size;

    assert_hr(HrComposeEID(NULL, 0, NULL, sizeof(id), (LPENTRYID)id, &size, &copy), S_OK);
    cr_assert_eq(size, sizeof(id));
    cr_expect_arr_eq(copy, id, size);
    assert_hr(HrDecomposeEID(NULL, size, copy, &store_size, &store, &object_size, &object), S_OK);
    cr_expect_eq(store_size, 0);
    cr_expect_null(store);
    cr_assert_eq(object_size, sizeof(id));
    cr_expect_arr_eq(object, id, sizeof(id));
    MAPIFreeBuffer(copy); /* it stays the caller's */
    MAPIFreeBuffer(object);
}

Test(compound_ids, hold_key_and_id) /* UTL-041 */
{
    LPENTRYID compound, store, object;
    ULONG size, store_size, object_size;

    assert_hr(HrComposeEID(NULL, sizeof(key), key, sizeof(id), (LPENTRYID)id, &size, &compound),
              S_OK);
    cr_expect_not_null(memmem(compound, size, key, sizeof(key)));
    cr_expect_not_null(memmem(compound, size, id, sizeof(id)));
    cr_expect_arr_eq(compound, "\0\0\0\0", 4); /* long-term */
    expect_hr(HrDecomposeEID(NULL, size, compound, &store_size, &store, &object_size, &object),
              MAPI_E_INVALID_PARAMETER); /* the store is to be looked for */
    ((BYTE *)compound)[24] = 200;
    expect_hr(HrDecomposeEID(NULL, size, compound, &store_size, &store, &object_size, &object),
              MAPI_E_INVALID_ENTRYID);
    MAPIFreeBuffer(compound);
    expect_hr(HrComposeEID(NULL, 4, NULL, sizeof(id), (LPENTRYID)id, &size, &compound),
              MAPI_E_INVALID_PARAMETER);
    expect_hr(HrComposeEID(NULL, 0, NULL, 2, (LPENTRYID)id, &size, &compound),
              MAPI_E_INVALID_PARAMETER);
}

Test(compound_ids, have_a_text_form) /* UTL-045 UTL-046 */
{
    LPENTRYID compound, back, store, object;
    ULONG size, back_size, store_size, object_size;
    LPTSTR text;

    assert_hr(HrComposeMsgID(NULL, sizeof(key), key, sizeof(id), (LPENTRYID)id, &text), S_OK);
    assert_hr(HrComposeEID(NULL, sizeof(key), key, sizeof(id), (LPENTRYID)id, &size, &compound),
              S_OK);
    assert_hr(HrEntryIDFromSz(text, &back_size, &back), S_OK);
    cr_assert_eq(size, back_size);
    cr_expect_arr_eq(compound, back, size);
    MAPIFreeBuffer(text);
    MAPIFreeBuffer(back);
    MAPIFreeBuffer(compound);
    assert_hr(HrComposeMsgID(NULL, 0, NULL, sizeof(id), (LPENTRYID)id, &text), S_OK);
    assert_hr(HrDecomposeMsgID(NULL, text, &store_size, &store, &object_size, &object), S_OK);
    cr_assert_eq(object_size, sizeof(id));
    cr_expect_arr_eq(object, id, sizeof(id));
    MAPIFreeBuffer(object);
    MAPIFreeBuffer(text);
    expect_hr(HrDecomposeMsgID(NULL, (LPTSTR) "xyz", &store_size, &store, &object_size, &object),
              MAPI_E_INVALID_ENTRYID);
}

/* One notification of each kind that points to things. */
static void fill(NOTIFICATION notifications[5], SPropValue values[2], MAPIERROR *error)
{
    NEWMAIL_NOTIFICATION *newmail = &notifications[0].info.newmail;
    OBJECT_NOTIFICATION *obj = &notifications[1].info.obj;
    TABLE_NOTIFICATION *tab = &notifications[2].info.tab;
    static SizedSPropTagArray(1, tags) = {1, {PR_SUBJECT_W}};

    memset(notifications, 0, 5 * sizeof(*notifications));
    notifications[0].ulEventType = fnevNewMail;
    newmail->cbEntryID = sizeof(id);
    newmail->lpEntryID = (LPENTRYID)id;
    newmail->lpszMessageClass = (LPTSTR) "IPM.Note";
    notifications[1].ulEventType = fnevObjectMoved;
    obj->cbOldID = sizeof(id);
    obj->lpOldID = (LPENTRYID)id;
    obj->lpPropTagArray = (SPropTagArray *)&tags;
    values[0] = propval_binary(PR_INSTANCE_KEY, key, sizeof(key));
    values[1] = propval_unicode(PR_SUBJECT_W, u"subject");
    notifications[2].ulEventType = fnevTableModified;
    tab->ulTableEvent = TABLE_ROW_ADDED;
    tab->propIndex = values[0];
    tab->propPrior.ulPropTag = PR_NULL;
    tab->row.cValues = 2;
    tab->row.lpProps = values;
    notifications[3].ulEventType = fnevCriticalError;
    *error = (MAPIERROR){.lpszError = (LPTSTR) "broken", .lpszComponent = (LPTSTR) "part"};
    notifications[3].info.err.lpMAPIError = error;
    notifications[4].ulEventType = fnevExtended;
    notifications[4].info.ext.cb = 3;
    notifications[4].info.ext.pbEventParameters = (LPBYTE) "ext";
}

Test(notifications, are_relocated) /* MEM-028 */
{
    NOTIFICATION notifications[5], *moved;
    ULONG size, used = 0;
    SPropValue values[2];
    MAPIERROR error;
    void *block;

    fill(notifications, values, &error);
    assert_hr(ScCountNotifications(5, notifications, &size), S_OK);
    block = malloc(size);
    moved = malloc(size);
    assert_hr(ScCopyNotifications(5, notifications, block, NULL), S_OK);
    memcpy(moved, block, size);
    assert_hr(ScRelocNotifications(5, moved, block, moved, &used), S_OK);
    free(block); /* the sanitizer sees what still points there */
    cr_expect_eq(used, size);
    cr_expect_str_eq((char *)moved[0].info.newmail.lpszMessageClass, "IPM.Note");
    cr_expect_arr_eq(moved[0].info.newmail.lpEntryID, id, sizeof(id));
    cr_expect_arr_eq(moved[1].info.obj.lpOldID, id, sizeof(id));
    cr_expect_eq(moved[1].info.obj.lpPropTagArray->aulPropTag[0], PR_SUBJECT_W);
    cr_expect(propval_equal(&moved[2].info.tab.propIndex, &values[0]));
    cr_expect(propval_equal(&moved[2].info.tab.row.lpProps[1], &values[1]));
    cr_expect_str_eq((char *)moved[3].info.err.lpMAPIError->lpszComponent, "part");
    cr_expect_arr_eq(moved[4].info.ext.pbEventParameters, "ext", 3);
    moved[0].ulEventType = 0x77;
    expect_hr(ScRelocNotifications(1, moved, moved, moved, NULL), MAPI_E_INVALID_PARAMETER);
    expect_hr(ScRelocNotifications(0, moved, moved, moved, NULL), MAPI_E_INVALID_PARAMETER);
    free(moved);
}

Test(notifications, a_pointer_before_the_block_is_refused) /* MEM-028 */
{
    NOTIFICATION notification = {.ulEventType = fnevExtended};
    char elsewhere[2] = "";

    notification.info.ext.cb = 1;
    notification.info.ext.pbEventParameters = (LPBYTE)elsewhere;
    expect_hr(ScRelocNotifications(1, &notification, (void *)UINTPTR_MAX, &notification, NULL),
              MAPI_E_INVALID_PARAMETER);
}
