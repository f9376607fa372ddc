/* mapi/prop.h - IMAPIProp, written once
 *
 * Whoever has properties embeds a `struct mapi_prop` beside its `struct mapi_object` and names it
 * to the thunk generator; the IMAPIProp slots of its interfaces then forward to the prop_*
 * functions below. What differs between objects is in `struct prop_ops`, all slots optional.
 *
 * Locking: `lock` is a leaf around the bag; the ops are called without it (they may wait), getters
 * of computed properties with it. Requirements: STO-240 to STO-290. */
#ifndef MG_PROP_H
#define MG_PROP_H

#include "mapi/object.h"
#include "mapi/propbag.h"

struct mapi_prop;
struct prop_stream;

struct prop_ops {
    /* Before values or the list are read: bring in what is asked for (tags NULL: the list, and all
     * small values). May wait. Failure ends the call. */
    HRESULT (*load)(struct mapi_prop *prop, const SPropTagArray *tags);

    /* One SetProps value or (with value NULL) one deletion, before it is done. S_OK: go on;
     * S_FALSE: this function did it all; a failure becomes the problem. `value` may be changed.
     * Memory only. */
    HRESULT (*change)(struct mapi_prop *prop, ULONG tag, SPropValue *value);

    /* After SetProps, DeleteProps or a stream's Commit changed the bag; for objects without
     * transactions, which write through here. May wait. */
    HRESULT (*changed)(struct mapi_prop *prop);

    /* SaveChanges, flags checked. May wait. Missing: MAPI_E_NO_SUPPORT. */
    HRESULT (*save)(struct mapi_prop *prop, ULONG flags);

    /* OpenProperty: MAPI_E_NO_SUPPORT: not mine, do the usual thing (a stream on a string or binary
     * property of the bag). May wait. */
    HRESULT(*open)
    (struct mapi_prop *prop, ULONG tag, const IID *iid, ULONG interface_options, ULONG flags,
     IUnknown **ret_unknown);

    /* CopyTo and CopyProps, for one PT_OBJECT property: copy it to `dest`, whose interface `iid`
     * is. May wait. Missing or MAPI_E_NO_SUPPORT: the usual way for recipients, attachments and
     * embedded messages (copy_message.h). */
    HRESULT(*copy_object)
    (struct mapi_prop *prop, ULONG tag, const IID *iid, void *dest, ULONG flags);

    /* Named properties; missing: MAPI_E_NO_SUPPORT (STO-284). Arguments checked. May wait. */
    HRESULT(*names_from_ids)
    (struct mapi_prop *prop, SPropTagArray **tags, const GUID *set, ULONG flags, ULONG *ret_count,
     MAPINAMEID ***ret_names);
    HRESULT(*ids_from_names)
    (struct mapi_prop *prop, ULONG count, MAPINAMEID **names, ULONG flags,
     SPropTagArray **ret_tags);
};

struct mapi_prop {
    struct mapi_object *object; /* the object we are part of; not a reference */
    IMAPIProp *face;            /* its interface that begins with IMAPIProp's slots */
    const IID *iid;             /* of that interface */
    const struct prop_ops *ops;
    void *context; /* the owner's own */
    bool writable; /* opened with MAPI_MODIFY; else changes answer MAPI_E_NO_ACCESS */
    size_t limit;  /* largest value with a stream that GetProps returns; 0: 8 KiB */
    pthread_mutex_t lock;
    struct propbag bag;
};

/* `getters`' context is `context`. clear accepts a zeroed one. */
void prop_init(struct mapi_prop *prop, struct mapi_object *object, void *face, const IID *iid,
               const struct prop_ops *ops, const struct prop_getter *getters, size_t getter_count,
               void *context);
void prop_clear(struct mapi_prop *prop);

/* For the object's own side, taking the lock: set without marking dirty; a deep copy of one value
 * (one MAPIFreeBuffer; MAPI_E_NOT_FOUND). */
HRESULT prop_load_value(struct mapi_prop *prop, const SPropValue *value, unsigned attributes);
HRESULT prop_dup_value(struct mapi_prop *prop, ULONG tag, SPropValue **ret_value);

/* The slots. */
HRESULT prop_GetLastError(struct mapi_prop *prop, HRESULT hr, ULONG flags, LPMAPIERROR *ret_error);
HRESULT prop_SaveChanges(struct mapi_prop *prop, ULONG flags);
/* The flags it knows. */
#define PROP_SAVE_FLAGS                                                                            \
    (KEEP_OPEN_READONLY | KEEP_OPEN_READWRITE | FORCE_SAVE | MAPI_DEFERRED_ERRORS |                \
     NON_EMS_XP_SAVE | SPAMFILTER_ONSAVE)
HRESULT prop_GetProps(struct mapi_prop *prop, LPSPropTagArray tags, ULONG flags, ULONG *ret_count,
                      LPSPropValue *ret_values);
HRESULT prop_GetPropList(struct mapi_prop *prop, ULONG flags, LPSPropTagArray *ret_tags);
HRESULT prop_OpenProperty(struct mapi_prop *prop, ULONG tag, LPCIID iid, ULONG interface_options,
                          ULONG flags, LPUNKNOWN *ret_unknown);
HRESULT prop_SetProps(struct mapi_prop *prop, ULONG count, LPSPropValue values,
                      LPSPropProblemArray *ret_problems);
HRESULT prop_DeleteProps(struct mapi_prop *prop, LPSPropTagArray tags,
                         LPSPropProblemArray *ret_problems);
HRESULT prop_CopyTo(struct mapi_prop *prop, ULONG exclude_count, LPCIID exclude_iids,
                    LPSPropTagArray exclude_tags, ULONG_PTR ui_param, LPMAPIPROGRESS progress,
                    LPCIID iid, LPVOID dest, ULONG flags, LPSPropProblemArray *ret_problems);
HRESULT prop_CopyProps(struct mapi_prop *prop, LPSPropTagArray include_tags, ULONG_PTR ui_param,
                       LPMAPIPROGRESS progress, LPCIID iid, LPVOID dest, ULONG flags,
                       LPSPropProblemArray *ret_problems);
HRESULT prop_GetNamesFromIDs(struct mapi_prop *prop, LPSPropTagArray *tags, LPGUID set, ULONG flags,
                             ULONG *ret_count, LPMAPINAMEID **ret_names);
HRESULT prop_GetIDsFromNames(struct mapi_prop *prop, ULONG count, LPMAPINAMEID *names, ULONG flags,
                             LPSPropTagArray *ret_tags);

/* The copying itself, between any two objects that have IMAPIProp's slots: what IMAPIProp::CopyTo
 * and IMAPISupport::DoCopyTo do. `source_prop` NULL: the source is foreign. `include` NULL: all but
 * `exclude`. Both named property mappings are honoured (STO-285, PRP-017). Calls foreign code: on
 * the caller's thread only. */
struct prop_copy {
    IMAPIProp *source;
    struct mapi_prop *source_prop;
    IMAPIProp *dest;
    const IID *iid;
    const SPropTagArray *include;
    const SPropTagArray *exclude;
    IMAPIProgress *progress;
    ULONG_PTR ui_param;
    ULONG flags;     /* MAPI_MOVE, MAPI_NOREPLACE, MAPI_DIALOG, MAPI_DECLINE_OK */
    bool no_objects; /* leave PT_OBJECT properties out */
};
HRESULT prop_copy(const struct prop_copy *copy, SPropProblemArray **ret_problems);

#endif
