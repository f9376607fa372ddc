/* tests/simple/simple_rig.c - a program that uses Simple MAPI, and one that looks at what it did */
#include "tests/simple/simple_rig.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

LHANDLE simple;

void set_default_profile(bool is_default)
{
    IProfAdmin *profiles;

    assert_hr(MAPIAdminProfiles(0, &profiles), S_OK);
    assert_hr(IProfAdmin_SetDefaultProfile(profiles, is_default ? (LPTSTR)PROFILE : NULL, 0), S_OK);
    IProfAdmin_Release(profiles);
}

void simple_open(void)
{
    mail_open(0);
    set_default_profile(true);
    assert_result(MAPILogon(0, PROFILE, NULL, MAPI_NEW_SESSION, 0, &simple), SUCCESS_SUCCESS);
    cr_assert_neq(simple, lhSessionNull);
}

void simple_begin(void)
{
    mail_prepare_shared();
    simple_open();
}

void simple_end(void)
{
    if (simple)
        expect_result(MAPILogoff(simple, 0, 0, 0), SUCCESS_SUCCESS);
    mail_close();
}

ULONG logon_result(const char *profile, const char *password, FLAGS flags)
{
    LHANDLE handle = 77;
    ULONG result = MAPILogon(0, (LPSTR)profile, (LPSTR)password, flags, 0, &handle);

    cr_expect_eq(result == SUCCESS_SUCCESS, handle != lhSessionNull);
    if (handle != lhSessionNull)
        expect_result(MAPILogoff(handle, 0, 0, 0), SUCCESS_SUCCESS);
    return result;
}

/* --- Sent ------------------------------------------------------------------------------------- */

static char *find_sent(const char *subject)
{
    char line[256];

    snprintf(line, sizeof(line), "Subject: %s\r\n", subject);
    for (unsigned number = test_servers_accepted(mail.servers); number > 0; number--) {
        unsigned long size;
        char *bytes = test_servers_read_accepted(mail.servers, number, &size);

        if (bytes && strstr(bytes, line))
            return bytes;
        free(bytes);
    }
    return NULL;
}

char *await_sent(const char *subject)
{
    char *bytes = find_sent(subject);

    for (int tries = 0; tries < 1500 && !bytes; tries++) {
        usleep(20000);
        bytes = find_sent(subject);
    }
    cr_assert_not_null(bytes, "\"%s\" was not sent", subject);
    return bytes;
}

bool was_sent(const char *subject)
{
    char *bytes = find_sent(subject);

    free(bytes);
    return bytes != NULL;
}

/* --- Files ------------------------------------------------------------------------------------ */

const char *new_file(const char *name, const char *content)
{
    static char paths[16][256];
    static unsigned next;
    char *path = paths[next++ % 16];
    FILE *file;

    snprintf(path, sizeof(paths[0]), "%s/%s", mail.state, name);
    file = fopen(path, "we");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(content, 1, strlen(content), file), strlen(content));
    cr_assert_eq(fclose(file), 0);
    return path;
}

char *file_content(const char *path)
{
    FILE *file = fopen(path, "re");
    char *content;
    size_t size;

    if (!file)
        return NULL;
    content = calloc(1, 1u << 20);
    size = fread(content, 1, (1u << 20) - 1, file);
    content[size] = '\0';
    fclose(file);
    return content;
}

static const char *temp_folder(void)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/tmp", mail.state);
    return path;
}

void use_temp_folder(void)
{
    cr_assert_eq(mkdir(temp_folder(), 0700), 0);
    setenv("TMPDIR", temp_folder(), 1);
}

unsigned temp_file_count(void)
{
    DIR *folder = opendir(temp_folder());
    unsigned count = 0;

    cr_assert_not_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2; /* . and .. */
}

/* --- Received --------------------------------------------------------------------------------- */

void await_inbox(const char *subject, bool there)
{
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *contents = mail_contents(inbox);

    mail_await_row(contents, subject, there);
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
}

const char *find_id(const char *subject)
{
    static char ids[16][512];
    static unsigned next;
    char *id = ids[next++ % 16], seed[512] = "";

    id[0] = '\0';
    while (MAPIFindNext(simple, 0, NULL, seed, MAPI_LONG_MSGID, 0, seed) == SUCCESS_SUCCESS) {
        MapiMessage *message;
        bool found;

        assert_result(MAPIReadMail(simple, 0, seed, MAPI_PEEK | MAPI_ENVELOPE_ONLY, 0, &message),
                      SUCCESS_SUCCESS);
        found = strcmp(message->lpszSubject, subject) == 0;
        MAPIFreeBuffer(message);
        if (found)
            return strcpy(id, seed);
    }
    return id;
}

/* The Simple session's own index may hear of it a little later. */
const char *await_id(const char *subject)
{
    const char *id = find_id(subject);

    for (int tries = 0; tries < 1500 && !id[0]; tries++) {
        usleep(20000);
        id = find_id(subject);
    }
    cr_assert(id[0], "no message \"%s\"", subject);
    return id;
}

const char *delivered_id(const char *subject)
{
    mail_deliver(subject);
    return await_id(subject);
}

const char *delivered_raw_id(const char *subject, const char *rest)
{
    size_t size = strlen(rest) + 256;
    char *message = malloc(size);
    const char *id;

    snprintf(message, size, "From: Bob <bob@example.test>\r\nSubject: %s\r\n%s", subject, rest);
    mail_deliver_raw(message);
    free(message);
    id = await_id(subject);
    return id;
}

IMessage *open_by_id(const char *message_id, ULONG flags)
{
    BYTE bytes[256];
    SPropValue id = {.ulPropTag = PR_ENTRYID};

    cr_assert_eq(message_id[0], 'L');
    for (const char *hex = message_id + 9; *hex; hex += 2) {
        unsigned byte;

        cr_assert_eq(sscanf(hex, "%2x", &byte), 1);
        bytes[id.Value.bin.cb++] = (BYTE)byte;
    }
    id.Value.bin.lpb = bytes;
    return open_message(&id, flags);
}
