/* providers/imap/contents.c - the contents table of a folder
 *
 * A row source over the mailbox index: a snapshot of ours is one of the index and the numbers of
 * its UIDs, nothing a row. The account's events say what changed from version to version. While the
 * index is first filled a table gives the rows that are there; who needs more awaits them.
 * Requirements: TBL, STO "Contents tables". */
#include "providers/imap/contents.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/mapitags.h"
#include "mapi/table.h"
#include "providers/account/message_columns.h"
#include "providers/account/rights.h"
#include "providers/imap/contents_private.h"

#define FIRST_FILL_TIMEOUT_MS 120000

/* --- The source ------------------------------------------------------------------------------ */

/* The columns of an index row, at no cost; with `more` those of every row that are asked for. */
static HRESULT make_columns(bool more, SPropTagArray **ret_tags)
{
    size_t count = message_column_count;
    SPropTagArray *tags = mapi_alloc(NULL, CbNewSPropTagArray(count + 1));

    if (!tags)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(tags->aulPropTag, message_column_tags, count * sizeof(message_column_tags[0]));
    if (more)
        tags->aulPropTag[count++] = PR_MSG_STATUS;
    tags->cValues = (ULONG)count;
    *ret_tags = tags;
    return S_OK;
}

static HRESULT source_columns(struct row_source *base, SPropTagArray **ret_tags)
{
    (void)base;
    return make_columns(true, ret_tags);
}

/* --- The source's side on the engine ---------------------------------------------------------- */

/* What one look of the index brought has several events, and the index has all of it already: it is
 * kept until it is settled, so that no event tells of a row beside others that were never told. */
static void keep_pending(struct contents_source *source, const struct account_event *event)
{
    for (size_t i = 0; i < event->count && !source->pending_lost; i++)
        source->pending_lost =
            !array_append(&source->pending, &source->pending_count, &event->numbers[i]);
}

/* The UID of a message's row; 0: there is none. What was told of may not have reached the index
 * yet, or have left it again. */
static uint32_t row_uid(const struct imap_snapshot *mail, const struct folder_numbers *numbers,
                        uint64_t number)
{
    uint32_t uid = 0;
    size_t position;

    return number && mail && numbers && folder_numbers_uid(numbers, number, &uid) &&
                   imap_snapshot_find(mail, uid, &position)
               ? uid
               : 0;
}

/* A version of the source, and the one before. */
struct step {
    struct contents_source *source;
    const struct imap_snapshot *old;
    const struct folder_numbers *old_numbers;
    bool added;
};

/* What happened to a row is what the two say, whatever was told: one that came and was rewritten
 * between two looks is new. `told`: it may have changed where it is. */
static void log_row(struct step *step, uint64_t number, bool told)
{
    struct contents_source *source = step->source;
    uint32_t was = row_uid(step->old, step->old_numbers, number),
             is = row_uid(source->mail, source->numbers, number);

    if (!was && is)
        change_log_add(&source->log, source->version, ROW_ADDED, number);
    else if (was && !is)
        change_log_add(&source->log, source->version, ROW_DELETED, number);
    else if (was != is || (is && told))
        change_log_add(&source->log, source->version, ROW_MODIFIED, number);
    step->added = step->added || (is && !was);
}

static void log_alias(struct step *step, uint16_t generation, const struct folder_alias *alias)
{
    log_row(step, alias->number, false);
    log_row(step, number_from_uid(generation, alias->uid), false);
}

/* Rows whose UIDs have another number than before: what only one of the two lists has. */
static void log_renumbered(struct step *step)
{
    static const struct folder_numbers none;
    const struct folder_numbers *was = step->old_numbers ? step->old_numbers : &none,
                                *is = step->source->numbers ? step->source->numbers : &none;
    size_t i = 0, k = 0;

    while (i < was->alias_count || k < is->alias_count) {
        const struct folder_alias *old = i < was->alias_count ? &was->aliases[i] : NULL,
                                  *new = k < is->alias_count ? &is->aliases[k] : NULL;

        if (old && new && old->uid == new->uid && old->number == new->number) {
            i++;
            k++;
        } else if (!new || (old && old->uid <= new->uid)) {
            log_alias(step, was->generation, old);
            i++;
        } else {
            log_alias(step, is->generation, new);
            k++;
        }
    }
}

/* The lock is held. Rows that come while the index is filled are listed by no event; what happens
 * to rows meanwhile has an event of its own. */
static bool is_growth(const struct contents_source *source, const struct imap_snapshot *mail,
                      const struct folder_numbers *numbers)
{
    return source->mail && !imap_snapshot_complete(source->mail) &&
           imap_snapshot_uidvalidity(source->mail) == imap_snapshot_uidvalidity(mail) &&
           imap_snapshot_count(source->mail) <= imap_snapshot_count(mail) &&
           (!numbers || numbers == source->numbers);
}

/* The lock is held. Columns of the side store are out of date: they are read again when somebody
 * asks. The caller gives the old ones back when it has unlocked. */
static struct side_columns *drop_side(struct contents_source *source)
{
    struct side_columns *old = source->side;

    source->side = NULL;
    source->side_drops++;
    return old;
}

/* Copies have values that are told by no event of their own; their rows may be here already. */
static void copies_came(struct contents_source *source)
{
    struct side_columns *old;

    pthread_mutex_lock(&source->lock);
    old = drop_side(source);
    source->version++; /* no row is another one */
    pthread_mutex_unlock(&source->lock);
    side_columns_unref(old);
    row_source_announce(&source->source);
}

static void side_changed(struct contents_source *source, const struct account_event *event)
{
    struct side_columns *old;

    pthread_mutex_lock(&source->lock);
    old = drop_side(source);
    source->grown_from = ++source->version;
    for (size_t i = 0; i < event->count; i++)
        if (row_uid(source->mail, source->numbers, event->numbers[i]))
            change_log_add(&source->log, source->version, ROW_MODIFIED, event->numbers[i]);
    pthread_mutex_unlock(&source->lock);
    side_columns_unref(old);
    row_source_announce(&source->source);
}

/* The lock is held. */
static void log_step(struct step *step)
{
    struct contents_source *source = step->source;

    if (source->numbers != step->old_numbers)
        log_renumbered(step);
    for (size_t i = 0; i < source->pending_count; i++)
        log_row(step, source->pending[i], true);
}

/* Takes what the index has now as the next version. `listed`: what is pending leads there. */
static void advance(struct contents_source *source, bool listed,
                    const struct folder_numbers *numbers)
{
    struct imap_snapshot *mail = imap_index_snapshot(source->index), *old_mail;
    const struct folder_numbers *old_numbers = NULL;
    struct side_columns *old_side = NULL;
    struct step step = {.source = source};
    bool growth, partial;

    pthread_mutex_lock(&source->lock);
    growth = !listed && is_growth(source, mail, numbers);
    partial = source->mail && !imap_snapshot_complete(source->mail);
    source->version++;
    if (!growth)
        source->grown_from = source->version;
    old_mail = source->mail;
    source->mail = mail;
    old_numbers = source->numbers;
    source->numbers = numbers ? numbers : old_numbers ? folder_numbers_ref(old_numbers) : NULL;
    step.old = old_mail;
    step.old_numbers = old_numbers;
    if (!listed || partial || source->pending_lost)
        change_log_break(&source->log, source->version);
    else
        log_step(&step);
    if (step.added || source->numbers != old_numbers)
        old_side = drop_side(source);
    pthread_mutex_unlock(&source->lock);
    source->pending_count = 0;
    source->pending_lost = false;
    imap_snapshot_unref(old_mail);
    folder_numbers_unref(old_numbers);
    side_columns_unref(old_side);
    row_source_announce(&source->source);
}

static void told(struct link_listener *listener, const struct account_event *event)
{
    struct contents_source *source = container_of(listener, struct contents_source, listener);
    const struct folder_numbers *numbers;

    if (event->folder != source->folder)
        return;
    switch (event->kind) {
    case ACCOUNT_MESSAGES_ADDED:
    case ACCOUNT_MESSAGES_REMOVED:
    case ACCOUNT_MESSAGES_CHANGED:
        keep_pending(source, event);
        break;
    case ACCOUNT_MESSAGES_SETTLED:
        numbers = account_folder_numbers_now(imap_link_account(source->link), source->folder);
        if (source->pending_count > 0 || source->pending_lost || numbers != source->numbers)
            advance(source, true, numbers);
        else
            folder_numbers_unref(numbers);
        break;
    case ACCOUNT_MESSAGES_RELOADED:
        numbers = account_folder_numbers_now(imap_link_account(source->link), source->folder);
        advance(source, false, numbers);
        break;
    case ACCOUNT_MESSAGES_MOVED:
    case ACCOUNT_MESSAGES_COPIED:
        copies_came(source);
        break;
    case ACCOUNT_MESSAGES_PROPS:
        side_changed(source, event);
        break;
    default:
        break;
    }
}

struct await_call {
    struct link_call base;
    struct contents_source *source;
    size_t rows;
};

/* On the engine the index publishes and its listeners hear of it in one go: what is taken here and
 * what events tell never cross. */
static HRESULT await_on_engine(void *arg)
{
    struct await_call *call = arg;
    struct contents_source *source = call->source;
    struct imap_snapshot *mail = NULL;
    HRESULT hr = imap_index_wait_rows(
        source->index, call->rows, engine_now() + FIRST_FILL_TIMEOUT_MS, &call->base.error, &mail);

    imap_snapshot_unref(mail);
    if (SUCCEEDED(hr))
        advance(source, false, NULL);
    return hr;
}

static HRESULT source_await(struct row_source *base, size_t rows, struct error_info *error)
{
    struct await_call call = {.source = contents_from_source(base)};
    struct contents_source *source = call.source;
    size_t hidden;
    bool there;
    HRESULT hr;

    pthread_mutex_lock(&source->lock);
    hidden = source->numbers ? source->numbers->alias_count : 0;
    call.rows = rows < SIZE_MAX - hidden ? rows + hidden : SIZE_MAX;
    there = !source->mail || imap_snapshot_complete(source->mail) ||
            imap_snapshot_count(source->mail) >= call.rows;
    pthread_mutex_unlock(&source->lock);
    if (there)
        return S_OK;
    if (call.rows < SIZE_MAX)
        call.rows--; /* wait_rows waits for one more */
    hr = imap_link_call(source->link, await_on_engine, &call.base);
    if (FAILED(hr))
        *error = call.base.error;
    return hr;
}

struct prepare_call {
    struct link_call base;
    struct contents_source *source;
    const struct row_request *request;
};

/* The columns that the side store may have, beside those that are known. *ret_again: they went out
 * of date while they were read. */
static WAITS HRESULT load_side(struct prepare_call *call, bool *ret_again)
{
    struct contents_source *source = call->source;
    const struct folder_numbers *numbers;
    struct side_columns *before, *columns = NULL;
    uint64_t drops;
    HRESULT hr;

    *ret_again = false;
    pthread_mutex_lock(&source->lock);
    drops = source->side_drops;
    numbers = source->numbers ? folder_numbers_ref(source->numbers) : NULL;
    before = source->side ? side_columns_ref(source->side) : NULL;
    pthread_mutex_unlock(&source->lock);
    hr = numbers ? side_columns_load(call->base.account, numbers, before, call->request->tags,
                                     call->request->tag_count, &call->base.error, &columns)
                 : S_OK;
    side_columns_unref(before);
    folder_numbers_unref(numbers);
    if (FAILED(hr) || !columns)
        return hr;
    pthread_mutex_lock(&source->lock);
    *ret_again = source->side_drops != drops;
    if (*ret_again) {
        before = columns;
    } else {
        before = source->side;
        source->side = columns;
        source->version++; /* prepared values alone are no change */
    }
    pthread_mutex_unlock(&source->lock);
    side_columns_unref(before);
    return S_OK;
}

static HRESULT prepare_on_engine(void *arg)
{
    bool again;
    HRESULT hr;

    do
        hr = load_side(arg, &again);
    while (SUCCEEDED(hr) && again);
    return hr;
}

static HRESULT source_prepare(struct row_source *base, const struct row_request *request,
                              struct error_info *error)
{
    struct prepare_call call = {.source = contents_from_source(base), .request = request};
    HRESULT hr = imap_link_call(call.source->link, prepare_on_engine, &call.base);

    if (FAILED(hr))
        *error = call.base.error;
    return hr;
}

static HRESULT stop_fiber(void *arg)
{
    struct contents_source *source = arg;

    if (source->index)
        account_folder_unwatch((struct account *)imap_link_account(source->link), source->folder);
    row_source_clear(&source->source);
    imap_snapshot_unref(source->mail);
    folder_numbers_unref(source->numbers);
    side_columns_unref(source->side);
    imap_index_unref(source->index);
    imap_link_unref(source->link);
    mapi_free(source->store.lpb);
    free(source->pending);
    pthread_mutex_destroy(&source->lock);
    free(source);
    return S_OK;
}

static void stop_on_loop(struct engine_node *node)
{
    struct contents_source *source = container_of(node, struct contents_source, node);

    imap_link_unlisten(source->link, &source->listener);
    /* Ending the watch waits. Without a fiber the engine is stopping, and nothing does any more. */
    if (FAILED(engine_spawn_closing(imap_link_engine(source->link), stop_fiber, source)))
        stop_fiber(source);
}

/* Until the engine has taken the listener out, it may be told of changes: nothing goes before. */
static void source_destroy(struct row_source *base)
{
    struct contents_source *source = contents_from_source(base);

    engine_post(imap_link_engine(source->link), &source->node, stop_on_loop);
}

static const struct row_source_ops source_ops = {
    .destroy = source_destroy,
    .snapshot = contents_snapshot,
    .columns = source_columns,
    .await = source_await,
    .prepare = source_prepare,
};

struct start_call {
    struct link_call base;
    struct contents_source *source;
};

/* Watches the folder and waits for its first rows. */
static HRESULT start_on_engine(void *arg)
{
    struct start_call *call = arg;
    struct contents_source *source = call->source;
    struct error_info *error = &call->base.error;
    const struct folder_numbers *numbers;
    struct imap_snapshot *filled = NULL;
    HRESULT hr;

    account_rights_ask(call->base.account, source->folder); /* its rows tell them */
    hr = account_folder_watch(call->base.account, source->folder, error, &source->index);
    if (hr == MAPI_E_NO_SUPPORT) { /* a folder without mail of its own is empty */
        imap_link_listen(call->base.link, &source->listener);
        return S_OK;
    }
    if (FAILED(hr))
        return hr;
    imap_link_listen(call->base.link, &source->listener);
    /* Offline, what was known before is shown (docs/mail.md): a complete index is waited for by
     * nobody. */
    hr = imap_index_wait_rows(source->index, 0, engine_now() + FIRST_FILL_TIMEOUT_MS, error,
                              &filled);
    imap_snapshot_unref(filled);
    if (SUCCEEDED(hr))
        hr = account_folder_numbers(call->base.account, source->folder, error, &numbers);
    if (SUCCEEDED(hr))
        advance(source, false, numbers);
    return hr;
}

static HRESULT heavy(HRESULT (*fn)(void *arg), void *arg)
{
    return engine_work(fn, arg);
}

HRESULT contents_open(struct imap_link *link, struct mapi_object *owner, uint64_t folder,
                      ULONG flags, struct error_info *error, IMAPITable **ret_table)
{
    struct contents_source *source = calloc(1, sizeof(*source));
    struct start_call call = {.source = source};
    struct table_options options = {
        .owner = owner,
        .dispatcher = imap_link_dispatcher(link),
        .flags = flags & MAPI_UNICODE,
        .run_heavy = heavy,
    };
    SPropTagArray *columns = NULL;
    HRESULT hr;

    if (!source)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    row_source_init(&source->source, &source_ops);
    pthread_mutex_init(&source->lock, NULL);
    source->link = imap_link_ref(link);
    source->folder = folder;
    source->listener.event = told;
    hr = imap_link_store_entryid(link, &source->store.cb, (ENTRYID **)&source->store.lpb);
    if (SUCCEEDED(hr))
        hr = imap_link_call(link, start_on_engine, &call.base);
    if (FAILED(hr) && call.base.error.hr == hr)
        *error = call.base.error;
    if (SUCCEEDED(hr))
        hr = make_columns(false, &columns);
    options.source = &source->source;
    options.columns = columns;
    if (SUCCEEDED(hr))
        hr = table_create(&options, ret_table);
    mapi_free(columns);
    row_source_unref(&source->source); /* the table has its own */
    return hr;
}
