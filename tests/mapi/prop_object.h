/* tests/mapi/prop_object.h - the smallest object with IMAPIProp */
#ifndef MG_TEST_PROP_OBJECT_H
#define MG_TEST_PROP_OBJECT_H

#include "mapi/prop.h"

struct prop_object {
    IMAPIProp IMAPIProp_iface;
    struct mapi_object object;
    struct mapi_prop props;
    int saves, loads, changes;
    bool with_names; /* GetIDsFromNames gives `name_base` + number of the name */
    ULONG name_base;
    LONG signature;      /* of the mapping */
    void (*watch)(void); /* called in each operation */
};

struct prop_object *prop_object_create(bool writable);
extern int prop_objects_alive;

#endif
