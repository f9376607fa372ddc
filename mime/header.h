/* mime/header.h - header blocks and the structured fields in them
 *
 * Fields one by one, parameters (RFC 2045, 2231), address lists (RFC 5322): all tolerant, none ever
 * fails but for memory. Pure, any thread; results are in `arena`, text is UTF-8. */
#ifndef MIME_HEADER_H
#define MIME_HEADER_H

#include "mime/structure.h"

/* Raw bytes of the block, not terminated. `value` without the white space around it, folds as they
 * are. */
struct header_field {
    const char *name;
    size_t name_size;
    const char *value;
    size_t value_size;
};

/* The next field at *at, which moves behind it; lines that are no fields are passed over. False:
 * the empty line, or the end of the block; *at stands behind it. */
bool header_next(const char **at, const char *end, struct header_field *ret_field);
bool header_field_is(const struct header_field *field, const char *name);
/* The first field of that name. */
bool header_find(const char *header, size_t size, const char *name, struct header_field *ret_field);

/* --- Parameters ------------------------------------------------------------------------------- */

/* A parameter as it stands: `name` with the marks of RFC 2231 ("filename*0*"), `value` unquoted. */
struct header_raw_param {
    const char *name;
    size_t name_size;
    const char *value;
    size_t value_size;
};

/* Joins and decodes them: RFC 2231 continuations and charsets, encoded words where programs put
 * them. False: no memory. */
bool header_params_decode(struct arena *arena, const struct header_raw_param *raw, size_t count,
                          struct mime_param **ret_params, size_t *ret_count);

/* "text/plain; charset=x": the value before the parameters, and these. *ret_value is lower case
 * and may be empty. False: no memory. */
bool header_value_parse(struct arena *arena, const char *bytes, size_t size, const char **ret_value,
                        struct mime_param **ret_params, size_t *ret_count);
const char *header_param_find(const struct mime_param *params, size_t count, const char *name);

/* --- Addresses -------------------------------------------------------------------------------- */

struct header_address {
    const char *name;    /* "" where there is none */
    const char *address; /* local@domain, or whatever stood there; "" in "<>" */
    struct header_address *next;
};

/* Groups are flattened; at most MIME_RECIPIENTS_MAX addresses. NULL in *ret_list: none. `charset`
 * as in header_text_decode_in. False: no memory. */
bool header_addresses_parse(struct arena *arena, const char *charset, const char *bytes,
                            size_t size, struct header_address **ret_list, size_t *ret_count);

#endif
