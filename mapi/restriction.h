/* mapi/restriction.h - restrictions: check, copy, evaluate
 *
 * Memory only. Meaning: TBL-061 to TBL-088. Strings compare without regard to case, in restrictions
 * as in sort orders (TBL-059); RES_CONTENT obeys its FL_ flags. */
#ifndef MG_RESTRICTION_H
#define MG_RESTRICTION_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/mapidefs.h"
#include "mapi/memory.h"

#define RESTRICTION_DEPTH_MAX 64
#define RESTRICTION_NODES_MAX 4096

/* The comparison of tables. */
#define TABLE_FUZZY FL_IGNORECASE

/* How evaluation reads the row: the value of `tag` (string tags in PT_UNICODE), borrowed, or
 * PT_ERROR. sub: how many rows of a subobject table (PR_MESSAGE_RECIPIENTS, PR_MESSAGE_ATTACHMENTS)
 * match; may be NULL, then RES_SUBRESTRICTION is MAPI_E_TOO_COMPLEX. */
struct restriction_row {
    HRESULT (*value)(void *context, ULONG tag, SPropValue *ret_value);
    HRESULT (*sub)(void *context, ULONG tag, const SRestriction *restriction, bool *ret_matches);
    void *context;
};

/* A whole restriction: S_OK, MAPI_E_INVALID_PARAMETER for malformed ones, MAPI_E_TOO_COMPLEX for
 * what no table here can do (differing types, too deep, unknown kinds). */
HRESULT restriction_check(const SRestriction *restriction);

/* A deep copy with string constants in UTF-16, ready for evaluation: one root. Checks first. */
HRESULT restriction_compile(const SRestriction *restriction, SRestriction **ret_restriction);

/* A deep copy as it is, chained to `root` (NULL: a root of its own). */
HRESULT restriction_copy(void *root, const SRestriction *restriction,
                         SRestriction **ret_restriction);

/* Calls `visit` for a checked restriction and for all within it, the outer before the inner.
 * S_FALSE of `visit`: what is within is left out; a failure ends the walk. `visit` may make the
 * node another one. */
typedef HRESULT restriction_visit(void *arg, SRestriction *node);
HRESULT restriction_walk(SRestriction *restriction, restriction_visit *visit, void *arg);

/* Gives all string tags and constants of a checked restriction that width (PT_UNICODE, PT_STRING8);
 * what is made new hangs off `root`. */
HRESULT restriction_set_width(void *root, SRestriction *restriction, ULONG type);

/* Evaluates a compiled restriction. Properties a row lacks match nothing (TBL-085). A value that is
 * ROW_NOT_PREPARED where it decides: fails with that code. */
HRESULT restriction_match(const SRestriction *restriction, const struct restriction_row *row,
                          bool *ret_matches);

/* The tags a restriction reads, each once, strings in PT_UNICODE: malloc'd. */
HRESULT restriction_tags(const SRestriction *restriction, ULONG **ret_tags, size_t *ret_count);

/* What FPropContainsProp and RES_CONTENT ask, and the operators of RES_PROPERTY. Types equal. */
bool propval_contains(const SPropValue *value, const SPropValue *part, ULONG fuzzy);
bool relop_holds(ULONG relop, int comparison);

#endif
