/* tests/lib/resolve.c - every export is found by dlsym
 *
 * usage: resolve EXPORTS.txt. Names marked as to come, or as without a public signature, are not
 * looked for. Linked with the shared library, as a program is. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "mapi/mapix.h"

int main(int argc, char **argv)
{
    FILE *list = argc == 2 ? fopen(argv[1], "r") : NULL;
    unsigned found = 0, missing = 0;
    char line[256];

    if (!list) {
        fprintf(stderr, "usage: resolve EXPORTS.txt\n");
        return 2;
    }
    MAPIFreeBuffer(NULL); /* the library is needed, so that the linker keeps it */
    while (fgets(line, sizeof(line), list)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0' || strchr("#~?", line[0]))
            continue;
        if (dlsym(RTLD_DEFAULT, line)) {
            found++;
            continue;
        }
        printf("not found: %s\n", line);
        missing++;
    }
    fclose(list);
    printf("%u found, %u missing\n", found, missing);
    return missing || !found;
}
