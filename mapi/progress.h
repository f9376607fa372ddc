/* mapi/progress.h - a progress object that shows nothing
 *
 * What IMAPISupport::DoProgressDialog gives where there is no screen: it keeps limits and flags, so
 * that whoever reports to it does as to a dialog. Free-threaded. Requirements: UTL-122 to UTL-128.
 */
#ifndef MG_PROGRESS_H
#define MG_PROGRESS_H

#include "mapi/object.h"

/* One reference for the caller. MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT progress_create(struct mapi_object *owner, IMAPIProgress **ret_progress);

#endif
