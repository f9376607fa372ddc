/* session/section.h - a section of a profile: IProfSect
 *
 * Private to session/. */
#ifndef SESSION_SECTION_H
#define SESSION_SECTION_H

#include "mapi/object.h"
#include "session/profiles.h"

/* Clients get sections one writer or many readers at a time (SES-177 to SES-179); a provider reads
 * and writes its own whoever looks at it. */
enum section_user {
    SECTION_OF_CLIENT,
    SECTION_OF_PROVIDER,
};

/* Opens the section `uid` of the profile `key`, owned by `owner` (NULL: none). Changes hold at once
 * (PRF-037); secure properties are usable and never listed (PRF-041, PRF-042). What a provider's
 * section lacks is read from its service's. `flags`: MAPI_MODIFY makes it writable, and makes the
 * section when it is missing (SES-180); MAPI_FORCE_ACCESS opens a service's or provider's section
 * (SES-182). Fails with MAPI_E_NOT_FOUND, MAPI_E_NO_ACCESS. The caller's reference. */
WAITS HRESULT section_open(struct profiles *profiles, struct mapi_object *owner, const MAPIUID *key,
                           const MAPIUID *uid, ULONG flags, enum section_user user,
                           struct error_info *error, IProfSect **ret_section);

#endif
