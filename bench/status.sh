#!/bin/bash
# how soon the store's status row says that the IMAP server is gone, and that it is back
#
# usage: ./dev bench status [SECONDS...]
#
# One outage for each of SECONDS. docs/benchmarks.md says how to read it.
set -eu
[ $# -gt 0 ] || set -- 0 0.2 0.5 1 2 3 5 10 20 40
build=${MAPIGATE_BUILD:-build/release}/bench
dir=$(mktemp -d)
trap 'tests/servers/run.py down "$dir/servers" >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT

tests/servers/run.py up "$dir/servers" --guard $$
. "$dir/servers/env"
MAPIGATE_STATE=$dir/state "$build/bench-status" "$MG_IMAP_URL" "$MG_SMTP_URL" "$MG_USER" \
    "$MG_PASSWORD" "$MG_CA_FILE" "$MG_BASE/imap.pid" "$MG_IMAPS_PORT" \
    "tests/servers/run.py start-imap $dir/servers" "$@" | tee "$dir/lines"

awk -F'[ =]' '
    $4 > offline { offline = $4 }
    $6 > available { available = $6 }
    END {
        printf "OFFLINE after the kill: at most %.1f ms (limit 100)\n", offline
        printf "AVAILABLE after the return: at most %.0f ms (limit 2000)\n", available
        exit offline > 100 || available > 2000
    }' "$dir/lines" || { echo "over a limit"; exit 1; }
