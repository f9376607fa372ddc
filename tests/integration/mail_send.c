/* Messages that tests make and submit. */
#include "tests/integration/mail_send.h"

#include "tests/integration/mail_rig.h"

const char *const mail_to_bob[] = {"bob@example.test"};

void mail_set_text(IMessage *message, ULONG tag, const char *utf8)
{
    SPropValue value = {.ulPropTag = tag};

    value.Value.lpszW = mail_wide(utf8);
    assert_hr(IMessage_SetProps(message, 1, &value, NULL), S_OK);
}

void mail_add_recipients(IMessage *message, const char *const *addresses, ULONG count)
{
    SPropValue values[4][5];
    struct {
        ULONG cEntries, unused;
        ADRENTRY aEntries[4];
    } list = {.cEntries = count};

    cr_assert(count <= 4);
    for (ULONG i = 0; i < count; i++) {
        values[i][0] = (SPropValue){.ulPropTag = PR_DISPLAY_NAME_W};
        values[i][0].Value.lpszW = mail_wide(addresses[i]);
        values[i][1] = (SPropValue){.ulPropTag = PR_ADDRTYPE_W};
        values[i][1].Value.lpszW = mail_wide("SMTP");
        values[i][2] = (SPropValue){.ulPropTag = PR_EMAIL_ADDRESS_W};
        values[i][2].Value.lpszW = mail_wide(addresses[i]);
        values[i][3] = (SPropValue){.ulPropTag = PR_RECIPIENT_TYPE};
        values[i][3].Value.l = MAPI_TO;
        list.aEntries[i] = (ADRENTRY){.cValues = 4, .rgPropVals = values[i]};
    }
    assert_hr(IMessage_ModifyRecipients(message, MODRECIP_ADD, (ADRLIST *)&list), S_OK);
}

void mail_send(const char *subject, const char *body, const char *const *addresses, ULONG count)
{
    IMAPIFolder *outbox = mail_folder("Outbox");
    SPropValue *sent;
    IMessage *message;

    assert_hr(IMAPIFolder_CreateMessage(outbox, NULL, 0, &message), S_OK);
    mail_set_text(message, PR_MESSAGE_CLASS_W, "IPM.Note");
    mail_set_text(message, PR_SUBJECT_W, subject);
    mail_set_text(message, PR_BODY_W, body);
    mail_add_recipients(message, addresses, count);
    assert_hr(HrGetOneProp((IMAPIProp *)mail.store, PR_IPM_SENTMAIL_ENTRYID, &sent), S_OK);
    sent->ulPropTag = PR_SENTMAIL_ENTRYID;
    assert_hr(IMessage_SetProps(message, 1, sent, NULL), S_OK);
    MAPIFreeBuffer(sent);
    assert_hr(IMessage_SubmitMessage(message, 0), S_OK);
    IMessage_Release(message);
    IMAPIFolder_Release(outbox);
}
