/* providers/contacts/people_file.c - the shelf that is a file of vCards
 *
 * The file is somebody else's and is only read, on a worker thread where the caller is a fiber. A
 * card with several addresses is as many people, each with a key made of the card's UID (or name)
 * and the address: editing the rest of the card keeps the entry ids. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapi/mapicode.h"
#include "providers/contacts/book.h"
#include "providers/contacts/people.h"
#include "providers/contacts/vcard.h"

struct read_call {
    const char *path;
    struct error_info *error;
    struct people *people;
};

static HRESULT make_key(const char *uid, const char *address, struct person_key *ret_key)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    size_t uid_size = strlen(uid) + 1, size = uid_size + strlen(address);
    char *text = malloc(size + 1);

    if (!text)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(text, uid, uid_size);
    memcpy(text + uid_size, address, size - uid_size);
    SHA256((const unsigned char *)text, size, digest);
    memcpy(ret_key->bytes, digest, sizeof(ret_key->bytes));
    free(text);
    return S_OK;
}

static HRESULT add_card(void *context, const struct vcard *card)
{
    struct read_call *call = context;
    struct person person = {
        .name = card->name,
        .type = "SMTP",
        .given = card->given,
        .surname = card->surname,
        .company = card->company,
        .title = card->title,
        .nickname = card->nickname,
    };
    HRESULT hr = S_OK;

    for (size_t i = 0; i < card->email_count && SUCCEEDED(hr); i++) {
        person.address = card->emails[i];
        hr = make_key(card->uid ? card->uid : card->name, person.address, &person.key);
        if (SUCCEEDED(hr))
            hr = people_add(call->people, &person);
    }
    return hr;
}

static HRESULT fail(struct read_call *call, int reason)
{
    HRESULT hr = reason == ENOENT || reason == ENOTDIR ? MAPI_E_NOT_FOUND
                 : reason == EACCES || reason == EPERM ? MAPI_E_NO_ACCESS
                                                       : MAPI_E_DISK_ERROR;

    error_set(call->error, hr, "contacts", "%s: %s", call->path, strerror(reason));
    if (call->error)
        call->error->low_level = (uint32_t)reason;
    return hr;
}

static bool read_whole(int file, char *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = read(file, bytes + done, size - done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) { /* it has become shorter meanwhile */
            errno = got < 0 ? errno : EIO;
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

static HRESULT read_open(struct read_call *call, int file)
{
    struct stat info;
    char *bytes;
    HRESULT hr;

    if (fstat(file, &info) != 0)
        return fail(call, errno);
    if (!S_ISREG(info.st_mode))
        return error_set(call->error, MAPI_E_DISK_ERROR, "contacts", "%s is no file", call->path);
    if (info.st_size > PEOPLE_FILE_MAX)
        return error_set(call->error, MAPI_E_TOO_BIG, "contacts", "%s is larger than %d MiB",
                         call->path, PEOPLE_FILE_MAX >> 20);
    bytes = malloc((size_t)info.st_size + 1);
    if (!bytes)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = read_whole(file, bytes, (size_t)info.st_size)
             ? vcards_read(bytes, (size_t)info.st_size, add_card, call)
             : fail(call, errno);
    free(bytes);
    return hr;
}

static HRESULT read_job(void *arg)
{
    struct read_call *call = arg;
    int file = open(call->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    HRESULT hr;

    if (file < 0)
        return fail(call, errno);
    hr = read_open(call, file);
    close(file);
    return hr;
}

HRESULT people_read_file(struct book *book, struct error_info *error, struct people *people)
{
    struct read_call call = {.path = book_file(book), .error = error, .people = people};

    return call.path ? engine_work(read_job, &call) : MAPI_E_NOT_FOUND;
}
