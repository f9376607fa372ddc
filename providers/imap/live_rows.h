/* providers/imap/live_rows.h - small tables that are filled anew when the account says so
 *
 * A row list that a fiber fills: at first, and again after each event that the table wants, once
 * for many that come together. The list tells its tables only what differs. For tables of few rows,
 * whose reading may wait. */
#ifndef IMAP_LIVE_ROWS_H
#define IMAP_LIVE_ROWS_H

#include "mapi/row_list.h"
#include "providers/imap/link.h"

struct live_rows {
    struct imap_link *link;
    uint64_t folder; /* what `wants` and `fill` go by; 0: none */
};

/* Rows on their way into the list. */
struct live_filling {
    SRow *rows;
    size_t count;
    void *root; /* what hangs off it goes after the fill */
};
/* Makes room for `count` rows, zeroed. */
HRESULT live_filling_reserve(struct live_filling *filling, size_t count);

struct live_rows_ops {
    const SPropTagArray
        *columns;              /* default set, strings in PT_UNICODE; PR_INSTANCE_KEY is the key */
    const SSortOrderSet *sort; /* default order; NULL: that of the first fill, new rows behind */
    bool (*wants)(const struct live_rows *rows, const struct account_event *event);
    WAITS HRESULT (*fill)(const struct live_rows *rows, struct account *account,
                          struct error_info *error, struct live_filling *filling);
};

/* Opens the table; `flags`: MAPI_UNICODE. The caller's reference. */
WAITS HRESULT live_rows_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                             const struct live_rows_ops *ops, ULONG flags, IMAPITable **ret_table);

#endif
