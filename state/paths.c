/* state/paths.c - where the side store lives, and whether it may live there */
#include "state/paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "mapi/mapicode.h"

#define SYSTEM_DIRECTORY "/var/lib/mapigate"
#define FUSE_MAGIC       0x65735546ul

static char *join(const char *head, const char *tail)
{
    char *path = NULL;

    return asprintf(&path, "%s%s", head, tail) < 0 ? NULL : path;
}

/* Makes the directory and its parents; what exists is left as it is. */
static HRESULT make_directories(char *path, struct error_info *error)
{
    for (char *slash = path + 1;; slash++) {
        char kept = *slash;

        if (kept && kept != '/')
            continue;
        *slash = '\0';
        if (mkdir(path, 0700) < 0 && errno != EEXIST) {
            HRESULT hr = error_set(error, MAPI_E_NO_ACCESS, path, "cannot make the directory: %s",
                                   strerror(errno));
            *slash = kept;
            return hr;
        }
        *slash = kept;
        if (!kept)
            return S_OK;
    }
}

/* The directory's name by the rules of state_directory_find; NULL without memory or home. */
static char *choose_directory(const char *configured, bool system, bool *ret_homeless)
{
    const char *given = secure_getenv("MAPIGATE_STATE");
    const char *base = secure_getenv("XDG_STATE_HOME");
    const char *home = secure_getenv("HOME");

    *ret_homeless = false;
    if (given && *given)
        return strdup(given);
    if (configured && *configured)
        return strdup(configured);
    if (system)
        return strdup(SYSTEM_DIRECTORY);
    /* A relative path in an XDG variable is to be ignored (XDG base directory specification). */
    if (base && *base == '/')
        return join(base, "/mapigate");
    if (home && *home == '/')
        return join(home, "/.local/state/mapigate");
    *ret_homeless = true;
    return NULL;
}

HRESULT state_directory_find(const char *configured, bool system, struct error_info *error,
                             char **ret_directory)
{
    bool homeless;
    char *directory = choose_directory(configured, system, &homeless);
    HRESULT hr;

    if (homeless)
        return error_set(error, MAPI_E_UNCONFIGURED, "state",
                         "no home directory: set MAPIGATE_STATE to a directory for the state");
    if (!directory)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (*directory != '/')
        hr = error_set(error, MAPI_E_UNCONFIGURED, directory,
                       "the state directory must be an absolute path");
    else
        hr = make_directories(directory, error);
    if (FAILED(hr)) {
        free(directory);
        return hr;
    }
    *ret_directory = directory;
    return S_OK;
}

bool state_filesystem_is_network(unsigned long magic, const char *mount_type)
{
    static const unsigned long network[] = {
        0x6969,     /* nfs */
        0xFF534D42, /* cifs */
        0xFE534D42, /* smb2 */
        0x517B,     /* smb */
        0x564C,     /* ncp */
        0x01021997, /* 9p */
        0x5346414F, /* afs */
        0x6B414653, /* kafs */
        0x73757245, /* coda */
        0x00C36400, /* ceph */
        0x0BD00BD0, /* lustre */
        0x19830326, /* fhgfs, beegfs */
        0x47504653, /* gpfs */
        0x013111A8, /* ibrix */
        0x7461636F, /* ocfs2: shared memory does not reach the other node */
        0x01161970, /* gfs2: likewise */
        0xAAD7AAEA, /* panfs */
        0x786F4256, /* vboxsf: shared folders of a virtual machine */
        0xBACBACBC, /* vmhgfs */
    };
    /* FUSE carries local disks too; what it is called tells. Unknown ones are refused: a database
     * lost is worse than a directory moved. */
    static const char *const local_fuse[] = {
        "fuseblk", "fuse.fuse-overlayfs", "fuse.bindfs", "fuse.gocryptfs", "fuse.encfs",
    };

    for (size_t i = 0; i < sizeof(network) / sizeof(*network); i++) {
        if (magic == network[i])
            return true;
    }
    if (magic != FUSE_MAGIC)
        return false;
    for (size_t i = 0; mount_type && i < sizeof(local_fuse) / sizeof(*local_fuse); i++) {
        if (strcmp(mount_type, local_fuse[i]) == 0)
            return false;
    }
    return true;
}

/* The mount type of a device, from /proc/self/mountinfo: "36 35 98:0 / /mnt rw - ext4 ...". */
static bool find_mount_type(dev_t device, char *ret_type, size_t size)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t capacity = 0;
    bool found = false;

    if (!file)
        return false;
    while (!found && getline(&line, &capacity, file) > 0) {
        unsigned mount_major, mount_minor;
        const char *dash = strstr(line, " - ");

        if (!dash || sscanf(line, "%*d %*d %u:%u", &mount_major, &mount_minor) != 2)
            continue;
        if (mount_major != major(device) || mount_minor != minor(device))
            continue;
        snprintf(ret_type, size, "%.*s", (int)strcspn(dash + 3, " \n"), dash + 3);
        found = true;
    }
    free(line);
    fclose(file);
    return found;
}

static HRESULT check_owner_and_mode(const char *directory, const struct stat *st,
                                    struct error_info *error)
{
    if (!S_ISDIR(st->st_mode))
        return error_set(error, MAPI_E_NO_ACCESS, directory, "not a directory");
    if ((st->st_mode & 077) == 0)
        return S_OK;
    if (chmod(directory, 0700) < 0)
        return error_set(error, MAPI_E_NO_ACCESS, directory,
                         "others may enter it and it cannot be closed to them (chmod 0700): %s",
                         strerror(errno));
    return S_OK;
}

HRESULT state_directory_check(const char *directory, struct error_info *error)
{
    struct stat st;
    struct statfs fs;
    char type[64];
    HRESULT hr;

    if (stat(directory, &st) < 0)
        return error_set(error, errno == ENOENT ? MAPI_E_NOT_FOUND : MAPI_E_NO_ACCESS, directory,
                         "%s", strerror(errno));
    hr = check_owner_and_mode(directory, &st, error);
    if (FAILED(hr))
        return hr;
    if (statfs(directory, &fs) < 0)
        return error_set(error, MAPI_E_NO_ACCESS, directory, "%s", strerror(errno));

    /* f_type is a signed word on some architectures. */
    if (state_filesystem_is_network((uint32_t)fs.f_type,
                                    find_mount_type(st.st_dev, type, sizeof(type)) ? type : NULL))
        return error_set(error, MAPI_E_NO_SUPPORT, directory,
                         "on a network file system, where the database's locks do not hold: set "
                         "MAPIGATE_STATE to a local directory");
    return S_OK;
}
