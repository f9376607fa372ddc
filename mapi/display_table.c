/* mapi/display_table.c - BuildDisplayTable: controls as rows of a table
 *
 * Dialog resources do not exist here, so the table is made of what the structures say (FRM-055).
 * Labels would stand in the resources and are empty: the offset that a control gives for its own
 * need not lead to any text, and cannot be followed. Positions are a plain list from top to bottom.
 * The index column is PR_CONTROL_ID (FRM-052); a control without one gets its page and number.
 *
 * Requirements: FRM-046, FRM-048, FRM-053. */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/propval.h"
#include "mapi/text.h"

#define PAGES_MAX    64
#define CONTROLS_MAX 1024 /* on one page */
#define TEXT_MAX     4096
#define PROPS        8

/* In dialog units. */
#define PAGE_WIDTH  252
#define PAGE_HEIGHT 218
#define MARGIN      7
#define LINE_HEIGHT 12
#define LINE_STEP   15

/* Which structure goes with a type of control, and where in it the offset of a text stands. */
static const struct control_kind {
    size_t size;
    int label, text, flags; /* offsets; -1: none. label: is made empty; text: see control_text */
} kinds[] = {
    [DTCT_LABEL] = {sizeof(DTBLLABEL), offsetof(DTBLLABEL, ulbLpszLabelName), -1,
                    offsetof(DTBLLABEL, ulFlags)},
    [DTCT_EDIT] = {sizeof(DTBLEDIT), -1, offsetof(DTBLEDIT, ulbLpszCharsAllowed),
                   offsetof(DTBLEDIT, ulFlags)},
    [DTCT_LBX] = {sizeof(DTBLLBX), -1, -1, -1},
    [DTCT_COMBOBOX] = {sizeof(DTBLCOMBOBOX), -1, offsetof(DTBLCOMBOBOX, ulbLpszCharsAllowed),
                       offsetof(DTBLCOMBOBOX, ulFlags)},
    [DTCT_DDLBX] = {sizeof(DTBLDDLBX), -1, -1, -1},
    [DTCT_CHECKBOX] = {sizeof(DTBLCHECKBOX), offsetof(DTBLCHECKBOX, ulbLpszLabel), -1,
                       offsetof(DTBLCHECKBOX, ulFlags)},
    [DTCT_GROUPBOX] = {sizeof(DTBLGROUPBOX), offsetof(DTBLGROUPBOX, ulbLpszLabel), -1,
                       offsetof(DTBLGROUPBOX, ulFlags)},
    [DTCT_BUTTON] = {sizeof(DTBLBUTTON), offsetof(DTBLBUTTON, ulbLpszLabel), -1,
                     offsetof(DTBLBUTTON, ulFlags)},
    [DTCT_PAGE] = {sizeof(DTBLPAGE), offsetof(DTBLPAGE, ulbLpszLabel),
                   offsetof(DTBLPAGE, ulbLpszComponent), offsetof(DTBLPAGE, ulFlags)},
    [DTCT_RADIOBUTTON] = {sizeof(DTBLRADIOBUTTON), offsetof(DTBLRADIOBUTTON, ulbLpszLabel), -1,
                          offsetof(DTBLRADIOBUTTON, ulFlags)},
    [DTCT_MVLISTBOX] = {sizeof(DTBLMVLISTBOX), -1, -1, -1},
    [DTCT_MVDDLBX] = {sizeof(DTBLMVDDLBX), -1, -1, -1},
};

static const struct control_kind *find_kind(ULONG type)
{
    const size_t count = sizeof(kinds) / sizeof(kinds[0]);

    return type < count && kinds[type].size ? &kinds[type] : NULL;
}

/* Bytes of a text with its end, in the width of `flags`; NULL counts as empty. */
static HRESULT text_size(const void *text, ULONG flags, size_t *ret_size)
{
    size_t unit = flags & MAPI_UNICODE ? sizeof(WCHAR) : 1, length = 0;

    if (text)
        length = unit == 1 ? strnlen(text, TEXT_MAX) : utf16_length(text);
    if (length >= TEXT_MAX)
        return MAPI_E_TOO_BIG;
    *ret_size = (length + 1) * unit;
    return S_OK;
}

static void put_text(BYTE *structure, int field, size_t *end, const void *text, size_t size)
{
    ULONG offset = (ULONG)*end;

    memcpy(structure + field, &offset, sizeof(offset));
    if (text)
        memcpy(structure + *end, text, size); /* else zeros: an empty text */
    *end += size;
}

/* PR_CONTROL_STRUCTURE: the structure, then its texts. */
static HRESULT make_structure(void *root, const DTPAGE *page, const DTCTL *control, ULONG flags,
                              SBinary *ret_structure)
{
    const struct control_kind *kind = find_kind(control->ulCtlType);
    const void *text = NULL;
    size_t label_size = 0, size = 0, end;
    BYTE *structure;
    HRESULT hr = S_OK;

    if (!kind || !control->ctl.lpv)
        return MAPI_E_INVALID_PARAMETER;
    if (kind->text >= 0)
        text = control->ulCtlType == DTCT_PAGE ? (void *)page->lpszComponent
                                               : (void *)control->lpszFilter;
    if (kind->label >= 0)
        hr = text_size(NULL, flags, &label_size);
    if (SUCCEEDED(hr) && kind->text >= 0)
        hr = text_size(text, flags, &size);
    if (FAILED(hr))
        return hr;
    structure = mapi_alloc(root, kind->size + label_size + size);
    if (!structure)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(structure, control->ctl.lpv, kind->size);
    end = kind->size;
    if (kind->flags >= 0) {
        ULONG width = flags & MAPI_UNICODE;

        memcpy(structure + kind->flags, &width, sizeof(width));
    }
    if (kind->label >= 0)
        put_text(structure, kind->label, &end, NULL, label_size);
    if (kind->text >= 0)
        put_text(structure, kind->text, &end, text, size);
    *ret_structure = (SBinary){.cb = (ULONG)end, .lpb = structure};
    return S_OK;
}

static HRESULT make_id(void *root, const DTCTL *control, ULONG page, ULONG number, SBinary *ret_id)
{
    const ULONG place[2] = {page, number};
    const void *id = control->cbNotif ? (const void *)control->lpbNotif : place;
    ULONG size = control->cbNotif ? control->cbNotif : (ULONG)sizeof(place);

    if (!id || size > TEXT_MAX)
        return MAPI_E_INVALID_PARAMETER;
    ret_id->cb = size;
    ret_id->lpb = mapi_memdup(root, id, size);
    return ret_id->lpb ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static void place(const DTCTL *control, ULONG line, SPropValue values[4])
{
    bool page = control->ulCtlType == DTCT_PAGE;

    values[0] = propval_long(PR_XPOS, page ? 0 : MARGIN);
    values[1] = propval_long(PR_YPOS, page ? 0 : (LONG)(MARGIN + line * LINE_STEP));
    values[2] = propval_long(PR_DELTAX, page ? PAGE_WIDTH : PAGE_WIDTH - 2 * MARGIN);
    values[3] = propval_long(PR_DELTAY, page ? PAGE_HEIGHT : LINE_HEIGHT);
}

static HRESULT make_row(void *root, const DTPAGE *pages, ULONG page, ULONG number, ULONG flags,
                        SPropValue values[PROPS])
{
    const DTCTL *control = &pages[page].lpctl[number];
    HRESULT hr;

    place(control, number, values);
    values[4] = propval_long(PR_CONTROL_TYPE, (LONG)control->ulCtlType);
    values[5] = propval_long(PR_CONTROL_FLAGS, (LONG)control->ulCtlFlags);
    values[6].ulPropTag = PR_CONTROL_STRUCTURE;
    values[7].ulPropTag = PR_CONTROL_ID;
    hr = make_structure(root, &pages[page], control, flags, &values[6].Value.bin);
    if (SUCCEEDED(hr))
        hr = make_id(root, control, page, number, &values[7].Value.bin);
    return hr;
}

/* Two controls cannot share an id: the table would hold one of them. */
static HRESULT add_row(LPTABLEDATA data, SPropValue values[PROPS])
{
    SRow row = {.cValues = PROPS, .lpProps = values};

    return ITableData_HrInsertRow(data, 0, &row);
}

static HRESULT fill(LPTABLEDATA data, UINT page_count, const DTPAGE *pages, ULONG flags)
{
    SPropValue *values;
    HRESULT hr = S_OK;
    ULONG page, number;

    /* From the last to the first, so that each goes in front of those behind it. */
    for (page = page_count; SUCCEEDED(hr) && page-- > 0;) {
        if (pages[page].cctl > CONTROLS_MAX || (pages[page].cctl && !pages[page].lpctl))
            return MAPI_E_INVALID_PARAMETER;
        for (number = pages[page].cctl; SUCCEEDED(hr) && number-- > 0;) {
            values = mapi_alloc_array(NULL, PROPS, sizeof(*values));
            if (!values)
                return MAPI_E_NOT_ENOUGH_MEMORY;
            hr = make_row(values, pages, page, number, flags, values);
            if (SUCCEEDED(hr))
                hr = add_row(data, values);
            mapi_free(values);
        }
    }
    return hr;
}

HRESULT STDAPICALLTYPE BuildDisplayTable(LPALLOCATEBUFFER allocate, LPALLOCATEMORE allocate_more,
                                         LPFREEBUFFER free_buffer, LPMALLOC allocator,
                                         HINSTANCE instance, UINT page_count, LPDTPAGE pages,
                                         ULONG flags, LPMAPITABLE *ret_table, LPTABLEDATA *ret_data)
{
    SizedSPropTagArray(PROPS, columns) = {PROPS,
                                          {PR_XPOS, PR_YPOS, PR_DELTAX, PR_DELTAY, PR_CONTROL_TYPE,
                                           PR_CONTROL_FLAGS, PR_CONTROL_STRUCTURE, PR_CONTROL_ID}};
    LPTABLEDATA data;
    HRESULT hr;

    if (!ret_table)
        return MAPI_E_INVALID_PARAMETER;
    *ret_table = NULL;
    if (ret_data)
        *ret_data = NULL;
    if (flags & ~(ULONG)MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    if (!pages || page_count == 0 || page_count > PAGES_MAX)
        return MAPI_E_INVALID_PARAMETER;
    hr = CreateTable(NULL, allocate, allocate_more, free_buffer, NULL, TBLTYPE_DYNAMIC,
                     PR_CONTROL_ID, (LPSPropTagArray)&columns, &data);
    if (FAILED(hr))
        return hr;
    hr = fill(data, page_count, pages, flags);
    if (SUCCEEDED(hr))
        hr = ITableData_HrGetView(data, NULL, NULL, 0, ret_table);
    if (SUCCEEDED(hr) && ret_data)
        *ret_data = data;
    else
        ITableData_Release(data);
    return hr;
}
