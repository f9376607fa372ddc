/* tests/mapi/copy_pairs.c - real objects, each beside its model, and whether they are the same */
#include "mapi/copy_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/message_object.h"

struct pair pairs[PAIRS];

/* ---- Chance ---- */

ULONG chance_id(void)
{
    static const ULONG special[] = {PROP_ID(PR_DEPTH), PROP_ID(PR_ICON), PROP_ID(PR_ATTACH_NUM)};

    switch (chance(20)) {
    case 0:
        return special[chance(3)];
    case 1:
        return (chance(2) ? 0x8000 : 0x9000) + chance(6); /* named */
    case 2:
        return (chance(2) ? 0x8100 : 0x9100) + chance(2); /* should be, and has no name */
    case 3:
    case 4:
    case 5:
        return 0x6800 + chance(150);
    default:
        return 0x6800 + chance(15);
    }
}

ULONG chance_tag(void)
{
    return PROP_TAG(value_types[chance(VALUE_TYPES)], chance_id());
}

/* ---- Objects ---- */

const IID *pair_iid(const struct pair *pair)
{
    static const IID *const iids[] = {&IID_IMAPIPropData, &IID_IMAPIProp, &IID_IMessage,
                                      &IID_IAttachment};

    return iids[pair->kind];
}

static void make_data(struct pair *pair)
{
    IPropData *data;

    assert_hr(CreateIProp(&IID_IMAPIPropData, MAPIAllocateBuffer, MAPIAllocateMore, MAPIFreeBuffer,
                          NULL, &data),
              S_OK);
    *pair = (struct pair){KIND_DATA, (IMAPIProp *)data, model_plain(), NULL};
}

static void make_named(struct pair *pair)
{
    struct prop_object *named = prop_object_create(true);
    struct model_object *model = model_plain();
    struct model_prop *prop;

    named->signature = 1 + (LONG)chance(2);
    named->name_base = named->signature == 1 ? 0x8000 : 0x9000;
    named->with_names = chance(4) != 0;
    model->names = named->with_names ? named->name_base : 0;
    model->refused_id = PROP_ID(PR_ICON);
    prop = model_put(model, PR_DEPTH, 3);
    prop->is_number = true;
    prop->refusal = MAPI_E_COMPUTED;
    prop = model_put(model, PR_MAPPING_SIGNATURE, (unsigned)named->signature);
    prop->is_number = true;
    prop->refusal = MAPI_E_COMPUTED;
    *pair = (struct pair){KIND_NAMED, &named->IMAPIProp_iface, model, named};
}

static void make_message(struct pair *pair)
{
    *pair = (struct pair){KIND_MESSAGE, (IMAPIProp *)&test_message_create()->IMessage_iface,
                          model_message(), NULL};
}

void pair_make(unsigned number)
{
    static void (*const makers[PAIRS])(struct pair *) = {
        make_data, make_data, make_named, make_named, make_named, make_message, make_message};

    makers[number](&pairs[number]);
}

void pair_drop(unsigned number)
{
    expect_last_release(pairs[number].real);
    model_free(pairs[number].model);
}

/* An attachment of the message, or the message itself if it has none. */
static void descend_to_attachment(struct pair *pair)
{
    IMessage *message = (IMessage *)pair->real;
    struct model_object *model = pair->model;
    IAttach *attach;
    unsigned i;

    if (!model->attachment_count)
        return;
    i = chance((unsigned)model->attachment_count);
    check_hr(message->lpVtbl->OpenAttach(message, TEST_ATTACH_FIRST + i, NULL, 0, &attach), S_OK);
    message->lpVtbl->Release(message);
    *pair = (struct pair){KIND_ATTACH, (IMAPIProp *)attach, model->attachments[i], NULL};
}

static void descend_to_embedded(struct pair *pair)
{
    IAttach *attach = (IAttach *)pair->real;
    struct model_object *model = pair->model;
    IMessage *inner;

    if (!model->embedded)
        return;
    check_hr(attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_MODIFY,
                                          (IUnknown **)&inner),
             S_OK);
    attach->lpVtbl->Release(attach);
    *pair = (struct pair){KIND_MESSAGE, (IMAPIProp *)inner, model->embedded, NULL};
}

struct pair pair_pick_within(unsigned number)
{
    struct pair pair = pairs[number];

    pair.real->lpVtbl->AddRef(pair.real);
    while (chance(2)) {
        if (pair.kind == KIND_MESSAGE)
            descend_to_attachment(&pair);
        else if (pair.kind == KIND_ATTACH)
            descend_to_embedded(&pair);
    }
    return pair;
}

/* ---- Looking ---- */

static void expect_list(const struct pair *pair)
{
    struct model_object *model = pair->model;
    ULONG flags = chance_width(), i;
    SPropTagArray *tags;

    check_hr(pair->real->lpVtbl->GetPropList(pair->real, flags, &tags), S_OK);
    check(tags->cValues == model->count, "%u properties, expected %zu", (unsigned)tags->cValues,
          model->count);
    for (i = 0; i < tags->cValues; i++) {
        const struct model_prop *prop = model_find(model, PROP_ID(tags->aulPropTag[i]));

        check(prop && PROP_TYPE(tags->aulPropTag[i]) == value_type_shown(prop->type, flags),
              "lists 0x%08X", (unsigned)tags->aulPropTag[i]);
    }
    MAPIFreeBuffer(tags);
}

static void expect_value(const SPropValue *got, const SPropValue *wanted, ULONG tag)
{
    check(value_same(got, wanted),
          "asked for 0x%08X: got 0x%08X (0x%08X), expected 0x%08X (0x%08X)", (unsigned)tag,
          (unsigned)got->ulPropTag, (unsigned)got->Value.err, (unsigned)wanted->ulPropTag,
          (unsigned)wanted->Value.err);
}

/* `tags` NULL: all. */
static void expect_values(const struct pair *pair, const SPropTagArray *tags)
{
    HRESULT wanted_hr = S_OK, hr;
    ULONG flags = chance_width(), count, i;
    SPropValue *values, wanted;

    hr = pair->real->lpVtbl->GetProps(pair->real, (SPropTagArray *)tags, flags, &count, &values);
    check(SUCCEEDED(hr), "GetProps: 0x%08X", (unsigned)hr);
    check(count == (tags ? tags->cValues : pair->model->count), "%u values", (unsigned)count);
    for (i = 0; i < count; i++) {
        ULONG tag =
            tags ? tags->aulPropTag[i] : PROP_TAG(PT_UNSPECIFIED, PROP_ID(values[i].ulPropTag));

        if (PROP_ID(tag) == PROP_ID_NULL) {
            check(values[i].ulPropTag == PR_NULL, "no PR_NULL");
            continue;
        }
        wanted = model_get(pair->model, tag, flags);
        expect_value(&values[i], &wanted, tag);
        if (PROP_TYPE(wanted.ulPropTag) == PT_ERROR)
            wanted_hr = MAPI_W_ERRORS_RETURNED;
    }
    check_hr(hr, wanted_hr);
    MAPIFreeBuffer(values);
}

/* Some that are there and some that are not, in their own type, any or another. */
static void expect_some_values(const struct pair *pair)
{
    SizedSPropTagArray(12, tags) = {.cValues = 1 + chance(12)};
    ULONG i;

    for (i = 0; i < tags.cValues; i++) {
        const struct model_prop *prop =
            pair->model->count ? &pair->model->props[chance((unsigned)pair->model->count)] : NULL;

        tags.aulPropTag[i] = chance_tag();
        if (prop && chance(4))
            tags.aulPropTag[i] = PROP_TAG(value_type_shown(prop->type, chance_width()), prop->id);
        if (chance(3) == 0)
            tags.aulPropTag[i] = CHANGE_PROP_TYPE(tags.aulPropTag[i], PT_UNSPECIFIED);
        if (chance(12) == 0)
            tags.aulPropTag[i] = PR_NULL;
        if (prop && prop->type == PT_OBJECT && PROP_ID(tags.aulPropTag[i]) == prop->id)
            tags.aulPropTag[i] = PROP_TAG(PT_OBJECT, prop->id);
    }
    expect_values(pair, (SPropTagArray *)&tags);
}

/* A property with a stream, in either width. */
static void expect_stream(const struct pair *pair, const struct model_prop *prop)
{
    static BYTE bytes[200001];
    ULONG tag = PROP_TAG(value_type_shown(prop->type, chance_width()), prop->id), size = 0;
    SPropValue wanted = model_value(prop, PROP_TYPE(tag));
    size_t wanted_size = value_bytes(&wanted);
    IStream *stream;

    if (PROP_TYPE(tag) != PT_BINARY) /* without the terminator */
        wanted_size -= PROP_TYPE(tag) == PT_UNICODE ? sizeof(WCHAR) : 1;
    check_hr(pair->real->lpVtbl->OpenProperty(pair->real, tag, &IID_IStream, STGM_READ, 0,
                                              (IUnknown **)&stream),
             S_OK);
    check_hr(stream->lpVtbl->Read(stream, bytes, sizeof(bytes), &size), S_OK);
    check(size == wanted_size &&
              (size == 0 || memcmp(bytes,
                                   PROP_TYPE(tag) == PT_BINARY ? (void *)wanted.Value.bin.lpb
                                                               : (void *)wanted.Value.lpszA,
                                   size) == 0),
          "stream 0x%08X of %u bytes, expected %zu", (unsigned)tag, (unsigned)size, wanted_size);
    stream->lpVtbl->Release(stream);
}

static void expect_recipients(const struct pair *pair)
{
    SizedSPropTagArray(3, columns) = {
        3, {PR_DISPLAY_NAME_W, PR_RECIPIENT_TYPE, PROP_TAG(PT_MV_LONG, 0x6700)}};
    IMessage *message = (IMessage *)pair->real;
    IMAPITable *table;
    SRowSet *rows;
    ULONG i;

    check_hr(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table), S_OK);
    check_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    check(rows->cRows == pair->model->recipient_count, "%u recipients", (unsigned)rows->cRows);
    for (i = 0; i < rows->cRows; i++) {
        const struct model_recipient *wanted = &pair->model->recipients[i];
        const SPropValue *values = rows->aRow[i].lpProps;
        SPropValue name = value_made(columns.aulPropTag[0], wanted->name),
                   extra = value_made(columns.aulPropTag[2], wanted->extra);

        expect_value(&values[0], &name, name.ulPropTag);
        check(values[1].Value.l == wanted->type, "recipient type");
        expect_value(&values[2], &extra, extra.ulPropTag);
    }
    FreeProws(rows);
    table->lpVtbl->Release(table);
}

static void expect_attachments(const struct pair *pair)
{
    IMessage *message = (IMessage *)pair->real;
    struct pair inner = {.kind = KIND_ATTACH};
    ULONG i;

    for (i = 0; i < pair->model->attachment_count; i++) {
        check_hr(message->lpVtbl->OpenAttach(message, TEST_ATTACH_FIRST + i, NULL, 0,
                                             (IAttach **)&inner.real),
                 S_OK);
        inner.model = pair->model->attachments[i];
        pair_expect_same(&inner);
        inner.real->lpVtbl->Release(inner.real);
    }
    check_hr(message->lpVtbl->OpenAttach(message, TEST_ATTACH_FIRST + i, NULL, 0,
                                         (IAttach **)&inner.real),
             MAPI_E_NOT_FOUND);
}

void pair_expect_same(const struct pair *pair)
{
    struct model_object *model = pair->model;
    struct pair inner = *pair;
    size_t i;

    expect_list(pair);
    expect_values(pair, NULL);
    expect_some_values(pair);
    for (i = 0; i < model->count; i++)
        if (value_has_stream(model->props[i].type) && chance(10) == 0)
            expect_stream(pair, &model->props[i]);
    if (pair->kind == KIND_MESSAGE) {
        expect_recipients(pair);
        expect_attachments(pair);
    } else if (model->embedded) {
        inner.real->lpVtbl->AddRef(inner.real);
        descend_to_embedded(&inner);
        pair_expect_same(&inner);
        inner.real->lpVtbl->Release(inner.real);
    }
}
