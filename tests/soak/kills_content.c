/* tests/soak/kills_content.c - what messages and folders of `./dev soak kills` consist of */
#include "tests/soak/kills_content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/mail_rig.h"
#include "tests/integration/mail_send.h"
#include "tests/soak/kills_model.h"

#define TEXT_MAX       3000
#define BLOB_MAX       4000
#define ATTACHMENT_MAX 20000

#define PR_OWN_BLOB  PROP_TAG(PT_BINARY, 0x6680)
#define PR_OWN_COUNT PROP_TAG(PT_LONG, 0x6682)

/* --- From key and version --------------------------------------------------------------------- */

static unsigned mixed(unsigned key, unsigned version, unsigned salt)
{
    unsigned value = (key * 2654435761u) ^ (version * 40503u + salt * 2246822519u);

    value ^= value >> 15;
    value *= 2246822519u;
    return value ^ value >> 13;
}

/* The lengths differ from version to version, and so do the bytes. */
static size_t make_bytes(unsigned key, unsigned version, unsigned salt, size_t max, BYTE *ret_bytes)
{
    size_t size = 1 + mixed(key, version, salt) % max;

    for (size_t i = 0; i < size; i++)
        ret_bytes[i] = (BYTE)mixed(key + (unsigned)i, version, salt + 1);
    return size;
}

static void make_text(unsigned key, unsigned version, char *ret_text)
{
    size_t size = (size_t)sprintf(ret_text, "%u %u", version, key),
           wanted = mixed(key, version, 7) % TEXT_MAX;

    while (size < wanted) {
        bool breaks = size % 60 == 58;

        ret_text[size] = breaks ? '\r' : (char)('a' + mixed(key, version, (unsigned)size) % 26);
        if (breaks)
            ret_text[++size] = '\n';
        size++;
    }
    if (ret_text[size - 1] == '\n') /* of line ends at the end there may be one more */
        size -= 2;
    ret_text[size] = '\0';
}

static unsigned attachment_count(unsigned key, unsigned version)
{
    return mixed(key, version, 3) % 3;
}

/* --- Properties of the side store ------------------------------------------------------------- */

static ULONG named_tag(IMAPIProp *object)
{
    static const GUID own_set = {
        0x51D0B7A3, 0x9C3E, 0x4F0B, {0x8D, 0x21, 0x6E, 0x44, 0x0A, 0x19, 3, 4}};
    MAPINAMEID name = {
        .lpguid = (GUID *)&own_set, .ulKind = MNID_STRING, .Kind.lpwstrName = (WCHAR *)u"Soak"};
    MAPINAMEID *names = &name;
    SPropTagArray *tags;
    ULONG tag;

    kills_must(IMAPIProp_GetIDsFromNames(object, 1, &names, MAPI_CREATE, &tags), S_OK);
    tag = PROP_TAG(PT_UNICODE, PROP_ID(tags->aulPropTag[0]));
    MAPIFreeBuffer(tags);
    return tag;
}

static void put_side(IMAPIProp *object, unsigned key, unsigned version)
{
    SPropValue values[] = {
        {.ulPropTag = PR_OWN_COUNT}, {.ulPropTag = PR_OWN_BLOB}, {.ulPropTag = named_tag(object)}};
    SPropProblemArray *problems = NULL;
    BYTE blob[BLOB_MAX];
    char text[64];

    snprintf(text, sizeof(text), "side %u of %u", version, key);
    values[0].Value.l = (LONG)version;
    values[1].Value.bin = (SBinary){(ULONG)make_bytes(key, version, 11, BLOB_MAX, blob), blob};
    values[2].Value.lpszW = mail_wide(text);
    kills_must(IMAPIProp_SetProps(object, 3, values, &problems), S_OK);
    kills_need(!problems);
}

static bool read_side(IMAPIProp *object, unsigned key, unsigned *ret_version)
{
    SizedSPropTagArray(3, tags) = {3, {PR_OWN_COUNT, PR_OWN_BLOB, named_tag(object)}};
    SPropValue *values;
    BYTE blob[BLOB_MAX];
    char text[64];
    unsigned there = 0;
    bool whole = false;
    ULONG count;
    HRESULT hr = IMAPIProp_GetProps(object, (SPropTagArray *)&tags, 0, &count, &values);

    if (FAILED(hr))
        return kills_fail("GetProps of %u: 0x%08X", key, (unsigned)hr);
    *ret_version = 0;
    for (ULONG i = 0; i < 3; i++)
        there += values[i].ulPropTag == tags.aulPropTag[i];
    if (there == 3) {
        size_t size;

        *ret_version = (unsigned)values[0].Value.l;
        snprintf(text, sizeof(text), "side %u of %u", *ret_version, key);
        size = make_bytes(key, *ret_version, 11, BLOB_MAX, blob);
        whole = values[1].Value.bin.cb == size &&
                memcmp(values[1].Value.bin.lpb, blob, size) == 0 &&
                strcmp(mail_text(&values[2]), text) == 0;
    }
    MAPIFreeBuffer(values);
    return whole || there == 0 ||
           kills_fail("%u has a mixture of properties: %u of 3, version %u", key, there,
                      *ret_version);
}

void content_put_folder(IMAPIFolder *folder, unsigned key, unsigned version)
{
    put_side((IMAPIProp *)folder, key, version);
}

bool content_read_folder(IMAPIFolder *folder, unsigned key, unsigned *ret_version)
{
    return read_side((IMAPIProp *)folder, key, ret_version);
}

void content_put_side(IMessage *message, unsigned key, unsigned version)
{
    put_side((IMAPIProp *)message, key, version);
}

/* --- Content of messages ---------------------------------------------------------------------- */

static void remove_attachments(IMessage *message)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ATTACH_NUM}};
    IMAPITable *table;
    SRowSet *rows;

    kills_must(IMessage_GetAttachmentTable(message, 0, &table), S_OK);
    kills_must(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++)
        kills_must(
            IMessage_DeleteAttach(message, (ULONG)rows->aRow[i].lpProps[0].Value.l, 0, NULL, 0),
            S_OK);
    FreeProws(rows);
    IMAPITable_Release(table);
}

static void add_attachment(IMessage *message, unsigned key, unsigned version, unsigned number)
{
    SPropValue values[] = {{.ulPropTag = PR_ATTACH_METHOD, .Value.l = ATTACH_BY_VALUE},
                           {.ulPropTag = PR_ATTACH_FILENAME_W},
                           {.ulPropTag = PR_ATTACH_DATA_BIN}};
    BYTE *bytes = malloc(ATTACHMENT_MAX);
    IAttach *attach;
    char name[32];
    ULONG place;

    kills_need(bytes);
    snprintf(name, sizeof(name), "a%u.bin", number);
    values[1].Value.lpszW = mail_wide(name);
    values[2].Value.bin.lpb = bytes;
    values[2].Value.bin.cb = (ULONG)make_bytes(key, version, 20 + number, ATTACHMENT_MAX, bytes);
    kills_must(IMessage_CreateAttach(message, NULL, 0, &place, &attach), S_OK);
    kills_must(IAttach_SetProps(attach, 3, values, NULL), S_OK);
    kills_must(IAttach_SaveChanges(attach, 0), S_OK);
    IAttach_Release(attach);
    free(bytes);
}

void content_put(IMessage *message, unsigned key, unsigned version)
{
    SPropValue values[] = {{.ulPropTag = PR_BODY_A},
                           {.ulPropTag = PR_IMPORTANCE, .Value.l = (LONG)(version % 3)}};
    char text[TEXT_MAX + 64];

    make_text(key, version, text);
    values[0].Value.lpszA = text;
    kills_must(IMessage_SetProps(message, 2, values, NULL), S_OK);
    remove_attachments(message);
    for (unsigned i = 0; i < attachment_count(key, version); i++)
        add_attachment(message, key, version, i);
}

static bool read_attachment(IMessage *message, ULONG place, unsigned key, unsigned version,
                            unsigned number)
{
    BYTE *bytes = malloc(2 * ATTACHMENT_MAX), *read = bytes + ATTACHMENT_MAX;
    size_t size = make_bytes(key, version, 20 + number, ATTACHMENT_MAX, bytes);
    IStream *stream = NULL;
    IAttach *attach = NULL;
    ULONG got = 0;
    bool same = false;

    if (IMessage_OpenAttach(message, place, NULL, 0, &attach) == S_OK &&
        IAttach_OpenProperty(attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0,
                             (IUnknown **)&stream) == S_OK &&
        IStream_Read(stream, read, ATTACHMENT_MAX, &got) == S_OK)
        same = got == size && memcmp(bytes, read, size) == 0;
    if (stream)
        IStream_Release(stream);
    if (attach)
        IAttach_Release(attach);
    free(bytes);
    return same;
}

static bool read_attachments(IMessage *message, unsigned key, unsigned version)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ATTACH_NUM}};
    IMAPITable *table;
    SRowSet *rows;
    bool same;

    kills_must(IMessage_GetAttachmentTable(message, 0, &table), S_OK);
    kills_must(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    same = rows->cRows == attachment_count(key, version);
    for (ULONG i = 0; i < rows->cRows && same; i++)
        same = read_attachment(message, (ULONG)rows->aRow[i].lpProps[0].Value.l, key, version, i);
    FreeProws(rows);
    IMAPITable_Release(table);
    return same;
}

bool content_read(IMessage *message, unsigned key, unsigned *ret_content, unsigned *ret_side)
{
    static const SizedSPropTagArray(2, tags) = {2, {PR_BODY_A, PR_IMPORTANCE}};
    char text[TEXT_MAX + 64] = "", *body;
    SPropValue *values;
    unsigned of = 0;
    bool whole;
    ULONG count;
    HRESULT hr = IMessage_GetProps(message, (SPropTagArray *)&tags, 0, &count, &values);

    if (FAILED(hr) || values[0].ulPropTag != PR_BODY_A) {
        HRESULT why = FAILED(hr) ? hr : values[0].Value.err;

        if (SUCCEEDED(hr))
            MAPIFreeBuffer(values);
        return kills_fail("the text of %u cannot be read: 0x%08X", key, (unsigned)why);
    }
    body = values[0].Value.lpszA;
    for (size_t end = strlen(body); end > 0 && (body[end - 1] == '\r' || body[end - 1] == '\n');)
        body[--end] = '\0';
    whole = sscanf(body, "%u %u", ret_content, &of) == 2 && of == key;
    if (whole)
        make_text(key, *ret_content, text);
    whole = whole && strcmp(body, text) == 0 && values[1].Value.l == (LONG)(*ret_content % 3);
    if (!whole)
        kills_fail("%u has no whole text: importance %d, \"%s\" for \"%s\"", key, values[1].Value.l,
                   body, text);
    MAPIFreeBuffer(values);
    if (whole && !read_attachments(message, key, *ret_content))
        return kills_fail("%u has not the attachments of version %u", key, *ret_content);
    return whole && read_side((IMAPIProp *)message, key, ret_side);
}
