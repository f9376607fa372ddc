/* The index's rows: compact, immutable, shared. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/mapicode.h"
#include "providers/imap/client/message.h"
#include "providers/imap/client/snapshot.h"

static struct imap_text text(const char *bytes)
{
    return (struct imap_text){bytes, (uint32_t)strlen(bytes)};
}

static struct imap_row make_row(uint32_t uid)
{
    static char subject[64];

    snprintf(subject, sizeof(subject), "subject %u", uid);
    return (struct imap_row){
        .uid = uid,
        .flags = uid % 2 ? IMAP_FLAG_SEEN : 0,
        .size = uid * 10,
        .modseq = 5,
        .internaldate = 1700000000 + uid,
        .has_attachment = uid % 3 == 0,
        .keywords = uid % 5 ? text("") : text("$Work"),
        .subject = text(subject),
        .date = text("Mon, 1 Jan 2024 00:00:00 +0000"),
        .message_id = text("<m@x>"),
        .in_reply_to = text(""),
        .from = {"Ann\0ann@x.test\0", 15},
        .sender = {"Ann\0ann@x.test\0", 15},
        .reply_to = {"Bob\0bob@x.test\0", 15},
        .to = {"\0c@x.test\0Dan\0d@x.test\0", 23},
        .cc = text(""),
        .bcc = text(""),
    };
}

/* A snapshot of rows first..last on `base` (given back). */
static struct imap_snapshot *grown(struct imap_snapshot *base, uint32_t first, uint32_t last)
{
    struct imap_chunk_builder *builder = imap_chunk_builder_create();
    struct imap_snapshot_edit edit;
    struct imap_snapshot *next = NULL;

    cr_assert_eq(imap_snapshot_edit_init(&edit, base), S_OK);
    for (uint32_t uid = first; uid <= last; uid++) {
        struct imap_row row = make_row(uid);

        cr_assert_eq(imap_chunk_builder_add(builder, &row), S_OK);
    }
    cr_assert_eq(imap_snapshot_edit_append(&edit, builder), S_OK);
    cr_assert_eq(imap_snapshot_edit_finish(&edit, &next), S_OK);
    imap_chunk_builder_free(builder);
    imap_snapshot_unref(base);
    return next;
}

static void expect_row(const struct imap_snapshot *snapshot, size_t position, uint32_t uid)
{
    struct imap_row row, want = make_row(uid);
    size_t found;

    imap_snapshot_row(snapshot, position, &row);
    cr_expect_eq(row.uid, uid);
    cr_expect_eq(row.size, want.size);
    cr_expect_eq(row.internaldate, want.internaldate);
    cr_expect_eq(row.has_attachment, want.has_attachment);
    cr_expect_str_eq(row.subject.bytes, want.subject.bytes);
    cr_expect_eq(row.subject.size, want.subject.size);
    cr_expect_str_eq(row.in_reply_to.bytes, "");
    cr_expect_eq(row.sender.size, 15u);
    cr_expect_eq(memcmp(row.sender.bytes, want.sender.bytes, 15), 0);
    cr_expect_eq(memcmp(row.reply_to.bytes, want.reply_to.bytes, 15), 0);
    cr_expect(imap_snapshot_find(snapshot, uid, &found) && found == position);
}

Test(imap_snapshot, gives_back_every_row_it_was_given)
{
    struct imap_snapshot *snapshot = grown(imap_snapshot_create_empty(7), 1, 5000);

    cr_assert_eq(imap_snapshot_count(snapshot), 5000u);
    for (uint32_t i = 0; i < 5000; i += 37)
        expect_row(snapshot, i, i + 1);
    cr_expect_eq(imap_snapshot_unseen(snapshot), 2500u);
    cr_expect_eq(imap_snapshot_uidvalidity(snapshot), 7u);
    imap_snapshot_unref(snapshot);
}

Test(imap_snapshot, walks_addresses_with_and_without_names)
{
    struct imap_snapshot *snapshot = grown(imap_snapshot_create_empty(7), 1, 1);
    const char *name, *address;
    struct imap_row row;

    imap_snapshot_row(snapshot, 0, &row);
    cr_assert(imap_addresses_next(&row.to, &name, &address));
    cr_expect_str_eq(name, "");
    cr_expect_str_eq(address, "c@x.test");
    cr_assert(imap_addresses_next(&row.to, &name, &address));
    cr_expect_str_eq(name, "Dan");
    cr_expect_str_eq(address, "d@x.test");
    cr_expect_not(imap_addresses_next(&row.to, &name, &address));
    cr_expect_not(imap_addresses_next(&row.cc, &name, &address));
    imap_snapshot_unref(snapshot);
}

Test(imap_snapshot, rows_in_any_order_and_twice_come_out_sorted_and_once)
{
    static const uint32_t uids[] = {5, 2, 9, 2, 7, 5};
    static const uint32_t sorted[] = {2, 5, 7, 9};
    struct imap_chunk_builder *builder = imap_chunk_builder_create();
    struct imap_snapshot *base = imap_snapshot_create_empty(1), *next;
    struct imap_snapshot_edit edit;

    cr_assert_eq(imap_snapshot_edit_init(&edit, base), S_OK);
    for (int i = 0; i < 6; i++) {
        struct imap_row row = make_row(uids[i]);

        cr_assert_eq(imap_chunk_builder_add(builder, &row), S_OK);
    }
    cr_assert_eq(imap_snapshot_edit_append(&edit, builder), S_OK);
    cr_assert_eq(imap_snapshot_edit_finish(&edit, &next), S_OK);
    cr_assert_eq(imap_snapshot_count(next), 4u);
    for (size_t i = 0; i < 4; i++)
        expect_row(next, i, sorted[i]);
    imap_chunk_builder_free(builder);
    imap_snapshot_unref(base);
    imap_snapshot_unref(next);
}

Test(imap_snapshot, an_older_snapshot_does_not_change)
{
    struct imap_snapshot *old = grown(imap_snapshot_create_empty(1), 1, 3000), *next;
    struct imap_text keywords = text("$Hot $Work");
    struct imap_snapshot_edit edit;
    struct imap_row row;
    bool changed;

    cr_assert_eq(imap_snapshot_edit_init(&edit, old), S_OK);
    cr_assert_eq(imap_snapshot_edit_state(&edit, 10, IMAP_FLAG_SEEN, &keywords, 9, &changed), S_OK);
    cr_expect(changed);
    cr_assert_eq(imap_snapshot_edit_remove(&edit, 2000, &changed), S_OK);
    cr_expect(changed);
    cr_assert_eq(imap_snapshot_edit_finish(&edit, &next), S_OK);

    imap_snapshot_row(next, 9, &row);
    cr_expect_eq(row.flags, (uint32_t)IMAP_FLAG_SEEN);
    cr_expect_str_eq(row.keywords.bytes, "$Hot $Work");
    cr_expect_eq(row.modseq, 9u);
    cr_expect_eq(imap_snapshot_count(next), 2999u);
    cr_expect_eq(imap_snapshot_unseen(next), 1498u);
    expect_row(next, 1999, 2001);

    imap_snapshot_row(old, 9, &row);
    cr_expect_eq(row.flags, 0u);
    cr_expect_str_eq(row.keywords.bytes, "$Work");
    cr_expect_eq(imap_snapshot_count(old), 3000u);
    cr_expect_eq(imap_snapshot_unseen(old), 1500u);
    expect_row(old, 1999, 2000);
    cr_expect_gt(imap_snapshot_version(next), imap_snapshot_version(old));
    imap_snapshot_unref(old);
    expect_row(next, 0, 1);
    imap_snapshot_unref(next);
}

Test(imap_snapshot, a_state_that_is_the_same_is_no_change)
{
    struct imap_snapshot *old = grown(imap_snapshot_create_empty(1), 1, 10), *next;
    struct imap_text keywords = text("");
    struct imap_snapshot_edit edit;
    bool changed = true;

    cr_assert_eq(imap_snapshot_edit_init(&edit, old), S_OK);
    cr_assert_eq(imap_snapshot_edit_state(&edit, 2, 0, &keywords, 5, &changed), S_OK);
    cr_expect_not(changed);
    cr_assert_eq(imap_snapshot_edit_state(&edit, 2, 0, &keywords, 6, &changed), S_OK);
    cr_expect_not(changed, "a mod-sequence alone is no change");
    cr_assert_eq(imap_snapshot_edit_state(&edit, 99, 0, &keywords, 6, &changed), S_OK);
    cr_expect_not(changed, "nor is a UID that is not there");
    cr_assert_eq(imap_snapshot_edit_finish(&edit, &next), S_OK);
    imap_snapshot_unref(old);
    imap_snapshot_unref(next);
}

Test(imap_snapshot, can_be_emptied_row_by_row_and_grow_again)
{
    struct imap_snapshot *snapshot = grown(imap_snapshot_create_empty(1), 1, 2500), *next;
    struct imap_snapshot_edit edit;
    size_t position;
    bool removed;

    cr_assert_eq(imap_snapshot_edit_init(&edit, snapshot), S_OK);
    for (uint32_t i = 0; i < 2500; i++) {
        cr_assert_eq(imap_snapshot_edit_remove(&edit, i * 7 % 2500 + 1, &removed), S_OK);
        cr_assert(removed);
    }
    cr_assert_eq(imap_snapshot_edit_finish(&edit, &next), S_OK);
    imap_snapshot_unref(snapshot);
    cr_expect_eq(imap_snapshot_count(next), 0u);
    cr_expect_eq(imap_snapshot_unseen(next), 0u);
    cr_expect_not(imap_snapshot_find(next, 1, &position));
    for (uint32_t uid = 3001; uid < 3600; uid++)
        next = grown(next, uid, uid); /* one message at a time */
    cr_expect_eq(imap_snapshot_count(next), 599u);
    for (uint32_t i = 0; i < 599; i++)
        expect_row(next, i, 3001 + i);
    imap_snapshot_unref(next);
}
