/* tests/mapi/test_absent.c - what this system does not have says so, and leaves nothing to free */
#include "mapi/imessage.h"
#include "mapi/mapiextra.h"
#include "mapi/mapiguid.h"
#include "mapi/mapiutil.h"
#include "mapi/mapival.h"
#include "mapi/mapiwz.h"
#include "mapi/tnef.h"
#include "support/com.h"

static int something;

Test(absent, storage) /* UTL-066 UTL-072 */
{
    SizedSPropTagArray(1, tags) = {1, {PR_NULL}};
    LPMSGSESS session = (LPMSGSESS)&something;
    IMessage *message = (IMessage *)&something;
    IStorage *storage = (IStorage *)&something;
    SPropAttrArray *attributes = (SPropAttrArray *)&something;
    SPropProblemArray *problems = (SPropProblemArray *)&something;

    expect_hr(OpenIMsgSession(NULL, 0, &session), MAPI_E_NO_SUPPORT);
    cr_expect_null(session);
    CloseIMsgSession(NULL);
    expect_hr(OpenIMsgOnIStg(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, &message),
              MAPI_E_NO_SUPPORT);
    cr_expect_null(message);
    expect_hr(GetAttribIMsgOnIStg(NULL, (SPropTagArray *)&tags, &attributes), MAPI_E_NO_SUPPORT);
    cr_expect_null(attributes);
    expect_hr(SetAttribIMsgOnIStg(NULL, (SPropTagArray *)&tags, NULL, &problems),
              MAPI_E_NO_SUPPORT);
    cr_expect_null(problems);
    expect_hr(HrIStorageFromStream(NULL, NULL, 0, &storage), MAPI_E_NO_SUPPORT);
    cr_expect_null(storage);
}

Test(absent, storage_codes_are_translated)
{
    expect_hr(MapStorageSCode(S_OK), S_OK);
    expect_hr(MapStorageSCode(STG_E_FILENOTFOUND), MAPI_E_NOT_FOUND);
    expect_hr(MapStorageSCode(STG_E_MEDIUMFULL), MAPI_E_NOT_ENOUGH_DISK);
    expect_hr(MapStorageSCode(STG_E_ACCESSDENIED), MAPI_E_NO_ACCESS);
    expect_hr(MapStorageSCode(STG_E_OLDDLL), MAPI_E_CALL_FAILED);
    expect_hr(MapStorageSCode(MAPI_E_BUSY), MAPI_E_BUSY);
}

Test(absent, tnef)
{
    ITnef *tnef = (ITnef *)&something;
    ULONG page, sub;

    expect_hr(OpenTnefStream(NULL, NULL, NULL, 0, NULL, 0, &tnef), MAPI_E_NO_SUPPORT);
    cr_expect_null(tnef);
    tnef = (ITnef *)&something;
    expect_hr(OpenTnefStreamEx(NULL, NULL, NULL, 0, NULL, 0, NULL, &tnef), MAPI_E_NO_SUPPORT);
    cr_expect_null(tnef);
    expect_hr(GetTnefStreamCodepage(NULL, &page, &sub), MAPI_E_NO_SUPPORT);
}

Test(absent, windows_itself) /* UTL-084 */
{
    void *object = &something;
    char path[8];

    expect_hr(DllGetClassObject(&IID_IUnknown, &IID_IUnknown, &object), CLASS_E_CLASSNOTAVAILABLE);
    cr_expect_null(object);
    expect_hr(DllCanUnloadNow(), S_FALSE);
    cr_expect(!FGetComponentPath("a", (LPSTR) "b", path, sizeof(path), FALSE));
    expect_hr(LaunchWizard(NULL, 0, NULL, 0, path), MAPI_E_NO_SUPPORT);
    expect_hr(ScUNCFromLocalPath((LPSTR) "/tmp", path, sizeof(path)), MAPI_E_NO_SUPPORT);
    expect_hr(ScLocalPathFromUNC((LPSTR) "\\\\a\\b", path, sizeof(path)), MAPI_E_NO_SUPPORT);
    cr_expect_eq(FixMAPI(), (DWORD)MAPI_E_NO_SUPPORT);
    MAPICrashRecovery(0);
}

Test(absent, bounded_strings_are_checked)
{
    cr_expect(IsBadBoundedStringPtr(NULL, 5));
    cr_expect(IsBadBoundedStringPtr("12345", 5)); /* no end within five */
    cr_expect(!IsBadBoundedStringPtr("1234", 5));
    cr_expect(IsBadBoundedStringPtr("", 0));
}
