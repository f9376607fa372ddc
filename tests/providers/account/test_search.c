/* tests/providers/account/test_search.c - what a search looks for, and what matches it */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiextra.h"
#include "mapi/mapitags.h"
#include "mapi/propval.h"
#include "mapi/row_source.h"
#include "providers/account/search_match.h"

static SRestriction words_in(ULONG tag, SPropValue *value)
{
    SRestriction restriction = {.rt = RES_CONTENT};

    restriction.res.resContent.ulFuzzyLevel = FL_SUBSTRING | FL_IGNORECASE;
    restriction.res.resContent.ulPropTag = tag;
    restriction.res.resContent.lpProp = value;
    return restriction;
}

static struct search_restriction *ready(const SRestriction *restriction)
{
    struct search_restriction *made = NULL;

    cr_assert_eq(search_restriction_create(restriction, &made), S_OK);
    return made;
}

/* --- Restrictions ----------------------------------------------------------------------------- */

Test(account_search, bodies_and_attachments_become_probes_and_others_columns)
{
    SPropValue text = propval_unicode(PR_SUBJECT_W, u"plan");
    SRestriction name = words_in(PR_ATTACH_LONG_FILENAME_W, &text);
    SRestriction parts[] = {words_in(PR_SUBJECT_W, &text),
                            words_in(PR_BODY_W, &text),
                            {.rt = RES_SUBRESTRICTION},
                            words_in(PROP_TAG(PT_UNICODE, 0x8001), &text)};
    SRestriction all = {.rt = RES_OR, .res.resOr = {4, parts}};
    struct search_restriction *made;

    parts[2].res.resSub.ulSubObject = PR_MESSAGE_ATTACHMENTS;
    parts[2].res.resSub.lpRes = &name;
    made = ready(&all);
    cr_assert_eq(made->probe_count, 2);
    cr_expect_str_eq(made->probes[0].words, "plan");
    cr_expect_null(made->probes[0].attachments);
    cr_expect_null(made->probes[1].words);
    cr_expect_not_null(made->probes[1].attachments);
    cr_assert_eq(made->tag_count, 1);
    cr_expect_eq(made->tags[0], PROP_TAG(PT_UNICODE, 0x8001));
    search_restriction_free(made);
}

Test(account_search, more_probes_than_there_is_room_for_are_too_complex)
{
    SPropValue text = propval_unicode(PR_BODY_W, u"x");
    SRestriction parts[SEARCH_PROBES_MAX + 1];
    SRestriction all = {.rt = RES_OR, .res.resOr = {SEARCH_PROBES_MAX, parts}};
    struct search_restriction *made;

    for (size_t i = 0; i <= SEARCH_PROBES_MAX; i++)
        parts[i] = words_in(PR_BODY_W, &text);
    search_restriction_free(ready(&all));
    all.res.resOr.cRes++;
    cr_expect_eq(search_restriction_create(&all, &made), MAPI_E_TOO_COMPLEX);
}

Test(account_search, tags_that_stand_for_probes_are_nobodys_columns)
{
    SRestriction exists = {.rt = RES_EXIST};
    struct search_restriction *made;

    exists.res.resExist.ulPropTag = PROP_TAG(PT_BOOLEAN, 0x67E8);
    cr_expect_eq(search_restriction_create(&exists, &made), MAPI_E_TOO_COMPLEX);
}

Test(account_search, what_is_kept_is_read_again_and_nothing_else)
{
    SPropValue text = propval_unicode(PR_SUBJECT_W, u"w\u00F6rds");
    SRestriction words = words_in(PR_SUBJECT_W, &text), not = {.rt = RES_NOT}, *copy;
    struct search_restriction *made, *again;

    not .res.resNot.lpRes = &words;
    made = ready(&not );
    for (size_t size = 0; size < made->size; size++)
        cr_expect(FAILED(search_restriction_read(made->bytes, size, &again)), "%zu", size);
    cr_assert_eq(search_restriction_read(made->bytes, made->size, &again), S_OK);
    cr_assert_eq(search_restriction_copy(again, PT_UNICODE, &copy), S_OK);
    cr_expect_eq(copy->rt, RES_NOT);
    cr_expect(propval_equal(copy->res.resNot.lpRes->res.resContent.lpProp, &text));
    mapi_free(copy);
    search_restriction_free(again);
    search_restriction_free(made);
}

/* --- Matching --------------------------------------------------------------------------------- */

static HRESULT match(const struct search_restriction *restriction,
                     const struct search_answers *answers, uint32_t uid, bool *ret_matches)
{
    const struct imap_row row = {.uid = uid, .subject = {"=?utf-8?q?the_plan?=", 19}};
    struct arena scratch = {0};
    const struct search_sight sight = {.restriction = restriction,
                                       .view = {.row = &row, .number = uid},
                                       .answers = answers,
                                       .scratch = &scratch};
    size_t probe = 99;
    HRESULT hr = search_match(&sight, ret_matches, &probe);

    if (hr == ROW_NOT_PREPARED)
        cr_expect_eq(probe, 0);
    arena_clear(&scratch);
    return hr;
}

Test(account_search, a_probe_is_asked_only_where_it_decides)
{
    SPropValue plan = propval_unicode(PR_SUBJECT_W, u"PLAN");
    SPropValue none = propval_unicode(PR_SUBJECT_W, u"none");
    SRestriction parts[] = {words_in(PR_SUBJECT_W, &plan), words_in(PR_BODY_W, &plan)};
    SRestriction all = {.rt = RES_AND, .res.resAnd = {2, parts}};
    struct search_restriction *open = ready(&all), *decided;
    struct search_answers answers = {0};
    const uint32_t asked[] = {3, 7}, yes[] = {7};
    bool matches;

    cr_expect_eq(match(open, &answers, 3, &matches), ROW_NOT_PREPARED);
    parts[0] = words_in(PR_SUBJECT_W, &none);
    decided = ready(&all);
    cr_assert_eq(match(decided, &answers, 3, &matches), S_OK);
    cr_expect(!matches);

    cr_assert_eq(search_answers_add(&answers, 0, asked, 2, yes, 1), S_OK);
    cr_assert_eq(match(open, &answers, 3, &matches), S_OK);
    cr_expect(!matches);
    cr_assert_eq(match(open, &answers, 7, &matches), S_OK);
    cr_expect(matches);
    cr_expect_eq(match(open, &answers, 5, &matches), ROW_NOT_PREPARED);
    search_answers_clear(&answers);
    search_restriction_free(decided);
    search_restriction_free(open);
}

Test(account_search, answers_of_several_probes_stand_side_by_side)
{
    const uint32_t first[] = {2, 4, 6}, second[] = {1, 4, 9}, yes[] = {4, 9};
    struct search_answers answers = {0};

    cr_assert_eq(search_answers_add(&answers, 0, first, 3, NULL, 0), S_OK);
    cr_assert_eq(search_answers_add(&answers, 3, second, 3, yes, 2), S_OK);
    cr_assert_eq(answers.count, 5);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(answers.items[i].uid, ((uint32_t[]){1, 2, 4, 6, 9})[i]);
    cr_expect_eq(answers.items[2].known, 1u << 0 | 1u << 3);
    cr_expect_eq(answers.items[2].yes, 1u << 3);
    cr_expect_eq(answers.items[4].yes, 1u << 3);
    cr_expect_eq(answers.items[0].yes, 0);
    search_answers_clear(&answers);
}

Test(account_search, attachments_match_by_what_their_table_shows)
{
    static const char structure[] =
        "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 5 1 NIL NIL NIL)"
        "(\"application\" \"pdf\" (\"name\" \"Plan.pdf\") NIL NIL \"base64\" 400 NIL "
        "(\"attachment\" (\"filename\" \"Plan.pdf\")) NIL) \"mixed\" (\"boundary\" \"x\") NIL NIL)";
    SPropValue plan = propval_unicode(PR_SUBJECT_W, u"plan"),
               other = propval_unicode(PR_SUBJECT_W, u"other");
    SRestriction name = words_in(PR_ATTACH_LONG_FILENAME_W, &plan);
    SRestriction within = {.rt = RES_SUBRESTRICTION};
    struct search_restriction *made;
    bool matches;

    within.res.resSub.ulSubObject = PR_MESSAGE_ATTACHMENTS;
    within.res.resSub.lpRes = &name;
    made = ready(&within);
    cr_assert_eq(search_match_attachments(&made->probes[0], structure, &matches), S_OK);
    cr_expect(matches);
    search_restriction_free(made);
    name.res.resContent.lpProp = &other;
    made = ready(&within);
    cr_assert_eq(search_match_attachments(&made->probes[0], structure, &matches), S_OK);
    cr_expect(!matches);
    cr_expect(FAILED(search_match_attachments(&made->probes[0], "nonsense", &matches)));
    search_restriction_free(made);
}
