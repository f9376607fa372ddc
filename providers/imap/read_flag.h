/* providers/imap/read_flag.h - what the flags of SetReadFlag and SetReadFlags mean
 *
 * Private to providers/imap. */
#ifndef IMAP_READ_FLAG_H
#define IMAP_READ_FLAG_H

#include "providers/imap/link.h"

struct read_flag {
    bool set, clear;                                              /* MSGFLAG_READ */
    enum { RECEIPT_KEEP, RECEIPT_SEND, RECEIPT_DECLINE } receipt; /* of those that are pending */
    bool withdraw; /* the wish for a receipt goes, too */
};

/* MAPI_E_UNKNOWN_FLAGS; MAPI_E_INVALID_PARAMETER: a combination that means nothing (STO-219). */
HRESULT read_flag_parse(ULONG flags, struct read_flag *ret);

/* For imap_link_call: does it to `numbers`. */
struct read_flag_call {
    struct link_call base;
    struct read_flag flag;
    uint64_t folder;
    const uint64_t *numbers;
    size_t count;
    size_t missing, settled; /* messages that are gone; receipts that were pending */
};
engine_fn read_flag_on_engine;

#endif
