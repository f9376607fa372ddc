/* tests/soak/view.c - what MAPI shows of INBOX and the folders below Soak, in plain.py's words */
#include "tests/soak/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/account/ids.h"
#include "tests/integration/mail_rig.h"

/* --- Lines ------------------------------------------------------------------------------------ */

void view_add(struct view_lines *lines, char *line)
{
    char **items = realloc(lines->items, (lines->count + 1) * sizeof(*items));

    cr_assert(items && line);
    items[lines->count++] = line;
    lines->items = items;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char *view_text(struct view_lines *lines)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (lines->count > 0)
        qsort(lines->items, lines->count, sizeof(*lines->items), compare_lines);
    for (size_t i = 0; i < lines->count; i++) {
        fprintf(out, "%s\n", lines->items[i]);
        free(lines->items[i]);
    }
    fclose(out);
    free(lines->items);
    *lines = (struct view_lines){0};
    return text;
}

char *view_brief(const char *view)
{
    char *brief = strdup(view), *to = brief;

    for (const char *from = view; *from;) {
        size_t length = strcspn(from, "\n"), kept = length;

        if (from[length - 1] != '/')
            for (int words = 0; words < 2; words++)
                while (from[--kept] != ' ')
                    ;
        memcpy(to, from, kept);
        to += kept;
        *to++ = '\n';
        from += length + 1;
    }
    *to = '\0';
    return brief;
}

const char *view_difference(const char *left, const char *right)
{
    static char words[512];

    while (*left || *right) {
        size_t length = strcspn(left, "\n"), other = strcspn(right, "\n");

        if (length != other || memcmp(left, right, length) != 0) {
            snprintf(words, sizeof(words), "\"%.*s\" against \"%.*s\"", (int)length, left,
                     (int)other, right);
            return words;
        }
        left += length + 1;
        right += other + 1;
    }
    return "";
}

/* --- Looking ---------------------------------------------------------------------------------- */

enum { COLUMN_SUBJECT, COLUMN_MESSAGE_FLAGS, COLUMN_FLAG_STATUS, COLUMN_SIZE, COLUMN_KEY };

static const SizedSPropTagArray(5, row_columns) = {
    5, {PR_SUBJECT_W, PR_MESSAGE_FLAGS, PR_FLAG_STATUS, PR_MESSAGE_SIZE, PR_INSTANCE_KEY}};
const SPropTagArray *const view_columns = (const SPropTagArray *)&row_columns;

char *view_row_line(const char *path, const SPropValue *row)
{
    const char *subject = mail_text(&row[COLUMN_SUBJECT]);
    uint64_t number = 0;
    char *line = NULL;

    cr_assert(ids_parse_instance_key(&row[COLUMN_KEY].Value.bin, &number, &(uint32_t){0}));
    if (strncmp(subject, "plain", strlen("plain")) != 0)
        number = 0; /* one that we may have rewritten has another UID */
    cr_assert(asprintf(&line, "%s/%s %c%c %u %d", path, subject,
                       row[COLUMN_MESSAGE_FLAGS].Value.l & MSGFLAG_READ ? 'S' : '-',
                       row[COLUMN_FLAG_STATUS].ulPropTag == PR_FLAG_STATUS ? 'F' : '-',
                       (unsigned)number_uid(number), row[COLUMN_SIZE].Value.l) > 0);
    return line;
}

/* False: it went meanwhile. */
static bool add_messages(struct view_lines *lines, const char *path, IMAPIFolder *folder)
{
    IMAPITable *table;
    SRowSet *rows;

    if (FAILED(IMAPIFolder_GetContentsTable(folder, 0, &table)))
        return false;
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)view_columns, NULL, NULL, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++)
        view_add(lines, view_row_line(path, rows->aRow[i].lpProps));
    FreeProws(rows);
    IMAPITable_Release(table);
    return true;
}

static void add_folder(struct view_lines *lines, const char *path, IMAPIFolder *folder)
{
    static const SizedSPropTagArray(2, columns) = {2, {PR_DISPLAY_NAME_W, PR_ENTRYID}};
    IMAPITable *table;
    SRowSet *rows;
    char *line;

    if (!add_messages(lines, path, folder) ||
        FAILED(IMAPIFolder_GetHierarchyTable(folder, 0, &table)))
        return;
    cr_assert(asprintf(&line, "%s/", path) > 0);
    view_add(lines, line);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), S_OK);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SBinary *id = &rows->aRow[i].lpProps[1].Value.bin;
        IMAPIFolder *child;
        char *below;
        ULONG type;

        if (FAILED(IMsgStore_OpenEntry(mail.store, id->cb, (ENTRYID *)id->lpb, NULL, 0, &type,
                                       (IUnknown **)&child)))
            continue;
        cr_assert(asprintf(&below, "%s/%s", path, mail_text(&rows->aRow[i].lpProps[0])) > 0);
        add_folder(lines, below, child);
        free(below);
        IMAPIFolder_Release(child);
    }
    FreeProws(rows);
    IMAPITable_Release(table);
}

char *view_of_mapi(void)
{
    static const struct {
        const char *mapi, *imap;
    } tops[] = {{"Inbox", "INBOX"}, {VIEW_BASE, VIEW_BASE}};
    struct view_lines lines = {0};

    for (size_t i = 0; i < 2; i++) {
        IMAPIFolder *folder;

        if (FAILED(mail_find_folder(tops[i].mapi, &folder)))
            continue;
        add_folder(&lines, tops[i].imap, folder);
        IMAPIFolder_Release(folder);
    }
    return view_text(&lines);
}

char *view_of_plain(struct plain *plain)
{
    plain_tell(plain, "view");
    return plain_answer(plain);
}
