/* providers/contacts/user.c - a person of the address book: IMailUser
 *
 * What a program sets is kept until SaveChanges, which needs an address; a missing name is the
 * address, a missing type is SMTP. Behaviour: ABK-086, ABK-088, ABK-104, ABK-106, ABK-107. */
#include "providers/contacts/user.h"

#include <stdlib.h>
#include <string.h>

#include "mapi/array.h"
#include "mapi/mapitags.h"
#include "mapi/memory.h"
#include "mapi/prop.h"
#include "mapi/propval.h"
#include "mapi/text.h"
#include "providers/contacts/logon.h"
#include "providers/contacts/people.h"
#include "state/objects.h"
#include "state/props.h"

struct contacts_user {
    IMailUser IMailUser_iface;
    struct mapi_object object; /* owned by the logon */
    struct mapi_prop props;
    struct book *book; /* the logon's */
    enum shelf shelf;
    uint64_t number; /* in the personal address book; 0: never saved */
    ULONG create_flags;
};

/* @thunks IMailUser contacts_user user props=props */
#include "providers/contacts/user_thunks.inc"

/* --- Values ----------------------------------------------------------------------------------- */

/* What the book says, whatever a program would have (the other values may be changed). */
static bool is_computed(ULONG tag)
{
    static const ULONG computed[] = {PR_ENTRYID,    PR_RECORD_KEY,  PR_INSTANCE_KEY,
                                     PR_SEARCH_KEY, PR_OBJECT_TYPE, PR_DISPLAY_TYPE};

    for (size_t i = 0; i < sizeof(computed) / sizeof(computed[0]); i++)
        if (PROP_ID(tag) == PROP_ID(computed[i]))
            return true;
    return false;
}

/* Named properties have no home here. */
static HRESULT user_change(struct mapi_prop *prop, ULONG tag, SPropValue *value)
{
    (void)prop;
    (void)value;
    if (PROP_ID(tag) >= 0x8000)
        return MAPI_E_NO_SUPPORT;
    return is_computed(tag) ? MAPI_E_COMPUTED : S_OK;
}

/* Takes what the book makes of the person: `all` of it, or what it computes alone. */
static HRESULT load_person(struct contacts_user *user, const struct person *person, bool all)
{
    SPropValue values[PERSON_VALUES];
    void *root = mapi_alloc(NULL, 1);
    ULONG count = 0;
    HRESULT hr = root ? person_values(user->book, user->shelf, person, root, values, &count)
                      : MAPI_E_NOT_ENOUGH_MEMORY;

    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++) {
        bool computed = is_computed(values[i].ulPropTag);

        if (all || computed)
            hr = prop_load_value(&user->props, &values[i], computed ? PROP_READONLY : 0);
    }
    mapi_free(root);
    return hr;
}

/* All that programs have set, over what the book makes of it. */
static WAITS HRESULT load_stored(struct contacts_user *user, struct error_info *error)
{
    SPropValue *values = NULL;
    size_t count = 0;
    HRESULT hr =
        state_props_get(book_mailbox(user->book), user->number, NULL, 0, error, &values, &count);

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        if (!is_computed(values[i].ulPropTag))
            hr = prop_load_value(&user->props, &values[i], 0);
    free(values);
    return hr;
}

static WAITS HRESULT load(struct contacts_user *user, const struct person_key *key,
                          struct error_info *error)
{
    struct people people;
    const struct person *person;
    HRESULT hr = people_read(user->book, user->shelf, error, &people);

    if (FAILED(hr))
        return hr;
    person = people_find(&people, key);
    hr = person ? load_person(user, person, true) : MAPI_E_NOT_FOUND;
    people_clear(&people);
    if (SUCCEEDED(hr) && user->number)
        hr = load_stored(user, error);
    return hr;
}

/* --- SaveChanges ------------------------------------------------------------------------------ */

/* The value in UTF-8, chained to `root`; NULL: none, or empty. */
static HRESULT text_of(const struct propbag *bag, ULONG tag, void *root, const char **ret_text)
{
    const SPropValue *value = propbag_find(bag, tag);

    *ret_text = NULL;
    if (!value || value->ulPropTag != tag || !value->Value.lpszW[0])
        return S_OK;
    return text_utf16_to_utf8(root, value->Value.lpszW, (char **)ret_text);
}

static HRESULT put_text(struct propbag *bag, ULONG tag, const char *text, void *root)
{
    SPropValue value = {.ulPropTag = tag};
    HRESULT hr = text_utf8_to_utf16(root, text, &value.Value.lpszW);

    return SUCCEEDED(hr) ? propbag_set(bag, &value) : hr;
}

/* Who it is now, what is missing filled in; the texts are chained to `root`. Lock held.
 * MAPI_E_NOT_FOUND: there is no address. */
static HRESULT take_person(struct propbag *bag, void *root, struct person *ret_person)
{
    struct person person = {0};
    HRESULT hr = text_of(bag, PR_EMAIL_ADDRESS_W, root, &person.address);

    if (SUCCEEDED(hr) && !person.address)
        return MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr))
        hr = text_of(bag, PR_DISPLAY_NAME_W, root, &person.name);
    if (SUCCEEDED(hr))
        hr = text_of(bag, PR_ADDRTYPE_W, root, &person.type);
    if (SUCCEEDED(hr) && !person.name) {
        person.name = person.address;
        hr = put_text(bag, PR_DISPLAY_NAME_W, person.name, root);
    }
    if (SUCCEEDED(hr) && !person.type) {
        person.type = "SMTP";
        hr = put_text(bag, PR_ADDRTYPE_W, person.type, root);
    }
    *ret_person = person;
    return hr;
}

static bool is_same_text(const char *one, const char *other, void *root)
{
    WCHAR *wide = NULL, *wide_other = NULL;

    return SUCCEEDED(text_utf8_to_utf16(root, one, &wide)) &&
           SUCCEEDED(text_utf8_to_utf16(root, other, &wide_other)) &&
           text_compare(wide, wide_other, FL_IGNORECASE) == 0;
}

/* ABK-106: names alike, or names and search keys. */
static bool is_duplicate(const struct person *one, const struct person *other, ULONG flags,
                         void *root)
{
    if (!is_same_text(one->name, other->name, root))
        return false;
    return flags & CREATE_CHECK_DUP_LOOSE || (is_same_text(one->type, other->type, root) &&
                                              is_same_text(one->address, other->address, root));
}

/* The numbers of those that a new person would be twice; *ret_numbers to free(). */
static WAITS HRESULT find_duplicates(struct contacts_user *user, const struct person *person,
                                     void *root, struct error_info *error, uint64_t **ret_numbers,
                                     size_t *ret_count)
{
    struct people people;
    HRESULT hr = S_OK;

    *ret_count = 0;
    *ret_numbers = NULL;
    if (user->number || !(user->create_flags & (CREATE_CHECK_DUP_LOOSE | CREATE_CHECK_DUP_STRICT)))
        return S_OK;
    hr = people_read(user->book, user->shelf, error, &people);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < people.count && SUCCEEDED(hr); i++) {
        uint64_t number = person_number(&people.list[i].key);

        if (is_duplicate(person, &people.list[i], user->create_flags, root) &&
            !array_append(ret_numbers, ret_count, &number))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    people_clear(&people);
    return hr;
}

/* One transaction: what it replaces goes, and it is there. */
struct write_call {
    struct contacts_user *user;
    const struct state_change *change;
    const uint64_t *replaced;
    size_t replaced_count;
    struct error_info *error;
    uint64_t number;
};

static HRESULT write_job(void *arg)
{
    struct write_call *call = arg;
    struct state_mailbox *mailbox = book_mailbox(call->user->book);
    HRESULT hr = S_OK;

    for (size_t i = 0; i < call->replaced_count && SUCCEEDED(hr); i++) {
        hr = state_object_delete(mailbox, call->replaced[i], call->error);
        if (hr == MAPI_E_NOT_FOUND) /* somebody else was faster */
            hr = S_OK;
    }
    return SUCCEEDED(hr) ? state_props_change(mailbox, call->change, call->error, &call->number)
                         : hr;
}

static HRESULT sort_dirty(const struct propbag *bag, struct state_change *change)
{
    const struct propbag_item *item;
    SPropValue *set = NULL;
    ULONG *deleted = NULL;
    HRESULT hr = S_OK;

    for (size_t at = 0; (item = propbag_dirty(bag, at)) && SUCCEEDED(hr); at++) {
        bool kept = item->attributes & PROP_DELETED
                        ? array_append(&deleted, &change->deleted_count, &item->value->ulPropTag)
                        : array_append(&set, &change->set_count, item->value);

        if (!kept)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    change->set = set;
    change->deleted = deleted;
    return hr;
}

static WAITS HRESULT write_person(struct contacts_user *user, const struct propbag *bag,
                                  const uint64_t *replaced, size_t replaced_count,
                                  struct error_info *error)
{
    static const struct state_object fresh = {.folder = STATE_NO_FOLDER,
                                              .kind = STATE_OBJECT_PERSON};
    struct state_change change = {.number = user->number, .object = user->number ? NULL : &fresh};
    struct write_call call = {.user = user,
                              .change = &change,
                              .replaced = replaced,
                              .replaced_count = replaced_count,
                              .number = user->number,
                              .error = error};
    HRESULT hr = sort_dirty(bag, &change);

    if (SUCCEEDED(hr))
        hr = state_transaction(state_mailbox_state(book_mailbox(user->book)), write_job, &call,
                               error);
    if (SUCCEEDED(hr) && !user->number)
        user->number = call.number;
    free((void *)change.set);
    free((void *)change.deleted);
    return hr;
}

static WAITS HRESULT save_person(struct contacts_user *user, const struct propbag *bag,
                                 struct person *person, void *root, struct error_info *error)
{
    uint64_t *duplicates;
    size_t count;
    HRESULT hr = find_duplicates(user, person, root, error, &duplicates, &count);

    if (SUCCEEDED(hr) && count > 0 && !(user->create_flags & CREATE_REPLACE))
        hr = error_set(error, MAPI_E_COLLISION, "address book", "\"%s\" is there already",
                       person->name); /* ABK-088 */
    if (SUCCEEDED(hr))
        hr = write_person(user, bag, duplicates, count, error);
    free(duplicates);
    if (FAILED(hr))
        return hr;
    person->key = person_key_of_number(user->number);
    book_changed(user->book, user->shelf);
    return S_OK;
}

static HRESULT user_save(struct mapi_prop *prop, ULONG flags)
{
    struct contacts_user *user = container_of(prop, struct contacts_user, props);
    struct error_info error = {0};
    struct propbag snapshot = {0};
    struct person person;
    void *root;
    HRESULT hr;

    (void)flags;
    if (!prop->writable)
        return MAPI_E_NO_ACCESS;
    root = mapi_alloc(NULL, 1);
    if (!root)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    pthread_mutex_lock(&prop->lock);
    hr = take_person(&prop->bag, root, &person);
    if (SUCCEEDED(hr))
        hr = propbag_snapshot(&prop->bag, &snapshot);
    pthread_mutex_unlock(&prop->lock);
    if (hr == MAPI_E_NOT_FOUND)
        hr = error_set(&error, MAPI_E_MISSING_REQUIRED_COLUMN, "address book",
                       "a person needs PR_EMAIL_ADDRESS");
    if (SUCCEEDED(hr))
        hr = save_person(user, &snapshot, &person, root, &error);
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&prop->lock);
        propbag_commit(&prop->bag, &snapshot);
        pthread_mutex_unlock(&prop->lock);
        hr = load_person(user, &person, false);
    }
    propbag_clear(&snapshot);
    mapi_free(root);
    return FAILED(hr) && error.hr == hr ? mapi_object_fail(&user->object, &error) : hr;
}

static const struct prop_ops user_prop_ops = {.change = user_change, .save = user_save};

/* --- The object ------------------------------------------------------------------------------- */

static const struct mapi_face user_faces[] = {
    MAPI_FACE(struct contacts_user, IID_IMailUser, IMailUser_iface),
    MAPI_FACE(struct contacts_user, IID_IMAPIProp, IMailUser_iface),
};

static void user_destroy(struct mapi_object *object)
{
    struct contacts_user *user = container_of(object, struct contacts_user, object);

    prop_clear(&user->props);
    mapi_object_clear(object);
    free(user);
}

static const struct mapi_class user_class = {
    .name = "contacts_user",
    .destroy = user_destroy,
    .faces = user_faces,
    .face_count = sizeof(user_faces) / sizeof(user_faces[0]),
};

static struct contacts_user *user_new(struct mapi_object *logon, enum shelf shelf, bool writable)
{
    struct contacts_user *user = calloc(1, sizeof(*user));

    if (!user)
        return NULL;
    user->IMailUser_iface.lpVtbl = &user_vtbl;
    user->book = contacts_logon_book(logon);
    user->shelf = shelf;
    mapi_object_init(&user->object, &user_class, logon);
    prop_init(&user->props, &user->object, &user->IMailUser_iface, &IID_IMailUser, &user_prop_ops,
              NULL, 0, user);
    user->props.writable = writable;
    return user;
}

HRESULT contacts_user_open(struct mapi_object *logon, const struct contacts_ref *ref, LPCIID iid,
                           bool writable, IUnknown **ret_unknown)
{
    struct contacts_user *user = user_new(logon, ref->shelf, writable);
    struct error_info error = {0};
    HRESULT hr;

    if (!user)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (ref->shelf == SHELF_PERSONAL)
        user->number = person_number(&ref->key);
    hr = mapi_object_gives(&user->object, iid) ? load(user, &ref->key, &error)
                                               : MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (FAILED(hr)) {
        mapi_object_unref(&user->object);
        return error.hr == hr ? mapi_object_fail(logon, &error) : hr;
    }
    *ret_unknown = (IUnknown *)&user->IMailUser_iface;
    return S_OK;
}

HRESULT contacts_user_create(struct mapi_object *logon, ULONG create_flags, IMAPIProp **ret_entry)
{
    const SPropValue values[] = {propval_long(PR_OBJECT_TYPE, MAPI_MAILUSER),
                                 propval_long(PR_DISPLAY_TYPE, DT_MAILUSER)};
    struct contacts_user *user = user_new(logon, SHELF_PERSONAL, true);
    HRESULT hr = S_OK;

    if (!user)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    user->create_flags = create_flags;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]) && SUCCEEDED(hr); i++)
        hr = prop_load_value(&user->props, &values[i], PROP_READONLY);
    if (FAILED(hr)) {
        mapi_object_unref(&user->object);
        return hr;
    }
    *ret_entry = (IMAPIProp *)&user->IMailUser_iface;
    return S_OK;
}
