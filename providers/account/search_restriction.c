/* providers/account/search_restriction.c - what a search folder looks for */
#include "providers/account/search_restriction.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/edkmdb.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/propval.h"
#include "mapi/restriction.h"
#include "mapi/text.h"
#include "mapi/wire.h"
#include "providers/account/kept.h"
#include "providers/account/message_columns.h"

bool search_probe_of(ULONG tag, size_t *ret_probe)
{
    if (PROP_TYPE(tag) != PT_BOOLEAN || PROP_ID(tag) < KEPT_SEARCH_PROBES ||
        PROP_ID(tag) >= KEPT_SEARCH_PROBES + SEARCH_PROBES_MAX)
        return false;
    *ret_probe = PROP_ID(tag) - KEPT_SEARCH_PROBES;
    return true;
}

/* --- What can be looked at ------------------------------------------------------------------- */

/* What a message has out of its MIME while no index row has it: a row would look as if the message
 * lacked it, or had what most have. */
static const ULONG not_in_rows[] = {
    PR_IMPORTANCE,
    PR_PRIORITY,
    PR_SENSITIVITY,
    PR_BODY,
    PR_HTML,
    PR_RTF_COMPRESSED,
    PR_INTERNET_CPID,
    PR_NATIVE_BODY_INFO,
    PR_REPLY_RECIPIENT_ENTRIES,
    PR_REPLY_RECIPIENT_NAMES,
    PR_EXPIRY_TIME,
    PR_REPLY_TIME,
    PR_CONVERSATION_INDEX,
    PR_TRANSPORT_MESSAGE_HEADERS,
    PR_INTERNET_REFERENCES,
    PR_INTERNET_PRECEDENCE,
    PR_LIST_HELP,
    PR_LIST_SUBSCRIBE,
    PR_LIST_UNSUBSCRIBE,
    PR_SENT_REPRESENTING_SMTP_ADDRESS,
    PR_SENT_REPRESENTING_ENTRYID,
    PR_SENT_REPRESENTING_SEARCH_KEY,
    PR_SENDER_SMTP_ADDRESS,
    PR_SENDER_ENTRYID,
    PR_SENDER_SEARCH_KEY,
    PR_READ_RECEIPT_ENTRYID,
    PR_READ_RECEIPT_SEARCH_KEY,
    PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED,
    PR_READ_RECEIPT_REQUESTED,
    PR_NON_RECEIPT_NOTIFICATION_REQUESTED,
    PR_AUTO_RESPONSE_SUPPRESS,
    PR_SEARCH_KEY,
    PR_STORE_ENTRYID,
    PR_PARENT_DISPLAY,
};

static const ULONG recipient_tags[] = {PR_RECIPIENT_TYPE, PR_DISPLAY_NAME, PR_EMAIL_ADDRESS,
                                       PR_SMTP_ADDRESS,   PR_ADDRTYPE,     PR_OBJECT_TYPE,
                                       PR_DISPLAY_TYPE};

static const ULONG attachment_tags[] = {
    PR_ATTACH_NUM,      PR_ATTACH_METHOD,       PR_ATTACH_LONG_FILENAME,
    PR_ATTACH_FILENAME, PR_ATTACH_EXTENSION,    PR_DISPLAY_NAME,
    PR_ATTACH_MIME_TAG, PR_ATTACH_CONTENT_ID_W, PR_ATTACH_CONTENT_LOCATION_W,
    PR_ATTACH_FLAGS,    PR_ATTACHMENT_HIDDEN,   PR_RENDERING_POSITION,
    PR_OBJECT_TYPE};

static bool has_id(const ULONG *tags, size_t count, ULONG tag)
{
    for (size_t i = 0; i < count; i++)
        if (PROP_ID(tags[i]) == PROP_ID(tag))
            return true;
    return false;
}
#define HAS_ID(tags, tag) has_id(tags, sizeof(tags) / sizeof((tags)[0]), tag)

/* The tags that a part without parts reads. */
static size_t tags_of(const SRestriction *node, ULONG tags[2])
{
    switch (node->rt) {
    case RES_CONTENT:
        tags[0] = node->res.resContent.ulPropTag;
        return 1;
    case RES_PROPERTY:
        tags[0] = node->res.resProperty.ulPropTag;
        return 1;
    case RES_BITMASK:
        tags[0] = node->res.resBitMask.ulPropTag;
        return 1;
    case RES_SIZE:
        tags[0] = node->res.resSize.ulPropTag;
        return 1;
    case RES_EXIST:
        tags[0] = node->res.resExist.ulPropTag;
        return 1;
    case RES_COMPAREPROPS:
        tags[0] = node->res.resCompareProps.ulPropTag1;
        tags[1] = node->res.resCompareProps.ulPropTag2;
        return 2;
    default:
        return 0;
    }
}

/* --- Probes ----------------------------------------------------------------------------------- */

static HRESULT add_probe(struct search_restriction *self, SRestriction *node,
                         const struct search_probe *probe)
{
    ULONG tag = PROP_TAG(PT_BOOLEAN, KEPT_SEARCH_PROBES + self->probe_count);
    SPropValue *yes;

    if (self->probe_count == SEARCH_PROBES_MAX)
        return MAPI_E_TOO_COMPLEX;
    yes = mapi_alloc(self->match, sizeof(*yes));
    if (!yes)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *yes = (SPropValue){.ulPropTag = tag, .Value.b = TRUE};
    self->probes[self->probe_count++] = *probe;
    node->rt = RES_PROPERTY;
    node->res.resProperty.relop = RELOP_EQ;
    node->res.resProperty.ulPropTag = tag;
    node->res.resProperty.lpProp = yes;
    return S_FALSE;
}

/* SEARCH BODY is a substring in any case, and nothing else (RFC 3501, 6.4.4). */
static HRESULT probe_body(struct search_restriction *self, SRestriction *node)
{
    const SContentRestriction *content = &node->res.resContent;
    struct search_probe probe = {0};
    HRESULT hr;

    if (node->rt != RES_CONTENT || (content->ulFuzzyLevel & 0xFFFF) != FL_SUBSTRING ||
        !(content->ulFuzzyLevel & (FL_IGNORECASE | FL_LOOSE)) ||
        PROP_TYPE(content->lpProp->ulPropTag) != PT_UNICODE || !content->lpProp->Value.lpszW[0])
        return MAPI_E_TOO_COMPLEX;
    hr = text_utf16_to_utf8(self->match, content->lpProp->Value.lpszW, &probe.words);
    return SUCCEEDED(hr) ? add_probe(self, node, &probe) : hr;
}

struct inner_tags {
    const ULONG *tags;
    size_t count;
};

static HRESULT check_inner(void *arg, SRestriction *node)
{
    const struct inner_tags *known = arg;
    ULONG tags[2];
    size_t count = tags_of(node, tags);

    if (node->rt == RES_SUBRESTRICTION)
        return MAPI_E_TOO_COMPLEX;
    for (size_t i = 0; i < count; i++)
        if (!has_id(known->tags, known->count, tags[i]))
            return MAPI_E_TOO_COMPLEX;
    return S_OK;
}

static HRESULT take_sub(struct search_restriction *self, SRestriction *node)
{
    struct inner_tags recipients = {recipient_tags, sizeof(recipient_tags) / sizeof(ULONG)};
    struct inner_tags attachments = {attachment_tags, sizeof(attachment_tags) / sizeof(ULONG)};
    struct search_probe probe = {.attachments = node->res.resSub.lpRes};
    ULONG tag = node->res.resSub.ulSubObject;
    HRESULT hr;

    if (tag == PR_MESSAGE_RECIPIENTS) {
        hr = restriction_walk(node->res.resSub.lpRes, check_inner, &recipients);
        return SUCCEEDED(hr) ? S_FALSE : hr;
    }
    if (tag != PR_MESSAGE_ATTACHMENTS)
        return MAPI_E_TOO_COMPLEX;
    hr = restriction_walk(node->res.resSub.lpRes, check_inner, &attachments);
    return SUCCEEDED(hr) ? add_probe(self, node, &probe) : hr;
}

static HRESULT take_column(struct search_restriction *self, ULONG tag)
{
    if (propval_type_is_string(prop_base_type(tag)))
        tag = CHANGE_PROP_TYPE(tag, PT_UNICODE | (PROP_TYPE(tag) & MVI_FLAG));
    if (HAS_ID(not_in_rows, tag) || kept_is_ours(tag) || PROP_TYPE(tag) & MV_INSTANCE)
        return MAPI_E_TOO_COMPLEX;
    if (message_has_column(tag))
        return S_OK;
    for (size_t i = 0; i < self->tag_count; i++)
        if (self->tags[i] == tag)
            return S_OK;
    if (self->tag_count == SIDE_COLUMNS_MAX)
        return MAPI_E_TOO_COMPLEX;
    return array_append(&self->tags, &self->tag_count, &tag) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT take_node(void *arg, SRestriction *node)
{
    struct search_restriction *self = arg;
    ULONG tags[2];
    size_t count = tags_of(node, tags);
    HRESULT hr = S_OK;

    if (node->rt == RES_SUBRESTRICTION)
        return take_sub(self, node);
    if (count > 0 && PROP_ID(tags[0]) == PROP_ID(PR_BODY))
        return probe_body(self, node);
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = take_column(self, tags[i]);
    return hr;
}

/* --- As it is kept ---------------------------------------------------------------------------- */

/* Without names: the numbers of named properties never change in a mailbox (docs/mail.md). */
static HRESULT write_bytes(struct search_restriction *self, const SRestriction *restriction)
{
    struct wire_writer writer = {0};
    SRestriction *wide = NULL;
    HRESULT hr = restriction_copy(NULL, restriction, &wide);

    if (SUCCEEDED(hr))
        hr = restriction_set_width(wide, wide, PT_UNICODE);
    if (SUCCEEDED(hr)) {
        wire_put_restriction(&writer, wide);
        hr = writer.hr;
    }
    if (SUCCEEDED(hr) && writer.size > SEARCH_RESTRICTION_MAX)
        hr = MAPI_E_TOO_COMPLEX;
    if (SUCCEEDED(hr)) {
        self->bytes = writer.bytes;
        self->size = writer.size;
        writer.bytes = NULL;
    }
    wire_writer_clear(&writer);
    mapi_free(wide);
    return hr;
}

static HRESULT read_bytes(const uint8_t *bytes, size_t size, SRestriction **ret_restriction)
{
    struct wire_reader reader = {.bytes = bytes, .left = size};
    SRestriction *restriction = mapi_alloc(NULL, sizeof(*restriction));

    if (!restriction)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    reader.root = restriction;
    wire_get_restriction(&reader, restriction);
    if (reader.left)
        wire_fail(&reader, MAPI_E_CORRUPT_DATA);
    if (FAILED(reader.hr)) {
        mapi_free(restriction);
        return reader.hr;
    }
    *ret_restriction = restriction;
    return S_OK;
}

/* --- Beginning and end ------------------------------------------------------------------------ */

void search_restriction_free(struct search_restriction *self)
{
    if (!self)
        return;
    mapi_free(self->match);
    free(self->tags);
    free(self->bytes);
    free(self);
}

HRESULT search_restriction_create(const SRestriction *restriction,
                                  struct search_restriction **ret_restriction)
{
    struct search_restriction *self = calloc(1, sizeof(*self));
    HRESULT hr;

    if (!self)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = restriction_compile(restriction, &self->match);
    if (SUCCEEDED(hr))
        hr = write_bytes(self, restriction);
    if (SUCCEEDED(hr))
        hr = restriction_walk(self->match, take_node, self);
    if (FAILED(hr)) {
        search_restriction_free(self);
        return hr;
    }
    *ret_restriction = self;
    return S_OK;
}

HRESULT search_restriction_read(const uint8_t *bytes, size_t size,
                                struct search_restriction **ret_restriction)
{
    SRestriction *restriction;
    HRESULT hr = read_bytes(bytes, size, &restriction);

    if (FAILED(hr))
        return hr;
    hr = search_restriction_create(restriction, ret_restriction);
    mapi_free(restriction);
    return hr;
}

HRESULT search_restriction_copy(const struct search_restriction *self, ULONG width,
                                SRestriction **ret_restriction)
{
    SRestriction *restriction;
    HRESULT hr = read_bytes(self->bytes, self->size, &restriction);

    if (SUCCEEDED(hr) && width != PT_UNICODE) {
        hr = restriction_set_width(restriction, restriction, width);
        if (FAILED(hr))
            mapi_free(restriction);
    }
    if (SUCCEEDED(hr))
        *ret_restriction = restriction;
    return hr;
}
