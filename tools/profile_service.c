/* profile_service.c - a profile's one message service, IMAPSMTP, and its settings */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapi/mapicode.h"
#include "mapi/mapiextra.h"
#include "tools/tool.h"

int profiles_open(IProfAdmin **ret_admin)
{
    int code = mapi_begin();
    HRESULT hr;

    if (code)
        return code;
    hr = MAPIAdminProfiles(0, ret_admin);
    if (SUCCEEDED(hr))
        return CODE_DONE;
    code = fail_hr(NULL, hr, "cannot read the profiles");
    mapi_end();
    return code;
}

/* Looks through the profiles: the default one, or the one of a name. To free(); NULL: none. */
static char *find_profile(IProfAdmin *admin, const char *wanted)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_DISPLAY_NAME_W, PR_DEFAULT_PROFILE}};
    IMAPITable *table;
    SRowSet *rows = NULL;
    char *found = NULL;

    if (FAILED(IProfAdmin_GetProfileTable(admin, MAPI_UNICODE, &table)))
        return NULL;
    if (SUCCEEDED(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows)))
        for (ULONG i = 0; i < rows->cRows && !found; i++) {
            const SPropValue *is_default = row_value(&rows->aRow[i], PR_DEFAULT_PROFILE);
            char *name = row_text(&rows->aRow[i], PR_DISPLAY_NAME_W);

            if (wanted ? strcasecmp(name, wanted) == 0 : is_default && is_default->Value.b)
                found = name;
            else
                free(name);
        }
    FreeProws(rows);
    IMAPITable_Release(table);
    return found;
}

char *profile_default_name(IProfAdmin *admin)
{
    return find_profile(admin, NULL);
}

static bool profile_exists(IProfAdmin *admin, const char *profile)
{
    char *name = find_profile(admin, profile);

    free(name);
    return name != NULL;
}

static int fail_no_profile(const char *profile)
{
    return fail(CODE_NOT_FOUND,
                "there is no profile \"%s\"\n  mapigate profile list shows those there are",
                profile);
}

int profile_check(IProfAdmin *admin, const char *profile)
{
    return profile_exists(admin, profile) ? CODE_DONE : fail_no_profile(profile);
}

static HRESULT find_service(IMsgServiceAdmin *admin, MAPIUID *ret_uid)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_SERVICE_UID, PR_SERVICE_NAME_W}};
    IMAPITable *table;
    SRowSet *rows = NULL;
    HRESULT hr = IMsgServiceAdmin_GetMsgServiceTable(admin, 0, &table);

    if (FAILED(hr))
        return hr;
    hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    if (SUCCEEDED(hr))
        hr = MAPI_E_NOT_FOUND;
    for (ULONG i = 0; rows && i < rows->cRows && hr == MAPI_E_NOT_FOUND; i++) {
        const SPropValue *uid = row_value(&rows->aRow[i], PR_SERVICE_UID);
        char *name = row_text(&rows->aRow[i], PR_SERVICE_NAME_W);

        if (uid && uid->Value.bin.cb == sizeof(*ret_uid) && strcmp(name, MG_SERVICE_NAME_A) == 0) {
            memcpy(ret_uid, uid->Value.bin.lpb, sizeof(*ret_uid));
            hr = S_OK;
        }
        free(name);
    }
    FreeProws(rows);
    IMAPITable_Release(table);
    return hr;
}

int profile_service_open(IProfAdmin *admin, const char *profile, struct profile_service *ret)
{
    WCHAR *name = text_utf16(profile);
    HRESULT hr;

    memset(ret, 0, sizeof(*ret));
    hr = IProfAdmin_AdminServices(admin, (LPTSTR)name, NULL, 0, MAPI_UNICODE, &ret->admin);
    free(name);
    if (hr == MAPI_E_LOGON_FAILED && !profile_exists(admin, profile))
        return fail_no_profile(profile);
    if (FAILED(hr))
        return fail_hr(admin, hr, "cannot open profile \"%s\"", profile);
    hr = find_service(ret->admin, &ret->uid);
    if (FAILED(hr)) {
        int code = fail_hr(NULL, hr, "profile \"%s\" has no service " MG_SERVICE_NAME_A, profile);

        profile_service_close(ret);
        return code;
    }
    return CODE_DONE;
}

void profile_service_close(struct profile_service *service)
{
    if (service->admin)
        IMsgServiceAdmin_Release(service->admin);
    service->admin = NULL;
}

int profile_service_settings(struct profile_service *service, const SPropTagArray *tags,
                             SPropValue **ret_values)
{
    IProfSect *section;
    ULONG count;
    HRESULT hr = IMsgServiceAdmin_OpenProfileSection(service->admin, &service->uid, NULL,
                                                     MAPI_FORCE_ACCESS, &section);

    if (FAILED(hr))
        return fail_hr(service->admin, hr, "cannot open the profile's settings");
    hr = IProfSect_GetProps(section, (SPropTagArray *)tags, MAPI_UNICODE, &count, ret_values);
    if (FAILED(hr)) {
        int code = fail_hr(section, hr, "cannot read the profile's settings");

        IProfSect_Release(section);
        return code;
    }
    IProfSect_Release(section);
    return CODE_DONE;
}
