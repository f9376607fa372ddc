/* mapi/guids.c - the one place that defines the GUIDs which the public headers declare */
#define INITGUID

#include "mapi/edkguid.h"
#include "mapi/exchform.h"
#include "mapi/imscapabilities.h"
#include "mapi/mapiaux.h"
#include "mapi/mapiextra.h"
#include "mapi/mapiguid.h"
#include "mapi/mapioid.h"
