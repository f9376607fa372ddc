/* session/absent_cmc.c - Common Messaging Calls, the X.400 API Association's, superseded by MAPI
 *
 * Nothing is ever handed out, so that cmc_free has nothing to free; docs/limits.md. */
#include "mapi/xcmc.h"

CMC_return_code STDAPICALLTYPE cmc_send(CMC_session_id session, CMC_message *message,
                                        CMC_flags send_flags, CMC_ui_id ui_id,
                                        CMC_extension *send_extensions)
{
    return CMC_E_NOT_SUPPORTED;
}

CMC_return_code STDAPICALLTYPE cmc_send_documents(CMC_string recipient_addresses,
                                                  CMC_string subject, CMC_string text_note,
                                                  CMC_flags send_doc_flags, CMC_string file_paths,
                                                  CMC_string file_names, CMC_string delimiter,
                                                  CMC_ui_id ui_id)
{
    return CMC_E_NOT_SUPPORTED;
}

CMC_return_code STDAPICALLTYPE cmc_act_on(CMC_session_id session,
                                          CMC_message_reference *message_reference,
                                          CMC_enum operation, CMC_flags act_on_flags,
                                          CMC_ui_id ui_id, CMC_extension *act_on_extensions)
{
    return CMC_E_NOT_SUPPORTED;
}

CMC_return_code STDAPICALLTYPE cmc_list(CMC_session_id session, CMC_string message_type,
                                        CMC_flags list_flags, CMC_message_reference *seed,
                                        CMC_uint32 *count, CMC_ui_id ui_id,
                                        CMC_message_summary **result,
                                        CMC_extension *list_extensions)
{
    return CMC_E_NOT_SUPPORTED;
}

CMC_return_code STDAPICALLTYPE cmc_read(CMC_session_id session,
                                        CMC_message_reference *message_reference,
                                        CMC_flags read_flags, CMC_message **message,
                                        CMC_ui_id ui_id, CMC_extension *read_extensions)
{
    return CMC_E_NOT_SUPPORTED;
}

CMC_return_code STDAPICALLTYPE cmc_look_up(CMC_session_id session, CMC_recipient *recipient_in,
                                           CMC_flags look_up_flags, CMC_ui_id ui_id,
                                           CMC_uint32 *count, CMC_recipient **recipient_out,
                                           CMC_extension *look_up_extensions)
{
    return CMC_E_NOT_SUPPORTED;
}

CMC_return_code STDAPICALLTYPE cmc_free(CMC_buffer memory)
{
    return memory ? CMC_E_INVALID_MEMORY : CMC_SUCCESS;
}

CMC_return_code STDAPICALLTYPE cmc_logoff(CMC_session_id session, CMC_ui_id ui_id,
                                          CMC_flags logoff_flags, CMC_extension *logoff_extensions)
{
    return CMC_E_NOT_SUPPORTED;
}

CMC_return_code STDAPICALLTYPE cmc_logon(CMC_string service, CMC_string user, CMC_string password,
                                         CMC_object_identifier character_set, CMC_ui_id ui_id,
                                         CMC_uint16 caller_cmc_version, CMC_flags logon_flags,
                                         CMC_session_id *session, CMC_extension *logon_extensions)
{
    return CMC_E_NOT_SUPPORTED;
}

CMC_return_code STDAPICALLTYPE cmc_query_configuration(CMC_session_id session, CMC_enum item,
                                                       CMC_buffer reference,
                                                       CMC_extension *config_extensions)
{
    return CMC_E_NOT_SUPPORTED;
}
