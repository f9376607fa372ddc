/* providers/imap/message_private.h - what the files of a message object share
 *
 * A message is opened from the server (it has an origin) or new (it has none yet). Its properties
 * are in the bag, recipients and attachments in row lists that their tables stand on; the contents
 * of attachments lie in entries. Nothing reaches the server before SaveChanges. */
#ifndef IMAP_MESSAGE_PRIVATE_H
#define IMAP_MESSAGE_PRIVATE_H

#include "mapi/prop.h"
#include "mapi/row_list.h"
#include "mime/encode.h"
#include "mime/layout.h"
#include "net/wait.h"
#include "providers/imap/message.h"
#include "providers/imap/origin.h"

/* An attachment as the message has it: on the server, or what IAttach::SaveChanges put here. */
struct attachment_entry {
    struct attachment_entry *next;
    atomic_uint refs;
    ULONG number;                            /* PR_ATTACH_NUM */
    const struct mime_attachment *on_server; /* the layout's; NULL: ours */
    struct propbag bag;                      /* ours: all properties, PR_ATTACH_DATA_BIN too */
    IMessage *embedded;                      /* ours, PR_ATTACH_DATA_OBJ; our reference */
};
struct attachment_entry *attachment_entry_ref(struct attachment_entry *entry);
void attachment_entry_unref(struct attachment_entry *entry); /* NULL is accepted */

struct imap_message {
    IMessage IMessage_iface;
    struct mapi_object object;
    struct mapi_prop props;
    struct imap_link *link;   /* our reference */
    struct engine_mutex gate; /* one operation that waits at a time */
    uint64_t folder;
    uint64_t number; /* 0: new, or embedded in another message */
    uint32_t rights; /* enum imap_right: ours in the folder */
    bool writable, embedded;
    LONG kept_flags; /* of PR_MESSAGE_FLAGS what IMAP does not know */
    FILETIME saved;  /* when it was last saved again, as we know it; 0: never */
    bool registered; /* among the link's open messages */
    /* Of one that was made here, its Message-ID unless the program has set another; else "". */
    char made_id[MIME_MESSAGE_ID_SIZE];

    struct message_origin *origin; /* our reference; NULL: new */
    const struct mime_part *part;  /* the root of this message in the origin's tree */
    char *header;                  /* of an embedded message; NULL: the origin's */
    size_t header_size;
    struct mime_layout layout;
    struct former_origin *former; /* before saves; open attachments point into them */

    pthread_mutex_t lock; /* leaf; guards what follows */
    bool bodies_loaded;
    bool content_changed; /* recipients, attachments: SaveChanges must write the message anew */
    struct row_list *recipients; /* keyed by PR_ROWID */
    ULONG last_recipient;
    struct row_list *attachments; /* keyed by PR_ATTACH_NUM */
    struct attachment_entry *entries;
    ULONG last_attachment;
    uint32_t flags; /* IMAP's, as last known */
};

struct former_origin {
    struct former_origin *next;
    struct message_origin *origin;
    struct mime_layout layout;
};

#define MESSAGE_BODY_MAX (64u * 1024 * 1024)

static inline struct imap_message *message_from_prop(struct mapi_prop *prop)
{
    return container_of(prop, struct imap_message, props);
}

/* message.c: the client writes no more. */
void message_unregister(struct imap_message *message);

/* message_load.c: what the side store has of a message. Read into zeroes, clear in any case. */
struct state_submission;
struct message_side {
    SPropValue *values;
    size_t count;
    struct state_submission *submission; /* NULL: it is not in the queue */
    struct error_info error;
};
WAITS HRESULT message_side_read(struct account *account, uint64_t number,
                                struct message_side *side);
void message_side_clear(struct message_side *side);

/* message_load.c: fills a new object from its origin and the side store (NULL: an embedded message,
 * which has nothing there); then, when they are asked for, the bodies. */
HRESULT message_load_origin(struct imap_message *message, const struct message_side *side);
WAITS HRESULT message_load_bodies(struct imap_message *message);
/* Takes the message as it was just saved as its origin: parts and attachments anew. What was before
 * is kept until the object goes. `source` is taken over. */
HRESULT message_adopt(struct imap_message *message, struct message_source *source);
/* Identity and flags, after opening and after each save. */
HRESULT message_load_identity(struct imap_message *message, uint32_t size, int64_t internaldate,
                              bool has_attachment);

/* message_rules.c: the `change` of a message's properties; PR_MESSAGE_FLAGS that are kept beside
 * the message after this save; and what is made of other values. */
HRESULT message_change(struct mapi_prop *prop, ULONG tag, SPropValue *value);
LONG message_flags_kept(const struct imap_message *message, const struct propbag *bag);
HRESULT message_load_flags(struct imap_message *message, bool has_attachment);
HRESULT message_subject_parts(struct imap_message *message);
HRESULT message_load_search_key(struct imap_message *message, uint32_t size, int64_t internaldate);
HRESULT message_load_tables(struct imap_message *message);

/* message_recipients.c */
HRESULT message_recipients_table(struct imap_message *message, ULONG flags, IMAPITable **ret_table);
HRESULT message_recipients_modify(struct imap_message *message, ULONG flags, const ADRLIST *list);
/* PR_RESPONSIBILITY of each as the queue knows it (STO-203). */
HRESULT message_recipients_queued(struct imap_message *message,
                                  const struct state_submission *submission);
/* Copies of all rows, given back by message_rows_free. */
HRESULT message_recipients_take(struct imap_message *message, SRow **ret_rows, ULONG *ret_count);
void message_rows_free(SRow *rows, ULONG count);
/* Makes PR_DISPLAY_TO and its kin from them. */
HRESULT message_display_lists(struct imap_message *message);

/* message_attachments.c */
HRESULT message_attachments_table(struct imap_message *message, ULONG flags,
                                  IMAPITable **ret_table);
HRESULT message_attachment_open(struct imap_message *message, ULONG number, ULONG flags,
                                IAttach **ret_attach);
HRESULT message_attachment_create(struct imap_message *message, ULONG *ret_number,
                                  IAttach **ret_attach);
HRESULT message_attachment_delete(struct imap_message *message, ULONG number);
/* IAttach::SaveChanges puts its entry into the message, in the place of one of that number. */
HRESULT message_attachment_put(struct imap_message *message, struct attachment_entry *entry);
HRESULT message_attachments_load(struct imap_message *message);
/* PR_RECORD_KEY, its size: the message's and the part's (PRP-022); of one that is not on the server
 * yet only its number, which is its key until the message has been saved. */
#define ATTACHMENT_KEY_MAX (SOURCE_KEY_SIZE + 64)
size_t message_attachment_key(const struct imap_message *message,
                              const struct mime_attachment *on_server, ULONG number,
                              BYTE ret_key[ATTACHMENT_KEY_MAX]);
/* The same after a save has written them: each keeps its number (STO-194). */
HRESULT message_attachments_reload(struct imap_message *message);
void message_attachments_clear(struct imap_message *message);

/* message_save.c */
WAITS HRESULT message_save(struct imap_message *message, ULONG flags);

/* message_read_flag.c */
HRESULT message_SetReadFlag(struct imap_message *message, ULONG flags);

/* message_submit.c */
WAITS HRESULT message_submit(struct imap_message *message, ULONG flags);

/* Opens the message embedded in `part` (message/rfc822) of an origin. The caller's reference. */
WAITS HRESULT message_open_embedded(struct message_origin *origin, struct mapi_object *owner,
                                    const struct mime_part *part, struct error_info *error,
                                    IMessage **ret_message);

/* A message that is nowhere yet, for PR_ATTACH_DATA_OBJ of a new attachment. */
HRESULT message_create_embedded(struct imap_link *link, struct mapi_object *owner,
                                IMessage **ret_message);

/* The object behind an IMessage of ours; NULL: somebody else's. */
struct imap_message *message_of(IMessage *message);

#endif
