/* providers/imap/modify_table.c - tables of a folder that are changed by lists of rows */
#include "providers/imap/modify_table.h"

#include <stdlib.h>

#include "mapi/arguments.h"
#include "mapi/edkguid.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"

struct modify_table {
    IExchangeModifyTable IExchangeModifyTable_iface;
    struct mapi_object object;
    struct imap_link *link; /* our reference */
    const struct modify_table_ops *ops;
    uint64_t folder;
    bool writable;
};

static HRESULT modify_table_GetTable(struct modify_table *self, ULONG flags, LPMAPITABLE *ret_table)
{
    if (flags & ~(self->ops->flags | (ULONG)(MAPI_UNICODE | MAPI_DEFERRED_ERRORS)))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    return self->ops->open(self->link, &self->object, self->folder, flags, ret_table);
}

static bool row_is_bad(const ROWENTRY *row)
{
    return (row->ulRowFlags != ROW_ADD && row->ulRowFlags != ROW_MODIFY &&
            row->ulRowFlags != ROW_REMOVE && row->ulRowFlags != ROW_EMPTY) ||
           argument_count_is_bad(row->cValues) || (row->cValues && !row->rgPropVals);
}

static HRESULT modify_table_ModifyTable(struct modify_table *self, ULONG flags, LPROWLIST list)
{
    if (flags & ~(self->ops->flags | (ULONG)ROWLIST_REPLACE))
        return MAPI_E_UNKNOWN_FLAGS;
    if (!list || argument_count_is_bad(list->cEntries))
        return MAPI_E_INVALID_PARAMETER;
    for (ULONG i = 0; i < list->cEntries; i++)
        if (row_is_bad(&list->aEntries[i]))
            return MAPI_E_INVALID_PARAMETER;
    if (!self->writable)
        return MAPI_E_NO_ACCESS;
    return self->ops->modify(self->link, &self->object, self->folder, flags, list);
}

const SPropValue *row_entry_find(const ROWENTRY *row, ULONG tag)
{
    for (ULONG i = 0; i < row->cValues; i++)
        if (PROP_ID(row->rgPropVals[i].ulPropTag) == PROP_ID(tag))
            return &row->rgPropVals[i];
    return NULL;
}

/* @thunks IExchangeModifyTable modify_table modify_table */
#include "providers/imap/modify_table_thunks.inc"

static const struct mapi_face modify_table_faces[] = {
    MAPI_FACE(struct modify_table, IID_IExchangeModifyTable, IExchangeModifyTable_iface),
};

static void modify_table_destroy(struct mapi_object *object)
{
    struct modify_table *self = container_of(object, struct modify_table, object);

    imap_link_unref(self->link);
    mapi_object_clear(object);
    free(self);
}

static const struct mapi_class modify_table_class = {
    .name = "modify_table",
    .destroy = modify_table_destroy,
    .faces = modify_table_faces,
    .face_count = sizeof(modify_table_faces) / sizeof(modify_table_faces[0]),
};

static const struct modify_table_ops *find_ops(ULONG tag)
{
    static const struct modify_table_ops *const all[] = {&rules_table_ops, &permissions_table_ops};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (PROP_ID(all[i]->tag) == PROP_ID(tag))
            return all[i];
    return NULL;
}

HRESULT modify_table_open(struct imap_link *link, struct mapi_object *folder_object,
                          uint64_t folder, ULONG tag, bool writable,
                          IExchangeModifyTable **ret_table)
{
    const struct modify_table_ops *ops = find_ops(tag);
    struct modify_table *self;

    if (!ops)
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    self = calloc(1, sizeof(*self));
    if (!self)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    self->IExchangeModifyTable_iface.lpVtbl = &modify_table_vtbl;
    self->link = imap_link_ref(link);
    self->ops = ops;
    self->folder = folder;
    self->writable = writable;
    mapi_object_init(&self->object, &modify_table_class, folder_object);
    *ret_table = &self->IExchangeModifyTable_iface;
    return S_OK;
}
