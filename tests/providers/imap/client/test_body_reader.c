/* A section of a message, read in windows: their sizes, their order, from anywhere. */
#include "tests/providers/imap/client/client_rig.h"

#define EXAMINED "C: %t EXAMINE INBOX\nS: * 40 EXISTS\nS: * OK [UIDVALIDITY 9] x\nS: %t OK x\n"

static struct rig rig;
static struct error_info error;
static struct imap_body_reader *reader;

#define WINDOW  262144u
#define SECTION (WINDOW * 11 + 1000)

/* Which of the windows below a byte is in. */
static char letter_at(uint64_t at)
{
    static const unsigned ends[] = {1, 3, 7, 11};
    char letter = 'a';

    for (size_t i = 0; i < 4 && at >= (uint64_t)ends[i] * WINDOW; i++)
        letter++;
    return letter;
}

static HRESULT read_all(void *arg)
{
    char *buffer = malloc(300000);
    uint64_t at = 0;
    HRESULT hr;
    size_t size;

    (void)arg;
    hr = imap_body_reader_create(rig.client, "INBOX", 9, 7, "", &reader);
    do {
        size = 0;
        if (SUCCEEDED(hr))
            hr = imap_body_reader_read(reader, at, buffer, 300000, NO_DEADLINE, &error, &size);
        for (size_t i = 0; i < size; i += 1000)
            cr_expect_eq(buffer[i], letter_at(at + i));
        at += size;
    } while (SUCCEEDED(hr) && size > 0);
    cr_expect_eq(at, SECTION);
    imap_body_reader_free(reader);
    free(buffer);
    return hr;
}

#define PLAY_WINDOW(offset, asked, size, letter)                                                   \
    "C: %t UID FETCH 7 (UID BODY.PEEK*<" offset "." asked ">)\n"                                   \
    "S: * 3 FETCH (UID 7 BODY[]<" offset "> {" size "}\n"                                          \
    "F: " size " " letter "\nS: )\nS: %t OK x\n"

Test(imap_message, a_reader_puts_windows_together_that_grow)
{
    static const char *const script = LOGIN EXAMINED PLAY_WINDOW("0", "262144", "262144", "a")
        PLAY_WINDOW("262144", "524288", "524288", "b")
            PLAY_WINDOW("786432", "1048576", "1048576", "c")
                PLAY_WINDOW("1835008", "1048576", "1048576", "d")
                    PLAY_WINDOW("2883584", "1048576", "1000", "e") "E:\n";

    rig_start(&rig, &script, 1);
    rig.options.max_sessions = 1;
    rig_client(&rig);
    expect_hr(rig_call(&rig, read_all, NULL), S_OK);
    rig_stop(&rig);
}

/* Back from the middle, where nothing is kept any more: a window of the smallest size. */
static HRESULT read_back(void *arg)
{
    char byte = 0;
    size_t size = 0;
    HRESULT hr = imap_body_reader_create(rig.client, "INBOX", 9, 7, "", &reader);

    (void)arg;
    if (SUCCEEDED(hr))
        hr = imap_body_reader_read(reader, WINDOW * 2 + 5, &byte, 1, NO_DEADLINE, &error, &size);
    cr_expect(size == 1 && byte == 'b');
    if (SUCCEEDED(hr))
        hr = imap_body_reader_read(reader, WINDOW + 5, &byte, 1, NO_DEADLINE, &error, &size);
    cr_expect(size == 1 && byte == 'a');
    if (SUCCEEDED(hr))
        hr = imap_body_reader_read(reader, WINDOW * 2 + 6, &byte, 1, NO_DEADLINE, &error, &size);
    cr_expect(size == 1 && byte == 'b');
    imap_body_reader_free(reader);
    return hr;
}

Test(imap_message, a_reader_reads_from_anywhere_without_reading_ahead)
{
    static const char *const script = LOGIN EXAMINED PLAY_WINDOW("524288", "262144", "262144", "b")
        PLAY_WINDOW("262144", "262144", "262144", "a") "E:\n";

    rig_start(&rig, &script, 1);
    rig.options.max_sessions = 1;
    rig_client(&rig);
    expect_hr(rig_call(&rig, read_back, NULL), S_OK);
    rig_stop(&rig);
}
