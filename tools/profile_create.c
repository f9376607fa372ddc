/* profile_create.c - mapigate profile create: a profile with one mail account in it */
#include <bsd/readpassphrase.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "tools/tool.h"

#define PASSWORD_MAX 4096
#define SETTINGS_MAX 10

enum setting {
    SET_IMAP,
    SET_SMTP,
    SET_USER,
    SET_EMAIL,
    SET_NAME,
    SET_CA_FILE,
    SET_AUTH,
    SET_COMMAND,
    SET_CONTACTS,
    SET_COUNT,
};

static const ULONG tags[SET_COUNT] = {
    [SET_IMAP] = PR_MG_IMAP_URL,
    [SET_SMTP] = PR_MG_SMTP_URL,
    [SET_USER] = PR_MG_USER,
    [SET_EMAIL] = PR_MG_EMAIL,
    [SET_NAME] = PR_MG_DISPLAY_NAME,
    [SET_CA_FILE] = PR_MG_TLS_CA_FILE,
    [SET_AUTH] = PR_MG_AUTH,
    [SET_COMMAND] = PR_MG_PASSWORD_COMMAND,
    [SET_CONTACTS] = PR_MG_CONTACTS_FILE,
};

static const struct option options[] = {
    {"imap", required_argument, NULL, SET_IMAP},
    {"smtp", required_argument, NULL, SET_SMTP},
    {"user", required_argument, NULL, SET_USER},
    {"email", required_argument, NULL, SET_EMAIL},
    {"name", required_argument, NULL, SET_NAME},
    {"ca-file", required_argument, NULL, SET_CA_FILE},
    {"auth", required_argument, NULL, SET_AUTH},
    {"password-command", required_argument, NULL, SET_COMMAND},
    {"contacts", required_argument, NULL, SET_CONTACTS},
    {"default", no_argument, NULL, 'd'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static const char help[] =
    "usage: mapigate profile create NAME --imap URL --smtp URL --user USER [options]\n"
    "\n"
    "  --imap URL               imaps://HOST[:993], or imap://HOST[:143] with STARTTLS\n"
    "  --smtp URL               smtps://HOST[:465], or smtp://HOST[:587] with STARTTLS\n"
    "  --user USER              the name to log in with\n"
    "  --email ADDRESS          the sender's address (USER, if that is one)\n"
    "  --name NAME              the sender's name\n"
    "  --ca-file FILE           trust the authorities in FILE (PEM), not the system's\n"
    "  --auth MECHANISM         PLAIN, LOGIN, SCRAM-SHA-256, XOAUTH2, ...: not the best offered\n"
    "  --password-command CMD   run CMD for the password at each logon, keep none\n"
    "  --contacts FILE          vCards that the address book shows; an absolute path\n"
    "  --default                make it the default profile; the first one becomes it anyhow\n"
    "\n"
    "Without --password-command the password is asked for, without echo, or read from standard\n"
    "input (its first line) when that is no terminal.\n";

/* The password without its line end; ours to wipe. */
static int read_password(const char *user, char password[PASSWORD_MAX])
{
    int code = CODE_DONE;

    if (isatty(STDIN_FILENO)) {
        char *prompt = text_format("Password of %s: ", user);

        if (!readpassphrase(prompt, password, PASSWORD_MAX, RPP_ECHO_OFF | RPP_REQUIRE_TTY))
            code = fail(CODE_FAILED, "cannot ask for the password: %s", strerror(errno));
        free(prompt);
    } else {
        /* Unbuffered: stdio would leave a copy behind. */
        size_t size = 0;

        while (size < PASSWORD_MAX - 1 && read(STDIN_FILENO, &password[size], 1) == 1 &&
               password[size] != '\n')
            size++;
        password[size] = '\0';
    }
    if (!code && password[0] == '\0')
        code = fail(CODE_USAGE, "the password is empty: give it on standard input, or use "
                                "--password-command");
    return code;
}

static HRESULT configure(IMsgServiceAdmin *admin, const MAPIUID *uid, char *const *given,
                         const char *password)
{
    SPropValue values[SETTINGS_MAX];
    WCHAR *texts[SETTINGS_MAX];
    ULONG count = 0;
    HRESULT hr;

    for (int i = 0; i < SET_COUNT; i++)
        if (given[i]) {
            values[count].ulPropTag = tags[i];
            texts[count] = values[count].Value.lpszW = text_utf16(given[i]);
            count++;
        }
    if (!given[SET_COMMAND]) {
        values[count].ulPropTag = PR_MG_PASSWORD;
        texts[count] = values[count].Value.lpszW = text_utf16(password);
        count++;
    }
    hr = IMsgServiceAdmin_ConfigureMsgService(admin, (MAPIUID *)uid, 0, 0, count, values);
    for (ULONG i = 0; i < count; i++) {
        size_t size = 0;

        while (texts[i][size])
            size++;
        explicit_bzero(texts[i], size * sizeof(WCHAR));
        free(texts[i]);
    }
    return hr;
}

static int fill(IProfAdmin *admin, const char *profile, char *const *given, const char *password)
{
    struct profile_service service = {0};
    IMsgServiceAdmin *services;
    WCHAR *name = text_utf16(profile);
    HRESULT hr = IProfAdmin_AdminServices(admin, (LPTSTR)name, NULL, 0, MAPI_UNICODE, &services);
    int code;

    free(name);
    if (FAILED(hr))
        return fail_hr(admin, hr, "cannot fill profile \"%s\"", profile);
    hr = IMsgServiceAdmin_CreateMsgService(services, (LPTSTR)MG_SERVICE_NAME_W, NULL, 0,
                                           MAPI_UNICODE);
    if (FAILED(hr)) {
        code = fail_hr(services, hr, "cannot add a mail account to profile \"%s\"", profile);
        IMsgServiceAdmin_Release(services);
        return code;
    }
    IMsgServiceAdmin_Release(services);
    code = profile_service_open(admin, profile, &service);
    if (code)
        return code;
    hr = configure(service.admin, &service.uid, given, password);
    if (FAILED(hr))
        code = fail_hr(service.admin, hr, "cannot set up the mail account");
    profile_service_close(&service);
    return code;
}

/* All or nothing: a profile that could not be filled is not left behind. */
static int create(IProfAdmin *admin, const char *profile, char *const *given, const char *password,
                  bool make_default)
{
    WCHAR *name = text_utf16(profile);
    char *old_default = profile_default_name(admin);
    HRESULT hr = IProfAdmin_CreateProfile(admin, (LPTSTR)name, NULL, 0, MAPI_UNICODE);
    int code;

    if (hr == MAPI_E_NO_ACCESS)
        code = fail(CODE_REFUSED,
                    "there is a profile \"%s\" already\n  take another name, or: mapigate profile "
                    "delete %s",
                    profile, profile);
    else if (FAILED(hr))
        code = fail_hr(admin, hr, "cannot create profile \"%s\"", profile);
    else {
        code = fill(admin, profile, given, password);
        if (code)
            IProfAdmin_DeleteProfile(admin, (LPTSTR)name, MAPI_UNICODE);
    }
    if (!code && (make_default || !old_default)) {
        hr = IProfAdmin_SetDefaultProfile(admin, (LPTSTR)name, MAPI_UNICODE);
        make_default = true;
        if (FAILED(hr))
            code = fail_hr(admin, hr, "profile \"%s\" is made, but cannot be the default", profile);
    }
    if (!code)
        printf("profile \"%s\" created%s; mapigate doctor%s%s tries it\n", profile,
               make_default ? " and made the default" : "", make_default ? "" : " --profile ",
               make_default ? "" : profile);
    free(old_default);
    free(name);
    return code;
}

int profile_create(int argc, char **argv)
{
    char *given[SET_COUNT] = {0}, password[PASSWORD_MAX] = "";
    bool make_default = false;
    IProfAdmin *admin;
    int option, code = CODE_DONE;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option >= 0 && option < SET_COUNT)
            given[option] = optarg;
        else if (option == 'd')
            make_default = true;
        else if (option == 'h')
            return fputs(help, stdout) < 0 ? CODE_FAILED : CODE_DONE;
        else
            return fail_usage("profile create");
    }
    if (optind != argc - 1 || !given[SET_IMAP] || !given[SET_SMTP] || !given[SET_USER]) {
        fail(CODE_USAGE, "profile create needs a NAME, --imap, --smtp and --user");
        return fail_usage("profile create");
    }
    if (!given[SET_COMMAND])
        code = read_password(given[SET_USER], password);
    if (!code)
        code = profiles_open(&admin);
    if (!code) {
        code = create(admin, argv[optind], given, password, make_default);
        IProfAdmin_Release(admin);
        mapi_end();
    }
    explicit_bzero(password, sizeof(password));
    return code;
}
