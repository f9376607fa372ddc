/* providers/imap/client/message.h - messages of the selected mailbox: bodies, flags, copies
 *
 * The lease must have the mailbox selected (imap_lease_begin with its name). Messages are named by
 * UID; a UID that is gone is simply left out by the server. UID arrays need no order and are sent
 * as sets, in several commands when long. Errors as in client.h. */
#ifndef IMAP_MESSAGE_H
#define IMAP_MESSAGE_H

#include "providers/imap/client/lease.h"

enum imap_flag {
    IMAP_FLAG_SEEN = 1u << 0,
    IMAP_FLAG_ANSWERED = 1u << 1,
    IMAP_FLAG_FLAGGED = 1u << 2,
    IMAP_FLAG_DELETED = 1u << 3,
    IMAP_FLAG_DRAFT = 1u << 4,
    IMAP_FLAG_RECENT = 1u << 5,     /* never stored */
    IMAP_FLAG_FORWARDED = 1u << 6,  /* keyword $Forwarded */
    IMAP_FLAG_MDNSENT = 1u << 7,    /* $MDNSent */
    IMAP_FLAG_JUNK = 1u << 8,       /* $Junk */
    IMAP_FLAG_NOTJUNK = 1u << 9,    /* $NotJunk */
    IMAP_FLAG_SUBMITTED = 1u << 10, /* $MAPISubmitted */
};

/* --- Bodies ---------------------------------------------------------------------------------- */

/* What opening a message needs, in one command. Never sets \Seen. */
struct imap_content {
    uint32_t flags;       /* enum imap_flag */
    uint32_t size;        /* RFC822.SIZE */
    int64_t internaldate; /* seconds since 1970, UTC; INT64_MIN: not told */
    char *bytes;          /* zero-terminated */
    size_t byte_count;
    char *structure; /* BODYSTRUCTURE as the server sent it, "(...)"; mime parses it */
};
#define IMAP_HEADER_WINDOW (16u * 1024u)
#define IMAP_WHOLE_WINDOW  (128u * 1024u)
/* whole: `bytes` are the whole message, or, when there are IMAP_WHOLE_WINDOW of them, its
 * beginning, and `structure` is NULL. Otherwise they are the header, or IMAP_HEADER_WINDOW bytes of
 * it. MAPI_E_NOT_FOUND: no such UID. */
WAITS HRESULT imap_fetch_content(struct imap_lease *lease, uint32_t uid, bool whole,
                                 struct error_info *error, struct imap_content *ret_content);
void imap_content_clear(struct imap_content *content);

/* One window of a body section: "" is the whole message, "HEADER", "1.2", "1.2.MIME", "TEXT".
 * Never sets \Seen. Gives at most `size` bytes from `offset` (window at most 1 MiB);
 * *ret_size < size: the section ends there. MAPI_E_NOT_FOUND: no such UID (or section: NIL). */
#define IMAP_BODY_WINDOW (256u * 1024u)
WAITS HRESULT imap_fetch_body(struct imap_lease *lease, uint32_t uid, const char *section,
                              uint64_t offset, void *buffer, size_t size, struct error_info *error,
                              size_t *ret_size);

/* Reads a section front to back, or from anywhere, in windows of 256 KiB, each with a lease of its
 * own; keeps one window and fetches the next ahead while reading in order (two kept at most), each
 * twice as large as the one before, up to 1 MiB. Not for concurrent use. Copies its strings. */
struct imap_body_reader;
HRESULT imap_body_reader_create(struct imap_client *client, const char *mailbox,
                                uint32_t uidvalidity, uint32_t uid, const char *section,
                                struct imap_body_reader **ret_reader);
/* *ret_size 0: the end. MAPI_E_OBJECT_DELETED: message gone, or UIDVALIDITY is another. */
WAITS HRESULT imap_body_reader_read(struct imap_body_reader *reader, uint64_t offset, void *buffer,
                                    size_t size, uint64_t deadline, struct error_info *error,
                                    size_t *ret_size);
WAITS void imap_body_reader_free(struct imap_body_reader *reader); /* NULL is accepted */

/* Everything an index keeps of one message, anew from the server; valid until `row` returns.
 * MAPI_E_NOT_FOUND: no such UID. */
struct imap_row;
WAITS HRESULT imap_fetch_row(struct imap_lease *lease, uint32_t uid,
                             void (*row)(void *arg, const struct imap_row *row), void *arg,
                             struct error_info *error);

/* --- Search ---------------------------------------------------------------------------------- */

/* The keys of a SEARCH, built piece by piece; failures stick and come out at use. */
struct imap_query {
    struct imap_query_item *items;
    size_t count, space;
    HRESULT hr;
};
void imap_query_init(struct imap_query *query);
void imap_query_clear(struct imap_query *query);
/* Adds protocol text as it is ("UNSEEN", "OR", "(", "SINCE 1-Feb-2024"), parted by spaces. */
void imap_query_add(struct imap_query *query, const char *keys);
/* Adds a UTF-8 string argument, quoted or as a literal (SUBJECT "x"). */
void imap_query_add_string(struct imap_query *query, const char *utf8);

struct imap_uids {
    uint32_t *uids; /* free() */
    size_t count;
};
/* UID SEARCH, ascending. The query may be used again. */
WAITS HRESULT imap_search(struct imap_lease *lease, const struct imap_query *query,
                          struct error_info *error, struct imap_uids *ret_uids);
/* UID SORT in the server's order, keys as in RFC 5256 ("REVERSE ARRIVAL SUBJECT");
 * MAPI_E_NO_SUPPORT where not offered. */
WAITS HRESULT imap_sort(struct imap_lease *lease, const char *keys, const struct imap_query *query,
                        struct error_info *error, struct imap_uids *ret_uids);

/* --- Flags ----------------------------------------------------------------------------------- */

enum imap_store_how {
    IMAP_STORE_SET,
    IMAP_STORE_ADD,
    IMAP_STORE_REMOVE,
};

/* UID STORE. `keywords` are further names, NULL-terminated array, or NULL. unchanged_since != 0
 * asks for UNCHANGEDSINCE (MAPI_E_NO_SUPPORT without CONDSTORE); messages that the server left
 * alone for it come back in ret_modified (may be NULL when unchanged_since is 0). */
WAITS HRESULT imap_flags_store(struct imap_lease *lease, const uint32_t *uids, size_t count,
                               enum imap_store_how how, uint32_t flags, const char *const *keywords,
                               uint64_t unchanged_since, struct error_info *error,
                               struct imap_uids *ret_modified);

/* --- Copy, move, expunge, append ------------------------------------------------------------- */

struct imap_uid_pair {
    uint32_t from, to;
};
struct imap_copied {
    uint32_t uidvalidity;        /* of the target; 0: the server told nothing (no UIDPLUS) */
    struct imap_uid_pair *pairs; /* what the server says it did, in its order; free() */
    size_t count;
};
void imap_copied_clear(struct imap_copied *copied);

/* MAPI_E_NOT_FOUND: no such target ([TRYCREATE]). ret_copied may be NULL. */
WAITS HRESULT imap_copy(struct imap_lease *lease, const uint32_t *uids, size_t count,
                        const char *target, struct error_info *error,
                        struct imap_copied *ret_copied);

/* UID MOVE; without MOVE: COPY, STORE +\Deleted, UID EXPUNGE (MAPI_E_NO_SUPPORT without UIDPLUS,
 * for a plain EXPUNGE would take others' messages too). Only what COPYUID names has been moved: a
 * UID that is missing there was moved by somebody else or is gone (docs/mail.md). */
WAITS HRESULT imap_move(struct imap_lease *lease, const uint32_t *uids, size_t count,
                        const char *target, struct error_info *error,
                        struct imap_copied *ret_copied);

/* Marks \Deleted and UID EXPUNGEs exactly these. Without UIDPLUS: other messages that carry
 * \Deleted lose it for the moment of the EXPUNGE and get it back. */
WAITS HRESULT imap_expunge(struct imap_lease *lease, const uint32_t *uids, size_t count,
                           struct error_info *error);

struct imap_append {
    const char *mailbox;         /* UTF-8 */
    uint32_t flags;              /* enum imap_flag */
    const char *const *keywords; /* NULL-terminated, or NULL */
    int64_t internaldate;        /* seconds since 1970, UTC; INT64_MIN: now */
    uint64_t size;               /* exact number of bytes, CRLF line ends */
    /* Gives up to `size` bytes from the front of what is left; 0 bytes before the end is an error.
     * Called in the fiber; may wait, but the session waits with it: have the bytes at hand. */
    WAITS HRESULT (*read)(void *arg, void *buffer, size_t size, size_t *ret_size);
    void *arg;
};
/* Streams one message into a mailbox. *ret_uidvalidity and *ret_uid (both may be NULL) are 0 when
 * the server does not tell (no UIDPLUS). MAPI_E_NOT_FOUND: no such mailbox, MAPI_E_NOT_ENOUGH_DISK:
 * over quota, MAPI_E_TOO_BIG. When `read` fails its HRESULT is returned, the session dropped and
 * nothing appended. */
WAITS HRESULT imap_append(struct imap_lease *lease, const struct imap_append *append,
                          struct error_info *error, uint32_t *ret_uidvalidity, uint32_t *ret_uid);

/* NOOP. */
WAITS HRESULT imap_noop(struct imap_lease *lease, struct error_info *error);

#endif
