#!/bin/sh
# Which functions of libetpan the library calls: those below and no others.
#
# Left out on purpose (docs/libetpan.md, "Traps"): its logins and Cyrus SASL behind them, its IDLE
# and waits (select), its APPEND, its own sockets, and all that reads data from its parsers.
set -eu

allowed='mailimap_connect mailimap_create mailimap_delete mailimap_examine mailimap_free
mailimap_new mailimap_noop mailimap_rename mailimap_select mailimap_subscribe mailimap_unsubscribe
mailstream_close mailstream_low_free mailstream_low_new mailstream_new'

called=$(nm "$1" 2>/dev/null | sed -nE 's/^ +U ((mailimap|mailstream|mail[e]?smtp|mailmime|mailimf|newsnntp|mailpop3)_[a-z0-9_]*)$/\1/p' | sort -u)
[ -n "$called" ] || { echo "$1 calls nothing of libetpan: not the library?"; exit 1; }
bad=0
for name in $called; do
    case " $(echo $allowed) " in
    *" $name "*) ;;
    *)
        echo "$name must not be called"
        bad=1
        ;;
    esac
done
exit $bad
