/* state/schema.c - the tables of state.db and profiles.db
 *
 * Plain SQL that PostgreSQL knows too (BLOB apart). All rows hang on their mailbox or profile and
 * go with it. */
#include "state/schema.h"

static const char state_step_1[] =
    "CREATE TABLE mailboxes ("
    "  id INTEGER PRIMARY KEY,"
    "  account_key TEXT NOT NULL UNIQUE,"
    "  mailbox_guid BLOB NOT NULL,"
    "  repl_guid BLOB NOT NULL,"
    "  mapping_signature BLOB NOT NULL,"
    "  next_side BIGINT NOT NULL,"
    "  next_client BIGINT NOT NULL,"
    "  next_generation BIGINT NOT NULL,"
    "  next_change BIGINT NOT NULL,"
    "  next_named BIGINT NOT NULL);"

    "CREATE TABLE folders ("
    "  mailbox BIGINT NOT NULL REFERENCES mailboxes(id) ON DELETE CASCADE,"
    "  number BIGINT NOT NULL,"
    "  name TEXT NOT NULL,"
    "  mailbox_id TEXT,"
    "  x_guid TEXT,"
    "  uid_validity BIGINT NOT NULL,"
    "  generation BIGINT NOT NULL,"
    "  retired BIGINT NOT NULL,"
    "  PRIMARY KEY (mailbox, number));"
    "CREATE INDEX folders_by_name ON folders(mailbox, name);"
    "CREATE INDEX folders_by_mailbox_id ON folders(mailbox, mailbox_id);"
    "CREATE INDEX folders_by_x_guid ON folders(mailbox, x_guid);"

    "CREATE TABLE generations ("
    "  mailbox BIGINT NOT NULL,"
    "  generation BIGINT NOT NULL,"
    "  folder BIGINT NOT NULL,"
    "  uid_validity BIGINT NOT NULL,"
    "  PRIMARY KEY (mailbox, generation),"
    "  UNIQUE (mailbox, folder, uid_validity),"
    "  FOREIGN KEY (mailbox, folder) REFERENCES folders(mailbox, number) ON DELETE CASCADE);"

    "CREATE TABLE aliases ("
    "  mailbox BIGINT NOT NULL REFERENCES mailboxes(id) ON DELETE CASCADE,"
    "  number BIGINT NOT NULL,"
    "  generation BIGINT NOT NULL,"
    "  uid BIGINT NOT NULL,"
    "  PRIMARY KEY (mailbox, number),"
    "  UNIQUE (mailbox, generation, uid));"

    "CREATE TABLE objects ("
    "  mailbox BIGINT NOT NULL REFERENCES mailboxes(id) ON DELETE CASCADE,"
    "  number BIGINT NOT NULL,"
    "  folder BIGINT NOT NULL,"
    "  kind BIGINT NOT NULL,"
    "  PRIMARY KEY (mailbox, number));"
    "CREATE INDEX objects_by_folder ON objects(mailbox, folder, kind);"

    "CREATE TABLE props ("
    "  mailbox BIGINT NOT NULL REFERENCES mailboxes(id) ON DELETE CASCADE,"
    "  number BIGINT NOT NULL,"
    "  prop BIGINT NOT NULL," /* property id */
    "  type BIGINT NOT NULL,"
    "  value BLOB NOT NULL," /* state/value.h */
    "  PRIMARY KEY (mailbox, number, prop));"

    "CREATE TABLE match_keys ("
    "  mailbox BIGINT NOT NULL REFERENCES mailboxes(id) ON DELETE CASCADE,"
    "  number BIGINT NOT NULL,"
    "  message_id TEXT NOT NULL,"
    "  size BIGINT NOT NULL,"
    "  internal_date BIGINT NOT NULL,"
    "  PRIMARY KEY (mailbox, number));"

    /* name_key: kind and name in one text, so that one unique key serves both kinds */
    "CREATE TABLE named_props ("
    "  mailbox BIGINT NOT NULL REFERENCES mailboxes(id) ON DELETE CASCADE,"
    "  prop BIGINT NOT NULL,"
    "  prop_set BLOB NOT NULL,"
    "  name_key BLOB NOT NULL,"
    "  PRIMARY KEY (mailbox, prop),"
    "  UNIQUE (mailbox, prop_set, name_key));"

    "CREATE TABLE rewrites ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  mailbox BIGINT NOT NULL REFERENCES mailboxes(id) ON DELETE CASCADE,"
    "  number BIGINT NOT NULL,"
    "  old_generation BIGINT NOT NULL,"
    "  old_uid BIGINT NOT NULL,"
    "  new_generation BIGINT NOT NULL,"
    "  new_uid BIGINT NOT NULL,"
    "  stage BIGINT NOT NULL,"
    "  token TEXT NOT NULL,"
    "  UNIQUE (mailbox, number));"

    "CREATE TABLE queue ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  mailbox BIGINT NOT NULL REFERENCES mailboxes(id) ON DELETE CASCADE,"
    "  number BIGINT NOT NULL,"
    "  folder BIGINT NOT NULL,"
    "  stage BIGINT NOT NULL,"
    "  locked BIGINT NOT NULL,"
    "  by_spooler BIGINT NOT NULL,"
    "  delete_after BIGINT NOT NULL,"
    "  flags BIGINT NOT NULL,"
    "  sender TEXT NOT NULL,"
    "  envelope_id TEXT,"
    "  message_id TEXT,"
    "  sent_mail_id BLOB,"
    "  target_id BLOB,"
    "  submitted_at BIGINT NOT NULL,"
    "  deferred_until BIGINT NOT NULL,"
    "  next_try BIGINT NOT NULL,"
    "  attempts BIGINT NOT NULL,"
    "  words TEXT,"
    "  owner TEXT,"
    "  lease_until BIGINT NOT NULL,"
    "  UNIQUE (mailbox, number));"

    "CREATE TABLE queue_recipients ("
    "  queue BIGINT NOT NULL REFERENCES queue(id) ON DELETE CASCADE,"
    "  position BIGINT NOT NULL,"
    "  row_id BIGINT NOT NULL,"
    "  address TEXT NOT NULL,"
    "  responsible BIGINT NOT NULL,"
    "  notify BIGINT NOT NULL,"
    "  stage BIGINT NOT NULL,"
    "  reply_code BIGINT NOT NULL,"
    "  words TEXT,"
    "  PRIMARY KEY (queue, position));";

/* folded: the address in lower case, as far as ASCII goes */
static const char state_step_2[] =
    "CREATE TABLE used_addresses ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  mailbox BIGINT NOT NULL REFERENCES mailboxes(id) ON DELETE CASCADE,"
    "  folded TEXT NOT NULL,"
    "  address TEXT NOT NULL,"
    "  name TEXT,"
    "  last_used BIGINT NOT NULL,"
    "  UNIQUE (mailbox, folded));";

static const char *const state_steps[] = {state_step_1, state_step_2};

const struct db_schema state_schema = {
    .file_name = "state.db",
    .application_id = 0x4D675374, /* "MgSt" */
    .steps = state_steps,
    .step_count = sizeof(state_steps) / sizeof(*state_steps),
};

static const char profile_step_1[] =
    "CREATE TABLE profiles ("
    "  key BLOB PRIMARY KEY,"
    "  name TEXT NOT NULL,"
    "  folded TEXT UNIQUE,"     /* NULL: deleted, but still in use */
    "  new_name TEXT,"          /* when its last user leaves */
    "  new_folded TEXT UNIQUE," /* ... */
    "  is_default BIGINT NOT NULL);"

    "CREATE TABLE profile_users ("
    "  key BLOB NOT NULL REFERENCES profiles(key) ON DELETE CASCADE,"
    "  owner TEXT NOT NULL,"
    "  count BIGINT NOT NULL,"
    "  PRIMARY KEY (key, owner));"

    "CREATE TABLE sections ("
    "  key BLOB NOT NULL REFERENCES profiles(key) ON DELETE CASCADE,"
    "  uid BLOB NOT NULL,"
    "  parent BLOB,"
    "  kind BIGINT NOT NULL,"
    "  position BIGINT NOT NULL,"
    "  PRIMARY KEY (key, uid),"
    "  FOREIGN KEY (key, parent) REFERENCES sections(key, uid) ON DELETE CASCADE);"

    "CREATE TABLE section_props ("
    "  key BLOB NOT NULL,"
    "  uid BLOB NOT NULL,"
    "  prop BIGINT NOT NULL,"
    "  type BIGINT NOT NULL,"
    "  secure BIGINT NOT NULL,"
    "  value BLOB NOT NULL,"
    "  PRIMARY KEY (key, uid, prop),"
    "  FOREIGN KEY (key, uid) REFERENCES sections(key, uid) ON DELETE CASCADE);";

static const char *const profile_steps[] = {profile_step_1};

const struct db_schema profile_schema = {
    .file_name = "profiles.db",
    .application_id = 0x4D675072, /* "MgPr" */
    .steps = profile_steps,
    .step_count = sizeof(profile_steps) / sizeof(*profile_steps),
    .wipe = true,
};
