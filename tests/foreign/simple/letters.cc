// letters.cc - a small mail program in C++ that knows Simple MAPI and nothing else
//
// usage: letters resolve NAME
//        letters send TO SUBJECT TEXT [FILE]...   without a session of its own
//        letters fetch FOLDER                     prints, keeps the attachments, deletes
//
// The exit code is that of the call which failed.
#include <mapi.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

static void must(ULONG result, const char *call)
{
    if (result == SUCCESS_SUCCESS)
        return;
    std::fprintf(stderr, "%s: %u\n", call, static_cast<unsigned>(result));
    std::exit(static_cast<int>(result));
}

static std::string text(const char *from)
{
    return from ? from : "";
}

static void resolve(char *name)
{
    lpMapiRecipDesc found = nullptr;

    must(MAPIResolveName(0, 0, name, 0, 0, &found), "MAPIResolveName");
    std::printf("%s\t%s\n", found->lpszName, found->lpszAddress);
    MAPIFreeBuffer(found);
}

static void send(char *to, char *subject, char *words, char **files)
{
    std::vector<MapiFileDesc> attached;
    MapiRecipDesc recipient = {};
    MapiMessage message = {};

    for (; *files; files++) {
        MapiFileDesc file = {};

        file.nPosition = static_cast<ULONG>(-1);
        file.lpszPathName = *files;
        attached.push_back(file);
    }
    recipient.ulRecipClass = MAPI_TO;
    recipient.lpszName = to;
    message.lpszSubject = subject;
    message.lpszNoteText = words;
    message.nRecipCount = 1;
    message.lpRecips = &recipient;
    message.nFileCount = static_cast<ULONG>(attached.size());
    message.lpFiles = attached.empty() ? nullptr : attached.data();
    must(MAPISendMail(0, 0, &message, 0, 0), "MAPISendMail");
}

static void keep(const MapiFileDesc &file, const std::string &folder)
{
    std::ifstream from(file.lpszPathName, std::ios::binary);
    std::ofstream to(folder + "/" + file.lpszFileName, std::ios::binary);

    to << from.rdbuf();
    std::remove(file.lpszPathName);
}

static void fetch(const std::string &folder)
{
    char id[64] = ""; // no MAPI_LONG_MSGID
    LHANDLE session = 0;
    ULONG result;

    must(MAPILogon(0, nullptr, nullptr, MAPI_LOGON_UI, 0, &session), "MAPILogon");
    std::vector<std::string> ids;
    while ((result = MAPIFindNext(session, 0, nullptr, id, MAPI_GUARANTEE_FIFO, 0, id)) ==
           SUCCESS_SUCCESS)
        ids.push_back(id);
    if (result != MAPI_E_NO_MESSAGES)
        must(result, "MAPIFindNext");
    for (std::string &each : ids) {
        lpMapiMessage message = nullptr;

        must(MAPIReadMail(session, 0, &each[0], 0, 0, &message), "MAPIReadMail");
        std::printf("%s\t%s\t%s\n", message->lpszSubject, message->lpOriginator->lpszAddress,
                    text(message->lpszNoteText).c_str());
        for (ULONG i = 0; i < message->nFileCount; i++)
            keep(message->lpFiles[i], folder);
        MAPIFreeBuffer(message);
        must(MAPIDeleteMail(session, 0, &each[0], 0, 0), "MAPIDeleteMail");
    }
    must(MAPILogoff(session, 0, 0, 0), "MAPILogoff");
}

int main(int argc, char **argv)
{
    std::string verb = argc > 2 ? argv[1] : "";

    if (verb == "resolve")
        resolve(argv[2]);
    else if (verb == "send" && argc > 4)
        send(argv[2], argv[3], argv[4], argv + 5);
    else if (verb == "fetch")
        fetch(argv[2]);
    else
        return 100;
    return 0;
}
