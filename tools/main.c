/* main.c - mapigate, the command line: which verb */
#include <locale.h>
#include <string.h>

#include "tools/tool.h"

static const struct {
    const char *name, *what;
    int (*run)(int argc, char **argv);
} verbs[] = {
    {"profile", "create, list, show, delete profiles; choose the default one", verb_profile},
    {"status", "what the mail servers are doing; --watch: live", verb_status},
    {"stores", "the mail stores of the profile", verb_stores},
    {"ls", "the folders, or the messages of a folder", verb_ls},
    {"read", "a message", verb_read},
    {"send", "send a message", verb_send},
    {"doctor", "try names, connection, TLS and login, and say what to mend", verb_doctor},
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(FILE *out)
{
    fputs("usage: mapigate VERB [words] [--profile NAME] [--json]\n\n", out);
    for (size_t i = 0; i < VERB_COUNT; i++)
        fprintf(out, "  %-10s%s\n", verbs[i].name, verbs[i].what);
    fputs("\nmapigate VERB --help says more, man mapigate all.\n", out);
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";

    setlocale(LC_ALL, "");
    if (strcmp(verb, "--version") == 0) {
        puts("mapigate " MAPIGATE_VERSION);
        return CODE_DONE;
    }
    if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0 || strcmp(verb, "help") == 0) {
        print_help(stdout);
        return CODE_DONE;
    }
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(verb, verbs[i].name) == 0) {
            int code = verbs[i].run(argc - 1, argv + 1);

            if (fflush(stdout) != 0 && code == CODE_DONE)
                return fail(CODE_FAILED, "cannot write the output");
            return code;
        }
    if (verb[0])
        fail(CODE_USAGE, "no verb \"%s\"", verb);
    print_help(stderr);
    return CODE_USAGE;
}
