/* session/make_invalid.c - IMAPISupport::MakeInvalid: what is left of a provider's object */
#include "session/make_invalid.h"

#include <assert.h>
#include <stdatomic.h>

#include "mapi/memory.h"

/* Lies over the provider's object: 16 bytes are all that it may count on. */
struct stub {
    void *const *vtable;
    atomic_uint refs;
};
static_assert(sizeof(struct stub) == 16, "what the page asks of an object");

static HRESULT STDMETHODCALLTYPE stub_QueryInterface(struct stub *stub, REFIID iid, void **ret)
{
    (void)stub;
    (void)iid;
    if (ret)
        *ret = NULL;
    return MAPI_E_INVALID_OBJECT;
}

static ULONG STDMETHODCALLTYPE stub_AddRef(struct stub *stub)
{
    return atomic_fetch_add(&stub->refs, 1) + 1;
}

static ULONG STDMETHODCALLTYPE stub_Release(struct stub *stub)
{
    unsigned refs = atomic_fetch_sub(&stub->refs, 1) - 1;

    if (refs == 0)
        mapi_free(stub);
    return refs;
}

/* Stands for methods of any arguments: the caller takes those from the stack again. */
static HRESULT STDMETHODCALLTYPE stub_method(struct stub *stub)
{
    (void)stub;
    return MAPI_E_INVALID_OBJECT;
}

static void *const stub_vtable[MAKE_INVALID_METHODS_MAX] = {
    (void *)stub_QueryInterface,
    (void *)stub_AddRef,
    (void *)stub_Release,
    [3 ... MAKE_INVALID_METHODS_MAX - 1] = (void *)stub_method,
};

HRESULT make_invalid(void *object, ULONG refs, ULONG methods)
{
    struct stub *stub = object;

    if (!object || refs == 0 || methods < 3 || methods > MAKE_INVALID_METHODS_MAX ||
        mapi_block_size(object) < sizeof(*stub))
        return MAPI_E_INVALID_PARAMETER;
    stub->vtable = stub_vtable;
    atomic_init(&stub->refs, refs);
    return S_OK;
}
