/* doctor.h - the two halves of mapigate doctor */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "tools/tool.h"

/* One line of the diagnosis. `mend` (NULL: none) says what to do about a failure. */
enum finding {
    FINDING_GOOD,
    FINDING_BAD,
    FINDING_NOTE,
};
void doctor_say(enum finding finding, const char *what, const char *words, const char *mend);

/* Follows the way to the server of `url` step by step: name, connection, TLS with its certificate,
 * greeting, capabilities; says each. `ca_file` may be NULL. Returns the exit code. */
int doctor_server(const char *url, const char *ca_file);

#endif
