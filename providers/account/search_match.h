/* providers/account/search_match.h - does a message match what a search looks for?
 *
 * Looks at the rows of one folder as contents tables show them. Answers to probes are remembered
 * for each UID, for bodies and attachments of a UID never change. Pure functions, any thread; the
 * answers belong to the search's fiber and what it awaits. */
#ifndef MG_ACCOUNT_SEARCH_MATCH_H
#define MG_ACCOUNT_SEARCH_MATCH_H

#include "providers/account/message_columns.h"
#include "providers/account/search_restriction.h"

/* The answers that are known. Zeroed at first. */
struct search_answers {
    struct search_answer {
        uint32_t uid;
        uint16_t known, yes; /* bit n: probe n */
    } * items;               /* ascending by UID; free() */
    size_t count;
};
void search_answers_clear(struct search_answers *answers);
/* Probe `probe` was asked about `asked`, and true for `yes`; both ascending. */
HRESULT search_answers_add(struct search_answers *answers, size_t probe, const uint32_t *asked,
                           size_t asked_count, const uint32_t *yes, size_t yes_count);

/* What one message looks like. */
struct search_sight {
    const struct search_restriction *restriction;
    struct message_view view;        /* `row` and `number` are the message's */
    const struct side_columns *side; /* with the restriction's columns; NULL: it has none */
    const struct search_answers *answers;
    struct arena *scratch;
};

/* Fails with ROW_NOT_PREPARED when a probe decides that has not been asked about this message:
 * *ret_probe says which. Otherwise as restriction_match. */
HRESULT search_match(const struct search_sight *sight, bool *ret_matches, size_t *ret_probe);

/* The probe's answer out of a BODYSTRUCTURE. Fails as mime_structure_parse does. */
HRESULT search_match_attachments(const struct search_probe *probe, const char *structure,
                                 bool *ret_matches);

#endif
