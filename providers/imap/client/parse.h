/* providers/imap/client/parse.h - the parsers of a whole response, one a file
 *
 * Each reads behind the response's name and leaves its failure in `lex`. Private to the wire. */
#ifndef IMAP_WIRE_PARSE_H
#define IMAP_WIRE_PARSE_H

#include "providers/imap/client/fetch.h"
#include "providers/imap/client/lex.h"

/* The whole response: `lex` stands at its first byte and ends before its CRLF. `fetch` is room for
 * WIRE_FETCH; `first` says that a greeting is due. On LEX_FINE `response` is filled in, whatever
 * came (WIRE_MALFORMED for what does not parse). Otherwise the stream is broken. */
enum lex_failure response_parse(struct lex *lex, bool first, struct wire_response *response,
                                struct wire_fetch *fetch);

/* status_line.c: "OK [CODE args] text"; false (nothing used) if no condition is there. */
bool parse_status_line(struct lex *lex, struct wire_status *status);

/* mailbox_lines.c */
void parse_list(struct lex *lex, struct wire_list *list);
void parse_mailbox_status(struct lex *lex, struct wire_mailbox_status *status);
void parse_namespaces(struct lex *lex, struct wire_namespaces *namespaces);

/* search_lines.c */
void parse_search(struct lex *lex, bool in_order, struct wire_search *search);
void parse_esearch(struct lex *lex, struct wire_esearch *esearch);
void parse_vanished(struct lex *lex, struct wire_vanished *vanished);

/* acl_lines.c */
void parse_acl(struct lex *lex, struct wire_acl *acl);
void parse_myrights(struct lex *lex, struct wire_acl *acl);

/* quota_lines.c */
void parse_quota(struct lex *lex, struct wire_quota *quota);

/* fetch.c, envelope.c, structure.c */
void parse_fetch(struct lex *lex, uint32_t sequence, struct wire_fetch *fetch);
void parse_envelope(struct lex *lex, struct wire_envelope *envelope);
const struct wire_part *parse_structure(struct lex *lex);

/* fetch.c: if the text so far of a FETCH response, up to and with a literal header and not inside
 * inner parentheses, announces a section's bytes: its item name, "BODY[1.2]<0>". */
bool fetch_section_announced(const char *text, size_t size, struct wire_text *ret_item);
/* The message's number when `text` starts a FETCH response; 0 if it does not. */
uint32_t fetch_sequence(const char *text, size_t size);

#endif
