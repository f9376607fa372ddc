/* providers/imap/client/response.h - what a server said, one response at a time
 *
 * Responses are parsed in place: a wire_response and all it points to live in the wire's buffer and
 * arena, until the wire reads on. Texts are the server's bytes, in whatever charset it sent them,
 * not zero-terminated; `data` is NULL for NIL (and for what was not sent), so an empty string and
 * NIL differ. Lists are arrays. Nothing here waits.
 *
 * A response that does not parse is WIRE_MALFORMED: it is told and dropped, the session goes on.
 * Numbers that do not fit their type (a UID above 32 bits, a MODSEQ above 63), and what breaks the
 * framing, break the stream instead: wire.h. RFC 3501, RFC 9051 and those named below. */
#ifndef IMAP_WIRE_RESPONSE_H
#define IMAP_WIRE_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/imap/client/uidset.h"

struct wire_text {
    const char *data; /* NULL: NIL, or not sent */
    uint32_t size;
};

struct wire_text_list {
    const struct wire_text *items;
    size_t count;
};

/* Ranges in the server's own order (COPYUID pairs its two sets by order). Sizes are not bounded:
 * "1:4294967295" is 12 bytes; look before walking. */
struct wire_ranges {
    const struct uid_range *ranges;
    size_t count;
};
uint64_t wire_ranges_size(const struct wire_ranges *ranges);

/* True if `text` is `word`, ASCII letters of either case being equal. False for NIL. */
bool wire_text_is(struct wire_text text, const char *word);

enum wire_kind {
    WIRE_GREETING,       /* status: the first line of a connection: OK, PREAUTH or BYE */
    WIRE_CONTINUATION,   /* text: what followed "+ " */
    WIRE_TAGGED,         /* tag, status: a command is over */
    WIRE_STATUS,         /* status: untagged OK, NO, BAD */
    WIRE_BYE,            /* status: the server is about to close */
    WIRE_CAPABILITY,     /* words */
    WIRE_ENABLED,        /* words (RFC 5161) */
    WIRE_FLAGS,          /* flags */
    WIRE_EXISTS,         /* number */
    WIRE_RECENT,         /* number */
    WIRE_EXPUNGE,        /* number */
    WIRE_VANISHED,       /* vanished (RFC 7162) */
    WIRE_FETCH,          /* fetch: fetch.h */
    WIRE_LIST,           /* list; XLIST too */
    WIRE_LSUB,           /* list */
    WIRE_MAILBOX_STATUS, /* mailbox_status: STATUS, also as part of LIST-STATUS (RFC 5819) */
    WIRE_SEARCH,         /* search: numbers ascending as ranges, and MODSEQ */
    WIRE_SORT,           /* search: in the server's order, one number a range */
    WIRE_ESEARCH,        /* esearch (RFC 4731) */
    WIRE_NAMESPACE,      /* namespaces (RFC 2342) */
    WIRE_ID,             /* words: key, value, key, value ... (RFC 2971); none: NIL */
    WIRE_ACL,            /* acl (RFC 4314) */
    WIRE_MYRIGHTS,       /* acl: one entry, of nobody's name */
    WIRE_QUOTA,          /* quota (RFC 9208) */
    WIRE_OTHER,          /* name, text: METADATA, THREAD, QUOTAROOT, anything not named above */
    WIRE_MALFORMED,      /* text: dropped */
};

enum wire_condition {
    WIRE_OK,
    WIRE_NO,
    WIRE_BAD,
    WIRE_COND_BYE,
    WIRE_PREAUTH,
};

/* Response codes (RFC 5530 and others); what follows each is in struct wire_status. */
enum wire_code {
    WIRE_CODE_NONE,
    WIRE_CODE_ALERT,
    WIRE_CODE_ALREADYEXISTS,
    WIRE_CODE_APPENDUID, /* uidvalidity, to */
    WIRE_CODE_AUTHENTICATIONFAILED,
    WIRE_CODE_AUTHORIZATIONFAILED,
    WIRE_CODE_BADCHARSET,
    WIRE_CODE_CANNOT,
    WIRE_CODE_CAPABILITY, /* words */
    WIRE_CODE_CLIENTBUG,
    WIRE_CODE_CLOSED,
    WIRE_CODE_CONTACTADMIN,
    WIRE_CODE_COPYUID, /* uidvalidity, from, to */
    WIRE_CODE_CORRUPTION,
    WIRE_CODE_EXPIRED,
    WIRE_CODE_EXPUNGEISSUED,
    WIRE_CODE_HASCHILDREN,
    WIRE_CODE_HIGHESTMODSEQ, /* number */
    WIRE_CODE_INUSE,
    WIRE_CODE_LIMIT,
    WIRE_CODE_MAILBOXID, /* words: one */
    WIRE_CODE_MODIFIED,  /* from */
    WIRE_CODE_NOMODSEQ,
    WIRE_CODE_NONEXISTENT,
    WIRE_CODE_NOPERM,
    WIRE_CODE_NOTSAVED,
    WIRE_CODE_OVERQUOTA,
    WIRE_CODE_PARSE,
    WIRE_CODE_PERMANENTFLAGS, /* flags */
    WIRE_CODE_PRIVACYREQUIRED,
    WIRE_CODE_READ_ONLY,
    WIRE_CODE_READ_WRITE,
    WIRE_CODE_SERVERBUG,
    WIRE_CODE_THROTTLED, /* Gmail */
    WIRE_CODE_TOOBIG,
    WIRE_CODE_TRYCREATE,
    WIRE_CODE_UIDNEXT, /* number */
    WIRE_CODE_UIDNOTSTICKY,
    WIRE_CODE_UIDVALIDITY, /* number */
    WIRE_CODE_UNAVAILABLE,
    WIRE_CODE_UNSEEN, /* number */
    WIRE_CODE_USEATTR,
    WIRE_CODE_WEBALERT, /* Gmail */
    WIRE_CODE_OTHER,    /* known to nobody here, or its arguments did not parse: code_text */
};

/* "ALERT" and so on, for logs. */
const char *wire_code_name(enum wire_code code);

/* The system flags as bits, the rest as keywords. The bits are those of enum imap_flag. */
enum wire_flag {
    WIRE_FLAG_SEEN = 1u << 0,
    WIRE_FLAG_ANSWERED = 1u << 1,
    WIRE_FLAG_FLAGGED = 1u << 2,
    WIRE_FLAG_DELETED = 1u << 3,
    WIRE_FLAG_DRAFT = 1u << 4,
    WIRE_FLAG_RECENT = 1u << 5,
    WIRE_FLAG_ANY = 1u << 31, /* "\*" in PERMANENTFLAGS: new keywords may be made */
};
struct wire_flags {
    uint32_t bits;
    struct wire_text_list keywords; /* also flags with a backslash that are not named above */
};

struct wire_status {
    enum wire_condition condition;
    enum wire_code code;
    struct wire_text code_text; /* between the brackets, whole: "UIDNEXT 4392" */
    struct wire_text text;      /* for people; behind the code */

    uint64_t number;
    uint32_t uidvalidity;
    struct wire_ranges from, to;
    struct wire_text_list words;
    struct wire_flags flags;
};

struct wire_vanished {
    bool earlier; /* (EARLIER): an answer; otherwise the messages go now, as by EXPUNGE */
    struct wire_ranges uids;
};

enum wire_list_attribute {
    WIRE_LIST_NOINFERIORS = 1u << 0,
    WIRE_LIST_NOSELECT = 1u << 1,
    WIRE_LIST_MARKED = 1u << 2,
    WIRE_LIST_UNMARKED = 1u << 3,
    WIRE_LIST_HASCHILDREN = 1u << 4,
    WIRE_LIST_HASNOCHILDREN = 1u << 5,
    WIRE_LIST_NONEXISTENT = 1u << 6,
    WIRE_LIST_SUBSCRIBED = 1u << 7,
    WIRE_LIST_REMOTE = 1u << 8,
    /* RFC 6154; XLIST's \Spam, \Starred and \AllMail are put under these */
    WIRE_LIST_ALL = 1u << 16,
    WIRE_LIST_ARCHIVE = 1u << 17,
    WIRE_LIST_DRAFTS = 1u << 18,
    WIRE_LIST_FLAGGED = 1u << 19,
    WIRE_LIST_JUNK = 1u << 20,
    WIRE_LIST_SENT = 1u << 21,
    WIRE_LIST_TRASH = 1u << 22,
    WIRE_LIST_IMPORTANT = 1u << 23, /* RFC 8457 */
    WIRE_LIST_INBOX = 1u << 24,     /* XLIST */
};
struct wire_list {
    uint32_t attributes;
    char delimiter;        /* '\0': NIL */
    struct wire_text name; /* modified UTF-7, as sent: utf7.h */
};

enum wire_mailbox_item {
    WIRE_MAILBOX_MESSAGES = 1u << 0,
    WIRE_MAILBOX_RECENT = 1u << 1,
    WIRE_MAILBOX_UIDNEXT = 1u << 2,
    WIRE_MAILBOX_UIDVALIDITY = 1u << 3,
    WIRE_MAILBOX_UNSEEN = 1u << 4,
    WIRE_MAILBOX_HIGHESTMODSEQ = 1u << 5,
    WIRE_MAILBOX_SIZE = 1u << 6,      /* RFC 8438 */
    WIRE_MAILBOX_MAILBOXID = 1u << 7, /* RFC 8474 */
    WIRE_MAILBOX_GUID = 1u << 8,      /* Dovecot's X-GUID */
    WIRE_MAILBOX_DELETED = 1u << 9,
};
struct wire_mailbox_status {
    struct wire_text name; /* modified UTF-7, as sent */
    uint32_t present;      /* enum wire_mailbox_item */
    uint32_t messages, recent, uidnext, uidvalidity, unseen, deleted;
    uint64_t highestmodseq, size;
    struct wire_text mailboxid, guid;
};

struct wire_search {
    struct wire_ranges numbers;
    uint64_t modseq; /* 0: not told */
};

struct wire_esearch {
    struct wire_text tag; /* of the command that asked; NIL where none was sent */
    bool uid;
    bool has_min, has_max, has_count, has_all;
    uint32_t min, max, count;
    struct wire_ranges all;
    uint64_t modseq; /* 0: not told */
};

struct wire_namespace {
    struct wire_text prefix; /* modified UTF-7, as sent */
    char delimiter;          /* '\0': NIL */
};
struct wire_namespace_list {
    const struct wire_namespace *items;
    size_t count;
};
struct wire_namespaces {
    struct wire_namespace_list personal, other_users, shared;
};

/* Who may do what with a mailbox: letters of RFC 4314 2.1, RFC 2086's c and d among them. */
struct wire_acl_entry {
    struct wire_text identifier; /* NIL in MYRIGHTS */
    struct wire_text rights;
};
struct wire_acl {
    struct wire_text mailbox; /* modified UTF-7, as sent */
    const struct wire_acl_entry *entries;
    size_t count;
};

struct wire_quota_resource {
    struct wire_text name; /* "STORAGE", in units of 1024 bytes; "MESSAGE" */
    uint64_t usage, limit;
};
struct wire_quota {
    struct wire_text root;
    const struct wire_quota_resource *resources;
    size_t count;
};

struct wire_fetch; /* fetch.h */

struct wire_response {
    enum wire_kind kind;
    struct wire_text tag;  /* WIRE_TAGGED */
    struct wire_text name; /* WIRE_OTHER: "QUOTA" */
    struct wire_text text; /* CONTINUATION, OTHER (behind the name, literals inline), MALFORMED */
    union {
        struct wire_status status;
        uint32_t number;
        struct wire_flags flags;
        struct wire_text_list words;
        struct wire_vanished vanished;
        const struct wire_fetch *fetch;
        struct wire_list list;
        struct wire_mailbox_status mailbox_status;
        struct wire_search search;
        struct wire_esearch esearch;
        struct wire_namespaces namespaces;
        struct wire_acl acl;
        struct wire_quota quota;
    };
};

/* "EXISTS" and so on, for logs. */
const char *wire_kind_name(enum wire_kind kind);

#endif
