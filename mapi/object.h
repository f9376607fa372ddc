/* mapi/object.h - what every COM object of ours embeds
 *
 * References, owner, liveness, interfaces and the last error. A type embeds `struct mapi_object`
 * as a member named `object`, names its interfaces in a `struct mapi_class`, and gets its vtables
 * from the generator (mapi/thunks.py, see README.md): the generated thunk of each slot but
 * IUnknown's first asks mapi_object_enter whether the object and its owners are alive, else it
 * answers MAPI_E_INVALID_OBJECT (MEM-033, MEM-036). Logoff, store logoff and SubmitMessage only
 * call mapi_object_invalidate; memory goes at the last Release.
 *
 * Any thread. A child holds its parent through `owner`. */
#ifndef MG_OBJECT_H
#define MG_OBJECT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "mapi/error.h"
#include "mapi/mapidefs.h"
#include "mapi/memory.h"

struct mapi_object;

/* One interface that QueryInterface gives, and where it lies, seen from the mapi_object. */
struct mapi_face {
    const IID *iid;
    ptrdiff_t offset;
};
#define MAPI_FACE(type, iid, member)                                                               \
    {                                                                                              \
        &(iid), (ptrdiff_t)offsetof(type, member) - (ptrdiff_t)offsetof(type, object)              \
    }

struct mapi_class {
    const char *name; /* for assertions and logs: "imap_folder" */

    /* The last reference has gone: gives back what the object holds, calls mapi_object_clear,
     * frees. Runs on whichever thread released; must not wait (docs/engine.md: post instead).
     * Accepts half-built objects. */
    void (*destroy)(struct mapi_object *object);

    /* IID_IUnknown is given by the first face and need not be listed. */
    const struct mapi_face *faces;
    size_t face_count;
};

struct mapi_object {
    const struct mapi_class *type;
    atomic_uint refs;
    atomic_int dead;           /* an HRESULT: S_OK while it lives, else what its methods answer */
    struct mapi_object *owner; /* our reference; NULL: none */
    pthread_mutex_t error_lock;
    struct error_info *last_error; /* under error_lock; NULL: none yet */
};

/* One reference, the caller's. Takes a reference on `owner` (may be NULL). */
void mapi_object_init(struct mapi_object *object, const struct mapi_class *type,
                      struct mapi_object *owner);

/* Gives back the owner's reference and the error record; for `destroy`. Accepts a zeroed object. */
void mapi_object_clear(struct mapi_object *object);

/* AddRef and Release: the new count. The last unref calls destroy. NULL is accepted by unref. */
ULONG mapi_object_ref(struct mapi_object *object);
ULONG mapi_object_unref(struct mapi_object *object);

/* For a parent that caches a child without a reference: takes one unless the last has gone and the
 * object is being destroyed. The caller's lock keeps the memory (destroy takes the same lock to
 * empty the cache). */
bool mapi_object_try_ref(struct mapi_object *object);

/* From now on every call on the object and on all that it owns, reference counting and
 * QueryInterface for IUnknown apart, answers MAPI_E_INVALID_OBJECT. */
void mapi_object_invalidate(struct mapi_object *object);

/* The same with MAPI_E_NOT_INITIALIZED: what it belongs to has been shut down, or was left behind
 * by a fork. Async-signal-safe. */
void mapi_object_shut(struct mapi_object *object);
bool mapi_object_is_alive(const struct mapi_object *object);

/* QueryInterface: MAPI_E_INTERFACE_NOT_SUPPORTED and *ret NULL for what the type does not list,
 * MAPI_E_INVALID_PARAMETER for NULL arguments (MEM-029). */
HRESULT mapi_object_query(struct mapi_object *object, REFIID iid, void **ret);

/* Whether an object of this type gives that interface; NULL stands for the standard one. */
bool mapi_object_gives(const struct mapi_object *object, const IID *iid);

/* The door of each method, for thunks. enter: S_OK, or what the dead answer; keeps a reference
 * until leave, so that a method may release its own object. leave passes `hr` on, after delivering
 * what the calling thread's own notification queue holds (mapi/notify.h). */
HRESULT mapi_object_enter(struct mapi_object *object);
HRESULT mapi_object_leave(struct mapi_object *object, HRESULT hr);

/* Keeps `error` for GetLastError and returns its code: `return mapi_object_fail(&x->object,
 * &error)`. S_OK in the record: nothing is kept. */
HRESULT mapi_object_fail(struct mapi_object *object, const struct error_info *error);

/* The same, with the sentence written here. */
HRESULT mapi_object_error(struct mapi_object *object, HRESULT hr, const char *component,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));

/* GetLastError: the record that goes with `hr`, strings in the width of `flags` (MAPI_UNICODE), one
 * MAPIFreeBuffer; NULL with S_OK when there is none or it belongs to another code (MEM-041,
 * MEM-047). MAPI_E_UNKNOWN_FLAGS, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT mapi_object_get_last_error(struct mapi_object *object, HRESULT hr, ULONG flags,
                                   MAPIERROR **ret_error);

/* An error record as a MAPIERROR of its own (support objects, service administration). */
HRESULT mapi_error_create(const struct error_info *error, ULONG flags, MAPIERROR **ret_error);

/* Copies what is known about the last failure (hr S_OK: nothing) for use elsewhere. */
void mapi_object_last_error(struct mapi_object *object, struct error_info *ret_error);

/* Reference counting for interfaces we hold; NULL is accepted. */
void unknown_addref(void *iface);
void unknown_release(void *iface);

static inline bool guid_equal(const GUID *a, const GUID *b)
{
    return __builtin_memcmp(a, b, sizeof(*a)) == 0;
}

#endif
