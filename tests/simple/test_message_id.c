/* tests/simple/test_message_id.c - the message identifiers that callers hold */
#include <pthread.h>
#include <string.h>

#include "mapi/mapi.h"
#include "mapi/memory.h"
#include "simple/message_id.h"
#include "support/com.h"

static struct message_ids ids;

static void begin(void)
{
    message_ids_init(&ids);
}

static void end(void)
{
    message_ids_clear(&ids);
}

TestSuite(message_id, .init = begin, .fini = end);

static SBinary entry_id(BYTE *room, ULONG size, unsigned number)
{
    memset(room, 0, size);
    memcpy(room, &number, size < sizeof(number) ? size : sizeof(number));
    return (SBinary){.cb = size, .lpb = room};
}

/* The identifier leads back to this very entry id. */
static bool leads_to(const char *text, const SBinary *entry)
{
    SBinary found;
    bool same;

    if (message_id_read(&ids, text, &found) != SUCCESS_SUCCESS)
        return false;
    same = found.cb == entry->cb && memcmp(found.lpb, entry->lpb, entry->cb) == 0;
    mapi_free(found.lpb);
    return same;
}

Test(message_id, both_forms_lead_back)
{
    char small[SHORT_ID_SIZE], large[LONG_ID_SIZE];
    BYTE room[70];
    SBinary entry = entry_id(room, sizeof(room), 0x12345678);

    cr_expect_eq(message_id_write(&ids, &entry, false, small), SUCCESS_SUCCESS);
    cr_expect_eq(message_id_write(&ids, &entry, true, large), SUCCESS_SUCCESS);
    cr_expect_str_neq(small, large);
    cr_expect(leads_to(small, &entry));
    cr_expect(leads_to(large, &entry));
}

/* 512 bytes with the terminator: the mark of nine, and two for each byte. */
Test(message_id, what_does_not_fit_is_refused)
{
    char text[LONG_ID_SIZE];
    BYTE room[400];
    SBinary entry = entry_id(room, 251, 1);

    cr_expect_eq(message_id_write(&ids, &entry, true, text), SUCCESS_SUCCESS);
    cr_expect_eq(strlen(text), LONG_ID_SIZE - 1);
    cr_expect(leads_to(text, &entry));
    memset(text, '#', sizeof(text));
    entry.cb = 252;
    cr_expect_eq(message_id_write(&ids, &entry, true, text), MAPI_E_FAILURE);
    cr_expect_eq(text[0], '#');
    entry.cb = 0;
    cr_expect_eq(message_id_write(&ids, &entry, true, text), MAPI_E_FAILURE);
}

Test(message_id, the_short_form_fits_an_entry_id_of_any_size) /* SMP-036 */
{
    char text[SHORT_ID_SIZE];
    BYTE room[400];
    SBinary entry = entry_id(room, sizeof(room), 1);

    cr_expect_eq(message_id_write(&ids, &entry, false, text), SUCCESS_SUCCESS);
    cr_expect_lt(strlen(text), SHORT_ID_SIZE);
    cr_expect(leads_to(text, &entry));
}

Test(message_id, the_oldest_short_forms_go)
{
    char first[SHORT_ID_SIZE], second[SHORT_ID_SIZE], last[SHORT_ID_SIZE];
    BYTE room[8];
    SBinary entry = entry_id(room, sizeof(room), 0);

    cr_assert_eq(message_id_write(&ids, &entry, false, first), SUCCESS_SUCCESS);
    entry = entry_id(room, sizeof(room), 1);
    cr_assert_eq(message_id_write(&ids, &entry, false, second), SUCCESS_SUCCESS);
    for (unsigned i = 2; i <= SHORT_IDS_MAX; i++) {
        entry = entry_id(room, sizeof(room), i);
        cr_assert_eq(message_id_write(&ids, &entry, false, last), SUCCESS_SUCCESS);
    }
    cr_expect(leads_to(last, &entry));
    entry = entry_id(room, sizeof(room), 1);
    cr_expect(leads_to(second, &entry));
    entry = entry_id(room, sizeof(room), 0);
    cr_expect(!leads_to(first, &entry)); /* one too many */
}

Test(message_id, numbers_that_were_not_given_are_none)
{
    char text[SHORT_ID_SIZE];
    BYTE room[8];
    SBinary entry = entry_id(room, sizeof(room), 0), found;

    cr_assert_eq(message_id_write(&ids, &entry, false, text), SUCCESS_SUCCESS);
    text[strlen(text) - 1]++;
    cr_expect_eq(message_id_read(&ids, text, &found), MAPI_E_INVALID_MESSAGE);
    memset(text + 9, 'f', 8);
    cr_expect_eq(message_id_read(&ids, text, &found), MAPI_E_INVALID_MESSAGE);
    memset(text + 9, 'g', 8);
    cr_expect_eq(message_id_read(&ids, text, &found), MAPI_E_INVALID_MESSAGE);
    text[1] ^= 1; /* another session's */
    cr_expect_eq(message_id_read(&ids, text, &found), MAPI_E_INVALID_MESSAGE);
}

static void *give_and_take(void *arg)
{
    unsigned base = *(unsigned *)arg;

    for (unsigned i = 0; i < 500; i++) {
        char text[SHORT_ID_SIZE];
        BYTE room[8];
        SBinary entry = entry_id(room, sizeof(room), base + i);

        if (message_id_write(&ids, &entry, false, text) != SUCCESS_SUCCESS ||
            !leads_to(text, &entry))
            return arg;
    }
    return NULL;
}

Test(message_id, threads_share_a_session)
{
    unsigned bases[4] = {0, 1000, 2000, 3000};
    pthread_t threads[4];
    void *failed;

    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, give_and_take, &bases[i]), 0);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(pthread_join(threads[i], &failed), 0);
        cr_expect_null(failed);
    }
}
