/* stores.c - mapigate stores: the mail stores of the profile */
#include <stdlib.h>

#include "tools/tool.h"

static const char help[] = "usage: mapigate stores [--json] [--profile NAME]\n"
                           "\n"
                           "Lists the mail stores of the profile; * is the default one.\n";

static const SizedSPropTagArray(4, columns) = {
    4, {PR_DISPLAY_NAME_W, PR_DEFAULT_STORE, PR_PROVIDER_DISPLAY_W, PR_ENTRYID}};

static void hexadecimal(const SPropValue *id, char **ret_text)
{
    ULONG size = id ? id->Value.bin.cb : 0;

    *ret_text = text_alloc(2 * (size_t)size + 1);
    for (ULONG i = 0; i < size; i++)
        sprintf(*ret_text + 2 * (size_t)i, "%02x", id->Value.bin.lpb[i]);
}

static void print_store(const SRow *row, json_t *json)
{
    const SPropValue *value = row_value(row, PR_DEFAULT_STORE);
    char *name = row_text(row, PR_DISPLAY_NAME_W), *provider, *id;
    bool is_default = value && value->Value.b;

    provider = row_text(row, PR_PROVIDER_DISPLAY_W);
    if (json) {
        hexadecimal(row_value(row, PR_ENTRYID), &id);
        json_array_append_new(json,
                              json_pack("{s:s, s:b, s:s, s:s}", "name", name, "default",
                                        (int)is_default, "provider", provider, "entry_id", id));
        free(id);
    } else {
        fputs(is_default ? "* " : "  ", stdout);
        text_print(stdout, name, provider[0] ? 40 : 0);
        text_print(stdout, provider, 0);
        putchar('\n');
    }
    free(provider);
    free(name);
}

int verb_stores(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"profile", required_argument, NULL, 'p'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    const char *profile = NULL;
    struct tool_session session;
    json_t *json = NULL;
    IMAPITable *table = NULL;
    SRowSet *rows = NULL;
    bool as_json = false;
    int option, code;
    HRESULT hr;

    while ((option = getopt_long(argc, argv, "p:h", options, NULL)) != -1)
        if (option == 'j')
            as_json = true;
        else if (option == 'p')
            profile = optarg;
        else if (option == 'h') {
            fputs(help, stdout);
            return CODE_DONE;
        } else
            return fail_usage("stores");
    code = session_open(profile, &session, NULL);
    if (code)
        return code;
    hr = IMAPISession_GetMsgStoresTable(session.session, 0, &table);
    if (SUCCEEDED(hr))
        hr = HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows);
    if (FAILED(hr))
        code = fail_hr(session.session, hr, "cannot list the stores");
    else {
        json = as_json ? json_array() : NULL;
        for (ULONG i = 0; i < rows->cRows; i++)
            print_store(&rows->aRow[i], json);
        if (json)
            json_print(json, false);
    }
    FreeProws(rows);
    if (table)
        IMAPITable_Release(table);
    session_close(&session);
    return code;
}
