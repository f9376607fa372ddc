#!/bin/bash
# a folder opened again after 10 changes, small and large, against a SELECT with QRESYNC
#
# usage: ./dev bench reopen [ROUNDS [MESSAGES...]]
#
# docs/benchmarks.md says how to read it.
set -eu
rounds=${1:-21}
shift || true
[ $# -gt 0 ] || set -- 1000 100000
. bench/common.sh

for messages; do
    start_servers --format mdbox
    bench/make_mailbox.py "$dir/servers" --count "$messages" --warm
    measured reopen "${account[@]}" "$MG_IMAPS_PORT" "$rounds" >"$dir/lines"
    for key in raw rows shown; do
        values "$dir/lines" $key | awk '{ print $1 * 1000 }' >"$dir/$key"
    done
    ratios "$dir/lines" shown raw >"$dir/ratio"
    echo "$messages messages, $rounds rounds (min median max)"
    echo "  raw QRESYNC SELECT  $(spread "$dir/raw") ms"
    echo "  first page          $(spread "$dir/rows") ms"
    echo "  all changes show    $(spread "$dir/shown") ms"
    echo "  ratio               $(spread "$dir/ratio") (limit 2)"
    limit "$dir/ratio" 2 2
    stop_servers
done
finish
