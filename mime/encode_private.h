/* mime/encode_private.h - what the files of the encoder share */
#ifndef MIME_ENCODE_PRIVATE_H
#define MIME_ENCODE_PRIVATE_H

#include "mime/writer.h"

struct encoder {
    struct writer writer;
    struct arena arena;
    const char *seed;
    unsigned boundaries; /* made so far */
    unsigned depth;      /* of messages in messages */
    bool has_8bit;
};

/* --- Properties (outgoing.c) ------------------------------------------------------------------ */

/* By id, whatever the string type; NULL: not set, empty, or no memory. */
const char *outgoing_string(struct arena *arena, const SPropValue *props, ULONG count, ULONG tag);
LONG outgoing_long(const SPropValue *props, ULONG count, ULONG tag, LONG otherwise);
bool outgoing_bool(const SPropValue *props, ULONG count, ULONG tag);
int64_t outgoing_time(const SPropValue *props, ULONG count, ULONG tag); /* INT64_MIN: not set */
const SBinary *outgoing_binary(const SPropValue *props, ULONG count, ULONG tag);

/* A mailbox out of the properties of one role; an entry id (one-off) says what they do not. */
struct mailbox_tags {
    ULONG name, addrtype, address, smtp, entryid;
};
struct outgoing_mailbox {
    const char *name, *address; /* never NULL; both "": none */
};
struct outgoing_mailbox outgoing_mailbox(struct arena *arena, const SPropValue *props, ULONG count,
                                         const struct mailbox_tags *tags);
struct outgoing_mailbox outgoing_from(struct arena *arena, const struct mime_outgoing *outgoing);
struct outgoing_mailbox outgoing_sender(struct arena *arena, const struct mime_outgoing *outgoing);

#define DATE_SIZE 40
void outgoing_date(int64_t seconds, char ret_text[DATE_SIZE]);

/* --- Header fields (encode_header.c) ---------------------------------------------------------- */

/* Everything down to MIME-Version, without the fields of the content. */
WAITS void encode_header(struct encoder *encoder, const struct mime_outgoing *outgoing);

#endif
