#!/bin/bash
# how soon the store's status row says that the IMAP server is gone, and that it is back
#
# usage: ./dev bench status [SECONDS...]
#
# One outage for each of SECONDS. docs/benchmarks.md says how to read it.
set -eu
[ $# -gt 0 ] || set -- 0 0.2 0.5 1 2 3 5 10 20 40
. bench/common.sh

start_servers
measured status "${account[@]}" "$MG_BASE/imap.pid" "$MG_IMAPS_PORT" \
    "tests/servers/run.py start-imap $dir/servers" "$@" | tee "$dir/lines"
for key in offline_ms available_ms; do values "$dir/lines" $key >"$dir/$key"; done
echo "OFFLINE after the kill: at most $(spread "$dir/offline_ms" | cut -d' ' -f3) ms (limit 100)"
echo "AVAILABLE after the return: at most $(spread "$dir/available_ms" | cut -d' ' -f3) ms" \
    "(limit 2000)"
limit "$dir/offline_ms" 3 100
limit "$dir/available_ms" 3 2000
finish
