/* tests/mapi/test_ipm_subtree.c - HrValidateIPMSubtree, on a store of a root and what is made in it
 *
 * A folder's entry id is one byte, its number; the root is 0 and opens without an id, too. */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/prop.h"
#include "support/com.h"

#define FOLDERS_MAX 16

static struct {
    char name[32];
    BYTE parent;
} tree[FOLDERS_MAX];
static BYTE folder_count, inbox, lost;
static bool refuses;

struct fake_folder {
    IMAPIFolder IMAPIFolder_iface;
    struct mapi_object object;
    struct mapi_prop props;
    BYTE number;
};

struct fake_store {
    IMsgStore IMsgStore_iface;
    struct mapi_object object;
    struct mapi_prop props;
};

static HRESULT make_folder(BYTE number, IMAPIFolder **ret_folder);

static HRESULT folder_CreateFolder(struct fake_folder *folder, ULONG type, LPTSTR name,
                                   LPTSTR comment, LPCIID iid, ULONG flags, LPMAPIFOLDER *ret)
{
    cr_expect_eq(type, FOLDER_GENERIC);
    cr_expect_eq(flags, OPEN_IF_EXISTS);
    cr_assert_lt(folder_count, FOLDERS_MAX);
    strcpy(tree[folder_count].name, (const char *)name);
    tree[folder_count].parent = folder->number;
    return make_folder(folder_count++, ret);
}

static HRESULT store_OpenEntry(struct fake_store *store, ULONG size, LPENTRYID id, LPCIID iid,
                               ULONG flags, ULONG *ret_type, LPUNKNOWN *ret_object)
{
    BYTE number = size ? *(BYTE *)id : 0;

    if (number >= folder_count || (lost && number == lost))
        return MAPI_E_NOT_FOUND;
    *ret_type = MAPI_FOLDER;
    return make_folder(number, (IMAPIFolder **)ret_object);
}

static HRESULT store_GetReceiveFolder(struct fake_store *store, LPTSTR name, ULONG flags,
                                      ULONG *ret_size, LPENTRYID *ret_id, LPTSTR *ret_class)
{
    if (!inbox)
        return MAPI_E_NOT_FOUND;
    *ret_size = 1;
    *ret_id = mapi_memdup(NULL, &inbox, 1);
    return S_OK;
}

static HRESULT store_SetReceiveFolder(struct fake_store *store, LPTSTR name, ULONG flags,
                                      ULONG size, LPENTRYID id)
{
    inbox = *(BYTE *)id;
    return S_OK;
}

static HRESULT refuse(struct mapi_prop *props, ULONG tag, SPropValue *value)
{
    return refuses ? MAPI_E_NO_ACCESS : S_OK;
}

/* @thunks IMAPIFolder fake_folder folder props=props
 *     none=GetContentsTable,GetHierarchyTable,OpenEntry,SetSearchCriteria,GetSearchCriteria,
 *     CreateMessage,CopyMessages,DeleteMessages,CopyFolder,DeleteFolder,SetReadFlags,
 *     GetMessageStatus,SetMessageStatus,SaveContentsSort,EmptyFolder */
/* @thunks IMsgStore fake_store store props=props
 *     none=Advise,Unadvise,CompareEntryIDs,GetReceiveFolderTable,StoreLogoff,AbortSubmit,
 *     GetOutgoingQueue,SetLockState,FinishedMsg,NotifyNewMail */
#include "mapi/test_ipm_subtree_thunks.inc"

static void folder_destroy(struct mapi_object *object)
{
    struct fake_folder *folder = container_of(object, struct fake_folder, object);

    prop_clear(&folder->props);
    mapi_object_clear(object);
    free(folder);
}

static HRESULT make_folder(BYTE number, IMAPIFolder **ret_folder)
{
    static const struct mapi_face faces[] = {
        MAPI_FACE(struct fake_folder, IID_IMAPIFolder, IMAPIFolder_iface)};
    static const struct mapi_class type = {"fake_folder", folder_destroy, faces, 1};
    struct fake_folder *folder = calloc(1, sizeof(*folder));
    SPropValue id = propval_binary(PR_ENTRYID, &number, 1);

    folder->IMAPIFolder_iface.lpVtbl = &folder_vtbl;
    mapi_object_init(&folder->object, &type, NULL);
    prop_init(&folder->props, &folder->object, &folder->IMAPIFolder_iface, &IID_IMAPIFolder, NULL,
              NULL, 0, folder);
    folder->number = number;
    prop_load_value(&folder->props, &id, 0);
    *ret_folder = &folder->IMAPIFolder_iface;
    return S_OK;
}

static void store_destroy(struct mapi_object *object)
{
    struct fake_store *store = container_of(object, struct fake_store, object);

    prop_clear(&store->props);
    mapi_object_clear(object);
    free(store);
}

static IMsgStore *store;

static void setup(void)
{
    static const struct mapi_face faces[] = {
        MAPI_FACE(struct fake_store, IID_IMsgStore, IMsgStore_iface)};
    static const struct mapi_class type = {"fake_store", store_destroy, faces, 1};
    static const struct prop_ops ops = {.change = refuse};
    struct fake_store *made = calloc(1, sizeof(*made));

    made->IMsgStore_iface.lpVtbl = &store_vtbl;
    mapi_object_init(&made->object, &type, NULL);
    prop_init(&made->props, &made->object, &made->IMsgStore_iface, &IID_IMsgStore, &ops, NULL, 0,
              made);
    made->props.writable = true;
    store = &made->IMsgStore_iface;
    folder_count = 1; /* the root */
}

static void teardown(void)
{
    UlRelease(store);
}

TestSuite(ipm_subtree, .init = setup, .fini = teardown);

static const SPropValue *find(const SPropValue *values, ULONG count, ULONG tag)
{
    const SPropValue *value = PpropFindProp((SPropValue *)values, count, tag);

    cr_assert_not_null(value, "no 0x%08X", tag);
    return value;
}

static const char *name_of(const SPropValue *values, ULONG count, ULONG tag)
{
    return tree[*find(values, count, tag)->Value.bin.lpb].name;
}

Test(ipm_subtree, three_folders_are_made_in_every_case) /* PRP-034 STO-088 */
{
    SPropValue *values, *mask;
    MAPIERROR *error;
    ULONG count;

    assert_hr(HrValidateIPMSubtree(store, 0, &count, &values, &error), S_OK);
    cr_expect_null(error);
    cr_expect_eq(folder_count, 4);
    cr_expect_eq(find(values, count, PR_VALID_FOLDER_MASK)->Value.l,
                 FOLDER_IPM_SUBTREE_VALID | FOLDER_FINDER_VALID | FOLDER_IPM_WASTEBASKET_VALID);
    cr_expect_str_eq(name_of(values, count, PR_IPM_WASTEBASKET_ENTRYID), "Deleted Items");
    cr_expect_eq(tree[*find(values, count, PR_IPM_WASTEBASKET_ENTRYID)->Value.bin.lpb].parent,
                 *find(values, count, PR_IPM_SUBTREE_ENTRYID)->Value.bin.lpb);
    MAPIFreeBuffer(values);
    assert_hr(HrGetOneProp((IMAPIProp *)store, PR_VALID_FOLDER_MASK, &mask), S_OK);
    cr_expect_neq(mask->Value.l, 0); /* the store knows */
    MAPIFreeBuffer(mask);
    assert_hr(HrValidateIPMSubtree(store, 0, &count, &values, NULL), S_OK);
    cr_expect_eq(folder_count, 4); /* nothing twice */
    MAPIFreeBuffer(values);
}

Test(ipm_subtree, the_full_tree_has_an_inbox) /* PRP-032 STO-087 */
{
    SPropValue *values;
    ULONG count;

    assert_hr(HrValidateIPMSubtree(store, MAPI_FULL_IPM_TREE, &count, &values, NULL), S_OK);
    cr_expect_eq(find(values, count, PR_VALID_FOLDER_MASK)->Value.l, 0xFF);
    cr_expect_eq(count, 9);
    cr_expect_str_eq(name_of(values, count, PROP_TAG(PT_BINARY, PROP_ID_NULL)), "Inbox");
    cr_expect_str_eq(name_of(values, count, PR_IPM_OUTBOX_ENTRYID), "Outbox");
    cr_expect_str_eq(name_of(values, count, PR_IPM_SENTMAIL_ENTRYID), "Sent Items");
    cr_expect_str_eq(name_of(values, count, PR_COMMON_VIEWS_ENTRYID), "Common Views");
    cr_expect_eq(*find(values, count, PROP_TAG(PT_BINARY, PROP_ID_NULL))->Value.bin.lpb, inbox);
    MAPIFreeBuffer(values);
}

Test(ipm_subtree, force_looks_whether_they_are_there) /* PRP-033 STO-089 */
{
    SPropValue *values;
    ULONG count;

    assert_hr(HrValidateIPMSubtree(store, 0, &count, &values, NULL), S_OK);
    lost = *find(values, count, PR_IPM_WASTEBASKET_ENTRYID)->Value.bin.lpb;
    MAPIFreeBuffer(values);
    assert_hr(HrValidateIPMSubtree(store, 0, &count, &values, NULL), S_OK);
    cr_expect_eq(*find(values, count, PR_IPM_WASTEBASKET_ENTRYID)->Value.bin.lpb, lost);
    MAPIFreeBuffer(values);
    assert_hr(HrValidateIPMSubtree(store, MAPI_FORCE_CREATE, &count, &values, NULL), S_OK);
    cr_expect_neq(*find(values, count, PR_IPM_WASTEBASKET_ENTRYID)->Value.bin.lpb, lost);
    cr_expect_eq(folder_count, 5);
    MAPIFreeBuffer(values);
}

Test(ipm_subtree, a_store_that_refuses_fails_the_call)
{
    SPropValue *values;
    ULONG count;

    refuses = true;
    expect_hr(HrValidateIPMSubtree(store, 0, &count, &values, NULL), MAPI_E_NO_ACCESS);
    cr_expect_null(values);
    expect_hr(HrValidateIPMSubtree(store, 8, &count, &values, NULL), MAPI_E_UNKNOWN_FLAGS);
    expect_hr(HrValidateIPMSubtree(NULL, 0, &count, &values, NULL), MAPI_E_INVALID_PARAMETER);
}
