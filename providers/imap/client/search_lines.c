/* providers/imap/client/search_lines.c - SEARCH, SORT, ESEARCH, VANISHED
 *
 * RFC 3501 7.2.5, RFC 5256, RFC 4731, RFC 7162. Numbers of a SEARCH become ranges at once, so that
 * 100,000 of them take little memory. */
#include <stdlib.h>
#include <string.h>

#include "providers/imap/client/parse.h"

static int by_first(const void *a, const void *b)
{
    const struct uid_range *x = a, *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

/* RFC 3501 leaves the order of SEARCH open: sort, and join what touches. */
static size_t sort_ranges(struct uid_range *ranges, size_t count)
{
    size_t kept = 0;

    qsort(ranges, count, sizeof(*ranges), by_first);
    for (size_t i = 1; i < count; i++) {
        if (ranges[i].first <= (uint64_t)ranges[kept].last + 1) {
            if (ranges[i].last > ranges[kept].last)
                ranges[kept].last = ranges[i].last;
        } else {
            ranges[++kept] = ranges[i];
        }
    }
    return kept + 1;
}

void parse_search(struct lex *lex, bool in_order, struct wire_search *search)
{
    struct lex_array array = {NULL, 0, 0};
    struct uid_range *range = NULL;
    bool sorted = true;

    lex_spaces(lex);
    while (!lex_at_end(lex)) {
        uint32_t number;

        if (lex_accept(lex, '(')) { /* RFC 7162: "(MODSEQ 917162500)" */
            if (!wire_text_is(lex_word(lex), "MODSEQ") || !lex_expect(lex, ' '))
                lex_fail(lex, LEX_MALFORMED);
            search->modseq = lex_u63(lex);
            lex_expect(lex, ')');
            lex_spaces(lex);
            continue;
        }
        number = lex_u32(lex);
        lex_spaces(lex);
        if (number == 0) {
            lex_fail(lex, LEX_MALFORMED);
            return;
        }
        if (range && !in_order && number == (uint64_t)range->last + 1) {
            range->last = number;
            continue;
        }
        sorted = sorted && (!range || number > range->last);
        range = lex_array_add(lex, &array, sizeof(*range));
        if (!range)
            return;
        range->first = range->last = number;
    }
    if (!sorted && !in_order)
        array.count = sort_ranges(array.items, array.count);
    search->numbers.ranges = array.items;
    search->numbers.count = array.count;
}

/* "(TAG "A1")" and other correlators. */
static void esearch_correlator(struct lex *lex, struct wire_esearch *esearch)
{
    lex_expect(lex, '(');
    lex_spaces(lex);
    while (!lex_accept(lex, ')') && lex->failure == LEX_FINE) {
        struct wire_text name = lex_atom(lex);

        lex_spaces(lex);
        if (wire_text_is(name, "TAG"))
            esearch->tag = lex_astring(lex);
        else
            lex_skip(lex);
        lex_spaces(lex);
    }
    lex_spaces(lex);
}

void parse_esearch(struct lex *lex, struct wire_esearch *esearch)
{
    if (lex_peek(lex) == '(')
        esearch_correlator(lex, esearch);
    while (!lex_at_end(lex)) {
        struct wire_text name = lex_atom(lex);

        lex_spaces(lex);
        if (wire_text_is(name, "UID")) {
            esearch->uid = true;
        } else if (wire_text_is(name, "MIN")) {
            esearch->min = lex_u32(lex);
            esearch->has_min = true;
        } else if (wire_text_is(name, "MAX")) {
            esearch->max = lex_u32(lex);
            esearch->has_max = true;
        } else if (wire_text_is(name, "COUNT")) {
            esearch->count = lex_u32(lex);
            esearch->has_count = true;
        } else if (wire_text_is(name, "ALL")) {
            esearch->all = lex_ranges(lex);
            esearch->has_all = true;
        } else if (wire_text_is(name, "MODSEQ")) {
            esearch->modseq = lex_u63(lex);
        } else {
            lex_skip(lex);
        }
        lex_spaces(lex);
    }
}

void parse_vanished(struct lex *lex, struct wire_vanished *vanished)
{
    if (lex_accept(lex, '(')) {
        if (!wire_text_is(lex_word(lex), "EARLIER"))
            lex_fail(lex, LEX_MALFORMED);
        vanished->earlier = true;
        lex_expect(lex, ')');
        lex_spaces(lex);
    }
    vanished->uids = lex_ranges(lex);
    if (!lex_at_end(lex))
        lex_fail(lex, LEX_MALFORMED);
}
