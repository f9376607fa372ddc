/* mapi/default_malloc.c - MAPIGetDefaultMalloc: our allocator as an IMalloc
 *
 * One object for the process, which reference counting neither makes nor ends. Its blocks are those
 * of MAPIAllocateBuffer, so that one may be freed by the other. MEM-020. */
#include <malloc.h>
#include <stdint.h>

#include "mapi/mapiguid.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/object.h"

static HRESULT STDMETHODCALLTYPE malloc_QueryInterface(IMalloc *iface, REFIID iid, LPVOID *ret)
{
    if (!iid || !ret)
        return MAPI_E_INVALID_PARAMETER;
    *ret = NULL;
    if (!guid_equal(iid, &IID_IMalloc) && !guid_equal(iid, &IID_IUnknown))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE malloc_AddRef(IMalloc *iface)
{
    return 2;
}

static ULONG STDMETHODCALLTYPE malloc_Release(IMalloc *iface)
{
    return 1;
}

static void *STDMETHODCALLTYPE malloc_Alloc(IMalloc *iface, SIZE_T size)
{
    LPVOID block;

    return size <= UINT32_MAX && SUCCEEDED(MAPIAllocateBuffer((ULONG)size, &block)) ? block : NULL;
}

static void STDMETHODCALLTYPE malloc_Free(IMalloc *iface, void *block)
{
    MAPIFreeBuffer(block);
}

/* As COM says: of NULL it allocates, to nothing it frees, and a failure leaves the block alone. */
static void *STDMETHODCALLTYPE malloc_Realloc(IMalloc *iface, void *block, SIZE_T size)
{
    LPVOID moved;

    if (block && size == 0) {
        MAPIFreeBuffer(block);
        return NULL;
    }
    return size <= UINT32_MAX && SUCCEEDED(MAPIReallocateBuffer(block, (ULONG)size, &moved)) ? moved
                                                                                             : NULL;
}

static SIZE_T STDMETHODCALLTYPE malloc_GetSize(IMalloc *iface, void *block)
{
    return block ? mapi_block_size(block) : (SIZE_T)-1;
}

static int STDMETHODCALLTYPE malloc_DidAlloc(IMalloc *iface, void *block)
{
    return -1; /* not to be told without reading memory that may be nobody's */
}

static void STDMETHODCALLTYPE malloc_HeapMinimize(IMalloc *iface)
{
    malloc_trim(0);
}

static const IMallocVtbl malloc_vtbl = {
    .QueryInterface = malloc_QueryInterface,
    .AddRef = malloc_AddRef,
    .Release = malloc_Release,
    .Alloc = malloc_Alloc,
    .Realloc = malloc_Realloc,
    .Free = malloc_Free,
    .GetSize = malloc_GetSize,
    .DidAlloc = malloc_DidAlloc,
    .HeapMinimize = malloc_HeapMinimize,
};

LPMALLOC STDAPICALLTYPE MAPIGetDefaultMalloc(void)
{
    static IMalloc instance = {.lpVtbl = (IMallocVtbl *)&malloc_vtbl};

    return &instance;
}
