/* tests/session/fake_provider.h - a store and a transport that live in memory
 *
 * They stand in the built-in table of the test's executable under the name of the real ones, so
 * that a profile with the service IMAPSMTP uses them. What one does is named by the PR_MG_USER of
 * its service:
 *
 *  - "offline":      the store's logon fails with MAPI_E_FAILONEPROVIDER, network error
 *  - "wrong":        the same with MAPI_E_LOGON_FAILED below it, until `fake.password_is_right`
 *  - "broken":       the store's logon fails with MAPI_E_CORRUPT_STORE
 *  - "unconfigured": MAPI_E_UNCONFIGURED, until the service's entry point was called
 *  - "poor":         a store that cannot be the default one
 *  - "deaf":         a transport whose AddressTypes fails
 *  - anything else:  all is well */
#ifndef MG_TEST_FAKE_PROVIDER_H
#define MG_TEST_FAKE_PROVIDER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "mapi/mapidefs.h"
#include "mapi/mapispi.h"

#define FAKE_CALLS_MAX 4096

/* What the test decides and what it may look at. */
struct fake {
    atomic_bool password_is_right, configured;
    atomic_bool old_version;                /* entry points return an SPI version of long ago */
    atomic_bool transport_strings;          /* the transport's row has a PR_STATUS_STRING */
    atomic_bool hold_transport;             /* TransportLogon waits until it is false */
    atomic_int identity;                    /* 0: none; 1: all three columns; 2: no entry id */
    atomic_int alive;                       /* objects of ours */
    atomic_int configure_calls, with_admin; /* of the service's entry point, without values */
    atomic_uintptr_t service_ui;            /* the window it was given */
    _Atomic(HRESULT) refuse_service;        /* what it answers to `refuse_context` */
    atomic_uint refuse_context;
    atomic_int validate_flags; /* of the last ValidateState of a transport */
    atomic_int validate_answer;
    atomic_ulong store_flags; /* of the last IMSProvider::Logon */
    _Atomic(const char *) types[3];

    pthread_mutex_t lock;
    char calls[FAKE_CALLS_MAX][80]; /* what happened: "store_logon ann" */
    size_t call_count;
    ULONG contexts[FAKE_CALLS_MAX]; /* what the service's entry point was called with */
    size_t context_count;
    IMAPISupport *store_support; /* of the last store logon; no reference */

    /* What the store's entry point was given. */
    LPALLOCATEBUFFER allocate_buffer;
    LPALLOCATEMORE allocate_more;
    LPFREEBUFFER free_buffer;
    ULONG mapi_version;
};
extern struct fake fake;

/* How often a call of this name came (the user's name behind it may be left out), and its place. */
size_t fake_count(const char *call);
int fake_position(const char *call); /* of the last one; asserts that it came */

/* For the fake address book (fake_address_book.h): writes a call down; whose provider it is. */
void fake_note(const char *call, const char *user);
void fake_read_user(IMAPISupport *support, char user[32]);

/* Entry ids of the folders that each store has: the number's bytes may differ in case (SES-136). */
#define FAKE_ID_SIZE 22
void fake_folder_id(const char *user, const char number[2], BYTE id[FAKE_ID_SIZE]);
void fake_store_uid(const char *user, MAPIUID *ret_uid);

/* A folder sends fnevObjectModified about itself to whoever advised on it. */
void fake_touch_folder(const char *user, const char number[2]);

#endif
