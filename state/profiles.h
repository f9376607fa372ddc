/* state/profiles.h - named profiles, their sections and properties
 *
 * A profile is a tree of sections, each named by a MAPIUID: services hang on the profile, providers
 * on services; properties hang on sections. The session makes IProfAdmin, IMsgServiceAdmin,
 * IProviderAdmin and IProfSect of it. A file of its own, profiles.db; changes hold at once
 * (PRF-037). A profile is named inside by its instance key, unique for ever (PRF-044, PRF-045).
 * Callers, errors, results: as state/state.h.
 *
 * Secure properties (0x67F0-0x67FF) are kept in rows marked so: never listed, given only when asked
 * for by tag (PRF-041, PRF-042), overwritten when deleted (the database clears freed pages). */
#ifndef MG_STATE_PROFILES_H
#define MG_STATE_PROFILES_H

#include "state/state.h"

#define PROFILE_NAME_MAX     64 /* characters (PRF-002) */
#define PROFILE_SECURE_FIRST 0x67F0u
#define PROFILE_SECURE_LAST  0x67FFu

struct profile_store;

/* Opens DIRECTORY/profiles.db; directory NULL: a store in memory, which goes with its last
 * reference (a session with a profile of its own). */
WAITS HRESULT profile_store_open(const struct state_options *options, struct error_info *error,
                                 struct profile_store **ret_store);
struct profile_store *profile_store_ref(struct profile_store *store);
WAITS void profile_store_unref(struct profile_store *store); /* NULL is accepted */

/* state_transaction for profiles: fn may call functions of this header on `store` only. */
WAITS HRESULT profile_transaction(struct profile_store *store, state_fn *fn, void *arg,
                                  struct error_info *error);

struct profile {
    MAPIUID key;      /* PR_SEARCH_KEY of MUID_PROFILE_INSTANCE */
    const char *name; /* UTF-8 */
    bool is_default;
};

/* A valid profile name has 1 to PROFILE_NAME_MAX characters: letters, digits, underscore, hyphen,
 * full stop and inner spaces (PRF-002, PRF-003); UTF-8. */
bool profile_name_is_valid(const char *name);

/* Fails with MAPI_E_NO_ACCESS when the name exists (PRF-005), MAPI_E_INVALID_PARAMETER. */
WAITS HRESULT profile_create(struct profile_store *store, const char *name,
                             struct error_info *error, MAPIUID *ret_key);

/* Names compare without regard to ASCII case. Fails with MAPI_E_NOT_FOUND. */
WAITS HRESULT profile_find(struct profile_store *store, const char *name, struct error_info *error,
                           struct profile **ret_profile);

/* Visible profiles by name (PRF-025). */
WAITS HRESULT profiles_list(struct profile_store *store, struct error_info *error,
                            struct profile **ret_profiles, size_t *ret_count);

/* Makes a second profile of the same content; sections keep their UIDs. Fails with
 * MAPI_E_NOT_FOUND, MAPI_E_NO_ACCESS (PRF-015 to PRF-017). */
WAITS HRESULT profile_copy(struct profile_store *store, const MAPIUID *key, const char *new_name,
                           struct error_info *error, MAPIUID *ret_key);

/* Deletes a profile. One that is in use (profile_use) vanishes from lists and from find at once and
 * is deleted when its last user leaves (PRF-011, PRF-014); its name is free at once. */
WAITS HRESULT profile_delete(struct profile_store *store, const MAPIUID *key,
                             struct error_info *error);

/* Renames; one that is in use gets the name when its last user leaves (PRF-018), and that name is
 * taken until then. Fails with MAPI_E_NO_ACCESS when the name exists. */
WAITS HRESULT profile_rename(struct profile_store *store, const MAPIUID *key, const char *new_name,
                             struct error_info *error);

/* Makes one profile the default; key NULL: none (PRF-019 to PRF-021). */
WAITS HRESULT profile_set_default(struct profile_store *store, const MAPIUID *key,
                                  struct error_info *error);

/* Says that a session of this process uses the profile, until profile_unuse. A process that died
 * uses nothing. */
WAITS HRESULT profile_use(struct profile_store *store, const MAPIUID *key,
                          struct error_info *error);
WAITS HRESULT profile_unuse(struct profile_store *store, const MAPIUID *key,
                            struct error_info *error);

enum profile_section_kind {
    PROFILE_SECTION_OTHER = 1,    /* made by OpenProfileSection, MUID_PROFILE_INSTANCE too */
    PROFILE_SECTION_SERVICE = 2,  /* a message service; uid is PR_SERVICE_UID */
    PROFILE_SECTION_PROVIDER = 3, /* a provider of the service `parent`; uid is PR_PROVIDER_UID */
};

struct profile_section {
    MAPIUID uid;
    MAPIUID parent; /* the service of a provider; all zero otherwise */
    enum profile_section_kind kind;
    uint32_t order; /* position among its kind in the profile, from 0 */
};

/* Adds a section behind the others of its kind (section->order is ignored). Fails with
 * MAPI_E_COLLISION (the uid is there), MAPI_E_NOT_FOUND (profile, or a provider's parent). */
WAITS HRESULT profile_section_add(struct profile_store *store, const MAPIUID *key,
                                  const struct profile_section *section, struct error_info *error);

/* Removes it with its properties; a service with its providers. Fails with MAPI_E_NOT_FOUND. */
WAITS HRESULT profile_section_remove(struct profile_store *store, const MAPIUID *key,
                                     const MAPIUID *uid, struct error_info *error);

/* Fails with MAPI_E_NOT_FOUND. */
WAITS HRESULT profile_section_find(struct profile_store *store, const MAPIUID *key,
                                   const MAPIUID *uid, struct error_info *error,
                                   struct profile_section *ret_section);

/* The sections of a kind (0: all) in order, those of one service when `parent` is not NULL. */
WAITS HRESULT profile_sections_list(struct profile_store *store, const MAPIUID *key,
                                    enum profile_section_kind kind, const MAPIUID *parent,
                                    struct error_info *error, struct profile_section **ret_sections,
                                    size_t *ret_count);

/* Puts sections of one kind into this order: `uids` must name each of them once, else
 * MAPI_E_INVALID_PARAMETER (MsgServiceTransportOrder and the like). */
WAITS HRESULT profile_sections_order(struct profile_store *store, const MAPIUID *key,
                                     enum profile_section_kind kind, const MAPIUID *uids,
                                     size_t count, struct error_info *error);

/* Properties of a section, as state/props.h's. tags NULL leaves out the secure ones (get) and takes
 * all, secure ones too (delete). Fail with MAPI_E_NOT_FOUND when the section is not there. */
WAITS HRESULT profile_props_set(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                                const SPropValue *values, size_t count, struct error_info *error);
WAITS HRESULT profile_props_get(struct profile_store *store, const MAPIUID *key, const MAPIUID *uid,
                                const ULONG *tags, size_t count, struct error_info *error,
                                SPropValue **ret_values, size_t *ret_count);
WAITS HRESULT profile_props_delete(struct profile_store *store, const MAPIUID *key,
                                   const MAPIUID *uid, const ULONG *tags, size_t count,
                                   struct error_info *error);

/* Sets in one section all that another has, secure ones too; both must be there. */
WAITS HRESULT profile_props_copy(struct profile_store *store, const MAPIUID *from_key,
                                 const MAPIUID *from_uid, const MAPIUID *to_key,
                                 const MAPIUID *to_uid, struct error_info *error);

#endif
