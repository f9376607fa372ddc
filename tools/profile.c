/* profile.c - mapigate profile: list, show, delete, default (create: profile_create.c) */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "tools/tool.h"

static const char help[] =
    "usage: mapigate profile create NAME --imap URL --smtp URL --user USER [options]\n"
    "       mapigate profile list [--json]\n"
    "       mapigate profile show [NAME] [--json]\n"
    "       mapigate profile default NAME\n"
    "       mapigate profile delete NAME\n"
    "\n"
    "A profile says which mail account MAPI programs use. One profile is the default one.\n";

struct words {
    const char *name; /* NULL: none was given */
    bool json;
};

static int parse(int argc, char **argv, bool need_name, struct words *ret_words)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    int option;

    memset(ret_words, 0, sizeof(*ret_words));
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
        if (option == 'j')
            ret_words->json = true;
        else if (option == 'h') {
            fputs(help, stdout);
            exit(CODE_DONE);
        } else
            return fail_usage("profile");
    if (argc - optind > 1 || (need_name && argc - optind != 1)) {
        fail(CODE_USAGE, "profile %s takes one NAME", argv[0]);
        return fail_usage("profile");
    }
    ret_words->name = argv[optind];
    return CODE_DONE;
}

static int list(IProfAdmin *admin, const struct words *words)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_DISPLAY_NAME_W, PR_DEFAULT_PROFILE}};
    json_t *json = words->json ? json_array() : NULL;
    IMAPITable *table = NULL;
    SRowSet *rows = NULL;
    HRESULT hr = IProfAdmin_GetProfileTable(admin, MAPI_UNICODE, &table);

    if (SUCCEEDED(hr))
        hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    for (ULONG i = 0; SUCCEEDED(hr) && i < rows->cRows; i++) {
        char *name = row_text(&rows->aRow[i], PR_DISPLAY_NAME_W);
        const SPropValue *value = row_value(&rows->aRow[i], PR_DEFAULT_PROFILE);
        bool is_default = value && value->Value.b;

        if (json)
            json_array_append_new(
                json, json_pack("{s:s, s:b}", "name", name, "default", (int)is_default));
        else {
            text_print(stdout, name, 0);
            puts(is_default ? "  (default)" : "");
        }
        free(name);
    }
    if (json)
        json_print(json, false);
    else if (SUCCEEDED(hr) && rows->cRows == 0)
        puts("no profiles; mapigate profile create --help says how to make one");
    FreeProws(rows);
    if (table)
        IMAPITable_Release(table);
    return FAILED(hr) ? fail_hr(admin, hr, "cannot list the profiles") : CODE_DONE;
}

static const struct {
    ULONG tag;
    const char *label, *key;
} shown[] = {
    {PR_MG_IMAP_URL, "IMAP server", "imap"},
    {PR_MG_SMTP_URL, "SMTP server", "smtp"},
    {PR_MG_USER, "user", "user"},
    {PR_MG_EMAIL, "address", "email"},
    {PR_MG_DISPLAY_NAME, "name", "name"},
    {PR_MG_TLS_CA_FILE, "authorities", "ca_file"},
    {PR_MG_AUTH, "mechanism", "auth"},
    {PR_MG_PASSWORD_COMMAND, "password command", "password_command"},
    {PR_MG_CONTACTS_FILE, "contacts", "contacts_file"},
};
#define SHOWN_COUNT (sizeof(shown) / sizeof(shown[0]))

/* Whether the profile keeps a password; the password itself goes at once. */
static bool wipe_password(SPropValue *value)
{
    size_t size = 0;

    if (value->ulPropTag != PR_MG_PASSWORD)
        return false;
    while (value->Value.lpszW[size])
        size++;
    explicit_bzero(value->Value.lpszW, size * sizeof(WCHAR));
    return true;
}

static int show_settings(struct profile_service *service, const char *profile, bool as_json)
{
    SizedSPropTagArray(SHOWN_COUNT + 1, tags) = {.cValues = SHOWN_COUNT + 1};
    json_t *json = as_json ? json_pack("{s:s}", "profile", profile) : NULL;
    SPropValue *values = NULL;
    bool kept;
    int code;

    for (size_t i = 0; i < SHOWN_COUNT; i++)
        tags.aulPropTag[i] = shown[i].tag;
    tags.aulPropTag[SHOWN_COUNT] = PR_MG_PASSWORD;
    code = profile_service_settings(service, (SPropTagArray *)&tags, &values);
    if (code) {
        json_decref(json);
        return code;
    }
    if (!json)
        printf("%-18s%s\n", "profile", profile);
    for (size_t i = 0; i < SHOWN_COUNT; i++)
        if (values[i].ulPropTag == shown[i].tag) {
            char *text = text_utf8(values[i].Value.lpszW);

            if (json)
                json_object_set_new(json, shown[i].key, json_string(text));
            else {
                printf("%-18s", shown[i].label);
                text_print(stdout, text, 0);
                putchar('\n');
            }
            free(text);
        }
    kept = wipe_password(&values[SHOWN_COUNT]);
    if (json) {
        json_object_set_new(json, "password_kept", json_boolean(kept));
        json_print(json, false);
    } else
        printf("%-18s%s\n", "password", kept ? "kept in the profile" : "not kept");
    MAPIFreeBuffer(values);
    return CODE_DONE;
}

static int show(IProfAdmin *admin, const struct words *words)
{
    char *name = words->name ? text_format("%s", words->name) : profile_default_name(admin);
    struct profile_service service;
    int code;

    if (!name)
        return fail(CODE_NOT_FOUND, "no profile is the default one: say which");
    code = profile_service_open(admin, name, &service);
    if (!code) {
        code = show_settings(&service, name, words->json);
        profile_service_close(&service);
    }
    free(name);
    return code;
}

static int delete (IProfAdmin *admin, const struct words *words)
{
    WCHAR *name = text_utf16(words->name);
    HRESULT hr = IProfAdmin_DeleteProfile(admin, (LPTSTR)name, MAPI_UNICODE);

    free(name);
    return FAILED(hr) ? fail_hr(admin, hr, "cannot delete profile \"%s\"", words->name) : CODE_DONE;
}

static int set_default(IProfAdmin *admin, const struct words *words)
{
    WCHAR *name = text_utf16(words->name);
    HRESULT hr = IProfAdmin_SetDefaultProfile(admin, (LPTSTR)name, MAPI_UNICODE);

    free(name);
    return FAILED(hr) ? fail_hr(admin, hr, "cannot make \"%s\" the default profile", words->name)
                      : CODE_DONE;
}

static const struct {
    const char *name;
    bool need_name;
    int (*run)(IProfAdmin *admin, const struct words *words);
} verbs[] = {
    {"list", false, list},
    {"show", false, show},
    {"delete", true, delete},
    {"default", true, set_default},
};

int verb_profile(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    struct words words;
    IProfAdmin *admin;
    int code;

    if (strcmp(verb, "create") == 0)
        return profile_create(argc - 1, argv + 1);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verb, verbs[i].name) != 0)
            continue;
        code = parse(argc - 1, argv + 1, verbs[i].need_name, &words);
        if (!code)
            code = profiles_open(&admin);
        if (!code) {
            code = verbs[i].run(admin, &words);
            IProfAdmin_Release(admin);
            mapi_end();
        }
        return code;
    }
    if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0) {
        fputs(help, stdout);
        return CODE_DONE;
    }
    fail(CODE_USAGE, verb[0] ? "profile has no verb \"%s\"" : "profile needs a verb%s", verb);
    return fail_usage("profile");
}
