/* tests/mapi/test_copy_model.c - random properties copied between random objects, against a model
 *
 * After each step the objects it touched are read in whole and compared with their models
 * (copy_model.h). support/soak.h says how to have other cases, or one again. */
#include <stdlib.h>
#include <string.h>

#include "mapi/copy_pairs.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/message_object.h"

#define CASES  300
#define STEPS  40
#define MANY   100 /* properties in one call, more than a batch of the copier */
#define WEIGHT 25  /* objects in one */

static unsigned case_number, step_number;

#define step(format, ...)                                                                          \
    say("case %u, step %u, " format, case_number, step_number __VA_OPT__(, ) __VA_ARGS__)

/* ---- Problems ---- */

/* The problems that came are those of `wanted`, one for each of `count` places. Frees them. */
static void expect_problems(SPropProblemArray *problems, const HRESULT *wanted, const ULONG *ids,
                            size_t count)
{
    ULONG told = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        const SPropProblem *problem;

        if (SUCCEEDED(wanted[i]))
            continue;
        check(problems && told < problems->cProblem, "no problem 0x%08X of %zu, id 0x%04X",
              (unsigned)wanted[i], i, (unsigned)ids[i]);
        problem = &problems->aProblem[told];
        check(problem->ulIndex == i && PROP_ID(problem->ulPropTag) == ids[i] &&
                  problem->scode == wanted[i],
              "problem 0x%08X of %u, tag 0x%08X, expected 0x%08X of %zu, id 0x%04X",
              (unsigned)problem->scode, (unsigned)problem->ulIndex, (unsigned)problem->ulPropTag,
              (unsigned)wanted[i], i, (unsigned)ids[i]);
        told++;
    }
    check(problems ? told > 0 && told == problems->cProblem : told == 0, "%u problems too many",
          problems ? (unsigned)(problems->cProblem - told) : 0);
    MAPIFreeBuffer(problems);
}

/* ---- Setting and deleting ---- */

static void set_some(const struct pair *pair)
{
    unsigned count = chance(10) ? 1 + chance(5) : MANY, i;
    bool bad = !pair->model->readonly && chance(40) == 0;
    SPropValue values[MANY];
    ULONG ids[MANY];
    HRESULT wanted[MANY] = {S_OK};
    SPropProblemArray *problems;

    step("SetProps of %u%s", count, bad ? ", the last malformed" : "");
    for (i = 0; i < count; i++) {
        unsigned variant = chance_variant();
        ULONG tag = chance_tag();

        values[i] = value_made(tag, variant);
        ids[i] = PROP_ID(tag);
        if (chance(20) == 0)
            values[i].ulPropTag = chance(2) ? PR_NULL : CHANGE_PROP_TYPE(tag, PT_ERROR);
        else if (chance(40) == 0 && !bad)
            values[i].ulPropTag = CHANGE_PROP_TYPE(tag, PT_NULL);
        if (bad && i == count - 1)
            values[i] = (SPropValue){.ulPropTag =
                                         CHANGE_PROP_TYPE(tag, chance(2) ? PT_OBJECT : PT_MV_LONG)};
        if (PROP_TYPE(values[i].ulPropTag) == PT_NULL && values[i].ulPropTag != PR_NULL)
            wanted[i] = MAPI_E_INVALID_TYPE;
        else if (values[i].ulPropTag == tag && !bad && !pair->model->readonly)
            wanted[i] = model_set(pair->model, tag, variant);
        else
            wanted[i] = S_OK;
    }
    check_hr(pair->real->lpVtbl->SetProps(pair->real, count, values, &problems),
             bad                     ? MAPI_E_INVALID_PARAMETER
             : pair->model->readonly ? MAPI_E_NO_ACCESS
                                     : S_OK);
    if (bad || pair->model->readonly)
        check(!problems, "problems with a failure");
    else
        expect_problems(problems, wanted, ids, count);
}

static void delete_some(const struct pair *pair)
{
    SizedSPropTagArray(MANY, tags) = {.cValues = 1 + chance(6)};
    bool readonly = pair->model->readonly;
    SPropProblemArray *problems;
    HRESULT wanted[MANY] = {S_OK};
    ULONG ids[MANY], i;

    step("DeleteProps of %u", (unsigned)tags.cValues);
    for (i = 0; i < tags.cValues; i++) {
        tags.aulPropTag[i] = chance_tag();
        ids[i] = PROP_ID(tags.aulPropTag[i]);
        if (!readonly)
            wanted[i] = model_delete(pair->model, ids[i]);
    }
    check_hr(pair->real->lpVtbl->DeleteProps(pair->real, (SPropTagArray *)&tags, &problems),
             readonly ? MAPI_E_NO_ACCESS : S_OK);
    if (readonly)
        check(!problems, "problems with a failure");
    else
        expect_problems(problems, wanted, ids, tags.cValues);
}

/* Writes a value by a stream that is committed or just released. */
static void write_stream(const struct pair *pair)
{
    static const ULONG types[] = {PT_STRING8, PT_UNICODE, PT_BINARY};
    ULONG type = types[chance(3)], id = chance_id(), size;
    unsigned variant = chance_variant();
    SPropValue value = value_made(PROP_TAG(type, id), variant);
    HRESULT wanted = pair->model->readonly ? MAPI_E_NO_ACCESS : S_OK;
    IStream *stream;

    step("a stream on 0x%08X, value %u", (unsigned)value.ulPropTag, variant);
    check_hr(pair->real->lpVtbl->OpenProperty(pair->real, value.ulPropTag, &IID_IStream,
                                              STGM_READWRITE, MAPI_CREATE | MAPI_MODIFY,
                                              (IUnknown **)&stream),
             wanted);
    if (FAILED(wanted))
        return;
    size = (ULONG)value_bytes(&value);
    size -= type == PT_BINARY ? 0 : type == PT_UNICODE ? sizeof(WCHAR) : 1;
    check_hr(stream->lpVtbl->Write(
                 stream, type == PT_BINARY ? (void *)value.Value.bin.lpb : value.Value.lpszA, size,
                 NULL),
             S_OK);
    wanted = model_set(pair->model, value.ulPropTag, variant);
    if (chance(2))
        check_hr(stream->lpVtbl->Commit(stream, STGC_DEFAULT), wanted);
    stream->lpVtbl->Release(stream);
}

/* ---- Access ---- */

static void mark_some(const struct pair *pair)
{
    SizedSPropTagArray(30, tags) = {.cValues = 1 + chance(30)};
    IPropData *data = (IPropData *)pair->real;
    ULONG access[30], i;

    step("HrSetPropAccess of %u", (unsigned)tags.cValues);
    for (i = 0; i < tags.cValues; i++) {
        struct model_prop *prop;

        tags.aulPropTag[i] = chance_tag();
        access[i] = chance(2) ? IPROP_READONLY : IPROP_READWRITE;
        prop = model_find(pair->model, PROP_ID(tags.aulPropTag[i]));
        if (prop && !pair->model->readonly)
            prop->refusal = access[i] == IPROP_READONLY ? MAPI_E_NO_ACCESS : S_OK;
    }
    check_hr(data->lpVtbl->HrSetPropAccess(data, (SPropTagArray *)&tags, access),
             pair->model->readonly ? MAPI_E_NO_ACCESS : S_OK);
}

static void add_object_property(const struct pair *pair)
{
    SizedSPropTagArray(1, tags) = {1, {PROP_TAG(PT_OBJECT, chance_id())}};
    struct model_prop *prop = model_find(pair->model, PROP_ID(tags.aulPropTag[0]));
    IPropData *data = (IPropData *)pair->real;
    HRESULT wanted = S_OK;

    step("HrAddObjProps 0x%08X", (unsigned)tags.aulPropTag[0]);
    if (pair->model->readonly)
        wanted = MAPI_E_NO_ACCESS;
    else if (prop && prop->type != PT_OBJECT)
        wanted = MAPI_W_PARTIAL_COMPLETION;
    else
        model_put(pair->model, tags.aulPropTag[0], 0);
    check_hr(data->lpVtbl->HrAddObjProps(data, (SPropTagArray *)&tags, NULL), wanted);
}

static void change_access(const struct pair *pair)
{
    IPropData *data = (IPropData *)pair->real;

    if (pair->kind == KIND_DATA && chance(2)) {
        mark_some(pair);
    } else if (pair->kind == KIND_DATA && chance(2)) {
        add_object_property(pair);
    } else if (pair->kind == KIND_DATA || pair->kind == KIND_NAMED) {
        pair->model->readonly = !pair->model->readonly && chance(2);
        step("%s", pair->model->readonly ? "read-only" : "writable");
        if (pair->kind == KIND_NAMED)
            pair->named->props.writable = !pair->model->readonly;
        else
            check_hr(data->lpVtbl->HrSetObjAccess(data, pair->model->readonly ? IPROP_READONLY
                                                                              : IPROP_READWRITE),
                     S_OK);
    }
}

/* ---- Recipients and subobjects ---- */

static void set_recipients(const struct pair *pair)
{
    SizedADRLIST(MODEL_RECIPIENTS, list) = {.cEntries = chance(MODEL_RECIPIENTS + 1)};
    SPropValue values[MODEL_RECIPIENTS][3];
    IMessage *message = (IMessage *)pair->real;
    ULONG i;

    step("ModifyRecipients of %u", (unsigned)list.cEntries);
    for (i = 0; i < list.cEntries; i++) {
        struct model_recipient *recipient = &pair->model->recipients[i];

        *recipient = (struct model_recipient){.name = chance(2), .extra = chance_variant()};
        recipient->type = (LONG)(MAPI_TO + chance(3));
        values[i][0] = value_made(PR_DISPLAY_NAME_W, recipient->name);
        values[i][1] = (SPropValue){.ulPropTag = PR_RECIPIENT_TYPE};
        values[i][1].Value.l = recipient->type;
        values[i][2] = value_made(PROP_TAG(PT_MV_LONG, 0x6700), recipient->extra);
        list.aEntries[i] = (ADRENTRY){.cValues = 3, .rgPropVals = values[i]};
    }
    pair->model->recipient_count = list.cEntries;
    check_hr(message->lpVtbl->ModifyRecipients(message, 0, (ADRLIST *)&list), S_OK);
}

static void add_attachment(const struct pair *pair)
{
    IMessage *message = (IMessage *)pair->real;
    IAttach *attach;
    ULONG number;

    step("CreateAttach");
    check_hr(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach), S_OK);
    model_add_attachment(pair->model);
    attach->lpVtbl->Release(attach);
}

static void embed_message(const struct pair *pair)
{
    IMessage *inner;

    step("a message in the attachment");
    check_hr(pair->real->lpVtbl->OpenProperty(pair->real, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
                                              MAPI_CREATE | MAPI_MODIFY, (IUnknown **)&inner),
             S_OK);
    model_embed(pair->model);
    inner->lpVtbl->Release(inner);
}

static void change_subobjects(const struct pair *pair)
{
    if (pair->kind == KIND_ATTACH)
        embed_message(pair);
    else if (pair->kind == KIND_MESSAGE && chance(2))
        set_recipients(pair);
    else if (pair->kind == KIND_MESSAGE && pair->model->attachment_count < 3)
        add_attachment(pair);
}

/* ---- Copying ---- */

struct call {
    struct pair source, dest;
    const IID *iid; /* of the destination */
    ULONG flags;
    bool by_list; /* CopyProps */
    ULONG exclude_count;
    IID exclude[2];
    SizedSPropTagArray(2 * MODEL_PROPS,
                       tags); /* to copy, or to leave out; none of the latter: NULL */
};

/* Ids that the object has, and a few others; now and then all, or one twice. */
static void choose_tags(struct call *call)
{
    const struct model_object *model = call->source.model;
    unsigned most = chance(6) ? 10 : MODEL_PROPS;
    size_t i;

    call->tags.cValues = 0;
    for (i = 0; i < model->count && call->tags.cValues < most; i++)
        if (most > 10 || chance(3) == 0)
            call->tags.aulPropTag[call->tags.cValues++] =
                PROP_TAG(chance(2) ? model->props[i].type : PT_UNSPECIFIED, model->props[i].id);
    for (i = chance(3); i > 0; i--)
        call->tags.aulPropTag[call->tags.cValues++] = chance_tag();
    if (call->tags.cValues && chance(4) == 0)
        call->tags.aulPropTag[call->tags.cValues++] = call->tags.aulPropTag[0];
    if (call->by_list && !call->tags.cValues)
        call->tags.aulPropTag[call->tags.cValues++] = chance_tag();
}

/* The ids to copy, in the order in which problems count them. */
static size_t ids_to_copy(const struct call *call, ULONG *ids)
{
    IMAPIProp *source = call->source.real;
    SPropTagArray *list;
    size_t count = 0;
    ULONG i, j;

    if (call->by_list) {
        for (i = 0; i < call->tags.cValues; i++)
            ids[count++] = PROP_ID(call->tags.aulPropTag[i]);
        return count;
    }
    check_hr(source->lpVtbl->GetPropList(source, 0, &list), S_OK);
    for (i = 0; i < list->cValues; i++) {
        for (j = 0; j < call->tags.cValues; j++)
            if (PROP_ID(call->tags.aulPropTag[j]) == PROP_ID(list->aulPropTag[i]))
                break;
        if (j == call->tags.cValues)
            ids[count++] = PROP_ID(list->aulPropTag[i]);
    }
    MAPIFreeBuffer(list);
    return count;
}

static bool excludes(const struct call *call, const IID *iid)
{
    ULONG i;

    for (i = 0; i < call->exclude_count; i++)
        if (memcmp(&call->exclude[i], iid, sizeof(*iid)) == 0)
            return true;
    return false;
}

/* What the model makes of the call; `copy` has its problems. */
static HRESULT expected_result(const struct call *call, struct model_copy *copy)
{
    if (excludes(call, &IID_IMAPIProp) || excludes(call, &IID_IUnknown))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (!call->iid)
        return MAPI_E_INVALID_PARAMETER;
    if (call->flags & 0x100)
        return MAPI_E_UNKNOWN_FLAGS;
    if (call->iid == &IID_IMAPITable)
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (call->source.real == call->dest.real)
        return MAPI_E_NO_ACCESS;
    *copy = (struct model_copy){.source = call->source.model,
                                .dest = call->dest.model,
                                .ids = copy->ids,
                                .count = copy->count,
                                .flags = call->flags,
                                .no_objects = excludes(call, pair_iid(&call->source)),
                                .to_message = call->iid == &IID_IMessage};
    return model_copy(copy);
}

static void copy_and_compare(struct call *call)
{
    IMAPIProp *source = call->source.real, *dest = call->dest.real;
    SPropTagArray *tags = call->tags.cValues ? (SPropTagArray *)&call->tags : NULL;
    SPropProblemArray *problems = NULL;
    bool ask = chance(8) != 0;
    ULONG ids[2 * MODEL_PROPS];
    struct model_copy copy = {.ids = ids, .count = ids_to_copy(call, ids)};
    HRESULT wanted = expected_result(call, &copy);

    if (call->by_list)
        check_hr(source->lpVtbl->CopyProps(source, tags, 0, NULL, call->iid, dest, call->flags,
                                           ask ? &problems : NULL),
                 wanted);
    else
        check_hr(source->lpVtbl->CopyTo(source, call->exclude_count,
                                        call->exclude_count ? call->exclude : NULL, tags, 0, NULL,
                                        call->iid, dest, call->flags, ask ? &problems : NULL),
                 wanted);
    if (FAILED(wanted))
        check(!problems, "problems with a failure");
    else if (ask)
        expect_problems(problems, copy.problems, ids, copy.count);
}

static void choose_call(struct call *call)
{
    static const ULONG flags[] = {MAPI_MOVE, MAPI_NOREPLACE, MAPI_DECLINE_OK, MAPI_DIALOG};
    size_t i;

    call->by_list = chance(2);
    call->iid = chance(4) ? pair_iid(&call->dest) : &IID_IMAPIProp;
    if (chance(60) == 0)
        call->iid = chance(2) ? NULL : &IID_IMAPITable;
    for (i = 0; i < 4; i++)
        call->flags |= chance(4) == 0 ? flags[i] : 0;
    if (chance(60) == 0)
        call->flags |= 0x100; /* unknown */
    if (call->by_list || chance(3) == 0)
        choose_tags(call);
    if (!call->by_list && chance(5) == 0) {
        call->exclude[call->exclude_count++] = chance(8) ? IID_IMAPITable : IID_IMAPIProp;
        if (chance(2))
            call->exclude[call->exclude_count++] = *pair_iid(&call->source);
    }
}

/* Copies something of pairs[from] to something of pairs[to]. */
static void copy_between(unsigned from, unsigned to)
{
    struct call call = {.source = pair_pick_within(from), .dest = pair_pick_within(to)};

    if (model_weight(pairs[to].model) + model_weight(call.source.model) > WEIGHT) {
        step("no room for the copy");
    } else if (from != to || call.source.real == call.dest.real) {
        choose_call(&call);
        step("%s from a %d in %u to a %d in %u, flags 0x%X", call.by_list ? "CopyProps" : "CopyTo",
             call.source.kind, from, call.dest.kind, to, (unsigned)call.flags);
        copy_and_compare(&call);
    }
    call.source.real->lpVtbl->Release(call.source.real);
    call.dest.real->lpVtbl->Release(call.dest.real);
    if (model_weight(pairs[to].model) > WEIGHT / 2) {
        pair_drop(to);
        pair_make(to);
    }
}

/* ---- One case ---- */

static void change_something(unsigned number)
{
    struct pair pair = pair_pick_within(number);

    switch (chance(12)) {
    case 0:
    case 1:
        delete_some(&pair);
        break;
    case 2:
    case 3:
        write_stream(&pair);
        break;
    case 4:
        change_access(&pair);
        break;
    case 5:
    case 6:
        change_subobjects(&pair);
        break;
    default:
        set_some(&pair);
        break;
    }
    pair.real->lpVtbl->Release(pair.real);
}

static void run_case(void)
{
    unsigned from, to, i;

    soak_begin(case_number);
    for (i = 0; i < PAIRS; i++)
        pair_make(i);
    for (step_number = 0; step_number < STEPS; step_number++) {
        from = chance(PAIRS);
        to = chance(PAIRS);
        if (chance(2)) {
            copy_between(from, to);
            pair_expect_same(&pairs[from]);
        } else {
            change_something(to);
        }
        pair_expect_same(&pairs[to]);
        if (chance(25) == 0) {
            pair_drop(to);
            pair_make(to);
        }
    }
    for (i = 0; i < PAIRS; i++)
        pair_drop(i);
}

Test(copy_model, random_copies_equal_the_model)
{
    unsigned end = soak_first() + soak_cases(CASES);

    for (case_number = soak_first(); case_number < end; case_number++)
        run_case();
}
