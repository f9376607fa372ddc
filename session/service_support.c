/* session/service_support.c - what a message service's entry point may ask: IMAPISupport */
#include "session/service_support.h"

#include <stdlib.h>

#include "mapi/mapiextra.h"
#include "mapi/mapiguid.h"
#include "mapi/memory.h"
#include "session/section.h"
#include "session/support_basics.h"

struct service_support {
    IMAPISupport IMAPISupport_iface;
    struct mapi_object object;
    struct profiles *profiles; /* our reference */
    MAPIUID key, service;
};

static HRESULT support_GetMemAllocRoutines(struct service_support *support,
                                           LPALLOCATEBUFFER *ret_buffer, LPALLOCATEMORE *ret_more,
                                           LPFREEBUFFER *ret_free)
{
    (void)support;
    return support_basics_allocators(ret_buffer, ret_more, ret_free);
}

static HRESULT support_NewUID(struct service_support *support, LPMAPIUID ret_uid)
{
    (void)support;
    return support_basics_uid(ret_uid);
}

static HRESULT support_OpenProfileSection(struct service_support *support, LPMAPIUID uid,
                                          ULONG flags, LPPROFSECT *ret_section)
{
    struct error_info error = {0};
    HRESULT hr;

    if (!ret_section)
        return MAPI_E_INVALID_PARAMETER;
    *ret_section = NULL;
    if (flags & ~(ULONG)(MAPI_MODIFY | MAPI_DEFERRED_ERRORS))
        return MAPI_E_UNKNOWN_FLAGS;
    hr = section_open(support->profiles, &support->object, &support->key,
                      uid ? uid : &support->service, flags | MAPI_FORCE_ACCESS, SECTION_OF_PROVIDER,
                      &error, ret_section);
    return FAILED(hr) && error.hr == hr ? mapi_object_fail(&support->object, &error) : hr;
}

/* @thunks IMAPISupport service_support support none=Subscribe,Unsubscribe,Notify,ModifyStatusRow,
 * RegisterPreprocessor,MakeInvalid,SpoolerYield,SpoolerNotify,CreateOneOff,SetProviderUID,
 * CompareEntryIDs,OpenTemplateID,OpenEntry,GetOneOffTable,Address,Details,NewEntry,
 * DoConfigPropsheet,CopyMessages,CopyFolder,DoCopyTo,DoCopyProps,DoProgressDialog,ReadReceipt,
 * PrepareSubmit,ExpandRecips,UpdatePAB,DoSentMail,OpenAddressBook,Preprocess,CompleteMsg,
 * StoreLogoffTransports,StatusRecips,WrapStoreEntryID,ModifyProfile,IStorageFromStream,
 * GetSvcConfigSupportObj */
#include "session/service_support_thunks.inc"

static const struct mapi_face support_faces[] = {
    MAPI_FACE(struct service_support, IID_IMAPISup, IMAPISupport_iface),
};

static void support_destroy(struct mapi_object *object)
{
    struct service_support *support = container_of(object, struct service_support, object);

    profiles_unref(support->profiles);
    mapi_object_clear(object);
    free(support);
}

static const struct mapi_class support_class = {
    .name = "service_support",
    .destroy = support_destroy,
    .faces = support_faces,
    .face_count = sizeof(support_faces) / sizeof(support_faces[0]),
};

HRESULT service_support_create(struct profiles *profiles, struct mapi_object *owner,
                               const MAPIUID *key, const MAPIUID *service,
                               IMAPISupport **ret_support)
{
    struct service_support *support = calloc(1, sizeof(*support));

    if (!support)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    support->IMAPISupport_iface.lpVtbl = &support_vtbl;
    support->profiles = profiles_ref(profiles);
    support->key = *key;
    support->service = *service;
    mapi_object_init(&support->object, &support_class, owner);
    *ret_support = &support->IMAPISupport_iface;
    return S_OK;
}
