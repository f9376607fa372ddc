/* Commands on mailboxes and messages: what is said, and what is made of the answer. */
#include "tests/providers/imap/client/client_rig.h"

static struct rig rig;
static struct error_info error;

/* Runs fn(lease) on INBOX, or without a mailbox, in the engine. */
struct on_lease {
    const char *mailbox;
    HRESULT (*fn)(struct imap_lease *lease);
};

static HRESULT run_on_lease(void *arg)
{
    const struct on_lease *on = arg;
    struct imap_lease *lease;
    HRESULT hr;

    error_clear(&error);
    hr = imap_lease_begin(rig.client, on->mailbox, 0, NO_DEADLINE, &error, &lease);
    if (FAILED(hr))
        return hr;
    hr = on->fn(lease);
    imap_lease_end(lease);
    return hr;
}

static HRESULT play(const char *script, const char *mailbox,
                    HRESULT (*fn)(struct imap_lease *lease))
{
    struct on_lease on = {mailbox, fn};
    HRESULT hr;

    rig_start(&rig, &script, 1);
    rig_client(&rig);
    hr = rig_call(&rig, run_on_lease, &on);
    rig_stop(&rig);
    return hr;
}

#define INBOX(caps) LOGIN_AS(caps) SELECT("INBOX", "9", "50", "40")

/* --- Mailboxes ------------------------------------------------------------------------------- */

static const struct imap_mailbox *find(const struct imap_mailbox_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->mailboxes[i].name, name) == 0)
            return &list->mailboxes[i];
    }
    return NULL;
}

static HRESULT list_with_status(struct imap_lease *lease)
{
    struct imap_mailbox_list *list;
    const struct imap_mailbox *mailbox;
    HRESULT hr = imap_mailbox_list(lease, true, &error, &list);

    if (FAILED(hr))
        return hr;
    cr_expect_eq(list->count, 3u);
    cr_expect_str_eq(list->mailboxes[0].name, "INBOX");
    cr_expect_eq(list->mailboxes[0].use, IMAP_USE_INBOX);
    cr_expect_eq(list->mailboxes[0].status.messages, 7u);
    mailbox = find(list, "Entwürfe");
    cr_assert(mailbox);
    cr_expect_eq(mailbox->use, IMAP_USE_DRAFTS);
    cr_expect_eq(mailbox->delimiter, '/');
    cr_expect(mailbox->attributes & IMAP_MAILBOX_SUBSCRIBED);
    cr_expect_eq(mailbox->status.unseen, 2u);
    cr_expect_eq(mailbox->status.highestmodseq, 77u);
    cr_expect_str_eq(mailbox->status.id, "MF123");
    mailbox = find(list, "Gone");
    cr_assert(mailbox);
    cr_expect(mailbox->attributes & IMAP_MAILBOX_NOSELECT);
    cr_expect_not(mailbox->status.known);
    imap_mailbox_list_free(list);
    return S_OK;
}

Test(imap_mailbox, list_takes_use_subscription_and_status_in_one_command)
{
    expect_hr(
        play(
            LOGIN_AS(
                "LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE OBJECTID") "C: %t LIST \"\" "
                                                                            "\"[*]\" RETURN "
                                                                            "(SUBSCRIBED CHILDREN "
                                                                            "SPECIAL-USE STATUS "
                                                                            "(MESSAGES "
                                                                            "UNSEEN UIDNEXT "
                                                                            "UIDVALIDITY "
                                                                            "HIGHESTMODSEQ "
                                                                            "MAILBOXID))\n"
                                                                            "S: * LIST "
                                                                            "(\\\\HasNoChildren) "
                                                                            "\"/\" INBOX\n"
                                                                            "S: * STATUS INBOX "
                                                                            "(MESSAGES 7 UNSEEN 0 "
                                                                            "UIDNEXT 8 UIDVALIDITY "
                                                                            "1)\n"
                                                                            "S: * LIST (\\\\Drafts "
                                                                            "\\\\Subscribed) \"/\" "
                                                                            "\"Entw&APw-rfe\"\n"
                                                                            "S: * STATUS "
                                                                            "\"Entw&APw-rfe\" "
                                                                            "(MESSAGES 3 UNSEEN 2 "
                                                                            "UIDNEXT 8 UIDVALIDITY "
                                                                            "1 "
                                                                            "HIGHESTMODSEQ 77 "
                                                                            "MAILBOXID (F123))\n"
                                                                            "S: * LIST "
                                                                            "(\\\\NonExistent) "
                                                                            "\"/\" Gone\n"
                                                                            "S: %t OK x\nE:\n",
            NULL, list_with_status),
        S_OK);
}

static HRESULT list_plainly(struct imap_lease *lease)
{
    struct imap_mailbox_list *list;
    HRESULT hr = imap_mailbox_list(lease, true, &error, &list);

    if (FAILED(hr))
        return hr;
    cr_expect_eq(list->count, 2u);
    cr_expect_eq(list->mailboxes[0].status.messages, 7u);
    cr_expect_not(list->mailboxes[0].attributes & IMAP_MAILBOX_SUBSCRIBED);
    cr_expect(list->mailboxes[1].attributes & IMAP_MAILBOX_SUBSCRIBED);
    cr_expect_not(list->mailboxes[1].status.known, "a mailbox that refuses STATUS is listed");
    imap_mailbox_list_free(list);
    return S_OK;
}

Test(imap_mailbox, list_asks_one_by_one_where_nothing_better_is_offered)
{
    expect_hr(play(LOGIN "C: %t LIST \"\" \"[*]\"\n"
                         "S: * LIST () \".\" inbox\nS: * LIST () \".\" a\nS: %t OK x\n"
                         "C: %t LSUB \"\" \"[*]\"\nS: * LSUB () \".\" a\nS: %t OK x\n"
                         "C: %t STATUS \"INBOX\" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)\n"
                         "S: * STATUS INBOX (MESSAGES 7 UNSEEN 0 UIDNEXT 8 UIDVALIDITY 1)\n"
                         "S: %t OK x\n"
                         "C: %t STATUS \"a\" *\nS: %t NO not now\nE:\n",
                   NULL, list_plainly),
              S_OK);
}

static HRESULT create_one(struct imap_lease *lease)
{
    return imap_mailbox_create(lease, "Müll", IMAP_USE_NONE, &error);
}

Test(imap_mailbox, create_tells_a_collision_from_other_refusals)
{
    expect_hr(play(LOGIN "C: %t CREATE *M&APw-ll*\nS: %t NO [ALREADYEXISTS] is there\nE:\n", NULL,
                   create_one),
              MAPI_E_COLLISION);
    expect_hr(
        play(LOGIN "C: %t CREATE *M&APw-ll*\nS: %t NO [NOPERM] not yours\nE:\n", NULL, create_one),
        MAPI_E_NO_ACCESS);
    expect_hr(play(LOGIN "C: %t CREATE *M&APw-ll*\nS: %t NO because\nE:\n", NULL, create_one),
              MAPI_E_CALL_FAILED);
    cr_expect_str_eq(error.text, "because");
}

static HRESULT delete_selected(struct imap_lease *lease)
{
    return imap_mailbox_delete(lease, "INBOX", &error);
}

Test(imap_mailbox, a_selected_mailbox_is_let_go_before_it_is_deleted)
{
    expect_hr(
        play(INBOX("UNSELECT") "C: %t UNSELECT\nS: %t OK x\nC: %t DELETE INBOX\nS: %t OK x\nE:\n",
             "INBOX", delete_selected),
        S_OK);
}

/* --- Bodies ---------------------------------------------------------------------------------- */

static HRESULT body_window(struct imap_lease *lease)
{
    char buffer[20];
    size_t size = 99;
    HRESULT hr = imap_fetch_body(lease, 7, "1.2", 40, buffer, sizeof(buffer), &error, &size);

    if (SUCCEEDED(hr)) {
        cr_expect_eq(size, 11u);
        cr_expect_eq(memcmp(buffer, "hello\r\nyou\n", 11), 0);
    }
    return hr;
}

Test(imap_message, a_body_comes_in_a_window)
{
    expect_hr(play(INBOX("x") "C: %t UID FETCH 7 (UID BODY.PEEK*1.2*<40.20>)\n"
                              "S: * 3 FETCH (UID 7 BODY[1.2]<40> {11}\n"
                              "s: hello\\r\\nyou\\n)\\r\\n\n"
                              "S: %t OK x\nE:\n",
                   "INBOX", body_window),
              S_OK);
}

/* Never-asked messages before and behind, and a section too many. */
Test(imap_message, the_text_of_other_messages_is_not_taken_for_this_one)
{
    expect_hr(play(INBOX("x") "C: %t UID FETCH 7 *\n"
                              "S: * 2 FETCH (UID 99 BODY[1.2]<40> {15}\ns: WRONG WRONG WRO)\\r\\n\n"
                              "S: * 3 FETCH (UID 7 BODY[1.2]<40> {11}\n"
                              "s: hello\\r\\nyou\\n BODY[1] {14}\\r\\nWRONG WRONG WR)\\r\\n\n"
                              "S: * 4 FETCH (UID 98 BODY[1.2]<40> {15}\ns: WRONG WRONG WRO)\\r\\n\n"
                              "S: %t OK x\nE:\n",
                   "INBOX", body_window),
              S_OK);
    expect_hr(play(INBOX("x") "C: %t UID FETCH 7 *\n"
                              "S: * 2 FETCH (UID 99 BODY[1.2]<40> {5}\ns: WRONG)\\r\\n\n"
                              "S: %t OK x\nE:\n",
                   "INBOX", body_window),
              MAPI_E_NOT_FOUND);
}

Test(imap_message, a_message_that_is_gone_is_not_found)
{
    expect_hr(play(INBOX("x") "C: %t UID FETCH *\nS: %t OK x\nE:\n", "INBOX", body_window),
              MAPI_E_NOT_FOUND);
}

Test(imap_message, a_section_that_is_nil_is_not_found)
{
    expect_hr(play(INBOX("x") "C: %t UID FETCH *\nS: * 3 FETCH (UID 7 BODY[1.2]<40> NIL)\n"
                              "S: %t OK x\nE:\n",
                   "INBOX", body_window),
              MAPI_E_NOT_FOUND);
}

Test(imap_message, a_window_that_is_larger_than_asked_breaks_the_session)
{
    expect_hr(play(INBOX("x") "C: %t UID FETCH *\nS: * 3 FETCH (UID 7 BODY[1.2]<40> {21}\n"
                              "s: 0123456789012345678901)\\r\\n\nE:\n",
                   "INBOX", body_window),
              MAPI_E_NETWORK_ERROR);
}

/* --- What opening needs ----------------------------------------------------------------------- */

static struct imap_content content;

static HRESULT described(struct imap_lease *lease)
{
    return imap_fetch_content(lease, 7, false, &error, &content);
}

static HRESULT whole(struct imap_lease *lease)
{
    return imap_fetch_content(lease, 7, true, &error, &content);
}

/* A change of flags, and a message that was never asked for, come in between. */
Test(imap_message, structure_and_header_come_in_one_command)
{
    expect_hr(
        play(INBOX("x") "C: %t UID FETCH 7 (UID FLAGS RFC822.SIZE INTERNALDATE BODYSTRUCTURE "
                        "BODY.PEEK*HEADER*<0.16384>)\n"
                        "S: * 3 FETCH (UID 7 FLAGS (\\\\Seen))\n"
                        "S: * 2 FETCH (UID 6 FLAGS () RFC822.SIZE 5 BODYSTRUCTURE (\"a\" "
                        "\"b\") BODY[HEADER]<0> \"WRONG\")\n"
                        "S: * 3 FETCH (UID 7 FLAGS (\\\\Flagged) RFC822.SIZE 300000 INTERNALDATE "
                        "\"17-Jul-1996 02:44:25 -0700\" BODYSTRUCTURE (\"text\" \"plain\" NIL "
                        "NIL NIL \"7bit\" 5 1) BODY[HEADER]<0> {6}\n"
                        "s: A: b\\r\\n)\\r\\n\n"
                        "S: %t OK x\nE:\n",
             "INBOX", described),
        S_OK);
    cr_expect_eq(content.flags, IMAP_FLAG_FLAGGED);
    cr_expect_eq(content.size, 300000u);
    cr_expect_eq(content.internaldate, 837596665);
    cr_expect_str_eq(content.structure, "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1)");
    cr_expect_eq(content.byte_count, 6u);
    cr_expect_str_eq(content.bytes, "A: b\r\n");
    imap_content_clear(&content);
}

Test(imap_message, a_small_message_comes_whole)
{
    expect_hr(play(INBOX("x") "C: %t UID FETCH 7 (UID FLAGS RFC822.SIZE INTERNALDATE BODY.PEEK*"
                              "<0.131072>)\n"
                              "S: * 3 FETCH (UID 7 FLAGS () RFC822.SIZE 13 BODY[]<0> {13}\n"
                              "s: A: b\\r\\n\\r\\nhello)\\r\\n\n"
                              "S: %t OK x\nE:\n",
                   "INBOX", whole),
              S_OK);
    cr_expect_eq(content.internaldate, INT64_MIN);
    cr_expect_null(content.structure);
    cr_expect_eq(content.byte_count, 13u);
    cr_expect_str_eq(content.bytes, "A: b\r\n\r\nhello");
    imap_content_clear(&content);
}

Test(imap_message, a_message_without_an_answer_is_gone)
{
    expect_hr(play(INBOX("x") "C: %t UID FETCH *\nS: %t OK x\nE:\n", "INBOX", whole),
              MAPI_E_NOT_FOUND);
    expect_hr(play(INBOX("x") "C: %t UID FETCH *\nS: * 3 FETCH (UID 7 FLAGS () RFC822.SIZE 4 "
                              "BODY[]<0> NIL)\nS: %t OK x\nE:\n",
                   "INBOX", whole),
              MAPI_E_NOT_FOUND);
}

/* --- A section in windows --------------------------------------------------------------------- */

/* --- Search ----------------------------------------------------------------------------------- */

static HRESULT search_umlaut(struct imap_lease *lease)
{
    struct imap_query query;
    struct imap_uids uids = {0};
    HRESULT hr;

    imap_query_init(&query);
    imap_query_add(&query, "UNSEEN SUBJECT");
    imap_query_add_string(&query, "Grüße");
    hr = imap_search(lease, &query, &error, &uids);
    imap_query_clear(&query);
    if (SUCCEEDED(hr)) {
        cr_assert_eq(uids.count, 4u);
        cr_expect_eq(uids.uids[0], 2u);
        cr_expect_eq(uids.uids[3], 9u);
    }
    free(uids.uids);
    return hr;
}

Test(imap_message, search_sends_utf8_as_a_literal_and_sorts_the_answer)
{
    expect_hr(play(INBOX("x") "C: %t UID SEARCH CHARSET UTF-8 UNSEEN SUBJECT {7}\nS: + go\n"
                              "C: Grüße\nS: * SEARCH 9 2 7 3\nS: %t OK x\nE:\n",
                   "INBOX", search_umlaut),
              S_OK);
}

Test(imap_message, search_reads_esearch)
{
    expect_hr(
        play(
            INBOX("ESEARCH LITERAL+") "C: %t UID SEARCH RETURN (ALL) CHARSET UTF-8 UNSEEN SUBJECT "
                                      "{7+}\nC: Grüße\n"
                                      "S: * ESEARCH (TAG \"%t\") UID ALL 2:3,7,9\nS: %t OK x\nE:\n",
            "INBOX", search_umlaut),
        S_OK);
}

static HRESULT sort_all(struct imap_lease *lease)
{
    struct imap_query query;
    struct imap_uids uids = {0};
    HRESULT hr;

    imap_query_init(&query);
    hr = imap_sort(lease, "REVERSE ARRIVAL", &query, &error, &uids);
    imap_query_clear(&query);
    if (SUCCEEDED(hr)) {
        cr_assert_eq(uids.count, 3u);
        cr_expect_eq(uids.uids[0], 9u);
        cr_expect_eq(uids.uids[1], 2u);
    }
    free(uids.uids);
    return hr;
}

Test(imap_message, sort_keeps_the_servers_order)
{
    expect_hr(play(INBOX("SORT") "C: %t UID SORT (REVERSE ARRIVAL) UTF-8 ALL\n"
                                 "S: * SORT 9 2 7\nS: %t OK x\nE:\n",
                   "INBOX", sort_all),
              S_OK);
    expect_hr(play(INBOX("x") "E:\n", "INBOX", sort_all), MAPI_E_NO_SUPPORT);
}

/* --- Flags ------------------------------------------------------------------------------------ */

static const uint32_t some[] = {7, 3, 4, 5};

static HRESULT store_seen(struct imap_lease *lease)
{
    static const char *const keywords[] = {"$Work", NULL};

    return imap_flags_store(lease, some, 4, IMAP_STORE_ADD, IMAP_FLAG_SEEN | IMAP_FLAG_FORWARDED,
                            keywords, 0, &error, NULL);
}

Test(imap_message, store_names_sets_flags_and_keywords)
{
    expect_hr(play(INBOX("x") "C: %t UID STORE 3:5,7 +FLAGS.SILENT (?Seen $Forwarded $Work)\n"
                              "S: %t OK x\nE:\n",
                   "INBOX", store_seen),
              S_OK);
}

static HRESULT store_unchanged(struct imap_lease *lease)
{
    struct imap_uids modified = {0};
    HRESULT hr = imap_flags_store(lease, some, 4, IMAP_STORE_REMOVE, IMAP_FLAG_SEEN, NULL, 12,
                                  &error, &modified);

    if (SUCCEEDED(hr)) {
        cr_assert_eq(modified.count, 2u);
        cr_expect_eq(modified.uids[0], 4u);
        cr_expect_eq(modified.uids[1], 7u);
    }
    free(modified.uids);
    return hr;
}

Test(imap_message, store_unchangedsince_tells_what_was_left_alone)
{
    expect_hr(play(LOGIN_AS("ENABLE CONDSTORE") "C: %t ENABLE CONDSTORE\nS: * ENABLED CONDSTORE\n"
                                                "S: %t OK x\n" SELECT(
                                                    "INBOX", "9", "50",
                                                    "40") "C: %t UID STORE 3:5,7 (UNCHANGEDSINCE "
                                                          "12) -FLAGS.SILENT (?Seen)\n"
                                                          "S: %t OK [MODIFIED 4,7] x\nE:\n",
                   "INBOX", store_unchanged),
              S_OK);
}

Test(imap_message, store_unchangedsince_needs_condstore)
{
    expect_hr(play(INBOX("x") "E:\n", "INBOX", store_unchanged), MAPI_E_NO_SUPPORT);
}

/* --- Copy and move --------------------------------------------------------------------------- */

static struct imap_copied copied;

static HRESULT move_some(struct imap_lease *lease)
{
    imap_copied_clear(&copied);
    return imap_move(lease, some, 4, "Archiv", &error, &copied);
}

Test(imap_message, move_believes_copyuid_only)
{
    expect_hr(play(INBOX("MOVE UIDPLUS") "C: %t UID MOVE 3:5,7 \"Archiv\"\n"
                                         "S: * OK [COPYUID 77 3,5 101:102] x\n"
                                         "S: * 1 EXPUNGE\nS: %t OK x\nE:\n",
                   "INBOX", move_some),
              S_OK);
    cr_expect_eq(copied.uidvalidity, 77u);
    cr_assert_eq(copied.count, 2u);
    cr_expect_eq(copied.pairs[1].from, 5u);
    cr_expect_eq(copied.pairs[1].to, 102u);
    imap_copied_clear(&copied);
}

Test(imap_message, move_without_move_copies_and_expunges_what_was_copied)
{
    expect_hr(play(INBOX("UIDPLUS") "C: %t UID COPY 3:5,7 \"Archiv\"\n"
                                    "S: %t OK [COPYUID 77 3:4 101:102] x\n"
                                    "C: %t UID STORE 3:4 +FLAGS.SILENT (?Deleted)\nS: %t OK x\n"
                                    "C: %t UID EXPUNGE 3:4\nS: %t OK x\nE:\n",
                   "INBOX", move_some),
              S_OK);
    cr_expect_eq(copied.count, 2u);
    imap_copied_clear(&copied);
}

Test(imap_message, move_is_refused_where_it_cannot_be_done_safely)
{
    expect_hr(play(INBOX("x") "E:\n", "INBOX", move_some), MAPI_E_NO_SUPPORT);
}

Test(imap_message, a_copyuid_that_makes_no_sense_tells_nothing)
{
    expect_hr(play(INBOX("MOVE UIDPLUS") "C: %t UID MOVE 3:5,7 \"Archiv\"\n"
                                         "S: * OK [COPYUID 77 1:4294967295 1:4294967295] x\n"
                                         "S: %t OK x\nE:\n",
                   "INBOX", move_some),
              S_OK);
    cr_expect_eq(copied.count, 0u);
    imap_copied_clear(&copied);
}

Test(imap_message, move_to_a_mailbox_that_is_not_there_is_not_found)
{
    expect_hr(play(INBOX("MOVE UIDPLUS") "C: %t UID MOVE *\nS: %t NO [TRYCREATE] none\nE:\n",
                   "INBOX", move_some),
              MAPI_E_NOT_FOUND);
}

static HRESULT expunge_some(struct imap_lease *lease)
{
    return imap_expunge(lease, some, 4, &error);
}

Test(imap_message, expunge_without_uidplus_spares_what_others_marked)
{
    expect_hr(play(INBOX("x") "C: %t UID STORE 3:5,7 +FLAGS.SILENT (?Deleted)\nS: %t OK x\n"
                              "C: %t UID SEARCH DELETED\nS: * SEARCH 3 4 5 7 20 21\nS: %t OK x\n"
                              "C: %t UID STORE 20:21 -FLAGS.SILENT (?Deleted)\nS: %t OK x\n"
                              "C: %t EXPUNGE\nS: * 3 EXPUNGE\nS: %t OK x\n"
                              "C: %t UID STORE 20:21 +FLAGS.SILENT (?Deleted)\nS: %t OK x\nE:\n",
                   "INBOX", expunge_some),
              S_OK);
}

/* --- APPEND ----------------------------------------------------------------------------------- */

struct source {
    const char *bytes;
    size_t left;
};

static HRESULT read_source(void *arg, void *buffer, size_t size, size_t *ret_size)
{
    struct source *source = arg;

    *ret_size = source->left < size ? source->left : size;
    if (*ret_size == 0)
        return MAPI_E_CORRUPT_DATA;
    memcpy(buffer, source->bytes, *ret_size);
    source->bytes += *ret_size;
    source->left -= *ret_size;
    return S_OK;
}

static uint64_t claimed_size;
static uint32_t appended_validity, appended_uid;

static HRESULT append_one(struct imap_lease *lease)
{
    struct source source = {"Subject: x\r\n\r\nhi\n", 17};
    struct imap_append append = {.mailbox = "Sent",
                                 .flags = IMAP_FLAG_SEEN,
                                 .internaldate = 1700000000,
                                 .size = claimed_size,
                                 .read = read_source,
                                 .arg = &source};

    appended_validity = appended_uid = 0;
    return imap_append(lease, &append, &error, &appended_validity, &appended_uid);
}

#define APPEND_LINE "C: %t APPEND \"Sent\" (?Seen) \"14-Nov-2023 22:13:20 +0000\" "

Test(imap_message, append_waits_for_the_server_and_tells_the_new_uid)
{
    claimed_size = 17;
    expect_hr(play(LOGIN APPEND_LINE "{17}\nS: + go\nB: 17\nC: \nS: %t OK [APPENDUID 5 99] x\nE:\n",
                   NULL, append_one),
              S_OK);
    cr_expect_eq(appended_validity, 5u);
    cr_expect_eq(appended_uid, 99u);
}

Test(imap_message, append_does_not_wait_with_literal_plus)
{
    claimed_size = 17;
    expect_hr(play(LOGIN_AS("LITERAL+") APPEND_LINE "{17+}\nB: 17\nC: \nS: %t OK x\nE:\n", NULL,
                   append_one),
              S_OK);
    cr_expect_eq(appended_uid, 0u);
}

Test(imap_message, append_refused_before_the_message_sends_none_of_it)
{
    claimed_size = 17;
    expect_hr(play(LOGIN APPEND_LINE "{17}\nS: %t NO [OVERQUOTA] full\nE:\n", NULL, append_one),
              MAPI_E_STORE_FULL);
    cr_expect_str_eq(error.text, "OVERQUOTA: full");
}

Test(imap_message, a_source_that_ends_early_appends_nothing)
{
    claimed_size = 30;
    expect_hr(play(LOGIN APPEND_LINE "{30}\nS: + go\nU:\n", NULL, append_one), MAPI_E_CORRUPT_DATA);
}
