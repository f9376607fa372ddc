/* providers/contacts/book.c - an account's address book: its shelves and their tables */
#include "providers/contacts/book.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/dispatch_source.h"
#include "mapi/mapigate.h"
#include "mapi/memory.h"
#include "mapi/row_list.h"
#include "mapi/text.h"
#include "net/process_engine.h"
#include "net/wait.h"
#include "providers/account/account.h"
#include "providers/account/config.h"
#include "providers/contacts/book_private.h"
#include "state/mailbox.h"

/* --- Opening ---------------------------------------------------------------------------------- */

struct open_call {
    const struct account_config *config;
    struct error_info *error;
    struct book *book;
};

/* The account's own handle on the side store; the account itself is not kept. */
static HRESULT open_on_engine(void *arg)
{
    struct open_call *call = arg;
    struct account *account;
    HRESULT hr = account_open(call->config, call->error, &account);

    if (FAILED(hr))
        return hr;
    call->book->mailbox = state_mailbox_ref(account_state(account));
    call->book->email = strdup(account_email(account));
    account_unref(account);
    return call->book->email ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static WAITS HRESULT open_mailbox(struct book *book, IMAPIProp *section, struct error_info *error)
{
    struct open_call call = {.book = book, .error = error};
    struct account_settings *settings;
    struct engine *engine;
    HRESULT hr = account_settings_load(section, &settings);

    if (FAILED(hr))
        return hr;
    call.config = account_settings_config(settings);
    engine = process_engine_get();
    hr = engine ? engine_call(engine, open_on_engine, &call)
                : error_set(error, MAPI_E_NOT_INITIALIZED, "contacts", "no engine runs");
    engine_unref(engine);
    account_settings_free(settings);
    return hr;
}

static HRESULT take_file(struct book *book, IMAPIProp *section)
{
    static const SizedSPropTagArray(1, tags) = {1, {PR_MG_CONTACTS_FILE}};
    SPropValue *value = NULL;
    char *path = NULL;
    ULONG count;
    HRESULT hr = IMAPIProp_GetProps(section, (SPropTagArray *)&tags, MAPI_UNICODE, &count, &value);

    if (FAILED(hr))
        return hr;
    if (value->ulPropTag == PR_MG_CONTACTS_FILE && value->Value.lpszW[0])
        hr = text_utf16_to_utf8(NULL, value->Value.lpszW, &path);
    else
        hr = S_OK;
    if (path) {
        book->file = strdup(path);
        hr = book->file ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    mapi_free(path);
    mapi_free(value);
    return hr;
}

/* No store registers this one, and nobody else's book has it: a UUID that differs from the
 * mailbox's in fixed bits. */
static MAPIUID derive_uid(const MAPIUID *mailbox)
{
    static const MAPIUID mask = {{0x63, 0x6F, 0x6E, 0x74, 0x61, 0x63, 0x00, 0x00, 0x74, 0x73, 0x62,
                                  0x6F, 0x6F, 0x6B, 0x00, 0x01}};
    MAPIUID uid = *mailbox;

    for (size_t i = 0; i < sizeof(uid.ab); i++)
        uid.ab[i] ^= mask.ab[i];
    return uid;
}

static WAITS HRESULT fill(struct book *book, IMAPISupport *support, struct error_info *error)
{
    IProfSect *section;
    HRESULT hr = IMAPISupport_OpenProfileSection(support, NULL, 0, &section);

    if (FAILED(hr))
        return hr;
    hr = open_mailbox(book, (IMAPIProp *)section, error);
    if (SUCCEEDED(hr))
        hr = take_file(book, (IMAPIProp *)section);
    IProfSect_Release(section);
    if (FAILED(hr))
        return hr;
    book->uid = derive_uid(state_mailbox_guid(book->mailbox));
    for (size_t shelf = 0; shelf < SHELF_END && SUCCEEDED(hr); shelf++)
        hr = row_list_create(PR_INSTANCE_KEY, &book->rows[shelf]);
    return hr;
}

HRESULT book_open(IMAPISupport *support, struct error_info *error, struct book **ret_book)
{
    struct book *book = calloc(1, sizeof(*book));
    HRESULT hr;

    if (!book)
        return error_set(error, MAPI_E_NOT_ENOUGH_MEMORY, "contacts", "out of memory");
    atomic_init(&book->refs, 1);
    engine_mutex_init(&book->gate);
    book->dispatcher = dispatcher_of((IUnknown *)support);
    hr = fill(book, support, error);
    if (FAILED(hr)) {
        book_unref(book);
        return hr;
    }
    *ret_book = book;
    return S_OK;
}

struct book *book_ref(struct book *book)
{
    atomic_fetch_add(&book->refs, 1);
    return book;
}

void book_unref(struct book *book)
{
    if (!book || atomic_fetch_sub(&book->refs, 1) != 1)
        return;
    for (size_t shelf = 0; shelf < SHELF_END; shelf++)
        if (book->rows[shelf])
            row_source_unref(row_list_source(book->rows[shelf]));
    dispatcher_unref(book->dispatcher);
    state_mailbox_unref(book->mailbox);
    engine_mutex_clear(&book->gate);
    free(book->email);
    free(book->file);
    free(book);
}

/* --- What it is ------------------------------------------------------------------------------- */

const MAPIUID *book_uid(const struct book *book)
{
    return &book->uid;
}

const char *book_email(const struct book *book)
{
    return book->email;
}

const char *book_file(const struct book *book)
{
    return book->file;
}

struct state_mailbox *book_mailbox(const struct book *book)
{
    return book->mailbox;
}

/* What is not the user's own to change is DT_GLOBAL: such containers are searched by default
 * (ABK-018). */
bool book_shelf(const struct book *book, enum shelf shelf, struct shelf_info *ret_info)
{
    static const struct shelf_info shelves[SHELF_END] = {
        [SHELF_NONE] = {"Address book", AB_SUBCONTAINERS | AB_UNMODIFIABLE, DT_NOT_SPECIFIC},
        [SHELF_PERSONAL] = {"Personal address book", AB_RECIPIENTS | AB_MODIFIABLE, DT_MODIFIABLE},
        [SHELF_FILE] = {"Contacts", AB_RECIPIENTS | AB_UNMODIFIABLE, DT_GLOBAL},
        [SHELF_USED] = {"Addresses used before", AB_RECIPIENTS | AB_UNMODIFIABLE, DT_GLOBAL},
    };

    if (shelf < SHELF_NONE || shelf >= SHELF_END || (shelf == SHELF_FILE && !book->file))
        return false;
    *ret_info = shelves[shelf];
    return true;
}
