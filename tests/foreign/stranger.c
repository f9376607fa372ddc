/* stranger.c - profile, logon, and the small things that every program needs
 *
 * usage: stranger [--service] profile NAME     settings from MG_* in the environment
 *        stranger [--service] read NAME FOLDER
 *        stranger [--service] again NAME FOLDER
 *        stranger [--service] send NAME FOLDER
 *        stranger [--service] watch NAME */
#include "stranger.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

IMAPISession *session;
IMsgStore *store;

void must(HRESULT hr, const char *call, int line)
{
    MAPIERROR *error = NULL;

    if (hr == S_OK)
        return;
    fprintf(stderr, "line %d: %s: 0x%08X\n", line, call, (unsigned)hr);
    if (session && CALL(session, GetLastError, hr, 0, &error) == S_OK && error && error->lpszError)
        fprintf(stderr, "the session says: %s\n", (const char *)error->lpszError);
    exit(1);
}

/* --- Texts ------------------------------------------------------------------------------------ */

char *to_utf8(const WCHAR *text)
{
    size_t length = 0;
    char *out, *at;

    while (text[length])
        length++;
    at = out = (char *)malloc(3 * length + 1);
    for (size_t i = 0; i < length; i++) {
        unsigned long c = text[i];

        if (c >= 0xD800 && c < 0xDC00 && i + 1 < length)
            c = 0x10000 + ((c - 0xD800) << 10) + (text[++i] - 0xDC00UL);
        if (c < 0x80) {
            *at++ = (char)c;
            continue;
        }
        if (c < 0x800)
            *at++ = (char)(0xC0 | c >> 6);
        else if (c < 0x10000) {
            *at++ = (char)(0xE0 | c >> 12);
            *at++ = (char)(0x80 | (c >> 6 & 0x3F));
        } else {
            *at++ = (char)(0xF0 | c >> 18);
            *at++ = (char)(0x80 | (c >> 12 & 0x3F));
            *at++ = (char)(0x80 | (c >> 6 & 0x3F));
        }
        *at++ = (char)(0x80 | (c & 0x3F));
    }
    *at = '\0';
    return out;
}

WCHAR *to_wide(const char *utf8)
{
    const unsigned char *in = (const unsigned char *)utf8;
    WCHAR *out = (WCHAR *)malloc((strlen(utf8) + 1) * sizeof(WCHAR)), *at = out;

    while (*in) {
        int more = *in < 0x80 ? 0 : *in < 0xE0 ? 1 : *in < 0xF0 ? 2 : 3;
        unsigned long c = more ? *in & (0x3F >> more) : *in;

        for (in++; more && *in; more--)
            c = c << 6 | (*in++ & 0x3F);
        if (c >= 0x10000) {
            *at++ = (WCHAR)(0xD800 + ((c - 0x10000) >> 10));
            *at++ = (WCHAR)(0xDC00 + (c & 0x3FF));
        } else
            *at++ = (WCHAR)c;
    }
    *at = 0;
    return out;
}

char *to_hex(const SBinary *bytes)
{
    char *out = (char *)malloc(2 * (size_t)bytes->cb + 1);

    for (ULONG i = 0; i < bytes->cb; i++)
        sprintf(out + (size_t)2 * i, "%02x", bytes->lpb[i]);
    out[2 * (size_t)bytes->cb] = '\0';
    return out;
}

SBinary from_hex(const char *hex)
{
    SBinary out = {(ULONG)(strlen(hex) / 2), (LPBYTE)malloc(strlen(hex) / 2 + 1)};

    for (ULONG i = 0; i < out.cb; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};

        out.lpb[i] = (BYTE)strtoul(pair, NULL, 16);
    }
    return out;
}

/* --- Files ------------------------------------------------------------------------------------ */

char *path_join(const char *folder, const char *name)
{
    char *path = (char *)malloc(strlen(folder) + strlen(name) + 2);

    sprintf(path, "%s/%s", folder, name);
    return path;
}

void make_folder(const char *path)
{
    if (mkdir(path, 0700) != 0) {
        perror(path);
        exit(1);
    }
}

FILE *create_file(const char *folder, const char *name)
{
    char *path = path_join(folder, name);
    FILE *file = fopen(path, "w");

    if (!file) {
        perror(path);
        exit(1);
    }
    free(path);
    return file;
}

void write_file(const char *folder, const char *name, const void *bytes, size_t size)
{
    FILE *file = create_file(folder, name);

    if (fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        perror(name);
        exit(1);
    }
}

void write_text(const char *folder, const char *name, const WCHAR *text)
{
    char *utf8 = to_utf8(text);

    write_file(folder, name, utf8, strlen(utf8));
    free(utf8);
}

/* --- Profile ---------------------------------------------------------------------------------- */

static MAPIUID find_service(IMsgServiceAdmin *services)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_SERVICE_UID, PR_SERVICE_NAME_A}};
    IMAPITable *table;
    SRowSet *rows;
    MAPIUID uid = {{0}};

    MUST(CALL(services, GetMsgServiceTable, 0, &table));
    MUST(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows));
    if (rows->cRows != 1 || rows->aRow[0].lpProps[0].ulPropTag != PR_SERVICE_UID ||
        rows->aRow[0].lpProps[0].Value.bin.cb != sizeof(uid) ||
        strcmp(rows->aRow[0].lpProps[1].Value.lpszA, "IMAPSMTP") != 0) {
        fprintf(stderr, "the service table does not have just our service\n");
        exit(1);
    }
    memcpy(&uid, rows->aRow[0].lpProps[0].Value.bin.lpb, sizeof(uid));
    FreeProws(rows);
    RELEASE(table);
    return uid;
}

static void make_profile(const char *name)
{
    static const struct {
        ULONG tag;
        const char *variable;
    } settings[] = {
        {PR_MG_IMAP_URL, "MG_IMAP_URL"}, {PR_MG_SMTP_URL, "MG_SMTP_URL"},
        {PR_MG_USER, "MG_USER"},         {PR_MG_PASSWORD, "MG_PASSWORD"},
        {PR_MG_EMAIL, "MG_EMAIL"},       {PR_MG_TLS_CA_FILE, "MG_CA_FILE"},
    };
    enum { COUNT = sizeof(settings) / sizeof(settings[0]) };
    SPropValue values[COUNT];
    IProfAdmin *profiles;
    IMsgServiceAdmin *services;
    MAPIUID uid;

    MUST(MAPIAdminProfiles(0, &profiles));
    MUST(CALL(profiles, CreateProfile, (LPTSTR)name, NULL, 0, 0));
    MUST(CALL(profiles, AdminServices, (LPTSTR)name, NULL, 0, 0, &services));
    MUST(CALL(services, CreateMsgService, (LPTSTR) "IMAPSMTP", (LPTSTR) "Mail", 0, 0));
    uid = find_service(services);
    for (int i = 0; i < COUNT; i++) {
        const char *value = getenv(settings[i].variable);

        values[i].ulPropTag = settings[i].tag;
        values[i].Value.lpszW = to_wide(value ? value : "");
    }
    MUST(CALL(services, ConfigureMsgService, &uid, 0, 0, COUNT, values));
    for (int i = 0; i < COUNT; i++)
        free(values[i].Value.lpszW);
    RELEASE(services);
    RELEASE(profiles);
}

/* --- Logon ------------------------------------------------------------------------------------ */

static void open_store(void)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_DEFAULT_STORE}};
    IMAPITable *table;
    SRowSet *rows;
    const SBinary *id;

    MUST(CALL(session, GetMsgStoresTable, 0, &table));
    MUST(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows));
    if (rows->cRows != 1 || rows->aRow[0].lpProps[1].ulPropTag != PR_DEFAULT_STORE ||
        !rows->aRow[0].lpProps[1].Value.b) {
        fprintf(stderr, "not one default store, but %u rows\n", (unsigned)rows->cRows);
        exit(1);
    }
    id = &rows->aRow[0].lpProps[0].Value.bin;
    MUST(CALL(session, OpenMsgStore, 0, id->cb, (LPENTRYID)id->lpb, NULL, MDB_WRITE, &store));
    FreeProws(rows);
    RELEASE(table);
}

static void log_on(const char *profile, ULONG flags)
{
    MUST(MAPILogonEx(0, (LPTSTR)profile, NULL,
                     MAPI_EXTENDED | MAPI_NEW_SESSION | MAPI_EXPLICIT_PROFILE | flags, &session));
    open_store();
}

static void log_off(void)
{
    RELEASE(store);
    MUST(CALL(session, Logoff, 0, 0, 0));
    RELEASE(session);
}

int main(int argc, char **argv)
{
    MAPIINIT_0 init = {MAPI_INIT_VERSION, MAPI_MULTITHREAD_NOTIFICATIONS};
    ULONG flags = 0;
    const char *folder;

    setlocale(LC_ALL, "C.UTF-8");
    if (argc > 1 && strcmp(argv[1], "--service") == 0) {
        init.ulFlags |= MAPI_NT_SERVICE;
        flags = MAPI_NT_SERVICE | MAPI_NO_MAIL;
        argc--;
        argv++;
    }
    if (argc < 3) {
        fprintf(stderr, "usage: stranger [--service] VERB PROFILE [FOLDER]\n");
        return 2;
    }
    folder = argc > 3 ? argv[3] : ".";
    MUST(MAPIInitialize(&init));
    if (strcmp(argv[1], "profile") == 0)
        make_profile(argv[2]);
    else {
        log_on(argv[2], flags);
        if (strcmp(argv[1], "read") == 0)
            read_all(folder);
        else if (strcmp(argv[1], "again") == 0)
            read_again(folder);
        else if (strcmp(argv[1], "send") == 0)
            send_one(folder);
        else if (strcmp(argv[1], "watch") == 0)
            watch();
        else
            return 2;
        log_off();
    }
    MAPIUninitialize();
    puts("done");
    return 0;
}
