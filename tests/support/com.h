/* tests/support/com.h - what every COM object promises, as checks
 *
 * Each takes an interface pointer of any kind. Failures name the caller's line. */
#ifndef MG_TEST_COM_H
#define MG_TEST_COM_H

#include <criterion/criterion.h>

#include "mapi/mapidefs.h"

/* No slot of the vtable is NULL. */
#define expect_full_vtable(object)                                                                 \
    do {                                                                                           \
        void *const *slots_ = (void *const *)(const void *)(object)->lpVtbl;                       \
        for (size_t slot_ = 0; slot_ < sizeof(*(object)->lpVtbl) / sizeof(void *); slot_++)        \
            cr_expect(slots_[slot_] != NULL, "slot %zu is NULL", slot_);                           \
    } while (0)

/* The call gives this very result. */
#define expect_hr(call, expected)                                                                  \
    do {                                                                                           \
        HRESULT hr_ = (call);                                                                      \
        cr_expect(hr_ == (HRESULT)(expected), "%s: 0x%08X, expected 0x%08X (%s)", #call,           \
                  (unsigned)hr_, (unsigned)(expected), #expected);                                 \
    } while (0)

/* The same, but the test cannot go on without it. */
#define assert_hr(call, expected)                                                                  \
    do {                                                                                           \
        HRESULT hr_ = (call);                                                                      \
        cr_assert(hr_ == (HRESULT)(expected), "%s: 0x%08X, expected 0x%08X (%s)", #call,           \
                  (unsigned)hr_, (unsigned)(expected), #expected);                                 \
    } while (0)

/* QueryInterface gives the interface, and its own IUnknown is the object's (COM identity). */
#define expect_interface(object, iid)                                                              \
    do {                                                                                           \
        IUnknown *unknown_ = (IUnknown *)(object), *got_ = NULL, *a_ = NULL, *b_ = NULL;           \
        HRESULT hr_ = unknown_->lpVtbl->QueryInterface(unknown_, (iid), (void **)&got_);           \
        cr_expect(hr_ == S_OK && got_, "no %s: 0x%08X", #iid, (unsigned)hr_);                      \
        if (got_) {                                                                                \
            unknown_->lpVtbl->QueryInterface(unknown_, &IID_IUnknown, (void **)&a_);               \
            got_->lpVtbl->QueryInterface(got_, &IID_IUnknown, (void **)&b_);                       \
            cr_expect(a_ &&a_ == b_, "%s: another IUnknown", #iid);                                \
            a_->lpVtbl->Release(a_);                                                               \
            b_->lpVtbl->Release(b_);                                                               \
            got_->lpVtbl->Release(got_);                                                           \
        }                                                                                          \
    } while (0)

#define expect_no_interface(object, iid)                                                           \
    do {                                                                                           \
        IUnknown *unknown_ = (IUnknown *)(object), *got_ = unknown_;                               \
        HRESULT hr_ = unknown_->lpVtbl->QueryInterface(unknown_, (iid), (void **)&got_);           \
        cr_expect(hr_ == MAPI_E_INTERFACE_NOT_SUPPORTED, "%s: 0x%08X", #iid, (unsigned)hr_);       \
        cr_expect(got_ == NULL, "%s: output not NULL", #iid);                                      \
    } while (0)

/* How many references there are now. */
#define EXPECT_REF(object, expected)                                                               \
    do {                                                                                           \
        IUnknown *unknown_ = (IUnknown *)(object);                                                 \
        ULONG refs_;                                                                               \
        unknown_->lpVtbl->AddRef(unknown_);                                                        \
        refs_ = unknown_->lpVtbl->Release(unknown_);                                               \
        cr_expect(refs_ == (expected), "%u references, expected %u", (unsigned)refs_,              \
                  (unsigned)(expected));                                                           \
    } while (0)

/* The last reference. */
#define expect_last_release(object)                                                                \
    do {                                                                                           \
        IUnknown *unknown_ = (IUnknown *)(object);                                                 \
        ULONG refs_ = unknown_->lpVtbl->Release(unknown_);                                         \
        cr_expect(refs_ == 0, "%u references left", (unsigned)refs_);                              \
    } while (0)

#endif
