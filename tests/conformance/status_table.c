/* docs/requirements/status.md, on the real providers */
#include "tests/conformance/store_rig.h"

TestSuite(status_table, .init = store_begin, .fini = mail_close);

static SRowSet *status_rows(const void *columns, SRestriction *restriction)
{
    IMAPITable *table;
    SRowSet *rows;

    assert_hr(IMAPISession_GetStatusTable(mail.session, 0, &table), S_OK);
    assert_hr(HrQueryAllRows(table, (SPropTagArray *)columns, restriction, NULL, 0, &rows), S_OK);
    IMAPITable_Release(table);
    return rows;
}

static SRestriction property_is(SPropValue *value)
{
    SRestriction is = {.rt = RES_PROPERTY};

    is.res.resProperty = (SPropertyRestriction){RELOP_EQ, value->ulPropTag, value};
    return is;
}

static SRestriction type_is(SPropValue *value, LONG type)
{
    *value = (SPropValue){.ulPropTag = PR_RESOURCE_TYPE};
    value->Value.l = type;
    return property_is(value);
}

Test(status_table, the_library_gives_three_rows) /* STA-002 STA-020 */
{
    static const LONG types[] = {MAPI_SUBSYSTEM, MAPI_SPOOLER, MAPI_AB};
    SizedSPropTagArray(1, columns) = {1, {PR_RESOURCE_TYPE}};

    for (size_t i = 0; i < 3; i++) {
        SPropValue value;
        SRestriction is = type_is(&value, types[i]);
        SRowSet *rows = status_rows(&columns, &is);

        cr_assert_eq(rows->cRows, 1);
        cr_expect_eq(rows->aRow[0].lpProps[0].Value.l, types[i]);
        FreeProws(rows);
    }
}

Test(status_table, every_row_has_what_every_row_has) /* STA-005 STA-040 STA-052 */
{
    SizedSPropTagArray(3, columns) = {3, {PR_DISPLAY_NAME_W, PR_STATUS_CODE, PR_RESOURCE_METHODS}};
    SRowSet *rows = status_rows(&columns, NULL);

    cr_assert_eq(rows->cRows, 5);
    for (ULONG i = 0; i < rows->cRows; i++)
        for (ULONG j = 0; j < 3; j++)
            cr_expect_eq(rows->aRow[i].lpProps[j].ulPropTag, columns.aulPropTag[j]);
    FreeProws(rows);
}

Test(status_table, rows_are_found_by_what_they_are) /* STA-019 STA-154 */
{
    SizedSPropTagArray(2, columns) = {2, {PR_RESOURCE_TYPE, PR_ENTRYID}};
    SPropValue values[4] = {{.ulPropTag = PR_RESOURCE_TYPE},
                            {.ulPropTag = PR_PROVIDER_DISPLAY_W},
                            {.ulPropTag = PR_PROVIDER_DLL_NAME_W},
                            {.ulPropTag = PR_DISPLAY_NAME_W}};
    SizedSPropTagArray(1, names) = {1, {PR_DISPLAY_NAME_W}};
    SRestriction is = type_is(&values[0], MAPI_STORE_PROVIDER);
    SRowSet *rows = status_rows(&names, &is), *found;
    IMAPITable *table;

    values[1].Value.lpszW = (WCHAR *)u"Internet mail (IMAP)";
    values[2].Value.lpszW = (WCHAR *)u"mapigate";
    values[3].Value.lpszW = rows->aRow[0].lpProps[0].Value.lpszW;
    assert_hr(IMAPISession_GetStatusTable(mail.session, 0, &table), S_OK);
    assert_hr(IMAPITable_SetColumns(table, (SPropTagArray *)&columns, 0), S_OK);
    for (size_t i = 0; i < 4; i++) {
        is = property_is(&values[i]);
        assert_hr(IMAPITable_FindRow(table, &is, BOOKMARK_BEGINNING, 0), S_OK);
        assert_hr(IMAPITable_Restrict(table, &is, 0), S_OK);
        assert_hr(IMAPITable_QueryRows(table, 10, 0, &found), S_OK);
        cr_expect_gt(found->cRows, 0);
        FreeProws(found);
        assert_hr(IMAPITable_Restrict(table, NULL, 0), S_OK);
    }
    FreeProws(rows);
    IMAPITable_Release(table);
}

Test(status_table, bits_of_transports_are_theirs) /* STA-051 */
{
    const LONG bits = STATUS_INBOUND_ENABLED | STATUS_INBOUND_ACTIVE | STATUS_INBOUND_FLUSH |
                      STATUS_OUTBOUND_ENABLED | STATUS_OUTBOUND_ACTIVE | STATUS_OUTBOUND_FLUSH |
                      STATUS_REMOTE_ACCESS;
    SizedSPropTagArray(2, columns) = {2, {PR_RESOURCE_TYPE, PR_STATUS_CODE}};
    SRowSet *rows;

    mail_await_status(TRANSPORT_ROW, STATUS_OUTBOUND_ENABLED, STATUS_OUTBOUND_ENABLED);
    rows = status_rows(&columns, NULL);
    for (ULONG i = 0; i < rows->cRows; i++)
        if (rows->aRow[i].lpProps[0].Value.l != MAPI_TRANSPORT_PROVIDER)
            cr_expect_eq(rows->aRow[i].lpProps[1].Value.l & bits, 0);
    FreeProws(rows);
}

/* --- Objects ---------------------------------------------------------------------------------- */

/* Each bit of PR_RESOURCE_METHODS: what the method answers with it and without. */
static void expect_methods(LONG type)
{
    IMAPIStatus *status = mail_status_object((ULONG)type);
    LONG methods = number_of(status, PR_RESOURCE_METHODS);
    HRESULT hr;

    hr = IMAPIStatus_ValidateState(status, 0, SUPPRESS_UI);
    cr_expect_eq(hr == MAPI_E_NO_SUPPORT, !(methods & STATUS_VALIDATE_STATE), "%d 0x%08X",
                 (int)type, (unsigned)hr);
    hr = IMAPIStatus_SettingsDialog(status, 0, 0);
    cr_expect_eq(hr == MAPI_E_NO_SUPPORT, !(methods & STATUS_SETTINGS_DIALOG));
    hr = IMAPIStatus_ChangePassword(status, (LPTSTR) "a", (LPTSTR) "b", 0);
    cr_expect_eq(hr == MAPI_E_NO_SUPPORT, !(methods & STATUS_CHANGE_PASSWORD));
    hr = IMAPIStatus_FlushQueues(status, 0, 0, NULL, FLUSH_UPLOAD);
    cr_expect_eq(hr == MAPI_E_NO_SUPPORT, !(methods & STATUS_FLUSH_QUEUES), "%d 0x%08X", (int)type,
                 (unsigned)hr);
    IMAPIStatus_Release(status);
}

Test(status_table, methods_are_there_as_their_bits_say) /* STA-052 STA-055 STA-140 STA-145 */
{
    static const LONG types[] = {MAPI_SUBSYSTEM, MAPI_SPOOLER, MAPI_AB, MAPI_STORE_PROVIDER,
                                 MAPI_TRANSPORT_PROVIDER};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        expect_methods(types[i]);
}

/* What the row shows the object has. */
static void expect_columns_of_object(LONG type)
{
    SizedSPropTagArray(4, columns) = {
        4, {PR_DISPLAY_NAME_W, PR_PROVIDER_DISPLAY_W, PR_RESOURCE_TYPE, PR_RESOURCE_METHODS}};
    IMAPIStatus *status = mail_status_object((ULONG)type);
    SPropValue value;
    SRestriction is = type_is(&value, type);
    SRowSet *rows = status_rows(&columns, &is);

    cr_assert_eq(rows->cRows, 1);
    for (ULONG j = 0; j < 4; j++) {
        const SPropValue *shown = &rows->aRow[0].lpProps[j];
        SPropValue *own = value_of(status, columns.aulPropTag[j]);

        cr_assert_eq(own->ulPropTag, shown->ulPropTag);
        if (PROP_TYPE(own->ulPropTag) == PT_LONG)
            cr_expect_eq(own->Value.l, shown->Value.l);
        else
            cr_expect_str_eq(mail_text(own), mail_text(shown));
        MAPIFreeBuffer(own);
    }
    FreeProws(rows);
    IMAPIStatus_Release(status);
}

Test(status_table, objects_have_what_their_rows_show) /* STA-038 STA-086 */
{
    expect_columns_of_object(MAPI_STORE_PROVIDER);
    expect_columns_of_object(MAPI_TRANSPORT_PROVIDER);
}

Test(status_table, what_an_object_tells_is_not_to_be_changed)
{
    static const ULONG fixed[] = {PR_RESOURCE_FLAGS, PR_RESOURCE_METHODS, PR_RESOURCE_TYPE,
                                  PR_STATUS_CODE};

    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        IMAPIStatus *status = mail_status_object(STORE_ROW);

        cr_expect_neq(set_number(status, fixed[i], 0x7FFF), S_OK);
        IMAPIStatus_Release(status);
    }
}

Test(status_table, identity_is_whole_and_only_in_the_table) /* STA-150 STA-151 STA-152 STA-153 */
{
    SizedSPropTagArray(5,
                       columns) = {5,
                                   {PR_IDENTITY_DISPLAY_W, PR_IDENTITY_ENTRYID,
                                    PR_IDENTITY_SEARCH_KEY, PR_RESOURCE_FLAGS, PR_RESOURCE_TYPE}};
    SRowSet *rows = status_rows(&columns, NULL);
    const SPropValue *first = NULL;

    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *props = rows->aRow[i].lpProps;
        LONG type = props[4].Value.l;
        int there = 0;

        for (int j = 0; j < 3; j++)
            there += PROP_TYPE(props[j].ulPropTag) != PT_ERROR;
        cr_expect(there == 0 || there == 3, "%d of 3", there);
        if (there == 0)
            continue;
        cr_expect(type == MAPI_STORE_PROVIDER || type == MAPI_TRANSPORT_PROVIDER);
        cr_expect(props[3].Value.l & STATUS_PRIMARY_IDENTITY);
        if (first) {
            cr_expect_str_eq(mail_text(&props[0]), mail_text(&first[0]));
            cr_expect(same_bytes(&props[1].Value.bin, &first[1].Value.bin));
            cr_expect(same_bytes(&props[2].Value.bin, &first[2].Value.bin));
        }
        first = props;
    }
    cr_assert_not_null(first, "nobody has an identity");
    for (size_t i = 0; i < 2; i++) {
        IMAPIStatus *status = mail_status_object(i ? TRANSPORT_ROW : STORE_ROW);

        cr_expect_eq(state_of(status, PR_IDENTITY_ENTRYID), MAPI_E_NOT_FOUND);
        cr_expect_eq(state_of(status, PR_IDENTITY_DISPLAY_W), MAPI_E_NOT_FOUND);
        IMAPIStatus_Release(status);
    }
    FreeProws(rows);
}

Test(status_table, a_status_object_opens_whatever_access_is_asked) /* STA-078 STA-079 */
{
    SizedSPropTagArray(1, columns) = {1, {PR_ENTRYID}};
    static const LONG types[] = {MAPI_STORE_PROVIDER, MAPI_TRANSPORT_PROVIDER};

    for (size_t i = 0; i < 2; i++) {
        SPropValue value;
        SRestriction is = type_is(&value, types[i]);
        SRowSet *rows = status_rows(&columns, &is);
        const SBinary *id = &rows->aRow[0].lpProps[0].Value.bin;
        IMAPIStatus *status, *again;
        ULONG type;

        assert_hr(IMAPISession_OpenEntry(mail.session, id->cb, (ENTRYID *)id->lpb, NULL,
                                         MAPI_MODIFY, &type, (IUnknown **)&status),
                  S_OK);
        cr_expect_eq(type, MAPI_STATUS);
        assert_hr(IMAPIStatus_QueryInterface(status, &IID_IMAPIStatus, (void **)&again), S_OK);
        IMAPIStatus_Release(again);
        IMAPIStatus_Release(status);
        FreeProws(rows);
    }
}
