/* mime/encode.h - a message out of properties, bodies and attachments
 *
 * Streams RFC 5322 and MIME bytes with CRLF line ends. The struct holds all that is not in the
 * caller's data (boundary seed, Message-ID, date), so that encoding twice gives the same bytes:
 * once to count, once to send; or once into a spool (mime/spool.h), which is what APPEND reads
 * from. Seven bits unless MIME_ENCODE_8BIT. Bodies and attachments come back byte for byte. */
#ifndef MIME_ENCODE_H
#define MIME_ENCODE_H

#include "mapi/mapidefs.h"
#include "mime/structure.h"
#include "net/engine.h"

/* Content that is read front to back; after rewind from the front again. */
struct mime_source {
    WAITS HRESULT (*read)(void *arg, void *buffer, size_t size, size_t *ret_size); /* 0: the end */
    WAITS HRESULT (*rewind)(void *arg);
    void *arg;
};
/* A source over bytes in memory. */
struct mime_bytes {
    const void *bytes;
    size_t size, at;
};
struct mime_source mime_source_bytes(struct mime_bytes *bytes);

struct mime_outgoing;
struct mime_outgoing_attachment {
    const char *name;             /* UTF-8, or NULL */
    const char *mime_type;        /* "image/png", with parameters if any; NULL: octet-stream */
    const char *content_id;       /* without <>, or NULL */
    const char *content_location; /* or NULL */
    bool inline_in_html;          /* with content_id or _location: into multipart/related */
    int64_t created, modified;    /* seconds since 1970; 0 or INT64_MIN: not said */

    const struct mime_outgoing *message; /* embedded message, when not NULL */
    bool raw_message;                    /* `content` is the bytes of a message, CRLF line ends */
    struct mime_source content;
};

enum mime_encode_flag {
    MIME_ENCODE_8BIT = 1u << 0, /* 8bit bodies where lines allow; headers stay ASCII */
    MIME_ENCODE_BCC = 1u << 1,  /* keep Bcc: drafts and sent copies, whose store takes it out when
                                   it sends (CNV-060) */
};

/* A Message-ID that no other message has, with <>, in the domain of `address`. Fails with
 * MAPI_E_CALL_FAILED. */
#define MIME_MESSAGE_ID_SIZE 256
HRESULT mime_message_id_make(const char *address, char ret_id[MIME_MESSAGE_ID_SIZE]);

/* Everything is borrowed for the time of a call. */
struct mime_outgoing {
    const SPropValue *props; /* either string type */
    ULONG prop_count;
    const SRow *recipients; /* PR_RECIPIENT_TYPE, PR_DISPLAY_NAME, PR_EMAIL_ADDRESS, PR_ADDRTYPE,
                               PR_SMTP_ADDRESS, PR_ENTRYID; what is missing is taken from the id */
    ULONG recipient_count;
    const char *text; /* UTF-8, any line ends; NULL: none */
    size_t text_size;
    const void *html; /* NULL: none */
    size_t html_size;
    const char *html_charset; /* of these bytes; NULL: utf-8 */
    const struct mime_outgoing_attachment *attachments;
    size_t attachment_count;
    const char *extra_fields; /* whole header lines with CRLF to put in front, or NULL */
    unsigned flags;           /* enum mime_encode_flag */

    /* Filled by mime_outgoing_prepare where empty. */
    char message_id[MIME_MESSAGE_ID_SIZE]; /* with <> */
    int64_t date;                          /* seconds since 1970 */
    char seed[33];                         /* of the boundaries: 32 random characters */
};

/* Makes the rest of the struct: Message-ID (PR_INTERNET_MESSAGE_ID when set, else made at the
 * domain of the sender, or `domain`, which may be NULL), date (PR_CLIENT_SUBMIT_TIME when set, else
 * now), seed. Embedded messages' structs are prepared by whoever makes them. */
HRESULT mime_outgoing_prepare(struct mime_outgoing *outgoing, const char *domain);

typedef HRESULT (*mime_write_fn)(void *arg, const void *bytes, size_t size); /* WAITS */

/* Fails with what `write` or a source fails with, MAPI_E_NOT_ENOUGH_MEMORY,
 * MAPI_E_TOO_COMPLEX (messages in messages beyond MIME_DEPTH_MAX). */
WAITS HRESULT mime_encode(const struct mime_outgoing *outgoing, mime_write_fn write, void *arg);
WAITS HRESULT mime_encode_size(const struct mime_outgoing *outgoing, uint64_t *ret_size);

#endif
