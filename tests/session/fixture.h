/* tests/session/fixture.h - a library with profiles of its own, for one test
 *
 * Each test has a state directory of its own. Helpers assert: the test cannot go on without. */
#ifndef MG_TEST_SESSION_FIXTURE_H
#define MG_TEST_SESSION_FIXTURE_H

#include <criterion/criterion.h>

#include "mapi/mapiguid.h"
#include "mapi/mapispi.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/sink.h"
#include "session/fake_provider.h"
#include "support/com.h"

/* Only the directory, or the library initialised with its notification thread too. */
void fixture_directory(void);
void fixture_set_up(void);
void fixture_tear_down(void); /* whatever the test left initialised */

void initialize(ULONG flags);
void fixture_uninitialize(void); /* as often as it was initialised: for other flags */

IProfAdmin *open_admin(void);
/* Makes a profile with one IMAPSMTP service for each user, in order. */
void make_profile(const char *name, const char *const *users, size_t count);
void make_profile_of(const char *name, const char *user);
void add_service(IMsgServiceAdmin *services, const char *user);
void set_default_profile(const char *name); /* NULL: none */

/* MAPILogonEx with MAPI_EXTENDED. */
HRESULT try_logon(const char *name, ULONG flags, IMAPISession **ret_session);
IMAPISession *logon(const char *name, ULONG flags);
/* Logoff and the last Release. */
void logoff(IMAPISession *session);

/* Waits, 30 s at the most, until the sink's only reference is the test's: one that is running when
 * its subscription ends is given back when OnNotify has returned. */
bool sink_is_free(struct test_sink *sink);

/* Rows of a table, columns as it gives them; the caller frees with FreeProws. */
SRowSet *all_rows(IMAPITable *table);
size_t row_count(IMAPITable *table);
const SPropValue *value_of(const SRow *row, ULONG tag);  /* NULL: not there */
bool text_is(const SPropValue *value, const char *utf8); /* PT_UNICODE */

/* The status row of a resource type (and, unless NULL, of that display name); asserts that there is
 * one. Freed with FreeProws; *ret_row points into it. */
SRowSet *status_row(IMAPISession *session, ULONG type, const char *display, const SRow **ret_row);
size_t status_rows(IMAPISession *session, ULONG type);
/* Its status object. */
IMAPIStatus *open_status(IMAPISession *session, ULONG type, const char *display);

/* The entry id of the store of that display name; to free with MAPIFreeBuffer. */
SBinary *store_id(IMAPISession *session, const char *display);

#endif
