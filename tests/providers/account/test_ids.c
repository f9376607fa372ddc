/* tests/providers/account/test_ids.c - identifiers are for ever: their bytes are written out here
 */
#include <criterion/criterion.h>
#include <string.h>

#include "providers/account/ids.h"

static const struct mailbox_guids guids = {
    .mailbox = {{0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d,
                 0x1e, 0x1f}},
    .replica = {{0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d,
                 0x2e, 0x2f}},
};

static HRESULT parse(const void *id, ULONG size, struct entry_ref *ref)
{
    return ids_parse_entryid(&guids, size, id, ref);
}

Test(account_ids, a_folder_id_is_the_46_byte_form)
{
    static const BYTE expected[FOLDER_ENTRYID_SIZE] = {
        0,    0,    0,    0,    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
        0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 1,    0,    0x20, 0x21,
        0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d,
        0x2e, 0x2f, 0,    0,    0,    0,    0x01, 0x0D, 0,    0};
    BYTE id[FOLDER_ENTRYID_SIZE];
    struct entry_ref ref;

    ids_folder_entryid(&guids, 0x010D, id);
    cr_assert_arr_eq(id, expected, sizeof(expected));
    cr_assert_eq(parse(id, sizeof(id), &ref), S_OK);
    cr_expect_eq(ref.kind, ENTRY_FOLDER);
    cr_expect_eq(ref.folder, 0x010D);
}

Test(account_ids, a_message_id_is_the_70_byte_form)
{
    BYTE id[MESSAGE_ENTRYID_SIZE];
    struct entry_ref ref;

    ids_message_entryid(&guids, 0x0D, number_from_uid(0x1234, 0xFEDCBA98), id);
    cr_expect_eq(id[20], 7);
    cr_expect_arr_eq(id + 46, &guids.replica, 16);
    cr_expect_arr_eq(id + 62, ((BYTE[]){0x12, 0x34, 0xFE, 0xDC, 0xBA, 0x98, 0, 0}), 8);
    cr_assert_eq(parse(id, sizeof(id), &ref), S_OK);
    cr_expect_eq(ref.kind, ENTRY_MESSAGE);
    cr_expect_eq(ref.folder, 0x0D);
    cr_expect_eq(ref.message, UINT64_C(0x1234FEDCBA98));
}

Test(account_ids, short_ids_have_the_replica_id_below_the_big_endian_counter)
{
    uint64_t number;

    cr_expect_eq(ids_short_id(UINT64_C(0x123456789ABC)), (int64_t)UINT64_C(0xBC9A785634120001));
    cr_assert(ids_parse_short_id(ids_short_id(UINT64_C(0x123456789ABC)), &number));
    cr_expect_eq(number, UINT64_C(0x123456789ABC));
    cr_expect_not(ids_parse_short_id(1, &number), "a counter of zero names nothing");
    cr_expect_not(ids_parse_short_id(INT64_C(0x0100000000000002), &number), "another replica");
}

Test(account_ids, keys_lead_back_to_the_number)
{
    BYTE bytes[SOURCE_KEY_SIZE], instance_bytes[INSTANCE_KEY_SIZE];
    SBinary key = {.cb = sizeof(bytes), .lpb = bytes};
    SBinary instance_key = {.cb = sizeof(instance_bytes), .lpb = instance_bytes};
    uint64_t number;
    uint32_t instance;

    ids_source_key(&guids, 0x42, bytes);
    cr_assert(ids_parse_source_key(&guids, &key, &number));
    cr_expect_eq(number, 0x42);
    bytes[0] ^= 1;
    cr_expect_not(ids_parse_source_key(&guids, &key, &number), "another mailbox's key");

    ids_instance_key(0x42, 7, instance_bytes);
    cr_assert(ids_parse_instance_key(&instance_key, &number, &instance));
    cr_expect_eq(number, 0x42);
    cr_expect_eq(instance, 7);
}

Test(account_ids, the_flag_bytes_do_not_count) /* SES-136 */
{
    BYTE id[FOLDER_ENTRYID_SIZE];
    struct entry_ref ref;

    ids_folder_entryid(&guids, 9, id);
    id[0] = 0xFF;
    cr_expect_eq(parse(id, sizeof(id), &ref), S_OK);
    cr_expect_eq(ref.folder, 9);
}

Test(account_ids, what_is_malformed_or_not_ours_is_told_apart) /* SES-128 */
{
    BYTE id[MESSAGE_ENTRYID_SIZE];
    struct entry_ref ref;

    ids_message_entryid(&guids, 9, 10, id);
    cr_expect_eq(parse(NULL, 70, &ref), MAPI_E_INVALID_ENTRYID);
    for (ULONG size = 0; size < sizeof(id); size++)
        cr_expect_neq(parse(id, size, &ref), S_OK, "%u bytes", size);
    cr_expect_eq(parse(id, 10, &ref), MAPI_E_INVALID_ENTRYID);
    id[20] = 99;
    cr_expect_eq(parse(id, sizeof(id), &ref), MAPI_E_INVALID_ENTRYID);
    ids_message_entryid(&guids, 9, 10, id);
    id[4] ^= 1;
    cr_expect_eq(parse(id, sizeof(id), &ref), MAPI_E_UNKNOWN_ENTRYID);
    ids_message_entryid(&guids, 9, 10, id);
    id[50] ^= 1;
    cr_expect_eq(parse(id, sizeof(id), &ref), MAPI_E_UNKNOWN_ENTRYID, "another replica");
    ids_message_entryid(&guids, 9, 0, id);
    cr_expect_eq(parse(id, sizeof(id), &ref), MAPI_E_INVALID_ENTRYID);
}

Test(account_ids, the_store_id_names_server_and_account)
{
    BYTE id[STORE_ENTRYID_MAX];
    struct entry_ref ref;
    char long_name[700];
    ULONG size = ids_store_entryid(&guids, "imap.example.org", "ann@imap.example.org", id);

    cr_assert_eq(size, 24 + 17 + 21);
    cr_expect_str_eq((char *)id + 24, "imap.example.org");
    cr_assert_eq(parse(id, size, &ref), S_OK);
    cr_expect_eq(ref.kind, ENTRY_STORE);
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    cr_expect_eq(ids_store_entryid(&guids, long_name, "a", id), 0);
}
