/* tests/conformance/store_copies.c - random copies between the store's objects, against a model
 *
 * The same as tests/mapi/test_copy_model.c, on a real server (store_things.h). What was changed is
 * read back, saved, opened again and read once more; or released unsaved. tests/support/soak.h says
 * how to have other cases, or one again. */
#include <stdio.h>

#include "tests/conformance/store_things.h"

TestSuite(store_copies, .init = store_begin, .fini = mail_close);

#define CASES 6
#define STEPS 16
#define MOST  5 /* attachments of a message */

static ULONG chance_tag(void)
{
    return PROP_TAG(value_types[chance(VALUE_TYPES)], thing_ids[chance(THING_IDS)]);
}

/* ---- Changing ---- */

static void set_some(const struct thing *thing)
{
    SPropValue values[4];
    unsigned count = 1 + chance(4), variant;
    SPropProblemArray *problems;

    for (unsigned i = 0; i < count; i++) {
        variant = chance_variant();
        values[i] = value_made(chance_tag(), variant);
        cr_assert(model_set(thing->model, values[i].ulPropTag, variant) == S_OK);
    }
    check_hr(thing->real->lpVtbl->SetProps(thing->real, count, values, &problems), S_OK);
    check(!problems, "problem 0x%08X", (unsigned)problems->aProblem[0].scode);
}

static void delete_one(const struct thing *thing)
{
    SizedSPropTagArray(1, tags) = {1, {chance_tag()}};
    HRESULT wanted = model_delete(thing->model, PROP_ID(tags.aulPropTag[0]));
    SPropProblemArray *problems;

    check_hr(thing->real->lpVtbl->DeleteProps(thing->real, (SPropTagArray *)&tags, &problems),
             S_OK);
    check_hr(problems ? problems->aProblem[0].scode : S_OK, wanted);
    MAPIFreeBuffer(problems);
}

static void set_recipients(const struct thing *thing)
{
    SizedADRLIST(3, list) = {.cEntries = chance(4)};
    SPropValue values[3][4];
    char text[32];

    for (ULONG i = 0; i < list.cEntries; i++) {
        struct model_recipient *recipient = &thing->model->recipients[i];

        *recipient = (struct model_recipient){.name = i * 100 + chance(100)};
        recipient->type = chance(2) ? MAPI_TO : MAPI_CC;
        snprintf(text, sizeof(text), "r%u@example.test", recipient->name);
        values[i][0] = (SPropValue){.ulPropTag = PR_RECIPIENT_TYPE};
        values[i][0].Value.l = recipient->type;
        values[i][1] = (SPropValue){.ulPropTag = PR_ADDRTYPE_W, .Value.lpszW = mail_wide("SMTP")};
        values[i][2] =
            (SPropValue){.ulPropTag = PR_EMAIL_ADDRESS_W, .Value.lpszW = mail_wide(text)};
        values[i][3] =
            (SPropValue){.ulPropTag = PR_DISPLAY_NAME_W, .Value.lpszW = mail_wide("Somebody")};
        list.aEntries[i] = (ADRENTRY){.cValues = 4, .rgPropVals = values[i]};
    }
    thing->model->recipient_count = list.cEntries;
    check_hr(IMessage_ModifyRecipients((IMessage *)thing->real, 0, (ADRLIST *)&list), S_OK);
}

static void add_attachment(const struct thing *thing)
{
    struct model_object *model;
    unsigned variant = chance_variant(), number = chance(1000);
    SPropValue data = value_made(PR_ATTACH_DATA_BIN, variant);
    char name[32];

    if (thing->model->attachment_count >= MOST)
        return;
    model = model_add_attachment(thing->model);
    if (chance(3) == 0) {
        snprintf(name, sizeof(name), "inner %u", number);
        attach_message((IMessage *)thing->real, name);
        model_put(model_embed(model), PROP_TAG(PT_LONG, 0x6800), number)->is_number = true;
        return;
    }
    snprintf(name, sizeof(name), "file-%u.bin", number);
    attach_file((IMessage *)thing->real, name, data.Value.bin.lpb, data.Value.bin.cb);
    model_put(model, PR_ATTACH_DATA_BIN, variant);
    model_put(model, PROP_TAG(PT_LONG, PROP_ID(PR_ATTACH_LONG_FILENAME)), number)->is_number = true;
}

static void delete_attachments(const struct thing *thing)
{
    SRowSet *rows = thing_attachments(thing);

    for (ULONG i = 0; i < rows->cRows; i++)
        check_hr(IMessage_DeleteAttach((IMessage *)thing->real, rows->aRow[i].lpProps[0].Value.ul,
                                       0, NULL, 0),
                 S_OK);
    FreeProws(rows);
    while (thing->model->attachment_count)
        model_free(thing->model->attachments[--thing->model->attachment_count]);
}

static void change(const struct thing *thing)
{
    unsigned what = chance(thing->kind == THING_MESSAGE ? 8 : 5);

    if (what < 4)
        set_some(thing);
    else if (what == 4)
        delete_one(thing);
    else if (what == 5)
        set_recipients(thing);
    else if (what == 6 || thing->model->attachment_count == 0)
        add_attachment(thing);
    else
        delete_attachments(thing);
}

/* ---- Copying ---- */

struct call {
    const struct thing *source, *dest;
    ULONG flags;
    bool by_list;                              /* CopyProps */
    bool alone;                                /* CopyTo without recipients and attachments */
    SizedSPropTagArray(2 * MODEL_PROPS, tags); /* to copy, or to leave out */
};

/* A folder is not renamed and takes no other folders in. */
static void choose_call(struct call *call)
{
    call->by_list = chance(2);
    call->alone = call->source->kind == THING_FOLDER || chance(2);
    for (unsigned i = 0; i < THING_IDS; i++)
        if (chance(call->by_list ? 2 : 6) == 0)
            call->tags.aulPropTag[call->tags.cValues++] = PROP_TAG(PT_UNSPECIFIED, thing_ids[i]);
    call->tags.aulPropTag[call->tags.cValues++] =
        call->by_list ? PROP_TAG(PT_LONG, thing_ids[0]) : PR_DISPLAY_NAME_W;
    if (call->by_list && call->source->kind == THING_MESSAGE && chance(3) == 0)
        call->tags.aulPropTag[call->tags.cValues++] =
            chance(2) ? PR_MESSAGE_RECIPIENTS : PR_MESSAGE_ATTACHMENTS;
    call->flags = chance(3) == 0 ? MAPI_NOREPLACE : 0;
    if (call->by_list && chance(3) == 0)
        call->flags |= MAPI_MOVE;
}

/* All that is to be copied, in the order in which problems count it. */
static size_t ids_to_copy(const struct call *call, ULONG *all)
{
    SPropTagArray *list;
    size_t count = 0;
    ULONG i, j;

    if (call->by_list) {
        for (i = 0; i < call->tags.cValues; i++)
            all[count++] = PROP_ID(call->tags.aulPropTag[i]);
        return count;
    }
    check_hr(call->source->real->lpVtbl->GetPropList(call->source->real, 0, &list), S_OK);
    cr_assert(list->cValues <= 2 * MODEL_PROPS);
    for (i = 0; i < list->cValues; i++) {
        for (j = 0; j < call->tags.cValues; j++)
            if (PROP_ID(call->tags.aulPropTag[j]) == PROP_ID(list->aulPropTag[i]))
                break;
        if (j == call->tags.cValues)
            all[count++] = PROP_ID(list->aulPropTag[i]);
    }
    MAPIFreeBuffer(list);
    return count;
}

/* Of the ids that the model knows: each problem that is wanted came, and no other. */
static void expect_problems(const SPropProblemArray *problems, const struct model_copy *copy)
{
    for (size_t i = 0; i < copy->count; i++) {
        HRESULT got = S_OK;

        for (ULONG j = 0; problems && j < problems->cProblem; j++)
            if (problems->aProblem[j].ulIndex == i)
                got = problems->aProblem[j].scode;
        if (thing_id_counts(copy->ids[i]))
            check(got == copy->problems[i], "problem of 0x%04X: 0x%08X, expected 0x%08X",
                  (unsigned)copy->ids[i], (unsigned)got, (unsigned)copy->problems[i]);
    }
}

static void copy_between(const struct thing *from, const struct thing *to)
{
    struct call call = {.source = from, .dest = to};
    IMAPIProp *source = from->real, *dest = to->real;
    SPropTagArray *tags = (SPropTagArray *)&call.tags;
    ULONG all[2 * MODEL_PROPS];
    struct model_copy copy = {.source = from->model, .dest = to->model, .ids = all};
    SPropProblemArray *problems = NULL;
    HRESULT hr;

    choose_call(&call);
    copy.count = ids_to_copy(&call, all);
    copy.flags = call.flags;
    copy.no_objects = !call.by_list && call.alone;
    copy.to_message = to->kind == THING_MESSAGE;
    if (to->model->attachment_count + from->model->attachment_count > MOST)
        delete_attachments(to);
    if (call.by_list)
        hr = source->lpVtbl->CopyProps(source, tags, 0, NULL, thing_iid(to), dest, call.flags,
                                       &problems);
    else
        hr = source->lpVtbl->CopyTo(source, call.alone, call.alone ? thing_iid(from) : NULL, tags,
                                    0, NULL, thing_iid(to), dest, call.flags, &problems);
    check_hr(hr, model_copy(&copy));
    expect_problems(problems, &copy);
    MAPIFreeBuffer(problems);
}

/* ---- One case ---- */

static void keep(struct thing *thing)
{
    model_free(thing->saved);
    thing->saved = model_clone(thing->model);
}

/* What has been done is read, saved or dropped, and read again. */
static void settle(struct thing *thing)
{
    bool save = chance(6) != 0, open = !save || chance(2);
    bool is_message = thing->kind == THING_MESSAGE || thing->kind == THING_ASSOCIATED;

    thing_expect_same(thing);
    if (thing->kind == THING_DATA)
        return;
    if (is_message && save) {
        check_hr(IMessage_SaveChanges((IMessage *)thing->real, KEEP_OPEN_READWRITE), S_OK);
        keep(thing);
    } else if (is_message) {
        model_free(thing->model);
        thing->model = model_clone(thing->saved);
    }
    if (open) {
        thing->real->lpVtbl->Release(thing->real);
        thing_open(thing);
    }
    thing_expect_same(thing);
}

/* The program ends and starts again: what was saved is there. */
static void restart(unsigned number)
{
    unsigned i;

    say("case %u, started again", number);
    for (i = 0; i < THINGS; i++)
        things[i].real->lpVtbl->Release(things[i].real);
    store_restart();
    for (i = 0; i < THINGS; i++) {
        if (things[i].kind != THING_DATA) {
            thing_open(&things[i]);
            thing_expect_same(&things[i]);
            things[i].real->lpVtbl->Release(things[i].real);
        }
    }
}

static void run_case(unsigned number)
{
    char name[32];
    IMAPIFolder *folder;
    unsigned i, from, to;

    soak_begin(number);
    snprintf(name, sizeof(name), "case %u", number);
    folder = new_folder(NULL, name);
    for (i = 0; i < THINGS; i++)
        thing_make(i, folder);
    for (i = 0; i < STEPS; i++) {
        from = chance(THINGS);
        to = chance(THINGS);
        say("case %u, step %u, %u to %u", number, i, from, to);
        if (from == to || chance(3) == 0) {
            change(&things[to]);
        } else {
            copy_between(&things[from], &things[to]);
            settle(&things[from]);
        }
        settle(&things[to]);
    }
    IMAPIFolder_Release(folder);
    restart(number);
    things_delete(name);
}

Test(store_copies, random_copies_equal_the_model)
{
    unsigned number, end = soak_first() + soak_cases(CASES);

    things_begin();
    for (number = soak_first(); number < end; number++)
        run_case(number);
}
