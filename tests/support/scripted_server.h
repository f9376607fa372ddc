/* tests/support/scripted_server.h - a server that says its lines and checks what it hears
 *
 * For tests of line protocols (IMAP, SMTP): listens on a loopback port and plays one script per
 * accepted connection, each in a thread of its own. A script is text, one step a line:
 *
 *   S: * OK hello          send a line (CRLF is added); %t becomes the last tag, \r \n \0 \\ \xHH
 * escapes s: partial             the same without CRLF C: %t NOOP             expect a line; %t
 * takes the first word as the tag; otherwise a glob pattern (fnmatch), the tag being left out of
 * the comparison B: 12                  expect 12 bytes of any kind (a literal), followed by
 * nothing F: 70000 x             send 70000 times 'x' P: name                tell the test that
 * this point is reached (scripted_server_await) H: name                hold until the test says
 * scripted_server_release("name") Z: 50                  sleep 50 ms (only to let other threads
 * run; never asserted upon) X:                     close the connection R: reset the connection
 * (RST) E:                     expect the client to close U:                     stay silent and
 * read everything until the client closes
 *   *: C-pattern => answer     from here on, lines that match are answered out of order, without
 *                          moving the script (for NOOP pings): the answer is an S: line
 *
 * Empty lines and lines that start with '#' are skipped. A script that ends closes its connection
 * after the client has (as E: does). Any difference is kept and returned by scripted_server_stop;
 * a guard of 30 s ends every wait. */
#ifndef TESTS_SCRIPTED_SERVER_H
#define TESTS_SCRIPTED_SERVER_H

#include <stddef.h>
#include <stdint.h>

struct scripted_server;

/* Starts with `count` scripts, played by the connections in order of their acceptance; connections
 * beyond them are closed at once (and no failure). The strings must stay until stop. */
struct scripted_server *scripted_server_start(const char *const *scripts, size_t count);

uint16_t scripted_server_port(const struct scripted_server *server);

/* Number of connections accepted so far. */
unsigned scripted_server_accepted(struct scripted_server *server);

/* Waits until a P: step of that name has been played; 0, or -1 after 30 s. */
int scripted_server_await(struct scripted_server *server, const char *name);

/* Lets H: steps of that name go on, now and later. */
void scripted_server_release(struct scripted_server *server, const char *name);

/* Closes the listening socket so that further connects are refused, or opens it again on the same
 * port. */
void scripted_server_refuse(struct scripted_server *server);
void scripted_server_accept_again(struct scripted_server *server);

/* Waits for the scripts that have begun, ends the server and frees it. NULL: every script was
 * begun and played to its end. Otherwise what went wrong first, to be freed. */
char *scripted_server_stop(struct scripted_server *server);

/* Stops and fails the Criterion test if the server has anything to tell. */
#define scripted_server_finish(server)                                                             \
    do {                                                                                           \
        char *finish_words_ = scripted_server_stop(server);                                        \
        cr_expect_null(finish_words_, "%s", finish_words_);                                        \
        free(finish_words_);                                                                       \
    } while (0)

#endif
