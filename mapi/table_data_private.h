/* mapi/table_data_private.h - what table_data.c and table_data_view.c share */
#ifndef MG_TABLE_DATA_PRIVATE_H
#define MG_TABLE_DATA_PRIVATE_H

#include <pthread.h>

#include "mapi/mapiutil.h"
#include "mapi/object.h"
#include "mapi/propval.h"
#include "mapi/row_list.h"

struct table_data {
    ITableData ITableData_iface;
    struct mapi_object object;
    LPALLOCATEBUFFER allocate; /* the caller's, for rows that go out one by one */
    ULONG type, key;           /* TBLTYPE_*; the index column, a string in PT_UNICODE */
    struct row_list *list;     /* our reference on its source */
    SPropTagArray *columns;    /* as they were declared */
    pthread_mutex_t lock;
    ULONG *narrow; /* under lock: columns that came as 8-bit strings, as PT_UNICODE */
    size_t narrow_count;
};

/* The tag under which the list keeps a column. */
static inline ULONG table_data_kept_tag(ULONG tag)
{
    ULONG type = prop_base_type(tag);

    return (type & ~(ULONG)MV_FLAG) == PT_STRING8
               ? CHANGE_PROP_TYPE(tag, PT_UNICODE | (type & MV_FLAG))
               : tag;
}

/* Did the column, by its kept tag, come as an 8-bit string? Lock held. */
bool table_data_is_narrow(const struct table_data *data, ULONG tag);

/* HrGetView: a table on the rows. `caller_release` (may be NULL) is called when it goes. */
HRESULT table_data_view(struct table_data *data, const SSortOrderSet *sort,
                        CALLERRELEASE *caller_release, ULONG_PTR caller_data,
                        IMAPITable **ret_view);

#endif
