/* reading.c - every folder and message, with bodies and attachments, written to files */
#include <edkmdb.h>
#include <mapiaux.h>
#include <stdlib.h>
#include <string.h>

#include "stranger.h"

static FILE *list; /* a line each: kind, name of its folder here, entry id, path */
static int messages, folders;

static void save_message(IMessage *message, const char *to);

/* --- Properties ------------------------------------------------------------------------------- */

/* The whole of a property by its stream; what is not there leaves no file. */
static void save_stream(IMAPIProp *object, ULONG tag, const char *to, const char *name)
{
    IStream *stream;
    char bytes[5000];
    ULONG got = 0;
    FILE *file;
    HRESULT hr = CALL(object, OpenProperty, tag, &IID_IStream, 0, 0, (LPUNKNOWN *)&stream);

    if (hr == MAPI_E_NOT_FOUND)
        return;
    MUST(hr);
    file = create_file(to, name);
    do {
        MUST(CALL(stream, Read, bytes, sizeof(bytes), &got));
        fwrite(bytes, 1, got, file);
    } while (got > 0);
    if (fclose(file) != 0)
        exit(1);
    RELEASE(stream);
}

/* GetProps answers MAPI_W_ERRORS_RETURNED when one of them is missing. */
static SPropValue *get_props(IMAPIProp *object, const void *tags)
{
    SPropValue *values;
    ULONG count;
    HRESULT hr = CALL(object, GetProps, (SPropTagArray *)tags, 0, &count, &values);

    if (hr != MAPI_W_ERRORS_RETURNED)
        MUST(hr);
    return values;
}

static void save_texts(const SPropValue *values, ULONG count, const char *const *names,
                       const char *to)
{
    char number[40];

    for (ULONG i = 0; i < count; i++)
        switch (PROP_TYPE(values[i].ulPropTag)) {
        case PT_UNICODE:
            write_text(to, names[i], values[i].Value.lpszW);
            break;
        case PT_LONG:
            sprintf(number, "%ld", (long)values[i].Value.l);
            write_file(to, names[i], number, strlen(number));
            break;
        case PT_SYSTIME:
            sprintf(number, "%llu",
                    (unsigned long long)values[i].Value.ft.dwHighDateTime << 32 |
                        values[i].Value.ft.dwLowDateTime);
            write_file(to, names[i], number, strlen(number));
            break;
        default: /* an error: it is not there */
            break;
        }
}

/* --- Messages --------------------------------------------------------------------------------- */

static void save_attachment(IMessage *message, ULONG number, const char *to)
{
    static const SizedSPropTagArray(5, tags) = {5,
                                                {PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_METHOD,
                                                 PR_ATTACH_MIME_TAG_W, PR_ATTACH_CONTENT_ID_W,
                                                 PR_ATTACH_SIZE}};
    static const char *const names[] = {"name", "method", "type", "cid", "size"};
    IAttach *attach;
    IMessage *inner;
    SPropValue *values;
    char *path;

    MUST(CALL(message, OpenAttach, number, NULL, 0, &attach));
    values = get_props((IMAPIProp *)attach, &tags);
    save_texts(values, 5, names, to);
    if (values[1].Value.l == ATTACH_EMBEDDED_MSG) {
        MUST(CALL(attach, OpenProperty, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0,
                  (LPUNKNOWN *)&inner));
        path = path_join(to, "message");
        make_folder(path);
        save_message(inner, path);
        free(path);
        RELEASE(inner);
    } else
        save_stream((IMAPIProp *)attach, PR_ATTACH_DATA_BIN, to, "data");
    MAPIFreeBuffer(values);
    RELEASE(attach);
}

static void save_attachments(IMessage *message, const char *to)
{
    static const SizedSPropTagArray(1, columns) = {1, {PR_ATTACH_NUM}};
    IMAPITable *table;
    SRowSet *rows;
    char name[40], *path;

    MUST(CALL(message, GetAttachmentTable, 0, &table));
    MUST(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows));
    for (ULONG i = 0; i < rows->cRows; i++) {
        sprintf(name, "attachment-%02u", (unsigned)i);
        path = path_join(to, name);
        make_folder(path);
        save_attachment(message, (ULONG)rows->aRow[i].lpProps[0].Value.l, path);
        free(path);
    }
    FreeProws(rows);
    RELEASE(table);
}

static void save_recipients(IMessage *message, const char *to)
{
    static const SizedSPropTagArray(3, columns) = {
        3, {PR_RECIPIENT_TYPE, PR_EMAIL_ADDRESS_W, PR_DISPLAY_NAME_W}};
    IMAPITable *table;
    SRowSet *rows;
    FILE *file = create_file(to, "recipients");

    MUST(CALL(message, GetRecipientTable, 0, &table));
    MUST(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows));
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;
        int has = PROP_TYPE(row[1].ulPropTag) == PT_UNICODE;
        char *address = has ? to_utf8(row[1].Value.lpszW) : NULL;
        char *name = PROP_TYPE(row[2].ulPropTag) == PT_UNICODE ? to_utf8(row[2].Value.lpszW) : NULL;

        fprintf(file, "%ld\t%s\t%s\n", (long)row[0].Value.l, address ? address : "",
                name ? name : "");
        free(address);
        free(name);
    }
    FreeProws(rows);
    RELEASE(table);
    fclose(file);
}

static void save_message(IMessage *message, const char *to)
{
    static const SizedSPropTagArray(8, tags) = {
        8,
        {PR_SUBJECT_W, PR_SENDER_NAME_W, PR_SENDER_EMAIL_ADDRESS_W, PR_MESSAGE_FLAGS,
         PR_MESSAGE_DELIVERY_TIME, PR_INTERNET_CPID, PR_INTERNET_MESSAGE_ID_W, PR_MESSAGE_SIZE}};
    static const char *const names[] = {"subject", "sender-name", "sender", "flags",
                                        "time",    "codepage",    "id",     "size"};
    SPropValue *values = get_props((IMAPIProp *)message, &tags);

    save_texts(values, 8, names, to);
    MAPIFreeBuffer(values);
    save_stream((IMAPIProp *)message, PR_BODY_W, to, "body");
    save_stream((IMAPIProp *)message, PR_HTML, to, "html");
    save_recipients(message, to);
    save_attachments(message, to);
}

/* --- Folders ---------------------------------------------------------------------------------- */

static void read_contents(IMAPIFolder *folder, const char *path, const char *out)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_SUBJECT_W}};
    IMAPITable *table;
    SRowSet *rows;

    MUST(CALL(folder, GetContentsTable, 0, &table));
    MUST(CALL(table, SetColumns, (SPropTagArray *)&columns, 0));
    for (;;) {
        MUST(CALL(table, QueryRows, 7, 0, &rows));
        if (rows->cRows == 0)
            break;
        for (ULONG i = 0; i < rows->cRows; i++) {
            const SPropValue *row = rows->aRow[i].lpProps;
            char *hex = to_hex(&row[0].Value.bin), name[40], *to;
            IMessage *message;
            ULONG type = 0;

            sprintf(name, "message-%03d", ++messages);
            fprintf(list, "message\t%s\t%s\t%s\n", name, hex, path);
            MUST(CALL(folder, OpenEntry, row[0].Value.bin.cb, (LPENTRYID)row[0].Value.bin.lpb, NULL,
                      0, &type, (LPUNKNOWN *)&message));
            if (type != MAPI_MESSAGE)
                exit(1);
            to = path_join(out, name);
            make_folder(to);
            if (PROP_TYPE(row[1].ulPropTag) == PT_UNICODE)
                write_text(to, "row-subject", row[1].Value.lpszW);
            save_message(message, to);
            RELEASE(message);
            free(to);
            free(hex);
        }
        FreeProws(rows);
    }
    FreeProws(rows);
    RELEASE(table);
}

static void read_folder(IMAPIFolder *folder, const char *path, const char *out)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_DISPLAY_NAME_W}};
    IMAPITable *table;
    SRowSet *rows;

    read_contents(folder, path, out);
    MUST(CALL(folder, GetHierarchyTable, 0, &table));
    MUST(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows));
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;
        char *name = to_utf8(row[1].Value.lpszW), *hex = to_hex(&row[0].Value.bin);
        char *below = *path ? path_join(path, name) : strdup(name);
        IMAPIFolder *child;
        ULONG type = 0;

        fprintf(list, "folder\tfolder-%03d\t%s\t%s\n", ++folders, hex, below);
        MUST(CALL(store, OpenEntry, row[0].Value.bin.cb, (LPENTRYID)row[0].Value.bin.lpb, NULL, 0,
                  &type, (LPUNKNOWN *)&child));
        if (type != MAPI_FOLDER)
            exit(1);
        read_folder(child, below, out);
        RELEASE(child);
        free(below);
        free(hex);
        free(name);
    }
    FreeProws(rows);
    RELEASE(table);
}

void read_all(const char *out)
{
    SPropValue *subtree;
    IMAPIFolder *top;
    ULONG type;

    list = create_file(out, "list");
    MUST(HrGetOneProp((IMAPIProp *)store, PR_IPM_SUBTREE_ENTRYID, &subtree));
    MUST(CALL(store, OpenEntry, subtree->Value.bin.cb, (LPENTRYID)subtree->Value.bin.lpb, NULL, 0,
              &type, (LPUNKNOWN *)&top));
    MAPIFreeBuffer(subtree);
    read_folder(top, "", out);
    RELEASE(top);
    fclose(list);
}

/* --- A later process -------------------------------------------------------------------------- */

static void open_again(const char *out, const char *kind, const char *name, const char *hex)
{
    SBinary id = from_hex(hex);
    ULONG type = 0, same = 0;
    SPropValue *own;
    IMAPIProp *object;
    int is_folder = strcmp(kind, "folder") == 0;

    MUST(CALL(session, OpenEntry, id.cb, (LPENTRYID)id.lpb, NULL, 0, &type, (LPUNKNOWN *)&object));
    if (type != (ULONG)(is_folder ? MAPI_FOLDER : MAPI_MESSAGE)) {
        fprintf(stderr, "%s is of type %u\n", name, (unsigned)type);
        exit(1);
    }
    MUST(HrGetOneProp(object, PR_ENTRYID, &own));
    MUST(CALL(session, CompareEntryIDs, id.cb, (LPENTRYID)id.lpb, own->Value.bin.cb,
              (LPENTRYID)own->Value.bin.lpb, 0, &same));
    if (!same) {
        fprintf(stderr, "%s has another entry id than it was opened by\n", name);
        exit(1);
    }
    MAPIFreeBuffer(own);
    if (!is_folder) {
        char *to = path_join(out, name);

        make_folder(to);
        save_message((IMessage *)object, to);
        free(to);
    }
    RELEASE(object);
    free(id.lpb);
}

void read_again(const char *out)
{
    static char line[8192];
    char *path = path_join(out, "list");
    FILE *file = fopen(path, "r");

    if (!file)
        exit(1);
    while (fgets(line, sizeof(line), file)) {
        char *kind = strtok(line, "\t"), *name = strtok(NULL, "\t"), *hex = strtok(NULL, "\t");

        open_again(out, kind, name, hex);
    }
    fclose(file);
    free(path);
}
