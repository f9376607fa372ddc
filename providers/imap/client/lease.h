/* providers/imap/client/lease.h - one session, for one fiber, for one command
 *
 * A lease is asked for in fair order and given back as soon as the command is over: a command
 * never waits for its consumer (docs/engine.md, "Connections"). A session found dead when it is
 * lent is replaced once, unseen. A command that fails by time-out, cancel or a broken line drops
 * the session; the lease then only waits to be ended.
 *
 * The functions of mailbox.h and message.h take a lease. Callers who want one command use
 * their own short sequence: imap_lease_begin, command, imap_lease_end. */
#ifndef IMAP_LEASE_H
#define IMAP_LEASE_H

#include "providers/imap/client/client.h"

struct imap_lease;

enum imap_lease_flags {
    IMAP_LEASE_READ_ONLY = 1u << 0, /* EXAMINE will do (a read-write selection is used as it is) */
    IMAP_LEASE_FRESH = 1u << 1,     /* select anew even when the mailbox is selected: true counts */
};

/* Lends a session, with `mailbox` (UTF-8 name; NULL: none needed) selected. Connects and logs in
 * when needed. While the connection is LOST it tries again if the last try was more than a second
 * ago, otherwise it fails at once with the reason. MAPI_E_NOT_FOUND: no such mailbox.
 * `deadline` bounds waiting for a session and selecting; NO_DEADLINE: the client's time-outs. */
WAITS HRESULT imap_lease_begin(struct imap_client *client, const char *mailbox, unsigned flags,
                               uint64_t deadline, struct error_info *error,
                               struct imap_lease **ret_lease);

/* Gives the session back; NULL is accepted. Never waits. */
void imap_lease_end(struct imap_lease *lease);

/* The next command must end by then (otherwise: the client's command_timeout from its start). */
void imap_lease_set_deadline(struct imap_lease *lease, uint64_t deadline);

/* What the selected mailbox said; the lease's, changing with each command. */
struct imap_selected {
    const char *mailbox;
    uint32_t uidvalidity;
    uint32_t uidnext; /* 0: not told */
    uint32_t exists;
    uint64_t highestmodseq;   /* 0: no mod-sequences (NOMODSEQ, or no CONDSTORE) */
    uint32_t permanent_flags; /* enum imap_flag */
    bool permanent_keywords;  /* new keywords may be made (\*) */
    bool read_only;
};
const struct imap_selected *imap_lease_selected(const struct imap_lease *lease);

/* What this session offers (enum imap_capability). */
uint32_t imap_lease_capabilities(const struct imap_lease *lease);

#endif
