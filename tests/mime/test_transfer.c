/* tests/mime/test_transfer.c - transfer encodings: byte exact, in pieces of any size, tolerant */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mime/transfer.h"

#define SPACE 65536

/* Runs the whole input through in pieces of `step` bytes, with room for `room` bytes at a time. */
static size_t decode(enum transfer_encoding encoding, const char *in, size_t size, size_t step,
                     size_t room, char *out)
{
    struct transfer_decoder decoder;
    size_t at = 0, total = 0, used, made;

    transfer_decoder_init(&decoder, encoding);
    for (;;) {
        size_t piece = size - at < step ? size - at : step;
        bool last = at + piece == size;

        transfer_decode(&decoder, in + at, piece, last, out + total, room, &used, &made);
        cr_assert_leq(made, room);
        at += used;
        total += made;
        if (last && used == piece && made < room)
            return total;
    }
}

static size_t encode(enum transfer_encoding encoding, const char *in, size_t size, size_t step,
                     size_t room, char *out)
{
    struct transfer_encoder encoder;
    size_t at = 0, total = 0, used, made;

    transfer_encoder_init(&encoder, encoding);
    for (;;) {
        size_t piece = size - at < step ? size - at : step;
        bool last = at + piece == size;

        transfer_encode(&encoder, in + at, piece, last, out + total, room, &used, &made);
        cr_assert_leq(made, room);
        at += used;
        total += made;
        if (last && used == piece && made < room)
            return total;
    }
}

static void expect_decoded(enum transfer_encoding encoding, const char *in, const char *expected)
{
    static char out[SPACE];

    for (size_t step = 1; step < 5; step++) {
        size_t size = decode(encoding, in, strlen(in), step, step + 1, out);

        cr_expect(size == strlen(expected) && memcmp(out, expected, size) == 0,
                  "'%s' in steps of %zu: '%.*s'", in, step, (int)size, out);
    }
}

Test(transfer, finds_encodings_by_name)
{
    cr_expect_eq(transfer_encoding_find("BASE64", 6), TRANSFER_BASE64);
    cr_expect_eq(transfer_encoding_find("Quoted-Printable", 16), TRANSFER_QUOTED_PRINTABLE);
    cr_expect_eq(transfer_encoding_find("x-uuencode", 10), TRANSFER_UUENCODE);
    cr_expect_eq(transfer_encoding_find("8bit", 4), TRANSFER_IDENTITY);
    cr_expect_eq(transfer_encoding_find("base6", 5), TRANSFER_IDENTITY);
    cr_expect_eq(transfer_encoding_find(NULL, 0), TRANSFER_IDENTITY);
}

Test(transfer, base64_passes_over_what_is_no_digit)
{
    expect_decoded(TRANSFER_BASE64, "aGVsbG8=", "hello");
    expect_decoded(TRANSFER_BASE64, "aGVs\r\nbG8", "hello");
    expect_decoded(TRANSFER_BASE64, "aG!V*s b\tG8=\r\n", "hello");
    expect_decoded(TRANSFER_BASE64, "aGVsbG8=\r\nIHlvdQ==", "hello you"); /* joined pieces */
    expect_decoded(TRANSFER_BASE64, "====", "");
    expect_decoded(TRANSFER_BASE64, "", "");
}

Test(transfer, quoted_printable_undoes_escapes_and_soft_line_ends)
{
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "a=3Db=3db", "a=b=b");
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "a=\r\nb=\nc", "abc");
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "a= \t \r\nb", "ab"); /* padded on the way */
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "a \r\nb\t\nc  ", "a\r\nb\nc");
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "a  b =\r\n c", "a  b  c");
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "a=20\r\nb", "a \r\nb");
}

Test(transfer, quoted_printable_keeps_what_is_no_escape)
{
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "a=XYb", "a=XYb");
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "1+1=2", "1+1=2");
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "x=4\r\ny", "x=4\r\ny");
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "==41", "=A");
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "a= b", "a= b");
    expect_decoded(TRANSFER_QUOTED_PRINTABLE, "a=", "a");
}

Test(transfer, quoted_printable_survives_more_white_space_than_it_holds)
{
    static char in[8001], out[SPACE];

    memset(in, ' ', 8000);
    in[0] = 'a';
    in[7999] = 'b';
    cr_expect_eq(decode(TRANSFER_QUOTED_PRINTABLE, in, 8000, 7, 5, out), 8000u);
    cr_expect(memcmp(in, out, 8000) == 0);
}

Test(transfer, uuencode_reads_between_begin_and_end)
{
    expect_decoded(TRANSFER_UUENCODE,
                   "some text\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\nmore\r\n", "Cat");
    expect_decoded(TRANSFER_UUENCODE, "begin 644 a\n#0V%T\n", "Cat");
    expect_decoded(TRANSFER_UUENCODE, "begin 644 a\n#0V%T", "Cat");
    expect_decoded(TRANSFER_UUENCODE, "#0V%T\nend\n", "");
}

static void fill(char *bytes, size_t size, unsigned seed, bool text)
{
    static const char common[] = "aF. \t=\r\n-\xC3\xA4";

    srand(seed);
    for (size_t i = 0; i < size; i++)
        bytes[i] = text ? common[(unsigned)rand() % (sizeof(common) - 1)] : (char)rand();
}

static void expect_round_trip(enum transfer_encoding encoding, bool text)
{
    static char in[4000], wire[SPACE], out[SPACE];

    for (unsigned seed = 1; seed <= 60; seed++) {
        size_t size = seed < 20 ? seed - 1 : seed * 61 % sizeof(in), wired, column = 0;

        fill(in, size, seed, text);
        wired = encode(encoding, in, size, seed % 7 + 1, seed % 5 + 1, wire);
        for (size_t i = 0; i < wired; i++) {
            column = wire[i] == '\n' ? 0 : column + 1;
            cr_assert_leq(column, 77u, "seed %u", seed); /* 76 and the CR */
            cr_assert(wire[i] == '\r' || wire[i] == '\n' || wire[i] == '\t' ||
                      (wire[i] >= ' ' && wire[i] < 127));
        }
        cr_assert_eq(decode(encoding, wire, wired, seed % 11 + 1, seed % 3 + 1, out), size,
                     "seed %u", seed);
        cr_assert(memcmp(in, out, size) == 0, "seed %u", seed);
    }
}

Test(transfer, base64_comes_back_byte_for_byte)
{
    expect_round_trip(TRANSFER_BASE64, false);
}

Test(transfer, quoted_printable_comes_back_byte_for_byte)
{
    expect_round_trip(TRANSFER_QUOTED_PRINTABLE, true);
    expect_round_trip(TRANSFER_QUOTED_PRINTABLE, false);
}

Test(transfer, quoted_printable_protects_lines_that_relays_change)
{
    static const char text[] = "From here\r\n.\r\nend \r\n";
    char out[100];
    size_t size = encode(TRANSFER_QUOTED_PRINTABLE, text, sizeof(text) - 1, 3, 50, out);

    out[size] = '\0';
    cr_expect_str_eq(out, "=46rom here\r\n=2E\r\nend=20\r\n");
}

Test(transfer, identity_is_a_copy)
{
    char out[8];

    cr_expect_eq(decode(TRANSFER_IDENTITY, "a=\r\nb", 5, 2, 2, out), 5u);
    cr_expect(memcmp(out, "a=\r\nb", 5) == 0);
}
