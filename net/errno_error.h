/* net/errno_error.h - errno to HRESULT and words, the one place of net/ where they meet */
#ifndef MG_ERRNO_ERROR_H
#define MG_ERRNO_ERROR_H

#include "mapi/error.h"

/* MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_NOT_ENOUGH_RESOURCES (descriptors), else
 * MAPI_E_NETWORK_ERROR. */
HRESULT errno_to_hresult(int number);

/* Fills `error` with `what` ("cannot connect"; NULL: nothing before) and the words of `number`;
 * returns its HRESULT. */
HRESULT errno_error(struct error_info *error, const char *component, const char *what, int number);

#endif
