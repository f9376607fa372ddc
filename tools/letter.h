/* letter.h - the message that mapigate send writes */
#ifndef LETTER_H
#define LETTER_H

#include "tools/tool.h"

#define RECIPIENTS_MAX  1000
#define ATTACHMENTS_MAX 100

struct letter {
    const char *subject, *body;
    const char *files[ATTACHMENTS_MAX];
    size_t file_count;
    struct {
        LONG type;
        const char *address;
    } to[RECIPIENTS_MAX];
    size_t to_count;
    bool no_wait;
};

/* Fills a new message: text, recipients, attachments; afterwards it goes to the folder of
 * `sent_folder` (PR_IPM_SENTMAIL_ENTRYID; NULL: it stays). */
int letter_write(const struct letter *letter, const char *body, const SPropValue *sent_folder,
                 IMessage *message);

#endif
