/* Rights: what is said, and what is made of the answer (RFC 4314, RFC 2086). */
#include "tests/providers/imap/client/client_rig.h"

#include "providers/imap/client/acl.h"

static struct rig rig;
static struct error_info error;

static HRESULT run_on_lease(void *arg)
{
    HRESULT (*fn)(struct imap_lease * lease) = *(HRESULT(**)(struct imap_lease *))arg;
    struct imap_lease *lease;
    HRESULT hr;

    error_clear(&error);
    hr = imap_lease_begin(rig.client, NULL, 0, NO_DEADLINE, &error, &lease);
    if (FAILED(hr))
        return hr;
    hr = fn(lease);
    imap_lease_end(lease);
    return hr;
}

static HRESULT play(const char *script, HRESULT (*fn)(struct imap_lease *lease))
{
    HRESULT hr;

    rig_start(&rig, &script, 1);
    rig_client(&rig);
    hr = rig_call(&rig, run_on_lease, &fn);
    rig_stop(&rig);
    return hr;
}

#define NEW "ACL RIGHTS=texk"
#define OLD "ACL"

/* --- Ours ------------------------------------------------------------------------------------- */

static uint32_t mine;

static HRESULT ask_mine(struct imap_lease *lease)
{
    return imap_acl_mine(lease, "Entwürfe", &error, &mine);
}

#define MYRIGHTS "C: %t MYRIGHTS \"Entw&APw-rfe\"\n"

Test(imap_acl, our_rights_are_letters)
{
    expect_hr(play(LOGIN_AS(NEW) MYRIGHTS "S: * MYRIGHTS \"Entw&APw-rfe\" lrsq9x\nS: %t OK x\nE:\n",
                   ask_mine),
              S_OK);
    cr_expect_eq(mine,
                 IMAP_RIGHT_LOOKUP | IMAP_RIGHT_READ | IMAP_RIGHT_SEEN | IMAP_RIGHT_DELETE_MAILBOX);
}

/* Dovecot says them to everybody; "d" is no more than the "t" that it goes with. */
Test(imap_acl, old_letters_beside_the_new_ones_give_nothing)
{
    expect_hr(play(LOGIN_AS(NEW) MYRIGHTS "S: * MYRIGHTS \"Entw&APw-rfe\" lrtcd\nS: %t OK x\nE:\n",
                   ask_mine),
              S_OK);
    cr_expect_eq(mine, IMAP_RIGHT_LOOKUP | IMAP_RIGHT_READ | IMAP_RIGHT_DELETE);
}

Test(imap_acl, old_letters_of_an_old_server_are_what_they_stood_for)
{
    expect_hr(play(LOGIN_AS(OLD) MYRIGHTS "S: * MYRIGHTS \"Entw&APw-rfe\" lrcd\nS: %t OK x\nE:\n",
                   ask_mine),
              S_OK);
    cr_expect_eq(mine, IMAP_RIGHT_LOOKUP | IMAP_RIGHT_READ | IMAP_RIGHT_CREATE |
                           IMAP_RIGHT_DELETE_MAILBOX | IMAP_RIGHT_DELETE | IMAP_RIGHT_EXPUNGE);
}

Test(imap_acl, rights_of_another_mailbox_are_no_answer)
{
    mine = 77;
    expect_hr(play(LOGIN_AS(NEW) MYRIGHTS "S: * MYRIGHTS INBOX lrswipkxtea\n"
                                          "S: * MYRIGHTS \"Entw&APw-rfe\"\nS: %t OK x\nE:\n",
                   ask_mine),
              MAPI_E_CALL_FAILED);
    cr_expect_eq(mine, 77u);
}

Test(imap_acl, without_acl_nothing_is_asked)
{
    expect_hr(play(LOGIN_AS("UIDPLUS") "E:\n", ask_mine), MAPI_E_NO_SUPPORT);
}

Test(imap_acl, who_may_not_ask_hears_so)
{
    expect_hr(play(LOGIN_AS(NEW) MYRIGHTS "S: %t NO [NOPERM] not yours\nE:\n", ask_mine),
              MAPI_E_NO_ACCESS);
    cr_expect_str_eq(error.text, "NOPERM: not yours");
}

/* --- Everybody's ------------------------------------------------------------------------------ */

static struct imap_acl *acl;

static HRESULT ask_all(struct imap_lease *lease)
{
    acl = NULL;
    return imap_acl_get(lease, "INBOX", &error, &acl);
}

Test(imap_acl, everybodys_rights_are_entries)
{
    cr_assert_eq(play(LOGIN_AS(NEW) "C: %t GETACL \"INBOX\"\n"
                                    "S: * ACL inbox alice lrswipkxtea -bob w \"\" lr anyone \"\"\n"
                                    "S: %t OK x\nE:\n",
                      ask_all),
                 S_OK);
    cr_assert_eq(acl->count, 3u);
    cr_expect_str_eq(acl->entries[0].identifier, "alice");
    cr_expect_eq(acl->entries[0].rights, IMAP_RIGHTS_ALL);
    cr_expect_str_eq(acl->entries[1].identifier, "-bob");
    cr_expect_eq(acl->entries[1].rights, IMAP_RIGHT_WRITE);
    cr_expect_str_eq(acl->entries[2].identifier, "anyone");
    cr_expect_eq(acl->entries[2].rights, 0u);
    imap_acl_free(acl);
}

Test(imap_acl, a_list_without_end_is_refused)
{
    size_t size = 64 + 16 * (IMAP_ACL_MAX + 1);
    char *script = calloc(1, 1024 + size);

    strcat(script, LOGIN_AS(NEW) "C: %t GETACL \"INBOX\"\nS: * ACL INBOX");
    for (int i = 0; i < IMAP_ACL_MAX + 1; i++)
        sprintf(script + strlen(script), " u%d lr", i);
    strcat(script, "\nS: %t OK x\nE:\n");
    expect_hr(play(script, ask_all), MAPI_E_TOO_BIG);
    cr_expect_null(acl);
    free(script);
}

Test(imap_acl, a_name_longer_than_names_are_is_left_out)
{
    char script[2048], name[IMAP_IDENTIFIER_MAX + 2];

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    snprintf(script, sizeof(script), "%s%s %s lr bob lr\nS: %%t OK x\nE:\n", LOGIN_AS(NEW),
             "C: %t GETACL \"INBOX\"\nS: * ACL INBOX", name);
    cr_assert_eq(play(script, ask_all), S_OK);
    cr_assert_eq(acl->count, 1u);
    cr_expect_str_eq(acl->entries[0].identifier, "bob");
    imap_acl_free(acl);
}

/* --- Changing --------------------------------------------------------------------------------- */

static uint32_t given;
static const char *who;

static HRESULT set_one(struct imap_lease *lease)
{
    return imap_acl_set(lease, "INBOX", who, given, &error);
}

static HRESULT delete_one(struct imap_lease *lease)
{
    return imap_acl_delete(lease, "INBOX", who, &error);
}

Test(imap_acl, rights_are_given_by_letters)
{
    who = "bob\"x";
    given = IMAP_RIGHT_LOOKUP | IMAP_RIGHT_READ | IMAP_RIGHT_DELETE | IMAP_RIGHT_EXPUNGE;
    expect_hr(play(LOGIN_AS(NEW) "C: %t SETACL \"INBOX\" \"bob\\\\\"x\" \"lrte\"\nS: %t OK x\nE:\n",
                   set_one),
              S_OK);
    given = 0;
    who = "bob";
    expect_hr(play(LOGIN_AS(NEW) "C: %t SETACL \"INBOX\" \"bob\" \"\"\nS: %t OK x\nE:\n", set_one),
              S_OK);
}

Test(imap_acl, an_old_server_gets_old_letters_and_never_more_than_is_given)
{
    who = "bob";
    given = IMAP_RIGHT_LOOKUP | IMAP_RIGHT_DELETE | IMAP_RIGHT_EXPUNGE | IMAP_RIGHT_CREATE;
    expect_hr(
        play(LOGIN_AS(OLD) "C: %t SETACL \"INBOX\" \"bob\" \"ld\"\nS: %t OK x\nE:\n", set_one),
        S_OK);
}

Test(imap_acl, an_entry_is_taken_away)
{
    who = "bob";
    expect_hr(play(LOGIN_AS(NEW) "C: %t DELETEACL \"INBOX\" \"bob\"\nS: %t OK x\nE:\n", delete_one),
              S_OK);
    who = "";
    expect_hr(play(LOGIN_AS(NEW) "E:\n", delete_one), MAPI_E_INVALID_PARAMETER);
}
