/* tests/mapi/test_progress.c - the progress object, and what copying reports to one */
#include <stdlib.h>
#include <string.h>

#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"
#include "mapi/mapiutil.h"
#include "mapi/mapix.h"
#include "mapi/progress.h"
#include "support/com.h"

static IMAPIProgress *progress;

static void setup(void)
{
    assert_hr(progress_create(NULL, &progress), S_OK);
}

static void teardown(void)
{
    expect_last_release(progress);
}

TestSuite(progress, .init = setup, .fini = teardown);

static ULONG min_of(void)
{
    ULONG min = 99;

    assert_hr(progress->lpVtbl->GetMin(progress, &min), S_OK);
    return min;
}

static ULONG max_of(void)
{
    ULONG max = 99;

    assert_hr(progress->lpVtbl->GetMax(progress, &max), S_OK);
    return max;
}

Test(progress, a_new_one_is_the_top_level_from_1_to_1000) /* UTL-122 UTL-123 UTL-124 */
{
    ULONG flags = 0;

    expect_full_vtable(progress);
    assert_hr(progress->lpVtbl->GetFlags(progress, &flags), S_OK);
    cr_expect_eq(flags, MAPI_TOP_LEVEL);
    cr_expect_eq(min_of(), 1);
    cr_expect_eq(max_of(), 1000);
    expect_hr(progress->lpVtbl->GetMin(progress, NULL), MAPI_E_INVALID_PARAMETER);
}

Test(progress, local_limits_do_not_bind_the_values) /* UTL-125 */
{
    ULONG min = 100, max = 200, none = 0, top = MAPI_TOP_LEVEL;

    assert_hr(progress->lpVtbl->SetLimits(progress, &min, &max, &none), S_OK);
    cr_expect_eq(min_of(), 100);
    cr_expect_eq(max_of(), 200);
    expect_hr(progress->lpVtbl->Progress(progress, 1000, 1, 1), S_OK); /* the whole's limits hold */
    assert_hr(progress->lpVtbl->SetLimits(progress, &min, &max, &top), S_OK);
    expect_hr(progress->lpVtbl->Progress(progress, 1000, 1, 1), MAPI_E_INVALID_PARAMETER);
    expect_hr(progress->lpVtbl->Progress(progress, 200, 1, 1), S_OK);
}

Test(progress, what_is_null_stays_as_it_is) /* UTL-126 */
{
    ULONG min = 5, max = 500, flags = 99, wrong = 2, none = 0;

    assert_hr(progress->lpVtbl->SetLimits(progress, NULL, &max, NULL), S_OK);
    cr_expect_eq(min_of(), 1);
    cr_expect_eq(max_of(), 500);
    assert_hr(progress->lpVtbl->GetFlags(progress, &flags), S_OK);
    cr_expect_eq(flags, MAPI_TOP_LEVEL);
    assert_hr(progress->lpVtbl->SetLimits(progress, &min, NULL, &none), S_OK);
    cr_expect_eq(min_of(), 5);
    cr_expect_eq(max_of(), 500);
    assert_hr(progress->lpVtbl->SetLimits(progress, NULL, NULL, NULL), S_OK);
    assert_hr(progress->lpVtbl->GetFlags(progress, &flags), S_OK);
    cr_expect_eq(flags, 0);
    expect_hr(progress->lpVtbl->SetLimits(progress, NULL, NULL, &wrong), MAPI_E_UNKNOWN_FLAGS);
    max = 0;
    expect_hr(progress->lpVtbl->SetLimits(progress, NULL, &max, NULL), MAPI_E_INVALID_PARAMETER);
    cr_expect_eq(max_of(), 500);
}

Test(progress, counts_of_zero_are_no_counts) /* UTL-128 */
{
    expect_hr(progress->lpVtbl->Progress(progress, 500, 0, 0), S_OK);
    expect_hr(progress->lpVtbl->Progress(progress, 500, 2, 1), MAPI_E_INVALID_PARAMETER);
}

/* --- What copying reports --------------------------------------------------------------------- */

/* Stands before the real one and keeps the values that come. */
struct recorder {
    IMAPIProgress iface;
    IMAPIProgressVtbl vtbl;
    IMAPIProgress *real;
    ULONG values[64];
    size_t count;
};

static struct recorder recorder;

static HRESULT STDMETHODCALLTYPE record(IMAPIProgress *iface, ULONG value, ULONG count, ULONG total)
{
    recorder.values[recorder.count++] = value;
    return recorder.real->lpVtbl->Progress(recorder.real, value, count, total);
}

static HRESULT STDMETHODCALLTYPE real_min(IMAPIProgress *iface, ULONG *ret_min)
{
    return recorder.real->lpVtbl->GetMin(recorder.real, ret_min);
}

static HRESULT STDMETHODCALLTYPE real_max(IMAPIProgress *iface, ULONG *ret_max)
{
    return recorder.real->lpVtbl->GetMax(recorder.real, ret_max);
}

static IPropData *make_object(void)
{
    IPropData *object;

    assert_hr(CreateIProp(&IID_IMAPIPropData, (ALLOCATEBUFFER *)MAPIAllocateBuffer,
                          (ALLOCATEMORE *)MAPIAllocateMore, (FREEBUFFER *)MAPIFreeBuffer, NULL,
                          &object),
              S_OK);
    return object;
}

Test(progress, copying_reports_the_least_first_and_the_most_last) /* UTL-127 */
{
    IPropData *from = make_object(), *to = make_object();

    recorder.vtbl = *progress->lpVtbl;
    recorder.vtbl.Progress = record;
    recorder.vtbl.GetMin = real_min;
    recorder.vtbl.GetMax = real_max;
    recorder.iface.lpVtbl = &recorder.vtbl;
    recorder.real = progress;
    for (ULONG i = 0; i < 200; i++) { /* several batches */
        SPropValue value = {.ulPropTag = PROP_TAG(PT_LONG, 0x6600 + i)};

        assert_hr(HrSetOneProp((IMAPIProp *)from, &value), S_OK);
    }
    assert_hr(
        from->lpVtbl->CopyTo(from, 0, NULL, NULL, 0, &recorder.iface, &IID_IMAPIProp, to, 0, NULL),
        S_OK);
    cr_assert_gt(recorder.count, 2);
    cr_expect_eq(recorder.values[0], 1);
    cr_expect_eq(recorder.values[recorder.count - 1], 1000);
    for (size_t i = 1; i < recorder.count; i++)
        cr_expect(recorder.values[i] > recorder.values[i - 1] &&
                      (recorder.values[i] == 1000) == (i == recorder.count - 1),
                  "value %zu is %u", i, recorder.values[i]);
    from->lpVtbl->Release(from);
    to->lpVtbl->Release(to);
}
