/* providers/imap/client/wire.h - the only way a server's bytes take
 *
 *     connection -> guard (framing, limits) -> parser -> router -> the client's handler
 *                                                            `---> libetpan: bare bones only
 *
 * Both read paths meet here. Every response is framed by the guard, parsed by us and told to the
 * handler as a typed wire_response, whoever reads: libetpan waiting for the end of its command, or
 * wire_next for commands of our own. libetpan sees three kinds of lines, written anew in their
 * plainest form: the greeting ("* OK [CAPABILITY IMAP4rev1] ready"), continuations ("+ ready"), and
 * completions ("7 OK done"), and never a byte beyond the line it waits for; no number, list,
 * literal or response code of a server reaches its parser. So its session carries commands, tags
 * and states, and all data comes from the handler. What its functions return beside success
 * (selection info, COPYUID, capabilities) is empty: mailimap_capability, _status, _list, _search,
 * _fetch and kin, which take their results from there, are not to be used. Used are _select,
 * _examine, _noop, _create, _delete, _rename, _subscribe and _unsubscribe; every other command,
 * LOGOUT too, we write ourselves.
 *
 * A server that breaks the protocol (guard.h, numbers out of range, a tag nobody sent, more data
 * than allowed) ends the stream: every read and write from then on fails with MAPI_E_CORRUPT_DATA
 * and wire_error says what the server did. A response that merely does not parse is told as
 * WIRE_MALFORMED and dropped.
 *
 * A wire belongs to one connection, is used by one fiber at a time and owns neither. It uses about
 * 4 KiB at rest; its buffers are given back by wire_rest. */
#ifndef IMAP_WIRE_H
#define IMAP_WIRE_H

#include "mapi/error.h"
#include "net/etpan_stream.h"
#include "providers/imap/client/fetch.h"

struct wire;

enum wire_direction {
    WIRE_SENT,
    WIRE_RECEIVED,
};

struct wire_handler {
    /* Every response, in the server's order, before the read that met it goes on. Must not wait and
     * must not use the wire. May be NULL. */
    void (*response)(void *arg, const struct wire_response *response);

    /* One line without its CRLF, literals' bytes left out; secrets as wire_write is told. May be
     * NULL. */
    void (*trace)(void *arg, enum wire_direction direction, const char *line, size_t size);

    void *arg;
};

/* `stream` is read and written through `ops` (conn_byte_stream_ops and a struct conn) and stays the
 * caller's; `server` names it in errors ("imap.example.org:993") and is copied, as is `handler`.
 * Fails with MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT wire_create(const struct byte_stream_ops *ops, void *stream, const char *server,
                    const struct wire_handler *handler, struct wire **ret_wire);
void wire_free(struct wire *wire); /* NULL is accepted */

/* For etpan_stream_create(&wire_byte_stream_ops, wire): libetpan's side. */
extern const struct byte_stream_ops wire_byte_stream_ops;

/* --- Commands of our own ---------------------------------------------------------------------- */

/* Writes all of it. `secret`: traced as "(not shown)". */
WAITS HRESULT wire_write(struct wire *wire, const void *bytes, size_t size, bool secret);

/* Reads one response of any kind, tells it to the handler and returns it; *ret_response is valid
 * until the wire is used again. Fails with the stream's errors (end of stream: MAPI_E_NETWORK_ERROR
 * with the words of an earlier BYE if there was one), MAPI_E_CORRUPT_DATA, MAPI_E_NOT_ENOUGH_MEMORY
 * (the stream is broken then, too). */
WAITS HRESULT wire_next(struct wire *wire, const struct wire_response **ret_response);

/* Reads on to the completion of `tag`, or to a continuation (ret_response->kind tells). Another
 * tag's completion breaks the stream. */
WAITS HRESULT wire_finish(struct wire *wire, const char *tag,
                          const struct wire_response **ret_response);

/* --- Before a command ------------------------------------------------------------------------- */

/* Starts the count of a new command's bytes, with limits on any one literal and on all responses
 * together; 0 keeps the defaults of guard.h. wire_write and libetpan's writes do not: call it at
 * the start of each command (and now and then while in IDLE). */
void wire_begin_command(struct wire *wire, uint64_t literal_max, uint64_t command_max);

/* Sections of FETCH responses go to piece(arg, ...) as they come, as long as this is set; NULL (at
 * first): they are kept in the response, which together must stay below 2 MB (WIRE_RESPONSE_MAX).
 * The handler rules hold for `piece`: no waiting, no use of the wire. */
void wire_stream_bodies(struct wire *wire,
                        void (*piece)(void *arg, const struct wire_body_piece *piece), void *arg);

/* --- State ------------------------------------------------------------------------------------ */

/* Why the stream is broken; hr is S_OK while it is not. The wire's. */
const struct error_info *wire_error(const struct wire *wire);

/* The last completion (or greeting, or BYE), for errors of libetpan's commands: code and text of
 * the server, kept until the next one. Lists in it are empty. The wire's. */
const struct wire_status *wire_last_status(const struct wire *wire);

/* Bytes that were read from the stream and not yet parsed: before sleeping (IDLE) this and
 * conn_buffered must be 0. libetpan never holds any. */
size_t wire_buffered(const struct wire *wire);

/* Right behind the completion of STARTTLS: anything received in plain text beyond it breaks the
 * stream (conn_start_tls refuses what the connection still holds). */
HRESULT wire_check_before_tls(struct wire *wire);

/* Gives buffers back while a session idles; does nothing while bytes are buffered. */
void wire_rest(struct wire *wire);

#endif
