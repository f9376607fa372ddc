/* inbox.c - logs on to the default profile and prints the Inbox
 *
 *   cc inbox.c $(pkg-config --cflags --libs mapigate) -o inbox */
#define COBJMACROS
#include <locale.h>
#include <mapiutil.h>
#include <mapix.h>
#include <stdio.h>
#include <stdlib.h>

static void check(HRESULT hr, const char *what)
{
    if (FAILED(hr))
        exit(fprintf(stderr, "%s: 0x%08X\n", what, (unsigned)hr) < 0 ? 2 : 1);
}

static const char *text(const SPropValue *value) /* a property may be missing */
{
    return PROP_TYPE(value->ulPropTag) == PT_STRING8 ? value->Value.lpszA : "";
}

int main(void)
{
    SizedSPropTagArray(2, columns) = {2, {PR_SENDER_NAME_A, PR_SUBJECT_A}};
    IMAPISession *session;
    IMAPITable *table;
    IMsgStore *store;
    IMAPIFolder *inbox;
    SRowSet *rows;
    ENTRYID *id;
    ULONG size, type;

    setlocale(LC_ALL, "");
    check(MAPIInitialize(NULL), "MAPIInitialize");
    check(MAPILogonEx(0, NULL, NULL, MAPI_EXTENDED | MAPI_USE_DEFAULT, &session), "MAPILogonEx");

    check(IMAPISession_GetMsgStoresTable(session, 0, &table), "GetMsgStoresTable");
    check(HrQueryAllRows(table, NULL, NULL, NULL, 1, &rows), "no store");
    SPropValue *found = PpropFindProp(rows->aRow[0].lpProps, rows->aRow[0].cValues, PR_ENTRYID);
    check(IMAPISession_OpenMsgStore(session, 0, found->Value.bin.cb,
                                    (ENTRYID *)found->Value.bin.lpb, NULL, 0, &store),
          "OpenMsgStore");
    FreeProws(rows);
    IMAPITable_Release(table);

    check(IMsgStore_GetReceiveFolder(store, NULL, 0, &size, &id, NULL), "GetReceiveFolder");
    check(IMsgStore_OpenEntry(store, size, id, NULL, 0, &type, (IUnknown **)&inbox), "OpenEntry");
    MAPIFreeBuffer(id);
    check(IMAPIFolder_GetContentsTable(inbox, 0, &table), "GetContentsTable");
    check(HrQueryAllRows(table, (SPropTagArray *)&columns, NULL, NULL, 0, &rows), "rows");
    for (ULONG i = 0; i < rows->cRows; i++)
        printf("%-30s %s\n", text(&rows->aRow[i].lpProps[0]), text(&rows->aRow[i].lpProps[1]));
    FreeProws(rows);

    IMAPITable_Release(table);
    IMAPIFolder_Release(inbox);
    IMsgStore_Release(store);
    IMAPISession_Logoff(session, 0, 0, 0);
    IMAPISession_Release(session);
    MAPIUninitialize();
    return 0;
}
