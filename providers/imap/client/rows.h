/* providers/imap/client/rows.h - FETCH of index rows, whole or only what changes
 *
 * Private to the client half. */
#ifndef IMAP_ROWS_H
#define IMAP_ROWS_H

#include "providers/imap/client/index.h"
#include "providers/imap/client/lease.h"
#include "providers/imap/client/response.h"

#define ROWS_TEXT_MAX      4096u  /* bytes kept of a subject, date, message id or keyword list */
#define ROWS_ADDRESSES_MAX 16384u /* bytes kept of an address list */

struct rows_sink {
    /* In the server's order; the row's text lives during the call. Must not wait. A failure is
     * remembered and ends the delivery. */
    HRESULT (*row)(void *arg, const struct imap_row *row);
    HRESULT (*vanished)(void *arg, const struct wire_ranges *uids); /* may be NULL */
    void *arg;
};

/* Whole rows of the messages in `set` ("1:2000", "2001:*"). */
WAITS HRESULT rows_fetch(struct imap_lease *lease, const char *set, const struct rows_sink *sink,
                         struct error_info *error);

/* UID, flags, keywords and modseq only. changed_since 0: of all; otherwise of those that changed
 * (CONDSTORE), and, with QRESYNC enabled, what vanished since then. */
WAITS HRESULT rows_fetch_states(struct imap_lease *lease, const char *set, uint64_t changed_since,
                                const struct rows_sink *sink, struct error_info *error);

#endif
