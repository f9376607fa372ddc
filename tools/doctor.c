/* doctor.c - mapigate doctor: is the profile well, and if not, what to mend */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "tools/doctor.h"

static const char help[] = "usage: mapigate doctor [--profile NAME]\n"
                           "\n"
                           "Tries the profile's servers step by step: settings, host names, "
                           "connections, TLS, greetings and\n"
                           "capabilities, then a logon to the store and to the transport. Each "
                           "failure says how to mend it.\n"
                           "Sends no mail. Exit code 0 when all is well.\n";

void doctor_say(enum finding finding, const char *what, const char *words, const char *mend)
{
    static const char *const marks[] = {
        [FINDING_GOOD] = "ok  ", [FINDING_BAD] = "BAD ", [FINDING_NOTE] = "    "};

    printf("  %s", marks[finding]);
    text_print(stdout, what, words && words[0] ? 14 : 0);
    text_print(stdout, words ? words : "", 0);
    putchar('\n');
    if (finding == FINDING_BAD && mend)
        printf("      mend: %s\n", mend);
    fflush(stdout);
}

/* --- Settings --------------------------------------------------------------------------------- */

enum setting {
    SET_IMAP,
    SET_SMTP,
    SET_USER,
    SET_CA_FILE,
    SET_COUNT,
};

static const SizedSPropTagArray(SET_COUNT, tags) = {
    SET_COUNT, {PR_MG_IMAP_URL, PR_MG_SMTP_URL, PR_MG_USER, PR_MG_TLS_CA_FILE}};

static int read_settings(const char *wanted, char **ret_profile, char *settings[SET_COUNT])
{
    struct profile_service service;
    SPropValue *values = NULL;
    IProfAdmin *admin;
    int code = profiles_open(&admin);

    if (code)
        return code;
    *ret_profile = wanted ? text_format("%s", wanted) : profile_default_name(admin);
    if (!*ret_profile)
        code = fail(CODE_NOT_FOUND, "no profile is the default one: mapigate profile create, or "
                                    "--profile NAME");
    else
        code = profile_service_open(admin, *ret_profile, &service);
    if (!code) {
        code = profile_service_settings(&service, (SPropTagArray *)&tags, &values);
        profile_service_close(&service);
    }
    for (int i = 0; i < SET_COUNT && !code; i++)
        if (PROP_TYPE(values[i].ulPropTag) == PT_UNICODE)
            settings[i] = text_utf8(values[i].Value.lpszW);
    MAPIFreeBuffer(values);
    IProfAdmin_Release(admin);
    mapi_end();
    return code;
}

static int check_settings(char *settings[SET_COUNT])
{
    int code = CODE_DONE;

    puts("Settings");
    doctor_say(settings[SET_IMAP] ? FINDING_GOOD : FINDING_BAD, "IMAP", settings[SET_IMAP],
               "the profile has no IMAP server: make it anew with --imap");
    doctor_say(settings[SET_SMTP] ? FINDING_GOOD : FINDING_BAD, "SMTP", settings[SET_SMTP],
               "the profile has no SMTP server: make it anew with --smtp");
    doctor_say(settings[SET_USER] ? FINDING_GOOD : FINDING_BAD, "user", settings[SET_USER],
               "the profile has no user: make it anew with --user");
    if (!settings[SET_IMAP] || !settings[SET_SMTP] || !settings[SET_USER])
        code = CODE_REFUSED;
    if (settings[SET_CA_FILE]) {
        bool readable = access(settings[SET_CA_FILE], R_OK) == 0;

        doctor_say(readable ? FINDING_GOOD : FINDING_BAD, "authorities", settings[SET_CA_FILE],
                   "the file cannot be read: check its name and permissions");
        code = readable ? code : CODE_REFUSED;
    }
    return code;
}

/* --- Logon ------------------------------------------------------------------------------------ */

static int validate(struct tool_session *session, ULONG type, const char *what, const char *mend)
{
    IMAPIStatus *status = NULL;
    SPropValue *value = NULL;
    char *words = NULL;
    HRESULT hr = status_open(session, type, &status);

    if (SUCCEEDED(hr))
        hr = IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI);
    if (SUCCEEDED(hr) && SUCCEEDED(HrGetOneProp((IMAPIProp *)status, PR_STATUS_STRING_W, &value)))
        words = text_utf8(value->Value.lpszW);
    else if (FAILED(hr))
        words = last_words(status, hr);
    if (FAILED(hr) && !words)
        words = text_format("it fails (0x%08X)", (unsigned)hr);
    doctor_say(SUCCEEDED(hr) ? FINDING_GOOD : FINDING_BAD, what, words, mend);
    MAPIFreeBuffer(value);
    free(words);
    if (status)
        IMAPIStatus_Release(status);
    return code_of(hr);
}

static int check_logon(const char *profile)
{
    struct tool_session session;
    bool partial = false;
    int code, transport;

    puts("Logon");
    code = session_open(profile, &session, &partial);
    if (code)
        return code;
    if (partial) {
        char *words = last_words(session.session, MAPI_W_ERRORS_RETURNED);

        doctor_say(FINDING_BAD, "IMAP login", words ? words : "refused",
                   "check user and password; some servers want a password for applications, made "
                   "in the account's web page");
        free(words);
        code = CODE_REFUSED;
    } else
        code = validate(&session, MAPI_STORE_PROVIDER, "IMAP login",
                        "check user and password, then the steps above");
    transport = validate(&session, MAPI_TRANSPORT_PROVIDER, "SMTP login",
                         "check user and password; some servers want another user for SMTP");
    session_close(&session);
    return code ? code : transport;
}

int verb_doctor(int argc, char **argv)
{
    static const struct option options[] = {
        {"profile", required_argument, NULL, 'p'}, {"help", no_argument, NULL, 'h'}, {0}};
    char *profile = NULL, *settings[SET_COUNT] = {0};
    const char *wanted = NULL;
    int option, code, imap, smtp;

    while ((option = getopt_long(argc, argv, "p:h", options, NULL)) != -1)
        if (option == 'p')
            wanted = optarg;
        else if (option == 'h') {
            fputs(help, stdout);
            return CODE_DONE;
        } else
            return fail_usage("doctor");
    code = read_settings(wanted, &profile, settings);
    signal(SIGPIPE, SIG_IGN); /* a server that closes while we speak */
    if (!code) {
        printf("Profile \"%s\"\n", profile);
        code = check_settings(settings);
    }
    if (!code) {
        imap = doctor_server(settings[SET_IMAP], settings[SET_CA_FILE]);
        smtp = doctor_server(settings[SET_SMTP], settings[SET_CA_FILE]);
        code = imap ? imap : smtp;
        if (imap == CODE_DONE || smtp == CODE_DONE) {
            int logon = check_logon(profile);

            code = code ? code : logon;
        }
        puts(code ? "Not well: see the lines with BAD." : "All is well.");
    }
    for (int i = 0; i < SET_COUNT; i++)
        free(settings[i]);
    free(profile);
    return code;
}
