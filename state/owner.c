/* state/owner.c - a name for this process that others can tell dead */
#include "state/owner.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Reads a small file of /proc into `text`, without its line end. */
static bool read_proc(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;

    if (fd < 0)
        return false;
    got = read(fd, text, size - 1);
    close(fd);
    if (got <= 0)
        return false;
    text[got] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return true;
}

/* Start time in ticks since boot, the 22nd field of /proc/PID/stat; 0: no such process. The second
 * field is a name that may hold anything, so fields are counted from its closing bracket. */
static unsigned long long process_start_time(long pid)
{
    char path[64], text[1024];
    unsigned long long start = 0;
    char *field;

    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    if (!read_proc(path, text, sizeof(text)))
        return 0;
    field = strrchr(text, ')');
    for (int i = 2; field && i < 22; i++) {
        field = strchr(field, ' ');
        if (field)
            field++;
    }
    if (field)
        start = strtoull(field, NULL, 10);
    return start;
}

/* What two processes share exactly if the one may look for the other: kernel and namespace. */
static bool read_place(char *place, size_t size)
{
    char boot[64], namespace[64];
    ssize_t length = readlink("/proc/self/ns/pid", namespace, sizeof(namespace) - 1);

    if (length <= 0 || !read_proc("/proc/sys/kernel/random/boot_id", boot, sizeof(boot)))
        return false;
    namespace[length] = '\0';
    return (size_t)snprintf(place, size, "%s/%s", boot, namespace) < size;
}

void owner_name_create(char ret_name[OWNER_NAME_MAX])
{
    char place[OWNER_NAME_MAX - 64];
    uint64_t random[2] = {0};

    if (!read_place(place, sizeof(place)))
        strcpy(place, "unknown/unknown");
    if (getrandom(random, sizeof(random), 0) != sizeof(random))
        abort();
    snprintf(ret_name, OWNER_NAME_MAX, "%s/%ld/%llu/%08x", place, (long)getpid(),
             process_start_time(getpid()), (unsigned)random[0]);
}

bool owner_name_is_dead(const char *name)
{
    char place[OWNER_NAME_MAX - 64];
    unsigned long long start;
    size_t length;
    long pid;

    if (!read_place(place, sizeof(place)))
        return false;
    length = strlen(place);
    if (strncmp(name, place, length) != 0 ||
        sscanf(name + length, "/%ld/%llu/", &pid, &start) != 2 || start == 0)
        return false;
    return process_start_time(pid) != start;
}
