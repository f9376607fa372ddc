/* providers/account/report.h - telling the sender what a server refused
 *
 * Private to providers/account. */
#ifndef MG_ACCOUNT_REPORT_H
#define MG_ACCOUNT_REPORT_H

#include <stdio.h>

#include "providers/account/account-private.h"
#include "state/queue.h"

/* Puts a delivery report (RFC 3462 and 3464) about the refused recipients of `row` into the Inbox,
 * each with the server's own words. Fails as account_message_save does. */
WAITS HRESULT report_non_delivery(struct account *account, const struct state_submission *row,
                                  struct error_info *error);

/* The report's bytes, CRLF line ends; free(). NULL without memory. `now` is seconds since 1970,
 * `id` makes boundary and Message-ID unique. */
char *report_compose(const struct state_submission *row, const char *reporter, const char *email,
                     int64_t now, const char *id, size_t *ret_size);

/* What receipts have in common with reports: the Date field of a message, and bytes that
 * account_message_save reads. */
void report_print_date(FILE *out, int64_t seconds);
struct memory_source {
    const char *bytes;
    size_t left;
};
HRESULT memory_source_read(void *arg, void *buffer, size_t size, size_t *ret_size);

#endif
