/* providers/imap/client/fetch.h - one message's FETCH response
 *
 * Everything is as the server sent it: encoded words, charsets and address oddities are for others.
 * Lifetime as in response.h: until the wire reads on. Sections (BODY[...]) either stream, while the
 * response is still coming (wire_stream_bodies in wire.h), or are kept whole if they are small. */
#ifndef IMAP_WIRE_FETCH_H
#define IMAP_WIRE_FETCH_H

#include "providers/imap/client/response.h"

enum wire_fetch_item {
    WIRE_FETCH_UID = 1u << 0,
    WIRE_FETCH_FLAGS = 1u << 1,
    WIRE_FETCH_SIZE = 1u << 2, /* RFC822.SIZE */
    WIRE_FETCH_INTERNALDATE = 1u << 3,
    WIRE_FETCH_ENVELOPE = 1u << 4,
    WIRE_FETCH_STRUCTURE = 1u << 5, /* BODYSTRUCTURE, or BODY without a section */
    WIRE_FETCH_MODSEQ = 1u << 6,    /* RFC 7162 */
    WIRE_FETCH_SECTION = 1u << 7,   /* BODY[...], BINARY[...], RFC822, RFC822.HEADER, RFC822.TEXT */
    WIRE_FETCH_EMAILID = 1u << 8,   /* RFC 8474 */
    WIRE_FETCH_THREADID = 1u << 9,  /* RFC 8474 */
    WIRE_FETCH_GM_MSGID = 1u << 10,
    WIRE_FETCH_GM_THRID = 1u << 11,
    WIRE_FETCH_GM_LABELS = 1u << 12,
    WIRE_FETCH_UNKNOWN = 1u << 13, /* there were items that nobody here knows; skipped */
};

struct wire_address {
    struct wire_text name, route, mailbox, host;
    /* RFC 3501 groups: host NIL and mailbox "g" starts group g, both NIL ends it */
};
struct wire_address_list {
    const struct wire_address *items;
    size_t count;
};

struct wire_envelope {
    struct wire_text date, subject, in_reply_to, message_id;
    struct wire_address_list from, sender, reply_to, to, cc, bcc;
};

struct wire_parameter {
    struct wire_text name, value;
};
struct wire_parameter_list {
    const struct wire_parameter *items;
    size_t count;
};

/* A part of BODYSTRUCTURE. A multipart has `parts` and type "multipart"; a message/rfc822 has an
 * envelope and one part. */
struct wire_part {
    struct wire_text type, subtype; /* "text" "plain", in the server's case */
    struct wire_parameter_list parameters;
    struct wire_text id, description, encoding;
    uint64_t size, lines; /* lines: 0 where not sent */
    struct wire_text md5;
    struct wire_text disposition;
    struct wire_parameter_list disposition_parameters;
    struct wire_text_list languages;
    struct wire_text location;
    const struct wire_envelope *envelope;
    const struct wire_part *parts;
    size_t part_count;
};

/* A parameter's value, NIL if it is not there; names in any case. */
struct wire_text wire_parameter_find(const struct wire_parameter_list *list, const char *name);

struct wire_section {
    struct wire_text name; /* between the brackets: "1.2.MIME"; "" for all; RFC822.HEADER gives
                              "HEADER", RFC822.TEXT "TEXT", RFC822 "" */
    bool binary;           /* BINARY[...]: decoded by the server */
    bool has_origin;       /* <n> */
    uint64_t origin;
    bool streamed;          /* the bytes went to the body handler */
    uint64_t size;          /* bytes of this section, or window of it */
    struct wire_text bytes; /* not streamed: here; NIL: there is no such part */
};

struct wire_fetch {
    uint32_t sequence;
    uint32_t present; /* enum wire_fetch_item */
    uint32_t uid;
    uint64_t size;
    struct wire_flags flags;
    int64_t internaldate; /* seconds since 1970, UTC; INT64_MIN when sent but not understood */
    struct wire_envelope envelope;
    const struct wire_part *structure;
    struct wire_text structure_text; /* the same as sent, "(...)", literals inline */
    uint64_t modseq;
    struct wire_text emailid, threadid;
    uint64_t gm_msgid, gm_thrid;
    struct wire_text_list gm_labels;
    const struct wire_section *sections;
    size_t section_count;
};

/* A piece of a section while it streams. The first has offset 0; the last has offset + size ==
 * total. An empty section gives one piece of no bytes. */
struct wire_body_piece {
    uint32_t sequence;     /* of the message */
    struct wire_text item; /* "BODY[1.2]<0>", as sent */
    uint64_t total, offset;
    const char *bytes;
    size_t size;
};

#endif
