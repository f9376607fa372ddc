/* tests/mapi/copy_model.h - a slow, obvious model of objects and of copying between them
 *
 * An object is a list of (id, type, number of the value), copying a loop over one. Nothing of the
 * library is used: the values are copy_values.h's. A test does the same to real objects and
 * compares. All arrays are as long as they ever get; what does not fit fails the test. */
#ifndef MG_TEST_COPY_MODEL_H
#define MG_TEST_COPY_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/copy_values.h"

#define MODEL_PROPS       220
#define MODEL_RECIPIENTS  6
#define MODEL_ATTACHMENTS 16

struct model_prop {
    ULONG id;
    ULONG type; /* as it is kept */
    unsigned variant;
    bool is_number;  /* PT_LONG or 4 bytes of PT_BINARY: `variant` itself */
    HRESULT refusal; /* what setting or deleting it answers; S_OK: it may be */
};

struct model_recipient {
    unsigned name, extra; /* numbers of values */
    LONG type;
};

struct model_object {
    bool readonly;
    bool is_message;  /* has recipients and attachments */
    bool is_attach;   /* may have a message in it */
    ULONG names;      /* first id of the named properties it can have; 0: none */
    ULONG refused_id; /* MAPI_E_NO_ACCESS when set; 0: none */

    struct model_prop props[MODEL_PROPS];
    size_t count;
    struct model_recipient recipients[MODEL_RECIPIENTS];
    size_t recipient_count;
    struct model_object *attachments[MODEL_ATTACHMENTS]; /* owned */
    size_t attachment_count;
    struct model_object *embedded; /* owned */
};

/* A message, an attachment with that number, or neither; NULL is freed as well. */
struct model_object *model_message(void);
struct model_object *model_attach(LONG number);
struct model_object *model_plain(void);
struct model_object *model_clone(const struct model_object *object);
void model_free(struct model_object *object);

struct model_prop *model_find(struct model_object *object, ULONG id);
/* Sets as the object itself does it. */
struct model_prop *model_put(struct model_object *object, ULONG tag, unsigned variant);
/* Sets and deletes as a client does it: S_OK, or the problem. Not for read-only objects. */
HRESULT model_set(struct model_object *object, ULONG tag, unsigned variant);
HRESULT model_delete(struct model_object *object, ULONG id);
struct model_object *model_add_attachment(struct model_object *message);
struct model_object *model_embed(struct model_object *attach); /* a new message in it */

/* How many objects there are in it, itself included. */
size_t model_weight(const struct model_object *object);

/* What GetProps gives for this tag. */
SPropValue model_get(struct model_object *object, ULONG tag, ULONG flags);
SPropValue model_value(const struct model_prop *prop, ULONG type);
#define GET_LIMIT 8192

struct model_copy {
    struct model_object *source, *dest;
    const ULONG *ids; /* what is to be copied, in this order */
    size_t count;
    ULONG flags;                       /* MAPI_MOVE, MAPI_NOREPLACE */
    bool no_objects;                   /* the source's own interface is excluded */
    bool to_message;                   /* the destination is given as an IMessage */
    HRESULT problems[2 * MODEL_PROPS]; /* out, for each id */
};
HRESULT model_copy(struct model_copy *copy);

#endif
