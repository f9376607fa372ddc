/* tests/mapi/prop_object.h - the smallest object with IMAPIProp */
#ifndef MG_TEST_PROP_OBJECT_H
#define MG_TEST_PROP_OBJECT_H

#include "mapi/prop.h"

struct prop_object {
    IMAPIProp IMAPIProp_iface;
    struct mapi_object object;
    struct mapi_prop props;
    int saves, loads, changes;
    bool with_names; /* GetIDsFromNames gives `name_base` + number of the name; ids
                      * before it, and PROP_OBJECT_NAMES after it, have no names */
    ULONG name_base;
    LONG signature;      /* of the mapping */
    void (*watch)(void); /* called in each operation */
};

#define PROP_OBJECT_NAMES 0x100

struct prop_object *prop_object_create(bool writable);
extern int prop_objects_alive;

#endif
