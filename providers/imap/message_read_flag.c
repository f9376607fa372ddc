/* providers/imap/message_read_flag.c - IMessage::SetReadFlag, and what it means for a list
 *
 * Reading is \Seen; a receipt that was sent or declined is $MDNSent (STO-214 to STO-220). */
#include "providers/imap/read_flag.h"

#include <stdlib.h>

#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "providers/account/kept.h"
#include "providers/account/receipt.h"
#include "providers/imap/message_private.h"

#define READ_FLAGS                                                                                 \
    (SUPPRESS_RECEIPT | CLEAR_READ_FLAG | GENERATE_RECEIPT_ONLY | MAPI_DEFERRED_ERRORS |           \
     CLEAR_RN_PENDING | CLEAR_NRN_PENDING)

HRESULT read_flag_parse(ULONG flags, struct read_flag *ret)
{
    bool suppress = flags & SUPPRESS_RECEIPT, clear = flags & CLEAR_READ_FLAG,
         generate = flags & GENERATE_RECEIPT_ONLY;
    bool only_pending =
        flags & (CLEAR_RN_PENDING | CLEAR_NRN_PENDING) && !(suppress || clear || generate);

    if (flags & ~(ULONG)READ_FLAGS)
        return MAPI_E_UNKNOWN_FLAGS;
    if (clear && (suppress || generate)) /* STO-219 */
        return MAPI_E_INVALID_PARAMETER;
    *ret = (struct read_flag){
        .set = !clear && !generate && !only_pending,
        .clear = clear,
        .withdraw = suppress && generate,
    };
    if (suppress || flags & CLEAR_RN_PENDING)
        ret->receipt = RECEIPT_DECLINE;
    else if (generate || ret->set)
        ret->receipt = RECEIPT_SEND;
    return S_OK;
}

/* Whose receipts this is about: who only marks as read sends those of what was unread. */
static WAITS HRESULT take_pending(struct read_flag_call *call, uint64_t **ret_numbers,
                                  size_t *ret_count)
{
    const struct read_flag *flag = &call->flag;

    *ret_numbers = NULL;
    *ret_count = 0;
    if (flag->receipt == RECEIPT_KEEP || call->count == 0)
        return S_OK;
    return account_receipts_pending(call->base.account, call->folder, call->numbers, call->count,
                                    flag->set && flag->receipt == RECEIPT_SEND, &call->base.error,
                                    ret_numbers, ret_count);
}

/* SUPPRESS_RECEIPT with GENERATE_RECEIPT_ONLY: the wish itself goes (STO-218). */
static WAITS HRESULT withdraw(struct read_flag_call *call, const uint64_t *numbers, size_t count)
{
    SPropValue value = {.ulPropTag = PR_READ_RECEIPT_REQUESTED};
    const struct kept_change change = {.set = &value, .set_count = 1};
    HRESULT hr = S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = account_kept_change_message(call->base.account, call->folder, numbers[i], &change,
                                         &call->base.error);
    return hr;
}

HRESULT read_flag_on_engine(void *arg)
{
    struct read_flag_call *call = arg;
    const struct read_flag *flag = &call->flag;
    uint64_t *pending;
    size_t count;
    HRESULT hr = take_pending(call, &pending, &count);

    if (SUCCEEDED(hr) && (flag->set || flag->clear) && call->count)
        hr = account_messages_flag(call->base.account, call->folder, call->numbers, call->count,
                                   flag->set ? IMAP_STORE_ADD : IMAP_STORE_REMOVE, IMAP_FLAG_SEEN,
                                   &call->base.error, &call->missing);
    if (SUCCEEDED(hr) && flag->withdraw)
        hr = withdraw(call, pending, count);
    if (SUCCEEDED(hr))
        hr = account_receipts_settle(call->base.account, call->folder, pending, count,
                                     flag->receipt == RECEIPT_SEND, &call->base.error);
    call->settled = count;
    free(pending);
    return hr;
}

/* --- One message ------------------------------------------------------------------------------ */

static HRESULT take_result(struct imap_message *message, const struct read_flag_call *call)
{
    SPropValue wish = {.ulPropTag = PR_READ_RECEIPT_REQUESTED};
    HRESULT hr = S_OK;

    if (call->flag.set)
        message->flags |= IMAP_FLAG_SEEN;
    if (call->flag.clear)
        message->flags &= ~(uint32_t)IMAP_FLAG_SEEN;
    if (call->settled)
        message->flags |= IMAP_FLAG_MDNSENT;
    if (call->flag.withdraw && call->settled)
        hr = prop_load_value(&message->props, &wish, 0);
    return SUCCEEDED(hr) ? message_load_flags(message, message->entries != NULL) : hr;
}

HRESULT message_SetReadFlag(struct imap_message *message, ULONG flags)
{
    struct read_flag_call call = {
        .folder = message->folder, .numbers = &message->number, .count = 1};
    HRESULT hr = read_flag_parse(flags, &call.flag);

    if (FAILED(hr))
        return hr;
    if (!message->number)
        return MAPI_E_NO_SUPPORT;
    if (imap_link_is_readonly(message->link))
        return MAPI_E_NO_ACCESS;
    hr = imap_link_run(message->link, &message->object, read_flag_on_engine, &call.base);
    if (SUCCEEDED(hr) && call.missing)
        hr = MAPI_E_OBJECT_DELETED;
    if (FAILED(hr))
        return hr;
    return take_result(message, &call);
}
