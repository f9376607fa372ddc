/* bench/raw_fetch.c - the floor of `contents`: the same FETCH, drained from a bare socket
 *
 *   raw_fetch PORT USER PASSWORD [CA-FILE]
 *
 * Connects to localhost (TLS when a CA file is given), logs in, selects INBOX, asks in one command
 * for what imap/client/rows.c asks for, and reads until the tagged answer, looking at nothing else.
 * Prints seconds=, from connect to the answer, and mb=. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/clock.h"
#include "bench/raw_peer.h"

#define ITEMS "UID FLAGS RFC822.SIZE INTERNALDATE ENVELOPE BODYSTRUCTURE MODSEQ"

int main(int argc, char **argv)
{
    static struct raw_peer peer;
    double begun = now();

    if (argc < 4) {
        fprintf(stderr, "usage: raw_fetch PORT USER PASSWORD [CA-FILE]\n");
        return 2;
    }
    raw_open(&peer, atoi(argv[1]), argc > 4 ? argv[4] : NULL, argv[2], argv[3]);
    raw_command(&peer, "SELECT INBOX", NULL, NULL);
    raw_command(&peer, "UID FETCH 1:* (" ITEMS ")", NULL, NULL);
    printf("seconds=%.3f mb=%.1f\n", now() - begun, (double)peer.bytes / 1e6);
    raw_close(&peer);
    return 0;
}
