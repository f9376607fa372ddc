/* tests/conformance/store_things.c - the store's objects, each beside its model */
#include "tests/conformance/store_things.h"

#include <stdio.h>

#define PLAIN     12 /* from 0x6800 on */
#define NAMES     (THING_IDS - PLAIN)
#define DELIVERED 3 /* the message from elsewhere */

struct thing things[THINGS];
ULONG thing_ids[THING_IDS];

static const enum thing_kind kinds[THINGS] = {
    THING_DATA,   THING_MESSAGE, THING_MESSAGE,    THING_MESSAGE,
    THING_FOLDER, THING_FOLDER,  THING_ASSOCIATED,
};

const IID *thing_iid(const struct thing *thing)
{
    static const IID *const iids[] = {&IID_IMAPIPropData, &IID_IMessage, &IID_IMAPIFolder,
                                      &IID_IMessage};

    return iids[thing->kind];
}

bool thing_id_counts(ULONG id)
{
    for (unsigned i = 0; i < THING_IDS; i++)
        if (thing_ids[i] == id)
            return true;
    return false;
}

/* ---- Making ---- */

/* Half of the names are words, half numbers. */
void things_begin(void)
{
    static GUID set = {0x4D470001, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
    MAPINAMEID names[NAMES], *list[NAMES];
    SPropTagArray *tags;
    char word[16];

    for (unsigned i = 0; i < NAMES; i++) {
        names[i] = (MAPINAMEID){.lpguid = &set, .ulKind = i % 2 ? MNID_ID : MNID_STRING};
        snprintf(word, sizeof(word), "copied %u", i);
        if (i % 2)
            names[i].Kind.lID = (LONG)i;
        else
            names[i].Kind.lpwstrName = mail_wide(word);
        list[i] = &names[i];
    }
    assert_hr(IMsgStore_GetIDsFromNames(mail.store, NAMES, list, MAPI_CREATE, &tags), S_OK);
    for (unsigned i = 0; i < THING_IDS; i++)
        thing_ids[i] = i < PLAIN ? 0x6800 + i : PROP_ID(tags->aulPropTag[i - PLAIN]);
    MAPIFreeBuffer(tags);
}

/* The store's objects have one mapping of names, whatever its signature. */
static struct model_object *with_names(struct model_object *model)
{
    struct model_prop *signature = model_put(model, PR_MAPPING_SIGNATURE, 1);

    signature->is_number = true;
    signature->refusal = MAPI_E_COMPUTED;
    return model;
}

/* A message to r7, as the server took it, and its model. */
static void make_delivered(struct thing *thing)
{
    static unsigned number;
    IMAPIFolder *inbox = mail_folder("Inbox");
    IMAPITable *contents = mail_contents(inbox);
    char subject[32], text[200];

    snprintf(subject, sizeof(subject), "from elsewhere %u", ++number);
    snprintf(text, sizeof(text),
             "From: eve@example.test\r\nTo: r7@example.test\r\nSubject: %s\r\n\r\nwords\r\n",
             subject);
    mail_deliver_raw(text);
    mail_await_row(contents, subject, true);
    thing->id = find_message(inbox, subject);
    thing->model = with_names(model_message());
    thing->model->recipients[0] = (struct model_recipient){.name = 7, .type = MAPI_TO};
    thing->model->recipient_count = 1;
    IMAPITable_Release(contents);
    IMAPIFolder_Release(inbox);
}

static void make_data(struct thing *thing)
{
    assert_hr(CreateIProp(&IID_IMAPIPropData, MAPIAllocateBuffer, MAPIAllocateMore, MAPIFreeBuffer,
                          NULL, (IPropData **)&thing->real),
              S_OK);
    thing->model = model_plain();
}

void thing_open(struct thing *thing)
{
    assert_hr(open_entry(thing->id, MAPI_MODIFY, &thing->real), S_OK);
}

/* A message that lists neither recipients nor attachments. */
static void make_associated(struct thing *thing, IMAPIFolder *folder)
{
    IMessage *message;

    assert_hr(IMAPIFolder_CreateMessage(folder, NULL, MAPI_ASSOCIATED, &message), S_OK);
    assert_hr(IMessage_SaveChanges(message, KEEP_OPEN_READONLY), S_OK);
    thing->id = value_of(message, PR_ENTRYID);
    thing->model = with_names(model_plain());
    IMessage_Release(message);
}

void thing_make(unsigned number, IMAPIFolder *folder)
{
    struct thing *thing = &things[number];
    IMAPIFolder *below;

    *thing = (struct thing){.kind = kinds[number]};
    if (thing->kind == THING_DATA) {
        make_data(thing);
        return;
    }
    if (thing->kind == THING_FOLDER) {
        below = new_folder(folder, number % 2 ? "one" : "other");
        thing->id = value_of(below, PR_ENTRYID);
        thing->model = with_names(model_plain());
        IMAPIFolder_Release(below);
    } else if (number == DELIVERED) {
        make_delivered(thing);
    } else if (thing->kind == THING_ASSOCIATED) {
        make_associated(thing, folder);
    } else {
        thing->id = saved_message(folder, "ours");
        thing->model = with_names(model_message());
    }
    thing->saved = model_clone(thing->model);
    thing_open(thing);
}

void things_delete(const char *name)
{
    IMAPIFolder *inbox = mail_folder("Inbox"), *top = mail_folder(""), *folder = mail_folder(name);
    SPropValue *id = value_of(folder, PR_ENTRYID);
    SBinary entry;

    IMAPIFolder_Release(folder);
    assert_hr(
        IMAPIFolder_DeleteMessages(inbox, entry_list(&entry, things[DELIVERED].id), 0, NULL, 0),
        S_OK);
    assert_hr(IMAPIFolder_DeleteFolder(top, id->Value.bin.cb, (ENTRYID *)id->Value.bin.lpb, 0, NULL,
                                       DEL_MESSAGES | DEL_FOLDERS),
              S_OK);
    MAPIFreeBuffer(id);
    IMAPIFolder_Release(top);
    IMAPIFolder_Release(inbox);
    for (unsigned i = 0; i < THINGS; i++) {
        model_free(things[i].model);
        model_free(things[i].saved);
        MAPIFreeBuffer(things[i].id);
    }
}

/* ---- Looking ---- */

static void expect_list(const struct thing *thing)
{
    ULONG flags = chance_width(), ours = 0;
    const struct model_prop *prop;
    SPropTagArray *tags;

    check_hr(thing->real->lpVtbl->GetPropList(thing->real, flags, &tags), S_OK);
    for (ULONG i = 0; i < tags->cValues; i++) {
        if (!thing_id_counts(PROP_ID(tags->aulPropTag[i])))
            continue;
        prop = model_find(thing->model, PROP_ID(tags->aulPropTag[i]));
        check(prop && PROP_TYPE(tags->aulPropTag[i]) == value_type_shown(prop->type, flags),
              "lists 0x%08X", (unsigned)tags->aulPropTag[i]);
        ours++;
    }
    for (size_t i = 0; i < thing->model->count; i++)
        ours -= thing_id_counts(thing->model->props[i].id);
    check(ours == 0, "%d properties too many", (int)ours);
    MAPIFreeBuffer(tags);
}

/* A stream gives the value as it is kept. */
static void expect_stream(const struct thing *thing, const struct model_prop *prop)
{
    static BYTE bytes[200001];
    SPropValue wanted = model_value(prop, prop->type);
    size_t size = value_bytes(&wanted) - (prop->type == PT_UNICODE ? sizeof(WCHAR) : 0);
    const void *start = prop->type == PT_BINARY ? (void *)wanted.Value.bin.lpb : wanted.Value.lpszW;
    IStream *stream;
    ULONG got;

    check_hr(thing->real->lpVtbl->OpenProperty(thing->real, wanted.ulPropTag, &IID_IStream,
                                               STGM_READ, 0, (IUnknown **)&stream),
             S_OK);
    check_hr(IStream_Read(stream, bytes, sizeof(bytes), &got), S_OK);
    check(got == size && (size == 0 || memcmp(bytes, start, size) == 0),
          "stream 0x%08X of %u bytes, expected %zu", (unsigned)wanted.ulPropTag, (unsigned)got,
          size);
    IStream_Release(stream);
}

static void expect_properties(const struct thing *thing)
{
    SizedSPropTagArray(THING_IDS, tags) = {.cValues = THING_IDS};
    ULONG flags = chance_width(), count;
    const struct model_prop *prop;
    SPropValue *values, wanted;

    for (ULONG i = 0; i < tags.cValues; i++) {
        prop = model_find(thing->model, thing_ids[i]);
        tags.aulPropTag[i] =
            PROP_TAG(prop && chance(2) ? prop->type : PT_UNSPECIFIED, thing_ids[i]);
    }
    cr_assert(SUCCEEDED(thing->real->lpVtbl->GetProps(thing->real, (SPropTagArray *)&tags, flags,
                                                      &count, &values)));
    for (ULONG i = 0; i < count; i++) {
        wanted = model_get(thing->model, tags.aulPropTag[i], flags);
        check(value_same(&values[i], &wanted),
              "0x%08X: got 0x%08X (0x%08X), expected 0x%08X (0x%08X)", (unsigned)tags.aulPropTag[i],
              (unsigned)values[i].ulPropTag, (unsigned)values[i].Value.err,
              (unsigned)wanted.ulPropTag, (unsigned)wanted.Value.err);
        prop = model_find(thing->model, thing_ids[i]);
        if (prop && value_has_stream(prop->type) && prop->type != PT_STRING8 && chance(4) == 0)
            expect_stream(thing, prop);
    }
    MAPIFreeBuffer(values);
}

/* The server keeps the recipients of each kind together. */
static void expect_recipients(const struct thing *thing)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_RECIPIENT_TYPE, PR_EMAIL_ADDRESS_W}};
    const struct model_object *model = thing->model;
    char address[32];
    IMAPITable *table;
    SRowSet *rows;

    check_hr(IMessage_GetRecipientTable((IMessage *)thing->real, MAPI_UNICODE, &table), S_OK);
    rows = rows_of(table, &columns);
    check(rows->cRows == model->recipient_count, "%u recipients, expected %zu",
          (unsigned)rows->cRows, model->recipient_count);
    for (size_t i = 0; i < model->recipient_count; i++) {
        bool found = false;

        snprintf(address, sizeof(address), "r%u@example.test", model->recipients[i].name);
        for (ULONG row = 0; row < rows->cRows; row++)
            found = found || (rows->aRow[row].lpProps[0].Value.l == model->recipients[i].type &&
                              !strcmp(mail_text(&rows->aRow[row].lpProps[1]), address));
        check(found, "no recipient %s", address);
    }
    FreeProws(rows);
    IMAPITable_Release(table);
}

static void expect_attachment(IMessage *message, ULONG number, struct model_object *model)
{
    struct thing content = {.real = NULL, .model = model};
    char name[32];
    IMessage *inner;

    check_hr(IMessage_OpenAttach(message, number, NULL, 0, (IAttach **)&content.real), S_OK);
    if (model->embedded) {
        snprintf(name, sizeof(name), "inner %u", model_find(model->embedded, 0x6800)->variant);
        check_hr(content.real->lpVtbl->OpenProperty(content.real, PR_ATTACH_DATA_OBJ, &IID_IMessage,
                                                    0, 0, (IUnknown **)&inner),
                 S_OK);
        check(!strcmp(text_of(inner, PR_SUBJECT_W), name), "the message within is not %s", name);
        check(!strcmp(text_of(inner, PR_BODY_W), "inner words") ||
                  !strcmp(text_of(inner, PR_BODY_W), "inner words\r\n"),
              "it says %s", text_of(inner, PR_BODY_W));
        IMessage_Release(inner);
    } else {
        snprintf(name, sizeof(name), "file-%u.bin",
                 model_find(model, PROP_ID(PR_ATTACH_LONG_FILENAME))->variant);
        check(!strcmp(text_of(content.real, PR_ATTACH_LONG_FILENAME_W), name), "is not %s", name);
        expect_stream(&content, model_find(model, PROP_ID(PR_ATTACH_DATA_BIN)));
    }
    content.real->lpVtbl->Release(content.real);
}

SRowSet *thing_attachments(const struct thing *thing)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ATTACH_NUM}};
    IMAPITable *table;
    SRowSet *rows;

    check_hr(IMessage_GetAttachmentTable((IMessage *)thing->real, MAPI_UNICODE, &table), S_OK);
    rows = rows_of(table, &columns);
    IMAPITable_Release(table);
    return rows;
}

static void expect_attachments(const struct thing *thing)
{
    SRowSet *rows = thing_attachments(thing);

    check(rows->cRows == thing->model->attachment_count, "%u attachments, expected %zu",
          (unsigned)rows->cRows, thing->model->attachment_count);
    for (ULONG i = 0; i < rows->cRows; i++)
        expect_attachment((IMessage *)thing->real, rows->aRow[i].lpProps[0].Value.ul,
                          thing->model->attachments[i]);
    FreeProws(rows);
}

void thing_expect_same(const struct thing *thing)
{
    expect_list(thing);
    expect_properties(thing);
    if (thing->kind != THING_MESSAGE)
        return;
    expect_recipients(thing);
    expect_attachments(thing);
}
